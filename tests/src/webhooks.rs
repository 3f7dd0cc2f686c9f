//! Webhooks, told to a receiver of their own: signatures, failures and what comes of them, replays, and who may look after them.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
};

use chrono::Duration;
use serde_json::{Value, json};
use server::webhooks::rules;

use crate::{Someone, Stage, database::Kind, stage::tell_with};

/// One request as it came in.
#[derive(Clone, Debug)]
struct Told {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// How many of the signatures are made with this secret.
    fn signed_with(&self, secret: &str) -> usize {
        let at = self.headers["webhook-timestamp"].parse().expect("seconds");
        let right = rules::signature(secret, &self.headers["webhook-id"], at, &self.body).expect("a signature");
        self.headers["webhook-signature"].split(' ').filter(|given| *given == right).count()
    }
}

/// A server of an organisation's own. It answers each request with the next status of a list, then with 204.
struct Receiver {
    url: String,
    told: Arc<Mutex<Vec<Told>>>,
    answers: Arc<Mutex<Vec<&'static str>>>,
}

impl Receiver {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/in", listener.local_addr().expect("an address"));
        let (told, answers) = (Arc::<Mutex<Vec<Told>>>::default(), Arc::<Mutex<Vec<&'static str>>>::default());
        std::thread::spawn({
            let (told, answers) = (told.clone(), answers.clone());
            move || {
                for stream in listener.incoming() {
                    let Ok(mut stream) = stream else { return };
                    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                    let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
                    lines.next();
                    let headers: BTreeMap<_, _> =
                        lines.filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned()))).collect();
                    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
                    let mut body = vec![0; length];
                    if reader.read_exact(&mut body).is_err() {
                        continue;
                    }
                    let body = String::from_utf8(body).expect("text");
                    told.lock().expect("told").push(Told { headers, body });
                    let mut waiting = answers.lock().expect("answers");
                    let status = if waiting.is_empty() { "204 Fine" } else { waiting.remove(0) };
                    let _ = write!(
                        stream,
                        "HTTP/1.1 {status}\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    );
                }
            }
        });
        Self { url, told, answers }
    }

    fn answer(&self, statuses: &[&'static str]) {
        *self.answers.lock().expect("answers") = statuses.to_vec();
    }

    fn told(&self) -> Vec<Told> {
        std::mem::take(&mut *self.told.lock().expect("told"))
    }
}

/// A story with a receiver that the operator's settings allow.
fn with_receiver(kind: Kind, story: impl AsyncFnOnce(&Stage, &Receiver)) {
    let receiver = Receiver::open();
    let origin = receiver.url.parse().expect("an address");
    tell_with(kind, |config| config.webhook_origins = vec![origin], async |stage| story(stage, &receiver).await);
}

macro_rules! told {
    ($name:ident, $story:expr) => {
        mod $name {
            use super::*;
            #[test]
            fn sqlite() {
                with_receiver(Kind::Sqlite, $story);
            }
            #[test]
            fn postgres() {
                with_receiver(Kind::Postgres, $story);
            }
        }
    };
}

async fn created(owner: &Someone, receiver: &Receiver, kinds: &[&str]) -> (String, String) {
    let made = owner.api.did("webhookCreate", json!({ "url": receiver.url, "kinds": kinds }), "webhook { id } secret").await;
    (made["webhook"]["id"].as_str().expect("an id").to_owned(), made["secret"].as_str().expect("a secret").to_owned())
}

async fn campaign(owner: &Someone, name: &str) {
    let label = owner.api.did("brandAdd", json!({ "name": name }), "brand { id }").await;
    owner.api.did("campaignCreate", json!({ "name": name, "brandId": label["brand"]["id"] }), "campaign { id }").await;
}

async fn deliveries(owner: &Someone, fields: &str) -> Vec<Value> {
    let seen = owner.api.ask(&format!("{{ webhooks {{ deliveries {{ nodes {{ {fields} }} }} }} }}")).await;
    seen["webhooks"][0]["deliveries"]["nodes"].as_array().expect("a list").clone()
}

told!(what_happens_is_told_and_signed, async |stage: &Stage, receiver: &Receiver| {
    let acme = stage.brand("Acme").await;
    let bolt = stage.brand("Bolt").await;
    campaign(&acme, "Before").await;
    let (_, secret) = created(&acme, receiver, &["campaign.created", "invitation.accepted"]).await;
    campaign(&acme, "New tea").await;
    let tea = stage.campaign(&acme, "Tea for Hana").await;
    campaign(&bolt, "Of no concern").await;
    let hana = stage.creator("Hana").await;
    let (invitation, token) = stage.invitation(&acme, tea, &hana).await;
    hana.api.did("invitationAccept", json!({ "invitation": { "token": token } }), "participation { id }").await;
    stage.work().await;

    let told = receiver.told();
    let kinds: Vec<_> = told.iter().map(|t| t.json()["type"].as_str().expect("a type").to_owned()).collect();
    assert_eq!(kinds.iter().filter(|k| *k == "campaign.created").count(), 1, "{kinds:?}");
    let accepted = told.iter().find(|t| t.json()["type"] == "invitation.accepted").expect("the answer").clone();
    assert_eq!(told.len(), 2, "{kinds:?}");
    assert_eq!(accepted.signed_with(&secret), 1);
    let said = accepted.json();
    assert_eq!(said["id"], accepted.headers["webhook-id"]);
    assert_eq!(said["data"]["subject"], invitation.to_string());
    assert_eq!(said["data"]["organisation"], acme.org().to_string());
    assert_eq!(said["data"]["creator"], hana.creator().to_string());
    assert!(!accepted.body.contains("Hana") && !accepted.body.contains('@'), "nothing personal: {}", accepted.body);
    // Once.
    stage.work().await;
    assert!(receiver.told().is_empty());
    let seen = deliveries(&acme, "kind state status attempts eventId").await;
    assert_eq!(seen[0]["eventId"], said["id"]);
    assert!(seen.iter().all(|d| d["state"] == "DELIVERED" && d["status"] == 204 && d["attempts"] == 1), "{seen:?}");
});

told!(what_fails_is_tried_again_and_given_up_after_two_days, async |stage: &Stage, receiver: &Receiver| {
    let acme = stage.brand("Acme").await;
    let (id, _) = created(&acme, receiver, &[]).await;
    receiver.answer(&["500 No", "302 Elsewhere"]);
    campaign(&acme, "New tea").await;
    stage.work().await;
    assert_eq!(receiver.told().len(), 1);
    let waiting = deliveries(&acme, "state status lastError nextAttemptAt").await;
    assert_eq!(
        waiting[0],
        json!({ "state": "PENDING", "status": 500, "lastError": "status 500", "nextAttemptAt": "2026-11-23T09:00:05+00:00" })
    );
    stage.advance(Duration::seconds(5));
    stage.work().await;
    assert_eq!(receiver.told().len(), 1, "a redirect is no answer, and not followed");
    stage.advance(Duration::minutes(1));
    stage.work().await;
    let ids: Vec<_> = receiver.told().into_iter().map(|t| t.headers["webhook-id"].clone()).collect();
    assert_eq!(deliveries(&acme, "state attempts eventId").await, [json!({ "state": "DELIVERED", "attempts": 3, "eventId": ids[0] })]);

    // An answer that never comes right: after two days the owners are told.
    receiver.answer(&["503 No"; 20]);
    campaign(&acme, "More tea").await;
    for _ in 0..60 {
        stage.work().await;
        stage.advance(Duration::hours(1));
    }
    assert_eq!(receiver.told().len(), rules::MOST_ATTEMPTS as usize);
    assert!(stage.mail_to(&acme.email).await.subject.contains("webhook was stopped"));
    let url = acme.path(&format!("settings/webhooks/{id}"));
    let page = acme.browser.get(&url).await.ok().says("Stopped after failures").says("status 503");
    // Meanwhile nothing is told, nor later.
    campaign(&acme, "Even more tea").await;
    stage.work().await;
    assert!(receiver.told().is_empty());
    receiver.answer(&[]);
    let page = page.form(&format!("{url}/edit")).tick("active").send().await.ok().says("Saved");
    page.form(&format!("{url}/replay")).send().await.ok().says("On their way again: 1");
    stage.work().await;
    let again = receiver.told();
    assert!(again.iter().any(|t| t.json()["type"] == "campaign.created"), "{again:?}");
    assert_eq!(acme.api.did("webhookReplayFailed", json!({ "id": id }), "replayed").await["replayed"], 0, "told since");
    acme.browser.get(&format!("{url}?state=failed")).await.ok().says("status 503").silent_about("Delivered 2");
});

told!(gone_is_gone_and_paused_is_silent, async |stage: &Stage, receiver: &Receiver| {
    let acme = stage.brand("Acme").await;
    let (id, _) = created(&acme, receiver, &[]).await;
    acme.api.did("webhookEdit", json!({ "id": id, "active": false }), "webhook { state }").await;
    campaign(&acme, "Quiet").await;
    stage.work().await;
    stage.advance(Duration::seconds(1));
    acme.api.did("webhookEdit", json!({ "id": id, "active": true }), "webhook { state }").await;
    receiver.answer(&["410 Gone"]);
    let test = acme.api.did("webhookTest", json!({ "id": id }), "delivery { id kind }").await;
    assert_eq!(test["delivery"]["kind"], "webhook.test");
    stage.work().await;
    assert_eq!(receiver.told().len(), 1, "only the test");
    assert_eq!(acme.api.ask("{ webhooks { state } }").await["webhooks"], json!([{ "state": "DISABLED" }]));
    assert!(stage.mail_to(&acme.email).await.subject.contains("webhook was stopped"));
    let again = json!({ "id": test["delivery"]["id"] });
    assert_eq!(acme.api.tried("webhookDeliveryReplay", again.clone(), "delivery { id }").await.refusals(), ["=WRONG_STATE"]);
    acme.api.did("webhookEdit", json!({ "id": id, "active": true }), "webhook { state }").await;
    acme.api.did("webhookDeliveryReplay", again.clone(), "delivery { replay }").await;
    assert_eq!(acme.api.tried("webhookDeliveryReplay", again, "delivery { id }").await.code(), "", "the old one may be told a third time");
    stage.work().await;
    assert_eq!(receiver.told().len(), 2);
    // Deliveries are kept for thirty days.
    stage.advance(Duration::days(31));
    stage.routine().await;
    assert!(deliveries(&acme, "id").await.is_empty());
    acme.api.did("webhookRemove", json!({ "id": id }), "removedId").await;
    assert_eq!(acme.api.ask("{ webhooks { id } }").await["webhooks"], json!([]));
});

told!(a_secret_changes_without_a_gap, async |stage: &Stage, receiver: &Receiver| {
    let acme = stage.brand("Acme").await;
    let (id, old) = created(&acme, receiver, &[]).await;
    let new = acme.api.did("webhookSecretRotate", json!({ "id": id }), "secret webhook { formerSecretUntil }").await;
    assert_eq!(new["webhook"]["formerSecretUntil"], "2026-11-24T09:00:00+00:00");
    let new = new["secret"].as_str().expect("a secret");
    let test = async || {
        acme.api.did("webhookTest", json!({ "id": id }), "delivery { id }").await;
        stage.work().await;
        let told = receiver.told().remove(0);
        (told.signed_with(&old), told.signed_with(new))
    };
    assert_eq!(test().await, (1, 1));
    stage.advance(Duration::hours(25));
    assert_eq!(test().await, (0, 1));
});

told!(owners_look_after_them_in_the_portal, async |stage: &Stage, receiver: &Receiver| {
    let acme = stage.brand("Acme").await;
    let list = acme.path("settings/webhooks");
    let page = acme.browser.get(&list).await.ok().says("No webhooks yet");
    for bad in ["http://intranet/", "https://127.0.0.1/", "https://169.254.169.254/latest", "https://user:pass@hooks.example.com/", "x"] {
        let refused = page.form(&list).set("url", bad).send().await.is(422);
        assert!(refused.problem("url").expect("a problem").contains("not a public"), "{bad}");
        assert_eq!(refused.value("url").as_deref(), Some(bad), "nothing is lost");
    }
    let page = page.form(&list).set("url", &*receiver.url).also("kinds", "message.sent").send().await.ok();
    let secret = page.one("code.secret");
    assert!(secret.starts_with("whsec_"));
    let at = acme.api.ask("{ webhooks { id kinds } }").await["webhooks"][0].clone();
    assert_eq!(at["kinds"], json!(["message.sent"]));
    let url = format!("{list}/{}", at["id"].as_str().expect("an id"));
    let page = acme.browser.get(&url).await.ok().silent_about(&secret).says("Nothing has been sent yet");
    page.form(&format!("{url}/test")).send().await.ok().says("On its way");
    stage.work().await;
    assert_eq!(receiver.told().remove(0).signed_with(&secret), 1);
    let page = acme.browser.get(&url).await.ok().says("Delivered").says("204");
    let replay = page.actions().into_iter().find(|action| action.contains("/deliveries/")).expect("a replay");
    page.form(&replay).send().await.ok().says("On its way");
    stage.work().await;
    let fresh = page.form(&format!("{url}/secret")).send().await.ok().one("code.secret");
    assert_ne!(fresh, secret);
    page.form(&format!("{url}/remove")).send().await.ok().says("No webhooks yet");
});
