//! What X is asked. Pure. Every post and user that comes back costs money, so no field is asked for that multiplies them.

use reqwest::Method;
use url::Url;

use crate::{
    content::Cursor,
    http::Request,
    insights::Measure,
    network::Network,
    secret::Secret,
    settings::{Dialect, below},
};

/// Where X is and which words it takes.
#[derive(Clone, Debug)]
pub struct Api {
    /// The API's base.
    pub base: Url,
    /// `tweet.fields` or `post.fields`.
    pub dialect: Dialect,
}

/// What users are asked for.
pub const USER_FIELDS: &str = "created_at,description,profile_image_url,protected,public_metrics,url,verified";

/// What posts are asked for.
pub const POST_FIELDS: &str = "attachments,conversation_id,created_at,paid_partnership,public_metrics";

/// What own posts under thirty days old are asked for besides.
pub const OWN_FIELDS: &str = "created_at,non_public_metrics,public_metrics";

/// What pictures and videos of posts are asked for; they cost nothing.
pub const MEDIA_FIELDS: &str = "duration_ms,media_key,preview_image_url,type,url";

/// Public counters of a post, in both dialects.
pub const PUBLIC: &[(Measure, &str)] = &[
    (Measure::Impressions, "impression_count"),
    (Measure::Likes, "like_count"),
    (Measure::Replies, "reply_count"),
    (Measure::Quotes, "quote_count"),
    (Measure::Saves, "bookmark_count"),
    (Measure::Reposts, "repost_count"),
    (Measure::Reposts, "retweet_count"),
];

/// Counters that only the owner sees.
pub const OWN: &[(Measure, &str)] =
    &[(Measure::Interactions, "engagements"), (Measure::LinkClicks, "url_link_clicks"), (Measure::ProfileVisits, "user_profile_clicks")];

/// Posts of one answer; X also bills by the post.
pub const LIMIT: &str = "100";

/// A number, so that nothing strange gets into a path.
pub fn is_id(id: &str) -> bool {
    (1..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

impl Api {
    /// What the fields of posts are called.
    pub fn post_fields(&self) -> &'static str {
        match self.dialect {
            Dialect::Tweet => "tweet.fields",
            Dialect::Post => "post.fields",
        }
    }

    /// A read.
    pub fn get(&self, endpoint: &'static str, path: &[&str], token: &Secret, query: &[(&str, &str)]) -> Request {
        let mut url = below(&below(&self.base, &["2"]), path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Request::new(Network::X, endpoint, Method::GET, url).bearer(token.expose())
    }

    /// A read of a list of posts.
    pub fn posts(
        &self,
        endpoint: &'static str,
        path: &[&str],
        token: &Secret,
        more: &[(&str, &str)],
        page: (&'static str, Option<&Cursor>),
    ) -> Request {
        let mut query = vec![
            (self.post_fields(), POST_FIELDS),
            ("media.fields", MEDIA_FIELDS),
            ("expansions", "attachments.media_keys"),
            ("max_results", LIMIT),
        ];
        query.extend_from_slice(more);
        query.extend(page.1.map(|cursor| (page.0, cursor.0.as_str())));
        self.get(endpoint, path, token, &query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_dialects() {
        let api = |dialect| Api { base: Url::parse("https://api.x.com").unwrap(), dialect };
        let url = |dialect| {
            api(dialect).posts("posts", &["users", "1", "tweets"], &"t".into(), &[], ("pagination_token", Some(&Cursor("7140".into())))).url
        };
        assert!(url(Dialect::Tweet).as_str().starts_with("https://api.x.com/2/users/1/tweets?tweet.fields=attachments%2C"));
        assert!(url(Dialect::Post).as_str().contains("post.fields=") && url(Dialect::Post).as_str().ends_with("&pagination_token=7140"));
    }
}
