//! Comma-separated interactions: a header with the same names as in JSON, in any order. Quotes are read; a value never spans lines.

use crate::row::Row;

/// Where each value stands.
#[derive(Clone, Debug)]
pub struct Header {
    names: Vec<String>,
}

const NEEDED: [&str; 4] = ["ts", "network", "kind", "creator"];

impl Header {
    /// Reads the first line.
    pub fn read(line: &[u8]) -> Result<Self, String> {
        let names: Vec<String> = fields(line)?.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        match NEEDED.iter().find(|needed| !names.iter().any(|name| name == *needed)) {
            Some(missing) => Err(format!("the header lacks {missing}")),
            None => Ok(Self { names }),
        }
    }

    /// Reads a line.
    pub fn row(&self, line: &[u8]) -> Result<Row, String> {
        let mut row = Row { creator: 0, actor: 0, post: 0, ts: 0, n: 1.0, network: 0, kind: 0, flags: 0, source: 0 };
        let values = fields(line)?;
        let bad = |name: &str, value: &[u8]| format!("{name} {:?}", String::from_utf8_lossy(value));
        for needed in NEEDED {
            let at = self.names.iter().position(|name| name == needed).unwrap_or(usize::MAX);
            if values.get(at).is_none_or(|value| value.is_empty()) {
                return Err(format!("{needed} is missing"));
            }
        }
        for (name, value) in self.names.iter().zip(&values).filter(|(_, value)| !value.is_empty()) {
            let wrong = || bad(name, value);
            match name.as_str() {
                "ts" => row.ts = number(value).ok_or_else(wrong)?,
                "network" => row.network = super::network(value).ok_or_else(wrong)?,
                "kind" => row.kind = super::kind(value).ok_or_else(wrong)?,
                "creator" => row.creator = number(value).ok_or_else(wrong)?,
                "actor" => (row.actor, row.flags) = (number(value).ok_or_else(wrong)?, row.flags | Row::ACTOR),
                "post" => (row.post, row.flags) = (number(value).ok_or_else(wrong)?, row.flags | Row::POST),
                "n" => row.n = number::<f64>(value).ok_or_else(wrong)? as f32,
                "source" => row.source = number(value).ok_or_else(wrong)?,
                "link" if value.as_slice() == b"inferred" => row.flags |= Row::INFERRED,
                "link" if value.as_slice() != b"stated" => return Err(wrong()),
                _ => {}
            }
        }
        Ok(row)
    }
}

fn number<T: std::str::FromStr>(value: &[u8]) -> Option<T> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// The values of a line: cut at commas, or read with quotes where there are any.
fn fields(line: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    if memchr::memchr(b'"', line).is_none() {
        return Ok(line.split(|b| *b == b',').map(<[u8]>::to_vec).collect());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let mut record = csv::ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(|e| e.to_string())?;
    Ok(record.iter().map(<[u8]>::to_vec).collect())
}
