//! What the host may set: limits, origins, times and sizes.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Limits;

/// Everything that can be set at the edge. The defaults are fit for production, but know no origin of their own.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits on the document, checked before validation (B1, B2).
    pub limits: Limits,
    /// Bytes of an HTTP body, a GET's query string or a socket message (A6).
    pub max_body_bytes: usize,
    /// Errors in one answer (B3).
    pub max_errors: usize,
    /// The origins this server itself is reached by (`https://example.org`): a cookie counts for these alone (B7, B9).
    pub own_origins: Vec<String>,
    /// Other origins whose scripts may read answers and open sockets, never with cookies over HTTP (B8).
    pub allowed_origins: Vec<String>,
    /// Lower-case request headers that a script of an allowed origin may send, beside `content-type` and `authorization`.
    pub allowed_headers: Vec<String>,
    /// Lower-case headers that only a script can set: one of them lets a cookie count where `Sec-Fetch-Site` and `Origin` are absent (B7).
    pub csrf_headers: Vec<String>,
    /// A query or mutation that runs longer is dropped (B5).
    pub request_timeout: Duration,
    /// HTTP operations, and operations of sockets, that one client may have running at once (B5).
    pub max_concurrent: usize,
    /// Refuse operations without a name (A32; off).
    pub require_operation_name: bool,
    /// Refuse HTTP requests without a client name header (A32; off).
    pub require_client_name: bool,
    /// Refuse documents that are not stored (A26; off).
    pub only_stored_documents: bool,
    /// Put `extensions.cost` into every answer, not just where the request has a `GraphQL-Cost: 1` header (A27).
    pub always_show_cost: bool,
    /// How long a socket may stay without `connection_init` (4408).
    pub init_timeout: Duration,
    /// Time between pings of sockets and event streams. A socket that is silent for two of them is closed.
    pub ping_interval: Duration,
    /// A socket without a running operation is closed after this time.
    pub socket_idle: Duration,
    /// How often a socket or event stream asks whether its caller still stands.
    pub recheck: Duration,
    /// How long a client may leave a message unread before it is dropped (B15).
    pub send_timeout: Duration,
    /// Sockets per client.
    pub max_sockets: usize,
    /// Running operations per socket.
    pub max_operations_per_socket: usize,
    /// Subscriptions per client, over all its sockets and streams.
    pub max_subscriptions: usize,
    /// Cancel it to close every socket with 1001 and to end every event stream.
    pub shutdown: CancellationToken,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_body_bytes: 256 * 1024,
            max_errors: 20,
            own_origins: Vec::new(),
            allowed_origins: Vec::new(),
            allowed_headers: ["graphql-client-name", "graphql-client-version", "graphql-cost"].map(str::to_owned).to_vec(),
            csrf_headers: vec!["x-requested-with".to_owned()],
            request_timeout: Duration::from_secs(15),
            max_concurrent: 20,
            require_operation_name: false,
            require_client_name: false,
            only_stored_documents: false,
            always_show_cost: false,
            init_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(20),
            socket_idle: Duration::from_secs(300),
            recheck: Duration::from_secs(30),
            send_timeout: Duration::from_secs(10),
            max_sockets: 20,
            max_operations_per_socket: 50,
            max_subscriptions: 100,
            shutdown: CancellationToken::new(),
        }
    }
}

impl Settings {
    pub(crate) fn is_own(&self, origin: &str) -> bool {
        self.own_origins.iter().any(|own| own.eq_ignore_ascii_case(origin))
    }

    pub(crate) fn is_allowed(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }
}
