//! The table of operations: who may call what, how often, how safely, and refused with which codes.
//!
//! Deny by default: a request whose method and path have no row does not reach a route (platform.md 7). The
//! document, the gate and the tests all read this table.

use poem::http::Method;
use sarai_domain::devportal::values::Scope::{
    self, BillingRead, KeysRead, KeysWrite, MarketRead, MarketWrite, SmsRead, SmsSend, UsageRead, VerifyRead,
    VerifySend, WebhooksRead, WebhooksWrite,
};
use sarai_ports::auth::Role;

mod refusals;

use self::refusals::{
    ACCOUNT_DECIDE, ADVANCE, APPROVE, AUDIT, CANCEL, CLAIM, COUPON_CREATE, COUPON_EDIT, DECIDE, DEMO,
    DOCS_ARCHIVE, DOCS_CREATE, DOCS_EDIT, DOCS_PUBLISH, DOCS_READ, DOCS_REVISION, FEED, GO_LIVE, GRANT,
    KEY_CREATE, KEY_EDIT, KEY_READ, KEY_REVOKE, KEY_ROTATE, LEASE, LISTING_CREATE, LISTING_EDIT, ME_CLOSE,
    ME_EDIT, ME_TERMS, MESSAGE_QUOTE, MESSAGE_RECEIPT, MESSAGE_SEND, NOTICE, ORDER, PAY, PLAN_CREATE,
    PLAN_EDIT, PLAN_REPLACE, PROPOSE, QUOTE, RECEIPTS, REFRESH, REFUND, REINSTATE, REPUBLISH, RETIRE,
    REVENUE_SHARE, REVOKE, SAGA_COMPENSATE, SAGA_RESOLVE, SAGA_RETRY, SANDBOX_ADVANCE, SANDBOX_CLOSE,
    SANDBOX_CREATE, SANDBOX_EXTEND, SANDBOX_RESET, SDK_CONTENT, SDK_CREATE, SDK_FIND, SDK_LANGUAGE,
    SDK_LATEST, SDK_PUBLISH, SDK_UNYANK, SDK_UPLOAD, SDK_WITHDRAW, SEAT_ASSIGN, SEAT_BULK, SEAT_RELEASE,
    SECRET_ALERTS, SHIP_VERSION, SIGN_IN, SPEND_POLICY, STAFF_REFUND, SUBMIT, TEMPLATE_ARCHIVE,
    TEMPLATE_CREATE, TEMPLATE_EDIT, TEMPLATE_MOVE, TEMPLATE_REJECT, TEMPLATE_RENDER, TEMPLATE_SUBMIT,
    TEMPLATE_VERSION, USAGE_SERIES, USAGE_SUMMARY, VERIFY_ALLOW, VERIFY_CANCEL, VERIFY_CHECK, VERIFY_LIST,
    VERIFY_NEXT, VERIFY_POLICY, VERIFY_PREVIEW, VERIFY_RESEND, VERIFY_START, VERIFY_UNLOCK, WAITLIST_JOIN,
    WAITLIST_LEAVE, WEBHOOK_CREATE, WEBHOOK_EDIT, WEBHOOK_LIST, WEBHOOK_RECOVER, WEBHOOK_REPLAY,
    WEBHOOK_ROTATE, WEBHOOK_USE, WITHDRAW, WITHDRAW_PROPOSAL,
};
use self::{
    Access::Anybody, Access::Public, Access::Signed, Access::SignedIn, Idempotency::Optional,
    Idempotency::Required,
};

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Everybody; who sends a token is known by it.
    Anybody,
    /// Whoever is signed in with one of these roles.
    SignedIn(&'static [Role]),
    /// Whoever signs the request as a Standard Webhook with one of our secrets.
    Signed,
}

/// What an operation counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateClass {
    /// Signed-in work, per principal.
    Standard,
    /// Reading without signing in, per client address.
    Anonymous,
    /// Signing in, per client address.
    SignIn,
    /// Messages of other services, per client address.
    Webhook,
}

impl RateClass {
    /// Every class with its name in the document.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Standard, "standard"),
        (Self::Anonymous, "anonymous"),
        (Self::SignIn, "sign-in"),
        (Self::Webhook, "webhook"),
    ];

    /// Its name in the document and in headers.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(class, _)| *class == self).map_or("", |(_, name)| name)
    }
}

/// Whether an operation takes an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing, or stores nothing (ruling R23).
    None,
    /// It may have one.
    Optional,
    /// It must have one: it creates, sends or pays.
    Required,
}

/// What an operation cannot do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing outside the process: its handler is never unavailable nor late.
    Nothing,
    /// The store, or another service.
    Others,
    /// The store, to change what others may change at the same time: it can meet a conflict.
    Writing,
}

/// How a request's body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// As JSON, which the gate reads.
    Whole,
    /// As bytes that the handler reads as they come.
    Streamed,
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The method.
    pub method: &'static Method,
    /// The path as the document writes it.
    pub path: &'static str,
    /// The operation's id: in the document, in metrics, in idempotency keys.
    pub id: &'static str,
    /// Who may call it.
    pub who: Access,
    /// The scope with which an API key may call it too.
    pub scope: Option<Scope>,
    /// What such a key acts as, for its tenant and in production only; nothing where its scope alone decides.
    pub key_acts_as: Option<Role>,
    /// What it counts against.
    pub rate: RateClass,
    /// Whether it takes an `Idempotency-Key`.
    pub idempotency: Idempotency,
    /// What it cannot do without.
    pub needs: Needs,
    /// The codes it refuses with beside the general ones.
    pub errors: &'static [&'static str],
    /// Whether it may take longer than 15 seconds.
    pub slow: bool,
    /// How its body comes.
    pub body: Body,
    /// Whether it waits for something to happen: in slots of its own, and only while its client does.
    pub waits: bool,
    /// Whether it begins what other operations finish: it gets a part of the places, so that those are not kept waiting.
    pub begins: bool,
}

impl Operation {
    /// Whether a path is one of this operation's.
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let matched = self.path.split('/').all(|wanted| {
            parts.next().is_some_and(|part| part == wanted || (is_parameter(wanted) && !part.is_empty()))
        });
        matched && parts.next().is_none()
    }

    /// The path's parameters: name and value as sent.
    pub fn parameters<'p>(&self, path: &'p str) -> impl Iterator<Item = (&'static str, &'p str)> {
        self.path.split('/').zip(path.split('/')).filter(|(wanted, _)| is_parameter(wanted))
    }
}

fn is_parameter(part: &str) -> bool {
    part.starts_with('{') && part.ends_with('}')
}

/// The row of a request, when there is one; a literal path wins over one with parameters.
pub fn find(method: &Method, path: &str) -> Option<&'static Operation> {
    of_path(path).filter(|row| row.method == method).min_by_key(|row| row.parameters(path).count())
}

/// Every row of a path: what a 405 allows.
pub fn of_path(path: &str) -> impl Iterator<Item = &'static Operation> {
    OPERATIONS.iter().filter(move |row| row.matches(path))
}

/// Any user of a tenant.
const B: Access =
    SignedIn(&[Role::Customer, Role::Provider, Role::Developer, Role::TenantAdmin, Role::PlatformAdmin]);
/// Any user of a tenant, and services.
const B_OR_SERVICE: Access = SignedIn(&[
    Role::Customer,
    Role::Provider,
    Role::Developer,
    Role::TenantAdmin,
    Role::PlatformAdmin,
    Role::Service,
]);
/// A provider.
const P: Access = SignedIn(&[Role::Provider]);
/// The platform's staff.
const A: Access = SignedIn(&[Role::PlatformAdmin]);
/// Whoever acts for a whole tenant, or develops for it.
const TD: Access =
    SignedIn(&[Role::Provider, Role::TenantAdmin, Role::PlatformAdmin, Role::Service, Role::Developer]);
/// A provider or the platform's staff.
const PA: Access = SignedIn(&[Role::Provider, Role::PlatformAdmin]);

/// A customer.
const C: Access = SignedIn(&[Role::Customer]);
/// A developer.
const D: Access = SignedIn(&[Role::Developer]);
/// A developer or the platform's staff.
const DA: Access = SignedIn(&[Role::Developer, Role::PlatformAdmin]);
/// A developer or a customer: whoever has an account.
const DC: Access = SignedIn(&[Role::Developer, Role::Customer]);
/// Nobody who is signed in: keys only.
const K: Access = SignedIn(&[]);

/// An operation that an API key with this scope may call too.
const fn keyed(scope: Scope, operation: Operation) -> Operation {
    Operation { scope: Some(scope), ..operation }
}

/// An operation of a buyer that a production key with this scope may call too: as the tenant's administrators do (ruling R64).
const fn bought(scope: Scope, operation: Operation) -> Operation {
    Operation { key_acts_as: Some(Role::TenantAdmin), ..keyed(scope, operation) }
}

/// A reading operation.
const fn get(path: &'static str, id: &'static str, who: Access) -> Operation {
    let rate = match who {
        Public | Anybody => RateClass::Anonymous,
        SignedIn(_) => RateClass::Standard,
        Signed => RateClass::Webhook,
    };
    Operation {
        method: &Method::GET,
        path,
        id,
        who,
        scope: None,
        key_acts_as: None,
        rate,
        idempotency: Idempotency::None,
        needs: Needs::Others,
        errors: &[],
        slow: false,
        body: Body::Whole,
        waits: false,
        begins: false,
    }
}

/// A changing operation.
const fn post(
    path: &'static str,
    id: &'static str,
    who: Access,
    idempotency: Idempotency,
    errors: &'static [&'static str],
) -> Operation {
    Operation { method: &Method::POST, idempotency, needs: Needs::Writing, errors, ..get(path, id, who) }
}

const fn patch(
    path: &'static str,
    id: &'static str,
    who: Access,
    errors: &'static [&'static str],
) -> Operation {
    Operation { method: &Method::PATCH, ..post(path, id, who, Optional, errors) }
}

const fn put(
    path: &'static str,
    id: &'static str,
    who: Access,
    errors: &'static [&'static str],
) -> Operation {
    Operation { method: &Method::PUT, ..post(path, id, who, Optional, errors) }
}

const fn delete(
    path: &'static str,
    id: &'static str,
    who: Access,
    errors: &'static [&'static str],
) -> Operation {
    Operation { method: &Method::DELETE, ..post(path, id, who, Optional, errors) }
}

/// The table.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    // Who is calling.
    Operation { rate: RateClass::SignIn, needs: Needs::Others, ..post("/v1/auth/sessions", "sessions.create", Public, Idempotency::None, SIGN_IN) },
    Operation { rate: RateClass::SignIn, needs: Needs::Others, ..post("/v1/auth/sessions/refresh", "sessions.refresh", Public, Idempotency::None, REFRESH) },
    Operation { needs: Needs::Others, idempotency: Idempotency::None, ..delete("/v1/auth/sessions/current", "sessions.end", B_OR_SERVICE, &[]) },
    // The first call registers an account.
    Operation { needs: Needs::Writing, ..get("/v1/me", "me.get", B_OR_SERVICE) },
    patch("/v1/me", "me.edit", DC, ME_EDIT),
    delete("/v1/me", "me.close", DC, ME_CLOSE),
    post("/v1/me/terms", "me.accept-terms", DC, Optional, ME_TERMS),
    Operation { needs: Needs::Nothing, ..get("/v1/.well-known/jwks.json", "jwks.get", Public) },

    // What a provider offers.
    post("/v1/listings", "listings.create", P, Required, LISTING_CREATE),
    get("/v1/listings/{id}", "listings.get", PA),
    patch("/v1/listings/{id}", "listings.edit", P, LISTING_EDIT),
    get("/v1/provider/listings", "provider.listings.list", P),
    post("/v1/listings/{id}/plans", "plans.create", P, Required, PLAN_CREATE),
    patch("/v1/listings/{id}/plans/{planId}", "plans.edit", P, PLAN_EDIT),
    post("/v1/listings/{id}/plans/{planId}/replace", "plans.replace", P, Required, PLAN_REPLACE),
    post("/v1/listings/{id}/submit", "listings.submit", P, Optional, SUBMIT),
    post("/v1/listings/{id}/withdraw", "listings.withdraw", P, Optional, WITHDRAW),
    post("/v1/listings/{id}/go-live", "listings.go-live", P, Optional, GO_LIVE),
    post("/v1/listings/{id}/retire", "listings.retire", P, Optional, RETIRE),
    post("/v1/listings/{id}/ship-version", "listings.ship-version", P, Optional, SHIP_VERSION),
    post("/v1/listings/{id}/proposals", "listings.propose", P, Optional, PROPOSE),
    delete("/v1/listings/{id}/proposals", "listings.withdraw-proposal", P, WITHDRAW_PROPOSAL),

    // What the platform's staff decide on listings.
    get("/v1/admin/listings", "admin.listings.list", A),
    get("/v1/admin/listings/{id}/review", "admin.listings.review", A),
    post("/v1/admin/listings/{id}/approve", "admin.listings.approve", A, Optional, APPROVE),
    post("/v1/admin/listings/{id}/reject", "admin.listings.reject", A, Optional, DECIDE),
    post("/v1/admin/listings/{id}/suspend", "admin.listings.suspend", A, Optional, DECIDE),
    post("/v1/admin/listings/{id}/reinstate", "admin.listings.reinstate", A, Optional, REINSTATE),
    patch("/v1/admin/listings/{id}/revenue-share", "admin.listings.revenue-share", A, REVENUE_SHARE),

    // What the platform's staff do about purchases that are stuck.
    get("/v1/admin/sagas", "admin.sagas.list", A),
    get("/v1/admin/sagas/{id}", "admin.sagas.get", A),
    post("/v1/admin/sagas/{id}/retry", "admin.sagas.retry", A, Optional, SAGA_RETRY),
    post("/v1/admin/sagas/{id}/compensate", "admin.sagas.compensate", A, Optional, SAGA_COMPENSATE),
    post("/v1/admin/sagas/{id}/resolve", "admin.sagas.resolve", A, Optional, SAGA_RESOLVE),

    // What the platform's staff do about deliveries.
    get("/v1/admin/outbox", "admin.outbox.get", A),
    Operation { needs: Needs::Others, ..post("/v1/admin/outbox/redrive", "admin.outbox.redrive", A, Optional, &[]) },
    Operation { needs: Needs::Others, ..post("/v1/admin/outbox/republish", "admin.outbox.republish", A, Optional, REPUBLISH) },

    // What the public sees.
    get("/v1/catalog", "catalog.list", Public),
    get("/v1/catalog/{id}", "catalog.get", Public),

    // Buying.
    bought(MarketWrite, Operation { begins: true, ..post("/v1/quotes", "quotes.create", B, Required, QUOTE) }),
    bought(MarketWrite, Operation { begins: true, ..post("/v1/orders", "orders.place", B, Required, ORDER) }),
    bought(MarketRead, get("/v1/orders", "orders.list", B)),
    bought(MarketRead, get("/v1/orders/{id}", "orders.get", B)),
    bought(MarketRead, get("/v1/orders/{id}/explain", "orders.explain", B)),
    bought(MarketRead, get("/v1/orders/{id}/timeline", "orders.timeline", B)),
    bought(MarketRead, get("/v1/orders/{id}/refund-preview", "orders.refund-preview", B)),
    bought(MarketWrite, post("/v1/orders/{id}/pay", "orders.pay", B, Required, PAY)),
    bought(MarketWrite, post("/v1/orders/{id}/cancel", "orders.cancel", B, Optional, CANCEL)),
    bought(MarketWrite, post("/v1/orders/{id}/refunds", "orders.refund", B, Required, REFUND)),
    post("/v1/admin/orders/{id}/refunds", "admin.orders.refund", A, Required, STAFF_REFUND),

    // Using what was bought.
    bought(MarketRead, get("/v1/licenses", "licenses.list", B)),
    bought(MarketRead, get("/v1/licenses/{id}", "licenses.get", B)),
    get("/v1/provider/licenses", "provider.licenses.list", P),
    bought(MarketRead, get("/v1/licenses/{id}/seats", "seats.list", B)),
    bought(MarketWrite, post("/v1/licenses/{id}/seats", "seats.assign", B, Required, SEAT_ASSIGN)),
    bought(MarketWrite, delete("/v1/licenses/{id}/seats/{seatId}", "seats.release", B, SEAT_RELEASE)),
    bought(MarketWrite, post("/v1/licenses/{id}/seats/bulk", "seats.bulk", B, Required, SEAT_BULK)),
    bought(MarketRead, get("/v1/licenses/{id}/waitlist", "waitlist.list", B)),
    post("/v1/licenses/{id}/waitlist", "waitlist.join", B, Optional, WAITLIST_JOIN),
    delete("/v1/licenses/{id}/waitlist/{waiter}", "waitlist.leave", B, WAITLIST_LEAVE),
    post("/v1/licenses/{id}/leases", "leases.issue", B, Required, LEASE),
    post("/v1/licenses/claim", "licenses.claim", B, Optional, CLAIM),
    bought(MarketRead, Operation { needs: Needs::Others, ..post("/v1/entitlements/check", "entitlements.check", B_OR_SERVICE, Idempotency::None, &[]) }),
    post("/v1/admin/licenses", "admin.licenses.grant", A, Required, GRANT),
    post("/v1/admin/licenses/{id}/revoke", "admin.licenses.revoke", A, Optional, REVOKE),

    // Coupons.
    post("/v1/coupons", "coupons.create", PA, Required, COUPON_CREATE),
    get("/v1/coupons", "coupons.list", PA),
    get("/v1/coupons/{id}", "coupons.get", PA),
    patch("/v1/coupons/{id}", "coupons.edit", PA, COUPON_EDIT),
    post("/v1/coupons/{id}/deactivate", "coupons.deactivate", PA, Optional, &[]),

    // Earning.
    get("/v1/provider/earnings", "provider.earnings.list", P),
    get("/v1/provider/earnings/{period}/statement", "provider.earnings.statement", PA),
    get("/v1/provider/sales", "provider.sales.list", P),

    // The documentation.
    get("/v1/docs/tree", "docs.tree", Anybody),
    get("/v1/docs/search", "docs.search", Anybody),
    Operation { errors: DOCS_READ, ..get("/v1/docs/{apiVersion}/{slug}", "docs.get", Anybody) },
    keyed(Scope::DocsWrite, post("/v1/docs", "docs.create", A, Required, DOCS_CREATE)),
    keyed(Scope::DocsWrite, get("/v1/admin/docs", "admin.docs.list", A)),
    keyed(Scope::DocsWrite, get("/v1/admin/docs/{id}", "admin.docs.get", A)),
    keyed(Scope::DocsWrite, patch("/v1/docs/{id}", "docs.edit", A, DOCS_EDIT)),
    keyed(Scope::DocsWrite, post("/v1/docs/{id}/revisions", "docs.add-revision", A, Required, DOCS_REVISION)),
    keyed(Scope::DocsWrite, post("/v1/docs/{id}/publish", "docs.publish", A, Optional, DOCS_PUBLISH)),
    keyed(Scope::DocsWrite, post("/v1/docs/{id}/archive", "docs.archive", A, Optional, DOCS_ARCHIVE)),

    // SDKs.
    get("/v1/sdks/languages", "sdks.languages", Public),
    Operation { errors: SDK_LANGUAGE, ..get("/v1/sdks/languages/{lang}/releases", "sdks.releases", Public) },
    Operation { errors: SDK_LATEST, ..get("/v1/sdks/languages/{lang}/latest", "sdks.latest", Public) },
    Operation { errors: SDK_FIND, ..get("/v1/sdks/releases/{id}", "sdks.get", Public) },
    Operation { errors: SDK_FIND, ..get("/v1/sdks/artifacts/{id}/download", "sdks.download", Public) },
    Operation { slow: true, errors: SDK_CONTENT, ..get("/v1/sdks/content/{id}", "sdks.content", Public) },
    Operation { needs: Needs::Nothing, ..get("/v1/sdks/signing-keys", "sdks.signing-keys", Public) },
    get("/v1/sdks/log", "sdks.log", Public),
    keyed(Scope::SdkWrite, post("/v1/sdks/releases", "sdks.create", A, Required, SDK_CREATE)),
    keyed(Scope::SdkWrite, Operation { errors: SDK_FIND, ..get("/v1/admin/sdks/releases/{id}", "admin.sdks.get", A) }),
    keyed(Scope::SdkWrite, Operation { slow: true, body: Body::Streamed, ..post("/v1/sdks/releases/{id}/artifacts", "sdks.upload", A, Idempotency::None, SDK_UPLOAD) }),
    keyed(Scope::SdkWrite, post("/v1/sdks/releases/{id}/publish", "sdks.publish", A, Optional, SDK_PUBLISH)),
    keyed(Scope::SdkWrite, post("/v1/sdks/releases/{id}/deprecate", "sdks.deprecate", A, Optional, SDK_WITHDRAW)),
    keyed(Scope::SdkWrite, post("/v1/sdks/releases/{id}/yank", "sdks.yank", A, Optional, SDK_WITHDRAW)),
    keyed(Scope::SdkWrite, post("/v1/sdks/releases/{id}/unyank", "sdks.unyank", A, Optional, SDK_UNYANK)),

    // What happened.
    keyed(MarketRead, Operation { slow: true, waits: true, errors: FEED, ..get("/v1/events", "events.list", TD) }),

    // Webhooks.
    keyed(WebhooksWrite, post("/v1/webhooks", "webhooks.create", DC, Required, WEBHOOK_CREATE)),
    keyed(WebhooksRead, Operation { errors: WEBHOOK_LIST, ..get("/v1/webhooks", "webhooks.list", DC) }),
    keyed(WebhooksRead, get("/v1/webhooks/{id}", "webhooks.get", DC)),
    keyed(WebhooksWrite, patch("/v1/webhooks/{id}", "webhooks.edit", DC, WEBHOOK_EDIT)),
    keyed(WebhooksWrite, delete("/v1/webhooks/{id}", "webhooks.delete", DC, &[])),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/rotate-secret", "webhooks.rotate-secret", DC, Required, WEBHOOK_ROTATE)),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/enable", "webhooks.enable", DC, Optional, WEBHOOK_USE)),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/disable", "webhooks.disable", DC, Optional, &[])),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/test", "webhooks.test", DC, Optional, WEBHOOK_USE)),
    keyed(WebhooksRead, get("/v1/webhooks/{id}/deliveries", "webhooks.deliveries", DC)),
    keyed(WebhooksRead, get("/v1/webhooks/{id}/deliveries/count", "webhooks.deliveries.count", DC)),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/deliveries/{deliveryId}/replay", "webhooks.replay", DC, Required, WEBHOOK_REPLAY)),
    keyed(WebhooksWrite, post("/v1/webhooks/{id}/recover", "webhooks.recover", DC, Optional, WEBHOOK_RECOVER)),
    keyed(WebhooksRead, get("/v1/deliveries/{id}", "deliveries.get", DC)),
    keyed(WebhooksRead, Operation { needs: Needs::Others, ..post("/v1/deliveries/{id}/diagnose", "deliveries.diagnose", DC, Idempotency::None, &[]) }),

    // What other services tell us.
    post("/v1/integrations/{source}/events", "integrations.receive", Signed, Idempotency::None, NOTICE),

    Operation { rate: RateClass::Webhook, ..post("/v1/integrations/github/secret-alerts", "secret-alerts.receive", Public, Idempotency::None, SECRET_ALERTS) },

    // Whether every rule holds.
    Operation { needs: Needs::Nothing, ..get("/v1/admin/invariants", "admin.invariants.get", A) },
    Operation { slow: true, needs: Needs::Others, ..post("/v1/admin/invariants/run", "admin.invariants.run", A, Optional, AUDIT) },

    // API keys: everything about them but their secrets.
    keyed(KeysWrite, post("/v1/keys", "keys.create", DC, Required, KEY_CREATE)),
    keyed(KeysRead, Operation { errors: KEY_READ, ..get("/v1/keys", "keys.list", DC) }),
    keyed(KeysRead, Operation { errors: KEY_READ, ..get("/v1/keys/{id}", "keys.get", DC) }),
    keyed(KeysWrite, patch("/v1/keys/{id}", "keys.edit", DC, KEY_EDIT)),
    keyed(KeysWrite, post("/v1/keys/{id}/rotate", "keys.rotate", DC, Required, KEY_ROTATE)),
    keyed(KeysWrite, delete("/v1/keys/{id}", "keys.revoke", DC, KEY_REVOKE)),

    // Verify.
    keyed(VerifySend, post("/v1/verifications", "verifications.start", K, Required, VERIFY_START)),
    keyed(VerifyRead, Operation { errors: VERIFY_LIST, ..get("/v1/verifications", "verifications.list", D) }),
    keyed(VerifyRead, Operation { errors: KEY_READ, ..get("/v1/verifications/{id}", "verifications.get", D) }),
    keyed(VerifySend, post("/v1/verifications/{id}/check", "verifications.check", K, Optional, VERIFY_CHECK)),
    keyed(VerifySend, post("/v1/verifications/{id}/resend", "verifications.resend", K, Required, VERIFY_RESEND)),
    keyed(VerifySend, post("/v1/verifications/{id}/next-channel", "verifications.next-channel", K, Required, VERIFY_NEXT)),
    keyed(VerifySend, post("/v1/verifications/{id}/cancel", "verifications.cancel", K, Optional, VERIFY_CANCEL)),
    keyed(VerifySend, Operation { needs: Needs::Others, ..post("/v1/verification-previews", "verifications.preview", K, Idempotency::None, VERIFY_PREVIEW) }),
    get("/v1/verify-policy", "verify-policy.get", D),
    put("/v1/verify-policy", "verify-policy.set", D, VERIFY_POLICY),
    post("/v1/verify-policy/allow", "verify-policy.allow", D, Optional, VERIFY_ALLOW),
    Operation { needs: Needs::Others, ..post("/v1/verify-policy/unlock", "verify-policy.unlock", A, Idempotency::None, VERIFY_UNLOCK) },
    get("/v1/spend-policy", "spend-policy.get", D),
    put("/v1/spend-policy", "spend-policy.set", D, SPEND_POLICY),
    Operation { needs: Needs::Nothing, ..get("/v1/.well-known/verify-jwks.json", "verify-jwks.get", Public) },
    Operation { needs: Needs::Nothing, ..get("/v1/.well-known/verify-sandbox-jwks.json", "verify-sandbox-jwks.get", Public) },
    // Text messages.
    keyed(SmsRead, Operation { errors: KEY_READ, ..get("/v1/messages", "messages.list", C) }),
    keyed(SmsRead, Operation { errors: KEY_READ, ..get("/v1/messages/stats", "messages.stats", C) }),
    keyed(SmsRead, Operation { errors: KEY_READ, slow: true, ..get("/v1/messages/export", "messages.export", C) }),
    keyed(SmsRead, Operation { errors: KEY_READ, ..get("/v1/messages/{id}", "messages.get", C) }),
    keyed(SmsRead, Operation { errors: MESSAGE_RECEIPT, ..get("/v1/messages/{id}/receipt", "messages.receipt", C) }),
    keyed(SmsSend, Operation { needs: Needs::Others, ..post("/v1/messages", "messages.send", C, Required, MESSAGE_SEND) }),
    keyed(SmsSend, Operation { needs: Needs::Others, ..post("/v1/message-quotes", "messages.quote", C, Idempotency::None, MESSAGE_QUOTE) }),
    keyed(SmsRead, get("/v1/sender-ids", "sender-ids.list", C)),
    keyed(SmsRead, get("/v1/message-error-codes", "message-error-codes.list", C)),
    keyed(SmsRead, get("/v1/operators/{name}/health", "operators.health", C)),

    // Balance and invoices.
    keyed(BillingRead, get("/v1/balance", "balance.get", C)),
    keyed(BillingRead, get("/v1/invoices", "invoices.list", C)),
    keyed(BillingRead, get("/v1/invoices/{id}", "invoices.get", C)),
    keyed(BillingRead, Operation { needs: Needs::Others, ..post("/v1/invoices/{id}/pdf-url", "invoices.pdf-url", C, Idempotency::None, &[]) }),
    get("/v1/invoice-pdfs/{link}", "invoices.pdf", Public),

    // Templates of messages that carry a code; the platform's staff review them.
    post("/v1/templates", "templates.create", D, Required, TEMPLATE_CREATE),
    get("/v1/templates", "templates.list", D),
    get("/v1/templates/{id}", "templates.get", DA),
    patch("/v1/templates/{id}", "templates.edit", D, TEMPLATE_EDIT),
    post("/v1/templates/{id}/submit", "templates.submit", D, Optional, TEMPLATE_SUBMIT),
    post("/v1/templates/{id}/approve", "templates.approve", A, Optional, TEMPLATE_MOVE),
    post("/v1/templates/{id}/reject", "templates.reject", A, Optional, TEMPLATE_REJECT),
    post("/v1/templates/{id}/versions", "templates.new-version", D, Optional, TEMPLATE_VERSION),
    post("/v1/templates/{id}/archive", "templates.archive", D, Optional, TEMPLATE_ARCHIVE),
    Operation { needs: Needs::Others, ..post("/v1/templates/{id}/render", "templates.render", DA, Idempotency::None, TEMPLATE_RENDER) },

    // What is used.
    keyed(UsageRead, Operation { errors: USAGE_SUMMARY, ..get("/v1/usage/summary", "usage.summary", DC) }),
    keyed(UsageRead, Operation { errors: USAGE_SERIES, ..get("/v1/usage/timeseries", "usage.timeseries", DC) }),
    keyed(KeysRead, get("/v1/keys/{id}/traffic", "keys.traffic", DC)),
    // Sandboxes.
    post("/v1/sandboxes", "sandboxes.create", D, Required, SANDBOX_CREATE),
    get("/v1/sandboxes", "sandboxes.list", D),
    get("/v1/sandboxes/{id}", "sandboxes.get", D),
    delete("/v1/sandboxes/{id}", "sandboxes.close", D, SANDBOX_CLOSE),
    post("/v1/sandboxes/{id}/clock", "sandboxes.advance", D, Optional, SANDBOX_ADVANCE),
    post("/v1/sandboxes/{id}/reset", "sandboxes.reset", D, Optional, SANDBOX_RESET),
    post("/v1/sandboxes/{id}/extend", "sandboxes.extend", D, Optional, SANDBOX_EXTEND),
    keyed(VerifyRead, Operation { errors: KEY_READ, ..get("/v1/sandboxes/{id}/inbox", "sandboxes.inbox", D) }),
    keyed(VerifyRead, Operation { needs: Needs::Nothing, ..get("/v1/sandbox-scenarios", "sandbox-scenarios.list", D) }),

    // What providers of messages say of them.
    Operation { rate: RateClass::Webhook, needs: Needs::Others, ..post("/v1/callbacks/{provider}/receipts", "callbacks.receive", Public, Idempotency::None, RECEIPTS) },

    // What the platform's staff do about accounts.
    post("/v1/admin/accounts/{id}/suspend", "admin.accounts.suspend", A, Optional, ACCOUNT_DECIDE),
    post("/v1/admin/accounts/{id}/reinstate", "admin.accounts.reinstate", A, Optional, ACCOUNT_DECIDE),

    // Demo and sandbox.
    Operation { needs: Needs::Nothing, ..get("/v1/test-clock", "test-clock.get", A) },
    Operation { slow: true, needs: Needs::Others, ..post("/v1/test-clock", "test-clock.advance", A, Optional, ADVANCE) },
    Operation { needs: Needs::Nothing, ..post("/v1/demo/enrollment", "demo.enrollment", A, Optional, DEMO) },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;

    #[test]
    fn no_two_rows_are_the_same_operation() {
        let mut seen = std::collections::BTreeSet::new();
        for row in OPERATIONS {
            assert!(seen.insert(format!("{} {}", row.method, row.path)), "{} twice", row.path);
            assert!(seen.insert(row.id.to_owned()), "{} twice", row.id);
        }
    }

    #[test]
    fn every_particular_code_has_a_row_in_the_table_of_codes() {
        for row in OPERATIONS {
            for code in row.errors {
                assert!(codes::find(code).is_some(), "{} documents {code}", row.id);
            }
        }
    }

    #[test]
    fn a_post_that_pays_creates_or_sends_demands_a_key() {
        for id in ["listings.create", "orders.place", "orders.pay", "orders.refund", "seats.assign"] {
            let row = OPERATIONS.iter().find(|row| row.id == id).unwrap();
            assert_eq!(row.idempotency, Required, "{id}");
        }
        for row in OPERATIONS.iter().filter(|row| row.method == Method::GET) {
            assert_eq!(row.idempotency, Idempotency::None, "{}", row.id);
        }
    }

    /// A-INV-4: what a suspended account may do beside reading is named here; everything else of the portal asks.
    #[test]
    fn whatever_writes_in_the_portal_asks_for_an_active_account_but_what_only_ends_something() {
        const PORTAL: &[&str] =
            &["key", "message", "sandbox", "spend-policy", "template", "verif", "webhook"];
        const ENDS_OR_READS: &[&str] = &[
            "keys.revoke",
            "messages.quote",
            "sandboxes.close",
            "templates.archive",
            "templates.render",
            "verifications.cancel",
            "verifications.check",
            "webhooks.delete",
            "webhooks.disable",
        ];
        let writes = |row: &&Operation| row.method != Method::GET && row.who != A;
        let ours = |row: &&Operation| PORTAL.iter().any(|part| row.path.starts_with(&format!("/v1/{part}")));
        for row in OPERATIONS.iter().filter(writes).filter(ours) {
            let asks = row.errors.contains(&"account.suspended");
            assert_ne!(asks, ENDS_OR_READS.contains(&row.id), "{}", row.id);
        }
    }

    #[test]
    fn every_admin_path_is_the_staff_s() {
        for row in OPERATIONS.iter().filter(|row| row.path.starts_with("/v1/admin/")) {
            assert_eq!(row.who, A, "{}", row.id);
        }
    }

    #[test]
    fn a_literal_path_wins_and_an_unknown_one_has_no_row() {
        assert_eq!(find(&Method::POST, "/v1/licenses/claim").map(|row| row.id), Some("licenses.claim"));
        assert_eq!(find(&Method::GET, "/v1/licenses/lic_1").map(|row| row.id), Some("licenses.get"));
        assert!(find(&Method::GET, "/v1/nothing").is_none());
        assert!(find(&Method::GET, "/v1/licenses/").is_none());
        assert!(find(&Method::PUT, "/v1/licenses/lic_1").is_none());
        let row = find(&Method::DELETE, "/v1/licenses/a/seats/b").unwrap();
        let parameters: Vec<_> = row.parameters("/v1/licenses/a/seats/b").collect();
        assert_eq!(parameters, [("{id}", "a"), ("{seatId}", "b")]);
    }
}
