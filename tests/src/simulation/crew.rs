//! Those whose accounts are read: they link, some let stories be kept, some go.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use chrono::Duration;
use entity::{
    enums::{ConsentPurpose, ParticipationState},
    ids::{AccountId, NetworkLinkId},
    network_link,
};
use sandbox::crowd::Crowd;
use server::{
    auth::actors::Creator,
    consents,
    error::{Code, Error},
    networks::{self, Begin, Finished, begin_link, finish_link},
};

use super::{MIX, outside::Outside, watch::Gone};
use crate::{Someone, Stage};

/// The sandbox's people whose one Instagram account is a business's or a creator's.
const PEOPLE: [&str; 9] = ["hana", "ken", "yui", "aoi", "yamamoto", "noor", "mei", "kei", "leo"];
/// Those who take the grant back, or change the password, an hour after linking.
const FICKLE: [&str; 2] = ["rin", "tom"];
/// In every so manieth world the fickle are asked too.
const FICKLE_WORLDS: usize = 6;

/// One account.
pub(super) struct Hand {
    pub network: &'static str,
    pub world: usize,
    pub person: &'static str,
    creator: Option<Creator>,
    link: Option<NetworkLinkId>,
    pub account: Option<AccountId>,
    gone: bool,
}

pub(super) struct Crew {
    crowd: Arc<Crowd>,
    outside: Arc<Outside>,
    pub hands: Vec<Hand>,
    linked: usize,
    /// Those who were told to come again later, in the order of their coming.
    waiting: VecDeque<usize>,
    /// How many were.
    pub put_off: usize,
    brand: Option<Someone>,
    left: usize,
    /// How many let their stories be kept.
    pub storytellers: usize,
}

fn in_world(world: usize) -> impl Iterator<Item = &'static str> {
    let fickle = if world.is_multiple_of(FICKLE_WORLDS) { &FICKLE[..] } else { &[] };
    PEOPLE.iter().chain(fickle).copied()
}

/// How many worlds so many accounts take.
pub(super) fn worlds(accounts: usize) -> usize {
    MIX.iter().map(|(_, share)| accounts * share / 1_000).max().unwrap_or(0) / PEOPLE.len() + 1
}

impl Crew {
    pub fn new(accounts: usize, crowd: Arc<Crowd>, outside: Arc<Outside>) -> Self {
        let of = |(network, share): (&'static str, usize)| {
            let all = (0..).flat_map(move |world| in_world(world).map(move |person| (world, person)));
            // The sandbox's Mei is not on Twitch.
            let all = all.filter(move |(_, person)| (network, *person) != ("twitch", "mei"));
            // No network is left out by rounding down.
            let some = all.take((accounts * share / 1_000).max(1));
            some.map(move |(world, person)| Hand { network, world, person, creator: None, link: None, account: None, gone: false })
        };
        let mut hands: Vec<Hand> = MIX.into_iter().flat_map(of).collect();
        // The networks side by side, as people come.
        let count = hands.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by_key(|n| n.wrapping_mul(0x9e37_79b9) % 1_000_003);
        let mut mixed: Vec<Option<Hand>> = hands.drain(..).map(Some).collect();
        let hands = order.into_iter().filter_map(|n| mixed[n].take()).collect();
        Self { crowd, outside, hands, linked: 0, waiting: VecDeque::new(), put_off: 0, brand: None, left: 0, storytellers: 0 }
    }

    /// So many have come to link their account by now. Where a network's allowance is used up they come again, once an hour.
    pub async fn link(&mut self, stage: &Stage, due: usize, gone: Duration) {
        if gone.num_seconds() % 3_600 == 0 {
            for who in std::mem::take(&mut self.waiting) {
                self.link_one(stage, who).await;
            }
        }
        while self.linked < due.min(self.hands.len()) {
            self.link_one(stage, self.linked).await;
            self.linked += 1;
        }
    }

    async fn link_one(&mut self, stage: &Stage, who: usize) {
        let hand = &self.hands[who];
        let creator = match &hand.creator {
            Some(creator) => creator.clone(),
            None => stage.creator(&format!("hand{who}")).await.as_creator(stage).await,
        };
        let at = (hand.world, hand.network, hand.person);
        let Some(link) = linked(stage, &self.crowd, &creator, at, who).await else {
            self.put_off += usize::from(hand.creator.is_none());
            self.hands[who].creator = Some(creator);
            self.waiting.push_back(who);
            return;
        };
        if hand.network == "instagram" && who.is_multiple_of(8) {
            self.stories(stage, &creator).await;
        }
        let hand = &mut self.hands[who];
        (hand.link, hand.account) = (Some(link.id), Some(link.account_id));
        hand.creator = Some(creator);
        self.outside.watch().linked(who);
        if FICKLE.contains(&hand.person) && matches!(hand.network, "instagram" | "facebook") {
            self.outside.watch().ended(who, stage.now() + Duration::hours(1), Gone::Revoked);
        }
    }

    /// The creator, and a brand that the creator works with, let stories be kept.
    async fn stories(&mut self, stage: &Stage, creator: &Creator) {
        if self.brand.is_none() {
            self.brand = Some(stage.brand("Acme").await);
        }
        let brand = self.brand.as_ref().expect("a brand");
        let campaign = stage.campaign(brand, &format!("Campaign {}", self.storytellers)).await;
        stage.participation(brand, campaign, creator.id(), ParticipationState::Joined).await;
        let purpose = ConsentPurpose::StoryArchive;
        let member = brand.as_member(stage).await;
        consents::agree(&stage.app, &member.manager().expect("a manager"), purpose, creator.id()).await.expect("the brand's yes");
        consents::grant(&stage.app, creator, purpose, Some(brand.org())).await.expect("the creator's yes");
        self.storytellers += 1;
    }

    /// Over the whole time three of a hundred go: one here, two at the network.
    pub async fn leave(&mut self, stage: &Stage, gone: Duration, whole: Duration) {
        let due = self.hands.len() as i64 * 3 / 100 * gone.num_seconds() / whole.num_seconds();
        while self.left < usize::try_from(due).unwrap_or_default() {
            self.left += 1;
            // Scattered over those who have linked.
            let who = self.left * 31 % self.linked.max(1);
            let hand = &mut self.hands[who];
            let (Some(creator), Some(link), false) = (&hand.creator, hand.link, hand.gone || FICKLE.contains(&hand.person)) else {
                continue;
            };
            hand.gone = true;
            if self.left.is_multiple_of(3) {
                networks::unlink(&stage.app, creator, link).await.expect("unlinked");
                self.outside.watch().ended(who, stage.now(), Gone::Unlinked);
            } else {
                self.revoke(stage, who);
            }
        }
    }

    /// At the network a person takes back what all of their accounts there gave.
    fn revoke(&mut self, stage: &Stage, who: usize) {
        let (world, person) = (self.hands[who].world, self.hands[who].person);
        self.crowd.revoke(world, person);
        for (other, hand) in self.hands.iter_mut().enumerate() {
            if hand.world == world && hand.person == person && hand.link.is_some() && !(hand.gone && other != who) {
                hand.gone = true;
                self.outside.watch().ended(other, stage.now(), Gone::Revoked);
            }
        }
    }
}

/// From the consent page to a linked account; none if the network's allowance is used up.
async fn linked(
    stage: &Stage,
    crowd: &Crowd,
    creator: &Creator,
    (world, network, person): (usize, &str, &str),
    who: usize,
) -> Option<network_link::Model> {
    let begin = Begin { network: network.to_owned(), ..Begin::default() };
    let began = match begin_link(&stage.app, creator, begin).await {
        Err(Error::User(problems)) if problems.iter().all(|problem| problem.wrong.code == Code::Refused) => return None,
        began => began.expect("a walk to the network"),
    };
    let back = crowd.consent(world, began.url.as_str(), person, who).expect("the network sends back");
    let back: url::Url = back.parse().expect("an address");
    let query = serde_json::to_value(back.query_pairs().into_owned().collect::<HashMap<_, _>>()).expect("pairs");
    let query = serde_json::from_value(query).expect("a callback");
    match finish_link(&stage.app, creator, network.parse().expect("a network"), query).await {
        Ok(Finished::Linked { link, .. }) => Some(link),
        other => panic!("{network} of {person} in world {world}: {other:?}"),
    }
}

/// Somebody new with one account.
pub(crate) async fn sole_account(stage: &Stage, crowd: &Crowd, world: usize, network: &str, person: &str) {
    let creator = stage.creator(&format!("hand{world}")).await.as_creator(stage).await;
    linked(stage, crowd, &creator, (world, network, person), world).await.expect("there is room for one");
}
