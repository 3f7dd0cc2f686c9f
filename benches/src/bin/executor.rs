//! The floor under the list of creators: async-graphql alone answers its like from memory, on one thread. What this takes no server that
//! executes with it can save; see docs/decisions/0013. `cargo run --release -p hibiki-benches --bin executor`

use std::time::Instant;

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, SimpleObject};

/// As in the server.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(SimpleObject, Clone)]
struct Metric {
    value: Option<i64>,
    as_of: Option<String>,
    source: Option<&'static str>,
}

#[derive(SimpleObject, Clone)]
struct Post {
    id: String,
    format: String,
    caption: String,
    url: Option<String>,
    published_at: Option<String>,
    engagement: Option<i64>,
}

#[derive(SimpleObject, Clone)]
struct Account {
    id: String,
    network: &'static str,
    handle: String,
    url: Option<String>,
    followers: Metric,
    posts: Metric,
    latest_posts: Vec<Post>,
}

#[derive(SimpleObject, Clone)]
struct Work {
    id: String,
    title: String,
    brand_name: String,
    published_on: Option<String>,
}

#[derive(SimpleObject, Clone)]
struct Money {
    amount_minor: i64,
    currency: String,
}

#[derive(SimpleObject, Clone)]
struct Offering {
    id: String,
    network: &'static str,
    format: String,
    price: Money,
}

#[derive(SimpleObject, Clone)]
struct Creator {
    id: String,
    display_name: String,
    country: Option<String>,
    main_category: Option<String>,
    tier: Option<&'static str>,
    verified: bool,
    accounts: Vec<Account>,
    portfolio: Vec<Work>,
    offerings: Vec<Offering>,
}

#[derive(SimpleObject, Clone)]
struct PageInfo {
    end_cursor: Option<String>,
}

#[derive(SimpleObject, Clone)]
struct Page {
    page_info: PageInfo,
    nodes: Vec<Creator>,
}

struct Query(Page);

#[Object]
impl Query {
    async fn creators(&self) -> &Page {
        &self.0
    }
}

const LIST: &str = "query List { creators { pageInfo { endCursor } nodes { id displayName country mainCategory tier verified \
    accounts { id network handle url followers { value asOf source } posts { value } latestPosts { id format caption url publishedAt engagement } } \
    portfolio { id title brandName publishedOn } offerings { id network format price { amountMinor currency } } } } }";

const ID: &str = "crt_01998d9e84007be5a4d8200e007353d5";
const AT: &str = "2026-10-30T12:00:00+00:00";

fn creator(n: usize) -> Creator {
    let metric = |value| Metric { value: Some(value), as_of: Some(AT.into()), source: Some("IMPORTED") };
    let post = Post {
        id: ID.into(),
        format: "image".into(),
        caption: "First flush #tea".into(),
        url: Some("https://work.example/p/abcdefgh".into()),
        published_at: Some(AT.into()),
        engagement: Some(1234),
    };
    let account = Account {
        id: ID.into(),
        network: "INSTAGRAM",
        handle: "hana1x".into(),
        url: Some("https://www.instagram.com/hana1x/".into()),
        followers: metric(12_000),
        posts: metric(600),
        latest_posts: vec![post; 3],
    };
    // As the seeded world has them: three accounts for two creators; a quarter is registered and has works and prices.
    let registered = n.is_multiple_of(4);
    let work =
        Work { id: ID.into(), title: "Summer launch 1".into(), brand_name: "Midori Tea".into(), published_on: Some("2026-05-01".into()) };
    let price = Money { amount_minor: 30_000, currency: "JPY".into() };
    let offering = Offering { id: ID.into(), network: "INSTAGRAM", format: "REEL".into(), price };
    Creator {
        id: ID.into(),
        display_name: "佐藤 花".into(),
        country: Some("JP".into()),
        main_category: Some("food_drink".into()),
        tier: Some("MICRO"),
        verified: false,
        accounts: vec![account; 1 + n % 2],
        portfolio: vec![work; if registered { 2 } else { 0 }],
        offerings: vec![offering; if registered { 3 } else { 0 }],
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let page = Page { page_info: PageInfo { end_cursor: Some(ID.into()) }, nodes: (0..20).map(creator).collect() };
    let schema = Schema::new(Query(page), EmptyMutation, EmptySubscription);
    let answer = async || serde_json::to_vec(&schema.execute(Request::new(LIST)).await);
    for _ in 0..500 {
        answer().await?;
    }
    let (rounds, mut taken) = (2_000_u32, Vec::new());
    for _ in 0..5 {
        let began = Instant::now();
        for _ in 0..rounds {
            answer().await?;
        }
        taken.push(began.elapsed().as_secs_f64() * 1e6 / f64::from(rounds));
    }
    taken.sort_by(f64::total_cmp);
    println!(
        "{} bytes; microseconds an answer, of five rounds: {:.0} at least, {:.0} in the middle",
        answer().await?.len(),
        taken[0],
        taken[2]
    );
    Ok(())
}
