//! A mail before it is sent: rendered whole, in its reader's language.

use askama::Template;
use chrono::{DateTime, Utc};
use entity::{
    enums::{LetterKind, LetterState},
    ids::{InvitationId, LetterId, OrgId},
    letter,
};
use sea_orm::Set;

use crate::error::Result;

/// A rendered mail.
#[derive(Clone, Debug)]
pub struct Letter {
    kind: LetterKind,
    to: String,
    subject: String,
    text: String,
    html: String,
    from_name: String,
    reply_to: String,
    org: Option<OrgId>,
    invitation: Option<InvitationId>,
    headers: Vec<(&'static str, String)>,
}

impl Letter {
    /// A letter that its reader asked for or is owed: sent to suppressed addresses too.
    pub fn transactional(to: &str, subject: impl Into<String>, text: &impl Template, html: &impl Template) -> Result<Self> {
        Self::new(LetterKind::Transactional, to, subject.into(), text, html)
    }

    /// A letter that its reader may refuse: never sent to suppressed addresses.
    pub fn bulk(to: &str, subject: impl Into<String>, text: &impl Template, html: &impl Template) -> Result<Self> {
        Self::new(LetterKind::Bulk, to, subject.into(), text, html)
    }

    fn new(kind: LetterKind, to: &str, subject: String, text: &impl Template, html: &impl Template) -> Result<Self> {
        Ok(Self {
            kind,
            to: to.to_owned(),
            subject,
            text: text.render()?,
            html: html.render()?,
            from_name: String::new(),
            reply_to: String::new(),
            org: None,
            invitation: None,
            headers: Vec::new(),
        })
    }

    /// In a brand's name: the address stays ours.
    pub fn on_behalf_of(mut self, org: OrgId, name: &str) -> Self {
        self.org = Some(org);
        self.from_name = name.to_owned();
        self
    }

    /// The invitation whose state follows this letter's.
    pub fn about(mut self, invitation: InvitationId) -> Self {
        self.invitation = Some(invitation);
        self
    }

    /// RFC 8058: one click in the mail program unsubscribes.
    pub fn unsubscribable(mut self, url: &str) -> Self {
        self.headers.push(("List-Unsubscribe", format!("<{url}>")));
        self.headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        self
    }

    pub(crate) fn into_row(self, id: LetterId, now: DateTime<Utc>) -> letter::ActiveModel {
        let headers: serde_json::Map<String, serde_json::Value> =
            self.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        letter::ActiveModel {
            id: Set(id),
            kind: Set(self.kind),
            org_id: Set(self.org),
            invitation_id: Set(self.invitation),
            to_email: Set(self.to),
            from_name: Set(self.from_name),
            reply_to: Set(self.reply_to),
            subject: Set(self.subject),
            text: Set(self.text),
            html: Set(self.html),
            headers: Set(headers.into()),
            state: Set(LetterState::Queued),
            attempts: Set(0),
            next_at: Set(now),
            lease_until: Set(None),
            last_error: Set(String::new()),
            sent_at: Set(None),
            created_at: Set(now),
        }
    }
}
