//! Accounts, told through both faces: sign-up, sign-in, sessions, forgotten passwords, changes of mail address and password, tokens.

use chrono::Duration;
use serde_json::json;

use crate::{Browser, Page, Stage, database::Kind, people::PASSWORD, stage::tell_with, story};

/// A mailbox of nobody yet.
const MAIL: &str = "hana@inbox.example";

async fn sign_up_form(browser: &Browser, email: &str) -> Page {
    let page = browser.get("/sign-up?as=creator").await.ok();
    page.form("/sign-up").set("name", "Hana").set("email", email).set("password", PASSWORD).tick("conduct").send().await
}

fn sign_up_input(email: &str) -> serde_json::Value {
    json!({ "kind": "BRAND", "name": "Hana", "email": email, "password": PASSWORD, "locale": "JA", "conduct": true })
}

async fn sign_in(browser: &Browser, email: &str, password: &str) -> Page {
    let page = browser.get("/sign-in").await.ok();
    page.form("/sign-in").set("email", email).set("password", password).send().await
}

async fn viewer_name(stage: &Stage, token: &str) -> serde_json::Value {
    stage.api().bearer(token).ask("{ viewer { name email locale } }").await["viewer"].clone()
}

story!(signing_up_in_the_portal, async |stage| {
    let hana = stage.browser();
    sign_up_form(&hana, MAIL).await.ok().at("/check-mail");
    let link = stage.link_to(MAIL, "/confirm/").await;

    // Opening the link alone changes nothing, however often: mail programs look ahead.
    for _ in 0..2 {
        stage.browser().get(&link).await.ok();
    }
    sign_in(&hana, MAIL, PASSWORD).await.is(422);

    let page = hana.get(&link).await.ok().form(&link).send().await;
    assert_eq!(page.path, "/c/welcome", "a new creator is welcomed");
    hana.get("/account").await.ok().says(MAIL);

    // The link is spent.
    stage.browser().get(&link).await.is(422).says("used already");
    stage.browser().post::<&str, &str>(&link, &[]).await.is(422);
});

story!(signing_up_in_the_api, async |stage| {
    let api = stage.api();
    api.tried("signUp", sign_up_input(MAIL), "").await.ok();
    let token = stage.token_to(MAIL, "/confirm/").await;
    assert_eq!(stage.mail_to(MAIL).await.subject, "メールアドレスの確認をお願いします");
    let answer = api.tried_as("signUpConfirm", "LinkTokenInput", json!({ "token": token }), "token viewer { name }").await.ok();
    let payload = &answer["signUpConfirm"];
    assert_eq!(payload["viewer"]["name"], "Hana");
    let viewer = viewer_name(stage, payload["token"].as_str().expect("a token")).await;
    assert_eq!(viewer, json!({ "name": "Hana", "email": MAIL, "locale": "JA" }));

    let again = api.tried_as("signUpConfirm", "LinkTokenInput", json!({ "token": token }), "token").await;
    assert_eq!(again.refusals(), ["=ALREADY_DONE"]);
    let never = api.tried_as("signUpConfirm", "LinkTokenInput", json!({ "token": "nonsense" }), "token").await;
    assert_eq!(never.refusals(), ["=NOT_FOUND"]);
});

story!(what_is_wrong_stands_beside_each_field, async |stage| {
    for (language, required, short) in [("en", "Please accept the code of conduct.", "8"), ("ja", "行動規範への同意が必要です。", "8文字")]
    {
        let browser = stage.browser();
        browser.language(language);
        let form = browser.get("/sign-up").await.ok().form("/sign-up");
        let page = form.set("name", "  花 ").set("email", "not-an-address").set("password", "short").send().await.is(422);
        assert_eq!(page.problems(), ["email", "password", "conduct"]);
        assert_eq!(page.problem("conduct").as_deref(), Some(required));
        assert!(page.problem("password").is_some_and(|p| p.contains(short)), "{:?}", page.problem("password"));
        // What was typed is kept; a password never is.
        assert_eq!(page.value("name").as_deref(), Some("  花 "));
        assert_eq!(page.value("email").as_deref(), Some("not-an-address"));
        assert_eq!(page.value("password"), None);
        assert_eq!(page.attribute("html", "lang").as_deref(), Some(language));
        assert_eq!(page.attribute("[name=email]", "aria-invalid").as_deref(), Some("true"));

        let mut input = sign_up_input("not-an-address");
        input["password"] = "short".into();
        input["conduct"] = false.into();
        let answer = stage.api().language(language).tried("signUp", input, "").await;
        assert_eq!(answer.refusals(), ["email=INVALID", "password=INVALID", "conduct=REQUIRED"]);
        assert_eq!(answer.user_errors()[2].message(), required, "the same sentence at both faces");
    }
});

story!(common_passwords_are_refused, async |stage| {
    for password in ["password", "12345678", "qwertyuiop", "hana@inbox.example", "Hana2026"] {
        let mut input = sign_up_input(MAIL);
        input["password"] = password.into();
        assert_eq!(stage.api().tried("signUp", input, "").await.refusals(), ["password=INVALID"], "{password}");
    }
});

story!(a_known_address_is_told_by_mail_alone, async |stage| {
    let hana = stage.person("Hana").await;
    let page = sign_up_form(&stage.browser(), &hana.email.to_uppercase()).await.ok().at("/check-mail");
    let unknown = sign_up_form(&stage.browser(), MAIL).await.ok();
    assert_eq!(page.text(), unknown.text(), "the page does not tell");
    assert_eq!(stage.mail_to(&hana.email).await.subject, "You have an account already");

    // A forgotten password of an unknown address: the same answer, no mail.
    let page = stage.browser().get("/forgot").await.form("/forgot").set("email", "nobody@inbox.example").send().await;
    assert_eq!(page.path, "/check-mail");
    assert_eq!(stage.count_mails_to("nobody@inbox.example").await, 0);
});

story!(a_confirmation_runs_out_after_a_day, async |stage| {
    sign_up_form(&stage.browser(), MAIL).await.ok();
    let link = stage.link_to(MAIL, "/confirm/").await;
    stage.advance(Duration::hours(24));
    stage.browser().get(&link).await.is(422).says("run out");
    stage.browser().post::<&str, &str>(&link, &[]).await.is(422).says("run out");
    sign_up_form(&stage.browser(), MAIL).await.ok();
    assert_ne!(stage.link_to(MAIL, "/confirm/").await, link, "a new link");
});

story!(signing_in_and_out, async |stage| {
    let hana = stage.person("Hana").await;
    let browser = stage.browser();
    let wrong = sign_in(&browser, &hana.email, "not-the-password").await.is(422);
    assert_eq!(wrong.problems(), ["password"]);
    assert_eq!(wrong.value("email").as_deref(), Some(hana.email.as_str()));
    let unknown = sign_in(&browser, "nobody@inbox.example", "not-the-password").await.is(422);
    assert_eq!(unknown.problem("password"), wrong.problem("password"), "nobody learns which addresses are known");

    // Sent away from a page, one comes back to it.
    let page = browser.get("/account").await.ok();
    assert_eq!(page.path, "/sign-in?next=%2Faccount");
    let page = page.form("/sign-in").set("email", hana.email.to_uppercase()).set("password", PASSWORD).send().await;
    assert_eq!(page.path, "/account");
    let cookie = browser.cookies();

    let page = browser.get("/account").await.form("/sign-out").send().await.ok();
    assert_eq!((page.path.as_str(), page.notice().as_str()), ("/", "You are signed out."));
    browser.get("/account").await.at("/sign-in?next=%2Faccount");
    // The cookie is worth nothing any more, even if somebody kept it.
    let thief = stage.browser();
    thief.keep(&cookie);
    thief.get("/account").await.at("/sign-in?next=%2Faccount");
    assert_eq!(stage.api().cookie(&cookie).ask("{ viewer { name } }").await["viewer"], json!(null));
});

story!(signing_in_to_the_api, async |stage| {
    let hana = stage.creator("Hana").await;
    let input = |password: &str| json!({ "email": hana.email, "password": password, "actor": "creator" });
    let answer = stage.api().tried("signIn", input("wrong"), "token").await;
    assert_eq!(answer.refusals(), ["password=WRONG"]);
    let payload = stage.api().did("signIn", input(PASSWORD), "token").await;
    let api = stage.api().bearer(payload["token"].as_str().expect("a token"));
    assert_eq!(
        api.ask("{ actor { kind } viewer { name } }").await,
        json!({ "actor": { "kind": "CREATOR" }, "viewer": { "name": "Hana" } })
    );
    // Twelve hours, not more.
    stage.advance(Duration::hours(12));
    assert_eq!(api.call("{ viewer { name } }", json!({})).await.code(), "UNAUTHENTICATED");

    let mut as_admin = input(PASSWORD);
    as_admin["actor"] = "admin".into();
    assert_eq!(stage.api().tried("signIn", as_admin, "token").await.refusals(), ["actor=NOT_FOUND"]);
});

story!(guessing_passwords_is_slowed, async |stage| {
    let hana = stage.person("Hana").await;
    let browser = stage.browser();
    for _ in 0..10 {
        sign_in(&browser, &hana.email, "wrong-guess-1").await.is(422);
    }
    let page = sign_in(&browser, &hana.email, PASSWORD).await.is(429);
    assert!(page.header("retry-after").parse::<u64>().is_ok_and(|s| (1..=900).contains(&s)), "{:?}", page.headers);
    // Nobody is locked out for good.
    stage.advance(Duration::seconds(120));
    sign_in(&browser, &hana.email, PASSWORD).await.ok();
    // In the API, neither aliases nor batches try several at once.
    let two = "mutation { a: signIn(input: {email: \"a@b.example\", password: \"x\"}) { token } b: signIn(input: {email: \"a@b.example\", password: \"y\"}) { token } }";
    let answer = stage.api().call(two, json!({})).await;
    assert!(answer.status.is_client_error(), "{:?}", answer.body);
});

story!(sessions_are_listed_and_ended, async |stage| {
    let hana = stage.person("Hana").await;
    let [phone, desk] = [stage.browser(), stage.browser()];
    for browser in [&phone, &desk] {
        sign_in(browser, &hana.email, PASSWORD).await.ok();
    }
    let page = hana.browser.get("/account").await.ok();
    let ends: Vec<_> = page.html.match_indices("/end\"").collect();
    assert_eq!(ends.len(), 2, "the one in use has no button");

    // The API sees the same, and ends one.
    let api = hana.session_api();
    let sessions = api.ask("{ viewer { sessions { id current userAgent } } }").await["viewer"]["sessions"].clone();
    let sessions = sessions.as_array().expect("sessions").clone();
    assert_eq!(sessions.len(), 3);
    let other = sessions.iter().find(|s| s["current"] == false).expect("another")["id"].clone();
    api.did("sessionEnd", json!({ "id": other }), "").await;
    assert_eq!(api.tried("sessionEnd", json!({ "id": other }), "").await.refusals(), ["=NOT_FOUND"]);

    let page = hana.browser.get("/account").await.form("/account/sessions/end-others").send().await.ok();
    assert!(page.notice().contains("Signed out in 1 browser"), "{}", page.notice());
    for browser in [&phone, &desk] {
        browser.get("/account").await.at("/sign-in?next=%2Faccount");
    }

    // Nobody ends another's.
    let kenji = stage.creator("Kenji").await;
    let mine = api.ask("{ viewer { sessions { id } } }").await["viewer"]["sessions"][0]["id"].clone();
    let mine = mine.as_str().expect("an id");
    kenji.browser.post::<&str, &str>(&format!("/account/sessions/{mine}/end"), &[]).await.is(404);
    hana.browser.get("/account").await.ok();
});

story!(sessions_end_by_themselves, async |stage| {
    let [idle, busy] = [stage.person("Idle").await, stage.person("Busy").await];
    for _ in 0..8 {
        stage.advance(Duration::days(10));
        busy.browser.get("/account").await.at("/account");
    }
    idle.browser.get("/account").await.at("/sign-in?next=%2Faccount");
    stage.advance(Duration::days(10));
    busy.browser.get("/account").await.at("/sign-in?next=%2Faccount");
    stage.routine().await;
});

story!(a_forgotten_password, async |stage| {
    let hana = stage.person("Hana").await;
    let browser = stage.browser();
    browser.get("/forgot").await.ok().form("/forgot").set("email", &hana.email).send().await.at("/check-mail");
    let link = stage.link_to(&hana.email, "/reset/").await;
    let page = browser.get(&link).await.ok().form(&link).set("password", "short").send().await.is(422);
    assert_eq!(page.problems(), ["password"]);
    let page = page.form(&link).set("password", "quiet-harbor-sunrise-7").send().await.ok().at("/sign-in");
    assert!(page.notice().contains("changed"), "{}", page.notice());
    hana.browser.get("/account").await.at("/sign-in?next=%2Faccount");
    sign_in(&browser, &hana.email, PASSWORD).await.is(422);
    sign_in(&browser, &hana.email, "quiet-harbor-sunrise-7").await.ok();
    let over = browser.get(&link).await.is(422).says("used already");
    over.follow("Ask for a new link").await.at("/forgot");
    assert_eq!(stage.mail_to(&hana.email).await.subject, "Your password was changed");

    // In the API; and a link runs out after an hour.
    stage.api().did("passwordResetRequest", json!({ "email": hana.email }), "").await;
    let token = stage.token_to(&hana.email, "/reset/").await;
    let input = json!({ "token": token, "password": PASSWORD });
    stage.api().did("passwordReset", input.clone(), "").await;
    assert_eq!(stage.api().tried("passwordReset", input, "").await.refusals(), ["=ALREADY_DONE"]);
    stage.api().did("passwordResetRequest", json!({ "email": hana.email }), "").await;
    let token = stage.token_to(&hana.email, "/reset/").await;
    stage.advance(Duration::minutes(60));
    let late = stage.api().tried("passwordReset", json!({ "token": token, "password": PASSWORD }), "").await;
    assert_eq!(late.refusals(), ["=EXPIRED"]);
});

story!(changing_the_password, async |stage| {
    let hana = stage.person("Hana").await;
    let phone = stage.browser();
    sign_in(&phone, &hana.email, PASSWORD).await.ok();
    let form = hana.browser.get("/account").await.form("/account/password");
    let page = form.set("current_password", "not-this-one").set("password", "quiet-harbor-sunrise-7").send().await.is(422);
    assert_eq!(page.problems(), ["current_password"]);
    let form = page.form("/account/password");
    form.set("current_password", PASSWORD).set("password", "quiet-harbor-sunrise-7").send().await.ok().at("/account");
    phone.get("/account").await.at("/sign-in?next=%2Faccount");
    hana.browser.get("/account").await.at("/account");
    assert_eq!(stage.mail_to(&hana.email).await.subject, "Your password was changed");

    let back = json!({ "currentPassword": "quiet-harbor-sunrise-7", "password": PASSWORD });
    hana.session_api().did("passwordChange", back, "").await;
    sign_in(&phone, &hana.email, PASSWORD).await.ok();
    stage.work().await;
});

story!(a_new_password_ends_all_that_the_old_one_opened, async |stage| {
    let hana = stage.person("Hana").await;
    // Somebody who has learnt the password makes a token and asks for another address.
    let thief = hana.session_api();
    let input = json!({ "name": "mine", "actor": "person", "scopes": ["read", "write"], "days": 365, "currentPassword": PASSWORD });
    let token = thief.did("apiTokenCreate", input, "token").await["token"].as_str().expect("a token").to_owned();
    viewer_name(stage, &token).await;
    // A token is no signed-in browser: it cannot change how one signs in.
    let change = json!({ "currentPassword": PASSWORD, "password": "quiet-harbor-sunrise-7" });
    assert_eq!(stage.api().bearer(&token).tried("passwordChange", change, "").await.code(), "FORBIDDEN");
    thief.did("emailChange", json!({ "email": "thief@inbox.example", "currentPassword": PASSWORD }), "").await;
    let link = stage.link_to("thief@inbox.example", "/confirm-email/").await;

    // The owner is told, and does what the letter says.
    assert!(stage.mail_to(&hana.email).await.subject.contains("asked for"));
    stage.api().did("passwordResetRequest", json!({ "email": hana.email }), "").await;
    let reset = json!({ "token": stage.token_to(&hana.email, "/reset/").await, "password": "quiet-harbor-sunrise-7" });
    stage.api().did("passwordReset", reset, "").await;
    let answer = stage.api().bearer(&token).call("{ viewer { name } }", json!({})).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    stage.browser().get(&link).await.is(404);
    sign_in(&stage.browser(), &hana.email, "quiet-harbor-sunrise-7").await.ok();
    stage.work().await;
});

story!(pages_of_other_sites_change_nothing, async |stage| {
    let hana = stage.person("Hana").await;
    // Browsers send such credentials by themselves: behind a proxy that asks for them every request has the header.
    for credentials in [None, Some("Basic eDp5"), Some("Bearer nonsense")] {
        let mut request = hana.browser.request(reqwest::Method::POST, "/account").form(&[("name", "Eve")]);
        request = request.header("Origin", "https://evil.example").header("Sec-Fetch-Site", "cross-site");
        if let Some(credentials) = credentials {
            request = request.header("Authorization", credentials);
        }
        assert_eq!(request.send().await.expect("an answer").status(), 403, "{credentials:?}");
    }
    assert_eq!(hana.browser.get("/account").await.ok().value("name").as_deref(), Some("Hana"));
});

/// Others guess from elsewhere; the proxy says who is who.
fn others_guess(kind: Kind) {
    let settings = |config: &mut server::config::Config| config.trusted_proxies = vec![[127, 0, 0, 1].into()];
    tell_with(kind, settings, async |stage| {
        let hana = stage.person("Hana").await;
        let tried = async |from: &str, password: &str| {
            let request =
                stage.browser().request(reqwest::Method::POST, "/sign-in").form(&[("email", &*hana.email), ("password", password)]);
            let request = request.header("Origin", &stage.url).header("Sec-Fetch-Site", "same-origin").header("X-Forwarded-For", from);
            request.send().await.expect("an answer").status().as_u16()
        };
        for _ in 0..10 {
            assert_eq!(tried("2001:db8:1:2::1", "wrong-guess-1").await, 422);
        }
        assert_eq!(tried("2001:db8:1:2:ffff::9", PASSWORD).await, 429, "a whole /64 is one place");
        assert_eq!(tried("198.51.100.7", PASSWORD).await, 303, "the owner comes in from elsewhere");
        // Signed in there, wrong guesses in her name count for nothing.
        hana.session_api().did("passwordChange", json!({ "currentPassword": PASSWORD, "password": "quiet-harbor-sunrise-7" }), "").await;
        stage.work().await;
    });
}

#[test]
fn others_guesses_shut_nobody_out_on_sqlite() {
    others_guess(Kind::Sqlite);
}

#[test]
fn others_guesses_shut_nobody_out_on_postgres() {
    others_guess(Kind::Postgres);
}

story!(changing_the_mail_address, async |stage| {
    let hana = stage.person("Hana").await;
    // The password was given just now, so it is not asked for; a quarter of an hour later it is.
    stage.advance(Duration::minutes(16));
    let page = hana.browser.get("/account").await;
    let form = page.form("/account/email").set("email", MAIL);
    let page = form.set("current_password", "").send().await.is(422);
    assert_eq!(page.problems(), ["current_password"]);
    assert_eq!(page.value("email").as_deref(), Some(MAIL));
    let form = page.form("/account/email").set("current_password", PASSWORD);
    let page = form.send().await.ok().at("/account");
    assert!(page.notice().contains("new mailbox"), "{}", page.notice());
    assert!(stage.mail_to(&hana.email).await.subject.contains("asked for"), "the old address hears of it first");

    let link = stage.link_to(MAIL, "/confirm-email/").await;
    sign_in(&stage.browser(), &hana.email, PASSWORD).await.ok();
    hana.browser.get(&link).await.ok().says(MAIL).form(&link).send().await.ok();
    sign_in(&stage.browser(), MAIL, PASSWORD).await.ok();
    sign_in(&stage.browser(), &hana.email, PASSWORD).await.is(422);
    assert_eq!(stage.mail_to(&hana.email).await.subject, "Your mail address was changed");

    // Somebody else's address: the same answer, no link.
    let kenji = stage.person("Kenji").await;
    let api = hana.session_api();
    api.did("emailChange", json!({ "email": kenji.email }), "").await;
    assert_eq!(stage.count_mails_to(&kenji.email).await, 0);
    api.did("emailChange", json!({ "email": "third@inbox.example" }), "").await;
    let token = stage.token_to("third@inbox.example", "/confirm-email/").await;
    stage.api().tried_as("emailChangeConfirm", "LinkTokenInput", json!({ "token": token }), "").await.ok();
    sign_in(&stage.browser(), "third@inbox.example", PASSWORD).await.ok();
    stage.work().await;
});

story!(settings_of_a_person, async |stage| {
    let hana = stage.person("Hana").await;
    let form = hana.browser.get("/account").await.form("/account");
    assert_eq!((form.value("name"), form.value("locale"), form.value("time_zone")), (Some("Hana"), Some("en"), Some("UTC")));
    let page = form.set("name", "華").set("locale", "ja").set("time_zone", "Asia/Tokyo").send().await.ok();
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("ja"));
    assert_eq!(page.notice(), "保存しました。");
    let page = page.form("/account").force("time_zone", "Mars/Base").set("name", "").send().await.is(422);
    assert_eq!(page.problems(), ["name", "time_zone"]);

    let payload = hana.api.did("viewerEdit", json!({ "locale": "EN", "chatMail": true }), "viewer { name locale chatMail }").await;
    assert_eq!(payload["viewer"], json!({ "name": "華", "locale": "EN", "chatMail": true }));
});

story!(the_language_of_a_visitor, async |stage| {
    let browser = stage.browser();
    let page = browser.get("/creators").await.ok();
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
    let page = page.form("/language").force("lang", "ja").send().await.ok().at("/creators");
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("ja"));
    // Never to another site (B29).
    let page = page.form("/language").force("lang", "en").force("next", "//evil.example/").send().await.ok();
    assert_eq!(page.path, "/");
});

story!(tokens_for_programs, async |stage| {
    let hana = stage.creator("Hana").await;
    let form = hana.browser.get("/account").await.form("/account/tokens");
    let page = form.set("token_name", "").set("days", "400").send().await.is(422);
    assert_eq!(page.problems(), ["token_name", "days"]);
    let form = page.form("/account/tokens").set("token_name", "Reports").set("days", "30").set("actor", "creator");
    let page = form.also("scopes", "read").send().await.ok();
    let token = page.one("code.secret");
    assert!(token.starts_with("hbk_"), "{token}");
    let api = stage.api().bearer(&token);
    assert_eq!(api.ask("{ viewer { name } }").await["viewer"]["name"], "Hana");
    // Read only.
    assert_eq!(api.tried("viewerEdit", json!({ "name": "X" }), "").await.code(), "FORBIDDEN");
    // Shown once.
    hana.browser.get("/account").await.ok().silent_about(&token);

    let tokens = hana.session_api().ask("{ viewer { apiTokens { id name revokedAt } } }").await;
    let id = tokens["viewer"]["apiTokens"].as_array().and_then(|t| t.iter().find(|t| t["name"] == "Reports")).expect("it")["id"].clone();
    let id = id.as_str().expect("an id");
    // Nobody revokes another's.
    let kenji = stage.creator("Kenji").await;
    kenji.browser.post::<&str, &str>(&format!("/account/tokens/{id}/revoke"), &[]).await.is(404);
    assert_eq!(kenji.session_api().tried("apiTokenRevoke", json!({ "id": id }), "").await.refusals(), ["=NOT_FOUND"]);
    api.ask("{ viewer { name } }").await;
    hana.browser.get("/account").await.form(&format!("/account/tokens/{id}/revoke")).send().await.ok();
    assert_eq!(api.call("{ viewer { name } }", json!({})).await.code(), "UNAUTHENTICATED");

    let input = json!({ "name": "CI", "actor": "person", "scopes": ["write"], "days": 1 });
    let payload = hana.session_api().did("apiTokenCreate", input, "token apiToken { scopes }").await;
    assert_eq!(payload["apiToken"]["scopes"], json!(["read", "write"]));
    let api = stage.api().bearer(payload["token"].as_str().expect("a token"));
    stage.advance(Duration::days(1));
    assert_eq!(api.call("{ viewer { name } }", json!({})).await.code(), "UNAUTHENTICATED");
});
