//! The frame around every page, where no demo banner stands above it, and steps within a page.

use serde_json::json;

use crate::Chromium;

#[test]
fn the_navigation_stands_beside_the_page() {
    Chromium::tell("en", async |stage, chromium| {
        let tea = stage.brand("Tea").await;
        chromium.sign_in(&tea.browser.cookies()).await;
        chromium.open(&tea.path("")).await;
        chromium.width(1280).await;
        let tops = "return ['.top', 'main'].map(part => Math.round(document.querySelector(part).getBoundingClientRect().top))";
        assert_eq!(chromium.run(tops).await, json!([0, 0]), "side by side at a desk");
        chromium.width(360).await;
        assert_eq!(chromium.run("return document.querySelector('main').getBoundingClientRect().top < 100").await, json!(true));
    });
}

#[test]
fn a_step_within_the_page_loses_nothing() {
    Chromium::tell("en", async |_, chromium| {
        chromium.open("/sign-up?as=creator").await;
        chromium.type_in("name", "Hana").await;
        chromium.run("window.same = true; document.querySelector('.skip').click()").await;
        chromium.run("history.back()").await;
        chromium.run("document.querySelector('.skip').click()").await;
        let kept = "return [window.same === true, document.querySelector('[name=name]').value, location.hash]";
        assert_eq!(chromium.run(kept).await, json!([true, "Hana", "#content"]));
    });
}

#[test]
fn what_is_wrong_says_in_which_field() {
    Chromium::tell("en", async |_, chromium| {
        chromium.open("/sign-up?as=creator").await;
        chromium.run("const form = document.querySelector('main form'); form.noValidate = true; form.requestSubmit()").await;
        chromium.holds("return Boolean(document.querySelector('[data-problems] a'))").await;
        let named = "return [...document.querySelectorAll('[data-problems] a')].every(link => /^(Name|Mail address|Password|I accept[^:]*data is used\\.): /.test(link.textContent))";
        assert_eq!(
            chromium.run(named).await,
            json!(true),
            "{}",
            chromium.run("return document.querySelector('[data-problems]').textContent").await
        );
        let zone = "return document.querySelector('[name=time_zone]').value === Intl.DateTimeFormat().resolvedOptions().timeZone";
        assert_eq!(chromium.run(zone).await, json!(true));
    });
}

#[test]
fn the_bell_is_quiet_once_its_page_was_seen() {
    Chromium::tell("en", async |stage, chromium| {
        let (acme, hana) = (stage.brand("Acme").await, stage.creator("Hana").await);
        let campaign = stage.campaign(&acme, "New tea").await;
        let (_, token) = stage.invitation(&acme, campaign, &hana).await;
        hana.api.did("invitationAccept", json!({ "invitation": { "token": token } }), "participation { id }").await;
        stage.work().await;
        chromium.sign_in(&acme.browser.cookies()).await;
        chromium.open(&acme.path("")).await;
        assert_eq!(chromium.run("return document.querySelector('.bell .count')?.textContent ?? ''").await, json!("1"));
        chromium.open(&acme.path("activity")).await;
        chromium.holds("return !document.querySelector('.bell .count')").await;
        assert_eq!(chromium.run("return document.querySelectorAll('.feed .badge').length").await, json!(1), "what was new is still marked");
    });
}
