//! What Instagram's accounts publish and how it does, against the sandbox: every state that a page has to tell apart.

use super::stage::{Stage, noon, received};
use std::sync::Arc;

use chrono::Duration;
use hibiki_connectors::{
    Account, AccountType, Clock, Connector, Crowd, Dimension, ErrorKind, Flavour, Format, Measure, MediaRef, Memory, MentionKind, Metric,
    Network, Query, RawRequest, Response, Settings, Slices, TokenSet, Unit, WebhookError, Window, instagram::Instagram,
};
use sandbox::Fault;

pub(super) struct Linked {
    pub stage: Stage,
    pub tokens: TokenSet,
    pub id: String,
}

async fn linked(person: &str, unticked: &[&str]) -> Linked {
    let stage = Stage::new(Network::Instagram);
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    Linked { stage, tokens, id }
}

impl Linked {
    fn account(&self) -> Account<'_> {
        Account::new(&self.tokens, &self.id)
    }

    fn network(&self) -> &dyn Connector {
        self.stage.connector.as_ref()
    }
}

#[tokio::test]
async fn media_comes_in_parts_newest_first_and_once() {
    let mei = linked("mei", &[]).await;
    let (mut seen, mut after) = (Vec::new(), None);
    for _ in 0..200 {
        let page = mei.network().media(&mei.account(), after.as_ref()).await.unwrap();
        assert_eq!(page.left_out, 0);
        seen.extend(page.items.into_iter().map(|media| (media.published_at.unwrap(), media.external_id)));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 5_000);
    assert!(seen.windows(2).all(|pair| pair[0].0 > pair[1].0 && pair[0].1 != pair[1].1));
    assert!(linked("kei", &[]).await.media().await.is_empty(), "nothing published is nothing, not an error");
}

impl Linked {
    async fn media(&self) -> Vec<hibiki_connectors::Media> {
        self.network().media(&self.account(), None).await.unwrap().items
    }
}

#[tokio::test]
async fn figures_grow_with_time_and_keep_their_names() {
    let hana = linked("hana", &[]).await;
    let media = hana.media().await;
    for format in [Format::Image, Format::Carousel, Format::Short, Format::Video] {
        assert!(media.iter().any(|m| m.format == format), "{format:?}");
    }
    assert!(media.iter().any(|m| m.caption.contains("#一汁一菜") || m.caption.contains("#家庭料理")));
    assert!(media.iter().any(|m| m.media_url.is_none()), "video with licensed music has no file");
    let refs: Vec<_> = media.iter().take(12).map(|m| m.reference()).collect();
    let before = hana.network().media_insights(&hana.account(), &refs).await.unwrap();
    assert_eq!(
        before.iter().map(|s| s.external_id.as_str()).collect::<Vec<_>>(),
        refs.iter().map(|r| r.external_id.as_str()).collect::<Vec<_>>()
    );
    hana.stage.sandbox.advance(Duration::days(3));
    let later = hana.network().media_insights(&hana.account(), &refs).await.unwrap();
    for (one, two) in before.iter().zip(&later) {
        let (Metric::Value(reach), Metric::Value(more)) = (one.metric(Measure::Reach), two.metric(Measure::Reach)) else {
            panic!("{one:?}")
        };
        assert!(more >= reach);
    }
    assert!(before.iter().zip(&later).any(|(one, two)| one.metric(Measure::Reach) != two.metric(Measure::Reach)));
    let reel = refs.iter().position(|r| r.format == Format::Short).unwrap();
    assert!(matches!(later[reel].metric(Measure::AverageWatchMillis), Metric::Value(ms) if ms > 4_000));
    assert_eq!(later[reel].metric(Measure::ProfileVisits), Metric::NotOffered, "not asked of reels");
}

#[tokio::test]
async fn stories_are_read_until_they_end() {
    let hana = linked("hana", &[]).await;
    hana.stage.sandbox.advance(Duration::hours(2));
    let stories = hana.network().stories(&hana.account()).await.unwrap();
    let story = stories.first().unwrap();
    assert_eq!(story.expires_at, story.media.published_at.unwrap() + Duration::hours(24));
    let reference = story.media.reference();
    let set = &hana.network().media_insights(&hana.account(), std::slice::from_ref(&reference)).await.unwrap()[0];
    let moves: Vec<_> = set.readings.iter().filter(|r| r.measure == Measure::Navigation).collect();
    assert_eq!(
        moves.iter().filter_map(|r| r.part.as_deref()).collect::<Vec<_>>(),
        ["tap_forward", "tap_back", "tap_exit", "swipe_forward"]
    );
    assert_eq!(set.metric(Measure::Replies), Metric::Value(0), "the network itself says 0 in Japan");

    hana.stage.sandbox.advance(story.expires_at - hana.stage.sandbox.now());
    let left = hana.network().stories(&hana.account()).await.unwrap();
    assert!(left.iter().all(|other| other.media.external_id != story.media.external_id));
    let gone = &hana.network().media_insights(&hana.account(), &[reference]).await.unwrap()[0];
    assert_eq!(gone.metric(Measure::Reach), Metric::NotOffered);
}

#[tokio::test]
async fn few_viewers_and_few_followers_are_said_as_such() {
    let yui = linked("yui", &[]).await;
    yui.stage.sandbox.advance(Duration::hours(2));
    let stories = yui.network().stories(&yui.account()).await.unwrap();
    let refs: Vec<_> = stories.iter().map(|s| s.media.reference()).collect();
    let sets = yui.network().media_insights(&yui.account(), &refs).await.unwrap();
    assert!(sets.iter().any(|set| set.metric(Measure::Reach) == (Metric::Suppressed { min: 5 })), "{sets:?}");

    let few = yui.network().demographics(&yui.account().followers(Some(40))).await.unwrap();
    assert_eq!(few.get(Crowd::Followers, Dimension::Age), Some(&Slices::Missing(Metric::Suppressed { min: 100 })));
    let unknown = yui.network().demographics(&yui.account()).await.unwrap();
    assert_eq!(unknown.get(Crowd::Followers, Dimension::Age), Some(&Slices::Missing(Metric::NotReady)));
}

#[tokio::test]
async fn who_the_audience_is() {
    let hana = linked("hana", &[]).await;
    let audience = hana.network().demographics(&hana.account().followers(Some(48_200))).await.unwrap();
    assert_eq!(audience.breakdowns.len(), 8);
    for breakdown in &audience.breakdowns {
        let Slices::Given { unit: Unit::People, shares } = &breakdown.slices else { panic!("{breakdown:?}") };
        assert!(shares.iter().map(|s| s.value).sum::<f64>() <= 48_200.0 * 1.05 && shares.len() >= 3);
    }
    let Some(Slices::Given { shares, .. }) = audience.get(Crowd::Followers, Dimension::Gender) else { panic!() };
    assert_eq!(shares[0].key, "female");
}

#[tokio::test]
async fn the_account_over_a_window() {
    let hana = linked("hana", &[]).await;
    let year = Window::days_before(noon(), 365);
    let set = hana.network().account_insights(&hana.account(), year).await.unwrap();
    assert_eq!(set.window.unwrap(), Window::days_before(noon(), 30), "what was asked stands in the answer");
    for measure in [Measure::Reach, Measure::Views, Measure::Interactions, Measure::Follows, Measure::Unfollows] {
        assert!(set.metric(measure).value().is_some(), "{measure:?}");
    }
    let kei = linked("kei", &[]).await;
    let empty = kei.network().account_insights(&kei.account(), year).await.unwrap();
    assert_eq!(empty.metric(Measure::Reach), Metric::NotReady);
}

#[tokio::test]
async fn a_metric_that_is_gone_does_not_take_the_others_along() {
    let hana = linked("hana", &[]).await;
    let refs = [hana.media().await[0].reference()];
    hana.stage.sandbox.fault("/facebook/v26.0/179", Fault::MetricGone, 2);
    let set = &hana.network().media_insights(&hana.account(), &refs).await.unwrap()[0];
    assert_eq!(set.metric(Measure::Views), Metric::NotOffered, "the first of them, refused twice");
    assert!(set.metric(Measure::Reach).value().is_some());
    let calls = || hana.stage.sandbox.log().len();
    let before = calls();
    let again = &hana.network().media_insights(&hana.account(), &refs).await.unwrap()[0];
    assert_eq!((calls() - before, again.metric(Measure::Views)), (1, Metric::NotOffered), "it is not asked for again");
}

#[tokio::test]
async fn one_publication_that_cannot_be_read_stops_no_other() {
    let refusal = |code: &str| format!(r#"{{"error":{{"message":"(#100) Unsupported","type":"OAuthException","code":100{code}}}}}"#);
    let (before, broken) = (refusal(r#","error_subcode":2108006"#), refusal(""));
    let memory = Arc::new(Memory::new(move |request| {
        let body = match request.url.path() {
            "/v26.0/1/insights" => before.clone(),
            "/v26.0/2/insights" => broken.clone(),
            _ => r#"{"data":[{"name":"views","period":"lifetime","values":[{"value":7}]}]}"#.to_owned(),
        };
        Ok(Response::of(if body.contains("error") { 400 } else { 200 }, &[], body))
    }));
    let settings = Settings { client_id: "1".into(), client_secret: "s".into(), ..Settings::default() };
    let network = Instagram::new(settings, memory.clone(), Clock::new(noon)).unwrap();
    let tokens = TokenSet { access: "token".into(), ..TokenSet::none() };
    let refs = ["1", "2", "3"].map(|id| MediaRef { external_id: id.into(), format: Format::Image, published_at: None });
    let sets = network.media_insights(&Account::new(&tokens, "9"), &refs).await.unwrap();
    let views: Vec<Metric> = sets.iter().map(|set| set.metric(Measure::Views)).collect();
    assert_eq!(views, [Metric::NotOffered, Metric::Failed, Metric::Value(7)]);
    assert_eq!(memory.seen().len(), 3, "and no metric is given up for it");
}

#[tokio::test]
async fn what_was_not_granted_is_not_asked_for() {
    let aoi = linked("aoi", &[]).await;
    let calls = aoi.stage.sandbox.log().len();
    let scope = |scope: &str| ErrorKind::ScopeMissing { scope: scope.into() };
    let refused = [
        aoi.network().demographics(&aoi.account()).await.unwrap_err().kind,
        aoi.network().account_insights(&aoi.account(), Window::days_before(noon(), 7)).await.unwrap_err().kind,
        aoi.network().media_insights(&aoi.account(), &[]).await.unwrap_err().kind,
    ];
    assert!(refused.iter().all(|kind| *kind == scope("instagram_manage_insights")), "{refused:?}");
    assert_eq!(aoi.stage.sandbox.log().len(), calls);
    // A grant whose record is older than the refusal learns it from the network.
    let unaware = TokenSet { missing_scopes: Vec::new(), ..aoi.tokens.clone() };
    let told = aoi.network().demographics(&Account::new(&unaware, &aoi.id)).await.unwrap_err().kind;
    assert_eq!(told, scope("instagram_manage_insights"));
}

#[tokio::test]
async fn what_others_say() {
    let hana = linked("hana", &[]).await;
    let media = hana.media().await;
    let much = media.iter().max_by_key(|m| m.counter(Measure::Comments).value()).unwrap();
    let page = hana.network().comments(&hana.account(), &much.reference(), None).await.unwrap();
    let (first, answers): (Vec<_>, Vec<_>) = page.items.iter().partition(|c| c.parent_id.is_none());
    assert_eq!(first.len() as i64, much.counter(Measure::Comments).value().unwrap().min(50));
    assert!(!answers.is_empty() && answers.iter().all(|c| c.author.handle.as_deref() == Some("hana.cooks")), "the owner answers");
    assert_eq!(first.iter().filter(|c| c.replies == Metric::Value(1)).count(), answers.len());
    assert!(page.items.iter().all(|c| c.author.handle.is_some() && c.published_at.is_some() && c.media_id == much.external_id));
    let tags = hana.network().mentions(&hana.account(), None).await.unwrap();
    assert!(tags.items.iter().all(|m| m.text.contains("@hana.cooks")) && tags.items.len() > 10);
}

#[tokio::test]
async fn other_accounts_are_found_by_name_if_they_are_professional() {
    let hana = linked("hana", &[]).await;
    let found = hana.network().lookup_public(Some(&hana.account()), "@ken.mori.photo").await.unwrap();
    assert_eq!((found.handle.as_str(), found.followers), ("ken.mori.photo", Metric::Value(12_400)));
    for nobody in ["sora.private", "leo.sake.notes", "not a name"] {
        let error = hana.network().lookup_public(Some(&hana.account()), nobody).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{nobody}: {error}");
    }
    let alone = hana.network().lookup_public(None, "ken.mori.photo").await.unwrap_err();
    assert!(matches!(alone.kind, ErrorKind::NotSupported(_)));
}

#[tokio::test]
async fn thirty_hashtags_a_week() {
    let hana = linked("hana", &[]).await;
    hana.stage.sandbox.advance(Duration::hours(49));
    let top = Query { order: hibiki_connectors::Order::Top, ..Query::hashtag("#家庭料理") };
    let found = hana.network().search(Some(&hana.account()), &top).await.unwrap();
    assert!(!found.items.is_empty() && found.items.iter().all(|m| m.caption.contains("#家庭料理") && m.author.handle.is_none()));
    for n in 1..30 {
        hana.network().search(Some(&hana.account()), &Query::hashtag(&format!("tag{n}"))).await.unwrap();
    }
    let error = hana.network().search(Some(&hana.account()), &Query::hashtag("tag30")).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::QuotaExhausted);
    hana.network().search(Some(&hana.account()), &top).await.expect("a known one costs nothing");
    hana.stage.sandbox.advance(Duration::days(8));
    hana.network().search(Some(&hana.account()), &Query::hashtag("tag30")).await.unwrap();
    let words = hana.network().search(Some(&hana.account()), &Query::keyword("rice")).await.unwrap_err();
    assert!(matches!(words.kind, ErrorKind::NotSupported(_)));
}

#[tokio::test]
async fn hostile_lists_are_errors_and_leak_nothing() {
    let hana = linked("hana", &[]).await;
    let path = format!("/facebook/v26.0/{}/media", hana.id);
    for (fault, kind) in [
        (Fault::Html, ErrorKind::Contract),
        (Fault::Cut, ErrorKind::Transient),
        (Fault::Huge, ErrorKind::Contract),
        (Fault::Drip, ErrorKind::Transient),
        (Fault::ForeignNext, ErrorKind::Contract),
        (Fault::Redirect, ErrorKind::Contract),
        (Fault::ServerError, ErrorKind::Transient),
    ] {
        hana.stage.sandbox.fault(&path, fault, 1);
        let error = hana.network().media(&hana.account(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {error}");
        assert!(!error.to_string().contains(hana.tokens.access.expose()) && !error.to_string().contains("stolen"));
    }
    for fault in [Fault::ExtraFields, Fault::StringNumbers] {
        hana.stage.sandbox.fault(&path, fault, 1);
        let media = hana.media().await;
        assert!(media.len() == 50 && media.iter().all(|m| m.counter(Measure::Likes).value().is_some()), "{fault:?}");
    }
}

#[tokio::test]
async fn events_come_once_they_were_asked_for() {
    let without = linked("hana", &[]).await;
    let missing = without.network().subscribe(&without.account()).await.unwrap_err();
    assert_eq!(missing.kind, ErrorKind::ScopeMissing { scope: "pages_manage_metadata".into() });
    let scopes = ["instagram_basic", "pages_show_list", "pages_manage_metadata"].map(str::to_owned).to_vec();
    let stage = Stage::with(Network::Instagram, |settings| Settings { scopes: Some(scopes), ..settings });
    let tokens = stage.linked("hana", &[]).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    let hana = Linked { stage, tokens, id };
    hana.network().subscribe(&hana.account()).await.unwrap();
    let subscribed = hana.stage.sandbox.subscribed();
    assert_eq!(subscribed.len(), 1, "the Page, by its own token");
    let delivered = hana.stage.sandbox.webhook(hibiki_webhook(&hana.id), "X-Hub-Signature-256");
    let request = received(&delivered);
    let events = hana.network().webhook_events(&request).unwrap();
    assert_eq!((events.len(), events[0].account.as_deref()), (1, Some(hana.id.as_str())));
    let forged = RawRequest { body: [&request.body[..], b" "].concat(), ..request };
    assert_eq!(hana.network().webhook_events(&forged), Err(WebhookError::Forged));
}

#[tokio::test]
async fn a_mention_is_looked_up_by_its_event() {
    let hana = linked("hana", &[]).await;
    let event = |value: &str| {
        let body = format!(
            r#"{{"object":"instagram","entry":[{{"id":"{}","time":1793600000,"changes":[{{"field":"mentions","value":{value}}}]}}]}}"#,
            hana.id
        );
        hana.network().webhook_events(&received(&hana.stage.sandbox.webhook(body, "X-Hub-Signature-256"))).unwrap().remove(0)
    };
    let caption = hana.network().mentioned(&hana.account(), &event(r#"{"media_id":"17900000000000001"}"#)).await.unwrap();
    assert!(caption.kind == MentionKind::Caption && caption.text.contains("@hana.cooks"), "{caption:?}");
    let comment = hana.network().mentioned(&hana.account(), &event(r#"{"media_id":"1790","comment_id":"1785"}"#)).await.unwrap();
    assert!(comment.kind == MentionKind::Comment && comment.media_id.is_some(), "{comment:?}");
    let strange = hana.network().mentioned(&hana.account(), &event(r#"{"media_id":"1){id}"}"#)).await.unwrap_err();
    assert_eq!(strange.kind, ErrorKind::Contract, "nothing out of an event gets into a question unchecked");
}

fn hibiki_webhook(id: &str) -> String {
    format!(
        r#"{{"object":"instagram","entry":[{{"id":"{id}","time":1793600000,"changes":[{{"field":"comments","value":{{"id":"1","text":"素敵"}}}}]}}]}}"#
    )
}

/// By Instagram's own login instead of Facebook's.
pub(super) async fn own_login(person: &str, unticked: &[&str]) -> Linked {
    let stage = Stage::with(Network::Instagram, |mut settings| {
        let base =
            |url: Option<url::Url>| url.map(|url| url.as_str().replace(sandbox::FACEBOOK, sandbox::INSTAGRAM_LOGIN).parse().unwrap());
        (settings.auth_base, settings.api_base, settings.token_base) =
            (base(settings.auth_base), base(settings.api_base), base(settings.token_base));
        Settings { flavour: Some(Flavour::InstagramLogin), ..settings }
    });
    let tokens = stage.linked(person, unticked).await;
    let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
    Linked { stage, tokens, id }
}

#[tokio::test]
async fn the_own_login_reaches_the_same_account() {
    let (own, other) = (own_login("hana", &[]).await, linked("hana", &[]).await);
    assert_eq!(own.id, other.id, "one account, whichever login");
    assert_eq!(own.tokens.expires_at, Some(noon() + Duration::seconds(5_183_944)));
    let profile = own.network().profile(&own.tokens, &own.id).await.unwrap();
    assert_eq!(
        (profile.handle.as_str(), profile.account_type, profile.followers),
        ("hana.cooks", AccountType::Business, Metric::Value(48_200))
    );
    let media = own.media().await;
    let set = &own.network().media_insights(&own.account(), &[media[1].reference()]).await.unwrap()[0];
    assert!(media.len() == 50 && set.metric(Measure::Reach).value().is_some());
    assert!(own.network().demographics(&own.account()).await.unwrap().get(Crowd::Followers, Dimension::Age).is_some());
    own.network().comments(&own.account(), &media[1].reference(), None).await.unwrap();
    own.network().subscribe(&own.account()).await.unwrap();
    for refused in [
        own.network().lookup_public(Some(&own.account()), "ken.mori.photo").await.map(drop),
        own.network().search(Some(&own.account()), &Query::hashtag("tea")).await.map(drop),
        own.network().revoke(&own.tokens).await,
    ] {
        assert!(matches!(refused.unwrap_err().kind, ErrorKind::NotSupported(_)));
    }
}

#[tokio::test]
async fn the_own_login_is_lengthened_after_a_day_and_ends() {
    let own = own_login("hana", &[]).await;
    assert_eq!(own.network().refresh(&own.tokens).await.unwrap_err().kind, ErrorKind::Bug, "not on the first day");
    own.stage.sandbox.advance(Duration::days(30));
    let longer = own.network().refresh(&own.tokens).await.unwrap();
    assert_eq!(longer.expires_at, Some(noon() + Duration::days(30) + Duration::seconds(5_183_944)));
    own.network().profile(&longer, &own.id).await.unwrap();
    own.stage.sandbox.revoke("hana");
    assert_eq!(own.network().refresh(&longer).await.unwrap_err().kind, ErrorKind::Revoked);

    let late = own_login("ken", &[]).await;
    late.stage.sandbox.advance(Duration::days(61));
    assert_eq!(late.network().refresh(&late.tokens).await.unwrap_err().kind, ErrorKind::TokenExpired, "what ran out cannot be lengthened");
}

#[tokio::test]
async fn the_own_login_and_its_scopes() {
    let without = own_login("hana", &["instagram_business_manage_insights"]).await;
    let missing = ErrorKind::ScopeMissing { scope: "instagram_business_manage_insights".into() };
    assert_eq!(without.network().demographics(&without.account()).await.unwrap_err().kind, missing);
    let stage = own_login("hana", &[]).await.stage;
    let personal = stage.linked("sora", &[]).await;
    assert_eq!(stage.connector.list_accounts(&personal).await.unwrap().refusal, Some(ErrorKind::NotBusinessAccount));
}
