//! A person's own settings: name, language, time zone, whether a mail says that chat messages wait (K17).

use entity::user;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::{
    app::App,
    auth::actors::Person,
    base::text,
    error::{Check, Result},
    events::Event,
};

/// What the form holds; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The name that others see.
    pub name: Option<String>,
    /// `en` or `ja`.
    pub locale: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Whether a content-free mail says that messages wait.
    pub chat_mail: Option<bool>,
    /// How often a mail sums up what was not seen: `never`, `daily`, `weekly`.
    pub digest: Option<String>,
}

/// Changes them.
pub async fn edit(app: &App, by: &Person, input: Edit) -> Result<user::Model> {
    let mut check = Check::default();
    let user = by.user();
    let name = check.take("name", input.name.map_or(Ok(user.name.clone()), |n| text::line(&n, 80)));
    let locale = check.take("locale", input.locale.map_or(Ok(user.locale), |l| text::locale(&l)));
    let zone =
        check.take("time_zone", input.time_zone.map_or(Ok(user.time_zone.clone()), |z| text::time_zone(&z).map(|z| z.name().to_owned())));
    let digest = check.take("digest", input.digest.map_or(Ok(user.digest), |d| text::choice(&d)));
    let (name, locale, zone, digest) = check.all((name, locale, zone, digest))?;
    let tx = app.begin().await?;
    let mut row = user.clone().into_active_model();
    row.name = Set(name);
    row.locale = Set(locale);
    row.time_zone = Set(zone);
    row.chat_mail = Set(input.chat_mail.unwrap_or(user.chat_mail));
    if digest != user.digest {
        row.digest = Set(digest);
        // What was before is not summed up.
        row.digest_at = Set(Some(tx.now));
    }
    let user = row.update(tx.db()).await?;
    tx.record(Event::new("account.edited", user.id).by(user.id)).await?;
    tx.commit().await?;
    Ok(user)
}
