//! Organisations: what may be typed, who may do what, how invitations and delegations go. Pure.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::{
    delegation,
    enums::{DelegationState, Locale, MemberInvitationState, OrgKind, Role},
    member_invitation,
};

use crate::{
    auth::limits::Limit,
    base::{
        money::Currency,
        text::{self, Email},
    },
    error::{Check, Code, Problem, Result, Wrong},
};

/// How many organisations one person may belong to.
pub const MOST_ORGS: u64 = 50;
/// How many members, and how many waiting invitations, an organisation may have.
pub const MOST_MEMBERS: u64 = 500;
/// How many labels an organisation may have.
pub const MOST_BRANDS: u64 = 200;
/// How many delegations a brand may have at once.
pub const MOST_DELEGATIONS: u64 = 20;
/// How many agencies a brand may ask in a day.
pub const OFFERS_A_DAY: u64 = 10;
/// How many hashtags a label may have.
const MOST_HASHTAGS: usize = 30;
/// Letters to future members by one organisation: nobody may use us to write to strangers in masses.
pub const MEMBER_LETTERS: Limit = Limit { name: "member-letters", capacity: 60, seconds: 3600 };

/// How long an invitation to become a member lives.
pub fn invitation_life() -> Duration {
    Duration::days(14)
}

/// What an organisation says of itself, read and found fine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name that creators read.
    pub name: String,
    /// The name that contracts bear; may be empty.
    pub legal_name: String,
    /// The postal address; may be empty.
    pub address: String,
    /// The web site; may be empty.
    pub website: String,
    /// The currency of new campaigns.
    pub currency: Currency,
    /// The zone of days and deadlines, an IANA name.
    pub time_zone: String,
    /// The language of letters to the organisation as a whole.
    pub locale: Locale,
}

/// The same as it was typed.
#[derive(Clone, Debug, Default)]
pub struct ProfileInput {
    /// The name that creators read; at most 80 characters.
    pub name: String,
    /// The name that contracts bear.
    pub legal_name: String,
    /// The postal address.
    pub address: String,
    /// The web site.
    pub website: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name; empty = as the language suggests.
    pub time_zone: String,
    /// `en` or `ja`.
    pub locale: String,
}

/// Reads it. All problems come at once, with those that `check` has already.
pub fn profile(mut check: Check, input: &ProfileInput) -> Result<Profile> {
    let name = check.take("name", text::line(&input.name, 80));
    let legal_name = check.take("legal_name", text::optional_line(&input.legal_name, 120));
    let address = check.take("address", text::optional_body(&input.address, 300));
    let website = check.take("website", text::optional_web_url(&input.website));
    let currency = check.take("currency", Currency::parse(&input.currency));
    let locale = check.take("locale", text::locale(&input.locale));
    let zone = match (input.time_zone.trim(), locale) {
        ("", Some(Locale::Ja)) => Ok("Asia/Tokyo".to_owned()),
        ("", _) => Ok("UTC".to_owned()),
        (zone, _) => text::time_zone(zone).map(|z| z.name().to_owned()),
    };
    let time_zone = check.take("time_zone", zone);
    let (name, legal_name, address, website, currency, time_zone, locale) =
        check.all((name, legal_name, address, website, currency, time_zone, locale))?;
    Ok(Profile { name, legal_name, address, website, currency, time_zone, locale })
}

/// What may be founded: the operator's own organisation is not made here.
pub fn kind(input: &str) -> Result<OrgKind, Wrong> {
    match text::choice(input)? {
        OrgKind::Platform => Err(Wrong::new(Code::Invalid, "base.problem.choice")),
        kind => Ok(kind),
    }
}

/// Reads a label's hashtags: with or without the sign, each once.
pub fn hashtags(input: &str) -> Result<Vec<String>, Wrong> {
    let spaced = input.replace([' ', '\u{3000}', '\t'], ",");
    let mut out: Vec<String> = Vec::new();
    for word in text::words(&spaced, MOST_HASHTAGS)? {
        let tag = word.trim_start_matches(['#', '＃']).to_owned();
        if !tag.is_empty() && !out.contains(&tag) {
            out.push(tag);
        }
    }
    Ok(out)
}

/// Who is asked, and as what.
pub fn member(email: &str, role: &str) -> Result<(Email, Role)> {
    let mut check = Check::default();
    let email = check.take("email", Email::parse(email));
    let role = check.take("role", text::choice(role));
    check.all((email, role))
}

/// How far a letter to a future member is: its row's state, and whether it has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Waits for an answer.
    Sent,
    /// Ran out unanswered.
    Expired,
    /// The person has joined.
    Accepted,
    /// Taken back.
    Revoked,
}

impl Standing {
    /// The stable text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Expired => "expired",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

/// Where an invitation stands at an instant.
pub fn standing(row: &member_invitation::Model, now: DateTime<Utc>) -> Standing {
    match row.state {
        MemberInvitationState::Accepted => Standing::Accepted,
        MemberInvitationState::Revoked => Standing::Revoked,
        MemberInvitationState::Sent if row.expires_at <= now => Standing::Expired,
        MemberInvitationState::Sent => Standing::Sent,
    }
}

/// Why an invitation cannot be accepted any more, if so.
pub fn spent(standing: Standing) -> Option<Problem> {
    match standing {
        Standing::Sent => None,
        Standing::Expired => Some(Problem::whole(Code::Expired, "organisations.problem.invitation_expired")),
        Standing::Accepted => Some(Problem::whole(Code::AlreadyDone, "organisations.problem.invitation_used")),
        Standing::Revoked => Some(Problem::whole(Code::WrongState, "organisations.problem.invitation_revoked")),
    }
}

/// Whether the organisation still has an owner when one of its members has `next` instead of `before`; none = has gone.
pub fn keeps_an_owner(owners: u64, before: Role, next: Option<Role>) -> bool {
    before != Role::Owner || next == Some(Role::Owner) || owners > 1
}

/// On which end of a delegation somebody stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The organisation that is acted for.
    Brand,
    /// The agency that acts.
    Agency,
}

/// What can be done with a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The agency agrees.
    Accept,
    /// The agency does not.
    Decline,
    /// Either side ends it; the brand's way to take an offer back.
    End,
}

impl Step {
    /// Every step.
    pub const ALL: &'static [Self] = &[Self::Accept, Self::Decline, Self::End];
}

/// Where a delegation is after a step; none = the step is not allowed to that side in this state.
pub fn after(state: DelegationState, end: End, step: Step) -> Option<DelegationState> {
    match (state, end, step) {
        (DelegationState::Offered, End::Agency, Step::Accept) => Some(DelegationState::Active),
        (DelegationState::Offered, End::Agency, Step::Decline)
        | (DelegationState::Offered, End::Brand, Step::End)
        | (DelegationState::Active, _, Step::End) => Some(DelegationState::Ended),
        _ => None,
    }
}

/// Where a delegation stands on a day: what ran out has ended, also before the night's work says so.
pub fn delegation_state(row: &delegation::Model, today: NaiveDate) -> DelegationState {
    if row.until.is_some_and(|until| until < today) { DelegationState::Ended } else { row.state }
}

/// Reads what an agency may do: all but own.
pub fn delegated_role(input: &str) -> Result<Role, Wrong> {
    match text::choice(input)? {
        Role::Owner => Err(Wrong::new(Code::Invalid, "organisations.problem.delegated_owner")),
        role => Ok(role),
    }
}

/// Reads the last day of a delegation; none = until somebody ends it.
pub fn until(input: &str, today: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
    match text::optional_day(input)? {
        Some(day) if day < today => Err(Wrong::new(Code::Invalid, "organisations.problem.until_past")),
        day => Ok(day),
    }
}

/// An address that its reader knows again and nobody else can use: `h•••@example.com`.
pub fn masked(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let first: String = local.chars().take(1).collect();
    format!("{first}•••@{domain}")
}

#[cfg(test)]
mod tests {
    use entity::ids::{DelegationId, MemberInvitationId, OrgId, UserId};
    use proptest::prelude::*;

    use super::*;
    use crate::error::Error;

    fn typed() -> ProfileInput {
        ProfileInput { name: "Komorebi Tea".into(), currency: "JPY".into(), locale: "ja".into(), ..ProfileInput::default() }
    }

    fn letter(state: MemberInvitationState, expires_at: DateTime<Utc>) -> member_invitation::Model {
        member_invitation::Model {
            id: MemberInvitationId(uuid::Uuid::nil()),
            org_id: OrgId(uuid::Uuid::nil()),
            email: String::new(),
            email_key: String::new(),
            role: Role::Analyst,
            token_hash: String::new(),
            invited_by: UserId(uuid::Uuid::nil()),
            state,
            expires_at,
            created_at: expires_at,
        }
    }

    #[test]
    fn all_problems_at_once() {
        let bad = ProfileInput { website: "ftp://x".into(), time_zone: "Mars/Base".into(), ..ProfileInput::default() };
        let Err(Error::User(problems)) = profile(Check::default(), &bad) else { panic!() };
        let fields: Vec<_> = problems.iter().map(|p| p.field.as_ref()).collect();
        assert_eq!(fields, ["name", "website", "currency", "locale", "time_zone"]);
    }

    #[test]
    fn the_zone_follows_the_language() {
        assert_eq!(profile(Check::default(), &typed()).unwrap().time_zone, "Asia/Tokyo");
        let english = ProfileInput { locale: "en".into(), ..typed() };
        assert_eq!(profile(Check::default(), &english).unwrap().time_zone, "UTC");
    }

    #[test]
    fn nobody_founds_a_platform() {
        assert_eq!(kind("agency"), Ok(OrgKind::Agency));
        assert!(kind("platform").is_err() && kind("").is_err() && kind("x").is_err());
    }

    #[test]
    fn tags_with_or_without_their_sign() {
        assert_eq!(hashtags("#tea ＃お茶　tea, green").unwrap(), ["tea", "お茶", "green"]);
        assert_eq!(hashtags(" ").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn invitations_run_out_at_their_instant() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(standing(&letter(MemberInvitationState::Sent, now + Duration::seconds(1)), now), Standing::Sent);
        assert_eq!(standing(&letter(MemberInvitationState::Sent, now), now), Standing::Expired);
        assert_eq!(standing(&letter(MemberInvitationState::Accepted, now), now), Standing::Accepted);
        assert!(spent(Standing::Sent).is_none());
        for gone in [Standing::Expired, Standing::Accepted, Standing::Revoked] {
            assert!(spent(gone).is_some());
        }
    }

    #[test]
    fn what_ran_out_has_ended() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        let row = delegation::Model {
            id: DelegationId(uuid::Uuid::nil()),
            brand_id: OrgId(uuid::Uuid::nil()),
            agency_id: OrgId(uuid::Uuid::nil()),
            role: Role::Manager,
            state: DelegationState::Active,
            until: Some(day(10)),
            created_at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(delegation_state(&row, day(10)), DelegationState::Active);
        assert_eq!(delegation_state(&row, day(11)), DelegationState::Ended);
        assert!(until("2026-11-09", day(10)).is_err());
        assert_eq!(until("2026-11-10", day(10)), Ok(Some(day(10))));
        assert_eq!(until("", day(10)), Ok(None));
    }

    #[test]
    fn only_the_agency_answers_an_offer() {
        use DelegationState::{Active, Ended, Offered};
        assert_eq!(after(Offered, End::Agency, Step::Accept), Some(Active));
        assert_eq!(after(Offered, End::Brand, Step::Accept), None);
        assert_eq!(after(Offered, End::Brand, Step::End), Some(Ended));
        assert_eq!(after(Active, End::Brand, Step::End), Some(Ended));
        assert_eq!(after(Active, End::Agency, Step::End), Some(Ended));
    }

    #[test]
    fn masks() {
        assert_eq!(masked("hana@example.com"), "h•••@example.com");
        assert_eq!(masked("花@例え.jp"), "花•••@例え.jp");
    }

    proptest! {
        #[test]
        fn there_is_always_an_owner(steps in proptest::collection::vec((0usize..5, 0usize..4), 0..40)) {
            let roles = [Some(Role::Analyst), Some(Role::Manager), Some(Role::Owner), None];
            let mut members = [Some(Role::Owner), Some(Role::Manager), Some(Role::Analyst), Some(Role::Owner), None];
            for (who, next) in steps {
                let owners = members.iter().filter(|r| **r == Some(Role::Owner)).count() as u64;
                let Some(before) = members[who] else { continue };
                if keeps_an_owner(owners, before, roles[next]) {
                    members[who] = roles[next];
                }
                prop_assert!(members.contains(&Some(Role::Owner)));
            }
        }

        #[test]
        fn what_has_ended_stays_ended(steps in proptest::collection::vec((any::<bool>(), 0usize..3), 0..20)) {
            let mut state = DelegationState::Offered;
            let mut agreed = false;
            let mut ended = false;
            for (brand, step) in steps {
                let end = if brand { End::Brand } else { End::Agency };
                if let Some(next) = after(state, end, Step::ALL[step]) {
                    prop_assert!(!ended);
                    agreed |= end == End::Agency && Step::ALL[step] == Step::Accept;
                    state = next;
                }
                ended |= state == DelegationState::Ended;
                prop_assert!(state != DelegationState::Active || agreed);
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,60}") {
            let _ = (hashtags(&text), kind(&text), delegated_role(&text), masked(&text), member(&text, &text));
        }
    }
}
