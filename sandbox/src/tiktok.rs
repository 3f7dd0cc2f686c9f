//! TikTok under `/tiktok`: Login Kit with rotating two-hour tokens and partial scopes, and the Display API.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    grants::{Caller, Lives, Pair},
    oauth::{self, Habits, Wrong, caller},
    people::apart,
    posts::Post,
    presence::{self, Presence, json as answer},
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "tiktok",
    authorize: "/v2/auth/authorize/",
    token: "/v2/oauth/token/",
    revoke: Some("/v2/oauth/revoke/"),
    client: "client_key",
    separator: ',',
    scopes: &["user.info.basic", "user.info.profile", "user.info.stats", "video.list"],
    pkce: false,
    basic: false,
    lives: Lives { code: 600, access: Some(7_200), refresh: Some(Some(15_552_000)), rotates: true },
    prefix: "act.",
    refuse,
    answer: granted,
};

const VIDEOS: i64 = 7_080_000_000_000_000_000;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config
        .route("/v2/user/info/", web::get().to(user))
        .route("/v2/video/list/", web::post().to(list))
        .route("/v2/video/query/", web::post().to(query));
}

/// With status 200, as TikTok's token endpoint has it.
fn refuse(wrong: Wrong) -> HttpResponse {
    let (word, says) = match wrong {
        Wrong::Client => ("invalid_client", "Client key or secret is incorrect."),
        Wrong::Code => ("invalid_grant", "Authorization code is expired."),
        Wrong::Refresh => ("invalid_grant", "Refresh token is invalid or expired."),
        Wrong::Request => ("invalid_request", "The request parameters are malformed."),
    };
    answer(200, &json!({"error": word, "error_description": says, "log_id": "2026"}))
}

fn open_id(world: &World, name: &str) -> String {
    format!("-000{}", crate::token_hash(&apart(name, world.seed())))
}

fn granted(world: &World, pair: &Pair) -> Value {
    json!({"access_token": pair.access, "expires_in": pair.expires_in, "open_id": open_id(world, pair.person.id), "refresh_token": pair.refresh,
        "refresh_expires_in": pair.refresh_expires_in, "scope": pair.scopes.join(","), "token_type": "Bearer"})
}

fn error(status: u16, code: &str, message: &str) -> HttpResponse {
    answer(status, &json!({"data": {}, "error": {"code": code, "message": message, "log_id": "2026"}}))
}

fn ok(data: Value) -> HttpResponse {
    answer(200, &json!({"data": data, "error": {"code": "ok", "message": "", "log_id": "2026"}}))
}

/// Whose call it is, and the account, if all these scopes were granted.
fn allowed(world: &World, request: &HttpRequest, scopes: &[&str]) -> Result<(Caller, Presence), Box<HttpResponse>> {
    let invalid = || Box::new(error(401, "access_token_invalid", "The access token is invalid or not found in the request."));
    let caller = caller(&HABITS, world, request).map_err(|_| invalid())?;
    if scopes.iter().any(|scope| !caller.scopes.iter().any(|granted| granted == scope)) {
        return Err(Box::new(error(
            401,
            "scope_not_authorized",
            "The user did not authorize the scope required for completing this request.",
        )));
    }
    let presence = presence::of(world, caller.person, "tiktok").ok_or_else(invalid)?;
    Ok((caller, presence))
}

fn fields(request: &HttpRequest) -> Vec<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    pairs.iter().filter(|(key, _)| key == "fields").flat_map(|(_, value)| value.split(',').map(str::to_owned)).collect()
}

/// The asked ones of a node's fields; `None` if one is unknown.
fn projected(full: &Value, asked: &[String]) -> Option<Value> {
    let mut node = json!({});
    for name in asked {
        node[name] = full.get(name)?.clone();
    }
    Some(node)
}

async fn user(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let asked = fields(&request);
    let has = |names: &[&str]| asked.iter().any(|field| names.contains(&field.as_str()));
    let mut scopes = vec!["user.info.basic"];
    if has(&["bio_description", "profile_deep_link", "is_verified", "username"]) {
        scopes.push("user.info.profile");
    }
    if has(&["follower_count", "following_count", "likes_count", "video_count"]) {
        scopes.push("user.info.stats");
    }
    let (_, presence) = match allowed(&world, &request, &scopes) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let likes: i64 = presence.channel.newest(0, 300).map(|post| post.figures.likes).sum();
    let full = json!({
        "open_id": open_id(&world, presence.person.id), "union_id": open_id(&world, &presence.handle), "avatar_url": world.picture(&format!("tt-{}", presence.handle)), "display_name": presence.name,
        "bio_description": presence.biography, "profile_deep_link": format!("https://www.tiktok.com/@{}", presence.handle), "is_verified": false, "username": presence.handle,
        "follower_count": presence.followers, "following_count": presence.following, "likes_count": likes, "video_count": presence.channel.count(),
    });
    match projected(&full, &asked) {
        Some(user) => ok(json!({ "user": user })),
        None => error(400, "invalid_params", "The fields parameter holds an unknown field."),
    }
}

fn video(world: &World, presence: &Presence, post: &Post) -> Value {
    let id = VIDEOS + presence.channel.key as i64 * 1_000_000 + post.n;
    let f = post.figures;
    json!({
        "id": id.to_string(), "create_time": post.at.timestamp(), "cover_image_url": world.picture(&format!("tt{id}")), "share_url": format!("https://www.tiktok.com/@{}/video/{id}", presence.handle),
        "video_description": post.caption, "duration": 9 + post.n % 50, "title": post.caption.chars().take(60).collect::<String>(), "embed_link": "", "like_count": f.likes, "comment_count": f.comments,
        "share_count": f.shares, "view_count": f.views * 2, "is_aigc": false,
    })
}

async fn list(world: web::Data<World>, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    let (_, presence) = match allowed(&world, &request, &["video.list"]) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let most = body.get("max_count").and_then(Value::as_u64).unwrap_or(10);
    if !(1..=20).contains(&most) {
        return error(400, "invalid_params", "max_count must be between 1 and 20.");
    }
    // The cursor is a time in milliseconds: what is older comes.
    let before = body.get("cursor").and_then(Value::as_i64).unwrap_or(i64::MAX);
    let asked = fields(&request);
    let mut older = presence.channel.newest(0, 10_000).filter(|post| post.at.timestamp_millis() < before);
    let some: Vec<Post> = older.by_ref().take(most as usize).collect();
    let cursor = some.last().map_or(0, |post| post.at.timestamp_millis());
    let rows: Option<Vec<Value>> = some.iter().map(|post| projected(&video(&world, &presence, post), &asked)).collect();
    match rows {
        Some(rows) => ok(json!({"videos": rows, "cursor": cursor, "has_more": older.next().is_some()})),
        None => error(400, "invalid_params", "The fields parameter holds an unknown field."),
    }
}

async fn query(world: web::Data<World>, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    let (_, presence) = match allowed(&world, &request, &["video.list"]) {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let ids = body.get("filters").and_then(|filters| filters.get("video_ids")).and_then(Value::as_array).cloned().unwrap_or_default();
    if !(1..=20).contains(&ids.len()) {
        return error(400, "invalid_params", "video_ids must hold 1 to 20 ids.");
    }
    let asked = fields(&request);
    let number = |id: &Value| Some(id.as_str()?.parse::<i64>().ok()? - VIDEOS - presence.channel.key as i64 * 1_000_000);
    let found = ids.iter().filter_map(number).filter_map(|n| presence.channel.post(n));
    let rows: Vec<Value> = found.filter_map(|post| projected(&video(&world, &presence, &post), &asked)).collect();
    ok(json!({ "videos": rows }))
}
