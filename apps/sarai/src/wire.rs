//! The HTTP side of the composition root: routes over the use cases, behind the gate.

use std::{num::NonZeroU32, sync::Arc};

use sarai_domain::kernel::{CourseId, UserId};
use sarai_http::{
    api::Api,
    gate::{Deadlines, GateParts, KeyDoor, Quota, RateLimits},
    links::Links,
    page::Cursors,
    routes::{
        Routes,
        accounts::AccountRoutes,
        alerts::AlertRoutes,
        callbacks::CallbackRoutes,
        catalog::CatalogRoutes,
        coupons::CouponRoutes,
        demo::{DemoEnrollment, DemoRoutes},
        docs::DocsRoutes,
        docs_desk::DocsDeskRoutes,
        earnings::EarningsRoutes,
        entitlements::EntitlementRoutes,
        events::EventRoutes,
        grants::GrantRoutes,
        integrations::IntegrationRoutes,
        invariants::InvariantRoutes,
        invoices::InvoiceRoutes,
        keys::KeyRoutes,
        licenses::LicenseRoutes,
        listing_review::ListingReviewRoutes,
        listings::ListingRoutes,
        messages::MessageRoutes,
        messaging::MessagingRoutes,
        orders::OrderRoutes,
        outbox::OutboxRoutes,
        plans::PlanRoutes,
        proposals::ProposalRoutes,
        quotes::QuoteRoutes,
        receipt::ReceiptRoutes,
        refund_preview::RefundPreviewRoutes,
        refunds::RefundRoutes,
        sagas::SagaRoutes,
        sales::SalesRoutes,
        sandboxes::SandboxRoutes,
        sdk_desk::SdkDeskRoutes,
        sdks::SdkRoutes,
        seat_desk::SeatDeskRoutes,
        seats::SeatRoutes,
        sessions::SessionRoutes,
        statements::StatementRoutes,
        system::SystemRoutes,
        templates::TemplateRoutes,
        test_clock::TestClockRoutes,
        timeline::TimelineRoutes,
        usage::UsageRoutes,
        verifications::VerificationRoutes,
        verify_policies::VerifyPolicyRoutes,
        webhooks::WebhookRoutes,
    },
    secret::{KeyRing, SecretKey},
    signature::SignatureVerifier,
    site::{Health, Readiness},
    token::TokenVerifier,
};
use sarai_standins::EnrollmentStandIn;

use crate::{broker::Reported, config::Config, embedded::Embedded, keys::Key};

/// The issuer and the audience of this process's tokens.
pub const ISSUER: &str = "https://auth.sarai.local";
/// The audience of this process's tokens.
pub const AUDIENCE: &str = "sarai";

/// Whatever keeps a process from being wired.
pub type WireError = Box<dyn std::error::Error + Send + Sync>;

/// The API of a wired process.
///
/// # Errors
/// When the token keys or the inbound secrets cannot be used.
pub async fn api(
    embedded: &Embedded,
    config: &Config,
    inbound_secret: &str,
    ready: Arc<dyn Readiness>,
) -> Result<Api, WireError> {
    let parts = gate_parts(embedded, config, inbound_secret).await?;
    Ok(assemble(embedded, config, parts, ready))
}

/// What the gate of a wired process decides with.
///
/// # Errors
/// As [`api`].
pub async fn gate_parts(
    embedded: &Embedded,
    config: &Config,
    inbound_secret: &str,
) -> Result<GateParts, WireError> {
    let ports = &embedded.ports;
    let jwks = embedded.around.jwks().await?;
    let clock = Arc::clone(&ports.clock);
    let previous = config.inbound_secret_previous.reveal();
    Ok(GateParts {
        tokens: Arc::new(
            TokenVerifier::new(&jwks, ISSUER, AUDIENCE, Arc::clone(&clock))?
                .also_publishing(&*ports.signer)
                .asking(Arc::clone(&embedded.around.auth)),
        ),
        signatures: Arc::new(SignatureVerifier::new(inbound_secret, previous, Arc::clone(&clock))?),
        idempotency: Arc::clone(&ports.idempotency),
        idempotency_key: ring(embedded.keys.idempotency, embedded.keys.idempotency_previous),
        keys: KeyDoor {
            authenticator: Arc::clone(&ports.devportal.key_authenticator),
            uses: ports.devportal.key_uses.clone(),
        },
        clock,
        ids: Arc::clone(&ports.ids),
        limits: limits(config),
        concurrency: config.concurrency,
        waiting: config.feed_slots,
        deadlines: Deadlines::default(),
    })
}

fn ring(current: Key, previous: Option<Key>) -> KeyRing {
    KeyRing::new(SecretKey::new(current), previous.map(SecretKey::new))
}

/// The routes of a wired process behind a gate of these parts.
pub fn assemble(embedded: &Embedded, config: &Config, parts: GateParts, ready: Arc<dyn Readiness>) -> Api {
    let cursors = Cursors::new(ring(embedded.keys.cursor, embedded.keys.cursor_previous));
    let (broker, senders) = (embedded.broker.clone(), Arc::clone(&embedded.around.senders));
    let health = Health::new(Arc::new(Reported { ready, broker, senders }));
    Api::new(routes(embedded, config, &cursors), parts, health)
}

fn routes(embedded: &Embedded, config: &Config, cursors: &Cursors) -> Routes {
    let market = embedded.marketplace.clone();
    let switches = embedded.around.enrollment_switches.clone().filter(|_| config.demo);
    let enrollment = switches.map(|here| Arc::new(DemoSwitch(here)) as Arc<dyn DemoEnrollment>);
    let views = (
        RefundPreviewRoutes::new(market.orders.clone()),
        ReceiptRoutes::new(market.orders.clone()),
        TimelineRoutes::new(market.orders.clone()),
    );
    let buying = (
        QuoteRoutes::new(market.quotes.clone()),
        OrderRoutes::new(market.orders.clone(), market.quotes, cursors.clone()),
        RefundRoutes::new(market.orders.clone()),
        views,
        SalesRoutes::new(market.orders, cursors.clone()),
        EarningsRoutes::new(market.earnings, cursors.clone()),
        StatementRoutes::new(market.statements, cursors.clone()),
    );
    let licensing = (
        LicenseRoutes::new(market.licenses.clone(), cursors.clone()),
        SeatRoutes::new(market.licenses.clone(), cursors.clone()),
        SeatDeskRoutes::new(market.licenses.clone(), cursors.clone()),
        GrantRoutes::new(market.licenses.clone()),
        EntitlementRoutes::new(market.licenses),
    );
    let services = (
        SessionRoutes::new(embedded.sessions.clone()),
        IntegrationRoutes::new(embedded.inbound.clone()),
        TestClockRoutes::new(embedded.test_clock.clone()),
        DemoRoutes::new(enrollment),
        InvariantRoutes::new(embedded.auditor.clone()),
        EventRoutes::new(embedded.feeds.clone()),
        OutboxRoutes::new(market.outbox),
    );
    let links = Links::new(ring(embedded.keys.cursor, embedded.keys.cursor_previous), &config.listen);
    let portal = (
        AccountRoutes::new(embedded.devportal.accounts.clone()),
        KeyRoutes::new(embedded.devportal.keys.clone(), cursors.clone()),
        (
            MessageRoutes::new(embedded.devportal.messages.clone(), cursors.clone()),
            MessagingRoutes::new(embedded.devportal.messages.clone()),
            InvoiceRoutes::new(embedded.devportal.invoices.clone(), cursors.clone(), links.clone()),
            UsageRoutes::new(embedded.devportal.usage.clone()),
            TemplateRoutes::new(embedded.devportal.templates.clone(), cursors.clone()),
        ),
        WebhookRoutes::new(embedded.devportal.webhooks.clone(), cursors.clone()),
        (
            VerificationRoutes::new(embedded.devportal.verify.clone(), cursors.clone()),
            VerifyPolicyRoutes::new(embedded.devportal.verify.clone()),
            SandboxRoutes::new(embedded.devportal.sandboxes.clone(), cursors.clone()),
            (
                CallbackRoutes::new(embedded.devportal.verify.clone()),
                AlertRoutes::new(embedded.devportal.keys.clone(), embedded.around.alert_keys.clone()),
            ),
        ),
    );
    let published = embedded.publishing.clone();
    let publishing = (
        DocsRoutes::new(published.docs),
        DocsDeskRoutes::new(published.docs_desk, cursors.clone()),
        SdkRoutes::new(published.sdks, links, Arc::clone(&embedded.ports.clock), cursors.clone()),
        SdkDeskRoutes::new(published.sdk_desk),
    );
    (
        SystemRoutes,
        ListingRoutes::new(market.listings.clone(), cursors.clone()),
        PlanRoutes::new(market.listings.clone()),
        ListingReviewRoutes::new(market.listings.clone(), cursors.clone()),
        ProposalRoutes::new(market.listings),
        CatalogRoutes::new(market.catalog, cursors.clone()),
        CouponRoutes::new(market.coupons, cursors.clone()),
        buying,
        SagaRoutes::new(market.doctor, cursors.clone()),
        licensing,
        services,
        portal,
        publishing,
    )
}

fn limits(config: &Config) -> RateLimits {
    let number = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let standard = Quota::per_second(number(config.rate_per_second), number(config.rate_burst));
    RateLimits {
        standard,
        anonymous: standard,
        sign_in: Quota::per_minute(number(config.sign_in_per_minute), number(config.sign_in_burst)),
        // Checked when the configuration was read.
        trusted_proxies: config.proxies().unwrap_or_default(),
        ..RateLimits::default()
    }
}

/// The enrollment stand-in's switches, for the demo's route.
struct DemoSwitch(Arc<EnrollmentStandIn>);

impl DemoEnrollment for DemoSwitch {
    fn set_outage(&self, outage: bool) {
        self.0.set_outage(outage);
    }

    fn set_activity(&self, user: UserId, course: CourseId, attempts: u32, consumed: bool) {
        self.0.set_activity(user, course, attempts, consumed);
    }
}
