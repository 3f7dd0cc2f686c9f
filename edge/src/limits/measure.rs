//! Measures a parsed document: depth, counts and cost with fragments expanded, each fragment walked once.

use std::collections::HashMap;

use async_graphql::Variables;
use async_graphql_parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, VariableDefinition,
};
use async_graphql_parser::{Positioned, types::FragmentDefinition};
use async_graphql_value::{ConstValue, Name, Value};

use super::{Excess, Limits, Pricing};

/// What the walk found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Nodes of the tree that were looked at: at most the nodes of the document, whatever its fragments expand to.
    pub visited: u64,
    /// Nodes after expansion, over all operations and over fragments that nothing spreads.
    pub expanded: u64,
    /// Deepest operation.
    pub depth: u32,
    /// Aliases after expansion.
    pub aliases: u64,
    /// Directives after expansion.
    pub directives: u64,
    /// Cost of each operation by name (`""` for the nameless one).
    pub costs: HashMap<String, u64>,
    /// Whether `__schema` or `__type` is asked for.
    pub introspects: bool,
}

/// Measures `document` and stops at the first limit that is passed. Cost depends on `variables` only through `first`, `last` and `ids`.
pub fn measure(document: &ExecutableDocument, variables: &Variables, limits: &Limits) -> Result<Measured, Excess> {
    let mut walk = Walk {
        fragments: &document.fragments,
        weights: variables.iter().map(|(name, value)| (name.as_str(), weight(value))).collect(),
        variables,
        defaults: HashMap::new(),
        limits,
        seen: HashMap::new(),
        open: 0,
        visited: 0,
    };
    // Before the walk, since a fragment is measured once for all operations that use it.
    for (_, operation) in document.operations.iter() {
        walk.defaults(operation.node.variable_definitions.as_slice());
    }
    let mut total = Measured::default();
    let mut sum = Sums::default();
    for (name, operation) in document.operations.iter() {
        let operation = &operation.node;
        let own = walk.operation(operation)?;
        let root = match operation.ty {
            OperationType::Mutation => own.root.saturating_mul(limits.pricing.mutation),
            OperationType::Query | OperationType::Subscription => 0,
        };
        let cost = own.edges.saturating_add(own.rest).saturating_add(root).max(1);
        check("fields at its root", own.root, limits.root_fields)?;
        check("levels of fields", own.depth.into(), limits.depth.into())?;
        check("levels of introspection", own.introspection_depth.into(), limits.introspection_depth.into())?;
        check("lists of introspection within one another", own.introspection_lists.into(), limits.introspection_lists.into())?;
        check("objects to fetch", cost, limits.cost)?;
        total.introspects |= own.introspects;
        total.depth = total.depth.max(own.depth);
        total.costs.insert(name.map(|name| name.to_string()).unwrap_or_default(), cost);
        sum.add(&own);
        walk.stop_early(&sum)?;
    }
    // Validation walks fragments that no operation uses as well: those that nothing spreads stand for all they spread.
    for (name, fragment) in &document.fragments {
        let own = walk.fragment(name, fragment)?;
        if !walk.seen.get(name.as_str()).is_some_and(|seen| seen.spread) {
            sum.add(&own);
            walk.stop_early(&sum)?;
        }
        total.introspects |= own.introspects;
    }
    total.visited = walk.visited;
    total.expanded = sum.expanded;
    total.aliases = sum.aliases;
    total.directives = sum.directives;
    Ok(total)
}

fn check(what: &'static str, is: u64, most: u64) -> Result<(), Excess> {
    if is > most { Err(Excess::TooMany(what, most)) } else { Ok(()) }
}

/// What a selection set comes to, with its spreads. Everything here can be added up (or its maximum taken) where a fragment is spread, so
/// that one measure per fragment is enough.
#[derive(Clone, Debug, Default)]
struct Sums {
    expanded: u64,
    aliases: u64,
    directives: u64,
    /// Fields that stand directly in the set.
    root: u64,
    /// Cost of `edges` and `nodes`, and of the other fields: only the former are paged in a connection.
    edges: u64,
    rest: u64,
    connection: bool,
    depth: u32,
    introspection_depth: u32,
    introspection_lists: u32,
    /// `fields` and its like within one another; matters only below `__schema`.
    lists: u32,
    levels: u32,
    introspects: bool,
    /// Sensitive fields: the count and one of them.
    sensitive: HashMap<String, u64>,
}

impl Sums {
    fn add(&mut self, other: &Sums) {
        self.expanded = self.expanded.saturating_add(other.expanded);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.root = self.root.saturating_add(other.root);
        self.edges = self.edges.saturating_add(other.edges);
        self.rest = self.rest.saturating_add(other.rest);
        self.connection |= other.connection;
        self.depth = self.depth.max(other.depth);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        self.lists = self.lists.max(other.lists);
        self.levels = self.levels.max(other.levels);
        self.introspects |= other.introspects;
        for (name, count) in &other.sensitive {
            let own = self.sensitive.entry(name.clone()).or_default();
            *own = own.saturating_add(*count);
        }
    }
}

struct Seen {
    /// `None` while the walk is inside: meeting it then is a cycle.
    sums: Option<Sums>,
    spread: bool,
}

struct Walk<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    weights: HashMap<&'a str, u64>,
    defaults: HashMap<&'a str, Vec<&'a ConstValue>>,
    limits: &'a Limits,
    seen: HashMap<&'a str, Seen>,
    open: u32,
    visited: u64,
}

impl<'a> Walk<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Sums, Excess> {
        let mut sums = Sums::default();
        for definition in &operation.variable_definitions {
            self.definition(&definition.node, &mut sums);
        }
        self.directives(&operation.directives, &mut sums);
        self.set(&operation.selection_set.node, 0, &mut sums)?;
        Ok(sums)
    }

    fn defaults(&mut self, definitions: &'a [Positioned<VariableDefinition>]) {
        for definition in definitions {
            if let Some(default) = &definition.node.default_value {
                let name = definition.node.name.node.as_str();
                let own = self.weights.entry(name).or_default();
                *own = (*own).max(weight(&default.node));
                self.visited += nodes(&default.node);
                self.defaults.entry(name).or_default().push(&default.node);
            }
        }
    }

    fn definition(&mut self, definition: &'a VariableDefinition, sums: &mut Sums) {
        self.visited += 1;
        let weight = self.weights.get(definition.name.node.as_str()).copied().unwrap_or(0);
        sums.expanded = sums.expanded.saturating_add(1).saturating_add(weight);
        self.directives(&definition.directives, sums);
    }

    fn fragment(&mut self, name: &'a Name, fragment: &'a Positioned<FragmentDefinition>) -> Result<Sums, Excess> {
        match self.seen.get(name.as_str()) {
            Some(Seen { sums: Some(sums), .. }) => return Ok(sums.clone()),
            Some(Seen { sums: None, .. }) => return Err(Excess::Cycle(name.to_string())),
            None => {}
        }
        self.seen.insert(name, Seen { sums: None, spread: false });
        // A chain of fragments is as deep a recursion as nested braces: for us, and for the library after us.
        self.open += 1;
        check("levels of fragments", self.open.into(), self.limits.levels.into())?;
        let mut sums = Sums::default();
        self.directives(&fragment.node.directives, &mut sums);
        self.set(&fragment.node.selection_set.node, 0, &mut sums)?;
        self.open -= 1;
        if let Some(seen) = self.seen.get_mut(name.as_str()) {
            seen.sums = Some(sums.clone());
        }
        Ok(sums)
    }

    /// Adds a selection set to `into`; `levels` is how deep inside `into` it stands.
    fn set(&mut self, set: &'a SelectionSet, levels: u32, into: &mut Sums) -> Result<(), Excess> {
        if set.items.is_empty() {
            return Ok(());
        }
        into.levels = into.levels.max(levels);
        for selection in &set.items {
            self.visited += 1;
            into.expanded = into.expanded.saturating_add(1);
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, levels, into)?,
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives, into);
                    self.set(&inline.node.selection_set.node, levels + 1, into)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives, into);
                    // An unknown fragment is validation's to report.
                    if let Some((name, fragment)) = self.fragments.get_key_value(spread.node.fragment_name.node.as_str()) {
                        let mut sums = self.fragment(name, fragment)?;
                        if let Some(seen) = self.seen.get_mut(name.as_str()) {
                            seen.spread = true;
                        }
                        sums.levels = sums.levels.saturating_add(levels + 1);
                        into.add(&sums);
                    }
                }
            }
            self.stop_early(into)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Field, levels: u32, into: &mut Sums) -> Result<(), Excess> {
        let name = field.name.node.as_str();
        let pricing = &self.limits.pricing;
        into.root = into.root.saturating_add(1);
        into.aliases = into.aliases.saturating_add(u64::from(field.alias.is_some()));
        if self.limits.sensitive.contains(name) {
            let count = into.sensitive.entry(name.to_owned()).or_default();
            *count = count.saturating_add(1);
        }
        let times = self.times(field);
        self.arguments(&field.arguments, into);
        self.directives(&field.directives, into);

        let mut below = Sums::default();
        self.set(&field.selection_set.node, levels + 1, &mut below)?;
        let (paged, once) = match (below.connection, times) {
            (true, times) => (below.edges.saturating_mul(times.unwrap_or(pricing.page_size)), below.rest),
            (false, times) => (below.rest.saturating_mul(times.or_else(|| pricing.lists.get(name).copied()).unwrap_or(1)), 0),
        };
        let own = if field.selection_set.node.items.is_empty() { pricing.leaf } else { pricing.object };
        let cost = own.saturating_add(paged).saturating_add(once);

        if matches!(name, "edges" | "nodes") && times.is_none() {
            into.connection = true;
            into.edges = into.edges.saturating_add(cost);
        } else {
            into.rest = into.rest.saturating_add(cost);
        }
        if matches!(name, "__schema" | "__type") {
            into.introspects = true;
            into.depth = into.depth.max(1);
            into.introspection_depth = into.introspection_depth.max(below.depth + 1);
            into.introspection_lists = into.introspection_lists.max(below.lists);
        } else {
            into.depth = into.depth.max(below.depth + 1);
            into.introspection_depth = into.introspection_depth.max(below.introspection_depth);
            into.introspection_lists = into.introspection_lists.max(below.introspection_lists);
        }
        let list = u32::from(matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields"));
        into.lists = into.lists.max(below.lists + list);
        into.levels = into.levels.max(below.levels);
        into.introspects |= below.introspects;
        into.expanded = into.expanded.saturating_add(below.expanded);
        into.aliases = into.aliases.saturating_add(below.aliases);
        into.directives = into.directives.saturating_add(below.directives);
        for (name, count) in below.sensitive {
            let own = into.sensitive.entry(name).or_default();
            *own = own.saturating_add(count);
        }
        Ok(())
    }

    /// How many items the field's paging arguments ask for, if it has one.
    fn times(&self, field: &'a Field) -> Option<u64> {
        field
            .arguments
            .iter()
            .filter_map(|(name, value)| match name.node.as_str() {
                "first" | "last" => self.number(&value.node),
                "ids" => self.length(&value.node),
                _ => None,
            })
            .max()
    }

    /// What a variable may stand for: its value, else the defaults that operations give it.
    fn candidates(&self, name: &Name) -> &[&'a ConstValue] {
        self.defaults.get(name.as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    fn number(&self, value: &Value) -> Option<u64> {
        // A negative number is the schema's to refuse.
        let of = |value: &ConstValue| match value {
            ConstValue::Number(number) => Some(number.as_u64().unwrap_or(0)),
            _ => None,
        };
        match value {
            Value::Number(number) => Some(number.as_u64().unwrap_or(0)),
            Value::Variable(name) => match self.variables.get(name) {
                Some(value) => of(value),
                None => self.candidates(name).iter().filter_map(|value| of(value)).max(),
            },
            _ => None,
        }
    }

    fn length(&self, value: &Value) -> Option<u64> {
        let of = |value: &ConstValue| match value {
            ConstValue::List(items) => Some(items.len() as u64),
            _ => None,
        };
        match value {
            Value::List(items) => Some(items.len() as u64),
            Value::Variable(name) => match self.variables.get(name) {
                Some(value) => of(value),
                None => self.candidates(name).iter().filter_map(|value| of(value)).max(),
            },
            _ => None,
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>], into: &mut Sums) {
        for directive in directives {
            self.visited += 1;
            into.expanded = into.expanded.saturating_add(1);
            into.directives = into.directives.saturating_add(1);
            self.arguments(&directive.node.arguments, into);
        }
    }

    fn arguments(&mut self, arguments: &'a [(Positioned<Name>, Positioned<Value>)], into: &mut Sums) {
        for (_, value) in arguments {
            self.visited += 1;
            into.expanded = into.expanded.saturating_add(1);
            self.value(&value.node, into);
        }
    }

    fn value(&mut self, value: &'a Value, into: &mut Sums) {
        self.visited += 1;
        into.expanded = into.expanded.saturating_add(match value {
            Value::Variable(name) => self.weights.get(name.as_str()).copied().unwrap_or(1),
            Value::String(text) => 1 + text.len() as u64 / BYTES_PER_NODE,
            _ => 1,
        });
        match value {
            Value::List(items) => items.iter().for_each(|item| self.value(item, into)),
            Value::Object(entries) => entries.values().for_each(|item| self.value(item, into)),
            _ => {}
        }
    }

    fn stop_early(&self, sums: &Sums) -> Result<(), Excess> {
        check("nodes with its fragments expanded", sums.expanded, self.limits.expanded_nodes)?;
        check("aliases", sums.aliases, self.limits.aliases)?;
        check("directives", sums.directives, self.limits.directives)?;
        check("levels of selections", sums.levels.into(), self.limits.levels.into())?;
        match sums.sensitive.iter().find(|(_, count)| **count > 1) {
            Some((name, _)) => Err(Excess::Repeated(name.clone())),
            None => Ok(()),
        }
    }
}

/// Text this long weighs as much as one more node.
const BYTES_PER_NODE: u64 = 64;

fn weight(value: &ConstValue) -> u64 {
    match value {
        ConstValue::String(text) => 1 + text.len() as u64 / BYTES_PER_NODE,
        ConstValue::List(items) => 1 + items.iter().map(weight).sum::<u64>(),
        ConstValue::Object(entries) => 1 + entries.values().map(weight).sum::<u64>(),
        _ => 1,
    }
}

fn nodes(value: &ConstValue) -> u64 {
    match value {
        ConstValue::List(items) => 1 + items.iter().map(nodes).sum::<u64>(),
        ConstValue::Object(entries) => 1 + entries.values().map(nodes).sum::<u64>(),
        _ => 1,
    }
}

/// What an answer came to, by the same prices: its objects and leaves, lists by their true length.
pub(crate) fn actual_cost(data: &ConstValue, pricing: &Pricing) -> u64 {
    fn objects(value: &ConstValue, pricing: &Pricing) -> u64 {
        match value {
            ConstValue::List(items) => items.iter().map(|item| objects(item, pricing)).sum(),
            ConstValue::Object(entries) => pricing.object + entries.values().map(|item| objects(item, pricing)).sum::<u64>(),
            _ => pricing.leaf,
        }
    }
    match data {
        ConstValue::Object(entries) => entries.values().map(|value| objects(value, pricing)).sum::<u64>().max(1),
        _ => 1,
    }
}
