//! Sandboxes, their messages and their scenarios as they are asked for and shown.

use std::collections::{BTreeSet, HashMap};

use poem_openapi::{Enum, Object};
use sarai_application::devportal::sandboxes::{ReadMessage, SandboxRequest};
use sarai_domain::{
    devportal::{
        sandbox::{
            OnStart, SandboxError, SandboxSession, SandboxState, Says, Scenario, ScenarioRow, Usage, When,
        },
        template::Rendered,
        values::{Address, DestinationKind},
    },
    kernel::{Aggregate, id::kinds},
};

use super::members::at;
use crate::{
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Where a sandbox stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SandboxState", rename_all = "SCREAMING_SNAKE_CASE", remote = "SandboxState")]
pub enum ApiSandboxState {
    /// In use.
    Active,
    /// Its quota is used up; it can be read and reset.
    Exhausted,
    /// Its developer closed it.
    Closed,
    /// Its real time is over.
    Expired,
}

/// What a start meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ScenarioStart", rename_all = "SCREAMING_SNAKE_CASE", remote = "OnStart")]
pub enum ApiOnStart {
    /// It is accepted.
    Accept,
    /// It looks like fraud.
    FraudBlocked,
    /// The country is not allowed.
    CountryBlocked,
    /// The spend cap is reached.
    SpendCap,
    /// Too many starts.
    RateLimited,
}

/// What a pretended provider says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ScenarioWord", rename_all = "SCREAMING_SNAKE_CASE", remote = "Says")]
pub enum ApiSays {
    /// It takes the message.
    Accepted,
    /// It refuses it.
    Refused,
    /// Nothing: the connection times out.
    NoAnswer,
    /// A receipt: it arrived.
    Delivered,
    /// A receipt: it did not.
    Undelivered,
}

/// A sandbox to make.
#[derive(Debug, Object)]
#[oai(rename = "NewSandbox", rename_all = "camelCase")]
pub struct NewSandboxBody {
    /// What its codes come from: the same seed and the same calls give the same codes. Chance where nothing is said.
    seed: Option<u64>,
    /// How long it lives in real time: 3,600 to 604,800 seconds; a day where nothing is said.
    ttl_seconds: Option<u32>,
    /// Destinations that behave as another scenario: a number or an e-mail address, and `00` to `14`. At most 50.
    scenario_overrides: Option<HashMap<String, String>>,
    /// The webhook endpoints of environment SANDBOX that its events go to; all of the tenant's where none are named.
    #[oai(validator(max_items = 20))]
    webhook_endpoint_ids: Option<Vec<ApiId<kinds::WebhookEndpoint>>>,
}

/// By how much a sandbox's clock is moved.
#[derive(Debug, Object)]
#[oai(rename = "SandboxClock", rename_all = "camelCase")]
pub struct ClockBody {
    /// Forward, in seconds; 2,592,000 in all.
    pub(super) advance_seconds: i64,
}

/// How long a sandbox lives.
#[derive(Debug, Object)]
#[oai(rename = "SandboxExtension", rename_all = "camelCase")]
pub struct ExtendBody {
    /// From its beginning, in real time: at most 604,800 seconds.
    pub(super) ttl_seconds: u32,
}

/// How much a sandbox is used between two resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "SandboxUsage", rename_all = "camelCase")]
pub struct UsageBody {
    /// Verifications.
    verifications: u32,
    /// Messages in the inbox.
    messages: u32,
}

/// A destination that behaves otherwise than it looks.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "ScenarioOverride", rename_all = "camelCase")]
pub struct OverrideBody {
    /// The destination, hashed.
    destination_hash: String,
    /// Its scenario.
    scenario: String,
}

/// A sandbox: a world of its own with a clock of its own.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Sandbox", rename_all = "camelCase")]
pub struct SandboxBody {
    /// Its id.
    sandbox_id: ApiId<kinds::Sandbox>,
    /// Which developer's.
    account_id: ApiId<kinds::DeveloperAccount>,
    /// Whether it is the account's default, made on first use and kept alive by use.
    is_default: bool,
    /// Where it stands.
    state: ApiSandboxState,
    /// What its codes come from.
    seed: u64,
    /// The time in it. It stands still until its clock is moved.
    virtual_now: ApiTimestamp,
    /// By how many seconds its clock was moved.
    clock_offset_seconds: u32,
    /// What it may use.
    quota: UsageBody,
    /// What it used since the last reset.
    used: UsageBody,
    /// Destinations that behave otherwise than they look.
    scenario_overrides: Vec<OverrideBody>,
    /// The webhook endpoints that its events go to; all of the tenant's where none are named.
    webhook_endpoint_ids: Vec<ApiId<kinds::WebhookEndpoint>>,
    /// When it was made.
    created_at: ApiTimestamp,
    /// When it is over, in real time; its data is deleted within a day after that.
    expires_at: ApiTimestamp,
}

/// A message in a sandbox's inbox, as it would have been read.
#[derive(Clone, PartialEq, Eq, Object)]
#[oai(rename = "SandboxMessage", rename_all = "camelCase")]
pub struct MessageBody {
    /// Its id.
    message_id: ApiId<kinds::SandboxMessage>,
    /// When, by the sandbox's clock.
    at: ApiTimestamp,
    /// `SMS`, `VOICE`, `WHATSAPP` or `EMAIL`.
    channel: String,
    /// Where to.
    destination_masked: String,
    /// The verification.
    verification_id: ApiId<kinds::Verification>,
    /// The send.
    attempt_id: ApiId<kinds::DeliveryAttempt>,
    /// In which language.
    locale: String,
    /// An e-mail's subject.
    subject: Option<String>,
    /// What it says.
    body: String,
    /// Its code.
    code: String,
    /// Which code of the verification it is, from 1.
    generation: u32,
}

/// A word of a pretended provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Object)]
#[oai(rename = "ScenarioLine", rename_all = "camelCase")]
pub struct LineBody {
    /// So many virtual seconds after the send; none: as soon as the verification is approved.
    after_seconds: Option<u32>,
    /// What it says.
    says: ApiSays,
}

/// What the provider of a channel says.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "ScenarioScript", rename_all = "camelCase")]
pub struct ScriptBody {
    /// Of which channel; none: of every one that is not named before.
    channel: Option<String>,
    /// What it says, in order.
    lines: Vec<LineBody>,
}

/// A scenario, chosen by its destinations.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "SandboxScenario", rename_all = "camelCase")]
pub struct ScenarioBody {
    /// Its number, `00` to `14`.
    scenario: String,
    /// What it shows.
    summary: String,
    /// The number that stands for it.
    phone: String,
    /// The e-mail address that stands for it.
    email: String,
    /// What a start meets.
    on_start: ApiOnStart,
    /// How long the verification lives, in virtual seconds, where that is the point.
    ttl_seconds: Option<u16>,
    /// How often a pretended webhook receiver fails first.
    webhook_failures: u8,
    /// What providers say.
    script: Vec<ScriptBody>,
}

/// Every scenario.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "SandboxScenarios", rename_all = "camelCase")]
pub struct ScenariosBody {
    /// The catalogue.
    pub(super) data: Vec<ScenarioBody>,
}

fn override_of((to, number): (String, String)) -> Result<(Address, Scenario), Problem> {
    let pointer = format!("/scenarioOverrides/{}", to.replace('~', "~0").replace('/', "~1"));
    let kind = if to.contains('@') { DestinationKind::Email } else { DestinationKind::Phone };
    let address = at(&pointer, Address::parse(kind, &to))?;
    let scenario = Some(&number).filter(|text| text.len() == 2).and_then(|text| text.parse().ok());
    let scenario = scenario.ok_or(SandboxError::UnknownScenario).and_then(Scenario::try_new);
    Ok((address, at(&pointer, scenario)?))
}

impl NewSandboxBody {
    pub(super) fn parse(self) -> Result<SandboxRequest, Problem> {
        let overrides = self.scenario_overrides.unwrap_or_default().into_iter().map(override_of);
        let endpoints = self.webhook_endpoint_ids.unwrap_or_default();
        Ok(SandboxRequest {
            seed: self.seed,
            ttl_seconds: self.ttl_seconds,
            overrides: overrides.collect::<Result<_, _>>()?,
            webhooks: endpoints.into_iter().map(|id| id.0).collect::<BTreeSet<_>>().into_iter().collect(),
        })
    }
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self { verifications: usage.verifications, messages: usage.messages }
    }
}

impl From<&SandboxSession> for SandboxBody {
    fn from(sandbox: &SandboxSession) -> Self {
        let data = sandbox.data();
        let overrides = data.scenario_overrides.iter().map(|(hash, scenario)| OverrideBody {
            destination_hash: hash.to_string(),
            scenario: format!("{:02}", scenario.number()),
        });
        Self {
            sandbox_id: data.id.into(),
            account_id: data.account_id.into(),
            is_default: data.is_default,
            state: data.state.into(),
            seed: data.seed,
            virtual_now: sandbox.virtual_now().into(),
            clock_offset_seconds: data.clock_offset,
            quota: data.quota.into(),
            used: data.used.into(),
            scenario_overrides: overrides.collect(),
            webhook_endpoint_ids: data.webhook_endpoint_ids.iter().map(|id| (*id).into()).collect(),
            created_at: data.created_at.into(),
            expires_at: data.expires_at.into(),
        }
    }
}

impl From<ReadMessage> for MessageBody {
    fn from(read: ReadMessage) -> Self {
        let code = read.code().expose().to_owned();
        let ReadMessage { message, content } = read;
        let (subject, body) = match content {
            Rendered::Text { body, .. } => (None, body.to_string()),
            Rendered::Email { subject, text, .. } => (Some(subject), text.to_string()),
            Rendered::Speech { text, .. } => (None, text.to_string()),
        };
        Self {
            message_id: message.id.into(),
            at: message.at.into(),
            channel: message.channel.to_string(),
            destination_masked: message.destination_masked,
            verification_id: message.verification_id.into(),
            attempt_id: message.attempt_id.into(),
            locale: message.locale.as_str().to_owned(),
            subject,
            body,
            code,
            generation: message.generation,
        }
    }
}

impl From<&ScenarioRow> for ScenarioBody {
    fn from(row: &ScenarioRow) -> Self {
        let line = |line: &sarai_domain::devportal::sandbox::Line| LineBody {
            after_seconds: match line.when {
                When::After(seconds) => Some(seconds),
                When::AfterApproval => None,
            },
            says: line.says.into(),
        };
        let script = row.script.iter().map(|(channel, lines)| ScriptBody {
            channel: channel.map(|channel| channel.to_string()),
            lines: lines.iter().map(line).collect(),
        });
        let number = format!("{:02}", row.number);
        Self {
            summary: row.summary.to_owned(),
            phone: format!("+120255501{number}"),
            email: format!("{number}@sandbox.test"),
            on_start: row.on_start.into(),
            ttl_seconds: row.ttl_seconds,
            webhook_failures: row.webhook_failures,
            script: script.collect(),
            scenario: number,
        }
    }
}
