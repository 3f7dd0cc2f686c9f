//! The batch gives what `influence` gives event by event; late days and order change nothing; a small run by hand.

use std::collections::BTreeMap;

use hibiki_batch::tally::names;
use influence::{
    Params, State,
    daily::Actor,
    math::Rng,
    sim::Creator,
    types::{ActorId, Class, CreatorId, Day, Event, Interaction, Kind, Link, Network, day_of},
};

use crate::store::Batch;

const DAYS: Day = 12;
const NETWORKS: [Network; 3] = [Network::Instagram, Network::Youtube, Network::X];

/// Creators with all their events.
fn world() -> BTreeMap<CreatorId, Vec<Event>> {
    let mut rng = Rng::new(7);
    let mut world: BTreeMap<CreatorId, Vec<Event>> = BTreeMap::new();
    for creator in 0..24u64 {
        for network in NETWORKS.iter().take(1 + (creator % 3) as usize) {
            let mut events = Creator::any(*network, &mut rng).events(DAYS, &mut rng);
            // One who acts all day, on everybody; likes that a counter tells of; and ties that are inferred.
            let posts: Vec<Event> = events.iter().filter(|e| matches!(e, Event::Post(_))).cloned().collect();
            for day in 0..DAYS {
                for n in 0..4i64 {
                    let ts = i64::from(day) * 86_400_000 + n * 1_000 + creator as i64;
                    let act =
                        |kind, actor, n, link, post| Event::Interaction(Interaction { ts, network: *network, kind, post, actor, n, link });
                    let post =
                        posts.iter().rev().find_map(|p| if let Event::Post(p) = p { (p.published_at < ts).then_some(p.id) } else { None });
                    events.push(act(Kind::Like, Some(9_999), 1.0, Link::Stated, post));
                    events.push(act(Kind::Like, None, 3.5, Link::Stated, post));
                    events.push(act(Kind::Share, Some(1_000 + n as u64), 1.0, Link::Inferred, post));
                }
            }
            world.entry(creator * 7_919).or_default().extend(events);
        }
    }
    world
}

fn json(creator: CreatorId, event: &Event) -> String {
    let mut value = serde_json::to_value(event).expect("an event");
    value["creator"] = creator.into();
    value.to_string()
}

/// Judged actors: quality, score, reach, class by id.
fn judged(actor: ActorId) -> Option<Actor> {
    let class = [Class::Real, Class::Influencer, Class::Mass, Class::Suspicious][actor as usize % 4];
    actor.is_multiple_of(3).then(|| Actor {
        quality: Some(0.25 + (actor % 4) as f64 / 8.0),
        score: Some(actor as f64 % 90.0),
        reach: Some(actor as f64),
        class,
        ..Actor::default()
    })
}

fn judged_csv() -> String {
    let mut text = "network,actor,quality,score,reach,class\n".to_owned();
    for name in ["instagram", "youtube", "x"] {
        for actor in (0..10_000).filter(|actor| *actor < 1_010 || *actor == 9_999) {
            if let Some(Actor { quality: Some(q), score: Some(s), reach: Some(r), class, .. }) = judged(actor) {
                let class = serde_json::to_string(&class).expect("a class").replace('"', "");
                text += &format!("{name},{actor},{q},{s},{r},{class}\n");
            }
        }
    }
    text
}

/// All that each actor did, over all creators.
fn done(world: &BTreeMap<CreatorId, Vec<Event>>) -> BTreeMap<(Network, ActorId, Day), f64> {
    let mut done = BTreeMap::new();
    for event in world.values().flatten() {
        if let Event::Interaction(Interaction { network, actor: Some(actor), ts, n, .. }) = event {
            *done.entry((*network, *actor, day_of(*ts))).or_insert(0.0) += f64::from(*n).max(0.0);
        }
    }
    done
}

/// The scores of the last day, event by event and day by day. Every seventh event is told a day late.
fn by_event(world: &BTreeMap<CreatorId, Vec<Event>>) -> BTreeMap<CreatorId, Option<f64>> {
    let (params, done) = (Params::shipped(), done(world));
    let known = |network: Network, id: ActorId, day: Day| {
        Some(Actor { actions: done.get(&(network, id, day)).copied(), ..judged(id).unwrap_or_default() })
    };
    let of = |events: &Vec<Event>| {
        let mut state = State::default();
        for day in 0..DAYS {
            events.iter().enumerate().filter(|(i, e)| told(*i, e) == day).for_each(|(_, event)| {
                state.apply(event, params);
            });
            state.close(day, &known, params);
        }
        state.score(params).map(|score| score.value)
    };
    world.iter().map(|(creator, events)| (*creator, of(events))).collect()
}

/// The day on which an event is told.
fn told(number: usize, event: &Event) -> Day {
    let day = day_of(event.place().1);
    if number.is_multiple_of(7) { (day + 1).min(DAYS - 1) } else { day }
}

/// The lines told on a day.
fn lines(world: &BTreeMap<CreatorId, Vec<Event>>, on: impl Fn(Day) -> bool) -> Vec<String> {
    let all = world.iter().flat_map(|(creator, events)| events.iter().enumerate().map(move |(i, event)| (*creator, i, event)));
    all.filter(|(_, i, event)| on(told(*i, event))).map(|(creator, _, event)| json(creator, event)).collect()
}

fn near(a: &BTreeMap<CreatorId, Option<f64>>, b: &BTreeMap<CreatorId, Option<f64>>) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (creator, x) in a {
        match (x, b[creator]) {
            (Some(x), Some(y)) => assert!((x - y).abs() <= 1e-6, "{creator}: {x} {y}"),
            (x, y) => assert_eq!(*x, y, "{creator}"),
        }
    }
}

#[test]
fn batch_is_incremental_with_late_days_and_day_by_day() {
    let world = world();
    let expected = by_event(&world);
    assert!(expected.values().flatten().filter(|s| **s > 20.0).count() > 10, "the made-up creators have scores: {expected:?}");
    // Day by day, each on the state of the day before.
    let daily = Batch::new();
    daily.actors(&judged_csv());
    let mut last = BTreeMap::new();
    for day in 0..DAYS {
        daily.ingest(&format!("day {day}"), lines(&world, |told| told == day).join("\n").as_bytes());
        last = daily.scores(day);
    }
    near(&expected, &last);
    // All at once, in another order, told twice, in two inputs.
    let once = Batch::new();
    once.actors(&judged_csv());
    let mut all = lines(&world, |_| true);
    let mut rng = Rng::new(3);
    (1..all.len()).rev().for_each(|i| all.swap(i, rng.below(i + 1)));
    let (some, rest) = all.split_at(all.len() / 3);
    once.ingest("some", some.join("\n").as_bytes());
    once.ingest("rest", [rest, &some[..some.len() / 2]].concat().join("\n").as_bytes());
    near(&expected, &once.scores(DAYS - 1));
    assert_eq!(daily.files("daily"), once.files("daily"));
    // Nothing is left to do.
    assert_eq!((once.aggregate(), daily.aggregate()), (0, 0));
}

#[test]
fn a_small_run_by_hand() {
    let batch = Batch::new();
    let act = |creator: u64, actor: u64, ts: i64, kind: &str| {
        format!(r#"{{"creator":{creator},"actor":{actor},"ts":{ts},"network":"x","kind":"{kind}","post":5}}"#)
    };
    // Actor 1 likes creator 1 four times, and 56 times creator 2: 60 in all, damped to 1/(1 + log2 3). Actor 2 shares once; actor 3 is judged.
    let mut lines: Vec<String> = (0..4).map(|i| act(1, 1, i, "like")).collect();
    lines.extend((0..56).map(|i| act(2, 1, 100 + i, "like")));
    lines.push(act(1, 2, 7, "share"));
    lines.push(act(1, 3, 8, "comment"));
    lines.push(r#"{"creator":1,"ts":9,"network":"x","kind":"like","n":10}"#.to_owned());
    batch.actors("network,actor,quality,score,reach,class\nx,3,0.5,100,,mass\n");
    batch.ingest("hand", lines.join("\n").as_bytes());
    batch.aggregate();
    let g = 1.0 / (1.0 + 3f64.log2());
    let ln = |n: f64| 1.0 + n.ln();
    let reach = Params::shipped().network(Network::X).median_reach * Params::shipped().score.share_rate;
    let expected = [
        ("unjudged like", g * 0.6 * ln(4.0)),
        ("unjudged share", 0.6),
        ("effective comment mass", 0.5 * 2.0),
        ("people comment mass", 1.0),
        ("people like real", 1.0),
        ("counter like", 10.0),
        ("weight", 0.6 + 0.6 + 0.5 * 2.0),
        ("actors", 2.5),
        ("quality", 0.5),
        ("judged", 1.0),
        ("second_hand", reach),
        ("post real likes", g * ln(4.0)),
        ("post real comments", 0.5),
        ("post named shares", 1.0),
    ];
    let found = values(&batch, 1);
    for (name, x) in expected {
        let found = found.get(name).copied().unwrap_or(0.0);
        assert!((found - x).abs() < 1e-9, "{name}: {found} {x}");
    }
    assert!((values(&batch, 2)["unjudged like"] - g * 0.6 * ln(56.0)).abs() < 1e-9);
}

/// The day's values of a creator by name.
fn values(batch: &Batch, creator: CreatorId) -> BTreeMap<String, f64> {
    use datafusion::arrow::{array::AsArray as _, datatypes::*};
    let mut values = BTreeMap::new();
    for file in batch.files("daily").keys() {
        for batch in batch.store.batches(file).expect("a file") {
            let batch = batch.expect("a batch");
            let (creators, series) = (batch.column(0).as_primitive::<UInt64Type>(), batch.column(2).as_primitive::<UInt8Type>());
            let x = batch.column(4).as_primitive::<Float64Type>();
            let of = (0..batch.num_rows()).filter(|i| creators.value(*i) == creator);
            values.extend(of.map(|i| (names()[usize::from(series.value(i))].clone(), x.value(i))));
        }
    }
    values
}
