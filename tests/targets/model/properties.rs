//! What must hold in every state, and what must be reached in some.

use sarai_domain::marketplace::{
    coupon::{CouponRedemption, RedemptionStatus},
    order::{OrderStatus, RefundProgress, StrayKind},
    saga::{CompensationReason, SagaState, SagaStep},
};
use stateright::{Model, Property};

use crate::{
    model::{Market, is_swept},
    step::Step,
    world::{Intent, Purchase, World},
};

/// The most attempts a step may take: more would be a loop.
const PATIENCE: u32 = 5;

/// A property of each purchase, or of one; the library wants plain functions.
macro_rules! of_purchases {
    ($($expectation:ident $every:ident $name:literal $rule:expr;)*) => {
        vec![$(Property::$expectation($name, |_: &Market, world: &World| {
            let rule: fn(&World, &Purchase) -> bool = $rule;
            world.purchases.iter().$every(|purchase| rule(world, purchase))
        })),*]
    };
}

/// What holds in every state.
pub(crate) fn always() -> Vec<Property<Market>> {
    let mut properties = of_purchases! {
        always all "a line has one licence at most" |_, purchase| purchase.licenses.len() <= 1;
        always all "nobody is licensed before the order is paid" |_, purchase| {
        purchase.order.data().paid_at.is_some() || purchase.licenses.is_empty()
    };
        always all "what is returned or given up leaves no licence and no enrolment" |_, purchase| {
        let order = purchase.order.data();
        let left = Step::is_licensed(&purchase.licenses) || purchase.learning.enrolled;
        let over = matches!(order.status, OrderStatus::Refunded | OrderStatus::Failed);
        // After fulfilment handlers of order.refunded see to it; before, the saga did.
        let at_once = over && order.fulfilled_at.is_none();
        let at_last = (over || order.refund_state == RefundProgress::Full) && purchase.is_quiet();
        !left || !(at_once || at_last && purchase.is_over())
    };
        always all "each undo has its effect once" |_, purchase| purchase.undone.each().iter().all(|times| *times <= 1);
        always all "money is with us for a purchase, or under way, or back" |_, purchase| {
        let back = purchase.billing.returned.len();
        let captured = usize::from(purchase.billing.captured);
        let status = purchase.order.data().status;
        let kept = matches!(status, OrderStatus::Paid | OrderStatus::Fulfilled);
        back <= captured && (back == captured || kept || !purchase.is_quiet())
    };
        always all "a purchase that is over is fulfilled with its money or undone without" |_, purchase| {
        let order = purchase.order.data();
        let captured = usize::from(purchase.billing.captured);
        let kept = captured - purchase.billing.returned.len().min(captured);
        !purchase.is_over()
            || !purchase.is_quiet()
            || match order.status {
                OrderStatus::Fulfilled => kept == 1 && Step::is_licensed(&purchase.licenses),
                OrderStatus::Failed | OrderStatus::Refunded => kept == 0,
                OrderStatus::Created | OrderStatus::PendingPayment | OrderStatus::Paid => false,
            }
    };
        always all "a timeout ends only what nobody has paid" |_, purchase| {
        purchase.saga.as_ref().is_none_or(|saga| {
            let saga = saga.data();
            saga.compensation_reason != Some(CompensationReason::PaymentTimeout)
                || saga.step_history.iter().all(|record| !matches!(record.step, SagaStep::GrantLicense { .. }))
        })
    };
        always all "nobody who paid in time is turned away" |_, purchase| {
            let reason = purchase.saga.as_ref().and_then(|saga| saga.data().compensation_reason);
            reason != Some(CompensationReason::BillingRefused)
                || purchase.order.data().paid_at.is_none()
                || purchase.billing.intent != Intent::Captured
        };
        always all "no step is tried for ever" |_, purchase| {
        purchase.saga.as_ref().is_none_or(|saga| {
            saga.data().step_history.iter().all(|record| record.attempts <= PATIENCE)
        })
    };
        always all "what is undone keeps no use of a coupon" |world, purchase| {
            let order = purchase.order.data().id;
            let mut uses = world.coupon.rows().iter().filter(|row| row.order_id == order);
            // A buyer's refund keeps it (R46).
            let reason = purchase.saga.as_ref().and_then(|saga| saga.data().compensation_reason);
            !is_in(purchase, SagaState::Failed)
                || !purchase.is_quiet()
                || reason == Some(CompensationReason::BuyerRefund)
                || uses.all(|row| row.status != RedemptionStatus::Confirmed)
        };
        always all "no more uses of the coupon count than its cap allows" |world, _| {
        let coupon = world.coupon.data();
        let counted = world.coupon.rows().iter().filter(|row| CouponRedemption::counts(row)).count();
        u32::try_from(counted) == Ok(coupon.usage_count)
            && coupon.usage_cap.is_none_or(|cap| coupon.usage_count <= cap)
    };
    };
    properties
        .push(Property::always("every purchase comes to its end", |market, world| !is_stuck(market, world)));
    properties.push(Property::always("nothing breaks", |_, world: &World| world.broken.is_none()));
    properties
}

/// What is reached by some purchase.
pub(crate) fn sometimes() -> Vec<Property<Market>> {
    of_purchases! {
        sometimes any "started" |_, purchase| is_in(purchase, SagaState::Started);
        sometimes any "awaiting_payment" |_, purchase| is_in(purchase, SagaState::AwaitingPayment);
        sometimes any "licensing" |_, purchase| is_in(purchase, SagaState::Licensing);
        sometimes any "enrolling" |_, purchase| is_in(purchase, SagaState::Enrolling);
        sometimes any "fulfilled" |_, purchase| is_in(purchase, SagaState::Fulfilled);
        sometimes any "compensating" |_, purchase| is_in(purchase, SagaState::Compensating);
        sometimes any "failed" |_, purchase| is_in(purchase, SagaState::Failed);
        sometimes any "an enrolment is cancelled" |_, purchase| purchase.undone.enrolment == 1;
        sometimes any "a licence is revoked" |_, purchase| purchase.undone.license == 1;
        sometimes any "money is returned" |_, purchase| purchase.undone.money == 1;
        sometimes any "an intent is voided" |_, purchase| purchase.undone.intent == 1;
        sometimes any "a coupon is released" |_, purchase| purchase.undone.coupon == 1;
        sometimes any "an order is closed" |_, purchase| purchase.undone.order == 1;
        sometimes any "a payment comes after the void" |_, purchase| purchase.billing.intent == Intent::VoidCaptured;
        sometimes any "a payment comes after the end and goes back" |_, purchase| {
        let strays = &purchase.order.data().stray_captures;
        strays.iter().any(|stray| stray.kind == StrayKind::AfterClose && stray.refunded_at.is_some())
    };
        sometimes any "a fulfilled order is returned" |_, purchase| {
        let order = purchase.order.data();
        order.fulfilled_at.is_some() && order.status == OrderStatus::Refunded
    };
    }
}

fn is_in(purchase: &Purchase, state: SagaState) -> bool {
    purchase.saga.as_ref().is_some_and(|saga| saga.data().state == state)
}

/// Nothing can happen any more, and a purchase is not over: a deadlock.
fn is_stuck(market: &Market, world: &World) -> bool {
    if world.purchases.iter().all(|purchase| purchase.is_over() && !is_swept(world, purchase)) {
        return false;
    }
    let mut actions = Vec::new();
    market.actions(world, &mut actions);
    actions.iter().all(|action| !action.goes_on())
}
