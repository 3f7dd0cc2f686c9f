//! A brand invites one or many creators at once: all of it is written in one transaction, and the worker delivers the mails (M3).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::{
    batch, brief, campaign, creator,
    enums::{BatchKind, CreatorSource, InvitationState, Locale, ParticipationState},
    ids::{BatchId, CampaignId, CreatorId},
    invitation, participation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};
use serde::Serialize;

use super::{
    mails::{self, Occasion, Preview},
    queries,
    recipients::{self, Invitee, Refused},
    rules,
};
use crate::{
    app::App,
    auth::{
        actors::{Manager, Member},
        limits,
    },
    base::text,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
    idempotency::{self, Once},
    participations,
    tx::{Tx, insert_all},
};

/// Under which idempotency keys of this operation are remembered.
const OPERATION: &str = "invitations.send";

/// Somebody to invite.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Recipient {
    /// A creator's id; none = somebody new, by name and address.
    pub creator: Option<String>,
    /// The name of somebody new.
    pub name: String,
    /// The address that the brand was given; not used for registered creators.
    pub email: String,
}

/// What the form holds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Send {
    /// Who.
    pub recipients: Vec<Recipient>,
    /// The mail's subject; `{name}` becomes the creator's name.
    pub subject: String,
    /// The personal lines; `{name}` becomes the creator's name.
    pub message: String,
    /// The subject in the other language; with `other_message` for those whose language it is, both empty = all get the one above.
    pub other_subject: String,
    /// The personal lines in the other language.
    pub other_message: String,
    /// The language of subject and message, and of the mail to those who are not registered: `en` or `ja`.
    pub locale: String,
    /// The last day for an answer, in the organisation's zone.
    pub answer_by: String,
    /// The same key gives the same answer, so that a repeated click sends nothing twice.
    pub idempotency_key: Option<String>,
}

/// What was read of the mail.
struct Words {
    subject: String,
    message: String,
    /// Subject and message for those who read the other language.
    other: Option<(String, String)>,
    locale: Locale,
    until: DateTime<Utc>,
}

impl Words {
    /// Subject and message for a reader.
    fn to(&self, name: &str, locale: Locale) -> (String, String) {
        let (subject, message) = match &self.other {
            Some((subject, message)) if locale != self.locale => (subject, message),
            _ => (&self.subject, &self.message),
        };
        (rules::personal(subject, name), rules::personal(message, name))
    }
}

/// What of a mailing is kept, so that those who could not be invited can be sent the same.
pub const KEPT: &[&str] = &["subject", "message", "other_subject", "other_message", "locale", "answer_by"];

impl Send {
    fn kept(&self) -> serde_json::Value {
        let values = [&self.subject, &self.message, &self.other_subject, &self.other_message, &self.locale, &self.answer_by];
        KEPT.iter().zip(values).map(|(field, value)| ((*field).to_owned(), serde_json::Value::from(value.as_str()))).collect()
    }

    /// Reads everything but the recipients, with all problems at once.
    fn words(&self, mut check: Check, by: &Member, campaign: &campaign::Model, now: DateTime<Utc>) -> Result<Words> {
        let zone = by.organization().time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
        let subject = check.take("subject", rules::subject(&self.subject));
        let message = check.take("message", rules::message(&self.message));
        let locale = check.take("locale", text::locale(&self.locale));
        let until = check.take("answer_by", rules::answer_by(&self.answer_by, zone, now, campaign.ends_on));
        let told = [&self.other_subject, &self.other_message].into_iter().any(|text| !text.trim().is_empty());
        let other = told.then(|| {
            let subject = check.take("other_subject", rules::subject(&self.other_subject));
            let message = check.take("other_message", rules::message(&self.other_message));
            subject.zip(message)
        });
        let (subject, message, locale, until) = check.all((subject, message, locale, until))?;
        Ok(Words { subject, message, other: other.flatten(), locale, until })
    }
}

/// The campaign's brief, if creators can be invited to it now.
async fn invitable(db: &impl ConnectionTrait, campaign: &campaign::Model) -> Result<brief::Model> {
    rules::recruits(campaign)?;
    let brief = queries::published_brief(db, campaign.id).await?;
    brief.ok_or_else(|| Problem::whole(Code::WrongState, "invitations.problem.no_brief").into())
}

/// Writes the invitations and queues their mails; gives the bulk action, whose progress can be watched.
pub async fn send(app: &App, by: &Manager<'_>, campaign: CampaignId, input: Send) -> Result<batch::Model> {
    let (limit, who) = (limits::invited(app), by.org().to_string());
    let count = i64::try_from(input.recipients.len().min(rules::MOST_AT_ONCE))?;
    // Nobody may use us to write to strangers in masses.
    limits::spend(app, limit, &who, count).await?;
    let sent = write(app, by, campaign, input).await;
    let unused = count - sent.as_ref().map_or(0, |batch| i64::from(batch.total));
    limits::spend(app, limit, &who, -unused).await?;
    sent
}

/// Who of these people would be invited, and who would not and why. Nothing is written.
pub async fn rehearse(app: &App, by: &Manager<'_>, campaign: CampaignId, people: &[Recipient]) -> Result<(Vec<Invitee>, Vec<Refused>)> {
    // Sorting may note what it finds out; without a commit all of that is undone.
    let tx = app.begin().await?;
    let campaign = queries::campaign_for_update(&tx, by, campaign).await?;
    let mut check = Check::default();
    few_enough(&mut check, people);
    check.all(())?;
    recipients::sort(&tx, &campaign, people).await
}

fn few_enough(check: &mut Check, people: &[Recipient]) {
    check.that("recipients", people.len() <= rules::MOST_AT_ONCE, || {
        Wrong::new(Code::LimitReached, "invitations.problem.too_many").with("most", rules::MOST_AT_ONCE)
    });
}

async fn write(app: &App, by: &Manager<'_>, campaign: CampaignId, input: Send) -> Result<batch::Model> {
    let tx = app.begin().await?;
    let campaign = queries::campaign_for_update(&tx, by, campaign).await?;
    let key = input.idempotency_key.as_deref();
    let once = Once::new(by.user_id(), OPERATION, key, &(campaign.id, &input))?;
    if let Some(batch) = idempotency::recall::<BatchId>(&tx, &once).await? {
        return queries::batch(tx.db(), by, batch).await;
    }
    let brief = invitable(tx.db(), &campaign).await?;

    let mut check = Check::default();
    check.that("recipients", !input.recipients.is_empty(), || Wrong::new(Code::Required, "invitations.problem.nobody"));
    few_enough(&mut check, &input.recipients);
    let (invitees, refused) = match check.is_clear() {
        true => recipients::sort(&tx, &campaign, &input.recipients).await?,
        false => Default::default(),
    };
    if invitees.is_empty() {
        nobody_left(&mut check, &refused);
    }
    let words = input.words(check, by, &campaign, tx.now)?;

    let batch = batch::Model {
        id: tx.id(),
        org_id: by.org(),
        kind: BatchKind::Invite,
        campaign_id: campaign.id,
        total: i32::try_from(invitees.len())?,
        refused: serde_json::to_value(&refused)?,
        words: Some(input.kept()),
        created_by: by.user_id(),
        created_at: tx.now,
    };
    batch.clone().into_active_model().reset_all().insert(tx.db()).await?;

    let profiles = new_profiles(&tx, &invitees).await?;
    let creators: Vec<CreatorId> =
        invitees.iter().zip(&profiles).map(|(invitee, fresh)| invitee.creator.as_ref().map_or(*fresh, |c| c.id)).collect();
    let participations = participations::shortlist_in(&tx, &campaign, &creators).await?;
    mark_invited(&tx, participations.values()).await?;

    let mut rows = Vec::with_capacity(invitees.len());
    for (invitee, creator) in invitees.iter().zip(&creators) {
        let Some(participation) = participations.get(creator) else { continue };
        let locale = invitee.locale.unwrap_or(words.locale);
        let (subject, message) = words.to(&invitee.name, locale);
        rows.push(invitation::Model {
            id: tx.id(),
            org_id: by.org(),
            campaign_id: campaign.id,
            creator_id: *creator,
            participation_id: participation.id,
            batch_id: Some(batch.id),
            email: invitee.email.text.clone(),
            email_key: invitee.email.key.clone(),
            email_source: invitee.source,
            locale,
            subject,
            message,
            state: InvitationState::Queued,
            decline_reason: None,
            decline_note: String::new(),
            bounce_code: String::new(),
            invited_by: by.user_id(),
            sent_at: None,
            viewed_at: None,
            answered_at: None,
            expires_at: words.until,
            created_at: tx.now,
        });
    }
    let active = rows.iter().cloned().map(|row| row.into_active_model().reset_all()).collect();
    insert_all::<invitation::Entity, invitation::ActiveModel>(tx.db(), active).await?;

    let occasion = Occasion { org: by.organization(), campaign: &campaign, brief: &brief };
    let mut letters = Vec::with_capacity(rows.len());
    let mut tokens = Vec::with_capacity(rows.len());
    for row in &rows {
        let (link, token) = mails::links(&tx, row);
        letters.push(mails::invitation(app, &occasion, row, &link)?);
        tokens.push(token);
    }
    insert_all::<entity::invitation_token::Entity, _>(tx.db(), tokens).await?;
    tx.queue_all(letters).await?;
    let data = serde_json::json!({ "campaign": campaign.id, "total": batch.total, "refused": refused.len() });
    tx.record(Event::new("invitations.queued", batch.id).org(by.org()).by(by.user_id()).with(data)).await?;
    idempotency::remember(&tx, once, &batch.id).await?;
    tx.commit().await?;
    Ok(batch)
}

/// The mail as `name` would get it, written by the same code; nothing is sent or kept, and its links lead nowhere. `locale` is theirs,
/// if they are registered.
pub async fn preview(
    app: &App,
    by: &Manager<'_>,
    campaign: CampaignId,
    input: &Send,
    name: &str,
    locale: Option<Locale>,
) -> Result<Preview> {
    let campaign = queries::campaign_of(app.db(), by, campaign).await?;
    let brief = invitable(app.db(), &campaign).await?;
    let words = input.words(Check::default(), by, &campaign, app.clock.now())?;
    let occasion = Occasion { org: by.organization(), campaign: &campaign, brief: &brief };
    let locale = locale.unwrap_or(words.locale);
    let (subject, message) = words.to(name, locale);
    mails::preview(app, &occasion, locale, subject, &message, words.until)
}

/// When nobody can be invited nothing is written, and each reason is said.
fn nobody_left(check: &mut Check, refused: &[Refused]) {
    for no in refused.iter().take(20) {
        let name: String = no.name.chars().take(80).collect();
        check.that("recipients", false, || Wrong::new(Code::Refused, reason_key(&no.reason)).with("name", name));
    }
}

/// The reasons as keys that live as long as the program.
fn reason_key(reason: &str) -> &'static str {
    const ALL: &[&str] = &[
        "invitations.refused.asked",
        "invitations.refused.closed",
        "invitations.refused.declined",
        "invitations.refused.email",
        "invitations.refused.ended",
        "invitations.refused.joined",
        "invitations.refused.name",
        "invitations.refused.no_address",
        "invitations.refused.no_email",
        "invitations.refused.twice",
    ];
    ALL.iter().copied().find(|key| *key == reason).unwrap_or("invitations.refused.unknown")
}

/// Makes profiles for those who have none; gives an id for each invitee, used where there is no profile.
async fn new_profiles(tx: &Tx, invitees: &[Invitee]) -> Result<Vec<CreatorId>> {
    let ids: Vec<CreatorId> = invitees.iter().map(|_| tx.id()).collect();
    let rows = invitees.iter().zip(&ids).filter(|(invitee, _)| invitee.creator.is_none()).map(|(invitee, id)| {
        let key = text::search_key(&invitee.name);
        creator::Model::bare(*id, &invitee.name, key, CreatorSource::Invited, tx.now).into_active_model().reset_all()
    });
    insert_all::<creator::Entity, creator::ActiveModel>(tx.db(), rows.collect()).await?;
    Ok(ids)
}

/// All of them are on the shortlist, or they would have been refused: one statement moves them.
async fn mark_invited(tx: &Tx, rows: impl Iterator<Item = &participation::Model>) -> Result<()> {
    let ids: Vec<_> = rows.map(|row| row.id).collect::<HashSet<_>>().into_iter().collect();
    for chunk in ids.chunks(500) {
        participation::Entity::update_many()
            .col_expr(participation::Column::State, Expr::value(ParticipationState::Invited))
            .col_expr(participation::Column::UpdatedAt, Expr::value(tx.now))
            .filter(participation::Column::Id.is_in(chunk.iter().copied()))
            .filter(participation::Column::State.eq(ParticipationState::Shortlisted))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}
