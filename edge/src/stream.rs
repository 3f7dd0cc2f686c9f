//! `/graphql/stream`: distinct connections mode of graphql-sse, one operation per response, for where sockets do not get through (A10).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql_parser::types::OperationType;
use bytes::Bytes;
use futures_util::StreamExt;

use crate::http::{Received, accepts_stream, receive};
use crate::negotiation::Media;
use crate::operation::{self, Answer, Log};
use crate::respond::{respond, start};
use crate::{Code, Edge, Host, Refusal, RequestId, Transport, cors};

/// Answers one operation as events: `next` for each result, `complete` at the end. Refusals that concern the request (who, how much, which
/// type) are plain HTTP; those that concern the document come as a `next`, since a browser's EventSource reads nothing else.
pub async fn stream<H: Host>(edge: Edge<H>, request: HttpRequest, payload: web::Payload) -> HttpResponse {
    let settings = edge.host.settings();
    if let Some(answer) = cors::preflight(&request, settings) {
        return answer;
    }
    let log = Log::start(&edge.host, Transport::Stream, RequestId::of(&request));
    let received = if accepts_stream(&request) {
        receive(&edge, &request, payload, Transport::Stream, &log.request_id).await
    } else {
        Err(Refusal::http(StatusCode::NOT_ACCEPTABLE, "Accept text/event-stream."))
    };
    let received = match received {
        Ok(received) if received.planned.call.kind == OperationType::Subscription => {
            match edge.subscriptions.enter(&received.identity.client, settings.max_subscriptions) {
                Some(place) => Ok(Received { place, ..received }),
                None => Err(Refusal::busy("Too many subscriptions of this client are open.", settings.ping_interval)),
            }
        }
        other => other,
    };
    match received {
        Ok(received) => {
            let request_id = log.request_id.clone();
            opened(&request, settings, &request_id).streaming(events(edge.clone(), received, log))
        }
        Err(refusal) => refuse(&request, &edge, refusal, log),
    }
}

fn refuse<H: Host>(request: &HttpRequest, edge: &Edge<H>, refusal: Refusal, mut log: Log<H>) -> HttpResponse {
    let answer = Answer::refused(refusal, &log.request_id);
    log.note(&answer);
    log.complete();
    if answer.document {
        let events = format!("{}{COMPLETE}", next(&answer));
        return opened(request, edge.host.settings(), &log.request_id).body(events);
    }
    respond(request, edge.host.settings(), &log.request_id, Media::Json, &answer)
}

fn opened(request: &HttpRequest, settings: &crate::Settings, request_id: &str) -> actix_web::HttpResponseBuilder {
    let mut response = start(request, settings, request_id, StatusCode::OK);
    response
        .content_type(Media::EventStream.content_type())
        // Neither our own compression nor a proxy may hold events back.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("x-accel-buffering", "no"));
    response
}

const COMPLETE: &str = "event: complete\ndata:\n\n";

/// JSON has no line breaks of its own, so one `data` line is enough.
fn next(answer: &Answer) -> String {
    format!("event: next\ndata: {}\n\n", answer.to_json())
}

fn events<H: Host>(
    edge: Edge<H>,
    received: Received<H::Caller>,
    mut log: Log<H>,
) -> impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> {
    let Received { identity, planned, place } = received;
    async_stream::stream! {
        // The client's place is given back when the stream is dropped, be it finished or left.
        let _place = place;
        let (host, caller) = (edge.host, identity.caller);
        let settings = host.settings();
        // Headers go out with the first bytes: the client learns at once that it is connected.
        yield Ok(Bytes::from_static(b":\n\n"));
        if planned.call.kind != OperationType::Subscription {
            let answer = operation::run(&host, &caller, planned, &mut log).await;
            log.complete();
            yield Ok(Bytes::from(next(&answer)));
            yield Ok(Bytes::from_static(COMPLETE.as_bytes()));
            return;
        }
        let request_id = log.request_id.clone();
        let results = operation::subscribe(host.clone(), caller.clone(), planned, log);
        let mut results = std::pin::pin!(results);
        let mut ping = every(settings.ping_interval);
        let mut recheck = every(settings.recheck);
        loop {
            tokio::select! {
                () = settings.shutdown.cancelled() => return,
                result = results.next() => match result {
                    Some(answer) => yield Ok(Bytes::from(next(&answer))),
                    None => break,
                },
                _ = ping.tick() => yield Ok(Bytes::from_static(b": ping\n\n")),
                _ = recheck.tick() => if !host.still_valid(&caller).await {
                    let refusal = Refusal::new(Code::Unauthenticated, "The session or token has ended.");
                    yield Ok(Bytes::from(next(&Answer::refused(refusal, &request_id))));
                    break;
                },
            }
        }
        yield Ok(Bytes::from_static(COMPLETE.as_bytes()));
    }
}

/// A clock whose first tick comes after one period.
pub(crate) fn every(period: std::time::Duration) -> tokio::time::Interval {
    let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    interval
}
