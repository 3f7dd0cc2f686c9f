//! Webhooks in the portal: the addresses, and what each was sent.

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    enums::{DeliveryState, WebhookState},
    ids::OrgId,
    webhook, webhook_delivery,
};

use super::{Edit, New, queries, rules};
use crate::{
    app::App,
    auth::actors::{Member, Owner},
    base::paging,
    error::{Error, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/b/{org}/settings/webhooks", Who::Owner, list);
    r.post("/b/{org}/settings/webhooks", Who::Owner, create);
    r.get("/b/{org}/settings/webhooks/{id}", Who::Owner, one);
    r.post("/b/{org}/settings/webhooks/{id}/edit", Who::Owner, edit);
    r.post("/b/{org}/settings/webhooks/{id}/remove", Who::Owner, remove);
    r.post("/b/{org}/settings/webhooks/{id}/secret", Who::Owner, rotate);
    r.post("/b/{org}/settings/webhooks/{id}/test", Who::Owner, test);
    r.post("/b/{org}/settings/webhooks/{id}/replay", Who::Owner, replay_failed);
    r.post("/b/{org}/settings/webhooks/{id}/deliveries/{delivery}/replay", Who::Owner, replay);
}

type Path = web::Path<(OrgId, String)>;

fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::NotFound)
}

fn tone(state: &WebhookState) -> &'static str {
    match state {
        WebhookState::Active => "good",
        WebhookState::Paused => "quiet",
        WebhookState::Disabled => "bad",
    }
}

fn kinds(page: &Page) -> Vec<Choice> {
    rules::KINDS.iter().map(|kind| Choice::new(*kind, format!("{} ({kind})", page.name("event", kind)))).collect()
}

#[derive(Template)]
#[template(path = "webhooks/list.html")]
struct ListPage {
    page: Page,
    form: Form,
    hooks: Vec<webhook::Model>,
    kinds: Vec<Choice>,
    base: String,
    settings: String,
    may_add: bool,
}

async fn listed(app: &App, page: &Page, by: &Owner<'_>, form: Form) -> Result<ListPage> {
    let hooks = queries::list(app.db(), by).await?;
    Ok(ListPage {
        may_add: (hooks.len() as u64) < rules::MOST,
        hooks,
        kinds: kinds(page),
        base: urls::webhooks(by.org()),
        settings: urls::org(by.org(), "settings"),
        form,
        page: page.clone(),
    })
}

async fn list(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    page.show(&listed(&app, &page, &by.owner()?, Form::new()).await?)
}

async fn create(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    let by = by.owner()?;
    match refused(super::create(&app, &by, New { url: form.take("url"), kinds: form.take_all("kinds") }).await)? {
        Ok(new) => {
            let asked = Asked::nothing(&urls::webhook(by.org(), new.webhook.id));
            page.show(&shown(&app, &page, &by, new.webhook, &asked, None, Some(new.secret)).await?)
        }
        Err(problems) => page.again(&listed(&app, &page, &by, form.refused(&problems, page.lang)).await?),
    }
}

#[derive(Template)]
#[template(path = "webhooks/one.html")]
struct OnePage {
    page: Page,
    hook: webhook::Model,
    /// What was typed and refused, or the address as it is.
    form: Form,
    kinds: Vec<Choice>,
    /// A secret that was just made; shown once.
    fresh: Option<String>,
    filter: Form,
    states: Vec<Choice>,
    found: paging::Page<webhook_delivery::Model>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
    failed: bool,
    list: String,
    url: String,
}

impl OnePage {
    /// How a state is coloured; the word stands beside it.
    fn tone_of(&self, state: &DeliveryState) -> &'static str {
        match state {
            DeliveryState::Pending => "busy",
            DeliveryState::Delivered => "good",
            DeliveryState::Failed => "bad",
        }
    }

    fn kind_of(&self, kind: &str) -> String {
        match kind {
            rules::TEST => self.page.t("webhooks.test_kind").into(),
            kind => self.page.name("event", kind).into(),
        }
    }
}

async fn shown(
    app: &App,
    page: &Page,
    by: &Owner<'_>,
    hook: webhook::Model,
    asked: &Asked,
    form: Option<Form>,
    fresh: Option<String>,
) -> Result<OnePage> {
    let db = app.db();
    let found = queries::deliveries(db, by, hook.id, asked.choice("state"), asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    let failed = found.items().any(|delivery| delivery.state == DeliveryState::Failed);
    let form = form.unwrap_or_else(|| {
        let active = if hook.state == WebhookState::Active { "yes" } else { "" };
        Form::new().with("url", &*hook.url).with_all("kinds", hook.kinds.0.iter().cloned()).with("active", active)
    });
    Ok(OnePage {
        failed,
        kinds: kinds(page),
        states: DeliveryState::ALL.iter().map(|s| Choice::new(s.as_str(), page.name("delivery_state", s))).collect(),
        filter: asked.form(),
        narrowed: asked.narrowed(),
        list: urls::webhooks(by.org()),
        url: urls::webhook(by.org(), hook.id),
        found,
        newer,
        older,
        form,
        fresh,
        hook,
        page: page.clone(),
    })
}

async fn one(app: web::Data<App>, page: Page, by: Member, path: Path, asked: Asked) -> Result<HttpResponse> {
    let by = by.owner()?;
    let hook = queries::one(app.db(), &by, id(&path.1)?).await?;
    page.show(&shown(&app, &page, &by, hook, &asked, None, None).await?)
}

async fn edit(app: web::Data<App>, page: Page, by: Member, path: Path, form: Form) -> Result<HttpResponse> {
    let by = by.owner()?;
    let typed = Edit { url: Some(form.take("url")), kinds: Some(form.take_all("kinds")), active: Some(form.checked("active", "yes")) };
    match refused(super::edit(&app, &by, id(&path.1)?, typed).await)? {
        Ok(hook) => Ok(page.see(&urls::webhook(by.org(), hook.id), Say::done("webhooks.notice.saved"))),
        Err(problems) => {
            let hook = queries::one(app.db(), &by, id(&path.1)?).await?;
            let asked = Asked::nothing(&urls::webhook(by.org(), hook.id));
            page.again(&shown(&app, &page, &by, hook, &asked, Some(form.refused(&problems, page.lang)), None).await?)
        }
    }
}

async fn remove(app: web::Data<App>, page: Page, by: Member, path: Path) -> Result<HttpResponse> {
    let by = by.owner()?;
    super::remove(&app, &by, id(&path.1)?).await?;
    Ok(page.see(&urls::webhooks(by.org()), Say::done("webhooks.notice.removed")))
}

async fn rotate(app: web::Data<App>, page: Page, by: Member, path: Path) -> Result<HttpResponse> {
    let by = by.owner()?;
    let new = super::rotate_secret(&app, &by, id(&path.1)?).await?;
    let asked = Asked::nothing(&urls::webhook(by.org(), new.webhook.id));
    page.show(&shown(&app, &page, &by, new.webhook, &asked, None, Some(new.secret)).await?)
}

/// Back to the address, saying what was done or what is in the way.
fn back<T>(page: &Page, by: &Owner<'_>, hook: &str, done: Result<T>, said: impl FnOnce(T) -> Say) -> Result<HttpResponse> {
    let say = match refused(done)? {
        Ok(value) => said(value),
        Err(_) => Say::problem("webhooks.notice.not_now"),
    };
    Ok(page.see(&urls::webhook(by.org(), hook), say))
}

async fn test(app: web::Data<App>, page: Page, by: Member, path: Path) -> Result<HttpResponse> {
    let by = by.owner()?;
    let done = super::test(&app, &by, id(&path.1)?).await;
    back(&page, &by, &path.1, done, |_| Say::done("webhooks.notice.on_its_way"))
}

async fn replay_failed(app: web::Data<App>, page: Page, by: Member, path: Path) -> Result<HttpResponse> {
    let by = by.owner()?;
    let done = super::replay_failed(&app, &by, id(&path.1)?).await;
    back(&page, &by, &path.1, done, |n| Say::done("webhooks.notice.replayed").n(n))
}

async fn replay(app: web::Data<App>, page: Page, by: Member, path: web::Path<(OrgId, String, String)>) -> Result<HttpResponse> {
    let by = by.owner()?;
    let done = super::replay(&app, &by, id(&path.2)?).await;
    back(&page, &by, &path.1, done, |_| Say::done("webhooks.notice.on_its_way"))
}
