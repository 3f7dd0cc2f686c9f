//! Contracts: what holds for every slice, those to come as well. A new slice adds lines to tables here; it is told which.

mod authority;
mod bad_input;
mod fuzz;
mod headers;
mod links;
mod lists;
mod locales;
mod promises;
mod proofs;
mod reach;
mod schema;
mod statements;
mod supply;
mod templates;
mod tidy;

use std::path::{Path, PathBuf};

use crate::peers::root;

/// A file of the project.
struct Source {
    /// From the workspace's root: `server/src/tx.rs`.
    path: String,
    text: String,
}

/// Every file below a folder that ends so, sorted.
fn sources(folder: &str, ending: &str) -> Vec<Source> {
    fn walk(dir: &Path, ending: &str, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "node_modules" && name != "target" {
                walk(&path, ending, out);
            } else if name.ends_with(ending) {
                out.push(path);
            }
        }
    }
    let (root, mut paths) = (root(), Vec::new());
    walk(&root.join(folder), ending, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| Source {
            text: std::fs::read_to_string(&path).unwrap_or_default(),
            path: path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned(),
        })
        .collect()
}

/// Fails with every line at once, so that nobody mends one after the other.
#[track_caller]
fn none(what: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what}:\n  {}\n", found.join("\n  "));
}
