//! `/graphql/ws`: the `graphql-transport-ws` protocol, one task per socket (A7-A9, B9, B15).
//!
//! Everything of a socket is polled by its one loop, and a result is taken from an operation only once the one before it was handed to the
//! connection: a client that does not read stops its own subscriptions, and no queue grows.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, ProtocolError, Session};
use async_graphql_parser::types::OperationType;
use futures_util::stream::{AbortHandle, LocalBoxStream, SelectAll, abortable};
use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::http::{client, text};
use crate::negotiation::Media;
use crate::operation::{self, Answer, Incoming, Log};
use crate::params::Params;
use crate::respond::respond;
use crate::stream::every;
use crate::{Edge, Host, Identity, Refusal, RequestId, Settings, Transport};

const PROTOCOL: &str = "graphql-transport-ws";

/// Opens a socket. A page may do so from our own or an allowed origin only, since a browser sends cookies along (B9).
pub async fn socket<H: Host>(edge: Edge<H>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let settings = edge.host.settings().clone();
    let origin = request.headers().get("origin").map(|origin| origin.to_str().unwrap_or_default());
    if origin.is_some_and(|origin| !settings.is_own(origin) && !settings.is_allowed(origin)) {
        let id = RequestId::of(&request);
        let answer = Answer::refused(Refusal::forbidden("Sockets cannot be opened from this origin."), &id);
        return respond(&request, &settings, &id, Media::Json, &answer);
    }
    let (response, session, messages) = match actix_ws::handle_with_protocols(&request, payload, &[PROTOCOL]) {
        Ok(opened) => opened,
        Err(error) => return error.error_response(),
    };
    let messages =
        messages.max_frame_size(settings.max_body_bytes).aggregate_continuations().max_continuation_size(settings.max_body_bytes);
    // Legacy subscriptions-transport-ws and everything else: the code can only be told over an open socket (A8).
    let spoken = response.headers().contains_key("sec-websocket-protocol");
    let task = Conversation { edge, upgrade: request, settings, session, acknowledged: None, running: HashMap::new() };
    rt::spawn(async move {
        if spoken {
            task.talk(messages).await;
        } else {
            task.close(Close::new(4406, "Subprotocol not acceptable")).await;
        }
    });
    response
}

/// Why a socket ends.
struct Close(Option<CloseReason>);

impl Close {
    fn new(code: u16, description: impl Into<String>) -> Self {
        Self(Some(CloseReason { code: CloseCode::from(code), description: Some(description.into()) }))
    }

    fn invalid(description: &str) -> Self {
        Self::new(4400, description)
    }
}

struct Conversation<H: Host> {
    edge: Edge<H>,
    upgrade: HttpRequest,
    settings: Settings,
    session: Session,
    acknowledged: Option<Acknowledged<H::Caller>>,
    /// By the client's ids; dropping the stream behind it ends the operation.
    running: HashMap<String, AbortHandle>,
}

struct Acknowledged<C> {
    identity: Identity<C>,
    client_name: Option<String>,
    client_version: Option<String>,
    /// The client's place among its sockets.
    _place: crate::gates::Held,
}

type Operations = SelectAll<LocalBoxStream<'static, (String, Out)>>;

/// What an operation wants sent.
enum Out {
    Next(String),
    /// Ends the operation.
    Error(Box<Answer>),
    Complete,
    /// The caller no longer stands.
    Expired,
}

impl<H: Host> Conversation<H> {
    async fn talk(mut self, mut messages: AggregatedMessageStream) {
        let mut operations = Operations::new();
        let reason = self.until_closed(&mut messages, &mut operations).await;
        // Operations end before the farewell, so that a slow client keeps none alive.
        drop(operations);
        if let Some(reason) = reason {
            self.close(reason).await;
        }
    }

    async fn close(self, reason: Close) {
        let _ = tokio::time::timeout(self.settings.send_timeout, self.session.close(reason.0)).await;
    }

    /// Runs the socket; `None` if the connection is gone already.
    async fn until_closed(&mut self, messages: &mut AggregatedMessageStream, operations: &mut Operations) -> Option<Close> {
        let shutdown = self.settings.shutdown.clone();
        let mut ping = every(self.settings.ping_interval);
        let mut recheck = every(self.settings.recheck);
        let init = tokio::time::sleep(self.settings.init_timeout);
        tokio::pin!(init);
        let mut heard = Instant::now();
        let mut busy = Instant::now();
        loop {
            if !self.running.is_empty() {
                busy = Instant::now();
            }
            let step = tokio::select! {
                () = shutdown.cancelled() => Err(Close::new(1001, "The server is going down")),
                () = &mut init, if self.acknowledged.is_none() => Err(Close::new(4408, "Connection initialisation timeout")),
                message = messages.next() => {
                    heard = Instant::now();
                    match message {
                        None => return None,
                        Some(Ok(message)) => self.hear(message, operations).await,
                        Some(Err(error)) => Err(broken(&error)?),
                    }
                }
                Some((id, out)) = operations.next() => self.tell(id, out).await,
                _ = recheck.tick() => match &self.acknowledged {
                    Some(known) if !self.edge.host.still_valid(&known.identity.caller).await => Err(expired()),
                    _ => Ok(()),
                },
                _ = ping.tick() => {
                    if heard.elapsed() > self.settings.ping_interval * 2 + Duration::from_secs(1) {
                        return None;
                    }
                    if busy.elapsed() > self.settings.socket_idle {
                        Err(Close::new(1000, "Idle"))
                    } else {
                        self.session.ping(b"").await.map_err(|_| Close(None))
                    }
                }
            };
            if let Err(reason) = step {
                return Some(reason);
            }
        }
    }

    async fn hear(&mut self, message: AggregatedMessage, operations: &mut Operations) -> Result<(), Close> {
        let text = match message {
            AggregatedMessage::Text(text) => text,
            AggregatedMessage::Binary(_) => return Err(Close::invalid("Messages are text")),
            AggregatedMessage::Ping(bytes) => {
                return self.session.pong(&bytes).await.map_err(|_| Close(None));
            }
            AggregatedMessage::Pong(_) => return Ok(()),
            // The handshake is answered with the client's own code (A8).
            AggregatedMessage::Close(reason) => return Err(Close(reason)),
        };
        if text.len() > self.settings.max_body_bytes {
            return Err(Close::new(1009, "Message too big"));
        }
        let Ok(Value::Object(mut message)) = serde_json::from_str(&text) else {
            return Err(Close::invalid("Messages are JSON objects"));
        };
        let payload = message.remove("payload");
        match message.get("type").and_then(Value::as_str) {
            Some("connection_init") => self.initialise(object(payload)?).await,
            Some("ping") => {
                let mut pong = json!({ "type": "pong" });
                if let Some(payload) = object(payload)? {
                    pong["payload"] = Value::Object(payload);
                }
                self.send(pong.to_string()).await
            }
            Some("pong") => object(payload).map(|_| ()),
            Some("subscribe") => {
                let id = id(&message)?;
                let payload = object(payload)?.ok_or_else(|| Close::invalid("A subscribe message has a payload"))?;
                self.subscribe(id, payload, operations).await
            }
            Some("complete") => {
                // An unknown id is no fault: the operation may just have ended by itself.
                if let Some(operation) = self.running.remove(&id(&message)?) {
                    operation.abort();
                }
                Ok(())
            }
            _ => Err(Close::invalid("Unknown message type")),
        }
    }

    async fn initialise(&mut self, payload: Option<Map<String, Value>>) -> Result<(), Close> {
        if self.acknowledged.is_some() {
            return Err(Close::new(4429, "Too many initialisation requests"));
        }
        let named =
            |what: &str| payload.as_ref().and_then(|it| it.get(what)).and_then(Value::as_str).map(|it| it.chars().take(100).collect());
        let client_name = client(&self.upgrade, "name").or_else(|| named("clientName"));
        let client_version = client(&self.upgrade, "version").or_else(|| named("clientVersion"));
        let init = payload.map_or(Value::Null, Value::Object);
        let asked = self.edge.host.authenticate_socket(&self.upgrade, &init);
        let identity = tokio::time::timeout(self.settings.request_timeout, asked)
            .await
            .map_err(|_| Close::new(4408, "Connection initialisation timeout"))?
            .map_err(|refusal| Close::new(4403, refusal.message))?;
        // Only a browser is held to its Origin; a cookie without one has lost its guard.
        let own = text(&self.upgrade, "origin").is_some_and(|origin| self.settings.is_own(origin));
        if identity.cookie && !own {
            return Err(Close::new(4403, "Forbidden"));
        }
        let place = self
            .edge
            .sockets
            .enter(&identity.client, self.settings.max_sockets)
            .ok_or_else(|| Close::new(1013, "Too many sockets of this client are open"))?;
        self.acknowledged = Some(Acknowledged { identity, client_name, client_version, _place: place });
        self.send(json!({ "type": "connection_ack" }).to_string()).await
    }

    async fn subscribe(&mut self, id: String, payload: Map<String, Value>, operations: &mut Operations) -> Result<(), Close> {
        let Some(known) = &self.acknowledged else {
            return Err(Close::new(4401, "Unauthorized"));
        };
        if self.running.contains_key(&id) {
            return Err(Close::new(4409, format!("Subscriber for {} already exists", shortened(&id))));
        }
        let params = Params::from_object(payload).map_err(|refusal| Close::invalid(&refusal.message))?;
        let incoming = Incoming {
            params,
            transport: Transport::Socket,
            request_id: RequestId::fresh(),
            client_name: known.client_name.clone(),
            client_version: known.client_version.clone(),
            get: false,
            show_cost: false,
        };
        if self.running.len() >= self.settings.max_operations_per_socket {
            let refusal = Refusal::busy("Too many operations run on this socket.", Duration::from_secs(1));
            let answer = Answer::refused(refusal, &incoming.request_id);
            return self.send(error_message(&id, &answer)).await;
        }
        let (stream, handle) = abortable(operate(self.edge.clone(), known.identity.clone(), incoming));
        self.running.insert(id.clone(), handle);
        operations.push(stream.map(move |out| (id.clone(), out)).boxed_local());
        Ok(())
    }

    async fn tell(&mut self, id: String, out: Out) -> Result<(), Close> {
        match out {
            Out::Next(payload) => {
                // The payload is JSON already: writing it once more into a Value would double the work of a large result.
                self.send(format!(r#"{{"type":"next","id":{},"payload":{payload}}}"#, Value::String(id))).await
            }
            Out::Error(answer) => {
                self.running.remove(&id);
                self.send(error_message(&id, &answer)).await
            }
            Out::Complete => {
                self.running.remove(&id);
                self.send(json!({ "type": "complete", "id": id }).to_string()).await
            }
            Out::Expired => Err(expired()),
        }
    }

    async fn send(&mut self, text: String) -> Result<(), Close> {
        match tokio::time::timeout(self.settings.send_timeout, self.session.text(text)).await {
            Ok(sent) => sent.map_err(|_| Close(None)),
            Err(_) => Err(Close::new(1008, "Messages were not read in time")),
        }
    }
}

/// One operation on a socket, with the same limits and costs as over HTTP.
fn operate<H: Host>(edge: Edge<H>, identity: Identity<H::Caller>, incoming: Incoming) -> impl Stream<Item = Out> {
    async_stream::stream! {
        let host = edge.host;
        let settings = host.settings();
        let request_id = incoming.request_id.clone();
        let mut log = Log::start(&host, Transport::Socket, request_id.clone());
        if !host.still_valid(&identity.caller).await {
            yield Out::Expired;
            return;
        }
        let refuse = |refusal: Refusal, log: &mut Log<H>| {
            let answer = Answer::refused(refusal, &request_id);
            log.note(&answer);
            log.complete();
            Out::Error(Box::new(answer))
        };
        let planned = match operation::plan(&host, &identity.caller, incoming).await {
            Ok(planned) => planned,
            Err(refusal) => {
                yield refuse(refusal, &mut log);
                return;
            }
        };
        let (counter, most) = if planned.call.kind == OperationType::Subscription {
            (&edge.subscriptions, settings.max_subscriptions)
        } else {
            (&edge.running, settings.max_concurrent)
        };
        let Some(_place) = counter.enter(&identity.client, most) else {
            yield refuse(Refusal::busy("Too many operations of this client are running.", Duration::from_secs(1)), &mut log);
            return;
        };
        if planned.call.kind == OperationType::Subscription {
            let results = operation::subscribe(host.clone(), identity.caller, planned, log);
            let mut results = std::pin::pin!(results);
            while let Some(answer) = results.next().await {
                if answer.request_error {
                    yield Out::Error(Box::new(answer));
                    return;
                }
                yield Out::Next(answer.to_json());
            }
        } else {
            let answer = operation::run(&host, &identity.caller, planned, &mut log).await;
            log.complete();
            drop(log);
            if answer.request_error {
                yield Out::Error(Box::new(answer));
                return;
            }
            yield Out::Next(answer.to_json());
        }
        yield Out::Complete;
    }
}

fn error_message(id: &str, answer: &Answer) -> String {
    json!({ "type": "error", "id": id, "payload": answer.response.errors }).to_string()
}

fn expired() -> Close {
    Close::new(4403, "Forbidden")
}

/// `None` if there is nobody left to tell.
fn broken(error: &ProtocolError) -> Option<Close> {
    match error {
        ProtocolError::Overflow => Some(Close::new(1009, "Message too big")),
        ProtocolError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => Some(Close::new(1007, "Text is UTF-8")),
        ProtocolError::Io(error) if error.to_string().contains("continuation") => Some(Close::new(1009, "Message too big")),
        ProtocolError::Io(_) => None,
        _ => Some(Close::new(1002, "Protocol error")),
    }
}

fn object(payload: Option<Value>) -> Result<Option<Map<String, Value>>, Close> {
    match payload {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(payload)) => Ok(Some(payload)),
        Some(_) => Err(Close::invalid("A payload is an object")),
    }
}

fn id(message: &Map<String, Value>) -> Result<String, Close> {
    match message.get("id") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= 128 => Ok(id.clone()),
        _ => Err(Close::invalid("An id is a string of 1 to 128 bytes")),
    }
}

/// A close reason has room for 123 bytes.
fn shortened(id: &str) -> String {
    id.chars().take(20).collect()
}
