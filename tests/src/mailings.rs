//! Writing to many: each in their language, and nobody's line is lost.

use serde_json::json;

use crate::story;

story!(each_reads_the_mailing_in_their_language, async |stage| {
    let acme = stage.brand("Acme").await;
    let campaign = stage.campaign(&acme, "New tea").await;
    let (hana, ken) = (stage.creator("Hana").await, stage.creator("Ken").await);
    hana.api.did("viewerEdit", json!({ "locale": "JA" }), "viewer { name }").await;
    ken.api.did("viewerEdit", json!({ "locale": "EN" }), "viewer { name }").await;
    let path = acme.path(&format!("campaigns/{campaign}/invite?creator={}&creator={}", hana.creator(), ken.creator()));
    let action = acme.path(&format!("campaigns/{campaign}/invite"));
    let page = acme.browser.get(&path).await.ok();

    // A greeting that nobody touched follows the language; what was written stays.
    let english = page.value("message").expect("a greeting");
    let page = page.form(&action).set("locale", "ja").force("do", "find").send().await.ok();
    assert_ne!(page.value("message").expect("a greeting"), english);
    assert!(page.value("message").expect("a greeting").contains("{name} 様"));
    let written = page.form(&action).set("locale", "en").set("message", "My own words, {name}.").force("do", "find").send().await.ok();
    assert_eq!(written.value("message").as_deref(), Some("My own words, {name}."));

    // Half of the other language is no mail.
    let half = written.form(&action).set("other_message", "{name} 様、お茶はいかがですか。").force("do", "send").send().await.is(422);
    assert_eq!(half.problems(), ["other_subject"]);
    let form = half.form(&action).set("subject", "Tea?").set("other_subject", "お茶のご案内").force("do", "preview");
    // The first in the list reads Japanese.
    form.send().await.ok().says("お茶のご案内").says("Hana 様、お茶はいかがですか。");
    half.form(&action).set("subject", "Tea?").set("other_subject", "お茶のご案内").force("do", "send").send().await.ok();
    let (to_hana, to_ken) = (stage.mail_to(&hana.email).await, stage.mail_to(&ken.email).await);
    assert_eq!((to_hana.subject.as_str(), to_ken.subject.as_str()), ("お茶のご案内", "Tea?"));
    assert!(to_hana.text.contains("Hana 様、お茶はいかがですか。") && to_ken.text.contains("My own words, Ken."), "{}", to_ken.text);

    // The same by the API; without a second text all get the one.
    let (nao, rin) = (stage.creator("Nao").await, stage.creator("Rin").await);
    nao.api.did("viewerEdit", json!({ "locale": "JA" }), "viewer { name }").await;
    let mut input = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "creatorId": nao.creator().to_string() }],
        "subject": "Tea?", "message": "One text.", "otherSubject": "お茶", "otherMessage": "別の文面", "locale": "EN", "answerBy": "2026-12-07",
    });
    acme.api.did("invitationSend", input.clone(), "batch { total }").await;
    assert_eq!(stage.mail_to(&nao.email).await.subject, "お茶");
    input["recipients"] = json!([{ "creatorId": rin.creator().to_string() }]);
    input["otherMessage"] = json!("");
    let refused = acme.api.tried("invitationSend", input.clone(), "batch { total }").await;
    assert_eq!(refused.refusals(), ["otherMessage=REQUIRED"]);
    (input["otherSubject"], input["otherMessage"]) = (json!(null), json!(null));
    acme.api.did("invitationSend", input, "batch { total }").await;
    assert_eq!(stage.mail_to(&rin.email).await.subject, "Tea?");
});

story!(lines_that_could_not_be_read_can_be_put_right, async |stage| {
    let acme = stage.brand("Acme").await;
    let campaign = stage.campaign(&acme, "New tea").await;
    let action = acme.path(&format!("campaigns/{campaign}/invite"));
    let form = acme.browser.get(&action).await.ok().form(&action);
    let people = "Aoi, aoi@inbox.example\nRen, ren@inbox\nnameless@inbox.example";
    let sent = form
        .set("people", people)
        .set("message", "Tea?")
        .set("answer_by", "2026-12-05")
        .force("do", "send")
        .send()
        .await
        .ok()
        .says("2 could not be invited");
    let again = sent.follow("Correct these lines").await.ok();
    assert_eq!(again.value("people").as_deref(), Some("Ren, ren@inbox nameless@inbox.example"));
    // What was written to the others is there again.
    assert_eq!((again.value("message").as_deref(), again.value("answer_by").as_deref()), (Some("Tea?"), Some("2026-12-05")));
    let mended = again.form(&action).set("people", "Ren, ren@inbox.example").set("message", "Tea?").force("do", "send").send().await.ok();
    mended.silent_about("could not be invited");
    stage.mail_to("ren@inbox.example").await;

    // A greeting is no reason, a place that nothing fills is a slip, and both are said beside their fields.
    let form = || async { acme.browser.get(&action).await.ok().form(&action).set("people", "Sora, sora@inbox.example") };
    let empty = form().await.force("do", "send").send().await.is(422);
    assert_eq!(empty.problems(), ["message"]);
    let slip = form().await.set("message", "Tea?").set("subject", "{nmae}, tea?").force("do", "preview").send().await.is(422);
    assert!(slip.problem("subject").is_some_and(|text| text.contains("{nmae}")));
    // The preview shows the first who can be invited, and how many would be.
    let people = "Aoi, aoi@inbox.example\nSora, sora@inbox.example";
    let seen = form().await.set("people", people).set("message", "Dear {name}, tea?").force("do", "preview").send().await.ok();
    seen.says("Dear Sora, tea?").says("Would be invited: 1").says("Aoi has been invited already");
    let crowd: String = (0..501).map(|n| format!("P{n}, p{n}@inbox.example\n")).collect();
    let many = form().await.set("people", crowd).set("message", "Tea?").force("do", "preview").send().await.is(422);
    assert_eq!(many.problems(), ["recipients"]);

    // Another organisation reads nothing of it.
    let bolt = stage.brand("Bolt").await;
    let batch = acme.browser.get(&acme.path(&format!("campaigns/{campaign}/creators"))).await.ok();
    assert_eq!(batch.all("tbody tr").len(), 2);
    bolt.browser.get(&format!("{}?again=bat_0", bolt.path(&format!("campaigns/{campaign}/invite")))).await.is(404);
});
