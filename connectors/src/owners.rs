//! Words that only its owner can put at a place: the description of an account, or the head of a page. Whoever writes a code of ours there
//! shows that the place is theirs, where a network has no login that we speak.
//!
//! Of a page its description and the tag `<meta name="hibiki-verification" content="…">` count, nothing of its body: visitors write
//! comments there.

use std::{collections::BTreeMap, sync::Arc};

use html5gum::{DefaultEmitter, Token, Tokenizer};
use reqwest::{Method, header::LOCATION};
use url::Url;

use crate::{
    connector::{Connector, Profile},
    error::{ErrorKind, Result},
    http::{Request, Response, Transport},
    network::{Handle, Network},
};

/// The name of our tag.
pub const TAG: &str = "hibiki-verification";
/// How many redirects of one host are followed.
const MOST_HOPS: usize = 2;
const ENDPOINT: &str = "owners_page";

/// What a place says of itself.
#[derive(Clone, Debug)]
pub struct Told {
    /// The words that only its owner writes.
    pub words: Vec<String>,
    /// The account there; none at pages.
    pub profile: Option<Profile>,
}

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

    /// Whoever reads what is public of accounts there.
    pub fn reader(&self, network: Network) -> Option<Arc<dyn Connector>> {
        self.accounts.get(&network).cloned()
    }

    /// What a place says; none if nothing there is read.
    pub async fn told(&self, handle: &Handle) -> Result<Option<Told>> {
        let network = handle.network();
        if network == Network::Blog {
            return Ok(Some(Told { words: self.page(self.address(handle)).await?, profile: None }));
        }
        let Some(reader) = self.accounts.get(&network) else { return Ok(None) };
        let profile = reader.lookup_public(None, handle.text()).await?;
        let words = [Some(profile.biography.clone()), profile.website.clone(), Some(profile.display_name.clone())];
        Ok(Some(Told { words: words.into_iter().flatten().collect(), profile: Some(profile) }))
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
    let mut emitter = DefaultEmitter::default();
    // What stands in scripts, styles and titles is no tag.
    emitter.naively_switch_states(true);
    let mut out = Vec::new();
    for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
        match token {
            Token::EndTag(tag) if tag.name.as_slice() == b"head" => break,
            Token::StartTag(tag) if tag.name.as_slice() == b"body" => break,
            Token::StartTag(tag) if tag.name.as_slice() == b"meta" => {
                let attribute = |name: &[u8]| tag.attributes.get(name).map(|said| String::from_utf8_lossy(said));
                let name = attribute(b"name").or_else(|| attribute(b"property")).unwrap_or_default().to_ascii_lowercase();
                if matches!(name.as_str(), TAG | "description" | "og:description") {
                    out.extend(attribute(b"content").map(String::from));
                }
            }
            _ => {}
        }
    }
    out
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
        assert_eq!(head(page), ["Tea & > sweets hibiki-described", "日本語 hibiki-og", "hibiki-tag"]);
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
