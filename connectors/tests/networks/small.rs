//! LinkedIn and Reddit against the sandbox: link and profile.

use chrono::Duration;
use hibiki_connectors::{Account, ErrorKind, LimitScope, Metric, Network, Settings};
use sandbox::Fault;

use super::stage::{Stage, profile_fault};

#[tokio::test]
async fn linkedin_tells_a_name_and_to_few_the_followers() {
    let stage = Stage::new(Network::Linkedin);
    let tokens = stage.linked("hana", &[]).await;
    let account = &stage.connector.list_accounts(&tokens).await.unwrap().accounts[0];
    assert_eq!((account.display_name.as_str(), &account.handle, &tokens.refresh), ("Hana Sato 佐藤 花", &None, &None));
    assert_eq!(stage.connector.profile(&tokens, &account.external_id).await.unwrap().followers, Metric::NotGranted);
    let media = stage.connector.media(&Account::new(&tokens, &account.external_id), None).await.unwrap_err();
    assert!(matches!(media.kind, ErrorKind::NotSupported(_)));

    let scopes = Some(["openid", "profile", "r_member_profileAnalytics"].map(str::to_owned).to_vec());
    let few = Stage::with(Network::Linkedin, |settings| Settings { scopes, version: Some("202610".into()), reviewed: true, ..settings });
    let tokens = few.linked("hana", &[]).await;
    let id = few.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    assert!(few.connector.profile(&tokens, &id).await.unwrap().followers.value().is_some());
    few.sandbox.revoke("hana");
    assert_eq!(few.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::Revoked);
    let late = stage.linked("ken", &[]).await;
    stage.sandbox.advance(Duration::days(61));
    assert_eq!(stage.connector.list_accounts(&late).await.unwrap_err().kind, ErrorKind::TokenExpired);
}

#[tokio::test]
async fn reddit_tells_a_profile() {
    let stage = Stage::new(Network::Reddit);
    let tokens = stage.linked("hana", &[]).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    let (profile, asked) = hibiki_connectors::counted(stage.connector.profile(&tokens, &id)).await;
    let profile = profile.unwrap();
    assert_eq!(profile.handle, "hana_cooks");
    assert!(profile.followers.value().is_some() && asked.limits[0].remaining.is_some());
    stage.sandbox.advance(Duration::days(2));
    assert_eq!(stage.connector.profile(&tokens, &id).await.unwrap_err().kind, ErrorKind::TokenExpired);
    let fresh = stage.connector.refresh(&tokens).await.unwrap();
    stage.connector.profile(&fresh, &id).await.unwrap();
    stage.connector.revoke(&fresh).await.unwrap();
    assert_eq!(stage.connector.refresh(&fresh).await.unwrap_err().kind, ErrorKind::Revoked);
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    for (network, path) in [(Network::Linkedin, "/linkedin/v2/userinfo"), (Network::Reddit, "/reddit/api/v1/me")] {
        let stage = Stage::new(network);
        let tokens = stage.linked("hana", &[]).await;
        let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
        for (fault, kind) in [
            (Fault::RateLimit, ErrorKind::RateLimited { scope: LimitScope::App }),
            (Fault::ServerError, ErrorKind::Transient),
            (Fault::Cut, ErrorKind::Transient),
            (Fault::Html, ErrorKind::Contract),
            (Fault::Huge, ErrorKind::Contract),
            (Fault::Redirect, ErrorKind::Contract),
        ] {
            assert_eq!(profile_fault(&stage, &tokens, &id, path, fault).await.kind, kind, "{network} {fault:?}");
        }
    }
}
