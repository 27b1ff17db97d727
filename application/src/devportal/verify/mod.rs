//! Verify's use cases: start, check, send again, cancel; what runs beside requests is in [`course`] and [`upkeep`],
//! sandboxes in [`sandboxes`], who asks and what is read in [`desk`] (devportal.md 3.4, 3.5).

mod checks;
pub mod course;
mod desk;
mod play;
mod preview;
mod receipts;
mod sandboxes;
mod sends;
mod start;
mod texts;
pub mod upkeep;

use std::sync::Arc;

pub use checks::Checked;
pub use preview::{Preview, PreviewRequest, StepPreview};
use sarai_domain::{
    devportal::{
        policy::{SendSubject, SpendCaps, SpendPolicy, SpendPolicyKey, VerifyPolicy},
        sandbox::is_governed,
        values::{
            Brand, ChannelOrder, CountryCode, Destination, DestinationHash, DestinationKey, Environment,
            Locale, PepperRing, Purpose, SubjectKind,
        },
        verify::{Metadata, Moment, NewSend, OnExisting, TermsAsked, VerifyError, VerifySession},
    },
    kernel::{
        Aggregate, ApiKeyId, DeliveryAttemptId, Detail, DeveloperAccountId, Kind, SandboxId, TenantId,
        Timestamp, VerificationId, VerifyTemplateId,
    },
};
use sarai_ports::{
    Context, Repository, Saved, Scope, StoreError, Unit,
    devportal::{
        Senders,
        policies::{FraudAdvisor, PriceBook, policy_key},
        verify::{Admission, Books, ChangeError, SessionWrite, Stamp, VerifySessionRepository},
        verify_tools::{ApprovalSigner, DestinationVault},
    },
};

use super::keys::reaches;
use crate::{AppError, Call, Ports};

/// How often a change of a session is tried when others change it too.
const TRIES: u32 = 20;

/// What only Verify needs of a process.
#[derive(Clone)]
pub struct VerifyTools {
    /// What codes are made and compared with.
    pub peppers: Arc<PepperRing>,
    /// What destinations are known by.
    pub destinations: Arc<DestinationKey>,
    /// What they are kept in.
    pub vault: Arc<dyn DestinationVault>,
    /// Who signs approvals.
    pub approvals: Arc<dyn ApprovalSigner>,
    /// What sends cost.
    pub prices: Arc<dyn PriceBook>,
    /// Who knows of fraud.
    pub fraud: Arc<dyn FraudAdvisor>,
    /// Who carries codes over a network.
    pub senders: Arc<dyn Senders>,
    /// Where a tenant is at home that says nothing.
    pub home_country: CountryCode,
}

/// Who asks for verifications: a key, with what the portal knows of its account.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which developer's.
    pub account_id: DeveloperAccountId,
    /// Which key.
    pub key_id: ApiKeyId,
    /// Its world.
    pub environment: Environment,
    /// The sandbox named; the account's default where none is.
    pub sandbox_id: Option<SandboxId>,
    /// What messages are sent under that name nobody.
    pub brand: String,
}

/// What a start asks for.
#[derive(Debug, Clone)]
pub struct StartRequest {
    /// Where to.
    pub to: Destination,
    /// By which channels; the default of the destination where none are named.
    pub channel_order: Option<ChannelOrder>,
    /// In which language.
    pub locale: Option<Locale>,
    /// With which text; the system's of the purpose where none is named.
    pub template_id: Option<VerifyTemplateId>,
    /// Under which name.
    pub brand: Option<Brand>,
    /// What for.
    pub purpose: Purpose,
    /// How it runs.
    pub terms: TermsAsked,
    /// What it does where a live session has its slot.
    pub on_existing: OnExisting,
    /// The end user's address on the network.
    pub ip: Option<String>,
    /// The developer's name for the end user.
    pub end_user_ref: Option<String>,
    /// What stands in for a challenge.
    pub risk_token: Option<String>,
    /// The developer's notes.
    pub metadata: Metadata,
}

/// A session as an answer shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The session.
    pub session: VerifySession,
    /// Its version.
    pub version: u64,
    /// Whether a live one went on.
    pub reused: bool,
    /// Its code, in a sandbox.
    pub sandbox_code: Option<String>,
    /// The time there.
    pub now: Timestamp,
}

/// The use cases of Verify.
#[derive(Clone)]
pub struct Verify {
    ports: Arc<Ports>,
}

impl Verify {
    /// Over these ports.
    pub const fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Business time.
    pub fn now(&self) -> Timestamp {
        self.ports.now()
    }

    pub(in crate::devportal) fn tools(&self) -> Result<&VerifyTools, AppError> {
        let missing = || AppError::new(Kind::Unavailable, "unavailable", "this process does not verify");
        self.ports.devportal.verify.as_deref().ok_or_else(missing)
    }

    fn sessions(&self) -> &dyn VerifySessionRepository {
        &*self.ports.devportal.store
    }

    fn stamp(&self) -> Stamp {
        Stamp { ids: Arc::clone(&self.ports.ids), routes: self.ports.routes }
    }

    fn write(&self, session: VerifySession, caps: SpendCaps, context: Context) -> SessionWrite {
        let books = Books::of(&session, caps);
        SessionWrite { unit: Unit::new(session, context, &*self.ports.ids, self.ports.routes), books }
    }

    fn followed_up(&self, saved: Saved) -> Option<u64> {
        self.ports.followed_up(saved)
    }

    /// A tenant's policy; the default where it has set none.
    async fn policy(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
    ) -> Result<VerifyPolicy, AppError> {
        let key = policy_key(tenant, environment);
        let home = self.tools()?.home_country;
        let found = Repository::<VerifyPolicy>::find(&*self.ports.devportal.store, scope, &key).await?;
        Ok(found.unwrap_or_else(|| VerifyPolicy::default_for(key, home, self.ports.now())))
    }

    /// What a tenant may spend.
    async fn spending(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        environment: Environment,
    ) -> Result<SpendPolicy, AppError> {
        let key = SpendPolicyKey(policy_key(tenant, environment));
        let found = Repository::<SpendPolicy>::find(&*self.ports.devportal.store, scope, &key).await?;
        Ok(found.unwrap_or_else(|| SpendPolicy::default_for(key.0, self.ports.now())))
    }

    /// A session that a caller may see; nothing but "not found" for anybody else's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn find(&self, scope: &Scope, id: VerificationId) -> Result<VerifySession, AppError> {
        let found = Repository::<VerifySession>::find(self.sessions(), scope, &id).await?;
        found.ok_or_else(|| AppError::not_found(VerifySession::NAME))
    }

    /// One session, with the time in its world.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn show(&self, scope: &Scope, id: VerificationId) -> Result<Shown, AppError> {
        let session = self.find(scope, id).await?;
        let now = self.now_of(scope, &session).await?;
        Ok(Self::shown(session, now, false))
    }

    /// As an answer shows it.
    fn shown(session: VerifySession, now: Timestamp, reused: bool) -> Shown {
        let version = session.version();
        Shown { session, version, reused, sandbox_code: None, now }
    }

    /// The time that a session lives in.
    async fn now_of(&self, scope: &Scope, session: &VerifySession) -> Result<Timestamp, AppError> {
        match session.data().sandbox_id {
            Some(id) => Ok(self.sandbox(scope, id).await?.virtual_now()),
            None => Ok(self.ports.now()),
        }
    }

    fn moment(call: &Call, at: Timestamp) -> Moment {
        Moment { at, request_id: call.request_id.clone() }
    }

    /// What a send on a session's current step counts for.
    fn subject(
        &self,
        tenant_id: &TenantId,
        environment: Environment,
        to: &sarai_domain::devportal::values::Address,
        ip: Option<DestinationHash>,
        end_user_ref: Option<DestinationHash>,
    ) -> Result<SendSubject, AppError> {
        let key = &self.tools()?.destinations;
        let prefix4 = match to {
            sarai_domain::devportal::values::Address::Phone(phone) => {
                Some(key.subject(tenant_id, SubjectKind::Prefix4, phone.prefix4()))
            }
            sarai_domain::devportal::values::Address::Email(_) => None,
        };
        Ok(SendSubject {
            destination: key.hash(tenant_id, to),
            platform: key.platform_hash(to),
            prefix4,
            ip,
            end_user_ref,
            tenant_id: tenant_id.clone(),
            environment,
        })
    }

    /// A send to an address of so many messages, with what it costs; nothing in a sandbox.
    fn new_send(
        &self,
        environment: Environment,
        channel: sarai_domain::devportal::values::Channel,
        country: Option<CountryCode>,
        segments: Option<u8>,
    ) -> Result<NewSend, AppError> {
        let prices = &self.tools()?.prices;
        let quote = prices.quote(channel, country, segments.unwrap_or(1));
        let zero = sarai_domain::kernel::Price::zero(quote.currency());
        let quote = if is_governed(environment) { quote } else { zero };
        Ok(NewSend { id: DeliveryAttemptId::new(self.ports.ulid()), quote, reserved: quote })
    }

    /// Runs a change of a session; again while others change it too.
    async fn change<T: Send>(
        &self,
        scope: &Scope,
        id: VerificationId,
        context: Context,
        mut command: impl FnMut(&mut VerifySession) -> Result<Option<T>, AppError> + Send,
    ) -> Result<(VerifySession, Option<T>), AppError> {
        let _turn = self.ports.lanes.enter(&id.to_string()).await;
        for attempt in 1..=TRIES {
            let mut session = self.find(scope, id).await?;
            let Some(out) = command(&mut session)? else { return Ok((session, None)) };
            let write = self.write(session.clone(), SpendCaps::default(), context.clone());
            match self.sessions().settle(scope, write, self.stamp()).await {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok((session, Some(out)));
                }
                Err(ChangeError::Store(StoreError::Conflict { .. })) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict { aggregate: VerifySession::NAME }.into())
    }

    /// What a send is admitted by.
    fn admission(
        subject: SendSubject,
        policy: &VerifyPolicy,
        attempt_id: DeliveryAttemptId,
        now: Timestamp,
    ) -> Admission {
        Admission {
            subject,
            tenant_per_hour: policy.data().settings.tenant_sends_per_hour,
            attempt_id,
            start: None,
            fallback: false,
            now,
        }
    }
}

/// Refuses a key that is bound to another sandbox than the session's: to it there is no such session (ruling R7).
///
/// # Errors
/// `not_found`.
fn reached(call: &Call, session: &VerifySession) -> Result<(), AppError> {
    if reaches(call, session.data().sandbox_id) {
        Ok(())
    } else {
        Err(AppError::not_found(VerifySession::NAME))
    }
}

/// What a session refuses with; where its state is why, with the state and what can be asked of it instead (traps.md 14).
fn refusal_of(session: &VerifySession, now: Timestamp, error: VerifyError) -> AppError {
    let mut error = AppError::from(error);
    if matches!(error.kind, Kind::Conflict | Kind::Gone) {
        if error.details.iter().all(|(name, _)| *name != "state") {
            error = error.with("state", Detail::Text(session.data().state.as_str().to_owned()));
        }
        let actions = session.allowed_actions(now).into_iter().map(|one| Detail::Text(one.to_owned()));
        error = error.with("allowedActions", Detail::List(actions.collect()));
    }
    error
}
