//! What is measured. Each connection has a request of its own: another caller, another page of the list, another conversation.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{Answer, Connection, Request},
    postgraphile::Peer,
};

/// What `hibiki seed --json` printed.
#[derive(Debug, Deserialize)]
pub struct Seeded {
    /// Rows by table.
    pub rows: Value,
    /// Those whom one can sign in as.
    pub accounts: Vec<Account>,
}

/// Somebody to sign in as.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// `brand`, `creator` or `admin`.
    pub role: String,
    /// The address to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// An API token.
    pub token: String,
    /// The organisation of an owner.
    #[serde(default)]
    pub org: String,
}

/// One connection's request.
#[derive(Clone, Debug)]
pub struct Variant {
    /// What is sent.
    pub request: Request,
    /// What the answer must hold.
    pub proof: &'static str,
}

/// What is measured as one.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// For files.
    pub key: &'static str,
    /// For people.
    pub name: &'static str,
    /// The share of pgbench that is wanted (design, settled 24); none where none was set.
    pub goal: Option<f64>,
    /// A request for each connection.
    pub variants: Vec<Variant>,
    /// The like of it for PostGraphile, where it runs and has it.
    pub peer: Option<Vec<Variant>>,
}

/// What is said.
pub const BODY: &str = "It has arrived, thank you! 届きました。";

const LIST: &str = "query List($after: String, $order: CreatorOrder!) { creators(first: 20, after: $after, orderBy: $order) { \
    pageInfo { endCursor } nodes { id displayName country mainCategory tier verified \
    accounts { id network handle url followers { value asOf source } posts { value } \
    latestPosts { id format caption url publishedAt engagement } } \
    portfolio { id title brandName publishedOn } offerings { id network format price { amountMinor currency } } } } }";

const CAMPAIGN: &str = "query Campaign($id: ID!) { campaign(id: $id) { id name state startsOn endsOn budget { amountMinor currency } \
    brand { name } brief { id version } funnel { state count } participations(first: 50) { pageInfo { endCursor } \
    nodes { id state joinedAt creator { id displayName country tier accounts { network handle followers { value asOf } } } } } } }";

const CONVERSATION: &str = "query Conversation($id: ID!) { thread(id: $id) { id lastMessageAt creator { id displayName } campaign { name } \
    messages(last: 30) { pageInfo { startCursor } nodes { id body sentAt isMine author { name side } } } } }";

const SEND: &str =
    "mutation Send($input: MessageSendInput!) { messageSend(input: $input) { message { id sentAt body } userErrors { code } } }";

/// Calls the server while the scenarios are made.
struct Caller {
    host: String,
    connection: Connection,
}

impl Caller {
    fn graphql(&self, token: &str, query: &str, variables: &Value) -> Request {
        let head =
            format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\nAccept: application/graphql-response+json\r\n");
        Request::new("POST", &self.host, "/graphql", &head, &json!({ "query": query, "variables": variables }).to_string())
    }

    async fn ask(&mut self, token: &str, query: &str, variables: Value) -> anyhow::Result<Value> {
        let request = self.graphql(token, query, &variables);
        let answer = self.connection.send(&request).await?;
        let mut body: Value = serde_json::from_slice(&answer.body).with_context(|| format!("{}: {}", answer.status, answer.text()))?;
        anyhow::ensure!(body["errors"].is_null(), "{body}");
        Ok(body["data"].take())
    }

    async fn sign_in(&mut self, who: &Account) -> anyhow::Result<String> {
        let form = format!("email={}&password={}", who.email, who.password);
        let head = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";
        let request = Request::new("POST", &self.host, "/sign-in", head, &form);
        let answer: Answer = self.connection.send(&request).await?;
        anyhow::ensure!(answer.status == 303, "{} cannot sign in: {} {}", who.email, answer.status, answer.text());
        Ok(answer.cookies())
    }

    fn page(&self, cookie: &str, path: &str) -> Request {
        Request::new("GET", &self.host, path, &format!("Cookie: {cookie}\r\nAccept-Language: en\r\n"), "")
    }
}

/// An owner with what they look at.
#[derive(Debug)]
pub struct Owner {
    account: Account,
    cookie: String,
    /// Their own id.
    pub person: String,
    /// A campaign with 50 creators.
    pub campaign: String,
    /// A conversation of 30 messages.
    pub thread: String,
}

async fn owner(caller: &mut Caller, account: &Account) -> anyhow::Result<Owner> {
    let query = "{ viewer { id } campaigns(first: 50) { nodes { id participations(first: 50) { nodes { id } } } } }";
    let data = caller.ask(&account.token, query, json!({})).await?;
    let person = data["viewer"]["id"].as_str().context("nobody is signed in")?.to_owned();
    let full = |campaign: &&Value| campaign["participations"]["nodes"].as_array().is_some_and(|places| places.len() == 50);
    let campaigns = data["campaigns"]["nodes"].as_array().context("no campaigns")?;
    let campaign = campaigns.iter().find(full).context("no campaign of 50 creators: seed more")?;
    let query = "{ threads(first: 50) { nodes { id messages(last: 30) { nodes { id } } } } }";
    let data = caller.ask(&account.token, query, json!({})).await?;
    let long = |thread: &&Value| thread["messages"]["nodes"].as_array().is_some_and(|messages| messages.len() == 30);
    let threads = data["threads"]["nodes"].as_array().context("no conversations")?;
    let thread = threads.iter().find(long).context("no conversation of 30 messages: seed more")?;
    let text = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    let cookie = caller.sign_in(account).await?;
    Ok(Owner { account: account.clone(), cookie, person, campaign: text(campaign), thread: text(thread) })
}

/// A page of the list for each owner: the first one's first, the second one's second, and so on.
async fn list(caller: &mut Caller, owners: &[Owner], order: &str) -> anyhow::Result<Vec<Variant>> {
    let (mut out, mut after) = (Vec::new(), Value::Null);
    for owner in owners {
        let variables = json!({ "after": after, "order": order });
        let data = caller.ask(&owner.account.token, LIST, variables.clone()).await?;
        let nodes = data["creators"]["nodes"].as_array().map(Vec::len);
        anyhow::ensure!(nodes == Some(20), "a page of creators is not full: seed more");
        out.push(Variant { request: caller.graphql(&owner.account.token, LIST, &variables), proof: "\"data\":{\"creators\":{" });
        after = data["creators"]["pageInfo"]["endCursor"].clone();
    }
    Ok(out)
}

/// All of them, for as many connections.
pub async fn all(host: &str, peer: Option<&str>, seeded: &Seeded, connections: usize) -> anyhow::Result<Vec<Scenario>> {
    let mut caller = Caller { host: host.to_owned(), connection: Connection::open(host).await? };
    let mut owners = Vec::new();
    for account in seeded.accounts.iter().filter(|account| account.role == "brand").take(connections) {
        owners.push(owner(&mut caller, account).await?);
    }
    anyhow::ensure!(owners.len() == connections, "each connection needs an owner of its own: `hibiki seed --tokens {connections}`");
    let graphql = |query: &str, proof, variables: &dyn Fn(&Owner) -> Value| -> Vec<Variant> {
        let request = |owner: &Owner| caller.graphql(&owner.account.token, query, &variables(owner));
        owners.iter().map(|owner| Variant { request: request(owner), proof }).collect()
    };
    let pages = |path: &dyn Fn(&Owner) -> String| -> Vec<Variant> {
        owners.iter().map(|owner| Variant { request: caller.page(&owner.cookie, &path(owner)), proof: "</html>" }).collect()
    };
    let say = |owner: &Owner| json!({ "input": { "threadId": owner.thread, "body": BODY } });
    let mut out = vec![
        Scenario {
            key: "campaign",
            name: "GraphQL: campaign, 50 participants",
            goal: Some(0.2),
            peer: None,
            variants: graphql(CAMPAIGN, "\"participations\":{", &|owner| json!({ "id": owner.campaign })),
        },
        Scenario {
            key: "conversation",
            name: "GraphQL: conversation, 30 messages",
            goal: Some(0.2),
            peer: None,
            variants: graphql(CONVERSATION, "\"isMine\":", &|owner| json!({ "id": owner.thread })),
        },
        Scenario {
            key: "page-home",
            name: "page: brand home",
            goal: None,
            peer: None,
            variants: pages(&|owner| format!("/b/{}", owner.account.org)),
        },
        Scenario {
            key: "page-creators",
            name: "page: creators",
            goal: None,
            peer: None,
            variants: pages(&|owner| format!("/b/{}/creators", owner.account.org)),
        },
        Scenario {
            key: "page-campaign",
            name: "page: campaign",
            goal: None,
            peer: None,
            variants: pages(&|owner| format!("/b/{}/campaigns/{}", owner.account.org, owner.campaign)),
        },
        // Last: what is written ten thousand times to one conversation leaves dead rows that all after it would have to pass.
        Scenario {
            key: "send",
            name: "GraphQL: sending a message",
            goal: Some(0.4),
            peer: None,
            variants: graphql(SEND, "\"userErrors\":[]", &say),
        },
    ];
    let by_followers = list(&mut caller, &owners, "FOLLOWERS").await?;
    let newest = list(&mut caller, &owners, "NEWEST").await?;
    let first = |key, name, variants| Scenario { key, name, goal: Some(0.75), peer: None, variants };
    out.insert(0, first("creators", "GraphQL: 20 creators by followers", by_followers));
    out.insert(1, first("creators-newest", "GraphQL: 20 creators, the newest", newest));
    if let Some(peer) = peer {
        let mut peer = Peer::at(peer).await?;
        for scenario in &mut out {
            scenario.peer = peer.variants(scenario.key, &owners).await?;
        }
    }
    Ok(out)
}
