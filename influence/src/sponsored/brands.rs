//! Which brands a post names: by a verified business handle, by the domain of a link, or by a name with another sign beside it.

use std::collections::{BTreeMap, BTreeSet};

use crate::text::{Dictionary, marks, narrow};

/// A brand that an operator knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brand {
    /// Stable id.
    pub id: String,
    /// Names, in any language.
    pub names: Vec<String>,
    /// Verified business handles, without `@`.
    pub handles: Vec<String>,
    /// Domains, without `www.`.
    pub domains: Vec<String>,
    /// Ad-product category; brands of one compete.
    pub category: Option<String>,
}

/// How a brand was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Seen {
    /// Its handle stands in the text.
    Handle,
    /// A link leads to its domain.
    Link,
    /// A hashtag is its name.
    Tag,
    /// Its name stands in the text, and another sign of advertising beside it.
    Name,
}

/// The brands of an installation, ready for many posts.
#[derive(Debug)]
pub struct Brands {
    list: Vec<Brand>,
    handles: BTreeMap<String, usize>,
    domains: BTreeMap<String, usize>,
    tags: BTreeMap<String, usize>,
    names: Dictionary<usize>,
}

impl Brands {
    /// Takes the brands.
    #[must_use]
    pub fn new(list: Vec<Brand>) -> Self {
        let each = |of: fn(&Brand) -> &Vec<String>| {
            list.iter().enumerate().flat_map(move |(i, b)| of(b).iter().map(move |v| (narrow(v), i))).collect::<Vec<_>>()
        };
        let names = each(|b| &b.names);
        Self {
            handles: each(|b| &b.handles).into_iter().collect(),
            domains: each(|b| &b.domains).into_iter().collect(),
            tags: names.iter().map(|(n, i)| (n.chars().filter(|c| !c.is_whitespace()).collect(), *i)).collect(),
            names: Dictionary::new(narrow, names.into_iter().filter(|(n, _)| n.chars().count() >= 2)),
            list,
        }
    }

    /// A brand by its number.
    #[must_use]
    pub fn get(&self, brand: usize) -> Option<&Brand> {
        self.list.get(brand)
    }

    /// The brands of a post and how each was seen. A bare name or a hashtag counts only with `is_supported`: another sign of advertising (disclosure, code,
    /// call to action), since people name brands all day.
    #[must_use]
    pub fn seen(&self, text: &str, is_supported: bool) -> BTreeMap<usize, BTreeSet<Seen>> {
        let found = marks(text);
        let mut seen: BTreeMap<usize, BTreeSet<Seen>> = BTreeMap::new();
        let mut add = |brand: Option<&usize>, how: Seen| {
            if let Some(brand) = brand {
                seen.entry(*brand).or_default().insert(how);
            }
        };
        found.handles.iter().for_each(|h| add(self.handles.get(&narrow(h)), Seen::Handle));
        for link in &found.links {
            add(domains(link).into_iter().find_map(|d| self.domains.get(&d)), Seen::Link);
        }
        found.tags.iter().for_each(|t| add(self.tags.get(&narrow(t)).filter(|_| is_supported), Seen::Tag));
        if is_supported {
            let prepared = self.names.prepared(&found.rest);
            self.names.find(&prepared).iter().for_each(|hit| add(Some(hit.value), Seen::Name));
        }
        seen
    }
}

/// A link's host and the hosts above it: `shop.acme.co.jp` → itself, `acme.co.jp`, `co.jp`.
fn domains(link: &str) -> Vec<String> {
    let host = link.split("://").last().unwrap_or(link).split(['/', '?', '#', ':']).next().unwrap_or_default();
    let host = narrow(host);
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    let mut all = vec![host.clone()];
    all.extend(host.match_indices('.').map(|(at, _)| host[at + 1..].to_owned()).filter(|d| d.contains('.')));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_brands_are_seen() {
        let brand = |id: &str, names: &[&str], handles: &[&str], domains: &[&str]| Brand {
            id: id.into(),
            names: names.iter().map(|n| (*n).into()).collect(),
            handles: handles.iter().map(|n| (*n).into()).collect(),
            domains: domains.iter().map(|n| (*n).into()).collect(),
            category: None,
        };
        let brands = Brands::new(vec![
            brand("acme", &["Acme", "アクメ"], &["acme_official"], &["acme.co.jp"]),
            brand("zest", &["Zest Tea"], &["zest"], &["zest.example"]),
        ]);
        let seen = |text: &str, supported| {
            brands.seen(text, supported).into_iter().map(|(b, how)| (b, how.into_iter().collect::<Vec<_>>())).collect::<Vec<_>>()
        };
        assert_eq!(seen("thanks @Acme_Official", false), [(0, vec![Seen::Handle])]);
        assert_eq!(seen("https://shop.acme.co.jp/x", false), [(0, vec![Seen::Link])]);
        assert_eq!(seen("アクメのリップとzest tea", false), []);
        assert_eq!(seen("アクメのリップとzest tea #ZestTea", true), [(0, vec![Seen::Name]), (1, vec![Seen::Tag, Seen::Name])]);
        assert_eq!(seen("ブランドアクメック", true), [], "inside a longer katakana word");
    }
}
