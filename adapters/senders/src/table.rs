//! The senders as they are configured, and which of them serves a channel in a country.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sarai_domain::{
    devportal::values::{Channel, CountryCode},
    kernel::Timestamp,
};
use sarai_ports::{
    devportal::{Callback, CallbackError, CallbackReader, Receipt, Receipts, Senders, VerifySender},
    system::Clock,
};

use crate::{
    SenderConfig, SenderKind, Timing,
    config::{ConfigError, Problem, is_name},
    http::{self, HttpSender},
    secret::Secrets,
    smpp::SmppSender,
    smtp::SmtpSender,
    wire::Connector,
};

/// Every sender of a process.
#[derive(Default)]
pub struct SenderTable {
    routes: BTreeMap<(Channel, Option<CountryCode>), Arc<dyn VerifySender>>,
    links: Vec<Arc<SmppSender>>,
    callbacks: BTreeMap<String, Secrets>,
}

/// How long things may take where tests have less time.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    /// How a bind is kept.
    pub smpp: Timing,
    /// How long an answer over HTTP, or at a step of SMTP, may take.
    pub answer: Option<Duration>,
}

impl SenderTable {
    /// The senders of `[senders.<name>]`. Nothing is connected yet.
    ///
    /// # Errors
    /// [`ConfigError`]: which sender, which setting, and what to write instead.
    pub fn open(
        configs: &BTreeMap<String, SenderConfig>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        Self::open_with(configs, clock, Patience::default())
    }

    /// The same with other times.
    ///
    /// # Errors
    /// As [`SenderTable::open`].
    pub fn open_with(
        configs: &BTreeMap<String, SenderConfig>,
        clock: &Arc<dyn Clock>,
        patience: Patience,
    ) -> Result<Self, ConfigError> {
        let mut table = Self::default();
        for (name, config) in configs {
            table
                .add(name, config, clock, patience)
                .map_err(|problem| ConfigError { sender: name.clone(), problem })?;
        }
        Ok(table)
    }

    fn add(
        &mut self,
        name: &str,
        config: &SenderConfig,
        clock: &Arc<dyn Clock>,
        patience: Patience,
    ) -> Result<(), Problem> {
        if !is_name(name) {
            return Err(Problem::Name);
        }
        let endpoint = config.check()?;
        let ca_file = config.ca_file.as_deref();
        let from = config.from.as_deref();
        let sender: Arc<dyn VerifySender> = match config.kind {
            SenderKind::Smtp => {
                Arc::new(SmtpSender::new(name, endpoint, config.account()?, from, ca_file, patience.answer)?)
            }
            SenderKind::Smpp => {
                let missing = Problem::Missing { setting: "user and password_file", kind: config.kind };
                let account = config.account()?.ok_or(missing)?;
                let connector = Connector::new(endpoint, ca_file)?;
                let link =
                    SmppSender::new(name, &config.countries, connector, &account, from, patience.smpp)?;
                let link = Arc::new(link);
                self.links.push(link.clone());
                link
            }
            SenderKind::Http => {
                let connector = Connector::new(endpoint, ca_file)?;
                let signing = config.signing()?;
                Arc::new(HttpSender::new(name, config, connector, signing, clock.clone(), patience.answer)?)
            }
        };
        if let Some(secrets) = config.receipts()? {
            self.callbacks.insert(name.to_owned(), secrets);
        }
        self.route(config, &sender)
    }

    fn route(&mut self, config: &SenderConfig, sender: &Arc<dyn VerifySender>) -> Result<(), Problem> {
        let everywhere = config.countries.is_empty().then_some(None);
        let places: Vec<_> =
            everywhere.into_iter().chain(config.countries.iter().copied().map(Some)).collect();
        for channel in &config.channels {
            for place in &places {
                if let Some(other) = self.routes.insert((*channel, *place), sender.clone())
                    && other.name() != sender.name()
                {
                    let place =
                        place.map_or("everywhere".to_owned(), |country| format!("in {}", country.as_str()));
                    return Err(Problem::Overlap {
                        other: other.name().to_owned(),
                        channel: *channel,
                        place,
                    });
                }
            }
        }
        Ok(())
    }

    /// The channels that somebody serves, each with its places: countries, or `everywhere`.
    pub fn served(&self) -> BTreeMap<Channel, Vec<String>> {
        let mut served: BTreeMap<Channel, Vec<String>> = BTreeMap::new();
        for (channel, place) in self.routes.keys() {
            let place = place.map_or("everywhere".to_owned(), |country| country.as_str().to_owned());
            served.entry(*channel).or_default().push(place);
        }
        served
    }

    /// The senders that stay connected, and whether each is.
    pub fn connected(&self) -> impl Iterator<Item = (&str, bool)> {
        self.links.iter().map(|link| (link.name(), link.is_bound()))
    }

    /// Connects what stays connected; receipts go there. Inside a Tokio runtime.
    pub fn start(&self, receipts: &Arc<dyn Receipts>) {
        for link in &self.links {
            link.start(receipts.clone());
        }
    }

    /// Waits for what is under way, and says good-bye.
    pub async fn close(&self) {
        for link in &self.links {
            link.close().await;
        }
    }
}

impl Senders for SenderTable {
    fn pick(&self, channel: Channel, country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        let named = country.and_then(|country| self.routes.get(&(channel, Some(country))));
        named.or_else(|| self.routes.get(&(channel, None))).cloned()
    }
}

impl CallbackReader for SenderTable {
    fn read(
        &self,
        provider: &str,
        callback: Callback<'_>,
        now: Timestamp,
    ) -> Result<Vec<Receipt>, CallbackError> {
        let secrets = self.callbacks.get(provider).ok_or(CallbackError::BadSignature)?;
        http::verify(secrets, callback, now)?;
        http::read(provider, callback.body).map_err(CallbackError::Malformed)
    }
}
