//! From the mail's link to a yes or a no. The link's token moves into a short cookie at once, so that it stands in no address, no
//! history and no log. Opening it changes nothing: every step is a button.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite, time::Duration},
    http::StatusCode,
    web,
};
use askama::Template;
use entity::{campaign, creator, enums::DeclineReason, ids::InvitationId, invitation, organization, participation};
use sea_orm::EntityTrait;

use crate::{
    app::App,
    auth::{
        actors::{Creator, Person},
        extract, limits,
        sessions::{self, Device},
    },
    base::lang::Text,
    error::{Error, Result},
    invitations::{
        self, Answer, Decline, SignUp, mails, queries,
        rules::{self, Move, Offer, Reader},
    },
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        notice::Say,
        urls, zones,
    },
};

/// Holds the token of the link that was opened, for the pages below `/invitation` only.
const COOKIE: &str = "invitation";
/// Long enough to read, think, and sign up.
const COOKIE_LIFE: Duration = Duration::hours(4);

fn cookie(app: &App, token: &str) -> Cookie<'static> {
    Cookie::build(COOKIE, token.to_owned())
        .path(urls::INVITATION)
        .http_only(true)
        .secure(app.config.secure())
        // Lax: the visitor comes from their mail program.
        .same_site(SameSite::Lax)
        .max_age(COOKIE_LIFE)
        .finish()
}

fn with_cookie(mut answer: HttpResponse, cookie: &Cookie<'_>) -> Result<HttpResponse> {
    answer.add_cookie(cookie).map_err(|e| anyhow::anyhow!("cookie: {e}"))?;
    Ok(answer)
}

/// The token is spent: the browser forgets it.
fn forgetting(app: &App, answer: HttpResponse) -> Result<HttpResponse> {
    let mut gone = cookie(app, "");
    gone.make_removal();
    with_cookie(answer, &gone)
}

/// An invitation on the way to its answer: by the cookie's token, or the creator's own by id.
struct Case {
    answer: Answer,
    /// Where its pages lie.
    base: String,
    row: invitation::Model,
    campaign: campaign::Model,
    org: organization::Model,
    offer: Offer,
    may_decline: bool,
}

impl Case {
    /// The one of the link that was opened in this browser; none if there was none, or it is replaced.
    async fn of_browser(app: &App, page: &Page, request: &HttpRequest) -> Result<Option<Self>> {
        let Some(token) = request.cookie(COOKIE).map(|c| c.value().to_owned()).filter(|t| !t.is_empty()) else { return Ok(None) };
        let answer = Answer::Token(token);
        let row = match queries::by_answer(app, &answer).await {
            Err(Error::NotFound) => return Ok(None),
            found => found?,
        };
        let reader = match extract::visitor(request).await? {
            Some(person) if queries::is_for(app.db(), &row, &person).await? => Reader::Invited,
            Some(_) => Reader::Other,
            None if queries::has_account(app.db(), &row).await? => Reader::Known,
            None => Reader::New,
        };
        Self::of_row(app, page, answer, urls::INVITATION.to_owned(), row, reader).await.map(Some)
    }

    /// One of the creator's own.
    async fn of_creator(app: &App, page: &Page, by: &Creator, id: &str) -> Result<Self> {
        let id: InvitationId = id.parse().map_err(|_| Error::NotFound)?;
        let row = queries::one_of_creator(app.db(), by, id).await?;
        Self::of_row(app, page, Answer::Id(id), urls::creator_invitation(id), row, Reader::Invited).await
    }

    async fn of_row(app: &App, page: &Page, answer: Answer, base: String, row: invitation::Model, reader: Reader) -> Result<Self> {
        let campaign = queries::campaign(app.db(), row.campaign_id).await?;
        let org = organization::Entity::find_by_id(row.org_id).one(app.db()).await?.ok_or(Error::NotFound)?;
        let offer = rules::offer(&row, &campaign, reader, page.now);
        let may_decline = reader != Reader::Other && rules::creator_actions(&row, &campaign, page.now).contains(&Move::Decline);
        Ok(Self { answer, base, row, campaign, org, offer, may_decline })
    }

    async fn page(&self, app: &App, page: &Page, form: Form) -> Result<TeaserPage> {
        // The facts are for whoever may still join.
        let brief = match self.offer {
            Offer::SignUp | Offer::SignIn | Offer::Join => queries::published_brief(app.db(), self.campaign.id).await?,
            _ => None,
        };
        let facts = brief.as_ref().map(|brief| mails::facts(page.lang, &self.campaign, &brief.teaser)).unwrap_or_default();
        // The mail said something else: that must not be found out later.
        let changed = match (brief.and_then(|brief| brief.published_at), self.row.sent_at) {
            (Some(published), Some(sent)) if published > sent => Some(page.time(&published)),
            _ => None,
        };
        Ok(TeaserPage {
            form,
            offer: self.offer,
            base: self.base.clone(),
            brand: self.org.name.clone(),
            campaign: self.campaign.name.clone(),
            message: mails::paragraphs(&self.row.message),
            facts,
            changed,
            answer_by: mails::answer_by(page.lang, &self.org, self.row.expires_at),
            email: self.row.email.clone(),
            job: urls::job(self.row.participation_id),
            may_decline: self.may_decline,
            page: page.clone(),
        })
    }

    fn decline_page(&self, page: &Page, form: Form) -> DeclinePage {
        DeclinePage {
            form,
            base: self.base.clone(),
            brand: self.org.name.clone(),
            campaign: self.campaign.name.clone(),
            reasons: DeclineReason::ALL.iter().map(|r| Choice::new(r.as_str(), page.name("decline_reason", r))).collect(),
            page: page.clone(),
        }
    }

    async fn join_page(&self, app: &App, page: &Page, form: Option<Form>) -> Result<JoinPage> {
        let form = match form {
            Some(form) => form,
            // The name that the brand used is a beginning.
            None => {
                let known = creator::Entity::find_by_id(self.row.creator_id).one(app.db()).await?;
                Form::new().with("name", known.map(|c| c.display_name).unwrap_or_default())
            }
        };
        Ok(JoinPage {
            form,
            brand: self.org.name.clone(),
            campaign: self.campaign.name.clone(),
            email: self.row.email.clone(),
            page: page.clone(),
        })
    }
}

/// What the holder of a link reads before anything else (settled 5), and one way on.
#[derive(Template)]
#[template(path = "invitations/teaser.html")]
struct TeaserPage {
    page: Page,
    form: Form,
    offer: Offer,
    base: String,
    brand: String,
    campaign: String,
    message: Vec<String>,
    /// When the terms changed, if that was after the mail left.
    changed: Option<String>,
    facts: Vec<(Text, String)>,
    answer_by: String,
    email: String,
    job: String,
    may_decline: bool,
}

#[derive(Template)]
#[template(path = "invitations/join.html")]
struct JoinPage {
    page: Page,
    form: Form,
    brand: String,
    campaign: String,
    email: String,
}

#[derive(Template)]
#[template(path = "invitations/decline.html")]
struct DeclinePage {
    page: Page,
    form: Form,
    base: String,
    brand: String,
    campaign: String,
    reasons: Vec<Choice>,
}

/// A page of a heading and a text: what became of a link.
#[derive(Template)]
#[template(path = "invitations/told.html")]
struct ToldPage {
    page: Page,
    title: Text,
    text: Text,
}

/// There is no such link any more: said in full, never a bare 404.
pub(super) fn no_such_link(page: &Page) -> Result<HttpResponse> {
    let told = ToldPage { title: page.t("invitations.gone.title"), text: page.t("invitations.gone.text"), page: page.clone() };
    page.with(HttpResponse::build(StatusCode::NOT_FOUND), &told)
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct Opened {
    #[serde(default)]
    to: String,
}

/// The link of the mail. Only the first view is noted; mail programs open links too.
pub(super) async fn open(
    app: web::Data<App>,
    page: Page,
    device: Device,
    request: HttpRequest,
    token: web::Path<String>,
    query: web::Query<Opened>,
) -> Result<HttpResponse> {
    limits::take(&app, limits::TOKEN_BY_IP, &device.ip).await?;
    let row = match invitations::view(&app, &token).await {
        Err(Error::NotFound) => return no_such_link(&page),
        found => found?,
    };
    let next = if query.to == "decline" { "/invitation/decline" } else { urls::INVITATION };
    let mut answer = with_cookie(page.go(next), &cookie(&app, &token))?;
    if page.viewer.is_none() && request.cookie("lang").is_none() {
        // Whoever has chosen no language here reads on in the mail's.
        let lang = Cookie::build("lang", row.locale.as_str()).path("/").http_only(true).secure(app.config.secure());
        answer = with_cookie(answer, &lang.same_site(SameSite::Lax).max_age(Duration::days(1)).finish())?;
    }
    Ok(answer)
}

pub(super) async fn show(app: web::Data<App>, page: Page, request: HttpRequest) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        Some(case) => page.show(&case.page(&app, &page, Form::new()).await?),
        None => no_such_link(&page),
    }
}

pub(super) async fn join_page(app: web::Data<App>, page: Page, request: HttpRequest) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        Some(case) if case.offer == Offer::SignUp => page.show(&case.join_page(&app, &page, None).await?),
        // The first page says what can be done instead.
        _ => Ok(page.go(urls::INVITATION)),
    }
}

pub(super) async fn join(app: web::Data<App>, page: Page, device: Device, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    let Some(case) = Case::of_browser(&app, &page, &request).await?.filter(|case| case.offer == Offer::SignUp) else {
        return Ok(page.go(urls::INVITATION));
    };
    let Answer::Token(token) = case.answer.clone() else { return Err(Error::NotFound) };
    let input = SignUp {
        token,
        name: form.take("name"),
        password: form.take("password"),
        locale: page.lang.as_str().to_owned(),
        time_zone: zones::of_browser(&form),
        conduct: form.checked("conduct", "yes"),
    };
    match refused(invitations::sign_up(&app, &device, input).await)? {
        Ok((by, joined)) => {
            let until = page.now + chrono::Duration::days(app.config.auth.absolute_days);
            let session = sessions::cookie(&app.config, &by.cookie, until);
            with_cookie(welcome(&app, &page, &joined)?, &session)
        }
        Err(problems) => page.again(&case.join_page(&app, &page, Some(form.refused(&problems, page.lang))).await?),
    }
}

/// To the job, which is open now.
fn welcome(app: &App, page: &Page, joined: &participation::Model) -> Result<HttpResponse> {
    forgetting(app, page.see(&urls::job(joined.id), Say::done("invitations.notice.joined")))
}

async fn accepted(app: &App, page: &Page, by: &Person, case: &Case) -> Result<HttpResponse> {
    match refused(invitations::accept(app, by, case.answer.clone()).await)? {
        Ok(joined) => welcome(app, page, &joined),
        Err(problems) => page.again(&case.page(app, page, Form::new().refused(&problems, page.lang)).await?),
    }
}

pub(super) async fn accept(app: web::Data<App>, page: Page, by: Person, request: HttpRequest) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        Some(case) if case.offer == Offer::Join => accepted(&app, &page, &by, &case).await,
        _ => Ok(page.go(urls::INVITATION)),
    }
}

pub(super) async fn decline_page(app: web::Data<App>, page: Page, request: HttpRequest) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        Some(case) if case.may_decline => page.show(&case.decline_page(&page, Form::new())),
        _ => Ok(page.go(urls::INVITATION)),
    }
}

async fn declined(app: &App, page: &Page, by: Option<&Person>, case: Case, form: Form, next: &str) -> Result<HttpResponse> {
    let input = Decline { reason: form.take("reason"), note: form.take("note") };
    match refused(invitations::decline(app, by, case.answer.clone(), input).await)? {
        Ok(_) => Ok(page.see(next, Say::done("invitations.notice.declined"))),
        Err(problems) => page.again(&case.decline_page(page, form.refused(&problems, page.lang))),
    }
}

pub(super) async fn decline(app: web::Data<App>, page: Page, request: HttpRequest, form: Form) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        Some(case) if case.may_decline => {
            let by = extract::visitor(&request).await?;
            declined(&app, &page, by.as_ref(), case, form, urls::INVITATION).await
        }
        _ => Ok(page.go(urls::INVITATION)),
    }
}

async fn renewing(app: &App, page: &Page, by: Option<&Person>, device: &Device, case: Case) -> Result<HttpResponse> {
    match refused(invitations::renew(app, by, device, case.answer.clone()).await)? {
        Ok(_) => forgetting(app, page.go("/invitation/renewed")),
        Err(problems) => page.again(&case.page(app, page, Form::new().refused(&problems, page.lang)).await?),
    }
}

pub(super) async fn renew(app: web::Data<App>, page: Page, device: Device, request: HttpRequest) -> Result<HttpResponse> {
    match Case::of_browser(&app, &page, &request).await? {
        // Whoever asks: the new link goes to the invited address only.
        Some(case) if case.offer == Offer::Renew => renewing(&app, &page, None, &device, case).await,
        _ => Ok(page.go(urls::INVITATION)),
    }
}

pub(super) async fn renewed(page: Page) -> Result<HttpResponse> {
    page.show(&ToldPage { title: page.t("invitations.renewed.title"), text: page.t("invitations.renewed.text"), page: page.clone() })
}

pub(super) async fn own(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let case = Case::of_creator(&app, &page, &by, &id).await?;
    page.show(&case.page(&app, &page, Form::new()).await?)
}

pub(super) async fn accept_own(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let case = Case::of_creator(&app, &page, &by, &id).await?;
    accepted(&app, &page, by.person(), &case).await
}

pub(super) async fn decline_own_page(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let case = Case::of_creator(&app, &page, &by, &id).await?;
    if !case.may_decline {
        return Ok(page.go(&case.base));
    }
    page.show(&case.decline_page(&page, Form::new()))
}

pub(super) async fn decline_own(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let case = Case::of_creator(&app, &page, &by, &id).await?;
    declined(&app, &page, Some(by.person()), case, form, &urls::creator("jobs")).await
}

pub(super) async fn renew_own(app: web::Data<App>, page: Page, by: Creator, device: Device, id: web::Path<String>) -> Result<HttpResponse> {
    let case = Case::of_creator(&app, &page, &by, &id).await?;
    renewing(&app, &page, Some(by.person()), &device, case).await
}
