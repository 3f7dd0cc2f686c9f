//! Ranked channels with means per post, in several snapshots (Instagram, YouTube, TikTok, 2022).

use std::{collections::BTreeMap, path::Path};

use influence::{
    Params, Score, State,
    reach::Seen,
    score::Facts,
    types::{AccountSnapshot, Counters, DAY, Event, Network, PostAverage},
};
use serde::Deserialize;

/// A row of `channels.csv`. Empty fields are unknown.
#[derive(Clone, Debug, Deserialize)]
pub struct Channel {
    pub network: Network,
    pub snapshot: String,
    pub handle: String,
    #[serde(default)]
    pub audience_country: Option<String>,
    pub followers: Option<f64>,
    pub views_avg: Option<f64>,
    pub likes_avg: Option<f64>,
    pub comments_avg: Option<f64>,
    #[serde(default)]
    pub shares_avg: Option<f64>,
    #[serde(default)]
    pub engagement_avg: Option<f64>,
}

impl Channel {
    /// Audience country as ISO 3166 alpha-2, where the name is one of the list below.
    pub fn country(&self) -> Option<[u8; 2]> {
        let name = self.audience_country.as_deref()?;
        COUNTRIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, code)| code.as_bytes().try_into().ok())
    }

    /// Its means; views withheld where they are what is to be told.
    fn counters(&self, views: bool) -> Counters {
        let whole = |x: Option<f64>| x.map(|x| x.round() as i64);
        Counters {
            views: if views { whole(self.views_avg) } else { None },
            // Instagram lists give likes and comments together.
            likes: whole(self.likes_avg.or(self.engagement_avg)),
            comments: whole(self.comments_avg),
            shares: whole(self.shares_avg),
            ..Default::default()
        }
    }

    fn state(&self, views: bool, params: &Params) -> State {
        let mut state = State::default();
        let counters = self.counters(views);
        if let Some(followers) = self.followers {
            let account = AccountSnapshot {
                network: self.network,
                at: DAY,
                followers: followers as i64,
                following: None,
                listed: None,
                audience_country: self.country(),
                gone: false,
            };
            state.apply(&Event::AccountSnapshot(account), params);
        }
        let average = PostAverage { network: self.network, at: DAY, format: Default::default(), posts: None, counters };
        state.apply(&Event::PostAverage(average), params);
        state.close(1, &(), params);
        state
    }

    /// Renamed into section 2's inputs and brought through the state.
    pub fn facts(&self, params: &Params) -> Option<Facts> {
        self.state(true, params).facts(params).into_iter().next()
    }

    /// The score.
    pub fn score(&self, params: &Params) -> Option<Score> {
        Score::of(&[self.facts(params)?], params)
    }

    /// Views per post that the shipped reach model expects from what else is visible.
    pub fn expected_views(&self, params: &Params) -> Option<f64> {
        let seen = self.visible();
        let facts = self.state(false, params).facts(params).into_iter().next()?;
        influence::reach::views(
            &seen,
            influence::reach::real_followers(&facts, params),
            facts.country.as_deref(),
            params.network(self.network),
        )
    }

    /// What is visible of it, without views.
    pub fn visible(&self) -> Seen {
        let c = self.counters(false);
        let real = |n: Option<i64>| n.map(|n| n as f64);
        Seen { likes: real(c.likes), comments: real(c.comments), shares: real(c.shares), age_days: f64::INFINITY, ..Default::default() }
    }

    /// What the network is ranked by later: engagement, views or likes.
    pub fn outcome(&self) -> Option<f64> {
        match self.network {
            Network::Instagram => self.engagement_avg,
            Network::Tiktok => self.views_avg,
            _ => self.likes_avg,
        }
    }
}

/// The outcome's name.
pub fn outcome_name(network: Network) -> &'static str {
    match network {
        Network::Instagram => "engagement",
        Network::Tiktok => "views",
        _ => "likes",
    }
}

/// All rows below a folder: every CSV with these columns. Of two rows of one channel in one snapshot the first stands.
pub fn load(data: &Path) -> anyhow::Result<Vec<Channel>> {
    let all: Vec<Channel> = super::rows(data, &["network", "snapshot", "handle", "followers", "likes_avg"])?;
    let mut seen = std::collections::BTreeSet::new();
    Ok(all.into_iter().filter(|c| seen.insert((c.network, c.snapshot.clone(), c.handle.to_lowercase()))).collect())
}

/// Snapshots whose date is known, such as `2022-06`, in order: an undated one cannot be followed in time.
pub fn dated(channels: &[Channel]) -> Vec<String> {
    let mut all: Vec<String> = channels.iter().map(|c| c.snapshot.clone()).collect();
    all.sort();
    all.dedup();
    all.retain(|s| s.split('-').skip(1).all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())));
    all
}

/// Channels of a network that are in both snapshots, with what is to be told known in both.
pub fn followed<'a>(channels: &'a [Channel], network: Network, from: &str, to: &str) -> Vec<(&'a Channel, &'a Channel)> {
    let of = |snapshot: &str| -> BTreeMap<String, &Channel> {
        let there = channels.iter().filter(|c| c.network == network && c.snapshot == snapshot && c.outcome().is_some());
        there.map(|c| (c.handle.to_lowercase(), c)).collect()
    };
    let later = of(to);
    of(from).into_iter().filter_map(|(handle, earlier)| Some((earlier, *later.get(&handle)?))).collect()
}

/// Names of countries as such lists write them.
const COUNTRIES: &[(&str, &str)] = &[
    ("Algeria", "DZ"),
    ("Argentina", "AR"),
    ("Australia", "AU"),
    ("Bangladesh", "BD"),
    ("Brazil", "BR"),
    ("Canada", "CA"),
    ("Chile", "CL"),
    ("China", "CN"),
    ("Colombia", "CO"),
    ("Egypt", "EG"),
    ("France", "FR"),
    ("Germany", "DE"),
    ("India", "IN"),
    ("Indonesia", "ID"),
    ("Iran", "IR"),
    ("Iraq", "IQ"),
    ("Italy", "IT"),
    ("Japan", "JP"),
    ("Kazakhstan", "KZ"),
    ("Mexico", "MX"),
    ("Morocco", "MA"),
    ("Nigeria", "NG"),
    ("Pakistan", "PK"),
    ("Peru", "PE"),
    ("Philippines", "PH"),
    ("Poland", "PL"),
    ("Russia", "RU"),
    ("Saudi Arabia", "SA"),
    ("South Korea", "KR"),
    ("Spain", "ES"),
    ("Syria", "SY"),
    ("Thailand", "TH"),
    ("Turkey", "TR"),
    ("Ukraine", "UA"),
    ("United Arab Emirates", "AE"),
    ("United Kingdom", "GB"),
    ("United States", "US"),
    ("Uzbekistan", "UZ"),
    ("Vietnam", "VN"),
];
