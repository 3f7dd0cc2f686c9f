//! Figures that creators hand in, in GraphQL (K23).

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, connection::Connection};
use chrono::{DateTime, Utc};
use connectors::Measure;
use entity::{
    enums::{ManualInsightState, ProofReview},
    ids::ManualInsightId,
    manual_insight,
};

use super::{
    super::{
        handed::{self, HandIn},
        proofs::{self, Eyes, Which},
        sync::posts::code,
    },
    posts::MeasureName,
};
use crate::{
    base::paging::Cursor,
    creators::graphql::NetworkAccount,
    error::{Error, Result},
    graph::{
        context::{Actor, Ask, id},
        outcome::answer,
        rows::Row,
        scalars::{Date, Long, connection, slice},
    },
    organisations::graphql::Organisation,
    payload,
    web::urls,
};

/// The way of figures that a creator hands in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ManualInsightState", name = "ManualInsightState")]
pub enum ManualInsightStateName {
    /// A brand has asked for them
    Asked,
    /// The creator has handed them in
    HandedIn,
    /// The creator will not
    Declined,
}

/// What a creator may do with a request for figures.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ManualInsightAction {
    /// `insightsHandIn`
    HandIn,
    /// `insightsDecline`
    Decline,
    /// `insightProofReview`
    ReviewProof,
}

/// What a platform admin made of a picture beside figures.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ProofReview", name = "InsightProofReview")]
pub enum ProofReviewName {
    /// It was looked at, and shows what was handed in
    Seen,
    /// It does not show what was handed in
    Refused,
}

/// Which pictures an admin asks for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum InsightProofFilter {
    /// Those that nobody has looked at
    Waiting,
    /// Those that show what was handed in
    Seen,
    /// Those that do not
    Refused,
    /// All of them
    All,
}

impl From<InsightProofFilter> for Which {
    fn from(filter: InsightProofFilter) -> Self {
        match filter {
            InsightProofFilter::Waiting => Self::Waiting,
            InsightProofFilter::Seen => Self::Said(ProofReview::Seen),
            InsightProofFilter::Refused => Self::Said(ProofReview::Refused),
            InsightProofFilter::All => Self::All,
        }
    }
}

/// A picture of the network's own page beside figures that were handed in.
#[derive(SimpleObject)]
pub struct InsightProof {
    /// Where the picture is, for whoever is signed in and sees the figures.
    url: String,
    /// What a platform admin made of it; null until somebody has looked.
    review: Option<ProofReviewName>,
    /// The admin's words; may be empty.
    review_note: String,
    /// When it was looked at; null likewise.
    reviewed_at: Option<DateTime<Utc>>,
}

/// A figure that was typed.
#[derive(SimpleObject)]
pub struct HandedFigure {
    /// What is counted.
    measure: MeasureName,
    /// How much, by the creator's word.
    value: Long,
}

/// Figures that a creator hands in, asked for by a brand or of their own accord. The creator and who asked see it.
pub struct ManualInsight(pub Row<manual_insight::Model>);

/// Figures that a creator hands in, asked for by a brand or of their own accord. The creator and who asked see it.
#[Object]
impl ManualInsight {
    /// Its id.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }
    /// Where it stands.
    async fn state(&self) -> ManualInsightStateName {
        self.0.state.into()
    }
    /// Who asked; null if nobody did.
    async fn organisation(&self, ctx: &Context<'_>) -> Result<Option<Organisation>> {
        let Some(id) = self.0.org_id else { return Ok(None) };
        Ok(ctx.rows()?.load_one(id).await?.map(Organisation))
    }
    /// About which account; null if it is gone.
    async fn account(&self, ctx: &Context<'_>) -> Result<Option<NetworkAccount>> {
        Ok(ctx.rows()?.load_one(self.0.account_id).await?.map(NetworkAccount))
    }
    /// The id of the publication that it is about; null if it is about the account.
    async fn post_id(&self) -> Option<ID> {
        self.0.post_id.map(|id| id.to_string().into())
    }
    /// What the brand wrote; may be empty.
    async fn question(&self) -> &str {
        &self.0.question
    }
    /// What was handed in; empty until then.
    async fn figures(&self) -> Vec<HandedFigure> {
        let all: std::collections::BTreeMap<String, i64> = serde_json::from_value(self.0.figures.clone()).unwrap_or_default();
        let named = |(measure, n): (String, i64)| {
            let measure: Measure = serde_json::from_value(measure.into()).ok()?;
            Some(HandedFigure { measure: measure.into(), value: Long(n) })
        };
        all.into_iter().filter_map(named).collect()
    }
    /// The day that the figures are of; null until they are handed in.
    async fn as_of(&self) -> Option<Date> {
        self.0.as_of.map(Date)
    }
    /// The creator's words beside them; may be empty.
    async fn note(&self) -> &str {
        &self.0.note
    }
    /// A picture of the network's own page that was handed in with them; null if there is none.
    async fn proof(&self, ctx: &Context<'_>) -> Result<Option<InsightProof>> {
        let row = &self.0;
        if row.proof_id.is_none() {
            return Ok(None);
        }
        let at = match &ctx.cx()?.actor {
            Actor::Member(by) => urls::org(by.org(), format!("insights/{}", row.id)),
            Actor::Admin(_) => urls::admin_proof(row.id),
            _ => urls::creator(format!("insights/{}", row.id)),
        };
        Ok(Some(InsightProof {
            url: ctx.app()?.link(&format!("{at}/proof")),
            review: row.review.map(Into::into),
            review_note: row.review_note.clone(),
            reviewed_at: row.reviewed_at,
        }))
    }
    /// What the caller may do with it now.
    async fn allowed_actions(&self, ctx: &Context<'_>) -> Result<Vec<ManualInsightAction>> {
        let actor = &ctx.cx()?.actor;
        if matches!(actor, Actor::Admin(_)) && self.0.proof_id.is_some() {
            return Ok(vec![ManualInsightAction::ReviewProof]);
        }
        let open = actor.is(self.0.creator_id) && self.0.state == ManualInsightState::Asked;
        Ok(if open { vec![ManualInsightAction::HandIn, ManualInsightAction::Decline] } else { Vec::new() })
    }
    /// When it was asked for or handed in.
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// Figures that were handed in, for `node`.
pub(crate) async fn insight_node(ctx: &Context<'_>, id: ManualInsightId) -> Result<Option<ManualInsight>> {
    ctx.person()?;
    let scope = match &ctx.cx()?.actor {
        Actor::Member(by) => Eyes::Member(by),
        Actor::Admin(by) => Eyes::Admin(by),
        _ => Eyes::Creator(ctx.creator()?),
    };
    let scope = scope.see();
    Ok(Some(ManualInsight(ctx.rows()?.find::<ManualInsight, _, _>(manual_insight::Column::Id, scope, id).await?)))
}

/// Queries of figures that are handed in.
#[derive(Default)]
pub struct InsightsQuery;

/// Queries of figures that are handed in.
#[Object]
impl InsightsQuery {
    /// Figures that brands ask the creator who calls for, the oldest first, at most 50; or, for a member, what the organisation has asked a
    /// creator and what the creator shows to brands of their own accord, the newest first, at most 20.
    async fn insight_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For members: which creator.")] creator_id: Option<ID>,
    ) -> Result<Vec<ManualInsight>> {
        ctx.person()?;
        let db = ctx.app()?.db();
        Ok(match &ctx.cx()?.actor {
            Actor::Member(by) => {
                let creator = creator_id.as_ref().map(id).transpose()?.ok_or(Error::NotFound)?;
                Row::each(handed::asked_by(db, by, creator).await?).map(ManualInsight).collect()
            }
            _ => handed::waiting(db, ctx.creator()?).await?.into_iter().map(|(row, _)| ManualInsight(row.into())).collect(),
        })
    }

    /// Figures that were handed in with a picture of the network's own page, the newest first; for platform admins.
    async fn insight_proofs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which; those that nobody has looked at if absent.")] review: Option<InsightProofFilter>,
        #[graphql(desc = "After this cursor.")] after: Option<String>,
        #[graphql(desc = "Before this cursor.")] before: Option<String>,
        #[graphql(desc = "How many, 1 to 100; 20 if absent.")] first: Option<i32>,
        #[graphql(desc = "How many from the end, 1 to 100.")] last: Option<i32>,
    ) -> Result<Connection<Cursor, ManualInsight>> {
        let by = ctx.admin()?;
        let slice = slice(after, before, first, last)?;
        let page = proofs::list(ctx.app()?.db(), by, review.map(Into::into).unwrap_or_default(), slice).await?;
        Ok(connection(page, ManualInsight))
    }
}

/// A figure as it was typed.
#[derive(InputObject)]
pub struct HandedFigureInput {
    /// What is counted: reach, impressions, views, likes, comments, shares, saves, profile visits, link clicks or follows.
    measure: MeasureName,
    /// How much; not negative.
    value: Long,
}

/// Figures that are handed in.
#[derive(InputObject)]
pub struct InsightsHandInInput {
    /// The request that this answers.
    request_id: Option<ID>,
    /// Without a request: the publication that they are about.
    post_id: Option<ID>,
    /// The figures; at least one.
    figures: Vec<HandedFigureInput>,
    /// The day that they are of.
    as_of: Date,
    /// Further words; at most 500 characters.
    note: Option<String>,
    /// A picture of the network's own page: the id that `POST /uploads?for=proof` gave.
    proof_id: Option<ID>,
}

/// A platform admin's word on a picture.
#[derive(InputObject)]
pub struct InsightProofReviewInput {
    /// The figures that it was handed in with.
    id: ID,
    /// What it shows.
    review: ProofReviewName,
    /// Words for the creator and the brand; at most 500 characters, needed if it is refused.
    note: Option<String>,
}

/// Which request is declined.
#[derive(InputObject)]
pub struct InsightsDeclineInput {
    /// Its id.
    id: ID,
}

/// What is asked for.
#[derive(InputObject)]
pub struct InsightsAskInput {
    /// About which account, of a creator who has joined one of the organisation's campaigns.
    account_id: ID,
    /// About which of its publications; null = about the account.
    post_id: Option<ID>,
    /// What the creator reads; at most 500 characters.
    question: Option<String>,
}

payload! {
    /// The answer to `insightsHandIn`.
    InsightsHandInPayload {
        /// What was handed in.
        insight: ManualInsight,
    }
    /// The answer to `insightsDecline`.
    InsightsDeclinePayload {
        /// The request, now DECLINED.
        insight: ManualInsight,
    }
    /// The answer to `insightProofReview`.
    InsightProofReviewPayload {
        /// The figures with the word on their picture.
        insight: ManualInsight,
    }
    /// The answer to `insightsAsk`.
    InsightsAskPayload {
        /// The request.
        insight: ManualInsight,
    }
}

/// Mutations of figures that are handed in.
#[derive(Default)]
pub struct InsightsMutation;

/// Mutations of figures that are handed in.
#[Object]
impl InsightsMutation {
    /// Hands figures in, as an answer or of one's own accord. They stand beside the network's own, marked as the creator's word.
    async fn insights_hand_in(&self, ctx: &Context<'_>, input: InsightsHandInInput) -> Result<InsightsHandInPayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async {
            let figures = input.figures.iter().map(|one| {
                let measure = code(one.measure.into());
                (measure, one.value.0.to_string())
            });
            let given = HandIn {
                request: input.request_id.as_ref().map(id).transpose()?,
                post: input.post_id.as_ref().map(id).transpose()?,
                figures: figures.collect(),
                as_of: input.as_of.to_string(),
                note: input.note.clone().unwrap_or_default(),
                proof: input.proof_id.as_ref().map(|id| id.to_string()).unwrap_or_default(),
            };
            handed::hand_in(app, by, &given).await
        };
        answer(ctx, done.await.map(|row| InsightsHandInPayload { insight: Some(ManualInsight(row.into())), ..Default::default() }))
    }

    /// Says no to a request for figures.
    async fn insights_decline(&self, ctx: &Context<'_>, input: InsightsDeclineInput) -> Result<InsightsDeclinePayload> {
        let (app, by) = (ctx.app()?, ctx.creator()?);
        let done = async { handed::decline(app, by, id(&input.id)?).await };
        answer(ctx, done.await.map(|row| InsightsDeclinePayload { insight: Some(ManualInsight(row.into())), ..Default::default() }))
    }

    /// Says what a picture beside figures shows; for platform admins. It changes no figure, and may be said again.
    async fn insight_proof_review(&self, ctx: &Context<'_>, input: InsightProofReviewInput) -> Result<InsightProofReviewPayload> {
        let (app, by) = (ctx.app()?, ctx.admin()?);
        let done = async {
            let said = ProofReview::from(input.review);
            proofs::review(app, by, id(&input.id)?, said.as_str(), input.note.as_deref().unwrap_or_default()).await
        };
        answer(ctx, done.await.map(|row| InsightProofReviewPayload { insight: Some(ManualInsight(row.into())), ..Default::default() }))
    }

    /// Asks a creator for figures that the network does not give; for managers.
    async fn insights_ask(&self, ctx: &Context<'_>, input: InsightsAskInput) -> Result<InsightsAskPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?.manager()?);
        let done = async {
            let post = input.post_id.as_ref().map(id).transpose()?;
            handed::ask(app, &by, input.account_id.as_str(), post, input.question.as_deref().unwrap_or_default()).await
        };
        answer(ctx, done.await.map(|row| InsightsAskPayload { insight: Some(ManualInsight(row.into())), ..Default::default() }))
    }
}
