//! `fields=a,b{c,d},e.word(argument){f}`, as the Graph API reads it.

use super::Refused;

/// A parsed `fields` parameter.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub Vec<Field>);

/// `name`, `name{inner}` or `name.word(argument){inner}`.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    pub argument: Option<String>,
    pub inner: Fields,
}

impl Fields {
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let wrong = || Refused::new(2500, None, "Syntax error \"Expected end of string instead of \\\"}\\\".\"");
        let mut rest = text;
        let fields = Self::list(&mut rest, 0).ok_or_else(wrong)?;
        if rest.is_empty() { Ok(fields) } else { Err(wrong()) }
    }

    fn list(rest: &mut &str, depth: usize) -> Option<Self> {
        let mut fields = Vec::new();
        loop {
            let end = rest.find([',', '{', '}', '.']).unwrap_or(rest.len());
            let name = rest[..end].trim();
            if name.is_empty() || depth > 4 || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                return None;
            }
            *rest = &rest[end..];
            let mut field = Field { name: name.to_owned(), argument: None, inner: Self::default() };
            while let Some(called) = rest.strip_prefix('.') {
                let (word, behind) = called.split_once('(')?;
                let (argument, behind) = behind.split_once(')')?;
                if word.is_empty() || argument.is_empty() || argument.contains(['{', '}']) {
                    return None;
                }
                // How many and whether summed goes with an edge; anything else names what is meant.
                if !matches!(word, "limit" | "summary") {
                    field.argument = Some(argument.to_owned());
                }
                *rest = behind;
            }
            if let Some(inside) = rest.strip_prefix('{') {
                *rest = inside;
                field.inner = Self::list(rest, depth + 1)?;
                *rest = rest.strip_prefix('}')?;
            }
            fields.push(field);
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => return Some(Self(fields)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_nest() {
        let parsed = Fields::parse("id,name,instagram_business_account{id,username},tasks").map_err(|r| r.message).unwrap();
        assert_eq!(parsed.0.len(), 4);
        assert_eq!(parsed.0[2].inner.0[1].name, "username");
        for wrong in ["", "a,", "a{", "a{b", "a}", "{a}", "a{}", "a b"] {
            assert!(Fields::parse(wrong).is_err(), "{wrong}");
        }
    }
}
