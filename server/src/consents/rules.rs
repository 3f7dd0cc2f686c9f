//! Consents: which purposes there are, whose yes each takes, and what may be done with a yes. Pure.

use chrono::{DateTime, Utc};
use entity::{
    consent,
    enums::{ConsentPurpose, Side},
};

use crate::error::{Code, Problem, Result};

/// The version of the words on the page. A change of what they mean counts it up; earlier consents stay what they were.
pub const VERSION: i32 = 2;
/// From this version on reading figures names those of stories.
pub const WITH_STORIES: i32 = 2;

/// Whether a yes is towards one organisation, not towards everybody.
pub const fn names_an_organisation(purpose: ConsentPurpose) -> bool {
    matches!(purpose, ConsentPurpose::StoryArchive)
}

/// Whether it also takes the organisation's own yes.
pub const fn takes_both(purpose: ConsentPurpose) -> bool {
    matches!(purpose, ConsentPurpose::StoryArchive)
}

/// Refuses a yes that names nobody where it must, or somebody where it must not.
pub fn addressed(purpose: ConsentPurpose, has_org: bool) -> Result<()> {
    if names_an_organisation(purpose) == has_org {
        Ok(())
    } else {
        Err(Problem::new("organisation_id", crate::error::Wrong::new(Code::Invalid, "consents.problem.organisation")).into())
    }
}

/// Whether a yes holds.
pub fn holds(row: &consent::Model) -> bool {
    row.revoked_at.is_none()
}

/// What whose yes it is may do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "ConsentAction")]
pub enum ConsentAction {
    /// `consentRevoke`
    Revoke,
}

/// What is possible now for somebody of a side.
pub fn allowed(row: &consent::Model, side: Side) -> Vec<ConsentAction> {
    if holds(row) && row.side == side { vec![ConsentAction::Revoke] } else { Vec::new() }
}

/// The row taken back.
pub fn revoked(row: &consent::Model, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    if holds(row) { Ok(now.max(row.granted_at)) } else { Err(Problem::whole(Code::AlreadyDone, "consents.problem.revoked").into()) }
}

#[cfg(test)]
mod tests {
    use entity::ids::{ConsentId, CreatorId, UserId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn row(side: Side, revoked: bool) -> consent::Model {
        let at = DateTime::from_timestamp(1_793_600_000, 0).unwrap();
        consent::Model {
            id: ConsentId(Uuid::from_u128(1)),
            creator_id: CreatorId(Uuid::from_u128(2)),
            org_id: None,
            side,
            purpose: ConsentPurpose::StoryArchive,
            version: VERSION,
            granted_at: at,
            granted_by: UserId(Uuid::from_u128(3)),
            revoked_at: revoked.then_some(at),
            revoked_by: None,
            evidence: serde_json::json!({}),
        }
    }

    #[test]
    fn a_yes_is_addressed_as_its_purpose_asks() {
        for purpose in ConsentPurpose::ALL {
            assert!(addressed(*purpose, names_an_organisation(*purpose)).is_ok());
            assert!(addressed(*purpose, !names_an_organisation(*purpose)).is_err());
        }
    }

    proptest! {
        #[test]
        fn only_whose_yes_it_is_takes_it_back_and_once(mine: bool, over: bool) {
            let side = if mine { Side::Creator } else { Side::Brand };
            let row = row(side, over);
            prop_assert_eq!(allowed(&row, Side::Creator).contains(&ConsentAction::Revoke), mine && !over);
            prop_assert_eq!(revoked(&row, row.granted_at).is_ok(), !over);
        }
    }
}
