//! The GraphQL room: the schema, who calls, payloads, nodes, connections, loaders. The hardened edge itself is the crate `edge`.

pub mod context;
pub mod documents;
pub mod host;
pub mod names;
pub mod node;
pub mod outcome;
pub mod rows;
pub mod scalars;
pub mod schema;
