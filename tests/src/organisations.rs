//! Brands and agencies: found, edit, bring in colleagues, act for one another (L17). Through both faces.

use chrono::Duration;
use serde_json::json;

use crate::{Stage, story};

/// `/b/org_…/campaigns` → `org_…`.
fn org_in(path: &str) -> String {
    path.trim_start_matches("/b/").split(['/', '?']).next().unwrap_or_default().to_owned()
}

story!(a_brand_is_founded_in_the_portal, async |stage| {
    let mei = stage.person("Mei Kobayashi").await;
    let page = mei.browser.get("/organisations/new").await.ok();
    let path = page.actions().remove(0);
    let empty = page.form(&path).set("name", " ").send().await.is(422);
    assert_eq!(empty.problems(), ["name"]);
    let home = page.form(&path).set("name", "Komorebi Tea 木漏れ日").set("currency", "JPY").send().await.ok();
    assert!(home.path.starts_with("/b/org_"), "{}", home.path);
    let settings = format!("/b/{}/settings", org_in(&home.path));
    let form = mei.browser.get(&settings).await.ok().form(&settings);
    form.set("legal_name", "木漏れ日製茶株式会社").set("address", "京都府宇治市1-2-3").send().await.ok();
    let page = mei.browser.get(&settings).await.ok();
    assert_eq!(page.value("legal_name").as_deref(), Some("木漏れ日製茶株式会社"));
    let mine = mei.session_api().ask("{ viewer { actors { kind name } } }").await;
    let actors = mine["viewer"]["actors"].as_array().cloned().unwrap_or_default();
    assert!(actors.contains(&json!({ "kind": "MEMBER", "name": "Komorebi Tea 木漏れ日" })), "{actors:?}");
});

story!(colleagues_come_by_mail_and_may_what_their_role_says, async |stage| {
    let tea = stage.brand("Tea").await;
    let settings = tea.path("settings");
    let page = tea.browser.get(&settings).await.ok();
    let invite = format!("{settings}/members");
    page.form(&invite).set("invite_email", "new@inbox.example").set("invite_role", "analyst").send().await.ok().says("new@inbox.example");
    let again = tea.browser.get(&settings).await.ok().form(&invite).set("invite_email", "NEW@inbox.example").send().await;
    assert!(!again.problems().is_empty() || again.status == 200, "asked twice is one invitation");

    // Somebody new signs up by the link; another person's session cannot spend it.
    let link = stage.link_to("new@inbox.example", "/join/").await;
    let ken = stage.person("Ken").await;
    ken.browser.get(&link).await;
    ken.browser.post::<&str, &str>(&link, &[]).await;
    let members = |api: crate::Api| async move {
        let found = api.ask("{ organisation { members { nodes { name role } } } }").await;
        found["organisation"]["members"]["nodes"].as_array().map(Vec::len).unwrap_or_default()
    };
    assert_eq!(members(tea.api.clone()).await, 1);
    let nao = stage.browser();
    let page = nao.get(&link).await.ok().follow("Sign up").await.ok();
    let form = page.form(&page.actions()[0]).set("name", "Nao").set("email", "new@inbox.example");
    form.set("password", crate::people::PASSWORD).tick("conduct").send().await.ok();
    let confirm = stage.link_to("new@inbox.example", "/confirm/").await;
    let page = nao.get(&confirm).await.ok().form(&confirm).send().await.ok();
    assert_eq!(page.path, link, "sign-up leads back to the invitation");
    page.form(&link).send().await.ok();
    assert_eq!(members(tea.api.clone()).await, 2);
    nao.get(&tea.path("")).await.ok();
    // An analyst reads and changes nothing.
    nao.get(&tea.path("campaigns")).await.ok();
    nao.get(&tea.path("campaigns/new")).await.is(403);

    // Roles change at once; the last owner stays.
    let found = tea.api.ask("{ organisation { members { nodes { id role allowedActions } } } }").await;
    let nodes = found["organisation"]["members"]["nodes"].as_array().cloned().unwrap_or_default();
    let of = |role: &str| nodes.iter().find(|m| m["role"] == role).cloned().expect("a member");
    let promoted = tea.api.did("memberChangeRole", json!({ "id": of("ANALYST")["id"], "role": "MANAGER" }), "member { role }").await;
    assert_eq!(promoted["member"]["role"], "MANAGER");
    nao.get(&tea.path("campaigns/new")).await.ok();
    let last = tea.api.tried("memberChangeRole", json!({ "id": of("OWNER")["id"], "role": "MANAGER" }), "member { role }").await;
    assert!(!last.user_errors().is_empty());
    let left = tea.api.tried("memberLeave", json!({ "organisationId": tea.org().to_string() }), "member { id }").await;
    assert!(!left.user_errors().is_empty(), "an organisation has an owner");
    tea.api.did("memberRemove", json!({ "id": of("ANALYST")["id"] }), "member { id }").await;
    nao.get(&tea.path("")).await.is(404);
    stage.work().await;
});

story!(an_invitation_to_colleagues_ends, async |stage| {
    let tea = stage.brand("Tea").await;
    let made = tea.api.did("memberInvite", json!({ "email": "nao@inbox.example", "role": "MANAGER" }), "memberInvitation { id }").await;
    let id = made["memberInvitation"]["id"].clone();
    let old = stage.link_to("nao@inbox.example", "/join/").await;
    tea.api.did_as("memberInvitationResend", "MemberInvitationRefInput", json!({ "id": id }), "memberInvitation { id }").await;
    let link = stage.link_to("nao@inbox.example", "/join/").await;
    assert_ne!(old, link);
    stage.browser().get(&old).await.is(404);
    stage.browser().get(&link).await.ok();
    stage.advance(Duration::days(15));
    stage.browser().get(&link).await.silent_about("Sign up and join");
    tea.api.did_as("memberInvitationResend", "MemberInvitationRefInput", json!({ "id": id }), "memberInvitation { id }").await;
    let link = stage.link_to("nao@inbox.example", "/join/").await;
    tea.api.did_as("memberInvitationWithdraw", "MemberInvitationRefInput", json!({ "id": id }), "memberInvitation { id }").await;
    stage.browser().get(&link).await.says("This invitation has been withdrawn.");
    stage.work().await;
});

/// An agency's members see what the brand lets them, until it ends.
async fn agency_sees(stage: &Stage, agency: &crate::Someone, path: &str, status: u16) {
    stage.again(agency).await.get(path).await.is(status);
}

story!(an_agency_acts_for_a_brand, async |stage| {
    let (tea, star) = (stage.brand("Tea").await, stage.agency("Star").await);
    stage.campaign(&tea, "First flush").await;
    let campaigns = tea.path("campaigns");
    agency_sees(stage, &star, &campaigns, 404).await;
    let input = json!({ "agency": star.org().to_string(), "role": "MANAGER", "until": "2026-12-31" });
    let offered = tea.api.did("delegationOffer", input, "delegation { id state }").await;
    let id = offered["delegation"]["id"].clone();
    agency_sees(stage, &star, &campaigns, 404).await;
    let own = tea.api.tried_as("delegationAccept", "DelegationRefInput", json!({ "id": id }), "delegation { state }").await;
    assert!(!own.user_errors().is_empty(), "who offers does not accept");
    star.api.did_as("delegationAccept", "DelegationRefInput", json!({ "id": id }), "delegation { state }").await;
    agency_sees(stage, &star, &campaigns, 200).await;
    stage.again(&star).await.get(&campaigns).await.ok().says("First flush");
    stage.again(&star).await.get(&tea.path("campaigns/new")).await.ok();
    // It never becomes an owner, and its day ends it.
    stage.again(&star).await.post::<&str, &str>(&format!("{}/members", tea.path("settings")), &[("invite_email", "x@inbox.example")]).await;
    assert_eq!(stage.count_mails_to("x@inbox.example").await, 0);
    stage.advance(Duration::days(40));
    agency_sees(stage, &star, &campaigns, 404).await;

    let input = json!({ "agency": star.org().to_string(), "role": "ANALYST" });
    let id = tea.api.did("delegationOffer", input, "delegation { id }").await["delegation"]["id"].clone();
    star.api.did_as("delegationAccept", "DelegationRefInput", json!({ "id": id }), "delegation { state }").await;
    agency_sees(stage, &star, &campaigns, 200).await;
    agency_sees(stage, &star, &tea.path("campaigns/new"), 403).await;
    tea.api.did_as("delegationEnd", "DelegationRefInput", json!({ "id": id }), "delegation { state }").await;
    agency_sees(stage, &star, &campaigns, 404).await;
    stage.work().await;
});

story!(brands_of_an_organisation, async |stage| {
    let tea = stage.brand("Tea").await;
    let settings = tea.path("settings");
    let form = tea.browser.get(&settings).await.ok().form(&format!("{settings}/brands"));
    form.set("brand_name", "Kagari 篝").set("brand_hashtags", "#kagari, ＃篝").send().await.ok();
    assert_eq!(tea.browser.get(&settings).await.ok().count("input[value='Kagari 篝']"), 1);
    let found = tea.api.ask("{ organisation { brands { id name hashtags } } }").await;
    assert_eq!(found["organisation"]["brands"][0]["hashtags"], json!(["kagari", "篝"]));
    let id = found["organisation"]["brands"][0]["id"].clone();
    let taken = tea.api.tried("brandAdd", json!({ "name": " Kagari 篝 " }), "brand { id }").await;
    assert_eq!(taken.refusals(), ["name=TAKEN"]);
    tea.api.did("brandRename", json!({ "id": id, "name": "Kagaribi" }), "brand { name }").await;
    // The last one stays, and one that has campaigns.
    assert_eq!(tea.api.tried("brandRemove", json!({ "id": id }), "removedId").await.refusals().len(), 1);
    stage.campaign(&tea, "First flush").await;
    let brands = tea.api.ask("{ organisation { brands { id name } } }").await["organisation"]["brands"].clone();
    let busy = brands.as_array().into_iter().flatten().find(|b| b["name"] == "First flush label").expect("its brand")["id"].clone();
    assert_eq!(tea.api.tried("brandRemove", json!({ "id": busy }), "removedId").await.refusals().len(), 1);
    tea.api.did("brandRemove", json!({ "id": id }), "removedId").await;
});
