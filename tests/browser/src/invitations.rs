//! The main job, as people see it: a brand at its desk, a creator on a phone, a mail that went over SMTP, and a talk that is live.

use hibiki_tests::{peers::smtp, people::PASSWORD};
use serde_json::Value;

use crate::Chromium;

#[test]
fn from_the_mail_to_the_talk() {
    let Some(peer) = smtp(&[]) else { return };
    let address = peer.address.clone();
    let settings = |config: &mut server::config::Config| config.mail.transport = address;
    Chromium::tell_with(["en", "ja"], settings, async |stage, [desk, phone]| {
        let tea = stage.brand("Tea").await;
        let campaign = stage.campaign(&tea, "First flush").await;

        // The brand writes to somebody whom it knows by address only.
        desk.sign_in(&tea.browser.cookies()).await;
        desk.open(&tea.path(&format!("campaigns/{campaign}/invite"))).await;
        desk.type_in("people", "青井 葵, aoi@inbox.example").await;
        desk.retype("subject", "新茶をご紹介いただけませんか").await;
        desk.retype("message", "{name}様、台所のお写真をいつも拝見しています。").await;
        desk.click("[name=locale] option[value=ja]").await;
        desk.click("button[value=preview]").await;
        desk.find("pre.letter").await;
        desk.look("invite").await;
        desk.click("button[value=send]").await;
        desk.says("青井 葵").await;
        desk.look("invited").await;
        stage.work().await;

        // The mail arrives; its one button leads to the teaser.
        let mail: Value = serde_json::from_str(&peer.line()).expect("a mail");
        assert_eq!(mail["to"][0], "aoi@inbox.example");
        assert_eq!(mail["subject"], "新茶をご紹介いただけませんか");
        phone.show(mail["html"].as_str().expect("HTML")).await;
        phone.look("mail").await;
        let button = phone.find("a[href*='/i/']").await;
        let link = button.attr("href").await.expect("read").expect("an address");
        phone.open(&link).await;
        phone.arrives("/invitation").await;
        phone.says("ご自宅で新茶を紹介してください。").await;
        phone.look("teaser").await;
        phone.click(".act a").await;
        phone.retype("name", "青井 葵").await;
        phone.type_in("password", "short").await;
        phone.click("[name=conduct]").await;
        phone.click("main form button.button-accent").await;
        phone.find("#f-password-problem").await;
        phone.look("join-refused").await;
        phone.type_in("password", PASSWORD).await;
        phone.click("main form button.button-accent").await;
        phone.arrives("/c/jobs/par_").await;
        phone.says("秘密の目的").await;
        phone.look("job").await;

        // They talk, and neither loads the page again.
        phone.click("main a[href^='/c/inbox/']").await;
        phone.arrives("/c/inbox/thr_").await;
        let thread = phone.path().await.trim_start_matches("/c/inbox/").to_owned();
        desk.open(&tea.path(&format!("inbox/{thread}"))).await;
        for (from, to, words) in
            [(phone, desk, "はじめまして、よろしくお願いします！"), (desk, phone, "Welcome, Aoi!"), (phone, desk, "楽しみです。")]
        {
            for side in [from, to] {
                side.find("[data-chat-state]:not([hidden])").await;
            }
            from.type_in("body", words).await;
            from.click(".composer button[type=submit], .composer button:not([type])").await;
            to.says(words).await;
            from.says(words).await;
        }
        phone.look("chat").await;
        desk.look("chat").await;
        stage.work().await;
    });
}
