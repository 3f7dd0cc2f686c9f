//! Campaigns in the portal, for the brand's members: the table, a campaign's page, its form. [`Head`] is the top of every page of a
//! campaign; the pages of briefs and of creators use it too.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    brand, campaign,
    enums::{CampaignState, Goal, Kpi, Network, ParticipationState, RecruitMode},
};

use super::{
    queries,
    queries::{Filter, Order},
    rules::{self, Gap, Move, Typed, TypedFormat, TypedKpi, TypedTarget},
};
use crate::{
    app::App,
    auth::actors::Member,
    base::{
        lang::{Lang, Text},
        money::{Currency, Money},
        paging::Slice,
    },
    briefs, creators,
    error::{Error, Problem, Result},
    offerings, participations,
    web::{
        forms::{Choice, Form},
        layout::{NavItem, Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/b/{org}/campaigns", Who::Member, list);
    r.get("/b/{org}/campaigns/new", Who::Manager, new);
    r.post("/b/{org}/campaigns/new", Who::Manager, create);
    r.get("/b/{org}/campaigns/{campaign}", Who::Member, overview);
    r.get("/b/{org}/campaigns/{campaign}/edit", Who::Manager, edit_page);
    r.post("/b/{org}/campaigns/{campaign}/edit", Who::Manager, edit);
    r.get("/b/{org}/campaigns/{campaign}/cancel", Who::Manager, cancel_page);
    r.post("/b/{org}/campaigns/{campaign}/cancel", Who::Manager, cancel);
    r.post("/b/{org}/campaigns/{campaign}/copy", Who::Manager, copy);
    r.post("/b/{org}/campaigns/{campaign}/move", Who::Manager, step);
}

/// A campaign of a path, as its pages know it.
pub(crate) async fn of_path(app: &App, by: &Member, path: &web::Path<(String, String)>) -> Result<campaign::Model> {
    queries::one(app.db(), by, path.1.parse().map_err(|_| Error::NotFound)?).await
}

/// One step of the funnel.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What it is called.
    pub label: Text,
    /// How many creators are there.
    pub count: i64,
}

/// The top of every page of a campaign: where it stands, its dates, budget, funnel and tabs.
///
/// A page has a field `head: Head`, made by [`Head::of`], and writes `{{ campaign::head(page, head) }}` after
/// `{%- import "campaigns/head.html" as campaign -%}`. Which tab is current is read from the page's address.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The campaign.
    pub campaign: campaign::Model,
    /// The brand label's name.
    pub brand: String,
    /// How far its creators are.
    pub funnel: Vec<Step>,
    /// Overview, brief, creators, messages.
    pub tabs: Vec<NavItem>,
    /// The way back.
    pub crumbs: Vec<NavItem>,
}

impl Head {
    /// For a page of this campaign.
    pub(crate) async fn of(app: &App, page: &Page, by: &Member, row: &campaign::Model) -> Result<Self> {
        let counts = participations::queries::funnel(app.db(), by, row.id).await?;
        let brands = queries::brands(app.db(), by).await?;
        let here = page.path.split('?').next().unwrap_or_default();
        let base = urls::campaign(by.org(), row.id, "");
        let rest = here.strip_prefix(&base).unwrap_or_default().trim_start_matches('/').split('/').next().unwrap_or_default();
        let current = match rest {
            "brief" => "brief",
            "creators" | "invite" | "participations" | "invitations" => "creators",
            _ => "overview",
        };
        let tab = |name: &'static str, href: String| item(page.t(&format!("campaigns.tab.{name}")), href, name == current);
        let inside = counts.iter().filter(|(s, _)| participations::rules::joined(*s)).map(|(_, n)| *n).sum::<i64>();
        let mut tabs = vec![
            tab("overview", base),
            tab("brief", urls::campaign(by.org(), row.id, "brief")),
            tab("creators", urls::campaign(by.org(), row.id, "creators")),
            tab("messages", urls::org(by.org(), format_args!("inbox?campaign={}", row.id))),
        ];
        if let Some(creators) = tabs.get_mut(2) {
            creators.count = u64::try_from(inside).ok().filter(|n| *n > 0);
        }
        Ok(Self {
            campaign: row.clone(),
            brand: brands.into_iter().find(|b| b.id == row.brand_id).map(|b| b.name).unwrap_or_default(),
            funnel: funnel(page, &counts),
            tabs,
            crumbs: vec![item(page.t("layout.nav.campaigns"), urls::org(by.org(), "campaigns"), false)],
        })
    }

    /// Whether there is anything in the funnel.
    pub(crate) fn has_creators(&self) -> bool {
        self.funnel.iter().any(|step| step.count > 0)
    }

    /// How its state is coloured.
    pub(crate) fn tone(&self) -> &'static str {
        tone(self.campaign.state)
    }

    /// From when to when; empty while both are open.
    pub(crate) fn dates(&self, page: &Page) -> String {
        dates(page, &self.campaign)
    }

    /// The budget; empty while it is open.
    pub(crate) fn budget(&self, page: &Page) -> String {
        self.campaign.budget_minor.map(|minor| page.money(&minor, &self.campaign.currency)).unwrap_or_default()
    }
}

fn item(label: Text, href: String, current: bool) -> NavItem {
    NavItem { label: label.into(), href, current, icon: "", count: None }
}

fn tone(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft | CampaignState::Archived => "quiet",
        CampaignState::Recruiting => "info",
        CampaignState::Active | CampaignState::Measuring => "busy",
        CampaignState::Paused => "warn",
        CampaignState::Completed => "good",
        CampaignState::Cancelled => "bad",
    }
}

fn dates(page: &Page, row: &campaign::Model) -> String {
    match (row.starts_on, row.ends_on) {
        (Some(from), Some(to)) => format!("{} – {}", page.date(&from), page.date(&to)),
        (Some(from), None) => format!("{} –", page.date(&from)),
        (None, Some(to)) => format!("– {}", page.date(&to)),
        (None, None) => String::new(),
    }
}

/// How far creators are, each counted where they stand now.
fn funnel(page: &Page, counts: &[(ParticipationState, i64)]) -> Vec<Step> {
    use ParticipationState::*;
    let steps: [(&str, &[ParticipationState]); 6] = [
        ("shortlisted", &[Shortlisted, Applied, Selected]),
        ("invited", &[Invited]),
        ("joined", &[Joined, Negotiating]),
        ("contracted", &[Contracted, Working]),
        ("posted", &[Delivered]),
        ("paid", &[Settled]),
    ];
    steps
        .into_iter()
        .map(|(name, states)| Step {
            label: page.t(&format!("campaigns.funnel.{name}")),
            count: counts.iter().filter(|(s, _)| states.contains(s)).map(|(_, n)| *n).sum(),
        })
        .collect()
}

struct Row {
    campaign: campaign::Model,
    href: String,
    tone: &'static str,
    brand: String,
    dates: String,
    budget: String,
    inside: i64,
    asked: i64,
}

struct Column {
    label: Text,
    href: String,
    /// `up`, `down` or empty.
    state: &'static str,
    aria: &'static str,
}

#[derive(Template)]
#[template(path = "campaigns/list.html")]
struct ListPage {
    page: Page,
    home: String,
    new_url: String,
    form: Form,
    states: Vec<Choice>,
    sort: String,
    name: Column,
    starts: Column,
    updated: Column,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    filtered: bool,
    manager: bool,
}

fn query(pairs: &[(&str, &str)]) -> String {
    let kept: Vec<_> = pairs.iter().filter(|(_, v)| !v.is_empty()).collect();
    serde_urlencoded::to_string(kept).unwrap_or_default()
}

async fn list(app: web::Data<App>, page: Page, by: Member, asked: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let get = |name: &str| asked.iter().find(|(k, _)| k == name).map_or("", |(_, v)| v.as_str());
    let (state, search) = (get("state"), get("q"));
    let filter = Filter { states: state.parse().ok().into_iter().collect(), search: search.to_owned() };
    let (order, descending, sort) = match get("sort") {
        "name" => (Order::Name, false, "name"),
        "-name" => (Order::Name, true, "-name"),
        "starts" => (Order::Starts, false, "starts"),
        "-starts" => (Order::Starts, true, "-starts"),
        "updated" => (Order::Updated, false, "updated"),
        _ => (Order::Updated, true, "-updated"),
    };
    let slice = Slice::page(Some(get("after")), Some(get("before")));
    let found = queries::list(app.db(), &by, &filter, order, descending, slice).await?;
    let home = urls::org(by.org(), "campaigns");
    let here = |extra: &[(&str, &str)]| {
        let pairs = [&[("state", state), ("q", search), ("sort", sort)], extra].concat();
        format!("{home}?{}", query(&pairs))
    };
    let (newer, older) = (found.previous().map(|c| here(&[("before", c)])), found.next().map(|c| here(&[("after", c)])));
    let column = |name: &'static str, first: &'static str| {
        let (current, down) = (sort.trim_start_matches('-') == name, sort.starts_with('-'));
        let next = match (current, down) {
            (true, true) => name.to_owned(),
            (true, false) => format!("-{name}"),
            (false, _) => first.to_owned(),
        };
        Column {
            label: page.t(&format!("campaigns.column.{name}")),
            href: format!("{home}?{}", query(&[("state", state), ("q", search), ("sort", &next)])),
            state: match (current, down) {
                (true, true) => "down",
                (true, false) => "up",
                (false, _) => "",
            },
            aria: match (current, down) {
                (true, true) => "descending",
                (true, false) => "ascending",
                (false, _) => "none",
            },
        }
    };
    let brands = queries::brands(app.db(), &by).await?;
    let counts = queries::funnels(app.db(), found.items().map(|row| row.id)).await?;
    let rows = found.items().map(|row| {
        let counted = counts.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let sum = |fits: fn(ParticipationState) -> bool| counted.iter().filter(|(s, _)| fits(*s)).map(|(_, n)| *n).sum();
        Row {
            href: urls::campaign(by.org(), row.id, ""),
            tone: tone(row.state),
            brand: brands.iter().find(|b| b.id == row.brand_id).map(|b| b.name.clone()).unwrap_or_default(),
            dates: dates(&page, row),
            budget: row.budget_minor.map(|minor| page.money(&minor, &row.currency)).unwrap_or_default(),
            inside: sum(participations::rules::joined),
            asked: sum(|s| s == ParticipationState::Invited),
            campaign: row.clone(),
        }
    });
    page.show(&ListPage {
        new_url: urls::org(by.org(), "campaigns/new"),
        form: Form::new().with("state", state).with("q", search),
        states: CampaignState::ALL.iter().map(|s| Choice::new(s.as_str(), page.name("campaign_state", s))).collect(),
        sort: sort.to_owned(),
        name: column("name", "name"),
        starts: column("starts", "starts"),
        updated: column("updated", "-updated"),
        rows: rows.collect(),
        newer,
        older,
        filtered: !filter.states.is_empty() || !filter.search.is_empty(),
        manager: by.manager().is_ok(),
        page: page.clone(),
        home,
    })
}

#[derive(Template)]
#[template(path = "campaigns/new.html")]
struct NewPage {
    page: Page,
    action: String,
    settings: String,
    form: Form,
    brands: Vec<Choice>,
}

fn brand_choices(brands: &[brand::Model]) -> Vec<Choice> {
    brands.iter().map(|b| Choice::new(b.id.to_string(), &b.name)).collect()
}

async fn new_of(app: &App, page: &Page, by: &Member, form: Form) -> Result<NewPage> {
    Ok(NewPage {
        action: urls::org(by.org(), "campaigns/new"),
        settings: urls::org(by.org(), "settings"),
        form,
        brands: brand_choices(&queries::brands(app.db(), by).await?),
        page: page.clone(),
    })
}

async fn new(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    by.manager()?;
    page.show(&new_of(&app, &page, &by, Form::new()).await?)
}

async fn create(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let input = Typed { name: Some(form.take("name")), brand: Some(form.take("brand")), ..Typed::default() };
    match refused(super::create(&app, &by.manager()?, input).await)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done("campaigns.notice.created"))),
        Err(problems) => {
            page.again(&new_of(&app, &page, &by, form.refused(&problems, page.lang)).await?)
        }
    }
}

/// One line of what recruiting needs.
struct Need {
    text: Text,
    done: bool,
    href: String,
}

/// A button of a campaign's page.
struct Action {
    name: &'static str,
    label: Text,
    hint: Text,
    main: bool,
}

#[derive(Template)]
#[template(path = "campaigns/overview.html")]
struct OverviewPage {
    page: Page,
    head: Head,
    form: Form,
    /// Only while it is a draft.
    needs: Vec<Need>,
    ready: bool,
    actions: Vec<Action>,
    may_edit: bool,
    may_cancel: bool,
    manager: bool,
    details: Vec<(Text, String)>,
    formats: Vec<String>,
    brief: Option<BriefState>,
    /// Whether the dates differ from those that the published brief was sent with.
    dates_moved: bool,
    url: String,
    edit_url: String,
    cancel_url: String,
}

struct BriefState {
    version: i32,
    at: String,
    inside: u64,
    read: u64,
}

async fn overview_of(app: &App, page: &Page, by: &Member, row: &campaign::Model, form: Form) -> Result<OverviewPage> {
    let published = queries::published_brief(app.db(), row.id).await?;
    let manager = by.manager().is_ok();
    let (mut needs, mut ready) = (Vec::new(), false);
    if row.state == CampaignState::Draft {
        let gaps = rules::missing_to_recruit(row, published.as_ref(), queries::today(by, page.now));
        ready = gaps.is_empty();
        let told = |gap: &&Gap| match gap {
            Gap::Over | Gap::DisclosureEn | Gap::DisclosureJa => gaps.contains(gap),
            _ => true,
        };
        needs = Gap::ALL
            .iter()
            .filter(told)
            .map(|gap| {
                let done = !gaps.contains(gap);
                let place = if gap.in_brief() { "brief" } else { "edit" };
                Need {
                    text: page.t(if done { done_key(*gap) } else { gap.key() }),
                    done,
                    href: format!("{}#f-{}", urls::campaign(by.org(), row.id, place), form_field(gap.field())),
                }
            })
            .collect();
    }
    let actions = match manager {
        true => rules::moves(row)
            .into_iter()
            .filter(|m| *m != Move::Cancel && (*m != Move::Recruit || ready))
            .map(|m| Action {
                name: m.as_str(),
                label: page.t(&format!("campaigns.do.{}", m.as_str())),
                hint: page.t(&format!("campaigns.do_hint.{}", m.as_str())),
                main: matches!(m, Move::Recruit | Move::Activate | Move::Resume | Move::Measure | Move::Complete),
            })
            .collect(),
        false => Vec::new(),
    };
    let brief = match &published {
        Some(brief) => {
            let (inside, read) = briefs::queries::acknowledged(app.db(), by, row.id, brief.version).await?;
            let at = brief.published_at.map(|at| page.time(&at)).unwrap_or_default();
            Some(BriefState { version: brief.version, at, inside, read })
        }
        None => None,
    };
    let moved = published.as_ref().is_some_and(|b| (b.starts_on, b.ends_on) != (row.starts_on, row.ends_on));
    Ok(OverviewPage {
        head: Head::of(app, page, by, row).await?,
        form,
        needs,
        ready,
        actions,
        may_edit: manager && rules::may_edit(row.state),
        may_cancel: manager && rules::moves(row).contains(&Move::Cancel),
        manager,
        details: details(page, row),
        formats: row
            .formats
            .0
            .iter()
            .map(|w| format!("{} · {}", page.name("network", w.network), page.name("format", w.format)))
            .collect(),
        brief,
        edit_url: urls::campaign(by.org(), row.id, "edit"),
        cancel_url: urls::campaign(by.org(), row.id, "cancel"),
        dates_moved: moved && row.state != CampaignState::Draft && rules::may_edit(row.state),
        url: urls::campaign(by.org(), row.id, ""),
        page: page.clone(),
    })
}

const fn done_key(gap: Gap) -> &'static str {
    match gap {
        Gap::Brief | Gap::DisclosureEn | Gap::DisclosureJa => "campaigns.have.brief",
        Gap::Goal => "campaigns.have.goal",
        Gap::Kpis => "campaigns.have.kpis",
        Gap::Budget => "campaigns.have.budget",
        Gap::Dates | Gap::Over => "campaigns.have.dates",
    }
}

/// Goal, figures and target as label and text; what is open is left out.
fn details(page: &Page, row: &campaign::Model) -> Vec<(Text, String)> {
    let target = &row.target;
    let mut out = Vec::new();
    let mut add = |name: &str, text: String| {
        if !text.is_empty() {
            out.push((page.t(&format!("campaigns.detail.{name}")), text));
        }
    };
    add("goal", row.goal.map(|g| page.name("goal", g).into()).unwrap_or_default());
    let kpis = row.kpis.0.iter().map(|k| format!("{} {}", page.name("kpi", k.kpi), page.lang.count(k.target)));
    add("kpis", kpis.collect::<Vec<_>>().join(" · "));
    add("recruit_mode", page.name("recruit_mode", row.recruit_mode).into());
    add("gender", if target.gender.is_empty() { String::new() } else { page.name("gender", &target.gender).into() });
    add("age_bands", target.age_bands.join(", "));
    add("countries", target.countries.iter().map(|c| String::from(page.name("country", c))).collect::<Vec<_>>().join(", "));
    add("interests", target.interests.join(", "));
    add("persona", target.persona.clone());
    out
}

async fn overview(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    page.show(&overview_of(&app, &page, &by, &row, Form::new()).await?)
}

async fn step(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    let chosen = Move::ALL.iter().copied().find(|m| m.as_str() == form.value("do") && *m != Move::Cancel).ok_or(Error::NotFound)?;
    let (done, say) = match chosen {
        Move::Recruit => (super::recruit(&app, &manager, row.id).await, "campaigns.notice.recruit"),
        Move::Activate => (super::activate(&app, &manager, row.id).await, "campaigns.notice.activate"),
        Move::Pause => (super::pause(&app, &manager, row.id).await, "campaigns.notice.pause"),
        Move::Resume => (super::resume(&app, &manager, row.id).await, "campaigns.notice.resume"),
        Move::Measure => (super::measure(&app, &manager, row.id).await, "campaigns.notice.measure"),
        Move::Complete => (super::complete(&app, &manager, row.id).await, "campaigns.notice.complete"),
        Move::Archive => (super::archive(&app, &manager, row.id).await, "campaigns.notice.archive"),
        // Cancelling is heavy and has a page of its own.
        Move::Cancel => return Err(Error::NotFound),
    };
    match refused(done)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done(say))),
        Err(problems) => {
            // The parts are on other pages; here they are one list.
            let problems: Vec<_> = problems.into_iter().map(|p| Problem::new("", p.wrong)).collect();
            let row = of_path(&app, &by, &path).await?;
            page.again(&overview_of(&app, &page, &by, &row, form.refused(&problems, page.lang)).await?)
        }
    }
}

async fn copy(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    let made = super::copy(&app, &by.manager()?, row.id).await?;
    Ok(page.see(&urls::campaign(by.org(), made.id, "edit"), Say::done("campaigns.notice.copied")))
}

#[derive(Template)]
#[template(path = "campaigns/cancel.html")]
struct CancelPage {
    page: Page,
    head: Head,
    form: Form,
    url: String,
}

async fn cancel_of(app: &App, page: &Page, by: &Member, row: &campaign::Model, form: Form) -> Result<CancelPage> {
    Ok(CancelPage { head: Head::of(app, page, by, row).await?, form, url: urls::campaign(by.org(), row.id, ""), page: page.clone() })
}

async fn cancel_page(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    page.show(&cancel_of(&app, &page, &by, &row, Form::new()).await?)
}

async fn cancel(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    // A heavy act: the name is typed, in whatever width the keyboard gives.
    let folded = |text: &str| crate::base::text::search_key(text);
    let done = match folded(form.value("name")) == folded(&row.name) {
        true => super::cancel(&app, &manager, row.id).await,
        false => {
            let wrong = crate::error::Wrong::new(crate::error::Code::Wrong, "campaigns.problem.typed_name");
            Err(Problem::new("name", wrong).into())
        }
    };
    match refused(done)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done("campaigns.notice.cancel"))),
        Err(problems) => page.again(&cancel_of(&app, &page, &by, &row, form.refused(&problems, page.lang)).await?),
    }
}

/// A figure to reach in the form.
struct KpiField {
    field: String,
    label: String,
}

struct GoalFields {
    name: Text,
    kpis: Vec<KpiField>,
}

struct NetworkFields {
    name: Text,
    choices: Vec<Choice>,
    open: bool,
}

#[derive(Template)]
#[template(path = "campaigns/edit.html")]
struct EditPage {
    page: Page,
    head: Head,
    form: Form,
    brands: Vec<Choice>,
    goals: Vec<Choice>,
    kpis: Vec<GoalFields>,
    currencies: Vec<Choice>,
    modes: Vec<Choice>,
    networks: Vec<NetworkFields>,
    genders: Vec<Choice>,
    bands: Vec<Choice>,
    countries: Vec<Choice>,
    url: String,
}

/// Where a problem of the operation stands in the form.
fn form_field(field: &str) -> &str {
    match field {
        "kpis" => "goal",
        field if field.starts_with("formats") => "formats",
        field => field,
    }
}

async fn edit_of(app: &App, page: &Page, by: &Member, row: &campaign::Model, form: Form) -> Result<EditPage> {
    let named = |kind: &'static str, value: &str| Choice::new(value, page.name(kind, value));
    let mut countries: Vec<Choice> = creators::places::COUNTRIES.iter().map(|c| named("country", c)).collect();
    // Whom most brands here want to reach stands first; the others in the order of their codes.
    countries.sort_by_key(|c| c.value != "JP");
    Ok(EditPage {
        head: Head::of(app, page, by, row).await?,
        brands: brand_choices(&queries::brands(app.db(), by).await?),
        goals: Goal::ALL.iter().map(|g| named("goal", g.as_str())).collect(),
        kpis: Goal::ALL
            .iter()
            .map(|goal| GoalFields {
                name: page.name("goal", goal),
                kpis: rules::kpis_of(*goal)
                    .iter()
                    .map(|kpi| KpiField { field: format!("kpi_{kpi}"), label: format!("enum.kpi.{kpi}") })
                    .collect(),
            })
            .collect(),
        currencies: Currency::ALL.iter().map(|c| Choice::new(c.code(), c.code())).collect(),
        modes: RecruitMode::ALL.iter().map(|m| named("recruit_mode", m.as_str())).collect(),
        networks: Network::ALL
            .iter()
            .map(|network| {
                let choices: Vec<Choice> = offerings::rules::formats_of(*network)
                    .iter()
                    .map(|format| Choice::new(format!("{network}.{format}"), page.name("format", format)))
                    .collect();
                NetworkFields { name: page.name("network", network), open: choices.iter().any(|c| form.checked("formats", &c.value)), choices }
            })
            .collect(),
        genders: std::iter::once(Choice::new("", page.t("campaigns.everybody")))
            .chain(rules::GENDERS.iter().map(|g| named("gender", g)))
            .collect(),
        bands: rules::AGE_BANDS.iter().map(|b| Choice::new(*b, *b)).collect(),
        countries,
        url: urls::campaign(by.org(), row.id, ""),
        form,
        page: page.clone(),
    })
}

fn filled(row: &campaign::Model) -> Form {
    let day = |d: Option<chrono::NaiveDate>| d.map(|d| d.to_string()).unwrap_or_default();
    let mut form = Form::new()
        .with("name", &*row.name)
        .with("brand", row.brand_id.to_string())
        .with("goal", row.goal.map(|g| g.as_str()).unwrap_or_default())
        .with("budget", row.budget_minor.map(|minor| Money::from_row(minor, &row.currency).plain()).unwrap_or_default())
        .with("currency", &*row.currency)
        .with("starts_on", day(row.starts_on))
        .with("ends_on", day(row.ends_on))
        .with("recruit_mode", row.recruit_mode.as_str())
        .with("target.gender", &*row.target.gender)
        .with_all("target.age_bands", row.target.age_bands.iter().cloned())
        .with_all("target.countries", row.target.countries.iter().cloned())
        .with("target.interests", row.target.interests.join(", "))
        .with("target.persona", &*row.target.persona)
        .with_all("formats", row.formats.0.iter().map(|w| format!("{}.{}", w.network, w.format)));
    for kpi in &row.kpis.0 {
        form = form.with(&format!("kpi_{}", kpi.kpi), kpi.target.to_string());
    }
    form
}

async fn edit_page(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    if !rules::may_edit(row.state) {
        return Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::problem("campaigns.problem.closed")));
    }
    page.show(&edit_of(&app, &page, &by, &row, filled(&row)).await?)
}

async fn edit(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    let typed_kpis: Vec<Kpi> = Kpi::ALL.iter().copied().filter(|k| !form.value(&format!("kpi_{k}")).trim().is_empty()).collect();
    let input = Typed {
        name: Some(form.take("name")),
        // With one label only, the form does not ask.
        brand: Some(form.take("brand")),
        goal: Some(form.take("goal")),
        kpis: Some(typed_kpis.iter().map(|k| TypedKpi { kpi: k.to_string(), target: form.take(&format!("kpi_{k}")) }).collect()),
        budget: Some(form.take("budget")),
        currency: Some(form.take("currency")),
        starts_on: Some(form.take("starts_on")),
        ends_on: Some(form.take("ends_on")),
        target: Some(TypedTarget {
            gender: form.take("target.gender"),
            age_bands: form.take_all("target.age_bands"),
            countries: form.take_all("target.countries"),
            interests: form.take("target.interests"),
            persona: form.take("target.persona"),
        }),
        formats: Some(
            form.all("formats")
                .map(|text| {
                    let (network, format) = text.split_once('.').unwrap_or((text, ""));
                    TypedFormat { network: network.to_owned(), format: format.to_owned() }
                })
                .collect(),
        ),
        recruit_mode: Some(form.take("recruit_mode")),
    };
    match refused(super::edit(&app, &manager, row.id, input).await)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done("campaigns.notice.saved"))),
        Err(mut problems) => {
            for problem in &mut problems {
                let kpi = problem.field.strip_prefix("kpis.").and_then(|rest| rest.split('.').next()?.parse::<usize>().ok());
                problem.field = match kpi.and_then(|i| typed_kpis.get(i)) {
                    Some(kpi) => format!("kpi_{kpi}").into(),
                    None => form_field(&problem.field).to_owned().into(),
                };
            }
            page.again(&edit_of(&app, &page, &by, &row, form.refused(&problems, page.lang)).await?)
        }
    }
}
