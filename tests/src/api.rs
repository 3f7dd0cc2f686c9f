//! A frontend's view: GraphQL over HTTP.

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// The smallest picture there is: one pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

/// A caller of the API.
#[derive(Clone)]
pub struct Api {
    client: Client,
    url: String,
    token: Option<String>,
    cookie: Option<String>,
    actor: Option<String>,
    language: Option<String>,
}

impl Api {
    /// Called by nobody.
    pub fn new(url: &str) -> Self {
        let client =
            Client::builder().redirect(reqwest::redirect::Policy::none()).tls_built_in_root_certs(false).build().expect("a client");
        Self { client, url: url.to_owned(), token: None, cookie: None, actor: None, language: None }
    }

    /// With a bearer token.
    pub fn bearer(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), cookie: None, ..self.clone() }
    }

    /// By a browser's session cookie (`name=value`), from a page of our own.
    pub fn cookie(&self, cookie: &str) -> Self {
        Self { cookie: Some(cookie.to_owned()), token: None, ..self.clone() }
    }

    /// The same caller at another server.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// As one of the session's actors: `Hibiki-Actor`.
    pub fn acting(&self, actor: impl std::fmt::Display) -> Self {
        Self { actor: Some(actor.to_string()), ..self.clone() }
    }

    /// In another language.
    pub fn language(&self, language: &str) -> Self {
        Self { language: Some(language.to_owned()), ..self.clone() }
    }

    /// The bearer token, if it has one.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Uploads a picture that proves figures.
    pub async fn upload_proof(&self, bytes: &[u8]) -> (u16, Value) {
        self.upload_to("/uploads?for=proof", bytes, "proof.png").await
    }

    /// Uploads a file: the status, and what was said.
    pub async fn upload(&self, bytes: &[u8], name: &str) -> (u16, Value) {
        self.upload_to("/uploads", bytes, name).await
    }

    async fn upload_to(&self, path: &str, bytes: &[u8], name: &str) -> (u16, Value) {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        let request = self.request(reqwest::Method::POST, path).header("Content-Type", "multipart/form-data; boundary=edge");
        let answer = request.body(body).send().await.expect("an answer");
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// A request to a path of the server as this caller, to be filled and sent.
    pub fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        let mut request = self.client.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie).header("Origin", &self.url).header("Sec-Fetch-Site", "same-origin");
        }
        if let Some(actor) = &self.actor {
            request = request.header("Hibiki-Actor", actor);
        }
        if let Some(language) = &self.language {
            request = request.header("Accept-Language", language);
        }
        request
    }

    /// Runs an operation.
    pub async fn call(&self, query: &str, variables: Value) -> Answer {
        let request = self.request(reqwest::Method::POST, "/graphql").header("Accept", "application/graphql-response+json");
        let response = request.json(&json!({ "query": query, "variables": variables })).send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}, not JSON: {text}"));
        Answer { status, body }
    }

    /// Runs a query without variables that must succeed; gives its `data`.
    pub async fn ask(&self, query: &str) -> Value {
        self.call(query, json!({})).await.ok()
    }

    /// Runs one mutation with its `input` that must succeed; gives its payload. `fields` are what is selected of it.
    pub async fn did(&self, mutation: &str, input: Value, fields: &str) -> Value {
        self.tried(mutation, input, fields).await.ok()[mutation].clone()
    }

    /// Runs one mutation with its `input`, whatever comes of it.
    pub async fn tried(&self, mutation: &str, input: Value, fields: &str) -> Answer {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        self.tried_as(mutation, &kind, input, fields).await
    }

    /// As [`Api::did`], where the input's type is named otherwise than its mutation.
    pub async fn did_as(&self, mutation: &str, kind: &str, input: Value, fields: &str) -> Value {
        self.tried_as(mutation, kind, input, fields).await.ok()[mutation].clone()
    }

    /// As [`Api::tried`], where the input's type is named otherwise than its mutation.
    pub async fn tried_as(&self, mutation: &str, kind: &str, input: Value, fields: &str) -> Answer {
        let query =
            format!("mutation ($input: {kind}!) {{ {mutation}(input: $input) {{ {fields} userErrors {{ code message field }} }} }}");
        self.call(&query, json!({ "input": input })).await
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The whole body.
    pub body: Value,
}

impl Answer {
    /// The data of an operation that succeeded: no errors, no user errors.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.body["errors"].is_null(), "{}", self.pretty());
        assert_eq!(self.status, StatusCode::OK, "{}", self.pretty());
        assert!(self.user_errors().is_empty(), "{}", self.pretty());
        self.body["data"].clone()
    }

    /// What the caller can mend, of the first mutation: code, message, field.
    pub fn user_errors(&self) -> Vec<UserError> {
        let payloads = self.body["data"].as_object().into_iter().flat_map(|data| data.values());
        payloads.flat_map(|payload| payload["userErrors"].as_array().cloned().unwrap_or_default()).map(UserError).collect()
    }

    /// The codes of the user errors, each with the last part of its field: `email=INVALID`, `=EXPIRED`.
    pub fn refusals(&self) -> Vec<String> {
        assert!(self.body["errors"].is_null(), "{}", self.pretty());
        self.user_errors().iter().map(|e| format!("{}={}", e.field(), e.code())).collect()
    }

    /// The code of the first top-level error; empty if there is none.
    pub fn code(&self) -> &str {
        self.body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
    }

    fn pretty(&self) -> String {
        format!("{} {}", self.status, serde_json::to_string_pretty(&self.body).unwrap_or_default())
    }
}

/// One user error.
#[derive(Clone, Debug)]
pub struct UserError(Value);

impl UserError {
    /// The stable code.
    pub fn code(&self) -> &str {
        self.0["code"].as_str().unwrap_or_default()
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        self.0["message"].as_str().unwrap_or_default()
    }

    /// The path below `input`; empty for the whole.
    pub fn field(&self) -> String {
        let parts = self.0["field"].as_array().cloned().unwrap_or_default();
        parts.iter().skip(1).filter_map(Value::as_str).collect::<Vec<_>>().join(".")
    }
}
