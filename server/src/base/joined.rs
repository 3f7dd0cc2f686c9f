//! Rows of several tables from one statement: what is always read together costs one way to the database and not one a table.

use sea_orm::{EntityTrait, IdenStatic, Iterable, QuerySelect, Select};

/// Reading another table's row along.
pub trait Also: Sized {
    /// Also selects all columns of a table that was joined, each named with a prefix: `F::Model::from_query_result(row, prefix)` finds them.
    fn also<F: EntityTrait>(self, prefix: &str) -> Self;
}

impl<E: EntityTrait> Also for Select<E> {
    fn also<F: EntityTrait>(self, prefix: &str) -> Self {
        F::Column::iter().fold(self, |query, column| query.column_as(column, format!("{prefix}{}", column.as_str())))
    }
}
