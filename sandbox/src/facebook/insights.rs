//! Instagram's insights: of publications, stories and accounts, and who the audience is.

use actix_web::HttpRequest;
use serde_json::{Value, json};

use super::{
    Refused,
    instagram::{Owned, Thing},
    query,
};
use crate::{
    posts::{Figures, Shape},
    world::{Token, World},
};

/// Whose insights are empty for two days after the sandbox began.
const EMPTY_YET: &str = "kei";
const VIEWERS: i64 = 5;
const CROWD: i64 = 100;

fn allowed(token: &Token) -> Result<(), Refused> {
    if token.scope_of_instagram("instagram_manage_insights", "instagram_business_manage_insights") {
        return Ok(());
    }
    Err(Refused::new(10, None, "(#10) Requires instagram_manage_insights permission to use the endpoint"))
}

fn metrics(request: &HttpRequest) -> Vec<String> {
    query(request, "metric").unwrap_or_default().split(',').filter(|m| !m.is_empty()).map(str::to_owned).collect()
}

fn unknown_metric(name: &str) -> Refused {
    Refused::new(
        100,
        None,
        format!("(#100) metric[0] must be one of the following values: reach, views, total_interactions ({name} is not)"),
    )
}

/// Of a publication or a story.
pub(super) fn thing(request: &HttpRequest, token: &Token, owned: &Owned, thing: &Thing, id: &str) -> Result<Value, Refused> {
    allowed(token)?;
    let (figures, product) = match thing {
        Thing::Story(n, at) => (owned.channel.story_figures(*n, *at), "STORY"),
        Thing::Post(post) => (post.figures, if post.shape == Shape::Reel { "REELS" } else { "FEED" }),
    };
    if product == "STORY" && figures.reach < VIEWERS {
        return Err(Refused {
            status: actix_web::http::StatusCode::BAD_REQUEST,
            ..Refused::new(10, None, "(#10) Not enough viewers for the media to show insights")
        });
    }
    let names = metrics(request);
    if let Some(breakdown) = query(request, "breakdown") {
        return match (product, names.as_slice(), breakdown.as_str()) {
            ("STORY", [name], "story_navigation_action_type") if name == "navigation" => Ok(json!({"data": [navigation(&figures, id)]})),
            _ => Err(Refused::new(1, None, "An unknown error has occurred.")),
        };
    }
    if owned.person.id == EMPTY_YET {
        return Ok(json!({"data": []}));
    }
    let mut rows = Vec::new();
    for name in names {
        let value = of_thing(&name, product, &figures).ok_or_else(|| unknown_metric(&name))?;
        rows.push(json!({"name": name, "period": "lifetime", "values": [{"value": value}], "title": name, "description": "", "id": format!("{id}/insights/{name}/lifetime")}));
    }
    Ok(json!({"data": rows}))
}

fn of_thing(name: &str, product: &str, f: &Figures) -> Option<i64> {
    let (feed, reels, story) = (product == "FEED", product == "REELS", product == "STORY");
    Some(match name {
        "reach" => f.reach,
        "views" => f.views,
        "shares" => f.shares,
        "reposts" => f.reposts,
        "total_interactions" if story => f.shares + f.reposts,
        "total_interactions" => f.likes + f.comments + f.saves + f.shares,
        "likes" if !story => f.likes,
        "comments" if !story => f.comments,
        "saved" if !story => f.saves,
        "follows" if !reels => f.follows,
        "profile_visits" | "profile_activity" if feed || story => f.visits,
        // Europe and Japan: always 0.
        "replies" if story => 0,
        "link_clicks" | "navigation" if story => f.clicks,
        "ig_reels_avg_watch_time" if reels => 4_200 + f.reach % 9_000,
        "ig_reels_video_view_total_time" if reels => f.views * (4_200 + f.reach % 9_000),
        _ => return None,
    })
}

fn navigation(f: &Figures, id: &str) -> Value {
    let parts = [("TAP_FORWARD", f.views * 6 / 10), ("TAP_BACK", f.views / 20), ("TAP_EXIT", f.views / 10), ("SWIPE_FORWARD", f.views / 8)];
    let results: Vec<Value> = parts.iter().map(|(word, n)| json!({"dimension_values": [word], "value": n})).collect();
    let whole: i64 = parts.iter().map(|(_, n)| n).sum();
    json!({"name": "navigation", "period": "lifetime", "title": "Navigation", "description": "", "id": format!("{id}/insights/navigation/lifetime"),
        "total_value": {"value": whole, "breakdowns": [{"dimension_keys": ["story_navigation_action_type"], "results": results}]}})
}

/// Of an account: totals of a window, or demographics.
pub(super) fn account(world: &World, request: &HttpRequest, token: &Token, owned: &Owned) -> Result<Value, Refused> {
    allowed(token)?;
    let names = metrics(request);
    if names.iter().any(|name| name.ends_with("_demographics")) {
        return demographics(request, owned, &names);
    }
    let time = |name: &str| query(request, name).and_then(|n| n.parse::<i64>().ok());
    let (Some(since), Some(until)) = (time("since"), time("until")) else {
        return Err(Refused::new(100, None, "(#100) since and until are required"));
    };
    let days = (until - since) / 86_400;
    if !(0..=30).contains(&days) {
        return Err(Refused::new(100, None, "(#100) There cannot be more than 30 days (2592000 s) between since and until"));
    }
    if query(request, "metric_type").as_deref() != Some("total_value") || query(request, "period").as_deref() != Some("day") {
        return Err(Refused::new(100, None, "(#100) metric_type and period do not go with these metrics"));
    }
    if owned.person.id == EMPTY_YET && world.days() < 2 {
        return Ok(json!({"data": []}));
    }
    let inside = |at: chrono::DateTime<chrono::Utc>| (since..until).contains(&at.timestamp());
    let posts: Vec<Figures> = owned.channel.newest(0, 60).filter(|post| inside(post.at)).map(|post| post.figures).collect();
    let sum = |of: fn(&Figures) -> i64| posts.iter().map(of).sum::<i64>();
    let mut rows = Vec::new();
    for name in names {
        let value = match name.as_str() {
            "reach" => sum(|f| f.reach).min(owned.account.followers * 3),
            "views" => sum(|f| f.views),
            "accounts_engaged" => sum(|f| f.likes) * 8 / 10,
            "total_interactions" => sum(|f| f.likes + f.comments + f.saves + f.shares),
            "likes" => sum(|f| f.likes),
            "comments" => sum(|f| f.comments),
            "shares" => sum(|f| f.shares),
            "saves" => sum(|f| f.saves),
            "reposts" => sum(|f| f.reposts),
            "replies" => 0,
            "profile_links_taps" => sum(|f| f.clicks),
            "follows_and_unfollows" => {
                rows.push(follows(owned, sum(|f| f.follows), days));
                continue;
            }
            other => return Err(unknown_metric(other)),
        };
        rows.push(json!({"name": name, "period": "day", "title": name, "description": "", "total_value": {"value": value}, "id": format!("{}/insights/{name}/day", owned.account.id)}));
    }
    Ok(json!({"data": rows}))
}

fn follows(owned: &Owned, won: i64, days: i64) -> Value {
    let lost = owned.account.followers * days / 10_000;
    let results = json!([{"dimension_values": ["FOLLOWER"], "value": won}, {"dimension_values": ["NON_FOLLOWER"], "value": lost}]);
    json!({"name": "follows_and_unfollows", "period": "day", "title": "Follows and unfollows", "description": "",
        "total_value": {"breakdowns": [{"dimension_keys": ["follow_type"], "results": results}]}, "id": format!("{}/insights/follows_and_unfollows/day", owned.account.id)})
}

fn demographics(request: &HttpRequest, owned: &Owned, names: &[String]) -> Result<Value, Refused> {
    let [name] = names else { return Err(Refused::new(100, None, "(#100) Demographics are asked one at a time")) };
    let right = query(request, "period").as_deref() == Some("lifetime") && query(request, "metric_type").as_deref() == Some("total_value");
    if !right || !matches!(query(request, "timeframe").as_deref(), Some("this_month" | "this_week")) {
        return Err(Refused::new(
            100,
            None,
            "(#100) period=lifetime, metric_type=total_value and timeframe=this_month or this_week are required",
        ));
    }
    let engaged: i64 = owned.channel.newest(0, 12).map(|post| post.figures.likes).sum();
    let crowd = match name.as_str() {
        "follower_demographics" => owned.account.followers,
        "engaged_audience_demographics" => engaged,
        other => return Err(unknown_metric(other)),
    };
    if crowd < CROWD {
        return Ok(json!({"data": []}));
    }
    let by = query(request, "breakdown").unwrap_or_default();
    let shares = audience(&by).ok_or_else(|| Refused::new(100, None, "(#100) breakdown must be one of: age, city, country, gender"))?;
    let results: Vec<Value> = shares
        .iter()
        .enumerate()
        .map(|(n, (key, per_mille))| {
            let bent = per_mille + (owned.channel.dice(n as i64, 40) % 21) as i64 - 10;
            json!({"dimension_values": [key], "value": crowd * bent.max(1) / 1_000})
        })
        .collect();
    let breakdowns = json!([{"dimension_keys": [by], "results": results}]);
    Ok(
        json!({"data": [{"name": name, "period": "lifetime", "title": name, "description": "", "total_value": {"breakdowns": breakdowns}, "id": format!("{}/insights/{name}/lifetime", owned.account.id)}]}),
    )
}

/// How an audience divides, in thousandths.
pub(super) fn audience(by: &str) -> Option<&'static [(&'static str, i64)]> {
    Some(match by {
        "age" => &[("13-17", 21), ("18-24", 214), ("25-34", 371), ("35-44", 226), ("45-54", 98), ("55-64", 41), ("65+", 17)],
        "gender" => &[("F", 601), ("M", 342), ("U", 45)],
        "country" => &[("JP", 642), ("US", 91), ("TW", 63), ("SE", 34), ("FR", 31), ("DE", 24), ("GB", 19)],
        "city" => &[
            ("Tokyo, Tokyo", 171),
            ("Yokohama, Kanagawa", 64),
            ("Osaka, Osaka", 58),
            ("Kyoto, Kyoto", 33),
            ("Taipei, Taiwan", 29),
            ("New York, New York", 17),
        ],
        _ => return None,
    })
}
