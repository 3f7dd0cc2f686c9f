//! Invitations: the state machine, who may spend a link, what may be written. Pure.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::{
    campaign,
    enums::{CampaignState, InvitationState as State},
    ids::{CreatorId, UserId},
    invitation,
};

use crate::{
    base::text,
    error::{Code, Error, Problem, Result, Wrong},
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
        // A mail can be opened before its delivery is written down.
        (State::Queued | State::Sent, Move::Accept) => State::Accepted,
        (State::Queued | State::Sent, Move::Decline) => State::Declined,
        (State::Draft | State::Queued | State::Sent | State::Bounced, Move::Withdraw) => State::Revoked,
        (State::Sent | State::Bounced, Move::Resend) => State::Queued,
        (State::Queued | State::Sent, Move::Expire) => State::Expired,
        (State::Expired, Move::Renew) => State::Queued,
        _ => return None,
    })
}

/// As [`after`], telling the reader why not.
pub fn step(row: &invitation::Model, step: Move, now: DateTime<Utc>) -> Result<State> {
    let spent = |key| Err(Problem::whole(Code::WrongState, key).into());
    // What has run out is expired from that instant, not from the next run of the job.
    if matches!(step, Move::Accept | Move::Decline) && is_expired(row, now) {
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

/// Whether its time is over.
pub fn is_expired(row: &invitation::Model, now: DateTime<Utc>) -> bool {
    row.state == State::Expired || (matches!(row.state, State::Queued | State::Sent) && row.expires_at <= now)
}

/// Whether somebody who is signed in may spend the link: the invited creator, or whoever owns the invited mailbox (settled 3).
pub fn may_spend(row: &invitation::Model, email_key: &str, creator: Option<CreatorId>) -> bool {
    creator == Some(row.creator_id) || row.email_key == email_key
}

/// The proof that somebody may answer: the person who does, if known.
#[derive(Clone, Copy, Debug)]
pub struct Answerer(pub Option<UserId>);

/// Whether a campaign takes creators in now.
pub fn recruits(campaign: &campaign::Model) -> Result<()> {
    if matches!(campaign.state, CampaignState::Recruiting | CampaignState::Active) {
        Ok(())
    } else {
        Err(Problem::whole(Code::WrongState, "invitations.problem.campaign_state").into())
    }
}

/// Reads the subject: one line, short enough to be seen whole in a list of mails (I10).
pub fn subject(text: &str) -> Result<String, Wrong> {
    text::line(text, 78)
}

/// Reads the personal lines: why this creator (I7, I9).
pub fn message(text: &str) -> Result<String, Wrong> {
    text::body(text, 1200)
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

/// What the brand may do with it now.
pub fn brand_actions(row: &invitation::Model) -> Vec<Move> {
    [Move::Resend, Move::Withdraw].into_iter().filter(|m| after(row.state, *m).is_some()).collect()
}

/// What the creator may do with it now.
pub fn creator_actions(row: &invitation::Model, now: DateTime<Utc>) -> Vec<Move> {
    if is_expired(row, now) {
        return vec![Move::Renew];
    }
    [Move::Accept, Move::Decline].into_iter().filter(|m| after(row.state, *m).is_some()).collect()
}

/// A note to a reason for saying no.
pub fn note(text: &str) -> Result<String, Error> {
    text::optional_body(text, 500).map_err(|wrong| Problem::new("note", wrong).into())
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
        fn any_day_is_read_or_refused(text in "\\PC{0,12}|20[0-9]{2}-[01][0-9]-[0-3][0-9]", zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let now = at("2026-11-23T12:00:00Z");
            if let Ok(end) = answer_by(&text, chrono_tz::TZ_VARIANTS[zone], now, None) {
                prop_assert!(end > now);
            }
        }
    }
}
