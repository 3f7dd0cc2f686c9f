//! A campaign's page: where it stands, what is missing, what can be done with it.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{campaign, enums::CampaignState};

use super::{
    form::form_field,
    head::{Head, of_path},
};
use crate::{
    app::App,
    auth::actors::Member,
    base::{
        lang::{Lang, Text},
        text,
    },
    briefs,
    campaigns::{
        self, queries,
        rules::{self, Gap, Move},
    },
    error::{Code, Error, Problem, Result, Wrong},
    web::{
        charts::Chart,
        forms::Form,
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

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
    /// Asked first, where there is no way back.
    confirm: Option<Text>,
    main: bool,
}

#[derive(Template)]
#[template(path = "campaigns/overview.html")]
struct OverviewPage {
    page: Page,
    head: Head,
    /// Where its creators stand, once there are any.
    funnel: Option<Chart>,
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
    /// Where creators are invited, while that is possible.
    invite_url: Option<String>,
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
                confirm: matches!(m, Move::Activate | Move::Measure | Move::Complete)
                    .then(|| page.t("campaigns.do_confirm").with("to", page.t(&format!("campaigns.do.{}", m.as_str())))),
                // Where creators can be invited, that is what comes next.
                main: matches!(m, Move::Recruit | Move::Resume | Move::Complete),
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
    let head = Head::of(app, page, by, row).await?;
    let steps: Vec<(String, i64)> = head.funnel.iter().map(|step| (step.label.to_string(), step.count)).collect();
    let (title, what) = (page.t("campaigns.funnel.title"), page.t("campaigns.funnel.step"));
    Ok(OverviewPage {
        funnel: Chart::bars(page, title, what, page.t("campaigns.funnel.creators"), &steps),
        head,
        form,
        needs,
        ready,
        actions,
        may_edit: manager && rules::may_edit(row.state),
        may_cancel: manager && rules::moves(row).contains(&Move::Cancel),
        manager,
        details: details(page, row),
        formats: row.formats.0.iter().map(|w| format!("{} · {}", page.name("network", w.network), page.name("format", w.format))).collect(),
        brief,
        invite_url: (manager && matches!(row.state, CampaignState::Recruiting | CampaignState::Active))
            .then(|| urls::campaign(by.org(), row.id, "invite")),
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

pub(super) async fn overview(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    page.show(&overview_of(&app, &page, &by, &row, Form::new()).await?)
}

pub(super) async fn step(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    let chosen = Move::ALL.iter().copied().find(|m| m.as_str() == form.value("do") && *m != Move::Cancel).ok_or(Error::NotFound)?;
    let (done, say) = match chosen {
        Move::Recruit => (campaigns::recruit(&app, &manager, row.id).await, "campaigns.notice.recruit"),
        Move::Activate => (campaigns::activate(&app, &manager, row.id).await, "campaigns.notice.activate"),
        Move::Pause => (campaigns::pause(&app, &manager, row.id).await, "campaigns.notice.pause"),
        Move::Resume => (campaigns::resume(&app, &manager, row.id).await, "campaigns.notice.resume"),
        Move::Measure => (campaigns::measure(&app, &manager, row.id).await, "campaigns.notice.measure"),
        Move::Complete => (campaigns::complete(&app, &manager, row.id).await, "campaigns.notice.complete"),
        Move::Archive => (campaigns::archive(&app, &manager, row.id).await, "campaigns.notice.archive"),
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

pub(super) async fn copy(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let row = of_path(&app, &by, &path).await?;
    let made = campaigns::copy(&app, &by.manager()?, row.id).await?;
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

pub(super) async fn cancel_page(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    page.show(&cancel_of(&app, &page, &by, &row, Form::new()).await?)
}

pub(super) async fn cancel(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    // A heavy act: the name is typed, in whatever width the keyboard gives.
    let folded = text::search_key;
    let done = match folded(form.value("name")) == folded(&row.name) {
        true => campaigns::cancel(&app, &manager, row.id).await,
        false => {
            let wrong = Wrong::new(Code::Wrong, "campaigns.problem.typed_name");
            Err(Problem::new("name", wrong).into())
        }
    };
    match refused(done)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done("campaigns.notice.cancel"))),
        Err(problems) => page.again(&cancel_of(&app, &page, &by, &row, form.refused(&problems, page.lang)).await?),
    }
}
