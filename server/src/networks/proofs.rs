//! Pictures of a network's own page beside figures that a creator hands in (K23): who sees the figures sees them, and a platform admin
//! says whether they show what was handed in. That word changes no figure: all of them stay the creator's own.

use entity::{
    enums::{ConsentPurpose, ManualInsightState, ProofReview},
    ids::{ManualInsightId, UploadId},
    manual_insight, upload,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, QueryTrait, Select,
    Set, sea_query::LockType,
};

use crate::{
    app::App,
    auth::actors::{Admin, Creator, Member},
    base::{
        paging::{Page, Slice},
        text,
    },
    consents, creators,
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// Whose eyes see figures that were handed in.
#[derive(Clone, Copy, Debug)]
pub enum Eyes<'a> {
    /// A creator's: their own.
    Creator(&'a Creator),
    /// A member's: what the organisation asked for, and what creators who show their insights to brands gave of their own accord.
    Member(&'a Member),
    /// An admin's: what has a picture.
    Admin(&'a Admin),
}

impl Eyes<'_> {
    /// What these eyes see.
    pub(crate) fn see(self) -> Select<manual_insight::Entity> {
        let all = manual_insight::Entity::find();
        match self {
            Self::Creator(by) => all.filter(manual_insight::Column::CreatorId.eq(by.id())),
            Self::Member(by) => {
                let seen = creators::queries::seen_by(by.into()).select_only().column(entity::creator::Column::Id);
                let shared = Condition::all()
                    .add(manual_insight::Column::OrgId.is_null())
                    .add(manual_insight::Column::State.eq(ManualInsightState::HandedIn))
                    .add(
                        manual_insight::Column::CreatorId
                            .in_subquery(consents::queries::who_holds(ConsentPurpose::InsightShare).into_query()),
                    )
                    .add(manual_insight::Column::CreatorId.in_subquery(seen.into_query()));
                all.filter(Condition::any().add(manual_insight::Column::OrgId.eq(by.org())).add(shared))
            }
            Self::Admin(_) => all.filter(manual_insight::Column::ProofId.is_not_null()),
        }
    }
}

/// Inside the handing in: the picture must be the creator's own, sent in as a proof, and not handed in before.
pub(super) async fn own_in(tx: &Tx, by: &Creator, typed: &str) -> Result<std::result::Result<Option<UploadId>, Wrong>> {
    let wrong = || Ok(Err(Wrong::new(Code::Invalid, "networks.problem.proof")));
    if typed.trim().is_empty() {
        return Ok(Ok(None));
    }
    let Ok(id) = typed.trim().parse::<UploadId>() else { return wrong() };
    let found = upload::Entity::find_by_id(id)
        .select_only()
        .column(upload::Column::Id)
        .filter(upload::Column::UserId.eq(by.user_id()))
        .filter(upload::Column::IsProof.eq(true))
        .into_tuple::<UploadId>()
        .one(tx.db())
        .await?;
    let taken = manual_insight::Entity::find().filter(manual_insight::Column::ProofId.eq(id)).one(tx.db()).await?;
    if found.is_none() || taken.is_some() { wrong() } else { Ok(Ok(Some(id))) }
}

/// The picture beside figures, for whoever sees those.
pub async fn picture(db: &impl ConnectionTrait, eyes: Eyes<'_>, id: ManualInsightId) -> Result<upload::Model> {
    let row = one(db, eyes, id).await?;
    upload::Entity::find_by_id(row.proof_id.ok_or(Error::NotFound)?).one(db).await?.ok_or(Error::NotFound)
}

/// Figures that were handed in, for whoever sees them.
pub async fn one(db: &impl ConnectionTrait, eyes: Eyes<'_>, id: ManualInsightId) -> Result<manual_insight::Model> {
    eyes.see().filter(manual_insight::Column::Id.eq(id)).one(db).await?.ok_or(Error::NotFound)
}

/// Which pictures an admin looks through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those that nobody has looked at.
    #[default]
    Waiting,
    /// Those with this word.
    Said(ProofReview),
    /// All of them.
    All,
}

impl std::str::FromStr for Which {
    type Err = ();

    fn from_str(typed: &str) -> std::result::Result<Self, ()> {
        match typed {
            "waiting" => Ok(Self::Waiting),
            "all" => Ok(Self::All),
            said => said.parse().map(Self::Said),
        }
    }
}

/// What has a picture, the newest first; for platform admins.
pub async fn list(db: &impl ConnectionTrait, by: &Admin, which: Which, slice: Slice) -> Result<Page<manual_insight::Model>> {
    let all = Eyes::Admin(by).see();
    let query = match which {
        Which::Waiting => all.filter(manual_insight::Column::Review.is_null()),
        Which::Said(review) => all.filter(manual_insight::Column::Review.eq(review)),
        Which::All => all,
    };
    slice.newest(db, query, manual_insight::Column::Id, |row| row.id).await
}

/// A platform admin says what a picture shows; may be said again, since people err. A refusal tells why.
pub async fn review(app: &App, by: &Admin, id: ManualInsightId, said: &str, note: &str) -> Result<manual_insight::Model> {
    let tx = app.begin().await?;
    let mut problems = Vec::new();
    let said: std::result::Result<ProofReview, ()> =
        said.parse().map_err(|()| problems.push(Problem::new("review", Wrong::new(Code::Invalid, "base.problem.choice"))));
    let mut note = text::optional_line(note, 500).map_err(|wrong| problems.push(Problem::new("note", wrong)));
    if said == Ok(ProofReview::Refused) && note.as_ref().is_ok_and(String::is_empty) {
        problems.push(Problem::new("note", Wrong::new(Code::Required, "networks.problem.refused_why")));
        note = Err(());
    }
    let (Ok(said), Ok(note)) = (said, note) else { return Err(Error::User(problems)) };
    let row = manual_insight::Entity::find_by_id(id)
        .filter(manual_insight::Column::ProofId.is_not_null())
        .lock(LockType::Update)
        .one(tx.db())
        .await?
        .ok_or(Error::NotFound)?;
    let org = row.org_id;
    let mut row = row.into_active_model();
    row.review = Set(Some(said));
    row.review_note = Set(note);
    row.reviewed_at = Set(Some(tx.now));
    row.reviewed_by = Set(Some(by.person().id()));
    let row = row.update(tx.db()).await?;
    let mut event = Event::new("network.proof_reviewed", id).by(by.person().id()).creator(row.creator_id);
    if let Some(org) = org {
        event = event.org(org);
    }
    tx.record(event).await?;
    tx.commit().await?;
    Ok(row)
}
