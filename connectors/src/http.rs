//! The one way out to a network: no redirects, limits on time and size, our User-Agent. Plain values in and out, so that
//! another transport can take its place in tests and simulations.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use url::Url;

use crate::{
    error::{Error, ErrorKind, Result},
    network::Network,
    secret::Secret,
    settings::SettingsError,
};

/// Carries a request to a network and brings the answer, whatever its status. Fails only if there is no whole answer.
#[async_trait]
pub trait Transport: Send + Sync {
    /// One request, one answer.
    async fn send(&self, request: Request) -> Result<Response>;
}

/// A request. Its `Debug` tells neither query nor headers nor body, since tokens travel there.
#[derive(Clone)]
pub struct Request {
    /// Which network; for the error.
    pub network: Network,
    /// The endpoint in words of ours; for errors, logs and traces.
    pub endpoint: &'static str,
    /// The verb.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// What it takes of the allowance that the network gives an app for reading; most often one.
    pub weight: u32,
}

impl Request {
    /// A request without body.
    pub fn new(network: Network, endpoint: &'static str, method: Method, url: Url) -> Self {
        Self { network, endpoint, method, url, headers: HeaderMap::new(), body: Vec::new(), weight: 1 }
    }

    /// Taking more or less of the app's allowance than one.
    #[must_use]
    pub fn weighing(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// With a token in `Authorization`: it stays out of addresses, and so out of other people's logs.
    #[must_use]
    pub fn bearer(mut self, token: &str) -> Self {
        // A token with characters that no header can hold is refused by the network as malformed.
        let mut value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap_or_else(|_| HeaderValue::from_static("Bearer -"));
        value.set_sensitive(true);
        self.headers.insert(reqwest::header::AUTHORIZATION, value);
        self
    }

    /// With a client's id and secret, each in form encoding as RFC 6749 (2.3.1) wants it.
    #[must_use]
    pub fn basic(mut self, id: &str, secret: &Secret) -> Self {
        use base64::{Engine, engine::general_purpose::STANDARD};
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret.expose())));
        let mut value = HeaderValue::from_str(&format!("Basic {pair}")).unwrap_or_else(|_| HeaderValue::from_static("Basic -"));
        value.set_sensitive(true);
        self.headers.insert(reqwest::header::AUTHORIZATION, value);
        self
    }

    /// With a form as its body.
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        self.headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        self
    }

    /// With JSON as its body.
    #[must_use]
    pub fn json(mut self, body: &serde_json::Value) -> Self {
        self.body = body.to_string().into_bytes();
        self.headers.insert(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// With one more header; a value that no header can hold is left out.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// An error of this request.
    pub fn error(&self, kind: ErrorKind) -> Error {
        Error::new(self.network, self.endpoint, kind)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} at {}", self.network, self.endpoint, self.method, self.url.host_str().unwrap_or_default())
    }
}

/// An answer.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: impl AsRef<str>) -> Option<&str> {
        let name = HeaderName::from_bytes(name.as_ref().as_bytes()).ok()?;
        self.headers.get(name)?.to_str().ok()
    }

    /// What `Retry-After` says, in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        self.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Until connected.
    pub connect: Duration,
    /// For the whole exchange, body included.
    pub total: Duration,
    /// The largest body, after decompression.
    pub body: usize,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(20), body: 4 << 20 }
    }
}

/// What we call ourselves. Some networks throttle clients without a name.
pub const USER_AGENT: &str = concat!("Hibiki/", env!("CARGO_PKG_VERSION"), " (self-hosted influencer marketing platform)");

/// HTTP over reqwest, for addresses out of the settings. For addresses that people typed, see [`crate::guard`].
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    limits: HttpLimits,
}

impl Http {
    /// A client with these limits.
    pub fn new(limits: HttpLimits) -> Result<Self, SettingsError> {
        Self::from_builder(reqwest::Client::builder(), limits)
    }

    pub(crate) fn from_builder(builder: reqwest::ClientBuilder, limits: HttpLimits) -> Result<Self, SettingsError> {
        let client = builder
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            // A network is asked directly: a proxy out of the environment would see every token.
            .no_proxy()
            .referer(false)
            .build()
            .map_err(|e| SettingsError::Client(e.without_url().to_string()))?;
        Ok(Self { client, limits })
    }
}

#[async_trait]
impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Response> {
        let sent =
            self.client.request(request.method.clone(), request.url.clone()).headers(request.headers.clone()).body(request.body.clone());
        let mut answer = sent.send().await.map_err(|e| failed(&request, &e))?;
        if answer.content_length().is_some_and(|n| n > self.limits.body as u64) {
            return Err(too_large(&request));
        }
        let status = answer.status().as_u16();
        let headers = std::mem::take(answer.headers_mut());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| failed(&request, &e))? {
            if body.len() + chunk.len() > self.limits.body {
                return Err(too_large(&request));
            }
            body.extend_from_slice(&chunk);
        }
        tracing::debug!(network = %request.network, endpoint = request.endpoint, status, bytes = body.len(), "asked a network");
        Ok(Response { status, headers, body })
    }
}

fn too_large(request: &Request) -> Error {
    request.error(ErrorKind::Contract).detail("the body is larger than any real answer")
}

/// No whole answer came. reqwest's own text is left out: it holds the address.
fn failed(request: &Request, error: &reqwest::Error) -> Error {
    let why = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "could not connect"
    } else if error.is_body() || error.is_decode() {
        "the answer broke off"
    } else if error.is_builder() {
        return request.error(ErrorKind::Bug).detail("the request could not be built");
    } else {
        "the connection failed"
    };
    request.error(ErrorKind::Transient).detail(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_printed() {
        let url = Url::parse("https://graph.facebook.com/me?access_token=abc").unwrap();
        let request = Request::new(Network::Instagram, "me", Method::GET, url).bearer("abc");
        assert_eq!(format!("{request:?}"), "instagram me GET at graph.facebook.com");
    }
}
