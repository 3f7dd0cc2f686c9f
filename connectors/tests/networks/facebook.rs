//! Facebook Pages against the sandbox.

use super::stage::{Stage, noon};
use std::sync::Arc;

use chrono::Duration;
use hibiki_connectors::{
    Account, Clock, Connector, Crowd, Dimension, ErrorKind, Format, LimitScope, Measure, Memory, Metric, Network, Response, Settings,
    Slices, TokenSet, Window, facebook::Facebook,
};
use sandbox::Fault;

async fn linked(person: &str, unticked: &[&str]) -> (Stage, TokenSet, String) {
    let stage = Stage::new(Network::Facebook);
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_figures() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let (network, account) = (&stage.connector, Account::new(&tokens, &id));
    let profile = network.profile(&tokens, &id).await.unwrap();
    assert_eq!(profile.display_name, "Hana's Kitchen 花の台所");
    assert!(profile.followers.value().is_some_and(|n| n > 10_000));

    let page = network.media(&account, None).await.unwrap();
    assert!(page.items.len() == 50 && page.next.is_some() && page.left_out == 0);
    let next = network.media(&account, page.next.as_ref()).await.unwrap();
    assert!(next.items[0].published_at < page.items[49].published_at);
    assert!(page.items.iter().any(|m| m.format == Format::Text) && page.items.iter().any(|m| m.format == Format::Video));
    assert!(page.items.iter().all(|m| m.counter(Measure::Reactions).value().is_some() && m.counter(Measure::Shares).value().is_some()));

    let refs: Vec<_> = page.items.iter().skip(5).take(3).map(|m| m.reference()).collect();
    for set in network.media_insights(&account, &refs).await.unwrap() {
        assert!(set.metric(Measure::Reach).value() <= set.metric(Measure::Views).value());
        let parts: i64 = set.readings.iter().filter(|r| r.part.is_some()).filter_map(|r| r.metric.value()).sum();
        assert_eq!(set.metric(Measure::Reactions), Metric::Value(parts));
    }
    let month = network.account_insights(&account, Window::days_before(noon(), 30)).await.unwrap();
    assert_eq!(month.readings.iter().filter(|r| r.measure == Measure::Views && r.day.is_some()).count(), 30);
    assert!(month.metric(Measure::Views).value().is_some());
    assert_eq!(month.metric(Measure::Reach), Metric::NotOffered, "days of different people are not added");

    let audience = network.demographics(&account).await.unwrap();
    assert!(matches!(audience.get(Crowd::Followers, Dimension::Country), Some(Slices::Given { .. })));
    assert_eq!(audience.get(Crowd::Followers, Dimension::City), Some(&Slices::Missing(Metric::NotOffered)), "what Meta refuses");
    assert_eq!(audience.get(Crowd::Followers, Dimension::Age), None);

    let said = network.comments(&account, &refs[0], None).await.unwrap();
    assert!(said.items.iter().all(|c| c.author.handle.is_some()));
    assert!(!network.mentions(&account, None).await.unwrap().items.is_empty());
    network.subscribe(&account).await.unwrap();
    assert_eq!(stage.sandbox.subscribed(), [id.as_str()]);
    let asked = stage.sandbox.log().iter().filter(|row| row.path == format!("/facebook/v26.0/{id}")).count();
    assert_eq!(asked, 2, "the profile, and once for the Page's token");
}

#[tokio::test]
async fn few_likes_and_no_page() {
    let (stage, tokens, id) = linked("yui", &[]).await;
    let account = Account::new(&tokens, &id).followers(Some(16));
    let week = stage.connector.account_insights(&account, Window::days_before(noon(), 7)).await.unwrap();
    assert_eq!(week.metric(Measure::Views), Metric::Suppressed { min: 100 });
    let audience = stage.connector.demographics(&account).await.unwrap();
    assert_eq!(audience.get(Crowd::Followers, Dimension::Country), Some(&Slices::Missing(Metric::Suppressed { min: 100 })));
    let none = stage.connector.list_accounts(&stage.linked("sora", &[]).await).await.unwrap();
    assert_eq!(none.refusal, Some(ErrorKind::NotBusinessAccount));
    let unseen = stage.connector.list_accounts(&stage.linked("hana", &["pages_show_list"]).await).await.unwrap();
    assert_eq!(unseen.refusal, Some(ErrorKind::ScopeMissing { scope: "pages_show_list".into() }));
}

#[tokio::test]
async fn scopes_reviews_and_the_end() {
    let (stage, tokens, id) = linked("hana", &["read_insights"]).await;
    let account = Account::new(&tokens, &id);
    let missing = ErrorKind::ScopeMissing { scope: "read_insights".into() };
    assert_eq!(stage.connector.demographics(&account).await.unwrap_err().kind, missing);
    let unaware = TokenSet { missing_scopes: Vec::new(), ..tokens.clone() };
    assert_eq!(stage.connector.demographics(&Account::new(&unaware, &id)).await.unwrap_err().kind, missing);
    assert_eq!(stage.connector.lookup_public(Some(&account), "hoshi").await.unwrap_err().kind, ErrorKind::AppNotApproved);
    stage.connector.media(&account, None).await.unwrap();
    stage.sandbox.revoke("hana");
    assert_eq!(
        stage.connector.media(&account, None).await.unwrap_err().kind,
        ErrorKind::Revoked,
        "the Page's token dies with the person's"
    );

    let again = stage.linked("ken", &[]).await;
    stage.sandbox.advance(Duration::days(61));
    assert_eq!(stage.connector.list_accounts(&again).await.unwrap_err().kind, ErrorKind::TokenExpired);
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let account = Account::new(&tokens, &id);
    stage.connector.media(&account, None).await.unwrap();
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
        (Fault::AccountLimit, ErrorKind::RateLimited { scope: LimitScope::Account }),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::ForeignNext, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        stage.sandbox.fault(&format!("/facebook/v26.0/{id}/published_posts"), fault, 1);
        let error = stage.connector.media(&account, None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert!(!error.to_string().contains("EAAB"));
    }
}

#[tokio::test]
async fn others_are_looked_up_once_the_app_is_reviewed() {
    let memory =
        Arc::new(Memory::new(|_| Ok(Response::of(200, &[], r#"{"id":"100","name":"Hoshi","username":"hoshi","followers_count":9}"#))));
    let settings = Settings { client_id: "1".into(), client_secret: "s".into(), reviewed: true, ..Settings::default() };
    let network = Facebook::new(settings, memory.clone(), Clock::new(noon)).unwrap();
    let tokens = TokenSet { access: "token".into(), ..TokenSet::none() };
    let found = network.lookup_public(Some(&Account::new(&tokens, "1")), "https://www.facebook.com/hoshi").await.unwrap();
    assert_eq!((found.handle.as_str(), found.followers), ("hoshi", Metric::Value(9)));
    let asked = &memory.seen()[0];
    assert_eq!((asked.url.path(), asked.url.host_str()), ("/v26.0/hoshi", Some("graph.facebook.com")));
    assert!(!asked.url.as_str().contains("token"));
}
