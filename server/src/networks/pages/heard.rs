//! What others say: where accounts are named, and publications with a hashtag (K21).

use actix_web::{HttpResponse, web};
use askama::Template;
use connectors::{Measure, Media};
use entity::{
    enums::ConsentPurpose,
    ids::{CreatorId, OrgId},
    mention, network_account,
};

use super::{
    super::{
        hashtags::{self, Found},
        sync::queries as readings,
    },
    posts::{format, words},
    shown::{self, Outside},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    base::lang::Lang,
    consents, creators,
    error::{Error, Result},
    web::{
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::Asked,
        urls,
    },
};

/// Something that was said.
struct Line {
    kind: String,
    author: String,
    text: String,
    date: String,
    outside: Option<Outside>,
    figures: String,
}

#[derive(Template)]
#[template(path = "networks/mentions.html")]
struct MentionsPage {
    page: Page,
    /// Whom a brand looks at.
    name: Option<String>,
    back: String,
    shared: bool,
    /// That these are the newest and not all, by account.
    more: Vec<String>,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
}

fn line(page: &Page, row: &mention::Model) -> Line {
    let key = format!("enum.mention_kind.{}", row.kind);
    let kind = page.t(&key);
    Line {
        kind: if kind.as_str() == key { row.kind.clone() } else { kind.into() },
        author: row.author_handle.clone(),
        text: row.text.clone(),
        date: row.published_at.map(|at| page.time(&at)).unwrap_or_default(),
        outside: shown::outside(&row.url),
        figures: String::new(),
    }
}

async fn mentions_of(app: &App, page: &Page, creator: CreatorId, asked: &Asked) -> Result<MentionsPage> {
    let found = readings::mentions(app.db(), creator, asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    let lines = found.items().map(|row| line(page, row)).collect();
    let more = readings::more_mentions(app.db(), creator).await?;
    let told = |account: &network_account::Model| {
        let text = page.t("networks.mentions.newest").with("network", page.name("network", account.network));
        text.with("handle", &account.handle).into()
    };
    let more = more.iter().map(told).collect();
    Ok(MentionsPage { name: None, back: urls::POSTS.to_owned(), shared: true, more, lines, newer, older, page: page.clone() })
}

pub(super) async fn own(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    page.show(&mentions_of(&app, &page, by.id(), &asked).await?)
}

pub(super) async fn of_creator(
    app: web::Data<App>,
    page: Page,
    by: Member,
    at: web::Path<(OrgId, String)>,
    asked: Asked,
) -> Result<HttpResponse> {
    let id: CreatorId = at.1.parse().map_err(|_| Error::NotFound)?;
    let creator = creators::queries::one(app.db(), (&by).into(), id).await?;
    let shared = consents::queries::holds(app.db(), id, ConsentPurpose::InsightShare).await?;
    let (name, back) = (Some(creator.display_name), urls::org(by.org(), format!("creators/{id}")));
    let shown = match shared {
        true => mentions_of(&app, &page, id, &asked).await?,
        false => MentionsPage {
            page: page.clone(),
            name: None,
            back: String::new(),
            shared,
            more: Vec::new(),
            lines: Vec::new(),
            newer: None,
            older: None,
        },
    };
    page.show(&MentionsPage { name, back, ..shown })
}

#[derive(Template)]
#[template(path = "networks/hashtags.html")]
struct HashtagsPage {
    page: Page,
    form: Form,
    networks: Vec<Choice>,
    action: String,
    lookup: String,
    slots: Option<String>,
    found: Option<Answer>,
    lines: Vec<Line>,
}

/// To what, and of when.
struct Answer {
    title: String,
    as_of: String,
}

fn post(page: &Page, media: &Media) -> Line {
    let counted = [("likes", [Measure::Likes, Measure::Reactions]), ("comments", [Measure::Comments, Measure::Replies])];
    let known = counted.into_iter().filter_map(|(name, measures)| {
        let n = measures.into_iter().find_map(|measure| media.counter(measure).value())?;
        Some(format!("{} {}", page.name("measure", name), page.lang.count(n)))
    });
    Line {
        kind: format(page, media.format.code()),
        author: media.author.handle.clone().unwrap_or_default(),
        text: words(&media.caption),
        date: media.published_at.map(|at| page.time(&at)).unwrap_or_default(),
        outside: media.permalink.as_ref().and_then(|url| shown::outside(url.as_str())),
        figures: known.collect::<Vec<_>>().join(" · "),
    }
}

async fn shown_of(app: &App, page: &Page, by: &Member, form: Form, found: Option<Found>) -> Result<HashtagsPage> {
    let slots = hashtags::slots(app).await?;
    Ok(HashtagsPage {
        networks: hashtags::networks(app).iter().map(|network| Choice::new(network.as_str(), page.name("network", network))).collect(),
        action: urls::org(by.org(), "hashtags"),
        lookup: urls::org(by.org(), "lookup"),
        slots: slots.map(|(left, all)| page.t("networks.hashtags.slots").with("n", left).with("all", all).into()),
        lines: found.iter().flat_map(|found| &found.posts).map(|media| post(page, media)).collect(),
        found: found.map(|found| Answer {
            title: format!("#{} · {}", found.hashtag, page.name("network", found.network)),
            as_of: page.time(&found.asked_at),
        }),
        form,
        page: page.clone(),
    })
}

pub(super) async fn hashtags_page(app: web::Data<App>, page: Page, by: Member) -> Result<HttpResponse> {
    page.show(&shown_of(&app, &page, &by, Form::new(), None).await?)
}

pub(super) async fn search(app: web::Data<App>, page: Page, by: Member, form: Form) -> Result<HttpResponse> {
    match refused(hashtags::search(&app, &by, form.value("network"), form.value("hashtag")).await)? {
        Ok(found) => page.show(&shown_of(&app, &page, &by, form, Some(found)).await?),
        Err(problems) => page.again(&shown_of(&app, &page, &by, form.refused(&problems, page.lang), None).await?),
    }
}
