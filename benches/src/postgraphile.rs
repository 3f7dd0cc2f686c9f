//! The other yardstick: PostGraphile on the same rows, asked for the same by the same load. It knows neither callers nor limits nor rights.

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    http::{Connection, Request},
    scenarios::{Owner, Variant},
};

const LIST: &str = "query List($after: Cursor, $order: [CreatorOrderBy!]) { allCreators(first: 20, after: $after, orderBy: $order) { \
    pageInfo { endCursor } nodes { id displayName country mainCategory audience vettedAt userId \
    networkLinksByCreatorId { nodes { state } } \
    networkAccountsByCreatorId { nodes { id network handle url followers figuresAsOf figuresSource posts \
    latestPosts { nodes { id format caption url publishedAt engagement } } } } \
    livePortfolio { nodes { id title brandName publishedOn } } liveOfferings { nodes { id network format priceMinor currency } } } } }";

const CAMPAIGN: &str = "query Campaign($id: UUID!) { campaignByRowId(rowId: $id) { id name state startsOn endsOn budgetMinor currency \
    brandByBrandId { name } publishedBrief { nodes { id version } } funnel { nodes { state count } } \
    participationsByCampaignId(first: 50, orderBy: [ROW_ID_DESC]) { pageInfo { endCursor } \
    nodes { id state joinedAt creatorByCreatorId { id displayName country audience \
    networkAccountsByCreatorId { nodes { network handle followers figuresAsOf } } } } } } }";

const CONVERSATION: &str = "query Conversation($id: UUID!) { threadByRowId(rowId: $id) { id lastMessageAt \
    creatorByCreatorId { id displayName } campaignByCampaignId { name } messagesByThreadId(last: 30, orderBy: [CREATED_AT_ASC]) { \
    pageInfo { startCursor } nodes { id body createdAt side userByAuthorId { name } } } } }";

const SEND: &str = "mutation Send($input: SendMessageInput!) { sendMessage(input: $input) { result { id createdAt body } } }";

/// A running PostGraphile.
pub struct Peer {
    host: String,
    connection: Connection,
}

/// The bare UUID of one of Hibiki's ids.
fn bare(id: &str) -> &str {
    id.split_once('_').map_or(id, |(_, uuid)| uuid)
}

impl Peer {
    /// At HOST:PORT.
    pub async fn at(host: &str) -> anyhow::Result<Self> {
        Ok(Self { host: host.to_owned(), connection: Connection::open(host).await? })
    }

    fn request(&self, query: &str, variables: &Value) -> Request {
        let head = "Content-Type: application/json\r\nAccept: application/graphql-response+json\r\n";
        Request::new("POST", &self.host, "/graphql", head, &json!({ "query": query, "variables": variables }).to_string())
    }

    /// What corresponds to a scenario, a request for each connection; none for what PostGraphile has nothing like.
    pub async fn variants(&mut self, scenario: &str, owners: &[Owner]) -> anyhow::Result<Option<Vec<Variant>>> {
        let all = |query: &str, proof, variables: &dyn Fn(&Owner) -> Value| -> Vec<Variant> {
            owners.iter().map(|owner| Variant { request: self.request(query, &variables(owner)), proof }).collect()
        };
        Ok(Some(match scenario {
            "creators" => self.list(owners, &["AUDIENCE_DESC", "ROW_ID_DESC"]).await?,
            "creators-newest" => self.list(owners, &["ROW_ID_DESC"]).await?,
            "campaign" => all(CAMPAIGN, "\"joinedAt\":", &|owner| json!({ "id": bare(&owner.campaign) })),
            "conversation" => all(CONVERSATION, "\"userByAuthorId\":{", &|owner| json!({ "id": bare(&owner.thread) })),
            "send" => {
                let say =
                    |owner: &Owner| json!({ "thread": bare(&owner.thread), "author": bare(&owner.person), "body": crate::scenarios::BODY });
                all(SEND, "\"createdAt\":", &|owner| json!({ "input": say(owner) }))
            }
            _ => return Ok(None),
        }))
    }

    async fn list(&mut self, owners: &[Owner], order: &[&str]) -> anyhow::Result<Vec<Variant>> {
        let (mut out, mut after) = (Vec::new(), Value::Null);
        for _ in owners {
            let request = self.request(LIST, &json!({ "after": after, "order": order }));
            let answer = self.connection.send(&request).await?;
            let body: Value = serde_json::from_slice(&answer.body).with_context(|| format!("{}: {}", answer.status, answer.text()))?;
            let page = &body["data"]["allCreators"];
            anyhow::ensure!(page["nodes"].as_array().is_some_and(|nodes| nodes.len() == 20), "PostGraphile: {}", answer.text());
            after = page["pageInfo"]["endCursor"].clone();
            out.push(Variant { request, proof: "\"data\":{\"allCreators\":{" });
        }
        Ok(out)
    }
}
