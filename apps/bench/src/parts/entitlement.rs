//! (d) May this user learn? Over HTTP, beside pgbench's get by id.

use std::rc::Rc;

use crate::{
    Failure,
    bench::Bench,
    http::{Ask, Client, id, member},
    market::{Market, expected, pick},
    pgbench,
    report::Goal,
};

/// Rows of the yardstick's table.
const ROWS: u64 = 100_000;

pub(crate) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.market().await?;
    let learners = if bench.options.quick { 50 } else { 1_000 };
    let learners = Rc::new(learners_of(&market, learners).await?);
    pgbench::file(&bench.cluster, "catalogue", &[("n", ROWS)])?;
    let rows = [("rows", ROWS)];
    for round in 1..=bench.options.rounds {
        bench.theirs("get by id", round, bench.script("cat_get", &rows)).await?;
        let learners = Rc::clone(&learners);
        let step = async move |client: &mut Client, number| {
            let missing = || crate::load::Missed::Failed("there is no learner".to_owned());
            let (token, body) = learners.get(pick(number, learners.len())).ok_or_else(missing)?;
            let path = "/v1/entitlements/check";
            let answer = client.send(Ask { method: "POST", path, token, key: "", body }).await?;
            expected(&answer, 200)?;
            if answer.body.contains("\"entitled\":true") {
                return Ok(());
            }
            Err(crate::load::Missed::Failed(answer.body.to_owned()))
        };
        bench.ours("entitlement check", round, &market, bench.closed(), step).await?;
    }
    let what = "entitlement checks over HTTP / pgbench's get by id";
    bench.ratio("entitlement", what, "entitlement check", "get by id", Goal::AtLeast(0.35));
    Ok(())
}

/// Learners with a seat each: the token that asks, and the question.
async fn learners_of(market: &Market, count: usize) -> Result<Vec<(String, String)>, Failure> {
    let mut client = Client::new(market.address);
    let mut learners = Vec::new();
    for number in 0..count {
        let buyer = market.buyers.get(number % market.buyers.len().max(1)).ok_or("nobody buys")?;
        let offer = market.offers.get(number % market.offers.len().max(1)).ok_or("nothing is on sale")?;
        let order = market.order(&mut client, buyer, offer, None).await?;
        market.pay(&mut client, buyer, &order).await?;
        let path = format!("/v1/orders/{order}");
        let answer = client.send(Ask { method: "GET", path: &path, token: buyer, ..Ask::default() }).await?;
        let license = id(answer.body, "lic_").ok_or("a fulfilled order names no licence")?.to_owned();
        let (path, key) = (format!("/v1/licenses/{license}/seats"), format!("bench-seat-{order}"));
        let (user, course) = (format!("learner_{number}"), &offer.course);
        let body = format!("{{\"userId\":\"{user}\"}}");
        let ask = Ask { method: "POST", path: &path, token: buyer, key: &key, body: &body };
        let answer = client.send(ask).await?;
        member(answer.body, "userId").ok_or_else(|| format!("no seat: {}", answer.body))?;
        learners.push((buyer.clone(), format!("{{\"userId\":\"{user}\",\"courseId\":\"{course}\"}}")));
    }
    Ok(learners)
}
