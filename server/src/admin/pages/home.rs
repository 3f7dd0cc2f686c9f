//! How the installation is, and the settings in force.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::enums::{JobState, LetterState};

use super::super::queries;
use crate::{app::App, auth::actors::Admin, error::Result, web::layout::Page};

#[derive(Template)]
#[template(path = "admin/home.html")]
struct AdminHomePage {
    page: Page,
    all: queries::Overview,
    /// The states of letters in the order of their life, with how many are in each.
    letters: Vec<(LetterState, i64)>,
    failed: i64,
    waiting: i64,
    dead: i64,
    version: &'static str,
    database: String,
}

pub(super) async fn home(app: web::Data<App>, page: Page, by: Admin) -> Result<HttpResponse> {
    let db = app.db();
    let all = queries::overview(db, &by).await?;
    let states = [LetterState::Queued, LetterState::Sent, LetterState::Failed, LetterState::Bounced, LetterState::Suppressed];
    page.show(&AdminHomePage {
        letters: states
            .into_iter()
            // A letter is handed over for a moment only: until then it waits.
            .map(|s| (s, all.letters_in(s) + if s == LetterState::Queued { all.letters_in(LetterState::Sending) } else { 0 }))
            .collect(),
        failed: all.letters_in(LetterState::Failed),
        waiting: all.jobs_in(JobState::Ready) + all.jobs_in(JobState::Running),
        dead: all.jobs_in(JobState::Dead),
        version: env!("CARGO_PKG_VERSION"),
        database: queries::database(db, &by).await?,
        all,
        page: page.clone(),
    })
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    page: Page,
    settings: Vec<(String, String)>,
}

pub(super) async fn settings(app: web::Data<App>, page: Page, _by: Admin) -> Result<HttpResponse> {
    page.show(&SettingsPage { settings: app.config.in_force(), page: page.clone() })
}
