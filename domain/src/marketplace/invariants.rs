//! The marketplace's invariants: 32 of the seed, two of ours, and the four anti-corruption rules.
//!
//! Each constant is what guards return, tests name, state tables list and problem bodies show. The seed's
//! own words are in `fixtures/invariants.toml`; a test keeps both lists equal.

use crate::kernel::{
    EnforcedBy::{Aggregate, ReadModel, Storage, Value},
    Invariant, invariants,
};

#[rustfmt::skip]
invariants! {
    "the marketplace"
    L_INV_1  "L-INV-1"  Aggregate "a listing needs at least one active pricing plan to be submitted";
    L_INV_2  "L-INV-2"  ReadModel "a listing is approved only when its course version is published and its play package built";
    L_INV_3  "L-INV-3"  ReadModel "the provider is KYC-verified before a listing goes live";
    L_INV_4  "L-INV-4"  Value     "a subscription plan sets intervalMonths";
    L_INV_5  "L-INV-5"  Value     "a seat-pack plan sets seats to at least 1";
    L_INV_6  "L-INV-6"  Value     "the platform's and the provider's basis points sum to 10,000";
    L_INV_7  "L-INV-7"  ReadModel "a listing with active licences is not retired unless all of them have ended";
    L_INV_8  "L-INV-8"  Aggregate "suspending a listing prevents new orders and revokes no licence";
    L_INV_9  "L-INV-9"  Aggregate "the currency of a plan is immutable once an order may refer to it";
    L_INV_10 "L-INV-10" Value     "a plan's currency is its price's currency";
    O_INV_1  "O-INV-1"  Aggregate "all lines of an order share its currency";
    O_INV_2  "O-INV-2"  Aggregate "subtotal is the sum of the lines; totals = subtotal - discountTotal + taxTotal, set once billing has answered";
    O_INV_3  "O-INV-3"  Aggregate "refundDeadline is set exactly once, when the order is paid";
    O_INV_4  "O-INV-4"  Aggregate "an order's status only moves forward; setting the same value again is a no-op";
    O_INV_5  "O-INV-5"  Aggregate "an order has at most 50 lines";
    O_INV_6  "O-INV-6"  Aggregate "a refunded order cannot be fulfilled";
    O_INV_7  "O-INV-7"  Aggregate "sagaId is set at creation and never changes";
    O_INV_8  "O-INV-8"  Aggregate "refunded never exceeds paid";
    LI_INV_1 "LI-INV-1" Aggregate "remaining seats = seats - allocations that hold one";
    LI_INV_2 "LI-INV-2" Aggregate "no seat is assigned when none remains";
    LI_INV_3 "LI-INV-3" Aggregate "no seat is assigned unless the licence is active";
    LI_INV_4 "LI-INV-4" Value     "validUntil is after validFrom when present";
    LI_INV_5 "LI-INV-5" Aggregate "a revoked licence stays revoked";
    LI_INV_6 "LI-INV-6" Value     "an individual licence has exactly one seat";
    LI_INV_7 "LI-INV-7" Aggregate "a refund releases the seats not yet consumed and marks the consumed ones";
    C_INV_1  "C-INV-1"  Storage   "a coupon code is unique per owner and tenant scope";
    C_INV_2  "C-INV-2"  Aggregate "usageCount never exceeds usageCap";
    C_INV_3  "C-INV-3"  Value     "a percent discount is 1 to 100";
    C_INV_4  "C-INV-4"  Aggregate "a fixed discount is in the order's currency";
    C_INV_5  "C-INV-5"  Aggregate "a coupon is redeemed only while active and inside its window";
    S_INV_1  "S-INV-1"  Storage   "an order has exactly one saga";
    S_INV_2  "S-INV-2"  Aggregate "a saga follows its state table";
    S_INV_3  "S-INV-3"  Aggregate "payment timeouts fire only in awaiting_payment";
    S_INV_4  "S-INV-4"  Aggregate "compensation is idempotent: a step already undone is not undone again";
    AC_1     "AC-1"     Aggregate "a listing holds no money in a currency other than its plan's";
    AC_2     "AC-2"     Aggregate "an order stores no payment method, only an opaque intent id";
    AC_3     "AC-3"     Aggregate "a licence stores no enrollment progress";
    AC_4     "AC-4"     Aggregate "the saga talks to billing, never to a payment provider";
}

/// The invariant that a message names: that of a stored value which cannot be read names the one it breaks.
/// Of several the longest id, as `LI-INV-1` is a part of `LI-INV-12`.
pub fn named_in(message: &str) -> Option<Invariant> {
    let named = ALL.iter().filter(|one| {
        message.match_indices(one.id).any(|(start, id)| {
            let before = message.get(..start).and_then(|text| text.chars().next_back());
            let after = message.get(start.saturating_add(id.len())..).and_then(|text| text.chars().next());
            !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
        })
    });
    named.max_by_key(|one| one.id.len()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_invariant_and_no_other() {
        assert_eq!(named_in("L-INV-6: 3000 + 8000 basis points at line 1"), Some(L_INV_6));
        assert_eq!(named_in("breaks LI-INV-1"), Some(LI_INV_1));
        assert_eq!(named_in("breaks L-INV-10"), Some(L_INV_10));
        assert_eq!(named_in("breaks L-INV-11"), None);
    }
}
