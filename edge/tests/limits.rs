//! The limits walk: linear in bytes, whatever the document expands to; and equal to a naive expansion where that is small enough to make.

use async_graphql::Variables;
use async_graphql_parser::parse_query;
use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};
use hibiki_edge::limits::{Excess, Measured, lex, measure};
use hibiki_edge::{Limits, limits};
use proptest::prelude::*;
use serde_json::json;

/// No limit at all, so that the walk has to go to the end.
fn boundless() -> Limits {
    Limits {
        bytes: usize::MAX,
        tokens: usize::MAX,
        name_bytes: usize::MAX,
        nesting: usize::MAX,
        depth: u32::MAX,
        introspection_depth: u32::MAX,
        introspection_lists: u32::MAX,
        levels: u32::MAX,
        aliases: u64::MAX,
        directives: u64::MAX,
        root_fields: u64::MAX,
        expanded_nodes: u64::MAX,
        cost: u64::MAX,
        ..Limits::default()
    }
}

fn walk(source: &str, limits: &Limits) -> Result<Measured, Excess> {
    measure(&parse_query(source).expect("a document"), &Variables::default(), limits)
}

fn cost(source: &str, variables: serde_json::Value) -> u64 {
    let measured = measure(&parse_query(source).expect("a document"), &Variables::from_json(variables), &boundless()).expect("no limits");
    measured.costs.values().copied().max().expect("an operation")
}

/// Fragments that spread the next one twice.
fn bomb(levels: usize) -> String {
    let mut source = "{ ...F0 }".to_owned();
    for at in 0..levels {
        source.push_str(&format!(" fragment F{at} on Q {{ ...F{0} ...F{0} }}", at + 1));
    }
    source + &format!(" fragment F{levels} on Q {{ a }}")
}

#[test]
fn a_bomb_of_40_levels_is_counted_in_82_steps() {
    let source = bomb(40);
    let measured = walk(&source, &boundless()).expect("no limits");
    // One spread, two per level, one field; expanded it is 2^40 fields and as many spreads.
    assert_eq!((measured.visited, measured.expanded), (82, (1 << 41) - 1 + (1 << 40)));
    assert!(measured.visited as usize <= source.len());
    assert!(matches!(walk(&source, &Limits::default()), Err(Excess::TooMany(..))));
    assert!(lex(&source, &Limits::default()).expect("few tokens").tokens < 500);
}

#[test]
fn a_thousand_levels_overflow_neither_counts_nor_stack() {
    let source = bomb(1_000);
    assert_eq!(walk(&source, &Limits::default()), Err(Excess::TooMany("levels of fragments", 30)));
    let measured = walk(&bomb(200), &boundless()).expect("no limits");
    assert_eq!((measured.visited, measured.expanded), (402, u64::MAX));
}

#[test]
fn visited_nodes_never_pass_the_bytes() {
    let many: String = (0..10_000).map(|at| format!(" a{at}: b")).collect();
    let deep = format!("{{ a{}{} }}", " { a".repeat(60), " }".repeat(60));
    let list = format!("{{ a(x: {}1{}) }}", "[".repeat(40), "]".repeat(40));
    let wide = format!("{{ {} }}", " b".repeat(10_000));
    let values = format!("{{ a(x: [{}]) }}", "1 ".repeat(10_000));
    for source in [format!("{{ {many} }}"), deep, list, wide, values] {
        let measured = walk(&source, &boundless()).expect("no limits");
        assert!(measured.visited as usize <= source.len(), "{} > {}", measured.visited, source.len());
        let lexed = lex(&source, &boundless()).expect("no limits");
        assert_eq!(lexed.visited, source.len());
    }
}

#[test]
fn the_walk_stops_at_the_limit() {
    let many: String = (0..10_000).map(|at| format!(" a{at}: b")).collect();
    assert_eq!(walk(&format!("{{ {many} }}"), &Limits::default()), Err(Excess::TooMany("aliases", 30)));
    assert_eq!(lex(&many, &Limits::default()), Err(Excess::TooMany("bytes", 32 * 1024)));
    assert_eq!(lex(&format!("{{ {} }}", "x".repeat(129)), &Limits::default()), Err(Excess::TooLong(128)));
}

#[test]
fn each_limit_is_kept() {
    let limits = Limits { sensitive: ["signIn".to_owned()].into(), ..Limits::default() };
    let nested = |name: &str, times: usize| format!("{{ {} x {} }}", format!("{name} {{ ").repeat(times), "} ".repeat(times));
    for (source, what) in [
        (nested("a", 12), "levels of fields"),
        ("{ a }".replace('a', &"a ".repeat(31)), "fields at its root"),
        (format!("{{ {} }}", "a @x @x ".repeat(26)), "directives"),
        (nested("... on Q", 31), "levels of selections"),
        (format!("{{ b {{ {} }} }}", "a: c ".repeat(31)), "aliases"),
        ("{ a(first: 100) { edges { node { b(first: 100) { edges { node { c } } } } } } }".to_owned(), "objects to fetch"),
        (
            "{ __schema { t { fields { t { fields { t { fields { t { fields { n } } } } } } } } } }".to_owned(),
            "lists of introspection within one another",
        ),
        // Not used by the operation, and yet walked by validation.
        (format!("{{ a }} {}", bomb(20).replace("{ ...F0 }", "")), "nodes with its fragments expanded"),
    ] {
        match walk(&source, &limits) {
            Err(Excess::TooMany(found, _)) => assert_eq!(found, what, "{source}"),
            other => panic!("{other:?}: {source}"),
        }
    }
    assert_eq!(
        walk("{ ...A } fragment A on Q { ...B } fragment B on Q { x { ...A } }", &limits).map_err(|it| matches!(it, Excess::Cycle(_))),
        Err(true)
    );
    assert_eq!(walk("mutation { a: signIn b: signIn }", &limits), Err(Excess::Repeated("signIn".to_owned())));
    assert_eq!(walk("mutation { ...A ...A } fragment A on M { signIn }", &limits), Err(Excess::Repeated("signIn".to_owned())));
    assert!(walk("mutation { signIn }", &limits).is_ok());
    assert!(walk(&nested("a", 11), &limits).is_ok());
}

#[test]
fn cost_follows_first_last_and_ids() {
    for (source, variables, expected) in [
        ("{ a }", json!({}), 1),
        ("{ a { b } }", json!({}), 1),
        ("mutation { a { b } }", json!({}), 11),
        // The connection, ten edges and their nodes.
        ("{ as(first: 10) { edges { node { x } } pageInfo { y } } }", json!({}), 22),
        ("{ as { nodes { x } } }", json!({}), 21),
        ("{ as { ...C } } fragment C on As { nodes { x } }", json!({}), 21),
        ("query($n: Int) { as(last: $n) { nodes { x } } }", json!({ "n": 3 }), 4),
        ("query($n: Int = 7) { as(first: $n) { nodes { x } } }", json!({}), 8),
        ("query($n: Int = 7) { as(first: $n) { nodes { x } } }", json!({ "n": 2 }), 3),
        ("query($n: Int = 7) { ...F } fragment F on Q { as(first: $n) { nodes { x } } }", json!({}), 8),
        ("query A($n: Int = 7) { ...F } query B($n: Int = 70) { ...F } fragment F on Q { as(first: $n) { nodes { x } } }", json!({}), 71),
        ("{ nodes(ids: [1, 2, 3]) { x { y } } }", json!({}), 4),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { x { y } } }", json!({ "ids": ["a", "b"] }), 3),
        ("{ as(first: 9999999999999999999) { nodes { b(first: 99) { nodes { c } } } } }", json!({}), u64::MAX),
        ("{ as(first: -5) { nodes { x } } }", json!({}), 1),
    ] {
        assert_eq!(cost(source, variables), expected, "{source}");
    }
    let mut priced = boundless();
    priced.pricing = limits::Pricing { lists: [("tags".to_owned(), 5)].into(), leaf: 1, ..limits::Pricing::default() };
    assert_eq!(walk("{ tags { x y } }", &priced).expect("no limits").costs[""], 11);
}

#[test]
fn a_large_variable_counts_at_each_use() {
    let variables = Variables::from_json(json!({ "big": vec![1; 1_000] }));
    let document = parse_query(format!("query($big: [Int]) {{ b {{ {} }} }}", "a(x: $big) ".repeat(20))).expect("a document");
    assert_eq!(measure(&document, &variables, &Limits::default()), Err(Excess::TooMany("nodes with its fragments expanded", 10_000)));
}

/// Nodes, aliases, directives and depth after a literal expansion.
fn naive(document: &ExecutableDocument) -> [u64; 4] {
    fn set(document: &ExecutableDocument, set: &SelectionSet) -> [u64; 4] {
        let mut sum = [0; 4];
        for selection in &set.items {
            sum[2] += selection.node.directives().len() as u64;
            // Each with two nodes per argument: itself and its value, all scalars here.
            sum[0] += selection.node.directives().iter().map(|it| 1 + 2 * it.node.arguments.len() as u64).sum::<u64>();
            let (below, depth) = match &selection.node {
                Selection::Field(field) => {
                    sum[0] += 1;
                    sum[1] += u64::from(field.node.alias.is_some());
                    (naive_set(document, &field.node.selection_set.node), 1)
                }
                Selection::InlineFragment(inline) => {
                    sum[0] += 1;
                    (naive_set(document, &inline.node.selection_set.node), 0)
                }
                Selection::FragmentSpread(spread) => {
                    sum[0] += 1;
                    let fragment = &document.fragments[spread.node.fragment_name.node.as_str()];
                    (naive_set(document, &fragment.node.selection_set.node), 0)
                }
            };
            for at in 0..3 {
                sum[at] += below[at];
            }
            sum[3] = sum[3].max(below[3] + depth);
        }
        sum
    }
    let mut total = [0; 4];
    for (_, operation) in document.operations.iter() {
        let sum = set(document, &operation.node.selection_set.node);
        for at in 0..3 {
            total[at] += sum[at];
        }
        total[3] = total[3].max(sum[3]);
    }
    total
}

fn naive_set(document: &ExecutableDocument, set: &SelectionSet) -> [u64; 4] {
    let operation = async_graphql_parser::types::DocumentOperations::Single(async_graphql_parser::Positioned::new(
        async_graphql_parser::types::OperationDefinition {
            ty: async_graphql_parser::types::OperationType::Query,
            variable_definitions: vec![],
            directives: vec![],
            selection_set: async_graphql_parser::Positioned::new(set.clone(), Default::default()),
        },
        Default::default(),
    ));
    naive(&ExecutableDocument { operations: operation, fragments: document.fragments.clone() })
}

/// A selection set that spreads fragments `from..5` only, so that there is no cycle.
fn selections(from: usize) -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        Just("a".to_owned()),
        Just("x: a".to_owned()),
        Just("a @skip(if: true)".to_owned()),
        (from..5).prop_map(|at| format!("...F{at}")),
    ];
    let leaf = if from < 5 { leaf.boxed() } else { prop_oneof![Just("a".to_owned()), Just("y: b".to_owned())].boxed() };
    leaf.prop_recursive(3, 12, 3, |inner| {
        (prop::collection::vec(inner, 1..4), 0..3).prop_map(|(inner, kind)| {
            let inner = inner.join(" ");
            match kind {
                0 => format!("b {{ {inner} }}"),
                1 => format!("... on Q @d {{ {inner} }}"),
                _ => format!("z: c {{ {inner} }}"),
            }
        })
    })
    .boxed()
}

fn documents() -> impl Strategy<Value = String> {
    let sets = |from| prop::collection::vec(selections(from), 1..4).prop_map(|set| set.join(" "));
    (sets(0), sets(1), sets(2), sets(3), sets(4), sets(5)).prop_map(|(q, f0, f1, f2, f3, f4)| {
        let mut source = format!("{{ {q} ...F0 ...F1 ...F2 ...F3 ...F4 }}");
        for (at, set) in [f0, f1, f2, f3, f4].iter().enumerate() {
            source.push_str(&format!(" fragment F{at} on Q {{ {set} }}"));
        }
        source
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counts_equal_a_naive_expansion(source in documents()) {
        let document = parse_query(&source).expect("a document");
        let [nodes, aliases, directives, depth] = naive(&document);
        let measured = measure(&document, &Variables::default(), &boundless()).expect("no limits");
        prop_assert_eq!((measured.expanded, measured.aliases, measured.directives, u64::from(measured.depth)), (nodes, aliases, directives, depth));
        prop_assert!(measured.visited as usize <= source.len());
    }

    #[test]
    fn any_text_is_survived(source in any::<String>()) {
        let _ = survive(&source);
    }

    #[test]
    fn any_text_of_graphql_letters_is_survived(source in "([{}()\\[\\]:!$@=|&\"\\\\#\n ,]|\\.\\.\\.|query|mutation|fragment F on Q|on|a|first|1|\"\"\"|\u{feff}|é){0,60}") {
        let _ = survive(&source);
    }

    #[test]
    fn the_lexer_counts_no_fewer_tokens_than_there_are(count in 1_usize..200) {
        let source = format!("{{ {} }}", "a(x: \"t\") ".repeat(count));
        prop_assert_eq!(lex(&source, &boundless()).expect("no limits").tokens, 2 + 6 * count);
    }
}

fn survive(source: &str) -> Result<Measured, ()> {
    lex(source, &Limits::default()).map_err(drop)?;
    let document = parse_query(source).map_err(drop)?;
    measure(&document, &Variables::default(), &Limits::default()).map_err(drop)
}
