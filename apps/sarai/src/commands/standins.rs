//! `sarai standins`.

use std::net::SocketAddr;

use clap::Args;
use sarai::{
    config::{Config, Flags},
    standins::StandInsProcess,
};
use sarai_http::server::stop_on_signals;
use tokio_util::sync::CancellationToken;

use super::{Failure, say, serve::log};

/// Where the stand-ins listen when no flag says otherwise.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8090);

#[derive(Debug, Args)]
pub(crate) struct StandIns {
    /// The API to which payments, refunds and payouts are told
    #[arg(long, value_name = "URL", env = "SARAI_CALLBACK_URL")]
    callback_url: Option<String>,
}

/// Runs the stand-ins until told to stop.
pub(crate) fn run(flags: &Flags, standins: &StandIns) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    log(&config)?;
    let listen = flags.listen.unwrap_or(LISTEN);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let process = StandInsProcess::bind(&config, listen, standins.callback_url.as_deref()).await?;
        let address = process.address().map_or_else(String::new, |address| address.to_string());
        tracing::info!(address, "the stand-ins are serving");
        say(&format!(
            "\nThe stand-ins are serving. Run each API with\n\n  sarai serve --billing-url \
             http://{address}/billing --enrollment-url http://{address}/enrollment --auth-url \
             http://{address}/auth --messaging-url http://{address}/messaging\n"
        ))?;
        let stop = CancellationToken::new();
        tokio::select! {
            served = process.run(stop.clone()) => served,
            // Only a second signal ends this branch: stop without waiting.
            signalled = stop_on_signals(stop) => Ok(signalled?),
        }
    })
}
