//! Audience relevance: what share of an audience is whom a campaign wants, on one network.

use std::collections::{BTreeMap, BTreeSet};

use super::{Audience, OTHER};

/// A share with the ends of its interval, and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Relevance {
    /// The share of the audience, 0–1.
    pub share: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Dimensions that the campaign asks for and of which the audience is not known: the share is of the others only.
    pub unknown: Vec<String>,
}

/// The product over the dimensions asked for (gender, age, place …) of the share of wanted groups, as if they were independent: the networks give each dimension by itself. Merged small cells
/// count as not wanted. `None` where no dimension asked for is known. Compare within one network only.
#[must_use]
pub fn relevance(audience: &BTreeMap<String, Audience>, wanted: &BTreeMap<String, BTreeSet<String>>) -> Option<Relevance> {
    let mut found = Relevance { share: 1.0, low: 1.0, high: 1.0, unknown: Vec::new() };
    for (dimension, groups) in wanted.iter().filter(|(_, groups)| !groups.is_empty()) {
        let Some(known) = audience.get(dimension) else {
            found.unknown.push(dimension.clone());
            continue;
        };
        let cells = || known.cells.iter().filter(|c| c.group != OTHER && groups.contains(&c.group));
        found.share *= cells().map(|c| c.share).sum::<f64>().min(1.0);
        found.low *= cells().map(|c| c.low).sum::<f64>().min(1.0);
        found.high *= cells().map(|c| c.high).sum::<f64>().min(1.0);
    }
    let asked = wanted.values().filter(|groups| !groups.is_empty()).count();
    (asked > found.unknown.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demographics::{Counts, Source, audience};

    #[test]
    fn wanted_groups_of_known_dimensions() {
        let of = |cells: &[(&str, u64)]| {
            let cells = cells.iter().map(|(g, n)| ((*g).to_owned(), *n)).collect();
            audience(&[Counts { source: Source::Declared, cells, unknown: 0 }], None).unwrap()
        };
        let known = BTreeMap::from([
            ("gender".to_owned(), of(&[("woman", 300), ("man", 100)])),
            ("age".to_owned(), of(&[("18-24", 200), ("25-34", 150), ("35-44", 40), ("45-54", 10)])),
        ]);
        let want = |list: &[(&str, &[&str])]| {
            list.iter().map(|(d, g)| ((*d).to_owned(), g.iter().map(|g| (*g).to_owned()).collect())).collect::<BTreeMap<_, _>>()
        };
        let found = relevance(&known, &want(&[("gender", &["woman"]), ("age", &["18-24", "25-34"]), ("place", &["JP"])])).unwrap();
        assert!((found.share - 0.75 * 0.875).abs() < 1e-9, "{found:?}");
        assert!(found.low < found.share && found.share < found.high);
        assert_eq!(found.unknown, ["place"]);
        assert_eq!(relevance(&known, &want(&[("place", &["JP"])])), None);
        assert_eq!(relevance(&known, &want(&[("age", &["other"])])).unwrap().share, 0.0, "merged cells are nobody's");
    }
}
