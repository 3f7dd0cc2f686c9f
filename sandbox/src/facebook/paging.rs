//! Lists in parts, with cursors and a `next` address that holds the token, as Meta has it.

use actix_web::HttpRequest;
use serde_json::{Value, json};
use url::Url;

use super::{Refused, query, token_in};
use crate::world::World;

/// A list in parts of at most `most` rows. `rows` gives those behind the first so many.
pub(super) fn paged(
    world: &World,
    request: &HttpRequest,
    most: usize,
    rows: impl FnOnce(usize, usize) -> Result<Vec<Value>, Refused>,
) -> Result<Value, Refused> {
    let limit = query(request, "limit").and_then(|n| n.parse().ok()).unwrap_or(25).clamp(1, most);
    let from = match query(request, "after") {
        None => 0,
        Some(cursor) => from_cursor(&cursor).ok_or_else(|| Refused::new(100, None, "(#100) Invalid cursor"))?,
    };
    let mut data = rows(from, limit + 1)?;
    let more = data.len() > limit;
    data.truncate(limit);
    if data.is_empty() {
        return Ok(json!({"data": data}));
    }
    let end = from + data.len();
    let mut paging = json!({"cursors": {"before": cursor(from), "after": cursor(end)}});
    if more {
        // As Meta does, with the token in it: a client must not log it.
        let mut next = Url::parse(&format!("{}{}", world.public_url(), request.path())).map_err(|_| Refused::new(2, None, "no address"))?;
        let asked: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
        next.query_pairs_mut()
            .append_pair("access_token", &token_in(request).unwrap_or_default())
            .extend_pairs(asked.iter().filter(|(key, _)| !matches!(key.as_str(), "after" | "access_token" | "appsecret_proof" | "limit")))
            .append_pair("limit", &limit.to_string())
            .append_pair("after", &cursor(end));
        paging["next"] = next.as_str().into();
    }
    Ok(json!({"data": data, "paging": paging}))
}

fn cursor(n: usize) -> String {
    hex::encode(format!("cursor:{n}"))
}

fn from_cursor(text: &str) -> Option<usize> {
    String::from_utf8(hex::decode(text).ok()?).ok()?.strip_prefix("cursor:")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_go_both_ways() {
        assert_eq!(from_cursor(&cursor(25)), Some(25));
        assert_eq!(from_cursor("zz"), None);
    }
}
