//! Engagement pods: circles of accounts that comment on each other by arrangement. No labelled public data was found, so the word is "suspected", and it
//! only weights.

use std::collections::BTreeSet;

/// Signs of a pod around one creator; each `None` where not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PodSigns {
    /// Of the creator's 50 most frequent commenters, the share on whom the creator comments within 7 days.
    pub returned: Option<f64>,
    /// The largest Jaccard overlap of commenters with another creator ([`overlap`]).
    pub overlap: Option<f64>,
    /// Share of comments in the first 10 minutes.
    pub early: Option<f64>,
    /// The same share for the network as a whole.
    pub early_usual: Option<f64>,
}

/// What the signs say.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspicion {
    /// 0–1: mean of the signs that are known, each scaled from "usual" to "plain".
    pub strength: f64,
    /// Two signs at least are plain. Never said on one alone: friends comment on friends.
    pub is_suspected: bool,
    /// The signs that are plain, by name.
    pub signs: Vec<&'static str>,
}

/// |A ∩ B| / |A ∪ B| of two sets of commenters; 0 where either has fewer than 10, since small sets overlap by chance.
#[must_use]
pub fn overlap(a: &BTreeSet<u64>, b: &BTreeSet<u64>) -> f64 {
    if a.len() < 10 || b.len() < 10 {
        return 0.0;
    }
    let both = a.intersection(b).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of people")]
    let jaccard = both as f64 / (a.len() + b.len() - both) as f64;
    jaccard
}

/// Weighs the signs: returned comments from 30 % to 60 %, overlap from .25 to .5, early comments from twice to four times the usual share. `None` if
/// fewer than two signs are known.
#[must_use]
pub fn suspicion(signs: &PodSigns) -> Option<Suspicion> {
    let scale = |v: f64, from: f64, to: f64| ((v - from) / (to - from)).clamp(0.0, 1.0);
    let early = signs.early.zip(signs.early_usual).filter(|(_, usual)| *usual > 0.0).map(|(early, usual)| scale(early / usual, 2.0, 4.0));
    let all = [
        ("returned", signs.returned.map(|v| scale(v, 0.3, 0.6))),
        ("overlap", signs.overlap.map(|v| scale(v, 0.25, 0.5))),
        ("early", early),
    ];
    let known: Vec<(&'static str, f64)> = all.into_iter().filter_map(|(name, v)| Some((name, v?))).collect();
    if known.len() < 2 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "three at most")]
    let strength = known.iter().map(|(_, v)| v).sum::<f64>() / known.len() as f64;
    let signs: Vec<_> = known.into_iter().filter(|(_, v)| *v >= 1.0).map(|(name, _)| name).collect();
    Some(Suspicion { strength, is_suspected: signs.len() >= 2, signs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sign_is_no_suspicion() {
        let friends = PodSigns { returned: Some(0.8), overlap: Some(0.1), ..PodSigns::default() };
        assert!(!suspicion(&friends).unwrap().is_suspected);
        let pod = PodSigns { returned: Some(0.8), overlap: Some(0.5), early: Some(0.1), early_usual: Some(0.1) };
        let found = suspicion(&pod).unwrap();
        assert!(found.is_suspected);
        assert_eq!(found.signs, ["returned", "overlap"]);
        assert!((found.strength - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(suspicion(&PodSigns { returned: Some(1.0), ..PodSigns::default() }), None);
    }

    #[test]
    fn overlap_of_commenters() {
        let set = |range: std::ops::Range<u64>| range.collect::<BTreeSet<_>>();
        assert!((overlap(&set(0..20), &set(10..30)) - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(overlap(&set(0..3), &set(0..3)), 0.0);
    }
}
