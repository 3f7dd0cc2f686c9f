//! A line of text → an interaction or another event. Plain lines take a hand-written path; whatever is unusual goes to serde, which also says what is
//! wrong with a bad one.

mod comma;
mod fast;
mod slow;

pub use comma::Header;

use influence::types::{CreatorId, Day};

use crate::row::Row;

/// What a line holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An interaction.
    Row(Row),
    /// Another event of a creator, on a day, as JSON in one fixed spelling.
    Event(CreatorId, Day, String),
    /// Nothing: a blank line.
    Blank,
}

/// How the text is written.
#[derive(Clone, Debug)]
pub enum Format {
    /// A JSON object on each line.
    Json,
    /// Comma-separated values with a header.
    Comma(Header),
}

impl Format {
    /// Reads a line, without its end. The error says what is wrong with it.
    pub fn line(&self, line: &[u8]) -> Result<Line, String> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.iter().all(u8::is_ascii_whitespace) {
            return Ok(Line::Blank);
        }
        match self {
            Self::Json => match fast::row(line) {
                Some(row) => sound(row),
                None => slow::line(line),
            },
            Self::Comma(header) => header.row(line).and_then(sound),
        }
    }
}

fn sound(row: Row) -> Result<Line, String> {
    if row.is_sound() { Ok(Line::Row(row)) } else { Err("n is no number other than 0".to_owned()) }
}

/// The code of a network's name.
fn network(name: &[u8]) -> Option<u8> {
    crate::row::NETWORK_NAMES.iter().position(|n| n.as_bytes() == name).map(|at| at as u8)
}

/// The code of a kind's name.
fn kind(name: &[u8]) -> Option<u8> {
    crate::row::KIND_NAMES.iter().position(|n| n.as_bytes() == name).map(|at| at as u8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Result<Line, String> {
        Format::Json.line(text.as_bytes())
    }

    const PLAIN: &str = r#"{"event":"interaction","ts":1764288000123,"day":20420,"network":"x","kind":"like","creator":"18446744073709551615","post":7,"actor":9,"n":1.5,"source":3,"link":"inferred"}"#;

    #[test]
    fn plain_lines_take_the_fast_path_and_both_agree() {
        let row = fast::row(PLAIN.as_bytes()).expect("plain");
        assert_eq!((row.creator, row.actor(), row.post(), row.ts, row.n), (u64::MAX, Some(9), Some(7), 1_764_288_000_123, 1.5));
        assert_eq!((row.network, row.kind, row.source, row.flags), (3, 2, 3, 7));
        assert_eq!(slow::line(PLAIN.as_bytes()), Ok(Line::Row(row)));
    }

    #[test]
    fn unusual_lines_are_read_too() {
        let escaped = PLAIN.replace("like", "\\u006cike").replace("\"source\":3", "\"source\":3,\"more\":{\"a\":[1]}");
        assert_eq!(fast::row(escaped.as_bytes()), None);
        assert_eq!(json(&escaped), json(PLAIN));
        assert_eq!(json(&format!(" {PLAIN}\t\r")), json(PLAIN));
        assert_eq!(json("  \r"), Ok(Line::Blank));
    }

    #[test]
    fn a_bad_line_says_why() {
        let cases = [
            ("{", "EOF"),
            (r#"{"ts":1,"network":"x","kind":"like"}"#, "creator"),
            (r#"{"ts":1,"network":"myspace","kind":"like","creator":1}"#, "network"),
            (r#"{"ts":1,"network":"x","kind":"like","creator":-1}"#, "no id"),
            (r#"{"ts":1,"network":"x","kind":"like","creator":1,"n":0}"#, "other than 0"),
            (r#"{"ts":1,"network":"x","kind":"like","creator":1} x"#, "trailing"),
            (r#"{"event":"gap","network":"x","creator":1}"#, "at"),
        ];
        for (text, why) in cases {
            let error = json(text).expect_err(text);
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn other_events_are_kept_as_the_science_reads_them() {
        let text = r#"{"creator":"5","event":"account_snapshot","network":"x","at":86400001,"followers":10,"unknown":1}"#;
        let Ok(Line::Event(5, 1, json)) = json(text) else { panic!("an event") };
        let event: influence::types::Event = serde_json::from_str(&json).expect("the same event");
        assert_eq!(event.place(), (influence::types::Network::X, 86_400_001));
    }

    #[test]
    fn comma_separated_lines_are_the_same_rows() {
        let header = Header::read(b"source,ts,network,kind,creator,post,actor,n,link").expect("a header");
        let format = Format::Comma(header);
        let line = b"3,1764288000123,x,like,18446744073709551615,7,9,1.5,inferred";
        assert_eq!(format.line(line), json(PLAIN));
        assert_eq!(format.line(b"3,1764288000123,\"x\",like,18446744073709551615,7,\"9\",1.5,inferred"), json(PLAIN));
        assert!(format.line(b"3,1,x").expect_err("too short").contains("kind"));
        assert!(Header::read(b"ts,network").expect_err("no creator").contains("kind"));
    }

    proptest! {
        #[test]
        fn both_paths_agree_on_any_row(
            creator in any::<u64>(), actor in proptest::option::of(any::<u64>()), post in proptest::option::of(any::<u64>()),
            ts in any::<i64>(), n in proptest::num::f32::NORMAL, kind in 0usize..15, network in 0usize..12, source in any::<u8>(),
        ) {
            let id = |id: Option<u64>| id.map_or("null".to_owned(), |id| id.to_string());
            let text = format!(
                r#"{{"n":{n:?},"kind":"{}","network":"{}","creator":{creator},"actor":{},"post":{},"source":{source},"ts":{ts}}}"#,
                crate::row::KIND_NAMES[kind], crate::row::NETWORK_NAMES[network], id(actor), id(post),
            );
            let fast = fast::row(text.as_bytes()).expect("plain");
            prop_assert_eq!(slow::line(text.as_bytes()), Ok(Line::Row(fast)));
            prop_assert_eq!((fast.creator, fast.actor(), fast.post(), fast.ts, fast.n), (creator, actor, post, ts, n));
        }

        #[test]
        fn no_bytes_make_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..80), at in 0usize..200) {
            let _ = Format::Json.line(&bytes);
            let mut cut = PLAIN.as_bytes().to_vec();
            cut.truncate(at);
            let _ = Format::Json.line(&cut);
        }
    }
}
