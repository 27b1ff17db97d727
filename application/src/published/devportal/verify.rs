//! What verifications, their texts and sandboxes announce.

use super::{
    super::{
        EventType, event,
        shape::{Field, Shape, maybe, one},
        terms::{COUNT, INSTANT, SHA256},
    },
    terms::{
        ACCOUNT_ID, ASSURANCE, ATTEMPT_ID, CHANNEL, COUNTRY, ENVIRONMENT, FAILURE, KEY_ID, LOCALE, PRICE,
        PURPOSE, SANDBOX_ID, SEND_STATUS, STEP, TEMPLATE_ID, VERIFICATION_ID,
    },
};

const WHOSE: &str = "its tenant";

const SESSION: &[Field] = &[
    one("verificationId", VERIFICATION_ID, "The verification."),
    one("environment", ENVIRONMENT, "In which world."),
    maybe("sandboxId", SANDBOX_ID, "In which sandbox."),
];
const SEND: &[Field] = &[
    one("attemptId", ATTEMPT_ID, "The send."),
    one("channel", CHANNEL, "Over which channel."),
    maybe("countryCode", COUNTRY, "The phone's country."),
    one("apiKeyId", KEY_ID, "Which key asked."),
];
const BY: &[Field] = &[
    maybe("apiKeyId", KEY_ID, "Which key asked; old events do not say."),
    maybe("countryCode", COUNTRY, "The phone's country."),
];
const USED: &[Field] = &[
    one("attempts", COUNT, "How many checks there were."),
    one("sends", COUNT, "How many sends."),
    one("cost", PRICE, "What it cost."),
];
const LAST: &[Field] = &[maybe("lastChannel", CHANNEL, "The last channel.")];
/// Milliseconds.
const MILLIS: Shape = Shape::Whole(0, u64::MAX);
/// A place among the steps.
const PLACE: Shape = Shape::Whole(0, u8::MAX as u64);

pub(super) const SESSIONS: &[EventType] = &[
    event(
        "devportal.verify.requested.v1",
        "Somebody asked for a code.",
        WHOSE,
        &[
            SESSION,
            &[
                one("apiKeyId", KEY_ID, "Which key asked."),
                one("purpose", PURPOSE, "What for."),
                one("channelOrder", Shape::NonEmpty(&STEP), "Its channels, tried one after the other."),
                one("firstChannel", CHANNEL, "The first of them."),
                one("locale", LOCALE, "The language of its messages."),
                maybe("countryCode", COUNTRY, "The phone's country."),
                one(
                    "destinationHash",
                    SHA256,
                    "The first channel's destination under a key: for counting only.",
                ),
                one("destinationMasked", Shape::Text, "The first channel's destination, as it may be shown."),
                one("templateId", TEMPLATE_ID, "Its text."),
                one("templateVersion", COUNT, "The text's version."),
                one("expiresAt", INSTANT, "When its time is over."),
                one("reused", Shape::Flag, "Whether a live verification goes on."),
            ],
        ],
    ),
    event(
        "devportal.verify.sent.v1",
        "A provider took a send.",
        WHOSE,
        &[SESSION, SEND, &[one("price", PRICE, "What it is quoted at.")]],
    ),
    event(
        "devportal.verify.send_settled.v1",
        "It is known what a send cost.",
        WHOSE,
        &[
            SESSION,
            SEND,
            &[
                one("price", PRICE, "What it cost."),
                maybe("status", SEND_STATUS, "Where it stood then; old events do not say."),
            ],
        ],
    ),
    event(
        "devportal.verify.delivered.v1",
        "The first receipt of delivery came.",
        WHOSE,
        &[
            SESSION,
            BY,
            &[
                one("attemptId", ATTEMPT_ID, "The send."),
                one("channel", CHANNEL, "Over which channel."),
                one("step", PLACE, "For which step, from 0."),
                maybe("provider", Shape::Text, "Who sent it."),
                one("latencyMs", MILLIS, "From the request to the receipt, in milliseconds."),
                maybe("segments", PLACE, "How many segments it took."),
            ],
        ],
    ),
    event(
        "devportal.verify.channel_advanced.v1",
        "The next channel is tried.",
        WHOSE,
        &[
            SESSION,
            &[
                one("step", PLACE, "To which step, from 0."),
                one("channel", CHANNEL, "Over which channel."),
                one("fromChannel", CHANNEL, "The channel before."),
                one("attemptId", ATTEMPT_ID, "Which send follows."),
                one("manual", Shape::Flag, "Whether somebody asked for it."),
            ],
        ],
    ),
    event(
        "devportal.verify.approved.v1",
        "The right code was given.",
        WHOSE,
        &[
            SESSION,
            BY,
            USED,
            &[
                one("channel", CHANNEL, "The channel that delivered last, else the last one sent on."),
                one("durationMs", MILLIS, "From the request to the approval, in milliseconds."),
                one("assurance", ASSURANCE, "What the proof is worth."),
            ],
        ],
    ),
    event(
        "devportal.verify.failed.v1",
        "A verification was given up.",
        WHOSE,
        &[
            SESSION,
            BY,
            USED,
            LAST,
            &[
                one("reason", FAILURE, "Why."),
                maybe("lastErrorCode", Shape::Text, "What the last channel's provider said."),
            ],
        ],
    ),
    event(
        "devportal.verify.expired.v1",
        "A verification's time was over.",
        WHOSE,
        &[SESSION, BY, USED, LAST],
    ),
];

const TEXT: &[Field] =
    &[one("templateId", TEMPLATE_ID, "The template."), one("versionNo", COUNT, "The version.")];

pub(super) const TEMPLATES: &[EventType] = &[
    event(
        "devportal.template.approved.v1",
        "A version of a template is used from now on.",
        WHOSE,
        &[TEXT, &[maybe("retired", COUNT, "The version before, which starts nothing any more.")]],
    ),
    event(
        "devportal.template.rejected.v1",
        "A version of a template was sent back.",
        WHOSE,
        &[TEXT, &[one("reason", Shape::Text, "Why.")]],
    ),
    event("devportal.template.archived.v1", "A version of a template is used no more.", WHOSE, &[TEXT]),
];

const SANDBOX: &[Field] =
    &[one("sandboxId", SANDBOX_ID, "The sandbox."), one("accountId", ACCOUNT_ID, "Which developer's.")];

pub(super) const SANDBOXES: &[EventType] = &[
    event(
        "devportal.sandbox.created.v1",
        "A sandbox exists.",
        WHOSE,
        &[SANDBOX, &[one("expiresAt", INSTANT, "When its real time is over.")]],
    ),
    event(
        "devportal.sandbox.closed.v1",
        "A sandbox is over; its data will be gone within a day.",
        WHOSE,
        &[
            SANDBOX,
            &[one("expired", Shape::Flag, "Whether its time was over, rather than its developer's wish.")],
        ],
    ),
];
