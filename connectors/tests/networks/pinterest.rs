//! Pinterest against the sandbox.

use chrono::Duration;
use hibiki_connectors::{Account, AccountType, ErrorKind, Format, LimitScope, Measure, Metric, Network, TokenSet, Window};
use sandbox::Fault;

use super::stage::{Stage, everything, noon, profile_fault};

async fn linked(person: &str, unticked: &[&str]) -> (Stage, TokenSet, String) {
    let stage = Stage::new(Network::Pinterest);
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_figures() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    assert_eq!(tokens.refresh_expires_at, Some(noon() + Duration::days(60)));
    let profile = stage.connector.profile(&tokens, &id).await.unwrap();
    assert_eq!((profile.account_type, profile.posts), (AccountType::Business, Metric::Value(268)));
    let account = Account::new(&tokens, &id);
    let all = everything(stage.connector.as_ref(), &account).await;
    assert_eq!(all.len(), 268);
    for format in [Format::Image, Format::Carousel, Format::Video] {
        assert!(all.iter().any(|m| m.format == format), "{format:?}");
    }
    assert!(all.iter().all(|m| m.counter(Measure::Impressions).value().is_some() && m.thumbnail_url.is_some()));

    let gone = hibiki_connectors::MediaRef { external_id: "7".into(), ..all[3].reference() };
    let sets = stage.connector.media_insights(&account, &[all[3].reference(), gone]).await.unwrap();
    assert_eq!(sets[1].metric(Measure::Impressions), Metric::NotOffered, "a pin that is gone stops no other");
    assert!(sets[0].metric(Measure::Impressions).value().is_some());
    assert!(sets[0].readings.iter().any(|r| r.day.is_some() && r.metric == Metric::NotReady), "the last days are still counted");
    let year = stage.connector.account_insights(&account, Window::days_before(noon(), 365)).await.unwrap();
    assert_eq!(year.window.unwrap().since, noon() - Duration::days(90), "no further back");
    assert!(year.metric(Measure::Saves).value().is_some_and(|n| n > 0));
}

#[tokio::test]
async fn the_networks_clock_says_how_far_back_is_too_far() {
    let stage = Stage::behind(Network::Pinterest, |settings| settings, Duration::days(21));
    let tokens = stage.linked("hana", &[]).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    let account = Account::new(&tokens, &id);
    let found = stage.connector.account_insights(&account, Window::days_before(noon() - Duration::days(21), 90)).await.unwrap();
    assert!(found.metric(Measure::Saves).value().is_some_and(|n| n > 0));
    let pins = stage.connector.media(&account, None).await.unwrap().items;
    let sets = stage.connector.media_insights(&account, &[pins[3].reference()]).await.unwrap();
    assert!(sets[0].metric(Measure::Impressions).value().is_some());
}

#[tokio::test]
async fn a_private_person_has_no_figures() {
    let (stage, tokens, id) = linked("sora", &[]).await;
    let error = stage.connector.account_insights(&Account::new(&tokens, &id), Window::days_before(noon(), 7)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotBusinessAccount);
    let (stage, tokens, id) = linked("hana", &["pins:read"]).await;
    let missing = ErrorKind::ScopeMissing { scope: "pins:read".into() };
    assert_eq!(stage.connector.media(&Account::new(&tokens, &id), None).await.unwrap_err().kind, missing);
    let unaware = TokenSet { missing_scopes: Vec::new(), ..tokens.clone() };
    assert_eq!(stage.connector.media(&Account::new(&unaware, &id), None).await.unwrap_err().kind, missing);
}

#[tokio::test]
async fn tokens_rotate_and_end() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.advance(Duration::days(31));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    stage.connector.profile(&fresh, &id).await.unwrap();
    assert_eq!(fresh.refresh_expires_at, Some(noon() + Duration::days(91)));
    stage.sandbox.revoke("hana");
    assert_eq!(stage.connector.refresh(&fresh).await.unwrap_err().kind, ErrorKind::Revoked);
    assert!(matches!(stage.connector.revoke(&fresh).await.unwrap_err().kind, ErrorKind::NotSupported(_)));
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        let error = profile_fault(&stage, &tokens, &id, "/pinterest/user_account", fault).await;
        assert_eq!(error.kind, kind, "{fault:?}");
        assert_eq!(error.retry_at.is_some(), fault == Fault::RateLimit);
    }
    let (_, asked) = hibiki_connectors::counted(stage.connector.profile(&tokens, &id)).await;
    let limit = asked.limits.first().unwrap();
    assert!(limit.remaining.is_some() && limit.resets_at.is_some_and(|at| at > noon()));
}
