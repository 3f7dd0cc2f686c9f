//! What Instagram and Facebook share at Meta: the Graph API's calls, errors, limits, insights and webhooks.

pub mod insights;
pub mod parse;
pub mod requests;
pub mod webhooks;

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use crate::{
    client::{Client, Manners},
    connector::{AuthCallback, TokenSet},
    content::Page,
    error::{Error, ErrorKind, Result, later},
    http::Request,
    insights::{Measure, Reading},
    metric::Metric,
    secret::Secret,
    wire::Unreadable,
};
use requests::Graph;

/// The version of the Graph API that this was written for.
pub const VERSION: &str = "v26.0";

/// Whoever has more Pages than forty answers hold is not a creator.
const MOST_ANSWERS: usize = 40;

pub(crate) const MANNERS: Manners = Manners { refusal: parse::refusal, limits: parse::limits };

/// The Graph API as one of the networks.
pub(crate) struct Meta {
    pub client: Client,
    pub graph: Graph,
    /// What proves our webhook to Meta.
    pub verify_token: Secret,
    /// Metrics that Meta refused since we run: they are not asked for again.
    gone: Mutex<BTreeSet<&'static str>>,
}

impl Meta {
    pub fn new(client: Client, graph: Graph, verify_token: Secret) -> Self {
        Self { client, graph, verify_token, gone: Mutex::default() }
    }

    /// A code for a token of about sixty days, with what was granted.
    pub async fn exchange(&self, callback: &AuthCallback) -> Result<TokenSet> {
        let client = &self.client;
        let short = client.read(self.graph.code(callback), parse::token).await?;
        let long = client.read(self.graph.long_lived(&short.access), parse::token).await?;
        let granted = client.read(self.graph.permissions(&long.access), parse::permissions).await?;
        // One person's grant may carry several accounts; taking it back ends them all, so it matters whose it is.
        let subject = client.read(self.graph.me(&long.access), parse::subject).await?;
        Ok(TokenSet {
            expires_at: long.life.and_then(|life| later(client.now(), life)),
            access: long.access,
            refresh: None,
            refresh_expires_at: None,
            missing_scopes: client.scopes.iter().filter(|scope| !granted.contains(scope)).cloned().collect(),
            scopes: granted,
            subject: Some(subject),
        })
    }

    pub async fn revoke(&self, tokens: &TokenSet) -> Result<()> {
        match self.client.ask(self.graph.revoke(&tokens.access)).await {
            Ok(_) => Ok(()),
            // It is gone already, which is what was wanted.
            Err(error) if matches!(error.kind, ErrorKind::Revoked | ErrorKind::TokenExpired | ErrorKind::Checkpoint) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// All Pages of a grant.
    pub async fn pages(&self, tokens: &TokenSet, fields: &str) -> Result<Vec<parse::Page>> {
        let mut pages = Vec::new();
        let mut after = None;
        let mut cursors = HashSet::new();
        for _ in 0..MOST_ANSWERS {
            let request = self.graph.accounts(&tokens.access, fields, after.as_deref());
            let error = request.error(ErrorKind::Contract);
            let part = self.client.read(request, parse::pages).await?;
            pages.extend(part.pages);
            let Some(next) = part.next else { break };
            // The cursor alone is used, on our own base; a `next` that leads elsewhere still means that something is wrong.
            if !self.graph.is_ours(&next) {
                return Err(error.detail("`paging.next` leads to another host"));
            }
            after = part.after;
            match &after {
                Some(cursor) if cursors.insert(cursor.clone()) => {}
                _ => return Err(error.detail("paging goes in a circle")),
            }
        }
        Ok(pages)
    }

    /// One part of a list, each row by `read`; rows that it cannot read are counted.
    pub async fn part<T>(&self, request: Request, read: impl FnMut(&Value) -> Option<T>) -> Result<Page<T>> {
        self.part_by(request, parse::part, read).await
    }

    /// The same where the list stands somewhere inside the answer.
    pub async fn part_by<T>(
        &self,
        request: Request,
        find: impl FnOnce(&[u8]) -> Result<parse::Part, Unreadable>,
        read: impl FnMut(&Value) -> Option<T>,
    ) -> Result<Page<T>> {
        let error = request.error(ErrorKind::Contract);
        let part = self.client.read(request, find).await?;
        if part.next.as_ref().is_some_and(|next| !self.graph.is_ours(next)) {
            return Err(error.detail("`paging.next` leads to another host"));
        }
        let (items, left_out) = crate::wire::rows(&part.rows, read);
        // Without `next` the cursor still comes, but leads to nothing.
        let next = part.next.and(part.after).map(crate::content::Cursor);
        Ok(Page { items, next, left_out })
    }

    /// Metrics of a node's `insights` edge by `request`, which is given their words joined by commas. Metrics that Meta no longer
    /// knows are found one by one, said to be [`Metric::NotOffered`], and not asked for again.
    pub async fn insights(&self, asked: &[(Measure, &'static str)], request: impl Fn(&str) -> Result<Request>) -> Result<Vec<Reading>> {
        self.insights_by(asked, insights::readings, request).await
    }

    /// The same, with rows read by `read`.
    pub async fn insights_by(
        &self,
        asked: &[(Measure, &'static str)],
        read: impl Fn(&[insights::Insight], &[(Measure, &'static str)]) -> Vec<Reading>,
        request: impl Fn(&str) -> Result<Request>,
    ) -> Result<Vec<Reading>> {
        let known: Vec<(Measure, &'static str)> = asked.iter().filter(|(_, word)| !self.is_gone(word)).copied().collect();
        let words = |metrics: &[(Measure, &'static str)]| metrics.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(",");
        let mut found = if known.is_empty() {
            Vec::new()
        } else {
            match self.client.read(request(&words(&known))?, insights::insights).await {
                Ok(rows) => read(&rows, &known),
                Err(error) if is_about_a_metric(&error) => self.one_by_one(&known, &read, &request).await?,
                Err(error) => insights::all(&known, self.client.instead(error)?),
            }
        };
        let gone: Vec<_> = asked.iter().filter(|(_, word)| !known.iter().any(|(_, k)| k == word)).copied().collect();
        found.extend(insights::all(&gone, Metric::NotOffered));
        Ok(found)
    }

    async fn one_by_one(
        &self,
        asked: &[(Measure, &'static str)],
        read: &impl Fn(&[insights::Insight], &[(Measure, &'static str)]) -> Vec<Reading>,
        request: &impl Fn(&str) -> Result<Request>,
    ) -> Result<Vec<Reading>> {
        let mut found = Vec::new();
        for one in asked {
            match self.client.read(request(one.1)?, insights::insights).await {
                Ok(rows) => found.extend(read(&rows, &[*one])),
                Err(error) if is_about_a_metric(&error) => {
                    tracing::warn!(network = %self.client.network, metric = one.1, "the network no longer knows this metric: {error}");
                    self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(one.1);
                    found.extend(insights::all(&[*one], Metric::NotOffered));
                }
                Err(error) => found.extend(insights::all(&[*one], self.client.instead(error)?)),
            }
        }
        Ok(found)
    }

    fn is_gone(&self, word: &str) -> bool {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).contains(word)
    }
}

/// Whether it is the metric that is refused, and not what it was asked about.
fn is_about_a_metric(error: &Error) -> bool {
    error.kind == ErrorKind::Bug && error.detail.contains("metric")
}

/// Proof that a caller who holds the token also holds the app's secret: without it a stolen token is of little use.
pub(crate) fn appsecret_proof(token: &Secret, secret: &Secret) -> String {
    crate::webhook::mac(secret, &[token.expose().as_bytes()]).map(hex::encode).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_hmac_sha256_in_hex() {
        // RFC 4231, test case 2.
        let proof = appsecret_proof(&"what do ya want for nothing?".into(), &"Jefe".into());
        assert_eq!(proof, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
