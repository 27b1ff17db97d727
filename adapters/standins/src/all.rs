//! The stand-ins of one process, over documents they share.

use std::sync::Arc;

use sarai_ports::{
    inbound::InboundSink,
    system::{Clock, Entropy, IdGenerator},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

use crate::{
    AuthSetupError, AuthStandIn, BillingStandIn, Documents, EnrollmentStandIn, InvoicingStandIn, KeysStandIn,
    MessagingStandIn, SourceStandIn, TokenIssuer,
};

/// Every stand-in.
#[derive(Clone)]
pub struct StandIns {
    /// Billing.
    pub billing: Arc<BillingStandIn>,
    /// Enrollment.
    pub enrollment: Arc<EnrollmentStandIn>,
    /// The catalogue, content and tenant services.
    pub sources: Arc<SourceStandIn>,
    /// Auth.
    pub auth: Arc<AuthStandIn>,
    /// The keys of auth.
    pub keys: Arc<KeysStandIn>,
    /// Messaging.
    pub messaging: Arc<MessagingStandIn>,
    /// Balance and invoices of billing.
    pub invoicing: Arc<InvoicingStandIn>,
    /// Where they keep what they know.
    pub documents: Arc<Documents>,
}

/// What stand-ins need of their process.
#[derive(Clone)]
pub struct Surroundings {
    /// Business and real time.
    pub clock: Arc<dyn Clock>,
    /// Ids of payments and callbacks.
    pub ids: Arc<dyn IdGenerator>,
    /// Randomness of salts and refresh tokens.
    pub entropy: Arc<dyn Entropy>,
    /// Who issues access tokens.
    pub issuer: TokenIssuer,
    /// The seed of the key that signs them.
    pub signing_seed: [u8; 32],
    /// What the secrets of keys are hashed under.
    pub key_pepper: [u8; 32],
}

impl StandIns {
    /// What these documents say.
    ///
    /// # Errors
    /// [`AuthSetupError`].
    pub fn new(around: Surroundings, documents: Documents) -> Result<Self, AuthSetupError> {
        let Surroundings { clock, ids, entropy, issuer, signing_seed, key_pepper } = around;
        let documents = Arc::new(documents);
        let kept = || Arc::clone(&documents);
        let billing = BillingStandIn::new(Arc::clone(&clock), Arc::clone(&ids), kept())?;
        let messaging = MessagingStandIn::new(Arc::clone(&clock), Arc::clone(&ids), kept())?;
        let messaging = Arc::new(messaging);
        let sources = SourceStandIn::new(Arc::clone(&clock), ids, kept())?;
        let keys = KeysStandIn::new(Arc::clone(&clock), Arc::clone(&entropy), key_pepper, kept())?;
        let auth = AuthStandIn::new(clock, entropy, issuer, signing_seed, kept())?;
        Ok(Self {
            billing: Arc::new(billing),
            enrollment: Arc::new(EnrollmentStandIn::new(kept())?),
            sources: Arc::new(sources),
            auth: Arc::new(auth),
            keys: Arc::new(keys),
            invoicing: Arc::new(InvoicingStandIn::new(Arc::clone(&messaging))),
            messaging,
            documents,
        })
    }

    /// Delivers all callbacks and facts to this receiver from now on.
    pub fn connect(&self, sink: &Arc<dyn InboundSink>) {
        self.billing.connect(Arc::clone(sink));
        self.sources.connect(Arc::clone(sink));
        self.auth.connect(Arc::clone(sink));
        self.messaging.connect(Arc::clone(sink));
    }

    /// Makes the demo's past: its accounts are told, its messages were sent. Once made it stays.
    pub fn fill_demo(&self) {
        self.auth.announce_demo();
        if let Err(error) = self.messaging.seed_demo() {
            warn!(%error, "the demo has no messages");
        }
    }

    /// Starts the workers that deliver what becomes due.
    pub fn start(&self, tasks: &TaskTracker, stop: &CancellationToken) {
        let (billing, sources) = (Arc::clone(&self.billing), Arc::clone(&self.sources));
        let stopped = stop.clone();
        tasks.spawn(async move { billing.run(stopped).await });
        let stopped = stop.clone();
        tasks.spawn(async move { sources.run(stopped).await });
        let (auth, stopped) = (Arc::clone(&self.auth), stop.clone());
        tasks.spawn(async move { auth.run(stopped).await });
        let (messaging, stopped) = (Arc::clone(&self.messaging), stop.clone());
        tasks.spawn(async move { messaging.run(stopped).await });
    }
}
