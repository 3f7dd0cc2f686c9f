//! Conversations in the portal: the inbox of each side, and one conversation, live where the browser can.

use std::collections::HashMap;

use actix_web::{HttpResponse, web};
use askama::Template;
use entity::{
    campaign,
    enums::Side,
    ids::{CampaignId, CreatorId, OrgId, ThreadId},
    message, participation, thread,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    queries::{self, Filter},
    send::{Send, Speaker},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member, Person},
    base::paging::{Page as Rows, Slice},
    error::{Error, Result},
    events, participations,
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        routes::{Routes, Who},
        urls,
    },
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/c/inbox", Who::Creator, creator_inbox);
    r.get("/c/inbox/{thread}", Who::Creator, creator_thread);
    r.post("/c/inbox/{thread}", Who::Creator, creator_says);
    r.post("/c/inbox/{thread}/read", Who::Creator, creator_read);
    r.get("/b/{org}/inbox", Who::Member, brand_inbox);
    r.get("/b/{org}/inbox/{thread}", Who::Member, brand_thread);
    r.post("/b/{org}/inbox/{thread}", Who::Manager, brand_says);
    r.post("/b/{org}/inbox/{thread}/read", Who::Member, brand_read);
}

/// How many messages a page shows at once.
const SHOWN: u64 = 50;

/// A line of the inbox.
struct Line {
    href: String,
    /// The other side's name.
    with: String,
    campaign: String,
    last: String,
    at: String,
    at_iso: String,
    unread: i64,
    /// Whether it is the one that is open.
    current: bool,
}

/// A message as it is shown.
struct Said {
    cursor: String,
    author: String,
    own: bool,
    body: String,
    at: String,
    at_iso: String,
}

#[derive(Template)]
#[template(path = "conversations/inbox.html")]
struct InboxPage {
    page: Page,
    form: Form,
    here: String,
    lines: Vec<Line>,
    campaigns: Vec<Choice>,
    filtered: bool,
    /// Where an empty inbox leads a brand.
    campaigns_url: String,
    newer: Option<String>,
    older: Option<String>,
}

#[derive(Template)]
#[template(path = "conversations/thread.html")]
struct ThreadPage {
    page: Page,
    form: Form,
    here: String,
    inbox: String,
    thread_id: ThreadId,
    with: String,
    /// Where the other side is read about; empty where that is nowhere.
    profile: String,
    /// Where the campaign is read about.
    about: String,
    campaign: String,
    /// The latest conversations, beside this one where there is room.
    others: Vec<Line>,
    /// Says that the participation has ended; empty while it has not.
    ended: &'static str,
    messages: Vec<Said>,
    older: Option<String>,
    newer: Option<String>,
    /// Where the live part begins.
    cursor: String,
    /// Sent as `Hibiki-Actor` by the live part.
    actor: String,
    may_write: bool,
    /// Of the message that will be sent from this page.
    key: String,
}

/// What of a list is shown.
#[derive(Clone, Debug, Default, serde::Deserialize)]
struct Shown {
    #[serde(default)]
    unread: String,
    #[serde(default)]
    campaign: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    before: String,
}

impl Shown {
    fn filter(&self) -> Filter {
        Filter { unread: self.unread == "yes", campaign: self.campaign.parse().ok() }
    }

    fn slice(&self) -> Slice {
        Slice::page(Some(&self.after), Some(&self.before))
    }

    fn url(&self, base: &str, turn: &str, cursor: &str) -> String {
        let kept = [("unread", self.unread.as_str()), ("campaign", self.campaign.as_str()), (turn, cursor)];
        let kept: Vec<_> = kept.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("{base}?{}", serde_urlencoded::to_string(kept).unwrap_or_default())
    }
}

/// One of the two sides, with what differs between their pages.
enum Reader<'a> {
    Creator(&'a Creator),
    Member(&'a Member),
}

impl Reader<'_> {
    fn side(&self) -> Side {
        match self {
            Self::Creator(_) => Side::Creator,
            Self::Member(_) => Side::Brand,
        }
    }

    fn inbox(&self) -> String {
        match self {
            Self::Creator(_) => urls::creator("inbox"),
            Self::Member(by) => urls::org(by.org(), "inbox"),
        }
    }

    fn thread(&self, id: ThreadId) -> String {
        format!("{}/{id}", self.inbox())
    }

    async fn find(&self, app: &App, id: &str) -> Result<thread::Model> {
        let id = id.parse().map_err(|_| Error::NotFound)?;
        match self {
            Self::Creator(by) => queries::of_creator(app.db(), by, id).await,
            Self::Member(by) => queries::of_member(app.db(), by, id).await,
        }
    }

    fn person(&self) -> &Person {
        match self {
            Self::Creator(by) => by.person(),
            Self::Member(by) => by.person(),
        }
    }

    async fn read(&self, app: &App, row: &thread::Model) -> Result<()> {
        super::mark_read(app, self.person(), row).await
    }

    /// Notes that the page shows all; its own navigation counts that already.
    async fn sees(&self, app: &App, page: &mut Page, row: &thread::Model) -> Result<()> {
        self.read(app, row).await?;
        let unread = match self {
            Self::Creator(by) => queries::unread_threads_of_creator(app.db(), by).await?,
            Self::Member(by) => queries::unread_threads_of_member(app.db(), by).await?,
        };
        if let Some(item) = page.nav.iter_mut().find(|item| item.href == self.inbox()) {
            item.count = (unread > 0).then_some(unread);
        }
        Ok(())
    }
}

/// The names that a page of threads needs.
struct Around {
    campaigns: HashMap<CampaignId, campaign::Model>,
    others: HashMap<ThreadId, String>,
}

async fn around(app: &App, by: &Reader<'_>, threads: &[&thread::Model]) -> Result<Around> {
    let campaigns = campaign::Entity::find()
        .filter(campaign::Column::Id.is_in(threads.iter().map(|t| t.campaign_id)))
        .all(app.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let others = match by {
        Reader::Creator(_) => {
            let orgs: HashMap<OrgId, String> = entity::organization::Entity::find()
                .filter(entity::organization::Column::Id.is_in(threads.iter().map(|t| t.org_id)))
                .all(app.db())
                .await?
                .into_iter()
                .map(|row| (row.id, row.name))
                .collect();
            threads.iter().filter_map(|t| Some((t.id, orgs.get(&t.org_id)?.clone()))).collect()
        }
        Reader::Member(_) => {
            let creators: HashMap<CreatorId, String> = entity::creator::Entity::find()
                .filter(entity::creator::Column::Id.is_in(threads.iter().map(|t| t.creator_id)))
                .all(app.db())
                .await?
                .into_iter()
                .map(|row| (row.id, row.display_name))
                .collect();
            threads.iter().filter_map(|t| Some((t.id, creators.get(&t.creator_id)?.clone()))).collect()
        }
    };
    Ok(Around { campaigns, others })
}

async fn creator_inbox(app: web::Data<App>, page: Page, by: Creator, shown: web::Query<Shown>) -> Result<HttpResponse> {
    let found = queries::list_of_creator(app.db(), &by, shown.filter(), shown.slice()).await?;
    inbox(&app, &page, &Reader::Creator(&by), &shown, found, Vec::new()).await
}

async fn brand_inbox(app: web::Data<App>, page: Page, by: Member, shown: web::Query<Shown>) -> Result<HttpResponse> {
    let found = queries::list_of_member(app.db(), &by, shown.filter(), shown.slice()).await?;
    let campaigns = queries::campaigns_of_member(app.db(), &by).await?;
    let choices = campaigns.into_iter().map(|row| Choice::new(row.id.to_string(), row.name)).collect();
    inbox(&app, &page, &Reader::Member(&by), &shown, found, choices).await
}

async fn inbox(
    app: &App,
    page: &Page,
    by: &Reader<'_>,
    shown: &Shown,
    found: Rows<thread::Model>,
    campaigns: Vec<Choice>,
) -> Result<HttpResponse> {
    let here = by.inbox();
    page.show(&InboxPage {
        form: Form::new().with("unread", &shown.unread).with("campaign", &shown.campaign),
        lines: lines(app, page, by, &found, None).await?,
        campaigns,
        campaigns_url: match by {
            Reader::Creator(_) => String::new(),
            Reader::Member(by) => urls::org(by.org(), "campaigns"),
        },
        filtered: shown.filter().unread || shown.filter().campaign.is_some(),
        newer: found.previous().map(|cursor| shown.url(&here, "before", cursor)),
        older: found.next().map(|cursor| shown.url(&here, "after", cursor)),
        here,
        page: page.clone(),
    })
}

/// A page of conversations as lines; the same few statements for any number.
async fn lines(app: &App, page: &Page, by: &Reader<'_>, found: &Rows<thread::Model>, open: Option<ThreadId>) -> Result<Vec<Line>> {
    let threads: Vec<_> = found.items().collect();
    let ids: Vec<ThreadId> = threads.iter().map(|row| row.id).collect();
    let unread = queries::unread_counts(app.db(), &ids, by.person().id(), by.side()).await?;
    let last = queries::last_messages(app.db(), &ids).await?;
    let around = around(app, by, &threads).await?;
    let line = |row: &&thread::Model| Line {
        // To where the talk is, also without a script.
        href: last.get(&row.id).map_or_else(|| by.thread(row.id), |said| format!("{}#m-{}", by.thread(row.id), said.id)),
        with: around.others.get(&row.id).cloned().unwrap_or_default(),
        campaign: around.campaigns.get(&row.campaign_id).map(|c| c.name.clone()).unwrap_or_default(),
        last: last.get(&row.id).map(|said| beginning(&said.body)).unwrap_or_default(),
        at: page.time(&row.last_message_at),
        at_iso: page.stamp(&row.last_message_at),
        unread: unread.get(&row.id).copied().unwrap_or(0),
        current: open == Some(row.id),
    };
    Ok(threads.iter().map(line).collect())
}

/// The first words, on one line.
fn beginning(body: &str) -> String {
    let line: String = body.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

async fn creator_thread(
    app: web::Data<App>,
    mut page: Page,
    by: Creator,
    id: web::Path<String>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse> {
    let reader = Reader::Creator(&by);
    let row = reader.find(&app, &id).await?;
    reader.sees(&app, &mut page, &row).await?;
    page.show(&opened(&app, &page, &reader, row, &shown, Form::new()).await?)
}

async fn brand_thread(
    app: web::Data<App>,
    mut page: Page,
    by: Member,
    path: web::Path<(String, String)>,
    shown: web::Query<Shown>,
) -> Result<HttpResponse> {
    let reader = Reader::Member(&by);
    let row = reader.find(&app, &path.1).await?;
    reader.sees(&app, &mut page, &row).await?;
    page.show(&opened(&app, &page, &reader, row, &shown, Form::new()).await?)
}

async fn opened(app: &App, page: &Page, by: &Reader<'_>, row: thread::Model, shown: &Shown, form: Form) -> Result<ThreadPage> {
    // Taken before the messages are read: what is said meanwhile comes twice rather than never, and is shown once.
    let cursor = events::newest(app.db()).await?.to_cursor();
    // The newest are at the end; without a cursor, the list begins there.
    let slice = match (shown.after.as_str(), shown.before.as_str()) {
        ("", before) => Slice { backward: true, ..Slice::page(None, Some(before)) },
        (after, _) => Slice::page(Some(after), None),
    };
    let found = queries::messages(app.db(), row.id, slice.sized(SHOWN)).await?;
    let names = queries::names(app.db(), found.items().map(|said| said.author_id)).await?;
    let side = by.side();
    let messages = found.items().map(|said| of(page, side, said, names.get(&(said.author_id, said.side))));
    let around = around(app, by, &[&row]).await?;
    let here = by.thread(row.id);
    let place = participation::Entity::find()
        .filter(participation::Column::CampaignId.eq(row.campaign_id))
        .filter(participation::Column::CreatorId.eq(row.creator_id))
        .one(app.db())
        .await?;
    let over = place.as_ref().is_some_and(|place| !participations::rules::joined(place.state));
    let (profile, about, actor, may_write, ended, others) = match by {
        Reader::Creator(by) => {
            let job = place.map(|place| urls::job(place.id)).unwrap_or_default();
            (String::new(), job, by.id().to_string(), true, "conversations.thread.ended_creator", Vec::new())
        }
        Reader::Member(member) => {
            let latest = queries::list_of_member(app.db(), member, Filter::default(), Slice::default()).await?;
            let profile = urls::org(member.org(), format!("creators/{}", row.creator_id));
            let about = urls::campaign(member.org(), row.campaign_id, "creators");
            let others = lines(app, page, by, &latest, Some(row.id)).await?;
            (profile, about, member.org().to_string(), member.manager().is_ok(), "conversations.thread.ended_brand", others)
        }
    };
    Ok(ThreadPage {
        inbox: by.inbox(),
        thread_id: row.id,
        with: around.others.get(&row.id).cloned().unwrap_or_default(),
        profile,
        about,
        campaign: around.campaigns.get(&row.campaign_id).map(|c| c.name.clone()).unwrap_or_default(),
        others,
        ended: if over { ended } else { "" },
        messages: messages.collect(),
        older: found.previous().map(|cursor| shown.url(&here, "before", cursor)),
        newer: found.next().map(|cursor| shown.url(&here, "after", cursor)),
        here,
        cursor,
        actor,
        may_write,
        // A new one for each page, so that a second click sends nothing twice; the same one while the form is mended.
        key: match form.value("key") {
            "" => app.id::<entity::ids::IdempotencyKeyId>().to_string(),
            key => key.to_owned(),
        },
        form,
        page: page.clone(),
    })
}

fn of(page: &Page, side: Side, said: &message::Model, name: Option<&String>) -> Said {
    Said {
        cursor: said.id.to_string(),
        author: name.cloned().unwrap_or_default(),
        own: said.side == side,
        body: said.body.clone(),
        at: page.time(&said.created_at),
        at_iso: page.stamp(&said.created_at),
    }
}

async fn creator_says(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, form: Form) -> Result<HttpResponse> {
    let reader = Reader::Creator(&by);
    let row = reader.find(&app, &id).await?;
    said(&app, &page, &reader, Speaker::Creator(&by), row, form).await
}

async fn brand_says(app: web::Data<App>, page: Page, by: Member, path: web::Path<(String, String)>, form: Form) -> Result<HttpResponse> {
    let reader = Reader::Member(&by);
    let row = reader.find(&app, &path.1).await?;
    said(&app, &page, &reader, Speaker::Manager(&by.manager()?), row, form).await
}

async fn said(app: &App, page: &Page, by: &Reader<'_>, speaker: Speaker<'_>, row: thread::Model, form: Form) -> Result<HttpResponse> {
    let input = Send { body: form.take("body"), idempotency_key: Some(form.take("key")) };
    match refused(super::send(app, speaker, row.id, input).await)? {
        Ok(sent) => Ok(page.go(&format!("{}#m-{}", by.thread(row.id), sent.id))),
        Err(problems) => {
            let again = form.refused(&problems, page.lang);
            page.again(&opened(app, page, by, row, &Shown::default(), again).await?)
        }
    }
}

/// The live page says that what just came was seen.
async fn creator_read(app: web::Data<App>, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let reader = Reader::Creator(&by);
    let row = reader.find(&app, &id).await?;
    reader.read(&app, &row).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn brand_read(app: web::Data<App>, by: Member, path: web::Path<(String, String)>) -> Result<HttpResponse> {
    let reader = Reader::Member(&by);
    let row = reader.find(&app, &path.1).await?;
    reader.read(&app, &row).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_how_a_message_begins() {
        assert_eq!(beginning("一行目\n二行目"), "一行目 二行目");
        assert_eq!(beginning(&"あ".repeat(300)).chars().count(), 121);
    }
}
