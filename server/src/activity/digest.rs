//! A mail that sums up what was not seen, for whoever asked for it: each morning or each Monday, once, and only if there is something.

use chrono::{DateTime, Utc};
use entity::{
    enums::{Digest, UserStatus},
    user,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};

use super::{
    mails,
    queries::{self, Eyes},
    rules,
};
use crate::{
    app::App,
    auth::actors::{self, Acting, Person},
    error::{Error, Result},
    tx::Tx,
};

/// How many things one actor's part of the mail names.
const MOST_LINES: u64 = 10;

/// Writes to everybody whose mail is due.
pub async fn send(app: &App) -> Result<()> {
    let now = app.clock.now();
    let readers = user::Entity::find()
        .filter(user::Column::Digest.ne(Digest::Never))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .all(app.db())
        .await?;
    for reader in readers {
        let zone = reader.time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let Some(due) = rules::due(reader.digest, zone, now) else { continue };
        // Who has just asked for it waits for the next morning.
        if reader.digest_at.is_some_and(|at| at < due) {
            one(app, reader, due).await?;
        }
    }
    Ok(())
}

async fn one(app: &App, reader: user::Model, due: DateTime<Utc>) -> Result<()> {
    let tx = app.begin().await?;
    let before = reader.digest_at;
    // Whoever moves the date writes the mail; a second worker finds it moved.
    let claimed = user::Entity::update_many()
        .col_expr(user::Column::DigestAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(reader.id))
        .filter(Condition::all().add(user::Column::DigestAt.lt(due)))
        .exec(tx.db())
        .await?;
    if claimed.rows_affected == 0 {
        return Ok(());
    }
    let mut parts = Vec::new();
    for (acting, eyes) in eyes_of(&tx, &reader).await? {
        let after = queries::mark(tx.db(), eyes).await?;
        let rows = queries::unseen(tx.db(), eyes, after, queries::MOST_COUNTED).await?;
        let fresh: Vec<_> = rows.iter().filter(|row| before.is_none_or(|before| row.at >= before)).collect();
        if fresh.is_empty() {
            continue;
        }
        let named: Vec<_> = fresh.iter().take(usize::try_from(MOST_LINES)?).copied().collect();
        let about = queries::about(tx.db(), eyes, &named).await?;
        parts.push(mails::Part::new(reader.locale, &acting, &named, &about, fresh.len()));
    }
    if !parts.is_empty() {
        tx.queue(mails::digest(app, &reader, parts)?).await?;
    }
    tx.commit().await
}

/// As whom the reader may look now.
async fn eyes_of(tx: &Tx, reader: &user::Model) -> Result<Vec<(Acting, Eyes)>> {
    let Some(person) = Person::of_row(&tx.app().config, reader.clone()) else { return Ok(Vec::new()) };
    let mut out = Vec::new();
    for acting in actors::choices(tx.db(), &person, tx.now).await? {
        let eyes = match &acting {
            Acting::Creator(..) => actors::creator(tx.db(), person.clone()).await.map(|by| Eyes::from(&by)),
            Acting::Org(org, ..) => actors::member(tx.db(), person.clone(), *org, tx.now).await.map(|by| Eyes::from(&by)),
            Acting::Admin => actors::admin(person.clone()).map(|by| Eyes::from(&by)),
        };
        match eyes {
            Ok(eyes) => out.push((acting, eyes)),
            // A role that waits for its second factor shows nothing.
            Err(Error::Forbidden(_) | Error::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(out)
}
