//! What a connector says that it can do it does, and what it does not say it refuses without a call.

use hibiki_connectors::{
    Account, Capability, CapabilitySet, Connector, Error, ErrorKind, Format, MediaRef, Network, Query, Registry, Settings, TokenSet, Window,
};

use super::stage::{Stage, noon};

const AUDIENCE: [Capability; 4] =
    [Capability::AudienceAge, Capability::AudienceGender, Capability::AudienceCity, Capability::AudienceCountry];

/// What can be asked, each with the capabilities that it stands for. Revoking comes last: it ends the grant.
const QUESTIONS: &[&[Capability]] = &[
    &[Capability::Profile],
    &[Capability::Media],
    &[Capability::Stories],
    &[Capability::MediaInsights],
    &[Capability::Insights],
    &AUDIENCE,
    &[Capability::Comments],
    &[Capability::Mentions],
    &[Capability::PublicLookup],
    &[Capability::HashtagSearch],
    &[Capability::KeywordSearch],
    &[Capability::Webhooks],
    &[Capability::Refresh],
    &[Capability::Revoke],
];

async fn ask(network: &dyn Connector, about: Capability, account: &Account<'_>, media: &MediaRef) -> Result<(), Error> {
    let tokens = account.tokens;
    match about {
        Capability::Profile => network.profile(tokens, account.external_id).await.map(drop),
        Capability::Media => network.media(account, None).await.map(drop),
        Capability::Stories => network.stories(account).await.map(drop),
        Capability::MediaInsights => network.media_insights(account, std::slice::from_ref(media)).await.map(drop),
        Capability::Insights => network.account_insights(account, Window::days_before(noon(), 7)).await.map(drop),
        Capability::AudienceAge => network.demographics(account).await.map(drop),
        Capability::Comments => network.comments(account, media, None).await.map(drop),
        Capability::Mentions => network.mentions(account, None).await.map(drop),
        Capability::PublicLookup => network.lookup_public(Some(account), somebody(network.network())).await.map(drop),
        Capability::HashtagSearch => network.search(Some(account), &Query::hashtag("hana")).await.map(drop),
        Capability::KeywordSearch => network.search(Some(account), &Query::keyword("hana")).await.map(drop),
        Capability::Webhooks => network.subscribe(account).await,
        Capability::Refresh => network.refresh(tokens).await.map(drop),
        Capability::Revoke => network.revoke(tokens).await,
        other => panic!("{other:?} is no question"),
    }
}

/// Somebody else by the name that they have there. The sandbox's Mastodon has a name that leads nowhere.
fn somebody(network: Network) -> &'static str {
    match network {
        Network::Instagram => "ken.mori.photo",
        Network::Mastodon => "nobody",
        _ => "ken_mori_photo",
    }
}

/// Asks one connector everything.
async fn kept(stage: &Stage, name: &str, tokens: &TokenSet, id: &str) {
    let network = stage.connector.as_ref();
    let account = Account::new(tokens, id);
    let set: &CapabilitySet = network.capabilities();
    let media = match network.media(&account, None).await {
        Ok(page) => page.items[4].reference(),
        Err(_) => MediaRef { external_id: "1".into(), format: Format::Image, published_at: None },
    };
    for about in QUESTIONS {
        let offered = about.iter().any(|capability| set.has(*capability));
        let calls = stage.sandbox.log().len();
        let outcome = ask(network, about[0], &account, &media).await;
        let refused = matches!(&outcome, Err(Error { kind: ErrorKind::NotSupported(_), .. }));
        // Hashtags are words where words can be searched for.
        let covered = about[0] == Capability::HashtagSearch && set.has(Capability::KeywordSearch);
        assert_eq!(!refused, offered || covered, "{name}: {about:?} {outcome:?}");
        if refused {
            assert_eq!(stage.sandbox.log().len(), calls, "{name}: {about:?} is refused without a call");
        } else {
            let expected = |kind: &ErrorKind| matches!(kind, ErrorKind::ScopeMissing { .. } | ErrorKind::AppNotApproved);
            // By Instagram's own login nothing is lengthened on the first day, which is its own test; LinkedIn gives refresh tokens to few.
            let first_day = about[0] == Capability::Refresh && (name == "instagram_login" || tokens.refresh.is_none());
            let nobody = about[0] == Capability::PublicLookup && name == "mastodon";
            assert!(
                outcome.as_ref().is_ok() || outcome.as_ref().is_err_and(|e| expected(&e.kind)) || first_day || nobody,
                "{name}: {about:?} {outcome:?}"
            );
        }
    }
}

/// Addresses get into other people's logs, so no token stands in one; except where Meta's token endpoints will have it so.
fn nothing_secret_in_addresses(stage: &Stage, tokens: &TokenSet) {
    let by_meta = ["oauth/access_token (long-lived)", "oauth/access_token", "access_token", "refresh_access_token"];
    let secrets = [Some(&tokens.access), tokens.refresh.as_ref()];
    let asked = stage.kept.taken();
    assert!(asked.len() > 2);
    for (request, answer) in &asked {
        let printed = format!("{request:?} {answer:?}");
        for secret in secrets.into_iter().flatten() {
            let plain = !request.url.as_str().contains(secret.expose()) || by_meta.contains(&request.endpoint);
            assert!(plain, "{}: a token stands in the address", request.endpoint);
            assert!(!printed.contains(secret.expose()), "{printed}");
        }
        let own = request.url.as_str().contains(sandbox::CLIENT_SECRET);
        assert!(!own || by_meta.contains(&request.endpoint), "{}: our secret stands in the address", request.endpoint);
    }
}

#[tokio::test]
async fn what_is_promised_is_kept_and_nothing_else_is_asked() {
    for network in Registry::CONNECTORS {
        let callback = "https://hibiki.example/webhooks".parse().unwrap();
        let stage = Stage::with(*network, |settings| Settings { webhook_url: Some(callback), ..settings });
        assert!(stage.connector.capabilities().has(Capability::Login), "{network}");
        let tokens = stage.linked("hana", &[]).await;
        let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
        kept(&stage, network.id(), &tokens, &id).await;
        nothing_secret_in_addresses(&stage, &tokens);
    }
}

#[tokio::test]
async fn the_own_login_of_instagram_keeps_its_word_too() {
    let linked = super::instagram::own_login("hana", &[]).await;
    kept(&linked.stage, "instagram_login", &linked.tokens, &linked.id).await;
    nothing_secret_in_addresses(&linked.stage, &linked.tokens);
    assert_eq!(linked.stage.connector.network(), Network::Instagram);
}
