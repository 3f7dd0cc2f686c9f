//! Every address of the portal, so that a link is never written by hand.

use std::fmt::Display;

use crate::auth::actors::Acting;

/// A path on this site, or `/`: `next` fields never lead elsewhere (B29).
pub fn local(next: &str) -> &str {
    let fine = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && !next.starts_with("/sign-");
    if fine { next } else { "/" }
}

fn with_next(path: &str, next: &str) -> String {
    match local(next) {
        "/" => path.to_owned(),
        next => format!("{path}?{}", serde_urlencoded::to_string([("next", next)]).unwrap_or_default()),
    }
}

/// The sign-in page that leads on to `next`.
pub fn sign_in(next: &str) -> String {
    with_next("/sign-in", next)
}

/// The page that asks for the second factor and leads on to `next`.
pub fn second(next: &str) -> String {
    with_next("/sign-in/second", next)
}

/// The page of the second factor that leads on to `next`.
pub fn security(next: &str) -> String {
    with_next(SECURITY, next)
}

/// The sign-up page as creator or brand.
pub fn sign_up(kind: &str) -> String {
    format!("/sign-up?as={kind}")
}

/// The sign-up page that leads on to `next` once the mailbox is proven.
pub fn sign_up_for(kind: &str, next: &str) -> String {
    format!("/sign-up?{}", serde_urlencoded::to_string([("as", kind), ("next", local(next))]).unwrap_or_default())
}

/// The page behind a confirmation link.
pub fn confirm(token: &str) -> String {
    format!("/confirm/{token}")
}

/// The page behind a password link.
pub fn reset(token: &str) -> String {
    format!("/reset/{token}")
}

/// The page behind a link that asks to join an organisation.
pub fn member_invitation(token: &str) -> String {
    format!("/join/{token}")
}

/// The page behind an invitation's link.
pub fn invitation_link(token: &str) -> String {
    format!("/i/{token}")
}

/// The page of the invitation whose link was opened in this browser.
pub const INVITATION: &str = "/invitation";

/// The page of an invitation, for the creator who was invited and is signed in.
pub fn creator_invitation(id: impl Display) -> String {
    format!("/c/invitations/{id}")
}

/// A creator's place in a campaign, as the creator sees it.
pub fn job(participation: impl Display) -> String {
    format!("/c/jobs/{participation}")
}

/// Where somebody tells us to write no more.
pub fn unsubscribe(token: &str) -> String {
    format!("/unsubscribe/{token}")
}

/// Where pictures are sent.
pub const UPLOADS: &str = "/uploads";
/// A person's own settings.
pub const ACCOUNT: &str = "/account";
/// A person's second factor.
pub const SECURITY: &str = "/account/security";
/// Where somebody who is several things, or none yet, chooses.
pub const START: &str = "/start";
/// The platform admins' home.
pub const ADMIN: &str = "/admin";
/// A creator's home.
pub const CREATOR: &str = "/c";
/// A creator's accounts on networks.
pub const NETWORKS: &str = "/c/networks";
/// A creator's own publications.
pub const POSTS: &str = "/c/posts";
/// A creator's own analysis, as brands see it.
pub const ANALYSIS: &str = "/c/analysis";
/// What every figure means and how it is made.
pub const METRICS: &str = "/metrics";

/// One figure on that page.
pub fn metric(name: &str) -> String {
    format!("{METRICS}#{name}")
}

/// A creator's stories that are kept.
pub const STORIES: &str = "/c/stories";
/// What a creator has said yes to.
pub const CONSENTS: &str = "/c/consents";
/// The admin's list of creators.
pub const ADMIN_CREATORS: &str = "/admin/creators";
/// Tables that figures are read against, for admins.
pub const ADMIN_TABLES: &str = "/admin/tables";
/// The admins' page of networks.
pub const ADMIN_NETWORKS: &str = "/admin/networks";
/// The admins' list of pictures beside figures that were handed in.
pub const ADMIN_PROOFS: &str = "/admin/insights";

/// One of them.
pub fn admin_proof(insight: impl Display) -> String {
    format!("{ADMIN_PROOFS}/{insight}")
}

/// An organisation, for admins.
pub fn admin_organisation(org: impl Display) -> String {
    format!("/admin/organisations/{org}")
}

/// The admins' log of what happened.
pub const ADMIN_AUDIT: &str = "/admin/audit";
/// Founding an organisation.
pub const FOUND: &str = "/organisations/new";

/// The home of one of the things that a person can act as.
pub fn acting(as_what: &Acting) -> String {
    match as_what {
        Acting::Creator(..) => CREATOR.to_owned(),
        Acting::Org(id, ..) => org(id, ""),
        Acting::Admin => ADMIN.to_owned(),
    }
}

/// What happened that concerns one of the things that a person can act as.
pub fn activity(as_what: &Acting) -> String {
    format!("{}/activity", acting(as_what))
}

/// The page of networks that leads on to `next` once an account is linked.
pub fn networks(next: &str) -> String {
    with_next(NETWORKS, next)
}

/// Where a network sends people back to; registered there exactly so.
pub fn oauth_callback(network: impl Display) -> String {
    format!("/oauth/{network}/callback")
}

/// Choosing among the accounts that a network offered.
pub fn network_choice(attempt: impl Display) -> String {
    format!("{NETWORKS}/choose/{attempt}")
}

/// One of a creator's accounts, with what is read of it.
pub fn network_account(account: impl Display) -> String {
    format!("{NETWORKS}/{account}")
}

/// One of a creator's own publications.
pub fn post(post: impl Display) -> String {
    format!("{POSTS}/{post}")
}

/// A page of the creator's side.
pub fn creator(rest: impl Display) -> String {
    format!("/c/{rest}")
}

/// A page of an organisation.
pub fn org(org: impl Display, rest: impl Display) -> String {
    match rest.to_string().as_str() {
        "" => format!("/b/{org}"),
        rest => format!("/b/{org}/{rest}"),
    }
}

/// A page of a campaign, on the brand's side.
pub fn campaign(org: impl Display, campaign: impl Display, rest: impl Display) -> String {
    match rest.to_string().as_str() {
        "" => format!("/b/{org}/campaigns/{campaign}"),
        rest => format!("/b/{org}/campaigns/{campaign}/{rest}"),
    }
}

/// An organisation's webhooks.
pub fn webhooks(of: impl Display) -> String {
    org(of, "settings/webhooks")
}

/// One of them.
pub fn webhook(of: impl Display, webhook: impl Display) -> String {
    org(of, format!("settings/webhooks/{webhook}"))
}

/// An uploaded picture.
pub fn picture(upload: impl Display) -> String {
    format!("/pictures/{upload}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_stays_here() {
        assert_eq!(local("/c/inbox?x=1"), "/c/inbox?x=1");
        for bad in ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)", "/a\nb", "/sign-out"] {
            assert_eq!(local(bad), "/", "{bad:?}");
        }
        assert_eq!(sign_in("/c?a=b&c"), "/sign-in?next=%2Fc%3Fa%3Db%26c");
    }
}
