//! The words that the developer portal's payloads share.

use sarai_domain::kernel::id::kinds;

use super::super::{
    shape::{Form, Shape, external, id, maybe, one, one_of, record, words},
    terms::{CURRENCY, INSTANT, USER_ID},
};

pub(super) const ACCOUNT_ID: Shape = id::<kinds::DeveloperAccount>("DeveloperAccountId", "An account's id.");
pub(super) const KEY_ID: Shape = id::<kinds::ApiKey>("ApiKeyId", "A key's id; nothing of its secret.");
pub(super) const SANDBOX_ID: Shape = id::<kinds::Sandbox>("SandboxId", "A sandbox's id.");
pub(super) const VERIFICATION_ID: Shape = id::<kinds::Verification>("VerificationId", "A verification's id.");
pub(super) const ATTEMPT_ID: Shape = id::<kinds::DeliveryAttempt>("DeliveryAttemptId", "A send's id.");
pub(super) const TEMPLATE_ID: Shape = id::<kinds::VerifyTemplate>("VerifyTemplateId", "A template's id.");
pub(super) const RELEASE_ID: Shape = id::<kinds::SdkRelease>("SdkReleaseId", "An SDK release's id.");
pub(super) const ARTIFACT_ID: Shape = id::<kinds::Artifact>("ArtifactId", "A released file's id.");
pub(super) const ARTICLE_ID: Shape = id::<kinds::DocsArticle>("DocsArticleId", "An article's id.");
pub(super) const ENDPOINT_ID: Shape = id::<kinds::WebhookEndpoint>("WebhookEndpointId", "An endpoint's id.");
pub(super) const IDENTITY_ID: Shape =
    external("AuthAccountId", "The auth-service's id of an account, opaque.");

pub(super) const ENVIRONMENT: Shape = words(
    "Environment",
    "In which world.",
    &[("SANDBOX", "for trying out: nothing leaves it"), ("PRODUCTION", "for real")],
);
pub(super) const CHANNEL: Shape = words(
    "Channel",
    "How a code travels.",
    &[("SMS", "a text message"), ("VOICE", "a call"), ("WHATSAPP", "WhatsApp"), ("EMAIL", "an e-mail")],
);
pub(super) const SEND_STATUS: Shape = words(
    "SendStatus",
    "What became of a send.",
    &[
        ("QUEUED", "it waits for a sender"),
        ("SENDING", "a sender has it"),
        ("SENT", "a provider took it"),
        ("DELIVERED", "it was received"),
        ("UNDELIVERED", "it was not received"),
        ("FAILED", "it never left"),
        ("LOST", "nobody knows"),
        ("SUPPRESSED", "it was not needed any more"),
    ],
);
pub(super) const PURPOSE: Shape = words(
    "Purpose",
    "What a code is for.",
    &[
        ("SIGN_UP", "a new account"),
        ("SIGN_IN", "signing in"),
        ("TRANSACTION", "agreeing to something"),
        ("CONTACT_CHANGE", "another address"),
        ("GENERIC", "anything else"),
    ],
);
pub(super) const LOCALE: Shape =
    words("Locale", "A language.", &[("en", "English"), ("ps", "Pashto"), ("fa", "Dari and Persian")]);
pub(super) const ASSURANCE: Shape = words(
    "Assurance",
    "What an approval proves (V-INV-19).",
    &[
        ("contact_ownership", "that whoever answered reads the mailbox"),
        ("possession_restricted", "that whoever answered has the phone, over a restricted channel"),
    ],
);
pub(super) const FAILURE: Shape = words(
    "VerificationFailure",
    "Why a verification was given up.",
    &[
        ("MAX_ATTEMPTS", "too many wrong codes"),
        ("CHANNELS_EXHAUSTED", "no channel delivered"),
        ("CANCELLED", "its developer cancelled it"),
        ("FRAUD_BLOCKED", "it looked like fraud"),
        ("SPEND_CAP", "the spend cap was reached"),
        ("SUPERSEDED", "a newer one took its place"),
        ("KEY_UNAVAILABLE", "the key of its code is gone"),
    ],
);
pub(super) const SUSPENDED_BY: Shape = words(
    "SuspendedBy",
    "Who suspended an account.",
    &[("STAFF", "the platform's staff"), ("AUTH", "the auth-service")],
);
pub(super) const REVOKED: Shape = words(
    "KeyRevocation",
    "Why a key works no more.",
    &[
        ("USER", "its owner revoked it"),
        ("ROTATED", "its successor took over"),
        ("EXPIRED", "its time was over"),
        ("EXPOSED", "it was found where everybody can read it"),
        ("ACCOUNT_CLOSED", "its account was closed"),
        ("ADMIN", "the platform's staff revoked it"),
    ],
);
pub(super) const DISABLED: Shape = words(
    "DisabledReason",
    "Why an endpoint gets nothing any more.",
    &[
        ("USER", "its owner disabled it"),
        ("GONE", "it answered 410"),
        ("FAILING", "nothing reached it for days"),
    ],
);
pub(super) const LANGUAGE: Shape = words(
    "SdkLanguage",
    "What an SDK is written in.",
    &[
        ("TYPESCRIPT", "TypeScript"),
        ("PYTHON", "Python"),
        ("GO", "Go"),
        ("RUST", "Rust"),
        ("JAVA", "Java"),
        ("KOTLIN", "Kotlin"),
        ("SWIFT", "Swift"),
        ("PHP", "PHP"),
        ("RUBY", "Ruby"),
        ("CSHARP", "C#"),
        ("DART", "Dart"),
    ],
);
pub(super) const RELEASE_CHANNEL: Shape = words(
    "ReleaseChannel",
    "How far a release is.",
    &[("STABLE", "done"), ("RC", "nearly done"), ("BETA", "to be tried"), ("ALPHA", "to be looked at")],
);
pub(super) const AUDIENCE: Shape = words(
    "DocsAudience",
    "Who may read an article.",
    &[("PUBLIC", "everybody"), ("DEVELOPER", "whoever is signed in"), ("PARTNER", "partners")],
);
pub(super) const ADVANCE_ON: Shape = words(
    "AdvanceOn",
    "When the next channel is tried.",
    &[
        ("NOT_DELIVERED", "when nothing was delivered in time"),
        ("NOT_APPROVED", "when nobody answered in time"),
        ("MANUAL", "when somebody asks for it"),
    ],
);
pub(super) const RESEND_POLICY: Shape = words(
    "ResendPolicy",
    "What a resend carries.",
    &[("SAME_CODE", "the same code"), ("NEW_CODE", "a new one; the old one is void")],
);

pub(super) const SCOPE: Shape = words(
    "Scope",
    "What a key may do.",
    &[
        ("sms:send", "sends text messages"),
        ("sms:read", "reads text messages"),
        ("billing:read", "reads invoices and the balance"),
        ("verify:send", "starts and checks verifications"),
        ("verify:read", "reads verifications"),
        ("keys:read", "reads the metadata of keys"),
        ("keys:write", "creates, rotates and revokes keys"),
        ("webhooks:read", "reads endpoints and deliveries"),
        ("webhooks:write", "changes endpoints and replays deliveries"),
        ("usage:read", "reads usage figures"),
        ("marketplace:read", "reads orders and licences"),
        ("marketplace:write", "places orders and assigns seats"),
        ("docs:write", "writes documentation"),
        ("sdk:write", "releases SDKs"),
    ],
);
pub(super) const LABEL: Shape = Shape::Named(
    "Label",
    "A name that a person gave: one line of 1 to 64 visible characters.",
    Form::Pattern(r"^[^\s](.{0,62}[^\s])?$", "CI – main"),
);
pub(super) const KEY_PREFIX: Shape = Shape::Named(
    "KeyPrefix",
    "The beginning of a key, by which people tell it.",
    Form::Pattern("^srk_(live|sbx)_[0-9A-Za-z]{4}$", "srk_live_8GkQ"),
);
pub(super) const KEY_TAIL: Shape =
    Shape::Named("KeyTail", "The last four characters of a key.", Form::Pattern("^[0-9A-Za-z]{4}$", "3xZa"));
pub(super) const URL: Shape = Shape::Named(
    "HttpsUrl",
    "An https address.",
    Form::Pattern(r"^https://[a-z0-9.:\[\]-]+/[!-~]*$", "https://example.com/hooks"),
);
pub(super) const SLUG: Shape = Shape::Named(
    "Slug",
    "A name in addresses.",
    Form::Pattern("^(?=.{1,80}$)[a-z0-9]+(-[a-z0-9]+)*$", "getting-started"),
);
pub(super) const SEMVER: Shape = Shape::Named(
    "SemVer",
    "A version by semantic versioning.",
    Form::Pattern(
        r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$",
        "1.4.0",
    ),
);
pub(super) const COUNTRY: Shape =
    Shape::Named("CountryCode", "A country by ISO 3166-1.", Form::Pattern("^[A-Z]{2}$", "AF"));
pub(super) const DIAL_PREFIX: Shape = Shape::Named(
    "DialPrefix",
    "The beginning of phone numbers.",
    Form::Pattern(r"^\+[1-9][0-9]{0,14}$", "+9370"),
);
pub(super) const PRICE: Shape = record(
    "Price",
    "A price in millionths of its currency's unit (ruling R22).",
    &[
        one(
            "amount",
            Shape::Named(
                "PriceAmount",
                "An amount with six digits after the point.",
                Form::Pattern(r"^(0|[1-9][0-9]*)\.[0-9]{6}$", "0.007900"),
            ),
            "How much.",
        ),
        one("currency", CURRENCY, "Of what."),
    ],
);
pub(super) const PERIOD: Shape = record(
    "SpendPeriod",
    "A UTC day or month.",
    &[
        one(
            "kind",
            words("PeriodKind", "How long it is.", &[("DAY", "a UTC day"), ("MONTH", "a UTC month")]),
            "How long it is.",
        ),
        one("startsAt", INSTANT, "Its first instant."),
    ],
);
pub(super) const STEP: Shape = record(
    "ChannelStep",
    "A channel, and how long it is waited for.",
    &[
        one("channel", CHANNEL, "The channel."),
        one("waitSeconds", Shape::Whole(15, 300), "How long, in seconds, before the next."),
    ],
);
pub(super) const CREATOR: Shape = one_of(
    "KeyCreator",
    "Who created a key.",
    &[
        Shape::Record(&[one("user", USER_ID, "A person.")]),
        Shape::Record(&[one("key", KEY_ID, "Another key.")]),
    ],
);
pub(super) const VERIFY_TERMS: Shape = record(
    "VerifyTerms",
    "How verifications run where a start says nothing.",
    &[
        one("ttlSeconds", Shape::Whole(0, u16::MAX as u64), "How long a code is good for."),
        one("codeLength", Shape::Whole(6, 10), "How many digits it has."),
        one("maxAttempts", super::super::terms::COUNT, "How often it may be checked."),
        one("maxSends", super::super::terms::COUNT, "How often it may be sent."),
        one("resendCooldownSeconds", Shape::Whole(0, u16::MAX as u64), "How long between two sends."),
        one("advanceOn", ADVANCE_ON, "When the next channel is tried."),
        one("resendPolicy", RESEND_POLICY, "What a resend carries."),
    ],
);
pub(super) const POLICY: Shape = record(
    "VerifyPolicySettings",
    "Where and how a tenant sends codes.",
    &[
        one("homeCountry", COUNTRY, "Where the tenant is at home."),
        one(
            "allowedCountries",
            Shape::List(&COUNTRY),
            "Where codes are sent to; only home where none is named.",
        ),
        one("blockedPrefixes", Shape::List(&DIAL_PREFIX), "Numbers that no code is sent to."),
        one("allowedChannels", Shape::List(&CHANNEL), "By which channels."),
        one("terms", VERIFY_TERMS, "How verifications run."),
        maybe(
            "tenantSendsPerHour",
            super::super::terms::COUNT,
            "How many sends an hour, if there is a bound.",
        ),
    ],
);
pub(super) const CAPS: Shape = record(
    "SpendCaps",
    "What a tenant spends at most; no bound where there is null.",
    &[
        maybe("perDay", PRICE, "In a UTC day."),
        maybe("perMonth", PRICE, "In a UTC month."),
        maybe("maxPricePerSend", PRICE, "For a send."),
    ],
);
