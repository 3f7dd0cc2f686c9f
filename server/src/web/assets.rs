//! Our own files, embedded in the binary: no CDN. Their addresses carry a fingerprint, so browsers may keep them for ever.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS},
    web,
};
use rust_embed::RustEmbed;

use crate::error::{Error, Result};

#[derive(RustEmbed)]
#[folder = "../assets/"]
struct Files;

/// The address of a file. An unknown one gets an address that answers 404, which the browser tests see.
pub fn url(path: &str) -> String {
    let print = Files::get(path).map(|file| hex::encode(&file.metadata.sha256_hash()[..6])).unwrap_or_default();
    format!("/assets/{print}/{path}")
}

/// `GET /assets/{print}/{path}`
pub async fn serve(at: web::Path<(String, String)>) -> Result<HttpResponse> {
    let (print, path) = at.into_inner();
    let file = Files::get(&path).ok_or(Error::NotFound)?;
    // An address from before a change: the file is served, but must not be kept under it.
    let fresh = print == hex::encode(&file.metadata.sha256_hash()[..6]);
    let keep = if fresh { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, keep));
    answer.insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if let Ok(kind) = HeaderValue::from_str(file.metadata.mimetype()) {
        answer.insert_header((CONTENT_TYPE, kind));
    }
    Ok(answer.body(file.data.into_owned()))
}
