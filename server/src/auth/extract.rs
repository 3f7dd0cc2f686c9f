//! From a request to an actor: the only door. The person is looked up once per request.

use std::{future::Future, pin::Pin, rc::Rc};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use entity::ids::OrgId;
use tokio::sync::OnceCell;

use super::{
    actors::{self, Admin, Creator, Member, Person},
    sessions::{self, Device},
};
use crate::{
    app::App,
    error::{Error, Result},
};

type Later<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// The product behind a request.
pub fn app(request: &HttpRequest) -> Result<App> {
    match request.app_data::<web::Data<App>>() {
        Some(app) => Ok(app.get_ref().clone()),
        None => Err(anyhow::anyhow!("the server was built without its App").into()),
    }
}

/// Who sent the request by session cookie, if anybody. Portal pages know no bearer tokens.
pub async fn visitor(request: &HttpRequest) -> Result<Option<Person>> {
    #[derive(Clone, Default)]
    struct Known(Rc<OnceCell<Option<Person>>>);
    let known = {
        let mut kept = request.extensions_mut();
        match kept.get::<Known>() {
            Some(known) => known.clone(),
            None => {
                let known = Known::default();
                kept.insert(known.clone());
                known
            }
        }
    };
    // A handler's extractors run side by side: the second waits for what the first has asked.
    let person = known.0.get_or_try_init(async || {
        let app = app(request)?;
        match request.cookie(sessions::cookie_name(&app.config)) {
            Some(cookie) => sessions::person(&app, cookie.value()).await,
            None => Ok(None),
        }
    });
    Ok(person.await?.clone())
}

/// Where a request comes from: the peer, or what a trusted proxy says.
pub fn ip(request: &HttpRequest, app: &App) -> String {
    let Some(peer) = request.peer_addr().map(|a| a.ip()) else { return "unknown".into() };
    if app.config.trusted_proxies.contains(&peer)
        && let Some(forwarded) = request.headers().get("X-Forwarded-For").and_then(|v| v.to_str().ok())
        // The last entry is the one that our own proxy wrote.
        && let Some(Ok(ip)) = forwarded.rsplit(',').next().map(|s| s.trim().parse::<std::net::IpAddr>())
    {
        return ip.to_string();
    }
    peer.to_string()
}

/// The browser that sent the request.
pub fn device(request: &HttpRequest, app: &App) -> Device {
    let user_agent = request.headers().get("User-Agent").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    Device { user_agent, ip: ip(request, app) }
}

impl FromRequest for Device {
    type Error = Error;
    type Future = Later<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(device(&request, &app(&request)?)) })
    }
}

impl FromRequest for Person {
    type Error = Error;
    type Future = Later<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { visitor(&request).await?.ok_or(Error::SignIn) })
    }
}

impl FromRequest for Creator {
    type Error = Error;
    type Future = Later<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let person = visitor(&request).await?.ok_or(Error::SignIn)?;
            actors::creator(app(&request)?.db(), person).await
        })
    }
}

/// The organisation is the path's `{org}`.
impl FromRequest for Member {
    type Error = Error;
    type Future = Later<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let person = visitor(&request).await?.ok_or(Error::SignIn)?;
            let org: OrgId = request.match_info().get("org").and_then(|t| t.parse().ok()).ok_or(Error::NotFound)?;
            let app = app(&request)?;
            actors::member(app.db(), person, org, app.clock.now()).await
        })
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = Later<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { actors::admin(visitor(&request).await?.ok_or(Error::SignIn)?) })
    }
}
