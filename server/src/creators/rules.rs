//! Creators: what a profile may hold, when it is complete, who is how large, who wears the badge, who may do what. Pure.

use entity::{
    creator,
    enums::{CreatorKind, LinkState, Locale, Network},
    json::Words,
    network_link,
};

use super::places::{COUNTRIES, PREFECTURES};
use crate::{
    base::{text, topics::ONTOLOGY},
    error::{Check, Code, Result, Wrong},
};

/// How long a display name may be.
pub const NAME: usize = 80;
/// How long an introduction may be, in each language.
pub const INTRO: usize = 2000;
/// How many skills of interest there may be (K37).
pub const SKILLS: usize = 20;
/// How many past collaborations a portfolio may hold.
pub const PORTFOLIO: usize = 60;
/// For how many hours something deleted can be brought back.
pub const UNDO_HOURS: i64 = 24;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident as $graphql:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
        #[graphql(name = $graphql)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }
        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// The text in rows, addresses and message keys.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(()) }
            }
        }
    )*};
}

words! {
    /// What most of a creator's posts are about (K32). The list is ours.
    Category as "CreatorCategory" {
        /// Fashion
        Fashion = "fashion",
        /// Beauty and cosmetics
        Beauty = "beauty",
        /// Lifestyle
        Lifestyle = "lifestyle",
        /// Food and cooking
        Food = "food",
        /// Travel
        Travel = "travel",
        /// Family and parenting
        Family = "family",
        /// Home and interior
        HomeLiving = "home_living",
        /// Fitness and training
        Fitness = "fitness",
        /// Health and well-being
        Health = "health",
        /// Sports
        Sports = "sports",
        /// Outdoors and nature
        Outdoors = "outdoors",
        /// Games
        Games = "games",
        /// Music and dance
        Music = "music",
        /// Film, TV and animation
        FilmTv = "film_tv",
        /// Comedy and entertainment
        Comedy = "comedy",
        /// Art and design
        ArtDesign = "art_design",
        /// Photography
        Photography = "photography",
        /// DIY and crafts
        DiyCrafts = "diy_crafts",
        /// Books and writing
        Books = "books",
        /// Education and science
        Education = "education",
        /// Technology and gadgets
        Technology = "technology",
        /// Business and careers
        Business = "business",
        /// Money and finance
        Finance = "finance",
        /// Cars and motorcycles
        Cars = "cars",
        /// Animals and pets
        Animals = "animals",
        /// News and society
        NewsSociety = "news_society",
    }
    /// How large an audience is (M4). Figures of different networks are no rank of each other.
    Tier as "Tier" {
        /// 500 to 4,999 followers
        Nano = "nano",
        /// 5,000 to 29,999 followers
        Micro = "micro",
        /// 30,000 to 499,999 followers
        Macro = "macro",
        /// 500,000 followers and more
        Mega = "mega",
    }
    /// A part of a profile that can be filled in (K38).
    Item as "CompletenessItemKey" {
        /// The account itself
        Account = "account",
        /// At least one linked network
        Network = "network",
        /// An introduction in at least one language
        Intro = "intro",
        /// A picture
        Picture = "picture",
        /// The main category
        Category = "category",
        /// At least one price line
        Offering = "offering",
        /// Skills of interest
        Skills = "skills",
        /// Country of residence
        Country = "country",
        /// A past collaboration
        Portfolio = "portfolio",
    }
    /// What the caller may do with a creator's profile now.
    CreatorAction as "CreatorAction" {
        /// `creatorEdit`, pictures and portfolio: the creator itself
        Edit = "edit",
        /// `creatorVet`: an admin, while the badge was not given by hand
        Vet = "vet",
        /// `creatorUnvet`: an admin, once it was
        Unvet = "unvet",
    }
    /// What the creator may do with a line of a list now.
    LineAction as "LineAction" {
        /// Change it
        Edit = "edit",
        /// Delete it
        Delete = "delete",
        /// Bring it back, within 24 hours of deleting it
        Restore = "restore",
    }
    /// What the organisation has had to do with a creator.
    History as "CreatorHistory" {
        /// Put on a shortlist, invited, or in: whatever came of it
        Any = "any",
        /// In a campaign, now or once
        Joined = "joined",
    }
    /// The order of a list of creators.
    Order as "CreatorOrder" {
        /// The largest audience first; unknown ones last
        Followers = "followers",
        /// The highest influence score from public counters first; those without one last
        Score = "score",
        /// The largest True Reach from public counters first; unknown ones last
        TrueReach = "true_reach",
        /// The highest engagement by followers on the largest account first; unknown ones last
        Engagement = "engagement",
        /// By name, folded for width and kana
        Name = "name",
        /// The newest profile first
        Newest = "newest",
    }
}

impl Tier {
    /// The fewest followers of the tier, and the fewest of the next one.
    pub const fn bounds(self) -> (i64, Option<i64>) {
        match self {
            Self::Nano => (500, Some(5_000)),
            Self::Micro => (5_000, Some(30_000)),
            Self::Macro => (30_000, Some(500_000)),
            Self::Mega => (500_000, None),
        }
    }
}

/// The tier of an audience; none below 500.
pub fn tier(followers: i64) -> Option<Tier> {
    Tier::ALL.iter().rev().copied().find(|tier| followers >= tier.bounds().0)
}

/// Whether the verified badge is shown (K24): an admin gave it by hand, or the creator is registered and one of their accounts is proven.
pub fn badge(creator: &creator::Model, links: &[network_link::Model]) -> bool {
    let proven = || links.iter().any(|link| link.creator_id == creator.id && link.state == LinkState::Verified);
    creator.vetted_at.is_some() || (creator.user_id.is_some() && proven())
}

/// The introduction in the reader's language, else in the other, and which of them it is.
pub fn introduction(creator: &creator::Model, locale: Locale) -> (&str, Locale) {
    let (own, other, fallback) = match locale {
        Locale::En => (&creator.intro_en, &creator.intro_ja, Locale::Ja),
        Locale::Ja => (&creator.intro_ja, &creator.intro_en, Locale::En),
    };
    if own.is_empty() && !other.is_empty() { (other, fallback) } else { (own, locale) }
}

/// What a profile shows of itself beside its row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Linked networks, whether proven or declared.
    pub networks: usize,
    /// Price lines.
    pub offerings: usize,
    /// Past collaborations.
    pub portfolio: usize,
}

/// A part of a profile and whether it is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which.
    pub key: Item,
    /// Whether it is there.
    pub done: bool,
    /// Needed to be invited at all; the others make an invitation likelier.
    pub required: bool,
    /// How much of the whole it is, in percent.
    pub weight: u8,
}

/// How complete a profile is (K38).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// 0 to 100.
    pub percent: u8,
    /// Every part, the required ones first.
    pub parts: Vec<Part>,
}

/// Reads it off a profile.
pub fn completeness(creator: &creator::Model, counts: Counts) -> Completeness {
    let part = |key, required, weight, done| Part { key, done, required, weight };
    let parts = vec![
        part(Item::Account, true, 20, creator.user_id.is_some()),
        part(Item::Network, true, 20, counts.networks > 0),
        part(Item::Intro, false, 15, !creator.intro_en.is_empty() || !creator.intro_ja.is_empty()),
        part(Item::Picture, false, 10, creator.picture().is_some()),
        part(Item::Category, false, 10, !creator.main_category.is_empty()),
        part(Item::Offering, false, 10, counts.offerings > 0),
        part(Item::Skills, false, 5, !creator.skills.0.is_empty()),
        part(Item::Country, false, 5, !creator.country.is_empty()),
        part(Item::Portfolio, false, 5, counts.portfolio > 0),
    ];
    let percent = parts.iter().filter(|p| p.done).map(|p| p.weight).sum();
    Completeness { percent, parts }
}

/// A profile as it was typed, read and found fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name that brands see.
    pub display_name: String,
    /// How it is read, in kana; never shown to brands.
    pub kana: String,
    /// The introduction in English.
    pub intro_en: String,
    /// The introduction in Japanese.
    pub intro_ja: String,
    /// A category's text; empty while unset.
    pub main_category: String,
    /// Skills of interest.
    pub skills: Words,
    /// What kind of influencer.
    pub kind: CreatorKind,
    /// ISO 3166-1 alpha-2, empty while unknown.
    pub country: String,
    /// One of Japan's prefectures, only with the country JP; never shown to brands.
    pub prefecture: String,
}

/// A profile as weak strings; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// At most 80 characters.
    pub display_name: Option<String>,
    /// At most 80 characters.
    pub kana: Option<String>,
    /// At most 2,000 characters.
    pub intro_en: Option<String>,
    /// At most 2,000 characters.
    pub intro_ja: Option<String>,
    /// A [`Category`]; empty = unset.
    pub main_category: Option<String>,
    /// Each at most 60 characters, at most 20 of them.
    pub skills: Option<Vec<String>>,
    /// A [`CreatorKind`].
    pub kind: Option<String>,
    /// Two letters; empty = unknown.
    pub country: Option<String>,
    /// One of [`PREFECTURES`]; empty = unknown.
    pub prefecture: Option<String>,
}

/// Reads what was typed over what is there. All problems come at once.
pub fn profile(now: &creator::Model, typed: Typed) -> Result<Profile> {
    fn read<T>(
        check: &mut Check,
        field: &'static str,
        typed: Option<String>,
        now: T,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        check.take(field, typed.map_or(Ok(now), |text| parse(&text)))
    }
    let mut check = Check::default();
    let display_name = read(&mut check, "display_name", typed.display_name, now.display_name.clone(), |t| text::line(t, NAME));
    let kana = read(&mut check, "kana", typed.kana, now.kana.clone(), kana);
    let intro_en = read(&mut check, "intro_en", typed.intro_en, now.intro_en.clone(), |t| text::optional_body(t, INTRO));
    let intro_ja = read(&mut check, "intro_ja", typed.intro_ja, now.intro_ja.clone(), |t| text::optional_body(t, INTRO));
    let main_category = read(&mut check, "main_category", typed.main_category, now.main_category.clone(), optional_category);
    let skills = check.take("skills", typed.skills.map_or(Ok(now.skills.clone()), |list| skills(&list)));
    let kind = read(&mut check, "kind", typed.kind, now.kind, text::choice);
    let country = read(&mut check, "country", typed.country, now.country.clone(), country);
    let prefecture = read(&mut check, "prefecture", typed.prefecture, now.prefecture.clone(), optional_prefecture);
    let (display_name, kana, intro_en, intro_ja, main_category, skills, kind, country, prefecture) =
        check.all((display_name, kana, intro_en, intro_ja, main_category, skills, kind, country, prefecture))?;
    // Whoever moves abroad leaves the prefecture behind.
    let prefecture = if country == "JP" { prefecture } else { String::new() };
    Ok(Profile { display_name, kana, intro_en, intro_ja, main_category, skills, kind, country, prefecture })
}

/// A country of ISO 3166-1, or none.
pub fn country(typed: &str) -> Result<String, Wrong> {
    let code = text::optional_country(typed)?;
    if code.is_empty() || COUNTRIES.contains(&code.as_str()) { Ok(code) } else { Err(Wrong::new(Code::Invalid, "base.problem.country")) }
}

fn optional_prefecture(typed: &str) -> Result<String, Wrong> {
    let typed = typed.trim();
    if typed.is_empty() || PREFECTURES.contains(&typed) {
        Ok(typed.to_owned())
    } else {
        Err(Wrong::new(Code::Invalid, "base.problem.choice"))
    }
}

fn optional_category(typed: &str) -> Result<String, Wrong> {
    match typed.trim() {
        "" => Ok(String::new()),
        text => text::choice::<Category>(text).map(|c| c.as_str().to_owned()),
    }
}

/// How a name is read: hiragana is taken for katakana, half-width for full-width.
fn kana(typed: &str) -> Result<String, Wrong> {
    let folded: String = text::fold_width(&text::optional_line(typed, NAME)?)
        .chars()
        .map(|c| match c {
            'ぁ'..='ゖ' => char::from_u32(c as u32 + 0x60).unwrap_or(c),
            c => c,
        })
        .collect();
    let fine = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー' | '・' | ' ' | '゛' | '゜');
    if folded.chars().all(fine) { Ok(folded) } else { Err(Wrong::new(Code::Invalid, "creators.problem.kana")) }
}

fn skills(typed: &[String]) -> Result<Words, Wrong> {
    text::words(&typed.join("\n"), SKILLS).map(Words)
}

/// A past collaboration as weak strings.
#[derive(Clone, Debug, Default)]
pub struct TypedItem {
    /// Whose post it was; at most 80 characters.
    pub brand_name: String,
    /// What it was; at most 120 characters.
    pub title: String,
    /// Where it can be seen; empty = nowhere.
    pub url: String,
    /// The day, `2026-11-23`; empty = unknown.
    pub published_on: String,
    /// At most 500 characters.
    pub note: String,
}

/// A past collaboration, read and found fine (K33).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastWork {
    /// Whose post it was.
    pub brand_name: String,
    /// What it was.
    pub title: String,
    /// Where it can be seen.
    pub url: String,
    /// The day.
    pub published_on: Option<chrono::NaiveDate>,
    /// More words.
    pub note: String,
}

/// Reads a past collaboration. One that is yet to come is none.
pub fn past_work(typed: &TypedItem, today: chrono::NaiveDate) -> Result<PastWork> {
    let mut check = Check::default();
    let brand_name = check.take("brand_name", text::line(&typed.brand_name, 80));
    let title = check.take("title", text::line(&typed.title, 120));
    let url = check.take("url", text::optional_web_url(&typed.url));
    let published_on = check.take("published_on", text::optional_day(&typed.published_on));
    // A day's grace for those whose day has begun already.
    let past = published_on.flatten().is_none_or(|day| day <= today.succ_opt().unwrap_or(today));
    check.that("published_on", past, || Wrong::new(Code::Invalid, "creators.problem.future"));
    let note = check.take("note", text::optional_body(&typed.note, 500));
    let (brand_name, title, url, published_on, note) = check.all((brand_name, title, url, published_on, note))?;
    Ok(PastWork { brand_name, title, url, published_on, note })
}

/// What the creator may do with a line that was deleted then, or lives.
pub fn line_actions(deleted_at: Option<chrono::DateTime<chrono::Utc>>, now: chrono::DateTime<chrono::Utc>) -> Vec<LineAction> {
    match deleted_at {
        None => vec![LineAction::Edit, LineAction::Delete],
        Some(at) if now - at < chrono::Duration::hours(UNDO_HOURS) => vec![LineAction::Restore],
        Some(_) => Vec::new(),
    }
}

/// What an admin may do with a profile.
pub fn admin_action(creator: &creator::Model) -> CreatorAction {
    if creator.vetted_at.is_some() { CreatorAction::Unvet } else { CreatorAction::Vet }
}

/// A filter as weak strings; empty = everything.
#[derive(Clone, Debug, Default)]
pub struct TypedFilter {
    /// Part of a name or handle.
    pub q: String,
    /// A network.
    pub network: String,
    /// A tier; narrows like `min` and `max`.
    pub tier: String,
    /// The fewest followers: `5000`, `5K`, `3万`.
    pub min: String,
    /// The most followers.
    pub max: String,
    /// The lowest influence score, 0 to 100.
    pub score: String,
    /// The smallest True Reach, as `min` is written.
    pub reach: String,
    /// The lowest engagement by followers, in per cent: `1.5`.
    pub engagement: String,
    /// A category.
    pub category: String,
    /// A topic of publications: an id or a name in any language.
    pub topic: String,
    /// Two letters.
    pub country: String,
    /// Only people who are registered (K25).
    pub registered: bool,
    /// Only those who wear the badge (K24).
    pub verified: bool,
    /// Without those of whom nothing is known but that the organisation wrote to them.
    pub listed: bool,
    /// A [`History`] with the reader's organisation; empty = whether there is any or not.
    pub history: String,
    /// An [`Order`]; empty = by followers.
    pub sort: String,
}

/// Which creators are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Part of a name, folded; empty = any.
    pub name: String,
    /// Part of a handle, folded; empty = any.
    pub handle: String,
    /// With an account on it; followers are counted there only.
    pub network: Option<Network>,
    /// At least so many followers on one account.
    pub min: Option<i64>,
    /// At most so many.
    pub max: Option<i64>,
    /// At least this influence score, in tenths.
    pub score: Option<i64>,
    /// At least so much True Reach.
    pub reach: Option<i64>,
    /// At least this engagement, in hundredths of a per cent.
    pub engagement: Option<i64>,
    /// The main category.
    pub category: Option<Category>,
    /// What their publications are about: a topic's id; empty = anything.
    pub topic: String,
    /// Two letters; empty = any.
    pub country: String,
    /// Only people who are registered.
    pub registered: bool,
    /// Only those who wear the badge.
    pub verified: bool,
    /// Without those of whom nothing is known but that the organisation wrote to them.
    pub listed: bool,
    /// Only those with such a history with the reader's organisation.
    pub history: Option<History>,
    /// In which order.
    pub order: Option<Order>,
}

impl Filter {
    /// In which order.
    pub fn order(&self) -> Order {
        self.order.unwrap_or(Order::Followers)
    }
}

/// What is looked for: of a profile's address its handle.
fn needle(q: &str) -> String {
    let q = q.trim();
    let of = |network: connectors::Network| network.normalise_handle(q).ok().map(|handle| handle.text().to_owned());
    let handle = || connectors::Network::ALL.iter().find_map(|network| of(*network));
    let is_address = q.contains('/') && q.contains('.') && !q.contains(char::is_whitespace);
    let found = if is_address { handle() } else { None };
    found.unwrap_or_else(|| q.to_owned()).trim_start_matches('@').to_owned()
}

/// The id of a topic; empty for none.
fn topic(text: &str) -> Result<String, Wrong> {
    let text = text::optional_line(text, 60)?;
    let found = || ONTOLOGY.topics().get(ONTOLOGY.called(&text)?).map(|topic| topic.id.clone());
    if text.is_empty() { Ok(String::new()) } else { found().ok_or_else(|| Wrong::new(Code::Invalid, "creators.problem.topic")) }
}

/// Reads a filter.
pub fn filter(typed: &TypedFilter) -> Result<Filter> {
    fn optional<T: std::str::FromStr>(text: &str) -> Result<Option<T>, Wrong> {
        if text.trim().is_empty() { Ok(None) } else { text::choice(text).map(Some) }
    }
    let number = |text: &str| if text.trim().is_empty() { Ok(None) } else { count(text).map(Some) };
    let mut check = Check::default();
    let q = check.take("q", text::optional_line(&typed.q, 100));
    let network = check.take("network", optional(&typed.network));
    let tier = check.take("tier", optional::<Tier>(&typed.tier));
    let min = check.take("min", number(&typed.min));
    let max = check.take("max", number(&typed.max));
    check.that("min", min.flatten().zip(max.flatten()).is_none_or(|(min, max)| min <= max), || {
        Wrong::new(Code::Invalid, "creators.problem.min_max")
    });
    let score = check.take("score", decimal(&typed.score, 10, 100));
    let reach = check.take("reach", number(&typed.reach));
    let engagement = check.take("engagement", decimal(&typed.engagement, 100, 1_000));
    let category = check.take("category", optional(&typed.category));
    let topic = check.take("topic", topic(&typed.topic));
    let country = check.take("country", country(&typed.country));
    let history = check.take("history", optional(&typed.history));
    let order = check.take("sort", optional(&typed.sort));
    let (q, network, tier, min, max, score, reach, engagement, category, topic, country, (history, order)) =
        check.all((q, network, tier, min, max, score, reach, engagement, category, topic, country, history.zip(order)))?;
    let bounds = tier.map(Tier::bounds);
    let min = min.max(bounds.map(|(from, _)| from));
    let below = bounds.and_then(|(_, next)| next).map(|next| next - 1);
    let max = [max, below].into_iter().flatten().min();
    let q = needle(&q);
    Ok(Filter {
        name: text::search_key(&q),
        handle: text::fold_width(&q).to_lowercase(),
        network,
        min,
        max,
        score,
        reach,
        engagement,
        category,
        topic,
        country,
        registered: typed.registered,
        verified: typed.verified,
        listed: typed.listed,
        history,
        order,
    })
}

/// A number from 0 to `most` with decimals, in parts of one: `68.5` in tenths is 685. None where nothing was typed.
fn decimal(text: &str, parts: i64, most: i64) -> Result<Option<i64>, Wrong> {
    let folded = text::fold_width(text.trim());
    let digits = folded.trim_end_matches('%').trim();
    if digits.is_empty() {
        return Ok(None);
    }
    let fine = digits.len() <= 20 && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value = digits.parse::<f64>().ok().filter(|n| fine && (0.0..=most as f64).contains(n));
    value.map(|n| Some((n * parts as f64).round() as i64)).ok_or_else(|| Wrong::new(Code::Invalid, "creators.problem.decimal"))
}

/// A count as people and lists write it: `64,600`, `64600.0`, `64.6K`, `3.1M`, `4.8万`. Never negative, never a part of one.
pub fn count(text: &str) -> Result<i64, Wrong> {
    figure(text).and_then(|(count, exact)| if exact { Ok(count) } else { Err(Wrong::new(Code::Invalid, "creators.problem.count")) })
}

/// As [`count`], but an average may fall between two whole numbers: it is rounded, half up.
pub fn average(text: &str) -> Result<i64, Wrong> {
    figure(text).map(|(count, _)| count)
}

fn figure(text: &str) -> Result<(i64, bool), Wrong> {
    let wrong = || Wrong::new(Code::Invalid, "creators.problem.count");
    let folded = text::fold_width(text.trim());
    let (digits, unit) = match folded.char_indices().last() {
        Some((at, last)) => match last {
            'k' | 'K' | '千' => (&folded[..at], 1_000_i128),
            '万' => (&folded[..at], 10_000),
            'm' | 'M' => (&folded[..at], 1_000_000),
            '億' => (&folded[..at], 100_000_000),
            'b' | 'B' => (&folded[..at], 1_000_000_000),
            _ => (folded.as_str(), 1),
        },
        None => return Err(Wrong::required()),
    };
    let cleaned: String = digits.chars().filter(|c| !matches!(c, ',' | ' ' | '_')).collect();
    let (whole, part) = cleaned.split_once('.').unwrap_or((&cleaned, ""));
    let plain = |s: &str| s.len() <= 15 && s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) {
        return Err(wrong());
    }
    let scale = 10_i128.pow(u32::try_from(part.len()).map_err(|_| wrong())?);
    let scaled = format!("{whole}{part}").parse::<i128>().map_err(|_| wrong())? * unit;
    // Nothing has more followers than there are people, and nothing more views than a million times that.
    let rounded = (scaled * 2 + scale) / (scale * 2);
    let count = i64::try_from(rounded).ok().filter(|n| *n <= 10_000_000_000_000_000).ok_or_else(wrong)?;
    Ok((count, scaled % scale == 0))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, NaiveDate, Utc};
    use entity::{
        enums::{CreatorSource, LinkMethod},
        ids::{AccountId, CreatorId, NetworkLinkId, UserId},
    };
    use proptest::prelude::*;
    use sea_orm::prelude::Uuid;

    use super::*;
    use crate::error::Error;

    fn someone() -> creator::Model {
        creator::Model::bare(CreatorId(Uuid::from_u128(1)), "Hana", "hana".into(), CreatorSource::Imported, DateTime::UNIX_EPOCH)
    }

    fn link(state: LinkState, creator: u128) -> network_link::Model {
        let whose = (AccountId(Uuid::from_u128(3)), CreatorId(Uuid::from_u128(creator)));
        network_link::Model::bare(NetworkLinkId(Uuid::from_u128(2)), whose, LinkMethod::Oauth, state, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn tiers_begin_where_they_say() {
        let at = |n| tier(n).map(Tier::as_str);
        assert_eq!(
            [0, 499, 500, 4_999, 5_000, 29_999, 30_000, 499_999, 500_000].map(at),
            [None, None, Some("nano"), Some("nano"), Some("micro"), Some("micro"), Some("macro"), Some("macro"), Some("mega")]
        );
    }

    #[test]
    fn a_profiles_address_is_looked_for_by_its_handle() {
        let handle = |q: &str| filter(&TypedFilter { q: q.into(), ..TypedFilter::default() }).unwrap().handle;
        for q in ["@hana.tea", "https://www.instagram.com/hana.tea/?hl=ja", "instagram.com/hana.tea", "https://www.tiktok.com/@hana.tea"] {
            assert_eq!(handle(q), "hana.tea", "{q}");
        }
        assert_eq!(handle("さくら コスメ 1/2.5"), "さくら コスメ 1/2.5", "not every stroke makes an address");
    }

    #[test]
    fn the_badge_needs_a_person_and_a_proof_or_an_admin() {
        let registered = creator::Model { user_id: Some(UserId(Uuid::from_u128(9))), ..someone() };
        assert!(badge(&registered, &[link(LinkState::Verified, 1)]));
        assert!(!badge(&registered, &[link(LinkState::Declared, 1), link(LinkState::Revoked, 1)]));
        assert!(!badge(&registered, &[link(LinkState::Verified, 7)]), "somebody else's account");
        assert!(!badge(&someone(), &[link(LinkState::Verified, 1)]), "nobody has claimed the profile");
        assert!(badge(&creator::Model { vetted_at: Some(DateTime::UNIX_EPOCH), ..someone() }, &[]));
    }

    #[test]
    fn completeness_adds_up() {
        let empty = completeness(&someone(), Counts::default());
        assert_eq!(empty.percent, 0);
        assert_eq!(empty.parts.iter().map(|p| u32::from(p.weight)).sum::<u32>(), 100);
        assert_eq!(empty.parts.len(), Item::ALL.len());
        let full = creator::Model {
            user_id: Some(UserId(Uuid::from_u128(9))),
            intro_ja: "はじめまして".into(),
            main_category: "food".into(),
            skills: Words(vec!["baking".into()]),
            picture_id: Some(entity::ids::UploadId(Uuid::from_u128(4))),
            country: "JP".into(),
            ..someone()
        };
        assert_eq!(completeness(&full, Counts { networks: 1, offerings: 1, portfolio: 1 }).percent, 100);
    }

    #[test]
    fn a_profile_says_all_that_is_wrong_at_once() {
        let typed = Typed {
            display_name: Some(" ".into()),
            kana: Some("hana".into()),
            intro_ja: Some("あ".repeat(INTRO + 1)),
            main_category: Some("cooking".into()),
            skills: Some((0..=SKILLS).map(|n| n.to_string()).collect()),
            kind: Some("robot".into()),
            country: Some("ZZ".into()),
            prefecture: Some("Tokyo".into()),
            ..Typed::default()
        };
        let Err(Error::User(problems)) = profile(&someone(), typed) else { panic!() };
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_ref()).collect();
        assert_eq!(fields, ["display_name", "kana", "intro_ja", "main_category", "skills", "kind", "country", "prefecture"]);
    }

    #[test]
    fn what_is_absent_stays_and_the_prefecture_follows_the_country() {
        let typed = |country: &str| Typed {
            kana: Some("はな ｶﾌｪ".into()),
            country: Some(country.into()),
            prefecture: Some("kyoto".into()),
            ..Typed::default()
        };
        let read = profile(&someone(), typed("jp")).unwrap();
        assert_eq!((read.display_name.as_str(), read.kana.as_str()), ("Hana", "ハナ カフェ"));
        assert_eq!((read.country.as_str(), read.prefecture.as_str()), ("JP", "kyoto"));
        assert_eq!(profile(&someone(), typed("FR")).unwrap().prefecture, "");
    }

    #[test]
    fn past_work_is_past() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let typed =
            |day: &str| TypedItem { brand_name: "Acme".into(), title: "Tea".into(), published_on: day.into(), ..TypedItem::default() };
        assert!(past_work(&typed("2026-11-23"), today).is_ok());
        assert!(past_work(&typed(""), today).is_ok());
        assert!(past_work(&typed("2026-12-01"), today).is_err());
    }

    #[test]
    fn what_is_deleted_comes_back_for_a_day() {
        let now: DateTime<Utc> = DateTime::UNIX_EPOCH + Duration::days(9);
        assert_eq!(line_actions(None, now), [LineAction::Edit, LineAction::Delete]);
        assert_eq!(line_actions(Some(now - Duration::hours(23)), now), [LineAction::Restore]);
        assert_eq!(line_actions(Some(now - Duration::hours(24)), now), []);
    }

    #[test]
    fn counts_as_lists_write_them() {
        for (text, n) in [
            ("64,600", 64_600),
            ("64600.0", 64_600),
            ("64.6K", 64_600),
            ("3.1m", 3_100_000),
            ("４．８万", 48_000),
            ("1.2億", 120_000_000),
            ("0", 0),
        ] {
            assert_eq!(count(text), Ok(n), "{text}");
        }
        for bad in ["", "-1", "1.5", "many", "N/A", "1e9", "9999999999999999K", "1.2.3", ".5"] {
            assert!(count(bad).is_err(), "{bad}");
        }
        assert_eq!(average("1.5"), Ok(2));
        assert_eq!(average("1.4"), Ok(1));
    }

    #[test]
    fn a_tier_narrows_the_follower_range() {
        let read = filter(&TypedFilter {
            tier: "micro".into(),
            min: "1K".into(),
            max: "9千".into(),
            q: "@Ｈａｎａ".into(),
            ..TypedFilter::default()
        })
        .unwrap();
        assert_eq!((read.min, read.max), (Some(5_000), Some(9_000)));
        assert_eq!((read.name.as_str(), read.handle.as_str()), ("hana", "hana"));
        assert_eq!(filter(&TypedFilter { tier: "mega".into(), ..TypedFilter::default() }).unwrap().max, None);
        assert!(filter(&TypedFilter { sort: "luck".into(), ..TypedFilter::default() }).is_err());
    }

    #[test]
    fn scores_and_rates_are_read_in_parts() {
        let read =
            filter(&TypedFilter { score: "６８.5".into(), engagement: "1.5%".into(), reach: "3.2K".into(), ..TypedFilter::default() })
                .unwrap();
        assert_eq!((read.score, read.engagement, read.reach), (Some(685), Some(150), Some(3_200)));
        for bad in ["-1", "101", "1e1", "abc", "1.2.3"] {
            assert!(filter(&TypedFilter { score: bad.into(), ..TypedFilter::default() }).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(text in "\\PC{0,60}|[\\x00-\\x7f]{0,60}|[0-9.,KMB万億]{0,20}") {
            let _ = (count(&text), average(&text), kana(&text), country(&text));
            if let Ok(n) = count(&text) {
                prop_assert!(n >= 0);
            }
        }

        #[test]
        fn plain_counts_read_back(n in 0_i64..1_000_000_000_000) {
            prop_assert_eq!(count(&n.to_string()), Ok(n));
            prop_assert_eq!(count(&crate::base::lang::grouped(n)), Ok(n));
        }
    }
}
