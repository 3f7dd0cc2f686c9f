//! From rows to the inputs of the formula: what an account, a post and a counter are there; which counters everybody may see; what makes two
//! sets of inputs the same. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use connectors::{Measure, Reading};
use entity::{
    account_snapshot,
    enums::{InsightScope, MetricSource, Network},
    ids::PostId,
    network_account,
};
use influence::{
    quality::Fan,
    score::{Component, Parts},
    types::{AccountSnapshot, ActorId, Counters, Day, Format, Kind, Network as Place, PostAverage, Tier, day_of},
};
use sha2::{Digest, Sha256};

use crate::{
    error::{Code, Problem, Result},
    networks::sync::posts::{Figure, Figures, PUBLIC, code},
};

/// Posts of so many days are read for topics, engagement, collaborations and explicit words (K31 of the design: half a year).
pub const POST_DAYS: i64 = 180;
/// Counters and comments of so many days go into the score: its window, and a reading before it to take differences from.
pub const COUNTER_DAYS: i64 = 100;
/// Readings of an account so old are its first ones.
pub const ACCOUNT_DAYS: i64 = 400;
/// So many days of what happened are kept beside a score.
pub const CAUSE_DAYS: i32 = 90;

/// The network in the words of the science.
pub const fn place(network: Network) -> Place {
    match network {
        Network::Instagram => Place::Instagram,
        Network::Youtube => Place::Youtube,
        Network::Facebook => Place::Facebook,
        Network::X => Place::X,
        Network::Tiktok => Place::Tiktok,
        Network::Twitch => Place::Twitch,
        Network::Pinterest => Place::Pinterest,
        Network::Linkedin => Place::Linkedin,
        Network::Reddit => Place::Reddit,
        Network::Bluesky => Place::Bluesky,
        Network::Mastodon => Place::Mastodon,
        Network::Blog => Place::Blog,
    }
}

/// And back.
pub const fn network(place: Place) -> Network {
    match place {
        Place::Instagram => Network::Instagram,
        Place::Youtube => Network::Youtube,
        Place::Facebook => Network::Facebook,
        Place::X => Network::X,
        Place::Tiktok => Network::Tiktok,
        Place::Twitch => Network::Twitch,
        Place::Pinterest => Network::Pinterest,
        Place::Linkedin => Network::Linkedin,
        Place::Reddit => Network::Reddit,
        Place::Bluesky => Network::Bluesky,
        Place::Mastodon => Network::Mastodon,
        Place::Blog => Network::Blog,
    }
}

/// What a part of the score was measured to be; none = nothing is known of it, and it changes nothing. Each person of whom nothing is known
/// counts as the network's mean, which tells nothing of connections; and of shares that nobody was told there are none to count.
pub fn known(component: Component, parts: &Parts) -> Option<f64> {
    match component {
        Component::Audience => Some(parts.reach),
        Component::Bond => parts.bond,
        Component::SecondHand => Some(parts.second_hand).filter(|n| *n > 0.0),
        Component::Connections => parts.connections.filter(|n| (n - 1.0).abs() > 1e-9),
        Component::Presence => parts.cadence,
    }
}

/// Whether the network tells who answers a post, on which connections rest.
pub const fn tells_who_reacts(network: Network) -> bool {
    !matches!(network, Network::Tiktok | Network::Twitch | Network::Pinterest | Network::Linkedin | Network::Reddit | Network::Blog)
}

/// The word of a tier.
pub const fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::None => "none",
        Tier::Nano => "nano",
        Tier::Micro => "micro",
        Tier::Macro => "macro",
        Tier::Mega => "mega",
    }
}

/// The tier of a word.
pub fn tier_of(word: &str) -> Option<Tier> {
    Tier::ALL.into_iter().find(|one| tier(*one) == word)
}

/// The word of a kind of fan, also in message keys.
pub const fn fan_kind(kind: Fan) -> &'static str {
    match kind {
        Fan::Superfan => "superfan",
        Fan::New => "new",
        Fan::Regular => "regular",
        Fan::Casual => "casual",
        Fan::Lapsed => "lapsed",
    }
}

/// A post's form, from the connectors' word.
pub fn format(word: &str) -> Format {
    match word {
        "carousel" => Format::Carousel,
        "short" | "clip" => Format::Reel,
        "video" | "recording" => Format::Video,
        "story" => Format::Story,
        "live" => Format::Live,
        _ => Format::Feed,
    }
}

/// A post's number for the science: the random half of its id.
pub fn post_number(id: PostId) -> influence::types::PostId {
    u64::try_from(id.0.as_u128() & u128::from(u64::MAX)).unwrap_or_default()
}

/// An actor's number: a hash of network and handle, so that no handle is kept beside a score.
pub fn actor(network: Network, handle: &str) -> Option<ActorId> {
    let folded = handle.trim().trim_start_matches('@').to_lowercase();
    if folded.is_empty() {
        return None;
    }
    let hash = Sha256::digest(format!("{network}\n{folded}"));
    Some(hash.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}

/// Milliseconds since 1970.
pub fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// The calendar day of the science's day number.
pub fn date(day: Day) -> NaiveDate {
    DateTime::from_timestamp(i64::from(day) * 86_400, 0).map_or(NaiveDate::MIN, |at| at.date_naive())
}

/// The science's day number of a calendar day.
pub fn day(date: NaiveDate) -> Day {
    day_of(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}

/// Counters from the latest word on each measure. What was typed in by hand is no reading: it would let anybody write their own score.
pub fn counters(figures: &Figures, scope: InsightScope) -> Counters {
    let value = |measure: Measure| {
        let word = code(measure);
        let Figure { metric, source, .. } = figures.0.get(&word)?;
        if *source == MetricSource::SelfReported || scope == InsightScope::Public && !PUBLIC.contains(&word.as_str()) {
            return None;
        }
        metric.value().filter(|n| *n >= 0)
    };
    let first = |measures: &[Measure]| measures.iter().find_map(|measure| value(*measure));
    let sum = |measures: &[Measure]| {
        let known: Vec<i64> = measures.iter().filter_map(|measure| value(*measure)).collect();
        (!known.is_empty()).then(|| known.into_iter().fold(0_i64, i64::saturating_add))
    };
    Counters {
        views: value(Measure::Views),
        likes: first(&[Measure::Likes, Measure::Reactions]),
        comments: first(&[Measure::Comments, Measure::Replies]),
        // Where a network counts its ways of passing on one by one they are one thing here.
        shares: value(Measure::Shares).or_else(|| sum(&[Measure::Reposts, Measure::Quotes])),
        saves: value(Measure::Saves),
        reach: value(Measure::Reach),
        impressions: value(Measure::Impressions),
    }
}

/// One reading of a post, as its figures.
pub fn figures(readings: &[Reading], source: MetricSource, as_of: DateTime<Utc>) -> Figures {
    let mut out = Figures::default();
    for reading in readings.iter().filter(|reading| reading.is_whole()) {
        out.learn(&code(reading.measure), Figure { metric: reading.metric, source, endpoint: String::new(), as_of });
    }
    out
}

/// A reading of an account; none where nobody told its followers, or the creator typed them.
pub fn account_reading(network: Network, row: &account_snapshot::Model) -> Option<AccountSnapshot> {
    if row.source == MetricSource::SelfReported {
        return None;
    }
    let country = row.data.get("audience_country").and_then(|text| text.as_str());
    Some(AccountSnapshot {
        network: place(network),
        at: millis(row.captured_at),
        followers: row.followers?,
        following: row.following,
        listed: row.data.get("listed").and_then(serde_json::Value::as_i64),
        audience_country: country.and_then(|code| <[u8; 2]>::try_from(code.as_bytes()).ok()),
        gone: false,
    })
}

/// The latest word on an account, for one that has no readings.
pub fn account_now(row: &network_account::Model) -> Option<AccountSnapshot> {
    let (source, at) = row.figures_source.zip(row.figures_as_of)?;
    (source != MetricSource::SelfReported).then_some(AccountSnapshot {
        network: place(row.network),
        at: millis(at),
        followers: row.followers?,
        following: row.following,
        listed: None,
        audience_country: None,
        gone: false,
    })
}

/// So many days a source that is silent is taken to be down; then what it told is old.
const DOWN_AT_MOST: Day = 30;
/// Of so many readings it shows whether an account is read day by day.
const OFTEN: usize = 7;

/// The days on which an account that is read day by day was not read: the network, the grant or we were down, and the account was not
/// silent. `read`: the days with a reading; today is not over. None for one that is read now and then.
pub fn gaps(read: &BTreeSet<Day>, today: Day) -> Vec<Day> {
    let (Some(first), Some(last)) = (read.first(), read.last()) else { return Vec::new() };
    let days = usize::try_from(last - first + 1).unwrap_or(usize::MAX);
    if read.len() < OFTEN || read.len() * 2 <= days {
        return Vec::new();
    }
    (*first..today.min(last.saturating_add(DOWN_AT_MOST + 1))).filter(|day| !read.contains(day)).collect()
}

/// Means per post of an imported list, in its columns `views_avg`, `likes_avg`, `comments_avg`, `shares_avg`.
pub fn average(network: Network, row: &account_snapshot::Model) -> Option<PostAverage> {
    let mean = |name: &str| {
        row.data.get(name).and_then(serde_json::Value::as_f64).filter(|n| n.is_finite() && *n >= 0.0).map(|n| n.round() as i64)
    };
    let counters = Counters {
        views: mean("views_avg"),
        likes: mean("likes_avg"),
        comments: mean("comments_avg"),
        shares: mean("shares_avg"),
        ..Counters::default()
    };
    let known = counters != Counters::default();
    known.then(|| PostAverage { network: place(network), at: millis(row.captured_at), format: Format::Feed, posts: None, counters })
}

/// How somebody named an account, as an action.
pub fn mention_kind(word: &str) -> Kind {
    match word {
        "reply" => Kind::Reply,
        "quote" => Kind::Quote,
        "comment" => Kind::Comment,
        _ => Kind::Mention,
    }
}

/// SHA-256 in hexadecimal of what went in, with the formula and the day: the same is computed once.
pub fn hash(parts: &impl serde::Serialize) -> Result<String> {
    Ok(hex::encode(Sha256::digest(serde_json::to_vec(parts)?)))
}

/// The key of a group of peers.
pub fn peer_key(network: &str, tier: &str, country: &str) -> String {
    format!("{network}:{tier}:{country}")
}

/// Fewer than this are no group to stand in.
pub const FEWEST_PEERS: i32 = 5;

/// The groups that a creator stands in, the nearest first.
pub fn groups(network: &str, tier: &str, country: &str) -> Vec<String> {
    let mut out = vec![peer_key(network, tier, ""), peer_key("", "", "")];
    if !country.is_empty() {
        out.insert(0, peer_key(network, tier, country));
    }
    out
}

/// The share of peers below a score, those with the same one half, in per cent.
pub fn percentile(scores: &[f64], value: f64) -> Option<f64> {
    if scores.is_empty() {
        return None;
    }
    let below = scores.iter().filter(|s| **s < value - 1e-9).count() as f64;
    let same = scores.iter().filter(|s| (**s - value).abs() <= 1e-9).count() as f64;
    Some(100.0 * (below + same / 2.0) / scores.len() as f64)
}

/// The last part of a public page's address: of letters, digits and single dashes, 3 to 40 signs.
pub fn slug(text: &str) -> Result<String> {
    let text = text.trim().to_lowercase();
    let fine = (3..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !text.contains("--");
    if fine { Ok(text) } else { Err(Problem::new("slug", crate::error::Wrong::new(Code::Invalid, "insights.problem.slug")).into()) }
}

/// An address to begin with, from a handle.
pub fn proposed_slug(handle: &str) -> String {
    let mut out = String::new();
    for c in handle.to_lowercase().chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            _ if !out.is_empty() && !out.ends_with('-') => out.push('-'),
            _ => {}
        }
    }
    out.truncate(40);
    let out = out.trim_matches('-');
    if out.len() < 3 { String::new() } else { out.to_owned() }
}

/// What may be done with one's own insights now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "ScoreAction")]
pub enum ScoreAction {
    /// `scoreRefresh`
    Refresh,
    /// `scorePagePublish`
    Publish,
    /// `scorePageUnpublish`
    Unpublish,
}

#[cfg(test)]
mod tests {
    use connectors::Metric;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn told(words: &[(Measure, Metric)]) -> Figures {
        let readings: Vec<Reading> = words.iter().map(|(measure, metric)| Reading::new(*measure, "", *metric)).collect();
        figures(&readings, MetricSource::Network, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_day_without_a_reading_is_a_gap_where_every_day_has_one() {
        let days = |all: &[Day]| all.iter().copied().collect::<BTreeSet<_>>();
        let daily = days(&[1, 2, 3, 4, 7, 8, 9, 10]);
        assert_eq!(gaps(&daily, 10), [5, 6]);
        assert_eq!(gaps(&daily, 13), [5, 6, 11, 12], "today is not over");
        let long = gaps(&daily, 100);
        assert_eq!((long.len(), long.last()), (2 + 30, Some(&40)), "what is silent for longer is no source");
        assert!(gaps(&days(&[1, 2, 3]), 10).is_empty(), "too few to say");
        assert!(gaps(&(0..20).map(|week| week * 7).collect(), 150).is_empty(), "read now and then");
        assert!(gaps(&days(&[]), 10).is_empty());
    }

    #[test]
    fn counters_are_what_the_scope_shows_and_unknown_is_none() {
        let all =
            told(&[(Measure::Reactions, Metric::Value(9)), (Measure::Reach, Metric::Value(100)), (Measure::Comments, Metric::NotReady)]);
        let full = counters(&all, InsightScope::Full);
        assert_eq!((full.likes, full.reach, full.comments, full.views), (Some(9), Some(100), None, None));
        assert_eq!(counters(&all, InsightScope::Public).reach, None, "only the creator's grant shows it");
        assert_eq!(counters(&all, InsightScope::Public).likes, Some(9));
        let parts = told(&[(Measure::Reposts, Metric::Value(3)), (Measure::Quotes, Metric::Value(2))]);
        assert_eq!(counters(&parts, InsightScope::Public).shares, Some(5));
    }

    #[test]
    fn what_was_typed_does_not_count() {
        let mut typed = told(&[(Measure::Likes, Metric::Value(9))]);
        typed.0.values_mut().for_each(|figure| figure.source = MetricSource::SelfReported);
        assert_eq!(counters(&typed, InsightScope::Full), Counters::default());
        let row = network_account::Model {
            followers: Some(1_000_000),
            figures_source: Some(MetricSource::SelfReported),
            figures_as_of: Some(DateTime::UNIX_EPOCH),
            ..network_account::Model::bare(Uuid::nil().into(), Uuid::nil().into(), Network::X, DateTime::UNIX_EPOCH)
        };
        assert_eq!(account_now(&row), None);
        assert!(account_now(&network_account::Model { figures_source: Some(MetricSource::Imported), ..row }).is_some());
    }

    #[test]
    fn networks_and_tiers_there_and_back() {
        for one in Network::ALL {
            assert_eq!(network(place(*one)), *one);
        }
        for one in Tier::ALL {
            assert_eq!(tier_of(tier(one)), Some(one));
        }
        assert_eq!((format("short"), format("poll"), format("story")), (Format::Reel, Format::Feed, Format::Story));
    }

    #[test]
    fn days_and_actors() {
        let found = date(20_785);
        assert_eq!((found.to_string().as_str(), day(found)), ("2026-11-28", 20_785));
        assert_eq!(actor(Network::X, "@Hana "), actor(Network::X, "hana"));
        assert_ne!(actor(Network::X, "hana"), actor(Network::Instagram, "hana"));
        assert_eq!(actor(Network::X, " "), None);
    }

    #[test]
    fn addresses_of_public_pages() {
        assert_eq!(slug(" Hana-Cooks ").unwrap(), "hana-cooks");
        for bad in ["", "ab", "-hana", "hana-", "ha--na", "ha/na", "はな", &"x".repeat(41)] {
            assert!(slug(bad).is_err(), "{bad}");
        }
        assert_eq!(proposed_slug("Hana.Cooks_"), "hana-cooks");
        assert_eq!(proposed_slug("はな"), "");
    }

    proptest! {
        #[test]
        fn proposed_addresses_are_allowed(handle in ".{0,60}") {
            let proposed = proposed_slug(&handle);
            prop_assert!(proposed.is_empty() || slug(&proposed).is_ok(), "{proposed}");
        }

        #[test]
        fn a_higher_score_never_stands_lower(mut scores in prop::collection::vec(0.0..100.0_f64, 1..50), a in 0.0..100.0_f64, b in 0.0..100.0_f64) {
            scores.sort_by(f64::total_cmp);
            prop_assert!(percentile(&scores, a.min(b)) <= percentile(&scores, a.max(b)));
        }
    }
}
