//! Serves the toy schema of the tests, for peers from outside: `cargo run -p hibiki-edge --example toy -- 4100`, then the scripts in
//! `tests/peers` at the root.

#[path = "../tests/toy/mod.rs"]
mod toy;

use actix_web::{App, HttpServer};
use hibiki_edge::{Edge, Settings, routes};

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(4100);
    let edge = Edge::new(toy::Toy { open: true, ..toy::Toy::new(Settings::default()) });
    println!("http://127.0.0.1:{port}/graphql");
    HttpServer::new(move || App::new().configure(|cfg| routes(cfg, edge.clone()))).workers(1).bind(("127.0.0.1", port))?.run().await
}
