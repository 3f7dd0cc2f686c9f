//! Tables of the portal: columns that are chosen, files that hold what is seen, several rows changed at once, and the charts beside them.

use chrono::Duration;
use entity::{
    enums::{CampaignState, InvitationState, Network, ParticipationState, Role},
    event, invitation,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::{Stage, story};

/// The lines of a file, without the mark in front.
fn lines(text: &str) -> Vec<&str> {
    text.trim_start_matches('\u{feff}').lines().collect()
}

async fn downloads(stage: &Stage) -> u64 {
    event::Entity::find().filter(event::Column::Kind.eq("list.downloaded")).count(stage.app.db()).await.expect("events")
}

story!(columns_and_files_hold_what_is_seen, async |stage| {
    let (tea, hana, ken) = (stage.brand("Tea").await, stage.creator("Hana").await, stage.creator("Ken").await);
    stage.account(hana.creator(), Network::Instagram, "hana.tea", Some(48_250)).await;
    stage.account(ken.creator(), Network::Youtube, "ken", None).await;
    hana.api.did("creatorEdit", json!({ "displayName": "=HYPERLINK(1)" }), "creator { id }").await;

    let all = tea.browser.get(&tea.path("discover")).await.ok();
    assert_eq!(all.count("thead th"), 8, "a box, the name, five of eight columns, the button");
    let file = tea.browser.get_only(&tea.path("discover.csv")).await.ok();
    let text = file.html.clone();
    assert_eq!(
        lines(&text)[0],
        "Creator,Accounts and followers,Score,Size of the audience,Main category,Asking fee,Largest account: network,Largest account: handle,Largest account: followers"
    );
    assert_eq!(lines(&text)[1], "'=HYPERLINK(1),\"Instagram hana.tea 48,250\",–,Macro,–,–,Instagram,hana.tea,48250", "a formula is a text");
    assert_eq!(lines(&text)[2], "Ken,YouTube ken unknown,–,–,–,–,YouTube,ken,", "unknown is said");

    // The chooser is a form: what it sends is in the address, and stays there through filters and into the file.
    assert_eq!(all.all("details.columns input[name=col]").len(), 8, "all that there are");
    let fewer = tea.browser.get(&tea.path("discover?col=tier")).await.ok();
    assert_eq!(fewer.all("thead th").iter().filter(|t| !t.is_empty()).count(), 4, "{:?}", fewer.all("thead th"));
    let kept = tea.browser.get(&format!("{}?q=ken&col=tier", tea.path("discover"))).await.ok();
    assert_eq!(kept.attribute("form.filters input[name=col]", "value").as_deref(), Some("tier"));
    let file = tea.browser.get_only(&format!("{}?q=ken&col=tier", tea.path("discover.csv"))).await.ok();
    assert_eq!(lines(&file.html), ["Creator,Size of the audience", "Ken,–"]);
    assert_eq!(downloads(stage).await, 2, "who took a list away is in the log");
    tea.browser.get(&tea.path("discover?min=many")).await.is(422);
    tea.browser.get_only(&tea.path("discover.csv?min=many")).await.is(422);
    let turned = tea.browser.get(&tea.path("discover?min=5000&max=400")).await.is(422);
    assert_eq!(turned.problems(), ["min"]);
});

story!(whom_a_brand_knows, async |stage| {
    let (tea, bolt, hana, ken) =
        (stage.brand("Tea").await, stage.brand("Bolt").await, stage.creator("Hana").await, stage.creator("Ken").await);
    let empty = tea.browser.get(&tea.path("creators")).await.ok();
    empty.says("Nobody yet");
    for name in ["First", "Second"] {
        let campaign = stage.campaign(&tea, name).await;
        stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    }
    let campaign = stage.campaign(&tea, "Third").await;
    stage.invitation(&tea, campaign, &ken).await;

    let page = tea.browser.get(&tea.path("creators")).await.ok();
    let mut names = page.all("tbody a[href*='/creators/'] b");
    names.sort();
    assert_eq!(names, ["Hana", "Ken"]);
    let file = tea.browser.get_only(&tea.path("creators.csv?col=campaigns&col=joined&sort=name")).await.ok();
    assert_eq!(lines(&file.html), ["Creator,Campaigns,Joined", "Hana,2,2", "Ken,1,0"]);
    assert_eq!(tea.browser.get(&tea.path("creators?history=joined")).await.ok().all("tbody a b"), ["Hana"]);
    let other = bolt.browser.get(&bolt.path("creators")).await.ok();
    assert_eq!(other.count("tbody tr"), 0, "another brand's history is its own");

    let ask = "query ($filter: CreatorFilter) { creators(filter: $filter, orderBy: NAME) { nodes { displayName } } }";
    for (who, filter, found) in [
        (&tea, json!({ "history": "ANY" }), json!([{ "displayName": "Hana" }, { "displayName": "Ken" }])),
        (&tea, json!({ "history": "JOINED" }), json!([{ "displayName": "Hana" }])),
        (&bolt, json!({ "history": "ANY" }), json!([])),
    ] {
        assert_eq!(who.api.call(ask, json!({ "filter": filter })).await.ok()["creators"]["nodes"], found, "{filter}");
    }
});

story!(several_invitations_at_once, async |stage| {
    let (tea, hana, ken, mio) =
        (stage.brand("Tea").await, stage.creator("Hana").await, stage.creator("Ken").await, stage.creator("Mio").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    let table = tea.path(&format!("campaigns/{campaign}/creators"));

    // Chosen in the table of creators, they are the recipients of one mail form.
    let chosen = format!("{}?creator={}&creator={}", tea.path("invite"), hana.creator(), ken.creator());
    let form = tea.browser.get(&chosen).await.ok().form(&tea.path(&format!("campaigns/{campaign}/invite"))).set("message", "Tea?");
    let mail = "Rin, rin@inbox.example\nTwo, a@inbox.example, b@inbox.example";
    let looked = tea
        .browser
        .get(&chosen)
        .await
        .ok()
        .form(form.action())
        .set("message", "Tea?")
        .set("people", mail)
        .force("do", "preview")
        .send()
        .await
        .ok();
    looked.says("Would be invited: 3").says("Cannot be invited: 1");
    assert_eq!(invitation::Entity::find().count(stage.app.db()).await.expect("none yet"), 0, "looking writes nothing");
    let sent = form.force("do", "send").send().await.ok();
    assert_eq!(sent.notice(), "2 invitation(s) are on their way.");
    let (third, _) = stage.invitation(&tea, campaign, &mio).await;
    stage.work().await;
    let ids: Vec<_> =
        invitation::Entity::find().all(stage.app.db()).await.expect("invitations").into_iter().map(|i| (i.creator_id, i.id)).collect();
    let of = |creator| ids.iter().find(|(c, _)| *c == creator).map(|(_, id)| id.to_string()).expect("one");

    // Too soon to repeat: said of each, by name, and nothing is lost.
    let bar = format!("{}/invitations/bulk", tea.path(&format!("campaigns/{campaign}")));
    let tried = tea.browser.post(&bar, &[("invitation", of(hana.creator())), ("do", "resend".into())]).await.is(422);
    tried.says("Hana: The last mail left less than a day ago");
    stage.advance(Duration::days(2));
    let fields = [("invitation", of(hana.creator())), ("invitation", of(ken.creator())), ("do", "resend".into())];
    let done = tea.browser.post(&bar, &fields).await.ok();
    assert_eq!(done.notice(), "2 invitation(s) are sent again.");
    stage.work().await;
    assert_eq!(stage.count_mails_to(&hana.email).await, 2);

    // One has answered meanwhile: the other is taken back all the same, in the API too.
    ken.api.did("invitationAccept", json!({ "invitation": { "id": of(ken.creator()) } }), "participation { id }").await;
    let input = json!({ "ids": [of(hana.creator()), of(ken.creator()), of(hana.creator())], "action": "WITHDRAW" });
    let done = tea.api.did("invitationBulk", input, "invitations { state } left { id code message }").await;
    assert_eq!(done["invitations"], json!([{ "state": "REVOKED" }]));
    assert_eq!(done["left"][0]["id"], json!(of(ken.creator())));
    assert_eq!(done["left"].as_array().map(Vec::len), Some(1), "{done}");
    let none = json!({ "ids": [], "action": "WITHDRAW" });
    assert_eq!(tea.api.tried("invitationBulk", none, "invitations { id }").await.refusals(), ["ids=REQUIRED"]);
    tea.browser.post(&bar, &[("do", "withdraw")]).await.is(422);

    // Another brand's are nobody's.
    let bolt = stage.brand("Bolt").await;
    let input = json!({ "ids": [third.to_string()], "action": "WITHDRAW" });
    let foreign = bolt.api.did("invitationBulk", input, "invitations { id } left { code }").await;
    assert_eq!(foreign, json!({ "invitations": [], "left": [{ "code": "NOT_FOUND" }], "userErrors": [] }));
    let mios = invitation::Entity::find_by_id(third).one(stage.app.db()).await.expect("read").expect("there");
    assert_eq!(mios.state, InvitationState::Sent);

    let file = tea.browser.get_only(&format!("{table}.csv?state=joined")).await.ok();
    assert_eq!(lines(&file.html)[0], "Creator,State,Invitation,Answer,Mail address,Sent,Answer by,Joined");
    assert!(lines(&file.html)[1].starts_with("Ken,Joined,Accepted,"), "{}", file.html);
    stage.work().await;
});

story!(campaigns_as_a_file_and_on_the_home, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    stage.draft_campaign(&tea, "Second flush", CampaignState::Draft).await;
    stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    let file = tea.browser.get_only(&tea.path("campaigns.csv?sort=name&col=state&col=inside")).await.ok();
    assert_eq!(lines(&file.html), ["Name,State,Joined", "First flush,Recruiting,1", "Second flush,Draft,0"]);
    let home = tea.browser.get(&tea.path("")).await.ok();
    assert_eq!(home.all("main .table-wrap tbody a"), ["First flush"], "what goes on");
    assert_eq!(home.all(".bars th[scope=row]"), ["Draft", "Recruiting"]);
    // Where creators stand: a bar each, and its figure in words.
    let page = tea.browser.get(&tea.path(&format!("campaigns/{campaign}"))).await.ok();
    assert_eq!(page.all(".bars td"), ["0", "0", "1", "0", "0", "0"]);

    // In the tab they are found by a part of the name, however it is written; the file and the API find the same.
    let ken = stage.creator("Ken").await;
    stage.participation(&tea, campaign, ken.creator(), ParticipationState::Shortlisted).await;
    let table = tea.path(&format!("campaigns/{campaign}/creators"));
    let both = tea.browser.get(&table).await.ok();
    assert_eq!(both.count("tbody tr"), 2);
    let found = both.form(&table).set("q", "ＨＡＮ").send().await.ok();
    assert_eq!((found.count("tbody tr"), found.value("q").as_deref()), (1, Some("ＨＡＮ")));
    found.says("Hana");
    tea.browser.get(&format!("{table}?q=zzz")).await.ok().says("Nobody like that here");
    let file = tea.browser.get_only(&format!("{table}.csv?q=ken&col=state")).await.ok();
    assert_eq!(lines(&file.html).len(), 2);
    let query = format!("{{ participations(campaignId: \"{campaign}\", name: \"hana\") {{ nodes {{ creator {{ displayName }} }} }} }}");
    assert_eq!(tea.api.ask(&query).await["participations"]["nodes"], json!([{ "creator": { "displayName": "Hana" } }]));

    // The creator sees how far they are.
    let steps = hana.browser.get("/c").await.ok().all(".stepper .step-now .step-label");
    assert_eq!(steps.len(), 1);
    assert!(steps[0].starts_with("Terms"), "{steps:?}");
});

story!(followers_through_time, async |stage| {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let account = stage.account(hana.creator(), Network::Instagram, "hana.tea", Some(48_250)).await;
    stage.reading(account, Some(41_000)).await;
    let page = tea.path(&format!("creators/{}", hana.creator()));
    assert_eq!(tea.browser.get(&page).await.ok().count("figure.chart"), 0, "one reading is no line");
    for followers in [None, Some(44_100), Some(48_250)] {
        stage.advance(Duration::days(3));
        stage.reading(account, followers).await;
    }
    let shown = tea.browser.get(&page).await.ok();
    assert_eq!(shown.all("figure.chart td"), ["48,250", "44,100", "unknown", "41,000"], "the newest first; a gap is said");
    assert!(shown.html.contains("K\n</text>") || shown.html.contains("K</text>"), "the axis counts in thousands");
    assert!(!shown.html.contains("style="), "nothing inline");
});

story!(organisations_for_admins, async |stage| {
    let (admin, tea, bolt) = (stage.admin().await, stage.brand("Tea").await, stage.agency("Bolt").await);
    stage.member(tea.org(), "Aki", Role::Analyst).await;
    let hana = stage.creator("Hana").await;
    let campaign = stage.campaign(&tea, "First flush").await;
    stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    let list = admin.browser.get("/admin/organisations").await.ok();
    assert_eq!(list.count("main tbody tr"), 2);
    assert_eq!(admin.browser.get("/admin/organisations?kind=agency").await.ok().all("main tbody a"), ["Bolt"]);
    let file = admin.browser.get_only("/admin/organisations.csv?q=TEA&col=kind&col=members&col=campaigns&col=joined").await.ok();
    assert_eq!(lines(&file.html), ["Organisation,Kind,Members,Campaigns,Creators who joined", "Tea,Brand,2,1,1"]);
    let page = list.follow("Tea").await.ok().says("Aki").says("Analyst");
    // From there to the person, and to what happened in it.
    page.follow("Aki").await.ok().says("Signed-in browsers");
    let log = admin.browser.get(&page.path).await.ok().follow("Audit log").await.ok();
    log.silent_about("Nothing found");
    let ask = "{ organisations(filter: { text: \"te\" }) { nodes { id name kind counts { members campaigns joined } } } }";
    let found = admin.api.ask(ask).await;
    assert_eq!(
        found["organisations"]["nodes"],
        json!([{ "id": tea.org().to_string(), "name": "Tea", "kind": "BRAND", "counts": { "members": 2, "campaigns": 1, "joined": 1 } }])
    );
    assert_eq!(bolt.api.ask("{ organisation { counts { members } } }").await["organisation"]["counts"], json!(null));
});
