//! The living page of every part of the design system, in demo mode: what `templates/parts/` offers, as it looks and works.

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Duration, NaiveDate};
use entity::enums::{CampaignState, ParticipationState};

use super::{
    charts::Chart,
    forms::{Choice, Form},
    layout::{NavItem, Page},
    lists::{Asked, Columns, Heading},
};
use crate::{
    app::App,
    base::lang::Text,
    error::{Code, Error, Problem, Result, Wrong},
    participations::pages::{Step, steps},
};

/// A line of the sample table.
struct Row {
    name: &'static str,
    tone: &'static str,
    state: ParticipationState,
    count: i64,
}

#[derive(Template)]
#[template(path = "public/parts.html")]
struct PartsPage {
    page: Page,
    blank: Form,
    wrong: Form,
    choices: Vec<Choice>,
    tabs: Vec<NavItem>,
    steps: Vec<Step>,
    stopped: Vec<Step>,
    columns: Columns,
    name: Heading,
    rows: Vec<Row>,
    bars: Option<Chart>,
    line: Option<Chart>,
    icons: Vec<&'static str>,
}

/// The names in `icons.svg`.
fn icons() -> Vec<&'static str> {
    let text = include_str!("../../../assets/images/icons.svg");
    text.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

pub(super) async fn parts(app: web::Data<App>, page: Page, asked: Asked) -> Result<HttpResponse> {
    if !app.config.demo {
        return Err(Error::NotFound);
    }
    let states = [CampaignState::Draft, CampaignState::Recruiting, CampaignState::Active, CampaignState::Completed];
    let choices: Vec<Choice> = states.iter().map(|s| Choice::new(s.as_str(), page.name("campaign_state", s))).collect();
    let wrong = |field: &'static str| Problem::new(field, Wrong::required());
    let problems = [wrong("name"), Problem::new("email", Wrong::new(Code::Invalid, "base.problem.email")), wrong("choice")];
    let tab = |at: usize, choice: &Choice| NavItem {
        label: choice.label.clone(),
        href: format!("#tab-{at}"),
        current: at == 1,
        icon: "",
        count: (at == 2).then_some(12),
    };
    let sample = [
        ("はな Hana", "good", ParticipationState::Joined, 48_250),
        ("Ken", "info", ParticipationState::Invited, 9_120),
        ("みお", "warn", ParticipationState::Declined, 1_204_000),
    ];
    let bars: Vec<(String, i64)> = choices.iter().zip([12, 8, 5, 2]).map(|(choice, n)| (choice.label.clone(), n)).collect();
    let first = NaiveDate::from_ymd_opt(2026, 9, 1).unwrap_or_default();
    let readings: Vec<_> =
        (0..40).map(|day| (first + Duration::days(day), (day != 17).then_some(41_000 + day * 180 + (day * day) % 97))).collect();
    let mut stopped = steps(&page, ParticipationState::Joined);
    if let Some(now) = stopped.get_mut(1) {
        now.state = "stopped";
    }
    let key = |name: &'static str| -> (&'static str, Text) { (name, page.t(&format!("participations.creators.{name}"))) };
    page.show(&PartsPage {
        blank: Form::new().with("choice", "active"),
        wrong: Form::new().with("email", "hana@").refused(&problems, page.lang),
        tabs: choices.iter().enumerate().map(|(at, choice)| tab(at, choice)).collect(),
        steps: steps(&page, ParticipationState::Contracted),
        stopped,
        columns: Columns::of(&asked, [key("state"), key("answer")]),
        name: asked.heading(page.t("participations.creators.creator"), "name", asked.value("sort"), "name"),
        rows: sample.map(|(name, tone, state, count)| Row { name, tone, state, count }).into(),
        bars: Chart::bars(
            &page,
            page.t("campaigns.funnel.title"),
            page.t("campaigns.funnel.step"),
            page.t("campaigns.funnel.creators"),
            &bars,
        ),
        line: Chart::line(&page, page.t("creators.field.followers_over_time"), page.t("creators.field.followers"), &readings)?,
        icons: icons(),
        choices,
        page: page.clone(),
    })
}
