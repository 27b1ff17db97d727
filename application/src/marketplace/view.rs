//! What a tenant is shown of an event in its feed (ruling R42): pure cuts of the envelope's `data`.
//!
//! - A seller of an order sees the members listed here and its own lines, and nobody's user id.
//! - The owner sees everything but how a price is shared between provider and platform, which is the
//!   provider's. User ids are for those who act for the whole tenant (ruling R64).

use sarai_domain::{
    kernel::TenantId,
    marketplace::{event::MarketplaceEvent, order::OrderEvent},
};
use sarai_ports::{Event, events::EventRecord, marketplace::platform};
use serde_json::{Map, Value};

use crate::envelope::{Envelope, EnvelopeError};

/// Who reads a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Whose feed it is.
    pub tenant_id: TenantId,
    /// Whether the reader acts for the whole tenant, and so may know its users.
    pub knows_users: bool,
}

/// What a seller is shown of an order's events, by topic; `lines` are cut to its own. A topic that is not here
/// shows a seller nothing.
#[rustfmt::skip]
const SOLD: &[(&str, &[&str])] = &[
    ("marketplace.order.placed.v1",    &["orderId", "buyerTenantId", "currency", "lines", "placedAt"]),
    ("marketplace.order.paid.v1",      &["orderId", "buyerTenantId", "lines", "refundDeadline", "paidAt"]),
    ("marketplace.order.fulfilled.v1", &["orderId", "buyerTenantId", "lines", "fulfilledAt"]),
    ("marketplace.order.refunded.v1",  &["orderId", "buyerTenantId", "refundId", "source", "lines", "fulfilledAt",
                                         "refundedAt"]),
    ("marketplace.order.returned.v1",  &["orderId", "buyerTenantId", "returnedAt"]),
    ("marketplace.order.failed.v1",    &["orderId", "buyerTenantId", "failedAt"]),
];

/// How a price is shared: the provider's and the platform's business.
const SHARES: &[&str] = &["feeAmount", "providerAmount", "platformBps"];

/// Names of members that say who a person is.
fn names_a_person(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["userid", "userids", "learner", "learnerid", "deviceid", "email", "actor"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// An event as a reader of a feed is shown it.
///
/// # Errors
/// When the event cannot be written as a JSON object.
pub fn shown(record: &EventRecord, reader: &Reader) -> Result<Envelope, EnvelopeError> {
    let mut envelope = Envelope::of(record)?;
    let owns = record.tenant_id == reader.tenant_id;
    let order = order_of(&record.event);
    let sold_by_reader = order.map(|event| lines_sold_by(event, &reader.tenant_id)).unwrap_or_default();
    if !owns && order.is_some() {
        let members = SOLD.iter().find(|(topic, _)| *topic == envelope.topic).map(|(_, members)| *members);
        cut_to_seller(&mut envelope.data, members.unwrap_or_default(), &sold_by_reader);
    }
    if owns && order.is_some() {
        hide_shares(&mut envelope.data, &sold_by_reader);
    }
    // Whoever uses a provider's coupon is not of its tenant.
    let coupon = matches!(record.event, Event::Marketplace(MarketplaceEvent::Coupon(_)));
    let foreign = coupon && reader.tenant_id != platform();
    // What a tenant has elsewhere is everybody's there (ruling R75).
    let shared = owns && record.event.marketplace().is_none();
    if !shared && (!owns || !reader.knows_users || foreign) {
        without(&mut envelope.data, &names_a_person);
    }
    Ok(envelope)
}

/// The order's event, when it is one.
fn order_of(event: &Event) -> Option<&OrderEvent> {
    match event {
        Event::Marketplace(MarketplaceEvent::Order(event)) => Some(event),
        _ => None,
    }
}

/// The ids of the lines of an order that a tenant sells.
fn lines_sold_by(event: &OrderEvent, tenant: &TenantId) -> Vec<String> {
    let own = event.order().sellers.iter().filter(|seller| seller.provider_tenant_id == *tenant);
    own.flat_map(|seller| &seller.order_line_ids).map(ToString::to_string).collect()
}

/// Leaves these members, and of the lines these.
fn cut_to_seller(data: &mut Map<String, Value>, members: &[&str], own: &[String]) {
    data.retain(|name, _| members.contains(&name.as_str()));
    if let Some(Value::Array(lines)) = data.get_mut("lines") {
        lines.retain(|line| line_id(line).is_some_and(|id| own.iter().any(|own| own == id)));
    }
}

/// Hides the shares of lines that are not the reader's own sales.
fn hide_shares(data: &mut Map<String, Value>, own: &[String]) {
    for line in data.get_mut("lines").and_then(Value::as_array_mut).into_iter().flatten() {
        let is_own = line_id(line).is_some_and(|id| own.iter().any(|own| own == id));
        if let Value::Object(line) = line
            && !is_own
        {
            line.retain(|name, _| !SHARES.contains(&name.as_str()));
        }
    }
}

/// A line is an id, or names its own.
fn line_id(line: &Value) -> Option<&str> {
    line.as_str().or_else(|| line.get("orderLineId")?.as_str())
}

/// Drops every member of such a name, however deep.
fn without(data: &mut Map<String, Value>, dropped: &impl Fn(&str) -> bool) {
    data.retain(|name, _| !dropped(name));
    data.values_mut().for_each(|value| without_in(value, dropped));
}

fn without_in(value: &mut Value, dropped: &impl Fn(&str) -> bool) {
    match value {
        Value::Object(members) => without(members, dropped),
        Value::Array(items) => items.iter_mut().for_each(|item| without_in(item, dropped)),
        _ => {}
    }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
