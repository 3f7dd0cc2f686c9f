//! Cascades: who used the same phrase or address, one after the other (Memetracker and its like).

use std::{collections::BTreeMap, path::Path};

use anyhow::Context;
use influence::{
    Params, Score, State,
    daily::Actor,
    score::Facts,
    types::{ActorId, Day, Event, Format, Interaction, Kind, Link, Millis, Network, Post, PostId, day_of},
};

/// One cascade: users and instants, in order of time; a user's first adoption alone.
pub type Cascade = Vec<(ActorId, Millis)>;

/// A set of cascades: the files of one folder together.
pub struct Set {
    /// The folder's name.
    pub name: String,
    /// In order of their starts.
    pub cascades: Vec<Cascade>,
}

/// Instants are hours, seconds or milliseconds since 1970: told apart by their size.
fn millis(time: f64) -> Millis {
    let unit = if time >= 1e11 {
        1.0
    } else if time >= 1e8 {
        1e3
    } else {
        3.6e6
    };
    (time * unit) as Millis
}

/// All sets below a folder: files whose names begin with `cascade` and end in `.txt`, one set a folder, one cascade a line: `user,time user,time …`.
pub fn load(data: &Path) -> anyhow::Result<Vec<Set>> {
    let mut folders: BTreeMap<std::path::PathBuf, Vec<Cascade>> = BTreeMap::new();
    for path in super::named(data, |name| name.starts_with("cascade") && name.ends_with(".txt")) {
        let text = std::fs::read_to_string(&path)?;
        let held = folders.entry(path.parent().unwrap_or(data).to_owned()).or_default();
        for (line, row) in text.lines().enumerate() {
            let read = || format!("{} line {}", path.display(), line + 1);
            held.push(cascade(row).with_context(read)?);
        }
    }
    let sets = folders.into_iter().map(|(path, mut cascades)| {
        cascades.retain(|c| !c.is_empty());
        cascades.sort_by_key(|c| (c[0].1, c.len(), c[0].0));
        Set { name: path.file_name().and_then(|n| n.to_str()).unwrap_or("cascades").to_owned(), cascades }
    });
    Ok(sets.filter(|set| !set.cascades.is_empty()).collect())
}

fn cascade(row: &str) -> anyhow::Result<Cascade> {
    let mut steps = row
        .split_whitespace()
        .map(|step| {
            let (user, time) = step.split_once(',').context("a step is `user,time`")?;
            // Names are numbers in some sets and words in others.
            let user = user.parse().unwrap_or_else(|_| hash(user));
            Ok((user, millis(time.parse::<f64>().context("a time is a number")?)))
        })
        .collect::<anyhow::Result<Cascade>>()?;
    steps.sort_by_key(|(user, at)| (*at, *user));
    let mut seen = std::collections::BTreeSet::new();
    steps.retain(|(user, _)| seen.insert(*user));
    Ok(steps)
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

/// What is known at an instant, and what comes after it.
pub struct Split {
    /// Cascades begun before, cut at it.
    pub past: Vec<Cascade>,
    /// Cascades begun after, up to the end.
    pub future: Vec<Cascade>,
    /// The instant.
    pub cut: Millis,
}

impl Set {
    /// Cuts at the start of the cascade at a share of all of them; the future may end at another share.
    pub fn split(&self, share: f64, until: f64) -> Option<Split> {
        let start = |share: f64| self.cascades.get((share * (self.cascades.len() - 1) as f64).ceil() as usize).map(|c| c[0].1);
        let (cut, end) = (start(share)?, if until < 1.0 { start(until)? } else { Millis::MAX });
        let up_to = |c: &Cascade, t: Millis| c.iter().copied().filter(|s| s.1 < t).collect::<Cascade>();
        let past = self.cascades.iter().filter(|c| c[0].1 < cut).map(|c| up_to(c, cut)).collect();
        let future = self.cascades.iter().filter(|c| (cut..end).contains(&c[0].1)).map(|c| up_to(c, end)).collect();
        Some(Split { past, future, cut })
    }
}

/// Adoptions, and later adopters of the same, by user.
pub fn downstream(cascades: &[Cascade]) -> BTreeMap<ActorId, (f64, f64)> {
    let mut sums: BTreeMap<ActorId, (f64, f64)> = BTreeMap::new();
    for cascade in cascades {
        for (place, (user, _)) in cascade.iter().enumerate() {
            let sum = sums.entry(*user).or_default();
            sum.0 += 1.0;
            sum.1 += (cascade.len() - place - 1) as f64;
        }
    }
    sums
}

/// Beyond so many days an inferred action's credit is below a thousandth, and it is left out to save time.
const FAR: Millis = 10 * influence::types::DAY;

/// What the shipped formula knows of every user at the cut. An adoption is a post; every later adoption of the same is an inferred share of it.
/// Days are closed one by one, and who shares weighs by their own score of the day before.
pub fn facts(split: &Split, params: &Params) -> BTreeMap<ActorId, Facts> {
    let last: Day = day_of(split.cut - 1);
    let first = last - Day::from(params.day.window) + 1;
    let mut days: BTreeMap<Day, Vec<(ActorId, Event)>> = BTreeMap::new();
    for (number, cascade) in split.past.iter().enumerate() {
        for (place, (user, at)) in cascade.iter().enumerate() {
            // One post for each (cascade, user).
            let id = (number as PostId) << 32 | (user & 0xffff_ffff);
            if day_of(*at) >= first {
                let post = Post {
                    id,
                    network: Network::Blog,
                    format: Format::Feed,
                    published_at: *at,
                    boosted: false,
                    sponsored: None,
                    hidden_likes: false,
                };
                days.entry(day_of(*at)).or_default().push((*user, Event::Post(post)));
            }
            for (sharer, ts) in cascade[place + 1..].iter().take_while(|(_, ts)| ts - at <= FAR) {
                if day_of(*ts) < first {
                    continue;
                }
                let share = Interaction {
                    ts: *ts,
                    network: Network::Blog,
                    kind: Kind::Share,
                    post: Some(id),
                    actor: Some(*sharer),
                    n: 1.0,
                    link: Link::Inferred,
                };
                days.entry(day_of(*ts)).or_default().push((*user, Event::Interaction(share)));
            }
        }
    }
    let mut states: BTreeMap<ActorId, State> = BTreeMap::new();
    let mut scores: BTreeMap<ActorId, (f64, f64)> = BTreeMap::new();
    for day in first..=last {
        for (user, event) in days.remove(&day).unwrap_or_default() {
            states.entry(user).or_default().apply(&event, params);
        }
        let known = |_: Network, actor: ActorId, _: Day| {
            scores.get(&actor).map(|(score, reach)| Actor { score: Some(*score), reach: Some(*reach), ..Default::default() })
        };
        states.values_mut().for_each(|state| state.close(day, &known, params));
        scores = states.iter().filter_map(|(user, s)| s.score(params).map(|s| (*user, (s.value, s.true_reach)))).collect();
    }
    states.into_iter().filter_map(|(user, state)| Some((user, state.facts(params).into_iter().next()?))).collect()
}

/// The score of every user at the cut.
pub fn scores(facts: &BTreeMap<ActorId, Facts>, params: &Params) -> BTreeMap<ActorId, Score> {
    facts.iter().filter_map(|(user, facts)| Some((*user, Score::of(std::slice::from_ref(facts), params)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_adopters_are_counted_once_each() {
        let set = Set { name: "x".to_owned(), cascades: vec![cascade("1,10 2,11 1,12 3,13").expect("a cascade")] };
        assert_eq!(downstream(&set.cascades), [(1, (1.0, 2.0)), (2, (1.0, 1.0)), (3, (1.0, 0.0))].into());
        assert_eq!([millis(2.0), millis(1.6e9), millis(1.6e12)], [7_200_000, 1_600_000_000_000, 1_600_000_000_000]);
        assert!(cascade("no step").is_err());
    }

    #[test]
    fn whoever_is_shared_more_scores_higher() {
        let hour = |h: i64| h * 3_600_000;
        let past = (0..6).map(|i| vec![(1, hour(24 * i)), (2, hour(24 * i + 1)), (3, hour(24 * i + 2)), (4, hour(24 * i + 3))]).collect();
        let split = Split { past, future: Vec::new(), cut: hour(24 * 7) };
        let params = Params::shipped();
        let scores = scores(&facts(&split, params), params);
        assert!(scores[&1].value > scores[&2].value && scores[&2].value > scores[&3].value);
        // Nobody ever did anything after the last one, and nothing else is known of them.
        assert!(!scores.contains_key(&4));
    }
}
