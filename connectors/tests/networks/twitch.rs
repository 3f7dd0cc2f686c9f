//! Twitch against the sandbox.

use chrono::Duration;
use hibiki_connectors::{Account, ErrorKind, EventKind, Format, LimitScope, Measure, Network, Settings, TokenSet, WebhookError};
use sandbox::Fault;

use super::stage::{Stage, everything, profile_fault, received};

async fn linked(person: &str) -> (Stage, TokenSet, String) {
    let stage = Stage::with(Network::Twitch, |settings| Settings {
        webhook_url: Some("https://hibiki.example/webhooks/twitch".parse().unwrap()),
        ..settings
    });
    let tokens = stage.linked(person, &[]).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_recordings_and_clips() {
    let (stage, tokens, id) = linked("hana").await;
    let profile = stage.connector.profile(&tokens, &id).await.unwrap();
    assert!(profile.followers.value().is_some_and(|n| n > 1_000), "the total needs no scope");
    let all = everything(stage.connector.as_ref(), &Account::new(&tokens, &id)).await;
    for format in [Format::Live, Format::Recording, Format::Clip, Format::Video] {
        assert!(all.iter().any(|m| m.format == format), "{format:?}");
    }
    assert!(all[0].counter(Measure::LiveViewers).value().is_some(), "what is on now comes first");
    assert_eq!(all.iter().filter(|m| m.endpoint == "twitch /videos").count(), 268);
    assert_eq!(all.iter().filter(|m| m.endpoint == "twitch /clips").count(), 65);
    stage.sandbox.advance(Duration::hours(4));
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    let later = stage.connector.media(&Account::new(&fresh, &id), None).await.unwrap();
    assert!(later.items.iter().all(|m| m.format != Format::Live), "off the air");
}

#[tokio::test]
async fn tokens_are_validated_rotate_and_end() {
    let (stage, tokens, id) = linked("hana").await;
    stage.connector.profile(&tokens, &id).await.unwrap();
    assert_eq!(stage.sandbox.log().iter().filter(|row| row.path == "/twitch/oauth2/validate").count(), 2);
    stage.sandbox.advance(Duration::hours(5));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    stage.connector.profile(&fresh, &id).await.unwrap();
    stage.sandbox.change_password("hana");
    assert_eq!(stage.connector.refresh(&fresh).await.unwrap_err().kind, ErrorKind::Revoked);
    let ken = stage.linked("ken", &[]).await;
    stage.connector.revoke(&ken).await.unwrap();
    assert_eq!(stage.connector.list_accounts(&ken).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let nobody = stage.linked("mei", &[]).await;
    assert_eq!(stage.connector.list_accounts(&nobody).await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn others_by_name_with_or_without_a_grant() {
    let (stage, tokens, id) = linked("hana").await;
    let by_grant = stage.connector.lookup_public(Some(&Account::new(&tokens, &id)), "ken_mori_photo").await.unwrap();
    let by_app = stage.connector.lookup_public(None, "https://www.twitch.tv/ken_mori_photo").await.unwrap();
    assert_eq!((by_grant.external_id, by_grant.followers), (by_app.external_id, by_app.followers));
    assert_eq!(stage.connector.lookup_public(None, "nobody_here").await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn events_are_subscribed_to_once() {
    let (stage, tokens, id) = linked("hana").await;
    for _ in 0..2 {
        stage.connector.subscribe(&Account::new(&tokens, &id)).await.unwrap();
    }
    assert_eq!(stage.sandbox.subscribed(), [format!("stream.online {id}"), format!("stream.offline {id}")]);
    let body = format!(
        r#"{{"subscription":{{"id":"f1","status":"enabled","type":"stream.online","condition":{{"broadcaster_user_id":"{id}"}}}},"event":{{"id":"9001","started_at":"2026-11-02T06:00:00Z"}}}}"#
    );
    let request = received(&stage.sandbox.webhook(body, "Twitch-Eventsub-Message-Signature"));
    let event = &stage.connector.webhook_events(&request).unwrap()[0];
    assert_eq!((&event.kind, event.account.as_deref()), (&EventKind::LiveStarted, Some(id.as_str())));
    stage.sandbox.advance(Duration::minutes(11));
    assert_eq!(stage.connector.webhook_events(&request), Err(WebhookError::Stale), "a replay");
    let without = Stage::new(Network::Twitch);
    let error = without.connector.subscribe(&Account::new(&tokens, &id)).await.unwrap_err();
    assert!(matches!(error.kind, ErrorKind::NotSupported(_)), "no address of ours is set");
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
        let error = profile_fault(&stage, &tokens, &id, "/twitch/helix/users", fault).await;
        assert_eq!(error.kind, kind, "{fault:?}");
        assert_eq!(error.retry_at.is_some(), fault == Fault::RateLimit);
    }
    let (_, asked) = hibiki_connectors::counted(stage.connector.profile(&tokens, &id)).await;
    assert!(asked.limits.iter().any(|limit| limit.remaining.is_some()));
}
