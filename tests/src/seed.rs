//! The invented world for measuring: the same seed makes the same rows on either database, and both faces can show them.

use std::hash::{DefaultHasher, Hash, Hasher};

use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait};
use serde_json::json;
use server::{
    app::{App, connect},
    seed::{Made, Size, cli, make},
    web::urls,
};
use tempfile::TempDir;

use crate::{
    Stage,
    database::{Database, Kind},
    story,
};

fn size() -> Size {
    Size { creators: 301, campaigns: 60, messages: 4_100, seed: 7, tokens: 1, password: Some("plum-orbit-lantern".into()) }
}

/// How many rows, and a figure that says whether they are the same; their order is the database's own affair.
fn digest<T: std::fmt::Debug>(rows: Vec<T>) -> (usize, u64) {
    let mut lines: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
    lines.sort_unstable();
    let mut hasher = DefaultHasher::new();
    lines.hash(&mut hasher);
    (lines.len(), hasher.finish())
}

macro_rules! digests {
    ($db:expr; $($table:ident)*) => {
        vec![$((stringify!($table), digest(entity::$table::Entity::find().all($db).await.expect("rows")))),*]
    };
}

async fn tables(db: &DatabaseConnection) -> Vec<(&'static str, (usize, u64))> {
    let mut all = digests!(db;
        user organization membership brand api_token creator network_account network_link account_snapshot portfolio_item offering campaign
        brief participation brief_ack batch invitation invitation_token thread message thread_read
    );
    let events = entity::event::Entity::find().all(db).await.expect("events");
    // Which transaction wrote it is not the world's; and PostgreSQL orders the fields of JSON anew.
    let plain = |row: entity::event::Model| {
        let mut data: Vec<String> = row.data.as_object().into_iter().flatten().map(|(name, value)| format!("{name}={value}")).collect();
        data.sort_unstable();
        (row.id, row.kind, row.subject, (row.org_id, row.creator_id, row.user_id), data, row.at)
    };
    all.push(("event", digest(events.into_iter().map(plain).collect())));
    all
}

async fn seeded(app: &App) -> Made {
    let mut told = 0;
    let made = make(app, &size(), &mut |rows| told += rows).await.expect("a world");
    assert_eq!(made.rows.values().sum::<u64>(), told, "progress tells of every row");
    made
}

/// The same world on SQLite, whatever the stage is on.
async fn again(stage: &Stage) -> (Vec<(&'static str, (usize, u64))>, Made) {
    let dir = TempDir::with_prefix("hibiki-seed-").expect("a folder");
    let database = Database::new(Kind::Sqlite, &dir).await.expect("SQLite");
    let config = server::config::Config { database_url: database.url.clone(), data_dir: dir.path().to_owned(), ..stage.app.config.clone() };
    let db = connect(&config.database_url, 1).await.expect("the database opens");
    let networks = server::app::networks(&config, &stage.app.clock).expect("networks");
    let app = App::over(db.clone(), networks, config, stage.app.clock.clone()).await.expect("the product starts");
    let made = seeded(&app).await;
    let dangling = db.query_all_raw(sea_orm::Statement::from_string(sea_orm::DatabaseBackend::Sqlite, "PRAGMA foreign_key_check")).await;
    assert!(dangling.expect("checked").is_empty(), "a row names one that is not there");
    let tables = tables(&db).await;
    database.end(db).await;
    (tables, made)
}

story!(the_same_seed_makes_the_same_world, async |stage| {
    let made = seeded(&stage.app).await;
    let (other, again) = again(stage).await;
    assert_eq!(tables(stage.app.db()).await, other);
    assert_eq!(json!(made), json!(again));
    assert!(other.iter().all(|(_, (n, _))| *n > 0), "{other:?}");
    assert_eq!((made.rows["creators"], made.rows["campaigns"], made.rows["messages"]), (301, 60, 4_100));
    // Where people are, invented ones are not mixed in unasked.
    let refused = cli::run(&stage.app, &size(), false).await.expect_err("people are there");
    assert!(refused.to_string().contains("--yes"), "{refused}");
});

story!(both_faces_show_the_seeded_world, async |stage| {
    let made = seeded(&stage.app).await;
    let of = |role: &str| made.accounts.iter().find(|account| account.role == role).expect("somebody to sign in as");
    let (owner, creator, admin) = (of("brand"), of("creator"), of("admin"));
    let api = stage.api().bearer(&owner.token);
    let data = api
        .ask(
            "{ viewer { name }
               creators(first: 20) { nodes { displayName tier accounts { handle followers { value asOf source } } portfolio { title }
                 offerings { price { amountMinor } } } }
               campaigns(first: 5) { nodes { id state missingToRecruit { message } brief { id } funnel { state count }
                 participations(first: 50) { nodes { state creator { displayName } } } } }
               threads(first: 20) { nodes { id unreadCount messages(last: 30) { nodes { body author { name } } } } } }",
        )
        .await;
    let list = |value: &serde_json::Value| value["nodes"].as_array().cloned().unwrap_or_default();
    let followers = |creator: &serde_json::Value| creator["accounts"][0]["followers"]["value"].as_i64().expect("a figure");
    let creators = list(&data["creators"]);
    assert_eq!(creators.len(), 20);
    assert!(creators.is_sorted_by(|a, b| followers(a) >= followers(b)), "the largest first");
    let campaigns = list(&data["campaigns"]);
    let full = campaigns.iter().map(|campaign| list(&campaign["participations"]).len()).max();
    assert_eq!(full, Some(50), "a page of fifty");
    assert!(list(&data["threads"]).iter().any(|thread| list(&thread["messages"]).len() == 30), "a long conversation");
    // A seeded name is found as any other.
    let searched = api.call("query ($text: String) { creators(filter: { text: $text }) { nodes { id } } }", json!({ "text": "ADA" })).await;
    assert!(!list(&searched.ok()["creators"]).is_empty());
    stage.api().bearer(&creator.token).ask("{ creatorProfile { kana completeness { percent } } participations { nodes { state } } }").await;
    stage.api().bearer(&admin.token).ask("{ viewer { name } creators { nodes { id } } }").await;

    let org = owner.org.as_deref().expect("an organisation");
    let campaign = campaigns[0]["id"].as_str().expect("an id");
    let own: Vec<String> = ["", "campaigns", "discover", "creators", "inbox", "settings"].map(|page| urls::org(org, page)).into();
    let pages = [
        (owner, own.into_iter().chain([urls::campaign(org, campaign, ""), urls::campaign(org, campaign, "creators")]).collect()),
        (creator, ["/c", "/c/jobs", "/c/inbox", "/c/offerings", "/c/profile", "/c/networks"].map(str::to_owned).to_vec()),
        (admin, ["/admin", "/admin/users", "/admin/creators", "/admin/audit"].map(str::to_owned).to_vec()),
    ];
    for (who, paths) in pages {
        let paths: Vec<String> = paths;
        let browser = stage.browser();
        browser.post("/sign-in", &[("email", who.email.as_str()), ("password", who.password.as_str())]).await.ok();
        for path in paths {
            browser.get(&path).await.ok();
        }
    }
});
