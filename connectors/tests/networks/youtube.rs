//! YouTube against the sandbox: from consent to figures, hostile answers, and how a grant ends.

use super::stage::{Stage, noon};
use chrono::Duration;
use hibiki_connectors::{
    Account, Availability, Capability, Crowd, Dimension, ErrorKind, Format, LimitScope, Measure, Metric, Network, Query, Slices, TokenSet,
    Unit, Window,
};
use sandbox::Fault;

const COMMENTS: &str = "https://www.googleapis.com/auth/youtube.force-ssl";
const ANALYTICS: &str = "https://www.googleapis.com/auth/yt-analytics.readonly";

async fn linked(person: &str, unticked: &[&str]) -> (Stage, TokenSet, String) {
    let stage = Stage::with(Network::Youtube, |settings| hibiki_connectors::Settings { api_key: "sandbox-api-key".into(), ..settings });
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_figures() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let (network, account) = (&stage.connector, Account::new(&tokens, &id));
    assert_eq!(tokens.expires_at, Some(noon() + Duration::hours(1)));
    let profile = network.profile(&tokens, &id).await.unwrap();
    assert!(matches!(profile.followers, Metric::Estimated(n) if n > 10_000), "rounded by the network");
    assert_eq!((profile.handle.as_str(), profile.posts), ("hana_cooks", Metric::Value(268)));

    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = network.media(&account, after.as_ref()).await.unwrap();
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let private = (0..268).filter(|n| n % 23 == 7).count();
    assert_eq!(all.len(), 268 - private, "private ones are not shown");
    assert!(all.iter().any(|m| m.format == Format::Recording) && all.iter().all(|m| m.duration_seconds.is_some()));
    assert!(all.iter().any(|m| m.counter(Measure::Likes) == Metric::NotOffered), "hidden likes are not 0");
    assert!(all.iter().any(|m| m.paid_partnership == Some(true)));

    let refs: Vec<_> = all.iter().take(120).map(|m| m.reference()).collect();
    let sets = network.media_insights(&account, &refs).await.unwrap();
    assert_eq!(sets.len(), 120);
    assert!(sets.iter().filter(|set| set.metric(Measure::Views).value().is_some()).count() > 110);
    assert_eq!(sets[50].metric(Measure::AverageWatchMillis), Metric::Value(243_000));
    let month = network.account_insights(&account, Window::days_before(noon(), 30)).await.unwrap();
    assert!(month.metric(Measure::Views).value().is_some_and(|n| n > 0));

    let audience = network.demographics(&account).await.unwrap();
    for by in [Dimension::Age, Dimension::Gender, Dimension::AgeGender, Dimension::Country] {
        let Some(Slices::Given { unit: Unit::Percent, shares }) = audience.get(Crowd::Viewers, by) else { panic!("{by:?}") };
        assert!((90.0..=101.0).contains(&shares.iter().map(|s| s.value).sum::<f64>()), "{by:?} {shares:?}");
    }
    assert_eq!(audience.get(Crowd::Followers, Dimension::Age), None, "viewers are not followers");
}

#[tokio::test]
async fn states_of_a_channel() {
    let (stage, tokens, id) = linked("yui", &[]).await;
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap().followers, Metric::NotGranted, "hidden by its owner");
    let audience = stage.connector.demographics(&Account::new(&tokens, &id)).await.unwrap();
    assert_eq!(audience.get(Crowd::Viewers, Dimension::Age), Some(&Slices::Missing(Metric::NotReady)));

    let none = stage.linked("sora", &[]).await;
    let found = stage.connector.list_accounts(&none).await.unwrap();
    assert_eq!((found.accounts.len(), found.refusal), (0, Some(ErrorKind::NotFound)), "no channel");

    let (stage, tokens, id) = linked("kei", &[]).await;
    let media = stage.connector.media(&Account::new(&tokens, &id), None).await.unwrap();
    assert!(media.items.is_empty() && media.next.is_none());
    let week = stage.connector.account_insights(&Account::new(&tokens, &id), Window::days_before(noon(), 7)).await.unwrap();
    assert_eq!(week.metric(Measure::Views), Metric::NotReady);
}

#[tokio::test]
async fn comments_by_key_or_by_scope() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let account = Account::new(&tokens, &id);
    assert_eq!(stage.connector.availability(Capability::Comments, &tokens.scopes, None), Availability::Offered);
    let media = stage.connector.media(&account, None).await.unwrap().items;
    let (mut said, mut closed) = (0, 0);
    for one in &media {
        match stage.connector.comments(&account, &one.reference(), None).await {
            Ok(page) => said += page.items.len(),
            Err(error) if error.kind == ErrorKind::Private => closed += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(said > 20 && closed > 0, "{said} {closed}");

    let without = Stage::new(Network::Youtube);
    let tokens = without.linked("hana", &[]).await;
    let error = without.connector.comments(&Account::new(&tokens, &id), &media[0].reference(), None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ScopeMissing { scope: COMMENTS.into() });
    assert_eq!(without.connector.availability(Capability::Comments, &tokens.scopes, None), Availability::NeedsScope(COMMENTS));
}

#[tokio::test]
async fn anybody_is_found_by_handle_and_a_hundred_searches_a_day() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let network = &stage.connector;
    assert_eq!(network.lookup_public(None, "@ken_mori_photo").await.unwrap().display_name, "Ken Mori 森健");
    assert_eq!(network.lookup_public(None, "@nobody.at.all").await.unwrap_err().kind, ErrorKind::NotFound);
    let via = Account::new(&tokens, &id);
    let found = network.search(Some(&via), &Query::hashtag("家庭料理")).await.unwrap();
    assert!(!found.items.is_empty() && found.items.iter().all(|m| m.caption.contains("#家庭料理")));
    for _ in 1..100 {
        network.search(None, &Query::keyword("nothing has these words")).await.unwrap();
    }
    let error = network.search(None, &Query::keyword("tea")).await.unwrap_err();
    assert_eq!((&error.kind, error.retry_at.is_some_and(|at| at > noon())), (&ErrorKind::QuotaExhausted, true));
    stage.sandbox.advance(error.retry_at.unwrap() - noon());
    network.search(None, &Query::keyword("tea")).await.unwrap();
}

#[tokio::test]
async fn tokens_are_renewed_and_end() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.advance(Duration::hours(2));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    assert_eq!((&fresh.refresh, &fresh.scopes), (&tokens.refresh, &tokens.scopes), "it does not rotate");
    stage.connector.profile(&fresh, &id).await.unwrap();
    stage.sandbox.revoke("hana");
    assert_eq!(stage.connector.profile(&fresh, &id).await.unwrap_err().kind, ErrorKind::TokenExpired, "YouTube does not say why");
    assert_eq!(stage.connector.refresh(&fresh).await.unwrap_err().kind, ErrorKind::Revoked);

    let ken = stage.linked("ken", &[]).await;
    stage.connector.revoke(&ken).await.unwrap();
    assert_eq!(stage.connector.refresh(&ken).await.unwrap_err().kind, ErrorKind::Revoked);
    stage.connector.revoke(&ken).await.expect("what is gone is gone");
}

#[tokio::test]
async fn a_scope_left_unticked() {
    let (stage, tokens, id) = linked("hana", &[ANALYTICS]).await;
    assert_eq!(tokens.missing_scopes, [ANALYTICS]);
    let unaware = TokenSet { missing_scopes: Vec::new(), ..tokens.clone() };
    for tokens in [&tokens, &unaware] {
        let error = stage.connector.demographics(&Account::new(tokens, &id)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ScopeMissing { scope: ANALYTICS.into() });
    }
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
        (Fault::AccountLimit, ErrorKind::QuotaExhausted),
        (Fault::ServerError, ErrorKind::Transient),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Slow(10_000), ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Drip, ErrorKind::Transient),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        stage.sandbox.fault("/youtube/youtube/v3/channels", fault, 1);
        let error = stage.connector.profile(&tokens, &id).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert!(!error.to_string().contains(tokens.access.expose()));
    }
    for fault in [Fault::ExtraFields, Fault::StringNumbers] {
        stage.sandbox.fault("/youtube/youtube/v3/channels", fault, 1);
        assert!(stage.connector.profile(&tokens, &id).await.unwrap().followers.value().is_some(), "{fault:?}");
    }
}

#[tokio::test]
async fn codes_are_good_once_and_with_their_verifier() {
    let stage = Stage::new(Network::Youtube);
    let start = hibiki_connectors::AuthStart {
        redirect_uri: super::stage::REDIRECT.parse().unwrap(),
        state: "the state".into(),
        verifier: Some(hibiki_connectors::oauth::new_verifier()),
    };
    let url = stage.connector.authorize_url(&start).unwrap();
    let back = stage.sandbox.consent(url.as_str(), "ken", &[]).unwrap();
    let wrong = stage.callback(&back, Some(hibiki_connectors::oauth::new_verifier())).await.unwrap_err();
    assert_eq!(wrong.kind, ErrorKind::CodeRefused);
    stage.callback(&back, start.verifier.clone()).await.unwrap();
    assert_eq!(stage.callback(&back, start.verifier.clone()).await.unwrap_err().kind, ErrorKind::CodeRefused);
    let declined = stage.sandbox.decline(url.as_str()).unwrap();
    assert_eq!(stage.callback(&declined, start.verifier).await.unwrap_err().kind, ErrorKind::Declined);
}
