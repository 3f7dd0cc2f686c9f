//! Pinterest v5 under `/pinterest`: login, the own account, its pins and their figures.

use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{Duration, NaiveDate};
use serde_json::{Map, Value, json};

use crate::{
    grants::{Lives, Pair},
    oauth::{self, Habits, Wrong, caller},
    posts::{Figures, Post, Shape},
    presence::{self, Presence, json as answer, part},
    world::World,
};

pub(crate) const HABITS: Habits = Habits {
    net: "pinterest",
    authorize: "/oauth/",
    token: "/oauth/token",
    revoke: None,
    client: "client_id",
    separator: ',',
    scopes: &["user_accounts:read", "pins:read", "boards:read"],
    pkce: false,
    basic: true,
    lives: Lives { code: 600, access: Some(2_592_000), refresh: Some(Some(5_184_000)), rotates: true },
    prefix: "pina_",
    refuse,
    answer: granted,
};

const PINS: i64 = 800_000_000_000_000_000;
/// Whose account is no business's.
const PINNER: &str = "sora";

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    oauth::routes(config, &HABITS);
    config
        .route("/user_account", web::get().to(account))
        .route("/user_account/analytics", web::get().to(account_analytics))
        .route("/pins", web::get().to(pins))
        .route("/pins/{id}/analytics", web::get().to(pin_analytics));
}

fn error(status: u16, code: i64, message: &str) -> HttpResponse {
    answer(status, &json!({"code": code, "message": message}))
}

fn refuse(wrong: Wrong) -> HttpResponse {
    match wrong {
        Wrong::Client => error(401, 2, "Authentication failed for client."),
        Wrong::Code => error(400, 283, "Invalid authorization code."),
        Wrong::Refresh => error(400, 283, "Invalid refresh token."),
        Wrong::Request => error(400, 1, "Invalid request: grant_type"),
    }
}

fn granted(world: &World, pair: &Pair) -> Value {
    let life = pair.refresh_expires_in.unwrap_or(0);
    json!({"access_token": pair.access, "refresh_token": pair.refresh, "response_type": "authorization_code", "token_type": "bearer", "expires_in": pair.expires_in,
        "refresh_token_expires_in": life, "refresh_token_expires_at": world.now().timestamp() + life, "scope": pair.scopes.join(",")})
}

fn allowed(world: &World, request: &HttpRequest, scope: &str) -> Result<Presence, Box<HttpResponse>> {
    let refuse = || Box::new(error(401, 2, "Authentication failed."));
    let caller = caller(&HABITS, world, request).map_err(|_| refuse())?;
    if !caller.scopes.iter().any(|granted| granted == scope) {
        return Err(Box::new(error(403, 3, &format!("Your application does not have the '{scope}' scope"))));
    }
    presence::of(world, caller.person, "pinterest").ok_or_else(refuse)
}

/// A good answer with the limits of a trial app.
fn good(world: &World, body: &Value) -> HttpResponse {
    let used = world.count_today("pinterest");
    let reset = 86_400 - (world.now().timestamp() - 8 * 3_600).rem_euclid(86_400);
    HttpResponse::Ok()
        .insert_header(("x-ratelimit-limit", "1000, 1000;w=86400"))
        .insert_header(("x-ratelimit-remaining", 1_000u64.saturating_sub(used).to_string()))
        .insert_header(("x-ratelimit-reset", reset.to_string()))
        .json(body)
}

type Query = web::Query<Vec<(String, String)>>;

fn field<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

async fn account(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let found = match allowed(&world, &request, "user_accounts:read") {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let kind = if found.person.id == PINNER { "PINNER" } else { "BUSINESS" };
    let views: i64 = found.channel.newest(0, 15).map(|post| post.figures.views).sum();
    good(
        &world,
        &json!({"account_type": kind, "id": (2_783_136_121_000_000_000 + found.channel.key as i64).to_string(), "username": found.handle, "business_name": found.name, "about": found.biography,
        "profile_image": world.picture(&format!("pin-{}", found.handle)), "website_url": "", "board_count": 12, "pin_count": found.channel.count(), "follower_count": found.followers,
        "following_count": found.following, "monthly_views": views}),
    )
}

async fn pins(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let found = match allowed(&world, &request, "pins:read") {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let size = field(&query, "page_size").map_or(Some(25), |n| n.parse().ok()).filter(|n| (1..=250usize).contains(n));
    let Some(size) = size else { return error(400, 1, "Invalid request: page_size must be between 1 and 250") };
    let Some((rows, next)) = part(field(&query, "bookmark"), size, |skip, take| found.channel.newest(skip, take).collect()) else {
        return error(400, 1, "Invalid bookmark");
    };
    let with = field(&query, "pin_metrics") == Some("true");
    let rows: Vec<Value> = rows.iter().map(|post| pin(&world, &found, post, with)).collect();
    good(&world, &json!({"items": rows, "bookmark": next}))
}

fn pin(world: &World, found: &Presence, post: &Post, with: bool) -> Value {
    let id = (PINS + found.channel.key as i64 * 1_000_000 + post.n).to_string();
    let f = post.figures;
    let image = json!({"images": {"600x": {"width": 600, "height": 900, "url": world.picture(&format!("pin{id}"))}}});
    let media = match post.shape {
        Shape::Reel | Shape::Video => {
            json!({"media_type": "video", "cover_image_url": world.picture(&format!("pin{id}")), "duration": 12000.0, "height": 1280, "width": 720})
        }
        Shape::Album => json!({"media_type": "multiple_images", "items": [image.clone(), image]}),
        _ => json!({"media_type": "image", "images": image["images"]}),
    };
    let mut node = json!({"id": id, "title": post.caption.chars().take(80).collect::<String>(), "description": post.caption.chars().take(800).collect::<String>(), "created_at": post.at.format("%Y-%m-%dT%H:%M:%S").to_string(),
        "link": null, "alt_text": null, "board_id": "5497", "board_section_id": null, "board_owner": {"username": found.handle}, "dominant_color": "#6E7874", "is_owner": true, "is_standard": true,
        "has_been_promoted": false, "parent_pin_id": null, "creative_type": "REGULAR", "media": media, "pin_metrics": null});
    if with {
        let metrics = json!({"pin_click": f.visits, "impression": f.views, "clickthrough": f.clicks, "save": f.saves});
        let mut whole = metrics.clone();
        whole["reaction"] = f.likes.into();
        whole["comment"] = f.comments.into();
        node["pin_metrics"] = json!({"90d": metrics, "lifetime_metrics": whole});
    }
    node
}

/// The days of a question, not over ninety back.
fn days(world: &World, query: &Query) -> Result<(NaiveDate, NaiveDate), Box<HttpResponse>> {
    let day = |name: &str| field(query, name).and_then(|day| day.parse::<NaiveDate>().ok());
    let today = world.now().date_naive();
    match (day("start_date"), day("end_date")) {
        (Some(from), Some(to)) if from <= to && to <= today && today - from <= Duration::days(90) => Ok((from, to)),
        _ => Err(Box::new(error(400, 1, "Invalid request: start_date cannot be more than 90 days back from today"))),
    }
}

fn metric(f: &Figures, word: &str) -> Option<i64> {
    Some(match word {
        "IMPRESSION" => f.views,
        "ENGAGEMENT" => f.saves + f.visits + f.clicks,
        "SAVE" => f.saves,
        "PIN_CLICK" => f.visits,
        "OUTBOUND_CLICK" => f.clicks,
        _ => return None,
    })
}

fn table(world: &World, query: &Query, posts: &[Post]) -> HttpResponse {
    let (from, to) = match days(world, query) {
        Ok(days) => days,
        Err(refused) => return *refused,
    };
    let words: Vec<&str> = field(query, "metric_types").unwrap_or("IMPRESSION").split(',').collect();
    if let Some(unknown) = words.iter().find(|word| metric(&posts.first().map(|p| p.figures).unwrap_or(NOTHING), word).is_none()) {
        return error(400, 1, &format!("Invalid request: metric_types: {unknown}"));
    }
    let count = (to - from).num_days() + 1;
    let share =
        |n: i64, word: &str| posts.iter().filter_map(|post| metric(&post.figures, word)).sum::<i64>() * (n + 3) / (count * 40).max(1);
    let today = world.now().date_naive();
    let row = |n: i64| {
        let date = from + Duration::days(n);
        // The last two days are still counted.
        let status = if today - date < Duration::days(2) { "PROCESSING" } else { "READY" };
        let metrics: Map<String, Value> =
            words.iter().filter(|_| status == "READY").map(|word| ((*word).to_owned(), share(n, word).into())).collect();
        json!({"data_status": status, "date": date.to_string(), "metrics": metrics})
    };
    let daily: Vec<Value> = (0..count).map(row).collect();
    let ready = (0..count).filter(|n| today - (from + Duration::days(*n)) >= Duration::days(2));
    let sums: Map<String, Value> =
        words.iter().map(|word| ((*word).to_owned(), ready.clone().map(|n| share(n, word)).sum::<i64>().into())).collect();
    good(world, &json!({"all": {"daily_metrics": daily, "summary_metrics": sums}}))
}

const NOTHING: Figures =
    Figures { reach: 0, views: 0, likes: 0, comments: 0, shares: 0, saves: 0, reposts: 0, follows: 0, visits: 0, clicks: 0 };

async fn account_analytics(world: web::Data<World>, request: HttpRequest, query: Query) -> HttpResponse {
    let found = match allowed(&world, &request, "user_accounts:read") {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    if found.person.id == PINNER {
        return error(403, 29, "You are not permitted to access that resource.");
    }
    table(&world, &query, &found.channel.newest(0, 60).collect::<Vec<_>>())
}

async fn pin_analytics(world: web::Data<World>, request: HttpRequest, id: web::Path<String>, query: Query) -> HttpResponse {
    let found = match allowed(&world, &request, "pins:read") {
        Ok(found) => found,
        Err(refused) => return *refused,
    };
    let number = id.parse::<i64>().ok().map(|id| id - PINS - found.channel.key as i64 * 1_000_000);
    match number.and_then(|n| found.channel.post(n)) {
        Some(post) => table(&world, &query, &[post]),
        None => error(404, 50, "Pin not found."),
    }
}
