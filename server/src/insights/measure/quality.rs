//! Audience quality: what comments are worth, growth without a cause, whether the engagement is plausible. No network gives a list of
//! followers, so the share of fakes is not known and the grade says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::ids::PostId;
use influence::{
    Params, State, growth,
    quality::{self, Comment, Judged, SpamModel, Thread, classify, comment_score},
    topics::Tagged,
    types::ActorId,
};

use super::{
    Material, main_account, scored,
    words::{Texts, numbers, topics_of},
};
use crate::insights::{
    inputs::{Inputs, Said},
    results::{Engagement, Missing, Part, Quality, Why},
    rules::{self, actor},
};

/// So many of the newest comments are judged.
const MOST: usize = 1_000;

static SPAM: std::sync::LazyLock<SpamModel> = std::sync::LazyLock::new(SpamModel::shipped);

/// From comments, growth and rates.
pub(super) fn of(
    material: &Material<'_>,
    texts: &Texts,
    state: &State,
    rates: &[Engagement],
    params: &Params,
    missing: &mut Vec<Missing>,
) -> Option<Quality> {
    let mut say = |why: Why| missing.push(Missing { part: Part::Quality, why });
    say(Why::NoFollowerSample);
    let judged = &texts.judged;
    if judged.is_empty() {
        say(Why::NoComments);
    }
    let anomalies = anomalies(material, state, params);
    if anomalies.is_none() {
        say(Why::FewDays);
    }
    let main = main_account(&material.inputs.accounts);
    let rate = main.and_then(|main| rates.iter().find(|one| one.account == main.id));
    let rate_to_usual = rate.and_then(|rate| {
        // The table alone: what peers have changes with them, and this is of the creator's own rows.
        let usual = rate.usual?.rate;
        (usual > 0.0).then_some(rate.by_followers? / usual)
    });
    let score = comment_score(judged);
    let found = quality::quality(&quality::Parts { suspicious: None, comments: score, anomalies, rate_to_benchmark: rate_to_usual })?;
    let mut classes: BTreeMap<String, usize> = BTreeMap::new();
    for one in judged {
        let class = serde_json::to_value(one.class).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
        *classes.entry(class).or_default() += 1;
    }
    Some(Quality {
        value: found.aq,
        low: found.low,
        high: found.high,
        authenticity: found.authenticity,
        grade: format!("{:?}", found.grade),
        comments: judged.len(),
        comment_score: score,
        classes,
        anomalies,
        rate_to_usual,
    })
}

/// What people wrote about: topics by number, with how many of their comments are about each.
pub(super) type Talk = BTreeMap<ActorId, BTreeMap<usize, f64>>;

/// Comments of others, each in its class; and what each of them wrote about.
pub(super) fn judged(inputs: &Inputs, tagged: &[Vec<Tagged>]) -> (Vec<Judged>, Talk) {
    let mut newest: Vec<&Said> = inputs.comments.iter().collect();
    newest.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.external_id.cmp(&b.external_id)));
    newest.truncate(MOST);
    let mut threads: BTreeMap<PostId, Vec<&Said>> = BTreeMap::new();
    newest.into_iter().for_each(|said| threads.entry(said.post).or_default().push(said));
    let (mut out, mut talk) = (Vec::new(), Talk::new());
    for (row, tagged) in inputs.posts.iter().zip(tagged) {
        let Some(said) = threads.get(&row.id) else { continue };
        let owner = inputs.accounts.iter().find(|account| account.id == row.account_id);
        let own = owner.and_then(|account| actor(row.network, &account.handle));
        let places: HashMap<&str, usize> = said.iter().enumerate().map(|(at, one)| (one.external_id.as_str(), at)).collect();
        let thread = Thread {
            caption: row.caption.clone(),
            own: Some(row.external_id.clone()),
            topics: numbers(tagged),
            pod: BTreeSet::new(),
            comments: said
                .iter()
                .map(|one| Comment {
                    text: one.text.clone(),
                    actor: actor(row.network, &one.author),
                    answers: one.answers.as_deref().and_then(|id| places.get(id)).copied(),
                    topics: topics_of(&one.text),
                })
                .collect(),
        };
        let all = classify(&SPAM, &thread);
        // What the creator answers is no sign of the audience.
        for (one, comment) in all.into_iter().zip(&thread.comments).filter(|(_, c)| own.is_none() || c.actor != own) {
            out.push(one);
            if let Some(who) = comment.actor {
                let person = talk.entry(who).or_default();
                comment.topics.iter().for_each(|topic| *person.entry(*topic as usize).or_default() += 1.0);
            }
        }
    }
    (out, talk)
}

/// Jumps of followers in the window that no post explains; `None` where too few days are known on every account.
fn anomalies(material: &Material<'_>, state: &State, params: &Params) -> Option<u32> {
    let (day, mut known, mut found) = (material.day(), false, 0);
    for account in scored(&material.inputs.accounts) {
        let Some(held) = state.account(rules::place(account.network)) else { continue };
        if held.days().len() <= params.growth.least_days {
            continue;
        }
        known = true;
        let jumps = growth::of_account(held, day, params);
        found += jumps.iter().filter(|jump| jump.gained > 0.0 && !jump.explained && jump.day > day - rules::CAUSE_DAYS).count();
    }
    known.then(|| u32::try_from(found).unwrap_or(u32::MAX))
}
