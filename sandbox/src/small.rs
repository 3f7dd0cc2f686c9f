//! LinkedIn under `/linkedin` and Reddit under `/reddit`: login and profile, no more.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    grants::{Lives, Pair},
    oauth::{self, Habits, caller, plain, standard},
    presence::{self, json as answer},
    world::{BadToken, World},
};

pub(crate) const LINKEDIN: Habits = Habits {
    net: "linkedin",
    authorize: "/oauth/v2/authorization",
    token: "/oauth/v2/accessToken",
    revoke: None,
    client: "client_id",
    separator: ' ',
    scopes: &["openid", "profile", "email", "r_member_profileAnalytics"],
    pkce: false,
    basic: false,
    lives: Lives { code: 1_800, access: Some(5_184_000), refresh: None, rotates: false },
    prefix: "AQV",
    refuse: standard,
    answer: commas,
};

pub(crate) const REDDIT: Habits = Habits {
    net: "reddit",
    authorize: "/api/v1/authorize",
    token: "/api/v1/access_token",
    revoke: Some("/api/v1/revoke_token"),
    client: "client_id",
    separator: ' ',
    scopes: &["identity", "history", "read", "mysubreddits"],
    pkce: false,
    basic: true,
    lives: Lives { code: 600, access: Some(86_400), refresh: Some(None), rotates: false },
    prefix: "rdt",
    refuse: standard,
    answer: plain,
};

fn commas(world: &World, pair: &Pair) -> Value {
    let mut body = plain(world, pair);
    body["scope"] = pair.scopes.join(",").into();
    body
}

pub(crate) fn linkedin(config: &mut web::ServiceConfig) {
    oauth::routes(config, &LINKEDIN);
    config.route("/v2/userinfo", web::get().to(userinfo)).route("/rest/memberFollowersCount", web::get().to(followers));
}

pub(crate) fn reddit(config: &mut web::ServiceConfig) {
    oauth::routes(config, &REDDIT);
    config.route("/api/v1/me", web::get().to(me));
}

fn refused(bad: BadToken) -> HttpResponse {
    let code = if matches!(bad, BadToken::Ended(_)) { "REVOKED_ACCESS_TOKEN" } else { "EXPIRED_ACCESS_TOKEN" };
    answer(401, &json!({"status": 401, "serviceErrorCode": 65_601, "code": code, "message": "The token used in the request is not valid"}))
}

async fn userinfo(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match caller(&LINKEDIN, &world, &request) {
        Ok(caller) => answer(
            200,
            &json!({"sub": crate::token_hash(caller.person.id), "name": caller.person.name, "locale": {"country": "JP", "language": "ja"}, "picture": world.picture(&format!("li-{}", caller.person.id))}),
        ),
        Err(bad) => refused(bad),
    }
}

async fn followers(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let version = request.headers().get("linkedin-version").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if version.len() != 6 {
        return answer(426, &json!({"status": 426, "code": "NONEXISTENT_VERSION", "message": "Requested version is not active"}));
    }
    match caller(&LINKEDIN, &world, &request) {
        Ok(caller) if !caller.scopes.iter().any(|scope| scope == "r_member_profileAnalytics") => answer(
            403,
            &json!({"status": 403, "serviceErrorCode": 100, "code": "ACCESS_DENIED", "message": "Not enough permissions to access: memberFollowersCount"}),
        ),
        Ok(caller) => {
            let count = presence::of(&world, caller.person, "linkedin").map_or(0, |presence| presence.followers);
            answer(200, &json!({"elements": [{"memberFollowersCount": count}], "paging": {"count": 10, "start": 0}}))
        }
        Err(bad) => refused(bad),
    }
}

async fn me(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let caller = match caller(&REDDIT, &world, &request) {
        Ok(caller) => caller,
        Err(_) => return answer(401, &json!({"message": "Unauthorized", "error": 401})),
    };
    let Some(found) = presence::of(&world, caller.person, "reddit") else {
        return answer(404, &json!({"message": "Not Found", "error": 404}));
    };
    let (used, reset) = world.count_window("reddit", 600);
    HttpResponse::Ok()
        .insert_header(("x-ratelimit-used", used.to_string()))
        .insert_header(("x-ratelimit-remaining", format!("{:.1}", 1_000u64.saturating_sub(used) as f64)))
        .insert_header(("x-ratelimit-reset", (reset - world.now().timestamp()).to_string()))
        .json(json!({"id": format!("r{}", found.channel.key), "name": found.handle, "icon_img": format!("{}?width=256&amp;s=x", world.picture(&format!("rd-{}", found.handle))), "total_karma": found.followers * 7,
            "created_utc": 1_556_668_800.0, "subreddit": {"title": found.name, "public_description": found.biography, "subscribers": found.followers, "display_name": format!("u_{}", found.handle)}}))
}
