//! (b) What one row costs that everybody writes: a coupon, a provider.

use crate::{Failure, bench::Bench, market::Spread, pgbench, report::Goal};

pub(super) async fn run(bench: &mut Bench) -> Result<(), Failure> {
    let market = bench.market().await?;
    let all = market.offers.len();
    let coupons = market.coupons.len();
    let cases = [
        ("one coupon", Spread { offers: all, coupons: Some(1) }),
        ("many coupons", Spread { offers: all, coupons: Some(coupons) }),
        ("one provider", Spread { offers: 1, coupons: None }),
        ("many providers", Spread { offers: all, coupons: None }),
    ];
    let yardsticks = [
        ("pgbench: one coupon", "coupon_order", ("rows", 1)),
        ("pgbench: many coupons", "coupon_order", ("rows", 1_000)),
        ("pgbench: one provider", "purchase6", ("providers", 1)),
        ("pgbench: many providers", "purchase6", ("providers", 1_000)),
    ];
    for round in 1..=bench.options.rounds {
        for (case, spread) in cases {
            let buyers = market.clone();
            let step = async move |client: &mut _, _| buyers.buy(client, spread).await;
            bench.ours(case, round, &market, bench.closed(), step).await?;
        }
        for (case, script, set) in yardsticks {
            pgbench::clean(&bench.cluster)?;
            bench.theirs(case, round, bench.script(script, &[set])).await?;
        }
    }
    bench.ratio(
        "hot",
        "all orders on one coupon / over many",
        "one coupon",
        "many coupons",
        Goal::AtLeast(0.6),
    );
    bench.ratio(
        "hot",
        "all orders at one provider / at many",
        "one provider",
        "many providers",
        Goal::AtLeast(0.6),
    );
    for (what, one, many) in [
        ("the same by hand: coupon", "pgbench: one coupon", "pgbench: many coupons"),
        ("the same by hand: provider", "pgbench: one provider", "pgbench: many providers"),
    ] {
        bench.ratio("hot", what, one, many, Goal::Shown);
    }
    Ok(())
}
