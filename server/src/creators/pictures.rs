//! Pictures (K31, B45): the type is read from the content, the size before decoding; what is stored was encoded by us, without metadata.

use std::io::Cursor;

use entity::{
    creator,
    ids::{UploadId, UserId},
    upload,
};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, codecs::jpeg::JpegEncoder, codecs::webp::WebPEncoder};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, Set};
use tokio::sync::Semaphore;

use super::queries;
use crate::{
    app::App,
    auth::{
        actors::{Creator, Person},
        limits,
    },
    base::pictures::{MOST_BYTES, too_large},
    error::{Code, Error, Problem, Result, Wrong},
    events::Event,
    tx::Tx,
};

/// The most pixels: 40 million.
const MOST_PIXELS: u64 = 40_000_000;
/// How many pictures one person may have here; those not shown are forgotten after a day.
const QUOTA: u64 = 40;
/// How many proofs one person may have here; those not handed in are forgotten after a day.
const PROOF_QUOTA: u64 = 200;
/// Decoding takes much memory for a moment: so many at a time.
static DECODERS: Semaphore = Semaphore::const_new(2);

/// What a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To be shown to everybody.
    Picture,
    /// To prove figures: its words must stay readable, and only those who see the figures see it.
    Proof,
}

impl Use {
    /// The longer side of what is stored.
    fn side(self) -> u32 {
        match self {
            Self::Picture => 512,
            Self::Proof => 2048,
        }
    }

    fn quota(self) -> u64 {
        match self {
            Self::Picture => QUOTA,
            Self::Proof => PROOF_QUOTA,
        }
    }
}

/// A picture as it will be stored.
#[derive(Clone, Debug)]
pub struct Encoded {
    purpose: Use,
    content_type: &'static str,
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Encoded {
    /// Whether `stored` is this very picture.
    pub fn is(&self, stored: &upload::Model) -> bool {
        self.bytes == stored.bytes
    }
}

/// Takes a picture in.
pub async fn upload(app: &App, by: &Person, purpose: Use, sent: Vec<u8>) -> Result<upload::Model> {
    limits::take(app, limits::UPLOADS, &by.id().to_string()).await?;
    let encoded = encode(purpose, sent).await?;
    let tx = app.begin().await?;
    let alike = upload::Column::IsProof.eq(purpose == Use::Proof);
    let kept = upload::Entity::find().filter(upload::Column::UserId.eq(by.id())).filter(alike).count(tx.db()).await?;
    let most = purpose.quota();
    if kept >= most {
        return Err(Problem::new("file", Wrong::new(Code::LimitReached, "creators.problem.picture_quota").with("most", most)).into());
    }
    let row = store(&tx, by.id(), encoded).await?;
    tx.record(Event::new("upload.stored", row.id).by(by.id())).await?;
    tx.commit().await?;
    Ok(row)
}

/// Inside another operation: stores a picture that [`encode`] made.
pub async fn store(tx: &Tx, user: UserId, picture: Encoded) -> Result<upload::Model> {
    let row = upload::ActiveModel {
        id: Set(tx.id()),
        user_id: Set(user),
        content_type: Set(picture.content_type.to_owned()),
        width: Set(i32::try_from(picture.width)?),
        height: Set(i32::try_from(picture.height)?),
        bytes: Set(picture.bytes),
        is_proof: Set(picture.purpose == Use::Proof),
        created_at: Set(tx.now),
    };
    Ok(row.insert(tx.db()).await?)
}

/// Shows an uploaded picture on the profile. It must be the person's own.
pub async fn set_picture(app: &App, by: &Creator, id: UploadId) -> Result<creator::Model> {
    let tx = app.begin().await?;
    let own = upload::Entity::find_by_id(id)
        .filter(upload::Column::UserId.eq(by.user_id()))
        .filter(upload::Column::IsProof.eq(false))
        .count(tx.db())
        .await?;
    if own == 0 {
        return Err(Error::NotFound);
    }
    let mut row = queries::own_for_update(&tx, by).await?.into_active_model();
    row.picture_id = Set(Some(id));
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("creator.picture_set", after.id).by(by.user_id()).creator(after.id)).await?;
    tx.commit().await?;
    Ok(after)
}

/// Takes the uploaded picture off the profile; without one nothing happens. A network's copy shows again.
pub async fn remove_picture(app: &App, by: &Creator) -> Result<creator::Model> {
    let tx = app.begin().await?;
    let before = queries::own_for_update(&tx, by).await?;
    if before.picture_id.is_none() {
        return Ok(before);
    }
    let mut row = before.into_active_model();
    row.picture_id = Set(None);
    let after = row.update(tx.db()).await?;
    tx.record(Event::new("creator.picture_removed", after.id).by(by.user_id()).creator(after.id)).await?;
    tx.commit().await?;
    Ok(after)
}

/// Reads and re-encodes a picture, off the threads that answer requests.
pub async fn encode(purpose: Use, sent: Vec<u8>) -> Result<Encoded> {
    let _turn = DECODERS.acquire().await?;
    let encoded = tokio::task::spawn_blocking(move || encode_now(purpose, &sent)).await?;
    encoded.map_err(|wrong| Problem::new("file", wrong).into())
}

fn encode_now(purpose: Use, sent: &[u8]) -> Result<Encoded, Wrong> {
    let broken = |_| Wrong::new(Code::Invalid, "creators.problem.picture_broken");
    if sent.is_empty() {
        return Err(Wrong::required());
    }
    if sent.len() > MOST_BYTES {
        return Err(too_large());
    }
    let kind =
        image::guess_format(sent).ok().filter(|f| matches!(f, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif));
    let kind = kind.ok_or_else(|| Wrong::new(Code::Invalid, "creators.problem.picture_type"))?;
    let mut reader = ImageReader::with_format(Cursor::new(sent), kind);
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(MOST_PIXELS * 8);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Wrong::new(Code::Invalid, "creators.problem.picture_broken"))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Wrong::new(Code::TooLong, "creators.problem.picture_pixels"));
    }
    // Cameras turn their pictures by a note in the metadata, which will be gone.
    let turn = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let side = purpose.side();
    if width > side || height > side {
        picture = picture.resize(side, side, image::imageops::FilterType::CatmullRom);
    }
    picture.apply_orientation(turn);
    write(purpose, &picture)
}

fn write(purpose: Use, picture: &DynamicImage) -> Result<Encoded, Wrong> {
    let broken = |_| Wrong::new(Code::Invalid, "creators.problem.picture_broken");
    let mut bytes = Vec::new();
    let rgba = picture.to_rgba8();
    let content_type = if rgba.pixels().any(|p| p.0[3] != u8::MAX) {
        // Only this form keeps what shines through; for photographs it would be many times larger.
        rgba.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)).map_err(broken)?;
        "image/webp"
    } else {
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 86)).map_err(broken)?;
        "image/jpeg"
    };
    Ok(Encoded { purpose, content_type, width: picture.width(), height: picture.height(), bytes })
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    fn png(width: u32, height: u32, alpha: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(width, height, Rgba([200, 80, 40, alpha]));
        DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn large_pictures_shrink_and_keep_their_shape() {
        let stored = encode_now(Use::Picture, &png(2000, 1000, 255)).unwrap();
        assert_eq!((stored.width, stored.height, stored.content_type), (512, 256, "image/jpeg"));
        assert_eq!(image::guess_format(&stored.bytes).unwrap(), ImageFormat::Jpeg);
    }

    #[test]
    fn proofs_stay_readable() {
        let stored = encode_now(Use::Proof, &png(1290, 2796, 255)).unwrap();
        assert_eq!((stored.width, stored.height), (945, 2048));
    }

    #[test]
    fn small_ones_stay_and_what_shines_through_does() {
        let stored = encode_now(Use::Picture, &png(40, 30, 100)).unwrap();
        assert_eq!((stored.width, stored.height, stored.content_type), (40, 30, "image/webp"));
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_decoded() {
        // The header of a PNG of 60,000 × 60,000 pixels, and hardly any data.
        let mut bomb = png(1, 1, 255);
        bomb[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        assert!(encode_now(Use::Picture, &bomb).is_err());
    }

    #[test]
    fn other_things_are_no_pictures() {
        for sent in
            [&b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..], b"GIF89a", b"%PDF-1.7", b"\x89PNG\r\n\x1a\nrubbish", b""]
        {
            assert!(encode_now(Use::Picture, sent).is_err(), "{sent:?}");
        }
        assert!(encode_now(Use::Picture, &vec![0; MOST_BYTES + 1]).is_err());
    }

    proptest! {
        #[test]
        fn nothing_sent_panics(head in 0_usize..4, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
            let heads: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x10\0\0\0WEBP"];
            let _ = encode_now(Use::Picture, &[heads[head], &tail].concat());
        }
    }
}
