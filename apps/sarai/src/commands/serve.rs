//! `sarai serve`, the default.

use std::{
    convert::Infallible,
    io::{IsTerminal as _, Write as _},
};

use sarai::{
    config::{Config, Flags, Roles},
    demo_data,
    portal::PortalProcess,
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
    if config.roles == Roles::Portal {
        return serve_portal(config).await;
    }
    let process = Process::bind(config, install_metrics()?).await?;
    let address = process.address().map_or_else(String::new, |address| address.to_string());
    tracing::info!(address, kept = process.kept, "serving");
    if let Some(welcome) = process.welcome().await? {
        std::io::stdout().write_all(welcome.as_bytes())?;
    }
    let filling = fill_demo(config, &process);
    let stop = CancellationToken::new();
    tokio::select! {
        served = process.run(stop.clone()) => served,
        never = filling => match never {},
        // Only a second signal ends this branch: stop without waiting.
        signalled = stop_on_signals(stop) => Ok(signalled?),
    }
}

/// The customer portal alone.
async fn serve_portal(config: &Config) -> Result<(), Failure> {
    let process = PortalProcess::bind(config, install_metrics()?).await?;
    let address = process.address().map_or_else(String::new, |address| address.to_string());
    tracing::info!(address, api = config.api_url, "serving the portal");
    let stop = CancellationToken::new();
    tokio::select! {
        served = process.run(stop.clone()) => served,
        signalled = stop_on_signals(stop) => Ok(signalled?),
    }
}

/// Gives the demo what it has, then waits for ever: what is missing of it keeps nobody from serving. A process that is
/// to end at a failpoint writes nothing that nobody asked for.
fn fill_demo(config: &Config, process: &Process) -> impl Future<Output = Infallible> + use<> {
    let own =
        (config.demo && config.failpoint.is_empty()).then(|| (process.embedded.clone(), process.connector()));
    async move {
        if let Some((embedded, api)) = own
            && let Err(error) = demo_data::fill(&embedded, api).await
        {
            tracing::warn!(code = error.code, "some of what the demo's developer has is missing");
        }
        std::future::pending().await
    }
}

/// JSON logs on standard error; a person at a terminal gets lines to read.
pub(crate) fn log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
