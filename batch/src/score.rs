//! Series → scores. For each bucket: the newest earlier state of its creators, the events told since, and the series of the days that changed make the
//! state of the day; `influence` makes the scores. A creator of whom nothing is new goes on too: its window moves.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use datafusion::arrow::{
    array::{Array as _, ArrayRef, AsArray as _, BooleanArray, Float64Array, Int32Array, RecordBatch, StringArray, UInt64Array},
    datatypes::{Float64Type, Int32Type, UInt8Type, UInt64Type},
};
use influence::{
    FORMULA_VERSION, Params, Score, State,
    daily::DayResult,
    types::{CreatorId, Day, Event, Network},
};

use crate::{
    aggregate::event_parts,
    columns::{FileOf, SCORES, STATES, column},
    ingest::{buckets, events_path, in_parallel},
    manifest::{self, Made, Stage, fingerprint, fingerprint_of, unit},
    progress::Progress,
    row::NETWORKS,
    store::Store,
    tally::Entry,
};

/// Creators whose states are written at once.
const WRITE: usize = 4096;

/// The file of a bucket's scores.
pub fn scores_path(day: Day, bucket: u16) -> String {
    format!("scores/day={day}/bucket={bucket:05}.parquet")
}

/// The file of a bucket's states.
pub(crate) fn state_path(day: Day, bucket: u16) -> String {
    format!("state/day={day}/bucket={bucket:05}.parquet")
}

/// Scores a day. Says how many creators have a state.
pub fn score(store: &Store, day: Day, threads: usize) -> Result<u64> {
    let Some(count) = buckets(store)? else { return Ok(0) };
    let mut states: BTreeMap<u16, BTreeMap<Day, Made>> = BTreeMap::new();
    for (unit, made) in manifest::all::<Made>(store, Stage::Score)? {
        let (of, bucket) = unit.rsplit_once('-').context("a unit without a bucket")?;
        states.entry(bucket.parse()?).or_default().insert(of.parse()?, made);
    }
    let events = event_parts(store)?;
    let progress = Progress::new("score", "creators", None);
    let rows = in_parallel(threads, (0..count).collect(), |bucket| {
        let before = states.get(&bucket).and_then(|days| days.range(..day).next_back());
        let parts = events.get(&bucket).map_or(&[][..], Vec::as_slice);
        let rows = Bucket { store, day, bucket, before, parts }.score()?;
        progress.add(rows);
        Ok(rows)
    })?;
    progress.end();
    Ok(rows.into_iter().sum())
}

struct Bucket<'a> {
    store: &'a Store,
    day: Day,
    bucket: u16,
    /// The newest earlier state.
    before: Option<(&'a Day, &'a Made)>,
    parts: &'a [(String, u64)],
}

type Results = BTreeMap<CreatorId, BTreeMap<(Day, Network), DayResult>>;

impl Bucket<'_> {
    fn score(&self) -> Result<u64> {
        let params = &Params::shipped().day;
        let mut holds: Vec<String> = self.parts.iter().map(|(part, print)| format!("events {part} {print}")).collect();
        let mut days = Vec::new();
        for day in self.day - Day::from(params.window) + 1..=self.day {
            let Some(made) = manifest::read::<Made>(self.store, Stage::Aggregate, &unit(day, self.bucket))? else { continue };
            let hold = format!("day {day} {}", made.made);
            // Within the grace days an event can open a day again, which then is entered anew.
            if day > self.day - Day::from(params.grace) - 1 || !self.held(&hold) {
                days.push((day, made.file));
            }
            holds.push(hold);
        }
        let from = fingerprint_of(&(self.before.map(|(day, made)| (day, made.made)), &holds, self.day, FORMULA_VERSION))?;
        let unit = unit(self.day, self.bucket);
        if let Some(made) = manifest::read::<Made>(self.store, Stage::Score, &unit)?.filter(|made| made.from == from) {
            return Ok(made.rows);
        }
        let (states, scores, rows) = self.make(&days)?;
        let file = state_path(self.day, self.bucket);
        let made = Made { from, made: fingerprint(&states), rows, file: file.clone(), holds, ..Made::default() };
        self.store.put(&file, states)?;
        self.store.put(&scores_path(self.day, self.bucket), scores)?;
        manifest::write(self.store, Stage::Score, &unit, &made)?;
        Ok(rows)
    }

    fn held(&self, hold: &String) -> bool {
        self.before.is_some_and(|(_, made)| made.holds.contains(hold))
    }

    /// Files of states and scores, and the number of creators.
    fn make(&self, days: &[(Day, String)]) -> Result<(Vec<u8>, Vec<u8>, u64)> {
        let mut results = self.results(days)?;
        let mut events = self.events()?;
        let mut waiting: BTreeSet<CreatorId> = results.keys().chain(events.keys()).copied().collect();
        let mut writer = Writer::new(self.day)?;
        let mut close = |creator: CreatorId, mut state: State| {
            let params = Params::shipped();
            for event in events.remove(&creator).unwrap_or_default() {
                state.apply(&event, params);
            }
            for ((day, network), result) in results.remove(&creator).unwrap_or_default() {
                state.tallied(network, day, result);
            }
            state.close(self.day, &(), params);
            writer.write(creator, &state)
        };
        if let Some((_, made)) = self.before {
            for batch in self.store.batches(&made.file)? {
                let batch = batch?;
                let creators = column::<UInt64Type>(&batch, 0)?;
                let states = batch.column(1).as_string_opt::<i32>().context("states are no text")?;
                for (creator, state) in creators.iter().zip(states.iter()) {
                    let (creator, state) = creator.zip(state).context("a state of nobody")?;
                    while let Some(new) = waiting.first().copied().filter(|id| *id < creator) {
                        waiting.pop_first();
                        close(new, State::default())?;
                    }
                    waiting.remove(&creator);
                    close(creator, serde_json::from_str(state)?)?;
                }
            }
        }
        for new in waiting {
            close(new, State::default())?;
        }
        writer.finish()
    }

    /// What the days came to, by creator.
    fn results(&self, days: &[(Day, String)]) -> Result<Results> {
        let mut results = Results::new();
        for (day, file) in days {
            for batch in self.store.batches(file)? {
                let batch = batch?;
                let (creator, network) = (column::<UInt64Type>(&batch, 0)?, column::<UInt8Type>(&batch, 1)?);
                let (series, post, x) =
                    (column::<UInt8Type>(&batch, 2)?, column::<UInt64Type>(&batch, 3)?, column::<Float64Type>(&batch, 4)?);
                for i in 0..batch.num_rows() {
                    let of = results.entry(creator.value(i)).or_default();
                    let result = of.entry((*day, NETWORKS[usize::from(network.value(i))])).or_default();
                    let entry = Entry { series: series.value(i), post: post.is_valid(i).then(|| post.value(i)), x: x.value(i) };
                    entry.enter(result);
                }
            }
        }
        Ok(results)
    }

    /// Events that the state before does not hold, up to the day.
    fn events(&self) -> Result<BTreeMap<CreatorId, Vec<Event>>> {
        let mut events: BTreeMap<CreatorId, Vec<Event>> = BTreeMap::new();
        for (part, print) in self.parts {
            // Of a part that is held, what lies after that day was left for later.
            let after = self.before.filter(|_| self.held(&format!("events {part} {print}"))).map(|(day, _)| *day);
            for batch in self.store.batches(&events_path(self.bucket, part))? {
                let batch = batch?;
                let (creator, day) = (column::<UInt64Type>(&batch, 0)?, column::<Int32Type>(&batch, 1)?);
                let texts = batch.column(2).as_string_opt::<i32>().context("events are no text")?;
                for i in (0..batch.num_rows()).filter(|i| day.value(*i) <= self.day && after.is_none_or(|after| day.value(*i) > after)) {
                    events.entry(creator.value(i)).or_default().push(serde_json::from_str(texts.value(i))?);
                }
            }
        }
        Ok(events)
    }
}

/// The two files of a bucket.
struct Writer {
    day: Day,
    states: FileOf,
    scores: FileOf,
    held: Vec<(CreatorId, String, Option<Score>)>,
    rows: u64,
}

impl Writer {
    fn new(day: Day) -> Result<Self> {
        Ok(Self { day, states: FileOf::new(&STATES)?, scores: FileOf::new(&SCORES)?, held: Vec::new(), rows: 0 })
    }

    fn write(&mut self, creator: CreatorId, state: &State) -> Result<()> {
        self.held.push((creator, serde_json::to_string(state)?, state.score(Params::shipped())));
        if self.held.len() == WRITE { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        self.rows += held.len() as u64;
        let creators: ArrayRef = Arc::new(UInt64Array::from_iter_values(held.iter().map(|h| h.0)));
        let texts = Arc::new(StringArray::from_iter_values(held.iter().map(|h| &h.1)));
        self.states.write(&RecordBatch::try_new(STATES.clone(), vec![creators.clone(), texts])?)?;
        let value = |of: fn(&Score) -> f64| -> ArrayRef { Arc::new(held.iter().map(|h| h.2.as_ref().map(of)).collect::<Float64Array>()) };
        let provisional = BooleanArray::from_iter(held.iter().map(|h| Some(h.2.as_ref().is_none_or(|s| !s.provisional.is_empty()))));
        let columns: Vec<ArrayRef> = vec![
            creators,
            Arc::new(Int32Array::from_value(self.day, held.len())),
            value(|s| s.value),
            value(|s| s.low),
            value(|s| s.high),
            value(|s| s.influence),
            value(|s| s.true_reach),
            Arc::new(provisional),
            Arc::new(StringArray::from_iter_values(std::iter::repeat_n(FORMULA_VERSION, held.len()))),
        ];
        self.scores.write(&RecordBatch::try_new(SCORES.clone(), columns)?)
    }

    fn finish(mut self) -> Result<(Vec<u8>, Vec<u8>, u64)> {
        self.flush()?;
        Ok((self.states.finish()?, self.scores.finish()?, self.rows))
    }
}
