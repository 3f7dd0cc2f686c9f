//! Who may have acted much: a count for each cell of a table that many actors share. A cell never holds less than any of its actors did, so whoever's cell
//! is low did little; only the rest are counted one by one. 100 million actions by 33 million actors take 64 MiB here and a spilling hash table there.

use std::{
    hash::Hasher as _,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use datafusion::{
    arrow::{
        array::{Array as _, AsArray as _, BooleanArray, RecordBatch},
        datatypes::{DataType, Float32Type, UInt8Type, UInt64Type},
    },
    common::Result,
    logical_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility},
};

use crate::lookup::IdHasher;

/// Cells of a table at least and at most.
const CELLS: [u64; 2] = [1 << 16, 1 << 29];

/// The table. Columns are network, actor and n, everywhere.
pub struct Crowd {
    cells: Vec<AtomicU8>,
}

impl Crowd {
    /// A table for so many actions, within so many bytes.
    pub fn new(rows: u64, memory: usize) -> Self {
        let most = 1u64 << (memory as u64).clamp(CELLS[0], CELLS[1]).ilog2();
        let cells = (rows / 2).next_power_of_two().clamp(CELLS[0], most);
        Self { cells: (0..cells).map(|_| AtomicU8::new(0)).collect() }
    }

    fn cell(&self, network: u8, actor: u64) -> &AtomicU8 {
        let mut hasher = IdHasher::default();
        hasher.write_u8(network);
        hasher.write_u64(actor);
        &self.cells[hasher.finish() as usize & (self.cells.len() - 1)]
    }

    /// Counts actions; parts of one count whole, and what is full stays full.
    pub fn add(&self, batch: &RecordBatch) {
        let columns = batch.columns();
        let (network, actor, n) =
            (columns[0].as_primitive::<UInt8Type>(), columns[1].as_primitive::<UInt64Type>(), columns[2].as_primitive::<Float32Type>());
        for i in (0..batch.num_rows()).filter(|i| actor.is_valid(*i)) {
            // To u8 it saturates.
            let n = n.value(i).ceil() as u8;
            let more = |held: u8| (held < u8::MAX).then(|| held.saturating_add(n));
            let _ = self.cell(network.value(i), actor.value(i)).fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }

    /// `may_exceed(network, actor)`: false only where the actor did no more than the limit.
    pub fn may_exceed(self: &Arc<Self>, limit: f64, arguments: Vec<Expr>) -> Expr {
        let least = (limit.floor() + 1.0) as u8;
        ScalarUDF::from(MayExceed { crowd: self.clone(), least, signature: Signature::any(2, Volatility::Immutable) }).call(arguments)
    }
}

struct MayExceed {
    crowd: Arc<Crowd>,
    least: u8,
    signature: Signature,
}

impl std::fmt::Debug for MayExceed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} cells", self.least, self.crowd.cells.len())
    }
}

impl PartialEq for MayExceed {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.crowd, &other.crowd) && self.least == other.least
    }
}

impl Eq for MayExceed {}

impl std::hash::Hash for MayExceed {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (Arc::as_ptr(&self.crowd) as usize, self.least).hash(state);
    }
}

impl ScalarUDFImpl for MayExceed {
    fn name(&self) -> &str {
        "may_exceed"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(&args.args)?;
        let (network, actor) = (columns[0].as_primitive::<UInt8Type>(), columns[1].as_primitive::<UInt64Type>());
        let held = |i: usize| self.crowd.cell(network.value(i), actor.value(i)).load(Ordering::Relaxed);
        let found = (0..actor.len()).map(|i| Some(actor.is_valid(i) && held(i) >= self.least));
        Ok(ColumnarValue::Array(Arc::new(found.collect::<BooleanArray>())))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use datafusion::{
        arrow::array::{Float32Array, UInt8Array, UInt64Array},
        common::config::ConfigOptions,
    };
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whoever_exceeds_the_limit_is_found(
            acts in proptest::collection::vec((0u8..3, proptest::option::of(0u64..20), prop_oneof![Just(1f32), 0.01f32..9.0, Just(1e9f32)]), 0..300),
            limit in prop_oneof![Just(0.5), Just(20.0), Just(1e6)],
        ) {
            let columns: Vec<Arc<dyn datafusion::arrow::array::Array>> = vec![
                Arc::new(UInt8Array::from_iter_values(acts.iter().map(|a| a.0))),
                Arc::new(acts.iter().map(|a| a.1).collect::<UInt64Array>()),
                Arc::new(Float32Array::from_iter_values(acts.iter().map(|a| a.2))),
            ];
            let batch = RecordBatch::try_from_iter(["network", "actor", "n"].into_iter().zip(columns.clone())).expect("columns");
            let crowd = Arc::new(Crowd::new(0, 0));
            crowd.add(&batch);
            let least = (f64::floor(limit) + 1.0) as u8;
            let asked = MayExceed { crowd, least, signature: Signature::any(2, Volatility::Immutable) };
            let args = ScalarFunctionArgs {
                args: columns[..2].iter().map(|c| ColumnarValue::Array(c.clone())).collect(),
                arg_fields: Vec::new(),
                number_rows: acts.len(),
                return_field: Arc::new(datafusion::arrow::datatypes::Field::new("found", DataType::Boolean, false)),
                config_options: Arc::new(ConfigOptions::default()),
            };
            let found = asked.invoke_with_args(args).expect("an answer").into_array(acts.len()).expect("an array");
            let mut sums: HashMap<_, f64> = HashMap::new();
            acts.iter().for_each(|(network, actor, n)| *sums.entry((network, actor)).or_default() += f64::from(*n));
            for (i, (network, actor, _)) in acts.iter().enumerate() {
                let exceeds = actor.is_some() && sums[&(network, actor)] > limit;
                prop_assert!(!exceeds || found.as_boolean().value(i));
            }
        }
    }
}
