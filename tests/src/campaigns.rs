//! Campaigns and their briefs: planned, recruited for, changed with everybody's knowledge, ended. Through both faces.

use entity::enums::{CampaignState, ParticipationState};
use serde_json::json;

use crate::{Stage, story};

async fn state(stage: &Stage, id: entity::ids::CampaignId) -> CampaignState {
    use sea_orm::EntityTrait;
    entity::campaign::Entity::find_by_id(id).one(stage.app.db()).await.expect("read").expect("a campaign").state
}

story!(a_campaign_is_planned_in_the_portal, async |stage| {
    let tea = stage.brand("Tea").await;
    tea.api.did("brandAdd", json!({ "name": "Kagari" }), "brand { id }").await;
    let new = tea.path("campaigns/new");
    let form = tea.browser.get(&new).await.ok().form(&new);
    let refused = form.set("name", "").send().await.is(422);
    assert_eq!(refused.problems(), ["name"]);
    let made = tea.browser.get(&new).await.ok().form(&new).set("name", "First flush").send().await.ok();
    let base = made.path.split('?').next().unwrap_or_default().trim_end_matches("/edit").to_owned();
    let overview = tea.browser.get(&base).await.ok().says("No goal is chosen").says("The brief is not published yet");
    assert!(!overview.has_form(&format!("{base}/move")) || !overview.text().contains("Ask creators by mail"));

    let edit = format!("{base}/edit");
    let page = tea.browser.get(&edit).await.ok();
    let refused = page.form(&edit).set("starts_on", "2027-01-31").set("ends_on", "2026-12-01").set("budget", "-5").send().await.is(422);
    assert_eq!(refused.problems(), ["budget", "ends_on"]);
    assert_eq!(refused.value("budget").as_deref(), Some("-5"));
    let form = page.form(&edit).set("goal", "awareness").set("kpi_reach", "100,000").set("budget", "３００，０００");
    form.set("starts_on", "2026-12-01").set("ends_on", "2027-01-31").also("formats", "instagram.reel").send().await.ok();
    let brief = format!("{base}/brief");
    let form = tea.browser.get(&brief).await.ok().form(&brief);
    let mut form = form;
    for name in ["summary", "reward", "formats", "usage_rights", "exclusivity"] {
        form = form.set(&format!("teaser.{name}.en"), format!("{name} in short"));
    }
    for name in ["objective", "key_messages", "deliverables", "schedule", "disclosure", "approval"] {
        form = form.set(&format!("full.{name}.en"), format!("{name} in full"));
    }
    form.set("full.disclosure.ja", "#PR").send().await.ok();
    tea.browser.get(&format!("{brief}/preview")).await.ok().says("summary in short").says("objective in full");
    tea.browser.get(&brief).await.ok().form(&brief).force("then", "publish").send().await.ok();
    let overview = tea.browser.get(&base).await.ok().silent_about("The brief is not published yet");
    overview.form(&format!("{base}/move")).force("do", "recruit").send().await.ok();
    tea.browser.get(&base).await.ok().says("Recruiting").says("Invite creators");
    tea.browser.get(&tea.path("campaigns?state=recruiting")).await.ok().says("First flush");
    tea.browser.get(&tea.path("campaigns?state=draft")).await.ok().silent_about("First flush");
});

story!(a_campaign_goes_its_way_in_the_api, async |stage| {
    let tea = stage.brand("Tea").await;
    let id = stage.campaign(&tea, "First flush").await;
    let input = json!({ "id": id.to_string() });
    for (mutation, state) in [
        ("campaignPause", "PAUSED"),
        ("campaignResume", "RECRUITING"),
        ("campaignActivate", "ACTIVE"),
        ("campaignMeasure", "MEASURING"),
        ("campaignComplete", "COMPLETED"),
        ("campaignArchive", "ARCHIVED"),
    ] {
        let done = tea.api.did(mutation, input.clone(), "campaign { state allowedActions }").await;
        assert_eq!(done["campaign"]["state"], state, "{mutation}");
        let again = tea.api.tried(mutation, input.clone(), "campaign { state }").await;
        assert_eq!(again.refusals(), ["=WRONG_STATE"], "{mutation} twice");
    }
    let copy = tea.api.did("campaignCopy", input, "campaign { name state brief { version } }").await;
    assert_eq!(copy["campaign"]["state"], "DRAFT");
});

story!(who_is_in_hears_of_what_changes, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let place = stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    let thread = stage.thread(&tea, campaign, hana.creator()).await;
    let job = format!("/c/jobs/{place}");
    hana.browser.get(&job).await.ok().says("Secret objective");

    // A new version that asks for more: she is told what changed, and says whether she agrees.
    let id = campaign.to_string();
    let full = json!({ "objective": { "en": "Two secret objectives" }, "disclosure": { "en": "#ad", "ja": "#PR" } });
    tea.api.did("briefEdit", json!({ "campaignId": id, "full": full }), "brief { state }").await;
    hana.browser.get(&job).await.ok().silent_about("Two secret objectives");
    let teaser = json!({ "reward": { "en": "20,000 yen", "ja": "20,000円" } });
    tea.api.did("briefEdit", json!({ "campaignId": id, "teaser": teaser }), "brief { state }").await;
    let published = tea.api.tried("briefPublish", json!({ "campaignId": id }), "brief { version }").await;
    assert_eq!(published.ok()["briefPublish"]["brief"]["version"], 2);
    assert!(stage.count_mails_to(&hana.email).await > 0);
    let page = hana.browser.get(&job).await.ok().says("Two secret objectives").says("20,000 yen");
    let form = page.form(&format!("{job}/acknowledge"));
    let form = if form.names().contains(&"consent") { form.tick("consent") } else { form };
    form.send().await.ok();
    let stale =
        hana.api.tried("briefAcknowledge", json!({ "participationId": place.to_string(), "version": 1 }), "participation { id }").await;
    assert!(!stale.user_errors().is_empty());

    // The brand calls it off: she hears of it, and can still read what was said.
    let cancel = tea.path(&format!("campaigns/{campaign}/cancel"));
    tea.browser.get(&cancel).await.ok().form(&cancel).set("name", "First flush").send().await.ok();
    assert_eq!(state(stage, campaign).await, CampaignState::Cancelled);
    let mail = stage.mail_to(&hana.email).await;
    assert!(mail.text.contains("First flush"), "{}", mail.text);
    hana.browser.get(&format!("/c/inbox/{thread}")).await.ok();
});

story!(a_creator_leaves_and_a_brand_removes, async |stage| {
    let (tea, hana, ken) = (stage.brand("Tea").await, stage.creator("Hana").await, stage.creator("Ken").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let hers = stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    let his = stage.participation(&tea, campaign, ken.creator(), ParticipationState::Joined).await;
    let job = format!("/c/jobs/{hers}");
    hana.browser.get(&job).await.ok().form(&format!("{job}/leave")).send().await.ok();
    hana.browser.get(&job).await.silent_about("Secret objective");
    assert!(stage.mail_to(&tea.email).await.text.contains("Hana"));
    let page = tea.browser.get(&tea.path(&format!("campaigns/{campaign}/creators"))).await.ok().says("Ken");
    page.form(&tea.path(&format!("campaigns/{campaign}/participations/{his}/remove"))).set("reason", "The film is over.").send().await.ok();
    assert!(stage.mail_to(&ken.email).await.text.contains("The film is over."));
    ken.browser.get(&format!("/c/jobs/{his}")).await.silent_about("Secret objective");
    stage.work().await;
});
