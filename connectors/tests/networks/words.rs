//! Answers with words of tomorrow, and answers with nothing optional in them, on every network that lists publications.

use hibiki_connectors::{Account, Format, Network};
use sandbox::Fault;

use super::stage::Stage;

/// Where each network's list of publications is.
const LISTS: [(Network, &str); 7] = [
    (Network::Instagram, "/facebook/v26.0/178"),
    (Network::Facebook, "/facebook/v26.0/100"),
    (Network::X, "/x/2/users"),
    (Network::Tiktok, "/tiktok/v2/video"),
    (Network::Twitch, "/twitch/helix/videos"),
    (Network::Pinterest, "/pinterest/pins"),
    (Network::Mastodon, "/mastodon/api/v1/accounts"),
];

#[tokio::test]
async fn neither_breaks_a_list_nor_a_profile() {
    for (network, list) in LISTS {
        let stage = Stage::new(network);
        let tokens = stage.linked("hana", &[]).await;
        let id = stage.connector.list_accounts(&tokens).await.unwrap().accounts[0].external_id.clone();
        let account = Account::new(&tokens, &id);
        // What is asked besides the list is asked before, and not bent.
        let whole = stage.connector.media(&account, None).await.unwrap();
        for fault in [Fault::UnknownWords, Fault::Bare, Fault::ExtraFields, Fault::StringNumbers] {
            stage.sandbox.fault(list, fault, 1);
            let page = stage.connector.media(&account, None).await.unwrap_or_else(|error| panic!("{network} {fault:?}: {error}"));
            assert_eq!((page.items.len(), page.left_out), (whole.items.len(), whole.left_out), "{network} {fault:?}");
            let same = page.items.iter().zip(&whole.items).all(|(one, two)| one.external_id == two.external_id);
            assert!(same, "{network} {fault:?}");
            if fault == Fault::UnknownWords && matches!(network, Network::Instagram | Network::Twitch | Network::Pinterest) {
                assert!(
                    page.items.iter().any(|m| matches!(&m.format, Format::Other(word) if word.eq_ignore_ascii_case("unheard_of"))),
                    "{network}"
                );
            }
        }
        stage.connector.profile(&tokens, &id).await.unwrap();
    }
}
