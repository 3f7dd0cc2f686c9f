//! Tokens live on: renewed under a lease, one at a time, and stored in one transaction before anybody uses them.

use chrono::{DateTime, Duration, Utc};
use connectors::{Capability, Connector, ErrorKind, Secret, TokenSet};
use entity::{enums::LinkState, ids::NetworkLinkId, network_account, network_link};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    mails, queries,
    rules::{self, Due, Move, Reaction},
    sync, write,
};
use crate::{app::App, error::Result, events::Event, tx::Tx};

/// How long after a passing failure it is tried again.
const AGAIN: Duration = Duration::minutes(10);

/// The tokens of a link; none if it has none.
pub(super) fn opened(app: &App, link: &network_link::Model) -> Result<Option<TokenSet>> {
    let Some(sealed) = &link.token_sealed else { return Ok(None) };
    let text = app.vault.open_sealed(sealed, &link.key_id, &link.id.to_string())?;
    let tokens = TokenSet::from_sealable(&Secret::new(text)).ok_or_else(|| anyhow::anyhow!("the link {} holds no tokens", link.id))?;
    Ok(Some(tokens))
}

/// Whether the network gives new tokens for these.
fn renewable(connector: &dyn Connector, tokens: &TokenSet, now: DateTime<Utc>) -> bool {
    connector.capabilities().has(Capability::Refresh) && tokens.refresh.is_some() && tokens.refresh_expires_at.is_none_or(|at| now < at)
}

/// Does what is due for a link. `now_already`: the network has just refused the access token, whatever the clock says.
pub(super) async fn renew(app: &App, id: NetworkLinkId, now_already: bool) -> Result<()> {
    let tx = app.begin().await?;
    let Some(mut link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    let account = queries::account_of(tx.db(), &link).await?;
    // Without settings nothing can be asked; the tokens wait for the operator.
    let Some(connector) = app.networks.get(rules::outside(account.network)) else { return Ok(()) };
    let Some(tokens) = opened(app, &link)? else { return Ok(()) };
    if now_already {
        link.renew_at = Some(tx.now);
    }
    match rules::due(&link, renewable(connector.as_ref(), &tokens, tx.now), tx.now) {
        Due::Wait => Ok(()),
        Due::Warn if now_already => broken(tx, link, &account, &ErrorKind::TokenExpired).await,
        Due::Warn => {
            let end = link.expires_at;
            warn(tx, link, &account, end, end).await
        }
        Due::End => broken(tx, link, &account, &ErrorKind::TokenExpired).await,
        Due::Renew => {
            let lease = tx.now + Duration::seconds(rules::LEASE_SECONDS);
            let mut row = link.into_active_model();
            row.refresh_lease_until = Set(Some(lease));
            row.update(tx.db()).await?;
            tx.commit().await?;
            let answer = connector.refresh(&tokens).await;
            store(app, id, lease, &account, answer).await
        }
    }
}

/// Writes the rotated pair, if the lease is still ours.
async fn store(
    app: &App,
    id: NetworkLinkId,
    lease: DateTime<Utc>,
    account: &network_account::Model,
    answer: connectors::Result<TokenSet>,
) -> Result<()> {
    let tx = app.begin().await?;
    let Some(link) = queries::any_link_for_update(&tx, id).await? else { return Ok(()) };
    if link.refresh_lease_until != Some(lease) || link.state != LinkState::Verified {
        // It was unlinked or linked anew meanwhile; those tokens count.
        return Ok(());
    }
    match answer {
        Ok(tokens) => {
            let creator = link.creator_id;
            let told = link.problem == EXPIRES_SOON;
            let before = opened(app, &link)?.and_then(|before| before.refresh_expires_at);
            let lives_longer = before.zip(tokens.refresh_expires_at).is_some_and(|(before, after)| after - before > Duration::hours(1));
            let mut row = write::sealed(&tx, account.network, &link, &tokens)?;
            let end = rules::ends_for_good(tokens.expires_at, tokens.refresh_expires_at, tx.now).filter(|_| !lives_longer);
            if told && end.is_some() {
                EXPIRES_SOON.clone_into(&mut row.problem);
            }
            let row = row.into_active_model().reset_all().update(tx.db()).await?;
            tx.record(Event::new("network.renewed", id).creator(creator)).await?;
            match end {
                // The last of a row of renewals comes near.
                Some(end) if !told => {
                    let next = row.renew_at;
                    warn(tx, row, account, Some(end), next).await
                }
                _ => tx.commit().await,
            }
        }
        Err(error) if rules::reaction(&error.kind) == Reaction::Relink => broken(tx, link, account, &error.kind).await,
        Err(error) => {
            tracing::warn!(%error, link = %id, "tokens could not be renewed");
            // A timeout may have hidden a rotation: the old pair is tried once more before anything is given up.
            let mut row = link.into_active_model();
            row.refresh_lease_until = Set(None);
            row.renew_at = Set(Some(error.retry_at.map_or(tx.now + AGAIN, |at| at.max(tx.now + Duration::minutes(1)))));
            row.problem = Set(rules::key(&error.kind).to_owned());
            row.update(tx.db()).await?;
            tx.commit().await
        }
    }
}

/// Tells the creator in time, and once, that the network ends the grant at `end`; the link is looked at again at `next`.
async fn warn(
    tx: Tx,
    link: network_link::Model,
    account: &network_account::Model,
    end: Option<DateTime<Utc>>,
    next: Option<DateTime<Utc>>,
) -> Result<()> {
    let (id, creator, told) = (link.id, link.creator_id, link.problem == EXPIRES_SOON);
    let mut row = link.into_active_model();
    row.problem = Set(EXPIRES_SOON.to_owned());
    row.renew_at = Set(next);
    row.update(tx.db()).await?;
    if !told {
        tx.record(Event::new("network.expires_soon", id).creator(creator)).await?;
        if let Some(letter) = mails::expires_soon(&tx, creator, account, end).await? {
            tx.queue(letter).await?;
        }
    }
    tx.commit().await
}

/// What a row remembers while the grant is about to end.
pub(super) const EXPIRES_SOON: &str = "networks.problem.expires_soon";

/// The grant is dead: work stops, history stays, and the creator is told once.
pub(super) async fn broken(tx: Tx, link: network_link::Model, account: &network_account::Model, kind: &ErrorKind) -> Result<()> {
    let (id, creator, before) = (link.id, link.creator_id, link.state);
    let next = rules::step(before, Move::Break)?;
    let mut row = link.into_active_model();
    row.state = Set(next);
    row.problem = Set(rules::key(kind).to_owned());
    row.renew_at = Set(None);
    row.refresh_lease_until = Set(None);
    // Dead tokens are no use to anybody; living ones are kept for taking the grant back.
    if matches!(kind, ErrorKind::Revoked | ErrorKind::TokenExpired) {
        row.token_sealed = Set(None);
    }
    let after = row.update(tx.db()).await?;
    sync::plan_in(&tx, account, &after, sync::Why::Changed).await?;
    if before != next {
        tx.record(Event::new("network.broken", id).creator(creator).with(serde_json::json!({ "why": kind.code() }))).await?;
        if let Some(letter) = mails::broken(&tx, creator, account, kind).await? {
            tx.queue(letter).await?;
        }
    }
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::{Arc, Mutex},
    };

    use connectors::{
        AuthCallback, AuthStart, CapabilitySet, Error, Flavour, Network, Profile, Registry, RemoteAccounts, connector::Offer,
    };
    use entity::{
        creator,
        enums::{CreatorSource, LinkMethod, Locale, UserStatus},
        letter, user,
    };
    use sea_orm::{EntityTrait, PaginatorTrait};
    use url::Url;

    use super::*;
    use crate::{base::clock::Clock, config::Config};

    /// A network that rotates: each refresh token is good once, and a second use of one ends the grant.
    #[derive(Default)]
    struct Rotating {
        spent: Mutex<BTreeSet<String>>,
        fails: Mutex<Option<ErrorKind>>,
        /// When all renewing is over.
        ends_at: Mutex<Option<DateTime<Utc>>>,
    }

    const SET: CapabilitySet = CapabilitySet(&[Offer::with(Capability::Refresh, "")]);

    fn error(kind: ErrorKind) -> Error {
        Error::new(Network::X, "refresh", kind)
    }

    fn tokens(n: usize, now: DateTime<Utc>) -> TokenSet {
        TokenSet {
            access: format!("access {n}").into(),
            refresh: Some(format!("refresh {n}").into()),
            expires_at: Some(now + Duration::hours(2)),
            refresh_expires_at: None,
            scopes: vec!["read".into()],
            missing_scopes: Vec::new(),
            subject: Some("1".into()),
        }
    }

    #[async_trait::async_trait]
    impl Connector for Rotating {
        fn network(&self) -> Network {
            Network::X
        }
        fn flavour(&self) -> Flavour {
            Flavour::Oauth2
        }
        fn capabilities(&self) -> &CapabilitySet {
            &SET
        }
        fn scopes(&self) -> &[String] {
            &[]
        }
        fn uses_pkce(&self) -> bool {
            true
        }
        fn is_sandbox(&self) -> bool {
            true
        }
        fn authorize_origin(&self) -> String {
            String::new()
        }
        fn authorize_url(&self, _: &AuthStart) -> connectors::Result<Url> {
            Err(error(ErrorKind::Bug))
        }
        async fn exchange(&self, _: AuthCallback) -> connectors::Result<TokenSet> {
            Err(error(ErrorKind::Bug))
        }
        async fn refresh(&self, old: &TokenSet) -> connectors::Result<TokenSet> {
            // Long enough for a second worker to come by.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            if let Some(kind) = self.fails.lock().unwrap().take() {
                return Err(error(kind));
            }
            let mut spent = self.spent.lock().unwrap();
            if !spent.insert(old.refresh.as_ref().unwrap().expose().to_owned()) {
                return Err(error(ErrorKind::Revoked));
            }
            Ok(TokenSet { refresh_expires_at: *self.ends_at.lock().unwrap(), ..tokens(spent.len(), start() + Duration::hours(2)) })
        }
        async fn list_accounts(&self, _: &TokenSet) -> connectors::Result<RemoteAccounts> {
            Err(error(ErrorKind::Bug))
        }
        async fn profile(&self, _: &TokenSet, _: &str) -> connectors::Result<Profile> {
            Err(error(ErrorKind::Bug))
        }
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    struct World {
        app: App,
        clock: Clock,
        network: Arc<Rotating>,
        link: NetworkLinkId,
        folder: std::path::PathBuf,
    }

    impl Drop for World {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }

    async fn world(name: &str) -> World {
        let folder = std::env::temp_dir().join(format!("hibiki-renew-{name}-{}", std::process::id()));
        let clock = Clock::frozen(start());
        let network = Arc::new(Rotating::default());
        let mut registry = Registry::default();
        registry.insert(network.clone());
        let config = Config {
            data_dir: folder.clone(),
            database_url: format!("sqlite://{}?mode=rwc", folder.join("test.db").display()),
            ..Config::default()
        };
        let db = crate::app::connect(&config.database_url, 2).await.unwrap();
        let app = App::over(db, registry, config, clock.clone()).await.unwrap();
        let tx = app.begin().await.unwrap();
        let reader = user::Model {
            id: tx.id(),
            email: "hana@example.com".into(),
            email_key: "hana@example.com".into(),
            name: "Hana".into(),
            password_hash: String::new(),
            locale: Locale::Ja,
            time_zone: "Asia/Tokyo".into(),
            status: UserStatus::Active,
            suspended_at: None,
            suspension_reason: None,
            platform_admin: false,
            second_factor: false,
            chat_mail: true,
            digest: entity::enums::Digest::Never,
            digest_at: None,
            conduct_version: None,
            conduct_accepted_at: None,
            created_at: tx.now,
        };
        let user_id = reader.id;
        reader.into_active_model().reset_all().insert(tx.db()).await.unwrap();
        let bare = creator::Model::bare(tx.id(), "Hana", "hana".into(), CreatorSource::SignedUp, tx.now);
        let owner = creator::Model { user_id: Some(user_id), registered_at: Some(tx.now), ..bare };
        let owner_id = owner.id;
        owner.into_active_model().reset_all().insert(tx.db()).await.unwrap();
        let handle = rules::handle(entity::enums::Network::X, "hana").unwrap();
        let account = write::declared(&tx, owner_id, &handle, false).await.unwrap();
        let bare = write::bare(&tx, &account, LinkMethod::Oauth, LinkState::Verified);
        let link = write::sealed(&tx, account.network, &bare, &tokens(0, tx.now)).unwrap();
        let link = link.into_active_model().reset_all().insert(tx.db()).await.unwrap().id;
        tx.commit().await.unwrap();
        World { app, clock, network, link, folder }
    }

    impl World {
        async fn row(&self) -> network_link::Model {
            network_link::Entity::find_by_id(self.link).one(self.app.db()).await.unwrap().unwrap()
        }
        async fn access(&self) -> String {
            opened(&self.app, &self.row().await).unwrap().unwrap().access.expose().to_owned()
        }
    }

    #[tokio::test]
    async fn two_workers_refresh_once_and_the_rotated_pair_is_kept() {
        let world = world("once").await;
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!(world.access().await, "access 0", "nothing is due yet");
        world.clock.advance(Duration::minutes(115));
        let (one, two) = tokio::join!(renew(&world.app, world.link, false), renew(&world.app, world.link, false));
        one.unwrap();
        two.unwrap();
        assert_eq!(world.access().await, "access 1");
        assert_eq!(world.network.spent.lock().unwrap().len(), 1);
        let row = world.row().await;
        assert_eq!((row.state, row.refresh_lease_until), (LinkState::Verified, None));
        assert!(row.renew_at.unwrap() > world.clock.now());
        renew(&world.app, world.link, true).await.unwrap();
        assert_eq!(world.access().await, "access 2", "the rotated token was the one that was used");
    }

    #[tokio::test]
    async fn a_passing_failure_keeps_the_old_pair_and_a_final_one_ends_it_with_one_letter() {
        let world = world("fails").await;
        world.clock.advance(Duration::minutes(115));
        *world.network.fails.lock().unwrap() = Some(ErrorKind::Transient);
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!((world.access().await.as_str(), world.row().await.problem.as_str()), ("access 0", "networks.error.transient"));
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!(world.access().await, "access 0", "not before its time");
        world.clock.advance(Duration::minutes(11));
        *world.network.fails.lock().unwrap() = Some(ErrorKind::Revoked);
        for _ in 0..3 {
            renew(&world.app, world.link, false).await.unwrap();
        }
        let row = world.row().await;
        assert_eq!((row.state, row.token_sealed, row.problem.as_str()), (LinkState::NeedsReauth, None, "networks.error.revoked"));
        assert_eq!(letter::Entity::find().count(world.app.db()).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_refresh_token_that_ends_is_told_of_in_time_and_once() {
        let world = world("ends").await;
        let letters = async || letter::Entity::find().count(world.app.db()).await.unwrap();
        world.clock.advance(Duration::minutes(115));
        *world.network.ends_at.lock().unwrap() = Some(start() + Duration::days(60));
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!((letters().await, world.row().await.problem.as_str()), (0, ""), "there is time");
        *world.network.ends_at.lock().unwrap() = Some(start() + Duration::days(10));
        for _ in 0..3 {
            renew(&world.app, world.link, true).await.unwrap();
            assert_eq!((letters().await, world.row().await.problem.as_str()), (1, EXPIRES_SOON));
        }
        // New ones for the last time; then the access token lives out its life, and nothing is asked for.
        world.clock.advance(Duration::days(10));
        let spent = world.network.spent.lock().unwrap().len();
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!((world.row().await.state, letters().await), (LinkState::NeedsReauth, 2));
        assert_eq!(world.network.spent.lock().unwrap().len(), spent, "a dead token is not tried");
        // One that comes with a longer life after all is no worry any more.
        assert_eq!(rules::ends_for_good(None, Some(start() + Duration::days(90)), start()), None);
    }

    #[tokio::test]
    async fn a_lease_of_a_worker_that_died_runs_out() {
        let world = world("lease").await;
        world.clock.advance(Duration::minutes(115));
        let mut row = world.row().await.into_active_model();
        row.refresh_lease_until = Set(Some(world.clock.now() + Duration::seconds(rules::LEASE_SECONDS)));
        row.update(world.app.db()).await.unwrap();
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!(world.access().await, "access 0", "another worker is at it");
        world.clock.advance(Duration::seconds(rules::LEASE_SECONDS));
        renew(&world.app, world.link, false).await.unwrap();
        assert_eq!(world.access().await, "access 1");
    }
}
