//! What a saga will do next if nobody answers: the decision table, asked about its next timer.

use super::{SagaCommand, SagaCoordinator, SagaData, SagaEvent, SagaState};
use crate::kernel::Timestamp;

/// What the next timer brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// When.
    pub at: Timestamp,
    /// The state then.
    pub state: SagaState,
    /// What is tried then.
    pub commands: Vec<SagaCommand>,
}

impl SagaCoordinator {
    /// What follows when nothing happens before the next timer; none for a saga that is over.
    pub fn forecast(saga: &SagaData, now: Timestamp) -> Option<Forecast> {
        let deadline = (saga.state == SagaState::Started).then(|| saga.start_deadline_at());
        let timers = [
            (saga.awaiting_payment_timeout_at, SagaEvent::TimeoutFired),
            (deadline, SagaEvent::StartDeadline),
            (saga.next_attempt_at, SagaEvent::RetryDue),
        ];
        let due = timers.into_iter().filter_map(|(at, timer)| Some((at?.max(now), timer)));
        let (at, timer) = due.min_by_key(|(at, _)| *at)?;
        let decision = Self::decide(saga, &timer, at);
        let state = decision.next.map_or(saga.state, |next| next.state);
        (!saga.state.is_terminal()).then_some(Forecast { at, state, commands: decision.commands })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{NewSaga, PurchaseSaga, SagaLine},
        *,
    };
    use crate::kernel::Aggregate;

    fn names(saga: &PurchaseSaga, now: Timestamp) -> Option<(SagaState, Vec<&'static str>)> {
        let forecast = SagaCoordinator::forecast(saga.data(), now)?;
        Some((forecast.state, forecast.commands.iter().map(SagaCommand::name).collect()))
    }

    #[test]
    fn the_forecast_is_what_the_next_timer_then_brings() {
        let now: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        let line = "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let new = NewSaga {
            id: "sga_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            buyer_tenant_id: "acme".parse().unwrap(),
            buyer_user_id: "ada".parse().unwrap(),
            lines: vec![SagaLine { order_line_id: line, learner: None }],
            coupons: vec![],
            free: false,
            placed_at: now,
        };
        let mut saga = PurchaseSaga::start(new, now).unwrap();
        assert_eq!(names(&saga, now), Some((SagaState::Started, vec!["request_payment"])));
        let late = now.plus(time::Duration::minutes(30));
        assert_eq!(names(&saga, late), Some((SagaState::Compensating, vec!["void_intent"])));
        let asked = SagaEvent::PaymentRequested { intent: "pi_1".parse().unwrap(), taxes: vec![] };
        for event in [asked, SagaEvent::PaymentPending] {
            let _ = saga.handle(&event, None, now).unwrap();
        }
        assert_eq!(names(&saga, now), Some((SagaState::AwaitingPayment, vec!["poll_payment"])));
        assert_eq!(names(&saga, late), Some((SagaState::AwaitingPayment, vec!["void_intent"])));
        let license_id = "lic_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        for event in [SagaEvent::OrderPaid, SagaEvent::LicenseGranted { line, license_id }] {
            let _ = saga.handle(&event, None, now).unwrap();
        }
        assert_eq!(names(&saga, now), None, "it is over");
    }
}
