//! The grant reaches several accounts, and the creator says which one is meant.

use connectors::{Secret, TokenSet};
use entity::{ids::OauthAttemptId, network_link};

use super::{finish::refused, queries, write};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Problem, Result, Wrong},
};

/// Links the chosen account; gives the link and where the creator goes on. Only what the network offered can be chosen.
pub async fn choose_account(app: &App, by: &Creator, attempt: OauthAttemptId, external_id: &str) -> Result<(network_link::Model, String)> {
    let attempt = queries::choice(app, by, attempt).await?;
    let offered = attempt.offered.0.iter().find(|account| account.external_id == external_id.trim());
    let Some(offered) = offered.filter(|account| account.refused.is_none()) else {
        return Err(Problem::new("external_id", Wrong::new(Code::Invalid, "base.problem.choice")).into());
    };
    let connector = queries::connector(app, attempt.network)?;
    let sealed = attempt.token_sealed.as_deref().unwrap_or_default();
    let text = app.vault.open_sealed(sealed, &attempt.key_id, &attempt.id.to_string())?;
    let tokens =
        TokenSet::from_sealable(&Secret::new(text)).ok_or_else(|| anyhow::anyhow!("the attempt {} holds no tokens", attempt.id))?;
    let profile = connector.profile(&tokens, &offered.external_id).await.map_err(refused)?;
    let link = write::chosen(app, by, attempt.id, profile, &tokens).await?;
    Ok((link, attempt.next))
}
