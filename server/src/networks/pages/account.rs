//! One linked account as its creator sees it: figures with their sources, growth, audience (K7), what is missing and why (K10).

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{LinkState, SyncKind},
    ids::AccountId,
    network_account, network_link, sync_task,
};

use super::{
    super::{
        actions, queries,
        rules::{self as networks_rules, LinkAction},
        sync::{self, growth, queries as readings, rules},
    },
    Form,
    shown::{self, Outside, Part, Told, Window},
};
use crate::{
    app::App,
    auth::actors::Creator,
    base::lang::Lang,
    creators,
    error::{Error, Result},
    web::{
        charts::Chart,
        layout::{Page, refused},
        notice::Say,
        urls,
    },
};

/// A kind of reading and how it stands.
struct Line {
    what: String,
    tone: &'static str,
    says: String,
}

/// How followers changed.
struct Change {
    label: String,
    value: String,
    note: String,
}

/// How far the first reading has come.
struct Progress {
    percent: u8,
    posts: String,
    /// Where the page looks again while it goes on.
    refresh: Option<String>,
}

#[derive(Template)]
#[template(path = "networks/account.html")]
struct AccountPage {
    page: Page,
    network: String,
    handle: String,
    outside: Option<Outside>,
    verified: bool,
    /// When its creator has shown by a code that it is theirs.
    proven: Option<String>,
    demo: bool,
    problem: Option<String>,
    link_id: String,
    refresh: bool,
    account_id: String,
    figures: Vec<Told>,
    growth: Vec<Change>,
    chart: Option<Chart>,
    progress: Option<Progress>,
    incomplete: Vec<String>,
    windows: Vec<Window>,
    audience: Vec<Part>,
    lines: Vec<Line>,
    consents: &'static str,
}

pub(super) async fn account(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let id: AccountId = id.parse().map_err(|_| Error::NotFound)?;
    let account = queries::account(app.db(), &by, id).await?;
    let link = queries::link_of(app.db(), &account).await?;
    page.show(&shown_of(&app, &page, account, link).await?)
}

async fn shown_of(app: &App, page: &Page, account: network_account::Model, link: Option<network_link::Model>) -> Result<AccountPage> {
    let db = app.db();
    let tasks = readings::tasks(db, &[account.id]).await?.remove(&account.id).unwrap_or_default();
    let history = creators::queries::readings(db, &[account.id], creators::queries::year(page.now)).await?.remove(&account.id);
    let kept = readings::count_posts(db, account.id).await?;
    let audience = readings::audience(db, &[account.id]).await?.remove(&account.id).unwrap_or_default();
    let windows = readings::insights(db, &[account.id]).await?.remove(&account.id).unwrap_or_default();
    let connector = link.as_ref().and_then(|link| queries::reader(app, &account, link));
    let lines = match (&connector, &link) {
        (Some(connector), Some(link)) => {
            let agreed = sync::agreed(db, account.creator_id).await?;
            rules::shown(connector.as_ref())
                .map(|kind| {
                    let of = (account.account_type, account.followers);
                    let standing = rules::standing(*kind, connector.as_ref(), &link.scopes.0, of, agreed);
                    let (tone, says) = shown::standing(page, standing, tasks.iter().find(|task| task.kind == *kind));
                    Line { what: page.name("sync_kind", kind).into(), tone, says }
                })
                .collect()
        }
        _ => Vec::new(),
    };
    let backfill = tasks.iter().find(|task| task.kind == SyncKind::Backfill);
    let actions = link.as_ref().map(|link| actions(app, &account, link)).unwrap_or_default();
    let history = history.unwrap_or_default();
    Ok(AccountPage {
        network: page.name("network", account.network).into(),
        verified: link.as_ref().is_some_and(|link| link.state == LinkState::Verified),
        proven: link.as_ref().and_then(|link| shown::ownership(page, link)),
        demo: connector.is_some_and(|connector| connector.is_sandbox()),
        problem: link.as_ref().and_then(|link| networks_rules::problem(link, page.lang)).map(Into::into),
        link_id: link.as_ref().map(|link| link.id.to_string()).unwrap_or_default(),
        refresh: actions.contains(&LinkAction::Refresh),
        figures: figures(page, &account),
        growth: [7, 30, 90].into_iter().filter_map(|days| growth::growth(&history, days)).map(|found| change(page, &found)).collect(),
        chart: creators::pages::charts(app, page, std::slice::from_ref(&account)).await?.remove(&account.id),
        progress: backfill.filter(|task| rules::is_first(task)).map(|task| progress(page, &account, link.as_ref(), task)),
        incomplete: incomplete(page, &account, &tasks, kept),
        windows: windows.iter().map(|row| shown::window(page, account.network, row)).collect(),
        audience: audience.iter().map(|row| shown::part(page, account.network, row)).collect(),
        lines,
        consents: urls::CONSENTS,
        account_id: account.id.to_string(),
        outside: shown::outside(&account.url),
        handle: account.handle,
        page: page.clone(),
    })
}

fn figures(page: &Page, account: &network_account::Model) -> Vec<Told> {
    let Some((source, as_of)) = account.figures_source.zip(account.figures_as_of) else { return Vec::new() };
    [("followers", account.followers), ("following", account.following), ("posts", account.posts)]
        .into_iter()
        .map(|(measure, value)| Told {
            label: page.name("measure", measure).into(),
            value: value.map_or_else(|| page.t("networks.figure.unknown").into(), |n| page.lang.count(n)),
            source: shown::source(page, account.network, source, ""),
            as_of: page.time(&as_of),
        })
        .collect()
}

fn change(page: &Page, found: &growth::Growth) -> Change {
    let sign = if found.change() > 0 { "+" } else { "" };
    let share = found.basis_points().map(|points| {
        let sign = if points < 0 { "-" } else { sign };
        format!("{sign}{}.{:02}%", points.abs() / 100, points.abs() % 100)
    });
    Change {
        label: page.t("networks.account.growth").with("n", found.days).into(),
        value: format!("{sign}{}", page.lang.count(found.change())),
        note: [share.unwrap_or_default(), page.days(Some(found.from.0), Some(found.to.0))].join(" ").trim().to_owned(),
    }
}

fn progress(page: &Page, account: &network_account::Model, link: Option<&network_link::Model>, task: &sync_task::Model) -> Progress {
    let from = link.and_then(|link| link.linked_at).unwrap_or(task.created_at);
    Progress {
        percent: rules::progress(from, task.reached, false),
        posts: page.lang.count(task.done),
        refresh: Some(urls::network_account(account.id)),
    }
}

/// What the figures leave out (K10).
fn incomplete(page: &Page, account: &network_account::Model, tasks: &[sync_task::Model], kept: u64) -> Vec<String> {
    let mut out = Vec::new();
    let has = i64::try_from(kept).unwrap_or(i64::MAX);
    let reads_posts = tasks.iter().any(|task| task.kind == SyncKind::Posts && task.last_ok_at.is_some());
    if let Some(posts) = account.posts.filter(|posts| reads_posts && *posts > has) {
        let text = page.t("networks.incomplete.posts").with("n", page.lang.count(has)).with("all", page.lang.count(posts));
        out.push(text.into());
    }
    let left_out: i64 = tasks.iter().map(|task| task.left_out).sum();
    if left_out > 0 {
        out.push(page.t("networks.incomplete.left_out").with("n", page.lang.count(left_out)).into());
    }
    out
}

pub(super) async fn refresh(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    let say = match refused(sync::refresh(&app, &by, id).await)? {
        Ok(_) => Say::done("networks.notice.refreshing"),
        Err(problems) => match problems.first().map(|problem| problem.wrong.code) {
            Some(crate::error::Code::AlreadyDone) => Say::info("networks.problem.fresh"),
            _ => Say::problem("networks.problem.unlinked"),
        },
    };
    let next = match urls::local(form.value("next")) {
        "/" => urls::NETWORKS,
        next => next,
    };
    Ok(page.see(next, say))
}
