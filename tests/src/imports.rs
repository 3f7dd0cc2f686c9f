//! A public list of real accounts, taken in by the program: found by a brand, invited, and claimed by whom an account belongs to.

use std::cell::OnceCell;

use entity::{account_snapshot, creator, network_account};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    Stage,
    database::Kind,
    peers::{self, run, shared},
    people::PASSWORD,
    stage::{beginning, tell_with},
};

/// The first rows of a list of September 2022, an account of the sandbox's, and two rows that are none.
fn list(dir: &TempDir) -> Option<String> {
    const ROWS: usize = 600;
    let all = std::fs::read_to_string(shared("data/top-influencers-2022/dev/channels.csv")?).expect("a list");
    let mut lines: Vec<&str> = all.lines().take(ROWS + 1).collect();
    lines.extend([
        "instagram,2022-09,hana.cooks,Hana,Food & Cooking,Japan,9000,,,,,,",
        "instagram,2022-09,not a handle,Nobody,,,1,,,,,,",
        "geocities,2022-09,somebody,Somebody,,,1,,,,,,",
    ]);
    let path = dir.path().join("channels.csv");
    std::fs::write(&path, lines.join("\n")).expect("written");
    Some(path.to_str().expect("a path").to_owned())
}

async fn counts(stage: &Stage) -> [u64; 3] {
    let db = stage.app.db();
    [
        creator::Entity::find().count(db).await.expect("creators"),
        network_account::Entity::find().count(db).await.expect("accounts"),
        account_snapshot::Entity::find().count(db).await.expect("figures"),
    ]
}

fn a_list_becomes_people(kind: Kind) {
    let dir = TempDir::with_prefix("hibiki-list-").expect("a folder");
    let Some(list) = list(&dir) else { return };
    let sandbox = OnceCell::new();
    let settings = |config: &mut server::config::Config| {
        sandbox.set(peers::sandbox(config, Some(beginning()))).ok();
    };
    tell_with(kind, settings, async |stage| {
        let tea = stage.brand("Tea").await;
        let report = dir.path().join("report.csv");
        let report = report.to_str().expect("a path");
        let said = run(&stage.app.config, &["import", "creators", &list, "--report", report]);
        assert!(said.contains("refused"), "{said}");
        let refused = std::fs::read_to_string(report).expect("a report");
        for row in ["603,instagram not a handle,", "604,geocities somebody,"] {
            assert!(refused.contains(row), "{row}\n{refused}");
        }
        let taken = counts(stage).await;
        assert!(taken.iter().all(|n| *n > 500), "{taken:?}");
        run(&stage.app.config, &["import", "creators", &list]);
        assert_eq!(counts(stage).await, taken, "the same list twice changes nothing");

        // A brand finds one, with figures that say where they come from, and invites them to an address that it was given.
        let ask = "query ($text: String) { creators(filter: { text: $text }) { nodes { id registered source accounts { handle network \
                   followers { value source asOf state } following { value state } } } } }";
        let found = tea.api.call(ask, json!({ "text": "khaby.lame" })).await.ok();
        let khaby = &found["creators"]["nodes"][0];
        assert_eq!(khaby["registered"], false);
        let account = khaby["accounts"].as_array().expect("accounts").iter().find(|a| a["network"] == "TIKTOK").expect("on TikTok");
        assert_eq!(
            account["followers"],
            json!({ "value": 149_200_000, "source": "IMPORTED", "asOf": "2022-09-01T00:00:00+00:00", "state": "KNOWN" })
        );
        assert!(account["following"]["value"].is_null(), "what a list does not say is not zero: {account}");
        let campaign = stage.campaign(&tea, "First flush").await;
        let hanas = tea.api.call(ask, json!({ "text": "hana.cooks" })).await.ok()["creators"]["nodes"][0]["id"].clone();
        let input = json!({
            "campaignId": campaign.to_string(),
            "recipients": [
                { "creatorId": khaby["id"], "email": "khaby@inbox.example" }, { "creatorId": hanas, "email": "hana@inbox.example" },
            ],
            "subject": "Will you?", "message": "Dear {name}", "locale": "EN", "answerBy": "2026-12-07",
        });
        tea.api.did("invitationSend", input, "batch { total }").await;
        let token = stage.token_to("khaby@inbox.example", "/i/").await;
        let input = json!({ "token": token, "name": "Khaby", "password": PASSWORD, "locale": "EN", "conduct": true });
        let joined = stage.api().did("invitationSignUp", input, "token participationId").await;
        let mine = stage.api().bearer(joined["token"].as_str().expect("a token")).ask("{ participations { nodes { state } } }").await;
        assert_eq!(mine["participations"]["nodes"][0]["state"], "JOINED");

        // Somebody else proves another account of the list: the profile is theirs now, with the invitation that came to it.
        let hana = stage.creator("Hana").await;
        let begun = hana.api.did("networkLinkBegin", json!({ "network": "INSTAGRAM" }), "authorizationUrl").await;
        let url = begun["authorizationUrl"].as_str().expect("an address");
        let back: url::Url =
            sandbox.get().expect("the sandbox").consent(url, "hana", &[]).expect("a way back").parse().expect("an address");
        let value = |name: &str| back.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        let finish = json!({ "network": "INSTAGRAM", "state": value("state"), "code": value("code") });
        let linked = hana.api.did("networkLinkFinish", finish, "link { account { followers { value source } } }").await;
        assert_eq!(linked["link"]["account"]["followers"], json!({ "value": 48_200, "source": "NETWORK" }));
        let mine = hana.api.ask("{ invitations { nodes { state job { name } } } }").await;
        assert_eq!(mine["invitations"]["nodes"], json!([{ "state": "SENT", "job": { "name": "First flush" } }]));
        let found = tea.api.call(ask, json!({ "text": "hana.cooks" })).await.ok();
        assert_eq!(found["creators"]["nodes"].as_array().map(Vec::len), Some(1));
        assert_eq!(found["creators"]["nodes"][0]["id"], json!(hana.creator().to_string()));
        stage.work().await;
    });
}

#[test]
fn sqlite() {
    a_list_becomes_people(Kind::Sqlite);
}

#[test]
fn postgres() {
    a_list_becomes_people(Kind::Postgres);
}
