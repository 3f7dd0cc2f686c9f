//! Figures that creators hand in (K23): business accounts' insights are not always to be had from the network, so a brand may ask for them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use connectors::Metric;
use entity::{
    enums::{ManualInsightState, MetricSource},
    ids::{AccountId, CreatorId, ManualInsightId, OrgId, PostId, PostMetricsId},
    json::RawJson,
    manual_insight, network_account, organization, participation, post, post_metrics,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Set, sea_query::LockType,
};

use super::{
    proofs::{self, Eyes},
    sync::posts::{Figure, Figures},
};
use crate::{
    app::App,
    auth::actors::{Creator, Manager, Member},
    base::text,
    creators,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// What may be handed in, in the words of the connectors' measures.
pub const MEASURES: &[&str] =
    &["reach", "impressions", "views", "likes", "comments", "shares", "saves", "profile_visits", "link_clicks", "follows"];
/// How many requests of one organisation may wait for one creator.
const MOST_WAITING: u64 = 10;

/// Figures as they were typed.
#[derive(Clone, Debug, Default)]
pub struct HandIn {
    /// What was asked for; none = of the creator's own accord.
    pub request: Option<ManualInsightId>,
    /// About a publication.
    pub post: Option<PostId>,
    /// Measures and what was typed; empty = not given.
    pub figures: Vec<(String, String)>,
    /// The day that they are of: `2026-11-23`.
    pub as_of: String,
    /// Further words.
    pub note: String,
    /// A picture of the network's own page that was sent in before; may be empty.
    pub proof: String,
}

/// Reads the figures: at least one, each a whole number.
pub fn figures(typed: &[(String, String)]) -> std::result::Result<BTreeMap<String, i64>, Vec<Problem>> {
    let (mut out, mut problems) = (BTreeMap::new(), Vec::new());
    for (measure, text) in typed.iter().filter(|(_, text)| !text.trim().is_empty()) {
        if !MEASURES.contains(&measure.as_str()) {
            problems.push(Problem::new("measure", Wrong::new(Code::Invalid, "base.problem.choice")));
            continue;
        }
        match creators::rules::count(text) {
            Ok(n) => drop(out.insert(measure.clone(), n)),
            Err(wrong) => problems.push(Problem::new(measure.clone(), wrong)),
        }
    }
    if out.is_empty() && problems.is_empty() {
        problems.push(Problem::whole(Code::Required, "networks.problem.no_figures"));
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The day: not in the future, not older than two years, for which networks keep figures.
pub fn day(typed: &str, today: NaiveDate) -> std::result::Result<NaiveDate, Wrong> {
    let wrong = || Wrong::new(Code::Invalid, "networks.problem.as_of");
    let day: NaiveDate = typed.trim().parse().map_err(|_| if typed.trim().is_empty() { Wrong::required() } else { wrong() })?;
    let oldest = today - chrono::Duration::days(730);
    if (oldest..=today).contains(&day) { Ok(day) } else { Err(wrong()) }
}

/// Hands figures in. Those of a publication stand beside the network's own, marked as the creator's word; they never displace those.
pub async fn hand_in(app: &App, by: &Creator, given: &HandIn) -> Result<manual_insight::Model> {
    let tx = app.begin().await?;
    let today = tx.now.with_timezone(&by.person().zone()).date_naive();
    let mut problems = Vec::new();
    let read = figures(&given.figures).map_err(|all| problems.extend(all));
    let as_of = day(&given.as_of, today).map_err(|wrong| problems.push(Problem::new("as_of", wrong)));
    let note = text::optional_line(&given.note, 500).map_err(|wrong| problems.push(Problem::new("note", wrong)));
    let proof = proofs::own_in(&tx, by, &given.proof).await?.map_err(|wrong| problems.push(Problem::new("file", wrong)));
    let (Ok(read), Ok(as_of), Ok(note), Ok(proof_id)) = (read, as_of, note, proof) else { return Err(Error::User(problems)) };
    let row = match (given.request, given.post) {
        (Some(id), _) => own_for_update(&tx, by, id).await?,
        (None, Some(id)) => {
            let post = super::sync::queries::own_post(tx.db(), by, id).await?;
            bare(&tx, (by.id(), post.account_id), Some(post.id), None, String::new())
        }
        (None, None) => return Err(Error::NotFound),
    };
    let is_new = given.request.is_none();
    if !is_new && row.state != ManualInsightState::Asked {
        return Err(Problem::whole(Code::AlreadyDone, "networks.problem.answered").into());
    }
    if let Some(id) = row.post_id {
        learn(&tx, id, &read, as_of).await?;
    }
    let (org, row) = (
        row.org_id,
        manual_insight::Model {
            state: ManualInsightState::HandedIn,
            figures: serde_json::to_value(&read)?,
            as_of: Some(as_of),
            note,
            proof_id,
            answered_at: Some(tx.now),
            ..row
        },
    );
    let active = row.into_active_model().reset_all();
    let row = if is_new { active.insert(tx.db()).await? } else { active.update(tx.db()).await? };
    tell(&tx, "network.insights_handed_in", &row, Some(by), org).await?;
    tx.commit().await?;
    Ok(row)
}

/// Beside what the network says of a publication.
async fn learn(tx: &Tx, id: PostId, read: &BTreeMap<String, i64>, as_of: NaiveDate) -> Result<()> {
    let row = post::Entity::find_by_id(id).lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let at = as_of.and_hms_opt(0, 0, 0).map_or(tx.now, |at| at.and_utc());
    let mut known = Figures::of(&row);
    let mut own = Figures::default();
    for (measure, n) in read {
        let figure = Figure { metric: Metric::Value(*n), source: MetricSource::SelfReported, endpoint: String::new(), as_of: at };
        known.learn(measure, figure.clone());
        own.learn(measure, figure);
    }
    let mut row = row.into_active_model();
    known.write(&mut row);
    row.update(tx.db()).await?;
    let snapshot = post_metrics::Model {
        id: tx.id::<PostMetricsId>(),
        post_id: id,
        captured_at: at,
        source: MetricSource::SelfReported,
        endpoint: String::new(),
        views: read.get("views").copied(),
        reach: read.get("reach").copied(),
        likes: read.get("likes").copied(),
        comments: read.get("comments").copied(),
        readings: RawJson::of(&own)?,
    };
    snapshot.into_active_model().reset_all().insert(tx.db()).await?;
    Ok(())
}

/// The creator will not.
pub async fn decline(app: &App, by: &Creator, id: ManualInsightId) -> Result<manual_insight::Model> {
    let tx = app.begin().await?;
    let row = own_for_update(&tx, by, id).await?;
    if row.state != ManualInsightState::Asked {
        return Err(Problem::whole(Code::AlreadyDone, "networks.problem.answered").into());
    }
    let now = tx.now;
    let mut row = row.into_active_model();
    row.state = Set(ManualInsightState::Declined);
    row.answered_at = Set(Some(now));
    let row = row.update(tx.db()).await?;
    tell(&tx, "network.insights_declined", &row, Some(by), row.org_id).await?;
    tx.commit().await?;
    Ok(row)
}

/// A brand asks a creator who has joined one of its campaigns.
pub async fn ask(app: &App, by: &Manager<'_>, account: &str, post: Option<PostId>, question: &str) -> Result<manual_insight::Model> {
    let tx = app.begin().await?;
    let mut problems = Vec::new();
    let question = text::optional_line(question, 500).map_err(|wrong| problems.push(Problem::new("question", wrong)));
    let account: std::result::Result<AccountId, ()> =
        account.trim().parse().map_err(|_| problems.push(Problem::new("account_id", Wrong::new(Code::Invalid, "base.problem.choice"))));
    let (Ok(question), Ok(account)) = (question, account) else { return Err(Error::User(problems)) };
    let account = network_account::Entity::find_by_id(account).one(tx.db()).await?.ok_or(Error::NotFound)?;
    let creator = creators::queries::one(tx.db(), (&**by).into(), account.creator_id).await?;
    if creator.user_id.is_none() || !works_for(&tx, by.org(), creator.id).await? {
        return Err(Problem::whole(Code::WrongState, "consents.problem.not_joined").into());
    }
    if let Some(post) = post {
        let about = post::Entity::find_by_id(post).filter(post::Column::AccountId.eq(account.id)).count(tx.db()).await?;
        if about == 0 {
            return Err(Error::NotFound);
        }
    }
    let waiting = manual_insight::Entity::find()
        .filter(manual_insight::Column::OrgId.eq(by.org()))
        .filter(manual_insight::Column::CreatorId.eq(creator.id))
        .filter(manual_insight::Column::State.eq(ManualInsightState::Asked))
        .count(tx.db())
        .await?;
    if waiting >= MOST_WAITING {
        return Err(Problem::new("", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", MOST_WAITING)).into());
    }
    let row = bare(&tx, (creator.id, account.id), post, Some(by.org()), question);
    let row = row.into_active_model().reset_all().insert(tx.db()).await?;
    let event = Event::new("network.insights_asked", row.id).by(by.user_id()).creator(row.creator_id).org(by.org());
    tx.record(event).await?;
    tx.commit().await?;
    Ok(row)
}

async fn works_for(tx: &Tx, org: OrgId, creator: CreatorId) -> Result<bool> {
    let joined = participation::Entity::find()
        .filter(participation::Column::OrgId.eq(org))
        .filter(participation::Column::CreatorId.eq(creator))
        .filter(participation::Column::JoinedAt.is_not_null());
    Ok(joined.count(tx.db()).await? > 0)
}

fn bare(
    tx: &Tx,
    (creator_id, account_id): (CreatorId, AccountId),
    post_id: Option<PostId>,
    org_id: Option<OrgId>,
    question: String,
) -> manual_insight::Model {
    manual_insight::Model {
        id: tx.id(),
        creator_id,
        account_id,
        post_id,
        org_id,
        state: ManualInsightState::Asked,
        question,
        figures: serde_json::json!({}),
        as_of: None,
        note: String::new(),
        proof_id: None,
        review: None,
        review_note: String::new(),
        reviewed_at: None,
        reviewed_by: None,
        created_at: tx.now,
        answered_at: None,
    }
}

async fn tell(tx: &Tx, kind: &'static str, row: &manual_insight::Model, by: Option<&Creator>, org: Option<OrgId>) -> Result<()> {
    let mut event = Event::new(kind, row.id).creator(row.creator_id);
    if let Some(by) = by {
        event = event.by(by.user_id());
    }
    if let Some(org) = org {
        event = event.org(org);
    }
    tx.record(event).await
}

async fn own_for_update(tx: &Tx, by: &Creator, id: ManualInsightId) -> Result<manual_insight::Model> {
    manual_insight::Entity::find_by_id(id)
        .filter(manual_insight::Column::CreatorId.eq(by.id()))
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)
}

/// A request with the name of who asked.
pub type Asked = (manual_insight::Model, String);

async fn named(db: &impl ConnectionTrait, rows: Vec<manual_insight::Model>) -> Result<Vec<Asked>> {
    let orgs =
        organization::Entity::find().filter(organization::Column::Id.is_in(rows.iter().filter_map(|row| row.org_id))).all(db).await?;
    let name = |id: Option<OrgId>| orgs.iter().find(|org| Some(org.id) == id).map(|org| org.name.clone()).unwrap_or_default();
    Ok(rows
        .into_iter()
        .map(|row| {
            let name = name(row.org_id);
            (row, name)
        })
        .collect())
}

/// What waits for a creator's answer, the oldest first; at most 50.
pub async fn waiting(db: &impl ConnectionTrait, by: &Creator) -> Result<Vec<Asked>> {
    let rows = manual_insight::Entity::find()
        .filter(manual_insight::Column::CreatorId.eq(by.id()))
        .filter(manual_insight::Column::State.eq(ManualInsightState::Asked))
        .order_by_asc(manual_insight::Column::Id)
        .limit(50)
        .all(db)
        .await?;
    named(db, rows).await
}

/// One of the creator's.
pub async fn one(db: &impl ConnectionTrait, by: &Creator, id: ManualInsightId) -> Result<Asked> {
    let own = manual_insight::Column::CreatorId.eq(by.id());
    let row = manual_insight::Entity::find_by_id(id).filter(own).one(db).await?.ok_or(Error::NotFound)?;
    named(db, vec![row]).await?.pop().ok_or(Error::NotFound)
}

/// What a creator has handed in about a publication, the newest first; at most 10.
pub async fn of_post(db: &impl ConnectionTrait, by: &Creator, post: PostId) -> Result<Vec<manual_insight::Model>> {
    Ok(Eyes::Creator(by)
        .see()
        .filter(manual_insight::Column::PostId.eq(post))
        .filter(manual_insight::Column::State.eq(ManualInsightState::HandedIn))
        .order_by_desc(manual_insight::Column::Id)
        .limit(10)
        .all(db)
        .await?)
}

/// What an organisation has asked a creator, and what the creator shows to brands of their own accord, the newest first; at most 20.
pub async fn asked_by(db: &impl ConnectionTrait, by: &Member, creator: CreatorId) -> Result<Vec<manual_insight::Model>> {
    Ok(Eyes::Member(by)
        .see()
        .filter(manual_insight::Column::CreatorId.eq(creator))
        .order_by_desc(manual_insight::Column::Id)
        .limit(20)
        .all(db)
        .await?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(all: &[(&str, &str)]) -> Vec<(String, String)> {
        all.iter().map(|(measure, text)| ((*measure).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn figures_are_read_and_every_problem_told() {
        let read = figures(&typed(&[("reach", "1,204"), ("views", ""), ("saves", "３５")])).unwrap();
        assert_eq!(read, BTreeMap::from([("reach".to_owned(), 1_204), ("saves".to_owned(), 35)]));
        let problems = figures(&typed(&[("reach", "many"), ("views", "-1")])).unwrap_err();
        assert_eq!(problems.iter().map(|problem| &*problem.field).collect::<Vec<_>>(), ["reach", "views"]);
        assert!(figures(&typed(&[("reach", " ")])).is_err(), "nothing at all");
        assert!(figures(&typed(&[("password", "1")])).is_err());
    }

    proptest! {
        #[test]
        fn days_are_of_the_past(offset in -2_000_i64..2_000) {
            let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
            let day_ = today + chrono::Duration::days(offset);
            prop_assert_eq!(day(&day_.to_string(), today).is_ok(), (-730..=0).contains(&offset));
        }
    }
}
