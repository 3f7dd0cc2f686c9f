//! The claims V6 to V8 against labelled data.
