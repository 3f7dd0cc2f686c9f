//! Bluesky: what we ask and what the sandbox answers against the lexicons.

use hibiki_connectors::{Account, Clock, Connector, HttpLimits, Network, Query, Request, Settings, TokenSet, bluesky::Bluesky};
use sandbox::Options;
use serde_json::Value;

use crate::{kept::Kept, stage::noon};

/// A lexicon by its name.
fn lexicon(name: &str) -> Option<Value> {
    super::spec(&format!("bluesky/lexicons/{}.json", name.replace('.', "/")))
}

/// What a reference names, and the lexicon that its own references are in.
fn resolved(reference: &str, here: &str) -> (String, Value) {
    let (name, part) = reference.split_once('#').unwrap_or((reference, "main"));
    let name = if name.is_empty() { here } else { name };
    (name.to_owned(), lexicon(name).unwrap()["defs"][part].clone())
}

/// What is wrong with a value by a type of a lexicon.
fn problems(value: &Value, kind: &Value, here: &str, at: &str) -> Vec<String> {
    let right = match kind["type"].as_str() {
        Some("ref") => {
            let (name, inner) = resolved(kind["ref"].as_str().unwrap(), here);
            return problems(value, &inner, &name, at);
        }
        Some("union") => {
            let word = value["$type"].as_str().unwrap_or_default();
            let refs: Vec<String> = kind["refs"].as_array().unwrap().iter().map(|r| full(r.as_str().unwrap(), here)).collect();
            let Some(found) = refs.iter().find(|known| *known == word) else { return vec![format!("{at}: {word} is not among {refs:?}")] };
            let (name, inner) = resolved(found, here);
            return problems(value, &inner, &name, at);
        }
        Some("array") => {
            let Some(rows) = value.as_array() else { return vec![format!("{at}: no list")] };
            return rows.iter().enumerate().flat_map(|(n, row)| problems(row, &kind["items"], here, &format!("{at}[{n}]"))).collect();
        }
        Some("object") => {
            let Some(map) = value.as_object() else { return vec![format!("{at}: no object")] };
            let mut wrong = Vec::new();
            for (name, inner) in map.iter().filter(|(name, _)| *name != "$type") {
                match kind["properties"].get(name) {
                    Some(kind) => wrong.extend(problems(inner, kind, here, &format!("{at}.{name}"))),
                    None => wrong.push(format!("{at}: `{name}` is not known")),
                }
            }
            let required = kind["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            wrong.extend(required.filter(|name| !map.contains_key(*name)).map(|name| format!("{at}: `{name}` is missing")));
            return wrong;
        }
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if right { Vec::new() } else { vec![format!("{at}: {value} is no {}", kind["type"])] }
}

fn full(reference: &str, here: &str) -> String {
    if reference.starts_with('#') { format!("{here}{reference}") } else { reference.to_owned() }
}

fn checked(request: &Request, body: &[u8]) -> Vec<String> {
    let name = request.url.path_segments().unwrap().next_back().unwrap();
    let main = lexicon(name).unwrap()["defs"]["main"].clone();
    let known = main["parameters"]["properties"].as_object().unwrap();
    let mut wrong: Vec<String> = request
        .url
        .query_pairs()
        .filter(|(key, _)| !known.contains_key(key.as_ref()))
        .map(|(key, _)| format!("{name}: `{key}` is not known"))
        .collect();
    let value: Value = serde_json::from_slice(body).unwrap();
    wrong.extend(problems(&value, &main["output"]["schema"], name, name));
    wrong
}

#[tokio::test]
async fn what_we_ask_and_what_the_sandbox_answers_is_in_the_lexicons() {
    if lexicon("app.bsky.actor.getProfile").is_none() {
        return;
    }
    let sandbox = sandbox::start(Options { start: Some(noon()), ..Options::default() }).unwrap();
    let settings = Settings { api_base: Some(sandbox.base("bluesky").parse().unwrap()), sandbox: true, ..Settings::default() };
    let kept = Kept::new(HttpLimits::default());
    let network = Bluesky::new(settings, kept.clone(), Clock::new(noon)).unwrap();
    let nobody = TokenSet::none();
    let id = network.lookup_public(None, "hana-cooks.bsky.social").await.unwrap().external_id;
    let account = Account::new(&nobody, &id);
    let media = network.media(&account, None).await.unwrap().items;
    network.media_insights(&account, &[media[0].reference()]).await.unwrap();
    network.comments(&account, &media[9].reference(), None).await.unwrap();
    network.mentions(&account, None).await.unwrap();
    network.search(None, &Query::hashtag("tea")).await.unwrap();
    network.search(None, &Query::keyword("tea")).await.unwrap();
    let wrong: Vec<String> = kept.taken().iter().flat_map(|(request, answer)| checked(request, &answer.body)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(network.network(), Network::Bluesky);
}
