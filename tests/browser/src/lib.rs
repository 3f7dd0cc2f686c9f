//! Stories that need a real browser: scripts, layout, accessibility. Each drives its own headless Chromium against its own stage.

mod chromium;

pub use chromium::Chromium;

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod frame;
#[cfg(test)]
mod graphiql;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod pages;
