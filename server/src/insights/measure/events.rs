//! Rows become events of the science.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{
    enums::{InsightScope, MetricSource},
    ids::{AccountId, PostId},
    post,
};
use influence::{
    sponsored::disclosure,
    types::{DAY, Day, Event, Interaction, Kind, Link, Post, PostSnapshot, day_of},
};

use super::{super::inputs::Inputs, engagement::latest, scored};
use crate::insights::rules::{self, actor, counters, millis, place, post_number};

/// All that happened, in the order of the rows.
pub(super) fn of(inputs: &Inputs, scope: InsightScope, today: Day) -> Vec<Event> {
    let mut out = Vec::new();
    let accounts: HashMap<AccountId, _> = scored(&inputs.accounts).into_iter().map(|row| (row.id, row)).collect();
    for row in inputs.accounts.iter().filter(|row| accounts.contains_key(&row.id)) {
        let told: Vec<_> = inputs.readings.iter().filter(|reading| reading.account_id == row.id).collect();
        let readings: Vec<_> = told.iter().filter_map(|reading| rules::account_reading(row.network, reading)).collect();
        // The profile holds the latest word also where an older house kept no history of it.
        let now = rules::account_now(row).filter(|now| readings.iter().all(|reading| reading.at < now.at));
        let by_network = told.iter().filter(|reading| reading.source == MetricSource::Network);
        let read: BTreeSet<Day> = by_network.map(|reading| day_of(millis(reading.captured_at))).collect();
        let missing = rules::gaps(&read, today).into_iter().map(|day| i64::from(day) * DAY);
        out.extend(missing.map(|at| Event::Gap { network: place(row.network), at }));
        out.extend(readings.into_iter().chain(now).map(Event::AccountSnapshot));
        out.extend(told.iter().filter_map(|reading| rules::average(row.network, reading)).map(Event::PostAverage));
    }
    let posts: HashMap<PostId, &post::Model> =
        inputs.posts.iter().filter(|row| accounts.contains_key(&row.account_id)).map(|row| (row.id, row)).collect();
    let counted: HashSet<PostId> = inputs.counted.iter().map(|row| row.post).collect();
    for row in inputs.posts.iter().filter(|row| posts.contains_key(&row.id)) {
        let Some(published) = row.published_at else { continue };
        let sponsored = disclosure(&row.caption, row.paid_partnership).is_some();
        out.push(Event::Post(Post {
            id: post_number(row.id),
            network: place(row.network),
            format: rules::format(&row.format),
            published_at: millis(published),
            boosted: false,
            sponsored: Some(sponsored),
            hidden_likes: false,
        }));
        if !counted.contains(&row.id) {
            // Never read since the window began: the latest word stands for itself.
            let figures = latest(row);
            if let Some(at) = figures.0.values().map(|figure| figure.as_of).max() {
                out.extend(snapshot(row, millis(at), counters(&figures, scope)));
            }
        }
    }
    for one in &inputs.counted {
        let Some(row) = posts.get(&one.post) else { continue };
        out.extend(snapshot(row, millis(one.at), counters(&rules::figures(&one.readings, one.source, one.at), scope)));
    }
    for said in &inputs.comments {
        let (Some(row), Some(at)) = (posts.get(&said.post), said.at) else { continue };
        let own =
            accounts.get(&row.account_id).is_some_and(|account| actor(row.network, &account.handle) == actor(row.network, &said.author));
        if let Some(by) = actor(row.network, &said.author).filter(|_| !own) {
            out.push(act(row.network, Kind::Comment, millis(at), Some(post_number(row.id)), by));
        }
    }
    for named in &inputs.mentions {
        let Some(account) = accounts.get(&named.account_id) else { continue };
        if let (Some(by), Some(at)) = (actor(account.network, &named.author_handle), named.published_at) {
            out.push(act(account.network, rules::mention_kind(&named.kind), millis(at), None, by));
        }
    }
    out
}

fn snapshot(row: &post::Model, at: i64, counters: influence::types::Counters) -> Option<Event> {
    let known = counters != influence::types::Counters::default();
    known.then(|| Event::PostSnapshot(PostSnapshot { post: post_number(row.id), network: place(row.network), at, counters }))
}

fn act(network: entity::enums::Network, kind: Kind, ts: i64, post: Option<u64>, by: u64) -> Event {
    Event::Interaction(Interaction { ts, network: place(network), kind, post, actor: Some(by), n: 1.0, link: Link::Stated })
}
