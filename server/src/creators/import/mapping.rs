//! Which column of a list means what. Pure.

use std::{collections::BTreeMap, fmt, str::FromStr};

use csv::StringRecord;

use crate::error::{Code, Error, Problem, Result, Wrong};

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $text:literal from $columns:expr;)*) => {
        /// What a column may mean.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $variant,)* }
        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            /// Its name in a mapping.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
            /// The columns that it is read from unless a mapping says otherwise; the first that the list has.
            const fn columns(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &$columns),* }
            }
        }
        impl FromStr for Field {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(()) }
            }
        }
    };
}

fields! {
    /// The network; needed.
    Network = "network" from ["network"];
    /// The handle or the address of the profile; needed.
    Handle = "handle" from ["handle"];
    /// The name that the account shows.
    Name = "name" from ["name"];
    /// The network's own id of the account.
    ExternalId = "external_id" from ["external_id"];
    /// How many follow it.
    Followers = "followers" from ["followers"];
    /// How many it follows.
    Following = "following" from ["following"];
    /// How many posts it has.
    Posts = "posts" from ["posts"];
    /// What it is about.
    Category = "category" from ["category"];
    /// Where its owner lives.
    Country = "country" from ["country"];
    /// The instant for which the figures hold.
    Date = "date" from ["snapshot", "date"];
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a field comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    /// A column of this name.
    Column(String),
    /// The same in every row.
    Always(String),
}

/// What the caller says about a list's columns; what is not said is as documented.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<Field, From>);

fn bad(text: &str) -> Error {
    Problem::new("map", Wrong::new(Code::Invalid, "creators.import.problem.map").with("text", text)).into()
}

impl Mapping {
    /// Reads `field=column` and `field==always this`, separated by commas or line ends. Lines that begin with `#` are remarks.
    pub fn parse(text: &str) -> Result<Self> {
        let mut map = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            for part in line.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let (field, from) = part.split_once('=').ok_or_else(|| bad(part))?;
                let field: Field = field.trim().parse().map_err(|()| bad(part))?;
                let from = match from.trim().strip_prefix('=') {
                    Some(always) => From::Always(always.trim().to_owned()),
                    None => From::Column(from.trim().to_owned()),
                };
                if matches!(&from, From::Column(name) | From::Always(name) if name.is_empty()) {
                    return Err(bad(part));
                }
                map.insert(field, from);
            }
        }
        Ok(Self(map))
    }

    /// With what another one says on top.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Finds the columns in a list's header. A column that the caller names must be there, and so must network and handle.
    pub fn columns(&self, header: &StringRecord) -> Result<Columns> {
        let key = |name: &str| name.trim().to_lowercase();
        let at = |name: &str| header.iter().position(|column| key(column) == key(name));
        let mut found = BTreeMap::new();
        let mut problems = Vec::new();
        for &field in Field::ALL {
            let missing = |name: &str| {
                Problem::new(
                    "map",
                    Wrong::new(Code::Invalid, "creators.import.problem.no_column").with("column", name).with("field", field),
                )
            };
            match self.0.get(&field) {
                Some(From::Always(text)) => {
                    found.insert(field, Place::Always(text.clone()));
                }
                Some(From::Column(name)) => match at(name) {
                    Some(n) => {
                        found.insert(field, Place::Column(n));
                    }
                    None => problems.push(missing(name)),
                },
                None => match field.columns().iter().find_map(|name| at(name)) {
                    Some(n) => {
                        found.insert(field, Place::Column(n));
                    }
                    None if matches!(field, Field::Network | Field::Handle) => problems.push(missing(field.as_str())),
                    None => {}
                },
            }
        }
        if !problems.is_empty() {
            return Err(Error::User(problems));
        }
        let used: Vec<usize> = found.values().filter_map(|place| if let Place::Column(n) = place { Some(*n) } else { None }).collect();
        let rest = header.iter().enumerate().filter(|(n, name)| !used.contains(n) && !name.trim().is_empty());
        // What a category is called in the list is worth keeping beside what we make of it.
        let category =
            found.get(&Field::Category).and_then(|p| if let Place::Column(n) = p { Some((*n, "category".to_owned())) } else { None });
        let rest = rest.map(|(n, name)| (n, key(name).chars().take(60).collect())).chain(category).take(60).collect();
        Ok(Columns { found, rest })
    }
}

#[derive(Clone, Debug)]
enum Place {
    Column(usize),
    Always(String),
}

/// Where everything is in a list's rows.
#[derive(Clone, Debug)]
pub struct Columns {
    found: BTreeMap<Field, Place>,
    rest: Vec<(usize, String)>,
}

/// How lists write that they do not know.
const UNKNOWN: &[&str] = &["", "-", "–", "—", "n/a", "na", "nan", "null", "none", "unknown"];

fn known(text: &str) -> &str {
    let text = text.trim();
    if UNKNOWN.iter().any(|word| text.eq_ignore_ascii_case(word)) { "" } else { text }
}

impl Columns {
    /// A field's text in a row; empty if the list does not know it.
    pub fn text<'a>(&'a self, record: &'a StringRecord, field: Field) -> &'a str {
        match self.found.get(&field) {
            Some(Place::Always(text)) => text,
            // A handle may well be called "none".
            Some(Place::Column(n)) if field == Field::Handle => record.get(*n).unwrap_or_default().trim(),
            Some(Place::Column(n)) => known(record.get(*n).unwrap_or_default()),
            None => "",
        }
    }

    /// Everything else that the row knows.
    pub fn rest<'a>(&'a self, record: &'a StringRecord) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.rest.iter().map(|(n, name)| (name.as_str(), known(record.get(*n).unwrap_or_default()))).filter(|(_, text)| !text.is_empty())
    }

    /// The account as a row names it, for the report.
    pub fn named(&self, record: &StringRecord) -> String {
        format!("{} {}", self.text(record, Field::Network), self.text(record, Field::Handle)).trim().chars().take(120).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_documented_default_and_what_is_said() {
        let header = StringRecord::from(vec!["Network", "snapshot", "handle", "followers", "views_avg"]);
        let columns = Mapping::default().columns(&header).unwrap();
        let row = StringRecord::from(vec!["tiktok", "2022-09", "hana", "N/A", "12"]);
        assert_eq!(columns.text(&row, Field::Date), "2022-09");
        assert_eq!(columns.text(&row, Field::Followers), "");
        assert_eq!(columns.text(&row, Field::Posts), "");
        assert_eq!(columns.rest(&row).collect::<Vec<_>>(), [("views_avg", "12")]);

        let header = StringRecord::from(vec!["Account", "Followers"]);
        assert!(Mapping::default().columns(&header).is_err());
        let map = Mapping::parse("# one network\nhandle=account, network==instagram").unwrap();
        let row = StringRecord::from(vec!["hana", "64.6K"]);
        let columns = map.columns(&header).unwrap();
        assert_eq!((columns.text(&row, Field::Network), columns.text(&row, Field::Handle)), ("instagram", "hana"));
        assert!(Mapping::parse("handle=nowhere").unwrap().columns(&header).is_err());
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["handle", "colour=red", "handle=", "handle==", "=x"] {
            assert!(Mapping::parse(bad).is_err(), "{bad}");
        }
        let both = Mapping::parse("handle=a").unwrap().and(Mapping::parse("handle=b").unwrap());
        assert_eq!(both, Mapping::parse("handle=b").unwrap());
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(text in "\\PC{0,80}|[a-z_=,\\n#]{0,60}", header in proptest::collection::vec("\\PC{0,12}", 0..6)) {
            if let Ok(map) = Mapping::parse(&text) {
                let _ = map.columns(&StringRecord::from(header));
            }
        }
    }
}
