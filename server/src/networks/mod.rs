//! Networks: the accounts that creators prove to be theirs (K27–K29).
//!
//! A link begins at our page, goes through the network's consent page and comes back to `/oauth/{network}/callback`. Its way is an
//! attempt: a random state that is stored hashed, is good once and for ten minutes, and only for the session or API token that began it.
//! Calls to a network are made outside transactions; what they brought is written in one. Tokens are sealed with the vault, each for its
//! own row, and never leave the server. One renewal runs at a time, under a lease, and a rotated pair is stored before it is used.
//!
//! Only the network's word proves an account. Whoever proves one that an imported profile holds takes that profile over (settled 3); one
//! that another registered creator has proven stays theirs, and an admin hears of it. A handle that was typed in proves nothing: it shows
//! on the profile, wears no badge, and goes to whoever proves it. Whoever types one in may show by a code that they can write there.
//!
//! The picture of the largest proven account is copied for creators who uploaded none.

mod begin;
mod choose;
mod claim;
mod declare;
mod figures;
mod finish;
pub mod handed;
pub mod hashtags;
mod hooks;
pub mod graphql;
pub mod jobs;
pub mod lookup;
mod mails;
mod merge;
mod ownership;
pub mod pages;
mod pictures;
pub mod proofs;
pub mod queries;
mod renew;
pub mod rules;
pub mod stories;
pub mod sync;
pub mod thumbnails;
mod unlink;
mod write;

pub use begin::{Began, Begin, begin_link};
pub use choose::choose_account;
pub use declare::declare;
pub use finish::{Finished, finish_link};
pub use hooks::{Answer, receive};
pub use merge::merge_duplicates;
pub use ownership::prove as prove_ownership;
pub use unlink::unlink;

use entity::{network_account, network_link};
use rules::{Access, LinkAction, Offer};

use crate::app::App;

/// What a creator may do with a link of theirs at this installation.
pub(crate) fn actions(app: &App, account: &network_account::Model, link: &network_link::Model) -> Vec<LinkAction> {
    let mut out = rules::allowed(link, Offer::of(account.network, &app.networks));
    if rules::access(account, link) == Some(Access::Public) {
        out.push(LinkAction::Refresh);
    }
    if ownership::possible(app, account.network, link) {
        out.push(LinkAction::ProveOwnership);
    }
    out
}
