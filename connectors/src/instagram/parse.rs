//! What comes back from Instagram. Pure; what all of Meta shares is in [`crate::meta::parse`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{
    connector::{AccountType, Profile, RemoteAccount},
    content::{Author, Comment, Format, Media, Mention, MentionKind, Story},
    insights::{Breakdown, Crowd, Dimension, Measure, Reading, Share, Slices, Unit},
    meta::{insights::Insight, parse::part_of},
    metric::Metric,
    network::Network,
    secret::Secret,
    wire::{Unreadable, counter, counters, id, json, number, text, time, web},
};

/// An account. Id and handle must be there.
pub fn profile(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    profile_of(&json(body)?, "instagram /{ig-id}", now)
}

/// The account inside an answer of business discovery.
pub fn discovered(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw: Value = json(body)?;
    let found = raw.get("business_discovery").ok_or_else(|| Unreadable::without("business_discovery"))?;
    profile_of(found, "instagram business_discovery", now)
}

fn profile_of(raw: &Value, endpoint: &str, now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    // By Instagram's own login `id` holds for our app alone; `user_id` is the account's.
    let external_id = id(raw, "user_id").or_else(|| id(raw, "id")).ok_or_else(|| Unreadable::without("id"))?;
    Ok(Profile {
        network: Network::Instagram,
        external_id,
        handle: text(raw, "username").ok_or_else(|| Unreadable::without("username"))?,
        display_name: text(raw, "name").unwrap_or_default(),
        biography: text(raw, "biography").unwrap_or_default(),
        website: text(raw, "website"),
        picture_url: web(raw, "profile_picture_url"),
        account_type: account_type(raw),
        followers: counter(raw, "followers_count", Metric::NotReady),
        following: counter(raw, "follows_count", Metric::NotReady),
        posts: counter(raw, "media_count", Metric::NotReady),
        endpoint: endpoint.to_owned(),
        fetched_at: now,
    })
}

/// Both logins reach professional accounts alone; Facebook's does not say which kind.
fn account_type(raw: &Value) -> AccountType {
    match raw.get("account_type").and_then(Value::as_str) {
        Some("BUSINESS") => AccountType::Business,
        Some("MEDIA_CREATOR" | "CREATOR") => AccountType::Creator,
        Some("PERSONAL") => AccountType::Personal,
        _ => AccountType::Professional,
    }
}

/// The one account of Instagram's own login.
pub fn own_account(body: &[u8], now: DateTime<Utc>) -> Result<RemoteAccount, Unreadable> {
    let profile = profile(body, now)?;
    Ok(RemoteAccount {
        display_name: if profile.display_name.is_empty() { profile.handle.clone() } else { profile.display_name },
        external_id: profile.external_id,
        handle: Some(profile.handle),
        picture_url: profile.picture_url,
        via: None,
        refused: (profile.account_type == AccountType::Personal).then_some(crate::ErrorKind::NotBusinessAccount),
    })
}

/// A token of Instagram's own login.
#[derive(Clone, Debug)]
pub struct OwnToken {
    /// The token.
    pub access: Secret,
    /// Whose it is.
    pub user_id: Option<String>,
    /// What was granted, if the answer says.
    pub permissions: Option<Vec<String>>,
    /// How long it lasts, if the answer says.
    pub life: Option<Duration>,
}

/// An answer of Instagram's token endpoints: flat, or as the first row of `data`.
pub fn own_token(body: &[u8]) -> Result<OwnToken, Unreadable> {
    let raw: Value = json(body)?;
    let row = raw.get("data").and_then(|data| data.get(0)).unwrap_or(&raw);
    let permissions = match row.get("permissions") {
        Some(Value::String(list)) => Some(list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()),
        Some(Value::Array(list)) => Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    };
    let life = row.get("expires_in").and_then(number).and_then(|s| u64::try_from(s).ok()).filter(|s| *s > 0).map(Duration::from_secs);
    let access = text(row, "access_token").map(Secret::from).ok_or_else(|| Unreadable::without("access_token"))?;
    Ok(OwnToken { access, user_id: id(row, "user_id"), permissions, life })
}

/// A publication; `None` without an id.
pub fn media(row: &Value, endpoint: &str, now: DateTime<Utc>) -> Option<Media> {
    Some(Media {
        external_id: id(row, "id")?,
        format: format(row),
        caption: text(row, "caption").unwrap_or_default(),
        permalink: web(row, "permalink"),
        media_url: web(row, "media_url"),
        thumbnail_url: web(row, "thumbnail_url").or_else(|| web(row, "media_url").filter(|_| is_picture(row))),
        published_at: time(row, "timestamp"),
        duration_seconds: None,
        author: Author { external_id: None, handle: text(row, "username") },
        paid_partnership: None,
        // Others' hidden like counts are left out by Instagram, and so here.
        counters: counters(row, &[(Measure::Likes, "like_count"), (Measure::Comments, "comments_count")]),
        endpoint: endpoint.to_owned(),
        fetched_at: now,
    })
}

fn is_picture(row: &Value) -> bool {
    row.get("media_type").and_then(Value::as_str) == Some("IMAGE")
}

fn format(row: &Value) -> Format {
    match (text(row, "media_product_type").as_deref(), text(row, "media_type").as_deref()) {
        (Some("STORY"), _) => Format::Story,
        (Some("REELS"), _) => Format::Short,
        (_, Some("CAROUSEL_ALBUM")) => Format::Carousel,
        (_, Some("VIDEO")) => Format::Video,
        (_, Some("IMAGE")) => Format::Image,
        (_, other) => Format::Other(other.unwrap_or("unknown").to_lowercase()),
    }
}

/// A story; `None` without an id or a time, since then nobody knows when it ends.
pub fn story(row: &Value, now: DateTime<Utc>) -> Option<Story> {
    let media = Media { format: Format::Story, ..media(row, "instagram /{ig-id}/stories", now)? };
    let expires_at = media.published_at? + chrono::Duration::hours(24);
    Some(Story { media, expires_at })
}

/// A comment; `None` without an id.
pub fn comment(row: &Value, media_id: &str) -> Option<Comment> {
    let from = row.get("from").cloned().unwrap_or_default();
    Some(Comment {
        external_id: id(row, "id")?,
        media_id: media_id.to_owned(),
        parent_id: id(row, "parent_id"),
        author: Author { external_id: id(&from, "id"), handle: text(&from, "username").or_else(|| text(row, "username")) },
        text: text(row, "text").unwrap_or_default(),
        published_at: time(row, "timestamp"),
        likes: counter(row, "like_count", Metric::NotReady),
        replies: Metric::NotOffered,
        hidden: row.get("hidden").and_then(Value::as_bool),
    })
}

/// A comment with the answers that came along; `None` without an id.
pub fn thread(row: &Value, media_id: &str) -> Option<Vec<Comment>> {
    let answers = row.get("replies").and_then(|replies| replies.get("data")).and_then(Value::as_array);
    let first = comment(row, media_id)?;
    let parent = first.external_id.clone();
    // How many there are is told by their number alone: fifty may be more, and none at all may be none or not told.
    let replies = match answers {
        Some(rows) if rows.len() < 50 => Metric::Value(rows.len() as i64),
        Some(_) => Metric::NotOffered,
        None => Metric::NotReady,
    };
    let mut thread = vec![Comment { replies, ..first }];
    let below = |row: &Value| Some(Comment { parent_id: Some(parent.clone()), ..comment(row, media_id)? });
    thread.extend(answers.into_iter().flatten().filter_map(below));
    Some(thread)
}

/// A publication that tags or names the account; `None` without an id.
pub fn mention(row: &Value, kind: MentionKind) -> Option<Mention> {
    let own = id(row, "id")?;
    Some(Mention {
        media_id: match kind {
            MentionKind::Comment => row.get("media").and_then(|media| id(media, "id")),
            _ => Some(own.clone()),
        },
        kind,
        external_id: own,
        author: Author { external_id: None, handle: text(row, "username") },
        text: text(row, "caption").or_else(|| text(row, "text")).unwrap_or_default(),
        permalink: web(row, "permalink"),
        published_at: time(row, "timestamp"),
        counters: counters(row, &[(Measure::Likes, "like_count"), (Measure::Comments, "comments_count")]),
    })
}

/// What stands below `mentioned_media` or `mentioned_comment`.
pub fn mentioned(body: &[u8]) -> Result<Mention, Unreadable> {
    let raw: Value = json(body)?;
    let found = raw.get("mentioned_media").and_then(|row| mention(row, MentionKind::Caption));
    found
        .or_else(|| raw.get("mentioned_comment").and_then(|row| mention(row, MentionKind::Comment)))
        .ok_or_else(|| Unreadable::without("mentioned_media"))
}

/// The id of a hashtag.
pub fn hashtag(body: &[u8]) -> Result<Option<String>, Unreadable> {
    Ok(part_of(&json(body)?)?.rows.iter().find_map(|row| id(row, "id")))
}

/// Moves inside a story, by their words.
pub fn navigation(rows: &[Insight]) -> Vec<Reading> {
    const WORD: &str = "navigation";
    let Some(row) = rows.iter().find(|row| row.name == WORD) else {
        return vec![Reading::new(Measure::Navigation, WORD, Metric::NotReady)];
    };
    let whole = row.total().filter(|n| *n >= 0).map_or(Metric::NotReady, Metric::Value);
    let parts =
        row.parts.iter().filter_map(|(words, n)| Some(Reading::new(Measure::Navigation, WORD, Metric::Value(*n)).part(words.first()?)));
    [Reading::new(Measure::Navigation, WORD, whole)].into_iter().chain(parts).collect()
}

/// Followers won and lost in the window.
pub fn follows(rows: &[Insight]) -> Vec<Reading> {
    const WORD: &str = "follows_and_unfollows";
    let part = |name: &str| {
        let row = rows.iter().find(|row| row.name == WORD)?;
        row.parts.iter().find(|(words, _)| words.first().is_some_and(|word| word == name)).map(|(_, n)| *n)
    };
    [(Measure::Follows, "FOLLOWER"), (Measure::Unfollows, "NON_FOLLOWER")]
        .map(|(measure, name)| Reading::new(measure, WORD, part(name).map_or(Metric::NotReady, Metric::Value)))
        .to_vec()
}

/// One breakdown of a crowd; `missing` where the answer is empty.
pub fn breakdown(rows: &[Insight], crowd: Crowd, by: Dimension, missing: Metric) -> Breakdown {
    let shares: Vec<Share> = rows
        .iter()
        .flat_map(|row| &row.parts)
        .filter_map(|(words, n)| Some(Share { key: key(by, words.first()?), value: *n as f64 }))
        .collect();
    let slices = if shares.is_empty() { Slices::Missing(missing) } else { Slices::Given { unit: Unit::People, shares } };
    Breakdown { crowd, by, slices }
}

fn key(by: Dimension, word: &str) -> String {
    match (by, word) {
        (Dimension::Gender, "F") => "female".into(),
        (Dimension::Gender, "M") => "male".into(),
        (Dimension::Gender, _) => "other".into(),
        _ => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::meta::insights::insights;

    const PROFILE: &str = include_str!("fixtures/profile.json");
    const MEDIA: &str = r#"{"data":[{"id":"17900000000000011","caption":"Rye day 2 #bread","media_type":"VIDEO","media_product_type":"REELS","permalink":"https://www.instagram.com/reel/AbC/","timestamp":"2026-11-02T08:15:30+0000","like_count":903,"comments_count":41}],"paging":{"cursors":{"before":"QVF1","after":"QVF2"},"next":"https://graph.facebook.com/v26.0/1784/media?after=QVF2"}}"#;
    const DISCOVERED: &str = r#"{"business_discovery":{"followers_count":90210,"media_count":733,"id":"17841400000000077","username":"other"},"id":"17841400000000001"}"#;
    const COMMENTS: &str = r#"{"data":[{"id":"17850000000000001","text":"美味しそう!","timestamp":"2026-11-02T09:00:00+0000","username":"ken","from":{"id":"9","username":"ken"},"like_count":3,"hidden":false}]}"#;
    const NAVIGATION: &str = r#"{"data":[{"name":"navigation","period":"lifetime","total_value":{"value":50,"breakdowns":[{"dimension_keys":["story_navigation_action_type"],"results":[{"dimension_values":["TAP_FORWARD"],"value":40},{"dimension_values":["TAP_EXIT"],"value":10}]}]}}]}"#;
    const GENDER: &str = r#"{"data":[{"name":"follower_demographics","total_value":{"breakdowns":[{"dimension_keys":["gender"],"results":[{"dimension_values":["F"],"value":812},{"dimension_values":["M"],"value":100},{"dimension_values":["U"],"value":9}]}]}}]}"#;
    const OWN_TOKEN: &str = r#"{"data":[{"access_token":"IGAAfixture","user_id":"17841","permissions":"instagram_business_basic,instagram_business_manage_insights"}]}"#;
    const MENTIONED: &str = r#"{"mentioned_comment":{"id":"1785","text":"@ada look","timestamp":"2026-11-02T09:00:00+0000","like_count":1,"media":{"id":"1790"}},"id":"17841"}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    fn rows(body: &str) -> Vec<Value> {
        crate::meta::parse::part(body.as_bytes()).unwrap().rows
    }

    #[test]
    fn the_documented_answers() {
        let ada = profile(PROFILE.as_bytes(), at()).unwrap();
        assert_eq!((ada.handle.as_str(), ada.followers, ada.posts), ("ada.cooks", Metric::Value(18_342), Metric::Value(268)));
        assert_eq!((ada.biography.as_str(), ada.website, ada.account_type), ("Bread ♥", None, AccountType::Professional));

        let reel = media(&rows(MEDIA)[0], "x", at()).unwrap();
        assert_eq!((&reel.format, reel.counter(Measure::Likes)), (&Format::Short, Metric::Value(903)));
        assert_eq!(reel.published_at.unwrap().timestamp(), 1_793_607_330);
        assert_eq!(reel.counter(Measure::Views), Metric::NotOffered);

        let other = discovered(DISCOVERED.as_bytes(), at()).unwrap();
        assert_eq!((other.external_id.as_str(), other.followers), ("17841400000000077", Metric::Value(90_210)));

        let comment = comment(&rows(COMMENTS)[0], "1790").unwrap();
        assert_eq!((comment.author.external_id.as_deref(), comment.likes, comment.hidden), (Some("9"), Metric::Value(3), Some(false)));

        let answered =
            serde_json::json!({"id": "1", "text": "a", "replies": {"data": [{"id": "2", "text": "b"}, {"text": "without an id"}]}});
        let found = thread(&answered, "1790").unwrap();
        assert_eq!(
            found.iter().map(|c| (c.parent_id.as_deref(), c.replies)).collect::<Vec<_>>(),
            [(None, Metric::Value(2)), (Some("1"), Metric::NotOffered)]
        );
        assert_eq!(thread(&rows(COMMENTS)[0], "1790").unwrap()[0].replies, Metric::NotReady, "no 0 that nobody told");

        let moves = navigation(&insights(NAVIGATION.as_bytes()).unwrap());
        assert_eq!(
            moves.iter().map(|r| (r.part.as_deref(), r.metric)).collect::<Vec<_>>(),
            [(None, Metric::Value(50)), (Some("tap_forward"), Metric::Value(40)), (Some("tap_exit"), Metric::Value(10))]
        );

        let named = mentioned(MENTIONED.as_bytes()).unwrap();
        assert_eq!((named.kind, named.media_id.as_deref()), (MentionKind::Comment, Some("1790")));
    }

    #[test]
    fn genders_have_one_word_each() {
        let parsed = breakdown(&insights(GENDER.as_bytes()).unwrap(), Crowd::Followers, Dimension::Gender, Metric::NotReady);
        let Slices::Given { shares, unit: Unit::People } = parsed.slices else { panic!("{parsed:?}") };
        assert_eq!(
            shares.iter().map(|s| (s.key.as_str(), s.value)).collect::<Vec<_>>(),
            [("female", 812.0), ("male", 100.0), ("other", 9.0)]
        );
        let empty = breakdown(&[], Crowd::Followers, Dimension::Age, Metric::Suppressed { min: 100 });
        assert_eq!(empty.slices, Slices::Missing(Metric::Suppressed { min: 100 }));
    }

    #[test]
    fn a_token_may_stand_in_a_list_or_alone() {
        let listed = own_token(OWN_TOKEN.as_bytes()).unwrap();
        assert_eq!((listed.user_id.as_deref(), listed.permissions.map(|p| p.len())), (Some("17841"), Some(2)));
        let flat = own_token(br#"{"access_token":"IGAA","token_type":"bearer","expires_in":5183944,"permissions":["a"]}"#).unwrap();
        assert_eq!(flat.life, Some(Duration::from_secs(5_183_944)));
        assert!(own_token(br#"{"data":[]}"#).is_err());
    }

    #[test]
    fn words_of_tomorrow_are_kept() {
        let row = serde_json::json!({"id": 1, "media_type": "HOLOGRAM"});
        assert_eq!(media(&row, "x", at()).unwrap().format, Format::Other("hologram".into()));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PROFILE, MEDIA, DISCOVERED, COMMENTS, NAVIGATION, GENDER, OWN_TOKEN, MENTIONED])) {
            let _ = (profile(&body, at()), discovered(&body, at()), own_account(&body, at()), own_token(&body), mentioned(&body), hashtag(&body));
            if let Ok(part) = crate::meta::parse::part(&body) {
                for row in &part.rows {
                    let _ = (media(row, "x", at()), story(row, at()), thread(row, "1"), mention(row, MentionKind::Tag));
                }
            }
            if let Ok(found) = insights(&body) {
                let _ = (navigation(&found), follows(&found), breakdown(&found, Crowd::Engaged, Dimension::Gender, Metric::NotReady));
            }
        }
    }
}
