//! Similar creators in GraphQL, for brands and platform admins.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use crate::{
    creators::{
        graphql::Creator,
        queries::{self as creators, Eyes},
    },
    error::{Code, Error, Result, Wrong},
    graph::{
        context::{Actor, Ask, id},
        scalars::{Decimal, bad_argument},
    },
    insights::similar::{self, similar},
};

/// What two creators are compared by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SimilarityPart {
    /// What the posts are about
    Topics,
    /// Who the audience is
    Audience,
    /// True Reach
    Reach,
    /// Engagement against what is usual
    Engagement,
    /// Forms of posts
    Formats,
    /// Language and country
    LanguagePlace,
}

impl SimilarityPart {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "topics" => Self::Topics,
            "audience" => Self::Audience,
            "reach" => Self::Reach,
            "engagement" => Self::Engagement,
            "formats" => Self::Formats,
            "language_place" => Self::LanguagePlace,
            _ => return None,
        })
    }
}

/// How alike two creators are in one part.
#[derive(SimpleObject)]
pub struct SimilarityReason {
    /// In what.
    part: SimilarityPart,
    /// 0 to 1.
    likeness: Option<Decimal>,
}

/// A creator who is like another one, by what everybody can see.
#[derive(SimpleObject)]
pub struct SimilarCreator {
    /// Who; null if the profile is gone.
    creator: Option<Creator>,
    /// 0 to 1, over the parts that are known of both.
    likeness: Option<Decimal>,
    /// 0 to 1: the weight of those parts, and so how much the likeness rests on.
    known: Option<Decimal>,
    /// The known parts; what adds most to the likeness comes first.
    reasons: Vec<SimilarityReason>,
}

impl From<similar::Similar> for SimilarCreator {
    fn from(one: similar::Similar) -> Self {
        let reason =
            |(part, likeness): (&str, f64)| Some(SimilarityReason { part: SimilarityPart::of(part)?, likeness: Decimal::of(likeness, 2) });
        Self {
            likeness: Decimal::of(one.likeness, 2),
            known: Decimal::of(one.known, 2),
            reasons: one.reasons.into_iter().filter_map(reason).collect(),
            creator: Some(Creator(one.creator.into())),
        }
    }
}

/// Queries of similar creators.
#[derive(Default)]
pub struct SimilarQuery;

/// Queries of similar creators.
#[Object]
impl SimilarQuery {
    /// Creators like one, the most alike first; null while nothing of that creator is computed, or there is none that the caller may see.
    /// Members of organisations and platform admins.
    async fn similar_creators(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Like whom.")] creator_id: ID,
        #[graphql(desc = "How many, 1 to 50; 10 if absent.")] most: Option<i32>,
    ) -> Result<Option<Vec<SimilarCreator>>> {
        let by: Eyes = match &ctx.cx()?.actor {
            Actor::Admin(by) => by.into(),
            _ => ctx.member()?.into(),
        };
        let Some(most) = usize::try_from(most.unwrap_or(10)).ok().filter(|most| (1..=50).contains(most)) else {
            return Err(bad_argument("most", Wrong::new(Code::Invalid, "base.problem.choice")));
        };
        let db = ctx.app()?.db();
        let of = match async { creators::one(db, by, id(&creator_id)?).await }.await {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(None),
            Err(other) => return Err(other),
        };
        let found = similar(db, by, of.id, most).await?;
        Ok(found.map(|all| all.into_iter().map(Into::into).collect()))
    }
}
