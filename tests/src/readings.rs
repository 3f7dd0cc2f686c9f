//! What is read of accounts, as those see it whom it concerns: the creator's pages, the brand's, the admin's; what
//! networks tell by themselves; figures that are handed in.

use std::cell::OnceCell;

use chrono::{DateTime, Duration, Utc};
use entity::{
    enums::{LinkState, Network, ParticipationState, StoryEnd, SyncKind},
    inbound_hook, limit_bucket, mention, network_account, network_link, post, post_metrics, sync_task,
};
use sandbox::Handle;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set};
use serde_json::{Value, json};
use server::{base::lang::Locale, config::Config};

use crate::{
    Someone, Stage,
    database::Kind,
    networks::{sandbox_story, walk},
    peers,
    stage::{beginning, tell_with},
};

pub(crate) fn tell_at_networks(kind: Kind, story: impl AsyncFnOnce(&Stage, &Handle)) {
    tell_at(kind, peers::sandboxes, story);
}

/// At a sandbox that `start` begins and writes into the settings.
pub(crate) fn tell_at(
    kind: Kind,
    start: impl FnOnce(&mut Config, Option<DateTime<Utc>>) -> Handle,
    story: impl AsyncFnOnce(&Stage, &Handle),
) {
    let started = OnceCell::new();
    tell_with(
        kind,
        |config| {
            started.set(start(config, Some(beginning()))).ok();
        },
        async |stage| {
            story(stage, started.get().expect("the sandbox")).await;
            stage.work().await;
        },
    );
}

macro_rules! networks_story {
    ($($story:tt)*) => {
        $crate::networks::story_at! { $crate::readings::tell_at_networks; $($story)* }
    };
}

pub(crate) use networks_story;

/// Links an account of a network as one of the sandbox's people.
pub(crate) async fn link(sandbox: &Handle, who: &Someone, network: &str, person: &str) -> crate::Page {
    let answer = who.browser.post_only::<&str, &str>(&format!("/c/networks/{network}/link"), &[]).await;
    let url = answer.location().unwrap_or_else(|| panic!("no way to {network}: {}", answer.text()));
    let back = sandbox.consent(&url, person, &[]).unwrap_or_else(|why| panic!("{network}: {why}"));
    let page = who.browser.get(&back).await;
    if !page.path.contains("/choose/") {
        return page;
    }
    let action = page.path.clone();
    let id = page.attribute("main form input[type=radio]", "value").expect("an account");
    page.form(&action).set("external_id", &id).send().await
}

pub(crate) async fn account(stage: &Stage, network: Network) -> network_account::Model {
    let found = network_account::Entity::find().filter(network_account::Column::Network.eq(network)).one(stage.app.db()).await;
    found.expect("read").unwrap_or_else(|| panic!("no account on {network}"))
}

pub(crate) async fn link_of(stage: &Stage, account: &network_account::Model) -> network_link::Model {
    let found = network_link::Entity::find().filter(network_link::Column::AccountId.eq(account.id)).one(stage.app.db()).await;
    found.expect("read").expect("a link")
}

pub(crate) async fn tasks(stage: &Stage, account: &network_account::Model) -> Vec<sync_task::Model> {
    sync_task::Entity::find().filter(sync_task::Column::AccountId.eq(account.id)).all(stage.app.db()).await.expect("tasks")
}

sandbox_story!(a_creator_sees_what_is_read, async |stage, sandbox| {
    let (hana, ken) = (stage.creator("Hana").await, stage.creator_in("Ken", Locale::Ja).await);
    hana.browser.get("/c/posts").await.ok().says("Link an account");
    walk(sandbox, &hana, "hana").await.ok();
    let first = account(stage, Network::Instagram).await;
    hana.browser.get(&format!("/c/networks/{}", first.id)).await.ok().says("Reading your posts of the last 90 days");
    stage.work().await;
    let page = hana.browser.get(&format!("/c/networks/{}", first.id)).await.ok();
    let page = page.says("Followers by age").says("Insights,").says("The data is incomplete").says("read with your permission");
    let page = page.silent_about("Reading your posts of the last 90 days");
    page.form(&format!("/c/networks/{}/refresh", link_of(stage, &first).await.id)).send().await.ok().says("read a moment ago");
    ken.browser.get(&format!("/c/networks/{}", first.id)).await.is(404);

    // By engagement the highest comes first (K8), by every face in the same order.
    let list = hana.browser.get("/c/posts?sort=engagement").await.ok();
    let asked = hana.api.ask("{ posts(first: 50, orderBy: ENGAGEMENT) { nodes { id engagement publishedAt figures { measure value state source endpoint asOf } } } }").await;
    let nodes = asked["posts"]["nodes"].as_array().expect("a list").clone();
    let engagement: Vec<i64> = nodes.iter().filter_map(|node| node["engagement"].as_i64()).collect();
    assert!(engagement.len() > 10 && engagement.is_sorted_by(|a, b| a >= b), "{engagement:?}");
    let links: Vec<String> = nodes.iter().map(|node| format!("/c/posts/{}", node["id"].as_str().unwrap_or_default())).collect();
    assert_eq!(list.attribute("#list tbody a", "href").as_deref(), links.first().map(String::as_str));
    for figure in nodes[0]["figures"].as_array().expect("figures") {
        assert!(figure["source"] == "NETWORK" && !figure["endpoint"].as_str().unwrap_or_default().is_empty() && figure["asOf"].is_string());
    }
    let one = hana.browser.get(&links[0]).await.ok().says("as of");
    // Its picture is passed through, so that no network sees who looks.
    let picture = format!("{}/picture", links[0]);
    assert_eq!(one.count(&format!("img[src=\"{picture}\"][loading=lazy][width][height][alt]")), 1);
    let served = hana.browser.get(&picture).await.ok();
    assert!(served.header("content-type").starts_with("image/") && served.header("content-security-policy").contains("sandbox"));
    ken.browser.get(&picture).await.is(404);
    ken.browser.get(&links[0]).await.is(404);

    // Figures of one's own are the creator's word, and displace no measured ones.
    let form = one.form(&format!("{}/insights", links[0]));
    form.send().await.is(422).says("Give at least one figure");
    let form = one.form(&format!("{}/insights", links[0])).set("link_clicks", "77").set("likes", "1").set("as_of", "2026-11-22");
    form.send().await.ok().says("Handed in").says("given by the creator");
    let after = hana
        .api
        .call(
            "query ($id: ID!) { node(id: $id) { ... on Post { engagement figures { measure value source } } } }",
            json!({ "id": nodes[0]["id"] }),
        )
        .await
        .ok();
    assert_eq!(after["node"]["engagement"], nodes[0]["engagement"]);
    let figures = after["node"]["figures"].as_array().expect("figures").clone();
    assert!(figures.contains(&json!({ "measure": "LINK_CLICKS", "value": 77, "source": "SELF_REPORTED" })), "{figures:?}");

    // The API says the same of readings, and Japanese readers read Japanese.
    let told = hana.api.ask("{ networkLinks { firstReadingPercent allowedActions readings { kind state message lastReadAt } } }").await;
    assert_eq!(told["networkLinks"][0]["firstReadingPercent"], 100);
    let readings = told["networkLinks"][0]["readings"].as_array().expect("readings").clone();
    let state = |kind: &str| readings.iter().find(|reading| reading["kind"] == kind).map(|reading| reading["state"].clone());
    assert_eq!((state("POSTS"), state("STORIES")), (Some(json!("READ")), Some(json!("READ"))), "{readings:?}");
    walk(sandbox, &ken, "ken").await.ok();
    stage.work().await;
    let accounts = network_account::Entity::find().all(stage.app.db()).await.expect("accounts");
    let his = accounts.iter().find(|row| row.creator_id == ken.creator()).expect("his");
    ken.browser.get(&format!("/c/networks/{}", his.id)).await.ok().says("取得状況と不足しているデータ");
    ken.browser.get("/c/posts").await.ok().says("あなたの投稿");
    ken.browser.get("/c/consents").await.ok().says("同意の管理");
    ken.browser.get("/c/stories").await.ok().says("双方が同意した場合のみ保存");
});

sandbox_story!(brands_look_through_what_a_creator_published, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    let acme = stage.brand("Acme").await;
    let path = acme.path(&format!("creators/{}/content", hana.creator()));
    acme.browser.get(&path).await.ok().says("No post fits this time and network");
    acme.browser.get(&format!("{path}?days=all")).await.ok().says("No posts are known");
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let query = "query ($id: ID, $filter: PostFilterInput, $order: PostOrder) { posts(creatorId: $id, first: 100, filter: $filter, orderBy: $order) {
        nodes { id engagement publishedAt pictureUrl figures { measure } } } }";
    let hers = async |filter: Value, order: &str| {
        let asked = json!({ "id": hana.creator().to_string(), "filter": filter, "order": order });
        acme.api.call(query, asked).await
    };
    let nodes = |answer: Value| answer["posts"]["nodes"].as_array().expect("a list").clone();
    let all = nodes(hers(json!({}), "ENGAGEMENT").await.ok());
    let engagement: Vec<i64> = all.iter().filter_map(|node| node["engagement"].as_i64()).collect();
    assert!(engagement.len() > 12 && engagement.is_sorted_by(|a, b| a >= b), "{engagement:?}");
    let month = (stage.now() - Duration::days(30)).to_rfc3339();
    let recent = nodes(hers(json!({ "since": month }), "ENGAGEMENT").await.ok());
    assert!(!recent.is_empty() && recent.len() < all.len(), "{} of {}", recent.len(), all.len());

    // The page shows the same, a dozen at a time, and what everybody can see only.
    let tiles = async |asked: &str| {
        let page = acme.browser.get(&format!("{path}{asked}")).await.ok();
        page.all("main .tiles img").len() + page.all("main .tiles .no-picture").len()
    };
    assert_eq!((tiles("?days=30").await, tiles("?days=all").await), (recent.len().min(12), 12));
    assert_eq!(tiles("?days=30&network=youtube").await, 0);
    let page = acme.browser.get(&path).await.ok().silent_about("Reach");
    let picture = page.attribute("main .tiles img[loading=lazy][width][height][alt]", "src").expect("a picture");
    assert!(all.iter().any(|node| node["pictureUrl"].as_str().is_some_and(|url| url.ends_with(&picture))), "{picture}");
    let served = acme.browser.get(&picture).await.ok();
    assert!(served.header("content-type").starts_with("image/") && served.header("content-security-policy").contains("sandbox"));
    stage.brand("Bolt").await.browser.get(&picture).await.is(404);
    acme.browser.get(&format!("{path}?sort=reach")).await.ok().silent_about("Reach");
    assert_eq!(hers(json!({}), "REACH").await.code(), "FORBIDDEN");

    // With her yes also what only she is told; and what she took away is nobody's business any more.
    hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    acme.browser.get(&format!("{path}?sort=reach")).await.ok().says("Reach");
    assert_eq!(nodes(hers(json!({}), "REACH").await.ok()).len(), all.len());
    let id = all[0]["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let row = post::Entity::find_by_id::<entity::ids::PostId>(id).one(stage.app.db()).await.expect("a row").expect("a post");
    let (own, mut gone) = (format!("{}/picture", acme.path(&format!("posts/{}", row.id))), post::ActiveModel::from(row));
    gone.gone_at = Set(Some(stage.now()));
    gone.update(stage.app.db()).await.expect("written");
    assert_eq!(nodes(hers(json!({}), "ENGAGEMENT").await.ok()).len(), all.len() - 1);
    acme.browser.get(&own).await.is(404);
    assert_eq!(hana.api.ask("{ posts(first: 100) { nodes { id } } }").await["posts"]["nodes"].as_array().map(Vec::len), Some(all.len()));
});

sandbox_story!(brands_see_what_they_may, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let acme = stage.brand("Acme").await;
    let campaign = stage.campaign(&acme, "New tea").await;
    stage.participation(&acme, campaign, hana.creator(), ParticipationState::Joined).await;
    let path = acme.path(&format!("creators/{}", hana.creator()));
    let account_ = account(stage, Network::Instagram).await;
    let asked = async |who: &Someone| {
        let query = "query ($id: ID!) { node(id: $id) { ... on NetworkAccount { audience { crowd dimension state slices { key people } asOf } } } }";
        who.api.call(query, json!({ "id": account_.id.to_string() })).await.ok()["node"]["audience"].clone()
    };
    acme.browser.get(&path).await.ok().says("does not show insights to brands").says("Posts with the most engagement");
    // What is public needs no consent: the three newest of all that she published, as the API shows them to brands.
    let query = "{ posts(first: 100) { nodes { id publishedAt account { id } } } }";
    let hers = hana.api.ask(query).await["posts"]["nodes"].as_array().expect("a list").clone();
    let newest: Vec<Value> = hers.iter().filter(|post| post["publishedAt"].is_string()).take(3).map(|post| post["id"].clone()).collect();
    let query = "query ($id: ID!) { node(id: $id) { ... on NetworkAccount { latestPosts { id } } } }";
    let seen = acme.api.call(query, json!({ "id": account_.id.to_string() })).await.ok();
    let seen: Vec<Value> = seen["node"]["latestPosts"].as_array().expect("a list").iter().map(|post| post["id"].clone()).collect();
    assert!(newest.len() == 3 && seen == newest, "{seen:?} {newest:?}");
    assert_eq!(asked(&acme).await, Value::Null);
    assert!(asked(&hana).await.as_array().is_some_and(|parts| parts.len() >= 4));
    hana.browser.get("/c/consents").await.ok();
    let given = hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    acme.browser.get(&path).await.ok().says("Followers by age").silent_about("does not show insights");
    let parts = asked(&acme).await;
    assert!(parts[0]["crowd"] == "FOLLOWERS" && parts[0]["asOf"].is_string(), "{parts}");
    hana.api.did("consentRevoke", json!({ "id": given["consent"]["id"] }), "consent { id }").await;
    assert_eq!(asked(&acme).await, Value::Null, "at once");

    // A brand asks for figures; the creator hands them in, or does not (K23).
    let page = acme.browser.get(&format!("{path}/insights")).await.ok();
    let form = page.form(&format!("{path}/insights")).set("account_id", account_.id.to_string()).set("question", "How many saves?");
    form.send().await.ok().says("The creator sees it");
    let page = hana.browser.get("/c/posts").await.ok().says("Acme asks for figures").says("How many saves?");
    let href = page.attribute("main a[href^=\"/c/insights/\"]", "href").expect("a link");
    let page = hana.browser.get(&href).await.ok();
    let today = stage.now().date_naive().to_string();
    page.form(&href).set("saves", "1,234").set("as_of", &today).send().await.ok().says("Handed in");
    acme.browser.get(&path).await.ok().says("1,234").says("given by the creator");
    hana.browser.get(&href).await.ok().says("answered already");
    let bolt = stage.brand("Bolt").await;
    bolt.browser.get(&bolt.path(&format!("creators/{}", hana.creator()))).await.ok().silent_about("1,234");
    let refused = bolt.api.tried("insightsAsk", json!({ "accountId": account_.id.to_string() }), "insight { id }").await;
    assert_eq!(refused.user_errors().len(), 1);

    // A public account is looked up through whoever lends the permission, once a day.
    let look = async || {
        acme.api
            .tried("networkLookup", json!({ "network": "INSTAGRAM", "handle": "@ken.mori.photo" }), "found { handle followers asOf }")
            .await
    };
    assert!(!look().await.user_errors().is_empty(), "nobody lends theirs");
    hana.api.did("consentGrant", json!({ "purpose": "PUBLIC_LOOKUP" }), "consent { id }").await;
    let found = look().await.ok();
    assert!(found["networkLookup"]["found"]["followers"].as_i64().is_some_and(|n| n > 0), "{found}");
    let calls = sandbox.log().len();
    look().await.ok();
    assert_eq!(sandbox.log().len(), calls, "the answer is good for a day");
    // Where others name her is shown with the insights, and by nobody else's will.
    let mentions = format!("{path}/mentions");
    acme.browser.get(&mentions).await.ok().says("Not shown to brands");
    let ask = "query ($id: ID!) { mentions(creatorId: $id, first: 5) { nodes { kind text authorHandle url account { handle } } } }";
    assert_eq!(acme.api.call(ask, json!({ "id": hana.creator().to_string() })).await.code(), "FORBIDDEN");
    let own = hana.browser.get("/c/mentions").await.ok().says("Mentions");
    let words = own.all("main li .pre").swap_remove(0);
    let given = hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
    acme.browser.get(&mentions).await.ok().says(words.trim());
    let told = acme.api.call(ask, json!({ "id": hana.creator().to_string() })).await.ok();
    assert_eq!(told["mentions"]["nodes"][0]["account"]["handle"], "hana.cooks", "{told}");
    hana.api.did("consentRevoke", json!({ "id": given["consent"]["id"] }), "consent { id }").await;
    acme.browser.get(&mentions).await.ok().says("Not shown to brands");

    // A hashtag is searched through the same permission; thirty different ones in seven days, and none twice (K21).
    let page = acme.browser.get(&acme.path("hashtags")).await.ok().says("30 of 30");
    let form = |tag: &str| page.form(&acme.path("hashtags")).set("network", "instagram").set("hashtag", tag);
    form("#tea #coffee").send().await.is(422).says("one hashtag at a time");
    form("＃抹茶").send().await.ok().says("#抹茶").says("29 of 30");
    let calls = sandbox.log().len();
    form("抹茶").send().await.ok().says("29 of 30");
    assert_eq!(sandbox.log().len(), calls, "the answer is good for six hours");
    let search = async |tag: &str| {
        let input = json!({ "network": "INSTAGRAM", "hashtag": tag });
        acme.api.tried("hashtagSearch", input, "slotsLeft posts { caption url authorHandle likes }").await
    };
    for n in 1..30 {
        let found = search(&format!("tea{n}")).await.ok();
        assert_eq!(found["hashtagSearch"]["slotsLeft"], 29 - n, "{found}");
    }
    assert_eq!(search("one more").await.user_errors().len(), 1, "two words are no hashtag");
    assert_eq!(search("onemore").await.refusals(), ["hashtag=REFUSED"]);
    stage.advance(Duration::hours(7));
    sandbox.advance(Duration::hours(7));
    search("抹茶").await.ok();
    stage.advance(Duration::days(7));
    sandbox.advance(Duration::days(7));
    search("onemore").await.ok();
    stage.routine().await;
    // Nobody here has that one: it becomes a profile, which everybody sees, and once only.
    let page = acme.browser.get(&acme.path("lookup")).await.ok();
    let page = page.form(&acme.path("lookup")).set("network", "instagram").set("handle", "ken.mori.photo").send().await.ok();
    let page = page.says("No creator here").form(&acme.path("lookup/keep")).send().await.ok().says("The profile is made");
    page.says("ken.mori.photo").says("Looked up at the network");
    let input = json!({ "network": "INSTAGRAM", "handle": "ken.mori.photo" });
    let again = bolt.api.did("networkLookupKeep", input, "creator { displayName source accounts { handle } }").await;
    assert_eq!(again["creator"]["accounts"], json!([{ "handle": "ken.mori.photo" }]), "{again}");
    let own = acme.api.did("networkLookupKeep", json!({ "network": "INSTAGRAM", "handle": "hana.cooks" }), "creator { id }").await;
    assert_eq!(own["creator"]["id"], json!(hana.creator().to_string()));
    // Its creator takes it over.
    let ken = stage.creator("Ken").await;
    walk(sandbox, &ken, "ken").await.ok();
    stage.work().await;
    assert_eq!(
        network_account::Entity::find()
            .filter(network_account::Column::CreatorId.eq(ken.creator()))
            .count(stage.app.db())
            .await
            .expect("counted"),
        1
    );
    let page = acme.browser.get(&acme.path("lookup")).await.ok();
    page.form(&acme.path("lookup")).set("network", "instagram").set("handle", "hana.cooks").send().await.ok().says("See the creator");
});

networks_story!(networks_tell_by_themselves, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "instagram", "hana").await.ok();
    link(sandbox, &hana, "tiktok", "hana").await.ok();
    stage.work().await;
    let insta = account(stage, Network::Instagram).await;
    let id = insta.external_id.clone().expect("an id");
    let send = async |network: &str, body: String, header: &str| {
        let delivery = sandbox.webhook(body, header);
        let mut request = stage.browser().request(reqwest::Method::POST, &format!("/hooks/{network}")).body(delivery.body);
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        request.send().await.expect("an answer").status().as_u16()
    };
    // The handshake wants our word.
    let asks = |token: &str| format!("/hooks/instagram?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
    let browser = stage.browser();
    assert_eq!(browser.get_only(&asks("sandbox-webhook-secret")).await.is(200).text(), "1158201444");
    browser.get_only(&asks("wrong")).await.is(401);
    browser.get_only("/hooks/instagram").await.is(404);
    browser.get_only("/hooks/nowhere").await.is(404);

    let body = json!({ "object": "instagram", "entry": [{ "id": id, "time": 1_793_600_000, "changes": [
        { "field": "mentions", "value": { "media_id": "1790", "comment_id": "1785" } },
    ] }] })
    .to_string();
    assert_eq!(send("instagram", body.clone(), "none").await, 401, "unsigned");
    assert_eq!(inbound_hook::Entity::find().count(stage.app.db()).await.expect("counted"), 0);
    let before = tasks(stage, &insta).await.into_iter().find(|task| task.kind == SyncKind::Mentions).expect("mentions");
    stage.advance(Duration::minutes(1));
    sandbox.advance(Duration::minutes(1));
    for _ in 0..3 {
        assert_eq!(send("instagram", body.clone(), "X-Hub-Signature-256").await, 200);
    }
    stage.work().await;
    let rows = inbound_hook::Entity::find().all(stage.app.db()).await.expect("hooks");
    assert_eq!((rows.len(), rows[0].outcome.as_str()), (1, "read"), "taken once: {rows:?}");
    let after = tasks(stage, &insta).await.into_iter().find(|task| task.kind == SyncKind::Mentions).expect("mentions");
    assert!(after.last_ok_at > before.last_ok_at, "read at once, not tomorrow");
    let named = mention::Entity::find().filter(mention::Column::Kind.eq("comment")).all(stage.app.db()).await.expect("mentions");
    assert!(named.len() == 1 && !named[0].text.is_empty(), "no list holds it: {named:?}");

    // A creator who takes the grant back at TikTok: the readings stop at once, and the creator hears of it.
    let tiktok = account(stage, Network::Tiktok).await;
    let open_id = tiktok.external_id.clone().expect("an id");
    let content = json!({ "reason": 1 }).to_string();
    let body = json!({ "client_key": sandbox::CLIENT_ID, "event": "authorization.removed", "create_time": stage.now().timestamp(), "user_openid": open_id, "content": content });
    assert_eq!(send("tiktok", body.to_string(), "TikTok-Signature").await, 200);
    stage.work().await;
    assert_eq!(link_of(stage, &tiktok).await.state, LinkState::NeedsReauth);
    assert_eq!(stage.count_mails_to(&hana.email).await, 1);
    // What nobody here has is nothing to do.
    let strange = json!({ "object": "instagram", "entry": [{ "id": "1", "time": 1, "changes": [{ "field": "mentions", "value": {} }] }] });
    assert_eq!(send("instagram", strange.to_string(), "X-Hub-Signature-256").await, 200);
    stage.work().await;
    // They are forgotten after a month.
    stage.advance(Duration::days(31));
    sandbox.advance(Duration::days(31));
    stage.routine().await;
    let left = inbound_hook::Entity::find().filter(inbound_hook::Column::DoneAt.is_null()).count(stage.app.db()).await.expect("counted");
    assert_eq!(left, 0);
});

networks_story!(a_gap_between_two_grants_is_closed, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "tiktok", "hana").await.ok();
    stage.work().await;
    let account = account(stage, Network::Tiktok).await;
    assert!(sandbox.revoke("hana"));
    for _ in 0..8 {
        stage.advance(Duration::days(10));
        sandbox.advance(Duration::days(10));
        // Whoever comes by stays signed in.
        hana.browser.get("/c").await.ok();
    }
    stage.routine().await;
    assert_eq!(link_of(stage, &account).await.state, LinkState::NeedsReauth);
    link(sandbox, &hana, "tiktok", "hana").await.ok();
    stage.routine().await;
    let backfill = tasks(stage, &account).await.into_iter().find(|task| task.kind == SyncKind::Backfill).expect("the reading");
    assert!(backfill.next_run_at.is_none() && backfill.back_to.is_none() && backfill.outcome == "ok", "{backfill:?}");
    let posts = post::Entity::find().filter(post::Column::AccountId.eq(account.id)).all(stage.app.db()).await.expect("posts");
    let mut at: Vec<_> = posts.iter().filter_map(|post| post.published_at).collect();
    at.sort();
    let meanwhile = at.iter().filter(|at| stage.now() - **at < Duration::days(80)).count();
    assert!(meanwhile > 20, "more than one page came meanwhile: {meanwhile}");
    let widest = at.windows(2).map(|pair| pair[1] - pair[0]).max().expect("posts");
    assert!(widest < Duration::days(10), "{} of {} publications: {widest}", at.len(), stage.now());
    // That the first reading is finished is told once, and it does not begin again.
    let told = entity::event::Entity::find().filter(entity::event::Column::Kind.eq("network.sync_finished"));
    assert_eq!(told.count(stage.app.db()).await.expect("counted"), 1);
    let last = entity::event::Entity::find().filter(entity::event::Column::Kind.starts_with("network.sync_")).all(stage.app.db()).await;
    assert!(last.expect("events").iter().all(|event| event.at < stage.now() - Duration::days(70)), "only after the first link");
});

networks_story!(the_last_figures_of_a_story_may_come_by_themselves, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "instagram", "hana").await.ok();
    crate::sync::agreed(stage, &hana).await;
    stage.work().await;
    let account = account(stage, Network::Instagram).await;
    let story = crate::sync::stories(stage).await.into_iter().min_by_key(|story| story.expires_at).expect("a story");
    let found = async || post::Entity::find_by_id(story.post_id).one(stage.app.db()).await.expect("read").expect("the story");
    let read = async || {
        let of = post_metrics::Entity::find().filter(post_metrics::Column::PostId.eq(story.post_id));
        of.filter(post_metrics::Column::Endpoint.contains("webhook")).count(stage.app.db()).await.expect("counted")
    };
    let tell = async |reach: i64| {
        let value = json!({ "media_id": found().await.external_id, "reach": reach, "replies": 3, "taps_back": 9, "exits": -1 });
        let body = json!({ "object": "instagram", "entry": [{ "id": account.external_id, "time": stage.now().timestamp(),
            "changes": [{ "field": "story_insights", "value": value }] }] });
        let delivery = sandbox.webhook(body.to_string(), "X-Hub-Signature-256");
        let mut request = stage.browser().request(reqwest::Method::POST, "/hooks/instagram").body(delivery.body);
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.expect("an answer").status().as_u16(), 200);
        stage.work().await;
    };
    stage.advance(Duration::minutes(1));
    tell(987_654).await;
    let row = found().await;
    assert_eq!((row.reach, row.figures_due_at, read().await), (Some(987_654), None, 1), "{row:?}");
    let ended = crate::sync::stories(stage).await.into_iter().find(|one| one.id == story.id).expect("the story");
    assert_eq!(ended.ending, StoryEnd::Final);
    // What she agrees to no more is not written down, whoever tells it.
    let given = hana.api.ask("{ consents { nodes { id side } } }").await["consents"]["nodes"].clone();
    for own in given.as_array().expect("a list").iter().filter(|row| row["side"] == "CREATOR") {
        hana.api.did("consentRevoke", json!({ "id": own["id"] }), "consent { revokedAt }").await;
    }
    tell(987_655).await;
    assert_eq!((found().await.reach, read().await), (Some(987_654), 1));
});

sandbox_story!(admins_see_how_networks_fare, async |stage, sandbox| {
    let (hana, admin) = (stage.creator("Hana").await, stage.admin().await);
    admin.browser.get("/admin/networks").await.ok().says("not asked yet");
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    admin.browser.get("/admin/networks").await.ok().says("answers").says("Everything is read");
    sandbox.fault("/facebook/v26.0", sandbox::Fault::Html, 1_000);
    stage.advance(Duration::hours(21));
    sandbox.advance(Duration::hours(21));
    stage.routine().await;
    let page = admin.browser.get("/admin/networks").await.ok().says("that we do not understand");
    let health = admin.api.ask("{ networkHealth { network alarm failing { id kind outcome failures } limits { name } } }").await;
    let failing = health["networkHealth"][0]["failing"].as_array().expect("failing").clone();
    assert!(!failing.is_empty() && failing.iter().all(|one| one["outcome"] == "contract"), "{failing:?}");
    assert!(health["networkHealth"][0]["alarm"].is_string());
    sandbox.reset();
    let action = format!("/admin/networks/{}/retry", failing[0]["id"].as_str().expect("an id"));
    page.form(&action).send().await.ok().says("tried again now");
});

networks_story!(where_nothing_more_may_be_asked_nobody_is_sent_to_a_consent_page, async |stage, sandbox| {
    let (hana, ken) = (stage.creator("Hana").await, stage.creator("Ken").await);
    link(sandbox, &ken, "pinterest", "ken").await.ok();
    stage.work().await;
    // What the readings leave to people is gone, but for one call; a link takes two.
    let bucket = limit_bucket::Entity::find_by_id("pinterest:all:calls").one(stage.app.db()).await.expect("read").expect("a bucket");
    assert!(bucket.left_milli < 1_000_000, "linking and reading took of it: {bucket:?}");
    let used = limit_bucket::ActiveModel { left_milli: Set(1_000), as_of: Set(stage.now()), ..bucket.into() };
    used.update(stage.app.db()).await.expect("written");
    let page = hana.browser.post_only::<&str, &str>("/c/networks/pinterest/link", &[]).await;
    assert!(page.location().is_none(), "nobody is sent away");
    page.says("lets us ask no more for now").says("00:00 UTC");
    let refused = hana.api.tried("networkLinkBegin", json!({ "network": "PINTEREST" }), "authorizationUrl").await;
    assert_eq!(refused.refusals(), ["=REFUSED"]);
    stage.advance(Duration::days(1));
    sandbox.advance(Duration::days(1));
    link(sandbox, &hana, "pinterest", "hana").await.ok();
    stage.work().await;
});
