//! What the science costs: µs per event applied, µs per creator and day closed, µs per creator scored, each beside a yardstick of the same machine:
//! the time to put as many numbers into a `BTreeMap`. Run with `cargo run --release -p hibiki-influence --example cost`.

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use hibiki_influence::{
    Params, State,
    math::Rng,
    sim::Creator,
    types::{Day, Event, Network, day_of},
};

const CREATORS: usize = 300;
const DAYS: Day = 90;

fn main() {
    let params = Params::shipped();
    let mut rng = Rng::new(1);
    let streams: Vec<Vec<Event>> = (0..CREATORS)
        .map(|_| {
            let creator = Creator { actors: 40, ..Creator::any(Network::Instagram, &mut rng) };
            creator.events(DAYS, &mut rng)
        })
        .collect();
    let events: usize = streams.iter().map(Vec::len).sum();

    let start = Instant::now();
    let mut map = BTreeMap::new();
    (0..events).for_each(|_| *map.entry(rng.next_u64()).or_insert(0u64) += 1);
    black_box(&map);
    let yardstick = start.elapsed().as_secs_f64() * 1e6 / events as f64;

    let (mut apply, mut close) = (0.0, 0.0);
    let mut states = Vec::new();
    for stream in &streams {
        let mut state = State::default();
        let mut rest = stream.as_slice();
        for day in 0..DAYS {
            let today = rest.partition_point(|e| day_of(e.place().1) <= day);
            let start = Instant::now();
            rest[..today].iter().for_each(|e| {
                black_box(state.apply(e, params));
            });
            apply += start.elapsed().as_secs_f64();
            rest = &rest[today..];
            let start = Instant::now();
            state.close(day, &(), params);
            close += start.elapsed().as_secs_f64();
        }
        states.push(state);
    }
    let start = Instant::now();
    states.iter().for_each(|state| {
        black_box(state.score(params));
    });
    let score = start.elapsed().as_secs_f64() * 1e6 / CREATORS as f64;
    let bytes: usize = states.iter().filter_map(|s| serde_json::to_vec(s).ok()).map(|b| b.len()).sum();

    let per_event = apply * 1e6 / events as f64;
    let per_day = close * 1e6 / (CREATORS as f64 * f64::from(DAYS));
    println!("{CREATORS} creators, {DAYS} days, {events} events");
    println!("yardstick: one insertion into a BTreeMap of {events} numbers   {yardstick:.3} µs");
    println!("State::apply, an event                     {per_event:.3} µs   {:.1} × the yardstick", per_event / yardstick);
    println!("State::close, a creator's day              {per_day:.1} µs   {:.0} ×", per_day / yardstick);
    println!("State::score, a creator                    {score:.1} µs   {:.0} ×", score / yardstick);
    println!("State as JSON, a creator                   {} bytes", bytes / CREATORS);
}
