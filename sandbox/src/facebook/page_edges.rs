//! A Page's edges of the Graph API: posts, insights, comments, tags. They want the Page's own token.

use actix_web::HttpRequest;
use chrono::Duration;
use serde_json::{Map, Value, json};

use super::{
    Fields, Refused,
    instagram::{map, project, stamp},
    not_there, paged, query,
};
use crate::{
    people::Person,
    posts::{Channel, Post, Shape, remark},
    presence,
    world::{Token, World},
};

const POST_FIELDS: &[&str] = &[
    "id",
    "comments",
    "created_time",
    "from",
    "full_picture",
    "is_published",
    "message",
    "permalink_url",
    "reactions",
    "shares",
    "status_type",
];
const COMMENT_FIELDS: &[&str] =
    &["id", "comment_count", "created_time", "from", "is_hidden", "like_count", "message", "parent", "permalink_url"];
/// Likes below which a Page has no insights.
const CROWD: i64 = 100;

/// How many follow a Page.
pub(super) fn followers(world: &World, person: &'static Person) -> i64 {
    presence::of(world, person, "facebook").map_or(0, |presence| presence.followers)
}

fn channel(world: &World, token: &Token) -> Option<Channel> {
    presence::of(world, token.person, "facebook").map(|presence| presence.channel)
}

fn granted(token: &Token, scope: &str) -> Result<(), Refused> {
    match token.scopes.granted.iter().any(|granted| granted == scope) {
        true => Ok(()),
        false => Err(Refused::new(200, None, format!("(#200) Requires {scope} permission"))),
    }
}

fn own(token: &Token, page: &str) -> Result<(), Refused> {
    match token.page.as_deref() == Some(page) {
        true => Ok(()),
        false => Err(Refused::new(190, None, "This method must be called with a Page Access Token")),
    }
}

/// An edge of a Page.
pub(super) fn edge(world: &World, request: &HttpRequest, token: &Token, page: &str, name: &str, edge: &str) -> Result<Value, Refused> {
    own(token, page)?;
    let channel = channel(world, token).ok_or_else(|| not_there(page))?;
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    match edge {
        "published_posts" | "feed" => {
            granted(token, "pages_read_engagement")?;
            paged(world, request, 100, |skip, take| {
                channel
                    .newest(skip, take)
                    .map(|post| project(&post_map(world, &channel, page, name, &post), &fields, POST_FIELDS, "PagePost"))
                    .collect()
            })
        }
        "tagged" => {
            granted(token, "pages_read_user_content")?;
            paged(world, request, 50, |skip, take| {
                (0..6).skip(skip).take(take).map(|k| project(&tagged_map(&channel, name, k), &fields, POST_FIELDS, "PagePost")).collect()
            })
        }
        "insights" => page_insights(world, request, token, &channel, page),
        _ => Err(not_there(page)),
    }
}

/// An edge of a post, which goes by the Page's id and its own.
pub(super) fn post_edge(world: &World, request: &HttpRequest, token: &Token, id: &str, edge: &str) -> Result<Value, Refused> {
    let (page, n) = id.split_once('_').ok_or_else(|| not_there(id))?;
    own(token, page)?;
    let channel = channel(world, token).ok_or_else(|| not_there(id))?;
    let post = n.parse().ok().and_then(|n| channel.post(n)).ok_or_else(|| not_there(id))?;
    match edge {
        "comments" => {
            granted(token, "pages_read_user_content")?;
            let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
            let count = usize::try_from(post.figures.comments.clamp(0, 200)).unwrap_or(0);
            paged(world, request, 50, |skip, take| {
                (0..count)
                    .skip(skip)
                    .take(take)
                    .map(|c| project(&comment_map(&channel, &post, c), &fields, COMMENT_FIELDS, "Comment"))
                    .collect()
            })
        }
        "insights" => {
            granted(token, "read_insights")?;
            let mut rows = Vec::new();
            for metric in query(request, "metric").unwrap_or_default().split(',') {
                let f = post.figures;
                let value = match metric {
                    "post_media_view" => f.views.into(),
                    "post_total_media_view_unique" => f.reach.into(),
                    "post_clicks" => f.clicks.into(),
                    "post_reactions_by_type_total" => json!({"like": f.likes * 8 / 10, "love": f.likes - f.likes * 8 / 10}),
                    other => return Err(invalid(other)),
                };
                rows.push(json!({"name": metric, "period": "lifetime", "values": [{"value": value}], "title": metric, "description": "", "id": format!("{id}/insights/{metric}/lifetime")}));
            }
            Ok(json!({"data": rows}))
        }
        _ => Err(not_there(id)),
    }
}

fn invalid(metric: &str) -> Refused {
    Refused::new(100, None, format!("(#100) The value must be a valid insights metric: {metric}"))
}

fn page_insights(world: &World, request: &HttpRequest, token: &Token, channel: &Channel, page: &str) -> Result<Value, Refused> {
    granted(token, "read_insights")?;
    if channel.followers < CROWD {
        return Ok(json!({"data": []}));
    }
    let time = |name: &str, other: i64| query(request, name).and_then(|n| n.parse::<i64>().ok()).unwrap_or(other);
    let until = time("until", channel.now.timestamp()).min(channel.now.timestamp());
    let since = time("since", until - 2 * 86_400);
    if until - since > 90 * 86_400 {
        return Err(Refused::new(100, None, "(#100) There cannot be more than 90 days (7776000 s) between since and until"));
    }
    // Days end at eight in the morning.
    let ends: Vec<i64> =
        (since / 86_400..=until / 86_400).map(|day| day * 86_400 + 8 * 3_600).filter(|end| (since + 1..=until).contains(end)).collect();
    let mut rows = Vec::new();
    for metric in query(request, "metric").unwrap_or_default().split(',') {
        let mut values = Vec::new();
        for end in &ends {
            let day = end / 86_400;
            let views = channel.followers * (20 + (channel.dice(day, 60) % 30) as i64) / 100;
            let value: Value = match metric {
                "page_follows" => (channel.followers - (until - end) / 86_400 * 2).into(),
                "page_daily_follows_unique" => ((channel.dice(day, 61) % 12) as i64).into(),
                "page_daily_unfollows_unique" => ((channel.dice(day, 62) % 4) as i64).into(),
                "page_post_engagements" => (views / 20).into(),
                "page_media_view" => views.into(),
                "page_total_media_view_unique" => (views * 7 / 10).into(),
                "page_total_actions" => (views / 90).into(),
                "page_follows_country" => json!({"JP": channel.followers * 64 / 100, "US": channel.followers * 9 / 100}),
                // Of the two that Meta's papers disagree about, this one is gone here.
                other => return Err(invalid(other)),
            };
            let at = chrono::DateTime::from_timestamp(*end, 0).unwrap_or_default();
            values.push(json!({"value": value, "end_time": stamp(at)}));
        }
        rows.push(json!({"name": metric, "period": "day", "values": values, "title": metric, "description": "", "id": format!("{page}/insights/{metric}/day")}));
    }
    let next = format!("{}{}?since={until}", world.public_url(), request.path());
    Ok(json!({"data": rows, "paging": {"previous": next, "next": next}}))
}

fn post_map(world: &World, channel: &Channel, page: &str, name: &str, post: &Post) -> Map<String, Value> {
    let id = format!("{page}_{}", post.n);
    let f = post.figures;
    let status = match post.shape {
        Shape::Picture | Shape::Album => "added_photos",
        Shape::Reel | Shape::Video => "added_video",
        Shape::Words => "mobile_status_update",
    };
    let mut node = map(json!({
        "id": id, "message": post.caption, "created_time": stamp(post.at), "permalink_url": format!("https://www.facebook.com/{page}/posts/{}", post.n),
        "status_type": status, "from": {"id": page, "name": name}, "full_picture": world.picture(&format!("fb{}x{}", channel.key, post.n)), "is_published": true,
        "reactions": {"data": [], "summary": {"total_count": f.likes}}, "comments": {"data": [], "summary": {"total_count": f.comments}},
    }));
    if f.shares > 0 {
        node.insert("shares".into(), json!({"count": f.shares}));
    }
    node
}

fn tagged_map(channel: &Channel, name: &str, k: i64) -> Map<String, Value> {
    let dice = channel.dice(k, 63);
    let (who, what) = remark(dice);
    let (from, at) = (dice % 1_000_000, channel.started - Duration::days(k * 9));
    map(json!({
        "id": format!("{from}_{k}"), "message": format!("{what} {name}"), "created_time": stamp(at), "permalink_url": format!("https://www.facebook.com/{from}/posts/{k}"),
        "from": {"id": from.to_string(), "name": who},
    }))
}

fn comment_map(channel: &Channel, post: &Post, c: usize) -> Map<String, Value> {
    let dice = channel.dice(post.n, 100 + c as u64);
    let (who, what) = remark(dice);
    map(json!({
        "id": format!("{}_{c}", post.n), "message": what, "created_time": stamp(post.at), "from": {"id": (dice % 1_000_000).to_string(), "name": who},
        "like_count": dice % 9, "comment_count": 0, "is_hidden": false,
    }))
}
