//! Limits on a document, checked before validation and in one pass: tokens and nesting before the parser, the rest on its tree (B1, B2).
//!
//! The library's own walks follow every fragment spread again and compare their counts only at the end, so that a few hundred bytes can
//! hang it. Here each fragment is measured once and its measure is reused: the nodes visited never pass the nodes of the document, which
//! never pass its bytes. What the library walks afterwards is bounded by [`Limits::expanded_nodes`].

mod lexer;
mod measure;

pub use lexer::{Lexed, lex};
pub(crate) use measure::actual_cost;
pub use measure::{Measured, measure};

use std::collections::{BTreeMap, BTreeSet};

/// The limits. Counts are over the whole document with its fragments expanded, except where a line says otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of the document.
    pub bytes: usize,
    /// Tokens of the document as written, counted before it is parsed.
    pub tokens: usize,
    /// Bytes of one name or number: the library compares unknown names with every known one, letter by letter.
    pub name_bytes: usize,
    /// Open brackets of any kind at one point, so that the recursive parser stays within its stack.
    pub nesting: usize,
    /// Fields within fields.
    pub depth: u32,
    /// Fields within fields below `__schema` and `__type`: the usual introspection query needs 13 to 15.
    pub introspection_depth: u32,
    /// `fields`, `interfaces`, `possibleTypes` and `inputFields` within one another below `__schema`: each level multiplies the answer.
    pub introspection_lists: u32,
    /// Selection sets within one another, through fragments. The library refuses above 32 without a code.
    pub levels: u32,
    /// Aliases.
    pub aliases: u64,
    /// Directives.
    pub directives: u64,
    /// Fields at the root of one operation.
    pub root_fields: u64,
    /// Fields, spreads, arguments, directives and values: what validation has to walk. A variable's value counts at each use, and long
    /// texts count by length, since both are copied there.
    pub expanded_nodes: u64,
    /// Cost of one operation, see [`Pricing`].
    pub cost: u64,
    /// How cost is reckoned.
    pub pricing: Pricing,
    /// Root mutations that a document may hold once: sign-in and the like, so that aliases are no way to guess (B6).
    pub sensitive: BTreeSet<String>,
}

/// How the requested cost of an operation is reckoned, from names alone: the edge does not look into the schema.
///
/// - A field with a selection costs `object`, one without costs `leaf`, a root field of a mutation costs `mutation` on top.
/// - A field whose selection holds `edges` or `nodes` is a connection: those two cost as many times as `first` or `last` says (the
///   larger; literal, variable or the variable's default), or `page_size` times without either. `pageInfo` and the like cost once.
/// - Any other field with `first`, `last` or a list `ids` multiplies its whole selection.
/// - `lists` names fields that are lists without such an argument, and how long to take them for.
/// - An operation costs at least 1.
#[derive(Clone, Debug)]
pub struct Pricing {
    /// A field with a selection.
    pub object: u64,
    /// A field without.
    pub leaf: u64,
    /// A root field of a mutation.
    pub mutation: u64,
    /// Items of a connection that names no number.
    pub page_size: u64,
    /// Lists without a paging argument: field name and supposed length.
    pub lists: BTreeMap<String, u64>,
}

impl Default for Pricing {
    fn default() -> Self {
        Self { object: 1, leaf: 0, mutation: 10, page_size: 20, lists: BTreeMap::new() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 32 * 1024,
            tokens: 2_000,
            name_bytes: 128,
            nesting: 40,
            depth: 12,
            introspection_depth: 20,
            introspection_lists: 3,
            levels: 30,
            aliases: 30,
            directives: 50,
            root_fields: 30,
            expanded_nodes: 10_000,
            cost: 5_000,
            pricing: Pricing::default(),
            sensitive: BTreeSet::new(),
        }
    }
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Excess {
    /// More of something than allowed: what, and how much is allowed.
    TooMany(&'static str, u64),
    /// A name or number with more bytes than this.
    TooLong(usize),
    /// A fragment that spreads itself.
    Cycle(String),
    /// A sensitive mutation more than once.
    Repeated(String),
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Excess::TooLong(most) => write!(f, "A name or number in the document is longer than {most} bytes."),
            Excess::TooMany(what, most) => write!(f, "The document has too many {what}; at most {most} are allowed."),
            Excess::Cycle(fragment) => write!(f, "Fragment \"{fragment}\" spreads itself."),
            Excess::Repeated(field) => write!(f, "\"{field}\" may stand only once in a document."),
        }
    }
}
