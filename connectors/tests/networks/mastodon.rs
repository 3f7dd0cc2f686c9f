//! A Mastodon server against the sandbox, and other servers against the guard.

use std::sync::Arc;

use hibiki_connectors::{
    Account, Clock, Connector, ErrorKind, Format, LimitScope, Measure, Memory, Metric, Network, Query, Registry, Response, Settings,
    TokenSet,
};
use sandbox::Fault;

use super::stage::{Stage, everything, noon, profile_fault};

async fn linked(person: &str) -> (Stage, TokenSet, String) {
    let stage = Stage::new(Network::Mastodon);
    let tokens = stage.linked(person, &[]).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_mentions() {
    let (stage, tokens, id) = linked("hana").await;
    assert_eq!((tokens.expires_at, &tokens.refresh), (None, &None), "tokens do not run out");
    let profile = stage.connector.profile(&tokens, &id).await.unwrap();
    assert_eq!(profile.handle, "hana_cooks@social.sandbox.example");
    assert!(profile.biography.contains("旬の野菜") && !profile.biography.contains('<'));
    let account = Account::new(&tokens, &id);
    let all = everything(stage.connector.as_ref(), &account).await;
    assert_eq!(Metric::Value(all.len() as i64), profile.posts);
    assert!(all.iter().any(|m| m.format == Format::Carousel) && all.iter().all(|m| !m.caption.contains("<p>")));
    let said = stage.connector.comments(&account, &all[9].reference(), None).await.unwrap();
    assert_eq!(Metric::Value(said.items.len() as i64), all[9].counter(Measure::Replies));
    assert!(stage.connector.mentions(&account, None).await.unwrap().items.iter().all(|m| m.text.contains("@hana_cooks")));
    assert!(!stage.connector.search(None, &Query::hashtag("hana")).await.unwrap().items.is_empty());
    stage.connector.revoke(&tokens).await.unwrap();
    assert_eq!(stage.connector.list_accounts(&tokens).await.unwrap_err().kind, ErrorKind::Revoked);
}

#[tokio::test]
async fn servers_that_people_name_are_asked_through_the_guard() {
    let (stage, _, _) = linked("hana").await;
    // What can be told from the name alone is not even looked up.
    for name in ["a@server.localhost", "a@metadata.google.internal"] {
        let error = stage.connector.lookup_public(None, name).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{name}: {error}");
    }
    let inside = Account::new(&TokenSet::none(), "1@169.254.169.254").external_id.to_owned();
    let error = stage.connector.profile(&TokenSet::none(), &inside).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
    assert!(stage.sandbox.log().iter().all(|row| !row.path.contains("169.254")));
}

#[tokio::test]
async fn a_token_stays_at_home() {
    let home = Arc::new(Memory::new(|_| Ok(Response::of(200, &[], r#"{"id":"1","acct":"a"}"#))));
    let abroad = Arc::new(Memory::new(|_| Ok(Response::of(200, &[], r#"{"id":"1","acct":"a","url":"https://other.example/@a"}"#))));
    let settings = Settings { api_base: Some("https://home.example".parse().unwrap()), ..Settings::default() };
    let network = hibiki_connectors::mastodon::Mastodon::new(settings, home.clone(), abroad.clone(), Clock::new(noon)).unwrap();
    let tokens = TokenSet { access: "secret-token".into(), ..TokenSet::none() };
    network.profile(&tokens, "1@home.example").await.unwrap();
    network.profile(&tokens, "1@other.example").await.unwrap();
    assert!(home.seen()[0].headers.contains_key("authorization") && home.seen().len() == 1);
    let foreign = &abroad.seen()[0];
    assert!(!foreign.headers.contains_key("authorization") && foreign.url.host_str() == Some("other.example"));
    assert!(Registry::reader(Network::X, Settings::default(), home, Clock::new(noon)).is_err());
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana").await;
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::User }),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        let error = profile_fault(&stage, &tokens, &id, "/mastodon/api/v1/accounts", fault).await;
        assert_eq!(error.kind, kind, "{fault:?}");
    }
}
