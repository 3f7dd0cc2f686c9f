//! Twitch under `/twitch`: login, validation, Helix, and subscriptions to events.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    grants::{Lives, Pair},
    oauth::{self, Habits, Wrong, caller},
    posts::{Post, Shape},
    presence::{self, Presence, json as answer, part},
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "twitch",
    authorize: "/oauth2/authorize",
    token: "/oauth2/token",
    revoke: Some("/oauth2/revoke"),
    client: "client_id",
    separator: ' ',
    scopes: &["moderator:read:followers", "channel:read:subscriptions", "user:read:email"],
    pkce: false,
    basic: false,
    lives: Lives { code: 600, access: Some(14_400), refresh: Some(None), rotates: true },
    prefix: "tw",
    refuse,
    answer: granted,
};

/// What the app's own token is.
const APP_TOKEN: &str = "twapp0123456789sandbox";
const VIDEOS: i64 = 2_300_000_000;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config
        .route("/oauth2/validate", web::get().to(validate))
        .route("/helix/users", web::get().to(users))
        .route("/helix/channels/followers", web::get().to(followers))
        .route("/helix/videos", web::get().to(videos))
        .route("/helix/clips", web::get().to(clips))
        .route("/helix/streams", web::get().to(streams))
        .route("/helix/eventsub/subscriptions", web::post().to(subscribe));
}

fn refuse(wrong: Wrong) -> HttpResponse {
    match wrong {
        Wrong::Client => answer(403, &json!({"status": 403, "message": "invalid client secret"})),
        Wrong::Code => answer(400, &json!({"status": 400, "message": "Invalid authorization code"})),
        Wrong::Refresh => answer(400, &json!({"error": "Bad Request", "status": 400, "message": "Invalid refresh token"})),
        Wrong::Request => answer(400, &json!({"status": 400, "message": "missing grant type"})),
    }
}

fn granted(_: &World, pair: &Pair) -> Value {
    json!({"access_token": pair.access, "refresh_token": pair.refresh, "expires_in": pair.expires_in, "scope": pair.scopes, "token_type": "bearer"})
}

/// The token that the app gets for itself.
pub(crate) fn app_token() -> Value {
    json!({"access_token": APP_TOKEN, "expires_in": 5_011_271, "token_type": "bearer"})
}

fn refused(status: u16, error: &str, message: &str) -> HttpResponse {
    answer(status, &json!({"error": error, "status": status, "message": message}))
}

/// Who asks; nobody, if it is the app itself.
fn allowed(world: &World, request: &HttpRequest) -> Result<Option<Presence>, Box<HttpResponse>> {
    let client = request.headers().get("client-id").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !world.is_client(client) {
        return Err(Box::new(refused(401, "Unauthorized", "Client ID and OAuth token do not match")));
    }
    if crate::facebook::token_in(request).as_deref() == Some(APP_TOKEN) {
        return Ok(None);
    }
    let caller = caller(&HABITS, world, request).map_err(|_| Box::new(refused(401, "Unauthorized", "Invalid OAuth token")))?;
    Ok(presence::of(world, caller.person, "twitch"))
}

fn good(world: &World, who: Option<&Presence>, body: &Value) -> HttpResponse {
    let (used, reset) = world.count_window(&format!("twitch {}", who.map_or("app", |p| p.person.id)), 60);
    HttpResponse::Ok()
        .insert_header(("ratelimit-limit", "800"))
        .insert_header(("ratelimit-remaining", 800u64.saturating_sub(used).to_string()))
        .insert_header(("ratelimit-reset", reset.to_string()))
        .json(body)
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn user_id(presence: &Presence) -> String {
    (140_000_000 + presence.channel.key).to_string()
}

async fn validate(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match caller(&HABITS, &world, &request) {
        Ok(caller) => {
            let life = (caller.at - world.now()).num_seconds() + 14_400;
            answer(200, &json!({"client_id": crate::CLIENT_ID, "login": caller.person.id, "scopes": caller.scopes, "expires_in": life}))
        }
        Err(_) => answer(401, &json!({"status": 401, "message": "invalid access token"})),
    }
}

async fn users(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let who = match allowed(&world, &request) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let all = presence::all(&world, "twitch");
    let found: Vec<&Presence> = match (field(&query, "id"), field(&query, "login")) {
        (Some(id), _) => all.iter().filter(|p| user_id(p) == id).collect(),
        (_, Some(login)) => all.iter().filter(|p| p.handle == login).collect(),
        _ => who.iter().collect(),
    };
    let rows: Vec<Value> = found
        .iter()
        .map(|p| {
            json!({"id": user_id(p), "login": p.handle, "display_name": p.name, "type": "", "broadcaster_type": if p.followers > 1_000 { "affiliate" } else { "" }, "description": p.biography,
                "profile_image_url": world.picture(&format!("tw-{}", p.handle)), "offline_image_url": "", "view_count": 0, "created_at": "2018-03-01T09:00:00Z"})
        })
        .collect();
    good(&world, who.as_ref(), &json!({ "data": rows }))
}

fn broadcaster(world: &World, query: &Query, name: &str) -> Option<Presence> {
    let id = field(query, name)?;
    presence::all(world, "twitch").into_iter().find(|p| user_id(p) == id)
}

async fn followers(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let who = match allowed(&world, &request) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    match broadcaster(&world, &query, "broadcaster_id") {
        // Without the scope the total alone.
        Some(found) => good(&world, who.as_ref(), &json!({"total": found.followers, "data": [], "pagination": {}})),
        None => refused(400, "Bad Request", "The broadcaster_id is not valid"),
    }
}

fn pagination(next: Option<String>) -> Value {
    next.map_or_else(|| json!({}), |cursor| json!({ "cursor": cursor }))
}

async fn videos(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let who = match allowed(&world, &request) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let Some(found) = broadcaster(&world, &query, "user_id") else { return refused(404, "Not Found", "user not found") };
    let size = field(&query, "first").and_then(|n| n.parse().ok()).unwrap_or(20).clamp(1, 100);
    let Some((rows, next)) = part(field(&query, "after"), size, |skip, take| found.channel.newest(skip, take).collect()) else {
        return refused(400, "Bad Request", "Invalid cursor");
    };
    let rows: Vec<Value> = rows.iter().map(|post| video(&found, post)).collect();
    good(&world, who.as_ref(), &json!({"data": rows, "pagination": pagination(next)}))
}

fn video(p: &Presence, post: &Post) -> Value {
    let id = VIDEOS + p.channel.key as i64 * 10_000 + post.n;
    let kind = match post.shape {
        Shape::Reel => "highlight",
        Shape::Video => "upload",
        _ => "archive",
    };
    let at = post.at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    json!({"id": id.to_string(), "stream_id": null, "user_id": user_id(p), "user_login": p.handle, "user_name": p.name, "title": post.caption, "description": "", "created_at": at, "published_at": at,
        "url": format!("https://www.twitch.tv/videos/{id}"), "thumbnail_url": format!("https://static-cdn.example/{id}/%{{width}}x%{{height}}.jpg"), "viewable": "public",
        "view_count": post.figures.views, "language": "ja", "type": kind, "duration": format!("{}h{}m{}s", 1 + post.n % 3, post.n % 60, post.n % 59), "muted_segments": null})
}

async fn clips(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let who = match allowed(&world, &request) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let Some(found) = broadcaster(&world, &query, "broadcaster_id") else { return refused(404, "Not Found", "broadcaster not found") };
    let size = field(&query, "first").and_then(|n| n.parse().ok()).unwrap_or(20).clamp(1, 100);
    let few = found.channel.newest(0, 130).filter(|post| post.n % 2 == 0).collect::<Vec<_>>();
    let Some((rows, next)) = part(field(&query, "after"), size, |skip, take| few.into_iter().skip(skip).take(take).collect()) else {
        return refused(400, "Bad Request", "Invalid cursor");
    };
    let clip = |post: &Post| {
        let id = format!("Sandbox{}Clip{}", found.channel.key, post.n);
        json!({"url": format!("https://clips.twitch.tv/{id}"), "id": id, "embed_url": "", "broadcaster_id": user_id(&found), "broadcaster_name": found.name, "creator_id": "1", "creator_name": "fan",
            "video_id": "", "game_id": "1", "language": "ja", "title": post.caption, "view_count": post.figures.clicks, "created_at": post.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "thumbnail_url": world.picture(&format!("twc{}", post.n)), "duration": 12.9, "vod_offset": null, "is_featured": false})
    };
    let rows: Vec<Value> = rows.iter().map(clip).collect();
    good(&world, who.as_ref(), &json!({"data": rows, "pagination": pagination(next)}))
}

/// On the air in the first three hours of every second day.
async fn streams(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let who = match allowed(&world, &request) {
        Ok(who) => who,
        Err(refused) => return *refused,
    };
    let Some(found) = broadcaster(&world, &query, "user_id") else {
        return good(&world, who.as_ref(), &json!({"data": [], "pagination": {}}));
    };
    let hours = (found.channel.now - found.channel.started).num_hours();
    let on = found.channel.before > 0 && hours % 48 < 3;
    let began = found.channel.started + chrono::Duration::hours(hours / 48 * 48);
    let row = json!({"id": (40_000_000_000 + found.channel.key as i64 * 1_000 + hours / 48).to_string(), "user_id": user_id(&found), "user_login": found.handle, "user_name": found.name, "game_id": "1",
        "game_name": "Food & Drink", "type": "live", "title": "Live from the kitchen 生配信", "viewer_count": found.followers / 40, "started_at": began.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "language": "ja", "thumbnail_url": "https://static-cdn.example/live-{width}x{height}.jpg", "tags": [], "is_mature": false});
    good(&world, who.as_ref(), &json!({"data": if on { vec![row] } else { Vec::new() }, "pagination": {}}))
}

async fn subscribe(world: web::Data<World>, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    match allowed(&world, &request) {
        Ok(None) => {}
        Ok(Some(_)) => return refused(400, "Bad Request", "invalid transport and auth combination"),
        Err(refused) => return *refused,
    }
    let text = |path: [&str; 2]| body[path[0]][path[1]].as_str().unwrap_or_default().to_owned();
    let secret = text(["transport", "secret"]);
    let callback = text(["transport", "callback"]);
    let here = crate::senders::reachable(&callback);
    if !(10..=100).contains(&secret.len()) || !(callback.starts_with("https://") || here) {
        return refused(400, "Bad Request", "invalid transport");
    }
    let wanted = format!("{} {}", body["type"].as_str().unwrap_or_default(), text(["condition", "broadcaster_user_id"]));
    if world.subscribed().contains(&wanted) {
        return refused(409, "Conflict", "subscription already exists");
    }
    // Twitch checks the address a moment later; here it has done so once the answer comes, so that nobody has to wait.
    if !here || crate::senders::handshake(&world, "twitch", &callback).await.is_ok_and(|right| right) {
        world.subscribe(&wanted);
    }
    answer(
        202,
        &json!({"data": [{"id": "f1c2a387", "status": "webhook_callback_verification_pending", "type": body["type"], "version": body["version"], "condition": body["condition"]}], "total": 1, "total_cost": 1, "max_total_cost": 10000}),
    )
}
