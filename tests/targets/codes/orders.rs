//! What paying, cancelling and refunding are refused with.

use serde_json::{Value, json};

use crate::{
    server::{Answer, Who},
    world::{World, new_buyer, one_time, text, unknown},
};

/// Provokes a code of an order's operation.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let step = |order: &Value, step: &str| format!("/v1/orders/{}/{step}", text(order, "id"));
    let (buyer, order) = match (operation, code) {
        ("orders.pay", "payment.token_refused") => pending(world).await,
        ("orders.pay", "order.not_payable") | ("orders.cancel", "order.not_cancellable") => {
            bought(world, json!({})).await
        }
        ("orders.refund" | "admin.orders.refund", _) => return refund(world, operation, code).await,
        _ => return None,
    };
    let ask = match operation {
        "orders.pay" => buyer.post(step(&order, "pay"), json!({"paymentToken": "tok_nobody_knows"})),
        _ => buyer.poke(step(&order, "cancel")),
    };
    Some(world.send(ask).await)
}

async fn pending(world: &World) -> (Who, Value) {
    let (buyer, sold) = (new_buyer(), world.personal().await);
    let order = world.pending(&buyer, &[(&sold, 1)]).await;
    (buyer, order)
}

/// A fulfilled order of a course with this refund policy.
async fn bought(world: &World, policy: Value) -> (Who, Value) {
    let sold = world.live(json!({"refundPolicy": policy}), one_time()).await;
    let buyer = new_buyer();
    let order = world.bought(&buyer, &[(&sold, 1)]).await;
    (buyer, order)
}

async fn refund(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let by_staff = operation == "admin.orders.refund";
    let again = async |buyer: &Who, order: &Value, lines: Value| {
        let id = text(order, "id");
        let ask = if by_staff {
            let body = json!({"reason": "kindness", "source": "admin", "lines": lines});
            world.admin.post(format!("/v1/admin/orders/{id}/refunds"), body)
        } else {
            buyer.post(format!("/v1/orders/{id}/refunds"), json!({"reason": "too hard", "lines": lines}))
        };
        world.send(ask).await
    };
    let all = Value::Null;
    let answer = match code {
        "refund.already_refunded" => {
            let (buyer, order) = bought(world, json!({})).await;
            assert_eq!(again(&buyer, &order, all.clone()).await.status, 202);
            again(&buyer, &order, all).await
        }
        "refund.attempts_exceeded" => {
            let (buyer, order) = bought(world, json!({"attemptsCap": 1})).await;
            let (user, course) = (buyer.id().parse().expect("an id"), "crs_demo_1".parse().expect("an id"));
            world.sarai.enrollment.set_activity(user, course, 2, false);
            again(&buyer, &order, all).await
        }
        "refund.deadline_passed" => {
            let (buyer, order) = bought(world, json!({"refundDays": 1})).await;
            world.advance(2 * 86_400).await;
            again(&buyer, &order, all).await
        }
        "refund.in_progress" => {
            let (buyer, order) = bought(world, json!({})).await;
            world.sarai.billing.set_outage(true);
            let pending = again(&buyer, &order, all.clone()).await;
            let answer = again(&buyer, &order, all).await;
            world.sarai.billing.set_outage(false);
            assert_eq!(pending.status, 202, "{pending:?}");
            answer
        }
        "refund.indeterminate" => {
            let (buyer, order) = bought(world, json!({"attemptsCap": 1})).await;
            world.sarai.enrollment.set_outage(true);
            let answer = again(&buyer, &order, all).await;
            world.sarai.enrollment.set_outage(false);
            answer
        }
        "refund.no_lines" => {
            let (buyer, order) = bought(world, json!({})).await;
            again(&buyer, &order, json!([])).await
        }
        "refund.not_refundable" => {
            let (buyer, order) = pending(world).await;
            again(&buyer, &order, all).await
        }
        "refund.not_self_refundable" => {
            let (buyer, order) = bought(world, json!({"refundDays": 0})).await;
            again(&buyer, &order, all).await
        }
        "refund.partial_before_fulfilment" => {
            let (buyer, one, two) = (new_buyer(), world.personal().await, world.personal().await);
            let order = world.pending(&buyer, &[(&one, 1), (&two, 1)]).await;
            world.sarai.enrollment.set_outage(true);
            let order = world.pay(&buyer, &order).await;
            let answer = again(&buyer, &order, json!([order["lines"][0]["id"]])).await;
            world.sarai.enrollment.set_outage(false);
            answer
        }
        "refund.unknown_line" => {
            let (buyer, order) = bought(world, json!({})).await;
            again(&buyer, &order, json!([unknown("oln")])).await
        }
        _ => return None,
    };
    Some(answer)
}
