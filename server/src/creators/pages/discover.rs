//! The brand's tables of creators: all that can be found, and those with whom it has had to do. One table, one filter; the second shows the
//! history of the two beside it.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{creator, ids::CreatorId};

use super::{
    super::{
        queries::{self, Attached},
        rules::{self, Filter, History, Order},
    },
    brand::{DASH, Row, row},
};
use crate::{
    app::App,
    auth::actors::Member,
    base::{
        lang::{Lang, Text},
        paging::{self, Slice},
    },
    error::Result,
    invitations, participations,
    web::{
        download,
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::{Asked, Columns, Heading},
        urls,
    },
};

/// Which of the two tables.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Everybody,
    Ours,
}

impl Table {
    /// Its name in addresses and texts.
    fn name(self) -> &'static str {
        match self {
            Self::Everybody => "discover",
            Self::Ours => "creators",
        }
    }

    /// Its columns beside the creator's name.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Everybody => &["accounts", "score", "true_reach", "engagement", "tier", "category", "country", "price"],
            Self::Ours => {
                &["accounts", "score", "true_reach", "engagement", "tier", "category", "country", "price", "campaigns", "joined", "last"]
            }
        }
    }
}

/// A line, with what the two had to do with each other where the table shows it.
struct Line {
    row: Row,
    /// Every account with its exact figure, for the file.
    accounts: String,
    /// Network, handle and followers of the largest account, a cell each, for the file.
    main: [String; 3],
    campaigns: String,
    joined: String,
    last: String,
}

#[derive(Template)]
#[template(path = "creators/list.html")]
struct ListPage {
    page: Page,
    org: String,
    title: Text,
    lead: Text,
    table: &'static str,
    /// Whether it is the table of those with whom there is a history.
    ours: bool,
    home: String,
    form: Form,
    networks: Vec<Choice>,
    tiers: Vec<Choice>,
    categories: Vec<Choice>,
    topics: Vec<String>,
    countries: Vec<Choice>,
    orders: Vec<Choice>,
    columns: Columns,
    name: Heading,
    followers: Heading,
    measured: Vec<(&'static str, Heading)>,
    rows: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
    /// Whether the list is narrowed at all: an empty one says something else then.
    narrowed: bool,
    /// Whether a condition is set that the fold holds.
    more_filters: bool,
    may_invite: bool,
    /// The most that are invited at once.
    most: usize,
    download: String,
}

/// The conditions that the fold holds.
const FOLDED: &[&str] = &["network", "tier", "category", "topic", "country", "min", "max", "score", "reach", "engagement", "verified"];

fn filter(asked: &Asked, table: Table) -> Result<Filter> {
    let mut typed = super::filter(asked);
    typed.listed = table == Table::Everybody;
    if table == Table::Ours && typed.history.is_empty() {
        typed.history = History::Any.to_string();
    }
    rules::filter(&typed)
}

/// Whom the bar below one of the two tables means, by their ids: the chosen ones, or all that it shows, in its order, as far as `most`; and whether
/// there are more.
pub(crate) async fn chosen(app: &App, by: &Member, asked: &Asked, most: usize) -> Result<(Vec<String>, bool)> {
    if !asked.means_all() {
        return Ok((asked.all("creator"), false));
    }
    let table = if asked.value("table") == Table::Ours.name() { Table::Ours } else { Table::Everybody };
    let filter = filter(asked, table)?;
    let (rows, more) = paging::gather(most, async |slice| queries::list(app.db(), by.into(), &filter, slice).await).await?;
    Ok((rows.iter().map(|row| row.id.to_string()).collect(), more))
}

fn columns(page: &Page, asked: &Asked, table: Table) -> Columns {
    let all = Columns::of(asked, table.columns().iter().map(|key| (*key, page.t(&format!("creators.list.{key}")))));
    match table {
        Table::Everybody => all.without(&["country", "true_reach", "engagement"]),
        Table::Ours => all.without(&["true_reach", "engagement", "category", "country", "price"]),
    }
}

async fn lines(app: &App, page: &Page, by: &Member, table: Table, found: &[&creator::Model]) -> Result<Vec<Line>> {
    let db = app.db();
    let ids: Vec<CreatorId> = found.iter().map(|c| c.id).collect();
    let (mut attached, mut histories) = (Attached::default(), std::collections::HashMap::new());
    // As many as a page has are read at once; a file is read in parts.
    for part in ids.chunks(1_000) {
        let read = queries::attached(db, part).await?;
        attached.accounts.extend(read.accounts);
        attached.links.extend(read.links);
        attached.offerings.extend(read.offerings);
        if table == Table::Ours {
            histories.extend(participations::queries::histories(db, by, part).await?);
        }
    }
    let line = |c: &&creator::Model| {
        let history = histories.get(&c.id);
        let accounts = attached.accounts.get(&c.id).into_iter().flatten().map(|a| {
            let followers = a.followers.map_or_else(|| page.t("creators.unknown").into(), |n| page.lang.count(n));
            format!("{} {} {followers}", page.name("network", a.network), a.handle)
        });
        Line {
            accounts: accounts.collect::<Vec<_>>().join("; "),
            main: match attached.accounts.get(&c.id).and_then(|all| all.first()) {
                Some(a) => {
                    [page.name("network", a.network).into(), a.handle.clone(), a.followers.map(|n| n.to_string()).unwrap_or_default()]
                }
                None => Default::default(),
            },
            row: row(page, by.person(), c, &attached),
            campaigns: history.map(|h| page.lang.count(h.campaigns)).unwrap_or_default(),
            joined: history.map(|h| page.lang.count(h.joined)).unwrap_or_default(),
            last: history.map(|h| page.date(&h.last.with_timezone(&page.zone).date_naive())).unwrap_or_default(),
        }
    };
    Ok(found.iter().map(line).collect())
}

async fn show(app: &App, page: &Page, by: &Member, asked: &Asked, table: Table) -> Result<HttpResponse> {
    let (filter, form, fine) = match refused(filter(asked, table))? {
        Ok(filter) => (filter, asked.form(), true),
        Err(problems) => (Filter::default(), asked.form().refused(&problems, page.lang), false),
    };
    let (rows, newer, older) = if fine {
        let found = queries::list(app.db(), by.into(), &filter, asked.slice()).await?;
        let (newer, older) = asked.pager(&found);
        (lines(app, page, by, table, &found.items().collect::<Vec<_>>()).await?, newer, older)
    } else {
        (Vec::new(), None, None)
    };
    let home = urls::org(by.org(), table.name());
    let heading = |label: &str, order: Order| Heading {
        // Each order has its one direction.
        state: if filter.order() != order {
            ""
        } else if order == Order::Name {
            "up"
        } else {
            "down"
        },
        aria: if filter.order() != order {
            "none"
        } else if order == Order::Name {
            "ascending"
        } else {
            "descending"
        },
        ..asked.heading(page.t(label), order.as_str(), "", order.as_str())
    };
    let shown = ListPage {
        title: page.t(&format!("layout.nav.{}", table.name())),
        lead: page.t(&format!("creators.list.lead_{}", table.name())),
        table: table.name(),
        ours: table == Table::Ours,
        networks: super::networks(page),
        tiers: super::tiers(page),
        categories: super::categories(page),
        topics: super::topics(page),
        countries: super::countries(page),
        orders: Order::ALL.iter().map(|o| Choice::new(o.as_str(), page.t(&format!("creators.order.{o}")))).collect(),
        columns: columns(page, asked, table),
        name: heading("creators.list.creator", Order::Name),
        followers: heading("creators.list.accounts", Order::Followers),
        measured: vec![
            ("score", heading("creators.list.score", Order::Score)),
            ("true_reach", heading("creators.list.true_reach", Order::TrueReach)),
            ("engagement", heading("creators.list.engagement", Order::Engagement)),
        ],
        rows,
        newer,
        older,
        narrowed: asked.narrowed(),
        more_filters: FOLDED.iter().any(|name| !asked.value(name).is_empty()),
        may_invite: by.manager().is_ok(),
        most: invitations::rules::MOST_AT_ONCE,
        download: asked.elsewhere(&format!("{home}.csv")),
        org: by.org().to_string(),
        home,
        form,
        page: page.clone(),
    };
    if fine { page.show(&shown) } else { page.again(&shown) }
}

/// The list as it is seen, in full: its filters, its order, its columns.
async fn csv(app: &App, page: &Page, by: &Member, asked: &Asked, table: Table) -> Result<HttpResponse> {
    let filter = filter(asked, table)?;
    let found = download::all(async |slice: Slice| queries::list(app.db(), by.into(), &filter, slice).await).await?;
    let columns = columns(page, asked, table);
    let mut heads = columns.heads(page.t("creators.list.creator"));
    let apart = columns.shows("accounts");
    if apart {
        heads.extend(["network", "handle", "followers"].map(|key| page.t(&format!("creators.list.main_{key}")).into()));
    }
    let mut out = vec![heads];
    for line in lines(app, page, by, table, &found.iter().collect::<Vec<_>>()).await? {
        let row = line.row;
        let cells = [
            ("accounts", line.accounts),
            ("score", row.score.map_or_else(|| DASH.to_owned(), |n| n.to_string())),
            ("true_reach", row.true_reach),
            ("engagement", row.engagement),
            ("tier", row.tier),
            ("category", row.category),
            ("country", row.country),
            ("price", if row.price.is_empty() { DASH.to_owned() } else { row.price }),
            ("campaigns", line.campaigns),
            ("joined", line.joined),
            ("last", line.last),
        ];
        let mut cells = columns.cells(row.name, &cells);
        if apart {
            cells.extend(line.main);
        }
        out.push(cells);
    }
    download::list(app, by.person(), Some(by.org()), table.name(), out).await
}

pub(super) async fn everybody(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &asked, Table::Everybody).await
}

pub(super) async fn everybody_csv(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    csv(&app, &page, &by, &asked, Table::Everybody).await
}

pub(super) async fn ours(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    show(&app, &page, &by, &asked, Table::Ours).await
}

pub(super) async fn ours_csv(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    csv(&app, &page, &by, &asked, Table::Ours).await
}
