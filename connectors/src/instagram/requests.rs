//! What Instagram is asked for: fields and metrics, and the few calls that only Instagram has. Pure.

use reqwest::Method;
use url::Url;

use crate::{
    connector::{AuthCallback, AuthStart},
    content::Format,
    error::Result,
    http::Request,
    insights::Measure,
    meta::requests::Graph,
    network::{Handle, Network},
    oauth,
    secret::Secret,
    settings::below,
};

/// What `/me/accounts` is asked for. Page tokens are not: they are asked for when one is needed.
pub const PAGE_FIELDS: &str = "id,name,instagram_business_account{id,username,name,profile_picture_url}";

/// What it is asked for where a Page has to be subscribed to.
pub const PAGE_TOKEN_FIELDS: &str = "id,name,access_token,instagram_business_account{id}";

/// What an account is asked for.
pub const PROFILE_FIELDS: &str = "id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count";

/// The same by Instagram's own login, where `user_id` is the id that Facebook Login knows.
pub const OWN_PROFILE_FIELDS: &str =
    "user_id,username,name,biography,website,profile_picture_url,followers_count,follows_count,media_count,account_type";

/// What publications and stories are asked for.
pub const MEDIA_FIELDS: &str =
    "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,timestamp,username,like_count,comments_count";

/// What publications of others are asked for; whose they are is not told.
pub const FOUND_FIELDS: &str = "id,caption,media_type,media_url,permalink,timestamp,like_count,comments_count";

/// What publications that tag the account are asked for.
pub const TAG_FIELDS: &str = "id,caption,media_type,permalink,timestamp,username,like_count,comments_count";

/// What comments are asked for.
pub const COMMENT_FIELDS: &str = "id,text,timestamp,username,from,like_count,hidden,parent_id";

/// Answers to comments, which come along with them.
pub const REPLIES: &str = "replies.limit(50)";

/// What a comment that names the account is asked for.
pub const MENTIONED_COMMENT_FIELDS: &str = "id,text,timestamp,like_count,media";

/// Rows of one answer.
pub const LIMIT: &str = "50";

/// What pictures, albums and plain videos are measured by.
pub const FEED: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::Reach, "reach"),
    (Measure::Likes, "likes"),
    (Measure::Comments, "comments"),
    (Measure::Saves, "saved"),
    (Measure::Shares, "shares"),
    (Measure::Reposts, "reposts"),
    (Measure::Interactions, "total_interactions"),
    (Measure::Follows, "follows"),
    (Measure::ProfileVisits, "profile_visits"),
    (Measure::ProfileTaps, "profile_activity"),
];

/// What reels are measured by.
pub const REELS: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::Reach, "reach"),
    (Measure::Likes, "likes"),
    (Measure::Comments, "comments"),
    (Measure::Saves, "saved"),
    (Measure::Shares, "shares"),
    (Measure::Reposts, "reposts"),
    (Measure::Interactions, "total_interactions"),
    (Measure::AverageWatchMillis, "ig_reels_avg_watch_time"),
    (Measure::WatchSeconds, "ig_reels_video_view_total_time"),
];

/// What stories are measured by.
pub const STORY: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::Reach, "reach"),
    (Measure::Replies, "replies"),
    (Measure::Shares, "shares"),
    (Measure::Reposts, "reposts"),
    (Measure::Interactions, "total_interactions"),
    (Measure::Follows, "follows"),
    (Measure::LinkClicks, "link_clicks"),
    (Measure::ProfileVisits, "profile_visits"),
    (Measure::ProfileTaps, "profile_activity"),
];

/// What accounts are measured by.
pub const ACCOUNT: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::Reach, "reach"),
    (Measure::EngagedAccounts, "accounts_engaged"),
    (Measure::Interactions, "total_interactions"),
    (Measure::Likes, "likes"),
    (Measure::Comments, "comments"),
    (Measure::Shares, "shares"),
    (Measure::Saves, "saves"),
    (Measure::Replies, "replies"),
    (Measure::Reposts, "reposts"),
    (Measure::ProfileTaps, "profile_links_taps"),
];

/// The metrics of a format.
pub fn metrics(format: &Format) -> &'static [(Measure, &'static str)] {
    match format {
        Format::Story => STORY,
        Format::Short => REELS,
        _ => FEED,
    }
}

/// Another account's profile through one's own. The handle is checked, so that it cannot end the parenthesis.
pub fn discovery(handle: &Handle) -> String {
    format!("business_discovery.username({}){{{PROFILE_FIELDS}}}", handle.text())
}

/// Instagram's own login.
#[derive(Clone, Debug)]
pub struct OwnLogin {
    /// Where people consent.
    pub auth_base: Url,
    /// Where codes become tokens.
    pub token_base: Url,
    /// Where we call.
    pub api_base: Url,
    /// Our app.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

impl OwnLogin {
    /// The consent page.
    pub fn authorize_url(&self, start: &AuthStart, scopes: &[String]) -> Result<Url> {
        let authorize = below(&self.auth_base, &["oauth", "authorize"]);
        let start = AuthStart { verifier: None, ..start.clone() };
        oauth::authorize_url(&authorize, &self.client_id, &start, &[], &[("scope", &scopes.join(","))])
    }

    /// A code for a token of an hour. Instagram hangs `#_` on its redirects, and some clients take it for a part of the code.
    pub fn code(&self, callback: &AuthCallback) -> Request {
        let url = below(&self.token_base, &["oauth", "access_token"]);
        Request::new(Network::Instagram, "oauth/access_token", Method::POST, url).form(&[
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", callback.redirect_uri.as_str()),
            ("code", callback.code.expose().trim_end_matches("#_")),
        ])
    }

    /// A token of an hour for one of about sixty days.
    pub fn long_lived(&self, short: &Secret) -> Request {
        let secret = self.client_secret.expose();
        self.token("access_token", &[("grant_type", "ig_exchange_token"), ("client_secret", secret), ("access_token", short.expose())])
    }

    /// A token at least a day old for a further sixty days.
    pub fn refresh(&self, token: &Secret) -> Request {
        self.token("refresh_access_token", &[("grant_type", "ig_refresh_token"), ("access_token", token.expose())])
    }

    fn token(&self, endpoint: &'static str, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.api_base, &[endpoint]);
        url.query_pairs_mut().extend_pairs(query);
        Request::new(Network::Instagram, endpoint, Method::GET, url)
    }
}

/// A node or an edge of Instagram's.
pub(crate) fn get(
    graph: &Graph,
    endpoint: &'static str,
    id: &str,
    edge: Option<&str>,
    token: &Secret,
    query: &[(&str, &str)],
) -> Option<Request> {
    graph.node(endpoint, Method::GET, id, edge, token, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_stays_inside_its_parenthesis() {
        let handle = Network::Instagram.normalise_handle("@Hana.Cooks").unwrap();
        assert!(discovery(&handle).starts_with("business_discovery.username(hana.cooks){id,username,"));
        assert!(Network::Instagram.normalise_handle("a){id},x(").is_err());
    }

    #[test]
    fn the_code_loses_its_tail() {
        let at = |url: &str| Url::parse(url).unwrap();
        let login = OwnLogin {
            auth_base: at("https://www.instagram.com"),
            token_base: at("https://api.instagram.com"),
            api_base: at("https://graph.instagram.com"),
            client_id: "1".into(),
            client_secret: "s".into(),
        };
        let callback = AuthCallback { code: "AQB#_".into(), redirect_uri: at("https://h.example/cb"), verifier: None, iss: None };
        let body = String::from_utf8(login.code(&callback).body).unwrap();
        assert!(body.ends_with("&code=AQB"), "{body}");
        assert_eq!(
            login.refresh(&"t".into()).url.as_str(),
            "https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token&access_token=t"
        );
    }
}
