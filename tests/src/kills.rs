//! How the program ends. `kill -9` between any two steps: no letter is lost, and none goes out twice that is known to have arrived. Asked to
//! end, it finishes what it has in hand.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    batch,
    enums::{InvitationState, LetterState, ParticipationState},
    invitation, letter,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::base::clock::Clock;

use crate::{
    database::Kind,
    peers::{Program, smtp},
    stage::{Stage, tell_with, until},
};

/// At which step of which letter, counted from its first, the program dies.
const DEATHS: [(usize, &str); 6] = [(0, "recipient"), (1, "data"), (2, "accepted"), (4, "recipient"), (6, "data"), (8, "accepted")];
const PEOPLE: usize = 12;

async fn all_sent(stage: &Stage) -> bool {
    let waiting = letter::Entity::find().filter(letter::Column::State.ne(LetterState::Sent));
    waiting.count(stage.app.db()).await.expect("letters") == 0
}

fn no_letter_is_lost(kind: Kind) {
    let Some(mut peer) = smtp(&["--steps"]) else { return };
    let address = peer.address.clone();
    tell_with(
        kind,
        |config| config.mail.transport = address,
        async |stage| {
            // The program's clock is the machine's.
            stage.advance(Clock::system().now() - stage.now());
            let tea = stage.brand("Tea").await;
            let campaign = stage.campaign(&tea, "First flush").await;
            let people: Vec<Value> =
                (0..PEOPLE).map(|i| json!({ "name": format!("P{i}"), "email": format!("p{i}@inbox.example") })).collect();
            let input = json!({
                "campaignId": campaign.to_string(), "recipients": people, "subject": "Will you?", "message": "Dear {name}",
                "locale": "EN", "answerBy": stage.day(14), "idempotencyKey": "once",
            });

            // It dies while it writes the invitations, or just afterwards; the caller asks again.
            let mut program = Program::serve(&stage.app.config).await;
            let (api, asked) = (tea.api.at(&program.url), input.clone());
            let answer = tokio::spawn(async move { api.tried("invitationSend", asked, "batch { id }").await });
            until("the batch", async || batch::Entity::find().one(stage.app.db()).await.expect("batches")).await;
            program.kill();
            let _ = answer.await;
            stage.leases_run_out().await;

            program = Program::serve(&stage.app.config).await;
            let sent = tea.api.at(&program.url).did("invitationSend", input, "batch { total }").await;
            assert_eq!(sent["batch"]["total"], PEOPLE);

            let (mut deaths, mut accepted) = (DEATHS.iter().peekable(), BTreeMap::<String, Vec<String>>::new());
            // Of these the program cannot know whether they arrived.
            let mut unknown = BTreeSet::new();
            while let Some(line) = until("a mail", async || match peer.printed() {
                Some(line) => Some(Some(line)),
                None => (accepted.len() == PEOPLE && all_sent(stage).await).then_some(None),
            })
            .await
            {
                let line: Value = serde_json::from_str(&line).expect("JSON");
                let step = line["step"].as_str().unwrap_or("accepted");
                let to = line["to"].as_str().or(line["to"][0].as_str()).expect("an address").to_owned();
                if step == "accepted" {
                    accepted.entry(to.clone()).or_default().push(line["messageId"].as_str().expect("a Message-ID").to_owned());
                }
                let count = accepted.len() - usize::from(step == "accepted");
                let dies = deaths.next_if(|(after, at)| *after <= count && *at == step).is_some();
                if dies {
                    program.kill();
                    if step != "recipient" {
                        unknown.insert(to);
                    }
                    stage.leases_run_out().await;
                }
                if step != "accepted" {
                    peer.tell("go on");
                }
                if dies {
                    program = Program::serve(&stage.app.config).await;
                }
            }
            program.kill();
            assert!(deaths.next().is_none(), "it has died {} times", DEATHS.len());

            assert_eq!(accepted.len(), PEOPLE, "everybody has been written to");
            for (to, ids) in &accepted {
                assert!(ids.iter().all(|id| *id == ids[0]), "{to} got different letters: {ids:?}");
                assert!(ids.len() == 1 || unknown.contains(to), "{to} got {} although the first was known to have arrived", ids.len());
            }
            let invitations = invitation::Entity::find().all(stage.app.db()).await.expect("invitations");
            assert_eq!(invitations.len(), PEOPLE);
            assert!(invitations.iter().all(|i| i.state == InvitationState::Sent));
            // The program's own recurring work was cut off too.
            stage.failures_are_the_point();
        },
    );
}

fn what_is_in_hand_is_finished(kind: Kind) {
    let Some(mut peer) = smtp(&["--steps"]) else { return };
    let address = peer.address.clone();
    tell_with(
        kind,
        |config| config.mail.transport = address,
        async |stage| {
            stage.advance(Clock::system().now() - stage.now());
            let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
            let campaign = stage.campaign(&tea, "First flush").await;
            stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
            let thread = stage.thread(&tea, campaign, hana.creator()).await;
            let mut program = Program::serve(&stage.app.config).await;
            let input = json!({
                "campaignId": campaign.to_string(), "recipients": [{ "name": "Aoi", "email": "aoi@inbox.example" }],
                "subject": "Will you?", "message": "Dear {name}", "locale": "EN", "answerBy": stage.day(14),
            });
            tea.api.at(&program.url).did("invitationSend", input, "batch { total }").await;
            let ask = "subscription ($id: ID!) { messageAdded(threadId: $id) { cursor } }";
            let stream = hana.api.at(&program.url).request(reqwest::Method::POST, "/graphql/stream").header("Accept", "text/event-stream");
            let stream = stream.json(&json!({ "query": ask, "variables": { "id": thread.to_string() } })).send().await.expect("a stream");
            assert_eq!(stream.status(), 200);
            peer.line();
            peer.tell("the recipient is fine");
            assert!(peer.line().contains("\"data\""));

            // A letter is half delivered and a stream is open.
            program.terminate();
            until("no new callers", async || is_closed(&program.url).await.then_some(())).await;
            assert!(program.ended().is_none(), "the letter is not delivered yet");
            peer.tell("the mail is fine");
            let ended = until("its end", async || program.ended()).await;
            assert!(ended.success(), "{ended}");
            stream.bytes().await.expect("the stream has ended as streams do");
            assert!(all_sent(stage).await);
            stage.failures_are_the_point();
        },
    );
}

async fn is_closed(url: &str) -> bool {
    let address = url.trim_start_matches("http://");
    tokio::net::TcpStream::connect(address).await.is_err()
}

mod killed {
    use super::*;

    #[test]
    fn sqlite() {
        no_letter_is_lost(Kind::Sqlite);
    }

    #[test]
    fn postgres() {
        no_letter_is_lost(Kind::Postgres);
    }
}

mod asked_to_end {
    use super::*;

    #[test]
    fn sqlite() {
        what_is_in_hand_is_finished(Kind::Sqlite);
    }

    #[test]
    fn postgres() {
        what_is_in_hand_is_finished(Kind::Postgres);
    }
}
