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
    faults::{self, Fault},
    grants::{Caller, Grants, Now, Pair},
    oauth::Habits,
    people::{Fate, PEOPLE, Person, mixed},
    posts::Channel,
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
    faults: faults::Queue,
    redirects: Vec<String>,
    grants: Grants,
    /// X speaks as it does since August 2026.
    x_renamed: bool,
    /// Calls of a bucket on a day, by the day.
    quotas: HashMap<(String, i64), u64>,
    hashtags: HashMap<String, String>,
    /// When which account asked for which hashtag.
    asked: Vec<(DateTime<Utc>, String, String)>,
    subscribed: Vec<String>,
    /// What owners have written, by network and place.
    written: HashMap<(String, String), String>,
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
    /// The Page that it is a token of, where it is not the person's.
    pub page: Option<String>,
    granted_at: DateTime<Utc>,
    ended: Option<End>,
}

impl Token {
    /// Whether the scope of either of Instagram's logins was granted.
    pub fn scope_of_instagram(&self, by_facebook: &str, by_instagram: &str) -> bool {
        self.scopes.granted.iter().any(|granted| granted == by_facebook || granted == by_instagram)
    }
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
        let token = Token { person, scopes, expires_at: now + Duration::seconds(SHORT_SECONDS), page: None, granted_at: now, ended: None };
        Ok((self.new_token(&mut state, token), SHORT_SECONDS))
    }

    /// A living token for one of about 60 days.
    pub fn lengthen(&self, token: &str) -> Result<(String, i64), BadToken> {
        let found = self.token(token)?;
        let mut state = self.state();
        let expires_at = self.at(&state) + Duration::seconds(LONG_SECONDS);
        Ok((self.new_token(&mut state, Token { expires_at, ..found }), LONG_SECONDS))
    }

    /// A token of Instagram's own login.
    pub fn mint(&self, person: &'static Person, scopes: &[String], seconds: i64) -> String {
        let mut state = self.state();
        let now = self.at(&state);
        let scopes = Scopes { granted: scopes.to_vec(), declined: Vec::new() };
        self.new_token(
            &mut state,
            Token { person, scopes, expires_at: now + Duration::seconds(seconds), page: None, granted_at: now, ended: None },
        )
    }

    /// Whether a long-lived token was given out less than a day ago.
    pub fn is_younger_than_a_day(&self, token: &str) -> bool {
        let state = self.state();
        let made = state.tokens.get(token).map(|token| token.expires_at - Duration::seconds(LONG_SECONDS));
        made.is_some_and(|made| self.at(&state) - made < Duration::days(1))
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
        let mut state = self.state();
        state.grants.end(person, end);
        for token in state.tokens.values_mut().filter(|token| token.person.id == person) {
            token.ended.get_or_insert(end);
        }
        PEOPLE.iter().any(|p| p.id == person)
    }

    pub fn rename_x(&self) {
        self.state().x_renamed = true;
    }

    pub fn is_x_renamed(&self) -> bool {
        self.state().x_renamed
    }

    /// Counts a call of a bucket that starts anew every day at 08:00 UTC.
    pub fn count_today(&self, bucket: &str) -> u64 {
        let mut state = self.state();
        let day = (self.at(&state).timestamp() - 8 * 3_600).div_euclid(86_400);
        let count = state.quotas.entry((bucket.to_owned(), day)).or_default();
        *count += 1;
        *count
    }

    /// Counts a call of a bucket in windows of so many seconds: how many there were, and when the next window begins.
    pub fn count_window(&self, bucket: &str, seconds: i64) -> (u64, i64) {
        let mut state = self.state();
        let window = self.at(&state).timestamp().div_euclid(seconds);
        let count = state.quotas.entry((bucket.to_owned(), window)).or_default();
        *count += 1;
        (*count, (window + 1) * seconds)
    }

    /// Asks the grants of the networks that speak OAuth 2 as the standard has it.
    fn grants<T>(&self, prefix: &str, ask: impl FnOnce(&mut Grants, Now<'_>) -> T) -> T {
        let mut state = self.state();
        let now = self.at(&state);
        let mut grants = std::mem::take(&mut state.grants);
        let answer = ask(&mut grants, Now { now, opaque: &mut || format!("{prefix}{}", self.opaque(&mut state)) });
        state.grants = grants;
        answer
    }

    pub fn new_grant_code(
        &self,
        habits: &Habits,
        person: &'static Person,
        scopes: Scopes,
        redirect: &str,
        challenge: Option<String>,
    ) -> String {
        self.grants("", |grants, at| grants.code(at, habits.net, habits.lives, person, scopes, redirect, challenge))
    }

    pub fn spend_grant_code(&self, habits: &Habits, code: &str, redirect: &str, verifier: &str) -> Result<Pair, BadCode> {
        self.grants(habits.prefix, |grants, at| grants.spend(at, habits.net, habits.lives, code, redirect, verifier))
    }

    pub fn renew(&self, habits: &Habits, refresh: &str) -> Result<Pair, BadToken> {
        self.grants(habits.prefix, |grants, at| grants.renew(at, habits.net, habits.lives, refresh))
    }

    pub fn caller(&self, net: &'static str, token: &str) -> Result<Caller, BadToken> {
        let state = self.state();
        state.grants.caller(self.at(&state), net, token)
    }

    pub fn revoke_token(&self, net: &'static str, token: &str) -> bool {
        self.state().grants.revoke(net, token)
    }

    /// A Page's own token, which lives as long as the person's.
    pub fn page_token(&self, token: &Token, page: &str) -> String {
        let mut state = self.state();
        let text = format!("EAABpage{page}x{}", token_hash(&format!("{}{:?}", token.person.id, token.granted_at)));
        let page = Some(page.to_owned());
        state.tokens.entry(text.clone()).or_insert_with(|| Token { page, ..token.clone() });
        text
    }

    /// The id of a hashtag: the same for everybody.
    pub fn hashtag_id(&self, tag: &str) -> String {
        let id =
            (17_843_000_000_000_000 + mixed(tag.bytes().fold(7, |sum, byte| mixed(sum ^ u64::from(byte)))) % 1_000_000_000_000).to_string();
        self.state().hashtags.insert(id.clone(), tag.to_owned());
        id
    }

    /// The hashtag of an id.
    pub fn hashtag(&self, id: &str) -> Option<String> {
        self.state().hashtags.get(id).cloned()
    }

    /// Counts a hashtag of an account's; false if it is the thirty-first in seven days.
    pub fn asks_hashtag(&self, account: &str, tag: &str) -> bool {
        let mut state = self.state();
        let now = self.at(&state);
        state.asked.retain(|(at, ..)| now - *at < Duration::days(7));
        let own = state.asked.iter().filter(|(_, who, _)| who == account);
        let (known, count) = own.fold((false, 0), |(known, count), (_, _, asked)| (known || asked == tag, count + 1));
        if known || count < 30 {
            if !known {
                state.asked.push((now, account.to_owned(), tag.to_owned()));
            }
            return true;
        }
        false
    }

    /// Notes that events of this account or Page are wanted.
    pub fn subscribe(&self, id: &str) {
        self.state().subscribed.push(id.to_owned());
    }

    /// Notes that they are wanted no more, or that the network has had enough.
    pub fn unsubscribe(&self, id: &str) {
        self.state().subscribed.retain(|wanted| wanted != id);
    }

    /// Notes what the owner of a place writes there.
    pub fn write(&self, network: &str, place: &str, words: &str) {
        self.state().written.insert((network.to_owned(), place.to_owned()), words.to_owned());
    }

    /// What the owner of a place has written there; empty if nothing.
    pub fn written(&self, network: &str, place: &str) -> String {
        self.state().written.get(&(network.to_owned(), place.to_owned())).cloned().unwrap_or_default()
    }

    /// The app's id.
    pub fn client_id(&self) -> &str {
        &self.options.client_id
    }

    /// Whose events are wanted.
    pub fn subscribed(&self) -> Vec<String> {
        self.state().subscribed.clone()
    }

    /// What somebody publishes.
    pub fn channel(&self, person: &'static Person, key: u64, followers: i64, before: i64) -> Channel {
        Channel { key, seed: self.options.seed, person: person.id, followers, before, started: self.started, now: self.now() }
    }

    /// A picture that the sandbox draws, by name.
    pub fn picture(&self, name: &str) -> String {
        format!("{}{}/avatars/{name}.png", self.public_url(), crate::FACEBOOK)
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

    pub fn queue_fault(&self, path: &str, fault: Fault, count: u32, reads: bool) {
        self.state().faults.put(path, fault, count, reads);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.state().faults = faults::Queue::default();
    }

    /// A page at another host, by its name: whoever asks there is in the log.
    pub fn elsewhere(&self) -> String {
        format!("{}/_elsewhere", self.public_url().replace("127.0.0.1", "localhost"))
    }

    /// Every token and refresh token that was given out, for those who look for them where they must not be.
    pub fn secrets(&self) -> Vec<String> {
        let state = self.state();
        state.tokens.keys().cloned().chain(state.grants.secrets()).collect()
    }

    /// The fault that is due for a path, if any.
    pub fn due_fault(&self, path: &str) -> Option<Fault> {
        self.state().faults.due(path)
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
