//! The letters of webhooks.

use entity::{user, webhook};

use crate::{
    app::App,
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    web::urls,
};

/// To an owner: the address failed for two days, or said that it is gone.
pub fn disabled(app: &App, owner: &user::Model, hook: &webhook::Model) -> Result<Letter> {
    let locale = owner.locale;
    Plain::new(locale, "webhooks.mail.disabled")
        .line(locale.t("webhooks.mail.disabled.text").with("url", &hook.url))
        .button(locale.t("webhooks.mail.disabled.button"), app.link(&urls::webhook(hook.org_id, hook.id)))
        .letter(app, &owner.email)
}
