//! One sentence that survives a redirect: in a short cookie that holds a message key, never a text.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use entity::enums::Locale;

use crate::base::lang::{Lang, Text};

const COOKIE: &str = "notice";

/// What a page says at its top.
#[derive(Clone, Debug)]
pub struct Notice {
    /// `done`, `info` or `problem`.
    pub kind: &'static str,
    /// The sentence.
    pub text: Text,
}

/// A notice for the next page.
#[derive(Clone, Debug)]
pub struct Say {
    kind: &'static str,
    key: &'static str,
    n: Option<i64>,
}

impl Say {
    /// It is done.
    pub fn done(key: &'static str) -> Self {
        Self { kind: "done", key, n: None }
    }

    /// Good to know.
    pub fn info(key: &'static str) -> Self {
        Self { kind: "info", key, n: None }
    }

    /// It did not work.
    pub fn problem(key: &'static str) -> Self {
        Self { kind: "problem", key, n: None }
    }

    /// Fills `%{n}`.
    pub fn n(mut self, n: impl TryInto<i64>) -> Self {
        self.n = n.try_into().ok();
        self
    }

    pub(super) fn cookie(&self, secure: bool) -> Cookie<'static> {
        let n = self.n.map(|n| n.to_string()).unwrap_or_default();
        Cookie::build(COOKIE, format!("{}!{}!{n}", self.kind, self.key))
            .path("/")
            .http_only(true)
            .secure(secure)
            .same_site(SameSite::Lax)
            .max_age(Duration::minutes(1))
            .finish()
    }
}

/// The notice that came with a request. What is no key of ours is not shown.
pub fn of(request: &HttpRequest, locale: Locale) -> Option<Notice> {
    let cookie = request.cookie(COOKIE)?;
    let mut parts = cookie.value().splitn(3, '!');
    let (kind, key, n) = (parts.next()?, parts.next()?, parts.next()?);
    let kind = ["done", "info", "problem"].into_iter().find(|known| *known == kind)?;
    let text = locale.t(key);
    if text.as_str() == key {
        return None;
    }
    Some(Notice { kind, text: text.with("n", n.parse::<i64>().unwrap_or_default()) })
}

/// Takes the cookie back once its notice is shown.
pub fn shown(secure: bool) -> Cookie<'static> {
    let mut cookie = Cookie::build(COOKIE, "").path("/").secure(secure).finish();
    cookie.make_removal();
    cookie
}
