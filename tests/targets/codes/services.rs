//! What signing in, messages of other services, the test clock and the demo are refused with.

use sarai_ports::feed::Feed;
use serde_json::{Value, json};

use crate::{
    requests::event,
    server::{Answer, Who},
    world::{World, new_buyer, text, usd},
};

/// Provokes a code of one of these operations.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let answer = match (operation, code) {
        ("sessions.create", "invalid_credentials") => world.send(sign_in("wrong")).await,
        ("sessions.refresh", "invalid_credentials") => {
            let body = json!({"refreshToken": "no-such-token"});
            world.send(Who::Nobody.post("/v1/auth/sessions/refresh", body)).await
        }
        ("sessions.create", "otp_required") => world.refusing.send(&sign_in("sarai-demo")).await,
        ("test-clock.advance", "clock.not_movable") => {
            world.real.send(&world.admin.post("/v1/test-clock", json!({"advanceSeconds": 1}))).await
        }
        ("admin.outbox.republish", "outbox.no_broker") => {
            let body = json!({"from": "2026-04-20T09:30:00Z", "reason": "the stream was lost"});
            world.send(world.admin.post("/v1/admin/outbox/republish", body)).await
        }
        ("admin.invariants.run", "audit.already_running") => while_auditing(world).await,
        ("demo.enrollment", "not_found") => {
            world.real.send(&world.admin.post("/v1/demo/enrollment", json!({"outage": false}))).await
        }
        ("events.list", "feed.ahead") => {
            let sold = world.personal().await;
            world.send(sold.provider.get("/v1/events?after=9007199254740991")).await
        }
        ("events.list", "key.environment_mismatch") => {
            let over = serde_json::json!({"scopes": ["marketplace:read"]});
            let (_, key) = crate::portal::key(world, &crate::portal::developer(), over).await;
            world.send(key.get("/v1/events?environment=PRODUCTION")).await
        }
        ("events.list", "feed.expired") => expired(world).await,
        ("integrations.receive", _) => return told(world, code).await,
        _ => return None,
    };
    Some(answer)
}

/// The answer to an audit while another one is under way.
async fn while_auditing(world: &World) -> Answer {
    let (auditor, runtime) = (world.sarai.auditor.clone(), tokio::runtime::Handle::current());
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (let_go, held) = std::sync::mpsc::channel::<()>();
    let audit = tokio::task::spawn_blocking(move || {
        let state = std::sync::Mutex::new((Some(begun), held));
        let hold = move |_| {
            let mut state = state.lock().expect("one at a time");
            if let Some(begun) = state.0.take() {
                begun.send(()).expect("somebody waits");
                let _ = state.1.recv();
            }
        };
        runtime.block_on(auditor.run(&hold)).map(drop)
    });
    has_begun.await.expect("it begins");
    let answer = world.send(world.admin.post("/v1/admin/invariants/run", json!({"reason": "again"}))).await;
    let_go.send(()).expect("it waits");
    audit.await.expect("no panic").expect("an audit");
    answer
}

/// A feed whose first events are forgotten: everything numbered until now is.
async fn expired(world: &World) -> Answer {
    let sold = world.personal().await;
    let page = world.ok(sold.provider.get("/v1/events?wait=5")).await;
    assert_eq!(page["data"][0]["number"], 1, "{page}");
    let soon = world.sarai.ports.clock.real().plus_days(1);
    Feed::purge(&*world.sarai.store, soon).await.expect("forgotten");
    world.send(sold.provider.get("/v1/events?after=0")).await
}

fn sign_in(password: &str) -> crate::server::Ask {
    Who::Nobody.post("/v1/auth/sessions", json!({"email": "buyer@demo.test", "password": password}))
}

/// A message of billing that contradicts what we know of a fulfilled order.
async fn told(world: &World, code: &str) -> Option<Answer> {
    if ![
        "earnings.invalid_transition",
        "license.not_renewable",
        "order.stray_not_found",
        "refund.settled_otherwise",
    ]
    .contains(&code)
    {
        return None;
    }
    let (buyer, sold) = (new_buyer(), world.personal().await);
    let order = world.bought(&buyer, &[(&sold, 1)]).await;
    let (kind, data) = match code {
        "earnings.invalid_transition" => {
            let periods = world.ok(sold.provider.get("/v1/provider/earnings")).await;
            let month = text(&periods["data"][0], "periodMonth");
            let key = format!("{}:USD:{month}", sold.provider.tenant());
            ("payout.paid", json!({"key": key, "payoutId": "po_1"}))
        }
        "license.not_renewable" => {
            let line = &order["lines"][0]["id"];
            let (amount, tax) = (usd("10.00"), usd("0.83"));
            let renewal = json!({
                "orderLineId": line, "invoiceId": "inv_1", "periodIndex": 1, "amount": amount, "tax": tax,
            });
            ("subscription.renewed", renewal)
        }
        "order.stray_not_found" => {
            ("refund.succeeded", json!({"orderId": order["id"], "key": "stray:pay_nobody"}))
        }
        _ => {
            let path = format!("/v1/orders/{}/refunds", text(&order, "id"));
            let refunded = world.ok(buyer.post(path, json!({"reason": "too hard"}))).await;
            let refund: &Value = &refunded["refunds"][0];
            assert_eq!(refund["state"], "succeeded", "{refunded}");
            let key = format!("rf:{}", text(refund, "id"));
            ("refund.failed", json!({"orderId": order["id"], "key": key, "code": "bank_refused"}))
        }
    };
    Some(world.send(Who::Signed.post("/v1/integrations/billing/events", event(kind, &data))).await)
}
