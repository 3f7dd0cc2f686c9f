//! The letters of accounts.

use entity::{
    enums::{Locale, SuspensionReason},
    second_factor, user,
};

use crate::{
    app::App,
    auth::tokens::Token,
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    web::urls,
};

/// To a new address: one button that proves the mailbox.
pub fn confirm_sign_up(app: &App, locale: Locale, to: &str, name: &str, token: &Token) -> Result<Letter> {
    Plain::new(locale, "accounts.mail.confirm")
        .line(locale.t("accounts.mail.confirm.hello").with("name", name))
        .line(locale.t("accounts.mail.confirm.text"))
        .button(locale.t("accounts.mail.confirm.button"), app.link(&urls::confirm(token.reveal())))
        .after(locale.t("accounts.mail.ignore"))
        .letter(app, to)
}

/// To a known address that somebody signed up with again.
pub fn already_registered(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.already")
        .line(locale.t("accounts.mail.already.text"))
        .button(locale.t("accounts.mail.already.button"), app.link("/sign-in"))
        .after(locale.t("accounts.mail.already.forgot").with("url", app.link("/forgot")))
        .letter(app, &user.email)
}

/// A link to choose a new password.
pub fn reset_password(app: &App, user: &user::Model, token: &Token) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.reset")
        .line(locale.t("accounts.mail.reset.text"))
        .button(locale.t("accounts.mail.reset.button"), app.link(&urls::reset(token.reveal())))
        .after(locale.t("accounts.mail.ignore"))
        .letter(app, &user.email)
}

/// That the password was changed, for the case that it was not the owner.
pub fn password_changed(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.password_changed")
        .line(locale.t("accounts.mail.password_changed.text"))
        .button(locale.t("accounts.mail.password_changed.button"), app.link("/forgot"))
        .letter(app, &user.email)
}

/// To the new address: one button that proves it.
pub fn change_email(app: &App, user: &user::Model, to: &str, token: &Token) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.change_email")
        .line(locale.t("accounts.mail.change_email.text"))
        .button(locale.t("accounts.mail.change_email.button"), app.link(&format!("/confirm-email/{}", token.reveal())))
        .after(locale.t("accounts.mail.ignore"))
        .letter(app, to)
}

/// To the old address, before anything changes.
pub fn email_change_asked(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.email_change_asked")
        .line(locale.t("accounts.mail.email_change_asked.text"))
        .button(locale.t("accounts.mail.password_changed.button"), app.link("/forgot"))
        .letter(app, &user.email)
}

/// To the old address, afterwards.
pub fn email_changed(app: &App, before: &user::Model, after: &user::Model) -> Result<Letter> {
    let locale = after.locale;
    Plain::new(locale, "accounts.mail.email_changed")
        .line(locale.t("accounts.mail.email_changed.text").with("email", &after.email))
        .letter(app, &before.email)
}

/// That the person can no longer sign in, and why.
pub fn suspended(app: &App, user: &user::Model, reason: SuspensionReason) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.suspended")
        .line(locale.t("accounts.mail.suspended.text"))
        .line(locale.name("suspension_told", reason))
        .after(locale.t("accounts.mail.suspended.answer"))
        .letter(app, &user.email)
}

/// That the person can sign in again.
pub fn restored(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.restored")
        .line(locale.t("accounts.mail.restored.text"))
        .button(locale.t("accounts.mail.already.button"), app.link("/sign-in"))
        .letter(app, &user.email)
}

/// That a second factor counts from now on, for the case that it was not the owner.
pub fn second_factor_added(app: &App, user: &user::Model, factor: &second_factor::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.second_added")
        .line(locale.t("accounts.mail.second_added.text").with("kind", locale.name("factor_kind", factor.kind)))
        .button(locale.t("accounts.mail.password_changed.button"), app.link("/forgot"))
        .letter(app, &user.email)
}

/// That one is gone.
pub fn second_factor_removed(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.second_removed")
        .line(locale.t("accounts.mail.second_removed.text"))
        .button(locale.t("accounts.mail.password_changed.button"), app.link("/forgot"))
        .letter(app, &user.email)
}

/// That a recovery code was used, and how many are left.
pub fn recovery_code_used(app: &App, user: &user::Model, left: u64) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.recovery_used")
        .line(locale.t("accounts.mail.recovery_used.text").with("n", left))
        .button(locale.t("accounts.mail.recovery_used.button"), app.link(urls::SECURITY))
        .letter(app, &user.email)
}

/// That an admin has taken the second factor away.
pub fn second_factor_reset(app: &App, user: &user::Model) -> Result<Letter> {
    let locale = user.locale;
    Plain::new(locale, "accounts.mail.second_reset")
        .line(locale.t("accounts.mail.second_reset.text"))
        .button(locale.t("accounts.mail.already.button"), app.link("/sign-in"))
        .letter(app, &user.email)
}
