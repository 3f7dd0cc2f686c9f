//! Meta's world under `/facebook`: the login dialog, the token endpoint and the Graph API. What hangs on an account or a Page is
//! in the files beside.

mod fields;
mod insights;
mod instagram;
mod page_edges;
mod paging;
mod pictures;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use url::Url;

use fields::{Field, Fields};
use paging::paged;
use pictures::avatar;

use crate::{
    pages,
    people::{IgAccount, PEOPLE, Page, Person, apart, mixed, pages_of, person, user_id},
    world::{BadCode, BadToken, End, Scopes, Token, World},
};

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/avatars/{username}.png", web::get().to(avatar))
        .route("/{version}/dialog/oauth", web::get().to(dialog))
        .route("/{version}/dialog/oauth", web::post().to(answered))
        .route("/{version}/oauth/access_token", web::get().to(access_token))
        .route("/{version}/oauth/access_token", web::post().to(access_token))
        .route("/{version}/me/accounts", web::get().to(accounts))
        .route("/{version}/me/permissions", web::get().to(permissions))
        .route("/{version}/me/permissions", web::delete().to(revoke))
        .route("/{version}/me", web::get().to(me))
        .route("/{version}/ig_hashtag_search", web::get().to(hashtag_search))
        .configure(graph);
}

/// What hangs on accounts and Pages, by either login.
pub(crate) fn graph(config: &mut web::ServiceConfig) {
    config
        .route("/{version}/{id}/subscribed_apps", web::post().to(subscribe))
        .route("/{version}/{id}/{edge}", web::get().to(edge))
        .route("/{version}/{id}", web::get().to(node));
}

/// The account of Instagram's own login.
pub(crate) async fn own_me(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let node = caller(&world, &request).and_then(|token| {
        let fields = Fields::parse(query(&request, "fields").as_deref().unwrap_or("id"))?;
        let kind = if token.person.id == "yamamoto" || token.person.id == "noor" { "MEDIA_CREATOR" } else { "BUSINESS" };
        match instagram::owned(&world, token.person).into_iter().next() {
            Some(owned) => own_node(&world, &owned.account, &fields, kind),
            None => Ok(json!({"user_id": own_id(&world, token.person), "username": format!("{}.private", token.person.id), "account_type": "PERSONAL"})),
        }
    });
    match node {
        Ok(body) => answer(&world, None, body),
        Err(refused) => refused.into_response(&world),
    }
}

fn own_node(world: &World, account: &IgAccount, fields: &Fields, kind: &str) -> Result<Value, Refused> {
    let (own, rest): (Vec<Field>, Vec<Field>) = fields.0.iter().cloned().partition(|field| field.name == "account_type");
    let mut node = account_node(world, account, &Fields(rest))?;
    if !own.is_empty() {
        node["account_type"] = kind.into();
    }
    Ok(node)
}

/// Somebody's first account, or for whom has none a number of their own.
pub(crate) fn own_id(world: &World, person: &'static Person) -> String {
    instagram::owned(world, person).into_iter().next().map_or_else(|| user_id(person, world.seed()), |owned| owned.account.id)
}

/// A refusal of a token in Meta's shape.
pub(crate) fn bad_token(world: &World, bad: BadToken) -> HttpResponse {
    Refused::from(bad).into_response(world)
}

// ---- the dialog ----

/// What the dialog is asked.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub client_id: String,
    pub redirect_uri: String,
    pub response_type: String,
    pub state: String,
    pub scope: String,
    pub config_id: String,
}

/// The scopes that a configuration of Facebook Login for Business stands for here.
const CONFIGURED: &str = "instagram_basic,instagram_manage_insights,instagram_manage_comments,pages_show_list,pages_read_engagement";

/// Scopes that Meta knows, of those that we could ask for.
const KNOWN: [&str; 15] = [
    "public_profile",
    "email",
    "instagram_basic",
    "instagram_manage_insights",
    "instagram_manage_comments",
    "pages_show_list",
    "pages_read_engagement",
    "pages_read_user_content",
    "pages_manage_metadata",
    "read_insights",
    "business_management",
    "ads_management",
    "ads_read",
    "instagram_content_publish",
    "instagram_branded_content_brand",
];

impl Asked {
    /// What goes along from page to page.
    fn hidden(&self) -> Vec<(String, String)> {
        [
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("response_type", &self.response_type),
            ("state", &self.state),
            ("scope", &self.scope),
            ("config_id", &self.config_id),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
    }

    pub fn scopes(&self) -> Vec<String> {
        let asked = if self.config_id.is_empty() { &self.scope } else { CONFIGURED };
        let mut scopes: Vec<String> =
            asked.split([',', ' ']).filter(|s| !s.is_empty() && *s != "public_profile").map(str::to_owned).collect();
        scopes.dedup();
        scopes
    }
}

/// Whether the dialog may be shown. What is wrong is told on a page and never by a redirect: the address is not proven.
pub(crate) fn checked(world: &World, asked: &Asked) -> Result<(), String> {
    if !world.is_client(&asked.client_id) {
        return Err("Invalid App ID: The provided app ID does not look like a valid app ID.".into());
    }
    if !world.is_redirect(&asked.redirect_uri) {
        return Err(
            "URL blocked: This redirect failed because the redirect URI is not white-listed in the app's client OAuth settings.".into()
        );
    }
    if asked.response_type != "code" {
        return Err("Invalid response_type: this sandbox knows `code` alone.".into());
    }
    match asked.scopes().iter().find(|scope| !KNOWN.contains(&scope.as_str())) {
        Some(unknown) => Err(format!("Invalid Scopes: {unknown}. This message is only shown to developers.")),
        None => Ok(()),
    }
}

/// The redirect of somebody who agreed.
pub(crate) fn granted(world: &World, asked: &Asked, person: &'static Person, ticked: Vec<String>) -> String {
    let (granted, declined) = asked.scopes().into_iter().partition(|scope| ticked.contains(scope));
    let code = world.new_code(person, Scopes { granted, declined }, &asked.redirect_uri);
    back(asked, &[("code", &code)])
}

/// The redirect of somebody who did not.
pub(crate) fn declined(asked: &Asked) -> String {
    back(
        asked,
        &[("error", "access_denied"), ("error_code", "200"), ("error_description", "Permissions error"), ("error_reason", "user_denied")],
    )
}

fn back(asked: &Asked, pairs: &[(&str, &str)]) -> String {
    let Ok(mut url) = Url::parse(&asked.redirect_uri) else { return asked.redirect_uri.clone() };
    url.query_pairs_mut().extend_pairs(pairs);
    if !asked.state.is_empty() {
        url.query_pairs_mut().append_pair("state", &asked.state);
    }
    // Meta's own habit; browsers keep it to themselves.
    url.set_fragment(Some("_=_"));
    url.into()
}

#[derive(Deserialize)]
struct Who {
    #[serde(default)]
    person: String,
}

/// First who, then what: the login page, or with `person` the consent page.
async fn dialog(world: web::Data<World>, request: HttpRequest, asked: web::Query<Asked>, who: web::Query<Who>) -> HttpResponse {
    if let Err(why) = checked(&world, &asked) {
        return pages::refused(&request, &why);
    }
    match person(&who.person) {
        None => pages::login(&request, asked.hidden()),
        Some(person) => pages::consent(&request, asked.hidden(), asked.scopes(), person),
    }
}

/// The consent page's form.
async fn answered(world: web::Data<World>, request: HttpRequest, form: String) -> HttpResponse {
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(&form).unwrap_or_default();
    let asked: Asked = serde_urlencoded::from_str(&form).unwrap_or_default();
    if let Err(why) = checked(&world, &asked) {
        return pages::refused(&request, &why);
    }
    let all = |name: &str| fields.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let location = if all("answer") != ["continue"] {
        declined(&asked)
    } else {
        match all("person").first().and_then(|id| person(id)) {
            Some(person) => granted(&world, &asked, person, all("tick")),
            None => return pages::refused(&request, "Nobody of that name lives here."),
        }
    };
    HttpResponse::SeeOther().insert_header((header::LOCATION, location)).finish()
}

// ---- the Graph API ----

/// A refusal in Meta's shape.
struct Refused {
    status: StatusCode,
    code: i64,
    subcode: Option<i64>,
    message: String,
}

impl Refused {
    fn new(code: i64, subcode: Option<i64>, message: impl Into<String>) -> Self {
        let status = match code {
            190 => StatusCode::UNAUTHORIZED,
            10 | 200..=299 => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        Self { status, code, subcode, message: message.into() }
    }

    fn into_response(self, world: &World) -> HttpResponse {
        let trace = format!("A{:011x}", mixed(world.seed() ^ world.count_call()) >> 20);
        let mut error = json!({"message": self.message, "type": "OAuthException", "code": self.code, "fbtrace_id": trace});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        HttpResponse::build(self.status).json(json!({"error": error}))
    }
}

impl From<BadToken> for Refused {
    fn from(bad: BadToken) -> Self {
        match bad {
            BadToken::Unknown => Self::new(190, None, "Invalid OAuth access token - Cannot parse access token"),
            BadToken::Expired => Self::new(190, Some(463), "Error validating access token: Session has expired."),
            BadToken::Ended(End::AppRemoved) => {
                Self::new(190, Some(458), "Error validating access token: The user has not authorized application.")
            }
            BadToken::Ended(End::PasswordChanged) => Self::new(
                190,
                Some(460),
                "Error validating access token: The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons.",
            ),
        }
    }
}

/// The token of a request: the header first, then the query.
pub(crate) fn token_in(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = header.and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("OAuth ")));
    bearer.map(str::to_owned).or_else(|| query(request, "access_token"))
}

fn query(request: &HttpRequest, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Whose call it is. A proof that is sent must be right.
fn caller(world: &World, request: &HttpRequest) -> Result<Token, Refused> {
    let token = token_in(request)
        .ok_or_else(|| Refused::new(2500, None, "An active access token must be used to query information about the current user."))?;
    if let Some(sent) = query(request, "appsecret_proof") {
        let right = Hmac::<Sha256>::new_from_slice(world.secret().as_bytes()).map(|mut mac| {
            mac.update(token.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        });
        if right.as_deref().ok() != Some(&sent) {
            return Err(Refused::new(100, None, "Invalid appsecret_proof provided in the API argument"));
        }
    }
    Ok(world.token(&token)?)
}

/// A good answer with the headers that tell how the limits stand.
fn answer(world: &World, account: Option<&str>, body: Value) -> HttpResponse {
    let percent = (world.count_call() / 10).min(74);
    let mut response = HttpResponse::Ok();
    response.insert_header(("facebook-api-version", "v26.0"));
    response.insert_header((
        "x-app-usage",
        json!({"call_count": percent, "total_time": percent / 2, "total_cputime": percent / 3}).to_string(),
    ));
    if let Some(id) = account {
        let row =
            json!({"type": "instagram", "call_count": percent, "total_cputime": 1, "total_time": 1, "estimated_time_to_regain_access": 0});
        response.insert_header(("x-business-use-case-usage", json!({id: [row]}).to_string()));
    }
    response.json(body)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenForm {
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    code: String,
    grant_type: String,
    fb_exchange_token: String,
}

/// A code, or a short-lived token, for a token.
async fn access_token(world: web::Data<World>, request: HttpRequest, body: String) -> HttpResponse {
    let text = if request.method() == actix_web::http::Method::POST { body.as_str() } else { request.query_string() };
    let form: TokenForm = serde_urlencoded::from_str(text).unwrap_or_default();
    match traded(&world, &form) {
        Ok((token, life)) => {
            let body = json!({"access_token": token, "token_type": "bearer", "expires_in": life});
            HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "private, no-store")).json(body)
        }
        Err(refused) => refused.into_response(&world),
    }
}

fn traded(world: &World, form: &TokenForm) -> Result<(String, i64), Refused> {
    if !world.is_client(&form.client_id) {
        return Err(Refused::new(101, None, "Error validating application. Cannot get application info due to a system error."));
    }
    if !world.is_secret(&form.client_secret) {
        return Err(Refused::new(1, None, "Error validating client secret."));
    }
    if form.grant_type == "fb_exchange_token" {
        return Ok(world.lengthen(&form.fb_exchange_token)?);
    }
    if form.code.is_empty() {
        return Err(Refused::new(100, None, "Missing authorization code"));
    }
    world.spend(&form.code, &form.redirect_uri).map_err(|bad| match bad {
        BadCode::Unknown => Refused::new(100, Some(36_009), "Invalid verification code format."),
        BadCode::Used => Refused::new(100, Some(36_009), "This authorization code has been used."),
        BadCode::Expired => Refused::new(100, Some(36_007), "This authorization code has expired."),
        BadCode::OtherRedirect => Refused::new(
            100,
            Some(36_008),
            "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request",
        ),
    })
}

async fn permissions(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    let token = match caller(&world, &request) {
        Ok(token) => token,
        Err(refused) => return refused.into_response(&world),
    };
    let row = |scope: &str, status: &str| json!({"permission": scope, "status": status});
    let mut data = vec![row("public_profile", "granted")];
    data.extend(token.scopes.granted.iter().map(|scope| row(scope, "granted")));
    data.extend(token.scopes.declined.iter().map(|scope| row(scope, "declined")));
    answer(&world, None, json!({"data": data}))
}

async fn me(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match caller(&world, &request) {
        Ok(token) => answer(&world, None, json!({"id": user_id(token.person, world.seed())})),
        Err(refused) => refused.into_response(&world),
    }
}

async fn revoke(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match caller(&world, &request) {
        Ok(token) => {
            world.end_grants(token.person.id, End::AppRemoved);
            answer(&world, None, json!({"success": true}))
        }
        Err(refused) => refused.into_response(&world),
    }
}

fn granted_scope(token: &Token, scope: &str) -> bool {
    token.scopes.granted.iter().any(|granted| granted == scope)
}

async fn hashtag_search(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match instagram::hashtag_search(&world, &request) {
        Ok(body) => answer(&world, None, body),
        Err(refused) => refused.into_response(&world),
    }
}

async fn edge(world: web::Data<World>, request: HttpRequest, path: web::Path<(String, String, String)>) -> HttpResponse {
    let (_, id, edge) = path.into_inner();
    match edge_body(&world, &request, &id, &edge) {
        Ok(body) => answer(&world, Some(&id), body),
        Err(refused) => refused.into_response(&world),
    }
}

fn edge_body(world: &World, request: &HttpRequest, id: &str, edge: &str) -> Result<Value, Refused> {
    if id.contains('_') {
        return page_edges::post_edge(world, request, &caller(world, request)?, id, edge);
    }
    if world.hashtag(id).is_none() {
        let token = caller(world, request)?;
        let pages = pages_of(token.person, world.seed(), world.days());
        if let Some(page) = pages.iter().find(|page| page.id == id) {
            return page_edges::edge(world, request, &token, id, &page.name, edge);
        }
    }
    instagram::edge(world, request, id, edge)
}

/// A Page is subscribed to with its own token, an account of Instagram's own login with its.
async fn subscribe(world: web::Data<World>, request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (_, id) = path.into_inner();
    let subscribed = caller(&world, &request).and_then(|token| {
        let own = instagram::own_account(&world, &token, &id).is_some();
        match token.page.as_deref() == Some(&id) || own {
            true if token.page.is_some() && !granted_scope(&token, "pages_manage_metadata") => {
                Err(Refused::new(200, None, "(#200) Requires pages_manage_metadata permission to manage the object"))
            }
            true => Ok(()),
            false => Err(Refused::new(210, None, "(#210) A page access token is required to request this resource.")),
        }
    });
    match subscribed {
        Ok(()) => {
            world.subscribe(&id);
            answer(&world, None, json!({"success": true}))
        }
        Err(refused) => refused.into_response(&world),
    }
}

fn not_there(id: &str) -> Refused {
    Refused::new(
        100,
        Some(33),
        format!(
            "Unsupported get request. Object with ID '{id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation."
        ),
    )
}

/// The most rows of an answer, whatever `limit` says: so that paging is needed here too.
const MOST_ROWS: usize = 25;

async fn accounts(world: web::Data<World>, request: HttpRequest) -> HttpResponse {
    match accounts_body(&world, &request) {
        Ok(body) => answer(&world, None, body),
        Err(refused) => refused.into_response(&world),
    }
}

fn accounts_body(world: &World, request: &HttpRequest) -> Result<Value, Refused> {
    let token = caller(world, request)?;
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id,name,access_token,tasks"))?;
    // Meta does not refuse without the scope: the list is empty.
    let pages = if granted_scope(&token, "pages_show_list") { pages_of(token.person, world.seed(), world.days()) } else { Vec::new() };
    paged(world, request, MOST_ROWS, |skip, take| {
        pages.iter().skip(skip).take(take).map(|page| page_node(world, &token, page, &fields)).collect()
    })
}

fn page_node(world: &World, token: &Token, page: &Page, fields: &Fields) -> Result<Value, Refused> {
    let mut node = Map::new();
    for Field { name, inner, .. } in &fields.0 {
        match name.as_str() {
            "id" => node.insert("id".into(), page.id.clone().into()),
            "name" => node.insert("name".into(), page.name.clone().into()),
            "category" => node.insert("category".into(), "Personal blog".into()),
            "tasks" => node.insert("tasks".into(), json!(["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MANAGE", "MESSAGING", "MODERATE"])),
            "access_token" => node.insert("access_token".into(), world.page_token(token, &page.id).into()),
            "instagram_business_account" => match &page.account {
                Some(account) if granted_scope(token, "instagram_basic") => {
                    node.insert("instagram_business_account".into(), account_node(world, account, inner)?)
                }
                _ => None,
            },
            "about" => node.insert("about".into(), page.account.as_ref().map_or("", |account| account.biography.as_str()).into()),
            "username" => {
                let name: String = page.name.chars().filter(char::is_ascii_alphanumeric).collect();
                node.insert("username".into(), apart(&name.to_lowercase(), world.seed()).into())
            }
            "link" => node.insert("link".into(), format!("https://www.facebook.com/{}", page.id).into()),
            "website" => page
                .account
                .as_ref()
                .filter(|account| !account.website.is_empty())
                .and_then(|account| node.insert("website".into(), account.website.clone().into())),
            "fan_count" | "followers_count" => node.insert(name.clone(), page_edges::followers(world, token.person).into()),
            "verification_status" => node.insert("verification_status".into(), "not_verified".into()),
            "picture" => {
                node.insert("picture".into(), json!({"data": {"url": world.picture(&format!("page{}", page.id)), "is_silhouette": false}}))
            }
            other => return Err(unknown_field(other, "Page")),
        };
    }
    node.insert("id".into(), page.id.clone().into());
    Ok(node.into())
}

fn account_node(world: &World, account: &IgAccount, fields: &Fields) -> Result<Value, Refused> {
    let mut node = Map::new();
    // Meta leaves out what is empty.
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    for Field { name, .. } in &fields.0 {
        let value = match name.as_str() {
            "id" => None,
            "username" => text(&account.username),
            "name" => text(&account.name),
            "biography" => text(&account.biography),
            "website" => text(&account.website),
            "profile_picture_url" => Some(format!("{}{}/avatars/{}.png", world.public_url(), crate::FACEBOOK, account.username).into()),
            "followers_count" => Some(account.followers.into()),
            "follows_count" => Some(account.follows.into()),
            "media_count" => Some(account.media.into()),
            "ig_id" | "user_id" => Some(account.id.clone().into()),
            "is_published" | "has_profile_pic" => Some(true.into()),
            other => return Err(unknown_field(other, "IGUser")),
        };
        node.extend(value.map(|value| (name.clone(), value)));
    }
    node.insert("id".into(), account.id.clone().into());
    Ok(node.into())
}

fn unknown_field(name: &str, node: &str) -> Refused {
    Refused::new(100, None, format!("(#100) Tried accessing nonexisting field ({name}) on node type ({node})"))
}

/// `/me`, a Page or an account.
async fn node(world: web::Data<World>, request: HttpRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (_, id) = path.into_inner();
    match node_body(&world, &request, &id) {
        Ok((account, body)) => answer(&world, account.then_some(id.as_str()), body),
        Err(refused) => refused.into_response(&world),
    }
}

/// The node, and whether it is an account.
fn node_body(world: &World, request: &HttpRequest, id: &str) -> Result<(bool, Value), Refused> {
    let token = caller(world, request)?;
    if id == "me" {
        let number = PEOPLE.iter().position(|p| p.id == token.person.id).unwrap_or(0);
        return Ok((false, json!({"id": format!("{}", 122_000_000_000_000 + number), "name": token.person.name})));
    }
    let pages = pages_of(token.person, world.seed(), world.days());
    if let Some(page) = pages.iter().find(|page| page.id == id) {
        let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id,name"))?;
        return Ok((false, page_node(world, &token, page, &fields)?));
    }
    let Some(owned) = instagram::own_account(world, &token, id) else {
        let (owned, thing) = instagram::own_thing(world, &token, id).ok_or_else(|| not_there(id))?;
        return Ok((false, instagram::thing_node(world, request, &owned, &thing)?));
    };
    if !token.scope_of_instagram("instagram_basic", "instagram_business_basic") {
        return Err(Refused::new(10, None, "(#10) Requires instagram_basic permission to use the endpoint"));
    }
    let fields = Fields::parse(query(request, "fields").as_deref().unwrap_or("id"))?;
    // By Instagram's own login accounts say what kind they are.
    if fields.0.iter().any(|field| field.name == "account_type") {
        return Ok((true, own_node(world, &owned.account, &fields, "BUSINESS")?));
    }
    let mut node = Map::new();
    let (special, plain): (Vec<&Field>, Vec<&Field>) = fields.0.iter().partition(|field| field.argument.is_some());
    for field in special {
        let found = instagram::special(world, &owned, &field.name, field.argument.as_deref().unwrap_or_default(), &field.inner)?;
        node.insert(field.name.clone(), found);
    }
    let plain = Fields(plain.into_iter().cloned().collect());
    if let Value::Object(own) = account_node(world, &owned.account, &plain)? {
        node.extend(own);
    }
    Ok((true, node.into()))
}
