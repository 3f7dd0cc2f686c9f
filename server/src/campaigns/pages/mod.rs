//! Campaigns in the portal, for the brand's members: the table, a campaign's page, its form. [`Head`] is the top of every page of a
//! campaign; the pages of briefs and of creators use it too.

mod form;
mod head;
mod list;
mod overview;

pub(crate) use head::{Head, of_path};
pub(crate) use list::{Row, rows};

use crate::web::routes::{Routes, Who};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/b/{org}/campaigns", Who::Member, list::list);
    r.get("/b/{org}/campaigns.csv", Who::Member, list::csv);
    r.get("/b/{org}/campaigns/new", Who::Manager, form::new);
    r.post("/b/{org}/campaigns/new", Who::Manager, form::create);
    r.get("/b/{org}/campaigns/{campaign}", Who::Member, overview::overview);
    r.get("/b/{org}/campaigns/{campaign}/edit", Who::Manager, form::edit_page);
    r.post("/b/{org}/campaigns/{campaign}/edit", Who::Manager, form::edit);
    r.get("/b/{org}/campaigns/{campaign}/cancel", Who::Manager, overview::cancel_page);
    r.post("/b/{org}/campaigns/{campaign}/cancel", Who::Manager, overview::cancel);
    r.post("/b/{org}/campaigns/{campaign}/copy", Who::Manager, overview::copy);
    r.post("/b/{org}/campaigns/{campaign}/move", Who::Manager, overview::step);
}
