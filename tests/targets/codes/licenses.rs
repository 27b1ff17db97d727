//! What seats, gifts, grants and revocations are refused with.

use serde_json::{Value, json};

use crate::{
    server::{Answer, Who},
    world::{Sold, World, colleague, grant, merged, new_buyer, seat_pack, text, unknown},
};

/// Provokes a code of a licence's operation.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    match operation {
        "seats.assign" => assign(world, code).await,
        "seats.release" => release(world, code).await,
        "licenses.claim" => claim(world, code).await,
        "admin.licenses.grant" => granted(world, code).await,
        "admin.licenses.revoke" => revoked(world, code).await,
        _ => None,
    }
}

/// A licence of so many seats, whose buyer administers it.
pub(crate) async fn organisation(world: &World, seats: u32) -> (Who, Value) {
    let sold = world.live(json!({}), seat_pack(seats, "50.00")).await;
    let buyer = new_buyer();
    let order = world.bought(&buyer, &[(&sold, seats)]).await;
    (buyer, order)
}

pub(crate) fn license_of(order: &Value) -> String {
    text(&order["lines"][0], "licenseId")
}

pub(crate) fn seats_of(license: &str) -> String {
    format!("/v1/licenses/{license}/seats")
}

pub(crate) fn user(id: &str) -> Value {
    json!({"userId": id})
}

pub(crate) async fn revoke(world: &World, license: &str) {
    let path = format!("/v1/admin/licenses/{license}/revoke");
    world.ok(world.admin.post(path, json!({"reason": "a mistake"}))).await;
}

async fn assign(world: &World, code: &str) -> Option<Answer> {
    let (buyer, license) = match code {
        "license.no_seats_remaining" => {
            let (buyer, order) = organisation(world, 1).await;
            world.ok(buyer.post(seats_of(&license_of(&order)), user("usr_first"))).await;
            (buyer, license_of(&order))
        }
        "license.not_active" => {
            let (buyer, order) = organisation(world, 1).await;
            revoke(world, &license_of(&order)).await;
            (buyer, license_of(&order))
        }
        "license.not_org" => {
            let buyer = new_buyer();
            let gift = world.gift(&buyer).await;
            (buyer, text(&gift, "id"))
        }
        _ => return None,
    };
    Some(world.send(buyer.post(seats_of(&license), user("usr_second"))).await)
}

async fn release(world: &World, code: &str) -> Option<Answer> {
    let (buyer, license, seat) = match code {
        "license.not_org" => {
            let (buyer, sold) = (new_buyer(), world.personal().await);
            let license = license_of(&world.bought(&buyer, &[(&sold, 1)]).await);
            let seats = world.ok(buyer.get(seats_of(&license))).await;
            let seat = text(&seats["data"][0], "id");
            (buyer, license, seat)
        }
        "license.seat_consumed" => {
            let (buyer, order) = organisation(world, 1).await;
            let license = license_of(&order);
            let learner = crate::server::unique("usr");
            let seat = world.ok(buyer.post(seats_of(&license), user(&learner))).await;
            let (learner, course) = (learner.parse().expect("an id"), "crs_demo_1".parse().expect("an id"));
            world.sarai.enrollment.set_activity(learner, course, 1, true);
            let path = format!("/v1/orders/{}/refunds", text(&order, "id"));
            world.ok(buyer.post(path, json!({"reason": "too hard"}))).await;
            (buyer, license, text(&seat, "id"))
        }
        "license.seat_not_found" => {
            let (buyer, order) = organisation(world, 1).await;
            (buyer, license_of(&order), unknown("sal"))
        }
        _ => return None,
    };
    Some(world.send(buyer.delete(format!("{}/{seat}", seats_of(&license)))).await)
}

async fn claim(world: &World, code: &str) -> Option<Answer> {
    let buyer = new_buyer();
    let gift = world.gift(&buyer).await;
    let claim = |code: &str| json!({"code": code});
    let mut secret = text(&gift, "claimCode");
    match code {
        "license.already_claimed" => {
            world.ok(colleague(&buyer).post("/v1/licenses/claim", claim(&secret))).await;
        }
        "license.claim_expired" => world.advance(91 * 86_400).await,
        "license.claim_unknown" => secret = "NO-SUCH-CODE".to_owned(),
        "license.not_active" => revoke(world, &text(&gift, "id")).await,
        _ => return None,
    }
    Some(world.send(buyer.post("/v1/licenses/claim", claim(&secret))).await)
}

async fn granted(world: &World, code: &str) -> Option<Answer> {
    let (sold, to) = (world.personal().await, new_buyer());
    let body = match code {
        "license.gift_not_individual" => {
            let seats = world.live(json!({}), seat_pack(5, "50.00")).await;
            grant(&seats, "gift", &to)
        }
        "license.learner_required" => grant(&sold, "manual", &to),
        "license.reason_required" => merged(grant(&sold, "gift", &to), json!({"reason": " "})),
        "listing.plan_not_found" => grant(&Sold { plan: unknown("pln"), ..sold }, "gift", &to),
        "not_found" => grant(&Sold { listing: unknown("lst"), ..sold }, "gift", &to),
        _ => return None,
    };
    Some(world.send(world.admin.post("/v1/admin/licenses", body)).await)
}

async fn revoked(world: &World, code: &str) -> Option<Answer> {
    let (buyer, sold) = (new_buyer(), world.personal().await);
    let order = world.bought(&buyer, &[(&sold, 1)]).await;
    let server = match code {
        "license.invalid_transition" => {
            let path = format!("/v1/orders/{}/refunds", text(&order, "id"));
            world.ok(buyer.post(path, json!({"reason": "too hard"}))).await;
            &world.well
        }
        "upstream_refused" => &world.refusing,
        _ => return None,
    };
    let path = format!("/v1/admin/licenses/{}/revoke", license_of(&order));
    Some(server.send(&world.admin.post(path, json!({"reason": "a mistake"}))).await)
}
