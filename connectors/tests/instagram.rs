//! Instagram by Facebook Login against the sandbox: a walk for every person there, and every way for an answer to go wrong.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use hibiki_connectors::{
    AccountType, AuthStart, CallbackQuery, Clock, Connector, ErrorKind, Http, HttpLimits, LimitScope, Metric, Network, Registry, Result,
    Settings, TokenSet,
};
use sandbox::{Fault, Handle, Options};
use url::Url;

const REDIRECT: &str = "http://127.0.0.1:1/networks/instagram/callback";
const ACCOUNTS: &str = "/facebook/v26.0/me/accounts";

struct Stage {
    sandbox: Arc<Handle>,
    instagram: Arc<dyn Connector>,
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_600_000, 0).unwrap()
}

fn stage() -> Stage {
    let sandbox =
        Arc::new(sandbox::start(Options { redirect_uris: vec![REDIRECT.into()], start: Some(noon()), ..Options::default() }).unwrap());
    let base: Url = sandbox.facebook().parse().unwrap();
    let settings = Settings {
        client_id: sandbox::CLIENT_ID.into(),
        client_secret: sandbox::CLIENT_SECRET.into(),
        auth_base: Some(base.clone()),
        api_base: Some(base),
        sandbox: true,
        ..Settings::default()
    };
    let limits = HttpLimits { connect: Duration::from_secs(1), total: Duration::from_secs(2), body: 1 << 20 };
    let clock = Clock::new({
        let sandbox = Arc::downgrade(&sandbox);
        move || sandbox.upgrade().map_or(noon(), |sandbox| sandbox.now())
    });
    let registry = Registry::with(BTreeMap::from([("instagram".into(), settings)]), Arc::new(Http::new(limits).unwrap()), clock).unwrap();
    assert!(registry.has_sandbox());
    Stage { sandbox, instagram: registry.get(Network::Instagram).unwrap() }
}

impl Stage {
    fn authorize_url(&self) -> String {
        let start = AuthStart { redirect_uri: Url::parse(REDIRECT).unwrap(), state: "the state".into(), verifier: None };
        self.instagram.authorize_url(&start).unwrap().into()
    }

    async fn callback(&self, location: &str) -> Result<TokenSet> {
        let location = Url::parse(location).unwrap();
        let field = |name: &str| location.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert_eq!(field("state").as_deref(), Some("the state"));
        let query = CallbackQuery { code: field("code").map(Into::into), error: field("error"), ..CallbackQuery::default() };
        self.instagram.exchange(query.answer(Network::Instagram, Url::parse(REDIRECT).unwrap(), None)?).await
    }

    async fn linked(&self, person: &str, unticked: &[&str]) -> TokenSet {
        self.callback(&self.sandbox.consent(&self.authorize_url(), person, unticked).unwrap()).await.unwrap()
    }

    /// What listing fails with while a fault is due.
    async fn fault(&self, tokens: &TokenSet, fault: Fault) -> hibiki_connectors::Error {
        self.sandbox.fault(ACCOUNTS, fault, 1);
        let error = self.instagram.list_accounts(tokens).await.unwrap_err();
        assert!(!error.to_string().contains(tokens.access.expose()), "{error}");
        error
    }
}

#[tokio::test]
async fn from_consent_to_profile_and_back() {
    let stage = stage();
    let tokens = stage.linked("hana", &[]).await;
    assert_eq!(tokens.missing_scopes, [] as [&str; 0]);
    assert!(tokens.granted("instagram_manage_insights"));
    assert_eq!(tokens.expires_at, Some(noon() + chrono::Duration::seconds(5_183_944)), "about sixty days");
    assert_eq!(tokens.refresh, None);

    let found = stage.instagram.list_accounts(&tokens).await.unwrap();
    assert_eq!(found.refusal, None);
    let account = &found.accounts[0];
    assert_eq!((account.handle.as_deref(), account.via.as_deref()), (Some("hana.cooks"), Some("Hana's Kitchen 花の台所")));

    let (profile, asked) = hibiki_connectors::counted(stage.instagram.profile(&tokens, &account.external_id)).await;
    let profile = profile.unwrap();
    assert!(asked.calls > 0 && !asked.limits.is_empty());
    assert_eq!((profile.followers, profile.following, profile.posts), (Metric::Value(48_200), Metric::Value(411), Metric::Value(268)));
    assert_eq!((profile.account_type, profile.fetched_at), (AccountType::Professional, noon()));
    assert!(profile.biography.contains("旬の野菜"));
    assert_eq!(profile.normalised().unwrap().url().as_str(), "https://www.instagram.com/hana.cooks/");

    let refresh = stage.instagram.refresh(&tokens).await.unwrap_err();
    assert!(matches!(refresh.kind, ErrorKind::NotSupported(_)), "{refresh}");

    stage.instagram.revoke(&tokens).await.unwrap();
    assert_eq!(stage.instagram.list_accounts(&tokens).await.unwrap_err().kind, ErrorKind::Revoked);
    stage.instagram.revoke(&tokens).await.expect("what is gone is gone");

    let log = stage.sandbox.log();
    assert!(log.iter().filter(|row| !row.path.contains("access_token")).all(|row| row.token.is_some()));
}

#[tokio::test]
async fn a_scope_left_unticked_does_not_fail_the_link() {
    let stage = stage();
    let tokens = stage.linked("hana", &["instagram_manage_insights"]).await;
    assert_eq!(tokens.missing_scopes, ["instagram_manage_insights"]);
    assert_eq!(stage.instagram.list_accounts(&tokens).await.unwrap().refusal, None);
    assert_eq!(stage.linked("aoi", &[]).await.missing_scopes, ["instagram_manage_insights"], "she never ticks it");

    for scope in ["instagram_basic", "pages_show_list"] {
        let tokens = stage.linked("hana", &[scope]).await;
        let refusal = stage.instagram.list_accounts(&tokens).await.unwrap().refusal;
        assert_eq!(refusal, Some(ErrorKind::ScopeMissing { scope: scope.into() }));
    }

    let with = stage.linked("hana", &[]).await;
    let id = stage.instagram.list_accounts(&with).await.unwrap().accounts[0].external_id.clone();
    let without = stage.linked("hana", &["instagram_basic"]).await;
    let error = stage.instagram.profile(&without, &id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ScopeMissing { scope: "instagram_basic".into() });
}

#[tokio::test]
async fn whoever_has_no_professional_account_is_told_so() {
    let stage = stage();
    let personal = stage.instagram.list_accounts(&stage.linked("sora", &[]).await).await.unwrap();
    assert_eq!((personal.accounts.len(), personal.refusal), (0, Some(ErrorKind::NotBusinessAccount)));
    let page = stage.instagram.list_accounts(&stage.linked("mika", &[]).await).await.unwrap();
    assert_eq!(page.refusal, Some(ErrorKind::NotBusinessAccount));
    assert_eq!(page.accounts[0].display_name, "Mika's Pottery 美香の陶芸");
}

#[tokio::test]
async fn several_accounts_are_offered_usable_ones_first() {
    let stage = stage();
    let emma = stage.linked("emma", &[]).await;
    let found = stage.instagram.list_accounts(&emma).await.unwrap();
    assert_eq!((found.accounts.len(), found.usable().count()), (4, 3));
    assert_eq!(found.accounts[3].refused, Some(ErrorKind::NotBusinessAccount));
    for account in found.usable() {
        let profile = stage.instagram.profile(&emma, &account.external_id).await.unwrap();
        assert_eq!(Some(profile.handle), account.handle);
    }
    let office = stage.instagram.list_accounts(&stage.linked("office", &[]).await).await.unwrap();
    assert_eq!((office.accounts.len(), office.usable().count()), (60, 54), "over several answers");
}

#[tokio::test]
async fn the_person_says_no_or_comes_twice() {
    let stage = stage();
    let declined = stage.sandbox.decline(&stage.authorize_url()).unwrap();
    assert_eq!(stage.callback(&declined).await.unwrap_err().kind, ErrorKind::Declined);

    let back = stage.sandbox.consent(&stage.authorize_url(), "ken", &[]).unwrap();
    stage.callback(&back).await.unwrap();
    assert_eq!(stage.callback(&back).await.unwrap_err().kind, ErrorKind::CodeRefused, "a code is good once");

    let late = stage.sandbox.consent(&stage.authorize_url(), "ken", &[]).unwrap();
    stage.sandbox.advance(chrono::Duration::hours(1));
    assert_eq!(stage.callback(&late).await.unwrap_err().kind, ErrorKind::CodeRefused);
}

#[tokio::test]
async fn grants_end() {
    let stage = stage();
    let (rin, tom, ken) = (stage.linked("rin", &[]).await, stage.linked("tom", &[]).await, stage.linked("ken", &[]).await);
    assert!(stage.instagram.list_accounts(&rin).await.is_ok());
    stage.sandbox.advance(chrono::Duration::hours(1));
    for revoked in [rin, tom] {
        assert_eq!(stage.instagram.list_accounts(&revoked).await.unwrap_err().kind, ErrorKind::Revoked);
    }
    stage.sandbox.change_password("ken");
    assert_eq!(stage.instagram.list_accounts(&ken).await.unwrap_err().kind, ErrorKind::Revoked);
    let hana = stage.linked("hana", &[]).await;
    stage.sandbox.advance(chrono::Duration::days(61));
    let error = stage.instagram.list_accounts(&hana).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::TokenExpired);
    assert!(error.kind.needs_relink());
}

#[tokio::test]
async fn limits_say_whose_and_until_when() {
    let stage = stage();
    let tokens = stage.linked("hana", &[]).await;
    let (app, asked) = hibiki_connectors::counted(stage.fault(&tokens, Fault::RateLimit)).await;
    assert_eq!(app.kind, ErrorKind::RateLimited { scope: LimitScope::App });
    assert!(asked.limits.iter().any(|limit| limit.scope == LimitScope::App && limit.used_percent == 100));
    let account = stage.fault(&tokens, Fault::AccountLimit).await;
    assert_eq!(account.kind, ErrorKind::RateLimited { scope: LimitScope::Account });
    assert_eq!(account.retry_at, Some(noon() + chrono::Duration::minutes(17)));
    assert!(stage.instagram.list_accounts(&tokens).await.is_ok());
}

#[tokio::test]
async fn hostile_answers_are_errors_of_the_right_kind() {
    let stage = stage();
    let tokens = stage.linked("office", &[]).await;
    for (fault, kind) in [
        (Fault::ServerError, ErrorKind::Transient),
        (Fault::Transient, ErrorKind::Transient),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Slow(10_000), ErrorKind::Transient),
        (Fault::Html, ErrorKind::Contract),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::ForeignNext, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
    ] {
        let error = stage.fault(&tokens, fault).await;
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
    }
    let started = std::time::Instant::now();
    stage.fault(&tokens, Fault::Huge).await;
    assert!(started.elapsed() < Duration::from_secs(2), "the rest of a huge body is not read");
}

#[tokio::test]
async fn unheard_of_fields_and_strings_for_numbers_are_borne() {
    let stage = stage();
    let tokens = stage.linked("hana", &[]).await;
    for fault in [Fault::ExtraFields, Fault::StringNumbers] {
        stage.sandbox.fault(ACCOUNTS, fault, 1);
        let id = stage.instagram.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
        stage.sandbox.fault(&format!("/facebook/v26.0/{id}"), fault, 1);
        assert_eq!(stage.instagram.profile(&tokens, &id).await.unwrap().followers, Metric::Value(48_200), "{fault:?}");
        stage.sandbox.fault("/facebook/v26.0/oauth", fault, 2);
        assert!(stage.linked("ken", &[]).await.expires_at.is_some(), "{fault:?}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let stage = stage();
    let tokens = stage.linked("hana", &[]).await;
    let Stage { sandbox, instagram } = stage;
    Arc::into_inner(sandbox).unwrap().stop().await;
    assert_eq!(instagram.list_accounts(&tokens).await.unwrap_err().kind, ErrorKind::Transient);
}
