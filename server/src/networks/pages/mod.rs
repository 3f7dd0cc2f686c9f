//! Networks in the portal: Connect Networks (K27–K29), the way back from a consent page, choosing, unlinking.

mod account;
mod admin;
pub(crate) mod content;
mod heard;
mod hooks;
mod lookup;
mod ownership;
pub(crate) mod posts;
pub(crate) mod proofs;
pub(crate) mod shown;
pub(crate) mod stories;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use askama::Template;
use connectors::{Availability, CallbackQuery, Capability, Flavour};
use entity::{
    enums::{AccountType, LinkState, MetricSource, Network},
    network_account, network_link, oauth_attempt,
};

use super::{
    Begin, Finished, queries,
    rules::{self, LinkAction, Offer},
};
use crate::{
    app::App,
    auth::actors::Creator,
    base::lang::Lang,
    creators,
    error::{Error, Problem, Result},
    web::{
        charts::Chart,
        forms::{Choice, Form},
        guards,
        layout::{Audience, Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/c/networks", Who::Creator, networks);
    r.post("/c/networks/declare", Who::Creator, declare);
    r.post("/c/networks/{network}/link", Who::Creator, link);
    r.get("/c/networks/{id}/ownership", Who::Creator, ownership::page_of);
    r.post("/c/networks/{id}/ownership", Who::Creator, ownership::prove);
    r.get("/c/networks/{id}/unlink", Who::Creator, unlink_page);
    r.post("/c/networks/{id}/unlink", Who::Creator, unlink);
    r.get("/c/networks/choose/{attempt}", Who::Creator, choose_page);
    r.post("/c/networks/choose/{attempt}", Who::Creator, choose);
    r.get("/c/networks/{account}", Who::Creator, account::account);
    r.post("/c/networks/{id}/refresh", Who::Creator, account::refresh);
    r.get(urls::POSTS, Who::Creator, posts::list);
    r.get("/c/posts/{id}", Who::Creator, posts::one);
    r.get("/c/posts/{id}/picture", Who::Creator, posts::own_picture);
    r.get("/b/{org}/posts/{id}/picture", Who::Member, posts::seen_picture);
    r.post("/c/posts/{id}/insights", Who::Creator, posts::hand_in);
    r.get("/c/insights/{id}", Who::Creator, posts::request_page);
    r.post("/c/insights/{id}", Who::Creator, posts::answer);
    r.get("/c/insights/{id}/proof", Who::Creator, proofs::own_file);
    r.get("/b/{org}/insights/{id}/proof", Who::Member, proofs::members_file);
    r.get(urls::ADMIN_PROOFS, Who::Admin, proofs::list);
    r.get("/admin/insights/{id}", Who::Admin, proofs::one);
    r.post("/admin/insights/{id}", Who::Admin, proofs::review);
    r.get("/admin/insights/{id}/proof", Who::Admin, proofs::admins_file);
    r.get(urls::STORIES, Who::Creator, stories::list);
    r.get("/c/stories/{id}", Who::Creator, stories::own_file);
    r.get("/b/{org}/creators/{creator}/stories/{id}", Who::Member, stories::file);
    r.get("/b/{org}/creators/{id}/insights", Who::Manager, lookup::ask_page);
    r.post("/b/{org}/creators/{id}/insights", Who::Manager, lookup::ask);
    r.get("/c/mentions", Who::Creator, heard::own);
    r.get("/b/{org}/creators/{id}/mentions", Who::Member, heard::of_creator);
    r.get("/b/{org}/hashtags", Who::Member, heard::hashtags_page);
    r.post("/b/{org}/hashtags", Who::Member, heard::search);
    r.get("/b/{org}/lookup", Who::Member, lookup::page_of);
    r.post("/b/{org}/lookup", Who::Member, lookup::look_up);
    r.post("/b/{org}/lookup/keep", Who::Member, lookup::keep);
    r.get(urls::ADMIN_NETWORKS, Who::Admin, admin::networks);
    r.post("/admin/networks/{id}/retry", Who::Admin, admin::retry);
    r.get("/hooks/{network}", Who::Anyone, hooks::challenge);
    r.post("/hooks/{network}", Who::Anyone, hooks::receive);
    // Its state is good for the session alone that began; a visitor without it is sent to sign in and learns nothing.
    r.get("/oauth/{network}/callback", Who::Creator, callback);
}

/// Connect Networks.
#[derive(Template)]
#[template(path = "networks/list.html")]
struct ListPage {
    page: Page,
    /// Why the last walk came to nothing.
    problem: Option<String>,
    next: String,
    entries: Vec<Entry>,
    /// Networks with a button.
    offers: Vec<OfferLine>,
    /// Names of networks without one, and why.
    others: Vec<(String, String)>,
    declarable: Vec<Choice>,
    form: Form,
    demo_networks: bool,
}

#[derive(Template)]
#[template(path = "networks/choose.html")]
struct ChoosePage {
    page: Page,
    network: String,
    action: String,
    choices: Vec<Choice>,
    /// Accounts that cannot be linked: name and reason.
    refused: Vec<(String, String)>,
    form: Form,
}

#[derive(Template)]
#[template(path = "networks/unlink.html")]
struct UnlinkPage {
    page: Page,
    title: String,
    text: String,
    keeps: String,
    action: String,
}

/// A network of the list.
struct OfferLine {
    id: &'static str,
    name: String,
    says: String,
    scopes: Vec<String>,
}

/// An account of the creator's.
struct Entry {
    network: &'static str,
    network_name: String,
    handle: String,
    display_name: String,
    url: String,
    tone: &'static str,
    state: String,
    verified: bool,
    declared: bool,
    kind: String,
    figures: Vec<Figure>,
    source: String,
    as_of: String,
    chart: Option<Chart>,
    granted: Vec<String>,
    missing: Vec<String>,
    given: Vec<(String, String)>,
    problem: Option<String>,
    linked: Option<String>,
    until: Option<String>,
    account_id: String,
    link_id: String,
    relink: bool,
    unlink: bool,
    /// Where the creator shows that it is theirs.
    prove: Option<String>,
    /// When they did.
    proven: Option<String>,
    demo: bool,
    /// The page with all that is read of it.
    more: Option<String>,
}

struct Figure {
    label: String,
    value: String,
}

impl Entry {
    fn of(app: &App, page: &Page, account: network_account::Model, link: Option<network_link::Model>, chart: Option<Chart>) -> Self {
        let connector = link.as_ref().and_then(|link| queries::reader(app, &account, link));
        let state = link.as_ref().map_or("listed", |link| link.state.as_str());
        let tone = match link.as_ref().map(|link| link.state) {
            Some(LinkState::Verified) => "good",
            Some(LinkState::NeedsReauth) => "bad",
            Some(LinkState::Declared | LinkState::Revoked) | None => "quiet",
        };
        let alive = link.as_ref().is_some_and(|link| link.state == LinkState::Verified);
        let figure = |name: &str, value: Option<i64>| Figure {
            label: page.t(&format!("networks.figure.{name}")).into(),
            value: value.map_or_else(|| page.t("networks.figure.unknown").into(), |n| page.lang.count(n)),
        };
        let renews = connector.as_ref().is_some_and(|connector| connector.capabilities().has(Capability::Refresh));
        let has_figures = account.figures_as_of.is_some();
        let scope = |scope: &String| scope_words(page, scope);
        let actions = link.as_ref().map(|link| super::actions(app, &account, link)).unwrap_or_default();
        let granted = link.as_ref().map(|link| link.scopes.0.as_slice()).unwrap_or_default();
        let given = match &connector {
            Some(connector) => rules::given(connector.capabilities(), granted, account.followers)
                .into_iter()
                .map(|given| (page.t(&format!("networks.given.{}", given.name)).into(), availability(page, given.availability)))
                .collect(),
            None => Vec::new(),
        };
        Self {
            network: account.network.as_str(),
            network_name: page.name("network", account.network).into(),
            state: page.name("link_state", state).into(),
            tone,
            verified: alive,
            declared: link.as_ref().is_some_and(|link| link.state == LinkState::Declared),
            kind: match account.account_type {
                AccountType::Unknown => String::new(),
                known => page.name("account_type", known).into(),
            },
            figures: match has_figures {
                true => {
                    vec![figure("followers", account.followers), figure("following", account.following), figure("posts", account.posts)]
                }
                false => Vec::new(),
            },
            source: match account.figures_source {
                Some(MetricSource::Network) => {
                    let key = if alive { "networks.source" } else { "networks.source_public" };
                    page.t(key).with("network", page.name("network", account.network)).into()
                }
                Some(source) => page.name("metric_source", source).into(),
                None => String::new(),
            },
            as_of: account.figures_as_of.map(|at| page.time(&at)).unwrap_or_default(),
            chart,
            granted: granted.iter().map(scope).collect(),
            missing: link.as_ref().map(|link| link.missing_scopes.0.iter().map(scope).collect()).unwrap_or_default(),
            given,
            problem: link.as_ref().and_then(|link| rules::problem(link, page.lang)).map(Into::into),
            linked: link.as_ref().filter(|_| alive).and_then(|link| link.linked_at).map(|at| page.time(&at)),
            until: link.as_ref().filter(|_| alive).and_then(|link| link.expires_at).map(|at| match renews {
                true => page.t("networks.renewed").into(),
                false => page.time(&at),
            }),
            relink: actions.contains(&LinkAction::Relink),
            unlink: actions.contains(&LinkAction::Unlink),
            prove: link
                .as_ref()
                .filter(|_| actions.contains(&LinkAction::ProveOwnership))
                .map(|link| format!("{}/{}/ownership", urls::NETWORKS, link.id)),
            proven: link.as_ref().and_then(|link| shown::ownership(page, link)),
            more: connector.as_ref().map(|_| urls::network_account(account.id)),
            demo: connector.is_some_and(|c| c.is_sandbox()) && account.figures_source == Some(MetricSource::Network),
            account_id: account.id.to_string(),
            link_id: link.map(|link| link.id.to_string()).unwrap_or_default(),
            handle: account.handle,
            display_name: account.display_name,
            // An imported list may hold anything.
            url: Some(account.url).filter(|url| url.starts_with("https://") || url.starts_with("http://")).unwrap_or_default(),
        }
    }
}

/// What a scope allows, in words where we have some.
fn scope_words(page: &Page, scope: &str) -> String {
    // A network's own word may be an address, and has points and colons in it.
    let word = scope.rsplit('/').next().unwrap_or(scope).replace(|c: char| !c.is_ascii_alphanumeric(), "_").to_ascii_lowercase();
    let key = format!("networks.scope.{word}");
    let words = page.t(&key);
    if words.as_str() == key { scope.to_owned() } else { words.into() }
}

fn availability(page: &Page, availability: Availability) -> String {
    match availability {
        Availability::Offered => page.t("networks.given.yes").into(),
        Availability::NeedsScope(scope) => page.t("networks.given.needs_scope").with("scope", scope_words(page, scope)).into(),
        Availability::NeedsFollowers(n) => page.t("networks.given.needs_followers").with("n", n).into(),
        Availability::NeedsReview => page.t("networks.given.needs_review").into(),
        Availability::NotOffered => page.t("networks.given.no").into(),
    }
}

/// What the creator has to mend, or soon will: links that are broken, and links that the network ends in a few days.
pub(crate) async fn to_mend(app: &App, page: &Page, by: &Creator) -> Result<Vec<String>> {
    let rows = queries::accounts(app.db(), by).await?;
    let told = rows.into_iter().filter_map(|(account, link)| {
        let link = link.filter(|link| link.state == LinkState::NeedsReauth || link.problem == super::renew::EXPIRES_SOON)?;
        let problem = rules::problem(&link, page.lang)?;
        let name = page.name("network", account.network);
        Some(page.t("networks.mend.one").with("network", name).with("handle", account.handle).with("problem", problem).into())
    });
    Ok(told.collect())
}

/// The page; `problem` is why a walk came to nothing, `form` what was declared and refused.
async fn list(app: &App, page: &Page, by: &Creator, next: &str, problem: Option<&[Problem]>, form: Form) -> Result<ListPage> {
    let rows = queries::accounts(app.db(), by).await?;
    let accounts: Vec<_> = rows.iter().map(|(account, _)| account.clone()).collect();
    let mut charts = creators::pages::charts(app, page, &accounts).await?;
    let line = |network: Network| {
        let connector = app.networks.get(rules::outside(network));
        let scopes = connector.as_ref().map(|c| c.scopes().to_vec()).unwrap_or_default();
        let key = match (network, connector.map(|c| c.flavour())) {
            (Network::Instagram, Some(Flavour::InstagramLogin)) => "networks.offer.instagram_own",
            (Network::Instagram, _) => "networks.offer.instagram",
            _ => "networks.offer.available",
        };
        OfferLine {
            id: network.as_str(),
            name: page.name("network", network).into(),
            says: page.t(key).into(),
            scopes: scopes.iter().map(|scope| scope_words(page, scope)).collect(),
        }
    };
    let (offered, others): (Vec<_>, Vec<_>) = rules::networks().partition(|n| Offer::of(*n, &app.networks) == Offer::Available);
    Ok(ListPage {
        problem: problem.and_then(|all| all.first()).map(|p| p.wrong.text(page.lang).into()),
        next: match urls::local(next) {
            "/" => String::new(),
            next => next.to_owned(),
        },
        entries: rows
            .into_iter()
            .map(|(account, link)| {
                let chart = charts.remove(&account.id);
                Entry::of(app, page, account, link, chart)
            })
            .collect(),
        declarable: others
            .iter()
            .chain(offered.iter().filter(|n| **n == Network::Mastodon))
            .map(|n| Choice::new(n.as_str(), page.name("network", n)))
            .collect(),
        offers: offered.into_iter().map(line).collect(),
        others: [Offer::NotConfigured, Offer::NotSupported]
            .into_iter()
            .map(|offer| {
                let names = others.iter().filter(|n| Offer::of(**n, &app.networks) == offer).map(|n| page.name("network", n).to_string());
                let says = page.t(&format!("networks.offer.{}", offer.as_str()));
                (names.collect::<Vec<_>>().join(page.t("networks.comma").as_str()), says.into())
            })
            .filter(|(names, _): &(String, String)| !names.is_empty())
            .collect(),
        form,
        demo_networks: app.networks.has_sandbox(),
        page: page.clone(),
    })
}

/// The forms of this page lead to networks, so its policy lets them (settled 11).
fn shown(app: &App, mut answer: actix_web::HttpResponseBuilder, page: &Page, list: &ListPage) -> Result<HttpResponse> {
    let origins: Vec<String> =
        app.networks.offered().into_iter().filter_map(|network| app.networks.get(network)).map(|c| c.authorize_origin()).collect();
    answer.insert_header((header::CONTENT_SECURITY_POLICY, guards::policy(&origins)));
    page.with(answer, list)
}

fn asked(query: &[(String, String)], name: &str) -> String {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

async fn networks(app: web::Data<App>, page: Page, by: Creator, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let list = list(&app, &page, &by, &asked(&query, "next"), None, Form::new()).await?;
    shown(&app, HttpResponse::Ok(), &page, &list)
}

async fn link(app: web::Data<App>, page: Page, by: Creator, network: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let begin = Begin { network: network.into_inner(), next: form.take("next"), relink: form.take("relink") };
    match refused(super::begin_link(&app, &by, begin).await)? {
        Ok(began) => Ok(page.go(began.url.as_str())),
        Err(problems) => {
            let list = list(&app, &page, &by, form.value("next"), Some(&problems), Form::new()).await?;
            shown(&app, HttpResponse::UnprocessableEntity(), &page, &list)
        }
    }
}

async fn callback(
    app: web::Data<App>,
    request: HttpRequest,
    by: Creator,
    network: web::Path<String>,
    query: web::Query<CallbackQuery>,
) -> Result<HttpResponse> {
    let page = Page::of(&request, Audience::Creator).await?;
    let network: Network = network.parse().map_err(|()| Error::NotFound)?;
    let query = query.into_inner();
    let state = query.state.clone().unwrap_or_default();
    match refused(super::finish_link(&app, &by, network, query).await)? {
        Ok(Finished::Linked { link, next }) => Ok(page.see(urls::local(&next), said(&link))),
        Ok(Finished::Choose(attempt)) => Ok(page.go(&urls::network_choice(attempt.id))),
        Err(problems) => {
            let next = queries::way_back(app.db(), &by, &state).await?.filter(|next| next != urls::NETWORKS);
            let list = list(&app, &page, &by, next.as_deref().unwrap_or_default(), Some(&problems), Form::new()).await?;
            shown(&app, HttpResponse::UnprocessableEntity(), &page, &list)
        }
    }
}

fn said(link: &network_link::Model) -> Say {
    if link.missing_scopes.0.is_empty() { Say::done("networks.notice.linked") } else { Say::info("networks.notice.linked_partly") }
}

fn choosing(page: &Page, attempt: &oauth_attempt::Model, form: Form) -> ChoosePage {
    let name = |account: &entity::json::OfferedAccount| match account.handle.as_str() {
        "" => account.name.clone(),
        handle => format!("@{handle} · {}", account.name),
    };
    ChoosePage {
        network: page.name("network", attempt.network).into(),
        action: urls::network_choice(attempt.id),
        choices: attempt.offered.0.iter().filter(|a| a.refused.is_none()).map(|a| Choice::new(&*a.external_id, name(a))).collect(),
        refused: attempt
            .offered
            .0
            .iter()
            .filter_map(|a| Some((name(a), rules::sentence(a.refused.as_deref()?, "", page.lang).into())))
            .collect(),
        form,
        page: page.clone(),
    }
}

async fn choose_page(app: web::Data<App>, page: Page, by: Creator, attempt: web::Path<String>) -> Result<HttpResponse> {
    match refused(queries::choice(&app, &by, attempt.parse().map_err(|_| Error::NotFound)?).await)? {
        Ok(attempt) => page.show(&choosing(&page, &attempt, Form::new())),
        Err(problems) => over(&app, &page, &by, &problems).await,
    }
}

/// There is nothing to choose any more: the page of networks, and why.
async fn over(app: &App, page: &Page, by: &Creator, problems: &[Problem]) -> Result<HttpResponse> {
    let list = list(app, page, by, "", Some(problems), Form::new()).await?;
    shown(app, HttpResponse::UnprocessableEntity(), page, &list)
}

async fn choose(app: web::Data<App>, page: Page, by: Creator, attempt: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = attempt.parse().map_err(|_| Error::NotFound)?;
    match refused(super::choose_account(&app, &by, id, form.value("external_id")).await)? {
        Ok((link, next)) => Ok(page.see(urls::local(&next), said(&link))),
        Err(problems) => match queries::choice(&app, &by, id).await {
            Ok(attempt) => page.again(&choosing(&page, &attempt, form.refused(&problems, page.lang))),
            Err(Error::User(_)) => over(&app, &page, &by, &problems).await,
            Err(other) => Err(other),
        },
    }
}

async fn declare(app: web::Data<App>, page: Page, by: Creator, form: Form) -> Result<HttpResponse> {
    match refused(super::declare(&app, &by, form.value("network"), form.value("handle")).await)? {
        Ok(link) => {
            let account = queries::account_of(app.db(), &link).await?;
            let next = match super::actions(&app, &account, &link).contains(&LinkAction::ProveOwnership) && form.value("next").is_empty() {
                true => format!("{}/{}/ownership", urls::NETWORKS, link.id),
                false => urls::networks(form.value("next")),
            };
            Ok(page.see(&next, Say::done("networks.notice.declared")))
        }
        Err(problems) => {
            let next = form.take("next");
            let list = list(&app, &page, &by, &next, None, form.refused(&problems, page.lang)).await?;
            shown(&app, HttpResponse::UnprocessableEntity(), &page, &list)
        }
    }
}

async fn unlink_page(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let link = queries::link(app.db(), &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    rules::step(link.state, rules::Move::Unlink)?;
    let account = queries::account_of(app.db(), &link).await?;
    let network = page.name("network", account.network);
    let (text, keeps) = match link.state {
        LinkState::Declared => (page.t("networks.unlink.declared"), String::new()),
        _ => (page.t("networks.unlink.text").with("network", &network), page.t("networks.unlink.keeps").into()),
    };
    page.show(&UnlinkPage {
        title: page.t("networks.unlink.title").with("network", &network).with("handle", &account.handle).into(),
        text: text.into(),
        keeps,
        action: format!("{}/{}/unlink", urls::NETWORKS, link.id),
        page: page.clone(),
    })
}

async fn unlink(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    match refused(super::unlink(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await)? {
        Ok(_) => Ok(page.see(urls::NETWORKS, Say::done("networks.notice.unlinked"))),
        // Twice clicked: it is what was wanted.
        Err(_) => Ok(page.see(urls::NETWORKS, Say::info("networks.problem.unlinked"))),
    }
}
