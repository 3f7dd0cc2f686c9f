//! True Reach (section 5): real, distinct people who see an ordinary post.

mod model;

pub use model::{real_followers, views};

use serde::{Deserialize, Serialize};

use crate::{
    math::stats::trimmed_mean,
    params::Params,
    score::Facts,
    types::{Format, Network, Provenance},
};

/// What was seen of one post. Counters are after quality: what suspicious accounts did is taken off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// Its form.
    pub format: Format,
    /// Days since it went out; infinite where it is a mean of posts.
    pub age_days: f64,
    /// Paid distribution was bought: it does not count.
    pub boosted: bool,
    /// People reached, first-party.
    pub reach: Option<f64>,
    /// Views.
    pub views: Option<f64>,
    /// Likes.
    pub likes: Option<f64>,
    /// Comments.
    pub comments: Option<f64>,
    /// Shares.
    pub shares: Option<f64>,
}

/// The reach of an account on one network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reach {
    /// True Reach: people per post, after trimming and, with few posts, pulled to what such accounts have.
    pub people: f64,
    /// The mean of the posts alone, best and worst cut off.
    pub trimmed: f64,
    /// The mean with the best posts: what people remember.
    pub viral: f64,
    /// Posts it rests on.
    pub posts: f64,
    /// Where most of its weight comes from.
    pub provenance: Provenance,
    /// Standard error of ln people from the spread between posts.
    pub sampling: f64,
}

/// People who saw one post, by the first rule that applies; `None`: nothing of it is known. Rule 4 is the prior's, not a post's.
pub fn of_post(seen: &Seen, facts: &Facts, params: &Params) -> Option<(f64, Provenance)> {
    let network = params.network(facts.network);
    let (people, provenance) = if let Some(reach) = seen.reach {
        (reach, Provenance::A)
    } else if let Some(views) = seen.views {
        (views / network.views_per_person, Provenance::B)
    } else {
        let people = views(seen, real_followers(facts, params), facts.country.as_deref(), network)? / network.views_per_person;
        // Whoever liked it saw it.
        (people.max(seen.likes.unwrap_or(0.0)), Provenance::C)
    };
    let hours = seen.age_days * 24.0;
    if hours >= params.reach.least_age_hours {
        return Some((people, provenance));
    }
    // A young post has what came so far: half after the network's delay. Below an hour that says nothing.
    (hours >= 1.0).then(|| (people * (hours + network.delay_hours) / hours, provenance))
}

/// Reach from followers alone (rule 4), or a typical account's where not even they are known.
pub fn prior(format: Format, facts: &Facts, params: &Params) -> f64 {
    let share = params.reach.of_followers.get(&format).copied().unwrap_or(0.0);
    real_followers(facts, params).map_or(params.network(facts.network).median_reach, |followers| share * followers)
}

/// Reach from posts: newest first, a month's age halving their weight, ends cut. Without posts, from followers; `None` without either.
pub fn observed(posts: &[Seen], facts: &Facts, params: &Params) -> Option<Reach> {
    let mut newest: Vec<&Seen> = posts.iter().filter(|p| !p.boosted && p.age_days <= f64::from(params.day.window)).collect();
    newest.sort_by(|a, b| a.age_days.total_cmp(&b.age_days));
    let rows: Vec<(f64, f64, Provenance, Format)> = newest
        .iter()
        .filter_map(|seen| {
            let (people, provenance) = of_post(seen, facts, params)?;
            Some((people, 0.5f64.powf(seen.age_days / params.reach.age_half_life), provenance, seen.format))
        })
        .take(params.reach.most_posts)
        .collect();
    let format = rows.first().map_or(Format::Feed, |row| row.3);
    let n = rows.len() as f64;
    let pairs: Vec<(f64, f64)> = rows.iter().map(|r| (r.0, r.1)).collect();
    let Some(trimmed) = trimmed_mean(&pairs, params.reach.trim) else {
        return facts.followers.map(|_| from_followers(format, facts, params));
    };
    let viral = trimmed_mean(&pairs, 0.0).unwrap_or(trimmed);
    let mean_ln = pairs.iter().map(|p| (1.0 + p.0).ln()).sum::<f64>() / n;
    let spread = (pairs.iter().map(|p| ((1.0 + p.0).ln() - mean_ln).powi(2)).sum::<f64>() / n).sqrt();
    let weight_of = |p: Provenance| rows.iter().filter(|r| r.2 == p).map(|r| r.1).sum::<f64>();
    let provenance = [Provenance::A, Provenance::B, Provenance::C].into_iter().max_by(|a, b| weight_of(*a).total_cmp(&weight_of(*b)));
    let people = shrunk(trimmed, n, prior(format, facts, params), params);
    Some(Reach { people, trimmed, viral, posts: n, provenance: provenance.unwrap_or(Provenance::C), sampling: spread / n.sqrt() })
}

/// Reach from the mean of so many posts.
pub fn of_average(seen: &Seen, posts: f64, facts: &Facts, params: &Params) -> Option<Reach> {
    let (people, provenance) = of_post(seen, facts, params)?;
    let pulled = shrunk(people, posts, prior(seen.format, facts, params), params);
    Some(Reach { people: pulled, trimmed: people, viral: people, posts, provenance, sampling: 1.0 / posts.max(1.0).sqrt() })
}

fn from_followers(format: Format, facts: &Facts, params: &Params) -> Reach {
    let people = prior(format, facts, params);
    Reach { people, trimmed: people, viral: people, posts: 0.0, provenance: Provenance::D, sampling: 0.0 }
}

/// With few posts, what such accounts have counts as so many posts more. Geometric, in ln(1 + R), so that a silent account stays defined.
fn shrunk(observed: f64, posts: f64, prior: f64, params: &Params) -> f64 {
    let trust = posts / (posts + params.score.prior_posts);
    (trust * observed.ln_1p() + (1.0 - trust) * prior.ln_1p()).exp_m1()
}

/// One figure for several networks whose audiences overlap: the p-norm of theirs.
pub fn across(reaches: impl IntoIterator<Item = f64>, params: &Params) -> f64 {
    let p = params.score.overlap;
    reaches.into_iter().map(|r| r.max(0.0).powf(p)).sum::<f64>().powf(1.0 / p)
}

/// The short form: 310, 3.2K, 79.8K, 5.7M. Rounded half up to one decimal.
pub fn short(people: f64) -> String {
    let cut = |x: f64, unit: &str| {
        let text = format!("{x:.1}");
        format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text))
    };
    match people {
        p if p >= 999_950.0 => cut(p / 1e6, "M"),
        p if p >= 999.5 => cut(p / 1e3, "K"),
        p => format!("{:.0}", p.max(0.0)),
    }
}

/// True Reach may exceed followers; it never exceeds views. For networks that show them.
pub fn shows_views(network: Network) -> bool {
    matches!(network, Network::Youtube | Network::Tiktok | Network::Twitch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn facts(followers: f64) -> Facts {
        Facts { followers: Some(followers), ..Facts::empty(Network::Tiktok, 0) }
    }

    fn post(views: f64, age_days: f64) -> Seen {
        Seen { views: Some(views), age_days, ..Default::default() }
    }

    #[test]
    fn the_first_rule_that_applies() {
        let params = Params::shipped();
        let f = params.network(Network::Tiktok).views_per_person;
        let all = Seen { reach: Some(500.0), likes: Some(10.0), ..post(2_000.0, 10.0) };
        assert_eq!(of_post(&all, &facts(1e4), params), Some((500.0, Provenance::A)));
        assert_eq!(of_post(&Seen { reach: None, ..all }, &facts(1e4), params), Some((2_000.0 / f, Provenance::B)));
        let (people, provenance) = of_post(&Seen { reach: None, views: None, ..all }, &facts(1e4), params).expect("likes");
        assert!(people >= 10.0 && provenance == Provenance::C);
        assert_eq!(of_post(&Seen { age_days: 10.0, ..Default::default() }, &facts(1e4), params), None);
        let reach = observed(&[], &facts(1e4), params).expect("followers");
        assert_eq!((reach.people, reach.provenance), (1_500.0, Provenance::D));
        assert_eq!(observed(&[], &Facts::empty(Network::Tiktok, 0), params), None);
    }

    #[test]
    fn boosted_and_old_posts_do_not_count_and_one_hit_does_not_either() {
        let params = Params::shipped();
        let mut posts: Vec<Seen> = (1..=20).map(|age| post(1_000.0, f64::from(age) + 3.0)).collect();
        let plain = observed(&posts, &facts(1e4), params).expect("posts");
        posts.push(Seen { boosted: true, ..post(1e9, 5.0) });
        posts.push(post(1e9, 91.0));
        assert_eq!(observed(&posts, &facts(1e4), params), Some(plain));
        posts.push(post(1e6, 20.0));
        let hit = observed(&posts, &facts(1e4), params).expect("posts");
        assert!(hit.people < 1.05 * plain.people && hit.viral > 10.0 * hit.people, "{hit:?}");
    }

    #[test]
    fn a_young_post_is_scaled_and_a_newborn_left_out() {
        let params = Params::shipped();
        let half = params.network(Network::Tiktok).delay_hours / 24.0;
        let (young, _) = of_post(&post(1_000.0, half), &facts(1e4), params).expect("hours old");
        let (old, _) = of_post(&post(1_000.0, 30.0), &facts(1e4), params).expect("old");
        assert!((young - 2.0 * old).abs() < 1e-9);
        assert_eq!(of_post(&post(1_000.0, 0.01), &facts(1e4), params), None);
    }

    #[test]
    fn figures_read_as_they_do_on_screen() {
        assert_eq!([310.0, 3_200.0, 79_800.0, 5.7e6, 1_000.0, 999_960.0].map(short), ["310", "3.2K", "79.8K", "5.7M", "1K", "1M"]);
    }

    proptest! {
        #[test]
        fn more_of_any_counter_never_lowers_reach(
            network in prop_oneof![Just(Network::Instagram), Just(Network::Youtube), Just(Network::Tiktok), Just(Network::Blog)],
            likes in 0f64..1e8, comments in 0f64..1e6, shares in 0f64..1e6, followers in 0f64..3e8, more in 1f64..1e6, which in 0usize..4,
        ) {
            let params = Params::shipped();
            let of = |l: f64, c: f64, s: f64, f: f64| {
                let facts = Facts { followers: Some(f), ..Facts::empty(network, 0) };
                let seen = Seen { likes: Some(l), comments: Some(c), shares: Some(s), age_days: 9.0, ..Default::default() };
                observed(&[seen], &facts, params).expect("counters").people
            };
            let plus = |i: usize| if i == which { more } else { 0.0 };
            let (before, after) = (of(likes, comments, shares, followers), of(likes + plus(0), comments + plus(1), shares + plus(2), followers + plus(3)));
            prop_assert!(after >= before * (1.0 - 1e-12), "{before} {after}");
        }
    }
}
