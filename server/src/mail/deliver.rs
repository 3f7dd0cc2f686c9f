//! Delivering the queue: take, send, write down what became of it.

use chrono::{DateTime, Duration, Utc};
use entity::{
    enums::{InvitationState, LetterKind, LetterState},
    ids::InvitationId,
    invitation, letter,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Set,
    sea_query::{self, Expr, LockBehavior, LockType},
};

use super::{suppressions, transport::NotSent};
use crate::{app::App, error::Result, events::Event, jobs::queue::backoff, tx::Tx};

/// How many letters are taken at once.
const BATCH: u64 = 20;
/// A letter is tried for about a day.
const MOST_ATTEMPTS: i32 = 12;
/// How long a taken letter stays ours; longer than a batch can take with the SMTP timeout.
const LEASE: Duration = Duration::minutes(15);

/// Delivers the letters that are due, at most one batch. Says whether there were any.
pub async fn due(app: &App) -> Result<bool> {
    let taken = take(app).await?;
    let some = !taken.is_empty();
    let pace = std::time::Duration::from_secs(1) / app.config.mail.per_second.max(1);
    for letter in taken {
        // An address may have unsubscribed since the letter was queued.
        let refused = letter.kind == LetterKind::Bulk && suppressions::stand(app.db(), &letter.to_email, letter.org_id).await?;
        if refused {
            settle(app, letter, LetterState::Suppressed, "the address asked for no more").await?;
            continue;
        }
        match app.post.send(&letter).await {
            Ok(()) => settle(app, letter, LetterState::Sent, "").await?,
            Err(NotSent::Refused(why)) => settle(app, letter, LetterState::Failed, &why).await?,
            Err(NotSent::Later(why)) if letter.attempts >= MOST_ATTEMPTS => settle(app, letter, LetterState::Failed, &why).await?,
            Err(NotSent::Later(why)) => later(app, letter, &why).await?,
        }
        if app.post.captured().is_none() {
            tokio::time::sleep(pace).await;
        }
    }
    Ok(some)
}

fn is_due(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(Condition::all().add(letter::Column::State.eq(LetterState::Queued)).add(letter::Column::NextAt.lte(now)))
        .add(Condition::all().add(letter::Column::State.eq(LetterState::Sending)).add(letter::Column::LeaseUntil.lt(now)))
}

async fn take(app: &App) -> Result<Vec<letter::Model>> {
    let tx = app.begin().await?;
    let found = letter::Entity::find()
        .filter(is_due(tx.now))
        // What a person waits for goes before what a brand sends to many.
        .order_by_desc(letter::Column::Kind)
        .order_by_asc(letter::Column::NextAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(tx.db())
        .await?;
    if found.is_empty() {
        return Ok(found);
    }
    letter::Entity::update_many()
        .col_expr(letter::Column::State, Expr::value(LetterState::Sending))
        .col_expr(letter::Column::LeaseUntil, Expr::value(tx.now + LEASE))
        .col_expr(letter::Column::Attempts, sea_query::ExprTrait::add(Expr::col(letter::Column::Attempts), 1))
        .filter(letter::Column::Id.is_in(found.iter().map(|l| l.id)))
        .exec(tx.db())
        .await?;
    tx.commit().await?;
    Ok(found.into_iter().map(|l| letter::Model { attempts: l.attempts + 1, ..l }).collect())
}

/// The letter's way has ended. It held links, so its text goes, unless an admin may want to try it again; the invitation that it carried
/// moves on with it.
async fn settle(app: &App, letter: letter::Model, state: LetterState, why: &str) -> Result<()> {
    let tx = app.begin().await?;
    let (id, about) = (letter.id, letter.invitation_id);
    let mut row = letter.into_active_model();
    row.state = Set(state);
    row.lease_until = Set(None);
    row.last_error = Set(why.chars().take(500).collect());
    if state != LetterState::Failed {
        blank(&mut row);
    }
    row.sent_at = Set((state == LetterState::Sent).then_some(tx.now));
    let letter = row.update(tx.db()).await?;
    if state != LetterState::Sent {
        tracing::warn!(letter = %id, %state, why, "letter not sent");
        let mut event = Event::new("letter.failed", id).with(serde_json::json!({ "state": state }));
        if let Some(org) = letter.org_id {
            event = event.org(org);
        }
        tx.record(event).await?;
    }
    if let Some(invitation) = about {
        follow(&tx, invitation, &letter, why).await?;
    }
    tx.commit().await
}

/// Takes everything from a letter that may hold links.
pub(super) fn blank(row: &mut letter::ActiveModel) {
    row.text = Set(String::new());
    row.html = Set(String::new());
    row.headers = Set(serde_json::json!({}));
}

/// The invitation goes with its letter: sent, or bounced when the letter can never arrive.
pub(super) async fn follow(tx: &Tx, id: InvitationId, carried: &letter::Model, why: &str) -> Result<()> {
    // Locked: its creator may be answering it right now.
    let Some(found) = invitation::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await? else { return Ok(()) };
    if found.email_key != carried.to_email.to_lowercase() {
        // It has been sent to another address since.
        return Ok(());
    }
    let next = match (found.state, carried.state) {
        (InvitationState::Queued, LetterState::Sent) => InvitationState::Sent,
        (InvitationState::Queued | InvitationState::Sent, LetterState::Failed | LetterState::Bounced | LetterState::Suppressed) => {
            InvitationState::Bounced
        }
        // An admin tries again.
        (InvitationState::Bounced, LetterState::Queued) => InvitationState::Queued,
        _ => return Ok(()),
    };
    let (org, creator) = (found.org_id, found.creator_id);
    let mut row = found.into_active_model();
    row.state = Set(next);
    match next {
        InvitationState::Sent => row.sent_at = Set(Some(tx.now)),
        InvitationState::Queued => row.bounce_code = Set(String::new()),
        _ => row.bounce_code = Set(why.chars().take(200).collect()),
    }
    row.update(tx.db()).await?;
    let event = match next {
        InvitationState::Sent => Event::new("invitation.sent", id),
        InvitationState::Queued => Event::new("invitation.tried_again", id),
        _ => Event::new("invitation.bounced", id),
    };
    tx.record(event.org(org).creator(creator)).await
}

async fn later(app: &App, letter: letter::Model, why: &str) -> Result<()> {
    let wait = backoff(letter.attempts);
    tracing::warn!(letter = %letter.id, attempts = letter.attempts, why, "letter not sent yet");
    let mut row = letter.into_active_model();
    row.state = Set(LetterState::Queued);
    row.next_at = Set(app.clock.now() + wait);
    row.lease_until = Set(None);
    row.last_error = Set(why.chars().take(500).collect());
    row.update(app.db()).await?;
    Ok(())
}
