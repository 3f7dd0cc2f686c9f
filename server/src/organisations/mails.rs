//! The letters of organisations.

use entity::{
    delegation,
    enums::{Locale, Role},
    member_invitation, organization, user,
};

use super::rules::Step;
use crate::{
    app::App,
    auth::tokens::Token,
    base::lang::Lang,
    error::Result,
    mail::{letter::Letter, plain::Plain},
    web::urls,
};

/// To a future member: who asks, as what, and one button.
pub fn asked(
    app: &App,
    locale: Locale,
    org: &organization::Model,
    inviter: &user::Model,
    row: &member_invitation::Model,
    token: &Token,
) -> Result<Letter> {
    let role = locale.name("role", row.role);
    Plain::new(locale, "organisations.mail.asked")
        .with("org", &org.name)
        .line(locale.t("organisations.mail.asked.text").with("name", &inviter.name).with("org", &org.name).with("role", role))
        .line(locale.t(&format!("organisations.role.{}", row.role)))
        .line(locale.t("organisations.mail.asked.until").with("email", &row.email))
        .button(locale.t("organisations.mail.asked.button"), app.link(&urls::member_invitation(token.reveal())))
        .after(locale.t("organisations.mail.asked.ignore"))
        .letter(app, &row.email)
}

/// To whoever asked: the person has joined.
pub fn joined(app: &App, inviter: &user::Model, org: &organization::Model, who: &user::Model, role: Role) -> Result<Letter> {
    let locale = inviter.locale;
    Plain::new(locale, "organisations.mail.joined")
        .with("name", &who.name)
        .with("org", &org.name)
        .line(
            locale
                .t("organisations.mail.joined.text")
                .with("name", &who.name)
                .with("org", &org.name)
                .with("role", locale.name("role", role)),
        )
        .button(locale.t("organisations.mail.joined.button"), app.link(&urls::org(org.id, "settings")))
        .letter(app, &inviter.email)
}

/// To somebody whose membership was ended.
pub fn removed(app: &App, gone: &user::Model, org: &organization::Model) -> Result<Letter> {
    let locale = gone.locale;
    Plain::new(locale, "organisations.mail.removed")
        .with("org", &org.name)
        .line(locale.t("organisations.mail.removed.text").with("org", &org.name))
        .letter(app, &gone.email)
}

/// To an agency's owner: a brand offers that the agency acts for it.
pub fn delegation_offered(
    app: &App,
    owner: &user::Model,
    brand: &organization::Model,
    agency: &organization::Model,
    row: &delegation::Model,
) -> Result<Letter> {
    let locale = owner.locale;
    let role = locale.name("role", row.role);
    let text = locale.t("organisations.mail.offered.text").with("brand", &brand.name).with("agency", &agency.name).with("role", role);
    let mut letter = Plain::new(locale, "organisations.mail.offered").with("brand", &brand.name).line(text);
    if let Some(until) = row.until {
        letter = letter.line(locale.t("organisations.mail.offered.until").with("date", locale.date(until)));
    }
    letter
        .line(locale.t("organisations.mail.offered.nothing_yet"))
        .button(locale.t("organisations.mail.offered.button"), app.link(&urls::org(agency.id, "settings")))
        .letter(app, &owner.email)
}

/// To an owner on the other side: it was accepted, declined or ended.
pub fn delegation_moved(
    app: &App,
    owner: &user::Model,
    mover: &organization::Model,
    reader: &organization::Model,
    row: &delegation::Model,
    step: Step,
) -> Result<Letter> {
    let locale = owner.locale;
    let key = match step {
        Step::Accept => "organisations.mail.delegation_accepted",
        Step::Decline => "organisations.mail.delegation_declined",
        Step::End => "organisations.mail.delegation_ended",
    };
    let role = locale.name("role", row.role);
    Plain::new(locale, key)
        .with("org", &mover.name)
        .line(locale.t(&format!("{key}.text")).with("org", &mover.name).with("own", &reader.name).with("role", role))
        .button(locale.t("organisations.mail.joined.button"), app.link(&urls::org(reader.id, "settings")))
        .letter(app, &owner.email)
}
