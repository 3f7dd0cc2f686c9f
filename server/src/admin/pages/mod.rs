//! The admins' portal: how the installation is, its people, its mail, its work, its settings.

mod creators;
mod home;
mod organisations;
mod people;
mod queues;

use std::fmt::Display;

use crate::{
    error::{Error, Result},
    web::{
        forms::{Choice, Form},
        layout::Page,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::ADMIN, Who::Admin, home::home);
    r.get("/admin/settings", Who::Admin, home::settings);
    r.get("/admin/organisations", Who::Admin, organisations::list);
    r.get("/admin/organisations.csv", Who::Admin, organisations::list_csv);
    r.get("/admin/organisations/{id}", Who::Admin, organisations::one);
    r.get("/admin/users", Who::Admin, people::list);
    r.get("/admin/users.csv", Who::Admin, people::list_csv);
    r.get("/admin/users/{id}", Who::Admin, people::one);
    r.post("/admin/users/{id}/suspend", Who::Admin, people::suspend);
    r.post("/admin/users/{id}/restore", Who::Admin, people::restore);
    r.post("/admin/users/{id}/sign-out", Who::Admin, people::sign_out);
    r.get("/admin/creators/{id}/merge", Who::Admin, creators::merge_page);
    r.post("/admin/creators/{id}/merge", Who::Admin, creators::merge);
    r.post("/admin/users/{id}/second-factor", Who::Admin, people::reset_second_factor);
    r.get("/admin/mail", Who::Admin, queues::mail);
    r.get("/admin/mail.csv", Who::Admin, queues::mail_csv);
    r.post("/admin/mail/retry", Who::Admin, queues::retry_letters);
    r.post("/admin/mail/{id}/retry", Who::Admin, queues::retry_letter);
    r.get("/admin/mail/refused", Who::Admin, queues::suppressions);
    r.post("/admin/mail/refused/{id}/lift", Who::Admin, queues::lift);
    // After the one above, which has a name in the same place.
    r.get("/admin/mail/{id}", Who::Admin, queues::letter);
    r.get("/admin/jobs", Who::Admin, queues::jobs);
    r.get("/admin/jobs.csv", Who::Admin, queues::jobs_csv);
    r.post("/admin/jobs/retry", Who::Admin, queues::retry_jobs);
    r.post("/admin/jobs/{id}/retry", Who::Admin, queues::retry_job);
}

/// The values of an enum, named.
fn choices<T: Copy + Display>(page: &Page, kind: &str, all: &[T]) -> Vec<Choice> {
    all.iter().map(|value| Choice::new(value.to_string(), page.name(kind, value))).collect()
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

/// Back to the list as it was: the form carries its address.
fn back<'a>(form: &'a Form, list: &'a str) -> &'a str {
    let next = urls::local(form.value("next"));
    if next.split('?').next() == Some(list) { next } else { list }
}
