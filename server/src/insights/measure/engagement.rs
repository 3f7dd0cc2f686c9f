//! Engagement rates, account by account; rates of different bases are never mixed.

use entity::{account_snapshot, enums::MetricSource, network_account, post};
use influence::{
    Params,
    engagement::{Basis, Rated, creator_rate, sponsored_against_organic},
    sponsored::disclosure,
    types::Tier,
};

use super::Material;
use crate::{
    insights::{
        results::Engagement,
        rules::{self, counters},
    },
    networks::sync::posts::Figures,
};

/// The latest word on a post.
pub(super) fn latest(row: &post::Model) -> Figures {
    Figures::of(row)
}

/// Followers at the time of a post: the last reading before it, else the first after, else what the profile says.
fn followers(account: &network_account::Model, readings: &[&account_snapshot::Model], row: &post::Model) -> Option<i64> {
    let at = row.published_at?;
    let before = readings.iter().rev().find(|reading| reading.captured_at <= at);
    let near = before.or_else(|| readings.first()).and_then(|reading| reading.followers);
    near.or_else(|| account.followers.filter(|_| account.figures_source != Some(MetricSource::SelfReported)))
}

/// A post for a rate.
pub(super) fn rated(material: &Material<'_>, account: &network_account::Model) -> Vec<(usize, Rated)> {
    let told = |reading: &&account_snapshot::Model| {
        reading.account_id == account.id && reading.source != MetricSource::SelfReported && reading.followers.is_some()
    };
    let readings: Vec<_> = material.inputs.readings.iter().filter(told).collect();
    let of_account = material.inputs.posts.iter().enumerate().filter(|(_, row)| row.account_id == account.id);
    of_account
        .map(|(at, row)| {
            let rated = Rated {
                counters: counters(&latest(row), material.scope),
                followers: followers(account, &readings, row),
                sponsored: disclosure(&row.caption, row.paid_partnership).is_some(),
            };
            (at, rated)
        })
        .collect()
}

/// Of every account that has posts.
pub(super) fn of(material: &Material<'_>, params: &Params) -> Vec<Engagement> {
    let of = |account: &network_account::Model| {
        let posts = rated(material, account);
        if posts.is_empty() {
            return None;
        }
        let since = material.now - chrono::Duration::days(90);
        let lately = posts.iter().filter(|(at, _)| material.inputs.posts[*at].published_at.is_some_and(|at| at >= since)).count();
        let all: Vec<Rated> = posts.into_iter().map(|(_, rated)| rated).collect();
        let known = account.figures_source.is_some_and(|source| source != MetricSource::SelfReported);
        let followers = account.followers.filter(|_| known);
        // The same account draws the same samples each time.
        let seed = u64::try_from(account.id.0.as_u128() >> 64).unwrap_or_default();
        Some(Engagement {
            account: account.id,
            network: account.network,
            tier: followers.map(|n| rules::tier(Tier::of(n as f64)).to_owned()),
            usual: followers.map(|n| influence::engagement::seed(rules::place(account.network), Tier::of(n as f64), params)),
            by_followers: creator_rate(&all, Basis::ByFollowers),
            by_reach: creator_rate(&all, Basis::ByReach),
            by_views: creator_rate(&all, Basis::ByViews),
            posts: all.len(),
            cadence: lately as f64 * 7.0 / 90.0,
            sponsored: sponsored_against_organic(&all, Basis::ByFollowers, params, seed),
        })
    };
    material.inputs.accounts.iter().filter_map(of).collect()
}
