//! Pages that everybody may see, in both languages, on a phone and at a desk.

use crate::Chromium;

async fn look_at_all(chromium: &Chromium) {
    for (name, path) in [
        ("home", "/"),
        ("creators", "/creators"),
        ("brands", "/brands"),
        ("conduct", "/conduct"),
        ("privacy", "/privacy"),
        ("sign-in", "/sign-in"),
        ("forgot", "/forgot"),
    ] {
        chromium.open(path).await;
        chromium.look(name).await;
    }
}

#[test]
fn public_pages_in_japanese() {
    Chromium::tell("ja", async |_, chromium| look_at_all(chromium).await);
}

#[test]
fn public_pages_in_english() {
    Chromium::tell("en", async |_, chromium| look_at_all(chromium).await);
}
