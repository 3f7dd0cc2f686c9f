//! Who of those that a brand names can be invited, and why the others cannot. One statement a question, whatever their number.

use std::collections::{HashMap, HashSet};

use entity::{
    batch, campaign, creator,
    enums::{EmailSource, InvitationState, Locale, ParticipationState, UserStatus},
    ids::{CreatorId, UserId},
    invitation, participation, user,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{rules, send::Recipient};
use crate::{
    base::{
        lang::{Lang, Text},
        text::{self, Email},
    },
    creators::queries::Eyes,
    error::Result,
    mail::suppressions,
    participations::{self, rules::Move},
    tx::Tx,
};

/// Somebody who can be invited.
#[derive(Clone, Debug)]
pub struct Invitee {
    /// The profile; none = a new one is made under this name.
    pub creator: Option<creator::Model>,
    /// The name in the mail.
    pub name: String,
    /// Where the mail goes.
    pub email: Email,
    /// Where the address came from.
    pub source: EmailSource,
    /// The creator's own language, if they are registered.
    pub locale: Option<Locale>,
}

/// Somebody who cannot, and why: a message key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refused {
    /// As the brand named them.
    pub name: String,
    /// `invitations.refused.…`
    pub reason: String,
    /// What was typed, where it could be put right: name and address of somebody new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<(String, String)>,
}

impl Refused {
    fn new(name: &str, reason: &str) -> Self {
        Self { name: name.to_owned(), reason: format!("invitations.refused.{reason}"), typed: None }
    }

    fn mendable(self, recipient: &Recipient) -> Self {
        Self { typed: Some((recipient.name.clone(), recipient.email.clone())), ..self }
    }

    /// The sentence in the reader's language.
    pub fn text(&self, locale: Locale) -> Text {
        locale.t(&self.reason).with("name", &self.name)
    }
}

/// Who was not invited by a bulk action.
pub fn refused(batch: &batch::Model) -> Vec<Refused> {
    serde_json::from_value(batch.refused.clone()).unwrap_or_default()
}

/// Sorts the named into those who can be invited and those who cannot.
pub async fn sort(tx: &Tx, campaign: &campaign::Model, named: &[Recipient]) -> Result<(Vec<Invitee>, Vec<Refused>)> {
    let mut refused = Vec::new();
    let profiles = profiles(tx, campaign, named).await?;
    let users = users(tx, profiles.values().filter_map(|c| c.user_id)).await?;

    let mut candidates: Vec<Invitee> = Vec::new();
    for recipient in named {
        match candidate(recipient, &profiles, &users) {
            Ok(invitee) => candidates.push(invitee),
            Err(no) => refused.push(no),
        }
    }

    let keys: Vec<String> = candidates.iter().map(|c| c.email.key.clone()).collect();
    let mut known = known_by(tx, campaign, &keys).await?;
    for invitee in candidates.iter_mut().filter(|c| c.creator.is_none()) {
        invitee.creator = known.remove(&invitee.email.key);
    }
    let closed: HashSet<String> = suppressions::among(tx.db(), &keys, campaign.org_id).await?.into_iter().map(|s| s.email_key).collect();
    let waiting = already_asked(tx, campaign, &keys).await?;
    let states = participation_states(tx, campaign, &candidates).await?;

    let mut seen = HashSet::new();
    let mut fine = Vec::new();
    for invitee in candidates {
        let state = invitee.creator.as_ref().and_then(|c| states.get(&c.id));
        let reason = if !seen.insert(invitee.email.key.clone()) {
            Some("twice")
        } else if closed.contains(&invitee.email.key) {
            Some("closed")
        } else if waiting.contains(&invitee.email.key) {
            Some("asked")
        } else {
            state.filter(|s| participations::rules::after(**s, Move::Invite).is_none()).map(|s| match s {
                ParticipationState::Invited => "asked",
                ParticipationState::Declined => "declined",
                s if participations::rules::joined(*s) => "joined",
                _ => "ended",
            })
        };
        match reason {
            Some(reason) => refused.push(Refused::new(&invitee.name, reason)),
            None => fine.push(invitee),
        }
    }
    Ok((fine, refused))
}

fn candidate(
    recipient: &Recipient,
    profiles: &HashMap<CreatorId, creator::Model>,
    users: &HashMap<UserId, user::Model>,
) -> Result<Invitee, Refused> {
    let typed = recipient.email.trim();
    let Some(text) = recipient.creator.as_deref() else {
        // A person who is not among the creators yet.
        let name = text::line(&recipient.name, 80).map_err(|_| Refused::new(typed, "name").mendable(recipient))?;
        let reason = if typed.is_empty() { "no_address" } else { "email" };
        let email = Email::parse(typed).map_err(|_| Refused::new(&name, reason).mendable(recipient))?;
        return Ok(Invitee { creator: None, name, email, source: EmailSource::BrandEntered, locale: None });
    };
    let known = text.parse::<CreatorId>().ok().and_then(|id| profiles.get(&id));
    let Some(creator) = known else { return Err(Refused::new(text, "unknown")) };
    let name = creator.display_name.clone();
    match creator.user_id {
        Some(id) => match users.get(&id) {
            // The brand cannot choose where a registered creator's mail goes.
            Some(user) => match Email::parse(&user.email) {
                Ok(email) => {
                    Ok(Invitee { creator: Some(creator.clone()), name, email, source: EmailSource::Registered, locale: Some(user.locale) })
                }
                Err(_) => Err(Refused::new(&name, "email")),
            },
            None => Err(Refused::new(&name, "unknown")),
        },
        None if typed.is_empty() => Err(Refused::new(&name, "no_email")),
        None => {
            let email = Email::parse(typed).map_err(|_| Refused::new(&name, "email"))?;
            Ok(Invitee { creator: Some(creator.clone()), name, email, source: EmailSource::BrandEntered, locale: None })
        }
    }
}

/// The named profiles, as far as the organisation sees them.
async fn profiles(tx: &Tx, campaign: &campaign::Model, named: &[Recipient]) -> Result<HashMap<CreatorId, creator::Model>> {
    let ids: Vec<CreatorId> = named.iter().filter_map(|r| r.creator.as_deref()?.parse().ok()).collect();
    let visible = Eyes::Org(campaign.org_id).see();
    let rows = creator::Entity::find().filter(creator::Column::Id.is_in(ids)).filter(visible).all(tx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn users(tx: &Tx, ids: impl Iterator<Item = UserId>) -> Result<HashMap<UserId, user::Model>> {
    let rows =
        user::Entity::find().filter(user::Column::Id.is_in(ids)).filter(user::Column::Status.eq(UserStatus::Active)).all(tx.db()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Addresses at which an invitation to this campaign waits already, whoever's profile it names.
async fn already_asked(tx: &Tx, campaign: &campaign::Model, keys: &[String]) -> Result<HashSet<String>> {
    let open = rules::WAITING.iter().copied().chain([InvitationState::Accepted]);
    let rows = invitation::Entity::find()
        .filter(invitation::Column::CampaignId.eq(campaign.id))
        .filter(invitation::Column::EmailKey.is_in(keys.iter().cloned()))
        .filter(invitation::Column::State.is_in(open))
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.email_key).collect())
}

/// The profiles under which this organisation has written to these addresses before: nobody is typed in twice. Whether an address
/// belongs to a registered creator whom the organisation does not know is not looked up; it would tell.
async fn known_by(tx: &Tx, campaign: &campaign::Model, keys: &[String]) -> Result<HashMap<String, creator::Model>> {
    let rows = invitation::Entity::find()
        .filter(invitation::Column::OrgId.eq(campaign.org_id))
        .filter(invitation::Column::EmailKey.is_in(keys.iter().cloned()))
        .order_by_asc(invitation::Column::Id)
        .all(tx.db())
        .await?;
    let latest: HashMap<String, CreatorId> = rows.into_iter().map(|row| (row.email_key, row.creator_id)).collect();
    let creators = creator::Entity::find().filter(creator::Column::Id.is_in(latest.values().copied())).all(tx.db()).await?;
    let creators: HashMap<CreatorId, creator::Model> = creators.into_iter().map(|row| (row.id, row)).collect();
    Ok(latest.into_iter().filter_map(|(key, id)| Some((key, creators.get(&id)?.clone()))).collect())
}

async fn participation_states(
    tx: &Tx,
    campaign: &campaign::Model,
    candidates: &[Invitee],
) -> Result<HashMap<CreatorId, ParticipationState>> {
    let ids = candidates.iter().filter_map(|c| c.creator.as_ref().map(|c| c.id));
    let rows = participation::Entity::find()
        .filter(participation::Column::CampaignId.eq(campaign.id))
        .filter(participation::Column::CreatorId.is_in(ids))
        .all(tx.db())
        .await?;
    Ok(rows.into_iter().map(|row| (row.creator_id, row.state)).collect())
}
