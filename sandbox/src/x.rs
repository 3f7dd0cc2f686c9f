//! X under `/x`: login with PKCE and rotating refresh tokens, users, posts, mentions, search. Both dialects of field names.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    grants::{Caller, Lives},
    oauth::{self, Habits, caller, plain, standard},
    posts::{Post, Shape, remark},
    presence::{self, Presence, part},
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "x",
    authorize: "/i/oauth2/authorize",
    token: "/2/oauth2/token",
    revoke: Some("/2/oauth2/revoke"),
    client: "client_id",
    separator: ' ',
    scopes: &["tweet.read", "users.read", "offline.access", "follows.read", "like.read"],
    pkce: true,
    basic: true,
    lives: Lives { code: 30, access: Some(7_200), refresh: Some(None), rotates: true },
    prefix: "xat",
    refuse: standard,
    answer: plain,
};

/// Whose posts only followers see.
const PROTECTED: &str = "tom";
const POSTS: i64 = 1_990_000_000_000_000_000;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config
        .route("/2/users/me", web::get().to(me))
        .route("/2/users/by/username/{name}", web::get().to(by_name))
        .route("/2/users/{id}/{list}", web::get().to(list))
        .route("/2/tweets", web::get().to(some))
        .route("/2/tweets/search/recent", web::get().to(search));
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn problem(status: u16, name: &str, title: &str, detail: &str) -> HttpResponse {
    let kind = if name.is_empty() { "about:blank".to_owned() } else { format!("https://api.x.com/2/problems/{name}") };
    presence::json(status, &json!({"title": title, "type": kind, "status": status, "detail": detail}))
}

/// Who asks, how often in a quarter of an hour, and with which words.
struct Asking {
    caller: Caller,
    limit: u64,
    remaining: u64,
    reset: i64,
}

fn asking(world: &World, request: &HttpRequest, endpoint: &str, limit: u64, scope: &str) -> Result<Asking, Box<HttpResponse>> {
    let refuse = |status, title: &str| Err(Box::new(problem(status, "", title, title)));
    let Ok(caller) = caller(&HABITS, world, request) else { return refuse(401, "Unauthorized") };
    if !caller.scopes.iter().any(|granted| granted == scope) {
        return refuse(403, "Forbidden");
    }
    let (used, reset) = world.count_window(&format!("x {endpoint} {}", caller.person.id), 900);
    let remaining = limit.saturating_sub(used);
    if used > limit {
        let mut refused = problem(429, "rate-limit-exceeded", "Too Many Requests", "Too Many Requests");
        let headers =
            [("x-rate-limit-limit", limit.to_string()), ("x-rate-limit-remaining", "0".into()), ("x-rate-limit-reset", reset.to_string())];
        for (name, value) in headers {
            if let Ok(value) = value.parse() {
                refused.headers_mut().insert(actix_web::http::header::HeaderName::from_static(name), value);
            }
        }
        return Err(Box::new(refused));
    }
    Ok(Asking { caller, limit, remaining, reset })
}

fn answer(asking: &Asking, body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("x-rate-limit-limit", asking.limit.to_string()))
        .insert_header(("x-rate-limit-remaining", asking.remaining.to_string()))
        .insert_header(("x-rate-limit-reset", asking.reset.to_string()))
        .json(body)
}

/// The words for reposts and posts, before or after X renamed them.
fn words(world: &World) -> (&'static str, &'static str) {
    if world.is_x_renamed() { ("repost_count", "post_count") } else { ("retweet_count", "tweet_count") }
}

/// The asked fields of posts; in the other dialect's words they are none.
fn asked<'a>(world: &World, query: &'a Query) -> Vec<&'a str> {
    let name = if world.is_x_renamed() { "post.fields" } else { "tweet.fields" };
    field(query, name).unwrap_or_default().split(',').collect()
}

fn user_id(presence: &Presence) -> String {
    (1_700_000_000_000_000_000 + presence.channel.key as i64).to_string()
}

fn user(world: &World, presence: &Presence, query: &Query) -> Value {
    let asked: Vec<&str> = field(query, "user.fields").unwrap_or_default().split(',').collect();
    let full = json!({
        "created_at": "2019-03-01T10:00:00.000Z", "description": presence.biography, "profile_image_url": world.picture(&format!("x-{}", presence.handle)),
        "protected": presence.person.id == PROTECTED, "verified": false, "url": "",
        "public_metrics": {"followers_count": presence.followers, "following_count": presence.following, words(world).1: presence.channel.count(), "listed_count": presence.followers / 180,
            "like_count": presence.following * 9, "media_count": presence.channel.count() / 2},
    });
    let mut node = json!({"id": user_id(presence), "username": presence.handle, "name": presence.name});
    for (name, value) in full.as_object().into_iter().flatten().filter(|(name, _)| asked.contains(&name.as_str())) {
        node[name] = value.clone();
    }
    node
}

async fn me(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let asking = match asking(&world, &request, "me", 75, "users.read") {
        Ok(asking) => asking,
        Err(refused) => return *refused,
    };
    match presence::of(&world, asking.caller.person, "x") {
        Some(presence) => answer(&asking, &json!({"data": user(&world, &presence, &query)})),
        None => problem(404, "resource-not-found", "Not Found Error", "no such user"),
    }
}

async fn by_name(world: web::Data<World>, request: HttpRequest, name: web::Path<String>, query: Query) -> HttpResponse {
    let asking = match asking(&world, &request, "by name", 900, "users.read") {
        Ok(asking) => asking,
        Err(refused) => return *refused,
    };
    match presence::all(&world, "x").iter().find(|presence| presence.handle.eq_ignore_ascii_case(&name)) {
        Some(presence) => answer(&asking, &json!({"data": user(&world, presence, &query)})),
        None => answer(&asking, &json!({"errors": [not_found("user", &name)]})),
    }
}

fn not_found(kind: &str, what: &str) -> Value {
    json!({"value": what, "detail": format!("Could not find {kind} with id: [{what}]."), "title": "Not Found Error", "resource_type": kind, "resource_id": what, "parameter": "id",
        "type": "https://api.x.com/2/problems/resource-not-found"})
}

fn post_id(presence: &Presence, post: &Post) -> String {
    (POSTS + presence.channel.key as i64 * 1_000_000 + post.n).to_string()
}

/// A post with the fields that were asked for, and its media.
fn post(world: &World, presence: &Presence, post: &Post, query: &Query, own: bool) -> (Value, Vec<Value>) {
    let asked = asked(world, query);
    let (f, id) = (post.figures, post_id(presence, post));
    let count = match post.shape {
        Shape::Words => 0,
        Shape::Album => 3,
        _ => 1,
    };
    let kind = if matches!(post.shape, Shape::Reel | Shape::Video) { "video" } else { "photo" };
    let media: Vec<Value> = (0..count)
        .map(|n| {
            let picture = world.picture(&format!("x{id}-{n}"));
            let mut media = json!({"media_key": format!("3_{id}{n}"), "type": kind});
            if kind == "video" {
                media["preview_image_url"] = picture.into();
                media["duration_ms"] = (12_000 + post.n % 60 * 1_000).into();
            } else {
                media["url"] = picture.into();
            }
            media
        })
        .collect();
    let mut full = json!({
        "created_at": post.at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string(), "conversation_id": id, "paid_partnership": post.caption.contains("#PR"),
        "public_metrics": {words(world).0: f.reposts, "reply_count": f.comments, "like_count": f.likes, "quote_count": f.reposts / 4, "bookmark_count": f.saves, "impression_count": f.views},
    });
    if count > 0 {
        full["attachments"] = json!({"media_keys": media.iter().map(|m| m["media_key"].clone()).collect::<Vec<_>>()});
    }
    if own && presence.channel.now - post.at < Duration::days(30) {
        full["non_public_metrics"] =
            json!({"engagements": f.likes + f.comments + f.clicks, "url_link_clicks": f.clicks, "user_profile_clicks": f.visits});
    }
    let text: String = post.caption.chars().take(280).collect();
    let mut node = json!({"id": id, "text": text});
    for (name, value) in full.as_object().into_iter().flatten().filter(|(name, _)| asked.contains(&name.as_str())) {
        node[name] = value.clone();
    }
    (node, media)
}

fn posts(rows: Vec<(Value, Vec<Value>)>, errors: Vec<Value>, next: Option<String>) -> Value {
    let mut meta = json!({"result_count": rows.len()});
    if let Some(next) = next {
        meta["next_token"] = next.into();
    }
    let (data, media): (Vec<Value>, Vec<Vec<Value>>) = rows.into_iter().unzip();
    let mut body = json!({"meta": meta});
    // Nothing found is no `data` at all.
    if !data.is_empty() {
        body["data"] = data.into();
        body["includes"] = json!({"media": media.into_iter().flatten().collect::<Vec<_>>()});
    }
    if !errors.is_empty() {
        body["errors"] = errors.into();
    }
    body
}

fn size(query: &Query, least: usize) -> Option<usize> {
    let size = field(query, "max_results").map_or(Some(10), |n| n.parse().ok())?;
    (least..=100).contains(&size).then_some(size)
}

fn invalid(parameter: &str) -> HttpResponse {
    problem(400, "invalid-request", "Invalid Request", &format!("One or more parameters to your request was invalid: {parameter}"))
}

async fn list(world: web::Data<World>, request: HttpRequest, path: web::Path<(String, String)>, query: Query) -> HttpResponse {
    let (id, list) = path.into_inner();
    let asking = match asking(&world, &request, &list, if list == "mentions" { 300 } else { 900 }, "tweet.read") {
        Ok(asking) => asking,
        Err(refused) => return *refused,
    };
    let all = presence::all(&world, "x");
    let Some(found) = all.iter().find(|presence| user_id(presence) == id) else {
        return answer(&asking, &json!({"errors": [not_found("user", &id)]}));
    };
    let own = found.person.id == asking.caller.person.id;
    if found.person.id == PROTECTED && !own {
        let refused = json!({"type": "https://api.x.com/2/problems/not-authorized-for-resource", "title": "Authorization Error", "resource_type": "user", "resource_id": id,
            "detail": format!("Sorry, you are not authorized to see the user with id: [{id}].")});
        return answer(&asking, &json!({"errors": [refused]}));
    }
    let Some(size) = size(&query, 5) else { return invalid("max_results") };
    let cursor = field(&query, "pagination_token");
    match list.as_str() {
        "tweets" => {
            let Some((rows, next)) = part(cursor, size, |skip, take| found.channel.newest(skip, take).collect()) else {
                return invalid("pagination_token");
            };
            // Now and then X finds a post that it cannot give.
            let errors = rows.iter().filter(|post| post.n % 61 == 60).map(|one| not_found("tweet", &post_id(found, one))).collect();
            let rows = rows.iter().map(|one| post(&world, found, one, &query, own)).collect();
            answer(&asking, &posts(rows, errors, next))
        }
        "mentions" => {
            let Some((rows, next)) = part(cursor, size, |skip, take| (0..150i64).skip(skip).take(take).collect()) else {
                return invalid("pagination_token");
            };
            let rows = rows.iter().map(|k| said(&world, found, *k, &format!("@{}", found.handle), None)).collect();
            answer(&asking, &posts(rows, Vec::new(), next))
        }
        _ => problem(404, "", "Not Found", "Not Found"),
    }
}

/// Somebody else's post.
fn said(world: &World, presence: &Presence, k: i64, more: &str, conversation: Option<&str>) -> (Value, Vec<Value>) {
    let dice = presence.channel.dice(k, 70);
    let (who, what) = remark(dice);
    let id = (POSTS - 1_000_000_000_000 + presence.channel.key as i64 * 1_000 + k).to_string();
    let at = presence.channel.now - Duration::minutes(90 * (k + 1));
    let node = json!({"id": id, "text": format!("{more} {what}"), "author_id": (dice % 1_000_000_000).to_string(), "username": who, "created_at": at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string(),
        "conversation_id": conversation.unwrap_or(&id), "public_metrics": {words(world).0: 0, "reply_count": 0, "like_count": dice % 12, "quote_count": 0, "bookmark_count": 0, "impression_count": dice % 900}});
    (node, Vec::new())
}

fn by_post<'a>(all: &'a [Presence], id: &str) -> Option<(&'a Presence, Post)> {
    let number = id.parse::<i64>().ok()? - POSTS;
    let presence = all.iter().find(|presence| presence.channel.key as i64 == number / 1_000_000)?;
    Some((presence, presence.channel.post(number % 1_000_000)?))
}

async fn some(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let asking = match asking(&world, &request, "posts", 900, "tweet.read") {
        Ok(asking) => asking,
        Err(refused) => return *refused,
    };
    let ids: Vec<&str> = field(&query, "ids").unwrap_or_default().split(',').collect();
    if ids.is_empty() || ids.len() > 100 {
        return invalid("ids");
    }
    let all = presence::all(&world, "x");
    let private = asked(&world, &query).contains(&"non_public_metrics");
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match by_post(&all, id) {
            Some((presence, one)) => {
                let own = presence.person.id == asking.caller.person.id;
                if private && (!own || world.now() - one.at >= Duration::days(30)) {
                    errors.push(json!({"resource_id": id, "parameter": "non_public_metrics", "resource_type": "tweet", "title": "Field Authorization Error", "section": "data",
                        "type": "https://api.x.com/2/problems/not-authorized-for-field", "detail": "Sorry, you are not authorized to access the field 'non_public_metrics'."}));
                } else {
                    rows.push(post(&world, presence, &one, &query, own));
                }
            }
            None => errors.push(not_found("tweet", id)),
        }
    }
    answer(&asking, &posts(rows, errors, None))
}

async fn search(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let asking = match asking(&world, &request, "search", 300, "tweet.read") {
        Ok(asking) => asking,
        Err(refused) => return *refused,
    };
    let words = field(&query, "query").unwrap_or_default();
    let Some(size) = size(&query, 10) else { return invalid("max_results") };
    if words.is_empty() || words.chars().count() > 512 {
        return invalid("query");
    }
    let all = presence::all(&world, "x");
    let cursor = field(&query, "next_token");
    if let Some(id) = words.strip_prefix("conversation_id:").and_then(|rest| rest.split(' ').next()) {
        let Some((presence, one)) = by_post(&all, id) else { return answer(&asking, &posts(Vec::new(), Vec::new(), None)) };
        let young = world.now() - one.at < Duration::days(7);
        let count = if young { one.figures.comments } else { 0 };
        let Some((rows, next)) = part(cursor, size, |skip, take| (0..count).skip(skip).take(take).collect()) else {
            return invalid("next_token");
        };
        let rows = rows.iter().map(|k| said(&world, presence, 500 + k, &format!("@{}", presence.handle), Some(id))).collect();
        return answer(&asking, &posts(rows, Vec::new(), next));
    }
    let wanted: Vec<String> = words.split(' ').filter(|word| !word.starts_with('-')).map(str::to_lowercase).collect();
    let mut found: Vec<(&Presence, Post)> = Vec::new();
    for presence in all.iter().filter(|presence| presence.person.id != PROTECTED) {
        let young = presence.channel.newest(0, 20).take_while(|post| world.now() - post.at < Duration::days(7));
        found
            .extend(young.filter(|post| wanted.iter().all(|word| post.caption.to_lowercase().contains(word))).map(|post| (presence, post)));
    }
    found.sort_by_key(|(_, post)| -post.at.timestamp());
    let Some((rows, next)) = part(cursor, size, |skip, take| found.into_iter().skip(skip).take(take).collect()) else {
        return invalid("next_token");
    };
    let rows = rows.iter().map(|(presence, one)| post(&world, presence, one, &query, false)).collect();
    answer(&asking, &posts(rows, Vec::new(), next))
}
