//! The top of every page of a campaign.

use actix_web::web;
use entity::{
    campaign,
    enums::{CampaignState, ParticipationState},
};

use crate::{
    app::App,
    auth::actors::Member,
    base::lang::Text,
    campaigns::queries,
    error::{Error, Result},
    organisations, participations,
    web::{
        layout::{NavItem, Page},
        urls,
    },
};

/// A campaign of a path, as its pages know it.
pub(crate) async fn of_path(app: &App, by: &Member, path: &web::Path<(String, String)>) -> Result<campaign::Model> {
    queries::one(app.db(), by, path.1.parse().map_err(|_| Error::NotFound)?).await
}

/// One step of the funnel.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What it is called.
    pub label: Text,
    /// How many creators are there.
    pub count: i64,
}

/// The top of every page of a campaign: where it stands, its dates, budget, funnel and tabs.
///
/// A page has a field `head: Head`, made by [`Head::of`], and writes `{{ campaign::head(page, head) }}` after
/// `{%- import "campaigns/head.html" as campaign -%}`. Which tab is current is read from the page's address.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The campaign.
    pub campaign: campaign::Model,
    /// The brand label's name.
    pub brand: String,
    /// How far its creators are.
    pub funnel: Vec<Step>,
    /// What became of all invitations so far; none while nobody was asked.
    pub answers: Option<Text>,
    /// Overview, brief, creators, messages.
    pub tabs: Vec<NavItem>,
    /// The way back.
    pub crumbs: Vec<NavItem>,
}

impl Head {
    /// For a page of this campaign.
    pub(crate) async fn of(app: &App, page: &Page, by: &Member, row: &campaign::Model) -> Result<Self> {
        let counts = participations::queries::funnel(app.db(), by, row.id).await?;
        let brands = organisations::queries::brands(app.db(), by).await?;
        let here = page.path.split('?').next().unwrap_or_default();
        let base = urls::campaign(by.org(), row.id, "");
        let rest = here.strip_prefix(&base).unwrap_or_default().trim_start_matches('/').split('/').next().unwrap_or_default();
        let current = match rest {
            "brief" => "brief",
            "creators" | "invite" | "participations" | "invitations" => "creators",
            _ => "overview",
        };
        let tab = |name: &'static str, href: String| item(page.t(&format!("campaigns.tab.{name}")), href, name == current);
        let inside = counts.iter().filter(|(s, _)| participations::rules::joined(*s)).map(|(_, n)| *n).sum::<i64>();
        let mut tabs = vec![
            tab("overview", base),
            tab("brief", urls::campaign(by.org(), row.id, "brief")),
            tab("creators", urls::campaign(by.org(), row.id, "creators")),
            tab("messages", urls::org(by.org(), format_args!("inbox?campaign={}", row.id))),
        ];
        if let Some(creators) = tabs.get_mut(2) {
            creators.count = u64::try_from(inside).ok().filter(|n| *n > 0);
        }
        Ok(Self {
            campaign: row.clone(),
            brand: brands.into_iter().find(|b| b.id == row.brand_id).map(|b| b.name).unwrap_or_default(),
            funnel: funnel(page, &counts),
            answers: answers(page, &counts),
            tabs,
            crumbs: vec![item(page.t("layout.nav.campaigns"), urls::org(by.org(), "campaigns"), false)],
        })
    }

    /// Whether there is anything in the funnel.
    pub(crate) fn has_creators(&self) -> bool {
        self.funnel.iter().any(|step| step.count > 0)
    }

    /// How its state is coloured.
    pub(crate) fn tone(&self) -> &'static str {
        tone(self.campaign.state)
    }

    /// From when to when; empty while both are open.
    pub(crate) fn dates(&self, page: &Page) -> String {
        dates(page, &self.campaign)
    }

    /// The budget; empty while it is open.
    pub(crate) fn budget(&self, page: &Page) -> String {
        self.campaign.budget_minor.map(|minor| page.money(&minor, &self.campaign.currency)).unwrap_or_default()
    }
}

fn item(label: Text, href: String, current: bool) -> NavItem {
    NavItem { label: label.into(), href, current, icon: "", count: None }
}

pub(super) fn tone(state: CampaignState) -> &'static str {
    match state {
        CampaignState::Draft | CampaignState::Archived => "quiet",
        CampaignState::Recruiting => "info",
        CampaignState::Active | CampaignState::Measuring => "busy",
        CampaignState::Paused => "warn",
        CampaignState::Completed => "good",
        CampaignState::Cancelled => "bad",
    }
}

pub(super) fn dates(page: &Page, row: &campaign::Model) -> String {
    page.days(row.starts_on, row.ends_on)
}

/// How those who were asked have answered.
fn answers(page: &Page, counts: &[(ParticipationState, i64)]) -> Option<Text> {
    use ParticipationState::*;
    let of = |fits: &dyn Fn(ParticipationState) -> bool| counts.iter().filter(|(state, _)| fits(*state)).map(|(_, n)| *n).sum::<i64>();
    let (open, declined) = (of(&|state| state == Invited), of(&|state| state == Declined));
    // Who left had joined; of those who were removed the state does not tell.
    let joined = of(&|state| participations::rules::joined(state) || matches!(state, Withdrawn));
    let n = open + declined + joined;
    let text = page.t("campaigns.funnel.answers").with("n", n).with("joined", joined).with("declined", declined).with("open", open);
    (n > 0).then_some(text)
}

/// How far creators are, each counted where they stand now.
fn funnel(page: &Page, counts: &[(ParticipationState, i64)]) -> Vec<Step> {
    use ParticipationState::*;
    let steps: [(&str, &[ParticipationState]); 6] = [
        ("shortlisted", &[Shortlisted, Applied, Selected]),
        ("invited", &[Invited]),
        ("joined", &[Joined, Negotiating]),
        ("contracted", &[Contracted, Working]),
        ("posted", &[Delivered]),
        ("paid", &[Settled]),
    ];
    steps
        .into_iter()
        .map(|(name, states)| Step {
            label: page.t(&format!("campaigns.funnel.{name}")),
            count: counts.iter().filter(|(s, _)| states.contains(s)).map(|(_, n)| *n).sum(),
        })
        .collect()
}
