//! Bad lines do not stop a run, a kill leaves nothing that the next run cannot go on from, and what is published is whole.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use hibiki_batch::{generate::Generator, publish::publish, snapshots::Known};

use crate::store::{BUCKETS, Batch, files, paths};

fn made(rows: u64) -> Vec<u8> {
    let generator = Generator { creators: 200, late: 0.1, ..Generator::sized(rows, 20_000) };
    let mut text = Vec::new();
    (0..generator.lines()).for_each(|line| generator.line(line, &mut text));
    text
}

#[test]
fn bad_lines_are_counted_and_named() {
    let batch = Batch::new();
    let good = r#"{"creator":1,"ts":5,"network":"x","kind":"like"}"#;
    let lines: Vec<String> =
        (1..=1_000).map(|i| if i % 100 == 0 { format!("{good}{i}") } else { good.replace(":5", &format!(":{i}")) }).collect();
    let taken = batch.ingest("bad", lines.join("\n").as_bytes());
    assert_eq!((taken.lines, taken.rows, taken.bad), (1_000, 990, 10));
    let told: Vec<u64> = taken.bad_lines.iter().map(|(line, _)| *line).collect();
    assert_eq!(told, [100, 200, 300]);
    assert!(taken.bad_lines[0].1.contains("trailing"), "{:?}", taken.bad_lines[0]);
    // Again under the same name: known, and the same.
    assert_eq!(batch.ingest("bad", lines.join("\n").as_bytes()), taken);
}

#[test]
fn another_text_under_the_same_name_is_refused() {
    let batch = Batch::new();
    let text = made(500);
    batch.ingest("one", &text);
    let options = hibiki_batch::ingest::Options {
        name: "one".to_owned(),
        format: hibiki_batch::parse::Format::Json,
        buckets: BUCKETS,
        threads: 1,
        blocks: 3,
        bad_cap: 3,
    };
    let other = String::from_utf8_lossy(&text).replace("like", "save");
    let error = hibiki_batch::ingest::ingest(&batch.store, &mut hibiki_batch::ingest::Text::cut(other.as_bytes(), 20_000), &options);
    assert!(error.expect_err("another text").to_string().contains("another text"));
}

fn run(root: &Path, input: &Path, to: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hibiki-batch"));
    command
        .arg("--root")
        .arg(root)
        .args(["--threads", "2", "run", "--buckets", "8", "--blocks", "1", "--day", "2024-10-04", "--to"])
        .arg(to)
        .arg(input);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// After kills at many points the store holds the same bytes as after a run in one go.
#[test]
fn a_kill_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let input = folder.path().join("input.jsonl");
    std::fs::write(&input, made(60_000)).expect("an input");
    let whole = folder.path().join("whole");
    let to = folder.path().join("whole.csv");
    assert!(run(&whole, &input, &to).status().expect("a run").success());
    let expected = files(&whole, "");
    let units = expected.keys().filter(|name| name.starts_with("manifest")).count();
    let killed = folder.path().join("killed");
    let to_killed = folder.path().join("killed.csv");
    for step in 1..=8 {
        let mut child = run(&killed, &input, &to_killed).spawn().expect("a run");
        // Until a share of the units is done, or all is.
        while child.try_wait().expect("a child").is_none() {
            if paths(&killed.join("manifest")).len() >= units * step / 9 {
                break;
            }
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().expect("an end");
    }
    assert!(run(&killed, &input, &to_killed).status().expect("a run").success());
    let found = files(&killed, "");
    // A put that was killed leaves its half file beside the target, with a number at its end; nobody reads it.
    let found: std::collections::BTreeMap<_, _> = found.into_iter().filter(|(name, _)| !name.contains('#')).collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(found == expected, "bytes differ");
    assert_eq!(std::fs::read(&to).expect("scores"), std::fs::read(&to_killed).expect("scores"));
}

#[test]
fn what_is_published_is_whole() {
    let batch = Batch::new();
    batch.ingest("all", &made(3_000));
    let scores = batch.scores(20_000);
    let to = |name: &str| batch.folder.path().join(name);
    assert_eq!(publish(&batch.store, 20_000, &to("a.csv"), None).expect("published"), scores.len() as u64);
    let csv = std::fs::read_to_string(to("a.csv")).expect("a file");
    assert_eq!(csv.lines().count(), scores.len() + 1);
    assert!(scores.values().flatten().count() > 50);
    publish(&batch.store, 20_000, &to("a.sql"), None).expect("published");
    let sql = std::fs::read_to_string(to("a.sql")).expect("a file");
    assert!(sql.starts_with("begin;") && sql.trim_end().ends_with("commit;") && sql.lines().count() == scores.len() + 8);
    let who = scores.keys().take(9).map(|creator| format!("{creator},00000000-0000-7000-8000-{:012x}\n", creator >> 16));
    std::fs::write(to("creators.csv"), "creator,id\n".to_owned() + &who.collect::<String>()).expect("a file");
    let known = Known::read(&to("creators.csv"), false).expect("creators");
    assert_eq!(publish(&batch.store, 20_000, &to("server.sql"), Some(&known)).expect("published"), 9);
    let sql = std::fs::read_to_string(to("server.sql")).expect("a file");
    assert!(sql.contains("s.day = '2024-10-04'") && sql.matches("\n00000000-").count() == 9);
    assert!(publish(&batch.store, 20_000, &to("server.csv"), Some(&known)).is_err());
    publish(&batch.store, 20_000, &to("a.parquet"), None).expect("published");
    assert!(publish(&batch.store, 20_000, &to("a.txt"), None).is_err());
    assert!(publish(&batch.store, 19_999, &to("b.csv"), None).expect_err("not scored").to_string().contains("not scored"));
}

/// So many actors need more than the few MiB that the queries get: they spill, and find the same.
#[test]
fn little_memory_gives_the_same() {
    let generator = Generator { actors: 100_000, events: false, ..Generator::sized(100_000, 20_000) };
    let mut text = Vec::new();
    (0..generator.lines()).for_each(|line| generator.line(line, &mut text));
    let of = |memory: usize| {
        let batch = Batch::with_memory(memory);
        batch.ingest("all", &text);
        batch.aggregate();
        (batch.files("lookup"), batch.files("daily"))
    };
    let wide = of(1 << 30);
    assert_eq!(wide.0.len(), 1);
    assert!(of(6 << 20) == wide, "bytes differ");
}
