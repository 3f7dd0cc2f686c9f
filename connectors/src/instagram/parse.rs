//! What came back from the Graph API. Pure and tolerant: unknown fields are ignored, counters may be numbers or strings, what is
//! optional may be missing or of a wrong type; only what nothing works without must be right.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    connector::{AccountType, Profile, Usage},
    error::{ErrorKind, LimitScope},
    http::Response,
    metric::Metric,
    network::Network,
    secret::Secret,
};

/// An answer that is not what the network documents. Says where, never what: the body may hold a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer does not parse: {0}")]
pub struct Unreadable(String);

/// A token out of the token endpoint.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token.
    pub access: Secret,
    /// How long it lasts, if the network says.
    pub life: Option<Duration>,
}

/// A Page of the person's, with its Instagram account if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The Page's id.
    pub id: String,
    /// The Page's name.
    pub name: String,
    /// Its professional Instagram account.
    pub instagram: Option<PageAccount>,
}

/// The Instagram account of a Page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAccount {
    /// Instagram's id.
    pub id: String,
    /// The handle.
    pub username: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The picture.
    pub picture_url: Option<Url>,
}

/// One answer of `/me/accounts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// What it holds.
    pub pages: Vec<Page>,
    /// Where the network says that there is more.
    pub next: Option<String>,
    /// The cursor to go on from.
    pub after: Option<String>,
}

/// A refusal in our kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What it means.
    pub kind: ErrorKind,
    /// Codes and the network's sentence, not yet scrubbed.
    pub detail: String,
    /// How long to wait, if the network says.
    pub wait: Option<Duration>,
}

/// The token endpoint's answer.
pub fn token(body: &[u8]) -> Result<Token, Unreadable> {
    #[derive(Deserialize)]
    struct Raw {
        access_token: Secret,
        #[serde(default, deserialize_with = "count")]
        expires_in: Option<i64>,
    }
    let raw: Raw = json(body)?;
    if raw.access_token.is_empty() {
        return Err(Unreadable("the token is empty".into()));
    }
    // 0 is how Meta writes "never".
    let life = raw.expires_in.and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0).map(Duration::from_secs);
    Ok(Token { access: raw.access_token, life })
}

/// The person's id in `/me`, which holds for our app alone.
pub fn subject(body: &[u8]) -> Result<String, Unreadable> {
    let raw: Value = json(body)?;
    match raw.get("id") {
        Some(Value::String(id)) if !id.is_empty() => Ok(id.clone()),
        Some(Value::Number(id)) => Ok(id.to_string()),
        _ => Err(Unreadable("`id` is missing".into())),
    }
}

/// The granted ones of `/me/permissions`.
pub fn permissions(body: &[u8]) -> Result<Vec<String>, Unreadable> {
    #[derive(Deserialize)]
    struct Raw {
        data: Vec<Value>,
    }
    let raw: Raw = json(body)?;
    let granted = |row: &Value| row.get("status").and_then(Value::as_str) == Some("granted");
    let name = |row: &Value| row.get("permission").and_then(Value::as_str).map(str::to_owned);
    Ok(raw.data.iter().filter(|row| granted(row)).filter_map(name).collect())
}

/// `/me/accounts`. A row without an id is left out.
pub fn pages(body: &[u8]) -> Result<Pages, Unreadable> {
    #[derive(Deserialize)]
    struct Raw {
        data: Vec<Value>,
        #[serde(default, deserialize_with = "lenient")]
        paging: Option<Value>,
    }
    let raw: Raw = json(body)?;
    let page = |row: &Value| {
        let id = id_of(row)?;
        let name = text(row, "name").unwrap_or_else(|| id.clone());
        let instagram = row.get("instagram_business_account").and_then(|account| {
            Some(PageAccount {
                id: id_of(account)?,
                username: text(account, "username"),
                name: text(account, "name"),
                picture_url: web(account, "profile_picture_url"),
            })
        });
        Some(Page { id, name, instagram })
    };
    let paging = raw.paging.unwrap_or_default();
    Ok(Pages {
        pages: raw.data.iter().filter_map(page).collect(),
        next: text(&paging, "next"),
        after: paging.get("cursors").and_then(|cursors| text(cursors, "after")),
    })
}

/// An account. Id and handle must be there.
pub fn profile(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw: Value = json(body)?;
    let external_id = id_of(&raw).ok_or_else(|| Unreadable("`id` is missing".into()))?;
    let handle = text(&raw, "username").ok_or_else(|| Unreadable("`username` is missing".into()))?;
    let counter = |field: &str| match raw.get(field) {
        None | Some(Value::Null) => Metric::NotReady,
        Some(value) => number(value).filter(|n| *n >= 0).map_or(Metric::Failed, Metric::Value),
    };
    Ok(Profile {
        network: Network::Instagram,
        external_id,
        handle,
        display_name: text(&raw, "name").unwrap_or_default(),
        biography: text(&raw, "biography").unwrap_or_default(),
        website: text(&raw, "website"),
        picture_url: web(&raw, "profile_picture_url"),
        // This login reaches professional accounts alone and does not say which kind.
        account_type: AccountType::Professional,
        followers: counter("followers_count"),
        following: counter("follows_count"),
        posts: counter("media_count"),
        endpoint: "instagram /{ig-id}".into(),
        fetched_at: now,
    })
}

/// How the limits stand, out of the headers.
pub fn usage(answer: &Response) -> Option<Usage> {
    let header = |name: &str| answer.header(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let highest =
        |row: &Value| ["call_count", "total_time", "total_cputime"].iter().filter_map(|key| row.get(key).and_then(number)).max().map(small);
    let app = header("x-app-usage");
    let business = header("x-business-use-case-usage");
    if app.is_none() && business.is_none() {
        return None;
    }
    let rows: Vec<&Value> =
        business.iter().filter_map(Value::as_object).flat_map(|map| map.values()).filter_map(Value::as_array).flatten().collect();
    Some(Usage {
        app_percent: app.as_ref().and_then(highest),
        account_percent: rows.iter().filter_map(|row| highest(row)).max(),
        regain_minutes: rows
            .iter()
            .filter_map(|row| row.get("estimated_time_to_regain_access").and_then(number))
            .max()
            .filter(|minutes| *minutes > 0)
            .map(small),
    })
}

/// Reads a refusal; `None` if the answer is none. A body that says `error` is one, whatever the status.
pub fn refusal(answer: &Response) -> Option<Refusal> {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let error = body.as_ref().and_then(|body| body.get("error")).filter(|error| !error.is_null());
    let wait =
        || usage(answer).and_then(|u| u.regain_minutes).map(|m| Duration::from_secs(u64::from(m) * 60)).or_else(|| answer.retry_after());
    let Some(error) = error else {
        let kind = match answer.status {
            200..300 => return None,
            401 => ErrorKind::TokenExpired,
            404 => ErrorKind::NotFound,
            429 => {
                return Some(Refusal {
                    kind: ErrorKind::RateLimited { scope: LimitScope::App },
                    detail: "status 429".into(),
                    wait: wait(),
                });
            }
            500.. => ErrorKind::Transient,
            // A redirect or a refusal without the documented body comes from something in between.
            _ => ErrorKind::Contract,
        };
        return Some(Refusal { kind, detail: format!("status {} without an error body", answer.status), wait: answer.retry_after() });
    };
    let code = error.get("code").and_then(number).unwrap_or(0);
    let subcode = error.get("error_subcode").and_then(number).unwrap_or(0);
    let message = text(error, "message").unwrap_or_default();
    let transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or(false);
    let kind = kind_of(code, subcode, &message, transient, answer.status);
    let trace = text(error, "fbtrace_id").unwrap_or_default();
    Some(Refusal {
        wait: matches!(kind, ErrorKind::RateLimited { .. }).then(wait).flatten(),
        kind,
        detail: format!("status {} code {code}/{subcode} trace {trace}: {message}", answer.status),
    })
}

/// The table of networks.md, section 2.6, in the taxonomy of section 13.
fn kind_of(code: i64, subcode: i64, message: &str, transient: bool, status: u16) -> ErrorKind {
    let scope = || ErrorKind::ScopeMissing { scope: scope_in(message) };
    match (code, subcode) {
        (190, 458 | 460 | 467 | 492) => ErrorKind::Revoked,
        (190, 459 | 464) => ErrorKind::Checkpoint,
        (190, _) | (102, _) => ErrorKind::TokenExpired,
        (4 | 341, _) => ErrorKind::RateLimited { scope: LimitScope::App },
        (17 | 613, _) => ErrorKind::RateLimited { scope: LimitScope::User },
        (32, _) | (80_000..=80_014, _) => ErrorKind::RateLimited { scope: LimitScope::Account },
        (10, _) if message.to_lowercase().contains("not enough viewers") => ErrorKind::BelowThreshold { min: 5 },
        (10, _) if message.to_lowercase().contains("feature") => ErrorKind::AppNotApproved,
        (3 | 101, _) => ErrorKind::AppNotApproved,
        // "Error validating client secret" shares its code with "unknown error".
        (1, _) if message.to_lowercase().contains("client secret") => ErrorKind::AppNotApproved,
        (10, _) | (200..=299, _) => scope(),
        (368, _) => ErrorKind::Checkpoint,
        (100, 36_007..=36_009) => ErrorKind::CodeRefused,
        (100, 33) | (803, _) => ErrorKind::NotFound,
        (1 | 2, _) => ErrorKind::Transient,
        _ if transient || status >= 500 => ErrorKind::Transient,
        (100, _) => ErrorKind::Bug,
        _ if status == 429 => ErrorKind::RateLimited { scope: LimitScope::App },
        _ => ErrorKind::Bug,
    }
}

/// The scope that a sentence such as "(#10) Requires instagram_basic permission" names.
fn scope_in(message: &str) -> String {
    message
        .split(|c: char| !(c.is_ascii_lowercase() || c == '_'))
        .find(|word| ["instagram_", "pages_", "ads_", "business_"].iter().any(|prefix| word.starts_with(prefix)))
        .unwrap_or_default()
        .to_owned()
}

/// Meta's timestamps: RFC 3339, but the offset has no colon.
pub fn timestamp(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%z").or_else(|_| DateTime::parse_from_rfc3339(text)).ok().map(|at| at.to_utc())
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(body).map_err(|e| {
        let what = match e.classify() {
            serde_json::error::Category::Eof => "it broke off",
            serde_json::error::Category::Syntax => "it is not JSON",
            _ => "a field is missing or of another type",
        };
        Unreadable(format!("{what} (line {}, column {})", e.line(), e.column()))
    })
}

/// A counter as number or string; anything else is nothing.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| n.as_f64().filter(|f| f.abs() < 9e15).map(|f| f.trunc() as i64)),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

fn small(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|s| !s.is_empty()).map(str::to_owned)
}

/// An id is text, although some are written as numbers.
fn id_of(value: &Value) -> Option<String> {
    match value.get("id")? {
        Value::String(s) if !s.is_empty() && s.len() <= 64 => Some(s.clone()),
        Value::Number(n) => n.as_u64().map(|n| n.to_string()),
        _ => None,
    }
}

fn web(value: &Value, field: &str) -> Option<Url> {
    Url::parse(&text(value, field)?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<Value>::deserialize(deserializer)?.as_ref().and_then(number))
}

fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Option::<Value>::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderMap;

    use super::*;

    const PAGES: &str = include_str!("fixtures/accounts.json");
    const PROFILE: &str = include_str!("fixtures/profile.json");
    const PERMISSIONS: &str = include_str!("fixtures/permissions.json");
    const TOKEN: &str = include_str!("fixtures/token.json");

    fn answer(status: u16, body: &str) -> Response {
        Response { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let parsed = pages(PAGES.as_bytes()).unwrap();
        assert_eq!(parsed.pages.len(), 2);
        assert_eq!(parsed.pages[0].instagram.as_ref().unwrap().username.as_deref(), Some("ada.cooks"));
        assert_eq!(parsed.pages[1].instagram, None);
        assert_eq!((parsed.after.as_deref(), parsed.next.is_some()), (Some("QVF2"), true));

        let ada = profile(PROFILE.as_bytes(), at()).unwrap();
        assert_eq!((ada.handle.as_str(), ada.followers, ada.posts), ("ada.cooks", Metric::Value(18_342), Metric::Value(268)));
        assert_eq!(ada.biography, "Bread ♥");
        assert_eq!(ada.website, None);

        assert_eq!(permissions(PERMISSIONS.as_bytes()).unwrap(), ["instagram_basic", "pages_show_list", "public_profile"]);

        let token = token(TOKEN.as_bytes()).unwrap();
        assert_eq!(token.life, Some(Duration::from_secs(5_180_000)));
    }

    #[test]
    fn a_counter_may_be_a_string_or_missing_and_is_never_made_up() {
        let parsed = |followers: &str| {
            let comma = if followers.is_empty() { "" } else { "," };
            profile(format!(r#"{{"id": 178, "username": "a"{comma}{followers}}}"#).as_bytes(), at()).unwrap()
        };
        assert_eq!(parsed(r#""followers_count": "12""#).followers, Metric::Value(12));
        assert_eq!(parsed(r#""followers_count": 12.0"#).followers, Metric::Value(12));
        assert_eq!(parsed("").followers, Metric::NotReady);
        assert_eq!(parsed(r#""followers_count": {"a": 1}"#).followers, Metric::Failed);
        assert_eq!(parsed(r#""followers_count": -1"#).followers, Metric::Failed);
        assert_eq!(parsed("").external_id, "178");
    }

    #[test]
    fn what_is_not_an_account_is_said_without_quoting() {
        let error = profile(br#"{"access_token": "EAAB-secret", "name": 3}"#, at()).unwrap_err().to_string();
        assert!(error.contains("`id`") && !error.contains("EAAB"), "{error}");
        let error = token(br#"{"access_token": ["EAAB-secret"]}"#).unwrap_err().to_string();
        assert!(!error.contains("EAAB"), "{error}");
        assert!(token(br#"{"access_token": ""}"#).is_err());
        assert!(pages(b"<html>").unwrap_err().to_string().contains("not JSON"));
        assert!(pages(br#"{"data": [{"id""#).unwrap_err().to_string().contains("broke off"));
    }

    #[test]
    fn every_code_has_its_kind() {
        let kind = |code: i64, subcode: i64, message: &str| {
            let body = format!(
                r#"{{"error": {{"message": "{message}", "type": "OAuthException", "code": {code}, "error_subcode": {subcode}, "fbtrace_id": "Axyz"}}}}"#
            );
            refusal(&answer(400, &body)).unwrap().kind
        };
        let limited = |scope| ErrorKind::RateLimited { scope };
        let scope = |scope: &str| ErrorKind::ScopeMissing { scope: scope.into() };
        let table = [
            (190, 458, "", ErrorKind::Revoked),
            (190, 460, "", ErrorKind::Revoked),
            (190, 467, "", ErrorKind::Revoked),
            (190, 459, "", ErrorKind::Checkpoint),
            (190, 464, "", ErrorKind::Checkpoint),
            (190, 463, "", ErrorKind::TokenExpired),
            (190, 0, "", ErrorKind::TokenExpired),
            (4, 0, "", limited(LimitScope::App)),
            (17, 0, "", limited(LimitScope::User)),
            (32, 0, "", limited(LimitScope::Account)),
            (613, 0, "", limited(LimitScope::User)),
            (80_001, 0, "", limited(LimitScope::Account)),
            (80_002, 0, "", limited(LimitScope::Account)),
            (10, 0, "(#10) Not enough viewers for the media to show insights", ErrorKind::BelowThreshold { min: 5 }),
            (10, 0, "(#10) To use this feature your app must be reviewed", ErrorKind::AppNotApproved),
            (10, 0, "(#10) Requires instagram_basic permission", scope("instagram_basic")),
            (200, 0, "(#200) Requires pages_show_list permission", scope("pages_show_list")),
            (299, 0, "", scope("")),
            (3, 0, "", ErrorKind::AppNotApproved),
            (1, 0, "An unknown error occurred", ErrorKind::Transient),
            (1, 0, "Error validating client secret.", ErrorKind::AppNotApproved),
            (2, 0, "", ErrorKind::Transient),
            (100, 0, "", ErrorKind::Bug),
            (100, 33, "", ErrorKind::NotFound),
            (100, 36_009, "", ErrorKind::CodeRefused),
            (368, 0, "", ErrorKind::Checkpoint),
            (4_242, 0, "", ErrorKind::Bug),
        ];
        for (code, subcode, message, wanted) in table {
            assert_eq!(kind(code, subcode, message), wanted, "{code}/{subcode} {message}");
        }
        let passing = r#"{"error": {"message": "later", "code": 4242, "is_transient": true}}"#;
        assert_eq!(refusal(&answer(400, passing)).unwrap().kind, ErrorKind::Transient);
        assert_eq!(refusal(&answer(200, passing)).unwrap().kind, ErrorKind::Transient, "a refusal with status 200 is one");
        assert_eq!(refusal(&answer(503, "<html>")).unwrap().kind, ErrorKind::Transient);
        assert_eq!(refusal(&answer(302, "")).unwrap().kind, ErrorKind::Contract);
        assert_eq!(refusal(&answer(200, "{}")), None);
    }

    #[test]
    fn limits_say_when_to_come_back() {
        let mut limited = answer(400, r#"{"error": {"message": "(#80002)", "code": 80002}}"#);
        limited.headers.insert(
            "x-business-use-case-usage",
            r#"{"178":[{"type":"instagram","call_count":101,"total_cputime":11,"total_time":14,"estimated_time_to_regain_access":17}]}"#
                .parse()
                .unwrap(),
        );
        limited.headers.insert("x-app-usage", r#"{"call_count":12,"total_time":9,"total_cputime":7}"#.parse().unwrap());
        assert_eq!(refusal(&limited).unwrap().wait, Some(Duration::from_secs(17 * 60)));
        assert_eq!(usage(&limited), Some(Usage { app_percent: Some(12), account_percent: Some(101), regain_minutes: Some(17) }));
        assert_eq!(usage(&answer(200, "{}")), None);
    }

    #[test]
    fn offsets_without_colon() {
        assert_eq!(timestamp("2026-11-02T08:15:30+0000").unwrap().timestamp(), 1_793_607_330);
        assert_eq!(timestamp("2026-11-02T17:15:30+0900"), timestamp("2026-11-02T08:15:30+00:00"));
        assert_eq!(timestamp("yesterday"), None);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let key = prop::sample::select(vec![
            "data",
            "id",
            "username",
            "name",
            "paging",
            "cursors",
            "after",
            "next",
            "error",
            "code",
            "error_subcode",
            "message",
            "access_token",
            "expires_in",
            "instagram_business_account",
            "followers_count",
            "permission",
            "status",
            "profile_picture_url",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn all(body: &[u8]) {
        let _ = (token(body), permissions(body), subject(body), pages(body), profile(body, at()));
        for status in [200, 400, 500] {
            let mut hostile = Response { status, headers: HeaderMap::new(), body: body.to_vec() };
            if let Ok(value) = reqwest::header::HeaderValue::from_bytes(body) {
                hostile.headers.insert("x-app-usage", value.clone());
                hostile.headers.insert("x-business-use-case-usage", value);
            }
            let _ = (refusal(&hostile), usage(&hostile));
        }
    }

    proptest! {
        #[test]
        fn no_json_breaks_a_parser(value in any_json()) {
            all(&serde_json::to_vec(&value).unwrap());
        }

        #[test]
        fn no_bytes_break_a_parser(body in prop::collection::vec(any::<u8>(), 0..200)) {
            all(&body);
        }

        #[test]
        fn a_cut_answer_is_an_error_or_the_whole(cut in 0usize..600) {
            for whole in [PAGES, PROFILE, PERMISSIONS, TOKEN] {
                let whole = whole.trim_end().as_bytes();
                let part = &whole[..cut.min(whole.len().saturating_sub(1))];
                prop_assert!(token(part).is_err() && permissions(part).is_err() && pages(part).is_err() && profile(part, at()).is_err());
            }
        }

        #[test]
        fn no_text_breaks_a_timestamp(text in ".{0,40}") {
            let _ = timestamp(&text);
        }
    }
}
