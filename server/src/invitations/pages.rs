//! Invitations in the portal: the way from a mail to a joined campaign, the brand's way to send them, and the way out of further mail.

mod answer;
mod mailing;
mod send;

use crate::web::routes::{Routes, Who};

/// The routes of this slice.
pub fn routes(r: &mut Routes<'_>) {
    r.get("/i/{token}", Who::Token, answer::open);
    r.get("/invitation", Who::Anyone, answer::show);
    r.get("/invitation/join", Who::Anyone, answer::join_page);
    r.post("/invitation/join", Who::Anyone, answer::join);
    r.post("/invitation/accept", Who::Person, answer::accept);
    r.get("/invitation/decline", Who::Anyone, answer::decline_page);
    r.post("/invitation/decline", Who::Anyone, answer::decline);
    r.post("/invitation/renew", Who::Anyone, answer::renew);
    r.get("/invitation/renewed", Who::Anyone, answer::renewed);
    r.get("/c/invitations/{id}", Who::Creator, answer::own);
    r.post("/c/invitations/{id}/accept", Who::Creator, answer::accept_own);
    r.get("/c/invitations/{id}/decline", Who::Creator, answer::decline_own_page);
    r.post("/c/invitations/{id}/decline", Who::Creator, answer::decline_own);
    r.post("/c/invitations/{id}/renew", Who::Creator, answer::renew_own);
    r.get("/unsubscribe/{token}", Who::Token, mailing::show);
    r.post("/unsubscribe/{token}", Who::Token, mailing::change);
    r.get("/b/{org}/invite", Who::Manager, send::choose);
    r.get("/b/{org}/campaigns/{campaign}/invite", Who::Manager, send::form);
    r.post("/b/{org}/campaigns/{campaign}/invite", Who::Manager, send::send);
    r.post("/b/{org}/campaigns/{campaign}/invitations/bulk", Who::Manager, send::bulk);
    r.post("/b/{org}/campaigns/{campaign}/invitations/{id}/resend", Who::Manager, send::resend);
    r.post("/b/{org}/campaigns/{campaign}/invitations/{id}/withdraw", Who::Manager, send::withdraw);
}
