//! Further sends, and the end that a developer wants.

use sarai_domain::{
    devportal::{
        policy::{AdmissionError, SpendCaps, SpendError},
        sandbox::is_governed,
        values::{Address, Channel},
        verify::{FailureReason, Moment, Trigger, VerifySession},
    },
    kernel::{Aggregate, Coded as _, Outcome, VerificationId},
};
use sarai_ports::{
    Context, Scope, StoreError,
    devportal::verify::{Admission, ChangeError},
};

use super::{Shown, TRIES, Verify, reached, refusal_of, texts::Text};
use crate::{AppError, Call};

/// Which further send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Further {
    /// On the current channel.
    Again,
    /// On the next one.
    Next(Trigger),
}

impl Verify {
    /// Sends the code again on the current channel.
    ///
    /// # Errors
    /// A terminal session's refusal, `verification.resend_too_soon`, `verification.sends_exhausted`, a limit's, a cap's.
    pub async fn resend(&self, call: &Call, id: VerificationId) -> Result<Shown, AppError> {
        self.send_for(call, id, Further::Again, "verification.resend").await
    }

    /// Sends the code on the next channel.
    ///
    /// # Errors
    /// As [`Verify::resend`], and `verification.no_more_channels`.
    pub async fn next_channel(&self, call: &Call, id: VerificationId) -> Result<Shown, AppError> {
        self.send_for(call, id, Further::Next(Trigger::Manual), "verification.next_channel").await
    }

    async fn send_for(
        &self,
        call: &Call,
        id: VerificationId,
        further: Further,
        action: &'static str,
    ) -> Result<Shown, AppError> {
        Self::send_scope(call)?;
        self.ports.require_active(call).await?;
        let scope = call.scope();
        let context = call.context(action, &id, self.ports.now());
        let session = self.find(&scope, id).await?;
        reached(call, &session)?;
        let now = match session.data().sandbox_id {
            Some(id) => {
                let sandbox = self.sandbox(&scope, id).await?;
                sandbox.has_room(self.ports.clock.real())?;
                sandbox.virtual_now()
            }
            None => self.ports.now(),
        };
        let moment = Self::moment(call, now);
        let (session, _) = self.further(&scope, id, further, context, moment).await?;
        if session.data().sandbox_id.is_some() {
            self.pretend(call, &scope, id).await?;
        }
        let shown = self.show(&scope, id).await?;
        Ok(self.with_code(shown))
    }

    /// Adds a send, admitted and paid for, at a moment of the session's world. Refused by money or fraud, what nothing had left of fails.
    pub(super) async fn further(
        &self,
        scope: &Scope,
        id: VerificationId,
        further: Further,
        context: Context,
        moment: Moment,
    ) -> Result<(VerifySession, Outcome), AppError> {
        let _turn = self.ports.lanes.enter(&id.to_string()).await;
        for attempt in 1..=TRIES {
            let session = self.find(scope, id).await?;
            let at = moment.at;
            let (tenant, environment) = (session.data().tenant_id.clone(), session.data().environment);
            let spending = self.spending(scope, &tenant, environment).await?;
            let mut session = session;
            let Some((channel, to)) = self.goes_to(&session, further)? else {
                // Whatever refuses first is the session's to say.
                let none = self.new_send(environment, Channel::Sms, None, None)?;
                let outcome = self.ask(&mut session, further, none, &moment)?;
                return Ok((session, outcome));
            };
            let template = self.template_of(&session).await?;
            let segments = Text::of(&session, &template).segments(channel)?;
            let send = self.new_send(environment, channel, session.data().country_code, segments)?;
            if self.ask(&mut session, further, send, &moment)? == Outcome::AlreadyApplied {
                return Ok((session, Outcome::AlreadyApplied));
            }
            let admission = if is_governed(environment) {
                let fallback = further == Further::Next(Trigger::Course);
                Some(Admission { fallback, ..self.admit(scope, &session, &to, send.id, at).await? })
            } else {
                None
            };
            let priced = if is_governed(environment) { spending.admit(send.quote) } else { Ok(()) };
            let written = if let Err(error) = priced {
                Err(ChangeError::Spend(error))
            } else {
                let write = self.write(session.clone(), spending.data().caps, context.clone());
                self.sessions().add_send(scope, write, admission, self.stamp()).await
            };
            match written {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok((session, Outcome::Applied));
                }
                Err(ChangeError::Store(StoreError::Conflict { .. })) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => {
                    self.note_refused(scope, id, further, &error, &moment, &context).await?;
                    return Err(error.into());
                }
            }
        }
        Err(StoreError::Conflict { aggregate: VerifySession::NAME }.into())
    }

    fn ask(
        &self,
        session: &mut VerifySession,
        further: Further,
        send: sarai_domain::devportal::verify::NewSend,
        moment: &Moment,
    ) -> Result<Outcome, AppError> {
        let ring = &self.tools()?.peppers;
        let outcome = match further {
            Further::Again => session.resend(send, ring, moment),
            Further::Next(trigger) => session.advance(send, trigger, ring, moment),
        };
        outcome.map_err(|error| refusal_of(session, moment.at, error))
    }

    /// Over which channel a further send goes, and to which address.
    fn goes_to(
        &self,
        session: &VerifySession,
        further: Further,
    ) -> Result<Option<(Channel, Address)>, AppError> {
        let data = session.data();
        let step = match further {
            Further::Again => data.current_step,
            Further::Next(_) => data.current_step.saturating_add(1),
        };
        let Some(step) = data.channel_order.step(step) else { return Ok(None) };
        let channel = step.channel();
        let one = data.destinations.iter().find(|one| one.kind == channel.destination_kind());
        let Some((kind, sealed)) = one.and_then(|one| Some((one.kind, one.sealed.clone()?))) else {
            return Ok(None);
        };
        let opened = self.tools()?.vault.open(&data.tenant_id, data.id, kind, &sealed);
        Ok(opened.ok().map(|to| (channel, to)))
    }

    async fn admit(
        &self,
        scope: &Scope,
        session: &VerifySession,
        to: &Address,
        attempt_id: sarai_domain::kernel::DeliveryAttemptId,
        now: sarai_domain::kernel::Timestamp,
    ) -> Result<Admission, AppError> {
        let data = session.data();
        let policy = self.policy(scope, &data.tenant_id, data.environment).await?;
        let (ip, person) = (data.end_user_ip_hash, data.end_user_ref_hash);
        let subject = self.subject(&data.tenant_id, data.environment, to, ip, person)?;
        Ok(Self::admission(subject, &policy, attempt_id, now))
    }

    /// Notes why a send was refused, so that the developer can see it.
    async fn note_refused(
        &self,
        scope: &Scope,
        id: VerificationId,
        further: Further,
        error: &ChangeError,
        moment: &Moment,
        context: &Context,
    ) -> Result<(), AppError> {
        let refused = match error {
            ChangeError::Spend(SpendError::CapReached { .. } | SpendError::PriceAboveMaximum { .. }) => None,
            ChangeError::Admission(AdmissionError::RateLimited { bucket, until }) => {
                Some((bucket.to_string(), *until))
            }
            _ => return Ok(()),
        };
        let code = error.code();
        for attempt in 1..=TRIES {
            let mut session = self.find(scope, id).await?;
            match &refused {
                Some((bucket, until)) => {
                    // What moves on by itself is not asked at each tick.
                    let again_at = (further == Further::Next(Trigger::Course)).then_some(*until);
                    session.note_limited(code, bucket, again_at, moment);
                }
                None => {
                    let _ = session.refuse_send(FailureReason::SpendCap, code, moment)?;
                }
            }
            let context = Context { claim: None, ..context.clone() };
            let write = self.write(session, SpendCaps::default(), context);
            match self.sessions().settle(scope, write, self.stamp()).await {
                Ok(saved) => {
                    self.followed_up(saved);
                    return Ok(());
                }
                Err(ChangeError::Store(StoreError::Conflict { .. })) => {
                    self.ports.lanes.pause(attempt.min(5)).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Ends a session; again is the same.
    ///
    /// # Errors
    /// The refusal of a session that is over for another reason.
    pub async fn cancel(&self, call: &Call, id: VerificationId) -> Result<Shown, AppError> {
        Self::send_scope(call)?;
        let scope = call.scope();
        let session = self.find(&scope, id).await?;
        reached(call, &session)?;
        let now = self.now_of(&scope, &session).await?;
        let moment = Self::moment(call, now);
        let context = call.context("verification.cancel", &id, self.ports.now());
        let cancel = |session: &mut VerifySession| match session.cancel(&moment) {
            Ok(Outcome::Applied) => Ok(Some(())),
            Ok(Outcome::AlreadyApplied) => Ok(None),
            Err(error) => Err(refusal_of(session, moment.at, error)),
        };
        let (session, _) = self.change(&scope, id, context, cancel).await?;
        Ok(Self::shown(session, now, false))
    }
}
