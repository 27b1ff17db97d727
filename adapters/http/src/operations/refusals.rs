//! What each operation refuses with beside the general codes: exactly the codes its use case can answer.
//!
//! `tests/targets/codes` provokes every one of them, so a code that cannot occur fails the test.

pub(super) const FEED: &[&str] = &["feed.ahead", "feed.expired", "key.environment_mismatch"];
pub(super) const DOCS_READ: &[&str] = &["docs.gone", "docs.not_found"];
pub(super) const DOCS_CREATE: &[&str] = &["docs.name_malformed", "docs.slug_taken", "docs.too_many_tags"];
pub(super) const DOCS_EDIT: &[&str] = &["docs.not_writable", "docs.slug_taken", "docs.too_many_tags"];
pub(super) const DOCS_REVISION: &[&str] = &[
    "docs.body_malformed",
    "docs.not_writable",
    "docs.summary_malformed",
    "docs.title_malformed",
    "docs.translation_source",
];
pub(super) const DOCS_PUBLISH: &[&str] =
    &["docs.broken_links", "docs.invalid_transition", "docs.revision_not_found", "docs.source_missing"];
pub(super) const DOCS_ARCHIVE: &[&str] = &["docs.invalid_transition", "docs.leads_to_itself"];
pub(super) const SDK_LANGUAGE: &[&str] = &["sdk.language_unknown"];
pub(super) const SDK_LATEST: &[&str] = &["sdk.language_unknown", "sdk.not_found"];
pub(super) const SDK_FIND: &[&str] = &["sdk.not_found"];
pub(super) const SDK_CONTENT: &[&str] = &["sdk.link_expired"];
pub(super) const SDK_CREATE: &[&str] =
    &["sdk.changelog_too_long", "sdk.name_malformed", "sdk.purl_mismatch", "sdk.version_exists"];
pub(super) const SDK_UPLOAD: &[&str] = &[
    "sdk.artifact_exists",
    "sdk.artifact_malformed",
    "sdk.artifact_too_large",
    "sdk.digest_mismatch",
    "sdk.filename_malformed",
    "sdk.immutable",
    "sdk.not_found",
];
pub(super) const SDK_PUBLISH: &[&str] = &[
    "sdk.artifact_count",
    "sdk.bad_signature",
    "sdk.changelog_missing",
    "sdk.digest_mismatch",
    "sdk.invalid_transition",
    "sdk.unknown_key",
];
pub(super) const SDK_WITHDRAW: &[&str] =
    &["sdk.invalid_transition", "sdk.not_found", "sdk.reason_malformed", "sdk.supersedes_itself"];
pub(super) const SDK_UNYANK: &[&str] = &["sdk.invalid_transition", "sdk.restore_too_late"];
pub(super) const SIGN_IN: &[&str] = &["invalid_credentials", "otp_required"];

/// A session that goes on.
pub(super) const REFRESH: &[&str] = &["invalid_credentials"];

/// What a listing is described with.
pub(super) const LISTING_CREATE: &[&str] = &[
    "listing.category_malformed",
    "listing.description_malformed",
    "listing.refund_days_out_of_range",
    "listing.revenue_share_forbidden",
    "listing.revenue_share_not_whole",
    "listing.tagline_malformed",
    "listing.tags_malformed",
    "listing.too_many_screenshots",
    "listing.url_malformed",
];
/// The same, and the state in which a listing can be changed.
pub(super) const LISTING_EDIT: &[&str] = &[
    "listing.category_malformed",
    "listing.description_malformed",
    "listing.invalid_transition",
    "listing.refund_days_out_of_range",
    "listing.revenue_share_forbidden",
    "listing.revenue_share_not_whole",
    "listing.tagline_malformed",
    "listing.tags_malformed",
    "listing.too_many_screenshots",
    "listing.url_malformed",
];

/// A listing on sale cannot be given another course or share, so those codes cannot occur.
pub(super) const PROPOSE: &[&str] = &[
    "listing.category_malformed",
    "listing.description_malformed",
    "listing.invalid_transition",
    "listing.refund_days_out_of_range",
    "listing.revision_empty",
    "listing.tagline_malformed",
    "listing.tags_malformed",
    "listing.too_many_screenshots",
    "listing.url_malformed",
];
pub(super) const WITHDRAW_PROPOSAL: &[&str] = &["listing.no_pending_revision"];

pub(super) const PLAN_CREATE: &[&str] = &[
    "listing.interval_missing",
    "listing.interval_not_allowed",
    "listing.invalid_transition",
    "listing.plan_currency_mismatch",
    "listing.seats_missing",
    "listing.seats_not_allowed",
];
pub(super) const PLAN_EDIT: &[&str] = &[
    "listing.interval_missing",
    "listing.interval_not_allowed",
    "listing.invalid_transition",
    "listing.no_active_plan",
    "listing.plan_currency_mismatch",
    "listing.plan_frozen",
    "listing.plan_not_found",
    "listing.seats_missing",
    "listing.seats_not_allowed",
];
pub(super) const PLAN_REPLACE: &[&str] = &[
    "listing.interval_missing",
    "listing.interval_not_allowed",
    "listing.invalid_transition",
    "listing.no_active_plan",
    "listing.plan_currency_mismatch",
    "listing.plan_not_found",
    "listing.seats_missing",
    "listing.seats_not_allowed",
];

pub(super) const SUBMIT: &[&str] = &["listing.invalid_transition", "listing.no_active_plan"];
pub(super) const WITHDRAW: &[&str] = &["listing.invalid_transition"];
pub(super) const GO_LIVE: &[&str] = &[
    "listing.invalid_transition",
    "listing.kyc_required",
    "listing.no_active_plan",
    "listing.not_shippable",
];
pub(super) const RETIRE: &[&str] = &["listing.in_use", "listing.invalid_transition"];
pub(super) const SHIP_VERSION: &[&str] = &["listing.invalid_transition", "listing.not_shippable"];

pub(super) const APPROVE: &[&str] =
    &["listing.invalid_transition", "listing.kyc_required", "listing.not_shippable", "listing.stale_review"];
/// A decision with a reason: rejecting, suspending.
pub(super) const DECIDE: &[&str] = &["listing.invalid_transition", "listing.reason_malformed"];
pub(super) const REINSTATE: &[&str] = &[
    "listing.invalid_transition",
    "listing.kyc_required",
    "listing.no_active_plan",
    "listing.not_shippable",
    "listing.reason_malformed",
];
pub(super) const REVENUE_SHARE: &[&str] =
    &["listing.invalid_transition", "listing.reason_malformed", "listing.revenue_share_not_whole"];

pub(super) const QUOTE: &[&str] = &[
    "coupon.code_malformed",
    "coupon.currency_mismatch",
    "coupon.exhausted",
    "coupon.expired",
    "coupon.inactive",
    "coupon.not_applicable",
    "coupon.not_found",
    "coupon.not_stackable",
    "coupon.not_yet_valid",
    "coupon.too_many",
    "coupon.user_cap_reached",
    "listing.kyc_required",
    "listing.not_live",
    "listing.plan_not_found",
    "money.overflow",
    "not_found",
    "order.already_licensed",
    "order.billing_refused",
    "order.currency_mismatch",
    "order.duplicate_line",
    "order.learner_required",
    "order.no_lines",
    "order.plan_inactive",
    "order.quantity_must_be_one",
    "order.quantity_not_multiple",
    "order.too_many_lines",
];
/// A cart, or the token of a quote. Billing's refusal is no refusal here: it is a failed order.
pub(super) const ORDER: &[&str] = &[
    "coupon.code_malformed",
    "coupon.currency_mismatch",
    "coupon.exhausted",
    "coupon.expired",
    "coupon.inactive",
    "coupon.not_applicable",
    "coupon.not_found",
    "coupon.not_stackable",
    "coupon.not_yet_valid",
    "coupon.too_many",
    "coupon.user_cap_reached",
    "listing.kyc_required",
    "listing.not_live",
    "listing.plan_not_found",
    "money.overflow",
    "not_found",
    "order.already_licensed",
    "order.currency_mismatch",
    "order.duplicate_line",
    "order.learner_required",
    "order.no_lines",
    "order.plan_inactive",
    "order.quantity_must_be_one",
    "order.quantity_not_multiple",
    "order.too_many_lines",
    "quote.expired",
    "quote.token_invalid",
    "quote.used",
];
pub(super) const PAY: &[&str] = &["order.not_payable", "payment.token_refused"];
pub(super) const CANCEL: &[&str] = &["order.not_cancellable"];
pub(super) const REFUND: &[&str] = &[
    "refund.already_refunded",
    "refund.attempts_exceeded",
    "refund.deadline_passed",
    "refund.in_progress",
    "refund.indeterminate",
    "refund.no_lines",
    "refund.not_refundable",
    "refund.not_self_refundable",
    "refund.partial_before_fulfilment",
    "refund.unknown_line",
];
/// The staff's refund: the refund policy does not bind it.
pub(super) const STAFF_REFUND: &[&str] = &[
    "refund.already_refunded",
    "refund.in_progress",
    "refund.no_lines",
    "refund.not_refundable",
    "refund.partial_before_fulfilment",
    "refund.unknown_line",
];

pub(super) const SEAT_ASSIGN: &[&str] =
    &["license.no_seats_remaining", "license.not_active", "license.not_org"];
pub(super) const SEAT_RELEASE: &[&str] =
    &["license.not_org", "license.seat_consumed", "license.seat_not_found"];
/// Of the request as a whole; each row has a status of its own.
pub(super) const SEAT_BULK: &[&str] = &["license.bulk_empty", "license.bulk_too_large"];
pub(super) const WAITLIST_JOIN: &[&str] =
    &["license.already_seated", "license.not_active", "license.not_org", "license.seats_available"];
pub(super) const WAITLIST_LEAVE: &[&str] = &["license.already_seated", "license.not_waiting"];
pub(super) const LEASE: &[&str] = &[
    "license.lease_hours_out_of_range",
    "license.no_seat",
    "license.not_active",
    "license.not_started",
    "license.offline_not_allowed",
    "license.seat_not_found",
];
pub(super) const CLAIM: &[&str] =
    &["license.already_claimed", "license.claim_expired", "license.claim_unknown", "license.not_active"];
pub(super) const GRANT: &[&str] = &[
    "license.gift_not_individual",
    "license.learner_required",
    "license.reason_required",
    "listing.plan_not_found",
    "not_found",
];
/// Enrollment is asked who consumed the course, and can refuse to say.
pub(super) const REVOKE: &[&str] = &["license.invalid_transition", "upstream_refused"];

pub(super) const SAGA_RETRY: &[&str] = &["saga.over"];
pub(super) const SAGA_COMPENSATE: &[&str] = &["saga.not_compensatable"];
pub(super) const SAGA_RESOLVE: &[&str] = &[
    "saga.evidence_malformed",
    "saga.needs_no_attention",
    "saga.over",
    "saga.step_not_failing",
    "saga.step_not_resolvable",
];

pub(super) const REPUBLISH: &[&str] = &["outbox.no_broker"];

pub(super) const COUPON_CREATE: &[&str] = &[
    "coupon.code_malformed",
    "coupon.code_taken",
    "coupon.empty_window",
    "coupon.foreign_provider_scope",
    "coupon.percent_out_of_range",
    "coupon.zero_cap",
    "coupon.zero_discount",
];
pub(super) const COUPON_EDIT: &[&str] = &[
    "coupon.cap_below_usage",
    "coupon.code_malformed",
    "coupon.code_taken",
    "coupon.empty_window",
    "coupon.foreign_provider_scope",
    "coupon.frozen",
    "coupon.percent_out_of_range",
    "coupon.zero_cap",
    "coupon.zero_discount",
];

/// What contradicts what we know; the sender sends it again, and somebody looks.
pub(super) const NOTICE: &[&str] = &[
    "earnings.invalid_transition",
    "license.not_renewable",
    "order.stray_not_found",
    "refund.settled_otherwise",
];
/// One audit at a time, for a reason.
pub(super) const AUDIT: &[&str] = &["audit.already_running"];
pub(super) const ADVANCE: &[&str] = &["clock.not_movable"];
/// Outside a demo there is no such thing.
pub(super) const DEMO: &[&str] = &["not_found"];

/// A key sees its own environment only.
pub(super) const WEBHOOK_LIST: &[&str] = &["key.environment_mismatch"];
pub(super) const WEBHOOK_CREATE: &[&str] = &[
    "account.closed",
    "account.suspended",
    "key.environment_mismatch",
    "not_found",
    "sandbox.closed",
    "webhook.description_malformed",
    "webhook.event_unknown",
    "webhook.events_out_of_range",
    "webhook.limit_reached",
    "webhook.sandbox_misplaced",
    "webhook.target_forbidden",
    "webhook.url_malformed",
];
pub(super) const WEBHOOK_EDIT: &[&str] = &[
    "account.closed",
    "account.suspended",
    "webhook.description_malformed",
    "webhook.event_unknown",
    "webhook.events_out_of_range",
    "webhook.target_forbidden",
    "webhook.url_malformed",
];
/// What only an active account does.
pub(super) const WEBHOOK_USE: &[&str] = &["account.closed", "account.suspended"];
pub(super) const WEBHOOK_ROTATE: &[&str] =
    &["account.closed", "account.suspended", "webhook.overlap_out_of_range"];
pub(super) const WEBHOOK_REPLAY: &[&str] = &["account.closed", "account.suspended", "webhook.still_pending"];
pub(super) const WEBHOOK_RECOVER: &[&str] =
    &["account.closed", "account.suspended", "webhook.window_too_large"];
pub(super) const ME_EDIT: &[&str] = &[
    "account.closed",
    "account.company_name_malformed",
    "account.display_name_malformed",
    "account.timezone_malformed",
];
pub(super) const ME_CLOSE: &[&str] = &["account.keys_active"];
pub(super) const ME_TERMS: &[&str] = &["account.closed", "account.terms_version_outdated"];
pub(super) const ACCOUNT_DECIDE: &[&str] = &["account.invalid_transition"];

/// What a key is asked for with, and what its account must be.
pub(super) const KEY_CREATE: &[&str] = &[
    "account.closed",
    "account.email_not_verified",
    "account.mfa_required",
    "account.suspended",
    "account.terms_required",
    "key.cidr_malformed",
    "key.environment_mismatch",
    "key.expiry_out_of_range",
    "key.label_malformed",
    "key.label_taken",
    "key.limit_reached",
    "key.sandbox_misplaced",
    "key.scope_beyond_caller",
    "key.scope_not_grantable",
    "key.scope_unknown",
    "key.scopes_out_of_range",
    "key.too_many_blocks",
    "not_found",
    "sandbox.closed",
];
/// A key sees its own environment only.
pub(super) const KEY_READ: &[&str] = &["key.environment_mismatch"];
pub(super) const KEY_EDIT: &[&str] = &[
    "account.closed",
    "account.suspended",
    "key.cidr_malformed",
    "key.label_malformed",
    "key.label_taken",
    "key.revoked",
    "key.too_many_blocks",
];
/// Terms, once accepted, and scopes, once granted, stay; the rest can be lost meanwhile.
pub(super) const KEY_ROTATE: &[&str] = &[
    "account.email_not_verified",
    "account.mfa_required",
    "account.suspended",
    "key.limit_reached",
    "key.not_rotatable",
    "key.overlap_out_of_range",
    "key.scope_beyond_caller",
    "key.scope_not_grantable",
];
pub(super) const SECRET_ALERTS: &[&str] = &["secret_alert.bad_signature"];
pub(super) const KEY_REVOKE: &[&str] = &["key.revoked"];

/// What a verification is asked for with, what its account and its destination may.
pub(super) const VERIFY_START: &[&str] = &[
    "account.email_not_verified",
    "account.mfa_required",
    "account.suspended",
    "channel_unavailable",
    "key.environment_mismatch",
    "not_found",
    "sandbox.closed",
    "sandbox.quota_used",
    "spend.cap_reached",
    "spend.price_above_maximum",
    "template.no_variant",
    "template.not_usable",
    "verification.brand_character",
    "verification.brand_digits",
    "verification.brand_length",
    "verification.challenge_required",
    "verification.channel_destination_mismatch",
    "verification.channel_not_allowed",
    "verification.channel_order_too_long",
    "verification.channel_repeated",
    "verification.channel_steps",
    "verification.channel_wait",
    "verification.code_length",
    "verification.country_not_allowed",
    "verification.destination_blocked",
    "verification.destination_rate_limited",
    "verification.destination_required",
    "verification.in_progress",
    "verification.invalid_email",
    "verification.invalid_metadata",
    "verification.invalid_phone",
    "verification.rate_limited",
    "verification.terms_out_of_bounds",
    "verification.test_destination_in_production",
];
pub(super) const VERIFY_LIST: &[&str] =
    &["key.environment_mismatch", "not_found", "verification.invalid_country"];
pub(super) const VERIFY_CHECK: &[&str] = &[
    "verification.already_approved",
    "verification.attempts_spent",
    "verification.destination_check_limited",
    "verification.expired",
    "verification.failed",
    "verification.malformed_code",
];
pub(super) const VERIFY_RESEND: &[&str] = &[
    "account.suspended",
    "sandbox.closed",
    "sandbox.quota_used",
    "spend.cap_reached",
    "spend.price_above_maximum",
    "verification.already_approved",
    "verification.destination_rate_limited",
    "verification.expired",
    "verification.failed",
    "verification.rate_limited",
    "verification.resend_too_soon",
    "verification.sends_exhausted",
];
pub(super) const VERIFY_NEXT: &[&str] = &[
    "account.suspended",
    "sandbox.closed",
    "sandbox.quota_used",
    "spend.cap_reached",
    "spend.price_above_maximum",
    "verification.already_approved",
    "verification.destination_rate_limited",
    "verification.expired",
    "verification.failed",
    "verification.no_more_channels",
    "verification.rate_limited",
    "verification.resend_too_soon",
    "verification.sends_exhausted",
];
pub(super) const VERIFY_CANCEL: &[&str] =
    &["verification.already_approved", "verification.expired", "verification.failed"];
pub(super) const VERIFY_PREVIEW: &[&str] = &[
    "account.email_not_verified",
    "account.mfa_required",
    "account.suspended",
    "key.environment_mismatch",
    "not_found",
    "template.no_variant",
    "template.not_usable",
    "verification.channel_destination_mismatch",
    "verification.channel_order_too_long",
    "verification.channel_repeated",
    "verification.channel_steps",
    "verification.channel_wait",
    "verification.destination_required",
    "verification.invalid_email",
    "verification.invalid_phone",
];
pub(super) const VERIFY_POLICY: &[&str] = &[
    "account.closed",
    "account.suspended",
    "verification.code_length",
    "verification.invalid_country",
    "verification.invalid_prefix",
    "verification.policy_out_of_bounds",
    "verification.terms_out_of_bounds",
];
pub(super) const VERIFY_ALLOW: &[&str] = &[
    "account.closed",
    "account.suspended",
    "verification.invalid_country",
    "verification.policy_out_of_bounds",
];
pub(super) const VERIFY_UNLOCK: &[&str] =
    &["verification.destination_required", "verification.invalid_email", "verification.invalid_phone"];
pub(super) const SPEND_POLICY: &[&str] = &["account.closed", "account.suspended", "spend.currency"];
/// What messaging refuses, and a key that names another world.
pub(super) const MESSAGE_SEND: &[&str] = &[
    "account.closed",
    "account.suspended",
    "message.body_empty",
    "message.body_too_long",
    "message.insufficient_balance",
    "message.no_route",
    "message.sender_not_allowed",
];
/// The same but for the balance: the answer says what would be left.
pub(super) const MESSAGE_QUOTE: &[&str] =
    &["message.body_empty", "message.body_too_long", "message.no_route", "message.sender_not_allowed"];
pub(super) const MESSAGE_RECEIPT: &[&str] = &["key.environment_mismatch", "message.not_final"];

pub(super) const USAGE_SUMMARY: &[&str] =
    &["key.environment_mismatch", "usage.window_empty", "usage.window_too_large"];
/// Messages are counted by days only.
pub(super) const USAGE_SERIES: &[&str] =
    &["key.environment_mismatch", "usage.not_split", "usage.window_empty", "usage.window_too_large"];

/// What a text breaks.
pub(super) const TEMPLATE_CREATE: &[&str] = &[
    "account.closed",
    "account.suspended",
    "template.braces",
    "template.code_line",
    "template.code_placeholder_required",
    "template.default_variant_required",
    "template.digits",
    "template.domain_missing",
    "template.invalid_domain",
    "template.invalid_name",
    "template.length",
    "template.link",
    "template.no_voice",
    "template.origin_line",
    "template.segments_exceeded",
    "template.unknown_placeholder",
    "template.variant_twice",
];
/// The same but for the name, and what was handed in or approved stays.
pub(super) const TEMPLATE_EDIT: &[&str] = &[
    "account.closed",
    "account.suspended",
    "template.braces",
    "template.code_line",
    "template.code_placeholder_required",
    "template.default_variant_required",
    "template.digits",
    "template.domain_missing",
    "template.frozen",
    "template.invalid_domain",
    "template.length",
    "template.link",
    "template.no_voice",
    "template.origin_line",
    "template.segments_exceeded",
    "template.unknown_placeholder",
    "template.variant_twice",
];
pub(super) const TEMPLATE_MOVE: &[&str] = &["template.invalid_transition"];
pub(super) const TEMPLATE_SUBMIT: &[&str] =
    &["account.closed", "account.suspended", "template.invalid_transition"];
pub(super) const TEMPLATE_REJECT: &[&str] = &["template.invalid_transition", "template.reason_required"];
pub(super) const TEMPLATE_VERSION: &[&str] =
    &["account.closed", "account.suspended", "template.version_open"];
pub(super) const TEMPLATE_ARCHIVE: &[&str] = &["template.invalid_transition", "template.no_version"];
pub(super) const TEMPLATE_RENDER: &[&str] = &["template.no_variant", "template.no_version"];
pub(super) const SANDBOX_CREATE: &[&str] = &[
    "account.closed",
    "account.suspended",
    "not_found",
    "sandbox.lifetime",
    "sandbox.limit_reached",
    "sandbox.too_many_overrides",
    "sandbox.unknown_scenario",
];
/// One whose time was over is not closed any more.
pub(super) const SANDBOX_CLOSE: &[&str] = &["sandbox.closed"];
pub(super) const SANDBOX_ADVANCE: &[&str] = &[
    "account.closed",
    "account.suspended",
    "sandbox.clock_backwards",
    "sandbox.clock_too_far",
    "sandbox.closed",
    "sandbox.quota_used",
];
pub(super) const SANDBOX_RESET: &[&str] = &["account.closed", "account.suspended", "sandbox.closed"];
pub(super) const SANDBOX_EXTEND: &[&str] =
    &["account.closed", "account.suspended", "sandbox.closed", "sandbox.lifetime", "sandbox.quota_used"];

/// Of a provider, or of nobody.
pub(super) const RECEIPTS: &[&str] = &["bad_signature"];
