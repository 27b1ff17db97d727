//! T07: two purchases that want the last use of one coupon, with copies and crashes.

use stateright::{Checker, Model};

use crate::{
    model::Market,
    soak,
    world::{Buyer, Luck},
};

/// How many states a soak run looks at, at least.
const WANTED: usize = 5_000_000;
/// The library counts every way to a state towards its bound; there are about five to each.
const WAYS: usize = 6;
/// How many the ordinary run looks at, ways included.
const SAMPLE: usize = 40_000;

const LARGE: Market = Market {
    purchases: 2,
    usage_cap: Some(1),
    luck: Luck { crashes: 2, copies: 2, outages: 0, refusals: 0, hasty: 0 },
    buyer: Buyer { cancels: false, refunds: false, hesitates: false },
    notices: false,
    flaw: None,
};

/// Depth first, because a breadth of two purchases does not fit into memory: whole runs, as many as the bound
/// allows.
#[test]
fn t07_two_purchases_never_share_the_last_use_of_a_coupon() {
    let bound = if soak::is_on() { WANTED * WAYS } else { SAMPLE };
    let checker = LARGE.checker().threads(2).target_state_count(bound).spawn_dfs().join();
    let (unique, depth) = (checker.unique_state_count(), checker.max_depth());
    println!("{unique} states, {} transitions, depth {depth}", checker.state_count());
    checker.assert_properties();
    assert!(unique >= if soak::is_on() { WANTED } else { SAMPLE / WAYS }, "{unique} states");
}
