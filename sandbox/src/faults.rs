//! Answers that go wrong on purpose, and the log of all answers.

use std::time::Duration;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody, to_bytes},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, DATE, HeaderValue},
    },
    middleware::Next,
    web,
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::world::World;

/// A way for an answer to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The app's limit: code 4, `X-App-Usage` full.
    #[serde(alias = "429")]
    RateLimit,
    /// The account's limit: code 80002, seventeen minutes to regain access.
    AccountLimit,
    /// A status of 503 with a page of an intermediary's.
    #[serde(alias = "5xx")]
    ServerError,
    /// Meta's own passing error: code 2.
    Transient,
    /// The answer, but only after so many milliseconds.
    Slow(u64),
    /// A body that comes byte by byte and does not end.
    Drip,
    /// Half of the answer, then the connection ends.
    Cut,
    /// A page where JSON is expected, with status 200.
    Html,
    /// A body without end in sight.
    Huge,
    /// The next part of a list is said to lie at another host: in `paging.next`, in the header `Link`, or in place of a cursor.
    ForeignNext,
    /// Fields, and values, that nobody has heard of.
    ExtraFields,
    /// Counters as strings.
    StringNumbers,
    /// Words where numbers should be.
    WordNumbers,
    /// Words that nobody has heard of where kinds are told.
    UnknownWords,
    /// Only what names and orders things is there; everything optional is left out.
    Bare,
    /// A redirect to another host.
    Redirect,
    /// Meta: one of the metrics is no longer known (code 100).
    MetricGone,
}

/// Answers that are to go wrong.
#[derive(Default)]
pub(crate) struct Queue(Vec<Queued>);

struct Queued {
    path: String,
    fault: Fault,
    left: u32,
    /// Logins are spared.
    reads: bool,
}

impl Queue {
    pub fn put(&mut self, path: &str, fault: Fault, count: u32, reads: bool) {
        if count > 0 {
            self.0.push(Queued { path: path.to_owned(), fault, left: count, reads });
        }
    }

    /// The one that is due for a path, if any.
    pub fn due(&mut self, path: &str) -> Option<Fault> {
        let found = self.0.iter_mut().find(|queued| path.starts_with(&queued.path) && !(queued.reads && is_login(path)))?;
        found.left = found.left.saturating_sub(1);
        let fault = found.fault;
        self.0.retain(|queued| queued.left > 0);
        Some(fault)
    }
}

/// Whether tokens are given out there.
fn is_login(path: &str) -> bool {
    ["oauth/authorize", "authorization", "/dialog/", "/token", "access_token", "accessToken", "/revoke"]
        .iter()
        .any(|part| path.contains(part))
}

/// Notes every answer in the log, and lets those go wrong that are due to.
pub(crate) async fn watch(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(world) = request.app_data::<web::Data<World>>().cloned() else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    if path.starts_with("/_control/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    if world.is_over() {
        return Ok(request.into_response(page(StatusCode::SERVICE_UNAVAILABLE)));
    }
    let token = crate::facebook::token_in(request.request());
    let mut answer = match world.due_fault(&path) {
        None => next.call(request).await?.map_into_boxed_body(),
        Some(fault) => wrong(fault, request, next).await?,
    };
    // The network's own clock, which need not be its caller's.
    if let Ok(date) = HeaderValue::from_str(&world.now().format("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        answer.headers_mut().insert(DATE, date);
    }
    world.note(&method, &path, answer.status().as_u16(), token.as_deref());
    Ok(answer)
}

async fn wrong(fault: Fault, request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let (now, net) = (
        request.app_data::<web::Data<World>>().map(|world| world.now().timestamp()).unwrap_or(0),
        request.path().split('/').nth(1).unwrap_or_default().to_owned(),
    );
    let instead = match fault {
        Fault::RateLimit | Fault::AccountLimit | Fault::Transient if !matches!(net.as_str(), "facebook" | "instagram") => Some(limited(&net, fault, now)),
        Fault::RateLimit => Some(
            HttpResponse::Forbidden()
                .insert_header(("x-app-usage", r#"{"call_count":100,"total_time":31,"total_cputime":28}"#))
                .json(error(4, "(#4) Application request limit reached", true)),
        ),
        Fault::AccountLimit => Some(
            HttpResponse::BadRequest()
                .insert_header((
                    "x-business-use-case-usage",
                    r#"{"17841400000000001":[{"type":"instagram","call_count":101,"total_cputime":11,"total_time":14,"estimated_time_to_regain_access":17}]}"#,
                ))
                .json(error(80_002, "(#80002) There have been too many calls to this Instagram account.", false)),
        ),
        Fault::ServerError => Some(page(StatusCode::SERVICE_UNAVAILABLE)),
        Fault::Transient => {
            Some(HttpResponse::InternalServerError().json(error(2, "An unexpected error has occurred. Please retry your request later.", true)))
        }
        Fault::MetricGone => {
            Some(HttpResponse::BadRequest().json(error(100, "(#100) metric[0] must be one of the following values: reach", false)))
        }
        Fault::Html => Some(page(StatusCode::OK)),
        Fault::Huge => Some(HttpResponse::Ok().content_type("application/json").streaming(huge())),
        Fault::Drip => Some(HttpResponse::Ok().content_type("application/json").streaming(Box::pin(drip()))),
        Fault::Redirect => Some(HttpResponse::Found().insert_header((header::LOCATION, "http://169.254.169.254/latest/meta-data/")).finish()),
        Fault::Slow(_)
        | Fault::Cut
        | Fault::ForeignNext
        | Fault::ExtraFields
        | Fault::StringNumbers
        | Fault::WordNumbers
        | Fault::UnknownWords
        | Fault::Bare => None,
    };
    if let Some(instead) = instead {
        return Ok(request.into_response(instead));
    }
    if let Fault::Slow(millis) = fault {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let answer = next.call(request).await?;
    let (request, answer) = answer.into_parts();
    let elsewhere = request.app_data::<web::Data<World>>().map(|world| world.elsewhere()).unwrap_or_default();
    bent(fault, request, answer.map_into_boxed_body(), &elsewhere).await
}

/// A limit, or a passing error, in the shape of one of the other networks.
fn limited(net: &str, fault: Fault, now: i64) -> HttpResponse {
    let too_many = || HttpResponse::build(StatusCode::TOO_MANY_REQUESTS);
    let reset = (now + 300).to_string();
    match (net, fault) {
        ("youtube", Fault::RateLimit) => crate::youtube::error(403, "rateLimitExceeded", "Rate limit exceeded."),
        ("youtube", Fault::AccountLimit) => crate::youtube::error(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota."),
        ("youtube", _) => crate::youtube::error(500, "backendError", "Backend error."),
        ("x", Fault::RateLimit) => too_many()
            .insert_header(("x-rate-limit-limit", "900"))
            .insert_header(("x-rate-limit-remaining", "0"))
            .insert_header(("x-rate-limit-reset", reset))
            .json(json!({"type": "https://api.x.com/2/problems/rate-limit-exceeded", "title": "Too Many Requests", "status": 429, "detail": "Too Many Requests"})),
        ("x", Fault::AccountLimit) => too_many().json(json!({"type": "https://api.x.com/2/problems/usage-capped", "title": "UsageCapExceeded", "period": "Monthly", "scope": "Product", "detail": "Usage cap exceeded: Monthly product cap"})),
        ("tiktok", Fault::RateLimit | Fault::AccountLimit) => {
            too_many().json(json!({"data": {}, "error": {"code": "rate_limit_exceeded", "message": "The API rate limit was exceeded.", "log_id": "2026"}}))
        }
        ("tiktok", _) => HttpResponse::InternalServerError().json(json!({"data": {}, "error": {"code": "internal_error", "message": "Please try again later.", "log_id": "2026"}})),
        ("twitch", Fault::RateLimit | Fault::AccountLimit) => too_many()
            .insert_header(("ratelimit-limit", "800"))
            .insert_header(("ratelimit-remaining", "0"))
            .insert_header(("ratelimit-reset", reset))
            .json(json!({"error": "Too Many Requests", "status": 429, "message": "Request rate limit exceeded"})),
        ("pinterest", Fault::RateLimit | Fault::AccountLimit) => {
            too_many().insert_header((header::RETRY_AFTER, "300")).json(json!({"code": 8, "message": "You have exceeded your rate limit."}))
        }
        (_, Fault::RateLimit | Fault::AccountLimit) => {
            let at = chrono::DateTime::from_timestamp(now + 300, 0).unwrap_or_default();
            too_many()
                .insert_header(("x-ratelimit-limit", "300"))
                .insert_header(("x-ratelimit-remaining", "0"))
                .insert_header(("x-ratelimit-reset", at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)))
                .insert_header(("ratelimit-limit", "3000"))
                .insert_header(("ratelimit-remaining", "0"))
                .insert_header(("ratelimit-reset", reset))
                .json(json!({"error": "Too many requests"}))
        }
        _ => HttpResponse::InternalServerError().json(json!({"error": "Internal Server Error"})),
    }
}

/// The real answer with something done to its body.
async fn bent(fault: Fault, request: HttpRequest, answer: HttpResponse, elsewhere: &str) -> Result<ServiceResponse<BoxBody>, Error> {
    let (head, body) = answer.into_parts();
    let body = to_bytes(body).await.unwrap_or_default();
    if fault == Fault::Cut {
        let half = body.slice(..body.len() / 2);
        let cut = async_stream::stream! {
            yield Ok::<Bytes, Error>(half);
            // Let the half go out before the connection ends.
            tokio::time::sleep(Duration::from_millis(50)).await;
            yield Err(actix_web::error::ErrorInternalServerError("cut on purpose"));
        };
        let cut = HttpResponse::build(head.status()).content_type("application/json").streaming(Box::pin(cut));
        return Ok(ServiceResponse::new(request, cut));
    }
    let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
    match fault {
        Fault::ForeignNext => led_away(&mut value, elsewhere),
        Fault::ExtraFields => extended(&mut value),
        Fault::UnknownWords => renamed(&mut value),
        Fault::Bare => bared(&mut value),
        Fault::WordNumbers => worded(&mut value),
        _ => stringified(&mut value),
    }
    let mut bent = HttpResponse::build(head.status());
    if fault == Fault::ForeignNext {
        bent.insert_header((header::LINK, format!("<{elsewhere}?max_id=1&limit=40>; rel=\"next\"")));
    }
    let bent = bent.json(value);
    Ok(ServiceResponse::new(request, bent))
}

/// Where networks tell how a list goes on.
const CURSORS: [&str; 5] = ["next_token", "nextPageToken", "cursor", "bookmark", "after"];

fn led_away(value: &mut Value, elsewhere: &str) {
    fn cursors(value: &mut Value, elsewhere: &str) {
        match value {
            Value::Object(map) => {
                for (name, inner) in map.iter_mut() {
                    match inner {
                        Value::String(cursor) if CURSORS.contains(&name.as_str()) => *cursor = elsewhere.to_owned(),
                        inner => cursors(inner, elsewhere),
                    }
                }
            }
            Value::Array(rows) => rows.iter_mut().for_each(|row| cursors(row, elsewhere)),
            _ => {}
        }
    }
    cursors(value, elsewhere);
    if value.is_object() {
        let next = format!("{elsewhere}?access_token=stolen&after=QVF2");
        value["paging"] = json!({"cursors": {"before": "QVF1", "after": "QVF2"}, "next": next});
    }
}

fn worded(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(worded),
        Value::Array(rows) => rows.iter_mut().for_each(worded),
        Value::Number(_) => *value = "many".into(),
        // Some networks write them as texts.
        Value::String(text) if text.len() < 10 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => *value = "many".into(),
        _ => {}
    }
}

fn extended(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(extended);
            map.insert("__unheard_of".into(), json!({"a": [1, null, {"b": "c"}], "kind": "UNHEARD_OF"}));
        }
        Value::Array(rows) => rows.iter_mut().for_each(extended),
        _ => {}
    }
}

fn stringified(value: &mut Value) {
    match value {
        Value::Object(map) => map.values_mut().for_each(stringified),
        Value::Array(rows) => rows.iter_mut().for_each(stringified),
        Value::Number(n) => *value = Value::String(n.to_string()),
        _ => {}
    }
}

/// Where networks tell kinds of things.
const KINDS: [&str; 9] = [
    "media_type",
    "media_product_type",
    "type",
    "status_type",
    "account_type",
    "broadcaster_type",
    "liveBroadcastContent",
    "data_status",
    "dimension_values",
];

fn renamed(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map.iter_mut() {
                match inner {
                    Value::String(word) if KINDS.contains(&name.as_str()) => *word = "UNHEARD_OF".into(),
                    inner => renamed(inner),
                }
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(renamed),
        _ => {}
    }
}

/// What every answer of its kind has.
const KEPT: [&str; 16] = [
    "id",
    "user_id",
    "open_id",
    "did",
    "uri",
    "username",
    "login",
    "handle",
    "acct",
    "name",
    "code",
    "next_token",
    "cursor",
    "bookmark",
    "public_metrics",
    "sub",
];

fn bared(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|name, inner| KEPT.contains(&name.as_str()) || inner.is_object() || inner.is_array());
            map.values_mut().for_each(bared);
        }
        Value::Array(rows) => rows.iter_mut().for_each(bared),
        _ => {}
    }
}

fn error(code: i64, message: &str, transient: bool) -> Value {
    json!({"error": {"message": message, "type": "OAuthException", "code": code, "is_transient": transient, "fbtrace_id": "Asandboxfault"}})
}

fn page(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).content_type("text/html; charset=utf-8").body("<!doctype html><title>Sorry, something went wrong.</title>")
}

/// Half a gigabyte of blanks in front of nothing, as fast as it is taken.
fn huge() -> impl futures_util::Stream<Item = Result<Bytes, Error>> {
    async_stream::stream! {
        yield Ok(Bytes::from_static(b"{\"data\":["));
        let blanks = Bytes::from(vec![b' '; 1 << 16]);
        for _ in 0..8_192 {
            yield Ok(blanks.clone());
        }
    }
}

/// A blank every tenth of a second, for ten minutes.
fn drip() -> impl futures_util::Stream<Item = Result<Bytes, Error>> {
    async_stream::stream! {
        yield Ok(Bytes::from_static(b"{\"data\":["));
        for _ in 0..6_000 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            yield Ok(Bytes::from_static(b" "));
        }
    }
}
