//! What comes back from TikTok, and what it sends by itself. Pure. `error` stands in every answer, with the code `ok` in good ones.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use crate::{
    connector::{AccountType, Profile},
    content::{Author, Cursor, Format, Media, Page},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::{Measure, Reading},
    limits::Limit,
    metric::Metric,
    network::Network,
    secret::Secret,
    webhook::{Encoding, Event, EventKind, RawRequest, WebhookError, key_of, verify},
    wire::{Refusal, Unreadable, counter, counters, id, list, number, object, small, text, unix, web},
};

/// What users are asked for with all scopes; see [`user_fields`].
const BASIC: &str = "open_id,union_id,avatar_url,display_name";
const PROFILE: &str = "bio_description,profile_deep_link,is_verified,username";
const STATS: &str = "follower_count,following_count,likes_count,video_count";

/// What videos are asked for.
pub const VIDEO_FIELDS: &str =
    "id,create_time,cover_image_url,share_url,video_description,duration,title,like_count,comment_count,share_count,view_count";

const COUNTERS: &[(Measure, &str)] = &[
    (Measure::Views, "view_count"),
    (Measure::Likes, "like_count"),
    (Measure::Comments, "comment_count"),
    (Measure::Shares, "share_count"),
];

/// TikTok refuses a whole call for one field without its scope, and people may grant a part.
pub fn user_fields(granted: impl Fn(&str) -> bool) -> String {
    let parts = [(true, BASIC), (granted("user.info.profile"), PROFILE), (granted("user.info.stats"), STATS)];
    parts.iter().filter(|(given, _)| *given).map(|(_, fields)| *fields).collect::<Vec<_>>().join(",")
}

/// A user. Without the scope of the counters they are not granted.
pub fn user(body: &[u8], counted: bool, now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let row = raw.get("data").and_then(|data| data.get("user")).ok_or_else(|| Unreadable::without("data.user"))?;
    let missing = if counted { Metric::NotReady } else { Metric::NotGranted };
    let external_id = id(row, "open_id").ok_or_else(|| Unreadable::without("open_id"))?;
    Ok(Profile {
        network: Network::Tiktok,
        handle: text(row, "username").unwrap_or_else(|| external_id.clone()),
        external_id,
        display_name: text(row, "display_name").unwrap_or_default(),
        biography: text(row, "bio_description").unwrap_or_default(),
        website: None,
        picture_url: web(row, "avatar_url"),
        account_type: AccountType::Unknown,
        followers: counter(row, "follower_count", missing),
        following: counter(row, "following_count", missing),
        posts: counter(row, "video_count", missing),
        endpoint: "tiktok /v2/user/info/".into(),
        fetched_at: now,
    })
}

/// A part of a list of videos. The cursor is a time in milliseconds and comes with the last part too.
pub fn videos(body: &[u8], now: DateTime<Utc>) -> Result<Page<Media>, Unreadable> {
    let raw = object(body)?;
    let data = raw.get("data").ok_or_else(|| Unreadable::without("data"))?;
    let (items, left_out) = crate::wire::rows(list(data, "videos")?, |row| video(row, now));
    let more = data.get("has_more").and_then(Value::as_bool) == Some(true);
    let next = data.get("cursor").and_then(number).filter(|_| more).map(|cursor| Cursor(cursor.to_string()));
    Ok(Page { items, next, left_out })
}

fn video(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    Some(Media {
        external_id: id(row, "id")?,
        // The list holds public videos; TikTok does not tell which of them are made of pictures.
        format: Format::Short,
        caption: text(row, "video_description").or_else(|| text(row, "title")).unwrap_or_default(),
        permalink: web(row, "share_url"),
        media_url: None,
        // Lives six hours.
        thumbnail_url: web(row, "cover_image_url"),
        published_at: unix(row, "create_time"),
        duration_seconds: row.get("duration").and_then(number).map(small),
        author: Author::default(),
        paid_partnership: None,
        counters: counters(row, COUNTERS),
        endpoint: "tiktok /v2/video/list/".into(),
        fetched_at: now,
    })
}

/// The counters of one of the videos asked for; gone ones have none.
pub fn readings(found: &[Media], wanted: &str) -> Vec<Reading> {
    match found.iter().find(|media| media.external_id == wanted) {
        Some(media) => media.counters.clone(),
        None => COUNTERS.iter().map(|(measure, word)| Reading::new(*measure, word, Metric::NotOffered)).collect(),
    }
}

/// TikTok tells no limits in headers.
pub fn limits(_: &'static str, _: &Response, _: DateTime<Utc>) -> Vec<Limit> {
    Vec::new()
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(error) = body.get("error").filter(|error| error.is_object()) else { return Refusal::of_status(answer, now) };
    let code = text(error, "code").unwrap_or_default();
    if code == "ok" && answer.is_success() {
        return None;
    }
    let kind = match (code.as_str(), answer.status) {
        ("access_token_invalid", _) => ErrorKind::TokenExpired,
        ("scope_not_authorized" | "scope_permission_missed", _) => ErrorKind::ScopeMissing { scope: String::new() },
        ("rate_limit_exceeded", _) => ErrorKind::RateLimited { scope: LimitScope::App },
        ("internal_error", _) => ErrorKind::Transient,
        ("invalid_file_upload" | "invalid_params", _) => ErrorKind::Bug,
        (_, 401) => ErrorKind::TokenExpired,
        (_, 404) => ErrorKind::NotFound,
        (_, 429) => ErrorKind::RateLimited { scope: LimitScope::App },
        (_, 500..) => ErrorKind::Transient,
        (_, 400..500) => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    let detail = format!(
        "status {} {code} log {}: {}",
        answer.status,
        text(error, "log_id").unwrap_or_default(),
        text(error, "message").unwrap_or_default()
    );
    // A sliding minute.
    let wait = answer.retry_after().unwrap_or(std::time::Duration::from_secs(60));
    let retry_at = matches!(kind, ErrorKind::RateLimited { .. }).then(|| crate::wire::after(now, Some(wait))).flatten();
    Some(Refusal::new(kind, detail).until(retry_at))
}

/// TikTok delivers again for so long.
const RETRIED: i64 = 72;

/// The event of a signed body: `TikTok-Signature: t=…,s=…` over time, dot and body.
pub fn events(request: &RawRequest, secret: &Secret, now: DateTime<Utc>) -> Result<Vec<Event>, WebhookError> {
    let header = request.header("tiktok-signature").ok_or(WebhookError::Unsigned)?;
    let part = |name: &str| header.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (Some(time), Some(sent)) = (part("t"), part("s")) else { return Err(WebhookError::Unsigned) };
    verify(secret, &[time.as_bytes(), b".", &request.body], sent, Encoding::Hex)?;
    let at = time.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0)).ok_or(WebhookError::Unsigned)?;
    if (now - at).abs() > Duration::hours(RETRIED) {
        return Err(WebhookError::Stale);
    }
    event(&request.body).map(|event| vec![event])
}

/// The event of a body. Its `content` is JSON inside a string.
pub fn event(body: &[u8]) -> Result<Event, WebhookError> {
    let raw = object(body).map_err(|_| WebhookError::Unreadable)?;
    let word = text(&raw, "event").ok_or(WebhookError::Unreadable)?;
    let account = id(&raw, "user_openid");
    let content = text(&raw, "content").unwrap_or_default();
    let payload: Value = serde_json::from_str(&content).unwrap_or_else(|_| json!({ "content": content }));
    let kind = match word.as_str() {
        "authorization.removed" => EventKind::Revoked,
        "video.publish.completed" | "video.upload.failed" | "post.publish.complete" | "post.publish.publicly_available" => {
            EventKind::Publication
        }
        other => EventKind::Other(other.to_owned()),
    };
    let at = unix(&raw, "create_time");
    let dedupe_key =
        key_of(Network::Tiktok, &[&word, &account.as_deref().unwrap_or_default(), &at.map_or(0, |at| at.timestamp()), &content]);
    let object = id(&payload, "post_id").or_else(|| id(&payload, "share_id"));
    Ok(Event { network: Network::Tiktok, kind, account, object, at, dedupe_key, payload })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::webhook::mac;

    const USER: &str = r#"{"data":{"user":{"open_id":"-000abc","display_name":"Ada","follower_count":77120,"following_count":90,"likes_count":910044,"video_count":145,"is_verified":false}},"error":{"code":"ok","message":"","log_id":"2026"}}"#;
    const VIDEOS: &str = r#"{"data":{"videos":[{"id":"7080000000000000001","create_time":1793600000,"cover_image_url":"https://p16.example/c.jpg","share_url":"https://www.tiktok.com/@ada/video/7","video_description":"rye #bread","duration":15,"like_count":41,"comment_count":3,"share_count":2,"view_count":1804}],"cursor":1793600000000,"has_more":true},"error":{"code":"ok","message":"","log_id":"2026"}}"#;
    const EXPIRED: &str = r#"{"data":{},"error":{"code":"access_token_invalid","message":"m","log_id":"2026"}}"#;
    const REMOVED: &str =
        r#"{"client_key":"k","event":"authorization.removed","create_time":1793600000,"user_openid":"-000abc","content":"{\"reason\":1}"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = user(USER.as_bytes(), true, at()).unwrap();
        assert_eq!((ada.external_id.as_str(), ada.followers, ada.posts), ("-000abc", Metric::Value(77_120), Metric::Value(145)));
        let page = videos(VIDEOS.as_bytes(), at()).unwrap();
        assert_eq!((page.next.unwrap().0.as_str(), page.items[0].counter(Measure::Views)), ("1793600000000", Metric::Value(1_804)));
        let last = videos(VIDEOS.replace("true", "false").as_bytes(), at()).unwrap();
        assert_eq!(last.next, None, "the cursor of the last part leads nowhere");
        assert_eq!(refusal(&Response::of(200, &[], USER), at()), None);
        assert_eq!(refusal(&Response::of(401, &[], EXPIRED), at()).unwrap().kind, ErrorKind::TokenExpired);
        let limited = refusal(&Response::of(429, &[], EXPIRED.replace("access_token_invalid", "rate_limit_exceeded")), at()).unwrap();
        assert_eq!(limited.retry_at, Some(at() + Duration::minutes(1)));
    }

    #[test]
    fn only_granted_fields_are_asked_for() {
        assert_eq!(user_fields(|_| false), BASIC);
        assert!(user_fields(|scope| scope == "user.info.stats").ends_with("video_count"));
        let bare = r#"{"data":{"user":{"open_id":"1"}},"error":{"code":"ok"}}"#;
        assert_eq!(user(bare.as_bytes(), false, at()).unwrap().followers, Metric::NotGranted);
    }

    #[test]
    fn signed_events() {
        let signed = |time: i64, secret: &str| {
            let signature = hex::encode(mac(&secret.into(), &[time.to_string().as_bytes(), b".", REMOVED.as_bytes()]).unwrap());
            let headers = Response::of(200, &[("TikTok-Signature", &format!("t={time},s={signature}"))], "").headers;
            RawRequest { headers, body: REMOVED.into(), ..RawRequest::default() }
        };
        let now = at().timestamp();
        let found = events(&signed(now, "s"), &"s".into(), at()).unwrap();
        assert_eq!((&found[0].kind, found[0].account.as_deref()), (&EventKind::Revoked, Some("-000abc")));
        assert_eq!(events(&signed(now, "t"), &"s".into(), at()), Err(WebhookError::Forged));
        assert_eq!(events(&signed(now - 73 * 3_600, "s"), &"s".into(), at()), Err(WebhookError::Stale));
        assert_eq!(events(&RawRequest::default(), &"s".into(), at()), Err(WebhookError::Unsigned));
        let other_time = RawRequest { body: REMOVED.replace('1', "2").into(), ..signed(now, "s") };
        assert_eq!(events(&other_time, &"s".into(), at()), Err(WebhookError::Forged));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[USER, VIDEOS, EXPIRED, REMOVED])) {
            let _ = (user(&body, true, at()), videos(&body, at()), event(&body));
            for status in [200, 401, 429] {
                let _ = refusal(&Response::of(status, &[], body.clone()), at());
            }
        }
    }
}
