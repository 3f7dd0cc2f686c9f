//! Many at once: all that a table shows, on the shortlist, into a mailing, and back.

use entity::{
    creator,
    enums::{CreatorSource, InvitationState, ParticipationState},
    ids::CreatorId,
    invitation, participation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{Stage, story};

/// More than one page of people whom nobody has claimed yet.
const MANY: usize = 60;

async fn many(stage: &Stage) -> Vec<CreatorId> {
    let now = stage.now();
    let rows: Vec<creator::Model> = (0..MANY)
        .map(|n| creator::Model::bare(stage.app.id(), &format!("Runner {n:02}"), format!("runner {n:02}"), CreatorSource::Imported, now))
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    let active = rows.into_iter().map(|row| row.into_active_model().reset_all());
    creator::Entity::insert_many(active).exec_without_returning(stage.app.db()).await.expect("creators");
    ids
}

async fn in_state(stage: &Stage, state: ParticipationState) -> u64 {
    participation::Entity::find().filter(participation::Column::State.eq(state)).count(stage.app.db()).await.expect("participations")
}

story!(all_that_match_are_noted_and_asked, async |stage| {
    let acme = stage.brand("Acme").await;
    let campaign = stage.campaign(&acme, "Trail").await;
    many(stage).await;
    stage.creator("Hana").await;

    // The bar offers all that match, since a page shows fifty; what the filter leaves out stays out.
    let page = acme.browser.get(&acme.path("discover?q=runner&sort=name")).await.ok();
    assert_eq!((page.count("tbody tr"), page.count("[data-bulk] input[name=all]")), (50, 1));
    assert_eq!(page.attribute("[data-bulk] input[name=q]", "value").as_deref(), Some("runner"));
    let few = acme.browser.get(&acme.path("discover?q=hana")).await.ok();
    assert_eq!(few.count("[data-bulk] input[name=all]"), 0, "one page holds all of them");

    let chosen = acme.browser.get(&acme.path("shortlist?q=runner&table=discover&all=match")).await.ok().says("Creators chosen: 60");
    let done = chosen.form(&acme.path("shortlist")).set("campaign", campaign.to_string()).send().await.ok();
    assert_eq!(done.notice(), "Added to the shortlist: 60");
    assert_eq!(in_state(stage, ParticipationState::Shortlisted).await, MANY as u64);
    let done = done.says("Invite the whole shortlist");

    // One is taken off again, without a word to anybody.
    let forms = done.actions().into_iter().filter(|action| action.ends_with("/unlist")).collect::<Vec<_>>();
    assert_eq!(forms.len(), 50);
    let less = acme.browser.post::<&str, &str>(&forms[0], &[]).await.ok();
    assert_eq!(less.notice(), "Removed from the shortlist.");
    acme.browser.post::<&str, &str>(&forms[0], &[]).await.is(404);

    // The rest are asked; each needs an address, and all of those that a table matches can be taken at once.
    let invite = acme.path(&format!("campaigns/{campaign}/invite"));
    let form = acme.browser.get(&format!("{invite}?all=match&table=shortlist")).await.ok().form(&invite);
    assert_eq!(form.names().iter().filter(|name| name.starts_with("email_")).count(), MANY - 1);
    let all = acme.browser.get(&format!("{invite}?all=match&table=discover&q=runner")).await.ok().form(&invite);
    assert_eq!(all.names().iter().filter(|name| name.starts_with("email_")).count(), MANY);
    let mut asked = form.set("message", "Run with us, {name}.");
    let fields: Vec<String> = asked.names().iter().filter(|name| name.starts_with("email_")).map(ToString::to_string).collect();
    for (n, field) in fields.iter().enumerate() {
        asked = asked.set(field, format!("runner{n}@inbox.example"));
    }
    asked.force("do", "send").send().await.ok();
    assert_eq!(in_state(stage, ParticipationState::Invited).await, MANY as u64 - 1);

    // And all of them are taken back at once, page or not.
    let table = acme.path(&format!("campaigns/{campaign}/creators"));
    let bar = acme.path(&format!("campaigns/{campaign}/invitations/bulk"));
    acme.browser.get(&format!("{table}?state=invited")).await.ok().says("All that match");
    let done = acme.browser.post(&bar, &[("all", "match"), ("state", "invited"), ("do", "withdraw")]).await.ok();
    assert!(done.notice().starts_with("59 invitation(s) are taken back."), "{}", done.notice());
    let revoked = invitation::Entity::find().filter(invitation::Column::State.eq(InvitationState::Revoked));
    assert_eq!(revoked.count(stage.app.db()).await.expect("invitations"), MANY as u64 - 1);
    acme.browser.post(&bar, &[("all", "match"), ("state", "invited"), ("do", "withdraw")]).await.is(422);
    let again = acme.browser.get(&format!("{table}?state=shortlisted")).await.ok();
    assert_eq!(again.count("tbody tr"), 50);
    assert!(again.actions().iter().all(|action| !action.ends_with("/unlist")), "who was asked stays in the records");
    // The address of a page says what is shown, and cannot say what is done.
    let spoofed = acme.browser.get(&format!("{table}?state=shortlisted&all=match&do=withdraw&table=creators")).await.ok();
    assert_eq!(spoofed.count("#bulk input[type=hidden][name=all], #bulk input[type=hidden][name=do]"), 0);
    stage.work().await;
});

story!(the_short_list_by_the_api, async |stage| {
    let (acme, bolt, hana) = (stage.brand("Acme").await, stage.brand("Bolt").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&acme, "Trail").await.to_string();
    let nobody = "cre_00000000000000000000000000000000";
    let noted = "participations { id state creator { displayName } allowedActions }";
    let input = json!({ "campaignId": campaign, "creatorIds": [hana.creator().to_string(), nobody] });
    let done = acme.api.did("participationShortlist", input.clone(), noted).await["participations"].clone();
    assert_eq!(done[0]["state"], "SHORTLISTED");
    assert_eq!(done[0]["creator"]["displayName"], "Hana");
    assert_eq!(done[0]["allowedActions"], json!(["UNLIST"]));
    assert_eq!(done.as_array().map(Vec::len), Some(1), "whom nobody sees is passed over");
    let again = acme.api.did("participationShortlist", input.clone(), noted).await;
    assert_eq!(again["participations"][0]["id"], done[0]["id"], "twice is once");
    assert_eq!(hana.api.ask("{ viewer { name } participations(first: 5) { nodes { id } } }").await["participations"]["nodes"], json!([]));
    assert_eq!(stage.count_mails_to(&hana.email).await, 0, "it stays silent");

    assert_eq!(bolt.api.tried("participationShortlist", input, noted).await.refusals(), ["=NOT_FOUND"]);
    let none = json!({ "campaignId": campaign, "creatorIds": [] });
    assert_eq!(acme.api.tried("participationShortlist", none, noted).await.refusals(), ["creatorIds=REQUIRED"]);
    // A candidate cannot be removed with a word to them, only taken off.
    let removed = json!({ "id": done[0]["id"], "reason": "No." });
    assert_eq!(acme.api.tried("participationRemove", removed, "participation { id }").await.refusals(), ["=WRONG_STATE"]);
    let off = json!({ "id": done[0]["id"] });
    assert_eq!(bolt.api.tried("participationUnlist", off.clone(), "creator { id }").await.refusals(), ["=NOT_FOUND"]);
    let gone = acme.api.did("participationUnlist", off, "creator { displayName }").await;
    assert_eq!(gone["creator"]["displayName"], "Hana");
    assert_eq!(in_state(stage, ParticipationState::Shortlisted).await, 0);
});
