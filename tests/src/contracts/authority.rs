//! Whom everything lets in: each route and each root field of the API × everybody who could try, as `authority.txt` says.
//!
//! A route or field that is not in the table fails this test, which prints the line that it would be; look at it with care before it goes in.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, ServiceDocument, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};
use entity::{
    brand, consent,
    enums::{Format, ManualInsightState, Network, ParticipationState, Role, SuppressionReason},
    manual_insight, membership, suppression, sync_task, webhook, webhook_delivery,
};
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use server::{
    auth::sessions,
    web::routes::{Entry, Routes, Who},
};

use super::none;
use crate::{Api, Someone, Stage, database::Kind, peers::root, stage::tell};

/// Who tries, in the order of the table's columns.
const COLUMNS: [&str; 6] = ["nobody", "creator", "other", "member", "stranger", "admin"];

/// The people of the table: Hana, whose things are asked for; Kenji, another creator; Acme, whose things are asked for; Bolt, another
/// brand; an admin. And the ids of their things, by name.
pub(super) struct World {
    pub hana: Someone,
    pub kenji: Someone,
    pub acme: Someone,
    pub bolt: Someone,
    star: Someone,
    pub admin: Someone,
    ids: BTreeMap<&'static str, String>,
}

impl World {
    /// Slices add the ids of rows here; a line of the table takes one by `id=name` at its end.
    pub async fn new(stage: &Stage) -> Self {
        let hana = stage.creator("Hana").await;
        let kenji = stage.creator("Kenji").await;
        let acme = stage.brand("Acme").await;
        let bolt = stage.brand("Bolt").await;
        let admin = stage.admin().await;
        let mut ids = BTreeMap::new();
        ids.insert("org", acme.org().to_string());
        ids.insert("creator", hana.creator().to_string());
        let rows = [
            ("offering", stage.offering(hana.creator(), Network::Instagram, Format::Reel).await.to_string()),
            ("portfolioItem", stage.portfolio_item(hana.creator(), "A film about tea").await.to_string()),
        ];
        ids.extend(rows);
        let campaign = stage.campaign(&acme, "New tea").await;
        ids.insert("campaign", campaign.to_string());
        let (invitation, _) = stage.invitation(&acme, campaign, &hana).await;
        ids.insert("invitation", invitation.to_string());
        let other = stage.campaign(&acme, "Old tea").await;
        let joined = stage.participation(&acme, other, hana.creator(), ParticipationState::Joined).await;
        ids.insert("participation", joined.to_string());
        ids.insert("thread", stage.thread(&acme, other, hana.creator()).await.to_string());
        let label = brand::Entity::find().filter(brand::Column::OrgId.eq(acme.org())).one(stage.app.db()).await.expect("read");
        ids.insert("brand", label.expect("a label").id.to_string());
        let analyst = stage.member(acme.org(), "Ann Analyst", Role::Analyst).await;
        let place = membership::Entity::find().filter(membership::Column::UserId.eq(analyst.user)).one(stage.app.db()).await.expect("read");
        ids.insert("member", place.expect("a membership").id.to_string());
        let session = hana.session_api().ask("{ viewer { sessions { id } apiTokens { id } } }").await["viewer"].clone();
        // The last one is not the one that Hana calls with.
        let token = session["apiTokens"].as_array().and_then(|t| t.last()).and_then(|t| t["id"].as_str()).unwrap_or_default().to_owned();
        ids.insert("apiToken", token);
        let post = stage.post(hana.creator(), "HANAS-POST").await;
        ids.insert("post", post.to_string());
        let star = stage.agency("Star").await;
        ids.extend([("table", "media_rates".to_owned()), ("tableVersion", "0".to_owned())]);
        ids.insert("user", stage.person("Zoe").await.user.to_string());
        Self { hana, kenji, acme, bolt, star, admin, ids }
    }

    /// What the line before may have ended: what an admin tries again, a session of Hana's, an account that she named, an invitation to a colleague, an agency that may
    /// act for Acme.
    pub async fn afresh(&mut self, stage: &Stage) {
        let tx = stage.app.begin().await.expect("a transaction");
        let (session, _) = sessions::open(&tx, self.hana.user, &sessions::Device::default()).await.expect("a session");
        tx.commit().await.expect("commit");
        self.ids.insert("session", session.to_string());
        self.ids.insert("letter", stage.failed_letter("failed@inbox.example").await.to_string());
        self.ids.insert("backgroundJob", stage.dead_job("creators.forget").await.to_string());
        suppression::Entity::delete_many().exec(stage.app.db()).await.expect("deleted");
        self.ids.insert("suppression", stage.suppression("full@inbox.example", SuppressionReason::Bounced).await.to_string());
        self.ids.insert("unclaimed", stage.unclaimed("Nobody yet").await.to_string());
        webhook_delivery::Entity::delete_many().exec(stage.app.db()).await.expect("deleted");
        webhook::Entity::delete_many().exec(stage.app.db()).await.expect("deleted");
        let hook = self.acme.api.did("webhookCreate", json!({ "url": "https://hooks.example.com/in" }), "webhook { id }").await;
        let test = self.acme.api.did("webhookTest", json!({ "id": hook["webhook"]["id"] }), "delivery { id }").await;
        for (name, id) in [("webhook", &hook["webhook"]["id"]), ("webhookDelivery", &test["delivery"]["id"])] {
            self.ids.insert(name, id.as_str().unwrap_or_default().to_owned());
        }
        self.consents_afresh(stage).await;
        let handle = json!({ "network": "TIKTOK", "handle": "hana.moves" });
        let named = self.hana.api.tried("networkAccountDeclare", handle, "link { id account { id } }").await;
        let invite = json!({ "email": "nao@inbox.example", "role": "MANAGER" });
        let invited = self.acme.api.tried("memberInvite", invite, "memberInvitation { id }").await;
        let offer = json!({ "agency": self.star.org().to_string(), "role": "MANAGER" });
        let offered = self.acme.api.tried("delegationOffer", offer, "delegation { id }").await;
        for (name, answer, path) in [
            ("networkLink", &named, "/data/networkAccountDeclare/link/id"),
            ("networkAccount", &named, "/data/networkAccountDeclare/link/account/id"),
            ("memberInvitation", &invited, "/data/memberInvite/memberInvitation/id"),
            ("delegation", &offered, "/data/delegationOffer/delegation/id"),
        ] {
            // What still stands is refused a second time.
            if let Some(id) = answer.body.pointer(path).and_then(Value::as_str) {
                self.ids.insert(name, id.to_owned());
            }
        }
    }

    /// Consents, a request for figures and a reading that fails, where the line before has ended one.
    async fn consents_afresh(&mut self, stage: &Stage) {
        let db = stage.app.db();
        let hold = consent::Entity::find().filter(consent::Column::RevokedAt.is_null()).count(db).await.expect("counted");
        if hold != 3 {
            consent::Entity::delete_many().exec(db).await.expect("deleted");
            let yes = self.hana.api.did("consentGrant", json!({ "purpose": "INSIGHT_SHARE" }), "consent { id }").await;
            let keep = json!({ "purpose": "STORY_ARCHIVE", "creatorId": self.hana.creator().to_string() });
            self.acme.api.did("consentGrant", keep, "consent { id }").await;
            let keep = json!({ "purpose": "STORY_ARCHIVE", "organisationId": self.acme.org().to_string() });
            self.hana.api.did("consentGrant", keep, "consent { id }").await;
            self.ids.insert("consent", yes["consent"]["id"].as_str().unwrap_or_default().to_owned());
        }
        let account = stage.account_of_post(&self.ids["post"]).await;
        let asked = manual_insight::Column::State.eq(ManualInsightState::Asked);
        if manual_insight::Entity::find().filter(asked).count(db).await.expect("counted") != 1 {
            manual_insight::Entity::delete_many().exec(db).await.expect("deleted");
            let ask = json!({ "accountId": account, "question": "HOW-MANY-SAVES" });
            let asked = self.acme.api.did("insightsAsk", ask, "insight { id }").await;
            self.ids.insert("insight", asked["insight"]["id"].as_str().unwrap_or_default().to_owned());
        }
        if manual_insight::Entity::find().filter(manual_insight::Column::ProofId.is_not_null()).count(db).await.expect("counted") == 0 {
            let account = account.parse().expect("an id");
            self.ids.insert("handedIn", stage.handed_in_with_picture(&self.hana, account, 35).await.to_string());
        }
        if sync_task::Entity::find().filter(sync_task::Column::Failures.gt(0)).count(db).await.expect("counted") == 0 {
            self.ids.insert("reading", stage.failing_reading(self.hana.creator(), &account).await.to_string());
        }
        if !self.ids.contains_key("story") {
            self.ids.insert("story", stage.story(self.hana.creator(), &account).await.to_string());
        }
        self.ids.insert("account", account);
    }

    /// The ids of the things that are asked for, by name.
    pub fn ids(&self) -> &BTreeMap<&'static str, String> {
        &self.ids
    }

    fn column(&self, column: &str) -> Option<&Someone> {
        match column {
            "creator" => Some(&self.hana),
            "other" => Some(&self.kenji),
            "member" => Some(&self.acme),
            "stranger" => Some(&self.bolt),
            "admin" => Some(&self.admin),
            _ => None,
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug, Default)]
struct Line {
    outcomes: Vec<String>,
    /// `name=what`: the path's or input's `name` is the id of `what` in the world.
    given: Vec<(String, String)>,
}

/// `authority.txt`: what, six outcomes, `name=what`.
fn table() -> BTreeMap<String, Line> {
    let text = std::fs::read_to_string(root().join("tests/authority.txt")).unwrap_or_default();
    let mut out = BTreeMap::new();
    for line in text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert!(words.len() >= 8, "authority.txt: {line}");
        let given = words[8..].iter().filter_map(|w| w.split_once('=')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
        let outcomes = words[2..8].iter().map(|w| (*w).to_owned()).collect();
        let old = out.insert(format!("{} {}", words[0], words[1]), Line { outcomes, given });
        assert!(old.is_none(), "authority.txt names twice: {line}");
    }
    out
}

fn shown(what: &str, line: &Line) -> String {
    let mut out = format!("{what:<58}");
    for outcome in &line.outcomes {
        let _ = write!(out, " {outcome:<9}");
    }
    for (name, what) in &line.given {
        let _ = write!(out, " {name}={what}");
    }
    out.trim_end().to_owned()
}

/// The first of two routes would answer for both.
#[test]
fn no_route_is_taken_twice() {
    let mut seen = std::collections::BTreeSet::new();
    let twice =
        Routes::listed(server::routes).into_iter().map(|e| format!("{} {}", e.method, e.path)).filter(|what| !seen.insert(what.clone()));
    none("routes that are listed twice", twice.collect());
}

/// Tries everything and compares; the table as it came out is left in `target/authority.txt`.
#[test]
fn everything_lets_in_whom_it_should() {
    tell(Kind::Sqlite, async |stage| {
        let mut world = World::new(stage).await;
        let table = table();
        let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
        let (mut wrong, mut out) = (Vec::new(), Vec::new());
        let mut known = Vec::new();
        let mut see = |what: String, found: Line, table: &BTreeMap<String, Line>| {
            out.push(shown(&what, &found));
            match table.get(&what) {
                None => wrong.push(format!("not in the table:  {}", shown(&what, &found))),
                Some(line) if line.outcomes != found.outcomes => {
                    wrong.push(format!("in the table:      {}\n  but it is:         {}", shown(&what, line), shown(&what, &found)));
                }
                Some(_) => {}
            }
            known.push(what);
        };
        for entry in Routes::listed(server::routes) {
            let what = format!("{} {}", entry.method, entry.path);
            let line = table.get(&what).cloned().unwrap_or_default();
            world.afresh(stage).await;
            let found = routes_outcomes(stage, &world, &entry, line).await;
            sane(&what, entry.who, &found.outcomes);
            see(what, found, &table);
        }
        for kind in ["Query", "Mutation", "Subscription"] {
            for field in fields(&schema, kind) {
                let what = format!("{} {}", kind.to_lowercase(), field.name.node);
                let line = table.get(&what).cloned().unwrap_or_default();
                world.afresh(stage).await;
                let found = field_outcomes(stage, &world, &schema, kind, field, line).await;
                see(what, found, &table);
            }
        }
        std::fs::create_dir_all(root().join("target")).expect("a folder");
        std::fs::write(root().join("target/authority.txt"), out.join("\n") + "\n").expect("written");
        wrong.extend(table.keys().filter(|what| !known.contains(what)).map(|what| format!("in the table, but gone: {what}")));
        stage.failures_are_the_point();
        none("tests/authority.txt (what came out is in target/authority.txt)", wrong);
    });
}

/// What a route declares binds its line, so that nobody pastes a hole.
#[track_caller]
fn sane(what: &str, who: Who, outcomes: &[String]) {
    let [nobody, creator, other, member, stranger, admin] = outcomes else { panic!("{what}: {outcomes:?}") };
    let fine = match who {
        Who::Anyone | Who::Token => true,
        Who::Person => nobody == "sign-in",
        Who::Creator => nobody == "sign-in" && [member, stranger, admin].iter().all(|o| *o == "forbidden"),
        Who::Member | Who::Manager | Who::Owner => {
            nobody == "sign-in"
                && [creator, other, stranger, admin].iter().all(|o| matches!(o.as_str(), "absent" | "forbidden"))
                && (who != Who::Member || member == "in" || member == "absent")
        }
        Who::Admin => nobody == "sign-in" && [creator, other, member, stranger].iter().all(|o| *o == "absent"),
    };
    assert!(fine, "{what} is declared for {who:?}, but lets in: {COLUMNS:?} = {outcomes:?}");
}

/// In the order in which trying disturbs least: the owners of the things come last.
const ORDER: [usize; 6] = [0, 2, 4, 5, 1, 3];

async fn routes_outcomes(stage: &Stage, world: &World, entry: &Entry, mut line: Line) -> Line {
    let path = filled(entry.path, &line.given, &world.ids);
    line.outcomes = vec![String::new(); COLUMNS.len()];
    for at in ORDER {
        let browser = match world.column(COLUMNS[at]) {
            Some(someone) => stage.again(someone).await,
            None => stage.browser(),
        };
        let page = match entry.method.as_str() {
            "GET" => browser.get_only(&path).await,
            _ => browser.post_only::<&str, &str>(&path, &[]).await,
        };
        let to_sign_in = page.location().is_some_and(|to| to == "/sign-in" || to.starts_with("/sign-in?"));
        line.outcomes[at] = match page.status.as_u16() {
            303 if to_sign_in => "sign-in".into(),
            // Where answers are JSON.
            401 => "sign-in".into(),
            403 => "forbidden".into(),
            404 => "absent".into(),
            200..400 | 422 | 429 | 400 | 413 | 415 => "in".into(),
            status => format!("{status}!"),
        };
        // Limits by address are not what this is about.
        stage.advance(chrono::Duration::minutes(1));
    }
    line
}

pub(super) fn filled(pattern: &str, given: &[(String, String)], ids: &BTreeMap<&'static str, String>) -> String {
    let mut path = pattern.replace("{path:.*}", "css/hibiki.css");
    while let Some(start) = path.find('{') {
        let end = path[start..].find('}').expect("a closed brace") + start;
        let name = path[start + 1..end].to_owned();
        // `/account/tokens/` speaks of API tokens, `/c/portfolio/` of items of the portfolio.
        let before = path[..start].trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let what = match before {
            "tokens" => "apiToken".to_owned(),
            "portfolio" => "portfolioItem".to_owned(),
            other => other.trim_end_matches('s').to_owned(),
        };
        let value = id_for(&name, &what, given, ids);
        path.replace_range(start..=end, &value);
    }
    path
}

/// The id that the line names; else the one that the name itself tells: `campaignId`, or `id` in `campaignEdit` and `/campaigns/{id}`;
/// else one that nobody has.
fn id_for(name: &str, what: &str, given: &[(String, String)], ids: &BTreeMap<&'static str, String>) -> String {
    const NOBODYS: &str = "nothing-of-this-name";
    if let Some((_, named)) = given.iter().find(|(n, _)| n == name) {
        return ids.get(named.as_str()).cloned().unwrap_or_else(|| panic!("the world has no {named}"));
    }
    let plain = name.strip_suffix("Id").unwrap_or(name);
    if let Some(id) = ids.get(plain) {
        return id.clone();
    }
    if name != "id" {
        return NOBODYS.into();
    }
    let mut fitting: Vec<_> = ids.iter().filter(|(of, _)| what.to_lowercase().starts_with(&of.to_lowercase())).collect();
    fitting.sort_by_key(|(of, _)| std::cmp::Reverse(of.len()));
    // A member's invitation is no invitation to a campaign.
    fitting.first().map_or_else(|| NOBODYS.into(), |(_, id)| (*id).clone())
}

pub(super) fn fields<'a>(schema: &'a ServiceDocument, kind: &str) -> Vec<&'a FieldDefinition> {
    match definition(schema, kind).map(|d| &d.kind) {
        Some(TypeKind::Object(object)) => object.fields.iter().map(|f| &f.node).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn definition<'a>(schema: &'a ServiceDocument, name: &str) -> Option<&'a TypeDefinition> {
    schema.definitions.iter().find_map(|d| match d {
        TypeSystemDefinition::Type(t) if t.node.name.node == name => Some(&t.node),
        _ => None,
    })
}

/// What a leaf of an input is given, by its name and type; none = the least that it takes. With it every field of an input is filled.
pub(super) type Leaf<'a> = &'a dyn Fn(&str, &str) -> Option<Value>;

/// What fills arguments: ids as the line says, else the least that they take, or what `leaf` gives.
struct Filler<'a> {
    schema: &'a ServiceDocument,
    ids: &'a BTreeMap<&'static str, String>,
    /// The field whose arguments they are.
    what: &'a str,
    line: &'a Line,
    leaf: Option<Leaf<'a>>,
}

impl Filler<'_> {
    fn id(&self, name: &str) -> String {
        id_for(name, self.what, &self.line.given, self.ids)
    }

    fn named(&self, name: &str) -> bool {
        self.line.given.iter().any(|(n, _)| n == name)
    }

    fn value(&self, name: &str, ty: &Type) -> Value {
        let base = match &ty.base {
            BaseType::List(_) if self.leaf.is_none() => return json!([]),
            BaseType::List(of) => return json!([self.value(name, of)]),
            BaseType::Named(base) => base.as_str(),
        };
        if base == "ID" || (base == "String" && self.named(name)) {
            return json!(self.id(name));
        }
        if let Some(value) = self.leaf.and_then(|leaf| leaf(name, base)) {
            return value;
        }
        match base {
            "String" => json!("nothing"),
            "Int" | "Long" | "Float" | "Decimal" => json!(1),
            "Boolean" => json!(true),
            "Date" => json!("2026-12-24"),
            "DateTime" => json!("2026-12-24T00:00:00Z"),
            "Url" | "URL" => json!("https://nothing.example/"),
            _ => match definition(self.schema, base).map(|d| &d.kind) {
                Some(TypeKind::Enum(values)) => json!(values.values.first().map(|v| v.node.value.node.as_str())),
                Some(TypeKind::InputObject(input)) => {
                    let mut out = serde_json::Map::new();
                    // Of such inputs exactly one field is given.
                    let one_of = definition(self.schema, base).is_some_and(|d| d.directives.iter().any(|d| d.node.name.node == "oneOf"));
                    for field in &input.fields {
                        let (field, name) = (&field.node, field.node.name.node.as_str());
                        // An id decides whom it concerns, so it is given even where it may be left out.
                        let named = self.named(name) || (name == "id" && named_base(&field.ty.node) == "ID");
                        let needed = !field.ty.node.nullable && field.default_value.is_none();
                        if named || needed || (self.leaf.is_some() && (!one_of || out.is_empty())) {
                            out.insert(name.to_owned(), self.value(name, &field.ty.node));
                        }
                    }
                    Value::Object(out)
                }
                other => panic!("no least value is known for {base} ({other:?}); say one in authority.rs"),
            },
        }
    }
}

/// A root field of the API, called.
pub(super) struct Call {
    pub query: String,
    pub variables: Value,
}

impl Call {
    /// With the least that it takes, or with what `leaf` gives; ids as its line in the table says.
    pub fn new(schema: &ServiceDocument, world: &World, kind: &str, field: &FieldDefinition, leaf: Option<Leaf<'_>>) -> Self {
        let what = format!("{} {}", kind.to_lowercase(), field.name.node);
        let line = table().remove(&what).unwrap_or_default();
        Self::as_line_says(schema, world, kind, field, &line, leaf)
    }

    fn as_line_says(
        schema: &ServiceDocument,
        world: &World,
        kind: &str,
        field: &FieldDefinition,
        line: &Line,
        leaf: Option<Leaf<'_>>,
    ) -> Self {
        let name = field.name.node.as_str();
        let filler = Filler { schema, ids: &world.ids, what: name, line, leaf };
        let (mut declared, mut passed, mut variables) = (Vec::new(), Vec::new(), serde_json::Map::new());
        for argument in &field.arguments {
            let (argument, of) = (&argument.node, argument.node.name.node.as_str());
            let named = filler.named(of) || of.strip_suffix("Id").is_some_and(|thing| world.ids.contains_key(thing));
            if named || (!argument.ty.node.nullable && argument.default_value.is_none()) {
                declared.push(format!("${of}: {}", argument.ty.node));
                passed.push(format!("{of}: ${of}"));
                variables.insert(of.to_owned(), filler.value(of, &argument.ty.node));
            }
        }
        let brackets = |list: Vec<String>| if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) };
        let base = named_base(&field.ty.node);
        let selection = match definition(schema, base).map(|d| &d.kind) {
            Some(TypeKind::Object(_)) if base.ends_with("Payload") => " { userErrors { code message field } }",
            Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => " { __typename }",
            _ => "",
        };
        let query = format!("{} {} {{ {name}{}{selection} }}", kind.to_lowercase(), brackets(declared), brackets(passed));
        Self { query, variables: variables.into() }
    }
}

async fn field_outcomes(
    stage: &Stage,
    world: &World,
    schema: &ServiceDocument,
    kind: &str,
    field: &FieldDefinition,
    mut line: Line,
) -> Line {
    let name = field.name.node.as_str();
    let Call { query, variables } = Call::as_line_says(schema, world, kind, field, &line, None);
    line.outcomes = vec![String::new(); COLUMNS.len()];
    for at in ORDER {
        let api = world.column(COLUMNS[at]).map_or_else(|| stage.api(), |someone| someone.api.clone());
        let body = match kind {
            "Subscription" => first_event(&api, &query, &variables).await,
            _ => api.call(&query, variables.clone()).await.body,
        };
        let code = body["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        let user_codes: Vec<_> = body["data"][name]["userErrors"].as_array().into_iter().flatten().map(|e| e["code"].clone()).collect();
        line.outcomes[at] = match code {
            "UNAUTHENTICATED" => "sign-in".into(),
            "FORBIDDEN" => "forbidden".into(),
            "NOT_FOUND" => "absent".into(),
            // Let in, and told what is wrong with the least input, or to wait.
            "BAD_USER_INPUT" | "RATE_LIMITED" => "in".into(),
            "" if user_codes == ["NOT_FOUND"] => "absent".into(),
            "" if kind == "Query" && body["data"][name].is_null() => "null".into(),
            "" => "in".into(),
            code => panic!("{query} {variables}: {code}: {body}"),
        };
        stage.advance(chrono::Duration::minutes(1));
    }
    line
}

pub(super) fn named_base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named_base(inner),
    }
}

/// The first event of a subscription, or nothing if it only waits.
async fn first_event(api: &Api, query: &str, variables: &Value) -> Value {
    let sent = api.request(Method::POST, "/graphql/stream").header("Accept", "text/event-stream");
    let mut response = sent.json(&json!({ "query": query, "variables": variables })).send().await.expect("an answer");
    let mut text = String::new();
    while let Ok(Ok(Some(bytes))) = tokio::time::timeout(Duration::from_millis(400), response.chunk()).await {
        text += &String::from_utf8_lossy(&bytes);
        if let Some(data) = text.lines().find_map(|line| line.strip_prefix("data: ")).filter(|d| d.starts_with('{')) {
            if let Ok(event) = serde_json::from_str(data) {
                return event;
            }
        } else if text.starts_with('{')
            && let Ok(refusal) = serde_json::from_str(&text)
        {
            return refusal;
        }
    }
    json!({ "data": {} })
}
