//! Pictures beside figures that creators hand in: who may send one, who sees it, and what admins say of it.

use entity::{
    enums::{ManualInsightState, ParticipationState},
    ids::{AccountId, ManualInsightId, UploadId},
    manual_insight, upload,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;

use crate::{Page, Someone, Stage, api::PNG, story};

impl Stage {
    /// Figures that a creator handed in with a picture, of their own accord.
    pub async fn handed_in_with_picture(&self, who: &Someone, account: AccountId, n: u32) -> ManualInsightId {
        let (id, proof, now) = (self.app.id::<ManualInsightId>(), self.app.id::<UploadId>(), self.now());
        let picture = upload::Model {
            id: proof,
            user_id: who.user,
            content_type: "image/jpeg".into(),
            width: 1,
            height: 1,
            bytes: b"\xff\xd8\xff\xe0".to_vec(),
            is_proof: true,
            created_at: now,
        };
        picture.into_active_model().reset_all().insert(self.app.db()).await.expect("a picture");
        let row = manual_insight::Model {
            id,
            creator_id: who.creator(),
            account_id: account,
            post_id: None,
            org_id: None,
            state: ManualInsightState::HandedIn,
            question: String::new(),
            figures: json!({ "saves": n }),
            as_of: Some(now.date_naive()),
            note: String::new(),
            proof_id: Some(proof),
            review: None,
            review_note: String::new(),
            reviewed_at: None,
            reviewed_by: None,
            created_at: now,
            answered_at: Some(now),
        };
        row.into_active_model().reset_all().insert(self.app.db()).await.expect("figures");
        id
    }
}

/// A form with a file, as browsers send it; where it leads is opened.
async fn send(who: &Someone, path: &str, fields: &[(&str, &str)], file: &[u8]) -> (u16, Option<Page>, String) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes());
    }
    body.extend_from_slice(b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"proof.png\"\r\n\r\n");
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    let request = who
        .browser
        .request(reqwest::Method::POST, path)
        .header("Content-Type", "multipart/form-data; boundary=edge")
        .header("Origin", who.browser.origin())
        .header("Sec-Fetch-Site", "same-origin")
        .header("Accept", "text/html");
    let answer = request.body(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).map(str::to_owned);
    let text = answer.text().await.unwrap_or_default();
    match to {
        Some(to) => (status, Some(who.browser.get(&to).await), text),
        None => (status, None, text),
    }
}

story!(figures_are_proven_by_a_picture, async |stage| {
    let (hana, ken, acme, bolt) =
        (stage.creator("Hana").await, stage.creator("Ken").await, stage.brand("Acme").await, stage.brand("Bolt").await);
    let admin = stage.admin().await;
    let campaign = stage.campaign(&acme, "New tea").await;
    stage.participation(&acme, campaign, hana.creator(), ParticipationState::Joined).await;
    let account = stage.account(hana.creator(), entity::enums::Network::Instagram, "hana", Some(1_000)).await;
    let asked = acme.api.did("insightsAsk", json!({ "accountId": account.to_string() }), "insight { id }").await;
    let id = asked["insight"]["id"].as_str().expect("an id").to_owned();
    let path = format!("/c/insights/{id}");
    let today = stage.now().date_naive().to_string();

    // What is no picture is refused; a good one survives a form that is refused for something else, and need not be chosen again.
    let (status, _, said) = send(&hana, &path, &[("saves", "35"), ("as_of", &today)], b"<svg onload=alert(1)>").await;
    assert!(status == 422 && said.contains("f-file-problem"), "{status}");
    let (status, _, said) = send(&hana, &path, &[("saves", "many"), ("as_of", &today)], PNG).await;
    assert!(status == 422 && said.contains("has been taken in"), "{status}");
    let kept = said.split("name=\"proof\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("its id").to_owned();
    // Nobody else hands it in, and nobody sees it before it is.
    stage.browser().get_only(&format!("/pictures/{kept}")).await.is(404);
    let his = stage.account(ken.creator(), entity::enums::Network::Instagram, "ken", Some(1_000)).await;
    let post = stage.post_of(ken.creator(), his, "Tea", Some(1)).await;
    let figures = json!([{ "measure": "SAVES", "value": 35 }]);
    let stolen = json!({ "postId": post.to_string(), "figures": figures, "asOf": today, "proofId": kept });
    assert_eq!(ken.api.tried("insightsHandIn", stolen, "insight { id }").await.refusals(), ["file=INVALID"]);
    let (status, page, _) = send(&hana, &path, &[("saves", "35"), ("as_of", &today), ("proof", &kept)], b"").await;
    assert_eq!(status, 303);
    page.expect("the next page").ok().says("Handed in");

    // Who sees the figures sees the picture, and as nothing but a picture.
    let own = hana.browser.get(&path).await.ok().says("not looked at yet");
    let file = own.attribute("a[href$='/proof']", "href").expect("a link");
    let shown = hana.browser.get_only(&file).await.ok();
    assert!(shown.header("content-type").starts_with("image/") && shown.header("content-security-policy").contains("sandbox"));
    assert_eq!(shown.header("cache-control"), "private, no-store");
    let theirs = acme.path(&format!("insights/{id}/proof"));
    acme.browser.get(&acme.path(&format!("creators/{}", hana.creator()))).await.ok().says("not looked at yet");
    acme.browser.get_only(&theirs).await.ok();
    bolt.browser.get_only(&bolt.path(&format!("insights/{id}/proof"))).await.is(404);
    ken.browser.get_only(&file).await.is(404);
    stage.browser().get_only(&format!("/pictures/{kept}")).await.is(404);
    assert_eq!(hana.api.tried("creatorPictureSet", json!({ "uploadId": kept }), "creator { id }").await.refusals(), ["=NOT_FOUND"]);

    // An admin says what it shows; a refusal says why.
    let list = admin.browser.get("/admin/networks").await.ok();
    assert!(list.attribute("a[href='/admin/insights']", "href").is_some());
    admin.browser.get("/admin/insights").await.ok().says("Hana");
    let one = format!("/admin/insights/{id}");
    admin.browser.get_only(&format!("{one}/proof")).await.ok();
    let page = admin.browser.get(&one).await.ok();
    page.form(&one).set("review", "refused").send().await.is(422).says("Say why");
    page.form(&one)
        .set("review", "refused")
        .set("note", "It shows another month")
        .send()
        .await
        .ok()
        .says("The review was saved")
        .says("Nothing here");
    hana.browser.get(&path).await.ok().says("does not match").says("It shows another month");
    acme.browser.get(&acme.path(&format!("creators/{}", hana.creator()))).await.ok().says("does not match");
    let input = json!({ "id": id, "review": "SEEN" });
    let told = admin.api.did("insightProofReview", input.clone(), "insight { allowedActions proof { review reviewNote url } }").await;
    assert_eq!(told["insight"]["proof"]["review"], "SEEN");
    assert_eq!(told["insight"]["allowedActions"], json!(["REVIEW_PROOF"]));
    assert_eq!(hana.api.tried("insightProofReview", input, "insight { id }").await.code(), "FORBIDDEN");
    let seen = admin.api.ask("{ insightProofs(review: SEEN, first: 5) { nodes { id figures { measure value } } } }").await;
    assert_eq!(seen["insightProofs"]["nodes"][0]["id"], id.as_str());
    let mine = acme
        .api
        .call("query ($id: ID!) { node(id: $id) { ... on ManualInsight { proof { url review } } } }", json!({ "id": id }))
        .await
        .ok();
    assert!(mine["node"]["proof"]["url"].as_str().is_some_and(|url| url.ends_with(&theirs)), "{mine}");

    // What a creator hands in of their own accord is shown to brands while they show their insights.
    let post = stage.post_of(hana.creator(), account, "Tea", Some(1)).await;
    let (status, said) = hana.api.upload_proof(PNG).await;
    assert!(status == 201 && said["url"].is_null(), "{said}");
    let given =
        json!({ "postId": post.to_string(), "figures": [{ "measure": "SAVES", "value": 36 }], "asOf": today, "proofId": said["id"] });
    let done = hana.api.did("insightsHandIn", given, "insight { id }").await;
    let free = done["insight"]["id"].as_str().expect("an id").to_owned();
    let at = bolt.path(&format!("insights/{free}/proof"));
    bolt.browser.get_only(&at).await.is(404);
    let yes = hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    bolt.browser.get_only(&at).await.ok();
    hana.api.did("consentRevoke", json!({ "id": yes["consent"]["id"] }), "consent { id }").await;
    bolt.browser.get_only(&at).await.is(404);
    // Pictures that were handed in stay; others go.
    hana.api.upload_proof(PNG).await;
    stage.advance(chrono::Duration::days(3));
    stage.routine().await;
    hana.browser.get_only(&file).await.ok();
    assert_eq!(upload::Entity::find().all(stage.app.db()).await.expect("read").len(), 2);
});
