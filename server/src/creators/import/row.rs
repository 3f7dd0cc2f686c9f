//! Reads one row of a list. Pure.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use csv::StringRecord;
use entity::enums::Network;

use super::{
    super::{
        places::COUNTRIES,
        rules::{self, Category},
    },
    mapping::{Columns, Field},
};
use crate::{
    base::{
        lang::{Lang, Locale},
        text,
    },
    error::{Check, Code, Result, Wrong},
};

/// A row, read and found fine.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its line in the file.
    pub line: u64,
    /// The network.
    pub network: Network,
    /// The account's name there.
    pub handle: Named,
    /// The network's own id.
    pub external_id: Option<String>,
    /// What the account is called; never empty.
    pub name: String,
    /// Followers; none = unknown.
    pub followers: Option<i64>,
    /// Accounts that it follows; none = unknown.
    pub following: Option<i64>,
    /// Posts; none = unknown.
    pub posts: Option<i64>,
    /// The main category, if the list's word for it is one of ours.
    pub category: Option<Category>,
    /// ISO 3166-1 alpha-2, empty while unknown.
    pub country: String,
    /// The instant for which the figures hold.
    pub captured_at: DateTime<Utc>,
    /// The list, and its own word for a vague date.
    pub label: String,
    /// Everything else that the row knows.
    pub data: serde_json::Value,
}

impl Row {
    /// The account, for the report.
    pub fn named(&self) -> String {
        format!("{} {}", self.network, self.handle.text)
    }
}

/// An account's name on its network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As shown.
    pub text: String,
    /// Folded; unique with the network.
    pub key: String,
    /// Its public page; empty where the list knows no more than a title.
    pub url: String,
}

/// Reads a row. All that is wrong with it comes at once.
pub fn read(columns: &Columns, record: &StringRecord, line: u64, list: &str, now: DateTime<Utc>, countries: &Countries) -> Result<Row> {
    let text = |field| columns.text(record, field);
    let mut check = Check::default();
    let network = check.take("network", network(text(Field::Network)));
    let handle = network.and_then(|network| check.take("handle", named(network, text(Field::Handle))));
    let external_id = check.take("external_id", text::optional_line(text(Field::ExternalId), 100));
    let followers = check.take("followers", count(text(Field::Followers)));
    let following = check.take("following", count(text(Field::Following)));
    let posts = check.take("posts", count(text(Field::Posts)));
    let date = check.take("date", instant(text(Field::Date), now));
    let (network, handle, external_id, followers, following, posts, (captured_at, vague)) =
        check.all((network, handle, external_id, followers, following, posts, date))?;
    let name = one_line(text(Field::Name), rules::NAME);
    Ok(Row {
        line,
        network,
        name: if name.is_empty() { one_line(&handle.text, rules::NAME) } else { name },
        handle,
        external_id: Some(external_id).filter(|id| !id.is_empty()),
        followers,
        following,
        posts,
        category: category(text(Field::Category)),
        country: countries.code(text(Field::Country)).unwrap_or_default().to_owned(),
        captured_at,
        label: if vague { format!("{list} ({})", one_line(text(Field::Date), 40)) } else { list.to_owned() },
        data: columns.rest(record).map(|(name, text)| (name.to_owned(), value(text))).collect::<serde_json::Map<_, _>>().into(),
    })
}

/// One line of at most `most` characters; longer ones are cut, since nobody is there to shorten them.
fn one_line(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.trim().chars().take(most).collect::<String>().trim_end().to_owned()
}

fn network(typed: &str) -> Result<Network, Wrong> {
    match typed.to_lowercase().as_str() {
        "twitter" => Ok(Network::X),
        other => text::choice(other),
    }
}

/// A handle, or on YouTube the title of a channel: lists often know no more. A title is kept in quotes in the key, where no handle can be.
fn named(network: Network, typed: &str) -> Result<Named, Wrong> {
    let wrong = |key| Wrong::new(Code::Invalid, key);
    let known: connectors::Network = network.as_str().parse().map_err(|_| wrong("creators.import.problem.handle"))?;
    if typed.is_empty() {
        return Err(Wrong::required());
    }
    match known.normalise_handle(typed) {
        Ok(handle) => Ok(Named { text: handle.text().to_owned(), key: handle.key().to_owned(), url: handle.url().into() }),
        Err(_) if network == Network::Youtube && !typed.contains("://") => {
            let title = one_line(typed, 100);
            let folded = text::search_key(&title).split_whitespace().collect::<Vec<_>>().join(" ");
            if folded.is_empty() {
                Err(wrong("creators.import.problem.handle"))
            } else {
                Ok(Named { key: format!("\"{folded}\""), text: title, url: String::new() })
            }
        }
        Err(_) => Err(wrong("creators.import.problem.handle")),
    }
}

fn count(text: &str) -> Result<Option<i64>, Wrong> {
    if text.is_empty() { Ok(None) } else { rules::count(text).map(Some) }
}

/// A figure as a number, everything else as a short text.
fn value(text: &str) -> serde_json::Value {
    if let Ok(n) = rules::count(text) {
        return n.into();
    }
    match text.parse::<f64>() {
        Ok(n) if n.is_finite() => n.into(),
        _ => one_line(text, 200).into(),
    }
}

/// A day, a month (its first day), a year, or a vague part of a year (the year's first day, and true). Nothing = today.
fn instant(typed: &str, now: DateTime<Utc>) -> Result<(DateTime<Utc>, bool), Wrong> {
    let wrong = || Wrong::new(Code::Invalid, "creators.import.problem.date");
    let typed = text::fold_width(typed).replace('/', "-");
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (at, vague) = if typed.is_empty() {
        (midnight(now.date_naive()), false)
    } else if let Ok(at) = DateTime::parse_from_rfc3339(&typed) {
        (at.to_utc(), false)
    } else if let Ok(day) = NaiveDate::parse_from_str(&typed, "%Y-%m-%d") {
        (midnight(day), false)
    } else if let Ok(day) = NaiveDate::parse_from_str(&format!("{typed}-01"), "%Y-%m-%d") {
        (midnight(day), false)
    } else {
        let (year, part) = typed.split_once('-').unwrap_or((&typed, ""));
        let vague = !part.is_empty();
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) || !part.chars().all(char::is_alphabetic) {
            return Err(wrong());
        }
        let first = year.parse().ok().and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1)).ok_or_else(wrong)?;
        (midnight(first), vague)
    };
    let plausible = NaiveDate::from_ymd_opt(1990, 1, 1).is_some_and(|first| at.date_naive() >= first) && at <= now + Duration::days(1);
    if plausible { Ok((at, vague)) } else { Err(wrong()) }
}

/// Countries by code and by name in both languages.
pub struct Countries(HashMap<String, &'static str>);

impl Countries {
    /// Reads the names once.
    pub fn new() -> Self {
        let mut all = HashMap::new();
        for &code in COUNTRIES {
            for locale in [Locale::En, Locale::Ja] {
                all.insert(locale.name("country", code).as_str().to_lowercase(), code);
            }
            all.insert(code.to_lowercase(), code);
        }
        Self(all)
    }

    fn code(&self, text: &str) -> Option<&'static str> {
        self.0.get(text.trim().to_lowercase().as_str()).copied()
    }
}

impl Default for Countries {
    fn default() -> Self {
        Self::new()
    }
}

/// Words of lists and what they are to us, the more telling first.
const WORDS: &[(&str, Category)] = &[
    ("outdoor", Category::Outdoors),
    ("nature", Category::Outdoors),
    ("landscapes", Category::Outdoors),
    ("racing", Category::Cars),
    ("cars", Category::Cars),
    ("autos", Category::Cars),
    ("motorbikes", Category::Cars),
    ("games", Category::Games),
    ("gaming", Category::Games),
    ("fitness", Category::Fitness),
    ("gym", Category::Fitness),
    ("sports", Category::Sports),
    ("sport", Category::Sports),
    ("music", Category::Music),
    ("dance", Category::Music),
    ("modeling", Category::Fashion),
    ("fashion", Category::Fashion),
    ("clothing", Category::Fashion),
    ("accessories", Category::Fashion),
    ("luxury", Category::Fashion),
    ("beauty", Category::Beauty),
    ("makeup", Category::Beauty),
    ("cinema", Category::FilmTv),
    ("actors", Category::FilmTv),
    ("movies", Category::FilmTv),
    ("film", Category::FilmTv),
    ("shows", Category::FilmTv),
    ("tv", Category::FilmTv),
    ("animation", Category::FilmTv),
    ("humor", Category::Comedy),
    ("comedy", Category::Comedy),
    ("food", Category::Food),
    ("cooking", Category::Food),
    ("travel", Category::Travel),
    ("kids", Category::Family),
    ("toys", Category::Family),
    ("family", Category::Family),
    ("home", Category::HomeLiving),
    ("interior", Category::HomeLiving),
    ("diy", Category::DiyCrafts),
    ("crafts", Category::DiyCrafts),
    ("animals", Category::Animals),
    ("pets", Category::Animals),
    ("health", Category::Health),
    ("photography", Category::Photography),
    ("art", Category::ArtDesign),
    ("artists", Category::ArtDesign),
    ("design", Category::ArtDesign),
    ("technology", Category::Technology),
    ("technologies", Category::Technology),
    ("computers", Category::Technology),
    ("gadgets", Category::Technology),
    ("education", Category::Education),
    ("science", Category::Education),
    ("finance", Category::Finance),
    ("business", Category::Business),
    ("management", Category::Business),
    ("literature", Category::Books),
    ("books", Category::Books),
    ("news", Category::NewsSociety),
    ("politics", Category::NewsSociety),
    ("lifestyle", Category::Lifestyle),
    ("vlogs", Category::Lifestyle),
];

/// A list's category as one of ours; of several, divided by `|`, the first that we know. What we do not know stays unset.
fn category(text: &str) -> Option<Category> {
    text.split('|').find_map(|part| {
        let part = part.trim().to_lowercase();
        if let Ok(own) = part.parse() {
            return Some(own);
        }
        let words: Vec<&str> = part.split(|c: char| !c.is_alphanumeric()).collect();
        WORDS.iter().find(|(word, _)| words.contains(word)).map(|(_, category)| *category)
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::{super::mapping::Mapping, *};

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap()
    }

    fn row(cells: &[&str]) -> Result<Row> {
        let header = ["network", "snapshot", "handle", "name", "category", "audience_country", "followers", "views_avg"];
        let columns = Mapping::default().columns(&StringRecord::from(header.to_vec())).unwrap();
        read(&columns, &StringRecord::from(cells.to_vec()), 2, "list.csv", now(), &Countries::new())
    }

    #[test]
    fn a_row_of_the_public_lists() {
        let read = row(&["youtube", "2022-early", "✿ Kids Diana Show", "", "Toys", "United States", "100.1M", "713600.5"]).unwrap();
        assert_eq!((read.handle.key.as_str(), read.handle.url.as_str()), ("\"✿ kids diana show\"", ""));
        assert_eq!(read.name, "✿ Kids Diana Show");
        assert_eq!((read.followers, read.posts), (Some(100_100_000), None));
        assert_eq!(read.category, Some(Category::Family));
        assert_eq!(read.country, "", "the country of the audience is not the creator's");
        assert_eq!((read.captured_at.to_rfc3339().as_str(), read.label.as_str()), ("2022-01-01T00:00:00+00:00", "list.csv (2022-early)"));
        assert_eq!(read.data, serde_json::json!({ "audience_country": "United States", "category": "Toys", "views_avg": 713_600.5 }));

        let read = row(&["Instagram", "2022-09", "https://www.instagram.com/Hana.Cooks/", "Hana", "", "-", "", ""]).unwrap();
        assert_eq!((read.handle.text.as_str(), read.label.as_str()), ("hana.cooks", "list.csv"));
        assert_eq!(read.followers, None, "unknown is not nothing");
        assert_eq!(read.data, serde_json::json!({}));
    }

    #[test]
    fn all_that_is_wrong_comes_at_once() {
        let Err(crate::error::Error::User(problems)) = row(&["instagram", "soon", "no such name!", "", "", "", "many", ""]) else {
            panic!()
        };
        assert_eq!(problems.iter().map(|p| p.field.as_ref()).collect::<Vec<_>>(), ["handle", "followers", "date"]);
        assert!(row(&["friendster", "", "hana", "", "", "", "", ""]).is_err());
        assert!(row(&["youtube", "", "https://example.com/@hana", "", "", "", "", ""]).is_err(), "an address of elsewhere is no title");
    }

    #[test]
    fn dates() {
        let at = |text: &str| instant(text, now()).map(|(at, vague)| (at.date_naive().to_string(), vague));
        assert_eq!(at("2022-09").unwrap(), ("2022-09-01".into(), false));
        assert_eq!(at("2022/9/3").unwrap(), ("2022-09-03".into(), false));
        assert_eq!(at("2022").unwrap(), ("2022-01-01".into(), false));
        assert_eq!(at("2022-late").unwrap(), ("2022-01-01".into(), true));
        assert_eq!(at("").unwrap(), ("2026-11-23".into(), false));
        for bad in ["soon", "2022-13", "22-09", "2030-01-01", "1800", "50:24.8"] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn categories_and_countries() {
        assert_eq!(category("Cinema & Actors/actresses"), Some(Category::FilmTv));
        assert_eq!(category("Adult content|Fashion"), Some(Category::Fashion));
        assert_eq!(category("home_living"), Some(Category::HomeLiving));
        assert_eq!(category("Smart things"), None);
        let countries = Countries::new();
        assert_eq!(["japan", "日本", "JP", "Nowhere"].map(|c| countries.code(c)), [Some("JP"), Some("JP"), Some("JP"), None]);
    }

    proptest! {
        #[test]
        fn no_row_panics_and_what_is_read_is_clean(
            network in "instagram|youtube|tiktok|x|mastodon|blog|\\PC{0,8}",
            rest in proptest::collection::vec("\\PC{0,40}|[0-9.KM-]{0,12}|[\\x00-\\x7f]{0,20}", 7),
        ) {
            let cells: Vec<&str> = std::iter::once(network.as_str()).chain(rest.iter().map(String::as_str)).collect();
            if let Ok(read) = row(&cells) {
                prop_assert!(!read.name.is_empty() && read.name.chars().count() <= rules::NAME);
                prop_assert!(!read.name.chars().any(char::is_control));
                prop_assert!(!read.handle.key.is_empty());
                prop_assert!(read.followers.is_none_or(|n| n >= 0));
                // Reading what was read changes nothing: the second import finds the first one's rows.
                let again = named(read.network, &read.handle.text).unwrap();
                prop_assert_eq!(again.key, read.handle.key);
            }
        }
    }
}
