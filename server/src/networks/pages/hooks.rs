//! Where networks tell what happens: the handshake, and signed requests. Their origin is proven by the signature, not by a session.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use connectors::RawRequest;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::super::{Answer, receive as take_in};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Larger than any delivery that a network documents.
const MOST_BYTES: usize = 1024 * 1024;

fn raw(request: &HttpRequest, body: Vec<u8>) -> RawRequest {
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_str().as_bytes()), HeaderValue::from_bytes(value.as_bytes())) {
            headers.append(name, value);
        }
    }
    RawRequest { query: request.query_string().to_owned(), headers, body }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST)
}

async fn answered(app: &App, network: &str, raw: &RawRequest) -> Result<HttpResponse> {
    let network = network.parse().map_err(|()| Error::NotFound)?;
    Ok(match take_in(app, network, raw).await? {
        Answer::Challenge(answer) => HttpResponse::build(status(answer.status)).content_type(answer.content_type).body(answer.body),
        Answer::Taken => HttpResponse::Ok().finish(),
        Answer::Refused(error) => {
            HttpResponse::build(status(error.status())).content_type("text/plain; charset=utf-8").body(error.to_string())
        }
    })
}

pub(super) async fn challenge(app: web::Data<App>, request: HttpRequest, network: web::Path<String>) -> Result<HttpResponse> {
    let network: entity::enums::Network = network.parse().map_err(|()| Error::NotFound)?;
    let connector = app.networks.get(super::rules::outside(network)).ok_or(Error::NotFound)?;
    // A GET tells nothing; it only asks whether the address is ours.
    match connector.webhook_challenge(&raw(&request, Vec::new())) {
        Ok(Some(answer)) => Ok(HttpResponse::build(status(answer.status)).content_type(answer.content_type).body(answer.body)),
        Ok(None) => Err(Error::NotFound),
        Err(error) => Ok(HttpResponse::build(status(error.status())).content_type("text/plain; charset=utf-8").body(error.to_string())),
    }
}

pub(super) async fn receive(
    app: web::Data<App>,
    request: HttpRequest,
    network: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse> {
    if body.len() > MOST_BYTES {
        return Ok(HttpResponse::PayloadTooLarge().finish());
    }
    answered(&app, &network, &raw(&request, body.to_vec())).await
}
