//! A Mastodon server under `/mastodon`: login with tokens that do not run out, accounts, statuses, tags, notifications.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    grants::{Caller, Lives, Pair},
    oauth::{self, Habits, caller, standard},
    posts::{Post, Shape, remark},
    presence::{self, Presence, json as answer},
    world::{BadToken, World},
};

pub(crate) const HABITS: Habits = Habits {
    net: "mastodon",
    authorize: "/oauth/authorize",
    token: "/oauth/token",
    revoke: Some("/oauth/revoke"),
    client: "client_id",
    separator: ' ',
    scopes: &["read:accounts", "read:statuses", "read:notifications"],
    pkce: true,
    basic: false,
    lives: Lives { code: 600, access: None, refresh: None, rotates: false },
    prefix: "mst",
    refuse: standard,
    answer: granted,
};

/// What the server calls itself.
const DOMAIN: &str = "social.sandbox.example";

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config
        .route("/api/v1/accounts/verify_credentials", web::get().to(me))
        .route("/api/v1/accounts/lookup", web::get().to(lookup))
        .route("/api/v1/accounts/{id}", web::get().to(account))
        .route("/api/v1/accounts/{id}/statuses", web::get().to(statuses))
        .route("/api/v1/statuses/{id}/context", web::get().to(context))
        .route("/api/v1/timelines/tag/{tag}", web::get().to(tagged))
        .route("/api/v1/notifications", web::get().to(notifications));
}

fn granted(world: &World, pair: &Pair) -> Value {
    json!({"access_token": pair.access, "token_type": "Bearer", "scope": pair.scopes.join(" "), "created_at": world.now().timestamp()})
}

fn refused(status: u16, message: &str) -> HttpResponse {
    answer(status, &json!({ "error": message }))
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn allowed(world: &World, request: &HttpRequest, scope: &str) -> Result<Caller, Box<HttpResponse>> {
    let caller = caller(&HABITS, world, request).map_err(|bad| {
        Box::new(match bad {
            BadToken::Ended(_) => refused(401, "The access token was revoked"),
            _ => refused(401, "The access token is invalid"),
        })
    })?;
    match caller.scopes.iter().any(|granted| granted == scope) {
        true => Ok(caller),
        false => Err(Box::new(refused(403, "This action is outside the authorized scopes"))),
    }
}

fn good(world: &World, body: &Value, next: Option<String>) -> HttpResponse {
    let (used, reset) = world.count_window("mastodon", 300);
    let reset = chrono::DateTime::from_timestamp(reset, 0).unwrap_or_default();
    let mut response = HttpResponse::Ok();
    response
        .insert_header(("x-ratelimit-limit", "300"))
        .insert_header(("x-ratelimit-remaining", 300u64.saturating_sub(used).to_string()))
        .insert_header(("x-ratelimit-reset", reset.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)));
    if let Some(next) = next {
        response.insert_header(("link", format!("<{next}>; rel=\"next\"")));
    }
    response.json(body)
}

fn own_id(presence: &Presence) -> String {
    (109_000_000_000 + presence.channel.key).to_string()
}

fn account_of(world: &World, presence: &Presence) -> Value {
    let words = [presence.biography.as_str(), world.written("mastodon", &presence.handle).as_str()].join("\n");
    let note = words.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br />");
    json!({"id": own_id(presence), "username": presence.handle, "acct": presence.handle, "display_name": presence.name, "locked": false, "bot": false, "created_at": "2022-11-01T00:00:00.000Z",
        "note": format!("<p>{note}</p>"), "url": format!("https://{DOMAIN}/@{}", presence.handle), "avatar": world.picture(&format!("ma-{}", presence.handle)), "avatar_static": world.picture(&format!("ma-{}", presence.handle)),
        "followers_count": presence.followers, "following_count": presence.following, "statuses_count": presence.channel.count(), "fields": [], "emojis": []})
}

async fn me(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match allowed(&world, &request, "read:accounts") {
        Ok(caller) => match presence::of(&world, caller.person, "mastodon") {
            Some(found) => good(&world, &account_of(&world, &found), None),
            None => refused(404, "Record not found"),
        },
        Err(refused) => *refused,
    }
}

async fn lookup(world: web::Data<World>, query: Query) -> HttpResponse {
    let acct = field(&query, "acct").unwrap_or_default();
    match presence::all(&world, "mastodon").iter().find(|presence| presence.handle.eq_ignore_ascii_case(acct)) {
        Some(found) => good(&world, &account_of(&world, found), None),
        None => refused(404, "Record not found"),
    }
}

fn by_id(world: &World, id: &str) -> Option<Presence> {
    presence::all(world, "mastodon").into_iter().find(|presence| own_id(presence) == id)
}

async fn account(world: web::Data<World>, id: web::Path<String>) -> HttpResponse {
    match by_id(&world, &id) {
        Some(found) => good(&world, &account_of(&world, &found), None),
        None => refused(404, "Record not found"),
    }
}

fn status_id(presence: &Presence, post: &Post) -> i64 {
    110_000_000_000_000 + presence.channel.key as i64 * 100_000 + post.n
}

fn status(world: &World, presence: &Presence, post: &Post) -> Value {
    let id = status_id(presence, post);
    let picture = world.picture(&format!("ma{id}"));
    let file = |kind: &str| json!({"id": "1", "type": kind, "url": picture, "preview_url": picture, "description": null});
    let files = match post.shape {
        Shape::Words => Vec::new(),
        Shape::Picture => vec![file("image")],
        Shape::Album => vec![file("image"), file("image")],
        Shape::Reel | Shape::Video => vec![file("video")],
    };
    let text = post.caption.replace('&', "&amp;").replace('<', "&lt;");
    json!({"id": id.to_string(), "created_at": post.at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string(), "in_reply_to_id": null, "sensitive": false, "spoiler_text": "", "visibility": "public", "language": "ja",
        "uri": format!("https://{DOMAIN}/users/{}/statuses/{id}", presence.handle), "url": format!("https://{DOMAIN}/@{}/{id}", presence.handle), "replies_count": post.figures.comments,
        "reblogs_count": post.figures.reposts, "favourites_count": post.figures.likes, "content": format!("<p>{text}</p>"), "reblog": null, "account": account_of(world, presence),
        "media_attachments": files, "mentions": [], "tags": [], "emojis": [], "card": null, "poll": null})
}

fn size(query: &Query) -> usize {
    field(query, "limit").and_then(|n| n.parse().ok()).unwrap_or(20usize).clamp(1, 40)
}

async fn statuses(world: web::Data<World>, request: HttpRequest, id: web::Path<String>, query: Query) -> HttpResponse {
    let Some(found) = by_id(&world, &id) else { return refused(404, "Record not found") };
    let before = field(&query, "max_id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(i64::MAX);
    let size = size(&query);
    let rows: Vec<Post> = found.channel.newest(0, 10_000).filter(|post| status_id(&found, post) < before).take(size + 1).collect();
    let next = (rows.len() > size)
        .then(|| format!("{}{}?limit={size}&max_id={}", world.public_url(), request.path(), status_id(&found, &rows[size - 1])));
    let body: Vec<Value> = rows.iter().take(size).map(|post| status(&world, &found, post)).collect();
    good(&world, &body.into(), next)
}

/// Somebody else's status.
fn said(presence: &Presence, k: i64, to: Option<i64>, more: &str) -> Value {
    let dice = presence.channel.dice(k, 90);
    let (who, what) = remark(dice);
    let id = 120_000_000_000_000 + presence.channel.key as i64 * 100_000 + k;
    json!({"id": id.to_string(), "created_at": (presence.channel.now - Duration::hours(2 * (k + 1))).format("%Y-%m-%dT%H:%M:%S.000Z").to_string(), "in_reply_to_id": to.map(|to| to.to_string()),
        "url": format!("https://other.example/@{who}/{id}"), "content": format!("<p>{more} {what}</p>"), "replies_count": 0, "reblogs_count": 0, "favourites_count": dice % 9,
        "account": {"id": (dice % 100_000).to_string(), "acct": format!("{who}@other.example")}, "media_attachments": [], "card": null, "poll": null})
}

async fn context(world: web::Data<World>, id: web::Path<String>) -> HttpResponse {
    let number = id.parse::<i64>().unwrap_or(0) - 110_000_000_000_000;
    let all = presence::all(&world, "mastodon");
    let found = all.iter().find(|presence| presence.channel.key as i64 == number.div_euclid(100_000));
    match found.and_then(|found| Some((found, found.channel.post(number.rem_euclid(100_000))?))) {
        Some((found, post)) => {
            let to = status_id(found, &post);
            let rows: Vec<Value> = (0..post.figures.comments.min(60)).map(|k| said(found, 5_000 + k, Some(to), "")).collect();
            good(&world, &json!({"ancestors": [], "descendants": rows}), None)
        }
        None => refused(404, "Record not found"),
    }
}

async fn tagged(world: web::Data<World>, tag: web::Path<String>, query: Query) -> HttpResponse {
    let sign = format!("#{}", tag.to_lowercase());
    let mut found: Vec<(Post, Presence)> = Vec::new();
    for presence in presence::all(&world, "mastodon") {
        let with = presence.channel.newest(0, 30).filter(|post| post.caption.to_lowercase().split_whitespace().any(|word| word == sign));
        found.extend(with.collect::<Vec<_>>().into_iter().map(|post| (post, presence.clone())));
    }
    found.sort_by_key(|(post, _)| -post.at.timestamp());
    let body: Vec<Value> = found.iter().take(size(&query)).map(|(post, presence)| status(&world, presence, post)).collect();
    good(&world, &body.into(), None)
}

async fn notifications(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let caller = match allowed(&world, &request, "read:notifications") {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let Some(found) = presence::of(&world, caller.person, "mastodon") else { return refused(404, "Record not found") };
    let more = format!("@{}", found.handle);
    let row = |k: i64| json!({"id": (34_975_000 - k).to_string(), "type": "mention", "created_at": found.channel.now.to_rfc3339(), "account": {"id": "9", "acct": "x@other.example"}, "status": said(&found, k, None, &more)});
    let body: Vec<Value> = (0..size(&query) as i64).map(row).collect();
    good(&world, &body.into(), None)
}
