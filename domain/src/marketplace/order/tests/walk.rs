//! Random walks: whatever is done in whatever order, the invariants hold.

use proptest::prelude::*;

use super::*;

type Command = Box<dyn Fn(&mut Order) -> Result<Outcome, OrderError>>;

/// A command of any kind, sensible or not, told by three small numbers.
fn command(kind: u8, n: u8, flag: bool, now: Timestamp) -> Command {
    let number = u128::from(n);
    match kind {
        0 => Box::new(move |order| {
            let taxes = taxes(order);
            let due = !order.is_free();
            order.request_payment(&taxes, due.then(intent), now)
        }),
        1 => Box::new(move |order| {
            let totals = order.data().totals.unwrap_or(usd(1));
            let amount = if n == 0 { usd(1) } else { totals };
            let intent = if flag { intent() } else { "pi_2".parse().unwrap() };
            order.record_payment(&intent, payment(&format!("pay_{n}")), amount, now)
        }),
        2 => Box::new(move |order| order.mark_paid_free(now)),
        3 => Box::new(move |order| order.record_payment_failure(&intent(), "declined".to_owned(), flag, now)),
        4 => Box::new(move |order| order.request_cancel(now)),
        5 | 6 => Box::new(move |order| {
            let licenses = licenses(order);
            order.fulfill(&licenses, now)
        }),
        7 => Box::new(move |order| order.fail(FailureReason::FulfilmentFailed, now)),
        8 | 9 => Box::new(move |order| {
            let lines = [number % 3 + 1, number % 2 + 1];
            order.request_refund(wish(number, flag.then_some(&lines)), now)
        }),
        10 => Box::new(move |order| order.request_refund(compensation(number + 100), now)),
        11 | 12 => Box::new(move |order| {
            let refund = order.pending_refund().map_or(id(number), |refund| refund.id);
            order.settle_refund(refund, n > 0, now)
        }),
        13 => Box::new(move |order| order.mark_refunded(now)),
        _ => Box::new(move |order| order.settle_stray(payment(&format!("pay_{n}")), now)),
    }
}

fn walk(cart: PricedCart, steps: &[(u8, u8, bool)]) -> Result<(), TestCaseError> {
    let mut order = placed(cart);
    for (at, (kind, n, flag)) in steps.iter().enumerate() {
        let before = order.clone();
        let outcome = command(*kind, *n, *flag, day(u32::try_from(at).unwrap()))(&mut order);
        order
            .check_invariants()
            .map_err(|error| TestCaseError::fail(format!("{kind} {n} {flag}: {error}")))?;
        if outcome == Ok(Outcome::Applied) {
            prop_assert!(order.pending().len() > before.pending().len());
            let json = serde_json::to_string(order.data()).unwrap();
            let data: OrderData = serde_json::from_str(&json).unwrap();
            let again = Order::rehydrate(data, order.refunds().cloned().collect(), 1).unwrap();
            prop_assert_eq!(again.data(), order.data());
        } else {
            prop_assert_eq!(order.data(), before.data());
            prop_assert!(order.refunds().eq(before.refunds()));
            prop_assert_eq!(order.pending().len(), before.pending().len());
        }
        prop_assert!(before.data().status <= order.data().status);
        prop_assert_eq!(before.data().saga_id, order.data().saga_id);
        if before.data().refund_deadline.is_some() {
            prop_assert_eq!(before.data().refund_deadline, order.data().refund_deadline);
        }
    }
    let mut returned = 0;
    for event in order.pending() {
        let json = serde_json::to_string(event).unwrap();
        prop_assert_eq!(&serde_json::from_str::<OrderEvent>(&json).unwrap(), event);
        if let OrderEvent::Refunded { amount, lines, .. } = event {
            returned += amount.minor_units();
            prop_assert_eq!(
                lines.iter().map(|line| line.amount.minor_units()).sum::<i64>(),
                amount.minor_units()
            );
        }
    }
    prop_assert_eq!(order.data().refunded_total.minor_units(), returned);
    prop_assert!(returned <= order.data().totals.map_or(0, |totals| totals.minor_units()));
    Ok(())
}

proptest! {
    #[test]
    fn any_walk_keeps_every_invariant(steps in prop::collection::vec((0_u8..15, 0_u8..4, any::<bool>()), 1..30)) {
        walk(three_lines(), &steps)?;
    }

    #[test]
    fn any_walk_of_a_paid_order_keeps_every_invariant(
        free: bool,
        steps in prop::collection::vec((4_u8..15, 0_u8..4, any::<bool>()), 1..30),
    ) {
        let start = if free { vec![(0, 0, true), (2, 0, true)] } else { vec![(0, 0, true), (1, 1, true)] };
        walk(if free { free_cart() } else { three_lines() }, &[start, steps].concat())?;
    }
}
