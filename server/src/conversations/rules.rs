//! Conversations: what may be written, and when somebody is told by mail. Pure.

use chrono::{DateTime, Duration, Utc};
use entity::enums::Side;

use crate::{
    base::text,
    error::{Result, Wrong},
};

/// The most characters of a message.
pub const MOST: usize = 4000;
/// How long a message waits unread before a mail says so.
pub const PATIENCE: Duration = Duration::minutes(15);

/// Reads a message: not empty, line breaks kept.
pub fn body(text: &str) -> Result<String, Wrong> {
    text::body(text, MOST)
}

/// The side that did not write.
pub fn other(side: Side) -> Side {
    match side {
        Side::Brand => Side::Creator,
        Side::Creator => Side::Brand,
    }
}

/// The instant of a new message. Within a thread instants rise strictly, so that "read up to" is exact and pages need no second key.
pub fn instant(now: DateTime<Utc>, last: DateTime<Utc>) -> DateTime<Utc> {
    now.max(last + Duration::microseconds(1))
}

/// Whether a mail tells somebody of this message: only of the first one that waits, so that a talk causes one mail and not twenty.
pub fn tells(oldest_unread: Option<DateTime<Utc>>, message: DateTime<Utc>) -> bool {
    oldest_unread == Some(message)
}

#[cfg(test)]
mod tests {
    use entity::enums::Locale;
    use proptest::prelude::*;

    use super::*;
    use crate::base::lang::Lang;

    #[test]
    fn messages_keep_their_lines_and_have_an_end() {
        assert_eq!(body("  こんにちは\n二行目 ").unwrap(), "こんにちは\n二行目");
        assert!(body(" \n ").is_err());
        assert!(body(&"あ".repeat(MOST)).is_ok());
        assert!(body(&"あ".repeat(MOST + 1)).is_err());
    }

    #[test]
    fn only_the_first_waiting_message_is_told() {
        let first: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
        assert!(tells(Some(first), first));
        assert!(!tells(Some(first), first + Duration::minutes(1)), "a later one");
        assert!(!tells(None, first), "read meanwhile");
    }

    #[test]
    fn the_settings_say_how_long_a_message_waits_before_a_mail() {
        for locale in [Locale::En, Locale::Ja] {
            assert!(locale.t("accounts.hint.chat_mail").as_str().contains(&PATIENCE.num_minutes().to_string()));
        }
    }

    proptest! {
        #[test]
        fn instants_rise_whatever_the_clocks_say(steps in proptest::collection::vec(-5_000_i64..5_000, 1..50)) {
            let start: DateTime<Utc> = "2026-11-23T09:00:00Z".parse().unwrap();
            let mut last = start;
            for step in steps {
                let next = instant(last + Duration::microseconds(step), last);
                prop_assert!(next > last);
                last = next;
            }
        }
    }
}
