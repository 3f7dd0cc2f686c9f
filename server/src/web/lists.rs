//! What an address asks of a list: filters, order and page, all of them in the URL, so that a list can be linked and reloaded.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::forms::Form;
use crate::{
    base::{
        lang::Text,
        paging::{Page, Slice},
    },
    error::{Error, Result},
};

/// The name under which the address holds each column that is shown.
const COLUMN: &str = "col";

/// Names that forms around lists use for what is chosen and done.
const FORM: &[&str] = &["all", "do", "next", "table", "creator", "invitation", "letter", "job"];

/// The head of a column.
pub struct Heading {
    /// Its name.
    pub label: String,
    /// The list in the order of this column.
    pub href: String,
    /// `up`, `down` or empty.
    pub state: &'static str,
    /// The same for `aria-sort`.
    pub aria: &'static str,
}

/// A column of a table that may be left out.
pub struct Column {
    /// Its name in addresses.
    pub key: &'static str,
    /// Its name for readers.
    pub label: String,
    /// Whether it is shown.
    pub shown: bool,
}

/// Which columns of a table are shown: as the address says, so that a link, the next page and the download show the same; all of them if
/// it says nothing. The first column, which says what a row is, is always there and not among them.
pub struct Columns {
    /// All that there are.
    pub all: Vec<Column>,
    /// The list's path.
    pub path: String,
    /// What else the address holds, for the form that chooses.
    pub kept: Vec<(String, String)>,
    chosen: bool,
}

impl Columns {
    /// Reads the choice.
    pub fn of(asked: &Asked, all: impl IntoIterator<Item = (&'static str, Text)>) -> Self {
        let wanted: Vec<&str> = asked.query.iter().filter(|(name, _)| name == COLUMN).map(|(_, value)| value.as_str()).collect();
        let all: Vec<_> = all.into_iter().map(|(key, label)| Column { key, label: label.into(), shown: wanted.contains(&key) }).collect();
        let chosen = all.iter().any(|column| column.shown);
        // What a form below the list says for itself is not taken from the address.
        let passing = |name: &str| matches!(name, COLUMN | "after" | "before") || FORM.contains(&name);
        Self {
            all: all.into_iter().map(|column| Column { shown: column.shown || !chosen, ..column }).collect(),
            path: asked.path.clone(),
            kept: asked.query.iter().filter(|(name, value)| !passing(name) && !value.is_empty()).cloned().collect(),
            chosen,
        }
    }

    /// While nothing is chosen, these are left out: they stand in the chooser for who wants them.
    pub fn without(mut self, keys: &[&str]) -> Self {
        for column in self.all.iter_mut().filter(|column| !self.chosen && keys.contains(&column.key)) {
            column.shown = false;
        }
        self
    }

    /// Whether a column is shown.
    pub fn shows(&self, key: &str) -> bool {
        self.all.iter().any(|column| column.key == key && column.shown)
    }

    /// Those that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &Column> {
        self.all.iter().filter(|column| column.shown)
    }

    /// Those that were chosen, for a form that filters the same list; none while nothing was.
    pub fn chosen(&self) -> Vec<&'static str> {
        if self.chosen { self.shown().map(|column| column.key).collect() } else { Vec::new() }
    }

    /// The heads of a file: of the column that says what a row is, then of those that are shown.
    pub fn heads(&self, first: Text) -> Vec<String> {
        std::iter::once(first.into()).chain(self.shown().map(|column| column.label.clone())).collect()
    }

    /// Those cells of a row that are shown, in the order of the columns, after the one that says what the row is.
    pub fn cells(&self, first: String, all: &[(&str, String)]) -> Vec<String> {
        let cell = |key: &str| all.iter().find(|(k, _)| *k == key).map_or_else(String::new, |(_, text)| text.clone());
        std::iter::once(first).chain(self.shown().map(|column| cell(column.key))).collect()
    }
}

/// The path and query of a list's page.
#[derive(Clone, Debug)]
pub struct Asked {
    path: String,
    query: Vec<(String, String)>,
}

impl Asked {
    /// A list as it is when nothing in particular is asked.
    pub fn nothing(path: &str) -> Self {
        Self { path: path.to_owned(), query: Vec::new() }
    }

    /// The value of a filter; empty if it is not set.
    pub fn value(&self, name: &str) -> &str {
        self.query.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v)
    }

    /// Every value of something that may be named several times.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.query.iter().filter(|(k, _)| k == name).map(|(_, v)| v.clone()).collect()
    }

    /// The value of a filter to give to a rule.
    pub fn take(&self, name: &str) -> String {
        self.value(name).to_owned()
    }

    /// One of several; anything else counts as not set.
    pub fn choice<T: FromStr>(&self, name: &str) -> Option<T> {
        self.value(name).parse().ok()
    }

    /// The form of the filters as they are set.
    pub fn form(&self) -> Form {
        self.query.iter().fold(Form::new(), |form, (name, value)| form.with(name, value.clone()))
    }

    /// Whether the list is narrowed at all: an empty one says something else then.
    pub fn narrowed(&self) -> bool {
        self.query.iter().any(|(name, value)| !value.is_empty() && !matches!(name.as_str(), "sort" | "after" | "before" | COLUMN))
    }

    /// Whether what follows is meant for all rows that match, not for the chosen ones only.
    pub fn means_all(&self) -> bool {
        self.value("all") == "match"
    }

    /// Which rows.
    pub fn slice(&self) -> Slice {
        Slice::page(Some(self.value("after")), Some(self.value("before"))).sized(50).turned(self.oldest())
    }

    /// Whether a list whose newest row is first is asked for the other way round.
    pub fn oldest(&self) -> bool {
        self.value("sort") == "oldest"
    }

    /// The head of the column that says how old the rows of such a list are.
    pub fn age(&self, label: impl Into<String>) -> Heading {
        let (next, state, aria) = if self.oldest() { ("", "up", "ascending") } else { ("oldest", "down", "descending") };
        Heading { label: label.into(), href: self.with("sort", next), state, aria }
    }

    /// This list's address with another value of one thing, from the first page.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.at(&self.path, name, value)
    }

    /// This very page of the list.
    pub fn here(&self) -> String {
        match serde_urlencoded::to_string(&self.query) {
            Ok(text) if !text.is_empty() => format!("{}?{text}", self.path),
            _ => self.path.clone(),
        }
    }

    /// The same filters at another path, such as the download of the list.
    pub fn elsewhere(&self, path: &str) -> String {
        self.at(path, "after", "")
    }

    /// The same question word for word at another path.
    pub fn carried(&self, path: &str) -> String {
        Self { path: path.to_owned(), query: self.query.clone() }.here()
    }

    fn at(&self, path: &str, name: &str, value: &str) -> String {
        let kept = self.query.iter().filter(|(k, v)| k != name && k != "after" && k != "before" && !v.is_empty());
        let all: Vec<(&str, &str)> =
            kept.map(|(k, v)| (k.as_str(), v.as_str())).chain((!value.is_empty()).then_some((name, value))).collect();
        match serde_urlencoded::to_string(&all) {
            Ok(text) if !text.is_empty() => format!("{path}?{text}"),
            _ => path.to_owned(),
        }
    }

    /// The head of a column that the list can be ordered by. `current` is the order that holds, with `-` in front if it descends; `first` is
    /// the order that the first click gives, the second turns it round.
    pub fn heading(&self, label: impl Into<String>, name: &str, current: &str, first: &str) -> Heading {
        let (here, down) = (current.trim_start_matches('-') == name, current.starts_with('-'));
        let next = match (here, down) {
            (true, true) => name.to_owned(),
            (true, false) => format!("-{name}"),
            (false, _) => first.to_owned(),
        };
        let (state, aria) = match (here, down) {
            (true, true) => ("down", "descending"),
            (true, false) => ("up", "ascending"),
            (false, _) => ("", "none"),
        };
        Heading { label: label.into(), href: self.with("sort", &next), state, aria }
    }

    /// The addresses of the pages before and after this one.
    pub fn pager<T>(&self, rows: &Page<T>) -> (Option<String>, Option<String>) {
        (rows.previous().map(|c| self.with("before", c)), rows.next().map(|c| self.with("after", c)))
    }
}

impl FromRequest for Asked {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // An address that cannot be read asks for nothing in particular.
        let query =
            web::Query::<Vec<(String, String)>>::from_query(request.query_string()).map_or_else(|_| Vec::new(), web::Query::into_inner);
        ready(Ok(Self { path: request.path().to_owned(), query }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)]) -> Asked {
        Asked { path: "/list".into(), query: query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect() }
    }

    fn columns(asked: &Asked) -> Columns {
        Columns::of(asked, [("tier", Text::plain("Tier")), ("price", Text::plain("Price"))])
    }

    #[test]
    fn a_choice_of_columns_survives_filters_and_pages() {
        let all = asked(&[("q", "tea")]);
        assert!(columns(&all).shows("tier") && columns(&all).shows("price"));
        assert!(columns(&all).chosen().is_empty());
        let one = asked(&[("q", "tea"), ("col", "price"), ("col", "nonsense"), ("after", "x")]);
        let shown = columns(&one);
        assert!(!shown.shows("tier") && shown.shows("price"));
        assert_eq!(shown.chosen(), ["price"]);
        assert_eq!(shown.kept, [("q".to_owned(), "tea".to_owned())]);
        assert_eq!(shown.cells("Hana".into(), &[("price", "1".into()), ("tier", "nano".into())]), ["Hana", "1"]);
        assert_eq!(one.elsewhere("/list.csv"), "/list.csv?q=tea&col=price&col=nonsense");
        assert!(!asked(&[("col", "price")]).narrowed(), "a choice of columns narrows nothing");
    }

    #[test]
    fn a_heading_turns_the_order_round() {
        let list = asked(&[("sort", "-name"), ("after", "x")]);
        let name = list.heading("Name", "name", "-name", "name");
        assert_eq!((name.href.as_str(), name.state, name.aria), ("/list?sort=name", "down", "descending"));
        let day = list.heading("Day", "day", "-name", "-day");
        assert_eq!((day.href.as_str(), day.state, day.aria), ("/list?sort=-day", "", "none"));
    }
}
