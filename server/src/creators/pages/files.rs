//! Pictures over HTTP: `POST /uploads` takes one in (`?for=proof`: to be handed in with figures), `GET /pictures/{id}` gives it out.

use actix_multipart::Multipart;
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    web,
};
use entity::ids::UploadId;
use serde::Serialize;

use super::super::{
    pictures::{self, Use},
    queries,
};
use crate::{
    app::App,
    auth::{
        actors::{Person, Via},
        extract, sessions,
    },
    error::{Error, Problem, Result, Wrong},
    web::{upload::Sent, urls},
};

/// What `POST /uploads` answers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Uploaded {
    id: String,
    /// Null for a proof, which only those see who see the figures.
    url: Option<String>,
    content_type: String,
    width: i32,
    height: i32,
}

/// The bytes of the form's field `file`. Nothing larger than a picture may be is read to its end.
pub(super) async fn file(form: Multipart) -> Result<Vec<u8>> {
    let sent = Sent::read(form).await?;
    match sent.problem {
        Some(problem) => Err(problem.into()),
        None => sent.file.ok_or_else(|| Problem::new("file", Wrong::required()).into()),
    }
}

/// Whoever sends the picture: by session, or by a token that may write.
async fn sender(request: &HttpRequest, app: &App) -> Result<Person> {
    let Some(header) = request.headers().get(header::AUTHORIZATION) else {
        return extract::visitor(request).await?.ok_or(Error::SignIn);
    };
    let token = header.to_str().ok().and_then(|text| text.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else { return Err(Error::SignIn) };
    let person = sessions::by_token(app, token.trim()).await?.ok_or(Error::SignIn)?.into_person();
    match person.via() {
        Via::Token(_, false) => Err(Error::Forbidden("auth.forbidden.read_only")),
        _ => Ok(person),
    }
}

pub(super) async fn upload(
    app: web::Data<App>,
    request: HttpRequest,
    query: web::Query<Vec<(String, String)>>,
    form: Multipart,
) -> Result<HttpResponse> {
    let by = sender(&request, &app).await?;
    let purpose = if query.iter().any(|(name, value)| name == "for" && value == "proof") { Use::Proof } else { Use::Picture };
    let stored = pictures::upload(&app, &by, purpose, file(form).await?).await?;
    Ok(HttpResponse::Created().json(Uploaded {
        url: (purpose == Use::Picture).then(|| app.link(&urls::picture(stored.id))),
        id: stored.id.to_string(),
        content_type: stored.content_type,
        width: stored.width,
        height: stored.height,
    }))
}

pub(super) async fn picture(app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let id: UploadId = id.parse().map_err(|_| Error::NotFound)?;
    let found = queries::picture(app.db(), id).await?;
    // A picture never changes: another one has another id.
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, found.content_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(found.bytes))
}
