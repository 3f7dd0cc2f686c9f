//! What comes back from X. Pure. Both dialects are read, since X renames its words; an answer may hold errors beside its data.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::requests::PUBLIC;
use crate::{
    connector::{AccountType, Profile},
    content::{Author, Comment, Cursor, Format, Media, Mention, MentionKind, Page},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::Reading,
    limits::Limit,
    metric::Metric,
    network::Network,
    wire::{Refusal, Unreadable, counter, counters, id, number, object, small, text, time, web, web_address},
};

/// A user. Id and username must be there.
pub fn user(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let row = raw.get("data").ok_or_else(|| Unreadable::without("data"))?;
    let metrics = row.get("public_metrics").cloned().unwrap_or_default();
    let posts = match counter(&metrics, "post_count", Metric::NotReady) {
        Metric::NotReady => counter(&metrics, "tweet_count", Metric::NotReady),
        other => other,
    };
    Ok(Profile {
        network: Network::X,
        external_id: id(row, "id").ok_or_else(|| Unreadable::without("id"))?,
        handle: text(row, "username").ok_or_else(|| Unreadable::without("username"))?,
        display_name: text(row, "name").unwrap_or_default(),
        biography: text(row, "description").unwrap_or_default(),
        website: text(row, "url"),
        picture_url: web(row, "profile_image_url"),
        account_type: AccountType::Unknown,
        followers: counter(&metrics, "followers_count", Metric::NotReady),
        following: counter(&metrics, "following_count", Metric::NotReady),
        posts,
        endpoint: "x /2/users".into(),
        fetched_at: now,
    })
}

/// A part of a list of posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Posts {
    /// The rows.
    pub rows: Vec<Value>,
    /// Pictures and videos of theirs.
    pub media: Vec<Value>,
    /// Rows that X held back.
    pub held_back: usize,
    /// The next part.
    pub next: Option<Cursor>,
}

/// A part of a list of posts. No `data` is no post; counters that were asked for must be there.
pub fn posts(body: &[u8]) -> Result<Posts, Unreadable> {
    let raw = object(body)?;
    let array = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = array(raw.get("data"));
    // In the wrong dialect X leaves out what it does not understand.
    if !rows.is_empty() && rows.iter().all(|row| row.get("public_metrics").is_none()) {
        return Err(Unreadable::without("public_metrics"));
    }
    Ok(Posts {
        media: array(raw.get("includes").and_then(|includes| includes.get("media"))),
        held_back: array(raw.get("errors")).len(),
        next: raw.get("meta").and_then(|meta| text(meta, "next_token")).map(Cursor),
        rows,
    })
}

impl Posts {
    /// The rows as something of ours.
    pub fn page<T>(self, mut read: impl FnMut(&Value, &[Value]) -> Option<T>) -> Page<T> {
        let (items, unread) = crate::wire::rows(&self.rows, |row| read(row, &self.media));
        Page { items, next: self.next, left_out: self.held_back + unread }
    }
}

/// A post; `None` without an id.
pub fn post(row: &Value, media: &[Value], endpoint: &str, now: DateTime<Utc>) -> Option<Media> {
    let external_id = id(row, "id")?;
    let attachments = row.get("attachments").cloned().unwrap_or_default();
    let keys: Vec<&str> = attachments.get("media_keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let own: Vec<&Value> =
        media.iter().filter(|m| m.get("media_key").and_then(Value::as_str).is_some_and(|key| keys.contains(&key))).collect();
    let first = own.first().copied().cloned().unwrap_or_default();
    Some(Media {
        permalink: web_address(&format!("https://x.com/i/status/{external_id}")),
        external_id,
        format: format(&attachments, &own),
        caption: text(row, "text").unwrap_or_default(),
        media_url: web(&first, "url"),
        thumbnail_url: web(&first, "preview_image_url").or_else(|| web(&first, "url")),
        published_at: time(row, "created_at"),
        duration_seconds: first.get("duration_ms").and_then(number).map(|ms| small(ms / 1_000)),
        author: Author { external_id: id(row, "author_id"), handle: text(row, "username") },
        paid_partnership: row.get("paid_partnership").and_then(Value::as_bool),
        counters: public(row),
        endpoint: endpoint.to_owned(),
        fetched_at: now,
    })
}

fn public(row: &Value) -> Vec<Reading> {
    counters(row.get("public_metrics").unwrap_or(&Value::Null), PUBLIC)
}

fn format(attachments: &Value, media: &[&Value]) -> Format {
    let kinds: Vec<&str> = media.iter().filter_map(|m| m.get("type").and_then(Value::as_str)).collect();
    match kinds.as_slice() {
        _ if attachments.get("poll_ids").is_some_and(|ids| ids.as_array().is_some_and(|ids| !ids.is_empty())) => Format::Poll,
        [] => Format::Text,
        ["photo"] => Format::Image,
        ["video" | "animated_gif"] => Format::Video,
        [other] => Format::Other((*other).to_owned()),
        _ => Format::Carousel,
    }
}

/// Counters of a post, the owner's among them where X gives them; `young`: under thirty days old, so that it should.
pub fn readings(row: Option<&Value>, young: bool) -> Vec<Reading> {
    let own = |metric| super::requests::OWN.iter().map(move |(measure, word)| Reading::new(*measure, word, metric));
    let Some(row) = row else { return PUBLIC.iter().take(6).map(|(m, word)| Reading::new(*m, word, Metric::NotReady)).collect() };
    let mut readings = public(row);
    match row.get("non_public_metrics").filter(|metrics| metrics.is_object()) {
        Some(metrics) => readings.extend(
            super::requests::OWN.iter().map(|(measure, word)| Reading::new(*measure, word, counter(metrics, word, Metric::NotReady))),
        ),
        None => readings.extend(own(if young { Metric::NotReady } else { Metric::NotOffered })),
    }
    readings
}

/// An answer to a post; `None` without an id.
pub fn reply(row: &Value, media_id: &str) -> Option<Comment> {
    let metrics = row.get("public_metrics").cloned().unwrap_or_default();
    Some(Comment {
        external_id: id(row, "id")?,
        media_id: media_id.to_owned(),
        parent_id: None,
        author: Author { external_id: id(row, "author_id"), handle: text(row, "username") },
        text: text(row, "text").unwrap_or_default(),
        published_at: time(row, "created_at"),
        likes: counter(&metrics, "like_count", Metric::NotReady),
        replies: counter(&metrics, "reply_count", Metric::NotReady),
        hidden: None,
    })
}

/// A post that names the account; `None` without an id.
pub fn mention(row: &Value) -> Option<Mention> {
    let external_id = id(row, "id")?;
    let conversation = id(row, "conversation_id").filter(|conversation| *conversation != external_id);
    Some(Mention {
        kind: if conversation.is_some() { MentionKind::Reply } else { MentionKind::Caption },
        media_id: conversation,
        permalink: web_address(&format!("https://x.com/i/status/{external_id}")),
        external_id,
        author: Author { external_id: id(row, "author_id"), handle: text(row, "username") },
        text: text(row, "text").unwrap_or_default(),
        published_at: time(row, "created_at"),
        counters: public(row),
    })
}

/// The limit of an endpoint for one person.
pub fn limits(endpoint: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<u64>().ok());
    let (Some(limit), Some(remaining)) = (header("x-rate-limit-limit"), header("x-rate-limit-remaining")) else { return Vec::new() };
    let reset = header("x-rate-limit-reset").and_then(|at| DateTime::from_timestamp(i64::try_from(at).ok()?, 0));
    vec![Limit::counted(LimitScope::User, endpoint, limit, remaining, reset, now)]
}

/// Reads a refusal; `None` if the answer is none. Errors beside data are none; errors in the place of data are one.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.is_success() {
        let alone = body.get("data").is_none().then(|| body.get("errors").and_then(|errors| errors.get(0))).flatten()?;
        return Some(problem(alone, answer, now));
    }
    let has_problem = text(&body, "type").is_some() || text(&body, "title").is_some() || body.get("errors").is_some();
    match has_problem {
        true => Some(problem(&body, answer, now)),
        false => Refusal::of_status(answer, now),
    }
}

fn problem(row: &Value, answer: &Response, now: DateTime<Utc>) -> Refusal {
    let kind = text(row, "type").unwrap_or_default();
    let name = kind.rsplit('/').next().unwrap_or_default();
    let kind = match (name, answer.status) {
        ("rate-limit-exceeded", _) => ErrorKind::RateLimited { scope: LimitScope::User },
        // Money and not time: only the operator can lift it.
        ("usage-capped", _) => ErrorKind::QuotaExhausted,
        ("client-forbidden" | "client-not-enrolled" | "unsupported-authentication", _) => ErrorKind::AppNotApproved,
        ("not-authorized-for-resource", _) => ErrorKind::Private,
        ("resource-not-found", _) => ErrorKind::NotFound,
        ("resource-unavailable" | "disallowed-resource", _) => ErrorKind::Gone,
        ("invalid-request" | "not-authorized-for-field" | "field-unauthorized", _) => ErrorKind::Bug,
        ("internal-error" | "field-hydration-failure", _) => ErrorKind::Transient,
        (_, 429) => ErrorKind::RateLimited { scope: LimitScope::User },
        (_, 401) => ErrorKind::TokenExpired,
        (_, 403) => ErrorKind::ScopeMissing { scope: String::new() },
        (_, 404) => ErrorKind::NotFound,
        (_, 500..) => ErrorKind::Transient,
        (_, 400..500) => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    let detail = text(row, "detail").or_else(|| text(row, "title")).unwrap_or_default();
    let retry_at = matches!(kind, ErrorKind::RateLimited { .. }).then(|| crate::wire::after(now, answer.retry_after())).flatten();
    Refusal::new(kind, format!("status {} {name}: {detail}", answer.status)).until(retry_at)
}

/// The counters of posts by id, for insights.
pub fn by_id(rows: &[Value], wanted: &str) -> Option<Value> {
    rows.iter().find(|row| id(row, "id").as_deref() == Some(wanted)).cloned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::insights::Measure;

    const USER: &str = r#"{"data":{"id":"1700000000000000001","username":"ada","name":"Ada","public_metrics":{"followers_count":2210,"following_count":180,"tweet_count":940,"listed_count":12,"like_count":3301,"media_count":77}}}"#;
    const POSTS: &str = r#"{"data":[{"id":"1990000000000000005","text":"hello","created_at":"2026-11-19T12:00:00.000Z","attachments":{"media_keys":["3_1"]},"public_metrics":{"retweet_count":3,"reply_count":1,"like_count":25,"quote_count":0,"bookmark_count":2,"impression_count":1804},"paid_partnership":true}],"includes":{"media":[{"media_key":"3_1","type":"photo","url":"https://pbs.example/1.jpg"}]},"errors":[{"resource_id":"199","resource_type":"tweet","type":"https://api.x.com/2/problems/resource-not-found","title":"Not Found Error","detail":"m"}],"meta":{"result_count":1,"next_token":"7140"}}"#;
    const RENAMED: &str = r#"{"data":[{"id":"1","text":"x","public_metrics":{"repost_count":3,"reply_count":1,"like_count":25,"quote_count":0,"bookmark_count":2,"impression_count":1804},"non_public_metrics":{"engagements":40,"url_link_clicks":3,"user_profile_clicks":"7"}}]}"#;
    const LIMITED: &str =
        r#"{"type":"https://api.x.com/2/problems/rate-limit-exceeded","title":"Too Many Requests","status":429,"detail":"m"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = user(USER.as_bytes(), at()).unwrap();
        assert_eq!((ada.followers, ada.posts), (Metric::Value(2_210), Metric::Value(940)));
        let renamed = USER.replace("tweet_count", "post_count");
        assert_eq!(user(renamed.as_bytes(), at()).unwrap().posts, Metric::Value(940));
        let page = posts(POSTS.as_bytes()).unwrap().page(|row, media| post(row, media, "x", at()));
        assert_eq!((page.left_out, page.next.clone().unwrap().0.as_str()), (1, "7140"), "errors beside data");
        let one = &page.items[0];
        assert_eq!((&one.format, one.paid_partnership, one.counter(Measure::Reposts)), (&Format::Image, Some(true), Metric::Value(3)));
        let found = posts(RENAMED.as_bytes()).unwrap();
        let readings = readings(found.rows.first(), true);
        let of = |measure| readings.iter().find(|r| r.measure == measure).unwrap().metric;
        assert_eq!((of(Measure::Reposts), of(Measure::ProfileVisits)), (Metric::Value(3), Metric::Value(7)));
    }

    #[test]
    fn the_wrong_dialect_is_noticed() {
        assert!(posts(br#"{"data":[{"id":"1","text":"x"}]}"#).is_err());
        assert!(posts(br#"{"meta":{"result_count":0}}"#).unwrap().rows.is_empty());
    }

    #[test]
    fn what_only_the_owner_sees_is_not_offered_for_old_posts() {
        let row = serde_json::json!({"id": "1", "public_metrics": {"like_count": 1}});
        let own = |young| readings(Some(&row), young).iter().find(|r| r.measure == Measure::LinkClicks).unwrap().metric;
        assert_eq!((own(true), own(false)), (Metric::NotReady, Metric::NotOffered));
        assert!(readings(None, true).iter().all(|r| r.metric == Metric::NotReady));
    }

    #[test]
    fn every_problem_has_its_kind() {
        let kind = |status: u16, name: &str| {
            let body = format!(r#"{{"type":"https://api.x.com/2/problems/{name}","title":"t","status":{status},"detail":"d"}}"#);
            refusal(&Response::of(status, &[], body), at()).unwrap().kind
        };
        for (status, name, wanted) in [
            (429, "rate-limit-exceeded", ErrorKind::RateLimited { scope: LimitScope::User }),
            (429, "usage-capped", ErrorKind::QuotaExhausted),
            (403, "client-forbidden", ErrorKind::AppNotApproved),
            (403, "about:blank", ErrorKind::ScopeMissing { scope: String::new() }),
            (401, "about:blank", ErrorKind::TokenExpired),
            (400, "invalid-request", ErrorKind::Bug),
            (503, "", ErrorKind::Transient),
        ] {
            assert_eq!(kind(status, name), wanted, "{status} {name}");
        }
        let partial = |problem: &str| {
            let body = format!(r#"{{"errors":[{{"type":"https://api.x.com/2/problems/{problem}","title":"t","detail":"d"}}]}}"#);
            refusal(&Response::of(200, &[], body), at()).map(|r| r.kind)
        };
        assert_eq!(partial("not-authorized-for-resource"), Some(ErrorKind::Private), "errors in the place of data");
        assert_eq!(partial("resource-not-found"), Some(ErrorKind::NotFound));
        assert_eq!(refusal(&Response::of(200, &[], POSTS), at()), None);
        let limited = Response::of(
            429,
            &[("x-rate-limit-limit", "900"), ("x-rate-limit-remaining", "0"), ("x-rate-limit-reset", "1793600900")],
            LIMITED,
        );
        assert_eq!(limits("posts", &limited, at())[0].blocked_until(at()), DateTime::from_timestamp(1_793_600_900, 0));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[USER, POSTS, RENAMED, LIMITED])) {
            let _ = user(&body, at());
            if let Ok(found) = posts(&body) {
                for row in &found.rows {
                    let _ = (post(row, &found.media, "x", at()), readings(Some(row), true), reply(row, "1"), mention(row));
                }
            }
            for status in [200, 403, 429] {
                let hostile = Response::of(status, &[("x-rate-limit-limit", "-1"), ("x-rate-limit-remaining", "x")], body.clone());
                let _ = (refusal(&hostile, at()), limits("x", &hostile, at()));
            }
        }
    }
}
