//! Creators: profile, picture, portfolio, completeness, price lines with undo, the badge; and how brands find them.

use entity::enums::{Format, Locale, Network};
use serde_json::json;

use crate::{Someone, api::PNG, story};

async fn completeness(who: &Someone) -> i64 {
    let found = who.api.ask("{ creatorProfile { completeness { percent } } }").await;
    found["creatorProfile"]["completeness"]["percent"].as_i64().unwrap_or(-1)
}

story!(a_profile_becomes_complete_in_the_portal, async |stage| {
    let hana = stage.creator_in("Hana", Locale::Ja).await;
    let before = completeness(&hana).await;
    let page = hana.browser.get("/c/profile").await.ok();
    let refused = page.form("/c/profile").set("display_name", "").set("intro_ja", "料理".repeat(2_000)).send().await.is(422);
    assert_eq!(refused.problems(), ["display_name", "intro_ja"]);
    assert_eq!(refused.value("intro_ja").map(|t| t.chars().count()), Some(4_000), "what was typed is kept");
    let form = page.form("/c/profile").set("display_name", "佐藤花").set("intro_ja", "旬の野菜の料理です。").set("main_category", "food");
    form.set("skills", "撮影、レシピ開発").set("country", "JP").set("prefecture", "kanagawa").set("kana", "サトウハナ").send().await.ok();
    assert!(completeness(&hana).await > before);
    let form = hana.browser.get("/c/profile").await.ok().form("/c/profile/portfolio");
    form.set("brand_name", "茶屋")
        .set("title", "新茶のリール")
        .set("url", "https://tea.example/reel")
        .send()
        .await
        .ok()
        .says("新茶のリール");

    // Brands read it; what is hers alone they do not.
    let tea = stage.brand("Tea").await;
    let page = tea.browser.get(&tea.path(&format!("creators/{}", hana.creator()))).await.ok();
    page.says("佐藤花")
        .says("旬の野菜の料理です。")
        .says("新茶のリール")
        .silent_about("サトウハナ")
        .silent_about("Kanagawa")
        .silent_about(&hana.email);
    let ask = "query ($id: ID!) { creator(id: $id) { kana prefecture skills introduction(locale: EN) } }";
    let seen = tea.api.call(ask, json!({ "id": hana.creator().to_string() })).await.ok()["creator"].clone();
    assert_eq!(seen, json!({ "kana": null, "prefecture": null, "skills": ["撮影", "レシピ開発"], "introduction": "旬の野菜の料理です。" }));
});

story!(what_is_deleted_comes_back, async |stage| {
    let hana = stage.creator("Hana").await;
    let page = hana.browser.get("/c/offerings").await.ok();
    let form = page.form("/c/offerings").set("work", "instagram.reel");
    let refused = form.set("price", "gratis").send().await.is(422);
    assert_eq!(refused.problems(), ["price"]);
    page.form("/c/offerings")
        .set("work", "instagram.reel")
        .set("price", "３０，０００")
        .set("currency", "JPY")
        .send()
        .await
        .ok()
        .says("30,000");
    let mine = "{ creatorProfile { offerings { id format price { formatted(locale: JA) } } } }";
    let line = hana.api.ask(mine).await["creatorProfile"]["offerings"][0].clone();
    assert_eq!((&line["format"], &line["price"]["formatted"]), (&json!("REEL"), &json!("30,000円")));
    let id = line["id"].as_str().expect("an id").to_owned();
    let gone = hana.browser.get(&format!("/c/offerings/{id}")).await.ok().form(&format!("/c/offerings/{id}/delete")).send().await.ok();
    assert_eq!(hana.api.ask(mine).await["creatorProfile"]["offerings"], json!([]));
    gone.form(&format!("/c/offerings/{id}/restore")).send().await.ok().says("30,000");

    let item = stage.portfolio_item(hana.creator(), "A film about tea").await;
    hana.api.did("portfolioItemDelete", json!({ "id": item.to_string() }), "portfolioItem { id }").await;
    hana.browser.get("/c/profile").await.ok().silent_about("A film about tea");
    hana.api.did("portfolioItemRestore", json!({ "id": item.to_string() }), "portfolioItem { id }").await;
    hana.browser.get("/c/profile").await.ok().says("A film about tea");
});

story!(a_picture_is_made_harmless, async |stage| {
    let hana = stage.creator("Hana").await;
    let (status, said) = hana.api.upload(PNG, "me.png").await;
    assert_eq!(status, 201, "{said}");
    let set = hana.api.did("creatorPictureSet", json!({ "uploadId": said["id"] }), "creator { pictureUrl }").await;
    let url = set["creator"]["pictureUrl"].as_str().expect("an address").to_owned();
    let path = url.trim_start_matches(&stage.url).to_owned();
    let shown = stage.browser().get_only(&path).await.ok();
    assert!(shown.header("content-type").starts_with("image/") && shown.header("x-content-type-options") == "nosniff");
    assert!(shown.header("content-security-policy").contains("default-src 'none'"), "{}", shown.header("content-security-policy"));
    for (bytes, name) in [(b"<svg onload=alert(1)>".to_vec(), "me.svg"), (b"GIF89a, not really".to_vec(), "me.gif"), (Vec::new(), "me.png")]
    {
        let (status, said) = hana.api.upload(&bytes, name).await;
        assert_eq!(status, 422, "{name}: {said}");
    }
    let removed = hana.api.ask("mutation { creatorPictureRemove { creator { pictureUrl } } }").await;
    assert!(removed["creatorPictureRemove"]["creator"]["pictureUrl"].is_null());
    stage.work().await;
});

story!(brands_find_creators, async |stage| {
    let (hana, ken, tea) = (stage.creator("Hana").await, stage.creator("Ken").await, stage.brand("Tea").await);
    let edit = json!({ "displayName": "Ｈａｎａ カフェ", "mainCategory": "FOOD", "country": "JP" });
    hana.api.did("creatorEdit", edit, "creator { id }").await;
    ken.api.did("creatorEdit", json!({ "mainCategory": "TRAVEL", "country": "FR" }), "creator { id }").await;
    stage.offering(hana.creator(), Network::Instagram, Format::Reel).await;
    // Full and half width, kana of both kinds and case are one.
    for text in ["hana", "ＨＡＮＡ", "ｶﾌｪ", "かふぇ"] {
        let page = tea.browser.get(&tea.path(&format!("discover?q={text}"))).await.ok();
        assert_eq!(page.all("main tbody a[href*='/creators/']"), ["Ｈａｎａ カフェ"], "{text}");
    }
    let ask = "query ($filter: CreatorFilter) { creators(filter: $filter) { nodes { displayName } pageInfo { hasNextPage } } }";
    for (filter, found) in [
        (json!({ "country": "FR" }), json!([{ "displayName": "Ken" }])),
        (json!({ "category": "FOOD", "registered": true }), json!([{ "displayName": "Ｈａｎａ カフェ" }])),
        (json!({ "followersMin": 1 }), json!([])),
    ] {
        assert_eq!(tea.api.call(ask, json!({ "filter": filter })).await.ok()["creators"]["nodes"], found, "{filter}");
    }
    // The badge is an admin's to give, and to take.
    let admin = stage.admin().await;
    let id = json!({ "id": ken.creator().to_string() });
    admin.api.did("creatorVet", id.clone(), "creator { verified }").await;
    tea.browser.get(&tea.path(&format!("creators/{}", ken.creator()))).await.ok().says("Verified");
    admin.api.did("creatorUnvet", id, "creator { verified }").await;
    tea.browser.get(&tea.path(&format!("creators/{}", ken.creator()))).await.ok().silent_about("Verified");
});

/// A part of a PNG, with its checksum.
fn part(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [name, data].concat();
    let crc = !body.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    [&u32::try_from(data.len()).expect("short").to_be_bytes()[..], &body, &crc.to_be_bytes()].concat()
}

// What a camera or a program writes beside the picture, such as where it was taken, goes no further (B45).
story!(pictures_lose_what_stands_beside_them, async |stage| {
    let hana = stage.creator("Hana").await;
    // After the signature and the header come a comment and a note as cameras write it.
    let (head, rest) = PNG.split_at(33);
    let sent =
        [head, &part(b"tEXt", b"Comment\0SECRET-PLACE 35.68 139.69"), &part(b"eXIf", b"MM\0*\0\0\0\x08\0\0SECRET-CAMERA"), rest].concat();
    let (status, said) = hana.api.upload(&sent, "me.png").await;
    assert_eq!(status, 201, "{said}");
    let path = said["url"].as_str().expect("an address").trim_start_matches(&stage.url).to_owned();
    let answer = stage.browser().request(reqwest::Method::GET, &path).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-type"], said["contentType"].as_str().expect("a type"));
    let bytes = answer.bytes().await.expect("bytes");
    for word in [&b"SECRET"[..], b"Exif", b"eXIf", b"tEXt"] {
        assert!(!bytes.windows(word.len()).any(|part| part == word), "{:?}", String::from_utf8_lossy(word));
    }
    // Its name tells nothing and cannot be guessed.
    assert!(path.starts_with("/pictures/upl_") && path.len() > 40, "{path}");
});
