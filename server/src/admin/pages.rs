//! The admins' home.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{JobState, LetterState},
    job, letter,
};

use super::queries;
use crate::{
    app::App,
    auth::actors::Admin,
    base::paging::{self, Slice},
    error::Result,
    web::{
        layout::Page,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::ADMIN, Who::Admin, home);
}

#[derive(Template)]
#[template(path = "admin/home.html")]
struct AdminHomePage {
    page: Page,
    all: queries::Overview,
    /// The states of letters in the order of their life, with how many are in each.
    letters: Vec<(LetterState, i64)>,
    waiting: i64,
    dead: i64,
    failed: paging::Page<letter::Model>,
    newer: Option<String>,
    older: Option<String>,
    dead_jobs: Vec<job::Model>,
    version: &'static str,
    database: String,
}

async fn home(app: web::Data<App>, page: Page, by: Admin, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let db = app.db();
    let asked = |name: &str| query.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str());
    let failed = queries::failed_letters(db, &by, Slice::page(asked("after"), asked("before"))).await?;
    let all = queries::overview(db, &by).await?;
    let states = [LetterState::Queued, LetterState::Sent, LetterState::Failed, LetterState::Bounced, LetterState::Suppressed];
    page.show(&AdminHomePage {
        letters: states
            .into_iter()
            // A letter is handed over for a moment only: until then it waits.
            .map(|s| (s, all.letters_in(s) + if s == LetterState::Queued { all.letters_in(LetterState::Sending) } else { 0 }))
            .collect(),
        waiting: all.jobs_in(JobState::Ready) + all.jobs_in(JobState::Running),
        dead: all.jobs_in(JobState::Dead),
        newer: failed.previous().map(|c| format!("{}?before={c}", urls::ADMIN)),
        older: failed.next().map(|c| format!("{}?after={c}", urls::ADMIN)),
        failed,
        dead_jobs: queries::dead_jobs(db, &by).await?,
        version: env!("CARGO_PKG_VERSION"),
        database: queries::database(db, &by).await?,
        all,
        page: page.clone(),
    })
}
