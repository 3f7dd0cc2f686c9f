//! Mail and background work: what waits, what failed, and trying it again.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{JobState, LetterState, SuppressionReason},
    job, letter, suppression,
};

use super::super::queries::queues;
use crate::{
    app::App,
    auth::actors::Admin,
    base::paging,
    error::Result,
    mail,
    web::{
        forms::{Choice, Form},
        layout::Page,
        lists::Asked,
        notice::Say,
    },
};

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage {
    page: Page,
    form: Form,
    states: Vec<Choice>,
    found: paging::Page<letter::Model>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

impl MailPage {
    /// How a state is coloured; the word stands beside it.
    fn tone(&self, state: &LetterState) -> &'static str {
        match state {
            LetterState::Queued | LetterState::Sending => "busy",
            LetterState::Sent => "good",
            LetterState::Failed | LetterState::Bounced => "bad",
            LetterState::Suppressed => "quiet",
        }
    }
}

pub(super) async fn mail(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = queues::letters(app.db(), &by, asked.choice("state"), asked.value("q"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&MailPage {
        states: super::choices(&page, "letter_state", LetterState::ALL),
        found,
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

pub(super) async fn retry_letter(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    mail::retry::retry(&app, &by, super::id(&id)?).await?;
    Ok(page.see(super::back(&form, "/admin/mail"), Say::done("admin.notice.letter_queued")))
}

#[derive(Template)]
#[template(path = "admin/refused.html")]
struct SuppressionsPage {
    page: Page,
    form: Form,
    reasons: Vec<Choice>,
    found: paging::Page<suppression::Model>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

pub(super) async fn suppressions(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = queues::suppressions(app.db(), &by, asked.choice("reason"), asked.value("q"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&SuppressionsPage {
        reasons: super::choices(&page, "suppression_reason", SuppressionReason::ALL),
        found,
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

pub(super) async fn lift(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    mail::retry::lift(&app, &by, super::id(&id)?).await?;
    Ok(page.see(super::back(&form, "/admin/mail/refused"), Say::done("admin.notice.lifted")))
}

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct AdminJobsPage {
    page: Page,
    form: Form,
    states: Vec<Choice>,
    found: paging::Page<job::Model>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

impl AdminJobsPage {
    /// How a state is coloured; the word stands beside it.
    fn tone(&self, state: &JobState) -> &'static str {
        match state {
            JobState::Ready | JobState::Running => "busy",
            JobState::Done => "good",
            JobState::Dead => "bad",
        }
    }
}

pub(super) async fn jobs(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = queues::jobs(app.db(), &by, asked.choice("state"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&AdminJobsPage {
        states: super::choices(&page, "job_state", JobState::ALL),
        found,
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

pub(super) async fn retry_job(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    crate::jobs::retry::retry(&app, &by, super::id(&id)?).await?;
    Ok(page.see(super::back(&form, "/admin/jobs"), Say::done("admin.notice.job_queued")))
}
