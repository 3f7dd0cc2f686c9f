//! Finding tables: by a folder's name and a column that they must have, at any depth.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::data::walk;

/// A comma- or tab-separated file with a head line.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file's name without its ending.
    pub name: String,
    /// Rows by column name; names are trimmed.
    pub rows: Vec<HashMap<String, String>>,
}

impl Table {
    /// A cell as a number.
    #[must_use]
    pub fn number(row: &HashMap<String, String>, column: &str) -> Option<f64> {
        row.get(column)?.trim().parse().ok().filter(|v: &f64| v.is_finite())
    }
}

/// All tables below the folders named `folder` (at `data` itself or below, whatever lies between), in order of their paths, that have all of `columns`.
/// Files that cannot be read as tables are passed over: folders also hold texts.
#[must_use]
pub fn tables(data: &Path, folder: &str, columns: &[&str]) -> Vec<Table> {
    let is_table = |file: &PathBuf| file.extension().is_some_and(|e| e == "csv" || e == "tsv");
    let read = files(data, folder).into_iter().filter(is_table).filter_map(|file| read(&file));
    read.filter(|t| t.rows.first().is_some_and(|r| columns.iter().all(|c| r.contains_key(*c)))).collect()
}

/// The first file below such a folder whose name begins so.
#[must_use]
pub fn find(data: &Path, folder: &str, begins: &str) -> Option<PathBuf> {
    files(data, folder).into_iter().find(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with(begins)))
}

/// Names of the folders below `data` that have `part` in their name, each once, in order.
#[must_use]
pub fn folders(data: &Path, part: &str) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    walk(data, &mut |path, is_dir| {
        names.extend(path.file_name().map(|n| n.to_string_lossy().into_owned()).filter(|n| is_dir && n.contains(part)));
    });
    names.into_iter().collect()
}

fn files(data: &Path, folder: &str) -> Vec<PathBuf> {
    let mut roots = Vec::new();
    if data.file_name().is_some_and(|n| n == folder) {
        roots.push(data.to_owned());
    }
    walk(data, &mut |path, is_dir| {
        if is_dir && path.file_name().is_some_and(|n| n == folder) {
            roots.push(path.to_owned());
        }
    });
    let mut files = Vec::new();
    for root in &roots {
        walk(root, &mut |path, is_dir| {
            if !is_dir && !files.iter().any(|f| f == path) {
                files.push(path.to_owned());
            }
        });
    }
    files
}

/// Reads one table; `None` where it is none.
#[must_use]
pub fn read(file: &Path) -> Option<Table> {
    let delimiter = if file.extension()? == "tsv" { b'\t' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_path(file).ok()?;
    let head: Vec<String> = reader.headers().ok()?.iter().map(|h| h.trim_start_matches('\u{feff}').trim().to_owned()).collect();
    let rows = reader.records().flatten().map(|r| head.iter().cloned().zip(r.iter().map(str::to_owned)).collect()).collect();
    Some(Table { name: file.file_stem()?.to_string_lossy().into_owned(), rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_at_any_depth() {
        let base = std::env::temp_dir().join(format!("hibiki-files-{}", std::process::id()));
        for (path, text) in
            [("a/set/x.csv", "k,v\n1,2\n"), ("b/set/held/y.csv", "k,v\n3,4\n"), ("set/other.csv", "z\n1\n"), ("set/NOTE.md", "k,v\n")]
        {
            let path = base.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let found: Vec<_> = tables(&base, "set", &["k", "v"]).into_iter().map(|t| t.name).collect();
        assert_eq!(folders(&base, "se"), ["set"]);
        let below: Vec<_> = tables(&base.join("set"), "set", &["z"]).into_iter().map(|t| t.name).collect();
        std::fs::remove_dir_all(&base).unwrap();
        assert_eq!(found, ["x", "y"]);
        assert_eq!(below, ["other"]);
        assert!(tables(&base, "set", &["k"]).is_empty(), "gone");
    }
}
