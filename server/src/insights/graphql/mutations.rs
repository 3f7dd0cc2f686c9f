//! What a creator does with their own score.

use async_graphql::{Context, InputObject, Object};

use crate::{
    creators::{self, graphql::Creator},
    error::Result,
    graph::{context::Ask, outcome::answer},
    insights::{self, Page},
    payload,
};

/// What the public page is to be.
#[derive(InputObject)]
pub struct ScorePagePublishInput {
    /// The last part of its address: letters, digits and single dashes, 3 to 40; as it was if absent, else made from the largest account's
    /// handle.
    slug: Option<String>,
    /// Whether it also shows who the audience is; no if absent.
    with_audience: Option<bool>,
}

payload! {
    /// The answer to `scoreRefresh`.
    ScoreRefreshPayload {
        /// The creator; the score follows in a moment.
        creator: Creator,
    }
    /// The answer to `scorePagePublish`.
    ScorePagePublishPayload {
        /// The creator, whose `score.page` is public now.
        creator: Creator,
    }
    /// The answer to `scorePageUnpublish`.
    ScorePageUnpublishPayload {
        /// The creator, whose `score.page` is no longer public.
        creator: Creator,
    }
}

async fn own(ctx: &Context<'_>) -> Result<Option<Creator>> {
    Ok(Some(Creator(creators::queries::own(ctx.app()?.db(), ctx.creator()?).await?.into())))
}

/// Mutations of scores.
#[derive(Default)]
pub struct ScoresMutation;

/// Mutations of scores.
#[Object]
impl ScoresMutation {
    /// Has the caller's score computed anew from what has been read so far. It happens by itself after each reading and each night.
    async fn score_refresh(&self, ctx: &Context<'_>) -> Result<ScoreRefreshPayload> {
        let done = async {
            insights::refresh(ctx.app()?, ctx.creator()?).await?;
            Ok(ScoreRefreshPayload { creator: own(ctx).await?, ..Default::default() })
        };
        answer(ctx, done.await)
    }

    /// Shows the caller's score to everybody who has the address, or changes that page.
    async fn score_page_publish(&self, ctx: &Context<'_>, input: ScorePagePublishInput) -> Result<ScorePagePublishPayload> {
        let done = async {
            let page = Page { slug: input.slug.unwrap_or_default(), with_audience: input.with_audience.unwrap_or_default() };
            insights::publish(ctx.app()?, ctx.creator()?, page).await?;
            Ok(ScorePagePublishPayload { creator: own(ctx).await?, ..Default::default() })
        };
        answer(ctx, done.await)
    }

    /// Shows it to nobody any more.
    async fn score_page_unpublish(&self, ctx: &Context<'_>) -> Result<ScorePageUnpublishPayload> {
        let done = async {
            insights::unpublish(ctx.app()?, ctx.creator()?).await?;
            Ok(ScorePageUnpublishPayload { creator: own(ctx).await?, ..Default::default() })
        };
        answer(ctx, done.await)
    }
}
