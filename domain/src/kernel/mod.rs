//! What every context shares: ids, money, time, invariants, transitions, aggregates, events, errors.

pub mod aggregate;
pub mod chain;
pub mod error;
pub mod event;
pub mod external_id;
pub mod id;
pub mod invariant;
pub mod jws;
pub mod money;
pub mod price;
pub mod rule;
pub mod time;
pub mod transition;

pub use aggregate::{Aggregate, Changes, NoRow, Outcome, Root, Row};
pub use chain::{Broken, ChainHead, ChainLink, Digest, Hex};
pub use error::{Coded, Detail, Kind, Unreadable};
pub use event::DomainEvent;
pub(crate) use event::topics;
pub use external_id::{
    AccountId, CourseId, CourseVersionId, DeviceId, ExternalId, InvoiceId, MessageId, PaymentId,
    PaymentIntentId, PayoutId, TenantId, UserId,
};
pub use id::{
    ApiKeyId, ArtifactId, CouponId, DeliveryAttemptId, DeveloperAccountId, DocsArticleId, EarningsLineId,
    EventId, Id, IdError, IdKind, LeaseId, LicenseId, ListingId, OrderId, OrderLineId, PricingPlanId,
    QuoteId, RedemptionId, RefundId, SagaId, SandboxId, SandboxMessageId, SdkReleaseId, SeatId, Ulid,
    VerificationId, VerifyTemplateId, WaitlistEntryId, WebhookDeliveryId, WebhookEndpointId,
};
pub(crate) use invariant::invariants;
pub use invariant::{EnforcedBy, Invariant};
pub use money::{Currency, Money, MoneyError};
pub use price::Price;
pub(crate) use rule::require;
pub use rule::{Audited, Breach, Rule, breaches};
pub use time::{PeriodMonth, TimeError, Timestamp};
pub use transition::{Edge, IllegalTransition, LastTransition, Step, step};
