//! Reading data sets: found by the names of their files, wherever they lie below the folder given.

pub mod cascades;
pub mod channels;
pub mod pairs;

use std::path::{Path, PathBuf};

/// Every file of a name below a folder, in the order of their paths. A folder that is not there has none.
pub fn named(below: &Path, wanted: impl Fn(&str) -> bool + Copy) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(below) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(named(&path, wanted));
        } else if entry.file_name().to_str().is_some_and(wanted) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The rows of all CSV files of a name that have all the columns, read as `T`. Files without the columns are something else.
pub fn rows<T: for<'de> serde::Deserialize<'de>>(
    below: &Path,
    name: impl Fn(&str) -> bool + Copy,
    columns: &[&str],
) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    for path in named(below, name) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path)?;
        let headers = reader.headers()?.clone();
        if !columns.iter().all(|column| headers.iter().any(|h| h == *column)) {
            continue;
        }
        for (line, row) in reader.deserialize().enumerate() {
            all.push(row.map_err(|error| anyhow::anyhow!("{} row {}: {error}", path.display(), line + 2))?);
        }
    }
    Ok(all)
}
