//! Reach from visible counters (section 5, rule 3), and the followers who are people (section 5, F_real).

use super::Seen;
use crate::{
    params::{NetworkParams, Params, Term},
    score::Facts,
};

/// A term of the model: rises with x, or is the mean of those who hide it.
fn term(term: &Term, x: Option<f64>) -> f64 {
    let Some(x) = x else { return term.hidden };
    let l = x.max(0.0).ln_1p().max(term.from);
    term.low * l.min(term.knot) + term.high * (l - term.knot).max(0.0)
}

/// How far below all that the model has met a counter is, in ln: at most 0.
fn below(term: &Term, x: Option<f64>) -> Option<f64> {
    x.map(|x| (x.max(0.0).ln_1p() - term.from).min(0.0))
}

/// Views that the model expects of a post; `None` where no reaction is known.
pub fn views(seen: &Seen, followers: Option<f64>, country: Option<&str>, network: &NetworkParams) -> Option<f64> {
    let model = &network.model;
    let (mut likes, comments, shares) = (seen.likes, seen.comments, seen.shares);
    if likes.is_none() && comments.is_none() && shares.is_none() {
        return None;
    }
    // A model that never met hidden likes takes the usual number for so many comments.
    if model.n == 0 && model.likes.high > 0.0 {
        likes = likes.or(comments.map(|n| n * network.likes_per_comment));
    }
    let there = country.and_then(|c| model.country.get(c)).copied().unwrap_or(0.0);
    let ln = model.intercept
        + term(&model.followers, followers)
        + term(&model.likes, likes)
        + term(&model.comments, comments)
        + term(&model.shares, shares)
        + there
        + below(&model.likes, likes).or_else(|| below(&model.comments, comments)).unwrap_or(0.0);
    Some(ln.exp())
}

/// Followers who can be reached: those that growth explains, after the make-up of the audience, lists and mass following. `None`: followers unknown.
pub fn real_followers(facts: &Facts, params: &Params) -> Option<f64> {
    let followers = facts.followers?;
    let explained = (followers - facts.unexplained).max(0.0);
    // The sample of followers judges those bought as well: the larger of the two cuts stands, not both.
    let people = facts.mix.map_or(explained, |mix| {
        let share = mix.real + mix.influencer + params.reach.mass_sees * mix.mass;
        explained.min(followers * share)
    });
    let cut = &params.reach.mass_cut;
    let divisor = match facts.following {
        Some(following) if following > cut.following => {
            (cut.rate * (following / followers.max(1.0) - cut.ratio)).max(0.0).min(cut.most.ln()).exp()
        }
        _ => 1.0,
    };
    let people = people / divisor;
    Some(match (params.network(facts.network).listed, facts.listed) {
        (Some(listed), Some(lists)) => {
            ((1.0 - listed.share) * people.ln_1p() + listed.share * (listed.followers_per_list * lists).ln_1p()).exp_m1()
        }
        _ => people,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{FollowerMix, Network};

    #[test]
    fn below_what_the_model_has_met_views_fall_with_likes() {
        let tiktok = Params::shipped().network(Network::Tiktok);
        let of = |likes: f64| {
            let seen = Seen { likes: Some(likes), comments: Some(likes / 50.0), shares: Some(likes / 100.0), ..Default::default() };
            views(&seen, Some(10.0 * likes), None, tiktok).expect("likes")
        };
        // The lists it was fitted to hold nobody with fewer than thousands of likes; a hundred must not bring hundreds of thousands of views.
        assert!(of(100.0) < 10_000.0 && of(100.0) > 100.0, "{}", of(100.0));
        assert!(of(1e6) > 1e6 && of(1e6) < 3e7, "{}", of(1e6));
    }

    #[test]
    fn fakes_and_mass_followers_are_taken_off() {
        let params = Params::shipped();
        let facts = Facts { followers: Some(10_000.0), ..Facts::empty(Network::Instagram, 0) };
        let mix = FollowerMix { network: Network::Instagram, at: 0, real: 0.6, influencer: 0.1, mass: 0.1, suspicious: 0.2 };
        assert_eq!(real_followers(&facts, params), Some(10_000.0));
        let mixed = real_followers(&Facts { mix: Some(mix), ..facts.clone() }, params).expect("followers");
        assert!((mixed - 7_100.0).abs() < 1e-6);
        // 1,000 that no post explains, all of them within the fifth that is suspicious: they are not taken off twice.
        assert_eq!(real_followers(&Facts { mix: Some(mix), unexplained: 1_000.0, ..facts.clone() }, params), Some(mixed));
        assert_eq!(real_followers(&Facts { unexplained: 1_000.0, ..facts.clone() }, params), Some(9_000.0));
        let mass = real_followers(&Facts { following: Some(20_000.0), ..facts }, params).expect("followers");
        assert!((mass - 10_000.0 / 1f64.exp()).abs() < 1e-6, "{mass}");
    }
}
