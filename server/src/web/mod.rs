//! The portal's own room: routes, pages, forms, notices, and the guards that every request passes.

pub mod assets;
pub mod charts;
pub mod download;
pub mod errors;
pub mod forms;
pub mod guards;
pub mod health;
pub mod layout;
pub mod lists;
pub mod notice;
pub mod pages;
mod parts;
pub mod routes;
pub mod upload;
pub mod urls;
pub mod zones;
