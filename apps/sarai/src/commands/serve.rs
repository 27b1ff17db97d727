//! `sarai serve`, the default.

use std::io::{IsTerminal as _, Write as _};

use sarai::{
    config::{Config, Flags},
    process::Process,
};
use sarai_http::server::{install_metrics, stop_on_signals};
use sarai_ports::failpoint;
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::Failure;

/// Serves until it is told to stop.
pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let config = Config::load(flags)?;
    log(&config)?;
    if let Some(failpoint) = config.failpoint()? {
        tracing::warn!(?failpoint, "this process ends itself when it gets there");
        failpoint::arm(failpoint);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(&config))
}

async fn serve(config: &Config) -> Result<(), Failure> {
    let process = Process::bind(config, install_metrics()?).await?;
    let address = process.address().map_or_else(String::new, |address| address.to_string());
    tracing::info!(address, kept = process.kept, "serving");
    if let Some(welcome) = process.welcome().await? {
        std::io::stdout().write_all(welcome.as_bytes())?;
    }
    let stop = CancellationToken::new();
    tokio::select! {
        served = process.run(stop.clone()) => served,
        // Only a second signal ends this branch: stop without waiting.
        signalled = stop_on_signals(stop) => Ok(signalled?),
    }
}

/// JSON logs on standard error; a person at a terminal gets lines to read.
fn log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
