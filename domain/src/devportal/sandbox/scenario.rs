//! What a sandbox pretends: fifteen scenarios as one table, chosen by the destination (devportal.md 3.4).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::SandboxError;
use crate::devportal::values::{Address, Channel, Destination, E164Phone, EmailAddress};

/// A scenario by its number, 00 to 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Scenario(u8);

/// What a start meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnStart {
    /// It is accepted.
    Accept,
    /// It looks like fraud.
    FraudBlocked,
    /// The country is not allowed.
    CountryBlocked,
    /// The spend cap is reached.
    SpendCap,
    /// Too many starts.
    RateLimited,
}

/// When a pretended provider says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// So many virtual seconds after the send was queued.
    After(u32),
    /// As soon as the session is approved.
    AfterApproval,
}

/// What a pretended provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It takes the message.
    Accepted,
    /// It refuses it.
    Refused,
    /// Nothing: the connection times out.
    NoAnswer,
    /// A receipt: it arrived.
    Delivered,
    /// A receipt: it did not.
    Undelivered,
}

/// One line of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Line {
    /// When.
    pub when: When,
    /// What.
    pub says: Says,
}

/// A row of the table.
#[derive(Debug)]
pub struct ScenarioRow {
    /// Its number.
    pub number: u8,
    /// What it shows.
    pub summary: &'static str,
    /// What a start meets.
    pub on_start: OnStart,
    /// What each channel's provider says: the first row whose channel fits; none fits all.
    pub script: &'static [(Option<Channel>, &'static [Line])],
    /// How long the session lives, in virtual seconds, where that is the point.
    pub ttl_seconds: Option<u16>,
    /// How often a pretended webhook receiver fails first.
    pub webhook_failures: u8,
}

const fn line(after: u32, says: Says) -> Line {
    Line { when: When::After(after), says }
}

const DELIVERED: &[Line] = &[line(0, Says::Accepted), line(1, Says::Delivered)];
const UNDELIVERED: &[Line] = &[line(0, Says::Accepted), line(5, Says::Undelivered)];
const LATE: &[Line] = &[line(0, Says::Accepted), line(90, Says::Delivered)];
const SILENT: &[Line] = &[line(0, Says::Accepted)];
const DISORDERED: &[Line] = &[
    line(1, Says::Delivered),
    line(2, Says::Accepted),
    line(3, Says::Delivered),
    line(4, Says::Undelivered),
];
const NO_ANSWER: &[Line] = &[line(0, Says::NoAnswer)];
const REFUSED: &[Line] = &[line(0, Says::Refused)];
const AFTER_APPROVAL: &[Line] =
    &[line(0, Says::Accepted), Line { when: When::AfterApproval, says: Says::Delivered }];

const fn row(
    number: u8,
    summary: &'static str,
    script: &'static [(Option<Channel>, &'static [Line])],
) -> ScenarioRow {
    ScenarioRow { number, summary, on_start: OnStart::Accept, script, ttl_seconds: None, webhook_failures: 0 }
}

const fn refused(number: u8, summary: &'static str, on_start: OnStart) -> ScenarioRow {
    ScenarioRow { on_start, ..row(number, summary, &[]) }
}

/// The catalogue.
#[rustfmt::skip]
pub const SCENARIOS: &[ScenarioRow] = &[
    row(0,  "delivered; the code is 123456",          &[(None, DELIVERED)]),
    row(1,  "the SMS is not delivered, a fallback is", &[(Some(Channel::Sms), UNDELIVERED), (None, DELIVERED)]),
    row(2,  "no channel delivers",                    &[(None, UNDELIVERED)]),
    row(3,  "the receipt comes after 90 seconds",     &[(None, LATE)]),
    row(4,  "no receipt ever comes",                  &[(None, SILENT)]),
    row(5,  "receipts come twice and out of order",   &[(None, DISORDERED)]),
    row(6,  "the provider does not answer",           &[(None, NO_ANSWER)]),
    refused(7,  "blocked as fraud",                   OnStart::FraudBlocked),
    refused(8,  "the country is not allowed",         OnStart::CountryBlocked),
    refused(9,  "the spend cap is reached",           OnStart::SpendCap),
    refused(10, "rate limited",                       OnStart::RateLimited),
    ScenarioRow { ttl_seconds: Some(30), ..row(11, "expires after 30 seconds", &[(None, DELIVERED)]) },
    row(12, "delivered after the approval",           &[(None, AFTER_APPROVAL)]),
    ScenarioRow { webhook_failures: 2, ..row(13, "the webhook receiver fails twice", &[(None, DELIVERED)]) },
    row(14, "only a call arrives",                    &[(Some(Channel::Voice), DELIVERED), (None, REFUSED)]),
];

/// Numbers nobody has: +1 202 555 0100 to 0199.
const MAGIC_NUMBERS: &str = "+120255501";
/// Mail to here is a scenario's: `03@sandbox.test`.
const MAGIC_DOMAIN: &str = "sandbox.test";

impl Scenario {
    /// Takes a number of the catalogue.
    ///
    /// # Errors
    /// [`SandboxError::UnknownScenario`] above 14.
    pub fn try_new(number: u8) -> Result<Self, SandboxError> {
        if SCENARIOS.iter().any(|row| row.number == number) {
            Ok(Self(number))
        } else {
            Err(SandboxError::UnknownScenario)
        }
    }

    /// The scenario that an address stands for; 00 for any that stands for none.
    pub fn of(address: &Address) -> Self {
        let number = match address {
            Address::Phone(phone) => phone.as_str().strip_prefix(MAGIC_NUMBERS),
            Address::Email(email) if email.domain() == MAGIC_DOMAIN => Some(email.local_part()),
            Address::Email(_) => None,
        };
        let number = number.filter(|text| text.len() == 2).and_then(|text| text.parse().ok());
        number.and_then(|number| Self::try_new(number).ok()).unwrap_or_default()
    }

    /// Its number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its row.
    pub fn row(self) -> &'static ScenarioRow {
        const FIRST: &ScenarioRow = &row(0, "delivered; the code is 123456", &[(None, DELIVERED)]);
        SCENARIOS.get(usize::from(self.0)).unwrap_or(FIRST)
    }

    /// What a channel's provider says.
    pub fn script(self, channel: Channel) -> &'static [Line] {
        let fits = |of: &Option<Channel>| of.is_none_or(|of| of == channel);
        self.row().script.iter().find(|(of, _)| fits(of)).map_or(&[], |(_, lines)| *lines)
    }

    /// Whether its code is `123456`.
    pub const fn has_fixed_code(self) -> bool {
        self.0 == 0
    }
}

/// Whether an address is a scenario's.
fn is_magic_address(phone: Option<&E164Phone>, email: Option<&EmailAddress>) -> bool {
    phone.is_some_and(|phone| phone.as_str().len() == 12 && phone.as_str().starts_with(MAGIC_NUMBERS))
        || email.is_some_and(|email| email.domain() == MAGIC_DOMAIN)
}

/// Whether a destination is for sandboxes only (SB-INV-7).
pub fn is_magic(destination: &Destination) -> bool {
    is_magic_address(destination.phone(), destination.email())
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:02}", self.0))
    }
}

impl<'de> Deserialize<'de> for Scenario {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = if text.len() == 2 { text.parse().ok() } else { None };
        number
            .and_then(|number| Self::try_new(number).ok())
            .ok_or_else(|| de::Error::custom("a scenario is 00 to 14"))
    }
}
