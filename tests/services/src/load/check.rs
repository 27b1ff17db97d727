//! What has to be true after a load, whatever broke meanwhile.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{Account, Answer, Entry, Load, Outcome, Wish};

/// What a load came to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Orders by the status in which they ended.
    pub ended: BTreeMap<String, usize>,
    /// Operations that were done.
    pub done: usize,
    /// Placings that were refused.
    pub refused: usize,
    /// Operations that stayed unknown.
    pub unknown: usize,
    /// Requests sent, repetitions included.
    pub attempts: u32,
    /// Why outcomes were unknown for a while, each reason once.
    pub doubts: BTreeSet<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, done, refused, unknown, attempts, doubts } = self;
        write!(
            f,
            "{ended:?}; {done} operations done in {attempts} attempts, {refused} refused, {unknown} unknown \
             {doubts:?}"
        )
    }
}

const ENDED: [&str; 3] = ["failed", "fulfilled", "refunded"];

impl Load {
    /// Waits at most `limit` until everything has come to rest, and compares.
    ///
    /// # Errors
    /// What is wrong: an order lost or doubled, one that does not end or ended otherwise than it was answered, a
    /// licence too many or too few, money that does not add up, an invariant that is broken.
    pub async fn check(&self, limit: Duration) -> Result<Report, String> {
        let entries = self.history.entries();
        let end = Instant::now() + limit;
        let orders = self.ended_orders(&entries, end).await?;
        let mut wrong = existence(&entries, &orders);
        wrong.extend(outcomes(&entries, &orders));
        let licenses = self.all("licenses", end).await?;
        wrong.extend(licences(&orders, &licenses));
        if !wrong.is_empty() {
            let count = wrong.len();
            wrong.truncate(20);
            return Err(format!("{count} defects:\n{}", wrong.join("\n")));
        }
        self.audited(end).await?;
        let mut report = Report::default();
        for order in orders.values() {
            *report.ended.entry(text(order, "status").to_owned()).or_default() += 1;
        }
        for entry in &entries {
            report.attempts += entry.attempts;
            report.doubts.extend(entry.doubts.iter().cloned());
            *match entry.outcome {
                Outcome::Ok => &mut report.done,
                Outcome::Fail => &mut report.refused,
                Outcome::Info | Outcome::Invoke => &mut report.unknown,
            } += 1;
        }
        Ok(report)
    }

    /// The orders of this load once all of them have ended. One whose buyer was left without an answer is
    /// cancelled on the way, so that it need not wait for its deadline.
    async fn ended_orders(&self, entries: &[Entry], end: Instant) -> Result<BTreeMap<String, Value>, String> {
        let answered = placed(entries);
        let left: BTreeSet<u64> =
            entries.iter().filter(|entry| unclear(entry)).map(|entry| entry.number).collect();
        let sold_here = |order: &Value| order["lines"][0]["listingId"] == self.listing.as_str();
        loop {
            let mut orders = self.all("orders", end).await?;
            orders.retain(|_, order| sold_here(order));
            let open = |order: &Value| !ENDED.contains(&text(order, "status"));
            let waiting: Vec<&String> =
                orders.iter().filter(|(_, order)| open(order)).map(|(id, _)| id).collect();
            if waiting.is_empty() {
                return Ok(orders);
            }
            if Instant::now() > end {
                let some: Vec<&Value> = waiting.iter().take(3).map(|&id| &orders[id]).collect();
                return Err(format!("{} orders do not end, such as {some:?}", waiting.len()));
            }
            for id in waiting {
                if answered.get(id).is_none_or(|number| left.contains(number)) {
                    let key = self.history.key(0, &format!("give-up-{id}"));
                    self.api.post(Account::Buyer, &format!("orders/{id}/cancel"), &key, &json!({})).await;
                }
            }
            sleep(Duration::from_millis(500)).await;
        }
    }

    /// Everything in a list of the buyer, by id; a thing listed twice is an error.
    async fn all(&self, list: &str, end: Instant) -> Result<BTreeMap<String, Value>, String> {
        let mut found = BTreeMap::new();
        let mut after = String::new();
        loop {
            let page = self.read(Account::Buyer, &format!("{list}?limit=100{after}"), end).await?;
            for item in page["data"].as_array().into_iter().flatten() {
                if found.insert(text(item, "id").to_owned(), item.clone()).is_some() {
                    return Err(format!("{list} shows {} twice", item["id"]));
                }
            }
            match page["nextCursor"].as_str() {
                Some(cursor) => after = format!("&cursor={cursor}"),
                None => return Ok(found),
            }
        }
    }

    async fn read(&self, account: Account, path: &str, end: Instant) -> Result<Value, String> {
        loop {
            match self.api.get(account, path).await {
                Answer::Done(value) => return Ok(value),
                Answer::Unknown(_) if Instant::now() < end => sleep(Duration::from_millis(200)).await,
                other => return Err(format!("{path}: {other:?}")),
            }
        }
    }

    /// The product's auditor finds nothing, and its money is what the buyer's orders say.
    async fn audited(&self, end: Instant) -> Result<(), String> {
        loop {
            let reason = json!({"reason": "after a load"});
            let key = self.history.key(0, "audit");
            let report = match self.api.post(Account::Admin, "admin/invariants/run", &key, &reason).await {
                Answer::Done(report) => report,
                Answer::Unknown(_) if Instant::now() < end => continue,
                other => return Err(format!("the audit: {other:?}")),
            };
            let orders = self.all("orders", end).await?;
            let found = breaches(&report, &orders);
            if found.is_empty() {
                return Ok(());
            }
            // Postings are still under way.
            if Instant::now() > end {
                return Err(format!("the audit found:\n{}", found.join("\n")));
            }
            sleep(Duration::from_secs(1)).await;
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn unclear(entry: &Entry) -> bool {
    matches!(entry.outcome, Outcome::Info | Outcome::Invoke)
}

/// Orders that were answered, with the purchase's number.
fn placed(entries: &[Entry]) -> BTreeMap<String, u64> {
    let done = entries.iter().filter(|entry| entry.what == "place" && entry.outcome == Outcome::Ok);
    done.filter_map(|entry| Some((entry.order.clone()?, entry.number))).collect()
}

/// `ok` exists exactly once, `fail` never, an unknown one at most once.
fn existence(entries: &[Entry], orders: &BTreeMap<String, Value>) -> Vec<String> {
    let placings = || entries.iter().filter(|entry| entry.what == "place");
    let done = placings().filter(|entry| entry.outcome == Outcome::Ok).count();
    let unknown = placings().filter(|entry| unclear(entry)).count();
    let answered = placed(entries);
    let mut wrong: Vec<String> =
        answered.keys().filter(|id| !orders.contains_key(*id)).map(|id| format!("{id} is lost")).collect();
    if answered.len() != done {
        wrong.push(format!("{done} placings made {} orders", answered.len()));
    }
    let strangers: Vec<&String> = orders.keys().filter(|id| !answered.contains_key(*id)).collect();
    if strangers.len() > unknown {
        wrong.push(format!("{unknown} placings are unknown, and there are {strangers:?}"));
    }
    wrong
}

/// A purchase whose every answer was clear ended as its answers say.
fn outcomes(entries: &[Entry], orders: &BTreeMap<String, Value>) -> Vec<String> {
    let mut by_number: BTreeMap<u64, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.order.is_some() || entry.what != "place") {
        by_number.entry(entry.number).or_default().push(entry);
    }
    let mut wrong = Vec::new();
    for (id, number) in placed(entries) {
        let operations = by_number.remove(&number).unwrap_or_default();
        for entry in operations.iter().filter(|entry| entry.outcome == Outcome::Fail) {
            wrong.push(format!("{id}: {} was refused: {}", entry.what, entry.said));
        }
        let status = orders.get(&id).map_or("", |order| text(order, "status"));
        let wish = Wish::of(number);
        let clear = operations.iter().all(|entry| entry.outcome == Outcome::Ok);
        if clear && status != wish.end() {
            wrong.push(format!("{id} should be {} and is {status}", wish.end()));
        }
    }
    wrong
}

/// One licence for an order that was fulfilled, revoked when it went back, none for one that failed.
fn licences(orders: &BTreeMap<String, Value>, licenses: &BTreeMap<String, Value>) -> Vec<String> {
    let mut by_order: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for license in licenses.values() {
        by_order.entry(text(license, "orderId")).or_default().push(text(license, "state"));
    }
    let mut wrong = Vec::new();
    for (id, order) in orders {
        let states = by_order.remove(id.as_str()).unwrap_or_default();
        let right = match text(order, "status") {
            "fulfilled" => states == ["active"],
            "refunded" => states == ["revoked"] || states.is_empty() && order["fulfilledAt"].is_null(),
            _ => states.iter().all(|&state| state == "revoked"),
        };
        if !right {
            wrong.push(format!("{id}, {}, has licences {states:?}", order["status"]));
        }
    }
    wrong
}

/// What is wrong with an audit.
fn breaches(report: &Value, orders: &BTreeMap<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for rule in report["invariants"].as_array().into_iter().flatten() {
        if rule["violations"].as_u64().unwrap_or_default() > 0 {
            found.push(format!("{}: {}", rule["id"], rule["offenders"][0]));
        }
    }
    let net = |order: &&Value| cents(&order["subtotal"]) - cents(&order["discountTotal"]);
    let had = |name: &'static str| orders.values().filter(move |order| !order[name].is_null());
    let sold: i64 = had("fulfilledAt").map(|order| net(&order)).sum();
    let returned: i64 =
        had("fulfilledAt").filter(|order| !order["refundedAt"].is_null()).map(|order| net(&order)).sum();
    for money in report["money"].as_array().into_iter().flatten().filter(|money| money["currency"] == "USD") {
        let said = |name: &str| cents(&money[name]);
        let expected = [
            ("sold", sold),
            ("soldUnderWay", 0),
            ("gross", sold),
            ("returned", returned),
            ("returnedUnderWay", 0),
            ("renewals", 0),
        ];
        for (name, cents) in expected {
            if said(name) != cents {
                found.push(format!("{name} is {} and not {cents} cents", said(name)));
            }
        }
        if money["balances"] != true || said("platformFee") + said("providerShare") != sold {
            found.push(format!("it does not balance: {money}"));
        }
    }
    found
}

/// An amount in cents, by hand: no arithmetic of the product is trusted here.
fn cents(money: &Value) -> i64 {
    text(money, "amount").replace('.', "").parse().unwrap_or_default()
}
