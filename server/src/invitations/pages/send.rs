//! The brand's side: choosing whom to ask, writing the mail, looking at it, sending it; and what can be done afterwards.

use std::collections::HashSet;

use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Duration;
use entity::{
    campaign, creator,
    enums::Locale,
    ids::{BatchId, CampaignId, CreatorId, OrgId},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::{
    app::App,
    auth::actors::{Manager, Member},
    base::{
        lang::{Lang, Text},
        paging::Slice,
        text,
    },
    creators::{self, queries::Eyes},
    error::{Error, Result},
    invitations::{self, Recipient, Send, mails::Preview, people, queries, rules},
    participations::pages::{candidates, creators_again, matching},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        notice::Say,
        urls,
    },
};

#[derive(Template)]
#[template(path = "invitations/choose.html")]
struct ChoosePage {
    page: Page,
    org: OrgId,
    campaigns: Vec<Choice>,
}

/// A creator in the list of recipients, or found for it.
struct Known {
    id: CreatorId,
    name: String,
    place: String,
    /// Registered creators are written to at their own address.
    registered: bool,
}

#[derive(Template)]
#[template(path = "invitations/send.html")]
struct SendPage {
    page: Page,
    form: Form,
    campaign: campaign::Model,
    action: String,
    back: String,
    chosen: Vec<Known>,
    found: Vec<Known>,
    searched: bool,
    locales: Vec<Choice>,
    preview: Option<Preview>,
    /// With the preview: how many would get it, and who would not.
    ready: usize,
    left: Vec<Text>,
    most: usize,
}

fn campaign_id(text: &str) -> Result<CampaignId> {
    text.parse().map_err(|_| Error::NotFound)
}

/// From a creator's page: to which campaign? One alone needs no question.
pub(super) async fn choose(app: web::Data<App>, page: Page, by: Member, asked: Asked) -> Result<HttpResponse> {
    by.manager()?;
    let address = |campaign: &campaign::Model| asked.carried(&urls::campaign(by.org(), campaign.id, "invite"));
    let campaigns = queries::recruiting(app.db(), &by).await?;
    if let [only] = campaigns.as_slice() {
        return Ok(page.go(&address(only)));
    }
    let campaigns = campaigns.iter().map(|c| Choice::new(address(c), c.name.clone())).collect();
    page.show(&ChoosePage { org: by.org(), campaigns, page: page.clone() })
}

/// The form as it begins: the organisation's language, two weeks to answer, a greeting.
pub(super) async fn form(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    asked: Asked,
) -> Result<HttpResponse> {
    let by = by.manager()?;
    let campaign = queries::campaign_of(app.db(), &by, campaign_id(&path.1)?).await?;
    let lang = by.organization().locale;
    let zone = by.organization().time_zone.parse().unwrap_or(chrono_tz::Tz::UTC);
    let two_weeks = page.now.with_timezone(&zone).date_naive() + Duration::days(14);
    let answer_by = campaign.ends_on.map_or(two_weeks, |end| end.min(two_weeks));
    // From a mailing of which some could not be invited: their lines, to be put right.
    let again = match asked.choice::<BatchId>("again") {
        Some(id) => Some(queries::batch(app.db(), &by, id).await?),
        None => None,
    };
    let people = again.as_ref().map(|batch| lines(&invitations::refused(batch))).unwrap_or_default();
    let (chosen, more) = match asked.value("table") {
        "shortlist" if asked.means_all() => candidates(&app, &by, campaign.id, rules::MOST_AT_ONCE).await?,
        _ => creators::pages::chosen(&app, &by, &asked, rules::MOST_AT_ONCE).await?,
    };
    let cut = more.then(|| page.t("invitations.send.first_of_them").with("most", rules::MOST_AT_ONCE).into());
    // A form that cannot be sent says so before it is filled in.
    let closed = refused(rules::recruits(&campaign))?.err().unwrap_or_default();
    let form = Form::new()
        .told(cut)
        .told(closed.iter().map(|problem| problem.wrong.text(page.lang).into()))
        .with_all("creator", chosen)
        .with("people", people)
        .with("locale", lang.as_str())
        .with("answer_by", answer_by.to_string())
        .with("subject", first_subject(lang, &by, &campaign))
        .with("message", rules::greeting(lang))
        .with("key", app.id::<BatchId>().to_string());
    let words = again.and_then(|batch| batch.words).unwrap_or_default();
    let form = invitations::KEPT.iter().fold(form, |form, field| match words[*field].as_str() {
        // A day that is over would be refused.
        Some(day) if *field == "answer_by" && day < page.now.date_naive().to_string().as_str() => form,
        Some(value) => form.with_instead(field, value),
        None => form,
    });
    page.show(&compose(&app, &page, &by, campaign, form, None).await?)
}

/// The subject that a mail begins with.
fn first_subject(lang: Locale, by: &Manager<'_>, campaign: &campaign::Model) -> String {
    let subject = lang.t("invitations.send.default_subject").with("brand", &by.organization().name).with("campaign", &campaign.name);
    rules::subject(subject.as_str()).unwrap_or_default()
}

/// Where another language is chosen, a greeting that nobody has touched follows it.
fn in_chosen_language(form: Form, by: &Manager<'_>, campaign: &campaign::Model) -> Form {
    let Ok(chosen) = text::locale(form.value("locale")) else { return form };
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let follow = |form: Form, field: &str, first: &dyn Fn(Locale) -> String| {
        let typed = squeezed(form.value(field));
        let untouched = Locale::ALL.iter().any(|lang| *lang != chosen && squeezed(&first(*lang)) == typed);
        if untouched { form.with_instead(field, first(chosen)) } else { form }
    };
    let form = follow(form, "subject", &|lang| first_subject(lang, by, campaign));
    follow(form, "message", &|lang| rules::greeting(lang).into())
}

/// Lines that could not be read, as they are typed.
fn lines(refused: &[invitations::Refused]) -> String {
    let typed = refused.iter().filter_map(|no| no.typed.as_ref());
    let line = |(name, email): &(String, String)| {
        [name, email].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    };
    typed.map(line).collect::<Vec<_>>().join("\n")
}

/// Reads the recipients of the form: the chosen creators with the addresses beside them, then the pasted lines.
fn recipients(form: &Form) -> Vec<Recipient> {
    let mut seen = HashSet::new();
    let chosen = form.all("creator").filter(|id| seen.insert(id.to_string())).map(|id| Recipient {
        creator: Some(id.to_owned()),
        name: String::new(),
        email: form.take(&format!("email_{id}")),
    });
    let chosen: Vec<_> = chosen.collect();
    let pasted = people::people(form.value("people")).into_iter().map(|(name, email)| Recipient { creator: None, name, email });
    chosen.into_iter().chain(pasted).collect()
}

fn known(page: &Page, row: &creator::Model) -> Known {
    // Where in the country somebody lives is theirs (settled 9).
    let place = if row.country.is_empty() { String::new() } else { page.name("country", &row.country).into() };
    Known { id: row.id, name: row.display_name.clone(), place, registered: row.user_id.is_some() }
}

async fn compose(
    app: &App,
    page: &Page,
    by: &Manager<'_>,
    campaign: campaign::Model,
    mut form: Form,
    preview: Option<Preview>,
) -> Result<SendPage> {
    let ids: Vec<CreatorId> = form.all("creator").filter_map(|id| id.parse().ok()).take(rules::MOST_AT_ONCE).collect();
    let visible = Condition::all().add(creator::Column::Id.is_in(ids.iter().copied())).add(Eyes::from(&**by).see());
    let mut rows = creator::Entity::find().filter(visible).all(app.db()).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    let addresses = queries::addresses(app.db(), by, &ids).await?;
    for row in rows.iter().filter(|row| row.user_id.is_none()) {
        let field = format!("email_{}", row.id);
        if form.value(&field).is_empty() {
            form = form.with(&field, addresses.get(&row.id).cloned().unwrap_or_default());
        }
    }
    let searched = !form.value("q").trim().is_empty();
    let found = match searched {
        true => {
            let typed = text::fold_width(form.value("q").trim()).trim_start_matches('@').to_owned();
            let filter = creators::rules::Filter { name: text::search_key(&typed), handle: typed.to_lowercase(), ..Default::default() };
            let hits = creators::queries::list(app.db(), Eyes::from(&**by), &filter, Slice::default()).await?;
            hits.items().filter(|row| !ids.contains(&row.id)).map(|row| known(page, row)).collect()
        }
        false => Vec::new(),
    };
    Ok(SendPage {
        form,
        action: urls::campaign(by.org(), campaign.id, "invite"),
        back: urls::campaign(by.org(), campaign.id, "creators"),
        chosen: rows.iter().map(|row| known(page, row)).collect(),
        found,
        searched,
        locales: vec![Choice::new("ja", "日本語"), Choice::new("en", "English")],
        preview,
        ready: 0,
        left: Vec::new(),
        most: rules::MOST_AT_ONCE,
        campaign,
        page: page.clone(),
    })
}

/// One form, three buttons: find more people, look at the mail, send it.
pub(super) async fn send(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let by = by.manager()?;
    let campaign = queries::campaign_of(app.db(), &by, campaign_id(&path.1)?).await?;
    let form = in_chosen_language(form, &by, &campaign);
    let input = Send {
        recipients: recipients(&form),
        subject: form.take("subject"),
        message: form.take("message"),
        other_subject: form.take("other_subject"),
        other_message: form.take("other_message"),
        locale: form.take("locale"),
        answer_by: form.take("answer_by"),
        idempotency_key: Some(form.take("key")),
    };
    let problems = match form.value("do") {
        "send" => match refused(invitations::send(&app, &by, campaign.id, input).await)? {
            Ok(batch) => {
                let next = urls::campaign(by.org(), campaign.id, format!("creators?batch={}", batch.id));
                return Ok(page.see(&next, Say::done("invitations.notice.sending").n(batch.total)));
            }
            Err(problems) => problems,
        },
        "preview" => match refused(rehearsed(&app, &page, &by, campaign.id, &input).await)? {
            Ok((shown, ready, left)) => {
                let composed = compose(&app, &page, &by, campaign, form, Some(shown)).await?;
                return page.show(&SendPage { ready, left, ..composed });
            }
            Err(problems) => problems,
        },
        // Finding changes nothing.
        _ => return page.show(&compose(&app, &page, &by, campaign, form, None).await?),
    };
    let form = form.refused(&problems, page.lang);
    page.again(&compose(&app, &page, &by, campaign, form, None).await?)
}

/// The mail as the first who can be invited would get it, how many would, and who would not and why.
async fn rehearsed(app: &App, page: &Page, by: &Manager<'_>, campaign: CampaignId, input: &Send) -> Result<(Preview, usize, Vec<Text>)> {
    let (ready, left) = invitations::rehearse(app, by, campaign, &input.recipients).await?;
    let first = ready.first();
    let name = first.map_or_else(|| page.t("invitations.send.somebody").into(), |invitee| invitee.name.clone());
    let shown = invitations::preview(app, by, campaign, input, &name, first.and_then(|invitee| invitee.locale)).await?;
    Ok((shown, ready.len(), left.iter().map(|no| no.text(page.lang)).collect()))
}

pub(super) async fn resend(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let campaign = campaign_id(&path.1)?;
    let id = path.2.parse().map_err(|_| Error::NotFound)?;
    let done = invitations::resend(&app, &by.manager()?, id, Some(form.value("email"))).await;
    after(&app, &page, &by, campaign, done.map(|_| ()), Say::done("invitations.notice.resent")).await
}

pub(super) async fn withdraw(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String, String)>,
) -> Result<HttpResponse> {
    let campaign = campaign_id(&path.1)?;
    let id = path.2.parse().map_err(|_| Error::NotFound)?;
    let done = invitations::withdraw(&app, &by.manager()?, id).await;
    after(&app, &page, &by, campaign, done.map(|_| ()), Say::done("invitations.notice.withdrawn")).await
}

/// The bar below the table: the chosen ones are sent again or taken back.
pub(super) async fn bulk(
    app: web::Data<App>,
    page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    form: Form,
) -> Result<HttpResponse> {
    let campaign = campaign_id(&path.1)?;
    let ids = match form.value("all") {
        "match" => matching(&app, &page, &by, campaign, &form).await?,
        _ => form.take_all("invitation"),
    };
    let done = match refused(invitations::bulk(&app, &by.manager()?, &ids, form.value("do")).await)? {
        Ok(done) => done,
        Err(problems) => return creators_again(&app, &page, &by, campaign, Form::new().refused(&problems, page.lang)).await,
    };
    let say = match form.value("do") {
        "resend" => "invitations.notice.bulk_resent",
        _ => "invitations.notice.bulk_withdrawn",
    };
    if done.left.is_empty() {
        return Ok(page.see(&urls::campaign(by.org(), campaign, "creators"), Say::done(say).n(done.done.len())));
    }
    let names = queries::names(app.db(), &by, done.left.iter().map(|(id, _)| *id)).await?;
    let mut told: Vec<String> = Vec::new();
    if !done.done.is_empty() {
        told.push(page.t(say).with("n", done.done.len()).into());
    }
    told.extend(done.left.iter().map(|(id, problem)| {
        let name = names.get(id).map_or("", String::as_str);
        page.t("invitations.notice.bulk_left").with("name", name).with("why", problem.wrong.text(page.lang)).into()
    }));
    creators_again(&app, &page, &by, campaign, Form::new().told(told)).await
}

async fn after(app: &App, page: &Page, by: &Member, campaign: CampaignId, done: Result<()>, say: Say) -> Result<HttpResponse> {
    match refused(done)? {
        Ok(()) => Ok(page.see(&urls::campaign(by.org(), campaign, "creators"), say)),
        Err(problems) => creators_again(app, page, by, campaign, Form::new().refused(&problems, page.lang)).await,
    }
}
