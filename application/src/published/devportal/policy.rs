//! What policies, limits and ledgers announce.

use super::{
    super::{
        EventType, event,
        shape::{Field, Shape, maybe, one},
        terms::{INSTANT, SHA256, TENANT_ID},
    },
    terms::{CAPS, CHANNEL, COUNTRY, ENVIRONMENT, KEY_ID, PERIOD, POLICY, PRICE, PURPOSE, VERIFICATION_ID},
};

const WHOSE: &str = "its tenant";
const WORLD: &[Field] = &[one("environment", ENVIRONMENT, "In which world.")];

pub(super) const BLOCKED: &[EventType] = &[event(
    "devportal.verify.blocked.v1",
    "A start was refused.",
    WHOSE,
    &[
        WORLD,
        &[
            one("verificationId", VERIFICATION_ID, "The id the verification would have had."),
            one("tenantId", TENANT_ID, "Whose."),
            one("apiKeyId", KEY_ID, "Which key asked."),
            one("purpose", PURPOSE, "What for."),
            one("channel", CHANNEL, "The first channel."),
            one("destinationHash", SHA256, "The destination under a key: for counting only."),
            one("destinationMasked", Shape::Text, "The destination, as it may be shown."),
            maybe("countryCode", COUNTRY, "The phone's country."),
            one("code", Shape::Text, "The code of the refusal."),
            one("reasons", Shape::List(&Shape::Text), "Why, in words for machines."),
            maybe("bucket", Shape::Text, "Which limit, where it was one."),
            maybe("until", INSTANT, "When it clears, where that is known."),
            one("at", INSTANT, "When it was refused."),
        ],
    ],
)];

pub(super) const POLICIES: &[EventType] = &[
    event(
        "devportal.verify.policy_changed.v1",
        "A tenant changed where and how its codes are sent.",
        WHOSE,
        &[WORLD, &[one("settings", POLICY, "What holds now.")]],
    ),
    event(
        "devportal.verify.spend_policy_changed.v1",
        "A tenant changed what it spends at most.",
        WHOSE,
        &[WORLD, &[one("caps", CAPS, "What holds now.")]],
    ),
];

const LEDGER: &[Field] = &[
    one("period", PERIOD, "For which period."),
    one("cap", PRICE, "The cap."),
    one("spent", PRICE, "What was spent."),
    one("reserved", PRICE, "What is held."),
    one("resetsAt", INSTANT, "When the next period begins."),
];

pub(super) const SPEND: &[EventType] = &[
    event(
        "devportal.verify.spend_cap_hit.v1",
        "A send was refused because of the cap: told once for a period and a cap.",
        WHOSE,
        &[
            WORLD,
            LEDGER,
            &[maybe("refusedVerificationId", VERIFICATION_ID, "Which verification was refused a send.")],
        ],
    ),
    event(
        "devportal.verify.spend_threshold.v1",
        "A part of the cap is spent or held.",
        WHOSE,
        &[WORLD, LEDGER, &[one("percent", Shape::Whole(0, u8::MAX as u64), "Which part, in hundredths.")]],
    ),
];
