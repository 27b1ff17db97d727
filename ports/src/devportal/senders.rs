//! Who carries a code to people over a network, what came of it, and what providers say afterwards (rulings R18, R19).

use std::{collections::BTreeSet, fmt, sync::Arc};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        sandbox::NetworkRoute,
        template::Rendered,
        values::{Address, Channel, CountryCode, Locale},
        verify::SendReport,
    },
    kernel::{DeliveryAttemptId, Price, Timestamp},
};
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// A message with its code, on its way to one person. It cannot be copied or stored, and only what may be known of
/// it is printed; the code is wiped when it is dropped.
///
/// ```compile_fail
/// # use sarai_ports::devportal::Outgoing;
/// fn copy(message: &Outgoing) -> Outgoing { message.clone() }
/// ```
pub struct Outgoing {
    /// Which send it is: what providers are told as our reference.
    pub attempt_id: DeliveryAttemptId,
    /// Over which channel.
    pub channel: Channel,
    /// To whom, in clear.
    pub to: Address,
    /// In which language.
    pub locale: Locale,
    /// What it says.
    pub content: Rendered,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("attempt_id", &self.attempt_id)
            .field("channel", &self.channel)
            .field("to", &self.to)
            .field("content", &"[redacted]")
            .finish_non_exhaustive()
    }
}

/// A part of a message that a provider took: a long text message is several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Part {
    /// Which one, from 1.
    pub no: u8,
    /// Of how many.
    pub of: u8,
    /// How the provider calls it.
    pub provider_message_id: String,
}

/// What came of a send (ruling R18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    /// The provider took it.
    Sent {
        /// Its parts, as the provider calls them.
        parts: Vec<Part>,
        /// How many segments it took, where the channel has any.
        segments: Option<u8>,
    },
    /// Certainly not sent: nobody there, or throttled. It is tried again.
    NotSent {
        /// What is known.
        error_code: String,
    },
    /// Refused for good.
    Refused {
        /// What the provider said.
        error_code: String,
    },
    /// Nobody knows. It is not sent again by itself.
    Unknown {
        /// What is known.
        error_code: String,
        /// The parts that were taken before the answers ended; later ones are told to [`Receipts::taken_late`].
        parts: Vec<Part>,
    },
}

impl SendOutcome {
    /// What it means for the session; the ids of all parts are for whoever matches receipts.
    pub fn report(&self) -> SendReport {
        match self {
            Self::Sent { parts, segments } => SendReport::Accepted {
                provider_message_id: parts.first().map(|part| part.provider_message_id.clone()),
                segments: *segments,
            },
            Self::NotSent { error_code } => SendReport::Deferred { error_code: error_code.clone() },
            Self::Refused { error_code } => SendReport::Refused { error_code: error_code.clone() },
            Self::Unknown { error_code, .. } => SendReport::Unknown { error_code: error_code.clone() },
        }
    }

    /// The parts that receipts may come for.
    pub fn parts(&self) -> &[Part] {
        match self {
            Self::Sent { parts, .. } | Self::Unknown { parts, .. } => parts,
            Self::NotSent { .. } | Self::Refused { .. } => &[],
        }
    }
}

/// A configured sender. It reaches the network, so it asks for the permit that only production has (SB-INV-2).
///
/// ```compile_fail
/// # use sarai_domain::devportal::sandbox::SandboxRoute;
/// # use sarai_ports::devportal::{Outgoing, VerifySender};
/// async fn leave(sender: &dyn VerifySender, route: &SandboxRoute, message: &Outgoing) {
///     sender.send(route, message).await;
/// }
/// ```
#[async_trait]
pub trait VerifySender: Send + Sync {
    /// Its name: the provider in sends, receipts and paths of callbacks.
    fn name(&self) -> &str;
    /// The channels it serves.
    fn channels(&self) -> &[Channel];
    /// The countries it serves; none means every one.
    fn countries(&self) -> &[CountryCode];
    /// Sends once. It answers in its own time, at most a minute; a lease on the send is longer than that.
    async fn send(&self, permit: &NetworkRoute, message: &Outgoing) -> SendOutcome;
}

/// The configured senders.
pub trait Senders: Send + Sync {
    /// Who sends over a channel to a country: one that names the country before one for everywhere. None: the
    /// channel is unavailable there.
    fn pick(&self, channel: Channel, country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>>;
}

/// What a provider says about a message it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReceiptStatus {
    /// It is on its way: nothing is decided.
    Accepted,
    /// It arrived.
    Delivered,
    /// It did not arrive, and will not.
    Undelivered,
}

impl ReceiptStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Delivered, Self::Undelivered];

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Delivered => "DELIVERED",
            Self::Undelivered => "UNDELIVERED",
        }
    }
}

/// A receipt: late, repeated, out of order, or before the answer to its send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose it is: a sender's name.
    pub provider: String,
    /// How the provider calls the part. The first is what it said; others are the same number as it may have been
    /// said at the send, in hexadecimal or decimal. Whoever looks a part up looks for all of them, and asks
    /// [`Receipt::fits`] of everything it finds.
    pub provider_message_ids: Vec<String>,
    /// Our reference, where the provider gives it back.
    pub attempt_id: Option<DeliveryAttemptId>,
    /// To whom it went, where the provider says so in full.
    pub recipient: Option<Address>,
    /// What happened.
    pub status: ReceiptStatus,
    /// What went wrong, in the provider's code.
    pub error_code: Option<String>,
    /// What it cost, where the provider says so.
    pub price: Option<Price>,
    /// When, by the provider's clock, where it says so unmistakably.
    pub at: Option<Timestamp>,
}

impl Receipt {
    /// Whether it speaks of a part of a send; of several that it may speak of, the one with the smallest answer is it.
    /// `10` in one base is another message's id in the other, so the person it went to decides where that is known;
    /// an id that is the same letter by letter is doubted for another number, not passed over, because not every centre
    /// writes the person's number there.
    ///
    /// `goes_to` says whether the send goes to an address; a session knows it by its hash.
    pub fn fits(
        &self,
        attempt_id: DeliveryAttemptId,
        provider_message_id: &str,
        goes_to: impl FnOnce(&Address) -> bool,
    ) -> Option<usize> {
        if let Some(reference) = self.attempt_id {
            return (reference == attempt_id).then_some(0);
        }
        let place = self.provider_message_ids.iter().position(|id| id == provider_message_id)?;
        // Who names another person means another send, under whichever of our names.
        self.recipient.as_ref().is_none_or(goes_to).then_some(place)
    }
}

/// What becomes of a message when its parts have these statuses: it arrived with its last part, and did not when one
/// did not. None: not decided.
///
/// ```
/// # use sarai_ports::devportal::{ReceiptStatus::{Delivered, Undelivered}, fate};
/// assert_eq!(fate(2, [(1, Delivered), (1, Delivered)]), None);
/// assert_eq!(fate(2, [(2, Delivered), (1, Delivered)]), Some(Delivered));
/// assert_eq!(fate(2, [(2, Undelivered)]), Some(Undelivered));
/// ```
pub fn fate(of: u8, parts: impl IntoIterator<Item = (u8, ReceiptStatus)>) -> Option<ReceiptStatus> {
    let mut delivered = BTreeSet::new();
    for (no, status) in parts {
        match status {
            ReceiptStatus::Undelivered => return Some(status),
            ReceiptStatus::Delivered => {
                delivered.insert(no);
            }
            ReceiptStatus::Accepted => {}
        }
    }
    (1..=of).all(|no| delivered.contains(&no)).then_some(ReceiptStatus::Delivered)
}

/// Where every receipt ends, whichever way it came.
#[async_trait]
pub trait Receipts: Send + Sync {
    /// Takes a receipt; one that matches nothing yet is kept for a while. An error asks the provider to say it again.
    async fn arrived(&self, receipt: Receipt) -> Result<(), StoreError>;
    /// The answer to a send whose outcome was unknown: the provider did take this part. The send stays lost until a
    /// receipt says that it arrived.
    async fn taken_late(
        &self,
        provider: &str,
        attempt_id: DeliveryAttemptId,
        part: Part,
    ) -> Result<(), StoreError>;
}

/// When a callback was signed, in seconds since 1970.
pub const TIMESTAMP_HEADER: &str = "sarai-timestamp";
/// What it was signed with.
pub const SIGNATURE_HEADER: &str = "sarai-signature";

/// What arrived at `POST /callbacks/{provider}/receipts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Callback<'a> {
    /// The header [`TIMESTAMP_HEADER`].
    pub timestamp: Option<&'a str>,
    /// The header [`SIGNATURE_HEADER`].
    pub signature: Option<&'a str>,
    /// The body, as it arrived.
    pub body: &'a [u8],
}

/// Why a callback is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Not signed, not by this provider, or not now. An unknown provider looks the same.
    #[error("the signature is not this provider's, or too old")]
    BadSignature,
    /// Signed, but no receipts.
    #[error("these are no receipts: {0}")]
    Malformed(String),
}

/// Reads providers' callbacks.
pub trait CallbackReader: Send + Sync {
    /// The receipts in a callback of a provider, each to be given to [`Receipts::arrived`].
    ///
    /// # Errors
    /// [`CallbackError::BadSignature`] before anything of the body is looked at, then [`CallbackError::Malformed`].
    fn read(
        &self,
        provider: &str,
        callback: Callback<'_>,
        now: Timestamp,
    ) -> Result<Vec<Receipt>, CallbackError>;
}

#[cfg(test)]
mod tests {
    use sarai_domain::{
        devportal::values::{Address, E164Phone},
        kernel::{DeliveryAttemptId, Ulid},
    };

    use super::{Receipt, ReceiptStatus};

    #[test]
    fn of_ids_in_two_bases_the_person_decides_and_nobody_else_s_is_taken() {
        let phone = |number: &str| Address::Phone(E164Phone::parse(number).unwrap());
        let (one, other) = (phone("+93701231234"), phone("+93701239999"));
        let id = DeliveryAttemptId::new(Ulid::from(1));
        let said = Receipt {
            provider: "sms".to_owned(),
            provider_message_ids: ["10", "a", "16"].map(str::to_owned).to_vec(),
            attempt_id: None,
            recipient: Some(one.clone()),
            status: ReceiptStatus::Delivered,
            error_code: None,
            price: None,
            at: None,
        };
        let fits = |receipt: &Receipt, part, to: &Address| receipt.fits(id, part, |address| address == to);
        assert_eq!(fits(&said, "a", &one), Some(1));
        assert_eq!(fits(&said, "a", &other), None);
        assert_eq!(fits(&said, "10", &one), Some(0));
        assert_eq!(fits(&said, "10", &other), None);
        assert_eq!(fits(&said, "11", &one), None);
        let nobody = Receipt { recipient: None, ..said };
        assert_eq!([fits(&nobody, "16", &other), fits(&nobody, "10", &other)], [Some(2), Some(0)]);
    }
}
