//! Who takes part: kinds of fans among those who comment on the posts or name the creator, and what they talk about. Networks do not say who
//! liked, so that this is of people who say something.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{enums::Network, ids::PostId};
use influence::{
    quality::{Acted, Fan, fan},
    topics::{FEWEST_PEOPLE, interests},
    types::ActorId,
};

use super::quality::Talk;
use crate::{
    base::topics::ONTOLOGY,
    insights::{
        inputs::Inputs,
        results::{Fans, Interest, Why},
        rules::{actor, post_number},
    },
};

/// What is known must go so far back: of who first wrote within the last month nobody knows before whether they wrote earlier.
const LEAST_DAYS: i64 = 90;
/// So many interests are named.
const MOST: usize = 8;

const COMMENTED: u8 = 0;
const NAMED: u8 = 1;

/// Everybody counts once a network, whatever they said; the creator's own accounts are left out.
pub(super) fn of(inputs: &Inputs, talk: &Talk, now: DateTime<Utc>) -> Result<Fans, Why> {
    let own: BTreeSet<ActorId> = inputs.accounts.iter().filter_map(|account| actor(account.network, &account.handle)).collect();
    let places: BTreeMap<_, _> = inputs.posts.iter().map(|row| (row.id, row.network)).collect();
    let mut acts: BTreeMap<ActorId, Vec<Acted>> = BTreeMap::new();
    let mut since: Option<DateTime<Utc>> = None;
    let mut add = |who: Option<ActorId>, at: Option<DateTime<Utc>>, post: u64, kind: u8| {
        let (Some(who), Some(at)) = (who.filter(|who| !own.contains(who)), at.filter(|at| *at <= now)) else { return };
        since = Some(since.map_or(at, |since| since.min(at)));
        let days_ago = u32::try_from((now - at).num_days()).unwrap_or_default();
        // Who names somebody in a post of their own brings others.
        acts.entry(who).or_default().push(Acted { days_ago, post, kind, advocates: kind == NAMED });
    };
    // Few people write much: each is hashed once.
    let mut people: HashMap<(Network, &str), Option<ActorId>> = HashMap::new();
    for one in &inputs.comments {
        let Some(network) = places.get(&one.post) else { continue };
        let who = *people.entry((*network, &one.author)).or_insert_with(|| actor(*network, &one.author));
        add(who, one.at, post_number(one.post), COMMENTED);
    }
    for one in &inputs.mentions {
        let network = inputs.accounts.iter().find(|account| account.id == one.account_id).map(|account| account.network);
        // A post of theirs counts as one of those that they reacted to.
        let post = post_number(PostId(one.id.0));
        add(network.and_then(|network| actor(network, &one.author_handle)), one.published_at, post, NAMED);
    }
    let since = since.ok_or(Why::NoComments)?;
    if (now - since).num_days() < LEAST_DAYS {
        return Err(Why::ShortHistory);
    }
    let found: Vec<_> = acts.values().filter_map(|acts| fan(acts)).collect();
    if found.len() < FEWEST_PEOPLE {
        return Err(Why::FewPeople);
    }
    let mut kinds: BTreeMap<Fan, usize> = BTreeMap::new();
    found.iter().for_each(|one| *kinds.entry(one.fan).or_default() += 1);
    let talk: Vec<_> = acts.keys().map(|who| talk.get(who).cloned().unwrap_or_default()).collect();
    Ok(Fans {
        people: found.len(),
        since: since.date_naive(),
        kinds,
        advocates: found.iter().filter(|one| one.is_advocate).count(),
        interests: interests(&talk, &BTreeMap::new())
            .into_iter()
            .filter_map(|one| Some(Interest { id: ONTOLOGY.topics().get(one.topic)?.id.clone(), people: one.people, share: one.share }))
            .take(MOST)
            .collect(),
    })
}
