//! Whose a declared account is, shown by a code that is read where only its owner writes.

use std::cell::OnceCell;

use entity::network_link;
use sandbox::Handle;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::{
    Stage,
    database::Kind,
    stage::{beginning, tell_with},
};

fn told(kind: Kind) {
    let started = OnceCell::new();
    tell_with(
        kind,
        |config| {
            let sandbox =
                sandbox::start(sandbox::Options { start: Some(beginning()), ..sandbox::Options::default() }).expect("the sandbox starts");
            for network in ["bluesky", "blog"] {
                let base = sandbox.base(network).parse().expect("an address");
                let settings = connectors::Settings { api_base: Some(base), sandbox: true, ..connectors::Settings::default() };
                config.networks.insert(network.into(), settings);
            }
            started.set(sandbox).ok();
        },
        async |stage| story(stage, started.get().expect("the sandbox")).await,
    );
}

#[test]
fn owners_are_shown_by_a_code_sqlite() {
    told(Kind::Sqlite);
}

#[test]
fn owners_are_shown_by_a_code_postgres() {
    told(Kind::Postgres);
}

async fn story(stage: &Stage, sandbox: &Handle) {
    let (hana, ken, acme) = (stage.creator("Hana").await, stage.creator("Ken").await, stage.brand("Acme").await);
    let seen = acme.path(&format!("creators/{}", hana.creator()));
    let fields = "link { id ownershipCode ownershipProvenAt allowedActions account { id verified ownershipProvenAt } }";

    // A page of her own: the code counts in its head, and nowhere else.
    let page = hana.browser.get("/c/networks").await.ok();
    let page = page.form("/c/networks/declare").set("network", "blog").set("handle", "https://www.hana.example/tea/").send().await.ok();
    let path = page.path.clone();
    assert!(path.ends_with("/ownership"), "{path}");
    let rows = network_link::Entity::find().all(stage.app.db()).await.expect("links");
    let (id, code) = (rows[0].id.to_string(), rows[0].proof_code.clone());
    page.clone().says(&code).says("hibiki-verification");
    page.form(&path).send().await.is(422).says("was not found at");
    sandbox.write("blog comment", "hana.example/tea", &format!("<meta name=\"hibiki-verification\" content=\"{code}\">"));
    page.form(&path).send().await.is(422).says("was not found at");
    sandbox.write("blog", "hana.example/tea", "<meta name=\"hibiki-verification\" content=\"hibiki-somebodyelses\">");
    page.form(&path).send().await.is(422);
    acme.browser.get(&seen).await.ok().says("Not proven").silent_about("ownership proven");
    sandbox.write("blog", "hana.example/tea", &format!("<meta name=\"hibiki-verification\" content=\"{code}\">"));
    page.form(&path).send().await.ok().says("The code was found").says("ownership proven on");
    acme.browser.get(&seen).await.ok().says("ownership proven on");
    // Nobody else proves or sees it, and it is no verified account.
    ken.browser.get(&path).await.is(404);
    assert_eq!(ken.api.tried("networkOwnershipProve", json!({ "id": id }), "link { id }").await.refusals(), ["=NOT_FOUND"]);
    let links = hana.api.ask("{ networkLinks { state ownershipProvenAt account { verified ownershipProvenAt } } }").await;
    assert_eq!((&links["networkLinks"][0]["state"], &links["networkLinks"][0]["account"]["verified"]), (&json!("DECLARED"), &json!(false)));
    assert!(links["networkLinks"][0]["account"]["ownershipProvenAt"].is_string(), "{links}");

    // At Bluesky it stands in the description.
    let handle = json!({ "network": "BLUESKY", "handle": "@hana-cooks.bsky.social" });
    let made = hana.api.did("networkAccountDeclare", handle, fields).await;
    let link = made["link"].clone();
    assert_eq!(link["allowedActions"], json!(["UNLINK", "PROVE_OWNERSHIP"]));
    let prove = json!({ "id": link["id"] });
    let refused = hana.api.tried("networkOwnershipProve", prove.clone(), fields).await;
    assert_eq!(refused.refusals(), ["=REFUSED"]);
    sandbox.write("bluesky", "hana-cooks.bsky.social", &format!("お茶と料理。{}", link["ownershipCode"].as_str().expect("a code")));
    let done = hana.api.did("networkOwnershipProve", prove, fields).await;
    assert!(done["link"]["ownershipProvenAt"].is_string() && done["link"]["account"]["verified"] == false, "{done}");

    // Where nothing is read in public there is nothing to prove.
    let made = hana.api.did("networkAccountDeclare", json!({ "network": "TIKTOK", "handle": "hana.moves" }), fields).await;
    assert_eq!(made["link"]["allowedActions"], json!(["UNLINK"]));
    assert_eq!(hana.api.tried("networkOwnershipProve", json!({ "id": made["link"]["id"] }), fields).await.refusals(), ["=WRONG_STATE"]);
    hana.browser.get(&format!("/c/networks/{}/ownership", made["link"]["id"].as_str().expect("an id"))).await.is(404);
    stage.work().await;
}
