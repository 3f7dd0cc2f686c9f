//! Lists cost as many SQL statements for fifty rows as for five: nothing is read row by row.
//!
//! A slice adds a list by a story here: `same(stage, what, rows, ask)`, where `rows` makes n more of something and `ask` reads the list once.

use entity::enums::{Hat, SuppressionReason};
use serde_json::json;

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

story!(what_is_heard_and_handed_in, async |stage| {
    let (acme, hana, admin) = (stage.brand("Acme").await, stage.creator("Hana").await, stage.admin().await);
    let account = stage.account(hana.creator(), entity::enums::Network::Instagram, "hana", Some(1_000)).await;
    hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    stage.work().await;
    let rows = async |n| {
        for at in 0..n {
            stage.mention_of(hana.creator(), account, "@hana hello").await;
            stage.post_of(hana.creator(), account, "Tea", Some(1)).await;
            stage.handed_in_with_picture(&hana, account, u32::try_from(at).unwrap_or_default()).await;
        }
    };
    let mentions = "{ mentions(first: 50) { nodes { id text account { handle verified ownershipProvenAt creator { id } } } } }";
    let theirs = format!("{{ mentions(creatorId: \"{}\", first: 50) {{ nodes {{ id text account {{ handle }} }} }} }}", hana.creator());
    let published =
        format!("{{ posts(creatorId: \"{}\", first: 50) {{ nodes {{ id pictureUrl hashtags figures {{ value }} }} }} }}", hana.creator());
    let proofs =
        "{ insightProofs(first: 50) { nodes { id account { handle } organisation { name } proof { url review } allowedActions } } }";
    same(stage, "mentions, publications and proofs", rows, async || {
        hana.api.ask(mentions).await;
        acme.api.ask(&theirs).await;
        acme.api.ask(&published).await;
        admin.api.ask(proofs).await;
        hana.api.ask("{ posts(first: 50) { nodes { id account { handle } figures { measure value } } } }").await;
        hana.browser.get("/c/mentions").await.ok();
        hana.browser.get("/c/posts").await.ok();
        acme.browser.get(&acme.path(&format!("creators/{}/mentions", hana.creator()))).await.ok();
        admin.browser.get("/admin/insights").await.ok();
    })
    .await;
});

/// Creators of whom a list told something, scored.
async fn scored(stage: &Stage, n: usize) -> Vec<entity::ids::CreatorId> {
    let mut ids = Vec::new();
    for _ in 0..n {
        let name = stage.app.id::<entity::ids::UserId>().to_string();
        let one = stage.creator(&name).await;
        let account = stage.account(one.creator(), entity::enums::Network::Instagram, &name, Some(12_000)).await;
        stage.post_of(one.creator(), account, "Tea", Some(1)).await;
        let told = entity::network_account::ActiveModel {
            id: sea_orm::Set(account),
            figures_source: sea_orm::Set(Some(entity::enums::MetricSource::Imported)),
            figures_as_of: sea_orm::Set(Some(stage.now())),
            ..Default::default()
        };
        sea_orm::ActiveModelTrait::update(told, stage.app.db()).await.expect("figures");
        ids.push(one.creator());
    }
    server::insights::score(&stage.app, &ids).await.expect("scored");
    ids
}

story!(insights_of_many, async |stage| {
    let acme = stage.brand("Acme").await;
    let query = "{ creators(first: 50, orderBy: SCORE) { nodes { score { value interval { low } percentile { value } \
        explain(since: \"2026-11-23\") { after } history { value } missing { why } } trueReach { people } engagement { posts } \
        accounts { latestPosts { id hashtags figures { value } } } } } }";
    same(
        stage,
        "insights in the API",
        async |n| drop(scored(stage, n).await),
        async || {
            acme.api.ask(query).await;
            acme.browser.get(&acme.path("discover?sort=score")).await.ok();
        },
    )
    .await;

    // A batch is computed with as many statements for fifty as for five.
    let run = async |ids: &[entity::ids::CreatorId]| {
        stage.advance(chrono::Duration::days(1));
        let (done, statements) = stage.statements_of(server::insights::score(&stage.app, ids)).await;
        assert_eq!(done.expect("scored").written, 2 * ids.len());
        statements
    };
    let few = scored(stage, 5).await;
    let many = scored(stage, 50).await;
    none("scoring a batch", more(&run(&few).await, &run(&many).await));
});

/// Ids of many kinds that the caller may see, in the words of `nodes`; `asked` reads some of each.
fn ids(asked: &serde_json::Value, paths: &[&str]) -> Vec<Vec<String>> {
    let of = |path: &&str| {
        let list = asked.pointer(path).and_then(serde_json::Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|row| row["id"].as_str().map(str::to_owned)).collect()
    };
    paths.iter().map(of).collect()
}

story!(nodes_by_their_ids, async |stage| {
    let (acme, hana, bolt) = (stage.brand("Acme").await, stage.creator("Hana").await, stage.brand("Bolt").await);
    busy(stage, &acme, &hana, 6).await;
    busy(stage, &bolt, &hana, 1).await;
    tokens(stage, &acme, 6).await;
    let seen = "{ campaigns(first: 6) { nodes { id } } threads(first: 6) { nodes { id lastMessage { id } } } \
        invitations(first: 6) { nodes { id participation { id } } } viewer { apiTokens { id } } }";
    let asked = acme.api.ask(seen).await;
    let mut kinds = ids(&asked, &["/campaigns/nodes", "/threads/nodes", "/invitations/nodes", "/viewer/apiTokens"]);
    let below = |list: &str, field: &str| {
        let rows = asked[list]["nodes"].as_array().cloned().unwrap_or_default();
        rows.iter().filter_map(|row| row[field]["id"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    kinds.extend([below("threads", "lastMessage"), below("invitations", "participation")]);
    assert!(kinds.iter().all(|ids| ids.len() >= 6), "{kinds:?}");
    let foreign = bolt.api.ask("{ campaigns(first: 1) { nodes { id } } }").await["campaigns"]["nodes"][0]["id"].clone();

    // A statement a kind, however many ids of it; one that all of them need is counted once.
    let nodes =
        async |ids: Vec<String>| acme.api.call("query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", json!({ "ids": ids })).await;
    let count = async |n: usize| {
        let ids: Vec<String> = kinds.iter().flat_map(|ids| ids.iter().take(n).cloned()).collect();
        least(stage, async || drop(nodes(ids.clone()).await.ok())).await
    };
    none("nodes(ids:)", more(&count(1).await, &count(6).await));
    for ids in &kinds {
        let one = least(stage, async || drop(nodes(vec![ids[0].clone()]).await.ok())).await;
        let six = least(stage, async || drop(nodes(ids.iter().take(6).cloned().collect()).await.ok())).await;
        none(&ids[0], more(&one, &six));
    }

    // In the order asked, twice where asked twice, null for what is not there, not an id, or not the caller's.
    let mut mixed: Vec<String> = kinds.iter().flat_map(|ids| ids.iter().take(2).cloned()).rev().collect();
    let nobodys = acme.api.ask("{ campaigns(first: 1) { nodes { id } } }").await["campaigns"]["nodes"][0]["id"].clone();
    let unknown = format!("cmp_{}", "0".repeat(32));
    mixed.extend([foreign.as_str().unwrap_or_default().to_owned(), unknown, "rubbish".to_owned(), String::new()]);
    mixed.push(nobodys.as_str().unwrap_or_default().to_owned());
    mixed.push(mixed[0].clone());
    let found = nodes(mixed.clone()).await.ok()["nodes"].clone();
    let found: Vec<Option<String>> = found.as_array().into_iter().flatten().map(|node| node["id"].as_str().map(str::to_owned)).collect();
    let last = mixed.len() - 6..mixed.len() - 2;
    let wanted: Vec<Option<String>> = mixed.iter().enumerate().map(|(at, id)| (!last.contains(&at)).then(|| id.clone())).collect();
    assert_eq!(found, wanted);

    // What one may see, another may not: everything of Acme's is null to Bolt, and to nobody at all.
    let all: Vec<String> = kinds.into_iter().flatten().collect();
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let theirs = bolt.api.call(query, json!({ "ids": all })).await.ok()["nodes"].clone();
    assert!(theirs.as_array().is_some_and(|nodes| nodes.len() == all.len() && nodes.iter().all(serde_json::Value::is_null)), "{theirs}");
});
