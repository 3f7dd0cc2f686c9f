//! Choosing a team: as many different people as a budget reaches. Lazy greedy (Minoux 1978; CELF, Leskovec et al. 2007) on sets of people or samples of them.

use std::collections::{BTreeSet, BinaryHeap, HashSet};

/// A creator who could be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Any number of the caller's.
    pub id: u64,
    /// What a post costs, in minor units; 0 = free.
    pub cost: u64,
    /// The people reached, by hash; or a sample of them that is the same for all creators (keep a hash below a bound), so that overlaps can be seen.
    pub people: BTreeSet<u64>,
}

/// A team.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Team {
    /// The chosen in their order, each with the people whom the earlier ones had not reached.
    pub chosen: Vec<(u64, usize)>,
    /// Different people reached by all.
    pub people: usize,
    /// Cost of all.
    pub cost: u64,
}

/// A gain that may be out of date.
struct Entry {
    worth: f64,
    gain: usize,
    member: usize,
    round: usize,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Entry {}
impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Entry {
    /// The best worth first, then the member that was given first.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.worth.total_cmp(&other.worth).then(other.member.cmp(&self.member))
    }
}

/// Chooses at most `most` members within `budget`. Two greedy runs, by new people and by new people per cost, the better of which is taken: with equal costs that reaches at least
/// 1 − 1/e of the best possible (Nemhauser, Wolsey, Fisher 1978), with a budget at least half of that (Leskovec et al. 2007). Members who add nobody are not taken.
#[must_use]
pub fn team(members: &[Member], budget: u64, most: usize) -> Team {
    let by_people = greedy(members, budget, most, |gain, _| gain);
    let by_value = greedy(members, budget, most, |gain, cost| gain / cost.max(1.0));
    if by_value.people > by_people.people { by_value } else { by_people }
}

fn greedy(members: &[Member], budget: u64, most: usize, worth: impl Fn(f64, f64) -> f64) -> Team {
    #[expect(clippy::cast_precision_loss, reason = "counts of people and money far below 2^52")]
    let entry =
        |member: usize, gain: usize, round: usize| Entry { worth: worth(gain as f64, members[member].cost as f64), gain, member, round };
    let mut heap: BinaryHeap<Entry> = members.iter().enumerate().map(|(i, m)| entry(i, m.people.len(), 0)).collect();
    let mut reached: HashSet<u64> = HashSet::new();
    let mut team = Team::default();
    while team.chosen.len() < most
        && let Some(best) = heap.pop()
    {
        let member = &members[best.member];
        if best.gain == 0 || team.cost.saturating_add(member.cost) > budget {
            continue;
        }
        // Gains only shrink as the team grows: one that is up to date and still on top is the best.
        if best.round < team.chosen.len() {
            let gain = member.people.iter().filter(|p| !reached.contains(p)).count();
            heap.push(entry(best.member, gain, team.chosen.len()));
            continue;
        }
        reached.extend(&member.people);
        team.cost += member.cost;
        team.chosen.push((member.id, best.gain));
    }
    team.people = reached.len();
    team
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(id: u64, cost: u64, people: std::ops::Range<u64>) -> Member {
        Member { id, cost, people: people.collect() }
    }

    #[test]
    fn overlap_is_not_paid_twice() {
        let all = [member(1, 100, 0..100), member(2, 100, 0..95), member(3, 100, 200..240)];
        let found = team(&all, 200, 10);
        assert_eq!(found.chosen, [(1, 100), (3, 40)]);
        assert_eq!((found.people, found.cost), (140, 200));
        assert_eq!(team(&all, 99, 10), Team::default());
    }

    #[test]
    fn many_small_may_beat_one_large() {
        let mut all = vec![member(1, 1_000, 0..120)];
        all.extend((0..10).map(|i| member(10 + i, 100, 1_000 + i * 50..1_050 + i * 50)));
        assert_eq!(team(&all, 1_000, 20).people, 500);
    }

    proptest! {
        #[test]
        fn at_least_the_promised_share_of_the_best(sets in prop::collection::vec(prop::collection::btree_set(0u64..12, 0..6), 1..7), most in 1usize..4) {
            let members: Vec<Member> = (0u64..).zip(sets).map(|(id, people)| Member { id, cost: 1, people }).collect();
            let best = (0_u32..1 << members.len())
                .filter(|mask| mask.count_ones() as usize <= most)
                .map(|mask| members.iter().enumerate().filter(|(i, _)| mask & (1 << i) != 0).flat_map(|(_, m)| &m.people).collect::<BTreeSet<_>>().len())
                .max()
                .unwrap_or(0);
            let found = team(&members, u64::MAX, most);
            prop_assert!(found.people as f64 >= (1.0 - (-1.0_f64).exp()) * best as f64 - 1e-9);
            prop_assert_eq!(found.chosen.iter().map(|(_, gain)| gain).sum::<usize>(), found.people);
        }
    }
}
