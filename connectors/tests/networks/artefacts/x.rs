//! X: what we ask and what the sandbox answers against the OpenAPI file, and the connector against a mock server made from it.

use hibiki_connectors::{
    Account, Clock, Connector, ErrorKind, Format, HttpLimits, MediaRef, Query, Settings, TokenSet, settings::Dialect, x::X,
};

use super::{
    openapi::{answer_problems, query_problems},
    peers::prism,
};
use crate::{
    kept::Kept,
    stage::{Stage, noon},
};

const FILE: &str = "x/openapi.json";

fn settings(base: &url::Url) -> Settings {
    Settings {
        client_id: "1".into(),
        client_secret: "s".into(),
        api_base: Some(base.clone()),
        auth_base: Some(base.clone()),
        token_base: Some(base.clone()),
        dialect: Dialect::Post,
        sandbox: true,
        ..Settings::default()
    }
}

fn reference(id: &str, old: bool) -> MediaRef {
    MediaRef { external_id: id.into(), format: Format::Text, published_at: (!old).then(noon) }
}

/// Everything that the connector reads, whatever comes of it.
async fn reads(network: &X, account: &Account<'_>, post: &str) -> Vec<hibiki_connectors::Result<()>> {
    vec![
        network.list_accounts(account.tokens).await.map(drop),
        network.media(account, None).await.map(drop),
        network.media_insights(account, &[reference(post, false), reference(post, true)]).await.map(drop),
        network.comments(account, &reference(post, false), None).await.map(drop),
        network.mentions(account, None).await.map(drop),
        network.lookup_public(Some(account), "ken_mori_photo").await.map(drop),
        network.search(Some(account), &Query::hashtag("hana")).await.map(drop),
    ]
}

#[tokio::test]
async fn what_we_ask_and_what_the_sandbox_answers_is_in_the_file() {
    let Some(spec) = super::spec(FILE) else { return };
    let stage = Stage::new(hibiki_connectors::Network::X);
    stage.sandbox.rename_x();
    let tokens = stage.linked("hana", &[]).await;
    let kept = Kept::new(HttpLimits::default());
    let base = stage.sandbox.base("x").parse().unwrap();
    let network = X::new(settings(&base), kept.clone(), Clock::new(noon)).unwrap();
    let id = network.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    let account = Account::new(&tokens, &id);
    let post = network.media(&account, None).await.unwrap().items[3].external_id.clone();
    let outcomes = reads(&network, &account, &post).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_ok()), "{outcomes:?}");
    let mut wrong = Vec::new();
    for (request, answer) in kept.taken() {
        wrong.extend(query_problems(&spec, &request, "/x"));
        wrong.extend(answer_problems(&spec, &request, "/x", &answer.body));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_sandbox_speaks_the_old_words_until_it_is_told() {
    let Some(spec) = super::spec(FILE) else { return };
    let stage = Stage::new(hibiki_connectors::Network::X);
    let tokens = stage.linked("hana", &[]).await;
    stage.kept.taken();
    stage.connector.list_accounts(&tokens).await.unwrap();
    let (request, answer) = stage.kept.taken().remove(0);
    let wrong = answer_problems(&spec, &request, "/x", &answer.body);
    assert_eq!(wrong.len(), 2, "nothing but the renamed counter, there under its old name and not under its new one: {wrong:#?}");
    assert!(wrong.iter().all(|problem| problem.contains("tweet_count") || problem.contains("post_count")), "{wrong:#?}");
}

#[tokio::test]
async fn a_mock_server_of_the_file_is_understood() {
    let Some(prism) = prism(FILE) else { return };
    let kept = Kept::new(HttpLimits::default());
    let network = X::new(settings(&prism.url), kept.clone(), Clock::new(noon)).unwrap();
    let tokens = TokenSet { access: "anything".into(), ..TokenSet::none() };
    let account = Account::new(&tokens, "2244994945");
    let outcomes = reads(&network, &account, "1346889436626259968").await;
    for (outcome, (request, answer)) in outcomes.iter().zip(kept.taken()) {
        assert_eq!(answer.status, 200, "{}: {}", request.endpoint, String::from_utf8_lossy(&answer.body));
        assert!(outcome.is_ok(), "{outcome:?} {}", String::from_utf8_lossy(&answer.body));
    }
    // Without a token the mock server refuses, as X does.
    let bare =
        hibiki_connectors::Request::new(hibiki_connectors::Network::X, "me", reqwest::Method::GET, prism.url.join("2/users/me").unwrap());
    assert_eq!(hibiki_connectors::Transport::send(kept.as_ref(), bare).await.unwrap().status, 401);
    let refused = network.lookup_public(Some(&account), "not a name").await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::NotFound, "nothing strange is asked");
}
