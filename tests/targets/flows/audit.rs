//! The auditor: nothing is wrong with what the use cases store, and whatever is changed past them is found.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use sarai_application::{
    Call,
    audit::{AuditReport, Auditor, CHECKS, Kind, PORTAL},
    marketplace::licenses::Grant,
};
use sarai_domain::{
    kernel::{Aggregate, CouponId, LicenseId, ListingId, SagaId, UserId},
    marketplace::{
        license::LicenseState,
        order::{Order, OrderStatus},
        saga::SagaState,
        values::Discount,
    },
};
use sarai_ports::inventory::Inventory;
use serde_json::{Value, json};

use crate::{
    tampered::{Change, Tampered},
    world::{Sold, World, first_page, one_time, seat_pack, subscription, usd},
};

/// A store in which everything an invariant speaks of has happened.
struct Scene {
    world: World,
    course: Sold,
    pack: Sold,
    plan: Sold,
    submitted: ListingId,
    retired: ListingId,
    /// Fulfilled, with a coupon.
    bought: Order,
    /// Fulfilled; two users sit.
    seated: Order,
    /// Fulfilled, then returned.
    returned: Order,
    /// Never paid, and timed out.
    lapsed: Order,
    /// Waits for its payment.
    pending: Order,
    percent: CouponId,
    fixed: CouponId,
    /// Taken back by the staff.
    revoked: LicenseId,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        let (provider, buyer, admin) = (World::call("provider"), World::call("buyer"), World::call("admin"));
        let (course, pack) =
            (world.sell(1, one_time("10.00")).await, world.sell(2, seat_pack("50.00", 5)).await);
        let (other, plan) =
            (world.sell(3, one_time("20.00")).await, world.sell(4, subscription("5.00")).await);
        let (late, last) = (world.sell(5, one_time("7.00")).await, world.sell(6, one_time("8.00")).await);
        let (gone, given) = (world.sell(7, one_time("9.00")).await, world.sell(8, one_time("9.00")).await);
        let percent = world.coupon("SPRING", Discount::percent(10).unwrap(), Some(5)).await;
        let fixed = world.coupon("FIVE", Discount::fixed(usd("5.00")).unwrap(), None).await;

        let lapsed = world.order(&buyer, &[(late, 1)], &[]).await.unwrap();
        world.advance(31 * 60).await;
        let bought = world.buy(&[(course, 1)], &["SPRING"]).await;
        let seated = world.buy(&[(pack, 5)], &["FIVE"]).await;
        let license = world.licenses(seated.id()).await[0].id();
        for user in ["ann", "bob"] {
            let user = UserId::try_new(user).unwrap();
            world.sarai.marketplace.licenses.assign_seat(&buyer, license, &user).await.unwrap();
        }
        let returned = world.buy(&[(other, 1)], &[]).await;
        let orders = &world.sarai.marketplace.orders;
        orders.refund(&buyer, returned.id(), None, "changed my mind").await.unwrap();
        world.buy(&[(plan, 1)], &[]).await;
        let pending = world.order(&buyer, &[(last, 1)], &[]).await.unwrap();

        let listings = &world.sarai.marketplace.listings;
        listings.retire(&provider, gone.listing).await.unwrap();
        let submitted = world.submit(9, one_time("11.00")).await;
        let licenses = &world.sarai.marketplace.licenses;
        let grant = Grant {
            gift: false,
            tenant_id: buyer.principal.tenant_id.clone(),
            user_id: Some(buyer.principal.user_id.clone()),
            listing_id: given.listing,
            pricing_plan_id: given.plan,
            reason: "a present".to_owned(),
        };
        let revoked = licenses.grant(&admin, grant).await.unwrap().license.id();
        licenses.revoke(&admin, revoked).await.unwrap();
        // Orders are old enough for their sagas to be missed.
        world.advance(6 * 60).await;
        Self {
            lapsed: world.stored(lapsed.id()).await,
            bought: world.stored(bought.id()).await,
            seated: world.stored(seated.id()).await,
            returned: world.stored(returned.id()).await,
            pending: world.stored(pending.id()).await,
            world,
            course,
            pack,
            plan,
            submitted,
            retired: gone.listing,
            percent,
            fixed,
            revoked,
        }
    }

    async fn license(&self, order: &Order) -> String {
        self.world.licenses(order.id()).await[0].id().to_string()
    }

    /// The provider's month.
    async fn period(&self) -> String {
        let provider = World::call("provider");
        let earnings = &self.world.sarai.marketplace.earnings;
        let periods = earnings.list(&provider, None, None, &first_page()).await.unwrap();
        periods.items[0].id().to_string()
    }

    fn saga(order: &Order) -> SagaId {
        order.data().saga_id
    }

    async fn audit(&self, tampered: Tampered) -> Arc<AuditReport> {
        let inventory: Arc<dyn Inventory> = Arc::new(tampered);
        Auditor::new(Arc::clone(&self.world.sarai.ports), inventory).run(&|_| {}).await.unwrap()
    }

    fn untouched(&self) -> Tampered {
        Tampered { store: self.world.store.clone(), changes: BTreeMap::new(), posting: None }
    }

    /// What is broken when this document is changed: the checks, and the offenders.
    async fn broken(&self, id: &str, change: Change) -> BTreeSet<(&'static str, String)> {
        let mut tampered = self.untouched();
        tampered.changes.insert(id.to_owned(), change);
        let report = self.audit(tampered).await;
        offenders(&report)
    }
}

fn offenders(report: &AuditReport) -> BTreeSet<(&'static str, String)> {
    let rows = report.checks.iter();
    rows.flat_map(|row| row.offenders.iter().map(|offender| (row.check.id, offender.id.clone()))).collect()
}

/// Sets members of the document.
fn set(members: &'static [(&'static str, &'static str)]) -> Change {
    Box::new(move |data, _| put(data, members))
}

/// Sets members of the first row.
fn row(members: &'static [(&'static str, &'static str)]) -> Change {
    Box::new(move |_, rows| put(&mut rows[0], members))
}

fn put(document: &mut Value, members: &[(&str, &str)]) {
    for (pointer, value) in members {
        let value = serde_json::from_str(value).unwrap();
        let place = document.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}"));
        assert_ne!(*place, value, "{pointer} is like that already");
        *place = value;
    }
}

#[tokio::test]
async fn what_the_use_cases_store_breaks_nothing_and_the_money_balances() {
    let scene = Box::pin(Scene::new()).await;
    assert_eq!(scene.world.saga(scene.lapsed.id()).await, SagaState::Failed);
    assert_eq!(scene.returned.data().status, OrderStatus::Refunded);
    let report = scene.world.sarai.auditor.run(&|_| {}).await.unwrap();
    assert_eq!(offenders(&report), BTreeSet::new());
    assert_eq!(report.violations(), 0);
    for row in &report.checks {
        // Nobody uses the developer portal here.
        let idle = PORTAL.iter().any(|check| check.id == row.check.id) || row.check.id == "delivered";
        assert_eq!(row.checked == 0, row.check.kind == Kind::Code || idle, "{row:?}");
    }
    let (currency, money) = &report.money[0];
    assert_eq!((currency.code(), report.money.len()), ("USD", 1));
    // 10.00 less 10 %, 50.00 less 5.00, 20.00 and 5.00.
    assert_eq!((money.sold, money.gross, money.returned), (usd("79.00"), usd("79.00"), usd("20.00")));
    assert_eq!((money.refunds, money.sold_under_way), (usd("20.00"), usd("0.00")));
    assert!(money.balances());
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "a table")]
async fn each_invariant_is_found_broken_in_the_document_that_was_changed_and_nowhere_else() {
    let scene = Box::pin(Scene::new()).await;
    let listing = |sold: Sold| sold.listing.to_string();
    let order = |order: &Order| order.id().to_string();
    let saga = |order: &Order| Scene::saga(order).to_string();
    let (seated, bought) = (scene.license(&scene.seated).await, scene.license(&scene.bought).await);
    let returned = scene.license(&scene.returned).await;
    let other = order(&scene.seated);
    let fifty_one_lines: Change = Box::new(|data, _| {
        for number in 0..50 {
            let mut line = data["lines"][0].clone();
            put(&mut line, &[("/unitPrice/amount", "\"0.00\""), ("/offer/price/amount", "\"0.00\"")]);
            put(&mut line, &[("/subtotal/amount", "\"0.00\""), ("/net/amount", "\"0.00\"")]);
            put(&mut line, &[("/feeAmount/amount", "\"0.00\""), ("/providerAmount/amount", "\"0.00\"")]);
            put(&mut line, &[("/taxTotal/amount", "\"0.00\"")]);
            line["id"] = json!(format!("oln_01ARZ3NDEKTSV4RRFFQ69G5F{:02}", number));
            line["offer"]["pricingPlanId"] = json!(format!("pln_01ARZ3NDEKTSV4RRFFQ69G5F{:02}", number));
            data["lines"].as_array_mut().unwrap().push(line);
        }
    });
    let another_s_saga: Change = Box::new(move |data, _| {
        (data["orderId"], data["correlationId"]) = (json!(other), json!(other));
    });
    let a_step_again: Change = Box::new(|data, _| {
        let again = data["stepHistory"][0].clone();
        data["stepHistory"].as_array_mut().unwrap().push(again);
    });
    let suspended: Change = Box::new(|data, _| {
        put(data, &[("/state", "\"suspended\""), ("/suspensionReason", "\"looked into\"")]);
        put(data, &[("/suspendedAt", "\"2026-04-20T09:31:00Z\"")]);
    });
    let waits_for_a_free_seat: Change = Box::new(|data, rows| {
        data["waitlist"] = json!({"waiting": 1, "joined": 1});
        rows.push(json!({
            "row": "waiting", "id": "wle_01ARZ3NDEKTSV4RRFFQ69G5FAV", "number": 1, "userId": "cem",
            "seatId": "sal_01ARZ3NDEKTSV4RRFFQ69G5FAV", "since": "2026-04-20T10:01:00Z", "endedAt": null,
            "state": "waiting",
        }));
    });
    let given_up = order(&scene.lapsed);
    let of_one_given_up: Change = Box::new(move |data, _| data["orderId"] = json!(given_up));
    let never_ends: Change = Box::new(|data, _| data["validUntil"] = data["validFrom"].clone());
    let s = set;
    #[rustfmt::skip]
    let cases: Vec<(&[&'static str], String, Change)> = vec![
        (&["L-INV-1"],  scene.submitted.to_string(),  s(&[("/pricingPlans/0/active", "false")])),
        (&["L-INV-2"],  listing(scene.course),        s(&[("/shippingEvidence/built", "false")])),
        (&["L-INV-2"],  listing(scene.course),        s(&[("/shippingEvidence", "null")])),
        (&["L-INV-3"],  listing(scene.course),        s(&[("/kycEvidence/verified", "false")])),
        (&["L-INV-3"],  listing(scene.course),        s(&[("/kycEvidence", "null")])),
        (&["L-INV-4"],  listing(scene.plan),          s(&[("/pricingPlans/0/intervalMonths", "null")])),
        (&["L-INV-5"],  listing(scene.pack),          s(&[("/pricingPlans/0/seats", "null")])),
        (&["L-INV-6"],  listing(scene.course),        s(&[("/revenueShare/platformBps", "3000")])),
        (&["L-INV-7"],  scene.retired.to_string(),    s(&[("/retireEvidence/active", "1"), ("/retireEvidence/perpetual", "1")])),
        (&["L-INV-7"],  scene.retired.to_string(),    s(&[("/retireEvidence", "null")])),
        (&["L-INV-9"],  listing(scene.course),        s(&[("/pricingPlans/0/currency", "\"EUR\""), ("/pricingPlans/0/price/currency", "\"EUR\"")])),
        // The same words about a listing and about its plan.
        (&["L-INV-10", "AC-1"], scene.submitted.to_string(), s(&[("/pricingPlans/0/currency", "\"EUR\"")])),
        (&["O-INV-1"],  order(&scene.bought),         s(&[("/lines/0/unitPrice/currency", "\"EUR\"")])),
        (&["O-INV-2"],  order(&scene.bought),         s(&[("/subtotal/amount", "\"11.00\"")])),
        (&["O-INV-2"],  order(&scene.bought),         s(&[("/totals/amount", "\"0.01\"")])),
        (&["O-INV-3"],  order(&scene.bought),         s(&[("/refundDeadline", "\"2027-01-01T00:00:00Z\"")])),
        (&["O-INV-4"],  order(&scene.bought),         s(&[("/lastTransition/action", "\"fail\"")])),
        (&["O-INV-5"],  order(&scene.lapsed),         fifty_one_lines),
        (&["O-INV-6"],  order(&scene.returned),       s(&[("/status", "\"fulfilled\""), ("/lastTransition/action", "\"fulfill\""), ("/refundedAt", "null")])),
        (&["O-INV-7"],  order(&scene.bought),         s(&[("/sagaId", "\"sga_01ARZ3NDEKTSV4RRFFQ69G5FAV\"")])),
        (&["O-INV-8"],  order(&scene.returned),       s(&[("/refundedTotal/amount", "\"1.00\"")])),
        (&["LI-INV-1"], seated.clone(),               s(&[("/activeSeats", "3")])),
        (&["LI-INV-2"], seated.clone(),               row(&[("/assignedUnder/taken", "5")])),
        (&["LI-INV-3"], seated.clone(),               row(&[("/assignedUnder/state", "\"expired\"")])),
        (&["LI-INV-4"], seated.clone(),               never_ends),
        (&["LI-INV-5"], scene.revoked.to_string(),    s(&[("/state", "\"active\"")])),
        (&["LI-INV-6"], bought.clone(),               s(&[("/capacity", "{\"limited\": 2}")])),
        (&["LI-INV-7"], returned.clone(),             s(&[("/state", "\"active\""), ("/lastTransition", "null")])),
        (&["LI-INV-7"], seated.clone(),               s(&[("/state", "\"revoked\""), ("/lastTransition", "{\"action\": \"revoke_by_admin\", \"argument\": null}")])),
        (&["C-INV-1"],  scene.fixed.to_string(),      s(&[("/code", "\"SPRING\"")])),
        (&["C-INV-2"],  scene.percent.to_string(),    s(&[("/usageCount", "6")])),
        (&["C-INV-2"],  scene.percent.to_string(),    s(&[("/usageCount", "2")])),
        (&["C-INV-3"],  scene.percent.to_string(),    s(&[("/discount/value", "0")])),
        (&["C-INV-4"],  scene.fixed.to_string(),      row(&[("/amount/currency", "\"EUR\"")])),
        (&["C-INV-5"],  scene.fixed.to_string(),      row(&[("/reservedUnder/active", "false")])),
        (&["C-INV-5"],  scene.fixed.to_string(),      row(&[("/reservedUnder", "null"), ("/reservedAt", "\"2026-04-19T00:00:00Z\"")])),
        (&["S-INV-2"],  saga(&scene.bought),          s(&[("/nextAttemptAt", "\"2026-04-20T00:00:00Z\"")])),
        (&["S-INV-3"],  saga(&scene.lapsed),          s(&[("/timedOut/state", "\"licensing\"")])),
        (&["S-INV-3"],  saga(&scene.lapsed),          s(&[("/timedOut/dueAt", "null")])),
        (&["S-INV-4"],  saga(&scene.bought),          a_step_again),
        (&["readable"], order(&scene.bought),         s(&[("/status", "\"nonsense\"")])),
        (&["consistent"], listing(scene.course),      s(&[("/everLive", "false")])),
        (&["licensed"], order(&scene.bought),         s(&[("/lines/0/licenseId", "\"lic_01ARZ3NDEKTSV4RRFFQ69G5FAV\"")])),
        (&["paid-for"], bought.clone(),               of_one_given_up),
        (&["money"],    order(&scene.returned),       s(&[("/fulfilledAt", "\"2026-04-20T09:30:00Z\"")])),
        (&["saga-progress"], saga(&scene.pending),    s(&[("/nextAttemptAt", "\"2026-04-20T09:30:00Z\"")])),
        (&["waitlist"], seated.clone(),               waits_for_a_free_seat),
        (&["statement"], scene.period().await,        s(&[("/anchor/hash", "\"0000000000000000000000000000000000000000000000000000000000000000\"")])),
        (&["stray-captures"], order(&scene.lapsed),   s(&[("/strayCaptures", "[{\"paymentId\": \"pay_1\", \"amount\": {\"amount\": \"7.00\", \"currency\": \"USD\"}, \"kind\": \"after_close\", \"refundedAt\": null, \"capturedAt\": \"2026-04-18T09:30:00Z\"}]"), ("/paymentState", "\"refund_pending\"")])),
    ];
    let mut found = BTreeSet::new();
    for (checks, id, change) in cases {
        let expected: BTreeSet<_> = checks.iter().map(|check| (*check, id.clone())).collect();
        assert_eq!(scene.broken(&id, change).await, expected, "{checks:?}");
        found.extend(checks.iter().copied());
    }

    // What others say of the document that was changed.
    let bought = order(&scene.bought);
    assert_eq!(
        scene.broken(&listing(scene.course), suspended).await,
        BTreeSet::from([("L-INV-8", bought.clone())])
    );
    let two = scene.broken(&saga(&scene.bought), another_s_saga).await;
    assert!(
        two.contains(&("S-INV-1", bought)) && two.iter().all(|(check, _)| *check == "S-INV-1"),
        "{two:?}"
    );
    found.extend(["L-INV-8", "S-INV-1"]);

    let stored = CHECKS.iter().filter(|row| matches!(row.kind, Kind::State | Kind::Evidence));
    let missed: Vec<_> = stored.filter(|row| !found.contains(row.id)).collect();
    assert!(missed.is_empty(), "nobody shows that these are found: {missed:?}");
}

#[tokio::test]
async fn a_cent_that_is_posted_otherwise_is_found() {
    let scene = Box::pin(Scene::new()).await;
    let cent = |line: &mut sarai_domain::marketplace::earnings::EarningsLine| {
        if line.gross == usd("9.00") {
            (line.gross, line.net) = (usd("9.01"), line.net.checked_add(&usd("0.01")).unwrap());
        }
    };
    let report = scene.audit(Tampered { posting: Some(cent), ..scene.untouched() }).await;
    assert_eq!(offenders(&report), BTreeSet::from([("money", scene.bought.id().to_string())]));
    assert!(!report.money[0].1.balances());
}

#[tokio::test]
async fn an_offender_comes_with_its_repair_and_a_hundred_are_kept_of_all_that_are_counted() {
    let scene = Box::pin(Scene::new()).await;
    let saga = Scene::saga(&scene.pending).to_string();
    let mut tampered = scene.untouched();
    tampered.changes.insert(saga.clone(), set(&[("/nextAttemptAt", "\"2026-04-20T09:30:00Z\"")]));
    let report = scene.audit(tampered).await;
    let offender = &report.of("saga-progress").unwrap().offenders[0];
    assert_eq!((offender.aggregate, &offender.id), ("saga", &saga));
    assert_eq!(offender.repair, format!("sarai saga retry {saga} --reason …"));
    assert_eq!(offender.tenant_id, World::call("buyer").principal.tenant_id);
    assert!(offender.detail.contains("2026-04-20T09:30:00Z"), "{}", offender.detail);

    let mut tampered = scene.untouched();
    let many: Change = Box::new(|data, _| {
        let stray = json!({
            "paymentId": "pay_1", "amount": {"amount": "7.00", "currency": "USD"}, "kind": "after_close",
            "refundedAt": null, "capturedAt": "2026-04-18T09:30:00Z",
        });
        data["strayCaptures"] = json!(vec![stray; 120]);
        data["paymentState"] = json!("refund_pending");
    });
    tampered.changes.insert(scene.lapsed.id().to_string(), many);
    let report = scene.audit(tampered).await;
    let strays = report.of("stray-captures").unwrap();
    assert_eq!((strays.violations, strays.offenders.len()), (120, 100));
}

#[tokio::test]
async fn an_audit_that_is_given_up_makes_room_and_two_at_once_are_refused() {
    let scene = Box::pin(Scene::new()).await;
    let auditor = scene.world.sarai.auditor.clone();
    let admin: Call = World::call("admin");
    assert!(auditor.last(&admin).unwrap().is_none());
    let read = Mutex::new(Vec::new());
    let refused = Mutex::new(None);
    let (second, call) = (auditor.clone(), admin.clone());
    let watch = |progress: sarai_application::audit::Progress| {
        let again = futures_now(second.run_for(&call));
        *refused.lock().unwrap() = again.map(|answer| answer.unwrap_err().code);
        read.lock().unwrap().push((progress.aggregate, progress.read));
    };
    let report = auditor.run(&watch).await.unwrap();
    assert_eq!(*refused.lock().unwrap(), Some("audit.already_running"));
    let read = read.into_inner().unwrap();
    assert!(read.windows(2).all(|pair| pair[0].1 <= pair[1].1), "{read:?}");
    assert_eq!(read.last().unwrap(), &("webhook_delivery", report.aggregates));
    assert_eq!(auditor.last(&admin).unwrap(), Some(Arc::clone(&report)));
    assert_eq!(auditor.last(&World::call("buyer")).unwrap_err().code, "forbidden");

    drop(auditor.run(&|_| {}));
    auditor.run(&|_| {}).await.unwrap();
    assert_eq!(scene.world.licenses(scene.returned.id()).await[0].data().state, LicenseState::Revoked);
}

/// What a future answers at once, if it does.
fn futures_now<F: Future>(future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
