//! What a table holds once it is read: values with a meaning, the same as CSV, and put in their place among the parameters of the science. Pure.

use std::collections::BTreeMap;

use entity::enums::{Network, ReferenceTableKind as Kind};
use influence::{
    Params,
    params::PriceCurve,
    text::Lang,
    types::{Kind as Action, Tier},
    vetting::{Entry, KINDS, Vetting, allowed, shipped as listed},
};

use crate::{base::money::Currency, insights::rules};

/// The kind of a row of innocent words that hold a listed one by accident.
pub const INNOCENT: &str = "innocent";
/// So many words stand on one line of what ships.
const WORDS_A_LINE: usize = 10;

/// What is said to be worth how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// A thousand impressions or views.
    Impressions,
    /// A like.
    Like,
    /// A comment.
    Comment,
    /// A share.
    Share,
    /// A save.
    Save,
    /// How many impressions one reaction stands for, where reactions have no price of their own; no money.
    ImpressionsPerReaction,
}

impl Worth {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Impressions, Self::Like, Self::Comment, Self::Share, Self::Save, Self::ImpressionsPerReaction];

    /// Its word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Impressions => "impressions",
            Self::Like => "like",
            Self::Comment => "comment",
            Self::Share => "share",
            Self::Save => "save",
            Self::ImpressionsPerReaction => "impressions_per_reaction",
        }
    }

    const fn action(self) -> Option<Action> {
        match self {
            Self::Like => Some(Action::Like),
            Self::Comment => Some(Action::Comment),
            Self::Share => Some(Action::Share),
            Self::Save => Some(Action::Save),
            Self::Impressions | Self::ImpressionsPerReaction => None,
        }
    }
}

/// A table that was read.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Per cent of followers, by network (none = the others) and tier.
    Benchmarks(BTreeMap<(Option<Network>, Tier), f64>),
    /// Money for what, by network (none = the others).
    Media(BTreeMap<(Option<Network>, Worth), f64>, Currency),
    /// What a post of the smallest accounts costs and how that grows with followers, by network.
    Prices(BTreeMap<Network, (f64, f64)>, Currency),
    /// Explicit words with severity and kind, and innocent ones.
    Words(BTreeMap<(Lang, String), (u8, String)>, Vec<String>),
}

/// The heads of a kind's columns.
pub const fn columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::EngagementBenchmarks => &["network", "tier", "rate"],
        Kind::MediaRates => &["network", "what", "price", "currency"],
        Kind::PostPrices => &["network", "price", "growth", "currency"],
        Kind::ExplicitWords => &["lang", "severity", "kind", "words"],
    }
}

/// The word of a language.
pub const fn lang(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Ja => "ja",
        Lang::Other => "",
    }
}

fn network(network: Option<Network>) -> &'static str {
    network.map_or("", Network::as_str)
}

impl Content {
    /// What ships.
    pub fn shipped(kind: Kind) -> Self {
        let params = Params::shipped();
        match kind {
            Kind::EngagementBenchmarks => {
                let e = &params.engagement;
                let of = |network: Option<Network>| e.seeds.iter().map(move |(tier, rate)| ((network, *tier), *rate));
                Self::Benchmarks(of(None).chain(of(Some(rules::network(e.seeds_are_of)))).collect())
            }
            Kind::MediaRates => {
                let media = &params.media;
                let mut rows: BTreeMap<_, _> =
                    media.cpm.iter().map(|(network, price)| ((Some(rules::network(*network)), Worth::Impressions), *price)).collect();
                rows.insert((None, Worth::Impressions), media.cpm_otherwise);
                rows.insert((None, Worth::ImpressionsPerReaction), media.impressions_per_engagement);
                Self::Media(rows, currency(&media.currency))
            }
            Kind::PostPrices => {
                let prices = &params.prices;
                let rows = prices.networks.iter().map(|(network, curve)| (rules::network(*network), (curve.base, curve.growth)));
                Self::Prices(rows.collect(), currency(&prices.currency))
            }
            Kind::ExplicitWords => {
                let words = listed().into_iter().map(|entry| ((entry.lang, entry.word), (entry.severity, entry.kind)));
                Self::Words(words.collect(), allowed().into_iter().map(str::to_owned).collect())
            }
        }
    }

    /// As CSV with its heads.
    pub fn csv(&self) -> String {
        let mut out = csv::Writer::from_writer(Vec::new());
        let mut write = |cells: &[&str]| out.write_record(cells).is_ok();
        match self {
            Self::Benchmarks(rows) => {
                write(columns(Kind::EngagementBenchmarks));
                for ((of, tier), rate) in rows {
                    write(&[network(*of), rules::tier(*tier), &rate.to_string()]);
                }
            }
            Self::Media(rows, currency) => {
                write(columns(Kind::MediaRates));
                for ((of, what), price) in rows {
                    let code = if *what == Worth::ImpressionsPerReaction { "" } else { currency.code() };
                    write(&[network(*of), what.as_str(), &price.to_string(), code]);
                }
            }
            Self::Prices(rows, currency) => {
                write(columns(Kind::PostPrices));
                for (of, (price, growth)) in rows {
                    write(&[of.as_str(), &price.to_string(), &growth.to_string(), currency.code()]);
                }
            }
            Self::Words(rows, innocent) => {
                write(columns(Kind::ExplicitWords));
                let mut lines: BTreeMap<(Lang, u8, usize, &str), Vec<&str>> = BTreeMap::new();
                for ((lang, word), (severity, kind)) in rows {
                    let place = KINDS.iter().position(|known| known == kind).unwrap_or(KINDS.len());
                    lines.entry((*lang, *severity, place, kind)).or_default().push(word);
                }
                for ((of, severity, _, kind), words) in lines {
                    for some in words.chunks(WORDS_A_LINE) {
                        write(&[lang(of), &severity.to_string(), kind, &some.join("|")]);
                    }
                }
                for some in innocent.chunks(WORDS_A_LINE) {
                    write(&["", "", INNOCENT, &some.join("|")]);
                }
            }
        }
        out.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// What it says, line by line of a comparison: of what, and what of it.
    pub fn entries(&self) -> BTreeMap<String, String> {
        match self {
            Self::Benchmarks(rows) => {
                rows.iter().map(|((of, tier), rate)| (format!("{},{}", network(*of), rules::tier(*tier)), rate.to_string())).collect()
            }
            Self::Media(rows, currency) => rows
                .iter()
                .map(|((of, what), price)| {
                    let code = if *what == Worth::ImpressionsPerReaction { "" } else { currency.code() };
                    (format!("{},{}", network(*of), what.as_str()), format!("{price} {code}").trim_end().to_owned())
                })
                .collect(),
            Self::Prices(rows, currency) => rows
                .iter()
                .map(|(of, (price, growth))| (of.as_str().to_owned(), format!("{price} {} × {growth}", currency.code())))
                .collect(),
            Self::Words(rows, innocent) => {
                let words =
                    rows.iter().map(|((of, word), (severity, kind))| (format!("{},{word}", lang(*of)), format!("{severity} {kind}")));
                words.chain(innocent.iter().map(|word| (format!(",{word}"), INNOCENT.to_owned()))).collect()
            }
        }
    }

    /// Puts its numbers in their place; words are none.
    pub fn apply(&self, params: &mut Params, version: i32) {
        // What ships keeps the name that the files give it.
        let named = |shipped: &str| if version == 0 { shipped.to_owned() } else { version.to_string() };
        match self {
            Self::Benchmarks(rows) => {
                let e = &mut params.engagement;
                e.seeds_of.clear();
                for ((network, tier), rate) in rows {
                    let tiers = match network {
                        None => &mut e.seeds,
                        Some(network) => e.seeds_of.entry(rules::place(*network)).or_default(),
                    };
                    tiers.insert(*tier, *rate);
                }
            }
            Self::Media(rows, currency) => {
                let media = &mut params.media;
                media.cpm.clear();
                media.cpe.clear();
                for ((network, what), price) in rows {
                    match (network.map(rules::place), what, what.action()) {
                        (None, Worth::ImpressionsPerReaction, _) => media.impressions_per_engagement = *price,
                        (None, _, _) => media.cpm_otherwise = *price,
                        (Some(network), _, Some(action)) => drop(media.cpe.entry(network).or_default().insert(action, *price)),
                        (Some(network), _, None) => drop(media.cpm.insert(network, *price)),
                    }
                }
                media.currency = currency.code().to_owned();
                media.minor_digits = u8::try_from(currency.decimals()).unwrap_or_default();
                media.version = named(&media.version);
            }
            Self::Prices(rows, currency) => {
                let prices = &mut params.prices;
                prices.networks = rows
                    .iter()
                    .map(|(network, (base, growth))| (rules::place(*network), PriceCurve { base: *base, growth: *growth }))
                    .collect();
                prices.currency = currency.code().to_owned();
                prices.minor_digits = u8::try_from(currency.decimals()).unwrap_or_default();
                prices.version = named(&prices.version);
            }
            Self::Words(..) => {}
        }
    }

    /// Ready to look through texts; `None` of other tables.
    pub fn vetting(&self) -> Option<Vetting> {
        let Self::Words(rows, innocent) = self else { return None };
        let entries = rows.iter().map(|((lang, word), (severity, kind))| Entry {
            word: word.clone(),
            lang: *lang,
            severity: *severity,
            kind: kind.clone(),
        });
        Some(Vetting::new(entries.collect(), &innocent.iter().map(String::as_str).collect::<Vec<_>>()))
    }
}

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap_or(Currency::Usd)
}

/// How one line of a comparison differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of what: the cells that name the row.
    pub what: String,
    /// What it said; `None` = it was not there.
    pub before: Option<String>,
    /// What it says; `None` = it is gone.
    pub after: Option<String>,
}

/// What differs between two contents, in the order of names.
pub fn differences(before: &Content, after: &Content) -> Vec<Difference> {
    let (mut was, is) = (before.entries(), after.entries());
    let mut out: Vec<Difference> = is
        .into_iter()
        .filter_map(|(what, now)| {
            let before = was.remove(&what);
            (before.as_ref() != Some(&now)).then_some(Difference { what, before, after: Some(now) })
        })
        .collect();
    out.extend(was.into_iter().map(|(what, before)| Difference { what, before: Some(before), after: None }));
    out.sort_by(|a, b| a.what.cmp(&b.what));
    out
}
