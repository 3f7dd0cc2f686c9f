//! Tokens of links (B20): each is for one purpose. Walks the routes and the inputs that take one, so that a new kind of link is covered when
//! `tokens` makes one.

use std::collections::BTreeMap;

use async_graphql_parser::parse_schema;
use serde_json::{Value, json};
use server::web::routes::{Entry, Routes};

use super::{
    authority::{definition, fields, named_base},
    none,
};
use crate::{Someone, Stage, people::PASSWORD, story};

/// A token of each kind, by the beginning of its page's path.
async fn tokens(stage: &Stage, acme: &Someone, hana: &Someone) -> BTreeMap<&'static str, String> {
    let campaign = stage.campaign(acme, "New tea").await;
    let sign_up = json!({ "kind": "CREATOR", "name": "New", "email": "new@inbox.example", "password": PASSWORD, "conduct": true });
    stage.api().tried("signUp", sign_up, "checkMail").await.ok();
    stage.api().did("passwordResetRequest", json!({ "email": hana.email }), "checkMail").await;
    hana.session_api().did("emailChange", json!({ "email": "hana2@inbox.example", "currentPassword": PASSWORD }), "checkMail").await;
    acme.api.did("memberInvite", json!({ "email": hana.email, "role": "MANAGER" }), "memberInvitation { id }").await;
    let input = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "name": "Aoi", "email": "aoi@inbox.example" }], "subject": "Will you?",
        "message": "Dear {name}", "locale": "EN", "answerBy": stage.day(14),
    });
    acme.api.did("invitationSend", input, "batch { id }").await;
    let mails = stage.mails().await;
    let token = |path: &str| {
        let found = mails.iter().find_map(|mail| {
            let rest = mail.text.split(&format!("{}{path}", stage.url)).nth(1)?;
            Some(rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next()?.to_owned())
        });
        found.unwrap_or_else(|| panic!("no mail has a link to {path}"))
    };
    ["/confirm/", "/reset/", "/confirm-email/", "/join/", "/i/", "/unsubscribe/"].map(|path| (path, token(path))).into()
}

/// Which kind of token an input of the API takes.
const TAKES: [(&str, &str); 11] = [
    ("signUpConfirm", "/confirm/"),
    ("passwordReset", "/reset/"),
    ("emailChangeConfirm", "/confirm-email/"),
    ("memberInvitationAccept", "/join/"),
    ("invitationAccept", "/i/"),
    ("invitationDecline", "/i/"),
    ("invitationRenew", "/i/"),
    ("invitationSignUp", "/i/"),
    ("mailUnsubscribe", "/unsubscribe/"),
    ("invitationTeaser", "/i/"),
    ("memberInvitationTeaser", "/join/"),
];

/// The page of a token of another kind, by both methods, as nobody and as the person whom it was sent to.
async fn at_pages(stage: &Stage, hana: &Someone, tokens: &BTreeMap<&'static str, String>) -> Vec<String> {
    let routes: Vec<Entry> = Routes::listed(server::routes).into_iter().filter(|e| e.path.contains("{token}")).collect();
    let mut wrong = Vec::new();
    for entry in &routes {
        let own = tokens.keys().find(|path| entry.path.starts_with(**path));
        let own = own.unwrap_or_else(|| panic!("links.rs makes no token for {}", entry.path));
        for (path, token) in tokens.iter().filter(|(path, _)| *path != own) {
            let there = entry.path.replace("{token}", token);
            for browser in [stage.browser(), hana.browser.clone()] {
                let page = match entry.method.as_str() {
                    "GET" => browser.get_only(&there).await,
                    _ => browser.post_only(&there, &[("password", "quiet-harbor-sunrise-7")]).await,
                };
                // Nobody in particular is asked to sign in first.
                let refused = page.status == 404 || page.location().is_some_and(|to| to.starts_with("/sign-in"));
                if !refused || page.headers.contains_key("set-cookie") {
                    wrong.push(format!("{} {} takes a token of {path}: {}", entry.method, entry.path, page.status));
                }
                stage.advance(chrono::Duration::seconds(11));
            }
        }
    }
    wrong
}

/// The same in the API.
async fn in_the_api(stage: &Stage, hana: &Someone, tokens: &BTreeMap<&'static str, String>) -> Vec<String> {
    let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
    let takes: BTreeMap<_, _> = TAKES.into();
    let mut wrong = Vec::new();
    for (kind, field) in ["Mutation", "Query"].into_iter().flat_map(|kind| fields(&schema, kind).into_iter().map(move |f| (kind, f))) {
        let name = field.name.node.as_str();
        let inputs: Vec<String> = field.arguments.iter().map(|a| named_base(&a.node.ty.node).to_owned()).collect();
        let has = |of: &str, wanted: &str| match definition(&schema, of).map(|d| &d.kind) {
            Some(async_graphql_parser::types::TypeKind::InputObject(input)) => input.fields.iter().any(|f| f.node.name.node == wanted),
            _ => false,
        };
        let takes_token =
            field.arguments.iter().any(|a| a.node.name.node == "token") || inputs.iter().any(|i| has(i, "token") || has(i, "invitation"));
        if !takes_token {
            continue;
        }
        let own = *takes.get(name).unwrap_or_else(|| panic!("links.rs does not know which token {name} takes"));
        for (path, token) in tokens.iter().filter(|(path, _)| **path != own) {
            let answer = match kind {
                "Query" => {
                    hana.api
                        .call(
                            &format!("query ($token: String!) {{ it: {name}(token: $token) {{ __typename }} }}"),
                            json!({ "token": token }),
                        )
                        .await
                }
                _ => {
                    let mut input =
                        if has(&inputs[0], "invitation") { json!({ "invitation": { "token": token } }) } else { json!({ "token": token }) };
                    for (more, value) in [
                        ("password", json!("quiet-harbor-sunrise-7")),
                        ("name", json!("X")),
                        ("conduct", json!(true)),
                        ("locale", json!("EN")),
                    ] {
                        if has(&inputs[0], more) {
                            input[more] = value;
                        }
                    }
                    hana.session_api().acting(hana.creator()).tried_as(name, &inputs[0], input, "__typename").await
                }
            };
            let refused = match kind {
                "Query" => answer.body["data"]["it"] == Value::Null && answer.code().is_empty(),
                _ => answer.refusals() == ["=NOT_FOUND"],
            };
            if !refused {
                wrong.push(format!("{name} takes a token of {path}: {}", answer.body));
            }
            stage.advance(chrono::Duration::seconds(11));
        }
    }
    wrong
}

story!(a_token_serves_one_purpose, async |stage| {
    let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
    let tokens = tokens(stage, &acme, &hana).await;
    let mut wrong = at_pages(stage, &hana, &tokens).await;
    wrong.extend(in_the_api(stage, &hana, &tokens).await);
    none("tokens that open what they are not for", wrong);

    // None is spent by that: each still opens its own page.
    for (path, token) in &tokens {
        let page = stage.browser().get(&format!("{path}{token}")).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text());
    }
    hana.browser.get("/account").await.at("/account");
    stage.work().await;
});
