//! What platform admins do.

use async_graphql::{Context, ID, InputObject, Object};
use entity::enums::SuspensionReason;

use super::lists::{BackgroundJob, Letter, Suppression, SuspensionReasonName, User};
use crate::{
    accounts,
    creators::graphql::Creator,
    error::Result,
    graph::{
        context::{Ask, id},
        outcome::answer,
    },
    jobs, mail, networks, payload,
};

/// Whom to shut out, and why.
#[derive(InputObject)]
pub struct UserSuspendInput {
    /// The person's id.
    id: ID,
    /// Why; the person is told.
    reason: SuspensionReasonName,
}

/// Whose second factor is taken away.
#[derive(InputObject)]
pub struct UserSecondFactorResetInput {
    /// The person's id.
    id: ID,
    /// The person's mail address, typed, so that it is nobody else's.
    email: String,
}

/// Which profile goes, and which takes all that it has.
#[derive(InputObject)]
pub struct CreatorMergeInput {
    /// The unclaimed profile that goes.
    id: ID,
    /// The profile that stays.
    into: ID,
    /// The name of the profile that goes, where a person has typed it to be sure: WRONG if it is another.
    name: Option<String>,
}

macro_rules! by_id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(InputObject)]
        pub struct $name {
            /// Its id.
            id: ID,
        }
    )*};
}

by_id! {
    /// Whom to let in again.
    UserRestoreInput;
    /// Whom to sign out.
    UserSignOutInput;
    /// Which letter.
    LetterRetryInput;
    /// Which address.
    SuppressionLiftInput;
    /// Which job.
    BackgroundJobRetryInput;
}

payload! {
    /// The answer to `userSuspend`.
    UserSuspendPayload {
        /// The person as they are now.
        user: User,
    }
    /// The answer to `userRestore`.
    UserRestorePayload {
        /// The person as they are now.
        user: User,
    }
    /// The answer to `userSignOut`.
    UserSignOutPayload {
        /// The person.
        user: User,
    }
    /// The answer to `userSecondFactorReset`.
    UserSecondFactorResetPayload {
        /// The person as they are now.
        user: User,
    }
    /// The answer to `creatorMerge`.
    CreatorMergePayload {
        /// The profile that stays.
        creator: Creator,
        /// The id of the profile that is gone.
        merged_id: ID,
    }
    /// The answer to `letterRetry`.
    LetterRetryPayload {
        /// The letter, queued.
        letter: Letter,
    }
    /// The answer to `suppressionLift`.
    SuppressionLiftPayload {
        /// What is gone.
        suppression: Suppression,
    }
    /// The answer to `backgroundJobRetry`.
    BackgroundJobRetryPayload {
        /// The job, ready.
        job: BackgroundJob,
    }
}

/// What platform admins do.
#[derive(Default)]
pub struct AdminMutation;

/// What platform admins do.
#[Object]
impl AdminMutation {
    /// An admin shuts a person out: their sessions end now, their API tokens rest, and a mail tells them why.
    async fn user_suspend(&self, ctx: &Context<'_>, input: UserSuspendInput) -> Result<UserSuspendPayload> {
        let by = ctx.admin()?;
        let reason = SuspensionReason::from(input.reason);
        let done = async { accounts::suspend(ctx.app()?, by, id(&input.id)?, reason.as_str()).await };
        answer(ctx, done.await.map(|row| UserSuspendPayload { user: Some(User(row.into())), ..Default::default() }))
    }

    /// An admin lets a suspended person in again; a mail tells them.
    async fn user_restore(&self, ctx: &Context<'_>, input: UserRestoreInput) -> Result<UserRestorePayload> {
        let by = ctx.admin()?;
        let done = async { accounts::restore(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| UserRestorePayload { user: Some(User(row.into())), ..Default::default() }))
    }

    /// An admin ends every session of a person and revokes their API tokens.
    async fn user_sign_out(&self, ctx: &Context<'_>, input: UserSignOutInput) -> Result<UserSignOutPayload> {
        let by = ctx.admin()?;
        let done = async { accounts::sign_out_everywhere(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| UserSignOutPayload { user: Some(User(row.into())), ..Default::default() }))
    }

    /// An admin helps somebody who has lost every second factor and recovery code: all are gone, every session and API token ends, and a
    /// mail tells the person. Make sure by another way who asks.
    async fn user_second_factor_reset(&self, ctx: &Context<'_>, input: UserSecondFactorResetInput) -> Result<UserSecondFactorResetPayload> {
        let by = ctx.admin()?;
        let done = async { accounts::reset_second_factor(ctx.app()?, by, id(&input.id)?, &input.email).await };
        answer(ctx, done.await.map(|row| UserSecondFactorResetPayload { user: Some(User(row.into())), ..Default::default() }))
    }

    /// An admin says that an unclaimed profile is of the same creator as another one, which takes all that it has. A registered creator's own
    /// profile is never merged for them.
    async fn creator_merge(&self, ctx: &Context<'_>, input: CreatorMergeInput) -> Result<CreatorMergePayload> {
        let by = ctx.admin()?;
        let done = async { networks::merge_duplicates(ctx.app()?, by, id(&input.id)?, &input.into, input.name.as_deref()).await };
        answer(
            ctx,
            done.await.map(|row| CreatorMergePayload {
                creator: Some(Creator(row.into())),
                merged_id: Some(input.id.clone()),
                ..Default::default()
            }),
        )
    }

    /// An admin puts a letter back into the queue that failed in the last week, with its invitation.
    async fn letter_retry(&self, ctx: &Context<'_>, input: LetterRetryInput) -> Result<LetterRetryPayload> {
        let by = ctx.admin()?;
        let done = async { mail::retry::retry(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| LetterRetryPayload { letter: Some(Letter(row.into())), ..Default::default() }))
    }

    /// An admin lets an address be written to again from which mail came back. Who unsubscribed decides that alone.
    async fn suppression_lift(&self, ctx: &Context<'_>, input: SuppressionLiftInput) -> Result<SuppressionLiftPayload> {
        let by = ctx.admin()?;
        let done = async { mail::retry::lift(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| SuppressionLiftPayload { suppression: Some(Suppression(row.into())), ..Default::default() }))
    }

    /// An admin has a job done again that was given up.
    async fn background_job_retry(&self, ctx: &Context<'_>, input: BackgroundJobRetryInput) -> Result<BackgroundJobRetryPayload> {
        let by = ctx.admin()?;
        let done = async { jobs::retry::retry(ctx.app()?, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| BackgroundJobRetryPayload { job: Some(BackgroundJob(row.into())), ..Default::default() }))
    }
}
