//! The texts of a brief in GraphQL, and what changed in them.

use async_graphql::{Enum, Object, SimpleObject};
use entity::{enums::BriefState, json::FullBrief};

use crate::{
    briefs::rules::{Change, Part},
    graph::{names::BilingualText, scalars::Date},
};

/// The life of a version of a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "BriefState", name = "BriefState")]
pub enum BriefStateName {
    /// Being written; only the organisation sees it.
    Draft,
    /// The version that holds.
    Published,
    /// A newer version holds.
    Superseded,
}

/// A part of a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Part", name = "BriefPart")]
pub enum PartName {
    /// What it is about (teaser)
    Summary,
    /// What the creator gets (teaser)
    Reward,
    /// Which posts are wished (teaser)
    Formats,
    /// What the brand may do with the posts (teaser)
    UsageRights,
    /// For whom the creator may not work meanwhile (teaser)
    Exclusivity,
    /// What is to be reached
    Objective,
    /// What the posts should say
    KeyMessages,
    /// What to do
    Dos,
    /// What not to do
    Donts,
    /// What is handed in, how many
    Deliverables,
    /// Hashtags, mentions and links
    Tags,
    /// Before when nothing may be shown
    Embargo,
    /// How the posts say that they are advertising
    Disclosure,
    /// Who approves what, and in how many days
    Approval,
    /// The dates of product, draft, approval and post
    Schedule,
}

/// What may be done with a brief.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum BriefAction {
    /// Write into the draft: `briefEdit`.
    Edit,
    /// Publish the draft: `briefPublish`.
    Publish,
    /// Say that it was read: `briefAcknowledge`.
    Acknowledge,
}

/// What whoever holds an invitation reads before joining.
pub struct BriefTeaser(pub(super) entity::json::Teaser);

/// What whoever holds an invitation reads before joining.
/// What whoever holds an invitation reads before joining.
#[Object]
impl BriefTeaser {
    /// What it is about.
    async fn summary(&self) -> BilingualText {
        BilingualText(self.0.summary.clone())
    }
    /// What the creator gets.
    async fn reward(&self) -> BilingualText {
        BilingualText(self.0.reward.clone())
    }
    /// Which posts are wished.
    async fn formats(&self) -> BilingualText {
        BilingualText(self.0.formats.clone())
    }
    /// What the brand may do with the posts.
    async fn usage_rights(&self) -> BilingualText {
        BilingualText(self.0.usage_rights.clone())
    }
    /// For whom the creator may not work meanwhile.
    async fn exclusivity(&self) -> BilingualText {
        BilingualText(self.0.exclusivity.clone())
    }
}

/// What only members of the organisation and creators who have joined read.
pub struct BriefFull(pub(super) FullBrief);

/// What only members of the organisation and creators who have joined read.
/// What only members of the organisation and creators who have joined read.
#[Object]
impl BriefFull {
    /// What is to be reached.
    async fn objective(&self) -> BilingualText {
        BilingualText(self.0.objective.clone())
    }
    /// What the posts should say; not word for word (I13).
    async fn key_messages(&self) -> BilingualText {
        BilingualText(self.0.key_messages.clone())
    }
    /// What to do.
    async fn dos(&self) -> BilingualText {
        BilingualText(self.0.dos.clone())
    }
    /// What not to do.
    async fn donts(&self) -> BilingualText {
        BilingualText(self.0.donts.clone())
    }
    /// What is handed in, how many.
    async fn deliverables(&self) -> BilingualText {
        BilingualText(self.0.deliverables.clone())
    }
    /// Hashtags, mentions and links.
    async fn tags(&self) -> BilingualText {
        BilingualText(self.0.tags.clone())
    }
    /// Before when nothing may be shown.
    async fn embargo(&self) -> BilingualText {
        BilingualText(self.0.embargo.clone())
    }
    /// How the posts say that they are advertising.
    async fn disclosure(&self) -> BilingualText {
        BilingualText(self.0.disclosure.clone())
    }
    /// Who approves what, and in how many days.
    async fn approval(&self) -> BilingualText {
        BilingualText(self.0.approval.clone())
    }
    /// The dates of product, draft, approval and post.
    async fn schedule(&self) -> BilingualText {
        BilingualText(self.0.schedule.clone())
    }
}

/// The first and the last day of a campaign.
#[derive(SimpleObject)]
pub struct BriefDates {
    /// The first day; null while open.
    starts_on: Option<Date>,
    /// The last day; null while open.
    ends_on: Option<Date>,
}

/// One thing that a version changed against the one before.
pub struct BriefChange(pub(super) Change);

/// One thing that a version changed against the one before.
/// One thing that a version changed against the one before.
#[Object]
impl BriefChange {
    /// The part whose text changed; null for the dates.
    async fn part(&self) -> Option<PartName> {
        match &self.0 {
            Change::Text { part, .. } => Some((*part).into()),
            Change::Dates { .. } => None,
        }
    }
    /// The text as it was; null for the dates.
    async fn before(&self) -> Option<BilingualText> {
        match &self.0 {
            Change::Text { before, .. } => Some(BilingualText(before.clone())),
            Change::Dates { .. } => None,
        }
    }
    /// The text as it is; null for the dates.
    async fn after(&self) -> Option<BilingualText> {
        match &self.0 {
            Change::Text { after, .. } => Some(BilingualText(after.clone())),
            Change::Dates { .. } => None,
        }
    }
    /// The dates as they were; null for a text.
    async fn dates_before(&self) -> Option<BriefDates> {
        match &self.0 {
            Change::Text { .. } => None,
            Change::Dates { before, .. } => Some(BriefDates { starts_on: before.0.map(Date), ends_on: before.1.map(Date) }),
        }
    }
    /// The dates as they are; null for a text.
    async fn dates_after(&self) -> Option<BriefDates> {
        match &self.0 {
            Change::Text { .. } => None,
            Change::Dates { after, .. } => Some(BriefDates { starts_on: after.0.map(Date), ends_on: after.1.map(Date) }),
        }
    }
    /// Whether it may be worse for creators who have joined: then their consent is asked.
    async fn worsens(&self) -> bool {
        self.0.worsens()
    }
}
