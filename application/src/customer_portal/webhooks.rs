//! Webhooks as the pages show them, and the form for one.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::webhooks::Webhook;

use super::keys::FieldError;

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookConfig {
    /// Its id.
    pub webhook_id: String,
    /// Where it is.
    pub url: String,
    /// What it is told.
    pub events: Vec<String>,
    /// When its secret was shown, once; it is not here.
    pub secret_shown_at: Timestamp,
    /// `active` or `disabled`.
    pub status: &'static str,
    /// Why it is disabled.
    pub disabled_reason: Option<String>,
    /// Since when nothing reaches it.
    pub failing_since: Option<Timestamp>,
    /// When something was delivered last.
    pub last_delivery_at: Option<Timestamp>,
    /// How many deliveries failed within a day.
    pub failures_24h: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its version.
    pub version: u64,
}

impl From<&Webhook> for WebhookConfig {
    fn from(webhook: &Webhook) -> Self {
        Self {
            webhook_id: webhook.webhook_id.clone(),
            url: webhook.url.clone(),
            events: webhook.events.clone(),
            secret_shown_at: webhook.secret_created_at,
            status: if webhook.status == "ACTIVE" { "active" } else { "disabled" },
            disabled_reason: webhook.disabled_reason.clone(),
            failing_since: webhook.failing_since,
            last_delivery_at: webhook.last_delivery_at,
            failures_24h: webhook.failures_24h.unwrap_or_default(),
            created_at: webhook.created_at,
            version: webhook.version,
        }
    }
}

impl WebhookConfig {
    /// Whether somebody should look at it.
    pub fn is_in_trouble(&self) -> bool {
        self.status == "disabled" && self.disabled_reason.as_deref() != Some("USER")
            || self.failing_since.is_some()
    }
}

/// What an endpoint can be told, by subject.
pub const EVENTS: &[(&str, &[&str])] = &[
    (
        "messages",
        &["messaging.message.sent.v1", "messaging.message.delivered.v1", "messaging.message.failed.v1"],
    ),
    (
        "keys",
        &[
            "devportal.key.created.v1",
            "devportal.key.rotated.v1",
            "devportal.key.revoked.v1",
            "devportal.key.expiring_soon.v1",
            "devportal.key.exposed.v1",
        ],
    ),
    (
        "verify",
        &[
            "devportal.verify.requested.v1",
            "devportal.verify.delivered.v1",
            "devportal.verify.approved.v1",
            "devportal.verify.failed.v1",
            "devportal.verify.expired.v1",
            "devportal.verify.blocked.v1",
        ],
    ),
    ("webhooks", &["devportal.webhook.disabled.v1"]),
];

/// The form for an endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookForm {
    /// Where it is.
    pub url: String,
    /// What it is to be told.
    pub events: Vec<String>,
    /// The version that was in sight when it was filled in; 0 for a new one.
    pub version: u64,
}

impl WebhookForm {
    /// What was typed. An endpoint may know events that the form does not offer; they are kept.
    pub fn of<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name {
                "url" => value.trim().clone_into(&mut form.url),
                "version" => form.version = value.parse().unwrap_or_default(),
                "event" if !value.is_empty() => form.events.push(value.to_owned()),
                _ => {}
            }
        }
        form
    }

    /// What is wrong with it.
    pub fn errors(&self) -> Vec<FieldError> {
        let error = |field, message| FieldError { field, message };
        let mut errors = Vec::new();
        let rest = match self.url.split_at_checked("https://".len()) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https://") => rest,
            _ => "",
        };
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() {
            errors.push(error("url", "error-webhook-url"));
        } else if host.contains('@') || rest.contains('#') {
            errors.push(error("url", "error-webhook-url-parts"));
        }
        if self.events.is_empty() {
            errors.push(error("event", "error-webhook-events"));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_is_wrong_with_it() {
        let form = |url: &str| WebhookForm::of([("url", url), ("event", "messaging.message.sent.v1")]);
        let messages =
            |form: WebhookForm| form.errors().iter().map(|error| error.message).collect::<Vec<_>>();
        assert!(messages(form(" https://example.com/hook?a=b ")).is_empty());
        assert!(messages(form("HTTPS://example.com/")).is_empty());
        for url in ["", "http://example.com", "https://", "example.com"] {
            assert_eq!(messages(form(url)), ["error-webhook-url"], "{url}");
        }
        for url in ["https://a:b@example.com/", "https://example.com/#x"] {
            assert_eq!(messages(form(url)), ["error-webhook-url-parts"], "{url}");
        }
        assert_eq!(messages(WebhookForm::of([("url", "https://example.com")])), ["error-webhook-events"]);
    }
}
