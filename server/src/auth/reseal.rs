//! What older keys sealed is sealed anew under the current one, so that they can be taken out of the settings (B41).

use entity::{network_link, second_factor, webhook};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use crate::{app::App, auth::vault::Sealed, error::Result};

/// Seals anew in one transaction: either everything opens with the current key afterwards, or nothing has changed. Gives how many values it
/// were. What lives for minutes or a day (walks to networks, links of sign-ups) is left to run out.
pub async fn reseal(app: &App) -> Result<usize> {
    let current = app.vault.current();
    let anew = |text: &str, key: &str, bound_to: &str| -> anyhow::Result<Sealed> {
        app.vault.seal(&app.vault.open_sealed(text, key, bound_to)?, bound_to)
    };
    let mut count = 0;
    let tx = app.begin().await?;

    let links = network_link::Entity::find().filter(network_link::Column::KeyId.ne(current)).lock(LockType::Update);
    for link in links.filter(network_link::Column::TokenSealed.is_not_null()).all(tx.db()).await? {
        let Some(tokens) = link.token_sealed.clone() else { continue };
        let sealed = anew(&tokens, &link.key_id, &link.id.to_string())?;
        let mut row = link.into_active_model();
        (row.token_sealed, row.key_id) = (Set(Some(sealed.text)), Set(sealed.key_id));
        row.update(tx.db()).await?;
        count += 1;
    }

    let factors = second_factor::Entity::find().filter(second_factor::Column::KeyId.ne(current)).lock(LockType::Update);
    for factor in factors.all(tx.db()).await? {
        let sealed = anew(&factor.secret, &factor.key_id, &factor.id.to_string())?;
        let mut row = factor.into_active_model();
        (row.secret, row.key_id) = (Set(sealed.text), Set(sealed.key_id));
        row.update(tx.db()).await?;
        count += 1;
    }

    let old = Condition::any().add(webhook::Column::KeyId.ne(current)).add(webhook::Column::FormerKeyId.ne(current));
    for hook in webhook::Entity::find().filter(old).lock(LockType::Update).all(tx.db()).await? {
        let bound = hook.id.to_string();
        let mut row = hook.clone().into_active_model();
        if hook.key_id != current {
            let sealed = anew(&hook.secret, &hook.key_id, &bound)?;
            (row.secret, row.key_id) = (Set(sealed.text), Set(sealed.key_id));
            count += 1;
        }
        if let (Some(former), Some(key)) = (&hook.former_secret, hook.former_key_id.as_deref().filter(|key| *key != current)) {
            let sealed = anew(former, key, &bound)?;
            (row.former_secret, row.former_key_id) = (Set(Some(sealed.text)), Set(Some(sealed.key_id)));
            count += 1;
        }
        row.update(tx.db()).await?;
    }
    tx.commit().await?;
    Ok(count)
}
