//! Where the people are whom an ordinary post reaches (L12): a score says little to a shop whose customers live near it, the place does.

use entity::enums::{Crowd, Dimension};
use influence::{Score, demographics::OTHER, types::Network};

use super::{results::Results, rules};

/// People reached at one place, on one network.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where they were reached.
    pub network: Network,
    /// A country or a city.
    pub dimension: Dimension,
    /// The country's code or the city's name, in the network's word.
    pub group: String,
    /// How many of those whom an ordinary post reaches.
    pub people: f64,
    /// Their share, 0 to 1.
    pub share: f64,
}

/// So many countries, and so many cities, of one network are named.
const MOST: usize = 5;

/// True Reach of each network, spread as the audience is spread: countries, then cities, each the largest first. Those who follow stand for those who
/// are reached, where the network tells of them; else those who watch. Empty where no network told, and in the public scope.
pub fn places(results: &Results, score: &Score) -> Vec<Place> {
    let mut out = Vec::new();
    for (network, parts) in &score.networks {
        for dimension in [Dimension::Country, Dimension::City] {
            let told = |crowd: Option<Crowd>| {
                let of = results.audience.iter().filter(|one| rules::place(one.network) == *network && one.dimension == dimension);
                of.filter(|one| crowd.is_none_or(|crowd| one.crowd == crowd)).max_by_key(|one| (one.people, one.as_of))
            };
            let Some(one) = told(Some(Crowd::Followers)).or_else(|| told(None)) else { continue };
            out.extend(one.cells.iter().filter(|cell| cell.group != OTHER).take(MOST).map(|cell| Place {
                network: *network,
                dimension,
                group: cell.group.clone(),
                people: parts.reach * cell.share,
                share: cell.share,
            }));
        }
    }
    out
}
