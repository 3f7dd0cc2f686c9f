//! What comes back from Mastodon servers, which anybody may run: everything in an answer is a stranger's. Pure.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    connector::{AccountType, Profile},
    content::{Author, Comment, Cursor, Format, Media, Mention, MentionKind},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::Measure,
    limits::Limit,
    metric::Metric,
    network::Network,
    wire::{Refusal, Unreadable, counter, counters, id, json, object, text, time, timestamp, web},
};

const COUNTERS: &[(Measure, &str)] = &[
    (Measure::Likes, "favourites_count"),
    (Measure::Reposts, "reblogs_count"),
    (Measure::Replies, "replies_count"),
    (Measure::Quotes, "quotes_count"),
];

/// An account of `host`. Its id holds on that server alone, so the server belongs to ours.
pub fn account(body: &[u8], host: &str, now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    account_of(&object(body)?, host, now)
}

fn account_of(raw: &Value, host: &str, now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let own = id(raw, "id").ok_or_else(|| Unreadable::without("id"))?;
    let acct = text(raw, "acct").ok_or_else(|| Unreadable::without("acct"))?;
    // A server's own name may be another than that of the machine that answers for it.
    let named = web(raw, "url").and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| host.to_owned());
    Ok(Profile {
        network: Network::Mastodon,
        external_id: format!("{own}@{host}"),
        handle: if acct.contains('@') { acct } else { format!("{acct}@{named}") },
        display_name: text(raw, "display_name").unwrap_or_default(),
        biography: text(raw, "note").map(|note| plain(&note)).unwrap_or_default(),
        website: None,
        picture_url: web(raw, "avatar_static").or_else(|| web(raw, "avatar")),
        account_type: AccountType::Unknown,
        followers: counter(raw, "followers_count", Metric::NotReady),
        following: counter(raw, "following_count", Metric::NotReady),
        posts: counter(raw, "statuses_count", Metric::NotReady),
        endpoint: format!("mastodon {host} accounts"),
        fetched_at: now,
    })
}

/// A list of rows, and the next part out of the `Link` header, if that leads to where we asked.
pub fn rows(answer: &Response, origin: &Url) -> Result<(Vec<Value>, Option<Cursor>), Unreadable> {
    Ok((json::<Vec<Value>>(&answer.body)?, answer.header("link").and_then(|link| next(link, origin))))
}

/// The `max_id` of the `next` link; links to other servers are none.
fn next(link: &str, origin: &Url) -> Option<Cursor> {
    let part = link.split(',').find(|part| part.contains("rel=\"next\""))?;
    let url = Url::parse(part.split_once('<')?.1.split_once('>')?.0).ok().filter(|url| url.origin() == origin.origin())?;
    url.query_pairs().find(|(key, _)| key == "max_id").map(|(_, id)| Cursor(id.into_owned()))
}

/// A status; `None` without an id.
pub fn status(row: &Value, host: &str, now: DateTime<Utc>) -> Option<Media> {
    let files = row.get("media_attachments").and_then(Value::as_array);
    let kinds: Vec<&str> = files.into_iter().flatten().filter_map(|file| file.get("type").and_then(Value::as_str)).collect();
    Some(Media {
        external_id: id(row, "id")?,
        format: match kinds.as_slice() {
            _ if row.get("poll").is_some_and(Value::is_object) => Format::Poll,
            [] if row.get("card").is_some_and(Value::is_object) => Format::Link,
            [] => Format::Text,
            ["image"] => Format::Image,
            ["video" | "gifv"] => Format::Video,
            [other] => Format::Other((*other).to_owned()),
            _ => Format::Carousel,
        },
        caption: text(row, "content").map(|content| plain(&content)).unwrap_or_default(),
        permalink: web(row, "url"),
        media_url: None,
        thumbnail_url: files.and_then(|files| files.first()).and_then(|file| web(file, "preview_url")),
        published_at: time(row, "created_at"),
        duration_seconds: None,
        author: author(row, host),
        paid_partnership: None,
        counters: counters(row, COUNTERS),
        endpoint: format!("mastodon {host} statuses"),
        fetched_at: now,
    })
}

fn author(row: &Value, host: &str) -> Author {
    let account = row.get("account").unwrap_or(&Value::Null);
    Author { external_id: id(account, "id").map(|id| format!("{id}@{host}")), handle: text(account, "acct") }
}

/// An answer to a status; `None` without an id.
pub fn reply(row: &Value, host: &str, media_id: &str) -> Option<Comment> {
    Some(Comment {
        external_id: id(row, "id")?,
        media_id: media_id.to_owned(),
        parent_id: id(row, "in_reply_to_id").filter(|parent| parent != media_id),
        author: author(row, host),
        text: text(row, "content").map(|content| plain(&content)).unwrap_or_default(),
        published_at: time(row, "created_at"),
        likes: counter(row, "favourites_count", Metric::NotReady),
        replies: counter(row, "replies_count", Metric::NotReady),
        hidden: None,
    })
}

/// The status of a notification about a mention; `None` without one.
pub fn mention(row: &Value, host: &str, now: DateTime<Utc>) -> Option<Mention> {
    let inner = row.get("status")?;
    let found = status(inner, host, now)?;
    Some(Mention {
        kind: if id(inner, "in_reply_to_id").is_some() { MentionKind::Reply } else { MentionKind::Caption },
        media_id: id(inner, "in_reply_to_id"),
        external_id: found.external_id,
        author: found.author,
        text: found.caption,
        permalink: found.permalink,
        published_at: found.published_at,
        counters: found.counters,
    })
}

/// HTML as words: tags are dropped, ends of paragraphs and lines kept, the common entities read.
pub fn plain(html: &str) -> String {
    let (mut out, mut rest) = (String::new(), html);
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(if rest.starts_with('<') { '>' } else { ';' });
        let Some(end) = end.filter(|end| rest.starts_with('<') || *end <= 8) else {
            // A lonely sign is a sign.
            out.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        let inside = &rest[1..end];
        if rest.starts_with('<') {
            match inside.trim_end_matches(['/', ' ']) {
                "br" => out.push('\n'),
                "/p" => out.push_str("\n\n"),
                _ => {}
            }
        } else {
            out.push_str(match inside {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "#39" | "apos" => "'",
                "nbsp" => " ",
                _ => &rest[..=end],
            });
        }
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out.trim().to_owned()
}

/// The limit of one account on one server.
pub fn limits(_: &'static str, answer: &Response, now: DateTime<Utc>) -> Vec<Limit> {
    let header = |name: &str| answer.header(name).and_then(|text| text.trim().parse::<u64>().ok());
    let (Some(limit), Some(remaining)) = (header("x-ratelimit-limit"), header("x-ratelimit-remaining")) else { return Vec::new() };
    // A time here, where others have seconds.
    let reset = answer.header("x-ratelimit-reset").and_then(timestamp);
    vec![Limit::counted(LimitScope::User, "", limit, remaining, reset, now)]
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    if answer.is_success() {
        return None;
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(message) = text(&body, "error") else { return Refusal::of_status(answer, now) };
    let kind = match answer.status {
        // Tokens do not run out here: a refused one was taken back.
        401 if message.contains("requires an authenticated") => ErrorKind::Private,
        401 => ErrorKind::Revoked,
        403 if message.contains("scope") => ErrorKind::ScopeMissing { scope: String::new() },
        403 => ErrorKind::Private,
        404 => ErrorKind::NotFound,
        410 => ErrorKind::Gone,
        429 => ErrorKind::RateLimited { scope: LimitScope::User },
        500.. => ErrorKind::Transient,
        400..500 => ErrorKind::Bug,
        _ => ErrorKind::Contract,
    };
    Some(Refusal::new(kind, format!("status {}: {message}", answer.status)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: &str = r#"{"id":"23634","username":"ada","acct":"ada","display_name":"Ada","note":"<p>Bread &amp; butter<br>daily</p>","url":"https://social.example/@ada","avatar_static":"https://files.example/a.png","followers_count":821,"following_count":178,"statuses_count":33120}"#;
    const STATUSES: &str = r#"[{"id":"108","created_at":"2026-11-02T08:15:30.000Z","content":"<p>Rye <a href=\"https://social.example/tags/bread\">#<span>bread</span></a></p>","url":"https://social.example/@ada/108","replies_count":7,"reblogs_count":98,"favourites_count":112,"account":{"id":"23634","acct":"ada"},"media_attachments":[{"type":"image","preview_url":"https://files.example/p.png"}],"in_reply_to_id":null,"card":null,"poll":null}]"#;
    const MENTIONS: &str = r#"[{"id":"34975861","type":"mention","created_at":"2026-11-02T08:15:30.000Z","account":{"id":"9","acct":"ken@other.example"},"status":{"id":"109","content":"<p>@ada hi</p>","in_reply_to_id":"108","account":{"id":"9","acct":"ken@other.example"}}}]"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    fn origin() -> Url {
        Url::parse("https://social.example/").unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = account(ACCOUNT.as_bytes(), "social.example", at()).unwrap();
        assert_eq!((ada.external_id.as_str(), ada.handle.as_str()), ("23634@social.example", "ada@social.example"));
        assert_eq!((ada.biography.as_str(), ada.followers), ("Bread & butter\ndaily", Metric::Value(821)));
        let link = r#"<https://social.example/api/v1/accounts/23634/statuses?limit=40&max_id=107>; rel="next", <https://social.example/x?min_id=108>; rel="prev""#;
        let (found, next) = rows(&Response::of(200, &[("link", link)], STATUSES), &origin()).unwrap();
        let one = status(&found[0], "social.example", at()).unwrap();
        assert_eq!((one.caption.as_str(), &one.format, next.unwrap().0.as_str()), ("Rye #bread", &Format::Image, "107"));
        assert_eq!(one.counter(Measure::Likes), Metric::Value(112));
        let (found, none) = rows(&Response::of(200, &[], MENTIONS), &origin()).unwrap();
        let named = mention(&found[0], "social.example", at()).unwrap();
        assert_eq!((named.kind, named.media_id.as_deref(), none), (MentionKind::Reply, Some("108"), None));
    }

    #[test]
    fn a_link_elsewhere_is_not_followed() {
        let link = r#"<https://evil.example/api/v1/accounts/1/statuses?max_id=107>; rel="next""#;
        assert_eq!(rows(&Response::of(200, &[("link", link)], "[]"), &origin()).unwrap().1, None);
    }

    #[test]
    fn html_becomes_words() {
        assert_eq!(plain("<p>a</p><p>b<script>x</script></p>"), "a\n\nbx");
        assert_eq!(plain("1 < 2 & 3"), "1 < 2 & 3");
        assert_eq!(plain("&lt;b&gt; &copy; <"), "<b> &copy; <");
    }

    #[test]
    fn limits_end_at_a_time() {
        let headers = [("x-ratelimit-limit", "300"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "2026-11-02T08:00:00.000000Z")];
        let limited = Response::of(429, &headers, r#"{"error":"Too many requests"}"#);
        assert!(limits("", &limited, at())[0].blocked_until(at()).is_some());
        assert_eq!(refusal(&limited, at()).unwrap().kind, ErrorKind::RateLimited { scope: LimitScope::User });
        let revoked = Response::of(401, &[], r#"{"error":"The access token was revoked"}"#);
        assert_eq!(refusal(&revoked, at()).unwrap().kind, ErrorKind::Revoked);
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[ACCOUNT, STATUSES, MENTIONS])) {
            let _ = account(&body, "h", at());
            if let Ok((found, _)) = rows(&Response::of(200, &[("link", "<x>; rel=\"next\"")], body.clone()), &origin()) {
                for row in &found {
                    let _ = (status(row, "h", at()), reply(row, "h", "1"), mention(row, "h", at()));
                }
            }
            let _ = refusal(&Response::of(401, &[], body), at());
        }

        #[test]
        fn no_html_breaks_the_words(html in "([<>&;a/p]|br|amp|日本|\\PC){0,40}") {
            let words = plain(&html);
            prop_assert!(words.len() <= html.len() * 2 + 2);
        }
    }
}
