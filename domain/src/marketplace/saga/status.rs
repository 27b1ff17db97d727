//! The saga's states and their table (marketplace.md section 5).

use serde::{Deserialize, Serialize};

use crate::{
    kernel::Edge,
    marketplace::invariants::{S_INV_2, S_INV_3, S_INV_4},
};

/// How far a purchase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaState {
    /// Coupons are being reserved, billing is being asked for a payment.
    Started,
    /// The buyer may pay; the timeout is armed. A void runs in this state too.
    AwaitingPayment,
    /// Paid: one licence per line is being granted.
    Licensing,
    /// Licensed: learners are being enrolled, then the order is marked fulfilled.
    Enrolling,
    /// Done.
    Fulfilled,
    /// What was done is being undone.
    Compensating,
    /// Undone: the order is failed or refunded.
    Failed,
}

/// What moves a saga from state to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SagaAction {
    /// Billing has an intent, or there is nothing to pay.
    AwaitPayment,
    /// The order is paid.
    License,
    /// The last licence is granted.
    Enroll,
    /// The order is marked fulfilled.
    Fulfill,
    /// Something ended the purchase.
    Compensate,
    /// The last undo is acknowledged.
    Fail,
}

impl SagaState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Started,
        Self::AwaitingPayment,
        Self::Licensing,
        Self::Enrolling,
        Self::Fulfilled,
        Self::Compensating,
        Self::Failed,
    ];

    /// Whether nothing happens any more.
    pub fn is_terminal(self) -> bool {
        TERMINAL.contains(&self)
    }
}

impl SagaAction {
    /// Every action.
    pub const ALL: &[Self] =
        &[Self::AwaitPayment, Self::License, Self::Enroll, Self::Fulfill, Self::Compensate, Self::Fail];
}

/// Whether a decision may lead from one state to another: along an edge, or along two when nobody has to be enrolled.
pub(super) fn leads(from: SagaState, to: SagaState) -> bool {
    let edge =
        |from: SagaState, to: SagaState| TRANSITIONS.iter().any(|edge| edge.from == from && edge.to == to);
    edge(from, to)
        || from == SagaState::Licensing && edge(from, SagaState::Enrolling) && edge(SagaState::Enrolling, to)
}

/// The states no edge leaves.
pub const TERMINAL: &[SagaState] = &[SagaState::Fulfilled, SagaState::Failed];

/// The table: `from | action | to | guards`.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<SagaState, SagaAction>] = {
    use SagaAction::{AwaitPayment, Compensate, Enroll, Fail, Fulfill, License};
    use SagaState::{AwaitingPayment, Compensating, Enrolling, Failed, Fulfilled, Licensing, Started};
    &[
        Edge::new(Started,         AwaitPayment, AwaitingPayment, &[S_INV_2]),
        Edge::new(Started,         Compensate,   Compensating,    &[S_INV_2, S_INV_4]),
        Edge::new(AwaitingPayment, License,      Licensing,       &[S_INV_2]),
        Edge::new(AwaitingPayment, Compensate,   Compensating,    &[S_INV_2, S_INV_3, S_INV_4]),
        Edge::new(Licensing,       Enroll,       Enrolling,       &[S_INV_2]),
        Edge::new(Licensing,       Compensate,   Compensating,    &[S_INV_2, S_INV_4]),
        Edge::new(Enrolling,       Fulfill,      Fulfilled,       &[S_INV_2]),
        Edge::new(Enrolling,       Compensate,   Compensating,    &[S_INV_2, S_INV_4]),
        Edge::new(Compensating,    Fail,         Failed,          &[S_INV_2, S_INV_4]),
    ]
};
