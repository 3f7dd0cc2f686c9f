//! What the people of the list have published: nobody of the sandbox's is behind them, so their publications are invented here, with what
//! their networks would show to everybody. Labelled as the demo's, like the rest of its history.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use connectors::Measure;
use entity::{creator, enums::Network, json::Words, network_account, post};
use figment::{
    Figment,
    providers::{Format, Toml},
};
use sea_orm::{IntoActiveModel, TryIntoModel};
use serde::Deserialize;

use super::history::{DAYS, LABEL, dice};
use crate::{networks::sync::posts::Figures, tx::Tx};

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
        // Every ninth is advertising.
        let caption = if n % 9 == 4 { &captions[0] } else { &captions[1 + roll(4) as usize % (captions.len() - 1)] };
        let row = post::Model {
            format: format.to_owned(),
            hashtags: Words(caption.split_whitespace().filter_map(|word| word.strip_prefix('#')).map(str::to_owned).collect()),
            caption: caption.clone(),
            published_at: Some(at),
            last_seen_at: now,
            ..post::Model::bare(tx.id(), (account.id, account.creator_id, account.network), format!("demo-{number}-{n}"), at)
        };
        let mut row = row.into_active_model();
        let told = [(Measure::Likes, likes), (Measure::Comments, comments)].into_iter().chain(views.map(|n| (Measure::Views, n)));
        Figures::told(LABEL, now, told).write(&mut row);
        out.push(row.try_into_model()?);
        at -= Duration::minutes(1_440 * 2 + 3 * roll(5) as i64);
    }
    Ok(out)
}
