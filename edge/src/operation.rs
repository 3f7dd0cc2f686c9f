//! One operation from its parameters to its answer, whatever transport it came by: plan (limits, choice, refusals), then run or subscribe.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::http::StatusCode;
use async_graphql::{Executor, Request, Response, Value};
use async_graphql_parser::Positioned;
use async_graphql_parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType};
use futures_util::{FutureExt, Stream, StreamExt};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::params::Params;
use crate::{Call, Code, Finished, Host, Refusal, Throttle, Transport, documents, errors, limits, variables};

/// An operation's line in the log, written when this is dropped: also when the client left in the middle.
pub(crate) struct Log<H: Host> {
    host: H,
    pub call: Option<Call>,
    pub request_id: String,
    transport: Transport,
    requested: u64,
    actual: u64,
    codes: Vec<String>,
    completed: bool,
    started: Instant,
}

impl<H: Host> Log<H> {
    pub fn start(host: &H, transport: Transport, request_id: String) -> Self {
        Self {
            host: host.clone(),
            call: None,
            request_id,
            transport,
            requested: 0,
            actual: 0,
            codes: Vec::new(),
            completed: false,
            started: Instant::now(),
        }
    }

    /// Remembers the codes of an answer that goes out.
    pub fn note(&mut self, answer: &Answer) {
        for code in answer.response.errors.iter().filter_map(errors::code_of) {
            if !self.codes.iter().any(|known| known == code) {
                self.codes.push(code.to_owned());
            }
        }
    }

    pub fn complete(&mut self) {
        self.completed = true;
    }
}

impl<H: Host> Drop for Log<H> {
    fn drop(&mut self) {
        self.host.log(&Finished {
            call: self.call.as_ref(),
            request_id: &self.request_id,
            transport: self.transport,
            requested_cost: self.requested,
            actual_cost: self.actual,
            duration: self.started.elapsed(),
            codes: std::mem::take(&mut self.codes),
            completed: self.completed,
        });
    }
}

/// What came in, still unread.
pub(crate) struct Incoming {
    pub params: Params,
    pub transport: Transport,
    pub request_id: String,
    pub client_name: Option<String>,
    pub client_version: Option<String>,
    /// A GET: queries (and, on a stream, subscriptions) only (A4).
    pub get: bool,
    pub show_cost: bool,
}

/// An operation that passed every check that needs no budget and no schema.
pub(crate) struct Planned {
    request: Request,
    pub call: Call,
    cost: u64,
    show_cost: bool,
    suggestions: bool,
}

/// Reads the document and refuses what is wrong, too much or not for this caller. Nothing here is slower than linear in the bytes given.
pub(crate) async fn plan<H: Host>(host: &H, caller: &H::Caller, incoming: Incoming) -> Result<Planned, Refusal> {
    let settings = host.settings();
    let Incoming { mut params, transport, request_id, client_name, client_version, get, show_cost } = incoming;
    if settings.require_client_name && client_name.is_none() {
        return Err(Refusal::new(Code::BadUserInput, "Name your client in the header GraphQL-Client-Name."));
    }
    let source = source(host, &mut params).await?;
    limits::lex(&source, &settings.limits)?;
    let document = documents::parsed(&source)?;
    let measured = limits::measure(&document, &params.variables, &settings.limits)?;

    let (name, operation) = choose(&document, params.operation_name.as_deref())?;
    let kind = operation.node.ty;
    if get && kind == OperationType::Mutation {
        return Err(Refusal { allow: Some("POST"), ..Refusal::http(StatusCode::METHOD_NOT_ALLOWED, "Mutations need POST.") });
    }
    if transport == Transport::Http && kind == OperationType::Subscription {
        return Err(Refusal::document(Code::BadUserInput, "Subscriptions need a socket, or an Accept header of text/event-stream."));
    }
    if settings.require_operation_name && name.is_none() {
        return Err(Refusal::document(Code::BadUserInput, "Give the operation a name."));
    }
    let may_introspect = host.may_introspect(caller);
    if measured.introspects && !may_introspect {
        return Err(Refusal::document(Code::Forbidden, "Introspection is not open to this caller; the schema can be downloaded instead."));
    }
    variables::check(&operation.node, &params.variables)?;

    let cost = measured.costs.get(name.unwrap_or_default()).copied().unwrap_or(1);
    let call = Call { request_id, transport, kind, operation: name.map(str::to_owned), client_name, client_version };
    let show_cost = show_cost || params.extensions.get("cost").and_then(serde_json::Value::as_bool) == Some(true);
    let mut request = Request::new(source).variables(params.variables);
    request.operation_name = call.operation.clone();
    request.set_parsed_query(ExecutableDocument::clone(&document));
    if !may_introspect {
        request = request.disable_introspection();
    }
    Ok(Planned { request, call, cost, show_cost, suggestions: may_introspect })
}

/// The document's text: as sent, or by its id (A26).
async fn source<H: Host>(host: &H, params: &mut Params) -> Result<String, Refusal> {
    let only_stored = host.settings().only_stored_documents;
    match (params.query.take(), &params.document_id) {
        (Some(query), Some(id)) if !only_stored => {
            // Apollo's automatic persisted queries: what is sent with its hash is known by it afterwards.
            if let Some(hash) = id.strip_prefix("sha256:") {
                if !hex::encode(Sha256::digest(query.as_bytes())).eq_ignore_ascii_case(hash) {
                    return Err(Refusal::document(Code::BadUserInput, "The hash is not that of the document."));
                }
                host.keep_document(&id.to_ascii_lowercase(), &query).await;
            }
            Ok(query)
        }
        (Some(query), None) if !only_stored => Ok(query),
        (_, Some(id)) => host
            .stored_document(id)
            .await
            .ok_or_else(|| Refusal::document(Code::PersistedQueryNotFound, "No document is stored under this id.")),
        (_, None) => Err(Refusal::document(Code::PersistedQueryNotFound, "Only stored documents are accepted; name one by documentId.")),
    }
}

fn choose<'a>(
    document: &'a ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'a str>, &'a Positioned<OperationDefinition>), Refusal> {
    match (&document.operations, wanted) {
        (DocumentOperations::Single(operation), None) => Ok((None, operation)),
        (DocumentOperations::Multiple(operations), None) => match operations.iter().next() {
            Some((name, operation)) if operations.len() == 1 => Ok((Some(name.as_str()), operation)),
            _ => Err(Refusal::document(Code::BadUserInput, "The document holds several operations: choose one by operationName.")),
        },
        (DocumentOperations::Multiple(operations), Some(wanted)) if operations.contains_key(wanted) => {
            operations.get_key_value(wanted).map(|(name, operation)| (Some(name.as_str()), operation)).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

fn unknown() -> Refusal {
    Refusal::document(Code::BadUserInput, "The document holds no operation of the name given as operationName.")
}

/// What goes out.
pub(crate) struct Answer {
    pub response: Response,
    /// The operation never started: no `data` (A3).
    pub request_error: bool,
    /// The status, where the media type lets it speak.
    pub status: StatusCode,
    /// See [`Refusal`]: 200 under `application/json`.
    pub document: bool,
    pub retry_after: Option<u64>,
    pub allow: Option<&'static str>,
}

impl Answer {
    pub fn refused(refusal: Refusal, request_id: &str) -> Self {
        Self {
            request_error: true,
            status: refusal.status,
            document: refusal.document,
            retry_after: refusal.retry_after.map(errors::seconds),
            allow: refusal.allow,
            response: Response::from_errors(vec![refusal.into_error(request_id)]),
        }
    }

    fn of<H: Host>(host: &H, planned: &Shown, mut response: Response) -> Self {
        let request_error = errors::settle(host, &planned.call, planned.suggestions, &mut response);
        // A resolver's own limit tells when there is room again, as the budget does.
        let retry_after = response.errors.iter().filter_map(errors::retry_after).max();
        Self {
            response,
            request_error,
            status: if request_error { StatusCode::BAD_REQUEST } else { StatusCode::OK },
            document: true,
            retry_after,
            allow: None,
        }
    }

    /// The answer as JSON. A request error has no `data` entry; anything else has one, if only `null`.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'a [async_graphql::ServerError],
            #[serde(skip_serializing_if = "Option::is_none")]
            data: Option<&'a Value>,
            #[serde(skip_serializing_if = "std::collections::BTreeMap::is_empty")]
            extensions: &'a std::collections::BTreeMap<String, Value>,
        }
        let body = Body {
            errors: &self.response.errors,
            data: (!self.request_error).then_some(&self.response.data),
            extensions: &self.response.extensions,
        };
        serde_json::to_string(&body).unwrap_or_else(|_| {
            r#"{"errors":[{"message":"The answer could not be written.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}"#.to_owned()
        })
    }
}

/// What is left of a plan once its request is on the way.
struct Shown {
    call: Call,
    suggestions: bool,
}

/// Runs a query or mutation: takes its cost, executes it within the time allowed, gives back what was not spent.
pub(crate) async fn run<H: Host>(host: &H, caller: &H::Caller, planned: Planned, log: &mut Log<H>) -> Answer {
    let Planned { request, call, cost, show_cost, suggestions } = planned;
    let settings = host.settings();
    log.requested = cost;
    log.call = Some(call.clone());
    let admitted = match host.admit(caller, cost).await {
        Ok(throttle) => throttle,
        Err(limited) => {
            let answer = Answer::refused(over_budget(limited), &call.request_id);
            log.note(&answer);
            return answer;
        }
    };
    let request = host.prepare(request, caller, &call);
    let mutation = call.kind == OperationType::Mutation;
    let shown = Shown { call, suggestions };
    let executed = AssertUnwindSafe(host.schema().execute(request)).catch_unwind();
    // Dropping the future at the deadline, or with the client's connection, cancels what it waits for (B5).
    let mut answer = match tokio::time::timeout(settings.request_timeout, executed).await {
        Ok(Ok(response)) => Answer::of(host, &shown, response),
        Ok(Err(_panic)) => Answer::refused(
            Refusal::new(Code::InternalServerError, "Something went wrong on our side. Please quote the request id."),
            &shown.call.request_id,
        ),
        Err(_elapsed) => Answer::refused(
            Refusal {
                status: StatusCode::GATEWAY_TIMEOUT,
                ..Refusal::new(
                    Code::InternalServerError,
                    format!("The operation ran longer than {} s and was stopped.", errors::seconds(settings.request_timeout)),
                )
            },
            &shown.call.request_id,
        ),
    };
    // A mutation, a fault and a timeout did their work whatever came out of it.
    let actual = if mutation || answer.status.is_server_error() {
        cost
    } else {
        limits::actual_cost(&answer.response.data, &settings.limits.pricing).min(cost)
    };
    log.actual = actual;
    let throttle = host.settle(caller, admitted, cost, actual);
    if show_cost || settings.always_show_cost {
        answer.response.extensions.insert("cost".to_owned(), shown_cost(cost, actual, throttle));
    }
    log.note(&answer);
    answer
}

/// Starts a subscription. Its cost is taken once, at the start: what it sends afterwards is the server's doing.
pub(crate) fn subscribe<H: Host>(host: H, caller: H::Caller, planned: Planned, mut log: Log<H>) -> impl Stream<Item = Answer> {
    async_stream::stream! {
        let Planned { request, call, cost, show_cost, suggestions } = planned;
        log.requested = cost;
        log.actual = cost;
        log.call = Some(call.clone());
        let throttle = match host.admit(&caller, cost).await {
            Ok(throttle) => throttle,
            Err(limited) => {
                let answer = Answer::refused(over_budget(limited), &call.request_id);
                log.note(&answer);
                yield answer;
                return;
            }
        };
        let request = host.prepare(request, &caller, &call);
        let shown = Shown { call, suggestions };
        let events = host.schema().execute_stream(request, None);
        let mut events = AssertUnwindSafe(events).catch_unwind();
        let mut first = true;
        while let Some(event) = events.next().await {
            let mut answer = match event {
                Ok(response) => Answer::of(&host, &shown, response),
                Err(_panic) => Answer::refused(
                    Refusal::new(Code::InternalServerError, "Something went wrong on our side. Please quote the request id."),
                    &shown.call.request_id,
                ),
            };
            if first && (show_cost || host.settings().always_show_cost) {
                answer.response.extensions.insert("cost".to_owned(), shown_cost(cost, cost, throttle));
            }
            first = false;
            log.note(&answer);
            let over = answer.request_error;
            yield answer;
            if over {
                break;
            }
        }
        log.complete();
    }
}

fn over_budget(limited: crate::RateLimited) -> Refusal {
    Refusal::busy("The budget for this caller is spent for now.", limited.retry_after)
}

fn shown_cost(requested: u64, actual: u64, throttle: Throttle) -> Value {
    async_graphql::value!({
        "requestedQueryCost": requested,
        "actualQueryCost": actual,
        "throttleStatus": {
            "maximumAvailable": throttle.maximum_available,
            "currentlyAvailable": throttle.currently_available,
            "restoreRate": throttle.restore_rate,
        }
    })
}
