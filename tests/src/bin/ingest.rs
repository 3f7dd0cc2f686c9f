//! Measures how fast publications with their figures become rows, beside a raw insert of the same rows.

use hibiki_tests::{database::Kind, ingest::ingest};

fn main() {
    let posts = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => Some(20_000),
        [name, number] if name == "--posts" => number.parse().ok(),
        _ => None,
    };
    let Some(posts) = posts else {
        eprintln!("ingest [--posts N]   (PostgreSQL too where HIBIKI_TEST_POSTGRES names a server)");
        std::process::exit(2)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for kind in [Kind::Sqlite, Kind::Postgres] {
        match runtime.block_on(ingest(kind, posts)) {
            Some(measured) => println!("{kind:?}: {measured}"),
            None => println!("{kind:?}: not there"),
        }
    }
}
