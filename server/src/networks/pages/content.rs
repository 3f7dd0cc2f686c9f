//! What a creator published, as a brand looks through it (M7): tiles with the public figures, for a time and in an order of the reader's.

use chrono::Duration;
use entity::{creator, enums::Network, network_account, post};

use super::{
    super::sync::queries::{self as readings, PostFilter, PostOrder},
    posts::{format, number, picture_of, title},
    shown::{self, Outside},
};
use crate::{
    app::App,
    auth::actors::Member,
    creators,
    error::Result,
    web::{
        forms::{Choice, Form},
        layout::Page,
        lists::Asked,
        urls,
    },
};

/// The times that can be chosen, in days; the one that holds while none is chosen stands in `USUAL`.
const DAYS: [i64; 4] = [30, 90, 180, 365];
/// Half a year, as brands of the field look at.
const USUAL: &str = "180";
/// The word for all that is known.
const EVER: &str = "all";

/// A publication.
pub(crate) struct Tile {
    pub(crate) words: String,
    pub(crate) network: String,
    pub(crate) format: String,
    pub(crate) published: String,
    /// Where its picture is, with the words for who cannot see it.
    pub(crate) picture: Option<(String, String)>,
    pub(crate) outside: Option<Outside>,
    pub(crate) paid: bool,
    pub(crate) figures: Vec<(String, String)>,
}

/// A page of them, with what was asked.
pub(crate) struct Content {
    pub(crate) path: String,
    pub(crate) form: Form,
    pub(crate) orders: Vec<Choice>,
    pub(crate) times: Vec<Choice>,
    pub(crate) networks: Vec<Choice>,
    pub(crate) tiles: Vec<Tile>,
    pub(crate) newer: Option<String>,
    pub(crate) older: Option<String>,
    pub(crate) narrowed: bool,
}

fn tile(page: &Page, by: &Member, row: &post::Model, shares: bool) -> Tile {
    let figure = |order: PostOrder, n: Option<i64>| (page.name("post_order", order.as_str()).into(), number(page, n));
    let mut figures =
        vec![figure(PostOrder::Views, row.views), figure(PostOrder::Likes, row.likes), figure(PostOrder::Comments, row.comments)];
    if shares {
        figures.push(figure(PostOrder::Reach, row.reach));
    }
    Tile {
        words: title(page, row),
        network: page.name("network", row.network).into(),
        format: format(page, &row.format),
        published: row.published_at.map(|at| page.date(&at.with_timezone(&page.zone).date_naive())).unwrap_or_default(),
        picture: picture_of(page, row, &urls::org(by.org(), format!("posts/{}", row.id))),
        outside: shown::outside(&row.url),
        paid: row.paid_partnership == Some(true),
        figures,
    }
}

/// What the address asks of a creator whom the member sees. `shares`: whether the creator shows insights to brands; else nothing is told by
/// them, nor sorted by them.
pub(crate) async fn of_creator(
    app: &App,
    page: &Page,
    by: &Member,
    creator: &creator::Model,
    shares: bool,
    asked: &Asked,
) -> Result<Content> {
    let db = app.db();
    let offered = |order: &PostOrder| shares || order.is_public();
    let order = asked.choice::<PostOrder>("sort").filter(offered).unwrap_or(PostOrder::Engagement);
    let asked_days = Some(asked.value("days")).filter(|days| !days.is_empty()).unwrap_or(USUAL);
    let days = DAYS.into_iter().find(|days| days.to_string() == asked_days);
    let filter = PostFilter {
        network: asked.choice("network"),
        since: days.map(|days| app.clock.now() - Duration::days(days)),
        there: true,
        ..PostFilter::default()
    };
    let found = readings::posts(db, creator.id, &filter, order, asked.slice().sized(12)).await?;
    let accounts: Vec<network_account::Model> =
        creators::queries::accounts_of(db, &[creator.id]).await?.remove(&creator.id).unwrap_or_default();
    let (newer, older) = asked.pager(&found);
    let time = |days: i64| Choice::new(days.to_string(), page.t("networks.content.days").with("n", days));
    Ok(Content {
        path: urls::org(by.org(), format!("creators/{}/content", creator.id)),
        form: asked
            .form()
            .with_instead("sort", order.as_str().to_owned())
            .with_instead("days", days.map_or_else(|| EVER.to_owned(), |days| days.to_string())),
        orders: PostOrder::ALL
            .iter()
            .filter(|order| offered(order))
            .map(|one| Choice::new(one.as_str(), page.name("post_order", one.as_str())))
            .collect(),
        times: DAYS.into_iter().map(time).chain([Choice::new(EVER, page.t("networks.content.ever"))]).collect(),
        networks: Network::ALL
            .iter()
            .filter(|network| accounts.iter().any(|account| account.network == **network))
            .map(|network| Choice::new(network.as_str(), page.name("network", network)))
            .collect(),
        tiles: found.items().map(|row| tile(page, by, row, shares)).collect(),
        newer,
        older,
        narrowed: days.is_some() || filter.network.is_some(),
    })
}
