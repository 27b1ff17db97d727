//! Starting a verification: admitted, opened with everything that belongs to it, or going on with the live one.

use sarai_domain::{
    devportal::{
        policy::{
            AdmissionError, BlockedStart, BlockedStartData, Explanation, FailureEvidence, FailureKey,
            FraudVerdict, SpendError,
        },
        sandbox::{OnStart, SandboxSession, is_governed, is_magic},
        template::system_template_id,
        values::{
            Address, Brand, Channel, ChannelOrder, ChannelStep, CodeSeed, DestinationKind, Locale,
            SubjectKind,
        },
        verify::{
            GiveWay, KeyGrant, LiveSlot, Moment, NewSession, SealedAddress, TemplatePin, Terms, VerifyError,
            VerifySession,
        },
    },
    kernel::{Aggregate, Detail, Kind, TenantId, Timestamp, VerificationId},
};
use sarai_ports::{
    Context, Scope, StoreError, UniqueKey,
    devportal::{
        policies::Suspect,
        verify::{Admission, ChangeError},
    },
};

use super::{Caller, Shown, StartRequest, TRIES, Verify, VerifyTools, texts::Text};
use crate::{AppError, Call};

/// What a start has found out before it looks at live sessions.
struct Prepared {
    new: NewSession,
    order: ChannelOrder,
    slots: Vec<LiveSlot>,
    admission: Option<Admission>,
    caps: sarai_domain::devportal::policy::SpendCaps,
    now: Timestamp,
}

impl Verify {
    /// Starts a verification.
    ///
    /// # Errors
    /// What [`VerifySession::start`] and the policies refuse; `channel_unavailable` where nobody sends.
    pub async fn start(
        &self,
        call: &Call,
        caller: &Caller,
        request: &StartRequest,
    ) -> Result<Shown, AppError> {
        let scope = call.scope();
        let id = VerificationId::new(self.ports.ulid());
        let mut sandbox =
            if is_governed(caller.environment) { None } else { Some(self.sandbox_of(call, caller).await?) };
        let begun = match self.prepare(call, caller, request, id, sandbox.as_ref()).await {
            Ok(prepared) => self.open(call, &scope, caller, request, prepared, &mut sandbox).await,
            Err(refused) => Err(refused),
        };
        let (error, why) = match begun {
            Ok(shown) => return Ok(shown),
            Err(Refused::Other(error)) => return Err(error),
            Err(Refused::Policy(error)) => (AppError::from(error.clone()), error.explanation()),
            Err(Refused::Money(error)) => {
                if let (SpendError::CapReached { cap, .. }, Some(sandbox)) = (&error, &sandbox) {
                    self.announce_cap(call, sandbox, *cap, id).await?;
                }
                (AppError::from(error.clone()), error.explanation())
            }
        };
        self.block(call, caller, request, id, error.code, &why).await?;
        Err(told(error, id, why))
    }

    /// What a session's codes are derived from.
    fn seed(&self) -> CodeSeed {
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(self.ports.entropy.bytes()) {
            *to = from;
        }
        CodeSeed::new(bytes)
    }

    async fn prepare(
        &self,
        call: &Call,
        caller: &Caller,
        request: &StartRequest,
        id: VerificationId,
        sandbox: Option<&SandboxSession>,
    ) -> Result<Prepared, Refused> {
        let tools = self.tools()?;
        let scope = call.scope();
        let (tenant, environment) = (&caller.tenant_id, caller.environment);
        if is_governed(environment) && is_magic(&request.to) {
            // Whatever a policy would say of it.
            return Err(AppError::from(VerifyError::TestDestinationInProduction).into());
        }
        let policy = self.policy(&scope, tenant, environment).await?;
        let spending = self.spending(&scope, tenant, environment).await?;
        let snapshot = policy.snapshot(request.terms).map_err(AppError::from)?;
        let order = request.channel_order.clone().unwrap_or_else(|| ChannelOrder::default_for(&request.to));
        order.fits(&request.to, snapshot.terms.ttl_seconds).map_err(AppError::from)?;
        let channels: Vec<Channel> = order.steps().iter().map(ChannelStep::channel).collect();
        let first = channels.first().copied().unwrap_or(Channel::Sms);
        let country = request.to.country_code();
        let to = request.to.for_channel(first).ok_or_else(|| AppError::not_found("destination"))?;
        let now = sandbox.map_or_else(|| self.ports.now(), SandboxSession::virtual_now);
        if let Some(sandbox) = sandbox {
            let scenario = sandbox.scenario(&to, tools.destinations.hash(tenant, &to));
            scenario_admits(scenario.row().on_start, now)?;
        } else {
            let order = &order;
            policy.admit(&request.to, order)?;
            if let Some(channel) = channels.iter().find(|one| tools.senders.pick(**one, country).is_none()) {
                let text = format!("nobody sends over {channel} there");
                return Err(AppError::new(Kind::Unavailable, "channel_unavailable", text).into());
            }
        }
        let by_token = self.advised(caller, request, &to).await?;
        let locale = request.locale.unwrap_or_default();
        let brand = brand_of(caller, request)?;
        let (pin, locale_used, segments) =
            self.pinned(&scope, request, &channels, &brand, snapshot.terms).await?;
        let send = self.new_send(environment, first, country, segments)?;
        if is_governed(environment) {
            spending.admit(send.quote)?;
        }
        let addresses = request.to.addresses().into_iter();
        let sealed: Result<Vec<_>, AppError> =
            addresses.map(|address| sealed(tools, tenant, id, &address, sandbox)).collect();
        let sealed = sealed?;
        let hash = |kind, text: &Option<String>| {
            text.as_deref().map(|text| tools.destinations.subject(tenant, kind, text))
        };
        let (ip, person) =
            (hash(SubjectKind::Ip, &request.ip), hash(SubjectKind::EndUserRef, &request.end_user_ref));
        let failure = |one: &SealedAddress| FailureKey {
            tenant_id: tenant.clone(),
            environment,
            kind: one.kind,
            hash: one.hash,
        };
        let slot = |one: &SealedAddress| LiveSlot {
            tenant_id: tenant.clone(),
            environment,
            sandbox_id: sandbox.map(Aggregate::id),
            purpose: request.purpose,
            kind: one.kind,
            hash: one.hash,
        };
        let governed = is_governed(environment);
        let failures: Vec<_> = sealed.iter().filter(|_| governed).map(failure).collect();
        let evidence = self.evidence(&scope, &failures, by_token, now).await?;
        let admission = if governed {
            let subject = self.subject(tenant, environment, &to, ip, person)?;
            let start = Some((failures, by_token));
            Some(Admission { start, ..Self::admission(subject, &policy, send.id, now) })
        } else {
            None
        };
        let slots = sealed.iter().map(slot).collect();
        let new = NewSession {
            id,
            tenant_id: tenant.clone(),
            account_id: caller.account_id,
            key: KeyGrant { id: caller.key_id, environment },
            environment,
            sandbox: None,
            purpose: request.purpose,
            destination: request.to.clone(),
            sealed,
            locale,
            locale_used,
            brand,
            template: pin,
            channel_order: Some(order.clone()),
            policy: snapshot,
            seed: self.seed(),
            end_user_ip_hash: ip,
            end_user_ref_hash: person,
            metadata: request.metadata.clone(),
            failures: evidence,
            first: send,
        };
        let caps = spending.data().caps;
        Ok(Prepared { new, order, slots, admission, caps, now })
    }

    /// The template that a session pins, the language of its text, and how many messages its first send is.
    async fn pinned(
        &self,
        scope: &Scope,
        request: &StartRequest,
        channels: &[Channel],
        brand: &Brand,
        terms: Terms,
    ) -> Result<(TemplatePin, Locale, Option<u8>), AppError> {
        let template = request.template_id.unwrap_or_else(|| system_template_id(request.purpose));
        let template = self.ports.template(scope, template).await?;
        let (pin, locale) = template.pin(None, channels, request.locale.unwrap_or_default())?;
        let (code_length, minutes) = (terms.code_length, terms.ttl_seconds.div_ceil(60));
        let text = Text { template: &template, pin, locale, brand, code_length, minutes };
        let segments = channels.first().map(|first| text.segments(*first)).transpose()?;
        Ok((pin, locale, segments.flatten()))
    }

    /// Whether a risk token is good, once an adviser does not object.
    async fn advised(&self, caller: &Caller, request: &StartRequest, to: &Address) -> Result<bool, Refused> {
        if !is_governed(caller.environment) {
            return Ok(false);
        }
        let suspect = Suspect {
            tenant_id: &caller.tenant_id,
            to,
            purpose: request.purpose,
            ip: request.ip.as_deref(),
            risk_token: request.risk_token.as_deref(),
        };
        // One that cannot be asked allows; limits and money do not.
        let advice = self.tools()?.fraud.advise(suspect).await.unwrap_or_default();
        advice.verdict.admit(advice.token_is_good)?;
        Ok(advice.token_is_good)
    }

    /// What the failed checks of the destinations say: the worst of them.
    async fn evidence(
        &self,
        scope: &Scope,
        keys: &[FailureKey],
        by_token: bool,
        now: Timestamp,
    ) -> Result<FailureEvidence, Refused> {
        let mut evidence = FailureEvidence { by_token, ..FailureEvidence::default() };
        for ledger in self.sessions().failures(scope, keys).await.map_err(AppError::from)? {
            let one = ledger.admit_start(by_token, now)?;
            if (one.consecutive, one.recent) > (evidence.consecutive, evidence.recent) {
                evidence = one;
            }
        }
        Ok(evidence)
    }

    async fn open(
        &self,
        call: &Call,
        scope: &Scope,
        caller: &Caller,
        request: &StartRequest,
        prepared: Prepared,
        sandbox: &mut Option<SandboxSession>,
    ) -> Result<Shown, Refused> {
        let Prepared { mut new, order, slots, admission, caps, now } = prepared;
        let moment = Self::moment(call, now);
        let context = call.context("verification.start", &new.id, self.ports.now());
        let given = request.channel_order.as_ref().map(|_| &order);
        for attempt in 1..=TRIES {
            let mut displaced = Vec::new();
            for mut live in self.sessions().find_live(scope, &slots).await.map_err(AppError::from)? {
                match live
                    .give_way(request.on_existing, &slots, given, request.locale, &moment)
                    .map_err(AppError::from)?
                {
                    GiveWay::Displaced => {
                        let context = Context { claim: None, ..context.clone() };
                        displaced.push(self.write(live, caps, context));
                    }
                    GiveWay::Reused { resend } => {
                        match self.reuse(call, scope, live, resend, &moment, context.clone()).await {
                            Err(Refused::Other(error))
                                if error.code == "conflict.retry" && attempt < TRIES => {}
                            other => return other,
                        }
                    }
                }
            }
            if new.sandbox.is_none()
                && let Some(one) = sandbox.as_mut()
            {
                new.sandbox = Some(self.take_place(call, scope, one, &new).await?);
            }
            let ring = &self.tools()?.peppers;
            let session = VerifySession::start(new.clone(), ring, &moment).map_err(AppError::from)?;
            let write = self.write(session.clone(), caps, context.clone());
            let alone = displaced.is_empty();
            let opened = self.sessions().open(scope, write, admission.clone(), displaced, self.stamp()).await;
            match opened {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok(self.begun(call, scope, caller, session, now).await?);
                }
                Err(ChangeError::Store(
                    StoreError::Conflict { .. } | StoreError::Taken(UniqueKey::LiveSlot),
                )) if attempt < TRIES => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(ChangeError::Admission(error)) => {
                    // What fills the window may be a session that began meanwhile: that one goes on.
                    if !alone
                        || attempt == TRIES
                        || self.sessions().find_live(scope, &slots).await.map_err(AppError::from)?.is_empty()
                    {
                        return Err(error.into());
                    }
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(ChangeError::Spend(error)) => return Err(error.into()),
                Err(other) => return Err(Refused::Other(other.into())),
            }
        }
        Err(Refused::Other(StoreError::Conflict { aggregate: VerifySession::NAME }.into()))
    }

    /// Goes on with a live session, and sends its code again where that may be.
    async fn reuse(
        &self,
        call: &Call,
        scope: &Scope,
        live: VerifySession,
        resend: bool,
        moment: &Moment,
        context: Context,
    ) -> Result<Shown, Refused> {
        let id = live.id();
        let write = self.write(live.clone(), sarai_domain::devportal::policy::SpendCaps::default(), context);
        let saved = self.sessions().settle(scope, write, self.stamp()).await;
        self.followed_up(saved.map_err(AppError::from)?);
        if resend {
            // What refuses a further send does not refuse to go on.
            let again = Call { claim: None, ..call.clone() };
            if let Ok(shown) = self.resend(&again, id).await {
                return Ok(Shown { reused: true, ..shown });
            }
        }
        let session = self.find(scope, id).await?;
        let shown = Self::shown(session, moment.at, true);
        Ok(self.with_code(shown))
    }

    /// What a session that has just begun shows; in a sandbox its first message is there.
    async fn begun(
        &self,
        call: &Call,
        scope: &Scope,
        _caller: &Caller,
        session: VerifySession,
        now: Timestamp,
    ) -> Result<Shown, AppError> {
        let id = session.id();
        if session.data().sandbox_id.is_some() {
            self.pretend(call, scope, id).await?;
        }
        let session = self.find(scope, id).await?;
        let shown = Self::shown(session, now, false);
        Ok(self.with_code(shown))
    }

    /// Writes down that a start was refused, for the developer who asks why.
    async fn block(
        &self,
        call: &Call,
        caller: &Caller,
        request: &StartRequest,
        id: VerificationId,
        code: &str,
        why: &Explanation,
    ) -> Result<(), AppError> {
        let order = request.channel_order.clone().unwrap_or_else(|| ChannelOrder::default_for(&request.to));
        let channel = order.step(0).map_or(Channel::Sms, |step| step.channel());
        let to = request.to.for_channel(channel).or_else(|| request.to.of_kind(DestinationKind::Phone));
        let Some(to) = to else { return Ok(()) };
        let (reasons, bucket, until) = why.clone();
        let now = self.ports.now();
        let blocked = BlockedStart::record(BlockedStartData {
            verification_id: id,
            tenant_id: caller.tenant_id.clone(),
            environment: caller.environment,
            api_key_id: caller.key_id,
            purpose: request.purpose,
            channel,
            destination_hash: self.tools()?.destinations.hash(&caller.tenant_id, &to),
            destination_masked: to.masked(),
            country_code: request.to.country_code(),
            code: code.to_owned(),
            reasons,
            bucket,
            until,
            at: now,
        });
        let context = Context { claim: None, ..call.context("verification.block", &id, now) };
        self.ports
            .save(
                &*self.ports.devportal.store as &dyn sarai_ports::devportal::policies::BlockedStartRepository,
                &call.scope(),
                blocked,
                context,
            )
            .await?;
        Ok(())
    }
}

/// Why a start does not begin: a policy's refusal is written down.
pub(super) enum Refused {
    /// A policy.
    Policy(AdmissionError),
    /// What may be spent.
    Money(SpendError),
    /// Anything else.
    Other(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Other(error)
    }
}

impl From<AdmissionError> for Refused {
    fn from(error: AdmissionError) -> Self {
        Self::Policy(error)
    }
}

impl From<SpendError> for Refused {
    fn from(error: SpendError) -> Self {
        match error {
            SpendError::CapReached { .. } | SpendError::PriceAboveMaximum { .. } => Self::Money(error),
            other => Self::Other(other.into()),
        }
    }
}

/// The answer to a start that was refused, with what was written down of it (devportal.md 5, item 3).
fn told(error: AppError, id: VerificationId, (reasons, bucket, until): Explanation) -> AppError {
    let reasons = (!reasons.is_empty()).then(|| reasons.into_iter().map(Detail::Text).collect());
    let members = [
        ("verificationId", Some(Detail::Text(id.to_string()))),
        ("reasons", reasons.map(Detail::List)),
        ("bucket", bucket.map(Detail::Text)),
        ("until", until.map(|at| Detail::Text(at.to_string()))),
    ];
    members.into_iter().fold(error, |error, (name, value)| match value {
        Some(value) if error.details.iter().all(|(known, _)| *known != name) => error.with(name, value),
        _ => error,
    })
}

/// What a scenario's start meets (ruling R8).
pub(super) fn scenario_admits(on_start: OnStart, now: Timestamp) -> Result<(), Refused> {
    use sarai_domain::devportal::policy::Bucket;
    match on_start {
        OnStart::Accept => Ok(()),
        OnStart::FraudBlocked => {
            let verdict = FraudVerdict::Block { reasons: vec!["sandbox_scenario".to_owned()] };
            Ok(verdict.admit(false)?)
        }
        OnStart::CountryBlocked => Err(AdmissionError::CountryNotAllowed { country: None }.into()),
        OnStart::RateLimited => {
            let until = now.plus(time::Duration::minutes(10));
            Err(AdmissionError::RateLimited { bucket: Bucket::Destination, until }.into())
        }
        OnStart::SpendCap => {
            use sarai_domain::kernel::{Currency, Price};
            let currency = Currency::parse("USD").map_err(|error| Refused::Other(error.into()))?;
            // The same after the same calls, whatever the hour of the day (ruling R10).
            let resets_at = now.plus(time::Duration::days(1));
            Err(SpendError::CapReached { cap: Price::zero(currency), resets_at }.into())
        }
    }
}

/// An address as a session keeps it.
fn sealed(
    tools: &VerifyTools,
    tenant: &TenantId,
    id: VerificationId,
    address: &Address,
    sandbox: Option<&SandboxSession>,
) -> Result<SealedAddress, AppError> {
    let sealed = tools.vault.seal(tenant, id, address);
    let sealed =
        sealed.map_err(|error| AppError::new(Kind::Unavailable, "unavailable", error.to_string()))?;
    let hash = tools.destinations.hash(tenant, address);
    let scenario = sandbox.map(|sandbox| sandbox.scenario(address, hash));
    Ok(SealedAddress { kind: address.kind(), hash, sealed, scenario })
}

/// The name a message says: what was asked for, else the account's, else ours.
fn brand_of(caller: &Caller, request: &StartRequest) -> Result<Brand, AppError> {
    request.brand.clone().map_or_else(|| default_brand(caller), Ok)
}

/// The account's name, else ours.
pub(super) fn default_brand(caller: &Caller) -> Result<Brand, AppError> {
    Brand::from_name(&caller.brand)
        .or_else(|| Brand::from_name("Sarai"))
        .ok_or_else(|| AppError::new(Kind::Invalid, "verification.brand_length", "a brand is needed"))
}
