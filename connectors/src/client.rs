//! What every connector has: the way out, the clock, what the operator says, and what its requests used and were told.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Duration, Utc};

use crate::{
    error::{Error, ErrorKind, Result},
    http::{Request, Response, Transport},
    limits::Limit,
    metric::Metric,
    network::Network,
    registry::Clock,
    wire::{Refusal, Unreadable},
};

tokio::task_local! {
    static ASKED: RefCell<Asked>;
}

/// What the requests of one piece of work have used and were told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// How much of the app's allowance they took.
    pub calls: u32,
    /// The network's limits, each as the last answer told it.
    pub limits: Vec<Limit>,
}

impl Asked {
    /// What was asked afterwards, too.
    pub fn join(&mut self, later: Self) {
        self.took(later.calls);
        self.learn(later.limits);
    }

    fn took(&mut self, calls: u32) {
        self.calls = self.calls.saturating_add(calls);
    }

    fn learn(&mut self, told: impl IntoIterator<Item = Limit>) {
        for limit in told {
            self.limits.retain(|known| (known.scope, &known.name) != (limit.scope, &limit.name));
            self.limits.push(limit);
        }
    }
}

/// Does something and tells what its requests used and were told, as far as it asked in this task.
pub async fn counted<T>(work: impl Future<Output = T>) -> (T, Asked) {
    let counting = async {
        let done = work.await;
        (done, ASKED.with(RefCell::take))
    };
    ASKED.scope(RefCell::default(), counting).await
}

/// How one network's answers are read, whatever they are about. Pure.
#[derive(Clone, Copy)]
pub(crate) struct Manners {
    /// Reads a refusal; `None`: the answer is a good one.
    pub refusal: fn(&Response, DateTime<Utc>) -> Option<Refusal>,
    /// Reads the limits out of the headers of the answer at an endpoint.
    pub limits: fn(&'static str, &Response, DateTime<Utc>) -> Vec<Limit>,
}

/// Asks one network.
pub(crate) struct Client {
    pub network: Network,
    pub clock: Clock,
    pub sandbox: bool,
    pub reviewed: bool,
    pub scopes: Vec<String>,
    pub transport: Arc<dyn Transport>,
    manners: Manners,
    /// By how many seconds the network's clock is ahead of ours, as its last answer said.
    ahead: AtomicI64,
}

impl Client {
    /// `scopes` are the default ones, in whose place the settings may put others.
    pub fn new(
        network: Network,
        settings: &crate::settings::Settings,
        scopes: &[&str],
        manners: Manners,
        transport: Arc<dyn Transport>,
        clock: Clock,
    ) -> Self {
        let scopes = settings.scopes.clone().unwrap_or_else(|| scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let (sandbox, reviewed) = (settings.sandbox, settings.reviewed);
        Self { network, clock, sandbox, reviewed, scopes, transport, manners, ahead: AtomicI64::new(0) }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The time by the network's clock, for questions that it answers for so many days back and no more. Ours, until it has said it.
    pub fn networks_now(&self) -> DateTime<Utc> {
        self.now() + Duration::seconds(self.ahead.load(Ordering::Relaxed))
    }

    /// Notes what an answer says of the time. A clock that is more than two months off is no clock.
    fn set_clock(&self, answer: &Response) {
        let said = answer.headers.get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
        let said = said.and_then(|date| DateTime::parse_from_rfc2822(date).ok()).map(|date| (date.to_utc() - self.now()).num_seconds());
        if let Some(ahead) = said.filter(|ahead| ahead.abs() < 60 * 86_400) {
            self.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    pub fn error(&self, endpoint: &'static str, kind: ErrorKind) -> Error {
        Error::new(self.network, endpoint, kind)
    }

    /// Sends, tells whoever counts of the limits, and reads a refusal as an error.
    pub async fn ask(&self, request: Request) -> Result<Response> {
        let endpoint = request.endpoint;
        // Outside of any count nobody asks for it.
        ASKED.try_with(|asked| asked.borrow_mut().took(request.weight)).ok();
        let answer = self.transport.send(request).await?;
        self.set_clock(&answer);
        let now = self.now();
        let limits = (self.manners.limits)(endpoint, &answer, now);
        if let Some(limit) = limits.iter().find(|limit| limit.used_percent >= Limit::SLOW) {
            tracing::warn!(network = %self.network, endpoint, limit = limit.name, percent = limit.used_percent, "most of a limit is used up");
        }
        // A 429 without words of its own about time may have it in the limit that it hit.
        let reset = limits.iter().filter_map(|limit| limit.blocked_until(now)).max();
        ASKED.try_with(|asked| asked.borrow_mut().learn(limits)).ok();
        match (self.manners.refusal)(&answer, now) {
            None => Ok(answer),
            Some(refusal) => {
                let limited = matches!(refusal.kind, ErrorKind::RateLimited { .. } | ErrorKind::QuotaExhausted);
                let retry_at = refusal.retry_at.or(if limited { reset } else { None });
                Err(self.error(endpoint, refusal.kind).detail(refusal.detail).retry_at(retry_at))
            }
        }
    }

    /// Asks, and reads the answer with a pure parser.
    pub async fn read<T>(&self, request: Request, parse: impl FnOnce(&[u8]) -> Result<T, Unreadable>) -> Result<T> {
        let endpoint = request.endpoint;
        let answer = self.ask(request).await?;
        parse(&answer.body).map_err(|e| self.error(endpoint, ErrorKind::Contract).detail(e.to_string()))
    }

    /// What stands in the place of figures that were refused. One publication that cannot be read does not stop the others: its
    /// figures have failed, and the operator is told.
    pub fn instead(&self, error: Error) -> Result<Metric> {
        match kept_back(&error.kind) {
            Some(metric) => Ok(metric),
            None if error.kind == ErrorKind::Bug => {
                tracing::warn!(network = %self.network, "figures of one thing are refused: {error}");
                Ok(Metric::Failed)
            }
            None => Err(error),
        }
    }

    /// Refuses without a call what the creator did not grant.
    pub fn needs(&self, endpoint: &'static str, tokens: &crate::connector::TokenSet, scope: &str) -> Result<()> {
        if tokens.missing_scopes.iter().any(|missing| missing == scope) {
            return Err(self.error(endpoint, ErrorKind::ScopeMissing { scope: scope.to_owned() }));
        }
        Ok(())
    }
}

/// What a refusal says about the figures asked for, where it is about nothing else.
fn kept_back(kind: &ErrorKind) -> Option<Metric> {
    match kind {
        ErrorKind::BelowThreshold { min } => Some(Metric::Suppressed { min: *min }),
        ErrorKind::NotFound | ErrorKind::Gone | ErrorKind::Private => Some(Metric::NotOffered),
        ErrorKind::Contract => Some(Metric::Failed),
        _ => None,
    }
}

/// The methods of [`crate::Connector`] that read nothing but the client. `$client` is where it stands in `self`.
macro_rules! of_client {
    ($($client:ident).+) => {
        fn network(&self) -> $crate::network::Network {
            self.$($client).+.network
        }
        fn scopes(&self) -> &[String] {
            &self.$($client).+.scopes
        }
        fn is_sandbox(&self) -> bool {
            self.$($client).+.sandbox
        }
        fn is_reviewed(&self) -> bool {
            self.$($client).+.reviewed
        }
    };
}
pub(crate) use of_client;
