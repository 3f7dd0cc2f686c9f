//! Random operations out of the schema (B14): whatever is asked, the answer is no fault of ours and every error has its code.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql_parser::{
    parse_schema,
    types::{BaseType, ServiceDocument, Type, TypeKind},
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Map, Value, json};

use super::{
    authority::{World, definition, fields, named_base},
    none,
};
use crate::{Stage, database::Kind, stage::tell};

/// How many operations each kind of caller sends.
const OPERATIONS: u64 = 300;
/// How deep a selection goes.
const DEPTH: u32 = 4;

/// What people, programs and attackers put where a text is asked for.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "a\0b",
    "nothing",
    "%_\\",
    "'; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "a@b.example\r\nBcc: c@d.example",
    "\u{202e}gnp.exe",
    "\u{feff}\u{200b}",
    "👨‍👩‍👧‍👦",
    "ﾊﾝｶｸ　ｽﾍﾟｰｽ",
    "－１",
    "-0",
    "1e309",
    "99999999999999999999999999",
    "NaN",
    "2026-02-30",
    "9999-12-31",
    "0000-00-00",
    "https://[::1]:99999/",
    "javascript:alert(1)",
    "//evil.example",
    "../../etc/passwd",
    "Asia/Tokyo",
    "instagram",
    "EUR",
    "ja",
    "null",
    "{\"a\":1}",
    "cre_00000000000000000000000000000000",
    "cre_ffffffffffffffffffffffffffffffff",
    "cre_",
    "_",
    "été_01a19cbdc1b172dc9b43580fdde77a8a",
];
const DATES: &[&str] =
    &["0000-01-01", "0001-01-01", "1970-01-01", "2026-11-23", "2026-02-29", "9999-12-31", "-0001-01-01", "+262142-12-31"];
const TIMES: &[&str] = &[
    "0001-01-01T00:00:00Z",
    "2026-11-23T23:59:60Z",
    "2026-11-23T10:00:00+14:00",
    "9999-12-31T23:59:59.999999999Z",
    "+262142-12-31T23:59:59Z",
];
const WHOLES: &[i64] = &[0, 1, -1, 2, 50, 51, 100, 101, 1_000_000, i32::MAX as i64, i32::MIN as i64];
const LONGS: &[i64] = &[0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1];

struct Fuzzer<'a> {
    schema: &'a ServiceDocument,
    ids: &'a BTreeMap<&'static str, String>,
    rng: StdRng,
}

impl Fuzzer<'_> {
    fn one_of(&mut self, of: &[&str]) -> Value {
        json!(of.choose(&mut self.rng))
    }

    /// An id that is somebody's, or a text.
    fn id(&mut self) -> Value {
        if self.rng.random_bool(0.7) {
            let all: Vec<&String> = self.ids.values().collect();
            json!(all.choose(&mut self.rng))
        } else {
            self.one_of(TEXTS)
        }
    }

    fn value(&mut self, ty: &Type) -> Value {
        if ty.nullable && self.rng.random_bool(0.2) {
            return Value::Null;
        }
        let base = match &ty.base {
            BaseType::List(of) => {
                let count = self.rng.random_range(0..4);
                return (0..count).map(|_| self.value(of)).collect();
            }
            BaseType::Named(base) => base.as_str(),
        };
        match base {
            "ID" => self.id(),
            "String" => match self.rng.random_range(0..10) {
                0 => json!("長".repeat(6_000)),
                1 => self.id(),
                _ => self.one_of(TEXTS),
            },
            "Int" => json!(WHOLES.choose(&mut self.rng)),
            "Long" => json!(LONGS.choose(&mut self.rng)),
            "Float" | "Decimal" => json!([0.0, -0.0, 1e308, -1e308, 0.1].choose(&mut self.rng)),
            "Boolean" => json!(self.rng.random_bool(0.5)),
            "Date" => self.one_of(DATES),
            "DateTime" => self.one_of(TIMES),
            _ => match definition(self.schema, base).map(|d| &d.kind) {
                Some(TypeKind::Enum(values)) => {
                    let all: Vec<&str> = values.values.iter().map(|v| v.node.value.node.as_str()).collect();
                    self.one_of(&all)
                }
                Some(TypeKind::InputObject(input)) => {
                    let one_of = definition(self.schema, base).is_some_and(|d| d.directives.iter().any(|d| d.node.name.node == "oneOf"));
                    if one_of {
                        let Some(field) = input.fields.choose(&mut self.rng) else { return json!({}) };
                        let needed = Type { nullable: false, ..field.node.ty.node.clone() };
                        return json!({ field.node.name.node.as_str(): self.value(&needed) });
                    }
                    let mut out = Map::new();
                    for field in &input.fields {
                        let needed = !field.node.ty.node.nullable && field.node.default_value.is_none();
                        if needed || self.rng.random_bool(0.7) {
                            out.insert(field.node.name.node.to_string(), self.value(&field.node.ty.node));
                        }
                    }
                    out.into()
                }
                other => panic!("{base} is a scalar that is not known here ({other:?})"),
            },
        }
    }

    /// Some of the fields of an object, with arguments: a document in words. Arguments become variables.
    fn selection(&mut self, on: &str, depth: u32, variables: &mut Vec<(String, Value)>) -> String {
        let kind = definition(self.schema, on).map(|d| &d.kind);
        let (fields, members) = match kind {
            Some(TypeKind::Object(object)) => (&object.fields, Vec::new()),
            Some(TypeKind::Interface(interface)) => (&interface.fields, self.implementors(on)),
            Some(TypeKind::Union(union)) => {
                let members: Vec<String> = union.members.iter().map(|m| m.node.to_string()).collect();
                return format!(" {{ {} }}", self.fragment(&members, depth, variables));
            }
            _ => return String::new(),
        };
        let mut parts = vec!["__typename".to_owned()];
        for (n, field) in fields.iter().enumerate() {
            let (field, base) = (&field.node, named_base(&field.node.ty.node));
            let is_leaf = definition(self.schema, base).is_none_or(|d| matches!(d.kind, TypeKind::Scalar | TypeKind::Enum(_)));
            if self.rng.random_bool(if is_leaf { 0.6 } else { 0.3 }) && (is_leaf || depth > 0) {
                let called = self.called(&field.arguments, variables);
                let below = if is_leaf { String::new() } else { self.selection(base, depth - 1, variables) };
                // Fields of two types may have one name and several meanings.
                parts.push(format!("f{depth}_{on}_{n}: {}{called}{below}", field.name.node));
            }
        }
        if !members.is_empty() && depth > 0 {
            parts.push(self.fragment(&members, depth - 1, variables));
        }
        format!(" {{ {} }}", parts.join(" "))
    }

    fn fragment(&mut self, members: &[String], depth: u32, variables: &mut Vec<(String, Value)>) -> String {
        let Some(on) = members.choose(&mut self.rng).cloned() else { return "__typename".into() };
        format!("__typename ... on {on}{}", self.selection(&on, depth, variables))
    }

    fn implementors(&self, interface: &str) -> Vec<String> {
        let mut out = Vec::new();
        for definition in &self.schema.definitions {
            if let async_graphql_parser::types::TypeSystemDefinition::Type(of) = definition
                && let TypeKind::Object(object) = &of.node.kind
                && object.implements.iter().any(|i| i.node == interface)
            {
                out.push(of.node.name.node.to_string());
            }
        }
        out
    }

    fn called(
        &mut self,
        arguments: &[async_graphql_parser::Positioned<async_graphql_parser::types::InputValueDefinition>],
        variables: &mut Vec<(String, Value)>,
    ) -> String {
        let mut given = Vec::new();
        for argument in arguments {
            let argument = &argument.node;
            let needed = !argument.ty.node.nullable && argument.default_value.is_none();
            if needed || self.rng.random_bool(0.6) {
                let value = self.value(&argument.ty.node);
                given.push(format!("{}: $v{}", argument.name.node, variables.len()));
                variables.push((argument.ty.node.to_string(), value));
            }
        }
        if given.is_empty() { String::new() } else { format!("({})", given.join(", ")) }
    }

    /// One operation with one root field.
    fn operation(&mut self, kind: &str) -> (String, Value) {
        let all = fields(self.schema, kind);
        // Ends the caller's own session; nothing could be tried after it.
        let all: Vec<_> = all.into_iter().filter(|f| f.name.node != "signOut").collect();
        let field = *all.choose(&mut self.rng).expect("a field");
        let mut variables = Vec::new();
        let called = self.called(&field.arguments, &mut variables);
        let below = self.selection(named_base(&field.ty.node), DEPTH, &mut variables);
        let declared: Vec<String> = variables.iter().enumerate().map(|(n, (ty, _))| format!("$v{n}: {ty}")).collect();
        let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        let values: Map<String, Value> = variables.into_iter().enumerate().map(|(n, (_, value))| (format!("v{n}"), value)).collect();
        (format!("{} Fuzz{declared} {{ {}{called}{below} }}", kind.to_lowercase(), field.name.node), values.into())
    }
}

fn fuzz(kind: Kind, seed: u64) {
    tell(kind, async |stage: &Stage| {
        let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
        let mut world = World::new(stage).await;
        let (mut wrong, mut answered, mut codes) = (Vec::new(), 0, BTreeSet::new());
        let mut rng = StdRng::seed_from_u64(seed);
        for n in 0..OPERATIONS {
            if n % 50 == 0 {
                world.afresh(stage).await;
            }
            let mut fuzzer = Fuzzer { schema: &schema, ids: world.ids(), rng: StdRng::seed_from_u64(rng.random()) };
            let (query, variables) = fuzzer.operation(if n % 2 == 0 { "Query" } else { "Mutation" });
            for who in [None, Some(&world.hana), Some(&world.acme), Some(&world.admin)] {
                let api = who.map_or_else(|| stage.api(), |someone| someone.api.clone());
                let answer = api.call(&query, variables.clone()).await;
                let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
                answered += usize::from(errors.is_empty());
                for error in &errors {
                    let code = error["extensions"]["code"].as_str().unwrap_or("none").to_owned();
                    if ["none", "INTERNAL_SERVER_ERROR", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"].contains(&code.as_str()) {
                        wrong.push(format!("{code}: {}\n    {query}\n    {variables}", error["message"]));
                    }
                    codes.insert(code);
                }
                if answer.status.is_server_error() {
                    wrong.push(format!("{}: {query}\n    {variables}", answer.status));
                }
                stage.advance(chrono::Duration::seconds(20));
            }
        }
        stage.failures_are_the_point();
        wrong.truncate(20);
        none("answers", wrong);
        assert!(answered > 200, "only {answered} operations were answered; {codes:?}");
    });
}

#[test]
fn random_operations_on_sqlite() {
    fuzz(Kind::Sqlite, 1);
}

#[test]
fn random_operations_on_postgres() {
    fuzz(Kind::Postgres, 2);
}
