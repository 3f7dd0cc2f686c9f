//! Counts tokens and nesting without building anything. It may take a wrong document for a right one, never the other way.

use super::{Excess, Limits};

/// What the lexer counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lexed {
    /// Names, strings, punctuators and numbers, of which a negative or broken one counts as several: `[1-2-3]` is read as three.
    pub tokens: usize,
    /// Deepest nesting of `{`, `(` and `[` taken together.
    pub nesting: usize,
    /// Bytes looked at; never more than the document has.
    pub visited: usize,
}

/// Counts the tokens of `source` and stops at the first limit that is passed.
pub fn lex(source: &str, limits: &Limits) -> Result<Lexed, Excess> {
    if source.len() > limits.bytes {
        return Err(Excess::TooMany("bytes", limits.bytes as u64));
    }
    let bytes = source.as_bytes();
    let mut lexed = Lexed::default();
    let mut open = 0usize;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at = match byte {
            b' ' | b',' | b'\t' | b'\r' | b'\n' => at + 1,
            // The byte order mark, which GraphQL ignores wherever it stands.
            0xEF if bytes[at..].starts_with(b"\xEF\xBB\xBF") => at + 3,
            b'#' => past(bytes, at, |byte| byte != b'\n' && byte != b'\r'),
            b'"' => past_string(bytes, at),
            b'.' => past(bytes, at, |byte| byte == b'.'),
            byte if is_word(byte) => past(bytes, at, is_word),
            _ => at + 1,
        };
        match byte {
            b' ' | b',' | b'\t' | b'\r' | b'\n' | b'#' => continue,
            0xEF if at == start + 3 => continue,
            b'{' | b'(' | b'[' => {
                open += 1;
                lexed.nesting = lexed.nesting.max(open);
            }
            byte if is_word(byte) && at - start > limits.name_bytes => {
                return Err(Excess::TooLong(limits.name_bytes));
            }
            b'}' | b')' | b']' => open = open.saturating_sub(1),
            _ => {}
        }
        lexed.tokens += 1;
        lexed.visited = at;
        if lexed.tokens > limits.tokens {
            return Err(Excess::TooMany("tokens", limits.tokens as u64));
        }
        if lexed.nesting > limits.nesting {
            return Err(Excess::TooMany("nested brackets", limits.nesting as u64));
        }
    }
    lexed.visited = bytes.len();
    Ok(lexed)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn past(bytes: &[u8], from: usize, also: impl Fn(u8) -> bool) -> usize {
    from + bytes[from..].iter().take_while(|byte| also(**byte)).count().max(1)
}

/// Behind a string or block string. One that is not closed ends at the line's end, so that brackets behind it still count.
fn past_string(bytes: &[u8], from: usize) -> usize {
    if bytes[from..].starts_with(b"\"\"\"") {
        let mut at = from + 3;
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if bytes[at..].starts_with(b"\"\"\"") {
                return at + 3;
            } else {
                at += 1;
            }
        }
        return at;
    }
    let mut at = from + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            b'\n' | b'\r' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(source: &str) -> (usize, usize) {
        let lexed = lex(source, &Limits::default()).expect("within limits");
        (lexed.tokens, lexed.nesting)
    }

    #[test]
    fn names_strings_and_punctuators_count_one_each() {
        assert_eq!(count("{ a }"), (3, 1));
        assert_eq!(count("{ a(x: \"} { \\\" {\", y: [1, -2.5e3]) ...F @skip(if: $no) } # {{{{"), (27, 3));
        assert_eq!(count("{ a(t: \"\"\"x \\\"\"\" { \"\"\") }"), (8, 2));
        assert_eq!(count("\u{feff}{a}"), (3, 1));
    }

    #[test]
    fn an_open_string_hides_no_brackets_of_later_lines() {
        assert_eq!(count("{ a(t: \"\n [[[ ").1, 5);
    }

    #[test]
    fn counting_stops_at_the_limit() {
        let limits = Limits { tokens: 10, ..Limits::default() };
        assert_eq!(lex(&"a ".repeat(5_000), &limits), Err(Excess::TooMany("tokens", 10)));
        assert_eq!(lex(&"[".repeat(10_000), &Limits::default()), Err(Excess::TooMany("nested brackets", 40)));
    }
}
