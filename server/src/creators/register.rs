//! A person becomes a creator: one profile a person, made by themselves.

use entity::{
    creator,
    enums::{CreatorKind, CreatorSource},
    json::Words,
    user,
};
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
    creator::Model {
        id: tx.id(),
        user_id: Some(user.id),
        display_name: display_name.to_owned(),
        name_key: text::search_key(display_name),
        kana: String::new(),
        intro_en: String::new(),
        intro_ja: String::new(),
        main_category: String::new(),
        skills: Words::default(),
        picture_id: None,
        kind: CreatorKind::Social,
        country: String::new(),
        prefecture: String::new(),
        source: CreatorSource::SignedUp,
        registered_at: Some(tx.now),
        vetted_at: None,
        created_at: tx.now,
    }
}
