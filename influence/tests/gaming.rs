//! The attacks of section 4: each moves a score by less than half a point.

use hibiki_influence::{
    Params, State,
    daily::Actor,
    math::Rng,
    sim::Creator,
    types::{ActorId, Class, DAY, Day, Event, FollowerMix, Interaction, Kind, Link, Network, PostId, day_of},
};

const DAYS: Day = 60;
const BOTS: ActorId = 1 << 40;

fn actors(_: Network, id: ActorId, _: Day) -> Option<Actor> {
    Some(if id >= BOTS {
        Actor { quality: Some(0.03), class: Class::Suspicious, ..Default::default() }
    } else {
        Actor { quality: Some(0.9), score: Some((id % 60) as f64), ..Default::default() }
    })
}

fn score(events: &[Event]) -> f64 {
    let params = Params::shipped();
    let mut state = State::default();
    for day in 0..DAYS {
        events.iter().filter(|e| day_of(e.place().1) == day).for_each(|e| {
            state.apply(e, params);
        });
        state.close(day, &actors, params);
    }
    state.score(params).expect("followers").value
}

/// Creators of several sizes, each with and without known actors.
fn creators() -> Vec<(Creator, Vec<Event>)> {
    let mut rng = Rng::new(2);
    let mut all = Vec::new();
    for network in [Network::Instagram, Network::Tiktok, Network::X] {
        for (followers, rate) in [(2_000.0, 0.05), (20_000.0, 0.02), (400_000.0, 0.01)] {
            for known in [0, 12] {
                let creator = Creator { network, followers, rate, posts: 0.5, actors: known };
                let events = creator.events(DAYS, &mut rng);
                all.push((creator, events));
            }
        }
    }
    all
}

fn posts(events: &[Event]) -> Vec<(PostId, i64)> {
    events.iter().filter_map(|e| if let Event::Post(p) = e { Some((p.id, p.published_at)) } else { None }).collect()
}

fn act(creator: &Creator, kind: Kind, post: PostId, actor: ActorId, ts: i64) -> Event {
    Event::Interaction(Interaction { ts, network: creator.network, kind, post: Some(post), actor: Some(actor), n: 1.0, link: Link::Stated })
}

fn assert_hardly_moved(attack: &str, creator: &Creator, before: &[Event], after: &[Event]) {
    let (before, after) = (score(before), score(after));
    assert!((after - before).abs() < 0.5, "{attack}: {before} → {after} for {creator:?}");
}

#[test]
fn a_tenth_of_fake_followers_overnight() {
    for (creator, events) in creators() {
        let fakes = (creator.followers * 0.1) as i64;
        let mut bought = events.clone();
        for event in &mut bought {
            if let Event::AccountSnapshot(a) = event
                && a.at > 50 * DAY
            {
                a.followers += fakes;
            }
        }
        assert_hardly_moved("overnight", &creator, &events, &bought);
    }
}

#[test]
fn a_tenth_of_fake_followers_by_and_by_that_a_sample_finds() {
    for (creator, events) in creators() {
        let mut bought = events.clone();
        for event in &mut bought {
            if let Event::AccountSnapshot(a) = event {
                a.followers += (creator.followers * 0.1 * a.at as f64 / (DAY * i64::from(DAYS)) as f64) as i64;
            }
        }
        let (real, suspicious) = (1.0 / 1.1, 0.1 / 1.1);
        bought.push(Event::FollowerMix(FollowerMix {
            network: creator.network,
            at: 58 * DAY,
            real,
            influencer: 0.0,
            mass: 0.0,
            suspicious,
        }));
        assert_hardly_moved("by and by", &creator, &events, &bought);
    }
}

#[test]
fn a_thousand_bots_like_each_of_ten_posts() {
    for (creator, events) in creators() {
        let posts = posts(&events);
        let ten = &posts[posts.len() - 10..];
        let mut attacked = events.clone();
        for event in &mut attacked {
            if let Event::PostSnapshot(s) = event
                && let Some(likes) = &mut s.counters.likes
                && ten.iter().any(|(id, _)| *id == s.post)
            {
                *likes += 1_000;
            }
        }
        for (id, ts) in ten {
            attacked.extend((0..1_000).map(|i| act(&creator, Kind::Like, *id, BOTS + i, ts + 1 + i as i64)));
        }
        assert_hardly_moved("bots", &creator, &events, &attacked);
    }
}

#[test]
fn one_actor_acts_ten_thousand_times() {
    for (creator, events) in creators() {
        let (post, _) = *posts(&events).iter().rfind(|(_, ts)| *ts < 55 * DAY).expect("posts");
        let storm = |kind| (0..10_000).map(move |i| act(&creator, kind, post, 7, 56 * DAY + i));
        assert_hardly_moved("likes", &creator, &events, &events.iter().cloned().chain(storm(Kind::Like)).collect::<Vec<_>>());
        // Comments: the post's counter has them too.
        let mut attacked = events.clone();
        for event in &mut attacked {
            if let Event::PostSnapshot(s) = event
                && let Some(comments) = &mut s.counters.comments
                && s.post == post
                && s.at > 56 * DAY
            {
                *comments += 10_000;
            }
        }
        attacked.extend(storm(Kind::Comment));
        assert_hardly_moved("comments", &creator, &events, &attacked);
    }
}
