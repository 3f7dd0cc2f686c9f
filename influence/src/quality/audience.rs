//! Who an audience is made of: types of accounts, and kinds of fans by what they did.

use super::account::Account;

/// What sort of account a follower is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AudienceType {
    /// P(suspicious) above one half.
    Suspicious,
    /// Follows more than 1,500 accounts: sees few posts of each.
    Mass,
    /// More than 5,000 followers of its own, and no mass follower.
    Influencer,
    /// All others.
    Real,
}

impl AudienceType {
    /// How much a follower of this type counts in F_real (section 5): suspicious 0, mass .1, others 1.
    #[must_use]
    pub fn weight(self) -> f64 {
        match self {
            Self::Suspicious => 0.0,
            Self::Mass => 0.1,
            Self::Influencer | Self::Real => 1.0,
        }
    }
}

/// The type of one account, given P(suspicious). Unknown counts speak for "real".
#[must_use]
pub fn audience_type(account: &Account, suspicious: f64) -> AudienceType {
    match () {
        () if suspicious > 0.5 => AudienceType::Suspicious,
        () if account.following.is_some_and(|f| f > 1_500) => AudienceType::Mass,
        () if account.followers.is_some_and(|f| f > 5_000) => AudienceType::Influencer,
        () => AudienceType::Real,
    }
}

/// What one actor did on one creator's posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acted {
    /// How long ago, in days; today is 0.
    pub days_ago: u32,
    /// Which post.
    pub post: u64,
    /// Which kind of action, by any number that tells kinds apart.
    pub kind: u8,
    /// Brought others: shared it, or tagged somebody.
    pub advocates: bool,
}

/// What an actor is to a creator. Lurkers are those of F_real who are none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fan {
    /// On 3 posts or more with 2 kinds of action or more, in 28 days.
    Superfan,
    /// Acted for the first time in the last 28 days.
    New,
    /// On 3 posts or more in 90 days.
    Regular,
    /// On 1 or 2 posts in 90 days.
    Casual,
    /// Acted 90 to 180 days ago, and not since.
    Lapsed,
}

/// A kind of fan, and whether they also bring others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FanWindow {
    /// The kind.
    pub fan: Fan,
    /// Shared a post or tagged somebody within 90 days.
    pub is_advocate: bool,
}

/// The kind of fan from all that one actor did, in any order. A superfan stays one in the first month; nothing within 180 days is no fan.
#[must_use]
pub fn fan(acts: &[Acted]) -> Option<FanWindow> {
    let within = |days: u32| acts.iter().filter(move |a| a.days_ago < days);
    let distinct = |values: Vec<u64>| values.into_iter().collect::<std::collections::BTreeSet<_>>().len();
    let posts_28 = distinct(within(28).map(|a| a.post).collect());
    let kinds_28 = distinct(within(28).map(|a| u64::from(a.kind)).collect());
    let posts_90 = distinct(within(90).map(|a| a.post).collect());
    let is_advocate = within(90).any(|a| a.advocates);
    let fan = match () {
        () if posts_28 >= 3 && kinds_28 >= 2 => Fan::Superfan,
        () if posts_28 > 0 && acts.iter().all(|a| a.days_ago < 28) => Fan::New,
        () if posts_90 >= 3 => Fan::Regular,
        () if posts_90 > 0 => Fan::Casual,
        () if within(180).next().is_some() => Fan::Lapsed,
        () => return None,
    };
    Some(FanWindow { fan, is_advocate })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_in_their_order() {
        let account = |followers, following| Account { followers: Some(followers), following: Some(following), ..Account::default() };
        assert_eq!(audience_type(&account(9_000, 9_000), 0.6), AudienceType::Suspicious);
        assert_eq!(audience_type(&account(9_000, 1_501), 0.1), AudienceType::Mass);
        assert_eq!(audience_type(&account(5_001, 1_500), 0.1), AudienceType::Influencer);
        assert_eq!(audience_type(&account(5_000, 1_500), 0.5), AudienceType::Real);
    }

    #[test]
    fn fans_by_what_they_did() {
        let act = |days_ago, post, kind| Acted { days_ago, post, kind, advocates: false };
        let kind = |acts: &[Acted]| fan(acts).map(|f| f.fan);
        assert_eq!(kind(&[act(1, 1, 0), act(5, 2, 1), act(20, 3, 0)]), Some(Fan::Superfan));
        assert_eq!(kind(&[act(1, 1, 0), act(5, 2, 0), act(20, 3, 0)]), Some(Fan::New), "one kind of action only");
        assert_eq!(kind(&[act(1, 1, 0), act(50, 2, 0), act(80, 3, 0)]), Some(Fan::Regular));
        assert_eq!(kind(&[act(50, 2, 0), act(80, 2, 1), act(120, 9, 1)]), Some(Fan::Casual));
        assert_eq!(kind(&[act(90, 2, 0)]), Some(Fan::Lapsed));
        assert_eq!(kind(&[act(180, 2, 0)]), None);
        assert!(fan(&[Acted { advocates: true, ..act(2, 1, 3) }]).unwrap().is_advocate);
    }
}
