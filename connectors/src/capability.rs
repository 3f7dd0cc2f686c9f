//! What a login of a network can give, and on which conditions an account has it.

use serde::{Deserialize, Serialize};

/// Which of a network's logins a connector speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// Instagram's professional accounts through a Facebook Page.
    FacebookLogin,
    /// Instagram's own login.
    InstagramLogin,
    /// Plain OAuth 2.
    Oauth2,
    /// None: what is public is read, and nobody logs in.
    Public,
}

/// Something that a network may or may not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Capability {
    /// Linking an account by the network's own login.
    Login,
    Refresh,
    Revoke,
    Profile,
    Followers,
    Media,
    Stories,
    /// Figures of the account.
    Insights,
    /// Figures of single publications beyond their public counters.
    MediaInsights,
    AudienceAge,
    AudienceGender,
    AudienceCity,
    AudienceCountry,
    Comments,
    Mentions,
    HashtagSearch,
    KeywordSearch,
    PublicLookup,
    Webhooks,
    /// Whether a grant still lives, which the network wants to be asked every hour.
    HourlyCheck,
}

/// On which condition an account has a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Offered,
    /// Once the creator grants this scope.
    NeedsScope(&'static str),
    /// Once the network has reviewed the operator's app.
    NeedsReview,
    /// From this many followers.
    NeedsFollowers(u32),
    /// Not on this network.
    NotOffered,
}

/// One row of a [`CapabilitySet`].
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    /// What.
    pub capability: Capability,
    /// The scope that it takes; none if empty.
    pub scope: &'static str,
    /// Whether the network reviews the app first.
    pub review: bool,
    /// From how many followers.
    pub followers: u32,
}

impl Offer {
    /// Offered to whoever granted `scope`.
    pub const fn with(capability: Capability, scope: &'static str) -> Self {
        Self { capability, scope, review: false, followers: 0 }
    }

    /// Only from so many followers.
    pub const fn from_followers(self, followers: u32) -> Self {
        Self { followers, ..self }
    }

    /// Only after a review of the app.
    pub const fn after_review(self) -> Self {
        Self { review: true, ..self }
    }
}

/// What a login of a network can give. What is not in it, the network does not offer.
#[derive(Clone, Copy, Debug)]
pub struct CapabilitySet(pub &'static [Offer]);

impl CapabilitySet {
    /// Whether the network has it at all.
    pub fn has(&self, capability: Capability) -> bool {
        self.0.iter().any(|offer| offer.capability == capability)
    }

    /// What it takes for an account with these scopes and followers (`None` = not known). `reviewed`: the operator says
    /// that the app passed the network's review.
    pub fn of_account(&self, capability: Capability, granted: &[String], followers: Option<i64>, reviewed: bool) -> Availability {
        let Some(offer) = self.0.iter().find(|offer| offer.capability == capability) else {
            return Availability::NotOffered;
        };
        if !offer.scope.is_empty() && !granted.iter().any(|scope| scope == offer.scope) {
            Availability::NeedsScope(offer.scope)
        } else if offer.review && !reviewed {
            Availability::NeedsReview
        } else if followers.is_some_and(|n| n < i64::from(offer.followers)) {
            Availability::NeedsFollowers(offer.followers)
        } else {
            Availability::Offered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: CapabilitySet = CapabilitySet(&[
        Offer::with(Capability::Profile, "basic"),
        Offer::with(Capability::AudienceAge, "insights").from_followers(100),
        Offer::with(Capability::HashtagSearch, "basic").after_review(),
    ]);

    #[test]
    fn a_capability_says_what_it_takes() {
        let of = |capability, scopes: &[&str], followers| {
            let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
            SET.of_account(capability, &scopes, followers, false)
        };
        assert_eq!(of(Capability::Stories, &["basic"], None), Availability::NotOffered);
        assert_eq!(of(Capability::Profile, &[], None), Availability::NeedsScope("basic"));
        assert_eq!(of(Capability::Profile, &["basic"], Some(0)), Availability::Offered);
        assert_eq!(of(Capability::AudienceAge, &["insights"], Some(40)), Availability::NeedsFollowers(100));
        assert_eq!(of(Capability::AudienceAge, &["insights"], None), Availability::Offered);
        assert_eq!(of(Capability::HashtagSearch, &["basic"], None), Availability::NeedsReview);
    }
}
