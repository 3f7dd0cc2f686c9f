//! For load balancers: is the process alive, and can it do its work.

use actix_web::{HttpResponse, web};
use sea_orm::ConnectionTrait;
use sea_orm_migration::MigratorTrait;

use crate::app::App;

/// `GET /healthz`: the process answers.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// `GET /readyz`: the database answers and has every change.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let answers = app.db().execute_unprepared("SELECT 1").await.is_ok();
    let migrated = answers && migration::Migrator::get_pending_migrations(app.db()).await.is_ok_and(|pending| pending.is_empty());
    match (answers, migrated) {
        (true, true) => HttpResponse::Ok().content_type("text/plain").body("ready\n"),
        (true, false) => HttpResponse::ServiceUnavailable().content_type("text/plain").body("the database lacks migrations\n"),
        (false, _) => HttpResponse::ServiceUnavailable().content_type("text/plain").body("the database does not answer\n"),
    }
}
