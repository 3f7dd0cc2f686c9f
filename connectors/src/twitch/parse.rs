//! What comes back from Twitch. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    connector::{AccountType, Profile},
    content::{Author, Cursor, Format, Media},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::{Measure, Reading},
    limits::Limit,
    metric::Metric,
    network::Network,
    secret::Secret,
    wire::{Refusal, Unreadable, counter, counters, decimal, id, list, object, small, text, time, web},
};

/// That a token lives. A page of something in between is no such word.
pub fn validated(body: &[u8]) -> Result<(), Unreadable> {
    let raw = object(body)?;
    id(&raw, "user_id").or_else(|| text(&raw, "login")).map(drop).ok_or_else(|| Unreadable::without("user_id"))
}

/// The users of an answer; counts of followers are another call.
pub fn users(body: &[u8], now: DateTime<Utc>) -> Result<Vec<Profile>, Unreadable> {
    let raw = object(body)?;
    let user = |row: &Value| {
        Some(Profile {
            network: Network::Twitch,
            external_id: id(row, "id")?,
            handle: text(row, "login")?,
            display_name: text(row, "display_name").unwrap_or_default(),
            biography: text(row, "description").unwrap_or_default(),
            website: None,
            picture_url: web(row, "profile_image_url"),
            account_type: match row.get("broadcaster_type").and_then(Value::as_str) {
                Some("partner" | "affiliate") => AccountType::Creator,
                _ => AccountType::Unknown,
            },
            followers: Metric::NotReady,
            following: Metric::NotOffered,
            posts: Metric::NotOffered,
            endpoint: "twitch /users".into(),
            fetched_at: now,
        })
    };
    Ok(list(&raw, "data")?.iter().filter_map(user).collect())
}

/// How many follow; the number comes without any scope.
pub fn followers(body: &[u8]) -> Result<Metric, Unreadable> {
    Ok(counter(&object(body)?, "total", Metric::NotReady))
}

/// Rows and the next part; an empty `pagination` is the end.
pub fn part(body: &[u8]) -> Result<(Vec<Value>, Option<Cursor>), Unreadable> {
    let raw = object(body)?;
    let next = raw.get("pagination").and_then(|pagination| text(pagination, "cursor")).map(Cursor);
    Ok((list(&raw, "data")?.to_vec(), next))
}

/// A recording, highlight or upload; `None` without an id.
pub fn video(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    // The picture's address has places for its size.
    let picture = text(row, "thumbnail_url").map(|url| url.replace("%{width}", "640").replace("%{height}", "360"));
    Some(Media {
        external_id: id(row, "id")?,
        format: match row.get("type").and_then(Value::as_str) {
            Some("archive") => Format::Recording,
            Some("highlight") => Format::Clip,
            Some("upload") => Format::Video,
            other => Format::Other(other.unwrap_or("unknown").to_owned()),
        },
        caption: [text(row, "title"), text(row, "description")].into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        permalink: web(row, "url"),
        media_url: None,
        thumbnail_url: picture.and_then(|url| crate::wire::web_address(&url)),
        published_at: time(row, "published_at").or_else(|| time(row, "created_at")),
        duration_seconds: text(row, "duration").and_then(|d| seconds(&d)),
        author: Author { external_id: id(row, "user_id"), handle: text(row, "user_login") },
        paid_partnership: None,
        counters: counters(row, &[(Measure::Views, "view_count")]),
        endpoint: "twitch /videos".into(),
        fetched_at: now,
    })
}

/// A clip; `None` without an id. Who cut it out is told, but it is the broadcaster's.
pub fn clip(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    Some(Media {
        external_id: id(row, "id")?,
        format: Format::Clip,
        caption: text(row, "title").unwrap_or_default(),
        permalink: web(row, "url"),
        media_url: None,
        thumbnail_url: web(row, "thumbnail_url"),
        published_at: time(row, "created_at"),
        duration_seconds: row.get("duration").and_then(decimal).map(|s| small(s as i64)),
        author: Author { external_id: id(row, "broadcaster_id"), handle: None },
        paid_partnership: None,
        counters: counters(row, &[(Measure::Views, "view_count")]),
        endpoint: "twitch /clips".into(),
        fetched_at: now,
    })
}

/// The broadcast that is on now; `None` without an id. Its viewers are those of this moment.
pub fn stream(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    let login = text(row, "user_login");
    let picture = text(row, "thumbnail_url").map(|url| url.replace("{width}", "640").replace("{height}", "360"));
    Some(Media {
        external_id: id(row, "id")?,
        format: Format::Live,
        caption: text(row, "title").unwrap_or_default(),
        permalink: login.as_ref().and_then(|login| crate::wire::web_address(&format!("https://www.twitch.tv/{login}"))),
        media_url: None,
        thumbnail_url: picture.and_then(|url| crate::wire::web_address(&url)),
        published_at: time(row, "started_at"),
        duration_seconds: None,
        author: Author { external_id: id(row, "user_id"), handle: login },
        paid_partnership: None,
        counters: vec![Reading::new(Measure::LiveViewers, "viewer_count", counter(row, "viewer_count", Metric::NotReady))],
        endpoint: "twitch /streams".into(),
        fetched_at: now,
    })
}

/// Durations as Twitch writes them: `2h5m10s`.
pub fn seconds(duration: &str) -> Option<u32> {
    let (mut total, mut digits) = (0u64, String::new());
    for c in duration.chars() {
        let unit = match c {
            '0'..='9' if digits.len() < 9 => {
                digits.push(c);
                continue;
            }
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        total += digits.parse::<u64>().ok()? * unit;
        digits.clear();
    }
    if digits.is_empty() && !duration.is_empty() { u32::try_from(total).ok() } else { None }
}

/// The app's own token.
pub fn app_token(body: &[u8]) -> Result<Secret, Unreadable> {
    text(&object(body)?, "access_token").map(Secret::from).ok_or_else(|| Unreadable::without("access_token"))
}

/// Points of the app and person, in a bucket that fills again by itself.
pub fn limits(_: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<u64>().ok());
    let (Some(limit), Some(remaining)) = (header("ratelimit-limit"), header("ratelimit-remaining")) else { return Vec::new() };
    let reset = header("ratelimit-reset").and_then(|at| DateTime::from_timestamp(i64::try_from(at).ok()?, 0));
    vec![Limit::counted(LimitScope::User, "", limit, remaining, reset, now)]
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(message) = text(&body, "message").or_else(|| text(&body, "error")) else { return Refusal::of_status(answer, now) };
    let says = |part: &str| message.to_lowercase().contains(part);
    let kind = match answer.status {
        401 if says("missing scope") => ErrorKind::ScopeMissing { scope: scope_in(&message) },
        401 if says("client id") => ErrorKind::AppNotApproved,
        401 => ErrorKind::TokenExpired,
        403 => ErrorKind::Private,
        404 => ErrorKind::NotFound,
        410 => ErrorKind::Contract,
        429 => ErrorKind::RateLimited { scope: LimitScope::User },
        500.. => ErrorKind::Transient,
        400..500 => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    Some(Refusal::new(kind, format!("status {}: {message}", answer.status)))
}

/// The scope that "Missing scope: moderator:read:followers" names.
fn scope_in(message: &str) -> String {
    message.split([' ', ',']).find(|word| word.matches(':').count() >= 2).unwrap_or_default().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USERS: &str = r#"{"data":[{"id":"141981764","login":"ada","display_name":"Ada","type":"","broadcaster_type":"partner","description":"Bread","profile_image_url":"https://static.example/a.png","view_count":5980557,"created_at":"2016-12-14T20:32:28Z"}]}"#;
    const FOLLOWERS: &str = r#"{"total":8,"data":[],"pagination":{}}"#;
    const VIDEOS: &str = r#"{"data":[{"id":"335921245","user_id":"141981764","user_login":"ada","title":"Rye","description":"","created_at":"2018-11-14T21:30:18Z","published_at":"2018-11-14T22:04:30Z","url":"https://www.twitch.tv/videos/335921245","thumbnail_url":"https://static.example/%{width}x%{height}.jpg","view_count":1863062,"type":"archive","duration":"3m21s"}],"pagination":{"cursor":"eyJi"}}"#;
    const CLIPS: &str = r#"{"data":[{"id":"Random","url":"https://clips.twitch.tv/Random","broadcaster_id":"1","creator_id":"2","title":"t","view_count":10,"created_at":"2017-11-30T22:34:18Z","thumbnail_url":"https://clips.example/x.jpg","duration":12.9}],"pagination":{}}"#;
    const STREAMS: &str = r#"{"data":[{"id":"40952121085","user_id":"1","user_login":"ada","type":"live","title":"now","viewer_count":325,"started_at":"2021-03-10T03:18:11Z","thumbnail_url":"https://static.example/{width}x{height}.jpg"}]}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = &users(USERS.as_bytes(), at()).unwrap()[0];
        assert_eq!((ada.handle.as_str(), ada.account_type, ada.followers), ("ada", AccountType::Creator, Metric::NotReady));
        assert_eq!(followers(FOLLOWERS.as_bytes()).unwrap(), Metric::Value(8));
        let (rows, next) = part(VIDEOS.as_bytes()).unwrap();
        let recording = video(&rows[0], at()).unwrap();
        assert_eq!((&recording.format, recording.duration_seconds, next.unwrap().0.as_str()), (&Format::Recording, Some(201), "eyJi"));
        assert_eq!(recording.thumbnail_url.unwrap().as_str(), "https://static.example/640x360.jpg");
        let (rows, next) = part(CLIPS.as_bytes()).unwrap();
        assert_eq!((clip(&rows[0], at()).unwrap().duration_seconds, next), (Some(12), None));
        let (rows, _) = part(STREAMS.as_bytes()).unwrap();
        assert_eq!(stream(&rows[0], at()).unwrap().counter(Measure::LiveViewers), Metric::Value(325));
    }

    #[test]
    fn refusals_by_their_words() {
        let kind = |status: u16, message: &str| {
            refusal(&Response::of(status, &[], format!(r#"{{"status":{status},"message":"{message}"}}"#)), at()).unwrap().kind
        };
        assert_eq!(kind(401, "Invalid OAuth token"), ErrorKind::TokenExpired);
        assert_eq!(
            kind(401, "Missing scope: moderator:read:followers"),
            ErrorKind::ScopeMissing { scope: "moderator:read:followers".into() }
        );
        assert_eq!(kind(401, "Client ID and OAuth token do not match"), ErrorKind::AppNotApproved);
        assert_eq!(kind(429, "Too Many Requests"), ErrorKind::RateLimited { scope: LimitScope::User });
        assert_eq!(kind(400, "bad"), ErrorKind::Bug);
        assert_eq!(refusal(&Response::of(503, &[], "<html>"), at()).unwrap().kind, ErrorKind::Transient);
    }

    #[test]
    fn durations() {
        for (text, wanted) in [("2h5m10s", Some(7_510)), ("3m21s", Some(201)), ("", None), ("5", None), ("1d", None), ("s", None)] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[USERS, FOLLOWERS, VIDEOS, CLIPS, STREAMS])) {
            let _ = (users(&body, at()), followers(&body), app_token(&body));
            if let Ok((rows, _)) = part(&body) {
                for row in &rows {
                    let _ = (video(row, at()), clip(row, at()), stream(row, at()));
                }
            }
            let _ = refusal(&Response::of(401, &[], body), at());
        }

        #[test]
        fn no_text_breaks_a_duration(text in "[0-9hmsx]{0,20}") {
            let _ = seconds(&text);
        }
    }
}
