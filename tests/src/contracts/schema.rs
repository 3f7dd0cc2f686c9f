//! The schema that frontends build on: as printed, described throughout, clean under the public linter.

use std::process::Command;

use async_graphql_parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition},
};

use super::none;
use crate::peers::{missing, root};

#[test]
fn stands_in_the_tree_as_it_is_printed() {
    let printed = server::graph::schema::sdl();
    let kept = std::fs::read_to_string(root().join("schema.graphql")).unwrap_or_default();
    if kept != printed {
        let at = kept.lines().zip(printed.lines()).position(|(a, b)| a != b).unwrap_or(kept.lines().count().min(printed.lines().count()));
        let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
        panic!(
            "schema.graphql is not what the program prints. Look at the change with care, since clients rest on it, then:\n  \
             cargo run -q -p hibiki -- schema > schema.graphql\nFirst difference, line {}:\n  kept:    {}\n  printed: {}",
            at + 1,
            line(&kept),
            line(&printed)
        );
    }
}

#[test]
fn is_described_throughout() {
    let document = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
    let mut bare = Vec::new();
    let mut see = |name: String, described: bool| {
        if !described {
            bare.push(name);
        }
    };
    for definition in &document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let (definition, name) = (&definition.node, definition.node.name.node.as_str());
        // Made by the library; theirs are the names of the specification.
        let relay = name.ends_with("Connection") || name.ends_with("Edge") || name == "PageInfo";
        let root = matches!(name, "Query" | "Mutation" | "Subscription");
        see(name.to_owned(), relay || root || definition.description.is_some());
        let mut arguments = |owner: &str, arguments: &[async_graphql_parser::Positioned<InputValueDefinition>]| {
            for argument in arguments {
                let argument = &argument.node;
                // A mutation's only argument is described by its type.
                let fine = argument.description.is_some() || (name == "Mutation" && argument.name.node == "input");
                see(format!("{owner}({}:)", argument.name.node), fine);
            }
        };
        let mut fields = Vec::new();
        let mut all = |list: &[async_graphql_parser::Positioned<FieldDefinition>]| {
            for field in list {
                let owner = format!("{name}.{}", field.node.name.node);
                fields.push((owner.clone(), field.node.description.is_some() || relay));
                arguments(&owner, &field.node.arguments);
            }
        };
        match &definition.kind {
            TypeKind::Object(object) => all(&object.fields),
            TypeKind::Interface(interface) => all(&interface.fields),
            TypeKind::InputObject(input) => arguments(name, &input.fields),
            TypeKind::Enum(values) => {
                for value in &values.values {
                    fields.push((format!("{name}.{}", value.node.value.node), value.node.description.is_some()));
                }
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
        for (name, described) in fields {
            see(name, described);
        }
    }
    none("not described (write a doc comment above it)", bare);
}

#[test]
fn is_clean_under_the_public_linter() {
    let folder = root().join("tests/peers");
    if !folder.join("node_modules/@graphql-eslint").exists() {
        return missing("graphql-eslint: npm ci --prefix tests/peers");
    }
    let lint = Command::new("node").arg("schema-lint.mjs").current_dir(folder).output().expect("node starts");
    assert!(lint.status.success(), "{}{}", String::from_utf8_lossy(&lint.stdout), String::from_utf8_lossy(&lint.stderr));
}
