//! Participations: the state machine. Pure.

use entity::enums::ParticipationState::{self as State, *};

use crate::{
    base::text,
    error::{Code, Error, Problem, Result, Wrong},
};

/// What can happen to a participation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// The brand sends an invitation.
    Invite,
    /// The invitation is withdrawn, has run out or came back: the creator is on the short list again.
    Uninvite,
    /// The creator says yes.
    Join,
    /// The creator says no.
    Decline,
    /// The creator goes, before a contract binds.
    Leave,
    /// The brand ends it, with a reason.
    Remove,
}

impl Move {
    /// Every move.
    pub const ALL: &'static [Self] = &[Self::Invite, Self::Uninvite, Self::Join, Self::Decline, Self::Leave, Self::Remove];
}

/// Where a move leads; none = not from here.
pub fn after(state: State, step: Move) -> Option<State> {
    Some(match (state, step) {
        (Shortlisted, Move::Invite) => Invited,
        (Invited, Move::Uninvite) => Shortlisted,
        (Invited | Selected, Move::Join) => Joined,
        (Invited, Move::Decline) => Declined,
        (Applied | Selected | Joined | Negotiating, Move::Leave) => Withdrawn,
        (Shortlisted | Applied | Selected | Joined | Negotiating | Contracted | Working | Delivered, Move::Remove) => Removed,
        _ => return None,
    })
}

/// As [`after`], refusing what is not possible.
pub fn step(state: State, step: Move) -> Result<State> {
    after(state, step).ok_or_else(|| Problem::whole(Code::WrongState, "participations.problem.state").into())
}

/// The state as the creator may see it: that the brand wants them stays silent until the job starts.
pub fn seen_by_creator(state: State) -> State {
    if state == Selected { Applied } else { state }
}

/// Whether the creator is in: reads the full Brief and chats (K15, K16).
pub fn joined(state: State) -> bool {
    matches!(state, Joined | Negotiating | Contracted | Working | Delivered | Settled)
}

/// The states of [`joined`], for queries.
pub const JOINED: &[State] = &[Joined, Negotiating, Contracted, Working, Delivered, Settled];

/// Reads why a brand removes somebody.
pub fn reason(text: &str) -> Result<String> {
    text::body(text, 500).map_err(|wrong: Wrong| Error::from(Problem::new("reason", wrong)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_main_way() {
        assert_eq!(after(Shortlisted, Move::Invite), Some(Invited));
        assert_eq!(after(Invited, Move::Join), Some(Joined));
        assert_eq!(after(Joined, Move::Leave), Some(Withdrawn));
        assert_eq!(after(Contracted, Move::Leave), None, "a contract binds");
        assert_eq!(after(Declined, Move::Invite), None, "a no is a no");
    }

    fn any_state() -> impl Strategy<Value = State> {
        (0..State::ALL.len()).prop_map(|i| State::ALL[i])
    }

    proptest! {
        #[test]
        fn exits_are_final(start in any_state(), steps in proptest::collection::vec(0..Move::ALL.len(), 0..20)) {
            let mut state = start;
            for i in steps {
                let before = state;
                if let Some(next) = after(state, Move::ALL[i]) {
                    state = next;
                }
                if matches!(before, Declined | Withdrawn | Removed | Settled | NotSelected) {
                    prop_assert_eq!(before, state);
                }
                // Nobody is in without having said yes.
                if joined(state) {
                    prop_assert!(joined(before) || Move::ALL[i] == Move::Join || joined(start));
                }
            }
        }

        #[test]
        fn the_list_and_the_rule_agree(state in any_state()) {
            prop_assert_eq!(joined(state), JOINED.contains(&state));
        }
    }
}
