//! What goes into scores, as lines for `hibiki-batch` (`batch/README.md`): JSON, one event a line, in the words of the science. Beside it the list
//! of who is who, by which the batch's scores come back (`publish --creators`).

use std::io::Write;

use chrono::{DateTime, Utc};
use entity::{creator, enums::InsightScope, ids::CreatorId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{inputs, measure::Material};
use crate::{app::App, error::Result};

/// Creators read at once, so that memory does not grow with their number.
const SIZE: u64 = 50;

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Creators of whom anything is known.
    pub creators: u64,
    /// Lines.
    pub events: u64,
}

/// A creator's number in the lines: the random half of the id.
pub fn number(id: CreatorId) -> u64 {
    u64::try_from(id.0.as_u128() & u128::from(u64::MAX)).unwrap_or_default()
}

/// Writes every creator's events as of now, creators in the order of their ids, and who is who.
pub async fn interactions(app: &App, scope: InsightScope, lines: &mut impl Write, who: &mut impl Write) -> Result<Exported> {
    let now: DateTime<Utc> = app.clock.now();
    let mut out = Exported::default();
    let mut after: Option<CreatorId> = None;
    writeln!(who, "creator,id")?;
    loop {
        let mut query = creator::Entity::find().select_only().column(creator::Column::Id).order_by_asc(creator::Column::Id).limit(SIZE);
        if let Some(after) = after {
            query = query.filter(creator::Column::Id.gt(after));
        }
        let ids: Vec<CreatorId> = query.into_tuple().all(app.db()).await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        for one in inputs::read(app.db(), &ids, now).await? {
            let material = Material::new(&one, &[], scope, now);
            if material.events().is_empty() {
                continue;
            }
            let number = number(one.creator.id).to_string();
            writeln!(who, "{number},{}", one.creator.id.0)?;
            for event in material.events() {
                let mut line = serde_json::to_value(event)?;
                if let Some(fields) = line.as_object_mut() {
                    fields.insert("creator".into(), number.clone().into());
                }
                writeln!(lines, "{line}")?;
            }
            out.creators += 1;
            out.events += material.events().len() as u64;
        }
    }
    lines.flush()?;
    who.flush()?;
    Ok(out)
}
