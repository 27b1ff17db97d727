//! The real binary as a process.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::Duration,
};

use crate::{daemon::Daemon, install::FAKETIME, port};

/// How long a start may take: a machine may be busy with other things.
const LIMIT: Duration = Duration::from_mins(5);

/// The binary with arguments of the caller's. It takes no settings from the environment of whoever tests.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    without_settings(&mut command);
    command
}

fn without_settings(command: &mut Command) {
    let settings = env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| name.to_str().is_some_and(|name| name.starts_with("SARAI_"))) {
        command.env_remove(name);
    }
}

/// A server: `sarai serve` on a free port, with an empty directory as its working directory.
#[derive(Debug)]
pub struct SaraiProcess {
    daemon: Daemon,
    program: PathBuf,
    command: &'static str,
    /// What it answers with 200 once it is ready.
    ready: &'static str,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    address: SocketAddr,
    admin: Option<SocketAddr>,
}

impl SaraiProcess {
    /// A server that does not run yet.
    pub fn new(program: impl Into<PathBuf>) -> io::Result<Self> {
        Self::of(program.into(), "serve", "/readyz")
    }

    /// The services around several servers, which tell the server at a URL what happens.
    pub fn standins(program: impl Into<PathBuf>, callback: &str) -> io::Result<Self> {
        let standins = Self::of(program.into(), "standins", "/billing/healthz")?;
        Ok(standins.args(["--callback-url", callback]))
    }

    fn of(program: PathBuf, command: &'static str, ready: &'static str) -> io::Result<Self> {
        let daemon = Daemon::new("sarai", None, "KILL")?;
        let (arguments, environment) = (Vec::new(), Vec::new());
        let address = port::free()?;
        Ok(Self { daemon, program, command, ready, arguments, environment, address, admin: None })
    }

    /// With these arguments after `serve`.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// With a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Sets a variable for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// With its figures at [`Self::metrics`].
    pub fn measured(self) -> io::Result<Self> {
        Ok(Self { admin: Some(port::free()?), ..self })
    }

    /// Where its figures are, when it is [`Self::measured`].
    pub fn metrics(&self) -> Option<String> {
        self.admin.map(|admin| format!("http://{admin}/metrics"))
    }

    /// With a clock of its own, which [`Self::set_clock`] moves while it runs; it counts durations as everybody does.
    pub fn own_clock(self) -> io::Result<Self> {
        let library = FAKETIME.ready()?.display().to_string();
        let file = self.clock_file().display().to_string();
        let with_clock = self
            .env("LD_PRELOAD", &library)
            .env("FAKETIME_TIMESTAMP_FILE", &file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        with_clock.set_clock(0)?;
        Ok(with_clock)
    }

    /// Puts its own clock so many seconds ahead of the machine's, or behind it.
    pub fn set_clock(&self, ahead: i64) -> io::Result<()> {
        // Nobody reads half of it.
        let new = self.clock_file().with_extension("new");
        fs::write(&new, format!("{ahead:+}"))?;
        fs::rename(new, self.clock_file())
    }

    fn clock_file(&self) -> PathBuf {
        self.dir().join("clock")
    }

    /// Takes another binary for the next start.
    pub fn replace(&mut self, program: impl Into<PathBuf>) {
        self.program = program.into();
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// It still runs when the time is up.
    pub fn wait_end(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        self.daemon.wait_end(limit)
    }

    /// With limits no load runs into, and no audit but those that are asked for.
    #[must_use]
    pub fn unlimited(self) -> Self {
        const LIMITS: [&str; 4] =
            ["SARAI_RATE_PER_SECOND", "SARAI_RATE_BURST", "SARAI_SIGN_IN_PER_MINUTE", "SARAI_SIGN_IN_BURST"];
        LIMITS
            .iter()
            .fold(self.env("SARAI_AUDIT_EVERY_MINUTES", "0"), |server, limit| server.env(limit, "1000000"))
    }

    /// The binary of this workspace that was built last in the profile of the running test or benchmark.
    /// Integration tests of the package `sarai` know better: `env!("CARGO_BIN_EXE_sarai")`.
    pub fn built() -> io::Result<PathBuf> {
        if let Some(path) = env::var_os("CARGO_BIN_EXE_sarai") {
            return Ok(path.into());
        }
        let own = env::current_exe()?;
        let found =
            own.ancestors().skip(1).take(3).map(|folder| folder.join("sarai")).find(|file| file.is_file());
        let missing = || io::Error::other(format!("no binary above {}: cargo build -p sarai", own.display()));
        found.ok_or_else(missing)
    }

    /// Starts it and waits until it says that it is ready.
    pub fn start(&mut self) -> io::Result<()> {
        self.spawn()?;
        self.wait_ready(LIMIT)
    }

    /// Starts it and does not wait.
    pub fn spawn(&mut self) -> io::Result<()> {
        let mut serve = self.daemon.command(&self.program);
        without_settings(&mut serve);
        let admin = self.admin.map_or_else(|| "off".to_owned(), |admin| admin.to_string());
        serve.args([self.command, "--listen", &self.address.to_string(), "--admin-listen", &admin]);
        serve.args(&self.arguments);
        serve.envs(self.environment.iter().map(|(name, value)| (name, value)));
        self.daemon.spawn(serve)
    }

    /// Waits until it says that it is ready.
    ///
    /// # Errors
    /// It ended or the time is up; the text holds the end of its log.
    pub fn wait_ready(&mut self, limit: Duration) -> io::Result<()> {
        let (address, ready) = (self.address, self.ready);
        self.daemon.wait_until(limit, || status(address, ready).is_ok_and(|status| status == 200))
    }

    /// What it answers to a `GET` without credentials: the status.
    pub fn probe(&self, path: &str) -> io::Result<u16> {
        status(self.address, path)
    }

    /// Ends it at once: no handler runs, nothing is flushed.
    pub fn kill9(&mut self) {
        self.daemon.kill();
    }

    /// Sends `SIGTERM` and waits for the end.
    pub fn terminate(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        self.daemon.end("TERM", limit)
    }

    /// Sends `SIGTERM` and does not wait.
    pub fn ask_to_stop(&mut self) -> io::Result<()> {
        self.daemon.signal("TERM")
    }

    /// Freezes it.
    pub fn pause(&mut self) -> io::Result<()> {
        self.daemon.signal("STOP")
    }

    /// Ends [`Self::pause`].
    pub fn resume(&mut self) -> io::Result<()> {
        self.daemon.signal("CONT")
    }

    /// The process that was started last.
    pub fn pid(&self) -> u32 {
        self.daemon.pid()
    }

    /// How it ended, when it did.
    pub fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.daemon.exit_status()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its working directory: what it keeps in files by default is here.
    pub fn dir(&self) -> &Path {
        self.daemon.dir()
    }

    /// All it wrote, over all its starts.
    pub fn log(&self) -> String {
        fs::read(self.daemon.log())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }
}

/// The status of one request.
fn status(address: SocketAddr, path: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer)?;
    let code = std::str::from_utf8(&answer[9..]).ok().and_then(|code| code.parse().ok());
    code.ok_or_else(|| io::Error::other("not an answer of HTTP"))
}
