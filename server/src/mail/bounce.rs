//! Mail that came back: a delivery status notification (RFC 3464), addressed to the letter's own return path.

use entity::{
    enums::{LetterState, SuppressionReason},
    ids::LetterId,
    letter,
};
use mail_parser::{MessageParser, MimeHeaders};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Set};

use super::{deliver, suppressions};
use crate::{
    app::App,
    error::{Code, Problem, Result},
    events::Event,
};

/// The most bytes that are read of a notification; it may quote the whole letter.
pub const MOST_BYTES: u64 = 1024 * 1024;

/// The local part of a letter's return path (VERP).
pub fn local_part(letter: LetterId) -> String {
    format!("bounce+{letter}")
}

/// What a notification says.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    /// The letter that came back.
    pub letter: LetterId,
    /// `5.1.1`
    pub status: String,
    /// `failed`, `delayed`, …
    pub action: String,
    /// What the other server said, at most 300 characters; empty if it did not.
    pub diagnostic: String,
}

/// Reads a notification. None if it is no such thing, or about no letter of ours.
pub fn read(raw: &[u8]) -> Option<Notice> {
    let message = MessageParser::default().parse(raw)?;
    let to = message.to()?.first()?.address()?.to_owned();
    let letter = to.split('@').next()?.strip_prefix("bounce+")?.parse().ok()?;
    let report = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|t| t.ctype() == "message" && t.subtype().is_some_and(|s| s.contains("delivery-status")))
    })?;
    let text = String::from_utf8_lossy(report.contents()).into_owned();
    // A line that begins with a space goes on with the one before.
    let text = text.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        text.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let diagnostic = field("Diagnostic-Code").unwrap_or_default();
    let said = diagnostic.split_once(';').map_or(diagnostic.as_str(), |(_, said)| said);
    let said: String = said.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(300).collect();
    Some(Notice {
        letter,
        status: field("Status").unwrap_or_default().to_ascii_lowercase(),
        action: field("Action")?.to_ascii_lowercase(),
        diagnostic: said,
    })
}

/// Takes a notification in. A lasting failure (5.x.x) marks letter and invitation as bounced; an unknown mailbox (5.1.x) is written
/// to no more.
pub async fn receive(app: &App, raw: &[u8]) -> Result<Notice> {
    let Some(notice) = read(raw) else {
        return Err(Problem::whole(Code::Invalid, "mail.problem.not_a_bounce").into());
    };
    if notice.action != "failed" || !notice.status.starts_with('5') {
        return Ok(notice);
    }
    let tx = app.begin().await?;
    let Some(found) = letter::Entity::find_by_id(notice.letter).one(tx.db()).await? else {
        return Err(crate::error::Error::NotFound);
    };
    if found.state == LetterState::Bounced {
        return Ok(notice);
    }
    let about = found.invitation_id;
    let to = found.to_email.clone();
    let mut row = found.into_active_model();
    row.state = Set(LetterState::Bounced);
    row.last_error = Set(format!("{} {}", notice.status, notice.diagnostic).trim_end().to_owned());
    let returned = row.update(tx.db()).await?;
    if notice.status.starts_with("5.1.") {
        suppressions::add(tx.db(), tx.id(), &to, None, SuppressionReason::Bounced, &notice.status, tx.now).await?;
    }
    if let Some(invitation) = about {
        deliver::follow(&tx, invitation, &returned, &notice.status).await?;
    }
    tx.record(Event::new("letter.bounced", notice.letter).with(serde_json::json!({ "status": notice.status }))).await?;
    tx.commit().await?;
    Ok(notice)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DSN: &str = "From: MAILER-DAEMON@mx.example.net\r\nTo: bounce+ltr_01930000000070008000000000000001@hibiki.example\r\n\
        Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
        --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
        Final-Recipient: rfc822; nobody@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 unknown\r\n\r\n--b--\r\n";

    #[test]
    fn a_lasting_failure() {
        let notice = read(DSN.as_bytes()).unwrap();
        assert_eq!(notice.letter.to_string(), "ltr_01930000000070008000000000000001");
        assert_eq!((notice.status.as_str(), notice.action.as_str(), notice.diagnostic.as_str()), ("5.1.1", "failed", "550 unknown"));
        let folded = DSN.replace("550 unknown", "550 5.1.1 <nobody@example.com>:\r\n    Recipient address rejected");
        assert_eq!(read(folded.as_bytes()).unwrap().diagnostic, "550 5.1.1 <nobody@example.com>: Recipient address rejected");
    }

    #[test]
    fn ordinary_mail_is_no_notification() {
        assert_eq!(read(b"From: a@example.com\r\nTo: hibiki@example.com\r\n\r\nhello"), None);
        assert_eq!(read(&DSN.as_bytes()[..DSN.len() / 2]), None);
    }

    proptest! {
        #[test]
        fn never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400), cut in 0..DSN.len()) {
            let _ = read(&noise);
            let mut torn = DSN.as_bytes()[..cut].to_vec();
            torn.extend(noise);
            let _ = read(&torn);
        }
    }
}
