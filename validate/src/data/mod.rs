//! Reading data sets: found by the names of their files, wherever they lie below the folder given.

pub mod cascades;
pub mod channels;
pub mod pairs;

use std::path::{Path, PathBuf};

/// Every file of a name below a folder, in the order of their paths. A folder that is not there has none.
pub fn named(below: &Path, wanted: impl Fn(&str) -> bool + Copy) -> Vec<PathBuf> {
    let mut found = Vec::new();
    walk(below, &mut |path, is_dir| {
        if !is_dir && path.file_name().and_then(|name| name.to_str()).is_some_and(wanted) {
            found.push(path.to_owned());
        }
    });
    found
}

/// Shows all that lies below a folder, in the order of the paths, and whether it is a folder itself.
pub fn walk(at: &Path, seen: &mut dyn FnMut(&Path, bool)) {
    let Ok(entries) = std::fs::read_dir(at) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let is_dir = path.is_dir();
        seen(&path, is_dir);
        if is_dir {
            walk(&path, seen);
        }
    }
}

/// The rows of all CSV files that have all the columns, read as `T`. Files without the columns are something else; a row that cannot be read is left out, and
/// how many were is said on standard error.
pub fn rows<T: for<'de> serde::Deserialize<'de>>(below: &Path, columns: &[&str]) -> anyhow::Result<Vec<T>> {
    let mut all = Vec::new();
    for path in named(below, |name| name.ends_with(".csv")) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path)?;
        let Ok(headers) = reader.headers().cloned() else { continue };
        if !columns.iter().all(|column| headers.iter().any(|h| h == *column)) {
            continue;
        }
        let mut unread = 0;
        for row in reader.deserialize() {
            match row {
                Ok(row) => all.push(row),
                Err(_) => unread += 1,
            }
        }
        if unread > 0 {
            eprintln!("{}: {unread} rows could not be read and are left out", path.display());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        n: f64,
    }

    #[test]
    fn files_are_found_at_any_depth_by_their_columns() {
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("some/other/level");
        std::fs::create_dir_all(&deep).expect("folders");
        std::fs::write(deep.join("a.csv"), "n,x\n1,a\nnone,b\n3,c\n").expect("a file");
        std::fs::write(folder.path().join("b.csv"), "m\n7\n").expect("a file");
        let rows: Vec<Row> = rows(folder.path(), &["n"]).expect("readable");
        assert_eq!(rows.iter().map(|r| r.n).collect::<Vec<_>>(), [1.0, 3.0]);
        assert!(named(&folder.path().join("absent"), |_| true).is_empty());
    }
}
