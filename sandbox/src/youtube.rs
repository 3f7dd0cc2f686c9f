//! YouTube under `/youtube`: Google's login, the Data API and the Analytics API.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use crate::{
    grants::{Caller, Lives},
    oauth::{self, Habits, caller, plain, standard},
    people::mixed,
    posts::{Figures, Post, remark},
    presence::{self, Presence, json as answer, part},
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "youtube",
    authorize: "/o/oauth2/v2/auth",
    token: "/token",
    revoke: Some("/revoke"),
    client: "client_id",
    separator: ' ',
    scopes: &[READ, ANALYTICS, COMMENTS],
    pkce: true,
    basic: false,
    lives: Lives { code: 600, access: Some(3_600), refresh: Some(None), rotates: false },
    prefix: "ya29.",
    refuse: standard,
    answer: plain,
};

const READ: &str = "https://www.googleapis.com/auth/youtube.readonly";
const ANALYTICS: &str = "https://www.googleapis.com/auth/yt-analytics.readonly";
const COMMENTS: &str = "https://www.googleapis.com/auth/youtube.force-ssl";
/// The key for public reads.
const API_KEY: &str = "sandbox-api-key";
const UNITS: u64 = 10_000;
const SEARCHES: u64 = 100;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config.route("/youtube/v3/{what}", web::get().to(data)).route("/v2/reports", web::get().to(reports));
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

pub(crate) fn error(code: u16, reason: &str, message: &str) -> HttpResponse {
    let domain = if reason == "quotaExceeded" { "youtube.quota" } else { "global" };
    answer(
        code,
        &json!({"error": {"code": code, "message": message, "errors": [{"message": message, "domain": domain, "reason": reason}]}}),
    )
}

/// By grant or by key.
fn allowed(world: &World, request: &HttpRequest) -> Result<Option<Caller>, Box<HttpResponse>> {
    let key = request.headers().get("x-goog-api-key").and_then(|value| value.to_str().ok());
    if key == Some(API_KEY) {
        return Ok(None);
    }
    caller(&HABITS, world, request)
        .map(Some)
        .map_err(|_| Box::new(error(401, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token.")))
}

fn has(caller: &Caller, scope: &str) -> bool {
    caller.scopes.iter().any(|granted| granted == scope)
}

async fn data(world: web::Data<World>, request: HttpRequest, what: web::Path<String>, query: Query) -> HttpResponse {
    let caller = match allowed(&world, &request) {
        Ok(caller) => caller,
        Err(refused) => return *refused,
    };
    let (bucket, most) = if *what == "search" { ("youtube search", SEARCHES) } else { ("youtube", UNITS) };
    if world.count_today(bucket) > most {
        return error(403, "quotaExceeded", "The request cannot be completed because you have exceeded your quota.");
    }
    if caller.as_ref().is_some_and(|caller| !has(caller, READ) && !has(caller, COMMENTS)) {
        return error(403, "insufficientPermissions", "Request had insufficient authentication scopes.");
    }
    match what.as_str() {
        "channels" => channels(&world, caller.as_ref(), &query),
        "playlistItems" => playlist(&world, &query),
        "videos" => videos(&world, &query),
        "commentThreads" if caller.as_ref().is_some_and(|caller| !has(caller, COMMENTS)) => {
            error(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
        }
        "commentThreads" => threads(&world, &query),
        "search" => search(&world, &query),
        _ => error(404, "notFound", "Not found."),
    }
}

fn channel_id(presence: &Presence) -> String {
    format!("UC{:022}", presence.channel.key)
}

fn video_id(presence: &Presence, post: &Post) -> String {
    // Eleven characters, as real ones have: the channel's key in base 36, and the number.
    let digit = |place: u32| char::from_digit((presence.channel.key / 36_u64.pow(place) % 36) as u32, 36).unwrap_or('0');
    let key: String = (0..5).rev().map(digit).collect();
    format!("v{key}{:05}", post.n)
}

fn by_video<'a>(all: &'a [Presence], id: &str) -> Option<(&'a Presence, Post)> {
    let (key, n) = (u64::from_str_radix(id.get(1..6)?, 36).ok()?, id.get(6..)?.parse().ok()?);
    let presence = all.iter().find(|presence| presence.channel.key == key)?;
    Some((presence, presence.channel.post(n)?))
}

fn channels(world: &World, caller: Option<&Caller>, query: &Query) -> HttpResponse {
    let all = presence::all(world, "youtube");
    let found = match (field(query, "mine"), field(query, "id"), field(query, "forHandle")) {
        (Some("true"), ..) => caller.and_then(|caller| all.iter().find(|presence| presence.person.id == caller.person.id)),
        (_, Some(id), _) => all.iter().find(|presence| channel_id(presence) == id),
        (.., Some(handle)) => all.iter().find(|presence| presence.handle.eq_ignore_ascii_case(handle.trim_start_matches('@'))),
        _ => return error(400, "missingRequiredParameter", "No filter selected."),
    };
    let items: Vec<Value> = found.into_iter().map(|presence| channel(world, presence)).collect();
    let mut body =
        json!({"kind": "youtube#channelListResponse", "etag": "x", "pageInfo": {"totalResults": items.len(), "resultsPerPage": 5}});
    // Nothing found is no `items` at all.
    if !items.is_empty() {
        body["items"] = items.into();
    }
    answer(200, &body)
}

/// YouTube rounds counts of subscribers to three figures.
fn rounded(n: i64) -> i64 {
    let mut unit = 1;
    while n / unit >= 1_000 {
        unit *= 10;
    }
    n / unit * unit
}

fn channel(world: &World, presence: &Presence) -> Value {
    let hidden = presence.person.id == "yui";
    let views: i64 = presence.channel.newest(0, 400).map(|post| post.figures.views).sum();
    let picture = world.picture(&format!("yt-{}", presence.handle));
    json!({
        "kind": "youtube#channel", "etag": "x", "id": channel_id(presence),
        "snippet": {"title": presence.name, "description": presence.biography, "customUrl": format!("@{}", presence.handle), "publishedAt": "2019-05-01T10:00:00Z", "country": "JP",
            "thumbnails": {"default": {"url": picture, "width": 88, "height": 88}}},
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": format!("UU{:022}", presence.channel.key)}},
        "statistics": {"viewCount": views.to_string(), "subscriberCount": if hidden { 0 } else { rounded(presence.followers) }.to_string(), "hiddenSubscriberCount": hidden,
            "videoCount": presence.channel.count().to_string()},
    })
}

fn size(query: &Query) -> usize {
    field(query, "maxResults").and_then(|n| n.parse().ok()).unwrap_or(5usize).clamp(1, 50)
}

fn playlist(world: &World, query: &Query) -> HttpResponse {
    let all = presence::all(world, "youtube");
    let id = field(query, "playlistId").unwrap_or_default();
    let Some(presence) = all.iter().find(|p| format!("UU{:022}", p.channel.key) == id && p.channel.count() > 0) else {
        return error(404, "playlistNotFound", "The playlist identified with the request's playlistId parameter cannot be found.");
    };
    let rows = part(field(query, "pageToken"), size(query), |skip, take| presence.channel.newest(skip, take).collect());
    let Some((rows, next)) = rows else { return error(400, "invalidPageToken", "The request specifies an invalid page token.") };
    let items: Vec<Value> = rows
        .iter()
        .map(|post| json!({"kind": "youtube#playlistItem", "id": "x", "contentDetails": {"videoId": video_id(presence, post)}}))
        .collect();
    listed("youtube#playlistItemListResponse", items, next)
}

fn listed(kind: &str, items: Vec<Value>, next: Option<String>) -> HttpResponse {
    let mut body = json!({"kind": kind, "etag": "x", "items": items, "pageInfo": {"totalResults": 1_000, "resultsPerPage": 50}});
    if let Some(next) = next {
        body["nextPageToken"] = next.into();
    }
    answer(200, &body)
}

fn videos(world: &World, query: &Query) -> HttpResponse {
    let all = presence::all(world, "youtube");
    let ids = field(query, "id").unwrap_or_default();
    if ids.split(',').count() > 50 {
        return error(400, "invalidFilters", "Too many ids.");
    }
    let items = ids.split(',').filter_map(|id| by_video(&all, id)).map(|(presence, post)| video(world, presence, &post)).collect();
    listed("youtube#videoListResponse", items, None)
}

fn video(world: &World, presence: &Presence, post: &Post) -> Value {
    let Figures { views, likes, comments, .. } = post.figures;
    let minutes = 3 + presence.channel.dice(post.n, 50) % 20;
    let mut statistics = json!({"viewCount": views.to_string(), "favoriteCount": "0", "commentCount": comments.to_string()});
    // Owners may hide likes.
    if post.n % 11 != 5 {
        statistics["likeCount"] = likes.to_string().into();
    }
    let (title, more) = post.caption.split_once(' ').unwrap_or((&post.caption, ""));
    let mut node = json!({
        "kind": "youtube#video", "etag": "x", "id": video_id(presence, post),
        "snippet": {"publishedAt": post.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(), "channelId": channel_id(presence), "title": title, "description": more,
            "channelTitle": presence.name, "liveBroadcastContent": "none",
            "thumbnails": {"high": {"url": world.picture(&format!("yt{}", video_id(presence, post)))}}},
        "contentDetails": {"duration": format!("PT{minutes}M{}S", post.n % 60), "dimension": "2d"},
        "status": {"uploadStatus": "processed", "privacyStatus": if post.n % 23 == 7 { "private" } else { "public" }},
        "statistics": statistics, "paidProductPlacementDetails": {"hasPaidProductPlacement": post.caption.contains("#PR")},
    });
    if post.n % 13 == 4 {
        node["liveStreamingDetails"] = json!({"actualStartTime": post.at.to_rfc3339()});
    }
    node
}

fn threads(world: &World, query: &Query) -> HttpResponse {
    let all = presence::all(world, "youtube");
    let id = field(query, "videoId").unwrap_or_default();
    let Some((presence, post)) = by_video(&all, id) else {
        return error(404, "videoNotFound", "The video identified by the videoId parameter could not be found.");
    };
    if post.n % 19 == 2 {
        return error(403, "commentsDisabled", "The video identified by the videoId parameter has disabled comments.");
    }
    let count = usize::try_from(post.figures.comments.clamp(0, 300)).unwrap_or(0);
    let rows = part(field(query, "pageToken"), 100, |skip, take| (0..count).rev().skip(skip).take(take).collect());
    let Some((rows, next)) = rows else { return error(400, "invalidPageToken", "The request specifies an invalid page token.") };
    let items = rows
        .iter()
        .map(|c| {
            let dice = presence.channel.dice(post.n, 100 + *c as u64);
            let (who, what) = remark(dice);
            let own = format!("Ug{}x{c}", id);
            let snippet = json!({"textDisplay": what, "textOriginal": what, "authorDisplayName": format!("@{who}"), "authorChannelId": {"value": format!("UC{:022}", dice % 1_000_000)},
                "likeCount": dice % 9, "publishedAt": post.at.to_rfc3339()});
            json!({"kind": "youtube#commentThread", "id": own, "snippet": {"videoId": id, "totalReplyCount": 0, "topLevelComment": {"kind": "youtube#comment", "id": own, "snippet": snippet}}})
        })
        .collect();
    listed("youtube#commentThreadListResponse", items, next)
}

fn search(world: &World, query: &Query) -> HttpResponse {
    let words = field(query, "q").unwrap_or_default().to_lowercase();
    let mut found: Vec<(Post, String)> = Vec::new();
    for presence in presence::all(world, "youtube") {
        let with = presence.channel.newest(0, 40).filter(|post| post.caption.to_lowercase().contains(&words) && post.n % 23 != 7);
        found.extend(with.map(|post| (video_id(&presence, &post), post)).map(|(id, post)| (post, id)));
    }
    found.sort_by_key(|(post, _)| -post.at.timestamp());
    let rows = part(field(query, "pageToken"), size(query), |skip, take| found.into_iter().skip(skip).take(take).collect());
    let Some((rows, next)) = rows else { return error(400, "invalidPageToken", "The request specifies an invalid page token.") };
    let items =
        rows.iter().map(|(_, id)| json!({"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": id}})).collect();
    listed("youtube#searchListResponse", items, next)
}

async fn reports(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let caller = match caller(&HABITS, &world, &request) {
        Ok(caller) => caller,
        Err(_) => return error(401, "authError", "Request had invalid authentication credentials."),
    };
    if !has(&caller, ANALYTICS) {
        return error(403, "insufficientPermissions", "Insufficient Permission: Request had insufficient authentication scopes.");
    }
    let day = |name: &str| field(&query, name).and_then(|day| day.parse::<chrono::NaiveDate>().ok());
    let (Some(from), Some(to)) = (day("startDate"), day("endDate")) else { return error(400, "badRequest", "Invalid dates.") };
    if field(&query, "ids") != Some("channel==MINE") || from > to {
        return error(400, "badRequest", "Invalid query. Query did not conform to the expectations.");
    }
    let Some(presence) = presence::of(&world, caller.person, "youtube") else { return error(403, "forbidden", "No channel.") };
    let metrics: Vec<&str> = field(&query, "metrics").unwrap_or_default().split(',').collect();
    let posts: Vec<Post> = presence.channel.newest(0, 300).collect();
    // Too few viewers for anything about them.
    let few = presence.followers < 100;
    let (columns, rows) = match field(&query, "dimensions") {
        Some("ageGroup,gender") => (vec!["ageGroup", "gender", "viewerPercentage"], if few { Vec::new() } else { ages(&presence) }),
        Some("country") => {
            let rows =
                [("JP", 62), ("US", 14), ("TW", 9), ("FR", 4)].map(|(c, share)| json!([c, share * presence.followers / 100])).to_vec();
            (vec!["country", "views"], if few { Vec::new() } else { rows })
        }
        Some("video") => {
            let wanted: Vec<&str> =
                field(&query, "filters").and_then(|f| f.strip_prefix("video==")).unwrap_or_default().split(',').collect();
            let its = posts.iter().filter(|post| wanted.contains(&video_id(&presence, post).as_str()));
            // The newest come a day later.
            let ready = its.filter(|post| presence.channel.now - post.at > chrono::Duration::days(1));
            let rows = ready.map(|post| row(Some(&video_id(&presence, post)), &metrics, std::slice::from_ref(post))).collect::<Vec<_>>();
            (["video"].into_iter().chain(metrics.iter().copied()).collect(), rows)
        }
        None => {
            let inside: Vec<Post> = posts.into_iter().filter(|post| (from..=to).contains(&post.at.date_naive())).collect();
            let rows = if inside.is_empty() { Vec::new() } else { vec![row(None, &metrics, &inside)] };
            (metrics.clone(), rows)
        }
        Some(_) => return error(400, "badRequest", "The query is not supported."),
    };
    if rows.iter().any(Value::is_null) {
        return error(400, "badRequest", "Unknown identifier in field metrics.");
    }
    let headers: Vec<Value> = columns.iter().map(|name| json!({"name": name, "columnType": if name.len() < 9 && name.contains("ge") || *name == "video" { "DIMENSION" } else { "METRIC" }, "dataType": "STRING"})).collect();
    answer(200, &json!({"kind": "youtubeAnalytics#resultTable", "columnHeaders": headers, "rows": rows}))
}

fn ages(presence: &Presence) -> Vec<Value> {
    let table = [
        ("age18-24", 9.4, 6.1),
        ("age25-34", 21.3, 15.2),
        ("age35-44", 14.8, 9.9),
        ("age45-54", 8.2, 6.0),
        ("age55-64", 3.6, 2.7),
        ("age65-", 1.6, 1.2),
    ];
    let bent = |base: f64, n: u64| ((base * 10.0) as i64 - 2 + (mixed(presence.channel.key ^ n) % 5) as i64).max(1) as f64 / 10.0;
    let rows = table.iter().enumerate().flat_map(|(n, (age, women, men))| {
        [json!([age, "female", bent(*women, n as u64)]), json!([age, "male", bent(*men, 50 + n as u64)])]
    });
    rows.collect()
}

/// `null` if a metric is unknown.
fn row(first: Option<&str>, metrics: &[&str], posts: &[Post]) -> Value {
    let sum = |of: fn(&Figures) -> i64| posts.iter().map(|post| of(&post.figures)).sum::<i64>();
    let mut cells: Vec<Value> = first.into_iter().map(Value::from).collect();
    for metric in metrics {
        cells.push(match *metric {
            "views" => sum(|f| f.views).into(),
            "estimatedMinutesWatched" => (sum(|f| f.views) * 4).into(),
            "averageViewDuration" => 243.into(),
            "likes" => sum(|f| f.likes).into(),
            "comments" => sum(|f| f.comments).into(),
            "shares" => sum(|f| f.shares).into(),
            "subscribersGained" => sum(|f| f.follows).into(),
            "subscribersLost" => (sum(|f| f.follows) / 3).into(),
            _ => return Value::Null,
        });
    }
    cells.into()
}
