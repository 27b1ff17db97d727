//! A market to buy in: what is on sale, by whom, for which buyers; and a purchase.

use std::{cell::Cell, net::SocketAddr, rc::Rc, time::Duration};

use sarai_services::Cluster;
use tokio::time::{Instant, sleep};

use crate::{
    Failure,
    http::{Answer, Ask, Client, id, member},
    load::Missed,
    seed,
    server::Server,
    tokens::Tokens,
};

const PASSWORD: &str = "sarai-demo";
/// Buyers, a tenant each.
const BUYERS: usize = 5_000;
/// How long a purchase may take that was taken on.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long before an order is asked after that was not fulfilled when its payment was answered; doubled each time.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Something on sale.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    /// The listing.
    pub(crate) listing: String,
    /// Its plan: a pack of one seat.
    pub(crate) plan: String,
    /// Its course.
    pub(crate) course: String,
}

/// What is on sale and who buys.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    /// The server.
    pub(crate) address: SocketAddr,
    /// Its process, where it is known.
    pub(crate) pid: Option<u32>,
    /// Access tokens of buyers, a tenant each.
    pub(crate) buyers: Rc<Vec<String>>,
    /// The administrator's.
    pub(crate) admin: String,
    /// An offer of every provider.
    pub(crate) offers: Rc<Vec<Offer>>,
    /// Codes of platform coupons, of 10 percent.
    pub(crate) coupons: Rc<Vec<String>>,
    /// Numbers idempotency keys.
    number: Rc<Cell<u64>>,
}

/// Among which offers and coupons a purchase is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    /// This many of the offers, which is as many providers.
    pub(crate) offers: usize,
    /// This many of the coupons; none for purchases without.
    pub(crate) coupons: Option<usize>,
}

impl Market {
    /// Opens a market on a fresh server: at most so many providers and coupons.
    pub(crate) async fn open(
        cluster: &Cluster,
        server: &Server,
        providers: usize,
        coupons: usize,
    ) -> Result<Self, Failure> {
        let address = server.address();
        let mut client = Client::new(address);
        let provider = sign_in(&mut client, "provider").await?;
        let admin = sign_in(&mut client, "admin").await?;
        let tokens =
            Tokens::like(&sign_in(&mut client, "buyer").await?).ok_or("a token is not what it was")?;
        let buyers = (0..BUYERS).map(|number| tokens.of(&format!("bench_buyer_{number}"))).collect();
        let first = seed::listing(&mut client, &provider, &admin).await?;
        let offers = match &server.database {
            Some(database) => seed::providers(cluster, database, &first, providers)?,
            None => vec![first],
        };
        let coupons = seed::coupons(&mut client, &admin, coupons).await?;
        Ok(Self {
            address,
            pid: server.pid().ok(),
            buyers: Rc::new(buyers),
            admin,
            offers: Rc::new(offers),
            coupons: Rc::new(coupons),
            number: Rc::default(),
        })
    }

    /// A server where nothing is on sale.
    pub(crate) fn empty(server: &Server) -> Self {
        Self {
            address: server.address(),
            pid: server.pid().ok(),
            buyers: Rc::default(),
            admin: String::new(),
            offers: Rc::default(),
            coupons: Rc::default(),
            number: Rc::default(),
        }
    }

    /// A number never given before.
    fn number(&self) -> u64 {
        self.number.replace(self.number.get() + 1)
    }

    /// One purchase, from the order to fulfilled.
    ///
    /// # Errors
    /// Shed when the order was not taken on; failed when it was, and did not end fulfilled.
    pub(crate) async fn buy(&self, client: &mut Client, spread: Spread) -> Result<(), Missed> {
        let number = self.number();
        let at = |count: usize, salt: u64| pick(number ^ salt, count);
        let buyer = self.buyers.get(at(self.buyers.len(), 1)).map_or("", String::as_str);
        let offer = self.offers.get(at(spread.offers.min(self.offers.len()), 2));
        let nothing = || Missed::Failed("nothing is on sale".to_owned());
        let coupon = spread.coupons.and_then(|count| self.coupons.get(at(count.min(self.coupons.len()), 3)));
        let order = self.order(client, buyer, offer.ok_or_else(nothing)?, coupon.map(String::as_str)).await?;
        self.pay(client, buyer, &order).await
    }

    /// Places an order of one offer; gives its id.
    ///
    /// # Errors
    /// Shed, or failed.
    pub(crate) async fn order(
        &self,
        client: &mut Client,
        buyer: &str,
        offer: &Offer,
        coupon: Option<&str>,
    ) -> Result<String, Missed> {
        let Offer { listing, plan, .. } = offer;
        let coupons = coupon.map_or_else(String::new, |code| format!(",\"couponCodes\":[\"{code}\"]"));
        let body = format!(
            "{{\"currency\":\"USD\",\"lines\":[{{\"listingId\":\"{listing}\",\"pricingPlanId\":\"{plan}\",\
             \"quantity\":1}}]{coupons}}}"
        );
        let key = format!("bench-order-{}", self.number());
        let place = Ask { method: "POST", path: "/v1/orders", token: buyer, key: &key, body: &body };
        let answer = client.send(place).await?;
        if matches!(answer.status, 429 | 503) {
            return Err(Missed::Shed);
        }
        expected(&answer, 201)?;
        let order = id(answer.body, "ord_").ok_or_else(|| Missed::Failed("an order has no id".to_owned()))?;
        Ok(order.to_owned())
    }

    /// Pays an order that was taken on, however often it has to be tried, and waits until it is fulfilled.
    ///
    /// # Errors
    /// Failed.
    pub(crate) async fn pay(&self, client: &mut Client, buyer: &str, order: &str) -> Result<(), Missed> {
        let (path, key) = (format!("/v1/orders/{order}/pay"), format!("bench-pay-{order}"));
        let pay = Ask {
            method: "POST",
            path: &path,
            token: buyer,
            key: &key,
            body: r#"{"paymentToken":"tok_ok"}"#,
        };
        let path = format!("/v1/orders/{order}");
        let look = Ask { method: "GET", path: &path, token: buyer, ..Ask::default() };
        let (end, mut pause, mut paid) = (Instant::now() + PATIENCE, PAUSE, false);
        while Instant::now() < end {
            let answer = client.send(if paid { look } else { pay }).await?;
            match answer.status {
                429 | 503 => {}
                // The order is not payable yet: what follows its placing is under way.
                409 | 422 if !paid => {}
                200..=299 => {
                    paid = true;
                    match member(answer.body, "status") {
                        Some("fulfilled") => return Ok(()),
                        Some("failed") => {
                            return Err(Missed::Failed(format!("failed: {}", start(answer.body))));
                        }
                        _ => {}
                    }
                }
                _ => expected(&answer, 200)?,
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        Err(Missed::Failed(format!("{order} was not fulfilled in time")))
    }
}

/// One of `count` places, as if by chance.
pub(crate) fn pick(number: u64, count: usize) -> usize {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from((mixed >> 33) % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or(0)
}

/// The answer has this status.
///
/// # Errors
/// Failed, with the beginning of what was answered.
pub(crate) fn expected(answer: &Answer<'_>, status: u16) -> Result<(), Missed> {
    if answer.status == status {
        return Ok(());
    }
    Err(Missed::Failed(format!("{} instead of {status}: {}", answer.status, start(answer.body))))
}

fn start(text: &str) -> String {
    text.chars().take(300).collect()
}

pub(crate) async fn sign_in(client: &mut Client, name: &str) -> Result<String, Failure> {
    let body = format!("{{\"email\":\"{name}@demo.test\",\"password\":\"{PASSWORD}\"}}");
    let answer =
        client.send(Ask { method: "POST", path: "/v1/auth/sessions", body: &body, ..Ask::default() }).await?;
    let token = member(answer.body, "accessToken").map(str::to_owned);
    token.ok_or_else(|| format!("{name} cannot sign in: {} {}", answer.status, start(answer.body)).into())
}
