//! The laws of the score (V10), as properties of made-up creators.

use std::collections::BTreeMap;

use hibiki_influence::{
    Params, Score, State,
    daily::{Actor, Series, Tally},
    math::Rng,
    score::Facts,
    sim::Creator,
    state::Applied,
    types::{AccountSnapshot, ActorId, Class, Counters, DAY, Day, Event, Interaction, Kind, Link, Network, Post, PostSnapshot, day_of},
};
use proptest::prelude::*;

const DAYS: Day = 40;

fn actors(_: Network, id: ActorId, _: Day) -> Option<Actor> {
    Some(match id % 10 {
        0 => return None,
        1 => Actor { quality: Some(0.1), class: Class::Suspicious, ..Default::default() },
        _ => Actor { quality: Some(0.9), score: Some((id % 70) as f64), mutual: id.is_multiple_of(7), ..Default::default() },
    })
}

/// Applied and closed day by day; an event whose second is set comes so many days late.
fn by_day(events: &[(Event, Day)], params: &Params) -> State {
    let mut days: BTreeMap<Day, Vec<&Event>> = BTreeMap::new();
    events.iter().for_each(|(e, late)| days.entry((day_of(e.place().1) + late).min(DAYS - 1)).or_default().push(e));
    let mut state = State::default();
    for day in 0..DAYS {
        for event in days.remove(&day).unwrap_or_default() {
            assert_eq!(state.apply(event, params), Applied::Taken);
        }
        state.close(day, &actors, params);
    }
    state
}

fn in_time(events: &[Event]) -> Vec<(Event, Day)> {
    events.iter().map(|e| (e.clone(), 0)).collect()
}

fn bytes(state: &State) -> String {
    serde_json::to_string(state).expect("a state is JSON")
}

fn value(state: &State) -> f64 {
    state.score(Params::shipped()).expect("a creator with followers").value
}

fn networks() -> impl Strategy<Value = Network> {
    prop_oneof![Just(Network::Instagram), Just(Network::Tiktok), Just(Network::Youtube), Just(Network::X), Just(Network::Blog)]
}

fn creator() -> impl Strategy<Value = Vec<Event>> {
    (networks(), any::<u64>()).prop_map(|(network, seed)| {
        let mut rng = Rng::new(seed);
        Creator::any(network, &mut rng).events(DAYS, &mut rng)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn order_within_a_day_and_repetition_are_nothing(events in creator(), seed in any::<u64>()) {
        let params = Params::shipped();
        let once = by_day(&in_time(&events), params);
        let mut rng = Rng::new(seed);
        let mut shuffled: Vec<Event> = events.iter().chain(&events).cloned().collect();
        (1..shuffled.len()).rev().for_each(|i| shuffled.swap(i, rng.below(i + 1)));
        prop_assert_eq!(bytes(&by_day(&in_time(&shuffled), params)), bytes(&once));
    }

    #[test]
    fn day_by_day_is_all_at_once(events in creator()) {
        let params = Params::shipped();
        let mut batch = State::default();
        events.iter().for_each(|e| { batch.apply(e, params); });
        batch.close(DAYS - 1, &actors, params);
        let steps = by_day(&in_time(&events), params);
        prop_assert!((value(&batch) - value(&steps)).abs() < 1e-6, "{} {}", value(&batch), value(&steps));
    }

    #[test]
    fn late_within_the_grace_is_as_if_in_time(events in creator(), late in proptest::collection::vec(0i32..6, 1..50)) {
        let params = Params::shipped();
        let delayed: Vec<(Event, Day)> = events.iter().zip(late.iter().cycle()).map(|(e, late)| (e.clone(), *late)).collect();
        let (a, b) = (value(&by_day(&delayed, params)), value(&by_day(&in_time(&events), params)));
        prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
    }

    #[test]
    fn a_state_comes_back_from_storage_as_it_was(events in creator()) {
        let params = Params::shipped();
        let state = by_day(&in_time(&events), params);
        let back: State = serde_json::from_str(&bytes(&state)).expect("what was written");
        prop_assert_eq!(&back, &state);
        let score = state.score(params).expect("followers");
        let again: Score = serde_json::from_str(&serde_json::to_string(&score).expect("JSON")).expect("what was written");
        prop_assert_eq!(again, score);
    }

    #[test]
    fn a_component_raised_lowers_nothing(events in creator(), factor in 1.0f64..50.0) {
        let params = Params::shipped();
        for facts in by_day(&in_time(&events), params).facts(params) {
            let of = |change: &dyn Fn(&mut Facts)| {
                let mut raised = facts.clone();
                change(&mut raised);
                Score::of(&[raised], params).expect("followers").value
            };
            let before = of(&|_| {});
            prop_assert!(of(&|f| if let Some(r) = &mut f.reach { r.people *= factor }) >= before, "lowered");
            prop_assert!(of(&|f| f.actions.values_mut().for_each(|n| *n *= factor)) >= before, "lowered");
            prop_assert!(of(&|f| f.second_hand = f.second_hand * factor + 1.0) >= before, "lowered");
            prop_assert!(of(&|f| f.actor_weight = f.actor_weight.map(|w| w * factor)) >= before, "lowered");
            prop_assert!(of(&|f| f.cadence = f.cadence.map(|c| c * factor)) >= before, "lowered");
            prop_assert!(of(&|f| f.idle_days = f.idle_days.map(|d| d / factor)) >= before, "lowered");
            // A network more.
            let other = Facts { followers: Some(factor * 10.0), ..Facts::empty(Network::Linkedin, facts.day) };
            prop_assert!(Score::of(&[facts.clone(), other], params).expect("followers").value >= before);
        }
    }

    #[test]
    fn a_follower_more_lowers_nothing(network in networks(), followers in 0f64..3e7, more in 0f64..1e7, actions in 0f64..1e6, posts in 0f64..50.0) {
        let params = Params::shipped();
        let of = |followers: f64| {
            let facts = Facts::of_totals(network, &[(Kind::Like, actions), (Kind::Share, actions / 50.0)], posts, params);
            Score::of(&[Facts { followers: Some(followers), ..facts }], params).expect("followers").value
        };
        prop_assert!(of(followers + more) >= of(followers) - 1e-9, "{} {}", of(followers), of(followers + more));
    }

    #[test]
    fn scores_stay_on_their_scale(events in creator()) {
        let score = by_day(&in_time(&events), Params::shipped()).score(Params::shipped()).expect("followers");
        prop_assert!(0.0 <= score.low && score.low <= score.value && score.value <= score.high && score.high <= 100.0, "{score:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn days_tallied_elsewhere_count_the_same(events in creator()) {
        let params = Params::shipped();
        let here = by_day(&in_time(&events), params);
        let mut there = State::default();
        let mut tallies: BTreeMap<(Network, Day), Tally> = BTreeMap::new();
        for event in &events {
            match event {
                Event::Interaction(i) => tallies.entry((i.network, day_of(i.ts))).or_default().take(i),
                other => drop(there.apply(other, params)),
            }
        }
        let published = |id| events.iter().find_map(|e| if let Event::Post(p) = e { (p.id == id).then_some(p.published_at) } else { None });
        for ((network, day), tally) in tallies {
            there.tallied(network, day, tally.close(network, day, &actors, published, params));
        }
        there.close(DAYS - 1, &actors, params);
        prop_assert!((value(&here) - value(&there)).abs() < 1e-6, "{} {}", value(&here), value(&there));
    }
}

#[test]
fn what_is_no_number_or_too_old_is_refused_and_changes_nothing() {
    let params = Params::shipped();
    let mut state = State::default();
    let act = |n: f32, ts: i64| {
        Event::Interaction(Interaction { ts, network: Network::X, kind: Kind::Like, post: None, actor: None, n, link: Link::Stated })
    };
    state.apply(&act(1.0, 100 * DAY), params);
    state.close(100, &(), params);
    let before = bytes(&state);
    for n in [f32::NAN, f32::INFINITY, 0.0] {
        assert_eq!(state.apply(&act(n, 100 * DAY), params), Applied::Refused);
    }
    assert_eq!(state.apply(&act(1.0, 10 * DAY), params), Applied::TooOld);
    let account = |followers| AccountSnapshot {
        network: Network::X,
        at: 100 * DAY,
        followers,
        following: None,
        listed: None,
        audience_country: None,
        gone: false,
    };
    assert_eq!(state.apply(&Event::AccountSnapshot(account(-1)), params), Applied::Refused);
    let negative = Counters { likes: Some(-3), ..Default::default() };
    assert_eq!(
        state.apply(&Event::PostSnapshot(PostSnapshot { post: 1, network: Network::X, at: 100 * DAY, counters: negative }), params),
        Applied::Refused
    );
    assert_eq!(bytes(&state), before);
}

#[test]
fn a_count_taken_back_is_kept_as_a_purge() {
    let params = Params::shipped();
    let mut state = State::default();
    let post = Post {
        id: 1,
        network: Network::X,
        format: Default::default(),
        published_at: 0,
        boosted: false,
        sponsored: None,
        hidden_likes: false,
    };
    state.apply(&Event::Post(post), params);
    for (day, likes) in [(0, 500), (1, 800), (2, 300)] {
        let counters = Counters { likes: Some(likes), ..Default::default() };
        state.apply(&Event::PostSnapshot(PostSnapshot { post: 1, network: Network::X, at: day * DAY, counters }), params);
    }
    state.close(2, &(), params);
    let window = state.account(Network::X).expect("events").window();
    assert_eq!(window.plain(Series::PostPurge(Kind::Like), 3), 500.0);
    assert_eq!(window.plain(Series::PostCounter(Kind::Like), 3), 800.0);
}

#[test]
fn an_account_that_is_gone_keeps_its_score_for_a_month() {
    let params = Params::shipped();
    let mut state = State::default();
    let reading = |day: i64, gone| {
        Event::AccountSnapshot(AccountSnapshot {
            network: Network::X,
            at: day * DAY,
            followers: 5_000,
            following: None,
            listed: None,
            audience_country: None,
            gone,
        })
    };
    state.apply(&reading(0, false), params);
    state.close(0, &(), params);
    let there = value(&state);
    for day in 1..=31 {
        state.apply(&reading(day, true), params);
        state.close(day as Day, &(), params);
        let score = state.score(params).map(|s| s.value);
        assert_eq!(score, (day <= 30).then_some(there), "day {day}");
    }
    // It comes back.
    state.apply(&reading(32, false), params);
    state.close(32, &(), params);
    assert_eq!(value(&state), there);
}

#[test]
fn a_source_that_was_down_is_a_gap_and_not_a_quiet_time() {
    let params = Params::shipped();
    let mut rng = Rng::new(11);
    let creator = Creator { network: Network::Instagram, followers: 20_000.0, rate: 0.03, posts: 0.5, actors: 10 };
    let events = creator.events(30, &mut rng);
    let run = |gap: bool| {
        let mut state = State::default();
        events.iter().for_each(|e| {
            state.apply(e, params);
        });
        for day in 30..50 {
            if gap {
                state.apply(&Event::Gap { network: Network::Instagram, at: i64::from(day) * DAY }, params);
            }
        }
        state.close(49, &actors, params);
        let likes = state.account(Network::Instagram).expect("events").window().sum(Series::PostCounter(Kind::Like));
        (state.facts(params).remove(0), likes)
    };
    let ((gap, held), (quiet, decayed)) = (run(true), run(false));
    assert_eq!((gap.gap_days, gap.observed_days, quiet.observed_days), (20, 30, 50));
    assert!((held / decayed - 2f64.powf(20.0 / 30.0)).abs() < 1e-9, "held, not decayed: {held} {decayed}");
}
