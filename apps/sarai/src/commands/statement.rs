//! `sarai statement verify`: whether a downloaded statement is whole, unchanged, and adds up.

use std::{fs, io::Write as _, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::Args;
use sarai_domain::marketplace::earnings::statement::{StatementFile, verify};
use sarai_http::statement_csv;
use serde::Deserialize;

use super::Failure;

/// What is verified, and with what.
#[derive(Debug, Args)]
#[allow(clippy::doc_markdown, reason = "these are the help texts")]
pub(crate) struct Verify {
    /// The statement as it was downloaded: a table (CSV), or JSON, every page in order
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The public key: a file with the key set of /v1/.well-known/jwks.json, or the key's `x` itself
    #[arg(long)]
    key: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    crv: Option<String>,
    x: Option<String>,
}

/// Says what was found, or fails with the first fault.
pub(crate) fn run(verify_this: &Verify) -> Result<(), Failure> {
    let pages: Result<Vec<_>, Failure> = verify_this.files.iter().map(read).collect();
    let file = StatementFile::join(pages?).ok_or("these are pages of several statements")?;
    let key_id = file.anchor.as_ref().map(|anchor| anchor.key_id.as_str());
    let verified = verify(&file, &key(&verify_this.key, key_id)?)?;
    let head = verified.head;
    let vouched = match verified.anchored {
        Some(count) => format!("{count} of them signed"),
        None => "none of them signed yet".to_owned(),
    };
    let words = format!(
        "ok: {}, {} lines, {vouched}, balance {} {}\n",
        file.key,
        head.chain.count,
        head.balance,
        head.balance.currency(),
    );
    Ok(std::io::stdout().write_all(words.as_bytes())?)
}

fn read(path: &PathBuf) -> Result<StatementFile, Failure> {
    let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = fs::read_to_string(path).map_err(|error| named(&error))?;
    if text.trim_start().starts_with('{') {
        Ok(serde_json::from_str(&text).map_err(|error| named(&error))?)
    } else {
        Ok(statement_csv::read(text.as_bytes()).map_err(|error| named(&error))?)
    }
}

/// The key that was given, or the one of a key set that signed the anchor.
fn key(given: &str, key_id: Option<&str>) -> Result<[u8; 32], Failure> {
    let decode = |x: &str| URL_SAFE_NO_PAD.decode(x).ok().and_then(|bytes| bytes.try_into().ok());
    if let Some(key) = decode(given) {
        return Ok(key);
    }
    let text = fs::read_to_string(given).map_err(|error| format!("--key is no key and no file: {error}"))?;
    let set: KeySet =
        serde_json::from_str(&text).map_err(|error| format!("{given} is no key set: {error}"))?;
    let mut ours = set.keys.iter().filter(|key| key.crv.as_deref() == Some("Ed25519"));
    let found = ours.find(|key| key_id.is_none() || key.kid.as_deref() == key_id);
    let found = found.and_then(|key| decode(key.x.as_deref()?));
    Ok(found.ok_or_else(|| format!("{given} has no key {}", key_id.unwrap_or_default()))?)
}
