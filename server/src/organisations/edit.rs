//! An owner changes what the organisation says of itself. Its kind stays: delegations rest on it.

use entity::organization;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Owner,
    error::{Check, Result},
    events::Event,
};

/// What the form holds; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The name that creators read.
    pub name: Option<String>,
    /// The name that contracts bear.
    pub legal_name: Option<String>,
    /// The postal address.
    pub address: Option<String>,
    /// The web site.
    pub website: Option<String>,
    /// ISO 4217; campaigns that exist keep theirs.
    pub currency: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// `en` or `ja`.
    pub locale: Option<String>,
}

/// Changes it.
pub async fn edit(app: &App, by: &Owner<'_>, input: Edit) -> Result<organization::Model> {
    let tx = app.begin().await?;
    let org = queries::hold(&tx, by.org()).await?;
    let profile = rules::profile(
        Check::default(),
        &rules::ProfileInput {
            name: input.name.unwrap_or_else(|| org.name.clone()),
            legal_name: input.legal_name.unwrap_or_else(|| org.legal_name.clone()),
            address: input.address.unwrap_or_else(|| org.address.clone()),
            website: input.website.unwrap_or_else(|| org.website.clone()),
            currency: input.currency.unwrap_or_else(|| org.currency.clone()),
            time_zone: input.time_zone.unwrap_or_else(|| org.time_zone.clone()),
            locale: input.locale.unwrap_or_else(|| org.locale.as_str().to_owned()),
        },
    )?;
    let mut row = org.into_active_model();
    row.name = Set(profile.name);
    row.legal_name = Set(profile.legal_name);
    row.address = Set(profile.address);
    row.website = Set(profile.website);
    row.currency = Set(profile.currency.code().to_owned());
    row.time_zone = Set(profile.time_zone);
    row.locale = Set(profile.locale);
    let org = row.update(tx.db()).await?;
    tx.record(Event::new("organisation.edited", org.id).by(by.user_id()).org(org.id)).await?;
    tx.commit().await?;
    Ok(org)
}
