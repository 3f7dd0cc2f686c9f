//! Short words for the columns that every table is made of; the same types on SQLite and PostgreSQL.

use sea_orm_migration::prelude::*;

/// A table to be created.
pub fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

/// The primary key of nearly every table.
pub fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().take()
}

/// A number that the database counts up.
pub fn serial(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().auto_increment().primary_key().take()
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $method:ident;)*) => {$(
        $(#[$doc])*
        pub fn $kind(name: &'static str) -> ColumnDef {
            ColumnDef::new(name).$method().not_null().take()
        }
    )*};
}

kinds! {
    /// An id of another row, or of none.
    uuid = uuid;
    /// A text of any length; also enums.
    text = text;
    /// A moment, to the microsecond, in UTC.
    instant = timestamp_with_time_zone;
    /// A calendar day.
    date = date;
    /// Yes or no.
    flag = boolean;
    /// A small number.
    int = integer;
    /// A count or an amount in minor units.
    long = big_integer;
    /// A measured or computed number; never money.
    double = double;
    /// Structured data that no query looks into.
    json = json_binary;
    /// Bytes.
    blob = blob;
}

/// `column` names a row of `target`; that row cannot be deleted while it is named.
pub fn to(column: &'static str, target: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from_col(column).to(target, "id").take()
}

fn index_on(table: &'static str, name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create().name(format!("{table}_{name}")).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index for reading.
pub fn index(table: &'static str, name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    index_on(table, name, columns)
}

/// An index that also forbids a second row of the same values.
pub fn unique(table: &'static str, name: &str, columns: &[&'static str]) -> IndexCreateStatement {
    index_on(table, name, columns).unique().take()
}
