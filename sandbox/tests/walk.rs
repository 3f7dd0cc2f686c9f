//! The sandbox as a browser and a server see it, over HTTP.
#![expect(clippy::unwrap_used, reason = "tests")]

use hibiki_sandbox::{CLIENT_ID, CLIENT_SECRET, Fault, Handle, Options};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::{Value, json};

const REDIRECT: &str = "http://127.0.0.1:1/networks/instagram/callback";
const SCOPES: &str = "instagram_basic,instagram_manage_insights,pages_show_list";

fn options() -> Options {
    Options { redirect_uris: vec![REDIRECT.into()], start: chrono::DateTime::from_timestamp(1_793_600_000, 0), ..Options::default() }
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

fn dialog(sandbox: &Handle, redirect: &str, more: &[(&str, &str)]) -> String {
    let mut url = url::Url::parse(&format!("{}/v26.0/dialog/oauth", sandbox.facebook())).unwrap();
    url.query_pairs_mut()
        .extend_pairs([
            ("client_id", CLIENT_ID),
            ("redirect_uri", redirect),
            ("response_type", "code"),
            ("state", "s t&1"),
            ("scope", SCOPES),
        ])
        .extend_pairs(more);
    url.into()
}

fn part(location: &str, name: &str) -> Option<String> {
    url::Url::parse(location).unwrap().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn get(url: &str, token: &str) -> (StatusCode, Value) {
    let answer = browser().get(url).bearer_auth(token).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn token(sandbox: &Handle, code: &str, redirect: &str, secret: &str) -> (StatusCode, Value) {
    let url = format!("{}/v26.0/oauth/access_token", sandbox.facebook());
    let query = [("client_id", CLIENT_ID), ("client_secret", secret), ("redirect_uri", redirect), ("code", code)];
    let answer = browser().get(url).query(&query).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn linked(sandbox: &Handle, person: &str) -> String {
    let back = sandbox.consent(&dialog(sandbox, REDIRECT, &[]), person, &[]).unwrap();
    let (_, body) = token(sandbox, &part(&back, "code").unwrap(), REDIRECT, CLIENT_SECRET).await;
    body["access_token"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn a_browser_walks_through_login_and_consent() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let login = browser().get(dialog(&sandbox, REDIRECT, &[])).send().await.unwrap().text().await.unwrap();
    assert!(login.contains("Sandbox: demo network, not Facebook") && login.contains("value=\"hana\""));
    let japanese =
        browser().get(dialog(&sandbox, REDIRECT, &[])).header("accept-language", "ja,en").send().await.unwrap().text().await.unwrap();
    assert!(japanese.contains("lang=\"ja\"") && japanese.contains("Facebookではありません"));
    let consent = browser().get(dialog(&sandbox, REDIRECT, &[("person", "aoi")])).send().await.unwrap().text().await.unwrap();
    assert!(consent.contains("value=\"instagram_basic\" checked") && consent.contains("value=\"instagram_manage_insights\">"));

    let form = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "s t&1"),
        ("scope", SCOPES),
        ("person", "hana"),
        ("tick", "instagram_basic"),
        ("tick", "pages_show_list"),
        ("answer", "continue"),
    ];
    let answer = browser().post(format!("{}/v26.0/dialog/oauth", sandbox.facebook())).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let back = answer.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.starts_with(REDIRECT) && back.ends_with("#_=_"), "{back}");
    assert_eq!(part(&back, "state").as_deref(), Some("s t&1"));

    let code = part(&back, "code").unwrap();
    let (status, body) = token(&sandbox, &code, REDIRECT, CLIENT_SECRET).await;
    assert_eq!((status, &body["token_type"]), (StatusCode::OK, &json!("bearer")));
    let (_, permissions) = get(&format!("{}/v26.0/me/permissions", sandbox.facebook()), body["access_token"].as_str().unwrap()).await;
    let rows = permissions["data"].as_array().unwrap();
    assert!(rows.contains(&json!({"permission": "instagram_manage_insights", "status": "declined"})), "{permissions}");

    let cancel = [&form[..5], &[("answer", "cancel")]].concat();
    let answer = browser().post(format!("{}/v26.0/dialog/oauth", sandbox.facebook())).form(&cancel).send().await.unwrap();
    let back = answer.headers()["location"].to_str().unwrap();
    assert_eq!((part(back, "error").as_deref(), part(back, "code")), (Some("access_denied"), None));
    sandbox.stop().await;
}

#[actix_web::test]
async fn a_redirect_address_is_compared_exactly() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    for wrong in [
        "http://127.0.0.1:1/networks/instagram/callback/",
        "http://127.0.0.1:1/networks/instagram/callback?x=1",
        "http://127.0.0.1:2/networks/instagram/callback",
        "http://127.0.0.1:1/networks/Instagram/callback",
        "https://evil.example/",
        "",
    ] {
        let answer = browser().get(dialog(&sandbox, wrong, &[])).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
        assert!(answer.headers().get("location").is_none(), "nobody is sent to an address that is not proven");
    }
}

#[actix_web::test]
async fn a_code_is_used_once_in_time_and_for_its_own_address() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let code = |_: ()| part(&sandbox.consent(&dialog(&sandbox, REDIRECT, &[]), "ken", &[]).unwrap(), "code").unwrap();
    let first = code(());
    assert_eq!(token(&sandbox, &first, "http://127.0.0.1:1/other", CLIENT_SECRET).await.1["error"]["error_subcode"], 36_008);
    assert_eq!(token(&sandbox, &first, REDIRECT, "wrong").await.1["error"]["message"], "Error validating client secret.");
    assert_eq!(token(&sandbox, &first, REDIRECT, CLIENT_SECRET).await.0, 200);
    let (status, replay) = token(&sandbox, &first, REDIRECT, CLIENT_SECRET).await;
    assert_eq!((status.as_u16(), &replay["error"]["error_subcode"]), (400, &json!(36_009)));
    let late = code(());
    sandbox.advance(chrono::Duration::minutes(11));
    assert_eq!(token(&sandbox, &late, REDIRECT, CLIENT_SECRET).await.1["error"]["error_subcode"], 36_007);
}

#[actix_web::test]
async fn the_graph_answers_in_metas_shapes() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let hana = linked(&sandbox, "hana").await;
    let at = |path: &str| format!("{}/v26.0/{path}", sandbox.facebook());
    let (_, pages) = get(&at("me/accounts?fields=id,name,tasks,instagram_business_account{id,username,profile_picture_url}"), &hana).await;
    let account = &pages["data"][0]["instagram_business_account"];
    assert_eq!(account["username"], "hana.cooks");
    let id = account["id"].as_str().unwrap();
    let (_, profile) = get(&at(&format!("{id}?fields=id,username,followers_count")), &hana).await;
    assert_eq!(profile, json!({"id": id, "username": "hana.cooks", "followers_count": 48_200}));

    let picture = browser().get(account["profile_picture_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));

    let answer = browser().get(at(&format!("{id}?fields=id"))).bearer_auth(&hana).send().await.unwrap();
    assert!(answer.headers().contains_key("x-app-usage") && answer.headers().contains_key("x-business-use-case-usage"));

    let (status, error) = get(&at(&format!("{id}?fields=id,shoe_size")), &hana).await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (400, &json!(100)));
    assert!(error["error"]["fbtrace_id"].is_string());
    let ken = linked(&sandbox, "ken").await;
    assert_eq!(get(&at(&format!("{id}?fields=id")), &ken).await.1["error"]["error_subcode"], 33, "somebody else's account");
    assert_eq!(get(&at("me/accounts"), "nonsense").await.1["error"]["code"], 190);
    assert_eq!(get(&at("me/accounts?appsecret_proof=00"), &hana).await.1["error"]["code"], 100);

    sandbox.advance(chrono::Duration::days(90));
    assert_eq!(get(&at("me/accounts"), &hana).await.1["error"]["error_subcode"], 463);
}

#[actix_web::test]
async fn lists_come_in_several_answers() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let office = linked(&sandbox, "office").await;
    let (mut url, mut names) = (format!("{}/v26.0/me/accounts?fields=name&limit=100", sandbox.facebook()), Vec::new());
    loop {
        let (_, body) = get(&url, &office).await;
        names.extend(body["data"].as_array().unwrap().iter().map(|page| page["name"].clone()));
        let Some(next) = body["paging"]["next"].as_str() else { break };
        url = next.to_owned();
    }
    assert_eq!(names.len(), 60);
}

#[actix_web::test]
async fn the_control_calls() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let hana = linked(&sandbox, "hana").await;
    let control = |path: &str| format!("{}/_control/{path}", sandbox.url());
    let post = |path: &str, body: Value| browser().post(control(path)).json(&body).send();
    let me = format!("{}/v26.0/me", sandbox.facebook());

    post("faults", json!({"path": "/facebook/v26.0/me", "kind": "429", "count": 2})).await.unwrap();
    post("faults", json!({"path": "/facebook/v26.0/me", "kind": {"slow": 10}})).await.unwrap();
    assert_eq!(get(&me, &hana).await.1["error"]["code"], 4);
    assert_eq!(get(&me, &hana).await.1["error"]["code"], 4);
    assert_eq!(get(&me, &hana).await.0, 200);
    sandbox.fault("/facebook", Fault::Html, 1);
    assert!(browser().get(&me).send().await.unwrap().text().await.unwrap().starts_with("<!doctype"));

    let clock: Value = post("clock/advance", json!({"days": 2, "hours": 1})).await.unwrap().json().await.unwrap();
    assert_eq!(clock["now"], "2026-11-04T07:13:20Z");
    let revoked = |status| async move { assert_eq!(status, 204) };
    revoked(post("revoke", json!({"person": "hana"})).await.unwrap().status().as_u16()).await;
    assert_eq!(get(&me, &hana).await.1["error"]["error_subcode"], 458);
    assert_eq!(post("revoke", json!({"person": "nobody"})).await.unwrap().status(), 400);

    let consent = json!({"authorize_url": dialog(&sandbox, REDIRECT, &[]), "person": "ken", "unticked": ["instagram_basic"]});
    let back: Value = post("consent", consent).await.unwrap().json().await.unwrap();
    assert!(part(back["location"].as_str().unwrap(), "code").is_some());

    let log: Value = browser().get(control("log")).send().await.unwrap().json().await.unwrap();
    let text = log.to_string();
    assert!(text.contains(&hibiki_sandbox::token_hash(&hana)) && !text.contains(&hana), "{text}");
    assert!(log.as_array().unwrap().iter().all(|row| !row["path"].as_str().unwrap().contains('?')));
    post("reset", json!({})).await.unwrap();
    assert!(sandbox.log().is_empty());
    assert_eq!(get(&me, &hana).await.1["error"]["code"], 190, "a reset forgets its tokens");
}

#[actix_web::test]
async fn every_network_has_its_consent_page() {
    let sandbox = hibiki_sandbox::start(options()).unwrap();
    let at = |path: &str, id: &str, scope: &str| {
        let mut url = url::Url::parse(&format!("{}{path}", sandbox.url())).unwrap();
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        url.query_pairs_mut()
            .extend_pairs([(id, CLIENT_ID), ("redirect_uri", REDIRECT), ("response_type", "code"), ("state", "s"), ("scope", scope)])
            .extend_pairs([("code_challenge", challenge), ("code_challenge_method", "S256")]);
        url
    };
    for (path, id, scope) in [
        ("/instagram/oauth/authorize", "client_id", "instagram_business_basic"),
        ("/youtube/o/oauth2/v2/auth", "client_id", "https://www.googleapis.com/auth/youtube.readonly"),
        ("/x/i/oauth2/authorize", "client_id", "tweet.read"),
        ("/tiktok/v2/auth/authorize/", "client_key", "user.info.basic"),
        ("/twitch/oauth2/authorize", "client_id", ""),
        ("/pinterest/oauth/", "client_id", "pins:read"),
        ("/mastodon/oauth/authorize", "client_id", "read:accounts"),
        ("/linkedin/oauth/v2/authorization", "client_id", "profile"),
        ("/reddit/api/v1/authorize", "client_id", "identity"),
    ] {
        let mut url = at(path, id, scope);
        let page = browser().get(url.clone()).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
        assert!(page.text().await.unwrap().contains("佐藤 花"), "{path}: who comes?");
        url.query_pairs_mut().append_pair("person", "hana");
        let page = browser().get(url.clone()).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("value=\"continue\"") && !page.contains("A further permission"), "{path}");
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.extend([("answer".to_owned(), "continue".to_owned()), ("tick".to_owned(), scope.to_owned())]);
        let back = browser().post(url.clone()).form(&form).send().await.unwrap();
        assert_eq!(back.status(), 303, "{path}");
        let location = back.headers()["location"].to_str().unwrap();
        assert!(location.starts_with(REDIRECT) && location.contains("code=") && location.contains("state=s"), "{location}");
        let stranger = url.as_str().replace(CLIENT_ID, "7");
        assert_eq!(browser().get(stranger).send().await.unwrap().status(), 400, "{path}: an unknown app");
    }
}
