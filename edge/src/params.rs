//! The parameters of a request: from a JSON body, a query string or a socket message, each of the right kind or refused (A4, A6, A26).

use actix_web::http::StatusCode;
use async_graphql::Variables;
use serde_json::{Map, Value};

use crate::Refusal;

/// What a client asks for.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub query: Option<String>,
    pub document_id: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Variables,
    pub extensions: Map<String, Value>,
}

impl Params {
    /// From a JSON body.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        let body: Value = serde_json::from_slice(body).map_err(|_| bad("The body is not JSON."))?;
        match body {
            Value::Object(entries) => Self::from_object(entries),
            Value::Array(_) => Err(bad("Batches are not accepted: send one operation per request.")),
            _ => Err(bad("The body must be a JSON object.")),
        }
    }

    /// From a query string, where `variables` and `extensions` are JSON texts.
    pub fn from_query_string(text: &str) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|_| bad("The query string cannot be read."))?;
        let mut entries = Map::new();
        for (name, value) in pairs {
            let value = match name.as_str() {
                "query" | "operationName" | "documentId" => Value::String(value),
                "variables" | "extensions" => serde_json::from_str(&value).map_err(|_| bad(format!("\"{name}\" is not JSON.")))?,
                _ => continue,
            };
            if entries.insert(name.clone(), value).is_some() {
                return Err(bad(format!("\"{name}\" is given twice.")));
            }
        }
        Self::from_object(entries)
    }

    /// From a JSON object.
    pub fn from_object(mut entries: Map<String, Value>) -> Result<Self, Refusal> {
        let mut text = |name: &str| match entries.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(format!("\"{name}\" must be a string."))),
        };
        let (query, mut document_id, operation_name) = (text("query")?, text("documentId")?, text("operationName")?);
        let mut map = |name: &str| match entries.remove(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(bad(format!("\"{name}\" must be an object."))),
        };
        let (variables, extensions) = (map("variables")?, map("extensions")?);
        if document_id.is_none()
            && let Some(hash) = extensions.get("persistedQuery").and_then(|it| it.get("sha256Hash")).and_then(Value::as_str)
        {
            document_id = Some(format!("sha256:{hash}"));
        }
        if query.is_none() && document_id.is_none() {
            return Err(bad("\"query\" is missing."));
        }
        Ok(Self { query, document_id, operation_name, variables: Variables::from_json(Value::Object(variables)), extensions })
    }
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::http(StatusCode::BAD_REQUEST, message)
}
