//! V4: views per post, told from followers, likes, comments and shares alone. `channels.csv`, rows with `views_avg`.

use influence::{
    math::stats::{Interval, bootstrap, median},
    types::Network,
};

use super::Given;
use crate::{
    data::channels::{self, Channel},
    report::{Baseline, Finding, Outcome},
};

/// Median of |expected / true − 1|.
pub fn error(pairs: &[&(f64, f64)]) -> Option<f64> {
    median(&pairs.iter().map(|(expected, views)| (expected / views - 1.0).abs()).collect::<Vec<_>>())
}

/// Share within a factor of two.
pub fn within_two(pairs: &[&(f64, f64)]) -> Option<f64> {
    let inside = pairs.iter().filter(|(expected, views)| (0.5..=2.0).contains(&(expected / views))).count();
    (!pairs.is_empty()).then(|| inside as f64 / pairs.len() as f64)
}

/// The start values of section 5: what a plain ridge reached. Hidden counters count as 0 in it.
fn start_values(channel: &Channel) -> Option<f64> {
    let seen = channel.visible();
    let ln = |x: Option<f64>| x.unwrap_or(0.0).ln_1p();
    let f = channel.followers?.ln_1p();
    let (l, c, s) = (ln(seen.likes), ln(seen.comments), ln(seen.shares));
    Some(
        match channel.network {
            Network::Tiktok => 6.61 + 0.03 * f + 0.60 * l - 0.01 * c + 0.02 * s,
            _ => 5.06 + 0.11 * f + 0.70 * l - 0.11 * c,
        }
        .exp(),
    )
}

/// The check.
pub fn reach(given: &Given) -> anyhow::Result<Outcome> {
    let all = channels::load(given.data)?;
    let mut findings = Vec::new();
    for (network, most, least) in [(Network::Tiktok, 0.26, 0.90), (Network::Youtube, 0.55, 0.56)] {
        let rows: Vec<&Channel> = all.iter().filter(|c| c.network == network && c.views_avg.is_some_and(|v| v > 0.0)).collect();
        // By person: a channel's snapshots are drawn together.
        let by_person = |of: &dyn Fn(&Channel) -> Option<f64>| -> Vec<Vec<(f64, f64)>> {
            let mut people: std::collections::BTreeMap<String, Vec<(f64, f64)>> = Default::default();
            for row in &rows {
                if let (Some(expected), Some(views)) = (of(row), row.views_avg) {
                    people.entry(row.handle.to_lowercase()).or_default().push((expected, views));
                }
            }
            people.into_values().collect()
        };
        let measure = |people: &[Vec<(f64, f64)>], statistic: fn(&[&(f64, f64)]) -> Option<f64>| -> Option<Interval> {
            bootstrap(people, given.draws, 0.95, given.seed, |drawn| statistic(&drawn.iter().flat_map(|p| p.iter()).collect::<Vec<_>>()))
        };
        let ours = by_person(&|c| c.expected_views(given.params));
        // The best a constant share of followers could do, were it known for just these channels.
        let shares: Vec<f64> = rows.iter().filter_map(|c| Some(c.views_avg? / c.followers.filter(|f| *f > 0.0)?)).collect();
        let Some(share) = median(&shares) else { continue };
        let followers = by_person(&|c| c.followers.map(|f| f * share));
        let start = by_person(&|c| start_values(c));
        let n: usize = ours.iter().map(Vec::len).sum();
        let label = format!("{network:?}");
        for (name, statistic, bar) in [
            ("median relative error", error as fn(&[&(f64, f64)]) -> Option<f64>, format!("≤ {most}")),
            ("share within a factor of two", within_two, format!("≥ {least}")),
        ] {
            let Some(figure) = measure(&ours, statistic) else { continue };
            let met = if bar.starts_with('≤') { figure.value <= most } else { figure.value >= least };
            let baselines = [("share of followers", &followers), ("start values", &start)]
                .into_iter()
                .filter_map(|(name, people)| Some(Baseline { name: name.to_owned(), figure: measure(people, statistic)? }))
                .collect();
            findings.push(Finding {
                measure: format!("{label}: {name}"),
                n,
                of: "channels × snapshots",
                ours: figure,
                baselines,
                bar,
                met: Some(met),
                note: format!("{} channels; {} rows without any reaction shown are left out", ours.len(), rows.len() - n),
            });
        }
    }
    Ok(Outcome::of(findings, "a CSV with columns network, snapshot, handle, followers, views_avg, likes_avg, and rows with views"))
}
