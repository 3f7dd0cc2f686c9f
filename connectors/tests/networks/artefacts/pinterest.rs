//! Pinterest: what we ask and what the sandbox answers against the OpenAPI file, and the connector against a mock server made from it.

use hibiki_connectors::{
    Account, Clock, Connector, ErrorKind, Format, HttpLimits, MediaRef, Network, Settings, TokenSet, Window, pinterest::Pinterest,
};

use super::{
    openapi::{answer_problems, query_problems},
    peers::prism,
};
use crate::{
    kept::Kept,
    stage::{Stage, noon},
};

const FILE: &str = "pinterest/openapi.json";

fn settings(base: &url::Url) -> Settings {
    Settings {
        client_id: "1".into(),
        client_secret: "s".into(),
        api_base: Some(base.clone()),
        auth_base: Some(base.clone()),
        token_base: Some(base.clone()),
        sandbox: true,
        ..Settings::default()
    }
}

async fn reads(network: &Pinterest, account: &Account<'_>, pin: &str) -> Vec<hibiki_connectors::Result<()>> {
    let pin = MediaRef { external_id: pin.into(), format: Format::Image, published_at: Some(noon() - chrono::Duration::days(9)) };
    vec![
        network.list_accounts(account.tokens).await.map(drop),
        network.media(account, None).await.map(drop),
        network.media_insights(account, &[pin]).await.map(drop),
        network.account_insights(account, Window::days_before(noon(), 30)).await.map(drop),
    ]
}

#[tokio::test]
async fn what_we_ask_and_what_the_sandbox_answers_is_in_the_file() {
    let Some(spec) = super::spec(FILE) else { return };
    let stage = Stage::new(Network::Pinterest);
    let tokens = stage.linked("hana", &[]).await;
    let kept = Kept::new(HttpLimits::default());
    let network = Pinterest::new(settings(&stage.sandbox.base("pinterest").parse().unwrap()), kept.clone(), Clock::new(noon)).unwrap();
    let id = network.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    let account = Account::new(&tokens, &id);
    let pin = network.media(&account, None).await.unwrap().items[3].external_id.clone();
    let outcomes = reads(&network, &account, &pin).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_ok()), "{outcomes:?}");
    let mut wrong = Vec::new();
    for (request, answer) in kept.taken() {
        wrong.extend(query_problems(&spec, &request, "/pinterest"));
        wrong.extend(answer_problems(&spec, &request, "/pinterest", &answer.body));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_mock_server_of_the_file_is_understood() {
    let Some(prism) = prism(FILE) else { return };
    let kept = Kept::new(HttpLimits::default());
    let network = Pinterest::new(settings(&prism.url), kept.clone(), Clock::new(noon)).unwrap();
    let tokens = TokenSet { access: "anything".into(), ..TokenSet::none() };
    let account = Account::new(&tokens, "2783136121146311751");
    let outcomes = reads(&network, &account, "800000000000000001").await;
    for (outcome, (request, answer)) in outcomes.iter().zip(kept.taken()) {
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        if request.endpoint == "pins/:id/analytics" {
            // Here the file contradicts itself: a metric must be in exactly one of two lists that share most of theirs. So the mock
            // server refuses what its own documentation shows; nothing else of the request is wrong.
            let wrong: serde_json::Value = serde_json::from_str(answer.header("sl-violations").unwrap()).unwrap();
            assert!(wrong.as_array().unwrap().iter().all(|one| one["code"] == "oneOf" && one["location"][2] == "metric_types"), "{wrong}");
            assert!(outcome.is_ok(), "one pin's figures fail, not the call: {outcome:?}");
            continue;
        }
        assert_eq!(answer.status, 200, "{}: {said}", request.endpoint);
        assert!(outcome.is_ok(), "{outcome:?} {said}");
    }
    // A status that the file names for an operation can be asked for.
    *kept.prefer.lock().unwrap() = Some(403);
    let error = network.account_insights(&account, Window::days_before(noon(), 30)).await.unwrap_err();
    assert_eq!(kept.taken()[0].1.status, 403);
    assert_eq!(error.kind, ErrorKind::AppNotApproved, "{error}");
}
