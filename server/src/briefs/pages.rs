//! Briefs in the portal: the brand writes, previews and publishes; the creator reads, says so, and goes if it does not fit.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    brief, campaign,
    enums::{BriefState, CampaignState, Locale, ParticipationState},
    ids::CampaignId,
    json::{Bilingual, FullBrief, Teaser},
    organization,
};
use sea_orm::EntityTrait;

use super::{
    Acknowledge, graphql, queries,
    rules::{self, Change, Due, Part, Typed, pick},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    base::{lang::Text, paging::Slice},
    campaigns::{
        self,
        pages::{Head, of_path},
        rules::in_language,
    },
    error::{Error, Result},
    participations,
    web::{
        forms::Form,
        layout::{NavItem, Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/b/{org}/campaigns/{campaign}/brief", Who::Member, write_page);
    r.post("/b/{org}/campaigns/{campaign}/brief", Who::Manager, write);
    r.post("/b/{org}/campaigns/{campaign}/brief/publish", Who::Manager, publish);
    r.get("/b/{org}/campaigns/{campaign}/brief/preview", Who::Member, preview);
    r.get("/b/{org}/campaigns/{campaign}/brief/versions/{version}", Who::Member, version);
    r.get("/c/jobs/{id}", Who::Creator, job);
    r.post("/c/jobs/{id}/acknowledge", Who::Creator, acknowledge);
}

/// A part of a brief as its reader sees it.
pub(crate) struct Read {
    /// What it is.
    pub label: Text,
    /// The text.
    pub text: String,
    /// The language of the text, for `lang`.
    pub lang: &'static str,
    /// Whether it is not the reader's own.
    pub foreign: bool,
}

/// The parts that are written, in the reader's language where there is one.
fn reading(page: &Page, parts: &[Part], teaser: &Teaser, full: &FullBrief, locale: Locale) -> Vec<Read> {
    parts
        .iter()
        .filter_map(|part| {
            let (text, lang) = pick(part.of(teaser, full), locale);
            (!text.is_empty()).then(|| Read {
                label: page.t(&format!("briefs.part.{}", part.as_str())),
                text: text.to_owned(),
                lang: lang.as_str(),
                foreign: lang != locale,
            })
        })
        .collect()
}

/// A change as its reader sees it.
pub(crate) struct Changed {
    /// What changed.
    pub label: Text,
    /// As it was.
    pub before: String,
    /// As it is.
    pub after: String,
    /// Whether consent is asked.
    pub worsens: bool,
}

fn days(page: &Page, dates: (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>)) -> String {
    page.days(dates.0, dates.1)
}

fn changed(page: &Page, changes: &[Change]) -> Vec<Changed> {
    changes
        .iter()
        .map(|change| match change {
            Change::Text { part, before, after } => {
                // Where only the other language changed, that one is shown.
                let own = in_language(before, page.lang) != in_language(after, page.lang);
                let shown = |text: &Bilingual| match own {
                    true => in_language(text, page.lang).to_owned(),
                    false => in_language(text, if page.lang == Locale::En { Locale::Ja } else { Locale::En }).to_owned(),
                };
                (page.t(&format!("briefs.part.{}", part.as_str())), shown(before), shown(after), change)
            }
            Change::Dates { before, after } => (page.t("briefs.part.dates"), days(page, *before), days(page, *after), change),
        })
        .map(|(label, before, after, change)| Changed { label, before, after, worsens: change.worsens() })
        .collect()
}

/// A text field in both languages.
struct Pair {
    name: Text,
    hint: Text,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    label: &'static str,
    most: usize,
    lang: &'static str,
}

fn pairs(page: &Page, parts: &[Part]) -> Vec<Pair> {
    // The writer's own language stands first.
    let mut locales = Locale::ALL.to_vec();
    locales.sort_by_key(|l| *l != page.lang);
    parts
        .iter()
        .map(|part| Pair {
            name: page.t(&format!("briefs.part.{}", part.as_str())),
            hint: page.t(&format!("briefs.hint.{}", part.as_str())),
            fields: locales
                .iter()
                .map(|locale| Field {
                    name: part.field(*locale),
                    label: match locale {
                        Locale::En => "briefs.language.en",
                        Locale::Ja => "briefs.language.ja",
                    },
                    most: part.most(),
                    lang: locale.as_str(),
                })
                .collect(),
        })
        .collect()
}

/// A version in the list.
struct Version {
    version: i32,
    state: BriefState,
    at: String,
    href: String,
    worsens: bool,
}

#[derive(Template)]
#[template(path = "briefs/write.html")]
struct WritePage {
    page: Page,
    head: Head,
    form: Form,
    url: String,
    teaser: Vec<Pair>,
    full: Vec<Pair>,
    /// Whether the reader may write and the campaign is open.
    may_edit: bool,
    /// Why not, for those who might.
    closed: bool,
    /// The version that holds, and how many of the creators who are in have read it.
    published: Option<(i32, u64, u64)>,
    draft: bool,
    /// Whether the form holds a proposed disclosure that nobody has saved.
    proposed: bool,
    changes: Vec<Changed>,
    asks_consent: bool,
    versions: Vec<Version>,
    /// The texts as they are, for those who only read.
    reading: Vec<Read>,
    reading_full: Vec<Read>,
}

/// The draft's texts, or what a draft would begin with: the version before, and for the first one the proposed disclosure.
async fn begin(app: &App, row: &campaign::Model) -> Result<(Option<brief::Model>, Option<brief::Model>, Teaser, FullBrief, bool)> {
    let draft = queries::draft(app.db(), row.id).await?;
    let published = campaigns::queries::published_brief(app.db(), row.id).await?;
    let (teaser, mut full) = match draft.as_ref().or(published.as_ref()) {
        Some(text) => (text.teaser.clone(), text.full.clone()),
        None => (Teaser::default(), FullBrief::default()),
    };
    let proposed = draft.is_none() && published.is_none();
    if proposed {
        full.disclosure = graphql::proposed_disclosure();
    }
    Ok((draft, published, teaser, full, proposed))
}

async fn write_of(app: &App, page: &Page, by: &Member, row: &campaign::Model, form: Option<Form>) -> Result<WritePage> {
    let (draft, published, teaser, full, proposed) = begin(app, row).await?;
    let open = rules::may_edit(row).is_ok();
    let fresh = form.is_none();
    let form = form.unwrap_or_else(|| {
        Part::all()
            .flat_map(|part| Locale::ALL.iter().map(move |l| (part, *l)))
            .fold(Form::new(), |form, (part, locale)| form.with(&part.field(locale), in_language(part.of(&teaser, &full), locale)))
    });
    let dates = (row.starts_on, row.ends_on);
    let changes = match (&published, &draft) {
        (Some(before), Some(after)) => rules::changes(before, after, dates),
        (Some(before), None) => rules::changes(before, before, dates),
        (None, _) => Vec::new(),
    };
    let holds = match &published {
        Some(b) => {
            let (inside, read) = queries::acknowledged(app.db(), by, row.id, b.version).await?;
            Some((b.version, inside, read))
        }
        None => None,
    };
    let url = urls::campaign(by.org(), row.id, "brief");
    let versions = queries::of_campaign(app.db(), by, row.id, Slice::default().sized(50)).await?;
    let versions = versions.items().filter(|b| b.state != BriefState::Draft).map(|b| Version {
        version: b.version,
        state: b.state,
        at: b.published_at.map(|at| page.time(&at)).unwrap_or_default(),
        href: format!("{url}/versions/{}", b.version),
        worsens: b.worsens,
    });
    Ok(WritePage {
        head: Head::of(app, page, by, row).await?,
        teaser: pairs(page, Part::TEASER),
        full: pairs(page, Part::FULL),
        may_edit: open && by.manager().is_ok(),
        closed: !open,
        published: holds,
        proposed: proposed && fresh,
        asks_consent: changes.iter().any(Change::worsens),
        changes: changed(page, &changes),
        draft: draft.is_some(),
        versions: versions.collect(),
        reading: reading(page, Part::TEASER, &teaser, &full, page.lang),
        reading_full: if draft.is_some() || published.is_some() {
            reading(page, Part::FULL, &teaser, &full, page.lang)
        } else {
            Vec::new()
        },
        url,
        form,
        page: page.clone(),
    })
}

async fn write_page(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    page.show(&write_of(&app, &page, &by, &row, None).await?)
}

async fn write(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    let typed = Part::all()
        .flat_map(|part| Locale::ALL.iter().map(move |l| (part, *l)))
        .map(|(part, locale)| Typed { part, locale, text: form.take(&part.field(locale)) })
        .collect();
    let url = urls::campaign(by.org(), row.id, "brief");
    let mut done = super::edit(&app, &manager, row.id, typed).await;
    let publishes = form.value("then") == "publish";
    if publishes && done.is_ok() {
        done = super::publish(&app, &manager, row.id).await;
    }
    match refused(done)? {
        Ok(_) if publishes => Ok(page.see(&urls::campaign(by.org(), row.id, ""), published_notice(&app, &by, row.id).await?)),
        Ok(_) if form.value("then") == "preview" => Ok(page.go(&format!("{url}/preview"))),
        Ok(_) => Ok(page.see(&url, Say::done("briefs.notice.saved"))),
        Err(problems) => {
            let form = form.refused(&problems, page.lang);
            page.again(&write_of(&app, &page, &by, &row, Some(form)).await?)
        }
    }
}

/// Who waits for an answer holds a mail with the earlier terms: the brand is told how many they are.
async fn published_notice(app: &App, by: &Member, campaign: CampaignId) -> Result<Say> {
    let counts = participations::queries::funnel(app.db(), by, campaign).await?;
    let waiting = counts.iter().find(|(state, _)| *state == ParticipationState::Invited).map_or(0, |(_, n)| *n);
    Ok(if waiting > 0 { Say::info("briefs.notice.published_waiting").n(waiting) } else { Say::done("briefs.notice.published") })
}

/// Publishes what is saved, from the preview; what is missing is shown beside its field.
async fn publish(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    match refused(super::publish(&app, &manager, row.id).await)? {
        Ok(_) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), published_notice(&app, &by, row.id).await?)),
        Err(problems) => {
            let mut again = write_of(&app, &page, &by, &row, None).await?;
            again.form = again.form.refused(&problems, page.lang);
            page.again(&again)
        }
    }
}

#[derive(Template)]
#[template(path = "briefs/version.html")]
struct VersionPage {
    page: Page,
    head: Head,
    title: Text,
    /// One entry per language in which the teaser is whole.
    tabs: Vec<NavItem>,
    dates: String,
    changes: Vec<Changed>,
    teaser: Vec<Read>,
    full: Vec<Read>,
    url: String,
    /// What a preview shows: `draft` or `published`; empty where it is none.
    preview: &'static str,
    may_edit: bool,
}

/// What a version page is made of.
struct Shown<'a> {
    row: &'a campaign::Model,
    brief: &'a brief::Model,
    before: Option<&'a brief::Model>,
    dates: (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>),
    title: Text,
    /// What a preview shows: `draft` or `published`; empty where it is none.
    preview: &'static str,
}

async fn version_of(app: &App, page: &Page, by: &Member, shown: Shown<'_>, asked: &[(String, String)]) -> Result<VersionPage> {
    let Shown { row, brief, before, dates, title, preview } = shown;
    let locale = asked.iter().find(|(k, _)| k == "lang").and_then(|(_, v)| v.parse().ok()).unwrap_or(page.lang);
    let here = page.path.split('?').next().unwrap_or_default().to_owned();
    let tab = |l: &Locale| NavItem {
        label: page
            .t(match l {
                Locale::En => "briefs.language.en",
                Locale::Ja => "briefs.language.ja",
            })
            .into(),
        href: format!("{here}?lang={l}"),
        current: *l == locale,
        icon: "",
        count: None,
    };
    Ok(VersionPage {
        head: Head::of(app, page, by, row).await?,
        title,
        tabs: Locale::ALL.iter().rev().map(tab).collect(),
        dates: days(page, dates),
        changes: before.map(|b| changed(page, &rules::changes(b, brief, dates))).unwrap_or_default(),
        teaser: reading(page, Part::TEASER, &brief.teaser, &brief.full, locale),
        full: reading(page, Part::FULL, &brief.teaser, &brief.full, locale),
        url: urls::campaign(by.org(), row.id, "brief"),
        preview,
        may_edit: by.manager().is_ok() && rules::may_edit(row).is_ok(),
        page: page.clone(),
    })
}

async fn preview(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    asked: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    let (draft, published, ..) = begin(&app, &row).await?;
    let Some(brief) = draft.as_ref().or(published.as_ref()) else {
        return Ok(page.see(&urls::campaign(by.org(), row.id, "brief"), Say::info("briefs.notice.nothing")));
    };
    let title = page.t("briefs.preview.title");
    let before = published.as_ref().filter(|b| b.version < brief.version);
    let shown = Shown {
        row: &row,
        brief,
        before,
        dates: (row.starts_on, row.ends_on),
        title,
        preview: if draft.is_some() { "draft" } else { "published" },
    };
    page.show(&version_of(&app, &page, &by, shown, &asked).await?)
}

async fn version(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String, String)>,
    asked: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let not_found = |_| Error::NotFound;
    let row = campaigns::queries::one(app.db(), &by, path.1.parse().map_err(|_| Error::NotFound)?).await?;
    let brief = queries::version(app.db(), &by, row.id, path.2.parse().map_err(not_found)?).await?;
    let versions = queries::published(app.db(), row.id).await?;
    let before = versions.iter().rev().find(|b| b.version < brief.version);
    let title = page.t("briefs.version.title").with("version", brief.version);
    let shown = Shown { row: &row, brief: &brief, before, dates: (brief.starts_on, brief.ends_on), title, preview: "" };
    page.show(&version_of(&app, &page, &by, shown, &asked).await?)
}

#[derive(Template)]
#[template(path = "briefs/job.html")]
struct JobPage {
    page: Page,
    form: Form,
    campaign: campaign::Model,
    brand: String,
    dates: String,
    version: i32,
    teaser: Vec<Read>,
    /// Empty unless the creator is in.
    full: Vec<Read>,
    inside: bool,
    /// The key of a sentence for those who are not in, or whose campaign stands still.
    standing: Option<(&'static str, Text)>,
    reason: String,
    due: bool,
    asks_consent: bool,
    /// What changed since the version that was agreed to.
    changes: Vec<Changed>,
    acknowledged: String,
    chat: Option<String>,
    may_leave: bool,
    steps: Vec<participations::pages::Step>,
    url: String,
}

async fn job_of(app: &App, page: &Page, by: &Creator, id: &str, form: Form) -> Result<JobPage> {
    let job = queries::job(app.db(), by, id.parse().map_err(|_| Error::NotFound)?).await?;
    let inside = participations::rules::joined(job.place.state);
    let org = organization::Entity::find_by_id(job.place.org_id).one(app.db()).await?;
    let due = rules::due(&job.place, &job.versions, job.last.as_ref());
    let current = job.versions.last();
    let empty = (Teaser::default(), FullBrief::default());
    let (teaser, full) = current.map_or((&empty.0, &empty.1), |b| (&b.teaser, &b.full));
    let read = current.filter(|b| job.last.as_ref().is_some_and(|ack| ack.version == b.version));
    // Against what the creator agreed to, not only against the version just before.
    let agreed = job.last.as_ref().and_then(|ack| job.versions.iter().find(|b| b.version == ack.version)).or_else(|| {
        let joined_by = |b: &&brief::Model| matches!((b.published_at, job.place.joined_at), (Some(out), Some(at)) if out <= at);
        job.versions.iter().filter(joined_by).max_by_key(|b| b.version)
    });
    let changes = match (agreed, current) {
        (Some(before), Some(now)) if inside && due.is_some() && before.version < now.version => {
            changed(page, &rules::changes(before, now, (now.starts_on, now.ends_on)))
        }
        _ => Vec::new(),
    };
    Ok(JobPage {
        brand: org.map(|o| o.name).unwrap_or_default(),
        dates: days(page, (job.campaign.starts_on, job.campaign.ends_on)),
        version: current.map_or(0, |b| b.version),
        teaser: reading(page, Part::TEASER, teaser, full, page.lang),
        full: if inside { reading(page, Part::FULL, teaser, full, page.lang) } else { Vec::new() },
        inside,
        standing: standing(page, job.place.state, job.campaign.state),
        reason: job.place.reason.clone(),
        due: due.is_some(),
        asks_consent: due == Some(Due::Consent),
        changes,
        acknowledged: read.and(job.last.as_ref()).map(|ack| page.time(&ack.at)).unwrap_or_default(),
        chat: job.thread.filter(|_| inside).map(|t| urls::creator(format_args!("inbox/{}", t.id))),
        may_leave: participations::rules::after(job.place.state, participations::rules::Move::Leave).is_some(),
        steps: participations::pages::steps(page, participations::rules::seen_by_creator(job.place.state)),
        url: urls::job(job.place.id),
        campaign: job.campaign,
        form,
        page: page.clone(),
    })
}

/// What there is to say before anything else: kind of notice and sentence.
fn standing(page: &Page, place: ParticipationState, campaign: CampaignState) -> Option<(&'static str, Text)> {
    use ParticipationState::*;
    let say = |kind, key: &str| Some((kind, page.t(key)));
    match (place, campaign) {
        (Removed, _) => say("info", "briefs.job.removed"),
        (Withdrawn, _) => say("info", "briefs.job.withdrawn"),
        (Declined, _) => say("info", "briefs.job.declined"),
        (NotSelected, _) => say("info", "briefs.job.not_selected"),
        (_, CampaignState::Cancelled) => say("problem", "briefs.job.cancelled"),
        (Invited, _) => say("info", "briefs.job.invited"),
        (Shortlisted | Applied | Selected, _) => say("info", "briefs.job.applied"),
        (_, CampaignState::Completed | CampaignState::Archived) => say("done", "briefs.job.completed"),
        (_, CampaignState::Paused) => say("info", "briefs.job.paused"),
        (Joined | Negotiating | Contracted | Working | Delivered | Settled, _) => None,
    }
}

async fn job(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    page.show(&job_of(&app, &page, &by, &id, Form::new()).await?)
}

async fn acknowledge(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let input = Acknowledge { version: form.take("version"), consent: form.checked("consent", "yes") };
    let place = id.parse().map_err(|_| Error::NotFound)?;
    match refused(super::acknowledge(&app, &by, place, input).await)? {
        Ok(_) => Ok(page.see(&urls::job(place), Say::done("briefs.notice.acknowledged"))),
        Err(problems) => page.again(&job_of(&app, &page, &by, &id, form.refused(&problems, page.lang)).await?),
    }
}
