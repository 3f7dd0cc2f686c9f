//! One side says something; the other sees it at once where the conversation is open, and as unread elsewhere.

use entity::{
    enums::Side,
    ids::{MessageId, ThreadId},
    message, thread,
};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{mark_read::read_to, queries, rules};
use crate::{
    app::App,
    auth::{
        actors::{Creator, Manager, Person},
        limits,
    },
    error::{Check, Error, Result},
    events::Event,
    idempotency::{self, Once},
    jobs::queue::Job,
    tx::Tx,
};

/// Who speaks: the creator, or a manager for the brand.
#[derive(Clone, Copy, Debug)]
pub enum Speaker<'a> {
    /// The creator of the thread.
    Creator(&'a Creator),
    /// A manager or owner of its organisation.
    Manager(&'a Manager<'a>),
}

impl Speaker<'_> {
    /// The person who writes.
    pub fn person(&self) -> &Person {
        match self {
            Self::Creator(by) => by.person(),
            Self::Manager(by) => by.person(),
        }
    }

    /// Which side that is.
    pub fn side(&self) -> Side {
        match self {
            Self::Creator(_) => Side::Creator,
            Self::Manager(_) => Side::Brand,
        }
    }

    async fn thread(&self, tx: &Tx, id: ThreadId) -> Result<thread::Model> {
        match self {
            Self::Creator(by) => queries::hold_of_creator(tx, by, id).await,
            Self::Manager(by) => queries::hold_of_member(tx, by, id).await,
        }
    }
}

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct Send {
    /// The text, at most 4,000 characters.
    pub body: String,
    /// The same key gives the same message, so that a repeated click says nothing twice.
    pub idempotency_key: Option<String>,
}

/// Writes a message.
pub async fn send(app: &App, by: Speaker<'_>, thread: ThreadId, input: Send) -> Result<message::Model> {
    let mut check = Check::default();
    let body = check.take("body", rules::body(&input.body));
    let (body,) = check.all((body,))?;
    let author = by.person().id();
    limits::take(app, limits::messages(app), &author.to_string()).await?;
    let tx = app.begin().await?;
    // The thread's row is the lock: its messages come one after the other.
    let thread = by.thread(&tx, thread).await?;
    let operation = format!("message.send {}", thread.id);
    let once = Once::new(author, &operation, input.idempotency_key.as_deref(), &body)?;
    if let Some(known) = idempotency::recall::<MessageId>(&tx, &once).await? {
        return message::Entity::find_by_id(known).one(tx.db()).await?.ok_or(Error::NotFound);
    }
    let at = rules::instant(tx.now, thread.last_message_at);
    let row = message::Model {
        id: tx.id(),
        thread_id: thread.id,
        org_id: thread.org_id,
        creator_id: thread.creator_id,
        side: by.side(),
        author_id: author,
        body,
        created_at: at,
    };
    let row = row.into_active_model().reset_all().insert(tx.db()).await?;
    let mut changed = thread.into_active_model();
    changed.last_message_at = Set(at);
    changed.update(tx.db()).await?;
    // Who answers has read what was said.
    read_to(&tx, row.thread_id, author, at).await?;
    idempotency::remember(&tx, once, &row.id).await?;
    let event = Event::new("message.sent", row.id).org(row.org_id).creator(row.creator_id).by(author);
    tx.record(event.with(json!({ "thread": row.thread_id }))).await?;
    tx.job(Job::new("conversations.tell", json!({ "message": row.id })).at(at + rules::PATIENCE)).await?;
    tx.commit().await?;
    Ok(row)
}
