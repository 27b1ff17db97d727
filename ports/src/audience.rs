//! In whose feeds an event appears (ruling R42): one table, and nobody hears of a topic that is not in it.
//!
//! What each of them is shown of it is the application's to cut; see its `marketplace::view`.

use sarai_domain::{
    devportal::{event::DevportalEvent, values::Environment},
    kernel::TenantId,
    marketplace::{event::MarketplaceEvent, license::LicenseEvent, order::OrderEvent},
};

use crate::{Event, feed::FeedId};

/// Whom an event is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The tenant of the aggregate: a buyer, a provider, the platform for its own coupons.
    Owner,
    /// Whoever sells what it is about.
    Sellers,
}

use Audience::{Owner, Sellers};

/// The audiences of every topic. Before money has moved for good, an order's payment is between the buyer and
/// the platform: sellers hear that it was placed, paid, fulfilled, given back or given up.
#[rustfmt::skip]
pub const AUDIENCES: &[(&str, &[Audience])] = &[
    ("marketplace.listing.submitted.v1",          &[Owner]),
    ("marketplace.listing.withdrawn.v1",          &[Owner]),
    ("marketplace.listing.rejected.v1",           &[Owner]),
    ("marketplace.listing.approved.v1",           &[Owner]),
    ("marketplace.listing.live.v1",               &[Owner]),
    ("marketplace.listing.suspended.v1",          &[Owner]),
    ("marketplace.listing.reinstated.v1",         &[Owner]),
    ("marketplace.listing.revision_proposed.v1",  &[Owner]),
    ("marketplace.listing.revision_withdrawn.v1", &[Owner]),
    ("marketplace.listing.revision_approved.v1",  &[Owner]),
    ("marketplace.listing.revision_rejected.v1",  &[Owner]),
    ("marketplace.listing.retired.v1",            &[Owner]),
    ("marketplace.order.placed.v1",               &[Owner, Sellers]),
    ("marketplace.order.payment_requested.v1",    &[Owner]),
    ("marketplace.order.paid.v1",                 &[Owner, Sellers]),
    ("marketplace.order.payment_failed.v1",       &[Owner]),
    ("marketplace.order.payment_mismatched.v1",   &[Owner]),
    ("marketplace.order.payment_after_close.v1",  &[Owner]),
    ("marketplace.order.payment_duplicate.v1",    &[Owner]),
    ("marketplace.order.stray_returned.v1",       &[Owner]),
    ("marketplace.order.cancel_requested.v1",     &[Owner]),
    ("marketplace.order.fulfilled.v1",            &[Owner, Sellers]),
    ("marketplace.order.refund_requested.v1",     &[Owner]),
    ("marketplace.order.refund_failed.v1",        &[Owner]),
    ("marketplace.order.refunded.v1",             &[Owner, Sellers]),
    ("marketplace.order.returned.v1",             &[Owner, Sellers]),
    ("marketplace.order.failed.v1",               &[Owner, Sellers]),
    ("marketplace.license.granted.v1",            &[Owner, Sellers]),
    ("marketplace.license.seat_assigned.v1",      &[Owner, Sellers]),
    ("marketplace.license.seat_released.v1",      &[Owner, Sellers]),
    ("marketplace.license.waitlist_filled.v1",    &[Owner]),
    ("marketplace.license.lease_issued.v1",       &[Owner]),
    ("marketplace.license.expired.v1",            &[Owner, Sellers]),
    ("marketplace.license.revoked.v1",            &[Owner, Sellers]),
    ("marketplace.license.renewed.v1",            &[Owner, Sellers]),
    ("marketplace.coupon.created.v1",             &[Owner]),
    ("marketplace.coupon.edited.v1",              &[Owner]),
    ("marketplace.coupon.deactivated.v1",         &[Owner]),
    ("marketplace.coupon.reserved.v1",            &[Owner]),
    ("marketplace.coupon.confirmed.v1",           &[Owner]),
    ("marketplace.coupon.released.v1",            &[Owner]),
    ("marketplace.earnings.accrued.v1",           &[Owner]),
    ("marketplace.earnings.ready.v1",             &[Owner]),
    ("marketplace.earnings.paid.v1",              &[Owner]),
    ("marketplace.statement.anchored.v1",         &[Owner]),
    // How a purchase is run, and what a quote held, is nobody's outside.
    ("marketplace.saga.command_issued.v1",        &[]),
    ("marketplace.saga.compensation_started.v1",  &[]),
    ("marketplace.saga.needs_attention.v1",       &[]),
    ("marketplace.saga.finished.v1",              &[]),
    ("marketplace.quote.opened.v1",               &[]),
    ("marketplace.quote.used.v1",                 &[]),
    ("marketplace.quote.expired.v1",              &[]),
    ("devportal.account.registered.v1",           &[Owner]),
    ("devportal.account.suspended.v1",            &[Owner]),
    ("devportal.account.reinstated.v1",           &[Owner]),
    ("devportal.account.closed.v1",               &[Owner]),
    ("devportal.key.created.v1",                  &[Owner]),
    ("devportal.key.revoked.v1",                  &[Owner]),
    ("devportal.key.rotated.v1",                  &[Owner]),
    ("devportal.key.expiring_soon.v1",            &[Owner]),
    ("devportal.key.exposed.v1",                  &[Owner]),
    // A key that was never shown to anybody.
    ("devportal.key.discarded.v1",                &[]),
    ("devportal.verify.requested.v1",             &[Owner]),
    ("devportal.verify.sent.v1",                  &[Owner]),
    ("devportal.verify.send_settled.v1",          &[Owner]),
    ("devportal.verify.delivered.v1",             &[Owner]),
    ("devportal.verify.channel_advanced.v1",      &[Owner]),
    ("devportal.verify.approved.v1",              &[Owner]),
    ("devportal.verify.failed.v1",                &[Owner]),
    ("devportal.verify.expired.v1",               &[Owner]),
    ("devportal.verify.blocked.v1",               &[Owner]),
    ("devportal.verify.policy_changed.v1",        &[Owner]),
    ("devportal.verify.spend_policy_changed.v1",  &[Owner]),
    ("devportal.verify.spend_cap_hit.v1",         &[Owner]),
    ("devportal.verify.spend_threshold.v1",       &[Owner]),
    ("devportal.template.approved.v1",            &[Owner]),
    ("devportal.template.rejected.v1",            &[Owner]),
    ("devportal.template.archived.v1",            &[Owner]),
    ("devportal.sandbox.created.v1",              &[Owner]),
    ("devportal.sandbox.closed.v1",               &[Owner]),
    // Of the platform, for everybody: no tenant's feed.
    ("devportal.sdk.released.v1",                 &[]),
    ("devportal.sdk.deprecated.v1",               &[]),
    ("devportal.sdk.yanked.v1",                   &[]),
    ("devportal.sdk.downloaded.v1",               &[]),
    ("devportal.docs.published.v1",               &[]),
    ("devportal.docs.moved.v1",                   &[]),
    ("devportal.docs.archived.v1",                &[]),
    ("devportal.webhook.disabled.v1",             &[Owner]),
];

/// The feeds in which an event of this owner's aggregate appears, each once. What happens in sandboxes is not mixed with
/// what happens (ruling R11).
pub fn audiences_of(owner: &TenantId, event: &Event) -> Vec<FeedId> {
    let world = event.devportal().and_then(DevportalEvent::environment).unwrap_or(Environment::Production);
    let topic = event.topic();
    let row = AUDIENCES.iter().find(|(known, _)| *known == topic);
    let mut feeds = Vec::new();
    for audience in row.map(|(_, audiences)| *audiences).unwrap_or_default() {
        let found = match audience {
            Owner => vec![owner.clone()],
            Sellers => sellers_of(event),
        };
        for feed in found.into_iter().map(|tenant| FeedId::new(tenant, world)) {
            if !feeds.contains(&feed) {
                feeds.push(feed);
            }
        }
    }
    feeds
}

/// Who sells what an event is about.
fn sellers_of(event: &Event) -> Vec<TenantId> {
    match event.marketplace() {
        Some(MarketplaceEvent::Order(event)) => sellers_of_order(event),
        Some(MarketplaceEvent::License(event)) => vec![seller_of_license(event)],
        _ => Vec::new(),
    }
}

/// The sellers of the lines it names; of every line, when it names none.
fn sellers_of_order(event: &OrderEvent) -> Vec<TenantId> {
    let lines = event.line_ids();
    let concerned = event.order().sellers.iter().filter(|seller| {
        lines.as_ref().is_none_or(|lines| seller.order_line_ids.iter().any(|line| lines.contains(line)))
    });
    concerned.map(|seller| seller.provider_tenant_id.clone()).collect()
}

fn seller_of_license(event: &LicenseEvent) -> TenantId {
    event.license().provider_tenant_id.clone()
}
