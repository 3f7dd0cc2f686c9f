//! Bluesky's public reads against the sandbox.

use std::{sync::Arc, time::Duration};

use hibiki_connectors::{
    Account, AuthStart, Clock, Connector, ErrorKind, Format, Http, HttpLimits, LimitScope, Measure, Metric, Network, Query, Registry,
    Settings, TokenSet,
};
use sandbox::{Fault, Handle, Options};

use super::stage::{everything, noon};

fn reader() -> (Handle, Arc<dyn Connector>) {
    let sandbox = sandbox::start(Options { start: Some(noon()), ..Options::default() }).unwrap();
    let settings = Settings { api_base: Some(sandbox.base("bluesky").parse().unwrap()), sandbox: true, ..Settings::default() };
    let limits = HttpLimits { connect: Duration::from_secs(1), total: Duration::from_secs(2), body: 1 << 20 };
    let reader = Registry::reader(Network::Bluesky, settings, Arc::new(Http::new(limits).unwrap()), Clock::new(noon)).unwrap();
    (sandbox, reader)
}

#[tokio::test]
async fn everything_public_without_a_login() {
    let (_sandbox, network) = reader();
    let profile = network.lookup_public(None, "@hana-cooks.bsky.social").await.unwrap();
    assert!(profile.external_id.starts_with("did:plc:") && profile.followers.value().is_some());
    let nobody = TokenSet::none();
    let account = Account::new(&nobody, &profile.external_id);
    assert_eq!(network.profile(&nobody, &profile.external_id).await.unwrap().handle, profile.handle);
    let all = everything(network.as_ref(), &account).await;
    assert_eq!(Metric::Value(all.len() as i64), profile.posts, "what is passed on is not counted as the author's");
    for format in [Format::Text, Format::Image, Format::Carousel, Format::Video] {
        assert!(all.iter().any(|m| m.format == format), "{format:?}");
    }
    let refs: Vec<_> = all.iter().take(30).map(|m| m.reference()).collect();
    let sets = network.media_insights(&account, &refs).await.unwrap();
    assert!(sets.len() == 30 && sets.iter().all(|set| set.metric(Measure::Likes).value().is_some()));
    let said = network.comments(&account, &all[9].reference(), None).await.unwrap();
    assert_eq!((Metric::Value(said.items.len() as i64), said.left_out), (all[9].counter(Measure::Replies), 1), "a blocked one is counted");
    assert!(network.mentions(&account, None).await.unwrap().items.iter().all(|m| m.text.contains("@hana-cooks")));
    let found = network.search(None, &Query::hashtag("#鎌倉")).await.unwrap();
    assert!(!found.items.is_empty() && found.items.iter().all(|m| m.caption.contains("#鎌倉")));
    assert_eq!(network.lookup_public(None, "nobody.example.com").await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn nobody_can_log_in() {
    let (_sandbox, network) = reader();
    let start = AuthStart { redirect_uri: "http://127.0.0.1:1/".parse().unwrap(), state: "s".into(), verifier: None };
    assert!(matches!(network.authorize_url(&start).unwrap_err().kind, ErrorKind::NotSupported(_)));
    assert!(!Registry::CONNECTORS.contains(&Network::Bluesky), "no button leads there");
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (sandbox, network) = reader();
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        sandbox.fault("/bluesky/xrpc", fault, 1);
        let error = network.lookup_public(None, "hana-cooks.bsky.social").await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert_eq!(error.retry_at.is_some(), fault == Fault::RateLimit);
    }
}
