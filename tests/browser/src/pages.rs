//! Every page, in both languages, on a phone and at a desk, in the light and in the dark: those that everybody may see, and those of a
//! creator, a brand and an admin in the demo world. And what each weighs when it is opened for the first time.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
};

use entity::{enums::Locale, user};
use hibiki_tests::{Stage, peers};
use sea_orm::{EntityTrait, sea_query::Expr};
use server::{base::clock::Clock, demo};

use crate::Chromium;

/// Addresses that answer with something else than a page of ours.
const NO_PAGES: [&str; 6] = ["/mailbox/", "/graphiql", "/assets/", "/pictures/", "/schema.graphql", "/sign-out"];

/// What kind of page an address leads to: without ids, without the values of its query.
fn kind_of(href: &str) -> String {
    let href = href.split('#').next().unwrap_or_default();
    let (path, query) = href.split_once('?').unwrap_or((href, ""));
    let is_id = |part: &str| part.split_once('_').is_some_and(|(_, id)| id.len() > 20) || part.bytes().all(|b| b.is_ascii_digit());
    let path = path.split('/').filter(|part| !part.is_empty()).map(|part| if is_id(part) { "one" } else { part });
    let mut names: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    let kind = path.chain(names).collect::<Vec<_>>().join("-");
    if kind.is_empty() { "home".into() } else { kind }
}

/// One draft, one campaign that recruits: of pages with an id in their address so many are looked at. Another value in a query shows the
/// same page in another order.
const MOST_OF_A_KIND: usize = 2;

/// The first load of a page comes within so many bytes, on a phone's poor connection too. Pictures of people count.
const MOST_WEIGHT: u64 = 100_000;

/// Looks at pages of every kind that can be reached from the page that the browser shows, as far as their address begins like one of
/// `inside`.
async fn look_at_all(chromium: &Chromium, role: &str, inside: &[&str]) {
    let mut waiting = VecDeque::from([chromium.path().await]);
    let (mut seen, mut kinds) = (HashSet::new(), HashMap::<String, usize>::new());
    let mut failures = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        let is_page = !NO_PAGES.iter().any(|start| path.starts_with(start)) && !path.contains(".csv") && !path.ends_with("/certificate");
        let is_ours = is_page && inside.iter().any(|start| path.starts_with(start));
        if !is_ours || !seen.insert(path.clone()) {
            continue;
        }
        let mut kind = kind_of(&path);
        let count = kinds.entry(kind.clone()).or_default();
        *count += 1;
        if *count > if kind.contains("one") && !path.contains('?') { MOST_OF_A_KIND } else { 1 } {
            continue;
        }
        if *count > 1 {
            kind = format!("{kind}-{count}");
        }
        let name = format!("{role}-{kind}");
        let weight = chromium.open_cold(&path).await;
        chromium.note_weight(&name, weight);
        let mut wrong: Vec<String> = chromium.try_look(&name).await.err().into_iter().collect();
        if !(1..MOST_WEIGHT).contains(&weight) {
            wrong.push(format!("the first load takes {weight} bytes"));
        }
        if !wrong.is_empty() {
            failures.insert(path, wrong.join("\n"));
        }
        let links = chromium.run("return [...document.querySelectorAll('a[href]:not([download])')].map(a => a.getAttribute('href'))").await;
        waiting.extend(links.as_array().into_iter().flatten().filter_map(|l| l.as_str()).filter(|l| l.starts_with('/')).map(str::to_owned));
    }
    assert!(failures.is_empty(), "{} of {} pages: {failures:#?}", failures.len(), seen.len());
}

fn public_pages(language: &str) {
    Chromium::tell(language, async |_, chromium| {
        chromium.open("/").await;
        look_at_all(chromium, "public", &["/"]).await;
    });
}

#[test]
fn public_pages_in_japanese() {
    public_pages("ja");
}

#[test]
fn public_pages_in_english() {
    public_pages("en");
}

/// Everybody in the demo world speaks one language.
async fn settle(stage: &Stage, locale: Locale) -> Vec<demo::Account> {
    stage.advance(Clock::system().now() - stage.now());
    let accounts = demo::make_world(&stage.app.config).await.expect("the demo world");
    user::Entity::update_many().col_expr(user::Column::Locale, Expr::value(locale)).exec(stage.app.db()).await.expect("people");
    stage.failures_are_the_point();
    accounts
}

/// `from`: the page to begin at, if not the one after the sign-in; looked at are those below `inside`.
fn pages_of(role: &str, (start, from): (&str, &str), inside: &[&str], locale: Locale) {
    let sandbox = OnceCell::new();
    let settings = |config: &mut server::config::Config| {
        config.demo = true;
        sandbox.set(peers::sandbox(config, None)).ok();
    };
    Chromium::tell_with([locale.as_str()], settings, async |stage, [chromium]| {
        let accounts = settle(stage, locale).await;
        let account = accounts.iter().find(|a| a.role == role).expect("somebody");
        chromium.open("/sign-in").await;
        chromium.type_in("email", &account.email).await;
        chromium.type_in("password", &format!("{}\n", account.password)).await;
        chromium.arrives(start).await;
        if from != start {
            chromium.open(from).await;
        }
        look_at_all(chromium, role, inside).await;
    });
}

#[test]
fn a_creators_pages_in_japanese() {
    pages_of("creator", ("/c", "/c"), &["/c", "/account"], Locale::Ja);
}

#[test]
fn a_creators_pages_in_english() {
    pages_of("creator", ("/c", "/c"), &["/c", "/account"], Locale::En);
}

/// What only those have whose accounts were read for months: their figures, publications, score and why it changed, and
/// what they show to everybody.
const OF_THE_LINKED: [&str; 8] = ["/s/", "/c/analysis", "/c/networks", "/c/posts", "/c/mentions", "/c/stories", "/metrics", "/parts"];

#[test]
fn a_linked_creators_pages_in_japanese() {
    pages_of("linked", ("/c", "/c/analysis"), &OF_THE_LINKED, Locale::Ja);
}

#[test]
fn a_linked_creators_pages_in_english() {
    pages_of("linked", ("/c", "/c/analysis"), &OF_THE_LINKED, Locale::En);
}

#[test]
fn a_brands_pages_in_japanese() {
    pages_of("brand", ("/b", "/b"), &["/b", "/account"], Locale::Ja);
}

#[test]
fn a_brands_pages_in_english() {
    pages_of("brand", ("/b", "/b"), &["/b", "/account"], Locale::En);
}

#[test]
fn an_admins_pages_in_japanese() {
    pages_of("admin", ("/admin", "/admin"), &["/admin", "/account"], Locale::Ja);
}

#[test]
fn an_admins_pages_in_english() {
    pages_of("admin", ("/admin", "/admin"), &["/admin", "/account"], Locale::En);
}
