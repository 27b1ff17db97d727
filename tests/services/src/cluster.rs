//! A Postgres of our own, from the installed programs.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    daemon::{Daemon, User},
    install::POSTGRES,
    port,
};

const LIMIT: Duration = Duration::from_mins(5);

/// A database cluster on a free port. Its superuser is `postgres`; connections of this machine are trusted.
#[derive(Debug)]
pub struct Cluster {
    daemon: Daemon,
    programs: PathBuf,
    address: SocketAddr,
    settings: Vec<String>,
}

impl Cluster {
    /// With the server's default durability, for tests that crash it and for benchmarks.
    pub fn durable() -> io::Result<Self> {
        Self::with(&[])
    }

    /// Without waiting for the disk, for tests that do not crash the database.
    pub fn fast() -> io::Result<Self> {
        Self::with(&["fsync=off", "full_page_writes=off"])
    }

    /// With settings of `postgresql.conf` of its own.
    pub fn with(settings: &[&str]) -> io::Result<Self> {
        let postgres = POSTGRES.ready()?;
        let programs = postgres.parent().map(Path::to_owned).unwrap_or_default();
        let daemon = Daemon::new("postgres", User::other_than_root()?, "QUIT")?;
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let mut cluster = Self { daemon, programs, address: port::free()?, settings };
        let mut initdb = cluster.daemon.command(&cluster.programs.join("initdb"));
        initdb.args(["--pgdata", "data", "--username", "postgres", "--auth", "trust"]);
        initdb.args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]);
        succeed(&mut initdb)?;
        cluster.start()?;
        Ok(cluster)
    }

    /// The fast cluster all tests of this process share.
    pub fn shared() -> io::Result<&'static Self> {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::fast().map_err(|error| error.to_string()));
        shared.as_ref().map_err(|error| io::Error::other(error.clone()))
    }

    /// Starts it, after a stop or a crash too; it accepts connections when this returns.
    pub fn start(&mut self) -> io::Result<()> {
        let end = Instant::now() + LIMIT;
        loop {
            match self.try_start() {
                // Children of a killed server end a moment after it, and Postgres waits for nobody.
                Err(error) if error.to_string().contains("is still in use") && Instant::now() < end => {
                    sleep(Duration::from_millis(100));
                }
                outcome => return outcome,
            }
        }
    }

    fn try_start(&mut self) -> io::Result<()> {
        let mut server = self.daemon.command(&self.programs.join("postgres"));
        server.args(["-D", "data", "-h", "127.0.0.1", "-p", &self.address.port().to_string()]);
        server.arg("-k").arg(self.daemon.dir()).args(["-c", "max_connections=300"]);
        for setting in &self.settings {
            server.args(["-c", setting]);
        }
        self.daemon.spawn(server)?;
        let status = self.daemon.dir().join("data/postmaster.pid");
        let pid = self.daemon.pid().to_string();
        // Its first line is the process, the last one says that it is ready.
        let ready = || {
            fs::read_to_string(&status)
                .is_ok_and(|text| text.lines().next() == Some(&pid) && text.trim_end().ends_with("ready"))
        };
        self.daemon.wait_until(LIMIT, ready)
    }

    /// Stops it in good order; open connections are ended.
    pub fn stop(&mut self) -> io::Result<()> {
        self.daemon.end("INT", LIMIT).map(drop)
    }

    /// What `pg_ctl --mode=immediate stop` does: no checkpoint, the next start recovers from the log.
    pub fn stop_immediate(&mut self) -> io::Result<()> {
        self.daemon.end("QUIT", LIMIT).map(drop)
    }

    /// Kills the first process. Its children notice and end by themselves within a moment.
    pub fn kill(&mut self) {
        self.daemon.kill();
    }

    /// [`Self::stop_immediate`], then [`Self::start`].
    pub fn crash_and_restart(&mut self) -> io::Result<()> {
        self.stop_immediate()?;
        self.start()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its first process.
    pub fn pid(&self) -> u32 {
        self.daemon.pid()
    }

    /// Its directory; `data` and `log` are in it.
    pub fn dir(&self) -> &Path {
        self.daemon.dir()
    }

    /// The folder of its programs: `psql`, `pgbench`, `pg_dump`.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The superuser's URL of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address)
    }

    /// Runs statements as the superuser, each in a transaction of its own; answers the rows, columns parted by `|`.
    pub fn psql(&self, database: &str, statements: &[&str]) -> io::Result<String> {
        psql(&self.programs, &self.url(database), statements)
    }

    /// Creates a database that stays until the cluster ends: a template for [`Self::fresh_database`].
    pub fn create_database(&self, name: &str) -> io::Result<String> {
        self.psql("postgres", &[&format!("CREATE DATABASE {name}")])?;
        Ok(self.url(name))
    }

    /// A copy of a template (`template1` is the empty one), dropped with the value. Nobody may be connected to
    /// the template.
    pub fn fresh_database(&self, template: &str) -> io::Result<Database> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed));
        self.psql("postgres", &[&format!("CREATE DATABASE {name} TEMPLATE {template}")])?;
        let (url, admin) = (self.url(&name), self.url("postgres"));
        Ok(Database { name, url, admin, programs: self.programs.clone() })
    }
}

/// A database for one test.
#[derive(Debug)]
pub struct Database {
    name: String,
    url: String,
    admin: String,
    programs: PathBuf,
}

impl Database {
    /// The superuser's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements as the superuser, each in a transaction of its own; answers the rows, columns parted by `|`.
    pub fn psql(&self, statements: &[&str]) -> io::Result<String> {
        psql(&self.programs, &self.url, statements)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A cluster that is down is deleted with its databases.
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let _ = psql(&self.programs, &self.admin, &[&drop]);
    }
}

fn psql(programs: &Path, url: &str, statements: &[&str]) -> io::Result<String> {
    let mut psql = Command::new(programs.join("psql"));
    psql.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet", "--set", "ON_ERROR_STOP=1"]);
    for statement in statements {
        psql.args(["--command", statement]);
    }
    succeed(psql.arg(url))
}

/// Runs to the end; a failure says what the command wrote.
fn succeed(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{}: {said}", command.get_program().display())))
}
