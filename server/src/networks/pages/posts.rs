//! The creator's own publications (K8): the list, one with its figures over time, and figures handed in (K23).

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName},
    web,
};
use askama::Template;
use entity::{
    enums::{ManualInsightState, Network},
    manual_insight, post,
};

use super::{
    super::{
        handed::{self, HandIn},
        queries,
        sync::queries::{self as readings, PostFilter, PostOrder},
        thumbnails,
    },
    proofs::{self, Given},
    shown::{self, Outside, Told},
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    base::{lang::Lang, paging},
    creators::pictures::{self, Use},
    error::{Error, Problem, Result},
    web::{
        charts::Chart,
        forms::{Choice, Form},
        layout::{Page, refused},
        lists::{Asked, Heading},
        notice::Say,
        upload::Sent,
        urls,
    },
};

/// Where the creator's own figures that were handed in are found.
const OWN: &str = "/c/insights";

/// A line of the list.
struct Line {
    href: String,
    network: String,
    format: String,
    words: String,
    published: String,
    engagement: String,
    likes: String,
    comments: String,
    views: String,
    reach: String,
    gone: bool,
}

#[derive(Template)]
#[template(path = "networks/posts.html")]
struct PostsPage {
    page: Page,
    form: Form,
    orders: Vec<Choice>,
    networks: Vec<Choice>,
    accounts: Vec<Choice>,
    heads: Vec<Heading>,
    lines: Vec<Line>,
    asked: Vec<Request>,
    newer: Option<String>,
    older: Option<String>,
    narrowed: bool,
    linked: bool,
}

/// Figures that a brand asks for.
struct Request {
    id: String,
    brand: String,
    question: String,
    about: String,
}

/// How a format is called.
pub(super) fn format(page: &Page, code: &str) -> String {
    let key = format!("enum.post_format.{code}");
    let words = page.t(&key);
    if words.as_str() == key { code.to_owned() } else { words.into() }
}

/// What a publication is called: its first words.
pub(crate) fn title(page: &Page, row: &post::Model) -> String {
    Some(words(&row.caption)).filter(|words| !words.is_empty()).unwrap_or_else(|| page.t("networks.posts.no_words").into())
}

/// Where the picture of a publication at this address of ours is, with the words for who cannot see it.
pub(super) fn picture_of(page: &Page, row: &post::Model, address: &str) -> Option<(String, String)> {
    (!row.thumbnail_url.is_empty() && row.gone_at.is_none())
        .then(|| (format!("{address}/picture"), page.t("networks.posts.picture").with("words", title(page, row)).into()))
}

/// The first words of a caption.
pub(super) fn words(caption: &str) -> String {
    let line: String = caption.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// A figure, or a dash while it is not known.
pub(crate) fn number(page: &Page, n: Option<i64>) -> String {
    n.map_or_else(|| "–".to_owned(), |n| page.lang.count(n))
}

fn line(page: &Page, row: &post::Model) -> Line {
    Line {
        href: urls::post(row.id),
        network: page.name("network", row.network).into(),
        format: format(page, &row.format),
        words: title(page, row),
        published: row.published_at.map(|at| page.date(&at.with_timezone(&page.zone).date_naive())).unwrap_or_default(),
        engagement: number(page, row.engagement),
        likes: number(page, row.likes),
        comments: number(page, row.comments),
        views: number(page, row.views),
        reach: number(page, row.reach),
        gone: row.gone_at.is_some(),
    }
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    let db = app.db();
    let order = asked.choice::<PostOrder>("sort").unwrap_or_default();
    let filter = PostFilter {
        network: asked.choice("network"),
        account: asked.choice("account"),
        format: asked.take("format"),
        ..PostFilter::default()
    };
    let found: paging::Page<post::Model> = readings::posts(db, by.id(), &filter, order, asked.slice()).await?;
    let (newer, older) = asked.pager(&found);
    let accounts = queries::accounts(db, &by).await?;
    // Always the highest first: a second click changes nothing.
    let heads = PostOrder::ALL.iter().map(|one| {
        let mut head = asked.heading(page.name("post_order", one.as_str()), one.as_str(), &format!("-{}", order.as_str()), one.as_str());
        head.href = asked.with("sort", one.as_str());
        head
    });
    let waiting = handed::waiting(db, &by).await?;
    page.show(&PostsPage {
        heads: heads.collect(),
        lines: found.items().map(|row| line(&page, row)).collect(),
        orders: PostOrder::ALL.iter().map(|one| Choice::new(one.as_str(), page.name("post_order", one.as_str()))).collect(),
        networks: Network::ALL
            .iter()
            .filter(|network| accounts.iter().any(|(account, _)| account.network == **network))
            .map(|network| Choice::new(network.as_str(), page.name("network", network)))
            .collect(),
        linked: accounts.iter().any(|(_, link)| link.as_ref().is_some_and(super::super::rules::proven)),
        accounts: accounts.iter().map(|(account, _)| Choice::new(account.id.to_string(), &*account.handle)).collect(),
        asked: waiting.iter().map(|(row, brand)| request(&page, row, brand)).collect(),
        newer,
        older,
        narrowed: asked.narrowed(),
        form: asked.form(),
        page: page.clone(),
    })
}

fn request(page: &Page, row: &manual_insight::Model, brand: &str) -> Request {
    let about = if row.post_id.is_some() { "networks.handed.about_post" } else { "networks.handed.about_account" };
    Request { id: row.id.to_string(), brand: brand.to_owned(), question: row.question.clone(), about: page.t(about).into() }
}

/// A comment as it is shown.
struct Said {
    author: String,
    text: String,
    at: String,
    likes: String,
}

#[derive(Template)]
#[template(path = "networks/post.html")]
struct PostPage {
    page: Page,
    network: String,
    format: String,
    caption: String,
    /// Where its picture is found, and what stands in its place.
    picture: Option<(String, String)>,
    outside: Option<Outside>,
    published: String,
    gone: bool,
    paid: bool,
    figures: Vec<Told>,
    chart: Option<Chart>,
    comments: Vec<Said>,
    /// How many of them these are, if not all.
    comments_of: Option<String>,
    /// What was handed in about it.
    given: Vec<Given>,
    form: Form,
    measures: Vec<(&'static str, String)>,
    action: String,
}

/// How many comments the page shows.
const SHOWN: u32 = 50;

/// That these are the newest comments and not all.
async fn comments_of(app: &App, page: &Page, row: &post::Model) -> Result<Option<String>> {
    let read = readings::count_comments(app.db(), row.id).await?;
    let all = row.comments.filter(|all| *all > read);
    let shown = read.min(i64::from(SHOWN));
    Ok(match (row.more_comments == Some(true), all) {
        (true, Some(all)) => {
            Some(page.t("networks.posts.newest_of").with("n", page.lang.count(shown)).with("all", page.lang.count(all)).into())
        }
        (true, None) => Some(page.t("networks.posts.newest").with("n", page.lang.count(shown)).into()),
        (false, _) if read > shown => {
            Some(page.t("networks.posts.newest_of").with("n", page.lang.count(shown)).with("all", page.lang.count(read)).into())
        }
        (false, _) => None,
    })
}

async fn shown_of(app: &App, page: &Page, by: &Creator, row: &post::Model, form: Form) -> Result<PostPage> {
    let db = app.db();
    let history = readings::post_history(db, row.id).await?;
    let mut days: Vec<(chrono::NaiveDate, Option<i64>)> = Vec::new();
    for reading in &history {
        let (day, views) = (reading.captured_at.date_naive(), reading.views.or(reading.likes));
        match days.last_mut() {
            Some(last) if last.0 == day => last.1 = views.or(last.1),
            _ => days.push((day, views)),
        }
    }
    let what = if history.iter().any(|reading| reading.views.is_some()) { "views" } else { "likes" };
    let comments = readings::comments(db, row.id, paging::Slice::default().sized(SHOWN.into())).await?;
    let given = handed::of_post(db, by, row.id).await?;
    Ok(PostPage {
        network: page.name("network", row.network).into(),
        format: format(page, &row.format),
        caption: row.caption.clone(),
        picture: picture_of(page, row, &urls::post(row.id)),
        outside: shown::outside(&row.url),
        published: row.published_at.map(|at| page.time(&at)).unwrap_or_default(),
        gone: row.gone_at.is_some(),
        paid: row.paid_partnership == Some(true),
        figures: shown::of_post(page, row),
        chart: Chart::line(
            page,
            page.t("networks.posts.over_time").with("what", page.name("measure", what)),
            page.name("measure", what),
            &days,
        )?,
        comments_of: comments_of(app, page, row).await?,
        comments: comments
            .items()
            .map(|one| Said {
                author: one.author_handle.clone(),
                text: one.text.clone(),
                at: one.published_at.map(|at| page.time(&at)).unwrap_or_default(),
                likes: number(page, one.likes),
            })
            .collect(),
        given: given.iter().map(|row| proofs::given(page, row, OWN)).collect(),
        measures: handed::MEASURES.iter().map(|measure| (*measure, page.name("measure", measure).into())).collect(),
        action: format!("{}/insights", urls::post(row.id)),
        form,
        page: page.clone(),
    })
}

pub(super) async fn one(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    let row = readings::own_post(app.db(), &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    page.show(&shown_of(&app, &page, &by, &row, Form::new()).await?)
}

/// The picture of a publication of the creator's own.
pub(super) async fn own_picture(app: web::Data<App>, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    Ok(picture(thumbnails::own(&app, &by, id.parse().map_err(|_| Error::NotFound)?).await?))
}

/// The picture of a publication of a creator whom the member sees.
pub(super) async fn seen_picture(app: web::Data<App>, by: Member, at: web::Path<(String, String)>) -> Result<HttpResponse> {
    Ok(picture(thumbnails::seen(&app, &by, at.1.parse().map_err(|_| Error::NotFound)?).await?))
}

fn picture(found: thumbnails::Picture) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, found.content_type))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .insert_header((header::CACHE_CONTROL, "private, max-age=3600"))
        .body(found.body)
}

fn typed(form: &Form) -> HandIn {
    HandIn {
        figures: handed::MEASURES.iter().map(|measure| ((*measure).to_owned(), form.take(measure))).collect(),
        as_of: form.take("as_of"),
        note: form.take("note"),
        proof: form.take("proof"),
        ..HandIn::default()
    }
}

/// The form, with the picture taken in: its id stands in the field `proof`, so that it need not be chosen again when something else is
/// wrong.
async fn with_picture(app: &App, by: &Creator, sent: Sent) -> Result<std::result::Result<Form, (Form, Vec<Problem>)>> {
    let Sent { form, file, problem } = sent;
    if let Some(problem) = problem {
        return Ok(Err((form, vec![problem])));
    }
    let Some(file) = file else { return Ok(Ok(form)) };
    Ok(match refused(pictures::upload(app, by.person(), Use::Proof, file).await)? {
        Ok(stored) => Ok(form.with_instead("proof", stored.id.to_string())),
        Err(problems) => Err((form, problems)),
    })
}

pub(super) async fn hand_in(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, sent: Sent) -> Result<HttpResponse> {
    let row = readings::own_post(app.db(), &by, id.parse().map_err(|_| Error::NotFound)?).await?;
    let (form, done) = match with_picture(&app, &by, sent).await? {
        Ok(form) => {
            let given = HandIn { post: Some(row.id), ..typed(&form) };
            let done = refused(handed::hand_in(&app, &by, &given).await)?;
            (form, done)
        }
        Err((form, problems)) => (form, Err(problems)),
    };
    match done {
        Ok(_) => Ok(page.see(&urls::post(row.id), Say::done("networks.notice.handed_in"))),
        Err(problems) => page.again(&shown_of(&app, &page, &by, &row, form.refused(&problems, page.lang)).await?),
    }
}

/// What a brand asked for.
#[derive(Template)]
#[template(path = "networks/handed.html")]
struct RequestPage {
    page: Page,
    brand: String,
    question: String,
    about: String,
    post: Option<String>,
    open: bool,
    given: Option<Given>,
    form: Form,
    measures: Vec<(&'static str, String)>,
    action: String,
}

async fn asked_for(app: &App, page: &Page, by: &Creator, id: &str, form: Form) -> Result<RequestPage> {
    let (row, brand) = handed::one(app.db(), by, id.parse().map_err(|_| Error::NotFound)?).await?;
    let request = request(page, &row, &brand);
    Ok(RequestPage {
        post: row.post_id.map(urls::post),
        open: row.state == ManualInsightState::Asked,
        given: (row.state == ManualInsightState::HandedIn).then(|| proofs::given(page, &row, OWN)),
        measures: handed::MEASURES.iter().map(|measure| (*measure, page.name("measure", measure).into())).collect(),
        action: format!("/c/insights/{}", row.id),
        brand: request.brand,
        question: request.question,
        about: request.about,
        form,
        page: page.clone(),
    })
}

pub(super) async fn request_page(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>) -> Result<HttpResponse> {
    page.show(&asked_for(&app, &page, &by, &id, Form::new()).await?)
}

pub(super) async fn answer(app: web::Data<App>, page: Page, by: Creator, id: web::Path<String>, sent: Sent) -> Result<HttpResponse> {
    let request = Some(handed::one(app.db(), &by, id.parse().map_err(|_| Error::NotFound)?).await?.0.id);
    let (form, done) = match with_picture(&app, &by, sent).await? {
        Ok(form) => {
            let done = match (form.value("answer"), request) {
                ("no", Some(id)) => handed::decline(&app, &by, id).await,
                _ => handed::hand_in(&app, &by, &HandIn { request, ..typed(&form) }).await,
            };
            (form, refused(done)?)
        }
        Err((form, problems)) => (form, Err(problems)),
    };
    match done {
        Ok(row) if row.state == ManualInsightState::Declined => Ok(page.see(urls::POSTS, Say::done("networks.notice.declined"))),
        Ok(_) => Ok(page.see(urls::POSTS, Say::done("networks.notice.handed_in"))),
        Err(problems) => page.again(&asked_for(&app, &page, &by, &id, form.refused(&problems, page.lang)).await?),
    }
}
