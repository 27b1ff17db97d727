//! The bodies of requests and answers.
// Written by sarai-sdkgen from the OpenAPI document: `cargo xtask golden` writes it anew.

use serde::{Deserialize, Serialize};

/// A developer account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// Its company.
    #[serde(rename = "companyName", default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Where it is written to.
    #[serde(rename = "contactEmail")]
    pub contact_email: String,
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// The terms that are current.
    #[serde(rename = "currentTerms")]
    pub current_terms: String,
    /// What it is called.
    #[serde(rename = "displayName")]
    pub display_name: String,
    /// Whether that address is verified.
    #[serde(rename = "emailVerified")]
    pub email_verified: bool,
    /// The language it is written to in.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// Whether a second factor is enrolled.
    #[serde(rename = "mfaEnrolled")]
    pub mfa_enrolled: bool,
    /// Which one it prefers.
    #[serde(rename = "mfaPreference")]
    pub mfa_preference: MfaPreference,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: AccountState,
    /// Why it is suspended.
    #[serde(rename = "suspendedReason", default, skip_serializing_if = "Option::is_none")]
    pub suspended_reason: Option<String>,
    /// The tenant its rows belong to.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// When.
    #[serde(rename = "termsAcceptedAt", default, skip_serializing_if = "Option::is_none")]
    pub terms_accepted_at: Option<String>,
    /// The terms it accepted last.
    #[serde(rename = "termsVersion", default, skip_serializing_if = "Option::is_none")]
    pub terms_version: Option<String>,
    /// For display.
    #[serde(rename = "timezone")]
    pub timezone: String,
    /// Its version.
    #[serde(rename = "version")]
    pub version: u64,
}

/// Why the platform's staff decide so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountDecision {
    /// One line of 1 to 500 characters.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// A change of the caller's account, as a JSON merge patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountPatch {
    /// Its company.
    #[serde(rename = "companyName", default, skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// What it is called.
    #[serde(rename = "displayName", default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The language it is written to in.
    #[serde(rename = "locale", default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Which second factor it prefers.
    #[serde(rename = "mfaPreference", default, skip_serializing_if = "Option::is_none")]
    pub mfa_preference: Option<MfaPreference>,
    /// A name of the tz database, such as `Asia/Kabul`.
    #[serde(rename = "timezone", default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AccountState {
    /// `ACTIVE`.
    #[serde(rename = "ACTIVE")]
    Active,
    /// `SUSPENDED`.
    #[serde(rename = "SUSPENDED")]
    Suspended,
    /// `CLOSED`.
    #[serde(rename = "CLOSED")]
    Closed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What moves a verification to its next channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AdvanceOn {
    /// `NOT_DELIVERED`.
    #[serde(rename = "NOT_DELIVERED")]
    NotDelivered,
    /// `NOT_APPROVED`.
    #[serde(rename = "NOT_APPROVED")]
    NotApproved,
    /// `MANUAL`.
    #[serde(rename = "MANUAL")]
    Manual,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How far to move.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdvanceRequest {
    /// `advanceSeconds`.
    #[serde(rename = "advanceSeconds")]
    pub advance_seconds: u32,
}

/// Business time after everything due has run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AdvancedClock {
    /// `now`.
    #[serde(rename = "now")]
    pub now: String,
    /// How many things that were due have run.
    #[serde(rename = "ran")]
    pub ran: u64,
}

/// A country that codes may be sent to from now on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AllowRequest {
    /// Two letters.
    #[serde(rename = "country")]
    pub country: String,
}

/// What one coupon takes off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AppliedDiscount {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `code`.
    #[serde(rename = "code")]
    pub code: String,
    /// `couponId`.
    #[serde(rename = "couponId")]
    pub coupon_id: String,
}

/// How to archive.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArchiveDocs {
    /// The article its addresses lead to from now on; without one they say that it is gone.
    #[serde(rename = "redirectTo", default, skip_serializing_if = "Option::is_none")]
    pub redirect_to: Option<String>,
}

/// What a proof is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Assurance {
    /// `contact_ownership`.
    #[serde(rename = "contact_ownership")]
    ContactOwnership,
    /// `possession_restricted`.
    #[serde(rename = "possession_restricted")]
    PossessionRestricted,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How a rule is audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum AuditKind {
    /// `state`.
    #[serde(rename = "state")]
    State,
    /// `evidence`.
    #[serde(rename = "evidence")]
    Evidence,
    /// `code`.
    #[serde(rename = "code")]
    Code,
    /// `ours`.
    #[serde(rename = "ours")]
    Ours,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An audit of everything stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditReport {
    /// Aggregates read.
    #[serde(rename = "aggregates", default, skip_serializing_if = "Option::is_none")]
    pub aggregates: Option<u64>,
    /// `finishedAt`.
    #[serde(rename = "finishedAt", default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// Every rule, the invariants first.
    #[serde(rename = "invariants")]
    pub invariants: Vec<CheckedInvariant>,
    /// The money oracle.
    #[serde(rename = "money")]
    pub money: Vec<MoneyTally>,
    /// Null before the first audit of this process.
    #[serde(rename = "startedAt", default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// Breaches in all.
    #[serde(rename = "violations", default, skip_serializing_if = "Option::is_none")]
    pub violations: Option<u64>,
}

/// Why an audit is run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRequest {
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// What a tenant can still spend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Balance {
    /// At which instant.
    #[serde(rename = "asOf")]
    pub as_of: String,
    /// `balance`.
    #[serde(rename = "balance")]
    pub balance: Price,
    /// When the next invoice is made.
    #[serde(rename = "nextInvoiceOn")]
    pub next_invoice_on: String,
}

/// A cart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cart {
    /// The codes typed in, at most 5.
    #[serde(rename = "couponCodes", default, skip_serializing_if = "Option::is_none")]
    pub coupon_codes: Option<Vec<String>>,
    /// The currency of everything.
    #[serde(rename = "currency")]
    pub currency: String,
    /// What is wanted, 1 to 50 lines.
    #[serde(rename = "lines")]
    pub lines: Vec<CartLine>,
}

/// One wish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CartLine {
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `pricingPlanId`.
    #[serde(rename = "pricingPlanId")]
    pub pricing_plan_id: String,
    /// Seats: of a seat pack a multiple of its seats, else 1.
    #[serde(rename = "quantity")]
    pub quantity: u32,
}

/// A live listing, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CatalogItem {
    /// Where it is filed.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The course.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// The exact version shipped at purchase.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// The listing.
    #[serde(rename = "id")]
    pub id: String,
    /// What it is.
    #[serde(rename = "marketing")]
    pub marketing: Marketing,
    /// The ways to buy it now, oldest first.
    #[serde(rename = "pricingPlans")]
    pub pricing_plans: Vec<PricingPlan>,
    /// Who sells.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// How a sale can be returned.
    #[serde(rename = "refundPolicy")]
    pub refund_policy: RefundPolicy,
    /// At most 10 words.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// When it last changed.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Who finds it.
    #[serde(rename = "visibility")]
    pub visibility: Visibility,
}

/// How the catalogue is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CatalogSort {
    /// `newest`.
    #[serde(rename = "newest")]
    Newest,
    /// `price_asc`.
    #[serde(rename = "price_asc")]
    PriceAsc,
    /// `price_desc`.
    #[serde(rename = "price_desc")]
    PriceDesc,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How far a hash chain goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChainHead {
    /// `count`.
    #[serde(rename = "count")]
    pub count: u64,
    /// SHA-256 in hexadecimal digits.
    #[serde(rename = "hash")]
    pub hash: String,
}

/// A way to send a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Channel {
    /// `SMS`.
    #[serde(rename = "SMS")]
    Sms,
    /// `VOICE`.
    #[serde(rename = "VOICE")]
    Voice,
    /// `WHATSAPP`.
    #[serde(rename = "WHATSAPP")]
    Whatsapp,
    /// `EMAIL`.
    #[serde(rename = "EMAIL")]
    Email,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A channel and how long it is waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelStep {
    /// The channel.
    #[serde(rename = "channel")]
    pub channel: Channel,
    /// How long it is waited for, in seconds.
    #[serde(rename = "waitSeconds")]
    pub wait_seconds: u16,
}

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CheckOutcome {
    /// `APPROVED`.
    #[serde(rename = "APPROVED")]
    Approved,
    /// `INCORRECT`.
    #[serde(rename = "INCORRECT")]
    Incorrect,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A code as it was typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckRequest {
    /// Digits of any script; spaces and hyphens do not count.
    #[serde(rename = "code")]
    pub code: String,
}

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// When the right code was given.
    #[serde(rename = "approvedAt", default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// How many checks are left.
    #[serde(rename = "attemptsRemaining")]
    pub attempts_remaining: u32,
    /// Why it failed.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<VerificationFailure>,
    /// Whether the code was right.
    #[serde(rename = "outcome")]
    pub outcome: CheckOutcome,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: VerificationState,
    /// The verification.
    #[serde(rename = "verificationId")]
    pub verification_id: String,
    /// Proves the approval to others for 300 seconds (a JWT); null when the answer is given again.
    #[serde(rename = "verificationToken", default, skip_serializing_if = "Option::is_none")]
    pub verification_token: Option<String>,
}

/// A rule and what the last audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckedInvariant {
    /// How many rows were checked; null before the first audit and for rules audited by code.
    #[serde(rename = "checked", default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<u64>,
    /// The invariant's id, or the name of a rule of ours.
    #[serde(rename = "id")]
    pub id: String,
    /// `kind`.
    #[serde(rename = "kind")]
    pub kind: AuditKind,
    /// At most 100 of these.
    #[serde(rename = "offenders")]
    pub offenders: Vec<Offender>,
    /// The tests that prove a rule audited by code.
    #[serde(rename = "provedBy")]
    pub proved_by: Vec<String>,
    /// `text`.
    #[serde(rename = "text")]
    pub text: String,
    /// How many of them break it; null before the first audit.
    #[serde(rename = "violations", default, skip_serializing_if = "Option::is_none")]
    pub violations: Option<u64>,
}

/// A gift's code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimRequest {
    /// `code`.
    #[serde(rename = "code")]
    pub code: String,
}

/// Why a purchase is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CompensationReason {
    /// `payment_timeout`.
    #[serde(rename = "payment_timeout")]
    PaymentTimeout,
    /// `payment_declined`.
    #[serde(rename = "payment_declined")]
    PaymentDeclined,
    /// `coupon_exhausted`.
    #[serde(rename = "coupon_exhausted")]
    CouponExhausted,
    /// `cancelled`.
    #[serde(rename = "cancelled")]
    Cancelled,
    /// `amount_mismatch`.
    #[serde(rename = "amount_mismatch")]
    AmountMismatch,
    /// `billing_refused`.
    #[serde(rename = "billing_refused")]
    BillingRefused,
    /// `fulfilment_failed`.
    #[serde(rename = "fulfilment_failed")]
    FulfilmentFailed,
    /// `buyer_refund`.
    #[serde(rename = "buyer_refund")]
    BuyerRefund,
    /// `operator`.
    #[serde(rename = "operator")]
    Operator,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a consumer has left undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsumerBacklog {
    /// `consumer`.
    #[serde(rename = "consumer")]
    pub consumer: String,
    /// Of these, those that were tried too often and wait for a redrive.
    #[serde(rename = "deadLetters")]
    pub dead_letters: u64,
    /// How long that is ago.
    #[serde(rename = "lagSeconds")]
    pub lag_seconds: u64,
    /// When the oldest of these events was committed.
    #[serde(rename = "oldestAt")]
    pub oldest_at: String,
    /// Deliveries not done.
    #[serde(rename = "open")]
    pub open: u64,
}

/// A coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coupon {
    /// Whether it can be redeemed at all.
    #[serde(rename = "active")]
    pub active: bool,
    /// What the buyer types.
    #[serde(rename = "code")]
    pub code: String,
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// What it takes off.
    #[serde(rename = "discount")]
    pub discount: Discount,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// Who issued it: a provider, or `platform`.
    #[serde(rename = "ownerTenantId")]
    pub owner_tenant_id: String,
    /// Uses per user; null: unlimited.
    #[serde(rename = "perUserCap", default, skip_serializing_if = "Option::is_none")]
    pub per_user_cap: Option<u32>,
    /// The provider whose lines it applies to; null: all lines.
    #[serde(rename = "providerScope", default, skip_serializing_if = "Option::is_none")]
    pub provider_scope: Option<String>,
    /// The one buyer tenant it is for; null: every tenant.
    #[serde(rename = "tenantScope", default, skip_serializing_if = "Option::is_none")]
    pub tenant_scope: Option<String>,
    /// Uses in all; null: unlimited.
    #[serde(rename = "usageCap", default, skip_serializing_if = "Option::is_none")]
    pub usage_cap: Option<u32>,
    /// Uses that are reserved or confirmed.
    #[serde(rename = "usageCount")]
    pub usage_count: u32,
    /// The first instant at which it can be redeemed.
    #[serde(rename = "validFrom")]
    pub valid_from: String,
    /// The last instant at which it can be redeemed; null: no end.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Its version, for `If-Match`.
    #[serde(rename = "version")]
    pub version: u64,
}

/// A change of a coupon, as a JSON merge patch. Caps and the end can always change, the rest while it is
/// unused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CouponPatch {
    /// What the buyer types.
    #[serde(rename = "code", default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What it takes off.
    #[serde(rename = "discount", default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Uses per user.
    #[serde(rename = "perUserCap", default, skip_serializing_if = "Option::is_none")]
    pub per_user_cap: Option<u32>,
    /// The provider whose lines it applies to.
    #[serde(rename = "providerScope", default, skip_serializing_if = "Option::is_none")]
    pub provider_scope: Option<String>,
    /// The one buyer tenant it is for.
    #[serde(rename = "tenantScope", default, skip_serializing_if = "Option::is_none")]
    pub tenant_scope: Option<String>,
    /// Uses in all.
    #[serde(rename = "usageCap", default, skip_serializing_if = "Option::is_none")]
    pub usage_cap: Option<u32>,
    /// The first instant at which it can be redeemed.
    #[serde(rename = "validFrom", default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last instant at which it can be redeemed.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// What a coupon takes off a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CouponShare {
    /// `before - amount`.
    #[serde(rename = "after")]
    pub after: Money,
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// What was left of the line before.
    #[serde(rename = "before")]
    pub before: Money,
    /// `orderLineId`.
    #[serde(rename = "orderLineId")]
    pub order_line_id: String,
    /// How the part came about; null for a line that is not eligible.
    #[serde(rename = "share", default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Share>,
}

/// One coupon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CouponStep {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// What was left of the eligible lines before it.
    #[serde(rename = "base", default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Money>,
    /// `code`.
    #[serde(rename = "code")]
    pub code: String,
    /// `couponId`.
    #[serde(rename = "couponId")]
    pub coupon_id: String,
    /// What it takes off, as it was then; null in old orders that did not keep it.
    #[serde(rename = "discount", default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Its amount before rounding half a unit up.
    #[serde(rename = "exact", default, skip_serializing_if = "Option::is_none")]
    pub exact: Option<ExactAmount>,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<CouponShare>,
    /// The provider whose lines alone are eligible; null: all lines are.
    #[serde(rename = "providerScope", default, skip_serializing_if = "Option::is_none")]
    pub provider_scope: Option<String>,
    /// `base - amount`.
    #[serde(rename = "remaining", default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Money>,
}

/// A key with its secret, which is shown this once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreatedKey {
    /// The account it belongs to.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// When it was asked for.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// Who created it: a user, or a key.
    #[serde(rename = "createdBy")]
    pub created_by: String,
    /// When its revocation is known everywhere.
    #[serde(rename = "effectiveBy", default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<String>,
    /// Its environment.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// From when on it does not work.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Blocks of addresses it may be used from; empty: everywhere.
    #[serde(rename = "ipAllowList")]
    pub ip_allow_list: Vec<String>,
    /// Its id.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// What it is called.
    #[serde(rename = "label")]
    pub label: String,
    /// Its end.
    #[serde(rename = "last4", default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// When it was used last, to the minute.
    #[serde(rename = "lastUsedAt", default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// From which neighbourhood.
    #[serde(rename = "lastUsedIpPrefix", default, skip_serializing_if = "Option::is_none")]
    pub last_used_ip_prefix: Option<String>,
    /// Its beginning.
    #[serde(rename = "prefix", default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The secret; null when the answer is given again.
    #[serde(rename = "rawKey", default, skip_serializing_if = "Option::is_none")]
    pub raw_key: Option<String>,
    /// Its successor.
    #[serde(rename = "replacedBy", default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// From when on its successor is alone.
    #[serde(rename = "retireAt", default, skip_serializing_if = "Option::is_none")]
    pub retire_at: Option<String>,
    /// When it was revoked.
    #[serde(rename = "revokedAt", default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// Why.
    #[serde(rename = "revokedReason", default, skip_serializing_if = "Option::is_none")]
    pub revoked_reason: Option<RevokedReason>,
    /// The key it succeeds.
    #[serde(rename = "rotatedFrom", default, skip_serializing_if = "Option::is_none")]
    pub rotated_from: Option<String>,
    /// The sandbox it is bound to.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// What it may do.
    #[serde(rename = "scopes")]
    pub scopes: Vec<String>,
    /// Whether this answer holds it.
    #[serde(rename = "secretState")]
    pub secret_state: SecretState,
    /// Whether it works now.
    #[serde(rename = "status")]
    pub status: KeyStatus,
    /// Its version, for `If-Match`.
    #[serde(rename = "version")]
    pub version: u64,
    /// What to think about: `no_expiry`, `used_lately`.
    #[serde(rename = "warnings")]
    pub warnings: Vec<String>,
}

/// How many deliveries there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryCount {
    /// As many; 50,001 stands for more than 50,000.
    #[serde(rename = "count")]
    pub count: u64,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeliveryFault {
    /// `HTTP_STATUS`.
    #[serde(rename = "HTTP_STATUS")]
    HttpStatus,
    /// `GONE`.
    #[serde(rename = "GONE")]
    Gone,
    /// `TIMEOUT`.
    #[serde(rename = "TIMEOUT")]
    Timeout,
    /// `NAME_UNKNOWN`.
    #[serde(rename = "NAME_UNKNOWN")]
    NameUnknown,
    /// `CONNECTION`.
    #[serde(rename = "CONNECTION")]
    Connection,
    /// `CERTIFICATE`.
    #[serde(rename = "CERTIFICATE")]
    Certificate,
    /// `TARGET_FORBIDDEN`.
    #[serde(rename = "TARGET_FORBIDDEN")]
    TargetForbidden,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// `PENDING`.
    #[serde(rename = "PENDING")]
    Pending,
    /// `DELIVERED`.
    #[serde(rename = "DELIVERED")]
    Delivered,
    /// `FAILED`.
    #[serde(rename = "FAILED")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What is known for good of a message that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryReceipt {
    /// SHA-256 of what it said, hex.
    #[serde(rename = "bodyDigest")]
    pub body_digest: String,
    /// `errorCode`.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// When it was over.
    #[serde(rename = "finalAt")]
    pub final_at: String,
    /// `from`.
    #[serde(rename = "from")]
    pub from: String,
    /// The key that signed it, one of `/v1/.well-known/jwks.json`.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// `messageId`.
    #[serde(rename = "messageId")]
    pub message_id: String,
    /// `operatorName`.
    #[serde(rename = "operatorName", default, skip_serializing_if = "Option::is_none")]
    pub operator_name: Option<String>,
    /// `sentAt`.
    #[serde(rename = "sentAt", default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// `delivered` or `failed`.
    #[serde(rename = "status")]
    pub status: MessageStatus,
    /// `submittedAt`.
    #[serde(rename = "submittedAt")]
    pub submitted_at: String,
    /// `to`.
    #[serde(rename = "to")]
    pub to: String,
    /// The same as a compact JWS, which anybody can check without asking.
    #[serde(rename = "token")]
    pub token: String,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeliveryTry {
    /// When it began.
    #[serde(rename = "at")]
    pub at: String,
    /// How long it took.
    #[serde(rename = "durationMs")]
    pub duration_ms: u64,
    /// Why it failed; null: it was taken.
    #[serde(rename = "error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<DeliveryFault>,
    /// The answer's status; null: there was none.
    #[serde(rename = "httpStatus", default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// Its number, from 1.
    #[serde(rename = "no")]
    pub no: u32,
    /// The first 256 bytes of a plain-text answer, where the endpoint keeps them.
    #[serde(rename = "textPrefix", default, skip_serializing_if = "Option::is_none")]
    pub text_prefix: Option<String>,
}

/// What one learner did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoActivity {
    /// `attempts`.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// What the enrollment service is to do; what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoEnrollment {
    /// Who learned what.
    #[serde(rename = "consumed", default, skip_serializing_if = "Option::is_none")]
    pub consumed: Option<Vec<DemoActivity>>,
    /// Whether it is out of reach.
    #[serde(rename = "outage", default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<bool>,
}

/// Where a code goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    /// An e-mail address.
    #[serde(rename = "email", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A phone number with its country's calling code; digits of any script.
    #[serde(rename = "phone", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// Why a receiver did not take a delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The first step at which something is wrong; null: none.
    #[serde(rename = "culprit", default, skip_serializing_if = "Option::is_none")]
    pub culprit: Option<DiagnosisStep>,
    /// A command that sends the payload to a receiver on the same machine, unsigned.
    #[serde(rename = "curl")]
    pub curl: String,
    /// Every step.
    #[serde(rename = "steps")]
    pub steps: Vec<DiagnosisResult>,
    /// Whether a receiver that checks as it should takes what was seen.
    #[serde(rename = "valid")]
    pub valid: bool,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DiagnosisFinding {
    /// `GOOD`.
    #[serde(rename = "GOOD")]
    Good,
    /// `MISSING`.
    #[serde(rename = "MISSING")]
    Missing,
    /// `OTHER_DELIVERY`.
    #[serde(rename = "OTHER_DELIVERY")]
    OtherDelivery,
    /// `MALFORMED`.
    #[serde(rename = "MALFORMED")]
    Malformed,
    /// `TOO_FAR`.
    #[serde(rename = "TOO_FAR")]
    TooFar,
    /// `RESERIALIZED`.
    #[serde(rename = "RESERIALIZED")]
    Reserialized,
    /// `DIFFERENT`.
    #[serde(rename = "DIFFERENT")]
    Different,
    /// `OTHER_SCHEME`.
    #[serde(rename = "OTHER_SCHEME")]
    OtherScheme,
    /// `OF_OTHER_BYTES`.
    #[serde(rename = "OF_OTHER_BYTES")]
    OfOtherBytes,
    /// `OTHER_SECRET`.
    #[serde(rename = "OTHER_SECRET")]
    OtherSecret,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What was found at a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiagnosisResult {
    /// What was found.
    #[serde(rename = "finding")]
    pub finding: DiagnosisFinding,
    /// The step.
    #[serde(rename = "step")]
    pub step: DiagnosisStep,
}

/// What is looked at of a request that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DiagnosisStep {
    /// `ID`.
    #[serde(rename = "ID")]
    Id,
    /// `TIMESTAMP`.
    #[serde(rename = "TIMESTAMP")]
    Timestamp,
    /// `CLOCK`.
    #[serde(rename = "CLOCK")]
    Clock,
    /// `BODY`.
    #[serde(rename = "BODY")]
    Body,
    /// `SIGNATURE`.
    #[serde(rename = "SIGNATURE")]
    Signature,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Which way a text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Direction {
    /// `ltr`.
    #[serde(rename = "ltr")]
    Ltr,
    /// `rtl`.
    #[serde(rename = "rtl")]
    Rtl,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a coupon takes off: `{"kind":"percent","value":10}`, or
/// `{"kind":"fixed","amount":{"amount":"5.00","currency":"USD"}}`.
pub type Discount = serde_json::Value;

/// What a coupon takes off: `{"kind":"percent","value":10}`, or
/// `{"kind":"fixed","amount":{"amount":"5.00","currency":"USD"}}`.
pub type DiscountFixedDiscount = serde_json::Value;

/// What a coupon takes off: `{"kind":"percent","value":10}`, or
/// `{"kind":"fixed","amount":{"amount":"5.00","currency":"USD"}}`.
pub type DiscountPercentDiscount = serde_json::Value;

/// An article, as its writers see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsArticle {
    /// The version of the API it speaks of.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// Who may read it.
    #[serde(rename = "audience")]
    pub audience: DocsAudience,
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// The article.
    #[serde(rename = "id")]
    pub id: String,
    /// The names it had.
    #[serde(rename = "oldSlugs")]
    pub old_slugs: Vec<String>,
    /// Its place under its heading.
    #[serde(rename = "order")]
    pub order: u32,
    /// What is read.
    #[serde(rename = "published")]
    pub published: Vec<PublishedDocsRevision>,
    /// Where it leads since it is archived.
    #[serde(rename = "redirectTo", default, skip_serializing_if = "Option::is_none")]
    pub redirect_to: Option<String>,
    /// How many revisions it has.
    #[serde(rename = "revisionCount")]
    pub revision_count: u32,
    /// The heading it stands under.
    #[serde(rename = "section")]
    pub section: String,
    /// Its name in addresses.
    #[serde(rename = "slug")]
    pub slug: String,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: DocsArticleState,
    /// What it is about.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// When it changed last.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
}

/// A change of where an article stands, as a JSON merge patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsArticlePatch {
    /// Who may read it.
    #[serde(rename = "audience", default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<DocsAudience>,
    /// Its place under its heading.
    #[serde(rename = "order", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
    /// The heading it stands under.
    #[serde(rename = "section", default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Its name in addresses; the old one leads to it for ever.
    #[serde(rename = "slug", default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// All its tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// Where an article stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocsArticleState {
    /// `DRAFT`.
    #[serde(rename = "DRAFT")]
    Draft,
    /// `IN_REVIEW`.
    #[serde(rename = "IN_REVIEW")]
    InReview,
    /// `PUBLISHED`.
    #[serde(rename = "PUBLISHED")]
    Published,
    /// `ARCHIVED`.
    #[serde(rename = "ARCHIVED")]
    Archived,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Who may read an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocsAudience {
    /// `PUBLIC`.
    #[serde(rename = "PUBLIC")]
    Public,
    /// `DEVELOPER`.
    #[serde(rename = "DEVELOPER")]
    Developer,
    /// `PARTNER`.
    #[serde(rename = "PARTNER")]
    Partner,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsEntry {
    /// Who may read it.
    #[serde(rename = "audience")]
    pub audience: DocsAudience,
    /// Which way that runs.
    #[serde(rename = "dir")]
    pub dir: Direction,
    /// Whether another locale was asked for.
    #[serde(rename = "fallback")]
    pub fallback: bool,
    /// The locale of what follows.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// The heading it stands under.
    #[serde(rename = "section")]
    pub section: String,
    /// Its name in addresses.
    #[serde(rename = "slug")]
    pub slug: String,
    /// What it says in short.
    #[serde(rename = "summary")]
    pub summary: String,
    /// Its title.
    #[serde(rename = "title")]
    pub title: String,
}

/// A heading of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsHeading {
    /// Its id in the page, for `#id`.
    #[serde(rename = "id")]
    pub id: String,
    /// 1 to 6.
    #[serde(rename = "level")]
    pub level: u8,
    /// What it says.
    #[serde(rename = "text")]
    pub text: String,
}

/// A text that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsHit {
    /// The text.
    #[serde(rename = "article")]
    pub article: DocsEntry,
    /// Where it does, without markup.
    #[serde(rename = "excerpt")]
    pub excerpt: String,
    /// How it answers.
    #[serde(rename = "matched")]
    pub matched: DocsMatch,
}

/// What answers a question, the best first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsHits {
    /// The answers.
    #[serde(rename = "data")]
    pub data: Vec<DocsHit>,
    /// The locale asked for.
    #[serde(rename = "locale")]
    pub locale: Locale,
}

/// How a text answers a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocsMatch {
    /// `exact`.
    #[serde(rename = "exact")]
    Exact,
    /// `folded`.
    #[serde(rename = "folded")]
    Folded,
    /// `words`.
    #[serde(rename = "words")]
    Words,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An article as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsPage {
    /// The version of the API it speaks of.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// The article.
    #[serde(rename = "articleId")]
    pub article_id: String,
    /// Who may read it.
    #[serde(rename = "audience")]
    pub audience: DocsAudience,
    /// Which way code runs, whatever the text does.
    #[serde(rename = "codeDir")]
    pub code_dir: Direction,
    /// Which way the text runs.
    #[serde(rename = "dir")]
    pub dir: Direction,
    /// Whether another locale was asked for.
    #[serde(rename = "fallback")]
    pub fallback: bool,
    /// Its headings.
    #[serde(rename = "headings")]
    pub headings: Vec<DocsHeading>,
    /// Safe HTML.
    #[serde(rename = "html")]
    pub html: String,
    /// The locale of the text.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// The same as it was written.
    #[serde(rename = "markdown")]
    pub markdown: String,
    /// Which revision it is.
    #[serde(rename = "revisionNo")]
    pub revision_no: u32,
    /// The heading it stands under.
    #[serde(rename = "section")]
    pub section: String,
    /// Its name in addresses.
    #[serde(rename = "slug")]
    pub slug: String,
    /// Whether the source has a newer text than this translation was made from.
    #[serde(rename = "stale")]
    pub stale: bool,
    /// What it says in short.
    #[serde(rename = "summary")]
    pub summary: String,
    /// What it is about.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// Its title.
    #[serde(rename = "title")]
    pub title: String,
    /// When that was written.
    #[serde(rename = "writtenAt")]
    pub written_at: String,
}

/// A heading of the tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsSection {
    /// What stands under it, in order.
    #[serde(rename = "articles")]
    pub articles: Vec<DocsEntry>,
    /// Its name.
    #[serde(rename = "section")]
    pub section: String,
}

/// Every article of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocsTree {
    /// The version of the API.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// The locale asked for.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// By heading.
    #[serde(rename = "sections")]
    pub sections: Vec<DocsSection>,
}

/// An address of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentLink {
    /// Until when.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// Opens the document without a token.
    #[serde(rename = "url")]
    pub url: String,
}

/// What a provider is owed for one month in one currency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Earnings {
    /// What the next month opens with.
    #[serde(rename = "closingDeficit")]
    pub closing_deficit: Money,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// Fees the platform returned with refunds.
    #[serde(rename = "feeReversed")]
    pub fee_reversed: Money,
    /// Sales net of discount, before tax.
    #[serde(rename = "grossRevenue")]
    pub gross_revenue: Money,
    /// How many lines it has.
    #[serde(rename = "lineCount")]
    pub line_count: u64,
    /// The 100 that were entered last; all of them are in the period's statement.
    #[serde(rename = "lines")]
    pub lines: Vec<EarningsLine>,
    /// What the platform pays.
    #[serde(rename = "netPayable")]
    pub net_payable: Money,
    /// The closing deficit of the month before.
    #[serde(rename = "openingDeficit")]
    pub opening_deficit: Money,
    /// Billing's payout; null unless paid, and when nothing was due.
    #[serde(rename = "payoutId", default, skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// `periodMonth`.
    #[serde(rename = "periodMonth")]
    pub period_month: String,
    /// The platform's fees of the sales.
    #[serde(rename = "platformFee")]
    pub platform_fee: Money,
    /// Sales given back, before tax.
    #[serde(rename = "refunds")]
    pub refunds: Money,
    /// `state`.
    #[serde(rename = "state")]
    pub state: EarningsState,
    /// `taxesWithheld`.
    #[serde(rename = "taxesWithheld")]
    pub taxes_withheld: Money,
}

/// One line, never changed once entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarningsLine {
    /// The platform's frozen share in basis points.
    #[serde(rename = "bps")]
    pub bps: u32,
    /// The platform's part.
    #[serde(rename = "fee")]
    pub fee: Money,
    /// What was sold, given back, withheld or carried, before tax.
    #[serde(rename = "gross")]
    pub gross: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `kind`.
    #[serde(rename = "kind")]
    pub kind: EarningsLineKind,
    /// What was sold; null for a carry.
    #[serde(rename = "listingId", default, skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<String>,
    /// By how much the line moves what is payable, signed by its kind.
    #[serde(rename = "net")]
    pub net: Money,
    /// `occurredAt`.
    #[serde(rename = "occurredAt")]
    pub occurred_at: String,
    /// `orderId`.
    #[serde(rename = "orderId", default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `orderLineId`.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// The event that caused it.
    #[serde(rename = "sourceEventId")]
    pub source_event_id: String,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EarningsLineKind {
    /// `sale`.
    #[serde(rename = "sale")]
    Sale,
    /// `refund`.
    #[serde(rename = "refund")]
    Refund,
    /// `fee_reversal`.
    #[serde(rename = "fee_reversal")]
    FeeReversal,
    /// `tax`.
    #[serde(rename = "tax")]
    Tax,
    /// `carry`.
    #[serde(rename = "carry")]
    Carry,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Where a period is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EarningsState {
    /// `accruing`.
    #[serde(rename = "accruing")]
    Accruing,
    /// `ready`.
    #[serde(rename = "ready")]
    Ready,
    /// `paid`.
    #[serde(rename = "paid")]
    Paid,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Encoding {
    /// `GSM7`.
    #[serde(rename = "GSM7")]
    Gsm7,
    /// `UCS2`.
    #[serde(rename = "UCS2")]
    Ucs2,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Whose code it is, as far as the developer knows: what sends are counted by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndUser {
    /// The address on the network.
    #[serde(rename = "ip", default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// The developer's own name for the end user, of at most 128 characters.
    #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
    pub r#ref: Option<String>,
}

/// The answer, as of now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entitlement {
    /// `entitled`.
    #[serde(rename = "entitled")]
    pub entitled: bool,
    /// The licence that gave the answer.
    #[serde(rename = "licenseId", default, skip_serializing_if = "Option::is_none")]
    pub license_id: Option<String>,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: EntitlementReason,
    /// When that licence ends or ended; null for never.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// The question, about the caller's tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EntitlementCheck {
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// Why a user may learn, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum EntitlementReason {
    /// `entitled`.
    #[serde(rename = "entitled")]
    Entitled,
    /// `no_seat`.
    #[serde(rename = "no_seat")]
    NoSeat,
    /// `not_started`.
    #[serde(rename = "not_started")]
    NotStarted,
    /// `expired`.
    #[serde(rename = "expired")]
    Expired,
    /// `revoked`.
    #[serde(rename = "revoked")]
    Revoked,
    /// `no_licence`.
    #[serde(rename = "no_licence")]
    NoLicence,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Which world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Environment {
    /// `SANDBOX`.
    #[serde(rename = "SANDBOX")]
    Sandbox,
    /// `PRODUCTION`.
    #[serde(rename = "PRODUCTION")]
    Production,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A CloudEvents 1.0 event in structured JSON. Members without a value are absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its place among the events of its subject.
    #[serde(rename = "aggregateseq")]
    pub aggregateseq: i64,
    /// The event whose handling caused it.
    #[serde(rename = "causationid", default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<String>,
    /// Ties together everything one purchase set off.
    #[serde(rename = "correlationid")]
    pub correlationid: String,
    /// What happened in detail, cut to what the reader's tenant may know.
    #[serde(rename = "data")]
    pub data: serde_json::Value,
    /// `datacontenttype`.
    #[serde(rename = "datacontenttype")]
    pub datacontenttype: String,
    /// The schema of `data`.
    #[serde(rename = "dataschema")]
    pub dataschema: String,
    /// In which world it happened, where there are two.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The event's id: the same in every feed.
    #[serde(rename = "id")]
    pub id: String,
    /// Where it comes from: `/sarai/marketplace`.
    #[serde(rename = "source")]
    pub source: String,
    /// `specversion`.
    #[serde(rename = "specversion")]
    pub specversion: String,
    /// The id of what it happened to.
    #[serde(rename = "subject")]
    pub subject: String,
    /// The tenant of what it happened to.
    #[serde(rename = "tenantid")]
    pub tenantid: String,
    /// When it was recorded.
    #[serde(rename = "time")]
    pub time: String,
    /// What happened, such as `marketplace.order.paid.v1`.
    #[serde(rename = "type")]
    pub r#type: String,
}

/// An exact number of minor units: 967.5 cents are 9675 of 10.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExactAmount {
    /// A whole number, not zero.
    #[serde(rename = "denominator")]
    pub denominator: String,
    /// A whole number; a text, because it may be larger than a JSON reader can hold.
    #[serde(rename = "numerator")]
    pub numerator: String,
}

/// A rule that forbids a refund.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FailedRule {
    /// The code a refund would be refused with.
    #[serde(rename = "code")]
    pub code: String,
    /// The last instant at which the line could be returned, when that is what failed.
    #[serde(rename = "deadline", default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// One sentence for a person.
    #[serde(rename = "detail")]
    pub detail: String,
    /// The line it is about; null: the order, or the request.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
}

/// Why an order failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FailureReason {
    /// `payment_timeout`.
    #[serde(rename = "payment_timeout")]
    PaymentTimeout,
    /// `payment_declined`.
    #[serde(rename = "payment_declined")]
    PaymentDeclined,
    /// `coupon_exhausted`.
    #[serde(rename = "coupon_exhausted")]
    CouponExhausted,
    /// `cancelled`.
    #[serde(rename = "cancelled")]
    Cancelled,
    /// `amount_mismatch`.
    #[serde(rename = "amount_mismatch")]
    AmountMismatch,
    /// `billing_refused`.
    #[serde(rename = "billing_refused")]
    BillingRefused,
    /// `fulfilment_failed`.
    #[serde(rename = "fulfilment_failed")]
    FulfilmentFailed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An event under its number in the tenant's feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedEvent {
    /// `event`.
    #[serde(rename = "event")]
    pub event: Event,
    /// Its number: 1, 2, 3, … without gaps.
    #[serde(rename = "number")]
    pub number: i64,
}

/// A part of the tenant's feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeedPage {
    /// The events, in order, none that the caller may see left out.
    #[serde(rename = "data")]
    pub data: Vec<FeedEvent>,
    /// The first number still kept: events are kept 30 days.
    #[serde(rename = "firstKept")]
    pub first_kept: i64,
    /// Whether the feed goes on after `next`.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// The feed's last number.
    #[serde(rename = "last")]
    pub last: i64,
    /// What to send as `after` next time.
    #[serde(rename = "next")]
    pub next: i64,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its value after; null: it has none.
    #[serde(rename = "after")]
    pub after: serde_json::Value,
    /// Its value before; null: it had none.
    #[serde(rename = "before")]
    pub before: serde_json::Value,
    /// A JSON pointer into the listing; a plan is named by its id: `/pricingPlans/pln_…/active`.
    #[serde(rename = "field")]
    pub field: String,
}

/// A discount in money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FixedDiscount {
    /// More than zero.
    #[serde(rename = "amount")]
    pub amount: Money,
}

/// A grant without a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrantRequest {
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `pricingPlanId`.
    #[serde(rename = "pricingPlanId")]
    pub pricing_plan_id: String,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// `source`.
    #[serde(rename = "source")]
    pub source: GrantSource,
    /// `tenantId`.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// The learner of a manual individual licence.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// What is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum GrantSource {
    /// `gift`.
    #[serde(rename = "gift")]
    Gift,
    /// `manual`.
    #[serde(rename = "manual")]
    Manual,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A granted licence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrantedLicense {
    /// The gift's code, shown this once; null for a manual grant.
    #[serde(rename = "claimCode", default, skip_serializing_if = "Option::is_none")]
    pub claim_code: Option<String>,
    /// Seats that stayed allocated when the licence was taken back.
    #[serde(rename = "consumedSeats")]
    pub consumed_seats: u32,
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `courseVersionId`.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// `createdAt`.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `orderId`.
    #[serde(rename = "orderId", default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `orderLineId`.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// The first period it covers.
    #[serde(rename = "periodIndex")]
    pub period_index: u32,
    /// `perpetualOfflineAccess`.
    #[serde(rename = "perpetualOfflineAccess")]
    pub perpetual_offline_access: bool,
    /// `pricingPlanKind`.
    #[serde(rename = "pricingPlanKind")]
    pub pricing_plan_kind: PlanKind,
    /// `providerTenantId`.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// `refundDeadline`.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// Seats nobody has; null when unlimited.
    #[serde(rename = "remainingSeats", default, skip_serializing_if = "Option::is_none")]
    pub remaining_seats: Option<u32>,
    /// `scope`.
    #[serde(rename = "scope")]
    pub scope: LicenseScope,
    /// How many seats there are; null when unlimited.
    #[serde(rename = "seats", default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// `source`.
    #[serde(rename = "source")]
    pub source: LicenseSource,
    /// `state`.
    #[serde(rename = "state")]
    pub state: LicenseState,
    /// `tenantId`.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// `unlimited`.
    #[serde(rename = "unlimited")]
    pub unlimited: bool,
    /// `updatedAt`.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// `validFrom`.
    #[serde(rename = "validFrom")]
    pub valid_from: String,
    /// The first instant after it; null for ever.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// `version`.
    #[serde(rename = "version")]
    pub version: u64,
}

/// A sale that can still be given back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldAmount {
    /// The provider's part.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `orderId`.
    #[serde(rename = "orderId", default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `orderLineId`.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// When it cannot be given back any more.
    #[serde(rename = "releaseOn", default, skip_serializing_if = "Option::is_none")]
    pub release_on: Option<String>,
}

/// A service that tells us things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum IntegrationSource {
    /// `auth`.
    #[serde(rename = "auth")]
    Auth,
    /// `billing`.
    #[serde(rename = "billing")]
    Billing,
    /// `catalog`.
    #[serde(rename = "catalog")]
    Catalog,
    /// `content`.
    #[serde(rename = "content")]
    Content,
    /// `messaging`.
    #[serde(rename = "messaging")]
    Messaging,
    /// `tenant`.
    #[serde(rename = "tenant")]
    Tenant,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Invoice {
    /// `amountDue`.
    #[serde(rename = "amountDue")]
    pub amount_due: Money,
    /// Until when it is to be paid.
    #[serde(rename = "dueAt")]
    pub due_at: String,
    /// `invoiceId`.
    #[serde(rename = "invoiceId")]
    pub invoice_id: String,
    /// `issuedAt`.
    #[serde(rename = "issuedAt")]
    pub issued_at: String,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<InvoiceLine>,
    /// What people call it by.
    #[serde(rename = "number")]
    pub number: String,
    /// `paidAt`.
    #[serde(rename = "paidAt", default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<String>,
    /// The first instant it does not.
    #[serde(rename = "periodEnd")]
    pub period_end: String,
    /// The first instant it bills.
    #[serde(rename = "periodStart")]
    pub period_start: String,
    /// `status`.
    #[serde(rename = "status")]
    pub status: InvoiceStatus,
    /// How many messages it bills: as many as the log has with `invoiceId`.
    #[serde(rename = "totalMessages")]
    pub total_messages: u32,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// Not rounded: only the sum is.
    #[serde(rename = "amount")]
    pub amount: Price,
    /// `description`.
    #[serde(rename = "description")]
    pub description: String,
    /// `quantity`.
    #[serde(rename = "quantity")]
    pub quantity: u32,
    /// `unitPrice`.
    #[serde(rename = "unitPrice")]
    pub unit_price: Price,
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// `paid`.
    #[serde(rename = "paid")]
    Paid,
    /// `open`.
    #[serde(rename = "open")]
    Open,
    /// `overdue`.
    #[serde(rename = "overdue")]
    Overdue,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A key: everything about it but its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// The account it belongs to.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// When it was asked for.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// Who created it: a user, or a key.
    #[serde(rename = "createdBy")]
    pub created_by: String,
    /// When its revocation is known everywhere.
    #[serde(rename = "effectiveBy", default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<String>,
    /// Its environment.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// From when on it does not work.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Blocks of addresses it may be used from; empty: everywhere.
    #[serde(rename = "ipAllowList")]
    pub ip_allow_list: Vec<String>,
    /// Its id.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// What it is called.
    #[serde(rename = "label")]
    pub label: String,
    /// Its end.
    #[serde(rename = "last4", default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// When it was used last, to the minute.
    #[serde(rename = "lastUsedAt", default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
    /// From which neighbourhood.
    #[serde(rename = "lastUsedIpPrefix", default, skip_serializing_if = "Option::is_none")]
    pub last_used_ip_prefix: Option<String>,
    /// Its beginning.
    #[serde(rename = "prefix", default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Its successor.
    #[serde(rename = "replacedBy", default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// From when on its successor is alone.
    #[serde(rename = "retireAt", default, skip_serializing_if = "Option::is_none")]
    pub retire_at: Option<String>,
    /// When it was revoked.
    #[serde(rename = "revokedAt", default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// Why.
    #[serde(rename = "revokedReason", default, skip_serializing_if = "Option::is_none")]
    pub revoked_reason: Option<RevokedReason>,
    /// The key it succeeds.
    #[serde(rename = "rotatedFrom", default, skip_serializing_if = "Option::is_none")]
    pub rotated_from: Option<String>,
    /// The sandbox it is bound to.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// What it may do.
    #[serde(rename = "scopes")]
    pub scopes: Vec<String>,
    /// Whether it works now.
    #[serde(rename = "status")]
    pub status: KeyStatus,
    /// Its version, for `If-Match`.
    #[serde(rename = "version")]
    pub version: u64,
    /// What to think about: `no_expiry`, `used_lately`.
    #[serde(rename = "warnings")]
    pub warnings: Vec<String>,
}

/// A change of a key. What is absent stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyPatch {
    /// Blocks of addresses it may be used from; empty: everywhere.
    #[serde(rename = "ipAllowList", default, skip_serializing_if = "Option::is_none")]
    pub ip_allow_list: Option<Vec<String>>,
    /// What it is called.
    #[serde(rename = "label", default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What a rotation did, or would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyRotation {
    /// When the successor was made; null when nothing was done.
    #[serde(rename = "createdAt", default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// In which world.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// From when on the successor does not work.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// The successor; null when nothing was done.
    #[serde(rename = "key", default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Key>,
    /// The successor's id; null when nothing was done.
    #[serde(rename = "keyId", default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// How the successor's secret begins; null when nothing was done.
    #[serde(rename = "prefix", default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// The key that is succeeded.
    #[serde(rename = "previous")]
    pub previous: PreviousKey,
    /// The successor's secret, shown this once.
    #[serde(rename = "rawKey", default, skip_serializing_if = "Option::is_none")]
    pub raw_key: Option<String>,
    /// What the successor may do: what the key may that it succeeds.
    #[serde(rename = "scopes")]
    pub scopes: Vec<String>,
    /// Whether this answer holds it.
    #[serde(rename = "secretState")]
    pub secret_state: SecretState,
    /// Whether nothing was done.
    #[serde(rename = "simulated")]
    pub simulated: bool,
    /// What to think about: `no_expiry`, `expires_soon`, `used_lately`, `no_overlap`.
    #[serde(rename = "warnings")]
    pub warnings: Vec<String>,
}

/// How a key is rotated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyRotationRequest {
    /// For how long both keys work: 0 to 604,800 seconds.
    #[serde(rename = "overlapSeconds", default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum KeyStatus {
    /// `ACTIVE`.
    #[serde(rename = "ACTIVE")]
    Active,
    /// `REVOKED`.
    #[serde(rename = "REVOKED")]
    Revoked,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What was done with a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyTraffic {
    /// `asOf`.
    #[serde(rename = "asOf")]
    pub as_of: String,
    /// Day by day, also days of nothing.
    #[serde(rename = "days")]
    pub days: Vec<KeyTrafficDay>,
    /// `from`.
    #[serde(rename = "from")]
    pub from: String,
    /// `keyId`.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// `to`.
    #[serde(rename = "to")]
    pub to: String,
}

/// A day of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyTrafficDay {
    /// `codesSent`.
    #[serde(rename = "codesSent")]
    pub codes_sent: u64,
    /// Its beginning, UTC.
    #[serde(rename = "day")]
    pub day: String,
    /// `messagesDelivered`.
    #[serde(rename = "messagesDelivered")]
    pub messages_delivered: u64,
    /// `messagesFailed`.
    #[serde(rename = "messagesFailed")]
    pub messages_failed: u64,
    /// `messagesSent`.
    #[serde(rename = "messagesSent")]
    pub messages_sent: u64,
    /// `verificationsBlocked`.
    #[serde(rename = "verificationsBlocked")]
    pub verifications_blocked: u64,
    /// `verificationsRequested`.
    #[serde(rename = "verificationsRequested")]
    pub verifications_requested: u64,
}

/// An offline lease.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lease {
    /// `expiresAt`.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// The key in `/v1/.well-known/jwks.json` that checks it.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// `leaseId`.
    #[serde(rename = "leaseId")]
    pub lease_id: String,
    /// A compact JWS, signed with Ed25519.
    #[serde(rename = "token")]
    pub token: String,
}

/// For whom, for how long, for which device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LeaseRequest {
    /// Bound to this device, when given.
    #[serde(rename = "deviceId", default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// 1 to 72, and 72 when absent; never past the licence's end.
    #[serde(rename = "hours", default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
    /// The seat; the user's, when absent.
    #[serde(rename = "seatId", default, skip_serializing_if = "Option::is_none")]
    pub seat_id: Option<String>,
    /// The user; the caller, when absent. Only an administrator names another user.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// The right of a tenant to use one version of a course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct License {
    /// Seats that stayed allocated when the licence was taken back.
    #[serde(rename = "consumedSeats")]
    pub consumed_seats: u32,
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `courseVersionId`.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// `createdAt`.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `orderId`.
    #[serde(rename = "orderId", default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `orderLineId`.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// The first period it covers.
    #[serde(rename = "periodIndex")]
    pub period_index: u32,
    /// `perpetualOfflineAccess`.
    #[serde(rename = "perpetualOfflineAccess")]
    pub perpetual_offline_access: bool,
    /// `pricingPlanKind`.
    #[serde(rename = "pricingPlanKind")]
    pub pricing_plan_kind: PlanKind,
    /// `providerTenantId`.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// `refundDeadline`.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// Seats nobody has; null when unlimited.
    #[serde(rename = "remainingSeats", default, skip_serializing_if = "Option::is_none")]
    pub remaining_seats: Option<u32>,
    /// `scope`.
    #[serde(rename = "scope")]
    pub scope: LicenseScope,
    /// How many seats there are; null when unlimited.
    #[serde(rename = "seats", default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
    /// `source`.
    #[serde(rename = "source")]
    pub source: LicenseSource,
    /// `state`.
    #[serde(rename = "state")]
    pub state: LicenseState,
    /// `tenantId`.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// `unlimited`.
    #[serde(rename = "unlimited")]
    pub unlimited: bool,
    /// `updatedAt`.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// `validFrom`.
    #[serde(rename = "validFrom")]
    pub valid_from: String,
    /// The first instant after it; null for ever.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// `version`.
    #[serde(rename = "version")]
    pub version: u64,
}

/// For whom a licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LicenseScope {
    /// `individual`.
    #[serde(rename = "individual")]
    Individual,
    /// `org`.
    #[serde(rename = "org")]
    Org,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Where a licence comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LicenseSource {
    /// `purchase`.
    #[serde(rename = "purchase")]
    Purchase,
    /// `gift`.
    #[serde(rename = "gift")]
    Gift,
    /// `manual`.
    #[serde(rename = "manual")]
    Manual,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Where a licence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum LicenseState {
    /// `active`.
    #[serde(rename = "active")]
    Active,
    /// `expired`.
    #[serde(rename = "expired")]
    Expired,
    /// `revoked`.
    #[serde(rename = "revoked")]
    Revoked,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// All there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListOfMessageErrorCode {
    /// `data`.
    #[serde(rename = "data")]
    pub data: Vec<MessageErrorCode>,
}

/// All there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListOfSenderId {
    /// `data`.
    #[serde(rename = "data")]
    pub data: Vec<SenderId>,
}

/// A listing, as its provider and the platform's staff see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// When it was approved.
    #[serde(rename = "approvedAt", default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// Where it is filed.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The course.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// The exact version shipped at purchase.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// What a buyer sees.
    #[serde(rename = "marketing")]
    pub marketing: Marketing,
    /// What its provider proposes while it is on sale; it waits for a moderator.
    #[serde(rename = "pendingRevision", default, skip_serializing_if = "Option::is_none")]
    pub pending_revision: Option<ListingRevision>,
    /// The ways to buy it, oldest first.
    #[serde(rename = "pricingPlans")]
    pub pricing_plans: Vec<PricingPlan>,
    /// Who sells.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// How a sale can be returned.
    #[serde(rename = "refundPolicy")]
    pub refund_policy: RefundPolicy,
    /// Why a moderator sent it back, until it moves on.
    #[serde(rename = "rejectionReason", default, skip_serializing_if = "Option::is_none")]
    pub rejection_reason: Option<String>,
    /// When it was retired.
    #[serde(rename = "retiredAt", default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<String>,
    /// Who gets how much of a sale.
    #[serde(rename = "revenueShare")]
    pub revenue_share: RevenueShare,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: ListingState,
    /// When it was submitted, or last changed since.
    #[serde(rename = "submittedAt", default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<String>,
    /// When it was suspended, unless reinstated since.
    #[serde(rename = "suspendedAt", default, skip_serializing_if = "Option::is_none")]
    pub suspended_at: Option<String>,
    /// Why it is suspended.
    #[serde(rename = "suspensionReason", default, skip_serializing_if = "Option::is_none")]
    pub suspension_reason: Option<String>,
    /// At most 10 words.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// When it last changed.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Its version: what `If-Match` and a review name.
    #[serde(rename = "version")]
    pub version: u64,
    /// Who finds it.
    #[serde(rename = "visibility")]
    pub visibility: Visibility,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingApproval {
    /// Why.
    #[serde(rename = "reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The version that was reviewed.
    #[serde(rename = "reviewedVersion")]
    pub reviewed_version: u64,
}

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingDecision {
    /// Why: one line of 1 to 1,000 characters.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// A change of a listing, as a JSON merge patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingPatch {
    /// Where it is filed.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The version shipped.
    #[serde(rename = "courseVersionId", default, skip_serializing_if = "Option::is_none")]
    pub course_version_id: Option<String>,
    /// What a buyer sees, itself a merge patch.
    #[serde(rename = "marketing", default, skip_serializing_if = "Option::is_none")]
    pub marketing: Option<MarketingPatch>,
    /// How a sale can be returned, itself a merge patch.
    #[serde(rename = "refundPolicy", default, skip_serializing_if = "Option::is_none")]
    pub refund_policy: Option<RefundPolicyPatch>,
    /// The current share: another is the platform's to set.
    #[serde(rename = "revenueShare", default, skip_serializing_if = "Option::is_none")]
    pub revenue_share: Option<RevenueShare>,
    /// All its tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who finds it.
    #[serde(rename = "visibility", default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// A change of a listing on sale: a JSON merge patch over what is on sale. Plans and the course's version
/// have ways of their own and need no proposal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingProposal {
    /// Where it is filed.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What a buyer sees, itself a merge patch.
    #[serde(rename = "marketing", default, skip_serializing_if = "Option::is_none")]
    pub marketing: Option<MarketingPatch>,
    /// How a sale can be returned, itself a merge patch. Orders placed before keep theirs.
    #[serde(rename = "refundPolicy", default, skip_serializing_if = "Option::is_none")]
    pub refund_policy: Option<RefundPolicyPatch>,
    /// All its tags.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who finds it.
    #[serde(rename = "visibility", default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// What a moderator decides on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingReview {
    /// The fields that differ, sorted; empty when nothing does.
    #[serde(rename = "changes")]
    pub changes: Vec<FieldChange>,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// The version it is held against: the one approved last or, of a proposal that waits, the current one,
    /// which is on sale. Null when it was never approved: then everything is new.
    #[serde(rename = "reviewedAgainst", default, skip_serializing_if = "Option::is_none")]
    pub reviewed_against: Option<u64>,
    /// The version to approve.
    #[serde(rename = "version")]
    pub version: u64,
}

/// What a listing on sale is to look like once a moderator agrees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListingRevision {
    /// Where it will be filed.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// What a buyer will see.
    #[serde(rename = "marketing")]
    pub marketing: Marketing,
    /// When it was proposed.
    #[serde(rename = "proposedAt")]
    pub proposed_at: String,
    /// How a sale will be returned.
    #[serde(rename = "refundPolicy")]
    pub refund_policy: RefundPolicy,
    /// At most 10 words.
    #[serde(rename = "tags")]
    pub tags: Vec<String>,
    /// Who will find it.
    #[serde(rename = "visibility")]
    pub visibility: Visibility,
}

/// Where a listing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ListingState {
    /// `draft`.
    #[serde(rename = "draft")]
    Draft,
    /// `submitted`.
    #[serde(rename = "submitted")]
    Submitted,
    /// `approved`.
    #[serde(rename = "approved")]
    Approved,
    /// `live`.
    #[serde(rename = "live")]
    Live,
    /// `suspended`.
    #[serde(rename = "suspended")]
    Suspended,
    /// `retired`.
    #[serde(rename = "retired")]
    Retired,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Locale {
    /// `en`.
    #[serde(rename = "en")]
    En,
    /// `ps`.
    #[serde(rename = "ps")]
    Ps,
    /// `fa`.
    #[serde(rename = "fa")]
    Fa,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a buyer sees of a listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marketing {
    /// The long text; may be empty.
    #[serde(rename = "description")]
    pub description: String,
    /// The large picture.
    #[serde(rename = "hero", default, skip_serializing_if = "Option::is_none")]
    pub hero: Option<String>,
    /// Pictures, in order.
    #[serde(rename = "screenshots")]
    pub screenshots: Vec<String>,
    /// One line that sells it.
    #[serde(rename = "tagline")]
    pub tagline: String,
    /// A film.
    #[serde(rename = "trailerUrl", default, skip_serializing_if = "Option::is_none")]
    pub trailer_url: Option<String>,
}

/// A change of what a buyer sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MarketingPatch {
    /// The long text.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The large picture.
    #[serde(rename = "hero", default, skip_serializing_if = "Option::is_none")]
    pub hero: Option<String>,
    /// All its pictures.
    #[serde(rename = "screenshots", default, skip_serializing_if = "Option::is_none")]
    pub screenshots: Option<Vec<String>>,
    /// One line that sells it.
    #[serde(rename = "tagline", default, skip_serializing_if = "Option::is_none")]
    pub tagline: Option<String>,
    /// A film.
    #[serde(rename = "trailerUrl", default, skip_serializing_if = "Option::is_none")]
    pub trailer_url: Option<String>,
}

/// The caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Me {
    /// The account of a developer or a customer.
    #[serde(rename = "account", default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// The address, when the token names one.
    #[serde(rename = "email", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What it may act as.
    #[serde(rename = "roles")]
    pub roles: Vec<String>,
    /// The tenant it acts for.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// The user, or the service's own id.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// A message of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What it says; null once that is removed.
    #[serde(rename = "body", default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// SHA-256 of what it says, hex; it stays.
    #[serde(rename = "bodyDigest")]
    pub body_digest: String,
    /// When that was removed.
    #[serde(rename = "bodyRedactedAt", default, skip_serializing_if = "Option::is_none")]
    pub body_redacted_at: Option<String>,
    /// `deliveredAt`.
    #[serde(rename = "deliveredAt", default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// `encoding`.
    #[serde(rename = "encoding")]
    pub encoding: Encoding,
    /// Why it came to nothing.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// `failedAt`.
    #[serde(rename = "failedAt", default, skip_serializing_if = "Option::is_none")]
    pub failed_at: Option<String>,
    /// The sender id.
    #[serde(rename = "from")]
    pub from: String,
    /// The key it was sent with.
    #[serde(rename = "keyId", default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// `messageId`.
    #[serde(rename = "messageId")]
    pub message_id: String,
    /// The operator, once it is known.
    #[serde(rename = "operatorName", default, skip_serializing_if = "Option::is_none")]
    pub operator_name: Option<String>,
    /// `price`.
    #[serde(rename = "price")]
    pub price: Price,
    /// How many parts it has.
    #[serde(rename = "segments")]
    pub segments: u8,
    /// When it was handed to the operator.
    #[serde(rename = "sentAt", default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// `status`.
    #[serde(rename = "status")]
    pub status: MessageStatus,
    /// When it was accepted.
    #[serde(rename = "submittedAt")]
    pub submitted_at: String,
    /// To whom.
    #[serde(rename = "to")]
    pub to: String,
}

/// Why a message comes to nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageErrorCode {
    /// `code`.
    #[serde(rename = "code")]
    pub code: String,
    /// `fault`.
    #[serde(rename = "fault")]
    pub fault: MessageFault,
    /// What it means.
    #[serde(rename = "meaning")]
    pub meaning: Translated,
    /// What to do next.
    #[serde(rename = "nextStep")]
    pub next_step: Translated,
}

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MessageFault {
    /// `sender`.
    #[serde(rename = "sender")]
    Sender,
    /// `recipient`.
    #[serde(rename = "recipient")]
    Recipient,
    /// `operator`.
    #[serde(rename = "operator")]
    Operator,
    /// `platform`.
    #[serde(rename = "platform")]
    Platform,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a message would be and cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageQuote {
    /// What would be left; null when there is not enough.
    #[serde(rename = "balanceAfter", default, skip_serializing_if = "Option::is_none")]
    pub balance_after: Option<Price>,
    /// `encoding`.
    #[serde(rename = "encoding")]
    pub encoding: Encoding,
    /// `price`.
    #[serde(rename = "price")]
    pub price: Price,
    /// `segments`.
    #[serde(rename = "segments")]
    pub segments: u8,
}

/// How many messages are where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageStats {
    /// Counts end here: this many means this many or more.
    #[serde(rename = "countedUpTo")]
    pub counted_up_to: u32,
    /// `delivered`.
    #[serde(rename = "delivered")]
    pub delivered: u32,
    /// `failed`.
    #[serde(rename = "failed")]
    pub failed: u32,
    /// `queued`.
    #[serde(rename = "queued")]
    pub queued: u32,
    /// After how many days what a message says is removed.
    #[serde(rename = "retentionDays")]
    pub retention_days: u32,
    /// `sent`.
    #[serde(rename = "sent")]
    pub sent: u32,
}

/// Where a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MessageStatus {
    /// `queued`.
    #[serde(rename = "queued")]
    Queued,
    /// `sent`.
    #[serde(rename = "sent")]
    Sent,
    /// `delivered`.
    #[serde(rename = "delivered")]
    Delivered,
    /// `failed`.
    #[serde(rename = "failed")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Which second factor is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MfaPreference {
    /// `NONE`.
    #[serde(rename = "NONE")]
    None,
    /// `TOTP`.
    #[serde(rename = "TOTP")]
    Totp,
    /// `WEBAUTHN`.
    #[serde(rename = "WEBAUTHN")]
    Webauthn,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An amount in one currency, exact to the currency's minor unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: String,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
}

/// One currency of the money oracle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MoneyTally {
    /// Whether both sides agree to the minor unit.
    #[serde(rename = "balances")]
    pub balances: bool,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// Posted sales.
    #[serde(rename = "gross")]
    pub gross: Money,
    /// `platformFee`.
    #[serde(rename = "platformFee")]
    pub platform_fee: Money,
    /// `providerShare`.
    #[serde(rename = "providerShare")]
    pub provider_share: Money,
    /// Posted refunds.
    #[serde(rename = "refunds")]
    pub refunds: Money,
    /// Posted renewals of subscriptions, which no order sold.
    #[serde(rename = "renewals")]
    pub renewals: Money,
    /// The nets of what went back after fulfilment.
    #[serde(rename = "returned")]
    pub returned: Money,
    /// Of these, what is under way to the earnings.
    #[serde(rename = "returnedUnderWay")]
    pub returned_under_way: Money,
    /// The lines' nets of fulfilled orders.
    #[serde(rename = "sold")]
    pub sold: Money,
    /// Of these, what is under way to the earnings.
    #[serde(rename = "soldUnderWay")]
    pub sold_under_way: Money,
}

/// A channel to try, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewChannelStep {
    /// The channel.
    #[serde(rename = "channel")]
    pub channel: Channel,
    /// 15 to 300 seconds; the channel's own where nothing is said.
    #[serde(rename = "waitSeconds", default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u16>,
}

/// A coupon to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewCoupon {
    /// What the buyer types: 3 to 32 letters, digits, `_` and `-`.
    #[serde(rename = "code")]
    pub code: String,
    /// What it takes off.
    #[serde(rename = "discount")]
    pub discount: Discount,
    /// Uses per user; none: unlimited.
    #[serde(rename = "perUserCap", default, skip_serializing_if = "Option::is_none")]
    pub per_user_cap: Option<u32>,
    /// The provider whose lines it applies to; a provider's own coupon has that provider.
    #[serde(rename = "providerScope", default, skip_serializing_if = "Option::is_none")]
    pub provider_scope: Option<String>,
    /// The one buyer tenant it is for; none: every tenant.
    #[serde(rename = "tenantScope", default, skip_serializing_if = "Option::is_none")]
    pub tenant_scope: Option<String>,
    /// Uses in all; none: unlimited.
    #[serde(rename = "usageCap", default, skip_serializing_if = "Option::is_none")]
    pub usage_cap: Option<u32>,
    /// The first instant at which it can be redeemed; none: now.
    #[serde(rename = "validFrom", default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last instant at which it can be redeemed; none: no end.
    #[serde(rename = "validUntil", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

/// An article to write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDocsArticle {
    /// The version of the API it speaks of, such as `v1`.
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// Who may read it.
    #[serde(rename = "audience", default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<DocsAudience>,
    /// Its place under its heading.
    #[serde(rename = "order", default, skip_serializing_if = "Option::is_none")]
    pub order: Option<u32>,
    /// The heading it stands under: a slug.
    #[serde(rename = "section")]
    pub section: String,
    /// Its name in addresses: 1 to 80 of `a-z` and `0-9` with single hyphens between.
    #[serde(rename = "slug")]
    pub slug: String,
    /// What it is about: at most 10 slugs.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// A text to add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewDocsRevision {
    /// The text, in Markdown without HTML.
    #[serde(rename = "bodyMd")]
    pub body_md: String,
    /// Its locale.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// Of a translation: the English revision it was made from.
    #[serde(rename = "sourceRevisionNo", default, skip_serializing_if = "Option::is_none")]
    pub source_revision_no: Option<u32>,
    /// What it says in short: at most 300 characters.
    #[serde(rename = "summary", default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Its title: one line of 1 to 120 characters.
    #[serde(rename = "title")]
    pub title: String,
}

/// A key to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewKey {
    /// Its environment; the calling key's, else production.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// From when on it does not work; none: no such time.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// Blocks of addresses it may be used from; none: everywhere.
    #[serde(rename = "ipAllowList", default, skip_serializing_if = "Option::is_none")]
    pub ip_allow_list: Option<Vec<String>>,
    /// What it is called: one line of 1 to 64 characters.
    #[serde(rename = "label")]
    pub label: String,
    /// The sandbox it is bound to; none: whichever a request names.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// What it may do.
    #[serde(rename = "scopes")]
    pub scopes: Vec<String>,
}

/// A listing to create; it takes its plans later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewListing {
    /// Where it is filed: one line of at most 80 characters.
    #[serde(rename = "category", default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The course; it never changes.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// The version shipped.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// What a buyer sees.
    #[serde(rename = "marketing")]
    pub marketing: NewMarketing,
    /// How a sale can be returned.
    #[serde(rename = "refundPolicy")]
    pub refund_policy: NewRefundPolicy,
    /// The default share, or none: another is the platform's to set.
    #[serde(rename = "revenueShare", default, skip_serializing_if = "Option::is_none")]
    pub revenue_share: Option<RevenueShare>,
    /// At most 10 different words.
    #[serde(rename = "tags", default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Who finds it.
    #[serde(rename = "visibility", default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
}

/// What a buyer shall see of a new listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMarketing {
    /// The long text, of at most 10,000 characters.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The large picture, an https URL.
    #[serde(rename = "hero", default, skip_serializing_if = "Option::is_none")]
    pub hero: Option<String>,
    /// At most 10 pictures, https URLs.
    #[serde(rename = "screenshots", default, skip_serializing_if = "Option::is_none")]
    pub screenshots: Option<Vec<String>>,
    /// One line that sells it, of 1 to 140 characters.
    #[serde(rename = "tagline")]
    pub tagline: String,
    /// A film, an https URL.
    #[serde(rename = "trailerUrl", default, skip_serializing_if = "Option::is_none")]
    pub trailer_url: Option<String>,
}

/// A message that is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewMessage {
    /// What it says.
    #[serde(rename = "body")]
    pub body: String,
    /// In which world; of a key its own, else PRODUCTION.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The sender id that is shown.
    #[serde(rename = "from")]
    pub from: String,
    /// To whom: `+`, the country's code, the number. Digits may be Persian or Arabic.
    #[serde(rename = "to")]
    pub to: String,
}

/// A plan to add, or to put in the place of another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewPricingPlan {
    /// Whether it is on sale.
    #[serde(rename = "active", default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The price's currency, when it is repeated.
    #[serde(rename = "currency", default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Months a period lasts.
    #[serde(rename = "intervalMonths", default, skip_serializing_if = "Option::is_none")]
    pub interval_months: Option<u32>,
    /// How it sells.
    #[serde(rename = "kind")]
    pub kind: PlanKind,
    /// Whether the course may be kept offline for ever.
    #[serde(rename = "perpetualOfflineAccess", default, skip_serializing_if = "Option::is_none")]
    pub perpetual_offline_access: Option<bool>,
    /// The price of one pack, before tax.
    #[serde(rename = "price")]
    pub price: Money,
    /// Seats in a pack; of a site licence its limit.
    #[serde(rename = "seats", default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
}

/// How a sale of a new listing can be returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewRefundPolicy {
    /// The learner's attempts beyond which it cannot be returned.
    #[serde(rename = "attemptsCap", default, skip_serializing_if = "Option::is_none")]
    pub attempts_cap: Option<u32>,
    /// Days after payment, 0 to 90; 0 means never.
    #[serde(rename = "refundDays")]
    pub refund_days: u32,
}

/// A sandbox to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewSandbox {
    /// Destinations that behave as another scenario: a number or an e-mail address, and `00` to `14`. At most 50.
    #[serde(rename = "scenarioOverrides", default, skip_serializing_if = "Option::is_none")]
    pub scenario_overrides: Option<serde_json::Value>,
    /// What its codes come from: the same seed and the same calls give the same codes. Chance where nothing is said.
    #[serde(rename = "seed", default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How long it lives in real time: 3,600 to 604,800 seconds; a day where nothing is said.
    #[serde(rename = "ttlSeconds", default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u32>,
    /// The webhook endpoints of environment SANDBOX that its events go to; all of the tenant's where none are named.
    #[serde(rename = "webhookEndpointIds", default, skip_serializing_if = "Option::is_none")]
    pub webhook_endpoint_ids: Option<Vec<String>>,
}

/// A release to put together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewSdkRelease {
    /// What changed.
    #[serde(rename = "changelog")]
    pub changelog: SdkChangelog,
    /// Its language, such as `RUST`.
    #[serde(rename = "language")]
    pub language: String,
    /// The oldest version of the API it speaks.
    #[serde(rename = "minApiVersion")]
    pub min_api_version: String,
    /// What its package is called.
    #[serde(rename = "packageName")]
    pub package_name: String,
    /// What every tool calls it, such as `pkg:cargo/sarai@1.0.0`.
    #[serde(rename = "purl")]
    pub purl: String,
    /// The key it is signed with: one of `/v1/sdks/signing-keys`.
    #[serde(rename = "releaseKeyId")]
    pub release_key_id: String,
    /// Its version (Semantic Versioning 2.0).
    #[serde(rename = "version")]
    pub version: String,
}

/// A template to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewTemplate {
    /// The language that every channel has.
    #[serde(rename = "defaultLocale")]
    pub default_locale: Locale,
    /// Where codes are to be typed.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The languages tried before that one, in this order, where a text is not in the one asked for.
    #[serde(rename = "localeFallbacks", default, skip_serializing_if = "Option::is_none")]
    pub locale_fallbacks: Option<Vec<Locale>>,
    /// 1 to 64 lower-case letters, digits and hyphens.
    #[serde(rename = "name")]
    pub name: String,
    /// `variants`.
    #[serde(rename = "variants")]
    pub variants: Vec<NewTemplateVariant>,
}

/// The text of one channel in one language, as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewTemplateVariant {
    /// With `{{code}}` once; other placeholders are `brand`, `minutes` and `domain`.
    #[serde(rename = "body")]
    pub body: String,
    /// `channel`.
    #[serde(rename = "channel")]
    pub channel: TemplateChannel,
    /// `locale`.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// The set of recorded digits that a call plays.
    #[serde(rename = "recordedDigits", default, skip_serializing_if = "Option::is_none")]
    pub recorded_digits: Option<String>,
    /// Of an e-mail.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// A verification to start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewVerification {
    /// What moves it to the next channel.
    #[serde(rename = "advanceOn", default, skip_serializing_if = "Option::is_none")]
    pub advance_on: Option<AdvanceOn>,
    /// Who sends; the account's name where nothing is said.
    #[serde(rename = "brand", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// 1 to 5 channels, each at most twice; SMS where there is a phone, else e-mail.
    #[serde(rename = "channelOrder", default, skip_serializing_if = "Option::is_none")]
    pub channel_order: Option<Vec<NewChannelStep>>,
    /// How many digits the code has: 6 to 10.
    #[serde(rename = "codeLength", default, skip_serializing_if = "Option::is_none")]
    pub code_length: Option<u8>,
    /// Whose code it is.
    #[serde(rename = "endUser", default, skip_serializing_if = "Option::is_none")]
    pub end_user: Option<EndUser>,
    /// In which world: the key's, and no other.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The language of the message, as a BCP 47 tag; English where it has none of ours.
    #[serde(rename = "locale", default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Notes: at most 10 pairs of a key of 40 and a value of 200 characters.
    #[serde(rename = "metadata", default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<serde_json::Value>,
    /// What happens where a live one has its place; `REUSE` where nothing is said.
    #[serde(rename = "onExisting", default, skip_serializing_if = "Option::is_none")]
    pub on_existing: Option<OnExisting>,
    /// What for; `GENERIC` where nothing is said.
    #[serde(rename = "purpose", default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Which code a further send carries.
    #[serde(rename = "resendPolicy", default, skip_serializing_if = "Option::is_none")]
    pub resend_policy: Option<ResendPolicy>,
    /// What stands in for a challenge.
    #[serde(rename = "riskToken", default, skip_serializing_if = "Option::is_none")]
    pub risk_token: Option<String>,
    /// The text: one that everybody has, or one of the tenant's of which a version is approved; the system's of the
    /// purpose where none is named.
    #[serde(rename = "templateId", default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
    /// Where the code goes.
    #[serde(rename = "to")]
    pub to: Destination,
    /// How long it lives: 120 to 600 seconds.
    #[serde(rename = "ttlSeconds", default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u16>,
}

/// A start to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewVerificationPreview {
    /// 1 to 5 channels, each at most twice; SMS where there is a phone, else e-mail.
    #[serde(rename = "channelOrder", default, skip_serializing_if = "Option::is_none")]
    pub channel_order: Option<Vec<NewChannelStep>>,
    /// An e-mail address.
    #[serde(rename = "email", default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// In which world: the key's, and no other.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// The language of the message.
    #[serde(rename = "locale", default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// A phone number.
    #[serde(rename = "phone", default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// What for.
    #[serde(rename = "purpose", default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// The text, as of a start.
    #[serde(rename = "templateId", default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<String>,
}

/// An endpoint to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewWebhook {
    /// What its owner says of it: one line of at most 200 characters.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its environment; production when none is given.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// 1 to 50 types of event, or `*` alone.
    #[serde(rename = "events")]
    pub events: Vec<String>,
    /// Whether the first 256 bytes of plain-text answers are kept.
    #[serde(rename = "keepAnswers", default, skip_serializing_if = "Option::is_none")]
    pub keep_answers: Option<bool>,
    /// The one sandbox whose events it gets; of all when none is given.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// How its deliveries are signed; HMAC when it is not said.
    #[serde(rename = "signature", default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<WebhookSignature>,
    /// Where to: `https`, a public host name, port 443 or from 1024 on.
    #[serde(rename = "url")]
    pub url: String,
}

/// What breaks a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offender {
    /// The kind of thing.
    #[serde(rename = "aggregate")]
    pub aggregate: String,
    /// What is wrong.
    #[serde(rename = "detail")]
    pub detail: String,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// The command or request that repairs it, or what a person has to do.
    #[serde(rename = "repair")]
    pub repair: String,
    /// `tenantId`.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
}

/// What a start does where a live verification has its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OnExisting {
    /// `REUSE`.
    #[serde(rename = "REUSE")]
    Reuse,
    /// `SUPERSEDE`.
    #[serde(rename = "SUPERSEDE")]
    Supersede,
    /// `REJECT`.
    #[serde(rename = "REJECT")]
    Reject,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What an operator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OperatorAction {
    /// `retry`.
    #[serde(rename = "retry")]
    Retry,
    /// `compensate`.
    #[serde(rename = "compensate")]
    Compensate,
    /// `resolve`.
    #[serde(rename = "resolve")]
    Resolve,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How an operator did, over all tenants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OperatorHealth {
    /// How many ten-thousandths of them failed; null likewise.
    #[serde(rename = "failedBps", default, skip_serializing_if = "Option::is_none")]
    pub failed_bps: Option<u32>,
    /// `from`.
    #[serde(rename = "from")]
    pub from: String,
    /// How many messages were over in that time; null when they are too few to say.
    #[serde(rename = "messages", default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u32>,
    /// `operatorName`.
    #[serde(rename = "operatorName")]
    pub operator_name: String,
    /// `until`.
    #[serde(rename = "until")]
    pub until: String,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// `appliedCoupons`.
    #[serde(rename = "appliedCoupons")]
    pub applied_coupons: Vec<String>,
    /// `buyerTenantId`.
    #[serde(rename = "buyerTenantId")]
    pub buyer_tenant_id: String,
    /// `buyerUserId`.
    #[serde(rename = "buyerUserId")]
    pub buyer_user_id: String,
    /// `cancelRequestedAt`.
    #[serde(rename = "cancelRequestedAt", default, skip_serializing_if = "Option::is_none")]
    pub cancel_requested_at: Option<String>,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// `discountTotal`.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// `discounts`.
    #[serde(rename = "discounts")]
    pub discounts: Vec<AppliedDiscount>,
    /// `failureReason`.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<FailureReason>,
    /// `fulfilledAt`.
    #[serde(rename = "fulfilledAt", default, skip_serializing_if = "Option::is_none")]
    pub fulfilled_at: Option<String>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The last decline.
    #[serde(rename = "lastPaymentError", default, skip_serializing_if = "Option::is_none")]
    pub last_payment_error: Option<PaymentError>,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<ShownOrderLine>,
    /// `paidAt`.
    #[serde(rename = "paidAt", default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<String>,
    /// Billing's opaque intent; null when nothing is due.
    #[serde(rename = "paymentIntentId", default, skip_serializing_if = "Option::is_none")]
    pub payment_intent_id: Option<String>,
    /// `paymentState`.
    #[serde(rename = "paymentState")]
    pub payment_state: PaymentState,
    /// `placedAt`.
    #[serde(rename = "placedAt")]
    pub placed_at: String,
    /// The quote it was placed with.
    #[serde(rename = "quoteId", default, skip_serializing_if = "Option::is_none")]
    pub quote_id: Option<String>,
    /// The earliest of the lines' deadlines; null before it is paid.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// `refundState`.
    #[serde(rename = "refundState")]
    pub refund_state: RefundProgress,
    /// `refundedAt`.
    #[serde(rename = "refundedAt", default, skip_serializing_if = "Option::is_none")]
    pub refunded_at: Option<String>,
    /// The sum of the refunds that succeeded.
    #[serde(rename = "refundedTotal")]
    pub refunded_total: Money,
    /// `refunds`.
    #[serde(rename = "refunds")]
    pub refunds: Vec<Refund>,
    /// `sagaId`.
    #[serde(rename = "sagaId")]
    pub saga_id: String,
    /// `status`.
    #[serde(rename = "status")]
    pub status: OrderStatus,
    /// Money that arrived and cannot be the order's payment.
    #[serde(rename = "strayCaptures")]
    pub stray_captures: Vec<StrayCapture>,
    /// `subtotal`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// The tax; null before billing has answered.
    #[serde(rename = "taxTotal", default, skip_serializing_if = "Option::is_none")]
    pub tax_total: Option<Money>,
    /// `subtotal - discountTotal + taxTotal`; null before billing has answered.
    #[serde(rename = "totals", default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Money>,
    /// `version`.
    #[serde(rename = "version")]
    pub version: u64,
}

/// A line: a frozen snapshot of a plan, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderLine {
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `courseVersionId`.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// What the coupons take off.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The licence granted for the line; null before fulfilment.
    #[serde(rename = "licenseId", default, skip_serializing_if = "Option::is_none")]
    pub license_id: Option<String>,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `subtotal - discountTotal`, before tax.
    #[serde(rename = "net")]
    pub net: Money,
    /// Packs the seats come in.
    #[serde(rename = "packs")]
    pub packs: u32,
    /// `planKind`.
    #[serde(rename = "planKind")]
    pub plan_kind: PlanKind,
    /// `pricingPlanId`.
    #[serde(rename = "pricingPlanId")]
    pub pricing_plan_id: String,
    /// Seats.
    #[serde(rename = "quantity")]
    pub quantity: u32,
    /// The last instant at which the buyer may return the line; null before it is paid.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// `unitPrice * packs`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// The tax; null before billing has answered.
    #[serde(rename = "taxTotal", default, skip_serializing_if = "Option::is_none")]
    pub tax_total: Option<Money>,
    /// The price of one pack, before tax.
    #[serde(rename = "unitPrice")]
    pub unit_price: Money,
}

/// What is ordered: `currency`, `lines` and `couponCodes`, or the token of a quote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderRequest {
    /// The codes typed in, at most 5.
    #[serde(rename = "couponCodes", default, skip_serializing_if = "Option::is_none")]
    pub coupon_codes: Option<Vec<String>>,
    /// The currency of everything.
    #[serde(rename = "currency", default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// What is wanted, 1 to 50 lines.
    #[serde(rename = "lines", default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<CartLine>>,
    /// The token of a quote, in place of everything else.
    #[serde(rename = "quoteToken", default, skip_serializing_if = "Option::is_none")]
    pub quote_token: Option<String>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OrderStatus {
    /// `created`.
    #[serde(rename = "created")]
    Created,
    /// `pending_payment`.
    #[serde(rename = "pending_payment")]
    PendingPayment,
    /// `paid`.
    #[serde(rename = "paid")]
    Paid,
    /// `fulfilled`.
    #[serde(rename = "fulfilled")]
    Fulfilled,
    /// `refunded`.
    #[serde(rename = "refunded")]
    Refunded,
    /// `failed`.
    #[serde(rename = "failed")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What is left undone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbox {
    /// Whether events are published to a broker.
    #[serde(rename = "broker")]
    pub broker: bool,
    /// Consumers that have something left, in the order of their names.
    #[serde(rename = "consumers")]
    pub consumers: Vec<ConsumerBacklog>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfCatalogItem {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<CatalogItem>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfCoupon {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Coupon>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfDocsArticle {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<DocsArticle>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfEarnings {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Earnings>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfInvoice {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Invoice>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfKey {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Key>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfLicense {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<License>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfListing {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Listing>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfMessage {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Message>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfOrder {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Order>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSagaSummary {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<SagaSummary>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSale {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Sale>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSandbox {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Sandbox>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSandboxMessage {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<SandboxMessage>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSdkRelease {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<SdkRelease>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfSeat {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Seat>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfStatementLine {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<StatementLine>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfTemplate {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Template>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfVerificationSummary {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<VerificationSummary>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfWaitlistEntry {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<WaitlistEntry>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfWebhook {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<Webhook>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageOfWebhookDelivery {
    /// The rows, in the list's order.
    #[serde(rename = "data")]
    pub data: Vec<WebhookDelivery>,
    /// Whether there is a next part.
    #[serde(rename = "hasMore")]
    pub has_more: bool,
    /// Gets the next part; null on the last.
    #[serde(rename = "nextCursor", default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Gets the part before; null on the first.
    #[serde(rename = "prevCursor", default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// A decline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentError {
    /// `at`.
    #[serde(rename = "at")]
    pub at: String,
    /// Billing's code, or `other`.
    #[serde(rename = "code")]
    pub code: String,
}

/// What pays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentRequest {
    /// Billing's token of a payment method. It is forwarded and kept nowhere.
    #[serde(rename = "paymentToken")]
    pub payment_token: String,
}

/// Where the buyer's money is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PaymentState {
    /// `none`.
    #[serde(rename = "none")]
    None,
    /// `pending`.
    #[serde(rename = "pending")]
    Pending,
    /// `captured`.
    #[serde(rename = "captured")]
    Captured,
    /// `refund_pending`.
    #[serde(rename = "refund_pending")]
    RefundPending,
    /// `refunded`.
    #[serde(rename = "refunded")]
    Refunded,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A discount in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PercentDiscount {
    /// 1 to 100.
    #[serde(rename = "value")]
    pub value: u32,
}

/// How a plan sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum PlanKind {
    /// `one_time`.
    #[serde(rename = "one_time")]
    OneTime,
    /// `subscription`.
    #[serde(rename = "subscription")]
    Subscription,
    /// `seat_pack`.
    #[serde(rename = "seat_pack")]
    SeatPack,
    /// `site_license`.
    #[serde(rename = "site_license")]
    SiteLicense,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What one step of a start would meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewStep {
    /// Whether nothing speaks against it.
    #[serde(rename = "allowed")]
    pub allowed: bool,
    /// Which window of sends is full: `destination`, `prefix4`, `tenant`.
    #[serde(rename = "bucket", default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The channel.
    #[serde(rename = "channel")]
    pub channel: Channel,
    /// What it would cost.
    #[serde(rename = "price")]
    pub price: Price,
    /// Who would send; null where nobody does.
    #[serde(rename = "provider", default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Codes of what does.
    #[serde(rename = "reasons")]
    pub reasons: Vec<String>,
    /// How many messages it would be.
    #[serde(rename = "segments", default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u8>,
    /// When it has room again.
    #[serde(rename = "until", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How long it is waited for, in seconds.
    #[serde(rename = "waitSeconds")]
    pub wait_seconds: u16,
}

/// A line that would go back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviewedLine {
    /// `net + tax`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// Whether no rule about this line failed.
    #[serde(rename = "eligible")]
    pub eligible: bool,
    /// Its amount before tax.
    #[serde(rename = "net")]
    pub net: Money,
    /// `orderLineId`.
    #[serde(rename = "orderLineId")]
    pub order_line_id: String,
    /// The last instant at which the buyer may return it; null before it is paid.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// `seatsTouched`.
    #[serde(rename = "seatsTouched")]
    pub seats_touched: SeatsTouched,
    /// Its tax.
    #[serde(rename = "tax")]
    pub tax: Money,
}

/// The key that was succeeded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousKey {
    /// Which.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// From when on it does not work.
    #[serde(rename = "retireAt", default, skip_serializing_if = "Option::is_none")]
    pub retire_at: Option<String>,
}

/// A price in one currency, exact to the millionth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: String,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
}

/// One way to buy a listing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricingPlan {
    /// Whether it is on sale.
    #[serde(rename = "active")]
    pub active: bool,
    /// The currency of its price.
    #[serde(rename = "currency")]
    pub currency: String,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// Months a period lasts.
    #[serde(rename = "intervalMonths", default, skip_serializing_if = "Option::is_none")]
    pub interval_months: Option<u32>,
    /// How it sells.
    #[serde(rename = "kind")]
    pub kind: PlanKind,
    /// Whether the course may be kept offline for ever.
    #[serde(rename = "perpetualOfflineAccess")]
    pub perpetual_offline_access: bool,
    /// The price of one pack, before tax.
    #[serde(rename = "price")]
    pub price: Money,
    /// Seats in a pack; of a site licence its limit, null when unlimited.
    #[serde(rename = "seats", default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
}

/// A change of a plan, as a JSON merge patch; after approval only `active` changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PricingPlanPatch {
    /// Whether it is on sale.
    #[serde(rename = "active", default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The price's currency, repeated.
    #[serde(rename = "currency", default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Months a period lasts.
    #[serde(rename = "intervalMonths", default, skip_serializing_if = "Option::is_none")]
    pub interval_months: Option<u32>,
    /// How it sells.
    #[serde(rename = "kind", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PlanKind>,
    /// Whether the course may be kept offline for ever.
    #[serde(rename = "perpetualOfflineAccess", default, skip_serializing_if = "Option::is_none")]
    pub perpetual_offline_access: Option<bool>,
    /// The price of one pack, before tax.
    #[serde(rename = "price", default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Seats in a pack; of a site licence its limit.
    #[serde(rename = "seats", default, skip_serializing_if = "Option::is_none")]
    pub seats: Option<u32>,
}

/// RFC 9457. A code may bring further members, which its operation describes. `title` and `detail` are in the language that `Accept-Language` prefers of en, ps and fa, and `Content-Language` says in which: in ps and fa `detail` explains the code, and `detailEn` is the sentence in English, which names what this refusal is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// `allowedActions`.
    #[serde(rename = "allowedActions", default, skip_serializing_if = "Option::is_none")]
    pub allowed_actions: Option<Vec<String>>,
    /// `code`.
    #[serde(rename = "code")]
    pub code: String,
    /// `detail`.
    #[serde(rename = "detail")]
    pub detail: String,
    /// `detailEn`.
    #[serde(rename = "detailEn", default, skip_serializing_if = "Option::is_none")]
    pub detail_en: Option<String>,
    /// `errors`.
    #[serde(rename = "errors", default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<serde_json::Value>>,
    /// `instance`.
    #[serde(rename = "instance")]
    pub instance: String,
    /// `invariant`.
    #[serde(rename = "invariant", default, skip_serializing_if = "Option::is_none")]
    pub invariant: Option<String>,
    /// `requestId`.
    #[serde(rename = "requestId")]
    pub request_id: String,
    /// `retryAfterSeconds`.
    #[serde(rename = "retryAfterSeconds", default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<i64>,
    /// `state`.
    #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// `status`.
    #[serde(rename = "status")]
    pub status: i64,
    /// `title`.
    #[serde(rename = "title")]
    pub title: String,
    /// `type`.
    #[serde(rename = "type")]
    pub r#type: String,
}

/// What one provider would lose by one line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderDebit {
    /// What of the platform's fee would come back to the provider.
    #[serde(rename = "feeReversed")]
    pub fee_reversed: Money,
    /// The sale that would be taken back, before tax.
    #[serde(rename = "gross")]
    pub gross: Money,
    /// `gross - feeReversed`.
    #[serde(rename = "net")]
    pub net: Money,
    /// `orderLineId`.
    #[serde(rename = "orderLineId")]
    pub order_line_id: String,
    /// The month the debit would be entered in.
    #[serde(rename = "periodMonth")]
    pub period_month: String,
    /// `providerTenantId`.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
}

/// What to publish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishDocs {
    /// Of a published article: which revision. A draft is published with the newest text of each locale.
    #[serde(rename = "revisionNo", default, skip_serializing_if = "Option::is_none")]
    pub revision_no: Option<u32>,
}

/// What is read of a locale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PublishedDocsRevision {
    /// Since when it is read.
    #[serde(rename = "at")]
    pub at: String,
    /// The locale.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// The revision.
    #[serde(rename = "revisionNo")]
    pub revision_no: u32,
    /// The English revision it was made from.
    #[serde(rename = "sourceRevisionNo", default, skip_serializing_if = "Option::is_none")]
    pub source_revision_no: Option<u32>,
    /// Whether a newer English text is read.
    #[serde(rename = "stale")]
    pub stale: bool,
}

/// What a verification is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Purpose {
    /// `SIGN_UP`.
    #[serde(rename = "SIGN_UP")]
    SignUp,
    /// `SIGN_IN`.
    #[serde(rename = "SIGN_IN")]
    SignIn,
    /// `TRANSACTION`.
    #[serde(rename = "TRANSACTION")]
    Transaction,
    /// `CONTACT_CHANGE`.
    #[serde(rename = "CONTACT_CHANGE")]
    ContactChange,
    /// `GENERIC`.
    #[serde(rename = "GENERIC")]
    Generic,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A price promised to one buyer, tax included, with its coupons held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// `discountTotal`.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// `discounts`.
    #[serde(rename = "discounts")]
    pub discounts: Vec<AppliedDiscount>,
    /// From when on it no longer holds.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<OrderLine>,
    /// The order it becomes.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// Places the order: send it to `POST /orders`.
    #[serde(rename = "quoteToken")]
    pub quote_token: String,
    /// `state`.
    #[serde(rename = "state")]
    pub state: QuoteState,
    /// `subtotal`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// `taxTotal`.
    #[serde(rename = "taxTotal")]
    pub tax_total: Money,
    /// What is to be paid: `subtotal - discountTotal + taxTotal`.
    #[serde(rename = "totals")]
    pub totals: Money,
}

/// Where a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum QuoteState {
    /// `open`.
    #[serde(rename = "open")]
    Open,
    /// `used`.
    #[serde(rename = "used")]
    Used,
    /// `expired`.
    #[serde(rename = "expired")]
    Expired,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How an order's amounts came about: the frozen amounts, their derivation beside them, and the proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// Equations over the numbers above; all hold.
    #[serde(rename = "checks")]
    pub checks: Vec<ReceiptCheck>,
    /// The coupons in the order in which they were applied: percent, then fixed, then by id.
    #[serde(rename = "coupons")]
    pub coupons: Vec<CouponStep>,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// `discountTotal`.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<ReceiptLine>,
    /// `orderId`.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// `refundedTotal`.
    #[serde(rename = "refundedTotal")]
    pub refunded_total: Money,
    /// `refunds`.
    #[serde(rename = "refunds")]
    pub refunds: Vec<ReceiptRefund>,
    /// `subtotal`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// How the lines' taxes came about; null before billing has answered.
    #[serde(rename = "taxBasis", default, skip_serializing_if = "Option::is_none")]
    pub tax_basis: Option<TaxBasis>,
    /// `taxTotal`.
    #[serde(rename = "taxTotal", default, skip_serializing_if = "Option::is_none")]
    pub tax_total: Option<Money>,
    /// `subtotal - discountTotal + taxTotal`; null before billing has answered.
    #[serde(rename = "totals", default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Money>,
}

/// An equation over the receipt's numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptCheck {
    /// Whether both are one amount.
    #[serde(rename = "holds")]
    pub holds: bool,
    /// What its left side comes to; null: no amount at all.
    #[serde(rename = "left", default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Money>,
    /// The equation in words.
    #[serde(rename = "name")]
    pub name: String,
    /// The line, coupon or refund it is about, or `coupon/line`; null: the order.
    #[serde(rename = "of", default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// What its right side comes to.
    #[serde(rename = "right", default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Money>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// `discountTotal`.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// `subtotal - discountTotal`.
    #[serde(rename = "net")]
    pub net: Money,
    /// `orderLineId`.
    #[serde(rename = "orderLineId")]
    pub order_line_id: String,
    /// `packs`.
    #[serde(rename = "packs")]
    pub packs: u32,
    /// `providerTenantId`.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// `refunded`.
    #[serde(rename = "refunded")]
    pub refunded: bool,
    /// `split`.
    #[serde(rename = "split")]
    pub split: ReceiptSplit,
    /// `unitPrice * packs`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// Null before billing has answered.
    #[serde(rename = "tax", default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// How the tax came about, where a total was spread.
    #[serde(rename = "taxShare", default, skip_serializing_if = "Option::is_none")]
    pub tax_share: Option<Share>,
    /// `net + tax`; null before billing has answered.
    #[serde(rename = "total", default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// `unitPrice`.
    #[serde(rename = "unitPrice")]
    pub unit_price: Money,
}

/// One refund.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptRefund {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<String>,
    /// `source`.
    #[serde(rename = "source")]
    pub source: RefundSource,
    /// `state`.
    #[serde(rename = "state")]
    pub state: RefundState,
}

/// Who gets how much of a line's `net`. The odd unit is with the larger fraction, with the provider where
/// both are equal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceiptSplit {
    /// `fee`.
    #[serde(rename = "fee")]
    pub fee: Share,
    /// The platform's share, in basis points, as frozen.
    #[serde(rename = "platformBps")]
    pub platform_bps: u32,
    /// `provider`.
    #[serde(rename = "provider")]
    pub provider: Share,
    /// The provider's.
    #[serde(rename = "providerBps")]
    pub provider_bps: u32,
}

/// What is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Whether there are more: ask again.
    #[serde(rename = "more")]
    pub more: bool,
    /// How many deliveries.
    #[serde(rename = "queued")]
    pub queued: u32,
}

/// Whose losses are sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecoveryRequest {
    /// What began then or later.
    #[serde(rename = "since")]
    pub since: String,
    /// And earlier than this; now when it is not said.
    #[serde(rename = "until", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Which dead letters are tried again, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RedriveRequest {
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// The id of the aggregate whose events they are; of every aggregate without it.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// How many dead letters are tried again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Redriven {
    /// `deliveries`.
    #[serde(rename = "deliveries")]
    pub deliveries: u64,
}

/// Who goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefreshRequest {
    /// `refreshToken`.
    #[serde(rename = "refreshToken")]
    pub refresh_token: String,
}

/// One return of money.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refund {
    /// How much goes back, tax included.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: Vec<String>,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// `requestedAt`.
    #[serde(rename = "requestedAt")]
    pub requested_at: String,
    /// `settledAt`.
    #[serde(rename = "settledAt", default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<String>,
    /// `source`.
    #[serde(rename = "source")]
    pub source: RefundSource,
    /// `state`.
    #[serde(rename = "state")]
    pub state: RefundState,
}

/// How a sale can be returned by its buyer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// The learner's attempts beyond which it cannot be returned.
    #[serde(rename = "attemptsCap", default, skip_serializing_if = "Option::is_none")]
    pub attempts_cap: Option<u32>,
    /// Days after payment; 0 means never.
    #[serde(rename = "refundDays")]
    pub refund_days: u32,
}

/// A change of how a sale can be returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundPolicyPatch {
    /// The learner's attempts beyond which it cannot be returned.
    #[serde(rename = "attemptsCap", default, skip_serializing_if = "Option::is_none")]
    pub attempts_cap: Option<u32>,
    /// Days after payment, 0 to 90.
    #[serde(rename = "refundDays", default, skip_serializing_if = "Option::is_none")]
    pub refund_days: Option<u32>,
}

/// What a refund would do now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundPreview {
    /// What the buyer would get, tax included.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// Whether the buyer may ask for it now: no rule failed.
    #[serde(rename = "eligible")]
    pub eligible: bool,
    /// Every rule that forbids it to the buyer. The platform's staff are bound by those of the order only.
    #[serde(rename = "failedRules")]
    pub failed_rules: Vec<FailedRule>,
    /// Whether no line would be left; the last refund takes what is left of the payment.
    #[serde(rename = "full")]
    pub full: bool,
    /// The lines that would go back.
    #[serde(rename = "lines")]
    pub lines: Vec<PreviewedLine>,
    /// `orderId`.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// What the providers would lose.
    #[serde(rename = "providerDebits")]
    pub provider_debits: Vec<ProviderDebit>,
}

/// How many of the lines were returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RefundProgress {
    /// `none`.
    #[serde(rename = "none")]
    None,
    /// `partial`.
    #[serde(rename = "partial")]
    Partial,
    /// `full`.
    #[serde(rename = "full")]
    Full,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Which lines go back, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// Whole lines; without it all that are left.
    #[serde(rename = "lines", default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<String>>,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// Who wanted the money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RefundSource {
    /// `buyer`.
    #[serde(rename = "buyer")]
    Buyer,
    /// `admin`.
    #[serde(rename = "admin")]
    Admin,
    /// `dispute`.
    #[serde(rename = "dispute")]
    Dispute,
    /// `compensation`.
    #[serde(rename = "compensation")]
    Compensation,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RefundState {
    /// `pending`.
    #[serde(rename = "pending")]
    Pending,
    /// `succeeded`.
    #[serde(rename = "succeeded")]
    Succeeded,
    /// `failed`.
    #[serde(rename = "failed")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How finished a release is, derived from its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ReleaseChannel {
    /// `STABLE`.
    #[serde(rename = "STABLE")]
    Stable,
    /// `RC`.
    #[serde(rename = "RC")]
    Rc,
    /// `BETA`.
    #[serde(rename = "BETA")]
    Beta,
    /// `ALPHA`.
    #[serde(rename = "ALPHA")]
    Alpha,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A message as it would leave, with a code that is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RenderedTemplate {
    /// Of an e-mail.
    #[serde(rename = "html", default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
    /// The language it is in: the next of the chain where the one asked for is not there.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// Of a text message.
    #[serde(rename = "segments", default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u8>,
    /// `subject`.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it says; of a call, what is spoken.
    #[serde(rename = "text")]
    pub text: String,
    /// `versionNo`.
    #[serde(rename = "versionNo")]
    pub version_no: u32,
}

/// A place in the order in which events are published again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepublishPlace {
    /// `committedAt`.
    #[serde(rename = "committedAt")]
    pub committed_at: String,
    /// `eventId`.
    #[serde(rename = "eventId")]
    pub event_id: String,
}

/// Which events are published again, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RepublishRequest {
    /// After this place: `next` of the answer before.
    #[serde(rename = "after", default, skip_serializing_if = "Option::is_none")]
    pub after: Option<RepublishPlace>,
    /// Committed at this time or later.
    #[serde(rename = "from")]
    pub from: String,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// Committed before this time; until now without it.
    #[serde(rename = "to", default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// What is published again: at most 1,000 events an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Republished {
    /// Of these, those that did not wait to be published anyway.
    #[serde(rename = "deliveries")]
    pub deliveries: u64,
    /// The events looked at.
    #[serde(rename = "events")]
    pub events: u64,
    /// Where to go on; null at the end of the range.
    #[serde(rename = "next", default, skip_serializing_if = "Option::is_none")]
    pub next: Option<RepublishPlace>,
}

/// Which code a further send carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ResendPolicy {
    /// `SAME_CODE`.
    #[serde(rename = "SAME_CODE")]
    SameCode,
    /// `NEW_CODE`.
    #[serde(rename = "NEW_CODE")]
    NewCode,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Who gets how much of a sale, in basis points that sum to 10,000.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevenueShare {
    /// The platform's.
    #[serde(rename = "platformBps")]
    pub platform_bps: u32,
    /// The provider's.
    #[serde(rename = "providerBps")]
    pub provider_bps: u32,
}

/// A negotiated revenue share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevenueShareChange {
    /// The platform's, in basis points.
    #[serde(rename = "platformBps")]
    pub platform_bps: u32,
    /// The provider's, in basis points.
    #[serde(rename = "providerBps")]
    pub provider_bps: u32,
    /// Why: one line of 1 to 1,000 characters.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// Why a licence is taken back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevokeRequest {
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// What a revocation did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RevokedKey {
    /// When that is known everywhere.
    #[serde(rename = "effectiveBy", default, skip_serializing_if = "Option::is_none")]
    pub effective_by: Option<String>,
    /// The key.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// When it was revoked.
    #[serde(rename = "revokedAt", default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// Whether it works.
    #[serde(rename = "status")]
    pub status: KeyStatus,
    /// What to think about: `used_lately` where somebody used it in the last hour.
    #[serde(rename = "warnings")]
    pub warnings: Vec<String>,
}

/// Why a key was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RevokedReason {
    /// `USER`.
    #[serde(rename = "USER")]
    User,
    /// `ROTATED`.
    #[serde(rename = "ROTATED")]
    Rotated,
    /// `EXPIRED`.
    #[serde(rename = "EXPIRED")]
    Expired,
    /// `EXPOSED`.
    #[serde(rename = "EXPOSED")]
    Exposed,
    /// `ACCOUNT_CLOSED`.
    #[serde(rename = "ACCOUNT_CLOSED")]
    AccountClosed,
    /// `ADMIN`.
    #[serde(rename = "ADMIN")]
    Admin,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Why an operator acts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaActionRequest {
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// Who did a step by hand, and the proof.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaByHand {
    /// `by`.
    #[serde(rename = "by")]
    pub by: String,
    /// `evidence`.
    #[serde(rename = "evidence")]
    pub evidence: String,
}

/// A delivery that is not done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaDelivery {
    /// `attempts`.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// `consumer`.
    #[serde(rename = "consumer")]
    pub consumer: String,
    /// Whether it waits for a redrive.
    #[serde(rename = "dead")]
    pub dead: bool,
    /// `lastError`.
    #[serde(rename = "lastError", default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// `topic`.
    #[serde(rename = "topic")]
    pub topic: String,
}

/// A saga with its history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaDiagnosis {
    /// Deliveries of its events and its order's that are not done.
    #[serde(rename = "deliveries")]
    pub deliveries: Vec<SagaDelivery>,
    /// `orderStatus`.
    #[serde(rename = "orderStatus")]
    pub order_status: OrderStatus,
    /// `saga`.
    #[serde(rename = "saga")]
    pub saga: SagaSummary,
    /// The steps begun so far, in order.
    #[serde(rename = "steps")]
    pub steps: Vec<SagaStepRecord>,
    /// What happened, in order.
    #[serde(rename = "timeline")]
    pub timeline: Vec<SagaEntry>,
    /// Whether later events were left out of the timeline.
    #[serde(rename = "truncated")]
    pub truncated: bool,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaEntry {
    /// The operator who did it.
    #[serde(rename = "actor", default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// `at`.
    #[serde(rename = "at")]
    pub at: String,
    /// A topic, a command, an outcome or an operator's action.
    #[serde(rename = "code")]
    pub code: String,
    /// `kind`.
    #[serde(rename = "kind")]
    pub kind: SagaEntryKind,
    /// `line`.
    #[serde(rename = "line", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// `step`.
    #[serde(rename = "step", default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The same for a person.
    #[serde(rename = "words")]
    pub words: String,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SagaEntryKind {
    /// `event`.
    #[serde(rename = "event")]
    Event,
    /// `command`.
    #[serde(rename = "command")]
    Command,
    /// `result`.
    #[serde(rename = "result")]
    Result,
    /// `operator`.
    #[serde(rename = "operator")]
    Operator,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a saga will do when nobody answers before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaNextAction {
    /// `at`.
    #[serde(rename = "at")]
    pub at: String,
    /// `compensate`, `wait`, or the first command.
    #[serde(rename = "code")]
    pub code: String,
    /// Every command that is issued then.
    #[serde(rename = "commands")]
    pub commands: Vec<String>,
    /// The state then.
    #[serde(rename = "state")]
    pub state: SagaState,
    /// The same for a person.
    #[serde(rename = "words")]
    pub words: String,
}

/// What was done by hand, why, and what proves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaResolveRequest {
    /// 1 to 2,000 characters.
    #[serde(rename = "evidence")]
    pub evidence: String,
    /// The line of a step that has one.
    #[serde(rename = "line", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// `step`.
    #[serde(rename = "step")]
    pub step: SagaStep,
}

/// How far a purchase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SagaState {
    /// `started`.
    #[serde(rename = "started")]
    Started,
    /// `awaiting_payment`.
    #[serde(rename = "awaiting_payment")]
    AwaitingPayment,
    /// `licensing`.
    #[serde(rename = "licensing")]
    Licensing,
    /// `enrolling`.
    #[serde(rename = "enrolling")]
    Enrolling,
    /// `fulfilled`.
    #[serde(rename = "fulfilled")]
    Fulfilled,
    /// `compensating`.
    #[serde(rename = "compensating")]
    Compensating,
    /// `failed`.
    #[serde(rename = "failed")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A step of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SagaStep {
    /// `reserve_coupons`.
    #[serde(rename = "reserve_coupons")]
    ReserveCoupons,
    /// `pay`.
    #[serde(rename = "pay")]
    Pay,
    /// `mark_pending_payment`.
    #[serde(rename = "mark_pending_payment")]
    MarkPendingPayment,
    /// `record_free`.
    #[serde(rename = "record_free")]
    RecordFree,
    /// `receive_payment`.
    #[serde(rename = "receive_payment")]
    ReceivePayment,
    /// `confirm_coupons`.
    #[serde(rename = "confirm_coupons")]
    ConfirmCoupons,
    /// `grant_license`.
    #[serde(rename = "grant_license")]
    GrantLicense,
    /// `enroll`.
    #[serde(rename = "enroll")]
    Enroll,
    /// `mark_fulfilled`.
    #[serde(rename = "mark_fulfilled")]
    MarkFulfilled,
    /// `cancel_enrollment`.
    #[serde(rename = "cancel_enrollment")]
    CancelEnrollment,
    /// `revoke_license`.
    #[serde(rename = "revoke_license")]
    RevokeLicense,
    /// `refund_payment`.
    #[serde(rename = "refund_payment")]
    RefundPayment,
    /// `void_intent`.
    #[serde(rename = "void_intent")]
    VoidIntent,
    /// `release_coupons`.
    #[serde(rename = "release_coupons")]
    ReleaseCoupons,
    /// `close_order`.
    #[serde(rename = "close_order")]
    CloseOrder,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// One step's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaStepRecord {
    /// How often its command was issued.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// Who did it by hand.
    #[serde(rename = "byHand", default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<SagaByHand>,
    /// `enteredAt`.
    #[serde(rename = "enteredAt")]
    pub entered_at: String,
    /// Why the last attempt failed; null while it is unanswered.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Null while its outcome is unknown.
    #[serde(rename = "exitedAt", default, skip_serializing_if = "Option::is_none")]
    pub exited_at: Option<String>,
    /// `line`.
    #[serde(rename = "line", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// `outcome`.
    #[serde(rename = "outcome", default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<StepOutcome>,
    /// Whether an operator may state now that it was done by hand.
    #[serde(rename = "resolvable")]
    pub resolvable: bool,
    /// When an operator last had it tried.
    #[serde(rename = "restartedAt", default, skip_serializing_if = "Option::is_none")]
    pub restarted_at: Option<String>,
    /// `step`.
    #[serde(rename = "step")]
    pub step: String,
}

/// A saga at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaSummary {
    /// What an operator can do now.
    #[serde(rename = "allowedActions")]
    pub allowed_actions: Vec<OperatorAction>,
    /// `buyerTenantId`.
    #[serde(rename = "buyerTenantId")]
    pub buyer_tenant_id: String,
    /// `compensationReason`.
    #[serde(rename = "compensationReason", default, skip_serializing_if = "Option::is_none")]
    pub compensation_reason: Option<CompensationReason>,
    /// The step that waits.
    #[serde(rename = "currentStep", default, skip_serializing_if = "Option::is_none")]
    pub current_step: Option<String>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `needsAttention`.
    #[serde(rename = "needsAttention")]
    pub needs_attention: bool,
    /// `nextAction`.
    #[serde(rename = "nextAction", default, skip_serializing_if = "Option::is_none")]
    pub next_action: Option<SagaNextAction>,
    /// When the scheduler looks at it again; null when it is over.
    #[serde(rename = "nextAttemptAt", default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// `orderId`.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// `placedAt`.
    #[serde(rename = "placedAt")]
    pub placed_at: String,
    /// `state`.
    #[serde(rename = "state")]
    pub state: SagaState,
    /// When it last got on.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// `waitsFor`.
    #[serde(rename = "waitsFor")]
    pub waits_for: SagaWaitsFor,
}

/// What kind of thing a saga waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SagaWait {
    /// `nothing`.
    #[serde(rename = "nothing")]
    Nothing,
    /// `buyer`.
    #[serde(rename = "buyer")]
    Buyer,
    /// `billing`.
    #[serde(rename = "billing")]
    Billing,
    /// `back_off`.
    #[serde(rename = "back_off")]
    BackOff,
    /// `answer`.
    #[serde(rename = "answer")]
    Answer,
    /// `dead_letter`.
    #[serde(rename = "dead_letter")]
    DeadLetter,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a saga waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SagaWaitsFor {
    /// How often it was tried.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// `code`.
    #[serde(rename = "code")]
    pub code: SagaWait,
    /// Why it failed last.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// `line`.
    #[serde(rename = "line", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Which step waits.
    #[serde(rename = "step", default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Until when at most.
    #[serde(rename = "until", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The same for a person.
    #[serde(rename = "words")]
    pub words: String,
}

/// A sold line, without the buyer's users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sale {
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `courseVersionId`.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// What the coupons take off.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// The platform's share of `net`.
    #[serde(rename = "feeAmount")]
    pub fee_amount: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The licence granted for the line; null before fulfilment.
    #[serde(rename = "licenseId", default, skip_serializing_if = "Option::is_none")]
    pub license_id: Option<String>,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `subtotal - discountTotal`, before tax.
    #[serde(rename = "net")]
    pub net: Money,
    /// `orderId`.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// Packs the seats come in.
    #[serde(rename = "packs")]
    pub packs: u32,
    /// `planKind`.
    #[serde(rename = "planKind")]
    pub plan_kind: PlanKind,
    /// `pricingPlanId`.
    #[serde(rename = "pricingPlanId")]
    pub pricing_plan_id: String,
    /// The provider's share of `net`; both sum to it.
    #[serde(rename = "providerAmount")]
    pub provider_amount: Money,
    /// Seats.
    #[serde(rename = "quantity")]
    pub quantity: u32,
    /// The last instant at which the buyer may return the line; null before it is paid.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// `unitPrice * packs`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// The tax; null before billing has answered.
    #[serde(rename = "taxTotal", default, skip_serializing_if = "Option::is_none")]
    pub tax_total: Option<Money>,
    /// The price of one pack, before tax.
    #[serde(rename = "unitPrice")]
    pub unit_price: Money,
}

/// A sandbox: a world of its own with a clock of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sandbox {
    /// Which developer's.
    #[serde(rename = "accountId")]
    pub account_id: String,
    /// By how many seconds its clock was moved.
    #[serde(rename = "clockOffsetSeconds")]
    pub clock_offset_seconds: u32,
    /// When it was made.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// When it is over, in real time; its data is deleted within a day after that.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// Whether it is the account's default, made on first use and kept alive by use.
    #[serde(rename = "isDefault")]
    pub is_default: bool,
    /// What it may use.
    #[serde(rename = "quota")]
    pub quota: SandboxUsage,
    /// Its id.
    #[serde(rename = "sandboxId")]
    pub sandbox_id: String,
    /// Destinations that behave otherwise than they look.
    #[serde(rename = "scenarioOverrides")]
    pub scenario_overrides: Vec<ScenarioOverride>,
    /// What its codes come from.
    #[serde(rename = "seed")]
    pub seed: u64,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: SandboxState,
    /// What it used since the last reset.
    #[serde(rename = "used")]
    pub used: SandboxUsage,
    /// The time in it. It stands still until its clock is moved.
    #[serde(rename = "virtualNow")]
    pub virtual_now: String,
    /// The webhook endpoints that its events go to; all of the tenant's where none are named.
    #[serde(rename = "webhookEndpointIds")]
    pub webhook_endpoint_ids: Vec<String>,
}

/// By how much a sandbox's clock is moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxClock {
    /// Forward, in seconds; 2,592,000 in all.
    #[serde(rename = "advanceSeconds")]
    pub advance_seconds: i64,
}

/// What only a sandbox tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxCode {
    /// The code; null but in the answer to what sent it.
    #[serde(rename = "code", default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sandbox.
    #[serde(rename = "sandboxId")]
    pub sandbox_id: String,
}

/// How long a sandbox lives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxExtension {
    /// From its beginning, in real time: at most 604,800 seconds.
    #[serde(rename = "ttlSeconds")]
    pub ttl_seconds: u32,
}

/// A message in a sandbox's inbox, as it would have been read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxMessage {
    /// When, by the sandbox's clock.
    #[serde(rename = "at")]
    pub at: String,
    /// The send.
    #[serde(rename = "attemptId")]
    pub attempt_id: String,
    /// What it says.
    #[serde(rename = "body")]
    pub body: String,
    /// `SMS`, `VOICE`, `WHATSAPP` or `EMAIL`.
    #[serde(rename = "channel")]
    pub channel: String,
    /// Its code.
    #[serde(rename = "code")]
    pub code: String,
    /// Where to.
    #[serde(rename = "destinationMasked")]
    pub destination_masked: String,
    /// Which code of the verification it is, from 1.
    #[serde(rename = "generation")]
    pub generation: u32,
    /// In which language.
    #[serde(rename = "locale")]
    pub locale: String,
    /// Its id.
    #[serde(rename = "messageId")]
    pub message_id: String,
    /// An e-mail's subject.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The verification.
    #[serde(rename = "verificationId")]
    pub verification_id: String,
}

/// A scenario, chosen by its destinations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxScenario {
    /// The e-mail address that stands for it.
    #[serde(rename = "email")]
    pub email: String,
    /// What a start meets.
    #[serde(rename = "onStart")]
    pub on_start: ScenarioStart,
    /// The number that stands for it.
    #[serde(rename = "phone")]
    pub phone: String,
    /// Its number, `00` to `14`.
    #[serde(rename = "scenario")]
    pub scenario: String,
    /// What providers say.
    #[serde(rename = "script")]
    pub script: Vec<ScenarioScript>,
    /// What it shows.
    #[serde(rename = "summary")]
    pub summary: String,
    /// How long the verification lives, in virtual seconds, where that is the point.
    #[serde(rename = "ttlSeconds", default, skip_serializing_if = "Option::is_none")]
    pub ttl_seconds: Option<u16>,
    /// How often a pretended webhook receiver fails first.
    #[serde(rename = "webhookFailures")]
    pub webhook_failures: u8,
}

/// Every scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxScenarios {
    /// The catalogue.
    #[serde(rename = "data")]
    pub data: Vec<SandboxScenario>,
}

/// Where a sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SandboxState {
    /// `ACTIVE`.
    #[serde(rename = "ACTIVE")]
    Active,
    /// `EXHAUSTED`.
    #[serde(rename = "EXHAUSTED")]
    Exhausted,
    /// `CLOSED`.
    #[serde(rename = "CLOSED")]
    Closed,
    /// `EXPIRED`.
    #[serde(rename = "EXPIRED")]
    Expired,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// How much a sandbox is used between two resets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SandboxUsage {
    /// Messages in the inbox.
    #[serde(rename = "messages")]
    pub messages: u32,
    /// Verifications.
    #[serde(rename = "verifications")]
    pub verifications: u32,
}

/// A word of a pretended provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioLine {
    /// So many virtual seconds after the send; none: as soon as the verification is approved.
    #[serde(rename = "afterSeconds", default, skip_serializing_if = "Option::is_none")]
    pub after_seconds: Option<u32>,
    /// What it says.
    #[serde(rename = "says")]
    pub says: ScenarioWord,
}

/// A destination that behaves otherwise than it looks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioOverride {
    /// The destination, hashed.
    #[serde(rename = "destinationHash")]
    pub destination_hash: String,
    /// Its scenario.
    #[serde(rename = "scenario")]
    pub scenario: String,
}

/// What the provider of a channel says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioScript {
    /// Of which channel; none: of every one that is not named before.
    #[serde(rename = "channel", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// What it says, in order.
    #[serde(rename = "lines")]
    pub lines: Vec<ScenarioLine>,
}

/// What a start meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ScenarioStart {
    /// `ACCEPT`.
    #[serde(rename = "ACCEPT")]
    Accept,
    /// `FRAUD_BLOCKED`.
    #[serde(rename = "FRAUD_BLOCKED")]
    FraudBlocked,
    /// `COUNTRY_BLOCKED`.
    #[serde(rename = "COUNTRY_BLOCKED")]
    CountryBlocked,
    /// `SPEND_CAP`.
    #[serde(rename = "SPEND_CAP")]
    SpendCap,
    /// `RATE_LIMITED`.
    #[serde(rename = "RATE_LIMITED")]
    RateLimited,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a pretended provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ScenarioWord {
    /// `ACCEPTED`.
    #[serde(rename = "ACCEPTED")]
    Accepted,
    /// `REFUSED`.
    #[serde(rename = "REFUSED")]
    Refused,
    /// `NO_ANSWER`.
    #[serde(rename = "NO_ANSWER")]
    NoAnswer,
    /// `DELIVERED`.
    #[serde(rename = "DELIVERED")]
    Delivered,
    /// `UNDELIVERED`.
    #[serde(rename = "UNDELIVERED")]
    Undelivered,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A file of a release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkArtifact {
    /// Which processor it is for.
    #[serde(rename = "arch", default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Where to get it.
    #[serde(rename = "download")]
    pub download: String,
    /// Its file's name.
    #[serde(rename = "filename")]
    pub filename: String,
    /// The artifact.
    #[serde(rename = "id")]
    pub id: String,
    /// Its media type.
    #[serde(rename = "mediaType")]
    pub media_type: String,
    /// What it runs on.
    #[serde(rename = "platform", default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its SHA-256, computed by us while it came: hexadecimal digits.
    #[serde(rename = "sha256", default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The release key's Ed25519 signature: hexadecimal digits. Signed are the two bytes 0 and 16, the text
    /// `devportal.sdk.v1`, the package URL, and the 32 bytes of the SHA-256.
    #[serde(rename = "signature")]
    pub signature: String,
    /// Where a Sigstore bundle is.
    #[serde(rename = "sigstoreBundleUrl", default, skip_serializing_if = "Option::is_none")]
    pub sigstore_bundle_url: Option<String>,
    /// How long it is.
    #[serde(rename = "sizeBytes", default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// How far its upload is.
    #[serde(rename = "uploadState")]
    pub upload_state: SdkUploadState,
}

/// What changed, in Markdown, by locale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkChangelog {
    /// English.
    #[serde(rename = "en", default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
    /// Dari.
    #[serde(rename = "fa", default, skip_serializing_if = "Option::is_none")]
    pub fa: Option<String>,
    /// Pashto.
    #[serde(rename = "ps", default, skip_serializing_if = "Option::is_none")]
    pub ps: Option<String>,
}

/// A language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkLanguage {
    /// Its name, such as `RUST`.
    #[serde(rename = "language")]
    pub language: String,
    /// The latest release of each channel that has one.
    #[serde(rename = "latest")]
    pub latest: Vec<SdkRelease>,
    /// What its packages are called.
    #[serde(rename = "packages")]
    pub packages: Vec<String>,
}

/// Every language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkLanguages {
    /// The languages.
    #[serde(rename = "data")]
    pub data: Vec<SdkLanguage>,
}

/// A part of the release log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkLog {
    /// The lines.
    #[serde(rename = "data")]
    pub data: Vec<SdkLogLine>,
    /// Where the next part begins, when there may be one.
    #[serde(rename = "nextAfter", default, skip_serializing_if = "Option::is_none")]
    pub next_after: Option<u64>,
}

/// A line of the release log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkLogLine {
    /// What happened, as it was hashed.
    #[serde(rename = "entry")]
    pub entry: serde_json::Value,
    /// Its own.
    #[serde(rename = "hash")]
    pub hash: String,
    /// The hash of the line before it.
    #[serde(rename = "prev")]
    pub prev: String,
    /// Its place, from 1.
    #[serde(rename = "seq")]
    pub seq: u64,
}

/// A release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkRelease {
    /// Its files.
    #[serde(rename = "artifacts")]
    pub artifacts: Vec<SdkArtifact>,
    /// What changed.
    #[serde(rename = "changelog")]
    pub changelog: SdkChangelog,
    /// How finished it is.
    #[serde(rename = "channel")]
    pub channel: ReleaseChannel,
    /// When it was deprecated.
    #[serde(rename = "deprecatedAt", default, skip_serializing_if = "Option::is_none")]
    pub deprecated_at: Option<String>,
    /// Why.
    #[serde(rename = "deprecationReason", default, skip_serializing_if = "Option::is_none")]
    pub deprecation_reason: Option<String>,
    /// The release.
    #[serde(rename = "id")]
    pub id: String,
    /// Its language, such as `RUST`.
    #[serde(rename = "language")]
    pub language: String,
    /// The oldest version of the API it speaks.
    #[serde(rename = "minApiVersion")]
    pub min_api_version: String,
    /// What its package is called.
    #[serde(rename = "packageName")]
    pub package_name: String,
    /// When it was released first.
    #[serde(rename = "publishedAt", default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
    /// What every tool calls it.
    #[serde(rename = "purl")]
    pub purl: String,
    /// The key it is signed with.
    #[serde(rename = "releaseKeyId")]
    pub release_key_id: String,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: SdkReleaseState,
    /// The release to use instead.
    #[serde(rename = "supersededBy", default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
    /// Its version.
    #[serde(rename = "version")]
    pub version: String,
    /// Why.
    #[serde(rename = "yankReason", default, skip_serializing_if = "Option::is_none")]
    pub yank_reason: Option<String>,
    /// When it was yanked.
    #[serde(rename = "yankedAt", default, skip_serializing_if = "Option::is_none")]
    pub yanked_at: Option<String>,
}

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SdkReleaseState {
    /// `DRAFT`.
    #[serde(rename = "DRAFT")]
    Draft,
    /// `PUBLISHED`.
    #[serde(rename = "PUBLISHED")]
    Published,
    /// `DEPRECATED`.
    #[serde(rename = "DEPRECATED")]
    Deprecated,
    /// `YANKED`.
    #[serde(rename = "YANKED")]
    Yanked,
    /// `DELETED`.
    #[serde(rename = "DELETED")]
    Deleted,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A key that releases are signed with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkSigningKey {
    /// How it signs.
    #[serde(rename = "algorithm")]
    pub algorithm: String,
    /// Its name.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// The public key: hexadecimal digits.
    #[serde(rename = "publicKey")]
    pub public_key: String,
}

/// Every key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SdkSigningKeys {
    /// The keys.
    #[serde(rename = "data")]
    pub data: Vec<SdkSigningKey>,
}

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SdkUploadState {
    /// `WAITING`.
    #[serde(rename = "WAITING")]
    Waiting,
    /// `VERIFIED`.
    #[serde(rename = "VERIFIED")]
    Verified,
    /// `FAILED`.
    #[serde(rename = "FAILED")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// One user's stay on one seat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    /// `assignedAt`.
    #[serde(rename = "assignedAt")]
    pub assigned_at: String,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// `releasedAt`.
    #[serde(rename = "releasedAt", default, skip_serializing_if = "Option::is_none")]
    pub released_at: Option<String>,
    /// The licence's seats that nobody has; null when unlimited.
    #[serde(rename = "remainingSeats", default, skip_serializing_if = "Option::is_none")]
    pub remaining_seats: Option<u32>,
    /// `status`.
    #[serde(rename = "status")]
    pub status: SeatStatus,
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// A result a row, in the order of the rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBulkAnswer {
    /// `results`.
    #[serde(rename = "results")]
    pub results: Vec<SeatBulkResult>,
}

/// Why a row was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBulkError {
    /// As a problem's code.
    #[serde(rename = "code")]
    pub code: String,
    /// `detail`.
    #[serde(rename = "detail")]
    pub detail: String,
    /// The invariant that refused, if one did.
    #[serde(rename = "invariant", default, skip_serializing_if = "Option::is_none")]
    pub invariant: Option<String>,
}

/// 1 to 1,000 changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBulkRequest {
    /// `rows`.
    #[serde(rename = "rows")]
    pub rows: Vec<SeatBulkRow>,
}

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBulkResult {
    /// Why not, when it was not.
    #[serde(rename = "error", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<SeatBulkError>,
    /// The row's place in the request, from 0.
    #[serde(rename = "index")]
    pub index: u32,
    /// The seat, when the row was carried out.
    #[serde(rename = "seat", default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Seat>,
    /// What the row alone would have been answered with: 201, 200, 404, 409 or 422.
    #[serde(rename = "status")]
    pub status: u16,
    /// Whose seat it is about; null when the row does not say and nothing was found.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// One change: either member, not both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatBulkRow {
    /// The user to seat.
    #[serde(rename = "assign", default, skip_serializing_if = "Option::is_none")]
    pub assign: Option<String>,
    /// The seat (`sal_…`) or the user to release.
    #[serde(rename = "release", default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
}

/// Who is to sit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatRequest {
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// What became of a seat's assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SeatStatus {
    /// `active`.
    #[serde(rename = "active")]
    Active,
    /// `released`.
    #[serde(rename = "released")]
    Released,
    /// `consumed_on_refund`.
    #[serde(rename = "consumed_on_refund")]
    ConsumedOnRefund,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// The seats of a line's active licences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeatsTouched {
    /// Taken now: all of them would end.
    #[serde(rename = "active")]
    pub active: u32,
    /// Of these, marked as consumed; null while enrollment cannot say.
    #[serde(rename = "consumed", default, skip_serializing_if = "Option::is_none")]
    pub consumed: Option<u32>,
    /// Of these, released; null while enrollment cannot say who has consumed the course.
    #[serde(rename = "released", default, skip_serializing_if = "Option::is_none")]
    pub released: Option<u32>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretAlertAnswer {
    /// What it was.
    #[serde(rename = "label")]
    pub label: SecretAlertLabel,
    /// The text that was found.
    #[serde(rename = "token_raw")]
    pub token_raw: String,
    /// What the finder took it for.
    #[serde(rename = "token_type")]
    pub token_type: String,
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SecretAlertLabel {
    /// `true_positive`.
    #[serde(rename = "true_positive")]
    TruePositive,
    /// `false_positive`.
    #[serde(rename = "false_positive")]
    FalsePositive,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Whether an answer holds the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SecretState {
    /// `SHOWN`.
    #[serde(rename = "SHOWN")]
    Shown,
    /// `ALREADY_SHOWN`.
    #[serde(rename = "ALREADY_SHOWN")]
    AlreadyShown,
    /// `NONE`.
    #[serde(rename = "NONE")]
    None,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a receiver saw of a delivery that it did not take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenRequest {
    /// The body, byte for byte.
    #[serde(rename = "body")]
    pub body: String,
    /// The headers, names in any case.
    #[serde(rename = "headers")]
    pub headers: serde_json::Value,
    /// When the receiver's server read it, by its own clock.
    #[serde(rename = "receivedAt", default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
}

/// Where a send stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum SendStatus {
    /// `QUEUED`.
    #[serde(rename = "QUEUED")]
    Queued,
    /// `SENDING`.
    #[serde(rename = "SENDING")]
    Sending,
    /// `SENT`.
    #[serde(rename = "SENT")]
    Sent,
    /// `DELIVERED`.
    #[serde(rename = "DELIVERED")]
    Delivered,
    /// `UNDELIVERED`.
    #[serde(rename = "UNDELIVERED")]
    Undelivered,
    /// `FAILED`.
    #[serde(rename = "FAILED")]
    Failed,
    /// `LOST`.
    #[serde(rename = "LOST")]
    Lost,
    /// `SUPPRESSED`.
    #[serde(rename = "SUPPRESSED")]
    Suppressed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A name or number that the tenant may send from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SenderId {
    /// Where it is registered; empty: everywhere.
    #[serde(rename = "countries")]
    pub countries: Vec<String>,
    /// As it is shown.
    #[serde(rename = "sender")]
    pub sender: String,
}

/// A signed-in session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// For the `Authorization: Bearer` header.
    #[serde(rename = "accessToken")]
    pub access_token: String,
    /// When the access token ends.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// Gets the next session.
    #[serde(rename = "refreshToken")]
    pub refresh_token: String,
    /// `roles`.
    #[serde(rename = "roles")]
    pub roles: Vec<String>,
    /// `tenantId`.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// Who signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRequest {
    /// `email`.
    #[serde(rename = "email")]
    pub email: String,
    /// The one-time password, for accounts that have one.
    #[serde(rename = "otp", default, skip_serializing_if = "Option::is_none")]
    pub otp: Option<String>,
    /// `password`.
    #[serde(rename = "password")]
    pub password: String,
}

/// A part of an amount that was split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The frozen part.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `floor`, and the unit.
    #[serde(rename = "derived")]
    pub derived: Money,
    /// The part before rounding.
    #[serde(rename = "exact")]
    pub exact: ExactAmount,
    /// The part rounded down.
    #[serde(rename = "floor")]
    pub floor: Money,
    /// Whether it has one of the units left over: they go to the largest fractions, of equal ones to the first.
    #[serde(rename = "remainderUnit")]
    pub remainder_unit: bool,
}

/// A line with who gets how much of it: for its provider and the platform's staff.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedOrderLine {
    /// `courseId`.
    #[serde(rename = "courseId")]
    pub course_id: String,
    /// `courseVersionId`.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
    /// What the coupons take off.
    #[serde(rename = "discountTotal")]
    pub discount_total: Money,
    /// The platform's share of `net`.
    #[serde(rename = "feeAmount")]
    pub fee_amount: Money,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// The licence granted for the line; null before fulfilment.
    #[serde(rename = "licenseId", default, skip_serializing_if = "Option::is_none")]
    pub license_id: Option<String>,
    /// `listingId`.
    #[serde(rename = "listingId")]
    pub listing_id: String,
    /// `subtotal - discountTotal`, before tax.
    #[serde(rename = "net")]
    pub net: Money,
    /// Packs the seats come in.
    #[serde(rename = "packs")]
    pub packs: u32,
    /// `planKind`.
    #[serde(rename = "planKind")]
    pub plan_kind: PlanKind,
    /// `pricingPlanId`.
    #[serde(rename = "pricingPlanId")]
    pub pricing_plan_id: String,
    /// The provider's share of `net`; both sum to it.
    #[serde(rename = "providerAmount")]
    pub provider_amount: Money,
    /// Seats.
    #[serde(rename = "quantity")]
    pub quantity: u32,
    /// The last instant at which the buyer may return the line; null before it is paid.
    #[serde(rename = "refundDeadline", default, skip_serializing_if = "Option::is_none")]
    pub refund_deadline: Option<String>,
    /// `unitPrice * packs`.
    #[serde(rename = "subtotal")]
    pub subtotal: Money,
    /// The tax; null before billing has answered.
    #[serde(rename = "taxTotal", default, skip_serializing_if = "Option::is_none")]
    pub tax_total: Option<Money>,
    /// The price of one pack, before tax.
    #[serde(rename = "unitPrice")]
    pub unit_price: Money,
}

/// A newer version of the course.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShipVersion {
    /// The version shipped from now on.
    #[serde(rename = "courseVersionId")]
    pub course_version_id: String,
}

/// A line as far as who asks may see it.
pub type ShownOrderLine = serde_json::Value;

/// An amount that may be below zero.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignedMoney {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: String,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
}

/// What a tenant spends at most; null: no bound.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpendCaps {
    /// For a send.
    #[serde(rename = "maxPricePerSend", default, skip_serializing_if = "Option::is_none")]
    pub max_price_per_send: Option<Price>,
    /// In a UTC day.
    #[serde(rename = "perDay", default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Price>,
    /// In a UTC month.
    #[serde(rename = "perMonth", default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<Price>,
}

/// How much a tenant spends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpendPolicy {
    /// In which world.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// For a send.
    #[serde(rename = "maxPricePerSend", default, skip_serializing_if = "Option::is_none")]
    pub max_price_per_send: Option<Price>,
    /// In a UTC day.
    #[serde(rename = "perDay", default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<Price>,
    /// In a UTC month.
    #[serde(rename = "perMonth", default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<Price>,
    /// When it last changed.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Its version, for `If-Match`; 0 where nothing was set.
    #[serde(rename = "version")]
    pub version: u64,
}

/// Which lines go back, why, and what made it so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StaffRefundRequest {
    /// Whole lines; without it all that are left.
    #[serde(rename = "lines", default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<String>>,
    /// `reason`.
    #[serde(rename = "reason")]
    pub reason: String,
    /// `source`.
    #[serde(rename = "source")]
    pub source: StaffRefundSource,
}

/// What makes the platform's staff return money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StaffRefundSource {
    /// `admin`.
    #[serde(rename = "admin")]
    Admin,
    /// `dispute`.
    #[serde(rename = "dispute")]
    Dispute,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A provider's month in one currency, line by line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The latest head that was signed and published; null before the first.
    #[serde(rename = "anchor", default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<StatementAnchor>,
    /// The month whose closing deficit the period opened with.
    #[serde(rename = "carriedFrom", default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<String>,
    /// The equations of a period, with what their sides come to.
    #[serde(rename = "checks")]
    pub checks: Vec<StatementCheck>,
    /// `currency`.
    #[serde(rename = "currency")]
    pub currency: String,
    /// How far the chain of lines goes.
    #[serde(rename = "head")]
    pub head: ChainHead,
    /// Sales that can still be given back: not payable yet.
    #[serde(rename = "held")]
    pub held: Vec<HeldAmount>,
    /// How many sales are held; `held` names the first 1,000.
    #[serde(rename = "heldCount")]
    pub held_count: u64,
    /// What all held sales bring.
    #[serde(rename = "heldTotal")]
    pub held_total: Money,
    /// `lines`.
    #[serde(rename = "lines")]
    pub lines: PageOfStatementLine,
    /// `paidAt`.
    #[serde(rename = "paidAt", default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<String>,
    /// Billing's payout; null unless paid, and when nothing was due.
    #[serde(rename = "payoutId", default, skip_serializing_if = "Option::is_none")]
    pub payout_id: Option<String>,
    /// `periodMonth`.
    #[serde(rename = "periodMonth")]
    pub period_month: String,
    /// `providerTenantId`.
    #[serde(rename = "providerTenantId")]
    pub provider_tenant_id: String,
    /// `readyAt`.
    #[serde(rename = "readyAt", default, skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<String>,
    /// `state`.
    #[serde(rename = "state")]
    pub state: EarningsState,
    /// The sums of the sealed lines.
    #[serde(rename = "totals")]
    pub totals: StatementTotals,
    /// Lines that were entered and are not sealed yet; 0 once ready.
    #[serde(rename = "unsealedLines")]
    pub unsealed_lines: u64,
}

/// A signed head.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementAnchor {
    /// Real time of the signature.
    #[serde(rename = "at")]
    pub at: String,
    /// `count`.
    #[serde(rename = "count")]
    pub count: u64,
    /// `hash`.
    #[serde(rename = "hash")]
    pub hash: String,
    /// The key, as `/v1/.well-known/jwks.json` names it.
    #[serde(rename = "keyId")]
    pub key_id: String,
    /// Ed25519 in hexadecimal digits, over the canonical JSON of
    /// `{"anchor":"sarai.statement.anchor.v1","at":…,"chain":"provider:currency:month","count":…,"hash":…}`.
    #[serde(rename = "signature")]
    pub signature: String,
}

/// An equation and its two sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementCheck {
    /// `equation`.
    #[serde(rename = "equation")]
    pub equation: String,
    /// `holds`.
    #[serde(rename = "holds")]
    pub holds: bool,
    /// `left`.
    #[serde(rename = "left")]
    pub left: SignedMoney,
    /// `right`.
    #[serde(rename = "right")]
    pub right: SignedMoney,
}

/// How a statement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StatementFormat {
    /// `json`.
    #[serde(rename = "json")]
    Json,
    /// `csv`.
    #[serde(rename = "csv")]
    Csv,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A sealed line. `hash` is SHA-256 of the 32 bytes of `prev` and of the canonical JSON (RFC 8785) of all other
/// members but `seq`; the first `prev` is SHA-256 of `sarai.chain.v1:provider:currency:month`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementLine {
    /// The sum of the effects up to here.
    #[serde(rename = "balance")]
    pub balance: SignedMoney,
    /// The platform's frozen share in basis points.
    #[serde(rename = "bps")]
    pub bps: u32,
    /// The same, signed by its kind.
    #[serde(rename = "effect")]
    pub effect: SignedMoney,
    /// The platform's part.
    #[serde(rename = "fee")]
    pub fee: Money,
    /// What was sold, given back, withheld or carried, before tax.
    #[serde(rename = "gross")]
    pub gross: Money,
    /// `hash`.
    #[serde(rename = "hash")]
    pub hash: String,
    /// Until then the sale can be given back.
    #[serde(rename = "heldUntil", default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<String>,
    /// `kind`.
    #[serde(rename = "kind")]
    pub kind: EarningsLineKind,
    /// `lineId`.
    #[serde(rename = "lineId")]
    pub line_id: String,
    /// `listingId`.
    #[serde(rename = "listingId", default, skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<String>,
    /// By how much the line moves what is payable.
    #[serde(rename = "net")]
    pub net: Money,
    /// `occurredAt`.
    #[serde(rename = "occurredAt")]
    pub occurred_at: String,
    /// `orderId`.
    #[serde(rename = "orderId", default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// `orderLineId`.
    #[serde(rename = "orderLineId", default, skip_serializing_if = "Option::is_none")]
    pub order_line_id: Option<String>,
    /// `prev`.
    #[serde(rename = "prev")]
    pub prev: String,
    /// `seq`.
    #[serde(rename = "seq")]
    pub seq: u64,
    /// The event that caused it.
    #[serde(rename = "sourceEventId")]
    pub source_event_id: String,
}

/// The sums of a period's sealed lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatementTotals {
    /// What the next month opens with.
    #[serde(rename = "closingDeficit")]
    pub closing_deficit: Money,
    /// Fees the platform returned with refunds.
    #[serde(rename = "feeReversed")]
    pub fee_reversed: Money,
    /// Sales net of discount, before tax.
    #[serde(rename = "grossRevenue")]
    pub gross_revenue: Money,
    /// What the platform pays.
    #[serde(rename = "netPayable")]
    pub net_payable: Money,
    /// The closing deficit of the month before.
    #[serde(rename = "openingDeficit")]
    pub opening_deficit: Money,
    /// The platform's fees of the sales.
    #[serde(rename = "platformFee")]
    pub platform_fee: Money,
    /// Sales given back, before tax.
    #[serde(rename = "refunds")]
    pub refunds: Money,
    /// `taxesWithheld`.
    #[serde(rename = "taxesWithheld")]
    pub taxes_withheld: Money,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StepOutcome {
    /// `advanced`.
    #[serde(rename = "advanced")]
    Advanced,
    /// `compensated`.
    #[serde(rename = "compensated")]
    Compensated,
    /// `failed`.
    #[serde(rename = "failed")]
    Failed,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Money that cannot be the order's payment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StrayCapture {
    /// `amount`.
    #[serde(rename = "amount")]
    pub amount: Money,
    /// `kind`.
    #[serde(rename = "kind")]
    pub kind: StrayKind,
    /// `paymentId`.
    #[serde(rename = "paymentId")]
    pub payment_id: String,
    /// When it went back; null while it is on its way.
    #[serde(rename = "refundedAt", default, skip_serializing_if = "Option::is_none")]
    pub refunded_at: Option<String>,
}

/// Why a capture cannot be the order's payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum StrayKind {
    /// `mismatched`.
    #[serde(rename = "mismatched")]
    Mismatched,
    /// `after_close`.
    #[serde(rename = "after_close")]
    AfterClose,
    /// `duplicate`.
    #[serde(rename = "duplicate")]
    Duplicate,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An event that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TakenEvent {
    /// The event's id.
    #[serde(rename = "id")]
    pub id: String,
}

/// How the lines' taxes came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TaxBasis {
    /// `per_line`.
    #[serde(rename = "per_line")]
    PerLine,
    /// `allocated`.
    #[serde(rename = "allocated")]
    Allocated,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// The version that verifications use.
    #[serde(rename = "approved", default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<u32>,
    /// `createdAt`.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// `defaultLocale`.
    #[serde(rename = "defaultLocale")]
    pub default_locale: Locale,
    /// The newest version.
    #[serde(rename = "latest")]
    pub latest: u32,
    /// What the writer of the newest version should know.
    #[serde(rename = "lints")]
    pub lints: Vec<String>,
    /// The languages tried before that one, in this order, where a text is not in the one asked for.
    #[serde(rename = "localeFallbacks")]
    pub locale_fallbacks: Vec<Locale>,
    /// `name`.
    #[serde(rename = "name")]
    pub name: String,
    /// Whether everybody has it: nobody changes it then.
    #[serde(rename = "system")]
    pub system: bool,
    /// `templateId`.
    #[serde(rename = "templateId")]
    pub template_id: String,
    /// `updatedAt`.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// For If-Match.
    #[serde(rename = "version")]
    pub version: u64,
    /// `versions`.
    #[serde(rename = "versions")]
    pub versions: Vec<TemplateVersion>,
}

/// Which version of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateArchive {
    /// The one in use, or else the newest, where none is named.
    #[serde(rename = "versionNo", default, skip_serializing_if = "Option::is_none")]
    pub version_no: Option<u32>,
}

/// Over which way a code goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TemplateChannel {
    /// `SMS`.
    #[serde(rename = "SMS")]
    Sms,
    /// `VOICE`.
    #[serde(rename = "VOICE")]
    Voice,
    /// `WHATSAPP`.
    #[serde(rename = "WHATSAPP")]
    Whatsapp,
    /// `EMAIL`.
    #[serde(rename = "EMAIL")]
    Email,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Why the platform's staff send a version back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateRejection {
    /// 1 to 500 characters.
    #[serde(rename = "reason")]
    pub reason: String,
}

/// What a sample is filled with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateSample {
    /// Who sends.
    #[serde(rename = "brand", default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// `channel`.
    #[serde(rename = "channel")]
    pub channel: TemplateChannel,
    /// `locale`.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// How long the code is good.
    #[serde(rename = "minutes", default, skip_serializing_if = "Option::is_none")]
    pub minutes: Option<u16>,
    /// The newest where none is named.
    #[serde(rename = "versionNo", default, skip_serializing_if = "Option::is_none")]
    pub version_no: Option<u32>,
}

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TemplateState {
    /// `DRAFT`.
    #[serde(rename = "DRAFT")]
    Draft,
    /// `IN_REVIEW`.
    #[serde(rename = "IN_REVIEW")]
    InReview,
    /// `APPROVED`.
    #[serde(rename = "APPROVED")]
    Approved,
    /// `RETIRED`.
    #[serde(rename = "RETIRED")]
    Retired,
    /// `ARCHIVED`.
    #[serde(rename = "ARCHIVED")]
    Archived,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// The texts of a draft, all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateTexts {
    /// Where codes are to be typed.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// `variants`.
    #[serde(rename = "variants")]
    pub variants: Vec<NewTemplateVariant>,
}

/// The text of one channel in one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateVariant {
    /// `body`.
    #[serde(rename = "body")]
    pub body: String,
    /// `channel`.
    #[serde(rename = "channel")]
    pub channel: TemplateChannel,
    /// `dir`.
    #[serde(rename = "dir")]
    pub dir: Direction,
    /// `encoding`.
    #[serde(rename = "encoding")]
    pub encoding: Encoding,
    /// `locale`.
    #[serde(rename = "locale")]
    pub locale: Locale,
    /// `recordedDigits`.
    #[serde(rename = "recordedDigits", default, skip_serializing_if = "Option::is_none")]
    pub recorded_digits: Option<String>,
    /// How many text messages it is at most.
    #[serde(rename = "segmentsMax")]
    pub segments_max: u8,
    /// `subject`.
    #[serde(rename = "subject", default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// A version of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// `approvedAt`.
    #[serde(rename = "approvedAt", default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// `domain`.
    #[serde(rename = "domain", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Since when it starts no verification.
    #[serde(rename = "endedAt", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Why it was sent back last.
    #[serde(rename = "rejectedBecause", default, skip_serializing_if = "Option::is_none")]
    pub rejected_because: Option<String>,
    /// `state`.
    #[serde(rename = "state")]
    pub state: TemplateState,
    /// `variants`.
    #[serde(rename = "variants")]
    pub variants: Vec<TemplateVariant>,
    /// `versionNo`.
    #[serde(rename = "versionNo")]
    pub version_no: u32,
}

/// Terms that are accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TermsAcceptance {
    /// Which: the current ones.
    #[serde(rename = "version")]
    pub version: String,
}

/// Business time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestClock {
    /// `now`.
    #[serde(rename = "now")]
    pub now: String,
}

/// What happened to an order, oldest first. One answer and no pages: a purchase has a bounded number of
/// steps, and one that is tried again is told once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timeline {
    /// What happened, oldest first.
    #[serde(rename = "entries")]
    pub entries: Vec<TimelineEntry>,
    /// `orderId`.
    #[serde(rename = "orderId")]
    pub order_id: String,
    /// Whether more happened than was looked at.
    #[serde(rename = "truncated")]
    pub truncated: bool,
}

/// A value that goes with an entry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineDetail {
    /// `name`.
    #[serde(rename = "name")]
    pub name: String,
    /// `value`.
    #[serde(rename = "value")]
    pub value: String,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// `at`.
    #[serde(rename = "at")]
    pub at: String,
    /// Values by name.
    #[serde(rename = "details")]
    pub details: Vec<TimelineDetail>,
    /// What it happened to: the id of an order, saga, licence or coupon.
    #[serde(rename = "subject")]
    pub subject: String,
    /// One sentence for a person.
    #[serde(rename = "summary")]
    pub summary: String,
    /// The event's type, such as `marketplace.order.paid.v1`.
    #[serde(rename = "type")]
    pub r#type: String,
}

/// A text in three languages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Translated {
    /// English.
    #[serde(rename = "en")]
    pub en: String,
    /// Dari.
    #[serde(rename = "fa")]
    pub fa: String,
    /// Pashto.
    #[serde(rename = "ps")]
    pub ps: String,
}

/// A destination whose failed checks are to be forgotten.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnlockRequest {
    /// In which world; production where nothing is said.
    #[serde(rename = "environment", default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Why.
    #[serde(rename = "reason")]
    pub reason: String,
    /// Whose.
    #[serde(rename = "tenantId")]
    pub tenant_id: String,
    /// Which.
    #[serde(rename = "to")]
    pub to: Destination,
}

/// How wide a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UsageBucket {
    /// `hour`.
    #[serde(rename = "hour")]
    Hour,
    /// `day`.
    #[serde(rename = "day")]
    Day,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a series is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UsageGroup {
    /// `key`.
    #[serde(rename = "key")]
    Key,
    /// `channel`.
    #[serde(rename = "channel")]
    Channel,
    /// `country`.
    #[serde(rename = "country")]
    Country,
    /// `outcome`.
    #[serde(rename = "outcome")]
    Outcome,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum UsageMetric {
    /// `messages_sent`.
    #[serde(rename = "messages_sent")]
    MessagesSent,
    /// `messages_delivered`.
    #[serde(rename = "messages_delivered")]
    MessagesDelivered,
    /// `messages_failed`.
    #[serde(rename = "messages_failed")]
    MessagesFailed,
    /// `verifications_requested`.
    #[serde(rename = "verifications_requested")]
    VerificationsRequested,
    /// `verifications_blocked`.
    #[serde(rename = "verifications_blocked")]
    VerificationsBlocked,
    /// `verifications_approved`.
    #[serde(rename = "verifications_approved")]
    VerificationsApproved,
    /// `verifications_failed`.
    #[serde(rename = "verifications_failed")]
    VerificationsFailed,
    /// `verifications_expired`.
    #[serde(rename = "verifications_expired")]
    VerificationsExpired,
    /// `codes_sent`.
    #[serde(rename = "codes_sent")]
    CodesSent,
    /// `codes_delivered`.
    #[serde(rename = "codes_delivered")]
    CodesDelivered,
    /// `codes_undelivered`.
    #[serde(rename = "codes_undelivered")]
    CodesUndelivered,
    /// `spent`.
    #[serde(rename = "spent")]
    Spent,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A step of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsagePoint {
    /// The beginning of the step.
    #[serde(rename = "at")]
    pub at: String,
    /// The key, channel or country; null where it is not split, and for what is not known.
    #[serde(rename = "group", default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// `metric`.
    #[serde(rename = "metric")]
    pub metric: UsageMetric,
    /// `value`.
    #[serde(rename = "value")]
    pub value: u64,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageSeries {
    /// `asOf`.
    #[serde(rename = "asOf")]
    pub as_of: String,
    /// `bucket`.
    #[serde(rename = "bucket")]
    pub bucket: UsageBucket,
    /// In the order of time. Of messages every day is there; of verifications those with some.
    #[serde(rename = "data")]
    pub data: Vec<UsagePoint>,
    /// `from`.
    #[serde(rename = "from")]
    pub from: String,
    /// `to`.
    #[serde(rename = "to")]
    pub to: String,
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageSummary {
    /// When it was summed up.
    #[serde(rename = "asOf")]
    pub as_of: String,
    /// What can still be spent.
    #[serde(rename = "creditBalance")]
    pub credit_balance: Price,
    /// The beginning of the month that is billed next.
    #[serde(rename = "currentPeriodStart")]
    pub current_period_start: String,
    /// Delivered of sent, 0 to 1; null where nothing was sent.
    #[serde(rename = "deliveryRate", default, skip_serializing_if = "Option::is_none")]
    pub delivery_rate: Option<serde_json::Value>,
    /// From then on.
    #[serde(rename = "from")]
    pub from: String,
    /// `messagesDelivered`.
    #[serde(rename = "messagesDelivered")]
    pub messages_delivered: u64,
    /// `messagesFailed`.
    #[serde(rename = "messagesFailed")]
    pub messages_failed: u64,
    /// `messagesSent`.
    #[serde(rename = "messagesSent")]
    pub messages_sent: u64,
    /// Before then.
    #[serde(rename = "to")]
    pub to: String,
    /// `verifications`.
    #[serde(rename = "verifications")]
    pub verifications: VerificationCounts,
}

/// A verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verification {
    /// What moves it to the next channel.
    #[serde(rename = "advanceOn")]
    pub advance_on: AdvanceOn,
    /// What can be asked of it now.
    #[serde(rename = "allowedActions")]
    pub allowed_actions: Vec<String>,
    /// The key that began it.
    #[serde(rename = "apiKeyId")]
    pub api_key_id: String,
    /// When the right code was given.
    #[serde(rename = "approvedAt", default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// What the proof would be worth.
    #[serde(rename = "assurance", default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// How many checks were counted.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// How many are left.
    #[serde(rename = "attemptsRemaining")]
    pub attempts_remaining: u32,
    /// Who sends.
    #[serde(rename = "brand")]
    pub brand: String,
    /// The channels it tries.
    #[serde(rename = "channelOrder")]
    pub channel_order: Vec<ChannelStep>,
    /// How many digits its code has.
    #[serde(rename = "codeLength")]
    pub code_length: u8,
    /// What its sends cost so far.
    #[serde(rename = "cost")]
    pub cost: Price,
    /// The phone's country.
    #[serde(rename = "countryCode", default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// The channel it is at.
    #[serde(rename = "currentChannel", default, skip_serializing_if = "Option::is_none")]
    pub current_channel: Option<Channel>,
    /// When the first receipt of delivery came.
    #[serde(rename = "deliveredAt", default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// Where the code goes, as far as it may be shown.
    #[serde(rename = "destinationMasked", default, skip_serializing_if = "Option::is_none")]
    pub destination_masked: Option<String>,
    /// When it was over.
    #[serde(rename = "endedAt", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// In which world.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// When its time is over.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// Why it failed.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<VerificationFailure>,
    /// The language of its messages.
    #[serde(rename = "localeUsed")]
    pub locale_used: Locale,
    /// The developer's notes.
    #[serde(rename = "metadata")]
    pub metadata: serde_json::Value,
    /// What for.
    #[serde(rename = "purpose")]
    pub purpose: Purpose,
    /// From when on the code can be asked for again.
    #[serde(rename = "resendAvailableAt", default, skip_serializing_if = "Option::is_none")]
    pub resend_available_at: Option<String>,
    /// Which code a further send carries.
    #[serde(rename = "resendPolicy")]
    pub resend_policy: ResendPolicy,
    /// What is held for sends that are not settled.
    #[serde(rename = "reserved")]
    pub reserved: Price,
    /// Whether a live one went on instead of a new one.
    #[serde(rename = "reused")]
    pub reused: bool,
    /// What only a sandbox tells.
    #[serde(rename = "sandbox", default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<SandboxCode>,
    /// Its sends, in order.
    #[serde(rename = "sends")]
    pub sends: Vec<VerificationSend>,
    /// How many sends are left.
    #[serde(rename = "sendsRemaining")]
    pub sends_remaining: u32,
    /// When it began.
    #[serde(rename = "startedAt")]
    pub started_at: String,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: VerificationState,
    /// What happened, in order.
    #[serde(rename = "timeline")]
    pub timeline: Vec<VerificationEntry>,
    /// Its id.
    #[serde(rename = "verificationId")]
    pub verification_id: String,
}

/// Verifications that were counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationCounts {
    /// `approved`.
    #[serde(rename = "approved")]
    pub approved: u64,
    /// `blocked`.
    #[serde(rename = "blocked")]
    pub blocked: u64,
    /// Sends that were received.
    #[serde(rename = "codesDelivered")]
    pub codes_delivered: u64,
    /// Sends that a provider took.
    #[serde(rename = "codesSent")]
    pub codes_sent: u64,
    /// Sends that a provider took and nobody received.
    #[serde(rename = "codesUndelivered")]
    pub codes_undelivered: u64,
    /// `expired`.
    #[serde(rename = "expired")]
    pub expired: u64,
    /// `failed`.
    #[serde(rename = "failed")]
    pub failed: u64,
    /// `requested`.
    #[serde(rename = "requested")]
    pub requested: u64,
    /// What they cost, in millionths of the tenant's currency.
    #[serde(rename = "spent")]
    pub spent: u64,
}

/// Something that happened to a verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationEntry {
    /// When.
    #[serde(rename = "at")]
    pub at: String,
    /// Which send.
    #[serde(rename = "attemptId", default, skip_serializing_if = "Option::is_none")]
    pub attempt_id: Option<String>,
    /// Which limit refused.
    #[serde(rename = "bucket", default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Over which channel.
    #[serde(rename = "channel", default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// How many checks are counted, or found wrong; of a refusal that repeated, how often.
    #[serde(rename = "count", default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// Which code.
    #[serde(rename = "generation", default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// What: `started`, `reused`, `queued`, `send`, `refused`, `checked`, `incorrect`, `approved`, `failed`, `expired`.
    #[serde(rename = "kind")]
    pub kind: String,
    /// What went wrong with it, or why something was refused or failed.
    #[serde(rename = "reason", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// In which request, where one asked for it.
    #[serde(rename = "requestId", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Where the send stands.
    #[serde(rename = "status", default, skip_serializing_if = "Option::is_none")]
    pub status: Option<SendStatus>,
}

/// Why it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum VerificationFailure {
    /// `MAX_ATTEMPTS`.
    #[serde(rename = "MAX_ATTEMPTS")]
    MaxAttempts,
    /// `CHANNELS_EXHAUSTED`.
    #[serde(rename = "CHANNELS_EXHAUSTED")]
    ChannelsExhausted,
    /// `CANCELLED`.
    #[serde(rename = "CANCELLED")]
    Cancelled,
    /// `FRAUD_BLOCKED`.
    #[serde(rename = "FRAUD_BLOCKED")]
    FraudBlocked,
    /// `SPEND_CAP`.
    #[serde(rename = "SPEND_CAP")]
    SpendCap,
    /// `SUPERSEDED`.
    #[serde(rename = "SUPERSEDED")]
    Superseded,
    /// `KEY_UNAVAILABLE`.
    #[serde(rename = "KEY_UNAVAILABLE")]
    KeyUnavailable,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// What a start would meet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationPreview {
    /// Whether it would begin.
    #[serde(rename = "allowed")]
    pub allowed: bool,
    /// What its first send would cost.
    #[serde(rename = "quote", default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Price>,
    /// Codes of what speaks against it.
    #[serde(rename = "reasons")]
    pub reasons: Vec<String>,
    /// Every step.
    #[serde(rename = "routeByStep")]
    pub route_by_step: Vec<PreviewStep>,
    /// How many messages that would be.
    #[serde(rename = "segments", default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u8>,
    /// Until when it would have to wait.
    #[serde(rename = "until", default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// One send of a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationSend {
    /// Its id.
    #[serde(rename = "attemptId")]
    pub attempt_id: String,
    /// Over which channel.
    #[serde(rename = "channel")]
    pub channel: Channel,
    /// What went wrong.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// When it was settled.
    #[serde(rename = "finalAt", default, skip_serializing_if = "Option::is_none")]
    pub final_at: Option<String>,
    /// Which code it carries, from 1.
    #[serde(rename = "generation")]
    pub generation: u32,
    /// What it cost.
    #[serde(rename = "price", default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Who sends it.
    #[serde(rename = "provider", default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// When it was asked for.
    #[serde(rename = "queuedAt")]
    pub queued_at: String,
    /// What it was quoted at.
    #[serde(rename = "quote")]
    pub quote: Price,
    /// How many messages it was.
    #[serde(rename = "segments", default, skip_serializing_if = "Option::is_none")]
    pub segments: Option<u8>,
    /// When the provider took it.
    #[serde(rename = "sentAt", default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// Where it stands.
    #[serde(rename = "status")]
    pub status: SendStatus,
    /// For which step of the order, from 0.
    #[serde(rename = "step")]
    pub step: u8,
}

/// Where a verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum VerificationState {
    /// `PENDING`.
    #[serde(rename = "PENDING")]
    Pending,
    /// `DELIVERED`.
    #[serde(rename = "DELIVERED")]
    Delivered,
    /// `APPROVED`.
    #[serde(rename = "APPROVED")]
    Approved,
    /// `FAILED`.
    #[serde(rename = "FAILED")]
    Failed,
    /// `EXPIRED`.
    #[serde(rename = "EXPIRED")]
    Expired,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A verification in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerificationSummary {
    /// The key that began it.
    #[serde(rename = "apiKeyId")]
    pub api_key_id: String,
    /// When the right code was given.
    #[serde(rename = "approvedAt", default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<String>,
    /// What the proof would be worth.
    #[serde(rename = "assurance", default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    /// How many checks were counted.
    #[serde(rename = "attempts")]
    pub attempts: u32,
    /// How many are left.
    #[serde(rename = "attemptsRemaining")]
    pub attempts_remaining: u32,
    /// The channels it tries.
    #[serde(rename = "channelOrder")]
    pub channel_order: Vec<ChannelStep>,
    /// What its sends cost so far.
    #[serde(rename = "cost")]
    pub cost: Price,
    /// The phone's country.
    #[serde(rename = "countryCode", default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// The channel it is at.
    #[serde(rename = "currentChannel", default, skip_serializing_if = "Option::is_none")]
    pub current_channel: Option<Channel>,
    /// When the first receipt of delivery came.
    #[serde(rename = "deliveredAt", default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<String>,
    /// Where the code goes, as far as it may be shown.
    #[serde(rename = "destinationMasked", default, skip_serializing_if = "Option::is_none")]
    pub destination_masked: Option<String>,
    /// When it was over.
    #[serde(rename = "endedAt", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// In which world.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// When its time is over.
    #[serde(rename = "expiresAt")]
    pub expires_at: String,
    /// Why it failed.
    #[serde(rename = "failureReason", default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<VerificationFailure>,
    /// The language of its messages.
    #[serde(rename = "localeUsed")]
    pub locale_used: Locale,
    /// What for.
    #[serde(rename = "purpose")]
    pub purpose: Purpose,
    /// From when on the code can be asked for again.
    #[serde(rename = "resendAvailableAt", default, skip_serializing_if = "Option::is_none")]
    pub resend_available_at: Option<String>,
    /// What is held for sends that are not settled.
    #[serde(rename = "reserved")]
    pub reserved: Price,
    /// How many sends are left.
    #[serde(rename = "sendsRemaining")]
    pub sends_remaining: u32,
    /// When it began.
    #[serde(rename = "startedAt")]
    pub started_at: String,
    /// Where it stands.
    #[serde(rename = "state")]
    pub state: VerificationState,
    /// Its id.
    #[serde(rename = "verificationId")]
    pub verification_id: String,
}

/// A tenant's policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerifyPolicy {
    /// By which channels; at least one.
    #[serde(rename = "allowedChannels")]
    pub allowed_channels: Vec<Channel>,
    /// Where codes are sent to; only home where none is named.
    #[serde(rename = "allowedCountries")]
    pub allowed_countries: Vec<String>,
    /// Numbers that no code is sent to, besides satellites and premium services.
    #[serde(rename = "blockedPrefixes")]
    pub blocked_prefixes: Vec<String>,
    /// In which world.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// Where the tenant is at home: two letters.
    #[serde(rename = "homeCountry")]
    pub home_country: String,
    /// How many sends an hour; null: as many as wanted.
    #[serde(rename = "tenantSendsPerHour", default, skip_serializing_if = "Option::is_none")]
    pub tenant_sends_per_hour: Option<u32>,
    /// How verifications run.
    #[serde(rename = "terms")]
    pub terms: VerifyTerms,
    /// When it last changed.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Its version, for `If-Match`; 0 where nothing was set.
    #[serde(rename = "version")]
    pub version: u64,
}

/// Everything of a policy that a tenant sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerifySettings {
    /// By which channels; at least one.
    #[serde(rename = "allowedChannels")]
    pub allowed_channels: Vec<Channel>,
    /// Where codes are sent to; only home where none is named.
    #[serde(rename = "allowedCountries")]
    pub allowed_countries: Vec<String>,
    /// Numbers that no code is sent to, besides satellites and premium services.
    #[serde(rename = "blockedPrefixes")]
    pub blocked_prefixes: Vec<String>,
    /// Where the tenant is at home: two letters.
    #[serde(rename = "homeCountry")]
    pub home_country: String,
    /// How many sends an hour; null: as many as wanted.
    #[serde(rename = "tenantSendsPerHour", default, skip_serializing_if = "Option::is_none")]
    pub tenant_sends_per_hour: Option<u32>,
    /// How verifications run.
    #[serde(rename = "terms")]
    pub terms: VerifyTerms,
}

/// How verifications run where a start says nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VerifyTerms {
    /// What moves them to the next channel.
    #[serde(rename = "advanceOn")]
    pub advance_on: AdvanceOn,
    /// How many digits a code has: 6 to 10.
    #[serde(rename = "codeLength")]
    pub code_length: u8,
    /// How many checks there are: 3 to 10.
    #[serde(rename = "maxAttempts")]
    pub max_attempts: u32,
    /// How many sends: 1 to 8.
    #[serde(rename = "maxSends")]
    pub max_sends: u32,
    /// How long between two sends: 15 to 300 seconds.
    #[serde(rename = "resendCooldownSeconds")]
    pub resend_cooldown_seconds: u16,
    /// Which code a further send carries.
    #[serde(rename = "resendPolicy")]
    pub resend_policy: ResendPolicy,
    /// How long they live: 120 to 600 seconds.
    #[serde(rename = "ttlSeconds")]
    pub ttl_seconds: u16,
}

/// Who finds a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Visibility {
    /// `public`.
    #[serde(rename = "public")]
    Public,
    /// `unlisted`.
    #[serde(rename = "unlisted")]
    Unlisted,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A place in line for a seat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitlistEntry {
    /// `endedAt`.
    #[serde(rename = "endedAt", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// `id`.
    #[serde(rename = "id")]
    pub id: String,
    /// 1 for whoever is next; null for who does not wait any more.
    #[serde(rename = "position", default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// The seat it became, once filled.
    #[serde(rename = "seatId", default, skip_serializing_if = "Option::is_none")]
    pub seat_id: Option<String>,
    /// `since`.
    #[serde(rename = "since")]
    pub since: String,
    /// `state`.
    #[serde(rename = "state")]
    pub state: WaitlistState,
    /// `userId`.
    #[serde(rename = "userId")]
    pub user_id: String,
}

/// Who is to wait.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitlistRequest {
    /// The caller, when absent; only an administrator names another user.
    #[serde(rename = "userId", default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

/// What became of a place in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WaitlistState {
    /// `waiting`.
    #[serde(rename = "waiting")]
    Waiting,
    /// `filled`.
    #[serde(rename = "filled")]
    Filled,
    /// `left`.
    #[serde(rename = "left")]
    Left,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// What its owner says of it.
    #[serde(rename = "description")]
    pub description: String,
    /// Why it is disabled; null: it is not.
    #[serde(rename = "disabledReason", default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<WebhookDisabledReason>,
    /// Its environment.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// What it asks for.
    #[serde(rename = "events")]
    pub events: Vec<String>,
    /// Since when nothing has reached it; null: it is well.
    #[serde(rename = "failingSince", default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// How many deliveries of the last 24 hours failed at least once and were not taken, replays aside; null where it is not
    /// looked up.
    #[serde(rename = "failures24h", default, skip_serializing_if = "Option::is_none")]
    pub failures24h: Option<u64>,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// Whether the beginning of plain-text answers is kept.
    #[serde(rename = "keepAnswers")]
    pub keep_answers: bool,
    /// When the latest delivery to it began; null: there was none, or it is not looked up here.
    #[serde(rename = "lastDeliveryAt", default, skip_serializing_if = "Option::is_none")]
    pub last_delivery_at: Option<String>,
    /// Until when the secret before signs too; null: there is none.
    #[serde(rename = "previousSecretUntil", default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<String>,
    /// What receivers check ed25519 signatures with (`whpk_…`); null where a secret is shared.
    #[serde(rename = "publicKey", default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The one sandbox whose events it gets; null: of all.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// When its secret was made.
    #[serde(rename = "secretCreatedAt")]
    pub secret_created_at: String,
    /// How its deliveries are signed.
    #[serde(rename = "signature")]
    pub signature: WebhookSignature,
    /// Whether it gets anything.
    #[serde(rename = "status")]
    pub status: WebhookStatus,
    /// When it changed last.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Where to.
    #[serde(rename = "url")]
    pub url: String,
    /// Its version, for `If-Match`.
    #[serde(rename = "version")]
    pub version: u64,
    /// The same.
    #[serde(rename = "webhookId")]
    pub webhook_id: String,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookDelivery {
    /// What was tried.
    #[serde(rename = "attempts")]
    pub attempts: Vec<DeliveryTry>,
    /// When it began.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// When it ended; null: it has not.
    #[serde(rename = "endedAt", default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Where to.
    #[serde(rename = "endpointId")]
    pub endpoint_id: String,
    /// Its environment.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// The event.
    #[serde(rename = "eventId")]
    pub event_id: String,
    /// The event's type.
    #[serde(rename = "eventType")]
    pub event_type: String,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// The status of the last answer; null: there was none.
    #[serde(rename = "lastCode", default, skip_serializing_if = "Option::is_none")]
    pub last_code: Option<u16>,
    /// When it is tried next; null: it is not.
    #[serde(rename = "nextAttemptAt", default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<String>,
    /// Where it stands.
    #[serde(rename = "outcome")]
    pub outcome: DeliveryOutcome,
    /// The body of each attempt, byte for byte.
    #[serde(rename = "payload")]
    pub payload: String,
    /// The delivery it repeats; null: none.
    #[serde(rename = "replayOf", default, skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<String>,
    /// The headers of each attempt but the signature and the time, which differ.
    #[serde(rename = "requestHeaders")]
    pub request_headers: serde_json::Value,
    /// The header `webhook-id`: the same for retries and replays.
    #[serde(rename = "webhookId")]
    pub webhook_id: String,
}

/// Why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WebhookDisabledReason {
    /// `USER`.
    #[serde(rename = "USER")]
    User,
    /// `GONE`.
    #[serde(rename = "GONE")]
    Gone,
    /// `FAILING`.
    #[serde(rename = "FAILING")]
    Failing,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// A change of an endpoint, as a JSON merge patch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookPatch {
    /// What its owner says of it.
    #[serde(rename = "description", default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it asks for.
    #[serde(rename = "events", default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Whether the beginning of plain-text answers is kept.
    #[serde(rename = "keepAnswers", default, skip_serializing_if = "Option::is_none")]
    pub keep_answers: Option<bool>,
    /// Where to.
    #[serde(rename = "url", default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A secret to put in the place of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookRotation {
    /// For how long the one before signs too, 0 to 604,800; a day when it is not said.
    #[serde(rename = "overlapSeconds", default, skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
}

/// How deliveries are signed, in the terms of Standard Webhooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WebhookSignature {
    /// `HMAC`.
    #[serde(rename = "HMAC")]
    Hmac,
    /// `ED25519`.
    #[serde(rename = "ED25519")]
    Ed25519,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// Whether an endpoint gets anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum WebhookStatus {
    /// `ACTIVE`.
    #[serde(rename = "ACTIVE")]
    Active,
    /// `DISABLED`.
    #[serde(rename = "DISABLED")]
    Disabled,
    /// `DELETED`.
    #[serde(rename = "DELETED")]
    Deleted,
    /// Something that this version of the SDK does not know.
    #[serde(other)]
    Unrecognised,
}

/// An endpoint with a secret that was made just now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WebhookWithSecret {
    /// When it was created.
    #[serde(rename = "createdAt")]
    pub created_at: String,
    /// What its owner says of it.
    #[serde(rename = "description")]
    pub description: String,
    /// Why it is disabled; null: it is not.
    #[serde(rename = "disabledReason", default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<WebhookDisabledReason>,
    /// Its environment.
    #[serde(rename = "environment")]
    pub environment: Environment,
    /// What it asks for.
    #[serde(rename = "events")]
    pub events: Vec<String>,
    /// Since when nothing has reached it; null: it is well.
    #[serde(rename = "failingSince", default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<String>,
    /// How many deliveries of the last 24 hours failed at least once and were not taken, replays aside; null where it is not
    /// looked up.
    #[serde(rename = "failures24h", default, skip_serializing_if = "Option::is_none")]
    pub failures24h: Option<u64>,
    /// Its id.
    #[serde(rename = "id")]
    pub id: String,
    /// Whether the beginning of plain-text answers is kept.
    #[serde(rename = "keepAnswers")]
    pub keep_answers: bool,
    /// When the latest delivery to it began; null: there was none, or it is not looked up here.
    #[serde(rename = "lastDeliveryAt", default, skip_serializing_if = "Option::is_none")]
    pub last_delivery_at: Option<String>,
    /// Until when the secret before signs too; null: there is none.
    #[serde(rename = "previousSecretUntil", default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<String>,
    /// What receivers check ed25519 signatures with (`whpk_…`); null where a secret is shared.
    #[serde(rename = "publicKey", default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The one sandbox whose events it gets; null: of all.
    #[serde(rename = "sandboxId", default, skip_serializing_if = "Option::is_none")]
    pub sandbox_id: Option<String>,
    /// When its secret was made.
    #[serde(rename = "secretCreatedAt")]
    pub secret_created_at: String,
    /// How its deliveries are signed.
    #[serde(rename = "signature")]
    pub signature: WebhookSignature,
    /// The secret (`whsec_…`), shown in this answer only; null in a replay, and for ed25519, which has none to share.
    #[serde(rename = "signingSecret", default, skip_serializing_if = "Option::is_none")]
    pub signing_secret: Option<String>,
    /// Whether it gets anything.
    #[serde(rename = "status")]
    pub status: WebhookStatus,
    /// When it changed last.
    #[serde(rename = "updatedAt")]
    pub updated_at: String,
    /// Where to.
    #[serde(rename = "url")]
    pub url: String,
    /// Its version, for `If-Match`.
    #[serde(rename = "version")]
    pub version: u64,
    /// The same.
    #[serde(rename = "webhookId")]
    pub webhook_id: String,
}

/// Why a release is withdrawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WithdrawSdkRelease {
    /// Why: one line of 1 to 500 characters.
    #[serde(rename = "reason")]
    pub reason: String,
    /// The release to use instead.
    #[serde(rename = "supersededBy", default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}
