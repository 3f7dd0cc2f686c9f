//! A creator sets out for a network's consent page.

use chrono::{DateTime, Duration, Utc};
use connectors::{AuthStart, oauth};
use entity::{
    enums::Network,
    ids::OauthAttemptId,
    json::{OfferedAccounts, Words},
    oauth_attempt,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use url::Url;

use super::{queries, rules, sync};
use crate::{
    app::App,
    auth::{
        actors::{Creator, Via},
        limits,
        tokens::Token,
    },
    error::{Code, Problem, Result, Wrong},
    events::Event,
    web::urls,
};

/// Which account is to be linked.
#[derive(Clone, Debug, Default)]
pub struct Begin {
    /// The network's word, such as `instagram`.
    pub network: String,
    /// The path to go on to afterwards; empty = the page of networks.
    pub next: String,
    /// The id of the account that must come back; empty = any.
    pub relink: String,
}

/// The walk has begun.
#[derive(Clone, Debug)]
pub struct Began {
    /// Where to send the person.
    pub url: Url,
    /// Until when they may come back.
    pub expires_at: DateTime<Utc>,
}

/// Remembers an attempt and gives the address of the consent page.
pub async fn begin_link(app: &App, by: &Creator, input: Begin) -> Result<Began> {
    let network: Network = input.network.parse().map_err(|()| Problem::new("network", Wrong::new(Code::Invalid, "base.problem.choice")))?;
    let connector = queries::connector(app, network)?;
    limits::take(app, limits::OAUTH_STARTS, &by.id().to_string()).await?;
    let state = Token::new("");
    let verifier = connector.uses_pkce().then(oauth::new_verifier);
    let url = connector
        .authorize_url(&AuthStart {
            redirect_uri: redirect_uri(app, network)?,
            state: state.reveal().to_owned(),
            verifier: verifier.clone(),
        })
        .map_err(|error| anyhow::anyhow!("the consent page has no address: {error}"))?;

    let tx = app.begin().await?;
    // Refused here, where nothing is lost by it, and not when they come back.
    sync::limits::take(&tx, network, sync::allowance::Ask::Link).await?;
    let relink_id = match input.relink.trim() {
        "" => None,
        id => {
            let id = id.parse().map_err(|_| crate::error::Error::NotFound)?;
            let account = queries::account(tx.db(), by, id).await?;
            if account.network != network {
                return Err(Problem::new("network", Wrong::new(Code::Invalid, "base.problem.choice")).into());
            }
            // A handle that was only typed in may turn out to be any account.
            account.external_id.is_some().then_some(account.id)
        }
    };
    let id: OauthAttemptId = tx.id();
    let sealed = app.vault.seal(verifier.as_ref().map_or("", |v| v.expose()), &id.to_string())?;
    let expires_at = tx.now + Duration::minutes(rules::ATTEMPT_MINUTES);
    let (session_id, token_id) = match by.person().via() {
        Via::Session(id, _) => (Some(id), None),
        Via::Token(id, _) => (None, Some(id)),
    };
    let row = oauth_attempt::Model {
        id,
        state_hash: state.hash(),
        session_id,
        token_id,
        creator_id: by.id(),
        network,
        verifier_sealed: sealed.text,
        key_id: sealed.key_id,
        next: match urls::local(&input.next) {
            "/" => urls::NETWORKS.to_owned(),
            next => next.to_owned(),
        },
        relink_id,
        token_sealed: None,
        scopes: Words::default(),
        token_expires_at: None,
        offered: OfferedAccounts::default(),
        expires_at,
        used_at: None,
        finished_at: None,
        created_at: tx.now,
    };
    row.into_active_model().reset_all().insert(tx.db()).await?;
    let event = Event::new("network.link_begun", id).by(by.user_id()).creator(by.id());
    tx.record(event.with(serde_json::json!({ "network": network }))).await?;
    tx.commit().await?;
    Ok(Began { url, expires_at })
}

/// The callback, as it is registered at the network.
pub(super) fn redirect_uri(app: &App, network: Network) -> Result<Url> {
    Ok(Url::parse(&app.link(&urls::oauth_callback(network)))?)
}
