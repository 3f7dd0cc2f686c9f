//! Participations in the portal: the creator's jobs, and the brand's table of a campaign's creators with their invitations.

mod shortlist;

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use entity::{
    campaign, creator,
    enums::{EmailSource, InvitationState, ParticipationState},
    ids::{BatchId, CampaignId, CreatorId, OrgId, ParticipationId},
    invitation, organization, participation,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::{
    queries,
    rules::{self, Move},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    base::{
        lang::Text,
        paging::{self, Slice},
    },
    campaigns::pages::Head,
    conversations,
    error::{Error, Result},
    invitations::{self, mails},
    web::{
        download,
        forms::Form,
        layout::{NavItem, Page, refused},
        lists::{Asked, Columns},
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
    r.get("/b/{org}/campaigns/{campaign}/creators.csv", Who::Member, creators_csv);
    r.post("/b/{org}/campaigns/{campaign}/participations/{id}/remove", Who::Manager, remove);
    r.post("/b/{org}/campaigns/{campaign}/participations/{id}/unlist", Who::Manager, shortlist::take_off);
    r.get("/b/{org}/shortlist", Who::Manager, shortlist::choose);
    r.post("/b/{org}/shortlist", Who::Manager, shortlist::add);
}

/// A step of the stepper.
pub(crate) struct Step {
    pub(crate) label: Text,
    /// `done`, `now` or `next`.
    pub(crate) state: &'static str,
}

/// Where a creator stands in a job; empty for whoever is not on the way.
pub(crate) fn steps(page: &Page, state: ParticipationState) -> Vec<Step> {
    let Some(done) = rules::stages_done(state) else { return Vec::new() };
    let step = |(at, stage): (usize, &rules::Stage)| Step {
        label: page.t(&format!("participations.stage.{}", stage.as_str())),
        state: match at.cmp(&done) {
            std::cmp::Ordering::Less => "done",
            std::cmp::Ordering::Equal => "now",
            std::cmp::Ordering::Greater => "next",
        },
    };
    rules::Stage::ALL.iter().enumerate().map(step).collect()
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
    steps: Vec<Step>,
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
    /// The conversation with them.
    thread: Option<String>,
    invitation: Option<Latest>,
    may_remove: bool,
    /// Whether they can be taken off the shortlist, without a word.
    may_unlist: bool,
    /// Where they are invited, while they are on the shortlist.
    ask: Option<String>,
}

/// The latest invitation of a row.
struct Latest {
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
    /// Where those who could be invited with better input are typed again.
    mendable: Option<String>,
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
    search: Form,
    may_invite: bool,
    /// Whether somebody is on the shortlist.
    has_candidates: bool,
    columns: Columns,
    download: String,
    /// Whether the bar of what is done with several has anything to do.
    may_bulk: bool,
    /// With how many it does it at once.
    most: usize,
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

async fn jobs(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    let slice = Slice::page(Some(asked.value("after")), Some(asked.value("before")));
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
    let (newer, older) = asked.pager(&mine);
    page.show(&JobsPage { waiting: waiting.collect(), jobs: cards.collect(), newer, older, page: page.clone() })
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
        steps: steps(page, state),
        may_leave: rules::after(row.state, Move::Leave).is_some(),
    }
}

async fn leave(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    super::leave(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(&urls::creator("jobs"), Say::done("participations.notice.left")))
}

async fn creators(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, asked: Asked) -> Result<HttpResponse> {
    let campaign = path.1.parse().map_err(|_| Error::NotFound)?;
    page.show(&table(&app, &page, &by, campaign, &asked, Form::new()).await?)
}

fn which(state: &str, name: &str) -> queries::Which {
    queries::Which { states: state.parse().into_iter().collect(), name: name.to_owned() }
}

/// Who is on a campaign's shortlist, as far as one mailing goes; and whether there are more.
pub(crate) async fn candidates(app: &App, by: &Member, campaign: CampaignId, most: usize) -> Result<(Vec<String>, bool)> {
    let which = which(ParticipationState::Shortlisted.as_str(), "");
    let (rows, more) = paging::gather(most, async |slice| queries::of_campaign(app.db(), by, campaign, &which, slice).await).await?;
    Ok((rows.iter().map(|row| row.creator_id.to_string()).collect(), more))
}

/// The latest invitations of all creators whom the table shows with the form's filter, as far as one may do with them what it asks for.
pub(crate) async fn matching(app: &App, page: &Page, by: &Member, campaign: CampaignId, form: &Form) -> Result<Vec<String>> {
    use invitations::rules::{BULK, Bulk, Move, brand_actions};
    let wanted = match form.value("do").parse() {
        Ok(Bulk::Resend) => Move::Resend,
        Ok(Bulk::Withdraw) => Move::Withdraw,
        Err(_) => return Ok(Vec::new()),
    };
    let campaign = invitations::queries::campaign_of(app.db(), by, campaign).await?;
    let which = which(form.value("state"), form.value("q"));
    let (mut out, mut from) = (Vec::new(), None);
    loop {
        let found = queries::of_campaign(app.db(), by, campaign.id, &which, Slice::page(from.as_deref(), None).sized(500)).await?;
        let latest = invitations::queries::latest_of(app.db(), by, found.items().map(|row| row.id)).await?;
        let asked = found.items().filter_map(|row| latest.get(&row.id));
        let asked = asked.filter(|row| brand_actions(row, &campaign, page.now).contains(&wanted));
        out.extend(asked.map(|row| row.id.to_string()).take(BULK - out.len()));
        from = found.next().filter(|_| out.len() < BULK).map(str::to_owned);
        if from.is_none() {
            return Ok(out);
        }
    }
}

const COLUMNS: &[&str] = &["state", "invitation", "answer"];

fn columns(page: &Page, asked: &Asked) -> Columns {
    Columns::of(asked, COLUMNS.iter().map(|key| (*key, page.t(&format!("participations.creators.{key}")))))
}

/// The creators of a page of participations by their names.
async fn names(db: &impl ConnectionTrait, found: impl Iterator<Item = CreatorId>) -> Result<HashMap<CreatorId, String>> {
    let rows = creator::Entity::find().filter(creator::Column::Id.is_in(found)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.display_name)).collect())
}

/// The table as it is seen, in full. An address is in it where the page shows it.
async fn creators_csv(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    asked: Asked,
) -> Result<HttpResponse> {
    let db = app.db();
    let campaign = invitations::queries::campaign_of(db, &by, path.1.parse().map_err(|_| Error::NotFound)?).await?;
    let which = which(asked.value("state"), asked.value("q"));
    let found = download::all(async |slice: Slice| queries::of_campaign(db, &by, campaign.id, &which, slice).await).await?;
    let columns = columns(&page, &asked);
    let mut heads = columns.heads(page.t("participations.creators.creator"));
    heads.extend(["email", "sent", "due", "joined"].map(|key| page.t(&format!("participations.creators.{key}")).into()));
    let mut out = vec![heads];
    for part in found.chunks(1_000) {
        let latest = invitations::queries::latest_of(db, &by, part.iter().map(|row| row.id)).await?;
        let names = names(db, part.iter().map(|row| row.creator_id)).await?;
        for row in part {
            let invitation = latest.get(&row.id);
            let cells = [
                ("state", page.name("participation_state", row.state).into()),
                ("invitation", invitation.map(|i| page.name("invitation_state", i.state).into()).unwrap_or_default()),
                ("answer", invitation.and_then(|i| i.answered_at).map(|at| page.stamp(&at)).unwrap_or_default()),
            ];
            let mut line = columns.cells(names.get(&row.creator_id).cloned().unwrap_or_default(), &cells);
            line.push(invitation.filter(|i| invitations::rules::shows_address(i)).map(|i| i.email.clone()).unwrap_or_default());
            let stamp = |at: Option<DateTime<Utc>>| at.map(|at| page.stamp(&at)).unwrap_or_default();
            line.extend([stamp(invitation.and_then(|i| i.sent_at)), stamp(invitation.map(|i| i.expires_at)), stamp(row.joined_at)]);
            out.push(line);
        }
    }
    download::list(&app, by.person(), Some(by.org()), "campaign-creators", out).await
}

/// The same page again, after one of its buttons was refused.
pub(crate) async fn creators_again(app: &App, page: &Page, by: &Member, campaign: CampaignId, form: Form) -> Result<HttpResponse> {
    let asked = Asked::nothing(&urls::campaign(by.org(), campaign, "creators"));
    page.again(&table(app, page, by, campaign, &asked, form).await?)
}

async fn table(app: &App, page: &Page, by: &Member, campaign: CampaignId, asked: &Asked, form: Form) -> Result<CreatorsPage> {
    let db = app.db();
    let campaign = invitations::queries::campaign_of(db, by, campaign).await?;
    let base = urls::campaign(by.org(), campaign.id, "creators");
    let state = asked.choice::<ParticipationState>("state");
    let found = queries::of_campaign(db, by, campaign.id, &which(asked.value("state"), asked.value("q")), asked.slice()).await?;
    let latest = invitations::queries::latest_of(db, by, found.items().map(|row| row.id)).await?;
    let names = names(db, found.items().map(|row| row.creator_id)).await?;
    let threads = conversations::queries::with(db, by, found.items().map(|row| row.creator_id), Some(campaign.id)).await?;
    let may_invite = by.manager().is_ok();
    let moves = |row: &participation::Model| rules::brand_moves(row.state, latest.contains_key(&row.id));
    let rows = found.items().map(|row| Row {
        id: row.id,
        name: names.get(&row.creator_id).cloned().unwrap_or_default(),
        href: urls::org(by.org(), format!("creators/{}", row.creator_id)),
        state: row.state,
        tone: tone(row.state),
        reason: row.reason.clone(),
        joined: row.joined_at.map(|at| page.time(&at)).unwrap_or_default(),
        thread: threads.get(&row.creator_id).map(|id| urls::org(by.org(), format!("inbox/{id}"))),
        invitation: latest.get(&row.id).map(|i| asked_of(page, by, &campaign, i.clone(), may_invite)),
        may_unlist: may_invite && moves(row).contains(&Move::Unlist),
        may_remove: may_invite && moves(row).contains(&Move::Remove),
        ask: (may_invite && row.state == ParticipationState::Shortlisted && invitations::rules::recruits(&campaign).is_ok())
            .then(|| urls::campaign(by.org(), campaign.id, format!("invite?creator={}", row.creator_id))),
    });
    let rows: Vec<Row> = rows.collect();

    let counts: HashMap<ParticipationState, i64> = queries::funnel(db, by, campaign.id).await?.into_iter().collect();
    let all = counts.values().sum::<i64>();
    let tab = |label: Text, value: &str, current: bool, n: i64| NavItem {
        label: label.into(),
        href: asked.with("state", value),
        current,
        icon: "",
        count: u64::try_from(n).ok(),
    };
    let mut states = vec![tab(page.t("participations.creators.all"), "", state.is_none(), all)];
    for each in ParticipationState::ALL.iter().filter(|s| counts.contains_key(s) || state == Some(**s)) {
        let n = counts.get(each).copied().unwrap_or(0);
        states.push(tab(page.name("participation_state", each), each.as_str(), state == Some(*each), n));
    }

    let progress = progress(app, page, by, campaign.id, asked.value("batch")).await?;
    let working = progress.as_ref().is_some_and(|p| p.done < p.total);
    let (newer, older) = asked.pager(&found);
    let changeable = |row: &Row| row.invitation.as_ref().is_some_and(|i| i.may_resend || i.may_withdraw);
    Ok(CreatorsPage {
        columns: columns(page, asked),
        download: asked.elsewhere(&format!("{base}.csv")),
        may_bulk: rows.iter().any(changeable),
        most: invitations::rules::BULK,
        form,
        org: by.org(),
        rows,
        states,
        progress,
        refresh: working.then(|| asked.here()),
        newer,
        older,
        filtered: asked.narrowed(),
        search: asked.form(),
        has_candidates: counts.get(&ParticipationState::Shortlisted).is_some_and(|n| *n > 0),
        may_invite: may_invite && invitations::rules::recruits(&campaign).is_ok(),
        head: Head::of(app, page, by, &campaign).await?,
        campaign,
        page: page.clone(),
    })
}

fn asked_of(page: &Page, by: &Member, campaign: &campaign::Model, row: invitation::Model, may: bool) -> Latest {
    let actions = if may { invitations::rules::brand_actions(&row, campaign, page.now) } else { Vec::new() };
    let typed = row.email_source == EmailSource::BrandEntered;
    Latest {
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
    let left = invitations::refused(&batch);
    let mendable =
        left.iter().any(|no| no.typed.is_some()).then(|| urls::campaign(by.org(), campaign, format!("invite?again={}", batch.id)));
    Ok(Some(Progress { total: batch.total, done, refused: left.iter().map(|no| no.text(page.lang)).collect(), mendable }))
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
