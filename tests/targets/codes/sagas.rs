//! What acting on a saga is refused with.

use sarai_domain::{
    kernel::{Aggregate, OrderId},
    marketplace::saga::SagaEvent,
};
use sarai_ports::{Scope, Unit};
use serde_json::{Value, json};

use crate::{
    server::{Answer, Who},
    world::{World, new_buyer, text},
};

/// Provokes a code of one of these operations.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let action = operation.strip_prefix("admin.sagas.")?;
    let reason = json!({"reason": "the buyer called"});
    let (saga, body) = match (action, code) {
        ("retry", "saga.over") | ("compensate", "saga.not_compensatable") => (over(world).await, reason),
        ("resolve", "saga.over") => (over(world).await, resolution("void_intent", &Value::Null, "seen")),
        ("resolve", "saga.evidence_malformed") => {
            (open(world).await, resolution("void_intent", &Value::Null, " "))
        }
        ("resolve", "saga.needs_no_attention") => {
            (open(world).await, resolution("void_intent", &Value::Null, "seen"))
        }
        ("resolve", "saga.step_not_resolvable") => {
            (open(world).await, resolution("close_order", &Value::Null, "seen"))
        }
        ("resolve", "saga.step_not_failing") => {
            (stuck(world, &new_buyer()).await.0, resolution("refund_payment", &Value::Null, "seen"))
        }
        _ => return None,
    };
    Some(world.send(world.admin.post(format!("/v1/admin/sagas/{saga}/{action}"), body)).await)
}

/// What was done by hand.
pub(crate) fn resolution(step: &str, line: &Value, evidence: &str) -> Value {
    json!({"step": step, "line": line, "evidence": evidence, "reason": "it does not get on"})
}

/// The saga of an order.
pub(crate) async fn of(world: &World, order: &Value) -> String {
    let path = format!("/v1/admin/sagas?orderId={}", text(order, "id"));
    text(&world.ok(world.admin.get(path)).await["data"][0], "id")
}

/// A purchase that nobody gets on with, whose learner waits for the enrollment: its saga and the line.
pub(crate) async fn stuck(world: &World, buyer: &Who) -> (String, Value) {
    let sold = world.personal().await;
    let order = world.pending(buyer, &[(&sold, 1)]).await;
    world.sarai.enrollment.set_outage(true);
    let paid = world.pay(buyer, &order).await;
    world.sarai.enrollment.set_outage(false);
    assert_eq!(paid["status"], "paid", "{paid}");
    let (ports, id) = (&world.sarai.ports, text(&order, "id").parse::<OrderId>().expect("an id"));
    let found = ports.sagas.find_by_order(&Scope::System, id).await.expect("a store");
    let mut saga = found.expect("a saga");
    while !saga.data().needs_attention {
        let due = saga.data().next_attempt_at.expect("not over");
        let _ = saga.handle(&SagaEvent::RetryDue, None, due).expect("in the table");
    }
    // Nobody carries out what it commands.
    let unit = Unit::new(saga, ports.worker_context("test", &id), &*ports.ids, |_| Vec::new());
    let _ = ports.sagas.save(&Scope::System, unit).await.expect("saved");
    (of(world, &order).await, order["lines"][0]["id"].clone())
}

async fn open(world: &World) -> String {
    let sold = world.personal().await;
    of(world, &world.pending(&new_buyer(), &[(&sold, 1)]).await).await
}

async fn over(world: &World) -> String {
    let sold = world.personal().await;
    of(world, &world.bought(&new_buyer(), &[(&sold, 1)]).await).await
}
