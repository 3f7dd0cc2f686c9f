//! Linked accounts are read again and again: the first reading with its progress, the daily ones, what the creator has said yes to, and
//! what happens when a network says no. At the sandbox, by the story's clock.

use chrono::{DateTime, Duration, Utc};
use entity::{
    account_metrics, audience_snapshot, comment,
    enums::{ConsentPurpose, LinkState, ParticipationState, StoryEnd, SyncKind},
    event, limit_bucket, network_account, network_health, network_link, post, post_metrics, story_archive, sync_task,
};
use sandbox::{Fault, Handle};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{
    Someone, Stage,
    networks::{sandbox_story, walk},
    readings::{link, networks_story},
};

async fn tasks(stage: &Stage) -> Vec<sync_task::Model> {
    sync_task::Entity::find().all(stage.app.db()).await.expect("tasks")
}

async fn task(stage: &Stage, kind: SyncKind) -> sync_task::Model {
    let found = tasks(stage).await.into_iter().find(|task| task.kind == kind);
    found.unwrap_or_else(|| panic!("{kind} is not read"))
}

async fn posts(stage: &Stage) -> Vec<post::Model> {
    post::Entity::find().all(stage.app.db()).await.expect("posts")
}

async fn count<E: EntityTrait>(stage: &Stage) -> u64
where
    E::Model: Send + Sync + sea_orm::FromQueryResult,
{
    E::find().count(stage.app.db()).await.expect("counted")
}

async fn events(stage: &Stage, kind: &str) -> Vec<event::Model> {
    event::Entity::find().filter(event::Column::Kind.eq(kind)).all(stage.app.db()).await.expect("events")
}

/// Time goes by, here and at the network, and what is due is done.
async fn later(stage: &Stage, sandbox: &Handle, by: Duration) {
    stage.advance(by);
    sandbox.advance(by);
    stage.routine().await;
}

fn asked_since(sandbox: &Handle, before: usize) -> Vec<String> {
    sandbox.log().into_iter().skip(before).map(|entry| entry.path).collect()
}

sandbox_story!(the_first_reading_goes_back_ninety_days, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    let kinds: Vec<SyncKind> = tasks(stage).await.into_iter().map(|task| task.kind).collect();
    assert!(kinds.contains(&SyncKind::Backfill) && kinds.contains(&SyncKind::Audience), "{kinds:?}");
    assert!(kinds.contains(&SyncKind::Stories), "stories' figures are figures like others");
    stage.work().await;
    assert!(stories(stage).await.iter().all(|story| story.file.is_none()), "but what they show takes the consent of both sides");

    let linked = stage.now();
    let all = posts(stage).await;
    let oldest = all.iter().filter_map(|row| row.published_at).min().expect("posts");
    assert!(oldest <= linked - Duration::days(85), "as far back as it goes: {oldest}");
    assert!(all.iter().all(|row| row.likes.is_some() && row.engagement.is_some()), "counters come with the list");
    let with_reach = all.iter().filter(|row| row.reach.is_some()).count();
    assert!(with_reach > 10, "and insights by themselves: {with_reach} of {}", all.len());
    let backfill = task(stage, SyncKind::Backfill).await;
    assert_eq!((backfill.next_run_at, backfill.outcome.as_str()), (None, "ok"));
    let steps = events(stage, "network.sync_progressed").await;
    let percents: Vec<i64> = steps.iter().filter_map(|step| step.data["percent"].as_i64()).collect();
    assert!(percents.is_sorted() && percents.iter().all(|percent| (0..100).contains(percent)), "{percents:?}");
    assert_eq!(events(stage, "network.sync_finished").await.len(), 1);

    assert!(count::<post_metrics::Entity>(stage).await >= all.len() as u64);
    assert!(count::<audience_snapshot::Entity>(stage).await >= 4);
    assert_eq!(count::<account_metrics::Entity>(stage).await, 2, "a day and four weeks");
    assert!(count::<comment::Entity>(stage).await > 0);
    for row in tasks(stage).await {
        assert_eq!((row.failures, row.lease_until), (0, None), "{row:?}");
        assert!(row.next_run_at.is_none_or(|at| at > linked), "{row:?}");
    }
});

sandbox_story!(a_day_appends_and_changes_nothing_that_was, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let before = post_metrics::Entity::find().all(stage.app.db()).await.expect("readings");
    later(stage, sandbox, Duration::hours(21)).await;
    let after = post_metrics::Entity::find().all(stage.app.db()).await.expect("readings");
    assert!(after.len() > before.len());
    for row in &before {
        assert!(after.contains(row), "appended, never changed");
    }
    assert_eq!(count::<account_metrics::Entity>(stage).await, 4);
    // Once a day is enough for the profile: nothing more until then.
    let profile = task(stage, SyncKind::Profile).await;
    assert_eq!(profile.last_ok_at, Some(stage.now()));
    let calls = sandbox.log().len();
    later(stage, sandbox, Duration::minutes(5)).await;
    assert!(!asked_since(sandbox, calls).iter().any(|path| path.ends_with("/insights")), "{:?}", asked_since(sandbox, calls));
});

sandbox_story!(without_a_yes_only_the_profile_is_read, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let given = hana.api.ask("{ consents { nodes { id purpose side revokedAt allowedActions } } }").await["consents"]["nodes"].clone();
    assert_eq!(given[0]["purpose"], "READ_FIGURES", "agreed to at the network's page: {given}");
    let done = hana.api.did("consentRevoke", json!({ "id": given[0]["id"] }), "consent { revokedAt allowedActions }").await;
    assert_eq!(done["consent"]["allowedActions"], json!([]));
    stage.work().await;
    let calls = sandbox.log().len();
    later(stage, sandbox, Duration::days(2)).await;
    let asked = asked_since(sandbox, calls);
    assert!(!asked.is_empty() && asked.iter().all(|path| !path.contains("/media") && !path.contains("/insights")), "{asked:?}");
    assert_eq!(task(stage, SyncKind::Posts).await.outcome, "no_consent");

    // A new yes is a new row, and the readings go on.
    let page = hana.browser.get("/c/consents").await.ok().says("Earlier consents");
    page.form("/c/consents").send().await.ok().says("You agreed on");
    stage.work().await;
    assert_eq!(task(stage, SyncKind::Posts).await.outcome, "ok");
    let all = hana.api.ask("{ consents { nodes { purpose revokedAt } } }").await["consents"]["nodes"].clone();
    assert_eq!(all.as_array().expect("a list").len(), 2);
});

sandbox_story!(a_limit_is_waited_for_and_remembered, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    sandbox.fault("/facebook", Fault::RateLimit, 1_000);
    stage.work().await;
    let limited: Vec<sync_task::Model> = tasks(stage).await.into_iter().filter(|task| task.outcome == "rate_limited").collect();
    assert!(!limited.is_empty());
    assert!(limited.iter().all(|task| task.next_run_at.is_some_and(|at| at > stage.now())));
    let told = limit_bucket::Entity::find().all(stage.app.db()).await.expect("limits");
    assert!(told.iter().any(|row| row.blocked_until.is_some_and(|until| until > stage.now())), "{told:?}");
    // The whole scope pauses: what is due meanwhile is not even tried.
    let calls = sandbox.log().len();
    stage.work().await;
    assert_eq!(sandbox.log().len(), calls);
    sandbox.reset();
    let hana_again = network_link::Entity::find().one(stage.app.db()).await.expect("a link").expect("a link");
    assert_eq!((hana_again.state, hana_again.problem.as_str()), (LinkState::Verified, ""), "nothing for the creator to do");
});

sandbox_story!(a_network_that_fails_for_everybody_is_left_alone, async |stage, sandbox| {
    for name in ["hana", "ken", "yamamoto"] {
        let who = stage.creator(name).await;
        walk(sandbox, &who, name).await.ok();
    }
    sandbox.fault("/facebook", Fault::ServerError, 100_000);
    // Pictures are not to be had either.
    stage.failures_are_the_point();
    stage.work().await;
    let health = async || network_health::Entity::find().one(stage.app.db()).await.expect("health").expect("health");
    let broken = health().await;
    assert!(broken.failures >= 5 && broken.open_until.is_some_and(|until| until > stage.now()), "{broken:?}");
    assert!(tasks(stage).await.iter().any(|task| task.outcome.is_empty()), "the rest was not tried in vain");
    // One tries; it still fails, and the pause is longer.
    let until = broken.open_until.expect("a pause");
    stage.advance(until - stage.now() + Duration::seconds(1));
    let calls = sandbox.log().len();
    stage.work().await;
    let asked: Vec<String> = asked_since(sandbox, calls).into_iter().filter(|path| !path.contains("avatars")).collect();
    assert!(!asked.is_empty() && asked.iter().all(|path| *path == asked[0]), "one reading with its tries: {asked:?}");
    let still = health().await;
    assert!(still.failures > broken.failures && still.open_until > broken.open_until);
});

networks_story!(each_host_of_a_network_is_left_alone_by_itself, async |stage, sandbox| {
    let admin = stage.admin().await;
    for person in ["hana", "ken"] {
        let who = stage.creator(person).await;
        link(sandbox, &who, "youtube", person).await.ok();
    }
    sandbox.fault("/youtube/v2/reports", Fault::ServerError, 100_000);
    stage.work().await;
    let health = async |host: &str| {
        let all = network_health::Entity::find().all(stage.app.db()).await.expect("health");
        all.into_iter().find(|row| row.host == host).unwrap_or_else(|| panic!("nothing is known of {host:?}"))
    };
    let (lists, reports) = (health("").await, health("analytics").await);
    assert!(reports.failures >= 5 && reports.open_until.is_some_and(|until| until > stage.now()), "{reports:?}");
    assert_eq!((lists.failures, lists.open_until), (0, None), "{lists:?}");
    for task in tasks(stage).await {
        let is_report = matches!(task.kind, SyncKind::PostFigures | SyncKind::Insights | SyncKind::Audience);
        assert!(is_report || task.outcome == "ok" || task.kind == SyncKind::Comments, "{task:?}");
    }
    let told = "{ networkHealth { network failures shutUntil analytics { failures shutUntil } } }";
    let told = admin.api.ask(told).await["networkHealth"].clone();
    let youtube = told.as_array().expect("a list").iter().find(|row| row["network"] == "YOUTUBE").expect("YouTube").clone();
    assert!(youtube["shutUntil"].is_null() && youtube["analytics"]["shutUntil"].is_string(), "{youtube}");
    admin.browser.get("/admin/networks").await.ok().says("Reports: failed for everybody");

    // Lists are read on while nobody asks for reports; and these come again by themselves.
    stage.advance(Duration::seconds(30));
    let calls = sandbox.log().len();
    sync_task::Entity::update_many()
        .col_expr(sync_task::Column::NextRunAt, sea_orm::sea_query::Expr::value(stage.now()))
        .exec(stage.app.db())
        .await
        .expect("due");
    stage.work().await;
    let asked = asked_since(sandbox, calls);
    assert!(asked.iter().any(|path| path.ends_with("/playlistItems")) && !asked.iter().any(|path| path.ends_with("/reports")), "{asked:?}");
    sandbox.heal();
    later(stage, sandbox, Duration::hours(12)).await;
    assert_eq!(health("analytics").await.failures, 0);
    assert!(tasks(stage).await.iter().all(|task| task.failures == 0), "{:?}", tasks(stage).await);
});

/// A brand, and a creator in one of its campaigns, who both agree to keeping stories.
pub(crate) async fn agreed(stage: &Stage, hana: &Someone) -> Someone {
    let acme = stage.brand("Acme").await;
    let campaign = stage.campaign(&acme, "New tea").await;
    stage.participation(&acme, campaign, hana.creator(), ParticipationState::Joined).await;
    let input = json!({ "purpose": "STORY_ARCHIVE", "creatorId": hana.creator().to_string() });
    acme.api.did("consentGrant", input, "consent { side }").await;
    let input = json!({ "purpose": "STORY_ARCHIVE", "organisationId": acme.org().to_string() });
    hana.api.did("consentGrant", input, "consent { side }").await;
    acme
}

pub(crate) async fn stories(stage: &Stage) -> Vec<story_archive::Model> {
    story_archive::Entity::find().all(stage.app.db()).await.expect("stories")
}

sandbox_story!(stories_are_kept_while_both_say_yes, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let read = stories(stage).await;
    assert!(!read.is_empty() && read.iter().all(|story| story.last_read_at.is_some()), "their figures are hers to have read");
    assert!(read.iter().all(|story| (&story.file, story.problem.as_str()) == (&None, "no_consent")), "{read:?}");
    hana.browser.get("/c/stories").await.ok().says("Not kept: you and a brand have not both agreed");
    let acme = agreed(stage, &hana).await;
    stage.work().await;
    let kept = stories(stage).await;
    assert_eq!(kept.len(), read.len(), "what is up is kept from now on");
    for story in &kept {
        assert_eq!((story.problem.as_str(), story.content_type.as_str()), ("", "image/png"), "{story:?}");
        assert!(story.file.is_some() && story.bytes > 0 && story.last_read_at.is_some());
    }
    // Each is read a last time shortly before it ends.
    let first = kept.iter().min_by_key(|story| story.expires_at).expect("a story").clone();
    let before_end: DateTime<Utc> = first.expires_at - Duration::minutes(29);
    while stage.now() < before_end {
        later(stage, sandbox, (before_end - stage.now()).min(Duration::minutes(61))).await;
    }
    later(stage, sandbox, Duration::minutes(40)).await;
    let first = stories(stage).await.into_iter().find(|story| story.id == first.id).expect("the story");
    assert_eq!(first.ending, StoryEnd::Final, "{first:?}");

    // The creator and the brand see it; another brand, and another creator, do not.
    let own = format!("/c/stories/{}", first.id);
    let page = hana.browser.get(&own).await.ok();
    assert_eq!(page.header("content-type"), "image/png");
    assert!(page.header("content-security-policy").contains("sandbox") && page.header("x-content-type-options") == "nosniff");
    // A film is asked for by parts.
    let ask = async |range: &str| {
        let answer = hana.browser.request(reqwest::Method::GET, &own).header("range", range).send().await.expect("an answer");
        let part = answer.headers().get("content-range").and_then(|text| text.to_str().ok()).unwrap_or_default().to_owned();
        (answer.status().as_u16(), part, answer.bytes().await.expect("bytes"))
    };
    let whole = ask("").await.2;
    let (status, part, bytes) = ask("bytes=2-5").await;
    assert_eq!((status, part, &bytes[..]), (206, format!("bytes 2-5/{}", whole.len()), &whole[2..6]));
    assert_eq!(ask("bytes=-3").await.2, whole[whole.len() - 3..]);
    assert_eq!((ask("bytes=99999999-").await.0, ask("lines=1-2").await.0), (416, 200));
    let told = "{ stories(first: 50) { nodes { externalId url ending contentType bytes problem figures { measure value } } } }";
    let told = hana.api.ask(told).await["stories"]["nodes"].clone();
    let mine = told.as_array().expect("a list").iter().find(|row| row["url"].as_str().is_some_and(|url| url.ends_with(&own)));
    let mine = mine.unwrap_or_else(|| panic!("{told}"));
    assert_eq!((&mine["ending"], &mine["contentType"], &mine["bytes"]), (&json!("FINAL"), &json!("image/png"), &json!(first.bytes)));
    assert!(mine["figures"].as_array().is_some_and(|all| !all.is_empty()), "{mine}");
    let asked = format!("query {{ stories(creatorId: \"{}\") {{ nodes {{ url }} }} }}", hana.creator());
    assert!(acme.api.ask(&asked).await["stories"]["nodes"][0]["url"].as_str().is_some_and(|url| url.contains("/b/")));

    let theirs = acme.path(&format!("creators/{}/stories/{}", hana.creator(), first.id));
    acme.browser.get(&theirs).await.ok();
    let bolt = stage.brand("Bolt").await;
    bolt.browser.get(&bolt.path(&format!("creators/{}/stories/{}", hana.creator(), first.id))).await.is(404);
    stage.creator("Ken").await.browser.get(&own).await.is(404);

    // Taken back: nothing more is copied, and the brand sees no more.
    let given = hana.api.ask("{ consents { nodes { id purpose side } } }").await["consents"]["nodes"].clone();
    let own = given.as_array().expect("a list").iter().find(|row| row["purpose"] == "STORY_ARCHIVE" && row["side"] == "CREATOR");
    hana.api.did("consentRevoke", json!({ "id": own.expect("hers")["id"] }), "consent { revokedAt }").await;
    stage.work().await;
    acme.browser.get(&theirs).await.is(404);
    let calls = sandbox.log().len();
    let before: Vec<_> = stories(stage).await.into_iter().map(|story| story.id).collect();
    later(stage, sandbox, Duration::days(1)).await;
    assert!(asked_since(sandbox, calls).iter().any(|path| path.ends_with("/stories")), "figures are read on");
    let now = stories(stage).await;
    assert!(now.iter().filter(|story| !before.contains(&story.id)).all(|story| story.file.is_none()), "{now:?}");
    assert!(now.iter().filter(|story| story.expires_at <= stage.now()).all(|story| story.ending != StoryEnd::Open), "what is over is over");

    // Without her yes to figures nothing of stories is read.
    let given = hana.api.ask("{ consents { nodes { id purpose revokedAt } } }").await["consents"]["nodes"].clone();
    for row in given.as_array().expect("a list").iter().filter(|row| row["purpose"] == "READ_FIGURES" && row["revokedAt"].is_null()) {
        hana.api.did("consentRevoke", json!({ "id": row["id"] }), "consent { revokedAt }").await;
    }
    stage.work().await;
    let calls = sandbox.log().len();
    later(stage, sandbox, Duration::days(1)).await;
    assert!(asked_since(sandbox, calls).iter().all(|path| !path.ends_with("/stories")));
});

sandbox_story!(a_small_account_is_told_the_threshold, async |stage, sandbox| {
    let yui = stage.creator("Yui").await;
    // Forty followers: the network tells nothing about who they are.
    let person = sandbox::people::PEOPLE.iter().find(|p| p.pages.iter().any(|page| page.account.is_some_and(|a| a.followers < 100)));
    walk(sandbox, &yui, person.expect("a small account").id).await.ok();
    stage.work().await;
    assert!(!tasks(stage).await.iter().any(|task| task.kind == SyncKind::Audience), "it is not asked for in vain");
    let account = network_account::Entity::find().one(stage.app.db()).await.expect("read").expect("an account");
    yui.browser.get(&format!("/c/networks/{}", account.id)).await.ok().says("from 100 followers");
    let given = entity::consent::Entity::find().one(stage.app.db()).await.expect("read").expect("a consent");
    assert_eq!(given.purpose, ConsentPurpose::ReadFigures);
});

networks_story!(further_pages_of_what_others_say_are_read_and_what_is_left_is_said, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "instagram", "hana").await.ok();
    link(sandbox, &hana, "x", "hana").await.ok();
    stage.work().await;
    let db = stage.app.db();
    let mut under = std::collections::HashMap::<_, i64>::new();
    for row in comment::Entity::find().filter(comment::Column::ParentExternalId.is_null()).all(db).await.expect("comments") {
        *under.entry(row.post_id).or_default() += 1;
    }
    let read: Vec<post::Model> = posts(stage).await.into_iter().filter(|post| post.more_comments.is_some()).collect();
    // A page of the network's has fifty.
    let long = read.iter().filter(|post| post.comments.is_some_and(|n| n > 50) && post.more_comments == Some(false));
    let long: Vec<(i64, i64)> = long.map(|post| (under[&post.id], post.comments.unwrap_or_default().min(99))).collect();
    assert!(!long.is_empty() && long.iter().all(|(found, all)| found == all), "{long:?}");

    // Nothing new: one page under each is enough.
    let calls = sandbox.log().len();
    post::Entity::update_many()
        .col_expr(post::Column::CommentsDueAt, sea_orm::sea_query::Expr::value(stage.now()))
        .exec(db)
        .await
        .expect("due");
    let due = sync_task::Entity::update_many().col_expr(sync_task::Column::NextRunAt, sea_orm::sea_query::Expr::value(stage.now()));
    due.filter(sync_task::Column::Kind.eq(SyncKind::Comments)).exec(db).await.expect("due");
    stage.work().await;
    let asked = asked_since(sandbox, calls).into_iter().filter(|path| path.ends_with("/comments")).collect::<Vec<_>>();
    let different: std::collections::HashSet<&String> = asked.iter().collect();
    assert!(!asked.is_empty() && asked.len() == different.len(), "{asked:?}");

    // X sells what it shows: a page of mentions, and that there are more is said.
    let mentions: Vec<sync_task::Model> = tasks(stage).await.into_iter().filter(|task| task.kind == SyncKind::Mentions).collect();
    let told = hana.api.ask("{ networkLinks { account { network } readings { kind more } } }").await["networkLinks"].clone();
    for task in &mentions {
        let all = told.as_array().expect("links");
        let its = all.iter().find(|link| link["account"]["network"] == json!(task.network.as_str().to_uppercase())).expect("a link");
        let its = its["readings"].as_array().expect("readings").iter().find(|reading| reading["kind"] == "MENTIONS").expect("mentions");
        assert_eq!(its["more"], json!(task.more), "{task:?}");
    }
    let of = |network: entity::enums::Network| mentions.iter().find(|task| task.network == network).and_then(|task| task.more);
    assert_eq!((of(entity::enums::Network::Instagram), of(entity::enums::Network::X)), (Some(false), Some(true)), "{mentions:?}");
    let page = hana.browser.get("/c/mentions").await.ok();
    page.says("on X the newest mentions were read; the network has more").silent_about("on Instagram the newest");

    // The same under a publication.
    let one = read.iter().max_by_key(|post| under.get(&post.id).copied()).expect("a publication");
    let cut = post::ActiveModel { more_comments: sea_orm::Set(Some(true)), comments: sea_orm::Set(Some(1_234)), ..Default::default() };
    post::Entity::update_many().set(cut).filter(post::Column::Id.eq(one.id)).exec(db).await.expect("cut");
    hana.browser.get(&format!("/c/posts/{}", one.id)).await.ok().says("The newest 50 of 1,234");
    let asked = "query ($id: ID!) { node(id: $id) { ... on Post { moreComments } } }";
    assert_eq!(hana.api.call(asked, json!({ "id": one.id.to_string() })).await.ok()["node"]["moreComments"], true);
    stage.work().await;
});

networks_story!(a_search_costs_what_it_brought, async |stage, sandbox| {
    let (hana, acme) = (stage.creator("Hana").await, stage.brand("Acme").await);
    link(sandbox, &hana, "x", "hana").await.ok();
    stage.work().await;
    hana.api.did("consentGrant", json!({ "purpose": "PUBLIC_LOOKUP" }), "consent { id }").await;
    stage.work().await;
    let left = async || {
        let row = limit_bucket::Entity::find_by_id("x:all:tenths_of_a_cent").one(stage.app.db()).await;
        row.expect("read").expect("the month's money").left_milli
    };
    let before = left().await;
    let found = acme.api.did("hashtagSearch", json!({ "network": "X", "hashtag": "tea" }), "posts { externalId }").await;
    let posts = i64::try_from(found["posts"].as_array().expect("posts").len()).expect("a number");
    assert_eq!(before - left().await, posts * 5 * 1_000, "half a cent a post: {found}");
});
