//! A form as it was typed: weak strings that an operation's rules read, and that a page shows again when they are refused.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use entity::enums::Locale;

use crate::error::{Code, Error, Problem, Result, Wrong};

/// What was typed, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    problems: Vec<(String, String)>,
}

impl Form {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a value to begin with.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// With another value in place of what was typed.
    pub fn with_instead(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.retain(|(n, _)| n != name);
        self.with(name, value)
    }

    /// With several values of one field.
    pub fn with_all<V: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.values.extend(values.into_iter().map(|v| (name.to_owned(), v.into())));
        self
    }

    /// The form with what is wrong, in the reader's language.
    pub fn refused(mut self, problems: &[Problem], locale: Locale) -> Self {
        self.problems = problems.iter().map(|p| (p.field.to_string(), p.wrong.text(locale).into())).collect();
        self
    }

    /// The form with sentences about the whole, which are ready to be read.
    pub fn told(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.problems.extend(sentences.into_iter().map(|text| (String::new(), text)));
        self
    }

    /// The first value of a field; empty if it was not sent.
    pub fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// A value to give to an operation.
    pub fn take(&self, name: &str) -> String {
        self.value(name).to_owned()
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.values.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Every value of a field, to give to an operation.
    pub fn take_all(&self, name: &str) -> Vec<String> {
        self.all(name).map(str::to_owned).collect()
    }

    /// Whether a box or option is chosen.
    pub fn checked(&self, name: &str, value: impl AsRef<str>) -> bool {
        self.all(name).any(|v| v == value.as_ref())
    }

    /// What is wrong with a field.
    pub fn problem(&self, name: &str) -> Option<&str> {
        self.problems.iter().find(|(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    /// All that is wrong.
    pub fn problems(&self) -> &[(String, String)] {
        &self.problems
    }
}

/// Larger than any form of ours, a full brief in both languages being some 800 kB as Japanese is encoded; smaller than a nuisance.
const MOST_BYTES: usize = 1024 * 1024;

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = actix_web::web::Bytes::from_request(request, payload);
        Box::pin(async move {
            let wrong = || Error::from(Problem::whole(Code::Invalid, "base.problem.form"));
            let body = body.await.map_err(|_| wrong())?;
            if body.len() > MOST_BYTES {
                return Err(Problem::new("", Wrong::new(Code::TooLong, "base.problem.form")).into());
            }
            let values = serde_urlencoded::from_bytes(&body).map_err(|_| wrong())?;
            Ok(Self { values, problems: Vec::new() })
        })
    }
}

/// One line of a select, radio or checkbox group.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A value and its label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}
