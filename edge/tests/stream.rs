//! `/graphql/stream` against the toy (A10).

mod toy;

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service, read_body};
use hibiki_edge::{Edge, Settings, routes};
use serde_json::json;
use toy::Toy;

fn ask(query: &str) -> TestRequest {
    TestRequest::post().uri("/graphql/stream").insert_header(("accept", "text/event-stream")).set_json(json!({ "query": query }))
}

async fn events(toy: &Toy, request: TestRequest) -> String {
    let edge = Edge::new(toy.clone());
    let app = init_service(App::new().configure(|cfg| routes(cfg, edge))).await;
    String::from_utf8(call_and_read_body(&app, request.to_request()).await.to_vec()).expect("text")
}

fn next(body: &str) -> String {
    format!("event: next\ndata: {body}\n\n")
}

const COMPLETE: &str = "event: complete\ndata:\n\n";

#[actix_web::test]
async fn subscriptions_queries_and_mutations_come_as_events() {
    let toy = Toy::new(Settings::default());
    for (request, expected) in [
        (ask("subscription { ticks(count: 2) }"), vec![r#"{"data":{"ticks":0}}"#, r#"{"data":{"ticks":1}}"#]),
        (ask("{ hello }"), vec![r#"{"data":{"hello":"world"}}"#]),
        (ask("mutation { bump }"), vec![r#"{"data":{"bump":1}}"#]),
        (ask("{ hello }").uri("/graphql"), vec![r#"{"data":{"hello":"world"}}"#]),
        (TestRequest::get().uri("/graphql/stream?query=subscription{ticks(count:1)}"), vec![r#"{"data":{"ticks":0}}"#]),
    ] {
        let expected: String = expected.into_iter().map(next).collect();
        assert_eq!(events(&toy, request).await, format!(":\n\n{expected}{COMPLETE}"));
    }
}

#[actix_web::test]
async fn a_wrong_document_comes_as_an_event_and_a_wrong_request_as_a_status() {
    let toy = Toy::new(Settings::default());
    for query in ["{ nope }", "{", "subscription { nope }"] {
        let body = events(&toy, ask(query)).await;
        assert!(body.contains("event: next\ndata: {\"errors\":[") && body.ends_with(COMPLETE), "{body}");
        assert!(!body.contains("\"data\":null"), "{body}");
    }
    let edge = Edge::new(toy.clone());
    let app = init_service(App::new().configure(|cfg| routes(cfg, edge))).await;
    for (request, status) in [
        (ask("{ hello }").insert_header(("authorization", "Bearer zzz")), 401),
        (ask("{ hello }").insert_header(("accept", "application/json")), 406),
        (ask("{ hello }").insert_header(("cookie", "session=1")), 403),
        (TestRequest::post().uri("/graphql/stream").insert_header(("content-type", "text/plain")).set_payload("{}"), 415),
        (TestRequest::get().uri("/graphql/stream?query=mutation{bump}"), 405),
        (TestRequest::delete().uri("/graphql/stream"), 405),
    ] {
        let response = call_service(&app, request.to_request()).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers().get("content-type").expect("a type"), "application/json; charset=utf-8");
    }
}

#[actix_web::test]
async fn refused_subscriptions_keep_their_code() {
    let toy = Toy::new(Settings::default());
    let body = events(&toy, ask("subscription { refused }")).await;
    assert!(body.contains("FORBIDDEN"), "{body}");
    toy.seen.budget.store(0, Ordering::SeqCst);
    let body = events(&toy, ask("subscription { ticks(count: 1) }")).await;
    assert!(body.contains("RATE_LIMITED"), "{body}");
}

#[actix_web::test]
async fn a_quiet_stream_pings_and_ends_with_its_session_or_the_server() {
    let settings = Settings { ping_interval: Duration::from_millis(20), recheck: Duration::from_millis(50), ..Settings::default() };
    let toy = Toy::new(settings.clone());
    let revoke = toy.seen.clone();
    actix_web::rt::spawn(async move {
        tokio::time::sleep(Duration::from_millis(80)).await;
        revoke.revoked.store(true, Ordering::SeqCst);
    });
    let body = events(&toy, ask("subscription { ticks(count: 1, ms: 60000) }")).await;
    assert!(body.contains(": ping\n\n") && body.contains("UNAUTHENTICATED") && body.ends_with(COMPLETE), "{body}");

    let stop = settings.shutdown.clone();
    let toy = Toy::new(settings);
    actix_web::rt::spawn(async move {
        tokio::time::sleep(Duration::from_millis(30)).await;
        stop.cancel();
    });
    let body = events(&toy, ask("subscription { ticks(count: 1, ms: 60000) }")).await;
    assert!(!body.contains("complete"), "a client comes back after a restart: {body}");
}

#[actix_web::test]
async fn subscriptions_are_capped_per_client_and_given_back() {
    let toy = Toy::new(Settings { max_subscriptions: 1, ..Settings::default() });
    let edge = Edge::new(toy.clone());
    let app = init_service(App::new().configure(|cfg| routes(cfg, edge))).await;
    let open = call_service(&app, ask("subscription { ticks(count: 1) }").to_request()).await;
    let second = || call_service(&app, ask("subscription { ticks(count: 1) }").to_request());
    let refused = second().await;
    assert_eq!(refused.status(), 429);
    assert!(refused.headers().contains_key("retry-after"));
    read_body(open).await;
    assert_eq!(second().await.status(), 200);
}
