//! What has happened in the sandbox: codes, tokens, consents, faults, the log and the virtual clock. All in memory.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    Options,
    faults::Fault,
    people::{Fate, PEOPLE, Person},
};

/// The state behind all handlers.
pub(crate) struct World {
    options: Options,
    started: DateTime<Utc>,
    state: Mutex<State>,
    over: AtomicBool,
}

#[derive(Default)]
struct State {
    advanced: Duration,
    counter: u64,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    faults: VecDeque<Queued>,
    redirects: Vec<String>,
    log: VecDeque<LogEntry>,
    calls: u64,
}

/// A code that was given to a redirect address.
#[derive(Clone)]
pub(crate) struct Code {
    pub person: &'static Person,
    pub scopes: Scopes,
    pub redirect_uri: String,
    expires_at: DateTime<Utc>,
    used: bool,
}

/// What was asked for, and what of it granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes {
    pub granted: Vec<String>,
    pub declined: Vec<String>,
}

/// A token that was given out.
#[derive(Clone)]
pub(crate) struct Token {
    pub person: &'static Person,
    pub scopes: Scopes,
    pub expires_at: DateTime<Utc>,
    granted_at: DateTime<Utc>,
    ended: Option<End>,
}

/// How a grant ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    AppRemoved,
    PasswordChanged,
}

/// Why a code is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadCode {
    Unknown,
    Used,
    Expired,
    OtherRedirect,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    Unknown,
    Expired,
    Ended(End),
}

struct Queued {
    path: String,
    fault: Fault,
    left: u32,
}

/// One request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// Virtual time.
    pub at: DateTime<Utc>,
    /// The verb.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The status that was answered.
    pub status: u16,
    /// [`token_hash`] of the token that was sent.
    pub token: Option<String>,
}

const MOST_LOG_ENTRIES: usize = 100_000;
const CODE_MINUTES: i64 = 10;
const SHORT_SECONDS: i64 = 5_400;
const LONG_SECONDS: i64 = 5_183_944;

impl World {
    pub fn new(options: Options) -> Self {
        let started = options.start.unwrap_or_else(machine_time);
        let state = State { redirects: options.redirect_uris.clone(), ..State::default() };
        Self { options, started, state: Mutex::new(state), over: AtomicBool::new(false) }
    }

    /// From now on nothing is answered, not even on connections that are open still.
    pub fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.at(&self.state())
    }

    fn at(&self, state: &State) -> DateTime<Utc> {
        let base = if self.options.start.is_some() { self.started } else { machine_time() };
        base + state.advanced
    }

    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.advanced = state.advanced.checked_add(&by).unwrap_or(state.advanced);
    }

    /// Whole days since the sandbox began.
    pub fn days(&self) -> i64 {
        (self.now() - self.started).num_days()
    }

    pub fn seed(&self) -> u64 {
        self.options.seed
    }

    pub fn public_url(&self) -> String {
        self.options.public_url.clone().unwrap_or_default().trim_end_matches('/').to_owned()
    }

    pub fn is_client(&self, id: &str) -> bool {
        id == self.options.client_id
    }

    pub fn is_secret(&self, secret: &str) -> bool {
        secret == self.options.client_secret
    }

    pub fn secret(&self) -> &str {
        &self.options.client_secret
    }

    pub fn register_redirect(&self, uri: String) {
        self.state().redirects.push(uri);
    }

    /// By exact comparison: no prefix, no other port, no other case.
    pub fn is_redirect(&self, uri: &str) -> bool {
        self.state().redirects.iter().any(|known| known == uri)
    }

    pub fn new_code(&self, person: &'static Person, scopes: Scopes, redirect_uri: &str) -> String {
        let mut state = self.state();
        let code = format!("AQ{}", self.opaque(&mut state));
        let expires_at = self.at(&state) + Duration::minutes(CODE_MINUTES);
        state.codes.insert(code.clone(), Code { person, scopes, redirect_uri: redirect_uri.to_owned(), expires_at, used: false });
        code
    }

    /// A code for a short-lived token: once, in time, with the redirect address that it was given to.
    pub fn spend(&self, code: &str, redirect_uri: &str) -> Result<(String, i64), BadCode> {
        let mut state = self.state();
        let now = self.at(&state);
        let found = state.codes.get_mut(code).ok_or(BadCode::Unknown)?;
        if found.used {
            return Err(BadCode::Used);
        }
        if found.expires_at <= now {
            return Err(BadCode::Expired);
        }
        if found.redirect_uri != redirect_uri {
            return Err(BadCode::OtherRedirect);
        }
        found.used = true;
        let (person, scopes) = (found.person, found.scopes.clone());
        let token = Token { person, scopes, expires_at: now + Duration::seconds(SHORT_SECONDS), granted_at: now, ended: None };
        Ok((self.new_token(&mut state, token), SHORT_SECONDS))
    }

    /// A living token for one of about 60 days.
    pub fn lengthen(&self, token: &str) -> Result<(String, i64), BadToken> {
        let found = self.token(token)?;
        let mut state = self.state();
        let expires_at = self.at(&state) + Duration::seconds(LONG_SECONDS);
        Ok((self.new_token(&mut state, Token { expires_at, ..found }), LONG_SECONDS))
    }

    /// A token that may be used now.
    pub fn token(&self, token: &str) -> Result<Token, BadToken> {
        let state = self.state();
        let found = state.tokens.get(token).ok_or(BadToken::Unknown)?;
        let now = self.at(&state);
        if let Some(end) = found.ended {
            return Err(BadToken::Ended(end));
        }
        let an_hour_later = now >= found.granted_at + Duration::hours(1);
        match found.person.fate {
            Fate::AppRemovedAfterAnHour if an_hour_later => return Err(BadToken::Ended(End::AppRemoved)),
            Fate::PasswordChangedAfterAnHour if an_hour_later => return Err(BadToken::Ended(End::PasswordChanged)),
            _ => {}
        }
        if found.expires_at <= now { Err(BadToken::Expired) } else { Ok(found.clone()) }
    }

    /// Ends every token of a person. False if there is nobody of that name.
    pub fn end_grants(&self, person: &str, end: End) -> bool {
        for token in self.state().tokens.values_mut().filter(|token| token.person.id == person) {
            token.ended.get_or_insert(end);
        }
        PEOPLE.iter().any(|p| p.id == person)
    }

    fn new_token(&self, state: &mut State, token: Token) -> String {
        let text = format!("EAAB{}ZD", self.opaque(state));
        state.tokens.insert(text.clone(), token);
        text
    }

    /// A long text that nobody guesses by accident; the same in the same order for the same seed.
    fn opaque(&self, state: &mut State) -> String {
        state.counter += 1;
        let hash = Sha256::digest(format!("{}/{}/{}", self.options.seed, self.options.client_secret, state.counter));
        hex::encode(hash)
    }

    pub fn queue_fault(&self, path: &str, fault: Fault, count: u32) {
        self.state().faults.push_back(Queued { path: path.to_owned(), fault, left: count });
    }

    /// The fault that is due for a path, if any.
    pub fn due_fault(&self, path: &str) -> Option<Fault> {
        let mut state = self.state();
        let found = state.faults.iter().position(|queued| queued.left > 0 && path.starts_with(&queued.path))?;
        let queued = &mut state.faults[found];
        queued.left -= 1;
        let fault = queued.fault;
        state.faults.retain(|queued| queued.left > 0);
        Some(fault)
    }

    pub fn note(&self, method: &str, path: &str, status: u16, token: Option<&str>) {
        let mut state = self.state();
        let at = self.at(&state);
        if state.log.len() == MOST_LOG_ENTRIES {
            state.log.pop_front();
        }
        state.log.push_back(LogEntry { at, method: method.into(), path: path.into(), status, token: token.map(token_hash) });
    }

    pub fn log(&self) -> Vec<LogEntry> {
        self.state().log.iter().cloned().collect()
    }

    /// Counts a Graph call, for the usage headers.
    pub fn count_call(&self) -> u64 {
        let mut state = self.state();
        state.calls += 1;
        state.calls
    }

    pub fn reset(&self) {
        let mut state = self.state();
        // The counter goes on, so that no token of before is given out again.
        *state = State { redirects: std::mem::take(&mut state.redirects), counter: state.counter, ..State::default() };
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's time")]
fn machine_time() -> DateTime<Utc> {
    Utc::now()
}

/// What the log keeps of a token: enough to tell tokens apart, nothing to use.
pub fn token_hash(token: &str) -> String {
    hex::encode(&Sha256::digest(token)[..8])
}
