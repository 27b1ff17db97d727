//! A server's process with its directory, and what ends both when the test does.

use std::{
    env,
    fs::{self, File},
    io,
    os::unix::{
        fs::{MetadataExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio, id},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

/// Waits for its standard input to end, which the death of this process brings about as well as the end of the
/// value; then ends the server and deletes its directory. A server's shared memory goes with a QUIT, not with
/// a KILL.
const WATCH: &str = r#"
read -r _
pid=$(cat "$0/pid" 2>/dev/null)
alive() { grep -q . "/proc/$pid/cmdline" 2>/dev/null; }
if [ -n "$pid" ] && alive; then
    kill -s CONT "$pid"; kill -s "$1" "$pid"
    n=0; while alive && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
    kill -s KILL "$pid"
fi 2>/dev/null
rm -rf "$0"
"#;

/// A user a server runs as, where root may not run it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// Whom to become: nobody else unless this is root.
    pub(crate) fn other_than_root() -> io::Result<Option<Self>> {
        if fs::metadata("/proc/self")?.uid() != 0 {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd")?;
        let find = |name: &str| {
            let mut fields =
                users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').skip(2);
            Some(Self { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
        };
        let found = find("postgres").or_else(|| find("nobody"));
        found.map(Some).ok_or_else(|| io::Error::other("there is neither a user postgres nor nobody"))
    }

    /// What makes a mount this user's.
    pub(crate) fn mount_options(self) -> String {
        format!(",uid={},gid={}", self.uid, self.gid)
    }
}

/// A server's process, started and ended at will, in one directory.
#[derive(Debug)]
pub(crate) struct Daemon {
    name: &'static str,
    dir: PathBuf,
    user: Option<User>,
    child: Option<Child>,
    watch: Child,
}

impl Daemon {
    /// A directory; nothing runs yet. `last_signal` is what ends the server when this is dropped.
    pub(crate) fn new(name: &'static str, user: Option<User>, last_signal: &str) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = env::temp_dir().join(format!("sarai-{name}-{}-{count}", id()));
        // What an ended process of the same number may have left.
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir(&dir)?;
        if let Some(User { uid, gid }) = user {
            chown(&dir, Some(uid), Some(gid))?;
        }
        let watch = Command::new("sh")
            .args(["-c", WATCH])
            .arg(&dir)
            .arg(last_signal)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self { name, dir, user, child: None, watch })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the server wrote.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    /// A command as the server's user, in its directory.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.dir).stdin(Stdio::null()).process_group(0);
        if let Some(User { uid, gid }) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Starts the server; its output is added to the log.
    pub(crate) fn spawn(&mut self, mut command: Command) -> io::Result<()> {
        if self.running()? {
            return Err(io::Error::other(format!("{} runs already", self.name)));
        }
        let log = File::options().create(true).append(true).open(self.log())?;
        let child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        fs::write(self.dir.join("pid"), child.id().to_string())?;
        self.child = Some(child);
        Ok(())
    }

    /// Asks `ready` until it says yes.
    pub(crate) fn wait_until(&mut self, limit: Duration, ready: impl Fn() -> bool) -> io::Result<()> {
        let end = Instant::now() + limit;
        while !ready() {
            if !self.running()? || Instant::now() > end {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                let tail: Vec<&str> = log.lines().rev().take(20).collect();
                let tail: Vec<&str> = tail.into_iter().rev().collect();
                return Err(io::Error::other(format!("{} did not start:\n{}", self.name, tail.join("\n"))));
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    fn running(&mut self) -> io::Result<bool> {
        self.child.as_mut().map_or(Ok(false), |child| Ok(child.try_wait()?.is_none()))
    }

    /// The number of the process that was started last.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// How the process ended, when it did.
    pub(crate) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.as_mut().map_or(Ok(None), Child::try_wait)
    }

    /// Sends a signal to a process that runs.
    pub(crate) fn signal(&mut self, signal: &str) -> io::Result<()> {
        let running = self.running()?;
        let Some(child) = self.child.as_ref().filter(|_| running) else {
            return Err(io::Error::other(format!("{} does not run", self.name)));
        };
        let command = format!("kill -s {signal} {}", child.id());
        let status = Command::new("sh").args(["-c", &command]).status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(command)) }
    }

    /// Sends a signal and waits for the end; a process that does not end in time is killed, which is an error.
    pub(crate) fn end(&mut self, signal: &str, limit: Duration) -> io::Result<ExitStatus> {
        self.signal(signal)?;
        self.wait_end(limit).inspect_err(|_| self.kill())
    }

    /// Waits for the end.
    pub(crate) fn wait_end(&mut self, limit: Duration) -> io::Result<ExitStatus> {
        let end = Instant::now() + limit;
        while self.running()? {
            if Instant::now() > end {
                return Err(io::Error::other(format!("{} did not end within {limit:?}", self.name)));
            }
            sleep(Duration::from_millis(5));
        }
        self.exit_status()?.ok_or_else(|| io::Error::other(format!("{} was never started", self.name)))
    }

    /// Ends the process by a signal nothing can handle.
    pub(crate) fn kill(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // Reaps the server as soon as the watch has ended it.
        let _ = self.child.as_mut().map(Child::wait);
        let _ = self.watch.wait();
    }
}
