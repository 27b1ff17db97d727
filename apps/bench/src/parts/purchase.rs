//! (a) Purchases a second over HTTP, from the order to fulfilled, beside the hand-written ones.

use crate::{Failure, bench::Bench, market::Spread, pgbench, report::Goal};

/// Providers of the yardstick.
const PROVIDERS: &[(&str, u64)] = &[("providers", 1_000)];

pub(super) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.market().await?;
    let spread = Spread { offers: market.offers.len(), coupons: None };
    for round in 1..=bench.options.rounds {
        for yardstick in ["purchase6", "purchase11"] {
            pgbench::clean(&bench.cluster)?;
            bench.theirs(yardstick, round, bench.script(yardstick, PROVIDERS)).await?;
        }
        let buyers = market.clone();
        let step = async move |client: &mut _, _| buyers.buy(client, spread).await;
        bench.ours("purchase", round, &market, bench.closed(), step).await?;
    }
    let what = "purchases over HTTP / the same by hand in 6 transactions";
    bench.ratio("purchase", what, "purchase", "purchase6", Goal::AtLeast(0.5));
    bench.ratio("purchase", "purchases over HTTP / by hand in 11", "purchase", "purchase11", Goal::Shown);
    Ok(())
}
