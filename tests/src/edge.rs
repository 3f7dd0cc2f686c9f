//! The GraphQL edge of the running server under abuse: each is refused with its code, before it costs anything.

use std::time::{Duration, Instant};

use async_graphql::Variables;
use async_graphql_parser::parse_query;
use edge::{Limits, limits::measure};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use server::graph::documents::id_of;

use crate::{Stage, database::Kind, stage::tell_with, story};

const JSON: &str = "application/json";
const STRICT: &str = "application/graphql-response+json";

async fn code_of(response: reqwest::Response) -> (StatusCode, String) {
    let status = response.status();
    let body: Value = response.json().await.unwrap_or_default();
    (status, body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned())
}

async fn refused(stage: &Stage, query: &str) -> (StatusCode, String) {
    let began = Instant::now();
    let sent = stage.api().request(Method::POST, "/graphql").header("Accept", STRICT).json(&json!({ "query": query })).send().await;
    let answer = code_of(sent.expect("an answer")).await;
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());
    answer
}

/// Fragments that spread the next one twice: 2⁴⁰ fields when expanded.
fn bomb(levels: usize) -> String {
    let mut source = "{ ...F0 }".to_owned();
    for at in 0..levels {
        source += &format!(" fragment F{at} on Query {{ ...F{0} ...F{0} }}", at + 1);
    }
    source + &format!(" fragment F{levels} on Query {{ __typename }}")
}

story!(a_fragment_bomb, async |stage| {
    let source = bomb(40);
    let (status, code) = refused(stage, &source).await;
    assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "QUERY_TOO_COMPLEX"));
    // No more is looked at than stands there, whatever it expands to.
    let boundless = Limits { levels: u32::MAX, expanded_nodes: u64::MAX, root_fields: u64::MAX, cost: u64::MAX, ..Limits::default() };
    let measured = measure(&parse_query(&source).expect("it parses"), &Variables::default(), &boundless).expect("measured");
    assert!(measured.visited <= source.len() as u64, "{} nodes for {} bytes", measured.visited, source.len());
});

story!(fragments_in_a_circle, async |stage| {
    let (status, code) = refused(stage, "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }").await;
    assert!(status.is_client_error() && !code.is_empty(), "{status} {code}");
});

story!(ten_thousand_aliases, async |stage| {
    let aliases: String = (0..10_000).map(|n| format!("a{n}: __typename ")).collect();
    let (status, code) = refused(stage, &format!("{{ {aliases} }}")).await;
    assert_eq!((status, code.as_str()), (StatusCode::BAD_REQUEST, "QUERY_TOO_COMPLEX"));
});

story!(brackets_without_end, async |stage| {
    for source in ["{a".repeat(20_000), "[".repeat(30_000), "{ a(b: ".to_owned() + &"[".repeat(10_000)] {
        let (status, code) = refused(stage, &source).await;
        assert!(status.is_client_error() && !code.is_empty(), "{status} {code}");
    }
});

story!(a_body_of_ten_megabytes, async |stage| {
    let body = json!({ "query": format!("{{ __typename }} # {}", "x".repeat(10 * 1024 * 1024)) }).to_string();
    let sent = stage.api().request(Method::POST, "/graphql").header("Content-Type", JSON).body(body).send().await;
    // The server may close before it has read all; then there is no answer to read.
    if let Ok(response) = sent {
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    stage.api().ask("{ __typename }").await;
});

story!(types_that_any_page_may_send, async |stage| {
    let hana = stage.creator("Hana").await;
    let query = r#"{"query":"{ viewer { name } }"}"#;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql", ""] {
        let mut request = hana.session_api().request(Method::POST, "/graphql").body(query);
        if !kind.is_empty() {
            request = request.header("Content-Type", kind);
        }
        let (status, _) = code_of(request.send().await.expect("an answer")).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
});

story!(mutations_by_get, async |stage| {
    let hana = stage.creator("Hana").await;
    let query = "mutation { viewerEdit(input: {name: \"X\"}) { userErrors { code } } }";
    let sent = hana.api.request(Method::GET, "/graphql").header("Accept", STRICT).query(&[("query", query)]).send().await;
    let response = sent.expect("an answer");
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(response.headers()["allow"].to_str().is_ok_and(|v| v.contains("POST")));
    // A cookie counts for no GET at all: a link on another page could send it.
    let sent = hana.session_api().request(Method::GET, "/graphql").header("Accept", STRICT).query(&[("query", query)]).send().await;
    assert_eq!(sent.expect("an answer").status(), StatusCode::FORBIDDEN);
    assert_eq!(hana.api.ask("{ viewer { name } }").await["viewer"]["name"], "Hana");
    let sent = hana.api.request(Method::GET, "/graphql").header("Accept", STRICT).query(&[("query", "{ viewer { name } }")]).send().await;
    assert_eq!(sent.expect("an answer").status(), StatusCode::OK, "reading by GET is fine");
});

story!(pages_of_other_sites, async |stage| {
    let hana = stage.creator("Hana").await;
    let cookie = hana.browser.cookies();
    let body = json!({ "query": "mutation { viewerEdit(input: {name: \"X\"}) { userErrors { code } } }" });
    let send = async |headers: &[(&str, &str)]| {
        let mut request = stage.api().request(Method::POST, "/graphql").header("Cookie", &cookie).json(&body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    };
    for headers in [
        &[("Origin", "https://evil.example")][..],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Origin", "null")],
        &[],
    ] {
        let response = send(headers).await;
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{headers:?}");
        let (status, code) = code_of(response).await;
        assert_eq!((status, code.as_str()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{headers:?}");
    }
    // The portal's forms too.
    for headers in [&[("Origin", "https://evil.example")][..], &[("Sec-Fetch-Site", "cross-site")], &[]] {
        let mut request = hana.browser.request(Method::POST, "/account").form(&[("name", "X")]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.expect("an answer").status(), StatusCode::FORBIDDEN, "{headers:?}");
    }
    assert_eq!(hana.api.ask("{ viewer { name } }").await["viewer"]["name"], "Hana");
    assert_eq!(send(&[("Origin", &stage.url), ("Sec-Fetch-Site", "same-origin")]).await.status(), StatusCode::OK);
});

story!(the_schema_is_not_for_everybody, async |stage| {
    let (_, code) = refused(stage, "{ __schema { types { name } } }").await;
    assert!(!code.is_empty());
    stage.creator("Hana").await.api.ask("{ __schema { queryType { name } } }").await;
    // Nor do validation errors tell names.
    let answer = stage.api().call("{ vievver { name } }", json!({})).await;
    assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
    assert!(!answer.body.to_string().contains("viewer\""), "{}", answer.body);
});

story!(a_budget_that_is_spent, async |stage| {
    let hana = stage.creator("Hana").await;
    // Fifty at once is 1000 or more of cost; the bucket comes back by itself.
    let dear = "{ nodes(ids: [\"a\"]) { __typename } viewer { sessions { id } apiTokens { id } actors { name } } }";
    let sent = hana.api.request(Method::POST, "/graphql").header("GraphQL-Cost", "1").header("Accept", STRICT);
    let body: Value = sent.json(&json!({ "query": dear })).send().await.expect("an answer").json().await.expect("JSON");
    let cost = &body["extensions"]["cost"];
    assert!(cost["requestedQueryCost"].as_u64().is_some_and(|n| n > 0), "{body}");
    assert!(cost["throttleStatus"]["currentlyAvailable"].as_u64() <= cost["throttleStatus"]["maximumAvailable"].as_u64(), "{cost}");
});

fn documents(kind: Kind) {
    let dir = tempfile::tempdir().expect("a folder");
    let manifest = dir.path().join("persisted-documents.json");
    let text = "query Me { viewer { name } }";
    std::fs::write(&manifest, json!({ "me": text }).to_string()).expect("a manifest");
    let ask = async |stage: &Stage, body: Value| {
        let sent = stage.api().request(Method::POST, "/graphql").header("Accept", STRICT).json(&body).send().await;
        sent.expect("an answer").json::<Value>().await.expect("JSON")
    };
    let nobody = json!({ "data": { "viewer": null } });
    tell_with(
        kind,
        |config| config.graphql.documents = vec![manifest.clone()],
        async |stage| {
            assert_eq!(ask(stage, json!({ "documentId": "me" })).await, nobody);
            assert_eq!(ask(stage, json!({ "documentId": id_of(text) })).await, nobody);
            let by_get = format!("/graphql?documentId={}", id_of(text));
            let got = stage.api().request(Method::GET, &by_get).header("Accept", STRICT).send().await.expect("an answer");
            assert_eq!(got.json::<Value>().await.expect("JSON"), nobody);
            assert_eq!(ask(stage, json!({ "documentId": "you" })).await["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");

            // Apollo: first the hash alone, then once with the text, and from then on alone.
            let text = "{ actor { name } }";
            let hash = id_of(text).replace("sha256:", "");
            let by_hash = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
            let mut with_text = by_hash.clone();
            with_text["query"] = json!(text);
            assert_eq!(ask(stage, by_hash.clone()).await["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
            assert_eq!(ask(stage, with_text.clone()).await, json!({ "data": { "actor": null } }));
            assert_eq!(ask(stage, by_hash).await, json!({ "data": { "actor": null } }));
            with_text["query"] = json!("{ viewer { name } }");
            assert_eq!(ask(stage, with_text).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "another text under that hash");
        },
    );
    tell_with(
        kind,
        |config| (config.graphql.documents, config.graphql.only_documents) = (vec![manifest.clone()], true),
        async |stage| {
            assert_eq!(ask(stage, json!({ "documentId": "me" })).await, nobody);
            assert_eq!(ask(stage, json!({ "query": text })).await["errors"][0]["extensions"]["code"], "PERSISTED_QUERY_NOT_FOUND");
            let both = json!({ "query": "{ actor { name } }", "documentId": "me" });
            assert_eq!(ask(stage, both).await, nobody, "the text that came with it is not looked at");
        },
    );
}

#[test]
fn documents_are_known_by_their_hash() {
    documents(Kind::Sqlite);
}

fn names(kind: Kind) {
    let ask = async |stage: &Stage, query: &str, client: Option<&str>| {
        let mut request = stage.api().request(Method::POST, "/graphql").header("Accept", STRICT).json(&json!({ "query": query }));
        if let Some(client) = client {
            request = request.header("GraphQL-Client-Name", client);
        }
        code_of(request.send().await.expect("an answer")).await
    };
    let required = |config: &mut server::config::Config| {
        (config.graphql.require_operation_name, config.graphql.require_client_name) = (true, true);
    };
    tell_with(kind, required, async |stage| {
        let named = "query Me { viewer { name } }";
        assert_eq!(ask(stage, named, Some("shop")).await, (StatusCode::OK, String::new()));
        for (query, client) in [("{ viewer { name } }", Some("shop")), (named, None), ("{ viewer { name } }", None)] {
            assert_eq!(ask(stage, query, client).await, (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".to_owned()), "{query} {client:?}");
        }
    });
    tell_with(kind, |_| {}, async |stage| assert_eq!(ask(stage, "{ viewer { name } }", None).await.0, StatusCode::OK));
}

#[test]
fn names_may_be_required() {
    names(Kind::Sqlite);
}
