//! What a sponsored post may cost, and what the posts there are would be said to be worth: estimates against tables, account by account.

use entity::{enums::MetricSource, network_account};
use influence::{
    Params, Score,
    campaign::{Measured, Value},
    math::stats::median,
    price::{Wanted, estimate},
    types::{Format, Network},
};

use super::{Material, engagement::latest};
use crate::insights::{
    results::{Engagement, MediaValue, Missing, Part, Price, Why},
    rules,
};

/// Posts of so many days are valued.
const VALUE_DAYS: i64 = 90;

/// The form that an ordinary sponsored post has there.
fn ordinary(network: Network) -> Format {
    if influence::reach::shows_views(network) { Format::Video } else { Format::Feed }
}

/// Of every account whose followers somebody else told.
pub(super) fn of(
    material: &Material<'_>,
    rates: &[Engagement],
    score: Option<&Score>,
    params: &Params,
    missing: &mut Vec<Missing>,
) -> Vec<Price> {
    let told = |row: &&network_account::Model| row.figures_source.is_some_and(|source| source != MetricSource::SelfReported);
    let known: Vec<_> =
        material.inputs.accounts.iter().filter(told).filter_map(|row| Some((row, row.followers.filter(|n| *n > 0)?))).collect();
    if known.is_empty() {
        missing.push(Missing { part: Part::Price, why: Why::NoFigures });
        return Vec::new();
    }
    let scored = super::scored(&material.inputs.accounts);
    let of = |(account, followers): &(&network_account::Model, i64)| {
        let network = rules::place(account.network);
        let rate = rates.iter().find(|one| one.account == account.id);
        // Reach is of the account that the score of its network is made from.
        let is_scored = scored.iter().any(|one| one.id == account.id);
        let wanted = Wanted {
            network,
            format: ordinary(network),
            followers: *followers as f64,
            rate_ratio: rate.and_then(|one| Some(one.by_followers? / one.usual?.rate)),
            reach: score.filter(|_| is_scored).and_then(|score| score.networks.get(&network)).map(|parts| parts.reach),
            other: 1.0,
        };
        let estimate = estimate(&wanted, params)?;
        Some(Price { account: account.id, network: account.network, format: wanted.format, estimate })
    };
    let out: Vec<Price> = known.iter().filter_map(of).collect();
    if out.is_empty() {
        missing.push(Missing { part: Part::Price, why: Why::NoSurvey });
    }
    out
}

/// The middle of what the posts of ninety days would be said to be worth, account by account.
pub(super) fn values(material: &Material<'_>, params: &Params) -> Vec<MediaValue> {
    let since = material.now - chrono::Duration::days(VALUE_DAYS);
    let of = |account: &network_account::Model| {
        let posts =
            material.inputs.posts.iter().filter(|row| row.account_id == account.id && row.published_at.is_some_and(|at| at >= since));
        let network = rules::place(account.network);
        let found: Vec<Value> = posts
            .filter_map(|row| {
                let counters = rules::counters(&latest(row), material.scope);
                Value::of(&Measured { creator: 0, network, counters, reach: None, followers: None }, params)
            })
            .collect();
        let minor = median(&found.iter().map(|one| one.minor as f64).collect::<Vec<_>>())?.round() as i64;
        // What most rest on weakest is said of all.
        let basis = found.iter().map(|one| one.basis).max()?;
        Some(MediaValue {
            account: account.id,
            network: account.network,
            minor,
            currency: params.media.currency.clone(),
            posts: found.len(),
            basis,
        })
    };
    material.inputs.accounts.iter().filter_map(of).collect()
}
