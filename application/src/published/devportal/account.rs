//! What accounts and keys announce.

use super::{
    super::{
        EventType, event,
        shape::{Field, Shape, maybe, one},
        terms::{INSTANT, TENANT_ID},
    },
    terms::{
        ACCOUNT_ID, CREATOR, ENVIRONMENT, IDENTITY_ID, KEY_ID, KEY_PREFIX, KEY_TAIL, LABEL, REVOKED,
        SANDBOX_ID, SCOPE, SUSPENDED_BY, URL,
    },
};

const WHOSE: &str = "its tenant";

const ACCOUNT: &[Field] = &[
    one("accountId", ACCOUNT_ID, "The account."),
    one("authAccountId", IDENTITY_ID, "Its identity at the auth-service."),
    one("tenantId", TENANT_ID, "Its tenant."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const ACCOUNTS: &[EventType] = &[
    event("devportal.account.registered.v1", "A developer has an account.", WHOSE, &[ACCOUNT]),
    event(
        "devportal.account.suspended.v1",
        "An account may only read.",
        WHOSE,
        &[ACCOUNT, &[one("reason", Shape::Text, "Why."), one("by", SUSPENDED_BY, "By whom.")]],
    ),
    event("devportal.account.reinstated.v1", "A suspended account goes on.", WHOSE, &[ACCOUNT]),
    event("devportal.account.closed.v1", "An account is over.", WHOSE, &[ACCOUNT]),
];

const KEY: &[Field] = &[
    one("keyId", KEY_ID, "The key."),
    one("accountId", ACCOUNT_ID, "Whose it is."),
    one("environment", ENVIRONMENT, "In which world it works."),
    maybe("sandboxId", SANDBOX_ID, "The sandbox it is bound to."),
    one("at", INSTANT, "When it happened, in business time."),
];

pub(super) const KEYS: &[EventType] = &[
    event(
        "devportal.key.created.v1",
        "A key works.",
        WHOSE,
        &[
            KEY,
            &[
                one("label", LABEL, "What its owner calls it."),
                one("prefix", KEY_PREFIX, "Its beginning."),
                one("last4", KEY_TAIL, "Its end."),
                one("scopes", Shape::NonEmpty(&SCOPE), "What it may do."),
                maybe("expiresAt", INSTANT, "From when on it does not work."),
                maybe("rotatedFrom", KEY_ID, "The key it succeeds."),
                one("createdBy", CREATOR, "Who created it."),
            ],
        ],
    ),
    event(
        "devportal.key.revoked.v1",
        "A key works nowhere any more, `effectiveBy` at the latest.",
        WHOSE,
        &[
            KEY,
            &[
                one("reason", REVOKED, "Why."),
                one("revokedAt", INSTANT, "When."),
                one("effectiveBy", INSTANT, "When the last copy of an older answer is gone."),
                maybe("replacedBy", KEY_ID, "Its successor."),
            ],
        ],
    ),
    event(
        "devportal.key.rotated.v1",
        "A successor takes a key's place.",
        WHOSE,
        &[
            KEY,
            &[one("replacedBy", KEY_ID, "The successor."), one("retireAt", INSTANT, "Until when both work.")],
        ],
    ),
    event(
        "devportal.key.expiring_soon.v1",
        "A key will soon not work any more.",
        WHOSE,
        &[
            KEY,
            &[
                one("expiresAt", INSTANT, "From when on."),
                one("days", super::super::terms::COUNT, "How many days before that it is said."),
            ],
        ],
    ),
    event(
        "devportal.key.exposed.v1",
        "A key was found where everybody can read it.",
        WHOSE,
        &[KEY, &[maybe("foundAt", URL, "Where, if the finder said so.")]],
    ),
    event("devportal.key.discarded.v1", "A key's secret was never issued.", WHOSE, &[KEY]),
];
