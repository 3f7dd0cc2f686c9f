//! Codes, refusals, and what becomes of the errors that the library and the resolvers give (A17, B3, B12).

use std::time::Duration;

use actix_web::http::StatusCode;
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use async_graphql_parser::Error as ParseError;

use crate::{Call, Host, limits::Excess};

/// The codes of top-level errors: a closed list that clients may switch on (A17).
#[expect(missing_docs, reason = "the names are the documentation, and they are part of the API")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    NotFound,
    BadUserInput,
    Conflict,
    RateLimited,
    GraphqlParseFailed,
    GraphqlValidationFailed,
    QueryTooComplex,
    PersistedQueryNotFound,
    InternalServerError,
}

impl Code {
    /// As it stands in `extensions.code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::NotFound => "NOT_FOUND",
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::Conflict => "CONFLICT",
            Code::RateLimited => "RATE_LIMITED",
            Code::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Code::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Code::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Code::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Code::InternalServerError => "INTERNAL_SERVER_ERROR",
        }
    }

    /// The status of an answer that this error prevented.
    pub fn status(self) -> StatusCode {
        match self {
            Code::Unauthenticated => StatusCode::UNAUTHORIZED,
            Code::Forbidden => StatusCode::FORBIDDEN,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::Conflict => StatusCode::CONFLICT,
            Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Code::InternalServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Code::BadUserInput
            | Code::GraphqlParseFailed
            | Code::GraphqlValidationFailed
            | Code::QueryTooComplex
            | Code::PersistedQueryNotFound => StatusCode::BAD_REQUEST,
        }
    }
}

/// A request that is turned away before it runs.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// Its `extensions.code`.
    pub code: Code,
    /// What the caller reads.
    pub message: String,
    /// When to come back.
    pub retry_after: Option<Duration>,
    pub(crate) locations: Vec<Pos>,
    pub(crate) status: StatusCode,
    /// The request was fine and its document is not: 200 under `application/json` (A2).
    pub(crate) document: bool,
    /// For 405.
    pub(crate) allow: Option<&'static str>,
}

impl Refusal {
    /// A refusal with the status that belongs to its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
            locations: Vec::new(),
            status: code.status(),
            document: false,
            allow: None,
        }
    }

    /// The credential is wrong, expired or missing: 401.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, message)
    }

    /// Known, and still not allowed: 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// Too much at once: 429.
    pub fn busy(message: impl Into<String>, retry_after: Duration) -> Self {
        Self { retry_after: Some(retry_after), ..Self::new(Code::RateLimited, message) }
    }

    pub(crate) fn http(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, ..Self::new(Code::BadUserInput, message) }
    }

    pub(crate) fn document(code: Code, message: impl Into<String>) -> Self {
        Self { document: true, ..Self::new(code, message) }
    }

    pub(crate) fn at(self, locations: impl IntoIterator<Item = Pos>) -> Self {
        Self { locations: locations.into_iter().collect(), ..self }
    }

    pub(crate) fn into_error(self, request_id: &str) -> ServerError {
        let mut error = ServerError::new(one_line(&self.message), None);
        error.locations = self.locations;
        set_code(&mut error, self.code);
        if let Some(after) = self.retry_after {
            extension(&mut error, "retryAfter", Value::from(seconds(after)));
        }
        extension(&mut error, "requestId", Value::from(request_id));
        error
    }
}

/// Whole seconds, rounded up: never an invitation to come too early.
pub(crate) fn seconds(after: Duration) -> u64 {
    after.as_secs() + u64::from(after.subsec_nanos() > 0)
}

impl From<Excess> for Refusal {
    fn from(excess: Excess) -> Self {
        let code = match excess {
            Excess::TooMany(..) | Excess::TooLong(_) | Excess::Repeated(_) => Code::QueryTooComplex,
            Excess::Cycle(_) => Code::GraphqlValidationFailed,
        };
        Self::document(code, excess.to_string())
    }
}

impl From<ParseError> for Refusal {
    /// The parser's own words are several lines with an excerpt of the document: only the place goes out.
    fn from(error: ParseError) -> Self {
        let (code, message) = match &error {
            ParseError::Syntax { start, .. } => {
                (Code::GraphqlParseFailed, format!("Syntax error at line {}, column {}.", start.line, start.column))
            }
            ParseError::MultipleOperations { .. } => {
                (Code::GraphqlValidationFailed, "A nameless operation must stand alone in its document.".to_owned())
            }
            ParseError::OperationDuplicated { operation, .. } => {
                (Code::GraphqlValidationFailed, format!("There can be only one operation named \"{operation}\"."))
            }
            ParseError::FragmentDuplicated { fragment, .. } => {
                (Code::GraphqlValidationFailed, format!("There can be only one fragment named \"{fragment}\"."))
            }
            ParseError::MissingOperation => (Code::GraphqlValidationFailed, "The document holds no operation.".to_owned()),
            ParseError::RecursionLimitExceeded => (Code::QueryTooComplex, "The document is nested too deep.".to_owned()),
            _ => (Code::GraphqlParseFailed, "Syntax error.".to_owned()),
        };
        Self::document(code, message).at(error.positions())
    }
}

/// Settles the errors of a response: codes, masks, cap, request id. Tells whether it was a request error, one that kept the operation from
/// starting: the library marks those by no data and no path.
pub(crate) fn settle<H: Host>(host: &H, call: &Call, suggestions: bool, response: &mut Response) -> bool {
    let request_error =
        !response.errors.is_empty() && response.data == Value::Null && response.errors.iter().all(|error| error.path.is_empty());
    response.errors.truncate(host.settings().max_errors);
    for error in &mut response.errors {
        if request_error {
            if code_of(error).is_none() {
                set_code(error, validation_code(&error.message));
            }
            if !suggestions && let Some(at) = error.message.find(" Did you mean") {
                error.message.truncate(at);
            }
        } else {
            // Arguments that only the resolver's types can judge fail here, in the library's words.
            if code_of(error).is_none() && is_input(&error.message) {
                set_code(error, Code::BadUserInput);
            }
            host.mask(error, call);
            if code_of(error).is_none() {
                error.message = "Something went wrong on our side. Please quote the request id.".to_owned();
                error.extensions = None;
                set_code(error, Code::InternalServerError);
            }
        }
        error.message = one_line(&error.message);
        extension(error, "requestId", Value::from(call.request_id.as_str()));
    }
    request_error
}

fn is_input(message: &str) -> bool {
    message.starts_with("Failed to parse \"") || message.starts_with("Expected input type \"")
}

fn validation_code(message: &str) -> Code {
    if message.starts_with("Invalid value for argument") || is_input(message) {
        // For a literal this is a matter of validation, for a variable one of coercion; the library does not say which it was.
        Code::BadUserInput
    } else if message.starts_with("The recursion depth")
        || message.starts_with("Query is ")
        || message.starts_with("The amount of aliases")
        || message.starts_with("The number of directives")
    {
        Code::QueryTooComplex
    } else {
        Code::GraphqlValidationFailed
    }
}

pub(crate) fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// When a refused caller may come back, in seconds.
pub(crate) fn retry_after(error: &ServerError) -> Option<u64> {
    match error.extensions.as_ref()?.get("retryAfter")? {
        Value::Number(seconds) => seconds.as_u64(),
        _ => None,
    }
}

fn set_code(error: &mut ServerError, code: Code) {
    extension(error, "code", Value::from(code.as_str()));
}

fn extension(error: &mut ServerError, name: &str, value: Value) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set(name, value);
}

/// Messages repeat the client's own names, which may be long; and logs and headers want one line.
fn one_line(message: &str) -> String {
    const LONGEST: usize = 500;
    let mut line = String::with_capacity(message.len().min(LONGEST));
    for (count, letter) in message.chars().enumerate() {
        if count == LONGEST {
            line.push('…');
            break;
        }
        line.push(if letter.is_control() { ' ' } else { letter });
    }
    line
}
