//! The portal's own room: routes, pages, forms, notices, and the guards that every request passes.

pub mod assets;
pub mod download;
pub mod errors;
pub mod forms;
pub mod guards;
pub mod health;
pub mod layout;
pub mod lists;
pub mod notice;
pub mod pages;
pub mod routes;
pub mod urls;
