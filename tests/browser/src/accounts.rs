//! A person signs up on a phone, in Japanese.

use hibiki_tests::people::PASSWORD;

use crate::Chromium;

#[test]
fn signing_up_in_japanese() {
    Chromium::tell("ja", async |stage, chromium| {
        chromium.open("/sign-up?as=creator").await;
        assert!(chromium.text().await.contains("クリエイターとして登録"));
        chromium.look("sign-up").await;

        // What is wrong stands beside the fields, and the summary leads there.
        chromium.type_in("name", "花").await;
        chromium.type_in("email", "hana@inbox.example").await;
        chromium.type_in("password", "password").await;
        chromium.click("[name=conduct]").await;
        chromium.click("main form button[type=submit]").await;
        chromium.find("#f-password-problem").await;
        chromium.look("sign-up-refused").await;

        chromium.type_in("password", PASSWORD).await;
        chromium.click("main form button[type=submit]").await;
        chromium.arrives("/check-mail").await;
        chromium.look("check-mail").await;

        let link = stage.link_to("hana@inbox.example", "/confirm/").await;
        chromium.open(&link).await;
        chromium.look("confirm").await;
        chromium.click("main form button").await;
        chromium.arrives("/c/welcome").await;
        chromium.look("welcome").await;
        chromium.open("/account").await;
        chromium.look("account").await;
    });
}
