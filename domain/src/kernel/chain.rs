//! Hash chains: rows in an order in which nobody can change, remove or insert one unseen (ruling R63).
//!
//! - a chain has a name; its genesis is SHA-256 of the text `sarai.chain.v1:<name>`
//! - a row's hash is SHA-256(prev ‖ JCS(row)): the 32 bytes of the hash before it, then the row as canonical
//!   JSON (RFC 8785). Rows hold texts and small whole numbers only, so every language writes the same bytes
//! - places count from 1 without gaps; the head is the last place and its hash
//!
//! Whoever can rewrite a chain can rewrite all of its hashes. A head that was signed and published before, an
//! anchor, is what such a chain does not fit to.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

/// What a chain's name is hashed with.
const GENESIS: &str = "sarai.chain.v1:";

/// Bytes that are written as lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// A SHA-256.
pub type Digest = Hex<32>;

/// The text is not so many lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a hash or signature is lower-case hexadecimal digits, two for each byte")]
pub struct HexError;

/// A row's place in a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainLink {
    /// From 1.
    pub seq: u64,
    /// The hash of the row before; the genesis for the first.
    pub prev: Digest,
    /// The row's own.
    pub hash: Digest,
}

/// How far a chain goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainHead {
    /// How many rows it has.
    pub count: u64,
    /// The hash of the last; the genesis of none.
    pub hash: Digest,
}

/// The first place at which a chain is not what it was when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Another row stands where this one belongs: one was removed, inserted or moved.
    #[error("line {expected} is missing: line {found} stands in its place")]
    Place {
        /// The place that comes next.
        expected: u64,
        /// The place the row says it has.
        found: u64,
    },
    /// The row does not follow the row before it: that one was changed or replaced, hashes included.
    #[error("line {seq} does not follow the line before it")]
    Link {
        /// The row.
        seq: u64,
    },
    /// The row is not what was hashed.
    #[error("line {seq} was changed")]
    Row {
        /// The row.
        seq: u64,
    },
    /// Rows that were anchored are not there.
    #[error("lines {} to {anchored} are missing: only {count} are there", count.saturating_add(1))]
    Truncated {
        /// How many are there.
        count: u64,
        /// How many were anchored.
        anchored: u64,
    },
    /// The chain is whole and is another one than was anchored.
    #[error("the first {count} lines are not the ones that were signed")]
    Anchor {
        /// How many were anchored.
        count: u64,
    },
    /// The row cannot be written as canonical JSON.
    #[error("line {seq} has no canonical form")]
    NotCanonical {
        /// The row.
        seq: u64,
    },
}

impl ChainHead {
    /// A chain without rows.
    pub fn genesis(name: &str) -> Self {
        let hash = Sha256::new().chain_update(GENESIS).chain_update(name).finalize();
        Self { count: 0, hash: Hex(hash.into()) }
    }

    /// The link of the next row.
    ///
    /// # Errors
    /// [`Broken::NotCanonical`] for a row that has no JSON: a map without text keys, a number that is none.
    pub fn link(&self, row: &impl Serialize) -> Result<ChainLink, Broken> {
        let seq = self.count.saturating_add(1);
        let json = serde_json_canonicalizer::to_vec(row).map_err(|_| Broken::NotCanonical { seq })?;
        let hash = Sha256::new().chain_update(self.hash.0).chain_update(json).finalize();
        Ok(ChainLink { seq, prev: self.hash, hash: Hex(hash.into()) })
    }

    /// The head after a row, when the row is the next and its link its own.
    ///
    /// # Errors
    /// [`Broken`] when it is not.
    pub fn follow(&self, row: &impl Serialize, link: &ChainLink) -> Result<Self, Broken> {
        let expected = self.link(row)?;
        match link {
            link if link.seq != expected.seq => {
                Err(Broken::Place { expected: expected.seq, found: link.seq })
            }
            link if link.prev != expected.prev => Err(Broken::Link { seq: link.seq }),
            link if link.hash != expected.hash => Err(Broken::Row { seq: link.seq }),
            link => Ok(link.into()),
        }
    }
}

impl From<&ChainLink> for ChainHead {
    fn from(link: &ChainLink) -> Self {
        Self { count: link.seq, hash: link.hash }
    }
}

/// Checks a whole chain from its genesis, and against a head that was signed earlier. O(rows).
///
/// # Errors
/// The first place that is [`Broken`].
pub fn verify<'a, R: Serialize + 'a>(
    name: &str,
    rows: impl IntoIterator<Item = (&'a R, &'a ChainLink)>,
    anchor: Option<&ChainHead>,
) -> Result<ChainHead, Broken> {
    let fits = |head: ChainHead| match anchor {
        Some(anchor) if anchor.count == head.count && anchor.hash != head.hash => {
            Err(Broken::Anchor { count: anchor.count })
        }
        _ => Ok(head),
    };
    let start = fits(ChainHead::genesis(name))?;
    let head = rows.into_iter().try_fold(start, |head, (row, link)| fits(head.follow(row, link)?))?;
    match anchor {
        Some(anchor) if anchor.count > head.count => {
            Err(Broken::Truncated { count: head.count, anchored: anchor.count })
        }
        _ => Ok(head),
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> FromStr for Hex<N> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Self, HexError> {
        let digit = |byte: &u8| match byte {
            b'0'..=b'9' => Ok(byte.wrapping_sub(b'0')),
            b'a'..=b'f' => Ok(byte.wrapping_sub(b'a').wrapping_add(10)),
            _ => Err(HexError),
        };
        let bytes: Result<Vec<u8>, HexError> = text
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Ok(digit(high)? << 4 | digit(low)?),
                _ => Err(HexError),
            })
            .collect();
        bytes?.try_into().map(Self).map_err(|_| HexError)
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A row with every kind of member the real ones have.
    #[derive(Debug, Clone, PartialEq, Serialize)]
    struct Entry {
        zulu: String,
        alpha: Option<String>,
        number: u32,
    }

    fn entry(number: u32) -> Entry {
        let alpha = number.is_multiple_of(3).then(|| format!("\u{e9}\"{number}\n"));
        Entry { zulu: format!("row {number}"), alpha, number }
    }

    type Chain = Vec<(Entry, ChainLink)>;

    /// A chain of so many rows, and its heads.
    fn chain(count: u32) -> (Chain, Vec<ChainHead>) {
        let mut heads = vec![ChainHead::genesis("test")];
        let rows = (1..=count)
            .map(|number| {
                let row = entry(number);
                let link = heads.last().unwrap().link(&row).unwrap();
                heads.push(ChainHead::from(&link));
                (row, link)
            })
            .collect();
        (rows, heads)
    }

    fn check(chain: &[(Entry, ChainLink)], anchor: Option<&ChainHead>) -> Result<ChainHead, Broken> {
        verify("test", chain.iter().map(|(row, link)| (row, link)), anchor)
    }

    #[test]
    fn a_hash_is_the_sha_256_of_the_hash_before_and_the_canonical_row() {
        // printf 'sarai.chain.v1:test' | sha256sum, then (its bytes, then the JSON) | sha256sum.
        let genesis = ChainHead::genesis("test");
        let json = br#"{"alpha":null,"number":1,"zulu":"row 1"}"#;
        let by_hand = Sha256::new().chain_update(genesis.hash.0).chain_update(json).finalize();
        assert_eq!(genesis.hash.0, <[u8; 32]>::from(Sha256::digest("sarai.chain.v1:test")));
        assert_eq!(
            genesis.hash.to_string(),
            "cf1131f33849228f22483b02e72b2680b50272bf9f70a355b5ade29a010573ba"
        );
        assert_eq!(genesis.link(&entry(1)).unwrap().hash, Hex(by_hand.into()));
        assert_ne!(ChainHead::genesis("tesu").hash, genesis.hash);
    }

    #[test]
    fn a_chain_that_nobody_touched_verifies_against_every_head_it_had() {
        let (rows, heads) = chain(60);
        for head in &heads {
            assert_eq!(check(&rows, Some(head)), Ok(heads[60]));
        }
        assert_eq!(check(&rows, None), Ok(heads[60]));
        assert_eq!(check(&[], None), Ok(heads[0]));
    }

    #[test]
    fn each_way_of_tampering_is_named_at_its_place() {
        let (rows, heads) = chain(9);
        let anchor = heads[9];
        let tampered = |change: fn(&mut Chain)| {
            let mut rows = rows.clone();
            change(&mut rows);
            check(&rows, Some(&anchor))
        };
        assert_eq!(tampered(|rows| rows[3].0.number = 400), Err(Broken::Row { seq: 4 }));
        assert_eq!(tampered(|rows| rows[3].1.hash.0[0] ^= 1), Err(Broken::Row { seq: 4 }));
        assert_eq!(tampered(|rows| rows[3].1.prev.0[0] ^= 1), Err(Broken::Link { seq: 4 }));
        let missing = Err(Broken::Place { expected: 4, found: 5 });
        assert_eq!(tampered(|rows| drop(rows.remove(3))), missing);
        assert_eq!(tampered(|rows| rows.swap(3, 4)), missing);
        let twice = Err(Broken::Place { expected: 5, found: 4 });
        assert_eq!(tampered(|rows| rows.insert(3, rows[3].clone())), twice);
        let cut = Err(Broken::Truncated { count: 7, anchored: 9 });
        assert_eq!(tampered(|rows| rows.truncate(7)), cut);
    }

    #[test]
    fn a_chain_made_anew_is_not_the_one_that_was_signed() {
        let (_, heads) = chain(9);
        let mut head = ChainHead::genesis("test");
        let mut forged = Chain::new();
        for number in 1..=9 {
            let row = entry(if number == 4 { 400 } else { number });
            let link = head.link(&row).unwrap();
            head = (&link).into();
            forged.push((row, link));
        }
        assert!(check(&forged, None).is_ok(), "hashes alone do not tell");
        assert_eq!(check(&forged, Some(&heads[9])), Err(Broken::Anchor { count: 9 }));
        assert!(check(&forged, Some(&heads[3])).is_ok(), "what was signed earlier is as it was");
    }

    /// Ten thousand rows, each row tampered with in one of five ways. What stands before the place is the
    /// chain that was verified, so the walk begins there.
    #[test]
    fn every_single_tamper_of_ten_thousand_rows_is_found() {
        let (rows, heads) = chain(10_000);
        assert_eq!(check(&rows, Some(&heads[10_000])), Ok(heads[10_000]));
        let mut tampers = 0;
        for at in (0..9_999).step_by(7) {
            for way in 0..5 {
                let mut near: Chain = rows[at..at + 2].to_vec();
                match way {
                    0 => near[0].0.zulu.push(' '),
                    1 => near[0].0.alpha = Some(String::new()),
                    2 => near[0].0.number ^= 1,
                    3 => drop(near.remove(0)),
                    _ => near.swap(0, 1),
                }
                let walked = near.iter().try_fold(heads[at], |head, (row, link)| head.follow(row, link));
                assert!(walked.is_err(), "row {at}, way {way}");
                tampers += 1;
            }
        }
        assert!(tampers > 1_000);
    }

    proptest! {
        #[test]
        fn any_change_of_any_row_is_found(
            count in 2_u32..40, at in 0_usize..1_000, text in ".{0,8}", number: u32, bit in 0_usize..256,
            way in 0_u8..7,
        ) {
            let (original, heads) = chain(count);
            let (mut rows, at) = (original.clone(), at % original.len());
            match way {
                0 => rows[at].0.zulu = text,
                1 => rows[at].0.alpha = Some(text),
                2 => rows[at].0.number = number,
                3 => rows[at].1.hash.0[bit / 8] ^= 1 << (bit % 8),
                4 => rows[at].1.prev.0[bit / 8] ^= 1 << (bit % 8),
                5 => drop(rows.remove(at)),
                _ => rows.truncate(at),
            }
            let found = check(&rows, heads.last());
            prop_assert_eq!(found.is_err(), rows != original, "{:?}", found);
        }

        #[test]
        fn print_then_parse_is_identity(bytes: [u8; 32]) {
            let hash = Hex(bytes);
            prop_assert_eq!(hash.to_string().parse::<Digest>(), Ok(hash));
        }
    }

    #[test]
    fn hexadecimal_has_one_spelling() {
        let good = "0".repeat(64);
        assert!(good.parse::<Digest>().is_ok());
        let bad =
            ["", "0", &"0".repeat(63), &"0".repeat(65), &"A".repeat(64), &"g".repeat(64), &"é".repeat(32)];
        for bad in bad {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }
}
