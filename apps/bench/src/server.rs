//! The server under measurement: the release binary over a database of its own.

use std::{fs, io, net::SocketAddr, time::Duration};

use sarai_services::{Cluster, SaraiProcess};

use crate::{options::Store, tokens};

/// Settings that keep limits out of the way; all else is as shipped.
const SETTINGS: &[(&str, &str)] = &[
    ("SARAI_LOG", "warn"),
    ("SARAI_RATE_PER_SECOND", "1000000"),
    ("SARAI_RATE_BURST", "1000000"),
    ("SARAI_SIGN_IN_PER_MINUTE", "1000"),
    ("SARAI_SIGN_IN_BURST", "1000"),
    ("SARAI_AUDIT_EVERY_MINUTES", "0"),
];

/// A server that runs.
#[derive(Debug)]
pub(crate) struct Server {
    process: SaraiProcess,
    /// The services around it, where they are not a part of it.
    _services: Option<SaraiProcess>,
    /// The database, when it has one in the cluster.
    pub(crate) database: Option<String>,
}

/// Where the stand-ins of the services around a server are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Services {
    /// In the server, as a bare `sarai serve` has them.
    Inside,
    /// In a process of their own, as services are in a deployment.
    Outside,
}

impl Server {
    /// Starts one over this database, which must exist, with these settings besides.
    pub(crate) fn start(
        cluster: &Cluster,
        store: Store,
        database: &str,
        settings: &[(&str, &str)],
        services: Services,
    ) -> io::Result<Self> {
        let mut process = SaraiProcess::new(SaraiProcess::built()?)?;
        for (name, value) in SETTINGS.iter().chain(settings) {
            process = process.env(name, value);
        }
        let database = match store {
            Store::Postgres => {
                process = process.args(["--database-url", &cluster.url(database)]);
                Some(database.to_owned())
            }
            Store::Default => None,
        };
        tokens::key_file(process.dir())?;
        let services = match services {
            Services::Inside => None,
            Services::Outside => {
                let folder = process.dir().join("sarai-data").display().to_string();
                let around = SaraiProcess::standins(SaraiProcess::built()?, &process.url())?;
                let mut around = around.args(["--data-dir", &folder]).env("SARAI_LOG", "warn");
                for service in ["billing", "enrollment", "auth", "messaging"] {
                    process =
                        process.args([format!("--{service}-url"), format!("{}/{service}", around.url())]);
                }
                around.start()?;
                Some(around)
            }
        };
        process.start()?;
        Ok(Self { process, _services: services, database })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.process.address()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> io::Result<u32> {
        let text = fs::read_to_string(self.process.dir().join("pid"))?;
        text.trim().parse().map_err(|_| io::Error::other("the server's process has no number"))
    }

    /// Ends it in good order.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        self.process.terminate(Duration::from_mins(1)).map(drop)
    }

    /// The last lines it wrote about something that went wrong.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.process.log();
        let wrong = log.lines().filter(|line| line.contains("\"WARN\"") || line.contains("\"ERROR\""));
        let mut last: Vec<String> = wrong.map(|line| line.chars().take(300).collect()).collect();
        last.drain(..last.len().saturating_sub(5));
        last
    }
}
