//! An admin says that an unclaimed profile is of the same creator as another one.

use entity::{creator, ids::CreatorId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};

use super::claim;
use crate::{
    app::App,
    auth::actors::Admin,
    base::text::search_key,
    creators,
    error::{Code, Error, Problem, Result, Wrong},
};

/// All that `from` has becomes `into`'s, and `from` is gone: accounts with their figures, prices, past collaborations, places in campaigns,
/// invitations. Only a profile that nobody has claimed can go; a person's own is never merged for them. `name`: that of the profile that
/// goes, where a person typed it, since this cannot be undone; it must be the right one.
pub async fn merge_duplicates(app: &App, by: &Admin, from: CreatorId, into: &str, name: Option<&str>) -> Result<creator::Model> {
    let unknown = || Error::from(Problem::new("into", Wrong::new(Code::NotFound, "networks.problem.merge_unknown")));
    let into: CreatorId = into.trim().parse().map_err(|_| unknown())?;
    let tx = app.begin().await?;
    // In one order, so that two merges at once do not wait for each other.
    let both = creator::Entity::find()
        .filter(creator::Column::Id.is_in([from, into]))
        .order_by_asc(creator::Column::Id)
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    let found = both.iter().find(|row| row.id == from).ok_or(Error::NotFound)?;
    if found.user_id.is_some() {
        return Err(Problem::whole(Code::WrongState, "networks.problem.merge_claimed").into());
    }
    if from == into {
        return Err(Problem::new("into", Wrong::new(Code::Invalid, "networks.problem.merge_itself")).into());
    }
    if !both.iter().any(|row| row.id == into) {
        return Err(unknown());
    }
    if name.is_some_and(|name| search_key(name) != search_key(&found.display_name)) {
        return Err(Problem::new("name", Wrong::new(Code::Wrong, "networks.problem.merge_other_name")).into());
    }
    claim::merge(&tx, found.clone(), into, by.person().id()).await?;
    creators::recount_in(&tx, [into]).await?;
    let kept = creator::Entity::find_by_id(into).one(tx.db()).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    Ok(kept)
}
