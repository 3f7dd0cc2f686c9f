//! Codes, access tokens and refresh tokens of the networks that speak OAuth 2 as the standard has it. In memory.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};

use crate::{
    people::{Fate, Person},
    world::{BadCode, BadToken, End, Scopes},
};

/// How long things last at a network.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lives {
    pub code: i64,
    pub access: Option<i64>,
    /// `None`: there are no refresh tokens.
    pub refresh: Option<Option<i64>>,
    pub rotates: bool,
}

/// What somebody agreed to.
#[derive(Clone)]
struct Grant {
    net: &'static str,
    person: &'static Person,
    scopes: Scopes,
    at: DateTime<Utc>,
    ended: Option<End>,
}

struct Code {
    net: &'static str,
    person: &'static Person,
    scopes: Scopes,
    redirect_uri: String,
    challenge: Option<String>,
    expires_at: DateTime<Utc>,
    grant: Option<usize>,
}

struct Issued {
    grant: usize,
    refresh: bool,
    at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    spent: bool,
}

/// What a token endpoint gives out.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub access: String,
    pub expires_in: Option<i64>,
    pub refresh: Option<String>,
    pub refresh_expires_in: Option<i64>,
    pub scopes: Vec<String>,
    pub person: &'static Person,
}

/// Whose call it is.
#[derive(Clone)]
pub(crate) struct Caller {
    pub person: &'static Person,
    pub scopes: Vec<String>,
    pub at: DateTime<Utc>,
}

/// A question that comes with the time and a source of texts that nobody guesses.
pub(crate) struct Now<'a> {
    pub now: DateTime<Utc>,
    pub opaque: &'a mut dyn FnMut() -> String,
}

#[derive(Default)]
pub(crate) struct Grants {
    grants: Vec<Grant>,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Issued>,
}

impl Grants {
    #[expect(clippy::too_many_arguments, reason = "what a consent page knows")]
    pub fn code(
        &mut self,
        at: Now<'_>,
        net: &'static str,
        lives: Lives,
        person: &'static Person,
        scopes: Scopes,
        redirect_uri: &str,
        challenge: Option<String>,
    ) -> String {
        let code = (at.opaque)();
        let expires_at = at.now + Duration::seconds(lives.code);
        let redirect_uri = redirect_uri.to_owned();
        self.codes.insert(code.clone(), Code { net, person, scopes, redirect_uri, challenge, expires_at, grant: None });
        code
    }

    /// A code for tokens: once, in time, with the redirect address and the verifier that go with it.
    pub fn spend(
        &mut self,
        at: Now<'_>,
        net: &'static str,
        lives: Lives,
        code: &str,
        redirect: &str,
        verifier: &str,
    ) -> Result<Pair, BadCode> {
        let found = self.codes.get_mut(code).filter(|found| found.net == net).ok_or(BadCode::Unknown)?;
        if let Some(grant) = found.grant {
            // Somebody else may have used it first: what it gave is taken back (RFC 6749, 4.1.2).
            self.grants[grant].ended.get_or_insert(End::AppRemoved);
            return Err(BadCode::Used);
        }
        if found.expires_at <= at.now {
            return Err(BadCode::Expired);
        }
        if found.redirect_uri != redirect {
            return Err(BadCode::OtherRedirect);
        }
        let proven = found.challenge.as_ref().is_none_or(|challenge| *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
        if !proven {
            return Err(BadCode::Unknown);
        }
        let grant = self.grants.len();
        found.grant = Some(grant);
        self.grants.push(Grant { net, person: found.person, scopes: found.scopes.clone(), at: at.now, ended: None });
        Ok(self.issue(at, grant, lives, None))
    }

    /// New tokens for a refresh token. Where it rotates, the old one is spent, and coming with it again ends the grant.
    pub fn renew(&mut self, at: Now<'_>, net: &'static str, lives: Lives, refresh: &str) -> Result<Pair, BadToken> {
        let grant = self.living(at.now, net, refresh, true)?;
        let Some(token) = self.tokens.get_mut(refresh) else { return Err(BadToken::Unknown) };
        if token.spent {
            self.grants[grant].ended.get_or_insert(End::AppRemoved);
            return Err(BadToken::Ended(End::AppRemoved));
        }
        token.spent = lives.rotates;
        let kept = (!lives.rotates).then(|| refresh.to_owned());
        Ok(self.issue(at, grant, lives, kept))
    }

    fn issue(&mut self, at: Now<'_>, grant: usize, lives: Lives, kept: Option<String>) -> Pair {
        let scopes = self.grants[grant].scopes.granted.clone();
        // X gives a refresh token only with this scope.
        let refreshes = lives.refresh.is_some() && (self.grants[grant].net != "x" || scopes.iter().any(|scope| scope == "offline.access"));
        let mut put = |refresh: bool, life: Option<i64>| {
            let text = (at.opaque)();
            let expires_at = life.map(|life| at.now + Duration::seconds(life));
            self.tokens.insert(text.clone(), Issued { grant, refresh, at: at.now, expires_at, spent: false });
            text
        };
        let access = put(false, lives.access);
        let refresh = if kept.is_some() || !refreshes { None } else { Some(put(true, lives.refresh.flatten())) };
        Pair {
            access,
            expires_in: lives.access,
            refresh,
            refresh_expires_in: lives.refresh.flatten(),
            scopes,
            person: self.grants[grant].person,
        }
    }

    /// All tokens that were given out.
    pub fn secrets(&self) -> Vec<String> {
        self.tokens.keys().cloned().collect()
    }

    /// An access token that may be used now.
    pub fn caller(&self, now: DateTime<Utc>, net: &'static str, token: &str) -> Result<Caller, BadToken> {
        let grant = self.living(now, net, token, false)?;
        let issued = self.tokens.get(token).ok_or(BadToken::Unknown)?;
        let grant = &self.grants[grant];
        Ok(Caller { person: grant.person, scopes: grant.scopes.granted.clone(), at: issued.at })
    }

    fn living(&self, now: DateTime<Utc>, net: &'static str, token: &str, refresh: bool) -> Result<usize, BadToken> {
        let issued = self.tokens.get(token).filter(|issued| issued.refresh == refresh).ok_or(BadToken::Unknown)?;
        let grant = self.grants.get(issued.grant).filter(|grant| grant.net == net).ok_or(BadToken::Unknown)?;
        if let Some(end) = grant.ended {
            return Err(BadToken::Ended(end));
        }
        match grant.person.fate {
            Fate::AppRemovedAfterAnHour if now >= grant.at + Duration::hours(1) => return Err(BadToken::Ended(End::AppRemoved)),
            Fate::PasswordChangedAfterAnHour if now >= grant.at + Duration::hours(1) => return Err(BadToken::Ended(End::PasswordChanged)),
            _ => {}
        }
        if issued.expires_at.is_some_and(|at| at <= now) { Err(BadToken::Expired) } else { Ok(issued.grant) }
    }

    /// The app takes a grant back by any of its tokens.
    pub fn revoke(&mut self, net: &'static str, token: &str) -> bool {
        let found = self.tokens.get(token).map(|issued| issued.grant).filter(|grant| self.grants[*grant].net == net);
        if let Some(grant) = found {
            self.grants[grant].ended.get_or_insert(End::AppRemoved);
        }
        found.is_some()
    }

    /// The person takes all grants back.
    pub fn end(&mut self, person: &str, end: End) {
        for grant in self.grants.iter_mut().filter(|grant| grant.person.id == person) {
            grant.ended.get_or_insert(end);
        }
    }
}
