//! Every number of the formulas, as data: three files in `params/`, compiled in, each value explained in `docs/science.md`.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

use crate::{
    math::Pchip,
    types::{Format, Kind, Network, Provenance, Tier},
};

/// The version of the formulas and of the shipped parameters together. A score is compared only with scores of its own version.
pub const FORMULA_VERSION: &str = "1.0.0";

/// All parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Section 3.
    pub day: DayParams,
    /// Section 4.
    pub score: ScoreParams,
    /// Section 5.
    pub reach: ReachParams,
    /// Section 6, growth.
    pub growth: GrowthParams,
    /// Section 7.
    pub engagement: EngagementParams,
    /// What differs by network.
    pub networks: BTreeMap<Network, NetworkParams>,
    /// Section 11: what a thousand views are said to be worth.
    pub media: MediaValues,
    /// Section 12: what posts have cost.
    pub prices: Prices,
}

/// Daily features (section 3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayParams {
    /// Days in the window; at most 120.
    pub window: u8,
    /// Observed days after which an action counts half.
    pub half_life: f64,
    /// Observed days after which decayed sums are rebuilt from the days.
    pub rebuild: u8,
    /// Days for which single actions are kept, so that late ones are damped with the rest of their day.
    pub grace: u8,
    /// Actions a day from which an actor is damped.
    pub damping_from: f64,
    /// The weight of an actor without a score.
    pub unknown_actor: f64,
    /// Weight of an actor = first + second × (score/100)².
    pub actor_weight: [f64; 2],
    /// Hours after which an inferred action counts half for the post.
    pub attribution_half_life_hours: f64,
    /// Mean actor damping where only counters are known.
    pub counter_actor_damping: f64,
}

/// The score (section 4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreParams {
    /// Value of an action, v.
    pub values: BTreeMap<Kind, f64>,
    /// Exponent of second-hand reach, γM.
    pub second_hand: f64,
    /// Exponent of the actors' own weight, γN.
    pub connections: f64,
    /// Exponent of cadence, γP.
    pub cadence: f64,
    /// The bond multiplies by at most this and at least its inverse.
    pub bond_clamp: f64,
    /// So do connections.
    pub clamp: f64,
    /// Cadence counts within this factor of the network's usual.
    pub cadence_clamp: f64,
    /// Days without a post before presence falls.
    pub fresh_days: f64,
    /// Days after which absence halves presence.
    pub idle_half_life: f64,
    /// Share of a sharer's own reach that sees what was shared.
    pub share_rate: f64,
    /// p of the norm across networks: 1 would add them, ∞ take the largest.
    pub overlap: f64,
    /// log10(1 + IR) → score.
    pub calibration: Pchip,
    /// Standard deviation of ln R by provenance, until residuals are measured.
    pub uncertainty: BTreeMap<Provenance, f64>,
    /// So many posts' worth of trust the prior gets.
    pub prior_posts: f64,
    /// So many actors' worth of trust the network's mean weight gets.
    pub prior_actors: f64,
    /// Posts behind an imported mean that does not say.
    pub posts_of_average: f64,
    /// Below, the score is provisional.
    pub least_posts: f64,
    /// Below, the score is provisional.
    pub least_days: u32,
    /// Days for which the score of an account that is gone is kept.
    pub gone_days: i32,
    /// Share of mutual actions from which the excess counts half.
    pub mutual_from: f64,
}

/// True Reach (section 5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReachParams {
    /// Younger posts are scaled by the network's delay.
    pub least_age_hours: f64,
    /// The newest so many posts count.
    pub most_posts: usize,
    /// Days after which a post weighs half.
    pub age_half_life: f64,
    /// Share of weight cut at each end.
    pub trim: f64,
    /// Reach of a post as a share of followers, ρ.
    pub of_followers: BTreeMap<Format, f64>,
    /// Share of what they follow that followers of more than 1,500 see.
    pub mass_sees: f64,
    /// When an account follows so many that its own followers are doubted.
    pub mass_cut: MassCut,
}

/// Followers are divided by exp(rate × (following/followers − ratio)), at most by `most`, above `following` followings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MassCut {
    /// Followings from which it applies.
    pub following: f64,
    /// Followings per follower from which it applies.
    pub ratio: f64,
    /// How steeply.
    pub rate: f64,
    /// The largest divisor.
    pub most: f64,
}

/// Growth anomalies (section 6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GrowthParams {
    /// Robust z above which a day is an anomaly.
    pub z: f64,
    /// Share of a gain that, once lost again, makes it look bought.
    pub lost_share: f64,
    /// Within so many days.
    pub lost_days: i32,
    /// A swing of followings by this share.
    pub swing: f64,
    /// Two swings within so many days are follow/unfollow.
    pub swing_days: i32,
    /// A strong post explains a gain within so many days.
    pub explained_days: i32,
    /// Days of growth below which nothing is said.
    pub least_days: usize,
}

/// Engagement rates (section 7), in per cent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EngagementParams {
    /// Accounts' worth of trust in the seed.
    pub prior: f64,
    /// Accounts from which a cell gets a benchmark of its own format or category.
    pub own_cell_from: usize,
    /// Posts of each kind below which sponsored and organic are not compared.
    pub least_posts: usize,
    /// Resamples of an interval.
    pub draws: usize,
    /// Benchmarks before there is data.
    pub seeds: BTreeMap<Tier, f64>,
    /// The one network they are used for without the mark "unproven".
    pub seeds_are_of: Network,
    /// Benchmarks that are known to be of a network; they stand before `seeds` there. None ship.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seeds_of: BTreeMap<Network, BTreeMap<Tier, f64>>,
}

/// What differs by network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetworkParams {
    /// Views per person who sees, f.
    pub views_per_person: f64,
    /// Likes for each comment, where likes are hidden.
    pub likes_per_comment: f64,
    /// How lists tell of the audience; X only.
    pub listed: Option<Listed>,
    /// Reach of a typical account, for unknown sharers and as prior without followers.
    pub median_reach: f64,
    /// Mean weight of actors.
    pub actor_weight: f64,
    /// Posts a week of a typical account.
    pub cadence: f64,
    /// Exponent of the bond, γA.
    pub bond_exponent: f64,
    /// Median bond by tier.
    pub bond: BTreeMap<Tier, f64>,
    /// Hours in which half of a post's first-day reactions come.
    pub delay_hours: f64,
    /// Reach from visible counters.
    pub model: ReachModel,
}

/// Real followers = followers^(1 − share) × (lists × followers_per_list)^share: whoever is put on lists is read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// Trust in lists, 0 to 1.
    pub share: f64,
    /// Followers of a typical account for each list it is on.
    pub followers_per_list: f64,
}

/// ln views (or reach, where a network shows no views) from visible counters (section 5, rule 3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReachModel {
    /// θ0.
    pub intercept: f64,
    /// Followers.
    pub followers: Term,
    /// Likes a post.
    pub likes: Term,
    /// Comments a post.
    pub comments: Term,
    /// Shares a post.
    pub shares: Term,
    /// Added for the country of most of the audience.
    pub country: BTreeMap<String, f64>,
    /// Standard deviation of what the model misses, in ln.
    pub sd: f64,
    /// Rows it was fitted to; 0: set by hand, unproven.
    pub n: usize,
}

/// A rising broken line in ln(1 + x): slope `low` up to the knot, `high` beyond, level below `from`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The least ln(1 + x) that the model has met. Further down, views fall in proportion to likes (to comments, where likes are hidden).
    pub from: f64,
    /// Where the slope changes, in ln(1 + x).
    pub knot: f64,
    /// Slope below, ≥ 0.
    pub low: f64,
    /// Slope above, ≥ 0.
    pub high: f64,
    /// What is added when the counter is hidden.
    pub hidden: f64,
}

/// What media attention is said to be worth (section 11). Editable; an estimate everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MediaValues {
    /// Its date.
    pub version: String,
    /// Who says so.
    pub source: String,
    /// ISO 4217.
    pub currency: String,
    /// Decimal digits of its minor unit.
    pub minor_digits: u8,
    /// Whole units for a thousand impressions, by network.
    pub cpm: BTreeMap<Network, f64>,
    /// Of the other networks.
    pub cpm_otherwise: f64,
    /// Whole units for an action, by network; empty: reactions stand in for impressions.
    pub cpe: BTreeMap<Network, BTreeMap<Kind, f64>>,
    /// Impressions that one reaction stands for.
    pub impressions_per_engagement: f64,
}

/// What posts have cost (section 12).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prices {
    /// Their year.
    pub version: String,
    /// Who says so.
    pub source: String,
    /// ISO 4217.
    pub currency: String,
    /// Decimal digits of its minor unit.
    pub minor_digits: u8,
    /// Followers at which `base` holds.
    pub centre_followers: f64,
    /// Price and its growth with followers, by network.
    pub networks: BTreeMap<Network, PriceCurve>,
    /// Exponent of the engagement rate over its benchmark, φ.
    pub rate: f64,
    /// That ratio counts within this factor.
    pub rate_clamp: f64,
    /// Factor by format.
    pub formats: BTreeMap<Format, f64>,
    /// Factor by format where video is the ordinary format.
    pub formats_of_video_networks: BTreeMap<Format, f64>,
    /// Dollars of today for one of that year.
    pub index: f64,
    /// Low = price / spread, high = price × spread.
    pub spread: f64,
}

/// price = base × (followers / centre)^growth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceCurve {
    /// At the centre.
    pub base: f64,
    /// η.
    pub growth: f64,
}

#[derive(Deserialize)]
struct Formula {
    day: DayParams,
    score: ScoreParams,
    reach: ReachParams,
    growth: GrowthParams,
    engagement: EngagementParams,
}

#[derive(Deserialize)]
struct Media {
    values: MediaValues,
    prices: Prices,
}

/// What is wrong with a set of parameters.
#[derive(Debug)]
pub enum Wrong {
    /// No JSON of this shape.
    Shape(serde_json::Error),
    /// A law of the score would break; says which.
    Law(&'static str),
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shape(error) => write!(f, "parameters of another shape: {error}"),
            Self::Law(law) => write!(f, "parameters break a law: {law}"),
        }
    }
}

impl std::error::Error for Wrong {}

impl Params {
    /// The parameters that ship.
    pub fn shipped() -> &'static Self {
        static SHIPPED: OnceLock<Params> = OnceLock::new();
        SHIPPED.get_or_init(|| {
            Self::read(
                include_str!("../params/formula.json"),
                include_str!("../params/networks.json"),
                include_str!("../params/media.json"),
            )
            .expect("a unit test reads the shipped parameters")
        })
    }

    /// Parameters from three texts shaped like those in `params/`. Refuses what would break a law of the score.
    pub fn read(formula: &str, networks: &str, media: &str) -> Result<Self, Wrong> {
        let Formula { day, score, reach, growth, engagement } = serde_json::from_str(formula).map_err(Wrong::Shape)?;
        let Media { values, prices } = serde_json::from_str(media).map_err(Wrong::Shape)?;
        let networks = serde_json::from_str(networks).map_err(Wrong::Shape)?;
        let params = Self { day, score, reach, growth, engagement, networks, media: values, prices };
        params.check().map(|()| params)
    }

    fn check(&self) -> Result<(), Wrong> {
        let laws = [
            (self.score.calibration.points().windows(2).all(|w| w[0][0] < w[1][0] && w[0][1] <= w[1][1]), "the calibration rises"),
            (self.score.values.values().all(|v| *v >= 0.0), "no action is worth less than nothing"),
            (
                [self.score.second_hand, self.score.connections, self.score.cadence].iter().all(|g| *g >= 0.0)
                    && self.networks.values().all(|n| n.bond_exponent >= 0.0),
                "no exponent is below 0",
            ),
            // d ln IR / d ln R = 1 − γA − γM M/(1 + M), and M is at most 1.
            (
                self.networks.values().all(|n| n.bond_exponent + self.score.second_hand / 2.0 <= 1.0),
                "a larger reach never lowers the score, so γA + γM/2 is at most 1",
            ),
            (self.score.overlap >= 1.0, "p is at least 1"),
            (self.day.window <= 120 && self.day.window > 0, "the window has 1 to 120 days"),
            (
                self.networks.values().all(|n| {
                    [n.model.followers, n.model.likes, n.model.comments, n.model.shares].iter().all(|t| t.low >= 0.0 && t.high >= 0.0)
                }),
                "reach falls with no counter",
            ),
            (
                self.networks.values().all(|n| n.bond.values().zip(n.bond.values().skip(1)).all(|(small, large)| small >= large)),
                "a follower more lowers no score, so no tier's bond is above that of a smaller one",
            ),
            (self.networks.values().all(|n| n.bond.values().all(|b| *b > 0.0) && n.views_per_person > 0.0), "divisors are above 0"),
        ];
        laws.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, law)| Err(Wrong::Law(law)))
    }

    /// The parameters of a network. The file names every network; a test holds it to that.
    pub fn network(&self, network: Network) -> &NetworkParams {
        &self.networks[&network]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_files_are_whole() {
        let params = Params::shipped();
        use Network::{Blog, Bluesky, Facebook, Instagram, Linkedin, Mastodon, Pinterest, Reddit, Tiktok, Twitch, X, Youtube};
        for network in [Instagram, Youtube, Facebook, X, Tiktok, Twitch, Pinterest, Linkedin, Reddit, Bluesky, Mastodon, Blog] {
            assert!(Tier::ALL.iter().all(|tier| params.network(network).bond.contains_key(tier)), "{network:?}");
        }
        assert!(Kind::ALL.iter().all(|kind| params.score.values.contains_key(kind)));
    }

    #[test]
    fn a_broken_law_is_named() {
        let formula = include_str!("../params/formula.json").replace("\"overlap\": 1.5", "\"overlap\": 0.5");
        let wrong = Params::read(&formula, include_str!("../params/networks.json"), include_str!("../params/media.json"));
        assert!(wrong.expect_err("p below 1").to_string().contains("p is at least 1"));
    }
}
