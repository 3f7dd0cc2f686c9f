//! What comes back from Bluesky's public API. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    connector::{AccountType, Profile},
    content::{Author, Comment, Cursor, Format, Media, Mention, MentionKind, Page},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::Measure,
    limits::Limit,
    metric::Metric,
    network::Network,
    wire::{Refusal, Unreadable, counter, counters, id, list, object, text, time, web, web_address},
};

const COUNTERS: &[(Measure, &str)] = &[
    (Measure::Likes, "likeCount"),
    (Measure::Reposts, "repostCount"),
    (Measure::Replies, "replyCount"),
    (Measure::Quotes, "quoteCount"),
    (Measure::Saves, "bookmarkCount"),
];

/// An account. Its DID is the id that stays when the handle changes.
pub fn profile(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    Ok(Profile {
        network: Network::Bluesky,
        external_id: id(&raw, "did").ok_or_else(|| Unreadable::without("did"))?,
        handle: text(&raw, "handle").ok_or_else(|| Unreadable::without("handle"))?,
        display_name: text(&raw, "displayName").unwrap_or_default(),
        biography: text(&raw, "description").unwrap_or_default(),
        website: text(&raw, "website"),
        picture_url: web(&raw, "avatar"),
        account_type: AccountType::Unknown,
        followers: counter(&raw, "followersCount", Metric::NotReady),
        following: counter(&raw, "followsCount", Metric::NotReady),
        posts: counter(&raw, "postsCount", Metric::NotReady),
        endpoint: "bluesky app.bsky.actor.getProfile".into(),
        fetched_at: now,
    })
}

/// A part of an author's feed. What the author passed on of others' is left out.
pub fn feed(body: &[u8], now: DateTime<Utc>) -> Result<Page<Media>, Unreadable> {
    let raw = object(body)?;
    let own: Vec<Value> = list(&raw, "feed")?
        .iter()
        .filter(|row| !kind(row.get("reason").unwrap_or(&Value::Null)).ends_with("#reasonRepost"))
        .map(|row| row.get("post").cloned().unwrap_or_default())
        .collect();
    let (items, left_out) = crate::wire::rows(&own, |row| post(row, "bluesky app.bsky.feed.getAuthorFeed", now));
    Ok(Page { items, next: text(&raw, "cursor").map(Cursor), left_out })
}

/// A part of a search, or posts by their addresses.
pub fn posts(body: &[u8], endpoint: &str, now: DateTime<Utc>) -> Result<Page<Media>, Unreadable> {
    let raw = object(body)?;
    let (items, left_out) = crate::wire::rows(list(&raw, "posts")?, |row| post(row, endpoint, now));
    Ok(Page { items, next: text(&raw, "cursor").map(Cursor), left_out })
}

fn kind(value: &Value) -> &str {
    value.get("$type").and_then(Value::as_str).unwrap_or_default()
}

fn author(row: &Value) -> Author {
    let author = row.get("author").unwrap_or(&Value::Null);
    Author { external_id: id(author, "did"), handle: text(author, "handle") }
}

/// The page of a post by its address `at://DID/app.bsky.feed.post/KEY`.
fn permalink(uri: &str) -> Option<Url> {
    let (did, rest) = uri.strip_prefix("at://")?.split_once('/')?;
    let key = rest.strip_prefix("app.bsky.feed.post/")?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b));
    if plain(did) && plain(key) { web_address(&format!("https://bsky.app/profile/{did}/post/{key}")) } else { None }
}

fn post(row: &Value, endpoint: &str, now: DateTime<Utc>) -> Option<Media> {
    let uri = id(row, "uri")?;
    let record = row.get("record").unwrap_or(&Value::Null);
    let embed = row.get("embed").unwrap_or(&Value::Null);
    // A quote with pictures has them one level down.
    let media = embed.get("media").filter(|media| media.is_object()).unwrap_or(embed);
    let images = media.get("images").or_else(|| media.get("items")).and_then(Value::as_array);
    let thumb = images.and_then(|images| images.first()).and_then(|image| web(image, "thumb").or_else(|| web(image, "thumbnail")));
    Some(Media {
        permalink: permalink(&uri),
        external_id: uri,
        format: match kind(media).rsplit('.').next().unwrap_or_default() {
            "images#view" | "gallery#view" if images.is_some_and(|images| images.len() > 1) => Format::Carousel,
            "images#view" | "gallery#view" => Format::Image,
            "video#view" => Format::Video,
            "external#view" => Format::Link,
            "" | "record#view" => Format::Text,
            other => Format::Other(other.trim_end_matches("#view").to_owned()),
        },
        caption: text(record, "text").unwrap_or_default(),
        media_url: None,
        thumbnail_url: thumb
            .or_else(|| web(media, "thumbnail"))
            .or_else(|| media.get("external").and_then(|external| web(external, "thumb"))),
        // What the author's own machine said; `indexedAt` is when the network saw it.
        published_at: time(record, "createdAt").or_else(|| time(row, "indexedAt")),
        duration_seconds: None,
        author: author(row),
        paid_partnership: None,
        counters: counters(row, COUNTERS),
        endpoint: endpoint.to_owned(),
        fetched_at: now,
    })
}

/// The answers in a thread, all levels of them, at most a thousand.
pub fn thread(body: &[u8], media_id: &str) -> Result<Page<Comment>, Unreadable> {
    let raw = object(body)?;
    let root = raw.get("thread").ok_or_else(|| Unreadable::without("thread"))?;
    let (mut items, mut left_out, mut open) = (Vec::new(), 0, vec![root]);
    while let Some(node) = open.pop() {
        let parent = node.get("post").and_then(|post| id(post, "uri"));
        for reply in node.get("replies").and_then(Value::as_array).into_iter().flatten() {
            match reply.get("post").and_then(|post| comment(post, media_id, parent.as_deref())) {
                Some(found) if items.len() < 1_000 => {
                    items.push(found);
                    open.push(reply);
                }
                // Blocked, deleted, or one too many.
                _ => left_out += 1,
            }
        }
    }
    Ok(Page { items, next: None, left_out })
}

fn comment(row: &Value, media_id: &str, parent: Option<&str>) -> Option<Comment> {
    let record = row.get("record").unwrap_or(&Value::Null);
    Some(Comment {
        external_id: id(row, "uri")?,
        media_id: media_id.to_owned(),
        parent_id: parent.filter(|parent| *parent != media_id).map(str::to_owned),
        author: author(row),
        text: text(record, "text").unwrap_or_default(),
        published_at: time(record, "createdAt"),
        likes: counter(row, "likeCount", Metric::NotReady),
        replies: counter(row, "replyCount", Metric::NotReady),
        hidden: None,
    })
}

/// A post that names the account.
pub fn mention(media: Media) -> Mention {
    Mention {
        kind: MentionKind::Caption,
        media_id: None,
        external_id: media.external_id,
        author: media.author,
        text: media.caption,
        permalink: media.permalink,
        published_at: media.published_at,
        counters: media.counters,
    }
}

/// The limit of our address.
pub fn limits(_: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<u64>().ok());
    let (Some(limit), Some(remaining)) = (header("ratelimit-limit"), header("ratelimit-remaining")) else { return Vec::new() };
    let reset = header("ratelimit-reset").and_then(|at| DateTime::from_timestamp(i64::try_from(at).ok()?, 0));
    vec![Limit::counted(LimitScope::App, "", limit, remaining, reset, now)]
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(word) = text(&body, "error") else { return Refusal::of_status(answer, now) };
    let message = text(&body, "message").unwrap_or_default();
    let says = |part: &str| message.to_lowercase().contains(part);
    let kind = match (word.as_str(), answer.status) {
        (_, 429) | ("RateLimitExceeded", _) => ErrorKind::RateLimited { scope: LimitScope::App },
        ("NotFound", _) | (_, 404) => ErrorKind::NotFound,
        ("AccountTakedown" | "AccountDeactivated", _) => ErrorKind::Gone,
        ("BlockedActor" | "BlockedByActor", _) => ErrorKind::Private,
        ("InvalidRequest", _) if says("not found") || says("could not locate") || says("unable to resolve") => ErrorKind::NotFound,
        ("ExpiredToken", _) => ErrorKind::TokenExpired,
        ("InvalidToken" | "AuthMissing" | "AuthenticationRequired", _) => ErrorKind::NotSupported(crate::Capability::KeywordSearch),
        (_, 401 | 403) => ErrorKind::Private,
        (_, 500..) => ErrorKind::Transient,
        (_, 400..500) => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    let retry_at = matches!(kind, ErrorKind::RateLimited { .. }).then(|| crate::wire::after(now, answer.retry_after())).flatten();
    Some(Refusal::new(kind, format!("status {} {word}: {message}", answer.status)).until(retry_at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROFILE: &str = r#"{"did":"did:plc:z72i7hdynmk6r22z27h6tvur","handle":"ada.bsky.social","displayName":"Ada","description":"Bread","followersCount":2210,"followsCount":180,"postsCount":940}"#;
    const FEED: &str = r#"{"feed":[{"post":{"uri":"at://did:plc:z72i7hdynmk6r22z27h6tvur/app.bsky.feed.post/3k2","cid":"c","author":{"did":"did:plc:z72i7hdynmk6r22z27h6tvur","handle":"ada.bsky.social"},"record":{"$type":"app.bsky.feed.post","text":"Rye","createdAt":"2026-11-02T08:15:30.000Z"},"embed":{"$type":"app.bsky.embed.images#view","images":[{"thumb":"https://cdn.example/t.jpg","fullsize":"https://cdn.example/f.jpg","alt":""},{"thumb":"https://cdn.example/u.jpg"}]},"replyCount":1,"repostCount":3,"likeCount":25,"quoteCount":0,"indexedAt":"2026-11-02T08:15:31.000Z"}},{"post":{"uri":"at://x/app.bsky.feed.post/1"},"reason":{"$type":"app.bsky.feed.defs#reasonRepost"}}],"cursor":"2026"}"#;
    const THREAD: &str = r#"{"thread":{"$type":"app.bsky.feed.defs#threadViewPost","post":{"uri":"at://a/app.bsky.feed.post/1"},"replies":[{"post":{"uri":"at://b/app.bsky.feed.post/2","author":{"did":"did:plc:b","handle":"b.example"},"record":{"text":"素敵"},"likeCount":1},"replies":[{"post":{"uri":"at://c/app.bsky.feed.post/3","record":{"text":"yes"}}}]},{"$type":"app.bsky.feed.defs#blockedPost","blocked":true}]}}"#;
    const REFUSED: &str = r#"{"error":"InvalidRequest","message":"Profile not found"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = profile(PROFILE.as_bytes(), at()).unwrap();
        assert_eq!((ada.followers, ada.posts), (Metric::Value(2_210), Metric::Value(940)));
        let page = feed(FEED.as_bytes(), at()).unwrap();
        assert_eq!(
            (page.items.len(), page.left_out, page.next.unwrap().0.as_str()),
            (1, 0, "2026"),
            "what is passed on is not the author's"
        );
        let one = &page.items[0];
        assert_eq!((&one.format, one.counter(Measure::Reposts)), (&Format::Carousel, Metric::Value(3)));
        assert_eq!(one.permalink.as_ref().unwrap().as_str(), "https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur/post/3k2");
        let said = thread(THREAD.as_bytes(), "at://a/app.bsky.feed.post/1").unwrap();
        assert_eq!(said.items.iter().map(|c| c.parent_id.as_deref()).collect::<Vec<_>>(), [None, Some("at://b/app.bsky.feed.post/2")]);
        assert_eq!(said.left_out, 1);
        assert_eq!(refusal(&Response::of(400, &[], REFUSED), at()).unwrap().kind, ErrorKind::NotFound);
    }

    #[test]
    fn an_address_cannot_lead_elsewhere() {
        for strange in [
            "https://evil.example",
            "at://did:plc:a/app.bsky.feed.post/../x",
            "at://a b/app.bsky.feed.post/1",
            "at://a/app.bsky.feed.like/1",
        ] {
            assert_eq!(permalink(strange), None, "{strange}");
        }
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PROFILE, FEED, THREAD, REFUSED])) {
            let _ = (profile(&body, at()), feed(&body, at()), posts(&body, "x", at()), thread(&body, "x"));
            let _ = refusal(&Response::of(400, &[], body), at());
        }
    }
}
