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
    /// The invitation is withdrawn, has run out or came back: the creator is on the shortlist again.
    Uninvite,
    /// The creator says yes.
    Join,
    /// The creator says no.
    Decline,
    /// The creator goes, before a contract binds.
    Leave,
    /// The brand ends it, with a reason.
    Remove,
    /// The brand takes a candidate off the shortlist, who was never asked and hears of nothing: the row goes.
    Unlist,
}

impl Move {
    /// Every move.
    pub const ALL: &'static [Self] = &[Self::Invite, Self::Uninvite, Self::Join, Self::Decline, Self::Leave, Self::Remove, Self::Unlist];
}

/// What the brand may do with a participation beside inviting. Of whom was never asked the creator must not hear: they are taken off, not removed.
pub fn brand_moves(state: State, was_asked: bool) -> Vec<Move> {
    match state {
        Shortlisted if !was_asked => vec![Move::Unlist],
        state => [Move::Remove].into_iter().filter(|step| after(state, *step).is_some()).collect(),
    }
}

/// Refuses what [`brand_moves`] does not hold.
pub fn brand_may(state: State, was_asked: bool, step: Move) -> Result<()> {
    let wrong = || Problem::whole(Code::WrongState, "participations.problem.state").into();
    if brand_moves(state, was_asked).contains(&step) { Ok(()) } else { Err(wrong()) }
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

/// A stage of a job as the creator lives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
#[graphql(name = "JobStage")]
pub enum Stage {
    /// In: reads the brief and talks
    Join,
    /// Terms are agreed and a contract signed
    Terms,
    /// The content is made
    Work,
    /// The content is out
    Post,
    /// The fee is paid
    Pay,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: &'static [Self] = &[Self::Join, Self::Terms, Self::Work, Self::Post, Self::Pay];

    /// As message keys write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Terms => "terms",
            Self::Work => "work",
            Self::Post => "post",
            Self::Pay => "pay",
        }
    }
}

/// How many stages are behind somebody in this state; the next one is where they stand. None: they are not on the way, or no more.
pub fn stages_done(state: State) -> Option<usize> {
    match state {
        Applied | Selected => Some(0),
        Joined | Negotiating => Some(1),
        Contracted | Working => Some(2),
        Delivered => Some(4),
        Settled => Some(5),
        Shortlisted | Invited | NotSelected | Declined | Withdrawn | Removed => None,
    }
}

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
        fn a_step_never_leads_back_a_stage(state in any_state(), i in 0..Move::ALL.len()) {
            if let (Some(before), Some(next)) = (stages_done(state), after(state, Move::ALL[i])) {
                prop_assert!(stages_done(next).is_none_or(|now| now >= before));
            }
            prop_assert!(!joined(state) || stages_done(state).is_some_and(|n| n > 0 && n <= Stage::ALL.len()));
        }

        #[test]
        fn the_list_and_the_rule_agree(state in any_state()) {
            prop_assert_eq!(joined(state), JOINED.contains(&state));
        }
    }
}
