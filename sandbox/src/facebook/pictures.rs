//! Pictures of people and publications, drawn from their names.

use actix_web::{HttpResponse, web};

use crate::people::mixed;

/// A picture of five by five fields, mirrored, in a colour of its own: the same for the same name.
pub(super) async fn avatar(username: web::Path<String>) -> HttpResponse {
    const FIELD: u32 = 64;
    let seed = mixed(username.bytes().fold(0, |sum, byte| mixed(sum ^ u64::from(byte))));
    let [r, g, b, ..] = seed.to_be_bytes();
    let ink = image::Rgb([r / 2 + 40, g / 2 + 40, b / 2 + 40]);
    let paper = image::Rgb([245, 243, 238]);
    let picture = image::RgbImage::from_fn(FIELD * 5, FIELD * 5, |x, y| {
        let (column, row) = (x / FIELD, y / FIELD);
        let column = column.min(4 - column);
        if (seed >> (row * 3 + column)) & 1 == 1 { ink } else { paper }
    });
    let mut png = std::io::Cursor::new(Vec::new());
    match picture.write_to(&mut png, image::ImageFormat::Png) {
        Ok(()) => HttpResponse::Ok().content_type("image/png").body(png.into_inner()),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
