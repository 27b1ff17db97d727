//! What bulk changes of seats, waitlists and leases are refused with.

use serde_json::{Value, json};

use crate::{
    licenses::{license_of, organisation, revoke, seats_of, user},
    requests::event,
    server::{Answer, Who},
    world::{World, merged, new_buyer, seat_pack, text, unknown, usd},
};

/// Provokes a code of an operation of the seat desk.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "seats.bulk" => bulk(world, code).await,
        "waitlist.join" => join(world, code).await,
        "waitlist.leave" => leave(world, code).await,
        "leases.issue" => lease(world, code).await,
        _ => None,
    }
}

fn waitlist_of(license: &str) -> String {
    format!("/v1/licenses/{license}/waitlist")
}

async fn bulk(world: &World, code: &str) -> Option<Answer> {
    let rows = match code {
        "license.bulk_empty" => 0,
        "license.bulk_too_large" => 1_001,
        _ => return None,
    };
    let (buyer, order) = organisation(world, 1).await;
    let rows: Vec<Value> = (0..rows).map(|row| json!({"assign": format!("usr_{row}")})).collect();
    let path = format!("{}/bulk", seats_of(&license_of(&order)));
    Some(world.send(buyer.post(path, json!({"rows": rows}))).await)
}

/// A licence whose only seat `usr_seated` has.
async fn full(world: &World) -> (Who, String, Value) {
    let (buyer, order) = organisation(world, 1).await;
    let license = license_of(&order);
    let seat = world.ok(buyer.post(seats_of(&license), user("usr_seated"))).await;
    (buyer, license, seat)
}

async fn join(world: &World, code: &str) -> Option<Answer> {
    let (buyer, license, who) = match code {
        "license.already_seated" => {
            let (buyer, license, _) = full(world).await;
            (buyer, license, "usr_seated")
        }
        "license.not_active" => {
            let (buyer, license, _) = full(world).await;
            revoke(world, &license).await;
            (buyer, license, "usr_late")
        }
        "license.not_org" => {
            let (buyer, sold) = (new_buyer(), world.personal().await);
            let license = license_of(&world.bought(&buyer, &[(&sold, 1)]).await);
            (buyer, license, "usr_late")
        }
        "license.seats_available" => {
            let (buyer, order) = organisation(world, 1).await;
            (buyer, license_of(&order), "usr_late")
        }
        _ => return None,
    };
    Some(world.send(buyer.post(waitlist_of(&license), user(who))).await)
}

async fn leave(world: &World, code: &str) -> Option<Answer> {
    let (buyer, license, seat) = full(world).await;
    match code {
        "license.already_seated" => {
            world.ok(buyer.post(waitlist_of(&license), user("usr_late"))).await;
            world.ok(buyer.delete(format!("{}/{}", seats_of(&license), text(&seat, "id")))).await;
        }
        "license.not_waiting" => {}
        _ => return None,
    }
    Some(world.send(buyer.delete(format!("{}/usr_late", waitlist_of(&license)))).await)
}

/// A plan with offline access.
fn offline(plan: Value) -> Value {
    merged(plan, json!({"perpetualOfflineAccess": true}))
}

/// A monthly licence that was renewed late, and for the month after the next.
async fn to_come(world: &World) -> (Who, String) {
    let plan = json!({"kind": "subscription", "price": usd("10.00"), "intervalMonths": 1});
    let (buyer, sold) = (new_buyer(), world.live(json!({}), offline(plan)).await);
    let order = world.bought(&buyer, &[(&sold, 1)]).await;
    world.advance(32 * 86_400).await;
    let renewal = json!({
        "orderLineId": order["lines"][0]["id"], "invoiceId": "inv_3", "periodIndex": 3,
        "amount": usd("10.00"), "tax": usd("0.83"),
    });
    let renewed = event("subscription.renewed", &renewal);
    world.ok(Who::Signed.post("/v1/integrations/billing/events", renewed)).await;
    let active = world.ok(buyer.get("/v1/licenses?state=active")).await;
    (buyer, text(&active["data"][0], "id"))
}

async fn lease(world: &World, code: &str) -> Option<Answer> {
    let (mut buyer, sold) = (new_buyer(), world.live(json!({}), offline(seat_pack(1, "50.00"))).await);
    let mut license = license_of(&world.bought(&buyer, &[(&sold, 1)]).await);
    world.ok(buyer.post(seats_of(&license), user("usr_seated"))).await;
    let mut body = user("usr_seated");
    match code {
        "license.lease_hours_out_of_range" => body = merged(body, json!({"hours": 73})),
        "license.no_seat" => body = user("usr_late"),
        "license.not_active" => revoke(world, &license).await,
        "license.not_started" => {
            (buyer, license) = to_come(world).await;
            body = json!({});
        }
        "license.offline_not_allowed" => (buyer, license, _) = full(world).await,
        "license.seat_not_found" => body = json!({"seatId": unknown("sal")}),
        _ => return None,
    }
    Some(world.send(buyer.post(format!("/v1/licenses/{license}/leases"), body)).await)
}
