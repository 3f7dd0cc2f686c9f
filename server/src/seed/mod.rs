//! `hibiki seed`: a large invented world for measuring, the same for the same seed and figures.
//!
//! Unlike the demo's, its rows are not made by operations: hundreds of thousands would take hours. They are written as operations would
//! leave them, and `tests/src/seed.rs` looks at them through both faces. Every address ends in `.example`, so nobody is written to;
//! passwords and tokens follow from the seed, so they protect nothing. There are no posts, since the schema has none yet.

pub mod cli;

mod campaigns;
mod dice;
mod people;
mod rows;
mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::{creator, user};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde::{Deserialize, Serialize};

use crate::{app::App, auth::passwords, error::Result};

use dice::Dice;
use people::BRANDS;
use rows::Writer;

/// How large a world.
#[derive(Clone, Debug)]
pub struct Size {
    /// Profiles of creators; every fourth is registered.
    pub creators: u64,
    /// Campaigns, shared out among the brands.
    pub campaigns: u64,
    /// Chat messages in all.
    pub messages: u64,
    /// The same seed makes the same rows.
    pub seed: u64,
    /// For how many brand owners and how many creators a token is made.
    pub tokens: u64,
    /// Everybody's password; none = one that follows from the seed.
    pub password: Option<String>,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SignIn {
    /// `brand`, `creator` or `admin`.
    pub role: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// An API token.
    pub token: String,
    /// The organisation that a brand's owner speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<String>,
}

/// What was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// Those whom one can sign in as: owners, creators, the admin.
    pub accounts: Vec<SignIn>,
}

/// A world in the making: what every row is made from.
struct Seed {
    creators: u64,
    campaigns: u64,
    messages: u64,
    seed: u64,
    tokens: u64,
    password: String,
    password_hash: String,
}

/// The instant at which the world stands.
fn start() -> DateTime<Utc> {
    const START: i64 = 1_793_577_600; // 2026-11-02
    DateTime::from_timestamp(START, 0).unwrap_or_default()
}

/// Whether somebody is in the database already.
pub async fn is_empty(app: &App) -> Result<bool> {
    Ok(user::Entity::find().count(app.db()).await? == 0 && creator::Entity::find().count(app.db()).await? == 0)
}

/// Makes the world. `progress` is told of rows as they are written.
pub async fn make(app: &App, size: &Size, progress: &mut dyn FnMut(u64)) -> Result<Made> {
    let password = size.password.clone().unwrap_or_else(|| hex::encode(Dice::of(size.seed, "password", 0).bytes::<8>()));
    let salt = Dice::of(size.seed, "salt", 0).bytes();
    let world = Seed {
        creators: size.creators,
        campaigns: size.campaigns,
        messages: size.messages,
        seed: size.seed,
        tokens: size.tokens,
        password_hash: passwords::hash_with(password.clone(), salt).await?,
        password,
    };
    let mut writer = Writer::new(app, progress);
    for b in 0..BRANDS {
        world.brand(writer.rows(), b);
    }
    for n in 0..world.creators {
        world.creator(writer.rows(), n);
        writer.turn().await?;
    }
    let accounts = world.sign_ins(writer.rows());
    let (talk, mut conversations) = (world.talk(), 0);
    for c in 0..world.campaigns {
        world.campaign(writer.rows(), c, talk, &mut conversations);
        writer.turn().await?;
    }
    writer.flush().await?;
    let rows = writer.written.iter().map(|(table, n)| ((*table).to_owned(), *n)).collect();
    // After so many rows the planner's figures are of an empty database.
    app.db().execute_unprepared("ANALYZE").await?;
    Ok(Made { rows, accounts })
}
