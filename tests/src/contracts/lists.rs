//! Each list of the API, walked to its end and back while rows come in (A13, A14): nothing comes twice, nothing is left out, and the order is
//! the same both ways.
//!
//! A new connection adds a line to `lists` and a way to make one more row to `House::more`; the test tells its name.

use std::{cell::Cell, collections::BTreeSet};

use async_graphql_parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};
use entity::{
    enums::{CampaignState, Network, ParticipationState, Role, SuppressionReason},
    ids::{AccountId, CampaignId, PostId, ThreadId},
};
use serde_json::{Value, json};

use super::{
    authority::{definition, named_base},
    none,
};
use crate::{Api, Someone, Stage, story};

/// Rows that are there before the walk: enough for more than two pages of three.
const ROWS: usize = 7;

struct House<'a> {
    stage: &'a Stage,
    acme: Someone,
    hana: Someone,
    admin: Someone,
    campaign: CampaignId,
    thread: ThreadId,
    webhook: String,
    account: AccountId,
    post: PostId,
    made: Cell<u32>,
}

/// A list, and who reads it.
struct List<'a> {
    /// `Type.field`, as the schema names it.
    name: &'static str,
    api: &'a Api,
    /// What stands around the field: `campaign(id: "…")`; empty at the root.
    inside: String,
    /// More arguments.
    more: String,
}

impl<'a> House<'a> {
    async fn new(stage: &'a Stage) -> Self {
        let (acme, hana, admin) = (stage.brand("Acme").await, stage.creator("Hana").await, stage.admin().await);
        let campaign = stage.campaign(&acme, "New tea").await;
        stage.participation(&acme, campaign, hana.creator(), ParticipationState::Joined).await;
        let thread = stage.thread(&acme, campaign, hana.creator()).await;
        let hook = acme.api.did("webhookCreate", json!({ "url": "https://hooks.example.com/in" }), "webhook { id }").await;
        let webhook = hook["webhook"]["id"].as_str().expect("an id").to_owned();
        let account = stage.account(hana.creator(), Network::Instagram, "hana", Some(1_000)).await;
        let post = stage.post_of(hana.creator(), account, "The first", None).await;
        // Without it a brand may not have publications in the order of reach.
        hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
        Self { stage, acme, hana, admin, campaign, thread, webhook, account, post, made: Cell::new(0) }
    }

    fn lists(&self) -> Vec<List<'_>> {
        let (acme, hana, admin) = (&self.acme.api, &self.hana.api, &self.admin.api);
        let campaign = format!("campaign(id: \"{}\")", self.campaign);
        let root = |name, api| List { name, api, inside: String::new(), more: String::new() };
        let inside = |name, inside: String| List { name, api: acme, inside, more: String::new() };
        let mut out = Vec::new();
        for field in values("CampaignOrderField") {
            for descending in [true, false] {
                let more = format!("orderBy: {{ field: {field}, descending: {descending} }}");
                out.push(List { more, ..root("Query.campaigns", acme) });
            }
        }
        for (order, api) in values("CreatorOrder").into_iter().zip([acme, admin].into_iter().cycle()) {
            out.push(List { more: format!("orderBy: {order}"), ..root("Query.creators", api) });
        }
        for order in values("PostOrder") {
            out.push(List { more: format!("orderBy: {order}"), ..root("Query.posts", hana) });
            let theirs = format!("creatorId: \"{}\", orderBy: {order}", self.hana.creator());
            out.push(List { more: theirs, ..root("Query.posts", acme) });
        }
        out.extend([
            root("Query.activity", acme),
            root("Query.auditEvents", acme),
            root("Query.auditEvents", admin),
            root("Query.backgroundJobs", admin),
            root("Query.consents", hana),
            root("Query.insightProofs", admin),
            root("Query.invitations", acme),
            root("Query.invitations", hana),
            root("Query.letters", admin),
            List { more: format!("postId: \"{}\"", self.post), ..root("Query.comments", hana) },
            root("Query.mentions", hana),
            root("Query.stories", hana),
            root("Query.organisations", admin),
            root("Query.participations", hana),
            root("Query.suppressions", admin),
            root("Query.threads", acme),
            root("Query.threads", hana),
            List { more: "filter: { unread: true }".into(), ..root("Query.threads", hana) },
            root("Query.users", admin),
            List { api: admin, ..inside("ReferenceTable.versions", "referenceTable(kind: POST_PRICES)".into()) },
            inside("Campaign.briefs", campaign.clone()),
            inside("Campaign.participations", campaign),
            inside("Organisation.members", "organisation".into()),
            inside("Thread.messages", format!("thread(id: \"{}\")", self.thread)),
            inside("Webhook.deliveries", format!("node(id: \"{}\") {{ ... on Webhook", self.webhook)),
        ]);
        out
    }

    /// One more row of a list. Half of them come at the same moment as the one before, but for messages, of which no two may.
    async fn more(&self, list: &str) {
        let (stage, acme, hana) = (self.stage, &self.acme, &self.hana);
        let n = self.made.replace(self.made.get() + 1);
        if n.is_multiple_of(2) || list == "Thread.messages" {
            stage.advance(chrono::Duration::seconds(20));
        }
        match list {
            "Query.activity" => {
                let input = json!({ "threadId": self.thread.to_string(), "body": format!("Message {n}") });
                hana.api.did("messageSend", input, "message { id }").await;
            }
            "Query.auditEvents" => drop(acme.api.did("brandAdd", json!({ "name": format!("Brand {n}") }), "brand { id }").await),
            "Query.consents" => {
                let given = hana.api.did("consentGrant", json!({ "purpose": "PUBLIC_LOOKUP" }), "consent { id }").await;
                hana.api.did("consentRevoke", json!({ "id": given["consent"]["id"] }), "consent { id }").await;
            }
            // Some are tied, some are unknown.
            "Query.insightProofs" => drop(stage.handed_in_with_picture(hana, self.account, n).await),
            "Query.posts" => {
                let likes = (!n.is_multiple_of(3)).then_some(i64::from(n % 4));
                stage.post_of(hana.creator(), self.account, &format!("Post {n}"), likes).await;
            }
            "Query.comments" => stage.comment_under(self.post, &format!("Comment {n}")).await,
            "Query.stories" => drop(stage.story(hana.creator(), &self.account.to_string()).await),
            "Query.mentions" => stage.mention_of(hana.creator(), self.account, &format!("Mention {n}")).await,
            "Query.backgroundJobs" => drop(stage.dead_job("creators.forget").await),
            // Names that differ by blanks only are found, and sorted, as the same.
            "Query.campaigns" => {
                let name = format!("Tea {}{}", n % 3, " ".repeat(n as usize));
                stage.draft_campaign(acme, &name, CampaignState::Draft).await;
            }
            "Query.creators" => {
                let one = stage.unclaimed(&format!("Somebody {}", n % 3)).await;
                // Some are tied, some are unknown.
                if !n.is_multiple_of(3) {
                    stage.account(one, Network::Instagram, &format!("a{n}"), Some(i64::from(n % 3) * 1_000)).await;
                }
            }
            "Query.invitations" => {
                let campaign = stage.draft_campaign(acme, &format!("Asked {n}"), CampaignState::Recruiting).await;
                stage.invitation(acme, campaign, hana).await;
            }
            "Query.letters" => drop(stage.failed_letter(&format!("l{n}@inbox.example")).await),
            "Query.participations" => {
                let campaign = stage.draft_campaign(acme, &format!("Joined {n}"), CampaignState::Recruiting).await;
                stage.participation(acme, campaign, hana.creator(), ParticipationState::Joined).await;
            }
            "Query.suppressions" => drop(stage.suppression(&format!("s{n}@inbox.example"), SuppressionReason::Bounced).await),
            "Query.threads" => {
                let campaign = stage.draft_campaign(acme, &format!("Talk {n}"), CampaignState::Recruiting).await;
                let thread = stage.thread(acme, campaign, hana.creator()).await;
                stage.message(acme, thread, hana.creator(), "Hello").await;
            }
            "Query.organisations" => drop(stage.brand(&format!("Brand {n}")).await),
            "Query.users" => drop(stage.person(&format!("Person {n}")).await),
            "ReferenceTable.versions" => {
                let content = format!("network,price,growth,currency\ninstagram,{n}.5,0.6,USD\n");
                let input = json!({ "kind": "POST_PRICES", "content": content, "note": format!("Version {n}") });
                self.admin.api.did("referenceTableSave", input, "version { id }").await;
            }
            "Campaign.briefs" => {
                let teaser = json!({ "summary": { "en": format!("Version {n}") } });
                let input = json!({ "campaignId": self.campaign.to_string(), "teaser": teaser });
                acme.api.did("briefEdit", input, "brief { id }").await;
                acme.api.did("briefPublish", json!({ "campaignId": self.campaign.to_string() }), "brief { version }").await;
            }
            "Campaign.participations" => {
                let one = stage.unclaimed(&format!("Joined {n}")).await;
                stage.participation(acme, self.campaign, one, ParticipationState::Invited).await;
            }
            "Organisation.members" => drop(stage.member(acme.org(), &format!("Member {n}"), Role::Analyst).await),
            "Thread.messages" => drop(stage.message(acme, self.thread, hana.creator(), &format!("Message {n}")).await),
            "Webhook.deliveries" => drop(acme.api.did("webhookTest", json!({ "id": self.webhook }), "delivery { id }").await),
            other => panic!("no way is known to make one more row of {other}; say one in lists.rs"),
        }
    }
}

/// The values of an enum of the schema.
fn values(name: &str) -> Vec<String> {
    let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
    match definition(&schema, name).map(|d| &d.kind) {
        Some(TypeKind::Enum(values)) => values.values.iter().map(|v| v.node.value.node.to_string()).collect(),
        other => panic!("{name}: {other:?}"),
    }
}

impl List<'_> {
    fn query(&self, page: &str) -> String {
        let field = self.name.split('.').nth(1).expect("Type.field");
        let list = format!(
            "{field}({page} {}) {{ edges {{ cursor node {{ id }} }} nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}",
            self.more
        );
        match &*self.inside {
            "" => format!("{{ {list} }}"),
            inside => format!("{{ {inside} {{ {list} }} {}", "}".repeat(inside.matches('{').count() + 1)),
        }
    }

    /// A page of it.
    async fn page(&self, page: &str) -> Value {
        let data = self.api.ask(&self.query(page)).await;
        let field = self.name.split('.').nth(1).expect("Type.field");
        let inside = self.inside.split(['(', ' ']).next().filter(|name| !name.is_empty());
        let found = inside.map_or(&data[field], |inside| &data[inside][field]);
        assert!(found["edges"].is_array(), "{}: {data}", self.query(page));
        found.clone()
    }
}

fn ids(page: &Value) -> Vec<String> {
    let of = |rows: &Value, at: &str| -> Vec<String> {
        let rows = rows.as_array().into_iter().flatten();
        rows.filter_map(|row| row.pointer(at)).filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let found = of(&page["edges"], "/node/id");
    assert_eq!(found, of(&page["nodes"], "/id"), "edges and nodes are the same rows");
    for (at, cursor) in
        [("startCursor", page["edges"][0]["cursor"].clone()), ("endCursor", page["edges"][found.len().max(1) - 1]["cursor"].clone())]
    {
        assert_eq!(page["pageInfo"][at], cursor, "{at}");
    }
    found
}

/// Walks by three, and makes a row after each page; gives the ids in the order of the list.
async fn walk(house: &House<'_>, list: &List<'_>, backward: bool) -> Vec<String> {
    let (size, from, more, at) =
        if backward { ("last", "before", "hasPreviousPage", "startCursor") } else { ("first", "after", "hasNextPage", "endCursor") };
    let (mut out, mut page, mut pages) = (Vec::new(), format!("{size}: 3"), 0);
    loop {
        let found = list.page(&page).await;
        // At the start of the walk nothing lies behind; later there does.
        let behind = if backward { "hasNextPage" } else { "hasPreviousPage" };
        assert_eq!(found["pageInfo"][behind], pages > 0, "{}: {behind} of page {pages}", list.name);
        let ids = ids(&found);
        assert!(ids.len() <= 3, "{}", list.name);
        out = if backward { [ids, out].concat() } else { [out, ids].concat() };
        if found["pageInfo"][more] == false {
            return out;
        }
        page = format!("{size}: 3, {from}: {}", found["pageInfo"][at]);
        pages += 1;
        // A list to whose walking end rows are added is longer by as many.
        assert!(pages < 40, "{} never ends", list.name);
        if pages < 3 {
            house.more(list.name).await;
        }
    }
}

story!(each_list_is_walked_to_its_end_and_back, async |stage| {
    let house = House::new(stage).await;
    let mut wrong = Vec::new();
    let mut filled = BTreeSet::new();
    for list in house.lists() {
        let what = format!("{} {} {}", list.name, list.more, list.api.token().map_or("", |t| &t[t.len() - 4..]));
        if filled.insert(list.name) {
            for _ in 0..ROWS {
                house.more(list.name).await;
            }
        }
        for backward in [false, true] {
            let before = ids(&list.page("first: 100").await);
            assert!(before.len() >= ROWS, "{what}: {} rows", before.len());
            assert_eq!(before, ids(&list.page("last: 100").await), "{what}: the order is another backward");
            let walked = walk(&house, &list, backward).await;
            let once: BTreeSet<_> = walked.iter().collect();
            if once.len() < walked.len() {
                wrong.push(format!("{what}, backward: {backward}: rows come twice: {walked:?}"));
            }
            let old: Vec<_> = walked.iter().filter(|id| before.contains(id)).cloned().collect();
            if old != before {
                wrong.push(format!("{what}, backward: {backward}: {old:?} instead of {before:?}"));
            }
        }
        for page in [
            "first: 0",
            "first: -1",
            "first: 101",
            "last: 0",
            "last: 101",
            "first: 1, last: 1",
            "after: \"nonsense\"",
            "last: 1, before: \"e30\"",
        ] {
            let answer = list.api.call(&list.query(page), json!({})).await;
            if answer.code() != "BAD_USER_INPUT" {
                wrong.push(format!("{what}: {page}: {}", answer.body));
            }
        }
        // The cost of so many pages is not what this is about.
        stage.advance(chrono::Duration::minutes(1));
    }
    none("lists", wrong);
    stage.failures_are_the_point();
});

#[test]
fn every_connection_is_walked_and_none_counts_all() {
    let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
    let text = std::fs::read_to_string(crate::peers::root().join("tests/src/contracts/lists.rs")).expect("this file");
    let mut wrong = Vec::new();
    for definition in &schema.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (name, kind) = (definition.node.name.node.as_str(), &definition.node.kind);
        let TypeKind::Object(object) = kind else { continue };
        for field in &object.fields {
            let field = &field.node;
            let what = format!("{name}.{}", field.name.node);
            if name.ends_with("Connection") && field.name.node.to_lowercase().contains("count") {
                wrong.push(format!("{what}: counting all rows costs more than the page"));
            }
            if !named_base(&field.ty.node).ends_with("Connection") {
                continue;
            }
            let arguments: Vec<&str> = field.arguments.iter().map(|a| a.node.name.node.as_str()).collect();
            if !["after", "before", "first", "last"].iter().all(|of| arguments.contains(of)) {
                wrong.push(format!("{what} has only {arguments:?}"));
            }
            if !text.contains(&format!("(\"{what}\"")) {
                wrong.push(format!("{what} is not walked"));
            }
        }
    }
    none("connections", wrong);
}
