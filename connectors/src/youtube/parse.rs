//! What comes back from YouTube. Pure. Counters are strings there, and each may be missing.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use crate::{
    connector::{AccountType, Profile, RemoteAccount},
    content::{Author, Comment, Cursor, Format, Media},
    error::{ErrorKind, LimitScope},
    http::Response,
    insights::{Breakdown, Crowd, Dimension, Measure, Reading, Share, Slices, Unit},
    limits::Limit,
    metric::Metric,
    network::Network,
    wire::{Refusal, Unreadable, counter, counters, decimal, id, list, object, text, time, web_address},
};

/// A channel with its playlist of uploads.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// As a profile.
    pub profile: Profile,
    /// The playlist of its uploads.
    pub uploads: Option<String>,
}

/// The channels of an answer. No `items` is no channel.
pub fn channels(body: &[u8], now: DateTime<Utc>) -> Result<Vec<Channel>, Unreadable> {
    let raw = object(body)?;
    match raw.get("items") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(_) => Ok(list(&raw, "items")?.iter().filter_map(|row| channel(row, now)).collect()),
    }
}

fn at<'a>(row: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(row, |value, key| &value[*key])
}

fn channel(row: &Value, now: DateTime<Utc>) -> Option<Channel> {
    let external_id = id(row, "id")?;
    let (snippet, statistics) = (at(row, &["snippet"]), at(row, &["statistics"]));
    let hidden = statistics["hiddenSubscriberCount"].as_bool() == Some(true);
    // YouTube rounds all counts of subscribers to three figures, so from a thousand on it is an estimate.
    let followers = match counter(statistics, "subscriberCount", Metric::NotReady) {
        _ if hidden => Metric::NotGranted,
        Metric::Value(n) if n >= 1_000 => Metric::Estimated(n),
        other => other,
    };
    let profile = Profile {
        network: Network::Youtube,
        handle: text(snippet, "customUrl").map_or_else(|| external_id.clone(), |url| url.trim_start_matches('@').to_owned()),
        external_id,
        display_name: text(snippet, "title").unwrap_or_default(),
        biography: text(snippet, "description").unwrap_or_default(),
        website: None,
        picture_url: picture(snippet),
        account_type: AccountType::Unknown,
        followers,
        following: Metric::NotOffered,
        posts: counter(statistics, "videoCount", Metric::NotReady),
        endpoint: "youtube channels".into(),
        fetched_at: now,
    };
    Some(Channel { profile, uploads: text(at(row, &["contentDetails", "relatedPlaylists"]), "uploads") })
}

/// A channel as an account that can be linked.
pub fn account(channel: Channel) -> RemoteAccount {
    let Profile { external_id, handle, display_name, picture_url, .. } = channel.profile;
    RemoteAccount { external_id, handle: Some(handle), display_name, picture_url, via: None, refused: None }
}

fn picture(snippet: &Value) -> Option<Url> {
    ["high", "medium", "default"].iter().find_map(|size| web_address(at(snippet, &["thumbnails", size, "url"]).as_str()?))
}

/// The ids of videos in a playlist or a search, and the next part.
pub fn ids(body: &[u8]) -> Result<(Vec<String>, Option<Cursor>), Unreadable> {
    let raw = object(body)?;
    let of = |row: &Value| text(at(row, &["contentDetails"]), "videoId").or_else(|| text(at(row, &["id"]), "videoId"));
    let found = list(&raw, "items")?.iter().filter_map(of).filter(|id| super::requests::is_id(id)).collect();
    Ok((found, text(&raw, "nextPageToken").map(Cursor)))
}

/// Videos, and how many YouTube told of; private ones are left out, since only their owner sees them.
pub fn videos(body: &[u8], now: DateTime<Utc>) -> Result<(Vec<Media>, usize), Unreadable> {
    let raw = object(body)?;
    let rows = list(&raw, "items")?;
    let public = |row: &&Value| at(row, &["status", "privacyStatus"]).as_str() != Some("private");
    Ok((rows.iter().filter(public).filter_map(|row| video(row, now)).collect(), rows.len()))
}

fn video(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    let external_id = id(row, "id")?;
    let snippet = at(row, &["snippet"]);
    let (title, more) = (text(snippet, "title").unwrap_or_default(), text(snippet, "description").unwrap_or_default());
    Some(Media {
        permalink: web_address(&format!("https://www.youtube.com/watch?v={external_id}")),
        external_id,
        // YouTube does not say which videos are shorts.
        format: match (snippet["liveBroadcastContent"].as_str(), row.get("liveStreamingDetails").is_some()) {
            (Some("live" | "upcoming"), _) => Format::Live,
            (_, true) => Format::Recording,
            _ => Format::Video,
        },
        caption: [title, more].iter().filter(|s| !s.is_empty()).cloned().collect::<Vec<_>>().join("\n\n"),
        media_url: None,
        thumbnail_url: picture(snippet),
        published_at: time(snippet, "publishedAt"),
        duration_seconds: text(at(row, &["contentDetails"]), "duration").and_then(|d| seconds(&d)),
        author: Author { external_id: id(snippet, "channelId"), handle: None },
        paid_partnership: at(row, &["paidProductPlacementDetails", "hasPaidProductPlacement"]).as_bool(),
        counters: counters(
            at(row, &["statistics"]),
            &[(Measure::Views, "viewCount"), (Measure::Likes, "likeCount"), (Measure::Comments, "commentCount")],
        ),
        endpoint: "youtube videos".into(),
        fetched_at: now,
    })
}

/// ISO 8601 durations as YouTube writes them: `PT1H2M3S`, `P1DT2H`. Years and months never occur.
pub fn seconds(duration: &str) -> Option<u32> {
    let (mut total, mut digits, mut some) = (0u64, String::new(), false);
    for c in duration.strip_prefix('P')?.chars() {
        let unit = match c {
            '0'..='9' if digits.len() < 9 => {
                digits.push(c);
                continue;
            }
            'T' if digits.is_empty() => continue,
            'W' => 604_800,
            'D' => 86_400,
            'H' => 3_600,
            'M' => 60,
            'S' => 1,
            _ => return None,
        };
        total += digits.parse::<u64>().ok()? * unit;
        some = true;
        digits.clear();
    }
    if some && digits.is_empty() { u32::try_from(total).ok() } else { None }
}

/// Threads of comments, each with the answers that came along.
pub fn comments(body: &[u8], media_id: &str) -> Result<(Vec<Comment>, usize, Option<Cursor>), Unreadable> {
    let raw = object(body)?;
    let (mut found, mut left_out) = (Vec::new(), 0);
    for thread in list(&raw, "items")? {
        let top = at(thread, &["snippet", "topLevelComment"]);
        let replies = counter(at(thread, &["snippet"]), "totalReplyCount", Metric::NotReady);
        match comment(top, media_id, None, replies) {
            Some(first) => {
                let parent = first.external_id.clone();
                found.push(first);
                let rows = at(thread, &["replies", "comments"]).as_array().cloned().unwrap_or_default();
                found.extend(rows.iter().filter_map(|row| comment(row, media_id, Some(&parent), Metric::NotOffered)));
            }
            None => left_out += 1,
        }
    }
    Ok((found, left_out, text(&raw, "nextPageToken").map(Cursor)))
}

fn comment(row: &Value, media_id: &str, parent: Option<&str>, replies: Metric) -> Option<Comment> {
    let snippet = at(row, &["snippet"]);
    Some(Comment {
        external_id: id(row, "id")?,
        media_id: media_id.to_owned(),
        parent_id: parent.map(str::to_owned),
        author: Author {
            external_id: text(at(snippet, &["authorChannelId"]), "value"),
            handle: text(snippet, "authorDisplayName").map(|name| name.trim_start_matches('@').to_owned()),
        },
        text: text(snippet, "textOriginal").or_else(|| text(snippet, "textDisplay")).unwrap_or_default(),
        published_at: time(snippet, "publishedAt"),
        likes: counter(snippet, "likeCount", Metric::NotReady),
        replies,
        hidden: None,
    })
}

/// A table of the Analytics API.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A cell by its column's name.
    pub fn cell<'a>(&self, row: &'a [Value], name: &str) -> Option<&'a Value> {
        row.get(self.column(name)?)
    }
}

/// A report. No rows is none: YouTube keeps back what is of few people, and the last days come late.
pub fn report(body: &[u8]) -> Result<Table, Unreadable> {
    let raw = object(body)?;
    let columns: Vec<String> = list(&raw, "columnHeaders")?.iter().map(|c| text(c, "name").unwrap_or_default()).collect();
    let rows = raw.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows = rows.iter().filter_map(Value::as_array).filter(|row| row.len() == columns.len()).cloned().collect();
    Ok(Table { columns, rows })
}

/// The readings of one row; without a row, all of them are not ready.
pub fn readings(table: &Table, row: Option<&[Value]>, asked: &[(Measure, &'static str)]) -> Vec<Reading> {
    let metric = |word: &str| match row.and_then(|row| table.cell(row, word)) {
        None => Metric::NotReady,
        Some(value) => {
            let factor = match word {
                "estimatedMinutesWatched" => 60.0,
                "averageViewDuration" => 1_000.0,
                _ => 1.0,
            };
            match decimal(value).map(|n| n * factor).filter(|n| (0.0..9e15).contains(n)) {
                // The name of the metric itself says that it is estimated.
                Some(n) if word.starts_with("estimated") => Metric::Estimated(n.round() as i64),
                Some(n) => Metric::Value(n.round() as i64),
                None => Metric::Failed,
            }
        }
    };
    asked.iter().map(|(measure, word)| Reading::new(*measure, word, metric(word))).collect()
}

/// Viewers by age and gender: the table as it is, and its sums by either.
pub fn ages_and_genders(table: &Table) -> Vec<Breakdown> {
    let cells = table.rows.iter().filter_map(|row| {
        let age = age(table.cell(row, "ageGroup")?.as_str()?);
        let gender = gender(table.cell(row, "gender")?.as_str()?);
        let value = decimal(table.cell(row, "viewerPercentage")?).filter(|v| (0.0..=100.0).contains(v))?;
        Some((age, gender, value))
    });
    let cells: Vec<_> = cells.collect();
    let is_broken = cells.len() < table.rows.len();
    let (mut both, mut ages, mut genders) = (Vec::new(), Vec::new(), Vec::new());
    for (age, gender, value) in cells {
        add(&mut both, format!("{age} {gender}"), value);
        add(&mut ages, age, value);
        add(&mut genders, gender.to_owned(), value);
    }
    [(Dimension::AgeGender, both), (Dimension::Age, ages), (Dimension::Gender, genders)]
        .map(|(by, shares)| Breakdown { crowd: Crowd::Viewers, by, slices: slices(shares, is_broken) })
        .to_vec()
}

/// Views by country, as shares of all views that have one.
pub fn countries(table: &Table) -> Breakdown {
    let cells: Vec<(String, f64)> = table
        .rows
        .iter()
        .filter_map(|row| {
            let views = decimal(table.cell(row, "views")?).filter(|v| *v >= 0.0)?;
            Some((table.cell(row, "country")?.as_str().filter(|c| c.len() == 2)?.to_owned(), views))
        })
        .collect();
    let is_broken = table.rows.iter().any(|row| table.cell(row, "views").and_then(decimal).is_none_or(|v| v < 0.0));
    let total: f64 = cells.iter().map(|(_, views)| views).sum();
    let shares = cells.into_iter().filter(|_| total > 0.0).map(|(key, views)| Share { key, value: views / total * 100.0 }).collect();
    Breakdown { crowd: Crowd::Viewers, by: Dimension::Country, slices: slices(shares, is_broken) }
}

fn add(shares: &mut Vec<Share>, key: String, value: f64) {
    match shares.iter_mut().find(|share| share.key == key) {
        Some(share) => share.value += value,
        None => shares.push(Share { key, value }),
    }
}

/// `is_broken`: some of the rows could not be read, without which the others would be other parts of the whole.
fn slices(shares: Vec<Share>, is_broken: bool) -> Slices {
    match (is_broken, shares.is_empty()) {
        (true, _) => Slices::Missing(Metric::Failed),
        (false, true) => Slices::Missing(Metric::NotReady),
        (false, false) => Slices::Given { unit: Unit::Percent, shares },
    }
}

/// `age18-24` and `age65-` in our words.
fn age(word: &str) -> String {
    let bare = word.strip_prefix("age").unwrap_or(word);
    bare.strip_suffix('-').map_or_else(|| bare.to_owned(), |from| format!("{from}+"))
}

fn gender(word: &str) -> &'static str {
    match word {
        "female" => "female",
        "male" => "male",
        _ => "other",
    }
}

/// YouTube tells no limits in headers.
pub fn limits(_: &'static str, _: &Response, _: DateTime<Utc>) -> Vec<Limit> {
    Vec::new()
}

/// Reads a refusal; `None` if the answer is none.
pub fn refusal(answer: &Response, now: DateTime<Utc>) -> Option<Refusal> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = body.get("error").filter(|error| error.is_object());
    let Some(error) = error else { return Refusal::of_status(answer, now) };
    let reason = text(at(error, &["errors"]).get(0).unwrap_or(&Value::Null), "reason").unwrap_or_default();
    let message = text(error, "message").unwrap_or_default();
    let kind = match (answer.status, reason.as_str()) {
        (_, "quotaExceeded" | "dailyLimitExceeded") => ErrorKind::QuotaExhausted,
        (_, "rateLimitExceeded") => ErrorKind::RateLimited { scope: LimitScope::App },
        (_, "userRateLimitExceeded") => ErrorKind::RateLimited { scope: LimitScope::User },
        (_, "insufficientPermissions" | "insufficientAuthorizationScopes") => ErrorKind::ScopeMissing { scope: String::new() },
        (_, "accessNotConfigured" | "keyInvalid" | "keyExpired" | "ipRefererBlocked") => ErrorKind::AppNotApproved,
        (_, "commentsDisabled" | "forbidden" | "playlistItemsNotAccessible" | "channelForbidden" | "subscriptionForbidden") => {
            ErrorKind::Private
        }
        (_, "channelClosed" | "channelSuspended") => ErrorKind::Gone,
        (_, "youtubeSignupRequired") => ErrorKind::NotFound,
        (_, "backendError" | "internalError" | "processingFailure") => ErrorKind::Transient,
        (401, _) => ErrorKind::TokenExpired,
        (404, _) => ErrorKind::NotFound,
        (429, _) => ErrorKind::RateLimited { scope: LimitScope::App },
        (500.., _) => ErrorKind::Transient,
        (403, _) if message.to_lowercase().contains("scope") => ErrorKind::ScopeMissing { scope: String::new() },
        (403, _) => ErrorKind::Private,
        _ => ErrorKind::Bug,
    };
    let retry_at = match kind {
        ErrorKind::QuotaExhausted => Some(midnight_pacific(now)),
        _ => crate::wire::after(now, answer.retry_after()),
    };
    Some(Refusal::new(kind, format!("status {} {reason}: {message}", answer.status)).until(retry_at))
}

/// The next midnight in California, where quotas start anew. Without a table of zones: standard time, UTC-8, which in summer is an
/// hour late and never early.
pub fn midnight_pacific(now: DateTime<Utc>) -> DateTime<Utc> {
    let there = now - chrono::Duration::hours(8);
    let next = there.date_naive().succ_opt().unwrap_or(there.date_naive()).and_time(chrono::NaiveTime::MIN);
    next.and_utc() + chrono::Duration::hours(8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHANNELS: &str = r#"{"kind":"youtube#channelListResponse","pageInfo":{"totalResults":1,"resultsPerPage":5},"items":[{"kind":"youtube#channel","id":"UCabc","snippet":{"title":"Ada","customUrl":"@ada","country":"PL","publishedAt":"2019-05-01T10:00:00Z","thumbnails":{"default":{"url":"https://yt3.example/a.jpg"}}},"statistics":{"viewCount":"9120033","subscriberCount":"48200","hiddenSubscriberCount":false,"videoCount":"310"},"contentDetails":{"relatedPlaylists":{"uploads":"UUabc"}}}]}"#;
    const ITEMS: &str = r#"{"items":[{"contentDetails":{"videoId":"dQw4w9WgXcQ"}},{"id":{"kind":"youtube#video","videoId":"abc-_123456"}}],"nextPageToken":"CAUQAA"}"#;
    const VIDEOS: &str = r#"{"items":[{"id":"dQw4w9WgXcQ","snippet":{"publishedAt":"2026-10-01T09:00:00Z","channelId":"UCabc","title":"Rye","description":"Day 2","liveBroadcastContent":"none"},"contentDetails":{"duration":"PT1H2M3S"},"status":{"privacyStatus":"public"},"statistics":{"viewCount":"1804","commentCount":"3"},"paidProductPlacementDetails":{"hasPaidProductPlacement":true}},{"id":"private0000","status":{"privacyStatus":"private"}}]}"#;
    const THREADS: &str = r#"{"items":[{"id":"T1","snippet":{"totalReplyCount":1,"topLevelComment":{"id":"C1","snippet":{"textOriginal":"素敵","authorDisplayName":"@ken","authorChannelId":{"value":"UCken"},"likeCount":2,"publishedAt":"2026-10-02T00:00:00Z"}}},"replies":{"comments":[{"id":"C1.R1","snippet":{"textDisplay":"thanks","likeCount":0}}]}}]}"#;
    const AGES: &str = r#"{"kind":"youtubeAnalytics#resultTable","columnHeaders":[{"name":"ageGroup","columnType":"DIMENSION","dataType":"STRING"},{"name":"gender","columnType":"DIMENSION","dataType":"STRING"},{"name":"viewerPercentage","columnType":"METRIC","dataType":"FLOAT"}],"rows":[["age18-24","female",14.2],["age25-34","male",22.8],["age65-","female",1.0]]}"#;
    const COUNTRIES: &str = r#"{"columnHeaders":[{"name":"country"},{"name":"views"}],"rows":[["JP",300],["US",100]]}"#;
    const TOTALS: &str =
        r#"{"columnHeaders":[{"name":"views"},{"name":"estimatedMinutesWatched"},{"name":"averageViewDuration"}],"rows":[[1804,90,182]]}"#;
    const QUOTA: &str =
        r#"{"error":{"code":403,"message":"m","errors":[{"domain":"youtube.quota","reason":"quotaExceeded","message":"m"}]}}"#;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let ada = &channels(CHANNELS.as_bytes(), now()).unwrap()[0];
        assert_eq!(
            (ada.profile.handle.as_str(), ada.profile.followers, ada.uploads.as_deref()),
            ("ada", Metric::Estimated(48_200), Some("UUabc"))
        );
        assert_eq!(ada.profile.posts, Metric::Value(310));
        let (found, next) = ids(ITEMS.as_bytes()).unwrap();
        assert_eq!((found.as_slice(), next.unwrap().0.as_str()), (&["dQw4w9WgXcQ".to_owned(), "abc-_123456".to_owned()][..], "CAUQAA"));
        let (videos, _) = videos(VIDEOS.as_bytes(), now()).unwrap();
        assert_eq!((videos.len(), videos[0].duration_seconds, videos[0].paid_partnership), (1, Some(3_723), Some(true)));
        assert_eq!((videos[0].counter(Measure::Views), videos[0].counter(Measure::Likes)), (Metric::Value(1_804), Metric::NotOffered));
        let (comments, ..) = comments(THREADS.as_bytes(), "v").unwrap();
        assert_eq!(comments.iter().map(|c| c.parent_id.as_deref()).collect::<Vec<_>>(), [None, Some("C1")]);
        let totals = report(TOTALS.as_bytes()).unwrap();
        let readings = readings(&totals, totals.rows.first().map(Vec::as_slice), super::super::requests::VIDEO);
        assert_eq!(
            readings.iter().take(4).map(|r| r.metric).collect::<Vec<_>>(),
            [Metric::Value(1_804), Metric::Estimated(5_400), Metric::Value(182_000), Metric::NotReady]
        );
    }

    #[test]
    fn hidden_subscribers_are_not_zero() {
        let hidden = CHANNELS.replace("\"hiddenSubscriberCount\":false", "\"hiddenSubscriberCount\":true").replace("48200", "0");
        assert_eq!(channels(hidden.as_bytes(), now()).unwrap()[0].profile.followers, Metric::NotGranted);
        assert!(channels(br#"{"pageInfo":{"totalResults":0}}"#, now()).unwrap().is_empty());
    }

    #[test]
    fn viewers_by_age_and_gender() {
        let parts = ages_and_genders(&report(AGES.as_bytes()).unwrap());
        let Slices::Given { unit: Unit::Percent, shares } = &parts[1].slices else { panic!("{parts:?}") };
        assert_eq!(shares.iter().map(|s| s.key.as_str()).collect::<Vec<_>>(), ["18-24", "25-34", "65+"]);
        let Slices::Given { shares, .. } = &parts[2].slices else { panic!("{parts:?}") };
        assert_eq!((shares[0].key.as_str(), (shares[0].value * 10.0).round()), ("female", 152.0));
        let Slices::Given { shares, .. } = countries(&report(COUNTRIES.as_bytes()).unwrap()).slices else { panic!() };
        assert_eq!((shares[0].key.as_str(), shares[0].value), ("JP", 75.0));
        assert_eq!(ages_and_genders(&Table::default())[0].slices, Slices::Missing(Metric::NotReady));
    }

    #[test]
    fn every_reason_has_its_kind() {
        let kind = |status: u16, reason: &str| {
            let body = format!(r#"{{"error":{{"code":{status},"message":"m","errors":[{{"reason":"{reason}"}}]}}}}"#);
            refusal(&Response::of(status, &[], body), now()).unwrap().kind
        };
        for (status, reason, wanted) in [
            (403, "quotaExceeded", ErrorKind::QuotaExhausted),
            (403, "rateLimitExceeded", ErrorKind::RateLimited { scope: LimitScope::App }),
            (403, "commentsDisabled", ErrorKind::Private),
            (403, "insufficientPermissions", ErrorKind::ScopeMissing { scope: String::new() }),
            (403, "accessNotConfigured", ErrorKind::AppNotApproved),
            (401, "authError", ErrorKind::TokenExpired),
            (404, "channelNotFound", ErrorKind::NotFound),
            (500, "backendError", ErrorKind::Transient),
            (400, "invalidFilters", ErrorKind::Bug),
        ] {
            assert_eq!(kind(status, reason), wanted, "{reason}");
        }
        assert_eq!(refusal(&Response::of(200, &[], CHANNELS), now()), None);
        // Noon UTC of 2 November is before midnight there, which is 08:00 UTC of the 3rd.
        let reset = refusal(&Response::of(403, &[], QUOTA), now()).unwrap().retry_at.unwrap();
        assert_eq!(reset.to_rfc3339(), "2026-11-02T08:00:00+00:00");
    }

    #[test]
    fn durations() {
        for (text, wanted) in [
            ("PT15S", Some(15)),
            ("PT4M", Some(240)),
            ("P1DT1S", Some(86_401)),
            ("P0D", Some(0)),
            ("PT", None),
            ("15", None),
            ("PT5", None),
            ("P1Y", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[CHANNELS, ITEMS, VIDEOS, THREADS, AGES, COUNTRIES, TOTALS, QUOTA])) {
            let _ = (channels(&body, now()), ids(&body), videos(&body, now()), comments(&body, "v"));
            if let Ok(table) = report(&body) {
                let _ = readings(&table, table.rows.first().map(Vec::as_slice), super::super::requests::CHANNEL);
                for part in ages_and_genders(&table).into_iter().chain([countries(&table)]) {
                    if let Slices::Given { shares, .. } = part.slices {
                        prop_assert!(shares.iter().all(|s| s.value.is_finite() && s.value >= 0.0));
                    }
                }
            }
            let _ = refusal(&Response::of(403, &[], body), now());
        }

        #[test]
        fn no_text_breaks_a_duration(text in "P?[0-9TWDHMSY]{0,20}") {
            let _ = seconds(&text);
        }

        #[test]
        fn quotas_start_anew_within_a_day(seconds in 0i64..4_000_000_000) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let reset = midnight_pacific(now);
            prop_assert!(reset > now && reset - now <= chrono::Duration::days(1));
        }
    }
}
