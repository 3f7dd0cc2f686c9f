//! Strong topics: those whose posts do better than the creator's others, also where the creator did not expect it.

use std::collections::{BTreeMap, BTreeSet};

/// A post's engagement and topics.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Likes + comments + shares, or a rate of them; the same for all posts of a call; 0 or more.
    pub engagement: f64,
    /// Topics' numbers.
    pub topics: BTreeSet<usize>,
}

/// A topic that does well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strong {
    /// The topic's number.
    pub topic: usize,
    /// Posts about it.
    pub posts: usize,
    /// Typical engagement of its posts over that of all, drawn to 1 while posts are few.
    pub ratio: f64,
    /// Neither named by the creator nor among the topics of a quarter of the posts.
    pub is_unexpected: bool,
}

/// Posts at which a topic's own figure counts half.
const SHRINK: f64 = 5.0;
/// Fewer posts say nothing.
const FEWEST: usize = 3;

/// Topics that do better than the creator's posts as a whole, best first: mean of ln(1 + engagement), shrunk by `n/(n + 5)`. `named` are the topics that the
/// creator gave as theirs.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of posts")]
pub fn strong(posts: &[Post], named: &BTreeSet<usize>) -> Vec<Strong> {
    let ln = |post: &Post| post.engagement.max(0.0).ln_1p();
    let usual = posts.iter().map(ln).sum::<f64>() / posts.len().max(1) as f64;
    let mut by_topic: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for post in posts.iter().filter(|p| p.engagement.is_finite()) {
        post.topics.iter().for_each(|t| by_topic.entry(*t).or_default().push(ln(post)));
    }
    let mut found: Vec<Strong> = by_topic
        .into_iter()
        .filter(|(_, values)| values.len() >= FEWEST)
        .map(|(topic, values)| {
            let n = values.len() as f64;
            let above = values.iter().sum::<f64>() / n - usual;
            let is_unexpected = !named.contains(&topic) && values.len() * 4 < posts.len();
            Strong { topic, posts: values.len(), ratio: (above * n / (n + SHRINK)).exp(), is_unexpected }
        })
        .filter(|s| s.ratio > 1.0)
        .collect();
    found.sort_by(|a, b| b.ratio.total_cmp(&a.ratio).then(a.topic.cmp(&b.topic)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_topic_that_does_well_is_found() {
        let post = |engagement, topic| Post { engagement, topics: BTreeSet::from([topic]) };
        let mut posts = vec![post(100.0, 1); 20];
        posts.extend(vec![post(400.0, 2); 4]);
        posts.push(post(9_000.0, 3));
        let found = strong(&posts, &BTreeSet::from([1]));
        assert_eq!(found.iter().map(|s| (s.topic, s.is_unexpected)).collect::<Vec<_>>(), [(2, true)]);
        assert!(found[0].ratio > 1.3 && found[0].ratio < 4.0, "{found:?}");
        assert!(!strong(&posts, &BTreeSet::from([2]))[0].is_unexpected);
        assert!(strong(&[], &BTreeSet::new()).is_empty());
    }
}
