//! The way out of the process that leads back into it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use connectors::{Request, Response, Transport};
use sandbox::crowd::{Answer, Call, Crowd};
use server::config::SyncConfig;

use super::{is_out, watch::Watch};
use crate::stage::beginning;

/// Asks the crowd and has every call watched.
pub(super) struct Outside {
    crowd: Arc<Crowd>,
    watch: Mutex<Watch>,
}

impl Outside {
    pub fn new(crowd: Arc<Crowd>, watch: Watch) -> Self {
        Self { crowd, watch: watch.into() }
    }

    pub fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the installation may use in all.
    pub fn limits(&self, config: &SyncConfig) {
        self.watch().allow(config);
    }

    /// How far it is, in words.
    pub fn line(&self) -> String {
        let watch = self.watch();
        let last = watch.broken.last().map(|rule| format!(", the last {rule}")).unwrap_or_default();
        format!("{:>9} calls, {} rules broken{last}", watch.calls, watch.broken.len())
    }
}

/// A request in the crowd's words.
pub(crate) fn call(request: Request) -> Call {
    let headers = request.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    Call { method: request.method.to_string(), url: request.url, headers: headers.collect(), body: request.body }
}

/// An answer in the connectors' words.
pub(crate) fn response(answer: Answer) -> Response {
    let headers: Vec<(&str, &str)> = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Response::of(answer.status, &headers, answer.body)
}

#[async_trait]
impl Transport for Outside {
    async fn send(&self, request: Request) -> connectors::Result<Response> {
        let call = call(request);
        let at = self.crowd.now();
        let answer = if is_out(beginning(), at) && call.url.path().starts_with("/tiktok") {
            let who = self.crowd.whose(&call);
            Answer { status: 503, headers: Vec::new(), body: b"<!doctype html>".to_vec(), who }
        } else {
            self.crowd.ask(call.clone()).await
        };
        self.watch().noted(at, &call, &answer);
        Ok(response(answer))
    }
}
