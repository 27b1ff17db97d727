//! A NATS server of our own, with `JetStream`.

use std::{
    fs,
    io::{self, Read as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{daemon::Daemon, install, port};

const LIMIT: Duration = Duration::from_mins(2);

/// A broker on a free port, with a store of its own.
#[derive(Debug)]
pub struct Nats {
    daemon: Daemon,
    program: PathBuf,
    address: SocketAddr,
    /// The user and the password that it asks for.
    login: Option<[String; 2]>,
}

impl Nats {
    /// Starts one.
    pub fn new() -> io::Result<Self> {
        let mut nats = Self::prepared()?;
        nats.start()?;
        Ok(nats)
    }

    /// Starts one that lets in only who says this name and this password.
    pub fn asking(user: &str, password: &str) -> io::Result<Self> {
        let login = Some([user, password].map(str::to_owned));
        let mut nats = Self { login, ..Self::prepared()? };
        nats.start()?;
        Ok(nats)
    }

    fn prepared() -> io::Result<Self> {
        let program = install::NATS.ready()?;
        let daemon = Daemon::new("nats", None, "KILL")?;
        Ok(Self { daemon, program, address: port::free()?, login: None })
    }

    /// Starts it, after a stop or a kill too; it answers clients when this returns.
    pub fn start(&mut self) -> io::Result<()> {
        let mut server = self.daemon.command(&self.program);
        server.args(["--addr", "127.0.0.1", "--port", &self.address.port().to_string()]);
        server.arg("--jetstream").arg("--store_dir").arg(self.daemon.dir().join("store"));
        if let Some([user, password]) = &self.login {
            server.args(["--user", user, "--pass", password]);
        }
        self.daemon.spawn(server)?;
        let address = self.address;
        self.daemon.wait_until(LIMIT, || greets(address).unwrap_or(false))
    }

    /// Stops it in good order.
    pub fn stop(&mut self) -> io::Result<()> {
        self.daemon.end("TERM", LIMIT).map(drop)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.daemon.kill();
    }

    /// Freezes it: connections stay open and nothing answers.
    pub fn pause(&mut self) -> io::Result<()> {
        self.daemon.signal("STOP")
    }

    /// Ends [`Self::pause`].
    pub fn resume(&mut self) -> io::Result<()> {
        self.daemon.signal("CONT")
    }

    /// Kills it and deletes all it stored, streams included.
    pub fn lose_everything(&mut self) -> io::Result<()> {
        self.kill();
        fs::remove_dir_all(self.daemon.dir().join("store"))
    }

    /// Copies all it stored, while it does not run.
    pub fn keep_copy(&self) -> io::Result<()> {
        let (store, copy) = (self.daemon.dir().join("store"), self.daemon.dir().join("copy"));
        let copied = Command::new("cp").arg("-a").arg(store).arg(copy).status()?;
        if copied.success() { Ok(()) } else { Err(io::Error::other("the store was not copied")) }
    }

    /// Kills it and puts the copy where its store was.
    pub fn restore_copy(&mut self) -> io::Result<()> {
        self.lose_everything()?;
        fs::rename(self.daemon.dir().join("copy"), self.daemon.dir().join("store"))
    }

    /// Its directory; `store` and `log` are in it.
    pub fn dir(&self) -> &Path {
        self.daemon.dir()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for clients.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }
}

/// A server says `INFO` first.
fn greets(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    let mut first = [0; 4];
    stream.read_exact(&mut first)?;
    Ok(&first == b"INFO")
}
