//! The table of checks: one row an invariant, and those of ours without an id.

use std::fmt;

use sarai_domain::{devportal::invariants as own, kernel::Invariant, marketplace::invariants as inv};

use Counted::{
    Account, Article, Coupon, Deliveries, Earnings, Endpoint, Everything, Key, Ledger, License, Line,
    Listing, Nothing, Order, Release, Retired, Reviewed, Saga, Sandbox, Seat, Template, TimedOut, Told, Use,
    Verification,
};
use Kind::{Code, Evidence, Ours, State};

/// How a check is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// On the stored state.
    State,
    /// On the evidence stored with the transition: the rule speaks of a moment.
    Evidence,
    /// By tests over types and dependencies: no stored row could show a breach.
    Code,
    /// A rule of ours, without an invariant's id.
    Ours,
}

impl Kind {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            State => "state",
            Evidence => "evidence",
            Code => "code",
            Ours => "ours",
        }
    }
}

/// What is counted as checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    /// Nothing stored.
    Nothing,
    /// Listings.
    Listing,
    /// Listings that were approved.
    Reviewed,
    /// Listings that are retired.
    Retired,
    /// Orders.
    Order,
    /// Order lines.
    Line,
    /// Licences.
    License,
    /// Seat rows that keep what their assignment saw.
    Seat,
    /// Coupons.
    Coupon,
    /// Uses of coupons.
    Use,
    /// Periods of earnings.
    Earnings,
    /// Sagas.
    Saga,
    /// Sagas that keep what their time-out saw.
    TimedOut,
    /// Dead letters.
    Deliveries,
    /// Accounts of developers.
    Account,
    /// API keys.
    Key,
    /// Verifications.
    Verification,
    /// Spend ledgers.
    Ledger,
    /// Sandboxes.
    Sandbox,
    /// Templates.
    Template,
    /// SDK releases.
    Release,
    /// Articles.
    Article,
    /// Webhook endpoints.
    Endpoint,
    /// Deliveries to webhook endpoints.
    Told,
    /// Every aggregate.
    Everything,
}

/// A check: what it is called, how it is made, and what an operator does about an offender.
#[derive(Clone, Copy)]
pub struct Check {
    /// An invariant's id, or a name of ours.
    pub id: &'static str,
    /// The rule.
    pub text: &'static str,
    /// How it is made.
    pub kind: Kind,
    /// What is counted as checked.
    pub(super) counted: Counted,
    /// What repairs an offender: a command, `{id}` being the offender's, or a sentence when only a person can.
    pub repair: &'static str,
    /// The tests that prove a rule audited by code.
    pub proved_by: &'static [&'static str],
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

const fn of(rule: Invariant, kind: Kind, counted: Counted, repair: &'static str) -> Check {
    Check { id: rule.id, text: rule.text, kind, counted, repair, proved_by: &[] }
}

const fn code(rule: Invariant, proved_by: &'static [&'static str]) -> Check {
    Check { id: rule.id, text: rule.text, kind: Code, counted: Nothing, repair: BY_HAND, proved_by }
}

const fn ours(id: &'static str, text: &'static str, counted: Counted, repair: &'static str) -> Check {
    Check { id, text, kind: Ours, counted, repair, proved_by: &[] }
}

/// A document that cannot be read.
pub(super) const UNREADABLE: &str = "readable";
/// A rule of an aggregate's own that has no id.
pub(super) const CONSISTENT: &str = "consistent";
/// A unique key without an invariant's id.
pub(super) const UNIQUE: &str = "unique-keys";
/// A fulfilled line's licence.
pub(super) const LICENSED: &str = "licensed";
/// A licence of an order that was given up.
pub(super) const PAID_FOR: &str = "paid-for";
/// A saga that should have moved.
pub(super) const PROGRESS: &str = "saga-progress";
/// A delivery that was given up.
pub(super) const DELIVERED: &str = "delivered";
/// Money that nobody asked for.
pub(super) const STRAYS: &str = "stray-captures";
/// Who waits for a seat.
pub(super) const WAITLIST: &str = "waitlist";
/// A provider's statement.
pub(super) const STATEMENT: &str = "statement";
/// The money oracle.
pub(super) const MONEY: &str = "money";

const BY_HAND: &str = "only a person can: no command writes this; find what did, and restore the row";
const SUSPEND: &str = "POST /v1/admin/listings/{id}/suspend, then let the provider correct it";
const REFUND: &str = "POST /v1/admin/orders/{id}/refunds, once a person has found which amount is right";
const REVOKE: &str = "POST /v1/admin/licenses/{id}/revoke, then grant anew what was bought";
const REVOKE_ONLY: &str = "POST /v1/admin/licenses/{id}/revoke";
const DEACTIVATE: &str = "POST /v1/coupons/{id}/deactivate, then a person settles its uses";
const RETRY: &str = "sarai saga retry {id} --reason …";

/// Every check: the invariants in the registry's order, then ours.
#[rustfmt::skip]
pub const CHECKS: &[Check] = &[
    of(inv::L_INV_1,  State,    Listing,  "POST /v1/listings/{id}/withdraw, then add an active plan"),
    of(inv::L_INV_2,  Evidence, Reviewed, SUSPEND),
    of(inv::L_INV_3,  Evidence, Reviewed, SUSPEND),
    of(inv::L_INV_4,  State,    Listing,  SUSPEND),
    of(inv::L_INV_5,  State,    Listing,  SUSPEND),
    of(inv::L_INV_6,  State,    Listing,  "PATCH /v1/admin/listings/{id}/revenue-share, once the document can be read"),
    of(inv::L_INV_7,  Evidence, Retired,  "a person grants anew what the buyers of the listing lost"),
    of(inv::L_INV_8,  State,    Line,     "POST /v1/admin/orders/{id}/refunds, or a person lets the sale stand"),
    of(inv::L_INV_9,  State,    Line,     SUSPEND),
    of(inv::L_INV_10, State,    Listing,  SUSPEND),
    of(inv::O_INV_1,  State,    Order,    REFUND),
    of(inv::O_INV_2,  State,    Order,    REFUND),
    of(inv::O_INV_3,  State,    Order,    BY_HAND),
    of(inv::O_INV_4,  State,    Order,    BY_HAND),
    of(inv::O_INV_5,  State,    Order,    BY_HAND),
    of(inv::O_INV_6,  State,    Order,    BY_HAND),
    of(inv::O_INV_7,  State,    Order,    BY_HAND),
    of(inv::O_INV_8,  State,    Order,    "a person compares the refunds of {id} with billing's"),
    of(inv::LI_INV_1, State,    License,  REVOKE),
    of(inv::LI_INV_2, Evidence, Seat,     "DELETE /v1/licenses/{id}/seats/{seatId} of the last seat assigned"),
    of(inv::LI_INV_3, State,    License,  REVOKE),
    of(inv::LI_INV_4, State,    License,  BY_HAND),
    of(inv::LI_INV_5, State,    License,  REVOKE),
    of(inv::LI_INV_6, State,    License,  REVOKE),
    of(inv::LI_INV_7, State,    License,  REVOKE),
    of(inv::C_INV_1,  State,    Coupon,   "POST /v1/coupons/{id}/deactivate"),
    of(inv::C_INV_2,  State,    Coupon,   DEACTIVATE),
    of(inv::C_INV_3,  State,    Coupon,   DEACTIVATE),
    of(inv::C_INV_4,  State,    Use,      DEACTIVATE),
    of(inv::C_INV_5,  State,    Use,      DEACTIVATE),
    of(inv::S_INV_1,  State,    Order,    "of an order without one: the job heal_sagas starts it; of two: sarai saga compensate ID --reason … for the one too many"),
    of(inv::S_INV_2,  State,    Saga,     BY_HAND),
    of(inv::S_INV_3,  Evidence, TimedOut, BY_HAND),
    of(inv::S_INV_4,  State,    Saga,     BY_HAND),
    of(inv::AC_1,     State,    Listing,  SUSPEND),
    code(inv::AC_2, &["ac_2_rejects_stored_words_about_a_payment_method", "ac_2_allows_the_intent_and_payment_ids_and_nothing_else_about_a_payment"]),
    code(inv::AC_3, &["ac_3_rejects_progress_in_a_stored_licence_or_seat", "ac_3_allows_exactly_these_fields"]),
    code(inv::AC_4, &["ac_4_rejects_every_command_that_names_a_payment_provider", "ac_4_allows_an_intent_of_billing_s_and_nothing_else_of_a_payment"]),
    ours(UNREADABLE, "every document and every row can be read",                       Everything, BY_HAND),
    ours(CONSISTENT, "no document contradicts itself or its rows",                     Everything, BY_HAND),
    ours(UNIQUE,     "a unique key has one holder",                                    Everything, BY_HAND),
    ours(LICENSED,   "a fulfilled line has its licence",                               Line,       "a person grants the licence anew: POST /v1/admin/licenses"),
    ours(PAID_FOR,   "no licence of an order that was given up is active",             License,    REVOKE_ONLY),
    ours(PROGRESS,   "a saga that is not over is looked at within 15 minutes of its time", Saga,   RETRY),
    ours(DELIVERED,  "no delivery was given up",                                       Deliveries, "sarai saga retry ID --reason … redrives those of its order; any other, a person reads and does by hand"),
    ours(STRAYS,     "money that nobody asked for is back within a day",               Order,      "the job stray_captures asks again; a person returns it at billing"),
    ours(WAITLIST,   "nobody waits for a seat that is free, nor on a licence that is over", License, "DELETE /v1/licenses/{id}/waitlist/{waiter}, then POST /v1/licenses/{id}/seats while there is a free one"),
    ours(STATEMENT,  "a closed period is sealed to its last line, and its anchor is in its chain", Earnings, "a person compares the statement with the anchors that were announced"),
    ours(MONEY,      "what orders sold and returned is what the earnings say, to the minor unit", Line, "a person compares the order's lines with the provider's statement"),
];

const REVOKE_KEY: &str = "DELETE /v1/keys/{id} by its tenant, which then makes another";
const CANCEL: &str = "POST /v1/verifications/{id}/cancel while it lives; what is over, a person compares with the provider's log";
const ARCHIVE: &str = "POST /v1/templates/{id}/archive, then approve the text anew under another name";
const YANK: &str = "POST /v1/sdks/releases/{id}/yank, then release the version's successor";
const UNPUBLISH: &str = "POST /v1/docs/{id}/archive, then write the article anew";
const CLOSE: &str = "DELETE /v1/sandboxes/{id}: nothing of it is for real";
const ENDPOINT: &str = "DELETE /v1/webhooks/{id} by its tenant, which then makes another";

/// The developer portal's checks: of its invariants those that a stored row can break, in the registry's order. The others
/// are proved by tests.
#[rustfmt::skip]
pub const PORTAL: &[Check] = &[
    of(own::K_INV_2,  State,    Key,          REVOKE_KEY),
    of(own::K_INV_3,  Evidence, Key,          REVOKE_KEY),
    of(own::K_INV_5,  State,    Key,          REVOKE_KEY),
    of(own::K_INV_7,  State,    Key,          REVOKE_KEY),
    of(own::K_INV_9,  Evidence, Key,          REVOKE_KEY),
    of(own::K_INV_10, Evidence, Key,          REVOKE_KEY),
    of(own::K_INV_12, Evidence, Key,          REVOKE_KEY),
    of(own::K_INV_13, State,    Key,          "the job key_revocation tells the auth-service again, without limit"),
    of(own::V_INV_4,  State,    Verification, CANCEL),
    of(own::V_INV_7,  State,    Verification, CANCEL),
    of(own::V_INV_9,  State,    Verification, CANCEL),
    of(own::V_INV_12, State,    Verification, CANCEL),
    of(own::V_INV_13, State,    Verification, CANCEL),
    of(own::V_INV_16, State,    Verification, CANCEL),
    of(own::V_INV_17, State,    Verification, BY_HAND),
    of(own::V_INV_21, State,    Verification, BY_HAND),
    of(own::A_INV_3,  State,    Account,      BY_HAND),
    of(own::A_INV_4,  Evidence, Key,          REVOKE_KEY),
    of(own::A_INV_5,  Evidence, Key,          REVOKE_KEY),
    of(own::SB_INV_3, State,    Sandbox,      CLOSE),
    of(own::T_INV_1,  State,    Template,     ARCHIVE),
    of(own::T_INV_3,  State,    Template,     ARCHIVE),
    of(own::T_INV_9,  State,    Template,     ARCHIVE),
    of(own::R_INV_6,  State,    Release,      YANK),
    of(own::R_INV_7,  State,    Release,      YANK),
    of(own::D_INV_1,  State,    Article,      UNPUBLISH),
    of(own::D_INV_2,  State,    Article,      UNPUBLISH),
    of(own::D_INV_3,  State,    Article,      UNPUBLISH),
    of(own::W_INV_1,  State,    Endpoint,     ENDPOINT),
    of(own::W_INV_2,  State,    Endpoint,     ENDPOINT),
    of(own::W_INV_3,  State,    Told,         "POST /v1/webhooks/{endpoint}/deliveries/{id}/replay by its tenant"),
    of(own::W_INV_7,  State,    Endpoint,     ENDPOINT),
    of(own::M_INV_1,  State,    Ledger,       "a person compares the ledger with the provider's bill; the cap is set by PUT /v1/spend-policy"),
];

/// Every check there is.
pub fn all() -> impl Iterator<Item = &'static Check> {
    CHECKS.iter().chain(PORTAL)
}

/// The repair of an offender.
pub(super) fn repair(check: &Check, id: &str) -> String {
    check.repair.replace("{id}", id)
}
