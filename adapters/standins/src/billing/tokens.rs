//! The test tokens a buyer can pay with: one row each.

use time::Duration;

/// A test token and what paying with it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestToken {
    /// What the buyer sends.
    pub token: &'static str,
    /// What it does, in words.
    pub about: &'static str,
    /// How often an intent is declined, not finally, before the outcome.
    pub(super) declines: u32,
    /// What happens then.
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The money is taken.
    Capture(Capture),
    /// The intent is lost.
    Decline,
    /// No answer; voided, it may turn out captured this much later after all.
    Silence { captured_after_void: Option<Duration> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capture {
    /// How much more than was asked.
    pub(super) extra_minor_units: i64,
    /// How often it is told.
    pub(super) callbacks: u32,
    /// How many of its refunds fail before one succeeds.
    pub(super) failing_refunds: u32,
}

/// The code of every decline.
pub(super) const DECLINED: &str = "card_declined";

const PLAIN: Capture = Capture { extra_minor_units: 0, callbacks: 1, failing_refunds: 0 };
const TWICE_TOLD: Capture = Capture { callbacks: 2, ..PLAIN };
const TOO_MUCH: Capture = Capture { extra_minor_units: 100, ..PLAIN };
const HARD_TO_RETURN: Capture = Capture { failing_refunds: 1, ..PLAIN };

const fn row(token: &'static str, declines: u32, outcome: Outcome, about: &'static str) -> TestToken {
    TestToken { token, about, declines, outcome }
}

/// What a capture told late takes.
pub(super) const LATE: Capture = PLAIN;

/// Every test token.
#[rustfmt::skip]
pub const TEST_TOKENS: &[TestToken] = &[
    row("tok_ok",           0, Outcome::Capture(PLAIN),          "is captured"),
    row("tok_decline_once", 1, Outcome::Capture(PLAIN),          "is declined first, captured at the next try"),
    row("tok_decline",      0, Outcome::Decline,                 "is declined for good"),
    row("tok_timeout",      0, Outcome::Silence { captured_after_void: None },
                                                                 "is never answered"),
    row("tok_late",         0, Outcome::Silence { captured_after_void: Some(Duration::seconds(60)) },
                                                                 "is captured a minute after it was voided"),
    row("tok_double",       0, Outcome::Capture(TWICE_TOLD),     "is captured once and called back twice"),
    row("tok_mismatch",     0, Outcome::Capture(TOO_MUCH),       "captures one unit of the currency too much"),
    row("tok_refund_fails", 0, Outcome::Capture(HARD_TO_RETURN), "is captured; its first refund fails"),
];

/// The row of a token.
pub(super) fn find(token: &str) -> Option<&'static TestToken> {
    TEST_TOKENS.iter().find(|row| row.token == token)
}
