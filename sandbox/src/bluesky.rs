//! Bluesky's public API under `/bluesky`: accounts, feeds, threads, searches. Nobody logs in.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    posts::{Post, Shape, remark},
    presence::{self, Presence, json as answer, part},
    world::World,
};

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/xrpc/{method}", web::get().to(call));
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn invalid(message: &str) -> HttpResponse {
    answer(400, &json!({"error": "InvalidRequest", "message": message}))
}

fn good(world: &World, body: &Value) -> HttpResponse {
    let (used, reset) = world.count_window("bluesky", 300);
    HttpResponse::Ok()
        .insert_header(("ratelimit-limit", "3000"))
        .insert_header(("ratelimit-remaining", 3_000u64.saturating_sub(used).to_string()))
        .insert_header(("ratelimit-reset", reset.to_string()))
        .json(body)
}

/// A DID with the letters that such ones have.
fn did(presence: &Presence) -> String {
    let letters: String = format!("{:024}", presence.channel.key).chars().map(|c| char::from(b'a' + (c as u8 - b'0'))).collect();
    format!("did:plc:{letters}")
}

fn uri(presence: &Presence, post: &Post) -> String {
    format!("at://{}/app.bsky.feed.post/3k{:08}", did(presence), post.n)
}

fn by_uri<'a>(all: &'a [Presence], uri: &str) -> Option<(&'a Presence, Post)> {
    let (who, key) = uri.strip_prefix("at://")?.split_once("/app.bsky.feed.post/3k")?;
    let presence = all.iter().find(|presence| did(presence) == who)?;
    Some((presence, presence.channel.post(key.parse().ok()?)?))
}

async fn call(world: web::Data<World>, method: web::Path<String>, query: Query) -> HttpResponse {
    let mut all = presence::all(&world, "bluesky");
    // Who has left.
    all.retain(|presence| world.written("bluesky gone", &presence.handle).is_empty());
    let actor = || {
        let wanted = field(&query, "actor").unwrap_or_default();
        all.iter().find(|presence| presence.handle == wanted || did(presence) == wanted)
    };
    let size = field(&query, "limit").map_or(Some(50), |n| n.parse().ok()).filter(|n| (1..=100usize).contains(n));
    let Some(size) = size else { return invalid("Error: limit must be between 1 and 100") };
    let cursor = field(&query, "cursor");
    match method.as_str() {
        "app.bsky.actor.getProfile" => match actor() {
            Some(found) => good(&world, &profile(&world, found)),
            None => invalid("Profile not found"),
        },
        "app.bsky.feed.getAuthorFeed" => {
            let Some(found) = actor() else { return invalid("Profile not found") };
            let Some((rows, next)) = part(cursor, size, |skip, take| found.channel.newest(skip, take).collect()) else {
                return invalid("Malformed cursor");
            };
            let mut feed: Vec<Value> = rows.iter().map(|post| json!({"post": view(&world, found, post)})).collect();
            // Somebody else's, passed on.
            if cursor.is_none()
                && let Some((other, post)) =
                    all.iter().find(|p| p.person.id != found.person.id).and_then(|p| Some((p, p.channel.newest(0, 1).next()?)))
            {
                let by = basic(&world, found);
                let at = rows.first().map_or(post.at, |post| post.at).to_rfc3339();
                feed.insert(0, json!({"post": view(&world, other, &post), "reason": {"$type": "app.bsky.feed.defs#reasonRepost", "by": by, "indexedAt": at}}));
            }
            good(&world, &with_cursor(json!({ "feed": feed }), next))
        }
        "app.bsky.feed.getPosts" => {
            let uris: Vec<&str> = query.iter().filter(|(key, _)| key == "uris").map(|(_, uri)| uri.as_str()).collect();
            if uris.len() > 25 {
                return invalid("Error: uris must not have more than 25 elements");
            }
            let posts: Vec<Value> =
                uris.iter().filter_map(|uri| by_uri(&all, uri)).map(|(found, post)| view(&world, found, &post)).collect();
            good(&world, &json!({ "posts": posts }))
        }
        "app.bsky.feed.getPostThread" => match by_uri(&all, field(&query, "uri").unwrap_or_default()) {
            Some((found, post)) => good(&world, &json!({"thread": thread(&world, found, &post)})),
            None => answer(400, &json!({"error": "NotFound", "message": "Post not found"})),
        },
        "app.bsky.feed.searchPosts" => {
            let mentioned = field(&query, "mentions").and_then(|who| all.iter().find(|p| did(p) == who || p.handle == who));
            let words = field(&query, "q").unwrap_or_default().to_lowercase();
            let found: Vec<Value> = match mentioned {
                Some(who) => (0..60).map(|k| said(who, k, &format!("@{}", who.handle))).collect(),
                None => {
                    let mut with: Vec<(&Presence, Post)> = Vec::new();
                    for presence in &all {
                        with.extend(
                            presence
                                .channel
                                .newest(0, 30)
                                .filter(|post| post.caption.to_lowercase().contains(&words))
                                .map(|post| (presence, post)),
                        );
                    }
                    with.sort_by_key(|(_, post)| -post.at.timestamp());
                    with.iter().map(|(presence, post)| view(&world, presence, post)).collect()
                }
            };
            let Some((rows, next)) = part(cursor, size, |skip, take| found.into_iter().skip(skip).take(take).collect()) else {
                return invalid("Malformed cursor");
            };
            good(&world, &with_cursor(json!({ "posts": rows }), next))
        }
        other => answer(501, &json!({"error": "MethodNotImplemented", "message": format!("Method Not Implemented: {other}")})),
    }
}

fn with_cursor(mut body: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        body["cursor"] = next.into();
    }
    body
}

fn basic(world: &World, presence: &Presence) -> Value {
    json!({"did": did(presence), "handle": presence.handle, "displayName": presence.name, "avatar": world.picture(&format!("bs-{}", presence.handle))})
}

fn profile(world: &World, presence: &Presence) -> Value {
    let mut node = basic(world, presence);
    // What the owner has written since follows the old words.
    let more = world.written("bluesky", &presence.handle);
    node["description"] = [presence.biography.as_str(), more.as_str()].join("\n").trim_end().into();
    node["followersCount"] = presence.followers.into();
    node["followsCount"] = presence.following.into();
    node["postsCount"] = presence.channel.count().into();
    node["indexedAt"] = "2024-03-01T10:00:00.000Z".into();
    node
}

fn stamp(at: chrono::DateTime<chrono::Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn view(world: &World, presence: &Presence, post: &Post) -> Value {
    let uri = uri(presence, post);
    let picture = |n: i64| json!({"thumb": world.picture(&format!("bs{}x{}-{n}", presence.channel.key, post.n)), "fullsize": world.picture(&format!("bs{}x{}-{n}", presence.channel.key, post.n)), "alt": ""});
    let embed = match post.shape {
        Shape::Words => None,
        Shape::Picture => Some(json!({"$type": "app.bsky.embed.images#view", "images": [picture(0)]})),
        Shape::Album => Some(json!({"$type": "app.bsky.embed.images#view", "images": [picture(0), picture(1)]})),
        Shape::Reel | Shape::Video => Some(
            json!({"$type": "app.bsky.embed.video#view", "cid": "bafyreisandbox", "playlist": "https://video.example/playlist.m3u8", "thumbnail": picture(0)["thumb"]}),
        ),
    };
    let f = post.figures;
    let text: String = post.caption.chars().take(300).collect();
    let mut node = json!({"uri": uri, "cid": format!("bafyreisandbox{}", post.n), "author": basic(world, presence), "record": {"$type": "app.bsky.feed.post", "text": text, "createdAt": stamp(post.at)},
        "replyCount": f.comments, "repostCount": f.reposts, "likeCount": f.likes, "quoteCount": f.reposts / 3, "bookmarkCount": f.saves, "indexedAt": stamp(post.at)});
    if let Some(embed) = embed {
        node["embed"] = embed;
    }
    node
}

/// Somebody else's post.
fn said(presence: &Presence, k: i64, more: &str) -> Value {
    let dice = presence.channel.dice(k, 80);
    let (who, what) = remark(dice);
    let did = format!("did:plc:{}", "z".repeat(24));
    let at = stamp(presence.channel.now - chrono::Duration::hours(3 * (k + 1)));
    json!({"uri": format!("at://{did}/app.bsky.feed.post/3r{}x{k}", presence.channel.key), "cid": format!("bafyreisaid{k}"), "author": {"did": did, "handle": format!("{}.bsky.social", who.replace(['_', '.'], "-"))},
        "record": {"$type": "app.bsky.feed.post", "text": format!("{more} {what}"), "createdAt": at}, "likeCount": dice % 9, "replyCount": 0, "repostCount": 0, "quoteCount": 0, "indexedAt": at})
}

fn thread(world: &World, presence: &Presence, post: &Post) -> Value {
    let reply =
        |k: i64| json!({"$type": "app.bsky.feed.defs#threadViewPost", "post": said(presence, 1_000 + post.n * 100 + k, ""), "replies": []});
    let mut replies: Vec<Value> = (0..post.figures.comments.min(50)).map(reply).collect();
    replies.push(json!({"$type": "app.bsky.feed.defs#blockedPost", "uri": "at://did:plc:blocked/app.bsky.feed.post/1", "blocked": true, "author": {"did": "did:plc:blocked"}}));
    json!({"$type": "app.bsky.feed.defs#threadViewPost", "post": view(world, presence, post), "replies": replies})
}
