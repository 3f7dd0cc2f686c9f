//! What can be asked of briefs and done with them.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use entity::{enums::Locale, json::Bilingual};

use super::Brief;
use crate::{
    base::lang::Lang,
    briefs::{
        self, Acknowledge,
        rules::{Part, Typed},
    },
    error::Result,
    graph::{
        context::{Ask, id},
        names::{BilingualInput, BilingualText},
        outcome::answer,
    },
    participations::graphql::Participation,
    payload,
};

/// Queries of briefs.
#[derive(Default)]
pub struct BriefsQuery;

/// Queries of briefs.
#[Object]
impl BriefsQuery {
    /// A text for `disclosure` to begin with, in both languages: how posts say that they are advertising. To be checked by whoever uses it.
    async fn brief_disclosure_proposal(&self) -> BilingualText {
        BilingualText(proposed_disclosure())
    }
}

/// The text that forms and the API propose for the advertising disclosure; nothing is filled in without being seen.
pub(crate) fn proposed_disclosure() -> Bilingual {
    let text = |locale: Locale| String::from(locale.t("briefs.proposal.disclosure"));
    Bilingual { en: text(Locale::En), ja: text(Locale::Ja) }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident = $part:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(InputObject, Default)]
        pub struct $name {
            $($(#[$fdoc])* $field: Option<BilingualInput>,)*
        }
        impl $name {
            fn typed(self, out: &mut Vec<Typed>) {
                $(if let Some(both) = self.$field {
                    let texts = [(Locale::En, both.en), (Locale::Ja, both.ja)];
                    out.extend(texts.into_iter().filter_map(|(locale, text)| Some(Typed { part: Part::$part, locale, text: text? })));
                })*
            }
        }
    )*};
}

texts! {
    /// The teaser's texts. One language must be whole before it is published.
    BriefTeaserInput {
        /// What it is about; at most 600 characters a language.
        summary = Summary,
        /// What the creator gets; at most 300.
        reward = Reward,
        /// Which posts are wished; at most 300.
        formats = Formats,
        /// What the brand may do with the posts; at most 300.
        usage_rights = UsageRights,
        /// For whom the creator may not work meanwhile, or that it is free; at most 300.
        exclusivity = Exclusivity,
    }
    /// The full text; at most 3,000 characters a part and language.
    BriefFullInput {
        /// What is to be reached.
        objective = Objective,
        /// What the posts should say.
        key_messages = KeyMessages,
        /// What to do.
        dos = Dos,
        /// What not to do.
        donts = Donts,
        /// What is handed in, how many.
        deliverables = Deliverables,
        /// Hashtags, mentions and links.
        tags = Tags,
        /// Before when nothing may be shown.
        embargo = Embargo,
        /// How the posts say that they are advertising; needed in each language of the teaser before recruiting.
        disclosure = Disclosure,
        /// Who approves what, and in how many days.
        approval = Approval,
        /// The dates of product, draft, approval and post.
        schedule = Schedule,
    }
}

/// What changes in the draft of a brief; what is left out stays.
#[derive(InputObject)]
pub struct BriefEditInput {
    /// The campaign.
    campaign_id: ID,
    /// The teaser's texts.
    teaser: Option<BriefTeaserInput>,
    /// The full texts.
    full: Option<BriefFullInput>,
}

/// Which campaign's draft is published.
#[derive(InputObject)]
pub struct BriefPublishInput {
    /// The campaign.
    campaign_id: ID,
}

/// Which version a creator has read.
#[derive(InputObject)]
pub struct BriefAcknowledgeInput {
    /// The creator's place in the campaign.
    participation_id: ID,
    /// The number of the version that was read; it must be the one that holds.
    version: i32,
    /// Whether changed terms are consented to; must be true where `Brief.asksConsent` is.
    #[graphql(default)]
    consent: bool,
}

payload! {
    /// The answer to `briefEdit`.
    BriefEditPayload {
        /// The draft as it is now.
        brief: Brief,
    }
    /// The answer to `briefPublish`.
    BriefPublishPayload {
        /// The version that holds now.
        brief: Brief,
    }
    /// The answer to `briefAcknowledge`.
    BriefAcknowledgePayload {
        /// The creator's place in the campaign.
        participation: Participation,
        /// When the version was first acknowledged.
        acknowledged_at: DateTime<Utc>,
    }
}

/// Mutations of briefs.
#[derive(Default)]
pub struct BriefsMutation;

/// Mutations of briefs.
#[Object]
impl BriefsMutation {
    /// Writes into the open draft of a campaign's brief; a new one begins as the version before. Managers and owners.
    async fn brief_edit(&self, ctx: &Context<'_>, input: BriefEditInput) -> Result<BriefEditPayload> {
        let by = ctx.member()?.manager()?;
        let mut typed = Vec::new();
        input.teaser.unwrap_or_default().typed(&mut typed);
        input.full.unwrap_or_default().typed(&mut typed);
        let done = async { briefs::edit(ctx.app()?, &by, id(&input.campaign_id)?, typed).await };
        answer(ctx, done.await.map(|row| BriefEditPayload { brief: Some(Brief(row.into())), ..Default::default() }))
    }

    /// Publishes the draft. Creators who have joined get a mail that asks them to read it. Managers and owners.
    async fn brief_publish(&self, ctx: &Context<'_>, input: BriefPublishInput) -> Result<BriefPublishPayload> {
        let by = ctx.member()?.manager()?;
        let done = async { briefs::publish(ctx.app()?, &by, id(&input.campaign_id)?).await };
        answer(ctx, done.await.map(|row| BriefPublishPayload { brief: Some(Brief(row.into())), ..Default::default() }))
    }

    /// The creator says that the version was read, and consents where terms may be worse. A second time changes nothing.
    async fn brief_acknowledge(&self, ctx: &Context<'_>, input: BriefAcknowledgeInput) -> Result<BriefAcknowledgePayload> {
        let by = ctx.creator()?;
        let read = Acknowledge { version: input.version.to_string(), consent: input.consent };
        let done = async {
            let app = ctx.app()?;
            let ack = briefs::acknowledge(app, by, id(&input.participation_id)?, read).await?;
            let place = crate::participations::queries::of_creator(app.db(), by, ack.participation_id).await?;
            Ok(BriefAcknowledgePayload {
                participation: Some(Participation(place.into())),
                acknowledged_at: Some(ack.at),
                ..Default::default()
            })
        };
        answer(ctx, done.await)
    }
}
