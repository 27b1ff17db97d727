//! The published JavaScript library of Standard Webhooks: `tests/browser/webhooks.mjs` asks it.

use std::{
    env, fs, io,
    io::Write as _,
    process::{Command, Stdio},
};

use crate::{browser::scripts, install::NODE};

/// What the library says of messages: a JSON array of them in, its verdicts out.
///
/// # Errors
/// A program is missing and cannot be installed, or its packages cannot, or the script failed.
pub fn verify(messages: &str) -> io::Result<String> {
    let folder = env::temp_dir().join("sarai-signatures");
    fs::create_dir_all(&folder)?;
    let home = scripts(&folder)?;
    let mut command = Command::new(NODE.ready()?);
    command.arg(home.join("webhooks.mjs")).current_dir(&home);
    let mut script = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut input) = script.stdin.take() {
        input.write_all(messages.as_bytes())?;
    }
    let output = script.wait_with_output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
