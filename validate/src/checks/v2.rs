//! V2 and V3: a score from the past tells who is followed by many adopters later. `cascade*.txt`: one cascade a line, `user,time user,time …`.

use std::collections::{BTreeMap, HashMap};

use influence::{
    math::{
        Rng,
        rank::{kendall, ndcg, spearman},
        stats::{Interval, quantile},
    },
    types::ActorId,
};

use super::Given;
use crate::{
    data::cascades::{self, Cascade},
    report::{Baseline, Finding, Outcome},
};

const WANTED: &str = "files cascade*.txt with lines of `user,time user,time …`";
/// The past is the time before the start of the cascade at this share of all.
const PAST: f64 = 0.7;
/// Users with fewer adoptions before or after are left out: their means are chance.
const LEAST: f64 = 3.0;

/// Below every score: whoever did nothing within the window has none, and ranks last.
const NO_SCORE: f64 = -1.0;

/// Users with their score, baselines, and what came later.
struct Table {
    name: String,
    ours: Vec<f64>,
    baselines: Vec<(&'static str, Vec<f64>)>,
    mean: Vec<f64>,
    total: Vec<f64>,
}

fn tables(given: &Given) -> anyhow::Result<Vec<Table>> {
    let mut tables = Vec::new();
    for set in cascades::load(given.data)? {
        let Some(split) = set.split(PAST, 1.0) else { continue };
        let (past, future) = (cascades::downstream(&split.past), cascades::downstream(&split.future));
        let users: Vec<ActorId> =
            past.iter().filter(|(u, p)| p.0 >= LEAST && future.get(u).is_some_and(|f| f.0 >= LEAST)).map(|(u, _)| *u).collect();
        if users.len() < 50 {
            continue;
        }
        let scores = cascades::scores(&cascades::facts(&split, given.params), given.params);
        let rank = page_rank(&split.past);
        let column = |of: &dyn Fn(&ActorId) -> f64| users.iter().map(of).collect::<Vec<f64>>();
        tables.push(Table {
            name: set.name,
            ours: column(&|u| scores.get(u).map_or(NO_SCORE, |s| s.value)),
            baselines: vec![
                ("activity", column(&|u| past[u].0)),
                ("PageRank", column(&|u| rank.get(u).copied().unwrap_or(0.0))),
                ("past later adopters", column(&|u| past[u].1)),
            ],
            mean: column(&|u| future[u].1 / future[u].0),
            total: column(&|u| future[u].1),
        });
    }
    Ok(tables)
}

/// PageRank on the graph of followers in time: each adopter points at those who adopted the same before.
fn page_rank(past: &[Cascade]) -> BTreeMap<ActorId, f64> {
    let mut place: HashMap<ActorId, usize> = HashMap::new();
    let mut edges: HashMap<(usize, usize), f64> = HashMap::new();
    for cascade in past {
        let ids: Vec<usize> = cascade
            .iter()
            .map(|(user, _)| {
                let next = place.len();
                *place.entry(*user).or_insert(next)
            })
            .collect();
        for (i, later) in ids.iter().enumerate() {
            for earlier in &ids[..i] {
                *edges.entry((*later, *earlier)).or_insert(0.0) += 1.0;
            }
        }
    }
    // Summed in one order, so that the same data gives the same bytes.
    let mut edges: Vec<((usize, usize), f64)> = edges.into_iter().collect();
    edges.sort_by_key(|e| e.0);
    let n = place.len();
    let mut out = vec![0.0; n];
    edges.iter().for_each(|((from, _), w)| out[*from] += w);
    let mut rank = vec![1.0 / n as f64; n];
    for _ in 0..50 {
        let idle: f64 = (0..n).filter(|i| out[*i] == 0.0).map(|i| rank[i]).sum();
        let mut next = vec![(0.15 + 0.85 * idle) / n as f64; n];
        edges.iter().for_each(|((from, to), w)| next[*to] += 0.85 * rank[*from] * w / out[*from]);
        rank = next;
    }
    place.into_iter().map(|(user, i)| (user, rank[i])).collect()
}

type Statistic = fn(&[f64], &[f64]) -> Option<f64>;

fn resampled(score: &[f64], outcome: &[f64], statistic: Statistic, given: &Given) -> Option<Interval> {
    let value = statistic(score, outcome)?;
    let mut rng = Rng::new(given.seed);
    let drawn: Vec<f64> = (0..given.draws)
        .filter_map(|_| {
            let picks: Vec<usize> = (0..score.len()).map(|_| rng.below(score.len())).collect();
            let of = |x: &[f64]| picks.iter().map(|i| x[*i]).collect::<Vec<f64>>();
            statistic(&of(score), &of(outcome))
        })
        .collect();
    let at = |q| quantile(&drawn, q).unwrap_or(value);
    Some(Interval { value, low: at(0.025), high: at(0.975) })
}

/// V2.
pub fn spread(given: &Given) -> anyhow::Result<Outcome> {
    let mut findings = Vec::new();
    for table in tables(given)? {
        let figures: [(&str, &[f64], Statistic); 3] = [
            ("Spearman with mean later adopters", &table.mean, spearman),
            ("Spearman with total later adopters", &table.total, spearman),
            ("NDCG@100 of total later adopters", &table.total, |s, o| ndcg(s, o, 100)),
        ];
        let mut lines = Vec::new();
        for (name, outcome, statistic) in figures {
            let Some(ours) = resampled(&table.ours, outcome, statistic, given) else { continue };
            let baselines: Vec<Baseline> = table
                .baselines
                .iter()
                .filter_map(|(name, score)| {
                    Some(Baseline { name: (*name).to_owned(), figure: resampled(score, outcome, statistic, given)? })
                })
                .collect();
            let best = baselines.iter().map(|b| b.figure.value).fold(f64::MIN, f64::max);
            lines.push((name, ours, baselines, ours.value - best));
        }
        let beaten = lines.iter().filter(|l| l.3 > 0.0).count();
        let met = beaten >= 2 && lines.iter().all(|l| l.3 > -0.02);
        for (name, ours, baselines, ahead) in lines {
            findings.push(Finding {
                measure: format!("{}: {name}", table.name),
                n: table.ours.len(),
                of: "users",
                ours,
                baselines,
                bar: "above every baseline on two of the three figures, below none by more than .02".to_owned(),
                met: Some(met),
                note: format!("best baseline {ahead:+.3}"),
            });
        }
    }
    Ok(Outcome::of(findings, WANTED))
}

/// Means of an outcome by decile of the score, lowest first.
fn decile_means(score: &[f64], outcome: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&a, &b| score[a].total_cmp(&score[b]).then(a.cmp(&b)));
    (0..10)
        .map(|d| {
            let part = &order[d * order.len() / 10..(d + 1) * order.len() / 10];
            part.iter().map(|i| outcome[*i]).sum::<f64>() / part.len().max(1) as f64
        })
        .collect()
}

fn decile_tau(score: &[f64], outcome: &[f64]) -> Option<f64> {
    let means = decile_means(score, outcome);
    kendall(&(0..10).map(f64::from).collect::<Vec<_>>(), &means)
}

/// V3.
pub fn deciles(given: &Given) -> anyhow::Result<Outcome> {
    let mut findings = Vec::new();
    for table in tables(given)? {
        // No score is no low score: such users are in no decile.
        let scored: Vec<usize> = (0..table.ours.len()).filter(|i| table.ours[*i] > NO_SCORE).collect();
        let only = |x: &[f64]| scored.iter().map(|i| x[*i]).collect::<Vec<f64>>();
        let score = only(&table.ours);
        for (name, outcome) in [("mean", only(&table.mean)), ("total", only(&table.total))] {
            let Some(ours) = resampled(&score, &outcome, decile_tau, given) else { continue };
            let baseline = |(name, other): &(&'static str, Vec<f64>)| {
                Some(Baseline { name: (*name).to_owned(), figure: resampled(&only(other), &outcome, decile_tau, given)? })
            };
            let baselines = table.baselines.iter().filter_map(baseline).collect();
            let means: Vec<String> = decile_means(&score, &outcome).iter().map(|m| format!("{m:.1}")).collect();
            findings.push(Finding {
                measure: format!("{}: Kendall τ of decile means of {name} later adopters", table.name),
                n: score.len(),
                of: "users",
                ours,
                baselines,
                bar: "≥ .9".to_owned(),
                met: Some(ours.value >= 0.9),
                note: format!("means by decile of the score: {}", means.join(" ")),
            });
        }
    }
    Ok(Outcome::of(findings, WANTED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deciles_of_a_perfect_score_rise() {
        let score: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(decile_tau(&score, &score), Some(1.0));
        assert_eq!(decile_means(&score, &score)[0], 4.5);
    }

    #[test]
    fn whoever_is_followed_ranks_first() {
        let rank = page_rank(&[vec![(1, 0), (2, 1), (3, 2)], vec![(1, 0), (3, 5)]]);
        assert!(rank[&1] > rank[&2] && rank[&2] > rank[&3]);
        assert!((rank.values().sum::<f64>() - 1.0).abs() < 1e-9);
    }
}
