//! A person who can sign in. One person may be creator, member of several organisations and platform admin.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{Digest, Locale, SuspensionReason, UserStatus},
    ids::UserId,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// As typed, trimmed.
    pub email: String,
    /// Folded for comparison; unique.
    pub email_key: String,
    pub name: String,
    /// Argon2id, PHC string.
    pub password_hash: String,
    pub locale: Locale,
    /// IANA name.
    pub time_zone: String,
    pub status: UserStatus,
    pub suspended_at: Option<DateTimeUtc>,
    pub suspension_reason: Option<SuspensionReason>,
    pub platform_admin: bool,
    /// Whether signing in asks for a second factor.
    pub second_factor: bool,
    /// Version of the code of conduct that was accepted (L7).
    pub conduct_version: Option<String>,
    pub conduct_accepted_at: Option<DateTimeUtc>,
    /// Whether a content-free mail says that messages wait (K17); off by default.
    pub chat_mail: bool,
    /// How often a mail sums up what was not seen; never by default.
    pub digest: Digest,
    /// When the last one was written, or the first was asked for.
    pub digest_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
