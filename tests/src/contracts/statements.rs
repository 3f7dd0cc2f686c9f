//! Lists cost as many SQL statements for fifty rows as for five: nothing is read row by row.
//!
//! A slice adds a list by a story here: `same(stage, what, rows, ask)`, where `rows` makes n more of something and `ask` reads the list once.

use entity::enums::Hat;

use crate::{Someone, Stage, story};

/// Reads once to warm up, with 5 rows, with 50, and compares.
async fn same(stage: &Stage, what: &str, mut rows: impl AsyncFnMut(usize), ask: impl AsyncFn()) {
    rows(5).await;
    ask().await;
    let ((), few) = stage.statements(ask()).await;
    rows(45).await;
    let ((), many) = stage.statements(ask()).await;
    assert!(few > 0, "{what}: nothing was counted");
    assert!(many <= few, "{what}: {few} statements for 5 rows, {many} for 50");
}

async fn tokens(stage: &Stage, who: &Someone, n: usize) {
    for _ in 0..n {
        stage.token(who.user, Hat::Person, None, &["read"]).await;
    }
}

story!(the_settings_page, async |stage| {
    let hana = stage.person("Hana").await;
    same(
        stage,
        "/account",
        async |n| tokens(stage, &hana, n).await,
        async || {
            hana.browser.get("/account").await.ok();
        },
    )
    .await;
});

story!(sessions_and_tokens_in_the_api, async |stage| {
    let hana = stage.person("Hana").await;
    same(
        stage,
        "viewer",
        async |n| tokens(stage, &hana, n).await,
        async || {
            hana.api.ask("{ viewer { sessions { id userAgent current } apiTokens { id name kind scopes } actors { name } } }").await;
        },
    )
    .await;
});

/// A brand with `n` more campaigns, in each of which a creator of its own has joined, was invited and talks.
async fn busy(stage: &Stage, acme: &Someone, hana: &Someone, n: usize) {
    for _ in 0..n {
        let campaign = stage.campaign(acme, &format!("Campaign {}", stage.app.id::<entity::ids::CampaignId>())).await;
        stage.invitation(acme, campaign, hana).await;
        let thread = stage.thread(acme, campaign, hana.creator()).await;
        stage.message(acme, thread, hana.creator(), "Hello").await;
    }
}

story!(pages_of_a_brand, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    same(
        stage,
        "pages of a brand",
        async |n| busy(stage, &acme, &hana, n).await,
        async || {
            for page in ["", "campaigns", "creators", "inbox", "settings"] {
                acme.browser.get(&acme.path(page)).await.ok();
            }
        },
    )
    .await;
});

story!(pages_of_a_creator, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    same(
        stage,
        "pages of a creator",
        async |n| busy(stage, &acme, &hana, n).await,
        async || {
            for page in ["/c", "/c/jobs", "/c/inbox", "/c/offerings", "/c/profile"] {
                hana.browser.get(page).await.ok();
            }
        },
    )
    .await;
});

story!(lists_in_the_api, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let rows = async |n| busy(stage, &acme, &hana, n).await;
    same(stage, "lists in the API", rows, async || {
        let query = "{ invitations(first: 50) { nodes { id state participation { id state } } } threads(first: 50) { nodes { id } } }";
        acme.api.ask(query).await;
        hana.api.ask(query).await;
        acme.api.ask("{ campaigns(first: 50) { nodes { id name state } } }").await;
        hana.api.ask("{ participations(first: 50) { nodes { id state } } }").await;
    })
    .await;
});
