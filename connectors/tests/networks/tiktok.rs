//! TikTok against the sandbox.

use chrono::Duration;
use hibiki_connectors::{Account, ErrorKind, EventKind, Format, LimitScope, Measure, Metric, Network, RawRequest, TokenSet, WebhookError};
use sandbox::Fault;

use super::stage::{Stage, everything, noon, profile_fault, received};

async fn linked(person: &str, unticked: &[&str]) -> (Stage, TokenSet, String) {
    let stage = Stage::new(Network::Tiktok);
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_counters() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    assert_eq!(tokens.subject.as_deref(), Some(id.as_str()));
    assert_eq!(tokens.expires_at, Some(noon() + Duration::hours(2)));
    assert_eq!(tokens.refresh_expires_at, Some(noon() + Duration::days(180)));
    let profile = stage.connector.profile(&tokens, &id).await.unwrap();
    assert_eq!((profile.handle.as_str(), profile.posts), ("hana_cooks", Metric::Value(268)));
    let account = Account::new(&tokens, &id);
    let all = everything(stage.connector.as_ref(), &account).await;
    assert_eq!(all.len(), 268);
    assert!(all.windows(2).all(|pair| pair[0].published_at > pair[1].published_at));
    assert!(all.iter().all(|m| m.format == Format::Short && m.counter(Measure::Views).value().is_some()));

    let mut refs: Vec<_> = all.iter().take(25).map(|m| m.reference()).collect();
    refs[3].external_id = "1".into();
    let sets = stage.connector.media_insights(&account, &refs).await.unwrap();
    assert_eq!((sets.len(), sets[3].metric(Measure::Views)), (25, Metric::NotOffered), "a video that is gone has no figures");
    assert_eq!(sets[20].metric(Measure::Likes), all[20].counter(Measure::Likes));
}

#[tokio::test]
async fn a_part_of_the_scopes_is_enough_for_a_part() {
    let (stage, tokens, id) = linked("hana", &["user.info.stats", "video.list"]).await;
    assert_eq!(tokens.missing_scopes, ["user.info.stats", "video.list"]);
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap().followers, Metric::NotGranted);
    let missing = ErrorKind::ScopeMissing { scope: "video.list".into() };
    assert_eq!(stage.connector.media(&Account::new(&tokens, &id), None).await.unwrap_err().kind, missing);
    let unaware = TokenSet { missing_scopes: Vec::new(), ..tokens.clone() };
    assert_eq!(stage.connector.media(&Account::new(&unaware, &id), None).await.unwrap_err().kind, missing);
}

#[tokio::test]
async fn tokens_rotate_and_end() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.advance(Duration::hours(3));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    assert!(fresh.refresh != tokens.refresh && fresh.subject == tokens.subject);
    stage.connector.profile(&fresh, &id).await.unwrap();
    assert_eq!(stage.connector.refresh(&tokens).await.unwrap_err().kind, ErrorKind::Revoked, "spent");
    let ken = stage.linked("ken", &[]).await;
    stage.connector.revoke(&ken).await.unwrap();
    assert_eq!(stage.connector.refresh(&ken).await.unwrap_err().kind, ErrorKind::Revoked);
    stage.sandbox.advance(Duration::days(181));
    let late = stage.linked("emma", &[]).await;
    stage.sandbox.advance(Duration::days(181));
    assert_eq!(stage.connector.refresh(&late).await.unwrap_err().kind, ErrorKind::Revoked, "the refresh token ran out");
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::ServerError, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        assert_eq!(profile_fault(&stage, &tokens, &id, "/tiktok/v2/user", fault).await.kind, kind, "{fault:?}");
    }
    for fault in [Fault::ExtraFields, Fault::StringNumbers] {
        stage.sandbox.fault("/tiktok/v2/user", fault, 1);
        assert!(stage.connector.profile(&tokens, &id).await.unwrap().followers.value().is_some());
    }
}

#[tokio::test]
async fn a_removal_is_told_by_webhook() {
    let (stage, _, id) = linked("hana", &[]).await;
    let body = format!(
        r#"{{"client_key":"k","event":"authorization.removed","create_time":1793600000,"user_openid":"{id}","content":"{{\"reason\":1}}"}}"#
    );
    let request = received(&stage.sandbox.webhook(body, "TikTok-Signature"));
    let events = stage.connector.webhook_events(&request).unwrap();
    assert_eq!((&events[0].kind, events[0].account.as_deref()), (&EventKind::Revoked, Some(id.as_str())));
    let again = stage.connector.webhook_events(&request).unwrap();
    assert_eq!(again[0].dedupe_key, events[0].dedupe_key);
    stage.sandbox.advance(Duration::days(4));
    assert_eq!(stage.connector.webhook_events(&request), Err(WebhookError::Stale));
    let forged = RawRequest { body: b"{}".to_vec(), ..request };
    assert_eq!(stage.connector.webhook_events(&forged), Err(WebhookError::Forged));
    assert_eq!(stage.connector.webhook_challenge(&forged), Ok(None));
}
