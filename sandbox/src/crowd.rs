//! Many worlds that are one network, asked without a socket: for simulations of thousands of accounts.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use actix_web::{App, body::to_bytes, dev::Service, http::Method, middleware::from_fn, test as inside, web};
use chrono::{DateTime, Duration, Utc};
use tokio::sync::{mpsc, oneshot};
use url::Url;

use crate::{Options, control, faults, world::End, world::World};

/// A request as it would have come over the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// The verb.
    pub method: String,
    /// The address, whichever host it names.
    pub url: Url,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers that have text.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whose call it was: the number that [`Crowd::consent`] was given for the grant; none if no secret in it is known.
    pub who: Option<usize>,
}

type Asked = (usize, Call, oneshot::Sender<Answer>);

/// Worlds with one clock. Whose a call is follows from the secrets in it: codes and tokens name the grant that they came from.
pub struct Crowd {
    worlds: Vec<Arc<World>>,
    line: mpsc::UnboundedSender<Asked>,
    /// The number of a grant and its world, by each secret that was given out for it.
    secrets: Mutex<HashMap<String, (usize, usize)>>,
}

impl Crowd {
    /// So many worlds, made from the seeds 1 and up; their clocks stand until they are moved.
    pub fn new(options: &Options, worlds: usize) -> Self {
        let world = |n: usize| Arc::new(World::new(Options { seed: n as u64 + 1, ..options.clone() }));
        let worlds: Vec<Arc<World>> = (0..worlds.max(1)).map(world).collect();
        let (line, calls) = mpsc::unbounded_channel();
        let behind = worlds.clone();
        thread::spawn(move || actix_web::rt::System::new().block_on(answer_all(&behind, calls)));
        Self { worlds, line, secrets: Mutex::default() }
    }

    /// Walks through the consent page at `authorize_url` as `person` of a world; gives the address that the browser would be sent back to.
    /// `who` is the caller's number for the grant.
    pub fn consent(&self, world: usize, authorize_url: &str, person: &str, who: usize) -> Result<String, String> {
        let back = control::consent(self.world(world), authorize_url, person, &[], false)?;
        let url = Url::parse(&back).map_err(|error| error.to_string())?;
        for (_, code) in url.query_pairs().filter(|(name, _)| name == "code") {
            self.learn(code.trim_end_matches("#_"), (who, world));
        }
        Ok(back)
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, call: Call) -> Answer {
        let known = self.grant_of(&call);
        let (answered, answer) = oneshot::channel();
        let over = || Answer { status: 503, headers: Vec::new(), body: Vec::new(), who: None };
        if self.line.send((known.map_or(0, |(_, world)| world), call, answered)).is_err() {
            return over();
        }
        let mut answer = answer.await.unwrap_or_else(|_| over());
        if let Some(known) = known {
            answer.who = Some(known.0);
            tokens_in(&answer.body).iter().for_each(|token| self.learn(token, known));
        }
        answer
    }

    /// The number of the grant that a call's secrets came from.
    pub fn whose(&self, call: &Call) -> Option<usize> {
        self.grant_of(call).map(|(who, _)| who)
    }

    fn grant_of(&self, call: &Call) -> Option<(usize, usize)> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets_of(call).iter().find_map(|secret| secrets.get(secret).copied())
    }

    /// The person takes the app's access back at the network.
    pub fn revoke(&self, world: usize, person: &str) {
        self.world(world).end_grants(person, End::AppRemoved);
    }

    /// The next `count` requests of a world whose path begins with `path` go wrong.
    pub fn fault(&self, world: usize, path: &str, fault: faults::Fault, count: u32) {
        self.world(world).queue_fault(path, fault, count, false);
    }

    /// Moves the clock of all worlds.
    pub fn advance(&self, by: Duration) {
        self.worlds.iter().for_each(|world| world.advance(by));
    }

    /// The time that all clocks tell.
    pub fn now(&self) -> DateTime<Utc> {
        self.world(0).now()
    }

    fn world(&self, n: usize) -> &World {
        &self.worlds[n % self.worlds.len()]
    }

    fn learn(&self, secret: &str, whose: (usize, usize)) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).entry(secret.to_owned()).or_insert(whose);
    }
}

async fn answer_all(worlds: &[Arc<World>], mut calls: mpsc::UnboundedReceiver<Asked>) {
    let mut doors = HashMap::new();
    while let Some((world, call, answered)) = calls.recv().await {
        let door = match doors.entry(world) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let data = web::Data::from(worlds[world % worlds.len()].clone());
                let app = App::new().app_data(data).wrap(from_fn(faults::watch)).configure(crate::routes);
                place.insert(inside::init_service(app).await)
            }
        };
        let path = &call.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = inside::TestRequest::with_uri(path).method(Method::from_bytes(call.method.as_bytes()).unwrap_or_default());
        for (name, value) in &call.headers {
            request = request.insert_header((name.as_str(), value.as_str()));
        }
        let request = request.set_payload(call.body).to_request();
        let answer = match door.call(request).await {
            Ok(response) => {
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                let headers = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
                let headers = headers.collect();
                match to_bytes(response.into_body()).await {
                    Ok(body) => Answer { status, headers, body: body.to_vec(), who: None },
                    Err(_) => continue,
                }
            }
            Err(_) => continue,
        };
        // Whoever asked may have gone.
        drop(answered.send(answer));
    }
}

/// The names that secrets go by in queries and forms.
const NAMES: [&str; 6] = ["access_token", "refresh_token", "code", "token", "input_token", "fb_exchange_token"];

fn secrets_of(call: &Call) -> Vec<String> {
    let bearer = call.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let mut found: Vec<String> = bearer.filter_map(|(_, value)| Some(value.split_once(' ')?.1.to_owned())).collect();
    let pairs = call.url.query_pairs().chain(url::form_urlencoded::parse(&call.body));
    found.extend(pairs.filter(|(name, _)| NAMES.contains(&&**name)).map(|(_, value)| value.into_owned()));
    found
}

fn tokens_in(body: &[u8]) -> Vec<String> {
    fn walk(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(map) => {
                for (name, inner) in map {
                    match inner.as_str() {
                        Some(text) if name == "access_token" || name == "refresh_token" => found.push(text.to_owned()),
                        _ => walk(inner, found),
                    }
                }
            }
            serde_json::Value::Array(rows) => rows.iter().for_each(|row| walk(row, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    // Most answers hold none, and are not read a second time for nothing.
    if body.windows(6).any(|part| part == b"_token") {
        walk(&serde_json::from_slice(body).unwrap_or_default(), &mut found);
    }
    found
}
