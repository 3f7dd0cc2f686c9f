//! A transport without a network: every request is answered by a function. For tests, and for simulations of many accounts.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    error::Result,
    http::{Request, Response, Transport},
};

type Answer = dyn Fn(&Request) -> Result<Response> + Send + Sync;

/// Answers from memory and keeps what was asked.
pub struct Memory {
    answer: Box<Answer>,
    seen: Mutex<Vec<Request>>,
    keep: usize,
}

impl Memory {
    /// Answers by `answer`, and keeps the first 10,000 requests.
    pub fn new(answer: impl Fn(&Request) -> Result<Response> + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), seen: Mutex::default(), keep: 10_000 }
    }

    /// The same without keeping anything: for simulations.
    pub fn forgetful(answer: impl Fn(&Request) -> Result<Response> + Send + Sync + 'static) -> Self {
        Self { keep: 0, ..Self::new(answer) }
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

#[async_trait]
impl Transport for Memory {
    async fn send(&self, request: Request) -> Result<Response> {
        let answer = (self.answer)(&request);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() < self.keep {
            seen.push(request);
        }
        answer
    }
}

impl Response {
    /// An answer made by hand. Headers that no HTTP message can hold are left out.
    pub fn of(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                map.append(name, value);
            }
        }
        Self { status, headers: map, body: body.into() }
    }
}
