//! V8: entities and topics.
