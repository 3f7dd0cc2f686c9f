//! Letters over real SMTP, to a mail server that we did not write.

use entity::{enums::LetterState, letter};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::{
    database::Kind,
    peers::smtp,
    people::PASSWORD,
    stage::{Stage, tell_with},
};

async fn sign_up(stage: &Stage, email: &str) {
    let input = json!({ "kind": "CREATOR", "name": "花", "email": email, "password": PASSWORD, "locale": "JA", "conduct": true });
    stage.api().did("signUp", input, "").await;
}

async fn letters(stage: &Stage) -> Vec<letter::Model> {
    letter::Entity::find().all(stage.app.db()).await.expect("letters")
}

#[test]
fn a_letter_arrives_once_with_its_headers() {
    let Some(peer) = smtp(&[]) else { return };
    let address = peer.address.clone();
    tell_with(
        Kind::Sqlite,
        |config| config.mail.transport = address,
        async |stage| {
            sign_up(stage, "hana@inbox.example").await;
            stage.work().await;
            let mail: Value = serde_json::from_str(&peer.line()).expect("a mail");
            assert_eq!(mail["to"], json!(["hana@inbox.example"]));
            // The return path names the letter, so that a bounce finds it.
            let letter = letters(stage).await.remove(0);
            let from = mail["from"].as_str().unwrap_or_default();
            assert!(from.starts_with("bounce+"), "{from}");
            let data = mail["data"].as_str().unwrap_or_default();
            assert!(mail["text"].as_str().is_some_and(|text| text.contains("/confirm/")), "readable by another program");
            for header in
                ["Message-ID: <", "Auto-Submitted: auto-generated", "Content-Type: multipart/alternative", "Date: ", "MIME-Version: 1.0"]
            {
                assert!(data.contains(header), "{header} is missing:\n{data}");
            }
            assert!(data.contains(&letter.id.to_string()), "the Message-ID comes from the row");
            assert_eq!(letter.state, LetterState::Sent);
            assert!(letter.text.is_empty() && letter.html.is_empty(), "what was sent is blanked: it held a link");
        },
    );
}

#[test]
fn a_mailbox_that_is_not_there() {
    let Some(peer) = smtp(&[]) else { return };
    let address = peer.address.clone();
    tell_with(
        Kind::Sqlite,
        |config| config.mail.transport = address,
        async |stage| {
            sign_up(stage, "gone@inbox.example").await;
            stage.work().await;
            let letter = letters(stage).await.remove(0);
            assert_eq!((letter.state, letter.attempts), (LetterState::Failed, 1));
            assert!(letter.last_error.contains("550"), "{}", letter.last_error);
            stage.failures_are_the_point();
        },
    );
}

#[test]
fn a_mailbox_that_is_busy_is_tried_again() {
    let Some(peer) = smtp(&[]) else { return };
    let address = peer.address.clone();
    tell_with(
        Kind::Sqlite,
        |config| config.mail.transport = address,
        async |stage| {
            sign_up(stage, "later@inbox.example").await;
            stage.work().await;
            let letter = letters(stage).await.remove(0);
            assert_eq!((letter.state, letter.attempts), (LetterState::Queued, 1));
            assert!(letter.next_at > stage.now(), "not at once");
            // After about a day it is given up, visibly.
            for _ in 0..12 {
                stage.advance(chrono::Duration::hours(6));
                stage.work().await;
            }
            assert_eq!(letters(stage).await.remove(0).state, LetterState::Failed);
            stage.failures_are_the_point();
        },
    );
}

#[test]
fn a_mail_server_that_does_not_answer() {
    tell_with(
        Kind::Sqlite,
        |config| config.mail.transport = "smtp://127.0.0.1:1".into(),
        async |stage| {
            sign_up(stage, "hana@inbox.example").await;
            stage.work().await;
            let letter = letters(stage).await.remove(0);
            assert_eq!(letter.state, LetterState::Queued, "the sign-up stands; its letter waits");
            stage.failures_are_the_point();
        },
    );
}

#[test]
fn a_server_that_falls_silent() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("smtp://{}", silent.local_addr().expect("an address"));
    let greeter = std::thread::spawn(move || {
        // It greets, and then says nothing as long as anybody listens.
        let (mut peer, _) = silent.accept().expect("a caller");
        std::io::Write::write_all(&mut peer, b"220 mail.example\r\n").expect("a greeting");
        let _ = std::io::copy(&mut peer, &mut std::io::sink());
    });
    tell_with(
        Kind::Sqlite,
        |config| (config.mail.transport, config.mail.timeout_seconds) = (address, 1),
        async |stage| {
            sign_up(stage, "hana@inbox.example").await;
            stage.work().await;
            let waiting = letters(stage).await.remove(0);
            assert_eq!((waiting.state, waiting.attempts), (LetterState::Queued, 1), "{}", waiting.last_error);
            assert!(waiting.last_error.contains("said nothing"), "{}", waiting.last_error);
            stage.failures_are_the_point();
        },
    );
    greeter.join().expect("it hears the end");
}
