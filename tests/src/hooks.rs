//! What networks tell by themselves, as the sandbox sends it over the wire: the check of the address, the signature over the very bytes,
//! replays, the job that does it, and the daily reading that finds what no hint came for.

use chrono::Duration;
use entity::{
    enums::{JobState, LinkState, Network, SyncKind},
    inbound_hook, job, sync_task,
};
use sandbox::{Handle, News};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{
    Stage,
    readings::{account, link, link_of, networks_story, tasks},
};

async fn taken(stage: &Stage) -> Vec<inbound_hook::Model> {
    inbound_hook::Entity::find().all(stage.app.db()).await.expect("hooks")
}

async fn reading(stage: &Stage, network: Network, kind: SyncKind) -> sync_task::Model {
    let of = account(stage, network).await;
    tasks(stage, &of).await.into_iter().find(|task| task.kind == kind).unwrap_or_else(|| panic!("{network}: no {kind}"))
}

fn pass(stage: &Stage, sandbox: &Handle, time: Duration) {
    stage.advance(time);
    sandbox.advance(time);
}

/// The network tells `news` three times over: it is taken once, and this kind of reading is made at once. Then it tells nothing for a
/// day, and all is read nevertheless.
async fn told(stage: &Stage, sandbox: &Handle, id: &str, news: News, kind: SyncKind) {
    let network: Network = id.parse().expect("a network");
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, id, "hana").await.ok();
    stage.work().await;
    let to = format!("{}/hooks/{id}", stage.url);
    let external = account(stage, network).await.external_id.expect("an id");

    // The address is checked, and answers nobody who does not know our word.
    assert!(sandbox.handshake(id, &to).await.expect("asked"), "{id}: the handshake");
    stage.browser().get_only(&format!("/hooks/{id}")).await.is(404);

    // A single byte more or less, another secret, or no signature: nothing is taken in.
    pass(stage, sandbox, Duration::minutes(1));
    let good = sandbox.news(id, news, &external).expect("such news");
    let mut longer = good.clone();
    longer.body.push(b' ');
    let mut forged = good.clone();
    for (name, value) in &mut forged.headers {
        if name.to_ascii_lowercase().contains("signature") {
            // The last sign is another one.
            let last = if value.pop() == Some('0') { '1' } else { '0' };
            value.push(last);
        }
    }
    let mut bare = good.clone();
    bare.headers.retain(|(name, _)| !name.to_ascii_lowercase().contains("signature"));
    for wrong in [&longer, &forged, &bare] {
        assert_eq!(sandbox.send(wrong, &to).await.expect("sent"), 401, "{id}: {:?}", wrong.headers);
    }
    assert_eq!(inbound_hook::Entity::find().count(stage.app.db()).await.expect("counted"), 0, "{id}");

    // Networks deliver until they hear a yes, and sometimes after it.
    let before = reading(stage, network, kind).await;
    for _ in 0..3 {
        assert_eq!(sandbox.send(&good, &to).await.expect("sent"), 200, "{id}");
    }
    stage.work().await;
    let rows = taken(stage).await;
    assert_eq!(rows.len(), 1, "{id}: taken once: {rows:?}");
    assert_eq!((rows[0].outcome.as_str(), rows[0].done_at.is_some()), ("read", true), "{id}");
    let after = reading(stage, network, kind).await;
    assert!(after.last_ok_at > before.last_ok_at, "{id}: read at once: {before:?} {after:?}");

    // A day without a hint.
    for _ in 0..26 {
        pass(stage, sandbox, Duration::hours(1));
        stage.routine().await;
    }
    assert_eq!(taken(stage).await.len(), 1, "{id}");
    let daily = reading(stage, network, kind).await;
    assert!(
        daily.last_ok_at.is_some_and(|at| stage.now() - at < Duration::hours(25)) && daily.last_ok_at > after.last_ok_at,
        "{id}: {daily:?}"
    );
}

networks_story!(facebook_tells_of_comments, async |stage, sandbox| {
    told(stage, sandbox, "facebook", News::Comment, SyncKind::Comments).await;
});

networks_story!(facebook_tells_of_mentions, async |stage, sandbox| {
    told(stage, sandbox, "facebook", News::Mention, SyncKind::Mentions).await;
});

networks_story!(instagram_tells_of_comments, async |stage, sandbox| {
    told(stage, sandbox, "instagram", News::Comment, SyncKind::Comments).await;
});

networks_story!(x_tells_of_mentions, async |stage, sandbox| {
    told(stage, sandbox, "x", News::Mention, SyncKind::Mentions).await;
});

networks_story!(x_tells_of_posts, async |stage, sandbox| {
    told(stage, sandbox, "x", News::Post, SyncKind::Posts).await;
});

networks_story!(twitch_tells_of_going_on_air, async |stage, sandbox| {
    told(stage, sandbox, "twitch", News::Online, SyncKind::Posts).await;
});

networks_story!(x_tells_of_the_end, async |stage, sandbox| {
    the_end(stage, sandbox, "x").await;
});

networks_story!(twitch_tells_of_the_end, async |stage, sandbox| {
    the_end(stage, sandbox, "twitch").await;
});

/// The person takes the grant back: the readings stop at once, and the creator hears of it once.
async fn the_end(stage: &Stage, sandbox: &Handle, id: &str) {
    let network: Network = id.parse().expect("a network");
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, id, "hana").await.ok();
    stage.work().await;
    let to = format!("{}/hooks/{id}", stage.url);
    let of = account(stage, network).await;
    let news = sandbox.news(id, News::Revoked, of.external_id.as_deref().expect("an id")).expect("such news");
    for _ in 0..2 {
        assert_eq!(sandbox.send(&news, &to).await.expect("sent"), 200, "{id}");
    }
    stage.work().await;
    assert_eq!(link_of(stage, &of).await.state, LinkState::NeedsReauth, "{id}");
    assert!(tasks(stage, &of).await.iter().all(|task| task.next_run_at.is_none()), "{id}");
    assert_eq!(stage.count_mails_to(&hana.email).await, 1, "{id}");
}

// Twitch checks the address before it tells anything, and is asked again when it has given up.
networks_story!(twitch_is_subscribed_to_again, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "twitch", "hana").await.ok();
    stage.work().await;
    let external = account(stage, Network::Twitch).await.external_id.expect("an id");
    let both = [format!("stream.offline {external}"), format!("stream.online {external}")];
    let subscribed = || {
        let mut all = sandbox.subscribed();
        all.sort();
        all
    };
    assert_eq!(subscribed(), both, "the check was answered");
    let to = format!("{}/hooks/twitch", stage.url);
    let ended = sandbox.news("twitch", News::Ended, &external).expect("such news");
    assert_eq!(subscribed(), both[..1]);
    assert_eq!(sandbox.send(&ended, &to).await.expect("sent"), 200);
    stage.work().await;
    assert_eq!(subscribed(), both);
    assert_eq!(taken(stage).await[0].outcome, "subscribed_again");
    // What came eleven minutes ago is a replay, whatever its signature.
    pass(stage, sandbox, Duration::minutes(11));
    assert_eq!(sandbox.send(&ended, &to).await.expect("sent"), 403);
});

/// With room for one look-up an hour.
fn tell_with_little_room(kind: crate::database::Kind, story: impl AsyncFnOnce(&Stage, &Handle)) {
    let start = |config: &mut server::config::Config, at| {
        config.sync.mentions_per_hour = 1;
        crate::peers::sandboxes(config, at)
    };
    crate::readings::tell_at(kind, start, story);
}

crate::networks::story_at! { crate::hooks::tell_with_little_room; mentions_that_are_told_of_are_looked_up_as_there_is_room, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "instagram", "hana").await.ok();
    stage.work().await;
    let id = account(stage, Network::Instagram).await.external_id.expect("an id");
    for n in 0..3 {
        let value = json!({ "media_id": format!("179{n}"), "comment_id": format!("178{n}") });
        let entry = json!({ "id": id, "time": 1_793_600_000 + n, "changes": [{ "field": "mentions", "value": value }] });
        let delivery = sandbox.webhook(json!({ "object": "instagram", "entry": [entry] }).to_string(), "X-Hub-Signature-256");
        let mut request = stage.browser().request(reqwest::Method::POST, "/hooks/instagram").body(delivery.body);
        for (name, value) in &delivery.headers {
            request = request.header(name, value);
        }
        assert_eq!(request.send().await.expect("an answer").status().as_u16(), 200);
    }
    let waiting = async || {
        stage.work().await;
        let jobs = job::Entity::find().filter(job::Column::Kind.eq("networks.mentioned")).filter(job::Column::State.eq(JobState::Ready));
        jobs.count(stage.app.db()).await.expect("counted")
    };
    assert_eq!(waiting().await, 2, "one is looked up, the others wait");
    assert_eq!(entity::mention::Entity::find().filter(entity::mention::Column::Kind.eq("comment")).count(stage.app.db()).await.expect("counted"), 1);
    let mut hours = 0;
    while waiting().await > 0 {
        hours += 1;
        assert!(hours < 12, "none is forgotten");
        stage.advance(Duration::hours(1));
        sandbox.advance(Duration::hours(1));
    }
    assert!(hours >= 2, "one an hour");
} }
