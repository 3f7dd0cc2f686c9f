//! What comes back from the Graph API, whichever of Meta's networks is asked. Pure.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    error::{ErrorKind, LimitScope},
    http::Response,
    limits::Limit,
    secret::Secret,
    wire::{Refusal, Unreadable, count, id, json, list, number, small, text, web},
};

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
    /// The Page's own token, if it was asked for.
    pub token: Option<Secret>,
    /// What the person may do there, if it was asked for.
    pub tasks: Option<Vec<String>>,
    /// Its picture, if it was asked for.
    pub picture_url: Option<Url>,
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
    id(&json(body)?, "id").ok_or_else(|| Unreadable::without("id"))
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
    let part = part(body)?;
    Ok(Pages { pages: part.rows.iter().filter_map(page).collect(), next: part.next, after: part.after })
}

/// One Page; `None` without an id.
pub fn page(row: &Value) -> Option<Page> {
    let own = id(row, "id")?;
    let name = text(row, "name").unwrap_or_else(|| own.clone());
    let instagram = row.get("instagram_business_account").and_then(|account| {
        Some(PageAccount {
            id: id(account, "id")?,
            username: text(account, "username"),
            name: text(account, "name"),
            picture_url: web(account, "profile_picture_url"),
        })
    });
    let tasks = row.get("tasks").and_then(Value::as_array).map(|tasks| tasks.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    let token = text(row, "access_token").map(Secret::from);
    Some(Page {
        id: own,
        name,
        instagram,
        token,
        tasks,
        picture_url: row.get("picture").and_then(|p| p.get("data")).and_then(|p| web(p, "url")),
    })
}

/// One part of any list.
pub struct Part {
    /// Its rows.
    pub rows: Vec<Value>,
    /// Where the network says that there is more.
    pub next: Option<String>,
    /// The cursor to go on from.
    pub after: Option<String>,
}

/// One part of any list.
pub fn part(body: &[u8]) -> Result<Part, Unreadable> {
    part_of(&json(body)?)
}

/// The same inside another answer.
pub fn part_of(value: &Value) -> Result<Part, Unreadable> {
    let paging = value.get("paging").cloned().unwrap_or_default();
    Ok(Part {
        rows: list(value, "data")?.to_vec(),
        next: text(&paging, "next"),
        after: paging.get("cursors").and_then(|cursors| text(cursors, "after")),
    })
}

/// How the limits stand, out of the headers: the app's without a name, an account's under its id.
pub fn limits(_: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let highest =
        |row: &Value| ["call_count", "total_time", "total_cputime"].iter().filter_map(|key| row.get(key).and_then(number)).max().map(small);
    let limit = |scope, name: &str, used_percent, resets_at| Limit {
        scope,
        name: name.to_owned(),
        used_percent,
        remaining: None,
        resets_at,
        seen_at: now,
    };
    let app = header("x-app-usage").as_ref().and_then(highest).map(|percent| limit(LimitScope::App, "", percent, None));
    let business = header("x-business-use-case-usage").unwrap_or_default();
    let accounts = business.as_object().into_iter().flatten().filter_map(|(id, rows)| {
        let rows = rows.as_array()?;
        let percent = rows.iter().filter_map(highest).max()?;
        let minutes = rows.iter().filter_map(|row| row.get("estimated_time_to_regain_access").and_then(number)).max().unwrap_or(0);
        let resets_at =
            Some(minutes).filter(|minutes| (1..=100_000).contains(minutes)).map(|minutes| now + chrono::Duration::minutes(minutes));
        Some(limit(LimitScope::Account, id, percent, resets_at))
    });
    app.into_iter().chain(accounts).collect()
}

/// Reads a refusal; `None` if the answer is none. A body that says `error` is one, whatever the status.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
    // Instagram's token endpoint has a form of its own: `error_type`, `code`, `error_message`.
    let short = body.as_ref().filter(|body| body.get("error_message").is_some());
    if let Some(short) = short {
        let message = text(short, "error_message").unwrap_or_default();
        let kind = match answer.status {
            500.. => ErrorKind::Transient,
            _ if message.to_lowercase().contains("code") => ErrorKind::CodeRefused,
            _ if message.to_lowercase().contains("client") || message.to_lowercase().contains("platform app") => ErrorKind::AppNotApproved,
            _ => ErrorKind::Bug,
        };
        return Some(Refusal::new(kind, format!("status {}: {message}", answer.status)));
    }
    let error = body.as_ref().and_then(|body| body.get("error")).filter(|error| !error.is_null());
    let Some(error) = error else { return Refusal::of_status(answer, now) };
    let code = error.get("code").and_then(number).unwrap_or(0);
    let subcode = error.get("error_subcode").and_then(number).unwrap_or(0);
    let message = text(error, "message").unwrap_or_default();
    let transient = error.get("is_transient").and_then(Value::as_bool).unwrap_or(false);
    let kind = kind_of(code, subcode, &message, transient, answer.status);
    let trace = text(error, "fbtrace_id").unwrap_or_default();
    let regained = limits("", answer, now).into_iter().filter_map(|limit| limit.resets_at).max();
    let retry_at =
        matches!(kind, ErrorKind::RateLimited { .. }).then(|| regained.or_else(|| crate::wire::after(now, answer.retry_after()))).flatten();
    Some(Refusal::new(kind, format!("status {} code {code}/{subcode} trace {trace}: {message}", answer.status)).until(retry_at))
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
        (18, _) => ErrorKind::QuotaExhausted,
        // Published before the account became a professional one: there are no figures of it.
        (100, 33 | 2_108_006) | (803 | 110 | 24, _) => ErrorKind::NotFound,
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
        .find(|word| ["instagram_", "pages_", "read_", "ads_", "business_"].iter().any(|prefix| word.starts_with(prefix)))
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderMap;

    use super::*;

    const PAGES: &str = include_str!("fixtures/accounts.json");
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

        assert_eq!(permissions(PERMISSIONS.as_bytes()).unwrap(), ["instagram_basic", "pages_show_list", "public_profile"]);

        let token = token(TOKEN.as_bytes()).unwrap();
        assert_eq!(token.life, Some(Duration::from_secs(5_180_000)));
    }

    #[test]
    fn what_is_not_an_account_is_said_without_quoting() {
        let error = subject(br#"{"access_token": "EAAB-secret", "name": 3}"#).unwrap_err().to_string();
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
            refusal(&answer(400, &body), at()).unwrap().kind
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
        assert_eq!(refusal(&answer(400, passing), at()).unwrap().kind, ErrorKind::Transient);
        assert_eq!(refusal(&answer(200, passing), at()).unwrap().kind, ErrorKind::Transient, "a refusal with status 200 is one");
        assert_eq!(refusal(&answer(503, "<html>"), at()).unwrap().kind, ErrorKind::Transient);
        assert_eq!(refusal(&answer(302, ""), at()).unwrap().kind, ErrorKind::Contract);
        assert_eq!(refusal(&answer(200, "{}"), at()), None);
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
        assert_eq!(refusal(&limited, at()).unwrap().retry_at, Some(at() + chrono::Duration::minutes(17)));
        let known = limits("", &limited, at());
        assert_eq!(
            known.iter().map(|l| (l.scope, l.name.as_str(), l.used_percent)).collect::<Vec<_>>(),
            [(LimitScope::App, "", 12), (LimitScope::Account, "178", 101)]
        );
        assert_eq!(known[1].blocked_until(at()), Some(at() + chrono::Duration::minutes(17)));
        assert!(limits("", &answer(200, "{}"), at()).is_empty());
    }

    #[test]
    fn instagrams_token_endpoint_refuses_in_its_own_form() {
        let body = r#"{"error_type":"OAuthException","code":400,"error_message":"Invalid authorization code"}"#;
        assert_eq!(refusal(&answer(400, body), at()).unwrap().kind, ErrorKind::CodeRefused);
    }

    fn all(body: &[u8]) {
        let _ = (token(body), permissions(body), subject(body), pages(body).is_ok());
        for status in [200, 400, 500] {
            let mut hostile = Response { status, headers: HeaderMap::new(), body: body.to_vec() };
            if let Ok(value) = reqwest::header::HeaderValue::from_bytes(body) {
                hostile.headers.insert("x-app-usage", value.clone());
                hostile.headers.insert("x-business-use-case-usage", value);
            }
            let _ = (refusal(&hostile, at()), limits("", &hostile, at()));
        }
    }

    const LIMITED: &str = r#"{"178":[{"type":"instagram","call_count":101,"estimated_time_to_regain_access":17}],"call_count":3}"#;
    const REFUSED: &str = r#"{"error":{"message":"m","code":190,"error_subcode":463,"is_transient":true,"fbtrace_id":"A"}}"#;

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PAGES, PERMISSIONS, TOKEN, LIMITED, REFUSED])) {
            all(&body);
        }

        #[test]
        fn a_cut_answer_is_an_error(cut in 0usize..600) {
            for whole in [PAGES, PERMISSIONS, TOKEN] {
                let whole = whole.trim_end().as_bytes();
                let part = &whole[..cut.min(whole.len().saturating_sub(1))];
                prop_assert!(token(part).is_err() && permissions(part).is_err() && pages(part).is_err());
            }
        }
    }
}
