//! What each network tells by itself, and how it checks the address that it tells: the bodies and requests as they come over the wire.
//! Only addresses on loopback are written to.

use std::{io, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, header::CONTENT_TYPE, redirect::Policy};
use serde_json::{Value, json};
use url::Url;

use crate::{
    webhooks::{self, Delivery, WEBHOOK_SECRET},
    world::World,
};

/// Something that happened to an account, of which a network tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Somebody commented or replied.
    Comment,
    /// Somebody named the account.
    Mention,
    /// The account published something.
    Post,
    /// Somebody follows it.
    Follow,
    /// It went on air.
    Online,
    /// It went off air.
    Offline,
    /// The person took the grant back.
    Revoked,
    /// The network will tell no more, through no fault of the person's.
    Ended,
}

/// Twitch's word for what is no check of an address and no end.
const NEWS: &str = "notification";

/// The body in which a network tells `news` of the account with this id there, and the word for it in headers; none if it tells no such
/// thing.
fn body(world: &World, network: &str, news: News, account: &str) -> Option<(Value, &'static str)> {
    let now = world.now();
    let seconds = now.timestamp();
    let meta = |object: &str, field: &str, value: Value| json!({"object": object, "entry": [{"id": account, "time": seconds, "changes": [{"field": field, "value": value}]}]});
    let fan = json!({"id": "9007199254740993", "name": "A fan ファン"});
    let x_user =
        |id: &str| json!({"id": id.parse::<i64>().unwrap_or_default(), "id_str": id, "name": "somebody", "screen_name": "somebody"});
    let tweet = |author: &str, text: &str| {
        json!({"for_user_id": account, "tweet_create_events": [{"created_at": now.format("%a %b %d %H:%M:%S +0000 %Y").to_string(), "id": 1_999_000_000_000_000_000_i64 + seconds,
            "id_str": (1_999_000_000_000_000_000_i64 + seconds).to_string(), "text": text, "user": x_user(author), "is_quote_status": false, "timestamp_ms": now.timestamp_millis().to_string()}]})
    };
    let twitch = |kind: &str, status: &str, event: Option<Value>| {
        let subscription = json!({"id": "f1c2a387-161a-49f9-a165-0f21d7a4e1c4", "status": status, "type": kind, "version": "1", "cost": 0,
            "condition": {"broadcaster_user_id": account}, "transport": {"method": "webhook", "callback": ""}, "created_at": now.to_rfc3339()});
        match event {
            Some(event) => json!({"subscription": subscription, "event": event}),
            None => json!({"subscription": subscription}),
        }
    };
    let streamer = json!({"broadcaster_user_id": account, "broadcaster_user_login": "somebody", "broadcaster_user_name": "somebody"});
    let streaming = |more: Value| {
        let mut event = streamer.clone();
        if let (Some(event), Some(more)) = (event.as_object_mut(), more.as_object()) {
            event.extend(more.clone());
        }
        event
    };
    Some(match (network, news) {
        ("facebook", News::Comment) => {
            let value = json!({"from": fan, "post": {"status_type": "mobile_status_update", "is_published": true, "id": format!("{account}_1")}, "message": "美味しそう", "post_id": format!("{account}_1"),
                "comment_id": format!("1_{seconds}"), "created_time": seconds, "item": "comment", "parent_id": format!("{account}_1"), "verb": "add"});
            (meta("page", "feed", value), NEWS)
        }
        ("facebook", News::Post) => {
            let value = json!({"from": {"id": account, "name": "the Page"}, "message": "New", "post_id": format!("{account}_{seconds}"), "created_time": seconds, "item": "status", "published": 1, "verb": "add"});
            (meta("page", "feed", value), NEWS)
        }
        ("facebook", News::Mention) => {
            let value = json!({"sender_id": "9007199254740993", "sender_name": "A fan", "post_id": format!("9007199254740993_{seconds}"), "created_time": seconds, "item": "post", "verb": "add"});
            (meta("page", "mention", value), NEWS)
        }
        ("instagram", News::Comment) => {
            let value = json!({"from": {"id": "9", "username": "fan"}, "media": {"id": "1790", "media_product_type": "FEED"}, "id": format!("1786{seconds}"), "text": "美味しそう"});
            (meta("instagram", "comments", value), NEWS)
        }
        ("instagram", News::Mention) => {
            (meta("instagram", "mentions", json!({"media_id": "1790", "comment_id": format!("1785{seconds}")})), NEWS)
        }
        ("x", News::Mention | News::Comment) => (tweet("900100", "@you 素敵です"), NEWS),
        ("x", News::Post) => (tweet(account, "新作です"), NEWS),
        ("x", News::Follow) => {
            let follow = json!({"type": "follow", "created_timestamp": now.timestamp_millis().to_string(), "target": x_user(account), "source": x_user("900100")});
            (json!({"for_user_id": account, "follow_events": [follow]}), NEWS)
        }
        ("x", News::Revoked) => {
            let revoke = json!({"date_time": now.to_rfc3339(), "target": {"app_id": "13090192"}, "source": {"user_id": account}});
            (json!({"user_event": {"revoke": revoke}}), NEWS)
        }
        ("tiktok", News::Revoked) => {
            let content = json!({"reason": 1}).to_string();
            (
                json!({"client_key": world.client_id(), "event": "authorization.removed", "create_time": seconds, "user_openid": account, "content": content}),
                NEWS,
            )
        }
        ("twitch", News::Online) => {
            let event =
                streaming(json!({"id": (40_000_000_000_i64 + seconds).to_string(), "type": "live", "started_at": now.to_rfc3339()}));
            (twitch("stream.online", "enabled", Some(event)), NEWS)
        }
        ("twitch", News::Offline) => (twitch("stream.offline", "enabled", Some(streaming(json!({})))), NEWS),
        ("twitch", News::Revoked) => (twitch("stream.online", "user_removed", None), "revocation"),
        ("twitch", News::Ended) => (twitch("stream.online", "notification_failures_exceeded", None), "revocation"),
        _ => return None,
    })
}

/// A delivery as the network sends it, signed.
pub(crate) fn delivery(world: &World, network: &str, news: News, account: &str) -> Option<Delivery> {
    let (body, word) = body(world, network, news, account)?;
    let header = match network {
        "facebook" | "instagram" => "X-Hub-Signature-256",
        "x" => "X-Twitter-Webhooks-Signature",
        "tiktok" => "TikTok-Signature",
        _ => webhooks::TWITCH,
    };
    if network == "twitch" && matches!(news, News::Revoked | News::Ended) {
        world.unsubscribe(&format!("stream.online {account}"));
    }
    Some(webhooks::typed(world, body.to_string(), header, word))
}

/// How a network checks that an address is the app's, over the wire: whether the answer was right. An error: it could not be asked, or the
/// network does no such thing.
pub(crate) async fn handshake(world: &World, network: &str, to: &str) -> io::Result<bool> {
    let number = world.now().timestamp().to_string();
    match network {
        "facebook" | "instagram" => {
            let query = format!("?hub.mode=subscribe&hub.challenge={number}&hub.verify_token={WEBHOOK_SECRET}");
            let (status, said) = call(Method::GET, &format!("{to}{query}"), &[], &[]).await?;
            Ok(status == 200 && said == number)
        }
        "x" => {
            let (status, said) = call(Method::GET, &format!("{to}?crc_token={number}"), &[], &[]).await?;
            let right = format!("sha256={}", STANDARD.encode(webhooks::signed(WEBHOOK_SECRET, &[number.as_bytes()])));
            let said: Value = serde_json::from_str(&said).unwrap_or_default();
            Ok(status == 200 && said["response_token"] == right)
        }
        "twitch" => {
            let body = json!({"challenge": format!("pogchamp-kappa-{number}"), "subscription": {"id": "f1c2a387-161a-49f9-a165-0f21d7a4e1c4", "status": "webhook_callback_verification_pending",
                "type": "stream.online", "version": "1", "cost": 1, "condition": {"broadcaster_user_id": "1"}, "transport": {"method": "webhook", "callback": to}}});
            let check = webhooks::typed(world, body.to_string(), webhooks::TWITCH, "webhook_callback_verification");
            let (status, said) = call(Method::POST, to, &check.headers, &check.body).await?;
            Ok((200..300).contains(&status) && said == format!("pogchamp-kappa-{number}"))
        }
        _ => Err(io::Error::other("this network checks no address")),
    }
}

/// Posts a delivery: the status.
pub(crate) async fn send(delivery: &Delivery, to: &str) -> io::Result<u16> {
    Ok(call(Method::POST, to, &delivery.headers, &delivery.body).await?.0)
}

/// Whether the sandbox writes to an address: nothing of it leaves the machine.
pub(crate) fn reachable(to: &str) -> bool {
    Url::parse(to).is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")))
}

/// One request to our own server, and its answer.
async fn call(method: Method, to: &str, headers: &[(String, String)], body: &[u8]) -> io::Result<(u16, String)> {
    if !reachable(to) {
        return Err(io::Error::other("the sandbox writes to loopback only"));
    }
    let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(Duration::from_secs(10)).build();
    let mut request = client.map_err(io::Error::other)?.request(method, to).header(CONTENT_TYPE, "application/json").body(body.to_vec());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.map_err(io::Error::other)?;
    let status = answer.status().as_u16();
    Ok((status, answer.text().await.map_err(io::Error::other)?))
}
