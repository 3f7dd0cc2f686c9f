//! Reads thousands of linked accounts over days of virtual time, and says whether every limit was kept.

use hibiki_tests::{
    database::Kind,
    simulation::{Size, simulate},
};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut size = Size { accounts: 10_000, days: 7, told: true };
    let mut kind = Kind::Sqlite;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|n| n.parse::<u32>().ok()).unwrap_or_else(|| usage());
        match word.as_str() {
            "--accounts" => size.accounts = number() as usize,
            "--days" => size.days = number().into(),
            "--postgres" => kind = Kind::Postgres,
            _ => usage(),
        }
    }
    // What the worker could not write down stands in its log, and nowhere else.
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let Some(report) = runtime.block_on(simulate(kind, size)) else { std::process::exit(2) };
    print!("{report}");
    std::process::exit(i32::from(!report.broken.is_empty()));
}

fn usage() -> ! {
    eprintln!("simulate [--accounts N] [--days N] [--postgres]   (PostgreSQL: the server that HIBIKI_TEST_POSTGRES names)");
    std::process::exit(2)
}
