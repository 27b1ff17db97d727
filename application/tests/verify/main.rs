//! Verify through its use cases, over the store in memory: sandboxes, sends, checks, brute force and money.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod refusals;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sarai_application::{
    Call, Ports,
    app::Policy,
    devportal::{
        DevportalPorts,
        usage_course::UsageCounters,
        verify::{Caller, PreviewRequest, Shown, StartRequest, Verify, VerifyTools},
    },
    marketplace::routes::consumers_of,
};
use sarai_domain::{
    devportal::{
        account::{DeveloperAccount, Mirror, NewAccount},
        policy::{SpendCaps, SpendPolicy},
        sandbox::NetworkRoute,
        template::Rendered,
        usage::{UsageBucket, UsageMetric},
        values::{
            Channel, ChannelOrder, ChannelStep, CountryCode, Destination, DestinationKey, E164Phone,
            Environment, PepperRing, Purpose, ScopeSet,
        },
        verify::{CheckOutcome, FailureReason, Metadata, OnExisting, SendStatus, TermsAsked, VerifyState},
    },
    kernel::{Aggregate, ApiKeyId, Currency, Id, Price, TenantId, Timestamp, UserId},
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    PageRequest, Scope,
    auth::{Principal, Role, Via},
    devportal::{
        KeyGrant, KeyTerms, Outgoing, Part, Receipt, ReceiptStatus, Receipts as _, SendOutcome, Senders,
        UsageGroup, UsageQuery, VerifySender,
        policies::{SpendPolicyRepository, policy_key},
    },
    events::Consumer as _,
    idempotency::{Claim, ClaimKey},
    system::Clock as _,
};
use sarai_ports_mocks::{MockBilling, MockEnrollment};
use sarai_relay::Relay;
use sarai_system::{
    Approvals, Ed25519Signer, KeyedLanes, ManualClock, NoAdvice, OsEntropy, PriceList, UlidGenerator, Vault,
};

/// What a pretended network does with a message of each channel, and what it was given.
#[derive(Default)]
struct Network {
    down: Mutex<Vec<Channel>>,
    taken: Mutex<Vec<(Channel, String)>>,
    /// What it calls every message, where it does not go by ours.
    name: Mutex<Option<&'static str>>,
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
        if self.0.down.lock().unwrap().contains(&message.channel) {
            return SendOutcome::Refused { error_code: "blocked".to_owned() };
        }
        let text = match &message.content {
            Rendered::Text { body, .. } => body.to_string(),
            Rendered::Email { text, .. } | Rendered::Speech { text, .. } => text.to_string(),
        };
        self.0.taken.lock().unwrap().push((message.channel, text));
        let name = self.0.name.lock().unwrap().map(str::to_owned);
        let provider_message_id = name.unwrap_or_else(|| message.attempt_id.to_string());
        let part = Part { no: 1, of: 1, provider_message_id };
        SendOutcome::Sent { parts: vec![part], segments: Some(1) }
    }
}

struct Through(Arc<Network>);

impl Senders for Through {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        Some(Arc::new(Carrier(Arc::clone(&self.0))))
    }
}

/// A process that no sender was configured for.
struct Nobody;

impl Senders for Nobody {
    fn pick(&self, _channel: Channel, _country: Option<CountryCode>) -> Option<Arc<dyn VerifySender>> {
        None
    }
}

struct World {
    store: MemoryStore,
    clock: Arc<ManualClock>,
    network: Arc<Network>,
    processes: Vec<(Arc<Ports>, Verify)>,
}

fn tools(network: &Arc<Network>) -> VerifyTools {
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

impl World {
    fn new(processes: usize) -> Self {
        let start: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        let clock = Arc::new(ManualClock::at(start));
        let store = MemoryStore::new(Arc::clone(&clock) as _);
        let network = Arc::new(Network::default());
        let ids = Arc::<UlidGenerator>::default();
        let process = |_| {
            let own = Arc::new(store.another_process());
            let portal = DevportalPorts {
                verify: Some(Arc::new(tools(&network))),
                ..DevportalPorts::alone(Arc::clone(&own) as _)
            };
            let ports = Arc::new(Ports {
                listings: Arc::clone(&own) as _,
                orders: Arc::clone(&own) as _,
                licenses: Arc::clone(&own) as _,
                coupons: Arc::clone(&own) as _,
                sagas: Arc::clone(&own) as _,
                quotes: Arc::clone(&own) as _,
                earnings: Arc::clone(&own) as _,
                statements: Arc::clone(&own) as _,
                catalog: Arc::clone(&own) as _,
                catalog_facts: Arc::clone(&own) as _,
                provider_facts: Arc::clone(&own) as _,
                sales: Arc::clone(&own) as _,
                devportal: portal,
                routes: consumers_of,
                publishes: false,
                outbox: Arc::clone(&own) as _,
                events: Arc::clone(&own) as _,
                audit: Arc::clone(&own) as _,
                leases: Arc::clone(&own) as _,
                follow_up: Arc::new(Relay::new(Arc::clone(&own) as _)),
                idempotency: own,
                billing: Arc::new(MockBilling::new()),
                enrollment: Arc::new(MockEnrollment::new()),
                clock: Arc::clone(&clock) as _,
                ids: Arc::clone(&ids) as _,
                entropy: Arc::new(OsEntropy),
                signer: Arc::new(Ed25519Signer::new([8; 32])),
                lanes: Arc::<KeyedLanes>::default(),
                quote_key: [7; 32],
                policy: Policy::default(),
                recent: Arc::default(),
            });
            let verify = Verify::new(Arc::clone(&ports));
            (ports, verify)
        };
        let processes = (0..processes).map(process).collect();
        Self { store, clock, network, processes }
    }

    fn verify(&self) -> &Verify {
        &self.processes[0].1
    }

    async fn start(&self, environment: Environment, request: &StartRequest) -> Shown {
        self.verify().start(&call_in(environment), &caller(environment), request).await.unwrap()
    }

    /// Spends at most so much a day.
    async fn cap(&self, per_day: &str) {
        let (ports, _) = &self.processes[0];
        let (tenant, usd) = (TenantId::from_static("acme"), Currency::parse("USD").unwrap());
        let mut policy = SpendPolicy::default_for(policy_key(&tenant, Environment::Production), ports.now());
        let caps = SpendCaps { per_day: Price::parse(per_day, usd).ok(), ..SpendCaps::default() };
        let _ = policy.set(caps, ports.now()).unwrap();
        let repository: &dyn SpendPolicyRepository = &*ports.devportal.store;
        let context = ports.worker_context("test", &"caps");
        ports.save(repository, &Scope::Tenant(tenant), policy, context).await.unwrap();
    }

    /// Registers the account of whoever calls.
    async fn account(&self) {
        let (ports, _) = &self.processes[0];
        let new = NewAccount {
            id: Id::new(11_u128.into()),
            auth_account_id: "acc-1".parse().unwrap(),
            tenant_id: TenantId::from_static("acme"),
            display_name: "Amina".parse().unwrap(),
            locale: sarai_domain::devportal::values::Locale::default(),
            mirror: Mirror {
                seq: 1,
                contact_email: Some("amina@example.com".to_owned()),
                ..Mirror::default()
            },
        };
        let account = DeveloperAccount::register(new, ports.now()).unwrap();
        let (scope, context) =
            (Scope::Tenant(TenantId::from_static("acme")), ports.worker_context("test", &"account"));
        ports.save(ports.devportal.accounts(), &scope, account, context).await.unwrap();
    }

    /// What was announced under a topic.
    fn told(&self, topic: &str) -> Vec<serde_json::Value> {
        let recorded = self.store.recorded();
        let told = recorded.iter().filter(|one| one.event.topic() == topic);
        told.map(|one| serde_json::to_value(&one.event).unwrap()).collect()
    }

    /// The code in the last message that left.
    fn sent_code(&self) -> String {
        let taken = self.network.taken.lock().unwrap();
        let (_, text) = taken.last().unwrap();
        let line = text.lines().find(|line| line.len() == 6 && line.bytes().all(|one| one.is_ascii_digit()));
        line.unwrap().to_owned()
    }
}

/// Whoever comes with a key of this world.
fn call_in(environment: Environment) -> Call {
    let grant = KeyGrant {
        key_id: ApiKeyId::new(12_u128.into()),
        tenant_id: TenantId::from_static("acme"),
        account_id: Id::new(11_u128.into()),
        environment,
        sandbox_id: None,
        scopes: ScopeSet::parse(&["verify:send", "verify:read"]).unwrap(),
        terms: KeyTerms { version: 1, ends_at: None, ip_allow_list: Vec::new() },
    };
    let principal = Principal {
        user_id: UserId::from_static("developer"),
        tenant_id: TenantId::from_static("acme"),
        email: None,
        roles: Vec::new(),
        via: Via::Key(Box::new(grant)),
    };
    Call { principal, request_id: Some("req-1".to_owned()), claim: None, reason: None }
}

fn caller(environment: Environment) -> Caller {
    Caller {
        tenant_id: TenantId::from_static("acme"),
        account_id: Id::new(11_u128.into()),
        key_id: ApiKeyId::new(12_u128.into()),
        environment,
        sandbox_id: None,
        brand: "Acme 2026".to_owned(),
    }
}

fn to(phone: &str) -> StartRequest {
    StartRequest {
        to: Destination::try_new(Some(E164Phone::parse(phone).unwrap()), None).unwrap(),
        channel_order: None,
        locale: None,
        brand: None,
        purpose: Purpose::SignIn,
        terms: TermsAsked::default(),
        on_existing: OnExisting::Reuse,
        ip: None,
        end_user_ref: None,
        risk_token: None,
        template_id: None,
        metadata: Metadata::default(),
    }
}

fn by(channels: &[Channel]) -> Option<ChannelOrder> {
    ChannelOrder::try_new(channels.iter().map(|one| ChannelStep::try_new(*one, None).unwrap()).collect()).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_shows_its_code_and_a_right_check_signs_an_approval() {
    let world = World::new(1);
    let started = world.start(Environment::Sandbox, &to("+12025550100")).await;
    assert_eq!(started.sandbox_code.as_deref(), Some("123456"));
    let sandbox = started.session.data().sandbox_id.unwrap();
    let scope = Scope::Tenant(TenantId::from_static("acme"));
    let inbox = world.verify().inbox(&scope, sandbox, &PageRequest::first(10)).await.unwrap();
    assert_eq!(inbox.items.len(), 1);
    assert_eq!(inbox.items[0].code().expose(), "123456");
    // Any other number has a code of the sandbox's own, the same for the same place in it.
    let other = world.start(Environment::Sandbox, &to("+93701234567")).await;
    assert!(other.sandbox_code.is_some());

    let id = started.session.id();
    let wrong = world.verify().check(&call_in(Environment::Sandbox), id, "۰۰۰۰۰۰").await.unwrap();
    assert_eq!(wrong.outcome, CheckOutcome::Incorrect { attempts_remaining: 4, failed: false });
    let malformed = world.verify().check(&call_in(Environment::Sandbox), id, "12345").await.unwrap_err();
    assert_eq!(malformed.code, "verification.malformed_code");
    let right = world.verify().check(&call_in(Environment::Sandbox), id, "۱۲۳ ۴۵۶").await.unwrap();
    assert!(matches!(right.outcome, CheckOutcome::Approved { .. }));
    assert_eq!(right.session.data().attempts, 2, "what is no code is not counted");
    let token = right.token.unwrap();
    assert_eq!(token.split('.').count(), 3);
    let again = world.verify().check(&call_in(Environment::Sandbox), id, "123456").await.unwrap_err();
    assert_eq!(again.code, "verification.already_approved");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_s_clock_brings_receipts_and_the_fallback() {
    let world = World::new(1);
    let request = StartRequest { channel_order: by(&[Channel::Sms, Channel::Voice]), ..to("+12025550101") };
    let started = world.start(Environment::Sandbox, &request).await;
    let (id, sandbox) = (started.session.id(), started.session.data().sandbox_id.unwrap());
    let scope = Scope::Tenant(TenantId::from_static("acme"));
    let session = world.verify().find(&scope, id).await.unwrap();
    assert_eq!(session.sends()[0].status, SendStatus::Sent);
    world.verify().advance_clock(&call_in(Environment::Sandbox), sandbox, 10).await.unwrap();
    let session = world.verify().find(&scope, id).await.unwrap();
    let statuses: Vec<_> = session.sends().iter().map(|send| (send.channel, send.status)).collect();
    assert_eq!(statuses, [(Channel::Sms, SendStatus::Undelivered), (Channel::Voice, SendStatus::Delivered)]);
    assert_eq!(session.data().state, VerifyState::Delivered);
    let inbox = world.verify().inbox(&scope, sandbox, &PageRequest::first(10)).await.unwrap();
    assert_eq!(inbox.items.len(), 2);
    // The rest of its life passes at once, and it is over when the clock has answered.
    world.verify().advance_clock(&call_in(Environment::Sandbox), sandbox, 600).await.unwrap();
    let session = world.verify().find(&scope, id).await.unwrap();
    assert_eq!(session.data().state, VerifyState::Expired);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_refuses_a_start_as_production_would() {
    let world = World::new(1);
    let refusals = [
        ("+12025550107", "verification.destination_blocked"),
        ("+12025550108", "verification.country_not_allowed"),
        ("+12025550109", "spend.cap_reached"),
        ("+12025550110", "verification.destination_rate_limited"),
    ];
    for (phone, code) in refusals {
        let refused = world
            .verify()
            .start(&call_in(Environment::Sandbox), &caller(Environment::Sandbox), &to(phone))
            .await;
        assert_eq!(refused.unwrap_err().code, code, "{phone}");
        let magic = world
            .verify()
            .start(&call_in(Environment::Production), &caller(Environment::Production), &to(phone))
            .await;
        assert!(magic.is_err(), "{phone} is no number of production");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_leaves_by_its_sender_and_stands_nowhere_else() {
    let world = World::new(1);
    let started = world.start(Environment::Production, &to("+93701234567")).await;
    assert_eq!(started.sandbox_code, None);
    assert_eq!(world.verify().run_due().await.unwrap(), 1);
    assert_eq!(world.verify().run_due().await.unwrap(), 0, "a send leaves once");
    let code = world.sent_code();
    let (id, scope) = (started.session.id(), Scope::Tenant(TenantId::from_static("acme")));
    let stored = world.verify().find(&scope, id).await.unwrap();
    let sends: Vec<_> = stored.sends().into_iter().cloned().collect();
    assert_eq!(sends[0].status, SendStatus::Sent);
    let everything = format!("{stored:?}{sends:?}{:?}", world.store.recorded());
    assert!(!everything.contains(&code), "the code stands in what is stored or announced");
    let checked = world.verify().check(&call_in(Environment::Production), id, &code).await.unwrap();
    assert!(matches!(checked.outcome, CheckOutcome::Approved { .. }));
    let data = checked.session.data();
    assert!(data.secrets.is_none() && data.destinations.iter().all(|one| one.sealed.is_none()));
    assert_eq!(data.spend_settled.to_string(), "0.007900");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_send_falls_back_to_the_next_channel() {
    let world = World::new(1);
    world.network.down.lock().unwrap().push(Channel::Sms);
    let request =
        StartRequest { channel_order: by(&[Channel::Sms, Channel::Whatsapp]), ..to("+93701234568") };
    let id = world.start(Environment::Production, &request).await.session.id();
    // The destination is sent to once in 30 seconds, but what nobody asked for does not wait for that.
    for _ in 0..3 {
        let _ = world.verify().run_due().await.unwrap();
        world.clock.advance(time::Duration::seconds(1));
    }
    let scope = Scope::Tenant(TenantId::from_static("acme"));
    let session = world.verify().find(&scope, id).await.unwrap();
    let statuses: Vec<_> = session.sends().iter().map(|send| (send.channel, send.status)).collect();
    assert_eq!(statuses, [(Channel::Sms, SendStatus::Failed), (Channel::Whatsapp, SendStatus::Sent)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_goes_on_with_the_live_session_or_ends_it() {
    let world = World::new(1);
    let first = world.start(Environment::Production, &to("+93701234569")).await.session.id();
    let reused = world.start(Environment::Production, &to("+93701234569")).await;
    assert_eq!((reused.session.id(), reused.reused), (first, true));
    let reject = StartRequest { on_existing: OnExisting::Reject, ..to("+93701234569") };
    let told = world
        .verify()
        .start(&call_in(Environment::Production), &caller(Environment::Production), &reject)
        .await;
    assert_eq!(told.unwrap_err().code, "verification.in_progress");
    let supersede = StartRequest { on_existing: OnExisting::Supersede, ..to("+93701234569") };
    let limited = world
        .verify()
        .start(&call_in(Environment::Production), &caller(Environment::Production), &supersede)
        .await;
    assert_eq!(limited.unwrap_err().code, "verification.destination_rate_limited");
    world.clock.advance(time::Duration::seconds(31));
    let second = world.start(Environment::Production, &supersede).await;
    assert_ne!(second.session.id(), first);
    let over = world.verify().check(&call_in(Environment::Production), first, "000000").await.unwrap_err();
    assert_eq!(over.code, "verification.failed");
    let cancelled =
        world.verify().cancel(&call_in(Environment::Production), second.session.id()).await.unwrap();
    assert_eq!(cancelled.session.data().state, VerifyState::Failed);
    assert!(
        world.verify().cancel(&call_in(Environment::Production), second.session.id()).await.is_ok(),
        "again is the same"
    );
}

/// T27: 1,000 guesses at once for a session, in four processes.
#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_guesses_at_once_five_are_compared() {
    let world = World::new(4);
    for (round, phone) in ["+93701234501", "+93701234502", "+93701234503"].iter().enumerate() {
        let id = world.start(Environment::Production, &to(phone)).await.session.id();
        assert_eq!(world.verify().run_due().await.unwrap(), 1);
        let code = world.sent_code();
        let mut guesses = tokio::task::JoinSet::new();
        for n in 0..1_000_usize {
            let verify = world.processes[n % 4].1.clone();
            // In each round the right code is somewhere else among them.
            let typed = if n == round * 3 { code.clone() } else { format!("{n:06}") };
            guesses.spawn(async move {
                verify
                    .check(&call_in(Environment::Production), id, &typed)
                    .await
                    .map(|checked| checked.outcome)
            });
        }
        let outcomes = guesses.join_all().await;
        let compared = outcomes.iter().filter(|one| one.is_ok()).count();
        let approved = outcomes.iter().filter(|one| matches!(one, Ok(CheckOutcome::Approved { .. }))).count();
        assert!((1..=5).contains(&compared), "{compared} were compared");
        let scope = Scope::Tenant(TenantId::from_static("acme"));
        let data = world.verify().find(&scope, id).await.unwrap().data().clone();
        assert!(data.attempts <= 5 && data.state.is_terminal(), "{data:?}");
        assert_eq!(approved == 1, data.state == VerifyState::Approved);
        assert!(approved <= 1);
        world.clock.advance(time::Duration::seconds(60));
    }
}

/// Ruling R13: a request that was counted and whose answer was lost is compared again, and counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_whose_answer_was_lost_is_compared_again_and_not_counted_again() {
    let world = World::new(1);
    let id = world.start(Environment::Sandbox, &to("+12025550100")).await.session.id();
    let under = |key: &str| {
        let call = call_in(Environment::Sandbox);
        let claim = Claim {
            key: ClaimKey {
                tenant_id: call.principal.tenant_id.clone(),
                principal: call.principal.user_id.to_string(),
                operation: "verifications.check",
                key_hash: key.to_owned(),
            },
            fingerprint: key.to_owned(),
            lease_until: world.clock.now(),
        };
        Call { claim: Some(claim), ..call }
    };
    let attempts = async || {
        let scope = Scope::Tenant(TenantId::from_static("acme"));
        world.verify().find(&scope, id).await.unwrap().data().attempts
    };
    for _ in 0..3 {
        let wrong = world.verify().check(&under("one"), id, "000000").await.unwrap();
        assert!(matches!(wrong.outcome, CheckOutcome::Incorrect { attempts_remaining: 4, failed: false }));
        assert_eq!(attempts().await, 1, "one request counts once");
    }
    let right = world.verify().check(&under("two"), id, "123456").await.unwrap();
    assert!(right.token.is_some());
    let late = world.verify().check(&under("two"), id, "123456").await.unwrap_err();
    assert_eq!((late.code, attempts().await), ("verification.already_approved", 2));
}

/// T30: a cap is not exceeded by one unit while four processes start at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_cap_holds_while_many_start_at_once() {
    let world = World::new(4);
    world.cap("0.1").await;
    let mut starts = tokio::task::JoinSet::new();
    for n in 0..60_usize {
        let verify = world.processes[n % 4].1.clone();
        // A block of numbers each, so that no window decides.
        let request = to(&format!("+937{:04}{:04}", 100 + n, n));
        starts.spawn(async move {
            let caller = caller(Environment::Production);
            verify
                .start(&call_in(Environment::Production), &caller, &request)
                .await
                .map(drop)
                .map_err(|error| error.code)
        });
    }
    let outcomes = starts.join_all().await;
    // 12 × 0.0079 = 0.0948: a thirteenth would be above.
    assert_eq!(outcomes.iter().filter(|one| one.is_ok()).count(), 12, "{outcomes:?}");
    assert!(outcomes.iter().all(|one| matches!(one, Ok(()) | Err("spend.cap_reached"))), "{outcomes:?}");
    assert_eq!(world.told("devportal.verify.spend_cap_hit.v1").len(), 1);
    let blocked = world.told("devportal.verify.blocked.v1");
    assert_eq!(blocked.len(), 48, "each refused start says why");
    assert!(blocked.iter().all(|one| one.to_string().contains("spend.cap_reached")), "{:?}", blocked[0]);
}

/// Ruling R28: however often an event is told, it is counted once, by its key, channel and country.
#[tokio::test(flavor = "multi_thread")]
async fn what_verifications_use_is_counted_once() {
    let world = World::new(1);
    let id = world.start(Environment::Production, &to("+93701234567")).await.session.id();
    assert_eq!(world.verify().run_due().await.unwrap(), 1);
    world.verify().check(&call_in(Environment::Production), id, &world.sent_code()).await.unwrap();
    world.start(Environment::Sandbox, &to("+12025550100")).await;
    let ports = &world.processes[0].0;
    let counters = UsageCounters::new(Arc::clone(ports));
    let told = world.store.recorded();
    for record in told.iter().chain(&told) {
        counters.handle(record).await.unwrap();
    }
    let used = async |environment, group| {
        let tenant_id = TenantId::from_static("acme");
        let query = UsageQuery {
            tenant_id: tenant_id.clone(),
            environment,
            from: "2026-04-20T00:00:00Z".parse().unwrap(),
            until: "2026-04-21T00:00:00Z".parse().unwrap(),
            metrics: UsageMetric::ALL.iter().copied().collect(),
            key_id: None,
            bucket: UsageBucket::Hour,
            group,
        };
        let points = ports.devportal.usage().usage(&Scope::Within(tenant_id), &query).await.unwrap();
        assert!(points.iter().all(|point| point.at.to_string() == "2026-04-20T09:00:00Z"), "{points:?}");
        points.into_iter().map(|point| (point.group, point.metric, point.amount)).collect::<Vec<_>>()
    };
    let by_channel = used(Environment::Production, Some(UsageGroup::Channel)).await;
    let sms = |metric, amount| (Some("SMS".to_owned()), metric, amount);
    let expected = [
        sms(UsageMetric::Requested, 1),
        sms(UsageMetric::Sent, 1),
        sms(UsageMetric::Approved, 1),
        sms(UsageMetric::Spent, 7_900),
    ];
    assert_eq!(by_channel, expected);
    let by_key = used(Environment::Production, Some(UsageGroup::Key)).await;
    let key = Some(ApiKeyId::new(12_u128.into()).to_string());
    assert!(by_key.contains(&(key, UsageMetric::Requested, 1)), "{by_key:?}");
    let key = Some(ApiKeyId::new(12_u128.into()).to_string());
    assert!(by_key.contains(&(key, UsageMetric::Approved, 1)), "{by_key:?}");
    let by_country = used(Environment::Production, Some(UsageGroup::Country)).await;
    assert!(by_country.contains(&(Some("AF".to_owned()), UsageMetric::Approved, 1)), "{by_country:?}");
    assert!(by_country.contains(&(Some("AF".to_owned()), UsageMetric::Sent, 1)), "{by_country:?}");
    let sandbox = used(Environment::Sandbox, None).await;
    assert!(sandbox.contains(&(None, UsageMetric::Requested, 1)), "{sandbox:?}");
}

/// A receipt of the carrier under this name.
fn receipt(name: &str, status: ReceiptStatus) -> Receipt {
    Receipt {
        provider: "carrier".to_owned(),
        provider_message_ids: vec![name.to_owned()],
        attempt_id: None,
        recipient: None,
        status,
        error_code: None,
        price: None,
        at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_under_a_name_that_was_given_again_is_of_the_latest_send() {
    let world = World::new(1);
    *world.network.name.lock().unwrap() = Some("1");
    let mut ids = Vec::new();
    for phone in ["+93701234567", "+93701234568"] {
        ids.push(world.start(Environment::Production, &to(phone)).await.session.id());
        assert_eq!(world.verify().run_due().await.unwrap(), 1);
        world.clock.advance(time::Duration::seconds(1));
    }
    // Said twice, it is still nothing about the other.
    for _ in 0..2 {
        world.verify().arrived(receipt("1", ReceiptStatus::Delivered)).await.unwrap();
    }
    let mut states = Vec::new();
    for id in ids {
        states.push(world.verify().find(&Scope::System, id).await.unwrap().data().state);
    }
    assert_eq!(states, [VerifyState::Pending, VerifyState::Delivered]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_send_that_was_received_is_counted() {
    let world = World::new(1);
    world.account().await;
    let request = StartRequest { channel_order: by(&[Channel::Sms, Channel::Voice]), ..to("+93701234567") };
    let id = world.start(Environment::Production, &request).await.session.id();
    for name in ["1", "2"] {
        *world.network.name.lock().unwrap() = Some(name);
        assert_eq!(world.verify().run_due().await.unwrap(), 1);
        world.verify().arrived(receipt(name, ReceiptStatus::Delivered)).await.unwrap();
        world.clock.advance(time::Duration::seconds(31));
        if name == "1" {
            world.verify().next_channel(&call_in(Environment::Production), id).await.unwrap();
        }
    }
    let session = world.verify().find(&Scope::System, id).await.unwrap();
    let statuses: Vec<_> = session.sends().iter().map(|send| send.status).collect();
    assert_eq!(statuses, [SendStatus::Delivered; 2]);
    let counters = UsageCounters::new(Arc::clone(&world.processes[0].0));
    for record in world.store.recorded() {
        counters.handle(&record).await.unwrap();
    }
    let query = UsageQuery {
        tenant_id: TenantId::from_static("acme"),
        environment: Environment::Production,
        from: "2026-04-20T00:00:00Z".parse().unwrap(),
        until: "2026-04-21T00:00:00Z".parse().unwrap(),
        metrics: [UsageMetric::Delivered].into(),
        key_id: None,
        bucket: UsageBucket::Day,
        group: Some(UsageGroup::Channel),
    };
    let scope = Scope::Within(TenantId::from_static("acme"));
    let points = world.processes[0].0.devportal.usage().usage(&scope, &query).await.unwrap();
    let counted: Vec<_> = points.into_iter().map(|point| (point.group.unwrap(), point.amount)).collect();
    assert_eq!(counted, [("SMS".to_owned(), 1), ("VOICE".to_owned(), 1)]);
}

/// Ruling R18: a process without the sender leaves a send to those that have it, until the step's wait ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_send_waits_for_a_process_with_its_sender_until_its_step_ends() {
    let world = World::new(1);
    let ports = &world.processes[0].0;
    let tools = VerifyTools { senders: Arc::new(Nobody), ..tools(&world.network) };
    let devportal = DevportalPorts { verify: Some(Arc::new(tools)), ..ports.devportal.clone() };
    let without = Verify::new(Arc::new(Ports { devportal, ..Ports::clone(ports) }));

    let sent = world.start(Environment::Production, &to("+93701234567")).await.session.id();
    assert_eq!(without.run_due().await.unwrap(), 0, "others may have the sender");
    assert_eq!(world.verify().run_due().await.unwrap(), 1);
    assert_eq!(world.network.taken.lock().unwrap().len(), 1);

    let left = world.start(Environment::Production, &to("+93701234568")).await.session.id();
    world.clock.advance(time::Duration::seconds(61));
    without.run_due().await.unwrap();
    let scope = Scope::System;
    let (sent, left) = (without.find(&scope, sent).await.unwrap(), without.find(&scope, left).await.unwrap());
    assert_eq!((sent.data().state, left.data().state), (VerifyState::Pending, VerifyState::Failed));
    assert_eq!(left.data().failure_reason, Some(FailureReason::ChannelsExhausted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_which_window_is_full_and_until_when() {
    let world = World::new(1);
    let (call, caller) = (call_in(Environment::Production), caller(Environment::Production));
    let request = to("+93701234567");
    let asked = PreviewRequest {
        to: request.to.clone(),
        channel_order: by(&[Channel::Sms, Channel::Voice]),
        locale: None,
        purpose: Purpose::SignUp,
        template_id: None,
    };
    let before = world.verify().preview(&call, &caller, &asked).await.unwrap();
    assert!(before.allowed(), "{before:?}");
    world.start(Environment::Production, &request).await;
    let until = world.clock.now().plus(time::Duration::seconds(30));
    for _ in 0..2 {
        let full = world.verify().preview(&call, &caller, &asked).await.unwrap();
        assert!(!full.allowed() && full.until == Some(until), "{full:?}");
        let step = &full.steps[0];
        assert_eq!(step.reasons, ["verification.destination_rate_limited"]);
        assert_eq!((step.bucket.as_deref(), step.until), (Some("destination"), Some(until)));
    }
    world.clock.advance(time::Duration::seconds(31));
    assert!(world.verify().preview(&call, &caller, &asked).await.unwrap().allowed());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_unlocks_a_destination_stands_in_the_audit_log_with_the_reason() {
    let world = World::new(1);
    let tenant = TenantId::from_static("acme");
    let address = to("+93701234567").to.addresses();
    let mut call = call_in(Environment::Production);
    let refused = world.verify().unlock(&call, &tenant, Environment::Production, &address).await;
    assert_eq!(refused.unwrap_err().code, "forbidden");
    call.principal = Principal {
        user_id: UserId::from_static("staff"),
        tenant_id: TenantId::from_static("staff"),
        email: None,
        roles: vec![Role::PlatformAdmin],
        via: Via::default(),
    };
    call.reason = Some("she called".to_owned());
    world.verify().unlock(&call, &tenant, Environment::Production, &address).await.unwrap();
    let rows =
        world.processes[0].0.audit.list(&Scope::Tenant(tenant), &PageRequest::first(10)).await.unwrap();
    assert_eq!(rows.items.len(), 1, "nobody else's deed is noted: {rows:?}");
    let row = &rows.items[0];
    assert_eq!((row.actor.as_str(), row.action), ("staff", "verify_policy.unlock"));
    assert_eq!(row.reason.as_deref(), Some("she called"));
    assert!(row.target.starts_with("PRODUCTION:") && !row.target.contains("701234567"), "{}", row.target);
}
