//! What the people of the list have published: nobody of the sandbox's is behind them, so their publications are invented here, with what
//! their networks would show to everybody. Labelled as the demo's, like the rest of its history.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use connectors::{Measure, Metric};
use entity::{
    creator,
    enums::{MetricSource, Network},
    json::Words,
    network_account, post,
};
use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;

use super::history::{DAYS, LABEL, dice};
use crate::{
    networks::sync::posts::{Figure, Figures, code},
    tx::Tx,
};

/// What they write, in both languages.
#[derive(Deserialize)]
pub(super) struct Said {
    ja: Vec<String>,
    en: Vec<String>,
}

/// By what they write about.
pub(super) fn said() -> anyhow::Result<HashMap<String, Said>> {
    Ok(Figment::from(Toml::string(include_str!("captions.toml"))).extract()?)
}

/// What is published there, and how many of a thousand followers see it, like it and comment on it.
fn habits(network: Network) -> (&'static str, Option<i64>, i64, i64) {
    match network {
        Network::Youtube => ("video", Some(220), 9, 1),
        Network::Tiktok => ("short", Some(440), 31, 2),
        _ => ("image", None, 27, 1),
    }
}

/// The publications of the last months up to now.
pub(super) fn posts(
    tx: &Tx,
    said: &HashMap<String, Said>,
    account: &network_account::Model,
    owner: &creator::Model,
    number: u64,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<post::Model>> {
    let (Some(said), Some(followers)) = (said.get(&owner.main_category), account.followers) else { return Ok(Vec::new()) };
    let captions = if owner.country == "JP" { &said.ja } else { &said.en };
    let (format, seen, liked, commented) = habits(account.network);
    let share = |of_thousand: i64, roll: u64| (followers * of_thousand * (512 + roll as i64)) / 1_024_000;
    let mut out = Vec::new();
    let mut at = now - Duration::hours(9);
    while at > now - Duration::days(DAYS) {
        let n = out.len() as u64;
        let roll = |what: u64| dice(number * 16 + what, n);
        let views = seen.map(|of_thousand| share(of_thousand, roll(1)));
        let (likes, comments) = (share(liked, roll(2)), share(commented, roll(3)));
        let mut figures = Figures::default();
        for (measure, value) in [(Measure::Views, views), (Measure::Likes, Some(likes)), (Measure::Comments, Some(comments))] {
            if let Some(value) = value {
                let metric = Metric::Value(value);
                figures.learn(&code(measure), Figure { metric, source: MetricSource::Network, endpoint: LABEL.into(), as_of: now });
            }
        }
        // Every ninth is advertising.
        let caption = if n % 9 == 4 { &captions[0] } else { &captions[1 + roll(4) as usize % (captions.len() - 1)] };
        out.push(post::Model {
            id: tx.id(),
            account_id: account.id,
            creator_id: account.creator_id,
            network: account.network,
            external_id: format!("demo-{number}-{n}"),
            format: format.to_owned(),
            hashtags: Words(caption.split_whitespace().filter_map(|word| word.strip_prefix('#')).map(str::to_owned).collect()),
            caption: caption.clone(),
            mentions: Words::default(),
            url: String::new(),
            published_at: Some(at),
            duration_seconds: None,
            paid_partnership: None,
            views,
            reach: None,
            likes: Some(likes),
            comments: Some(comments),
            engagement: Some(likes + comments),
            figures: serde_json::to_value(&figures)?,
            figures_due_at: None,
            comments_due_at: None,
            expires_at: None,
            first_seen_at: at,
            last_seen_at: now,
            gone_at: None,
        });
        at -= Duration::minutes(1_440 * 2 + 3 * roll(5) as i64);
    }
    Ok(out)
}
