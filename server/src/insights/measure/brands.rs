//! Work with brands, as far as posts say that they are advertising.

use influence::engagement::{Basis, rate};
use influence::sponsored::{Brand, Brands, Context, Disclosure, Model, Paid, Post, disclosure, profile};

use super::{Material, engagement::rated};
use crate::insights::{
    inputs::Known,
    results::{Advertising, Collaboration, Collaborations, Suspected},
    rules,
};

/// So many posts are kept by name.
const MOST: usize = 20;

static SUSPICION: std::sync::LazyLock<Model> = std::sync::LazyLock::new(Model::default);

/// From the posts of half a year.
pub(super) fn of(material: &Material<'_>) -> Collaborations {
    let known: Vec<&Known> = material.brands.iter().chain(&material.inputs.portfolio).collect();
    let list = known.iter().enumerate().map(|(at, one)| Brand {
        id: at.to_string(),
        names: one.names.clone(),
        handles: Vec::new(),
        domains: if one.domain.is_empty() { Vec::new() } else { vec![one.domain.clone()] },
        category: None,
    });
    let brands = Brands::new(list.collect());
    let mut rates: Vec<Option<f64>> = vec![None; material.inputs.posts.len()];
    for account in &material.inputs.accounts {
        for (at, one) in rated(material, account) {
            rates[at] = rate(&one, Basis::ByFollowers);
        }
    }
    let (mut posts, mut advertising, mut suspected) = (Vec::new(), Vec::new(), Vec::new());
    for (row, rate) in material.inputs.posts.iter().zip(rates) {
        let Some(at) = row.published_at else { continue };
        let disclosed = disclosure(&row.caption, row.paid_partnership);
        let day = rules::day(at.date_naive());
        posts.push(Post {
            day: day.into(),
            paid: if disclosed.is_some() { Paid::Disclosed } else { Paid::No },
            brands: brands.seen(&row.caption, disclosed.is_some()).into_keys().collect(),
            rate,
        });
        if let Some(by) = disclosed {
            let disclosed_by = match by {
                Disclosure::Flag => String::new(),
                Disclosure::Tag(tag) => format!("#{tag}"),
                Disclosure::Phrase(phrase) => phrase,
            };
            advertising.push(Advertising { post: row.id, day: rules::date(day), disclosed_by });
        } else {
            let names_brand = !brands.seen(&row.caption, false).is_empty();
            let (probability, signs) = SUSPICION.probability(&row.caption, Context { names_brand, brand_shared: false });
            if probability > 0.5 {
                suspected.push(Suspected { post: row.id, day: rules::date(day), probability, signs });
            }
        }
    }
    advertising.reverse();
    suspected.reverse();
    let found = profile(&posts, |_| None);
    let date = |day: i64| rules::date(i32::try_from(day).unwrap_or_default());
    Collaborations {
        brands: found
            .collaborations
            .into_iter()
            .filter_map(|one| {
                let brand = known.get(one.brand)?;
                Some(Collaboration {
                    brand: brand.names.first().cloned().unwrap_or_default(),
                    org: brand.org,
                    first: date(one.first),
                    last: date(one.last),
                    posts: one.posts,
                    rate_to_ordinary: one.rate_to_ordinary,
                })
            })
            .collect(),
        count: advertising.len(),
        suspected_count: suspected.len(),
        suspected: suspected.into_iter().take(MOST).collect(),
        posts: advertising.into_iter().take(MOST).collect(),
        saturation: found.saturation,
    }
}
