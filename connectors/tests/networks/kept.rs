//! A transport that keeps what went through it.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use hibiki_connectors::{Http, HttpLimits, Request, Response, Result, Transport};

/// HTTP that keeps requests with their answers, and may ask the mock server for a certain status.
pub struct Kept {
    http: Http,
    /// `Prefer: code=…`.
    pub prefer: Mutex<Option<u16>>,
    seen: Mutex<Vec<(Request, Response)>>,
}

impl Kept {
    pub fn new(limits: HttpLimits) -> Arc<Self> {
        Arc::new(Self { http: Http::new(limits).unwrap(), prefer: Mutex::default(), seen: Mutex::default() })
    }

    /// What went through since the last time.
    pub fn taken(&self) -> Vec<(Request, Response)> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

#[async_trait]
impl Transport for Kept {
    async fn send(&self, request: Request) -> Result<Response> {
        let prefer = *self.prefer.lock().unwrap();
        let request = match prefer {
            Some(code) => request.with("prefer", &format!("code={code}")),
            None => request,
        };
        let answer = self.http.send(request.clone()).await?;
        self.seen.lock().unwrap().push((request, answer.clone()));
        Ok(answer)
    }
}
