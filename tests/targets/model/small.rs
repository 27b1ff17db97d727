//! T06: one purchase, every interleaving. The counts are pinned: a change of the rules shows.

use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    model::{Flaw, Market},
    soak,
    world::{Buyer, Luck},
};

const LUCK: Luck = Luck { crashes: 1, copies: 0, outages: 0, refusals: 0, hasty: 0 };

/// A crash and a second copy of any message, of a buyer who pays, hesitates, or does nothing.
const REPEATED: Market = Market {
    purchases: 1,
    usage_cap: Some(1),
    luck: Luck { copies: 1, ..LUCK },
    buyer: Buyer { cancels: false, refunds: false, hesitates: true },
    notices: false,
    flaw: None,
};

/// A crash of a buyer who also wants the money back.
const RETURNED: Market = Market { luck: LUCK, buyer: Buyer { refunds: true, ..REPEATED.buyer }, ..REPEATED };

/// A crash, a gateway that is down and then refuses, billing's notices, and a retry in haste.
const UNLUCKY: Market = Market {
    luck: Luck { crashes: 1, copies: 0, outages: 1, refusals: 1, hasty: 1 },
    notices: true,
    ..REPEATED
};

/// The same without a coupon, by a buyer who cancels or wants the money back: the licence is granted with the payment.
const PLAIN: Market = Market {
    usage_cap: None,
    luck: LUCK,
    buyer: Buyer { cancels: true, refunds: true, hesitates: false },
    ..REPEATED
};

/// All of T06 at once.
const WHOLE: Market = Market { luck: REPEATED.luck, ..RETURNED };

/// Explores everything; gives the number of states.
fn states(market: Market) -> usize {
    let checker = market.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    checker.unique_state_count()
}

#[test]
fn t06_a_crash_and_a_second_copy_of_any_message_harm_no_purchase() {
    assert_eq!(states(REPEATED), 41_824);
}

#[test]
fn t06_a_crash_harms_no_purchase_that_is_returned_and_every_state_and_undo_is_reached() {
    assert_eq!(states(RETURNED), 27_700);
}

#[test]
fn t06_a_crash_harms_no_purchase_whose_licence_is_granted_with_its_payment() {
    assert_eq!(states(PLAIN), 39_079);
}

#[test]
fn t06_gateways_that_fail_and_billing_s_notices_harm_no_purchase() {
    assert_eq!(states(UNLUCKY), 68_963);
}

#[test]
fn t06_everything_at_once_harms_no_purchase_behind_the_soak_command() {
    if soak::is_on() {
        assert_eq!(states(WHOLE), 400_470);
    }
}

/// Each property is seen failing where the part that it watches over is broken.
#[test]
fn every_property_fails_in_some_broken_market() {
    let calm = Luck { crashes: 0, ..LUCK };
    let two = Market { purchases: 2, luck: calm, ..REPEATED };
    let refused = Market { luck: Luck { copies: 1, refusals: 1, ..calm }, ..REPEATED };
    let down = Market { luck: Luck { copies: 1, refusals: 1, outages: 1, ..calm }, ..REPEATED };
    let returned = Market { luck: calm, ..RETURNED };
    let copied = Market { luck: Luck { copies: 1, ..calm }, ..RETURNED };
    let broken = [
        (Flaw::BlindGrants, REPEATED, "a line has one licence at most"),
        (Flaw::DeclineCountsAsPaid, REPEATED, "nobody is licensed before the order is paid"),
        (Flaw::NoRevocations, RETURNED, "what is returned or given up leaves no licence and no enrolment"),
        (Flaw::EnrolsTheRevoked, down, "what is returned or given up leaves no licence and no enrolment"),
        (Flaw::Unordered, returned, "what is returned or given up leaves no licence and no enrolment"),
        (Flaw::RefundsTwice, RETURNED, "each undo has its effect once"),
        (Flaw::RefundsTwice, RETURNED, "money is with us for a purchase, or under way, or back"),
        (Flaw::StraysKept, REPEATED, "a purchase that is over is fulfilled with its money or undone without"),
        (Flaw::TimeoutWhileLicensing, REPEATED, "a timeout ends only what nobody has paid"),
        (Flaw::RefusesWhatIsPast, REPEATED, "nobody who paid in time is turned away"),
        (Flaw::RefusesWhatIsPast, copied, "nothing breaks"),
        (Flaw::SilentUndo, returned, "no step is tried for ever"),
        (Flaw::NoInbox, refused, "what is undone keeps no use of a coupon"),
        (Flaw::LostUpdates, two, "no more uses of the coupon count than its cap allows"),
        (Flaw::NoTimers, REPEATED, "every purchase comes to its end"),
    ];
    for (flaw, market, property) in broken {
        let market = Market { flaw: Some(flaw), ..market };
        let until = HasDiscoveries::AnyOf([property].into());
        let checker = market.checker().threads(2).finish_when(until).spawn_bfs().join();
        println!("{flaw:?}: {} states", checker.unique_state_count());
        assert!(checker.discovery(property).is_some(), "{flaw:?} does not break: {property}");
    }
}
