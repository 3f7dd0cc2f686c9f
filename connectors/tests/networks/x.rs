//! X against the sandbox, in both dialects.

use super::stage::{Stage, noon, received};
use chrono::Duration;
use hibiki_connectors::{
    Account, AuthStart, ErrorKind, Format, LimitScope, Measure, MentionKind, Metric, Network, Query, RawRequest, Settings, TokenSet,
    WebhookError, oauth, settings::Dialect,
};
use sandbox::Fault;

async fn linked(person: &str, unticked: &[&str]) -> (Stage, TokenSet, String) {
    let stage = Stage::new(Network::X);
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    (stage, tokens, id)
}

#[tokio::test]
async fn from_consent_to_figures_in_both_dialects() {
    for dialect in [Dialect::Tweet, Dialect::Post] {
        let stage = Stage::with(Network::X, |settings| Settings { dialect, ..settings });
        if dialect == Dialect::Post {
            stage.sandbox.rename_x();
        }
        let tokens = stage.linked("hana", &[]).await;
        let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
        let (network, account) = (&stage.connector, Account::new(&tokens, &id));
        let profile = network.profile(&tokens, &id).await.unwrap();
        assert_eq!((profile.handle.as_str(), profile.posts), ("hana_cooks", Metric::Value(268)));

        let (mut all, mut after, mut left_out) = (Vec::new(), None, 0);
        loop {
            let page = network.media(&account, after.as_ref()).await.unwrap();
            left_out += page.left_out;
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((all.len(), left_out), (268, 4), "errors beside data are counted, not fatal");
        for format in [Format::Text, Format::Image, Format::Carousel, Format::Video] {
            assert!(all.iter().any(|m| m.format == format), "{format:?}");
        }
        assert!(all.iter().all(|m| m.counter(Measure::Impressions).value().is_some() && m.counter(Measure::Reposts).value().is_some()));
        assert!(all.iter().any(|m| m.paid_partnership == Some(true)));

        let refs: Vec<_> = [&all[0], &all[1], &all[200]].iter().map(|m| m.reference()).collect();
        let sets = network.media_insights(&account, &refs).await.unwrap();
        assert!(sets[0].metric(Measure::LinkClicks).value().is_some() && sets[1].metric(Measure::ProfileVisits).value().is_some());
        assert_eq!(sets[2].metric(Measure::LinkClicks), Metric::NotOffered, "over thirty days old");
        assert!(sets[2].metric(Measure::Impressions).value().is_some());
    }
}

#[tokio::test]
async fn the_wrong_dialect_is_an_alarm_and_no_zero() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.rename_x();
    assert!(stage.connector.profile(&tokens, &id).await.unwrap().posts.value().is_some(), "users are read in both");
    assert_eq!(stage.connector.media(&Account::new(&tokens, &id), None).await.unwrap_err().kind, ErrorKind::Contract);
}

#[tokio::test]
async fn what_x_does_not_have() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let account = Account::new(&tokens, &id);
    for kind in [stage.connector.demographics(&account).await.unwrap_err().kind, stage.connector.stories(&account).await.unwrap_err().kind]
    {
        assert!(matches!(kind, ErrorKind::NotSupported(_)));
    }
}

#[tokio::test]
async fn what_others_say() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.advance(Duration::days(3));
    let tokens = stage.connector.refresh(&tokens).await.unwrap();
    let account = Account::new(&tokens, &id);
    let named = stage.connector.mentions(&account, None).await.unwrap();
    assert!(named.items.len() == 100 && named.next.is_some());
    assert!(named.items.iter().all(|m| m.text.contains("@hana_cooks") && m.kind == MentionKind::Caption));
    let media = stage.connector.media(&account, None).await.unwrap().items;
    let young = stage.connector.comments(&account, &media[1].reference(), None).await.unwrap();
    assert_eq!(young.items.len() as i64, media[1].counter(Measure::Replies).value().unwrap().min(100));
    let old = stage.connector.comments(&account, &media[90].reference(), None).await.unwrap();
    assert!(old.items.is_empty(), "seven days and no further");
    let found = stage.connector.search(Some(&account), &Query::hashtag("hana")).await.unwrap();
    assert!(!found.items.is_empty() && found.items.iter().all(|m| m.caption.contains("#hana")));
}

#[tokio::test]
async fn others_by_name_and_private_ones() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    let account = Account::new(&tokens, &id);
    assert_eq!(stage.connector.lookup_public(Some(&account), "@ken_mori_photo").await.unwrap().display_name, "Ken Mori 森健");
    assert_eq!(stage.connector.lookup_public(Some(&account), "nobody_here").await.unwrap_err().kind, ErrorKind::NotFound);
    let tom = stage.connector.lookup_public(Some(&account), "tom_on_bikes").await.unwrap();
    let private = stage.connector.media(&Account::new(&tokens, &tom.external_id), None).await.unwrap_err();
    assert_eq!(private.kind, ErrorKind::Private);
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_replay_ends_all() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    stage.sandbox.advance(Duration::hours(3));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    assert_ne!(fresh.refresh, tokens.refresh);
    assert_eq!(fresh.expires_at, Some(noon() + Duration::hours(5)));
    stage.connector.profile(&fresh, &id).await.unwrap();
    assert_eq!(stage.connector.refresh(&tokens).await.unwrap_err().kind, ErrorKind::Revoked, "the old one is spent");
    assert_eq!(stage.connector.profile(&fresh, &id).await.unwrap_err().kind, ErrorKind::TokenExpired, "and its replay ended the grant");

    let ken = stage.linked("ken", &["offline.access"]).await;
    assert_eq!((&ken.refresh, ken.missing_scopes.as_slice()), (&None, &["offline.access".to_owned()][..]));
    let emma = stage.linked("emma", &[]).await;
    stage.connector.revoke(&emma).await.unwrap();
    assert_eq!(stage.connector.refresh(&emma).await.unwrap_err().kind, ErrorKind::Revoked);
}

#[tokio::test]
async fn codes_live_thirty_seconds() {
    let stage = Stage::new(Network::X);
    let verifier = Some(oauth::new_verifier());
    let start = AuthStart { redirect_uri: super::stage::REDIRECT.parse().unwrap(), state: "the state".into(), verifier: verifier.clone() };
    let url = stage.connector.authorize_url(&start).unwrap();
    let back = stage.sandbox.consent(url.as_str(), "ken", &[]).unwrap();
    stage.sandbox.advance(Duration::seconds(31));
    assert_eq!(stage.callback(&back, verifier).await.unwrap_err().kind, ErrorKind::CodeRefused);
    let plain = AuthStart { verifier: None, ..start };
    assert!(stage.sandbox.consent(stage.connector.authorize_url(&plain).unwrap().as_str(), "ken", &[]).is_err(), "PKCE is required");
}

#[tokio::test]
async fn limits_are_read_from_the_headers() {
    let (stage, tokens, id) = linked("hana", &[]).await;
    for _ in 0..74 {
        stage.connector.profile(&tokens, &id).await.unwrap();
    }
    let (error, asked) = hibiki_connectors::counted(stage.connector.profile(&tokens, &id)).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, ErrorKind::RateLimited { scope: LimitScope::User });
    let limit = asked.limits.iter().find(|l| l.name == "users/me").unwrap();
    assert_eq!((limit.remaining, limit.resets_at, error.retry_at), (Some(0), error.retry_at, limit.resets_at));
    assert!(error.retry_at.is_some_and(|at| at > noon() && at <= noon() + Duration::minutes(15)));
    stage.sandbox.advance(Duration::minutes(15));
    stage.connector.profile(&tokens, &id).await.unwrap();
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let (stage, tokens, id) = linked("hana", &["tweet.read"]).await;
    let account = Account::new(&tokens, &id);
    assert!(matches!(stage.connector.media(&account, None).await.unwrap_err().kind, ErrorKind::ScopeMissing { .. }));
    for (fault, kind) in [
        (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::User }),
        (Fault::AccountLimit, ErrorKind::QuotaExhausted),
        (Fault::ServerError, ErrorKind::Transient),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        stage.sandbox.fault("/x/2/users/me", fault, 1);
        let error = stage.connector.profile(&tokens, &id).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert!(!error.to_string().contains(tokens.access.expose()));
        assert_eq!(error.retry_at.is_some(), fault == Fault::RateLimit, "{fault:?}");
    }
    for fault in [Fault::ExtraFields, Fault::StringNumbers] {
        stage.sandbox.fault("/x/2/users/me", fault, 1);
        assert!(stage.connector.profile(&tokens, &id).await.unwrap().followers.value().is_some());
    }
}

#[tokio::test]
async fn events_twice_and_out_of_order_are_told_apart() {
    let (stage, _, id) = linked("hana", &[]).await;
    let body = |post: &str, at: i64| {
        format!(
            r#"{{"for_user_id":"{id}","tweet_create_events":[{{"id_str":"{post}","text":"x","timestamp_ms":"{at}000","user":{{"id_str":"{id}"}}}}]}}"#
        )
    };
    let events: Vec<_> = [("2", 1_793_600_100), ("1", 1_793_600_000), ("2", 1_793_600_100)]
        .map(|(post, at)| {
            let request = received(&stage.sandbox.webhook(body(post, at), "x-twitter-webhooks-signature"));
            stage.connector.webhook_events(&request).unwrap().remove(0)
        })
        .into();
    assert!(events[0].at > events[1].at, "the order is in the events, not in their coming");
    assert_eq!(events[0].dedupe_key, events[2].dedupe_key);
    assert_ne!(events[0].dedupe_key, events[1].dedupe_key);
    let mut forged = received(&stage.sandbox.webhook(body("3", 1), "x-twitter-webhooks-signature"));
    forged.body = body("4", 1).into_bytes();
    assert_eq!(stage.connector.webhook_events(&forged), Err(WebhookError::Forged));
    let check = RawRequest { query: "crc_token=abc".into(), ..RawRequest::default() };
    assert!(stage.connector.webhook_challenge(&check).unwrap().unwrap().body.starts_with(r#"{"response_token":"sha256="#));
}
