//! The main job, as people see it: a brand at its desk, a creator on a phone, a mail that went over SMTP, and a talk that is live.

use entity::{enums::Locale, user};
use hibiki_tests::{peers::smtp, people::PASSWORD};
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::Value;

use crate::Chromium;

/// What the brand types, and what of its brief is read.
struct Words {
    name: &'static str,
    subject: &'static str,
    message: &'static str,
    summary: &'static str,
    objective: &'static str,
}

const ENGLISH: Words = Words {
    name: "Aoi Aoi",
    subject: "Would you show our new tea?",
    message: "Dear {name}, we have long loved the pictures of your kitchen.",
    summary: "Show our tea at home.",
    objective: "Secret objective",
};

const JAPANESE: Words = Words {
    name: "青井 葵",
    subject: "新茶をご紹介いただけませんか",
    message: "{name}様、台所のお写真をいつも拝見しています。",
    summary: "ご自宅で新茶を紹介してください。",
    objective: "秘密の目的",
};

fn from_the_mail_to_the_talk(brand: Locale, creator: Locale, words: &Words) {
    let Some(peer) = smtp(&[]) else { return };
    let address = peer.address.clone();
    let settings = |config: &mut server::config::Config| config.mail.transport = address;
    Chromium::tell_with([brand.as_str(), creator.as_str()], settings, async |stage, [desk, phone]| {
        let tea = stage.brand("Tea").await;
        user::Entity::update_many().col_expr(user::Column::Locale, Expr::value(brand)).exec(stage.app.db()).await.expect("people");
        let campaign = stage.campaign(&tea, "First flush").await;

        // The brand writes to somebody whom it knows by address only.
        desk.sign_in(&tea.browser.cookies()).await;
        desk.open(&tea.path(&format!("campaigns/{campaign}/invite"))).await;
        desk.type_in("people", &format!("{}, aoi@inbox.example", words.name)).await;
        desk.retype("subject", words.subject).await;
        desk.retype("message", words.message).await;
        desk.click(&format!("[name=locale] option[value={}]", creator.as_str())).await;
        desk.click("button[value=preview]").await;
        desk.find("pre.letter").await;
        desk.look("brand-invite").await;
        desk.click("button[value=send]").await;
        desk.click("#confirm [value=yes]").await;
        desk.says(words.name).await;
        desk.look("brand-invited").await;
        stage.work().await;

        // The mail arrives; its one button leads to the teaser.
        let mail: Value = serde_json::from_str(&peer.line()).expect("a mail");
        assert_eq!(mail["to"][0], "aoi@inbox.example");
        assert_eq!(mail["subject"], words.subject);
        phone.show(mail["html"].as_str().expect("HTML")).await;
        phone.look("creator-mail").await;
        let button = phone.find("a[href*='/i/']").await;
        let link = button.attr("href").await.expect("read").expect("an address");
        phone.open(&link).await;
        phone.arrives("/invitation").await;
        phone.says(words.summary).await;
        phone.look("creator-teaser").await;
        phone.click(".act a").await;
        phone.retype("name", words.name).await;
        phone.type_in("password", "short").await;
        phone.click("[name=conduct]").await;
        phone.click("main form button.button-accent").await;
        phone.find("#f-password-problem").await;
        phone.look("creator-join-refused").await;
        phone.type_in("password", PASSWORD).await;
        phone.click("main form button.button-accent").await;
        phone.arrives("/c/jobs/par_").await;
        phone.says(words.objective).await;
        phone.look("creator-job").await;

        // They talk, and neither loads the page again.
        phone.click("main a[href^='/c/inbox/']").await;
        phone.arrives("/c/inbox/thr_").await;
        let thread = phone.path().await.trim_start_matches("/c/inbox/").to_owned();
        desk.open(&tea.path(&format!("inbox/{thread}"))).await;
        for (from, to, said) in
            [(phone, desk, "はじめまして、よろしくお願いします！"), (desk, phone, "Welcome, Aoi!"), (phone, desk, "楽しみです。")]
        {
            for side in [from, to] {
                side.find("[data-chat-state]:not([hidden])").await;
            }
            from.type_in("body", said).await;
            from.click(".composer button[type=submit], .composer button:not([type])").await;
            to.says(said).await;
            from.says(said).await;
        }
        phone.look("creator-chat").await;
        desk.look("brand-chat").await;
        stage.work().await;
    });
}

#[test]
fn from_the_mail_to_the_talk_in_japanese() {
    from_the_mail_to_the_talk(Locale::En, Locale::Ja, &JAPANESE);
}

#[test]
fn from_the_mail_to_the_talk_in_english() {
    from_the_mail_to_the_talk(Locale::Ja, Locale::En, &ENGLISH);
}
