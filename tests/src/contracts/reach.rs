//! What can be reached from anywhere in the API, through every path (B10): nested fields, edges, `node`. Everybody asks for everything that
//! the schema has, several levels deep, of things that are Acme's and Hana's; in what comes back only whom it concerns finds their words.
//!
//! The queries are made from the schema, so that a new field is asked for by itself. A slice with words of its own adds them to `WORDS`.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, ServiceDocument, TypeKind},
};
use entity::{enums::ParticipationState, participation};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};

use super::{
    authority::{Call, World, definition, fields, named_base},
    none,
};
use crate::{Api, Stage, story};

/// How many objects deep is asked.
const DEPTH: u32 = 5;
/// How long a document may become; the server takes 2,000 tokens.
const TOKENS: usize = 700;

/// Everybody, in the order of the table.
const ALL: [&str; 6] = ["nobody", "hana", "kenji", "acme", "bolt", "admin"];

/// Words that stand in rows of Acme's or Hana's, as they stand in an answer, and who finds them anywhere.
const WORDS: &[(&str, &[&str])] = &[
    // Hana's alone.
    ("\"サトウハナ\"", &["hana"]),
    ("\"kanagawa\"", &["hana"]),
    ("HANAS-PROGRAM", &["hana"]),
    // Of Hana's profile.
    ("HANAS-PORTFOLIO", &["hana", "acme", "bolt", "admin"]),
    ("HANAS-POST", &["hana", "acme", "bolt", "admin"]),
    // Between the two.
    ("HOW-MANY-SAVES", &["hana", "acme"]),
    // She shows insights to brands.
    ("424242", &["hana", "acme", "bolt", "admin"]),
    ("MESSAGE-BETWEEN", &["hana", "acme"]),
    ("Will you join us?", &["hana", "acme"]),
    ("We like your tea videos.", &["hana", "acme"]),
    ("Secret objective", &["hana", "acme"]),
    ("Show our tea at home.", &["hana", "acme"]),
    ("REASON-OF-THE-END", &["hana", "acme"]),
    // Acme's alone.
    ("DRAFT-OF-THE-BRIEF", &["acme"]),
    ("\"amountMinor\":300000", &["acme"]),
    ("\"target\":100000", &["acme"]),
    ("hooks.example.com", &["acme"]),
    // The one mail to whom is queued.
    ("nao@inbox.example", &["acme", "admin"]),
    ("New tea label", &["acme"]),
    // People and their addresses.
    // Whoever invites a registered creator is not told where the mail goes.
    ("hana@people.example", &["hana", "admin"]),
    ("acmeowner@people.example", &["acme", "admin"]),
    ("annanalyst@people.example", &["acme", "admin"]),
    ("kenji@people.example", &["kenji", "admin"]),
    // The platform's.
    ("failed@inbox.example", &["admin"]),
    ("421 come back later", &["admin"]),
    ("full@inbox.example", &["admin"]),
    ("it did not work", &["admin"]),
    ("A-FAULT-OF-OURS", &["admin"]),
];

struct Asker<'a> {
    schema: &'a ServiceDocument,
}

impl Asker<'_> {
    fn fields(&self, of: &str) -> Vec<&FieldDefinition> {
        match definition(self.schema, of).map(|d| &d.kind) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|f| &f.node).collect(),
            _ => Vec::new(),
        }
    }

    /// The arguments that a field must have, and a short page of a list.
    fn arguments(&self, field: &FieldDefinition) -> String {
        let mut given = Vec::new();
        for argument in &field.arguments {
            let (name, ty) = (argument.node.name.node.as_str(), &argument.node.ty.node);
            if name == "first" {
                given.push("first: 4".to_owned());
            } else if !ty.nullable && argument.node.default_value.is_none() {
                let value = match definition(self.schema, named_base(ty)).map(|d| &d.kind) {
                    Some(TypeKind::Enum(values)) => values.values[0].node.value.node.to_string(),
                    _ if name == "content" => "\"\"".to_owned(),
                    _ if named_base(ty) == "Int" => "0".to_owned(),
                    _ if named_base(ty) == "Date" => "\"2026-11-23\"".to_owned(),
                    _ => panic!("{}({name}:): say in reach.rs what it takes", field.name.node),
                };
                given.push(format!("{name}: {value}"));
            }
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }

    /// Selections of a type that together ask for everything below it, none twice on a path.
    fn selections(&self, of: &str, path: &[&str], depth: u32) -> Vec<String> {
        let (mut leaves, mut out) = (vec!["__typename".to_owned()], Vec::new());
        for field in self.fields(of) {
            let (name, base) = (field.name.node.as_str(), named_base(&field.ty.node));
            let called = format!("{name}{}", self.arguments(field));
            match definition(self.schema, base).map(|d| &d.kind) {
                Some(TypeKind::Object(_)) if depth > 0 && !path.contains(&base) => {
                    let path = [path, &[base]].concat();
                    out.extend(
                        self.selections(base, &path, depth - u32::from(!base.ends_with("Connection")))
                            .into_iter()
                            .map(|s| format!("{called} {{ {s} }}")),
                    );
                }
                Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)) => {}
                _ => leaves.push(called),
            }
        }
        // Rows of a list are asked for by `nodes`; its edges are the same.
        if of.ends_with("Connection") {
            out.retain(|s| !s.starts_with("edges"));
        }
        out.insert(0, leaves.join(" "));
        out
    }

    /// Puts selections together as far as a document may hold them.
    fn packed(&self, selections: Vec<String>) -> Vec<String> {
        let mut out: Vec<(usize, String)> = Vec::new();
        for selection in selections {
            let tokens = selection.split_whitespace().count() * 2;
            match out.last_mut() {
                Some((size, text)) if *size + tokens < TOKENS => {
                    *size += tokens;
                    *text += " ";
                    *text += &selection;
                }
                _ => out.push((tokens, selection)),
            }
        }
        out.into_iter().map(|(_, text)| text).collect()
    }
}

/// Everything that can be asked: documents with their variables. `named` are the things and of which type they are.
fn documents(schema: &ServiceDocument, world: &World, named: &BTreeMap<String, String>) -> Vec<(String, Value)> {
    let asker = Asker { schema };
    let mut out = Vec::new();
    for (id, of) in named {
        for selection in asker.packed(asker.selections(of, &[of], DEPTH)) {
            out.push((format!("query ($id: ID!) {{ node(id: $id) {{ ... on {of} {{ {selection} }} }} }}"), json!({ "id": id })));
        }
    }
    for field in fields(schema, "Query") {
        let (name, base) = (field.name.node.as_str(), named_base(&field.ty.node));
        if matches!(field.ty.node.base, BaseType::Named(_)) && base == "Node" || name == "nodes" {
            continue;
        }
        let Call { mut query, variables } = Call::new(schema, world, "Query", field, None);
        if field.arguments.iter().any(|a| a.node.name.node == "first") {
            let (plain, given) = (format!("{{ {name} {{"), format!("{{ {name}("));
            // People are many, and all of them are meant.
            let first = if name == "users" { 20 } else { 4 };
            query = match query.contains(&plain) {
                true => query.replace(&plain, &format!("{{ {name}(first: {first}) {{")),
                false => query.replace(&given, &format!("{{ {name}(first: {first}, ")),
            };
        }
        if !query.contains("{ __typename }") {
            out.push((query, variables));
            continue;
        }
        for selection in asker.packed(asker.selections(base, &[base], DEPTH)) {
            out.push((query.replace("{ __typename }", &format!("{{ {selection} }}")), variables.clone()));
        }
    }
    out
}

/// A word or two in everything that is somebody's.
async fn fill(stage: &Stage, world: &World) {
    let (hana, acme) = (&world.hana, &world.acme);
    let id = |name: &str| world.ids()[name].clone();
    hana.api
        .did("creatorEdit", json!({ "kana": "さとうはな", "prefecture": "kanagawa", "country": "JP" }), "creator { id kana prefecture }")
        .await;
    let item = json!({ "id": id("portfolioItem"), "brandName": "Someone else", "title": "HANAS-PORTFOLIO" });
    hana.api.did("portfolioItemEdit", item, "portfolioItem { id }").await;
    let token = json!({ "name": "HANAS-PROGRAM", "actor": "person", "scopes": ["read"], "days": 9 });
    hana.session_api().did("apiTokenCreate", token, "apiToken { id }").await;
    hana.api.did("messageSend", json!({ "threadId": id("thread"), "body": "MESSAGE-BETWEEN" }), "message { id }").await;
    let draft = json!({ "campaignId": id("campaign"), "teaser": { "summary": { "en": "DRAFT-OF-THE-BRIEF" } } });
    acme.api.did("briefEdit", draft, "brief { id }").await;
    // Another campaign, in which Hana was.
    let old = stage.campaign(acme, "Older tea").await;
    let ended = stage.participation(acme, old, hana.creator(), ParticipationState::Removed).await;
    let row = participation::Entity::find_by_id(ended).one(stage.app.db()).await.expect("read").expect("a row");
    let mut row = row.into_active_model();
    row.reason = Set("REASON-OF-THE-END".into());
    row.update(stage.app.db()).await.expect("written");
}

/// Of which type each thing is, as far as anybody sees it.
async fn typed(world: &World, everybody: &[(&str, Api)]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for (name, id) in world.ids() {
        for (_, api) in everybody {
            let seen = api.call("query ($id: ID!) { node(id: $id) { __typename } }", json!({ "id": id })).await.ok();
            if let Some(of) = seen["node"]["__typename"].as_str() {
                out.insert(id.clone(), of.to_owned());
            }
        }
        // These are no nodes; the others are somebody's.
        assert!(out.contains_key(id) || ["session", "reading", "story", "table", "tableVersion"].contains(name), "nobody sees {name}");
    }
    out
}

story!(words_reach_only_whom_they_concern, async |stage| {
    let mut world = World::new(stage).await;
    world.afresh(stage).await;
    fill(stage, &world).await;
    let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
    let of = |name: &str| match name {
        "hana" => world.hana.api.clone(),
        "kenji" => world.kenji.api.clone(),
        "acme" => world.acme.api.clone(),
        "bolt" => world.bolt.api.clone(),
        "admin" => world.admin.api.clone(),
        _ => stage.api(),
    };
    let everybody = ALL.map(|name| (name, of(name)));
    let named = typed(&world, &everybody).await;
    let documents = documents(&schema, &world, &named);
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (document, variables) in &documents {
        for (name, api) in &everybody {
            let answer = api.call(document, variables.clone()).await;
            let code = answer.code();
            if !["", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND"].contains(&code) {
                wrong.push(format!("{name}: {code}: {} {}", &document[..document.len().min(200)], answer.body["errors"][0]));
            }
            let text = answer.body["data"].to_string();
            for (word, concerns) in WORDS {
                if text.contains(word) {
                    found.entry(*word).or_default().insert(*name);
                    if !concerns.contains(name) {
                        wrong.push(format!("{name} reads {word} by {} {variables}", &document[..document.len().min(300)]));
                    }
                }
            }
        }
        stage.advance(chrono::Duration::minutes(1));
    }
    // Who may read it finds it, else nothing would be shown by not finding it.
    for (word, concerns) in WORDS {
        let finds = found.remove(word).unwrap_or_default();
        wrong.extend(concerns.iter().filter(|name| !finds.contains(*name)).map(|name| format!("{name} finds {word} nowhere")));
    }
    assert!(documents.len() > 60, "{}", documents.len());
    none("words that reach others, or nobody", wrong);
    stage.failures_are_the_point();
});
