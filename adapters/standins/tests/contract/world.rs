//! The services, asked directly or by clients over sockets; and the receiver of their callbacks.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use poem::{
    Body, EndpointExt as _, Request, Route, Server as PoemServer, handler,
    http::StatusCode,
    listener::{Acceptor as _, Listener as _, TcpListener},
    post,
    web::{Data, Path},
};
use sarai_gateways::{
    AuthClient, BillingClient, DueThere, EnrollmentClient, InvoicingClient, KeysClient, MessagingClient,
};
use sarai_ports::{
    StoreError,
    auth::AuthGateway,
    devportal::{InvoicingGateway, KeyAuthenticator, KeySecretIssuer, MessagingGateway},
    inbound::{InboundEvent, InboundRecord, InboundSink},
    marketplace::{BillingGateway, EnrollmentGateway},
    system::DueWork,
};
use sarai_standins::{Documents, Server, StandIns, Surroundings, TokenIssuer, WebhookSink, cloud_event};
use sarai_system::{ManualClock, OsEntropy, UlidGenerator};
use serde_json::Value;
use sha2::Sha256;

use crate::proxy::Contract;

/// The secret of the callbacks.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// How the services are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Directly,
    OverSockets,
}

pub(crate) const WAYS: [Way; 2] = [Way::Directly, Way::OverSockets];

/// The services as one of the ways shows them.
pub(crate) struct World {
    pub(crate) billing: Arc<dyn BillingGateway>,
    pub(crate) enrollment: Arc<dyn EnrollmentGateway>,
    pub(crate) auth: Arc<dyn AuthGateway>,
    pub(crate) issuer: Arc<dyn KeySecretIssuer>,
    pub(crate) keys: Arc<dyn KeyAuthenticator>,
    pub(crate) messaging: Arc<dyn MessagingGateway>,
    pub(crate) invoicing: Arc<dyn InvoicingGateway>,
    pub(crate) standins: StandIns,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) heard: Arc<Heard>,
    due: [Arc<dyn DueWork>; 2],
    /// The contracts of billing, enrollment, auth and messaging.
    pub(crate) contracts: Vec<Arc<Contract>>,
}

/// What was called back.
#[derive(Default)]
pub(crate) struct Heard {
    records: Mutex<Vec<InboundRecord>>,
    refusals: AtomicU32,
}

impl Heard {
    /// Refuses this many callbacks from now on.
    pub(crate) fn refuse(&self, count: u32) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    fn take_one(&self, record: InboundRecord) -> bool {
        let left = |count: u32| count.checked_sub(1);
        if self.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok() {
            return false;
        }
        self.records.lock().unwrap().push(record);
        true
    }
}

#[async_trait]
impl InboundSink for Heard {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        if self.take_one(record) { Ok(()) } else { Err(StoreError::Unavailable("not now".to_owned())) }
    }
}

/// `POST /v1/integrations/{source}/events`: takes what is signed.
#[handler]
async fn integrations(
    Data(heard): Data<&Arc<Heard>>,
    Path(source): Path<String>,
    request: &Request,
    body: Body,
) -> StatusCode {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    let body = body.into_string().await.unwrap();
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    let signature = STANDARD.decode(header("webhook-signature").trim_start_matches("v1,")).unwrap();
    if mac.verify_slice(&signature).is_err() {
        return StatusCode::UNAUTHORIZED;
    }
    let event: Value = serde_json::from_str(&body).unwrap();
    let record = cloud_event::record_of(&event).unwrap();
    assert_eq!((record.id.as_str(), record.source.name()), (id.as_str(), source.as_str()));
    if heard.take_one(record) { StatusCode::ACCEPTED } else { StatusCode::SERVICE_UNAVAILABLE }
}

impl World {
    pub(crate) async fn new(way: Way) -> Self {
        let clock = Arc::new(ManualClock::at("2026-04-20T12:00:00Z".parse().unwrap()));
        let around = Surroundings {
            clock: clock.clone(),
            ids: Arc::new(UlidGenerator::default()),
            entropy: Arc::new(OsEntropy),
            issuer: TokenIssuer { issuer: "https://auth.test".to_owned(), audience: "sarai".to_owned() },
            signing_seed: [3; 32],
            key_pepper: [4; 32],
        };
        let standins = StandIns::new(around, Documents::default()).unwrap();
        let heard = Arc::new(Heard::default());
        if way == Way::Directly {
            standins.connect(&(heard.clone() as _));
            return Self {
                billing: standins.billing.clone(),
                enrollment: standins.enrollment.clone(),
                auth: standins.auth.clone(),
                issuer: standins.keys.clone(),
                keys: standins.keys.clone(),
                messaging: standins.messaging.clone(),
                invoicing: standins.invoicing.clone(),
                due: [standins.billing.clone(), standins.messaging.clone()],
                contracts: Vec::new(),
                standins,
                clock,
                heard,
            };
        }
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let callbacks = *acceptor.local_addr()[0].as_socket_addr().unwrap();
        let receiver = Route::new().at("/v1/integrations/:source/events", post(integrations));
        tokio::spawn(PoemServer::new_with_acceptor(acceptor).run(receiver.data(heard.clone())));
        let sink = WebhookSink::new(&format!("http://{callbacks}/"), SECRET, clock.clone()).unwrap();
        standins.connect(&(Arc::new(sink) as _));

        let server = Server::bind(([127, 0, 0, 1], 0).into(), &standins, clock.clone()).await.unwrap();
        let base = format!("http://{}", server.address().unwrap());
        tokio::spawn(server.run(std::future::pending()));
        let texts = [
            ("billing", include_str!("../../../../fixtures/contracts/billing.json")),
            ("enrollment", include_str!("../../../../fixtures/contracts/enrollment.json")),
            ("auth", include_str!("../../../../fixtures/contracts/auth.json")),
            ("messaging", include_str!("../../../../fixtures/contracts/messaging.json")),
        ];
        let (mut contracts, mut urls) = (Vec::new(), Vec::new());
        for (name, text) in texts {
            let (contract, url) = Contract::before(format!("{base}/{name}"), text).await;
            contracts.push(contract);
            urls.push(url);
        }
        // What a demo asks is in no contract.
        let billing = BillingClient::new(&format!("{base}/billing"), None).unwrap();
        let messaging = MessagingClient::new(&format!("{base}/messaging"), None).unwrap();
        let due = [
            Arc::new(DueThere::at_billing(&billing, clock.clone())) as Arc<dyn DueWork>,
            Arc::new(DueThere::at_messaging(&messaging, clock.clone())),
        ];
        let keys = Arc::new(KeysClient::new(&urls[2], None).unwrap());
        Self {
            billing: Arc::new(BillingClient::new(&urls[0], None).unwrap()),
            enrollment: Arc::new(EnrollmentClient::new(&urls[1], None).unwrap()),
            auth: Arc::new(AuthClient::new(&urls[2], None).unwrap()),
            issuer: keys.clone(),
            keys,
            messaging: Arc::new(MessagingClient::new(&urls[3], None).unwrap()),
            invoicing: Arc::new(InvoicingClient::new(&urls[0], None).unwrap()),
            due,
            contracts,
            standins,
            clock,
            heard,
        }
    }

    /// What was called back since the last time, everything that is due.
    pub(crate) async fn told(&self) -> Vec<InboundEvent> {
        for due in &self.due {
            due.run_due().await.unwrap();
        }
        let mut records = std::mem::take(&mut *self.heard.records.lock().unwrap());
        records.sort_by(|left, right| left.id.cmp(&right.id));
        let ids: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(ids.len(), records.len(), "each callback has an id of its own and comes once");
        records.into_iter().map(|record| record.event).collect()
    }

    /// When the next callback is due.
    pub(crate) async fn next_due(&self) -> Option<sarai_domain::kernel::Timestamp> {
        use sarai_ports::system::Clock as _;
        let mut due = Vec::new();
        for work in &self.due {
            due.extend(work.next_due(self.clock.now()).await.unwrap());
        }
        due.into_iter().min()
    }
}
