//! The creator's own pages: home, profile, picture, portfolio.

use std::collections::HashMap;

use actix_multipart::Multipart;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use entity::{
    campaign, creator,
    enums::{CampaignState, InvitationState, ParticipationState},
    ids::{CampaignId, PortfolioItemId},
    organization, portfolio_item,
};

use super::{
    super::{
        pictures::{self, Use},
        queries,
        rules::{self, Completeness, Item, LineAction, Typed, TypedItem},
    },
    files,
};
use crate::{
    app::App,
    auth::actors::Creator,
    base::paging::Slice,
    briefs::rules::pick,
    error::{Error, Problem, Result},
    insights, invitations, networks, participations,
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

/// A part of the profile as pages show it.
struct Part {
    label: String,
    brings: String,
    href: String,
    done: bool,
    required: bool,
    weight: u8,
}

/// How complete the profile is.
struct Progress {
    percent: u8,
    parts: Vec<Part>,
}

impl Progress {
    fn of(page: &Page, read: &Completeness) -> Self {
        let parts = read.parts.iter().map(|part| Part {
            label: page.t(&format!("creators.part.{}.name", part.key)).into(),
            brings: page.t(&format!("creators.part.{}.brings", part.key)).into(),
            href: href(part.key),
            done: part.done,
            required: part.required,
            weight: part.weight,
        });
        Self { percent: read.percent, parts: parts.collect() }
    }
}

/// Where a part is filled in.
fn href(part: Item) -> String {
    match part {
        Item::Account => urls::ACCOUNT.into(),
        Item::Network => urls::creator("networks"),
        Item::Offering => urls::creator("offerings"),
        Item::Intro => urls::creator("profile#f-intro_ja"),
        Item::Picture => urls::creator("profile#picture"),
        Item::Category => urls::creator("profile#f-main_category"),
        Item::Skills => urls::creator("profile#f-skills"),
        Item::Country => urls::creator("profile#f-country"),
        Item::Portfolio => urls::creator("profile#portfolio"),
    }
}

async fn completeness(app: &App, row: &creator::Model) -> Result<Completeness> {
    let db = app.db();
    let attached = queries::attached(db, &[row.id]).await?;
    let count = |n: Option<usize>| n.unwrap_or_default();
    Ok(rules::completeness(
        row,
        rules::Counts {
            networks: count(attached.links.get(&row.id).map(Vec::len)),
            offerings: count(attached.offerings.get(&row.id).map(Vec::len)),
            portfolio: queries::portfolio(db, row.id).await?.len(),
        },
    ))
}

/// An invitation or a job as a card.
struct Card {
    campaign: String,
    brand: String,
    /// The answer-by instant of an invitation.
    until: Option<DateTime<Utc>>,
    /// The same in words, in the brand's zone, as the invitation itself says it.
    answer_by: String,
    /// What an invitation promises.
    reward: String,
    /// The state of a job.
    state: Option<ParticipationState>,
    steps: Vec<participations::pages::Step>,
    days: String,
    href: String,
}

/// What the banner asks for.
struct Next {
    title: String,
    text: String,
    button: String,
    href: String,
}

#[derive(Template)]
#[template(path = "creators/home.html")]
struct HomePage {
    page: Page,
    name: String,
    next: Option<Next>,
    invitations: Vec<Card>,
    jobs: Vec<Card>,
    progress: Progress,
    linked: bool,
    score: Option<insights::pages::Summary>,
    to_mend: Vec<String>,
}

/// States in which a job is over.
const OVER: &[ParticipationState] = &[
    ParticipationState::NotSelected,
    ParticipationState::Settled,
    ParticipationState::Declined,
    ParticipationState::Withdrawn,
    ParticipationState::Removed,
];

fn card(page: &Page, known: &HashMap<CampaignId, (campaign::Model, organization::Model)>, id: CampaignId) -> Option<Card> {
    let (campaign, org) = known.get(&id)?;
    Some(Card {
        campaign: campaign.name.clone(),
        brand: org.name.clone(),
        until: None,
        answer_by: String::new(),
        reward: String::new(),
        state: None,
        steps: Vec::new(),
        days: page.days(campaign.starts_on, campaign.ends_on),
        href: urls::creator("jobs"),
    })
}

pub(super) async fn home(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    let row = queries::own(app.db(), &by).await?;
    let waiting = invitations::queries::Filter { states: vec![InvitationState::Sent], ..Default::default() };
    let waiting = invitations::queries::of_creator(app.db(), &by, &waiting, Slice::default()).await?;
    let waiting: Vec<_> = waiting.items().filter(|i| i.expires_at > page.now).cloned().collect();
    let jobs = participations::queries::jobs(app.db(), &by, Slice::default()).await?;
    let jobs: Vec<_> = jobs.items().filter(|j| !OVER.contains(&j.state)).cloned().collect();
    let ids = waiting.iter().map(|i| i.campaign_id).chain(jobs.iter().map(|j| j.campaign_id));
    let known = participations::queries::around(app.db(), ids).await?;
    let running = |id: &CampaignId| known.get(id).is_some_and(|(c, _)| c.state != CampaignState::Cancelled);
    let briefs = invitations::queries::published_briefs(app.db(), waiting.iter().map(|i| i.campaign_id)).await?;
    let asked = |i: &entity::invitation::Model| {
        let href = urls::creator_invitation(i.id);
        let answer_by = invitations::mails::answer_by(page.lang, &known.get(&i.campaign_id)?.1, i.expires_at);
        let reward = briefs.get(&i.campaign_id).map(|brief| pick(&brief.teaser.reward, page.lang).0.to_owned()).unwrap_or_default();
        Some(Card { until: Some(i.expires_at), answer_by, reward, href, ..card(&page, &known, i.campaign_id)? })
    };
    let invitations: Vec<Card> = waiting.iter().filter_map(asked).collect();
    let jobs: Vec<Card> = jobs
        .iter()
        .filter(|j| running(&j.campaign_id))
        .filter_map(|j| {
            let state = participations::rules::seen_by_creator(j.state);
            let steps = participations::pages::steps(&page, state);
            Some(Card { state: Some(state), steps, href: urls::job(j.id), ..card(&page, &known, j.campaign_id)? })
        })
        .collect();
    let read = completeness(&app, &row).await?;
    let linked = read.parts.iter().any(|p| p.key == Item::Network && p.done);
    page.show(&HomePage {
        next: next(&page, &invitations, &read),
        progress: Progress::of(&page, &read),
        name: row.display_name,
        invitations,
        jobs,
        linked,
        score: insights::pages::summary(&app, &page, &by).await?,
        to_mend: networks::pages::to_mend(&app, &page, &by).await?,
        page: page.clone(),
    })
}

/// The one thing to do now: somebody waits for an answer; else what the profile lacks, the required parts first.
fn next(page: &Page, invitations: &[Card], read: &Completeness) -> Option<Next> {
    if let Some(first) = invitations.iter().min_by_key(|card| card.until) {
        return Some(Next {
            title: page.t("creators.next.answer.title").with("brand", &first.brand).into(),
            text: page.t("creators.next.answer.text").with("campaign", &first.campaign).with("until", &first.answer_by).into(),
            button: page.t("creators.next.answer.button").into(),
            href: first.href.clone(),
        });
    }
    let missing = read.parts.iter().find(|part| !part.done)?;
    Some(Next {
        title: page.t(&format!("creators.part.{}.do", missing.key)).into(),
        text: page.t(&format!("creators.part.{}.brings", missing.key)).into(),
        button: page.t("creators.next.button").into(),
        href: href(missing.key),
    })
}

#[derive(Template)]
#[template(path = "creators/profile.html")]
struct ProfilePage {
    page: Page,
    name: String,
    picture: Option<String>,
    /// Whether the picture is one that can be removed here.
    uploaded: bool,
    progress: Progress,
    form: Form,
    /// Which part of the page the form's problems belong to.
    part: &'static str,
    categories: Vec<Choice>,
    kinds: Vec<Choice>,
    countries: Vec<Choice>,
    prefectures: Vec<Choice>,
    portfolio: Vec<portfolio_item::Model>,
    room: bool,
    /// A line that was just deleted and can be brought back.
    deleted: Option<portfolio_item::Model>,
}

async fn shown(app: &App, page: &Page, by: &Creator, part: &'static str, form: Form) -> Result<ProfilePage> {
    let row = queries::own(app.db(), by).await?;
    let form = match part {
        "profile" => form,
        _ => form
            .with("display_name", &*row.display_name)
            .with("kana", &*row.kana)
            .with("kind", row.kind.as_str())
            .with("main_category", &*row.main_category)
            .with("skills", row.skills.0.join(", "))
            .with("country", &*row.country)
            .with("prefecture", &*row.prefecture)
            .with("intro_ja", &*row.intro_ja)
            .with("intro_en", &*row.intro_en),
    };
    let portfolio = queries::portfolio(app.db(), row.id).await?;
    Ok(ProfilePage {
        progress: Progress::of(page, &completeness(app, &row).await?),
        picture: super::picture(&row),
        uploaded: row.picture_id.is_some(),
        name: row.display_name,
        form,
        part,
        categories: super::categories(page),
        kinds: super::kinds(page),
        countries: super::countries(page),
        prefectures: super::prefectures(page),
        room: portfolio.len() < rules::PORTFOLIO,
        portfolio,
        deleted: None,
        page: page.clone(),
    })
}

async fn again(app: &App, page: &Page, by: &Creator, part: &'static str, form: Form, problems: &[Problem]) -> Result<HttpResponse> {
    let form = form.refused(problems, page.lang);
    page.again(&shown(app, page, by, part, form).await?)
}

pub(super) async fn profile(
    app: web::Data<App>,
    page: Page,
    by: Creator,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let mut shown = shown(&app, &page, &by, "", Form::new()).await?;
    if let Some(id) = query.iter().find(|(k, _)| k == "deleted").and_then(|(_, v)| v.parse::<PortfolioItemId>().ok()) {
        let item = queries::item(app.db(), &by, id).await.ok();
        shown.deleted = item.filter(|item| rules::line_actions(item.deleted_at, page.now).contains(&LineAction::Restore));
    }
    page.show(&shown)
}

pub(super) async fn edit(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    let typed = Typed {
        display_name: Some(form.take("display_name")),
        kana: Some(form.take("kana")),
        intro_en: Some(form.take("intro_en")),
        intro_ja: Some(form.take("intro_ja")),
        main_category: Some(form.take("main_category")),
        skills: Some(vec![form.take("skills")]),
        kind: Some(form.take("kind")),
        country: Some(form.take("country")),
        prefecture: Some(form.take("prefecture")),
    };
    match refused(super::super::edit(&app, &by, typed).await)? {
        Ok(_) => Ok(page.see(&urls::creator("profile"), Say::done("creators.notice.saved"))),
        Err(problems) => again(&app, &page, &by, "profile", form, &problems).await,
    }
}

pub(super) async fn set_picture(app: web::Data<App>, page: Page, by: Creator, form: Multipart) -> Result<HttpResponse> {
    let done = async {
        let stored = pictures::upload(&app, by.person(), Use::Picture, files::file(form).await?).await?;
        pictures::set_picture(&app, &by, stored.id).await
    };
    match refused(done.await)? {
        Ok(_) => Ok(page.see(&urls::creator("profile"), Say::done("creators.notice.picture_set"))),
        Err(problems) => again(&app, &page, &by, "picture", Form::new(), &problems).await,
    }
}

pub(super) async fn remove_picture(app: web::Data<App>, page: Page, by: Creator) -> Result<HttpResponse> {
    pictures::remove_picture(&app, &by).await?;
    Ok(page.see(&urls::creator("profile"), Say::done("creators.notice.picture_removed")))
}

fn typed_item(form: &Form) -> TypedItem {
    TypedItem {
        brand_name: form.take("brand_name"),
        title: form.take("title"),
        url: form.take("url"),
        published_on: form.take("published_on"),
        note: form.take("note"),
    }
}

const PORTFOLIO: &str = "profile#portfolio";

pub(super) async fn add_item(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    match refused(super::super::add_item(&app, &by, &typed_item(&form)).await)? {
        Ok(_) => Ok(page.see(&urls::creator(PORTFOLIO), Say::done("creators.notice.item_added"))),
        Err(problems) => again(&app, &page, &by, "item", form, &problems).await,
    }
}

#[derive(Template)]
#[template(path = "creators/item.html")]
struct ItemPage {
    page: Page,
    form: Form,
    id: PortfolioItemId,
}

fn item_id(id: &str) -> Result<PortfolioItemId> {
    id.parse().map_err(|_| Error::NotFound)
}

pub(super) async fn item(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let item = queries::item(app.db(), &by, item_id(&id)?).await?;
    if item.deleted_at.is_some() {
        return Err(Error::NotFound);
    }
    let form = Form::new()
        .with("brand_name", item.brand_name)
        .with("title", item.title)
        .with("url", item.url)
        .with("published_on", item.published_on.map(|d| d.to_string()).unwrap_or_default())
        .with("note", item.note);
    page.show(&ItemPage { form, id: item.id, page: page.clone() })
}

pub(super) async fn edit_item(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = item_id(&id)?;
    match refused(super::super::edit_item(&app, &by, id, &typed_item(&form)).await)? {
        Ok(_) => Ok(page.see(&urls::creator(PORTFOLIO), Say::done("creators.notice.saved"))),
        Err(problems) => page.again(&ItemPage { form: form.refused(&problems, page.lang), id, page: page.clone() }),
    }
}

pub(super) async fn delete_item(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let item = super::super::delete_item(&app, &by, item_id(&id)?).await?;
    Ok(page.go(&urls::creator(format!("profile?deleted={}#portfolio", item.id))))
}

pub(super) async fn restore_item(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    super::super::restore_item(&app, &by, item_id(&id)?).await?;
    Ok(page.see(&urls::creator(PORTFOLIO), Say::done("creators.notice.restored")))
}
