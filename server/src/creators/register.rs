//! A person becomes a creator: one profile a person, made by themselves.

use entity::{creator, enums::CreatorSource, user};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::rules::{self, Typed};
use crate::{
    app::App,
    auth::actors::Person,
    base::text,
    error::{Code, Problem, Result},
    events::Event,
    tx::{Tx, taken},
};

/// What the short form holds.
#[derive(Clone, Debug, Default)]
pub struct Register {
    /// The name that brands see; at most 80 characters.
    pub display_name: String,
    /// Two letters; empty = unknown.
    pub country: String,
    /// A category; empty = unset.
    pub main_category: String,
}

/// Makes the profile of a person who has none.
pub async fn register(app: &App, by: &Person, input: Register) -> Result<creator::Model> {
    let tx = app.begin().await?;
    let blank = blank(&tx, by.user(), "");
    let typed = Typed {
        display_name: Some(input.display_name),
        country: Some(input.country),
        main_category: Some(input.main_category),
        ..Typed::default()
    };
    let read = rules::profile(&blank, typed)?;
    let made = register_in(&tx, by.user(), &read.display_name).await?;
    let mut row = made.into_active_model();
    row.country = Set(read.country);
    row.main_category = Set(read.main_category);
    let made = row.update(tx.db()).await?;
    tx.commit().await?;
    Ok(made)
}

/// Inside another operation, such as a sign-up by invitation: makes the person's profile under a name that was read already.
pub async fn register_in(tx: &Tx, user: &user::Model, display_name: &str) -> Result<creator::Model> {
    let row = blank(tx, user, display_name).into_active_model().reset_all();
    // One profile a person, also when the form is sent twice at once: the database says so.
    let already = || Problem::whole(Code::AlreadyDone, "creators.problem.already_registered").into();
    let made = taken(row.insert(tx.db()).await, already)?;
    tx.record(Event::new("creator.registered", made.id).by(user.id).creator(made.id)).await?;
    Ok(made)
}

fn blank(tx: &Tx, user: &user::Model, display_name: &str) -> creator::Model {
    let bare = creator::Model::bare(tx.id(), display_name, text::search_key(display_name), CreatorSource::SignedUp, tx.now);
    creator::Model { user_id: Some(user.id), registered_at: Some(tx.now), ..bare }
}
