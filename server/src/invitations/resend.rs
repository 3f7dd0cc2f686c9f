//! A brand sends an invitation's mail again, to the same or, after a bounce, to another address. The older link stays valid.

use entity::{
    enums::{EmailSource, InvitationState},
    ids::InvitationId,
    invitation,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{
    mails::{self, Occasion},
    queries, rules,
    rules::Move,
};
use crate::{
    app::App,
    auth::actors::Manager,
    base::text::Email,
    error::{Code, Problem, Result, Wrong},
    events::Event,
    mail::suppressions,
};

/// Queues the mail once more; `email` replaces the address of a creator who is not registered.
pub async fn resend(app: &App, by: &Manager<'_>, id: InvitationId, email: Option<&str>) -> Result<invitation::Model> {
    let tx = app.begin().await?;
    let found = queries::of_member_for_update(&tx, by, id).await?;
    let next = rules::step(&found, Move::Resend, tx.now)?;
    let (letters, last) = queries::letters(tx.db(), id).await?;
    // A mail that came back may be repaired at once; one that arrived may not be repeated at once.
    let since = (found.state == InvitationState::Sent).then_some(last).flatten();
    rules::may_resend(letters, since, tx.now)?;
    let email = match email.map(str::trim).filter(|e| !e.is_empty()) {
        Some(text) if found.email_source == EmailSource::BrandEntered => {
            Some(Email::parse(text).map_err(|wrong| Problem::new("email", wrong))?)
        }
        Some(_) => return Err(Problem::new("email", Wrong::new(Code::Invalid, "invitations.problem.own_address")).into()),
        None => None,
    };
    let mut row = found.into_active_model();
    if let Some(email) = email.filter(|email| email.key != *row.email_key.as_ref()) {
        row.email = Set(email.text);
        row.email_key = Set(email.key);
        // Links in mails to the former address must not work for its owner.
        queries::kill_links(&tx, id).await?;
    }
    row.state = Set(next);
    row.bounce_code = Set(String::new());
    let row = row.update(tx.db()).await?;
    if suppressions::stand(tx.db(), &row.email, Some(row.org_id)).await? {
        return Err(Problem::whole(Code::Refused, "invitations.problem.closed").into());
    }
    let campaign = queries::campaign_of(tx.db(), by, row.campaign_id).await?;
    rules::recruits(&campaign)?;
    let Some(brief) = queries::published_brief(tx.db(), campaign.id).await? else {
        return Err(Problem::whole(Code::WrongState, "invitations.problem.no_brief").into());
    };
    let (link, token) = mails::links(&tx, &row);
    token.insert(tx.db()).await?;
    tx.queue(mails::invitation(app, &Occasion { org: by.organization(), campaign: &campaign, brief: &brief }, &row, &link)?).await?;
    tx.record(Event::new("invitation.resent", id).org(row.org_id).creator(row.creator_id).by(by.user_id())).await?;
    tx.commit().await?;
    Ok(row)
}
