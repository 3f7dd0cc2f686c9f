//! The secret that deliveries are signed with.

use entity::{ids::WebhookId, webhook};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{create::Created, queries, rules};
use crate::{app::App, auth::actors::Owner, error::Result, events::Event};

/// A new secret, shown once. For a day the former one signs too, so that the receiver can change over without a gap.
pub async fn rotate_secret(app: &App, by: &Owner<'_>, id: WebhookId) -> Result<Created> {
    let tx = app.begin().await?;
    let found = queries::held(&tx, by, id).await?;
    let secret = rules::new_secret();
    let sealed = app.vault.seal(&secret, &id.to_string())?;
    let (former, former_key) = (found.secret.clone(), found.key_id.clone());
    let mut row = found.into_active_model();
    row.former_secret = Set(Some(former));
    row.former_key_id = Set(Some(former_key));
    row.former_until = Set(Some(tx.now + rules::FORMER));
    row.secret = Set(sealed.text);
    row.key_id = Set(sealed.key_id);
    let webhook = row.update(tx.db()).await?;
    tx.record(Event::new("webhook.secret_changed", id).org(by.org()).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(Created { webhook, secret })
}

/// Every secret that signs now, the current one first.
pub(super) fn in_force(app: &App, webhook: &webhook::Model) -> Result<Vec<String>> {
    let bound = webhook.id.to_string();
    let mut secrets = vec![app.vault.open_sealed(&webhook.secret, &webhook.key_id, &bound)?];
    if let (Some(former), Some(key), Some(until)) = (&webhook.former_secret, &webhook.former_key_id, webhook.former_until)
        && app.clock.now() < until
    {
        secrets.push(app.vault.open_sealed(former, key, &bound)?);
    }
    Ok(secrets)
}
