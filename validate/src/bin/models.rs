//! Runs V6 to V8 against a folder of data (learning also from a second one), or trains on a table of your own:
//! `cargo run --release -p hibiki-validate --bin models -- ../shared/data` · `… -- train accounts labels.csv > account.json`.

use std::path::Path;
use std::process::ExitCode;

use hibiki_validate::{train::train, v6, v7, v8};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["train", what, table] => match train(what, Path::new(table)) {
            Ok(text) => println!("{text}"),
            Err(why) => {
                eprintln!("{why}");
                return ExitCode::FAILURE;
            }
        },
        [test] | [test, _] => {
            let train = words.get(1).map_or(*test, String::as_str);
            for run in [v6::run_on, v7::run_on, v8::run_on] {
                println!("{}", run(Path::new(train), Path::new(test)));
            }
        }
        _ => {
            eprintln!("models FOLDER [FOLDER TO LEARN FROM] | models train accounts|comments|sponsored TABLE");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
