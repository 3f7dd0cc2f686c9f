//! Files in a bucket, at a server that speaks S3 and that we did not write (npm s3rver): stories are kept there, read back and deleted.
//! It knows the key by its id and leaves signatures of version 4 unchecked, so these are not what is tested here.

use std::cell::OnceCell;

use entity::enums::StoryEnd;
use sandbox::Handle;
use server::{config::FilesConfig, files::Files};

use crate::{
    Stage,
    database::Kind,
    networks::walk,
    peers::{self, Peer},
    stage::{beginning, tell_with},
    sync::{agreed, stories},
};

fn bucket(address: &str, key: &str) -> FilesConfig {
    FilesConfig {
        bucket: "stories".into(),
        prefix: "of hibiki/ひびき".into(),
        endpoint: format!("{address}/"),
        access_key: key.into(),
        secret_key: "S3RVER".into(),
        ..FilesConfig::default()
    }
}

fn server() -> Option<Peer> {
    Peer::start("tests/peers/s3", "s3rver", "s3.mjs", &[])
}

/// The names in the bucket, as the server keeps them.
fn names(peer: &mut Peer) -> Vec<String> {
    peer.tell("names");
    let all: Vec<String> = serde_json::from_str(&peer.line()).expect("names");
    // Beside each file stand its hash and what was said of it.
    all.into_iter().filter(|name| name.ends_with("_S3rver_object")).collect()
}

#[tokio::test]
async fn a_bucket_keeps_and_forgets() {
    let Some(mut peer) = server() else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let files = Files::open(&bucket(&peer.address, "S3RVER"), dir.path()).expect("opened");
    assert_eq!(files.get("stories/a").await.expect("asked"), None);
    let large: Vec<u8> = (0..8_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    files.put("stories/a", large.clone()).await.expect("kept");
    files.put("stories/ストーリー ?&+.png", b"x".to_vec()).await.expect("kept");
    assert_eq!(files.get("stories/a").await.expect("read").as_deref(), Some(&large[..]));
    assert_eq!(files.get("stories/ストーリー ?&+.png").await.expect("read").as_deref(), Some(&b"x"[..]));
    assert_eq!(names(&mut peer).len(), 2);
    for _ in 0..2 {
        files.delete("stories/a").await.expect("deleted, and once more");
    }
    assert_eq!(files.get("stories/a").await.expect("asked"), None);
    assert_eq!(names(&mut peer).len(), 1);
    // What is not ours to read or write is an error, not an empty place.
    let other = Files::open(&bucket(&peer.address, "SOMEBODY"), dir.path()).expect("opened");
    assert!(other.put("stories/b", b"x".to_vec()).await.is_err(), "another's key");
    assert!(other.get("stories/a").await.is_err(), "another's key");
    let elsewhere = Files::open(&FilesConfig { bucket: "nowhere".into(), ..bucket(&peer.address, "S3RVER") }, dir.path()).expect("opened");
    assert!(elsewhere.put("stories/b", b"x".to_vec()).await.is_err());
    assert!(!dir.path().join("files").exists(), "nothing lies beside it");
}

fn told(kind: Kind) {
    let Some(mut peer) = server() else { return };
    let started = OnceCell::new();
    let files = bucket(&peer.address, "S3RVER");
    tell_with(
        kind,
        |config| {
            config.files = files;
            started.set(peers::sandbox(config, Some(beginning()))).ok();
        },
        async |stage| story(stage, started.get().expect("the sandbox"), &mut peer).await,
    );
}

#[test]
fn stories_are_kept_in_a_bucket_sqlite() {
    told(Kind::Sqlite);
}

#[test]
fn stories_are_kept_in_a_bucket_postgres() {
    told(Kind::Postgres);
}

async fn story(stage: &Stage, sandbox: &Handle, peer: &mut Peer) {
    let hana = stage.creator("Hana").await;
    walk(sandbox, &hana, "hana").await.ok();
    stage.work().await;
    let acme = agreed(stage, &hana).await;
    stage.work().await;
    let kept = stories(stage).await;
    assert!(!kept.is_empty() && kept.iter().all(|story| story.file.is_some() && story.ending == StoryEnd::Open), "{kept:?}");
    assert_eq!(names(peer).len(), kept.len());

    // Both sides see the very file, from our own origin.
    let one = &kept[0];
    let own = hana.browser.get(&format!("/c/stories/{}", one.id)).await.ok();
    assert_eq!(own.header("content-type"), "image/png");
    acme.browser.get(&acme.path(&format!("creators/{}/stories/{}", hana.creator(), one.id))).await.ok();

    // Once it is gone from the bucket, there is nothing to see.
    stage.app.files.delete(one.file.as_deref().expect("a name")).await.expect("deleted");
    assert_eq!(names(peer).len(), kept.len() - 1);
    hana.browser.get(&format!("/c/stories/{}", one.id)).await.is(404);
}
