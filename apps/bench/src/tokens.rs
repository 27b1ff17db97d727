//! Access tokens for as many buyers as are wanted. The server gets a key file whose token key is known here, as a
//! deployment's processes share theirs; nothing in it is made easier.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    time::SystemTime,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// The seed of the key: a benchmark's market holds nothing worth a secret.
const SEED: [u8; 32] = *b"a key of benchmarks, not secret.";
/// Seconds a token is good.
const GOOD: u64 = 24 * 60 * 60;

/// Writes the key file into the data folder that a server will find in its working directory.
pub(crate) fn key_file(working: &Path) -> io::Result<()> {
    let folder = working.join("sarai-data");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    // Servers over one cluster share its roles, and so their password; all other keys they make themselves.
    let key = STANDARD.encode(SEED);
    let text = format!("tokens = \"{key}\"\ndatabase = \"{key}\"\n");
    let mut open = fs::OpenOptions::new();
    let mut file = open.write(true).create_new(true).mode(0o600).open(folder.join("keys.toml"))?;
    io::Write::write_all(&mut file, text.as_bytes())
}

/// The password of the roles that a server with this key file makes.
pub(crate) fn password() -> String {
    SEED.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Signs tokens that are like another one but for whom they are.
pub(crate) struct Tokens {
    head: String,
    claims: Value,
    key: SigningKey,
}

impl Tokens {
    /// Like this token of the same server.
    pub(crate) fn like(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (head, claims) = (parts.next()?, parts.next()?);
        let claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        Some(Self { head: head.to_owned(), claims, key: SigningKey::from_bytes(&SEED) })
    }

    /// The token of a tenant's only user, who administers it.
    pub(crate) fn of(&self, tenant: &str) -> String {
        #[expect(clippy::disallowed_methods, reason = "there is no clock port around a benchmark")]
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut claims = self.claims.clone();
        for (name, value) in [
            ("sub", json!(tenant)),
            ("account_id", json!(tenant)),
            ("tenant_id", json!(tenant)),
            ("email", json!(format!("{tenant}@bench.test"))),
            ("roles", json!(["customer", "tenant-admin"])),
            ("exp", json!(now + GOOD)),
        ] {
            claims[name] = value;
        }
        let signed = format!("{}.{}", self.head, URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes()).to_bytes());
        format!("{signed}.{signature}")
    }
}
