//! What an address asks of a list: filters, order and page, all of them in the URL, so that a list can be linked and reloaded.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use super::forms::Form;
use crate::{
    base::paging::{Page, Slice},
    error::{Error, Result},
};

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
        self.query.iter().any(|(name, value)| !value.is_empty() && !matches!(name.as_str(), "sort" | "after" | "before"))
    }

    /// Which rows.
    pub fn slice(&self) -> Slice {
        Slice::page(Some(self.value("after")), Some(self.value("before"))).sized(50)
    }

    /// This list's address with another value of one thing, from the first page.
    pub fn with(&self, name: &str, value: &str) -> String {
        self.at(&self.path, name, value)
    }

    /// The same filters at another path, such as the download of the list.
    pub fn elsewhere(&self, path: &str) -> String {
        self.at(path, "after", "")
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
