//! The OAuth code against a certified server that we did not write: npm oidc-provider, started from `tests/peer`.
//! `npm ci --prefix connectors/tests/peer` brings it; without it these tests say so and pass, unless `HIBIKI_PEERS_REQUIRED` is set.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use hibiki_connectors::{
    AuthCallback, AuthStart, Clock, Connector, ErrorKind, Http, HttpLimits, Network, Secret,
    generic::{GenericOauth, GenericSettings},
    oauth::{ClientAuth, new_state, new_verifier},
};
use url::Url;

const REDIRECT: &str = "http://127.0.0.1:1/callback";

struct Peer {
    child: Child,
    issuer: String,
    /// Held open: the peer ends when it cannot write to it any more.
    _out: BufReader<ChildStdout>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting")]
fn required() -> bool {
    std::env::var("HIBIKI_PEERS_REQUIRED").is_ok_and(|value| !value.is_empty() && value != "0")
}

fn peer() -> Option<Peer> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer");
    if !folder.join("node_modules/oidc-provider").exists() {
        assert!(!required(), "oidc-provider is missing: npm ci --prefix connectors/tests/peer");
        eprintln!("skipped: oidc-provider is missing (npm ci --prefix connectors/tests/peer)");
        return None;
    }
    let mut child = Command::new("node")
        .arg("provider.mjs")
        .arg(REDIRECT)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut issuer = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut issuer).unwrap();
    Some(Peer { child, issuer: issuer.trim().to_owned(), _out: out })
}

fn connector(peer: &Peer, secret: &str) -> GenericOauth {
    let at = |path: &str| Url::parse(&format!("{}/{path}", peer.issuer)).unwrap();
    let settings = GenericSettings {
        network: Network::Blog,
        authorize_url: at("auth"),
        token_url: at("token"),
        revoke_url: Some(at("token/revocation")),
        userinfo_url: at("me"),
        issuer: Some(peer.issuer.clone()),
        client_id: "hibiki".into(),
        client_secret: secret.into(),
        auth: ClientAuth::Basic,
        scopes: vec!["openid".into(), "profile".into()],
        extra: Vec::new(),
        sandbox: true,
    };
    GenericOauth::new(settings, Arc::new(Http::new(HttpLimits::default()).unwrap()), Clock::system()).unwrap()
}

/// Logs in and consents at the peer's own pages, as a browser would; gives the callback's address.
async fn walk(authorize: Url, login: &str) -> Url {
    let browser = reqwest::Client::builder().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut answer = browser.get(authorize.clone()).send().await.unwrap();
    for _ in 0..12 {
        let here = answer.url().clone();
        answer = match answer.headers().get("location") {
            Some(location) => {
                let next = here.join(location.to_str().unwrap()).unwrap();
                if next.as_str().starts_with(REDIRECT) {
                    return next;
                }
                browser.get(next).send().await.unwrap()
            }
            None => {
                let page = answer.text().await.unwrap();
                let prompt = if page.contains("value=\"login\"") { "login" } else { "consent" };
                let form = [("prompt", prompt), ("login", login), ("password", "any")];
                browser.post(here).form(&form).send().await.unwrap()
            }
        };
    }
    panic!("never came back from {authorize}");
}

async fn code(connector: &GenericOauth, login: &str) -> AuthCallback {
    let start = AuthStart { redirect_uri: Url::parse(REDIRECT).unwrap(), state: new_state(), verifier: Some(new_verifier()) };
    let back = walk(connector.authorize_url(&start).unwrap(), login).await;
    let field = |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(field("state"), Some(start.state));
    AuthCallback {
        code: Secret::new(field("code").unwrap()),
        redirect_uri: start.redirect_uri,
        verifier: start.verifier,
        iss: field("iss"),
    }
}

#[tokio::test]
async fn the_whole_life_of_a_grant() {
    let Some(peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");
    let callback = code(&connector, "hana").await;
    assert_eq!(callback.iss.as_deref(), Some(peer.issuer.as_str()));
    let tokens = connector.exchange(callback.clone()).await.unwrap();
    assert!(tokens.refresh.is_some() && tokens.expires_at.is_some() && tokens.missing_scopes.is_empty());

    let found = connector.list_accounts(&tokens).await.unwrap();
    assert_eq!((found.accounts[0].external_id.as_str(), found.accounts[0].display_name.as_str()), ("hana", "hana of the peer"));
    assert_eq!(connector.profile(&tokens, "hana").await.unwrap().handle, "hana");
    assert_eq!(connector.profile(&tokens, "ken").await.unwrap_err().kind, ErrorKind::NotFound);

    let newer = connector.refresh(&tokens).await.unwrap();
    assert!(newer.refresh != tokens.refresh && newer.access != tokens.access, "the pair rotates");
    assert!(connector.list_accounts(&newer).await.is_ok());
    connector.revoke(&newer).await.unwrap();
    connector.revoke(&newer).await.expect("what is gone is gone");
    assert_eq!(connector.refresh(&newer).await.unwrap_err().kind, ErrorKind::Revoked);
    assert_eq!(connector.list_accounts(&newer).await.unwrap_err().kind, ErrorKind::TokenExpired);
}

#[tokio::test]
async fn a_replayed_refresh_token_ends_the_grant() {
    let Some(peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");
    let old = connector.exchange(code(&connector, "ken").await).await.unwrap();
    let newer = connector.refresh(&old).await.unwrap();
    assert_eq!(connector.refresh(&old).await.unwrap_err().kind, ErrorKind::Revoked);
    assert_eq!(connector.refresh(&newer).await.unwrap_err().kind, ErrorKind::Revoked, "the theft ends both");
}

#[tokio::test]
async fn what_does_not_belong_to_the_session_is_refused() {
    let Some(peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");

    let good = code(&connector, "yui").await;
    for iss in [None, Some("https://evil.example".to_owned())] {
        let mixed_up = AuthCallback { iss, ..good.clone() };
        assert_eq!(connector.exchange(mixed_up).await.unwrap_err().kind, ErrorKind::IssuerMismatch);
    }
    let other = AuthCallback { redirect_uri: Url::parse("http://127.0.0.1:1/other").unwrap(), ..code(&connector, "yui").await };
    assert_eq!(connector.exchange(other).await.unwrap_err().kind, ErrorKind::CodeRefused);
    let stolen = AuthCallback { verifier: Some(new_verifier()), ..code(&connector, "yui").await };
    assert_eq!(connector.exchange(stolen).await.unwrap_err().kind, ErrorKind::CodeRefused, "wrong PKCE verifier");

    connector.exchange(good.clone()).await.expect("the refused issuers spent nothing");
    assert_eq!(connector.exchange(good).await.unwrap_err().kind, ErrorKind::CodeRefused, "a code is good once");

    let impostor = self::connector(&peer, "wrong");
    let error = impostor.exchange(code(&impostor, "yui").await).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AppNotApproved);
}
