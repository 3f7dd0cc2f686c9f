//! `/graphql` against the toy: negotiation, codes, CSRF, CORS, introspection, cost, time and cancellation.

mod toy;

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_http::Request;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service, read_body};
use actix_web::{App, Error, HttpMessage, HttpServer};
use hibiki_edge::{Edge, Limits, RequestId, Settings, routes};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use toy::Toy;

const STRICT: &str = "application/graphql-response+json";

fn settings() -> Settings {
    Settings {
        own_origins: vec!["https://own.example".to_owned()],
        allowed_origins: vec!["https://friend.example".to_owned()],
        request_timeout: Duration::from_millis(400),
        limits: Limits { sensitive: ["signIn".to_owned()].into(), ..Limits::default() },
        ..Settings::default()
    }
}

struct Reply {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: Value,
}

impl Reply {
    fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

async fn send(toy: &Toy, request: TestRequest) -> Reply {
    let edge = Edge::new(toy.clone());
    let app = init_service(App::new().configure(|cfg| routes(cfg, edge))).await;
    call(&app, request).await
}

async fn call<S, B>(app: &S, request: TestRequest) -> Reply
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let response = app.call(request.to_request()).await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = read_body(response).await;
    Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
}

fn post(body: &Value) -> TestRequest {
    TestRequest::post().uri("/graphql").insert_header(("accept", STRICT)).set_json(body)
}

fn ask(query: &str) -> TestRequest {
    post(&json!({ "query": query }))
}

async fn asked(query: &str) -> Reply {
    send(&Toy::new(settings()), ask(query)).await
}

#[actix_web::test]
async fn a_query_is_answered() {
    let reply = asked("{ hello }").await;
    assert_eq!((reply.status, reply.body), (200, json!({ "data": { "hello": "world" } })));
    assert_eq!(reply.headers.get("content-type").expect("a type"), "application/graphql-response+json; charset=utf-8");
    assert_eq!(reply.headers.get("cache-control").expect("no store"), "no-store");
    assert_eq!(reply.headers.get("x-request-id").expect("an id").len(), 32);
}

#[actix_web::test]
async fn request_errors_have_a_code_an_id_and_no_data() {
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ hello } { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { hello }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo(text: 7) }", "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        ("query A { hello } query B { hello }", "BAD_USER_INPUT"),
        ("subscription { ticks(count: 1) }", "BAD_USER_INPUT"),
        ("{ __schema { queryType { name } } }", "FORBIDDEN"),
        ("{ ...F } fragment F on Query { t: __type(name: \"Query\") { name } }", "FORBIDDEN"),
        ("mutation { a: signIn(code: \"1\") b: signIn(code: \"2\") }", "QUERY_TOO_COMPLEX"),
        ("mutation { ...A ...A } fragment A on Mutation { signIn(code: \"1\") }", "QUERY_TOO_COMPLEX"),
    ] {
        let reply = asked(query).await;
        assert_eq!(reply.code(), code, "{query}: {}", reply.body);
        assert_eq!(reply.status, if code == "FORBIDDEN" { 403 } else { 400 }, "{query}");
        assert!(reply.body.get("data").is_none(), "{query}");
        assert_eq!(reply.body["errors"][0]["extensions"]["requestId"], reply.header("x-request-id"), "{query}");
        let message = reply.body["errors"][0]["message"].as_str().expect("a message");
        assert!(!message.contains('\n') && !message.contains("-->"), "{message}");
    }
}

#[actix_web::test]
async fn wrong_variables_are_bad_input() {
    for variables in [
        json!({}),
        json!({ "t": null }),
        json!({ "t": 7 }),
        json!({ "t": ["a"] }),
        json!({ "t": "a", "n": "x" }),
        json!({ "t": "a", "n": 3_000_000_000_u64 }),
    ] {
        let query = "query($t: String!, $n: Int! = 1) { echo(text: $t, times: $n) }";
        let reply = send(&Toy::new(settings()), post(&json!({ "query": query, "variables": variables }))).await;
        assert_eq!((reply.status, reply.code()), (400, "BAD_USER_INPUT"), "{variables}: {}", reply.body);
    }
}

#[actix_web::test]
async fn old_clients_get_200_for_whatever_was_a_graphql_request() {
    let toy = Toy::new(settings());
    for accept in ["application/json", "*/*"] {
        let reply = send(&toy, ask("{ nope }").insert_header(("accept", accept))).await;
        assert_eq!((reply.status, reply.code()), (200, "GRAPHQL_VALIDATION_FAILED"));
        assert!(reply.body.get("data").is_none());
    }
}

#[actix_web::test]
async fn what_is_not_a_request_is_refused_by_http() {
    let toy = Toy::new(settings());
    let raw = |kind: &'static str, body: &str| {
        TestRequest::post().uri("/graphql").insert_header(("content-type", kind)).set_payload(body.to_owned())
    };
    let good = r#"{"query":"mutation { bump }"}"#;
    let get = |query: &str| TestRequest::get().uri(&format!("/graphql?{query}"));
    for (request, status) in [
        (raw("text/plain", good), 415),
        (raw("application/x-www-form-urlencoded", good), 415),
        (raw("multipart/form-data; boundary=x", good), 415),
        (raw("application/json; charset=utf-16", good), 415),
        (TestRequest::post().uri("/graphql").set_payload(good), 415),
        (raw("application/json", good).insert_header(("content-encoding", "gzip")), 415),
        (raw("application/json", good).insert_header(("accept", "text/html")), 406),
        (raw("application/json", "{"), 400),
        (raw("application/json", "[]"), 400),
        (raw("application/json", r#"[{"query":"{hello}"}]"#), 400),
        (raw("application/json", "7"), 400),
        (raw("application/json", "{}"), 400),
        (raw("application/json", r#"{"query":1}"#), 400),
        (raw("application/json", r#"{"query":"{hello}","variables":[]}"#), 400),
        (raw("application/json", r#"{"query":"{hello}","extensions":"x"}"#), 400),
        (raw("application/json", r#"{"query":"{hello}","operationName":1}"#), 400),
        (raw("application/json", &format!("{{\"query\":\"{}\"}}", "x".repeat(300_000))), 413),
        (raw("application/json", &"[".repeat(200_000)), 400),
        (get("query=mutation{bump}"), 405),
        (get("query={hello}&variables=x"), 400),
        (get("query={hello}&query={hello}"), 400),
        (get(""), 400),
        (TestRequest::put().uri("/graphql"), 405),
        (TestRequest::delete().uri("/graphql"), 405),
    ] {
        let reply = send(&toy, request).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(reply.code(), "BAD_USER_INPUT");
        assert!(reply.body.get("data").is_none());
        if status == 405 {
            assert!(reply.headers.contains_key("allow"));
        }
    }
    assert_eq!(toy.seen.prepared.load(Ordering::SeqCst), 0);
}

#[actix_web::test]
async fn get_asks_queries_with_all_parameters() {
    let query = "query=query%20A{hello}%20query%20B($t:String!){echo(text:$t)}&operationName=B&variables={%22t%22:%22x%22}&extensions={}";
    let reply = send(&Toy::new(settings()), TestRequest::get().uri(&format!("/graphql?{query}"))).await;
    assert_eq!((reply.status, reply.body), (200, json!({ "data": { "echo": "x" } })));
}

#[actix_web::test]
async fn resolver_errors_are_masked_unless_they_have_a_code() {
    for (query, code) in [("{ fault }", "INTERNAL_SERVER_ERROR"), ("{ denied }", "FORBIDDEN"), ("{ must }", "INTERNAL_SERVER_ERROR")] {
        let reply = asked(query).await;
        assert_eq!((reply.status, reply.code()), (200, code));
        assert!(reply.body.get("data").is_some());
        assert!(!reply.body.to_string().contains("SELECT"));
    }
    let reply = asked("{ boom }").await;
    assert_eq!((reply.status, reply.code()), (500, "INTERNAL_SERVER_ERROR"));
    assert!(!reply.body.to_string().contains("passwd"));
}

#[actix_web::test]
async fn errors_are_capped_and_give_no_hints_to_strangers() {
    assert_eq!(asked("{ faults { fault } }").await.body["errors"].as_array().map(Vec::len), Some(20));
    let wrong: String = (0..300).map(|at| format!(" no{at}")).collect();
    assert_eq!(asked(&format!("{{ tree {{ {wrong} }} }}")).await.body["errors"].as_array().map(Vec::len), Some(20));
    assert!(!asked("{ helo }").await.body.to_string().contains("Did you mean"));
    let dev = send(&Toy::new(settings()), ask("{ helo }").insert_header(("authorization", "Bearer dev"))).await;
    assert!(dev.body.to_string().contains("Did you mean"));
}

#[actix_web::test]
async fn introspection_is_for_those_who_may() {
    let query = include_str!("introspection.graphql");
    let dev = send(&Toy::new(settings()), ask(query).insert_header(("authorization", "Bearer dev"))).await;
    assert_eq!(dev.status, 200, "{}", dev.body);
    assert_eq!(dev.body["data"]["__schema"]["queryType"]["name"], "Query");
    let bomb = "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }";
    let dev = send(&Toy::new(settings()), ask(bomb).insert_header(("authorization", "Bearer dev"))).await;
    assert_eq!(dev.code(), "QUERY_TOO_COMPLEX");
}

#[actix_web::test]
async fn the_request_id_of_the_middleware_is_used() {
    let edge = Edge::new(Toy::new(settings()));
    let app = App::new().configure(|cfg| routes(cfg, edge)).wrap_fn(|request, next| {
        request.extensions_mut().insert(RequestId("req_7".to_owned()));
        next.call(request)
    });
    let reply = call(&init_service(app).await, ask("{ nope }")).await;
    assert_eq!(reply.header("x-request-id"), "req_7");
    assert_eq!(reply.body["errors"][0]["extensions"]["requestId"], "req_7");
}

#[actix_web::test]
async fn a_wrong_token_is_401() {
    let reply = send(&Toy::new(settings()), ask("{ hello }").insert_header(("authorization", "Bearer zzz"))).await;
    assert_eq!((reply.status, reply.code()), (401, "UNAUTHENTICATED"));
    assert_eq!(reply.header("www-authenticate"), "Bearer");
}

#[actix_web::test]
async fn a_cookie_counts_only_from_our_own_pages() {
    let toy = Toy::new(settings());
    for (headers, status) in [
        (vec![], 403),
        (vec![("sec-fetch-site", "same-origin")], 200),
        (vec![("sec-fetch-site", "same-site")], 403),
        (vec![("sec-fetch-site", "none")], 403),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://own.example"), ("x-requested-with", "x")], 403),
        (vec![("origin", "https://own.example")], 200),
        (vec![("origin", "https://friend.example"), ("x-requested-with", "x")], 403),
        (vec![("origin", "null")], 403),
        (vec![("x-requested-with", "fetch")], 200),
    ] {
        let mut request = ask("mutation { bump }").insert_header(("cookie", "session=1"));
        for header in &headers {
            request = request.insert_header(*header);
        }
        let reply = send(&toy, request).await;
        assert_eq!(reply.status, status, "{headers:?}");
    }
    let get = TestRequest::get()
        .uri("/graphql?query={hello}")
        .insert_header(("cookie", "session=1"))
        .insert_header(("sec-fetch-site", "same-origin"));
    assert_eq!(send(&toy, get).await.status, 403);
}

#[actix_web::test]
async fn only_listed_origins_may_read_and_never_with_credentials() {
    let toy = Toy::new(settings());
    for (origin, allowed) in [("https://friend.example", true), ("https://evil.example", false), ("null", false)] {
        let preflight = TestRequest::default()
            .method(actix_web::http::Method::OPTIONS)
            .uri("/graphql")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "POST"));
        for request in [preflight, ask("{ hello }").insert_header(("origin", origin))] {
            let reply = send(&toy, request).await;
            assert_eq!(reply.header("access-control-allow-origin"), if allowed { origin } else { "" });
            assert!(!reply.headers.contains_key("access-control-allow-credentials"));
            assert!(reply.headers.get_all("vary").any(|value| value == "Origin"));
        }
    }
}

#[actix_web::test]
async fn cost_is_taken_given_back_and_shown() {
    let toy = Toy::new(settings());
    let query = "{ creators(first: 100) { edges { node { id name } } } }";
    let reply = send(&toy, ask(query).insert_header(("graphql-cost", "1"))).await;
    let cost = &reply.body["extensions"]["cost"];
    assert_eq!((&cost["requestedQueryCost"], &cost["actualQueryCost"]), (&json!(201), &json!(15)), "{}", reply.body);
    assert_eq!(cost["throttleStatus"], json!({ "maximumAvailable": 1_000_000, "currentlyAvailable": 999_985, "restoreRate": 50 }));
    assert!(send(&toy, ask(query)).await.body.get("extensions").is_none());

    toy.seen.budget.store(100, Ordering::SeqCst);
    for accept in [STRICT, "application/json"] {
        let reply = send(&toy, ask(query).insert_header(("accept", accept))).await;
        assert_eq!((reply.status, reply.code(), reply.header("retry-after")), (429, "RATE_LIMITED", "3"));
    }
    assert_eq!(toy.seen.budget.load(Ordering::SeqCst), 100);
}

#[actix_web::test]
async fn prepare_runs_once_per_operation() {
    let toy = Toy::new(settings());
    for expected in 1..=3 {
        assert_eq!(send(&toy, ask("{ a: prepared b: prepared }")).await.body["data"], json!({ "a": expected, "b": expected }));
    }
}

#[actix_web::test]
async fn slow_operations_are_stopped() {
    let toy = Toy::new(settings());
    let reply = send(&toy, ask("{ slow(ms: 10000) }")).await;
    assert_eq!((reply.status, reply.code()), (504, "INTERNAL_SERVER_ERROR"));
    assert_eq!(toy.seen.slow_dropped.load(Ordering::SeqCst), 1);
}

#[actix_web::test]
async fn a_client_runs_only_so_much_at_once() {
    let toy = Toy::new(Settings { max_concurrent: 2, ..settings() });
    let edge = Edge::new(toy.clone());
    let app = init_service(App::new().configure(|cfg| routes(cfg, edge))).await;
    let slow = || call(&app, ask("{ slow(ms: 100) }"));
    let (a, b, c, other) =
        tokio::join!(slow(), slow(), slow(), call(&app, ask("{ hello }").insert_header(("authorization", "Bearer ann"))));
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort_unstable();
    assert_eq!((statuses, other.status), ([200, 200, 429], 200));
    assert_eq!(slow().await.status, 200, "places are given back");
}

#[actix_web::test]
async fn an_operation_ends_with_its_connection() {
    let toy = Toy::new(Settings { request_timeout: Duration::from_secs(30), ..settings() });
    let edge = Edge::new(toy.clone());
    let server = HttpServer::new(move || App::new().configure(|cfg| routes(cfg, edge.clone())))
        .h1_allow_half_closed(false)
        .workers(1)
        .bind("127.0.0.1:0")
        .expect("a port");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let mut client = tokio::net::TcpStream::connect(address).await.expect("connected");
    let body = r#"{"query":"query Left { slow(ms: 20000) }"}"#;
    let request =
        format!("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    client.write_all(request.as_bytes()).await.expect("sent");
    while toy.seen.prepared.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(client);
    tokio::time::timeout(Duration::from_secs(5), async {
        while toy.seen.slow_dropped.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("dropped with the connection");
    assert_eq!(toy.seen.log.lock().expect("not poisoned").as_slice(), ["Left  0 [] false"]);
    handle.stop(false).await;
    let _ = running.await;
}

#[actix_web::test]
async fn operations_are_logged_with_their_names() {
    let toy = Toy::new(settings());
    send(&toy, ask("query Hi { hello }").insert_header(("apollographql-client-name", "portal"))).await;
    send(&toy, ask("{")).await;
    assert_eq!(toy.seen.log.lock().expect("not poisoned").as_slice(), ["Hi portal 1 [] true", "  0 [\"GRAPHQL_PARSE_FAILED\"] true"]);
    let strict = Toy::new(Settings { require_client_name: true, require_operation_name: true, ..settings() });
    assert_eq!(send(&strict, ask("query Hi { hello }")).await.status, 400);
    assert_eq!(send(&strict, ask("query Hi { hello }").insert_header(("graphql-client-name", "x"))).await.status, 200);
    assert_eq!(send(&strict, ask("{ hello }").insert_header(("graphql-client-name", "x"))).await.status, 400);
}

#[actix_web::test]
async fn stored_documents_are_found_by_their_id() {
    let toy = Toy::new(settings());
    let apollo = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": "abc" } } });
    for body in [json!({ "documentId": "sha256:abc" }), apollo] {
        assert_eq!(send(&toy, post(&body)).await.body["data"]["hello"], "world");
    }
    assert_eq!(send(&toy, post(&json!({ "documentId": "zzz" }))).await.code(), "PERSISTED_QUERY_NOT_FOUND");
    let only = Toy::new(Settings { only_stored_documents: true, ..settings() });
    assert_eq!(send(&only, ask("{ hello }")).await.code(), "PERSISTED_QUERY_NOT_FOUND");
}

#[actix_web::test]
async fn what_the_nesting_limit_lets_through_fits_the_stack() {
    // The library's parser overflows a thread of 2 MB at a few hundred.
    let list = format!("{{ tree {{ leaf(list: {}1{}) }} }}", "[".repeat(37), "]".repeat(37));
    let typed = format!("query($x: {}Int{}) {{ hello }}", "[".repeat(39), "]".repeat(39));
    for query in [list, typed] {
        assert_ne!(asked(&query).await.code(), "QUERY_TOO_COMPLEX");
    }
}

#[actix_web::test]
async fn bombs_are_refused_quickly() {
    let mut bomb = "{ ...F0 }".to_owned();
    for at in 0..26 {
        bomb.push_str(&format!(" fragment F{at} on Query {{ ...F{0} ...F{0} }}", at + 1));
    }
    bomb.push_str(" fragment F26 on Query { hello }");
    let many: String = (0..10_000).map(|at| format!(" a{at}: hello")).collect();
    let wide = " hello".repeat(10_000);
    let deep = format!("{}leaf{}", "{ tree ".repeat(10_000), "}".repeat(10_000));
    let list = format!("{{ tree {{ leaf(list: {}1{}) }} }}", "[".repeat(10_000), "]".repeat(10_000));
    let typed = format!("query($x: {}Int{}) {{ hello }}", "[".repeat(10_000), "]".repeat(10_000));
    for query in [bomb, format!("{{ {many} }}"), format!("{{ {wide} }}"), deep, list, typed] {
        let start = std::time::Instant::now();
        let reply = asked(&query).await;
        assert_eq!((reply.status, reply.code()), (400, "QUERY_TOO_COMPLEX"), "{:.60}", query);
        assert!(start.elapsed() < Duration::from_millis(300), "{:?}: {:.60}", start.elapsed(), query);
    }
}
