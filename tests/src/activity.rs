//! Activity, told through both faces: what concerns whom, what calls for attention, and the mail that sums it up.

use chrono::Duration;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use server::activity::rules;

use crate::{Stage, stage::until, story};

const FEED: &str = "{ activity { nodes { id kind description subject isNotification } } activityUnseen }";

async fn kinds(api: &crate::Api) -> Vec<String> {
    let seen = api.ask(FEED).await;
    let nodes = seen["activity"]["nodes"].as_array().expect("a list").clone();
    nodes.iter().map(|node| node["kind"].as_str().expect("a kind").to_owned()).collect()
}

async fn unseen(api: &crate::Api) -> Value {
    api.ask(FEED).await["activityUnseen"].clone()
}

/// Hana is invited by Acme, accepts, and says something.
async fn told(stage: &Stage) -> (crate::Someone, crate::Someone) {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&acme, "New tea").await;
    let (_, token) = stage.invitation(&acme, campaign, &hana).await;
    let input = json!({ "invitation": { "token": token } });
    let joined = hana.api.did("invitationAccept", input, "participation { thread { id } }").await;
    let thread = joined["participation"]["thread"]["id"].clone();
    hana.api.did("messageSend", json!({ "threadId": thread, "body": "Secret words" }), "message { id }").await;
    stage.work().await;
    (acme, hana)
}

story!(everybody_sees_what_concerns_them, async |stage| {
    let (acme, hana) = told(stage).await;
    let bolt = stage.brand("Bolt").await;
    assert_eq!(kinds(&acme.api).await, ["message.sent", "invitation.accepted"]);
    assert_eq!(kinds(&hana.api).await, ["message.sent", "participation.joined", "invitation.accepted", "creator.registered"]);
    assert!(kinds(&bolt.api).await.is_empty());
    assert_eq!(kinds(&stage.creator("Ken").await.api).await, ["creator.registered"]);

    // What one did oneself calls for nothing.
    assert_eq!((unseen(&acme.api).await, unseen(&hana.api).await), (json!(2), json!(0)));
    let by = async |api: &crate::Api| api.ask("{ activity { nodes { kind by } } }").await["activity"]["nodes"][1].clone();
    assert_eq!(by(&acme.api).await, json!({ "kind": "invitation.accepted", "by": "Hana" }));
    assert_eq!(by(&hana.api).await, json!({ "kind": "participation.joined", "by": "You" }));
    acme.browser.get(&acme.path("activity/bell")).await.ok().says("2").silent_about("New tea");
    let page =
        acme.browser.get(&acme.path("activity")).await.ok().says("Hana, New tea").says("· Hana").says("New").silent_about("Secret words");
    assert!(page.attribute("a.bell", "aria-label").expect("a bell").contains("2 new"));
    let thread = page.attribute(".feed a", "href").expect("a link");
    acme.browser.get(&thread).await.ok().says("Secret words");
    acme.browser.get(&format!("{}?area=invitation", acme.path("activity"))).await.ok().says("accepted").silent_about("A message:");
    hana.browser.get("/c/activity?show=notifications").await.ok().says("Nothing of this kind");
    hana.browser.get("/c/activity").await.ok().says("New tea");
    bolt.browser.get(&bolt.path("activity")).await.ok().says("Nothing has happened yet");

    // An item is a Node for whom it concerns, and for nobody else.
    let id = acme.api.ask(FEED).await["activity"]["nodes"][0]["id"].clone();
    let node =
        async |api: &crate::Api| api.call("query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await.ok()["node"].clone();
    assert_eq!(node(&acme.api).await["id"], id);
    assert_eq!(node(&bolt.api).await, Value::Null);

    // On PostgreSQL nothing is read past the oldest running transaction, which may be another story's.
    until("all of it readable and seen", async || {
        page.form(&acme.path("activity/seen")).send().await.ok().says("All seen");
        (unseen(&acme.api).await == json!(0)).then_some(())
    })
    .await;
    hana.browser.get("/c/activity").await.ok();
    let input = json!({ "threadId": thread.rsplit('/').next(), "body": "More" });
    hana.api.did("messageSend", input, "message { id }").await;
    assert_eq!(unseen(&acme.api).await, json!(1));
    until("all of it seen", async || (acme.api.did("activitySeen", json!({ "all": true }), "unseen").await["unseen"] == 0).then_some(()))
        .await;
    stage.work().await;
});

story!(what_a_dump_brought_stands_before_what_comes, async |stage| {
    let (acme, hana) = told(stage).await;
    let db = stage.app.db();
    assert!(!server::events::settle(db).await.expect("looked"), "nothing came from elsewhere");
    if !stage.app.on_postgres() {
        return; // A file of SQLite counts no transactions.
    }
    until("all of it seen", async || (acme.api.did("activitySeen", json!({ "all": true }), "unseen").await["unseen"] == 0).then_some(()))
        .await;
    // As a server wrote them that had come further.
    let far = "UPDATE events SET xid = xid + 1099511627776; UPDATE activity_marks SET xid = xid + 1099511627776";
    db.execute_unprepared(far).await.expect("a dump");
    assert!(server::events::settle(db).await.expect("settled"));
    assert!(!server::events::settle(db).await.expect("looked"), "once is enough");

    assert_eq!(unseen(&acme.api).await, json!(0));
    let thread = hana.api.ask("{ threads { nodes { id } } }").await["threads"]["nodes"][0]["id"].clone();
    hana.api.did("messageSend", json!({ "threadId": thread, "body": "Still there?" }), "message { id }").await;
    assert_eq!(unseen(&acme.api).await, json!(1));
    assert_eq!(kinds(&acme.api).await, ["message.sent", "message.sent", "invitation.accepted"]);
});

story!(a_mail_sums_up_what_was_not_seen, async |stage| {
    let (acme, _) = told(stage).await;
    let before = stage.count_mails_to(&acme.email).await;
    // Nobody gets one who has not asked.
    stage.advance(Duration::days(2));
    stage.routine().await;
    assert_eq!(stage.count_mails_to(&acme.email).await, before);

    let page = acme.browser.get("/account").await.ok();
    page.form("/account/notifications").set("digest", "daily").send().await.ok().says("Saved");
    assert_eq!(acme.api.ask("{ viewer { activityDigest } }").await["viewer"]["activityDigest"], "DAILY");
    // What was before is not summed up, and nothing makes no mail.
    stage.advance(Duration::days(1));
    stage.routine().await;
    assert_eq!(stage.count_mails_to(&acme.email).await, before);

    let ken = stage.creator("Ken").await;
    let campaign = stage.campaign(&acme, "Old tea").await;
    let (_, token) = stage.invitation(&acme, campaign, &ken).await;
    ken.api.did("invitationAccept", json!({ "invitation": { "token": token } }), "participation { id }").await;
    stage.work().await;
    let told = stage.count_mails_to(&acme.email).await;
    stage.advance(Duration::days(1));
    for _ in 0..3 {
        stage.routine().await;
    }
    assert_eq!(stage.count_mails_to(&acme.email).await, told + 1, "once");
    let mail = stage.mail_to(&acme.email).await;
    assert_eq!(mail.subject, "What is new on Hibiki");
    assert!(mail.text.contains("Ken, Old tea") && mail.text.contains("/campaigns/"), "{}", mail.text);
    assert!(!mail.text.contains("Hana"), "{}", mail.text);
    let never = json!({ "activityDigest": "NEVER" });
    let stopped = acme.session_api().did("viewerEdit", never, "viewer { activityDigest }").await;
    assert_eq!(stopped["viewer"]["activityDigest"], "NEVER");
});

/// Kinds that nobody's feed shows: the log has them all.
const LOG_ONLY: &[&str] = &[
    "account.",
    "admin.",
    "api_token.",
    "audit.",
    "brand.",
    "brief.edited",
    "creator.looked_up",
    "creator.network_picture_set",
    "creator.picture_",
    "invitation.resent",
    "invitation.tried_again",
    "job.",
    "letter.",
    "list.",
    "mail.",
    "member.invit",
    "network.account",
    "network.figures_read",
    "network.link_begun",
    "network.reading_retried",
    "network.renewed",
    "network.revoked",
    "network.story_kept",
    "network.sync_progressed",
    "score.",
    "session.",
    "upload.",
    "webhook.",
];

#[test]
fn every_kind_of_event_is_placed() {
    let text = std::fs::read_to_string(crate::peers::root().join("locales/events.yml")).expect("the events' words");
    let mut area = String::new();
    let mut lost = Vec::new();
    for line in text.lines().skip_while(|line| !line.starts_with("  event:")).skip(1).take_while(|line| !line.starts_with("  event_area:"))
    {
        let name = line.trim().split(':').next().unwrap_or_default();
        match line.len() - line.trim_start().len() {
            4 => area = name.to_owned(),
            6 => {
                let kind = format!("{area}.{name}");
                let shown = [rules::CREATOR, rules::ORGANISATION, rules::ADMIN].iter().any(|table| table.iter().any(|(k, _)| *k == kind));
                if !shown && !LOG_ONLY.iter().any(|known| kind.starts_with(known)) {
                    lost.push(kind);
                }
            }
            _ => {}
        }
    }
    assert!(lost.is_empty(), "neither shown nor said to be in the log only: {lost:?}");
}
