//! Reads of invitations: the brand's through the member, the creator's through the creator, a link's through its token.

use std::collections::HashMap;

use entity::{
    batch, brief, campaign, creator,
    enums::{BriefState, EmailSource, InvitationState},
    ids::{BatchId, CampaignId, CreatorId, InvitationId, ParticipationId},
    invitation, invitation_token,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{Expr, LockType},
};

use super::{Answer, rules};
use crate::{
    accounts,
    app::App,
    auth::{
        actors::{Creator, Member, Person},
        tokens,
    },
    base::paging::{Cursor, Page, Slice},
    creators,
    error::{Error, Result},
    tx::Tx,
};

/// Which invitations are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one campaign.
    pub campaign: Option<CampaignId>,
    /// Of one bulk action.
    pub batch: Option<BatchId>,
    /// In one of these states; none = all.
    pub states: Vec<InvitationState>,
}

impl Filter {
    fn apply(&self, mut query: Select<invitation::Entity>) -> Select<invitation::Entity> {
        if let Some(campaign) = self.campaign {
            query = query.filter(invitation::Column::CampaignId.eq(campaign));
        }
        if let Some(batch) = self.batch {
            query = query.filter(invitation::Column::BatchId.eq(batch));
        }
        if !self.states.is_empty() {
            query = query.filter(invitation::Column::State.is_in(self.states.iter().copied()));
        }
        query
    }
}

/// The organisation's invitations, the newest first.
pub async fn of_org(db: &impl ConnectionTrait, by: &Member, filter: &Filter, slice: Slice) -> Result<Page<invitation::Model>> {
    let query = filter.apply(invitation::Entity::find().filter(invitation::Column::OrgId.eq(by.org())));
    page(db, query, slice).await
}

/// What belongs to a creator: invitations to them, and those to their mailbox under another profile.
fn theirs(by: &Creator) -> Condition {
    Condition::any()
        .add(invitation::Column::CreatorId.eq(by.id()))
        .add(invitation::Column::EmailKey.eq(by.person().user().email_key.clone()))
}

/// The creator's invitations, the newest first.
pub async fn of_creator(db: &impl ConnectionTrait, by: &Creator, filter: &Filter, slice: Slice) -> Result<Page<invitation::Model>> {
    let query = filter.apply(invitation::Entity::find().filter(theirs(by)));
    page(db, query, slice).await
}

async fn page(db: &impl ConnectionTrait, mut query: Select<invitation::Entity>, slice: Slice) -> Result<Page<invitation::Model>> {
    let down = slice.descends(true);
    if let Some(from) = slice.key::<InvitationId>()? {
        let id = invitation::Column::Id;
        query = query.filter(if down { id.lt(from) } else { id.gt(from) });
    }
    let order = if down { Order::Desc } else { Order::Asc };
    let rows = query.order_by(invitation::Column::Id, order).limit(slice.limit()).all(db).await?;
    Ok(slice.into_page(rows, |row| Cursor::of(&row.id)))
}

/// One of the organisation's.
pub async fn one_of_org(db: &impl ConnectionTrait, by: &Member, id: InvitationId) -> Result<invitation::Model> {
    own(by).filter(invitation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's.
pub(super) fn own(by: &Member) -> Select<invitation::Entity> {
    invitation::Entity::find().filter(invitation::Column::OrgId.eq(by.org()))
}

/// One of the creator's.
pub async fn one_of_creator(db: &impl ConnectionTrait, by: &Creator, id: InvitationId) -> Result<invitation::Model> {
    to_creator(by).filter(invitation::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The creator's.
pub(super) fn to_creator(by: &Creator) -> Select<invitation::Entity> {
    invitation::Entity::find().filter(theirs(by))
}

/// One of the organisation's, locked.
pub async fn of_member_for_update(tx: &Tx, by: &Member, id: InvitationId) -> Result<invitation::Model> {
    let query = invitation::Entity::find_by_id(id).filter(invitation::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// The invitation of a link or of an id, for reading.
pub async fn by_answer(app: &App, answer: &Answer) -> Result<invitation::Model> {
    find(app.db(), answer, false).await
}

/// The invitation that is answered, locked. Whoever is signed in must be the one who was invited: another person's session cannot
/// spend a link. Without a session the link itself is the proof; an id alone is none.
pub(super) async fn answerable(tx: &Tx, answer: &Answer, by: Option<&Person>) -> Result<invitation::Model> {
    // The campaign first, as whatever moves a campaign with its invitations does: it may be cancelled at this moment.
    let asked = find(tx.db(), answer, false).await?;
    campaign::Entity::find_by_id(asked.campaign_id).lock(LockType::Share).one(tx.db()).await?;
    let found = find(tx.db(), answer, true).await?;
    match by {
        Some(by) if is_for(tx.db(), &found, by).await? => Ok(found),
        Some(_) => match answer {
            Answer::Token(_) => Err(Error::Forbidden("invitations.forbidden.other_person")),
            Answer::Id(_) => Err(Error::NotFound),
        },
        None => match answer {
            Answer::Token(_) => Ok(found),
            Answer::Id(_) => Err(Error::SignIn),
        },
    }
}

/// Whether the invited person has an account: by the address, or since the invitation went to a registered creator.
pub async fn has_account(db: &impl ConnectionTrait, row: &invitation::Model) -> Result<bool> {
    Ok(row.email_source == EmailSource::Registered || accounts::queries::by_email(db, &row.email_key).await?.is_some())
}

/// Whether an invitation is for this person.
pub async fn is_for(db: &impl ConnectionTrait, row: &invitation::Model, by: &Person) -> Result<bool> {
    let creator = creators::queries::of_user(db, by.id()).await?.map(|c| c.id);
    Ok(rules::may_spend(row, &by.user().email_key, creator))
}

async fn find(db: &impl ConnectionTrait, answer: &Answer, lock: bool) -> Result<invitation::Model> {
    let id = match answer {
        Answer::Id(id) => *id,
        Answer::Token(token) => {
            let hash = tokens::hash(token);
            let link = invitation_token::Entity::find().filter(invitation_token::Column::TokenHash.eq(hash)).one(db).await?;
            link.ok_or(Error::NotFound)?.invitation_id
        }
    };
    let mut query = invitation::Entity::find_by_id(id);
    if lock {
        query = query.lock(LockType::Update);
    }
    query.one(db).await?.ok_or(Error::NotFound)
}

/// The links that were mailed stop working; their unsubscribe halves live on.
pub(super) async fn kill_links(tx: &Tx, id: InvitationId) -> Result<()> {
    let rows = invitation_token::Entity::find().filter(invitation_token::Column::InvitationId.eq(id)).all(tx.db()).await?;
    for row in rows {
        invitation_token::Entity::update_many()
            .col_expr(invitation_token::Column::TokenHash, Expr::value(tokens::dead(row.id)))
            .filter(invitation_token::Column::Id.eq(row.id))
            .exec(tx.db())
            .await?;
    }
    Ok(())
}

/// How many mails an invitation has caused, and when the last was queued.
pub(super) async fn letters(db: &impl ConnectionTrait, id: InvitationId) -> Result<(usize, Option<chrono::DateTime<chrono::Utc>>)> {
    let rows = invitation_token::Entity::find().filter(invitation_token::Column::InvitationId.eq(id)).all(db).await?;
    Ok((rows.len(), rows.iter().map(|row| row.created_at).max()))
}

/// A campaign by id, for those who hold an invitation to it.
pub async fn campaign(db: &impl ConnectionTrait, id: CampaignId) -> Result<campaign::Model> {
    campaign::Entity::find_by_id(id).one(db).await?.ok_or(Error::NotFound)
}

/// A campaign of the organisation, locked: of two who invite at once the second sees whom the first has invited.
pub(super) async fn campaign_for_update(tx: &Tx, by: &Member, id: CampaignId) -> Result<campaign::Model> {
    let query = campaign::Entity::find_by_id(id).filter(campaign::Column::OrgId.eq(by.org()));
    query.lock(LockType::Update).one(tx.db()).await?.ok_or(Error::NotFound)
}

/// A campaign of the organisation.
pub async fn campaign_of(db: &impl ConnectionTrait, by: &Member, id: CampaignId) -> Result<campaign::Model> {
    let query = campaign::Entity::find_by_id(id).filter(campaign::Column::OrgId.eq(by.org()));
    query.one(db).await?.ok_or(Error::NotFound)
}

/// What creators are promised in several campaigns: their published briefs.
pub async fn published_briefs(
    db: &impl ConnectionTrait,
    campaigns: impl Iterator<Item = CampaignId>,
) -> Result<HashMap<CampaignId, brief::Model>> {
    let rows = brief::Entity::find()
        .filter(brief::Column::CampaignId.is_in(campaigns))
        .filter(brief::Column::State.eq(BriefState::Published))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.campaign_id, row)).collect())
}

/// The brief that invitations to a campaign show.
pub async fn published_brief(db: &impl ConnectionTrait, campaign: CampaignId) -> Result<Option<brief::Model>> {
    Ok(published_briefs(db, std::iter::once(campaign)).await?.remove(&campaign))
}

/// A bulk action of the organisation.
pub async fn batch(db: &impl ConnectionTrait, by: &Member, id: BatchId) -> Result<batch::Model> {
    batches(by).filter(batch::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// The organisation's bulk actions.
pub(super) fn batches(by: &Member) -> Select<batch::Entity> {
    batch::Entity::find().filter(batch::Column::OrgId.eq(by.org()))
}

/// How far a bulk action is: how many of its mails have left or failed for good.
pub async fn done(db: &impl ConnectionTrait, by: &Member, batch: &batch::Model) -> Result<i32> {
    let waiting = invitation::Entity::find()
        .filter(invitation::Column::OrgId.eq(by.org()))
        .filter(invitation::Column::BatchId.eq(batch.id))
        .filter(invitation::Column::State.eq(InvitationState::Queued))
        .count(db)
        .await?;
    Ok(batch.total - i32::try_from(waiting)?)
}

/// The latest invitation of each of these participations, for a table of them: one that may be or was accepted before one that came to
/// nothing, since a merged profile can bring further ones.
pub async fn latest_of(
    db: &impl ConnectionTrait,
    by: &Member,
    participations: impl Iterator<Item = ParticipationId>,
) -> Result<HashMap<ParticipationId, invitation::Model>> {
    let mut rows = invitation::Entity::find()
        .filter(invitation::Column::OrgId.eq(by.org()))
        .filter(invitation::Column::ParticipationId.is_in(participations))
        .order_by_asc(invitation::Column::Id)
        .all(db)
        .await?;
    rows.sort_by_key(|row| matches!(row.state, InvitationState::Queued | InvitationState::Sent | InvitationState::Accepted));
    Ok(rows.into_iter().map(|row| (row.participation_id, row)).collect())
}

/// The addresses that this organisation has used for these creators, so that nobody types one twice.
pub async fn addresses(db: &impl ConnectionTrait, by: &Member, creators: &[CreatorId]) -> Result<HashMap<CreatorId, String>> {
    let rows: Vec<(CreatorId, String)> = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::CreatorId)
        .column(invitation::Column::Email)
        .filter(invitation::Column::OrgId.eq(by.org()))
        .filter(invitation::Column::CreatorId.is_in(creators.iter().copied()))
        .filter(invitation::Column::EmailSource.eq(EmailSource::BrandEntered))
        .filter(invitation::Column::State.ne(InvitationState::Bounced))
        .order_by_asc(invitation::Column::Id)
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The campaigns of the organisation to which creators can be invited now: recruiting, with a published brief. The newest first.
pub async fn recruiting(db: &impl ConnectionTrait, by: &Member) -> Result<Vec<campaign::Model>> {
    let briefed = brief::Entity::find()
        .select_only()
        .column(brief::Column::CampaignId)
        .filter(brief::Column::OrgId.eq(by.org()))
        .filter(brief::Column::State.eq(BriefState::Published))
        .into_query();
    Ok(campaign::Entity::find()
        .filter(campaign::Column::OrgId.eq(by.org()))
        .filter(campaign::Column::State.is_in(rules::RECRUITS.iter().copied()))
        .filter(campaign::Column::Id.in_subquery(briefed))
        .order_by_desc(campaign::Column::Id)
        .limit(100)
        .all(db)
        .await?)
}

/// The latest bulk action of a campaign.
pub async fn latest_batch(db: &impl ConnectionTrait, by: &Member, campaign: CampaignId) -> Result<Option<batch::Model>> {
    Ok(batch::Entity::find()
        .filter(batch::Column::OrgId.eq(by.org()))
        .filter(batch::Column::CampaignId.eq(campaign))
        .order_by_desc(batch::Column::Id)
        .one(db)
        .await?)
}

/// The names of the creators whom these invitations are to.
pub async fn names(
    db: &impl ConnectionTrait,
    by: &Member,
    ids: impl IntoIterator<Item = InvitationId>,
) -> Result<HashMap<InvitationId, String>> {
    let rows: Vec<(InvitationId, String)> = invitation::Entity::find()
        .select_only()
        .column(invitation::Column::Id)
        .column(creator::Column::DisplayName)
        .join(
            JoinType::InnerJoin,
            invitation::Entity::belongs_to(creator::Entity).from(invitation::Column::CreatorId).to(creator::Column::Id).into(),
        )
        .filter(invitation::Column::OrgId.eq(by.org()))
        .filter(invitation::Column::Id.is_in(ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}
