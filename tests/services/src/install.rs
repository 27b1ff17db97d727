//! Finding the servers' programs, and installing what is missing. `cargo xtask test` shares this file, so that
//! a fresh machine is ready before the tests start; it therefore names nothing of this crate.

use std::{
    env, fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

/// A program and the Debian package it comes with.
#[derive(Debug)]
pub(crate) struct Needed {
    /// The program's file name.
    pub(crate) program: &'static str,
    /// Where it is when it is not in `PATH`; a `*` stands for the newest version.
    pub(crate) places: &'static [&'static str],
    /// The package.
    pub(crate) package: &'static str,
}

/// The database server. Its other programs lie beside it.
pub(crate) const POSTGRES: Needed =
    Needed { program: "postgres", places: &["/usr/lib/postgresql/*/bin"], package: "postgresql" };

/// The broker.
pub(crate) const NATS: Needed =
    Needed { program: "nats-server", places: &["/usr/sbin"], package: "nats-server" };

/// What lies to a process about the time.
pub(crate) const FAKETIME: Needed = Needed {
    program: "libfaketimeMT.so.1",
    places: &["/usr/lib/x86_64-linux-gnu/faketime", "/usr/lib/aarch64-linux-gnu/faketime"],
    package: "libfaketime",
};

/// The browser.
pub(crate) const CHROMIUM: Needed =
    Needed { program: "chromium", places: &["/usr/bin"], package: "chromium" };

/// What drives the browser.
pub(crate) const NODE: Needed = Needed { program: "node", places: &["/usr/bin"], package: "nodejs" };

/// What brings the driver's packages.
pub(crate) const NPM: Needed = Needed { program: "npm", places: &["/usr/bin"], package: "npm" };

impl Needed {
    /// The program, installed first when it is missing and may be installed.
    ///
    /// # Errors
    /// It is missing and this is no root on a Debian system, or the installation failed. Never a reason to skip.
    pub(crate) fn ready(&self) -> io::Result<PathBuf> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock();
        if let Some(found) = self.find() {
            return Ok(found);
        }
        self.install()?;
        self.find()
            .ok_or_else(|| io::Error::other(format!("{} did not bring {}", self.package, self.program)))
    }

    /// Where the program is.
    fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let config = || Command::new("pg_config").arg("--bindir").output().ok();
        let mut folders: Vec<PathBuf> = self.places.iter().filter_map(|place| newest(place)).collect();
        folders.extend(env::split_paths(&path));
        if self.program == POSTGRES.program {
            folders
                .extend(config().map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())));
        }
        folders.into_iter().map(|folder| folder.join(self.program)).find(|file| file.is_file())
    }

    fn install(&self) -> io::Result<()> {
        let Self { program, package, .. } = self;
        let missing = |why: &str| {
            io::Error::other(format!(
                "{program} is neither in PATH nor in {:?}, and {why}; install the package {package}",
                self.places
            ))
        };
        if fs::metadata("/proc/self").map_or(u32::MAX, |own| own.uid()) != 0 {
            return Err(missing("only root can install it"));
        }
        eprintln!("{program} is missing: apt-get install {package}");
        let apt = |arguments: &[&str]| {
            Command::new("apt-get")
                .args(["--yes", "--quiet=2", "--option=DPkg::Lock::Timeout=300"])
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .status()
                .is_ok_and(|status| status.success())
        };
        // The list of packages may be old, so a failure to renew it says nothing yet.
        apt(&["update"]);
        if apt(&["install", "--no-install-recommends", package]) {
            Ok(())
        } else {
            Err(missing("apt-get could not install it"))
        }
    }
}

/// The folder a place stands for.
fn newest(place: &str) -> Option<PathBuf> {
    let Some((before, after)) = place.split_once("/*/") else {
        return Some(PathBuf::from(place));
    };
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = fs::read_dir(before).ok()?.flatten().map(|entry| entry.path());
    let newest = versions.filter(|path| version(path).is_some()).max_by_key(|path| version(path))?;
    Some(newest.join(after))
}
