//! The frame of every page: who is looking, in which language, as what, and where they can go.

use std::{fmt::Display, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use entity::{enums::Locale, ids::OrgId};

use super::{
    assets,
    notice::{self, Notice, Say},
    urls,
};
use crate::{
    app::App,
    auth::{
        actors::{self, Acting, Person},
        extract,
    },
    base::{
        lang::{self, Lang, Text},
        money::Money,
    },
    error::{Error, Problem, Result},
};

/// Whom a page is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Public,
    /// A creator, on a phone.
    Creator,
    /// A member of this organisation, at a desk.
    Brand(OrgId),
    /// A platform admin.
    Admin,
}

impl Audience {
    /// As the address says.
    pub fn of_path(path: &str) -> Self {
        let mut parts = path.trim_start_matches('/').split('/');
        match (parts.next(), parts.next()) {
            (Some("c"), _) => Self::Creator,
            (Some("admin"), _) => Self::Admin,
            (Some("b"), Some(org)) => org.parse().map_or(Self::Public, Self::Brand),
            _ => Self::Public,
        }
    }
}

/// What `layout.html` reads; every page's template has one in its field `page`.
#[derive(Clone, Debug)]
pub struct Page {
    /// The reader's language.
    pub lang: Locale,
    /// The reader's time zone.
    pub zone: Tz,
    /// The address of this page, with its query, for the way back.
    pub path: String,
    /// A sentence from the page before.
    pub notice: Option<Notice>,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Where this audience can go.
    pub nav: Vec<NavItem>,
    /// Where the mark leads: the home of whom the reader acts as, else the public one.
    pub home: String,
    /// What happened: its page, and how much of it calls for attention.
    pub bell: Option<(String, u64)>,
    /// `public`, `creator`, `brand` or `admin`.
    pub audience: &'static str,
    /// Whether this is the demo.
    pub demo: bool,
    /// Now, for what is shown relative to it.
    pub now: DateTime<Utc>,
    secure: bool,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// Their name.
    pub name: String,
    /// Their picture's address.
    pub avatar: Option<String>,
    /// What they can act as.
    pub hats: Vec<HatLink>,
}

/// One thing that a person can act as.
#[derive(Clone, Debug)]
pub struct HatLink {
    /// Its name.
    pub label: String,
    /// Its home.
    pub href: String,
    /// Whether this page is its.
    pub current: bool,
}

/// One entry of the navigation.
#[derive(Clone, Debug)]
pub struct NavItem {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether this page lies there.
    pub current: bool,
    /// A symbol of `images/icons.svg`.
    pub icon: &'static str,
    /// How many things wait there; none = nothing or unknown.
    pub count: Option<u64>,
}

impl Page {
    /// The frame for a request.
    pub async fn of(request: &HttpRequest, audience: Audience) -> Result<Self> {
        let app = extract::app(request)?;
        let person = extract::visitor(request).await?;
        let lang = language(request, person.as_ref());
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
        let now = app.clock.now();
        let choices = match &person {
            Some(person) => actors::choices(app.db(), person, now).await?,
            None => Vec::new(),
        };
        let mut page = Self {
            lang,
            zone: person.as_ref().map_or(Tz::UTC, Person::zone),
            path,
            notice: notice::of(request, lang),
            viewer: None,
            nav: Vec::new(),
            home: "/".into(),
            bell: None,
            audience: "public",
            demo: app.config.demo,
            now,
            secure: app.config.secure(),
        };
        if let Some(person) = person {
            // A page of a hat that is not theirs is about to say so; until then it is a public page.
            let acting = choices.iter().find(|c| match (c, audience) {
                (Acting::Creator(..), Audience::Creator) | (Acting::Admin, Audience::Admin) => true,
                (Acting::Org(id, ..), Audience::Brand(org)) => *id == org,
                _ => false,
            });
            // Who acts as one thing only keeps its navigation on the pages of the account.
            let of_account = page.path == "/account" || page.path.starts_with("/account/") || page.path.starts_with("/account?");
            let acting = acting.or_else(|| choices.first().filter(|_| of_account && choices.len() == 1));
            if let Some(acting) = acting {
                page.dress(&app, acting, &person).await?;
            }
            page.viewer = Some(page.viewer_of(&person, &choices, acting));
        }
        Ok(page)
    }

    fn viewer_of(&self, person: &Person, choices: &[Acting], current: Option<&Acting>) -> Viewer {
        let hats = choices
            .iter()
            .map(|choice| {
                let label = match choice {
                    Acting::Creator(_, name) => self.t("layout.as_creator").with("name", name).into(),
                    Acting::Org(_, name, _) => name.clone(),
                    Acting::Admin => self.t("layout.as_admin").into(),
                };
                HatLink { label, href: urls::acting(choice), current: current == Some(choice) }
            })
            .collect();
        Viewer { name: person.user().name.clone(), avatar: None, hats }
    }

    async fn dress(&mut self, app: &App, acting: &Acting, person: &Person) -> Result<()> {
        let (audience, items): (_, Vec<(&str, String, &'static str)>) = match acting {
            Acting::Creator(..) => (
                "creator",
                vec![
                    ("home", urls::CREATOR.into(), "home"),
                    ("jobs", urls::creator("jobs"), "megaphone"),
                    ("inbox", urls::creator("inbox"), "inbox"),
                    ("profile", urls::creator("profile"), "person"),
                    ("networks", urls::creator("networks"), "link"),
                    ("analysis", urls::ANALYSIS.into(), "analysis"),
                ],
            ),
            Acting::Org(org, ..) => (
                "brand",
                vec![
                    ("home", urls::org(org, ""), "home"),
                    ("discover", urls::org(org, "discover"), "discover"),
                    ("lookup", urls::org(org, "lookup"), "search"),
                    ("creators", urls::org(org, "creators"), "people"),
                    ("campaigns", urls::org(org, "campaigns"), "megaphone"),
                    ("inbox", urls::org(org, "inbox"), "inbox"),
                    ("settings", urls::org(org, "settings"), "settings"),
                ],
            ),
            Acting::Admin => (
                "admin",
                vec![
                    ("home", urls::ADMIN.into(), "home"),
                    ("organisations", "/admin/organisations".into(), "organisations"),
                    ("users", "/admin/users".into(), "people"),
                    ("creators", urls::ADMIN_CREATORS.into(), "creators"),
                    ("networks", urls::ADMIN_NETWORKS.into(), "link"),
                    ("tables", urls::ADMIN_TABLES.into(), "list"),
                    ("mail", "/admin/mail".into(), "mailqueue"),
                    ("work", "/admin/jobs".into(), "clock"),
                    ("audit", urls::ADMIN_AUDIT.into(), "activity"),
                    ("settings", "/admin/settings".into(), "settings"),
                ],
            ),
        };
        self.audience = audience;
        self.home = urls::acting(acting);
        let here = self.path.split('?').next().unwrap_or_default().to_owned();
        let (unread, unseen) = crate::waiting(app, acting, person).await?;
        self.bell = Some((urls::activity(acting), unseen));
        self.nav = items
            .into_iter()
            .map(|(name, href, icon)| {
                let current = here == href || (name != "home" && here.starts_with(&format!("{href}/")));
                let count = (name == "inbox" && unread > 0).then_some(unread);
                NavItem { label: self.t(&format!("layout.nav.{name}")).into(), href, current, icon, count }
            })
            .collect();
        Ok(())
    }

    /// A text in the reader's language.
    pub fn t(&self, key: &str) -> Text {
        self.lang.t(key)
    }

    /// The name of a state or another enum.
    pub fn name(&self, kind: &str, value: impl Display) -> Text {
        self.lang.name(kind, value)
    }

    /// The address of one of our own files.
    pub fn asset(&self, path: &str) -> String {
        assets::url(path)
    }

    /// A calendar day.
    pub fn date(&self, day: &NaiveDate) -> String {
        self.lang.date(*day)
    }

    /// From a first to a last day, either of which may be open.
    pub fn days(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> String {
        self.lang.days(from, to)
    }

    /// A moment in the reader's zone.
    pub fn time(&self, at: &DateTime<Utc>) -> String {
        self.lang.instant(*at, self.zone)
    }

    /// The time of day in the reader's zone.
    pub fn clock(&self, at: &DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// A moment for `<time datetime>`.
    pub fn stamp(&self, at: &DateTime<Utc>) -> String {
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// An amount.
    pub fn money(&self, minor: &i64, currency: &str) -> String {
        Money::from_row(*minor, currency).formatted(self.lang)
    }

    /// A count in few characters.
    pub fn short(&self, count: &i64) -> String {
        self.lang.short(*count)
    }

    /// The languages to choose from: code, name, unused, whether current.
    pub fn languages(&self) -> Vec<(&'static str, &'static str, &'static str, bool)> {
        [(Locale::Ja, "日本語"), (Locale::En, "English")].map(|(locale, label)| (locale.as_str(), label, "", locale == self.lang)).to_vec()
    }

    /// 200 with a page.
    pub fn show(&self, template: &impl Template) -> Result<HttpResponse> {
        self.with(HttpResponse::Ok(), template)
    }

    /// 422 with the same page: what was typed is kept, what is wrong stands beside it.
    pub fn again(&self, template: &impl Template) -> Result<HttpResponse> {
        self.with(HttpResponse::UnprocessableEntity(), template)
    }

    /// Any status with a page.
    pub fn with(&self, mut answer: actix_web::HttpResponseBuilder, template: &impl Template) -> Result<HttpResponse> {
        if self.notice.is_some() {
            answer.cookie(notice::shown(self.secure));
        }
        Ok(answer.content_type("text/html; charset=utf-8").body(template.render()?))
    }

    /// 303 to the next page, which says what happened.
    pub fn see(&self, url: &str, say: Say) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, url)).cookie(say.cookie(self.secure)).finish()
    }

    /// 303 without a word.
    pub fn go(&self, url: &str) -> HttpResponse {
        HttpResponse::SeeOther().insert_header((header::LOCATION, url)).finish()
    }
}

/// Either what an operation gave, or the problems that belong beside the form's fields. Everything else goes up.
pub fn refused<T>(result: Result<T>) -> Result<std::result::Result<T, Vec<Problem>>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Error::User(problems)) => Ok(Err(problems)),
        Err(other) => Err(other),
    }
}

/// The language: the person's own, else what they chose on this browser, else what the browser asks for.
fn language(request: &HttpRequest, person: Option<&Person>) -> Locale {
    if let Some(person) = person {
        return person.locale();
    }
    if let Some(chosen) = request.cookie("lang").and_then(|c| c.value().parse().ok()) {
        return chosen;
    }
    let asked = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    lang::preferred(asked)
}

impl FromRequest for Page {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request, Audience::of_path(request.path())).await })
    }
}
