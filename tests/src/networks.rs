//! Creators link their accounts (K27–K29): through both faces, at the sandbox's Instagram and at an OAuth server that we did not write.

use std::{
    cell::{OnceCell, RefCell},
    sync::Arc,
};

use chrono::Duration;
use connectors::{
    Http, HttpLimits, Network, Registry,
    generic::{GenericOauth, GenericSettings},
    oauth::ClientAuth,
};
use entity::{enums::LinkState, event, network_link};
use sandbox::{Fault, Handle};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};
use serde_json::{Value, json};
use server::base::lang::Locale;

use crate::{
    Page, Someone, Stage,
    api::PNG,
    database::Kind,
    peers::{self, Peer},
    stage::{beginning, tell_on, tell_with},
};

/// A story with the sandbox in the networks' place, by the story's clock.
pub(crate) fn tell_at_sandbox(kind: Kind, story: impl AsyncFnOnce(&Stage, &Handle)) {
    let started = OnceCell::new();
    tell_with(
        kind,
        |config| {
            started.set(peers::sandbox(config, Some(beginning()))).ok();
        },
        async |stage| {
            story(stage, started.get().expect("the sandbox")).await;
            // Pictures that are still to be copied.
            stage.work().await;
        },
    );
}

/// A story at a sandbox on both databases, as `$tell` tells it.
macro_rules! story_at {
    ($tell:path; $name:ident, async |$stage:ident, $sandbox:ident| $body:block) => {
        async fn $name($stage: &$crate::Stage, $sandbox: &sandbox::Handle) $body

        mod $name {
            use crate::database::Kind;

            #[test]
            fn sqlite() {
                $tell(Kind::Sqlite, super::$name);
            }

            #[test]
            fn postgres() {
                $tell(Kind::Postgres, super::$name);
            }
        }
    };
}
pub(crate) use story_at;

macro_rules! sandbox_story {
    ($($story:tt)*) => {
        $crate::networks::story_at! { $crate::networks::tell_at_sandbox; $($story)* }
    };
}
pub(crate) use sandbox_story;

/// From the page of networks to the network's consent page: its address.
async fn set_out(who: &Someone) -> String {
    let page = who.browser.get("/c/networks").await.ok();
    let form = page.form("/c/networks/instagram/link");
    let fields: Vec<(&str, &str)> = form.names().into_iter().map(|name| (name, form.value(name).unwrap_or_default())).collect();
    let answer = who.browser.post_only("/c/networks/instagram/link", &fields).await;
    answer.location().unwrap_or_else(|| panic!("no way to the network: {}", answer.text()))
}

/// The whole walk as one of the sandbox's people, leaving out what that person does not tick.
pub(crate) async fn walk(sandbox: &Handle, who: &Someone, person: &str) -> Page {
    let url = set_out(who).await;
    let unticked = sandbox::people::person(person).map_or(&[][..], |p| p.unticked);
    let back = sandbox.consent(&url, person, unticked).expect("the network sends back");
    who.browser.get(&back).await
}

async fn links(stage: &Stage) -> Vec<network_link::Model> {
    network_link::Entity::find().all(stage.app.db()).await.expect("links")
}

async fn events(stage: &Stage, kind: &str) -> u64 {
    event::Entity::find().filter(event::Column::Kind.eq(kind)).count(stage.app.db()).await.expect("events")
}

sandbox_story!(linked_shown_and_taken_back_in_the_portal, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    hana.browser.get("/c/networks").await.ok().says("business or creator account");
    let linked = walk(sandbox, &hana, "hana").await.ok().at("/c/networks");
    linked.says("The account is linked.").says("hana.cooks").says("48,200").says("Instagram, read with your permission");
    let link = links(stage).await.remove(0);
    assert_eq!(link.state, LinkState::Verified);
    let sealed = link.token_sealed.expect("tokens");
    assert!(!sandbox.log().is_empty() && !sealed.contains("EAA"), "tokens are sealed");

    let page = hana.browser.get(&format!("/c/networks/{}/unlink", link.id)).await.ok();
    page.form(&format!("/c/networks/{}/unlink", link.id)).send().await.ok().says("The account is unlinked.");
    stage.work().await;
    let link = links(stage).await.remove(0);
    assert_eq!((link.state, link.token_sealed), (LinkState::Revoked, None));
    assert!(sandbox.log().iter().any(|call| call.method == "DELETE"), "the network has heard of it");
});

sandbox_story!(linked_and_taken_back_in_the_api, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    let options = hana.api.ask("{ networkOptions { network state isSandbox } }").await;
    assert_eq!(options["networkOptions"][0], json!({ "network": "INSTAGRAM", "state": "AVAILABLE", "isSandbox": true }));
    let input = json!({ "network": "INSTAGRAM" });
    let begun = hana.api.did("networkLinkBegin", input, "authorizationUrl expiresAt").await;
    let back = sandbox.consent(begun["authorizationUrl"].as_str().expect("an address"), "hana", &[]).expect("the way back");
    let finish = finish_input(&back);
    let done = hana
        .api
        .did("networkLinkFinish", finish.clone(), "choice { id } link { id state account { handle followers { value source } } }")
        .await;
    assert_eq!(done["link"]["account"], json!({ "handle": "hana.cooks", "followers": { "value": 48200, "source": "NETWORK" } }));
    assert!(done["choice"].is_null());
    let again = hana.api.tried("networkLinkFinish", finish, "link { id }").await;
    assert_eq!(again.refusals(), ["=ALREADY_DONE"], "a state is good once");
    let mine = hana.api.ask("{ networkLinks { state scopes missingScopes problem allowedActions } }").await;
    assert_eq!(mine["networkLinks"][0]["allowedActions"], json!(["RELINK", "UNLINK", "REFRESH"]));
    let id = done["link"]["id"].clone();
    assert_eq!(hana.api.did("networkUnlink", json!({ "id": id }), "link { state }").await["link"]["state"], "REVOKED");
    stage.work().await;
});

/// The callback's query as `networkLinkFinish` takes it.
fn finish_input(back: &str) -> Value {
    let url: url::Url = back.parse().expect("an address");
    let mut input = json!({ "network": "INSTAGRAM" });
    for (name, value) in url.query_pairs().filter(|(name, _)| matches!(&**name, "state" | "code" | "error" | "iss")) {
        input[&*name] = json!(value);
    }
    input
}

sandbox_story!(a_walk_belongs_to_the_browser_that_began_it, async |stage, sandbox| {
    let (hana, ken) = (stage.creator("Hana").await, stage.creator("Ken").await);
    let back = sandbox.consent(&set_out(&hana).await, "hana", &[]).expect("the way back");
    // Somebody else who is led to the address links nothing, and spends nothing.
    stage.browser().get(&back).await.ok().says("Sign in");
    ken.browser.get(&back).await.is(422).says("does not belong to this browser");
    stage.again(&hana).await.get(&back).await.is(422).says("does not belong to this browser");
    let forged = back.replace("state=", "state=x");
    hana.browser.get(&forged).await.is(422);
    assert!(links(stage).await.is_empty());
    hana.browser.get(&back).await.ok().says("hana.cooks");
    hana.browser.get(&back).await.is(422).says("finished already");
    // Ten minutes are enough for a consent page.
    let late = sandbox.consent(&set_out(&ken).await, "ken", &[]).expect("the way back");
    stage.advance(Duration::minutes(11));
    ken.browser.get(&late).await.is(422).says("ten minutes");
    assert_eq!(links(stage).await.len(), 1);
});

sandbox_story!(what_can_go_wrong_is_explained, async |stage, sandbox| {
    let en = stage.creator("Hana").await;
    let ja = stage.creator_in("Ken", Locale::Ja).await;
    for (person, says_en, says_ja) in
        [("sora", "Your Facebook login has no Page.", "Facebookページが見つ"), ("mika", "Switch to professional account", "プロアカウント")]
    {
        walk(sandbox, &en, person).await.is(422).says("The account was not linked").says(says_en);
        walk(sandbox, &ja, person).await.is(422).says("連携できませんでした").says(says_ja);
    }
    let back = sandbox.decline(&set_out(&en).await).expect("the way back");
    en.browser.get(&back).await.is(422).says("You said no on the network's page");
    let back = sandbox.consent(&set_out(&en).await, "hana", &["instagram_basic"]).expect("the way back");
    en.browser.get(&back).await.is(422).says("did not allow us to see your Instagram profile");

    // The network's own troubles, at the first call after the consent.
    for (fault, says) in [
        (Fault::ServerError, "cannot be reached at the moment"),
        (Fault::RateLimit, "asks us to slow down"),
        (Fault::Html, "an answer that we do not understand"),
        (Fault::Cut, "cannot be reached at the moment"),
        (Fault::Redirect, "an answer that we do not understand"),
    ] {
        let back = sandbox.consent(&set_out(&en).await, "hana", &[]).expect("the way back");
        // Passing troubles are tried again within the call; these do not pass.
        sandbox.fault("/facebook", fault, 10);
        en.browser.get(&back).await.is(422).says(says);
        sandbox.reset();
        stage.advance(Duration::minutes(10));
    }
    assert!(links(stage).await.is_empty());
});

sandbox_story!(several_accounts_and_missing_permissions, async |stage, sandbox| {
    let emma = stage.creator("Emma").await;
    let page = walk(sandbox, &emma, "emma").await.ok().says("Which Instagram account?").says("emma.reser");
    let action = page.path.clone();
    page.form(&action).send().await.is(422);
    let ids = page.all("main form label");
    assert_eq!(ids.len(), 3, "those that can be linked: {ids:?}");
    let id =
        page.attribute("main form label:nth-of-type(2) input, main form input[type=radio]:nth-of-type(1)", "value").expect("an account");
    page.form(&action).set("external_id", &id).send().await.ok().at("/c/networks").says("The account is linked.");
    assert_eq!(links(stage).await.len(), 1);

    let aoi = stage.creator("Aoi").await;
    let page = walk(sandbox, &aoi, "aoi").await.ok();
    page.says("not all permissions were given").says("See your Instagram insights");
    let missing = aoi.api.ask("{ networkLinks { missingScopes } }").await;
    assert_eq!(missing["networkLinks"][0]["missingScopes"], json!(["instagram_manage_insights"]));
});

sandbox_story!(a_grant_that_ends_is_mended, async |stage, sandbox| {
    let rin = stage.creator("Rin").await;
    walk(sandbox, &rin, "rin").await.ok();
    // A day later the figures are read again, and the network says that the app was removed.
    stage.advance(Duration::hours(21));
    sandbox.advance(Duration::hours(21));
    stage.routine().await;
    assert_eq!(links(stage).await[0].state, LinkState::NeedsReauth);
    assert!(stage.mail_to(&rin.email).await.subject.contains("no longer linked"));
    let calls = sandbox.log().len();
    stage.advance(Duration::hours(21));
    stage.routine().await;
    assert_eq!(sandbox.log().len(), calls, "a dead grant is left alone");
    assert_eq!(stage.count_mails_to(&rin.email).await, 1, "told once");
    let page = rin.browser.get("/c/networks").await.ok().says("The permission was taken back at the network");

    // Only the same account mends it.
    let relink = async |person: &str| {
        let form = page.form("/c/networks/instagram/link");
        let fields: Vec<_> = form.names().into_iter().map(|name| (name, form.value(name).unwrap_or_default())).collect();
        assert!(fields.iter().any(|(name, value)| *name == "relink" && !value.is_empty()));
        let url = rin.browser.post_only("/c/networks/instagram/link", &fields).await.location().expect("the network");
        rin.browser.get(&sandbox.consent(&url, person, &[]).expect("the way back")).await
    };
    relink("ken").await.is(422).says("You came back with another account");
    relink("rin").await.ok().says("rin.paints");
    assert_eq!(links(stage).await[0].state, LinkState::Verified);
});

sandbox_story!(an_account_has_one_owner, async |stage, sandbox| {
    let (hana, ken) = (stage.creator("Hana").await, stage.creator_in("Ken", Locale::Ja).await);
    walk(sandbox, &hana, "hana").await.ok();
    walk(sandbox, &ken, "hana").await.is(422).says("hana.cooks").silent_about(&hana.email);
    assert_eq!(events(stage, "network.account_contested").await, 1, "an admin can see it");
    // Whoever gives it up makes way.
    let id = links(stage).await[0].id;
    hana.api.did("networkUnlink", json!({ "id": id.to_string() }), "link { state }").await;
    stage.work().await;
    walk(sandbox, &ken, "hana").await.ok();
    assert_eq!(links(stage).await[0].creator_id, ken.creator());
});

sandbox_story!(the_networks_picture_is_copied_for_who_has_none, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    let shown = async || {
        stage.work().await;
        hana.api.ask("{ creatorProfile { pictureUrl completeness { items { key done } } } }").await["creatorProfile"].take()
    };
    walk(sandbox, &hana, "hana").await.ok();
    let mine = shown().await;
    assert!(mine["completeness"]["items"].as_array().expect("items").contains(&json!({ "key": "PICTURE", "done": true })), "{mine}");
    let copy = mine["pictureUrl"].as_str().expect("a picture");
    let path = copy.strip_prefix(stage.app.config.public_url.as_str()).expect("one of ours, that no network sees being looked at");
    let served = hana.browser.get(&format!("/{path}")).await.ok();
    assert_eq!(served.header("content-type"), "image/jpeg");
    assert_eq!(hana.browser.get("/c/profile").await.ok().count(&format!("img[src=\"/{path}\"]")), 1);

    // What the creator chose goes before; without it the network's is back.
    let (_, own) = hana.api.upload(PNG, "me.png").await;
    hana.api.did("creatorPictureSet", json!({ "uploadId": own["id"] }), "creator { id }").await;
    assert_eq!(shown().await["pictureUrl"], own["url"]);
    hana.api.ask("mutation { creatorPictureRemove { creator { pictureUrl } } }").await;
    assert_eq!(shown().await["pictureUrl"], copy);

    // The same picture under another address stays the same copy; what is shown is not forgotten.
    stage.advance(Duration::days(3));
    sandbox.advance(Duration::days(3));
    stage.routine().await;
    assert_eq!(shown().await["pictureUrl"], copy);
    hana.browser.get(&format!("/{path}")).await.ok();

    let link = links(stage).await.remove(0);
    hana.api.did("networkUnlink", json!({ "id": link.id.to_string() }), "link { state }").await;
    assert!(shown().await["pictureUrl"].is_null(), "it goes with the account");
    stage.advance(Duration::days(3));
    stage.routine().await;
    hana.browser.get(&format!("/{path}")).await.is(404);
});

sandbox_story!(figures_stay_fresh, async |stage, sandbox| {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.advance(Duration::days(30));
    sandbox.advance(Duration::days(30));
    stage.routine().await;
    let mine = hana.api.ask("{ networkLinks { account { followers { value asOf } } } }").await;
    let followers = &mine["networkLinks"][0]["account"]["followers"];
    assert!(followers["value"].as_i64().is_some_and(|n| n > 48_200), "{followers}");
    assert!(followers["asOf"].as_str().is_some_and(|at| at.starts_with("2026-12-23")), "{followers}");
});

/// A story with npm oidc-provider, a certified OpenID provider, in the place of one network: PKCE, single-use codes, rotating refresh
/// tokens.
fn tell_at_provider(kind: Kind, story: impl AsyncFnOnce(&Stage, &mut Peer)) {
    let started = RefCell::new(None);
    let folder = "connectors/tests/peer";
    if !peers::root().join(folder).join("node_modules/oidc-provider").exists() {
        return peers::missing(&format!("oidc-provider: npm ci --prefix {folder}"));
    }
    let networks = |config: &server::config::Config, clock: &server::base::clock::Clock| {
        let back = format!("{}oauth/blog/callback", config.public_url);
        let peer = Peer::start(folder, "oidc-provider", "provider.mjs", &[&back]).expect("the provider starts");
        let at = |path: &str| format!("{}/{path}", peer.address).parse::<url::Url>().expect("an address");
        let settings = GenericSettings {
            network: Network::Blog,
            authorize_url: at("auth"),
            token_url: at("token"),
            revoke_url: Some(at("token/revocation")),
            userinfo_url: at("me"),
            issuer: Some(peer.address.clone()),
            client_id: "hibiki".into(),
            client_secret: "peer-secret".into(),
            auth: ClientAuth::Basic,
            scopes: vec!["openid".into(), "profile".into()],
            extra: Vec::new(),
            sandbox: true,
        };
        let clock = clock.clone();
        let time = connectors::Clock::new(move || clock.now());
        let transport = Arc::new(Http::new(HttpLimits::default()).expect("a client"));
        let mut registry = Registry::default();
        registry.insert(Arc::new(GenericOauth::new(settings, transport, time).expect("settings")));
        started.replace(Some(peer));
        registry
    };
    tell_on(
        kind,
        |_| {},
        networks,
        async |stage| {
            let mut peer = started.take().expect("the provider");
            story(stage, &mut peer).await;
        },
    );
}

/// The whole walk at the provider's own pages; gives the callback's address.
async fn consent(who: &Someone, peer: &mut Peer, login: &str) -> String {
    let answer = who.browser.post_only::<&str, &str>("/c/networks/blog/link", &[]).await;
    let url = answer.location().unwrap_or_else(|| panic!("no way to the provider: {}", answer.text()));
    assert!(url.contains("code_challenge_method=S256"), "{url}");
    peer.tell(&json!({ "url": url, "login": login }).to_string());
    peer.line()
}

async fn a_grant_lives_at_a_real_oauth_server(stage: &Stage, peer: &mut Peer) {
    let hana = stage.creator("Hana").await;
    let back = consent(&hana, peer, "hana").await;
    // The code is worth nothing to another session, and nothing is spent by trying.
    stage.again(&hana).await.get(&back).await.is(422);
    hana.browser.get(&back).await.ok().says("hana of the peer");
    hana.browser.get(&back).await.is(422);
    let first = links(stage).await.remove(0);
    assert_eq!(first.state, LinkState::Verified);

    // Before it ends it is renewed, once, however many workers are at it.
    stage.advance(Duration::minutes(55));
    let (handlers, queues) = (server::handlers(), server::queues());
    server::jobs::schedule::plant(&stage.app, &handlers).await.expect("planted");
    let (one, two) = tokio::join!(
        server::jobs::runner::turn(&stage.app, &handlers, &queues),
        server::jobs::runner::turn(&stage.app, &handlers, &queues)
    );
    one.and(two).expect("turns");
    stage.work().await;
    assert_eq!(events(stage, "network.renewed").await, 1);
    let second = links(stage).await.remove(0);
    assert!(second.token_sealed != first.token_sealed && second.expires_at > first.expires_at, "the pair has rotated");

    // Had somebody stolen the first pair and used it again, the provider ends the grant: the creator hears of it.
    let mut stolen = second.into_active_model();
    stolen.token_sealed = Set(first.token_sealed);
    stolen.update(stage.app.db()).await.expect("a link");
    stage.advance(Duration::minutes(55));
    stage.routine().await;
    let dead = links(stage).await.remove(0);
    assert_eq!((dead.state, dead.token_sealed), (LinkState::NeedsReauth, None));
    assert_eq!(stage.count_mails_to(&hana.email).await, 1);

    // And linked again it lives again, until it is taken back there too.
    let back = consent(&hana, peer, "hana").await;
    hana.browser.get(&back).await.ok();
    let link = links(stage).await.remove(0);
    assert_eq!(link.state, LinkState::Verified);
    hana.api.did("networkUnlink", json!({ "id": link.id.to_string() }), "link { state }").await;
    stage.work().await;
    assert_eq!(links(stage).await[0].token_sealed, None);
}

mod a_grant_lives_at_a_real_oauth_server_on {
    use super::*;

    #[test]
    fn sqlite() {
        tell_at_provider(Kind::Sqlite, a_grant_lives_at_a_real_oauth_server);
    }

    #[test]
    fn postgres() {
        tell_at_provider(Kind::Postgres, a_grant_lives_at_a_real_oauth_server);
    }
}
