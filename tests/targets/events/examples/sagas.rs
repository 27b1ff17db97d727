//! How a purchase is run: every command, every step.

use sarai_domain::{
    kernel::{Id, UserId},
    marketplace::{
        order::{ByHand, FailureReason},
        saga::{CompensationReason, LineTax, SagaCommand, SagaMessage, SagaState, SagaStep},
    },
};

use super::{Example, also, buyer, id, intent, learner, usd, usual};

pub(super) fn sagas() -> Vec<Example> {
    let saga_id: Id<_> = id(11);
    let issued = |command: SagaCommand| SagaMessage::CommandIssued {
        saga_id,
        order_id: id(10),
        buyer_tenant_id: buyer(),
        key: format!("{saga_id}:{}", command.keyed_by()),
        command,
    };
    let finished = |state, reason| SagaMessage::Finished {
        saga_id,
        order_id: id(10),
        buyer_tenant_id: buyer(),
        state,
        reason,
    };
    let mut examples = vec![
        usual(SagaMessage::CompensationStarted {
            saga_id,
            order_id: id(10),
            buyer_tenant_id: buyer(),
            reason: CompensationReason::FulfilmentFailed,
        }),
        usual(SagaMessage::NeedsAttention {
            saga_id,
            order_id: id(10),
            buyer_tenant_id: buyer(),
            state: SagaState::Compensating,
            waiting: steps(),
        }),
        usual(finished(SagaState::Fulfilled, None)),
        also("failed", finished(SagaState::Failed, Some(CompensationReason::PaymentTimeout))),
    ];
    let commands = commands();
    examples.extend(commands.iter().take(1).map(|command| usual(issued(command.clone()))));
    examples.extend(commands.into_iter().skip(1).map(|command| {
        let named = serde_json::to_value(&command).unwrap();
        also(named["command"].as_str().unwrap(), issued(command))
    }));
    examples
}

fn commands() -> Vec<SagaCommand> {
    let (line, license_id, coupons) = (id(12), id(14), vec![id(30)]);
    vec![
        SagaCommand::GrantLicense { line },
        SagaCommand::ReserveCoupons { coupons: coupons.clone() },
        SagaCommand::RequestPayment,
        SagaCommand::MarkPendingPayment {
            intent: intent(),
            taxes: vec![LineTax { line, tax: usd("9.00") }, LineTax { line: id(13), tax: usd("18.00") }],
        },
        SagaCommand::RecordFree,
        SagaCommand::PollPayment,
        SagaCommand::VoidIntent,
        SagaCommand::ConfirmCoupons { coupons: coupons.clone() },
        SagaCommand::Enroll { line, learner: learner(), license_id },
        SagaCommand::MarkFulfilled { licenses: [(line, license_id), (id(13), id(15))].into() },
        SagaCommand::CancelEnrollment { line, learner: learner(), license_id },
        SagaCommand::RevokeLicense { line },
        SagaCommand::RefundPayment { refund_id: Some(id(40)), reason: CompensationReason::BuyerRefund },
        SagaCommand::ReleaseCoupons { coupons },
        SagaCommand::SettleRefund {
            by_hand: ByHand {
                by: UserId::from_static("usr_operator"),
                evidence: "bank transfer 2026-04-24, receipt 118".to_owned(),
            },
        },
        SagaCommand::MarkOrderFailed { reason: FailureReason::CouponExhausted },
        SagaCommand::MarkOrderRefunded,
    ]
}

fn steps() -> Vec<SagaStep> {
    let line = id(12);
    vec![
        SagaStep::ReserveCoupons,
        SagaStep::RequestPayment,
        SagaStep::MarkPendingPayment,
        SagaStep::RecordFree,
        SagaStep::ReceivePayment,
        SagaStep::ConfirmCoupons,
        SagaStep::GrantLicense { line },
        SagaStep::Enroll { line },
        SagaStep::MarkFulfilled,
        SagaStep::CancelEnrollment { line },
        SagaStep::RevokeLicense { line },
        SagaStep::RefundPayment,
        SagaStep::VoidIntent,
        SagaStep::ReleaseCoupons,
        SagaStep::CloseOrder,
    ]
}
