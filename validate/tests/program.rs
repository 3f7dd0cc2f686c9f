//! The program as it is run: on nothing, on a little, and on the development data.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn run(data: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hibiki-validate")).arg("--data").arg(data).args(more).output().expect("the program starts")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn no_data_is_said_and_is_no_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    for data in [folder.path().to_owned(), folder.path().join("absent")] {
        let output = run(&data, &["--only", "V1,V2,V3,V4,V5", "--strict"]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output).matches("no data").count(), 5, "{}", text(&output));
    }
}

#[test]
fn a_bar_that_is_missed_fails_only_when_strict() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = folder.path().join("held-out/part");
    std::fs::create_dir_all(&deep).expect("folders");
    let columns = ["follower_count", "following_count", "listed_count", "mentions_received", "retweets_received", "posts"];
    let header: Vec<String> = ["a", "b"].iter().flat_map(|s| columns.map(|c| format!("{s}_{c}"))).collect();
    let mut rows = header.join(",") + ",a_more_influential\n";
    for i in 1..40 {
        // Judged the wrong way round: whoever has less is said to be more influential, now as the first and now as the second.
        let (small, large) = (format!("{i},5,{i},1,1,2"), format!("{},5,{},9,9,2", 1_000 * i, 30 * i));
        rows += &if i % 2 == 0 { format!("{small},{large},1\n") } else { format!("{large},{small},0\n") };
    }
    std::fs::write(deep.join("anything.csv"), rows).expect("a file");
    let lenient = run(folder.path(), &["--only", "v1", "--draws", "50"]);
    assert!(lenient.status.success() && text(&lenient).contains("MISSED"), "{}", text(&lenient));
    assert!(!run(folder.path(), &["--only", "V1", "--draws", "50", "--strict"]).status.success());
    let json: serde_json::Value =
        serde_json::from_slice(&run(folder.path(), &["--only", "V1", "--draws", "50", "--json"]).stdout).expect("JSON");
    assert_eq!(json[0]["findings"][0]["n"], 39);
}

/// What the program finds in the development data; none where that is not there.
fn found(only: &str) -> Option<Vec<serde_json::Value>> {
    #[expect(clippy::disallowed_methods, reason = "a test finds its data; no setting of the program")]
    let env = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0");
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = root.join(env("HIBIKI_SHARED").unwrap_or_else(|| "../shared".into())).join("data");
    if !data.is_dir() {
        assert!(env("HIBIKI_SHARED_REQUIRED").is_none(), "missing: {}", data.display());
        eprintln!("skipped: {} is not there (HIBIKI_SHARED)", data.display());
        return None;
    }
    let output = run(&data, &["--only", only, "--draws", "50", "--json"]);
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    Some(rows.as_array().expect("rows").iter().flat_map(|r| r["findings"].as_array().expect("found")).cloned().collect())
}

#[test]
fn the_development_data_meets_the_bars_of_people_and_reach() {
    let Some(findings) = found("V1,V4,V5") else { return };
    assert_eq!(findings.len(), 8, "one of people, four of reach, three of the future");
    assert!(findings.iter().all(|f| f["met"] == true), "{findings:#?}");
}

#[test]
fn the_development_data_meets_the_bar_of_cascades() {
    let Some(findings) = found("V2") else { return };
    assert_eq!(findings.len(), 3);
    assert!(findings.iter().all(|f| f["met"] == true), "{findings:#?}");
}

#[test]
fn the_development_data_meets_the_bars_of_accounts_and_comments() {
    let Some(findings) = found("V6,V7") else { return };
    // The first figure of a claim says whether its bar is met; the others stand beside it.
    let met: Vec<&serde_json::Value> = findings.iter().map(|f| &f["met"]).filter(|met| !met.is_null()).collect();
    assert_eq!(met, [true, true], "{findings:#?}");
    let area = |f: &&serde_json::Value| f["measure"].as_str().is_some_and(|m| m.starts_with("AUC, ") && m.contains('→'));
    assert!(findings.iter().filter(area).count() > 4, "two directions of accounts, three videos at least: {findings:#?}");
    assert!(findings.iter().filter(area).all(|f| f["ours"]["value"].as_f64().is_some_and(|auc| auc >= 0.9)), "{findings:#?}");
}
