//! Activity in the portal: what happened, by day, and what calls for attention.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use entity::{enums::Locale, event};

use super::queries::{self, About, By, Eyes, Filter};
use crate::{
    app::App,
    auth::actors::{Acting, Admin, Creator, Member},
    base::lang::Lang,
    error::Result,
    web::{
        forms::{Choice, Form},
        layout::Page,
        lists::Asked,
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/c/activity", Who::Creator, of_creator);
    r.post("/c/activity/seen", Who::Creator, seen_by_creator);
    r.get("/c/activity/bell", Who::Creator, bell_of_creator);
    r.get("/b/{org}/activity", Who::Member, of_org);
    r.post("/b/{org}/activity/seen", Who::Member, seen_by_member);
    r.get("/b/{org}/activity/bell", Who::Member, bell_of_org);
    r.get("/admin/activity", Who::Admin, of_all);
    r.post("/admin/activity/seen", Who::Admin, seen_by_admin);
    r.get("/admin/activity/bell", Who::Admin, bell_of_admin);
}

/// What happened, in a sentence.
pub(super) fn sentence(lang: Locale, row: &event::Model, about: &About) -> String {
    let what = lang.name("event", &row.kind);
    match (&about.creator, &about.campaign) {
        (Some(creator), Some((_, campaign))) => {
            lang.t("activity.of_both").with("what", what).with("creator", creator).with("campaign", campaign).into()
        }
        (Some(one), None) | (None, Some((_, one))) => lang.t("activity.of_one").with("what", what).with("one", one).into(),
        (None, None) => what.into(),
    }
}

/// Who did it, in the reader's words.
pub(super) fn by(lang: Locale, about: &About) -> Option<String> {
    about.by.as_ref().map(|by| match by {
        By::Reader => lang.t("activity.you").into(),
        By::Other(name) => name.clone(),
    })
}

/// Where it leads.
pub(super) fn href(acting: &Acting, row: &event::Model, about: &About) -> Option<String> {
    let area = row.kind.split('.').next().unwrap_or_default();
    match acting {
        Acting::Creator(..) => match (area, about.thread, about.participation) {
            ("message", Some(thread), _) => Some(urls::creator(format!("inbox/{thread}"))),
            ("invitation", _, _) => Some(urls::creator_invitation(&row.subject)),
            ("participation" | "brief", _, Some(place)) => Some(urls::job(place)),
            ("network", _, _) if row.kind == "network.insights_asked" => Some(urls::creator(format!("insights/{}", row.subject))),
            ("network", _, _) => Some(urls::NETWORKS.to_owned()),
            ("consent", _, _) => Some(urls::CONSENTS.to_owned()),
            ("creator" | "offering" | "portfolio_item", _, _) => Some(urls::creator("profile")),
            _ => None,
        },
        Acting::Org(org, ..) => match (area, about.thread, &about.campaign) {
            ("message", Some(thread), _) => Some(urls::org(org, format!("inbox/{thread}"))),
            ("invitation" | "participation", _, Some((campaign, _))) => Some(urls::campaign(org, campaign, "creators")),
            ("campaign" | "brief", _, Some((campaign, _))) => Some(urls::campaign(org, campaign, "")),
            ("member" | "delegation" | "organisation", _, _) => Some(urls::org(org, "settings")),
            ("webhook", _, _) => Some(urls::webhook(org, &row.subject)),
            _ => None,
        },
        Acting::Admin => match area {
            "account" => Some(format!("{}/users/{}", urls::ADMIN, row.subject)),
            "letter" => Some(format!("{}/mail?state=failed", urls::ADMIN)),
            "creator" | "creators" => Some(urls::ADMIN_CREATORS.to_owned()),
            _ => Some(format!("{}?subject={}", urls::ADMIN_AUDIT, row.subject)),
        },
    }
}

struct Line {
    at: DateTime<Utc>,
    text: String,
    by: Option<String>,
    href: Option<String>,
    /// Calls for attention and was not seen.
    fresh: bool,
}

struct Day {
    date: NaiveDate,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "activity/feed.html")]
struct FeedPage {
    page: Page,
    path: String,
    form: Form,
    areas: Vec<Choice>,
    shows: Vec<Choice>,
    days: Vec<Day>,
    unseen: bool,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
}

async fn feed(app: &App, page: &Page, acting: &Acting, eyes: Eyes, asked: &Asked) -> Result<HttpResponse> {
    let db = app.db();
    let filter = Filter { area: asked.take("area"), notifications: asked.value("show") == "notifications" };
    let found = queries::list(db, eyes, &filter, asked.slice()).await?;
    let rows: Vec<&event::Model> = found.items().collect();
    let about = queries::about(db, eyes, &rows).await?;
    let mark = queries::mark(db, eyes).await?;
    let mut days: Vec<Day> = Vec::new();
    for row in rows {
        let of = about.get(&row.id).cloned().unwrap_or_default();
        let line = Line {
            at: row.at,
            text: sentence(page.lang, row, &of),
            by: by(page.lang, &of),
            href: href(acting, row, &of),
            fresh: eyes.notices(row) && crate::events::Place::of(row) > mark,
        };
        let date = row.at.with_timezone(&page.zone).date_naive();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.lines.push(line),
            None => days.push(Day { date, lines: vec![line] }),
        }
    }
    let (newer, older) = asked.pager(&found);
    page.show(&FeedPage {
        path: urls::activity(acting),
        areas: eyes.areas().into_iter().map(|area| Choice::new(area, page.name("event_area", area))).collect(),
        shows: vec![Choice::new("notifications", page.t("activity.notifications"))],
        unseen: queries::count_unseen(db, eyes).await? > 0,
        days,
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

async fn looked(app: &App, page: &Page, acting: &Acting, eyes: Eyes) -> Result<HttpResponse> {
    super::seen(app, eyes).await?;
    Ok(page.see(&urls::activity(acting), Say::done("activity.notice.seen")))
}

fn as_creator(by: &Creator) -> Acting {
    Acting::Creator(by.id(), by.profile().display_name.clone())
}

fn as_member(by: &Member) -> Acting {
    Acting::Org(by.org(), by.organization().name.clone(), by.organization().kind)
}

/// The bell alone, which pages fetch again now and then.
#[derive(Template)]
#[template(path = "parts/bell.html")]
struct Bell {
    page: Page,
}

async fn bell_of_creator(page: Page, _: Creator) -> Result<HttpResponse> {
    page.show(&Bell { page: page.clone() })
}

async fn bell_of_org(page: Page, _: Member) -> Result<HttpResponse> {
    page.show(&Bell { page: page.clone() })
}

async fn bell_of_admin(page: Page, _: Admin) -> Result<HttpResponse> {
    page.show(&Bell { page: page.clone() })
}

async fn of_creator(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    feed(&app, &page, &as_creator(&by), (&by).into(), &asked).await
}

async fn seen_by_creator(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    looked(&app, &page, &as_creator(&by), (&by).into()).await
}

async fn of_org(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    feed(&app, &page, &as_member(&by), (&by).into(), &asked).await
}

async fn seen_by_member(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    looked(&app, &page, &as_member(&by), (&by).into()).await
}

async fn of_all(app: web::Data<App>, page: Page, by: Admin, asked: Asked) -> Result<HttpResponse> {
    feed(&app, &page, &Acting::Admin, (&by).into(), &asked).await
}

async fn seen_by_admin(app: web::Data<App>, page: Page, by: Admin) -> Result<HttpResponse> {
    looked(&app, &page, &Acting::Admin, (&by).into()).await
}
