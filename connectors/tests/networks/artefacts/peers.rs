//! Mock servers made from OpenAPI files by npm prism.
//! `npm ci --prefix connectors/tests/peer` brings prism; without it these tests say so and pass, unless `HIBIKI_TEST_PEERS_REQUIRED` is set.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A running mock server; it ends with its value.
pub struct Prism {
    child: Child,
    /// Where it listens.
    pub url: url::Url,
}

impl Drop for Prism {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// A mock server made from a file of the artefacts; `None` without the one or the other.
pub fn prism(file: &str) -> Option<Prism> {
    let spec = super::path(file)?;
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer/node_modules/@stoplight/prism-cli/dist/index.js");
    if !program.exists() {
        assert!(super::env("HIBIKI_TEST_PEERS_REQUIRED").is_none(), "prism is missing: npm ci --prefix connectors/tests/peer");
        eprintln!("skipped: prism is missing (npm ci --prefix connectors/tests/peer)");
        return None;
    }
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let mut child = Command::new("node")
        .arg(program)
        .args(["mock", "--multiprocess", "false", "--host", "127.0.0.1", "--port", &port.to_string()])
        .arg(spec)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    loop {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "prism ended before it listened");
        if line.contains("Prism is listening") {
            break;
        }
    }
    // What it says further is read and dropped, or it would stand still once the pipe is full.
    std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(drop));
    Some(Prism { child, url: format!("http://127.0.0.1:{port}").parse().unwrap() })
}
