//! Aggregates of the developer portal to store, made by the commands a caller would use.

use sarai_domain::{
    devportal::{
        account::{AccountStanding, AccountState, DeveloperAccount, Mirror, NewAccount},
        api_key::{ApiKey, KeyAdmission, KeyCaller, KeysInEffect, NewApiKey},
        values::{Environment, KeyTrace, Locale, RawKey, Scope, ScopeSet},
        webhook::{
            EndpointEdit, EndpointsInUse, EventFilter, NewDelivery, NewEndpoint, SealedSecret,
            SignatureScheme, WebhookDelivery, WebhookEndpoint, WebhookPayload,
        },
    },
    kernel::{Aggregate, ApiKeyId, DeveloperAccountId, Timestamp},
};

use super::{applied, tenant, user};
use crate::SuitePorts;

/// An account of a tenant, of an identity of its own.
pub fn account(ports: &SuitePorts, owner: &str) -> DeveloperAccount {
    let identity = format!("{owner}-{}", ports.number());
    let mirror = Mirror { seq: 1, contact_email: Some("amina@example.com".to_owned()), ..Mirror::default() };
    let new = NewAccount {
        id: ports.id(),
        auth_account_id: identity.parse().expect("an identity"),
        tenant_id: tenant(owner),
        display_name: "Amina".parse().expect("a name"),
        locale: Locale::default(),
        mirror,
    };
    DeveloperAccount::register(new, ports.now()).expect("an account")
}

/// What a key of this account is admitted on, when the account may do everything and has no key.
pub fn admission(
    ports: &SuitePorts,
    owner: &str,
    account_id: DeveloperAccountId,
    environment: Environment,
) -> KeyAdmission {
    KeyAdmission {
        standing: AccountStanding {
            account_id,
            tenant_id: tenant(owner),
            state: AccountState::Active,
            email_verified: true,
            mfa_enrolled: true,
            terms_version: Some("2026-01".to_owned()),
            current_terms: "2026-01".to_owned(),
            at: ports.now(),
        },
        grantable: Scope::grantable(false),
        caller: KeyCaller::User { user_id: user("ana") },
        in_effect: KeysInEffect { account_id, environment, count: 0, same_label: Vec::new() },
    }
}

/// A key to ask for.
pub fn new_key(ports: &SuitePorts, environment: Environment, label: &str) -> NewApiKey {
    NewApiKey {
        id: ports.id(),
        environment,
        sandbox_id: None,
        label: label.parse().expect("a label"),
        scopes: ScopeSet::parse(&["verify:send"]).expect("scopes"),
        ip_allow_list: Vec::new(),
        expires_at: None,
    }
}

/// A key of a tenant that is asked for.
pub fn requested(ports: &SuitePorts, owner: &str, account: DeveloperAccountId, new: NewApiKey) -> ApiKey {
    let admission = admission(ports, owner, account, new.environment);
    ApiKey::request(new, admission, ports.now()).expect("a key")
}

/// Issues it.
pub fn issue(key: &mut ApiKey, now: Timestamp) {
    let secret = RawKey::from_random(key.data().environment, &[7; 32]);
    let trace = KeyTrace::of(secret.expose()).expect("a trace");
    applied(key.confirm_issued(trace, now));
}

/// An active key of acme's.
pub fn active(ports: &SuitePorts, account: DeveloperAccountId, new: NewApiKey) -> ApiKey {
    let mut key = requested(ports, "acme", account, new);
    issue(&mut key, ports.now());
    key
}

/// The active successor of a key.
pub fn successor(ports: &SuitePorts, of: &ApiKey, id: ApiKeyId) -> ApiKey {
    let data = of.data();
    let admission = admission(ports, data.tenant_id.as_str(), data.account_id, data.environment);
    let overlap = time::Duration::hours(1);
    let mut key = of.request_successor(id, overlap, admission, ports.now()).expect("a successor");
    issue(&mut key, ports.now());
    key
}

/// An active endpoint of a tenant.
pub fn endpoint(ports: &SuitePorts, owner: &str, environment: Environment) -> WebhookEndpoint {
    let new = NewEndpoint {
        id: ports.id(),
        tenant_id: tenant(owner),
        environment,
        sandbox_id: None,
        scheme: SignatureScheme::Hmac,
        secret: SealedSecret { kid: "k1".to_owned(), sealed: "c2VhbGVk".to_owned(), public_key: None },
        edit: EndpointEdit {
            url: "https://hooks.example/in".parse().expect("a URL"),
            events: EventFilter::All,
            description: String::new(),
            keep_answers: false,
        },
    };
    let in_use = EndpointsInUse { tenant_id: tenant(owner), environment, count: 0 };
    WebhookEndpoint::create(new, in_use, ports.now()).expect("an endpoint")
}

/// A delivery to it, of an event of its own, that is due now.
pub fn delivery(ports: &SuitePorts, to: &WebhookEndpoint) -> WebhookDelivery {
    let new = NewDelivery {
        id: ports.id(),
        endpoint_id: to.id(),
        tenant_id: to.data().tenant_id.clone(),
        environment: to.data().environment,
        sandbox_id: None,
        event_id: ports.id(),
        event_type: "devportal.key.created.v1".to_owned(),
        payload: WebhookPayload::try_new(r#"{"aggregateVersion":1}"#.to_owned()).expect("a payload"),
        pretended_failures: 0,
    };
    WebhookDelivery::begin(new, ports.now())
}
