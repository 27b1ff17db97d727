//! The services around this process: stand-ins in it, or clients of services behind a URL (ruling R3).

use std::{sync::Arc, time::Duration};

use sarai_application::devportal::DevportalPorts;
use sarai_gateways::{
    AuthClient, BillingClient, DueThere, EnrollmentClient, InvoicingClient, KeysClient, KeysInEffect,
    MessagingClient, RememberedKeys,
};
use sarai_http::alerts::AlertKeys;
use sarai_ports::{
    auth::AuthGateway,
    devportal::{
        InvoicingGateway, KeyAuthenticator, KeyRepository, KeySecretIssuer, MessagingGateway,
        WebhookTransport,
    },
    marketplace::{BillingGateway, EnrollmentGateway},
    system::{Clock, DueWork},
};
use sarai_relay::webhooks::HttpsTransport;
use sarai_senders::SenderTable;
use sarai_standins::{AuthSetupError, Documents, EnrollmentStandIn, StandIns, Surroundings, TokenIssuer};
use sarai_system::{OsEntropy, UlidGenerator};

use crate::{
    config::{Config, PUBLIC_BASE},
    embedded::Clocks,
    keys::Keys,
    wire::{AUDIENCE, ISSUER, WireError},
};

/// The file of the stand-ins in the data folder.
pub const FILE: &str = "standins.db";
/// How often a service that does not answer is asked for its keys, a second apart.
const TRIES: u32 = 30;

/// The services a process talks to.
#[derive(Clone)]
pub struct Around {
    /// What stands in for services that no URL names; whoever has one asks nobody here.
    pub standins: StandIns,
    /// Billing.
    pub billing: Arc<dyn BillingGateway>,
    /// Enrollment.
    pub enrollment: Arc<dyn EnrollmentGateway>,
    /// Auth.
    pub auth: Arc<dyn AuthGateway>,
    /// Makes the secrets of keys.
    pub key_issuer: Arc<dyn KeySecretIssuer>,
    /// Checks them; tell it what was revoked.
    pub keys: Arc<dyn KeyAuthenticator>,
    /// Messages.
    pub messaging: Arc<dyn MessagingGateway>,
    /// Balance and invoices.
    pub invoicing: Arc<dyn InvoicingGateway>,
    /// The way out to endpoints of webhooks.
    pub webhooks: Arc<dyn WebhookTransport>,
    /// What becomes due at billing when business time is moved here.
    pub billing_due: Arc<dyn DueWork>,
    /// What becomes due at messaging then.
    pub messaging_due: Arc<dyn DueWork>,
    /// Who carries codes to people, and reads what providers call back with.
    pub senders: Arc<SenderTable>,
    /// Who may say that a key was found in public.
    pub alert_keys: AlertKeys,
    /// Where people reach this deployment.
    pub public_base: String,
    /// The switches of the enrollment that stands in, when it does so here.
    pub enrollment_switches: Option<Arc<EnrollmentStandIn>>,
}

impl Around {
    /// Stand-ins for everything.
    pub fn standing_in(standins: StandIns) -> Self {
        Self {
            webhooks: nowhere(),
            key_issuer: Arc::clone(&standins.keys) as _,
            keys: Arc::clone(&standins.keys) as _,
            billing: Arc::clone(&standins.billing) as _,
            enrollment: Arc::clone(&standins.enrollment) as _,
            auth: Arc::clone(&standins.auth) as _,
            messaging: Arc::clone(&standins.messaging) as _,
            invoicing: Arc::clone(&standins.invoicing) as _,
            billing_due: Arc::clone(&standins.billing) as _,
            messaging_due: Arc::clone(&standins.messaging) as _,
            enrollment_switches: Some(Arc::clone(&standins.enrollment)),
            senders: Arc::default(),
            alert_keys: AlertKeys::default(),
            public_base: PUBLIC_BASE.to_owned(),
            standins,
        }
    }

    /// The services that the configuration names.
    ///
    /// # Errors
    /// When a URL is none, or the stand-ins' store cannot be had.
    pub async fn of(config: &Config, clocks: &Clocks, keys: &Keys) -> Result<Self, WireError> {
        // Nothing stands in for anybody: its file is not ours to take.
        let needed = [&config.billing_url, &config.enrollment_url, &config.auth_url, &config.messaging_url];
        let needed = needed.into_iter().any(Option::is_none);
        let documents = match config.data_folder().filter(|_| needed) {
            Some(folder) => Documents::open(&folder.join(FILE)).await?,
            None => Documents::default(),
        };
        let issuer = TokenIssuer { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
        let mut around = Self::standing_in(standins(clocks, keys, issuer, documents)?);
        around.webhooks = webhook_transport(config)?;
        let authorities = config.services_ca.as_deref();
        if let Some(url) = &config.billing_url {
            let billing = BillingClient::new(url, authorities)?;
            around.billing_due = Arc::new(DueThere::at_billing(&billing, Arc::clone(&clocks.clock)));
            around.invoicing = Arc::new(InvoicingClient::new(url, authorities)?);
            around.billing = Arc::new(billing);
        }
        if let Some(url) = &config.enrollment_url {
            around.enrollment = Arc::new(EnrollmentClient::new(url, authorities)?);
            around.enrollment_switches = None;
        }
        if let Some(url) = &config.auth_url {
            around.auth = Arc::new(AuthClient::new(url, authorities)?);
            let keys = Arc::new(KeysClient::new(url, authorities)?);
            around.key_issuer = Arc::clone(&keys) as _;
            around.keys = keys;
        }
        if let Some(url) = &config.messaging_url {
            let messaging = MessagingClient::new(url, authorities)?;
            around.messaging_due = Arc::new(DueThere::at_messaging(&messaging, Arc::clone(&clocks.clock)));
            around.messaging = Arc::new(messaging);
        }
        around.senders = Arc::new(SenderTable::open(&config.senders, &clocks.clock)?);
        around.alert_keys = config.alert_keys()?;
        config.public_base().clone_into(&mut around.public_base);
        Ok(around)
    }

    /// The public keys of auth, also when it is still starting.
    ///
    /// # Errors
    /// When it does not answer for half a minute.
    pub async fn jwks(&self) -> Result<String, WireError> {
        for _ in 1..TRIES {
            match self.auth.jwks().await {
                Ok(keys) => return Ok(keys),
                Err(error) => tracing::warn!(%error, "auth does not tell its keys; asking again"),
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        Ok(self.auth.jwks().await?)
    }
}

/// The way out to endpoints, as the configuration admits it.
///
/// # Errors
/// When the certificates cannot be read.
fn webhook_transport(config: &Config) -> Result<Arc<dyn WebhookTransport>, WireError> {
    let certificates = match &config.webhook_ca {
        Some(file) => Some(std::fs::read_to_string(file)?),
        None => None,
    };
    Ok(Arc::new(HttpsTransport::new(config.webhook_targets()?, certificates.as_deref())?))
}

/// Without a configuration nothing leaves the process.
fn nowhere() -> Arc<dyn WebhookTransport> {
    DevportalPorts::nowhere()
}

/// Keys held against our rows, what was said of each remembered for a moment.
pub(crate) fn remembered(
    auth: Arc<dyn KeyAuthenticator>,
    rows: Arc<dyn KeyRepository>,
    clock: &Arc<dyn Clock>,
) -> Arc<dyn KeyAuthenticator> {
    let keys = KeysInEffect::new(auth, rows, Arc::clone(clock));
    Arc::new(RememberedKeys::new(Arc::new(keys), Arc::clone(clock), &OsEntropy))
}

/// The stand-ins of this process over these documents.
///
/// # Errors
/// [`AuthSetupError`].
pub fn standins(
    clocks: &Clocks,
    keys: &Keys,
    issuer: TokenIssuer,
    documents: Documents,
) -> Result<StandIns, AuthSetupError> {
    let around = Surroundings {
        clock: Arc::clone(&clocks.clock),
        ids: Arc::new(UlidGenerator::default()),
        entropy: Arc::new(OsEntropy),
        issuer,
        signing_seed: keys.tokens,
        key_pepper: keys.api_keys,
    };
    StandIns::new(around, documents)
}
