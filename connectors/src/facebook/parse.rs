//! What comes back from Facebook Pages. Pure; what all of Meta shares is in [`crate::meta::parse`].

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::requests::{Whole, whole};
use crate::{
    connector::{AccountType, Profile},
    content::{Author, Comment, Format, Media, Mention, MentionKind},
    insights::{Breakdown, Crowd, Dimension, Measure, Reading, Share, Slices, Unit},
    meta::insights::Insight,
    metric::Metric,
    network::Network,
    secret::Secret,
    wire::{Unreadable, counter, id, number, object, text, time, web},
};

/// A Page. Its id and name must be there; a Page without a name for addresses goes by its id.
pub fn profile(body: &[u8], now: DateTime<Utc>) -> Result<Profile, Unreadable> {
    let raw = object(body)?;
    let external_id = id(&raw, "id").ok_or_else(|| Unreadable::without("id"))?;
    Ok(Profile {
        network: Network::Facebook,
        handle: text(&raw, "username").unwrap_or_else(|| external_id.clone()),
        external_id,
        display_name: text(&raw, "name").ok_or_else(|| Unreadable::without("name"))?,
        biography: text(&raw, "about").unwrap_or_default(),
        website: text(&raw, "website"),
        picture_url: raw.get("picture").and_then(|picture| picture.get("data")).and_then(|data| web(data, "url")),
        account_type: AccountType::Professional,
        followers: counter(&raw, "followers_count", Metric::NotReady),
        following: Metric::NotOffered,
        posts: Metric::NotOffered,
        endpoint: "facebook /{page-id}".into(),
        fetched_at: now,
    })
}

/// The Page's own token.
pub fn page_token(body: &[u8]) -> Result<Secret, Unreadable> {
    text(&object(body)?, "access_token").map(Secret::from).ok_or_else(|| Unreadable::without("access_token"))
}

/// A post; `None` without an id.
pub fn post(row: &Value, now: DateTime<Utc>) -> Option<Media> {
    let summed = |edge: &str| match row.get(edge).and_then(|edge| edge.get("summary")) {
        Some(summary) => counter(summary, "total_count", Metric::NotReady),
        None => Metric::NotReady,
    };
    // Without any share the field is left out, and there Meta means none.
    let shares = row.get("shares").map_or(Metric::Value(0), |shares| counter(shares, "count", Metric::NotReady));
    Some(Media {
        external_id: id(row, "id")?,
        format: format(text(row, "status_type").as_deref()),
        caption: text(row, "message").unwrap_or_default(),
        permalink: web(row, "permalink_url"),
        media_url: None,
        thumbnail_url: web(row, "full_picture"),
        published_at: time(row, "created_time"),
        duration_seconds: None,
        author: author(row),
        paid_partnership: None,
        counters: vec![
            Reading::new(Measure::Reactions, "reactions", summed("reactions")),
            Reading::new(Measure::Comments, "comments", summed("comments")),
            Reading::new(Measure::Shares, "shares", shares),
        ],
        endpoint: "facebook /{page-id}/published_posts".into(),
        fetched_at: now,
    })
}

fn format(word: Option<&str>) -> Format {
    match word {
        Some("added_photos") => Format::Image,
        Some("added_video") => Format::Video,
        Some("mobile_status_update" | "wall_post") | None => Format::Text,
        Some("shared_story") => Format::Link,
        Some("created_event") => Format::Event,
        Some(other) => Format::Other(other.to_owned()),
    }
}

fn author(row: &Value) -> Author {
    let from = row.get("from").cloned().unwrap_or_default();
    Author { external_id: id(&from, "id"), handle: text(&from, "name") }
}

/// A comment; `None` without an id. Who wrote it is told to those alone whom Meta allows.
pub fn comment(row: &Value, media_id: &str) -> Option<Comment> {
    Some(Comment {
        external_id: id(row, "id")?,
        media_id: media_id.to_owned(),
        parent_id: row.get("parent").and_then(|parent| id(parent, "id")),
        author: author(row),
        text: text(row, "message").unwrap_or_default(),
        published_at: time(row, "created_time"),
        likes: counter(row, "like_count", Metric::NotReady),
        replies: counter(row, "comment_count", Metric::NotReady),
        hidden: row.get("is_hidden").and_then(Value::as_bool),
    })
}

/// A post of somebody else's that tags the Page; `None` without an id.
pub fn tagged(row: &Value) -> Option<Mention> {
    let external_id = id(row, "id")?;
    Some(Mention {
        kind: MentionKind::Tag,
        media_id: Some(external_id.clone()),
        external_id,
        author: author(row),
        text: text(row, "message").unwrap_or_default(),
        permalink: web(row, "permalink_url"),
        published_at: time(row, "created_time"),
        counters: Vec::new(),
    })
}

/// A post's figures: reactions by their kinds and together.
pub fn post_readings(rows: &[Insight], asked: &[(Measure, &'static str)]) -> Vec<Reading> {
    let mut readings = crate::meta::insights::readings(rows, asked);
    for reading in &mut readings {
        let kinds =
            rows.iter().find(|row| row.name == reading.word).and_then(|row| row.values.last()).and_then(|(_, value)| value.as_object());
        if let Some(kinds) = kinds {
            let sum = kinds.values().try_fold(0i64, |sum, n| number(n).filter(|n| *n >= 0).and_then(|n| sum.checked_add(n)));
            // Whether no kind is none at all, or not yet, Meta does not say; the list of posts tells the sum.
            reading.metric = if kinds.is_empty() { Metric::NotReady } else { sum.map_or(Metric::Failed, Metric::Value) };
        }
    }
    let kinds = rows.iter().filter(|row| row.name == "post_reactions_by_type_total").filter_map(|row| row.values.last()?.1.as_object());
    let parts = kinds.flatten().filter_map(|(kind, n)| {
        let n = number(n).filter(|n| *n >= 0)?;
        Some(Reading::new(Measure::Reactions, "post_reactions_by_type_total", Metric::Value(n)).part(kind))
    });
    readings.extend(parts.collect::<Vec<_>>());
    readings
}

/// A Page's figures, day by day, and the whole window's where the days make it up. `missing` where there is none.
pub fn page_readings(rows: &[Insight], asked: &[(Measure, &'static str)], missing: Metric) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (measure, word) in asked {
        let row = rows.iter().find(|row| row.name == *word);
        let days: Vec<(DateTime<Utc>, i64)> =
            row.iter().flat_map(|row| &row.values).filter_map(|(end, value)| Some(((*end)?, number(value).filter(|n| *n >= 0)?))).collect();
        // A sum of the days that could be read would be no sum of the window.
        let is_broken = row.is_some_and(|row| row.values.iter().any(|(end, n)| end.is_some() && number(n).is_none_or(|n| n < 0)));
        let figure = match whole(*measure) {
            Whole::Sum | Whole::Last if is_broken => Metric::Failed,
            _ if days.is_empty() => missing,
            Whole::Sum => days.iter().try_fold(0i64, |sum, (_, n)| sum.checked_add(*n)).map_or(Metric::Failed, Metric::Value),
            Whole::Last => days.last().map_or(missing, |(_, n)| Metric::Value(*n)),
            Whole::Nothing => Metric::NotOffered,
        };
        readings.push(Reading::new(*measure, word, figure));
        // A day is named by its end, which is the morning after.
        readings.extend(days.iter().filter_map(|(end, n)| {
            let day = end.checked_sub_signed(Duration::hours(12))?.date_naive();
            Some(Reading::new(*measure, word, Metric::Value(*n)).day(day))
        }));
    }
    readings
}

/// Followers by country or city: the last day's table.
pub fn followers_by(rows: &[Insight], by: Dimension, missing: Metric) -> Breakdown {
    let table = rows.first().and_then(|row| row.values.last()).and_then(|(_, value)| value.as_object());
    let shares: Vec<Share> = table
        .into_iter()
        .flatten()
        .filter_map(|(key, n)| Some(Share { key: key.clone(), value: number(n).filter(|n| *n >= 0)? as f64 }))
        .collect();
    let slices = match table.is_some_and(|table| table.len() > shares.len()) {
        // Without some of them the others would be other parts of the whole.
        true => Slices::Missing(Metric::Failed),
        false if shares.is_empty() => Slices::Missing(missing),
        false => Slices::Given { unit: Unit::People, shares },
    };
    Breakdown { crowd: Crowd::Followers, by, slices }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::requests::*, *};
    use crate::meta::insights::insights;

    const PAGE_BODY: &str = r#"{"id":"100000000000001","name":"Hana's Kitchen","username":"hanaskitchen","about":"Bread","fan_count":5100,"followers_count":5120,"picture":{"data":{"url":"https://cdn.example/p.jpg"}}}"#;
    const POSTS: &str = r#"{"data":[{"id":"100_1","message":"Rye","created_time":"2026-11-02T08:15:30+0000","permalink_url":"https://www.facebook.com/100/posts/1","status_type":"added_photos","shares":{"count":3},"reactions":{"data":[],"summary":{"total_count":41}},"comments":{"data":[],"summary":{"total_count":2}},"from":{"id":"100","name":"Hana's Kitchen"}}]}"#;
    const REACTIONS: &str = r#"{"data":[{"name":"post_reactions_by_type_total","period":"lifetime","values":[{"value":{"like":30,"love":11}}]},{"name":"post_media_view","values":[{"value":900}]}]}"#;
    const DAYS: &str = r#"{"data":[{"name":"page_media_view","period":"day","values":[{"value":10,"end_time":"2026-11-19T08:00:00+0000"},{"value":12,"end_time":"2026-11-20T08:00:00+0000"}]},{"name":"page_follows","period":"day","values":[{"value":5119,"end_time":"2026-11-19T08:00:00+0000"},{"value":5120,"end_time":"2026-11-20T08:00:00+0000"}]}]}"#;
    const COUNTRIES: &str = r#"{"data":[{"name":"page_follows_country","period":"day","values":[{"value":{"JP":4100,"US":300},"end_time":"2026-11-20T08:00:00+0000"}]}]}"#;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000, 0).unwrap()
    }

    #[test]
    fn the_documented_answers() {
        let page = profile(PAGE_BODY.as_bytes(), at()).unwrap();
        assert_eq!((page.handle.as_str(), page.followers), ("hanaskitchen", Metric::Value(5_120)));
        let row = &crate::meta::parse::part(POSTS.as_bytes()).unwrap().rows[0];
        let post = post(row, at()).unwrap();
        assert_eq!(
            (post.format, post.counters.iter().map(|r| r.metric).collect::<Vec<_>>()),
            (Format::Image, vec![Metric::Value(41), Metric::Value(2), Metric::Value(3)])
        );
        let readings = post_readings(&insights(REACTIONS.as_bytes()).unwrap(), POST);
        let of = |measure, part: Option<&str>| readings.iter().find(|r| r.measure == measure && r.part.as_deref() == part).unwrap().metric;
        assert_eq!((of(Measure::Reactions, None), of(Measure::Reactions, Some("love"))), (Metric::Value(41), Metric::Value(11)));
        assert_eq!((of(Measure::Views, None), of(Measure::Reach, None)), (Metric::Value(900), Metric::NotReady));
    }

    #[test]
    fn days_make_up_a_window_where_they_can() {
        let readings = page_readings(&insights(DAYS.as_bytes()).unwrap(), PAGE, Metric::NotReady);
        let whole = |measure| readings.iter().find(|r| r.measure == measure && r.day.is_none()).unwrap().metric;
        assert_eq!(
            (whole(Measure::Views), whole(Measure::Followers), whole(Measure::Reach)),
            (Metric::Value(22), Metric::Value(5_120), Metric::NotReady)
        );
        let days: Vec<_> = readings.iter().filter(|r| r.measure == Measure::Views).filter_map(|r| r.day).map(|d| d.to_string()).collect();
        assert_eq!(days, ["2026-11-18", "2026-11-19"]);
    }

    #[test]
    fn followers_by_country() {
        let Slices::Given { shares, .. } =
            followers_by(&insights(COUNTRIES.as_bytes()).unwrap(), Dimension::Country, Metric::NotReady).slices
        else {
            panic!()
        };
        assert_eq!((shares[0].key.as_str(), shares[0].value), ("JP", 4_100.0));
        assert_eq!(followers_by(&[], Dimension::City, Metric::NotOffered).slices, Slices::Missing(Metric::NotOffered));
    }

    proptest! {
        #[test]
        fn no_body_breaks_a_parser(body in crate::wire::hostile::body(&[PAGE_BODY, POSTS, REACTIONS, DAYS, COUNTRIES])) {
            let _ = (profile(&body, at()), page_token(&body));
            if let Ok(part) = crate::meta::parse::part(&body) {
                for row in &part.rows {
                    let _ = (post(row, at()), comment(row, "1"), tagged(row));
                }
            }
            if let Ok(rows) = insights(&body) {
                let _ = (post_readings(&rows, POST), page_readings(&rows, PAGE, Metric::NotReady), followers_by(&rows, Dimension::City, Metric::NotReady));
            }
        }
    }
}
