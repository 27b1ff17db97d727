//! What is asked for on the command line.

use std::{str::FromStr, time::Duration};

/// The help.
pub(crate) const HELP: &str = "\
Measures the server against what the same Postgres on the same machine can do.

Usage: cargo xtask bench market [parts] [options]

Parts (all when none is named):
  purchase      (a) purchases a second from order to fulfilled, beside pgbench's
  cost          what a purchase writes: rows, log, statements
  hot           (b) one coupon against many, one provider against many
  catalogue     (c) page, get, tag and category with 10^3 and with 10^6 listings
  entitlement   (d) entitlement checks beside pgbench's get by id
  relay         (e) events a second to JetStream, a backlog, and what both cost purchases
  overload      (f) memory under load, and four times more than can be done
  check         what a verification check writes: rows, log, statements
  verify        (g) verification checks beside both transactions by hand, keys, start to code, usage

Options:
  --quick       seconds instead of minutes: one round, small tables. Shows that it runs, not what it does
  --rounds N    rounds, interleaved; figures are medians over them [default: 5]
  --seconds N   seconds of each measurement [default: 8]
  --clients N   clients in a closed loop [default: 32]
  --pgbench-clients N   clients of pgbench, which is best at 8 to 16 [default: 16]
  --store WHICH         postgres, or default: whatever a bare `sarai serve` uses [default: postgres]
  --no-wait     do not wait for a quiet machine before each measurement
";

/// A part, in the order of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// (a)
    Purchase,
    /// What (a) is made of.
    Cost,
    /// (b)
    Hot,
    /// (c)
    Catalogue,
    /// (d)
    Entitlement,
    /// (e)
    Relay,
    /// (f)
    Overload,
    /// What a check of (g) is made of.
    Check,
    /// (g)
    Verify,
}

/// Every part with its name.
pub(crate) const PARTS: [(&str, Part); 9] = [
    ("purchase", Part::Purchase),
    ("cost", Part::Cost),
    ("hot", Part::Hot),
    ("catalogue", Part::Catalogue),
    ("entitlement", Part::Entitlement),
    ("relay", Part::Relay),
    ("overload", Part::Overload),
    ("check", Part::Check),
    ("verify", Part::Verify),
];

/// Over which store the server runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Store {
    /// The cluster the yardsticks run in.
    Postgres,
    /// What a bare `sarai serve` uses.
    Default,
}

/// What to measure, and how.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Which parts.
    pub(crate) parts: Vec<Part>,
    /// How many rounds.
    pub(crate) rounds: u32,
    /// Seconds of a measurement.
    pub(crate) seconds: u64,
    /// Clients in a closed loop.
    pub(crate) clients: u64,
    /// Clients of pgbench.
    pub(crate) pgbench_clients: u64,
    /// Over which store.
    pub(crate) store: Store,
    /// Whether small tables do.
    pub(crate) quick: bool,
    /// How long to wait for a quiet machine before a measurement.
    pub(crate) patience: Duration,
}

impl Options {
    /// Reads the arguments; none where they ask for help or make no sense.
    pub(crate) fn read(arguments: &[String]) -> Option<Self> {
        let mut options = Self {
            parts: Vec::new(),
            rounds: 5,
            seconds: 8,
            clients: 32,
            pgbench_clients: 16,
            store: Store::Postgres,
            quick: false,
            patience: Duration::from_secs(20),
        };
        if arguments.iter().any(|argument| argument == "--quick") {
            (options.quick, options.rounds, options.seconds) = (true, 1, 2);
            options.patience = Duration::from_secs(2);
        }
        let mut rest = arguments.iter().map(String::as_str);
        while let Some(argument) = rest.next() {
            match argument {
                "--quick" => {}
                "--no-wait" => options.patience = Duration::ZERO,
                "--rounds" => options.rounds = number(rest.next())?,
                "--seconds" => options.seconds = number(rest.next())?,
                "--clients" => options.clients = number(rest.next())?,
                "--pgbench-clients" => options.pgbench_clients = number(rest.next())?,
                "--store" => {
                    options.store = match rest.next()? {
                        "postgres" => Store::Postgres,
                        "default" => Store::Default,
                        _ => return None,
                    }
                }
                name => options.parts.push(PARTS.iter().find(|(known, _)| *known == name)?.1),
            }
        }
        if options.parts.is_empty() {
            options.parts = PARTS.iter().map(|(_, part)| *part).collect();
        }
        Some(options)
    }

    /// The length of a measurement.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn number<T: FromStr + PartialOrd + From<u8>>(text: Option<&str>) -> Option<T> {
    text?.parse().ok().filter(|number| *number >= T::from(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Options> {
        Options::read(&text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn parts_and_figures_are_read_in_any_order() {
        let options = read("hot --rounds 3 --quick purchase").unwrap();
        assert_eq!((options.rounds, options.seconds, options.quick), (3, 2, true));
        assert_eq!(options.parts, [Part::Hot, Part::Purchase]);
        assert_eq!(read("").unwrap().parts.len(), PARTS.len());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["hotter", "--rounds 0", "--rounds", "--store tape", "--help"] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}
