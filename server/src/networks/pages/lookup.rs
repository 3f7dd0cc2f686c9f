//! A brand looks a public account up, and asks a creator for figures.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::Network,
    ids::{CreatorId, OrgId},
    network_account,
};

use super::{
    super::{
        handed,
        lookup::{self, Found},
    },
    shown,
};
use crate::{
    app::App,
    auth::actors::Member,
    creators,
    error::{Error, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

/// What was found.
struct Card {
    network: String,
    /// The network's word.
    code: String,
    handle: String,
    name: String,
    biography: String,
    url: String,
    figures: Vec<(String, String)>,
    source: String,
    as_of: String,
    /// The creator's page, if one has the account here.
    known: Option<String>,
}

#[derive(Template)]
#[template(path = "networks/lookup.html")]
struct LookupPage {
    page: Page,
    form: Form,
    networks: Vec<Choice>,
    action: String,
    hashtags: String,
    found: Option<Card>,
}

fn choice(page: &Page, network: Network, answers: bool) -> Choice {
    let name = page.name("network", network);
    let label = if answers { name } else { page.t("networks.lookup.nobody_lends").with("network", name) };
    Choice::new(network.as_str(), label)
}

async fn card(app: &App, page: &Page, by: &Member, found: Found) -> Result<Card> {
    let profile = &found.profile;
    let network = super::rules::inside(profile.network);
    let known = match &found.known {
        // Whom these eyes do not see is not there.
        Some(account) => match creators::queries::one(app.db(), by.into(), account.creator_id).await {
            Ok(row) => Some(urls::org(by.org(), format!("creators/{}", row.id))),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        },
        None => None,
    };
    let figures = [("followers", profile.followers), ("following", profile.following), ("posts", profile.posts)];
    Ok(Card {
        network: page.name("network", network).into(),
        code: network.as_str().to_owned(),
        handle: profile.handle.clone(),
        name: profile.display_name.clone(),
        biography: profile.biography.clone(),
        url: profile.normalised().map(|handle| handle.url().to_string()).unwrap_or_default(),
        figures: figures.into_iter().map(|(measure, metric)| (page.name("measure", measure).into(), shown::value(page, metric))).collect(),
        source: shown::source(page, network, entity::enums::MetricSource::Network, &profile.endpoint),
        as_of: page.time(&profile.fetched_at),
        known,
    })
}

async fn shown_of(app: &App, page: &Page, by: &Member, form: Form, found: Option<Card>) -> Result<LookupPage> {
    let networks = lookup::networks_now(app).await?;
    Ok(LookupPage {
        networks: networks.into_iter().map(|(network, answers)| choice(page, network, answers)).collect(),
        action: urls::org(by.org(), "lookup"),
        hashtags: urls::org(by.org(), "hashtags"),
        form,
        found,
        page: page.clone(),
    })
}

pub(super) async fn page_of(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    page.show(&shown_of(&app, &page, &by, Form::new(), None).await?)
}

pub(super) async fn keep(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    match refused(lookup::keep_profile(&app, &by, form.value("network"), form.value("handle")).await)? {
        Ok(row) => Ok(page.see(&urls::org(by.org(), format!("creators/{}", row.id)), Say::done("networks.notice.kept"))),
        Err(problems) => page.again(&shown_of(&app, &page, &by, form.refused(&problems, page.lang), None).await?),
    }
}

pub(super) async fn look_up(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    match refused(lookup::look_up(&app, &by, form.value("network"), form.value("handle")).await)? {
        Ok(found) => {
            let card = card(&app, &page, &by, found).await?;
            page.show(&shown_of(&app, &page, &by, form, Some(card)).await?)
        }
        Err(problems) => page.again(&shown_of(&app, &page, &by, form.refused(&problems, page.lang), None).await?),
    }
}

/// What a brand asks a creator for (K23).
#[derive(Template)]
#[template(path = "networks/ask.html")]
struct AskPage {
    page: Page,
    form: Form,
    name: String,
    accounts: Vec<Choice>,
    action: String,
    back: String,
}

async fn asking(app: &App, page: &Page, by: &Member, id: &str, form: Form) -> Result<AskPage> {
    let id: CreatorId = id.parse().map_err(|_| Error::NotFound)?;
    let creator = creators::queries::one(app.db(), by.into(), id).await?;
    let accounts = creators::queries::accounts_of(app.db(), &[id]).await?.remove(&id).unwrap_or_default();
    let label = |account: &network_account::Model| format!("{} · {}", page.name("network", account.network), account.handle);
    Ok(AskPage {
        name: creator.display_name,
        accounts: accounts.iter().map(|account| Choice::new(account.id.to_string(), label(account))).collect(),
        action: urls::org(by.org(), format!("creators/{id}/insights")),
        back: urls::org(by.org(), format!("creators/{id}")),
        form,
        page: page.clone(),
    })
}

pub(super) async fn ask_page(app: web::Data<App>, page: Page, by: Member, at: web::Path<(OrgId, String)>) -> Result<HttpResponse> {
    by.manager()?;
    page.show(&asking(&app, &page, &by, &at.1, Form::new()).await?)
}

pub(super) async fn ask(app: web::Data<App>, page: Page, by: Member, at: web::Path<(OrgId, String)>, form: Form) -> Result<HttpResponse> {
    let manager = by.manager()?;
    // The creator first: what these eyes do not see is not there.
    let shown = asking(&app, &page, &by, &at.1, Form::new()).await?;
    match refused(handed::ask(&app, &manager, form.value("account_id"), None, form.value("question")).await)? {
        Ok(_) => Ok(page.see(&shown.back, Say::done("networks.notice.asked"))),
        Err(problems) => page.again(&AskPage { form: form.refused(&problems, page.lang), ..shown }),
    }
}
