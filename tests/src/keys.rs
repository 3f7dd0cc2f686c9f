//! Keys of what is stored sealed: a new one is put first, everything is sealed anew under it, and the old one can go (B41).

use entity::{network_link, second_factor, webhook};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;
use server::{
    app::{App, networks},
    auth::{reseal::reseal, vault::Vault},
    config::Config,
};

use crate::{Stage, peers::run, story};

const NEW: &str = "new:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// The same product with other keys.
async fn with(stage: &Stage, keys: &[&str]) -> App {
    let config = Config { keys: keys.iter().map(|key| (*key).to_owned()).collect(), ..stage.app.config.clone() };
    let networks = networks(&config, &stage.app.clock).expect("networks");
    App::over(stage.app.db().clone(), networks, config, stage.app.clock.clone()).await.expect("the product starts")
}

/// Everything that is stored sealed: the text, its key, the row that it is for.
async fn sealed(stage: &Stage) -> Vec<(String, String, String)> {
    let db = stage.app.db();
    let mut out = Vec::new();
    for row in network_link::Entity::find().all(db).await.expect("links") {
        out.extend(row.token_sealed.map(|text| (text, row.key_id, row.id.to_string())));
    }
    for row in second_factor::Entity::find().all(db).await.expect("factors") {
        out.push((row.secret, row.key_id, row.id.to_string()));
    }
    for row in webhook::Entity::find().all(db).await.expect("webhooks") {
        out.push((row.secret, row.key_id, row.id.to_string()));
        out.extend(row.former_secret.zip(row.former_key_id).map(|(text, key)| (text, key, row.id.to_string())));
    }
    out
}

fn opened(vault: &Vault, sealed: &[(String, String, String)]) -> Vec<String> {
    sealed.iter().filter_map(|(text, key, row)| vault.open_sealed(text, key, row).ok()).collect()
}

story!(an_old_key_can_go, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let (secret, _) = stage.second_factor(&hana).await;
    let hook = acme.api.did("webhookCreate", json!({ "url": "https://hooks.example.com/in" }), "webhook { id }").await;
    acme.api.did("webhookSecretRotate", json!({ "id": hook["webhook"]["id"] }), "secret").await;
    hana.api.did("networkAccountDeclare", json!({ "network": "TIKTOK", "handle": "hana.moves" }), "link { id }").await;
    let link = network_link::Entity::find().one(stage.app.db()).await.expect("read").expect("a link");
    let tokens = stage.app.vault.seal("tokens of a network", &link.id.to_string()).expect("sealed");
    let mut row = link.into_active_model();
    (row.token_sealed, row.key_id) = (Set(Some(tokens.text)), Set(tokens.key_id));
    row.update(stage.app.db()).await.expect("written");

    let before = sealed(stage).await;
    let plain = opened(&stage.app.vault, &before);
    assert_eq!((before.len(), plain.len()), (4, 4), "tokens, a factor, a secret and the one before it");
    assert!(run(&stage.app.config, &["reseal"]).starts_with("0 "), "all is sealed with the current key");

    // Without the old key nothing opens, so nothing is written.
    assert!(reseal(&with(stage, &[NEW]).await).await.is_err());
    assert_eq!(sealed(stage).await, before);

    let old = std::fs::read_to_string(stage.app.config.data_dir.join("keys")).expect("the key that was made");
    let both = with(stage, &[NEW, old.trim()]).await;
    assert_eq!(reseal(&both).await.expect("sealed anew"), 4);
    let after = sealed(stage).await;
    assert!(after.iter().all(|(_, key, _)| key == "new"));
    // The new key alone opens all of it, for the row that it is for; the old one nothing.
    let alone = with(stage, &[NEW]).await;
    assert_eq!(opened(&alone.vault, &after), plain);
    assert!(opened(&stage.app.vault, &after).is_empty());
    assert!(after.iter().all(|(text, key, _)| alone.vault.open_sealed(text, key, "another row").is_err()));
    assert_eq!(reseal(&both).await.expect("again"), 0, "a second time there is nothing to do");
    assert!(plain.contains(&secret), "the app's secret is still the same");
    stage.work().await;
});
