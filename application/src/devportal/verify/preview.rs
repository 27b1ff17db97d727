//! What a start would meet, step by step: nothing is sent and nothing is stored (devportal.md 5, item 2).

use sarai_domain::{
    devportal::{
        policy::FailureKey,
        sandbox::{is_governed, is_magic},
        template::{Filling, Rendered, system_template},
        values::{
            Address, Brand, Channel, ChannelOrder, ChannelStep, CodeLength, CodeSeed, Destination, Locale,
            Purpose,
        },
        verify::VerifyError,
    },
    kernel::{Aggregate as _, Coded, Price, Timestamp},
};
use sarai_ports::devportal::policies::Suspect;

use super::{Caller, Verify};
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
        }
        let mut steps = Vec::new();
        for step in order.steps() {
            let channel = step.channel();
            let segments = self.segments(caller, request, channel)?;
            let quote = tools.prices.quote(channel, country, segments.unwrap_or(1));
            let sender = tools.senders.pick(channel, country).map(|sender| sender.name().to_owned());
            let mut against = Vec::new();
            if governed && sender.is_none() {
                against.push("channel_unavailable");
            }
            if let Err(refused) = spending.admit(quote)
                && governed
            {
                against.push(refused.code());
            }
            steps.push(StepPreview {
                step: *step,
                provider: if governed { sender } else { Some("sandbox".to_owned()) },
                segments,
                price: if governed { quote } else { Price::zero(quote.currency()) },
                reasons: against,
            });
        }
        Ok(Preview { reasons, until, steps })
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

    /// How many messages the system's text is, with a code that nothing has.
    fn segments(
        &self,
        caller: &Caller,
        request: &PreviewRequest,
        channel: Channel,
    ) -> Result<Option<u8>, AppError> {
        let template = system_template(request.purpose, self.ports.now())?;
        let version = template.version_no(1);
        let locale = request.locale.unwrap_or_default();
        let variant =
            version.and_then(|version| version.variant(channel, locale, template.data().default_locale));
        let brand = Brand::from_name(&caller.brand).or_else(|| Brand::from_name("Sarai"));
        let (Some(variant), Some(brand)) = (variant, brand) else { return Ok(None) };
        let peppers = &self.tools()?.peppers;
        let length = CodeLength::default();
        let code = CodeSeed::new([0; 16]).code(peppers, peppers.active(), 1, length);
        let code = code.map_err(VerifyError::from)?;
        match variant.render(&Filling { brand: &brand, code: &code, minutes: 10, domain: None })? {
            Rendered::Text { segments, .. } => Ok(Some(segments)),
            Rendered::Email { .. } | Rendered::Speech { .. } => Ok(None),
        }
    }
}
