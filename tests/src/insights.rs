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
    percentile { value peers } } trueReach { people networks { network people provenance posts places { dimension place people share } } } audience { dimension crowd people cells { \
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

    // Where they are, for who sells at one place: as her followers are spread.
    let places = seen["trueReach"]["networks"][0]["places"].as_array().expect("places").clone();
    let share: f64 = places.iter().filter(|at| at["dimension"] == "COUNTRY").filter_map(|at| at["share"].as_f64()).sum();
    assert!(share > 50.0 && share <= 100.1 && places.iter().any(|at| at["dimension"] == "CITY"), "{places:#?}");
    assert!(places[0]["people"].as_f64() < seen["trueReach"]["people"].as_f64());

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
    for _ in 0..3 {
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
    assert!(told["history"].as_array().expect("history").len() >= 3, "{told:#}");
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

story!(who_takes_part_is_counted_and_nobody_named, async |stage| {
    let hana = stage.creator("Hana").await;
    let account = stage.account(hana.creator(), entity::enums::Network::Instagram, "hana", Some(10_000)).await;
    let mut posts = Vec::new();
    for n in 0..3 {
        posts.push(stage.post_of(hana.creator(), account, &format!("Post {n}"), Some(10)).await);
    }
    let fans = async || {
        stage.advance(Duration::minutes(1));
        server::insights::score(&stage.app, &[hana.creator()]).await.expect("scored");
        let ask =
            "fans { people since advocates kinds { name people } interests { key name people share } } score { missing { part why } }";
        hana.api.ask(&format!("{{ creator(id: \"{}\") {{ {ask} }} }}", hana.creator())).await["creator"].clone()
    };
    let why = |seen: &Value| {
        assert_eq!(seen["fans"], Value::Null);
        let missing = seen["score"]["missing"].as_array().cloned().unwrap_or_default();
        missing.iter().find(|one| one["part"] == "FANS").map(|one| one["why"].clone()).unwrap_or_default()
    };
    assert_eq!(why(&fans().await), "NO_COMMENTS");
    // Twelve write of ramen a day ago: whether they are new nobody knows. With who wrote long ago it is known, and still of too few.
    let (now, long_ago) = (stage.now(), stage.now() - Duration::days(95));
    for n in 0..12 {
        stage.comment_by(&format!("new{n}"), posts[0], "ラーメン食べたい", now - Duration::days(1)).await;
    }
    assert_eq!(why(&fans().await), "SHORT_HISTORY");
    stage.comment_by("fan0", posts[0], "ラーメン！", long_ago).await;
    assert_eq!(why(&fans().await), "FEW_PEOPLE");
    for n in 1..20 {
        stage.comment_by(&format!("fan{n}"), posts[0], if n < 10 { "ラーメン！" } else { "きれい" }, long_ago).await;
    }
    // Of those, three come back under all posts, one of whom also names her, and one under a single post. Her own word counts for nobody.
    for (n, post) in (0..3).flat_map(|n| posts.iter().map(move |post| (n, *post))) {
        stage.comment_by(&format!("fan{n}"), post, "また来ました", now - Duration::days(2)).await;
    }
    stage.mention_by("fan0", hana.creator(), account, "Look at @hana").await;
    stage.comment_by("fan3", posts[1], "また来ました", now - Duration::days(60)).await;
    stage.comment_by("hana", posts[1], "Thank you", now - Duration::days(1)).await;
    let seen = fans().await["fans"].clone();
    let mut kinds: Vec<(&str, i64)> = seen["kinds"]
        .as_array()
        .expect("kinds")
        .iter()
        .map(|k| (k["name"].as_str().unwrap_or_default(), k["people"].as_i64().unwrap_or_default()))
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [("casual", 1), ("lapsed", 16), ("new", 12), ("regular", 2), ("superfan", 1)], "{seen:#}");
    assert_eq!((&seen["people"], &seen["advocates"], &seen["since"]), (&json!(32), &json!(1), &json!(long_ago.date_naive().to_string())));
    let interest = &seen["interests"][0];
    assert!(interest["people"] == 22 && interest["share"].as_f64().is_some_and(|share| share > 10.0), "{seen:#}");
    let page = hana.browser.get("/c/analysis").await.ok().says("Superfans").says("22 people wrote about it").silent_about("fan0");
    assert!(page.text().contains(interest["name"].as_str().expect("a name")));
});

/// Says yes or no to showing insights to brands.
async fn share(hana: &Someone) -> Value {
    let given = hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    given["consent"]["id"].clone()
}

sandbox_story!(brands_see_what_they_are_shown, async |stage, sandbox| {
    let (acme, hana) = (stage.brand("Acme").await, linked(stage, sandbox).await);
    let without = seen_by(&acme, &hana).await;
    assert_eq!((&without["score"]["scope"], &without["audience"]), (&json!("PUBLIC"), &json!([])));
    assert_eq!(without["engagement"][0]["byReach"], Value::Null, "reach is the creator's to show");
    assert_ne!(without["trueReach"]["networks"][0]["provenance"], "FIRST_PARTY");
    assert_eq!(
        (&without["score"]["coaching"], &without["score"]["page"], &without["score"]["allowedActions"]),
        (&json!([]), &Value::Null, &json!([]))
    );
    assert!(without["score"]["missing"].as_array().expect("a list").iter().any(|one| one["why"] == "NOT_SHARED"));
    let at = |tab: &str| acme.path(&format!("creators/{}/{tab}", hana.creator()));
    acme.browser.get(&at("audience")).await.ok().says("does not show it to brands").silent_about("Italy");

    let consent = share(&hana).await;
    let with = seen_by(&acme, &hana).await;
    assert_eq!((&with["score"]["scope"], &with["trueReach"]["networks"][0]["provenance"]), (&json!("FULL"), &json!("FIRST_PARTY")));
    assert_eq!(with["score"]["value"], own(&hana).await["score"]["value"]);
    assert_eq!(with["score"]["coaching"], json!([]), "advice is the creator's own");
    acme.browser.get(&at("audience")).await.ok().silent_about("does not show it to brands").says("people counted");
    for tab in ["analysis", "content", "safety", "collaborations"] {
        acme.browser.get(&at(tab)).await.ok().silent_about("insights.");
    }
    hana.api.did("consentRevoke", json!({ "id": consent }), "consent { id }").await;
    assert_eq!(seen_by(&acme, &hana).await["score"]["scope"], "PUBLIC", "taken back, it needs no computing to be true");
    acme.browser.get(&acme.path("creators/cre_00000000000000000000000000000000/analysis")).await.is(404);

    // Lists compare everybody by public counters.
    let score = without["score"]["value"].as_f64().expect("a score");
    let list = acme.browser.get(&acme.path("discover?sort=score&score=1")).await.ok();
    list.says("Hana").says(&format!("{}", score.round() as i64));
    acme.browser.get(&acme.path("discover?score=99.9")).await.ok().silent_about("Hana");
    acme.browser.get(&acme.path("discover?score=many")).await.is(422).says("Please give a number");
    let found =
        acme.api.ask("{ creators(filter: { scoreMin: 1.5 }, orderBy: SCORE, first: 5) { nodes { displayName score { value } } } }").await;
    assert_eq!(found["creators"]["nodes"][0]["displayName"], "Hana");
});

sandbox_story!(the_creator_sees_all_of_it_in_both_languages, async |stage, sandbox| {
    let hana = linked(stage, sandbox).await;
    let page = hana.browser.get("/c/analysis").await.ok();
    let page =
        page.says("Influence score").says("What the score is made of").says("As of the end of 23 November 2026").silent_about("insights.");
    page.says("There is a score of one day only").says("Networks give no list of followers").says("True Reach");
    hana.browser.get("/c").await.ok().says("Your analysis");
    hana.browser.post_only("/language", &[("lang", "ja"), ("next", "/c/analysis")]).await;
    let page = hana.browser.get("/c/analysis").await.ok();
    page.says("影響力スコア").says("スコアの内訳").says("2026年11月23日").silent_about("insights.");
    hana.browser.get("/metrics").await.ok().says("指標の説明").silent_about("insights.");
    stage.browser().get("/metrics").await.ok().says("What the figures mean").says("brought to 0").silent_about("insights.");

    // Asked too soon it says so; later it is computed anew.
    let again = hana.api.call("mutation { scoreRefresh { creator { id } userErrors { code } } }", json!({})).await;
    assert_eq!(again.body["data"]["scoreRefresh"]["userErrors"][0]["code"], "ALREADY_DONE");
    stage.advance(Duration::minutes(2));
    hana.browser.post_only::<&str, &str>("/c/analysis/refresh", &[]).await;
    stage.work().await;
    hana.browser.get("/c/analysis?since=2026-01-01&until=rubbish").await.ok();
});

sandbox_story!(nothing_is_public_before_the_creator_says_so, async |stage, sandbox| {
    let (hana, somebody) = (linked(stage, sandbox).await, stage.browser());
    somebody.get("/s/hana").await.is(404);
    hana.browser.get("/c/analysis/page").await.ok().says("Make it public");
    let page = hana.browser.get("/c/analysis/page").await.ok();
    let bad = page.form("/c/analysis/page").set("slug", "Hana Cooks!").send().await;
    bad.is(422).says("letters, digits and single dashes");
    page.form("/c/analysis/page").set("slug", "hana").send().await.ok().says("The page is public.");
    let shown = somebody.get("/s/hana").await.ok();
    shown.says("Hana").says("Influence score").says("by the creator").silent_about("people counted").silent_about("insights.");
    somebody.get("/s/hana/media-kit").await.ok().says("Media kit").silent_about("insights.").silent_about("Where the people reached are");
    assert_eq!(own(&hana).await["score"]["page"]["slug"], "hana");

    // The certificate verifies without the server, and by the key that it publishes.
    let file = somebody.get("/s/hana/certificate").await.ok().text();
    let (claims, key) = server::insights::certificate::verify(&file).expect("a signature that holds");
    assert_eq!((claims.name.as_str(), claims.sub.as_str()), ("Hana", format!("{}/s/hana", stage.url).as_str()));
    assert_eq!(Some(claims.score), own(&hana).await["score"]["value"].as_f64());
    let keys: Value = serde_json::from_str(&somebody.get("/.well-known/jwks.json").await.ok().text()).expect("keys");
    assert_eq!(keys["keys"][0]["kid"], json!(key.kid));
    assert!(server::insights::certificate::verify(&file.replacen("\"payload\":\"e", "\"payload\":\"f", 1)).is_err());

    // With the audience only if that was ticked too; the address is nobody else's.
    let input = json!({ "slug": "hana", "withAudience": true });
    hana.api.did("scorePagePublish", input, "creator { score { page { withAudience url } allowedActions } }").await;
    somebody.get("/s/hana").await.ok().says("people counted").says("Where the people reached are");
    hana.browser.post_only::<&str, &str>("/c/analysis/page/hide", &[]).await;
    somebody.get("/s/hana").await.is(404);
    somebody.get("/s/hana/media-kit").await.is(404);
    somebody.get("/s/hana/certificate").await.is(404);

    // Whoever is suspended shows nothing meanwhile, and is vouched for by nobody.
    hana.api.did("scorePagePublish", json!({ "slug": "hana" }), "creator { id }").await;
    let admin = stage.admin().await;
    admin.api.did("userSuspend", json!({ "id": hana.user.to_string(), "reason": "FRAUD" }), "user { status }").await;
    somebody.get("/s/hana").await.is(404);
    somebody.get("/s/hana/certificate").await.is(404);
    admin.api.did("userRestore", json!({ "id": hana.user.to_string() }), "user { status }").await;
    somebody.get("/s/hana").await.ok();

    let ken = stage.creator("Ken").await;
    ken.browser.get("/c/analysis").await.ok().says("No score yet").says("Nothing has been computed yet");
    ken.browser.get("/c/analysis/page").await.ok().says("There is no score to show yet");
});

const ESTIMATES: &str = "priceEstimates { network low { amountMinor currency } middle { amountMinor } high { amountMinor } perThousand { amountMinor } factors { base size engagement format } } \
    mediaValues { network value { amountMinor currency } posts basis } postingHours { network reactions best { hour lift } } \
    collaborations { suspectedPosts suspected { day probability signs } } score { missing { part why } }";

sandbox_story!(prices_and_values_are_estimates_by_the_tables_in_force, async |stage, sandbox| {
    let (acme, admin, hana) = (stage.brand("Acme").await, stage.admin().await, linked(stage, sandbox).await);
    let ask = format!("{{ creator(id: \"{}\") {{ {ESTIMATES} }} }}", hana.creator());
    let seen = acme.api.ask(&ask).await["creator"].clone();
    let price = &seen["priceEstimates"][0];
    let [low, middle, high] = ["low", "middle", "high"].map(|end| price[end]["amountMinor"].as_f64().unwrap_or_else(|| panic!("{seen:#}")));
    assert!(low < middle && middle < high && (high / middle - 1.6).abs() < 0.02, "{seen:#}");
    let factors = &price["factors"];
    let product: f64 = ["base", "size", "engagement", "format"].iter().filter_map(|f| factors[f].as_f64()).product();
    assert!((100.0 * product / middle - 1.0).abs() < 0.02, "{seen:#}");
    assert!(seen["mediaValues"][0]["posts"].as_i64().is_some_and(|n| n > 0), "{seen:#}");
    // Few comments have their instant told, and then nothing is said of hours.
    let hours = seen["postingHours"].as_array().expect("hours").len();
    let told = seen["score"]["missing"].as_array().expect("gaps").contains(&json!({ "part": "HOURS", "why": "FEW_REACTIONS" }));
    assert_eq!(hours == 0, told, "{seen:#}");
    acme.browser
        .get(&acme.path(&format!("creators/{}/collaborations", hana.creator())))
        .await
        .ok()
        .says("Price estimate")
        .silent_about("insights.");
    acme.browser.get(&acme.path(&format!("creators/{}/content", hana.creator()))).await.ok().says("When to post").silent_about("insights.");
    hana.browser.post_only("/language", &[("lang", "ja"), ("next", "/c/analysis")]).await;
    hana.browser.get("/c/analysis").await.ok().says("料金の目安").says("投稿におすすめの時間帯").silent_about("insights.");

    // Another table, another price.
    let network = price["network"].as_str().expect("a network").to_lowercase();
    let content = format!("network,price,growth,currency\n{network},1000000,0,JPY\n");
    admin.api.did("referenceTableSave", json!({ "kind": "POST_PRICES", "content": content, "note": "Flat" }), "version { version }").await;
    stage.work().await;
    let after = acme.api.ask(&ask).await["creator"].clone();
    assert_eq!(after["priceEstimates"][0]["low"]["currency"], "JPY");
    assert_eq!(after["priceEstimates"][0]["factors"]["base"].as_f64(), Some(1_000_000.0), "{after:#}");
    assert_eq!(after["mediaValues"], seen["mediaValues"]);
});

story!(creators_who_are_alike_are_found_with_the_reasons, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let ask = format!(
        "{{ similarCreators(creatorId: \"{}\") {{ creator {{ displayName }} likeness known reasons {{ part likeness }} }} }}",
        hana.creator()
    );
    assert_eq!(acme.api.ask(&ask).await["similarCreators"], Value::Null, "nothing is computed yet");
    acme.browser.get(&acme.path(&format!("creators/{}/analysis", hana.creator()))).await.ok().says("Too little is known");
    // Two who write of the same, and one of whom nothing is known but followers.
    let mut all = vec![hana.creator()];
    for name in ["Ken", "Mio"] {
        all.push(stage.unclaimed(name).await);
    }
    for (at, creator) in all.iter().enumerate().take(2) {
        let account = stage.account(*creator, entity::enums::Network::Instagram, &format!("a{at}"), Some(10_000)).await;
        let row = entity::network_account::Entity::find_by_id(account).one(stage.app.db()).await.expect("accounts").expect("an account");
        let mut row = sea_orm::IntoActiveModel::into_active_model(row);
        row.figures_source = sea_orm::Set(Some(entity::enums::MetricSource::Network));
        row.figures_as_of = sea_orm::Set(Some(stage.now()));
        sea_orm::ActiveModelTrait::update(row, stage.app.db()).await.expect("written");
        for n in 0..6 {
            stage.post_of(*creator, account, &format!("Running {n} km on the trail #running"), Some(100 + n)).await;
        }
    }
    stage.account(all[2], entity::enums::Network::X, "mio", None).await;
    server::insights::score(&stage.app, &all).await.expect("scored");

    // What they publish about narrows lists, by any of its names and by what lies above it.
    for called in ["running", "Running", "ランニング", "marathon", "fitness"] {
        let list = acme.browser.get(&acme.path(&format!("discover?topic={called}"))).await.ok();
        list.says("Hana").says("Ken").silent_about("Mio");
    }
    acme.browser.get(&acme.path("discover?topic=Kimono")).await.ok().says("Nobody fits").silent_about("Hana");
    let unknown = acme.browser.get(&acme.path("discover?topic=basketweaving+on+ice")).await.is(422);
    assert_eq!(unknown.problems(), ["topic"]);
    let listed = |filter: &str| format!("{{ creators(filter: {filter}, orderBy: NAME) {{ nodes {{ displayName }} }} }}");
    let found = acme.api.ask(&listed("{ topic: \"running\" }")).await["creators"]["nodes"].clone();
    assert_eq!(found, json!([{ "displayName": "Hana" }, { "displayName": "Ken" }]));
    let refused = acme.api.call(&listed("{ topic: \"nothing of the kind\" }"), json!({})).await;
    assert!(!refused.code().is_empty());
    // Only those who wear the badge.
    assert_eq!(acme.api.ask(&listed("{ verified: true }")).await["creators"]["nodes"], json!([]));
    let admin = stage.admin().await;
    admin.api.did("creatorVet", json!({ "id": all[2].to_string() }), "creator { id }").await;
    assert_eq!(acme.api.ask(&listed("{ verified: true }")).await["creators"]["nodes"], json!([{ "displayName": "Mio" }]));

    let found = acme.api.ask(&ask).await["similarCreators"].clone();
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found:#}");
    assert_eq!((&found[0]["creator"]["displayName"], found[0]["likeness"].as_f64()), (&json!("Ken"), Some(1.0)), "{found:#}");
    let page = acme.browser.get(&acme.path(&format!("creators/{}/analysis", hana.creator()))).await.ok();
    page.says("Similar creators").says("Ken").says("100%").silent_about("insights.");
    let many = acme.api.call(&ask.replace("\")", "\", most: 51)"), json!({})).await;
    assert!(!many.code().is_empty());
});

sandbox_story!(exported_lines_give_the_same_score, async |stage, sandbox| {
    use entity::enums::InsightScope;
    use influence::{Params, State, types::Event};
    let hana = linked(stage, sandbox).await;
    let rows = snapshots(stage).await;
    for scope in [InsightScope::Public, InsightScope::Full] {
        let (mut lines, mut who) = (Vec::new(), Vec::new());
        let done = server::insights::export::interactions(&stage.app, scope, &mut lines, &mut who).await.expect("exported");
        let text = String::from_utf8(lines).expect("text");
        assert_eq!((done.creators, done.events), (1, text.lines().count() as u64));
        let number = server::insights::export::number(hana.creator());
        assert_eq!(String::from_utf8(who).expect("text"), format!("creator,id\n{number},{}\n", hana.creator().0));
        let mut state = State::default();
        for line in text.lines() {
            let fields: Value = serde_json::from_str(line).expect("JSON");
            assert_eq!(fields["creator"], json!(number.to_string()), "{line}");
            state.apply(&serde_json::from_str::<Event>(line).expect("an event"), Params::shipped());
        }
        let row = rows.iter().find(|row| row.scope == scope).expect("a score");
        state.close(server::insights::rules::day(row.day), &(), Params::shipped());
        let again = state.score(Params::shipped()).expect("a score");
        assert!((again.value - row.value).abs() < 1e-6, "{} and {}", again.value, row.value);
    }
});
