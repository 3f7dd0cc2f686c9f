//! What a person proves besides the password.

use sea_orm::entity::prelude::*;

use crate::{
    enums::FactorKind,
    ids::{SecondFactorId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "second_factors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SecondFactorId,
    pub user_id: UserId,
    pub kind: FactorKind,
    /// What the person calls it.
    pub name: String,
    /// Sealed for this row: a TOTP secret in base 32, or a passkey's public part as JSON.
    pub secret: String,
    pub key_id: String,
    /// The time step of the last code that was taken: each serves once (RFC 6238, 5.2).
    pub last_step: Option<i64>,
    pub created_at: DateTimeUtc,
    /// When it was first used; until then it counts for nothing.
    pub confirmed_at: Option<DateTimeUtc>,
    pub last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
