//! The letter of sentences and one button that most mails are.

use askama::Template;
use entity::enums::Locale;

use super::letter::Letter;
use crate::{
    app::App,
    base::lang::{Lang, Text},
    error::Result,
};

/// A letter in the making.
#[derive(Clone, Debug)]
pub struct Plain {
    lang: Locale,
    subject: Text,
    heading: Text,
    lines: Vec<Text>,
    button: Option<(Text, String)>,
    after: Vec<Text>,
    sender: String,
    privacy: String,
}

impl Plain {
    /// The texts `<key>.subject` and `<key>.heading`; places are filled by [`Plain::with`].
    pub fn new(lang: Locale, key: &str) -> Self {
        Self {
            lang,
            subject: lang.t(&format!("{key}.subject")),
            heading: lang.t(&format!("{key}.heading")),
            lines: Vec::new(),
            button: None,
            after: Vec::new(),
            sender: String::new(),
            privacy: String::new(),
        }
    }

    /// Fills a place of subject and heading.
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        self.subject = self.subject.with(name, &value);
        self.heading = self.heading.with(name, &value);
        self
    }

    /// A paragraph.
    pub fn line(mut self, text: Text) -> Self {
        self.lines.push(text);
        self
    }

    /// The one button.
    pub fn button(mut self, label: Text, url: String) -> Self {
        self.button = Some((label, url));
        self
    }

    /// A paragraph below the button.
    pub fn after(mut self, text: Text) -> Self {
        self.after.push(text);
        self
    }

    /// Rendered, owed to its reader.
    pub fn letter(mut self, app: &App, to: &str) -> Result<Letter> {
        self.sender = app.config.mail.operator.clone();
        self.privacy = app.link("/privacy");
        let subject = self.subject.to_string();
        Letter::transactional(to, subject, &PlainText { letter: &self }, &PlainHtml { letter: &self })
    }

    /// For the templates.
    pub fn t(&self, key: &str) -> Text {
        self.lang.t(key)
    }
}

#[derive(Template)]
#[template(path = "mails/plain.html")]
struct PlainHtml<'a> {
    letter: &'a Plain,
}

#[derive(Template)]
#[template(path = "mails/plain.txt", escape = "none")]
struct PlainText<'a> {
    letter: &'a Plain,
}
