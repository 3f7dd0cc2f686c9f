//! The login and consent pages. They work without scripts and on a phone, and say on top that they are no network.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header, web};
use askama::Template;

use crate::{
    people::{PEOPLE, Person},
    world::World,
};

/// English or Japanese, as the browser asks.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Words {
    ja: bool,
}

impl Words {
    fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { ja: accepted.trim_start().to_ascii_lowercase().starts_with("ja") }
    }

    fn lang(&self) -> &'static str {
        if self.ja { "ja" } else { "en" }
    }

    fn pick<'a>(&self, en: &'a str, ja: &'a str) -> &'a str {
        if self.ja { ja } else { en }
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    words: Words,
    asked: Vec<(String, String)>,
    people: &'static [Person],
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent {
    words: Words,
    asked: Vec<(String, String)>,
    person: &'static Person,
    ticks: Vec<Tick>,
}

struct Tick {
    scope: String,
    says: &'static str,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    words: Words,
    why: &'a str,
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    words: Words,
    people: &'static [Person],
    now: String,
}

/// Who comes? `asked` goes along to the next page.
pub(crate) fn login(request: &HttpRequest, asked: Vec<(String, String)>) -> HttpResponse {
    page(HttpResponse::Ok(), &Login { words: Words::of(request), asked, people: PEOPLE })
}

/// What may the app do?
pub(crate) fn consent(request: &HttpRequest, asked: Vec<(String, String)>, scopes: Vec<String>, person: &'static Person) -> HttpResponse {
    let words = Words::of(request);
    let tick = |scope: String| Tick { says: says(words, &scope), ticked: !person.unticked.contains(&scope.as_str()), scope };
    page(HttpResponse::Ok(), &Consent { words, asked, person, ticks: scopes.into_iter().map(tick).collect() })
}

pub(crate) fn refused(request: &HttpRequest, why: &str) -> HttpResponse {
    page(HttpResponse::BadRequest(), &Refused { words: Words::of(request), why })
}

/// `/`, and everything that is nowhere.
pub(crate) async fn front(request: HttpRequest, world: web::Data<World>) -> HttpResponse {
    if request.path() != "/" {
        return refused_as_not_found();
    }
    let now = world.now().format("%Y-%m-%d %H:%M UTC").to_string();
    page(HttpResponse::Ok(), &Front { words: Words::of(&request), people: PEOPLE, now })
}

fn refused_as_not_found() -> HttpResponse {
    let error = serde_json::json!({"message": "Unknown path components", "type": "OAuthException", "code": 2500, "fbtrace_id": "Asandbox"});
    HttpResponse::NotFound().json(serde_json::json!({"error": error}))
}

/// What a scope allows, in a sentence.
fn says(words: Words, scope: &str) -> &'static str {
    let (en, ja) = match scope {
        "instagram_basic" => ("See your Instagram profile and posts", "Instagramのプロフィールと投稿を見る"),
        "instagram_manage_insights" => ("See your Instagram insights", "Instagramのインサイトを見る"),
        "instagram_manage_comments" => ("See the comments on your posts", "投稿へのコメントを見る"),
        "pages_show_list" => ("See the list of your Pages", "Facebookページの一覧を見る"),
        "pages_read_engagement" => ("See what happens on your Pages", "Facebookページでの反応を見る"),
        "instagram_business_basic" => ("See your Instagram profile and posts", "Instagramのプロフィールと投稿を見る"),
        "instagram_business_manage_insights" => ("See your Instagram insights", "Instagramのインサイトを見る"),
        "instagram_business_manage_comments" => ("See the comments on your posts", "投稿へのコメントを見る"),
        "read_insights" => ("See the insights of your Pages", "Facebookページのインサイトを見る"),
        "pages_read_user_content" => ("See what others write on your Pages", "Facebookページへの書き込みを見る"),
        "pages_manage_metadata" => ("Be told of what happens on your Pages", "Facebookページの出来事の通知を受け取る"),
        "https://www.googleapis.com/auth/youtube.readonly" => ("See your YouTube channel and videos", "YouTubeのチャンネルと動画を見る"),
        "https://www.googleapis.com/auth/yt-analytics.readonly" => ("See your YouTube Analytics", "YouTubeアナリティクスを見る"),
        "tweet.read" | "video.list" | "pins:read" | "read:statuses" => ("See what you publish", "投稿を見る"),
        "users.read" | "user.info.basic" | "user.info.profile" | "user_accounts:read" | "read:accounts" | "openid" | "profile"
        | "identity" => ("See your profile", "プロフィールを見る"),
        "user.info.stats" => ("See your counts of followers and likes", "フォロワー数といいね数を見る"),
        "boards:read" => ("See your boards", "ボードを見る"),
        "read:notifications" => ("See who mentions you", "あなたへのメンションを見る"),
        "offline.access" => ("Stay connected until you say otherwise", "取り消すまで接続を続ける"),
        _ => ("A further permission", "その他の許可"),
    };
    words.pick(en, ja)
}

fn page(mut response: HttpResponseBuilder, template: &impl Template) -> HttpResponse {
    match template.render() {
        Ok(html) => response
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
            ))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(html),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
