//! Programs that we did not write and test ours against: PostgreSQL, a mail server, an OAuth server, a browser. `bin/test` brings them.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A switch of the test run.
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting of the product")]
pub fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty() && value != "0")
}

/// Something is not installed: said, and a failure where everything has to be there.
pub fn missing(what: &str) {
    assert!(setting("HIBIKI_PEERS_REQUIRED").is_none(), "missing: {what}");
    eprintln!("skipped: {what}");
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace's root")
}

/// A Node program that prints its address first and ends with our end of its standard input.
pub struct Peer {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    /// The first line that it printed.
    pub address: String,
}

impl Peer {
    /// Starts `script` in `folder` (from the workspace's root); none if its packages are not installed.
    pub fn start(folder: &str, package: &str, script: &str, args: &[&str]) -> Option<Self> {
        let dir = root().join(folder);
        if !dir.join("node_modules").join(package).exists() {
            missing(&format!("{package}: npm ci --prefix {folder}"));
            return None;
        }
        let mut child = Command::new("node")
            .arg(script)
            .args(args)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output"));
        let mut address = String::new();
        lines.read_line(&mut address).expect("its first line");
        Some(Self { child, lines, address: address.trim().to_owned() })
    }

    /// The next line that it prints; waits for it.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}
