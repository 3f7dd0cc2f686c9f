//! Two servers and a worker on one PostgreSQL: what is said at one is heard at the other, what ends at one ends at the other, limits count
//! over both, and killing any of them loses nothing.

use std::collections::BTreeSet;

use entity::{enums::LetterState, letter};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::base::clock::Clock;

use crate::{
    Someone, Stage,
    database::Kind,
    peers::{Peer, Program, smtp},
    stage::{tell_with, until},
};

/// A chat's subscription at one of the servers, over a socket with the browser's cookie.
fn listen(stage: &Stage, at: &Program, who: &Someone, actor: &str, thread: &str, after: Option<&str>) -> Option<Peer> {
    let url = format!("{}/graphql/ws", at.url.replacen("http", "ws", 1));
    let origin = stage.app.config.origin();
    let (cookie, after) = (who.browser.cookies(), after.unwrap_or_default());
    let peer = Peer::start("tests/peers", "ws", "listen.mjs", &[&url, &cookie, actor, thread, &origin, after])?;
    assert_eq!(peer.address, "open", "{}", peer.address);
    Some(peer)
}

fn heard(peer: &Peer) -> Value {
    serde_json::from_str(&peer.line()).expect("JSON")
}

#[test]
fn two_servers_and_a_worker() {
    let Some(mail) = smtp(&[]) else { return };
    let address = mail.address.clone();
    let settings = move |config: &mut server::config::Config| config.mail.transport = address;
    tell_with(Kind::Postgres, settings, async |stage| {
        // The programs' clock is the machine's.
        stage.advance(Clock::system().now() - stage.now());
        let tea = stage.brand("Tea").await;
        let hana = stage.creator("Hana").await;
        let campaign = stage.campaign(&tea, "First flush").await;
        let thread = stage.thread(&tea, campaign, hana.creator()).await.to_string();
        let (mut one, mut two) = (Program::serve_only(&stage.app.config).await, Program::serve_only(&stage.app.config).await);
        let mut worker = Program::work(&stage.app.config);

        // A message crosses from one to the other.
        let Some(ear) = listen(stage, &one, &tea, &tea.org().to_string(), &thread, None) else { return };
        let say = async |at: &Program, body: &str| {
            let input = json!({ "threadId": thread, "body": body });
            hana.api.at(&at.url).did("messageSend", input, "message { id }").await;
        };
        say(&two, "from two").await;
        let first = heard(&ear);
        assert_eq!(first["node"]["body"], "from two");
        say(&one, "from one").await;
        let second = heard(&ear);
        assert_eq!(second["node"]["body"], "from one");

        // The server dies; whoever listened goes on at the other where they stood, without loss or repeat.
        one.kill();
        assert!(heard(&ear)["closed"].is_number());
        say(&two, "while nobody listened").await;
        let cursor = second["cursor"].as_str().expect("a cursor").to_owned();
        let Some(ear) = listen(stage, &two, &tea, &tea.org().to_string(), &thread, Some(&cursor)) else { return };
        let third = heard(&ear);
        assert_eq!(third["node"]["body"], "while nobody listened");
        one = Program::serve_only(&stage.app.config).await;

        // The other dies as well: whoever listened there goes on at the first.
        two.kill();
        assert!(heard(&ear)["closed"].is_number());
        let cursor = third["cursor"].as_str().expect("a cursor").to_owned();
        say(&one, "while the other was away").await;
        let Some(ear) = listen(stage, &one, &tea, &tea.org().to_string(), &thread, Some(&cursor)) else { return };
        assert_eq!(heard(&ear)["node"]["body"], "while the other was away");
        two = Program::serve_only(&stage.app.config).await;

        // A session that ends at one closes its socket at the other.
        let session = tea.session_api().at(&one.url).ask("{ viewer { sessions { id current } } }").await["viewer"]["sessions"][0].clone();
        let other = stage.again(&tea).await;
        let by = tea.session_api().cookie(&other.cookies()).at(&two.url);
        by.did("sessionEnd", json!({ "id": session["id"] }), "ended").await;
        assert_eq!(heard(&ear)["closed"], 4403);

        // A limit counts over both.
        let asked = async |at: &Program| {
            let sent = stage.api().at(&at.url).tried("passwordResetRequest", json!({ "email": hana.email }), "checkMail").await;
            sent.code().to_owned()
        };
        for at in [&one, &two, &one, &two, &one] {
            assert_eq!(asked(at).await, "");
        }
        assert_eq!(asked(&two).await, "RATE_LIMITED");

        // The worker dies amid its work; another takes it up, and each letter arrives.
        let people: Vec<Value> = (0..40).map(|i| json!({ "name": format!("P{i}"), "email": format!("p{i}@inbox.example") })).collect();
        let input = json!({
            "campaignId": campaign.to_string(), "recipients": people, "subject": "Will you?", "message": "Dear {name}",
            "locale": "EN", "answerBy": stage.day(14), "idempotencyKey": "once",
        });
        tea.api.at(&one.url).did("invitationSend", input, "batch { id }").await;
        let sent = || {
            letter::Entity::find()
                .filter(letter::Column::State.eq(LetterState::Sent))
                .filter(letter::Column::ToEmail.like("p%@inbox.example"))
        };
        until("the first letters", async || (sent().count(stage.app.db()).await.expect("letters") > 0).then_some(())).await;
        worker.kill();
        stage.leases_run_out().await;
        let _worker = Program::work(&stage.app.config);
        until("every letter", async || (sent().count(stage.app.db()).await.expect("letters") == 40).then_some(())).await;
        let mut arrived = BTreeSet::new();
        while arrived.len() < 40 {
            let to = serde_json::from_str::<Value>(&mail.line()).expect("JSON")["to"][0].as_str().unwrap_or_default().to_owned();
            if to.starts_with('p') {
                arrived.insert(to);
            }
        }
    });
}
