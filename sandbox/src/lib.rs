//! The social networks on loopback, in their real wire shapes, for the demo and the tests. Holds everything in memory.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`people`] | who lives here: fixed people for every state that a connector must cope with |
//! | `world` | what has happened: codes, tokens, consents, faults, the log and the virtual clock |
//! | `posts` | what they publish, and how it does |
//! | `facebook` | Meta's dialog and Graph API under `/facebook` |
//! | `youtube` | Google's login, YouTube's Data and Analytics APIs under `/youtube` |
//! | `x` | X under `/x` |
//! | `tiktok`, `twitch`, `pinterest`, `bluesky`, `mastodon` | the same of these |
//! | `blog` | pages of people's own |
//! | `small` | LinkedIn and Reddit: login and profile |
//! | `presence` | where else people are |
//! | `oauth` | the logins of the networks that speak OAuth 2 by the book; `grants` is what they gave out |
//! | `instagram_login` | Instagram's own login under `/instagram` |
//! | `pages` | the login and consent pages |
//! | `webhooks`, `senders` | deliveries signed as the networks sign them, what stands in them, and the checks of an address |
//! | `faults` | answers that go wrong on purpose |
//! | [`crowd`] | many worlds at once, without a socket |
//! | `control` | `/_control/…`: clock, faults, revocations, log, reset |
//!
//! Nothing here is a network: every page says so, and the server refuses these addresses outside demo mode.

mod blog;
mod bluesky;
mod control;
pub mod crowd;
mod facebook;
mod faults;
mod grants;
mod instagram_login;
mod mastodon;
mod oauth;
mod pages;
pub mod people;
mod posts;
mod pinterest;
mod presence;
mod senders;
mod small;
mod tiktok;
mod twitch;
mod webhooks;
mod world;
mod x;
mod youtube;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use chrono::{DateTime, Utc};

pub use faults::Fault;
pub use senders::News;
pub use webhooks::Delivery;
use world::World;
pub use world::{LogEntry, token_hash};

/// The app id that the sandbox knows unless told otherwise.
pub const CLIENT_ID: &str = "1000200030004000";
/// The app secret that goes with it. No secret at all: it opens nothing but this.
pub const CLIENT_SECRET: &str = "sandbox-demo-secret";
/// Where Meta's world begins: `http://HOST:PORT/facebook` is both `auth_base` and `api_base` of `instagram`.
pub const FACEBOOK: &str = "/facebook";

/// The networks that speak OAuth 2 by the book.
const HABITS: &[&oauth::Habits] = &[
    &youtube::HABITS,
    &x::HABITS,
    &tiktok::HABITS,
    &twitch::HABITS,
    &pinterest::HABITS,
    &mastodon::HABITS,
    &instagram_login::HABITS,
    &small::LINKEDIN,
    &small::REDDIT,
];

/// The network whose consent page has this path.
pub(crate) fn habits_of(path: &str) -> Option<&'static oauth::Habits> {
    HABITS.iter().find(|habits| path.strip_prefix('/').and_then(|p| p.strip_prefix(habits.net)) == Some(habits.authorize)).copied()
}

/// Where Instagram's own login begins, for the flavour `instagram_login`.
pub const INSTAGRAM_LOGIN: &str = "/instagram";

/// What the sandbox is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// The app's id.
    pub client_id: String,
    /// The app's secret.
    pub client_secret: String,
    /// The redirect addresses registered for the app; compared exactly.
    pub redirect_uris: Vec<String>,
    /// Makes ids, tokens and figures; the same seed makes the same world, and no other seed the same people.
    pub seed: u64,
    /// The virtual clock's start: then it stands still until it is advanced. `None`: the machine's time, running on.
    pub start: Option<DateTime<Utc>>,
    /// The address that people and servers reach it by, such as `http://127.0.0.1:8081`; `None`: that of the listener.
    pub public_url: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            client_id: CLIENT_ID.into(),
            client_secret: CLIENT_SECRET.into(),
            redirect_uris: Vec::new(),
            seed: 1,
            start: None,
            public_url: None,
        }
    }
}

/// Serves until the process is told to end.
pub async fn serve(listener: TcpListener, options: Options) -> io::Result<()> {
    let (_, server, _) = prepare(listener, options, true)?;
    server.await
}

/// Serves on a free port of loopback until the handle is stopped or dropped. Must be called inside a tokio runtime.
pub fn start(options: Options) -> io::Result<Handle> {
    start_on(TcpListener::bind(("127.0.0.1", 0))?, options)
}

/// The same on a listener of the caller's.
pub fn start_on(listener: TcpListener, options: Options) -> io::Result<Handle> {
    let address = listener.local_addr()?;
    let (world, server, handle) = prepare(listener, options, false)?;
    tokio::spawn(server);
    Ok(Handle { address, server: handle, world })
}

fn prepare(
    listener: TcpListener,
    mut options: Options,
    signals: bool,
) -> io::Result<(Arc<World>, impl Future<Output = io::Result<()>> + Send, ServerHandle)> {
    let address = listener.local_addr()?;
    options.public_url.get_or_insert_with(|| format!("http://{address}"));
    let world = Arc::new(World::new(options));
    let data = web::Data::from(world.clone());
    let server = HttpServer::new(move || App::new().app_data(data.clone()).wrap(from_fn(faults::watch)).configure(routes))
        .workers(1)
        .shutdown_timeout(1);
    let server = if signals { server } else { server.disable_signals() };
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    Ok((world, server, handle))
}

/// Everything that can be asked.
fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(control::routes)
        .service(web::scope(FACEBOOK).configure(facebook::routes))
        .service(web::scope("/x").configure(x::routes))
        .service(web::scope("/tiktok").configure(tiktok::routes))
        .service(web::scope("/twitch").configure(twitch::routes))
        .service(web::scope("/pinterest").configure(pinterest::routes))
        .service(web::scope("/bluesky").configure(bluesky::routes))
        .service(web::scope("/blog").configure(blog::routes))
        .service(web::scope("/mastodon").configure(mastodon::routes))
        .service(
            web::scope(INSTAGRAM_LOGIN)
                .configure(instagram_login::routes)
                .route("/{version}/me", web::get().to(facebook::own_me))
                .configure(facebook::graph),
        )
        .service(web::scope("/linkedin").configure(small::linkedin))
        .service(web::scope("/reddit").configure(small::reddit))
        .service(web::scope("/youtube").configure(youtube::routes))
        .default_service(web::to(pages::front));
}

/// A running sandbox. Dropping it stops it.
pub struct Handle {
    address: SocketAddr,
    server: ServerHandle,
    world: Arc<World>,
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its root, without a slash at the end.
    pub fn url(&self) -> String {
        self.world.public_url()
    }

    /// The base of Meta's world, for `auth_base` and `api_base`.
    pub fn facebook(&self) -> String {
        format!("{}{FACEBOOK}", self.url())
    }

    /// The base of a network's world by the network's id, for all the base addresses of its settings.
    pub fn base(&self, network: &str) -> String {
        format!("{}{}", self.url(), if matches!(network, "instagram" | "facebook") { FACEBOOK.to_owned() } else { format!("/{network}") })
    }

    /// A webhook as the network of this signature header would deliver it: signed over exactly these bytes.
    pub fn webhook(&self, body: String, header: &str) -> Delivery {
        webhooks::delivery(&self.world, body, header)
    }

    /// What a network tells of the account with this id there, signed; none if it tells no such thing.
    pub fn news(&self, network: &str, news: News, account: &str) -> Option<Delivery> {
        senders::delivery(&self.world, network, news, account)
    }

    /// Sends a delivery, as often as the caller likes: the status that comes back.
    pub async fn send(&self, delivery: &Delivery, to: &str) -> io::Result<u16> {
        senders::send(delivery, to).await
    }

    /// Checks as the network does whether an address is the app's.
    pub async fn handshake(&self, network: &str, to: &str) -> io::Result<bool> {
        senders::handshake(&self.world, network, to).await
    }

    /// What the owner of a place writes there: the handle's description, or the head of a page; `blog comment` for what a visitor writes.
    pub fn write(&self, network: &str, place: &str, words: &str) {
        self.world.write(network, place, words);
    }

    /// From now on X speaks as its specification has it since August 2026: `post.fields`, `repost_count`.
    pub fn rename_x(&self) {
        self.world.rename_x();
    }

    /// Registers a redirect address of the app, for callers that learn their own address later.
    pub fn register_redirect(&self, uri: impl Into<String>) {
        self.world.register_redirect(uri.into());
    }

    /// Walks through the consent page at `authorize_url` as `person`, with `unticked` scopes left out; gives the address
    /// that the browser would be sent back to, or the sentence that the page would show.
    pub fn consent(&self, authorize_url: &str, person: &str, unticked: &[&str]) -> Result<String, String> {
        let unticked: Vec<String> = unticked.iter().map(|scope| (*scope).to_owned()).collect();
        control::consent(&self.world, authorize_url, person, &unticked, false)
    }

    /// The same, but the person says no.
    pub fn decline(&self, authorize_url: &str) -> Result<String, String> {
        control::consent(&self.world, authorize_url, "", &[], true)
    }

    /// Moves the virtual clock.
    pub fn advance(&self, by: chrono::Duration) {
        self.world.advance(by);
    }

    /// The virtual time.
    pub fn now(&self) -> DateTime<Utc> {
        self.world.now()
    }

    /// The next `count` requests whose path begins with `path` go wrong.
    pub fn fault(&self, path: &str, fault: Fault, count: u32) {
        self.world.queue_fault(path, fault, count, false);
    }

    /// From now on everything that is read at a network goes wrong so, until [`Handle::heal`]; logins and new tokens do not.
    pub fn fault_reads(&self, network: &str, fault: Fault) {
        let base = self.base(network);
        self.world.queue_fault(base.trim_start_matches(self.url().as_str()), fault, u32::MAX, true);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        self.world.heal();
    }

    /// Every token that was given out, for those who look for them where they must not be.
    pub fn secrets(&self) -> Vec<String> {
        self.world.secrets()
    }

    /// The person takes the grant back at the network.
    pub fn revoke(&self, person: &str) -> bool {
        self.world.end_grants(person, world::End::AppRemoved)
    }

    /// The person changes the password there.
    pub fn change_password(&self, person: &str) -> bool {
        self.world.end_grants(person, world::End::PasswordChanged)
    }

    /// The accounts and Pages whose events were asked for.
    pub fn subscribed(&self) -> Vec<String> {
        self.world.subscribed()
    }

    /// What was asked so far, without tokens.
    pub fn log(&self) -> Vec<LogEntry> {
        self.world.log()
    }

    /// Back to the beginning; registered redirect addresses stay.
    pub fn reset(&self) {
        self.world.reset();
    }

    /// Stops it and waits until it has.
    pub async fn stop(self) {
        self.world.end();
        self.server.stop(false).await;
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // The order is given at once; nobody waits for it here.
        drop(self.server.stop(false));
    }
}
