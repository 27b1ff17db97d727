//! Webhooks: where a tenant's events go, and each way there (devportal.md 3.9, ruling R25; Standard Webhooks).
//!
//! [`WebhookEndpoint`] guards W-INV-1, W-INV-2, W-INV-5 and W-INV-7; its states are in [`TRANSITIONS`]. A
//! [`delivery`] is an aggregate of its own and guards W-INV-3 and W-INV-6; [`WebhookPayload`] guards W-INV-4 and
//! W-INV-8. Where a name leads is decided by [`target`] when the connection is made.

mod catalogue;
mod check;
mod data;
pub mod delivery;
mod error;
mod event;
mod failing;
mod payload;
pub mod signature;
mod status;
pub mod target;
#[cfg(test)]
mod tests;

use time::Duration;

pub use catalogue::{CATALOGUE, EventFilter, MAX_EVENTS, TEST};
pub use data::{
    EndpointEdit, EndpointsInUse, NewEndpoint, PreviousSecret, SealedSecret, WebhookEndpointData,
};
pub use delivery::{
    AttemptOutcome, DeliveryAction, DeliveryFault, DeliveryStatus, NewDelivery, WebhookAttempt,
    WebhookDelivery, WebhookDeliveryData,
};
pub use error::WebhookError;
pub use event::{WebhookEvent, event_of};
pub use failing::{GIVE_UP_AFTER, MAX_RECOVERY, recovery_window};
pub use payload::{MAX_PAYLOAD, WebhookPayload};
pub use signature::{SignatureScheme, SigningSecret, signed_content};
pub use status::{DisabledReason, EndpointAction, EndpointStatus, TRANSITIONS};

use super::values::{Environment, text::line};
use crate::kernel::{
    Aggregate, Changes, LastTransition, NoRow, Outcome, Root, Step, Timestamp, WebhookEndpointId, require,
    step,
};

/// How many endpoints a tenant has at most in an environment (W-INV-7).
pub const MAX_ENDPOINTS: u32 = 20;
/// For how long an old secret is valid beside its successor at most (W-INV-2).
pub const MAX_OVERLAP: Duration = Duration::days(7);

/// An endpoint.
///
/// ```
/// use sarai_domain::{
///     devportal::{values::Environment, webhook::*},
///     kernel::{Aggregate, Outcome, Timestamp},
/// };
/// use time::Duration;
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let sealed =
///     |text: &str| SealedSecret { kid: "v1".to_owned(), sealed: text.to_owned(), public_key: None };
/// let new = NewEndpoint {
///     id: "whe_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///     tenant_id: "acme".parse()?,
///     environment: Environment::Production,
///     sandbox_id: None,
///     scheme: SignatureScheme::Hmac,
///     secret: sealed("first"),
///     edit: EndpointEdit {
///         url: "https://hooks.example/in".parse()?,
///         events: EventFilter::try_new(["*"])?,
///         description: String::new(),
///         keep_answers: false,
///     },
/// };
/// let in_use =
///     EndpointsInUse { tenant_id: "acme".parse()?, environment: Environment::Production, count: 0 };
/// let mut endpoint = WebhookEndpoint::create(new, in_use, now)?;
/// let _ = endpoint.rotate_secret(sealed("second"), Duration::days(1), now)?;
/// assert_eq!(endpoint.data().secrets(now).count(), 2);
///
/// let gone = AttemptOutcome::Answered { status: 410, text: None };
/// let attempt = WebhookAttempt::new(1, now, 35, gone);
/// assert_eq!(endpoint.follow(&attempt, now)?, Outcome::Applied);
/// assert_eq!(endpoint.data().disabled_reason, Some(DisabledReason::Gone));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct WebhookEndpoint {
    root: Root<WebhookEndpointData, WebhookEvent>,
}

impl Aggregate for WebhookEndpoint {
    type Id = WebhookEndpointId;
    type Data = WebhookEndpointData;
    type Row = NoRow;
    type Event = WebhookEvent;
    type Error = WebhookError;

    const NAME: &'static str = "webhook";

    fn rehydrate(data: WebhookEndpointData, _rows: Vec<NoRow>, version: u64) -> Result<Self, WebhookError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> WebhookEndpointId {
        self.root.data.id
    }

    fn data(&self) -> &WebhookEndpointData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl WebhookEndpoint {
    /// A new, active endpoint. Its URL was parsed with the addresses the operator admits.
    ///
    /// # Errors
    /// [`WebhookError::LimitReached`] (W-INV-7), [`WebhookError::PublicKey`], [`WebhookError::Description`].
    pub fn create(new: NewEndpoint, in_use: EndpointsInUse, now: Timestamp) -> Result<Self, WebhookError> {
        require_key(new.scheme, &new.secret)?;
        if new.sandbox_id.is_some() && new.environment != Environment::Sandbox {
            return Err(WebhookError::SandboxMisplaced);
        }
        let data = WebhookEndpointData {
            id: new.id,
            tenant_id: new.tenant_id,
            environment: new.environment,
            sandbox_id: new.sandbox_id,
            admitted: new.edit.url.address(),
            url: new.edit.url,
            events: new.edit.events,
            status: EndpointStatus::Active,
            disabled_reason: None,
            scheme: new.scheme,
            secret: Some(new.secret),
            previous: None,
            secret_since: now,
            description: description(&new.edit.description)?,
            keep_answers: new.edit.keep_answers,
            failing_since: None,
            in_use,
            last_transition: None,
            created_at: now,
            updated_at: now,
        };
        check::room(&data)?;
        Ok(Self { root: Root::new(data) })
    }

    /// Sets what its owner can change. Another URL begins without failures.
    ///
    /// # Errors
    /// [`WebhookError::NotFound`] once it is deleted, [`WebhookError::Description`].
    pub fn edit(&mut self, edit: EndpointEdit, now: Timestamp) -> Result<Outcome, WebhookError> {
        self.require_there()?;
        let edit = EndpointEdit { description: description(&edit.description)?, ..edit };
        let data = &mut self.root.data;
        if edit == EndpointEdit::from(&*data) {
            return Ok(Outcome::AlreadyApplied);
        }
        if edit.url != data.url {
            data.failing_since = None;
            data.admitted = edit.url.address();
        }
        data.url = edit.url;
        data.events = edit.events;
        data.description = edit.description;
        data.keep_answers = edit.keep_answers;
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Takes another secret; for `overlap` both sign (W-INV-2). The one before the last is dropped.
    ///
    /// # Errors
    /// [`WebhookError::Overlap`] beyond 7 days, [`WebhookError::PublicKey`], [`WebhookError::NotFound`].
    pub fn rotate_secret(
        &mut self,
        secret: SealedSecret,
        overlap: Duration,
        now: Timestamp,
    ) -> Result<Outcome, WebhookError> {
        self.require_there()?;
        if overlap.is_negative() || overlap > MAX_OVERLAP {
            return Err(WebhookError::Overlap);
        }
        let data = &mut self.root.data;
        require_key(data.scheme, &secret)?;
        if data.secret.as_ref() == Some(&secret) {
            return Ok(Outcome::AlreadyApplied);
        }
        let old = data.secret.replace(secret).filter(|_| overlap.is_positive());
        data.previous = old.map(|secret| PreviousSecret { secret, until: now.plus(overlap) });
        data.secret_since = now;
        data.updated_at = now;
        Ok(Outcome::Applied)
    }

    /// Stops it, as its owner wants.
    ///
    /// # Errors
    /// [`WebhookError::InvalidTransition`].
    pub fn disable(&mut self, now: Timestamp) -> Result<Outcome, WebhookError> {
        self.stop(EndpointAction::Disable, DisabledReason::User, now)
    }

    /// Lets it go on, without its past failures.
    ///
    /// # Errors
    /// [`WebhookError::InvalidTransition`].
    pub fn enable(&mut self, now: Timestamp) -> Result<Outcome, WebhookError> {
        let Step::To(to) = self.step(EndpointAction::Enable)? else { return Ok(Outcome::AlreadyApplied) };
        self.root.data.disabled_reason = None;
        self.root.data.failing_since = None;
        self.enter(to, EndpointAction::Enable, now);
        Ok(Outcome::Applied)
    }

    /// Removes it with its secrets.
    ///
    /// # Errors
    /// None but [`WebhookError::InvalidTransition`], which no state has.
    pub fn delete(&mut self, now: Timestamp) -> Result<Outcome, WebhookError> {
        let Step::To(to) = self.step(EndpointAction::Delete)? else { return Ok(Outcome::AlreadyApplied) };
        let data = &mut self.root.data;
        data.secret = None;
        data.previous = None;
        data.disabled_reason = None;
        self.enter(to, EndpointAction::Delete, now);
        Ok(Outcome::Applied)
    }

    fn stop(
        &mut self,
        action: EndpointAction,
        reason: DisabledReason,
        now: Timestamp,
    ) -> Result<Outcome, WebhookError> {
        let Step::To(to) = self.step(action)? else { return Ok(Outcome::AlreadyApplied) };
        self.root.data.disabled_reason = Some(reason);
        self.enter(to, action, now);
        let data = &self.root.data;
        let event = WebhookEvent::Disabled {
            endpoint_id: data.id,
            environment: data.environment,
            sandbox_id: data.sandbox_id,
            url: data.url.clone(),
            reason,
            failing_since: data.failing_since,
            at: now,
        };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    fn require_there(&self) -> Result<(), WebhookError> {
        if self.root.data.status == EndpointStatus::Deleted { Err(WebhookError::NotFound) } else { Ok(()) }
    }

    fn step(&self, action: EndpointAction) -> Result<Step<EndpointStatus>, WebhookError> {
        let data = &self.root.data;
        Ok(step(TRANSITIONS, data.status, action, None, data.last_transition.as_ref())?)
    }

    fn enter(&mut self, to: EndpointStatus, action: EndpointAction, now: Timestamp) {
        let data = &mut self.root.data;
        data.status = to;
        data.last_transition = Some(LastTransition { action, argument: None });
        data.updated_at = now;
    }
}

fn description(text: &str) -> Result<String, WebhookError> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    line(text, 200).ok_or(WebhookError::Description)
}

fn require_key(scheme: SignatureScheme, secret: &SealedSecret) -> Result<(), WebhookError> {
    let keyed = scheme == SignatureScheme::Ed25519;
    if keyed == secret.public_key.is_some() { Ok(()) } else { Err(WebhookError::PublicKey) }
}
