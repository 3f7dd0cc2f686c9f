//! A yes is taken back: from now on nobody acts on it.

use entity::{
    consent,
    enums::Side,
    ids::{ConsentId, UserId},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use super::{grant::changed, rules};
use crate::{
    app::App,
    auth::actors::{Creator, Manager},
    error::{Error, Result},
    events::Event,
};

/// Whose yes it was.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// A creator's own.
    Creator(&'a Creator),
    /// An organisation's.
    Manager(&'a Manager<'a>),
}

impl By<'_> {
    fn user(&self) -> UserId {
        match self {
            Self::Creator(by) => by.user_id(),
            Self::Manager(by) => by.user_id(),
        }
    }
}

/// Takes it back.
pub async fn revoke(app: &App, by: By<'_>, id: ConsentId) -> Result<consent::Model> {
    let tx = app.begin().await?;
    let own = match by {
        By::Creator(by) => Condition::all().add(consent::Column::CreatorId.eq(by.id())).add(consent::Column::Side.eq(Side::Creator)),
        By::Manager(by) => Condition::all().add(consent::Column::OrgId.eq(by.org())).add(consent::Column::Side.eq(Side::Brand)),
    };
    let row = consent::Entity::find_by_id(id).filter(own).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let at = rules::revoked(&row, tx.now)?;
    let mut row = row.into_active_model();
    row.revoked_at = Set(Some(at));
    row.revoked_by = Set(Some(by.user()));
    let after = row.update(tx.db()).await?;
    let event = Event::new("consent.revoked", after.id).by(by.user()).creator(after.creator_id);
    let event = if let Some(org) = after.org_id { event.org(org) } else { event };
    tx.record(event.with(serde_json::json!({ "purpose": after.purpose, "side": after.side }))).await?;
    changed(&tx, after.creator_id).await?;
    tx.commit().await?;
    Ok(after)
}
