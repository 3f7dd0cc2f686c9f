//! The picture that a creator shows at their largest network, copied: shown from there it would tell the network who looks at whom, and
//! its address there ends within days.

use entity::{
    enums::{LinkMethod, LinkState},
    ids::{CreatorId, UploadId},
    network_account, network_link, upload,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Set, sea_query::NullOrdering,
};
use serde::{Deserialize, Serialize};

use super::{
    rules::{self, Reaction},
    write,
};
use crate::{
    app::App,
    creators::pictures::{self, Encoded, Use},
    error::{Error, Result},
    events::Event,
    jobs::queue::Job,
    tx::Tx,
};

/// The job's kind.
pub(super) const JOB: &str = "networks.picture";

/// Whose picture.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Copy {
    creator: CreatorId,
}

/// When an account was linked or unlinked, or has another picture. The job is not unique: one that runs now may have seen the old one.
pub(super) async fn copy_soon(tx: &Tx, creator: CreatorId) -> Result<()> {
    tx.job(Job::new(JOB, Copy { creator })).await
}

/// Makes the copy agree with the networks.
pub(super) async fn copy(app: &App, Copy { creator }: Copy) -> Result<()> {
    let read_from = source(app.db(), creator).await?;
    let picture = match &read_from {
        Some(account) => fetch(app, account).await?,
        None => None,
    };
    let tx = app.begin().await?;
    let before = write::owner_for_update(&tx, creator).await?;
    let Some(user) = before.user_id else { return Ok(()) };
    let address = |account: network_account::Model| (account.id, account.picture_url);
    if source(tx.db(), creator).await?.map(address) != read_from.map(address) {
        // The change has queued this job again.
        return Ok(());
    }
    if unchanged(&tx, before.network_picture_id, picture.as_ref()).await? {
        return Ok(());
    }
    let stored = match picture {
        Some(picture) => Some(pictures::store(&tx, user, picture).await?.id),
        None => None,
    };
    let mut row = before.into_active_model();
    row.network_picture_id = Set(stored);
    row.update(tx.db()).await?;
    tx.record(Event::new("creator.network_picture_set", creator).creator(creator)).await?;
    tx.commit().await
}

/// The largest of the accounts that the creator proved and that show a picture.
async fn source(db: &impl ConnectionTrait, creator: CreatorId) -> Result<Option<network_account::Model>> {
    let proven = network_link::Entity::find()
        .select_only()
        .column(network_link::Column::AccountId)
        .filter(network_link::Column::Method.eq(LinkMethod::Oauth))
        .filter(network_link::Column::State.is_in([LinkState::Verified, LinkState::NeedsReauth]));
    Ok(network_account::Entity::find()
        .filter(network_account::Column::CreatorId.eq(creator))
        .filter(network_account::Column::PictureUrl.ne(""))
        .filter(network_account::Column::Id.in_subquery(proven.into_query()))
        .order_by_with_nulls(network_account::Column::Followers, Order::Desc, NullOrdering::Last)
        .order_by_asc(network_account::Column::Id)
        .one(db)
        .await?)
}

/// None: there is no picture to be had there.
async fn fetch(app: &App, account: &network_account::Model) -> Result<Option<Encoded>> {
    let given_up = |why: &dyn std::fmt::Display| tracing::info!(account = %account.id, %why, "a picture could not be copied");
    let url = match account.picture_url.parse() {
        Ok(url) => url,
        Err(error) => {
            given_up(&error);
            return Ok(None);
        }
    };
    let answer = match app.public.get(rules::outside(account.network), "picture", url).await {
        Ok(answer) => answer,
        Err(error) if rules::reaction(&error.kind) == Reaction::Again => return Err(error.into()),
        Err(error) => {
            given_up(&error);
            return Ok(None);
        }
    };
    match pictures::encode(Use::Picture, answer.body).await {
        Ok(picture) => Ok(Some(picture)),
        Err(Error::User(_)) => {
            given_up(&"it is no picture that we read");
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

/// Networks give the same picture under ever new addresses.
async fn unchanged(tx: &Tx, stored: Option<UploadId>, picture: Option<&Encoded>) -> Result<bool> {
    let stored = match stored {
        Some(id) => upload::Entity::find_by_id(id).one(tx.db()).await?,
        None => None,
    };
    Ok(match (stored, picture) {
        (Some(stored), Some(picture)) => picture.is(&stored),
        (None, None) => true,
        _ => false,
    })
}
