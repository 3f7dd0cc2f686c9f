//! The admins' page of networks: how each fares, what is left of its limits, and accounts that cannot be read.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{enums::Network, limit_bucket, network_health};

use super::super::sync::{
    self,
    queries::{self as readings, Failing},
};
use crate::{
    app::App,
    auth::actors::Admin,
    base::lang::Lang,
    error::{Error, Result},
    web::{layout::Page, notice::Say, urls},
};

/// A network.
struct Line {
    network: String,
    states: Vec<(&'static str, String)>,
    accounts: String,
    last_ok: String,
    alarms: Vec<String>,
    limits: Vec<(String, String)>,
}

/// A reading that fails.
struct Trouble {
    id: String,
    handle: String,
    network: String,
    kind: String,
    outcome: String,
    detail: String,
    failures: i32,
    next: String,
}

#[derive(Template)]
#[template(path = "networks/admin.html")]
struct NetworksPage {
    page: Page,
    lines: Vec<Line>,
    troubles: Vec<Trouble>,
}

/// Our own limits in words; those of the networks by the names that stand in their answers.
fn limit_name(page: &Page, name: &str) -> String {
    let plain = name.rsplit(':').next().unwrap_or(name);
    let key = format!("networks.limit.{plain}");
    let words = page.t(&key);
    if words.as_str() == key { name.to_owned() } else { words.into() }
}

fn limit(page: &Page, row: &limit_bucket::Model) -> (String, String) {
    let name = limit_name(page, row.key.split_once(':').map_or("", |(_, name)| name).trim_end_matches(':'));
    let text = match (row.capacity, row.blocked_until.filter(|until| *until > page.now)) {
        (Some(capacity), _) => {
            let left = page.lang.count((row.left_milli / 1000).max(0));
            page.t("networks.admin.left").with("n", left).with("of", page.lang.count(capacity)).to_string()
        }
        (None, until) => {
            let used = page.t("networks.admin.used").with("n", row.used_percent.unwrap_or(0)).to_string();
            let until = until.map(|until| page.t("networks.admin.until").with("date", page.time(&until)).to_string());
            [Some(used), until].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    };
    (name, text)
}

fn state(page: &Page, health: Option<&network_health::Model>) -> (&'static str, String) {
    let shut = health.and_then(|row| row.open_until).filter(|until| *until > page.now);
    let (tone, says) = match (shut, health) {
        (Some(until), _) => ("bad", page.t("networks.admin.shut").with("date", page.time(&until)).to_string()),
        (None, Some(row)) if row.failures > 0 => ("warn", page.t("networks.admin.failing").with("n", row.failures).to_string()),
        (None, Some(_)) => ("good", page.t("networks.admin.well").to_string()),
        (None, None) => ("quiet", page.t("networks.admin.unasked").to_string()),
    };
    match health.map_or("", |row| &row.host) {
        "" => (tone, says),
        // It fails apart from the rest.
        host => (tone, page.t(&format!("networks.admin.host.{host}")).with("says", says).into()),
    }
}

fn line(page: &Page, network: Network, view: &readings::Overview) -> Line {
    let hosts: Vec<&network_health::Model> = view.health.iter().filter(|row| row.network == network).collect();
    let others = hosts.iter().filter(|row| !row.host.is_empty()).map(|row| state(page, Some(row)));
    Line {
        network: page.name("network", network).into(),
        states: [state(page, hosts.iter().find(|row| row.host.is_empty()).copied())].into_iter().chain(others).collect(),
        accounts: page.lang.count(view.accounts.get(&network).copied().unwrap_or_default()),
        last_ok: hosts.iter().filter_map(|row| row.last_ok_at).max().map(|at| page.time(&at)).unwrap_or_default(),
        alarms: hosts
            .iter()
            .filter_map(|row| readings::alarm(row, page.now))
            .map(|(at, text)| format!("{} · {text}", page.time(&at)))
            .collect(),
        limits: view.limits.iter().filter(|row| row.network == network).map(|row| limit(page, row)).collect(),
    }
}

fn trouble(page: &Page, (task, account): &Failing) -> Trouble {
    let code = task.outcome.split(':').next().unwrap_or_default();
    Trouble {
        id: task.id.to_string(),
        handle: account.as_ref().map(|account| account.handle.clone()).unwrap_or_default(),
        network: page.name("network", task.network).into(),
        kind: page.name("sync_kind", task.kind).into(),
        outcome: page.t(&format!("networks.outcome.{code}")).with("more", "").into(),
        detail: task.detail.clone(),
        failures: task.failures,
        next: task.next_run_at.map_or_else(|| page.t("networks.admin.never").into(), |at| page.time(&at)),
    }
}

pub(super) async fn networks(app: web::Data<App>, page: Page, by: Admin) -> Result<HttpResponse> {
    let view = readings::overview(app.db(), &by).await?;
    page.show(&NetworksPage {
        lines: view.networks(&app.networks).into_iter().map(|network| line(&page, network, &view)).collect(),
        troubles: view.failing.iter().map(|failing| trouble(&page, failing)).collect(),
        page: page.clone(),
    })
}

pub(super) async fn retry(app: web::Data<App>, page: Page, by: Admin, id: web::Path<String>) -> Result<HttpResponse> {
    sync::retry(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(urls::ADMIN_NETWORKS, Say::done("networks.notice.retried")))
}
