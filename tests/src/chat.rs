//! Conversations: talking through both faces, live and resumed, and who hears nothing.

use std::time::Duration;

use entity::{
    api_token, creator,
    enums::{MembershipStatus, ParticipationState, Role},
    event,
    ids::{CampaignId, OrgId, ThreadId},
    membership, user,
};
use reqwest::{Method, Response};
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, Set, sea_query::Expr};
use serde_json::{Value, json};
use server::{
    events::{self, Event, Place},
    tx::Tx,
};

use crate::{Api, Someone, Stage, database::Kind, stage::tell, story};

const LIVE: &str = "subscription ($thread: ID, $after: String) {
    messageAdded(threadId: $thread, after: $after) { cursor threadId node { id body isMine author { name side } } }
}";

/// A subscription over an event stream.
struct Live {
    response: Response,
    text: String,
}

impl Live {
    async fn open(api: &Api, thread: Option<ThreadId>, after: Option<&str>) -> Self {
        let variables = json!({ "thread": thread.map(|id| id.to_string()), "after": after });
        let request = api.request(Method::POST, "/graphql/stream").header("Accept", "text/event-stream");
        let response = request.json(&json!({ "query": LIVE, "variables": variables })).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let mut live = Self { response, text: String::new() };
        // The first bytes come before the operation starts; what is sent from here on must come, so let it start.
        live.more().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        live
    }

    async fn more(&mut self) {
        let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await.expect("nothing comes");
        self.text += std::str::from_utf8(&chunk.expect("a chunk").expect("the stream has ended")).expect("text");
    }

    /// The next result; none when it is complete.
    async fn next(&mut self) -> Option<Value> {
        loop {
            while let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event.contains("event: complete") {
                    return None;
                }
                if let Some(data) = event.lines().find_map(|line| line.strip_prefix("data: ")) {
                    return Some(serde_json::from_str(data).expect("JSON"));
                }
            }
            self.more().await;
        }
    }

    /// The next message: cursor and text.
    async fn message(&mut self) -> (String, String) {
        let result = self.next().await.expect("a message");
        let added = &result["data"]["messageAdded"];
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{result}")).to_owned();
        (text(&added["cursor"]), text(&added["node"]["body"]))
    }
}

/// A brand, a creator in its campaign, and their conversation.
struct Pair {
    tea: Someone,
    hana: Someone,
    campaign: CampaignId,
    thread: ThreadId,
}

async fn pair(stage: &Stage) -> Pair {
    let (tea, hana) = (stage.brand("Tea").await, stage.creator("Hana").await);
    let campaign = stage.campaign(&tea, "First flush").await;
    stage.participation(&tea, campaign, hana.creator(), ParticipationState::Joined).await;
    let thread = stage.thread(&tea, campaign, hana.creator()).await;
    Pair { tea, hana, campaign, thread }
}

async fn say(by: &Someone, thread: ThreadId, body: &str) {
    by.api.did("messageSend", json!({ "threadId": thread.to_string(), "body": body }), "message { id }").await;
}

async fn unread(by: &Someone, thread: ThreadId) -> i64 {
    let asked = by.api.ask(&format!("{{ thread(id: \"{thread}\") {{ unreadCount }} }}")).await;
    asked["thread"]["unreadCount"].as_i64().expect("a count")
}

story!(two_people_talk_through_both_faces, async |stage| {
    let Pair { tea, hana, thread, .. } = pair(stage).await;
    let (desk, phone) = (tea.path(&format!("inbox/{thread}")), format!("/c/inbox/{thread}"));
    let mut live = Live::open(&hana.api, Some(thread), None).await;

    let page = tea.browser.get(&desk).await.ok();
    let sent = page.form(&desk).set("body", "Hello <b>Hana</b>\nhttps://tea.example").send().await.ok();
    let anchor = sent.attribute("#chat li", "id").expect("an anchor");
    assert!(
        anchor.starts_with("m-msg_") && sent.path.ends_with(&format!("#{anchor}")) | sent.path.ends_with(&thread.to_string()),
        "{}",
        sent.path
    );
    assert_eq!(sent.count("#chat b b, #chat a"), 0, "what was typed is text, and links are not made of it");
    sent.says("Hello <b>Hana</b>");

    let added = live.next().await.expect("a message")["data"]["messageAdded"].clone();
    assert_eq!(added["node"]["body"], "Hello <b>Hana</b>\nhttps://tea.example");
    assert_eq!((&added["node"]["isMine"], &added["node"]["author"]["side"]), (&json!(false), &json!("BRAND")));

    assert_eq!((unread(&hana, thread).await, unread(&tea, thread).await), (1, 0));
    let inbox = hana.browser.get("/c/inbox").await.ok();
    assert_eq!(inbox.one(".main-nav .count"), "1");
    let open = hana.browser.get(&phone).await.ok();
    assert_eq!(open.count(".main-nav .count"), 0, "what is on the page does not wait any more");
    assert_eq!(unread(&hana, thread).await, 0);

    // A repeated request says nothing twice.
    let input = json!({ "threadId": thread.to_string(), "body": "こんにちは", "idempotencyKey": "one" });
    let first = hana.api.did("messageSend", input.clone(), "message { id }").await;
    assert_eq!(first, hana.api.did("messageSend", input.clone(), "message { id }").await);
    let other = json!({ "threadId": input["threadId"], "body": "さようなら", "idempotencyKey": "one" });
    let refused = hana.api.tried("messageSend", other, "message { id }").await;
    assert_eq!(refused.refusals(), ["idempotencyKey=INVALID"], "the same key for another text");
    tea.browser.get(&tea.path("inbox?unread=yes")).await.ok().says("こんにちは").says("Hana");
    assert_eq!(tea.browser.get(&desk).await.ok().count("#chat li"), 2);
    tea.browser.get(&tea.path("inbox?unread=yes")).await.ok().silent_about("こんにちは");

    // Without a word nothing is sent, and the page says so beside the field.
    let empty = hana.browser.get(&phone).await.form(&phone).set("body", " \n ").send().await.is(422);
    assert!(empty.problem("body").is_some());
    let long = "あ".repeat(4001);
    let refused = hana.api.tried("messageSend", json!({ "threadId": thread.to_string(), "body": long }), "message { id }").await;
    assert_eq!(refused.refusals(), ["body=TOO_LONG"]);
});

story!(analysts_read_and_strangers_find_nothing, async |stage| {
    let Pair { tea, hana, thread, .. } = pair(stage).await;
    say(&tea, thread, "Between us").await;
    let analyst = stage.member(tea.org(), "Anna Lyst", Role::Analyst).await;
    let desk = tea.path(&format!("inbox/{thread}"));
    let page = analyst.browser.get(&desk).await.ok();
    assert!(!page.has_form(&desk));
    page.says("Between us");
    let input = json!({ "threadId": thread.to_string(), "body": "Me too" });
    assert_eq!(analyst.api.tried("messageSend", input.clone(), "message { id }").await.code(), "FORBIDDEN");
    for stranger in [stage.brand("Other").await, stage.creator("Ken").await] {
        assert_eq!(stranger.api.tried("messageSend", input.clone(), "message { id }").await.refusals(), ["=NOT_FOUND"]);
        assert!(stranger.api.ask(&format!("{{ thread(id: \"{thread}\") {{ id }} }}")).await["thread"].is_null());
        assert!(stranger.api.ask(&format!("{{ node(id: \"{thread}\") {{ id }} }}")).await["node"].is_null());
        assert_eq!(stranger.api.ask("{ threads { edges { node { id } } } }").await["threads"]["edges"], json!([]));
    }
    // After the end there may be something left to say.
    let place = "{ participations(first: 1) { edges { node { id } } } }";
    let place = hana.api.ask(place).await["participations"]["edges"][0]["node"]["id"].clone();
    hana.api.did("participationLeave", json!({ "id": place }), "participation { id }").await;
    say(&hana, thread, "Thank you all the same").await;
    hana.browser.get(&format!("/c/inbox/{thread}")).await.ok().says("has ended");
    stage.work().await;
});

story!(a_live_chat_resumes_without_loss_or_repeat, async |stage| {
    let Pair { tea, hana, thread, .. } = pair(stage).await;
    say(&tea, thread, "0").await;
    let query = format!("{{ thread(id: \"{thread}\") {{ messages(last: 30) {{ liveCursor edges {{ node {{ body }} }} }} }} }}");
    let shown = hana.api.ask(&query).await["thread"]["messages"].clone();
    assert_eq!(shown["edges"].as_array().map(Vec::len), Some(1));
    let mut place = shown["liveCursor"].as_str().expect("a cursor").to_owned();
    let mut heard = Vec::new();
    for round in 0..3 {
        for n in 1..4 {
            say(if n % 2 == 0 { &hana } else { &tea }, thread, &format!("{round}.{n}")).await;
        }
        let mut live = Live::open(&hana.api, if round == 1 { None } else { Some(thread) }, Some(&place)).await;
        // The connection is lost with something unheard, which the next one brings.
        for _ in 0..2 {
            let (cursor, body) = live.message().await;
            place = cursor;
            heard.push(body);
        }
    }
    let mut live = Live::open(&hana.api, Some(thread), Some(&place)).await;
    say(&tea, thread, "last").await;
    while heard.last().is_none_or(|body| body != "last") {
        heard.push(live.message().await.1);
    }
    assert_eq!(heard, ["0.1", "0.2", "0.3", "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "last"]);
    let wrong = Live::open(&hana.api, Some(thread), Some("no cursor")).await.next().await.expect("an error");
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
});

story!(whoever_loses_the_right_hears_no_more, async |stage| {
    let Pair { tea, hana, campaign, thread } = pair(stage).await;
    let leaver = stage.member(tea.org(), "Leo Leaver", Role::Manager).await;
    let other = stage.brand("Other").await;
    let ken = stage.creator("Ken").await;
    let of_ken = stage.thread(&tea, campaign, ken.creator()).await;
    let (mut gone, mut ended) = (Live::open(&leaver.api, None, None).await, Live::open(&hana.api, Some(thread), None).await);
    // Who is made less hears no more either: the role that opened the stream is gone.
    let lesser = stage.member(tea.org(), "Les Lesser", Role::Owner).await;
    let mut demoted = Live::open(&lesser.api, None, None).await;
    let (mut stranger, mut beside) = (Live::open(&other.api, None, None).await, Live::open(&ken.api, None, None).await);

    let place = membership::Entity::find().filter(membership::Column::UserId.eq(leaver.user)).one(stage.app.db()).await;
    let mut place = place.expect("read").expect("a place").into_active_model();
    place.status = Set(MembershipStatus::Ended);
    place.update(stage.app.db()).await.expect("removed");
    let found = membership::Entity::find().filter(membership::Column::UserId.eq(lesser.user)).one(stage.app.db()).await;
    let mut less = found.expect("read").expect("a place").into_active_model();
    less.role = Set(Role::Analyst);
    less.update(stage.app.db()).await.expect("demoted");
    api_token::Entity::update_many()
        .col_expr(api_token::Column::RevokedAt, Expr::value(stage.now()))
        .filter(api_token::Column::UserId.eq(hana.user))
        .exec(stage.app.db())
        .await
        .expect("revoked");
    say(&tea, thread, "Only for Hana").await;

    for (live, code) in [(&mut gone, "FORBIDDEN"), (&mut demoted, "FORBIDDEN"), (&mut ended, "UNAUTHENTICATED")] {
        let last = live.next().await.expect("a reason");
        assert_eq!(last["errors"][0]["extensions"]["code"], code, "{last}");
        assert!(!last.to_string().contains("Only for Hana"), "{last}");
        assert!(live.next().await.is_none(), "that was the end");
    }
    // Whoever is beside hears only their own.
    let campaign = stage.campaign(&other, "Second flush").await;
    let theirs = stage.thread(&other, campaign, ken.creator()).await;
    say(&other, theirs, "For Ken").await;
    say(&tea, of_ken, "For Ken too").await;
    assert_eq!(stranger.message().await.1, "For Ken");
    assert_eq!((beside.message().await.1, beside.message().await.1), ("For Ken".into(), "For Ken too".into()));
});

async fn wants_mail(stage: &Stage, who: &Someone) {
    let found = user::Entity::find_by_id(who.user).one(stage.app.db()).await.expect("read").expect("a person");
    let mut row = found.into_active_model();
    row.chat_mail = Set(true);
    row.update(stage.app.db()).await.expect("saved");
}

story!(one_mail_without_content_and_only_for_those_who_ask, async |stage| {
    let Pair { tea, hana, thread, .. } = pair(stage).await;
    wants_mail(stage, &hana).await;
    let later = || stage.advance(chrono::Duration::minutes(16));
    let count = async || stage.count_mails_to(&hana.email).await;
    for n in 0..3 {
        say(&tea, thread, &format!("secret {n}")).await;
    }
    assert_eq!(count().await, 0, "not at once");
    later();
    assert_eq!(count().await, 1, "one for all that wait");
    let mail = stage.mail_to(&hana.email).await;
    assert!(!mail.text.contains("secret") && mail.text.contains(&format!("/c/inbox/{thread}")), "{}", mail.text);
    say(&tea, thread, "secret 4").await;
    later();
    assert_eq!(count().await, 1, "not again while nothing was read");

    // Seen in time: no mail. And the brand's people did not ask for any.
    hana.browser.get(&format!("/c/inbox/{thread}")).await.ok();
    say(&hana, thread, "Hello").await;
    say(&tea, thread, "secret 5").await;
    hana.browser.get(&format!("/c/inbox/{thread}")).await.ok();
    later();
    assert_eq!((count().await, stage.count_mails_to(&tea.email).await), (1, 0));
});

story!(a_list_costs_the_same_for_any_number, async |stage| {
    let Pair { tea, thread, campaign, .. } = pair(stage).await;
    let query =
        "{ threads(first: 50) { edges { node { unreadCount lastMessage { body author { name } } creator { id } organisation { id } } } } }";
    say(&tea, thread, "Hello").await;
    let (_, few) = stage.statements(tea.api.ask(query)).await;
    for n in 0..8 {
        let row = creator::Entity::find_by_id(stage.creator(&format!("Extra {n}")).await.creator()).one(stage.app.db()).await;
        let extra = stage.thread(&tea, campaign, row.expect("read").expect("a creator").id).await;
        say(&tea, extra, "Hello").await;
    }
    let (many, more) = stage.statements(tea.api.ask(query)).await;
    assert_eq!(many["threads"]["edges"].as_array().map(Vec::len), Some(9));
    assert!(more <= few, "{more} statements for nine, {few} for one");
});

/// Settled 14: readers stop below the oldest running transaction, so a late commit is never skipped. Numbers that only look random.
#[test]
fn a_late_commit_is_never_skipped() {
    tell(Kind::Postgres, async |stage| {
        let org: OrgId = stage.app.id();
        let ours = || Condition::all().add(event::Column::Kind.eq("story.happened")).add(event::Column::OrgId.eq(org));
        let mut dice = 0x2545_f491_4f6c_dd1d_u64;
        let mut roll = move |sides: usize| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            usize::try_from(dice % 1000).unwrap_or_default() % sides
        };
        let mut open: Vec<(usize, Tx)> = Vec::new();
        let (mut begun, mut newest, mut late) = (0, 0, 0);
        let mut place = Place::START;
        let mut seen = Vec::new();
        let mut read = async |seen: &mut Vec<String>, most: u64| {
            for row in events::after(stage.app.db(), place, ours(), most).await.expect("events") {
                assert!(Place::of(&row) > place, "places rise");
                place = Place::of(&row);
                seen.push(row.subject);
            }
        };
        for _ in 0..400 {
            match roll(4) {
                0 if open.len() < 3 => {
                    let tx = stage.app.begin().await.expect("a transaction");
                    tx.record(Event::new("story.happened", begun).org(org)).await.expect("recorded");
                    open.push((begun, tx));
                    begun += 1;
                }
                1 if !open.is_empty() => {
                    let (n, tx) = open.swap_remove(roll(open.len()));
                    tx.commit().await.expect("committed");
                    late += usize::from(n < newest);
                    newest = newest.max(n);
                }
                2 if open.len() == 3 && roll(5) == 0 => {
                    // Rolled back: never seen, and nobody waits for it.
                    let (n, tx) = open.swap_remove(roll(open.len()));
                    drop(tx);
                    seen.push(n.to_string());
                }
                _ => read(&mut seen, 3).await,
            }
        }
        for (_, tx) in open {
            tx.commit().await.expect("committed");
        }
        for _ in 0..100 {
            read(&mut seen, 3).await;
            if seen.len() >= begun {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(late > 10, "the dangerous order happened {late} times");
        let mut all: Vec<usize> = seen.iter().map(|n| n.parse().expect("a number")).collect();
        all.sort_unstable();
        assert_eq!(all, (0..begun).collect::<Vec<_>>(), "each once, none skipped");
    });
}
