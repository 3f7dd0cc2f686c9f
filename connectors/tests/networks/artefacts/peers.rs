//! Mock servers made from OpenAPI files by npm prism, and a transport that keeps what went through it.
//! `npm ci --prefix connectors/tests/peer` brings prism; without it these tests say so and pass, unless `HIBIKI_TEST_PEERS_REQUIRED` is set.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use hibiki_connectors::{Http, HttpLimits, Request, Response, Result, Transport};

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
    std::thread::spawn(move || out.lines().map_while(std::result::Result::ok).for_each(drop));
    Some(Prism { child, url: format!("http://127.0.0.1:{port}").parse().unwrap() })
}

/// HTTP that keeps requests with their answers, and may ask the mock server for a certain status.
pub struct Kept {
    http: Http,
    /// `Prefer: code=…`.
    pub prefer: Mutex<Option<u16>>,
    seen: Mutex<Vec<(Request, Response)>>,
}

impl Kept {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { http: Http::new(HttpLimits::default()).unwrap(), prefer: Mutex::default(), seen: Mutex::default() })
    }

    /// What went through since the last time.
    pub fn taken(&self) -> Vec<(Request, Response)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Kept {
    async fn send(&self, request: Request) -> Result<Response> {
        let prefer = *self.prefer.lock().unwrap();
        let request = match prefer {
            Some(code) => request.with("prefer", &format!("code={code}")),
            None => request,
        };
        let answer = self.http.send(request.clone()).await?;
        self.seen.lock().unwrap().push((request, answer.clone()));
        Ok(answer)
    }
}
