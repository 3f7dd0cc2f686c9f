//! What a sponsored post may cost (section 12): an estimate from a survey of 2019, until the operator's own quotes exist.

use serde::{Deserialize, Serialize};

use crate::{
    params::{MediaValues, Params},
    types::{Format, Network},
};

/// A price with its span, in minor units of the survey's currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Lower end.
    pub low: i64,
    /// Middle.
    pub middle: i64,
    /// Upper end.
    pub high: i64,
    /// ISO 4217.
    pub currency: String,
    /// For a thousand people reached, where reach is known and above 0.
    pub per_thousand: Option<i64>,
    /// Year of the survey: shown with the word "estimate".
    pub version: String,
    /// What the middle is the product of.
    pub factors: Factors,
}

/// What a price is the product of; 1 = as usual, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Factors {
    /// What the smallest accounts of the survey were paid, in whole units of its currency.
    pub base: f64,
    /// By followers.
    pub size: f64,
    /// By the engagement rate over its benchmark.
    pub rate: f64,
    /// By the post's form.
    pub format: f64,
    /// By all else that was given.
    pub other: f64,
    /// By the change of prices since the survey.
    pub index: f64,
}

impl Factors {
    /// Whole units of the currency.
    pub fn product(&self) -> f64 {
        self.base * self.size * self.rate * self.format * self.other * self.index
    }
}

/// What is known of the post to be made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Wanted {
    /// Where.
    pub network: Network,
    /// Its form.
    pub format: Format,
    /// Followers.
    pub followers: f64,
    /// Engagement rate over its benchmark; `None`: unknown.
    pub rate_ratio: Option<f64>,
    /// True Reach, people.
    pub reach: Option<f64>,
    /// Factor for category, country and usage rights together; 1: none known.
    pub other: f64,
}

/// The price; `None`: no survey covers the network, or there are no followers.
pub fn estimate(wanted: &Wanted, params: &Params) -> Option<Price> {
    let prices = &params.prices;
    let curve = prices.networks.get(&wanted.network)?;
    if wanted.followers <= 0.0 {
        return None;
    }
    let own = crate::reach::shows_views(wanted.network).then(|| prices.formats_of_video_networks.get(&wanted.format)).flatten();
    let format = own.or_else(|| prices.formats.get(&wanted.format)).copied().unwrap_or(1.0);
    let limit = prices.rate_clamp;
    let rate = wanted.rate_ratio.map_or(1.0, |r| r.clamp(1.0 / limit, limit).powf(prices.rate));
    let size = (wanted.followers / prices.centre_followers).powf(curve.growth);
    let factors = Factors { base: curve.base, size, rate, format, other: wanted.other, index: prices.index };
    let whole = factors.product();
    let minor = |whole| minor_units(whole, prices.minor_digits);
    Some(Price {
        low: minor(whole / prices.spread),
        middle: minor(whole),
        high: minor(whole * prices.spread),
        currency: prices.currency.clone(),
        per_thousand: wanted.reach.filter(|r| *r > 0.0).map(|r| minor(1_000.0 * whole / r)),
        version: prices.version.clone(),
        factors,
    })
}

/// Whole units of a currency as minor ones, rounded.
pub fn minor_units(whole: f64, digits: u8) -> i64 {
    (whole * 10f64.powi(i32::from(digits))).round() as i64
}

/// Whole units for a thousand impressions on a network.
pub fn cpm(network: Network, values: &MediaValues) -> f64 {
    values.cpm.get(&network).copied().unwrap_or(values.cpm_otherwise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_checks() {
        let of = |followers| {
            let wanted =
                Wanted { network: Network::Instagram, format: Format::Feed, followers, rate_ratio: None, reach: Some(1_500.0), other: 1.0 };
            estimate(&wanted, Params::shipped()).expect("Instagram")
        };
        assert_eq!([1e4, 1e5, 1e6].map(|f| (of(f).middle + 50) / 100), [131, 554, 2_354]);
        let ten = of(1e4);
        assert!(ten.low < ten.middle && ten.middle < ten.high);
        assert!((ten.per_thousand.expect("reach") - ten.middle * 2 / 3).abs() <= 1);
    }

    #[test]
    fn a_network_no_survey_covers_has_no_price() {
        let wanted = Wanted { network: Network::Reddit, format: Format::Feed, followers: 1e4, rate_ratio: None, reach: None, other: 1.0 };
        assert_eq!(estimate(&wanted, Params::shipped()), None);
    }
}
