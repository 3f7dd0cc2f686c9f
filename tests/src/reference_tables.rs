//! Reference tables: admins change what figures are read against, everybody is computed anew, and nothing that was in force is lost.

use entity::{creator_insights, enums::InsightScope, event, job, reference_table, score_snapshot};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::{
    Someone, Stage,
    networks::{sandbox_story, walk},
    story,
};

const BENCHMARKS: &str = "network,tier,rate\n,none,3\n,nano,3\n,micro,2\n,macro,2\n,mega,2\ninstagram,micro,5.5\n";

async fn tables(admin: &Someone) -> Value {
    admin.api.ask("{ referenceTables { kind version columns content current { version note authorName restoredFrom } } }").await["referenceTables"].clone()
}

async fn refused(admin: &Someone, mutation: &str, input: Value) -> Vec<String> {
    admin.api.tried(mutation, input, "version { id }").await.refusals()
}

/// What is kept of the only creator in the public scope.
async fn kept(stage: &Stage) -> (Value, Value) {
    let db = stage.app.db();
    let public = creator_insights::Entity::find().filter(creator_insights::Column::Scope.eq(InsightScope::Public));
    let row = public.one(db).await.expect("insights").expect("computed");
    let snapshot = score_snapshot::Entity::find().filter(score_snapshot::Column::Scope.eq(InsightScope::Public));
    let snapshot = snapshot.one(db).await.expect("snapshots").expect("a score");
    let results: Value = row.results.read().expect("results");
    assert_eq!(snapshot.tables, results["tables"], "score and figures name the same versions");
    (results, snapshot.tables)
}

sandbox_story!(a_saved_table_is_in_force_for_everybody, async |stage, sandbox| {
    let admin = stage.admin().await;
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    stage.advance(chrono::Duration::minutes(1));
    stage.work().await;
    let (before, versions) = kept(stage).await;
    assert_eq!(versions, json!({ "engagement_benchmarks": 0, "media_rates": 0, "post_prices": 0, "explicit_words": 0 }));
    let shipped = tables(&admin).await;
    assert_eq!(shipped.as_array().map(Vec::len), Some(4));
    assert!(shipped.as_array().expect("tables").iter().all(|one| one["version"] == 0 && one["current"].is_null()), "{shipped:#}");

    // What a creator's own network and size are, now with a benchmark of their own.
    let (network, tier) =
        (before["engagement"][0]["network"].as_str().expect("a network"), before["engagement"][0]["tier"].as_str().expect("a tier"));
    let content = format!("{}{network},{tier},7.25\n", BENCHMARKS.replace("instagram,micro,5.5\n", ""));
    let check = format!(
        "{{ referenceTables {{ kind check(content: {}) {{ problems {{ code field message }} differences {{ what before after }} }} }} }}",
        json!(content)
    );
    let checked = admin.api.ask(&check).await["referenceTables"][0]["check"].clone();
    assert_eq!(checked["problems"], json!([]));
    let row = json!({ "what": format!("{network},{tier}"), "after": "7.25" });
    assert!(
        checked["differences"].as_array().expect("rows").iter().any(|one| one["what"] == row["what"] && one["after"] == row["after"]),
        "{checked:#}"
    );

    let input = json!({ "kind": "ENGAGEMENT_BENCHMARKS", "content": content, "note": "Our own survey, November 2026", "basedOn": 0 });
    let saved = admin.api.did("referenceTableSave", input.clone(), "version { id version note authorName }").await;
    assert_eq!(saved["version"]["version"], 1);
    stage.work().await;
    let (after, versions) = kept(stage).await;
    assert_eq!(versions["engagement_benchmarks"], 1);
    assert_eq!(after["engagement"][0]["usual"], json!({ "rate": 7.25, "own": true }));
    assert_eq!(after["engagement"][0]["by_followers"], before["engagement"][0]["by_followers"], "what was measured is as it was");
    let shown = hana
        .api
        .ask(&format!(
            "{{ creator(id: \"{}\") {{ engagement {{ benchmark {{ rate unproven }} }} score {{ value tables {{ kind version }} }} }} }}",
            hana.creator()
        ))
        .await;
    let usual = &shown["creator"]["engagement"][0]["benchmark"];
    assert!(usual["unproven"] == false && usual["rate"].as_f64().is_some_and(|rate| rate > 7.0), "{shown:#}");
    assert!(
        shown["creator"]["score"]["tables"]
            .as_array()
            .expect("versions")
            .contains(&json!({ "kind": "ENGAGEMENT_BENCHMARKS", "version": 1 }))
    );

    // The same again is nothing to save; who began with a version that is no longer in force is told.
    let again = refused(&admin, "referenceTableSave", json!({ "kind": "ENGAGEMENT_BENCHMARKS", "content": content, "note": "x" })).await;
    assert_eq!(again, ["content=ALREADY_DONE"]);
    let late = json!({ "kind": "ENGAGEMENT_BENCHMARKS", "content": BENCHMARKS, "note": "x", "basedOn": 0 });
    assert_eq!(refused(&admin, "referenceTableSave", late).await, ["=WRONG_STATE"]);

    // Back to what shipped, which is a version of its own; the figures are what they were.
    let back = json!({ "kind": "ENGAGEMENT_BENCHMARKS", "version": 0 });
    let restored = admin.api.did("referenceTableRestore", back, "version { version restoredFrom }").await;
    assert_eq!(restored["version"], json!({ "version": 2, "restoredFrom": 0 }));
    stage.work().await;
    let (again, versions) = kept(stage).await;
    assert_eq!((&versions["engagement_benchmarks"], &again["engagement"]), (&json!(2), &before["engagement"]));
    assert_eq!(reference_table::Entity::find().count(stage.app.db()).await.expect("versions"), 2);
    let told =
        event::Entity::find().filter(event::Column::Kind.starts_with("reference_table.")).count(stage.app.db()).await.expect("events");
    assert_eq!(told, 2);
});

sandbox_story!(words_that_an_admin_lists_are_found, async |stage, sandbox| {
    let admin = stage.admin().await;
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    stage.advance(chrono::Duration::minutes(1));
    stage.work().await;
    let said = entity::post::Entity::find().filter(entity::post::Column::Caption.ne(""));
    let caption = said.one(stage.app.db()).await.expect("posts").expect("a post").caption;
    let word =
        caption.split(|c: char| !c.is_ascii_alphabetic()).find(|word| word.len() > 3).unwrap_or_else(|| panic!("a word in {caption:?}"));
    let before = kept(stage).await.0["vetting"]["per_thousand"].as_f64().expect("looked through");
    let content = format!("lang,severity,kind,words\nen,3,insult,{word}|nobody says this\n");
    let input = json!({ "kind": "EXPLICIT_WORDS", "content": content, "note": "For this story" });
    admin.api.did("referenceTableSave", input, "version { version }").await;
    stage.work().await;
    let found = kept(stage).await.0["vetting"].clone();
    assert!(found["per_thousand"].as_f64().is_some_and(|n| n > before), "{word}: {found:#}");
    assert_eq!(found["findings"][0]["severity"], 3);
});

story!(lines_that_are_wrong_are_told_one_by_one, async |stage| {
    let admin = stage.admin().await;
    let content = "network,what,price,currency\n,impressions,ten,USD\nmyspace,like,1,USD\n";
    let wrong = refused(&admin, "referenceTableSave", json!({ "kind": "MEDIA_RATES", "content": content, "note": "x" })).await;
    assert_eq!(wrong[..2], ["content.2=INVALID", "content.3=INVALID"]);
    let missing = refused(
        &admin,
        "referenceTableSave",
        json!({ "kind": "POST_PRICES", "content": "network,price,growth,currency\nx,1,.5,USD", "note": " " }),
    )
    .await;
    assert_eq!(missing, ["note=REQUIRED"]);
    assert_eq!(reference_table::Entity::find().count(stage.app.db()).await.expect("versions"), 0);
    assert_eq!(job::Entity::find().filter(job::Column::Kind.eq("insights.batch")).count(stage.app.db()).await.expect("jobs"), 0);
    let none = refused(&admin, "referenceTableRestore", json!({ "kind": "POST_PRICES", "version": 9 })).await;
    assert_eq!(none, ["=NOT_FOUND"]);
});

story!(an_admin_edits_a_table_in_the_portal, async |stage| {
    let admin = stage.admin().await;
    let list = admin.browser.get("/admin/tables").await.ok();
    list.says("Engagement benchmarks").says("As shipped").silent_about("insights.");
    let at = "/admin/tables/engagement_benchmarks";
    let page = admin.browser.get(at).await.ok().says("As shipped").says("network,tier,rate").silent_about("insights.");
    let bad = page.form(at).set("content", "network,tier,rate\n,nano,many\n").set("do", "preview").send().await;
    bad.is(422).says("Line").says(",nano,many").says("Please give a number from 0.01 to 100").says("A row that begins with");
    let seen = page.form(at).set("content", BENCHMARKS).set("do", "preview").send().await.ok();
    let seen = seen.says("What differs").says("instagram,micro").says("5.5");
    assert_eq!(reference_table::Entity::find().count(stage.app.db()).await.expect("versions"), 0, "a preview writes nothing");
    seen.form(at).set("do", "save").send().await.is(422).says("Why");
    let saved = seen.form(at).set("note", "Own survey").set("do", "save").send().await.ok();
    saved.says("Version 1 is in force").says("Own survey");
    stage.work().await;
    let version = admin.browser.get(&format!("{at}/0")).await.ok().says("Go back to this version").silent_about("insights.");
    version.form(&format!("{at}/0/restore")).send().await.ok().says("Version 2 is in force").says("Back to version 0.");
    stage.work().await;
    admin.browser.get(&format!("{at}/1")).await.ok().says("Own survey").says("What differs");
    admin.browser.get(&format!("{at}/7")).await.is(404);
    admin.browser.get("/admin/tables/odd").await.is(404);
    admin.browser.get("/admin/activity").await.ok().says("A reference table was changed");
    admin.browser.post_only("/language", &[("lang", "ja"), ("next", at)]).await;
    admin.browser.get(at).await.ok().says("エンゲージメント率の標準値").says("バージョン2").says("初期設定").silent_about("insights.");
});
