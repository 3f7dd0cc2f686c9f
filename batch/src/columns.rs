//! The columns of the Parquet files: interactions, events, daily series, scores; and rows to columns and back.

use std::sync::{Arc, LazyLock};

use anyhow::{Context as _, Result};
use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, ArrowPrimitiveType, AsArray as _, Float32Array, Int64Array, PrimitiveArray, RecordBatch, UInt8Array,
            UInt64Array,
        },
        datatypes::{DataType, Field, Float32Type, Int64Type, Schema, SchemaRef, UInt8Type, UInt64Type},
    },
    parquet::{
        arrow::ArrowWriter,
        basic::{Compression, Encoding, ZstdLevel},
        file::properties::{EnabledStatistics, WriterProperties},
        schema::types::ColumnPath,
    },
};

use crate::row::Row;

/// Rows in a row group.
pub const GROUP: usize = 1_000_000;

fn schema(fields: &[(&str, DataType, bool)]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(|(name, kind, null)| Field::new(*name, kind.clone(), *null)).collect::<Vec<_>>()))
}

/// Interactions, in the order of `Row::order`. Without `day`: that is the folder.
pub static INTERACTIONS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("creator", DataType::UInt64, false),
        ("network", DataType::UInt8, false),
        ("actor", DataType::UInt64, true),
        ("kind", DataType::UInt8, false),
        ("post", DataType::UInt64, true),
        ("ts", DataType::Int64, false),
        ("n", DataType::Float32, false),
        ("inferred", DataType::UInt8, false),
        ("source", DataType::UInt8, false),
    ])
});

/// Events other than interactions, as JSON.
pub static EVENTS: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(&[("creator", DataType::UInt64, false), ("day", DataType::Int32, false), ("event", DataType::Utf8, false)]));

/// What a day came to: one row for each creator × network × series (× post); `tally::names` has the names of the series.
pub static DAILY: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("creator", DataType::UInt64, false),
        ("network", DataType::UInt8, false),
        ("series", DataType::UInt8, false),
        ("post", DataType::UInt64, true),
        ("x", DataType::Float64, false),
    ])
});

/// Scores of a day.
pub static SCORES: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("creator", DataType::UInt64, false),
        ("day", DataType::Int32, false),
        ("score", DataType::Float64, true),
        ("low", DataType::Float64, true),
        ("high", DataType::Float64, true),
        ("influence", DataType::Float64, true),
        ("true_reach", DataType::Float64, true),
        ("provisional", DataType::Boolean, false),
        ("version", DataType::Utf8, false),
    ])
});

/// States of creators, as JSON.
pub static STATES: LazyLock<SchemaRef> =
    LazyLock::new(|| schema(&[("creator", DataType::UInt64, false), ("state", DataType::Utf8, false)]));

/// How files are written: zstd, dictionaries only where few values recur, 1 M rows to a group, the same bytes for the same rows.
fn properties(schema: &Schema) -> Result<WriterProperties> {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(false)
        .set_created_by("hibiki-batch".to_owned());
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        properties = match (field.name().as_str(), field.data_type()) {
            // Sorted: runs of equal values cost nothing in a dictionary.
            ("creator", _) | (_, DataType::UInt8 | DataType::Float32) => properties.set_column_dictionary_enabled(path, true),
            // Posts of one creator recur, and many creators have few.
            ("post", _) => properties.set_column_dictionary_enabled(path, true),
            (_, DataType::Int64 | DataType::Int32) => properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            _ => properties,
        };
    }
    Ok(properties.build())
}

/// A writer of one file into memory: what is put into the store is a whole file.
pub struct FileOf {
    writer: ArrowWriter<Vec<u8>>,
}

impl FileOf {
    /// An empty file of these columns.
    pub fn new(schema: &SchemaRef) -> Result<Self> {
        Ok(Self { writer: ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties(schema)?))? })
    }

    /// Adds rows.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    /// The bytes.
    pub fn finish(self) -> Result<Vec<u8>> {
        Ok(self.writer.into_inner()?)
    }
}

fn optional(rows: &[Row], value: impl Fn(&Row) -> Option<u64>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<UInt64Array>())
}

/// Interactions as columns.
pub fn batch_of(rows: &[Row]) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from_iter_values(rows.iter().map(|r| r.creator))),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.network))),
        optional(rows, Row::actor),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.kind))),
        optional(rows, Row::post),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.ts))),
        Arc::new(Float32Array::from_iter_values(rows.iter().map(|r| r.n))),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| u8::from(r.flags & Row::INFERRED != 0)))),
        Arc::new(UInt8Array::from_iter_values(rows.iter().map(|r| r.source))),
    ];
    Ok(RecordBatch::try_new(INTERACTIONS.clone(), columns)?)
}

/// A column of a batch by its place. The files are our own, so another type is a broken file.
pub fn column<T: ArrowPrimitiveType>(batch: &RecordBatch, at: usize) -> Result<&PrimitiveArray<T>> {
    batch.column(at).as_primitive_opt::<T>().with_context(|| format!("column {at} is not {}", T::DATA_TYPE))
}

/// Columns as interactions.
pub fn rows_of(batch: &RecordBatch, into: &mut Vec<Row>) -> Result<()> {
    let creator = column::<UInt64Type>(batch, 0)?;
    let network = column::<UInt8Type>(batch, 1)?;
    let actor = column::<UInt64Type>(batch, 2)?;
    let kind = column::<UInt8Type>(batch, 3)?;
    let post = column::<UInt64Type>(batch, 4)?;
    let ts = column::<Int64Type>(batch, 5)?;
    let n = column::<Float32Type>(batch, 6)?;
    let inferred = column::<UInt8Type>(batch, 7)?;
    let source = column::<UInt8Type>(batch, 8)?;
    into.extend((0..batch.num_rows()).map(|i| {
        let (has_actor, has_post) = (actor.is_valid(i), post.is_valid(i));
        let flags = u8::from(has_actor) | (u8::from(has_post) << 1) | (inferred.value(i) << 2);
        Row {
            creator: creator.value(i),
            actor: if has_actor { actor.value(i) } else { 0 },
            post: if has_post { post.value(i) } else { 0 },
            ts: ts.value(i),
            n: n.value(i),
            network: network.value(i),
            kind: kind.value(i),
            flags,
            source: source.value(i),
        }
    }));
    Ok(())
}

/// A file of interactions.
pub fn file_of(rows: &[Row]) -> Result<Vec<u8>> {
    let mut file = FileOf::new(&INTERACTIONS)?;
    for rows in rows.chunks(64 * 1024) {
        file.write(&batch_of(rows)?)?;
    }
    file.finish()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::row::sort;

    proptest! {
        #[test]
        fn rows_come_back_and_bytes_know_no_order(
            parts in proptest::collection::vec((0u64..4, 0u64..3, 0u64..3, 0i64..4, 1u8..5, 0u8..8, 0u8..15), 0..60),
        ) {
            let mut rows: Vec<Row> = parts.into_iter().map(|(creator, actor, post, ts, n, flags, kind)| Row {
                creator, ts, kind, flags, n: f32::from(n), network: 3, source: 1,
                actor: if flags & Row::ACTOR != 0 { actor } else { 0 },
                post: if flags & Row::POST != 0 { post } else { 0 },
            }).collect();
            let mut back: Vec<Row> = rows.iter().rev().copied().collect();
            sort(&mut rows);
            sort(&mut back);
            prop_assert_eq!(file_of(&rows).expect("a file"), file_of(&back).expect("a file"));
            let mut again = Vec::new();
            rows_of(&batch_of(&rows).expect("columns"), &mut again).expect("rows");
            prop_assert_eq!(again, rows);
        }
    }
}
