//! `/graphql/ws` against the toy, on a real port with a real client (A7-A9, B9, B15).

mod toy;

use std::sync::atomic::Ordering;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use futures_util::{SinkExt, StreamExt};
use hibiki_edge::{Edge, Limits, Settings, routes};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use toy::Toy;

struct Server {
    toy: Toy,
    port: u16,
    handle: ServerHandle,
}

fn serve(settings: Settings) -> Server {
    let toy = Toy::new(settings);
    let edge = Edge::new(toy.clone());
    let server =
        HttpServer::new(move || App::new().configure(|cfg| routes(cfg, edge.clone()))).workers(1).bind("127.0.0.1:0").expect("a port");
    let port = server.addrs()[0].port();
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Server { toy, port, handle }
}

fn settings() -> Settings {
    Settings {
        own_origins: vec!["https://own.example".to_owned()],
        allowed_origins: vec!["https://friend.example".to_owned()],
        ..Settings::default()
    }
}

struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Server {
    async fn open(&self, headers: &[(&'static str, &str)]) -> Result<Client, u16> {
        let mut request = format!("ws://127.0.0.1:{}/graphql/ws", self.port).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Client(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    async fn plain(&self) -> Client {
        self.open(&[("sec-websocket-protocol", "graphql-transport-ws")]).await.expect("opened")
    }

    /// A socket behind its acknowledgement.
    async fn ready(&self) -> Client {
        let mut client = self.plain().await;
        client.send(json!({ "type": "connection_init" })).await;
        assert_eq!(client.next().await, json!({ "type": "connection_ack" }));
        client
    }
}

impl Client {
    async fn send(&mut self, message: Value) {
        self.raw(&message.to_string()).await;
    }

    async fn raw(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("sent");
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.send(json!({ "type": "subscribe", "id": id, "payload": { "query": query } })).await;
    }

    async fn message(&mut self) -> Option<Message> {
        tokio::time::timeout(Duration::from_secs(5), self.0.next()).await.expect("in time").and_then(Result::ok)
    }

    async fn next(&mut self) -> Value {
        loop {
            match self.message().await {
                Some(Message::Text(text)) => return serde_json::from_str(&text).expect("JSON"),
                Some(Message::Ping(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    async fn closed(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Message::Close(frame)) => {
                    return frame.map_or(1005, |frame| frame.code.into());
                }
                Some(_) => {}
                None => return 1006,
            }
        }
    }
}

#[actix_web::test]
async fn subscriptions_queries_and_mutations_run() {
    let server = serve(settings());
    let mut client = server.ready().await;
    client.subscribe("a", "subscription { ticks(count: 2) }").await;
    for at in 0..2 {
        assert_eq!(client.next().await, json!({ "type": "next", "id": "a", "payload": { "data": { "ticks": at } } }));
    }
    assert_eq!(client.next().await, json!({ "type": "complete", "id": "a" }));
    for (query, data) in [("{ hello }", json!({ "hello": "world" })), ("mutation { bump }", json!({ "bump": 1 }))] {
        client.subscribe("a", query).await;
        assert_eq!(client.next().await, json!({ "type": "next", "id": "a", "payload": { "data": data } }));
        assert_eq!(client.next().await, json!({ "type": "complete", "id": "a" }));
    }
    client.subscribe("e", "{ fault }").await;
    let next = client.next().await;
    assert_eq!((&next["type"], &next["payload"]["errors"][0]["extensions"]["code"]), (&json!("next"), &json!("INTERNAL_SERVER_ERROR")));
    assert_eq!(client.next().await["type"], "complete");
    client.send(json!({ "type": "ping", "payload": { "x": 1 } })).await;
    assert_eq!(client.next().await, json!({ "type": "pong", "payload": { "x": 1 } }));
    client.send(json!({ "type": "ping" })).await;
    assert_eq!(client.next().await, json!({ "type": "pong" }));
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn wrong_documents_give_one_error_and_nothing_more() {
    let server = serve(settings());
    let mut client = server.ready().await;
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ __schema { queryType { name } } }", "FORBIDDEN"),
        ("query($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        (
            "{ tree { tree { tree { tree { tree { tree { tree { tree { tree { tree { tree { tree { leaf } } } } } } } } } } } } }",
            "QUERY_TOO_COMPLEX",
        ),
    ] {
        client.subscribe("a", query).await;
        let error = client.next().await;
        assert_eq!((&error["type"], &error["payload"][0]["extensions"]["code"]), (&json!("error"), &json!(code)), "{query}: {error}");
    }
    // Nothing came behind the errors, and their id is free again.
    client.subscribe("a", "{ hello }").await;
    assert_eq!(client.next().await["type"], "next");
    assert_eq!(client.next().await["type"], "complete");
    server.toy.seen.budget.store(0, Ordering::SeqCst);
    for query in ["{ hello }", "subscription { ticks(count: 1) }"] {
        client.subscribe("a", query).await;
        let error = client.next().await;
        assert_eq!((&error["type"], &error["payload"][0]["extensions"]["code"]), (&json!("error"), &json!("RATE_LIMITED")));
        assert_eq!(error["payload"][0]["extensions"]["retryAfter"], 3);
    }
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn every_fault_has_its_close_code() {
    let server = serve(Settings { init_timeout: Duration::from_millis(200), max_body_bytes: 2_000, ..settings() });
    let init = json!({ "type": "connection_init" });
    for (acknowledged, messages, code) in [
        (false, vec![json!({ "type": "subscribe", "id": "a", "payload": { "query": "{ hello }" } })], 4401),
        (false, vec![json!({ "type": "connection_init", "payload": { "authorization": "Bearer zzz" } })], 4403),
        (false, vec![json!({ "type": "connection_init", "payload": 7 })], 4400),
        (false, vec![], 4408),
        (true, vec![init.clone()], 4429),
        (true, vec![json!([])], 4400),
        (true, vec![json!({})], 4400),
        (true, vec![json!({ "type": "start", "id": "a" })], 4400),
        (true, vec![json!({ "type": "subscribe", "payload": { "query": "{ hello }" } })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": "", "payload": { "query": "{ hello }" } })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": 1, "payload": { "query": "{ hello }" } })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": "a" })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": "a", "payload": {} })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": "a", "payload": { "query": 1 } })], 4400),
        (true, vec![json!({ "type": "subscribe", "id": "a", "payload": { "query": "{ hello }", "variables": [] } })], 4400),
        (true, vec![json!({ "type": "complete" })], 4400),
        (true, vec![json!({ "type": "ping", "payload": "x" })], 4400),
        (true, vec![json!({ "type": "pong", "payload": "x".repeat(3_000) })], 1009),
        (
            true,
            vec![
                json!({ "type": "subscribe", "id": "é".repeat(60), "payload": { "query": "subscription { ticks(count: 1, ms: 9999) }" } });
                2
            ],
            4409,
        ),
    ] {
        let mut client = if acknowledged { server.ready().await } else { server.plain().await };
        for message in &messages {
            client.send(message.clone()).await;
        }
        assert_eq!(client.closed().await, code, "{messages:?}");
    }
    let mut client = server.ready().await;
    client.raw("{").await;
    assert_eq!(client.closed().await, 4400);
    let mut client = server.ready().await;
    client.0.send(Message::binary(vec![1, 2])).await.expect("sent");
    assert_eq!(client.closed().await, 4400);
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn the_close_handshake_is_answered() {
    let server = serve(settings());
    let mut client = server.ready().await;
    client.0.close(None).await.expect("sent");
    assert!(matches!(client.closed().await, 1000 | 1005));
    assert!(client.message().await.is_none());
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn only_the_one_subprotocol_is_spoken() {
    let server = serve(settings());
    let mut client = server.open(&[]).await.expect("opened");
    assert_eq!(client.closed().await, 4406);
    let both = server.open(&[("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")]).await;
    assert!(both.is_ok());
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn origins_are_checked_at_the_upgrade_and_cookies_need_our_own() {
    let server = serve(settings());
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    let cookie = ("cookie", "session=1");
    for origin in ["https://evil.example", "null"] {
        assert_eq!(server.open(&[protocol, ("origin", origin)]).await.err(), Some(403));
    }
    for (headers, expected) in [
        (vec![protocol, ("origin", "https://own.example"), cookie], None),
        (vec![protocol, ("origin", "https://friend.example")], None),
        (vec![protocol, ("origin", "https://friend.example"), cookie], Some(4403)),
        (vec![protocol, cookie], Some(4403)),
    ] {
        let mut client = server.open(&headers).await.expect("opened");
        client.send(json!({ "type": "connection_init" })).await;
        match expected {
            None => assert_eq!(client.next().await["type"], "connection_ack"),
            Some(code) => assert_eq!(client.closed().await, code),
        }
    }
    let mut client = server.open(&[protocol, ("origin", "https://friend.example")]).await.expect("opened");
    client.send(json!({ "type": "connection_init", "payload": { "authorization": "Bearer ann" } })).await;
    assert_eq!(client.next().await["type"], "connection_ack");
    client.subscribe("a", "{ me }").await;
    assert_eq!(client.next().await["payload"]["data"]["me"], "ann");
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn an_ended_session_closes_the_socket() {
    let server = serve(Settings { recheck: Duration::from_millis(50), ..settings() });
    let (mut quiet, mut asking) = (server.ready().await, server.ready().await);
    quiet.subscribe("a", "subscription { ticks(count: 1, ms: 60000) }").await;
    server.toy.seen.revoked.store(true, Ordering::SeqCst);
    asking.subscribe("a", "mutation { bump }").await;
    assert_eq!((quiet.closed().await, asking.closed().await), (4403, 4403));
    let mut late = server.plain().await;
    late.send(json!({ "type": "connection_init" })).await;
    assert_eq!(late.closed().await, 4403);
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn a_new_operation_asks_again_before_it_runs() {
    let server = serve(settings());
    let mut client = server.ready().await;
    server.toy.seen.revoked.store(true, Ordering::SeqCst);
    client.subscribe("a", "mutation { bump }").await;
    assert_eq!(client.closed().await, 4403);
    assert_eq!(server.toy.seen.prepared.load(Ordering::SeqCst), 0);
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn complete_ends_an_operation_and_frees_its_place() {
    let server = serve(Settings { max_subscriptions: 1, max_operations_per_socket: 2, ..settings() });
    let mut client = server.ready().await;
    let endless = "subscription { ticks(count: 1, ms: 60000) }";
    client.subscribe("a", endless).await;
    client.subscribe("b", endless).await;
    let error = client.next().await;
    assert_eq!((&error["id"], &error["payload"][0]["extensions"]["code"]), (&json!("b"), &json!("RATE_LIMITED")));
    client.send(json!({ "type": "complete", "id": "a" })).await;
    client.send(json!({ "type": "complete", "id": "unknown" })).await;
    client.subscribe("a", "subscription { ticks(count: 1) }").await;
    assert_eq!(client.next().await["type"], "next");
    assert_eq!(client.next().await["type"], "complete");
    for id in ["x", "y", "z"] {
        client.subscribe(id, "{ slow(ms: 200) }").await;
    }
    let error = client.next().await;
    assert_eq!((&error["id"], &error["payload"][0]["extensions"]["code"]), (&json!("z"), &json!("RATE_LIMITED")));
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn a_query_ends_with_its_socket() {
    let server = serve(settings());
    let mut client = server.ready().await;
    client.subscribe("a", "{ slow(ms: 60000) }").await;
    while server.toy.seen.prepared.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(client);
    tokio::time::timeout(Duration::from_secs(5), async {
        while server.toy.seen.slow_dropped.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("dropped with the socket");
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn sockets_are_pinged_and_closed_when_idle() {
    let server = serve(Settings { ping_interval: Duration::from_millis(100), socket_idle: Duration::from_millis(350), ..settings() });
    let mut client = server.ready().await;
    assert!(matches!(client.message().await, Some(Message::Ping(_))));
    assert_eq!(client.closed().await, 1000);
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn sockets_are_capped_per_client() {
    let server = serve(Settings { max_sockets: 2, ..settings() });
    let (_a, b) = (server.ready().await, server.ready().await);
    let mut third = server.plain().await;
    third.send(json!({ "type": "connection_init" })).await;
    assert_eq!(third.closed().await, 1013);
    drop(b);
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.ready().await;
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn shutdown_closes_sockets() {
    let server = serve(settings());
    let mut client = server.ready().await;
    client.subscribe("a", "subscription { ticks(count: 1, ms: 60000) }").await;
    server.toy.settings.shutdown.cancel();
    assert_eq!(client.closed().await, 1001);
    server.handle.stop(true).await;
}

#[actix_web::test]
async fn a_client_that_does_not_read_stops_its_own_subscription() {
    let server = serve(Settings { send_timeout: Duration::from_millis(300), ..settings() });
    let mut client = server.ready().await;
    client.subscribe("a", "subscription { flood }").await;
    // 200,000 events of 4 kB would be 800 MB; what fits into the sockets' and actix's buffers is a few MB.
    let mut last = 0;
    tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            tokio::time::sleep(Duration::from_millis(700)).await;
            let now = server.toy.seen.flooded.load(Ordering::SeqCst);
            if now == last {
                break;
            }
            last = now;
        }
    })
    .await
    .expect("stopped");
    assert!((1..20_000).contains(&last), "{last} events were made");
    server.handle.stop(false).await;
}

#[actix_web::test]
async fn a_socket_message_is_limited_like_a_request() {
    let server = serve(Settings { limits: Limits { sensitive: ["signIn".to_owned()].into(), ..Limits::default() }, ..settings() });
    let mut client = server.ready().await;
    client.subscribe("a", "mutation { a: signIn(code: \"1\") b: signIn(code: \"2\") }").await;
    assert_eq!(client.next().await["payload"][0]["extensions"]["code"], "QUERY_TOO_COMPLEX");
    client.send(json!({ "type": "subscribe", "id": "c", "payload": { "query": "{ hello }", "extensions": { "cost": true } } })).await;
    assert_eq!(client.next().await["payload"]["extensions"]["cost"]["actualQueryCost"], 1);
    server.handle.stop(false).await;
}
