//! A brand searches a network for a hashtag (K21). The answer is kept for some hours. Where a network answers only to somebody who has
//! linked an account, it is asked through creators who have said yes to that; Instagram allows each account thirty different hashtags in
//! seven days, so that the places left are counted and shown.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use connectors::{Account, Capability, Media, Page, Query, TokenSet};
use entity::{enums::Network, hashtag_search, hashtag_slot, ids::AccountId, network_link};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::{LockType, OnConflict},
};

use super::{
    lookup::{self, lending, nobody_lends, unanswered},
    queries, renew,
    rules::{self, outside},
    sync::allowance::Ask,
};
use crate::{
    app::App,
    auth::{actors::Member, limits as rates},
    base::text,
    error::{Code, Problem, Result, Wrong},
    organisations,
    tx::Tx,
};

/// How long an answer is good.
const KEPT: Duration = Duration::hours(6);
/// A hashtag takes its place for so long.
const HELD: Duration = Duration::days(7);
/// So many different hashtags an account may ask for in that time (Instagram).
pub const SLOTS: usize = 30;

/// What a network showed.
#[derive(Clone, Debug)]
pub struct Found {
    /// On which network.
    pub network: Network,
    /// Without the sign, as it was typed.
    pub hashtag: String,
    /// In the network's order; who published them is not always told.
    pub posts: Vec<Media>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
}

/// Searches.
pub async fn search(app: &App, by: &Member, network: &str, hashtag: &str) -> Result<Found> {
    let mut problems = Vec::new();
    let network =
        network.parse::<Network>().map_err(|()| problems.push(Problem::new("network", Wrong::new(Code::Invalid, "base.problem.choice"))));
    let tag = one(hashtag).map_err(|wrong| problems.push(Problem::new("hashtag", wrong)));
    let (Ok(network), Ok(tag)) = (network, tag) else { return Err(crate::error::Error::User(problems)) };
    let connector = queries::public(app, network)?;
    if !connector.capabilities().has(Capability::HashtagSearch) {
        return Err(Problem::new("network", Wrong::new(Code::Refused, "networks.problem.no_hashtags")).into());
    }
    rates::take(app, rates::LOOKUPS, &by.org().to_string()).await?;
    let key = text::search_key(&tag);
    let kept = hashtag_search::Entity::find_by_id((network, key.clone())).one(app.db()).await?;
    if let Some(kept) = kept.filter(|kept| app.clock.now() - kept.asked_at < KEPT) {
        let posts = serde_json::from_value(kept.posts).unwrap_or_default();
        return Ok(Found { network, hashtag: tag, posts, asked_at: kept.asked_at });
    }
    lookup::room(app, network, Ask::Search).await?;
    let via = reserved(app, network, &key).await?;
    let query = Query::hashtag(&tag);
    let account = via.as_ref().map(|(tokens, external_id)| Account::new(tokens, external_id));
    let (found, used) = connectors::counted(connector.search(account.as_ref(), &query)).await;
    lookup::used(app, network, Ask::Search, &used, found.as_ref().ok().map(|page| page.items.len())).await?;
    match found {
        Ok(page) => keep(app, network, tag, key, page).await,
        Err(error) => {
            tracing::info!(%error, "a hashtag could not be searched");
            Err(Problem::new("", unanswered(via.is_some(), &error.kind)).into())
        }
    }
}

/// A hashtag with or without its sign; one, and not several.
fn one(typed: &str) -> std::result::Result<String, Wrong> {
    let mut tags = organisations::rules::hashtags(typed)?.into_iter();
    match (tags.next(), tags.next()) {
        (None, _) => Err(Wrong::required()),
        (Some(tag), None) => Ok(tag),
        (Some(_), Some(_)) => Err(Wrong::new(Code::Invalid, "networks.problem.one_hashtag")),
    }
}

async fn keep(app: &App, network: Network, hashtag: String, key: String, page: Page<Media>) -> Result<Found> {
    let tx = app.begin().await?;
    let row = hashtag_search::Model { network, tag_key: key, posts: serde_json::to_value(&page.items)?, asked_at: tx.now };
    let columns = [hashtag_search::Column::Posts, hashtag_search::Column::AskedAt];
    let known = [hashtag_search::Column::Network, hashtag_search::Column::TagKey];
    hashtag_search::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(OnConflict::columns(known).update_columns(columns).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    let asked_at = tx.now;
    tx.commit().await?;
    Ok(Found { network, hashtag, posts: page.items, asked_at })
}

/// Takes a place for the hashtag where the network counts those. Gives the grant to ask through; none if nobody
/// lends one.
async fn reserved(app: &App, network: Network, key: &str) -> Result<Option<(TokenSet, String)>> {
    let tx = app.begin().await?;
    // Held, so that two searches never take the same last place.
    let lenders = lending(network).lock(LockType::Update).all(tx.db()).await?;
    let link = if network == Network::Instagram {
        let held = held(tx.db(), &lenders, tx.now).await?;
        match choose(&lenders, &held, key) {
            Place::Nobody => return Err(Problem::new("", nobody_lends()).into()),
            Place::Full(frees_at) => {
                let date = frees_at.format("%Y-%m-%d %H:%M UTC");
                return Err(Problem::new("hashtag", Wrong::new(Code::Refused, "networks.problem.hashtag_slots").with("date", date)).into());
            }
            Place::Of(account) => {
                if !held.get(&account).is_some_and(|slots| slots.iter().any(|slot| slot.tag_key == key)) {
                    take(&tx, account, key).await?;
                }
                lenders.into_iter().find(|link| link.account_id == account)
            }
        }
    } else {
        lenders.into_iter().next()
    };
    let via = match link {
        Some(link) => {
            let account = queries::account_of(tx.db(), &link).await?;
            renew::opened(app, &link)?.zip(account.external_id)
        }
        None => None,
    };
    tx.commit().await?;
    Ok(via)
}

/// Takes a place; one that has run out begins anew.
async fn take(tx: &Tx, account: AccountId, key: &str) -> Result<()> {
    let row = hashtag_slot::Model { account_id: account, tag_key: key.to_owned(), taken_at: tx.now };
    let same = OnConflict::columns([hashtag_slot::Column::AccountId, hashtag_slot::Column::TagKey]);
    hashtag_slot::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(same.clone().update_column(hashtag_slot::Column::TakenAt).to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// The hashtags that take places now, by account.
async fn held(
    db: &impl ConnectionTrait,
    lenders: &[network_link::Model],
    now: DateTime<Utc>,
) -> Result<HashMap<AccountId, Vec<hashtag_slot::Model>>> {
    let accounts: Vec<AccountId> = lenders.iter().map(|link| link.account_id).collect();
    let rows = hashtag_slot::Entity::find()
        .filter(hashtag_slot::Column::AccountId.is_in(accounts))
        .filter(hashtag_slot::Column::TakenAt.gt(now - HELD))
        .all(db)
        .await?;
    let mut out: HashMap<AccountId, Vec<hashtag_slot::Model>> = HashMap::new();
    for row in rows {
        out.entry(row.account_id).or_default().push(row);
    }
    Ok(out)
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// This account asks.
    Of(AccountId),
    /// All places are taken until then.
    Full(DateTime<Utc>),
    /// Nobody lends an account.
    Nobody,
}

/// An account that has the hashtag already, or else the one with the most places left.
fn choose(lenders: &[network_link::Model], held: &HashMap<AccountId, Vec<hashtag_slot::Model>>, key: &str) -> Place {
    let of = |account: AccountId| held.get(&account).map_or(&[][..], Vec::as_slice);
    let accounts: Vec<AccountId> = lenders.iter().map(|link| link.account_id).collect();
    if let Some(known) = accounts.iter().find(|account| of(**account).iter().any(|slot| slot.tag_key == key)) {
        return Place::Of(*known);
    }
    match accounts.iter().min_by_key(|account| of(**account).len()) {
        None => Place::Nobody,
        Some(account) if of(*account).len() < SLOTS => Place::Of(*account),
        Some(_) => {
            let first = accounts.iter().flat_map(|account| of(*account)).map(|slot| slot.taken_at + HELD).min();
            first.map_or(Place::Nobody, Place::Full)
        }
    }
}

/// How many different hashtags can still be searched on Instagram, of how many; none where nobody lends an account.
pub async fn slots(app: &App) -> Result<Option<(usize, usize)>> {
    let lenders = lending(Network::Instagram).all(app.db()).await?;
    let taken = held(app.db(), &lenders, app.clock.now()).await?.values().map(Vec::len).sum::<usize>();
    let all = lenders.len() * SLOTS;
    Ok((all > 0).then_some((all.saturating_sub(taken), all)))
}

/// The networks of this installation that answer to such a question.
pub fn networks(app: &App) -> Vec<Network> {
    rules::networks()
        .filter(|network| {
            app.networks.public(outside(*network)).is_some_and(|connector| connector.capabilities().has(Capability::HashtagSearch))
        })
        .collect()
}

/// Forgets answers that are no longer good.
pub(super) async fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    hashtag_search::Entity::delete_many().filter(hashtag_search::Column::AskedAt.lt(now - KEPT)).exec(app.db()).await?;
    hashtag_slot::Entity::delete_many().filter(hashtag_slot::Column::TakenAt.lte(now - HELD)).exec(app.db()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use entity::enums::{LinkMethod, LinkState};
    use uuid::Uuid;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_793_600_000 + hours * 3_600, 0).unwrap()
    }

    fn lender(n: u128) -> network_link::Model {
        let id = Uuid::from_u128(n);
        network_link::Model::bare(id.into(), (id.into(), id.into()), LinkMethod::Oauth, LinkState::Verified, at(0))
    }

    fn taken(account: u128, count: usize) -> (AccountId, Vec<hashtag_slot::Model>) {
        let account: AccountId = Uuid::from_u128(account).into();
        let slot = |n: usize| hashtag_slot::Model { account_id: account, tag_key: format!("tag{n}"), taken_at: at(n as i64) };
        (account, (0..count).map(slot).collect())
    }

    #[test]
    fn the_thirty_first_waits_for_the_first() {
        let (one, two): (AccountId, AccountId) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        assert_eq!(choose(&[], &HashMap::new(), "tea"), Place::Nobody);
        assert_eq!(choose(&[lender(1)], &HashMap::new(), "tea"), Place::Of(one));
        let full = HashMap::from([taken(1, SLOTS)]);
        assert_eq!(choose(&[lender(1)], &full, "tea"), Place::Full(at(0) + HELD));
        assert_eq!(choose(&[lender(1)], &full, "tag7"), Place::Of(one), "one that is held takes no second place");
        assert_eq!(choose(&[lender(1), lender(2)], &full, "tea"), Place::Of(two), "somebody else's places are left");
    }

    #[test]
    fn one_hashtag_and_not_several() {
        assert_eq!(one("＃抹茶").unwrap(), "抹茶");
        assert!(one(" ").is_err() && one("#a #b").is_err());
    }
}
