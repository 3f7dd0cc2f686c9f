//! Whether a request that a cookie speaks for was sent by our own pages (B7).

use actix_web::HttpRequest;
use actix_web::http::{Method, header};

use crate::{Refusal, Settings};

/// Refuses a cookie on GET, and on a POST that a foreign page may have sent. `Sec-Fetch-Site` decides when present, then `Origin`, then a
/// header that only a script can set. The JSON content type is asked for on every POST, here and there.
pub(crate) fn check(request: &HttpRequest, settings: &Settings) -> Result<(), Refusal> {
    if request.method() != Method::POST {
        return Err(Refusal::forbidden("A session works with POST only; use a bearer token."));
    }
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let own = match (text("sec-fetch-site"), request.headers().contains_key(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, true) => text("origin").is_some_and(|origin| settings.is_own(origin)),
        (None, false) => settings.csrf_headers.iter().any(|name| request.headers().contains_key(name.as_str())),
    };
    if own { Ok(()) } else { Err(Refusal::forbidden("This session was used from another site.")) }
}
