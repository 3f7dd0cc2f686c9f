//! What is done already: one small file for each unit of a stage, written when the unit's files are whole. It holds the fingerprint of what the unit was
//! made from, so that a stage run again makes only what is missing or has other inputs than it had.

use anyhow::{Context as _, Result};
use influence::types::Day;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::store::Store;

/// A stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Text to sorted runs.
    Ingest,
    /// Runs to one file.
    Seal,
    /// Who acted much.
    Lookup,
    /// Actions to series.
    Aggregate,
    /// Series to scores.
    Score,
}

impl Stage {
    fn folder(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Seal => "seal",
            Self::Lookup => "lookup",
            Self::Aggregate => "aggregate",
            Self::Score => "score",
        }
    }
}

/// A number that stands for bytes: FNV-1a over eight at a time. Against accidents, not against forgers.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325u64 ^ bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = word.iter().rev().fold(0u64, |w, b| (w << 8) | u64::from(*b));
        hash = (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23);
    }
    for byte in words.remainder() {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}

/// The fingerprint of anything that serialises.
pub fn fingerprint_of(value: &impl Serialize) -> Result<u64> {
    Ok(fingerprint(&serde_json::to_vec(value)?))
}

fn path(stage: Stage, unit: &str) -> String {
    format!("manifest/{}/{unit}.json", stage.folder())
}

/// The name of a unit that is a bucket of a day.
pub fn unit(day: Day, bucket: u16) -> String {
    format!("{day}-{bucket:05}")
}

/// What is noted of a unit; `None`: it is not done.
pub fn read<T: DeserializeOwned>(store: &Store, stage: Stage, unit: &str) -> Result<Option<T>> {
    let path = path(stage, unit);
    store.get(&path)?.map(|bytes| serde_json::from_slice(&bytes).with_context(|| path.clone())).transpose()
}

/// Notes that a unit is done.
pub fn write(store: &Store, stage: Stage, unit: &str, note: &impl Serialize) -> Result<()> {
    store.put(&path(stage, unit), serde_json::to_vec(note)?)
}

/// All units of a stage, by name.
pub fn all<T: DeserializeOwned>(store: &Store, stage: Stage) -> Result<Vec<(String, T)>> {
    let mut units = Vec::new();
    for path in store.list(&format!("manifest/{}", stage.folder()))? {
        let bytes = store.get(&path)?.with_context(|| format!("{path} vanished"))?;
        let name = path.rsplit('/').next().and_then(|name| name.strip_suffix(".json")).unwrap_or_default().to_owned();
        units.push((name, serde_json::from_slice(&bytes).with_context(|| path.clone())?));
    }
    Ok(units)
}

/// What `ingest` notes of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// Lines, blank ones among them.
    pub lines: u64,
    /// Bytes of text.
    pub bytes: u64,
    /// Fingerprint of the text, so that another text under the same name is noticed.
    pub text: u64,
    /// Interactions taken, before repeats were dropped.
    pub rows: u64,
    /// Other events taken.
    pub events: u64,
    /// Lines that could not be read.
    pub bad: u64,
    /// The first of them: line and reason.
    pub bad_lines: Vec<(u64, String)>,
    /// Files of interactions: day, bucket, rows, inferred ones among them.
    pub parts: Vec<(Day, u16, u64, u64)>,
    /// Files of other events: bucket and the fingerprint of the file.
    pub event_parts: Vec<(u16, u64)>,
    /// The last chunk of its input.
    pub last: bool,
}

/// What is noted of a bucket of a day by the later stages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Fingerprint of what it was made from.
    pub from: u64,
    /// Fingerprint of what was made; of `from` where the one follows from the other.
    pub made: u64,
    /// The file.
    pub file: String,
    /// Its rows.
    pub rows: u64,
    /// Its rows whose tie to a post is inferred.
    #[serde(default)]
    pub inferred: u64,
    /// Names of what is in it, where that has to be known.
    #[serde(default)]
    pub holds: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_tell_texts_apart() {
        let texts = ["", "\0", "\0\0", "abcdefgh", "abcdefgi", "bbcdefgh", "abcdefgh\0", "hgfedcba"];
        let mut prints: Vec<u64> = texts.iter().map(|t| fingerprint(t.as_bytes())).collect();
        prints.sort_unstable();
        prints.dedup();
        assert_eq!(prints.len(), texts.len());
    }
}
