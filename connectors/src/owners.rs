//! Words that only its owner can put at a place: the description of an account, or the head of a page. Whoever writes a code of ours there
//! shows that the place is theirs, where a network has no login that we speak.
//!
//! Of a page its description and the tag `<meta name="hibiki-verification" content="…">` count, nothing of its body: visitors write
//! comments there.

use std::{collections::BTreeMap, sync::Arc};

use reqwest::{Method, header::LOCATION};
use url::Url;

use crate::{
    connector::Connector,
    error::{ErrorKind, Result},
    http::{Request, Response, Transport},
    network::{Handle, Network},
};

/// The name of our tag.
pub const TAG: &str = "hibiki-verification";
/// How many redirects of one host are followed.
const MOST_HOPS: usize = 2;
const ENDPOINT: &str = "owners_page";

/// Reads such words.
#[derive(Clone)]
pub struct Owners {
    /// Of accounts, by what is public of them.
    accounts: BTreeMap<Network, Arc<dyn Connector>>,
    /// The way to pages that people named: it must reach public addresses only.
    guarded: Arc<dyn Transport>,
    /// The sandbox's pages, in whose place all others stand.
    sandbox: Option<Url>,
}

impl Owners {
    /// With readers of accounts, and the way to pages.
    pub fn new(accounts: BTreeMap<Network, Arc<dyn Connector>>, guarded: Arc<dyn Transport>, sandbox: Option<Url>) -> Self {
        Self { accounts, guarded, sandbox }
    }

    /// Whether places on this network can be read.
    pub fn reads(&self, network: Network) -> bool {
        network == Network::Blog || self.accounts.contains_key(&network)
    }

    /// The words at a place; none if nothing there is read.
    pub async fn words(&self, handle: &Handle) -> Result<Option<Vec<String>>> {
        let network = handle.network();
        if network == Network::Blog {
            return Ok(Some(self.page(self.address(handle)).await?));
        }
        let Some(reader) = self.accounts.get(&network) else { return Ok(None) };
        let profile = reader.lookup_public(None, handle.text()).await?;
        Ok(Some([Some(profile.biography), profile.website, Some(profile.display_name)].into_iter().flatten().collect()))
    }

    fn address(&self, handle: &Handle) -> Url {
        match &self.sandbox {
            Some(base) => crate::settings::below(base, &handle.text().split('/').collect::<Vec<_>>()),
            None => handle.url(),
        }
    }

    async fn page(&self, mut url: Url) -> Result<Vec<String>> {
        for hop in 0.. {
            let request = Request::new(Network::Blog, ENDPOINT, Method::GET, url.clone());
            let answer = self.guarded.send(request.clone()).await?;
            match answer.status {
                200 => return Ok(head(&String::from_utf8_lossy(&answer.body))),
                301 | 302 | 303 | 307 | 308 => match onward(&url, &answer).filter(|_| hop < MOST_HOPS) {
                    Some(next) => url = next,
                    None => return Err(request.error(ErrorKind::NotFound).detail("it leads elsewhere")),
                },
                404 | 410 => return Err(request.error(ErrorKind::NotFound)),
                401 | 403 => return Err(request.error(ErrorKind::Private)),
                429 | 500.. => return Err(request.error(ErrorKind::Transient).detail(format!("status {}", answer.status))),
                status => return Err(request.error(ErrorKind::NotFound).detail(format!("status {status}"))),
            }
        }
        Ok(Vec::new())
    }
}

/// Where a redirect leads, if that is the same host but for `www.`: a redirect to another may be anybody's doing.
fn onward(from: &Url, answer: &Response) -> Option<Url> {
    let to = from.join(answer.headers.get(LOCATION)?.to_str().ok()?).ok()?;
    let plain = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned());
    (plain(from) == plain(&to) && from.scheme() == to.scheme() && from.port() == to.port()).then_some(to)
}

/// What the tags of a page's head say that count.
pub fn head(html: &str) -> Vec<String> {
    let lower = html.to_ascii_lowercase();
    let end = ["</head", "<body"].iter().filter_map(|end| lower.find(end)).min().unwrap_or(lower.len());
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(start) = next_tag(&lower[..end], &mut at) {
        let Some(length) = tag_end(&lower[start..end]) else { break };
        let (tag, raw) = (&lower[start..start + length], &html[start..start + length]);
        at = start + length;
        let name = attribute(tag, tag, "name").or_else(|| attribute(tag, tag, "property"));
        if name.is_some_and(|name| matches!(name.as_str(), TAG | "description" | "og:description")) {
            out.extend(attribute(tag, raw, "content"));
        }
    }
    out
}

/// The next `<meta` that is neither in a comment nor in a script.
fn next_tag(lower: &str, at: &mut usize) -> Option<usize> {
    loop {
        let start = *at + lower[*at..].find('<')?;
        let rest = &lower[start..];
        let skip = [("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<noscript", "</noscript"), ("<title", "</title")]
            .into_iter()
            .find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = skip {
            *at = start + open.len() + rest[open.len()..].find(close)? + close.len();
        } else if rest.starts_with("<meta") && rest[5..].starts_with(|c: char| c.is_ascii_whitespace() || c == '/') {
            return Some(start);
        } else {
            *at = start + 1;
        }
    }
}

/// Where a tag ends: at the first `>` outside quotation marks.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match quote {
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => return Some(at),
            None => {}
        }
    }
    None
}

/// The value of an attribute, found in `lower` and cut out of `raw`.
fn attribute(lower: &str, raw: &str, wanted: &str) -> Option<String> {
    let bytes = lower.as_bytes();
    let mut at = "<meta".len();
    let skip = |mut at: usize, of: &dyn Fn(u8) -> bool| {
        while at < bytes.len() && of(bytes[at]) {
            at += 1;
        }
        at
    };
    let blank = |b: u8| b.is_ascii_whitespace() || b == b'/';
    loop {
        at = skip(at, &blank);
        let start = at;
        at = skip(at, &|b| !b.is_ascii_whitespace() && b != b'=' && b != b'/');
        if at == start {
            if at >= bytes.len() {
                return None;
            }
            at += 1;
            continue;
        }
        let name = &lower[start..at];
        let equals = skip(at, &|b| b.is_ascii_whitespace());
        if bytes.get(equals) != Some(&b'=') {
            continue;
        }
        let mut from = skip(equals + 1, &|b| b.is_ascii_whitespace());
        let until = match bytes.get(from) {
            Some(mark @ (b'"' | b'\'')) => {
                from += 1;
                at = skip(from, &|b| b != *mark) + 1;
                at - 1
            }
            _ => {
                at = skip(from, &|b| !b.is_ascii_whitespace());
                at
            }
        };
        if name == wanted {
            return raw.get(from..until.min(raw.len())).map(str::to_owned);
        }
        if at >= bytes.len() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_the_owner_writes_counts() {
        let page = r#"<!DOCTYPE html><HTML><head><title>hibiki-title</title>
            <!-- <meta name="description" content="hibiki-comment"> --><script>'<meta name="description" content="hibiki-script">'</script>
            <META Content='Tea &amp; > sweets hibiki-described' NAME=description><meta name="keywords" content="hibiki-keyword">
            <meta property="og:description" content="日本語 hibiki-og"><meta name="hibiki-verification" content="hibiki-tag"/>
            </head><body><meta name="description" content="hibiki-visitor"><p>hibiki-visitor</p>"#;
        assert_eq!(head(page), ["Tea &amp; > sweets hibiki-described", "日本語 hibiki-og", "hibiki-tag"]);
        assert_eq!(head("<meta name=hibiki-verification content=a1>"), ["a1"], "without a head of its own");
        assert!(head("<body>x<meta name=hibiki-verification content=a1>").is_empty());
        assert!(head("<meta name=\"hibiki-verification\" content=\"never closed").is_empty());
    }

    #[test]
    fn redirects_stay_with_the_host() {
        let leads = |from: &str, to: &str| onward(&from.parse().unwrap(), &Response::of(301, &[("location", to)], "")).map(String::from);
        assert_eq!(leads("https://a.example/x", "https://www.a.example/x/").as_deref(), Some("https://www.a.example/x/"));
        assert_eq!(leads("https://a.example/x", "/y").as_deref(), Some("https://a.example/y"));
        for elsewhere in
            ["https://b.example/x", "//b.example", "http://a.example/x", "https://a.example:444/x", "https://a.example.b.example/"]
        {
            assert_eq!(leads("https://a.example/x", elsewhere), None, "{elsewhere}");
        }
    }

    proptest! {
        #[test]
        fn no_page_breaks_the_reading(page in "(<meta|<!--|<script|name=|content|[\"'<>/= é日]|description|</head|[a-z]{0,4}){0,40}") {
            let _ = head(&page);
        }
    }
}
