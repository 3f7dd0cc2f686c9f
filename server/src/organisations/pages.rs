//! The portal's pages of organisations: founding, the home, the settings, the page behind a letter to a future member.

use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use entity::{
    brand,
    enums::{CampaignState, DelegationState, OrgKind, Role},
    organization,
};

use super::{
    BrandInput, Edit, Found, Offer, queries,
    rules::{self, End, Standing, Step},
};
use crate::{
    app::App,
    auth::{
        actors::{Member, Person},
        extract, limits,
        sessions::Device,
    },
    base::{money::Currency, paging::Slice},
    campaigns,
    error::{Error, Problem, Result},
    web::{
        charts::Chart,
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls, zones,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::FOUND, Who::Person, found_page);
    r.post(urls::FOUND, Who::Person, found);
    r.get("/join/{token}", Who::Token, join_page);
    r.post("/join/{token}", Who::Token, join);
    r.get("/b/{org}", Who::Member, home);
    r.get("/b/{org}/settings", Who::Member, settings);
    r.post("/b/{org}/settings", Who::Owner, edit);
    r.post("/b/{org}/settings/members", Who::Owner, invite);
    r.post("/b/{org}/settings/members/{id}/role", Who::Owner, change_role);
    r.post("/b/{org}/settings/members/{id}/remove", Who::Owner, remove_member);
    r.post("/b/{org}/settings/leave", Who::Member, leave);
    r.post("/b/{org}/settings/invitations/{id}/resend", Who::Owner, resend);
    r.post("/b/{org}/settings/invitations/{id}/withdraw", Who::Owner, withdraw);
    r.post("/b/{org}/settings/brands", Who::Manager, add_brand);
    r.post("/b/{org}/settings/brands/{id}", Who::Manager, rename_brand);
    r.post("/b/{org}/settings/brands/{id}/remove", Who::Manager, remove_brand);
    r.post("/b/{org}/settings/delegations", Who::Owner, offer);
    r.post("/b/{org}/settings/delegations/{id}/accept", Who::Owner, accept_delegation);
    r.post("/b/{org}/settings/delegations/{id}/decline", Who::Owner, decline_delegation);
    r.post("/b/{org}/settings/delegations/{id}/end", Who::Owner, end_delegation);
}

fn currencies() -> Vec<Choice> {
    Currency::ALL.iter().map(|c| Choice::new(c.code(), c.code())).collect()
}

fn locales() -> Vec<Choice> {
    vec![Choice::new("ja", "日本語"), Choice::new("en", "English")]
}

fn roles(page: &Page, of: &[Role]) -> Vec<Choice> {
    of.iter().map(|role| Choice::new(role.as_str(), page.t(&format!("organisations.role_choice.{role}")))).collect()
}

/// The parts of a path after `/b/{org}`: an id that is no id is not found.
fn id<T: entity::ids::Id>(path: &web::Path<(String, String)>) -> Result<T> {
    path.1.parse().map_err(|_| Error::NotFound)
}

// Founding.

#[derive(Template)]
#[template(path = "organisations/new.html")]
struct FoundPage {
    page: Page,
    form: Form,
    kinds: Vec<Choice>,
    currencies: Vec<Choice>,
    zones: Vec<Choice>,
    locales: Vec<Choice>,
}

impl FoundPage {
    fn of(page: &Page, form: Form) -> Self {
        let kinds = [OrgKind::Brand, OrgKind::Agency].map(|kind| Choice::new(kind.as_str(), page.t(&format!("organisations.kind.{kind}"))));
        let zones = zones::choices(form.value("time_zone"), page.now);
        Self { form, kinds: kinds.to_vec(), currencies: currencies(), zones, locales: locales(), page: page.clone() }
    }
}

async fn found_page(page: Page, by: Person) -> Result<HttpResponse> {
    let form = Form::new()
        .with("kind", "brand")
        .with("currency", if by.locale() == entity::enums::Locale::Ja { "JPY" } else { "USD" })
        .with("time_zone", &*by.user().time_zone)
        .with("locale", by.locale().as_str());
    page.show(&FoundPage::of(&page, form))
}

async fn found(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let profile = rules::ProfileInput {
        name: form.take("name"),
        legal_name: form.take("legal_name"),
        address: form.take("address"),
        website: form.take("website"),
        currency: form.take("currency"),
        time_zone: form.take("time_zone"),
        locale: form.take("locale"),
    };
    match refused(super::found(&app, &by, Found { kind: form.take("kind"), profile }).await)? {
        Ok(org) => Ok(page.see(&urls::org(org.id, ""), Say::done("organisations.notice.founded"))),
        Err(problems) => page.again(&FoundPage::of(&page, form.refused(&problems, page.lang))),
    }
}

// The page behind a letter.

#[derive(Template)]
#[template(path = "organisations/join.html")]
struct JoinPage {
    page: Page,
    token: String,
    org: organization::Model,
    inviter: String,
    role: Role,
    until: chrono::DateTime<chrono::Utc>,
    /// `sent`, `expired`, `accepted`, `revoked`.
    standing: &'static str,
    masked: String,
    /// Whether somebody is signed in, and whether the letter was to them.
    mine: Option<bool>,
    sign_in: String,
    sign_up: String,
}

async fn join_page(
    request: HttpRequest,
    app: web::Data<App>,
    page: Page,
    device: Device,
    token: web::Path<String>,
) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let person = extract::visitor(&request).await?;
    show_join(&app, &page, person.as_ref(), token.into_inner(), false).await
}

async fn show_join(app: &App, page: &Page, person: Option<&Person>, token: String, again: bool) -> Result<HttpResponse> {
    let teaser = queries::teaser(app, &token).await?;
    let here = urls::member_invitation(&token);
    let shown = JoinPage {
        standing: rules::standing(&teaser.invitation, page.now).as_str(),
        masked: rules::masked(&teaser.invitation.email),
        mine: person.map(|p| teaser.is_for(p)),
        role: teaser.invitation.role,
        until: teaser.invitation.expires_at,
        inviter: teaser.inviter,
        org: teaser.org,
        sign_in: urls::sign_in(&here),
        sign_up: urls::sign_up_for("brand", &here),
        token,
        page: page.clone(),
    };
    if again { page.again(&shown) } else { page.show(&shown) }
}

async fn join(app: web::Data<App>, page: Page, by: Person, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    match super::accept_member_invitation(&app, &by, &token).await {
        Ok(row) => Ok(page.see(&urls::org(row.org_id, ""), Say::done("organisations.notice.joined"))),
        // The page itself says what is the matter with the link or with who is signed in.
        Err(Error::User(_) | Error::Forbidden(_)) => show_join(&app, &page, Some(&by), token.into_inner(), true).await,
        Err(other) => Err(other),
    }
}

// The home.

/// One thing to do before the first campaign runs.
struct Task {
    /// Its texts' key.
    name: &'static str,
    done: bool,
    href: String,
    /// Whether it is the next one.
    next: bool,
}

#[derive(Template)]
#[template(path = "organisations/home.html")]
struct HomePage {
    page: Page,
    org: organization::Model,
    through_agency: bool,
    role: Role,
    may_manage: bool,
    /// Empty once all is done.
    tasks: Vec<Task>,
    overview: queries::Overview,
    /// The campaigns that go on, the last changed first.
    running: Vec<campaigns::pages::Row>,
    /// In which states campaigns are.
    states: Option<Chart>,
    campaigns: String,
    new_campaign: String,
    /// Offers of brands that wait for the agency's answer.
    offers: usize,
    settings: String,
    /// The brands that an agency acts for: name and home.
    clients: Vec<(String, String)>,
}

/// In which states a campaign goes on.
const GOING: &[CampaignState] = &[CampaignState::Recruiting, CampaignState::Active, CampaignState::Measuring, CampaignState::Paused];
/// How many of them the home shows.
const SHOWN: u64 = 5;

async fn home(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    let db = app.db();
    let org = by.organization().clone();
    let overview = queries::overview(db, &by).await?;
    let today = page.now.date_naive();
    let delegations = queries::delegations(db, &by, false, today).await?;
    let own = by.org();
    let offers = delegations.iter().filter(|d| d.agency_id == own && d.state == DelegationState::Offered).count();
    let acted_for = delegations.iter().filter(|d| d.agency_id == own && d.state == DelegationState::Active).map(|d| d.brand_id);
    let clients: Vec<_> = queries::named(db, acted_for).await?.into_iter().map(|o| (o.name, urls::org(o.id, ""))).collect();
    let settings = urls::org(own, "settings");
    let all_campaigns = urls::org(own, "campaigns");
    let new_campaign = urls::org(own, "campaigns/new");
    let profile_done = !org.legal_name.is_empty() && !org.address.is_empty();
    // Only what this person may do themselves; an agency works in its clients' organisations.
    let (owner, manager) = (by.owner().is_ok(), by.manager().is_ok());
    let agency = org.kind == OrgKind::Agency;
    let steps: Vec<(&'static str, bool, String)> = [
        (
            by.is_owner() && app.config.auth.second_factor_required,
            ("second_factor", by.person().cleared(), urls::security(&urls::org(own, ""))),
        ),
        (owner, ("profile", profile_done, settings.clone())),
        (owner && agency, ("client", !clients.is_empty(), format!("{settings}#delegations"))),
        (manager && !agency, ("campaign", overview.total() > 0, new_campaign.clone())),
        (manager && !agency, ("invitation", overview.invitations > 0, all_campaigns.clone())),
        (owner, ("members", overview.members > 1, format!("{settings}#members"))),
    ]
    .into_iter()
    .filter_map(|(theirs, step)| theirs.then_some(step))
    .collect();
    let next = steps.iter().position(|(_, done, _)| !done);
    let tasks = match next {
        Some(next) => steps.into_iter().enumerate().map(|(i, (name, done, href))| Task { name, done, href, next: i == next }).collect(),
        None => Vec::new(),
    };
    let going = campaigns::queries::Filter { states: GOING.to_vec(), ..Default::default() };
    let latest = Slice::default().sized(SHOWN);
    let found = campaigns::queries::list(db, &by, &going, campaigns::queries::Order::Updated, true, latest).await?;
    let states: Vec<(String, i64)> = overview.campaigns.iter().map(|(s, n)| (page.name("campaign_state", s).into(), *n)).collect();
    let (title, count) = (page.t("organisations.home.by_state"), page.t("layout.nav.campaigns"));
    page.show(&HomePage {
        running: campaigns::pages::rows(&app, &page, &by, &found.items().collect::<Vec<_>>()).await?,
        states: Chart::bars(&page, title, page.t("campaigns.column.state"), count, &states),
        through_agency: by.agency().is_some(),
        role: by.role(),
        may_manage: manager,
        tasks,
        overview,
        campaigns: all_campaigns,
        new_campaign,
        offers,
        settings,
        clients,
        org,
        page: page.clone(),
    })
}

// The settings.

struct MemberRow {
    id: String,
    name: String,
    email: String,
    role: Role,
    you: bool,
}

struct InvitationRow {
    id: String,
    email: String,
    role: Role,
    expired: bool,
    expires_at: chrono::DateTime<chrono::Utc>,
}

struct DelegationRow {
    id: String,
    other: String,
    role: Role,
    state: DelegationState,
    until: Option<NaiveDate>,
    accept: bool,
    decline: bool,
    end: bool,
    /// The client's home, for an agency that may act there.
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "organisations/settings.html")]
struct SettingsPage {
    page: Page,
    org: organization::Model,
    form: Form,
    /// Which part of the page the form's problems belong to; for rows their id.
    part: String,
    owner: bool,
    /// An owner whose second factor is awaited.
    uncleared: bool,
    manager: bool,
    through_agency: bool,
    members: Vec<MemberRow>,
    invitations: Vec<InvitationRow>,
    brands: Vec<brand::Model>,
    delegations: Vec<DelegationRow>,
    currencies: Vec<Choice>,
    zones: Vec<Choice>,
    locales: Vec<Choice>,
    roles: Vec<Choice>,
    agency_roles: Vec<Choice>,
    /// `/b/{org}/settings`
    base: String,
    /// The addresses of the audit log and of the webhooks.
    audit: String,
    webhooks: String,
}

impl SettingsPage {
    /// What was refused in a row of a table.
    fn row_problem(&self, id: &str) -> Option<&str> {
        if self.part == id { self.form.problems().first().map(|(_, text)| text.as_str()) } else { None }
    }

    /// What a row's field shows: what was typed and refused, else what is.
    fn typed<'a>(&'a self, id: impl std::fmt::Display, field: &str, now: &'a str) -> &'a str {
        if self.part == id.to_string() { self.form.value(field) } else { now }
    }

    /// The hashtags of a label as one line.
    fn tags(&self, label: &brand::Model) -> String {
        label.hashtags.0.iter().map(|t| format!("#{t}")).collect::<Vec<_>>().join(" ")
    }
}

/// The page; `part` and `form` are what was refused.
async fn show_settings(app: &App, page: &Page, by: &Member, part: &str, form: Form) -> Result<SettingsPage> {
    let db = app.db();
    let org = by.organization().clone();
    let owner = by.owner();
    let form = match part {
        "org" => form,
        _ => form
            .with("name", &*org.name)
            .with("legal_name", &*org.legal_name)
            .with("address", &*org.address)
            .with("website", &*org.website)
            .with("currency", &*org.currency)
            .with("time_zone", &*org.time_zone)
            .with("locale", org.locale.as_str()),
    };
    // A second value of a list would hide what was typed.
    let form = if part == "invite" { form } else { form.with("invite_role", "manager") };
    let form = if part == "offer" { form } else { form.with("agency_role", "manager") };
    let through_agency = by.agency().is_some();
    let members = queries::people(db, by)
        .await?
        .into_iter()
        .map(|(m, u)| MemberRow {
            id: m.id.to_string(),
            you: u.id == by.user_id(),
            role: m.role,
            email: if through_agency { String::new() } else { u.email },
            name: u.name,
        })
        .collect();
    let invitations = match &owner {
        Ok(owner) => queries::member_invitations(db, owner).await?,
        Err(_) => Vec::new(),
    };
    let today = page.now.date_naive();
    let delegations = queries::delegations(db, by, true, today).await?;
    let others = queries::named(db, delegations.iter().map(|d| if d.brand_id == org.id { d.agency_id } else { d.brand_id })).await?;
    let delegations = delegations
        .into_iter()
        .map(|d| {
            let outgoing = d.brand_id == org.id;
            let (end, other) = if outgoing { (End::Brand, d.agency_id) } else { (End::Agency, d.brand_id) };
            let state = rules::delegation_state(&d, today);
            let may = |step| owner.is_ok() && rules::after(state, end, step).is_some();
            DelegationRow {
                id: d.id.to_string(),
                other: others.iter().find(|o| o.id == other).map(|o| o.name.clone()).unwrap_or_default(),
                role: d.role,
                state,
                until: d.until,
                accept: may(Step::Accept),
                decline: may(Step::Decline),
                end: may(Step::End),
                href: (!outgoing && state == DelegationState::Active).then(|| urls::org(other, "")),
            }
        })
        .collect();
    Ok(SettingsPage {
        form,
        part: part.to_owned(),
        owner: owner.is_ok(),
        uncleared: by.is_owner() && owner.is_err(),
        manager: by.manager().is_ok(),
        through_agency,
        members,
        invitations: invitations
            .into_iter()
            .map(|row| InvitationRow {
                expired: rules::standing(&row, page.now) == Standing::Expired,
                id: row.id.to_string(),
                email: row.email,
                role: row.role,
                expires_at: row.expires_at,
            })
            .collect(),
        brands: queries::brands(db, by).await?,
        delegations,
        currencies: currencies(),
        zones: zones::choices(&org.time_zone, page.now),
        locales: locales(),
        roles: roles(page, &[Role::Owner, Role::Manager, Role::Analyst]),
        agency_roles: roles(page, &[Role::Manager, Role::Analyst]),
        base: urls::org(org.id, "settings"),
        audit: urls::org(org.id, "audit"),
        webhooks: urls::webhooks(org.id),
        org,
        page: page.clone(),
    })
}

async fn settings(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    page.show(&show_settings(&app, &page, &by, "", Form::new()).await?)
}

/// The page has several forms: the fields of all but the first bear another name there.
fn renamed(mut problems: Vec<Problem>, names: &[(&'static str, &'static str)]) -> Vec<Problem> {
    for problem in &mut problems {
        if let Some((_, shown)) = names.iter().find(|(field, _)| problem.field == *field) {
            problem.field = (*shown).into();
        }
    }
    problems
}

/// 303 to the settings, or 422 with what was refused in `part`.
async fn answered<T>(
    app: &App,
    page: &Page,
    by: &Member,
    done: Result<T>,
    say: &'static str,
    part: &str,
    form: Form,
) -> Result<HttpResponse> {
    answered_at(app, page, by, done, say, part, form, &[]).await
}

#[expect(clippy::too_many_arguments, reason = "what every form of the page needs to be answered")]
async fn answered_at<T>(
    app: &App,
    page: &Page,
    by: &Member,
    done: Result<T>,
    say: &'static str,
    part: &str,
    form: Form,
    names: &[(&'static str, &'static str)],
) -> Result<HttpResponse> {
    match refused(done)? {
        Ok(_) => Ok(page.see(&urls::org(by.org(), "settings"), Say::done(say))),
        Err(problems) => {
            let form = form.refused(&renamed(problems, names), page.lang);
            page.again(&show_settings(app, page, by, part, form).await?)
        }
    }
}

async fn edit(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let input = Edit {
        name: Some(form.take("name")),
        legal_name: Some(form.take("legal_name")),
        address: Some(form.take("address")),
        website: Some(form.take("website")),
        currency: Some(form.take("currency")),
        time_zone: Some(form.take("time_zone")),
        locale: Some(form.take("locale")),
    };
    let done = super::edit(&app, &by.owner()?, input).await;
    answered(&app, &page, &by, done, "organisations.notice.saved", "org", form).await
}

async fn invite(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let done = super::invite_member(&app, &by.owner()?, form.value("invite_email"), form.value("invite_role")).await;
    let names = [("email", "invite_email"), ("role", "invite_role")];
    answered_at(&app, &page, &by, done, "organisations.notice.invited", "invite", form, &names).await
}

async fn resend(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::resend_member_invitation(&app, &by.owner()?, id(&path)?).await;
    answered(&app, &page, &by, done, "organisations.notice.invited", &path.1, Form::new()).await
}

async fn withdraw(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::withdraw_member_invitation(&app, &by.owner()?, id(&path)?).await;
    answered(&app, &page, &by, done, "organisations.notice.withdrawn", &path.1, Form::new()).await
}

async fn change_role(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let done = super::change_role(&app, &by.owner()?, id(&path)?, form.value("role")).await;
    answered(&app, &page, &by, done, "organisations.notice.role_changed", &path.1, form).await
}

async fn remove_member(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::remove_member(&app, &by.owner()?, id(&path)?).await;
    if done.as_ref().is_ok_and(|row| row.user_id == by.user_id()) {
        return Ok(page.see(urls::START, Say::done("organisations.notice.left")));
    }
    answered(&app, &page, &by, done, "organisations.notice.removed", &path.1, Form::new()).await
}

async fn leave(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    match refused(super::leave(&app, &by).await)? {
        Ok(_) => Ok(page.see(urls::START, Say::done("organisations.notice.left"))),
        Err(problems) => page.again(&show_settings(&app, &page, &by, "leave", Form::new().refused(&problems, page.lang)).await?),
    }
}

async fn add_brand(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let input = BrandInput { name: form.take("brand_name"), hashtags: Some(form.take("brand_hashtags")) };
    let done = super::add_brand(&app, &by.manager()?, input).await;
    let names = [("name", "brand_name"), ("hashtags", "brand_hashtags")];
    answered_at(&app, &page, &by, done, "organisations.notice.brand_added", "brand", form, &names).await
}

async fn rename_brand(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let input = BrandInput { name: form.take("row_name"), hashtags: Some(form.take("row_hashtags")) };
    let done = super::rename_brand(&app, &by.manager()?, id(&path)?, input).await;
    answered(&app, &page, &by, done, "organisations.notice.saved", &path.1, form).await
}

async fn remove_brand(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::remove_brand(&app, &by.manager()?, id(&path)?).await;
    // The row shows what it is called, not what was typed: nothing was.
    let form = match queries::brand(app.db(), &by, id(&path)?).await {
        Ok(row) => Form::new().with("row_name", row.name).with("row_hashtags", row.hashtags.0.join(" ")),
        Err(_) => Form::new(),
    };
    answered(&app, &page, &by, done, "organisations.notice.brand_removed", &path.1, form).await
}

async fn offer(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let input = Offer { agency: form.take("agency"), role: form.take("agency_role"), until: form.take("until") };
    let done = super::offer_delegation(&app, &by.owner()?, input).await;
    answered_at(&app, &page, &by, done, "organisations.notice.offered", "offer", form, &[("role", "agency_role")]).await
}

async fn accept_delegation(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::accept_delegation(&app, &by.owner()?, id(&path)?).await;
    answered(&app, &page, &by, done, "organisations.notice.delegation_accepted", &path.1, Form::new()).await
}

async fn decline_delegation(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::decline_delegation(&app, &by.owner()?, id(&path)?).await;
    answered(&app, &page, &by, done, "organisations.notice.delegation_declined", &path.1, Form::new()).await
}

async fn end_delegation(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let done = super::end_delegation(&app, &by.owner()?, id(&path)?).await;
    answered(&app, &page, &by, done, "organisations.notice.delegation_ended", &path.1, Form::new()).await
}
