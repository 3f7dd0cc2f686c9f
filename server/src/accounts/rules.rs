//! Accounts: what may be typed, how long links live, what a token may be made for. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::{
    enums::{Hat, LinkPurpose, Locale, UserStatus},
    ids::UserId,
    user,
};
use serde::{Deserialize, Serialize};

use crate::{
    auth::passwords,
    base::text::{self, Email},
    error::{Check, Code, Problem, Result, Wrong},
};

/// The version of the code of conduct that both sides accept (L7); its text is `templates/public/conduct.html`.
pub const CONDUCT: &str = "2026-11";

/// As what somebody signs up: only decides which page greets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpAs {
    /// To be found, invited and paid.
    Creator,
    /// To run campaigns.
    Brand,
}

impl std::str::FromStr for SignUpAs {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "creator" => Ok(Self::Creator),
            "brand" => Ok(Self::Brand),
            _ => Err(()),
        }
    }
}

/// What an admin may do with a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum UserAction {
    /// `userSuspend`
    Suspend,
    /// `userRestore`
    Restore,
    /// `userSignOut`
    SignOut,
    /// `userSecondFactorReset`
    ResetSecondFactor,
}

/// What `admin` may do now. Nobody shuts themselves out.
pub fn user_actions(user: &user::Model, admin: UserId) -> Vec<UserAction> {
    match user.status {
        _ if user.id == admin => Vec::new(),
        UserStatus::Active if user.second_factor => vec![UserAction::Suspend, UserAction::SignOut, UserAction::ResetSecondFactor],
        UserStatus::Active => vec![UserAction::Suspend, UserAction::SignOut],
        UserStatus::Suspended => vec![UserAction::Restore],
    }
}

/// Whether it may be done now.
pub fn may(user: &user::Model, admin: UserId, action: UserAction) -> Result<()> {
    if user_actions(user, admin).contains(&action) {
        return Ok(());
    }
    let key = if user.id == admin { "accounts.problem.oneself" } else { "accounts.problem.user_state" };
    Err(Problem::whole(Code::WrongState, key).into())
}

/// The browser and the system that a `User-Agent` header names, for people to recognise a device by; none if it is neither of the usual.
/// Browsers also name those that they resemble, so the order matters.
pub fn device(user_agent: &str) -> Option<(&'static str, &'static str)> {
    const BROWSERS: [(&str, &str); 9] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let named = |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name);
    Some((named(&BROWSERS)?, named(&SYSTEMS)?))
}

/// Who somebody says they are, read and found fine.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The name that others see.
    pub name: String,
    /// The password, still in clear: to be hashed before anything else.
    pub password: String,
    /// The language of pages and mails.
    pub locale: Locale,
    /// The zone of times.
    pub time_zone: String,
}

/// Reads the fields that every kind of sign-up shares (K26). All problems come at once.
pub fn identity(
    mut check: Check,
    name: &str,
    email: Option<&str>,
    password: &str,
    locale: &str,
    time_zone: &str,
    conduct: bool,
) -> Result<Identity> {
    let name_read = check.take("name", text::line(name, 80));
    let own = [name, email.unwrap_or_default()];
    let password = check.take("password", passwords::check(password, &own));
    let locale = check.take("locale", if locale.is_empty() { Ok(Locale::En) } else { text::locale(locale) });
    let zone = check.take("time_zone", zone_or_default(time_zone, locale));
    check.that("conduct", conduct, || Wrong::new(Code::Required, "accounts.problem.conduct"));
    let (name, password, locale, time_zone) = check.all((name_read, password, locale, zone))?;
    Ok(Identity { name, password, locale, time_zone })
}

/// Reads an address for a form's field `email`.
pub fn email(check: &mut Check, text: &str) -> Option<Email> {
    check.take("email", Email::parse(text))
}

fn zone_or_default(zone: &str, locale: Option<Locale>) -> Result<String, Wrong> {
    match (zone.trim(), locale) {
        ("", Some(Locale::Ja)) => Ok("Asia/Tokyo".into()),
        ("", _) => Ok("UTC".into()),
        (zone, _) => text::time_zone(zone).map(|z| z.name().to_owned()),
    }
}

/// How long a link lives (settled 4).
pub fn link_life(purpose: LinkPurpose) -> Duration {
    match purpose {
        LinkPurpose::ConfirmSignUp | LinkPurpose::ChangeEmail => Duration::hours(24),
        LinkPurpose::ResetPassword => Duration::minutes(60),
        LinkPurpose::SecondFactor | LinkPurpose::AddPasskey => Duration::minutes(10),
    }
}

/// How long an API token may live at most.
const MOST_TOKEN_DAYS: i64 = 366;

/// When a token that shall live so many days ends.
pub fn token_end(now: DateTime<Utc>, days: &str) -> Result<DateTime<Utc>, Wrong> {
    match text::fold_width(days).trim().parse::<i64>() {
        Ok(days @ 1..=MOST_TOKEN_DAYS) => Ok(now + Duration::days(days)),
        _ => Err(Wrong::new(Code::Invalid, "accounts.problem.token_days").with("most", MOST_TOKEN_DAYS)),
    }
}

/// Reads what a token may do: `read` is always in.
pub fn scopes(asked: &[String]) -> Result<Vec<String>, Wrong> {
    if asked.iter().any(|s| s != "read" && s != "write") {
        return Err(Wrong::new(Code::Invalid, "base.problem.choice"));
    }
    let mut scopes = vec!["read".to_owned()];
    if asked.iter().any(|s| s == "write") {
        scopes.push("write".into());
    }
    Ok(scopes)
}

/// The actor that a token is asked for: `creator`, `admin`, `person`, or an organisation's id.
pub fn hat(text: &str) -> Result<(Hat, Option<entity::ids::OrgId>), Wrong> {
    match text.trim() {
        "" => Err(Wrong::required()),
        "person" => Ok((Hat::Person, None)),
        "creator" => Ok((Hat::Creator, None)),
        "admin" => Ok((Hat::Admin, None)),
        text if text.starts_with("cre_") => Ok((Hat::Creator, None)),
        text => text.parse().map(|org| (Hat::Member, Some(org))).map_err(|_| Wrong::new(Code::Invalid, "base.problem.choice")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn all_problems_at_once() {
        let Err(Error::User(problems)) = identity(Check::default(), "", None, "short", "xx", "Mars/Base", false) else { panic!() };
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_ref()).collect();
        assert_eq!(fields, ["name", "password", "locale", "time_zone", "conduct"]);
    }

    #[test]
    fn tokens_end() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(token_end(now, "３０").unwrap(), now + Duration::days(30));
        for bad in ["0", "-1", "367", "", "soon"] {
            assert!(token_end(now, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn devices_have_names() {
        for (agent, found) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                Some(("Safari", "iPhone")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
                Some(("Chrome", "Android")),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
                Some(("Edge", "Windows")),
            ),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0", Some(("Firefox", "Mac"))),
            ("curl/8.5.0", None),
            ("", None),
        ] {
            assert_eq!(device(agent), found, "{agent}");
        }
    }
}
