//! The session's states, what moves it between them, and the table of both (devportal.md 3.5).

use serde::{Deserialize, Serialize};

use crate::{
    devportal::invariants::{V_INV_4, V_INV_7, V_INV_8, V_INV_9, V_INV_13, V_INV_18},
    kernel::Edge,
};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum VerifyState {
    /// No receipt yet; the code may have arrived all the same.
    Pending,
    /// At least one send was delivered.
    Delivered,
    /// The right code was given.
    Approved,
    /// Given up.
    Failed,
    /// Its time is over.
    Expired,
}

/// What moves a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyAction {
    /// The first receipt of delivery.
    Deliver,
    /// The right code.
    Approve,
    /// A wrong code with attempts left.
    Miss,
    /// A wrong code with the last attempt.
    SpendAttempts,
    /// The code is sent again on the current channel.
    Resend,
    /// The code is sent on the next channel.
    Advance,
    /// The last channel failed and nothing is under way.
    ExhaustChannels,
    /// A further send was refused before any had left.
    RefuseSend,
    /// The developer ends it.
    Cancel,
    /// A newer session takes its slot.
    Supersede,
    /// The pepper of its code is gone.
    LoseKey,
    /// Its time is over.
    Expire,
}

/// Why a session failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureReason {
    /// Too many wrong codes.
    MaxAttempts,
    /// No channel delivered.
    ChannelsExhausted,
    /// The developer ended it.
    Cancelled,
    /// A send looked like fraud.
    FraudBlocked,
    /// The spend cap was reached.
    SpendCap,
    /// A newer session took its slot.
    Superseded,
    /// The pepper of its code is gone.
    KeyUnavailable,
}

use VerifyAction::{
    Advance, Approve, Cancel, Deliver, ExhaustChannels, Expire, LoseKey, Miss, RefuseSend, Resend,
    SpendAttempts, Supersede,
};
use VerifyState::{Approved, Delivered, Expired, Failed, Pending};

/// The table. The numbers are the rows of devportal.md 3.5; row 1 is the start, row 12 is what is not here.
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<VerifyState, VerifyAction>] = &[
    //        from       action           to         guards
    Edge::new(Pending,   Deliver,         Delivered, &[V_INV_18]),                   // 2
    Edge::new(Pending,   Approve,         Approved,  &[V_INV_4, V_INV_7]),           // 3
    Edge::new(Pending,   Miss,            Pending,   &[V_INV_4]),                    // 4
    Edge::new(Pending,   SpendAttempts,   Failed,    &[V_INV_4]),                    // 5
    Edge::new(Pending,   Resend,          Pending,   &[V_INV_8, V_INV_9, V_INV_13]), // 6
    Edge::new(Pending,   Advance,         Pending,   &[V_INV_8, V_INV_9, V_INV_13]), // 7
    Edge::new(Pending,   ExhaustChannels, Failed,    &[]),                           // 8
    Edge::new(Pending,   RefuseSend,      Failed,    &[]),                           // 9
    Edge::new(Pending,   Cancel,          Failed,    &[]),                           // 10
    Edge::new(Pending,   Supersede,       Failed,    &[]),                           // 10
    Edge::new(Pending,   LoseKey,         Failed,    &[]),
    Edge::new(Pending,   Expire,          Expired,   &[]),                           // 11
    Edge::new(Delivered, Approve,         Approved,  &[V_INV_4, V_INV_7]),           // 3
    Edge::new(Delivered, Miss,            Delivered, &[V_INV_4]),                    // 4
    Edge::new(Delivered, SpendAttempts,   Failed,    &[V_INV_4]),                    // 5
    Edge::new(Delivered, Resend,          Delivered, &[V_INV_8, V_INV_9, V_INV_13]), // 6
    Edge::new(Delivered, Advance,         Delivered, &[V_INV_8, V_INV_9, V_INV_13]), // 7
    Edge::new(Delivered, Cancel,          Failed,    &[]),                           // 10
    Edge::new(Delivered, Supersede,       Failed,    &[]),                           // 10
    Edge::new(Delivered, LoseKey,         Failed,    &[]),
    Edge::new(Delivered, Expire,          Expired,   &[]),                           // 11
];

/// The states without an exit.
pub const TERMINAL: &[VerifyState] = &[Approved, Failed, Expired];

impl VerifyState {
    /// Every state.
    pub const ALL: &[Self] = &[Pending, Delivered, Approved, Failed, Expired];

    /// Whether it stays so for ever.
    pub const fn is_terminal(self) -> bool {
        match self {
            Pending | Delivered => false,
            Approved | Failed | Expired => true,
        }
    }

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Pending => "PENDING",
            Delivered => "DELIVERED",
            Approved => "APPROVED",
            Failed => "FAILED",
            Expired => "EXPIRED",
        }
    }
}

impl VerifyAction {
    /// Every action.
    pub const ALL: &[Self] = &[
        Deliver,
        Approve,
        Miss,
        SpendAttempts,
        Resend,
        Advance,
        ExhaustChannels,
        RefuseSend,
        Cancel,
        Supersede,
        LoseKey,
        Expire,
    ];
}

impl FailureReason {
    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxAttempts => "MAX_ATTEMPTS",
            Self::ChannelsExhausted => "CHANNELS_EXHAUSTED",
            Self::Cancelled => "CANCELLED",
            Self::FraudBlocked => "FRAUD_BLOCKED",
            Self::SpendCap => "SPEND_CAP",
            Self::Superseded => "SUPERSEDED",
            Self::KeyUnavailable => "KEY_UNAVAILABLE",
        }
    }
}
