//! The second factor in GraphQL. Passkeys belong to the portal's own origin, so they are added and used there; here they are seen and
//! removed.

use async_graphql::{Context, Enum, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::{enums::FactorKind, second_factor};

use super::super as accounts;
use crate::{
    error::Result,
    graph::{
        context::{Ask, id},
        outcome::answer,
    },
    payload,
};

/// A kind of second factor.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "FactorKind", name = "SecondFactorKind")]
pub enum SecondFactorKind {
    /// Codes of an authenticator app (RFC 6238)
    Totp,
    /// A passkey (WebAuthn)
    Passkey,
}

/// What a person proves besides the password. Only the person sees it.
pub struct SecondFactor(pub(crate) second_factor::Model);

/// What a person proves besides the password. Only the person sees it.
#[Object]
impl SecondFactor {
    /// The factor's id. It is no Node: nobody else can look it up.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Its kind.
    async fn kind(&self) -> SecondFactorKind {
        self.0.kind.into()
    }
    /// What a passkey was named; null for an authenticator app.
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str()).filter(|name| !name.is_empty())
    }
    /// When it was added.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
    /// When it last signed somebody in; null if never.
    async fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.0.last_used_at
    }
}

/// The password, for heavy acts.
#[derive(InputObject)]
pub struct TotpBeginInput {
    /// The password; may be left out if it was given within the last minutes.
    current_password: Option<String>,
}

/// The first code of an authenticator app.
#[derive(InputObject)]
pub struct TotpConfirmInput {
    /// What `totpBegin` gave.
    id: ID,
    /// Six digits.
    code: String,
}

/// Which factor goes.
#[derive(InputObject)]
pub struct SecondFactorRemoveInput {
    /// Its id.
    id: ID,
    /// The password; may be left out if it was given within the last minutes.
    current_password: Option<String>,
}

/// The password, for new recovery codes.
#[derive(InputObject)]
pub struct RecoveryCodesRenewInput {
    /// The password; may be left out if it was given within the last minutes.
    current_password: Option<String>,
}

payload! {
    /// The answer to `totpBegin`.
    TotpBeginPayload {
        /// To confirm it by; it counts for nothing until then.
        id: ID,
        /// The secret in base 32; shown once.
        secret: String,
        /// The same as an `otpauth:` address, to be shown as a QR code.
        url: String,
    }
    /// The answer to `totpConfirm`.
    TotpConfirmPayload {
        /// The factor, which counts from now on.
        second_factor: SecondFactor,
        /// Ten codes that serve once each when all factors are lost; only with the first factor, and shown once.
        recovery_codes: Vec<String>,
    }
    /// The answer to `secondFactorRemove`.
    SecondFactorRemovePayload {
        /// The kind that went.
        removed: SecondFactorKind,
    }
    /// The answer to `recoveryCodesRenew`.
    RecoveryCodesRenewPayload {
        /// Ten new codes; shown once. The former no longer serve.
        recovery_codes: Vec<String>,
    }
}

/// Mutations of the second factor.
#[derive(Default)]
pub struct SecondFactorMutation;

/// Mutations of the second factor.
#[Object]
impl SecondFactorMutation {
    /// Begins to add an authenticator app. Only from a session.
    async fn totp_begin(&self, ctx: &Context<'_>, input: TotpBeginInput) -> Result<TotpBeginPayload> {
        let done = accounts::begin_totp(ctx.app()?, ctx.person()?, &input.current_password.unwrap_or_default()).await;
        answer(
            ctx,
            done.map(|new| TotpBeginPayload {
                id: Some(new.id.to_string().into()),
                secret: Some(new.secret),
                url: Some(new.url),
                ..Default::default()
            }),
        )
    }

    /// Proves by a first code that the authenticator app has taken the secret in. From now on signing in asks for a code. With the first
    /// factor, every other session ends. At most once in a document.
    async fn totp_confirm(&self, ctx: &Context<'_>, input: TotpConfirmInput) -> Result<TotpConfirmPayload> {
        let by = ctx.person()?;
        let done = async { accounts::confirm_totp(ctx.app()?, by, id(&input.id)?, &input.code).await };
        answer(
            ctx,
            done.await.map(|added| TotpConfirmPayload {
                second_factor: Some(SecondFactor(added.factor)),
                recovery_codes: Some(added.recovery_codes),
                ..Default::default()
            }),
        )
    }

    /// Removes one of the person's factors; with the last one, the recovery codes too. Only from a session.
    async fn second_factor_remove(&self, ctx: &Context<'_>, input: SecondFactorRemoveInput) -> Result<SecondFactorRemovePayload> {
        let by = ctx.person()?;
        let password = input.current_password.unwrap_or_default();
        let done = async { accounts::remove_second_factor(ctx.app()?, by, id(&input.id)?, &password).await };
        answer(ctx, done.await.map(|kind| SecondFactorRemovePayload { removed: Some(kind.into()), ..Default::default() }))
    }

    /// Makes new recovery codes. Only from a session.
    async fn recovery_codes_renew(&self, ctx: &Context<'_>, input: RecoveryCodesRenewInput) -> Result<RecoveryCodesRenewPayload> {
        let done = accounts::renew_recovery_codes(ctx.app()?, ctx.person()?, &input.current_password.unwrap_or_default()).await;
        answer(ctx, done.map(|codes| RecoveryCodesRenewPayload { recovery_codes: Some(codes), ..Default::default() }))
    }
}
