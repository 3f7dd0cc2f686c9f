//! Every network from its consent page to the end of a grant and a new one: the first reading with its progress, a day of readings, tokens
//! that run out and are renewed, a grant that is taken back there, one that simply ends, and a new link that mends it.

use chrono::Duration;
use entity::{
    enums::{LinkState, Network, SyncKind},
    event, network_account, network_link, post,
};
use sandbox::Handle;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{
    Someone, Stage,
    database::Kind,
    networks::story_at,
    peers,
    readings::{account, link, link_of, networks_story, tasks, tell_at},
    socket::Socket,
};

/// How a network's grant lives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Tokens run out, and are renewed by a refresh token.
    Renewed,
    /// They are lengthened while they live; once they have run out there is no more to be had.
    Lengthened,
    /// They run out after sixty days, and then the creator has to come again.
    Ends,
    /// They do not run out.
    Endless,
}

/// A network's own in the common story.
#[derive(Clone, Copy)]
struct Habit {
    network: Network,
    life: Life,
    /// Whether publications are read; else link and profile alone.
    publishes: bool,
}

/// Time goes by an hour at a time, and what is due is done.
async fn hours(stage: &Stage, sandbox: &Handle, n: i64) {
    for _ in 0..n {
        stage.advance(Duration::hours(1));
        sandbox.advance(Duration::hours(1));
        stage.routine().await;
    }
}

/// Time goes by until then, while the creator comes by now and then and nothing else is done.
async fn until(stage: &Stage, sandbox: &Handle, who: &Someone, at: chrono::DateTime<chrono::Utc>) {
    while stage.now() < at {
        let step = (at - stage.now()).min(Duration::days(10));
        stage.advance(step);
        sandbox.advance(step);
        who.browser.get("/c").await.ok();
    }
}

async fn renewals(stage: &Stage, link: &network_link::Model) -> u64 {
    let of = event::Entity::find().filter(event::Column::Kind.eq("network.renewed")).filter(event::Column::Subject.eq(link.id.to_string()));
    of.count(stage.app.db()).await.expect("counted")
}

/// Everything that can be read was read, and nothing has failed.
async fn is_read(stage: &Stage, account: &network_account::Model) {
    for task in tasks(stage, account).await {
        let quiet = task.outcome == "ok" || task.outcome.starts_with("below_threshold") || task.outcome == "not_supported";
        assert!(quiet, "{task:?}; {:?}", link_of(stage, account).await.problem);
    }
}

async fn from_link_to_relink(stage: &Stage, sandbox: &Handle, habit: Habit) {
    let Habit { network, life, publishes } = habit;
    let id = network.as_str();
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, id, "hana").await.ok();
    let account_ = account(stage, network).await;
    let own = format!("/c/networks/{}", account_.id);
    let page = hana.browser.get(&own).await.ok();
    if publishes {
        page.says("Reading your posts of the last 90 days");
    }
    stage.work().await;
    is_read(stage, &account_).await;
    let read = post::Entity::find().filter(post::Column::AccountId.eq(account_.id)).count(stage.app.db()).await.expect("counted");
    assert_eq!(read > 0, publishes, "{read} publications");
    let page = hana.browser.get(&own).await.ok();
    page.says("What is read, and what is missing").silent_about("Reading your posts of the last 90 days");
    let percent = hana.api.ask("{ networkLinks { firstReadingPercent } }").await["networkLinks"][0]["firstReadingPercent"].clone();
    assert_eq!(percent, if publishes { json!(100) } else { json!(null) });

    // A day later everything is read again; tokens that live for hours were renewed on the way.
    hours(stage, sandbox, 22).await;
    let profile = tasks(stage, &account_).await.into_iter().find(|task| task.kind == SyncKind::Profile).expect("the profile");
    assert!(profile.outcome == "ok" && profile.last_ok_at.is_some_and(|at| stage.now() - at < Duration::hours(3)), "{profile:?}");
    is_read(stage, &account_).await;
    let linked = link_of(stage, &account_).await;
    assert_eq!((linked.state, linked.problem.as_str()), (LinkState::Verified, ""));

    tokens_live_on(stage, sandbox, &hana, &account_, life).await;

    // The person takes the grant back at the network: readings stop, one mail, and linking again mends it.
    let mails = stage.count_mails_to(&hana.email).await;
    assert!(sandbox.revoke("hana"));
    hours(stage, sandbox, 23).await;
    let link_id = ended(stage, sandbox, &hana, &account_, mails).await;
    link(sandbox, &hana, id, "hana").await.ok();
    stage.work().await;
    assert_eq!(link_of(stage, &account_).await.state, LinkState::Verified);
    assert!(tasks(stage, &account_).await.iter().any(|task| task.next_run_at.is_some()));
    is_read(stage, &account_).await;
    hana.api.did("networkUnlink", json!({ "id": link_id }), "link { state }").await;
    stage.work().await;
}

/// What is over is left alone, and the creator was told of it once. Gives the link's id.
async fn ended(stage: &Stage, sandbox: &Handle, who: &Someone, account: &network_account::Model, mails: usize) -> String {
    let link = link_of(stage, account).await;
    assert_eq!((link.state, &link.token_sealed), (LinkState::NeedsReauth, &None));
    assert!(tasks(stage, account).await.iter().all(|task| task.next_run_at.is_none()));
    assert_eq!(stage.count_mails_to(&who.email).await, mails + 1);
    assert!(stage.mail_to(&who.email).await.subject.contains("no longer linked"));
    who.browser.get("/c").await.ok().says("A link needs you");
    let calls = sandbox.log().len();
    hours(stage, sandbox, 23).await;
    let asked: Vec<_> = sandbox.log().into_iter().skip(calls).map(|entry| entry.path).filter(|path| !path.contains("avatars")).collect();
    assert!(asked.is_empty(), "a dead grant is left alone: {asked:?}");
    assert_eq!(stage.count_mails_to(&who.email).await, mails + 1, "told once");
    link.id.to_string()
}

/// Tokens are renewed when it is time, and also when the network refuses one before that.
async fn tokens_live_on(stage: &Stage, sandbox: &Handle, who: &Someone, account: &network_account::Model, life: Life) {
    let before = link_of(stage, account).await;
    if matches!(life, Life::Ends | Life::Endless) {
        assert_eq!((before.expires_at.is_some(), renewals(stage, &before).await), (life == Life::Ends, 0));
        return;
    }
    let done = renewals(stage, &before).await;
    until(stage, sandbox, who, before.renew_at.expect("a time")).await;
    stage.routine().await;
    let after = link_of(stage, account).await;
    assert_eq!((after.state, after.problem.as_str(), renewals(stage, &after).await), (LinkState::Verified, "", done + 1));
    assert!(after.token_sealed != before.token_sealed && after.expires_at > before.expires_at, "{after:?}");
    is_read(stage, account).await;
    if life == Life::Lengthened {
        return;
    }
    // The network's clock is before ours: it refuses what we think still lives.
    let left = after.expires_at.expect("an end") - stage.now();
    sandbox.advance(left + Duration::seconds(1));
    stage.advance(Duration::minutes(11).min(left / 2));
    who.api.did("networkRefresh", json!({ "id": after.id.to_string() }), "link { state }").await;
    stage.work().await;
    let renewed = link_of(stage, account).await;
    assert_eq!((renewed.state, renewals(stage, &renewed).await), (LinkState::Verified, done + 2), "{renewed:?}");
    is_read(stage, account).await;
}

macro_rules! each_network {
    ($($name:ident: $network:ident, $life:ident, $publishes:literal;)*) => {$(
        networks_story!($name, async |stage, sandbox| {
            from_link_to_relink(stage, sandbox, Habit { network: Network::$network, life: Life::$life, publishes: $publishes }).await;
        });
    )*};
}

each_network! {
    instagram_from_link_to_relink: Instagram, Ends, true;
    facebook_from_link_to_relink: Facebook, Ends, true;
    youtube_from_link_to_relink: Youtube, Renewed, true;
    x_from_link_to_relink: X, Renewed, true;
    tiktok_from_link_to_relink: Tiktok, Renewed, true;
    twitch_from_link_to_relink: Twitch, Renewed, true;
    pinterest_from_link_to_relink: Pinterest, Renewed, true;
    linkedin_from_link_to_relink: Linkedin, Ends, false;
    reddit_from_link_to_relink: Reddit, Renewed, false;
    mastodon_at_home_from_link_to_relink: Mastodon, Endless, true;
}

/// The sandbox with Instagram's own login in place of Facebook's.
fn tell_at_own_login(kind: Kind, story: impl AsyncFnOnce(&Stage, &Handle)) {
    tell_at(
        kind,
        |config, start| {
            let sandbox = peers::sandboxes(config, start);
            let base: url::Url = format!("{}{}", sandbox.url(), sandbox::INSTAGRAM_LOGIN).parse().expect("an address");
            let instagram = config.networks.get_mut("instagram").expect("Instagram");
            instagram.flavour = Some(connectors::Flavour::InstagramLogin);
            for place in [&mut instagram.auth_base, &mut instagram.token_base, &mut instagram.api_base] {
                *place = Some(base.clone());
            }
            sandbox
        },
        story,
    );
}

story_at! { crate::grants::tell_at_own_login; instagrams_own_login_from_link_to_relink, async |stage, sandbox| {
    from_link_to_relink(stage, sandbox, Habit { network: Network::Instagram, life: Life::Lengthened, publishes: true }).await;
} }

/// After sixty days a grant that nothing renews is over: the creator is warned in time, then told, and nothing is asked after.
async fn sixty_days(stage: &Stage, sandbox: &Handle, network: Network) {
    let mut hana = stage.creator("Hana").await;
    link(sandbox, &hana, network.as_str(), "hana").await.ok();
    stage.work().await;
    let account_ = account(stage, network).await;
    let first = link_of(stage, &account_).await;
    let end = first.expires_at.expect("an end");
    assert!((Duration::days(59)..=Duration::days(60)).contains(&(end - stage.now())), "{end}");
    until(stage, sandbox, &hana, first.renew_at.expect("a time") - Duration::minutes(1)).await;
    stage.routine().await;
    assert_eq!((link_of(stage, &account_).await.problem.as_str(), stage.count_mails_to(&hana.email).await), ("", 0), "not too early");

    // Day 45: a mail and a banner. Readings go on, and do not hide it.
    until(stage, sandbox, &hana, stage.now() + Duration::minutes(10)).await;
    stage.routine().await;
    let mail = stage.mail_to(&hana.email).await;
    assert!(
        mail.subject.contains("permission ends soon") && mail.text.contains(&first_handle(&account_)),
        "{}: {}",
        mail.subject,
        mail.text
    );
    hours(stage, sandbox, 22).await;
    assert_eq!(stage.count_mails_to(&hana.email).await, 1, "told once");
    hana.browser.get("/c").await.ok().says("A link needs you").says("The network will soon end your permission");
    let warned = link_of(stage, &account_).await;
    assert_eq!((warned.state, warned.renew_at), (LinkState::Verified, Some(end)));
    let profile = tasks(stage, &account_).await.into_iter().find(|task| task.kind == SyncKind::Profile).expect("the profile");
    assert!(profile.last_ok_at.is_some_and(|at| stage.now() - at < Duration::hours(23)), "{profile:?}");
    let told = hana.api.ask("{ networkLinks { state problem } }").await["networkLinks"][0].clone();
    assert!(told["state"] == "VERIFIED" && told["problem"].as_str().is_some_and(|text| text.contains("will soon end")), "{told}");

    // Day 60.
    until(stage, sandbox, &hana, end).await;
    stage.routine().await;
    // Sessions end before the story does.
    hana.browser = stage.again(&hana).await;
    ended(stage, sandbox, &hana, &account_, 1).await;
    link(sandbox, &hana, network.as_str(), "hana").await.ok();
    stage.work().await;
    let again = link_of(stage, &account_).await;
    assert_eq!((again.state, again.problem.as_str()), (LinkState::Verified, ""));
    assert!(again.expires_at > Some(end));
    hana.browser.get("/c").await.ok().silent_about("A link needs you");

    // Whoever comes again in time is not told that it is over.
    until(stage, sandbox, &hana, again.renew_at.expect("a time")).await;
    stage.routine().await;
    hana.browser = stage.again(&hana).await;
    assert_eq!(stage.count_mails_to(&hana.email).await, 3);
    link(sandbox, &hana, network.as_str(), "hana").await.ok();
    hana.browser.get("/c").await.ok().silent_about("A link needs you");
    until(stage, sandbox, &hana, again.expires_at.expect("an end")).await;
    stage.routine().await;
    assert_eq!((link_of(stage, &account_).await.state, stage.count_mails_to(&hana.email).await), (LinkState::Verified, 3));
    stage.work().await;
}

/// What a mail calls the account.
fn first_handle(account: &network_account::Model) -> String {
    account.handle.clone()
}

networks_story!(instagrams_sixty_days_end, async |stage, sandbox| {
    sixty_days(stage, sandbox, Network::Instagram).await;
});

networks_story!(linkedins_sixty_days_end, async |stage, sandbox| {
    sixty_days(stage, sandbox, Network::Linkedin).await;
});

networks_story!(a_first_reading_is_told_over_a_socket, async |stage, sandbox| {
    const HEAR: &str = "subscription ($after: String) { networkSyncProgressed(after: $after) { cursor linkId percent posts finished } }";
    let (hana, ken) = (stage.creator("Hana").await, stage.creator("Ken").await);
    let mut ear = Socket::subscribe(&hana, HEAR, json!({})).await;
    // What is said before the subscription stands is not heard: a pong comes after it.
    ear.is_alive().await;
    link(sandbox, &ken, "tiktok", "ken").await.ok();
    link(sandbox, &hana, "tiktok", "hana").await.ok();
    stage.work().await;
    let link_id = hana.api.ask("{ networkLinks { id } }").await["networkLinks"][0]["id"].clone();
    let mut heard = Vec::new();
    while heard.last().is_none_or(|step: &serde_json::Value| step["finished"] != true) {
        heard.push(ear.next().await["networkSyncProgressed"].clone());
    }
    assert!(heard.len() > 1, "it is read page by page: {heard:?}");
    assert!(heard.iter().all(|step| step["linkId"] == link_id), "one's own alone: {heard:?}");
    let numbers = |name: &str| heard.iter().filter_map(|step| step[name].as_i64()).collect::<Vec<_>>();
    let (percent, posts) = (numbers("percent"), numbers("posts"));
    assert!(percent.is_sorted() && percent.last() == Some(&100) && percent[0] < 100, "{percent:?}");
    assert!(posts.is_sorted() && posts.len() == heard.len() && posts[0] > 0, "{posts:?}");

    // Whoever lost the connection goes on where they stood.
    let mut again = Socket::subscribe(&hana, HEAR, json!({ "after": heard[0]["cursor"] })).await;
    for step in &heard[1..] {
        assert_eq!(again.next().await["networkSyncProgressed"], *step);
    }
});

networks_story!(twitch_is_asked_every_hour_whether_a_grant_lives, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    link(sandbox, &hana, "twitch", "hana").await.ok();
    link(sandbox, &hana, "tiktok", "hana").await.ok();
    stage.work().await;
    let twitch = account(stage, Network::Twitch).await;
    let first = sandbox.log().len();
    let asked = || sandbox.log().iter().filter(|call| call.path == "/twitch/oauth2/validate").count();
    for _ in 0..6 {
        let before = asked();
        hours(stage, sandbox, 1).await;
        // Once, by one call; and once more where the token ran out in that hour.
        assert!((1..=2).contains(&(asked() - before)), "{}", asked() - before);
    }
    assert!((6..=8).contains(&sandbox.log().iter().skip(first).filter(|call| call.path == "/twitch/oauth2/validate").count()));
    let shown = "{ networkLinks { account { network } readings { kind state } } }";
    let shown = hana.api.ask(shown).await["networkLinks"].clone();
    for link in shown.as_array().expect("links") {
        let kinds: Vec<_> = link["readings"].as_array().expect("readings").iter().filter(|reading| reading["kind"] == "GRANT").collect();
        assert_eq!(kinds.len(), usize::from(link["account"]["network"] == "TWITCH"), "{link}");
        assert!(kinds.iter().all(|reading| reading["state"] == "READ"), "{link}");
    }
    // An end at the network is known within the hour, although the next reading of figures is far away.
    assert!(sandbox.revoke("hana"));
    hours(stage, sandbox, 1).await;
    assert_eq!(link_of(stage, &twitch).await.state, LinkState::NeedsReauth);
});
