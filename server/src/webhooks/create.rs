//! An owner names an address that shall be told.

use entity::{enums::WebhookState, event_reader, webhook};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Set, sea_query::OnConflict};

use super::{gather::READER, rules};
use crate::{
    app::App,
    auth::actors::Owner,
    error::{Check, Code, Problem, Result},
    events::{self, Event},
};

/// What is typed.
#[derive(Clone, Debug, Default)]
pub struct New {
    /// Where to.
    pub url: String,
    /// Which kinds of events; empty = all.
    pub kinds: Vec<String>,
}

/// A new address and its secret, shown once.
#[derive(Debug)]
pub struct Created {
    /// Its row.
    pub webhook: webhook::Model,
    /// `whsec_…`
    pub secret: String,
}

/// What happens from now on is told there.
pub async fn create(app: &App, by: &Owner<'_>, new: New) -> Result<Created> {
    let mut check = Check::default();
    let url = check.take("url", rules::url(&new.url, &app.config.webhook_origins));
    let kinds = check.take("kinds", rules::kinds(new.kinds));
    let (url, kinds) = check.all((url, kinds))?;
    let tx = app.begin().await?;
    let have = webhook::Entity::find().filter(webhook::Column::OrgId.eq(by.org())).count(tx.db()).await?;
    if have >= rules::MOST {
        return Err(Problem::whole(Code::LimitReached, "webhooks.problem.most").into());
    }
    // Without webhooks nobody reads on; a new first one need not read what was before it.
    if webhook::Entity::find().count(tx.db()).await? == 0 {
        event_reader::Entity::delete_by_id(READER).exec(tx.db()).await?;
    }
    let place = events::newest(tx.db()).await?;
    let (xid, seq) = place.parts();
    event_reader::Entity::insert(event_reader::ActiveModel { name: Set(READER.to_owned()), xid: Set(xid), seq: Set(seq) })
        .on_conflict(OnConflict::column(event_reader::Column::Name).do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    let (id, secret) = (tx.id(), rules::new_secret());
    let sealed = app.vault.seal(&secret, &format!("{id}"))?;
    let row = webhook::ActiveModel {
        id: Set(id),
        org_id: Set(by.org()),
        url: Set(url.into()),
        kinds: Set(kinds),
        secret: Set(sealed.text),
        key_id: Set(sealed.key_id),
        former_secret: Set(None),
        former_key_id: Set(None),
        former_until: Set(None),
        state: Set(WebhookState::Active),
        told_from: Set(tx.now),
        created_by: Set(by.user_id()),
        created_at: Set(tx.now),
    };
    let webhook = row.insert(tx.db()).await?;
    tx.record(Event::new("webhook.created", id).org(by.org()).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(Created { webhook, secret })
}
