//! What is read of an account, when it is read next, and what follows from a failure. Pure.

use chrono::{DateTime, Duration, TimeZone, Utc};
use connectors::{Availability, Capability, Connector, ErrorKind, Metric};
use entity::{
    enums::{AccountType, Network, SyncKind},
    sync_task,
};

use super::super::rules::{Reaction, reaction};

/// How long a worker may be silent before its reading is taken over; longer than the slowest call with its tries.
pub const LEASE: Duration = Duration::minutes(10);
/// How many days of publications are read when an account is linked.
pub const FIRST_DAYS: i64 = 90;
/// So many publications' own figures are asked for in one turn.
pub const FIGURES_A_TURN: u64 = 40;
/// Under so many publications comments are read in one turn.
pub const COMMENTS_A_TURN: u64 = 5;
/// So many pages of comments or mentions are read in one turn beyond the first of each list, as long as there is anything new on them. X
/// sells what it shows.
pub const fn further_pages(network: Network) -> usize {
    match network {
        Network::X => 0,
        _ => 5,
    }
}

/// A story's last figures are read so long before it ends.
pub const FINAL_BEFORE: Duration = Duration::minutes(30);
/// So long after a reading, what rests on it is computed.
pub const COMPUTE_AFTER: Duration = Duration::seconds(20);

/// Who waits; the lower the sooner.
pub mod priority {
    /// Somebody looks at the page.
    pub const WAITING: i32 = 0;
    /// The network has told that something happened.
    pub const HOOK: i32 = 1;
    /// A story ends.
    pub const STORY: i32 = 2;
    /// What is read again and again.
    pub const DAILY: i32 = 3;
    /// What is read once, when there is room.
    pub const BACKFILL: i32 = 4;
    /// All of them, in their order.
    pub const ALL: [i32; 5] = [WAITING, HOOK, STORY, DAILY, BACKFILL];
}

/// With which a kind goes when nobody waits.
pub const fn usual_priority(kind: SyncKind) -> i32 {
    match kind {
        SyncKind::Stories | SyncKind::StoryFigures => priority::STORY,
        SyncKind::Backfill => priority::BACKFILL,
        _ => priority::DAILY,
    }
}

/// The kinds that are spoken of to people, in their order. What only some networks want of us is no want of the others.
pub fn shown(connector: &dyn Connector) -> impl Iterator<Item = &'static SyncKind> {
    let asks = connector.capabilities().has(Capability::HourlyCheck);
    SyncKind::ALL.iter().filter(move |kind| asks || **kind != SyncKind::Grant)
}

/// What the network must offer; the first of them that it does counts.
pub const fn capabilities(kind: SyncKind) -> &'static [Capability] {
    match kind {
        SyncKind::Profile => &[Capability::Profile],
        SyncKind::Posts | SyncKind::Backfill => &[Capability::Media],
        SyncKind::PostFigures => &[Capability::MediaInsights],
        SyncKind::Insights => &[Capability::Insights],
        SyncKind::Audience => &[Capability::AudienceAge, Capability::AudienceGender, Capability::AudienceCountry, Capability::AudienceCity],
        SyncKind::Comments => &[Capability::Comments],
        SyncKind::Mentions => &[Capability::Mentions],
        SyncKind::Stories | SyncKind::StoryFigures => &[Capability::Stories],
        SyncKind::Grant => &[Capability::HourlyCheck],
    }
}

/// The host that a kind is read from, where a network has several that fail apart: YouTube's reports come from another than its lists.
/// Empty: the one that most is asked of.
pub const fn host(network: Network, kind: SyncKind) -> &'static str {
    match (network, kind) {
        (Network::Youtube, SyncKind::PostFigures | SyncKind::Insights | SyncKind::Audience) => ANALYTICS,
        _ => "",
    }
}

/// The host of YouTube's reports.
pub const ANALYTICS: &str = "analytics";

/// What the creator has said yes to, as far as readings rest on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// To reading figures.
    pub figures: bool,
    /// To reading stories' figures among them, or to keeping stories, with a brand that has too.
    pub stories: bool,
}

impl Agreed {
    /// Whether this kind may be read; the profile is public. Keeping what stories show takes more, which is asked where they are copied.
    pub fn to(self, kind: SyncKind) -> bool {
        match kind {
            SyncKind::Profile | SyncKind::Grant => true,
            SyncKind::Stories | SyncKind::StoryFigures => self.stories,
            _ => self.figures,
        }
    }
}

/// Whether a kind is read of an account, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    On,
    /// The network does not give it, or not yet.
    Network(Availability),
    /// Nobody has said yes.
    NeedsConsent,
    /// Stories are read of business accounts only (K20).
    NeedsBusiness,
}

/// Of an account with these scopes and followers.
pub fn standing(
    kind: SyncKind,
    connector: &dyn Connector,
    granted: &[String],
    (account_type, followers): (AccountType, Option<i64>),
    agreed: Agreed,
) -> Standing {
    let mut best = Availability::NotOffered;
    for capability in capabilities(kind) {
        match connector.availability(*capability, granted, followers) {
            Availability::NotOffered => {}
            Availability::Offered => {
                best = Availability::Offered;
                break;
            }
            lacking if best == Availability::NotOffered => best = lacking,
            _ => {}
        }
    }
    if best != Availability::Offered {
        Standing::Network(best)
    } else if matches!(kind, SyncKind::Stories | SyncKind::StoryFigures)
        && !matches!(account_type, AccountType::Business | AccountType::Creator)
    {
        Standing::NeedsBusiness
    } else if !agreed.to(kind) {
        Standing::NeedsConsent
    } else {
        Standing::On
    }
}

/// A share of `most` that is the same for the same `seed` and `turn`, and even over all: nobody asks at the full hour.
pub fn jitter(seed: u128, turn: i64, most: Duration) -> Duration {
    // splitmix64, whose output is even.
    let mut z = (seed as u64) ^ ((seed >> 64) as u64).rotate_left(32) ^ (turn as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let most = most.num_milliseconds().max(0);
    Duration::milliseconds(i64::try_from(z % (most.unsigned_abs() + 1)).unwrap_or(0))
}

/// How long after a good turn a kind is read again. `newest`: how old the account's newest publication is, if there is one.
pub fn every(kind: SyncKind, newest: Option<Duration>) -> Duration {
    match kind {
        // What is young changes fast; an account that is silent is looked at less often.
        SyncKind::Posts => match newest {
            Some(age) if age < Duration::hours(48) => Duration::hours(6),
            Some(age) if age > Duration::days(60) => Duration::days(3),
            _ => Duration::hours(20),
        },
        SyncKind::Stories => Duration::minutes(57),
        SyncKind::Grant => Duration::minutes(55),
        SyncKind::StoryFigures => Duration::hours(4),
        SyncKind::Audience => Duration::days(7) - Duration::hours(4),
        SyncKind::Backfill => Duration::seconds(1),
        SyncKind::Profile | SyncKind::PostFigures | SyncKind::Insights | SyncKind::Comments | SyncKind::Mentions => Duration::hours(20),
    }
}

/// When a kind is read next after a good turn: a little later than it could be, by another little for each account.
pub fn again(kind: SyncKind, newest: Option<Duration>, now: DateTime<Utc>, seed: u128) -> DateTime<Utc> {
    let pause = every(kind, newest);
    now + pause + jitter(seed, now.timestamp(), (pause / 20).min(Duration::minutes(59)))
}

/// When a publication of this age is asked for its own figures next: six-hourly while it is young, daily for a month, then weekly for a
/// year. None: it is too old to change.
pub fn figures_again(age: Duration) -> Option<Duration> {
    if age < Duration::hours(48) {
        Some(Duration::hours(6))
    } else if age < Duration::days(30) {
        Some(Duration::hours(20))
    } else if age < Duration::days(365) {
        Some(Duration::days(7))
    } else {
        None
    }
}

/// The same for what is written under it.
pub fn comments_again(age: Duration) -> Option<Duration> {
    if age < Duration::days(7) {
        Some(Duration::hours(20))
    } else if age < Duration::days(90) {
        Some(Duration::days(7))
    } else {
        None
    }
}

/// When a story that ends then is read next: at least every four hours, and for the last time shortly before its end. None: it is over.
pub fn story_again(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let last = expires_at - FINAL_BEFORE;
    (now < last).then(|| last.min(now + Duration::hours(4)))
}

/// When a story that ends then is tried at the latest while its figures cannot be read: as the last reading would be, and twice more.
pub fn last_calls(expires_at: DateTime<Utc>) -> [DateTime<Utc>; 3] {
    [FINAL_BEFORE, Duration::minutes(10), Duration::minutes(2)].map(|before| expires_at - before)
}

/// How long a row waits after so many failures in a row that pass by themselves: a minute, three, nine … at most six hours.
pub fn backoff(failures: i32) -> Duration {
    let factor = 3_i64.pow(failures.clamp(1, 7).unsigned_abs() - 1);
    Duration::minutes(factor).min(Duration::hours(6))
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It is tried again then.
    At(DateTime<Utc>),
    /// It is not tried again by itself.
    Never,
    /// The grant is dead: everything stops until the account is linked again.
    Relink,
}

/// What follows from one. `failures`: in a row, with this one; `retry_at`: the network's word.
pub fn after_failure(
    kind: SyncKind,
    network: Network,
    error: &ErrorKind,
    retry_at: Option<DateTime<Utc>>,
    failures: i32,
    now: DateTime<Utc>,
    seed: u128,
) -> After {
    let shaken = |at: DateTime<Utc>| {
        After::At(at + jitter(seed, now.timestamp(), ((at - now) / 4).clamp(Duration::seconds(1), Duration::minutes(30))))
    };
    // Without the profile there is no account; without something else there is only less.
    if kind == SyncKind::Profile && reaction(error) == Reaction::Relink {
        return After::Relink;
    }
    match error {
        ErrorKind::TokenExpired | ErrorKind::Revoked | ErrorKind::Checkpoint => After::Relink,
        ErrorKind::Transient => shaken(retry_at.unwrap_or(now).max(now + backoff(failures))),
        ErrorKind::RateLimited { .. } => shaken(retry_at.unwrap_or(now + Duration::minutes(15)).max(now + Duration::minutes(1))),
        ErrorKind::QuotaExhausted => shaken(retry_at.unwrap_or_else(|| quota_resets(network, now)).max(now + Duration::minutes(1))),
        ErrorKind::BelowThreshold { .. } | ErrorKind::NotFound | ErrorKind::Private | ErrorKind::Gone => shaken(now + Duration::days(7)),
        ErrorKind::AppNotApproved | ErrorKind::Contract => shaken(now + Duration::days(1)),
        ErrorKind::ScopeMissing { .. }
        | ErrorKind::NotBusinessAccount
        | ErrorKind::NotSupported(_)
        | ErrorKind::Bug
        | ErrorKind::Declined
        | ErrorKind::CodeRefused
        | ErrorKind::IssuerMismatch => After::Never,
    }
}

/// When a used-up quota is there again, if the network does not say: YouTube's day begins at midnight in California.
pub fn quota_resets(network: Network, now: DateTime<Utc>) -> DateTime<Utc> {
    match network {
        Network::Youtube => next_midnight(chrono_tz::America::Los_Angeles, now),
        Network::Pinterest | Network::Linkedin => next_midnight(chrono_tz::Tz::UTC, now),
        _ => now + Duration::hours(6),
    }
}

/// The next midnight of a zone; at most 25 hours away, as on the day that clocks are set back.
pub fn next_midnight(zone: chrono_tz::Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now.with_timezone(&zone).date_naive() + Duration::days(1);
    let midnight = tomorrow.and_hms_opt(0, 0, 0).and_then(|at| zone.from_local_datetime(&at).earliest());
    midnight.map_or(now + Duration::hours(24), |at| at.with_timezone(&Utc))
}

/// A network that still has nothing so long after linking has nothing to give.
const GETS_READY: Duration = Duration::hours(48);

/// What is not ready for two days is not offered.
pub fn by_now(metric: Metric, linked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Metric {
    match metric {
        Metric::NotReady if linked_at.is_some_and(|at| now - at > GETS_READY) => Metric::NotOffered,
        other => other,
    }
}

/// The word that a row keeps for a failure; a threshold goes with it.
pub fn outcome(error: &ErrorKind) -> String {
    match error {
        ErrorKind::BelowThreshold { min } => format!("{}:{min}", error.code()),
        ErrorKind::ScopeMissing { scope } if !scope.is_empty() => format!("{}:{scope}", error.code()),
        other => other.code().to_owned(),
    }
}

/// A good turn.
pub const OK: &str = "ok";
/// It was not read, since nobody has said yes.
pub const NO_CONSENT: &str = "no_consent";

/// Whether the first reading is under way. What closes a gap later goes by the same row, and is nobody's news.
pub fn is_first(backfill: &sync_task::Model) -> bool {
    backfill.next_run_at.is_some() && backfill.back_to.is_none()
}

/// How far the first reading has come, in per cent of the days that it goes back.
pub fn progress(linked_at: DateTime<Utc>, reached: Option<DateTime<Utc>>, finished: bool) -> u8 {
    if finished {
        return 100;
    }
    let days = reached.map_or(0, |at| (linked_at - at).num_hours().max(0));
    // The last per cent is the end itself.
    u8::try_from((days * 100 / (FIRST_DAYS * 24)).clamp(0, 99)).unwrap_or(99)
}

/// The hashtags of a text without their sign, each once, as written first; and the handles behind an @.
pub fn tags(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut hashtags, mut handles): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut before = ' ';
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        let starts = !(before.is_alphanumeric() || before == '_');
        before = c;
        let (list, part): (_, fn(char) -> bool) = match c {
            '#' | '＃' => (&mut hashtags, |c| c.is_alphanumeric() || c == '_' || c == 'ー'),
            '@' | '＠' if starts => (&mut handles, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.'),
            _ => continue,
        };
        let word: String = text[at + c.len_utf8()..].chars().take_while(|c| part(*c)).take(100).collect();
        let word = word.trim_end_matches('.');
        let is_number = word.chars().all(|c| c.is_ascii_digit());
        if !word.is_empty() && !is_number && list.len() < 100 && !list.iter().any(|known| known.to_lowercase() == word.to_lowercase()) {
            list.push(word.to_owned());
        }
        for _ in word.chars() {
            before = rest.next().map_or(' ', |(_, c)| c);
        }
    }
    (hashtags, handles)
}

#[cfg(test)]
mod tests {
    use connectors::LimitScope;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000 + seconds, 0).unwrap()
    }

    fn after(kind: SyncKind, error: ErrorKind) -> After {
        after_failure(kind, Network::Instagram, &error, None, 1, at(0), 7)
    }

    #[test]
    fn each_failure_has_its_reaction() {
        let later =
            |after: After, from: Duration, to: Duration| matches!(after, After::At(when) if when - at(0) >= from && when - at(0) <= to);
        assert_eq!(after(SyncKind::Posts, ErrorKind::Revoked), After::Relink);
        assert_eq!(after(SyncKind::Profile, ErrorKind::NotBusinessAccount), After::Relink);
        assert_eq!(after(SyncKind::Audience, ErrorKind::ScopeMissing { scope: "x".into() }), After::Never);
        assert_eq!(after(SyncKind::Audience, ErrorKind::NotSupported(Capability::AudienceAge)), After::Never);
        assert!(later(after(SyncKind::Posts, ErrorKind::Transient), Duration::minutes(1), Duration::minutes(2)));
        assert!(later(after(SyncKind::Audience, ErrorKind::BelowThreshold { min: 100 }), Duration::days(7), Duration::days(8)));
        let limited = ErrorKind::RateLimited { scope: LimitScope::App };
        let told = after_failure(SyncKind::Posts, Network::X, &limited, Some(at(900)), 1, at(0), 7);
        assert!(later(told, Duration::seconds(900), Duration::seconds(1_200)), "{told:?}");
    }

    #[test]
    fn youtubes_day_begins_in_california() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(quota_resets(Network::Youtube, at("2026-11-23T09:00:00Z")), at("2026-11-24T08:00:00Z"));
        // The day on which clocks are set back has 25 hours.
        assert_eq!(quota_resets(Network::Youtube, at("2026-11-01T07:30:00Z")), at("2026-11-02T08:00:00Z"));
    }

    #[test]
    fn words_of_a_caption() {
        let (tags, handles) = tags("#Tea と＃抹茶ラテ、#tea again! @hana.cooks. mail@example.com #2026 #a_b#c");
        assert_eq!(tags, ["Tea", "抹茶ラテ", "a_b", "c"]);
        assert_eq!(handles, ["hana.cooks"]);
    }

    #[test]
    fn what_is_not_ready_for_two_days_is_not_offered() {
        let linked = Some(at(0));
        assert_eq!(by_now(Metric::NotReady, linked, at(48 * 3_600)), Metric::NotReady);
        assert_eq!(by_now(Metric::NotReady, linked, at(48 * 3_600 + 1)), Metric::NotOffered);
        assert_eq!(by_now(Metric::NotReady, None, at(1_000_000)), Metric::NotReady);
        assert_eq!(by_now(Metric::Value(0), linked, at(1_000_000)), Metric::Value(0));
    }

    #[test]
    fn progress_counts_days() {
        let linked = at(0);
        assert_eq!(progress(linked, None, false), 0);
        assert_eq!(progress(linked, Some(linked - Duration::days(45)), false), 50);
        assert_eq!(progress(linked, Some(linked - Duration::days(400)), false), 99);
        assert_eq!(progress(linked, None, true), 100);
    }

    fn kinds() -> impl Strategy<Value = SyncKind> {
        prop::sample::select(SyncKind::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn the_next_turn_lies_ahead_and_not_far(kind in kinds(), age in prop::option::of(0_i64..1_000), now in 0_i64..10_000_000, seed: u128) {
            let newest = age.map(Duration::days);
            let next = again(kind, newest, at(now), seed);
            prop_assert!(next > at(now));
            // A day's reading is there within a day.
            if matches!(kind, SyncKind::Profile | SyncKind::Insights | SyncKind::Mentions | SyncKind::Comments) {
                prop_assert!(next < at(now) + Duration::hours(21));
            }
            if matches!(kind, SyncKind::Stories | SyncKind::Grant) {
                prop_assert!(next <= at(now) + Duration::hours(1));
            }
        }

        #[test]
        fn jitter_stays_within_its_span(seed: u128, turn: i64, most in 0_i64..86_400) {
            let most = Duration::seconds(most);
            let found = jitter(seed, turn, most);
            prop_assert!(Duration::zero() <= found && found <= most);
            prop_assert_eq!(found, jitter(seed, turn, most));
        }

        #[test]
        fn waiting_grows_and_ends(failures in 1_i32..100) {
            prop_assert!(backoff(failures) <= backoff(failures + 1));
            prop_assert!(backoff(failures) <= Duration::hours(6));
        }

        #[test]
        fn what_passes_is_always_tried_again(kind in kinds(), failures in 1_i32..100, seed: u128, retry in prop::option::of(-1_000_i64..100_000)) {
            for error in [ErrorKind::Transient, ErrorKind::QuotaExhausted, ErrorKind::RateLimited { scope: LimitScope::User }] {
                let next = after_failure(kind, Network::Youtube, &error, retry.map(at), failures, at(0), seed);
                let After::At(when) = next else { return Err(TestCaseError::fail(format!("{next:?}"))) };
                prop_assert!(when > at(0));
                if let Some(retry) = retry {
                    prop_assert!(when >= at(retry), "not before the network says");
                }
            }
        }

        #[test]
        fn a_story_is_read_shortly_before_its_end(life in 0_i64..86_400) {
            // Walked from one reading to the next, the last one lies within the last half hour and no sooner.
            let end = at(life);
            let (mut now, mut last) = (at(0), None);
            while let Some(next) = story_again(end, now) {
                prop_assert!(next > now && next <= end - FINAL_BEFORE);
                now = next;
                last = Some(next);
            }
            if life > FINAL_BEFORE.num_seconds() {
                prop_assert_eq!(last, Some(end - FINAL_BEFORE));
            }
        }

        #[test]
        fn no_caption_breaks_the_reader(text in "\\PC{0,300}") {
            let (hashtags, handles) = tags(&text);
            prop_assert!(hashtags.iter().chain(&handles).all(|word| !word.is_empty() && text.contains(word)));
        }
    }
}
