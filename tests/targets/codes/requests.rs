//! For every operation one request that works, over a stock of things that no provocation uses up.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    messages, portal, publishing, sagas, sandboxes,
    server::{Ask, Who},
    templates, verify, webhooks,
    world::{
        NEXT_VERSION, Sold, World, cart, coupon, grant, listing, merged, new_buyer, one_time, seat_pack,
        text, usd,
    },
};

/// An operation of the document.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) described: Value,
}

/// Things in every state that an operation begins with.
#[derive(Default)]
pub(crate) struct Stock {
    draft: Option<Sold>,
    submitted: Option<Sold>,
    submitted_version: u64,
    approved: Option<Sold>,
    live: Option<Sold>,
    suspended: Option<Sold>,
    proposed: Option<Sold>,
    buyer: Option<Who>,
    to_pay: Value,
    to_cancel: Value,
    fulfilled: Value,
    license: String,
    seat: String,
    /// One seat with offline access; `usr_seated` sits there, and somebody waits.
    full: String,
    waiting: String,
    gift: Value,
    coupon: Value,
    saga: String,
    stuck: (String, Value),
    developer: Option<Who>,
    key: String,
    /// Keys of one scope each, and that scope.
    useless: Vec<(&'static str, String)>,
    sandbox: String,
    closing: String,
    /// A stopped endpoint with a delivery that failed, and another endpoint.
    webhook: String,
    webhook_delivery: String,
    other_webhook: String,
    /// When the two were made.
    webhook_since: String,
    webhook_until: String,
    account: String,
    suspended_account: String,
    pub(crate) shelf: publishing::Shelf,
    verifier: Option<Who>,
    verification: String,
    message: String,
    /// Templates: a draft, one that was handed in, one that is used.
    template: String,
    template_in_review: String,
    template_in_use: String,
    invoice: String,
    link: String,
    refresh: String,
}

impl Stock {
    pub(crate) async fn fill(world: &World) -> Self {
        let (buyer, developer) = (new_buyer(), portal::developer());
        let (personal, seats) = (world.personal().await, world.live(json!({}), seat_pack(5, "50.00")).await);
        let submitted = world.submitted().await;
        let fulfilled = world.bought(&buyer, &[(&seats, 5)]).await;
        let license = text(&fulfilled["lines"][0], "licenseId");
        let seat = buyer.post(format!("/v1/licenses/{license}/seats"), json!({"userId": "usr_seated"}));
        let proposed = world.personal().await;
        let (webhook, webhook_delivery) = webhooks::failed(world, &developer).await;
        let other_webhook = webhooks::webhook(world, &developer).await;
        let proposal = json!({"category": "metal"});
        world.ok(proposed.provider.post(proposed.path("/proposals"), proposal)).await;
        let (full, waiting) = full(world, &buyer).await;
        let (verifier, verification) = verify::cooled(world, &developer).await;
        let (invoice, link) = messages::invoice(world).await;
        let session = json!({"email": "other@demo.test", "password": "sarai-demo"});
        let session = world.ok(Who::Nobody.post("/v1/auth/sessions", session)).await;
        Self {
            verifier: Some(verifier),
            verification,
            refresh: text(&session, "refreshToken"),
            message: messages::over(world).await,
            template: id_of(&templates::template(world, &developer).await),
            template_in_review: in_review(world, &developer).await,
            template_in_use: in_use(world, &developer).await,
            invoice,
            link,
            proposed: Some(proposed),
            draft: Some(world.draft(json!({}), one_time()).await),
            submitted_version: world.version(&submitted).await,
            submitted: Some(submitted),
            approved: Some(world.approved().await),
            suspended: Some(world.suspended().await),
            to_pay: world.pending(&buyer, &[(&personal, 1)]).await,
            to_cancel: world.pending(&buyer, &[(&personal, 1)]).await,
            live: Some(personal),
            seat: text(&world.ok(seat).await, "id"),
            license,
            full,
            waiting,
            fulfilled,
            gift: world.gift(&buyer).await,
            coupon: world.coupon(json!({})).await,
            stuck: sagas::stuck(world, &buyer).await,
            webhook_since: webhooks::created_at(world, &developer, &webhook).await,
            webhook_until: webhooks::created_at(world, &developer, &other_webhook).await,
            webhook,
            webhook_delivery,
            other_webhook,
            key: portal::key(world, &developer, json!({})).await.0,
            useless: useless(world, &developer).await,
            sandbox: sandboxes::made(world, &developer).await,
            closing: sandboxes::made(world, &developer).await,
            account: text(&world.ok(developer.get("/v1/me")).await["account"], "accountId"),
            suspended_account: portal::suspended(world).await.1,
            developer: Some(developer),
            saga: sagas::of(world, &world.pending(&buyer, &[(&seats, 5)]).await).await,
            buyer: Some(buyer),
            shelf: publishing::Shelf::fill(world).await,
        }
    }
}

/// The last part of a path.
fn id_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A template that was handed in.
async fn in_review(world: &World, developer: &Who) -> String {
    let path = templates::template(world, developer).await;
    world.ok(developer.poke(format!("{path}/submit"))).await;
    id_of(&path)
}

/// A template that was approved.
async fn in_use(world: &World, developer: &Who) -> String {
    let id = in_review(world, developer).await;
    world.ok(world.admin.poke(format!("/v1/templates/{id}/approve"))).await;
    id
}

/// Keys that may hardly anything.
async fn useless(world: &World, developer: &Who) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    for scope in ["usage:read", "verify:read"] {
        if let Who::Key(secret) = portal::key(world, developer, json!({"scopes": [scope]})).await.1 {
            keys.push((scope, secret));
        }
    }
    keys
}

/// A licence whose only seat is taken, and the place of who waits for it.
async fn full(world: &World, buyer: &Who) -> (String, String) {
    let plan = merged(seat_pack(1, "50.00"), json!({"perpetualOfflineAccess": true}));
    let sold = world.live(json!({}), plan).await;
    let license = text(&world.bought(buyer, &[(&sold, 1)]).await["lines"][0], "licenseId");
    world.ok(buyer.post(format!("/v1/licenses/{license}/seats"), json!({"userId": "usr_seated"}))).await;
    let joining = buyer.post(format!("/v1/licenses/{license}/waitlist"), json!({"userId": "usr_waiting"}));
    let waiting = text(&world.ok(joining).await, "id");
    (license, waiting)
}

impl World {
    /// A key that may nothing of what is asked.
    pub(crate) fn useless_key(&self, operation: &Operation) -> Who {
        let useless = self.stock.useless.iter().find(|(scope, _)| operation.described["x-scope"] != *scope);
        useless.map_or(Who::Nobody, |(_, secret)| Who::Key(secret.clone()))
    }

    /// A key that may what is asked, in the sandbox.
    pub(crate) async fn key_of_the_sandbox(&self, operation: &Operation) -> Who {
        let administrator = portal::administrator();
        portal::key(self, &administrator, json!({"scopes": [operation.described["x-scope"]]})).await.1
    }

    /// A request of this operation that works.
    pub(crate) fn working(&self, operation: &Operation) -> Option<Ask> {
        let stock = &self.stock;
        let (Some(draft), Some(submitted), Some(approved), Some(live), Some(suspended), Some(buyer)) =
            (&stock.draft, &stock.submitted, &stock.approved, &stock.live, &stock.suspended, &stock.buyer)
        else {
            return None;
        };
        let proposed = stock.proposed.as_ref()?;
        let (developer, verifier) = (stock.developer.as_ref()?, stock.verifier.as_ref()?);
        // An account that is changed by whoever has none yet.
        let newcomer = portal::developer();
        let (admin, provider, nobody) = (&self.admin, &live.provider, &Who::Nobody);
        // Somebody who has nothing yet.
        let shopper = new_buyer();
        let id = |value: &Value| text(value, "id");
        let reason = || json!({"reason": "it is time"});
        let version = || json!({"courseVersionId": NEXT_VERSION});
        let (nothing, license) = (String::new, || stock.license.clone());
        let published = stock.shelf.working(self, &operation.id);
        let listed = |sold: &Sold| sold.listing.clone();
        // Who asks, the id in the path, and the body.
        let (who, id, body) = match operation.id.as_str() {
            "sessions.create" => {
                (nobody, nothing(), Some(json!({"email": "buyer@demo.test", "password": "sarai-demo"})))
            }
            "sessions.refresh" => (nobody, nothing(), Some(json!({"refreshToken": stock.refresh}))),
            "sessions.end" => (buyer, nothing(), None),
            "me.close" => (&newcomer, nothing(), None),
            "me.edit" => (&newcomer, nothing(), Some(json!({"displayName": "Amina"}))),
            "me.accept-terms" => (&newcomer, nothing(), Some(json!({"version": "2026-01"}))),
            "keys.create" => (developer, nothing(), Some(portal::new_key(json!({})))),
            "keys.list" => (developer, nothing(), None),
            "keys.get" | "keys.revoke" | "keys.traffic" => (developer, stock.key.clone(), None),
            "keys.edit" => (developer, stock.key.clone(), Some(json!({"label": "renamed"}))),
            "sandboxes.create" => (developer, nothing(), Some(json!({}))),
            "sandboxes.list" | "sandbox-scenarios.list" => (developer, nothing(), None),
            "sandboxes.get" | "sandboxes.inbox" | "sandboxes.reset" => {
                (developer, stock.sandbox.clone(), None)
            }
            "sandboxes.close" => (developer, stock.closing.clone(), None),
            "sandboxes.advance" => (developer, stock.sandbox.clone(), Some(json!({"advanceSeconds": 1}))),
            "sandboxes.extend" => (developer, stock.sandbox.clone(), Some(json!({"ttlSeconds": 604_800}))),
            "secret-alerts.receive" => (&Who::Finder, nothing(), Some(json!([]))),
            "callbacks.receive" => {
                (&Who::Provider, nothing(), Some(json!({"id": "m-1", "status": "DELIVERED"})))
            }
            "keys.rotate" => (developer, stock.key.clone(), Some(json!({"overlapSeconds": 60}))),
            "verifications.start" => (verifier, nothing(), Some(verify::to_number(json!({})))),
            "verifications.preview" => (verifier, nothing(), Some(json!({"phone": "+93701234567"}))),
            "verifications.list" => (verifier, nothing(), None),
            "verifications.check" => (verifier, stock.verification.clone(), Some(json!({"code": "000000"}))),
            "verifications.get"
            | "verifications.resend"
            | "verifications.next-channel"
            | "verifications.cancel" => (verifier, stock.verification.clone(), None),
            "verify-policy.get" | "spend-policy.get" => (developer, nothing(), None),
            "verify-policy.set" => (developer, nothing(), Some(verify::settings(json!({})))),
            "spend-policy.set" => (developer, nothing(), Some(verify::caps())),
            "verify-policy.allow" => (developer, nothing(), Some(json!({"country": "DE"}))),
            "verify-policy.unlock" => {
                let to = json!({"phone": "+93701234567"});
                (admin, nothing(), Some(json!({"tenantId": "acme", "to": to, "reason": "she called"})))
            }
            "verify-jwks.get" | "verify-sandbox-jwks.get" => (nobody, nothing(), None),
            "messages.send" | "messages.quote" => {
                (&messages::customer(), nothing(), Some(messages::new_message(json!({}))))
            }
            "messages.list"
            | "messages.stats"
            | "messages.export"
            | "sender-ids.list"
            | "message-error-codes.list"
            | "balance.get"
            | "invoices.list"
            | "usage.summary"
            | "usage.timeseries" => (&messages::customer(), nothing(), None),
            "operators.health" => (&messages::customer(), "Roshan".to_owned(), None),
            "messages.get" | "messages.receipt" => (&messages::customer(), stock.message.clone(), None),
            "invoices.get" | "invoices.pdf-url" => (&messages::customer(), stock.invoice.clone(), None),
            "invoices.pdf" => (nobody, stock.link.clone(), None),
            "webhooks.create" => (developer, nothing(), Some(webhooks::new_webhook(json!({})))),
            "webhooks.list" => (developer, nothing(), None),
            "webhooks.get" | "webhooks.deliveries" | "webhooks.deliveries.count" => {
                (developer, stock.webhook.clone(), None)
            }
            "webhooks.edit" => (developer, stock.webhook.clone(), Some(json!({"description": "mine"}))),
            "webhooks.test" | "webhooks.replay" => (developer, stock.webhook.clone(), None),
            "webhooks.recover" => {
                let window = json!({"since": stock.webhook_since, "until": stock.webhook_until});
                (developer, stock.webhook.clone(), Some(window))
            }
            // It is stopped.
            "webhooks.enable" => (developer, stock.webhook.clone(), None),
            "webhooks.delete" | "webhooks.disable" => (developer, stock.other_webhook.clone(), None),
            "webhooks.rotate-secret" => {
                (developer, stock.other_webhook.clone(), Some(json!({"overlapSeconds": 60})))
            }
            "deliveries.get" => (developer, stock.webhook_delivery.clone(), None),
            "deliveries.diagnose" => {
                (developer, stock.webhook_delivery.clone(), Some(json!({"headers": {}, "body": "{}"})))
            }
            "templates.create" => (developer, nothing(), Some(templates::new_template(json!({})))),
            "templates.list" => (developer, nothing(), None),
            "templates.new-version" => (developer, stock.template_in_use.clone(), None),
            "templates.get" | "templates.submit" => (developer, stock.template.clone(), None),
            "templates.edit" => {
                let texts = templates::edited(templates::new_template(json!({"domain": "example.com"})));
                (developer, stock.template.clone(), Some(texts))
            }
            "templates.archive" => (developer, stock.template_in_use.clone(), Some(json!({}))),
            "templates.render" => {
                (developer, stock.template.clone(), Some(json!({"channel": "SMS", "locale": "en"})))
            }
            "templates.approve" => (admin, stock.template_in_review.clone(), None),
            "templates.reject" => (admin, stock.template_in_review.clone(), Some(reason())),
            "admin.accounts.suspend" => (admin, stock.account.clone(), Some(reason())),
            "admin.accounts.reinstate" => (admin, stock.suspended_account.clone(), Some(reason())),
            "me.get" | "licenses.list" | "orders.list" => (buyer, nothing(), None),
            "jwks.get" | "catalog.list" => (nobody, nothing(), None),
            "catalog.get" => (nobody, listed(live), None),
            "listings.create" => (provider, nothing(), Some(listing(json!({})))),
            "listings.get" | "listings.submit" => (&draft.provider, listed(draft), None),
            "listings.edit" => (&draft.provider, listed(draft), Some(json!({"category": "metal"}))),
            "plans.create" | "plans.replace" => (&draft.provider, listed(draft), Some(one_time())),
            "plans.edit" => (&draft.provider, listed(draft), Some(json!({"price": usd("11.00")}))),
            "listings.withdraw" => (&submitted.provider, listed(submitted), None),
            "listings.go-live" => (&approved.provider, listed(approved), None),
            "listings.propose" => (&live.provider, listed(live), Some(json!({"category": "metal"}))),
            "listings.withdraw-proposal" => (&proposed.provider, listed(proposed), None),
            "listings.retire" => (&suspended.provider, listed(suspended), None),
            "listings.ship-version" => (&live.provider, listed(live), Some(version())),
            "provider.listings.list" | "provider.licenses.list" | "provider.earnings.list" => {
                (provider, nothing(), None)
            }
            "provider.earnings.statement" => (provider, "2026-04".to_owned(), None),
            "provider.sales.list" => (provider, nothing(), None),
            "admin.invariants.get"
            | "admin.outbox.get"
            | "admin.listings.list"
            | "coupons.list"
            | "test-clock.get" => (admin, nothing(), None),
            "admin.invariants.run" | "admin.outbox.redrive" => (admin, nothing(), Some(reason())),
            "admin.outbox.republish" => {
                let body = json!({"from": "2026-04-20T09:30:00Z", "reason": "the stream was lost"});
                (admin, nothing(), Some(body))
            }
            "admin.listings.review" => (admin, listed(proposed), None),
            "admin.listings.approve" => {
                (admin, listed(submitted), Some(json!({"reviewedVersion": stock.submitted_version})))
            }
            "admin.listings.reject" => (admin, listed(submitted), Some(reason())),
            "admin.listings.suspend" => (admin, listed(live), Some(reason())),
            "admin.listings.reinstate" => (admin, listed(suspended), Some(reason())),
            "admin.listings.revenue-share" => {
                let share = json!({"platformBps": 2_000, "providerBps": 8_000, "reason": "negotiated"});
                (admin, listed(live), Some(share))
            }
            "quotes.create" | "orders.place" => (&shopper, nothing(), Some(cart(&[(live, 1)], &[]))),
            "orders.get" | "orders.explain" | "orders.timeline" | "orders.refund-preview" => {
                (buyer, id(&stock.fulfilled), None)
            }
            "orders.pay" => (buyer, id(&stock.to_pay), Some(json!({"paymentToken": "tok_ok"}))),
            "orders.cancel" => (buyer, id(&stock.to_cancel), None),
            "orders.refund" => (buyer, id(&stock.fulfilled), Some(reason())),
            "admin.orders.refund" => {
                (admin, id(&stock.fulfilled), Some(json!({"reason": "kindness", "source": "admin"})))
            }
            "licenses.get" | "seats.list" | "seats.release" => (buyer, license(), None),
            "seats.assign" => (buyer, license(), Some(json!({"userId": "usr_next"}))),
            "seats.bulk" => (buyer, license(), Some(json!({"rows": [{"assign": "usr_many"}]}))),
            "waitlist.list" | "waitlist.leave" => (buyer, stock.full.clone(), None),
            "waitlist.join" => (buyer, stock.full.clone(), Some(json!({"userId": "usr_late"}))),
            "leases.issue" => (buyer, stock.full.clone(), Some(json!({"userId": "usr_seated"}))),
            "licenses.claim" => (buyer, nothing(), Some(json!({"code": stock.gift["claimCode"]}))),
            "entitlements.check" => {
                (buyer, nothing(), Some(json!({"userId": "usr_seated", "courseId": "crs_demo_1"})))
            }
            "admin.licenses.grant" => (admin, nothing(), Some(grant(live, "gift", buyer))),
            "admin.licenses.revoke" => (admin, license(), Some(reason())),
            "coupons.create" => (admin, nothing(), Some(coupon(json!({})))),
            "coupons.get" | "coupons.deactivate" => (admin, id(&stock.coupon), None),
            "coupons.edit" => (admin, id(&stock.coupon), Some(json!({"usageCap": 100}))),
            "integrations.receive" => {
                let declined = json!({
                    "orderId": stock.to_cancel["id"], "paymentIntentId": stock.to_cancel["paymentIntentId"],
                    "code": "card_declined",
                });
                (&Who::Signed, "billing".to_owned(), Some(event("payment.declined", &declined)))
            }
            "admin.sagas.list" => (admin, nothing(), None),
            "admin.sagas.get" => (admin, stock.saga.clone(), None),
            "admin.sagas.retry" | "admin.sagas.compensate" => (admin, stock.saga.clone(), Some(reason())),
            "admin.sagas.resolve" => {
                let (saga, line) = &stock.stuck;
                (admin, saga.clone(), Some(sagas::resolution("enroll", line, "enrolled at the desk")))
            }
            "events.list" => (provider, nothing(), None),
            "test-clock.advance" => (admin, nothing(), Some(json!({"advanceSeconds": 0}))),
            "demo.enrollment" => (admin, nothing(), Some(json!({}))),
            _ => {
                let (who, id, body) = published.as_ref()?;
                (who, id.clone(), body.clone())
            }
        };
        let path = publishing::place(self, &operation.id, &operation.path, &id);
        let path = path.replace("{id}", &id).replace("{source}", &id).replace("{provider}", "provider");
        let path = path.replace("{name}", &id).replace("{link}", &id);
        let path = path.replace("{period}/statement", &format!("{id}/statement?currency=USD"));
        let path = path.replace("{planId}", &draft.plan).replace("{seatId}", &stock.seat);
        let path = path.replace("{waiter}", &stock.waiting).replace("{deliveryId}", &stock.webhook_delivery);
        let mut ask = Ask::new(who.clone(), operation.method.clone(), path);
        ask.body = body;
        ask.if_match = match operation.id.as_str() {
            "listings.edit" | "plans.edit" | "keys.edit" | "webhooks.edit" | "docs.edit" => {
                Some("\"v2\"".to_owned())
            }
            "verify-policy.set" | "spend-policy.set" => Some("\"v0\"".to_owned()),
            "coupons.edit" | "templates.edit" => Some("\"v1\"".to_owned()),
            _ => None,
        };
        ask.raw =
            (operation.id == "sdks.upload").then(|| ("application/octet-stream".to_owned(), b"x".to_vec()));
        ask.key = (operation.described["x-idempotency"] != "none").then(|| crate::server::unique("key"));
        Some(ask)
    }
}

/// A message of another service.
pub(crate) fn event(kind: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": crate::server::unique("msg"), "source": "/test", "type": kind,
        "data": data,
    })
}
