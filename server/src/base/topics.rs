//! The topics that ship, and their names.

use std::sync::LazyLock;

use influence::topics::Ontology;

use super::lang::Locale;

/// The topics.
pub static ONTOLOGY: LazyLock<Ontology> = LazyLock::new(Ontology::shipped);

/// A topic's name in a language; its id where the topic is gone.
pub fn name(id: &str, locale: Locale) -> String {
    ONTOLOGY.find(id).map_or_else(|| id.to_owned(), |topic| ONTOLOGY.name(topic, locale.as_str()).to_owned())
}
