//! A personal API token for exactly one actor. Its text is shown once.

use chrono::{DateTime, Utc};
use entity::{api_token, enums::Hat, json::Words};
use sea_orm::{ActiveModelTrait, Set};

use super::{prove, queries, rules};
use crate::{
    app::App,
    auth::{
        actors::{self, Person},
        tokens::Token,
    },
    base::text,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// How many live tokens a person may have.
const MOST: usize = 50;

/// What the form holds.
#[derive(Clone, Debug, Default)]
pub struct NewToken {
    /// To tell it apart.
    pub name: String,
    /// `creator`, `admin`, `person` or an organisation's id.
    pub actor: String,
    /// `read`, `write`.
    pub scopes: Vec<String>,
    /// How many days it shall live.
    pub days: String,
    /// Needed unless the password was given lately.
    pub current_password: String,
}

/// Makes a token from a session; a token cannot make tokens.
pub async fn create_token(app: &App, by: &Person, input: NewToken) -> Result<(api_token::Model, Token)> {
    let now = app.clock.now();
    let mut check = Check::default();
    let name = check.take("name", text::line(&input.name, 60));
    let hat = check.take("actor", rules::hat(&input.actor));
    let scopes = check.take("scopes", rules::scopes(&input.scopes));
    let until = check.take("days", rules::token_end(now, &input.days));
    let (name, hat, scopes, until) = check.all((name, hat, scopes, until))?;
    prove::needed(app, by, &input.current_password).await?;
    let live = queries::tokens(app.db(), by).await?.iter().filter(|t| t.revoked_at.is_none() && now < t.expires_at).count();
    if live >= MOST {
        return Err(Problem::new("", Wrong::new(Code::LimitReached, "base.problem.too_many").with("most", MOST)).into());
    }
    grant(app, by, &name, hat, scopes, until).await
}

/// Writes the token of a person who has proven who they are.
pub(super) async fn grant(
    app: &App,
    by: &Person,
    name: &str,
    (hat, org): (Hat, Option<entity::ids::OrgId>),
    scopes: Vec<String>,
    until: DateTime<Utc>,
) -> Result<(api_token::Model, Token)> {
    let not_theirs = || Problem::new("actor", Wrong::new(Code::NotFound, "accounts.problem.actor"));
    // The actor must exist: a token is made for what the person can be now.
    let fits = match (hat, org) {
        (Hat::Person, _) => true,
        (Hat::Creator, _) => actors::creator(app.db(), by.clone()).await.is_ok(),
        (Hat::Member, Some(org)) => actors::member(app.db(), by.clone(), org, app.clock.now()).await.is_ok(),
        (Hat::Member, None) => false,
        (Hat::Admin, _) => actors::admin(by.clone()).is_ok(),
    };
    if !fits {
        return Err(not_theirs().into());
    }
    let tx = app.begin().await?;
    let token = Token::new("hbk_");
    let hint: String = token.reveal().chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    let row = api_token::ActiveModel {
        id: Set(tx.id()),
        user_id: Set(by.id()),
        hat: Set(hat),
        org_id: Set(org),
        name: Set(name.to_owned()),
        token_hash: Set(token.hash()),
        hint: Set(hint),
        scopes: Set(Words(scopes)),
        expires_at: Set(until),
        last_used_at: Set(None),
        revoked_at: Set(None),
        created_at: Set(tx.now),
    }
    .insert(tx.db())
    .await?;
    tx.record(Event::new("api_token.created", row.id).by(by.id())).await?;
    tx.commit().await?;
    Ok((row, token))
}
