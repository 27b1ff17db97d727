//! Buyers at work against real servers while something breaks, and what has to be true afterwards.
//!
//! [`Load::run`] places, pays, cancels and returns orders at a given rate and writes every operation down
//! ([`History`]). What it got no clear answer to is asked again under the same key. [`Load::check`] compares the
//! servers' data with the history and has the product's own auditor look at everything stored.

mod api;
mod check;
mod history;

use std::{
    io,
    panic::resume_unwind,
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    task::{JoinError, JoinSet},
    time::{MissedTickBehavior, interval, sleep},
};

pub use self::{
    api::{Account, Answer, Api, BROKEN_OFF},
    check::Report,
    history::{Entry, History, Outcome},
};

/// How long an operation is asked again before its outcome stays unknown.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long opening the shop may take: a machine may be busy with other things.
const OPENING: Duration = Duration::from_mins(5);
/// How long a request waits for its answer: longer than a server may take over one.
const ANSWER: Duration = Duration::from_secs(20);

/// How a buyer means a purchase to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Paid, fulfilled, kept.
    Keep,
    /// Declined first, then paid and kept.
    KeepAfterDecline,
    /// Given up before paying.
    Cancel,
    /// Paid, fulfilled, returned.
    Return,
}

impl Wish {
    /// Of ten buyers seven keep what they bought.
    const fn of(number: u64) -> Self {
        match number % 10 {
            3 => Self::Cancel,
            6 => Self::KeepAfterDecline,
            9 => Self::Return,
            _ => Self::Keep,
        }
    }

    /// The status of the order when everything was answered.
    pub const fn end(self) -> &'static str {
        match self {
            Self::Keep | Self::KeepAfterDecline => "fulfilled",
            Self::Cancel => "failed",
            Self::Return => "refunded",
        }
    }
}

/// A shop that sells, its buyers, and what they did.
#[derive(Clone)]
pub struct Load {
    api: Api,
    history: Arc<History>,
    listing: String,
    cart: Arc<dyn Fn(u64) -> Value + Send + Sync>,
    next: Arc<AtomicU64>,
    at_once: usize,
}

impl Load {
    /// Opens a shop at servers over one store and logs to a file.
    ///
    /// # Errors
    /// The shop could not be opened in time.
    pub async fn open(servers: &[String], log: &Path) -> io::Result<Self> {
        let api = Api::new(servers)?;
        // Keys are new to a store that another load has used.
        let run = api.salt().to_owned();
        let history = Arc::new(History::new(log, run)?);
        let cart = Arc::new(|_| Value::Null);
        let this =
            Self { api, history, listing: String::new(), cart, next: Arc::default(), at_once: usize::MAX };
        let listing = this.step(Account::Provider, "listings", &draft()).await?;
        let listing = text(&listing, "id")?;
        let path = format!("listings/{listing}");
        let price = json!({"kind": "seat_pack", "price": {"amount": "10.01", "currency": "USD"}, "seats": 1});
        let plan = text(&this.step(Account::Provider, &format!("{path}/plans"), &price).await?, "id")?;
        let submitted = this.step(Account::Provider, &format!("{path}/submit"), &json!({})).await?;
        let reviewed = json!({"reviewedVersion": submitted["version"]});
        this.step(Account::Admin, &format!("admin/{path}/approve"), &reviewed).await?;
        this.step(Account::Provider, &format!("{path}/go-live"), &json!({})).await?;
        let code = format!("C{}", this.history.run());
        let coupon =
            json!({"code": code, "discount": {"kind": "percent", "value": 10}, "usageCap": 1_000_000});
        this.step(Account::Admin, "coupons", &coupon).await?;
        let line = json!({"listingId": &listing, "pricingPlanId": plan, "quantity": 1});
        let cart = move |number: u64| {
            let codes = if number.is_multiple_of(3) { json!([code]) } else { json!([]) };
            json!({"currency": "USD", "lines": [line], "couponCodes": codes})
        };
        Ok(Self { listing, cart: Arc::new(cart), ..this })
    }

    /// With at most so many purchases at once: whoever comes meanwhile goes away. So a machine that is slow has less to
    /// do, and not more and more.
    #[must_use]
    pub fn at_most(self, at_once: usize) -> Self {
        Self { at_once, ..self }
    }

    /// Sends everything to other servers from now on.
    pub fn redirect(&self, servers: &[String]) {
        self.api.redirect(servers);
    }

    /// Where everything is sent.
    pub fn servers(&self) -> Vec<String> {
        self.api.servers()
    }

    /// Whether a buyer is answered now.
    pub async fn is_served(&self) -> bool {
        matches!(self.api.get(Account::Buyer, "orders?limit=1").await, Answer::Done(_))
    }

    /// What was asked and answered.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Purchases at so many a second for so long; see [`Self::run_until`].
    pub async fn run(&self, per_second: u32, how_long: Duration) -> u64 {
        self.run_until(per_second, sleep(how_long)).await
    }

    /// Purchases at so many a second until something happens; returns when the last of them has ended one way or
    /// another, and never begins more than [`Self::at_most`]. Answers how many.
    pub async fn run_until(&self, per_second: u32, stop: impl Future<Output = ()>) -> u64 {
        let mut ticks = interval(Duration::from_secs(1) / per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut buyers = JoinSet::new();
        let mut count = 0;
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                _ = ticks.tick() => {}
            }
            while let Some(ended) = buyers.try_join_next() {
                if let Err(Ok(panic)) = ended.map_err(JoinError::try_into_panic) {
                    resume_unwind(panic);
                }
            }
            if buyers.len() >= self.at_once {
                continue;
            }
            let (load, number) = (self.clone(), self.next.fetch_add(1, Ordering::Relaxed));
            buyers.spawn(async move { load.purchase(number).await });
            count += 1;
        }
        buyers.join_all().await;
        count
    }

    /// An order that nobody pays, once it waits for its payment; its id. The load's check knows nothing of it.
    ///
    /// # Errors
    /// It was not placed in time.
    pub async fn unpaid(&self) -> io::Result<String> {
        let order = self.step(Account::Buyer, "orders", &(self.cart)(1)).await?;
        let id = text(&order, "id")?;
        let waits = self.becomes(&id, |status| status == "pending_payment").await;
        if waits { Ok(id) } else { Err(io::Error::other(format!("{id} waits for no payment"))) }
    }

    /// The status of an order, when a server answers.
    pub async fn status(&self, order: &str) -> Option<String> {
        match self.api.get(Account::Buyer, &format!("orders/{order}")).await {
            Answer::Done(order) => text(&order, "status").ok(),
            Answer::Refused(_) | Answer::Unknown(_) => None,
        }
    }

    /// One purchase to its end. What stays unknown is for the checker.
    async fn purchase(&self, number: u64) {
        let placed = self.operate(number, "place", "orders", &(self.cart)(number)).await;
        let Some(order) = placed.and_then(|order| text(&order, "id").ok()) else { return };
        let path = format!("orders/{order}");
        let pay = |token: &str| json!({ "paymentToken": token });
        let wish = Wish::of(number);
        if wish == Wish::Cancel {
            self.operate(number, "cancel", &format!("{path}/cancel"), &json!({})).await;
            return;
        }
        // An answer may come before billing was asked; nobody pays before that.
        if !self.becomes(&order, |status| status != "created").await {
            return self.leave(number, "pay");
        }
        if wish == Wish::KeepAfterDecline {
            self.operate(number, "decline", &format!("{path}/pay"), &pay("tok_decline_once")).await;
        }
        let paid = self.operate(number, "pay", &format!("{path}/pay"), &pay("tok_ok")).await;
        if wish == Wish::Return && paid.is_some() {
            if !self.becomes(&order, |status| status == "fulfilled").await {
                return self.leave(number, "return");
            }
            let reason = json!({"reason": "the load returns every tenth"});
            self.operate(number, "return", &format!("{path}/refunds"), &reason).await;
        }
    }

    /// A buyer goes away before the next operation: what becomes of the order is nobody's wish.
    fn leave(&self, number: u64, what: &str) {
        self.history.note(&self.history.key(number, what), Outcome::Invoke, None, "");
    }

    /// Whether an order came to have such a status.
    async fn becomes(&self, order: &str, such: impl Fn(&str) -> bool + Send + Sync) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if let Answer::Done(order) = self.api.get(Account::Buyer, &format!("orders/{order}")).await
                && order["status"].as_str().is_some_and(&such)
            {
                return true;
            }
            sleep(Duration::from_millis(200)).await;
        }
        false
    }

    /// An operation of a buyer, asked under one key until the answer is clear; none when it is a refusal or
    /// stays unknown.
    async fn operate(&self, number: u64, what: &'static str, path: &str, body: &Value) -> Option<Value> {
        let key = self.history.key(number, what);
        let end = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(50);
        loop {
            self.history.note(&key, Outcome::Invoke, None, "");
            match self.api.post(Account::Buyer, path, &key, body).await {
                Answer::Done(answer) => {
                    self.history.note(&key, Outcome::Ok, answer["id"].as_str(), "");
                    return Some(answer);
                }
                Answer::Refused(why) => {
                    self.history.note(&key, Outcome::Fail, None, &why);
                    return None;
                }
                Answer::Unknown(why) => self.history.note(&key, Outcome::Info, None, &why),
            }
            if Instant::now() > end {
                return None;
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// A step of opening the shop.
    async fn step(&self, account: Account, path: &str, body: &Value) -> io::Result<Value> {
        let key = self.history.key(0, path);
        let end = Instant::now() + OPENING;
        loop {
            match self.api.post(account, path, &key, body).await {
                Answer::Done(answer) => return Ok(answer),
                Answer::Unknown(_) if Instant::now() < end => sleep(Duration::from_millis(100)).await,
                other => return Err(io::Error::other(format!("{path}: {other:?}"))),
            }
        }
    }
}

fn draft() -> Value {
    json!({
        "courseId": "crs_demo_1", "courseVersionId": "cv_demo_1", "marketing": {"tagline": "Under load"},
        "refundPolicy": {"refundDays": 14},
    })
}

/// A text of an answer.
fn text(value: &Value, name: &str) -> io::Result<String> {
    let missing = || io::Error::other(format!("no {name} in {value}"));
    value[name].as_str().map(str::to_owned).ok_or_else(missing)
}
