//! Invitations: the state machine, who may spend a link, what may be written. Pure.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::{
    campaign,
    enums::{CampaignState, EmailSource, InvitationState as State, Locale},
    ids::CreatorId,
    invitation,
};

use crate::{
    base::{
        lang::{Lang, Text},
        text,
    },
    error::{Code, Problem, Result, Wrong},
};

/// How many creators one action may invite (M3).
pub const MOST_AT_ONCE: usize = 500;
/// How many mails one invitation may cause, the first included.
pub const MOST_LETTERS: usize = 3;
/// How long a brand waits between two mails of one invitation.
pub const BETWEEN_LETTERS: Duration = Duration::hours(20);
/// How far away the answer-by day may lie.
const MOST_DAYS: i64 = 90;
/// How long a renewed invitation lives.
pub const RENEWED: Duration = Duration::days(7);

/// How many invitations may be changed in one go.
pub const BULK: usize = MOST_AT_ONCE;

/// What can be done with several invitations at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "InvitationBulkAction")]
pub enum Bulk {
    /// As `invitationResend`
    Resend,
    /// As `invitationWithdraw`
    Withdraw,
}

impl Bulk {
    /// As forms write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Resend => "resend",
            Self::Withdraw => "withdraw",
        }
    }
}

impl std::str::FromStr for Bulk {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Resend, Self::Withdraw].into_iter().find(|act| act.as_str() == text).ok_or(())
    }
}

/// What can happen to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The creator joins.
    Accept,
    /// The creator says no.
    Decline,
    /// The brand takes it back.
    Withdraw,
    /// The brand sends the mail again.
    Resend,
    /// The answer-by instant has passed.
    Expire,
    /// The creator asks for a new link after it ran out.
    Renew,
}

impl Move {
    /// Every move.
    pub const ALL: &'static [Self] = &[Self::Accept, Self::Decline, Self::Withdraw, Self::Resend, Self::Expire, Self::Renew];
}

/// Where a move leads; none = not from here. Sending and bouncing follow the letter and stand in `mail::deliver`.
pub fn after(state: State, step: Move) -> Option<State> {
    Some(match (state, step) {
        // A mail can be opened before its delivery is written down, and a bounce may be about a copy of it only: whoever holds the link
        // has received it.
        (State::Queued | State::Sent | State::Bounced, Move::Accept) => State::Accepted,
        (State::Queued | State::Sent | State::Bounced, Move::Decline) => State::Declined,
        (State::Draft | State::Queued | State::Sent | State::Bounced, Move::Withdraw) => State::Revoked,
        (State::Sent | State::Bounced, Move::Resend) => State::Queued,
        (State::Queued | State::Sent | State::Bounced, Move::Expire) => State::Expired,
        (State::Expired, Move::Renew) => State::Queued,
        _ => return None,
    })
}

/// As [`after`], telling the reader why not.
pub fn step(row: &invitation::Model, step: Move, now: DateTime<Utc>) -> Result<State> {
    let spent = |key| Err(Problem::whole(Code::WrongState, key).into());
    // What has run out is expired from that instant, not from the next run of the job.
    if matches!(step, Move::Accept | Move::Decline | Move::Resend) && is_expired(row, now) {
        return Err(Problem::whole(Code::Expired, "invitations.problem.expired").into());
    }
    match after(row.state, step) {
        Some(next) => Ok(next),
        None => match row.state {
            State::Accepted => Err(Problem::whole(Code::AlreadyDone, "invitations.problem.accepted").into()),
            State::Declined => Err(Problem::whole(Code::AlreadyDone, "invitations.problem.declined").into()),
            State::Revoked => spent("invitations.problem.revoked"),
            State::Expired => Err(Problem::whole(Code::Expired, "invitations.problem.expired").into()),
            State::Draft | State::Queued | State::Sent | State::Bounced => spent("invitations.problem.state"),
        },
    }
}

/// The states in which an invitation waits for an answer.
pub const WAITING: &[State] = &[State::Queued, State::Sent, State::Bounced];

/// Whether its time is over.
pub fn is_expired(row: &invitation::Model, now: DateTime<Utc>) -> bool {
    row.state == State::Expired || (WAITING.contains(&row.state) && row.expires_at <= now)
}

/// Whether it waits for an answer.
pub fn waits(row: &invitation::Model, now: DateTime<Utc>) -> bool {
    WAITING.contains(&row.state) && !is_expired(row, now)
}

/// Whether somebody who is signed in may spend the link: the invited creator, or whoever owns the invited mailbox (settled 3).
pub fn may_spend(row: &invitation::Model, email_key: &str, creator: Option<CreatorId>) -> bool {
    creator == Some(row.creator_id) || row.email_key == email_key
}

/// The states of a campaign in which it takes creators in.
pub const RECRUITS: &[CampaignState] = &[CampaignState::Recruiting, CampaignState::Active];

/// Whether a campaign takes creators in now.
pub fn recruits(campaign: &campaign::Model) -> Result<()> {
    if RECRUITS.contains(&campaign.state) {
        Ok(())
    } else {
        Err(Problem::whole(Code::WrongState, "invitations.problem.campaign_state").into())
    }
}

/// Reads the subject: one line, short enough to be seen whole in a list of mails (I10).
pub fn subject(text: &str) -> Result<String, Wrong> {
    text::line(text, 78).and_then(placeholders)
}

/// Reads the personal lines: why this creator (I7, I9). A greeting alone says nothing.
pub fn message(text: &str) -> Result<String, Wrong> {
    let read = text::body(text, 1200).and_then(placeholders)?;
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let is_greeting = Locale::ALL.iter().any(|lang| squeezed(greeting(*lang).as_str()) == squeezed(&read));
    if is_greeting { Err(Wrong::new(Code::Required, "invitations.problem.greeting")) } else { Ok(read) }
}

/// The lines that a mail begins with.
pub fn greeting(lang: Locale) -> Text {
    lang.t("invitations.send.default_message")
}

/// A place in braces that nothing fills would be sent as it stands.
fn placeholders(text: String) -> Result<String, Wrong> {
    let inner = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    // Letters alone, as a slip or another tool's place would be; {2026} is a matter of taste.
    let is_place =
        |inner: &str| inner.trim() != "name" && (1..=20).contains(&inner.chars().count()) && inner.chars().all(char::is_alphabetic);
    match inner.into_iter().find(|inner| is_place(inner)) {
        Some(inner) => Err(Wrong::new(Code::Invalid, "invitations.problem.placeholder").with("what", format!("{{{inner}}}"))),
        None => Ok(text),
    }
}

/// Reads the answer-by day; the invitation lives to the end of that day in the organisation's zone.
pub fn answer_by(text: &str, zone: Tz, now: DateTime<Utc>, campaign_end: Option<NaiveDate>) -> Result<DateTime<Utc>, Wrong> {
    let Some(day) = text::optional_day(text)? else { return Err(Wrong::required()) };
    let today = now.with_timezone(&zone).date_naive();
    if day <= today || day > today + Duration::days(MOST_DAYS) {
        return Err(Wrong::new(Code::Invalid, "invitations.problem.answer_by").with("most", MOST_DAYS));
    }
    if campaign_end.is_some_and(|end| day > end) {
        return Err(Wrong::new(Code::Invalid, "invitations.problem.answer_by_end"));
    }
    Ok(end_of_day(day, zone))
}

/// The last instant of a day; a clock change may skip midnight, then the next whole hour counts.
fn end_of_day(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let next = day + Duration::days(1);
    (0..24)
        .find_map(|hour| next.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?).and_local_timezone(zone).earliest())
        .map_or_else(|| next.and_time(NaiveTime::MIN).and_utc(), |at| at.to_utc())
        - Duration::seconds(1)
}

/// Whether the mail may be sent once more.
pub fn may_resend(letters: usize, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<()> {
    if letters >= MOST_LETTERS {
        return Err(Problem::new("", Wrong::new(Code::LimitReached, "invitations.problem.letters").with("most", MOST_LETTERS)).into());
    }
    if last.is_some_and(|at| now - at < BETWEEN_LETTERS) {
        return Err(Problem::whole(Code::LimitReached, "invitations.problem.too_soon").into());
    }
    Ok(())
}

/// Whether the brand may see the address that it went to. K5: a registered creator shares theirs by joining, not by being found.
pub fn shows_address(row: &invitation::Model) -> bool {
    row.email_source == EmailSource::BrandEntered || row.state == State::Accepted
}

/// What the brand may do with it now.
pub fn brand_actions(row: &invitation::Model, campaign: &campaign::Model, now: DateTime<Utc>) -> Vec<Move> {
    let may = |m: Move| step(row, m, now).is_ok() && (m != Move::Resend || recruits(campaign).is_ok());
    [Move::Resend, Move::Withdraw].into_iter().filter(|m| may(*m)).collect()
}

/// What whoever was invited may do with it now. Saying no is always possible while it waits.
pub fn creator_actions(row: &invitation::Model, campaign: &campaign::Model, now: DateTime<Utc>) -> Vec<Move> {
    let open = recruits(campaign).is_ok();
    let may = |m: Move| match m {
        Move::Renew => open && is_expired(row, now),
        Move::Accept => open && step(row, m, now).is_ok(),
        m => step(row, m, now).is_ok(),
    };
    [Move::Accept, Move::Decline, Move::Renew].into_iter().filter(|m| may(*m)).collect()
}

/// Who has opened a link, compared with whom it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Nobody is signed in, and the invited address has no account: they may sign up.
    New,
    /// Nobody is signed in, but the invited address has an account: they sign in first.
    Known,
    /// The invited person is signed in.
    Invited,
    /// Somebody else is signed in.
    Other,
}

/// What a link's page offers: one way on for every invitation and every reader, never a dead end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Sign up and join.
    SignUp,
    /// Sign in, then join.
    SignIn,
    /// Join with one click.
    Join,
    /// Sign out: it is for another person.
    SignOut,
    /// It ran out; a new link can be mailed.
    Renew,
    /// It is spent: the creator joined.
    Joined,
    /// It is spent: the creator said no.
    Declined,
    /// The brand took it back.
    Revoked,
    /// The campaign takes nobody in any more.
    Over,
}

/// The offer for a reader.
pub fn offer(row: &invitation::Model, campaign: &campaign::Model, reader: Reader, now: DateTime<Utc>) -> Offer {
    match row.state {
        State::Accepted => Offer::Joined,
        State::Declined => Offer::Declined,
        State::Revoked | State::Draft => Offer::Revoked,
        State::Queued | State::Sent | State::Bounced | State::Expired if recruits(campaign).is_err() => Offer::Over,
        State::Queued | State::Sent | State::Bounced | State::Expired if is_expired(row, now) => Offer::Renew,
        State::Queued | State::Sent | State::Bounced | State::Expired => match reader {
            Reader::New => Offer::SignUp,
            Reader::Known => Offer::SignIn,
            Reader::Invited => Offer::Join,
            Reader::Other => Offer::SignOut,
        },
    }
}

/// Fills the one place that a brand may use in its own words.
pub fn personal(text: &str, name: &str) -> String {
    ["{name}", "{ name }", "｛name｝"].iter().fold(text.to_owned(), |text, place| text.replace(place, name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn answer_by_is_the_end_of_the_day_there() {
        let now = at("2026-11-23T16:00:00Z"); // the 24th in Tokyo
        let read = |day: &str| answer_by(day, Tz::Asia__Tokyo, now, None);
        assert_eq!(read("2026-12-01").unwrap(), at("2026-12-01T14:59:59Z"));
        assert!(read("2026-11-24").is_err(), "today is too soon");
        assert!(read("2026-11-25").is_ok());
        assert!(read("2027-02-23").is_err());
        assert!(read("").is_err());
        assert!(answer_by("2026-12-20", Tz::UTC, now, NaiveDate::from_ymd_opt(2026, 12, 19)).is_err());
    }

    #[test]
    fn letters_are_few_and_far_between() {
        let now = at("2026-11-23T12:00:00Z");
        assert!(may_resend(1, Some(now - Duration::hours(21)), now).is_ok());
        assert!(may_resend(1, Some(now - Duration::hours(19)), now).is_err());
        assert!(may_resend(3, None, now).is_err());
    }

    fn invitation(state: State, expires_at: DateTime<Utc>) -> invitation::Model {
        let id = entity::ids::InvitationId::from(uuid::Uuid::nil());
        invitation::Model {
            id,
            org_id: id.0.into(),
            campaign_id: id.0.into(),
            creator_id: id.0.into(),
            participation_id: id.0.into(),
            batch_id: None,
            email: "hana@example.com".into(),
            email_key: "hana@example.com".into(),
            email_source: EmailSource::BrandEntered,
            locale: Locale::Ja,
            subject: String::new(),
            message: String::new(),
            state,
            decline_reason: None,
            decline_note: String::new(),
            bounce_code: String::new(),
            invited_by: id.0.into(),
            sent_at: None,
            viewed_at: None,
            answered_at: None,
            expires_at,
            created_at: expires_at,
        }
    }

    fn campaign(state: CampaignState) -> campaign::Model {
        let id = entity::ids::CampaignId::from(uuid::Uuid::nil());
        campaign::Model {
            id,
            org_id: id.0.into(),
            brand_id: id.0.into(),
            name: String::new(),
            name_key: String::new(),
            goal: None,
            kpis: Default::default(),
            budget_minor: None,
            currency: "JPY".into(),
            starts_on: None,
            ends_on: None,
            target: Default::default(),
            formats: Default::default(),
            recruit_mode: entity::enums::RecruitMode::Invite,
            state,
            paused_from: None,
            created_by: id.0.into(),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn every_reader_has_a_way_on() {
        let now = at("2026-11-23T12:00:00Z");
        let later = now + Duration::days(1);
        let open = campaign(CampaignState::Recruiting);
        let sent = invitation(State::Sent, later);
        assert_eq!(offer(&sent, &open, Reader::New, now), Offer::SignUp);
        assert_eq!(offer(&sent, &open, Reader::Known, now), Offer::SignIn);
        assert_eq!(offer(&sent, &open, Reader::Invited, now), Offer::Join);
        assert_eq!(offer(&sent, &open, Reader::Other, now), Offer::SignOut);
        assert_eq!(offer(&sent, &campaign(CampaignState::Paused), Reader::Invited, now), Offer::Over);
        assert_eq!(offer(&sent, &open, Reader::Invited, later), Offer::Renew, "run out from that instant on");
        assert_eq!(offer(&invitation(State::Bounced, later), &open, Reader::New, now), Offer::SignUp, "the holder has received it");
    }

    #[test]
    fn an_address_is_shared_by_joining() {
        let mut row = invitation(State::Sent, DateTime::UNIX_EPOCH);
        assert!(shows_address(&row), "the brand typed it");
        row.email_source = EmailSource::Registered;
        assert!(!shows_address(&row));
        row.state = State::Accepted;
        assert!(shows_address(&row));
    }

    proptest! {
        #[test]
        fn answers_are_final(start in 0..State::ALL.len(), steps in proptest::collection::vec(0..Move::ALL.len(), 0..20)) {
            let mut state = State::ALL[start];
            for i in steps {
                let before = state;
                state = after(state, Move::ALL[i]).unwrap_or(state);
                if matches!(before, State::Accepted | State::Declined | State::Revoked) {
                    prop_assert_eq!(before, state);
                }
            }
        }

        #[test]
        fn the_page_offers_what_the_operation_allows(
            state in 0..State::ALL.len(),
            of in 0..CampaignState::ALL.len(),
            seconds in -5_i64..5,
        ) {
            let now = at("2026-11-23T12:00:00Z");
            let row = invitation(State::ALL[state], now + Duration::seconds(seconds));
            let campaign = campaign(CampaignState::ALL[of]);
            let offered = offer(&row, &campaign, Reader::Invited, now);
            let actions = creator_actions(&row, &campaign, now);
            prop_assert_eq!(offered == Offer::Join, actions.contains(&Move::Accept));
            prop_assert_eq!(offered == Offer::Renew, actions.contains(&Move::Renew));
            prop_assert_eq!(waits(&row, now), actions.contains(&Move::Decline));
            for action in brand_actions(&row, &campaign, now) {
                prop_assert!(step(&row, action, now).is_ok());
            }
        }

        #[test]
        fn any_day_is_read_or_refused(text in "\\PC{0,12}|20[0-9]{2}-[01][0-9]-[0-3][0-9]", zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let now = at("2026-11-23T12:00:00Z");
            if let Ok(end) = answer_by(&text, chrono_tz::TZ_VARIANTS[zone], now, None) {
                prop_assert!(end > now);
            }
        }
    }
}
