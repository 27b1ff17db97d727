//! The process that runs the stand-ins for several others (ruling R3).

use std::{net::SocketAddr, sync::Arc};

use sarai_ports::inbound::InboundSink;
use sarai_standins::{Documents, Server, StandIns, TokenIssuer, WebhookSink};
use sarai_system::SystemClock;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    around::{self, FILE},
    config::Config,
    embedded::Clocks,
    process::{inbound_secret, keys_of},
    wire::{AUDIENCE, ISSUER, WireError},
};

/// Stand-ins with their socket open.
pub struct StandInsProcess {
    /// The stand-ins.
    pub standins: StandIns,
    server: Server,
}

impl StandInsProcess {
    /// Opens the store and the socket. Callbacks go to the API at the address, when there is one.
    ///
    /// # Errors
    /// When the store, the keys or the address cannot be had.
    pub async fn bind(
        config: &Config,
        listen: SocketAddr,
        callback_url: Option<&str>,
    ) -> Result<Self, WireError> {
        let keys = keys_of(config)?;
        let clocks = Clocks::of(SystemClock::new(config.demo));
        let documents = match config.data_folder() {
            Some(folder) => Documents::open(&folder.join(FILE)).await?,
            None => Documents::default(),
        };
        let issuer = TokenIssuer { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
        let standins = around::standins(&clocks, &keys, issuer, documents)?;
        if let Some(url) = callback_url {
            let secret = inbound_secret(config, &keys);
            let sink: Arc<dyn InboundSink> =
                Arc::new(WebhookSink::new(url, &secret, Arc::clone(&clocks.clock))?);
            standins.connect(&sink);
        }
        if config.demo {
            standins.fill_demo();
        }
        let server = Server::bind(listen, &standins, clocks.movable).await;
        let server = server.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        Ok(Self { standins, server })
    }

    /// Where they are.
    pub fn address(&self) -> Option<SocketAddr> {
        self.server.address()
    }

    /// Serves until `stop`; then writes what waits.
    ///
    /// # Errors
    /// When the listener fails for good.
    pub async fn run(self, stop: CancellationToken) -> Result<(), WireError> {
        let tasks = TaskTracker::new();
        self.standins.start(&tasks, &stop);
        let served = self.server.run(stop.clone().cancelled_owned()).await;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        self.standins.documents.close().await;
        Ok(served?)
    }
}
