//! What the races of Verify have in common: peppers and a network of their own, keys, numbers.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sarai_application::{
    Call, Ports,
    devportal::verify::{Caller, StartRequest, Verify, VerifyTools},
};
use sarai_domain::{
    devportal::{
        sandbox::NetworkRoute,
        template::Rendered,
        values::{
            Channel, CountryCode, Destination, DestinationKey, E164Phone, Environment, PepperRing, Purpose,
            ScopeSet,
        },
        verify::{Metadata, OnExisting, TermsAsked},
    },
    kernel::{ApiKeyId, Currency, Id},
};
use sarai_ports::{
    auth::{Principal, Via},
    devportal::{KeyGrant, KeyTerms, Outgoing, Part, SendOutcome, Senders, VerifySender},
};
use sarai_system::{Approvals, NoAdvice, PriceList, Vault};
use sarai_testkit::make;

use crate::world::World;

/// Takes everything, and keeps to whom and what.
#[derive(Default)]
pub(crate) struct Network {
    taken: Mutex<Vec<(String, String)>>,
}

struct Carrier(Arc<Network>);

#[async_trait]
impl VerifySender for Carrier {
    fn name(&self) -> &'static str {
        "carrier"
    }

    fn channels(&self) -> &[Channel] {
        Channel::ALL
    }

    fn countries(&self) -> &[CountryCode] {
        &[]
    }

    async fn send(&self, _permit: &NetworkRoute, message: &Outgoing) -> SendOutcome {
        let text = match &message.content {
            Rendered::Text { body, .. } => body.to_string(),
            Rendered::Email { text, .. } | Rendered::Speech { text, .. } => text.to_string(),
        };
        self.0.taken.lock().unwrap().push((message.to.normalised().to_owned(), text));
        let part = Part { no: 1, of: 1, provider_message_id: message.attempt_id.to_string() };
        SendOutcome::Sent { parts: vec![part], segments: Some(1) }
    }
}

struct Through(Arc<Network>);

impl Senders for Through {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        Some(Arc::new(Carrier(Arc::clone(&self.0))))
    }
}

impl Network {
    /// To whom something was sent.
    pub(crate) fn destinations(&self) -> Vec<String> {
        self.taken.lock().unwrap().iter().map(|(to, _)| to.clone()).collect()
    }

    /// The code in the last message to a number.
    pub(crate) fn code(&self, to: &str) -> String {
        let taken = self.taken.lock().unwrap();
        let (_, text) = taken.iter().rev().find(|(number, _)| number == to).expect("a message");
        let line = text.lines().find(|line| line.len() == 6 && line.bytes().all(|one| one.is_ascii_digit()));
        line.expect("a code").to_owned()
    }
}

/// The tools of every process: one deployment's.
pub(crate) fn tools(network: &Arc<Network>) -> VerifyTools {
    let kid = || "k1".parse().unwrap();
    VerifyTools {
        peppers: Arc::new(PepperRing::try_new(kid(), &[(kid(), vec![7; 32].into())], true).unwrap()),
        destinations: Arc::new(DestinationKey::new([3; 32])),
        vault: Arc::new(Vault::new(&[5; 32], &[])),
        approvals: Arc::new(Approvals::new("https://sarai.example", [1; 32], [2; 32])),
        prices: Arc::new(PriceList::new(Currency::parse("USD").unwrap())),
        fraud: Arc::new(NoAdvice),
        senders: Arc::new(Through(Arc::clone(network))),
        home_country: CountryCode::parse("AF").unwrap(),
    }
}

/// Whoever comes with a key of production, in a request of this name.
pub(crate) fn call(request: &str) -> Call {
    let grant = KeyGrant {
        key_id: ApiKeyId::new(12_u128.into()),
        tenant_id: make::tenant("acme"),
        account_id: Id::new(11_u128.into()),
        environment: Environment::Production,
        sandbox_id: None,
        scopes: ScopeSet::parse(&["verify:send", "verify:read"]).unwrap(),
        terms: KeyTerms { version: 1, ends_at: None, ip_allow_list: Vec::new() },
    };
    let principal = Principal {
        user_id: make::user("key"),
        tenant_id: make::tenant("acme"),
        email: None,
        roles: Vec::new(),
        via: Via::Key(Box::new(grant)),
    };
    Call { principal, request_id: Some(request.to_owned()), claim: None, reason: None }
}

pub(crate) fn caller() -> Caller {
    Caller {
        tenant_id: make::tenant("acme"),
        account_id: Id::new(11_u128.into()),
        key_id: ApiKeyId::new(12_u128.into()),
        environment: Environment::Production,
        sandbox_id: None,
        brand: "Acme".to_owned(),
    }
}

pub(crate) fn to(phone: &str, purpose: Purpose) -> StartRequest {
    StartRequest {
        to: Destination::try_new(Some(E164Phone::parse(phone).unwrap()), None).unwrap(),
        channel_order: None,
        locale: None,
        brand: None,
        purpose,
        terms: TermsAsked::default(),
        on_existing: OnExisting::Supersede,
        ip: None,
        end_user_ref: None,
        risk_token: None,
        template_id: None,
        metadata: Metadata::default(),
    }
}

/// Verify in one of the processes.
pub(crate) fn verify(world: &World, process: usize) -> Verify {
    Verify::new(Arc::clone(&world.process(process).ports))
}

/// Its ports.
pub(crate) fn ports(world: &World) -> Arc<Ports> {
    Arc::clone(&world.process(0).ports)
}
