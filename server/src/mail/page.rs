//! The demo's mailbox: captured letters, shown as a mail program would. Only where mail is captured and the demo runs.

use actix_web::{HttpResponse, http::header, web};
use askama::Template;
use chrono::{DateTime, Utc};
use mail_parser::MessageParser;

use crate::{
    app::App,
    error::{Error, Result},
    web::{
        guards,
        layout::Page,
        routes::{Routes, Who},
    },
};

/// The routes of the mailbox.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/mailbox", Who::Anyone, list);
    r.get("/mailbox.json", Who::Anyone, list_json);
    r.get("/mailbox/{id}", Who::Anyone, show);
    r.get("/mailbox/{id}/body", Who::Anyone, body);
}

/// A captured letter.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Captured {
    /// Its file's name without the ending: the letter's id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// From whom, as shown.
    pub from: String,
    /// What about.
    pub subject: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The plain text.
    pub text: String,
    #[serde(skip)]
    html: String,
}

#[derive(Template)]
#[template(path = "mailbox/list.html")]
struct MailboxPage {
    page: Page,
    letters: Vec<Captured>,
}

#[derive(Template)]
#[template(path = "mailbox/letter.html")]
struct CapturedPage {
    page: Page,
    letter: Captured,
}

/// The captured letters, the newest first. For the demo's page and for tests.
pub async fn captured(app: &App) -> Result<Vec<Captured>> {
    let Some(dir) = app.post.captured() else { return Err(Error::NotFound) };
    let mut names = Vec::new();
    let mut entries = tokio::fs::read_dir(dir).await?;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(id) = name.strip_suffix(".eml") {
            names.push(id.to_owned());
        }
    }
    // Ids rise with time.
    names.sort_unstable_by(|a, b| b.cmp(a));
    names.truncate(500);
    let mut out = Vec::with_capacity(names.len());
    for id in names {
        if let Some(letter) = read(app, &id).await? {
            out.push(letter);
        }
    }
    Ok(out)
}

async fn read(app: &App, id: &str) -> Result<Option<Captured>> {
    // Only what is an id of ours becomes part of a path.
    let Ok(id) = id.parse::<entity::ids::LetterId>() else { return Err(Error::NotFound) };
    let Some(dir) = app.post.captured() else { return Err(Error::NotFound) };
    let Ok(raw) = tokio::fs::read(dir.join(format!("{id}.eml"))).await else { return Ok(None) };
    let Some(message) = MessageParser::default().parse(&raw) else { return Ok(None) };
    let address = |a: Option<&mail_parser::Address<'_>>| {
        a.and_then(|a| a.first()).map(|a| match (a.name(), a.address()) {
            (Some(name), Some(address)) => format!("{name} <{address}>"),
            (_, address) => address.unwrap_or_default().to_owned(),
        })
    };
    Ok(Some(Captured {
        id: id.to_string(),
        to: address(message.to()).unwrap_or_default(),
        from: address(message.from()).unwrap_or_default(),
        subject: message.subject().unwrap_or_default().to_owned(),
        at: message.date().and_then(|d| DateTime::from_timestamp(d.to_timestamp(), 0)).unwrap_or_default(),
        text: message.body_text(0).unwrap_or_default().into_owned(),
        html: message.body_html(0).unwrap_or_default().into_owned(),
    }))
}

fn only_in_demo(app: &App) -> Result<()> {
    if app.config.demo { Ok(()) } else { Err(Error::NotFound) }
}

async fn list(app: web::Data<App>, page: Page) -> Result<HttpResponse> {
    only_in_demo(&app)?;
    page.show(&MailboxPage { letters: captured(&app).await?, page: page.clone() })
}

async fn list_json(app: web::Data<App>) -> Result<HttpResponse> {
    only_in_demo(&app)?;
    Ok(HttpResponse::Ok().json(captured(&app).await?))
}

async fn show(app: web::Data<App>, page: Page, id: web::Path<String>) -> Result<HttpResponse> {
    only_in_demo(&app)?;
    let letter = read(&app, &id).await?.ok_or(Error::NotFound)?;
    let shown = CapturedPage { letter, page: page.clone() };
    // The letter's HTML stands in a frame of its own.
    let answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, format!("{}; frame-src 'self'", guards::policy(&[]))))
        .content_type("text/html; charset=utf-8")
        .body(shown.render()?);
    Ok(answer)
}

/// The letter's own HTML, which may not run anything, and whose links open outside the frame.
async fn body(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    only_in_demo(&app)?;
    let letter = read(&app, &id).await?.ok_or(Error::NotFound)?;
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation";
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .content_type("text/html; charset=utf-8")
        .body(letter.html.replacen("<head>", "<head><base target=\"_top\">", 1)))
}
