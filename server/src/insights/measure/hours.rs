//! When to post: at which hours of the week the audience reacts, from the reactions whose instant is known.

use entity::network_account;
use influence::{
    Params,
    when::{Week, best},
};

use super::Material;
use crate::insights::{
    results::{Hours, Missing, Part, Why},
    rules::{self, actor, millis},
};

/// Fewer reactions than this say nothing of 168 hours.
const LEAST: usize = 50;
/// So many hours are named.
const MOST: usize = 5;

/// Of every account with enough reactions. Hours are of UTC; whoever shows them puts them into a zone.
pub(super) fn of(material: &Material<'_>, params: &Params, missing: &mut Vec<Missing>) -> Vec<Hours> {
    let inputs = material.inputs;
    let of = |account: &network_account::Model| {
        let own = actor(account.network, &account.handle);
        let others = |handle: &str| actor(account.network, handle) != own;
        let posts: std::collections::HashSet<_> =
            inputs.posts.iter().filter(|row| row.account_id == account.id).map(|row| row.id).collect();
        let said = inputs.comments.iter().filter(|one| posts.contains(&one.post) && others(&one.author)).filter_map(|one| one.at);
        let named = inputs.mentions.iter().filter(|one| one.account_id == account.id && others(&one.author_handle));
        let at: Vec<_> = said.chain(named.filter_map(|one| one.published_at)).collect();
        if at.len() < LEAST {
            return None;
        }
        let mut week = Week::default();
        at.iter().for_each(|at| week.add(millis(*at), 0));
        let delay = params.network(rules::place(account.network)).delay_hours;
        Some(Hours { account: account.id, network: account.network, reactions: at.len(), best: best(&week, None, delay, MOST) })
    };
    let out: Vec<Hours> = inputs.accounts.iter().filter_map(of).collect();
    if out.is_empty() {
        missing.push(Missing { part: Part::Hours, why: if inputs.posts.is_empty() { Why::NoPosts } else { Why::FewReactions } });
    }
    out
}
