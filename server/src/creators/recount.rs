//! The largest audience among a creator's accounts stands on the profile too, so that a list of a hundred thousand can begin with it.

use entity::{creator, ids::CreatorId, network_account};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{error::Result, tx::Tx};

/// After accounts of these creators were written or handed over, in the same transaction.
pub async fn recount_in(tx: &Tx, creators: impl IntoIterator<Item = CreatorId>) -> Result<()> {
    let largest = network_account::Entity::find()
        .select_only()
        .expr(Expr::col(network_account::Column::Followers).max())
        .filter(Expr::col((network_account::Entity, network_account::Column::CreatorId)).equals((creator::Entity, creator::Column::Id)));
    creator::Entity::update_many()
        .col_expr(creator::Column::Followers, SimpleExpr::SubQuery(None, Box::new(largest.into_query().into())))
        .filter(creator::Column::Id.is_in(creators))
        .exec(tx.db())
        .await?;
    Ok(())
}
