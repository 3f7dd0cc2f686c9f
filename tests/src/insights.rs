//! Insights: from a linked account to a score with its parts, for the creator, for brands as far as they are shown it, and for everybody by
//! the creator's choice. At the sandbox, by the story's clock.

use chrono::Duration;
use entity::{creator, creator_insights, peer_group, score_snapshot};
use sandbox::Handle;
use sea_orm::{EntityTrait, PaginatorTrait, QueryOrder};
use serde_json::{Value, json};

use crate::{
    Someone, Stage,
    networks::{sandbox_story, walk},
    story,
};

const FIELDS: &str = "score { value interval { low high } provisional influence scope formula day missing { part why text } allowedActions \
    parts { network influence provenance parts { component quantity factor } } history { day value } page { slug } coaching { component gain } \
    percentile { value peers } } trueReach { people networks { network people provenance posts } } audience { dimension crowd people cells { \
    group share } } quality { value grade commentsJudged commentScore } engagement { network byFollowers byReach posts benchmark { rate accounts \
    unproven } } topics { posts main { key name share } } collaborations { advertisingPosts saturation } vetting { posts perThousand }";

/// A creator's insights as somebody sees them.
async fn seen_by(who: &Someone, of: &Someone) -> Value {
    who.api.ask(&format!("{{ creator(id: \"{}\") {{ {FIELDS} }} }}", of.creator())).await["creator"].clone()
}

/// The creator's own insights.
async fn own(who: &Someone) -> Value {
    seen_by(who, who).await
}

/// Links Hana's account, reads it, and computes.
async fn linked(stage: &Stage, sandbox: &Handle) -> Someone {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    stage.advance(Duration::minutes(1));
    stage.work().await;
    hana
}

async fn snapshots(stage: &Stage) -> Vec<score_snapshot::Model> {
    let rows = score_snapshot::Entity::find().order_by_asc(score_snapshot::Column::Day).order_by_asc(score_snapshot::Column::Scope);
    rows.all(stage.app.db()).await.expect("snapshots")
}

async fn insights(stage: &Stage) -> Vec<creator_insights::Model> {
    creator_insights::Entity::find().order_by_asc(creator_insights::Column::Id).all(stage.app.db()).await.expect("insights")
}

sandbox_story!(a_linked_account_is_scored_with_its_parts, async |stage, sandbox| {
    let hana = linked(stage, sandbox).await;
    let seen = own(&hana).await;
    let score = &seen["score"];
    let value = score["value"].as_f64().unwrap_or_else(|| panic!("a score: {seen:#}"));
    assert!((1.0..100.0).contains(&value), "{seen:#}");
    let (low, high) = (score["interval"]["low"].as_f64().expect("low"), score["interval"]["high"].as_f64().expect("high"));
    assert!(low <= value && value <= high && low < high, "{score:#}");
    assert_eq!(score["scope"], "FULL");
    // The product of the factors is the number of people.
    for network in score["parts"].as_array().expect("parts") {
        let product: f64 = network["parts"].as_array().expect("parts").iter().filter_map(|part| part["factor"].as_f64()).product();
        let people = network["influence"].as_f64().expect("people");
        assert!((product / people - 1.0).abs() < 0.01, "{network:#}");
    }
    assert_eq!(seen["trueReach"]["networks"][0]["provenance"], "FIRST_PARTY", "{seen:#}");
    assert!(seen["engagement"][0]["byFollowers"].as_f64().is_some_and(|rate| rate > 0.0), "{seen:#}");
    assert!(!seen["audience"].as_array().expect("a list").is_empty());
    assert!(seen["topics"]["posts"].as_i64().is_some_and(|n| n > 10));
    assert_eq!(seen["vetting"]["posts"], seen["topics"]["posts"]);
    assert_eq!(score["allowedActions"], json!(["REFRESH", "PUBLISH"]));

    // From public counters alone it rests on less, and lists are sorted by that.
    let rows = snapshots(stage).await;
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[0].inputs_hash, rows[1].inputs_hash);
    let profile = creator::Entity::find_by_id(hana.creator()).one(stage.app.db()).await.expect("creators").expect("Hana");
    let public = rows.iter().find(|row| row.scope == entity::enums::InsightScope::Public).expect("public");
    assert_eq!(profile.score, Some((public.value * 10.0).round() as i64));
});

sandbox_story!(the_same_inputs_write_nothing, async |stage, sandbox| {
    let hana = linked(stage, sandbox).await;
    let (scores, all) = (snapshots(stage).await, insights(stage).await);
    let done = server::insights::score(&stage.app, &[hana.creator()]).await.expect("scored");
    assert_eq!(done, server::insights::Outcome { creators: 1, written: 0 });
    assert_eq!((snapshots(stage).await, insights(stage).await), (scores.clone(), all));

    // Another day is another score, and the difference is told without remainder.
    for _ in 0..9 {
        stage.advance(Duration::days(1));
        sandbox.advance(Duration::days(1));
        stage.routine().await;
        stage.advance(Duration::minutes(1));
        stage.work().await;
    }
    assert!(snapshots(stage).await.len() > scores.len());
    let query = format!(
        "{{ creator(id: \"{}\") {{ score {{ value explain(since: \"{}\") {{ from to before after contributions {{ network component points }} \
         causes {{ kind day amount postId }} }} history {{ day value }} }} }} }}",
        hana.creator(),
        scores[0].day
    );
    let told = hana.api.ask(&query).await["creator"]["score"].clone();
    let change = &told["explain"];
    let points: f64 = change["contributions"].as_array().expect("causes").iter().filter_map(|one| one["points"].as_f64()).sum();
    let moved = change["after"].as_f64().expect("after") - change["before"].as_f64().expect("before");
    assert!((points - moved).abs() < 0.01, "{change:#}");
    assert!(told["history"].as_array().expect("history").len() >= 9, "{told:#}");
    assert!(peer_group::Entity::find().count(stage.app.db()).await.expect("groups") > 0);
});

story!(nothing_known_is_no_score_with_its_reason, async |stage| {
    let ken = stage.creator("Ken").await;
    let before = own(&ken).await;
    assert_eq!((&before["score"]["value"], &before["score"]["missing"][0]["why"]), (&Value::Null, &json!("NOT_COMPUTED")));
    server::insights::score(&stage.app, &[ken.creator()]).await.expect("scored");
    let after = own(&ken).await;
    assert_eq!(after["score"]["value"], Value::Null);
    assert_eq!((&after["score"]["missing"][0]["part"], &after["score"]["missing"][0]["why"]), (&json!("SCORE"), &json!("NO_ACCOUNT")));
    assert!(after["score"]["missing"][0]["text"].as_str().is_some_and(|text| !text.contains("insights.")), "{after:#}");
    assert_eq!(after["trueReach"], Value::Null);
    assert!(snapshots(stage).await.is_empty());

    // A number that the creator typed is no figure.
    stage.account(ken.creator(), entity::enums::Network::X, "ken", None).await;
    server::insights::score(&stage.app, &[ken.creator()]).await.expect("scored");
    assert_eq!(own(&ken).await["score"]["missing"][0]["why"], "NO_FIGURES");
});
