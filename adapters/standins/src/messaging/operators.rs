//! Whose number it is, what a message to it costs, and what becomes of it: tables.

use sarai_domain::{
    devportal::values::{ALWAYS_BLOCKED, E164Phone},
    kernel::{Currency, MoneyError, Price},
};
use serde::{Deserialize, Serialize};

use super::codes::{self, Code};

/// Operators by the numbers they hand out; the longest prefix counts.
#[rustfmt::skip]
const PREFIXES: &[(&str, &str)] = &[
    ("+9370", "AWCC"), ("+9371", "AWCC"),
    ("+9372", "Roshan"), ("+9379", "Roshan"),
    ("+9373", "Etisalat"), ("+9378", "Etisalat"),
    ("+9376", "MTN"), ("+9377", "MTN"),
    ("+9374", "Salaam"),
    ("+1", "T-Mobile US"), ("+44", "Vodafone UK"), ("+49", "Telekom"), ("+90", "Turkcell"),
    ("+92", "Jazz"), ("+98", "Hamrah-e Aval"), ("+998", "Beeline"),
];

/// What a part of a message costs, in millionths of a dollar; the longest prefix counts.
const PRICES: &[(&str, i64)] = &[("+", 45_000), ("+1", 7_900), ("+93", 32_000), ("+98", 18_500)];

/// Messages to numbers that end like this are never reported on.
pub(super) const SILENT: &str = "0009";
/// How long a message waits to be handed over, in milliseconds.
const QUEUED_MILLIS: u32 = 1_000;

/// What will become of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Plan {
    pub(crate) operator: Option<String>,
    /// How many milliseconds after it was accepted it leaves; none when it never does.
    pub(super) sent_after: Option<u32>,
    /// How many after it was accepted it is over; none when nobody will say.
    pub(super) final_after: Option<u32>,
    /// Why it comes to nothing.
    pub(super) error: Option<String>,
}

impl Plan {
    /// The same number always fares the same: by its last four digits, as the table of codes has it.
    pub(super) fn of(to: &E164Phone) -> Self {
        Self::with(to, codes::of_ending(to.as_str()))
    }

    /// What becomes of a message that fails like this, or arrives.
    pub(super) fn with(to: &E164Phone, failure: Option<&Code>) -> Self {
        let digits = to.as_str().bytes().map(|byte| u32::from(byte.wrapping_sub(b'0') & 0x0f)).sum::<u32>();
        let travel = 2_000_u32.saturating_add(digits.rem_euclid(8).saturating_mul(1_000));
        let leaves = failure.is_none_or(|code| code.leaves);
        let silent = failure.is_none() && to.as_str().ends_with(SILENT);
        let takes = failure.map_or(travel, |code| travel.saturating_add(code.waits_millis));
        Self {
            operator: operator(to).filter(|_| leaves).map(str::to_owned),
            sent_after: leaves.then_some(QUEUED_MILLIS),
            final_after: (!silent).then_some(QUEUED_MILLIS.saturating_add(takes)),
            error: failure.map(|code| code.name.to_owned()),
        }
    }
}

/// The operator of a number.
pub(super) fn operator(to: &E164Phone) -> Option<&'static str> {
    longest(PREFIXES, to)
}

/// Whether there is an operator of this name.
pub(super) fn is_known(name: &str) -> Option<&'static str> {
    PREFIXES.iter().map(|(_, operator)| *operator).find(|operator| *operator == name)
}

/// Whether anything can be sent to a number.
pub(super) fn is_reachable(to: &E164Phone) -> bool {
    !ALWAYS_BLOCKED.iter().any(|prefix| to.as_str().starts_with(prefix))
}

/// What so many parts to a number cost.
pub(super) fn price(to: &E164Phone, segments: u8) -> Result<Price, MoneyError> {
    let micros = longest(PRICES, to).unwrap_or_default();
    Price::from_micros(micros, currency()?)?.checked_mul(u32::from(segments))
}

/// What everything is priced in.
pub(super) fn currency() -> Result<Currency, MoneyError> {
    Currency::parse("USD")
}

fn longest<T: Copy>(table: &[(&str, T)], to: &E164Phone) -> Option<T> {
    let fits = table.iter().filter(|(prefix, _)| to.as_str().starts_with(prefix));
    fits.max_by_key(|(prefix, _)| prefix.len()).map(|(_, value)| *value)
}
