//! The enums and small values of campaigns in GraphQL.

use async_graphql::{Enum, SimpleObject};
use entity::enums::{CampaignState, Goal, Kpi, RecruitMode};

use crate::{
    base::lang::Lang,
    campaigns::rules::{Gap, Move},
    graph::scalars::Long,
    participations::graphql::ParticipationStateName,
};

/// The life of a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "CampaignState", name = "CampaignState")]
pub enum CampaignStateName {
    /// Being prepared; no creator knows of it.
    Draft,
    /// Creators are being asked.
    Recruiting,
    /// The work is on; creators may still be asked.
    Active,
    /// Nobody is asked for a while.
    Paused,
    /// The posts are out; figures come in.
    Measuring,
    /// All is done.
    Completed,
    /// Completed and out of sight.
    Archived,
    /// Ended before its time.
    Cancelled,
}

/// What a campaign is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Goal", name = "CampaignGoal")]
pub enum GoalName {
    /// To be known: measured by reach, impressions, shares
    Awareness,
    /// To be liked: measured by new followers, UGC, comments, mail subscribers
    Loyalty,
    /// To be bought: measured by web traffic, purchases
    Sales,
}

/// What a goal is measured by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Kpi", name = "Kpi")]
pub enum KpiName {
    /// People who saw a post (awareness)
    Reach,
    /// How often posts were shown (awareness)
    Impressions,
    /// How often posts were shared (awareness)
    Shares,
    /// New followers of the brand (loyalty)
    NewFollowers,
    /// Posts that others made of their own will (loyalty)
    Ugc,
    /// Comments (loyalty)
    Comments,
    /// New subscribers of the brand's mails (loyalty)
    MailSubscribers,
    /// Visits to the brand's site (sales)
    WebTraffic,
    /// Purchases (sales)
    Purchases,
}

/// Who may come into a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "RecruitMode", name = "RecruitMode")]
pub enum RecruitModeName {
    /// Whom the brand invites
    Invite,
    /// Whoever applies
    Open,
    /// Both
    Both,
}

/// What may be done with a campaign.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CampaignAction {
    /// Change its figures: `campaignEdit`.
    Edit,
    /// Ask creators from now on: `campaignRecruit`. Only with nothing in `missingToRecruit`.
    Recruit,
    /// The work begins: `campaignActivate`.
    Activate,
    /// Ask nobody for a while: `campaignPause`.
    Pause,
    /// Go on: `campaignResume`.
    Resume,
    /// The posts are out: `campaignMeasure`.
    Measure,
    /// All is done: `campaignComplete`.
    Complete,
    /// Put it out of sight: `campaignArchive`.
    Archive,
    /// End it before its time, for good: `campaignCancel`.
    Cancel,
    /// Open a new draft like it: `campaignCopy`.
    Copy,
}

impl From<Move> for CampaignAction {
    fn from(step: Move) -> Self {
        match step {
            Move::Recruit => Self::Recruit,
            Move::Activate => Self::Activate,
            Move::Pause => Self::Pause,
            Move::Resume => Self::Resume,
            Move::Measure => Self::Measure,
            Move::Complete => Self::Complete,
            Move::Archive => Self::Archive,
            Move::Cancel => Self::Cancel,
        }
    }
}

/// A thing that recruiting needs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Gap", name = "CampaignGapKind")]
pub enum GapName {
    /// A published brief
    Brief,
    /// The advertising disclosure in the brief's English text
    DisclosureEn,
    /// The advertising disclosure in the brief's Japanese text
    DisclosureJa,
    /// A goal
    Goal,
    /// A figure to reach
    Kpis,
    /// A budget
    Budget,
    /// The first and the last day
    Dates,
    /// A last day that is not over
    Over,
}

/// Something that is missing before creators may be asked.
#[derive(SimpleObject)]
pub struct CampaignGap {
    /// What is missing.
    pub(super) kind: GapName,
    /// The input field that mends it, such as `["budget"]`, or of `briefEdit`, such as `["full", "disclosure", "ja"]`.
    pub(super) field: Vec<String>,
    /// A sentence in the caller's language.
    pub(super) message: String,
}

impl CampaignGap {
    pub(super) fn of(gap: Gap, locale: entity::enums::Locale) -> Self {
        let field = match gap {
            Gap::Dates => vec!["startsOn".to_owned()],
            Gap::Over => vec!["endsOn".to_owned()],
            other => other.field().split('.').map(str::to_owned).collect(),
        };
        Self { kind: gap.into(), field, message: locale.t(gap.key()).into() }
    }
}

/// A figure that a campaign wants to reach.
#[derive(SimpleObject)]
pub struct CampaignKpi {
    /// What is counted.
    pub(super) kpi: KpiName,
    /// How many.
    pub(super) target: Long,
}

/// Whom a campaign wants to reach. Every part may be open.
#[derive(SimpleObject)]
pub struct AudienceTargetInfo {
    /// `female` or `male`; null for everybody.
    pub(super) gender: Option<String>,
    /// Age bands such as `18-24`; none = all.
    pub(super) age_bands: Vec<String>,
    /// Countries by ISO 3166-1 alpha-2; none = all.
    pub(super) countries: Vec<String>,
    /// Interests, in the brand's words.
    pub(super) interests: Vec<String>,
    /// Life style, values, online behaviour, in the brand's words; null while open.
    pub(super) persona: Option<String>,
}

/// How many creators are in one state.
#[derive(SimpleObject)]
pub struct CampaignFunnelStep {
    /// The state.
    pub(super) state: ParticipationStateName,
    /// How many creators.
    pub(super) count: Long,
}
