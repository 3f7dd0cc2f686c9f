//! The first platform admin, made at the machine's own shell.

use entity::{enums::Locale, user};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::{confirm::create_user, queries, rules};
use crate::{
    app::App,
    auth::{actors::Console, passwords},
    base::text::Email,
    error::{Check, Result},
    events::Event,
};

/// Makes a person platform admin: a known address keeps its password, a new one gets this.
pub async fn create_admin(app: &App, _: &Console, email: &str, name: &str, password: &str, locale: Locale) -> Result<user::Model> {
    let mut check = Check::default();
    let read = check.take("email", Email::parse(email));
    let (email,) = check.all((read,))?;
    let known = queries::by_email(app.db(), &email.key).await?;
    let fresh = match &known {
        Some(_) => None,
        None => {
            let identity = rules::identity(Check::default(), name, Some(&email.text), password, locale.as_str(), "", true)?;
            Some((identity.name, passwords::hash(identity.password).await?, identity.time_zone))
        }
    };
    let tx = app.begin().await?;
    let user = match (known, fresh) {
        (Some(user), _) => user,
        (None, Some((name, hash, zone))) => create_user(&tx, &email, &name, hash, locale, &zone).await?,
        (None, None) => return Err(anyhow::anyhow!("neither known nor new").into()),
    };
    let mut row = user.into_active_model();
    row.platform_admin = Set(true);
    let user = row.update(tx.db()).await?;
    tx.record(Event::new("account.made_admin", user.id)).await?;
    tx.commit().await?;
    Ok(user)
}
