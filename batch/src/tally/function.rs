//! The tally as an aggregate function of DataFusion: `tally(network, actor, kind, post, ts, n, inferred, which)` over the actions of one account, in the
//! order of the files. Its value is the list of what the day came to. It works on one partition at a time and never in parts, since an actor's actions
//! count together.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{
            Array as _, ArrayRef, AsArray as _, BooleanArray, Float64Array, ListArray, PrimitiveArray, StructArray, UInt8Array, UInt64Array,
        },
        buffer::OffsetBuffer,
        datatypes::{ArrowPrimitiveType, DataType, Field, Fields, Float32Type, Int64Type, UInt8Type, UInt64Type},
    },
    common::{DataFusionError, Result, ScalarValue, exec_datafusion_err, exec_err, not_impl_err},
    logical_expr::{
        Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
        function::{AccumulatorArgs, StateFieldsArgs},
    },
    physical_expr::expressions::Literal,
};

use super::{Accounts, Act, Entries, Entry};
use crate::lookup::Which;

/// The name of the function.
pub const NAME: &str = "tally";

/// The function, to register with a session, a scheduler or an executor.
pub fn function() -> AggregateUDF {
    AggregateUDF::from(Tally { signature: Signature::any(8, Volatility::Stable) })
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Tally {
    signature: Signature,
}

fn fields() -> Fields {
    Fields::from(vec![
        Field::new("series", DataType::UInt8, false),
        Field::new("post", DataType::UInt64, true),
        Field::new("x", DataType::Float64, false),
    ])
}

fn item() -> Arc<Field> {
    Arc::new(Field::new("item", DataType::Struct(fields()), false))
}

impl AggregateUDFImpl for Tally {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::List(item()))
    }

    fn accumulator(&self, _: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        not_impl_err!("{NAME} needs groups")
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<Arc<Field>>> {
        Ok(vec![Arc::new(Field::new(format!("{}[values]", args.name), DataType::List(item()), true))])
    }

    fn groups_accumulator_supported(&self, _: AccumulatorArgs) -> bool {
        true
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let which = args.exprs.get(7).and_then(|e| e.downcast_ref::<Literal>()).map(Literal::value);
        let Some(ScalarValue::Utf8(Some(which))) = which else { return exec_err!("{NAME} needs to be told which tables: {which:?}") };
        let which: Which = serde_json::from_str(which).map_err(|e| exec_datafusion_err!("{NAME}: {e}"))?;
        let outer = |e: anyhow::Error| DataFusionError::External(e.into());
        let accounts = Accounts::new(which.known().map_err(outer)?, which.published().map_err(outer)?);
        Ok(Box::new(Groups { accounts, at: None, done: Entries::default() }))
    }
}

/// One account is open; those before it are done.
struct Groups {
    accounts: Accounts,
    at: Option<usize>,
    done: Entries,
}

fn column<T: ArrowPrimitiveType>(values: &[ArrayRef], at: usize) -> Result<&PrimitiveArray<T>> {
    values[at].as_primitive_opt::<T>().ok_or_else(|| exec_datafusion_err!("{NAME}: argument {at} is {}", values[at].data_type()))
}

impl GroupsAccumulator for Groups {
    fn update_batch(&mut self, values: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, _: usize) -> Result<()> {
        if filter.is_some() {
            return not_impl_err!("{NAME} with a filter");
        }
        let network = column::<UInt8Type>(values, 0)?;
        let actor = column::<UInt64Type>(values, 1)?;
        let kind = column::<UInt8Type>(values, 2)?;
        let post = column::<UInt64Type>(values, 3)?;
        let ts = column::<Int64Type>(values, 4)?;
        let n = column::<Float32Type>(values, 5)?;
        let inferred = column::<UInt8Type>(values, 6)?;
        for (row, group) in groups.iter().enumerate() {
            if self.at != Some(*group) {
                self.turn_to(*group)?;
                self.accounts.begin(network.value(row));
            }
            let act = Act {
                actor: actor.is_valid(row).then(|| actor.value(row)),
                kind: kind.value(row),
                post: post.is_valid(row).then(|| post.value(row)),
                ts: ts.value(row),
                n: n.value(row),
                inferred: inferred.value(row) != 0,
            };
            self.accounts.take(act).map_err(|_| exec_datafusion_err!("{NAME}: actions are not sorted by actor"))?;
        }
        Ok(())
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let count = match emit {
            EmitTo::All => {
                if self.at.take().is_some() {
                    self.accounts.end(&mut self.done);
                }
                self.done.ends.len()
            }
            EmitTo::First(n) => {
                self.at = self.at.and_then(|at| at.checked_sub(n));
                n
            }
        };
        if count > self.done.ends.len() {
            return exec_err!("{NAME}: {count} accounts are wanted, {} are done", self.done.ends.len());
        }
        Ok(Arc::new(self.done.take(count)?))
    }

    fn state(&mut self, _: EmitTo) -> Result<Vec<ArrayRef>> {
        not_impl_err!("{NAME} in parts")
    }

    fn merge_batch(&mut self, _: &[ArrayRef], _: &[usize], _: usize) -> Result<()> {
        not_impl_err!("{NAME} in parts")
    }

    fn convert_to_state(&self, _: &[ArrayRef], _: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        not_impl_err!("{NAME} in parts")
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.done.all.capacity() * size_of::<Entry>() + self.done.ends.capacity() * size_of::<usize>()
    }
}

impl Groups {
    fn turn_to(&mut self, group: usize) -> Result<()> {
        if self.at.is_some() {
            self.accounts.end(&mut self.done);
        }
        if group != self.done.ends.len() {
            return exec_err!("{NAME}: account {group} came after {}: the file is not sorted", self.done.ends.len());
        }
        self.at = Some(group);
        Ok(())
    }
}

impl Entries {
    /// Takes the first accounts away, as a list.
    fn take(&mut self, accounts: usize) -> Result<ListArray> {
        let ends: Vec<usize> = self.ends.drain(..accounts).collect();
        let all: Vec<Entry> = self.all.drain(..ends.last().copied().unwrap_or(0)).collect();
        let mut from = 0;
        let lengths = ends.iter().map(|end| {
            let length = end - from;
            from = *end;
            length
        });
        let offsets = OffsetBuffer::from_lengths(lengths);
        self.ends.iter_mut().for_each(|end| *end -= all.len());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt8Array::from_iter_values(all.iter().map(|e| e.series))),
            Arc::new(all.iter().map(|e| e.post).collect::<UInt64Array>()),
            Arc::new(Float64Array::from_iter_values(all.iter().map(|e| e.x))),
        ];
        Ok(ListArray::try_new(item(), offsets, Arc::new(StructArray::try_new(fields(), columns, None)?), None)?)
    }
}
