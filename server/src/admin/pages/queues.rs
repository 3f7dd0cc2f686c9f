//! Mail and background work: what waits, what failed, and trying it again.

use std::str::FromStr;

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{JobState, LetterState, SuppressionReason},
    ids::{JobId, LetterId},
    job, letter, suppression,
};

use super::super::queries::queues;
use crate::{
    app::App,
    audit,
    auth::actors::Admin,
    base::paging::{self, Slice},
    error::{Error, Result},
    mail,
    web::{
        download,
        forms::{Choice, Form},
        layout::Page,
        lists::{Asked, Columns, Heading},
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage {
    page: Page,
    form: Form,
    states: Vec<Choice>,
    columns: Columns,
    age: Heading,
    /// Whether the page has a letter that can be tried again.
    may_bulk: bool,
    most: usize,
    download: String,
    found: paging::Page<letter::Model>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

/// How a letter's state is coloured; the word stands beside it.
fn tone(state: &LetterState) -> &'static str {
    match state {
        LetterState::Queued | LetterState::Sending => "busy",
        LetterState::Sent => "good",
        LetterState::Failed | LetterState::Bounced => "bad",
        LetterState::Suppressed => "quiet",
    }
}

fn mail_columns(page: &Page, asked: &Asked) -> Columns {
    let all = ["subject", "state", "error", "written", "sent", "attempts"];
    Columns::of(asked, all.map(|key| (key, page.t(&format!("admin.letter.{key}"))))).without(&["sent", "attempts"])
}

/// The list as it is seen, in full; never a letter's text.
pub(super) async fn mail_csv(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let read =
        async |slice: Slice| queues::letters(app.db(), &by, asked.choice("state"), asked.value("q"), slice.turned(asked.oldest())).await;
    let columns = mail_columns(&page, &asked);
    let mut out = vec![columns.heads(page.t("admin.letter.to"))];
    for letter in download::all(read).await? {
        let cells = [
            ("subject", letter.subject),
            ("state", page.name("letter_state", letter.state).into()),
            ("error", letter.last_error),
            ("written", page.stamp(&letter.created_at)),
            ("sent", letter.sent_at.map(|at| page.stamp(&at)).unwrap_or_default()),
            ("attempts", letter.attempts.to_string()),
        ];
        out.push(columns.cells(letter.to_email, &cells));
    }
    download::list(&app, by.person(), None, "mail", out).await
}

/// One letter: its envelope and what became of it, never its text, which may hold a link that opens something.
#[derive(Template)]
#[template(path = "admin/letter.html")]
struct LetterPage {
    page: Page,
    letter: letter::Model,
    /// The person who reads this address, if they can sign in.
    person: Option<(String, String)>,
    /// For whom it was written.
    org: Option<(String, String)>,
    may_retry: bool,
    /// Why nothing more is written to the address.
    suppressed: Option<SuppressionReason>,
}

pub(super) async fn letter(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    let db = app.db();
    let letter = queues::letter(db, &by, super::id(&id)?).await?;
    audit::viewed(&app, &by, letter.id).await?;
    let around = queues::around(db, &by, &letter).await?;
    page.show(&LetterPage {
        person: around.person.map(|user| (format!("{}/users/{}", urls::ADMIN, user.id), user.name)),
        org: around.org.map(|org| (urls::admin_organisation(org.id), org.name)),
        suppressed: around.suppressed,
        may_retry: mail::retry::can_retry(&letter),
        letter,
        page: page.clone(),
    })
}

pub(super) async fn mail(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = queues::letters(app.db(), &by, asked.choice("state"), asked.value("q"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    let may_bulk = found.items().any(mail::retry::can_retry);
    page.show(&MailPage {
        states: super::choices(&page, "letter_state", LetterState::ALL),
        columns: mail_columns(&page, &asked),
        age: asked.age(page.t("admin.letter.written")),
        may_bulk,
        most: mail::retry::MOST,
        download: asked.elsewhere("/admin/mail.csv"),
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
    let letter = format!("/admin/mail/{id}");
    let next = if form.value("next") == letter { &letter } else { super::back(&form, "/admin/mail") };
    Ok(page.see(next, Say::done("admin.notice.letter_queued")))
}

fn oldest(form: &Form) -> bool {
    form.value("sort") == "oldest"
}

/// How many rows are looked at for those that can be tried again.
const LOOKED_AT: usize = 5_000;

/// What the bar below a table means: the chosen rows, or all that match and can be tried again, in the order of the list.
async fn meant<T, I: FromStr>(
    form: &Form,
    name: &str,
    read: impl AsyncFn(Slice) -> Result<paging::Page<T>>,
    id: impl Fn(&T) -> Option<I>,
) -> Result<Vec<I>> {
    Ok(match form.value("all") {
        "match" => paging::gather(LOOKED_AT, read).await?.0.iter().filter_map(id).take(mail::retry::MOST).collect(),
        _ => form.all(name).filter_map(|id| id.parse().ok()).take(mail::retry::MOST).collect(),
    })
}

/// Tries each again; whoever was quicker has done it. Then back to the list, with how many it were.
async fn again<I>(page: &Page, form: &Form, list: &str, ids: Vec<I>, act: impl AsyncFn(I) -> Result<()>) -> Result<HttpResponse> {
    let mut done = 0;
    for id in ids {
        match act(id).await {
            Ok(()) => done += 1,
            Err(Error::User(_) | Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    let say = if done > 0 { Say::done("admin.notice.tried_again").n(done) } else { Say::problem("admin.notice.none_tried") };
    Ok(page.see(super::back(form, list), say))
}

pub(super) async fn retry_letters(app: web::Data<App>, page: Page, by: Admin, form: Form) -> Result<HttpResponse> {
    let (state, text) = (form.value("state").parse().ok().or(Some(LetterState::Failed)), form.value("q"));
    let read = async |slice: Slice| queues::letters(app.db(), &by, state, text, slice.turned(oldest(&form))).await;
    let ids = meant(&form, "letter", read, |letter| mail::retry::can_retry(letter).then_some(letter.id)).await?;
    again(&page, &form, "/admin/mail", ids, async |id: LetterId| mail::retry::retry(&app, &by, id).await.map(drop)).await
}

pub(super) async fn retry_jobs(app: web::Data<App>, page: Page, by: Admin, form: Form) -> Result<HttpResponse> {
    let state = form.value("state").parse().ok().or(Some(JobState::Dead));
    let read = async |slice: Slice| queues::jobs(app.db(), &by, state, slice.turned(oldest(&form))).await;
    let ids = meant(&form, "job", read, |job| (job.state == JobState::Dead).then_some(job.id)).await?;
    again(&page, &form, "/admin/jobs", ids, async |id: JobId| crate::jobs::retry::retry(&app, &by, id).await.map(drop)).await
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
    columns: Columns,
    /// Whether the page has work that can be tried again.
    may_bulk: bool,
    most: usize,
    download: String,
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

fn job_columns(page: &Page, asked: &Asked) -> Columns {
    let names = [("state", "letter.state"), ("attempts", "job.attempts"), ("error", "letter.error"), ("due", "job.due")];
    Columns::of(asked, names.map(|(key, name)| (key, page.t(&format!("admin.{name}")))))
}

/// The list as it is seen, in full.
pub(super) async fn jobs_csv(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = download::all(async |slice: Slice| queues::jobs(app.db(), &by, asked.choice("state"), slice).await).await?;
    let columns = job_columns(&page, &asked);
    let mut out = vec![columns.heads(page.t("admin.job.kind"))];
    for job in found {
        let cells = [
            ("state", page.name("job_state", job.state).into()),
            ("attempts", job.attempts.to_string()),
            ("error", job.last_error),
            ("due", page.stamp(&job.run_at)),
        ];
        out.push(columns.cells(job.kind, &cells));
    }
    download::list(&app, by.person(), None, "jobs", out).await
}

pub(super) async fn jobs(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    let found = queues::jobs(app.db(), &by, asked.choice("state"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    let may_bulk = found.items().any(|job| job.state == JobState::Dead);
    page.show(&AdminJobsPage {
        states: super::choices(&page, "job_state", JobState::ALL),
        columns: job_columns(&page, &asked),
        may_bulk,
        most: mail::retry::MOST,
        download: asked.elsewhere("/admin/jobs.csv"),
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
