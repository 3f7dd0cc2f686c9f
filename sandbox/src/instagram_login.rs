//! Instagram's own login under `/instagram`: a code for an hour's token, that for sixty days, and those lengthened. What hangs on an
//! account is the Graph API's, as under `/facebook`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    grants::{Lives, Pair},
    oauth::{self, Habits, Wrong},
    presence::json as answer,
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "instagram",
    authorize: "/oauth/authorize",
    token: "/oauth/access_token",
    revoke: None,
    client: "client_id",
    separator: ',',
    scopes: &[
        "instagram_business_basic",
        "instagram_business_manage_insights",
        "instagram_business_manage_comments",
        "instagram_business_manage_messages",
        "instagram_business_content_publish",
    ],
    pkce: false,
    basic: false,
    lives: Lives { code: 3_600, access: Some(3_600), refresh: None, rotates: false },
    prefix: "AQ",
    refuse,
    answer: granted,
};

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config.route("/access_token", web::get().to(exchange)).route("/refresh_access_token", web::get().to(refresh));
}

fn refuse(wrong: Wrong) -> HttpResponse {
    let says = match wrong {
        Wrong::Client => "Invalid platform app",
        Wrong::Code | Wrong::Refresh => "Invalid authorization code",
        Wrong::Request => "Invalid grant_type",
    };
    answer(400, &json!({"error_type": "OAuthException", "code": 400, "error_message": says}))
}

/// In a list, as Instagram's documentation has it since 2024.
fn granted(world: &World, pair: &Pair) -> Value {
    let token = world.mint(pair.person, &pair.scopes, 3_600);
    json!({"data": [{"access_token": token, "user_id": crate::facebook::own_id(world, pair.person), "permissions": pair.scopes.join(",")}]})
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> &'a str {
    query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

fn refused(code: i64, message: &str) -> HttpResponse {
    answer(400, &json!({"error": {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Asandbox"}}))
}

async fn exchange(world: web::Data<World>, query: Query) -> HttpResponse {
    if field(&query, "grant_type") != "ig_exchange_token" || !world.is_secret(field(&query, "client_secret")) {
        return refused(101, "Error validating application.");
    }
    lengthened(&world, field(&query, "access_token"))
}

async fn refresh(world: web::Data<World>, query: Query, _: HttpRequest) -> HttpResponse {
    let token = field(&query, "access_token");
    if field(&query, "grant_type") != "ig_refresh_token" {
        return refused(100, "Unsupported grant type");
    }
    if world.token(token).is_ok() && world.is_younger_than_a_day(token) {
        return refused(100, "The access token must be at least 24 hours old");
    }
    lengthened(&world, token)
}

fn lengthened(world: &World, token: &str) -> HttpResponse {
    match world.lengthen(token) {
        Ok((token, life)) => answer(200, &json!({"access_token": token, "token_type": "bearer", "expires_in": life})),
        Err(bad) => crate::facebook::bad_token(world, bad),
    }
}
