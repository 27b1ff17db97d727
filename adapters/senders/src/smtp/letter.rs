//! The e-mail itself: text and HTML, and headers that nothing in a template, a brand or an address can add to.

use lettre::{
    Message,
    address::Envelope,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};
use sarai_domain::devportal::{template::Rendered, values::Address};
use sarai_ports::devportal::Outgoing;
use zeroize::Zeroizing;

use crate::config::{Account, Endpoint, Problem};

/// What goes over the line.
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Our id of it, without brackets: what a bounce names.
    pub(super) message_id: String,
}

/// What a machine that answers every letter should know (RFC 3834), and in which language it is.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
const SUPPRESS: HeaderName = HeaderName::new_from_ascii_str("X-Auto-Response-Suppress");
const LANGUAGE: HeaderName = HeaderName::new_from_ascii_str("Content-Language");

/// Who sends: what is configured, else the account where it is an address, else nobody in particular at the relay.
pub(super) fn sender(
    from: Option<&str>,
    account: Option<&Account>,
    endpoint: &Endpoint,
) -> Result<Mailbox, Problem> {
    let rule = "an e-mail address, perhaps with a name: \"Sarai <no-reply@example.com>\"";
    if let Some(from) = from {
        return from.parse().map_err(|_| Problem::Value { setting: "from", rule });
    }
    let of_account = account.and_then(|account| account.user.parse().ok());
    let of_relay = || format!("no-reply@{}", endpoint.host).parse();
    match of_account {
        Some(mailbox) => Ok(mailbox),
        None => of_relay().map_err(|_| Problem::Missing { setting: "from", kind: crate::SenderKind::Smtp }),
    }
}

/// Builds it.
pub(super) fn letter(message: &Outgoing, from: &Mailbox) -> Result<Letter, &'static str> {
    let (Rendered::Email { subject, text, html }, Address::Email(to)) = (&message.content, &message.to)
    else {
        return Err("not_an_email");
    };
    let to: lettre::Address = to.as_str().parse().map_err(|_| "invalid_address")?;
    let message_id = format!("{}@{}", message.attempt_id, from.email.domain());
    // A line break in a subject would be the end of the header.
    let subject: String = subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let raw = |name, value: &str| HeaderValue::new(name, value.to_owned());
    let built = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(subject)
        .message_id(Some(format!("<{message_id}>")))
        .raw_header(raw(AUTO_SUBMITTED, "auto-generated"))
        .raw_header(raw(SUPPRESS, "All"))
        .raw_header(raw(LANGUAGE, message.locale.as_str()))
        .multipart(MultiPart::alternative_plain_html(text.to_string(), html.to_string()))
        .map_err(|_| "invalid_content")?;
    let envelope = built.envelope().clone();
    Ok(Letter { envelope, bytes: Zeroizing::new(built.formatted()), message_id })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use sarai_domain::{
        devportal::values::{Channel, EmailAddress, Locale},
        kernel::{DeliveryAttemptId, Ulid},
    };

    use super::*;

    const HEADERS: [&str; 9] = [
        "Auto-Submitted",
        "Content-Language",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
    ];

    proptest! {
        #[test]
        fn whatever_is_written_adds_no_header(subject in "[\\PC\r\n\t:<>]{0,120}", text in "[\\PC\r\n.:]{0,200}") {
            let message = Outgoing {
                attempt_id: DeliveryAttemptId::new(Ulid::from(7)),
                channel: Channel::Email,
                to: Address::Email(EmailAddress::parse("a@example.org").unwrap()),
                locale: Locale::Fa,
                content: Rendered::Email { subject, text: Zeroizing::new(text.clone()), html: Zeroizing::new(text) },
            };
            let built = letter(&message, &"Sarai <no-reply@example.com>".parse().unwrap()).unwrap();
            let raw = std::str::from_utf8(&built.bytes).unwrap();
            prop_assert!(raw.is_ascii());
            let head = raw.split("\r\n\r\n").next().unwrap();
            let names = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
            let names: Vec<_> = names.map(|line| line.split(':').next().unwrap()).collect();
            let known = names.iter().copied().filter(|name| *name != "X-Auto-Response-Suppress");
            prop_assert_eq!(known.collect::<BTreeSet<_>>(), BTreeSet::from(HEADERS));
            prop_assert_eq!(names.len(), HEADERS.len() + 1);
            prop_assert_eq!(built.envelope.to().len(), 1);
        }
    }
}
