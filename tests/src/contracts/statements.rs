//! Lists cost as many SQL statements for fifty rows as for five: nothing is read row by row.
//!
//! A slice adds a list by a story here: `same(stage, what, rows, ask)`, where `rows` makes n more of something and `ask` reads the list once.

use entity::enums::{Hat, SuppressionReason};

use super::none;
use crate::{Someone, Stage, story};

/// What is asked more often than before, if there are more statements in all.
fn more(few: &[String], many: &[String]) -> Vec<String> {
    if many.len() <= few.len() {
        return Vec::new();
    }
    let count = |list: &[String], sql: &String| list.iter().filter(|s| *s == sql).count();
    let mut grown: Vec<_> = many.iter().filter(|sql| count(many, sql) > count(few, sql)).cloned().collect();
    grown.dedup();
    std::iter::once(format!("{} statements for 5 rows, {} for 50; more of:", few.len(), many.len()))
        .chain(grown.into_iter().map(|sql| sql.chars().take(300).collect()))
        .collect()
}

/// The statements of the shorter of two readings: what something else does meanwhile does not count.
async fn least(stage: &Stage, ask: impl AsyncFn()) -> Vec<String> {
    let ((), one) = stage.statements_of(ask()).await;
    let ((), two) = stage.statements_of(ask()).await;
    if one.len() <= two.len() { one } else { two }
}

/// Reads once to warm up, with 5 rows, with 50, and compares.
async fn same(stage: &Stage, what: &str, mut rows: impl AsyncFnMut(usize), ask: impl AsyncFn()) {
    rows(5).await;
    ask().await;
    let few = least(stage, &ask).await;
    rows(45).await;
    let many = least(stage, &ask).await;
    assert!(!few.is_empty(), "{what}: nothing was counted");
    none(what, more(&few, &many));
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

/// Each page with 5 rows and with 50.
async fn pages(stage: &Stage, who: &Someone, paths: &[String], mut rows: impl AsyncFnMut(usize)) {
    let mut counts = Vec::new();
    for n in [5, 45] {
        rows(n).await;
        for path in paths {
            who.browser.get(path).await.ok();
            counts.push(least(stage, async || drop(who.browser.get(path).await)).await);
        }
    }
    let (few, many) = counts.split_at(paths.len());
    let compared = paths.iter().zip(few.iter().zip(many));
    let wrong = compared.flat_map(|(path, (few, many))| more(few, many).into_iter().map(move |line| format!("{path}: {line}")));
    none("pages that read row by row", wrong.collect());
}

story!(pages_of_a_brand, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let paths = ["", "campaigns", "discover", "creators", "inbox", "settings"].map(|page| acme.path(page));
    pages(stage, &acme, &paths, async |n| busy(stage, &acme, &hana, n).await).await;
});

story!(pages_of_a_creator, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let paths = ["/c", "/c/jobs", "/c/inbox", "/c/offerings", "/c/profile"].map(str::to_owned);
    pages(stage, &hana, &paths, async |n| busy(stage, &acme, &hana, n).await).await;
});

story!(pages_of_an_admin, async |stage| {
    let admin = stage.admin().await;
    let paths = [
        "/admin",
        "/admin/organisations",
        "/admin/users",
        "/admin/creators",
        "/admin/mail",
        "/admin/mail/refused",
        "/admin/jobs",
        "/admin/audit",
    ]
    .map(str::to_owned);
    pages(stage, &admin, &paths, async |n| {
        for _ in 0..n {
            let one = stage.app.id::<entity::ids::UserId>().to_string();
            stage.creator(&one).await;
            stage.brand(&format!("Brand {one}")).await;
            stage.failed_letter("a@inbox.example").await;
            stage.suppression(&format!("{one}@inbox.example"), SuppressionReason::Bounced).await;
            stage.dead_job("creators.forget").await;
        }
    })
    .await;
    stage.failures_are_the_point();
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
