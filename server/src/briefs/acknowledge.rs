//! A creator who has joined says that they have read a version, and where its terms may be worse, that they consent (K19, I16).

use entity::{brief_ack, ids::ParticipationId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{
    queries,
    rules::{self, Due},
};
use crate::{
    app::App,
    auth::actors::Creator,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    participations,
};

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct Acknowledge {
    /// The number of the version that was read, so that nobody agrees to one that they have not seen.
    pub version: String,
    /// Whether changed terms are consented to.
    pub consent: bool,
}

/// Acknowledges the version that holds now. A second time changes nothing.
pub async fn acknowledge(app: &App, by: &Creator, place: ParticipationId, input: Acknowledge) -> Result<brief_ack::Model> {
    let tx = app.begin().await?;
    // The row's lock keeps two clicks apart.
    let place = participations::queries::of_creator_for_update(&tx, by, place).await?;
    if !participations::rules::joined(place.state) {
        return Err(Problem::whole(Code::WrongState, "briefs.problem.not_joined").into());
    }
    let versions = queries::published(tx.db(), place.campaign_id).await?;
    let Some(current) = versions.last() else { return Err(Error::NotFound) };
    if input.version.trim() != current.version.to_string() {
        return Err(Problem::new("version", Wrong::new(Code::WrongState, "briefs.problem.newer")).into());
    }
    let last = queries::last_ack(tx.db(), &place).await?;
    let made = brief_ack::Entity::find()
        .filter(brief_ack::Column::ParticipationId.eq(place.id))
        .filter(brief_ack::Column::Version.eq(current.version))
        .one(tx.db())
        .await?;
    if let Some(made) = made {
        return Ok(made);
    }
    if rules::due(&place, &versions, last.as_ref()) == Some(Due::Consent) && !input.consent {
        return Err(Problem::new("consent", Wrong::new(Code::Required, "briefs.problem.consent")).into());
    }
    let row = brief_ack::Model { id: tx.id(), participation_id: place.id, brief_id: current.id, version: current.version, at: tx.now };
    let row = row.into_active_model().reset_all().insert(tx.db()).await?;
    let data = serde_json::json!({ "version": row.version, "consent": input.consent });
    let event = Event::new("brief.acknowledged", place.id).org(place.org_id).creator(by.id()).by(by.user_id()).with(data);
    tx.record(event).await?;
    tx.commit().await?;
    Ok(row)
}
