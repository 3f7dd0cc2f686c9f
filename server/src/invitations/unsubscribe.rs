//! The owner of a mailbox asks for no more mail, of one brand or of all; and may take that back.

use entity::{enums::SuppressionReason, invitation, invitation_token, suppression};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    app::App,
    auth::tokens,
    error::{Error, Result},
    events::Event,
    mail::suppressions,
};

/// Of whom no more mail is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The brand of the invitation.
    Brand,
    /// Every brand.
    All,
}

/// The mail that held this token, and its invitation. The token does not die: a mail stays in its box for years.
pub async fn mail_of(app: &App, token: &str) -> Result<(invitation_token::Model, invitation::Model)> {
    let link = invitation_token::Entity::find()
        .filter(invitation_token::Column::UnsubscribeHash.eq(tokens::hash(token)))
        .one(app.db())
        .await?
        .ok_or(Error::NotFound)?;
    let found = invitation::Entity::find_by_id(link.invitation_id).one(app.db()).await?.ok_or(Error::NotFound)?;
    Ok((link, found))
}

/// Whether the mailbox wants no more mail of this brand, and whether of none at all.
pub async fn refusals(app: &App, mail: &invitation_token::Model, found: &invitation::Model) -> Result<Option<Refusal>> {
    let rows = suppressions::among(app.db(), &[mail.email.to_ascii_lowercase()], found.org_id).await?;
    Ok(match rows.as_slice() {
        [] => None,
        rows if rows.iter().any(|row| row.scope == "all") => Some(Refusal::All),
        _ => Some(Refusal::Brand),
    })
}

/// Writes it down; twice is once. What is queued for the address is not sent either.
pub async fn unsubscribe(app: &App, token: &str, of: Refusal) -> Result<()> {
    let (mail, found) = mail_of(app, token).await?;
    let tx = app.begin().await?;
    let org = (of == Refusal::Brand).then_some(found.org_id);
    suppressions::add(tx.db(), tx.id(), &mail.email, org, SuppressionReason::Unsubscribed, "", tx.now).await?;
    tx.record(Event::new("mail.unsubscribed", found.id).org(found.org_id)).await?;
    tx.commit().await
}

/// Takes it back, for this brand and for all. A bounce is not forgotten by it.
pub async fn resubscribe(app: &App, token: &str) -> Result<()> {
    let (mail, found) = mail_of(app, token).await?;
    let tx = app.begin().await?;
    suppression::Entity::delete_many()
        .filter(suppression::Column::EmailKey.eq(mail.email.to_ascii_lowercase()))
        .filter(suppression::Column::Scope.is_in(["all".to_owned(), found.org_id.to_string()]))
        .filter(suppression::Column::Reason.eq(SuppressionReason::Unsubscribed))
        .exec(tx.db())
        .await?;
    tx.record(Event::new("mail.resubscribed", found.id).org(found.org_id)).await?;
    tx.commit().await
}
