//! Why an order refuses.

use super::status::{OrderAction, OrderStatus};
use crate::{
    kernel::{
        Coded, CourseId, Currency, IllegalTransition, Invariant, Kind, MoneyError, OrderLineId, PaymentId,
        RefundId, SagaId,
    },
    marketplace::invariants::{O_INV_1, O_INV_2, O_INV_4, O_INV_5, O_INV_6, O_INV_7, O_INV_8},
};

/// Why an order refuses a command, or why stored data is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Nothing is bought.
    #[error("an order has at least one line")]
    NoLines,
    /// O-INV-5.
    #[error("an order has at most 50 lines, not {0}")]
    TooManyLines(usize),
    /// One line id, or one plan of one listing, twice.
    #[error("line {0} repeats another one")]
    DuplicateLine(OrderLineId),
    /// O-INV-1.
    #[error("{found} in an order in {expected}")]
    CurrencyMismatch {
        /// The order's.
        expected: Currency,
        /// The other.
        found: Currency,
    },
    /// O-INV-2: a sum is not the sum of its parts.
    #[error("{0} is not the sum of its parts")]
    SumMismatch(&'static str),
    /// O-INV-2: billing's taxes do not name every line once.
    #[error("the taxes do not name line {0} exactly once")]
    TaxIncomplete(OrderLineId),
    /// Something is due and there is no intent, or the reverse.
    #[error("a payment intent is needed exactly when something is due")]
    IntentMismatch,
    /// The buyer holds a personal licence of the course.
    #[error("the buyer already holds a licence of course {0}")]
    AlreadyLicensed(CourseId),
    /// A line is for one person, and the buyer is none.
    #[error("a licence for one person is bought by that person: buy seats instead of course {0}'s plan")]
    LearnerRequired(CourseId),
    /// O-INV-4, and O-INV-6 for fulfilling a refunded order.
    #[error(transparent)]
    InvalidTransition(#[from] IllegalTransition<OrderStatus, OrderAction>),
    /// O-INV-6: the money is back, only the status waits for the saga.
    #[error("the order's money was returned, so it cannot be fulfilled")]
    FulfilAfterRefund,
    /// The licences do not name every line once.
    #[error("the licences do not name line {0} exactly once")]
    LicenseIncomplete(OrderLineId),
    /// Something is due.
    #[error("the order is not free")]
    NotFree,
    /// There is nothing to pay now.
    #[error("the order cannot be paid now")]
    NotPayable,
    /// It is too late to cancel.
    #[error("the order cannot be cancelled any more")]
    NotCancellable,
    /// The buyer's money is still here.
    #[error("the order's money has not been returned yet")]
    MoneyNotReturned,
    /// O-INV-7.
    #[error("saga {0} is not the saga of this order")]
    ForeignSaga(SagaId),
    /// No such stray capture.
    #[error("payment {0} is not a stray capture of this order")]
    StrayNotFound(PaymentId),
    /// The order has no such line.
    #[error("the order has no line {0}")]
    UnknownLine(OrderLineId),
    /// A refund of no line at all.
    #[error("a refund names at least one line")]
    RefundNoLines,
    /// Nothing was paid, or the order failed.
    #[error("an order that is {0:?} cannot be refunded")]
    NotRefundable(OrderStatus),
    /// O-INV-8: the money of a line went back before.
    #[error("already refunded")]
    AlreadyRefunded,
    /// O-INV-8: another refund is under way.
    #[error("refund {0} is still under way")]
    RefundInProgress(RefundId),
    /// Before fulfilment all lines go back or none.
    #[error("before fulfilment an order is refunded whole or not at all")]
    PartialBeforeFulfilment,
    /// O-INV-8: more than is left.
    #[error("more would go back than was paid")]
    RefundExceedsPaid,
    /// The refund's id names another refund.
    #[error("refund {0} exists with other contents")]
    RefundIdReused(RefundId),
    /// No such refund.
    #[error("the order has no refund {0}")]
    RefundNotFound(RefundId),
    /// Billing contradicts what it said before.
    #[error("refund {0} was settled the other way")]
    RefundSettledOtherwise(RefundId),
    /// Stored data breaks an invariant.
    #[error("the stored order breaks {0}")]
    Broken(Invariant),
    /// Stored data contradicts itself.
    #[error("the stored order's {0} contradicts the rest")]
    Inconsistent(&'static str),
    /// An amount.
    #[error(transparent)]
    Money(MoneyError),
}

impl From<MoneyError> for OrderError {
    fn from(error: MoneyError) -> Self {
        if let MoneyError::CurrencyMismatch { left, right } = error {
            Self::CurrencyMismatch { expected: left, found: right }
        } else {
            Self::Money(error)
        }
    }
}

impl OrderError {
    /// The one table of codes, kinds and invariants.
    #[rustfmt::skip]
    fn row(&self) -> (&'static str, Kind, Option<Invariant>) {
        use Kind::{Conflict, Invalid, NotFound};
        match self {
            Self::NoLines                   => ("order.no_lines",                   Invalid,  None),
            Self::TooManyLines(_)           => ("order.too_many_lines",             Invalid,  Some(O_INV_5)),
            Self::DuplicateLine(_)          => ("order.duplicate_line",             Invalid,  None),
            Self::CurrencyMismatch { .. }   => ("order.currency_mismatch",          Invalid,  Some(O_INV_1)),
            Self::SumMismatch(_)            => ("order.sum_mismatch",               Invalid,  Some(O_INV_2)),
            Self::TaxIncomplete(_)          => ("order.tax_incomplete",             Invalid,  Some(O_INV_2)),
            Self::IntentMismatch            => ("order.intent_mismatch",            Invalid,  None),
            Self::AlreadyLicensed(_)        => ("order.already_licensed",           Conflict, None),
            Self::LearnerRequired(_)        => ("order.learner_required",           Invalid,  None),
            Self::InvalidTransition(refused) => ("order.invalid_transition",        Conflict, Some(forbidding(*refused))),
            Self::FulfilAfterRefund         => ("order.fulfil_after_refund",        Conflict, Some(O_INV_6)),
            Self::LicenseIncomplete(_)      => ("order.license_incomplete",         Conflict, None),
            Self::NotFree                   => ("order.not_free",                   Conflict, None),
            Self::NotPayable                => ("order.not_payable",                Conflict, None),
            Self::NotCancellable            => ("order.not_cancellable",            Conflict, None),
            Self::MoneyNotReturned          => ("order.money_not_returned",         Conflict, None),
            Self::ForeignSaga(_)            => ("order.foreign_saga",               Conflict, Some(O_INV_7)),
            Self::StrayNotFound(_)          => ("order.stray_not_found",            NotFound, None),
            Self::UnknownLine(_)            => ("refund.unknown_line",              Invalid,  None),
            Self::RefundNoLines             => ("refund.no_lines",                  Invalid,  None),
            Self::NotRefundable(_)          => ("refund.not_refundable",            Conflict, None),
            Self::AlreadyRefunded           => ("refund.already_refunded",          Conflict, Some(O_INV_8)),
            Self::RefundInProgress(_)       => ("refund.in_progress",               Conflict, Some(O_INV_8)),
            Self::PartialBeforeFulfilment   => ("refund.partial_before_fulfilment", Conflict, None),
            Self::RefundExceedsPaid         => ("refund.exceeds_paid",              Conflict, Some(O_INV_8)),
            Self::RefundIdReused(_)         => ("refund.id_reused",                 Conflict, None),
            Self::RefundNotFound(_)         => ("refund.not_found",                 NotFound, None),
            Self::RefundSettledOtherwise(_) => ("refund.settled_otherwise",         Conflict, None),
            Self::Broken(invariant)         => ("order.broken",                     Conflict, Some(*invariant)),
            Self::Inconsistent(_)           => ("order.inconsistent",               Conflict, None),
            Self::Money(error)              => (error.code(),                       error.kind(), None),
        }
    }
}

/// The invariant that forbids a move the table does not have.
fn forbidding(refused: IllegalTransition<OrderStatus, OrderAction>) -> Invariant {
    if refused.from == OrderStatus::Refunded && refused.action == OrderAction::Fulfill {
        O_INV_6
    } else {
        O_INV_4
    }
}

impl Coded for OrderError {
    fn code(&self) -> &'static str {
        self.row().0
    }

    fn kind(&self) -> Kind {
        self.row().1
    }

    fn invariant(&self) -> Option<Invariant> {
        self.row().2
    }
}
