//! `/_control/…`: what the networks' owners and people would do, for demos and tests. Its calls are not in the log.

use actix_web::{HttpResponse, web};
use chrono::Duration;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{
    facebook::{self, Asked},
    faults::Fault,
    people::{PEOPLE, person},
    world::{End, World},
};

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/_control")
            .route("/clock", web::get().to(clock))
            .route("/clock/advance", web::post().to(advance))
            .route("/faults", web::post().to(fault))
            .route("/revoke", web::post().to(revoke))
            .route("/redirects", web::post().to(redirect))
            .route("/consent", web::post().to(consent_call))
            .route("/webhook", web::post().to(webhook))
            .route("/news", web::post().to(news))
            .route("/write", web::post().to(write))
            .route("/handshake", web::post().to(handshake))
            .route("/x/rename", web::post().to(rename_x))
            .route("/subscribed", web::get().to(subscribed))
            .route("/people", web::get().to(people))
            .route("/log", web::get().to(log))
            .route("/reset", web::post().to(reset)),
    );
}

async fn clock(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"now": world.now()}))
}

#[derive(Deserialize)]
struct Advance {
    #[serde(default)]
    days: i32,
    #[serde(default)]
    hours: i32,
    #[serde(default)]
    seconds: i64,
}

async fn advance(world: web::Data<World>, by: web::Json<Advance>) -> HttpResponse {
    let seconds = i64::from(by.days) * 86_400 + i64::from(by.hours) * 3_600;
    let Some(by) = seconds.checked_add(by.seconds).and_then(Duration::try_seconds) else {
        return refuse("out of range");
    };
    world.advance(by);
    clock(world).await
}

#[derive(Deserialize)]
struct Queue {
    path: String,
    kind: Fault,
    #[serde(default = "one")]
    count: u32,
}

fn one() -> u32 {
    1
}

async fn fault(world: web::Data<World>, queue: web::Json<Queue>) -> HttpResponse {
    world.queue_fault(&queue.path, queue.kind, queue.count, false);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct Revoke {
    person: String,
    /// Or `password_changed`.
    #[serde(default)]
    how: String,
}

async fn revoke(world: web::Data<World>, revoke: web::Json<Revoke>) -> HttpResponse {
    let end = if revoke.how == "password_changed" { End::PasswordChanged } else { End::AppRemoved };
    if world.end_grants(&revoke.person, end) { HttpResponse::NoContent().finish() } else { refuse("nobody of that name") }
}

#[derive(Deserialize)]
struct Redirect {
    uri: String,
}

async fn redirect(world: web::Data<World>, redirect: web::Json<Redirect>) -> HttpResponse {
    world.register_redirect(redirect.into_inner().uri);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct Consent {
    authorize_url: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    unticked: Vec<String>,
    #[serde(default)]
    decline: bool,
}

async fn consent_call(world: web::Data<World>, call: web::Json<Consent>) -> HttpResponse {
    match consent(&world, &call.authorize_url, &call.person, &call.unticked, call.decline) {
        Ok(location) => HttpResponse::Ok().json(json!({"location": location})),
        Err(why) => refuse(&why),
    }
}

/// The consent page's walk without the pages.
pub(crate) fn consent(world: &World, authorize_url: &str, who: &str, unticked: &[String], decline: bool) -> Result<String, String> {
    let url = Url::parse(authorize_url).map_err(|_| "not an address")?;
    if let Some(habits) = crate::habits_of(url.path()) {
        return crate::oauth::walk(habits, world, &url, who, unticked, decline);
    }
    if !(url.path().starts_with(crate::FACEBOOK) && url.path().ends_with("/dialog/oauth")) {
        return Err("not the address of a consent page".into());
    }
    let asked: Asked = serde_urlencoded::from_str(url.query().unwrap_or_default()).map_err(|e| e.to_string())?;
    facebook::checked(world, &asked)?;
    if decline {
        return Ok(facebook::declined(&asked));
    }
    let person = person(who).ok_or("nobody of that name")?;
    let ticked =
        asked.scopes().into_iter().filter(|scope| !unticked.contains(scope) && !person.unticked.contains(&scope.as_str())).collect();
    Ok(facebook::granted(world, &asked, person, ticked))
}

#[derive(Deserialize)]
struct Delivered {
    header: String,
    body: String,
}

/// Headers and body as a network would deliver them; posting them is the caller's.
async fn webhook(world: web::Data<World>, call: web::Json<Delivered>) -> HttpResponse {
    let call = call.into_inner();
    let delivery = crate::webhooks::delivery(&world, call.body.clone(), &call.header);
    if delivery.headers.is_empty() {
        return refuse("no network signs with that header");
    }
    let headers: serde_json::Map<String, serde_json::Value> =
        delivery.headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    HttpResponse::Ok().json(json!({"headers": headers, "body": call.body}))
}

#[derive(Deserialize)]
struct Written {
    network: String,
    place: String,
    words: String,
}

/// The owner of a place writes something there.
async fn write(world: web::Data<World>, call: web::Json<Written>) -> HttpResponse {
    world.write(&call.network, &call.place, &call.words);
    HttpResponse::NoContent().finish()
}

#[derive(Deserialize)]
struct Told {
    network: String,
    news: crate::News,
    account: String,
    to: String,
}

/// A network tells something by itself.
async fn news(world: web::Data<World>, call: web::Json<Told>) -> HttpResponse {
    let Some(delivery) = crate::senders::delivery(&world, &call.network, call.news, &call.account) else {
        return refuse("this network tells no such thing");
    };
    match crate::senders::send(&delivery, &call.to).await {
        Ok(status) => HttpResponse::Ok().json(json!({"status": status})),
        Err(error) => refuse(&error.to_string()),
    }
}

#[derive(Deserialize)]
struct Checked {
    network: String,
    to: String,
}

/// A network checks an address.
async fn handshake(world: web::Data<World>, call: web::Json<Checked>) -> HttpResponse {
    match crate::senders::handshake(&world, &call.network, &call.to).await {
        Ok(right) => HttpResponse::Ok().json(json!({"right": right})),
        Err(error) => refuse(&error.to_string()),
    }
}

async fn rename_x(world: web::Data<World>) -> HttpResponse {
    world.rename_x();
    HttpResponse::NoContent().finish()
}

async fn subscribed(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.subscribed())
}

async fn people() -> HttpResponse {
    let rows: Vec<_> = PEOPLE.iter().map(|p| json!({"id": p.id, "name": p.name, "shows": {"en": p.shows.0, "ja": p.shows.1}})).collect();
    HttpResponse::Ok().json(rows)
}

async fn log(world: web::Data<World>) -> HttpResponse {
    HttpResponse::Ok().json(world.log())
}

async fn reset(world: web::Data<World>) -> HttpResponse {
    world.reset();
    HttpResponse::NoContent().finish()
}

fn refuse(why: &str) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({"error": why}))
}
