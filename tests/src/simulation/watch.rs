//! What may be asked of networks, written down a second time and apart from the product: every call is held against it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use chrono::{DateTime, Duration, Utc};
use sandbox::crowd::{Answer, Call};
use serde_json::Value;
use server::config::SyncConfig;

/// An account as the networks see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Calls so far.
    pub calls: u64,
    /// Renewals of tokens that the network answered with new ones.
    pub renewed: u64,
    /// When the tokens in use were given out, and for how many seconds.
    tokens: Option<(DateTime<Utc>, i64)>,
    linked: bool,
    /// Since when nothing may be asked any more, and how many refusals were needed to learn it.
    over: Option<(DateTime<Utc>, Gone)>,
    refused: u32,
    /// Until when, and since when, a part of the API is not to be asked.
    closed: HashMap<String, (DateTime<Utc>, DateTime<Utc>)>,
}

/// How a grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    /// The creator unlinked the account here.
    Unlinked,
    /// The creator took the access back at the network, which tells nobody.
    Revoked,
}

/// An allowance of all accounts together.
#[derive(Debug)]
struct Allowance {
    most: i64,
    window: Window,
    used: i64,
    since: i64,
    recent: VecDeque<(DateTime<Utc>, i64)>,
    /// The most that was used in any window.
    peak: i64,
}

#[derive(Clone, Copy, Debug)]
enum Window {
    /// A day that begins so many hours after midnight UTC: in November California's begins at eight.
    Day(i64),
    /// Any span of so many seconds.
    Any(i64),
    /// The month; no simulation lasts longer.
    Month,
}

/// Everything that was seen.
pub(super) struct Watch {
    start: DateTime<Utc>,
    outage: (Duration, Duration),
    pub calls: u64,
    pub by_network: BTreeMap<String, u64>,
    pub refusals: BTreeMap<String, u64>,
    pub accounts: Vec<Seen>,
    /// When each story's figures were asked for last.
    pub stories: HashMap<String, DateTime<Utc>>,
    pub during_outage: u64,
    pub broken: Vec<String>,
    allowances: BTreeMap<&'static str, Allowance>,
    app_closed: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Watch {
    pub fn new(start: DateTime<Utc>, outage: (Duration, Duration)) -> Self {
        Self {
            start,
            outage,
            calls: 0,
            by_network: BTreeMap::new(),
            refusals: BTreeMap::new(),
            accounts: Vec::new(),
            stories: HashMap::new(),
            during_outage: 0,
            broken: Vec::new(),
            allowances: BTreeMap::new(),
            app_closed: None,
        }
    }

    /// What the networks let an app do, and what the operator lets it spend.
    pub fn allow(&mut self, config: &SyncConfig) {
        let mut allow = |name, most: u32, window| {
            let none = Allowance { most: most.into(), window, used: 0, since: i64::MIN, recent: VecDeque::new(), peak: 0 };
            self.allowances.insert(name, none);
        };
        allow("youtube: units a day", config.youtube_units_per_day, Window::Day(8));
        allow("pinterest: calls a day", config.pinterest_calls_per_day, Window::Day(0));
        allow("tiktok: calls a minute", config.tiktok_calls_per_minute, Window::Any(60));
        allow("twitch: points a minute", config.twitch_points_per_minute, Window::Any(60));
        allow("x: tenths of a cent a month", config.x_cents_per_month.saturating_mul(10), Window::Month);
    }

    /// The most that was used of each allowance, and how much there was.
    pub fn peaks(&self) -> Vec<(&'static str, i64, i64)> {
        self.allowances.iter().map(|(name, allowance)| (*name, allowance.peak, allowance.most)).collect()
    }

    /// The account with this number is linked.
    pub fn linked(&mut self, who: usize) {
        self.seen(who).linked = true;
    }

    /// The grant ended.
    pub fn ended(&mut self, who: usize, at: DateTime<Utc>, how: Gone) {
        self.seen(who).over = Some((at, how));
    }

    /// Whether its grant had ended by then.
    pub fn was_over(&self, who: usize, at: DateTime<Utc>) -> bool {
        self.accounts.get(who).is_none_or(|seen| seen.refused > 0 || seen.over.is_some_and(|(ended, _)| ended <= at))
    }

    fn seen(&mut self, who: usize) -> &mut Seen {
        if self.accounts.len() <= who {
            self.accounts.resize_with(who + 1, Seen::default);
        }
        &mut self.accounts[who]
    }

    fn breaks(&mut self, at: DateTime<Utc>, who: Option<usize>, call: &Call, rule: &str) {
        let after = at - self.start;
        let (hours, seconds) = (after.num_hours(), after.num_seconds() % 3600);
        self.broken.push(format!("{rule}: {} {} of {who:?} after {hours} h {seconds} s", call.method, call.url.path()));
    }

    /// A call and its answer.
    pub fn noted(&mut self, at: DateTime<Utc>, call: &Call, answer: &Answer) {
        let path = call.url.path().to_owned();
        let net = path.split('/').nth(1).unwrap_or_default().to_owned();
        self.calls += 1;
        *self.by_network.entry(net.clone()).or_default() += 1;
        let refused = answer.status >= 400 || answer.body.starts_with(br#"{"error":"invalid_grant"#);
        if refused {
            *self.refusals.entry(format!("{net} {}", answer.status)).or_default() += 1;
        }
        if net == "tiktok" && (self.outage.0..self.outage.1).contains(&(at - self.start)) {
            self.during_outage += 1;
        }
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        self.used(at, call, &net, &body);
        if let Some(at_last) = path.strip_suffix("/insights").and_then(|rest| rest.rsplit('/').next()) {
            self.stories.insert(at_last.to_owned(), at);
        }
        if let Some((since, until)) = self.app_closed
            && net == "facebook"
            && at > since
            && at < until
        {
            self.breaks(at, answer.who, call, "asked while the app was told to wait");
        }
        let Some(who) = answer.who else { return };
        self.seen(who).calls += 1;
        // A server that fails, or wants to be left alone for a while, does not say that a grant has ended.
        let told = refused && answer.status < 500 && answer.status != 429;
        self.after_the_end(at, who, call, refused.then_some(told));
        self.too_soon(at, who, call, answer, &body);
        self.renewal(at, who, call, refused, &body);
    }

    /// No call after a revocation. `refused`: none if it was answered, else whether the answer tells of the end.
    fn after_the_end(&mut self, at: DateTime<Utc>, who: usize, call: &Call, refused: Option<bool>) {
        let seen = self.seen(who);
        let Some((_, how)) = seen.over.filter(|(ended, _)| at >= *ended) else { return };
        let last_word = call.method == "DELETE" || call.url.path().trim_end_matches('/').ends_with("revoke");
        if last_word {
            return;
        }
        // Of a revocation at the network the first refusal tells: that of the call, and that of the renewal that is tried once.
        seen.refused += u32::from(refused == Some(true));
        if how == Gone::Unlinked || refused.is_none() || seen.refused > 2 {
            self.breaks(at, Some(who), call, "asked after the grant had ended");
        }
    }

    /// No retry before its time.
    fn too_soon(&mut self, at: DateTime<Utc>, who: usize, call: &Call, answer: &Answer, body: &Value) {
        let part = part(call);
        if let Some((since, until)) = self.seen(who).closed.get(&part).copied()
            && at > since
            && at < until
        {
            self.breaks(at, Some(who), call, "asked again before the time that the network named");
        }
        let Some(wait) = told_to_wait(at, answer, body) else { return };
        if body["error"]["code"] == 4 {
            self.app_closed = Some((at, at + Duration::minutes(1)));
        }
        self.seen(who).closed.insert(part, (at, wait));
    }

    /// At most one renewal an expiry.
    fn renewal(&mut self, at: DateTime<Utc>, who: usize, call: &Call, refused: bool, body: &Value) {
        let life = body["expires_in"].as_i64().filter(|_| body["access_token"].is_string() && !refused);
        let Some(life) = life else { return };
        let seen = self.seen(who);
        let (before, linked) = (seen.tokens.replace((at, life)), seen.linked);
        if !linked {
            return;
        }
        seen.renewed += 1;
        if before.is_some_and(|(since, life)| at - since < Duration::seconds(life * 2 / 5)) {
            self.breaks(at, Some(who), call, "renewed twice for one expiry");
        }
    }

    /// What the call used of the app's allowances.
    fn used(&mut self, at: DateTime<Utc>, call: &Call, net: &str, body: &Value) {
        let path = call.url.path();
        let (name, amount) = match net {
            "youtube" if path.contains("/youtube/v3/") => ("youtube: units a day", 1),
            "pinterest" if !path.contains("/oauth") => ("pinterest: calls a day", 1),
            "tiktok" if !path.contains("/oauth/") => ("tiktok: calls a minute", 1),
            "twitch" if path.contains("/helix/") => ("twitch: points a minute", 1),
            "x" if path.contains("/2/users/") => {
                let things = body["data"].as_array().map_or(i64::from(body["data"].is_object()) * 2, |rows| rows.len() as i64);
                ("x: tenths of a cent a month", things * 5)
            }
            _ => return,
        };
        let Some(allowance) = self.allowances.get_mut(name) else { return };
        match allowance.window {
            Window::Day(begins) => {
                let day = (at.timestamp() - begins * 3_600).div_euclid(86_400);
                if allowance.since != day {
                    (allowance.since, allowance.used) = (day, 0);
                }
            }
            Window::Any(seconds) => {
                allowance.recent.push_back((at, amount));
                while allowance.recent.front().is_some_and(|(then, _)| at - *then >= Duration::seconds(seconds)) {
                    allowance.used -= allowance.recent.pop_front().map_or(0, |(_, amount)| amount);
                }
            }
            Window::Month => {}
        }
        allowance.used += amount;
        allowance.peak = allowance.peak.max(allowance.used);
        // A page of X holds more or less than it was reckoned to: what is read while the last of the money goes may cost a little more.
        let grace = if matches!(allowance.window, Window::Month) { allowance.most / 100 + 1 } else { 0 };
        if allowance.used > allowance.most + grace {
            self.breaks(at, None, call, name);
        }
    }
}

/// The part of an API that a limit is about: the path without ids.
fn part(call: &Call) -> String {
    let words = call.url.path().split('/').filter(|word| !word.is_empty() && !word.chars().any(|c| c.is_ascii_digit()));
    words.collect::<Vec<_>>().join("/")
}

/// Until when the network wants not to be asked, in each one's own words.
fn told_to_wait(at: DateTime<Utc>, answer: &Answer, body: &Value) -> Option<DateTime<Utc>> {
    let header = |wanted: &str| answer.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let limited = answer.status == 429 || matches!(body["error"]["code"].as_i64(), Some(4 | 17 | 32 | 613 | 80_000..=80_999));
    if !limited {
        return None;
    }
    if let Some(usage) = header("x-business-use-case-usage") {
        let usage: Value = serde_json::from_str(usage).unwrap_or_default();
        let minutes = usage.as_object()?.values().find_map(|rows| rows[0]["estimated_time_to_regain_access"].as_i64());
        return Some(at + Duration::minutes(minutes.unwrap_or(1)));
    }
    let epoch = header("x-rate-limit-reset").or(header("ratelimit-reset")).and_then(|text| text.parse().ok());
    let until = epoch.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let pause = header("retry-after").and_then(|text| text.parse().ok()).unwrap_or(60);
    Some(until.unwrap_or(at + Duration::seconds(pause)))
}
