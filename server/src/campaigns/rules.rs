//! Campaigns: the state machine, what recruiting needs, what may be typed. Pure.

use chrono::NaiveDate;
use entity::{
    brand, brief, campaign,
    enums::{CampaignState as State, Goal, Kpi, Locale, RecruitMode},
    json::{AudienceTarget, Bilingual, FullBrief, KpiTarget, KpiTargets, NetworkFormat, NetworkFormats, Teaser},
};

use crate::{
    base::{
        money::{Currency, Money},
        text,
    },
    creators::places,
    error::{Check, Code, Error, Problem, Result, Wrong},
    offerings,
};

/// What can happen to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Creators may be asked from now on.
    Recruit,
    /// The work begins.
    Activate,
    /// Nobody is asked for a while.
    Pause,
    /// Goes on where it was paused.
    Resume,
    /// The posts are out; figures come in.
    Measure,
    /// All is done.
    Complete,
    /// Out of sight, kept for ever.
    Archive,
    /// Ended before its time.
    Cancel,
}

impl Move {
    /// Every move.
    pub const ALL: &'static [Self] =
        &[Self::Recruit, Self::Activate, Self::Pause, Self::Resume, Self::Measure, Self::Complete, Self::Archive, Self::Cancel];

    /// As addresses, message keys and events write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recruit => "recruit",
            Self::Activate => "activate",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Measure => "measure",
            Self::Complete => "complete",
            Self::Archive => "archive",
            Self::Cancel => "cancel",
        }
    }

    /// The event that it leaves.
    pub(super) const fn event(self) -> &'static str {
        match self {
            Self::Recruit => "campaign.recruiting",
            Self::Activate => "campaign.activated",
            Self::Pause => "campaign.paused",
            Self::Resume => "campaign.resumed",
            Self::Measure => "campaign.measuring",
            Self::Complete => "campaign.completed",
            Self::Archive => "campaign.archived",
            Self::Cancel => "campaign.cancelled",
        }
    }
}

/// Where a move leads; none = not from here. A pause returns to where it came from.
pub fn after(state: State, paused_from: Option<State>, step: Move) -> Option<State> {
    Some(match (state, step) {
        (State::Draft, Move::Recruit) => State::Recruiting,
        (State::Recruiting, Move::Activate) => State::Active,
        (State::Recruiting | State::Active, Move::Pause) => State::Paused,
        (State::Paused, Move::Resume) => return paused_from.filter(|s| matches!(s, State::Recruiting | State::Active)),
        (State::Active, Move::Measure) => State::Measuring,
        (State::Measuring, Move::Complete) => State::Completed,
        (State::Completed, Move::Archive) => State::Archived,
        (State::Draft | State::Recruiting | State::Active | State::Paused | State::Measuring, Move::Cancel) => State::Cancelled,
        _ => return None,
    })
}

/// As [`after`], refusing what is not possible.
pub fn step(row: &campaign::Model, step: Move) -> Result<State> {
    after(row.state, row.paused_from, step).ok_or_else(|| Problem::whole(Code::WrongState, "campaigns.problem.state").into())
}

/// The moves that its state allows.
pub fn moves(row: &campaign::Model) -> Vec<Move> {
    Move::ALL.iter().copied().filter(|m| after(row.state, row.paused_from, *m).is_some()).collect()
}

/// Whether its figures may still be changed.
pub fn may_edit(state: State) -> bool {
    matches!(state, State::Draft | State::Recruiting | State::Active | State::Paused)
}

/// A thing that recruiting needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// No brief is published.
    Brief,
    /// The brief's English text has no advertising disclosure.
    DisclosureEn,
    /// The brief's Japanese text has no advertising disclosure.
    DisclosureJa,
    /// No goal is chosen.
    Goal,
    /// No figure to reach.
    Kpis,
    /// No budget.
    Budget,
    /// The first or the last day is open.
    Dates,
    /// The last day is over.
    Over,
}

impl Gap {
    /// Everything that recruiting needs, in the order of the list.
    pub const ALL: &'static [Self] =
        &[Self::Goal, Self::Kpis, Self::Budget, Self::Dates, Self::Over, Self::Brief, Self::DisclosureEn, Self::DisclosureJa];

    /// The part that it is about, as inputs name it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Brief => "brief",
            Self::DisclosureEn => "full.disclosure.en",
            Self::DisclosureJa => "full.disclosure.ja",
            Self::Goal => "goal",
            Self::Kpis => "kpis",
            Self::Budget => "budget",
            Self::Dates => "starts_on",
            Self::Over => "ends_on",
        }
    }

    /// The text that says what is missing.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Brief => "campaigns.gap.brief",
            Self::DisclosureEn => "campaigns.gap.disclosure_en",
            Self::DisclosureJa => "campaigns.gap.disclosure_ja",
            Self::Goal => "campaigns.gap.goal",
            Self::Kpis => "campaigns.gap.kpis",
            Self::Budget => "campaigns.gap.budget",
            Self::Dates => "campaigns.gap.dates",
            Self::Over => "campaigns.gap.over",
        }
    }

    /// Whether the brief mends it, and not the campaign itself.
    pub const fn in_brief(self) -> bool {
        matches!(self, Self::Brief | Self::DisclosureEn | Self::DisclosureJa)
    }

    /// The gap of a language's disclosure.
    pub const fn disclosure(locale: Locale) -> Self {
        match locale {
            Locale::En => Self::DisclosureEn,
            Locale::Ja => Self::DisclosureJa,
        }
    }

    fn problem(self) -> Problem {
        Problem::new(self.field(), Wrong::new(Code::Required, self.key()))
    }
}

/// A text in one language.
pub fn in_language(text: &Bilingual, locale: Locale) -> &str {
    match locale {
        Locale::En => &text.en,
        Locale::Ja => &text.ja,
    }
}

/// The languages in which all of a teaser is written: what a creator decides by must not be half there (settled 5).
pub fn languages(teaser: &Teaser) -> Vec<Locale> {
    let parts = [&teaser.summary, &teaser.reward, &teaser.formats, &teaser.usage_rights, &teaser.exclusivity];
    let whole = |locale: &&Locale| parts.iter().all(|part| !in_language(part, **locale).is_empty());
    Locale::ALL.iter().filter(whole).copied().collect()
}

/// The languages of a brief in which the advertising disclosure is not written.
pub fn undisclosed(teaser: &Teaser, full: &FullBrief) -> Vec<Locale> {
    languages(teaser).into_iter().filter(|locale| in_language(&full.disclosure, *locale).is_empty()).collect()
}

/// What is missing before creators may be asked (settled 8); `today` is the organisation's.
pub fn missing_to_recruit(row: &campaign::Model, published: Option<&brief::Model>, today: NaiveDate) -> Vec<Gap> {
    let undisclosed = published.map(|b| undisclosed(&b.teaser, &b.full)).unwrap_or_default();
    let missing = |gap: &Gap| match gap {
        Gap::Brief => published.is_none(),
        Gap::DisclosureEn => undisclosed.contains(&Locale::En),
        Gap::DisclosureJa => undisclosed.contains(&Locale::Ja),
        Gap::Goal => row.goal.is_none(),
        Gap::Kpis => row.kpis.0.is_empty(),
        Gap::Budget => row.budget_minor.is_none(),
        Gap::Dates => row.starts_on.is_none() || row.ends_on.is_none(),
        Gap::Over => row.ends_on.is_some_and(|end| end < today),
    };
    Gap::ALL.iter().copied().filter(missing).collect()
}

/// What creators were asked with must not be taken away again.
pub fn keeps_what_it_needs(row: &campaign::Model) -> Result<()> {
    let problems: Vec<Problem> = match row.state {
        State::Draft => Vec::new(),
        _ => {
            let now = row.starts_on.unwrap_or_default();
            missing_to_recruit(row, None, now).into_iter().filter(|g| !g.in_brief() && *g != Gap::Over).map(Gap::problem).collect()
        }
    };
    if problems.is_empty() { Ok(()) } else { Err(Error::User(problems)) }
}

/// Refuses to recruit while anything is missing, each beside its part.
pub fn ready(gaps: &[Gap]) -> Result<()> {
    if gaps.is_empty() { Ok(()) } else { Err(Error::User(gaps.iter().map(|gap| gap.problem()).collect())) }
}

/// What a goal is measured by (M11).
pub const fn kpis_of(goal: Goal) -> &'static [Kpi] {
    match goal {
        Goal::Awareness => &[Kpi::Reach, Kpi::Impressions, Kpi::Shares],
        Goal::Loyalty => &[Kpi::NewFollowers, Kpi::Ugc, Kpi::Comments, Kpi::MailSubscribers],
        Goal::Sales => &[Kpi::WebTraffic, Kpi::Purchases],
    }
}

/// The age bands that a target may name.
pub const AGE_BANDS: &[&str] = &["13-17", "18-24", "25-34", "35-44", "45-54", "55-64", "65+"];
/// The genders that a target may name; none of them is everybody.
pub const GENDERS: &[&str] = &["female", "male"];
/// How many days a campaign may last.
const MOST_DAYS: i64 = 3 * 366;
/// A larger figure to reach is a slip of the finger.
const MOST_TARGET: i64 = 1_000_000_000_000;

/// A figure to reach, as typed.
#[derive(Clone, Debug, Default)]
pub struct TypedKpi {
    /// What is counted.
    pub kpi: String,
    /// How many.
    pub target: String,
}

/// A kind of work, as typed.
#[derive(Clone, Debug, Default)]
pub struct TypedFormat {
    /// A network.
    pub network: String,
    /// One of its formats.
    pub format: String,
}

/// Whom the campaign wants to reach, as typed.
#[derive(Clone, Debug, Default)]
pub struct TypedTarget {
    /// `female`, `male`, or empty for everybody.
    pub gender: String,
    /// Of [`AGE_BANDS`].
    pub age_bands: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub countries: Vec<String>,
    /// Words, separated by commas or line ends.
    pub interests: String,
    /// The brand's own words; at most 1,000 characters.
    pub persona: String,
}

/// A campaign as weak strings; what is absent stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Its name, at most 80 characters.
    pub name: Option<String>,
    /// The id of the brand label; empty = the only one there is.
    pub brand: Option<String>,
    /// A goal; empty = still open.
    pub goal: Option<String>,
    /// What is to be reached.
    pub kpis: Option<Vec<TypedKpi>>,
    /// The amount, in the currency's own notation; empty = still open.
    pub budget: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The first day; empty = still open.
    pub starts_on: Option<String>,
    /// The last day; empty = still open.
    pub ends_on: Option<String>,
    /// Whom it wants to reach.
    pub target: Option<TypedTarget>,
    /// Which kinds of posts.
    pub formats: Option<Vec<TypedFormat>>,
    /// Who may come in.
    pub recruit_mode: Option<String>,
}

/// Reads what was typed over what there is. All problems come at once. The brand label is read by the operation, which knows the rows.
pub fn read(typed: &Typed, row: campaign::Model) -> Result<campaign::Model> {
    let mut check = Check::default();
    let given = |text: &Option<String>| text.as_deref().map(str::trim).map(str::to_owned);
    let name = check.take("name", typed.name.as_deref().map_or(Ok(row.name.clone()), |n| text::line(n, 80)));
    let goal = check.take(
        "goal",
        match given(&typed.goal).as_deref() {
            None => Ok(row.goal),
            Some("") => Ok(None),
            Some(goal) => text::choice::<Goal>(goal).map(Some),
        },
    );
    let kpis = kpis(&mut check, typed.kpis.as_deref(), &row.kpis, goal.flatten());
    let currency = check.take("currency", Currency::parse(typed.currency.as_deref().unwrap_or(&row.currency)));
    let code = currency.unwrap_or(Currency::Jpy);
    let budget = check.take(
        "budget",
        match given(&typed.budget).as_deref() {
            // An amount means nothing in another currency.
            None if row.budget_minor.is_some() && code.code() != row.currency => Err(Wrong::required()),
            None => Ok(row.budget_minor),
            Some("") => Ok(None),
            Some(amount) => Money::parse(amount, code).map(|money| Some(money.minor)),
        },
    );
    let starts_on = check.take("starts_on", typed.starts_on.as_deref().map_or(Ok(row.starts_on), text::optional_day));
    let ends_on = check.take("ends_on", typed.ends_on.as_deref().map_or(Ok(row.ends_on), text::optional_day));
    if let (Some(Some(from)), Some(Some(to))) = (starts_on, ends_on) {
        check.that("ends_on", from < to, || Wrong::new(Code::Invalid, "campaigns.problem.dates"));
        check.that("ends_on", (to - from).num_days() <= MOST_DAYS, || Wrong::new(Code::TooLong, "campaigns.problem.too_long"));
    }
    let target = target(&mut check, typed.target.as_ref(), &row.target);
    let formats = formats(&mut check, typed.formats.as_deref(), &row.formats);
    let mode = check.take("recruit_mode", typed.recruit_mode.as_deref().map_or(Ok(row.recruit_mode), text::choice::<RecruitMode>));
    let (name, goal, kpis, currency, budget, starts_on, ends_on, target, formats, recruit_mode) =
        check.all((name, goal, kpis, currency, budget, starts_on, ends_on, target, formats, mode))?;
    Ok(campaign::Model {
        name_key: text::search_key(&name),
        name,
        goal,
        kpis,
        currency: currency.code().to_owned(),
        budget_minor: budget,
        starts_on,
        ends_on,
        target,
        formats,
        recruit_mode,
        ..row
    })
}

/// Puts the brand label in, or adds what is wrong with it to the other problems. With one label only, nothing need be chosen.
pub fn with_brand(read: Result<campaign::Model>, typed: &str, brands: &[brand::Model]) -> Result<campaign::Model> {
    let found = match (typed.trim(), brands) {
        ("", [only]) => Some(only),
        (typed, all) => all.iter().find(|b| b.id.to_string() == typed),
    };
    let Some(brand) = found else {
        let wrong = if typed.trim().is_empty() { Wrong::required() } else { Wrong::new(Code::Invalid, "base.problem.choice") };
        let problem = Problem::new("brand_id", wrong);
        return Err(match read {
            Err(Error::User(mut problems)) => {
                problems.push(problem);
                Error::User(problems)
            }
            Err(other) => other,
            Ok(_) => problem.into(),
        });
    };
    read.map(|row| campaign::Model { brand_id: brand.id, ..row })
}

fn kpis(check: &mut Check, typed: Option<&[TypedKpi]>, before: &KpiTargets, goal: Option<Goal>) -> Option<KpiTargets> {
    let fits = |kpi: Kpi| goal.is_some_and(|goal| kpis_of(goal).contains(&kpi));
    let wrong = || match goal {
        Some(_) => Wrong::new(Code::Invalid, "campaigns.problem.kpi_of_another_goal"),
        None => Wrong::new(Code::Invalid, "campaigns.problem.kpi_without_goal"),
    };
    let Some(typed) = typed else {
        check.that("kpis", before.0.iter().all(|k| fits(k.kpi)), wrong);
        return Some(before.clone());
    };
    let mut out: Vec<KpiTarget> = Vec::new();
    for (i, one) in typed.iter().enumerate() {
        let kpi = text::choice::<Kpi>(&one.kpi).and_then(|kpi| match () {
            () if out.iter().any(|k| k.kpi == kpi) => Err(Wrong::new(Code::Invalid, "campaigns.problem.kpi_twice")),
            () if fits(kpi) => Ok(kpi),
            () => Err(wrong()),
        });
        let kpi = check.take(format!("kpis.{i}.kpi"), kpi);
        let target = check.take(format!("kpis.{i}.target"), figure(&one.target));
        if let (Some(kpi), Some(target)) = (kpi, target) {
            out.push(KpiTarget { kpi, target });
        }
    }
    Some(KpiTargets(out))
}

/// Reads a whole number of either width, with or without separators.
fn figure(text: &str) -> Result<i64, Wrong> {
    let cleaned: String = text::fold_width(text).chars().filter(|c| !matches!(c, ',' | ' ')).collect();
    if cleaned.is_empty() {
        return Err(Wrong::required());
    }
    let plain = cleaned.bytes().all(|b| b.is_ascii_digit());
    match cleaned.parse::<i64>() {
        Ok(n) if plain && (1..=MOST_TARGET).contains(&n) => Ok(n),
        _ => Err(Wrong::new(Code::Invalid, "campaigns.problem.figure")),
    }
}

fn formats(check: &mut Check, typed: Option<&[TypedFormat]>, before: &NetworkFormats) -> Option<NetworkFormats> {
    let Some(typed) = typed else { return Some(before.clone()) };
    let mut out: Vec<NetworkFormat> = Vec::new();
    for (i, one) in typed.iter().enumerate() {
        let mut inner = Check::default();
        match offerings::rules::work(&mut inner, &one.network, &one.format) {
            Some(work) if !out.contains(&work) => out.push(work),
            Some(_) => {}
            None => {
                check.take::<()>(format!("formats.{i}"), Err(Wrong::new(Code::Invalid, "campaigns.problem.format")));
            }
        }
    }
    Some(NetworkFormats(out))
}

fn target(check: &mut Check, typed: Option<&TypedTarget>, before: &AudienceTarget) -> Option<AudienceTarget> {
    let Some(typed) = typed else { return Some(before.clone()) };
    let choice = || Wrong::new(Code::Invalid, "base.problem.choice");
    let gender = typed.gender.trim();
    check.that("target.gender", gender.is_empty() || GENDERS.contains(&gender), choice);
    let age_bands: Vec<String> =
        AGE_BANDS.iter().filter(|b| typed.age_bands.iter().any(|t| t.trim() == **b)).map(|b| (*b).to_owned()).collect();
    check.that("target.age_bands", typed.age_bands.iter().all(|t| AGE_BANDS.contains(&t.trim())), choice);
    let mut countries: Vec<String> = typed.countries.iter().map(|c| c.trim().to_ascii_uppercase()).filter(|c| !c.is_empty()).collect();
    countries.sort_unstable();
    countries.dedup();
    check.that("target.countries", countries.iter().all(|c| places::COUNTRIES.contains(&c.as_str())), || {
        Wrong::new(Code::Invalid, "base.problem.country")
    });
    let interests = check.take("target.interests", text::words(&typed.interests, 20));
    let persona = check.take("target.persona", text::optional_body(&typed.persona, 1000));
    Some(AudienceTarget { gender: gender.to_owned(), age_bands, countries, interests: interests?, persona: persona? })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::{
        enums::BriefState,
        ids::{BrandId, BriefId, CampaignId, OrgId, UserId},
    };
    use proptest::prelude::*;
    use sea_orm::prelude::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

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

    fn draft() -> campaign::Model {
        campaign::Model {
            id: CampaignId(Uuid::nil()),
            org_id: OrgId(Uuid::nil()),
            brand_id: BrandId(Uuid::nil()),
            name: "Tea".into(),
            name_key: "tea".into(),
            goal: None,
            kpis: KpiTargets::default(),
            budget_minor: None,
            currency: "JPY".into(),
            starts_on: None,
            ends_on: None,
            target: AudienceTarget::default(),
            formats: NetworkFormats::default(),
            recruit_mode: RecruitMode::Invite,
            state: State::Draft,
            paused_from: None,
            created_by: UserId(Uuid::nil()),
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn published(full: FullBrief) -> brief::Model {
        brief::Model {
            id: BriefId(Uuid::nil()),
            org_id: OrgId(Uuid::nil()),
            campaign_id: CampaignId(Uuid::nil()),
            version: 1,
            state: BriefState::Published,
            teaser: teaser(),
            full,
            worsens: false,
            starts_on: None,
            ends_on: None,
            published_at: None,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    fn typed() -> Typed {
        let some = |text: &str| Some(text.to_owned());
        Typed {
            goal: some("awareness"),
            kpis: Some(vec![TypedKpi { kpi: "reach".into(), target: "５０，０００".into() }]),
            budget: some("300,000"),
            starts_on: some("2026-12-01"),
            ends_on: some("2026-12-31"),
            ..Typed::default()
        }
    }

    fn fields(result: Result<campaign::Model>) -> Vec<String> {
        match result {
            Err(Error::User(problems)) => problems.into_iter().map(|p| p.field.into_owned()).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn recruiting_needs_all_of_it() {
        let today = day("2026-11-23");
        let gaps = missing_to_recruit(&draft(), None, today);
        assert_eq!(gaps, [Gap::Goal, Gap::Kpis, Gap::Budget, Gap::Dates, Gap::Brief]);
        let full = read(&typed(), draft()).unwrap();
        assert_eq!(full.kpis.0, [KpiTarget { kpi: Kpi::Reach, target: 50_000 }]);
        let only_ja = FullBrief { disclosure: Bilingual { en: String::new(), ja: "#PR".into() }, ..FullBrief::default() };
        assert_eq!(missing_to_recruit(&full, Some(&published(only_ja)), today), [Gap::DisclosureEn]);
        let disclosed = published(FullBrief { disclosure: both("#PR"), ..FullBrief::default() });
        assert!(missing_to_recruit(&full, Some(&disclosed), today).is_empty());
        assert_eq!(missing_to_recruit(&full, Some(&disclosed), day("2027-01-01")), [Gap::Over]);
        assert!(matches!(ready(&gaps), Err(Error::User(problems)) if problems.len() == 5));
    }

    #[test]
    fn what_creators_were_asked_with_stays() {
        let row = campaign::Model { state: State::Recruiting, ..read(&typed(), draft()).unwrap() };
        assert!(keeps_what_it_needs(&row).is_ok());
        let without = read(&Typed { budget: Some(String::new()), ..Typed::default() }, row).unwrap();
        assert_eq!(fields(keeps_what_it_needs(&without).map(|()| without)), ["budget"]);
    }

    #[test]
    fn all_problems_at_once() {
        let some = |text: &str| Some(text.to_owned());
        let bad = Typed {
            name: some(" "),
            goal: some("sales"),
            kpis: Some(vec![
                TypedKpi { kpi: "reach".into(), target: "10".into() },
                TypedKpi { kpi: "purchases".into(), target: "0".into() },
            ]),
            budget: some("much"),
            starts_on: some("2026-12-31"),
            ends_on: some("2026-12-31"),
            formats: Some(vec![TypedFormat { network: "youtube".into(), format: "reel".into() }]),
            target: Some(TypedTarget { countries: vec!["XX".into()], age_bands: vec!["0-99".into()], ..TypedTarget::default() }),
            ..Typed::default()
        };
        let expected = ["name", "kpis.0.kpi", "kpis.1.target", "budget", "ends_on", "target.age_bands", "target.countries", "formats.0"];
        assert_eq!(fields(read(&bad, draft())), expected);
        // The goal alone cannot leave figures of another behind.
        let row = read(&typed(), draft()).unwrap();
        assert_eq!(fields(read(&Typed { goal: some("sales"), ..Typed::default() }, row.clone())), ["kpis"]);
        assert_eq!(fields(read(&Typed { currency: some("USD"), ..Typed::default() }, row)), ["budget"]);
    }

    #[test]
    fn every_kpi_belongs_to_one_goal() {
        for kpi in Kpi::ALL {
            assert_eq!(Goal::ALL.iter().filter(|g| kpis_of(**g).contains(kpi)).count(), 1, "{kpi}");
        }
    }

    #[test]
    fn a_language_counts_when_it_is_whole() {
        let mut half = teaser();
        half.reward.en.clear();
        assert_eq!(languages(&half), [Locale::Ja]);
        assert_eq!(languages(&teaser()), Locale::ALL);
        assert!(languages(&Teaser::default()).is_empty());
    }

    proptest! {
        #[test]
        fn the_life_of_a_campaign(steps in proptest::collection::vec(0..Move::ALL.len(), 0..40)) {
            let (mut state, mut paused_from) = (State::Draft, None);
            let mut recruited = false;
            for i in steps {
                let step = Move::ALL[i];
                let before = state;
                let Some(next) = after(state, paused_from, step) else { continue };
                paused_from = (step == Move::Pause).then_some(before);
                state = next;
                recruited |= step == Move::Recruit;
                // The end is the end, and nothing is entered but by recruiting.
                prop_assert!(!matches!(before, State::Archived | State::Cancelled));
                prop_assert!(before != State::Completed || next == State::Archived);
                prop_assert!(recruited || matches!(state, State::Draft | State::Cancelled));
                // A pause always has a way back to where it was.
                if step == Move::Pause {
                    prop_assert_eq!(after(state, paused_from, Move::Resume), Some(before));
                }
                prop_assert_ne!(before, next);
            }
        }

        #[test]
        fn nothing_typed_panics(name in "\\PC{0,90}", goal in "\\PC{0,12}", budget in "\\PC{0,20}", target in "\\PC{0,30}", day in "\\PC{0,12}") {
            let typed = Typed {
                name: Some(name), goal: Some(goal), budget: Some(budget), starts_on: Some(day.clone()), ends_on: Some(day),
                kpis: Some(vec![TypedKpi { kpi: "reach".into(), target: target.clone() }]),
                target: Some(TypedTarget { interests: target.clone(), persona: target, ..TypedTarget::default() }),
                ..Typed::default()
            };
            if let Ok(row) = read(&typed, draft()) {
                prop_assert!(row.kpis.0.iter().all(|k| k.target > 0));
            }
        }
    }
}
