//! What happened to an order, for the people who may see it (marketplace.md 11).
//!
//! Read from the log of events, so it cannot say anything else than what was announced. Every event is told
//! by a rule of its own or not at all: nothing of the provider's earnings, of other users, of a coupon's
//! other uses, of how the saga works inside, and of what only a newer program can read.

use std::collections::BTreeSet;

use sarai_domain::{
    kernel::{OrderId, Timestamp},
    marketplace::{
        coupon::{CouponEvent, CouponUse},
        event::MarketplaceEvent,
        license::LicenseEvent,
        order::OrderEvent,
        saga::{SagaCommand, SagaMessage, SagaState},
    },
};
use sarai_ports::{Scope, events::EventRecord};

use super::orders::Orders;
use crate::{AppError, Call};

/// Events of an order that are looked at. A purchase of fifty lines announces some four hundred; only one
/// that is retried for weeks has more, and repeats itself then.
const LIMIT: usize = 1_000;

/// What happened, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// The order.
    pub order_id: OrderId,
    /// What happened.
    pub entries: Vec<TimelineEntry>,
    /// Whether there is more than was looked at.
    pub truncated: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When, in business time.
    pub at: Timestamp,
    /// The event's type.
    pub kind: &'static str,
    /// What it happened to: the id of an order, saga, licence or coupon.
    pub subject: String,
    /// One sentence for a person.
    pub summary: String,
    /// Values by name.
    pub details: Vec<(&'static str, String)>,
}

/// A sentence with its values.
type Told = (String, Vec<(&'static str, String)>);

impl Orders {
    /// What happened to an order.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn timeline(&self, call: &Call, id: OrderId) -> Result<Timeline, AppError> {
        self.get(call, id).await?;
        // The coupons' events are their owners' rows; what of them is told is decided below.
        let log = &self.ports.events;
        let mut records = log.by_correlation(&Scope::System, &id.to_string(), LIMIT + 1).await?;
        let truncated = records.len() > LIMIT;
        records.truncate(LIMIT);
        let mut issued = BTreeSet::new();
        let known = records.iter().filter_map(|record| record.as_ref().ok());
        let entries = known.filter_map(|record| entry(id, record, &mut issued)).collect();
        Ok(Timeline { order_id: id, entries, truncated })
    }
}

/// `issued` are the keys of the steps told so far: a step that is tried again is told once.
fn entry(order: OrderId, record: &EventRecord, issued: &mut BTreeSet<String>) -> Option<TimelineEntry> {
    let (summary, details) = match record.event.marketplace()? {
        MarketplaceEvent::Order(event) => of_order(event),
        MarketplaceEvent::License(event) => {
            (event.license().order_id == Some(order)).then(|| of_license(event))?
        }
        MarketplaceEvent::Coupon(event) => of_coupon(order, event)?,
        MarketplaceEvent::Saga(SagaMessage::CommandIssued { key, command, .. }) => {
            let told = of_step(command)?;
            issued.insert(key.clone()).then_some(told)?
        }
        MarketplaceEvent::Saga(message) => of_saga(message),
        MarketplaceEvent::Listing(_) | MarketplaceEvent::Earnings(_) | MarketplaceEvent::Quote(_) => {
            return None;
        }
    };
    Some(TimelineEntry {
        at: record.time,
        kind: record.event.topic(),
        subject: record.subject.clone(),
        summary,
        details,
    })
}

fn told<const N: usize>(summary: impl Into<String>, details: [(&'static str, String); N]) -> Told {
    (summary.into(), details.into())
}

fn of_order(event: &OrderEvent) -> Told {
    match event {
        OrderEvent::Placed { lines, coupons, subtotal, discount_total, currency, .. } => told(
            format!("The order of {} was placed", counted(lines.len(), "line")),
            [
                ("currency", currency.to_string()),
                ("subtotal", subtotal.to_string()),
                ("discountTotal", discount_total.to_string()),
                ("coupons", coupons.len().to_string()),
            ],
        ),
        OrderEvent::PaymentRequested { tax_total, totals, .. } => told(
            format!("{totals} {} are due, tax included", totals.currency()),
            [("taxTotal", tax_total.to_string()), ("totals", totals.to_string())],
        ),
        OrderEvent::Paid { totals, refund_deadline, cancel_requested, .. } => told(
            if *cancel_requested {
                "The order was paid while it was being cancelled: the money goes back".to_owned()
            } else {
                format!("{totals} {} were paid", totals.currency())
            },
            [("totals", totals.to_string()), ("refundDeadline", refund_deadline.to_string())],
        ),
        OrderEvent::PaymentFailed { code, is_final, .. } => told(
            if *is_final {
                "A payment was declined for good"
            } else {
                "A payment was declined; another can be tried"
            },
            [("code", code.clone())],
        ),
        OrderEvent::PaymentMismatched { payment_id, amount, stray, .. } => told(
            if *stray {
                "A payment arrived that does not fit the order; it goes back"
            } else {
                "Billing named another amount for a payment that is known already"
            },
            [("paymentId", payment_id.to_string()), ("amount", amount.to_string())],
        ),
        OrderEvent::PaymentAfterClose { payment_id, amount, .. } => told(
            "A payment arrived after the order had ended; it goes back",
            [("paymentId", payment_id.to_string()), ("amount", amount.to_string())],
        ),
        OrderEvent::PaymentDuplicate { payment_id, amount, .. } => told(
            "A second payment arrived; it goes back",
            [("paymentId", payment_id.to_string()), ("amount", amount.to_string())],
        ),
        OrderEvent::StrayReturned { payment_id, amount, .. } => told(
            format!("{amount} {} that the order did not ask for went back", amount.currency()),
            [("paymentId", payment_id.to_string()), ("amount", amount.to_string())],
        ),
        OrderEvent::CancelRequested { .. } => told("A cancel was asked for", []),
        OrderEvent::Fulfilled { lines, .. } => {
            told(format!("The order is fulfilled: {}", counted(lines.len(), "licence")), [])
        }
        OrderEvent::RefundRequested { refund_id, source, amount, lines, full, .. } => told(
            format!(
                "A refund of {amount} {} for {} was asked for",
                amount.currency(),
                counted(lines.len(), "line")
            ),
            [
                ("refundId", refund_id.to_string()),
                ("source", word(source)),
                ("amount", amount.to_string()),
                ("full", full.to_string()),
            ],
        ),
        OrderEvent::RefundFailed { refund_id, amount, .. } => told(
            "Billing could not return the money; the order is as it was",
            [("refundId", refund_id.to_string()), ("amount", amount.to_string())],
        ),
        OrderEvent::Refunded { refund_id, source, amount, full, .. } => told(
            format!("{amount} {} went back", amount.currency()),
            [
                ("refundId", refund_id.to_string()),
                ("source", word(source)),
                ("amount", amount.to_string()),
                ("full", full.to_string()),
            ],
        ),
        OrderEvent::Returned { refunded_total, .. } => {
            told("The purchase was undone and is refunded", [("refundedTotal", refunded_total.to_string())])
        }
        OrderEvent::Failed { reason, refunded_total, .. } => told(
            "The purchase was given up",
            [("reason", word(reason)), ("refundedTotal", refunded_total.to_string())],
        ),
    }
}

/// Whom a seat is for is not told: a tenant's administrators see its seats, its buyers do not.
fn of_license(event: &LicenseEvent) -> Told {
    let license = event.license();
    let line = license.order_line_id.map(|line| line.to_string()).unwrap_or_default();
    let until = license.valid_until.map_or_else(|| "never".to_owned(), |until| until.to_string());
    match event {
        LicenseEvent::Granted { seats, .. } => told(
            "A licence was granted",
            [
                ("orderLineId", line),
                ("courseId", license.course_id.to_string()),
                ("seats", seats.map_or_else(|| "unlimited".to_owned(), |seats| seats.to_string())),
                ("ends", until),
            ],
        ),
        LicenseEvent::SeatAssigned { .. } | LicenseEvent::WaitlistFilled { .. } => {
            told("A seat was assigned", [("orderLineId", line)])
        }
        LicenseEvent::SeatReleased { .. } => told("A seat was released", [("orderLineId", line)]),
        LicenseEvent::LeaseIssued { .. } => {
            told("A learner may go offline for a while", [("orderLineId", line)])
        }
        LicenseEvent::Expired { .. } => told("A licence expired", [("orderLineId", line), ("ends", until)]),
        LicenseEvent::Revoked { reason, released_seats, consumed_seats, .. } => told(
            "A licence was taken back",
            [
                ("orderLineId", line),
                ("reason", word(reason)),
                ("releasedSeats", released_seats.to_string()),
                ("consumedSeats", consumed_seats.to_string()),
            ],
        ),
        LicenseEvent::Renewed { .. } => {
            told("A licence was renewed", [("orderLineId", line), ("ends", until)])
        }
    }
}

/// The order's own use of a coupon, and nothing of its other uses.
fn of_coupon(order: OrderId, event: &CouponEvent) -> Option<Told> {
    let (summary, used) = match event {
        CouponEvent::Reserved(used) => ("A coupon is held for the order", used),
        CouponEvent::Confirmed(used) => ("A coupon counts as used", used),
        CouponEvent::Released(used) => ("A coupon was given back", used),
        CouponEvent::Created { .. } | CouponEvent::Edited { .. } | CouponEvent::Deactivated { .. } => {
            return None;
        }
    };
    let CouponUse { code, amount, order_id, .. } = used;
    (*order_id == order).then(|| told(summary, [("code", code.to_string()), ("amount", amount.to_string())]))
}

/// The steps that others take part in. What the order itself does it says in its own events.
fn of_step(command: &SagaCommand) -> Option<Told> {
    let of_line = |summary: &str, line: &dyn ToString| told(summary, [("orderLineId", line.to_string())]);
    Some(match command {
        SagaCommand::ReserveCoupons { .. } => told("The coupons are being held", []),
        SagaCommand::RequestPayment => told("Billing is asked for the tax and the payment", []),
        SagaCommand::VoidIntent => told("The payment that nobody made is being called off", []),
        SagaCommand::ConfirmCoupons { .. } => told("The coupons are being counted", []),
        SagaCommand::GrantLicense { line } => of_line("A licence is being granted", line),
        SagaCommand::Enroll { line, .. } => of_line("The learner is being enrolled", line),
        SagaCommand::CancelEnrollment { line, .. } => of_line("The enrolment is being ended", line),
        SagaCommand::RevokeLicense { line } => of_line("The licence is being taken back", line),
        SagaCommand::RefundPayment { .. } => told("The money is being returned", []),
        SagaCommand::ReleaseCoupons { .. } => told("The coupons are being given back", []),
        SagaCommand::MarkPendingPayment { .. }
        | SagaCommand::RecordFree
        | SagaCommand::PollPayment
        | SagaCommand::MarkFulfilled { .. }
        | SagaCommand::SettleRefund { .. }
        | SagaCommand::MarkOrderFailed { .. }
        | SagaCommand::MarkOrderRefunded => return None,
    })
}

fn of_saga(message: &SagaMessage) -> Told {
    match message {
        SagaMessage::CommandIssued { .. } => told("A step was taken", []),
        SagaMessage::CompensationStarted { reason, .. } => {
            told("The purchase is being undone", [("reason", word(reason))])
        }
        SagaMessage::NeedsAttention { .. } => {
            told("Something takes longer than it should; our staff look at it", [])
        }
        SagaMessage::Finished { state: SagaState::Fulfilled, .. } => told("The purchase is complete", []),
        SagaMessage::Finished { .. } => told("The purchase is undone", []),
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// A variant as the API spells it: `BuyerRefund` is `buyer_refund`.
fn word(variant: &impl std::fmt::Debug) -> String {
    format!("{variant:?}").chars().fold(String::new(), |mut text, letter| {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
        text
    })
}
