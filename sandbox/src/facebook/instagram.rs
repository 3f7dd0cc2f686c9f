//! Instagram's edges of the Graph API: publications, stories, comments, tags, other accounts, hashtags.

use actix_web::HttpRequest;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use super::{Fields, Refused, account_node, caller, granted_scope, insights, not_there, paged, query, unknown_field};
use crate::{
    people::{IgAccount, PEOPLE, Person, accounts_of, mixed},
    posts::{Channel, Figures, Post, Shape, remark},
    world::{Token, World},
};

const MEDIA: i64 = 17_900_000_000_000_000;
const STORY: i64 = 17_950_000_000_000_000;
const COMMENT: i64 = 17_800_000_000_000_000;
const REPLY: i64 = 17_820_000_000_000_000;
const TAG: i64 = 17_870_000_000_000_000;
const PER_CHANNEL: i64 = 1_000_000;

/// Fields that are known of a publication.
const MEDIA_FIELDS: &[&str] = &[
    "id",
    "alt_text",
    "caption",
    "comments_count",
    "is_comment_enabled",
    "like_count",
    "media_product_type",
    "media_type",
    "media_url",
    "owner",
    "permalink",
    "shortcode",
    "thumbnail_url",
    "timestamp",
    "username",
    "view_count",
];
const COMMENT_FIELDS: &[&str] =
    &["id", "from", "hidden", "like_count", "media", "parent_id", "replies", "text", "timestamp", "user", "username"];

/// An account with what it publishes.
pub(super) struct Owned {
    pub account: IgAccount,
    pub channel: Channel,
    pub person: &'static Person,
}

/// What an id below an account names.
pub(super) enum Thing {
    Post(Post),
    Story(i64, DateTime<Utc>),
}

/// The professional accounts of a person.
pub(super) fn owned(world: &World, person: &'static Person) -> Vec<Owned> {
    let of = |(key, account): (u64, IgAccount)| {
        let channel = world.channel(person, key, account.followers, account.before);
        Owned { account, channel, person }
    };
    accounts_of(person, world.seed(), world.days()).into_iter().map(of).collect()
}

/// The account of a token's person by its id.
pub(super) fn own_account(world: &World, token: &Token, id: &str) -> Option<Owned> {
    owned(world, token.person).into_iter().find(|owned| owned.account.id == id)
}

/// Somebody's publication or story by its id, if it belongs to the token's person and is not over.
pub(super) fn own_thing(world: &World, token: &Token, id: &str) -> Option<(Owned, Thing)> {
    let id: i64 = id.parse().ok()?;
    let base = if (STORY..STORY + 100_000 * PER_CHANNEL).contains(&id) { STORY } else { MEDIA };
    let (key, n) = (u64::try_from((id - base) / PER_CHANNEL).ok()?, (id - base) % PER_CHANNEL);
    let owned = owned(world, token.person).into_iter().find(|owned| owned.channel.key == key)?;
    let thing = if base == STORY {
        owned.channel.stories().into_iter().find(|(m, _)| *m == n).map(|(n, at)| Thing::Story(n, at))
    } else {
        owned.channel.post(n).map(Thing::Post)
    }?;
    Some((owned, thing))
}

pub(super) fn media_id(channel: &Channel, n: i64) -> String {
    (MEDIA + channel.key as i64 * PER_CHANNEL + n).to_string()
}

/// An edge of an account, publication or hashtag.
pub(super) fn edge(world: &World, request: &HttpRequest, id: &str, edge: &str) -> Result<Value, Refused> {
    let token = caller(world, request)?;
    if let Some(tag) = world.hashtag(id) {
        return found(world, request, &token, id, &tag, edge);
    }
    let basic = token.scope_of_instagram("instagram_basic", "instagram_business_basic");
    if !basic {
        return Err(Refused::new(10, None, "(#10) Requires instagram_basic permission to use the endpoint"));
    }
    let comments = || match token.scope_of_instagram("instagram_manage_comments", "instagram_business_manage_comments") {
        true => Ok(()),
        false => Err(Refused::new(10, None, "(#10) Requires instagram_manage_comments permission to manage the object")),
    };
    if let Some(owned) = own_account(world, &token, id) {
        return match edge {
            "media" => media(world, request, &owned),
            "stories" => stories(world, request, &owned),
            "tags" => comments().and_then(|()| tags(world, request, &owned)),
            "insights" => insights::account(world, request, &token, &owned),
            _ => Err(no_edge(edge)),
        };
    }
    let (owned, thing) = own_thing(world, &token, id).ok_or_else(|| not_there(id))?;
    match (edge, thing) {
        ("insights", thing) => insights::thing(request, &token, &owned, &thing, id),
        ("comments", Thing::Post(post)) => comments().and_then(|()| said(world, request, &owned, &post)),
        ("comments", Thing::Story(..)) => Ok(json!({"data": []})),
        _ => Err(no_edge(edge)),
    }
}

fn no_edge(edge: &str) -> Refused {
    Refused::new(100, None, format!("(#100) Tried accessing nonexisting field ({edge})"))
}

/// A publication or story as a node.
pub(super) fn thing_node(world: &World, request: &HttpRequest, owned: &Owned, thing: &Thing) -> Result<Value, Refused> {
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    match thing {
        Thing::Post(post) => project(&post_map(world, owned, post), &fields, MEDIA_FIELDS, "IGMedia"),
        Thing::Story(n, at) => project(&story_map(world, owned, *n, *at), &fields, MEDIA_FIELDS, "IGMedia"),
    }
}

fn media(world: &World, request: &HttpRequest, owned: &Owned) -> Result<Value, Refused> {
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    paged(world, request, 100, |skip, take| {
        owned.channel.newest(skip, take).map(|post| project(&post_map(world, owned, &post), &fields, MEDIA_FIELDS, "IGMedia")).collect()
    })
}

fn stories(world: &World, request: &HttpRequest, owned: &Owned) -> Result<Value, Refused> {
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    paged(world, request, 100, |skip, take| {
        let up = owned.channel.stories().into_iter().skip(skip).take(take);
        up.map(|(n, at)| project(&story_map(world, owned, n, at), &fields, MEDIA_FIELDS, "IGMedia")).collect()
    })
}

/// Others tag the account every five days.
fn tags(world: &World, request: &HttpRequest, owned: &Owned) -> Result<Value, Refused> {
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    let most = owned.channel.count().min(40);
    paged(world, request, 50, |skip, take| {
        (0..most).skip(skip).take(take).map(|k| project(&tag_map(owned, k), &fields, MEDIA_FIELDS, "IGMedia")).collect()
    })
}

fn tag_map(owned: &Owned, k: i64) -> Map<String, Value> {
    let day = (owned.channel.now - owned.channel.started).num_days() / 5 - k;
    let dice = owned.channel.dice(day, 30);
    let (who, what) = remark(dice);
    let id = TAG + owned.channel.key as i64 * PER_CHANNEL + (day + 10_000);
    let at = owned.channel.started + Duration::days(day * 5);
    map(json!({
        "id": id.to_string(), "caption": format!("{what} @{}", owned.account.username), "media_type": "IMAGE", "media_product_type": "FEED",
        "permalink": permalink("p", id), "timestamp": stamp(at), "username": who, "like_count": dice % 400, "comments_count": dice % 31,
    }))
}

fn said(world: &World, request: &HttpRequest, owned: &Owned, post: &Post) -> Result<Value, Refused> {
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id,text,timestamp"))?;
    let count = usize::try_from(post.figures.comments.clamp(0, 99)).unwrap_or(0);
    paged(world, request, 50, |skip, take| {
        (0..count)
            .rev()
            .skip(skip)
            .take(take)
            .map(|c| project(&comment_map(owned, post, c), &fields, COMMENT_FIELDS, "IGComment"))
            .collect()
    })
}

fn comment_map(owned: &Owned, post: &Post, c: usize) -> Map<String, Value> {
    let dice = owned.channel.dice(post.n, 100 + c as u64);
    let (who, what) = remark(dice);
    let base = (owned.channel.key as i64 * PER_CHANNEL + post.n) * 100 + c as i64;
    let id = COMMENT + base;
    let at = (post.at + Duration::minutes(7 * (c as i64 + 1))).min(owned.channel.now);
    let mut node = map(json!({
        "id": id.to_string(), "text": what, "timestamp": stamp(at), "username": who, "from": {"id": (dice % 1_000_000_000).to_string(), "username": who},
        "like_count": dice % 9, "hidden": dice.is_multiple_of(29), "media": {"id": media_id(&owned.channel, post.n)},
    }));
    // The owner answers every third.
    if dice.is_multiple_of(3) {
        let own = json!({"id": (REPLY + base).to_string(), "text": "ありがとうございます 🙏", "timestamp": stamp((at + Duration::minutes(50)).min(owned.channel.now)),
            "username": owned.account.username, "from": {"id": owned.account.id, "username": owned.account.username}, "like_count": 1, "hidden": false, "parent_id": id.to_string()});
        node.insert("replies".into(), json!({ "data": [own] }));
    }
    node
}

fn post_map(world: &World, owned: &Owned, post: &Post) -> Map<String, Value> {
    let id = MEDIA + owned.channel.key as i64 * PER_CHANNEL + post.n;
    let (kind, product, path) = match post.shape {
        Shape::Reel => ("VIDEO", "REELS", "reel"),
        Shape::Video => ("VIDEO", "FEED", "p"),
        Shape::Album => ("CAROUSEL_ALBUM", "FEED", "p"),
        Shape::Picture | Shape::Words => ("IMAGE", "FEED", "p"),
    };
    let Figures { likes, comments, .. } = post.figures;
    let picture = world.picture(&format!("ig{id}"));
    let mut node = map(json!({
        "id": id.to_string(), "caption": post.caption, "media_type": kind, "media_product_type": product, "permalink": permalink(path, id),
        "shortcode": shortcode(id), "timestamp": stamp(post.at), "username": owned.account.username, "like_count": likes, "comments_count": comments,
        "is_comment_enabled": true, "owner": {"id": owned.account.id},
    }));
    // Video with licensed music comes without its file.
    if kind != "VIDEO" || post.n % 5 != 0 {
        node.insert("media_url".into(), picture.clone().into());
    }
    if kind == "VIDEO" {
        node.insert("thumbnail_url".into(), picture.into());
    }
    node
}

fn story_map(world: &World, owned: &Owned, n: i64, at: DateTime<Utc>) -> Map<String, Value> {
    let id = STORY + owned.channel.key as i64 * PER_CHANNEL + n;
    let picture = world.picture(&format!("ig{id}"));
    map(json!({
        "id": id.to_string(), "media_type": "IMAGE", "media_product_type": "STORY", "media_url": picture, "timestamp": stamp(at),
        "permalink": format!("https://www.instagram.com/stories/{}/{id}", owned.account.username), "username": owned.account.username,
        "like_count": owned.channel.story_figures(n, at).likes,
    }))
}

/// Another account through one's own, or a publication that a webhook named.
pub(super) fn special(world: &World, owned: &Owned, name: &str, argument: &str, inner: &Fields) -> Result<Value, Refused> {
    match name {
        "business_discovery" => {
            let all = PEOPLE.iter().flat_map(|person| owned_by(world, person));
            let found = all.into_iter().find(|other| other.account.username == argument && other.person.id != AGE_GATED);
            let found = found.ok_or_else(|| Refused {
                status: actix_web::http::StatusCode::BAD_REQUEST,
                code: 110,
                subcode: Some(2_207_013),
                message: format!("Invalid user id: the user with username {argument} cannot be found"),
            })?;
            account_node(world, &found.account, inner)
        }
        "mentioned_media" => project(&tag_map(owned, 0), inner, MEDIA_FIELDS, "IGMedia"),
        "mentioned_comment" => {
            let post = owned.channel.newest(0, 1).next().ok_or_else(|| not_there(argument))?;
            project(&comment_map(owned, &post, 0), inner, COMMENT_FIELDS, "IGComment")
        }
        other => Err(unknown_field(other, "IGUser")),
    }
}

/// Whom business discovery does not return.
const AGE_GATED: &str = "leo";

fn owned_by(world: &World, person: &'static Person) -> Vec<Owned> {
    owned(world, person)
}

/// `/ig_hashtag_search`: the id of a hashtag, thirty different ones in seven days for each account.
pub(super) fn hashtag_search(world: &World, request: &HttpRequest) -> Result<Value, Refused> {
    let token = caller(world, request)?;
    let (account, tag) = (query(request, "user_id").unwrap_or_default(), query(request, "q").unwrap_or_default());
    let owned = own_account(world, &token, &account).ok_or_else(|| not_there(&account))?;
    if !granted_scope(&token, "instagram_basic") {
        return Err(Refused::new(10, None, "(#10) Requires instagram_basic permission to use the endpoint"));
    }
    if tag.is_empty() || tag.contains(char::is_whitespace) {
        return Err(Refused::new(100, None, "(#100) The parameter q is required"));
    }
    if !world.asks_hashtag(&owned.account.id, &tag) {
        return Err(too_many_hashtags());
    }
    Ok(json!({"data": [{"id": world.hashtag_id(&tag)}]}))
}

fn too_many_hashtags() -> Refused {
    Refused::new(18, Some(2_207_034), "(#18) Maximum number of hashtags that can be queried within 7 days exceeded")
}

/// Publications of anybody's with a hashtag: without names, the recent ones of a day only.
fn found(world: &World, request: &HttpRequest, token: &Token, id: &str, tag: &str, edge: &str) -> Result<Value, Refused> {
    let account = query(request, "user_id").unwrap_or_default();
    let owned = own_account(world, token, &account).ok_or_else(|| not_there(&account))?;
    if !world.asks_hashtag(&owned.account.id, tag) {
        return Err(too_many_hashtags());
    }
    let days = match edge {
        "recent_media" => 1,
        "top_media" => 90,
        _ => return Err(not_there(id)),
    };
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    const KNOWN: &[&str] =
        &["id", "caption", "children", "comments_count", "like_count", "media_type", "media_url", "permalink", "timestamp"];
    let sign = format!("#{tag}");
    let mut posts: Vec<(Post, Owned)> = Vec::new();
    for owned in PEOPLE.iter().flat_map(|person| owned_by(world, person)) {
        let young = |post: &Post| world.now() - post.at < Duration::days(days);
        let with = owned.channel.newest(0, 60).take_while(young).filter(|post| post.caption.split_whitespace().any(|word| word == sign));
        for post in with.collect::<Vec<_>>() {
            let owned = Owned { account: owned.account.clone(), ..owned };
            posts.push((post, owned));
        }
    }
    posts.sort_by_key(|(post, _)| if edge == "top_media" { -post.figures.likes } else { -post.at.timestamp() });
    paged(world, request, 50, |skip, take| {
        let some = posts.iter().skip(skip).take(take);
        some.map(|(post, owned)| project(&post_map(world, owned, post), &fields, KNOWN, "IGMedia")).collect()
    })
}

/// The asked fields of a node, as far as they are there.
pub(super) fn project(full: &Map<String, Value>, fields: &Fields, known: &[&str], node: &str) -> Result<Value, Refused> {
    let mut out = Map::new();
    for field in &fields.0 {
        if !known.contains(&field.name.as_str()) {
            return Err(unknown_field(&field.name, node));
        }
        let Some(value) = full.get(&field.name) else { continue };
        // An edge inside a node is asked for with fields of its own.
        let inner = match value.get("data").and_then(Value::as_array) {
            Some(rows) if !field.inner.0.is_empty() => {
                let rows: Result<Vec<Value>, Refused> =
                    rows.iter().map(|row| project(&map(row.clone()), &field.inner, known, node)).collect();
                json!({ "data": rows? })
            }
            _ => value.clone(),
        };
        out.insert(field.name.clone(), inner);
    }
    out.extend(full.get("id").map(|id| ("id".to_owned(), id.clone())));
    Ok(out.into())
}

pub(super) fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// As Meta writes times: the offset without a colon.
pub(super) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

fn permalink(path: &str, id: i64) -> String {
    format!("https://www.instagram.com/{path}/{}/", shortcode(id))
}

fn shortcode(id: i64) -> String {
    format!("C{:010x}", mixed(id as u64) >> 24)
}
