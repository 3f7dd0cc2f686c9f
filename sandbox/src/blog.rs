//! Pages of people's own under `/blog`: whatever address is asked for has one, with comments of visitors in its body.

use actix_web::{HttpResponse, web};

use crate::world::World;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/{path:.*}", web::get().to(page));
}

/// What its owner wrote stands in the head; what anybody wrote, in the body.
async fn page(world: web::Data<World>, path: web::Path<String>) -> HttpResponse {
    let path = path.trim_end_matches('/');
    let (head, said) = (world.written("blog", path), world.written("blog comment", path));
    let body = format!(
        "<!DOCTYPE html><html lang=\"ja\"><head><meta charset=\"utf-8\"><title>Demo page</title>{head}</head><body><h1>Demo page</h1><p>{said}</p></body></html>"
    );
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(body)
}
