//! State tables: one row an edge, searched by [`step`], rendered into ARCHITECTURE.md.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::invariant::Invariant;

/// One row of a state table: in `from`, `action` leads to `to` when the guards hold.
#[derive(Debug, Clone, Copy)]
pub struct Edge<S: 'static, A: 'static> {
    /// The state before.
    pub from: S,
    /// The command or cause.
    pub action: A,
    /// The state after.
    pub to: S,
    /// The invariants the command checks on this edge.
    pub guards: &'static [Invariant],
}

impl<S, A> Edge<S, A> {
    /// A row of a table.
    pub const fn new(from: S, action: A, to: S, guards: &'static [Invariant]) -> Self {
        Self { from, action, to, guards }
    }
}

/// The action, with its argument, that produced the current state (ruling R58).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastTransition<A> {
    /// What was done.
    pub action: A,
    /// With which argument, where the command takes one.
    pub argument: Option<String>,
}

/// Where an action leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<S> {
    /// To this state.
    To(S),
    /// Nowhere: the same action with the same argument produced the current state.
    AlreadyApplied,
}

/// The table has no such edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} is not possible in state {}", words(action), words(from))]
pub struct IllegalTransition<S: fmt::Debug, A: fmt::Debug> {
    /// The current state.
    pub from: S,
    /// What was asked.
    pub action: A,
}

/// A variant's name as the API spells it: `GoLive` is `go_live`.
fn words(variant: &impl fmt::Debug) -> String {
    format!("{variant:?}").chars().fold(String::new(), |mut text, letter| {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
        text
    })
}

/// Looks an action up in a state table.
///
/// # Errors
/// [`IllegalTransition`] when the table has no edge and the action is not the last transition again.
pub fn step<S, A>(
    table: &[Edge<S, A>],
    from: S,
    action: A,
    argument: Option<&str>,
    last: Option<&LastTransition<A>>,
) -> Result<Step<S>, IllegalTransition<S, A>>
where
    S: Copy + PartialEq + fmt::Debug,
    A: Copy + PartialEq + fmt::Debug,
{
    if last.is_some_and(|last| last.action == action && last.argument.as_deref() == argument) {
        return Ok(Step::AlreadyApplied);
    }
    table
        .iter()
        .find(|edge| edge.from == from && edge.action == action)
        .map(|edge| Step::To(edge.to))
        .ok_or(IllegalTransition { from, action })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Edge<u8, char>] = &[Edge::new(0, 'a', 1, &[]), Edge::new(1, 'b', 0, &[])];

    #[test]
    fn an_edge_leads_on_and_its_absence_is_illegal() {
        assert_eq!(step(TABLE, 0, 'a', None, None), Ok(Step::To(1)));
        assert_eq!(step(TABLE, 0, 'b', None, None), Err(IllegalTransition { from: 0, action: 'b' }));
    }

    #[test]
    fn only_the_same_action_with_the_same_argument_is_already_applied() {
        let last = LastTransition { action: 'a', argument: Some("why".to_owned()) };
        assert_eq!(step(TABLE, 1, 'a', Some("why"), Some(&last)), Ok(Step::AlreadyApplied));
        assert!(step(TABLE, 1, 'a', Some("else"), Some(&last)).is_err());
        assert_eq!(step(TABLE, 1, 'b', None, Some(&last)), Ok(Step::To(0)));
    }
}
