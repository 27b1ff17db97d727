//! Compression: brotli where a browser takes it, else gzip. What holds a secret never gets here.

use std::io::Write as _;

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

/// What a browser takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Brotli.
    Brotli,
    /// Gzip.
    Gzip,
    /// Nothing.
    Plain,
}

impl Encoding {
    /// The best that a header `Accept-Encoding` allows.
    pub(crate) fn of(accepted: &str) -> Self {
        let takes = |name: &str| {
            accepted.split(',').any(|part| {
                let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
                let refused = weight
                    .trim()
                    .strip_prefix("q=")
                    .is_some_and(|weight| weight.trim().bytes().all(|byte| matches!(byte, b'0' | b'.')));
                coding.trim().eq_ignore_ascii_case(name) && !refused
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    /// Its name in `Content-Encoding`; none of plain.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Plain => None,
        }
    }

    /// Compresses a page, which is made each time: well, and soon. Empty when it cannot.
    pub(crate) fn page(self, plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Brotli => brotli(plain, 5),
            Self::Gzip => gzip(plain),
            Self::Plain => Vec::new(),
        }
    }

    /// Compresses what is compressed once: as small as it gets.
    pub(crate) fn once(self, plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Brotli => brotli(plain, 11),
            other => other.page(plain),
        }
    }
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(plain).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn brotli(plain: &[u8], quality: i32) -> Vec<u8> {
    let parameters =
        BrotliEncoderParams { quality, size_hint: plain.len(), ..BrotliEncoderParams::default() };
    let mut small = Vec::new();
    match brotli::BrotliCompress(&mut &*plain, &mut small, &parameters) {
        Ok(_) => small,
        Err(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_browser_gets_what_it_takes() {
        for (accepted, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0", Encoding::Gzip),
            ("gzip;q=0.0", Encoding::Plain),
            ("BR", Encoding::Brotli),
            ("brr, xgzip", Encoding::Plain),
            ("", Encoding::Plain),
        ] {
            assert_eq!(Encoding::of(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn what_is_compressed_is_the_same_when_it_is_not_any_more() {
        let plain: Vec<u8> = "کابل Kabul ".repeat(500).into_bytes();
        for small in [Encoding::Brotli.page(&plain), Encoding::Brotli.once(&plain)] {
            let mut back = Vec::new();
            brotli::Decompressor::new(&*small, 4_096).read_to_end(&mut back).unwrap();
            assert!(back == plain && small.len() * 20 < plain.len(), "{} B", small.len());
        }
        let small = Encoding::Gzip.page(&plain);
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&*small).read_to_end(&mut back).unwrap();
        assert!(back == plain && small.len() * 20 < plain.len(), "{} B", small.len());
        assert_eq!(Encoding::Plain.page(&plain), Vec::<u8>::new());
    }
}
