//! The API explorer (A29): it runs under the content security policy, from our own origin alone, and only where the settings ask for it.

use hibiki_tests::stage::until;
use serde_json::json;

use crate::{Chromium, chromium::WIDTHS};

#[test]
fn a_query_is_run_from_our_own_origin() {
    Chromium::tell_with(
        ["en"],
        |config| config.graphql.graphiql = true,
        async |stage, [chromium]| {
            let hana = stage.creator("Hana").await;
            chromium.sign_in(&hana.browser.cookies()).await;
            chromium.width(WIDTHS[1]).await;
            chromium.open("/graphiql").await;
            let run = "[aria-label^='Execute query']";
            // The session's cookie counts: the page is ours.
            chromium.find(run).await;
            chromium.click(run).await;
            until("the answer", async || {
                let shown = chromium.run("return document.querySelector('.result-window')?.innerText || ''").await;
                shown.as_str().is_some_and(|text| text.contains("\"Query\"")).then_some(())
            })
            .await;
            // It has read the schema, which strangers may not.
            chromium.click("[aria-label='Show Documentation Explorer']").await;
            chromium.says("Root Types").await;
            let elsewhere = chromium
                .run(
                    "return performance.getEntriesByType('resource').map(e => e.name) \
                 .filter(name => !name.startsWith('data:') && !name.startsWith('blob:') && new URL(name).origin !== location.origin)",
                )
                .await;
            assert_eq!(elsewhere, json!([]));
            assert_eq!(chromium.complaints().await, Vec::<String>::new());
        },
    );
}

#[test]
fn it_is_not_there_unless_asked_for() {
    Chromium::tell("en", async |stage, chromium| {
        chromium.sign_in(&stage.creator("Hana").await.browser.cookies()).await;
        chromium.open("/graphiql").await;
        let shown = chromium.run("return document.querySelector('#graphiql') === null").await;
        assert_eq!(shown, json!(true));
    });
}
