//! Verifications as the pages show them, and the filters of their list.

use sarai_domain::kernel::Timestamp;
use sarai_ports::customer_portal::verify::{
    Verification, VerificationEntry, VerificationQuery, VerificationSend, VerificationSummary,
};

use super::{keys::FieldError, numbers};

/// Where a verification may stand.
pub const STATES: &[&str] = &["pending", "delivered", "approved", "failed", "expired"];
/// The channels there are.
pub const CHANNELS: &[&str] = &["sms", "voice", "whatsapp", "email"];
/// What may happen to a verification.
const KINDS: &[&str] = &[
    "started",
    "reused",
    "queued",
    "send",
    "refused",
    "checked",
    "incorrect",
    "approved",
    "failed",
    "expired",
];

/// Which verifications a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerificationFilters {
    /// Where they stand.
    pub state: Option<&'static str>,
    /// The channel they are at.
    pub channel: Option<&'static str>,
    /// In which sandbox.
    pub sandbox: Option<String>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

impl VerificationFilters {
    /// The filters of an address. What is empty is none; what is wrong is told, so that it never looks like an answer.
    ///
    /// # Errors
    /// What is wrong.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<FieldError>> {
        let (mut filters, mut errors) = (Self::default(), Vec::new());
        let mut one_of = |known: &[&'static str], value: &str, field, message| {
            let found = known.iter().copied().find(|name| *name == value);
            if found.is_none() {
                errors.push(FieldError { field, message });
            }
            found
        };
        for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
            match name {
                "state" => filters.state = one_of(STATES, value, "state", "error-verify-state"),
                "channel" => filters.channel = one_of(CHANNELS, value, "channel", "error-verify-channel"),
                "sandbox" => filters.sandbox = Some(value.to_owned()),
                "cursor" => filters.cursor = Some(value.to_owned()),
                _ => {}
            }
        }
        if errors.is_empty() { Ok(filters) } else { Err(errors) }
    }

    /// The same as an address has them, in one order.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("state", self.state),
            ("channel", self.channel),
            ("sandbox", self.sandbox.as_deref()),
            ("cursor", self.cursor.as_deref()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The first part of the same list.
    #[must_use]
    pub fn from_the_start(&self) -> Self {
        Self { cursor: None, ..self.clone() }
    }

    /// Whether they leave anything out.
    pub fn narrow(&self) -> bool {
        self.state.is_some() || self.channel.is_some()
    }

    /// What the API is asked.
    pub fn query(&self) -> VerificationQuery {
        let word = |name: Option<&str>| name.map(str::to_ascii_uppercase);
        VerificationQuery {
            state: word(self.state),
            channel: word(self.channel),
            sandbox_id: self.sandbox.clone(),
        }
    }
}

/// A word of the API as it stands in the ids of sentences.
pub fn word(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// A verification in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationItem {
    /// Its id.
    pub verification_id: String,
    /// Where it stands.
    pub state: String,
    /// Why it failed.
    pub failure: Option<String>,
    /// What for.
    pub purpose: String,
    /// The channel it is at.
    pub channel: Option<String>,
    /// Where the code goes, masked.
    pub destination: Option<String>,
    /// The phone's country.
    pub country: Option<String>,
    /// When it began.
    pub started_at: Timestamp,
    /// What it cost so far.
    pub cost: String,
}

impl From<&VerificationSummary> for VerificationItem {
    fn from(summary: &VerificationSummary) -> Self {
        Self {
            verification_id: summary.verification_id.clone(),
            state: word(&summary.state),
            failure: summary.failure_reason.as_deref().map(word),
            purpose: word(&summary.purpose),
            channel: summary.current_channel.as_deref().map(word),
            destination: summary.destination_masked.clone(),
            country: summary.country_code.clone(),
            started_at: summary.started_at,
            cost: numbers::price(&summary.cost),
        }
    }
}

/// A send as its row shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendItem {
    /// Over which channel.
    pub channel: String,
    /// Who sends it.
    pub provider: Option<String>,
    /// Where it stands.
    pub status: String,
    /// What went wrong.
    pub error: Option<String>,
    /// How many messages it was.
    pub segments: Option<u8>,
    /// What it cost, or was quoted at.
    pub price: String,
    /// Whether that is settled.
    pub settled: bool,
    /// When it was asked for.
    pub queued_at: Timestamp,
}

impl From<&VerificationSend> for SendItem {
    fn from(send: &VerificationSend) -> Self {
        Self {
            channel: word(&send.channel),
            provider: send.provider.clone(),
            status: word(&send.status),
            error: send.error_code.clone(),
            segments: send.segments,
            price: numbers::price(send.price.as_ref().unwrap_or(&send.quote)),
            settled: send.price.is_some(),
            queued_at: send.queued_at,
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// The id of its sentence.
    pub sentence: String,
    /// Over which channel.
    pub channel: Option<String>,
    /// Where the send stands.
    pub status: Option<String>,
    /// Why, for a machine.
    pub reason: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
}

impl Happened {
    /// An entry; one about a send learns the send's channel.
    fn of(entry: &VerificationEntry, sends: &[VerificationSend]) -> Self {
        let kind = KINDS.iter().find(|kind| **kind == entry.kind).unwrap_or(&"other");
        let of = |id: &String| sends.iter().find(|send| send.attempt_id == *id);
        let sent = entry.attempt_id.as_ref().and_then(of).map(|send| &send.channel);
        Self {
            at: entry.at,
            sentence: format!("entry-{kind}"),
            channel: entry.channel.as_ref().or(sent).map(|channel| word(channel)),
            status: entry.status.as_deref().map(word),
            reason: [entry.reason.as_deref(), entry.bucket.as_deref()]
                .into_iter()
                .flatten()
                .map(str::to_owned)
                .reduce(|reason, bucket| format!("{reason} ({bucket})")),
            request_id: entry.request_id.clone(),
        }
    }
}

/// A verification with everything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationDetail {
    /// As in the list.
    pub item: VerificationItem,
    /// Who sends.
    pub brand: String,
    /// The channels it tries, in order.
    pub channels: Vec<String>,
    /// The language of its messages.
    pub locale: String,
    /// The key that began it.
    pub key_id: String,
    /// How many checks were counted.
    pub attempts: u32,
    /// How many are left.
    pub attempts_remaining: u32,
    /// How many sends are left.
    pub sends_remaining: u32,
    /// What is held for sends that are not settled.
    pub reserved: String,
    /// When its time is over.
    pub expires_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// What can be asked of it now.
    pub actions: Vec<String>,
    /// Its sandbox.
    pub sandbox_id: Option<String>,
    /// Its code, which only a sandbox tells.
    pub code: Option<String>,
    /// Its sends, in order.
    pub sends: Vec<SendItem>,
    /// What happened, in order.
    pub way: Vec<Happened>,
}

impl From<&Verification> for VerificationDetail {
    fn from(verification: &Verification) -> Self {
        let summary = &verification.summary;
        // Whatever an answer says: outside a sandbox no code is shown.
        let sandbox = verification.sandbox.as_ref().filter(|_| summary.environment == "SANDBOX");
        Self {
            item: summary.into(),
            brand: verification.brand.clone(),
            channels: summary.channel_order.iter().map(|step| word(&step.channel)).collect(),
            locale: summary.locale_used.clone(),
            key_id: summary.api_key_id.clone(),
            attempts: summary.attempts,
            attempts_remaining: summary.attempts_remaining,
            sends_remaining: summary.sends_remaining,
            reserved: numbers::price(&summary.reserved),
            expires_at: summary.expires_at,
            ended_at: summary.ended_at,
            actions: verification.allowed_actions.clone(),
            sandbox_id: sandbox.map(|sandbox| sandbox.sandbox_id.clone()),
            code: sandbox.and_then(|sandbox| sandbox.code.clone()),
            sends: verification.sends.iter().map(SendItem::from).collect(),
            way: verification.timeline.iter().map(|entry| Happened::of(entry, &verification.sends)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verification(environment: &str) -> Verification {
        let price = |amount: &str| serde_json::json!({"amount": amount, "currency": "USD"});
        let at = "2026-04-18T09:30:00Z";
        serde_json::from_value(serde_json::json!({
            "verificationId": "ver_1", "environment": environment, "state": "FAILED",
            "failureReason": "MAX_ATTEMPTS", "purpose": "SIGN_IN", "currentChannel": "SMS",
            "channelOrder": [{"channel": "SMS", "waitSeconds": 60}, {"channel": "VOICE", "waitSeconds": 60}],
            "attempts": 5, "attemptsRemaining": 0, "sendsRemaining": 3, "expiresAt": at, "localeUsed": "ps",
            "destinationMasked": "+93•••••4567", "countryCode": "AF", "apiKeyId": "key_1", "startedAt": at,
            "cost": price("0.007900"), "reserved": price("0.000000"), "brand": "Shop", "codeLength": 6,
            "advanceOn": "NOT_DELIVERED", "resendPolicy": "SAME_CODE", "metadata": {}, "allowedActions": [],
            "sandbox": {"sandboxId": "sbx_1", "code": "123456"},
            "sends": [{"attemptId": "dat_1", "channel": "SMS", "generation": 1, "status": "UNDELIVERED",
                "errorCode": "absent_subscriber", "quote": price("0.007900"), "queuedAt": at}],
            "timeline": [{"at": at, "kind": "send", "attemptId": "dat_1", "status": "UNDELIVERED"},
                {"at": at, "kind": "refused", "reason": "rate_limited", "bucket": "destination"},
                {"at": at, "kind": "something-new"}],
        }))
        .unwrap()
    }

    #[test]
    fn a_code_is_shown_in_a_sandbox_and_nowhere_else() {
        let shown = VerificationDetail::from(&verification("SANDBOX"));
        assert_eq!((shown.code.as_deref(), shown.sandbox_id.as_deref()), (Some("123456"), Some("sbx_1")));
        let hidden = VerificationDetail::from(&verification("PRODUCTION"));
        assert_eq!((hidden.code, hidden.sandbox_id), (None, None));
    }

    #[test]
    fn a_verification_is_told_in_words_that_the_pages_have() {
        let detail = VerificationDetail::from(&verification("PRODUCTION"));
        assert_eq!(
            (detail.item.state.as_str(), detail.item.failure.unwrap().as_str()),
            ("failed", "max-attempts")
        );
        assert_eq!((detail.item.purpose.as_str(), detail.item.cost.as_str()), ("sign-in", "0.0079 USD"));
        assert_eq!(detail.channels, ["sms", "voice"]);
        let send = detail.sends.first().unwrap();
        assert_eq!((send.price.as_str(), send.settled), ("0.0079 USD", false));
        let told: Vec<_> = detail.way.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(told, ["entry-send", "entry-refused", "entry-other"]);
        assert_eq!(detail.way[0].channel.as_deref(), Some("sms"));
        assert_eq!(detail.way[1].reason.as_deref(), Some("rate_limited (destination)"));
    }

    #[test]
    fn filters_are_written_as_they_were_read_and_a_wrong_one_is_told() {
        let read = |pairs: &[(&'static str, &'static str)]| VerificationFilters::parse(pairs.iter().copied());
        let all = [("state", "failed"), ("channel", "sms"), ("sandbox", "sbx_1"), ("cursor", "c")];
        let filters = read(&all).unwrap();
        assert_eq!(filters.pairs(), all);
        assert_eq!(filters.query().state.as_deref(), Some("FAILED"));
        assert_eq!(filters.from_the_start().pairs(), all[..3]);
        let bare = read(&[("state", ""), ("env", "sandbox")]).unwrap();
        assert!(bare.pairs().is_empty() && !bare.narrow() && filters.narrow());
        let errors = read(&[("state", "FAILED"), ("channel", "pigeon")]).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), ["state", "channel"]);
    }
}
