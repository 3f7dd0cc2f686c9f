//! The GraphQL edge: one extractor, one responder, one socket loop and one event-stream loop over async-graphql and actix-web.
//!
//! It knows nothing of the product. A [`Host`] says who calls, what that caller may spend and what an operation is given; the edge
//! does the rest: negotiation, limits before validation, CSRF and CORS, codes and masks, `graphql-transport-ws` and event streams.
//!
//! ```ignore
//! let edge = Edge::new(host);                       // once, outside the worker factory: it counts over all workers
//! App::new().configure(|cfg| hibiki_edge::routes(cfg, edge.clone()))
//! ```

mod cors;
mod csrf;
mod documents;
mod errors;
mod gates;
mod http;
pub mod limits;
pub mod negotiation;
mod operation;
mod params;
mod respond;
mod settings;
mod socket;
mod stream;
mod variables;

use std::time::Duration;

use actix_web::{HttpMessage, HttpRequest, web};
use async_graphql::{Executor, Request, ServerError};

pub use async_graphql_parser::types::OperationType;
pub use errors::{Code, Refusal};
pub use gates::Edge;
pub use http::http;
pub use limits::Limits;
pub use settings::Settings;
pub use socket::socket;
pub use stream::stream;

/// What the edge asks of the program behind it. Workers are single-threaded, so its futures need not be `Send`.
#[expect(async_fn_in_trait, reason = "actix workers are single-threaded: no caller needs a Send bound")]
pub trait Host: Clone + 'static {
    /// Who calls, as the host sees it: nobody, a session, a token.
    type Caller: Clone + 'static;

    /// The schema, or anything else that executes requests.
    type Schema: Executor;

    /// The schema to execute against.
    fn schema(&self) -> &Self::Schema;

    /// Limits, origins, times. Read at every request, so keep it behind an `Arc`.
    fn settings(&self) -> &Settings;

    /// Who sends this HTTP request: by `Authorization`, else by cookie. No credentials at all is usually a caller too (nobody), not a
    /// refusal; a credential that is wrong or expired is [`Refusal::unauthenticated`].
    async fn authenticate(&self, request: &HttpRequest) -> Result<Identity<Self::Caller>, Refusal>;

    /// Who opens this socket. `init` is the payload of `connection_init` (`null` when there is none), by convention
    /// `{"authorization": "Bearer …", …}`; without it a cookie of `upgrade` may count, since its Origin is already checked (B9).
    async fn authenticate_socket(&self, upgrade: &HttpRequest, init: &serde_json::Value) -> Result<Identity<Self::Caller>, Refusal>;

    /// Whether the session or token still stands. Asked on each operation over a socket and, for sockets and event streams, every
    /// [`Settings::recheck`]; `false` closes the socket with 4403 and ends the stream (A9, B9).
    async fn still_valid(&self, caller: &Self::Caller) -> bool;

    /// Takes `requested_cost` from the caller's budget, or says when to come back (A27, B13).
    async fn admit(&self, caller: &Self::Caller, requested_cost: u64) -> Result<Throttle, RateLimited>;

    /// Gives back what was requested and not spent; `actual_cost` is never above `requested_cost`, and `admitted` is what [`Self::admit`] said.
    fn settle(&self, caller: &Self::Caller, admitted: Throttle, requested_cost: u64, actual_cost: u64) -> Throttle;

    /// Whether this caller may read `__schema` and `__type`, and gets suggestions in validation errors (A23, B3, B4).
    fn may_introspect(&self, caller: &Self::Caller) -> bool;

    /// Attaches what resolvers need: context and loaders. Called once per operation, so that loaders are never shared (A30).
    fn prepare(&self, request: Request, caller: &Self::Caller, call: &Call) -> Request;

    /// Gives an error of a resolver its code and a text that may go out. What has no `extensions.code` afterwards is replaced by
    /// INTERNAL_SERVER_ERROR with the request id only (B12). Log faults here: `error.source` is still attached.
    fn mask(&self, error: &mut ServerError, call: &Call);

    /// One line for the operation log (A32).
    fn log(&self, finished: &Finished<'_>);

    /// The text of a trusted document by the id that came as `documentId`, or as `sha256:…` for Apollo's `persistedQuery` (A26).
    async fn stored_document(&self, id: &str) -> Option<String> {
        let _ = id;
        None
    }

    /// Keeps a document that came together with its right hash, `sha256:…` in lower case; forgetting it is no fault.
    async fn keep_document(&self, id: &str, text: &str) {
        let _ = (id, text);
    }
}

/// A caller and how it was recognised.
#[derive(Clone, Debug)]
pub struct Identity<C> {
    /// Who calls.
    pub caller: C,
    /// Whether a cookie decided it, so that the CSRF rules apply (B7).
    pub cookie: bool,
    /// What concurrency and subscription caps count by: an account, a token, or the address of nobody (B5, B15).
    pub client: String,
}

/// How an operation came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One answer to one HTTP request.
    Http,
    /// `graphql-transport-ws`.
    Socket,
    /// `text/event-stream`.
    Stream,
}

/// One operation, as the host sees it while it runs.
#[derive(Clone, Debug)]
pub struct Call {
    /// The id that is in the answer, in `X-Request-Id` and should be in the log. Operations of a socket get one each.
    pub request_id: String,
    /// How it came in.
    pub transport: Transport,
    /// Query, mutation or subscription.
    pub kind: OperationType,
    /// The operation's name, if it has one.
    pub operation: Option<String>,
    /// Name of the calling program: `GraphQL-Client-Name`, or Apollo's `apollographql-client-name`.
    pub client_name: Option<String>,
    /// Version of the calling program.
    pub client_version: Option<String>,
}

/// An operation that ended; what the log gets.
#[derive(Debug)]
pub struct Finished<'a> {
    /// Which operation. `None` when it was refused before its document could be read.
    pub call: Option<&'a Call>,
    /// The request's id.
    pub request_id: &'a str,
    /// How it came in.
    pub transport: Transport,
    /// What it was estimated at.
    pub requested_cost: u64,
    /// What it came to. For a subscription: what its start cost.
    pub actual_cost: u64,
    /// From the first byte read to the answer; for a subscription until its end.
    pub duration: Duration,
    /// `extensions.code` of the errors that went out, each once.
    pub codes: Vec<String>,
    /// `false` if the client left, or the socket closed, before the end.
    pub completed: bool,
}

/// A caller's budget after an operation; shown under `extensions.cost.throttleStatus` (A27).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Throttle {
    /// Size of the full bucket.
    pub maximum_available: u64,
    /// What is left.
    pub currently_available: u64,
    /// What comes back per second.
    pub restore_rate: u64,
}

/// The caller's budget is spent.
#[derive(Clone, Copy, Debug)]
pub struct RateLimited {
    /// When the same operation would be admitted. Goes out as `Retry-After`, rounded up to seconds.
    pub retry_after: Duration,
}

/// The request's id. The server's middleware puts it into the request's extensions; without one the edge makes its own.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id that the middleware gave, or a new one.
    pub(crate) fn of(request: &HttpRequest) -> String {
        if let Some(RequestId(id)) = request.extensions().get::<RequestId>() {
            return id.clone();
        }
        Self::fresh()
    }

    /// Unique, not secret: two hashes with keys that the standard library draws at random.
    pub(crate) fn fresh() -> String {
        use std::hash::{BuildHasher, RandomState};
        let state = RandomState::new();
        format!("{:016x}{:016x}", state.hash_one(0u8), state.hash_one(1u8))
    }
}

/// Mounts the three doors: `/graphql`, `/graphql/ws` and `/graphql/stream`.
///
/// The `HttpServer` needs `.h1_allow_half_closed(false)`: otherwise actix keeps an operation running after its client left (B5).
pub fn routes<H: Host>(cfg: &mut web::ServiceConfig, edge: Edge<H>) {
    let (door, ws, sse) = (edge.clone(), edge.clone(), edge);
    cfg.service(web::resource("/graphql").route(web::route().to(move |request, payload| http(door.clone(), request, payload))))
        .service(web::resource("/graphql/ws").route(web::route().to(move |request, payload| socket(ws.clone(), request, payload))))
        .service(web::resource("/graphql/stream").route(web::route().to(move |request, payload| stream(sse.clone(), request, payload))));
}
