//! Invitations: a brand asks creators by mail to join a campaign.
//!
//! An invitation proves a mailbox and nothing else: whoever opens its link reads the teaser, and by signing up becomes a creator of
//! their own; an imported profile stays unclaimed until its network account is linked. The link belongs to one creator, is stored
//! hashed, lives until the answer-by instant and dies on use; another person's session cannot spend it. Opening it changes nothing but
//! the time of its first view. Joining binds nobody: it opens the full Brief and the chat. Saying no takes two clicks and no reason.
//! Bounces and refusals of further mail are recorded and respected.

mod accept;
mod bulk;
mod decline;
mod expire;
pub mod graphql;
pub mod jobs;
pub mod mails;
pub mod pages;
pub mod people;
pub mod queries;
mod recipients;
mod renew;
mod resend;
pub mod rules;
mod send;
mod sign_up;
mod unsubscribe;
mod view;
mod withdraw;

pub use accept::{Answer, accept};
pub use bulk::{Done, bulk};
pub use decline::{Decline, decline};
pub use expire::expire;
pub use recipients::{Invitee, Refused, refused};
pub use renew::renew;
pub use resend::resend;
pub use send::{KEPT, Recipient, Send, preview, rehearse, send};
pub use sign_up::{SignUp, sign_up};
pub use unsubscribe::{Refusal, mail_of, refusals, resubscribe, unsubscribe};
pub use view::view;
pub use withdraw::withdraw;
