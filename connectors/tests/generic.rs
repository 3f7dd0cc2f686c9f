//! The OAuth code against a certified server that we did not write: npm oidc-provider, started from `tests/peer`.
//! `npm ci --prefix connectors/tests/peer` brings it; without it these tests say so and pass, unless `HIBIKI_TEST_PEERS_REQUIRED` is set.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    io::{BufRead, BufReader, Write},
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
    out: BufReader<ChildStdout>,
}

impl Peer {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Somebody logs in and consents; gives the callback's address.
    fn walk(&mut self, authorize: &Url, login: &str) -> Url {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{}", serde_json::json!({ "url": authorize, "login": login })).unwrap();
        self.line().parse().unwrap()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "a switch of the test run, not a setting")]
fn required() -> bool {
    std::env::var("HIBIKI_TEST_PEERS_REQUIRED").is_ok_and(|value| !value.is_empty() && value != "0")
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
    let out = BufReader::new(child.stdout.take().unwrap());
    let mut peer = Peer { child, issuer: String::new(), out };
    peer.issuer = peer.line();
    Some(peer)
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

fn code(peer: &mut Peer, connector: &GenericOauth, login: &str) -> AuthCallback {
    let start = AuthStart { redirect_uri: Url::parse(REDIRECT).unwrap(), state: new_state(), verifier: Some(new_verifier()) };
    let back = peer.walk(&connector.authorize_url(&start).unwrap(), login);
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
    let Some(mut peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");
    let callback = code(&mut peer, &connector, "hana");
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
    let Some(mut peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");
    let old = connector.exchange(code(&mut peer, &connector, "ken")).await.unwrap();
    let newer = connector.refresh(&old).await.unwrap();
    assert_eq!(connector.refresh(&old).await.unwrap_err().kind, ErrorKind::Revoked);
    assert_eq!(connector.refresh(&newer).await.unwrap_err().kind, ErrorKind::Revoked, "the theft ends both");
}

#[tokio::test]
async fn what_does_not_belong_to_the_session_is_refused() {
    let Some(mut peer) = peer() else { return };
    let connector = connector(&peer, "peer-secret");

    let good = code(&mut peer, &connector, "yui");
    for iss in [None, Some("https://evil.example".to_owned())] {
        let mixed_up = AuthCallback { iss, ..good.clone() };
        assert_eq!(connector.exchange(mixed_up).await.unwrap_err().kind, ErrorKind::IssuerMismatch);
    }
    let other = AuthCallback { redirect_uri: Url::parse("http://127.0.0.1:1/other").unwrap(), ..code(&mut peer, &connector, "yui") };
    assert_eq!(connector.exchange(other).await.unwrap_err().kind, ErrorKind::CodeRefused);
    let stolen = AuthCallback { verifier: Some(new_verifier()), ..code(&mut peer, &connector, "yui") };
    assert_eq!(connector.exchange(stolen).await.unwrap_err().kind, ErrorKind::CodeRefused, "wrong PKCE verifier");

    connector.exchange(good.clone()).await.expect("the refused issuers spent nothing");
    assert_eq!(connector.exchange(good).await.unwrap_err().kind, ErrorKind::CodeRefused, "a code is good once");

    let impostor = self::connector(&peer, "wrong");
    let error = impostor.exchange(code(&mut peer, &impostor, "yui")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::AppNotApproved);
}
