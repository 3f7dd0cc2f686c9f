//! The forms of a campaign: a new draft, and all of its figures.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    brand, campaign,
    enums::{Goal, Kpi, Network, RecruitMode},
};

use super::head::{Head, of_path};
use crate::{
    app::App,
    auth::actors::Member,
    base::{
        lang::Text,
        money::{Currency, Money},
    },
    campaigns::{
        self,
        rules::{self, Typed, TypedFormat, TypedKpi, TypedTarget},
    },
    creators,
    error::Result,
    offerings, organisations,
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

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
        brands: brand_choices(&organisations::queries::brands(app.db(), by).await?),
        page: page.clone(),
    })
}

pub(super) async fn new(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    by.manager()?;
    page.show(&new_of(&app, &page, &by, Form::new()).await?)
}

pub(super) async fn create(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let input = Typed { name: Some(form.take("name")), brand: Some(form.take("brand_id")), ..Typed::default() };
    match refused(campaigns::create(&app, &by.manager()?, input).await)? {
        Ok(row) => Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::done("campaigns.notice.created"))),
        Err(problems) => page.again(&new_of(&app, &page, &by, form.refused(&problems, page.lang)).await?),
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
pub(super) fn form_field(field: &str) -> &str {
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
        brands: brand_choices(&organisations::queries::brands(app.db(), by).await?),
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
                NetworkFields {
                    name: page.name("network", network),
                    open: choices.iter().any(|c| form.checked("formats", &c.value)),
                    choices,
                }
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
        .with("brand_id", row.brand_id.to_string())
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

pub(super) async fn edit_page(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    if !rules::may_edit(row.state) {
        return Ok(page.see(&urls::campaign(by.org(), row.id, ""), Say::problem("campaigns.problem.closed")));
    }
    page.show(&edit_of(&app, &page, &by, &row, filled(&row)).await?)
}

pub(super) async fn edit(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let manager = by.manager()?;
    let row = of_path(&app, &by, &path).await?;
    let typed_kpis: Vec<Kpi> = Kpi::ALL.iter().copied().filter(|k| !form.value(&format!("kpi_{k}")).trim().is_empty()).collect();
    let input = Typed {
        name: Some(form.take("name")),
        // With one label only, the form does not ask.
        brand: Some(form.take("brand_id")),
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
    match refused(campaigns::edit(&app, &manager, row.id, input).await)? {
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
