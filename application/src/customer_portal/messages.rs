//! The log of messages as the pages show it, and as a table to download.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::messages::Message;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLogEntry {
    /// Its id.
    pub message_id: String,
    /// To whom, in E.164.
    pub to: String,
    /// The sender id.
    pub from: String,
    /// What it says; none once that is removed.
    pub body: Option<String>,
    /// `queued`, `sent`, `delivered` or `failed`.
    pub status: String,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it was received.
    pub delivered_at: Option<Timestamp>,
    /// The operator.
    pub operator_name: Option<String>,
    /// Why it came to nothing.
    pub error_code: Option<String>,
}

impl From<&Message> for MessageLogEntry {
    fn from(message: &Message) -> Self {
        Self {
            message_id: message.message_id.clone(),
            to: message.to.clone(),
            from: message.from.clone(),
            body: message.body.clone(),
            status: message.status.clone(),
            submitted_at: message.submitted_at,
            delivered_at: message.delivered_at,
            operator_name: message.operator_name.clone(),
            error_code: message.error_code.clone(),
        }
    }
}

/// A step on a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// `submitted`, `sent`, `delivered` or `failed`.
    pub name: &'static str,
    /// When; none while it is still to come.
    pub at: Option<Timestamp>,
}

/// The way of a message: what happened, and what is still to come.
pub fn timeline(message: &Message) -> Vec<Step> {
    let last = if message.status == "failed" {
        Step { name: "failed", at: message.failed_at }
    } else {
        Step { name: "delivered", at: message.delivered_at }
    };
    let steps = [
        Step { name: "submitted", at: Some(message.submitted_at) },
        Step { name: "sent", at: message.sent_at },
        last,
    ];
    // What failed before it was handed over never was.
    steps
        .into_iter()
        .filter(|step| !(step.name == "sent" && step.at.is_none() && message.status == "failed"))
        .collect()
}

/// For which program a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// A spreadsheet: byte order mark, CRLF, nothing that looks like a formula.
    Excel,
    /// RFC 4180, untouched.
    Raw,
}

const COLUMNS: [&str; 9] =
    ["messageId", "to", "from", "body", "status", "submittedAt", "deliveredAt", "operatorName", "errorCode"];

/// Messages as comma-separated values: times in UTC, digits Latin.
pub fn csv(messages: &[Message], flavour: Flavour) -> String {
    let end = match flavour {
        Flavour::Excel => "\r\n",
        Flavour::Raw => "\n",
    };
    let mut text = String::with_capacity(messages.len().saturating_mul(160));
    if flavour == Flavour::Excel {
        text.push('\u{feff}');
    }
    text.push_str(&COLUMNS.join(","));
    text.push_str(end);
    for message in messages {
        let delivered = message.delivered_at.map(|at| at.to_string()).unwrap_or_default();
        let submitted = message.submitted_at.to_string();
        let cells: [&str; 9] = [
            &message.message_id,
            &message.to,
            &message.from,
            message.body.as_deref().unwrap_or_default(),
            &message.status,
            &submitted,
            &delivered,
            message.operator_name.as_deref().unwrap_or_default(),
            message.error_code.as_deref().unwrap_or_default(),
        ];
        for (place, value) in cells.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&cell(value, flavour));
        }
        text.push_str(end);
    }
    text
}

/// A cell; quoted where it has to be.
fn cell(value: &str, flavour: Flavour) -> String {
    let guarded = flavour == Flavour::Excel && value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let value = if guarded { format!("'{value}") } else { value.to_owned() };
    if value.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
}

#[cfg(test)]
pub(super) mod tests {
    use sarai_domain::kernel::{Currency, Price};

    use super::*;

    /// A delivered message.
    pub(crate) fn message() -> Message {
        Message {
            message_id: "msg_1".to_owned(),
            to: "+93701234567".to_owned(),
            from: "Bank".to_owned(),
            body: Some("=1+1, \"x\"".to_owned()),
            body_redacted_at: None,
            status: "delivered".to_owned(),
            submitted_at: "2026-04-18T10:00:00Z".parse().unwrap(),
            sent_at: Some("2026-04-18T10:00:01Z".parse().unwrap()),
            delivered_at: Some("2026-04-18T10:00:03Z".parse().unwrap()),
            failed_at: None,
            operator_name: Some("Roshan".to_owned()),
            error_code: None,
            key_id: None,
            encoding: "GSM7".to_owned(),
            segments: 1,
            price: Price::parse("0.01", Currency::parse("USD").unwrap()).unwrap(),
        }
    }

    #[test]
    fn a_spreadsheet_gets_no_formula_and_a_program_gets_what_was_sent() {
        let excel = csv(&[message()], Flavour::Excel);
        assert!(excel.starts_with("\u{feff}messageId,to,from,body,"));
        assert!(
            excel.contains("msg_1,'+93701234567,Bank,\"'=1+1, \"\"x\"\"\",delivered,2026-04-18T10:00:00")
        );
        assert!(excel.ends_with(",Roshan,\r\n"));
        let raw = csv(&[message()], Flavour::Raw);
        assert!(raw.contains("\nmsg_1,+93701234567,Bank,\"=1+1, \"\"x\"\"\","));
        assert!(!raw.contains('\r') && !raw.starts_with('\u{feff}'));
    }

    #[test]
    fn the_way_of_a_message_ends_once() {
        let names = |message: &Message| timeline(message).iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(&message()), ["submitted", "sent", "delivered"]);
        let failed = Message { status: "failed".to_owned(), sent_at: None, ..message() };
        assert_eq!(names(&failed), ["submitted", "failed"]);
        let queued = Message { status: "queued".to_owned(), sent_at: None, delivered_at: None, ..message() };
        assert_eq!(timeline(&queued)[2], Step { name: "delivered", at: None });
    }
}
