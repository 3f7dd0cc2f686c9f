//! The small picture of a publication, passed through: shown from the network it would tell the network who looks at what. Its address there
//! ends within days and is told anew with each reading, so that nothing is kept here.

use connectors::ErrorKind;
use entity::{ids::PostId, post};

use super::{rules, sync::queries as readings};
use crate::{
    app::App,
    auth::{
        actors::{Creator, Member, Person},
        limits as rates,
    },
    error::{Error, Result},
    files,
};

/// A picture, and what its own bytes say it is.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The bytes.
    pub body: Vec<u8>,
    /// Such as `image/jpeg`.
    pub content_type: &'static str,
}

/// Of a publication of the creator's own. Not found: the network gives none, no longer, or something that is no picture.
pub async fn own(app: &App, by: &Creator, id: PostId) -> Result<Picture> {
    pass(app, by.person(), readings::own_post(app.db(), by, id).await?).await
}

/// Of a publication of a creator whom the member sees, while the network shows it.
pub async fn seen(app: &App, by: &Member, id: PostId) -> Result<Picture> {
    pass(app, by.person(), readings::seen_post(app.db(), by, id).await?).await
}

async fn pass(app: &App, person: &Person, row: post::Model) -> Result<Picture> {
    let url = row.thumbnail_url.parse().map_err(|_| Error::NotFound)?;
    rates::take(app, rates::THUMBNAILS, &person.id().to_string()).await?;
    let body = match app.public.get(rules::outside(row.network), "thumbnail", url).await {
        Ok(answer) => answer.body,
        Err(error) => {
            if !matches!(error.kind, ErrorKind::NotFound | ErrorKind::Gone) {
                tracing::info!(%error, post = %row.id, "a picture could not be had");
            }
            return Err(Error::NotFound);
        }
    };
    match files::content_type(&body).filter(|kind| kind.starts_with("image/")) {
        Some(content_type) => Ok(Picture { body, content_type }),
        None => Err(Error::NotFound),
    }
}
