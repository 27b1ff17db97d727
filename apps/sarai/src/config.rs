//! Configuration: flags over environment over a TOML file over the defaults below.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use sarai_artifacts::Bucket;
use sarai_http::alerts::AlertKeys;
use sarai_ports::{
    devportal::AdmittedTargets,
    failpoint::{Failpoint, NoFailpoint},
};
use sarai_postgres::Urls;
use sarai_senders::SenderConfig;
use sarai_web::seal::SealingKey;
use serde::{Deserialize, Serialize};

use crate::stores::{self, Place};

/// Variables of the commands' own flags.
const NOT_OURS: &[&str] = &["config", "url", "email", "password", "token", "callback_url"];

/// Where a deployment is that does not say.
pub const PUBLIC_BASE: &str = "https://sarai.local";

/// Variables that the portal also reads without the prefix.
const PORTAL: &[&str] = &["portal_keys", "portal_public_origin"];

/// The file that is read when none is named and it exists.
pub const DEFAULT_FILE: &str = "sarai.toml";

/// What a process is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Everything embedded; keys are made at start.
    Development,
    /// Refuses everything that is not fit for real money.
    Production,
}

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Roles {
    /// Everything.
    All,
    /// The customer portal alone, over the API at `api_url`.
    Portal,
}

/// The effective configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Where `/metrics` listens; `off` for nowhere.
    pub admin_listen: String,
    /// What the process is run for.
    pub profile: Profile,
    /// Whether demo accounts, facts and a movable clock are there.
    pub demo: bool,
    /// What is logged, as a `tracing` filter.
    pub log: String,
    /// Requests a second per principal.
    pub rate_per_second: u32,
    /// Requests a principal may make at once.
    pub rate_burst: u32,
    /// Sign-ins a minute per address.
    pub sign_in_per_minute: u32,
    /// Sign-ins an address may make at once.
    pub sign_in_burst: u32,
    /// Proxies whose `X-Forwarded-For` is believed: addresses, several with commas.
    pub trusted_proxies: String,
    /// Handlers at work at once.
    pub concurrency: usize,
    /// Clients that wait for events at once.
    pub feed_slots: usize,
    /// Open connections at once.
    pub connections: usize,
    /// Minutes between two audits of everything stored; 0 for none.
    pub audit_every_minutes: u32,
    /// Where a crash test ends the process (`commit-after:3`); empty for nowhere.
    pub failpoint: String,
    /// The broker (`nats://host:port`, several with commas, `nats://user:password@host` for one that asks); empty for none.
    pub nats_url: Secret,
    /// The file of credentials that the broker asks for, when the address does not say who we are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_credentials: Option<PathBuf>,
    /// Certificates (PEM) that the broker is believed with besides the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_ca: Option<PathBuf>,
    /// How many copies of each stream the broker keeps.
    pub nats_replicas: usize,
    /// Where the store is: `postgres://…` as somebody who may create roles, or `sqlite:FILE`; the data folder when empty.
    pub database_url: Secret,
    /// Postgres as the role that migrates (production).
    pub migrate_url: Secret,
    /// Postgres as the role that serves tenants (production).
    pub app_url: Secret,
    /// Postgres as the role that works (production).
    pub worker_url: Secret,
    /// Postgres as the role that serves the platform's staff (production).
    pub platform_url: Secret,
    /// Where keys and what is stored here are kept.
    pub data_dir: PathBuf,
    /// The bucket of a service that speaks S3, for SDK artifacts; a folder in the data folder when empty.
    pub artifacts_bucket: String,
    /// The address of that service; Amazon's in the region when empty.
    pub artifacts_endpoint: String,
    /// The region that requests to it are signed for.
    pub artifacts_region: String,
    /// The access key's id.
    pub artifacts_key_id: String,
    /// The access key's secret.
    pub artifacts_secret: Secret,
    /// Whether nothing is kept longer than the process.
    pub memory: bool,
    /// Billing, when it is not to be stood in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_url: Option<String>,
    /// Enrollment, when it is not to be stood in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_url: Option<String>,
    /// Auth, when it is not to be stood in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_url: Option<String>,
    /// Messaging, when it is not to be stood in for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_url: Option<String>,
    /// A file of certificates (PEM) that the services around are believed with beside the public authorities.
    pub services_ca: Option<PathBuf>,
    /// The API that the customer portal shows, instead of this process's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// A file of certificates (PEM) that the API is believed with beside the public authorities.
    pub api_ca: Option<PathBuf>,
    /// What the process does.
    pub roles: Roles,
    /// What the portal's cookies are sealed with, `kid:base64` of 32 bytes each and commas between: the first seals, all
    /// open; of the key file when empty.
    pub portal_keys: Secret,
    /// Where people reach the portal (`https://portal.example`); where it listens when empty.
    pub portal_public_origin: String,
    /// Addresses that webhooks may go to beside public ones (`127.0.0.1:9443`, several with commas); not in production.
    pub webhook_allow: String,
    /// A file of certificates (PEM) that receivers of webhooks are believed with beside the public authorities; not in
    /// production.
    pub webhook_ca: Option<PathBuf>,
    /// A file with the public keys of GitHub's secret scanning, as `https://api.github.com/meta/public_keys/secret_scanning`
    /// lists them; without it no alert is taken.
    pub secret_alert_keys: Option<PathBuf>,
    /// Signs inbound messages of other services (`whsec_…`); of the key file when empty.
    pub inbound_secret: Secret,
    /// The inbound secret before, accepted while senders change over.
    pub inbound_secret_previous: Secret,
    /// Who carries codes to people, by name: `[senders.<name>]`, in the file only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub senders: BTreeMap<String, SenderConfig>,
}

/// A secret in a configuration: never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret, when there is one.
    pub fn reveal(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "" } else { "[redacted]" })
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            admin_listen: "127.0.0.1:9090".to_owned(),
            profile: Profile::Development,
            demo: true,
            log: "info".to_owned(),
            rate_per_second: 50,
            rate_burst: 200,
            sign_in_per_minute: 10,
            sign_in_burst: 30,
            trusted_proxies: String::new(),
            concurrency: 64,
            feed_slots: 1_000,
            connections: 10_000,
            audit_every_minutes: 60,
            failpoint: String::new(),
            nats_url: Secret::default(),
            nats_credentials: None,
            nats_ca: None,
            nats_replicas: 1,
            database_url: Secret::default(),
            migrate_url: Secret::default(),
            app_url: Secret::default(),
            worker_url: Secret::default(),
            platform_url: Secret::default(),
            data_dir: PathBuf::from("sarai-data"),
            artifacts_bucket: String::new(),
            artifacts_endpoint: String::new(),
            artifacts_region: "us-east-1".to_owned(),
            artifacts_key_id: String::new(),
            artifacts_secret: Secret::default(),
            memory: false,
            billing_url: None,
            enrollment_url: None,
            auth_url: None,
            messaging_url: None,
            services_ca: None,
            api_url: None,
            api_ca: None,
            roles: Roles::All,
            portal_keys: Secret::default(),
            portal_public_origin: String::new(),
            webhook_allow: String::new(),
            webhook_ca: None,
            secret_alert_keys: None,
            inbound_secret: Secret::default(),
            inbound_secret_previous: Secret::default(),
            senders: BTreeMap::new(),
        }
    }
}

/// The flags that set configuration; each has an environment variable `SARAI_<NAME>` and a TOML key.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct Flags {
    /// The TOML file; who carries codes to people, `[senders.<name>]`, stands there only [default: sarai.toml, when it exists]
    #[arg(long, global = true, value_name = "FILE", env = "SARAI_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// Where the API listens [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Where /metrics listens, or `off` [default: 127.0.0.1:9090]
    #[arg(long, global = true, value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin_listen: Option<String>,
    /// What the process is run for [default: development]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// Demo accounts, demo facts and a movable clock [default: true]
    #[arg(long, global = true, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub demo: Option<bool>,
    /// The broker to publish every event to [default: none]
    #[arg(long, global = true, value_name = "nats://HOST:PORT", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_url: Option<String>,
    /// The file of credentials that the broker asks for, when its address names no user [default: none]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_credentials: Option<PathBuf>,
    /// Certificates (PEM) that the broker is believed with [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_ca: Option<PathBuf>,
    /// How many copies of each stream the broker keeps [default: 1]
    #[arg(long, global = true, value_name = "COUNT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nats_replicas: Option<usize>,
    /// Where the store is: `postgres://…` or `sqlite:FILE` [default: sarai.db in the data folder]
    #[arg(long, global = true, value_name = "URL", hide_env_values = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Where keys and what is stored here are kept [default: sarai-data]
    #[arg(long, global = true, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// Keep nothing longer than the process [default: false]
    #[arg(
        long,
        global = true,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<bool>,
    /// Billing, instead of its stand-in
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_url: Option<String>,
    /// Enrollment, instead of its stand-in
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_url: Option<String>,
    /// Auth, instead of its stand-in
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_url: Option<String>,
    /// Messaging, instead of its stand-in
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messaging_url: Option<String>,
    /// Certificates (PEM) that the services around are believed with [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services_ca: Option<PathBuf>,
    /// The API that the customer portal shows, instead of this process's
    #[arg(long, global = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_url: Option<String>,
    /// Certificates (PEM) that the API is believed with [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_ca: Option<PathBuf>,
    /// What the process does: everything, or the customer portal alone [default: all]
    #[arg(long, global = true)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Roles>,
    /// Where people reach the portal [default: where it listens]
    #[arg(long, global = true, value_name = "https://HOST")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal_public_origin: Option<String>,
    /// Addresses that webhooks may go to beside public ones: several with commas, or given again [default: none]
    #[arg(long, global = true, value_name = "IP:PORT", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "joined")]
    pub webhook_allow: Vec<String>,
    /// Certificates (PEM) that receivers of webhooks are believed with [default: the public authorities]
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_ca: Option<PathBuf>,
    /// What is logged, as a filter such as `info,sarai_http=debug` [default: info]
    #[arg(long, global = true, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

fn joined<S: serde::Serializer>(texts: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&texts.join(","))
}

/// Why there is no configuration to run with.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value that is not understood, with where it came from.
    #[error(transparent)]
    Value(#[from] Box<figment::Error>),
    /// The file that was named is not there.
    #[error("there is no configuration file {}", .0.display())]
    NoFile(PathBuf),
    /// A value that cannot be run with.
    #[error("`{key}` {reason}")]
    Unusable {
        /// The key.
        key: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError`], naming the key and where its value came from.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let file = flags.config.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_FILE));
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if Path::new(&file).is_file() {
            figment = figment.merge(Toml::file_exact(file));
        } else if flags.config.is_some() {
            return Err(ConfigError::NoFile(file));
        }
        let config: Self = figment
            .merge(Env::raw().only(PORTAL))
            .merge(Env::prefixed("SARAI_").ignore(NOT_OURS))
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(Box::new)?;
        config.check()?;
        Ok(config)
    }

    /// Where `/metrics` listens, when it does.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a text that is no address.
    pub fn admin_address(&self) -> Result<Option<SocketAddr>, ConfigError> {
        if self.admin_listen == "off" {
            return Ok(None);
        }
        let wrong = |_| ConfigError::Unusable {
            key: "admin_listen",
            reason: format!("is an address or `off`, not `{}`", self.admin_listen),
        };
        self.admin_listen.parse().map(Some).map_err(wrong)
    }

    /// Where a crash test ends the process, when it does.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a text that names no failpoint, and for any in production.
    pub fn failpoint(&self) -> Result<Option<Failpoint>, ConfigError> {
        let wrong = |reason: String| ConfigError::Unusable { key: "failpoint", reason };
        match self.failpoint.as_str() {
            "" => Ok(None),
            _ if self.profile == Profile::Production => Err(wrong("is for tests".to_owned())),
            text => text.parse().map(Some).map_err(|error: NoFailpoint| wrong(error.to_string())),
        }
    }

    /// The addresses that webhooks may go to beside public ones: with a port, or with every port.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a text that is no address.
    pub fn webhook_targets(&self) -> Result<AdmittedTargets, ConfigError> {
        let read = |text: &str| {
            let with_port = text.parse::<SocketAddr>().map(|address| (address.ip(), Some(address.port())));
            let target = with_port.ok().or_else(|| Some((text.parse().ok()?, None)));
            target.ok_or_else(|| ConfigError::Unusable {
                key: "webhook_allow",
                reason: format!("is addresses such as `127.0.0.1:9443`, not `{text}`"),
            })
        };
        let texts = self.webhook_allow.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(read).collect::<Result<_, _>>().map(AdmittedTargets)
    }

    /// The proxies whose word about a client's address is taken.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a text that is no address.
    pub fn proxies(&self) -> Result<Vec<IpAddr>, ConfigError> {
        let read = |text: &str| {
            text.parse().map(|address: IpAddr| address.to_canonical()).map_err(|_| ConfigError::Unusable {
                key: "trusted_proxies",
                reason: format!("is addresses such as `10.0.0.1`, not `{text}`"),
            })
        };
        let texts = self.trusted_proxies.split(',').map(str::trim).filter(|text| !text.is_empty());
        texts.map(read).collect()
    }

    /// Where things are kept; none when nothing is.
    pub fn data_folder(&self) -> Option<&Path> {
        Some(self.data_dir.as_path()).filter(|_| !self.memory)
    }

    /// How long to wait between two audits of everything stored, when they are on.
    pub fn audit_pause(&self) -> Option<Duration> {
        let minutes = Some(self.audit_every_minutes).filter(|minutes| *minutes > 0);
        minutes.map(|minutes| Duration::from_mins(minutes.into()))
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.admin_address()?;
        self.failpoint()?;
        self.webhook_targets()?;
        self.proxies()?;
        let counts = [
            ("rate_per_second", self.rate_per_second),
            ("rate_burst", self.rate_burst),
            ("sign_in_per_minute", self.sign_in_per_minute),
            ("sign_in_burst", self.sign_in_burst),
            ("concurrency", u32::try_from(self.concurrency).unwrap_or(u32::MAX)),
            ("feed_slots", u32::try_from(self.feed_slots).unwrap_or(u32::MAX)),
            ("nats_replicas", u32::try_from(self.nats_replicas).unwrap_or(u32::MAX)),
            ("connections", u32::try_from(self.connections).unwrap_or(u32::MAX)),
        ];
        if let Some((key, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(ConfigError::Unusable { key, reason: "is at least 1".to_owned() });
        }
        self.portal_keys()?;
        self.check_origin()?;
        if self.roles == Roles::Portal {
            return self.check_portal();
        }
        self.check_place()?;
        self.check_bucket()?;
        if self.profile == Profile::Production { self.check_production() } else { Ok(()) }
    }

    /// Where the store is.
    pub fn place(&self) -> Place<'_> {
        match self.database_url.reveal() {
            _ if self.memory => Place::Memory,
            Some(url) => match url.strip_prefix("sqlite:") {
                Some(path) => Place::Sqlite(path.strip_prefix("//").unwrap_or(path).into()),
                None => Place::Postgres(url),
            },
            None if self.app_url.reveal().is_some() => Place::Roles,
            None => Place::Sqlite(self.data_dir.join(stores::FILE)),
        }
    }

    /// The URLs of the roles, when all of those that serve are given.
    pub fn role_urls(&self) -> Option<Urls> {
        let url = |secret: &Secret| secret.reveal().map(str::to_owned);
        Some(Urls {
            migrate: url(&self.migrate_url).unwrap_or_default(),
            app: url(&self.app_url)?,
            worker: url(&self.worker_url)?,
            platform: url(&self.platform_url)?,
        })
    }

    fn check_place(&self) -> Result<(), ConfigError> {
        let unusable = |key, reason: &str| Err(ConfigError::Unusable { key, reason: reason.to_owned() });
        if let Some(url) = self.database_url.reveal() {
            if self.memory {
                return unusable("memory", "keeps nothing, and `database_url` says where to keep it");
            }
            let known = ["sqlite:", "postgres://", "postgresql://"];
            if !known.iter().any(|scheme| url.starts_with(scheme)) {
                return unusable("database_url", "begins with `postgres://` or `sqlite:`");
            }
        }
        let urls = [&self.app_url, &self.worker_url, &self.platform_url];
        let given = urls.iter().filter(|url| url.reveal().is_some()).count();
        if given != 0 && given != urls.len() {
            return unusable(
                "app_url",
                "is given together with `worker_url` and `platform_url`, or none of them is",
            );
        }
        Ok(())
    }

    /// The bucket that keeps SDK artifacts, when one does.
    pub fn bucket(&self) -> Option<Bucket> {
        (!self.artifacts_bucket.is_empty()).then(|| Bucket {
            name: self.artifacts_bucket.clone(),
            endpoint: Some(self.artifacts_endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
            region: self.artifacts_region.clone(),
            key_id: self.artifacts_key_id.clone(),
            secret: self.artifacts_secret.reveal().unwrap_or_default().to_owned(),
        })
    }

    fn check_bucket(&self) -> Result<(), ConfigError> {
        let unusable = |key, reason: &str| Err(ConfigError::Unusable { key, reason: reason.to_owned() });
        let Some(Bucket { endpoint, key_id, secret, .. }) = self.bucket() else { return Ok(()) };
        let schemes = ["https://", "http://"];
        if endpoint.is_some_and(|endpoint| !schemes.iter().any(|scheme| endpoint.starts_with(scheme))) {
            return unusable("artifacts_endpoint", "begins with `https://` or `http://`");
        }
        if key_id.is_empty() || secret.is_empty() {
            return unusable("artifacts_key_id", "is given together with `artifacts_secret` and a bucket");
        }
        Ok(())
    }

    /// The keys of the portal's cookies that were given: none, when those of the key file are used.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a text that is none.
    pub fn portal_keys(&self) -> Result<Vec<SealingKey>, ConfigError> {
        let texts = self.portal_keys.reveal().unwrap_or_default();
        let texts = texts.split(',').map(str::trim).filter(|text| !text.is_empty());
        let keys: Option<Vec<SealingKey>> = texts.map(|text| text.parse().ok()).collect();
        let unusable = |reason: &str| ConfigError::Unusable { key: "portal_keys", reason: reason.to_owned() };
        let keys = keys.ok_or_else(|| {
            unusable("is keys such as `kid2:BASE64,kid1:BASE64`: an id of letters and digits, then 32 bytes")
        })?;
        let mut ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(unusable("has an id twice"));
        }
        Ok(keys)
    }

    /// Who may say that a key was found in public: nobody where no file is named.
    ///
    /// # Errors
    /// [`ConfigError::Unusable`] for a file that cannot be read or is no list of keys.
    pub fn alert_keys(&self) -> Result<AlertKeys, ConfigError> {
        let unusable = |reason| ConfigError::Unusable { key: "secret_alert_keys", reason };
        let Some(path) = &self.secret_alert_keys else { return Ok(AlertKeys::default()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| unusable(format!("cannot be read from {}: {error}", path.display())))?;
        AlertKeys::parse(&text).map_err(|error| unusable(format!("is not a list of keys: {error}")))
    }

    /// Whether people reach the portal over TLS.
    pub fn is_secure(&self) -> bool {
        match self.portal_public_origin.as_str() {
            "" => self.profile == Profile::Production,
            origin => origin.starts_with("https://"),
        }
    }

    /// Where people reach this deployment: the base of the issuers of what it signs for others.
    pub fn public_base(&self) -> &str {
        match self.portal_public_origin.trim() {
            "" => PUBLIC_BASE,
            origin => origin,
        }
    }

    fn check_origin(&self) -> Result<(), ConfigError> {
        let origin = self.portal_public_origin.as_str();
        let rest = ["https://", "http://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
        let bare = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']));
        if origin.is_empty() || bare {
            return Ok(());
        }
        let reason = "is an origin such as `https://portal.example`, without a path".to_owned();
        Err(ConfigError::Unusable { key: "portal_public_origin", reason })
    }

    /// A process of the portal alone has no store; for real money it has keys that others share, and TLS on both sides.
    fn check_portal(&self) -> Result<(), ConfigError> {
        let production = self.profile == Profile::Production;
        let api = self.api_url.as_deref().unwrap_or_default();
        let near =
            ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|own| api.starts_with(own));
        let refusals = [
            ("api_url", api.is_empty(), "is set for `roles = \"portal\"`"),
            ("demo", production && self.demo, "is off in the profile `production`"),
            (
                "portal_keys",
                production && self.portal_keys.reveal().is_none(),
                "is set in the profile `production`",
            ),
            (
                "portal_public_origin",
                production && !self.is_secure(),
                "begins with `https://` in the profile `production`",
            ),
            (
                "portal_public_origin",
                production && self.portal_public_origin.is_empty(),
                "is set in the profile `production`",
            ),
            (
                "api_url",
                production && !near && !api.starts_with("https://"),
                "begins with `https://` in the profile `production`: sessions travel there",
            ),
        ];
        refused(&refusals)
    }

    /// What real money wants: a database with roles of its own, and services that nobody stands in for.
    fn check_production(&self) -> Result<(), ConfigError> {
        let unset = |url: &Option<String>| url.is_none();
        let refusals = [
            ("demo", self.demo, "is off in the profile `production`"),
            ("memory", self.memory, "is off in the profile `production`"),
            ("webhook_allow", !self.webhook_allow.is_empty(), "is not set in the profile `production`"),
            ("webhook_ca", self.webhook_ca.is_some(), "is not set in the profile `production`"),
            ("billing_url", unset(&self.billing_url), "is set in the profile `production`"),
            ("enrollment_url", unset(&self.enrollment_url), "is set in the profile `production`"),
            ("auth_url", unset(&self.auth_url), "is set in the profile `production`"),
            ("messaging_url", unset(&self.messaging_url), "is set in the profile `production`"),
            ("app_url", self.app_url.reveal().is_none(), "is set in the profile `production`"),
            ("database_url", self.database_url.reveal().is_some(), "is not set in the profile `production`"),
        ];
        refused(&refusals)
    }
}

/// The first of these that is so.
fn refused(refusals: &[(&'static str, bool, &str)]) -> Result<(), ConfigError> {
    match refusals.iter().find(|(_, refused, _)| *refused) {
        Some((key, _, reason)) => Err(ConfigError::Unusable { key, reason: (*reason).to_owned() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_the_defaults() {
        let file = std::env::temp_dir().join(format!("sarai-config-{}.toml", std::process::id()));
        std::fs::write(&file, "listen = \"127.0.0.1:1111\"\nrate_burst = 7\n").unwrap();
        let listen = Some(SocketAddr::from(([127, 0, 0, 1], 2222)));
        let flags = Flags { config: Some(file.clone()), listen, ..Flags::default() };
        let config = Config::load(&flags).unwrap();
        std::fs::remove_file(file).unwrap();
        assert_eq!((config.listen.port(), config.rate_burst), (2222, 7));
        assert_eq!(config.rate_per_second, Config::default().rate_per_second);
    }

    #[test]
    fn what_cannot_be_run_with_is_named() {
        let missing = Flags { config: Some("no/such/file.toml".into()), ..Flags::default() };
        assert!(matches!(Config::load(&missing), Err(ConfigError::NoFile(_))));
        let production = Flags { profile: Some(Profile::Production), ..Flags::default() };
        assert!(Config::load(&production).unwrap_err().to_string().contains("demo"));
        let production = Flags { demo: Some(false), ..production };
        assert!(Config::load(&production).unwrap_err().to_string().contains("billing_url"));
        let failing = |profile, failpoint: &str| {
            let config = Config { profile, failpoint: failpoint.to_owned(), ..Config::default() };
            config.check().map_err(|error| error.to_string())
        };
        assert_eq!(failing(Profile::Development, "done:1"), Ok(()));
        assert!(failing(Profile::Development, "done").unwrap_err().contains("commit-after:3"));
        assert!(failing(Profile::Production, "done:1").unwrap_err().contains("is for tests"));
        let proxied = |trusted: &str| {
            let config = Config { trusted_proxies: trusted.to_owned(), ..Config::default() };
            config.check().and_then(|()| config.proxies()).map_err(|error| error.to_string())
        };
        let read: Vec<IpAddr> = vec![[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        assert_eq!(proxied("10.0.0.1, ::ffff:10.0.0.2"), Ok(read));
        assert!(proxied("10.0.0.0/8").unwrap_err().contains("trusted_proxies"));
        let nowhere = Flags { admin_listen: Some("nowhere".to_owned()), ..Flags::default() };
        assert!(Config::load(&nowhere).unwrap_err().to_string().contains("admin_listen"));
    }

    #[test]
    fn a_bucket_is_asked_for_with_a_key_at_an_address() {
        let with = |endpoint: &str, key_id: &str, secret: &str| {
            let config = Config {
                artifacts_bucket: "sdks".to_owned(),
                artifacts_endpoint: endpoint.to_owned(),
                artifacts_key_id: key_id.to_owned(),
                artifacts_secret: Secret(secret.to_owned()),
                ..Config::default()
            };
            config.check().map_err(|error| error.to_string())
        };
        assert_eq!(Config::default().bucket().map(|bucket| bucket.name), None);
        assert_eq!(with("", "key", "secret"), Ok(()));
        assert_eq!(with("http://127.0.0.1:9000", "key", "secret"), Ok(()));
        assert!(with("ftp://there", "key", "secret").unwrap_err().contains("artifacts_endpoint"));
        assert!(with("", "key", "").unwrap_err().contains("artifacts_key_id"));
        assert!(with("", "", "secret").unwrap_err().contains("artifacts_key_id"));
    }

    #[test]
    fn a_portal_of_its_own_says_what_it_lacks() {
        let key = |id: &str| format!("{id}:{}", "AAAA".repeat(10) + "AAA=");
        let with = |profile, api: &str, keys: &str, origin: &str| {
            let config = Config {
                profile,
                demo: profile == Profile::Development,
                roles: Roles::Portal,
                api_url: Some(api.to_owned()).filter(|url| !url.is_empty()),
                portal_keys: Secret(keys.to_owned()),
                portal_public_origin: origin.to_owned(),
                ..Config::default()
            };
            config.check().map_err(|error| error.to_string())
        };
        let (dev, production) = (Profile::Development, Profile::Production);
        let (api, origin) = ("https://api.example", "https://portal.example");
        assert_eq!(with(dev, "http://api.example:8080", "", ""), Ok(()), "it makes a key");
        assert!(with(dev, "", "", "").unwrap_err().contains("api_url"));
        let both = format!("{},{}", key("b2"), key("a1"));
        assert_eq!(with(production, api, &both, origin), Ok(()));
        assert_eq!(with(production, "http://127.0.0.1:8080", &both, origin), Ok(()));
        for (api, keys, origin, named) in [
            (api, "", origin, "portal_keys"),
            (api, &*both, "", "portal_public_origin"),
            (api, &both, "http://portal.example", "portal_public_origin"),
            ("http://api.example", &both, origin, "api_url"),
            (api, "short:AAAA", origin, "portal_keys"),
            (api, &format!("{0},{0}", key("a1")), origin, "twice"),
            (api, &key("a.b"), origin, "portal_keys"),
            (api, &both, "https://portal.example/path", "portal_public_origin"),
        ] {
            let said = with(production, api, keys, origin).unwrap_err();
            assert!(said.contains(named) && !said.contains("AAAA"), "{said}");
        }
        let ids = |keys: &str| {
            let config = Config { portal_keys: Secret(keys.to_owned()), ..Config::default() };
            config.portal_keys().unwrap().into_iter().map(|key| key.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(&both), ["b2", "a1"], "the first seals");
    }

    #[test]
    fn secrets_are_never_printed() {
        let config = Config { inbound_secret: Secret("whsec_c2VjcmV0".to_owned()), ..Config::default() };
        assert!(!format!("{config:?}").contains("whsec_"));
        assert!(!toml::to_string(&config).unwrap().contains("whsec_"));
    }
}
