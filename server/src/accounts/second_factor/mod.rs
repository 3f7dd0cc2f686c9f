//! The second factor: codes of an authenticator app, passkeys, and recovery codes for the day when both are lost (B22).
//!
//! Whoever has one gets no session by the password alone: the right password gives a pending sign-in that lives ten minutes in a cookie,
//! and the second factor turns it into a session. Platform admins, and owners where they change members and rights, must have one unless
//! a setting says otherwise; `auth/actors.rs` asks.

pub mod graphql;
mod help;
pub(super) mod pages;
mod pass;
mod passkey;
pub(super) mod queries;
mod remove;
pub mod rules;
mod totp;

use entity::{
    ids::{SecondFactorId, UserId},
    recovery_code, second_factor, user,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};

use super::mails;
use crate::{
    auth::{actors::Person, sessions, tokens},
    error::{Code, Error, Problem, Result},
    events::Event,
    tx::Tx,
};

pub use help::{reset_second_factor, reset_second_factor_at_console};
pub(super) use pass::admit;
pub use pass::{begin_pass_by_passkey, pass_by_code, pass_by_passkey};
pub use passkey::{add_passkey, begin_passkey, passkeys_possible};
pub use queries::{recovery_codes_left, second_factors};
pub use remove::{remove_second_factor, renew_recovery_codes};
pub use totp::{NewTotp, begin_totp, confirm_totp};

/// A second factor that counts from now on.
#[derive(Debug)]
pub struct Added {
    /// Its row.
    pub factor: second_factor::Model,
    /// With the first factor come recovery codes; shown once.
    pub recovery_codes: Vec<String>,
}

/// The first factor turns the question on, brings recovery codes, and ends the sessions that never proved it.
async fn count_in(tx: &Tx, by: &Person, factor: second_factor::Model) -> Result<Added> {
    let first = !by.user().second_factor;
    let recovery_codes = if first {
        let mut row = by.user().clone().into_active_model();
        row.second_factor = Set(true);
        row.update(tx.db()).await?;
        sessions::end_others(tx.db(), by.id(), by.session()).await?;
        fresh_codes(tx, by.id()).await?
    } else {
        Vec::new()
    };
    tx.record(Event::new("account.second_factor_added", by.id()).by(by.id()).with(serde_json::json!({ "kind": factor.kind }))).await?;
    tx.queue(mails::second_factor_added(tx.app(), by.user(), &factor)?).await?;
    Ok(Added { factor, recovery_codes })
}

async fn fresh_codes(tx: &Tx, user: UserId) -> Result<Vec<String>> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user)).exec(tx.db()).await?;
    let codes: Vec<String> = (0..rules::RECOVERY_CODES).map(|_| rules::new_recovery_code()).collect();
    let rows = codes.iter().map(|code| recovery_code::ActiveModel {
        id: Set(tx.id()),
        user_id: Set(user),
        code_hash: Set(tokens::hash(&rules::plain_code(code))),
        created_at: Set(tx.now),
        used_at: Set(None),
    });
    recovery_code::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(codes)
}

/// No more than a person can tell apart.
async fn room_for_one(tx: &Tx, user: UserId) -> Result<()> {
    let confirmed = second_factor::Column::ConfirmedAt.is_not_null();
    let have = second_factor::Entity::find().filter(second_factor::Column::UserId.eq(user)).filter(confirmed).count(tx.db()).await?;
    if have >= rules::MOST_FACTORS {
        return Err(Problem::whole(Code::LimitReached, "accounts.problem.second_most").into());
    }
    Ok(())
}

/// All of a person's factors and codes are gone; the password alone signs in.
async fn clear_in(tx: &Tx, user: &user::Model) -> Result<user::Model> {
    second_factor::Entity::delete_many().filter(second_factor::Column::UserId.eq(user.id)).exec(tx.db()).await?;
    recovery_code::Entity::delete_many().filter(recovery_code::Column::UserId.eq(user.id)).exec(tx.db()).await?;
    let mut row = user.clone().into_active_model();
    row.second_factor = Set(false);
    Ok(row.update(tx.db()).await?)
}

async fn own(tx: &Tx, by: &Person, id: SecondFactorId) -> Result<second_factor::Model> {
    let found = second_factor::Entity::find_by_id(id).filter(second_factor::Column::UserId.eq(by.id())).one(tx.db()).await?;
    found.ok_or(Error::NotFound)
}
