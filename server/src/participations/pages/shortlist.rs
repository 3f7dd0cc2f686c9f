//! Creators chosen in a table are noted for a campaign, and taken off its shortlist again.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::ids::OrgId;

use super::creators_again;
use crate::{
    app::App,
    auth::actors::{Manager, Member},
    base::paging::Slice,
    campaigns::{
        self,
        queries::{Filter, Order},
    },
    creators,
    error::{Error, Problem, Result, Wrong},
    participations,
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "participations/shortlist.html")]
struct ShortlistPage {
    page: Page,
    form: Form,
    org: OrgId,
    campaigns: Vec<Choice>,
    n: usize,
}

/// For which campaign? The chosen creators, or all that the table shows, go along as they are now.
pub(super) async fn choose(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    let (ids, more) = creators::pages::chosen(&app, &by, &asked, participations::MOST).await?;
    let cut = more.then(|| page.t("participations.shortlist.first_of_them").with("most", participations::MOST).into());
    let nobody = ids.is_empty().then(|| page.t("participations.problem.nobody").into());
    let form = Form::new().with_all("creator", ids).told(cut.into_iter().chain(nobody));
    page.show(&compose(&app, &page, &by.manager()?, form).await?)
}

async fn compose(app: &App, page: &Page, by: &Manager<'_>, form: Form) -> Result<ShortlistPage> {
    let open = Filter { states: participations::TAKES_CANDIDATES.to_vec(), ..Filter::default() };
    let found = campaigns::queries::list(app.db(), by, &open, Order::Updated, true, Slice::default().sized(200)).await?;
    let campaigns = found.items().map(|row| Choice::new(row.id.to_string(), row.name.clone())).collect();
    Ok(ShortlistPage { org: by.org(), n: form.all("creator").count(), campaigns, form, page: page.clone() })
}

pub(super) async fn add(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let by = by.manager()?;
    let Ok(campaign) = form.value("campaign").parse() else {
        let problems = [Problem::new("campaign", Wrong::required())];
        return page.again(&compose(&app, &page, &by, form.refused(&problems, page.lang)).await?);
    };
    match refused(participations::shortlist(&app, &by, campaign, &form.take_all("creator")).await)? {
        Ok(noted) => {
            let next = urls::campaign(by.org(), campaign, "creators?state=shortlisted");
            let say = if noted.added > 0 { "participations.notice.shortlisted" } else { "participations.notice.in_already" };
            Ok(page.see(&next, Say::done(say).n(noted.added)))
        }
        Err(problems) => {
            // Whom it is about stands in no field.
            let told: Vec<String> = problems.iter().map(|problem| problem.wrong.text(page.lang).into()).collect();
            page.again(&compose(&app, &page, &by, form.told(told)).await?)
        }
    }
}

pub(super) async fn take_off(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let campaign = path.1.parse().map_err(|_| Error::NotFound)?;
    let id = path.2.parse().map_err(|_| Error::NotFound)?;
    let next = urls::campaign(by.org(), campaign, "creators?state=shortlisted");
    match refused(participations::unlist(&app, &by.manager()?, id).await)? {
        Ok(_) => Ok(page.see(&next, Say::done("participations.notice.unlisted"))),
        Err(problems) => creators_again(&app, &page, &by, campaign, Form::new().refused(&problems, page.lang)).await,
    }
}
