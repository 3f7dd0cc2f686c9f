//! What posts are about, which topics do better than the rest, and explicit words.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use chrono::{DateTime, Utc};
use influence::{
    quality::Judged,
    topics::{self, Tagged, Tagger},
    vetting,
};

use super::{Material, engagement::latest, fans, quality};
use crate::{
    base::topics::ONTOLOGY,
    insights::{
        inputs::Inputs,
        results::{Fans, Finding, Strong, Topic, Topics, Vetting, Why},
        rules::counters,
        tables::InForce,
    },
};

static TAGGER: LazyLock<Tagger> = LazyLock::new(|| Tagger::shipped(&ONTOLOGY));

/// So many topics are kept.
const MOST: usize = 12;
/// So many words that named a topic are kept.
const EVIDENCE: usize = 5;

/// What a creator's texts say. The same in all scopes, and the longest part of the work: it is read once for all of them.
pub struct Texts {
    /// What each post is about, in their order.
    tagged: Vec<Vec<Tagged>>,
    /// Explicit words; `None` without posts.
    pub(super) vetting: Option<Vetting>,
    /// Comments of others, each in its class.
    pub(super) judged: Vec<Judged>,
    /// Who takes part, or why that is not known.
    pub(super) fans: Result<Fans, Why>,
}

impl Texts {
    /// Of a creator's posts, comments and mentions, as of this moment.
    pub fn of(inputs: &Inputs, tables: &InForce, now: DateTime<Utc>) -> Self {
        let tagged: Vec<_> = inputs.posts.iter().map(|row| TAGGER.tag(&row.caption)).collect();
        let (judged, talk) = quality::judged(inputs, &tagged);
        Self { vetting: vetting(inputs, &tables.explicit), judged, fans: fans::of(inputs, &talk, now), tagged }
    }
}

/// The topics of a text, by number.
pub(super) fn topics_of(text: &str) -> BTreeSet<u32> {
    numbers(&TAGGER.tag(text))
}

/// The topics found in a text, by number.
pub(super) fn numbers(tagged: &[Tagged]) -> BTreeSet<u32> {
    tagged.iter().filter_map(|one| u32::try_from(one.topic).ok()).collect()
}

fn id(topic: usize) -> Option<String> {
    ONTOLOGY.topics().get(topic).map(|topic| topic.id.clone())
}

/// What posts are about.
pub(super) fn topics(material: &Material<'_>, texts: &Texts) -> Topics {
    #[derive(Default)]
    struct Sum {
        weight: f64,
        posts: usize,
        evidence: Vec<String>,
    }
    let posts = &material.inputs.posts;
    let mut sums: BTreeMap<usize, Sum> = BTreeMap::new();
    let mut rated = Vec::new();
    for (row, tagged) in posts.iter().zip(&texts.tagged) {
        let c = counters(&latest(row), material.scope);
        let reactions = [c.likes, c.comments, c.shares];
        if reactions.iter().any(Option::is_some) {
            let engagement = reactions.iter().flatten().sum::<i64>() as f64;
            rated.push(topics::Post { engagement, topics: tagged.iter().map(|one| one.topic).collect() });
        }
        for one in tagged {
            let sum = sums.entry(one.topic).or_default();
            sum.weight += one.weight;
            sum.posts += 1;
            for word in &one.evidence {
                if sum.evidence.len() < EVIDENCE && !sum.evidence.contains(word) {
                    sum.evidence.push(word.clone());
                }
            }
        }
    }
    let mut main: Vec<(usize, Sum)> = sums.into_iter().collect();
    main.sort_by(|a, b| b.1.weight.total_cmp(&a.1.weight).then(a.0.cmp(&b.0)));
    let named: BTreeSet<usize> = ONTOLOGY.find(&material.inputs.creator.main_category).into_iter().collect();
    Topics {
        posts: posts.len(),
        main: main
            .into_iter()
            .take(MOST)
            .filter_map(|(topic, sum)| {
                Some(Topic {
                    id: id(topic)?,
                    share: sum.posts as f64 / posts.len().max(1) as f64,
                    posts: sum.posts,
                    evidence: sum.evidence,
                })
            })
            .collect(),
        strong: topics::strong(&rated, &named)
            .into_iter()
            .take(MOST)
            .filter_map(|one| Some(Strong { id: id(one.topic)?, posts: one.posts, ratio: one.ratio, unexpected: one.is_unexpected }))
            .collect(),
    }
}

/// Explicit words; `None` without posts.
fn vetting(inputs: &Inputs, explicit: &vetting::Vetting) -> Option<Vetting> {
    let posts = &inputs.posts;
    let findings: Vec<_> = posts.iter().map(|row| explicit.check(&row.caption)).collect();
    let found = vetting::summary(&findings);
    Some(Vetting {
        posts: found.posts,
        per_thousand: found.per_thousand?,
        by_severity: found.by_severity,
        findings: found
            .worst
            .into_iter()
            .map(|(at, one)| Finding {
                post: posts[at].id,
                kind: one.kind,
                severity: one.severity,
                softened: one.is_softened,
                quote: one.quote,
            })
            .collect(),
    })
}
