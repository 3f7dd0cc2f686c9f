//! Accounts: people, and how they prove who they are.
//!
//! A person exists once their mailbox is proven: a sign-up waits in a link token until its mail is answered. Answers to strangers are
//! the same for known and unknown addresses. One person may be creator, member of several organisations and platform admin; those are
//! other slices. A session can be ended at the server, an API token is made for exactly one actor.

mod change_email;
mod change_password;
mod confirm;
mod create_admin;
mod create_token;
mod edit;
mod end_sessions;
pub mod graphql;
pub mod jobs;
mod mails;
pub mod pages;
mod prove;
pub mod queries;
mod reset_password;
mod revoke_token;
pub mod rules;
pub mod second_factor;
mod sign_in;
mod sign_up;
mod suspend;

pub use change_email::{change_email, confirm_email};
pub use change_password::change_password;
pub use confirm::{Confirmed, confirm, create_user};
pub use create_admin::create_admin;
pub use create_token::{NewToken, create_token};
pub use edit::{Edit, edit};
pub use end_sessions::{end_other_sessions, end_session, sign_out};
pub use prove::prove;
pub use reset_password::{request_reset, reset_password};
pub use revoke_token::revoke_token;
pub use second_factor::{
    Added, NewTotp, add_passkey, begin_pass_by_passkey, begin_passkey, begin_totp, confirm_totp, pass_by_code, pass_by_passkey,
    passkeys_possible, recovery_codes_left, remove_second_factor, renew_recovery_codes, reset_second_factor,
    reset_second_factor_at_console, second_factors,
};
pub(crate) use sign_in::api_token;
pub use sign_in::{Identified, SignedIn, sign_in, sign_in_with_code};
pub use sign_up::{SignUp, sign_up};
pub use suspend::{restore, sign_out_everywhere, suspend};
