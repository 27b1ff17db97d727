//! What sends cost, by channel and country, and an adviser that has nothing to say.

use async_trait::async_trait;
use sarai_domain::{
    devportal::values::{Channel, CountryCode},
    kernel::{Currency, Price},
};
use sarai_ports::devportal::policies::{Advice, FraudAdvisor, PriceBook, Suspect};

/// Millionths of a dollar a segment, by channel and country; the row without a country is everybody else's.
#[rustfmt::skip]
const PRICES: &[(Channel, Option<&str>, i64)] = &[
    (Channel::Sms,      Some("AF"), 7_900),
    (Channel::Sms,      Some("US"), 7_500),
    (Channel::Sms,      None,       45_000),
    (Channel::Voice,    Some("AF"), 14_000),
    (Channel::Voice,    None,       60_000),
    (Channel::Whatsapp, None,       12_000),
    (Channel::Email,    None,       100),
];

/// The list of prices.
#[derive(Debug, Clone, Copy)]
pub struct PriceList {
    currency: Currency,
}

impl PriceList {
    /// In this currency.
    pub const fn new(currency: Currency) -> Self {
        Self { currency }
    }
}

impl PriceBook for PriceList {
    fn quote(&self, channel: Channel, country: Option<CountryCode>, segments: u8) -> Price {
        let country = country.map(|country| country.to_string());
        let of_channel = || PRICES.iter().filter(|(of, _, _)| *of == channel);
        let own = of_channel().find(|(_, of, _)| of.is_some() && *of == country.as_deref());
        let row = own.or_else(|| of_channel().find(|(_, of, _)| of.is_none()));
        let micros = row.map_or(0, |(_, _, micros)| micros.saturating_mul(i64::from(segments.max(1))));
        Price::from_micros(micros, self.currency).unwrap_or(Price::zero(self.currency))
    }
}

/// Knows nothing of anybody: every start is allowed.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAdvice;

#[async_trait]
impl FraudAdvisor for NoAdvice {
    async fn advise(&self, _suspect: Suspect<'_>) -> Option<Advice> {
        Some(Advice::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_has_its_own_price_and_a_long_message_costs_each_segment() {
        let list = PriceList::new(Currency::parse("USD").unwrap());
        let afghanistan = CountryCode::parse("AF").ok();
        assert_eq!(list.quote(Channel::Sms, afghanistan, 1).to_string(), "0.007900");
        assert_eq!(list.quote(Channel::Sms, afghanistan, 3).micros(), 23_700);
        assert_eq!(list.quote(Channel::Sms, None, 0).micros(), 45_000);
        for channel in Channel::ALL {
            assert!(list.quote(*channel, None, 1).micros() > 0, "{channel}");
        }
    }
}
