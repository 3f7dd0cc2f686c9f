//! Activity: which events concern whom, and when a mail sums them up. Pure.

use chrono::{DateTime, Datelike, Days, NaiveTime, TimeZone, Utc, Weekday};
use chrono_tz::Tz;
use entity::enums::Digest;

/// What a creator is shown, and whether it calls for attention when somebody else did it.
pub const CREATOR: &[(&str, bool)] = &[
    ("brief.acknowledged", false),
    ("consent.granted", true),
    ("consent.revoked", true),
    ("creator.edited", false),
    ("creator.merged", false),
    ("creator.registered", false),
    ("creator.unvetted", true),
    ("creator.vetted", true),
    ("invitation.accepted", false),
    ("invitation.declined", false),
    ("invitation.expired", true),
    ("invitation.sent", true),
    ("invitation.withdrawn", true),
    ("message.sent", true),
    ("network.account_taken", true),
    ("network.broken", true),
    ("network.declared", false),
    ("network.expires_soon", true),
    ("network.insights_asked", true),
    ("network.insights_declined", false),
    ("network.insights_handed_in", false),
    ("network.linked", false),
    ("network.ownership_lost", true),
    ("network.ownership_proven", false),
    ("network.proof_reviewed", true),
    ("network.sync_finished", false),
    ("network.unlinked", false),
    ("offering.added", false),
    ("offering.deleted", false),
    ("offering.edited", false),
    ("offering.restored", false),
    ("participation.joined", false),
    ("participation.left", false),
    ("participation.removed", true),
    ("portfolio_item.added", false),
    ("portfolio_item.deleted", false),
    ("portfolio_item.edited", false),
    ("portfolio_item.restored", false),
];

/// What members of an organisation are shown.
pub const ORGANISATION: &[(&str, bool)] = &[
    ("brief.acknowledged", true),
    ("brief.published", false),
    ("campaign.activated", false),
    ("campaign.archived", false),
    ("campaign.cancelled", true),
    ("campaign.completed", true),
    ("campaign.created", false),
    ("campaign.edited", false),
    ("campaign.measuring", false),
    ("campaign.paused", true),
    ("campaign.recruiting", false),
    ("campaign.resumed", false),
    ("campaign.shortlisted", false),
    ("campaign.unlisted", false),
    ("consent.granted", true),
    ("consent.revoked", true),
    ("delegation.accepted", true),
    ("delegation.declined", true),
    ("delegation.ended", true),
    ("delegation.offered", true),
    ("delegation.ran_out", true),
    ("invitation.accepted", true),
    ("invitation.bounced", true),
    ("invitation.declined", true),
    ("invitation.expired", false),
    ("invitation.renewed", true),
    ("invitation.withdrawn", false),
    ("invitations.queued", false),
    ("member.joined", true),
    ("member.left", true),
    ("member.removed", true),
    ("member.role_changed", true),
    ("message.sent", true),
    ("network.insights_asked", false),
    ("network.insights_declined", true),
    ("network.insights_handed_in", true),
    ("network.proof_reviewed", true),
    ("organisation.edited", false),
    ("organisation.founded", false),
    ("participation.left", true),
    ("participation.removed", false),
    ("webhook.disabled", true),
];

/// What platform admins are shown.
pub const ADMIN: &[(&str, bool)] = &[
    ("account.made_admin", true),
    ("account.restored", false),
    ("account.second_factor_reset", true),
    ("account.suspended", false),
    ("creator.merged", false),
    ("creators.imported", true),
    ("letter.failed", true),
    ("network.account_contested", true),
    ("organisation.founded", false),
    ("reference_table.restored", true),
    ("reference_table.saved", true),
];

/// When the latest mail was due: at eight in the morning of the reader's zone, each day or each Monday.
pub fn due(digest: Digest, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let here = now.with_timezone(&zone);
    let eight = NaiveTime::from_hms_opt(8, 0, 0)?;
    let at = |day: chrono::NaiveDate| zone.from_local_datetime(&day.and_time(eight)).earliest().map(|at| at.with_timezone(&Utc));
    let today = here.date_naive();
    let day = match digest {
        Digest::Never => return None,
        Digest::Daily if here.time() >= eight => today,
        Digest::Daily => today.checked_sub_days(Days::new(1))?,
        Digest::Weekly => {
            let since_monday = u64::from(today.weekday().days_since(Weekday::Mon));
            let back = if since_monday == 0 && here.time() < eight { 7 } else { since_monday };
            today.checked_sub_days(Days::new(back))?
        }
    };
    at(day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_kind_stands_twice() {
        for table in [CREATOR, ORGANISATION, ADMIN] {
            let kinds: Vec<_> = table.iter().map(|(kind, _)| kind).collect();
            assert!(kinds.is_sorted() && kinds.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    #[test]
    fn mails_are_due_at_eight_in_the_readers_morning() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (tokyo, now) = (Tz::Asia__Tokyo, at("2026-11-23T09:00:00Z"));
        assert_eq!(due(Digest::Daily, tokyo, now), Some(at("2026-11-22T23:00:00Z")));
        assert_eq!(due(Digest::Daily, tokyo, at("2026-11-22T22:59:59Z")), Some(at("2026-11-21T23:00:00Z")));
        // The 23rd is a Monday.
        assert_eq!(due(Digest::Weekly, tokyo, now), Some(at("2026-11-22T23:00:00Z")));
        assert_eq!(due(Digest::Weekly, tokyo, at("2026-11-22T22:59:59Z")), Some(at("2026-11-15T23:00:00Z")));
        assert_eq!(due(Digest::Weekly, Tz::UTC, at("2026-11-25T12:00:00Z")), Some(at("2026-11-23T08:00:00Z")));
        assert_eq!(due(Digest::Never, tokyo, now), None);
    }

    proptest! {
        #[test]
        fn what_is_due_lies_at_most_one_period_back(seconds in 1_700_000_000_i64..1_900_000_000, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap();
            let zone = chrono_tz::TZ_VARIANTS[zone];
            for (digest, days) in [(Digest::Daily, 1), (Digest::Weekly, 7)] {
                let at = due(digest, zone, now).unwrap();
                // An hour more or less where clocks change.
                prop_assert!(at <= now + chrono::Duration::hours(1) && now - at <= chrono::Duration::hours(days * 24 + 2), "{zone} {now} {at}");
            }
        }
    }
}
