//! Platform admins: people shut out and let in again, mail and work tried again, addresses written to again, settings without secrets.

use chrono::Duration;
use entity::{
    creator,
    enums::{InvitationState, LetterState, Locale, Network, ParticipationState, Role, SuppressionReason},
    invitation, job, letter, participation,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};
use serde_json::json;

use crate::{Stage, people::PASSWORD, story};

async fn signs_in(stage: &Stage, email: &str) -> bool {
    let page = stage.browser().get("/sign-in").await.ok().form("/sign-in").set("email", email).set("password", PASSWORD).send().await;
    page.status == 200
}

story!(somebody_is_shut_out_and_let_in_again, async |stage| {
    let (admin, hana, ken) = (stage.admin().await, stage.creator_in("Hana", Locale::Ja).await, stage.creator("Ken").await);
    stage.brand("Acme").await;
    let list = admin.browser.get("/admin/users?q=HANA").await.ok();
    assert_eq!(list.all("main tbody a"), ["Hana"], "found by any case");
    assert_eq!(admin.browser.get("/admin/users?kind=creator").await.ok().count("main tbody tr"), 2);
    assert_eq!(admin.browser.get("/admin/users?kind=admin&q=hana").await.ok().count("main tbody tr"), 0);

    let page = list.follow("Hana").await.ok().says("Creator").says("Signed-in browsers");
    let suspend = format!("{}/suspend", page.path);
    let refused = page.form(&suspend).send().await.is(422);
    assert_eq!(refused.problems(), ["reason"]);
    refused.form(&suspend).set("reason", "fraud").send().await.ok().says("can no longer sign in");
    assert!(stage.mail_to(&hana.email).await.text.contains("数値の偽装"), "told why, in her language");
    assert_eq!(hana.browser.get_only("/c").await.status, 303, "her session has ended");
    let said = hana.api.call("{ viewer { name } }", json!({})).await;
    assert_eq!(said.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{said:?}");
    assert!(!signs_in(stage, &hana.email).await);
    for (password, told) in [(PASSWORD, "suspended"), ("not-her-password", "not right")] {
        let form = stage.browser().get("/sign-in").await.ok().form("/sign-in");
        form.set("email", &*hana.email).set("password", password).send().await.is(422).says(told);
    }
    // She is found as such, and cannot be suspended twice.
    assert_eq!(admin.browser.get("/admin/users?status=suspended").await.ok().all("main tbody a"), ["Hana"]);
    let input = json!({ "id": hana.user.to_string(), "reason": "CONDUCT" });
    assert_eq!(admin.api.tried("userSuspend", input, "user { id }").await.refusals(), ["=WRONG_STATE"]);

    let restore = format!("/admin/users/{}/restore", hana.user);
    admin.browser.get(&page.path).await.ok().form(&restore).send().await.ok().says("can sign in again");
    assert!(signs_in(stage, &hana.email).await);
    hana.api.ask("{ viewer { name } }").await;

    // The same in the API; and nobody shuts themselves out.
    let input = json!({ "id": ken.user.to_string(), "reason": "SECURITY" });
    let done = admin.api.did("userSuspend", input, "user { status suspensionReason allowedActions }").await;
    assert_eq!(done["user"], json!({ "status": "SUSPENDED", "suspensionReason": "SECURITY", "allowedActions": ["RESTORE"] }));
    admin.api.did("userRestore", json!({ "id": ken.user.to_string() }), "user { status }").await;
    admin.api.did("userSignOut", json!({ "id": ken.user.to_string() }), "user { lastSeenAt }").await;
    assert_eq!(ken.browser.get_only("/c").await.status, 303);
    assert_eq!(ken.api.call("{ viewer { name } }", json!({})).await.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    let oneself = json!({ "id": admin.user.to_string(), "reason": "REQUEST" });
    assert_eq!(admin.api.tried("userSuspend", oneself, "user { id }").await.refusals(), ["=WRONG_STATE"]);
    let people = admin.api.ask("{ users(filter: { kind: MEMBER }) { nodes { name places { organisationName role } } } }").await;
    assert_eq!(people["users"]["nodes"][0]["places"], json!([{ "organisationName": "Acme", "role": "OWNER" }]));
    stage.work().await;
});

story!(mail_that_failed_is_tried_again, async |stage| {
    let (admin, acme, hana) = (stage.admin().await, stage.brand("Acme").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&acme, "New tea").await;
    let input = json!({
        "campaignId": campaign.to_string(), "recipients": [{ "creatorId": hana.creator().to_string() }], "subject": "Will you?",
        "message": "Dear {name}", "locale": "EN", "answerBy": stage.day(14),
    });
    acme.api.did("invitationSend", input, "batch { id }").await;
    // As if its mail server had said no for a day.
    let waiting = letter::Entity::find().one(stage.app.db()).await.expect("read").expect("a letter");
    let about = waiting.invitation_id.expect("an invitation");
    let mut row = waiting.into_active_model();
    (row.state, row.attempts, row.last_error) = (Set(LetterState::Failed), Set(12), Set("421 come back later".into()));
    let failed = row.update(stage.app.db()).await.expect("written");
    let bounced = invitation::ActiveModel { id: Set(about), state: Set(InvitationState::Bounced), ..Default::default() };
    bounced.update(stage.app.db()).await.expect("written");

    admin.browser.get("/admin").await.ok().says("could not be sent: 1");
    let page = admin.browser.get("/admin/mail?state=failed").await.ok().says("421 come back later").says(&hana.email);
    let file = admin.browser.get_only("/admin/mail.csv?state=failed&col=error").await.ok();
    assert!(file.html.contains(&format!("{},421 come back later", hana.email)), "{}", file.html);
    let one = admin.browser.get(&format!("/admin/mail/{}", failed.id)).await.ok().says("421 come back later");
    assert!(one.attribute("main dd a", "href").is_some_and(|href| href == format!("/admin/users/{}", hana.user)), "whose address it is");
    // What an admin looks at is written down, and named in the log.
    let log = admin.browser.get("/admin/audit?area=admin").await.ok().says("An admin looked at it").says(&hana.email);
    assert_eq!(log.count("tbody tr"), 1);
    admin.browser.get(&format!("/admin/users/{}", hana.user)).await.ok();
    admin.browser.get("/admin/audit?area=admin").await.ok().says("Hana");
    let back = page.form(&format!("/admin/mail/{}/retry", failed.id)).send().await.ok().says("in the queue again");
    assert_eq!(back.path, "/admin/mail?state=failed", "back to the list as it was");
    stage.mail_to(&hana.email).await;
    let invited = invitation::Entity::find_by_id(about).one(stage.app.db()).await.expect("read").expect("it");
    assert_eq!(invited.state, InvitationState::Sent);
    assert_eq!(admin.api.tried("letterRetry", json!({ "id": failed.id.to_string() }), "letter { id }").await.refusals(), ["=WRONG_STATE"]);

    // After a week its text is gone, since it may hold links.
    let old = stage.failed_letter("old@inbox.example").await;
    let asked = "{ letters(filter: { text: \"OLD@\" }) { nodes { to state canRetry lastError } } }";
    let expected = |can| json!([{ "to": "old@inbox.example", "state": "FAILED", "canRetry": can, "lastError": "421 come back later" }]);
    assert_eq!(admin.api.ask(asked).await["letters"]["nodes"], expected(true));
    stage.advance(Duration::days(8));
    stage.routine().await;
    assert_eq!(admin.api.ask(asked).await["letters"]["nodes"], expected(false));
    assert_eq!(admin.api.tried("letterRetry", json!({ "id": old.to_string() }), "letter { id }").await.refusals(), ["=WRONG_STATE"]);
    stage.failures_are_the_point();
});

story!(many_letters_and_jobs_are_tried_again_at_once, async |stage| {
    let admin = stage.admin().await;
    let gone = stage.failed_letter("gone@inbox.example").await;
    stage.advance(Duration::days(8));
    stage.routine().await;
    for n in 0..60 {
        stage.failed_letter(&format!("p{n:02}@inbox.example")).await;
    }
    let tried = async || {
        let queued = letter::Entity::find().filter(letter::Column::State.ne(LetterState::Failed));
        queued.filter(letter::Column::ToEmail.ends_with("@inbox.example")).count(stage.app.db()).await.expect("letters")
    };

    // The list can be turned round; what it shows first then is the oldest, which cannot be tried again any more.
    let newest = admin.browser.get("/admin/mail").await.ok();
    assert_eq!(newest.all("tbody a")[0], "p59@inbox.example");
    let page = admin.browser.get("/admin/mail?sort=oldest").await.ok();
    assert_eq!((page.all("tbody a")[0].as_str(), page.all("tbody a")[50 - 1].as_str()), ("gone@inbox.example", "p48@inbox.example"));
    assert_eq!(page.count("tbody input[name=letter]"), 49);
    assert_eq!(page.attribute("th[aria-sort=ascending] a", "href").as_deref(), Some("/admin/mail"));

    // Two that were chosen, and one for which it is too late.
    let boxes: Vec<String> = page.values("tbody input[name=letter]");
    let fields = [("letter", boxes[0].clone()), ("letter", boxes[1].clone()), ("letter", gone.to_string()), ("next", "/admin/mail".into())];
    let done = admin.browser.post("/admin/mail/retry", &fields).await.ok();
    assert_eq!((done.notice().as_str(), tried().await), ("In the queue again: 2", 2));
    // All that match a word, then all that are left.
    let fields = [("all", "match"), ("q", "p1"), ("state", "failed")];
    let done = admin.browser.post("/admin/mail/retry", &fields).await.ok();
    assert_eq!((done.notice().as_str(), tried().await), ("In the queue again: 10", 12));
    admin.browser.post("/admin/mail/retry", &[("all", "match")]).await.ok();
    assert_eq!(tried().await, 60);
    let none: [(&str, &str); 0] = [];
    let done = admin.browser.post("/admin/mail/retry", &none).await.ok();
    assert!(done.notice().starts_with("Nothing was selected"), "{}", done.notice());
    stage.work().await;

    for _ in 0..3 {
        stage.dead_job("creators.forget").await;
    }
    let done = admin.browser.post("/admin/jobs/retry", &[("all", "match")]).await.ok();
    assert_eq!(done.notice(), "In the queue again: 3");
    stage.work().await;
    stage.failures_are_the_point();
});

story!(addresses_and_work_get_another_chance, async |stage| {
    let admin = stage.admin().await;
    let full = stage.suppression("full@inbox.example", SuppressionReason::Bounced).await;
    let gone = stage.suppression("gone@inbox.example", SuppressionReason::Unsubscribed).await;
    let page = admin.browser.get("/admin/mail/refused").await.ok().says("gone@inbox.example");
    assert!(!page.has_form(&format!("/admin/mail/refused/{gone}/lift")), "who unsubscribed decides that alone");
    let refused = admin.api.tried("suppressionLift", json!({ "id": gone.to_string() }), "suppression { id }").await;
    assert_eq!(refused.refusals(), ["=WRONG_STATE"]);
    page.form(&format!("/admin/mail/refused/{full}/lift")).send().await.ok().silent_about("full@inbox.example");
    let left = admin.api.ask("{ suppressions { nodes { email reason canLift } } }").await;
    assert_eq!(left["suppressions"]["nodes"], json!([{ "email": "gone@inbox.example", "reason": "UNSUBSCRIBED", "canLift": false }]));

    let dead = stage.dead_job("creators.forget").await;
    admin.browser.get("/admin").await.ok().says("given up: 1");
    let page = admin.browser.get("/admin/jobs?state=dead").await.ok().says("it did not work");
    page.form(&format!("/admin/jobs/{dead}/retry")).send().await.ok().says("in the queue again");
    stage.work().await;
    let done = job::Entity::find_by_id(dead).one(stage.app.db()).await.expect("read").expect("it");
    assert_eq!(done.state, entity::enums::JobState::Done);
    let again = admin.api.tried("backgroundJobRetry", json!({ "id": dead.to_string() }), "job { id }").await;
    assert_eq!(again.refusals(), ["=WRONG_STATE"]);
    admin.browser.get("/admin").await.ok().says("Nothing needs you");
    let node = admin.api.ask(&format!("{{ node(id: \"{dead}\") {{ ... on BackgroundJob {{ kind state attempts }} }} }}")).await;
    assert_eq!(node["node"]["state"], "DONE");
    admin.browser.get("/admin/settings").await.ok().says("auth.idle_hours").says("mail.transport");
});

story!(what_happened_is_written_down, async |stage| {
    let (admin, acme, bolt, hana) =
        (stage.admin().await, stage.brand("Acme").await, stage.brand("Bolt").await, stage.creator("Hana").await);
    for (who, email) in [(&acme, "ann@inbox.example"), (&bolt, "bob@inbox.example")] {
        who.api.did("memberInvite", json!({ "email": email, "role": "ANALYST" }), "memberInvitation { id }").await;
    }
    stage.advance(Duration::days(1));
    hana.api.did("creatorEdit", json!({ "displayName": "Hana S" }), "creator { id }").await;

    // Owners read what concerns their organisation, and nobody else's.
    let page = acme.browser.get(&acme.path("audit")).await.ok().says("A colleague was invited").says("Acme");
    let lines = page.count("main tbody tr");
    page.silent_about("Bolt").silent_about("Hana");
    let none = acme.browser.get(&format!("{}?area=brief&who=nobody", acme.path("audit"))).await.ok();
    none.says("Nothing matches these filters.");
    let refused = acme.browser.get(&format!("{}?since=yesterday", acme.path("audit"))).await.is(422);
    assert_eq!((refused.problems(), refused.value("since").as_deref()), (vec!["since".to_owned()], Some("yesterday")));
    let analyst = stage.member(acme.org(), "Ann", Role::Analyst).await;
    analyst.browser.get(&acme.path("audit")).await.is(403);

    // Admins read everything; days are the reader's.
    let all = admin.browser.get("/admin/audit?area=creator").await.ok().says("The profile was edited").says("Hana");
    assert!(all.count("main tbody tr") >= 1);
    let day = stage.day(0);
    admin
        .browser
        .get(&format!("/admin/audit?since={day}&until={day}"))
        .await
        .ok()
        .says("The profile was edited")
        .silent_about("A colleague");
    let ask = "{ auditEvents(filter: { area: \"member\" }, first: 1) { nodes { id kind description actorName subject details } pageInfo { hasNextPage } } }";
    let found = admin.api.ask(ask).await["auditEvents"].take();
    assert_eq!(found["nodes"][0]["kind"], "member.invited");
    assert_eq!((&found["nodes"][0]["actorName"], &found["pageInfo"]["hasNextPage"]), (&json!("Bolt Owner"), &json!(true)));
    let id = found["nodes"][0]["id"].as_str().expect("an id").to_owned();
    let node = format!("{{ node(id: \"{id}\") {{ ... on AuditEvent {{ kind }} }} }}");
    assert_eq!(admin.api.ask(&node).await["node"]["kind"], "member.invited");
    assert!(acme.api.ask(&node).await["node"].is_null(), "another brand's");

    // Taken away as a file, which is written down too; names are no formulas.
    let file = acme.browser.get_only(&format!("{}.csv", acme.path("audit"))).await.ok();
    assert!(file.header("content-disposition").contains("hibiki-audit-2026"), "{}", file.header("content-disposition"));
    assert_eq!(file.html.lines().count(), lines + 1);
    acme.browser.get(&acme.path("audit")).await.ok().says("The audit log was downloaded");
    stage.work().await;
});

story!(two_profiles_of_one_creator_become_one, async |stage| {
    let admin = stage.admin().await;
    let acme = stage.brand("Acme").await;
    let hana = stage.creator("Hana Tea").await;
    let duplicate = stage.unclaimed("Hana Tea").await;
    let campaign = stage.campaign(&acme, "New tea").await;
    stage.participation(&acme, campaign, duplicate, ParticipationState::Invited).await;
    stage.account(duplicate, Network::Youtube, "hanatea", Some(12_000)).await;

    let url = format!("/admin/creators/{duplicate}/merge");
    admin.browser.get("/admin/creators").await.ok().follow("Merge Hana Tea").await.ok().at(&url);
    let page = admin.browser.get(&url).await.ok().says("hanatea").says("Registered");
    for (into, problem) in [("", "no such profile"), ("cre_x", "no such profile"), (&*duplicate.to_string(), "into itself")] {
        admin.browser.post(&url, &[("into", into), ("name", "Hana Tea")]).await.is(422).says(problem);
    }
    let into = page.attribute("[name=into]", "value").expect("the other one");
    assert_eq!(into, hana.creator().to_string());
    // It cannot be undone, so that its name is typed; what was chosen stays chosen.
    for typed in ["", "Hana Coffee"] {
        let again = admin.browser.post(&url, &[("into", &*into), ("name", typed)]).await.is(422).says("not the name");
        assert_eq!(again.attribute("[name=into][checked]", "value").as_deref(), Some(&*into));
    }
    admin.browser.post(&url, &[("into", &*into), ("name", "ｈａｎａ tea")]).await.ok().says("one now");
    admin.browser.get(&url).await.is(404);
    let seen = acme
        .api
        .call("query ($id: ID!) { node(id: $id) { ... on Creator { accounts { handle } } } }", json!({ "id": hana.creator().to_string() }))
        .await;
    assert_eq!(seen.ok()["node"]["accounts"], json!([{ "handle": "hanatea" }]));
    let moved = participation::Entity::find().one(stage.app.db()).await.expect("read").expect("a row");
    assert_eq!(moved.creator_id, hana.creator());
    let largest = creator::Entity::find_by_id(hana.creator()).one(stage.app.db()).await.expect("read").expect("a row");
    assert_eq!(largest.followers, Some(12_000));

    // A duplicate that was invited to the same campaign at another mailbox opens nothing of hers: its link ends, hers goes on.
    let (second, stranger) = (stage.campaign(&acme, "Second flush").await, stage.unclaimed("Hana T.").await);
    let (own, link) = stage.invitation(&acme, second, &hana).await;
    let mut twin = stage.person("Rita").await;
    (twin.creator, twin.email) = (Some(stranger), "rita.two@inbox.example".into());
    let (foreign, foreign_link) = stage.invitation(&acme, second, &twin).await;
    let third = stage.campaign(&acme, "Third flush").await;
    let (only, only_link) = stage.invitation(&acme, third, &twin).await;
    let mut input = json!({ "id": stranger.to_string(), "into": hana.creator().to_string(), "name": "Hana Tea" });
    assert_eq!(admin.api.tried("creatorMerge", input.clone(), "mergedId").await.refusals(), ["name=WRONG"]);
    input["name"] = "Hana T.".into();
    admin.api.did("creatorMerge", input, "mergedId").await;
    let state = async |id| invitation::Entity::find_by_id(id).one(stage.app.db()).await.expect("read").expect("a row").state;
    assert_eq!(
        [state(own).await, state(foreign).await, state(only).await],
        [InvitationState::Sent, InvitationState::Revoked, InvitationState::Sent]
    );
    for dead in [&foreign_link, &only_link] {
        let shown = stage.browser().get(&format!("/i/{dead}")).await;
        assert!(!shown.html.contains("Hana") && !shown.has_form("/invitation/join"), "{}", shown.text());
    }
    let table = acme.browser.get(&acme.path(&format!("campaigns/{second}/creators"))).await.ok();
    assert_eq!(table.count("main tbody tr"), 1);
    table.says("Hana Tea").says("Sent");
    hana.browser.get(&format!("/i/{link}")).await.ok().says("JOIN THE CAMPAIGN");
    hana.api.did("invitationAccept", json!({ "invitation": { "id": only.to_string() } }), "participation { id }").await;
    stage.work().await;

    // What belongs to a person is never merged for them; in the API too.
    let other = stage.unclaimed("Kenji").await;
    let input = json!({ "id": hana.creator().to_string(), "into": other.to_string() });
    assert_eq!(admin.api.tried("creatorMerge", input, "mergedId").await.refusals(), ["=WRONG_STATE"]);
    let input = json!({ "id": other.to_string(), "into": hana.creator().to_string() });
    let merged = admin.api.did("creatorMerge", input, "creator { displayName } mergedId").await;
    assert_eq!(merged, json!({ "creator": { "displayName": "Hana Tea" }, "mergedId": other.to_string(), "userErrors": [] }));
});

// Sign-ins and refusals, rights that change hands, keys that are made and ended, files that are taken away: each is written down, with who
// did it, and no line holds what opens something (B48).
story!(who_came_in_and_who_did_not, async |stage| {
    let (admin, acme, hana) = (stage.admin().await, stage.brand("Acme").await, stage.person("Hana").await);
    let ann = stage.member(acme.org(), "Ann", Role::Analyst).await;
    let sign_in = async |email: &str, password: &str| {
        let browser = stage.browser();
        let page = browser.get("/sign-in").await.ok().form("/sign-in").set("email", email).set("password", password).send().await;
        (page.status.as_u16(), browser.cookies())
    };
    let mut secrets = vec!["not-this-one".to_owned(), PASSWORD.to_owned()];
    assert_eq!(sign_in(&hana.email, "not-this-one").await.0, 422);
    assert_eq!(sign_in("nobody@inbox.example", "not-this-one").await.0, 422);
    secrets.push(sign_in(&hana.email, PASSWORD).await.1.split('=').nth(1).expect("a cookie").to_owned());
    let input = json!({ "email": hana.email, "password": PASSWORD });
    let token = stage.api().did("signIn", input, "token").await["token"].as_str().expect("a token").to_owned();
    let wrong = json!({ "email": hana.email, "password": "not-this-one" });
    assert_eq!(stage.api().tried("signIn", wrong, "token").await.refusals(), ["password=WRONG"]);
    secrets.push(token);

    let key = json!({ "name": "Reports", "actor": "person", "scopes": ["read"], "days": 9 });
    let made = hana.session_api().did("apiTokenCreate", key, "token apiToken { id }").await;
    secrets.push(made["token"].as_str().expect("a token").to_owned());
    hana.session_api().did("apiTokenRevoke", json!({ "id": made["apiToken"]["id"] }), "apiToken { id }").await;
    stage.api().did("passwordResetRequest", json!({ "email": hana.email }), "checkMail").await;
    secrets.push(stage.token_to(&hana.email, "/reset/").await);
    let members = acme.api.ask("{ organisation { members { nodes { id name } } } }").await["organisation"]["members"]["nodes"].clone();
    let place = members.as_array().expect("members").iter().find(|m| m["name"] == "Ann").expect("Ann")["id"].clone();
    acme.api.did("memberChangeRole", json!({ "id": place, "role": "MANAGER" }), "member { role }").await;
    let hook = acme.api.did("webhookCreate", json!({ "url": "https://hooks.example.com/in" }), "secret").await;
    secrets.push(hook["secret"].as_str().expect("a secret").to_owned());
    admin.api.did("userSuspend", json!({ "id": ann.user.to_string(), "reason": "SECURITY" }), "user { status }").await;

    let read = async |area: &str| {
        let query =
            "query ($area: String!) { auditEvents(filter: { area: $area }, first: 50) { nodes { kind subject actorName details } } }";
        let found = admin.api.call(query, json!({ "area": area })).await.ok()["auditEvents"]["nodes"].clone();
        found.as_array().expect("a list").clone()
    };
    let of = |rows: &[serde_json::Value], kind: &str| -> Vec<(String, String)> {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        rows.iter().filter(|row| row["kind"] == kind).map(|row| (text(&row["subject"]), text(&row["actorName"]))).collect()
    };
    let account = read("account").await;
    let her = hana.user.to_string();
    // Nobody is named who has not proven it: the subject is whose account it was, if there is one.
    let refused = of(&account, "account.sign_in_refused");
    assert_eq!(refused, [(her.clone(), String::new()), ("unknown".into(), String::new()), (her.clone(), String::new())]);
    assert_eq!(of(&account, "account.signed_in"), [(her.clone(), "Hana".to_owned()), (her.clone(), "Hana".to_owned())]);
    assert_eq!(of(&account, "account.reset_asked"), [(her, String::new())]);
    assert_eq!(of(&account, "account.suspended"), [(ann.user.to_string(), "Ada Admin".to_owned())]);
    let keys = read("api_token").await;
    let id = made["apiToken"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(of(&keys, "api_token.revoked"), [(id.clone(), "Hana".to_owned())]);
    assert!(of(&keys, "api_token.created").contains(&(id, "Hana".to_owned())), "{keys:?}");
    let member = read("member").await;
    let changed = member.iter().find(|row| row["kind"] == "member.role_changed").expect("the change");
    assert_eq!(changed["actorName"], "Acme Owner");
    let details = changed["details"].as_str().expect("details");
    assert!(details.contains("analyst") && details.contains("manager"), "{details}");

    // The owner reads the change of a role, and nothing of who signed in; taking the log away is in it.
    acme.browser.get(&acme.path("audit")).await.ok().says("Acme Owner").silent_about("A sign-in was refused");
    acme.browser.get_only(&format!("{}.csv", acme.path("audit"))).await.ok();
    let exported = read("audit").await;
    assert_eq!(of(&exported, "audit.exported"), [(acme.user.to_string(), "Acme Owner".to_owned())]);

    let rows = entity::event::Entity::find().all(stage.app.db()).await.expect("events");
    for row in &rows {
        let text = format!("{} {} {}", row.kind, row.subject, row.data);
        let told = secrets.iter().chain([&hana.email]).find(|secret| text.contains(*secret));
        assert!(told.is_none(), "{text} tells {told:?}");
    }
    stage.work().await;
});

// Names are other people's words; in a spreadsheet they stay words (B46).
story!(a_file_holds_no_formula, async |stage| {
    let acme = stage.brand("Acme").await;
    acme.api.did("viewerEdit", json!({ "name": "=HYPERLINK(\"https://evil.example\")" }), "viewer { name }").await;
    acme.api.did("brandAdd", json!({ "name": "Tea" }), "brand { id }").await;
    let file = acme.browser.get_only(&format!("{}.csv", acme.path("audit"))).await.ok();
    assert!(file.html.contains("'=HYPERLINK"), "{}", file.html);
    let cells = file.html.lines().skip(1).flat_map(|line| line.split(',')).map(|cell| cell.trim_matches('"'));
    let formulas: Vec<_> = cells.filter(|cell| cell.starts_with(['=', '+', '@'])).collect();
    assert!(formulas.is_empty(), "{formulas:?}");
    assert!(file.header("content-disposition").starts_with("attachment"), "{}", file.header("content-disposition"));
});
