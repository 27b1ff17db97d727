//! What the pretended providers of a sandbox do, in the order of their times (ruling R10).
//!
//! Nothing is kept of what was said: a line of a script is due as long as it would still move its send, so a process that
//! died half-way is followed by one that goes on, and what is said twice is said once.

use std::collections::BTreeSet;

use sarai_domain::{
    devportal::{
        sandbox::{Line, SandboxMessage, SandboxSession, Says, Scenario, When},
        verify::{DeliveryAttempt, Moment, SendReport, SendStatus, VerifySession},
    },
    kernel::{Aggregate, Coded as _, Outcome, SandboxId, SandboxMessageId, Timestamp, VerificationId},
};
use sarai_ports::{Context, Scope};

use super::Verify;
use crate::{AppError, Call};

/// What happens next to a session.
enum Next {
    /// Its provider takes a send that waits.
    Take(DeliveryAttempt),
    /// A provider says something of a send.
    Say(DeliveryAttempt, Says),
    /// It moves on by itself.
    Course,
}

/// A session has at most 8 sends of a handful of lines, as many steps, and one end.
const STEPS: usize = 200;

impl Verify {
    /// Plays what a session's pretended providers say by the time of its sandbox; time itself passes with the clock only.
    pub(super) async fn pretend(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
    ) -> Result<(), AppError> {
        let session = self.find(scope, id).await?;
        let Some(sandbox) = session.data().sandbox_id else { return Ok(()) };
        let until = self.sandbox(scope, sandbox).await?.virtual_now();
        for _ in 0..STEPS {
            let session = self.find(scope, id).await?;
            match word(&session) {
                Some((at, next)) if at <= until => {
                    if !Box::pin(self.play(call, scope, &session, at, next)).await? {
                        break;
                    }
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Moves a sandbox's clock; everything that is due by then has run when this answers (ruling R10).
    ///
    /// # Errors
    /// `not_found`, `sandbox.clock_backwards`, `sandbox.clock_too_far`, `sandbox.closed`.
    pub async fn advance_clock(
        &self,
        call: &Call,
        id: SandboxId,
        seconds: i64,
    ) -> Result<SandboxSession, AppError> {
        let scope = call.scope();
        let _turn = self.ports.lanes.enter(&format!("clock {id}")).await;
        let real = self.ports.clock.real();
        let mut ahead = self.sandbox(&scope, id).await?;
        let _ = ahead.advance_clock(seconds, real)?;
        // What is due runs before the clock shows it: whoever dies here has moved nothing.
        self.play_until(call, &scope, id, ahead.virtual_now()).await?;
        let context = call.context("sandbox.advance_clock", &id, self.ports.now());
        let advance = |one: &mut SandboxSession| Ok(one.advance_clock(seconds, real)?);
        let (sandbox, _) = self.change_sandbox(&scope, id, context, advance).await?;
        if sandbox.virtual_now() > ahead.virtual_now() {
            // Another process moved it too.
            self.play_until(call, &scope, id, sandbox.virtual_now()).await?;
        }
        Ok(sandbox)
    }

    /// Plays everything of a sandbox up to an instant, in the order of times over all its sessions.
    async fn play_until(
        &self,
        call: &Call,
        scope: &Scope,
        sandbox: SandboxId,
        until: Timestamp,
    ) -> Result<(), AppError> {
        let sessions = self.sessions().find_in_sandbox(scope, sandbox).await?;
        let at = |session: &VerifySession| next(session).map(|(at, _)| at).filter(|at| *at <= until);
        let due = sessions.iter().enumerate().filter_map(|(place, one)| Some((at(one)?, place, one.id())));
        let mut due: BTreeSet<(Timestamp, usize, VerificationId)> = due.collect();
        for _ in 0..sessions.len().saturating_mul(STEPS) {
            let Some((_, place, id)) = due.pop_first() else { break };
            let session = self.find(scope, id).await?;
            let Some((time, what)) = next(&session).filter(|(time, _)| *time <= until) else { continue };
            if Box::pin(self.play(call, scope, &session, time, what)).await?
                && let Some(time) = at(&self.find(scope, id).await?)
            {
                due.insert((time, place, id));
            }
        }
        Ok(())
    }

    /// Does one thing; whether it changed anything.
    async fn play(
        &self,
        call: &Call,
        scope: &Scope,
        session: &VerifySession,
        at: Timestamp,
        next: Next,
    ) -> Result<bool, AppError> {
        let id = session.id();
        match next {
            Next::Take(send) => {
                let refused = self.deliver_to_inbox(call, scope, session, &send, at).await?;
                let dispatched = SendReport::Dispatched { provider: "sandbox".to_owned() };
                let taken = self.say(call, scope, id, &send, dispatched, at).await?;
                if let Some(error_code) = refused {
                    self.say(call, scope, id, &send, SendReport::Refused { error_code }, at).await?;
                }
                Ok(taken)
            }
            Next::Say(send, says) => self.say(call, scope, id, &send, report(says), at).await,
            Next::Course => self.step(scope, id, at, self.aside(call, "verification.course", id)).await,
        }
    }

    /// Puts a message into the inbox; gives why it is not taken, where it is not.
    async fn deliver_to_inbox(
        &self,
        call: &Call,
        scope: &Scope,
        session: &VerifySession,
        send: &DeliveryAttempt,
        now: Timestamp,
    ) -> Result<Option<String>, AppError> {
        let data = session.data();
        let (Some(sandbox_id), Some(code)) = (data.sandbox_id, data.sandbox_code()) else { return Ok(None) };
        let one = data.destinations.iter().find(|one| one.kind == send.channel.destination_kind());
        let message = SandboxMessage {
            // The send's own, so that it is there once whoever is asked again.
            id: SandboxMessageId::new(send.id.ulid()),
            sandbox_id,
            round: 0,
            at: now,
            channel: send.channel,
            destination_masked: one.map(|one| one.masked.clone()).unwrap_or_default(),
            verification_id: data.id,
            attempt_id: send.id,
            template: data.template,
            locale: data.locale_used,
            brand: data.brand.clone(),
            minutes: data.minutes(),
            code,
            generation: send.generation,
            code_length: data.policy.terms.code_length,
        };
        let real = self.ports.clock.real();
        let context =
            Context { claim: None, ..call.context("sandbox.receive", &sandbox_id, self.ports.now()) };
        let receive = |one: &mut SandboxSession| match one.receive(message.clone(), real) {
            Ok(_) => Ok(None),
            Err(full) => Ok(Some(full.code().to_owned())),
        };
        Ok(self.change_sandbox(scope, sandbox_id, context, receive).await?.1)
    }

    /// A pretended provider says something; whether that changed anything.
    async fn say(
        &self,
        call: &Call,
        scope: &Scope,
        id: VerificationId,
        send: &DeliveryAttempt,
        says: SendReport,
        at: Timestamp,
    ) -> Result<bool, AppError> {
        let context = self.aside(call, "verification.report", id);
        let moment = Moment::new(at);
        let told = |session: &mut VerifySession| match session.report(send.id, says.clone(), &moment) {
            Ok(Outcome::Applied) => Ok(Some(())),
            // What may no longer leave does not; what is late changes nothing.
            Ok(Outcome::AlreadyApplied) | Err(_) => Ok(None),
        };
        Ok(self.change(scope, id, context, told).await?.1.is_some())
    }
}

/// What happens next to a session: a provider's word, or a step of its own course when that is earlier.
fn next(session: &VerifySession) -> Option<(Timestamp, Next)> {
    let word = word(session);
    let course = session.data().due_at().map(|at| (at, Next::Course));
    match (word, course) {
        (Some(word), Some(course)) => Some(if word.0 <= course.0 { word } else { course }),
        (word, course) => word.or(course),
    }
}

/// What a pretended provider does next.
fn word(session: &VerifySession) -> Option<(Timestamp, Next)> {
    let of_send = |send: &DeliveryAttempt| {
        if send.status == SendStatus::Queued {
            return Some((
                send.next_try_at.unwrap_or(send.queued_at),
                send.ordinal,
                Next::Take(send.clone()),
            ));
        }
        let script = scenario(session, send).script(send.channel);
        let lines = script.iter().filter(|line| moves(line.says, send.status));
        let lines = lines.filter_map(|line| Some((time_of(line, session, send)?, line.says)));
        let (at, says) = lines.min_by_key(|(at, _)| *at)?;
        Some((at, send.ordinal, Next::Say(send.clone(), says)))
    };
    let words = session.sends().into_iter().filter_map(of_send);
    words.min_by_key(|(at, ordinal, _)| (*at, *ordinal)).map(|(at, _, next)| (at, next))
}

/// How a send's destination behaves: as it was decided when the session began.
fn scenario(session: &VerifySession, send: &DeliveryAttempt) -> Scenario {
    let kind = send.channel.destination_kind();
    let one = session.data().destinations.iter().find(|one| one.kind == kind);
    one.and_then(|one| one.scenario).unwrap_or_default()
}

/// Whether a word still moves a send.
const fn moves(says: Says, status: SendStatus) -> bool {
    match says {
        Says::Accepted | Says::Refused | Says::NoAnswer => matches!(status, SendStatus::Sending),
        Says::Delivered | Says::Undelivered => matches!(status, SendStatus::Sending | SendStatus::Sent),
    }
}

/// When a line is said; not at all while nothing is approved that it waits for.
fn time_of(line: &Line, session: &VerifySession, send: &DeliveryAttempt) -> Option<Timestamp> {
    match line.when {
        When::After(seconds) => Some(send.queued_at.plus(time::Duration::seconds(i64::from(seconds)))),
        When::AfterApproval => session.data().approved_at,
    }
}

/// What a pretended provider's word is to a session.
fn report(says: Says) -> SendReport {
    let code = |text: &str| text.to_owned();
    match says {
        Says::Accepted => SendReport::Accepted { provider_message_id: None, segments: Some(1) },
        Says::Refused => SendReport::Refused { error_code: code("sandbox_refused") },
        Says::NoAnswer => SendReport::Unknown { error_code: code("sandbox_timeout") },
        Says::Delivered => SendReport::Delivered { price: None },
        Says::Undelivered => SendReport::Undelivered { error_code: code("sandbox_undelivered"), price: None },
    }
}
