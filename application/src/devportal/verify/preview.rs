//! What a start would meet, step by step: nothing is sent and nothing is stored (devportal.md 5, item 2).

use sarai_domain::{
    devportal::{
        policy::{AdmissionError, FailureKey, SpendCaps, SpendError, SpendKey, SpendLedger, VerifyPolicy},
        sandbox::{Scenario, is_governed, is_magic},
        template::system_template_id,
        values::{Address, Channel, ChannelOrder, ChannelStep, Destination, Locale, Purpose},
        verify::VerifyError,
    },
    kernel::{Aggregate as _, Coded, DeliveryAttemptId, Price, Timestamp, VerifyTemplateId},
};
use sarai_ports::{
    Scope,
    devportal::{
        policies::{SpendLedgerRepository, Suspect},
        verify::ChangeError,
    },
};

use super::{
    Caller, Verify,
    start::{Refused, default_brand, scenario_admits},
    texts::Text,
};
use crate::{AppError, Call};

/// What would be asked for.
#[derive(Debug, Clone)]
pub struct PreviewRequest {
    /// Where to.
    pub to: Destination,
    /// By which channels; the default of the destination where none are named.
    pub channel_order: Option<ChannelOrder>,
    /// In which language.
    pub locale: Option<Locale>,
    /// What for.
    pub purpose: Purpose,
    /// The text; the system's of the purpose where none is named.
    pub template_id: Option<VerifyTemplateId>,
}

/// What one step would meet.
#[derive(Debug, Clone)]
pub struct StepPreview {
    /// The step.
    pub step: ChannelStep,
    /// Who would send; none where nobody does.
    pub provider: Option<String>,
    /// How many messages it is, where the channel has any.
    pub segments: Option<u8>,
    /// What it would cost.
    pub price: Price,
    /// Codes of what speaks against it; none where nothing does.
    pub reasons: Vec<&'static str>,
    /// Which window is full.
    pub bucket: Option<String>,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// What a start would meet.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Codes of what speaks against the start as a whole.
    pub reasons: Vec<&'static str>,
    /// Until when it has to wait, where that is all.
    pub until: Option<Timestamp>,
    /// Every step.
    pub steps: Vec<StepPreview>,
}

impl Preview {
    /// Whether it would begin.
    pub fn allowed(&self) -> bool {
        self.reasons.is_empty() && self.steps.iter().all(|step| step.reasons.is_empty())
    }
}

impl Verify {
    /// Looks at what a start would meet.
    ///
    /// # Errors
    /// An order that does not fit its destination.
    pub async fn preview(
        &self,
        call: &Call,
        caller: &Caller,
        request: &PreviewRequest,
    ) -> Result<Preview, AppError> {
        let tools = self.tools()?;
        let (scope, tenant, environment) = (call.scope(), &caller.tenant_id, caller.environment);
        let policy = self.policy(&scope, tenant, environment).await?;
        let spending = self.spending(&scope, tenant, environment).await?;
        let order = request.channel_order.clone().unwrap_or_else(|| ChannelOrder::default_for(&request.to));
        order.fits(&request.to, policy.data().settings.terms.ttl_seconds)?;
        let governed = is_governed(environment);
        let country = request.to.country_code();
        let channels: Vec<Channel> = order.steps().iter().map(ChannelStep::channel).collect();
        let template = request.template_id.unwrap_or_else(|| system_template_id(request.purpose));
        let template = self.ports.template(&scope, template).await?;
        let (pin, locale) = template.pin(None, &channels, request.locale.unwrap_or_default())?;
        let brand = default_brand(caller)?;
        let terms = policy.data().settings.terms;
        let (code_length, minutes) = (terms.code_length, terms.ttl_seconds.div_ceil(60));
        let text = Text { template: &template, pin, locale, brand: &brand, code_length, minutes };
        let (mut reasons, mut until) = (Vec::new(), None);
        if governed {
            if is_magic(&request.to) {
                reasons.push(VerifyError::TestDestinationInProduction.code());
            } else if let Err(refused) = policy.admit(&request.to, &order) {
                reasons.push(refused.code());
            }
            let now = self.ports.now();
            for address in request.to.addresses() {
                let key = FailureKey {
                    tenant_id: tenant.clone(),
                    environment,
                    kind: address.kind(),
                    hash: tools.destinations.hash(tenant, &address),
                };
                for ledger in self.sessions().failures(&scope, &[key]).await? {
                    if let Err(refused) = ledger.admit_start(false, now) {
                        until = until.max(refused.explanation().2);
                        reasons.push(refused.code());
                    }
                }
            }
            reasons.extend(self.suspected(caller, request, &order).await?);
        } else if let Some((code, clears)) = self.pretended(&scope, caller, request, &order).await? {
            reasons.push(code);
            until = clears;
        }
        let mut steps = Vec::new();
        for step in order.steps() {
            let channel = step.channel();
            let segments = text.segments(channel)?;
            let quote = tools.prices.quote(channel, country, segments.unwrap_or(1));
            let sender = tools.senders.pick(channel, country).map(|sender| sender.name().to_owned());
            let mut against = Vec::new();
            if governed && sender.is_none() {
                against.push("channel_unavailable");
            }
            if governed && let Err(refused) = spending.admit(quote) {
                against.push(refused.code());
            } else if governed
                && let Err(refused) = self.affordable(&scope, caller, spending.data().caps, quote).await?
            {
                until = until.max(refused.explanation().2);
                against.push(refused.code());
            }
            let limited = self.limited(&scope, caller, &policy, request, channel).await?;
            against.extend(limited.as_ref().map(Coded::code));
            let (_, bucket, clears) = limited.map(|refused| refused.explanation()).unwrap_or_default();
            until = until.max(clears);
            steps.push(StepPreview {
                step: *step,
                bucket,
                until: clears,
                provider: if governed { sender } else { Some("sandbox".to_owned()) },
                segments,
                price: if governed { quote } else { Price::zero(quote.currency()) },
                reasons: against,
            });
        }
        Ok(Preview { reasons, until, steps })
    }

    /// What the windows of a step's address refuse now; nothing in a sandbox.
    async fn limited(
        &self,
        scope: &Scope,
        caller: &Caller,
        policy: &VerifyPolicy,
        request: &PreviewRequest,
        channel: Channel,
    ) -> Result<Option<AdmissionError>, AppError> {
        let Some(to) = request.to.for_channel(channel).filter(|_| is_governed(caller.environment)) else {
            return Ok(None);
        };
        let subject = self.subject(&caller.tenant_id, caller.environment, &to, None, None)?;
        let id = DeliveryAttemptId::new(self.ports.ulid());
        let admission = Self::admission(subject, policy, id, self.ports.now());
        match self.sessions().admit(scope, &admission).await {
            Ok(()) => Ok(None),
            Err(ChangeError::Admission(refused)) => Ok(Some(refused)),
            Err(other) => Err(other.into()),
        }
    }

    /// Whether what is left of the day's and the month's cap pays for a send now; nothing is held.
    async fn affordable(
        &self,
        scope: &Scope,
        caller: &Caller,
        caps: SpendCaps,
        quote: Price,
    ) -> Result<Result<(), SpendError>, AppError> {
        let (now, id) = (self.ports.now(), DeliveryAttemptId::new(self.ports.ulid()));
        let ledgers: &dyn SpendLedgerRepository = &*self.ports.devportal.store;
        for key in SpendKey::of_send(&caller.tenant_id, caller.environment, now) {
            let cap = caps.of(key.period.kind);
            let found = ledgers.find_for_sends(scope, &key, &[]).await?;
            let mut ledger = found.unwrap_or_else(|| SpendLedger::open(key, cap, quote));
            let held = ledger.set_cap(cap).and_then(|_| ledger.reserve(id, quote, quote, now));
            if let Err(refused) = held {
                return Ok(Err(refused));
            }
        }
        Ok(Ok(()))
    }

    /// What a sandbox's scenario refuses a start with, and until when (ruling R8). No sandbox is made for it: in one to come
    /// a destination behaves as it does by itself.
    async fn pretended(
        &self,
        scope: &Scope,
        caller: &Caller,
        request: &PreviewRequest,
        order: &ChannelOrder,
    ) -> Result<Option<(&'static str, Option<Timestamp>)>, AppError> {
        let channel = order.step(0).map_or(Channel::Sms, |step| step.channel());
        let Some(to) = request.to.for_channel(channel) else { return Ok(None) };
        let sandbox = match caller.sandbox_id {
            Some(id) => Some(self.sandbox(scope, id).await?),
            None => self.sandboxes().find_default_sandbox(scope, caller.account_id).await?,
        };
        let hash = self.tools()?.destinations.hash(&caller.tenant_id, &to);
        let scenario = sandbox.as_ref().map_or_else(|| Scenario::of(&to), |one| one.scenario(&to, hash));
        let now = sandbox.map_or_else(|| self.ports.now(), |one| one.virtual_now());
        Ok(match scenario_admits(scenario.row().on_start, now) {
            Ok(()) => None,
            Err(Refused::Policy(refused)) => Some((refused.code(), refused.explanation().2)),
            Err(Refused::Money(refused)) => Some((refused.code(), refused.explanation().2)),
            Err(Refused::Other(error)) => return Err(error),
        })
    }

    /// What an adviser has against it.
    async fn suspected(
        &self,
        caller: &Caller,
        request: &PreviewRequest,
        order: &ChannelOrder,
    ) -> Result<Option<&'static str>, AppError> {
        let channel = order.step(0).map_or(Channel::Sms, |step| step.channel());
        let Some(to) = request.to.for_channel(channel) else { return Ok(None) };
        let suspect = Suspect {
            tenant_id: &caller.tenant_id,
            to: &to as &Address,
            purpose: request.purpose,
            ip: None,
            risk_token: None,
        };
        let advice = self.tools()?.fraud.advise(suspect).await.unwrap_or_default();
        Ok(advice.verdict.admit(advice.token_is_good).err().map(|refused| refused.code()))
    }
}
