//! What coupons are refused with, created and changed.

use serde_json::{Value, json};

use crate::{
    server::{Answer, unique},
    world::{World, cart, new_buyer, seat_pack, text, usd},
};

/// Provokes a code of a coupon's operation.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "coupons.create" => create(world, code).await,
        "coupons.edit" => edit(world, code).await,
        _ => None,
    }
}

/// Members that are refused with this code.
async fn bad(world: &World, code: &str) -> Option<Value> {
    Some(match code {
        "coupon.code_malformed" => json!({"code": "a b"}),
        "coupon.code_taken" => json!({"code": world.coupon(json!({})).await["code"]}),
        "coupon.empty_window" => {
            json!({"validFrom": "2026-02-01T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"})
        }
        "coupon.foreign_provider_scope" => json!({"providerScope": "acc_somebody_else"}),
        "coupon.percent_out_of_range" => json!({"discount": {"kind": "percent", "value": 101}}),
        "coupon.zero_cap" => json!({"usageCap": 0}),
        "coupon.zero_discount" => json!({"discount": {"kind": "fixed", "amount": usd("0.00")}}),
        _ => return None,
    })
}

/// A good coupon with some members replaced whole.
fn with(over: &Value) -> Value {
    let mut body = json!({"code": unique("CODE"), "discount": {"kind": "percent", "value": 10}});
    for (name, value) in over.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}

async fn create(world: &World, code: &str) -> Option<Answer> {
    let who = match code {
        "coupon.foreign_provider_scope" => world.provider().await,
        _ => world.admin.clone(),
    };
    Some(world.send(who.post("/v1/coupons", with(&bad(world, code).await?))).await)
}

async fn edit(world: &World, code: &str) -> Option<Answer> {
    let who = match code {
        "coupon.foreign_provider_scope" => world.provider().await,
        _ => world.admin.clone(),
    };
    let coupon = world.ok(who.post("/v1/coupons", with(&json!({})))).await;
    let patch = match code {
        "coupon.frozen" => {
            hold(world, &coupon, 1).await;
            json!({"discount": {"kind": "percent", "value": 99}})
        }
        "coupon.cap_below_usage" => {
            hold(world, &coupon, 2).await;
            json!({"usageCap": 1})
        }
        _ => bad(world, code).await?,
    };
    let one = format!("/v1/coupons/{}", text(&coupon, "id"));
    let version = world.ok(who.get(&one)).await["version"].as_u64()?;
    Some(world.send(who.patch(one, version, patch)).await)
}

/// Takes uses of a coupon, each by another buyer's quote.
async fn hold(world: &World, coupon: &Value, uses: u32) {
    let sold = world.live(json!({}), seat_pack(1, "10.00")).await;
    for _ in 0..uses {
        let quote = cart(&[(&sold, 1)], &[&text(coupon, "code")]);
        world.ok(new_buyer().post("/v1/quotes", quote)).await;
    }
}
