//! V5: the score of one snapshot orders what comes in the next. `channels.csv` with at least two dated snapshots.

use influence::{
    math::{
        Rng,
        rank::spearman,
        stats::{Interval, quantile},
    },
    types::Network,
};

use super::Given;
use crate::{
    data::channels::{self, outcome_name},
    report::{Baseline, Finding, Outcome},
};

/// The check.
pub fn future(given: &Given) -> anyhow::Result<Outcome> {
    let all = channels::load(given.data)?;
    let snapshots = channels::dated(&all);
    let mut findings = Vec::new();
    for network in [Network::Instagram, Network::Tiktok, Network::Youtube] {
        for pair in snapshots.windows(2) {
            let followed = channels::followed(&all, network, &pair[0], &pair[1]);
            if followed.len() < 50 {
                continue;
            }
            let later: Vec<f64> = followed.iter().filter_map(|(_, l)| l.outcome()).collect();
            let ours: Vec<f64> = followed.iter().map(|(e, _)| e.score(given.params).map_or(0.0, |s| s.value)).collect();
            let own: Vec<f64> = followed.iter().filter_map(|(e, _)| e.outcome()).collect();
            let followers: Vec<f64> = followed.iter().map(|(e, _)| e.followers.unwrap_or(0.0)).collect();
            let measure = |scores: &[f64]| -> Option<Interval> {
                let value = spearman(scores, &later)?;
                let mut rng = Rng::new(given.seed);
                let drawn: Vec<f64> = (0..given.draws)
                    .filter_map(|_| {
                        let picks: Vec<usize> = (0..later.len()).map(|_| rng.below(later.len())).collect();
                        let of = |x: &[f64]| picks.iter().map(|i| x[*i]).collect::<Vec<f64>>();
                        spearman(&of(scores), &of(&later))
                    })
                    .collect();
                let at = |q| quantile(&drawn, q).unwrap_or(value);
                Some(Interval { value, low: at(0.025), high: at(0.975) })
            };
            let (Some(figure), Some(past), Some(size)) = (measure(&ours), measure(&own), measure(&followers)) else { continue };
            findings.push(Finding {
                measure: format!("{network:?}: Spearman with {}, {} → {}", outcome_name(network), pair[0], pair[1]),
                n: followed.len(),
                of: "channels",
                ours: figure,
                met: Some(figure.value >= past.value - 0.02),
                baselines: vec![
                    Baseline { name: format!("own past {}", outcome_name(network)), figure: past },
                    Baseline { name: "followers".to_owned(), figure: size },
                ],
                bar: format!("≥ own past − .02 = {:.3}", past.value - 0.02),
                note: String::new(),
            });
        }
    }
    Ok(Outcome::of(findings, "channels.csv with two snapshots named by date (2022-06), at least 50 channels in both"))
}
