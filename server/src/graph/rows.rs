//! Rows by id, batched: one statement a table and level, whatever the page's size. Made per operation, so nothing is shared between callers.

use crate::app::App;

/// The source behind every loader. Each slice implements `Loader<…Id>` for it in its `graphql.rs`.
pub struct Rows {
    /// The product.
    pub app: App,
}

/// Implements `Loader` for a table's id: one `SELECT … WHERE id IN (…)`.
#[macro_export]
macro_rules! load_by_id {
    ($id:ty, $table:ident) => {
        impl async_graphql::dataloader::Loader<$id> for $crate::graph::rows::Rows {
            type Value = entity::$table::Model;
            type Error = std::sync::Arc<$crate::error::Error>;
            async fn load(&self, keys: &[$id]) -> std::result::Result<std::collections::HashMap<$id, Self::Value>, Self::Error> {
                use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
                let rows = entity::$table::Entity::find()
                    .filter(entity::$table::Column::Id.is_in(keys.iter().copied()))
                    .all(self.app.db())
                    .await
                    .map_err(|e| std::sync::Arc::new(e.into()))?;
                Ok(rows.into_iter().map(|row| (row.id, row)).collect())
            }
        }
    };
}
