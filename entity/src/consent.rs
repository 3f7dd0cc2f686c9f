//! A yes to one purpose: by a creator, or by an organisation about a creator. A row ends; a new yes is a new row.

use sea_orm::entity::prelude::*;

use crate::{
    enums::{ConsentPurpose, Side},
    ids::{ConsentId, CreatorId, OrgId, UserId},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consents")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsentId,
    pub creator_id: CreatorId,
    /// Towards whom; none = towards everybody whom the purpose names.
    pub org_id: Option<OrgId>,
    /// Whose yes.
    pub side: Side,
    pub purpose: ConsentPurpose,
    /// Of the text that was agreed to.
    pub version: i32,
    pub granted_at: DateTimeUtc,
    pub granted_by: UserId,
    pub revoked_at: Option<DateTimeUtc>,
    pub revoked_by: Option<UserId>,
    /// How it was given: through which face, in which language, with which link.
    #[sea_orm(column_type = "JsonBinary")]
    pub evidence: Json,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
