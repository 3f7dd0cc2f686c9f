//! What can go wrong with a network, in the kinds that decide the reaction.

use std::{fmt, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{connector::Capability, network::Network};

/// The result of asking a network.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, and when to try again. Holds no token: it may be logged and shown to an operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{network} {endpoint}: {kind}{}{detail}", if .detail.is_empty() { "" } else { ": " })]
pub struct Error {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// The network that was asked.
    pub network: Network,
    /// The endpoint in words of ours, such as `me/accounts`.
    pub endpoint: &'static str,
    /// For the operator: codes and a scrubbed message.
    pub detail: String,
    /// Not before this instant.
    pub retry_at: Option<DateTime<Utc>>,
}

/// The kinds of failure. Each has one reaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The access token ran out: refresh once, retry once; where there is no refresh, ask to relink.
    TokenExpired,
    /// The creator took the grant back, or it died for good: stop, ask to relink.
    Revoked,
    /// The network wants something of the person: say what to do there.
    Checkpoint,
    /// The creator did not grant this: "not granted", offer a relink.
    ScopeMissing {
        /// The scope, in the network's own word; empty if the network did not say.
        scope: String,
    },
    /// The network refuses our app, not the creator: the operator's notice.
    AppNotApproved,
    /// Too many calls: the whole scope pauses until `retry_at`.
    RateLimited {
        /// What the limit counts.
        scope: LimitScope,
    },
    /// A budget is used up; waits for its reset or the operator.
    QuotaExhausted,
    /// A personal account, or one without a Page: explain how to convert.
    NotBusinessAccount,
    /// The network shows this only from a threshold.
    BelowThreshold {
        /// The threshold.
        min: u32,
    },
    /// No such thing, or not for us.
    NotFound,
    /// Its owner keeps it private.
    Private,
    /// It was there and is over, such as a story after a day.
    Gone,
    /// The network has no such thing: "not available on this network".
    NotSupported(Capability),
    /// A fault that passes: back off and retry.
    Transient,
    /// The answer is not what the network documents: alarm, keep the old values.
    Contract,
    /// Our request was wrong: alarm, no retry.
    Bug,
    /// The person said no at the consent page.
    Declined,
    /// The authorization code is used, expired or of another request: begin the link again.
    CodeRefused,
    /// The callback names another issuer than the one we sent the person to (RFC 9207): refuse the link.
    IssuerMismatch,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitScope {
    /// All calls of our app.
    App,
    /// The calls for one person.
    User,
    /// The calls for one account or Page.
    Account,
}

impl ErrorKind {
    /// A stable word for storing and for message keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TokenExpired => "token_expired",
            Self::Revoked => "revoked",
            Self::Checkpoint => "checkpoint",
            Self::ScopeMissing { .. } => "scope_missing",
            Self::AppNotApproved => "app_not_approved",
            Self::RateLimited { .. } => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::NotBusinessAccount => "not_business_account",
            Self::BelowThreshold { .. } => "below_threshold",
            Self::NotFound => "not_found",
            Self::Private => "private",
            Self::Gone => "gone",
            Self::NotSupported(_) => "not_supported",
            Self::Transient => "transient",
            Self::Contract => "contract",
            Self::Bug => "bug",
            Self::Declined => "declined",
            Self::CodeRefused => "code_refused",
            Self::IssuerMismatch => "issuer_mismatch",
        }
    }

    /// Whether the same call may succeed later without anybody doing anything.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Transient | Self::RateLimited { .. } | Self::QuotaExhausted)
    }

    /// Whether only the creator can mend it, by linking again.
    pub fn needs_relink(&self) -> bool {
        matches!(self, Self::TokenExpired | Self::Revoked | Self::Checkpoint | Self::ScopeMissing { .. })
    }

    /// Whether somebody who runs the installation should look.
    pub fn is_alarm(&self) -> bool {
        matches!(self, Self::AppNotApproved | Self::Contract | Self::Bug | Self::IssuerMismatch)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ScopeMissing { scope } if !scope.is_empty() => write!(f, "scope_missing ({scope})"),
            Self::BelowThreshold { min } => write!(f, "below_threshold ({min})"),
            Self::NotSupported(capability) => write!(f, "not_supported ({capability:?})"),
            other => f.write_str(other.code()),
        }
    }
}

impl Error {
    /// A failure of `kind` at an endpoint.
    pub fn new(network: Network, endpoint: &'static str, kind: ErrorKind) -> Self {
        Self { kind, network, endpoint, detail: String::new(), retry_at: None }
    }

    /// With words for the operator; whatever looks like a token is taken out.
    #[must_use]
    pub fn detail(mut self, detail: impl AsRef<str>) -> Self {
        self.detail = scrubbed(detail.as_ref());
        self
    }

    /// With the instant before which trying again is useless.
    #[must_use]
    pub fn retry_at(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.retry_at = at;
        self
    }

    /// The network has no such thing.
    pub fn not_supported(network: Network, endpoint: &'static str, capability: Capability) -> Self {
        Self::new(network, endpoint, ErrorKind::NotSupported(capability))
    }
}

/// `now` plus what a `Retry-After` of seconds says.
pub(crate) fn later(now: DateTime<Utc>, wait: Duration) -> Option<DateTime<Utc>> {
    chrono::Duration::from_std(wait).ok().and_then(|wait| now.checked_add_signed(wait))
}

/// A text of a network's without anything that could be a token: long unbroken runs are taken out, the rest is cut.
pub(crate) fn scrubbed(text: &str) -> String {
    const LONGEST: usize = 300;
    const TOKEN_LIKE: usize = 20;
    let mut out = String::new();
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        if run.len() >= TOKEN_LIKE {
            out.push('…')
        } else {
            out.push_str(run)
        }
        run.clear();
    };
    for c in text.chars().take(4 * LONGEST) {
        if c.is_ascii_alphanumeric() || "-_|.%~+=".contains(c) {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(if c.is_control() { ' ' } else { c });
        }
    }
    flush(&mut run, &mut out);
    if out.chars().count() > LONGEST { out.chars().take(LONGEST).chain(['…']).collect() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_hold_no_token() {
        let token = format!("EAAB{}", "x1Y2".repeat(40));
        let error = Error::new(Network::Instagram, "me/accounts", ErrorKind::Bug)
            .detail(format!("Malformed access token {token}\nsee https://x.example/?access_token={token}"));
        assert!(!error.to_string().contains("EAAB"), "{error}");
        assert_eq!(error.to_string(), "instagram me/accounts: bug: Malformed access token … see https://x.example/?…");
    }

    #[test]
    fn a_long_message_is_cut() {
        assert!(scrubbed(&"word ".repeat(1000)).chars().count() <= 301);
    }
}
