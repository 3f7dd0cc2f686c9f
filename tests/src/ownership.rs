//! Whose a declared account is, shown by a code that is read where only its owner writes.

use std::cell::OnceCell;

use chrono::Duration;
use entity::network_link;
use sandbox::Handle;
use sea_orm::EntityTrait;
use serde_json::json;

use crate::{
    Someone, Stage,
    database::Kind,
    stage::{beginning, tell_with},
};

fn told(kind: Kind, story: impl AsyncFnOnce(&Stage, &Handle)) {
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

macro_rules! owners_story {
    ($($story:tt)*) => {
        $crate::networks::story_at! { $crate::ownership::told; $($story)* }
    };
}

owners_story!(owners_are_shown_by_a_code, async |stage, sandbox| {
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
    read_as_everybody_reads(stage, sandbox, &hana, &acme).await;

    // Where nothing is read in public there is nothing to prove.
    let made = hana.api.did("networkAccountDeclare", json!({ "network": "TIKTOK", "handle": "hana.moves" }), fields).await;
    assert_eq!(made["link"]["allowedActions"], json!(["UNLINK"]));
    assert_eq!(hana.api.tried("networkOwnershipProve", json!({ "id": made["link"]["id"] }), fields).await.refusals(), ["=WRONG_STATE"]);
    hana.browser.get(&format!("/c/networks/{}/ownership", made["link"]["id"].as_str().expect("an id"))).await.is(404);
    stage.work().await;
});

/// Bluesky answers everybody: what was shown by the code is read from then on, as long as it is there and the creator agrees.
async fn read_as_everybody_reads(stage: &Stage, sandbox: &Handle, hana: &Someone, acme: &Someone) {
    stage.work().await;
    let fields = "links: networkLinks { id state allowedActions problem ownershipProvenAt firstReadingPercent readings { kind state }
        account { id handle followers { value } verified latestPosts { caption } } }";
    let of_bluesky = async || {
        let all = hana.api.ask(&format!("{{ {fields} }}")).await;
        let links = all["links"].as_array().expect("links").clone();
        links.into_iter().find(|link| link["account"]["handle"] == "hana-cooks.bsky.social").expect("the account")
    };
    let link = of_bluesky().await;
    assert_eq!((&link["state"], &link["firstReadingPercent"]), (&json!("DECLARED"), &json!(100)), "{link}");
    assert_eq!(link["allowedActions"], json!(["UNLINK", "REFRESH", "PROVE_OWNERSHIP"]));
    assert!(link["account"]["followers"]["value"].as_i64().is_some_and(|n| n > 0), "{link}");
    assert_eq!(link["account"]["latestPosts"].as_array().map(Vec::len), Some(3), "{link}");
    let state = |link: &serde_json::Value, kind: &str| {
        let rows = link["readings"].as_array().expect("readings").clone();
        rows.into_iter().find(|row| row["kind"] == kind).map(|row| row["state"].clone()).unwrap_or_default()
    };
    assert_eq!((state(&link, "POSTS"), state(&link, "AUDIENCE")), (json!("READ"), json!("NOT_AVAILABLE")), "{link}");
    let own = format!("/c/networks/{}", link["account"]["id"].as_str().expect("an id"));
    hana.browser.get(&own).await.ok().says("ownership proven on").says("Bluesky");
    acme.browser.get(&acme.path(&format!("creators/{}", hana.creator()))).await.ok().says("ownership proven on");

    // Without her consent none of her posts are read.
    let yes = hana.api.did("consentGrant", json!({ "purpose": "READ_FIGURES" }), "consent { id }").await;
    hana.api.did("consentRevoke", json!({ "id": yes["consent"]["id"] }), "consent { id }").await;
    stage.work().await;
    let asked = sandbox.log().len();
    for by in [Duration::days(1), Duration::days(2)] {
        stage.advance(by);
        sandbox.advance(by);
        stage.routine().await;
    }
    let calls: Vec<_> = sandbox.log().into_iter().skip(asked).map(|entry| entry.path).collect();
    assert!(calls.iter().all(|path| path.ends_with("app.bsky.actor.getProfile")), "the profile alone: {calls:?}");
    hana.api.did("consentGrant", json!({ "purpose": "READ_FIGURES" }), "consent { id }").await;
    stage.routine().await;
    assert!(sandbox.log().iter().skip(asked).any(|entry| entry.path.ends_with("app.bsky.feed.getAuthorFeed")), "and with it they are");

    // The account goes: reading ends, she is told, and what was read stays.
    sandbox.write("bluesky gone", "hana-cooks.bsky.social", "yes");
    stage.advance(Duration::days(2));
    sandbox.advance(Duration::days(2));
    stage.routine().await;
    let link = of_bluesky().await;
    assert!(link["problem"].is_string() && link["readings"] == json!([]), "{link}");
    assert!(link["account"]["followers"]["value"].as_i64().is_some_and(|n| n > 0), "{link}");
    hana.browser.get("/c/activity").await.ok().says("is not found any more");
    assert!(link["ownershipProvenAt"].is_null(), "{link}");
    sandbox.write("bluesky gone", "hana-cooks.bsky.social", "");
}

owners_story!(a_profile_that_a_brand_made_goes_to_whoever_shows_the_code, async |stage, sandbox| {
    let (hana, ken, acme) = (stage.creator("Hana").await, stage.creator("Ken").await, stage.brand("Acme").await);
    let handle = json!({ "network": "BLUESKY", "handle": "hana-cooks.bsky.social" });
    let kept = acme.api.did("networkLookupKeep", handle.clone(), "creator { id displayName }").await;
    let made = kept["creator"]["id"].as_str().expect("an id").to_owned();
    let fields = "link { id ownershipCode account { id followers { value } } }";
    // Both type it in; neither keeps the other out, and nobody twice.
    let ken_link = ken.api.did("networkAccountDeclare", handle.clone(), fields).await["link"].clone();
    let hana_link = hana.api.did("networkAccountDeclare", handle.clone(), fields).await["link"].clone();
    assert_eq!(hana.api.tried("networkAccountDeclare", handle.clone(), fields).await.refusals(), ["handle=TAKEN"]);
    let code = |link: &serde_json::Value| link["ownershipCode"].as_str().expect("a code").to_owned();
    sandbox.write("bluesky", "hana-cooks.bsky.social", &code(&hana_link));
    assert_eq!(ken.api.tried("networkOwnershipProve", json!({ "id": ken_link["id"] }), fields).await.refusals(), ["=REFUSED"]);
    let done = hana.api.did("networkOwnershipProve", json!({ "id": hana_link["id"] }), fields).await;
    assert!(done["link"]["account"]["followers"]["value"].as_i64().is_some_and(|n| n > 0), "{done}");
    assert_ne!(done["link"]["account"]["id"], hana_link["account"]["id"], "the known account, with its history");
    acme.browser.get(&acme.path(&format!("creators/{made}"))).await.is(404);
    acme.browser.get(&acme.path(&format!("creators/{}", hana.creator()))).await.ok().says("ownership proven on");
    assert_eq!(hana.api.tried("networkAccountDeclare", handle.clone(), fields).await.refusals(), ["handle=TAKEN"]);
    // Who writes there now has it now.
    sandbox.write("bluesky", "hana-cooks.bsky.social", &code(&ken_link));
    ken.api.did("networkOwnershipProve", json!({ "id": ken_link["id"] }), fields).await;
    let left = hana.api.ask("{ networkLinks { id } }").await;
    assert_eq!(left["networkLinks"], json!([]), "{left}");
    stage.work().await;
    hana.browser.get("/c/activity").await.ok().says("A listed account was shown to be somebody else").silent_about("Ken");
});
