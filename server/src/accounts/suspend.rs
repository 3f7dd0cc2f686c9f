//! An admin shuts a person out, lets them in again, or ends everything that they are signed in with.

use entity::{
    enums::{SuspensionReason, UserStatus},
    ids::UserId,
    user,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set, sea_query::LockType};

use super::{
    end_sessions::{end_everything_in, end_links_in},
    mails,
    rules::{self, UserAction},
};
use crate::{
    app::App,
    auth::{actors::Admin, sessions},
    base::text::choice,
    error::{Check, Error, Result},
    events::Event,
    tx::Tx,
};

/// Nobody signs in as this person until [`restore`]; their sessions end now, their API tokens rest. They are told why. Nothing that they
/// wrote or agreed is touched.
pub async fn suspend(app: &App, by: &Admin, id: UserId, reason: &str) -> Result<user::Model> {
    let mut check = Check::default();
    let reason = check.take("reason", choice::<SuspensionReason>(reason));
    let (reason,) = check.all((reason,))?;
    let tx = app.begin().await?;
    let found = locked(&tx, id).await?;
    rules::may(&found, by.person().id(), UserAction::Suspend)?;
    let mut row = found.into_active_model();
    row.status = Set(UserStatus::Suspended);
    row.suspended_at = Set(Some(tx.now));
    row.suspension_reason = Set(Some(reason));
    let after = row.update(tx.db()).await?;
    sessions::end_others(tx.db(), id, None).await?;
    end_links_in(&tx, id).await?;
    let event = Event::new("account.suspended", id).by(by.person().id());
    tx.record(event.with(serde_json::json!({ "reason": reason }))).await?;
    tx.queue(mails::suspended(app, &after, reason)?).await?;
    tx.commit().await?;
    Ok(after)
}

/// The person may sign in again.
pub async fn restore(app: &App, by: &Admin, id: UserId) -> Result<user::Model> {
    let tx = app.begin().await?;
    let found = locked(&tx, id).await?;
    rules::may(&found, by.person().id(), UserAction::Restore)?;
    let mut row = found.into_active_model();
    row.status = Set(UserStatus::Active);
    row.suspended_at = Set(None);
    row.suspension_reason = Set(None);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("account.restored", id).by(by.person().id())).await?;
    tx.queue(mails::restored(app, &after)?).await?;
    tx.commit().await?;
    Ok(after)
}

/// Signs the person out everywhere and revokes their API tokens, as after a theft.
pub async fn sign_out_everywhere(app: &App, by: &Admin, id: UserId) -> Result<user::Model> {
    let tx = app.begin().await?;
    let found = locked(&tx, id).await?;
    rules::may(&found, by.person().id(), UserAction::SignOut)?;
    let (sessions, tokens) = end_everything_in(&tx, id, None).await?;
    let event = Event::new("account.signed_out_by_admin", id).by(by.person().id());
    tx.record(event.with(serde_json::json!({ "sessions": sessions, "tokens": tokens }))).await?;
    tx.commit().await?;
    Ok(found)
}

pub(super) async fn locked(tx: &Tx, id: UserId) -> Result<user::Model> {
    user::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}
