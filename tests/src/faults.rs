//! Faults of ours (B12): whoever met one gets a sentence and an id, and the log has the cause under the same id. And what the log never has.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use server::base::clock::Clock;

use crate::{
    Browser,
    database::Kind,
    peers::Program,
    people::PASSWORD,
    stage::{tell, until},
};

/// What would tell of the inside.
const INSIDE: [&str; 6] = ["campaigns_away", "no such table", "does not exist", "SELECT", "sqlx", ".rs:"];

fn told(kind: Kind) {
    tell(kind, async |stage| {
        // The program's clock is the machine's.
        stage.advance(Clock::system().now() - stage.now());
        let tea = stage.brand("Tea").await;
        let log = stage.app.config.data_dir.join("log");
        let program = Program::serve_and_log(&stage.app.config, &log).await;
        let lines = || -> Vec<Value> {
            let text = std::fs::read_to_string(&log).expect("the log");
            text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
        };
        let db = stage.app.db();
        db.execute_unprepared("ALTER TABLE campaigns RENAME TO campaigns_away").await.expect("renamed");

        // A page.
        let browser = Browser::new(&program.url);
        browser.keep(&format!("{}; Path=/", tea.browser.cookies()));
        let page = browser.get(&tea.path("campaigns")).await.is(500);
        let id = page.header("x-request-id").to_owned();
        assert!(page.text().contains(&id), "the page tells the id: {}", page.text());
        assert!(INSIDE.iter().all(|word| !page.html.contains(word)), "{}", page.text());

        // The API.
        let body = json!({ "query": "query Mine { campaigns { nodes { id } } }", "operationName": "Mine" });
        let request = tea.api.at(&program.url).request(Method::POST, "/graphql").json(&body).header("GraphQL-Client-Name", "a-shop");
        let answer = request.send().await.expect("an answer");
        let api_id = answer.headers()["x-request-id"].to_str().expect("a text").to_owned();
        let text = answer.text().await.expect("a body");
        let said: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(said["errors"][0]["extensions"], json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": api_id }));
        assert!(INSIDE.iter().all(|word| !text.contains(word)), "{text}");
        db.execute_unprepared("ALTER TABLE campaigns_away RENAME TO campaigns").await.expect("renamed");

        // The log has both, each with its cause.
        for id in [&id, &api_id] {
            let of = |target: &str| lines().into_iter().find(|line| line["target"] == target && line["fields"]["id"] == **id);
            let fault = until("the fault in the log", async || of("hibiki::fault")).await;
            let cause = fault["fields"]["fault"].as_str().unwrap_or_default().to_owned();
            assert!(cause.contains("campaigns"), "{fault}");
            until("the request in the log", async || of("hibiki::request")).await;
        }
        let named = until("the operation in the log", async || {
            lines().into_iter().find(|line| line["target"] == "hibiki::graphql" && line["fields"]["id"] == *api_id)
        })
        .await;
        assert_eq!((&named["fields"]["operation"], &named["fields"]["client"]), (&json!("Mine"), &json!("a-shop")));
        assert_eq!(named["fields"]["codes"], "INTERNAL_SERVER_ERROR");
        let request = lines().into_iter().find(|line| line["target"] == "hibiki::request" && line["fields"]["id"] == *id);
        assert_eq!(request.expect("the request")["fields"]["status"], 500);

        // What opens something is in no line: passwords, cookies, tokens of the API, of links.
        browser.get("/reset/token-of-a-link").await.is(404);
        let form = [("email", &*tea.email), ("password", PASSWORD)];
        let request = browser.request(Method::POST, "/sign-in").form(&form).header("Sec-Fetch-Site", "same-origin");
        let signed_in = request.send().await.expect("an answer");
        let cookie = signed_in.headers()["set-cookie"].to_str().expect("a text").split(['=', ';']).nth(1).expect("a value").to_owned();
        until("the sign-in in the log", async || {
            lines().into_iter().find(|line| line["fields"]["route"] == "/sign-in" && line["fields"]["status"] == 303)
        })
        .await;
        let text = std::fs::read_to_string(&log).expect("the log");
        let secrets = ["token-of-a-link", PASSWORD, &cookie, tea.api.token().expect("a token"), &tea.browser.cookies()];
        for secret in secrets {
            assert!(!text.contains(secret), "the log tells {secret}");
        }
        stage.work().await;
    });
}

#[test]
fn the_log_has_the_cause_under_the_id_on_sqlite() {
    told(Kind::Sqlite);
}

#[test]
fn the_log_has_the_cause_under_the_id_on_postgres() {
    told(Kind::Postgres);
}
