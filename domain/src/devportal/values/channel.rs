//! Ways to send a code, and the order in which they are tried.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use super::destination::{Destination, DestinationKind};
use crate::kernel::{Coded, Kind};

/// A way to send a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// A text message.
    Sms,
    /// A call that speaks the digits.
    Voice,
    /// A `WhatsApp` message.
    Whatsapp,
    /// An e-mail.
    Email,
}

/// What a proof over a channel is worth (NIST SP 800-63B: e-mail is no out-of-band authentication, the telephone
/// network is restricted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Somebody reads that mailbox.
    ContactOwnership,
    /// Somebody holds that number.
    PossessionRestricted,
}

impl Channel {
    /// Every channel.
    pub const ALL: &[Self] = &[Self::Sms, Self::Voice, Self::Whatsapp, Self::Email];

    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "VOICE",
            Self::Whatsapp => "WHATSAPP",
            Self::Email => "EMAIL",
        }
    }

    /// Which address it reaches.
    pub const fn destination_kind(self) -> DestinationKind {
        match self {
            Self::Sms | Self::Voice | Self::Whatsapp => DestinationKind::Phone,
            Self::Email => DestinationKind::Email,
        }
    }

    /// How long it is waited for, in seconds, where nothing is said.
    pub const fn default_wait(self) -> u16 {
        match self {
            Self::Sms | Self::Voice => 60,
            Self::Whatsapp => 45,
            Self::Email => 120,
        }
    }

    /// What a proof over it is worth (V-INV-19).
    pub const fn assurance(self) -> Assurance {
        match self.destination_kind() {
            DestinationKind::Email => Assurance::ContactOwnership,
            DestinationKind::Phone => Assurance::PossessionRestricted,
        }
    }
}

impl Assurance {
    /// As tokens and answers spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContactOwnership => "contact_ownership",
            Self::PossessionRestricted => "possession_restricted",
        }
    }
}

/// Why an order of channels is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Not a channel.
    #[error("a channel is SMS, VOICE, WHATSAPP or EMAIL")]
    Unknown,
    /// None, or too many.
    #[error("an order has 1 to 5 steps")]
    Steps,
    /// The same one again and again.
    #[error("a channel is tried twice at most")]
    Repeated,
    /// Too short or too long a wait.
    #[error("a step waits 15 to 300 seconds")]
    Wait,
    /// The waits outlast the session.
    #[error("the steps wait longer than the session lives")]
    OutlastsSession,
    /// The destination cannot be reached by it.
    #[error("the destination has no address for {0:?}")]
    DestinationMismatch(Channel),
}

impl Coded for ChannelError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "verification.unknown_channel",
            Self::Steps => "verification.channel_steps",
            Self::Repeated => "verification.channel_repeated",
            Self::Wait => "verification.channel_wait",
            Self::OutlastsSession => "verification.channel_order_too_long",
            Self::DestinationMismatch(_) => "verification.channel_destination_mismatch",
        }
    }

    fn kind(&self) -> Kind {
        Kind::Invalid
    }
}

/// One step: a channel, and how long it is waited for before the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelStep {
    channel: Channel,
    wait_seconds: u16,
}

impl ChannelStep {
    /// A step with its wait, or with the channel's own.
    ///
    /// # Errors
    /// [`ChannelError::Wait`] outside 15 to 300 seconds.
    pub fn try_new(channel: Channel, wait_seconds: Option<u16>) -> Result<Self, ChannelError> {
        let wait_seconds = wait_seconds.unwrap_or(channel.default_wait());
        if (15..=300).contains(&wait_seconds) {
            Ok(Self { channel, wait_seconds })
        } else {
            Err(ChannelError::Wait)
        }
    }

    /// The channel.
    pub const fn channel(&self) -> Channel {
        self.channel
    }

    /// How long it is waited for, in seconds.
    pub const fn wait_seconds(&self) -> u16 {
        self.wait_seconds
    }
}

/// The steps of a session, tried one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ChannelOrder(Vec<ChannelStep>);

impl ChannelOrder {
    /// Takes 1 to 5 steps, a channel at most twice.
    ///
    /// # Errors
    /// [`ChannelError::Steps`] or [`ChannelError::Repeated`].
    pub fn try_new(steps: Vec<ChannelStep>) -> Result<Self, ChannelError> {
        if !(1..=5).contains(&steps.len()) {
            return Err(ChannelError::Steps);
        }
        let times = |channel| steps.iter().filter(|step| step.channel == channel).count();
        if Channel::ALL.iter().any(|channel| times(*channel) > 2) {
            return Err(ChannelError::Repeated);
        }
        Ok(Self(steps))
    }

    /// What a start tries that names no channel: SMS where there is a phone, else e-mail (ruling R21).
    pub fn default_for(destination: &Destination) -> Self {
        let channel = if destination.phone().is_some() { Channel::Sms } else { Channel::Email };
        Self(vec![ChannelStep { channel, wait_seconds: channel.default_wait() }])
    }

    /// The steps; never none.
    pub fn steps(&self) -> &[ChannelStep] {
        &self.0
    }

    /// A step by its place.
    pub fn step(&self, index: u8) -> Option<ChannelStep> {
        self.0.get(usize::from(index)).copied()
    }

    /// How many there are.
    pub fn count(&self) -> u8 {
        u8::try_from(self.0.len()).unwrap_or(u8::MAX)
    }

    /// That every step has an address, and that the waits fit the session's life.
    ///
    /// # Errors
    /// [`ChannelError::DestinationMismatch`] or [`ChannelError::OutlastsSession`].
    pub fn fits(&self, destination: &Destination, ttl_seconds: u16) -> Result<(), ChannelError> {
        if let Some(step) = self.0.iter().find(|step| destination.for_channel(step.channel).is_none()) {
            return Err(ChannelError::DestinationMismatch(step.channel));
        }
        let waits: u32 = self.0.iter().map(|step| u32::from(step.wait_seconds)).sum();
        if waits <= u32::from(ttl_seconds) { Ok(()) } else { Err(ChannelError::OutlastsSession) }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        Self::ALL.iter().find(|channel| channel.as_str() == text).copied().ok_or(ChannelError::Unknown)
    }
}

impl<'de> Deserialize<'de> for ChannelStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            channel: Channel,
            wait_seconds: Option<u16>,
        }
        let Fields { channel, wait_seconds } = Fields::deserialize(deserializer)?;
        Self::try_new(channel, wait_seconds).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ChannelOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(Vec::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::devportal::{
        invariants::V_INV_19,
        values::{E164Phone, EmailAddress},
    };

    fn order(channels: &[Channel]) -> Result<ChannelOrder, ChannelError> {
        ChannelOrder::try_new(channels.iter().map(|c| ChannelStep::try_new(*c, None).unwrap()).collect())
    }

    #[test]
    fn an_order_has_one_to_five_steps_and_a_channel_twice() {
        use Channel::{Email, Sms, Voice, Whatsapp};
        assert_eq!(order(&[]), Err(ChannelError::Steps));
        assert_eq!(order(&[Sms, Voice, Sms, Voice, Email, Whatsapp]), Err(ChannelError::Steps));
        assert_eq!(order(&[Sms, Sms, Sms]), Err(ChannelError::Repeated));
        assert_eq!(order(&[Sms, Voice, Sms, Voice, Email]).unwrap().count(), 5);
        for wait in [0, 14, 301] {
            assert_eq!(ChannelStep::try_new(Sms, Some(wait)), Err(ChannelError::Wait), "{wait}");
            let json = format!(r#"[{{"channel":"SMS","waitSeconds":{wait}}}]"#);
            assert!(serde_json::from_str::<ChannelOrder>(&json).is_err());
        }
    }

    #[test]
    fn an_order_fits_its_destination_and_its_session() {
        use Channel::{Email, Sms, Voice};
        let phone = Destination::try_new(E164Phone::parse("+93701231234").ok(), None).unwrap();
        let email = Destination::try_new(None, EmailAddress::parse("a@example.com").ok()).unwrap();
        assert_eq!(
            order(&[Sms, Email]).unwrap().fits(&phone, 600),
            Err(ChannelError::DestinationMismatch(Email))
        );
        assert_eq!(order(&[Sms, Voice]).unwrap().fits(&phone, 119), Err(ChannelError::OutlastsSession));
        assert_eq!(order(&[Sms, Voice]).unwrap().fits(&phone, 120), Ok(()));
        assert_eq!(ChannelOrder::default_for(&phone).steps()[0].channel(), Sms);
        assert_eq!(ChannelOrder::default_for(&email), order(&[Email]).unwrap());
        assert_eq!("SMS".parse(), Ok(Sms));
        assert_eq!("sms".parse::<Channel>(), Err(ChannelError::Unknown));
    }

    #[test]
    fn v_inv_19_rejects_calling_an_e_mail_possession() {
        assert_eq!(Channel::Email.assurance().as_str(), "contact_ownership", "{V_INV_19}");
    }

    #[test]
    fn v_inv_19_allows_restricted_possession_for_every_channel_of_a_phone() {
        for channel in [Channel::Sms, Channel::Voice, Channel::Whatsapp] {
            assert_eq!(channel.assurance().as_str(), "possession_restricted", "{V_INV_19}");
        }
    }
}
