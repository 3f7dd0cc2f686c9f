//! An owner gives a member another role.

use entity::{enums::Role, ids::MembershipId, membership};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::json;

use super::{queries, rules};
use crate::{
    app::App,
    auth::actors::Owner,
    base::text,
    error::{Check, Code, Problem, Result, Wrong},
    events::Event,
};

/// Gives the role. The last owner stays one.
pub async fn change_role(app: &App, by: &Owner<'_>, id: MembershipId, role: &str) -> Result<membership::Model> {
    let mut check = Check::default();
    let role = check.take("role", text::choice::<Role>(role));
    let (role,) = check.all((role,))?;
    let tx = app.begin().await?;
    queries::hold(&tx, by.org()).await?;
    let before = queries::living(&tx, by.org(), id).await?;
    if before.role == role {
        return Ok(before);
    }
    if !rules::keeps_an_owner(queries::owners(tx.db(), by.org()).await?, before.role, Some(role)) {
        return Err(Problem::new("role", Wrong::new(Code::WrongState, "organisations.problem.last_owner")).into());
    }
    let was = before.role;
    let mut row = before.into_active_model();
    row.role = Set(role);
    let row = row.update(tx.db()).await?;
    let changed = Event::new("member.role_changed", row.id).by(by.user_id()).org(by.org());
    tx.record(changed.with(json!({ "from": was, "to": role, "user": row.user_id }))).await?;
    tx.commit().await?;
    Ok(row)
}
