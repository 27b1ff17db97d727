//! The Rust SDK as it is handed out: the sources of `apps/sdk` in a `.crate`, the same bytes in every build.
//!
//! A `.crate` is a tar in a gzip. Both are written here, uncompressed and without times or owners: the few dozen lines
//! are less than two more dependencies.

/// The package's name.
pub const NAME: &str = "sarai-sdk";
/// Its version: the API's it was written from.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What changed.
pub const CHANGELOG: &str = "The first release: a method for each operation of the API.";

/// What stands on its own outside of the workspace.
const MANIFEST: &str = concat!(
    "[package]\nname = \"sarai-sdk\"\nversion = \"",
    env!("CARGO_PKG_VERSION"),
    "\"\nedition = \"2024\"\nrust-version = \"1.95\"\nlicense = \"MIT OR Apache-2.0\"\n\
     description = \"The Rust client of Sarai\"\nreadme = \"README.md\"\n\n[dependencies]\n\
     reqwest = { version = \"0.13.5\", default-features = false, features = [\"json\"] }\n\
     serde = { version = \"1.0.229\", features = [\"derive\"] }\nserde_json = \"1.0.154\"\nthiserror = \"2.0.21\"\n",
);

/// Its files.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", MANIFEST),
    ("README.md", include_str!("../../sdk/README.md")),
    ("src/lib.rs", include_str!("../../sdk/src/lib.rs")),
    ("src/operations.rs", include_str!("../../sdk/src/operations.rs")),
    ("src/types.rs", include_str!("../../sdk/src/types.rs")),
];

/// The file's name.
pub fn filename() -> String {
    format!("{NAME}-{VERSION}.crate")
}

/// The package.
pub fn bytes() -> Vec<u8> {
    let mut tar = Vec::new();
    for (path, text) in FILES {
        let path = format!("{NAME}-{VERSION}/{path}");
        tar.extend(header(&path, text.len()));
        tar.extend(text.as_bytes());
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
    }
    tar.resize(tar.len().saturating_add(2 * BLOCK), 0);
    gzip(&tar)
}

/// A block of a tar.
const BLOCK: usize = 512;

/// The header of a file (POSIX.1-1988, `ustar`).
fn header(path: &str, size: usize) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    let mut put = |at: usize, text: &str| {
        for (to, from) in block.iter_mut().skip(at).zip(text.bytes()) {
            *to = from;
        }
    };
    put(0, path);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{size:011o}\0"));
    put(136, "00000000000\0");
    // The sum is over the header with spaces in its place.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (to, from) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *to = from;
    }
    block
}

/// Bytes in a gzip (RFC 1952) of stored blocks (RFC 1951).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut parts = bytes.chunks(0xffff).peekable();
    while let Some(part) = parts.next() {
        let length = u16::try_from(part.len()).unwrap_or(u16::MAX);
        out.push(u8::from(parts.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(part);
    }
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(length.to_le_bytes());
    out
}

/// CRC-32 (IEEE).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn the_sum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_package_is_what_tar_unpacks() {
        let folder = std::env::temp_dir().join(format!("sarai-sdk-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("sdk.crate"), bytes()).unwrap();
        let unpacked = Command::new("tar").args(["-xzf", "sdk.crate"]).current_dir(&folder).status().unwrap();
        assert!(unpacked.success());
        for (path, text) in FILES {
            let read = std::fs::read_to_string(folder.join(format!("{NAME}-{VERSION}")).join(path)).unwrap();
            assert!(read == *text, "{path}");
        }
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(bytes(), bytes());
    }
}
