//! What the machine does besides: a figure is worth what the machine was quiet.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration,
};

use tokio::time::{Instant, sleep};

/// Ticks of the processor's clock in a second, as `/proc` counts them.
const HERTZ: f64 = 100.0;
/// A machine on which others use more cores than this is not quiet.
pub(crate) const QUIET: f64 = 0.4;

/// Processor seconds so far: of everybody, and of this process with all below it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    at: Instant,
    all: f64,
    own: f64,
}

impl Moment {
    /// Now.
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), all: busy(), own: own() }
    }

    /// How many cores others, and we, used since.
    pub(crate) fn since(self) -> (f64, f64) {
        let now = Self::now();
        let seconds = (now.at - self.at).as_secs_f64().max(1e-9);
        let own = (now.own - self.own) / seconds;
        (((now.all - self.all) / seconds - own).max(0.0), own)
    }
}

/// Waits until others use little for a second, or the time is up.
pub(crate) async fn wait_quiet(limit: Duration) {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        let before = Moment::now();
        sleep(Duration::from_secs(1)).await;
        if before.since().0 < QUIET {
            return;
        }
    }
}

/// Kilobytes a process had resident at most, and has now.
pub(crate) fn resident(pid: u32) -> Option<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmHWM:")?, field("VmRSS:")?))
}

/// Lets the most that a process had resident be counted from now on.
///
/// # Errors
/// When the kernel does not allow it: the peak would be that of whatever was measured before.
pub(crate) fn forget_peak(pid: u32) -> std::io::Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5")
}

fn busy() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let first = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = first.split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user, nice, system, irq, softirq.
    [0, 1, 2, 5, 6].iter().filter_map(|place| ticks.get(*place)).sum::<f64>() / HERTZ
}

/// Of this process, of all below it, and of those below it that have ended.
fn own() -> f64 {
    tree(std::process::id())
}

/// Processor seconds so far of a process, of all below it, and of those below it that have ended.
pub(crate) fn tree(root: u32) -> f64 {
    let mut parents: HashMap<u32, (u32, f64)> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let fields: Vec<&str> =
            stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default();
        let number =
            |place: usize| fields.get(place).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
        let parent = fields.get(1).and_then(|field| field.parse().ok()).unwrap_or(0);
        let ticks: f64 = (11..=14).map(number).sum();
        parents.insert(pid, (parent, ticks / HERTZ));
    }
    let mut ours = HashSet::from([root]);
    loop {
        let before = ours.len();
        ours.extend(
            parents
                .iter()
                .filter(|(_, (parent, _))| ours.contains(parent))
                .map(|(pid, _)| *pid)
                .collect::<Vec<_>>(),
        );
        if ours.len() == before {
            break;
        }
    }
    ours.iter().filter_map(|pid| parents.get(pid)).map(|(_, seconds)| seconds).sum()
}
