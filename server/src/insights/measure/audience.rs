//! Who the audience is, by the network's own word to the creator. Small samples and small groups are not shown.

use connectors::{Slices, Unit};
use entity::enums::InsightScope;
use influence::demographics::{Counts, OTHER, Source, audience};

use super::Material;
use crate::insights::results::{Audience, Cell, Missing, Part, Why};

/// So many groups of one dimension are kept; cities are many.
const MOST: usize = 15;

/// In the full scope only: it is first-party.
pub(super) fn of(material: &Material<'_>, missing: &mut Vec<Missing>) -> Vec<Audience> {
    let mut say = |why: Why| missing.push(Missing { part: Part::Audience, why });
    if material.scope == InsightScope::Public {
        say(Why::NotShared);
        return Vec::new();
    }
    let (mut out, mut few) = (Vec::new(), false);
    for row in &material.inputs.audience {
        let Some(account) = material.inputs.accounts.iter().find(|account| account.id == row.account_id) else { continue };
        let Ok(Slices::Given { unit, shares }) = serde_json::from_value(row.slices.clone()) else { continue };
        let (people, mut cells) = match unit {
            Unit::People => {
                let cells = shares.iter().map(|share| (share.key.clone(), share.value.max(0.0).round() as u64)).collect();
                let Some(found) = audience(&[Counts { source: Source::FirstParty, cells, unknown: 0 }], None) else {
                    few = true;
                    continue;
                };
                let cells: Vec<Cell> = found.cells.into_iter().map(|cell| Cell { group: cell.group, share: cell.share }).collect();
                (Some(found.known), cells)
            }
            Unit::Percent => {
                let mut cells: Vec<Cell> = shares.into_iter().map(|share| Cell { group: share.key, share: share.value / 100.0 }).collect();
                cells.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.group.cmp(&b.group)));
                (None, cells)
            }
        };
        if cells.len() > MOST {
            let (rest, kept): (Vec<Cell>, Vec<Cell>) =
                cells.into_iter().enumerate().fold((Vec::new(), Vec::new()), |mut parts, (at, cell)| {
                    if at < MOST && cell.group != OTHER {
                        parts.1.push(cell)
                    } else {
                        parts.0.push(cell)
                    }
                    parts
                });
            cells = kept;
            cells.push(Cell { group: OTHER.to_owned(), share: rest.iter().map(|cell| cell.share).sum() });
        }
        out.push(Audience {
            account: account.id,
            network: account.network,
            crowd: row.crowd,
            dimension: row.dimension,
            as_of: row.captured_at,
            people,
            cells,
        });
    }
    if out.is_empty() {
        say(if few { Why::FewPeople } else { Why::NotTold });
    }
    out
}
