//! What the science makes of one creator's rows. Pure: the same rows, formula and day give the same bytes.

mod audience;
mod brands;
mod engagement;
mod events;
mod fans;
mod hours;
mod prices;
mod quality;
mod subjects;
mod words;

use chrono::{DateTime, Utc};
use entity::{
    enums::{InsightScope, MetricSource},
    network_account,
};
use influence::{
    FORMULA_VERSION, Params, Score, State, causes,
    score::Facts,
    types::{Day, Event, day_of},
};

pub use self::{subjects::subjects, words::Texts};
use super::{
    inputs::{Inputs, Known},
    results::{Happened, Missing, Part, Results, Source, Why},
    rules,
    tables::InForce,
};
use crate::error::Result;

/// What came of a creator's rows in one scope.
pub struct Measured {
    /// `None`: no score, for the reasons in `results`.
    pub score: Option<Score>,
    /// What it was made from.
    pub facts: Vec<Facts>,
    /// What happened in the days before.
    pub happened: Vec<Happened>,
    /// All the rest.
    pub results: Results,
    /// The network that carries most of the score; empty without one.
    pub network: String,
    /// The tier there.
    pub tier: String,
    /// Per cent of followers, on the largest account.
    pub engagement_rate: Option<f64>,
}

/// What is computed from, in the words of the science.
pub struct Material<'a> {
    inputs: &'a Inputs,
    brands: &'a [Known],
    scope: InsightScope,
    now: DateTime<Utc>,
    events: Vec<Event>,
}

impl<'a> Material<'a> {
    /// Of a creator's rows.
    pub fn new(inputs: &'a Inputs, brands: &'a [Known], scope: InsightScope, now: DateTime<Utc>) -> Self {
        Self { inputs, brands, scope, now, events: events::of(inputs, scope, day_of(rules::millis(now))) }
    }

    /// The events that the formula is given.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// As of the end of this day.
    pub fn day(&self) -> Day {
        day_of(rules::millis(self.now))
    }

    /// The same for the same inputs, formula, tables and day.
    pub fn hash(&self, tables: &InForce) -> Result<String> {
        let shown = self.scope == InsightScope::Full;
        let posts: Vec<_> = self
            .inputs
            .posts
            .iter()
            .map(|row| (row.id, &row.caption, row.paid_partnership, rules::counters(&engagement::latest(row), self.scope)))
            .collect();
        let accounts: Vec<_> =
            self.inputs.accounts.iter().map(|row| (row.id, row.followers, row.figures_source, row.figures_as_of)).collect();
        let audience: Vec<_> = self.inputs.audience.iter().filter(|_| shown).map(|row| (row.id, &row.slices)).collect();
        let profile = (&self.inputs.creator.country, &self.inputs.creator.main_category);
        let texts = (posts, &self.inputs.comments, self.brands, &self.inputs.portfolio);
        let made_with = (FORMULA_VERSION, &tables.versions);
        rules::hash(&(made_with, self.day(), self.scope, profile, accounts, &self.events, texts, audience))
    }

    /// Computes it.
    pub fn measure(&self, tables: &InForce, texts: &Texts) -> Measured {
        let (params, day) = (&tables.params, self.day());
        let mut state = State::default();
        for event in &self.events {
            state.apply(event, params);
        }
        state.close(day, &(), params);
        let facts = state.facts(params);
        let score = Score::of(&facts, params);
        let leading = score.as_ref().and_then(|score| {
            score.networks.iter().max_by(|a, b| a.1.influence().total_cmp(&b.1.influence()).then(b.0.cmp(a.0))).map(|(network, _)| *network)
        });
        let followers = leading.and_then(|network| facts.iter().find(|f| f.network == network)?.followers);
        let rates = engagement::of(self, params);
        let rate = main_account(&self.inputs.accounts).and_then(|main| rates.iter().find(|one| one.account == main.id)?.by_followers);
        let mut missing = self.gaps(score.is_some());
        let quality = quality::of(self, texts, &state, &rates, params, &mut missing);
        let topics = words::topics(self, texts);
        let vetting = texts.vetting.clone();
        let collaborations = brands::of(self);
        let audience = audience::of(self, &mut missing);
        let fans = match texts.fans.clone() {
            Ok(fans) => Some(fans),
            Err(why) => {
                missing.push(Missing { part: Part::Fans, why });
                None
            }
        };
        let prices = prices::of(self, &rates, score.as_ref(), params, &mut missing);
        let media = prices::values(self, params);
        let hours = hours::of(self, params, &mut missing);
        Measured {
            happened: happened(self, &state, day, params),
            network: leading.map(|network| rules::network(network).to_string()).unwrap_or_default(),
            tier: followers.map(|n| rules::tier(influence::types::Tier::of(n)).to_owned()).unwrap_or_default(),
            engagement_rate: rate,
            results: Results {
                tables: tables.versions.clone(),
                sources: self.sources(),
                engagement: rates,
                quality,
                topics,
                collaborations,
                vetting,
                audience,
                fans,
                prices,
                media,
                hours,
                missing,
            },
            score,
            facts,
        }
    }

    fn sources(&self) -> Vec<Source> {
        let of = |account: &network_account::Model| {
            let posts: Vec<_> = self.inputs.posts.iter().filter(|row| row.account_id == account.id).collect();
            let ids: std::collections::HashSet<_> = posts.iter().map(|row| row.id).collect();
            let read = self.inputs.counted.iter().filter(|row| ids.contains(&row.post)).map(|row| row.at).max();
            Source {
                account: account.id,
                network: account.network,
                followers: account.followers,
                told_by: account.figures_source,
                as_of: account.figures_as_of.max(read),
                posts: posts.len(),
                comments: self.inputs.comments.iter().filter(|said| ids.contains(&said.post)).count(),
            }
        };
        self.inputs.accounts.iter().map(of).collect()
    }

    /// What the rows do not hold.
    fn gaps(&self, has_score: bool) -> Vec<Missing> {
        let mut out = Vec::new();
        let mut say = |part: Part, why: Why| out.push(Missing { part, why });
        let accounts = &self.inputs.accounts;
        if accounts.is_empty() {
            say(Part::Score, Why::NoAccount);
        } else if !has_score {
            say(Part::Score, Why::NoFigures);
        }
        let counted = self.inputs.posts.iter().any(|row| rules::counters(&engagement::latest(row), self.scope) != Default::default());
        if self.inputs.posts.is_empty() {
            for part in [Part::Engagement, Part::Topics, Part::Collaborations, Part::Vetting] {
                say(part, Why::NoPosts);
            }
        } else if !counted {
            say(Part::Engagement, Why::NoCounters);
        }
        out
    }
}

/// The largest account of those whose figures somebody else told.
fn main_account(accounts: &[network_account::Model]) -> Option<&network_account::Model> {
    let told = |row: &&network_account::Model| row.figures_source.is_some_and(|source| source != MetricSource::SelfReported);
    accounts.iter().filter(told).max_by_key(|row| (row.followers, std::cmp::Reverse(row.id)))
}

/// The accounts that the score is made from: the largest of each network, since the science knows one account a network.
fn scored(accounts: &[network_account::Model]) -> Vec<&network_account::Model> {
    let mut out: Vec<&network_account::Model> = Vec::new();
    for account in accounts {
        match out.iter_mut().find(|held| held.network == account.network) {
            Some(held) if (account.followers, std::cmp::Reverse(account.id)) > (held.followers, std::cmp::Reverse(held.id)) => {
                *held = account
            }
            Some(_) => {}
            None => out.push(account),
        }
    }
    out
}

/// What happened, week by week, so that any span of days has its own strongest posts.
fn happened(material: &Material<'_>, state: &State, day: Day, params: &Params) -> Vec<Happened> {
    let mut out = Vec::new();
    let number = |id| material.inputs.posts.iter().find(|row| rules::post_number(row.id) == id).map(|row| row.id);
    for account in scored(&material.inputs.accounts) {
        let network = rules::place(account.network);
        let Some(held) = state.account(network) else { continue };
        let mut from = day - rules::CAUSE_DAYS;
        while from < day {
            let to = (from + 7).min(day);
            out.extend(causes::between(held, from, to, params).into_iter().map(|cause| {
                let post_id = if let causes::Cause::Post { post, .. } = cause { number(post) } else { None };
                Happened { network, cause, post_id }
            }));
            from = to;
        }
    }
    out
}
