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
