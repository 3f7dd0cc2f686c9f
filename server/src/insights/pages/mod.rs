//! Insights in the portal: the creator's analysis as brands see it, the brand's tabs of a creator, the public page by the creator's choice, and
//! the page that explains every figure.

mod brand;
mod change;
mod estimates;
mod fans;
mod figures;
mod metrics;
mod own;
mod places;
mod public;
pub(crate) mod shown;
mod tables;

pub(crate) use brand::tabs;
pub(crate) use own::{Summary, summary};

use crate::web::{
    routes::{Routes, Who},
    urls,
};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get(urls::ANALYSIS, Who::Creator, own::analysis);
    r.post("/c/analysis/refresh", Who::Creator, own::refresh);
    r.get("/c/analysis/page", Who::Creator, own::page);
    r.post("/c/analysis/page", Who::Creator, own::publish);
    r.post("/c/analysis/page/hide", Who::Creator, own::hide);
    r.get("/b/{org}/creators/{id}/analysis", Who::Member, brand::overview);
    r.get("/b/{org}/creators/{id}/content", Who::Member, brand::content_tab);
    r.get("/b/{org}/creators/{id}/audience", Who::Member, brand::audience);
    r.get("/b/{org}/creators/{id}/safety", Who::Member, brand::safety);
    r.get("/b/{org}/creators/{id}/collaborations", Who::Member, brand::collaborations);
    tables::routes(r);
    r.get(urls::METRICS, Who::Anyone, metrics::explained);
    r.get("/s/{slug}", Who::Anyone, public::score);
    r.get("/s/{slug}/media-kit", Who::Anyone, public::media_kit);
    r.get("/s/{slug}/certificate", Who::Anyone, public::certificate);
    r.get("/.well-known/jwks.json", Who::Anyone, public::keys);
}

/// A public score page.
pub fn address(slug: &str) -> String {
    format!("/s/{slug}")
}
