//! A Postgres and a NATS server to work with by hand: prints where they are and keeps them until its input ends.

use std::io::{self, Read as _, Write as _};

use sarai_services::{Cluster, Nats};

fn main() -> io::Result<()> {
    let (cluster, nats) = (Cluster::durable()?, Nats::new()?);
    let mut out = io::stdout();
    writeln!(out, "{}\n{}", cluster.url("postgres"), nats.url())?;
    writeln!(out, "{}\n{}", cluster.dir().display(), nats.dir().display())?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
