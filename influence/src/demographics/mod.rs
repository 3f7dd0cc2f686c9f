//! Who an audience is, as shares of groups and never of persons: gender, age, place. `docs/science.md`, section 9. What creators give of their own insights comes first; a model's
//! counts are corrected for its errors. Small samples and small cells are not shown.

mod relevance;
mod simplex;

pub use relevance::{Relevance, relevance};
pub use simplex::{corrected, onto_simplex};

/// Fewer known accounts than this: no figures at all.
pub const FEWEST_KNOWN: u64 = 200;
/// Cells of fewer people are merged into "other".
pub const FEWEST_IN_CELL: u64 = 20;

/// The age groups, lower bounds in years; below 13 nothing is kept.
pub const AGES: [u8; 6] = [13, 18, 25, 35, 45, 55];

/// Where a figure comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The network's own insight, given by the creator.
    FirstParty,
    /// What people say of themselves.
    Declared,
    /// A model's guesses, corrected.
    Model,
}

/// People counted by group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Where they come from.
    pub source: Source,
    /// Groups and their people; groups are named once each.
    pub cells: Vec<(String, u64)>,
    /// People looked at whose group is not known.
    pub unknown: u64,
}

/// A group's share of those known, with its 95 % interval, 0–1.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The group, or [`OTHER`].
    pub group: String,
    /// The share.
    pub share: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The name under which small cells are merged.
pub const OTHER: &str = "other";

/// What may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Audience {
    /// Where it comes from.
    pub source: Source,
    /// The cells, the largest first, "other" last.
    pub cells: Vec<Cell>,
    /// Share of people whose group is not known, 0–1; shown beside the cells.
    pub unknown: f64,
    /// People whose group is known.
    pub known: u64,
}

/// The age group of a number of years; `None` below 13.
#[must_use]
pub fn age_group(years: u8) -> Option<&'static str> {
    const NAMES: [&str; 6] = ["13-17", "18-24", "25-34", "35-44", "45-54", "55+"];
    AGES.iter().rposition(|from| years >= *from).map(|i| NAMES[i])
}

/// Takes the best source that has [`FEWEST_KNOWN`] people, corrects a model's counts where its errors are known, and merges small cells.
///
/// `confusion[i][j]` = of people of group j, the share that the model puts into group i, in the order of the cells; needed for [`Source::Model`], without it a model's counts
/// are not shown, since they would pass its errors off as facts.
#[must_use]
pub fn audience(sources: &[Counts], confusion: Option<&[Vec<f64>]>) -> Option<Audience> {
    let known = |c: &Counts| c.cells.iter().map(|(_, n)| n).sum::<u64>();
    let mut usable: Vec<&Counts> = sources.iter().filter(|c| known(c) >= FEWEST_KNOWN).collect();
    usable.sort_by_key(|c| c.source);
    usable.into_iter().find_map(|counts| shown(counts, known(counts), confusion))
}

#[expect(clippy::cast_precision_loss, reason = "counts of people")]
fn shown(counts: &Counts, known: u64, confusion: Option<&[Vec<f64>]>) -> Option<Audience> {
    let n = known as f64;
    let raw: Vec<f64> = counts.cells.iter().map(|(_, c)| *c as f64 / n).collect();
    // The correction stretches the error of the counts as it stretches the shares.
    let (shares, stretch) = if counts.source == Source::Model { corrected(&raw, confusion?)? } else { (raw, 1.0) };
    let mut cells: Vec<Cell> = Vec::new();
    let mut other = (0.0, false);
    for ((group, _), share) in counts.cells.iter().zip(shares) {
        if share * n < FEWEST_IN_CELL as f64 || group == OTHER {
            other = (other.0 + share, true);
        } else {
            cells.push(cell(group, share, n, stretch));
        }
    }
    // A lone small cell could be read off the sum of the others: then the smallest of those goes with it.
    if other.1 && other.0 * n < FEWEST_IN_CELL as f64 && !cells.is_empty() {
        let least = (0..cells.len()).min_by(|a, b| cells[*a].share.total_cmp(&cells[*b].share))?;
        other.0 += cells.remove(least).share;
    }
    cells.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.group.cmp(&b.group)));
    if other.1 {
        cells.push(cell(OTHER, other.0, n, stretch));
    }
    let all = n + counts.unknown as f64;
    Some(Audience { source: counts.source, cells, unknown: counts.unknown as f64 / all, known })
}

/// Wilson's interval, widened by the stretch of the correction.
fn cell(group: &str, share: f64, n: f64, stretch: f64) -> Cell {
    let n = n / stretch.powi(2);
    let z2 = 1.96_f64.powi(2);
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = 1.96 * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt() / (1.0 + z2 / n);
    Cell { group: group.to_owned(), share, low: (middle - half).clamp(0.0, share), high: (middle + half).clamp(share, 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(source: Source, cells: &[(&str, u64)]) -> Counts {
        Counts { source, cells: cells.iter().map(|(g, n)| ((*g).into(), *n)).collect(), unknown: 100 }
    }

    #[test]
    fn the_best_source_with_enough_people() {
        let few = counts(Source::FirstParty, &[("woman", 100), ("man", 99)]);
        let declared = counts(Source::Declared, &[("woman", 300), ("man", 100)]);
        let found = audience(&[declared, few.clone()], None).unwrap();
        assert_eq!(
            (found.source, found.cells[0].group.as_str(), found.cells[0].share, found.unknown),
            (Source::Declared, "woman", 0.75, 0.2)
        );
        assert!(found.cells[0].low < 0.75 && found.cells[0].high > 0.75);
        assert_eq!(audience(&[few], None), None);
        assert_eq!(audience(&[counts(Source::Model, &[("woman", 300), ("man", 300)])], None), None, "errors not known");
    }

    #[test]
    fn small_cells_cannot_be_read_off() {
        let found = audience(&[counts(Source::Declared, &[("a", 500), ("b", 60), ("c", 5)])], None).unwrap();
        assert_eq!(found.cells.iter().map(|c| c.group.as_str()).collect::<Vec<_>>(), ["a", OTHER], "c alone would be 565 less the others");
        let found = audience(&[counts(Source::Declared, &[("a", 500), ("b", 60), ("c", 15), ("d", 15)])], None).unwrap();
        assert_eq!(found.cells.iter().map(|c| c.group.as_str()).collect::<Vec<_>>(), ["a", "b", OTHER]);
    }

    #[test]
    fn a_models_errors_are_taken_out() {
        // 40 % women; the model calls 10 % of men women and 20 % of women men.
        let confusion = vec![vec![0.8, 0.1], vec![0.2, 0.9]];
        let model = counts(Source::Model, &[("woman", 380), ("man", 620)]);
        let found = audience(&[model], Some(&confusion)).unwrap();
        let woman = found.cells.iter().find(|c| c.group == "woman").unwrap();
        assert!((woman.share - 0.4).abs() < 1e-3, "{found:?}");
        let raw = audience(&[counts(Source::Declared, &[("woman", 400), ("man", 600)])], None).unwrap();
        let plain = raw.cells.iter().find(|c| c.group == "woman").unwrap();
        assert!(woman.high - woman.low > plain.high - plain.low, "less sure than a count");
    }

    #[test]
    fn ages() {
        for (years, group) in [(12, None), (13, Some("13-17")), (24, Some("18-24")), (55, Some("55+")), (99, Some("55+"))] {
            assert_eq!(age_group(years), group);
        }
    }

    proptest! {
        #[test]
        fn no_cell_is_small_and_shares_are_whole(cells in prop::collection::vec(0u64..400, 1..8)) {
            let cells: Vec<(String, u64)> = cells.into_iter().enumerate().map(|(i, n)| (format!("g{i}"), n)).collect();
            if let Some(found) = audience(&[Counts { source: Source::Declared, cells, unknown: 0 }], None) {
                prop_assert!((found.cells.iter().map(|c| c.share).sum::<f64>() - 1.0).abs() < 1e-9);
                prop_assert!(found.cells.len() == 1 || found.cells.iter().all(|c| c.share * found.known as f64 >= 19.999));
                prop_assert!(found.cells.iter().all(|c| c.low <= c.share && c.share <= c.high));
            }
        }
    }
}
