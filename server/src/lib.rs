//! Hibiki: the open, self-hosted platform for influencer marketing. A folder per noun, a file per verb, two thin faces on each.
//!
//! Read `ARCHITECTURE.md` first. Below are the rooms, and then the slices in their order: a slice may call operations of slices above
//! it, never below; its faces may read any.

rust_i18n::i18n!("../locales", fallback = "en");

// The rooms.
pub mod app;
pub mod auth;
pub mod base;
pub mod config;
pub mod error;
pub mod events;
pub mod files;
pub mod graph;
pub mod idempotency;
pub mod jobs;
pub mod mail;
pub mod server;
pub mod tx;
pub mod web;

// The slices, in order.
pub mod accounts;
pub mod organisations;
pub mod creators;
pub mod consents;
pub mod networks;
pub mod insights;
pub mod offerings;
pub mod campaigns;
pub mod participations;
pub mod briefs;
pub mod conversations;
pub mod invitations;
pub mod webhooks;
pub mod activity;

// On top of all of them: the operator's view, which reads everywhere and writes nothing by itself; the demo's world, and a
// large one for measuring; the command line.
pub mod admin;
pub mod audit;
pub mod cli;
pub mod demo;
pub mod seed;

use auth::actors::{Acting, Person};

/// Every kind of job, for the worker.
pub fn handlers() -> Vec<jobs::Handler> {
    [
        mail::jobs::HANDLERS,
        accounts::jobs::HANDLERS,
        organisations::jobs::HANDLERS,
        creators::jobs::HANDLERS,
        networks::jobs::HANDLERS,
        insights::jobs::HANDLERS,
        offerings::jobs::HANDLERS,
        conversations::jobs::HANDLERS,
        invitations::jobs::HANDLERS,
        webhooks::jobs::HANDLERS,
        activity::jobs::HANDLERS,
    ]
    .concat()
}

/// What the worker looks at again and again beside the jobs: letters, webhooks, readings of accounts.
pub fn queues() -> Vec<jobs::Queue> {
    vec![|app| Box::pin(async move { mail::deliver::due(&app).await }), |app| Box::pin(async move { webhooks::turn(&app).await }), |app| {
        Box::pin(async move { networks::sync::turn(&app).await })
    }]
}

/// Every route, for the server and for the authority test.
pub fn routes(r: &mut web::routes::Routes<'_>) {
    web::pages::routes(r);
    mail::page::routes(r);
    accounts::pages::routes(r);
    organisations::pages::routes(r);
    creators::pages::routes(r);
    consents::pages::routes(r);
    networks::pages::routes(r);
    insights::pages::routes(r);
    offerings::pages::routes(r);
    campaigns::pages::routes(r);
    participations::pages::routes(r);
    briefs::pages::routes(r);
    conversations::pages::routes(r);
    invitations::pages::routes(r);
    webhooks::pages::routes(r);
    activity::pages::routes(r);
    admin::pages::routes(r);
    audit::pages::routes(r);
}

/// How many conversations wait for the reader, and how many things that happened call for attention; for the navigation.
pub(crate) async fn waiting(app: &app::App, acting: &Acting, person: &Person) -> error::Result<(u64, u64)> {
    let db = app.db();
    match acting {
        Acting::Creator(..) => {
            let by = auth::actors::creator(db, person.clone()).await?;
            let unread = conversations::queries::unread_threads_of_creator(db, &by).await?;
            Ok((unread, activity::queries::count_unseen(db, (&by).into()).await?))
        }
        Acting::Org(org, ..) => {
            let by = auth::actors::member(db, person.clone(), *org, app.clock.now()).await?;
            let unread = conversations::queries::unread_threads_of_member(db, &by).await?;
            Ok((unread, activity::queries::count_unseen(db, (&by).into()).await?))
        }
        Acting::Admin => match auth::actors::admin(person.clone()) {
            Ok(by) => Ok((0, activity::queries::count_unseen(db, (&by).into()).await?)),
            // Nothing is shown before the second factor.
            Err(_) => Ok((0, 0)),
        },
    }
}
