//! What every request passes: an id and a log line, security headers, and for writes the same-origin rule.

use actix_web::{
    HttpMessage,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};

use super::urls;
use crate::{app::App, error::Error};

/// Paths whose writes do not rest on the session cookie: the API has its own rules, one-click unsubscribing is proven by its token, and
/// what networks tell by its signature.
const OWN_RULES: &[&str] = &["/graphql", "/unsubscribe/", "/hooks/"];

/// Gives each request an id, and writes one line when it is answered. Addresses are logged by their pattern, since paths hold tokens.
pub async fn trace(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let Some(app) = request.app_data::<web::Data<App>>().cloned() else { return next.call(request).await };
    let id = app.id::<entity::ids::EventId>().0.simple().to_string();
    request.extensions_mut().insert(edge::RequestId(id.clone()));
    let method = request.method().clone();
    let began = std::time::Instant::now();
    let span = tracing::info_span!("request", id = %id);
    let mut response = tracing::Instrument::instrument(next.call(request), span).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "(no route)".into());
    let status = response.status().as_u16();
    tracing::info!(target: "hibiki::request", id = %id, %method, route, status, ms = began.elapsed().as_millis() as u64);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    Ok(response)
}

/// Refuses writes that another site's page sends with our visitor's cookie: `Sec-Fetch-Site` decides where the browser sends it, else
/// `Origin` (B27). Sign-in forms are guarded too.
pub async fn same_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody>>, actix_web::Error> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let own_rules = OWN_RULES.iter().any(|path| request.path().starts_with(path));
    // A bearer token is never sent by a browser on its own, as others are; and only this route reads one.
    let authorization = request.headers().get(header::AUTHORIZATION).map_or(&b""[..], HeaderValue::as_bytes);
    let bearer = request.path() == urls::UPLOADS && authorization.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    if safe || own_rules || bearer {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let fine = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => request.app_data::<web::Data<App>>().is_some_and(|app| app.config.origin() == origin),
        (None, None) => false,
    };
    if fine {
        Ok(next.call(request).await?.map_into_left_body())
    } else {
        Ok(request.error_response(Error::Forbidden("web.forbidden.origin")).map_into_right_body())
    }
}

/// The headers of every answer (B28). A handler that needs another policy sets it itself.
pub async fn headers(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let secure = request.app_data::<web::Data<App>>().is_some_and(|app| app.config.secure());
    let mut response = next.call(request).await?;
    let holds_token = response.request().match_pattern().is_some_and(|pattern| pattern.contains("{token}"));
    let headers = response.headers_mut();
    let mut give = |name: HeaderName, value: &str| {
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    };
    give(header::CONTENT_SECURITY_POLICY, &policy(&[]));
    give(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Where the address holds a token nobody is told it (B21). Without any referrer older browsers would send forms with no origin.
    give(header::REFERRER_POLICY, if holds_token { "strict-origin" } else { "same-origin" });
    give(header::X_FRAME_OPTIONS, "DENY");
    give(header::CACHE_CONTROL, "no-store");
    give(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    give(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    give(HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=(), payment=()");
    if secure {
        give(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    Ok(response)
}

/// The content security policy: everything from our own origin, nothing inline. Forms may also lead to `form_targets`.
pub fn policy(form_targets: &[String]) -> String {
    let targets: String = form_targets.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self'{targets}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    )
}
