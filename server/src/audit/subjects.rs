//! What facts are about, in names, with the way there. A statement a kind of thing, however many facts there are.

use std::collections::HashMap;

use entity::{
    brief, campaign, creator, event,
    ids::{BriefId, CampaignId, CreatorId, InvitationId, LetterId, OrgId, ParticipationId, UserId},
    invitation, letter, organization, participation, user,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::queries::Eyes;
use crate::{error::Result, web::urls};

/// A thing by its name, and its page where the reader has one.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name; of an invitation or a place in a campaign the creator's.
    pub name: String,
    /// Its page.
    pub href: Option<String>,
}

/// The things that facts are about, by the ids that the facts hold. The caller has found the facts through an actor.
pub async fn named(
    db: &impl ConnectionTrait,
    eyes: Eyes,
    facts: impl Iterator<Item = &event::Model> + Clone,
) -> Result<HashMap<String, Named>> {
    fn ids<'a, T: std::str::FromStr>(facts: impl Iterator<Item = &'a event::Model>) -> Vec<T> {
        facts.filter_map(|fact| fact.subject.parse().ok()).collect()
    }
    let admin = matches!(eyes, Eyes::Admin);
    let mut out = HashMap::new();
    let mut put = |id: String, name: &str, href: Option<String>| out.insert(id, Named { name: name.to_owned(), href });

    let invitations = invitation::Entity::find().filter(invitation::Column::Id.is_in(ids::<InvitationId>(facts.clone()))).all(db).await?;
    let places =
        participation::Entity::find().filter(participation::Column::Id.is_in(ids::<ParticipationId>(facts.clone()))).all(db).await?;
    let briefs = brief::Entity::find().filter(brief::Column::Id.is_in(ids::<BriefId>(facts.clone()))).all(db).await?;

    let asked = invitations.iter().map(|row| row.creator_id).chain(places.iter().map(|row| row.creator_id));
    let wanted = asked.chain(ids::<CreatorId>(facts.clone()));
    let creators = creator::Entity::find().filter(creator::Column::Id.is_in(wanted)).all(db).await?;
    let of_creator: HashMap<CreatorId, &str> = creators.iter().map(|row| (row.id, row.display_name.as_str())).collect();
    let page_of = |id: CreatorId| match eyes {
        Eyes::Org(org) => Some(urls::org(org, format!("creators/{id}"))),
        Eyes::Admin => None,
    };
    for row in &creators {
        put(row.id.to_string(), &row.display_name, page_of(row.id));
    }
    for (id, creator) in invitations.iter().map(|row| (row.id.to_string(), row.creator_id)) {
        put(id, of_creator.get(&creator).copied().unwrap_or_default(), page_of(creator));
    }
    for (id, creator) in places.iter().map(|row| (row.id.to_string(), row.creator_id)) {
        put(id, of_creator.get(&creator).copied().unwrap_or_default(), page_of(creator));
    }

    let wanted = briefs.iter().map(|row| row.campaign_id).chain(ids::<CampaignId>(facts.clone()));
    let campaigns = campaign::Entity::find().filter(campaign::Column::Id.is_in(wanted)).all(db).await?;
    let page_of = |row: &campaign::Model| (!admin).then(|| urls::campaign(row.org_id, row.id, ""));
    for row in &campaigns {
        put(row.id.to_string(), &row.name, page_of(row));
    }
    for row in &briefs {
        if let Some(of) = campaigns.iter().find(|campaign| campaign.id == row.campaign_id) {
            put(row.id.to_string(), &of.name, page_of(of));
        }
    }

    for row in organization::Entity::find().filter(organization::Column::Id.is_in(ids::<OrgId>(facts.clone()))).all(db).await? {
        put(row.id.to_string(), &row.name, admin.then(|| urls::admin_organisation(row.id)));
    }
    for row in user::Entity::find().filter(user::Column::Id.is_in(ids::<UserId>(facts.clone()))).all(db).await? {
        put(row.id.to_string(), &row.name, admin.then(|| format!("{}/users/{}", urls::ADMIN, row.id)));
    }
    // A registered creator's address is nothing for a brand.
    if admin {
        for row in letter::Entity::find().filter(letter::Column::Id.is_in(ids::<LetterId>(facts))).all(db).await? {
            put(row.id.to_string(), &row.to_email, Some(format!("{}/mail/{}", urls::ADMIN, row.id)));
        }
    }
    Ok(out)
}
