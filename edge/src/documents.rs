//! Documents that were parsed lately. Clients send the same few again and again, and reading one takes longer than most of what follows.
//!
//! Only the reading is saved: limits, rights and variables are looked at each time, and no answer is kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use async_graphql_parser::types::ExecutableDocument;
use async_graphql_parser::{Result, parse_query};

/// So much text is remembered per thread; a parsed document is some twenty times as large as its text.
const MOST_TEXT: usize = 256 * 1024;

#[derive(Default)]
struct Known {
    documents: HashMap<String, Rc<ExecutableDocument>>,
    text: usize,
}

thread_local! {
    // Workers are single-threaded, so none waits for another.
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// The document, parsed now or before. What does not parse is not remembered.
pub(crate) fn parsed(source: &str) -> Result<Rc<ExecutableDocument>> {
    if let Some(known) = KNOWN.with_borrow(|known| known.documents.get(source).cloned()) {
        return Ok(known);
    }
    let document = Rc::new(parse_query(source)?);
    KNOWN.with_borrow_mut(|known| {
        // Those in use come back at once; who makes each document anew gains nothing and costs the others little.
        if known.text + source.len() > MOST_TEXT {
            *known = Known::default();
        }
        known.text += source.len();
        known.documents.insert(source.to_owned(), document.clone());
    });
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_parsed_once() {
        let first = parsed("{ a }").expect("it parses");
        assert!(Rc::ptr_eq(&first, &parsed("{ a }").expect("it is known")));
        assert!(!Rc::ptr_eq(&first, &parsed("{ b }").expect("it parses")));
        assert!(parsed("{").is_err() && parsed("{").is_err());
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let long = |n: usize| format!("{{ a{n} }} #{}", " ".repeat(MOST_TEXT / 4));
        for n in 0..20 {
            parsed(&long(n)).expect("it parses");
            assert!(KNOWN.with_borrow(|known| known.text <= MOST_TEXT && known.documents.len() <= 4));
        }
    }
}
