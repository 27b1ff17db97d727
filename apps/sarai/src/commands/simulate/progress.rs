//! How far a simulation is, on standard error while that is a terminal.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sarai_testkit::simulate::{Config, SeedReport};

use super::{Failure, numbers};

const TEMPLATE: &str =
    "{spinner} [{bar:32}] {human_pos}/{human_len} seeds  {msg}  {elapsed} passed, {eta} to go";

/// The bar.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    started: Instant,
    purchases: Arc<AtomicU64>,
    failures: Arc<AtomicU64>,
}

impl Progress {
    /// A bar over these seeds; none when it is to be quiet or nobody would see it.
    pub(super) fn start(config: &Config, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(config.seeds), target);
        if let Ok(style) = style() {
            bar.set_style(style);
        }
        bar.set_message("starting");
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self { bar, started: Instant::now(), purchases: Arc::default(), failures: Arc::default() }
    }

    /// A seed has ended.
    pub(super) fn ended(&self, seed: &SeedReport) {
        let failed = u64::from(seed.failure.is_some());
        let purchases = self.purchases.fetch_add(seed.purchases, Ordering::Relaxed) + seed.purchases;
        let failures = self.failures.fetch_add(failed, Ordering::Relaxed) + failed;
        let rate = numbers::grouped(numbers::per_second(purchases, self.started.elapsed()));
        self.bar.set_message(format!("{rate} purchases/s, {}", numbers::count(failures, "failure")));
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn style() -> Result<ProgressStyle, Failure> {
    Ok(ProgressStyle::with_template(TEMPLATE)?.progress_chars("=> "))
}
