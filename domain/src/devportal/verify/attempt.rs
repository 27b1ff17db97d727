//! One send of a code, and the table of what its provider may say about it.

use serde::{Deserialize, Serialize};

use crate::{
    devportal::{invariants::V_INV_14, values::Channel},
    kernel::{DeliveryAttemptId, Edge, Price, Row, Timestamp, VerificationId},
};

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SendStatus {
    /// Waits for a sender.
    Queued,
    /// A sender has it; what came of it is not known yet.
    Sending,
    /// The provider took it.
    Sent,
    /// It arrived.
    Delivered,
    /// It did not arrive.
    Undelivered,
    /// It was never taken.
    Failed,
    /// Nobody knows whether it was taken; it is not sent again by itself.
    Lost,
    /// It was no longer wanted.
    Suppressed,
}

/// What moves a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendAction {
    /// A sender takes it.
    Dispatch,
    /// It was certainly not sent, and is tried again.
    Defer,
    /// The provider takes it.
    Accept,
    /// A receipt: it arrived.
    Deliver,
    /// A receipt: it did not arrive.
    Undeliver,
    /// It is refused, or was never sent in its time.
    Fail,
    /// No answer came.
    Lose,
    /// It is no longer wanted.
    Suppress,
}

use SendAction::{Accept, Defer, Deliver, Dispatch, Fail, Lose, Suppress, Undeliver};
use SendStatus::{Delivered, Failed, Lost, Queued, Sending, Sent, Suppressed, Undelivered};

/// The table. `defer` is the one way back, to a new try of what certainly was not sent (ruling R18): within a try
/// the rank never falls (V-INV-14).
#[rustfmt::skip]
pub const TRANSITIONS: &[Edge<SendStatus, SendAction>] = &[
    //        from     action     to           guards
    Edge::new(Queued,  Dispatch,  Sending,     &[]),
    Edge::new(Queued,  Deliver,   Delivered,   &[V_INV_14]),
    Edge::new(Queued,  Fail,      Failed,      &[]),
    Edge::new(Queued,  Suppress,  Suppressed,  &[]),
    Edge::new(Sending, Defer,     Queued,      &[]),
    Edge::new(Sending, Accept,    Sent,        &[V_INV_14]),
    Edge::new(Sending, Deliver,   Delivered,   &[V_INV_14]),
    Edge::new(Sending, Undeliver, Undelivered, &[V_INV_14]),
    Edge::new(Sending, Fail,      Failed,      &[V_INV_14]),
    Edge::new(Sending, Lose,      Lost,        &[V_INV_14]),
    Edge::new(Sent,    Deliver,   Delivered,   &[V_INV_14]),
    Edge::new(Sent,    Undeliver, Undelivered, &[V_INV_14]),
    Edge::new(Sent,    Fail,      Failed,      &[V_INV_14]),
    Edge::new(Lost,    Deliver,   Delivered,   &[V_INV_14]),
];

/// The states without an exit.
pub const TERMINAL: &[SendStatus] = &[Delivered, Undelivered, Failed, Suppressed];

impl SendStatus {
    /// Every status.
    pub const ALL: &[Self] = &[Queued, Sending, Sent, Delivered, Undelivered, Failed, Lost, Suppressed];

    /// How far it is; it never falls within a try.
    pub const fn rank(self) -> u8 {
        match self {
            Queued => 0,
            Sending => 1,
            Sent => 2,
            Delivered | Undelivered | Failed | Lost | Suppressed => 3,
        }
    }

    /// Whether the code may still be on its way.
    pub const fn in_flight(self) -> bool {
        self.rank() < 3
    }

    /// Whether it certainly did not arrive.
    pub const fn failed(self) -> bool {
        matches!(self, Undelivered | Failed | Suppressed)
    }
}

impl SendAction {
    /// Every action.
    pub const ALL: &[Self] = &[Dispatch, Defer, Accept, Deliver, Undeliver, Fail, Lose, Suppress];
}

/// What became of the money held for a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// It is held.
    Held,
    /// It is spent.
    Settled,
    /// It was given back.
    Released,
}

/// One send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// Its id; the row's key within the session.
    pub id: DeliveryAttemptId,
    /// The session.
    pub verification_id: VerificationId,
    /// Which send of the session it is, from 1.
    pub ordinal: u32,
    /// For which step of the order, from 0.
    pub step: u8,
    /// Over which channel.
    pub channel: Channel,
    /// Which code it carries, from 1.
    pub generation: u32,
    /// Who sends it.
    pub provider: Option<String>,
    /// How the provider calls it.
    pub provider_message_id: Option<String>,
    /// Where it stands.
    pub status: SendStatus,
    /// How often it was given to a sender.
    pub tries: u32,
    /// Not to be given to a sender before then.
    pub next_try_at: Option<Timestamp>,
    /// What the provider said went wrong.
    pub error_code: Option<String>,
    /// How many segments it took.
    pub segments: Option<u8>,
    /// What it was quoted at.
    pub quote: Price,
    /// What is held for it: at least the quote (V-INV-13).
    pub reserved: Price,
    /// What it cost.
    pub price: Option<Price>,
    /// What became of the money.
    pub hold: Hold,
    /// When it was asked for.
    pub queued_at: Timestamp,
    /// When it was last given to a sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_at: Option<Timestamp>,
    /// When the provider took it.
    pub sent_at: Option<Timestamp>,
    /// When its fate was known.
    pub final_at: Option<Timestamp>,
}

impl Row for DeliveryAttempt {
    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// A further send, with the money that is held for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewSend {
    /// Its id.
    pub id: DeliveryAttemptId,
    /// What it is quoted at.
    pub quote: Price,
    /// What is held for it.
    pub reserved: Price,
}

/// What a sender or a provider says about a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendReport {
    /// A sender takes it now.
    Dispatched {
        /// Which provider.
        provider: String,
    },
    /// The provider took it.
    Accepted {
        /// How the provider calls it.
        provider_message_id: Option<String>,
        /// How many segments it took.
        segments: Option<u8>,
    },
    /// It was certainly not sent: refused connection, throttled.
    Deferred {
        /// What the provider said.
        error_code: String,
    },
    /// It will never be sent.
    Refused {
        /// What the provider said.
        error_code: String,
    },
    /// No answer came.
    Unknown {
        /// What is known.
        error_code: String,
    },
    /// A receipt: it arrived.
    Delivered {
        /// What it cost, where the receipt says so.
        price: Option<Price>,
    },
    /// A receipt: it did not arrive.
    Undelivered {
        /// What the provider said.
        error_code: String,
        /// What it cost, where the receipt says so.
        price: Option<Price>,
    },
}

impl SendReport {
    /// The action it stands for.
    pub const fn action(&self) -> SendAction {
        match self {
            Self::Dispatched { .. } => Dispatch,
            Self::Accepted { .. } => Accept,
            Self::Deferred { .. } => Defer,
            Self::Refused { .. } => Fail,
            Self::Unknown { .. } => Lose,
            Self::Delivered { .. } => Deliver,
            Self::Undelivered { .. } => Undeliver,
        }
    }
}

/// What a change of sends means for the spend ledger, to be written with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendMove {
    /// Money is held.
    Reserve {
        /// For which send.
        attempt_id: DeliveryAttemptId,
        /// How much.
        amount: Price,
    },
    /// Held money is spent.
    Settle {
        /// For which send.
        attempt_id: DeliveryAttemptId,
        /// How much of it; the rest is given back.
        price: Price,
    },
    /// Held money is given back.
    Release {
        /// For which send.
        attempt_id: DeliveryAttemptId,
    },
}
