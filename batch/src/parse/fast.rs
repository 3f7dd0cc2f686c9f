//! The plain JSON line: one flat object, names and values without escapes. `None` for anything else.

use crate::row::Row;

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Skips blanks and takes the next byte.
    fn next(&mut self) -> Option<u8> {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// The rest of a string whose opening quote was taken.
    fn string(&mut self) -> Option<&'a [u8]> {
        let rest = &self.text[self.at..];
        // Short strings: a plain loop beats a call.
        let end = rest.iter().position(|b| matches!(b, b'"' | b'\\' | 0..=31))?;
        if rest[end] != b'"' {
            return None;
        }
        self.at += end + 1;
        Some(&rest[..end])
    }

    /// A whole number, at most 20 digits; a string of digits is one too, since many writers keep 64 bits only so.
    fn id(&mut self) -> Option<Option<u64>> {
        match self.next()? {
            b'n' => {
                self.word(b"ull")?;
                Some(None)
            }
            b'"' => {
                let digits = self.string()?;
                (!digits.is_empty()).then(|| digits.iter().try_fold(0, |id: u64, d| push(id, *d)))?.map(Some)
            }
            first => {
                let mut id = push(0, first)?;
                while let Some(digit @ b'0'..=b'9') = self.peek() {
                    // JSON knows no leading zero.
                    if id == 0 {
                        return None;
                    }
                    id = push(id, digit)?;
                    self.at += 1;
                }
                (!matches!(self.peek(), Some(b'.' | b'e' | b'E'))).then_some(Some(id))
            }
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let found = self.text[self.at..].starts_with(word);
        self.at += word.len();
        found.then_some(())
    }

    /// The bytes of a number.
    fn number(&mut self) -> Option<&'a [u8]> {
        self.next()?;
        let from = self.at - 1;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        Some(&self.text[from..self.at])
    }

    fn whole(&mut self) -> Option<i64> {
        let number = self.number()?;
        let (minus, digits) = number.strip_prefix(b"-").map_or((false, number), |digits| (true, digits));
        if digits.is_empty() || (digits[0] == b'0' && digits.len() > 1) {
            return None;
        }
        let size = digits.iter().try_fold(0, |id: u64, d| push(id, *d))?;
        let whole = i128::from(size) * if minus { -1 } else { 1 };
        i64::try_from(whole).ok()
    }

    fn float(&mut self) -> Option<f32> {
        let number = self.number()?;
        if let [digit @ b'0'..=b'9'] = number {
            return Some(f32::from(digit - b'0'));
        }
        // Rust reads more than JSON has: what begins or ends oddly is for the other path to judge.
        let plain = number.first().is_some_and(|b| matches!(b, b'1'..=b'9')) || number.starts_with(b"0.") || number.starts_with(b"-");
        let ends = number.last().is_some_and(u8::is_ascii_digit);
        let text = std::str::from_utf8(number).ok()?;
        let odd = text.contains("-.") || text.contains(".e") || text.contains(".E") || text.starts_with("-0");
        // Through f64, as serde does it.
        (plain && ends && !odd).then(|| text.parse::<f64>().ok()).flatten().map(|n| n as f32)
    }

    /// Skips a value of a name that nobody asked for.
    fn skip(&mut self) -> Option<()> {
        match self.next()? {
            b'"' => std::str::from_utf8(self.string()?).ok().map(|_| ()),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'0'..=b'9' | b'-' => {
                self.at -= 1;
                self.whole().map(|_| ())
            }
            _ => None,
        }
    }
}

#[inline]
fn push(id: u64, digit: u8) -> Option<u64> {
    let digit = digit.wrapping_sub(b'0');
    if digit > 9 {
        return None;
    }
    id.checked_mul(10)?.checked_add(u64::from(digit))
}

/// Which names have been seen: each once, or the line is unusual.
const CREATOR: u16 = 1;
const NETWORK: u16 = 2;
const KIND: u16 = 4;
const TS: u16 = 8;
const NEEDED: u16 = CREATOR | NETWORK | KIND | TS;

/// The row of a plain line.
pub fn row(line: &[u8]) -> Option<Row> {
    let mut text = Cursor { text: line, at: 0 };
    let mut row = Row { creator: 0, actor: 0, post: 0, ts: 0, n: 1.0, network: 0, kind: 0, flags: 0, source: 0 };
    let mut seen = 0u16;
    text.expect(b'{')?;
    loop {
        text.expect(b'"')?;
        let name = text.string()?;
        text.expect(b':')?;
        let bit = match name {
            b"creator" => {
                row.creator = text.id()??;
                CREATOR
            }
            b"network" => {
                text.expect(b'"')?;
                row.network = super::network(text.string()?)?;
                NETWORK
            }
            b"kind" => {
                text.expect(b'"')?;
                row.kind = super::kind(text.string()?)?;
                KIND
            }
            b"ts" => {
                row.ts = text.whole()?;
                TS
            }
            b"actor" => {
                if let Some(actor) = text.id()? {
                    row.actor = actor;
                    row.flags |= Row::ACTOR;
                }
                16
            }
            b"post" => {
                if let Some(post) = text.id()? {
                    row.post = post;
                    row.flags |= Row::POST;
                }
                32
            }
            b"n" => {
                row.n = text.float()?;
                64
            }
            b"source" => {
                row.source = u8::try_from(text.id()??).ok()?;
                128
            }
            b"link" => {
                text.expect(b'"')?;
                match text.string()? {
                    b"stated" => {}
                    b"inferred" => row.flags |= Row::INFERRED,
                    _ => return None,
                }
                256
            }
            b"event" => {
                text.expect(b'"')?;
                (text.string()? == b"interaction").then_some(512)?
            }
            _ => {
                std::str::from_utf8(name).ok()?;
                text.skip()?;
                0
            }
        };
        if seen & bit != 0 {
            return None;
        }
        seen |= bit;
        match text.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    // Blanks may follow, nothing else.
    (text.next().is_none() && seen & NEEDED == NEEDED).then_some(row)
}
