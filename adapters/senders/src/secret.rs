//! Secrets that lie in files, wiped when they are dropped.

use std::{fmt, fs, io, path::Path, path::PathBuf, sync::Arc};

use zeroize::Zeroizing;

/// How short a secret that signs may be.
const MIN_SECRET: usize = 16;

/// Why a file holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// It cannot be read.
    #[error("{path} cannot be read ({error}): it has to exist and to be readable by this user", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Nothing in it.
    #[error("{path} is empty: write the password into it", path = .0.display())]
    Empty(PathBuf),
    /// Guessable.
    #[error(
        "{path} holds a secret of less than {MIN_SECRET} characters: make one with `openssl rand -hex 32`",
        path = .0.display()
    )]
    Short(PathBuf),
}

/// Secrets of one purpose: the first signs, every one is accepted, so that one can be replaced by the next.
#[derive(Clone)]
pub struct Secrets(Arc<[Zeroizing<String>]>);

impl Secrets {
    /// Takes secrets as they are, the one that signs first.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        Self(secrets.into_iter().map(Zeroizing::new).collect())
    }

    pub(crate) fn first(&self) -> &[u8] {
        self.0.first().map_or(&[], |secret| secret.as_bytes())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(|secret| secret.as_bytes())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    let text = fs::read_to_string(path)
        .map_err(|error| SecretError::Unreadable { path: path.to_owned(), error })
        .map(Zeroizing::new)?;
    if text.trim().is_empty() { Err(SecretError::Empty(path.to_owned())) } else { Ok(text) }
}

/// The password in a file, without the end of its line.
pub(crate) fn password(path: &Path) -> Result<Zeroizing<String>, SecretError> {
    Ok(Zeroizing::new(read(path)?.trim_end_matches(['\r', '\n']).to_owned()))
}

/// The secrets in a file, one a line.
pub(crate) fn secrets(path: &Path) -> Result<Secrets, SecretError> {
    let text = read(path)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let secrets: Vec<_> = lines.map(|line| Zeroizing::new(line.to_owned())).collect();
    if secrets.iter().any(|secret| secret.len() < MIN_SECRET) {
        return Err(SecretError::Short(path.to_owned()));
    }
    Ok(Secrets(secrets.into()))
}
