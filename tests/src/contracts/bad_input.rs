//! Bad input at every form and every mutation, in both languages: all problems at once, each beside its field, what was typed kept,
//! nothing internal shown, nothing written.

use std::collections::BTreeSet;

use async_graphql_parser::parse_schema;
use entity::{enums::Locale, user};
use regex::Regex;
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};
use server::web::routes::Routes;

use super::{
    authority::{Call, World, fields, filled},
    none,
};
use crate::{Page, Stage, api::UserError, browser::Form, database::Kind, stage::tell};

/// Fields that are not looked at while another is wrong, and why.
const LATER: [(&str, &str); 11] = [
    ("signIn", "code"),
    // Nobody is told which of the two is wrong.
    ("/sign-in", "password"),
    ("signIn", "password"),
    ("signIn", "actor"),
    // A guess counts, so it is not spent on what is refused anyway.
    ("/account/password", "current_password"),
    ("passwordChange", "currentPassword"),
    ("emailChange", "currentPassword"),
    ("apiTokenCreate", "currentPassword"),
    // What a handle may be depends on the network.
    ("/c/networks/declare", "handle"),
    // Where to go on to afterwards: anything strange is the page of networks.
    ("networkLinkBegin", "next"),
    // What a network brought is the network's; the first thing that is strange ends it.
    ("networkLinkFinish", ""),
];

fn comes_later(place: &str, field: &str) -> bool {
    LATER.iter().any(|(at, of)| *at == place && (of.is_empty() || *of == field))
}

/// What nobody means, by the kind of field.
fn garbage(kind: &str) -> Option<String> {
    Some(match kind {
        "email" => "not an address".into(),
        "number" => "-1e99".into(),
        "date" => "2026-13-45".into(),
        "url" => "javascript:alert(1)".into(),
        "password" => "short".into(),
        "select" | "radio" => "nonsense".into(),
        // What is searched for travels in the address.
        "search" => "<b>%s{name}".repeat(20),
        "text" | "textarea" => "<b>%s{name}".repeat(400),
        _ => return None,
    })
}

/// What is wrong with a sentence for people.
fn unfit(text: &str, locale: Locale) -> Option<&'static str> {
    let key = Regex::new(r"\b[a-z_]+\.[a-z_]+\.[a-z_]+\b|%\{|\{[a-z]+\}").expect("regex");
    let japanese = text.chars().any(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'));
    if text.trim().is_empty() {
        Some("says nothing")
    } else if key.is_match(text) {
        Some("shows a key or a placeholder")
    } else if japanese != (locale == Locale::Ja) {
        Some("is in the other language")
    } else {
        None
    }
}

/// Every page with a form that somebody can see, by the routes that are there.
async fn pages(stage: &Stage, world: &World, locale: Locale) -> Vec<Page> {
    let mut out = Vec::new();
    for who in [None, Some(&world.hana), Some(&world.acme), Some(&world.admin)] {
        for entry in Routes::listed(server::routes).iter().filter(|e| e.method == "GET") {
            let browser = match who {
                Some(someone) => someone.browser.clone(),
                None => stage.browser().language(locale.as_str()).clone(),
            };
            let page = browser.get_only(&filled(entry.path, &[], world.ids())).await;
            if page.status == 200 && page.header("content-type").starts_with("text/html") {
                out.push(page);
            }
        }
    }
    // Those behind links of mails.
    let input = json!({
        "campaignId": world.ids()["campaign"], "recipients": [{ "name": "Aoi", "email": "aoi@inbox.example" }],
        "subject": "Will you?", "message": "Dear {name}", "locale": locale.as_str().to_uppercase(), "answerBy": stage.day(14),
    });
    world.acme.api.did("invitationSend", input, "batch { id }").await;
    world.hana.api.did("passwordResetRequest", json!({ "email": world.hana.email }), "checkMail").await;
    let reader = stage.browser().language(locale.as_str()).clone();
    reader.get(&stage.link_to("aoi@inbox.example", "/i/").await).await.ok();
    out.push(reader.get("/invitation/join").await.ok());
    out.push(reader.get("/invitation/decline").await.ok());
    out.push(reader.get(&stage.link_to(&world.hana.email, "/reset/").await).await.ok());
    out
}

/// Sends a form with nothing in it that makes sense; gives what is wrong with the answer.
async fn spoil(form: Form, locale: Locale) -> Vec<String> {
    let (action, kinds) = (form.action().to_owned(), form.kinds().to_vec());
    let mut typed = Vec::new();
    let mut sent = form;
    for (name, kind) in &kinds {
        if let Some(value) = garbage(kind) {
            sent = sent.force(name, value.clone());
            typed.push((name.clone(), kind.clone(), value));
        }
    }
    // The last button is the one that does it.
    if let Some((name, value)) = sent.buttons().last().cloned() {
        sent = sent.force(&name, value);
    }
    let is_post = sent.method == "post";
    let page = sent.send().await;
    let mut wrong = Vec::new();
    if page.status.is_server_error() || (page.status != 200 && page.status != 422) {
        wrong.push(format!("{action}: {} {}", page.status, page.text().chars().take(200).collect::<String>()));
        return wrong;
    }
    if !is_post {
        return wrong;
    }
    let problems: BTreeSet<String> = page.problems().into_iter().collect();
    for text in page.all("[data-problems] li, .problem") {
        wrong.extend(unfit(&text, locale).map(|why| format!("{action}: a problem {why}: {text}")));
    }
    for field in problems.iter().filter(|f| !f.is_empty()) {
        if page.problem(field).is_none() {
            wrong.push(format!("{action}: nothing stands beside {field}"));
        }
    }
    // A form in a row of a table has no room for a summary: what is wrong stands beside the row.
    let in_row = page.status == 422 && problems.is_empty() && page.count(".problem") > 0;
    for (name, kind, value) in &typed {
        let free = kind == "search" || comes_later(&action, name);
        // Who is invited is said in two ways; what is wrong with either stands beside both.
        let asked = if name == "people" { "recipients" } else { name.as_str() };
        if !problems.contains(asked) && !in_row && !free {
            wrong.push(format!("{action}: {name} ({kind}) was not refused; {} {problems:?}", page.status));
        }
        let keeps = !matches!(kind.as_str(), "password" | "select" | "radio");
        if page.status == 422 && keeps && page.has_form(&action) && page.form(&action).value(name) != Some(value) {
            wrong.push(format!("{action}: what was typed into {name} ({kind}) is lost"));
        }
    }
    wrong
}

async fn speak(stage: &Stage, locale: Locale) {
    user::Entity::update_many().col_expr(user::Column::Locale, Expr::value(locale)).exec(stage.app.db()).await.expect("people");
}

fn every_form(locale: Locale) {
    tell(Kind::Sqlite, async |stage| {
        let world = World::new(stage).await;
        speak(stage, locale).await;
        let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
        for page in pages(stage, &world, locale).await {
            for action in page.actions() {
                let form = page.form(&action);
                if form.kinds().iter().any(|(_, kind)| garbage(kind).is_some()) && seen.insert(action) {
                    wrong.extend(spoil(form, locale).await);
                    stage.advance(chrono::Duration::minutes(1));
                }
            }
        }
        assert!(seen.len() > 25, "only {seen:?}");
        stage.failures_are_the_point();
        none("forms", wrong);
    });
}

#[test]
fn every_form_in_japanese() {
    every_form(Locale::Ja);
}

#[test]
fn every_form_in_english() {
    every_form(Locale::En);
}

/// An input that nobody means: of the right types, and otherwise nonsense.
fn nonsense(name: &str, base: &str) -> Option<Value> {
    Some(match base {
        // Read before all else, since it may stand for an answer that was given already.
        "String" if name == "idempotencyKey" => json!("once"),
        "String" => json!("<b>%s{name}".repeat(400)),
        "Int" | "Long" => json!(-1),
        "Float" | "Decimal" => json!(-1.5),
        "Boolean" => json!(false),
        "Date" => json!("1900-01-01"),
        "DateTime" => json!("1900-01-01T00:00:00Z"),
        _ => return None,
    })
}

/// The paths of all texts in an input that make no sense.
fn strings(input: &Value, path: &str) -> Vec<String> {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match input {
        Value::String(text) if text.len() > 1_000 => vec![path.to_owned()],
        Value::Array(items) => items.iter().enumerate().flat_map(|(i, item)| strings(item, &below(&i.to_string()))).collect(),
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| strings(value, &below(name))).collect(),
        _ => Vec::new(),
    }
}

fn every_mutation(locale: Locale) {
    tell(Kind::Sqlite, async |stage| {
        let mut world = World::new(stage).await;
        speak(stage, locale).await;
        let schema = parse_schema(server::graph::schema::sdl()).expect("the schema parses");
        let (mut wrong, mut refused) = (Vec::new(), 0);
        for field in fields(&schema, "Mutation") {
            world.afresh(stage).await;
            let name = field.name.node.as_str();
            let call = Call::new(&schema, &world, "Mutation", field, Some(&nonsense));
            for who in [None, Some(&world.hana), Some(&world.acme), Some(&world.admin)] {
                let api = who.map_or_else(|| stage.api(), |someone| someone.api.clone()).language(locale.as_str());
                let answer = api.call(&call.query, call.variables.clone()).await;
                let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
                let payload = answer.body["data"][name]["userErrors"].as_array().cloned().unwrap_or_default();
                // Whoever may not call it at all is told so in the protocol's language.
                wrong.extend(errors.iter().filter(|e| e["extensions"]["code"] == "INTERNAL_SERVER_ERROR").map(|e| format!("{name}: {e}")));
                for message in payload.iter().filter_map(|e| e["message"].as_str()) {
                    wrong.extend(unfit(message, locale).map(|why| format!("{name}: a message {why}: {message}")));
                }
                refused += payload.len();
                // What the caller may try at all tells everything that is wrong, and where.
                if !payload.is_empty() {
                    let said: BTreeSet<String> = answer.user_errors().iter().map(UserError::field).collect();
                    let about = |said: &str, field: &str| said.starts_with(field) || field.starts_with(said);
                    let silent: Vec<_> = strings(&call.variables["input"], "")
                        .into_iter()
                        .filter(|f| !said.iter().any(|s| about(s, f)) && !comes_later(name, f))
                        .collect();
                    if !silent.is_empty() && said.iter().any(|s| !s.is_empty()) {
                        wrong.push(format!("{name}: says {said:?} and nothing of {silent:?}"));
                    }
                }
                stage.advance(chrono::Duration::minutes(1));
            }
        }
        assert!(refused > 100, "only {refused} problems");
        stage.failures_are_the_point();
        none("mutations", wrong);
    });
}

#[test]
fn every_mutation_in_japanese() {
    every_mutation(Locale::Ja);
}

#[test]
fn every_mutation_in_english() {
    every_mutation(Locale::En);
}
