//! Codes of webhooks.

use super::{Code, code};

/// The rows.
#[rustfmt::skip]
pub(super) const CODES: &[Code] = &[
    code(422, "webhook.description_malformed", "Description malformed", "A description is one line of at most 200 characters."),
    code(422, "webhook.event_unknown", "Unknown event", "There is no such type of event: see event."),
    code(422, "webhook.events_out_of_range", "No events, or too many", "An endpoint asks for 1 to 50 types of event, or for * alone."),
    code(409, "webhook.limit_reached", "Too many endpoints", "The tenant has its 20 endpoints of this environment."),
    code(422, "webhook.overlap_out_of_range", "Overlap too long", "The old and the new secret are both valid for at most 7 days."),
    code(422, "webhook.sandbox_misplaced", "Sandbox misplaced", "Only an endpoint of the sandbox environment gets the events of one sandbox."),
    code(409, "webhook.still_pending", "Delivery still pending", "The delivery was not tried yet: wait for its first attempt."),
    code(422, "webhook.target_forbidden", "Target forbidden", "The host is, or leads to, an address that may not be called: only public ones may. A receiver on your own machine is admitted by --webhook-allow IP:PORT, and its certificate by --webhook-ca."),
    code(422, "webhook.url_malformed", "URL malformed", "An endpoint's URL begins with https://, names a public host, and has no user name, password or fragment; its port is 443 or from 1024 on."),
    code(422, "webhook.window_too_large", "Window too large", "At most 14 days are sent again at a time, and nothing of the future."),
];
