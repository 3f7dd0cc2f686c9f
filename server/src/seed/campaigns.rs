//! Campaigns with published briefs, their creators in every state that an operation leads to, and what the two sides say.

use chrono::{DateTime, Duration, Utc};
use entity::{
    batch, brief, brief_ack, campaign,
    enums::{
        BatchKind, BriefState, CampaignState, DeclineReason, EmailSource, Format, Goal, InvitationState, Kpi, Locale, Network,
        ParticipationSource, ParticipationState, RecruitMode, Side,
    },
    ids::{BatchId, CampaignId, CreatorId, OrgId, ParticipationId, UserId},
    invitation, invitation_token,
    json::{AudienceTarget, Bilingual, FullBrief, KpiTarget, KpiTargets, NetworkFormat, NetworkFormats, Teaser},
    message, participation, thread, thread_read,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;

use super::{
    Seed,
    dice::Dice,
    people::{BRANDS, fact},
    rows::Rows,
    start, words,
};
use crate::{auth::tokens, base::text, events::Event};

/// How many creators a campaign has at least, if there are so many.
const PLACES: u64 = 50;
/// The length of a long conversation.
const LONG: u64 = 32;

/// How a creator stands in a campaign, and how the invitation to it does.
type Standing = (ParticipationState, Option<InvitationState>);

/// Of registered creators.
const KNOWN: &[Standing] = &[
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Invited, Some(InvitationState::Sent)),
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Declined, Some(InvitationState::Declined)),
    (ParticipationState::Joined, Some(InvitationState::Accepted)),
    (ParticipationState::Withdrawn, Some(InvitationState::Accepted)),
    (ParticipationState::Removed, Some(InvitationState::Accepted)),
];

/// Of people from a list, who can only be asked.
const UNKNOWN: &[Standing] = &[
    (ParticipationState::Shortlisted, None),
    (ParticipationState::Invited, Some(InvitationState::Sent)),
    (ParticipationState::Invited, Some(InvitationState::Bounced)),
    (ParticipationState::Shortlisted, Some(InvitationState::Expired)),
    (ParticipationState::Declined, Some(InvitationState::Declined)),
    (ParticipationState::Shortlisted, Some(InvitationState::Revoked)),
];

/// A creator's place in a campaign.
#[derive(Clone, Copy)]
struct Place {
    creator: u64,
    state: ParticipationState,
    invitation: Option<InvitationState>,
}

impl Place {
    /// Whoever has joined once has a conversation.
    fn talks(&self) -> bool {
        self.invitation == Some(InvitationState::Accepted)
    }
}

/// How many messages the conversations get: the first ones of each campaign many, the others what is left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Talk {
    /// So many conversations of each campaign are long.
    long: u64,
    /// Messages of each of the others, and how many of those have one more.
    each: u64,
    more: u64,
}

/// What the rows of one campaign share.
struct Campaign {
    id: CampaignId,
    org: OrgId,
    owner: UserId,
    at: DateTime<Utc>,
    brief: entity::ids::BriefId,
    batch: BatchId,
    name: String,
}

fn both(en: &str, ja: &str) -> Bilingual {
    Bilingual { en: en.into(), ja: ja.into() }
}

impl Seed {
    /// Who is in the `c`th campaign: as many registered as other creators.
    fn places(&self, c: u64) -> Vec<Place> {
        let mut dice = Dice::of(self.seed, "places", c);
        let half = (PLACES + dice.below(11)) / 2 + 1;
        let mut out = Vec::new();
        for (is_registered, pool, standings) in [(true, self.registered(), KNOWN), (false, self.creators - self.registered(), UNKNOWN)] {
            let n = half.min(pool);
            let step = (pool / n.max(1)).max(1);
            // The creator that one can sign in as has much to look at.
            let from = if is_registered && c < 8 { 0 } else { dice.below(step.max(1)) };
            for (k, standing) in (0..n).zip(standings.iter().cycle()) {
                let creator = Self::nth(is_registered, from + k * step);
                out.push(Place { creator, state: standing.0, invitation: standing.1 });
            }
        }
        out
    }

    /// Shares the messages out. Walks all campaigns once, without making a row.
    pub(super) fn talk(&self) -> Talk {
        let threads = |c| self.places(c).iter().filter(|place| place.talks()).count() as u64;
        let counts: Vec<u64> = (0..self.campaigns).map(threads).collect();
        let least = counts.iter().copied().min().unwrap_or_default();
        // Half of the messages are in long conversations, if there are enough.
        let long = (self.messages / (2 * LONG * self.campaigns.max(1))).min(least);
        let others = counts.iter().sum::<u64>() - long * self.campaigns;
        let left = self.messages - long * LONG * self.campaigns;
        Talk { long, each: left / others.max(1), more: left % others.max(1) }
    }

    /// The `c`th campaign with all that hangs on it. `before` counts the shorter conversations so far.
    pub(super) fn campaign(&self, rows: &mut Rows, c: u64, talk: Talk, before: &mut u64) {
        let b = c % BRANDS;
        let mut dice = Dice::of(self.seed, "campaign", c);
        let at = start() - Duration::days(60) + Duration::minutes(i64::try_from(c % 40_000).unwrap_or_default());
        let name = format!("{} {}", dice.pick(words::CAMPAIGNS), c + 1);
        let shared = Campaign { id: dice.id(at), org: self.org(b), owner: self.owner(b), at, brief: dice.id(at), batch: dice.id(at), name };
        self.plan(rows, &mut dice, &shared, b);
        let places = self.places(c);
        let invited = places.iter().filter(|place| place.invitation.is_some()).count();
        let row = batch::Model {
            id: shared.batch,
            org_id: shared.org,
            kind: BatchKind::Invite,
            campaign_id: shared.id,
            total: i32::try_from(invited).unwrap_or(i32::MAX),
            refused: json!([]),
            words: None,
            created_by: shared.owner,
            created_at: at + Duration::days(1),
        };
        rows.batches.push(row.into_active_model().reset_all());
        let queued = Event::new("invitations.queued", shared.batch).org(shared.org).by(shared.owner);
        let data = json!({ "campaign": shared.id, "total": invited, "refused": 0 });
        fact(rows, &mut dice, at + Duration::days(1), queued.with(data));
        let mut conversations = 0;
        for place in places {
            let participation = self.participation(rows, &mut dice, &shared, place);
            if !place.talks() {
                continue;
            }
            let messages = if conversations < talk.long {
                LONG
            } else {
                *before += 1;
                talk.each + u64::from(*before <= talk.more)
            };
            conversations += 1;
            self.conversation(rows, &mut dice, &shared, place.creator, messages);
            if place.state == ParticipationState::Joined && dice.percent(70) {
                let row = brief_ack::Model {
                    id: dice.id(at + Duration::days(4)),
                    participation_id: participation,
                    brief_id: shared.brief,
                    version: 1,
                    at: at + Duration::days(4),
                };
                rows.brief_acks.push(row.into_active_model().reset_all());
            }
        }
    }

    fn plan(&self, rows: &mut Rows, dice: &mut Dice, shared: &Campaign, b: u64) {
        let (at, (currency, _)) = (shared.at, Self::brand_ways(b));
        let begins = (start() - Duration::days(7)).date_naive();
        let ends = (start() + Duration::days(120)).date_naive();
        let state = dice.pick(&[CampaignState::Recruiting, CampaignState::Active, CampaignState::Active]);
        let row = campaign::Model {
            id: shared.id,
            org_id: shared.org,
            brand_id: self.brand_label(b),
            name: shared.name.clone(),
            name_key: text::search_key(&shared.name),
            goal: Some(Goal::Awareness),
            kpis: KpiTargets(vec![KpiTarget { kpi: Kpi::Reach, target: 100_000 }]),
            budget_minor: Some(dice.log_normal(800.0, 0.6).clamp(50, 50_000) * 1_000),
            currency: currency.into(),
            starts_on: Some(begins),
            ends_on: Some(ends),
            target: AudienceTarget { countries: vec!["JP".into()], interests: vec!["tea".into()], ..AudienceTarget::default() },
            formats: NetworkFormats(vec![NetworkFormat { network: Network::Instagram, format: Format::Reel }]),
            recruit_mode: RecruitMode::Invite,
            state,
            paused_from: None,
            created_by: shared.owner,
            created_at: at,
            updated_at: at,
        };
        rows.campaigns.push(row.into_active_model().reset_all());
        let row = brief::Model {
            id: shared.brief,
            org_id: shared.org,
            campaign_id: shared.id,
            version: 1,
            state: BriefState::Published,
            teaser: Teaser {
                summary: both("Show how you use it on an ordinary day.", "ふだんの一日の中で使う様子を紹介してください。"),
                reward: both("As agreed, paid within 30 days", "合意した報酬を30日以内にお支払いします"),
                formats: both("One reel and two stories", "リール1本、ストーリーズ2本"),
                usage_rights: both("Six months on our own channels", "自社チャンネルで6か月"),
                exclusivity: both("None", "なし"),
            },
            full: FullBrief {
                objective: both("Make the new line known.", "新しいシリーズを知ってもらうこと。"),
                key_messages: both("Made with care, by hand.", "手仕事で丁寧に作っています。"),
                deliverables: both("One reel, two stories", "リール1本、ストーリーズ2本"),
                schedule: both("Draft in week 2, post in week 3", "2週目に下書き、3週目に投稿"),
                dos: both("Show the label.", "ラベルを映してください。"),
                donts: both("No comparison with others.", "他社との比較は避けてください。"),
                tags: both("#ad #brand", "#PR #brand"),
                disclosure: both("#ad in the first line", "1行目に「#PR」"),
                approval: both("Within two working days", "2営業日以内"),
                ..FullBrief::default()
            },
            worsens: false,
            starts_on: Some(begins),
            ends_on: Some(ends),
            published_at: Some(at),
            created_at: at,
            updated_at: at,
        };
        rows.briefs.push(row.into_active_model().reset_all());
        let done = |kind, subject: String| Event::new(kind, subject).org(shared.org).by(shared.owner);
        fact(rows, dice, at, done("campaign.created", shared.id.to_string()));
        fact(
            rows,
            dice,
            at,
            done("brief.published", shared.brief.to_string()).with(json!({ "campaign": shared.id, "version": 1, "worsens": false })),
        );
        let step = json!({ "from": CampaignState::Draft, "to": CampaignState::Recruiting });
        fact(rows, dice, at, done("campaign.recruiting", shared.id.to_string()).with(step));
        if state == CampaignState::Active {
            let step = json!({ "from": CampaignState::Recruiting, "to": CampaignState::Active });
            fact(rows, dice, at + Duration::days(8), done("campaign.activated", shared.id.to_string()).with(step));
        }
    }

    fn participation(&self, rows: &mut Rows, dice: &mut Dice, shared: &Campaign, place: Place) -> ParticipationId {
        let asked = shared.at + Duration::days(1);
        let answered = asked + Duration::minutes(i64::try_from(60 + dice.below(3_000)).unwrap_or_default());
        let creator = self.creator_id(place.creator);
        let row = participation::Model {
            id: dice.id(asked),
            org_id: shared.org,
            campaign_id: shared.id,
            creator_id: creator,
            source: ParticipationSource::Invited,
            state: place.state,
            reason: if place.state == ParticipationState::Removed { "The parcel came back twice.".into() } else { String::new() },
            joined_at: place.talks().then_some(answered),
            created_at: asked,
            updated_at: if place.invitation.is_some() { answered } else { asked },
        };
        let id = row.id;
        rows.participations.push(row.into_active_model().reset_all());
        if place.invitation.is_some() {
            self.invitation(rows, dice, shared, place, (creator, id, answered));
        }
        id
    }

    fn invitation(
        &self,
        rows: &mut Rows,
        dice: &mut Dice,
        shared: &Campaign,
        place: Place,
        (creator, participation, answered): (CreatorId, ParticipationId, DateTime<Utc>),
    ) {
        let Some(state) = place.invitation else { return };
        let sent = shared.at + Duration::days(1);
        let answer = matches!(state, InvitationState::Accepted | InvitationState::Declined);
        // What has run out did so before the start; what waits does so for a while yet.
        let until = if state == InvitationState::Expired { start() - Duration::days(10) } else { start() + Duration::days(80) };
        let email = Self::creator_email(place.creator);
        let registered = Self::is_registered(place.creator);
        let row = invitation::Model {
            id: dice.id(sent),
            org_id: shared.org,
            campaign_id: shared.id,
            creator_id: creator,
            participation_id: participation,
            batch_id: Some(shared.batch),
            email: email.clone(),
            email_key: email.clone(),
            email_source: if registered { EmailSource::Registered } else { EmailSource::BrandEntered },
            locale: self.locale(place.creator),
            subject: format!("{}: will you join us?", shared.name),
            message: "We have followed your work for a while.".into(),
            state,
            decline_reason: (state == InvitationState::Declined).then_some(DeclineReason::NoTime),
            decline_note: String::new(),
            bounce_code: if state == InvitationState::Bounced { "5.1.1".into() } else { String::new() },
            invited_by: shared.owner,
            sent_at: Some(sent),
            viewed_at: answer.then_some(answered),
            answered_at: answer.then_some(answered),
            expires_at: until,
            created_at: sent,
        };
        let token = invitation_token::Model {
            id: dice.id(sent),
            invitation_id: row.id,
            // The hashes of nothing that was sent to anybody: these links open for nobody.
            token_hash: tokens::hash(&hex::encode(dice.bytes::<32>())),
            email,
            unsubscribe_hash: tokens::hash(&hex::encode(dice.bytes::<32>())),
            created_at: sent,
        };
        let of = |kind| Event::new(kind, row.id).org(shared.org).creator(creator);
        fact(rows, dice, sent, of("invitation.sent"));
        let user = registered.then(|| self.creator_user(place.creator));
        match (state, user) {
            (InvitationState::Accepted, Some(user)) => {
                fact(rows, dice, answered, of("invitation.accepted").by(user));
                let joined = Event::new("participation.joined", participation).org(shared.org).creator(creator);
                fact(rows, dice, answered, joined.by(user));
            }
            (InvitationState::Declined, _) => fact(rows, dice, answered, of("invitation.declined").with(json!({ "reason": "no_time" }))),
            (InvitationState::Expired, _) => fact(rows, dice, until, of("invitation.expired")),
            (InvitationState::Revoked, _) => fact(rows, dice, answered, of("invitation.withdrawn").by(shared.owner)),
            _ => {}
        }
        rows.invitations.push(row.into_active_model().reset_all());
        rows.invitation_tokens.push(token.into_active_model().reset_all());
    }

    /// The two talk; the last message may wait unread.
    fn conversation(&self, rows: &mut Rows, dice: &mut Dice, shared: &Campaign, n: u64, messages: u64) {
        let opened = shared.at + Duration::days(4);
        let (creator, user) = (self.creator_id(n), self.creator_user(n));
        let said_in = usize::from(self.locale(n) == Locale::Ja);
        let thread = dice.id(opened);
        let mut at = opened;
        let mut spoke: [Option<DateTime<Utc>>; 2] = [None, None];
        for turn in 0..messages {
            at += Duration::minutes(i64::try_from(3 + dice.below(700)).unwrap_or_default()) + Duration::microseconds(1);
            let brand = turn.is_multiple_of(2);
            let (side, author) = if brand { (Side::Brand, shared.owner) } else { (Side::Creator, user) };
            let says = if brand { words::BRAND_SAYS } else { words::CREATOR_SAYS };
            let row = message::Model {
                id: dice.id(at),
                thread_id: thread,
                org_id: shared.org,
                creator_id: creator,
                side,
                author_id: author,
                body: dice.pick(says)[said_in].to_owned(),
                created_at: at,
            };
            let event = Event::new("message.sent", row.id).org(shared.org).creator(creator).by(author);
            fact(rows, dice, at, event.with(json!({ "thread": thread })));
            rows.messages.push(row.into_active_model().reset_all());
            spoke[usize::from(!brand)] = Some(at);
        }
        // Whoever speaks has read what was said; most have read all.
        let all_read = dice.percent(80);
        for (who, spoke) in [(shared.owner, spoke[0]), (user, spoke[1])] {
            let Some(read_at) = spoke.map(|own| if all_read { at } else { own }) else { continue };
            let row = thread_read::Model { id: dice.id(read_at), thread_id: thread, user_id: who, read_at };
            rows.thread_reads.push(row.into_active_model().reset_all());
        }
        let row = thread::Model {
            id: thread,
            org_id: shared.org,
            creator_id: creator,
            campaign_id: shared.id,
            last_message_at: at,
            created_at: opened,
        };
        rows.threads.push(row.into_active_model().reset_all());
    }
}
