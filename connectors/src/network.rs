//! Which networks there are, and what a handle looks like on each. Used for links, imports and what people type.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use url::Url;

/// A social network or channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Network {
    Instagram,
    Youtube,
    Facebook,
    X,
    Tiktok,
    Twitch,
    Pinterest,
    Linkedin,
    Reddit,
    Bluesky,
    Mastodon,
    /// An own site: declared by its owner, unverified.
    Blog,
}

/// The name of an account on a network, brought to one form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    network: Network,
    text: String,
    key: String,
}

/// Why something typed is no handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HandleError {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// Shorter or longer than the network allows.
    #[error("shorter or longer than a name on this network can be")]
    Length,
    /// A character, or a place for one, that the network does not allow.
    #[error("holds a character that a name on this network cannot have")]
    Characters,
    /// The address is another site's.
    #[error("the address is not one of this network")]
    OtherSite,
    /// The address is this network's, but not that of a profile.
    #[error("the address is not that of a profile")]
    NotAProfile,
    /// The network needs more, such as the server of a Mastodon name.
    #[error("the name is not complete: the server is missing")]
    Incomplete,
}

impl Network {
    /// All of them, in the order in which pages show them.
    pub const ALL: [Self; 12] = [
        Self::Instagram,
        Self::Youtube,
        Self::Tiktok,
        Self::X,
        Self::Facebook,
        Self::Twitch,
        Self::Pinterest,
        Self::Linkedin,
        Self::Reddit,
        Self::Bluesky,
        Self::Mastodon,
        Self::Blog,
    ];

    /// The word for it in the database, settings and addresses.
    pub fn id(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::Youtube => "youtube",
            Self::Facebook => "facebook",
            Self::X => "x",
            Self::Tiktok => "tiktok",
            Self::Twitch => "twitch",
            Self::Pinterest => "pinterest",
            Self::Linkedin => "linkedin",
            Self::Reddit => "reddit",
            Self::Bluesky => "bluesky",
            Self::Mastodon => "mastodon",
            Self::Blog => "blog",
        }
    }

    /// Its own name for itself.
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Instagram => "Instagram",
            Self::Youtube => "YouTube",
            Self::Facebook => "Facebook",
            Self::X => "X",
            Self::Tiktok => "TikTok",
            Self::Twitch => "Twitch",
            Self::Pinterest => "Pinterest",
            Self::Linkedin => "LinkedIn",
            Self::Reddit => "Reddit",
            Self::Bluesky => "Bluesky",
            Self::Mastodon => "Mastodon",
            Self::Blog => "Blog",
        }
    }

    /// Reads a handle out of `@name`, a bare name or a profile's address. Full-width letters are folded (NFKC), invisible
    /// characters of pasted text are dropped.
    pub fn normalise_handle(self, input: &str) -> Result<Handle, HandleError> {
        let clean: String = input.nfkc().filter(|c| !is_invisible(*c)).collect();
        let clean = clean.trim();
        if clean.is_empty() {
            return Err(HandleError::Empty);
        }
        if clean.len() > 2_000 {
            return Err(HandleError::Length);
        }
        if self == Self::Blog {
            return blog(clean);
        }
        let name = match address(self, clean) {
            Some(url) => self.name_in(&url?)?,
            None => self.bare(clean),
        };
        self.named(&name)
    }

    /// The public page of a handle.
    pub fn profile_url(self, handle: &Handle) -> Url {
        let (base, segments): (&str, Vec<&str>) = match self {
            Self::Instagram => ("https://www.instagram.com", vec![handle.text(), ""]),
            Self::Youtube if is_channel_id(handle.text()) => ("https://www.youtube.com/channel", vec![handle.text()]),
            Self::Youtube => return at("https://www.youtube.com", handle.text()),
            Self::Tiktok => return at("https://www.tiktok.com", handle.text()),
            Self::Facebook => ("https://www.facebook.com", vec![handle.text()]),
            Self::X => ("https://x.com", vec![handle.text()]),
            Self::Twitch => ("https://www.twitch.tv", vec![handle.text()]),
            Self::Pinterest => ("https://www.pinterest.com", vec![handle.text(), ""]),
            Self::Linkedin => match handle.text().split_once('/') {
                Some((kind, slug)) => ("https://www.linkedin.com", vec![kind, slug, ""]),
                None => ("https://www.linkedin.com/in", vec![handle.text(), ""]),
            },
            Self::Reddit => ("https://www.reddit.com/user", vec![handle.text(), ""]),
            Self::Bluesky => ("https://bsky.app/profile", vec![handle.text()]),
            Self::Mastodon => {
                let (name, server) = handle.text().split_once('@').unwrap_or((handle.text(), "mastodon.social"));
                return at(&format!("https://{server}"), name);
            }
            Self::Blog => return parsed(&format!("https://{}", handle.text())),
        };
        crate::settings::below(&parsed(base), &segments)
    }

    /// Hosts whose addresses we read, without `www.` and `m.`.
    fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Instagram => &["instagram.com", "instagr.am"],
            Self::Youtube => &["youtube.com", "music.youtube.com"],
            Self::Facebook => &["facebook.com", "fb.com", "web.facebook.com", "business.facebook.com"],
            Self::X => &["x.com", "twitter.com"],
            Self::Tiktok => &["tiktok.com"],
            Self::Twitch => &["twitch.tv"],
            Self::Pinterest => &["pinterest.com"],
            Self::Linkedin => &["linkedin.com"],
            Self::Reddit => &["reddit.com", "old.reddit.com", "new.reddit.com"],
            Self::Bluesky => &["bsky.app"],
            Self::Mastodon | Self::Blog => &[],
        }
    }

    /// Paths that are pages of the network itself and not somebody's.
    fn reserved(self) -> &'static [&'static str] {
        match self {
            Self::Instagram => {
                &["p", "reel", "reels", "stories", "explore", "tv", "accounts", "direct", "about", "legal", "developer", "web"]
            }
            Self::Facebook => &[
                "groups",
                "events",
                "watch",
                "marketplace",
                "gaming",
                "share",
                "sharer",
                "photo",
                "photo.php",
                "story.php",
                "login",
                "help",
                "reel",
                "hashtag",
                "permalink.php",
                "policies",
                "dialog",
                "people",
                "pages",
            ],
            Self::X => &["i", "home", "search", "explore", "hashtag", "intent", "settings", "messages", "notifications", "share", "login"],
            Self::Twitch => &["directory", "videos", "settings", "search", "downloads", "p", "jobs", "turbo", "subscriptions"],
            Self::Pinterest => &["pin", "search", "ideas", "today", "settings", "categories", "business"],
            _ => &[],
        }
    }

    /// Whether the network shows names in lower case only.
    fn lower_cased(self) -> bool {
        matches!(self, Self::Instagram | Self::Tiktok | Self::Twitch | Self::Pinterest | Self::Bluesky | Self::Mastodon | Self::Linkedin)
    }

    /// The name inside a profile's address.
    fn name_in(self, url: &Url) -> Result<String, HandleError> {
        let host = url.host_str().unwrap_or_default();
        let segments: Vec<String> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|s| !s.is_empty())
            .map(|s| decoded(s).nfkc().filter(|c| !is_invisible(*c)).collect::<String>())
            .collect();
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        if self == Self::Mastodon {
            return match words.as_slice() {
                [name, ..] if name.starts_with('@') => {
                    let name = &name[1..];
                    Ok(if name.contains('@') { name.to_owned() } else { format!("{name}@{host}") })
                }
                ["users", name, ..] => Ok(format!("{name}@{host}")),
                _ => Err(HandleError::NotAProfile),
            };
        }
        let bare = bare_host(host);
        let ours = self.hosts().contains(&bare)
            || (self == Self::Pinterest && bare.split('.').any(|label| label == "pinterest") && bare.split('.').count() <= 4)
            || (self == Self::Linkedin && bare.strip_suffix(".linkedin.com").is_some_and(|country| country.len() == 2));
        if !ours {
            return Err(HandleError::OtherSite);
        }
        let after_at = |word: &str| word.strip_prefix('@').map(str::to_owned).ok_or(HandleError::NotAProfile);
        let name = match (self, words.as_slice()) {
            (_, []) => return Err(HandleError::NotAProfile),
            (Self::Youtube, ["channel", id, ..]) if is_channel_id(id) => (*id).to_owned(),
            // `/c/NAME` and `/user/NAME` are older names that may belong to somebody else as a handle: no guessing.
            (Self::Youtube | Self::Tiktok, [first, ..]) => after_at(first)?,
            (Self::Instagram, ["stories", name, ..]) => (*name).to_owned(),
            (Self::Facebook, ["profile.php", ..]) => {
                let id = url.query_pairs().find(|(key, _)| key == "id").map(|(_, id)| id.into_owned());
                id.filter(|id| is_number(id)).ok_or(HandleError::NotAProfile)?
            }
            (Self::Facebook, ["people" | "pages", _, id, ..]) if is_number(id) => (*id).to_owned(),
            (Self::Linkedin, ["in", slug, ..]) => (*slug).to_owned(),
            (Self::Linkedin, ["company", slug, ..]) => format!("company/{slug}"),
            (Self::Reddit, ["u" | "user", name, ..]) => (*name).to_owned(),
            (Self::Bluesky, ["profile", name, ..]) => (*name).to_owned(),
            (Self::Linkedin | Self::Reddit | Self::Bluesky, _) => return Err(HandleError::NotAProfile),
            (_, [first, ..]) => first.trim_start_matches('@').to_owned(),
        };
        Ok(name)
    }

    /// A name that was typed without an address.
    fn bare(self, typed: &str) -> String {
        let name = typed.strip_prefix('@').unwrap_or(typed);
        let name = match self {
            Self::Reddit => {
                let name = name.strip_prefix('/').unwrap_or(name);
                name.strip_prefix("u/").or_else(|| name.strip_prefix("user/")).unwrap_or(name)
            }
            Self::Linkedin => name.strip_prefix("in/").unwrap_or(name),
            _ => name,
        };
        match self {
            Self::Bluesky if !name.contains(['.', ':']) => format!("{name}.bsky.social"),
            _ => name.to_owned(),
        }
    }

    /// A handle from its bare name, if the network can have such a name.
    fn named(self, name: &str) -> Result<Handle, HandleError> {
        let text = if self.lower_cased() { lowered(name) } else { name.to_owned() };
        let length = |min: usize, max: usize| {
            if (min..=max).contains(&text.chars().count()) { Ok(()) } else { Err(HandleError::Length) }
        };
        let made_of = |allowed: fn(char) -> bool| if text.chars().all(allowed) { Ok(()) } else { Err(HandleError::Characters) };
        let not = |wrong: bool| if wrong { Err(HandleError::Characters) } else { Ok(()) };
        if self.reserved().contains(&text.to_lowercase().as_str()) {
            return Err(HandleError::NotAProfile);
        }
        match self {
            Self::Instagram => {
                made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c))?;
                length(1, 30)?;
                not(text.starts_with('.') || text.ends_with('.') || text.contains(".."))?;
            }
            Self::Youtube if is_channel_id(&text) => {}
            Self::Youtube => {
                made_of(|c| is_of_a_word(c) || "_-.·".contains(c))?;
                length(3, 30)?;
                not(text.starts_with(|c: char| is_combining_mark(c) || "-.·".contains(c)) || text.ends_with(['-', '.', '·']))?;
            }
            Self::Facebook => {
                made_of(|c| c.is_ascii_alphanumeric() || ".-".contains(c))?;
                length(3, 100)?;
                // Dots make no other name, so they do not make one longer either.
                if text.chars().filter(|c| *c != '.').count() < 3 {
                    return Err(HandleError::Length);
                }
                not(!text.contains(|c: char| c.is_ascii_alphanumeric()) || text.starts_with('.') || text.ends_with('.'))?;
                not(text.ends_with(".php"))?;
            }
            Self::X => {
                made_of(|c| c.is_ascii_alphanumeric() || c == '_')?;
                length(1, 15)?;
            }
            Self::Tiktok => {
                made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._".contains(c))?;
                length(2, 24)?;
                not(text.ends_with('.'))?;
            }
            Self::Twitch => {
                made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')?;
                length(3, 25)?;
                not(text.starts_with('_'))?;
            }
            Self::Pinterest => {
                made_of(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')?;
                length(3, 30)?;
            }
            Self::Linkedin => {
                let slug = text.strip_prefix("company/").unwrap_or(&text);
                not(slug.is_empty() || slug.starts_with(is_combining_mark) || !slug.chars().all(|c| is_of_a_word(c) || "-_".contains(c)))?;
                length(1, 110)?;
            }
            Self::Reddit => {
                made_of(|c| c.is_ascii_alphanumeric() || "_-".contains(c))?;
                length(3, 20)?;
            }
            Self::Bluesky => match text.strip_prefix("did:plc:") {
                Some(id) => not(id.len() != 24 || !id.chars().all(|c| c.is_ascii_lowercase() || ('2'..='7').contains(&c)))?,
                None => not(!is_domain(&text))?,
            },
            Self::Mastodon => {
                let (local, server) = text.split_once('@').ok_or(HandleError::Incomplete)?;
                not(local.is_empty() || !local.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)))?;
                not(local.starts_with(['.', '-']) || local.ends_with(['.', '-']) || !is_domain(server))?;
                length(4, 300)?;
            }
            Self::Blog => return blog(name),
        }
        // Facebook: dots and case make no other name.
        let key = match self {
            Self::Facebook => lowered(&text).replace('.', ""),
            _ => lowered(&text),
        };
        Ok(Handle { network: self, text, key })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Network {
    type Err = crate::settings::SettingsError;
    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|network| network.id() == id)
            .ok_or_else(|| crate::settings::SettingsError::UnknownNetwork(id.chars().take(40).collect()))
    }
}

impl Handle {
    /// On which network.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The name as shown, without `@`: `hana.cooks`, `user@server` on Mastodon, `example.com/blog` for a blog.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Equal for all spellings of one name: what is unique beside the network.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Its public page.
    pub fn url(&self) -> Url {
        self.network.profile_url(self)
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Zero-width and direction marks that come along with pasted text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// Lower case in composed form; folding twice gives the same. `İ` leaves a dot behind that belongs to no letter.
fn lowered(text: &str) -> String {
    text.to_lowercase().nfkc().filter(|c| *c != '\u{307}').collect()
}

/// A letter, digit or mark of any script: YouTube and LinkedIn take them all.
fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

fn is_number(text: &str) -> bool {
    (5..=25).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_channel_id(text: &str) -> bool {
    text.len() == 24 && text.starts_with("UC") && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let good = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    labels.len() >= 2
        && text.len() <= 253
        && labels.iter().all(good)
        && labels.last().is_some_and(|top| top.starts_with(|c: char| c.is_ascii_alphabetic()))
        // What a browser would read as something else (`xn--` that is none, numbers as addresses) is no server.
        && Url::parse(&format!("https://{text}")).is_ok_and(|url| url.host_str() == Some(&text.to_ascii_lowercase()))
}

/// The host without the prefixes that lead to the same pages.
fn bare_host(host: &str) -> &str {
    ["www.", "m.", "mobile.", "l."].iter().find_map(|prefix| host.strip_prefix(prefix)).unwrap_or(host)
}

/// The address in `typed`, if it is one: with a scheme, or beginning with one of the network's hosts.
fn address(network: Network, typed: &str) -> Option<Result<Url, HandleError>> {
    let web = |url: &str| match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| host.contains('.')) => Ok(url),
        Ok(_) => Err(HandleError::OtherSite),
        Err(_) => Err(HandleError::Characters),
    };
    if typed.contains("://") {
        return Some(web(typed));
    }
    let (host, rest) = typed.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let known = network.hosts().contains(&bare_host(&host));
    // `example.social/@name` and `jp.pinterest.com/name`; `u/name` and `company/x` are names.
    let looks = host.contains('.') && !host.contains('@') && !rest.is_empty();
    (known || looks).then(|| web(&format!("https://{typed}")))
}

/// Percent-decoding as far as it is UTF-8.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match (first, pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| segment.to_owned())
}

/// A blog is its address: host without `www.`, path without the last slash; port, query and fragment are not part of it.
fn blog(typed: &str) -> Result<Handle, HandleError> {
    let url = if typed.contains("://") { Url::parse(typed) } else { Url::parse(&format!("https://{typed}")) };
    let url = url.map_err(|_| HandleError::Characters)?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err(HandleError::Characters);
    }
    let host = match url.host() {
        Some(url::Host::Domain(host)) => host.strip_prefix("www.").unwrap_or(host),
        _ => return Err(HandleError::OtherSite),
    };
    if !is_domain(host) {
        return Err(HandleError::OtherSite);
    }
    let text = format!("{host}{}", url.path().trim_end_matches('/'));
    if text.chars().count() > 300 {
        return Err(HandleError::Length);
    }
    let key = lowered(&text);
    Ok(Handle { network: Network::Blog, text, key })
}

fn at(base: &str, name: &str) -> Url {
    crate::settings::below(&parsed(base), &[&format!("@{name}")])
}

/// An address of ours, or one whose host was checked when the handle was made.
fn parsed(url: &str) -> Url {
    Url::parse(url).unwrap_or_else(|_| unreachable!("checked when the handle was made: {url}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(network: Network, typed: &str) -> String {
        network.normalise_handle(typed).unwrap_or_else(|e| panic!("{typed}: {e}")).text().to_owned()
    }

    #[test]
    fn one_name_in_many_spellings() {
        let same = [
            "hana.cooks",
            "@hana.cooks",
            " @Hana.Cooks ",
            "＠ｈａｎａ．ｃｏｏｋｓ",
            "\u{200b}hana.cooks\u{feff}",
            "https://www.instagram.com/hana.cooks/",
            "http://instagram.com/hana.cooks?igsh=abc#x",
            "instagram.com/hana.cooks",
            "https://www.instagram.com/stories/hana.cooks/31415/",
            "https://m.instagram.com/@hana.cooks",
        ];
        for typed in same {
            assert_eq!(Network::Instagram.normalise_handle(typed).unwrap().key(), "hana.cooks", "{typed}");
        }
    }

    #[test]
    fn each_network_has_its_own_forms() {
        let good: &[(Network, &str, &str, &str)] = &[
            (Network::Youtube, "https://www.youtube.com/@KenMori/videos", "KenMori", "https://www.youtube.com/@KenMori"),
            (
                Network::Youtube,
                "youtube.com/@%E6%A3%AE%E5%81%A5%E4%B8%80",
                "森健一",
                "https://www.youtube.com/@%E6%A3%AE%E5%81%A5%E4%B8%80",
            ),
            (
                Network::Youtube,
                "https://youtube.com/channel/UCabcdefghijklmnopqrstuv",
                "UCabcdefghijklmnopqrstuv",
                "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv",
            ),
            (
                Network::Youtube,
                "@ครัวคุณต๋อย",
                "ครัวคุณต๋อย",
                "https://www.youtube.com/@%E0%B8%84%E0%B8%A3%E0%B8%B1%E0%B8%A7%E0%B8%84%E0%B8%B8%E0%B8%93%E0%B8%95%E0%B9%8B%E0%B8%AD%E0%B8%A2",
            ),
            (
                Network::Facebook,
                "https://m.facebook.com/profile.php?id=100012345678901",
                "100012345678901",
                "https://www.facebook.com/100012345678901",
            ),
            (Network::Facebook, "fb.com/Hana.Cooks", "Hana.Cooks", "https://www.facebook.com/Hana.Cooks"),
            (Network::X, "https://twitter.com/Ada_L?s=20", "Ada_L", "https://x.com/Ada_L"),
            (Network::Tiktok, "https://www.tiktok.com/@yui.dance/video/72", "yui.dance", "https://www.tiktok.com/@yui.dance"),
            (Network::Twitch, "twitch.tv/Sora_Plays", "sora_plays", "https://www.twitch.tv/sora_plays"),
            (Network::Pinterest, "https://jp.pinterest.com/mika/", "mika", "https://www.pinterest.com/mika/"),
            (Network::Pinterest, "https://www.pinterest.co.uk/mika/", "mika", "https://www.pinterest.com/mika/"),
            (Network::Linkedin, "https://jp.linkedin.com/in/ken-mori-123/", "ken-mori-123", "https://www.linkedin.com/in/ken-mori-123/"),
            (Network::Linkedin, "https://www.linkedin.com/company/acme/", "company/acme", "https://www.linkedin.com/company/acme/"),
            (Network::Reddit, "u/Spez", "Spez", "https://www.reddit.com/user/Spez/"),
            (Network::Reddit, "https://old.reddit.com/user/Spez/comments", "Spez", "https://www.reddit.com/user/Spez/"),
            (Network::Bluesky, "@hana", "hana.bsky.social", "https://bsky.app/profile/hana.bsky.social"),
            (
                Network::Bluesky,
                "https://bsky.app/profile/Hana.example.com",
                "hana.example.com",
                "https://bsky.app/profile/hana.example.com",
            ),
            (Network::Mastodon, "@Gargron@mastodon.social", "gargron@mastodon.social", "https://mastodon.social/@gargron"),
            (Network::Mastodon, "https://mastodon.social/@Gargron", "gargron@mastodon.social", "https://mastodon.social/@gargron"),
            (Network::Mastodon, "https://a.example/@who@b.example", "who@b.example", "https://b.example/@who"),
            (Network::Mastodon, "pawoo.net/users/hana", "hana@pawoo.net", "https://pawoo.net/@hana"),
            (Network::Blog, "https://www.Example.com/Blog/?x=1", "example.com/Blog", "https://example.com/Blog"),
            (Network::Blog, "https://日本語.jp/", "xn--wgv71a119e.jp", "https://xn--wgv71a119e.jp/"),
        ];
        for (network, typed, wanted, url) in good {
            let handle = network.normalise_handle(typed).unwrap_or_else(|e| panic!("{network} {typed}: {e}"));
            assert_eq!((handle.text(), handle.url().as_str()), (*wanted, *url), "{network} {typed}");
        }
    }

    #[test]
    fn what_is_no_handle_is_refused_with_its_reason() {
        use HandleError::*;
        let bad: &[(Network, &str, HandleError)] = &[
            (Network::Instagram, "", Empty),
            (Network::Instagram, " @ ", Length),
            (Network::Instagram, "hana..cooks", Characters),
            (Network::Instagram, "花", Characters),
            (Network::Instagram, "hana cooks", Characters),
            (Network::Instagram, &"a".repeat(31), Length),
            (Network::Instagram, "https://www.instagram.com/p/Cabc/", NotAProfile),
            (Network::Instagram, "https://www.instagram.com/", NotAProfile),
            (Network::Instagram, "P", NotAProfile),
            (Network::Facebook, "@pages", NotAProfile),
            (Network::Instagram, "https://evil.example/hana", OtherSite),
            (Network::Instagram, "https://instagram.com.evil.example/hana", OtherSite),
            (Network::Instagram, "javascript://instagram.com/%0aalert(1)", OtherSite),
            (Network::Instagram, "hana/../x", Characters),
            (Network::Youtube, "https://www.youtube.com/watch?v=abc", NotAProfile),
            (Network::Youtube, "https://www.youtube.com/c/OldName", NotAProfile),
            (Network::Youtube, ".hidden", Characters),
            (Network::X, "sixteen_letters_", Length),
            (Network::X, "https://x.com/i/status/1", NotAProfile),
            (Network::Facebook, "https://www.facebook.com/groups/1", NotAProfile),
            (Network::Facebook, "a.a", Length),
            (Network::Mastodon, "gargron", Incomplete),
            (Network::Mastodon, "a@localhost", Characters),
            (Network::Mastodon, "a@127.0.0.1", Characters),
            (Network::Bluesky, "-x", Characters),
            (Network::Blog, "https://127.0.0.1/x", OtherSite),
            (Network::Blog, "ftp://example.com", Characters),
            (Network::Blog, "https://user:pw@example.com", Characters),
        ];
        for (network, typed, wanted) in bad {
            assert_eq!(network.normalise_handle(typed), Err(*wanted), "{network} {typed}");
        }
    }

    #[test]
    fn facebook_dots_make_no_other_name() {
        let key = |typed: &str| Network::Facebook.normalise_handle(typed).unwrap().key().to_owned();
        assert_eq!(key("Hana.Cooks"), key("hanacooks"));
    }

    #[test]
    fn a_key_is_the_same_for_every_case() {
        let key = |typed: &str| Network::Youtube.normalise_handle(typed).unwrap().key().to_owned();
        assert_eq!(key("aİŞbul"), key("aişbul"));
        assert_eq!(key("ŻÓŁW"), key("żółw"));
    }

    #[test]
    fn ids_go_both_ways() {
        for network in Network::ALL {
            assert_eq!(network.id().parse::<Network>().unwrap(), network);
            assert_eq!(serde_json::to_value(network).unwrap(), network.id());
        }
        assert!("myspace".parse::<Network>().is_err());
        assert_eq!(text(Network::X, "@x"), "x");
    }

    fn any_network() -> impl Strategy<Value = Network> {
        prop::sample::select(Network::ALL.to_vec())
    }

    /// Things that look like what people type, and any text at all.
    fn typed() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[@＠]?[A-Za-z0-9._\\-]{1,40}",
            "https?://(www\\.)?(instagram|youtube|x|tiktok|facebook|linkedin|reddit|twitch|pinterest)\\.(com|tv)/(@|in/|user/)?[A-Za-z0-9._%\\-]{0,40}/?",
            "[@]?[a-z0-9_]{1,20}@[a-z0-9.\\-]{1,30}",
            "[a-zÀ-ÿぁ-ん森İŞß]{1,20}(\\.[a-z]{1,5})?",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_handle_stays_what_it_is(network in any_network(), typed in typed()) {
            if let Ok(handle) = network.normalise_handle(&typed) {
                let again = network.normalise_handle(handle.text());
                prop_assert_eq!(again.as_ref(), Ok(&handle), "its own text");
                let by_key = network.normalise_handle(handle.key());
                if !is_channel_id(handle.text()) {
                    prop_assert_eq!(by_key.map(|h| h.key), Ok(handle.key.clone()), "its key");
                }
                let by_url = network.normalise_handle(handle.url().as_str());
                prop_assert_eq!(by_url.as_ref(), Ok(&handle), "its own page {}", handle.url());
                prop_assert!(!handle.text().chars().any(|c| c.is_whitespace() || c.is_control()));
                prop_assert_eq!(handle.key().to_lowercase(), handle.key());
                prop_assert!(handle.url().as_str().starts_with("https://"));
            }
        }

        #[test]
        fn an_at_sign_changes_nothing(network in any_network(), name in "[a-z][a-z0-9]{4,14}") {
            if let (Ok(bare), Ok(with)) = (network.normalise_handle(&name), network.normalise_handle(&format!("@{name}"))) {
                prop_assert_eq!(bare, with);
            }
        }
    }
}
