//! Likeness of two creators as a sum of six parts, each 0–1 and each a reason that can be shown. Exact: every candidate is looked at.

use std::collections::BTreeMap;

/// What likeness is judged by. What is not known is left empty or `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Portrait {
    /// Topics and weights ≥ 0.
    pub topics: BTreeMap<usize, f64>,
    /// Shares of audience groups, which sum to 1.
    pub audience: BTreeMap<String, f64>,
    /// True Reach, people per post.
    pub reach: Option<f64>,
    /// Engagement rate over its benchmark, above 0.
    pub engagement: Option<f64>,
    /// Shares of content formats.
    pub formats: BTreeMap<String, f64>,
    /// Language code.
    pub language: Option<String>,
    /// Country or region code.
    pub place: Option<String>,
}

/// The parts and their weights.
pub const PARTS: [(&str, f64); 6] =
    [("topics", 0.35), ("audience", 0.25), ("reach", 0.15), ("engagement", 0.10), ("formats", 0.10), ("language_place", 0.05)];

/// A creator to compare with.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Any number of the caller's.
    pub id: u64,
    /// The portrait.
    pub portrait: Portrait,
}

/// A creator that is like another.
#[derive(Clone, Debug, PartialEq)]
pub struct Like {
    /// The candidate's number.
    pub id: u64,
    /// Likeness over the parts that both have, 0–1.
    pub likeness: f64,
    /// Weight of the parts that both have, 0–1: how much the likeness rests on.
    pub known: f64,
    /// Each known part with its own likeness, by what it adds, the most first.
    pub reasons: Vec<(&'static str, f64)>,
}

/// Below this weight of known parts nothing is said.
const LEAST_KNOWN: f64 = 0.4;

/// The `most` candidates that are most like `creator`, best first; equals by number.
#[must_use]
pub fn alike(creator: &Portrait, candidates: &[Candidate], most: usize) -> Vec<Like> {
    let mut found: Vec<Like> = candidates.iter().filter_map(|c| compare(creator, c)).collect();
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.id.cmp(&b.id)));
    found.truncate(most);
    found
}

fn compare(a: &Portrait, candidate: &Candidate) -> Option<Like> {
    let b = &candidate.portrait;
    // A factor of ten apart is no likeness left.
    let near = |x: Option<f64>, y: Option<f64>| {
        let (x, y) = (x.filter(|v| *v > 0.0)?, y.filter(|v| *v > 0.0)?);
        Some((1.0 - (x.ln() - y.ln()).abs() / 10_f64.ln()).max(0.0))
    };
    let same = |x: &Option<String>, y: &Option<String>| Some(f64::from(u8::from(x.as_ref()? == y.as_ref()?)));
    let home = match (same(&a.language, &b.language), same(&a.place, &b.place)) {
        (Some(l), Some(p)) => Some(f64::midpoint(l, p)),
        (one, other) => one.or(other),
    };
    let parts = [
        cosine(&a.topics, &b.topics),
        divergence(&a.audience, &b.audience).map(|d| 1.0 - d),
        near(a.reach, b.reach),
        near(a.engagement, b.engagement),
        divergence(&a.formats, &b.formats).map(|d| 1.0 - d),
        home,
    ];
    let known: Vec<(&'static str, f64, f64)> = PARTS.iter().zip(parts).filter_map(|((name, w), v)| Some((*name, *w, v?))).collect();
    let weight: f64 = known.iter().map(|(_, w, _)| w).sum();
    if weight < LEAST_KNOWN {
        return None;
    }
    let likeness = known.iter().map(|(_, w, v)| w * v).sum::<f64>() / weight;
    let mut reasons = known;
    reasons.sort_by(|x, y| (y.1 * y.2).total_cmp(&(x.1 * x.2)));
    Some(Like { id: candidate.id, likeness, known: weight, reasons: reasons.into_iter().map(|(name, _, v)| (name, v)).collect() })
}

fn cosine(a: &BTreeMap<usize, f64>, b: &BTreeMap<usize, f64>) -> Option<f64> {
    let norm = |m: &BTreeMap<usize, f64>| m.values().map(|v| v * v).sum::<f64>().sqrt();
    let both = norm(a) * norm(b);
    let dot: f64 = a.iter().filter_map(|(k, v)| Some(v * b.get(k)?)).sum();
    (both > 0.0).then(|| (dot / both).clamp(0.0, 1.0))
}

/// Jensen–Shannon divergence in bits, 0–1, of two shares that are brought to the sum 1.
fn divergence(a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> Option<f64> {
    let (sum_a, sum_b) = (a.values().sum::<f64>(), b.values().sum::<f64>());
    if sum_a <= 0.0 || sum_b <= 0.0 {
        return None;
    }
    let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let part = |p: f64, m: f64| if p > 0.0 { p * (p / m).log2() } else { 0.0 };
    let sum: f64 = keys
        .into_iter()
        .map(|k| {
            let (p, q) = (a.get(k).copied().unwrap_or(0.0) / sum_a, b.get(k).copied().unwrap_or(0.0) / sum_b);
            let m = f64::midpoint(p, q);
            0.5 * (part(p, m) + part(q, m))
        })
        .sum();
    Some(sum.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn portrait(topics: &[(usize, f64)], reach: f64) -> Portrait {
        Portrait { topics: topics.iter().copied().collect(), reach: Some(reach), language: Some("ja".into()), ..Portrait::default() }
    }

    #[test]
    fn the_nearest_come_first_with_reasons() {
        let me = portrait(&[(1, 1.0), (2, 0.5)], 3_000.0);
        let all = [
            Candidate { id: 1, portrait: portrait(&[(1, 2.0), (2, 1.0)], 3_000.0) },
            Candidate { id: 2, portrait: portrait(&[(1, 1.0)], 30_000.0) },
            Candidate { id: 3, portrait: portrait(&[(9, 1.0)], 3_000.0) },
            Candidate { id: 4, portrait: Portrait { reach: Some(3_000.0), ..Portrait::default() } },
        ];
        let found = alike(&me, &all, 10);
        assert_eq!(found.iter().map(|l| l.id).collect::<Vec<_>>(), [1, 2, 3], "4 is known too little");
        assert!((found[0].likeness - 1.0).abs() < 1e-9 && found[0].reasons[0].0 == "topics");
        assert!((found[0].known - 0.55).abs() < 1e-9);
        assert_eq!(found[1].reasons.iter().find(|r| r.0 == "reach").unwrap().1, 0.0, "ten times the reach");
    }

    #[test]
    fn divergence_of_known_shares() {
        let shares = |list: &[(&str, f64)]| list.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect::<BTreeMap<_, _>>();
        assert_eq!(divergence(&shares(&[("a", 1.0)]), &shares(&[("b", 1.0)])), Some(1.0));
        assert_eq!(divergence(&shares(&[("a", 2.0), ("b", 2.0)]), &shares(&[("a", 0.5), ("b", 0.5)])), Some(0.0));
        assert_eq!(divergence(&shares(&[]), &shares(&[("a", 1.0)])), None);
    }

    proptest! {
        #[test]
        fn likeness_is_mutual_and_highest_to_oneself(a in prop::collection::btree_map(0usize..6, 0.01..3.0f64, 1..5), b in prop::collection::btree_map(0usize..6, 0.01..3.0f64, 1..5), ra in 1.0..1e6f64, rb in 1.0..1e6f64) {
            let of = |t: &BTreeMap<usize, f64>, r| Portrait { topics: t.clone(), reach: Some(r), ..Portrait::default() };
            let (a, b) = (of(&a, ra), of(&b, rb));
            let like = |x: &Portrait, y: &Portrait| compare(x, &Candidate { id: 0, portrait: y.clone() }).unwrap().likeness;
            prop_assert!((like(&a, &b) - like(&b, &a)).abs() < 1e-12);
            prop_assert!(like(&a, &a) + 1e-12 >= like(&a, &b));
        }
    }
}
