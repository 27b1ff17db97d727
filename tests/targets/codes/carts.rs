//! What a cart is refused with, quoted or ordered; and what becomes of a quote that is placed.

use serde_json::{Value, json};

use crate::{
    portal,
    server::{Answer, Server, Who, unique},
    world::{Sold, World, cart, colleague, merged, new_buyer, seat_pack, text, unknown},
};

/// Provokes a code of `quotes.create` or `orders.place`.
pub(crate) async fn provoke(world: &World, operation: &str, code: &str) -> Option<Answer> {
    let path = match operation {
        "quotes.create" => "/v1/quotes",
        "orders.place" => "/v1/orders",
        _ => return None,
    };
    if code.starts_with("quote.") {
        return placed(world, code).await;
    }
    let mut server = &world.well;
    let (buyer, body) = match code {
        "order.billing_refused" => {
            server = &world.refusing;
            let sold = world.personal().await;
            (new_buyer(), cart(&[(&sold, 1)], &[]))
        }
        _ if code.starts_with("coupon.") => with_coupons(world, code).await?,
        _ => with_lines(world, code).await?,
    };
    Some(send(server, &buyer, path, body).await)
}

async fn send(server: &Server, buyer: &Who, path: &str, body: Value) -> Answer {
    server.send(&buyer.post(path, body)).await
}

/// A pack of one seat, which can be bought again and again.
async fn seats(world: &World) -> Sold {
    world.live(json!({}), seat_pack(1, "10.00")).await
}

async fn with_coupons(world: &World, code: &str) -> Option<(Who, Value)> {
    let (sold, buyer) = (seats(world).await, new_buyer());
    let coupons = match code {
        "coupon.code_malformed" => return Some((buyer, cart(&[(&sold, 1)], &["a b"]))),
        "coupon.not_found" => return Some((buyer, cart(&[(&sold, 1)], &["NO-SUCH-CODE"]))),
        "coupon.currency_mismatch" => {
            let amount = json!({"amount": "1.00", "currency": "EUR"});
            let fixed = json!({"code": unique("CODE"), "discount": {"kind": "fixed", "amount": amount}});
            vec![world.ok(world.admin.post("/v1/coupons", fixed)).await]
        }
        "coupon.expired" => {
            let over = json!({"validFrom": "2020-01-01T00:00:00Z", "validUntil": "2021-01-01T00:00:00Z"});
            vec![world.coupon(over).await]
        }
        "coupon.not_yet_valid" => vec![world.coupon(json!({"validFrom": "2999-01-01T00:00:00Z"})).await],
        "coupon.not_applicable" => vec![world.coupon(json!({"providerScope": "acc_nobody"})).await],
        "coupon.inactive" => {
            let coupon = world.coupon(json!({})).await;
            let path = format!("/v1/coupons/{}/deactivate", text(&coupon, "id"));
            world.ok(world.admin.poke(path)).await;
            vec![coupon]
        }
        "coupon.not_stackable" => vec![world.coupon(json!({})).await, world.coupon(json!({})).await],
        "coupon.too_many" => {
            let mut six = Vec::new();
            for _ in 0..6 {
                six.push(world.coupon(json!({})).await);
            }
            six
        }
        "coupon.exhausted" | "coupon.user_cap_reached" => {
            let (cap, first) = match code {
                "coupon.exhausted" => ("usageCap", new_buyer()),
                _ => ("perUserCap", buyer.clone()),
            };
            let coupon = world.coupon(json!({cap: 1})).await;
            let code = text(&coupon, "code");
            world.ok(first.post("/v1/quotes", cart(&[(&sold, 1)], &[&code]))).await;
            vec![coupon]
        }
        _ => return None,
    };
    let codes: Vec<String> = coupons.iter().map(|coupon| text(coupon, "code")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    Some((buyer, cart(&[(&sold, 1)], &codes)))
}

async fn with_lines(world: &World, code: &str) -> Option<(Who, Value)> {
    let buyer = new_buyer();
    let body = match code {
        "listing.kyc_required" => {
            let sold = world.personal().await;
            world.verify(sold.provider.tenant(), false).await;
            cart(&[(&sold, 1)], &[])
        }
        "listing.not_live" => cart(&[(&world.suspended().await, 1)], &[]),
        "listing.plan_not_found" => {
            let sold = Sold { plan: unknown("pln"), ..world.personal().await };
            cart(&[(&sold, 1)], &[])
        }
        "money.overflow" => {
            let dear = world.live(json!({}), seat_pack(1, "999999999999999.00")).await;
            cart(&[(&dear, 1_000_000)], &[])
        }
        "not_found" => {
            let sold = Sold { listing: unknown("lst"), ..world.personal().await };
            cart(&[(&sold, 1)], &[])
        }
        "order.already_licensed" => {
            let sold = world.personal().await;
            world.bought(&buyer, &[(&sold, 1)]).await;
            cart(&[(&sold, 1)], &[])
        }
        "order.currency_mismatch" => {
            merged(cart(&[(&world.personal().await, 1)], &[]), json!({"currency": "EUR"}))
        }
        "order.duplicate_line" => {
            let sold = seats(world).await;
            cart(&[(&sold, 1), (&sold, 2)], &[])
        }
        "order.learner_required" => {
            let body = cart(&[(&world.personal().await, 1)], &[]);
            let terms = json!({"environment": "PRODUCTION", "scopes": ["marketplace:write"]});
            return Some((portal::key(world, &portal::administrator(), terms).await.1, body));
        }
        "order.no_lines" => cart(&[], &[]),
        "order.plan_inactive" => {
            let sold = world.personal().await;
            let version = world.version(&sold).await;
            let path = sold.path(&format!("/plans/{}", sold.plan));
            world.ok(sold.provider.patch(path, version, json!({"active": false}))).await;
            cart(&[(&sold, 1)], &[])
        }
        "order.quantity_must_be_one" => cart(&[(&world.personal().await, 2)], &[]),
        "order.quantity_not_multiple" => {
            let five = world.live(json!({}), seat_pack(5, "50.00")).await;
            cart(&[(&five, 3)], &[])
        }
        "order.too_many_lines" => {
            let sold = seats(world).await;
            cart(&vec![(&sold, 1); 51], &[])
        }
        _ => return None,
    };
    Some((buyer, body))
}

/// A quote that cannot be placed.
async fn placed(world: &World, code: &str) -> Option<Answer> {
    let (sold, buyer) = (world.personal().await, new_buyer());
    let request = cart(&[(&sold, 1)], &[]);
    let token = match code {
        "quote.token_invalid" => "nonsense".to_owned(),
        "quote.expired" => {
            let quote = world.ok(buyer.post("/v1/quotes", request)).await;
            world.advance(16 * 60).await;
            text(&quote, "quoteToken")
        }
        "quote.used" => {
            let quote = world.ok(colleague(&buyer).post("/v1/quotes", request)).await;
            text(&quote, "quoteToken")
        }
        _ => return None,
    };
    Some(send(&world.well, &buyer, "/v1/orders", json!({"quoteToken": token})).await)
}
