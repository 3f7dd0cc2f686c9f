//! The main job: from an invitation's mail to a joined campaign and a talk. Through the portal, through the API, and all that can get in
//! the way.

use chrono::Duration;
use entity::{enums::InvitationState, ids::CampaignId, invitation, letter};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{Browser, Page, Someone, Stage, database::Kind, people::PASSWORD, stage::tell_with, story};

/// A mailbox of nobody yet.
const AOI: &str = "aoi@inbox.example";

async fn rows(stage: &Stage) -> Vec<invitation::Model> {
    invitation::Entity::find().all(stage.app.db()).await.expect("invitations")
}

/// A brand invites somebody new through the portal.
async fn invite(brand: &Someone, campaign: CampaignId, people: &str) -> Page {
    let path = brand.path(&format!("campaigns/{campaign}/invite"));
    let form = brand.browser.get(&path).await.ok().form(&path);
    form.set("people", people)
        .set("subject", "Will you show our tea?")
        .set("message", "Dear {name}, we like your kitchen.")
        .force("do", "send")
        .send()
        .await
}

/// The same through the API, to somebody by name and address.
async fn invite_by_api(brand: &Someone, campaign: CampaignId, name: &str, email: &str) -> Value {
    let input = json!({
        "campaignId": campaign.to_string(),
        "recipients": [{ "name": name, "email": email }],
        "subject": "Will you show our tea?", "message": "Dear {name}, we like your kitchen.",
        "locale": "EN", "answerBy": "2026-12-07",
    });
    brand.api.did("invitationSend", input, "batch { id total done refused { name reason } }").await["batch"].clone()
}

/// Opens the link of the newest mail in a browser: the teaser.
async fn open(stage: &Stage, browser: &Browser, email: &str) -> Page {
    let link = stage.link_to(email, "/i/").await;
    browser.get(&link).await.ok().at("/invitation")
}

async fn sign_up(browser: &Browser) -> Page {
    let form = browser.get("/invitation/join").await.ok().form("/invitation/join");
    form.set("name", "青井 Aoi").set("password", PASSWORD).tick("conduct").send().await
}

story!(from_the_mail_to_the_talk_in_the_portal, async |stage| {
    let tea = stage.brand("Tea").await;
    let campaign = stage.campaign(&tea, "First flush").await;
    invite(&tea, campaign, "Aoi, aoi@inbox.example").await.ok().says("Aoi");
    let mail = stage.mail_to(AOI).await;
    assert_eq!(mail.subject, "Will you show our tea?");
    for part in ["Dear Aoi, we like your kitchen.", "Show our tea at home.", "30,000 yen", "/i/", "to=decline", "/unsubscribe/", "/privacy"]
    {
        assert!(mail.text.contains(part), "{part} is missing:\n{}", mail.text);
    }
    assert!(!mail.text.contains("Secret objective"), "the full brief is for those who join");
    assert_eq!(rows(stage).await[0].state, InvitationState::Sent);

    // Looking changes nothing, however often; the token leaves the address at once.
    let aoi = stage.browser();
    for _ in 0..2 {
        open(stage, &aoi, AOI).await.says("Show our tea at home.").silent_about("Secret objective");
    }
    assert_eq!(rows(stage).await[0].state, InvitationState::Sent);
    assert!(rows(stage).await[0].viewed_at.is_some());

    // What is missing stands beside its field, and the name is kept.
    let form = aoi.get("/invitation/join").await.ok();
    assert_eq!(form.attribute("main input[readonly], main input[disabled]", "value").as_deref(), Some(AOI), "the address is fixed");
    let form = form.form("/invitation/join");
    let refused = form.set("name", "青井").set("password", "short").send().await.is(422);
    assert_eq!(refused.problems(), ["password", "conduct"]);
    assert_eq!(refused.value("name").as_deref(), Some("青井"));

    let link = stage.link_to(AOI, "/i/").await;
    let joined = sign_up(&aoi).await.ok();
    assert!(joined.path.starts_with("/c/jobs/par_"), "{}", joined.path);
    joined.says("Secret objective");
    assert_eq!(rows(stage).await[0].state, InvitationState::Accepted);
    // The link is spent; it explains itself.
    stage.browser().get(&link).await.at("/invitation").silent_about("Secret objective");

    // The brand has heard of it, and the two talk.
    assert!(stage.mail_to(&tea.email).await.text.contains("青井 Aoi"));
    let inbox = tea.browser.get(&tea.path("inbox")).await.ok().says("青井 Aoi");
    let thread = inbox.attribute("a.thread-link, main li a", "href").expect("a conversation");
    let said = tea.browser.get(&thread).await.ok().form(&thread).set("body", "Welcome!").send().await.ok();
    said.says("Welcome!");
    let creators_side = thread.rsplit('/').next().map(|id| format!("/c/inbox/{id}")).expect("an id");
    let answered =
        aoi.get(&creators_side).await.ok().says("Welcome!").form(&creators_side).set("body", "ありがとうございます").send().await.ok();
    answered.says("ありがとうございます");
    tea.browser.get(&thread).await.ok().says("ありがとうございます");
    tea.browser.get(&tea.path(&format!("campaigns/{campaign}/creators"))).await.ok().says("青井 Aoi");
    stage.work().await;
});

story!(from_the_campaign_to_the_talk_in_the_api, async |stage| {
    let tea = stage.brand("Tea").await;
    tea.api.did("brandAdd", json!({ "name": "Tea" }), "brand { id }").await;
    let made = tea.api.did("campaignCreate", json!({ "name": "First flush" }), "campaign { id state missingToRecruit { kind } }").await;
    let id = made["campaign"]["id"].clone();
    assert_eq!(made["campaign"]["state"], "DRAFT");
    let early = tea.api.tried("campaignRecruit", json!({ "id": id }), "campaign { id }").await;
    assert!(!early.user_errors().is_empty(), "nothing is there to recruit with");
    let plan = json!({
        "id": id, "goal": "AWARENESS", "kpis": [{ "kpi": "REACH", "target": 100000 }],
        "budget": { "amountMinor": 300000, "currency": "JPY" }, "startsOn": "2026-12-01", "endsOn": "2027-01-31",
        "formats": [{ "network": "INSTAGRAM", "format": "REEL" }],
    });
    tea.api.did("campaignEdit", plan, "campaign { id }").await;
    let texts = json!({
        "campaignId": id,
        "teaser": {
            "summary": { "en": "Show our tea." }, "reward": { "en": "30,000 yen" }, "formats": { "en": "One reel" },
            "usageRights": { "en": "Six months" }, "exclusivity": { "en": "None" },
        },
        "full": {
            "objective": { "en": "Secret objective" }, "deliverables": { "en": "One reel" }, "disclosure": { "en": "#ad", "ja": "#PR" },
            "keyMessages": { "en": "Fresh" }, "schedule": { "en": "December" }, "approval": { "en": "Two days" },
        },
    });
    tea.api.did("briefEdit", texts, "brief { id }").await;
    tea.api.did("briefPublish", json!({ "campaignId": id }), "brief { version }").await;
    tea.api.did("campaignRecruit", json!({ "id": id }), "campaign { state }").await;

    let input = json!({
        "campaignId": id, "recipients": [{ "name": "Aoi", "email": AOI }], "subject": "Will you?", "message": "Dear {name}",
        "locale": "EN", "answerBy": "2026-12-07", "idempotencyKey": "one",
    });
    let batch = tea.api.did("invitationSend", input.clone(), "batch { id total }").await;
    assert_eq!(batch, tea.api.did("invitationSend", input, "batch { id total }").await, "a repeated click sends nothing twice");
    assert_eq!(stage.count_mails_to(AOI).await, 1);

    let token = stage.token_to(AOI, "/i/").await;
    let api = stage.api();
    let ask = "query ($token: String!) { invitationTeaser(token: $token) { registered job { brandName summary(locale: EN) } } }";
    let teaser = api.call(ask, json!({ "token": token })).await.ok()["invitationTeaser"].clone();
    assert_eq!(teaser, json!({ "registered": false, "job": { "brandName": "Tea", "summary": "Show our tea." } }));
    let wrong = json!({ "token": token, "name": "", "password": "short", "locale": "JA", "conduct": false });
    let refused = api.tried("invitationSignUp", wrong, "token").await;
    assert_eq!(refused.refusals(), ["name=REQUIRED", "password=INVALID", "conduct=REQUIRED"]);
    let input = json!({ "token": token, "name": "青井", "password": PASSWORD, "locale": "JA", "conduct": true });
    let joined = api.did("invitationSignUp", input.clone(), "token participationId viewer { email }").await;
    assert_eq!(joined["viewer"]["email"], AOI);
    let again = api.tried("invitationSignUp", input, "token").await;
    assert!(!again.user_errors().is_empty(), "a link is spent once");

    let aoi = api.bearer(joined["token"].as_str().expect("a token"));
    let place = aoi.ask("{ participations { nodes { state brief { full { objective { text(locale: JA) } } } thread { id } } } }").await;
    let place = &place["participations"]["nodes"][0];
    assert_eq!(place["state"], "JOINED");
    assert_eq!(place["brief"]["full"]["objective"]["text"], "Secret objective", "the full brief opens");
    let thread = place["thread"]["id"].clone();
    aoi.did("messageSend", json!({ "threadId": thread, "body": "よろしくお願いします" }), "message { id }").await;
    let seen = tea.api.ask("{ threads { nodes { unreadCount lastMessage { body isMine } } } }").await;
    assert_eq!(
        seen["threads"]["nodes"][0],
        json!({ "unreadCount": 1, "lastMessage": { "body": "よろしくお願いします", "isMine": false } })
    );
    tea.api.did("messageSend", json!({ "threadId": thread, "body": "Welcome!" }), "message { id }").await;
    stage.work().await;
});

story!(another_persons_session_spends_nothing, async |stage| {
    let (tea, ken) = (stage.brand("Tea").await, stage.creator("Ken").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    invite_by_api(&tea, campaign, "Aoi", AOI).await;
    let token = stage.token_to(AOI, "/i/").await;
    open(stage, &ken.browser, AOI).await.silent_about("JOIN THE CAMPAIGN");
    ken.browser.post::<&str, &str>("/invitation/accept", &[]).await;
    let tried = ken.api.tried("invitationAccept", json!({ "invitation": { "token": token } }), "participation { id }").await;
    assert!(!tried.user_errors().is_empty() || !tried.code().is_empty());
    assert_eq!(rows(stage).await[0].state, InvitationState::Sent, "it still waits for Aoi");
});

story!(an_account_that_exists_signs_in_and_joins, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let input = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "creatorId": hana.creator().to_string() }],
        "subject": "Will you?", "message": "Dear {name}", "locale": "JA", "answerBy": "2026-12-07",
    });
    tea.api.did("invitationSend", input, "batch { total }").await;
    let phone = stage.browser();
    open(stage, &phone, &hana.email).await;
    let page = phone.get("/sign-in?next=/invitation").await.ok().form("/sign-in");
    let teaser = page.set("email", &hana.email).set("password", PASSWORD).send().await.ok().at("/invitation");
    let joined = teaser.form("/invitation/accept").send().await.ok();
    assert!(joined.path.starts_with("/c/jobs/par_"), "{}", joined.path);
    stage.work().await;
});

story!(saying_no_takes_two_clicks_and_no_account, async |stage| {
    let tea = stage.brand("Tea").await;
    let campaign = stage.campaign(&tea, "First flush").await;
    invite_by_api(&tea, campaign, "Aoi", AOI).await;
    let aoi = stage.browser();
    let link = format!("{}?to=decline", stage.link_to(AOI, "/i/").await.split('?').next().unwrap_or_default());
    let page = aoi.get(&link).await.ok().at("/invitation/decline");
    assert_eq!(rows(stage).await[0].state, InvitationState::Sent, "the first click asks");
    page.form("/invitation/decline").also("reason", "no_time").send().await.ok();
    let row = rows(stage).await.remove(0);
    assert_eq!((row.state, row.decline_reason), (InvitationState::Declined, Some(entity::enums::DeclineReason::NoTime)));
    // A no is a no.
    let batch = invite_by_api_refused(&tea, campaign).await;
    assert!(!batch.is_empty());
    stage.work().await;
});

/// Inviting Aoi again must be refused; gives the problems.
async fn invite_by_api_refused(brand: &Someone, campaign: CampaignId) -> Vec<String> {
    let input = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "name": "Aoi", "email": AOI }],
        "subject": "Again", "message": "Dear {name}", "locale": "EN", "answerBy": "2026-12-07",
    });
    brand.api.tried("invitationSend", input, "batch { id }").await.refusals()
}

story!(a_link_that_ran_out_mails_a_new_one, async |stage| {
    let tea = stage.brand("Tea").await;
    let campaign = stage.campaign(&tea, "First flush").await;
    invite_by_api(&tea, campaign, "Aoi", AOI).await;
    let old = stage.link_to(AOI, "/i/").await;
    stage.advance(Duration::days(15));
    let aoi = stage.browser();
    let page = aoi.get(&old).await.ok().at("/invitation").silent_about("JOIN THE CAMPAIGN");
    page.form("/invitation/renew").send().await.ok();
    assert_eq!(stage.count_mails_to(AOI).await, 2, "to the invited address alone");
    let fresh = stage.link_to(AOI, "/i/").await;
    assert_ne!(old, fresh);
    aoi.get(&fresh).await.ok().at("/invitation").says("JOIN THE CAMPAIGN");
    let joined = sign_up(&aoi).await.ok();
    assert!(joined.path.starts_with("/c/jobs/par_"), "{}", joined.path);
    stage.work().await;
});

story!(withdrawn_and_unsubscribed_are_respected, async |stage| {
    let (tea, rice) = (stage.brand("Tea").await, stage.brand("Rice").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    invite_by_api(&tea, campaign, "Aoi", AOI).await;
    let link = stage.link_to(AOI, "/i/").await;
    let stop = stage.link_to(AOI, "/unsubscribe/").await;
    let id = rows(stage).await[0].id.to_string();
    tea.api.did("invitationWithdraw", json!({ "id": id }), "invitation { state }").await;
    stage.browser().get(&link).await.at("/invitation").silent_about("JOIN THE CAMPAIGN");

    // One click of a mail program: no page of ours, no session, no origin.
    let api = stage.api();
    let answer = api.request(reqwest::Method::POST, &stop).form(&[("List-Unsubscribe", "One-Click")]).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let campaign2 = stage.campaign(&tea, "Second flush").await;
    assert!(!invite_by_api_refused(&tea, campaign2).await.is_empty(), "this brand writes no more");
    let other = stage.campaign(&rice, "New rice").await;
    let batch = invite_by_api(&rice, other, "Aoi", AOI).await;
    assert_eq!(batch["total"], 1, "another brand may");
    stage.work().await;
});

story!(five_hundred_at_once, async |stage| {
    let tea = stage.brand("Tea").await;
    let campaign = stage.campaign(&tea, "First flush").await;
    let mut people: Vec<Value> = (0..499).map(|i| json!({ "name": format!("P{i}"), "email": format!("p{i}@inbox.example") })).collect();
    people.push(json!({ "name": "No address" }));
    let mut input = json!({
        "campaignId": campaign.to_string(), "recipients": people,
        "subject": "Will you?", "message": "Dear {name}", "locale": "EN", "answerBy": "2026-12-07",
    });
    let batch = tea.api.did("invitationSend", input.clone(), "batch { id total done refused { name reason } }").await["batch"].clone();
    assert_eq!((&batch["total"], &batch["done"]), (&json!(499), &json!(0)));
    assert_eq!(batch["refused"][0]["name"], "No address");
    stage.work().await;
    assert_eq!(letter::Entity::find().all(stage.app.db()).await.expect("letters").len(), 499);
    let page =
        tea.browser.get(&tea.path(&format!("campaigns/{campaign}/creators?batch={}", batch["id"].as_str().unwrap_or_default()))).await.ok();
    page.says("499");
    let more = input["recipients"].as_array_mut().expect("people");
    more.push(json!({ "name": "One more", "email": "more@inbox.example" }));
    let refused = tea.api.tried("invitationSend", input, "batch { id }").await;
    assert_eq!(refused.refusals(), ["recipients=LIMIT_REACHED"]);
});

#[test]
fn nobody_writes_to_strangers_in_masses() {
    let settings = |config: &mut server::config::Config| config.mail.invitations_per_day = 2;
    tell_with(Kind::Sqlite, settings, async |stage| {
        let tea = stage.brand("Tea").await;
        let campaign = stage.campaign(&tea, "New tea").await;
        let input = |email: &str| {
            json!({
                "campaignId": campaign.to_string(), "recipients": [{ "name": "Aoi", "email": email }], "subject": "Will you?",
                "message": "Dear {name}", "locale": "EN", "answerBy": stage.day(14),
            })
        };
        let sent = async |email: &str| tea.api.tried("invitationSend", input(email), "batch { id }").await;
        sent("a@inbox.example").await.ok();
        // What was refused costs nothing.
        assert!(!sent("no address").await.refusals().is_empty());
        sent("b@inbox.example").await.ok();
        assert_eq!(sent("c@inbox.example").await.code(), "RATE_LIMITED");
        stage.advance(Duration::hours(13));
        sent("c@inbox.example").await.ok();
        stage.work().await;
    });
}

// Two fingers, two tabs, a program that asks again: the invitation is accepted once, and everything that follows happens once (B47).
story!(an_invitation_is_accepted_once, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let (id, token) = stage.invitation(&tea, campaign, &hana).await;
    let by = [json!({ "id": id.to_string() }), json!({ "token": token })];
    let page = format!("/c/invitations/{id}");
    let accept = async |n: usize| -> Result<(), String> {
        // Every third time in the portal.
        if n % 3 == 2 {
            let page = hana.browser.post_only::<&str, &str>(&format!("{page}/accept"), &[]).await;
            let joined = page.location().is_some_and(|to| to.starts_with("/c/jobs/par_"));
            return if joined { Ok(()) } else { Err(format!("{} {}", page.status, page.location().unwrap_or_default())) };
        }
        let answer = hana.api.tried("invitationAccept", json!({ "invitation": by[n % 2] }), "participation { id }").await;
        let refusals = answer.refusals();
        if refusals.is_empty() { Ok(()) } else { Err(refusals.join(" ")) }
    };
    let all = tokio::join!(accept(0), accept(1), accept(2), accept(3), accept(4), accept(5), accept(6), accept(7));
    let all = [all.0, all.1, all.2, all.3, all.4, all.5, all.6, all.7];
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 1, "{all:?}");
    for refused in all.iter().filter_map(|one| one.as_ref().err()) {
        assert!(refused == "=ALREADY_DONE" || refused.starts_with("422"), "{all:?}");
    }
    let joined = entity::event::Entity::find().filter(entity::event::Column::Kind.is_in(["participation.joined", "invitation.accepted"]));
    assert_eq!(joined.count(stage.app.db()).await.expect("events"), 2);
    assert_eq!(entity::thread::Entity::find().count(stage.app.db()).await.expect("threads"), 1);
    assert_eq!(entity::participation::Entity::find().count(stage.app.db()).await.expect("participations"), 1);
    assert_eq!(stage.count_mails_to(&tea.email).await, 1);
});

// The same key at once: one message, one batch; whoever comes second is told so, and hears the answer when they ask again.
story!(one_key_at_once_does_it_once, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let thread = stage.thread(&tea, campaign, hana.creator()).await;
    let message = json!({ "threadId": thread.to_string(), "body": "Once", "idempotencyKey": "one" });
    let say = async || hana.api.tried("messageSend", message.clone(), "message { id }").await;
    let batch = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "name": "Aoi", "email": AOI }], "subject": "Will you?", "message": "Dear {name}",
        "locale": "EN", "answerBy": stage.day(14), "idempotencyKey": "one",
    });
    let send = async || tea.api.tried("invitationSend", batch.clone(), "batch { id }").await;
    let (a, b, c, d, e, f) = tokio::join!(say(), say(), say(), send(), send(), send());
    for (answers, entity) in [([a, b, c], "/data/messageSend/message/id"), ([d, e, f], "/data/invitationSend/batch/id")] {
        let mut ids: Vec<_> = answers.iter().filter_map(|answer| answer.body.pointer(entity)).filter(|id| id.is_string()).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "one of each: {answers:?}");
        for answer in &answers {
            let refusals = answer.refusals();
            assert!(refusals.is_empty() || refusals == ["idempotencyKey=ALREADY_DONE"], "{refusals:?}");
        }
    }
    say().await.ok();
    send().await.ok();
    assert_eq!(entity::message::Entity::find().count(stage.app.db()).await.expect("messages"), 1);
    assert_eq!(rows(stage).await.len(), 1);
    assert_eq!(stage.count_mails_to(AOI).await, 1);
});
