//! Runs V6 to V8 against a folder of data: `cargo run --release -p hibiki-validate --bin models -- ../shared/data`.

use std::path::Path;

use hibiki_validate::{v6, v7, v8};

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "../shared/data".into());
    for report in [v6::run(Path::new(&folder)), v7::run(Path::new(&folder)), v8::run(Path::new(&folder))] {
        println!("{report}");
    }
}
