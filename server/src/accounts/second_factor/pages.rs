//! The second factor in the portal: the question at sign-in, and the page where a person sets it up.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    web,
};
use askama::Template;
use entity::{ids::SecondFactorId, second_factor};

use super::{
    super::{
        self as accounts,
        pages::{home, signed_in},
    },
    Added, NewTotp, rules,
};
use crate::{
    app::App,
    auth::{actors::Person, sessions::Device, tokens::Token},
    config::Config,
    error::{Error, Problem, Result},
    web::{
        forms::Form,
        layout::{Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

pub(in crate::accounts) fn routes(r: &mut Routes<'_>) {
    r.get("/sign-in/second", Who::Anyone, question);
    r.post("/sign-in/second", Who::Anyone, by_code);
    r.post("/sign-in/second/passkey/begin", Who::Anyone, begin_by_passkey);
    r.post("/sign-in/second/passkey", Who::Anyone, by_passkey);
    r.get(urls::SECURITY, Who::Person, security);
    r.post(urls::SECURITY, Who::Person, prove);
    r.post("/account/security/totp", Who::Person, begin_totp);
    r.post("/account/security/totp/{id}", Who::Person, confirm_totp);
    r.post("/account/security/passkey/begin", Who::Person, begin_passkey);
    r.post("/account/security/passkey", Who::Person, add_passkey);
    r.post("/account/security/codes", Who::Person, renew_codes);
    r.post("/account/security/{id}/remove", Who::Person, remove);
}

fn cookie_name(config: &Config) -> &'static str {
    if config.secure() { "__Host-hibiki-second" } else { "hibiki-second" }
}

fn cookie(config: &Config, token: &str) -> Cookie<'static> {
    Cookie::build(cookie_name(config), token.to_owned())
        .path("/")
        .http_only(true)
        .secure(config.secure())
        .same_site(SameSite::Lax)
        .max_age(Duration::minutes(10))
        .finish()
}

/// From the sign-in page to the question; the waiting sign-in is in a cookie.
pub(in crate::accounts) fn ask(app: &App, page: &Page, pending: &Token, next: &str) -> Result<HttpResponse> {
    let mut answer = page.go(&urls::second(next));
    answer.add_cookie(&cookie(&app.config, pending.reveal())).map_err(|e| anyhow::anyhow!("cookie: {e}"))?;
    Ok(answer)
}

fn pending(app: &App, request: &HttpRequest) -> Result<String> {
    request.cookie(cookie_name(&app.config)).map(|cookie| cookie.value().to_owned()).ok_or(Error::NotFound)
}

/// What has run out or was never there begins at the sign-in page again.
fn or_sign_in<T>(page: &Page, next: &str, done: Result<T>) -> Result<std::result::Result<T, HttpResponse>> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Error::NotFound) => Ok(Err(page.see(&urls::sign_in(next), Say::info("accounts.notice.sign_in_again")))),
        Err(Error::User(problems)) if problems.iter().all(|p| p.field.is_empty()) => {
            Ok(Err(page.see(&urls::sign_in(next), Say::info("accounts.notice.sign_in_again"))))
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "accounts/second.html")]
struct SecondPage {
    page: Page,
    form: Form,
    /// Whether the person has passkeys.
    passkey: bool,
    /// Whether the person has an authenticator app.
    totp: bool,
}

async fn asked(app: &App, page: &Page, token: &str, form: Form) -> Result<SecondPage> {
    let (totp, passkey) = super::pass::kinds(app, token).await?;
    Ok(SecondPage { page: page.clone(), form, passkey: passkey && accounts::passkeys_possible(app), totp })
}

async fn question(app: web::Data<App>, page: Page, request: HttpRequest, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let next = query.iter().find(|(k, _)| k == "next").map_or("", |(_, v)| v).to_owned();
    let shown = async { asked(&app, &page, &pending(&app, &request)?, Form::new().with("next", &*next)).await };
    match or_sign_in(&page, &next, shown.await)? {
        Ok(shown) => page.show(&shown),
        Err(away) => Ok(away),
    }
}

async fn by_code(app: web::Data<App>, page: Page, device: Device, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let done = async { accounts::pass_by_code(&app, &device, &pending(&app, &request)?, form.value("code")).await };
    let done = done.await;
    passed(&app, &page, &request, form, done).await
}

async fn begin_by_passkey(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let options = accounts::begin_pass_by_passkey(&app, &pending(&app, &request)?).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "options": options })))
}

async fn by_passkey(app: web::Data<App>, page: Page, device: Device, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let done = async { accounts::pass_by_passkey(&app, &device, &pending(&app, &request)?, form.value("credential")).await };
    let done = done.await;
    passed(&app, &page, &request, form, done).await
}

async fn passed(app: &App, page: &Page, request: &HttpRequest, form: Form, done: Result<accounts::SignedIn>) -> Result<HttpResponse> {
    let next = form.take("next");
    let by = match done {
        Err(Error::User(problems)) if problems.iter().any(|p| !p.field.is_empty()) => {
            return page.again(&asked(app, page, &pending(app, request)?, form.refused(&problems, page.lang)).await?);
        }
        other => match or_sign_in(page, &next, other)? {
            Ok(by) => by,
            Err(away) => return Ok(away),
        },
    };
    let next = match urls::local(&next) {
        "/" => home(app, &by).await?,
        next => next.to_owned(),
    };
    let mut answer = signed_in(app, page, &by, &next);
    let mut spent = cookie(&app.config, "");
    spent.make_removal();
    answer.add_cookie(&spent).map_err(|e| anyhow::anyhow!("cookie: {e}"))?;
    Ok(answer)
}

/// A secret that an authenticator app shall take in.
struct Enrolment {
    id: SecondFactorId,
    secret: String,
    url: String,
    qr: String,
    side: i32,
}

#[derive(Template)]
#[template(path = "accounts/security.html")]
struct SecurityPage {
    page: Page,
    form: Form,
    /// Which part of the page the form's problems belong to.
    part: &'static str,
    factors: Vec<second_factor::Model>,
    codes_left: u64,
    /// Codes that were just made; shown once.
    fresh: Vec<String>,
    enrolment: Option<Enrolment>,
    passkeys: bool,
    ask_password: bool,
    /// Whether one of the person's roles waits for a second factor.
    wanted: bool,
    /// Where the person wanted to go.
    next: String,
}

async fn shown(app: &App, page: &Page, by: &Person, part: &'static str, form: Form) -> Result<SecurityPage> {
    Ok(SecurityPage {
        factors: super::second_factors(app.db(), by).await?,
        codes_left: super::recovery_codes_left(app.db(), by).await?,
        fresh: Vec::new(),
        enrolment: None,
        passkeys: accounts::passkeys_possible(app),
        ask_password: !by.proven(page.now, app.config.auth.proven_minutes),
        wanted: !by.cleared(),
        next: urls::local(form.value("next")).to_owned(),
        part,
        form,
        page: page.clone(),
    })
}

async fn security(app: web::Data<App>, page: Page, by: Person, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let next = query.iter().find(|(k, _)| k == "next").map_or("", |(_, v)| v);
    page.show(&shown(&app, &page, &by, "", Form::new().with("next", next)).await?)
}

async fn prove(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    match refused(accounts::prove(&app, &by, form.value("current_password")).await)? {
        Ok(()) => Ok(page.go(&urls::security(form.value("next")))),
        Err(problems) => again(&app, &page, &by, "prove", form, &problems, None).await,
    }
}

async fn again(
    app: &App,
    page: &Page,
    by: &Person,
    part: &'static str,
    form: Form,
    problems: &[Problem],
    enrolment: Option<Enrolment>,
) -> Result<HttpResponse> {
    let shown = shown(app, page, by, part, form.refused(problems, page.lang)).await?;
    page.again(&SecurityPage { enrolment, ..shown })
}

impl Enrolment {
    fn of(new: NewTotp) -> Result<Self> {
        let (qr, side) = rules::qr(&new.url)?;
        Ok(Self { id: new.id, secret: rules::grouped(&new.secret), url: new.url, qr, side })
    }
}

async fn begin_totp(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    match refused(accounts::begin_totp(&app, &by, "").await)? {
        Ok(new) => {
            let shown = shown(&app, &page, &by, "confirm", form).await?;
            page.show(&SecurityPage { enrolment: Some(Enrolment::of(new)?), ..shown })
        }
        Err(problems) => again(&app, &page, &by, "totp", form, &problems, None).await,
    }
}

async fn confirm_totp(app: web::Data<App>, page: Page, by: Person, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    match refused(accounts::confirm_totp(&app, &by, id, form.value("code")).await)? {
        Ok(added) => then(&app, &page, by, form, added).await,
        Err(problems) => {
            let enrolment = Enrolment::of(super::totp::unconfirmed(&app, &by, id).await?)?;
            again(&app, &page, &by, "confirm", form, &problems, Some(enrolment)).await
        }
    }
}

/// The recovery codes that came with the first factor are shown at once; else the page says that it is done.
async fn then(app: &App, page: &Page, by: Person, form: Form, added: Added) -> Result<HttpResponse> {
    if added.recovery_codes.is_empty() {
        return Ok(page.see(urls::SECURITY, Say::done("accounts.notice.second_added")));
    }
    let shown = shown(app, page, &by, "", Form::new().with("next", form.value("next"))).await?;
    page.show(&SecurityPage { fresh: added.recovery_codes, wanted: false, ..shown })
}

async fn begin_passkey(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    match refused(accounts::begin_passkey(&app, &by, "").await)? {
        Ok(asked) => Ok(HttpResponse::Ok().json(serde_json::json!({ "token": asked.token.reveal(), "options": asked.options }))),
        Err(problems) => {
            let said = problems.first().map(|p| String::from(p.wrong.text(page.lang))).unwrap_or_default();
            Ok(HttpResponse::UnprocessableEntity().json(serde_json::json!({ "problem": said })))
        }
    }
}

async fn add_passkey(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let (token, name, credential) = (form.value("token"), form.value("passkey_name"), form.value("credential"));
    match refused(accounts::add_passkey(&app, &by, token, name, credential).await)? {
        Ok(added) => then(&app, &page, by, form, added).await,
        Err(problems) => again(&app, &page, &by, "passkey", form, &problems, None).await,
    }
}

async fn renew_codes(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    match refused(accounts::renew_recovery_codes(&app, &by, "").await)? {
        Ok(fresh) => {
            let shown = shown(&app, &page, &by, "", Form::new()).await?;
            page.show(&SecurityPage { fresh, ..shown })
        }
        Err(problems) => again(&app, &page, &by, "codes", form, &problems, None).await,
    }
}

async fn remove(app: web::Data<App>, page: Page, by: Person, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    match refused(accounts::remove_second_factor(&app, &by, id, "").await)? {
        Ok(_) => Ok(page.see(urls::SECURITY, Say::done("accounts.notice.second_removed"))),
        Err(problems) => again(&app, &page, &by, "remove", form, &problems, None).await,
    }
}
