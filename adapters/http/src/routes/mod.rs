//! The routes, one file a resource.
//!
//! # How to add a route
//! 1. Add its row to [`crate::operations::OPERATIONS`]: a request without a row is 404, and a test fails for a
//!    route without a row and for a row without a route. The row says who may call it, its rate class, whether
//!    it takes an `Idempotency-Key`, and its particular codes; each code is a row of [`crate::codes`].
//!    Roles, 401, 403, 429, replay, limits and headers happen in the gate: a handler never does them.
//! 2. Write the file: a struct holding its use cases (and [`Cursors`](crate::page::Cursors) for lists), with
//!    `#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")] impl`. Each handler has
//!    `#[oai(path = "/orders/:id", method = "get", operation_id = "orders.get")]` (the row's id) and a doc
//!    comment that becomes its summary.
//! 3. Arguments, in this order: [`Caller`](crate::caller::Caller) (not for public or signed operations),
//!    `id: Path<ApiId<kinds::Order>>`, `Query<Option<..>>`, `limit: Query<Limit>`,
//!    `cursor: Query<Option<String>>`, `#[oai(name = "If-Match")] version: Header<Option<String>>` read by
//!    [`if_match`](crate::caller::if_match), `body: Json<..>`.
//! 4. Return `Result<Json<T>, Problem>`, or `Created`, `Accepted`, `Tagged` (with an `ETag`) or
//!    `CreatedOrFound` of [`crate::answers`] in place of `Json`. `?` turns an `AppError` into a `Problem`.
//! 5. A request's struct derives `Object` with `#[oai(rename_all = "camelCase")]`. The gate checks the body
//!    against the document before the handler: types, required and unknown members, patterns of ids and
//!    money. So no `deny_unknown_fields` and no validator that repeats a rule of the domain: `TryFrom` calls the
//!    domain's constructors. Members with a default have `#[oai(default)]`. A merge patch has
//!    `MaybeUndefined<T>` members.
//! 6. An answer's struct derives `Object` likewise and has one `From<&Data>`; ids, money and time are wrapped by
//!    [`crate::scalars`], `.into()`. An absent value is `Option`, written as null. An enum mirrors the domain's
//!    with `#[derive(Enum)] #[oai(rename_all = "snake_case")]`.
//! 7. A list: `let list = self.cursors.list("orders.list", caller.tenant()).filter("status", status);` then
//!    `list.request(*limit, cursor.as_deref())?` and `Ok(Json(list.answer(page, |row| OrderBody::from(&row))))`.
//! 8. A reason: `caller.because(body.reason)` gives the `Call` with it; else `&caller.0` is the `Call`.
//! 9. Add the struct to the tuple [`Routes`], take its operations out of `openapi/not_yet.in`, and run
//!    `cargo test -p sarai-http`.
//!
//! [`system`] is the smallest example.

use poem_openapi::Tags;

pub mod account_body;
pub mod accounts;
pub mod alerts;
pub mod callbacks;
pub mod cart_body;
pub mod catalog;
pub mod cloud_event;
pub mod coupons;
pub mod delivery_body;
pub mod demo;
pub mod docs;
pub mod docs_desk;
pub mod dto_listing;
pub mod earnings;
pub mod entitlements;
pub mod event_body;
pub mod events;
pub mod grants;
pub mod integrations;
pub mod invariants;
pub mod invoice_body;
pub mod invoices;
pub mod key_body;
pub mod keys;
pub mod license_body;
pub mod licenses;
pub mod line_body;
pub mod listing_review;
pub mod listings;
pub mod located;
mod members;
pub mod message_body;
pub mod messages;
pub mod messaging;
pub mod order_body;
pub mod orders;
pub mod outbox;
pub mod plan_kind;
pub mod plans;
pub mod policy_body;
pub mod proposals;
pub mod quotes;
pub mod reason;
pub mod receipt;
pub mod refund_preview;
pub mod refunds;
pub mod saga_body;
pub mod sagas;
pub mod sales;
pub mod sandbox_body;
pub mod sandboxes;
pub mod sdk_body;
pub mod sdk_desk;
pub mod sdks;
pub mod seat_desk;
pub mod seats;
pub mod sessions;
pub mod statement_body;
pub mod statements;
pub mod system;
pub mod template_body;
pub mod templates;
pub mod test_clock;
pub mod timeline;
pub mod usage;
pub mod usage_body;
pub mod verifications;
pub mod verify_body;
pub mod verify_policies;
pub mod verify_request;
pub mod verify_words;
pub mod webhook_body;
pub mod webhooks;

pub(crate) use event_body::schema as event_schema;

/// Every route of the API: the binary builds one of each.
pub type Routes = (
    system::SystemRoutes,
    listings::ListingRoutes,
    plans::PlanRoutes,
    listing_review::ListingReviewRoutes,
    proposals::ProposalRoutes,
    catalog::CatalogRoutes,
    coupons::CouponRoutes,
    BuyingRoutes,
    sagas::SagaRoutes,
    LicensingRoutes,
    ServiceRoutes,
    PortalRoutes,
    PublishingRoutes,
);

/// The developer portal's.
pub type PortalRoutes =
    (accounts::AccountRoutes, keys::KeyRoutes, MessagingAndBilling, webhooks::WebhookRoutes, VerifyRoutes);

/// Verify's: verifications and policies, sandboxes, and what providers call back with.
pub type VerifyRoutes = (
    verifications::VerificationRoutes,
    verify_policies::VerifyPolicyRoutes,
    sandboxes::SandboxRoutes,
    (callbacks::CallbackRoutes, alerts::AlertRoutes),
);

/// What messaging and billing know, what is counted, and templates.
pub type MessagingAndBilling = (
    messages::MessageRoutes,
    messaging::MessagingRoutes,
    invoices::InvoiceRoutes,
    usage::UsageRoutes,
    templates::TemplateRoutes,
);

/// From a price to the provider's sale.
pub type BuyingRoutes = (
    quotes::QuoteRoutes,
    orders::OrderRoutes,
    refunds::RefundRoutes,
    OrderViewRoutes,
    sales::SalesRoutes,
    earnings::EarningsRoutes,
    statements::StatementRoutes,
);

/// The documentation and the SDKs.
pub type PublishingRoutes =
    (docs::DocsRoutes, docs_desk::DocsDeskRoutes, sdks::SdkRoutes, sdk_desk::SdkDeskRoutes);

/// What is told about one order.
pub type OrderViewRoutes =
    (refund_preview::RefundPreviewRoutes, receipt::ReceiptRoutes, timeline::TimelineRoutes);

/// What was bought or granted, and who uses it.
pub type LicensingRoutes = (
    licenses::LicenseRoutes,
    seats::SeatRoutes,
    seat_desk::SeatDeskRoutes,
    grants::GrantRoutes,
    entitlements::EntitlementRoutes,
);

/// Signing in, other services, what a demo can do, the auditor, the feed of events, and the outbox.
pub type ServiceRoutes = (
    sessions::SessionRoutes,
    integrations::IntegrationRoutes,
    test_clock::TestClockRoutes,
    demo::DemoRoutes,
    invariants::InvariantRoutes,
    events::EventRoutes,
    outbox::OutboxRoutes,
);

/// The parts of the document.
#[derive(Debug, Clone, Copy, Tags)]
pub enum Tag {
    /// Who is calling, and signing in.
    Sessions,
    /// What is offered, and its pricing plans.
    Listings,
    /// What the public sees.
    Catalog,
    /// Quotes, orders, payment and refunds.
    Orders,
    /// Licences, seats and entitlement.
    Licenses,
    /// Coupons.
    Coupons,
    /// Where a tenant's events are sent.
    Webhooks,
    /// What a provider has sold and earns.
    Earnings,
    /// What happened, tenant by tenant.
    Events,
    /// Developer accounts.
    Accounts,
    /// API keys.
    Keys,
    /// The documentation.
    Docs,
    /// SDKs.
    Sdks,
    /// Proving that somebody holds a phone number or reads a mailbox.
    Verify,
    /// Text messages.
    Messages,
    /// Balance and invoices.
    Billing,
    /// What is used.
    Usage,
    /// Templates of messages that carry a code.
    Templates,
    /// Worlds of their own, to try things in.
    Sandboxes,
    /// What the platform's staff do.
    Admin,
    /// What other services tell us.
    Integrations,
}
