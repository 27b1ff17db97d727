//! What the demo's developer has from the first start on: keys of which one lies idle and one is revoked, a webhook
//! that works, one that has failed for days, and a sandbox. All of it is made by the use cases and aggregates that make it for
//! everybody, on a clock that is behind.

use std::sync::Arc;

use sarai_application::{
    AppError, Call, Ports,
    devportal::keys::{CreatedKey, KeyRequest, Keys},
};
use sarai_domain::{
    devportal::{
        api_key::minute_of,
        values::{Environment, HttpsUrl, ScopeSet},
        webhook::{
            AttemptOutcome, DeliveryFault, DeliveryStatus, EndpointEdit, EndpointsInUse, EventFilter,
            NewDelivery, NewEndpoint, SignatureScheme, WebhookAttempt, WebhookDelivery, WebhookEndpoint,
            WebhookPayload,
        },
    },
    kernel::{Aggregate as _, ApiKeyId, EventId, Timestamp, WebhookDeliveryId, WebhookEndpointId},
};
use sarai_gateways::platform::{Connector, PlatformClient};
use sarai_ports::{
    PageRequest,
    customer_portal::{On, PlatformApi as _, SecretText, session::SignIn},
    devportal::{KeyUse, SecretOf},
    system::Clock,
};
use sarai_standins::demo;
use time::Duration;

use crate::{demo_sandbox, embedded::Embedded};

/// Whose account it is.
pub const ACCOUNT: &str = "developer@demo.test";

/// How often it is tried to sign in, and how long is waited in between.
const TRIES: u32 = 20;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// A key of the demo.
struct DemoKey {
    name: &'static str,
    scopes: &'static [&'static str],
    made_days: i64,
    used_minutes: Option<i64>,
    revoked_days: Option<i64>,
}

#[rustfmt::skip]
const KEYS: &[DemoKey] = &[
    DemoKey { name: "Old server",     scopes: &["sms:send"],                   made_days: 95, used_minutes: Some(60_480), revoked_days: Some(21) },
    DemoKey { name: "Monthly report", scopes: &["billing:read", "usage:read"], made_days: 62, used_minutes: Some(59_100), revoked_days: None },
    DemoKey { name: "Online shop",    scopes: &["sms:send", "sms:read"],       made_days: 48, used_minutes: Some(12),     revoked_days: None },
];

/// Endpoints: where, made so many days ago.
const SHOP: (&str, i64) = ("https://hooks.shop.example/sarai", 47);
const REPORTS: (&str, i64) = ("https://reports.shop.example/messages?from=sarai", 33);

/// What was told to the endpoint that works, so many hours ago.
const TAKEN: &[i64] = &[1, 3, 8, 20, 27, 45, 71, 96];
/// What was told to the other before it began to fail.
const TAKEN_BEFORE: &[i64] = &[104, 118, 130];
/// And since then: what its server did each time.
#[rustfmt::skip]
const LOST: &[(i64, Fails)] = &[
    (101, Fails::Refuses), (98, Fails::Refuses), (91, Fails::Silent), (83, Fails::Refuses), (79, Fails::Broken),
    (40, Fails::Refuses), (22, Fails::Silent), (14, Fails::Refuses), (9, Fails::Refuses), (4, Fails::Broken),
];

const DELIVERED: &str = "messaging.message.delivered.v1";
const FAILED: &str = "messaging.message.failed.v1";

/// How a receiver fails.
#[derive(Debug, Clone, Copy)]
enum Fails {
    Refuses,
    Silent,
    Broken,
}

impl Fails {
    /// What an attempt comes to, and how long it takes.
    fn outcome(self, no: u32) -> (AttemptOutcome, u64) {
        match self {
            Self::Refuses => {
                let text = Some("upstream connect error: no healthy backend".to_owned());
                (AttemptOutcome::Answered { status: if no == 1 { 500 } else { 503 }, text }, 210)
            }
            Self::Silent => (AttemptOutcome::Failed(DeliveryFault::Timeout), 10_000),
            Self::Broken => (AttemptOutcome::Failed(DeliveryFault::Connection), 35),
        }
    }
}

/// A clock that shows one time.
struct Then {
    now: Timestamp,
    real: Timestamp,
}

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn real(&self) -> Timestamp {
        self.real
    }
}

/// The same process, so long ago.
fn ago(ports: &Ports, back: Duration) -> Arc<Ports> {
    let then = Then { now: ports.now().plus(-back), real: ports.clock.real() };
    Arc::new(Ports { clock: Arc::new(then), ..ports.clone() })
}

/// Gives the demo's developer what they have, unless they have a key already.
///
/// # Errors
/// Of the use cases: then some of it is missing. Nobody is signed in while the auth-service cannot be reached.
pub async fn fill(embedded: &Embedded, api: Arc<dyn Connector>) -> Result<(), AppError> {
    let ports = &*embedded.ports;
    if !is_registered(api).await {
        return Ok(());
    }
    let Ok(session) = embedded.around.auth.sign_in(ACCOUNT, demo::PASSWORD, None).await else {
        return Ok(());
    };
    let call = Call { principal: session.principal, request_id: None, claim: None, reason: None };
    let (page, environment) = (PageRequest::first(1), Some(Environment::Production));
    if !embedded.devportal.keys.list(&call, environment, None, &page).await?.items.is_empty() {
        return Ok(());
    }
    if let Some((key, since)) = keys(ports, &call).await? {
        let kept = embedded.around.standins.messaging.demo_key(&call.principal.tenant_id, key, since);
        kept.map_err(AppError::from)?;
    }
    let shop = endpoint(ports, &call, SHOP, Some(LOST.first().map_or(0, |(hours, _)| *hours))).await?;
    let reports = endpoint(ports, &call, REPORTS, None).await?;
    let told = TAKEN.iter().map(|hours| (reports, *hours, None));
    let told = told.chain(TAKEN_BEFORE.iter().map(|hours| (shop, *hours, None)));
    let told: Vec<_> = told.chain(LOST.iter().map(|(hours, fails)| (shop, *hours, Some(*fails)))).collect();
    for (number, (endpoint, hours, fails)) in (1_u32..).zip(told) {
        delivery(ports, &call, endpoint, number, hours, fails).await?;
    }
    Box::pin(demo_sandbox::fill(embedded, &call)).await
}

/// Signs in over the API, as everybody does first: the account is opened with what the token says of it.
async fn is_registered(api: Arc<dyn Connector>) -> bool {
    let api = PlatformClient::new(api);
    let nobody = On { token: None, request_id: "", client: None, environment: "PRODUCTION" };
    let password = SecretText::new(demo::PASSWORD.to_owned());
    let who = SignIn { email: ACCOUNT.to_owned(), password, otp: None };
    // A machine that is busy starting may be too slow for a call at first.
    for _ in 0..TRIES {
        if let Ok(tokens) = api.sign_in(nobody, &who).await
            && api.me(On { token: Some(&tokens.access_token), ..nobody }).await.is_ok()
        {
            return true;
        }
        tokio::time::sleep(PAUSE).await;
    }
    tracing::warn!("the demo's developer could not sign in: they have no keys and webhooks of their own");
    false
}

/// Makes the keys; tells which the demo's messages were sent with, and since when.
async fn keys(ports: &Ports, call: &Call) -> Result<Option<(ApiKeyId, Timestamp)>, AppError> {
    let (mut uses, mut busy) = (Vec::new(), None);
    for DemoKey { name, scopes, made_days, used_minutes, revoked_days } in KEYS {
        let request = KeyRequest {
            label: name.parse()?,
            environment: Some(Environment::Production),
            scopes: ScopeSet::parse(scopes)?,
            ip_allow_list: Vec::new(),
            sandbox_id: None,
            expires_at: None,
        };
        let then = Keys::new(ago(ports, Duration::days(*made_days)));
        let made = made(&then, call, request).await?;
        let key_id: ApiKeyId = made.key.aggregate.id();
        busy = Some((key_id, ports.now().plus(-Duration::days(*made_days))));
        if let Some(minutes) = used_minutes {
            let at = minute_of(ports.now().plus(-Duration::minutes(*minutes)));
            uses.push(KeyUse { tenant_id: call.principal.tenant_id.clone(), key_id, at, from: None });
        }
        if let Some(days) = revoked_days {
            Keys::new(ago(ports, Duration::days(*days))).revoke(call, key_id).await?;
        }
    }
    ports.devportal.keys().touch(&uses).await?;
    // The last is the busy one.
    Ok(busy)
}

/// Makes a key that is to look old. The reaper ends one that it meets between its two steps, as if it had been left
/// there so long ago: then another is made.
async fn made(keys: &Keys, call: &Call, request: KeyRequest) -> Result<CreatedKey, AppError> {
    for _ in 1..TRIES {
        match keys.create(call, request.clone()).await {
            Err(met) if ["key.invalid_transition", "unavailable"].contains(&met.code) => {
                tokio::time::sleep(PAUSE).await;
            }
            made => return made,
        }
    }
    keys.create(call, request).await
}

async fn endpoint(
    ports: &Ports,
    call: &Call,
    (url, days): (&str, i64),
    failing_hours: Option<i64>,
) -> Result<WebhookEndpointId, AppError> {
    let (now, tenant) = (ports.now(), &call.principal.tenant_id);
    let (id, at) = (WebhookEndpointId::new(ports.ulid()), now.plus(-Duration::days(days)));
    let scheme = SignatureScheme::Hmac;
    let (secret, _) = ports.devportal.webhook_keys.mint(SecretOf { tenant, endpoint: id, scheme })?;
    let edit = EndpointEdit {
        url: url.parse::<HttpsUrl>()?,
        events: EventFilter::try_new([DELIVERED, FAILED])?,
        description: String::new(),
        keep_answers: true,
    };
    let environment = Environment::Production;
    let new =
        NewEndpoint { id, tenant_id: tenant.clone(), environment, sandbox_id: None, scheme, secret, edit };
    let in_use = EndpointsInUse { tenant_id: tenant.clone(), environment, count: 0 };
    let mut endpoint = WebhookEndpoint::create(new, in_use, at)?;
    if let Some(hours) = failing_hours {
        let at = now.plus(-Duration::hours(hours));
        let (outcome, took) = Fails::Refuses.outcome(1);
        let _ = endpoint.follow(&WebhookAttempt::new(1, at, took, outcome), at)?;
    }
    let context = call.context("webhook.create", &id, at);
    ports.save(ports.devportal.webhooks(), &call.scope(), endpoint, context).await?;
    Ok(id)
}

/// Something that was told so many hours ago, with every attempt until now.
async fn delivery(
    ports: &Ports,
    call: &Call,
    endpoint_id: WebhookEndpointId,
    number: u32,
    hours: i64,
    fails: Option<Fails>,
) -> Result<(), AppError> {
    let now = ports.now();
    let (id, event_id) = (WebhookDeliveryId::new(ports.ulid()), EventId::new(ports.ulid()));
    let mut at = now.plus(-Duration::hours(hours)).plus(Duration::seconds(i64::from(number) * 37));
    let event_type = if fails.is_some() && number.is_multiple_of(3) { FAILED } else { DELIVERED };
    let new = NewDelivery {
        id,
        endpoint_id,
        tenant_id: call.principal.tenant_id.clone(),
        environment: Environment::Production,
        sandbox_id: None,
        event_id,
        event_type: event_type.to_owned(),
        payload: payload(call, event_id, event_type, at)?,
        pretended_failures: 0,
    };
    let mut delivery = WebhookDelivery::begin(new, at);
    // What is due within minutes is left to be tried.
    let end = now.plus(-Duration::minutes(5));
    while delivery.data().status == DeliveryStatus::Pending && at < end {
        let no = delivery.next_no();
        let taken = (AttemptOutcome::Answered { status: 200, text: None }, 84);
        let (outcome, took) = fails.map_or(taken, |fails| fails.outcome(no));
        let _ = delivery.record(WebhookAttempt::new(no, at, took, outcome), at)?;
        at = delivery.data().next_at.unwrap_or(now);
    }
    let context = call.context("webhook.attempt", &id, now);
    ports.save(ports.devportal.deliveries(), &call.scope(), delivery, context).await?;
    Ok(())
}

fn payload(
    call: &Call,
    event_id: EventId,
    event_type: &str,
    at: Timestamp,
) -> Result<WebhookPayload, AppError> {
    let message_id = format!("msg_{}", event_id.to_string().trim_start_matches("evt_"));
    let reason = (event_type == FAILED).then_some("absent_subscriber");
    let body = serde_json::json!({
        "type": event_type,
        "id": event_id,
        "timestamp": at,
        "tenantId": call.principal.tenant_id,
        "environment": Environment::Production.as_str(),
        "subject": message_id,
        "aggregateVersion": 3,
        "data": {"messageId": message_id, "operatorName": "Roshan", "reason": reason},
    });
    Ok(WebhookPayload::try_new(body.to_string())?)
}
