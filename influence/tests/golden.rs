//! A few creators whose scores are written down: a change of formula or parameters shows here first. `HIBIKI_GOLDEN=write` writes them anew.

use hibiki_influence::{Params, Score, State, coach, math::Rng, sim::Creator, types::Network};

fn creators() -> Vec<(&'static str, Vec<Creator>)> {
    let one = |network, followers, rate, posts, actors| Creator { network, followers, rate, posts, actors };
    vec![
        ("nano", vec![one(Network::Instagram, 900.0, 0.05, 0.3, 4)]),
        ("two-networks", vec![one(Network::Instagram, 25_000.0, 0.02, 0.6, 15), one(Network::Tiktok, 60_000.0, 0.04, 0.4, 10)]),
        ("mega", vec![one(Network::Youtube, 4_000_000.0, 0.01, 0.2, 20)]),
        ("talker", vec![one(Network::X, 8_000.0, 0.01, 3.0, 20)]),
    ]
}

fn score(networks: &[Creator], params: &Params) -> (State, Score) {
    let mut rng = Rng::new(42);
    let mut state = State::default();
    for creator in networks {
        creator.events(45, &mut rng).iter().for_each(|e| {
            state.apply(e, params);
        });
    }
    state.close(44, &(), params);
    let score = state.score(params).expect("followers");
    (state, score)
}

#[test]
fn scores_are_those_written_down() {
    let params = Params::shipped();
    for (name, networks) in creators() {
        let (state, score) = score(&networks, params);
        let path = format!("{}/tests/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let now = serde_json::to_string_pretty(&serde_json::json!({ "facts": state.facts(params), "score": score })).expect("JSON") + "\n";
        if std::env::var_os("HIBIKI_GOLDEN").is_some_and(|v| v == "write") {
            std::fs::write(&path, &now).expect("the folder of the golden files");
        }
        let then = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} is missing; HIBIKI_GOLDEN=write makes it"));
        // Libraries of different machines may differ in the last digits of ln and exp.
        assert_close(&serde_json::from_str(&then).expect("JSON"), &serde_json::from_str(&now).expect("JSON"), name);
    }
}

fn assert_close(then: &serde_json::Value, now: &serde_json::Value, at: &str) {
    use serde_json::Value;
    match (then, now) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
            assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{at}: {a} → {b}");
        }
        (Value::Object(a), Value::Object(b)) => {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{at}");
            a.iter().for_each(|(key, a)| assert_close(a, &b[key], &format!("{at}.{key}")));
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "{at}");
            a.iter().zip(b).for_each(|(a, b)| assert_close(a, b, at));
        }
        _ => assert_eq!(then, now, "{at}"),
    }
}

#[test]
fn the_written_creators_get_advice_only_where_peers_do_better() {
    let params = Params::shipped();
    for (_, networks) in creators() {
        let (state, score) = score(&networks, params);
        let peers = coach::Peers { bond: Some(10.0), cadence: Some(0.001), ..Default::default() };
        let tips = coach::tips(&score, &state.facts(params), &networks.iter().map(|c| (c.network, peers)).collect(), params);
        assert!(tips.iter().all(|t| t.component == hibiki_influence::score::Component::Bond && t.own < t.peers), "{tips:?}");
    }
}
