//! Limits of the running server: what is spent is refused with the time to come back, and comes back; one caller's limits are not another's.

use chrono::Duration;
use reqwest::Method;
use serde_json::{Value, json};
use server::{
    auth::limits,
    config::Config,
    web::routes::{Entry, Routes},
};

use crate::{Api, Someone, Stage, database::Kind, stage::tell_with, story};

const STRICT: &str = "application/graphql-response+json";

/// An answer's status, its `Retry-After`, its body.
async fn sent(request: reqwest::RequestBuilder) -> (u16, Option<u64>, Value) {
    let answer = request.header("Accept", STRICT).send().await.expect("an answer");
    let after = answer.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    (answer.status().as_u16(), after, answer.json().await.unwrap_or_default())
}

fn asked(api: &Api, query: &str) -> reqwest::RequestBuilder {
    api.request(Method::POST, "/graphql").json(&json!({ "query": query }))
}

/// A mutation costs what was asked, whatever comes of it.
const DEAR: &str = "mutation { viewerEdit(input: { name: \"Hana\" }) { userErrors { code } } }";

fn budget(kind: Kind) {
    let little = |config: &mut Config| (config.graphql.cost_capacity, config.graphql.cost_per_second) = (100, 10);
    tell_with(kind, little, async |stage| {
        let (hana, kenji) = (stage.person("Hana").await, stage.person("Kenji").await);
        let mut refused = None;
        for _ in 0..20 {
            let (status, after, body) = sent(asked(&hana.api, DEAR)).await;
            if status != 200 {
                refused = Some((status, after, body));
                break;
            }
        }
        let (status, after, body) = refused.expect("the budget ends");
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (429, &json!("RATE_LIMITED")));
        assert!(body.get("data").is_none(), "nothing ran: {body}");
        let seconds = after.expect("Retry-After");
        assert!((1..=10).contains(&seconds), "{seconds}");
        assert_eq!(body["errors"][0]["extensions"]["retryAfter"], seconds);

        // By session it is the same person, and the budget the same; others have their own, and so has an address.
        assert_eq!(sent(asked(&hana.session_api(), DEAR)).await.0, 429);
        assert_eq!(sent(asked(&kenji.api, DEAR)).await.0, 200);
        assert_eq!(sent(asked(&stage.api(), "{ viewer { name } }")).await.0, 200);

        stage.advance(Duration::seconds(i64::try_from(seconds).expect("a time")));
        assert_eq!(sent(asked(&hana.api, DEAR)).await.0, 200, "it came back when it was said to");

        // What a query did not come to is given back: it may be asked without end.
        for _ in 0..20 {
            let (status, ..) = sent(asked(&kenji.api, "{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }")).await;
            assert_eq!(status, 200);
        }
    });
}

#[test]
fn a_spent_budget_comes_back_on_sqlite() {
    budget(Kind::Sqlite);
}

#[test]
fn a_spent_budget_comes_back_on_postgres() {
    budget(Kind::Postgres);
}

/// Asks for a new password at the API.
fn forgot(api: &Api, email: &str) -> reqwest::RequestBuilder {
    asked(api, &format!("mutation {{ passwordResetRequest(input: {{ email: \"{email}\" }}) {{ checkMail userErrors {{ code }} }} }}"))
}

fn limited(body: &Value) -> bool {
    body["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
}

/// Mails with links: five an hour to one address, thirty from one place (B30).
fn links(kind: Kind) {
    let proxied = |config: &mut Config| config.trusted_proxies = vec![[127, 0, 0, 1].into()];
    tell_with(kind, proxied, async |stage| {
        let hana = stage.person("Hana").await;
        let from = |request: reqwest::RequestBuilder, place: &str| request.header("X-Forwarded-For", place);
        for n in 0..5 {
            let (status, _, body) = sent(from(forgot(&stage.api(), &hana.email), &format!("192.0.2.{n}"))).await;
            assert!(status == 200 && body["errors"].is_null(), "{n}: {body}");
        }
        // From wherever, and in whichever case: the mailbox is one. The field's error tells when to come back, and so does the answer.
        let (status, after, body) = sent(from(forgot(&stage.api(), &hana.email.to_uppercase()), "192.0.2.99")).await;
        assert!(status == 200 && limited(&body), "{body}");
        let seconds = after.expect("Retry-After");
        assert!((1..=721).contains(&seconds), "{seconds}");
        assert_eq!(body["errors"][0]["extensions"]["retryAfter"], seconds);
        // The portal and every other mail with a link count in the same bucket.
        for (path, more) in [("/forgot", ""), ("/sign-up", "quiet-harbor-sunrise-7")] {
            let fields =
                [("email", &*hana.email), ("password", more), ("name", "Eve"), ("as", "creator"), ("kind", "creator"), ("conduct", "yes")];
            let request = stage.browser().request(Method::POST, path).form(&fields).header("Sec-Fetch-Site", "same-origin");
            let (status, after, _) = sent(from(request, "192.0.2.98")).await;
            assert!(status == 429 && after.is_some(), "{path}: {status}");
        }
        assert_eq!(stage.count_mails_to(&hana.email).await, 5);
        stage.advance(Duration::seconds(i64::try_from(seconds).expect("a time")));
        assert!(!limited(&sent(from(forgot(&stage.api(), &hana.email), "192.0.2.97")).await.2), "one in twelve minutes");

        // From one place, to whomever, known or not.
        for n in 0..30 {
            let (_, _, body) = sent(from(forgot(&stage.api(), &format!("n{n}@inbox.example")), "198.51.100.1")).await;
            assert!(!limited(&body), "{n}: {body}");
        }
        assert!(limited(&sent(from(forgot(&stage.api(), "n31@inbox.example"), "198.51.100.1")).await.2));
        assert!(!limited(&sent(from(forgot(&stage.api(), "n31@inbox.example"), "198.51.100.2")).await.2));
        stage.work().await;
    });
}

#[test]
fn links_are_limited_on_sqlite() {
    links(Kind::Sqlite);
}

#[test]
fn links_are_limited_on_postgres() {
    links(Kind::Postgres);
}

/// Tokens of links tried from one place: each page and each field that takes one counts, so that none is left to guess at.
fn tokens(kind: Kind) {
    let proxied = |config: &mut Config| config.trusted_proxies = vec![[127, 0, 0, 1].into()];
    tell_with(kind, proxied, async |stage| {
        let hana = stage.creator("Hana").await;
        let mut place = 0;
        // A place from which as many were tried as may be.
        let mut spent = async || {
            place += 1;
            let ip = format!("203.0.113.{place}");
            limits::spend(&stage.app, limits::TOKEN_BY_IP, &ip, limits::TOKEN_BY_IP.capacity).await.expect("room");
            ip
        };
        let routes: Vec<Entry> = Routes::listed(server::routes).into_iter().filter(|e| e.path.contains("{token}")).collect();
        assert!(routes.len() >= 11, "{routes:?}");
        for entry in routes {
            let path = entry.path.replace("{token}", "guess");
            let request = match entry.method.as_str() {
                "GET" => hana.browser.request(Method::GET, &path),
                _ => hana.browser.request(Method::POST, &path).form(&[("password", "quiet-harbor-sunrise-7")]),
            };
            let request = request.header("Sec-Fetch-Site", "same-origin");
            let (status, after, _) = sent(request.header("X-Forwarded-For", spent().await)).await;
            assert!(status == 429 && after.is_some(), "{} {}: {status}", entry.method, entry.path);
        }
        let errors = "{ userErrors { code } }";
        for query in [
            format!("mutation {{ signUpConfirm(input: {{ token: \"x\" }}) {errors} }}"),
            format!("mutation {{ passwordReset(input: {{ token: \"x\", password: \"quiet-harbor-sunrise-7\" }}) {errors} }}"),
            format!("mutation {{ emailChangeConfirm(input: {{ token: \"x\" }}) {errors} }}"),
            format!("mutation {{ memberInvitationAccept(input: {{ token: \"x\" }}) {errors} }}"),
            format!("mutation {{ invitationAccept(input: {{ invitation: {{ token: \"x\" }} }}) {errors} }}"),
            format!("mutation {{ invitationDecline(input: {{ invitation: {{ token: \"x\" }} }}) {errors} }}"),
            format!("mutation {{ invitationRenew(input: {{ invitation: {{ token: \"x\" }} }}) {errors} }}"),
            format!(
                "mutation {{ invitationSignUp(input: {{ token: \"x\", name: \"X\", password: \"quiet-harbor-sunrise-7\", conduct: true, locale: EN }}) {errors} }}"
            ),
            format!("mutation {{ mailUnsubscribe(input: {{ token: \"x\" }}) {errors} }}"),
            "{ invitationTeaser(token: \"x\") { state } }".to_owned(),
            "{ memberInvitationTeaser(token: \"x\") { state } }".to_owned(),
        ] {
            let (_, after, body) = sent(asked(&hana.api, &query).header("X-Forwarded-For", spent().await)).await;
            assert!(limited(&body) && after.is_some(), "{query}: {body}");
        }
    });
}

#[test]
fn tokens_tried_are_limited_on_sqlite() {
    tokens(Kind::Sqlite);
}

#[test]
fn tokens_tried_are_limited_on_postgres() {
    tokens(Kind::Postgres);
}

async fn picture(who: &Someone) -> u16 {
    who.api.upload(crate::api::PNG, "me.png").await.0
}

story!(pictures_have_a_limit_and_a_quota, async |stage| {
    let (hana, kenji) = (stage.creator("Hana").await, stage.creator("Kenji").await);
    for n in 0..30 {
        assert_eq!(picture(&hana).await, 201, "{n}");
    }
    assert_eq!((picture(&hana).await, picture(&kenji).await), (429, 201), "so many an hour, each for themselves");
    stage.advance(Duration::hours(1));
    for n in 30..40 {
        assert_eq!(picture(&hana).await, 201, "{n}");
    }
    let (status, said) = hana.api.upload(crate::api::PNG, "me.png").await;
    assert_eq!((status, &said["problems"][0]["code"]), (422, &json!("LIMIT_REACHED")), "{said}");
    // What nothing shows is forgotten after a day; then there is room.
    stage.advance(Duration::days(2));
    stage.routine().await;
    assert_eq!(picture(&hana).await, 201);
});

/// A statement that never ends is ended by the database itself (B5), also where no request waits for it.
#[test]
fn statements_on_postgres_have_a_time() {
    crate::stage::tell(Kind::Postgres, async |stage: &Stage| {
        use sea_orm::{ConnectionTrait, Statement};
        let ask = Statement::from_string(sea_orm::DatabaseBackend::Postgres, "SHOW statement_timeout");
        let row = stage.app.db().query_one_raw(ask).await.expect("asked").expect("a row");
        assert_eq!(row.try_get_by_index::<String>(0).expect("a text"), "30s");
    });
}
