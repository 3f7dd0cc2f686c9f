//! Networks: the way of a link, who may do what, when tokens are renewed, and what a failure means to a creator. Pure.

use chrono::{DateTime, Duration, Utc};
use connectors::{Availability, Capability, CapabilitySet, ErrorKind, HandleError, Metric, RemoteAccounts};
use entity::{
    enums::{AccountType, LinkMethod, LinkState, Locale, Network},
    network_account, network_link, oauth_attempt,
};

use crate::{
    auth::actors::Via,
    base::lang::{Lang, Text},
    error::{Code, Problem, Result, Wrong},
};

/// How long a walk through a consent page may take, and then a choice among accounts.
pub const ATTEMPT_MINUTES: i64 = 10;
/// How long the tokens of an account that was unlinked may wait for the network to be reached.
pub const REVOKE_HOURS: i64 = 24;
/// How long a worker may take for one renewal.
pub const LEASE_SECONDS: i64 = 120;

macro_rules! same_networks {
    ($($name:ident)*) => {
        /// The connectors' word for a network.
        pub const fn outside(network: Network) -> connectors::Network {
            match network { $(Network::$name => connectors::Network::$name,)* }
        }
        /// Our word for a network.
        pub const fn inside(network: connectors::Network) -> Network {
            match network { $(connectors::Network::$name => Network::$name,)* }
        }
    };
}
same_networks!(Instagram Youtube Facebook X Tiktok Twitch Pinterest Linkedin Reddit Bluesky Mastodon Blog);

/// Every network in the order of pages.
pub fn networks() -> impl Iterator<Item = Network> {
    connectors::Network::ALL.into_iter().map(inside)
}

/// What a creator can do with a network at this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "NetworkOptionState")]
pub enum Offer {
    /// Accounts can be linked
    Available,
    /// This release could, but the operator has not registered with the network
    NotConfigured,
    /// This release cannot; the handle can be declared, without proof
    NotSupported,
}

impl Offer {
    /// Of a network.
    pub fn of(network: Network, registry: &connectors::Registry) -> Self {
        let network = outside(network);
        match registry.get(network) {
            Some(_) => Self::Available,
            None if connectors::Registry::CONNECTORS.contains(&network) => Self::NotConfigured,
            None => Self::NotSupported,
        }
    }

    /// For message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::NotConfigured => "not_configured",
            Self::NotSupported => "not_supported",
        }
    }
}

/// Whether an account is on a Mastodon server other than the one where people log in: it cannot be linked, though the network can.
pub fn elsewhere(network: Network, handle: &connectors::Handle, registry: &connectors::Registry) -> bool {
    let home = registry.get(outside(network)).and_then(|connector| connector.authorize_origin().parse::<url::Url>().ok());
    let home = home.as_ref().and_then(|home| home.host_str());
    network == Network::Mastodon && home.is_some_and(|home| handle.text().split_once('@').is_some_and(|(_, server)| server != home))
}

/// What can happen to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The network says that the account is the creator's.
    Prove,
    /// The grant has died.
    Break,
    /// The creator takes it back.
    Unlink,
}

impl Move {
    /// Every move.
    pub const ALL: &'static [Self] = &[Self::Prove, Self::Break, Self::Unlink];
}

/// Where a move leads; none = not from here.
pub fn after(state: LinkState, step: Move) -> Option<LinkState> {
    use LinkState::*;
    Some(match (state, step) {
        (_, Move::Prove) => Verified,
        (Verified | NeedsReauth, Move::Break) => NeedsReauth,
        (Declared | Verified | NeedsReauth, Move::Unlink) => Revoked,
        (Declared | Revoked, Move::Break) | (Revoked, Move::Unlink) => return None,
    })
}

/// As [`after`], refusing what is not possible.
pub fn step(state: LinkState, step: Move) -> Result<LinkState> {
    after(state, step).ok_or_else(|| Problem::whole(Code::WrongState, "networks.problem.unlinked").into())
}

/// Whether the network itself has confirmed it, and nobody has taken that back since.
pub fn proven(link: &network_link::Model) -> bool {
    link.method == LinkMethod::Oauth && matches!(link.state, LinkState::Verified | LinkState::NeedsReauth)
}

/// As whom an account is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// As its creator, who has granted it.
    Grant,
    /// As everybody: its creator has shown by a code that it is theirs.
    Public,
}

/// Of an account and its link; none = it is not read.
pub fn access(account: &network_account::Model, link: &network_link::Model) -> Option<Access> {
    account.external_id.as_ref()?;
    match link.state {
        LinkState::Verified => link.token_sealed.as_ref().map(|_| Access::Grant),
        LinkState::Declared => link.proven_at.map(|_| Access::Public),
        LinkState::NeedsReauth | LinkState::Revoked => None,
    }
}

/// What a creator may do with a link of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "NetworkLinkAction")]
pub enum LinkAction {
    /// `networkLinkBegin` with the account's id: through the network's consent page again
    Relink,
    /// `networkUnlink`
    Unlink,
    /// `networkRefresh`: its figures are read now
    Refresh,
    /// `networkOwnershipProve`: the code is looked for where the account is
    ProveOwnership,
}

/// What is possible now.
pub fn allowed(link: &network_link::Model, offer: Offer) -> Vec<LinkAction> {
    let mut out = Vec::new();
    if offer == Offer::Available {
        out.push(LinkAction::Relink);
    }
    if after(link.state, Move::Unlink).is_some() {
        out.push(LinkAction::Unlink);
    }
    if link.state == LinkState::Verified && link.method == LinkMethod::Oauth && offer == Offer::Available {
        out.push(LinkAction::Refresh);
    }
    out
}

/// Whether an attempt is this caller's: the session that began it, or the token. What a token began may also come back to a browser in
/// which the same creator is signed in, since that is where consent pages lead. Whose it is has been asked before.
pub fn bound(attempt: &oauth_attempt::Model, via: Via) -> bool {
    match via {
        Via::Session(id, _) => attempt.session_id == Some(id) || (attempt.session_id.is_none() && attempt.token_id.is_some()),
        Via::Token(id, _) => attempt.token_id == Some(id),
    }
}

/// Which of the accounts that a grant reaches is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// This one.
    One(String),
    /// The creator says.
    Choose,
    /// None, and why.
    None(Wrong),
}

/// The only account, or the one that must come back.
pub fn pick(found: &RemoteAccounts, expected: Option<(&str, &str)>) -> Pick {
    let mut usable = found.usable();
    if let Some((id, handle)) = expected {
        return match usable.find(|account| account.external_id == id) {
            Some(account) => Pick::One(account.external_id.clone()),
            None if found.usable().next().is_some() => {
                Pick::None(Wrong::new(Code::Refused, "networks.problem.other_account").with("handle", handle))
            }
            None => Pick::None(why_none(found)),
        };
    }
    match (usable.next(), usable.next()) {
        (Some(only), None) => Pick::One(only.external_id.clone()),
        (Some(_), Some(_)) => Pick::Choose,
        (None, _) => Pick::None(why_none(found)),
    }
}

fn why_none(found: &RemoteAccounts) -> Wrong {
    match &found.refusal {
        // The difference matters to whoever has to mend it.
        Some(ErrorKind::NotBusinessAccount) | None if found.accounts.is_empty() => Wrong::new(Code::Refused, "networks.error.no_page"),
        Some(kind) => explained(kind),
        None => explained(&ErrorKind::NotFound),
    }
}

/// What a failure means to the creator, and what to do about it.
pub fn explained(kind: &ErrorKind) -> Wrong {
    let refused = |key| Wrong::new(Code::Refused, key);
    match kind {
        ErrorKind::ScopeMissing { scope } => match scope.as_str() {
            // The two without which there is no account at all, in words that a creator knows.
            "pages_show_list" => refused("networks.error.scope_pages"),
            "instagram_basic" => refused("networks.error.scope_basic"),
            other => refused(key(kind)).with("scope", if other.is_empty() { "–" } else { other }),
        },
        kind => refused(key(kind)),
    }
}

/// The text of a kind of failure; also what a link's row remembers.
pub const fn key(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TokenExpired => "networks.error.token_expired",
        ErrorKind::Revoked => "networks.error.revoked",
        ErrorKind::Checkpoint => "networks.error.checkpoint",
        ErrorKind::ScopeMissing { .. } => "networks.error.scope_missing",
        ErrorKind::AppNotApproved => "networks.error.app_not_approved",
        ErrorKind::RateLimited { .. } | ErrorKind::QuotaExhausted => "networks.error.rate_limited",
        ErrorKind::NotBusinessAccount => "networks.error.not_business_account",
        ErrorKind::NotFound | ErrorKind::Private | ErrorKind::Gone => "networks.error.not_found",
        ErrorKind::Transient => "networks.error.transient",
        ErrorKind::Declined => "networks.error.declined",
        ErrorKind::CodeRefused => "networks.error.code_refused",
        ErrorKind::IssuerMismatch => "networks.error.issuer_mismatch",
        ErrorKind::BelowThreshold { .. } | ErrorKind::NotSupported(_) | ErrorKind::Contract | ErrorKind::Bug => "networks.error.contract",
    }
}

/// What a row remembers as wrong, as a sentence for its creator.
pub fn problem(link: &network_link::Model, locale: Locale) -> Option<Text> {
    (!link.problem.is_empty()).then(|| sentence(&link.problem, &link.missing_scopes.0.join(", "), locale))
}

/// A text that was remembered by its key.
pub fn sentence(key: &str, scope: &str, locale: Locale) -> Text {
    locale.t(key).with("scope", if scope.is_empty() { "–" } else { scope })
}

/// What is done about a failure of work in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// The same again, later.
    Again,
    /// The grant is dead, or worth nothing: the creator must link again.
    Relink,
    /// Somebody who runs the installation should look; what is known stays.
    Keep,
}

/// By the kind.
pub fn reaction(kind: &ErrorKind) -> Reaction {
    if kind.passes() {
        Reaction::Again
    } else if kind.needs_relink() || matches!(kind, ErrorKind::NotBusinessAccount | ErrorKind::NotFound) {
        Reaction::Relink
    } else {
        Reaction::Keep
    }
}

/// When tokens that were given now are to be renewed: long-lived ones at half their life, short ones ten minutes before their end. Where
/// nothing renews them, the creator is warned after three quarters (day 45 of 60).
pub fn renew_at(now: DateTime<Utc>, expires_at: Option<DateTime<Utc>>, renewable: bool) -> Option<DateTime<Utc>> {
    let expires_at = expires_at?;
    let life = (expires_at - now).max(Duration::zero());
    Some(if !renewable {
        now + life * 3 / 4
    } else if life > Duration::days(1) {
        now + life / 2
    } else {
        expires_at - Duration::minutes(10).min(life / 2)
    })
}

/// How long before renewing ends for good the creator is told.
const TOLD_BEFORE: Duration = Duration::days(14);

/// When a grant ends whose refresh token runs out and is given no longer life with new ones; none = not soon, or never. `expires_at`: until
/// when the last access token lives.
pub fn ends_for_good(
    expires_at: Option<DateTime<Utc>>,
    refresh_expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let end = refresh_expires_at?;
    (end - now < TOLD_BEFORE).then(|| expires_at.map_or(end, |at| at.max(end)))
}

/// What renewing a link takes now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet, or somebody is at it.
    Wait,
    /// The network gives new tokens for the old.
    Renew,
    /// The creator is told that the grant will end.
    Warn,
    /// It has ended.
    End,
}

/// Reads it off the row.
pub fn due(link: &network_link::Model, renewable: bool, now: DateTime<Utc>) -> Due {
    let over = link.expires_at.is_some_and(|at| at <= now);
    if link.state != LinkState::Verified
        || link.refresh_lease_until.is_some_and(|until| now < until)
        || link.renew_at.is_none_or(|at| now < at)
    {
        Due::Wait
    } else if renewable {
        Due::Renew
    } else if over {
        Due::End
    } else {
        Due::Warn
    }
}

/// The figure as a row keeps it: what is not known is null, never zero.
pub fn figure(metric: Metric) -> Option<i64> {
    metric.value().filter(|n| *n >= 0)
}

/// What the network says an account is, in our words.
pub fn account_type(network: Network, said: connectors::AccountType) -> AccountType {
    match said {
        connectors::AccountType::Personal => AccountType::Personal,
        connectors::AccountType::Business => AccountType::Business,
        connectors::AccountType::Creator => AccountType::Creator,
        // Facebook Login reaches professional accounts only, and does not say which of the two. Both may chat and have stories (K28).
        connectors::AccountType::Professional if network == Network::Instagram => AccountType::Business,
        connectors::AccountType::Professional | connectors::AccountType::Unknown => AccountType::Unknown,
    }
}

/// Something that a linked account could show, and whether it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// The word for message keys.
    pub name: &'static str,
    /// On which condition.
    pub availability: Availability,
}

/// What the pages speak of, in their order.
pub fn given(set: &CapabilitySet, granted: &[String], followers: Option<i64>) -> Vec<Given> {
    [
        ("followers", Capability::Followers),
        ("insights", Capability::Insights),
        ("audience", Capability::AudienceAge),
        ("comments", Capability::Comments),
    ]
    .into_iter()
    .map(|(name, capability)| Given { name, availability: set.of_account(capability, granted, followers, true) })
    .collect()
}

/// What is wrong with a handle that was typed.
pub fn handle(network: Network, typed: &str) -> Result<connectors::Handle, Wrong> {
    outside(network).normalise_handle(typed).map_err(|wrong| {
        let key = match wrong {
            HandleError::Empty => return Wrong::required(),
            HandleError::Length => "networks.problem.handle_length",
            HandleError::Characters => "networks.problem.handle_characters",
            HandleError::OtherSite => "networks.problem.handle_site",
            HandleError::NotAProfile => "networks.problem.handle_profile",
            HandleError::Incomplete => "networks.problem.handle_incomplete",
        };
        Wrong::new(Code::Invalid, key)
    })
}

#[cfg(test)]
mod tests {
    use connectors::RemoteAccount;
    use entity::{
        ids::{AccountId, ApiTokenId, CreatorId, NetworkLinkId, OauthAttemptId, SessionId},
        json::{OfferedAccounts, Words},
    };
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000 + seconds, 0).unwrap()
    }

    fn link(state: LinkState, method: LinkMethod) -> network_link::Model {
        let whose = (AccountId(Uuid::from_u128(2)), CreatorId(Uuid::from_u128(3)));
        network_link::Model::bare(NetworkLinkId(Uuid::from_u128(1)), whose, method, state, at(0))
    }

    fn attempt(session: Option<u128>, token: Option<u128>) -> oauth_attempt::Model {
        oauth_attempt::Model {
            id: OauthAttemptId(Uuid::from_u128(1)),
            state_hash: String::new(),
            session_id: session.map(|n| SessionId(Uuid::from_u128(n))),
            token_id: token.map(|n| ApiTokenId(Uuid::from_u128(n))),
            creator_id: CreatorId(Uuid::from_u128(3)),
            network: Network::Instagram,
            verifier_sealed: String::new(),
            key_id: String::new(),
            next: "/".into(),
            relink_id: None,
            token_sealed: None,
            scopes: Words::default(),
            token_expires_at: None,
            offered: OfferedAccounts::default(),
            expires_at: at(0),
            used_at: None,
            finished_at: None,
            created_at: at(0),
        }
    }

    fn account(id: &str, refused: Option<ErrorKind>) -> RemoteAccount {
        RemoteAccount { external_id: id.into(), handle: None, display_name: id.into(), picture_url: None, via: None, refused }
    }

    #[test]
    fn both_words_for_a_network_mean_the_same() {
        for network in networks() {
            assert_eq!(outside(network).id(), network.as_str());
            assert_eq!(inside(outside(network)), network);
        }
        assert_eq!(networks().count(), Network::ALL.len());
    }

    #[test]
    fn an_account_is_read_as_its_creator_or_as_everybody() {
        let unread = network_account::Model::bare(AccountId(Uuid::from_u128(2)), CreatorId(Uuid::from_u128(3)), Network::Bluesky, at(0));
        let known = network_account::Model { external_id: Some("did:plc:1".into()), ..unread.clone() };
        let shown = |state| network_link::Model { proven_at: Some(at(0)), ..link(state, LinkMethod::Declared) };
        let granted = |state| network_link::Model { token_sealed: Some(String::new()), ..link(state, LinkMethod::Oauth) };
        assert_eq!(access(&known, &granted(LinkState::Verified)), Some(Access::Grant));
        assert_eq!(access(&known, &granted(LinkState::NeedsReauth)), None);
        assert_eq!(access(&known, &link(LinkState::Verified, LinkMethod::Oauth)), None, "the grant is gone");
        assert_eq!(access(&known, &shown(LinkState::Declared)), Some(Access::Public));
        assert_eq!(access(&unread, &shown(LinkState::Declared)), None, "its network has not told which it is");
        assert_eq!(access(&known, &link(LinkState::Declared, LinkMethod::Declared)), None, "nobody has shown whose it is");
        assert_eq!(access(&known, &shown(LinkState::Revoked)), None);
    }

    #[test]
    fn an_attempt_belongs_to_what_began_it() {
        let session = |n| Via::Session(SessionId(Uuid::from_u128(n)), at(0));
        let token = |n| Via::Token(ApiTokenId(Uuid::from_u128(n)), true);
        let by_session = attempt(Some(7), None);
        assert!(bound(&by_session, session(7)));
        assert!(!bound(&by_session, session(8)) && !bound(&by_session, token(7)));
        let by_token = attempt(None, Some(7));
        assert!(bound(&by_token, token(7)) && bound(&by_token, session(1)));
        assert!(!bound(&by_token, token(8)));
        assert!(!bound(&attempt(None, None), session(7)));
    }

    #[test]
    fn the_account_that_is_linked() {
        let found = |accounts: Vec<RemoteAccount>| RemoteAccounts {
            refusal: accounts.first().map_or(Some(ErrorKind::NotBusinessAccount), |a| a.refused.clone()),
            accounts,
        };
        let no = Some(ErrorKind::NotBusinessAccount);
        assert_eq!(pick(&found(vec![account("1", None), account("2", no.clone())]), None), Pick::One("1".into()));
        assert_eq!(pick(&found(vec![account("1", None), account("2", None)]), None), Pick::Choose);
        assert_eq!(pick(&found(vec![account("1", None), account("2", None)]), Some(("2", "b"))), Pick::One("2".into()));
        let why = |pick: Pick| match pick {
            Pick::None(wrong) => wrong.text(Locale::En).to_string(),
            other => panic!("{other:?}"),
        };
        let texts = [
            why(pick(&found(vec![account("1", None)]), Some(("2", "hana")))),
            why(pick(&found(vec![account("1", no.clone())]), None)),
            why(pick(&found(vec![]), None)),
            why(pick(&found(vec![account("1", Some(ErrorKind::ScopeMissing { scope: "instagram_basic".into() }))]), None)),
        ];
        assert!(texts[0].contains("hana") && texts[3].contains("Instagram profile"), "{texts:?}");
        assert_eq!(texts.iter().collect::<std::collections::HashSet<_>>().len(), 4, "each has its own words: {texts:?}");
    }

    #[test]
    fn every_failure_is_explained_in_both_languages() {
        let kinds = [
            ErrorKind::TokenExpired,
            ErrorKind::Revoked,
            ErrorKind::Checkpoint,
            ErrorKind::ScopeMissing { scope: "x".into() },
            ErrorKind::AppNotApproved,
            ErrorKind::QuotaExhausted,
            ErrorKind::NotBusinessAccount,
            ErrorKind::NotFound,
            ErrorKind::Transient,
            ErrorKind::Contract,
            ErrorKind::Bug,
            ErrorKind::Declined,
            ErrorKind::CodeRefused,
            ErrorKind::IssuerMismatch,
        ];
        for kind in kinds {
            for locale in [Locale::En, Locale::Ja] {
                assert_ne!(locale.t(key(&kind)).as_str(), key(&kind), "{kind}");
            }
        }
    }

    #[test]
    fn tokens_are_renewed_in_time() {
        let now = at(0);
        let after = |seconds: i64, renewable| (renew_at(now, Some(at(seconds)), renewable).unwrap() - now).num_seconds();
        assert_eq!(after(60 * 86_400, true), 30 * 86_400);
        assert_eq!(after(60 * 86_400, false), 45 * 86_400);
        assert_eq!(after(7_200, true), 6_600);
        assert_eq!(after(600, true), 300);
        assert_eq!(renew_at(now, None, true), None);
    }

    #[test]
    fn what_is_due() {
        let mut row =
            network_link::Model { renew_at: Some(at(100)), expires_at: Some(at(200)), ..link(LinkState::Verified, LinkMethod::Oauth) };
        assert_eq!([due(&row, true, at(99)), due(&row, true, at(100)), due(&row, true, at(300))], [Due::Wait, Due::Renew, Due::Renew]);
        assert_eq!([due(&row, false, at(100)), due(&row, false, at(200))], [Due::Warn, Due::End]);
        row.refresh_lease_until = Some(at(150));
        assert_eq!([due(&row, true, at(120)), due(&row, true, at(150))], [Due::Wait, Due::Renew]);
        row.state = LinkState::NeedsReauth;
        assert_eq!(due(&row, true, at(160)), Due::Wait);
    }

    #[test]
    fn what_may_be_done() {
        use LinkAction::*;
        assert_eq!(allowed(&link(LinkState::Verified, LinkMethod::Oauth), Offer::Available), [Relink, Unlink, Refresh]);
        assert_eq!(allowed(&link(LinkState::Revoked, LinkMethod::Oauth), Offer::Available), [Relink]);
        assert_eq!(allowed(&link(LinkState::Declared, LinkMethod::Declared), Offer::NotSupported), [Unlink]);
    }

    fn states() -> impl Strategy<Value = LinkState> {
        prop::sample::select(LinkState::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn only_the_network_proves(start in states(), steps in prop::collection::vec(prop::sample::select(Move::ALL.to_vec()), 0..20)) {
            let mut state = start;
            for step in steps {
                let Some(next) = after(state, step) else { continue };
                if next == LinkState::Verified {
                    prop_assert_eq!(step, Move::Prove);
                }
                prop_assert!(next != LinkState::Declared, "nothing leads back to a mere declaration");
                prop_assert!(state != LinkState::Revoked || step == Move::Prove, "what was unlinked comes back by proof alone");
                state = next;
            }
        }

        #[test]
        fn an_action_is_offered_exactly_when_the_rules_allow_it(state in states()) {
            let row = link(state, LinkMethod::Oauth);
            prop_assert_eq!(allowed(&row, Offer::Available).contains(&LinkAction::Unlink), step(state, Move::Unlink).is_ok());
        }

        #[test]
        fn renewal_lies_within_the_tokens_life(life in 0_i64..400 * 86_400, renewable: bool) {
            let at_ = renew_at(at(0), Some(at(life)), renewable).unwrap();
            prop_assert!(at(0) <= at_ && at_ <= at(life));
        }

        #[test]
        fn no_handle_breaks_the_reader(network in prop::sample::select(Network::ALL.to_vec()), typed in ".{0,60}") {
            let _ = handle(network, &typed);
        }
    }
}
