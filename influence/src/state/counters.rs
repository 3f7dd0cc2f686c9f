//! Counters read now and then become actions by day (section 2): differences, with what was taken back kept apart.

use std::collections::BTreeMap;

use crate::types::{Counters, DAY, Day, Kind, Millis};

/// Actions by (day, kind): gained, and taken back.
pub type Deltas = BTreeMap<(Day, Kind), (i64, i64)>;

/// Adds the differences between the snapshots of one post. The first snapshot's counts belong to the day of publication, most reactions coming
/// within hours; where that is unknown or older than `from`, it is only the base for later ones.
pub fn deltas(snapshots: &BTreeMap<Day, (Millis, Counters)>, published: Option<Millis>, from: Day, into: &mut Deltas) {
    let mut held: BTreeMap<Kind, i64> = BTreeMap::new();
    for (day, (_, counters)) in snapshots {
        for (kind, value) in counters.actions() {
            let Some(value) = value else { continue };
            let (on, before) = match (held.insert(kind, value), published) {
                (Some(before), _) => (*day, before),
                (None, Some(at)) if at.div_euclid(DAY) as Day >= from => ((at.div_euclid(DAY) as Day).min(*day), 0),
                (None, _) => continue,
            };
            let change = value - before;
            let entry = into.entry((on, kind)).or_insert((0, 0));
            entry.0 += change.max(0);
            entry.1 += (-change).max(0);
        }
    }
}

/// The newest value of each counter: a snapshot that lacks one does not unmake it.
pub fn newest(snapshots: &BTreeMap<Day, (Millis, Counters)>) -> Counters {
    snapshots.values().fold(Counters::default(), |held, (_, c)| Counters {
        views: c.views.or(held.views),
        likes: c.likes.or(held.likes),
        comments: c.comments.or(held.comments),
        shares: c.shares.or(held.shares),
        saves: c.saves.or(held.saves),
        reach: c.reach.or(held.reach),
        impressions: c.impressions.or(held.impressions),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likes(n: i64) -> (Millis, Counters) {
        (0, Counters { likes: Some(n), ..Default::default() })
    }

    #[test]
    fn what_is_taken_back_is_kept_apart() {
        let snapshots = [(10, likes(100)), (11, likes(130)), (12, likes(90)), (13, likes(95))].into();
        let mut into = Deltas::new();
        deltas(&snapshots, Some(9 * DAY), 0, &mut into);
        let expected = [((9, Kind::Like), (100, 0)), ((11, Kind::Like), (30, 0)), ((12, Kind::Like), (0, 40)), ((13, Kind::Like), (5, 0))];
        assert_eq!(into, expected.into());
    }

    #[test]
    fn an_old_post_met_late_brings_no_spike() {
        let snapshots = [(200, likes(1_000_000)), (201, likes(1_000_010))].into();
        let mut into = Deltas::new();
        deltas(&snapshots, Some(DAY), 110, &mut into);
        deltas(&snapshots, None, 110, &mut into);
        assert_eq!(into, [((201, Kind::Like), (20, 0))].into());
    }
}
