//! The keys of a deployment (ruling R2): made once, kept in `<data dir>/keys.toml`, shared by the processes that
//! share the folder.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sarai_ports::system::Entropy;
use toml::{Table, Value};

/// The file's name.
pub const FILE: &str = "keys.toml";
/// Its member that says that the keys were made without being asked for.
const DEVELOPMENT: &str = "development";

/// 32 secret bytes.
pub type Key = [u8; 32];

/// Every key of a deployment. Never printed.
#[derive(Clone)]
pub struct Keys {
    /// Signs the prices of quotes.
    pub quote: Key,
    /// Hides idempotency keys and fingerprints.
    pub idempotency: Key,
    /// The one before, while repeats may come under it (`idempotency_previous`).
    pub idempotency_previous: Option<Key>,
    /// Signs cursors.
    pub cursor: Key,
    /// The one before, while its cursors are in use (`cursor_previous`).
    pub cursor_previous: Option<Key>,
    /// The seed of the key that signs statements and leases.
    pub signing: Key,
    /// The seed of the key that signs SDK releases.
    pub release: Key,
    /// The one before, published while releases stand that it signed (`release_previous`).
    pub release_previous: Option<Key>,
    /// Signs messages of other services.
    pub inbound: Key,
    /// The seed of the key with which the stand-in for auth signs tokens.
    pub tokens: Key,
    /// What the stand-in for auth hashes the secrets of API keys under.
    pub api_keys: Key,
    /// Seals the cookies of the customer portal.
    pub portal: Key,
    /// Seals what is kept of secrets.
    pub vault: Key,
    /// The vault's key before, until nothing is sealed with it (`vault_previous`).
    pub vault_previous: Option<Key>,
    /// What the codes of Verify are made and compared with.
    pub pepper: Key,
    /// The pepper before, while codes made with it may live (`pepper_previous`).
    pub pepper_previous: Option<Key>,
    /// What destinations are known by; it changes only with a migration that hashes them anew.
    pub destination: Key,
    /// The seed of the key that signs approvals of production.
    pub approval: Key,
    /// The seed of the key that signs approvals of sandboxes.
    pub approval_sandbox: Key,
    /// The password of the roles that this program made in its database.
    pub database: Key,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error("the keys in {} cannot be had: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Others can read the file.
    #[error("{} can be read by others: chmod 600 it", .0.display())]
    Open(PathBuf),
    /// A member of the file is no key.
    #[error("`{key}` in {} is not 32 secret bytes in base64", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The member.
        key: String,
    },
    /// The file is no TOML.
    #[error("{} is no TOML", .0.display())]
    Unreadable(PathBuf),
    /// A production process makes no keys.
    #[error("the profile `production` wants {} with every key: make it with `sarai keys new`", .0.display())]
    Missing(PathBuf),
    /// A production process takes no keys that were made unasked.
    #[error("the profile `production` refuses the development keys in {}", .0.display())]
    Development(PathBuf),
    /// There are keys already.
    #[error("{} is there already; whatever is signed with its keys would be lost", .0.display())]
    Exists(PathBuf),
}

/// Which keys a process takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// Whatever is there; what is missing is made and marked as made unasked.
    Any,
    /// Only keys that were asked for, all of them.
    Production,
}

impl Keys {
    /// Keys of this process only.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let Ok(keys) = Self::each(|_| Ok::<_, std::convert::Infallible>(entropy.bytes()));
        keys
    }

    /// The keys of a data folder.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn of(folder: &Path, demand: Demand, entropy: &dyn Entropy) -> Result<Self, KeysError> {
        let path = folder.join(FILE);
        let failed = |reason| KeysError::Io { path: path.clone(), reason };
        if demand == Demand::Any {
            private_folder(folder).map_err(failed)?;
        } else if !path.is_file() {
            return Err(KeysError::Missing(path));
        }
        // In production nothing is written: the file may be a secret that is mounted to be read.
        let makes = demand == Demand::Any;
        let mut file =
            private(OpenOptions::new().read(true).write(makes).create(makes)).open(&path).map_err(failed)?;
        // Two processes that start at once: the second reads what the first has made.
        file.lock().map_err(failed)?;
        if others_read(&file).map_err(failed)? {
            return Err(KeysError::Open(path));
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let mut table: Table = text.parse().map_err(|_| KeysError::Unreadable(path.clone()))?;
        if demand == Demand::Production && table.get(DEVELOPMENT).and_then(Value::as_bool) != Some(false) {
            return Err(KeysError::Development(path));
        }
        let mut made = false;
        let read = |name: &str, value: &Value| {
            key_of(value).ok_or_else(|| KeysError::Malformed { path: path.clone(), key: name.to_owned() })
        };
        let previous = |name: &str| table.get(name).map(|value| read(name, value)).transpose();
        let (pepper_previous, vault_previous) = (previous("pepper_previous")?, previous("vault_previous")?);
        let release_previous = previous("release_previous")?;
        let (idempotency_previous, cursor_previous) =
            (previous("idempotency_previous")?, previous("cursor_previous")?);
        let keys = Self::each(|name| match table.get(name) {
            Some(value) => read(name, value),
            None if demand == Demand::Production => Err(KeysError::Missing(path.clone())),
            None => {
                made = true;
                let key = entropy.bytes();
                table.insert(name.to_owned(), Value::String(STANDARD.encode(key)));
                Ok(key)
            }
        })?;
        if made {
            table.insert(DEVELOPMENT.to_owned(), Value::Boolean(true));
            write(&mut file, &table).map_err(failed)?;
        }
        let rings = [
            ("pepper_previous", pepper_previous, keys.pepper),
            ("vault_previous", vault_previous, keys.vault),
            ("release_previous", release_previous, keys.release),
            ("idempotency_previous", idempotency_previous, keys.idempotency),
            ("cursor_previous", cursor_previous, keys.cursor),
        ];
        if let Some((name, ..)) = rings.iter().find(|(_, previous, current)| *previous == Some(*current)) {
            return Err(KeysError::Malformed { path, key: (*name).to_owned() });
        }
        Ok(Self {
            idempotency_previous,
            cursor_previous,
            release_previous,
            vault_previous,
            pepper_previous,
            ..keys
        })
    }

    /// Makes the keys of a data folder that has none, fit for production.
    ///
    /// # Errors
    /// [`KeysError`].
    pub fn make(folder: &Path, entropy: &dyn Entropy) -> Result<PathBuf, KeysError> {
        let path = folder.join(FILE);
        let failed = |reason: io::Error| match reason.kind() {
            io::ErrorKind::AlreadyExists => KeysError::Exists(path.clone()),
            _ => KeysError::Io { path: path.clone(), reason },
        };
        private_folder(folder).map_err(failed)?;
        let mut file =
            private(OpenOptions::new().write(true).create_new(true)).open(&path).map_err(failed)?;
        file.lock().map_err(failed)?;
        let mut table = Table::from_iter([(DEVELOPMENT.to_owned(), Value::Boolean(false))]);
        Self::each(|name| {
            let key = entropy.bytes();
            table.insert(name.to_owned(), Value::String(STANDARD.encode(key)));
            Ok::<_, KeysError>(key)
        })?;
        write(&mut file, &table).map_err(failed)?;
        Ok(path)
    }

    /// Each key by its name in the file.
    fn each<E>(mut key: impl FnMut(&'static str) -> Result<Key, E>) -> Result<Self, E> {
        Ok(Self {
            quote: key("quote")?,
            idempotency: key("idempotency")?,
            idempotency_previous: None,
            cursor: key("cursor")?,
            cursor_previous: None,
            signing: key("signing")?,
            release: key("release")?,
            release_previous: None,
            inbound: key("inbound")?,
            tokens: key("tokens")?,
            api_keys: key("api_keys")?,
            portal: key("portal")?,
            vault: key("vault")?,
            vault_previous: None,
            pepper: key("pepper")?,
            pepper_previous: None,
            destination: key("destination")?,
            approval: key("approval")?,
            approval_sandbox: key("approval_sandbox")?,
            database: key("database")?,
        })
    }
}

fn key_of(value: &Value) -> Option<Key> {
    let key: Key = STANDARD.decode(value.as_str()?).ok()?.try_into().ok()?;
    key.iter().any(|byte| *byte != 0).then_some(key)
}

fn write(file: &mut File, table: &Table) -> io::Result<()> {
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(table.to_string().as_bytes())?;
    file.sync_all()
}

/// Makes a folder that nobody else looks into.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// What is made is read by nobody else.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(unix)]
fn others_read(file: &File) -> io::Result<bool> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions());
    Ok(mode & 0o077 != 0)
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it asks the system elsewhere")]
fn others_read(_file: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt as _};

    use sarai_system::OsEntropy;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("sarai-keys-{}-{name}", std::process::id()));
            Self(folder)
        }

        fn keys(&self, demand: Demand) -> Result<Keys, KeysError> {
            Keys::of(&self.0, demand, &OsEntropy)
        }

        fn file(&self) -> PathBuf {
            self.0.join(FILE)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn keys_are_made_once_and_read_by_nobody_else() {
        let folder = Folder::new("once");
        let all = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| folder.keys(Demand::Any).unwrap().quote)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<Key>>()
        });
        assert!(all.iter().all(|key| *key == all[0]));
        let mode = std::fs::metadata(folder.file()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(folder.file(), Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(folder.keys(Demand::Any), Err(KeysError::Open(_))));
    }

    #[test]
    fn production_takes_only_keys_that_were_asked_for() {
        let folder = Folder::new("production");
        assert!(matches!(folder.keys(Demand::Production), Err(KeysError::Missing(_))));
        assert!(!folder.file().exists());
        folder.keys(Demand::Any).unwrap();
        assert!(matches!(folder.keys(Demand::Production), Err(KeysError::Development(_))));
        assert!(matches!(Keys::make(&folder.0, &OsEntropy), Err(KeysError::Exists(_))));
        std::fs::remove_file(folder.file()).unwrap();
        Keys::make(&folder.0, &OsEntropy).unwrap();
        let quote = folder.keys(Demand::Production).unwrap().quote;
        assert_eq!(folder.keys(Demand::Any).unwrap().quote, quote);
    }

    #[test]
    fn a_key_that_is_missing_is_made_and_a_bad_one_is_named() {
        let folder = Folder::new("missing");
        let before = folder.keys(Demand::Any).unwrap();
        let text = std::fs::read_to_string(folder.file()).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("cursor")).collect();
        std::fs::write(folder.file(), lines.join("\n")).unwrap();
        let after = folder.keys(Demand::Any).unwrap();
        assert_eq!(after.quote, before.quote);
        assert_ne!(after.cursor, before.cursor);
        assert_eq!(folder.keys(Demand::Any).unwrap().cursor, after.cursor);
        std::fs::write(folder.file(), "quote = \"c2hvcnQ=\"\n").unwrap();
        let bad = folder.keys(Demand::Any).map(|_| ()).unwrap_err().to_string();
        assert!(bad.contains("`quote`") && !bad.contains("c2hvcnQ"), "{bad}");
        let zeros = STANDARD.encode([0; 32]);
        std::fs::write(folder.file(), format!("pepper = \"{zeros}\"\n")).unwrap();
        let bad = folder.keys(Demand::Any).map(|_| ()).unwrap_err().to_string();
        assert!(bad.contains("`pepper`"), "{bad}");
    }

    #[test]
    fn a_key_that_was_replaced_is_read_and_is_another_one() {
        let folder = Folder::new("previous");
        let before = folder.keys(Demand::Any).unwrap();
        assert_eq!((before.pepper_previous, before.vault_previous), (None, None));
        let text = std::fs::read_to_string(folder.file()).unwrap();
        let with = |name: &str, key: &Key| format!("{text}{name} = \"{}\"\n", STANDARD.encode(key));
        std::fs::write(folder.file(), with("pepper_previous", &[7; 32])).unwrap();
        let after = folder.keys(Demand::Any).unwrap();
        assert_eq!((after.pepper, after.pepper_previous), (before.pepper, Some([7; 32])));
        std::fs::write(folder.file(), with("vault_previous", &[8; 32])).unwrap();
        let after = folder.keys(Demand::Any).unwrap();
        assert_eq!((after.vault, after.vault_previous), (before.vault, Some([8; 32])));
        for (name, current) in [("pepper_previous", before.pepper), ("vault_previous", before.vault)] {
            std::fs::write(folder.file(), with(name, &current)).unwrap();
            assert!(matches!(folder.keys(Demand::Any), Err(KeysError::Malformed { key, .. }) if key == name));
        }
    }
}
