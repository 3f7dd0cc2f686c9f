//! What YouTube is asked: the Data API, and the Analytics API for figures. Pure.

use chrono::NaiveDate;
use reqwest::Method;
use url::Url;

use crate::{connector::TokenSet, http::Request, insights::Measure, network::Network, secret::Secret, settings::below};

/// Where YouTube is, and the key for public reads.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// The Data API.
    pub api_base: Url,
    /// The Analytics API.
    pub analytics_base: Url,
    /// The key; may be empty.
    pub api_key: Secret,
}

/// By what a call is allowed.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// Somebody's grant.
    Grant(&'a TokenSet),
    /// The app's key.
    Key(&'a Secret),
}

/// What channels are asked for.
pub const CHANNEL_PARTS: &str = "snippet,statistics,contentDetails,brandingSettings";

/// What videos are asked for.
pub const VIDEO_PARTS: &str = "snippet,statistics,contentDetails,status,liveStreamingDetails,paidProductPlacementDetails";

/// Rows of one answer.
pub const LIMIT: &str = "50";

/// What a channel is measured by.
pub const CHANNEL: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::WatchSeconds, "estimatedMinutesWatched"),
    (Measure::AverageWatchMillis, "averageViewDuration"),
    (Measure::Likes, "likes"),
    (Measure::Comments, "comments"),
    (Measure::Shares, "shares"),
    (Measure::Follows, "subscribersGained"),
    (Measure::Unfollows, "subscribersLost"),
];

/// What a video is measured by.
pub const VIDEO: &[(Measure, &str)] = &[
    (Measure::Views, "views"),
    (Measure::WatchSeconds, "estimatedMinutesWatched"),
    (Measure::AverageWatchMillis, "averageViewDuration"),
    (Measure::Likes, "likes"),
    (Measure::Comments, "comments"),
    (Measure::Shares, "shares"),
    (Measure::Follows, "subscribersGained"),
];

/// A video's id: YouTube's alphabet, so that none can bend a query.
pub fn is_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

impl Hosts {
    /// A read of the Data API.
    pub fn data(&self, endpoint: &'static str, by: By<'_>, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.api_base, &["youtube", "v3", endpoint]);
        url.query_pairs_mut().extend_pairs(query);
        match by {
            By::Grant(tokens) => Request::new(Network::Youtube, endpoint, Method::GET, url).bearer(tokens.access.expose()),
            By::Key(key) => {
                // In a header, so that it stays out of addresses.
                let mut request = Request::new(Network::Youtube, endpoint, Method::GET, url);
                if let Ok(mut value) = reqwest::header::HeaderValue::from_str(key.expose()) {
                    value.set_sensitive(true);
                    request.headers.insert("x-goog-api-key", value);
                }
                request
            }
        }
    }

    /// A report of the grant's own channel.
    pub fn report(&self, endpoint: &'static str, tokens: &TokenSet, from: NaiveDate, to: NaiveDate, query: &[(&str, &str)]) -> Request {
        let mut url = below(&self.analytics_base, &["v2", "reports"]);
        let (from, to) = (from.to_string(), to.to_string());
        url.query_pairs_mut().extend_pairs([("ids", "channel==MINE"), ("startDate", &from), ("endDate", &to)]).extend_pairs(query);
        // Reports have a budget of their own.
        Request::new(Network::Youtube, endpoint, Method::GET, url).bearer(tokens.access.expose()).weighing(0)
    }
}

/// The words of metrics, joined.
pub fn words(asked: &[(Measure, &str)]) -> String {
    asked.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stays_out_of_the_address() {
        let at = |url: &str| Url::parse(url).unwrap();
        let hosts = Hosts {
            api_base: at("https://www.googleapis.com"),
            analytics_base: at("https://youtubeanalytics.googleapis.com"),
            api_key: "k3y".into(),
        };
        let request = hosts.data("channels", By::Key(&hosts.api_key), &[("forHandle", "@hana")]);
        assert_eq!(request.url.as_str(), "https://www.googleapis.com/youtube/v3/channels?forHandle=%40hana");
        assert_eq!(request.headers["x-goog-api-key"], "k3y");
        assert!(is_id("dQw4w9WgXcQ") && !is_id("a,b") && !is_id(""));
    }
}
