//! Participations in the portal: the creator's jobs, and the brand's table of a campaign's creators with their invitations.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    campaign,
    enums::{EmailSource, InvitationState, ParticipationState},
    ids::{BatchId, CampaignId, OrgId, ParticipationId},
    invitation, organization, participation,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    queries,
    rules::{self, Move},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    base::{lang::Text, paging::Slice},
    campaigns::pages::Head,
    error::{Error, Result},
    invitations::{self, mails},
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
    r.get("/c/jobs", Who::Creator, jobs);
    r.post("/c/jobs/{id}/leave", Who::Creator, leave);
    r.get("/b/{org}/campaigns/{campaign}/creators", Who::Member, creators);
    r.post("/b/{org}/campaigns/{campaign}/participations/{id}/remove", Who::Manager, remove);
}

/// An invitation that waits for the creator's answer.
struct Waiting {
    href: String,
    brand: String,
    campaign: String,
    answer_by: String,
}

/// A campaign that the creator is or was in.
struct JobCard {
    id: ParticipationId,
    href: String,
    brand: String,
    campaign: String,
    dates: String,
    state: ParticipationState,
    tone: &'static str,
    may_leave: bool,
}

#[derive(Template)]
#[template(path = "participations/jobs.html")]
struct JobsPage {
    page: Page,
    waiting: Vec<Waiting>,
    jobs: Vec<JobCard>,
    newer: Option<String>,
    older: Option<String>,
}

/// A creator of a campaign, as the brand sees them.
struct Row {
    id: ParticipationId,
    name: String,
    href: String,
    state: ParticipationState,
    tone: &'static str,
    reason: String,
    joined: String,
    invitation: Option<Asked>,
    may_remove: bool,
}

/// The latest invitation of a row.
struct Asked {
    row: invitation::Model,
    tone: &'static str,
    answer_by: String,
    /// Whether an answer may still come.
    waits: bool,
    /// The address, where it is the brand's to see.
    email: Option<String>,
    may_resend: bool,
    may_withdraw: bool,
    /// Whether another address may be typed.
    may_readdress: bool,
}

/// The bulk action that is shown above the table.
struct Progress {
    total: i32,
    done: i32,
    refused: Vec<Text>,
}

#[derive(Template)]
#[template(path = "participations/creators.html")]
struct CreatorsPage {
    page: Page,
    form: Form,
    head: Head,
    org: OrgId,
    campaign: campaign::Model,
    rows: Vec<Row>,
    states: Vec<NavItem>,
    progress: Option<Progress>,
    /// Where the table is fetched again while mails are on their way.
    refresh: Option<String>,
    newer: Option<String>,
    older: Option<String>,
    filtered: bool,
    may_invite: bool,
}

/// How a state is coloured; it is always worded too.
pub(crate) fn tone(state: ParticipationState) -> &'static str {
    use ParticipationState::*;
    match state {
        Shortlisted | NotSelected | Withdrawn => "quiet",
        Invited | Applied | Selected => "info",
        Joined | Negotiating | Contracted | Working => "busy",
        Delivered | Settled => "good",
        Declined => "warn",
        Removed => "bad",
    }
}

fn invitation_tone(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Draft | InvitationState::Revoked => "quiet",
        InvitationState::Queued => "busy",
        InvitationState::Sent => "info",
        InvitationState::Accepted => "good",
        InvitationState::Declined | InvitationState::Expired => "warn",
        InvitationState::Bounced => "bad",
    }
}

/// The address of a page of a list, with what it is filtered by.
fn list_url(base: &str, kept: &[(&str, &str)], turn: Option<(&str, &str)>) -> String {
    let pairs: Vec<_> = kept.iter().copied().chain(turn).filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(&pairs) {
        Ok(query) if !query.is_empty() => format!("{base}?{query}"),
        _ => base.to_owned(),
    }
}

async fn jobs(app: web::Data<App>, page: Page, by: Creator, query: web::Query<HashMap<String, String>>) -> Result<HttpResponse> {
    let slice = Slice::page(query.get("after").map(String::as_str), query.get("before").map(String::as_str));
    let first = slice.from.is_none();
    let mine = queries::jobs(app.db(), &by, slice).await?;
    let open = if first {
        let filter = invitations::queries::Filter { states: invitations::rules::WAITING.to_vec(), ..Default::default() };
        invitations::queries::of_creator(app.db(), &by, &filter, Slice::default().sized(100)).await?.rows
    } else {
        Vec::new()
    };
    let campaigns = mine.items().map(|row| row.campaign_id).chain(open.iter().map(|(_, row)| row.campaign_id));
    let around = queries::around(app.db(), campaigns).await?;
    let waiting = open.iter().map(|(_, row)| row).filter(|row| invitations::rules::waits(row, page.now)).filter_map(|row| {
        let (campaign, org) = around.get(&row.campaign_id)?;
        // What can no longer be joined need not be answered.
        invitations::rules::recruits(campaign).ok()?;
        Some(Waiting {
            href: urls::creator_invitation(row.id),
            brand: org.name.clone(),
            campaign: campaign.name.clone(),
            answer_by: mails::answer_by(page.lang, org, row.expires_at),
        })
    });
    let cards = mine.items().filter_map(|row| around.get(&row.campaign_id).map(|found| card(&page, row, found)));
    let link = |turn: &str, cursor: Option<&str>| cursor.map(|c| list_url(&urls::creator("jobs"), &[], Some((turn, c))));
    page.show(&JobsPage {
        waiting: waiting.collect(),
        jobs: cards.collect(),
        newer: link("before", mine.previous()),
        older: link("after", mine.next()),
        page: page.clone(),
    })
}

fn card(page: &Page, row: &participation::Model, (campaign, org): &(campaign::Model, organization::Model)) -> JobCard {
    let state = rules::seen_by_creator(row.state);
    JobCard {
        id: row.id,
        href: urls::job(row.id),
        brand: org.name.clone(),
        campaign: campaign.name.clone(),
        dates: mails::dates(page.lang, campaign),
        state,
        tone: tone(state),
        may_leave: rules::after(row.state, Move::Leave).is_some(),
    }
}

async fn leave(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    super::leave(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(&urls::creator("jobs"), Say::done("participations.notice.left")))
}

/// What of the table is shown.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    state: String,
    #[serde(default)]
    batch: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

async fn creators(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse> {
    let campaign = path.1.parse().map_err(|_| Error::NotFound)?;
    page.show(&table(&app, &page, &by, campaign, &shown, Form::new()).await?)
}

/// The same page again, after one of its buttons was refused.
pub(crate) async fn creators_again(app: &App, page: &Page, by: &Member, campaign: CampaignId, form: Form) -> Result<HttpResponse> {
    page.again(&table(app, page, by, campaign, &Shown::default(), form).await?)
}

async fn table(app: &App, page: &Page, by: &Member, campaign: CampaignId, shown: &Shown, form: Form) -> Result<CreatorsPage> {
    let db = app.db();
    let campaign = invitations::queries::campaign_of(db, by, campaign).await?;
    let base = urls::campaign(by.org(), campaign.id, "creators");
    let state = shown.state.parse::<ParticipationState>().ok();
    let slice = Slice::page(Some(&shown.after), Some(&shown.before)).sized(50);
    let found = queries::of_campaign(db, by, campaign.id, state.as_slice(), slice).await?;
    let asked = invitations::queries::latest_of(db, by, found.items().map(|row| row.id)).await?;
    let names: HashMap<_, _> = entity::creator::Entity::find()
        .filter(entity::creator::Column::Id.is_in(found.items().map(|row| row.creator_id)))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.id, row.display_name))
        .collect();
    let may_invite = by.manager().is_ok();
    let rows = found.items().map(|row| Row {
        id: row.id,
        name: names.get(&row.creator_id).cloned().unwrap_or_default(),
        href: urls::org(by.org(), format!("creators/{}", row.creator_id)),
        state: row.state,
        tone: tone(row.state),
        reason: row.reason.clone(),
        joined: row.joined_at.map(|at| page.time(&at)).unwrap_or_default(),
        invitation: asked.get(&row.id).map(|i| asked_of(page, by, &campaign, i.clone(), may_invite)),
        may_remove: may_invite && rules::after(row.state, Move::Remove).is_some(),
    });
    let rows = rows.collect();

    let counts: HashMap<ParticipationState, i64> = queries::funnel(db, by, campaign.id).await?.into_iter().collect();
    let all = counts.values().sum::<i64>();
    let tab = |label: Text, value: &str, current: bool, n: i64| NavItem {
        label: label.into(),
        href: list_url(&base, &[("state", value)], None),
        current,
        icon: "",
        count: u64::try_from(n).ok(),
    };
    let mut states = vec![tab(page.t("participations.creators.all"), "", state.is_none(), all)];
    for each in ParticipationState::ALL.iter().filter(|s| counts.contains_key(s) || state == Some(**s)) {
        let n = counts.get(each).copied().unwrap_or(0);
        states.push(tab(page.name("participation_state", each), each.as_str(), state == Some(*each), n));
    }

    let progress = progress(app, page, by, campaign.id, &shown.batch).await?;
    let kept = [("state", shown.state.as_str()), ("batch", shown.batch.as_str())];
    let here = match (shown.after.as_str(), shown.before.as_str()) {
        ("", "") => None,
        ("", before) => Some(("before", before)),
        (after, _) => Some(("after", after)),
    };
    let working = progress.as_ref().is_some_and(|p| p.done < p.total);
    let turn = |way: &str, cursor: Option<&str>| cursor.map(|c| list_url(&base, &kept, Some((way, c))));
    Ok(CreatorsPage {
        form,
        org: by.org(),
        rows,
        states,
        progress,
        refresh: working.then(|| list_url(&base, &kept, here)),
        newer: turn("before", found.previous()),
        older: turn("after", found.next()),
        filtered: state.is_some(),
        may_invite: may_invite && invitations::rules::recruits(&campaign).is_ok(),
        head: Head::of(app, page, by, &campaign).await?,
        campaign,
        page: page.clone(),
    })
}

fn asked_of(page: &Page, by: &Member, campaign: &campaign::Model, row: invitation::Model, may: bool) -> Asked {
    let actions = if may { invitations::rules::brand_actions(&row, campaign, page.now) } else { Vec::new() };
    let typed = row.email_source == EmailSource::BrandEntered;
    Asked {
        tone: invitation_tone(row.state),
        answer_by: mails::answer_by(page.lang, by.organization(), row.expires_at),
        waits: invitations::rules::waits(&row, page.now),
        email: invitations::rules::shows_address(&row).then(|| row.email.clone()),
        may_resend: actions.contains(&invitations::rules::Move::Resend),
        may_withdraw: actions.contains(&invitations::rules::Move::Withdraw),
        may_readdress: typed,
        row,
    }
}

/// The bulk action that was just started, or one that still runs.
async fn progress(app: &App, page: &Page, by: &Member, campaign: CampaignId, asked: &str) -> Result<Option<Progress>> {
    let batch = match asked.parse::<BatchId>() {
        Ok(id) => Some(invitations::queries::batch(app.db(), by, id).await?),
        Err(_) => invitations::queries::latest_batch(app.db(), by, campaign).await?,
    };
    let Some(batch) = batch.filter(|b| b.campaign_id == campaign) else { return Ok(None) };
    let done = invitations::queries::done(app.db(), by, &batch).await?;
    if asked.is_empty() && done >= batch.total {
        return Ok(None);
    }
    let refused = invitations::refused(&batch).iter().map(|no| no.text(page.lang)).collect();
    Ok(Some(Progress { total: batch.total, done, refused }))
}

async fn remove(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let campaign = path.1.parse().map_err(|_| Error::NotFound)?;
    let id = path.2.parse().map_err(|_| Error::NotFound)?;
    match refused(super::remove(&app, &by.manager()?, id, form.value("reason")).await)? {
        Ok(_) => Ok(page.see(&urls::campaign(by.org(), campaign, "creators"), Say::done("participations.notice.removed"))),
        Err(problems) => creators_again(&app, &page, &by, campaign, Form::new().refused(&problems, page.lang)).await,
    }
}
