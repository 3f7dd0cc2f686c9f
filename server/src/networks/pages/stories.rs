//! Stories that are kept: the creator's list, and the files for those who may see them.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, ContentRange, ContentRangeSpec, Header, HeaderName, Range},
    },
    web,
};
use askama::Template;
use entity::{
    enums::StoryEnd,
    ids::{CreatorId, OrgId},
    story_archive,
};

use super::{
    super::stories::{self, Eyes, Kept},
    shown,
};
use crate::{
    app::App,
    auth::actors::{Creator, Member},
    error::{Error, Result},
    web::{layout::Page, lists::Asked, urls},
};

/// A story as it is shown.
pub(crate) struct Line {
    pub(crate) href: Option<String>,
    pub(crate) is_picture: bool,
    pub(crate) network: String,
    pub(crate) published: String,
    pub(crate) ending: String,
    pub(crate) tone: &'static str,
    pub(crate) problem: String,
    pub(crate) figures: Vec<shown::Told>,
}

/// Of a row; `at` is where files are found.
pub(crate) fn line(page: &Page, (row, post): &Kept, at: &str) -> Line {
    Line {
        href: row.file.as_ref().map(|_| format!("{at}/{}", row.id)),
        is_picture: row.content_type.starts_with("image/"),
        network: page.name("network", post.network).into(),
        published: post.published_at.map(|at| page.time(&at)).unwrap_or_default(),
        ending: page.name("story_end", row.ending).into(),
        tone: match row.ending {
            StoryEnd::Open => "busy",
            StoryEnd::Final => "good",
            StoryEnd::LastSeen => "warn",
            StoryEnd::Missed => "bad",
        },
        problem: match row.problem.as_str() {
            "" => String::new(),
            problem => page.t(&format!("networks.story.{problem}")).into(),
        },
        figures: shown::of_post(page, post),
    }
}

#[derive(Template)]
#[template(path = "networks/stories.html")]
struct StoriesPage {
    page: Page,
    lines: Vec<Line>,
    newer: Option<String>,
    older: Option<String>,
}

pub(super) async fn list(app: web::Data<App>, page: Page, by: Creator, asked: Asked) -> Result<HttpResponse> {
    let found = stories::list(app.db(), (&by).into(), asked.slice().sized(20)).await?;
    let (newer, older) = asked.pager(&found);
    page.show(&StoriesPage {
        lines: found.items().map(|kept| line(&page, kept, urls::STORIES)).collect(),
        newer,
        older,
        page: page.clone(),
    })
}

/// The copy as nothing but what it is: no name of somebody else's, no script, no guessing (B45). A film is asked for by parts.
async fn served(app: &App, asked: &HttpRequest, (row, name): (story_archive::Model, String)) -> Result<HttpResponse> {
    let whole = row.bytes.unsigned_abs();
    let part = match Range::parse(asked) {
        Ok(Range::Bytes(parts)) if parts.len() == 1 => Some(parts[0].to_satisfiable_range(whole)),
        // Several parts, or none that is understood: the whole.
        _ => None,
    };
    let (status, range) = match part {
        None => (StatusCode::OK, 0..whole),
        Some(Some((first, last))) => (StatusCode::PARTIAL_CONTENT, first..last + 1),
        Some(None) => {
            let none = ContentRange(ContentRangeSpec::Bytes { range: None, instance_length: Some(whole) });
            return Ok(HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE).insert_header(none).finish());
        }
    };
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = Some((range.start, range.end - 1));
        answer.insert_header(ContentRange(ContentRangeSpec::Bytes { range, instance_length: Some(whole) }));
    }
    let bytes = app.files.part(&name, range).await?.ok_or(Error::NotFound)?;
    let ending = row.content_type.rsplit('/').next().unwrap_or("bin");
    Ok(answer
        .insert_header((header::CONTENT_TYPE, row.content_type.clone()))
        .insert_header((header::CONTENT_DISPOSITION, format!("inline; filename=\"{}.{ending}\"", row.id)))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox; frame-ancestors 'none'"))
        .insert_header((HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

pub(super) async fn own_file(app: web::Data<App>, by: Creator, id: web::Path<String>, asked: HttpRequest) -> Result<HttpResponse> {
    let id = id.parse().map_err(|_| Error::NotFound)?;
    served(&app, &asked, stories::copied(&app, (&by).into(), id).await?).await
}

pub(super) async fn file(
    app: web::Data<App>,
    by: Member,
    at: web::Path<(OrgId, String, String)>,
    asked: HttpRequest,
) -> Result<HttpResponse> {
    let creator: CreatorId = at.1.parse().map_err(|_| Error::NotFound)?;
    let id = at.2.parse().map_err(|_| Error::NotFound)?;
    served(&app, &asked, stories::copied(&app, Eyes::of_member(&by, creator), id).await?).await
}
