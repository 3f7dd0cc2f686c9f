//! Accounts in the portal: sign-up, sign-in, links of mails, settings.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    api_token,
    enums::{Digest, LinkPurpose},
    session, user,
};

use super::{
    Edit, NewToken, SignUp, queries,
    rules::{self, SignUpAs},
    second_factor,
    sign_in::{Identified, SignedIn},
};
use crate::{
    app::App,
    auth::{
        actors::{self, Acting, Person},
        limits,
        sessions::{self, Device},
    },
    base::lang::Text,
    error::{Error, Problem, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        routes::{Routes, Who},
        urls, zones,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/sign-up", Who::Anyone, sign_up_page);
    r.post("/sign-up", Who::Anyone, sign_up);
    r.get("/check-mail", Who::Anyone, check_mail);
    r.get("/confirm/{token}", Who::Token, confirm_page);
    r.post("/confirm/{token}", Who::Token, confirm);
    r.get("/sign-in", Who::Anyone, sign_in_page);
    r.post("/sign-in", Who::Anyone, sign_in);
    r.post("/sign-out", Who::Person, sign_out);
    r.get("/forgot", Who::Anyone, forgot_page);
    r.post("/forgot", Who::Anyone, forgot);
    r.get("/reset/{token}", Who::Token, reset_page);
    r.post("/reset/{token}", Who::Token, reset);
    r.get("/confirm-email/{token}", Who::Token, confirm_email_page);
    r.post("/confirm-email/{token}", Who::Token, confirm_email);
    r.get(urls::START, Who::Person, start);
    r.get("/account", Who::Person, account);
    r.post("/account", Who::Person, edit);
    r.post("/account/notifications", Who::Person, edit_notifications);
    r.post("/account/password", Who::Person, change_password);
    r.post("/account/email", Who::Person, change_email);
    r.post("/account/sessions/end-others", Who::Person, end_others);
    r.post("/account/sessions/{id}/end", Who::Person, end_session);
    r.post("/account/tokens", Who::Person, create_token);
    r.post("/account/tokens/{id}/revoke", Who::Person, revoke_token);
    second_factor::pages::routes(r);
}

#[derive(Template)]
#[template(path = "accounts/sign_up.html")]
struct SignUpPage {
    page: Page,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/check_mail.html")]
struct CheckMailPage {
    page: Page,
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    page: Page,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/forgot.html")]
struct ForgotPage {
    page: Page,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/reset.html")]
struct ResetPage {
    page: Page,
    form: Form,
    token: String,
}

/// One thing that a person can act as.
struct Door {
    href: String,
    title: String,
    text: String,
}

#[derive(Template)]
#[template(path = "accounts/start.html")]
struct StartPage {
    page: Page,
    doors: Vec<Door>,
}

/// A page with one button that answers a mail: opening the link alone changes nothing (B21).
#[derive(Template)]
#[template(path = "accounts/one_button.html")]
struct OneButtonPage {
    page: Page,
    title: String,
    text: String,
    action: String,
    button: String,
}

/// A mail's link that has served or run out: why, and what to do instead.
#[derive(Template)]
#[template(path = "accounts/link_over.html")]
struct LinkOverPage {
    page: Page,
    text: Text,
    href: &'static str,
    button: Text,
}

fn link_over(page: &Page, error: Error, href: &'static str, button: &str) -> Result<HttpResponse> {
    let Error::User(problems) = error else { return Err(error) };
    let text = problems.first().map_or_else(|| page.t("web.error.422.text"), |problem| problem.wrong.text(page.lang));
    page.again(&LinkOverPage { text, href, button: page.t(button), page: page.clone() })
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage {
    page: Page,
    user: user::Model,
    form: Form,
    /// Which part of the page the form's problems belong to.
    part: &'static str,
    zones: Vec<Choice>,
    locales: Vec<Choice>,
    digests: Vec<Choice>,
    sessions: Vec<session::Model>,
    current: String,
    tokens: Vec<api_token::Model>,
    token_actors: Vec<Choice>,
    scopes: Vec<Choice>,
    /// The text of a token that was just made; shown once.
    fresh: Option<String>,
    /// Whether the password must be given for heavy acts.
    ask_password: bool,
    /// How many second factors there are.
    factors: usize,
}

pub(super) fn signed_in(app: &App, page: &Page, by: &SignedIn, next: &str) -> HttpResponse {
    let until = page.now + chrono::Duration::days(app.config.auth.absolute_days);
    let mut answer = page.go(urls::local(next));
    if let Err(error) = answer.add_cookie(&sessions::cookie(&app.config, &by.cookie, until)) {
        tracing::error!(%error, "the session's cookie cannot be written");
    }
    answer
}

async fn sign_up_page(page: Page, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let kind = query.iter().find(|(k, _)| k == "as").map_or("creator", |(_, v)| v);
    let kind = if kind.parse::<SignUpAs>().is_ok() { kind } else { "creator" };
    let next = query.iter().find(|(k, _)| k == "next").map_or("", |(_, v)| v);
    let form = Form::new().with("kind", kind).with("next", next);
    page.show(&SignUpPage { page: page.clone(), form })
}

async fn sign_up(app: web::Data<App>, page: Page, device: Device, form: Form) -> Result<HttpResponse> {
    let input = SignUp {
        kind: form.take("kind"),
        name: form.take("name"),
        email: form.take("email"),
        password: form.take("password"),
        locale: page.lang.as_str().to_owned(),
        time_zone: zones::of_browser(&form),
        conduct: form.checked("conduct", "yes"),
        next: form.take("next"),
    };
    match refused(super::sign_up(&app, &device, input).await)? {
        Ok(()) => Ok(page.go("/check-mail")),
        Err(problems) => page.again(&SignUpPage { form: form.refused(&problems, page.lang), page: page.clone() }),
    }
}

async fn check_mail(page: Page) -> Result<HttpResponse> {
    page.show(&CheckMailPage { page: page.clone() })
}

async fn confirm_page(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    if let Err(error) = queries::link(&app, LinkPurpose::ConfirmSignUp, &token).await {
        return link_over(&page, error, "/sign-up", "accounts.sign_up.button");
    }
    page.show(&OneButtonPage {
        title: page.t("accounts.confirm.title").into(),
        text: page.t("accounts.confirm.text").into(),
        action: urls::confirm(&token),
        button: page.t("accounts.confirm.button").into(),
        page: page.clone(),
    })
}

async fn confirm(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let done = super::confirm(&app, &device, &token).await?;
    let next = match (done.next, done.kind) {
        (Some(next), _) => next,
        (None, SignUpAs::Creator) => urls::creator("welcome"),
        (None, SignUpAs::Brand) => urls::FOUND.to_owned(),
    };
    Ok(signed_in(&app, &page, &done.signed_in, &next))
}

async fn sign_in_page(page: Page, query: web::Query<Vec<(String, String)>>) -> Result<HttpResponse> {
    let next = query.iter().find(|(k, _)| k == "next").map_or("", |(_, v)| v);
    page.show(&SignInPage { form: Form::new().with("next", next), page: page.clone() })
}

async fn sign_in(app: web::Data<App>, page: Page, device: Device, form: Form) -> Result<HttpResponse> {
    match refused(super::sign_in(&app, &device, form.value("email"), form.value("password")).await)? {
        Ok(Identified::Pending(pending)) => second_factor::pages::ask(&app, &page, &pending, form.value("next")),
        Ok(Identified::SignedIn(by)) => {
            let next = match urls::local(form.value("next")) {
                "/" => home(&app, &by).await?,
                next => next.to_owned(),
            };
            Ok(signed_in(&app, &page, &by, &next))
        }
        Err(problems) => page.again(&SignInPage { form: form.refused(&problems, page.lang), page: page.clone() }),
    }
}

/// Where a person who has just signed in begins: as the one thing that they are, else at the page that asks.
pub(super) async fn home(app: &App, by: &SignedIn) -> Result<String> {
    let Some(person) = sessions::person(app, by.cookie.reveal()).await? else { return Ok("/".into()) };
    let choices = actors::choices(app.db(), &person, app.clock.now()).await?;
    Ok(match &*choices {
        [only] => urls::acting(only),
        _ => urls::START.to_owned(),
    })
}

/// Asks as what to go on, or, whoever is nothing yet, what to become.
async fn start(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    let choices = actors::choices(app.db(), &by, page.now).await?;
    if let [only] = &*choices {
        return Ok(page.go(&urls::acting(only)));
    }
    let doors = choices
        .iter()
        .map(|choice| {
            let (title, text) = match choice {
                Acting::Creator(_, name) => (name.clone(), page.t("accounts.start.creator")),
                Acting::Org(_, name, kind) => (name.clone(), page.name("org_kind", kind)),
                Acting::Admin => (page.t("layout.as_admin").into(), page.t("accounts.start.admin")),
            };
            Door { href: urls::acting(choice), title, text: text.into() }
        })
        .collect();
    page.show(&StartPage { doors, page: page.clone() })
}

async fn sign_out(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    super::sign_out(&app, &by).await?;
    let mut answer = page.see("/", Say::done("accounts.notice.signed_out"));
    answer.add_cookie(&sessions::no_cookie(&app.config)).map_err(|e| anyhow::anyhow!("cookie: {e}"))?;
    Ok(answer)
}

async fn forgot_page(page: Page) -> Result<HttpResponse> {
    page.show(&ForgotPage { form: Form::new(), page: page.clone() })
}

async fn forgot(app: web::Data<App>, page: Page, device: Device, form: Form) -> Result<HttpResponse> {
    match refused(super::request_reset(&app, &device, form.value("email")).await)? {
        Ok(()) => Ok(page.go("/check-mail")),
        Err(problems) => page.again(&ForgotPage { form: form.refused(&problems, page.lang), page: page.clone() }),
    }
}

async fn reset_page(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    if let Err(error) = queries::link(&app, LinkPurpose::ResetPassword, &token).await {
        return link_over(&page, error, "/forgot", "accounts.link_over.forgot");
    }
    page.show(&ResetPage { form: Form::new(), token: token.into_inner(), page: page.clone() })
}

async fn reset(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>, form: Form) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    match super::reset_password(&app, &token, form.value("password")).await {
        Ok(_) => Ok(page.see("/sign-in", Say::done("accounts.notice.password_changed"))),
        Err(Error::User(problems)) if problems.iter().all(|p| !p.field.is_empty()) => {
            page.again(&ResetPage { form: form.refused(&problems, page.lang), token: token.into_inner(), page: page.clone() })
        }
        Err(other) => link_over(&page, other, "/forgot", "accounts.link_over.forgot"),
    }
}

async fn confirm_email_page(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let link = match queries::link(&app, LinkPurpose::ChangeEmail, &token).await {
        Ok(link) => link,
        Err(error) => return link_over(&page, error, urls::ACCOUNT, "layout.account"),
    };
    page.show(&OneButtonPage {
        title: page.t("accounts.confirm_email.title").into(),
        text: page.t("accounts.confirm_email.text").with("email", &link.email).into(),
        action: format!("/confirm-email/{token}"),
        button: page.t("accounts.confirm_email.button").into(),
        page: page.clone(),
    })
}

async fn confirm_email(app: web::Data<App>, page: Page, device: Device, token: web::Path<String>) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    super::confirm_email(&app, &token).await?;
    Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.email_changed")))
}

/// The settings page; `part` and `form` are what was refused, `fresh` a token that was just made.
async fn settings(app: &App, page: &Page, by: &Person, part: &'static str, form: Form, fresh: Option<String>) -> Result<AccountPage> {
    let user = by.user().clone();
    let choices = actors::choices(app.db(), by, page.now).await?;
    let mut token_actors = vec![Choice::new("person", page.t("accounts.token.person"))];
    token_actors.extend(choices.iter().map(|c| match c {
        Acting::Creator(_, name) => Choice::new("creator", page.t("layout.as_creator").with("name", name)),
        Acting::Org(id, name, _) => Choice::new(id.to_string(), name.clone()),
        Acting::Admin => Choice::new("admin", page.t("layout.as_admin")),
    }));
    let form = match part {
        "settings" => form,
        _ => form.with("name", &*user.name).with("locale", user.locale.as_str()).with("time_zone", &*user.time_zone),
    };
    let form = match part {
        "notifications" => form,
        _ => form
            .with("chat_mail", if user.chat_mail { "yes" } else { "" })
            .with("digest", user.digest.as_str())
            .with("days", "90")
            .with("scopes", "read"),
    };
    Ok(AccountPage {
        zones: zones::choices(&user.time_zone, page.now),
        locales: vec![Choice::new("ja", "日本語"), Choice::new("en", "English")],
        digests: Digest::ALL.iter().map(|d| Choice::new(d.as_str(), page.name("digest", d))).collect(),
        sessions: queries::sessions(app.db(), by).await?,
        current: by.session().map(|id| id.to_string()).unwrap_or_default(),
        tokens: queries::tokens(app.db(), by).await?,
        token_actors,
        scopes: ["read", "write"].map(|s| Choice::new(s, page.t(&format!("accounts.token.scope.{s}")))).to_vec(),
        fresh,
        ask_password: !by.proven(page.now, app.config.auth.proven_minutes),
        factors: super::second_factors(app.db(), by).await?.len(),
        user,
        part,
        form,
        page: page.clone(),
    })
}

async fn settings_again(app: &App, page: &Page, by: &Person, part: &'static str, form: Form, problems: &[Problem]) -> Result<HttpResponse> {
    let form = form.refused(problems, page.lang);
    page.again(&settings(app, page, by, part, form, None).await?)
}

async fn account(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    page.show(&settings(&app, &page, &by, "", Form::new(), None).await?)
}

async fn edit(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let input = Edit {
        name: Some(form.take("name")),
        locale: Some(form.take("locale")),
        time_zone: Some(form.take("time_zone")),
        ..Edit::default()
    };
    match refused(super::edit(&app, &by, input).await)? {
        Ok(_) => Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.saved"))),
        Err(problems) => settings_again(&app, &page, &by, "settings", form, &problems).await,
    }
}

async fn edit_notifications(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let input = Edit { chat_mail: Some(form.checked("chat_mail", "yes")), digest: Some(form.take("digest")), ..Edit::default() };
    match refused(super::edit(&app, &by, input).await)? {
        Ok(_) => Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.saved"))),
        Err(problems) => settings_again(&app, &page, &by, "notifications", form, &problems).await,
    }
}

async fn change_password(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let done = super::change_password(&app, &by, form.value("current_password"), form.value("password")).await;
    match refused(done)? {
        Ok(_) => Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.password_changed"))),
        Err(problems) => settings_again(&app, &page, &by, "password", form, &problems).await,
    }
}

async fn change_email(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let done = super::change_email(&app, &by, form.value("email"), form.value("current_password")).await;
    match refused(done)? {
        Ok(()) => Ok(page.see(urls::ACCOUNT, Say::info("accounts.notice.email_asked"))),
        Err(problems) => settings_again(&app, &page, &by, "email", form, &problems).await,
    }
}

async fn end_others(app: web::Data<App>, page: Page, by: Person) -> Result<HttpResponse> {
    let n = super::end_other_sessions(&app, &by).await?;
    Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.sessions_ended").n(n)))
}

async fn end_session(app: web::Data<App>, page: Page, by: Person, id: web::Path<String>) -> Result<HttpResponse> {
    super::end_session(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.sessions_ended").n(1)))
}

async fn create_token(app: web::Data<App>, page: Page, by: Person, form: Form) -> Result<HttpResponse> {
    let input = NewToken {
        name: form.take("token_name"),
        actor: form.take("actor"),
        scopes: form.take_all("scopes"),
        days: form.take("days"),
        current_password: form.take("current_password"),
    };
    match refused(super::create_token(&app, &by, input).await)? {
        Ok((_, token)) => page.show(&settings(&app, &page, &by, "", Form::new(), Some(token.reveal().to_owned())).await?),
        Err(mut problems) => {
            // The page has one field `name` already.
            for problem in problems.iter_mut().filter(|p| p.field == "name") {
                problem.field = "token_name".into();
            }
            settings_again(&app, &page, &by, "token", form, &problems).await
        }
    }
}

async fn revoke_token(app: web::Data<App>, page: Page, by: Person, id: web::Path<String>) -> Result<HttpResponse> {
    super::revoke_token(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    Ok(page.see(urls::ACCOUNT, Say::done("accounts.notice.token_revoked")))
}
