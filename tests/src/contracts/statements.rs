//! Lists cost as many SQL statements for fifty rows as for five: nothing is read row by row.
//!
//! A slice adds a list by a story here: `lists!(name, rows, ask)`, where `rows` makes n more of something and `ask` reads the list once.

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
    assert_eq!(few, many, "{what}: {few} statements for 5 rows, {many} for 50");
}

async fn tokens(stage: &Stage, who: &Someone, n: usize) {
    for _ in 0..n {
        stage.token(who.user, Hat::Person, None, &["read"]).await;
    }
}

story!(the_settings_page, async |stage| {
    let hana = stage.person("Hana").await;
    same(stage, "/account", async |n| tokens(stage, &hana, n).await, async || {
        hana.browser.get("/account").await.ok();
    })
    .await;
});

story!(sessions_and_tokens_in_the_api, async |stage| {
    let hana = stage.person("Hana").await;
    same(stage, "viewer", async |n| tokens(stage, &hana, n).await, async || {
        hana.api.ask("{ viewer { sessions { id userAgent current } apiTokens { id name kind scopes } actors { name } } }").await;
    })
    .await;
});
