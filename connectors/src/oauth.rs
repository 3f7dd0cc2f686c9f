//! OAuth 2 as the standards write it, over our transport: authorize with PKCE, exchange, refresh, revoke (RFC 7009),
//! and the issuer of the callback (RFC 9207). Networks that deviate do the deviating call by hand.

use std::{borrow::Cow, pin::Pin, sync::Arc};

use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    TokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenResponse,
    },
};
use reqwest::Method;
use url::Url;

use crate::{
    connector::{AuthCallback, AuthStart, TokenSet},
    error::{Error, ErrorKind, Result, later},
    http::{Request, Transport},
    network::Network,
    registry::Clock,
    secret::Secret,
};

/// A fresh one-time `state`: 128 bits, URL-safe.
pub fn new_state() -> String {
    CsrfToken::new_random().into_secret()
}

/// A fresh PKCE verifier.
pub fn new_verifier() -> Secret {
    let (_, verifier) = PkceCodeChallenge::new_random_sha256();
    Secret::new(verifier.into_secret())
}

/// How the client names itself at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// HTTP Basic.
    Basic,
    /// In the body.
    Body,
}

/// The endpoints of one OAuth 2 server and who we are there.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Where people consent.
    pub authorize: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// Where tokens are taken back.
    pub revoke: Option<Url>,
    /// The issuer that every callback must name; `None`: the server names none.
    pub issuer: Option<String>,
    /// Who we are.
    pub client_id: String,
    /// Our secret.
    pub client_secret: Secret,
    /// How we say so.
    pub auth: ClientAuth,
}

/// Speaks OAuth 2 with one server.
#[derive(Clone)]
pub struct Oauth {
    network: Network,
    endpoints: Endpoints,
    transport: Arc<dyn Transport>,
    clock: Clock,
}

/// The boxed future of one request.
type Sent = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send>>;

/// oauth2's client with the endpoints that we always have.
type Configured = Client<
    BasicErrorResponse,
    BasicTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl Oauth {
    /// For one server.
    pub fn new(network: Network, endpoints: Endpoints, transport: Arc<dyn Transport>, clock: Clock) -> Self {
        Self { network, endpoints, transport, clock }
    }

    /// The consent page's address.
    pub fn authorize_url(&self, start: &AuthStart, scopes: &[String], extra: &[(&str, &str)]) -> Result<Url> {
        authorize_url(&self.endpoints.authorize, &self.endpoints.client_id, start, scopes, extra)
    }

    /// A code for tokens. The callback's issuer is checked first: a code from another server is not sent anywhere.
    pub async fn exchange(&self, callback: &AuthCallback, asked: &[String]) -> Result<TokenSet> {
        const ENDPOINT: &str = "token";
        if let Some(issuer) = &self.endpoints.issuer
            && callback.iss.as_deref() != Some(issuer)
        {
            return Err(Error::new(self.network, ENDPOINT, ErrorKind::IssuerMismatch));
        }
        let client = self.client();
        let mut request = client
            .exchange_code(AuthorizationCode::new(callback.code.expose().to_owned()))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(callback.redirect_uri.clone())));
        if let Some(verifier) = &callback.verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()));
        }
        let answer = request.request_async(&self.http(ENDPOINT)).await.map_err(|e| self.refused(ENDPOINT, e, ErrorKind::CodeRefused))?;
        Ok(self.tokens(&answer, asked, None))
    }

    /// New tokens for the refresh token. A server that does not rotate leaves the old refresh token in force.
    pub async fn refresh(&self, tokens: &TokenSet) -> Result<TokenSet> {
        const ENDPOINT: &str = "refresh";
        let Some(refresh) = &tokens.refresh else {
            return Err(Error::new(self.network, ENDPOINT, ErrorKind::TokenExpired).detail("there is no refresh token"));
        };
        let refresh = RefreshToken::new(refresh.expose().to_owned());
        let client = self.client();
        let answer = client
            .exchange_refresh_token(&refresh)
            .request_async(&self.http(ENDPOINT))
            .await
            .map_err(|e| self.refused(ENDPOINT, e, ErrorKind::Revoked))?;
        let asked: Vec<String> = tokens.scopes.iter().chain(&tokens.missing_scopes).cloned().collect();
        Ok(self.tokens(&answer, &asked, Some(tokens)))
    }

    /// Takes the grant back. By RFC 7009 an unknown token is a success.
    pub async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        const ENDPOINT: &str = "revoke";
        let at = &self.endpoints;
        let Some(url) = at.revoke.clone() else {
            return Err(Error::not_supported(self.network, ENDPOINT, crate::connector::Capability::Revoke));
        };
        // The refresh token carries the grant; the access token falls with it.
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh, "refresh_token"),
            None => (&tokens.access, "access_token"),
        };
        // By hand: the library refuses plain http here even to loopback, where the settings have been checked already.
        let mut form = vec![("token", token.expose()), ("token_type_hint", hint)];
        let mut request = Request::new(self.network, ENDPOINT, Method::POST, url);
        match at.auth {
            ClientAuth::Body => form.extend([("client_id", at.client_id.as_str()), ("client_secret", at.client_secret.expose())]),
            ClientAuth::Basic => request = request.basic(&at.client_id, &at.client_secret),
        }
        let answer = self.transport.send(request.form(&form)).await?;
        let kind = match answer.status {
            200..300 => return Ok(()),
            429 => {
                let retry = answer.retry_after().and_then(|wait| later(self.clock.now(), wait));
                let kind = ErrorKind::RateLimited { scope: crate::error::LimitScope::App };
                return Err(Error::new(self.network, ENDPOINT, kind).retry_at(retry));
            }
            500.. => ErrorKind::Transient,
            _ => {
                let refusal: Option<BasicErrorResponse> = serde_json::from_slice(&answer.body).ok();
                match refusal.as_ref().map(|refusal| refusal.error().to_string()).as_deref() {
                    Some("invalid_grant" | "invalid_token") => return Ok(()),
                    Some("invalid_client" | "unauthorized_client") => ErrorKind::AppNotApproved,
                    Some("temporarily_unavailable" | "server_error") => ErrorKind::Transient,
                    Some(_) => ErrorKind::Bug,
                    None => ErrorKind::Contract,
                }
            }
        };
        Err(Error::new(self.network, ENDPOINT, kind).detail(format!("status {}", answer.status)))
    }

    fn client(&self) -> Configured {
        let at = &self.endpoints;
        Client::new(ClientId::new(at.client_id.clone()))
            .set_client_secret(ClientSecret::new(at.client_secret.expose().to_owned()))
            .set_auth_type(match at.auth {
                ClientAuth::Basic => AuthType::BasicAuth,
                ClientAuth::Body => AuthType::RequestBody,
            })
            .set_auth_uri(AuthUrl::from_url(at.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(at.token.clone()))
    }

    /// Our transport in the shape that oauth2 calls. Statuses that no OAuth answer has never reach its parser.
    fn http(&self, endpoint: &'static str) -> impl Fn(HttpRequest) -> Sent {
        let (network, transport, clock) = (self.network, self.transport.clone(), self.clock.clone());
        move |request: HttpRequest| {
            let (transport, clock) = (transport.clone(), clock.clone());
            Box::pin(async move {
                let (head, body) = request.into_parts();
                let url = Url::parse(&head.uri.to_string())
                    .map_err(|_| Error::new(network, endpoint, ErrorKind::Bug).detail("the endpoint is not an address"))?;
                let mut sent = Request::new(network, endpoint, head.method, url);
                sent.headers = head.headers;
                sent.body = body;
                let answer = transport.send(sent).await?;
                if answer.status == 429 {
                    let retry = answer.retry_after().and_then(|wait| later(clock.now(), wait));
                    let kind = ErrorKind::RateLimited { scope: crate::error::LimitScope::App };
                    return Err(Error::new(network, endpoint, kind).retry_at(retry));
                }
                if answer.status >= 500 {
                    return Err(Error::new(network, endpoint, ErrorKind::Transient).detail(format!("status {}", answer.status)));
                }
                let mut out = HttpResponse::new(answer.body);
                *out.headers_mut() = answer.headers;
                *out.status_mut() = oauth2::http::StatusCode::from_u16(answer.status)
                    .map_err(|_| Error::new(network, endpoint, ErrorKind::Contract).detail("no such status"))?;
                Ok(out)
            })
        }
    }

    fn tokens(&self, answer: &BasicTokenResponse, asked: &[String], before: Option<&TokenSet>) -> TokenSet {
        let granted: Vec<String> = match answer.scopes() {
            Some(scopes) => scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            // RFC 6749, 5.1: left out means as asked; at a refresh, as before.
            None => before.map_or_else(|| asked.to_vec(), |before| before.scopes.clone()),
        };
        TokenSet {
            access: answer.access_token().secret().as_str().into(),
            refresh: answer
                .refresh_token()
                .map(|token| token.secret().as_str().into())
                .or_else(|| before.and_then(|before| before.refresh.clone())),
            expires_at: answer.expires_in().and_then(|life| later(self.clock.now(), life)),
            refresh_expires_at: before.and_then(|before| before.refresh_expires_at),
            missing_scopes: asked.iter().filter(|scope| !granted.contains(scope)).cloned().collect(),
            scopes: granted,
            subject: before.and_then(|before| before.subject.clone()),
        }
    }

    fn kind_of(&self, refusal: &BasicErrorResponseType, grant: &ErrorKind) -> ErrorKind {
        match refusal {
            BasicErrorResponseType::InvalidGrant => grant.clone(),
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => ErrorKind::AppNotApproved,
            BasicErrorResponseType::Extension(word) if word == "temporarily_unavailable" || word == "server_error" => ErrorKind::Transient,
            _ => ErrorKind::Bug,
        }
    }

    /// `grant` is what a refused grant means at this endpoint.
    fn refused(&self, endpoint: &'static str, error: RequestTokenError<Error, BasicErrorResponse>, grant: ErrorKind) -> Error {
        match error {
            RequestTokenError::ServerResponse(refusal) => {
                let detail = format!("{} {}", refusal.error(), refusal.error_description().map_or("", String::as_str));
                Error::new(self.network, endpoint, self.kind_of(refusal.error(), &grant)).detail(detail.trim())
            }
            RequestTokenError::Request(error) => error,
            // The parser's own text may quote the body, and the body holds tokens.
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                Error::new(self.network, endpoint, ErrorKind::Contract).detail("not a token answer")
            }
        }
    }
}

/// A consent page's address: `response_type=code`, `state`, PKCE S256 when there is a verifier, and what a network adds.
pub fn authorize_url(authorize: &Url, client_id: &str, start: &AuthStart, scopes: &[String], extra: &[(&str, &str)]) -> Result<Url> {
    let client = oauth2::basic::BasicClient::new(ClientId::new(client_id.to_owned())).set_auth_uri(AuthUrl::from_url(authorize.clone()));
    let state = start.state.clone();
    let mut request = client
        .authorize_url(move || CsrfToken::new(state))
        .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(start.redirect_uri.clone())))
        .add_scopes(scopes.iter().cloned().map(Scope::new));
    if let Some(verifier) = &start.verifier {
        let verifier = PkceCodeVerifier::new(verifier.expose().to_owned());
        request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
    }
    for (name, value) in extra {
        request = request.add_extra_param((*name).to_owned(), (*value).to_owned());
    }
    Ok(request.url().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        let start = AuthStart {
            redirect_uri: Url::parse("https://hibiki.example/cb").unwrap(),
            state: "s".into(),
            verifier: Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into()),
        };
        let at = Url::parse("https://id.example/auth?tenant=1").unwrap();
        let url = authorize_url(&at, "me", &start, &["openid".into(), "email".into()], &[("prompt", "consent")]).unwrap();
        let has = |key: &str, value: &str| assert!(url.query_pairs().any(|(k, v)| k == key && v == value), "{key}={value} in {url}");
        has("tenant", "1");
        has("response_type", "code");
        has("client_id", "me");
        has("state", "s");
        has("redirect_uri", "https://hibiki.example/cb");
        has("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        has("code_challenge_method", "S256");
        has("scope", "openid email");
        has("prompt", "consent");
    }

    #[test]
    fn what_is_fresh_differs() {
        assert_ne!(new_state(), new_state());
        assert!(new_state().len() >= 22);
        assert!(new_verifier() != new_verifier());
        assert!((43..=128).contains(&new_verifier().expose().len()));
    }
}
