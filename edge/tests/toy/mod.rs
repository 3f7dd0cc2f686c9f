//! A toy behind the edge: a schema with a bit of everything, and a host whose budget, sessions and log a test can look into.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::HttpRequest;
use async_graphql::connection::{Connection, Edge as ConnectionEdge, EmptyFields, query};
use async_graphql::{Context, Object, Request, Schema, ServerError, SimpleObject, Subscription};
use futures_util::Stream;
use hibiki_edge::{Call, Finished, Host, Identity, RateLimited, Refusal, Settings, Throttle};
use serde_json::Value;

pub type ToySchema = Schema<Query, Mutation, Ticks>;

/// What the tests look at.
#[derive(Default)]
pub struct Seen {
    /// Times that `prepare` ran.
    pub prepared: AtomicUsize,
    /// Slow fields that ended by themselves, and that were dropped.
    pub slow_done: AtomicUsize,
    pub slow_dropped: AtomicUsize,
    /// Numbers that the flood made.
    pub flooded: AtomicUsize,
    pub revoked: AtomicBool,
    /// What is left in the one bucket of all callers.
    pub budget: AtomicU64,
    pub log: Mutex<Vec<String>>,
}

pub struct Query;

#[derive(SimpleObject)]
pub struct Creator {
    id: i32,
    name: String,
}

/// Per request, as a loader would be.
struct PerRequest(usize);

struct Counted(Arc<Seen>, bool);

impl Drop for Counted {
    fn drop(&mut self) {
        let counter = if self.1 { &self.0.slow_done } else { &self.0.slow_dropped };
        counter.fetch_add(1, Ordering::SeqCst);
    }
}

#[Object]
impl Query {
    async fn hello(&self) -> &str {
        "world"
    }

    async fn echo(&self, text: String, #[graphql(default)] times: i32) -> String {
        text.repeat(times.clamp(1, 100) as usize)
    }

    async fn me(&self, ctx: &Context<'_>) -> String {
        ctx.data_unchecked::<Caller>().name.clone()
    }

    async fn prepared(&self, ctx: &Context<'_>) -> usize {
        ctx.data_unchecked::<PerRequest>().0
    }

    async fn slow(&self, ctx: &Context<'_>, ms: u64) -> bool {
        let mut counted = Counted(ctx.data_unchecked::<Arc<Seen>>().clone(), false);
        tokio::time::sleep(Duration::from_millis(ms)).await;
        counted.1 = true;
        true
    }

    async fn boom(&self) -> Option<bool> {
        let path = Some("/etc/passwd");
        assert!(path.is_none(), "a secret path: {path:?}");
        None
    }

    async fn fault(&self) -> async_graphql::Result<Option<bool>> {
        Err("SELECT secret FROM users: connection refused".into())
    }

    async fn denied(&self) -> async_graphql::Result<Option<bool>> {
        let mut error = async_graphql::Error::new("Not yours.");
        error.extensions.get_or_insert_default().set("code", "FORBIDDEN");
        Err(error)
    }

    async fn must(&self) -> async_graphql::Result<bool> {
        Err("no".into())
    }

    async fn faults(&self) -> Vec<Fault> {
        (0..100).map(|_| Fault).collect()
    }

    async fn creators(
        &self,
        after: Option<String>,
        before: Option<String>,
        first: Option<i32>,
        last: Option<i32>,
    ) -> async_graphql::Result<Connection<usize, Creator, EmptyFields, EmptyFields>> {
        query(after, before, first, last, |after, _before, first, _last| async move {
            let start = after.map_or(0, |after: usize| after + 1);
            let end = (start + first.unwrap_or(20)).min(7);
            let mut connection = Connection::new(start > 0, end < 7);
            connection
                .edges
                .extend((start..end).map(|at| ConnectionEdge::new(at, Creator { id: at as i32, name: format!("creator {at}") })));
            Ok::<_, async_graphql::Error>(connection)
        })
        .await
    }

    async fn tree(&self) -> Tree {
        Tree
    }
}

pub struct Tree;

#[Object]
impl Tree {
    async fn tree(&self) -> Tree {
        Tree
    }

    async fn leaf(&self, #[graphql(default)] list: Vec<i32>) -> i32 {
        list.len() as i32
    }
}

pub struct Fault;

#[Object]
impl Fault {
    /// The library catches an error at a nullable field only if it is inside the `Option`.
    async fn fault(&self) -> Option<async_graphql::Result<bool>> {
        Some(Err("no".into()))
    }
}

pub struct Mutation;

#[Object]
impl Mutation {
    async fn bump(&self) -> i32 {
        1
    }

    async fn sign_in(&self, code: String) -> bool {
        code == "1234"
    }
}

pub struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self, count: u64, #[graphql(default = 5)] ms: u64) -> impl Stream<Item = u64> {
        async_stream::stream! {
            for at in 0..count {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                yield at;
            }
        }
    }

    async fn flood(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let seen = ctx.data_unchecked::<Arc<Seen>>().clone();
        async_stream::stream! {
            for _ in 0..200_000 {
                seen.flooded.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                yield "x".repeat(4_096);
            }
        }
    }

    async fn refused(&self) -> async_graphql::Result<futures_util::stream::Empty<u64>> {
        let mut error = async_graphql::Error::new("Not yours.");
        error.extensions.get_or_insert_default().set("code", "FORBIDDEN");
        Err(error)
    }
}

#[derive(Clone, Debug)]
pub struct Caller {
    pub name: String,
}

#[derive(Clone)]
pub struct Toy {
    pub schema: ToySchema,
    pub settings: Arc<Settings>,
    pub seen: Arc<Seen>,
    /// Everybody may introspect: the audits try variables on `__type`.
    pub open: bool,
}

impl Toy {
    pub fn new(settings: Settings) -> Self {
        let seen = Arc::new(Seen { budget: AtomicU64::new(1_000_000), ..Seen::default() });
        Self { schema: Schema::new(Query, Mutation, Ticks), settings: Arc::new(settings), seen, open: false }
    }

    fn throttle(&self) -> Throttle {
        Throttle { maximum_available: 1_000_000, currently_available: self.seen.budget.load(Ordering::SeqCst), restore_rate: 50 }
    }

    fn bearer(&self, value: &str) -> Result<Identity<Caller>, Refusal> {
        match value.strip_prefix("Bearer ") {
            Some(token @ ("ann" | "bob" | "dev")) => Ok(identity(token, false)),
            _ => Err(Refusal::unauthenticated("This token is not valid.")),
        }
    }
}

fn identity(name: &str, cookie: bool) -> Identity<Caller> {
    Identity { caller: Caller { name: name.to_owned() }, cookie, client: name.to_owned() }
}

impl Host for Toy {
    type Caller = Caller;
    type Schema = ToySchema;

    fn schema(&self) -> &ToySchema {
        &self.schema
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn authenticate(&self, request: &HttpRequest) -> Result<Identity<Caller>, Refusal> {
        if let Some(value) = request.headers().get("authorization") {
            return self.bearer(value.to_str().unwrap_or_default());
        }
        Ok(match request.cookie("session") {
            Some(_) => identity("sam", true),
            None => identity("nobody", false),
        })
    }

    async fn authenticate_socket(&self, upgrade: &HttpRequest, init: &Value) -> Result<Identity<Caller>, Refusal> {
        match init.get("authorization").and_then(Value::as_str) {
            Some(value) => self.bearer(value),
            None => self.authenticate(upgrade).await,
        }
    }

    async fn still_valid(&self, _caller: &Caller) -> bool {
        !self.seen.revoked.load(Ordering::SeqCst)
    }

    async fn admit(&self, _caller: &Caller, requested_cost: u64) -> Result<Throttle, RateLimited> {
        let taken = self.seen.budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(requested_cost));
        taken.map(|_| self.throttle()).map_err(|_| RateLimited { retry_after: Duration::from_millis(2_500) })
    }

    fn settle(&self, _caller: &Caller, _admitted: Throttle, requested_cost: u64, actual_cost: u64) -> Throttle {
        self.seen.budget.fetch_add(requested_cost - actual_cost, Ordering::SeqCst);
        self.throttle()
    }

    fn may_introspect(&self, caller: &Caller) -> bool {
        self.open || caller.name == "dev"
    }

    fn prepare(&self, request: Request, caller: &Caller, _call: &Call) -> Request {
        let count = self.seen.prepared.fetch_add(1, Ordering::SeqCst) + 1;
        request.data(caller.clone()).data(PerRequest(count)).data(self.seen.clone())
    }

    fn mask(&self, _error: &mut ServerError, _call: &Call) {}

    fn log(&self, finished: &Finished<'_>) {
        let operation = finished.call.and_then(|call| call.operation.clone()).unwrap_or_default();
        let client = finished.call.and_then(|call| call.client_name.clone()).unwrap_or_default();
        let line = format!("{operation} {client} {} {:?} {}", finished.actual_cost, finished.codes, finished.completed);
        self.seen.log.lock().expect("not poisoned").push(line);
    }

    async fn stored_document(&self, id: &str) -> Option<String> {
        (id == "sha256:abc").then(|| "query Stored { hello }".to_owned())
    }
}
