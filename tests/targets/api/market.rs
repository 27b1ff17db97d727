//! A marketplace that is open for business, and the steps every purchase begins with.

use serde_json::{Value, json};

use crate::world::{Answer, Api, User};

pub(crate) const MINUTE: u64 = 60;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;

/// The accounts most tests need, signed in.
pub(crate) struct Market {
    pub(crate) api: Api,
    pub(crate) provider: User,
    pub(crate) buyer: User,
    pub(crate) admin: User,
}

/// What is on sale.
#[derive(Debug, Clone)]
pub(crate) struct Sold {
    pub(crate) listing: String,
    pub(crate) plan: String,
}

pub(crate) fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

pub(crate) fn one_time(price: &str) -> Value {
    json!({"kind": "one_time", "price": usd(price)})
}

pub(crate) fn seat_pack(price: &str, seats: u32) -> Value {
    json!({"kind": "seat_pack", "price": usd(price), "seats": seats})
}

pub(crate) fn subscription(price: &str) -> Value {
    json!({"kind": "subscription", "price": usd(price), "intervalMonths": 1})
}

pub(crate) fn draft(course: u32) -> Value {
    json!({
        "courseId": format!("crs_demo_{course}"), "courseVersionId": format!("cv_demo_{course}"),
        "marketing": {"tagline": format!("Welding {course}")}, "refundPolicy": {"refundDays": 14},
    })
}

/// A cart of lines and codes in dollars.
pub(crate) fn cart(lines: &[(&Sold, u32)], codes: &[&str]) -> Value {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(sold, quantity)| {
            json!({"listingId": sold.listing, "pricingPlanId": sold.plan, "quantity": quantity})
        })
        .collect();
    json!({"currency": "USD", "lines": lines, "couponCodes": codes})
}

pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no text {name} in {value}"))
}

pub(crate) fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("no number {name} in {value}"))
}

/// An amount in cents, by hand: no arithmetic of ours is trusted here.
pub(crate) fn cents(money: &Value) -> i64 {
    let amount = text(money, "amount");
    let (units, fraction) = amount.split_once('.').expect("two digits");
    assert_eq!(fraction.len(), 2, "{amount}");
    format!("{units}{fraction}").parse().expect("digits")
}

impl Market {
    pub(crate) async fn open() -> Self {
        Self::open_at(&Api::start().await).await
    }

    /// The same at a running server.
    pub(crate) async fn open_at(api: &Api) -> Self {
        let api = api.clone();
        let provider = api.user("provider").await;
        let buyer = api.user("buyer").await;
        let admin = api.user("admin").await;
        Self { api, provider, buyer, admin }
    }

    /// A live listing with one plan.
    pub(crate) async fn sell(&self, course: u32, plan: &Value) -> Sold {
        self.sell_as(&draft(course), plan).await
    }

    /// A live listing with one plan that can be returned so many days.
    pub(crate) async fn sell_returnable(&self, course: u32, plan: &Value, policy: Value) -> Sold {
        let mut listing = draft(course);
        listing["refundPolicy"] = policy;
        self.sell_as(&listing, plan).await
    }

    pub(crate) async fn sell_as(&self, listing: &Value, plan: &Value) -> Sold {
        let sold = self.draft_with(listing, plan).await;
        self.put_live(&sold.listing).await;
        sold
    }

    /// A draft with one plan.
    pub(crate) async fn draft_with(&self, listing: &Value, plan: &Value) -> Sold {
        let listing = self.provider.post("/v1/listings", listing).await.is(201);
        let listing = text(&listing, "id").to_owned();
        let plan = self.provider.post(&format!("/v1/listings/{listing}/plans"), plan).await.is(201);
        Sold { plan: text(&plan, "id").to_owned(), listing }
    }

    /// A draft's way to the shelves.
    pub(crate) async fn put_live(&self, listing: &str) {
        let submitted = self.provider.poke(&format!("/v1/listings/{listing}/submit")).await.is(200);
        let body = json!({"reviewedVersion": number(&submitted, "version")});
        self.admin.post(&format!("/v1/admin/listings/{listing}/approve"), &body).await.is(200);
        let live = self.provider.poke(&format!("/v1/listings/{listing}/go-live")).await.is(200);
        assert_eq!(live["state"], "live");
    }

    /// The platform's coupon.
    pub(crate) async fn coupon(&self, body: Value) -> String {
        text(&self.admin.post("/v1/coupons", &body).await.is(201), "id").to_owned()
    }

    pub(crate) async fn percent(&self, code: &str, value: u32, cap: Option<u32>) -> String {
        let discount = json!({"kind": "percent", "value": value});
        self.coupon(json!({"code": code, "discount": discount, "usageCap": cap})).await
    }

    /// How often a coupon is used.
    pub(crate) async fn uses(&self, coupon: &str) -> u64 {
        number(&self.admin.get(&format!("/v1/coupons/{coupon}")).await.is(200), "usageCount")
    }

    /// Places an order; it waits for its payment.
    pub(crate) async fn order(&self, lines: &[(&Sold, u32)], codes: &[&str]) -> Value {
        let order = self.buyer.post("/v1/orders", &cart(lines, codes)).await.is(201);
        assert_eq!(order["status"], "pending_payment", "{order}");
        order
    }

    pub(crate) async fn pay(&self, order: &Value, token: &str) -> Value {
        let path = format!("/v1/orders/{}/pay", text(order, "id"));
        self.buyer.post(&path, &json!({"paymentToken": token})).await.is(202)
    }

    /// A paid and fulfilled order.
    pub(crate) async fn buy(&self, lines: &[(&Sold, u32)], codes: &[&str]) -> Value {
        let order = self.pay(&self.order(lines, codes).await, "tok_ok").await;
        assert_eq!(order["status"], "fulfilled", "{order}");
        order
    }

    /// The order as it stands.
    pub(crate) async fn stored(&self, order: &Value) -> Value {
        self.buyer.get(&format!("/v1/orders/{}", text(order, "id"))).await.is(200)
    }

    /// Asks the buyer's money back.
    pub(crate) async fn refund(&self, order: &Value, body: &Value) -> Answer {
        self.buyer.post(&format!("/v1/orders/{}/refunds", text(order, "id")), body).await
    }

    /// The staff's refund.
    pub(crate) async fn refund_by_staff(&self, order: &Value, body: &Value) -> Answer {
        self.admin.post(&format!("/v1/admin/orders/{}/refunds", text(order, "id")), body).await
    }

    /// Why a user of the buyer's tenant may learn a course, or not.
    pub(crate) async fn entitlement(&self, user: &str, course: u32) -> String {
        let body = json!({"userId": user, "courseId": format!("crs_demo_{course}")});
        let answer = self.buyer.post("/v1/entitlements/check", &body).await.is(200);
        assert_eq!(answer["entitled"], answer["reason"] == "entitled", "{answer}");
        text(&answer, "reason").to_owned()
    }

    /// Every period of the provider's earnings.
    pub(crate) async fn earnings(&self) -> Vec<Value> {
        let page = self.provider.get("/v1/provider/earnings?limit=100").await.is(200);
        page["data"].as_array().cloned().expect("rows")
    }

    /// The licence of an order's only line.
    pub(crate) fn license_of(order: &Value) -> String {
        text(&order["lines"][0], "licenseId").to_owned()
    }

    pub(crate) async fn license(&self, id: &str) -> Value {
        self.buyer.get(&format!("/v1/licenses/{id}")).await.is(200)
    }

    /// What the demo's enrollment service does from now on.
    pub(crate) async fn enrollment(&self, body: Value) {
        self.admin.post("/v1/demo/enrollment", &body).await.is(200);
    }
}
