//! The letter of activity.

use std::collections::HashMap;

use entity::{enums::Locale, event, ids::EventId, user};

use super::{
    pages::{href, sentence},
    queries::About,
};
use crate::{
    app::App,
    auth::actors::Acting,
    base::lang::{Lang, Text},
    error::Result,
    mail::{letter::Letter, plain::Plain},
    web::urls,
};

/// What one of the reader's actors has not seen.
pub struct Part {
    title: String,
    lines: Vec<(String, Option<String>)>,
    more: usize,
    home: String,
}

impl Part {
    /// `rows` are named, the rest of `all` is counted.
    pub fn new(lang: Locale, acting: &Acting, rows: &[&event::Model], about: &HashMap<EventId, About>, all: usize) -> Self {
        let title = match acting {
            Acting::Creator(_, name) | Acting::Org(_, name, _) => name.clone(),
            Acting::Admin => lang.t("layout.as_admin").into(),
        };
        let of = |row: &event::Model| about.get(&row.id).cloned().unwrap_or_default();
        let lines = rows.iter().map(|row| (sentence(lang, row, &of(row)), href(acting, row, &of(row))));
        Self { title, lines: lines.collect(), more: all.saturating_sub(rows.len()), home: urls::activity(acting) }
    }
}

/// What was not seen, by actor. It names what happened, never what a message says.
pub fn digest(app: &App, reader: &user::Model, parts: Vec<Part>) -> Result<Letter> {
    let lang = reader.locale;
    let first = parts.first().map(|part| part.home.clone()).unwrap_or_default();
    let mut letter = Plain::new(lang, "activity.mail.digest");
    for part in parts {
        letter = letter.line(Text::plain(part.title));
        for (line, href) in part.lines {
            let link = href.map(|href| format!("\n{}", app.link(&href))).unwrap_or_default();
            letter = letter.line(Text::plain(format!("· {line}{link}")));
        }
        if part.more > 0 {
            letter = letter.line(lang.t("activity.mail.digest.more").with("n", part.more));
        }
    }
    letter
        .button(lang.t("activity.mail.digest.button"), app.link(&first))
        .after(lang.t("activity.mail.digest.why").with("url", app.link(urls::ACCOUNT)))
        .letter(app, &reader.email)
}
