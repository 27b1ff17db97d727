//! What senders and providers say about a send, and what it means for the session and the money.

use super::{
    DeliveryAttempt, Entry, Hold, Moment, SendAction, SendReport, SendStatus, SpendMove, VerifyAction,
    VerifyError, VerifyEvent, VerifySession, VerifyState, attempt,
};
use crate::kernel::{DeliveryAttemptId, Outcome, Price, Step, Timestamp, step};

impl VerifySession {
    /// Takes a report about a send. What is late, repeated or out of order changes nothing (V-INV-14); a terminal
    /// session stays as it is and only its send learns (V-INV-18).
    ///
    /// # Errors
    /// `verification.unknown_send` (V-INV-18), `verification.not_to_be_sent` for a dispatch of what must not leave
    /// (V-INV-8), `verification.invalid_send_transition` for what the table does not know.
    pub fn report(
        &mut self,
        id: DeliveryAttemptId,
        report: SendReport,
        moment: &Moment,
    ) -> Result<Outcome, VerifyError> {
        let row = self.rows.get(&id).ok_or(VerifyError::UnknownSend)?.clone();
        let action = self.action_for(&row, &report, moment.at)?;
        let status = match step(attempt::TRANSITIONS, row.status, action, None, None) {
            Ok(Step::To(status)) => status,
            Ok(Step::AlreadyApplied) => return Ok(Outcome::AlreadyApplied),
            // A final status is final, and what is behind the send's own rank is old.
            Err(_) if row.status.rank() >= rank_of(action) => return Ok(Outcome::AlreadyApplied),
            Err(illegal) => return Err(illegal.into()),
        };
        let mut row = DeliveryAttempt { status, ..row };
        let error_code = self.fill(&mut row, report, moment);
        self.note(moment, Entry::Send { attempt_id: id, status, error_code });
        self.account(&mut row)?;
        let delivered = status == SendStatus::Delivered;
        self.write(row);
        if delivered && self.root.data.state == VerifyState::Pending {
            self.deliver(id, moment)?;
        }
        if !self.root.data.state.is_terminal() {
            let _ = self.give_up(moment)?;
            self.plan(moment.at);
        }
        Ok(Outcome::Applied)
    }

    /// The action a report stands for here: what must not leave is not taken, what cannot be tried again fails.
    fn action_for(
        &self,
        row: &DeliveryAttempt,
        report: &SendReport,
        now: Timestamp,
    ) -> Result<SendAction, VerifyError> {
        let live = self.live(now).is_ok();
        match report.action() {
            SendAction::Dispatch => {
                let early = row.next_try_at.is_some_and(|at| at > now);
                let stale = row.generation != self.root.data.generation;
                // Whoever asks a second time must not send a second time.
                if live && row.status == SendStatus::Queued && !early && !stale {
                    Ok(SendAction::Dispatch)
                } else {
                    Err(VerifyError::NotToBeSent)
                }
            }
            SendAction::Defer => {
                let in_time = row.step == self.root.data.current_step
                    && self.wait_over().is_some_and(|over| next_try(row, now) < over);
                Ok(if live && in_time { SendAction::Defer } else { SendAction::Fail })
            }
            action @ (SendAction::Accept
            | SendAction::Deliver
            | SendAction::Undeliver
            | SendAction::Fail
            | SendAction::Lose
            | SendAction::Suppress) => Ok(action),
        }
    }

    /// Writes what a report says into its row, and answers the provider's error.
    fn fill(&mut self, row: &mut DeliveryAttempt, report: SendReport, moment: &Moment) -> Option<String> {
        if row.status.rank() >= 3 {
            row.final_at = Some(moment.at);
        }
        match report {
            SendReport::Dispatched { provider } => {
                row.provider = Some(provider);
                row.tries = row.tries.saturating_add(1);
                row.taken_at = Some(moment.at);
                row.next_try_at = None;
                None
            }
            SendReport::Accepted { provider_message_id, segments } => {
                row.provider_message_id = provider_message_id;
                row.segments = segments;
                self.was_sent(row, moment.at);
                None
            }
            SendReport::Deferred { error_code } => {
                row.next_try_at = (row.status == SendStatus::Queued).then(|| next_try(row, moment.at));
                row.error_code = Some(error_code.clone());
                Some(error_code)
            }
            SendReport::Refused { error_code } | SendReport::Unknown { error_code } => {
                row.error_code = Some(error_code.clone());
                Some(error_code)
            }
            SendReport::Delivered { price } => {
                self.was_sent(row, moment.at);
                row.price = row.price.or(price);
                None
            }
            SendReport::Undelivered { error_code, price } => {
                self.was_sent(row, moment.at);
                row.price = row.price.or(price);
                row.error_code = Some(error_code.clone());
                Some(error_code)
            }
        }
    }

    /// The provider took it: by its answer, or by a receipt that came before or instead of one.
    fn was_sent(&mut self, row: &mut DeliveryAttempt, at: Timestamp) {
        if row.sent_at.is_some() {
            return;
        }
        row.sent_at = Some(at);
        let data = &self.root.data;
        let event = VerifyEvent::Sent {
            verification_id: data.id,
            world: data.world(),
            attempt_id: row.id,
            channel: row.channel,
            country_code: data.country_code,
            api_key_id: data.api_key_id,
            price: row.quote,
        };
        self.root.record(event);
    }

    /// Settles or releases what is held for a send whose fate is known.
    fn account(&mut self, row: &mut DeliveryAttempt) -> Result<(), VerifyError> {
        match row.status {
            SendStatus::Queued | SendStatus::Sending | SendStatus::Sent => Ok(()),
            SendStatus::Delivered | SendStatus::Undelivered | SendStatus::Lost => self.settle(row),
            SendStatus::Failed | SendStatus::Suppressed => self.release(row),
        }
    }

    /// Spends what a send cost, never more than is held for it: a cap holds whatever a provider says afterwards.
    pub(super) fn settle(&mut self, row: &mut DeliveryAttempt) -> Result<(), VerifyError> {
        if row.hold != Hold::Held {
            return Ok(());
        }
        let known = row.price.filter(|price| price.currency() == row.reserved.currency());
        let price: Price = known.unwrap_or(row.quote).min(&row.reserved)?;
        let data = &mut self.root.data;
        data.spend_reserved = data.spend_reserved.checked_sub(&row.reserved)?;
        data.spend_settled = data.spend_settled.checked_add(&price)?;
        row.price = Some(price);
        row.hold = Hold::Settled;
        self.moves.push(SpendMove::Settle { attempt_id: row.id, price });
        let event = VerifyEvent::SendSettled {
            verification_id: data.id,
            world: data.world(),
            attempt_id: row.id,
            channel: row.channel,
            country_code: data.country_code,
            api_key_id: data.api_key_id,
            price,
            status: Some(row.status),
        };
        self.root.record(event);
        Ok(())
    }

    fn release(&mut self, row: &mut DeliveryAttempt) -> Result<(), VerifyError> {
        if row.hold != Hold::Held {
            return Ok(());
        }
        let data = &mut self.root.data;
        data.spend_reserved = data.spend_reserved.checked_sub(&row.reserved)?;
        row.hold = Hold::Released;
        self.moves.push(SpendMove::Release { attempt_id: row.id });
        Ok(())
    }

    /// Ends every send that still waits for a sender.
    pub(super) fn drop_queued(&mut self, status: SendStatus, moment: &Moment) -> Result<(), VerifyError> {
        let queued: Vec<_> =
            self.rows.values().filter(|row| row.status == SendStatus::Queued).cloned().collect();
        for row in queued {
            let mut row = DeliveryAttempt { status, final_at: Some(moment.at), ..row };
            self.release(&mut row)?;
            self.note(moment, Entry::Send { attempt_id: row.id, status, error_code: row.error_code.clone() });
            self.write(row);
        }
        Ok(())
    }

    /// The first receipt of delivery.
    pub(super) fn deliver(&mut self, id: DeliveryAttemptId, moment: &Moment) -> Result<(), VerifyError> {
        let Step::To(state) = self.step_to(VerifyAction::Deliver)? else { return Ok(()) };
        let data = &mut self.root.data;
        data.state = state;
        data.delivered_at = Some(moment.at);
        let latency = moment.at.since(data.started_at).whole_milliseconds();
        if let Some(row) = self.rows.get(&id) {
            let event = VerifyEvent::Delivered {
                verification_id: data.id,
                world: data.world(),
                api_key_id: Some(data.api_key_id),
                country_code: data.country_code,
                attempt_id: id,
                channel: row.channel,
                step: row.step,
                provider: row.provider.clone(),
                latency_ms: u64::try_from(latency).unwrap_or_default(),
                segments: row.segments,
            };
            self.root.record(event);
        }
        Ok(())
    }
}

/// Backoff of 1, 2, 4… seconds.
fn next_try(row: &DeliveryAttempt, now: Timestamp) -> Timestamp {
    let doublings = row.tries.saturating_sub(1).min(10);
    now.plus(time::Duration::seconds(1_i64.checked_shl(doublings).unwrap_or(1)))
}

/// The rank of the status an action leads to.
const fn rank_of(action: SendAction) -> u8 {
    match action {
        SendAction::Dispatch | SendAction::Defer => 1,
        SendAction::Accept => 2,
        SendAction::Deliver
        | SendAction::Undeliver
        | SendAction::Fail
        | SendAction::Lose
        | SendAction::Suppress => 3,
    }
}
