//! Briefs: their parts, which language is read, what may be published, what changed, who must say that they have read it. Pure.

use chrono::NaiveDate;
use entity::{
    brief, brief_ack, campaign,
    enums::{CampaignState, Locale, ParticipationState},
    json::{Bilingual, FullBrief, Teaser},
    participation,
};

use crate::{
    base::text,
    campaigns::rules::{Gap, in_language, languages, undisclosed},
    error::{Check, Code, Error, Problem, Result, Wrong},
    participations::rules::joined,
};

/// The text in the reader's language, else in the other, and which of them it is.
pub fn pick(text: &Bilingual, locale: Locale) -> (&str, Locale) {
    let (own, other, fallback) = match locale {
        Locale::En => (&text.en, &text.ja, Locale::Ja),
        Locale::Ja => (&text.ja, &text.en, Locale::En),
    };
    if own.is_empty() && !other.is_empty() { (other, fallback) } else { (own, locale) }
}

/// A part of a brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// What it is about.
    Summary,
    /// What the creator gets.
    Reward,
    /// Which posts are wished.
    Formats,
    /// What the brand may do with the posts.
    UsageRights,
    /// For whom the creator may not work meanwhile.
    Exclusivity,
    /// What is to be reached.
    Objective,
    /// What the posts should say.
    KeyMessages,
    /// What to do.
    Dos,
    /// What not to do.
    Donts,
    /// What is handed in, how many.
    Deliverables,
    /// Hashtags, mentions and links.
    Tags,
    /// Before when nothing may be shown.
    Embargo,
    /// How the posts say that they are advertising.
    Disclosure,
    /// Who approves what, and in how many days.
    Approval,
    /// The dates: product, draft, approval, post.
    Schedule,
}

impl Part {
    /// What whoever holds an invitation reads.
    pub const TEASER: &'static [Self] = &[Self::Summary, Self::Reward, Self::Formats, Self::UsageRights, Self::Exclusivity];
    /// What only a joined creator reads.
    pub const FULL: &'static [Self] = &[
        Self::Objective,
        Self::KeyMessages,
        Self::Deliverables,
        Self::Schedule,
        Self::Dos,
        Self::Donts,
        Self::Tags,
        Self::Disclosure,
        Self::Approval,
        Self::Embargo,
    ];

    /// Every part, the teaser's first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::TEASER.iter().chain(Self::FULL).copied()
    }

    /// As message keys write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Reward => "reward",
            Self::Formats => "formats",
            Self::UsageRights => "usage_rights",
            Self::Exclusivity => "exclusivity",
            Self::Objective => "objective",
            Self::KeyMessages => "key_messages",
            Self::Dos => "dos",
            Self::Donts => "donts",
            Self::Deliverables => "deliverables",
            Self::Tags => "tags",
            Self::Embargo => "embargo",
            Self::Disclosure => "disclosure",
            Self::Approval => "approval",
            Self::Schedule => "schedule",
        }
    }

    /// The input field of a language's text: `teaser.summary.ja`.
    pub fn field(self, locale: Locale) -> String {
        let whole = if Self::TEASER.contains(&self) { "teaser" } else { "full" };
        format!("{whole}.{}.{locale}", self.as_str())
    }

    /// How many characters each language may have. The teaser stands in a mail, so it is short.
    pub const fn most(self) -> usize {
        match self {
            Self::Summary => 600,
            Self::Reward | Self::Formats | Self::UsageRights | Self::Exclusivity => 300,
            _ => 3000,
        }
    }

    /// Whether a change of it may be worse for a creator who has joined: what they give, what they get, and when.
    pub const fn binds(self) -> bool {
        matches!(
            self,
            Self::Reward | Self::Formats | Self::UsageRights | Self::Exclusivity | Self::Deliverables | Self::Schedule | Self::Approval
        )
    }

    /// The part's text.
    pub fn of<'a>(self, teaser: &'a Teaser, full: &'a FullBrief) -> &'a Bilingual {
        match self {
            Self::Summary => &teaser.summary,
            Self::Reward => &teaser.reward,
            Self::Formats => &teaser.formats,
            Self::UsageRights => &teaser.usage_rights,
            Self::Exclusivity => &teaser.exclusivity,
            Self::Objective => &full.objective,
            Self::KeyMessages => &full.key_messages,
            Self::Dos => &full.dos,
            Self::Donts => &full.donts,
            Self::Deliverables => &full.deliverables,
            Self::Tags => &full.tags,
            Self::Embargo => &full.embargo,
            Self::Disclosure => &full.disclosure,
            Self::Approval => &full.approval,
            Self::Schedule => &full.schedule,
        }
    }

    fn of_mut<'a>(self, teaser: &'a mut Teaser, full: &'a mut FullBrief) -> &'a mut Bilingual {
        match self {
            Self::Summary => &mut teaser.summary,
            Self::Reward => &mut teaser.reward,
            Self::Formats => &mut teaser.formats,
            Self::UsageRights => &mut teaser.usage_rights,
            Self::Exclusivity => &mut teaser.exclusivity,
            Self::Objective => &mut full.objective,
            Self::KeyMessages => &mut full.key_messages,
            Self::Dos => &mut full.dos,
            Self::Donts => &mut full.donts,
            Self::Deliverables => &mut full.deliverables,
            Self::Tags => &mut full.tags,
            Self::Embargo => &mut full.embargo,
            Self::Disclosure => &mut full.disclosure,
            Self::Approval => &mut full.approval,
            Self::Schedule => &mut full.schedule,
        }
    }
}

/// One text as typed: of which part, in which language.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The part.
    pub part: Part,
    /// The language.
    pub locale: Locale,
    /// The text; empty takes it away.
    pub text: String,
}

/// Reads what was typed over what there is; what is absent stays. All problems come at once.
pub fn read(typed: &[Typed], mut teaser: Teaser, mut full: FullBrief) -> Result<(Teaser, FullBrief)> {
    let mut check = Check::default();
    for one in typed {
        let read = check.take(one.part.field(one.locale), text::optional_body(&one.text, one.part.most()));
        let Some(text) = read else { continue };
        let both = one.part.of_mut(&mut teaser, &mut full);
        match one.locale {
            Locale::En => both.en = text,
            Locale::Ja => both.ja = text,
        }
    }
    check.all(())?;
    Ok((teaser, full))
}

/// Whether a campaign's brief may still be written.
pub fn may_edit(campaign: &campaign::Model) -> Result<()> {
    match campaign.state {
        CampaignState::Draft | CampaignState::Recruiting | CampaignState::Active | CampaignState::Paused => Ok(()),
        CampaignState::Measuring | CampaignState::Completed | CampaignState::Archived | CampaignState::Cancelled => {
            Err(Problem::whole(Code::WrongState, "briefs.problem.closed").into())
        }
    }
}

/// What keeps a draft from being published: one language must be whole. Once creators are asked, each such language also says how posts
/// are marked as advertising, since a new version must not fall behind what recruiting needed. `own` is the organisation's language.
pub fn publishable(draft: &brief::Model, before: Option<&brief::Model>, campaign: &campaign::Model, own: Locale) -> Result<()> {
    let mut problems = Vec::new();
    if languages(&draft.teaser).is_empty() {
        // The language that is nearest to being whole is the one that its writer means.
        let lacks = |locale: &Locale| {
            Part::TEASER.iter().filter(|p| in_language(p.of(&draft.teaser, &draft.full), *locale).is_empty()).copied().collect::<Vec<_>>()
        };
        let nearest = Locale::ALL.iter().copied().min_by_key(|l| (lacks(l).len(), *l != own)).unwrap_or(own);
        problems.extend(lacks(&nearest).into_iter().map(|part| Problem::new(part.field(nearest), Wrong::required())));
    }
    if campaign.state != CampaignState::Draft {
        problems.extend(
            undisclosed(&draft.teaser, &draft.full)
                .into_iter()
                .map(|locale| Problem::new(Part::Disclosure.field(locale), Wrong::new(Code::Required, Gap::disclosure(locale).key()))),
        );
    }
    if !problems.is_empty() {
        return Err(Error::User(problems));
    }
    let same = |b: &brief::Model| {
        b.teaser == draft.teaser && b.full == draft.full && (b.starts_on, b.ends_on) == (campaign.starts_on, campaign.ends_on)
    };
    if before.is_some_and(same) {
        return Err(Problem::whole(Code::AlreadyDone, "briefs.problem.unchanged").into());
    }
    Ok(())
}

/// One thing that a version changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A text.
    Text {
        /// Of which part.
        part: Part,
        /// As it was.
        before: Bilingual,
        /// As it is.
        after: Bilingual,
    },
    /// The campaign's dates.
    Dates {
        /// As they were.
        before: (Option<NaiveDate>, Option<NaiveDate>),
        /// As they are.
        after: (Option<NaiveDate>, Option<NaiveDate>),
    },
}

impl Change {
    /// Whether a creator is asked to consent. Nobody but the creator can say whether another text or day is worse for them, so every
    /// change of what binds them counts; a translation that is added does not.
    pub fn worsens(&self) -> bool {
        match self {
            Self::Text { part, before, after } => {
                let rewritten = |was: &str, is: &str| !was.is_empty() && was != is;
                part.binds() && (rewritten(&before.en, &after.en) || rewritten(&before.ja, &after.ja) || *before == Bilingual::default())
            }
            // More days at the same start leave every plan as it is.
            Self::Dates { before, after } => before.0 != after.0 || before.1.is_some_and(|was| after.1.is_none_or(|is| is < was)),
        }
    }
}

/// What a version changed against the one before. The dates are those of the two versions, given since a draft has none of its own.
pub fn changes(before: &brief::Model, after: &brief::Model, dates: (Option<NaiveDate>, Option<NaiveDate>)) -> Vec<Change> {
    let mut out: Vec<Change> = Part::all()
        .filter_map(|part| {
            let (was, is) = (part.of(&before.teaser, &before.full), part.of(&after.teaser, &after.full));
            (was != is).then(|| Change::Text { part, before: was.clone(), after: is.clone() })
        })
        .collect();
    let was = (before.starts_on, before.ends_on);
    if was != dates {
        out.push(Change::Dates { before: was, after: dates });
    }
    out
}

/// The acknowledgement that a joined creator owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// To say that the version was read.
    Read,
    /// To say so, and to consent to terms that may be worse.
    Consent,
}

/// What a creator owes for the published version; none = nothing. `versions` are all published ones, the current among them.
pub fn due(place: &participation::Model, versions: &[brief::Model], last: Option<&brief_ack::Model>) -> Option<Due> {
    let current = versions.iter().map(|b| b.version).max()?;
    let open = matches!(
        place.state,
        ParticipationState::Joined | ParticipationState::Negotiating | ParticipationState::Contracted | ParticipationState::Working
    );
    if !open || !joined(place.state) || last.is_some_and(|ack| ack.version >= current) {
        return None;
    }
    // What they last agreed to: a version that they acknowledged, else the one whose teaser they joined by.
    let agreed = match last {
        Some(ack) => ack.version,
        None => {
            let joined_by = |b: &&brief::Model| matches!((b.published_at, place.joined_at), (Some(out), Some(at)) if out <= at);
            versions.iter().filter(joined_by).map(|b| b.version).max().unwrap_or(0)
        }
    };
    let worse = agreed > 0 && versions.iter().any(|b| b.version > agreed && b.worsens);
    Some(if worse { Due::Consent } else { Due::Read })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use entity::{
        enums::{BriefState, ParticipationSource},
        ids::{BriefAckId, BriefId, CampaignId, CreatorId, OrgId, ParticipationId},
    };
    use proptest::prelude::*;
    use sea_orm::prelude::Uuid;

    use super::*;

    fn both(text: &str) -> Bilingual {
        Bilingual { en: text.into(), ja: text.into() }
    }

    fn teaser() -> Teaser {
        Teaser {
            summary: both("Tea"),
            reward: both("30,000"),
            formats: both("One reel"),
            usage_rights: both("3 months"),
            exclusivity: both("None"),
        }
    }

    fn version(n: i32, worsens: bool) -> brief::Model {
        brief::Model {
            id: BriefId(Uuid::from_u128(n as u128)),
            org_id: OrgId(Uuid::nil()),
            campaign_id: CampaignId(Uuid::nil()),
            version: n,
            state: BriefState::Published,
            teaser: teaser(),
            full: FullBrief::default(),
            worsens,
            starts_on: None,
            ends_on: None,
            published_at: Some(DateTime::UNIX_EPOCH + Duration::days(n.into())),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn place(state: ParticipationState, joined_on: i64) -> participation::Model {
        participation::Model {
            id: ParticipationId(Uuid::nil()),
            org_id: OrgId(Uuid::nil()),
            campaign_id: CampaignId(Uuid::nil()),
            creator_id: CreatorId(Uuid::nil()),
            source: ParticipationSource::Invited,
            state,
            reason: String::new(),
            joined_at: Some(DateTime::UNIX_EPOCH + Duration::days(joined_on)),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn ack(version: i32) -> brief_ack::Model {
        brief_ack::Model {
            id: BriefAckId(Uuid::nil()),
            participation_id: ParticipationId(Uuid::nil()),
            brief_id: BriefId(Uuid::nil()),
            version,
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_new_version_asks_again() {
        let joined = place(ParticipationState::Joined, 1);
        assert_eq!(due(&joined, &[], None), None);
        assert_eq!(due(&joined, &[version(1, false)], None), Some(Due::Read));
        assert_eq!(due(&joined, &[version(1, false)], Some(&ack(1))), None);
        let two = [version(1, false), version(2, true)];
        assert_eq!(due(&joined, &two, Some(&ack(1))), Some(Due::Consent));
        assert_eq!(due(&joined, &two, None), Some(Due::Consent), "joined by version 1, never said so");
        assert_eq!(due(&place(ParticipationState::Joined, 2), &two, None), Some(Due::Read), "joined by version 2");
        // What was worse in between is not forgotten.
        let three = [version(1, false), version(2, true), version(3, false)];
        assert_eq!(due(&joined, &three, Some(&ack(1))), Some(Due::Consent));
        assert_eq!(due(&joined, &three, Some(&ack(2))), Some(Due::Read));
        for state in [ParticipationState::Invited, ParticipationState::Withdrawn, ParticipationState::Settled] {
            assert_eq!(due(&place(state, 1), &three, None), None, "{state}");
        }
    }

    #[test]
    fn what_changed_and_what_binds() {
        let (one, mut two) = (version(1, false), version(2, false));
        assert!(changes(&one, &two, (None, None)).is_empty());
        two.teaser.summary.en = "Green tea".into();
        let only_summary = changes(&one, &two, (None, None));
        assert!(only_summary.len() == 1 && !only_summary[0].worsens());
        two.teaser.reward.ja = "20,000".into();
        assert!(changes(&one, &two, (None, None)).iter().any(Change::worsens));
        let mut japanese = one.clone();
        japanese.teaser.reward.en.clear();
        assert!(!changes(&japanese, &one, (None, None)).iter().any(Change::worsens), "a translation is no change of terms");
        let mut asks_more = one.clone();
        asks_more.full.deliverables = both("Two reels");
        assert!(changes(&one, &asks_more, (None, None)).iter().any(Change::worsens));
        let day = NaiveDate::from_ymd_opt(2026, 12, 1);
        assert!(changes(&one, &one, (day, None))[0].worsens());
    }

    #[test]
    fn one_language_is_enough() {
        let only_ja = |mut b: brief::Model| {
            for part in Part::all() {
                part.of_mut(&mut b.teaser, &mut b.full).en.clear();
            }
            b
        };
        assert_eq!(languages(&only_ja(version(1, false)).teaser), [Locale::Ja]);
    }

    #[test]
    fn fields_are_read_over_what_there_is() {
        let one = |part, locale, text: &str| Typed { part, locale, text: text.into() };
        let typed = [one(Part::Summary, Locale::Ja, " お茶 "), one(Part::Disclosure, Locale::En, "#ad")];
        let (t, f) = read(&typed, teaser(), FullBrief::default()).unwrap();
        assert_eq!((t.summary.ja.as_str(), t.summary.en.as_str(), f.disclosure.en.as_str()), ("お茶", "Tea", "#ad"));
        let long = [one(Part::Reward, Locale::En, &"x".repeat(301)), one(Part::Dos, Locale::Ja, &"x".repeat(3001))];
        match read(&long, teaser(), FullBrief::default()) {
            Err(Error::User(problems)) => {
                let fields: Vec<_> = problems.iter().map(|p| p.field.as_ref()).collect();
                assert_eq!(fields, ["teaser.reward.en", "full.dos.ja"]);
            }
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn after_saying_so_nothing_is_due(worse in proptest::collection::vec(any::<bool>(), 1..8), at in 0i64..9, last in 0i32..8) {
            let versions: Vec<_> = worse.iter().enumerate().map(|(i, w)| version(i as i32 + 1, *w)).collect();
            let joined = place(ParticipationState::Joined, at);
            let current = versions.len() as i32;
            prop_assert_eq!(due(&joined, &versions, Some(&ack(current))), None);
            let before = ack(last.min(current - 1).max(1));
            if before.version < current {
                let owed = due(&joined, &versions, Some(&before));
                let worse_since = versions.iter().any(|b| b.version > before.version && b.worsens);
                prop_assert_eq!(owed, Some(if worse_since { Due::Consent } else { Due::Read }));
            }
        }
    }
}
