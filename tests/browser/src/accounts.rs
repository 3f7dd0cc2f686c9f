//! A person signs up on a phone, and makes the account safer.

use entity::enums::Locale;
use hibiki_tests::people::PASSWORD;
use serde_json::json;
use server::{base::lang::Lang, config::Config};

use crate::Chromium;

fn signing_up(locale: Locale, title: &str) {
    Chromium::tell(locale.as_str(), async |stage, chromium| {
        chromium.open("/sign-up?as=creator").await;
        assert!(chromium.text().await.contains(title));
        chromium.look("newcomer-sign-up").await;

        // What is wrong stands beside the fields, and the summary leads there.
        chromium.type_in("name", "花").await;
        chromium.type_in("email", "hana@inbox.example").await;
        chromium.type_in("password", "password").await;
        chromium.click("[name=conduct]").await;
        chromium.click("main form button[type=submit]").await;
        chromium.find("#f-password-problem").await;
        chromium.look("newcomer-sign-up-refused").await;

        chromium.type_in("password", PASSWORD).await;
        chromium.click("main form button[type=submit]").await;
        chromium.arrives("/check-mail").await;
        chromium.look("newcomer-check-mail").await;

        let link = stage.link_to("hana@inbox.example", "/confirm/").await;
        chromium.open(&link).await;
        chromium.look("newcomer-confirm").await;
        chromium.click("main form button").await;
        chromium.arrives("/c/welcome").await;
        chromium.look("newcomer-welcome").await;
        chromium.open("/account").await;
        chromium.look("newcomer-account").await;
    });
}

#[test]
fn signing_up_in_japanese() {
    signing_up(Locale::Ja, "クリエイターとして登録");
}

#[test]
fn signing_up_in_english() {
    signing_up(Locale::En, "Sign up as a creator");
}

/// A device that has passkeys, as browsers emulate one for tests.
async fn with_passkeys(chromium: &Chromium) {
    chromium.command("WebAuthn.enable", json!({})).await;
    let device = json!({ "options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true, "isUserVerified": true,
        "automaticPresenceSimulation": true,
    } });
    chromium.command("WebAuthn.addVirtualAuthenticator", device).await;
}

fn a_passkey_signs_in(locale: Locale) {
    // Browsers make passkeys for names only.
    let named = |config: &mut Config| config.public_url.set_host(Some("localhost")).expect("a host");
    Chromium::tell_with([locale.as_str()], named, async |stage, [chromium]| {
        let says = async |key: &str| chromium.says(locale.t(key).as_str()).await;
        let mei = stage.person_in("Mei", locale).await;
        with_passkeys(chromium).await;
        let sign_in = async |next: &str| {
            chromium.open(&format!("/sign-in?next={next}")).await;
            chromium.type_in("email", &mei.email).await;
            chromium.type_in("password", PASSWORD).await;
            chromium.click("main form button[type=submit]").await;
        };
        sign_in("/account/security").await;
        chromium.arrives("/account/security").await;
        chromium.look("person-security").await;
        chromium.type_in("passkey_name", "My phone").await;
        chromium.click("form[data-passkey=create] button").await;
        says("accounts.second.fresh").await;
        chromium.look("person-security-codes").await;

        chromium.run("document.querySelector('form[action=\"/sign-out\"]').submit()").await;
        chromium.arrives("/").await;
        sign_in("/account").await;
        chromium.arrives("/sign-in/second").await;
        chromium.look("person-sign-in-second").await;
        chromium.click("form[data-passkey=get] button").await;
        chromium.arrives("/account").await;

        // A device that does not know the person is refused in words.
        chromium.run("document.querySelector('form[action=\"/sign-out\"]').submit()").await;
        chromium.arrives("/").await;
        chromium.command("WebAuthn.disable", json!({})).await;
        with_passkeys(chromium).await;
        sign_in("/account").await;
        chromium.arrives("/sign-in/second").await;
        chromium.click("form[data-passkey=get] button").await;
        says("accounts.second.passkey_failed").await;

        // And an authenticator app: its code is on the page as a picture.
        chromium.sign_in(&stage.again(&stage.person_in("Bo", locale).await).await.cookies()).await;
        chromium.open("/account/security").await;
        chromium.click("form[action=\"/account/security/totp\"] button").await;
        says("accounts.second.scan_text").await;
        chromium.look("person-security-app").await;
        stage.work().await;
    });
}

#[test]
fn a_passkey_signs_in_in_japanese() {
    a_passkey_signs_in(Locale::Ja);
}

#[test]
fn a_passkey_signs_in_in_english() {
    a_passkey_signs_in(Locale::En);
}
