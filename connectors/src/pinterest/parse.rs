//! What comes back from Pinterest. Pure.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    connector::{AccountType, Profile},
    content::{Author, Cursor, Format, Media, Page},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::{Measure, Reading},
    limits::Limit,
    metric::Metric,
    network::Network,
    wire::{Refusal, Unreadable, counter, decimal, id, list, number, object, text, time, web, web_address},
};

/// What accounts and pins are measured by.
pub const METRICS: &[(Measure, &str)] = &[
    (Measure::Impressions, "IMPRESSION"),
    (Measure::Saves, "SAVE"),
    (Measure::Clicks, "PIN_CLICK"),
    (Measure::LinkClicks, "OUTBOUND_CLICK"),
];

/// What accounts are measured by besides.
pub const ACCOUNT: &[(Measure, &str)] = &[
    (Measure::Impressions, "IMPRESSION"),
    (Measure::Interactions, "ENGAGEMENT"),
    (Measure::Saves, "SAVE"),
    (Measure::Clicks, "PIN_CLICK"),
    (Measure::LinkClicks, "OUTBOUND_CLICK"),
];

/// The grant's own account.
pub fn account(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let handle = text(&raw, "username").ok_or_else(|| Unreadable::without("username"))?;
    Ok(Profile {
        network: Network::Pinterest,
        // Older apps are not given the id.
        external_id: id(&raw, "id").unwrap_or_else(|| handle.clone()),
        handle,
        display_name: text(&raw, "business_name").unwrap_or_default(),
        biography: text(&raw, "about").unwrap_or_default(),
        website: text(&raw, "website_url"),
        picture_url: web(&raw, "profile_image"),
        account_type: match raw.get("account_type").and_then(Value::as_str) {
            Some("BUSINESS") => AccountType::Business,
            Some("PINNER") => AccountType::Personal,
            _ => AccountType::Unknown,
        },
        followers: counter(&raw, "follower_count", Metric::NotReady),
        following: counter(&raw, "following_count", Metric::NotReady),
        posts: counter(&raw, "pin_count", Metric::NotReady),
        endpoint: "pinterest /user_account".into(),
        fetched_at: now,
    })
}

/// A part of a list of pins.
pub fn pins(body: &[u8], now: DateTime<Utc>) -> Result<Page<Media>, Unreadable> {
    let raw = object(body)?;
    let (items, left_out) = crate::wire::rows(list(&raw, "items")?, |row| pin(row, now));
    Ok(Page { items, next: text(&raw, "bookmark").map(Cursor), left_out })
}

fn pin(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    let external_id = id(row, "id")?;
    let media = row.get("media").cloned().unwrap_or_default();
    let whole = row.get("pin_metrics").and_then(|metrics| metrics.get("lifetime_metrics")).filter(|metrics| metrics.is_object());
    let words = [
        (Measure::Impressions, "impression"),
        (Measure::Clicks, "pin_click"),
        (Measure::LinkClicks, "clickthrough"),
        (Measure::Reactions, "reaction"),
        (Measure::Comments, "comment"),
        (Measure::Saves, "save"),
    ];
    Some(Media {
        permalink: web_address(&format!("https://www.pinterest.com/pin/{external_id}/")),
        external_id,
        format: match media.get("media_type").and_then(Value::as_str) {
            Some("image") | None => Format::Image,
            Some("video") => Format::Video,
            Some("multiple_images" | "multiple_videos" | "multiple_mixed") => Format::Carousel,
            Some(other) => Format::Other(other.to_owned()),
        },
        caption: [text(row, "title"), text(row, "description")].into_iter().flatten().collect::<Vec<_>>().join("\n\n"),
        media_url: None,
        thumbnail_url: picture(&media),
        published_at: time(row, "created_at"),
        duration_seconds: None,
        author: Author { external_id: None, handle: row.get("board_owner").and_then(|owner| text(owner, "username")) },
        paid_partnership: None,
        counters: whole.map(|metrics| crate::wire::counters(metrics, &words)).unwrap_or_default(),
        endpoint: "pinterest /pins".into(),
        fetched_at: now,
    })
}

/// The largest picture under 800 pixels, or any; of a video its cover.
fn picture(media: &Value) -> Option<Url> {
    let images = media.get("images").or_else(|| media.get("items")?.get(0)?.get("images"));
    let of = |size: &str| web(images?.get(size)?, "url");
    ["600x", "400x300", "150x150", "1200x"].iter().find_map(|size| of(size)).or_else(|| web(media, "cover_image_url"))
}

/// Figures of a pin or an account: the window's sums and its days. What Pinterest has not counted yet is not ready.
pub fn analytics(body: &[u8], asked: &[(Measure, &'static str)]) -> Result<Vec<Reading>, Unreadable> {
    let raw = object(body)?;
    // Without a split there is one part, called `all`.
    let part = raw.get("all").or_else(|| raw.as_object().and_then(|map| map.values().next())).ok_or_else(|| Unreadable::without("all"))?;
    let days = part.get("daily_metrics").and_then(Value::as_array).cloned().unwrap_or_default();
    let sums = part.get("summary_metrics").cloned().unwrap_or_default();
    let mut readings = Vec::new();
    for (measure, word) in asked {
        let whole = match sums.get(word).filter(|value| !value.is_null()) {
            None => Metric::NotReady,
            Some(value) => whole_number(value).map_or(Metric::Failed, Metric::Value),
        };
        readings.push(Reading::new(*measure, word, whole));
        readings.extend(days.iter().filter_map(|day| {
            let date: NaiveDate = day.get("date")?.as_str()?.parse().ok()?;
            let value = day.get("metrics").and_then(|metrics| metrics.get(word)).and_then(whole_number);
            let metric = match (day.get("data_status").and_then(Value::as_str), value) {
                (Some("READY") | None, Some(n)) => Metric::Value(n),
                (Some("ESTIMATE"), Some(n)) => Metric::Estimated(n),
                (Some(status), _) if status.ends_with("SMALLER_THAN_THRESHOLD") => Metric::Suppressed { min: 0 },
                (Some(status), _) if status.starts_with("BEFORE_") => Metric::NotOffered,
                _ => Metric::NotReady,
            };
            Some(Reading::new(*measure, word, metric).day(date))
        }));
    }
    Ok(readings)
}

fn whole_number(value: &Value) -> Option<i64> {
    number(value).or_else(|| decimal(value).map(|f| f as i64)).filter(|n| *n >= 0)
}

/// Pinterest's headers of the standard draft, where it sends them.
pub fn limits(endpoint: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    // Such as `1000, 1000;w=86400`: the first number counts.
    let header = |name: &str| answer.header(name).and_then(|text| text.split([',', ';']).next()?.trim().parse::<u64>().ok());
    let (Some(limit), Some(remaining)) = (header("x-ratelimit-limit"), header("x-ratelimit-remaining")) else { return Vec::new() };
    let reset = header("x-ratelimit-reset").and_then(|s| i64::try_from(s).ok()).filter(|s| *s < 100_000_000);
    vec![Limit::counted(LimitScope::App, endpoint, limit, remaining, reset.map(|s| now + chrono::Duration::seconds(s)), now)]
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(message) = text(&body, "message") else { return Refusal::of_status(answer, now) };
    let code = body.get("code").and_then(number).unwrap_or(0);
    let says = |part: &str| message.to_lowercase().contains(part);
    let kind = match answer.status {
        401 => ErrorKind::TokenExpired,
        _ if says("business account") => ErrorKind::NotBusinessAccount,
        403 if says("scope") || says("permission") => ErrorKind::ScopeMissing { scope: scope_in(&message) },
        403 => ErrorKind::AppNotApproved,
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited { scope: LimitScope::App },
        500.. => ErrorKind::Transient,
        400..500 => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    let retry_at = matches!(kind, ErrorKind::RateLimited { .. }).then(|| crate::wire::after(now, answer.retry_after())).flatten();
    Some(Refusal::new(kind, format!("status {} code {code}: {message}", answer.status)).until(retry_at))
}

/// The scope that a sentence names, such as `pins:read`.
fn scope_in(message: &str) -> String {
    let word = |c: char| !(c.is_ascii_lowercase() || c == '_' || c == ':');
    message.split(word).find(|part| part.ends_with(":read") || part.ends_with(":write")).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT_BODY: &str = r#"{"account_type":"BUSINESS","id":"2783136121146311751","username":"ada","business_name":"Ada","follower_count":1180,"following_count":40,"monthly_views":64000,"pin_count":820,"board_count":21}"#;
    const PINS: &str = r#"{"items":[{"id":"800000000000000001","title":"Rye","description":"day 2","created_at":"2026-10-01T09:00:00","board_id":"5497","media":{"media_type":"image","images":{"600x":{"width":600,"height":900,"url":"https://i.example/600.jpg"}}},"pin_metrics":{"90d":{"impression":2},"lifetime_metrics":{"pin_click":7,"impression":2,"clickthrough":3,"reaction":10,"comment":2}}},{"id":"800000000000000002","pin_metrics":null}],"bookmark":"abc"}"#;
    const ANALYTICS: &str = r#"{"all":{"daily_metrics":[{"data_status":"READY","date":"2026-10-30","metrics":{"IMPRESSION":200,"SAVE":3}},{"data_status":"PROCESSING","date":"2026-10-31","metrics":{}},{"data_status":"ESTIMATE","date":"2026-11-01","metrics":{"IMPRESSION":40.0}}],"summary_metrics":{"IMPRESSION":240,"SAVE":20,"PIN_CLICK":37}}}"#;
    const REFUSED: &str = r#"{"code":3,"message":"Missing: ['pins:read'] scope"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = account(ACCOUNT_BODY.as_bytes(), at()).unwrap();
        assert_eq!((ada.account_type, ada.followers, ada.posts), (AccountType::Business, Metric::Value(1_180), Metric::Value(820)));
        let page = pins(PINS.as_bytes(), at()).unwrap();
        assert_eq!((page.items.len(), page.next.unwrap().0.as_str()), (2, "abc"));
        let first = &page.items[0];
        assert_eq!((first.counter(Measure::LinkClicks), first.counter(Measure::Comments)), (Metric::Value(3), Metric::Value(2)));
        assert_eq!((first.published_at.unwrap().timestamp(), first.thumbnail_url.is_some()), (1_790_845_200, true));
        assert!(page.items[1].counters.is_empty());
    }

    #[test]
    fn days_that_are_not_counted_yet_are_not_zero() {
        let readings = analytics(ANALYTICS.as_bytes(), METRICS).unwrap();
        let days: Vec<Metric> =
            readings.iter().filter(|r| r.measure == Measure::Impressions && r.day.is_some()).map(|r| r.metric).collect();
        assert_eq!(days, [Metric::Value(200), Metric::NotReady, Metric::Estimated(40)]);
        let whole = |measure| readings.iter().find(|r| r.measure == measure && r.day.is_none()).unwrap().metric;
        assert_eq!((whole(Measure::Impressions), whole(Measure::LinkClicks)), (Metric::Value(240), Metric::NotReady));
    }

    #[test]
    fn refusals_by_their_words() {
        let kind = |status: u16, body: &str| refusal(&Response::of(status, &[], body), at()).unwrap().kind;
        assert_eq!(kind(403, REFUSED), ErrorKind::ScopeMissing { scope: "pins:read".into() });
        assert_eq!(kind(401, r#"{"code":2,"message":"Authentication failed."}"#), ErrorKind::TokenExpired);
        assert_eq!(kind(400, r#"{"code":1,"message":"This needs a business account"}"#), ErrorKind::NotBusinessAccount);
        assert_eq!(
            kind(429, r#"{"code":8,"message":"You have exceeded your rate limit."}"#),
            ErrorKind::RateLimited { scope: LimitScope::App }
        );
        assert_eq!(kind(403, r#"{"code":29,"message":"Not permitted"}"#), ErrorKind::AppNotApproved);
        let limited = Response::of(
            200,
            &[("x-ratelimit-limit", "1000, 1000;w=86400"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60")],
            "",
        );
        assert_eq!(limits("pins", &limited, at())[0].blocked_until(at()), Some(at() + chrono::Duration::minutes(1)));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[ACCOUNT_BODY, PINS, ANALYTICS, REFUSED])) {
            let _ = (account(&body, at()), pins(&body, at()));
            if let Ok(readings) = analytics(&body, ACCOUNT) {
                prop_assert!(readings.iter().all(|r| r.metric.value().is_none_or(|n| n >= 0)));
            }
            let _ = refusal(&Response::of(403, &[], body), at());
        }
    }
}
