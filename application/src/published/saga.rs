//! What a purchase saga announces. Its commands are events too: that is how they reach their executor.

use super::{
    EventType, event,
    shape::{Field, Shape, maybe, one, one_of, record, who},
    terms::{
        COMPENSATION, COUPON_ID, FAILURE, INTENT_ID, LICENSE_ID, LINE_ID, MONEY, ORDER_ID, REFUND_ID,
        SAGA_ID, SAGA_STATE, TENANT_ID,
    },
};

const WHOSE: &str = "its buyer";

const SAGA: &[Field] = &[
    one("sagaId", SAGA_ID, "The saga."),
    one("orderId", ORDER_ID, "Its order."),
    one("buyerTenantId", TENANT_ID, "The buyer's tenant."),
];

/// Which command it is.
const fn command(name: &'static str) -> Field {
    one("command", Shape::Word(name), "Which command.")
}

/// Which step it is.
const fn step(name: &'static str) -> Field {
    one("step", Shape::Word(name), "Which step.")
}

const LINE: Field = one("line", LINE_ID, "The order line.");
const LEARNER: Field = who("learner", "Who learns.");
const LICENSE: Field = one("licenseId", LICENSE_ID, "The line's licence.");
const COUPONS: Field = one("coupons", Shape::List(&COUPON_ID), "The coupons.");

const LINE_TAX: Shape = record(
    "LineTax",
    "A line's tax, as billing answered.",
    &[one("line", LINE_ID, "The order line."), one("tax", MONEY, "Its tax.")],
);

const BY_HAND: Shape = record(
    "ByHand",
    "Who did by hand what a service should have done, and the proof.",
    &[who("by", "Who."), one("evidence", Shape::Text, "What proves it, in their words.")],
);

const COMMAND: Shape = one_of(
    "SagaCommand",
    "What a saga asks for.",
    &[
        Shape::Record(&[command("reserve_coupons"), COUPONS]),
        Shape::Record(&[command("request_payment")]),
        Shape::Record(&[
            command("mark_pending_payment"),
            one("intent", INTENT_ID, "The intent the order waits for."),
            one("taxes", Shape::List(&LINE_TAX), "The tax of every line."),
        ]),
        Shape::Record(&[command("record_free")]),
        Shape::Record(&[command("poll_payment")]),
        Shape::Record(&[command("void_intent")]),
        Shape::Record(&[command("confirm_coupons"), COUPONS]),
        Shape::Record(&[command("grant_license"), LINE]),
        Shape::Record(&[command("enroll"), LINE, LEARNER, LICENSE]),
        Shape::Record(&[
            command("mark_fulfilled"),
            one(
                "licenses",
                Shape::Map(&LINE_ID, &LICENSE_ID),
                "The licence of every line, by the line's id.",
            ),
        ]),
        Shape::Record(&[command("cancel_enrollment"), LINE, LEARNER, LICENSE]),
        Shape::Record(&[command("revoke_license"), LINE]),
        Shape::Record(&[
            command("refund_payment"),
            maybe("refundId", REFUND_ID, "The refund record that asked for it."),
            one("reason", COMPENSATION, "Why."),
        ]),
        Shape::Record(&[command("release_coupons"), COUPONS]),
        Shape::Record(&[
            command("settle_refund"),
            one("byHand", BY_HAND, "Who returned the money, and the proof."),
        ]),
        Shape::Record(&[command("mark_order_failed"), one("reason", FAILURE, "Why.")]),
        Shape::Record(&[command("mark_order_refunded")]),
    ],
);

const STEP: Shape = one_of(
    "SagaStep",
    "One unit of work of a saga.",
    &[
        Shape::Record(&[step("reserve_coupons")]),
        Shape::Record(&[step("pay")]),
        Shape::Record(&[step("mark_pending_payment")]),
        Shape::Record(&[step("record_free")]),
        Shape::Record(&[step("receive_payment")]),
        Shape::Record(&[step("confirm_coupons")]),
        Shape::Record(&[step("grant_license"), LINE]),
        Shape::Record(&[step("enroll"), LINE]),
        Shape::Record(&[step("mark_fulfilled")]),
        Shape::Record(&[step("cancel_enrollment"), LINE]),
        Shape::Record(&[step("revoke_license"), LINE]),
        Shape::Record(&[step("refund_payment")]),
        Shape::Record(&[step("void_intent")]),
        Shape::Record(&[step("release_coupons")]),
        Shape::Record(&[step("close_order")]),
    ],
);

pub(super) const EVENTS: &[EventType] = &[
    event(
        "marketplace.saga.command_issued.v1",
        "A saga asks for something; again with the same key until answered.",
        WHOSE,
        &[
            SAGA,
            &[
                one(
                    "key",
                    Shape::Text,
                    "The key under which other services see it: `{saga}:{step}[:{line}]`.",
                ),
                one("command", COMMAND, "The command."),
            ],
        ],
    ),
    event(
        "marketplace.saga.compensation_started.v1",
        "A purchase is being undone.",
        WHOSE,
        &[SAGA, &[one("reason", COMPENSATION, "Why.")]],
    ),
    event(
        "marketplace.saga.needs_attention.v1",
        "A step was tried again and again without an answer.",
        WHOSE,
        &[
            SAGA,
            &[
                one("state", SAGA_STATE, "Where the saga is."),
                one("waiting", Shape::List(&STEP), "The steps that wait."),
            ],
        ],
    ),
    event(
        "marketplace.saga.finished.v1",
        "A saga is over.",
        WHOSE,
        &[
            SAGA,
            &[
                one("state", SAGA_STATE, "Fulfilled or failed."),
                maybe("reason", COMPENSATION, "Why it failed; null when it did not."),
            ],
        ],
    ),
];
