//! The second factor, told through both faces: apps, recovery codes, roles that need one, and help for who has lost it. Passkeys need a
//! real browser: `tests/browser/src/accounts.rs`.

use chrono::Duration;
use entity::second_factor;
use sea_orm::EntityTrait;
use serde_json::json;
use server::{
    auth::actors::Console,
    web::routes::{Routes, Who},
};

use crate::{Browser, Page, Someone, database::Kind, people::PASSWORD, stage::tell_with, story};

async fn give_password(browser: &Browser, someone: &Someone) -> Page {
    let page = browser.get("/sign-in?next=/account").await.ok();
    page.form("/sign-in").set("email", &*someone.email).set("password", PASSWORD).send().await.ok().at("/sign-in/second?next=%2Faccount")
}

async fn give_code(page: &Page, code: &str) -> Page {
    page.form("/sign-in/second").set("code", code).send().await
}

story!(an_authenticator_app_is_asked_for, async |stage| {
    let mei = stage.person("Mei").await;
    let elsewhere = stage.again(&mei).await;
    mei.browser.get("/account").await.ok().says("your password alone");

    let page = mei.browser.get("/account/security").await.ok().form("/account/security/totp").send().await.ok();
    let secret = page.one("code.secret").replace('-', "");
    assert!(page.attribute("svg.qr path", "d").is_some_and(|d| d.starts_with("M4 4h1v1h-1z")), "a QR code");
    let confirm = page.actions().into_iter().find(|action| action.contains("/totp/")).expect("a form");
    let again = page.form(&confirm).set("code", "000000").send().await.is(422);
    assert!(again.problem("code").expect("a problem").contains("not right"));
    assert_eq!(again.one("code.secret").replace('-', ""), secret, "nothing is lost");
    // Until then it counts for nothing.
    elsewhere.get("/account").await.ok().says("your password alone");
    let page = again.form(&confirm).set("code", stage.code(&secret)).send().await.ok();
    let codes = page.all("code.secret");
    assert_eq!(codes.len(), 10, "recovery codes");
    assert!(stage.mail_to(&mei.email).await.text.contains("Authenticator app"));
    elsewhere.get_only("/account").await.is(303);
    mei.browser.post(&confirm, &[("code", stage.code(&secret))]).await.is(404);

    // The code that confirmed it was that step's only one.
    let browser = stage.browser();
    let asked = give_password(&browser, &mei).await;
    browser.get_only("/account").await.is(303);
    let asked = give_code(&asked, &stage.code(&secret)).await.is(422).says("not right, or was used already");
    assert_eq!(asked.form("/sign-in/second").value("next"), Some("/account"), "the way on is kept");
    stage.advance(Duration::seconds(30));
    give_code(&asked, &stage.code(&secret)).await.ok().at("/account").says(&mei.email);

    // A recovery code serves once, however it is typed; the person is told.
    let typed = codes[0].to_ascii_uppercase().replace('-', " ");
    give_code(&give_password(&stage.browser(), &mei).await, &typed).await.ok().at("/account");
    assert!(stage.mail_to(&mei.email).await.text.contains("left: 9"));
    give_code(&give_password(&stage.browser(), &mei).await, &typed).await.is(422);

    // New codes end the old ones.
    let page = browser.get("/account/security").await.ok().says("Unused: 9");
    let fresh = page.form("/account/security/codes").send().await.ok().all("code.secret");
    give_code(&give_password(&stage.browser(), &mei).await, &codes[1]).await.is(422);
    give_code(&give_password(&stage.browser(), &mei).await, &fresh[1]).await.ok();

    // What changes here needs the password, given lately.
    stage.advance(Duration::minutes(16));
    let page = browser.get("/account/security").await.ok();
    let remove = |page: &Page| page.actions().into_iter().find(|action| action.ends_with("/remove"));
    assert_eq!(remove(&page), None);
    let factor = second_factor::Entity::find().one(stage.app.db()).await.expect("read").expect("a factor");
    browser.post::<&str, &str>(&format!("/account/security/{}/remove", factor.id), &[]).await.is(422);
    page.form("/account/security").set("current_password", "no-no-no-no").send().await.is(422).says("not your current password");
    let page = page.form("/account/security").set("current_password", PASSWORD).send().await.ok();
    page.form(&remove(&page).expect("a form")).send().await.ok().says("None yet");
    assert_eq!(stage.mail_to(&mei.email).await.subject, "A second factor was removed from your account");
    let page = stage.browser().get("/sign-in").await.ok();
    page.form("/sign-in").set("email", &*mei.email).set("password", PASSWORD).send().await.ok().at("/start");
});

story!(the_api_asks_for_the_second_factor_too, async |stage| {
    let mei = stage.person("Mei").await;
    let api = mei.session_api();
    let begun = api.did("totpBegin", json!({}), "id secret url").await;
    let secret = begun["secret"].as_str().expect("a secret").to_owned();
    assert!(begun["url"].as_str().is_some_and(|url| url.starts_with("otpauth://totp/Hibiki:mei@people.example?secret=")));
    let wrong = json!({ "id": begun["id"], "code": "000000" });
    assert_eq!(api.tried("totpConfirm", wrong, "recoveryCodes").await.refusals(), ["code=WRONG"]);
    let right = json!({ "id": begun["id"], "code": stage.code(&secret) });
    let made = api.did("totpConfirm", right, "secondFactor { id kind name } recoveryCodes").await;
    assert_eq!(made["secondFactor"]["kind"], "TOTP");
    assert_eq!(made["recoveryCodes"].as_array().map(Vec::len), Some(10));
    let seen = api.ask("{ viewer { secondFactors { kind lastUsedAt } recoveryCodesLeft } }").await;
    assert_eq!(seen["viewer"], json!({ "secondFactors": [{ "kind": "TOTP", "lastUsedAt": null }], "recoveryCodesLeft": 10 }));

    stage.advance(Duration::seconds(30));
    let with = |code: Option<&str>| json!({ "email": mei.email, "password": PASSWORD, "code": code });
    let anyone = stage.api();
    assert_eq!(anyone.tried("signIn", with(None), "token").await.refusals(), ["code=REQUIRED"]);
    assert_eq!(anyone.tried("signIn", with(Some("000000")), "token").await.refusals(), ["code=WRONG"]);
    let token = anyone.did("signIn", with(Some(&stage.code(&secret))), "token").await["token"].clone();
    assert_eq!(stage.api().bearer(token.as_str().expect("a token")).ask("{ viewer { name } }").await["viewer"]["name"], "Mei");

    // A program's token looks after no second factor, and nobody else's is found.
    assert_eq!(mei.api.call("mutation { totpBegin(input: {}) { id } }", json!({})).await.code(), "FORBIDDEN");
    let stranger = stage.person("Bo").await.session_api();
    let theirs = json!({ "id": made["secondFactor"]["id"] });
    assert_eq!(stranger.tried("secondFactorRemove", theirs.clone(), "removed").await.refusals(), ["=NOT_FOUND"]);
    let renewed = api.did("recoveryCodesRenew", json!({}), "recoveryCodes").await;
    assert_ne!(renewed["recoveryCodes"], made["recoveryCodes"]);
    assert_eq!(api.did("secondFactorRemove", theirs, "removed").await["removed"], "TOTP");
    assert_eq!(api.tried("recoveryCodesRenew", json!({}), "recoveryCodes").await.refusals(), ["=WRONG_STATE"]);
    stage.work().await;
});

story!(a_waiting_sign_in_runs_out_and_guesses_are_slowed, async |stage| {
    let mei = stage.person("Mei").await;
    let (secret, _) = stage.second_factor(&mei).await;
    stage.advance(Duration::seconds(30));
    let asked = give_password(&stage.browser(), &mei).await;
    stage.advance(Duration::minutes(11));
    give_code(&asked, &stage.code(&secret)).await.ok().at("/sign-in?next=%2Faccount").says("sign in again");
    stage.browser().get("/sign-in/second").await.ok().at("/sign-in");

    let asked = give_password(&stage.browser(), &mei).await;
    for _ in 0..10 {
        give_code(&asked, "000000").await.is(422);
    }
    give_code(&asked, &stage.code(&secret)).await.is(429);
    stage.advance(Duration::minutes(2));
    give_code(&asked, &stage.code(&secret)).await.ok().at("/account");
    // A waiting sign-in serves once.
    stage.advance(Duration::seconds(30));
    give_code(&asked, &stage.code(&secret)).await.ok().at("/sign-in?next=%2Faccount");
    stage.work().await;
});

story!(who_has_lost_it_is_helped, async |stage| {
    let admin = stage.admin().await;
    let mei = stage.creator("Mei").await;
    let at = format!("/admin/users/{}", mei.user);
    let action = format!("{at}/second-factor");
    assert!(!admin.browser.get(&at).await.ok().has_form(&action), "nothing to take away");
    stage.second_factor(&mei).await;
    let page = admin.browser.get(&at).await.ok().says("Lost second factor");
    let refused = page.form(&action).set("email", "somebody@people.example").send().await.is(422);
    assert!(refused.problem("email").expect("a problem").contains("not the person's"));
    refused.form(&action).set("email", &*mei.email).send().await.ok().says("The second factor is gone");
    mei.browser.get_only("/c").await.is(303);
    assert_eq!(mei.api.call("{ viewer { name } }", json!({})).await.code(), "UNAUTHENTICATED");
    assert_eq!(stage.mail_to(&mei.email).await.subject, "Your second factor was taken away");
    let browser = stage.browser();
    let page = browser.get("/sign-in").await.ok();
    page.form("/sign-in").set("email", &*mei.email).set("password", PASSWORD).send().await.ok().at("/c");
    admin.browser.get("/admin/audit").await.ok().says("The second factor was taken away by an admin");

    // The API does the same, and the machine's own shell helps the admin.
    let bo = stage.person("Bo").await;
    stage.second_factor(&bo).await;
    let input = json!({ "id": bo.user.to_string(), "email": bo.email });
    admin.api.did("userSecondFactorReset", input.clone(), "user { allowedActions }").await;
    assert_eq!(admin.api.tried("userSecondFactorReset", input, "user { id }").await.refusals(), ["=WRONG_STATE"]);
    stage.second_factor(&admin).await;
    let own = json!({ "id": admin.user.to_string(), "email": admin.email });
    assert_eq!(admin.api.tried("userSecondFactorReset", own, "user { id }").await.refusals(), ["=WRONG_STATE"]);
    let console = Console::at_the_machine();
    let helped = server::accounts::reset_second_factor_at_console(&stage.app, &console, &admin.email).await.expect("helped");
    assert!(!helped.second_factor);
    stage.work().await;
});

fn needed(kind: Kind) {
    tell_with(
        kind,
        |config| config.auth.second_factor_required = true,
        async |stage| {
            let admin = stage.admin().await;
            let acme = stage.brand("Acme").await;
            // Every page and field of admins is shut, and leads to where it is set up.
            let mut tried = 0;
            for entry in Routes::listed(server::routes).into_iter().filter(|entry| entry.who == Who::Admin) {
                let answer = match entry.method.as_str() {
                    "GET" => admin.browser.get_only(entry.path).await,
                    _ => admin.browser.post_only::<&str, &str>(entry.path, &[]).await,
                };
                let to = answer.is(303).location().unwrap_or_default();
                assert!(to.starts_with("/account/security"), "{} {}: {to}", entry.method, entry.path);
                tried += 1;
            }
            assert!(tried > 10, "{tried}");
            assert_eq!(admin.api.call("{ users { nodes { id } } }", json!({})).await.code(), "FORBIDDEN");
            assert_eq!(admin.session_api().call("{ users { nodes { id } } }", json!({})).await.code(), "FORBIDDEN");

            // An owner works on, but changes no members and no rights.
            let settings = acme.path("settings");
            acme.browser.get(&acme.path("")).await.ok().says("Set up your second factor");
            acme.browser.get(&acme.path("campaigns")).await.ok();
            let page = acme.browser.get(&settings).await.ok().says("Set up your second factor");
            assert!(!page.has_form(&acme.path("members/invite")));
            let invite = json!({ "email": "nao@inbox.example", "role": "MANAGER" });
            assert_eq!(acme.api.tried("memberInvite", invite.clone(), "memberInvitation { id }").await.code(), "FORBIDDEN");
            acme.browser.get(&acme.path("audit")).await.ok().says("Your role needs a second factor");

            stage.second_factor(&admin).await;
            stage.second_factor(&acme).await;
            admin.browser.get("/admin").await.ok();
            admin.api.ask("{ users { nodes { id } } }").await;
            acme.api.did("memberInvite", invite, "memberInvitation { id }").await;
            acme.browser.get(&acme.path("audit")).await.ok().says("A colleague was invited");
            stage.work().await;
        },
    );
}

#[test]
fn roles_that_need_it_sqlite() {
    needed(Kind::Sqlite);
}

#[test]
fn roles_that_need_it_postgres() {
    needed(Kind::Postgres);
}
