//! A sandbox in which the demo's developer tried verifications: some approved, one by its second channel, one that reached
//! nobody, one refused, one still waiting for its code.

use sarai_application::{
    AppError, Call,
    devportal::{keys::KeyRequest, sandboxes::SandboxRequest, verify::StartRequest},
};
use sarai_domain::{
    devportal::{
        values::{
            Channel, ChannelOrder, ChannelStep, Destination, E164Phone, Environment, Locale, Purpose,
            ScopeSet,
        },
        verify::{Metadata, OnExisting, TermsAsked},
    },
    kernel::{Aggregate as _, UserId},
};
use sarai_ports::{
    auth::{Principal, Via},
    devportal::KeyRefusal,
};

use crate::embedded::Embedded;

/// What the sandbox's codes come from.
const SEED: u64 = 1;
/// How long it lives, in seconds: a day.
const LIVES: u32 = 86_400;
/// How far its clock is moved between the starts and the checks, in seconds: channels that fail have been passed over.
const WAITS: i64 = 150;

/// What somebody types.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    Right,
    Wrong,
    Nothing,
}

/// Who was to be verified: numbers of the catalogue of scenarios, and one that behaves as any other.
#[rustfmt::skip]
const TRIED: &[(&str, Locale, Purpose, Typed)] = &[
    ("+12025550107", Locale::En, Purpose::SignUp,      Typed::Nothing),
    ("+12025550102", Locale::Fa, Purpose::SignUp,      Typed::Nothing),
    ("+12025550101", Locale::Ps, Purpose::SignIn,      Typed::Right),
    ("+12025550100", Locale::En, Purpose::Transaction, Typed::Right),
    ("+12025550103", Locale::Fa, Purpose::SignIn,      Typed::Wrong),
    ("+93701234567", Locale::Ps, Purpose::SignUp,      Typed::Right),
];

/// Makes the sandbox, its key and its verifications.
///
/// # Errors
/// Of the use cases: then some of it is missing.
pub(crate) async fn fill(embedded: &Embedded, call: &Call) -> Result<(), AppError> {
    let cases = &embedded.devportal;
    let request = SandboxRequest {
        seed: Some(SEED),
        ttl_seconds: Some(LIVES),
        overrides: Vec::new(),
        webhooks: Vec::new(),
    };
    let sandbox = cases.sandboxes.create(call, request).await?.aggregate.id();
    let request = KeyRequest {
        label: "Try it out".parse()?,
        environment: Some(Environment::Sandbox),
        scopes: ScopeSet::parse(&["verify:send", "verify:read"])?,
        ip_allow_list: Vec::new(),
        sandbox_id: Some(sandbox),
        expires_at: None,
    };
    let key = cases.keys.create(call, request).await?;
    let unknown = || AppError::forbidden("the demo's key is not known");
    let grant = embedded.around.keys.verify(&key.secret).await.map_err(|refusal| match refusal {
        KeyRefusal::Gateway(error) => AppError::from(error),
        KeyRefusal::Invalid => unknown(),
    })?;
    let principal = Principal {
        user_id: UserId::try_new(grant.key_id.to_string()).map_err(|_| unknown())?,
        tenant_id: grant.tenant_id.clone(),
        email: None,
        roles: Vec::new(),
        via: Via::Key(Box::new(grant)),
    };
    let by_key = Call { principal, request_id: None, claim: None, reason: None };
    let caller = cases.verify.caller(&by_key, None).await?;
    let steps = [Channel::Sms, Channel::Voice].map(|channel| ChannelStep::try_new(channel, None));
    let order = ChannelOrder::try_new(steps.into_iter().collect::<Result<_, _>>()?)?;
    let mut begun = Vec::new();
    for (phone, locale, purpose, typed) in TRIED {
        let request = StartRequest {
            to: Destination::try_new(Some(E164Phone::parse(phone)?), None)?,
            channel_order: Some(order.clone()),
            locale: Some(*locale),
            template_id: None,
            brand: None,
            purpose: *purpose,
            terms: TermsAsked::default(),
            on_existing: OnExisting::Reject,
            ip: None,
            end_user_ref: None,
            risk_token: None,
            metadata: Metadata::default(),
        };
        match cases.verify.start(&by_key, &caller, &request).await {
            Ok(shown) => begun.push((shown, *typed)),
            // What the scenario is for: it is listed as refused.
            Err(error) => tracing::debug!(code = error.code, "a scenario of the demo refuses"),
        }
    }
    cases.sandboxes.advance(call, sandbox, WAITS).await?;
    for (shown, typed) in begun {
        let Some(code) = shown.sandbox_code.filter(|_| typed != Typed::Nothing) else { continue };
        let typed = if typed == Typed::Right { code } else { another(&code) };
        cases.verify.check(&by_key, shown.session.id(), &typed).await?;
    }
    Ok(())
}

/// A code of the same length that is not this one.
fn another(code: &str) -> String {
    code.chars().map(|digit| if digit == '9' { '8' } else { '9' }).collect()
}
