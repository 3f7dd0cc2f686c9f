//! A creator's work with brands over time: who, when, how often, how it does against ordinary posts, and where it gets in its own way.

use std::collections::BTreeMap;

/// How a post stands to a brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Paid {
    /// Disclosed as advertising.
    Disclosed,
    /// Not disclosed, but it looks like it.
    Suspected,
    /// Ordinary.
    No,
}

/// One post, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Day number, rising.
    pub day: i64,
    /// Disclosed, suspected or ordinary.
    pub paid: Paid,
    /// Brands' numbers.
    pub brands: Vec<usize>,
    /// Engagement rate, by one named formula for all posts; `None` where not known.
    pub rate: Option<f64>,
}

/// A creator and a brand.
#[derive(Clone, Debug, PartialEq)]
pub struct Collaboration {
    /// The brand's number.
    pub brand: usize,
    /// Day of the first advertising post.
    pub first: i64,
    /// Day of the last.
    pub last: i64,
    /// Advertising posts.
    pub posts: usize,
    /// Share of them that is disclosed, 0–1.
    pub disclosed: f64,
    /// Median rate of them over the median of ordinary posts; `None` below 5 of either.
    pub rate_to_ordinary: Option<f64>,
}

/// Two brands that compete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The brand that came first.
    pub earlier: usize,
    /// The other.
    pub later: usize,
    /// Their category.
    pub category: String,
    /// Days between the last post for the one and the first for the other; 0 where they overlap.
    pub days_between: i64,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The latest first.
    pub collaborations: Vec<Collaboration>,
    /// Advertising of competitors less than 90 days apart, the nearest first.
    pub conflicts: Vec<Conflict>,
    /// Advertising posts over all posts, 0–1; `None` without posts.
    pub saturation: Option<f64>,
}

/// Posts for competitors this near are a conflict.
const NEAR: i64 = 90;
/// Fewer posts than this on a side: no ratio.
const FEWEST: usize = 5;

/// Sums up. `category` gives a brand's ad-product category.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of posts")]
pub fn profile<'a>(posts: &[Post], category: impl Fn(usize) -> Option<&'a str>) -> Profile {
    let ordinary: Vec<f64> = posts.iter().filter(|p| p.paid == Paid::No).filter_map(|p| p.rate).collect();
    let mut by_brand: BTreeMap<usize, Vec<&Post>> = BTreeMap::new();
    for post in posts.iter().filter(|p| p.paid != Paid::No) {
        post.brands.iter().for_each(|b| by_brand.entry(*b).or_default().push(post));
    }
    let mut collaborations: Vec<Collaboration> = by_brand
        .into_iter()
        .filter_map(|(brand, list)| {
            let rates: Vec<f64> = list.iter().filter_map(|p| p.rate).collect();
            let enough = rates.len() >= FEWEST && ordinary.len() >= FEWEST;
            let ratio = median(&rates).zip(median(&ordinary)).filter(|(_, o)| enough && *o > 0.0).map(|(r, o)| r / o);
            Some(Collaboration {
                brand,
                first: list.iter().map(|p| p.day).min()?,
                last: list.iter().map(|p| p.day).max()?,
                posts: list.len(),
                disclosed: list.iter().filter(|p| p.paid == Paid::Disclosed).count() as f64 / list.len() as f64,
                rate_to_ordinary: ratio,
            })
        })
        .collect();
    collaborations.sort_by(|a, b| b.last.cmp(&a.last).then(a.brand.cmp(&b.brand)));
    let mut conflicts = Vec::new();
    for (i, a) in collaborations.iter().enumerate() {
        for b in &collaborations[i + 1..] {
            let (Some(one), Some(two)) = (category(a.brand), category(b.brand)) else { continue };
            let (earlier, later) = if (a.first, a.brand) <= (b.first, b.brand) { (a, b) } else { (b, a) };
            let days_between = (later.first - earlier.last).max(0);
            if one == two && days_between < NEAR {
                conflicts.push(Conflict { earlier: earlier.brand, later: later.brand, category: one.to_owned(), days_between });
            }
        }
    }
    conflicts.sort_by(|a, b| a.days_between.cmp(&b.days_between).then(a.earlier.cmp(&b.earlier)));
    let paid = posts.iter().filter(|p| p.paid != Paid::No).count();
    Profile { collaborations, conflicts, saturation: (!posts.is_empty()).then(|| paid as f64 / posts.len() as f64) }
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len().is_multiple_of(2) { f64::midpoint(sorted[middle - 1], upper) } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(day: i64, paid: Paid, brands: &[usize], rate: f64) -> Post {
        Post { day, paid, brands: brands.to_vec(), rate: Some(rate) }
    }

    #[test]
    fn a_creators_year() {
        let mut posts: Vec<Post> = (0..10).map(|d| post(d, Paid::No, &[0], 2.0)).collect();
        posts.extend((20..25).map(|d| post(d, Paid::Disclosed, &[0], 1.0)));
        posts.push(post(30, Paid::Suspected, &[0, 1], 1.0));
        posts.push(post(150, Paid::Disclosed, &[2], 1.0));
        let found = profile(&posts, |b| [Some("tea"), Some("tea"), Some("tea")][b]);
        assert_eq!(found.collaborations.iter().map(|c| (c.brand, c.posts)).collect::<Vec<_>>(), [(2, 1), (0, 6), (1, 1)]);
        let acme = &found.collaborations[1];
        assert_eq!((acme.first, acme.last, acme.rate_to_ordinary), (20, 30, Some(0.5)));
        assert!((acme.disclosed - 5.0 / 6.0).abs() < 1e-9);
        assert_eq!(
            found.conflicts,
            [Conflict { earlier: 0, later: 1, category: "tea".into(), days_between: 0 }],
            "120 days are far enough"
        );
        assert!((found.saturation.unwrap() - 7.0 / 17.0).abs() < 1e-9);
        assert_eq!(found.collaborations[0].rate_to_ordinary, None, "too few");
        assert_eq!(profile(&[], |_| None), Profile::default());
    }
}
