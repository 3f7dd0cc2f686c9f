//! An authenticator app is added: first its secret is shown, then a code of it proves that it was taken in.

use entity::{enums::FactorKind, ids::SecondFactorId, second_factor};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};

use super::{super::prove, Added, count_in, own, room_for_one, rules};
use crate::{
    app::App,
    auth::{actors::Person, limits},
    error::{Code, Error, Problem, Result, Wrong},
};

/// What an authenticator app is told; shown once.
#[derive(Debug)]
pub struct NewTotp {
    /// The factor, which counts for nothing until [`confirm_totp`].
    pub id: SecondFactorId,
    /// The secret in base 32, for typing.
    pub secret: String,
    /// The same as an `otpauth:` address, for a QR code.
    pub url: String,
}

/// Needs the password if it was not given lately (B26). A former one that was never confirmed is forgotten.
pub async fn begin_totp(app: &App, by: &Person, password: &str) -> Result<NewTotp> {
    prove::needed(app, by, password).await?;
    let tx = app.begin().await?;
    second_factor::Entity::delete_many()
        .filter(second_factor::Column::UserId.eq(by.id()))
        .filter(second_factor::Column::ConfirmedAt.is_null())
        .exec(tx.db())
        .await?;
    room_for_one(&tx, by.id()).await?;
    let (id, secret) = (tx.id::<SecondFactorId>(), rules::new_secret());
    let sealed = app.vault.seal(&secret, &id.to_string())?;
    let row = second_factor::ActiveModel {
        id: Set(id),
        user_id: Set(by.id()),
        kind: Set(FactorKind::Totp),
        name: Set(String::new()),
        secret: Set(sealed.text),
        key_id: Set(sealed.key_id),
        last_step: Set(None),
        created_at: Set(tx.now),
        confirmed_at: Set(None),
        last_used_at: Set(None),
    };
    row.insert(tx.db()).await?;
    tx.commit().await?;
    let url = rules::otpauth(&secret, &app.config.mail.from_name, &by.user().email);
    Ok(NewTotp { id, secret, url })
}

/// One that was begun and not confirmed yet, to be shown again.
pub(super) async fn unconfirmed(app: &App, by: &Person, id: SecondFactorId) -> Result<NewTotp> {
    let found = second_factor::Entity::find_by_id(id)
        .filter(second_factor::Column::UserId.eq(by.id()))
        .filter(second_factor::Column::ConfirmedAt.is_null())
        .one(app.db())
        .await?
        .ok_or(Error::NotFound)?;
    let secret = app.vault.open_sealed(&found.secret, &found.key_id, &found.id.to_string())?;
    let url = rules::otpauth(&secret, &app.config.mail.from_name, &by.user().email);
    Ok(NewTotp { id, secret, url })
}

/// The app's first code makes it count.
pub async fn confirm_totp(app: &App, by: &Person, id: SecondFactorId, code: &str) -> Result<Added> {
    limits::take(app, limits::SECOND_FACTOR, &by.id().to_string()).await?;
    let tx = app.begin().await?;
    let found = own(&tx, by, id).await?;
    if found.confirmed_at.is_some() || found.kind != FactorKind::Totp {
        return Err(Problem::whole(Code::AlreadyDone, "accounts.problem.second_done").into());
    }
    room_for_one(&tx, by.id()).await?;
    let secret = app.vault.open_sealed(&found.secret, &found.key_id, &found.id.to_string())?;
    let Some(step) = rules::step_of(&secret, code, tx.now)? else {
        return Err(Problem::new("code", Wrong::new(Code::Wrong, "accounts.problem.second_code")).into());
    };
    let mut row = found.into_active_model();
    row.last_step = Set(Some(step));
    row.confirmed_at = Set(Some(tx.now));
    let factor = row.update(tx.db()).await?;
    let added = count_in(&tx, by, factor).await?;
    tx.commit().await?;
    Ok(added)
}
