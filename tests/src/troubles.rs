//! Whatever goes wrong at a network, the creator reads what it is, in their language, and what happens next.

use std::{cell::RefCell, sync::Arc};

use async_trait::async_trait;
use chrono::Duration;
use connectors::{
    Account, AuthCallback, AuthStart, Capability, CapabilitySet, Connector, Cursor, Error, ErrorKind, Flavour, LimitScope, Media, Network,
    Page, Profile, Registry, RemoteAccounts, Result, TokenSet,
};
use entity::{
    enums::{LinkState, SyncKind},
    network_account, network_link, sync_task,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;
use server::{app::networks, base::lang::Locale};

use crate::{Stage, database::Kind, networks::walk, peers, stage::beginning, stage::tell_on};

/// The sandbox's Instagram, whose lists of publications fail as they are told to.
struct Troubled {
    inner: Arc<dyn Connector>,
    trouble: std::sync::Mutex<Option<ErrorKind>>,
}

#[async_trait]
impl Connector for Troubled {
    fn network(&self) -> Network {
        self.inner.network()
    }
    fn flavour(&self) -> Flavour {
        self.inner.flavour()
    }
    fn capabilities(&self) -> &CapabilitySet {
        self.inner.capabilities()
    }
    fn scopes(&self) -> &[String] {
        self.inner.scopes()
    }
    fn uses_pkce(&self) -> bool {
        self.inner.uses_pkce()
    }
    fn is_sandbox(&self) -> bool {
        true
    }
    fn authorize_origin(&self) -> String {
        self.inner.authorize_origin()
    }
    fn authorize_url(&self, start: &AuthStart) -> Result<url::Url> {
        self.inner.authorize_url(start)
    }
    async fn exchange(&self, callback: AuthCallback) -> Result<TokenSet> {
        self.inner.exchange(callback).await
    }
    async fn list_accounts(&self, tokens: &TokenSet) -> Result<RemoteAccounts> {
        self.inner.list_accounts(tokens).await
    }
    async fn profile(&self, tokens: &TokenSet, external_id: &str) -> Result<Profile> {
        self.inner.profile(tokens, external_id).await
    }
    async fn media(&self, account: &Account<'_>, after: Option<&Cursor>) -> Result<Page<Media>> {
        let trouble = self.trouble.lock().expect("trouble").clone();
        match trouble {
            Some(kind) => Err(Error::new(Network::Instagram, "media", kind).detail("as told by the story")),
            None => self.inner.media(account, after).await,
        }
    }
}

/// What follows for the reading.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Again,
    Stops,
    LinkAgain,
}

/// Each kind, what the creator reads in English and Japanese, and what follows.
fn troubles() -> Vec<(ErrorKind, &'static str, &'static str, Then)> {
    use Then::{Again, LinkAgain, Stops};
    vec![
        (
            ErrorKind::ScopeMissing { scope: "instagram_basic".into() },
            "You did not allow it: instagram_basic",
            "許可されていません：instagram_basic",
            Stops,
        ),
        (ErrorKind::AppNotApproved, "The network refuses this installation; the operator sees it.", "運営者に通知済みです。", Again),
        (
            ErrorKind::RateLimited { scope: LimitScope::Account },
            "The network asks us to slow down.",
            "SNS側の利用制限に達しました。",
            Again,
        ),
        (ErrorKind::QuotaExhausted, "quota at the network is used up", "SNS側の1日の上限に達しました。", Again),
        (ErrorKind::NotBusinessAccount, "The network gives it of business accounts only.", "ビジネスアカウントのみ取得できます。", Stops),
        (ErrorKind::BelowThreshold { min: 100 }, "The network shows this only from 100.", "100以上で取得できます。", Again),
        (ErrorKind::NotFound, "The network has nothing there.", "SNS側に該当するデータがありません。", Again),
        (ErrorKind::Private, "It is private at the network.", "SNS側で非公開になっています。", Again),
        (ErrorKind::Gone, "It is over.", "すでに終了しています。", Again),
        (ErrorKind::NotSupported(Capability::Media), "Not available on this network.", "このSNSでは取得できません。", Stops),
        (ErrorKind::Transient, "The network could not be reached.", "SNSに接続できませんでした。", Again),
        (ErrorKind::Contract, "gave an answer that we do not understand", "SNSから想定外の応答がありました。", Again),
        (ErrorKind::Bug, "did not understand our question", "取得の要求に問題がありました。", Stops),
        (
            ErrorKind::TokenExpired,
            "The network has ended the permission. Please link the account again.",
            "許可の期限が切れました。もう一度連携してください。",
            LinkAgain,
        ),
        (ErrorKind::Revoked, "The permission was taken back at the network", "SNS側で許可が取り消されたか", LinkAgain),
        (
            ErrorKind::Checkpoint,
            "The network wants you to confirm something there first.",
            "SNS側で本人確認などの手続きが必要です。",
            LinkAgain,
        ),
    ]
}

async fn each_is_told(stage: &Stage, sandbox: &sandbox::Handle, troubled: &Troubled) {
    let (hana, ken) = (stage.creator("Hana").await, stage.creator_in("Ken", Locale::Ja).await);
    for (kind, english, japanese, then) in troubles() {
        *troubled.trouble.lock().expect("trouble") = None;
        walk(sandbox, &hana, "hana").await.ok();
        walk(sandbox, &ken, "ken").await.ok();
        // What the last trouble put off is not waited for.
        let due = sync_task::Entity::update_many().col_expr(sync_task::Column::NextRunAt, Expr::value(stage.now()));
        due.filter(sync_task::Column::Kind.eq(SyncKind::Posts)).exec(stage.app.db()).await.expect("due");
        stage.work().await;
        *troubled.trouble.lock().expect("trouble") = Some(kind.clone());
        stage.advance(Duration::hours(21));
        sandbox.advance(Duration::hours(21));
        stage.routine().await;

        let code = kind.code();
        let accounts = network_account::Entity::find().all(stage.app.db()).await.expect("accounts");
        for (who, words) in [(&hana, english), (&ken, japanese)] {
            let account = accounts.iter().find(|account| account.creator_id == who.creator()).expect("an account");
            who.browser.get(&format!("/c/networks/{}", account.id)).await.ok().says(words);
            let told = who.api.ask("{ networkLinks { problem readings { kind state message } } }").await["networkLinks"][0].clone();
            if then == Then::LinkAgain {
                who.browser.get("/c/networks").await.ok().says(words);
                assert!(told["problem"].as_str().is_some_and(|problem| problem.contains(words)), "{code}: {told}");
                continue;
            }
            let posts = told["readings"].as_array().into_iter().flatten().find(|reading| reading["kind"] == "POSTS").cloned();
            let posts = posts.unwrap_or_else(|| panic!("{code}: {told}"));
            assert!(
                posts["state"] == json!("FAILING") && posts["message"].as_str().is_some_and(|text| text.contains(words)),
                "{code}: {posts}"
            );
        }
        let links = network_link::Entity::find().all(stage.app.db()).await.expect("links");
        let lost = links.iter().all(|link| link.state == LinkState::NeedsReauth);
        assert_eq!(lost, then == Then::LinkAgain, "{code}");
        let tasks = sync_task::Entity::find().all(stage.app.db()).await.expect("readings");
        for task in tasks.iter().filter(|task| task.kind == SyncKind::Posts) {
            assert_eq!(task.next_run_at.is_some(), then == Then::Again, "{code}: {task:?}");
        }
    }
}

fn on(kind: Kind) {
    let (started, troubled) = (RefCell::new(None), RefCell::new(None));
    tell_on(
        kind,
        |config| {
            *started.borrow_mut() = Some(peers::sandbox(config, Some(beginning())));
        },
        |config, clock| {
            let mut registry: Registry = networks(config, clock).expect("networks");
            let inner = registry.get(Network::Instagram).expect("Instagram");
            let connector = Arc::new(Troubled { inner, trouble: std::sync::Mutex::default() });
            registry.insert(connector.clone());
            *troubled.borrow_mut() = Some(connector);
            registry
        },
        async |stage| {
            let (sandbox, troubled) = (started.take().expect("the sandbox"), troubled.take().expect("the connector"));
            each_is_told(stage, &sandbox, &troubled).await;
            stage.work().await;
        },
    );
}

#[test]
fn each_trouble_is_told_sqlite() {
    on(Kind::Sqlite);
}

#[test]
fn each_trouble_is_told_postgres() {
    on(Kind::Postgres);
}
