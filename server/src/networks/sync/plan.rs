//! Which readings an account has: made when it is linked, looked at again when a consent, a scope or the grant changes.

use entity::{
    enums::{ConsentPurpose, LinkMethod, LinkState, MetricSource, SyncKind},
    ids::CreatorId,
    network_account, network_link, sync_task,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set, sea_query::LockType,
};
use serde::Deserialize;

use super::{
    keep::wake,
    rules::{self, Agreed, Standing},
};
use crate::{
    app::App,
    consents,
    error::Result,
    networks::queries,
    tx::{Tx, insert_all},
};

/// What the job of one creator needs to know.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::networks) struct Replan {
    creator: CreatorId,
}

/// Why the readings of an account are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::networks) enum Why {
    /// It was tied to its creator just now: what has failed for good may work again.
    Tied,
    /// Something about it may have changed.
    Changed,
}

/// Looks at the readings of all of a creator's accounts again.
pub(in crate::networks) async fn replan(app: &App, job: Replan) -> Result<()> {
    let tx = app.begin().await?;
    let links = network_link::Entity::find()
        .filter(network_link::Column::CreatorId.eq(job.creator))
        .order_by_asc(network_link::Column::Id)
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    for link in links {
        let account = queries::account_of(tx.db(), &link).await?;
        plan_in(&tx, &account, &link, Why::Changed).await?;
        // What is up now may be kept from now on: it is not waited for until the next hour.
        wake(&tx, &account, &[SyncKind::Stories], tx.now).await?;
    }
    tx.commit().await
}

/// Links that have no readings at all, such as those of an earlier release.
pub(in crate::networks) async fn fill(app: &App) -> Result<()> {
    let tx = app.begin().await?;
    let planned = sync_task::Entity::find().select_only().column(sync_task::Column::AccountId).distinct();
    let links = network_link::Entity::find()
        .filter(network_link::Column::State.eq(LinkState::Verified))
        .filter(network_link::Column::Method.eq(LinkMethod::Oauth))
        .filter(network_link::Column::AccountId.not_in_subquery(planned.into_query()))
        .order_by_asc(network_link::Column::Id)
        .limit(200)
        .all(tx.db())
        .await?;
    for link in links {
        let account = queries::account_of(tx.db(), &link).await?;
        plan_in(&tx, &account, &link, Why::Tied).await?;
    }
    tx.commit().await
}

/// What a creator has said yes to, as far as readings rest on it.
pub(in crate::networks) async fn agreed(db: &impl sea_orm::ConnectionTrait, creator: CreatorId) -> Result<Agreed> {
    Ok(Agreed {
        figures: consents::queries::holds(db, creator, ConsentPurpose::ReadFigures).await?,
        stories: consents::queries::holds_since(db, creator, ConsentPurpose::ReadFigures, consents::rules::WITH_STORIES).await?
            || !consents::queries::agreed(db, creator, ConsentPurpose::StoryArchive).await?.is_empty(),
    })
}

/// The readings of an account, as its link, its scopes and the consents let them be. What was stopped begins again; what is under way
/// goes on.
pub(in crate::networks) async fn plan_in(tx: &Tx, account: &network_account::Model, link: &network_link::Model, why: Why) -> Result<()> {
    let known = sync_task::Entity::find()
        .filter(sync_task::Column::AccountId.eq(account.id))
        .order_by_asc(sync_task::Column::Id)
        .lock(LockType::Update)
        .all(tx.db())
        .await?;
    let connector = queries::reader(tx.app(), account, link);
    let agreed = agreed(tx.db(), account.creator_id).await?;
    let mut new = Vec::new();
    for kind in SyncKind::ALL {
        let standing = match &connector {
            Some(connector) => {
                let of = (account.account_type, account.followers);
                rules::standing(*kind, connector.as_ref(), &link.scopes.0, of, agreed)
            }
            None => Standing::Network(connectors::Availability::NotOffered),
        };
        let on = standing == Standing::On;
        match known.iter().find(|task| task.kind == *kind) {
            None if on => new.push(task(tx, account, *kind).into_active_model().reset_all()),
            None => {}
            Some(task) => {
                let mut row = task.clone().into_active_model();
                // The account may have gone to another creator.
                row.creator_id = Set(account.creator_id);
                match (on, task.next_run_at) {
                    (true, None) if begins_again(task, why) => {
                        row.next_run_at = Set(Some(tx.now));
                        row.failures = Set(0);
                    }
                    (false, Some(_)) => {
                        row.next_run_at = Set(None);
                        row.outcome = Set(if standing == Standing::NeedsConsent { rules::NO_CONSENT } else { "" }.to_owned());
                    }
                    _ if task.creator_id == account.creator_id => continue,
                    _ => {}
                }
                row.update(tx.db()).await?;
            }
        }
    }
    insert_all::<sync_task::Entity, _>(tx.db(), new).await
}

/// Whether a reading that was stopped begins again, now that nothing stands against it.
fn begins_again(task: &sync_task::Model, why: Why) -> bool {
    let finished = task.kind == SyncKind::Backfill && task.outcome == rules::OK && task.cursor.is_none() && task.back_to.is_none();
    let failed = !matches!(task.outcome.as_str(), "" | rules::OK | rules::NO_CONSENT);
    !finished && (why == Why::Tied || !failed)
}

fn task(tx: &Tx, account: &network_account::Model, kind: SyncKind) -> sync_task::Model {
    // Linking has just read it.
    let read_at = account.figures_as_of.filter(|_| kind == SyncKind::Profile && account.figures_source == Some(MetricSource::Network));
    let first = read_at.map_or(tx.now, |at| rules::again(kind, None, at, account.id.0.as_u128()));
    sync_task::Model {
        next_run_at: Some(first),
        priority: rules::usual_priority(kind),
        outcome: if read_at.is_some() { rules::OK } else { "" }.to_owned(),
        last_ok_at: read_at,
        ..sync_task::Model::bare(tx.id(), (account.id, account.creator_id, account.network), kind, tx.now)
    }
}

#[cfg(test)]
mod tests {
    use connectors::ErrorKind;
    use entity::{
        enums::Network,
        ids::{AccountId, SyncTaskId},
    };
    use uuid::Uuid;

    use super::*;

    fn stopped(kind: SyncKind, outcome: &str) -> sync_task::Model {
        let now = chrono::DateTime::from_timestamp(1_793_600_000, 0).unwrap();
        let whose = (AccountId(Uuid::from_u128(2)), CreatorId(Uuid::from_u128(3)), Network::Instagram);
        let bare = sync_task::Model::bare(SyncTaskId(Uuid::from_u128(1)), whose, kind, now);
        sync_task::Model { outcome: outcome.to_owned(), last_ok_at: Some(now), ..bare }
    }

    #[test]
    fn what_failed_for_good_waits_for_a_new_link() {
        let failed = stopped(SyncKind::Insights, &rules::outcome(&ErrorKind::NotBusinessAccount));
        assert!(!begins_again(&failed, Why::Changed) && begins_again(&failed, Why::Tied));
        for quiet in ["", rules::OK, rules::NO_CONSENT] {
            assert!(begins_again(&stopped(SyncKind::Posts, quiet), Why::Changed), "{quiet}");
        }
        let done = stopped(SyncKind::Backfill, rules::OK);
        assert!(!begins_again(&done, Why::Changed) && !begins_again(&done, Why::Tied));
        // One that lost its place is not done.
        assert!(begins_again(&stopped(SyncKind::Backfill, &rules::outcome(&ErrorKind::Bug)), Why::Tied));
        assert!(begins_again(&sync_task::Model { cursor: Some("2".into()), ..done.clone() }, Why::Changed));
        assert!(begins_again(&sync_task::Model { back_to: done.last_ok_at, ..done }, Why::Changed));
    }
}
