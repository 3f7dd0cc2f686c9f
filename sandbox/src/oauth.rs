//! The login and token endpoints of the networks that speak OAuth 2, each with its own habits.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use url::Url;

use crate::{
    grants::{Caller, Lives, Pair},
    pages,
    people::{Person, person},
    world::{BadCode, BadToken, Scopes, World},
};

/// A network's habits.
pub(crate) struct Habits {
    pub net: &'static str,
    /// Below `/{net}`.
    pub authorize: &'static str,
    pub token: &'static str,
    pub revoke: Option<&'static str>,
    /// How the client's id is called.
    pub client: &'static str,
    pub separator: char,
    pub scopes: &'static [&'static str],
    pub pkce: bool,
    /// The client names itself by HTTP Basic at the token endpoint.
    pub basic: bool,
    pub lives: Lives,
    /// What every token begins with.
    pub prefix: &'static str,
    pub refuse: fn(Wrong) -> HttpResponse,
    pub answer: fn(&World, &Pair) -> Value,
}

/// What can be wrong at a token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Client,
    Code,
    Refresh,
    Request,
}

type Pairs = Vec<(String, String)>;

fn first<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

/// A refusal as RFC 6749 writes it.
pub(crate) fn standard(wrong: Wrong) -> HttpResponse {
    let (status, word, says) = match wrong {
        Wrong::Client => (StatusCode::UNAUTHORIZED, "invalid_client", "The client is unknown."),
        Wrong::Code => (StatusCode::BAD_REQUEST, "invalid_grant", "The code is wrong, used or expired."),
        Wrong::Refresh => (StatusCode::BAD_REQUEST, "invalid_grant", "Token has been expired or revoked."),
        Wrong::Request => (StatusCode::BAD_REQUEST, "invalid_request", "A parameter is missing."),
    };
    HttpResponse::build(status).json(json!({"error": word, "error_description": says}))
}

/// An answer as RFC 6749 writes it.
pub(crate) fn plain(_: &World, pair: &Pair) -> Value {
    let mut body = json!({"access_token": pair.access, "token_type": "Bearer", "scope": pair.scopes.join(" ")});
    if let Some(life) = pair.expires_in {
        body["expires_in"] = life.into();
    }
    if let Some(refresh) = &pair.refresh {
        body["refresh_token"] = refresh.as_str().into();
    }
    body
}

/// The routes of a network's login.
pub(crate) fn routes(config: &mut web::ServiceConfig, habits: &'static Habits) {
    let dialog = move |world: web::Data<World>, request: HttpRequest| async move { show(habits, &world, &request) };
    let answered =
        move |world: web::Data<World>, request: HttpRequest, form: String| async move { answer(habits, &world, &request, &form) };
    let token = move |world: web::Data<World>, request: HttpRequest, form: String| async move { trade(habits, &world, &request, &form) };
    let revoke = move |world: web::Data<World>, form: String| async move {
        let pairs: Pairs = serde_urlencoded::from_str(&form).unwrap_or_default();
        match world.revoke_token(habits.net, first(&pairs, "token")) {
            true => HttpResponse::Ok().json(json!({})),
            false => HttpResponse::BadRequest().json(json!({"error": "invalid_token"})),
        }
    };
    config.route(habits.authorize, web::get().to(dialog)).route(habits.authorize, web::post().to(answered));
    config.route(habits.token, web::post().to(token));
    if let Some(path) = habits.revoke {
        config.route(path, web::post().to(revoke));
    }
}

fn asked_scopes(habits: &Habits, pairs: &Pairs) -> Vec<String> {
    first(pairs, "scope").split([habits.separator, ' ']).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// Whether the dialog may be shown; what is wrong is told on a page, never by a redirect.
fn checked(habits: &Habits, world: &World, pairs: &Pairs) -> Result<(), String> {
    if !world.is_client(first(pairs, habits.client)) {
        return Err(format!("{} is not an app that we know.", habits.client));
    }
    if !world.is_redirect(first(pairs, "redirect_uri")) {
        return Err("The redirect_uri does not match a registered one.".into());
    }
    if first(pairs, "response_type") != "code" {
        return Err("response_type must be code.".into());
    }
    if habits.pkce && (first(pairs, "code_challenge_method") != "S256" || first(pairs, "code_challenge").len() != 43) {
        return Err("code_challenge is required, and S256.".into());
    }
    match asked_scopes(habits, pairs).iter().find(|scope| !habits.scopes.contains(&scope.as_str())) {
        Some(unknown) => Err(format!("Invalid scope: {unknown}")),
        None => Ok(()),
    }
}

fn show(habits: &Habits, world: &World, request: &HttpRequest) -> HttpResponse {
    let pairs: Pairs = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    if let Err(why) = checked(habits, world, &pairs) {
        return pages::refused(request, &why);
    }
    let hidden = pairs.iter().filter(|(key, _)| key != "person").cloned().collect();
    match person(first(&pairs, "person")) {
        None => pages::login(request, hidden),
        Some(person) => pages::consent(request, hidden, asked_scopes(habits, &pairs), person),
    }
}

fn answer(habits: &Habits, world: &World, request: &HttpRequest, form: &str) -> HttpResponse {
    let pairs: Pairs = serde_urlencoded::from_str(form).unwrap_or_default();
    if let Err(why) = checked(habits, world, &pairs) {
        return pages::refused(request, &why);
    }
    let location = match (first(&pairs, "answer"), person(first(&pairs, "person"))) {
        ("continue", Some(person)) => {
            let ticked = pairs.iter().filter(|(key, _)| key == "tick").map(|(_, scope)| scope.clone()).collect::<Vec<_>>();
            granted(habits, world, &pairs, person, &ticked)
        }
        ("continue", None) => return pages::refused(request, "Nobody of that name lives here."),
        _ => back(&pairs, &[("error", "access_denied")]),
    };
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

fn granted(habits: &Habits, world: &World, pairs: &Pairs, person: &'static Person, ticked: &[String]) -> String {
    let (granted, declined) = asked_scopes(habits, pairs).into_iter().partition(|scope| ticked.contains(scope));
    let challenge = Some(first(pairs, "code_challenge").to_owned()).filter(|challenge| !challenge.is_empty());
    let code = world.new_grant_code(habits, person, Scopes { granted, declined }, first(pairs, "redirect_uri"), challenge);
    let back = back(pairs, &[("code", &code)]);
    // Instagram's own habit.
    if habits.net == "instagram" { format!("{back}#_") } else { back }
}

fn back(pairs: &Pairs, more: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(first(pairs, "redirect_uri")) else { return String::new() };
    url.query_pairs_mut().extend_pairs(more).append_pair("state", first(pairs, "state"));
    url.into()
}

/// The consent page's walk without the pages.
pub(crate) fn walk(habits: &Habits, world: &World, url: &Url, who: &str, unticked: &[String], decline: bool) -> Result<String, String> {
    let pairs: Pairs = url.query_pairs().into_owned().collect();
    checked(habits, world, &pairs)?;
    if decline {
        return Ok(back(&pairs, &[("error", "access_denied")]));
    }
    let person = person(who).ok_or("nobody of that name")?;
    let ticked: Vec<String> = asked_scopes(habits, &pairs).into_iter().filter(|scope| !unticked.contains(scope)).collect();
    Ok(granted(habits, world, &pairs, person, &ticked))
}

/// Whether a request comes from our client: by Basic or in the form, as the network wants it.
fn is_client(habits: &Habits, world: &World, request: &HttpRequest, pairs: &Pairs) -> bool {
    if !habits.basic {
        return world.is_client(first(pairs, habits.client)) && world.is_secret(first(pairs, "client_secret"));
    }
    let sent =
        request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Basic "));
    let pair = sent.and_then(|sent| STANDARD.decode(sent).ok()).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    pair.split_once(':').is_some_and(|(id, secret)| world.is_client(id) && world.is_secret(secret))
}

fn trade(habits: &'static Habits, world: &World, request: &HttpRequest, form: &str) -> HttpResponse {
    let pairs: Pairs = serde_urlencoded::from_str(form).unwrap_or_default();
    if !is_client(habits, world, request, &pairs) {
        return (habits.refuse)(Wrong::Client);
    }
    let pair = match first(&pairs, "grant_type") {
        "client_credentials" if habits.net == "twitch" => return HttpResponse::Ok().json(crate::twitch::app_token()),
        "authorization_code" => {
            let code = world.spend_grant_code(habits, first(&pairs, "code"), first(&pairs, "redirect_uri"), first(&pairs, "code_verifier"));
            code.map_err(|_: BadCode| Wrong::Code)
        }
        "refresh_token" => world.renew(habits, first(&pairs, "refresh_token")).map_err(|_: BadToken| Wrong::Refresh),
        _ => Err(Wrong::Request),
    };
    match pair {
        Ok(pair) => HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json((habits.answer)(world, &pair)),
        Err(wrong) => (habits.refuse)(wrong),
    }
}

/// Whose call a request with a bearer token is.
pub(crate) fn caller(habits: &Habits, world: &World, request: &HttpRequest) -> Result<Caller, BadToken> {
    let token = crate::facebook::token_in(request).ok_or(BadToken::Unknown)?;
    world.caller(habits.net, &token)
}
