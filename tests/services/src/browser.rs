//! Chromium over a running server: `tests/browser/portal.mjs` does the clicking, this brings what it needs.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::install::{CHROMIUM, NODE, NPM};

/// What the script consists of.
const FILES: [&str; 5] = ["package.json", "package-lock.json", "portal.mjs", "journeys.mjs", "webhooks.mjs"];

/// Lets a browser look at the portal at an address: `short`, or `all` with contact sheets in the folder. `hook` is where a
/// receiver of webhooks is.
///
/// # Errors
/// A program is missing and cannot be installed, or its packages cannot. What the browser found is in the output.
pub fn look(base: &str, mode: &str, hook: &str, folder: &Path) -> io::Result<Output> {
    let (chromium, node) = (CHROMIUM.ready()?, NODE.ready()?);
    let home = scripts(folder)?;
    let mut command = Command::new(node);
    command.arg(home.join("portal.mjs")).args([base, mode]).arg(chromium).arg(folder.join("sheets"));
    command.env("SARAI_HOOK", hook).current_dir(home).output()
}

/// A copy of the scripts with their packages, made once for each lock file.
pub(crate) fn scripts(folder: &Path) -> io::Result<PathBuf> {
    let (from, home) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../browser"), folder.join("scripts"));
    fs::create_dir_all(&home)?;
    let lock = fs::read(from.join("package-lock.json"))?;
    let installed = home.join("node_modules/.sarai-lock");
    let same = fs::read(&installed).is_ok_and(|known| known == lock);
    for file in FILES {
        fs::copy(from.join(file), home.join(file))?;
    }
    if !same {
        let mut npm = Command::new(NPM.ready()?);
        npm.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&home);
        let output = npm.output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        fs::write(installed, lock)?;
    }
    Ok(home)
}
