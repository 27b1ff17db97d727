//! A file system of a few megabytes, to be full.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio, id},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::daemon::User;

/// A file system in memory, unmounted with the value. Only root can have one.
#[derive(Debug)]
pub struct Tmpfs {
    dir: PathBuf,
    watch: Child,
}

impl Tmpfs {
    /// So many megabytes, for the user a [`crate::Cluster`] runs as.
    pub fn new(megabytes: u32) -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = env::temp_dir().join(format!("sarai-tmpfs-{}-{count}", id()));
        fs::create_dir(&dir)?;
        // Mounted by the process that unmounts it: when its input ends, as it does when this process dies.
        let script =
            r#"mount -t tmpfs -o "$1" tmpfs "$0" && echo mounted; read -r _; umount -l "$0"; rmdir "$0""#;
        let mut options = format!("size={megabytes}m,mode=700");
        if let Some(user) = User::other_than_root()? {
            options.push_str(&user.mount_options());
        }
        let mut watch = Command::new("sh")
            .args(["-c", script])
            .arg(&dir)
            .arg(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = watch.stdout.take() {
            io::BufRead::read_line(&mut io::BufReader::new(out), &mut line)?;
        }
        let this = Self { dir, watch };
        if line.is_empty() { Err(io::Error::other("a tmpfs cannot be mounted here")) } else { Ok(this) }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Takes all the space that is left, but for so many kilobytes.
    pub fn fill(&self, left: u64) -> io::Result<()> {
        let ballast = self.dir.join("ballast");
        let file = fs::File::create(&ballast)?;
        let _ = io::copy(&mut io::repeat(1), &mut &file);
        let length = file.metadata()?.len();
        file.set_len(length.saturating_sub(left * 1024))
    }

    /// Gives back what [`Self::fill`] took.
    pub fn relieve(&self) -> io::Result<()> {
        fs::remove_file(self.dir.join("ballast"))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        let _ = self.watch.wait();
    }
}
