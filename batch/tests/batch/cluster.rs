//! A cluster on loopback gives the same bytes as this process: one scheduler, one executor, then two.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
};

use hibiki_batch::generate::Generator;

use crate::store::Batch;

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(root: &Path, arguments: &[&str]) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hibiki-batch"));
    command.arg("--root").arg(root).args(["--threads", "2"]).args(arguments).stdout(Stdio::null());
    Running(command.spawn().expect("a process"))
}

/// Two ports side by side that nobody listens on.
fn free() -> u16 {
    loop {
        let one = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("a port").port();
        if one < u16::MAX && TcpListener::bind(("127.0.0.1", one + 1)).is_ok() {
            return one;
        }
    }
}

#[test]
fn a_cluster_gives_the_same() {
    let generator = Generator { creators: 200, ..Generator::sized(20_000, 20_000) };
    let mut text = Vec::new();
    (0..generator.lines()).for_each(|line| generator.line(line, &mut text));
    let here = Batch::new();
    here.ingest("all", &text);
    here.aggregate();
    for executors in [1, 2] {
        let there = Batch::new();
        there.ingest("all", &text);
        let scheduler = format!("127.0.0.1:{}", free());
        let url = format!("df://{scheduler}");
        let mut running = vec![start(there.store.root(), &["scheduler", "--listen", &scheduler])];
        while TcpStream::connect(&scheduler).is_err() {
            std::thread::yield_now();
        }
        for _ in 0..executors {
            let listen = format!("127.0.0.1:{}", free());
            running.push(start(there.store.root(), &["--scheduler", &url, "executor", "--listen", &listen]));
        }
        there.aggregate_at(Some(url));
        for folder in ["lookup", "daily"] {
            assert!(here.files(folder) == there.files(folder), "{folder} differs with {executors} executors");
        }
    }
}
