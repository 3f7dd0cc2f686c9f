//! What every answer carries, whoever asks for whatever; and that every write asks where it comes from. Walks the list of routes, so that
//! a new one is covered by itself.

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::json;
use server::web::routes::{Routes, Who};

use super::{
    authority::{World, filled},
    none,
};
use crate::{
    Browser,
    database::Kind,
    people::PASSWORD,
    stage::{tell, tell_with},
};

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

/// What is wrong with the headers of an answer to this pattern of address (B21, B28, B50).
fn faults(pattern: &str, headers: &HeaderMap) -> Vec<String> {
    let kept = ["/assets/", "/pictures/", "/schema.graphql"].iter().any(|start| pattern.starts_with(start));
    let holds_token = pattern.contains("{token}");
    let html = header(headers, "content-type").starts_with("text/html");
    let mut wrong = Vec::new();
    let mut must = |name: &str, fine: &dyn Fn(&str) -> bool| {
        if !fine(header(headers, name)) {
            wrong.push(format!("{pattern}: {name}: {}", header(headers, name)));
        }
    };
    must("content-security-policy", &|policy| {
        let strict = policy.starts_with("default-src 'none'") && !policy.contains("unsafe") && !policy.contains('*');
        let page = ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"];
        strict && (!html || page.iter().all(|part| policy.contains(part)))
    });
    must("x-content-type-options", &|v| v == "nosniff");
    must("x-frame-options", &|v| v == "DENY" || v == "SAMEORIGIN");
    must("referrer-policy", &|v| v == if holds_token { "strict-origin" } else { "same-origin" });
    must("cache-control", &|v| v == "no-store" || kept);
    must("cross-origin-opener-policy", &|v| v == "same-origin");
    must("cross-origin-resource-policy", &|v| v == "same-origin");
    must("permissions-policy", &|v| ["camera=()", "microphone=()", "geolocation=()"].iter().all(|part| v.contains(part)));
    must("x-request-id", &|v| v.len() == 32);
    // What runs here, and in which version, is nobody's business.
    for banner in ["server", "x-powered-by", "via"] {
        must(banner, &str::is_empty);
    }
    wrong
}

/// Every route, asked by GET as nobody, a creator, an owner and an admin; and what is no route.
#[test]
fn every_answer_has_its_headers() {
    tell(Kind::Sqlite, async |stage| {
        let mut world = World::new(stage).await;
        world.afresh(stage).await;
        let mut wrong = Vec::new();
        for who in [None, Some(&world.hana), Some(&world.acme), Some(&world.admin)] {
            let browser = who.map_or_else(|| stage.browser(), |someone| someone.browser.clone());
            for entry in Routes::listed(server::routes).iter().filter(|e| e.method == "GET") {
                let page = browser.get_only(&filled(entry.path, &[], world.ids())).await;
                wrong.extend(faults(entry.path, &page.headers));
                if page.headers.contains_key("strict-transport-security") {
                    wrong.push(format!("{}: HSTS over plain http", entry.path));
                }
            }
            wrong.extend(faults("/nothing/here", &browser.get_only("/nothing/here").await.is(404).headers));
        }
        let fresh = server::web::assets::url("css/hibiki.css");
        let kept = stage.browser().get_only(&fresh).await.ok();
        assert_eq!(kept.header("cache-control"), "public, max-age=31536000, immutable");
        wrong.extend(faults(&fresh, &kept.headers));
        // Refusals and the API too.
        let refused = stage.browser().request(Method::POST, "/sign-in").send().await.expect("an answer");
        wrong.extend(faults("POST /sign-in", refused.headers()));
        let api = world.hana.api.request(Method::POST, "/graphql").json(&json!({ "query": "{ viewer { name } }" }));
        wrong.extend(faults("POST /graphql", api.send().await.expect("an answer").headers()));
        none("headers", wrong);
        stage.failures_are_the_point();
    });
}

/// Another site's page sends each write of ours in the name of whoever visits it (B27): the sign-in form, where it would sign the visitor in
/// as somebody else, is no exception.
#[test]
fn no_write_takes_a_form_of_another_site() {
    tell(Kind::Sqlite, async |stage| {
        let mut world = World::new(stage).await;
        world.afresh(stage).await;
        let from = [
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")][..],
            &[("Sec-Fetch-Site", "same-site"), ("Origin", &stage.url)],
            &[("Sec-Fetch-Site", "none")],
            &[("Origin", "https://evil.example")],
            &[("Origin", "null")],
            &[],
        ];
        let (mut wrong, mut tried) = (Vec::new(), 0);
        for entry in Routes::listed(server::routes).iter().filter(|e| e.method == "POST") {
            let path = filled(entry.path, &[], world.ids());
            for browser in [&world.hana.browser, &world.acme.browser, &world.admin.browser] {
                for headers in &from {
                    let mut request = browser.request(Method::POST, &path).form(&[("email", &*world.hana.email), ("password", PASSWORD)]);
                    for (name, value) in *headers {
                        request = request.header(*name, *value);
                    }
                    let answer = request.send().await.expect("an answer");
                    tried += 1;
                    // Whoever unsubscribes by one click is proven by the token alone: mail programs do it, not browsers.
                    // What networks tell is proven by its signature.
                    let signed = entry.path.starts_with("/hooks/");
                    let proven = signed || (entry.path.starts_with("/unsubscribe/") && entry.who == Who::Token);
                    let cookie = answer.headers().contains_key("set-cookie");
                    if (answer.status() != StatusCode::FORBIDDEN && !proven) || cookie {
                        wrong.push(format!("POST {path} from {headers:?}: {}", answer.status()));
                    }
                }
            }
        }
        assert!(tried > 1_000, "{tried}");
        none("writes that other sites may send", wrong);
        for someone in [&world.hana, &world.acme, &world.admin] {
            someone.browser.get_only("/account").await.ok();
        }
        stage.failures_are_the_point();
    });
}

/// The cookies that an answer sets, each as its parts: `hibiki=…`, `HttpOnly`, ….
fn cookies(headers: &HeaderMap) -> Vec<Vec<String>> {
    let set = headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok());
    set.map(|cookie| cookie.split(';').map(|part| part.trim().to_owned()).collect()).collect()
}

fn sessions_cookie(headers: &HeaderMap, name: &str) -> Vec<String> {
    let all = cookies(headers);
    let found = all.iter().find(|parts| parts[0].split('=').next() == Some(name)).cloned();
    found.unwrap_or_else(|| panic!("no cookie {name}: {all:?}"))
}

async fn signed_in(browser: &Browser, email: &str, more: Option<&str>) -> HeaderMap {
    let request = browser.request(Method::POST, "/sign-in").form(&[("email", email), ("password", PASSWORD)]);
    let mut request = request.header("Sec-Fetch-Site", "same-origin");
    if let Some(cookie) = more {
        request = request.header("Cookie", cookie);
    }
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers().clone()
}

fn with_https(kind: Kind) {
    let settings = |config: &mut server::config::Config| config.public_url = "https://hibiki.example".parse().expect("an address");
    tell_with(kind, settings, async |stage| {
        let hana = stage.person("Hana").await;
        let signed_in = signed_in(&stage.browser(), &hana.email, None).await;
        assert_eq!(header(&signed_in, "strict-transport-security"), "max-age=31536000; includeSubDomains");
        // Browsers let only our own pages set a cookie of this name, and only so: secure, for the whole host and for no other.
        let cookie = sessions_cookie(&signed_in, "__Host-hibiki");
        for part in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
            assert!(cookie.iter().any(|p| p == part), "{part}: {cookie:?}");
        }
        assert!(!cookie.iter().any(|p| p.to_ascii_lowercase().starts_with("domain")), "{cookie:?}");
        assert!(cookie[0].len() - "__Host-hibiki=".len() >= 43, "256 bits: {}", cookie[0].len());

        // Its name without the prefix means nothing.
        let token = cookie[0].trim_start_matches("__Host-").to_owned();
        let open = async |cookie: &str| {
            let sent = stage.browser().request(Method::GET, "/account").header("Cookie", cookie).send().await.expect("an answer");
            sent.status().as_u16()
        };
        assert_eq!((open(&token).await, open(&cookie[0]).await), (303, 200));

        // Signing out takes it back, in the same words.
        let out = stage.browser().request(Method::POST, "/sign-out").header("Cookie", &cookie[0]).header("Sec-Fetch-Site", "same-origin");
        let out = out.send().await.expect("an answer").headers().clone();
        let gone = sessions_cookie(&out, "__Host-hibiki");
        assert!(gone[0].ends_with('=') && gone.iter().any(|p| p == "Max-Age=0") && gone.iter().any(|p| p == "Secure"), "{gone:?}");
        for parts in cookies(&signed_in).iter().chain(&cookies(&out)) {
            assert!(parts.iter().any(|p| p == "Secure"), "{parts:?}");
        }
        assert_eq!(open(&cookie[0]).await, 303);
    });
}

#[test]
fn with_https_on_sqlite() {
    with_https(Kind::Sqlite);
}

#[test]
fn with_https_on_postgres() {
    with_https(Kind::Postgres);
}

fn fixed(kind: Kind) {
    tell(kind, async |stage| {
        let hana = stage.person("Hana").await;
        let eve = stage.person("Eve").await;
        let browser = stage.browser();
        // Somebody has put a cookie into the browser before, made up or their own: it is not the one that signs in.
        for planted in ["hibiki=planted".to_owned(), eve.browser.cookies()] {
            let cookie = sessions_cookie(&signed_in(&browser, &hana.email, Some(&planted)).await, "hibiki");
            assert!(cookie.iter().any(|p| p == "HttpOnly") && cookie.iter().any(|p| p == "SameSite=Lax"), "{cookie:?}");
            assert!(!cookie.iter().any(|p| p == "Secure"), "over plain http browsers would drop it: {cookie:?}");
            assert_ne!(cookie[0], planted);
            assert_eq!(stage.api().cookie(&cookie[0]).ask("{ viewer { name } }").await["viewer"]["name"], "Hana");
            let before = stage.api().cookie(&planted).ask("{ viewer { name } }").await["viewer"]["name"].clone();
            assert_ne!(before, "Hana", "the planted cookie became a session of hers");
        }
    });
}

#[test]
fn a_planted_cookie_signs_nobody_in_on_sqlite() {
    fixed(Kind::Sqlite);
}

#[test]
fn a_planted_cookie_signs_nobody_in_on_postgres() {
    fixed(Kind::Postgres);
}

/// TRACE would send headers back that scripts cannot read; no other method does anything either (B50).
#[test]
fn other_methods_do_nothing() {
    tell(Kind::Sqlite, async |stage| {
        let hana = stage.person("Hana").await;
        for path in ["/", "/account", "/sign-in", "/graphql", "/healthz"] {
            for method in [Method::TRACE, Method::PUT, Method::DELETE, Method::PATCH] {
                let sent = hana.browser.request(method.clone(), path).header("Sec-Fetch-Site", "same-origin").header("X-Secret", "echo-me");
                let answer = sent.send().await.expect("an answer");
                assert!(answer.status().is_client_error(), "{method} {path}: {}", answer.status());
                let text = answer.text().await.expect("a body");
                assert!(!text.contains("echo-me") && !text.contains(&hana.browser.cookies()), "{method} {path}: {text}");
            }
        }
    });
}
