//! `[senders.<name>]` of the configuration, and everything that can be wrong with it, said before anything is sent.

use std::{fmt, path::PathBuf};

use sarai_domain::devportal::values::{Channel, CountryCode};
use serde::{Deserialize, Serialize};
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::secret::{self, SecretError};

/// What a sender speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SenderKind {
    /// E-mail.
    Smtp,
    /// Text messages: SMPP 3.4.
    Smpp,
    /// The contract `fixtures/contracts/sender-http.yaml`.
    Http,
}

/// One table `[senders.<name>]` (ruling R19).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SenderConfig {
    /// What it speaks.
    pub kind: SenderKind,
    /// Where: `smtp://` (`STARTTLS`), `smtps://`, `smpp://`, `smpps://`, `http://` or `https://`, a host, a port.
    pub url: Url,
    /// Who we are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Holds the password, or the secrets that sign: one a line, the first signs, every one is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The channels it serves.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// The countries it serves; none means every one.
    #[serde(default)]
    pub countries: Vec<CountryCode>,
    /// Whether it may go without TLS to another machine.
    #[serde(default)]
    pub insecure: bool,
    /// Who sends: an e-mail address, perhaps with a name; a number or up to 11 letters on a phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Certificates that are trusted besides the public ones, in PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Holds the secrets that sign callbacks; `http` has those of `password_file` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts_file: Option<PathBuf>,
}

/// What is wrong with a sender's configuration, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("[senders.{sender}] {problem}")]
pub struct ConfigError {
    /// Whose.
    pub sender: String,
    /// What.
    pub problem: Problem,
}

/// What can be wrong.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The name cannot be in a path.
    #[error("is no name: take 1 to 32 small letters, digits and hyphens, a letter first")]
    Name,
    /// The scheme is another kind's.
    #[error("url: `{kind}` speaks {expected}, not `{found}`")]
    Scheme {
        /// The kind.
        kind: SenderKind,
        /// Its schemes.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// No host, or more than an address.
    #[error(
        "url: write scheme://host:port and, for http, a path; user and password have settings of their own"
    )]
    Address,
    /// Without TLS to another machine.
    #[error("url: {scheme}:// to another machine goes in clear: use {secure}://, or set insecure = true")]
    Insecure {
        /// What is there.
        scheme: String,
        /// What to take.
        secure: &'static str,
    },
    /// Nothing to do.
    #[error("channels: name at least one of {0}")]
    NoChannel(&'static str),
    /// Not for this kind.
    #[error("channels: `{kind}` cannot serve {channel}; it can serve {offered}")]
    Channel {
        /// The kind.
        kind: SenderKind,
        /// What is there.
        channel: Channel,
        /// What could be.
        offered: &'static str,
    },
    /// An address has no country.
    #[error("countries: an e-mail address has none; leave it out")]
    EmailCountry,
    /// Who we are is missing.
    #[error("{setting}: `{kind}` needs it")]
    Missing {
        /// The setting.
        setting: &'static str,
        /// The kind.
        kind: SenderKind,
    },
    /// One without the other.
    #[error("user and password_file go together: set both or none")]
    HalfCredentials,
    /// A value that the protocol cannot carry.
    #[error("{setting}: {rule}")]
    Value {
        /// The setting.
        setting: &'static str,
        /// What it has to be.
        rule: &'static str,
    },
    /// A file with a secret.
    #[error("{setting}: {error}")]
    Secret {
        /// The setting.
        setting: &'static str,
        /// What is wrong.
        error: SecretError,
    },
    /// A file with certificates.
    #[error("ca_file: {0}")]
    Certificates(String),
    /// Two for the same.
    #[error("serves {channel} {place}, as [senders.{other}] does: leave it to one of them")]
    Overlap {
        /// The other one.
        other: String,
        /// The channel.
        channel: Channel,
        /// The country, or everywhere.
        place: String,
    },
}

/// What a kind speaks and serves.
struct Traits {
    plain: &'static str,
    secure: &'static str,
    channels: &'static [Channel],
    offered: &'static str,
    schemes: &'static str,
}

#[rustfmt::skip]
const KINDS: [Traits; 3] = [
    Traits { plain: "smtp", secure: "smtps", channels: &[Channel::Email], offered: "EMAIL", schemes: "smtp:// or smtps://" },
    Traits { plain: "smpp", secure: "smpps", channels: &[Channel::Sms], offered: "SMS", schemes: "smpp:// or smpps://" },
    Traits { plain: "http", secure: "https", channels: &[Channel::Sms, Channel::Whatsapp, Channel::Voice], offered: "SMS, WHATSAPP, VOICE", schemes: "http:// or https://" },
];

impl SenderKind {
    fn traits(self) -> &'static Traits {
        let [mail, text, any] = &KINDS;
        match self {
            Self::Smtp => mail,
            Self::Smpp => text,
            Self::Http => any,
        }
    }
}

impl fmt::Display for SenderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.traits().plain)
    }
}

/// Where a sender connects to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// TLS from the first byte.
    pub(crate) tls: bool,
    /// Whether clear text may go there.
    pub(crate) clear: bool,
}

/// Who we are.
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) password: Zeroizing<String>,
}

impl SenderConfig {
    /// That all of it makes sense, apart from files.
    pub(crate) fn check(&self) -> Result<Endpoint, Problem> {
        let traits = self.kind.traits();
        if self.channels.is_empty() {
            return Err(Problem::NoChannel(traits.offered));
        }
        if let Some(channel) = self.channels.iter().find(|channel| !traits.channels.contains(channel)) {
            return Err(Problem::Channel { kind: self.kind, channel: *channel, offered: traits.offered });
        }
        if self.kind == SenderKind::Smtp && !self.countries.is_empty() {
            return Err(Problem::EmailCountry);
        }
        self.endpoint(traits)
    }

    fn endpoint(&self, traits: &Traits) -> Result<Endpoint, Problem> {
        let url = &self.url;
        let tls = url.scheme() == traits.secure;
        if !tls && url.scheme() != traits.plain {
            let found = format!("{}://", url.scheme());
            return Err(Problem::Scheme { kind: self.kind, expected: traits.schemes, found });
        }
        let path = self.kind == SenderKind::Http || matches!(url.path(), "" | "/");
        let bare = url.username().is_empty() && url.password().is_none() && path;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Problem::Address)?;
        if !bare || url.query().is_some() || url.fragment().is_some() {
            return Err(Problem::Address);
        }
        let clear = self.insecure || is_loopback(url);
        // SMTP is told to begin TLS on its own, and does not go on where it cannot.
        if !tls && !clear && self.kind != SenderKind::Smtp {
            let scheme = url.scheme().to_owned();
            return Err(Problem::Insecure { scheme, secure: traits.secure });
        }
        let port = url.port_or_known_default().unwrap_or(match (self.kind, tls) {
            (SenderKind::Smtp, false) => 587,
            (SenderKind::Smtp, true) => 465,
            (SenderKind::Smpp, false) => 2775,
            (SenderKind::Smpp, true) => 3550,
            (SenderKind::Http, false) => 80,
            (SenderKind::Http, true) => 443,
        });
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Endpoint { host, port, tls, clear })
    }

    /// Who we are, where that is said.
    pub(crate) fn account(&self) -> Result<Option<Account>, Problem> {
        match (&self.user, &self.password_file) {
            (None, None) => Ok(None),
            (Some(user), Some(file)) => {
                let password = secret::password(file)
                    .map_err(|error| Problem::Secret { setting: "password_file", error })?;
                Ok(Some(Account { user: user.clone(), password }))
            }
            (Some(_), None) | (None, Some(_)) => Err(Problem::HalfCredentials),
        }
    }

    /// The secrets that sign what we say, and what is said to us.
    pub(crate) fn signing(&self) -> Result<secret::Secrets, Problem> {
        let missing = Problem::Missing { setting: "password_file", kind: self.kind };
        let file = self.password_file.as_ref().ok_or(missing)?;
        secret::secrets(file).map_err(|error| Problem::Secret { setting: "password_file", error })
    }

    /// The secrets of its callbacks; none where it has no callbacks.
    pub(crate) fn receipts(&self) -> Result<Option<secret::Secrets>, Problem> {
        match &self.receipts_file {
            Some(file) => secret::secrets(file)
                .map(Some)
                .map_err(|error| Problem::Secret { setting: "receipts_file", error }),
            None if self.kind == SenderKind::Http => self.signing().map(Some),
            None => Ok(None),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // A scheme that is not a browser's keeps its host as it was written.
        Some(Host::Domain(name)) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// That a name can stand in a path and in a log.
pub(crate) fn is_name(name: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.len() <= 32 && name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(known)
}
