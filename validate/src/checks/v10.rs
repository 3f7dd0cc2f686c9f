//! V10: the laws of the score, on creators made up from a seed. The property tests of the crate hold the same laws; this is their summary for readers.

use std::collections::BTreeMap;

use influence::{
    Params, Score, State,
    daily::Actor,
    math::{Rng, stats::Interval},
    score::Facts,
    sim::Creator,
    types::{ActorId, Class, DAY, Day, Event, FollowerMix, Interaction, Kind, Link, Network, day_of},
};

use super::Given;
use crate::report::{Finding, Outcome};

const RUNS: usize = 120;
const DAYS: Day = 60;
/// Actors with such ids are bots, and known as such.
const BOTS: ActorId = 1 << 40;

fn actors(_: Network, id: ActorId, _: Day) -> Option<Actor> {
    Some(if id >= BOTS {
        Actor { quality: Some(0.03), class: Class::Suspicious, ..Default::default() }
    } else {
        Actor { quality: Some(0.9), score: Some((id % 60) as f64), ..Default::default() }
    })
}

/// Applied and closed day by day.
fn by_day(events: &[Event], params: &Params) -> State {
    let mut days: BTreeMap<Day, Vec<&Event>> = BTreeMap::new();
    events.iter().for_each(|e| days.entry(day_of(e.place().1)).or_default().push(e));
    let mut state = State::default();
    for day in 0..DAYS {
        days.remove(&day).unwrap_or_default().into_iter().for_each(|e| {
            state.apply(e, params);
        });
        state.close(day, &actors, params);
    }
    state
}

fn value(state: &State, params: &Params) -> f64 {
    state.score(params).map_or(0.0, |s| s.value)
}

fn bytes(state: &State) -> Vec<u8> {
    serde_json::to_vec(state).unwrap_or_default()
}

/// The largest violation of each law, and over how many trials.
#[derive(Default)]
struct Worst(BTreeMap<&'static str, (f64, usize)>);

impl Worst {
    fn note(&mut self, law: &'static str, by: f64) {
        let held = self.0.entry(law).or_insert((0.0, 0));
        *held = (held.0.max(by), held.1 + 1);
    }
}

fn one(rng: &mut Rng, worst: &mut Worst, params: &Params) {
    let network = [Network::Instagram, Network::Tiktok, Network::X, Network::Youtube][rng.below(4)];
    let creator = Creator::any(network, rng);
    let events = creator.events(DAYS, rng);
    let state = by_day(&events, params);
    let score = value(&state, params);
    let differs = |other: &State| if bytes(other) == bytes(&state) { 0.0 } else { 1.0 };

    worst.note("same input, same bytes", differs(&by_day(&events, params)));
    let mut shuffled = events.clone();
    (1..shuffled.len()).rev().for_each(|i| shuffled.swap(i, rng.below(i + 1)));
    worst.note("order within a day is nothing (bytes)", differs(&by_day(&shuffled, params)));
    let twice: Vec<Event> = events.iter().flat_map(|e| [e.clone(), e.clone()]).collect();
    worst.note("told twice counts once (bytes)", differs(&by_day(&twice, params)));
    let mut batch = State::default();
    shuffled.iter().for_each(|e| {
        batch.apply(e, params);
    });
    batch.close(DAYS - 1, &actors, params);
    worst.note("day by day = all at once (points)", (value(&batch, params) - score).abs());

    for facts in state.facts(params) {
        monotone(&facts, rng, worst, params);
    }
    // Below ten likes a post, one honest like more would move as much.
    if creator.followers * creator.rate >= 10.0 {
        gaming(&creator, &events, score, worst, params);
    }
}

/// Each component raised alone never lowers the score, and another network never does.
fn monotone(facts: &Facts, rng: &mut Rng, worst: &mut Worst, params: &Params) {
    let of = |facts: &[Facts]| Score::of(facts, params).map_or(0.0, |s| s.value);
    let before = of(std::slice::from_ref(facts));
    let factor = 1.0 + 3.0 * rng.unit();
    let mut raised = vec![facts.clone(); 6];
    if let Some(reach) = &mut raised[0].reach {
        reach.people *= factor;
    }
    raised[1].actions.values_mut().for_each(|n| *n *= factor);
    raised[2].second_hand = facts.second_hand * factor + 10.0;
    raised[3].actor_weight = facts.actor_weight.map(|w| w * factor);
    raised[4].cadence = facts.cadence.map(|c| c * factor);
    raised[5].idle_days = facts.idle_days.map(|d| d / factor);
    for one in raised {
        worst.note("a component raised lowers nothing (points)", before - of(&[one]));
    }
    let other = Facts { followers: Some(10f64.powf(6.0 * rng.unit())), ..Facts::empty(Network::Facebook, facts.day) };
    worst.note("another network lowers nothing (points)", before - of(&[facts.clone(), other]));
}

/// Section 4's attacks: how far each moves the score.
fn gaming(creator: &Creator, events: &[Event], score: f64, worst: &mut Worst, params: &Params) {
    let moved = |extra: Vec<Event>, change: &dyn Fn(&mut Event)| {
        let mut all = events.to_vec();
        all.iter_mut().for_each(change);
        all.extend(extra);
        (value(&by_day(&all, params), params) - score).abs()
    };
    let keep = |_: &mut Event| {};
    let at = DAY * i64::from(DAYS - 3);
    let act = |ts: i64, actor: ActorId, post, kind: Kind| {
        Event::Interaction(Interaction { ts, network: creator.network, kind, post, actor: Some(actor), n: 1.0, link: Link::Stated })
    };
    // One in eleven followers is a fake that came in one night.
    let fakes = creator.followers * 0.1;
    let bought = |event: &mut Event| {
        if let Event::AccountSnapshot(a) = event
            && a.at > at
        {
            a.followers += fakes as i64;
        }
    };
    worst.note("10 % fake followers overnight (points)", moved(Vec::new(), &bought));
    // Or came slowly and were found by a sample.
    let slowly = |event: &mut Event| {
        if let Event::AccountSnapshot(a) = event {
            a.followers += (fakes * a.at as f64 / (DAY * i64::from(DAYS)) as f64) as i64;
        }
    };
    let mix = FollowerMix { network: creator.network, at, real: 1.0 / 1.1, influencer: 0.0, mass: 0.0, suspicious: 0.1 / 1.1 };
    worst.note("10 % fake followers, sampled (points)", moved(vec![Event::FollowerMix(mix)], &slowly));
    let posts: Vec<_> = events.iter().filter_map(|e| if let Event::Post(p) = e { Some((p.id, p.published_at)) } else { None }).collect();
    let on: Vec<_> = posts.iter().rev().take(10).copied().collect();
    let bots =
        on.iter().flat_map(|(id, ts)| (0..1_000).map(move |i| act(ts + 60_000 + i, BOTS + i as u64, Some(*id), Kind::Like))).collect();
    let bot_liked = |event: &mut Event| {
        if let Event::PostSnapshot(s) = event
            && let Some(likes) = &mut s.counters.likes
            && on.iter().any(|(id, _)| *id == s.post)
        {
            *likes += 1_000;
        }
    };
    worst.note("1,000 bot likes on each of 10 posts (points)", moved(bots, &bot_liked));
    // A post whose counters are still read after the attack.
    let post = posts.iter().rev().find(|(_, ts)| *ts < at && at - ts < 10 * DAY).map(|p| p.0);
    let storm = |kind: Kind| post.iter().flat_map(|post| (0..10_000).map(|i| act(at + i, 7, Some(*post), kind))).collect();
    worst.note("one actor doing 10,000 actions (points)", moved(storm(Kind::Like), &keep));
    let counted = |event: &mut Event| {
        if let Event::PostSnapshot(s) = event
            && let Some(comments) = &mut s.counters.comments
            && Some(s.post) == post
            && s.at > at
        {
            *comments += 10_000;
        }
    };
    worst.note("one actor writing 10,000 comments (points)", moved(storm(Kind::Comment), &counted));
}

/// The check.
pub fn laws(given: &Given) -> anyhow::Result<Outcome> {
    let mut rng = Rng::new(given.seed);
    let mut worst = Worst::default();
    for _ in 0..RUNS {
        one(&mut rng, &mut worst, given.params);
    }
    let findings = worst.0.into_iter().map(|(law, (by, trials))| {
        let attack = law.contains("fake") || law.contains("bot") || law.contains("actor");
        let bar = if attack { 0.5 } else { 1e-6 };
        Finding {
            measure: law.to_owned(),
            n: trials,
            of: "trials on made-up creators",
            ours: Interval { value: by, low: by, high: by },
            baselines: Vec::new(),
            bar: format!("≤ {bar}"),
            met: Some(by <= bar),
            note: String::new(),
        }
    });
    Ok(Outcome::of(findings.collect(), ""))
}
