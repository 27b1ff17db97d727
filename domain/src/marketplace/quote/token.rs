//! The signed token of a quote: proves that we gave this price to this buyer (ruling R54).

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::QuoteData;
use crate::kernel::QuoteId;

/// Makes and checks tokens. A token is the quote's id, a point, and an HMAC-SHA-256 in hex over the label,
/// the id, the order, the buyer, the total and the end, each with its length before it.
#[derive(Debug, Clone, Copy)]
pub struct QuoteToken;

const LABEL: &str = "quote.token.v1";

impl QuoteToken {
    /// The token of a quote under our key.
    ///
    /// ```
    /// # use sarai_domain::marketplace::quote::QuoteToken;
    /// assert_eq!(QuoteToken::quote_id("quo_01ARZ3NDEKTSV4RRFFQ69G5FAV.00").unwrap().to_string(),
    ///            "quo_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    /// assert!(QuoteToken::quote_id("anything else").is_none());
    /// ```
    pub fn sign(key: &[u8; 32], quote: &QuoteData) -> String {
        let tag = mac(key, quote).finalize().into_bytes();
        tag.iter().fold(format!("{}.", quote.id), |mut token, byte| {
            // Writing to a String cannot fail.
            let _ = write!(token, "{byte:02x}");
            token
        })
    }

    /// The quote a token speaks of; whether it speaks the truth is for [`QuoteToken::verify`] to say.
    pub fn quote_id(token: &str) -> Option<QuoteId> {
        token.split_once('.').and_then(|(id, _)| id.parse().ok())
    }

    /// Whether we signed this token for this quote. Takes the same time wherever they differ.
    pub fn verify(key: &[u8; 32], quote: &QuoteData, token: &str) -> bool {
        let tag = token.split_once('.').and_then(|(_, tag)| bytes(tag));
        tag.is_some_and(|tag| mac(key, quote).verify_slice(&tag).is_ok())
    }
}

fn mac(key: &[u8; 32], quote: &QuoteData) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&block).into());
    let parts = [
        LABEL.to_owned(),
        quote.id.to_string(),
        quote.order_id.to_string(),
        quote.buyer_tenant_id.to_string(),
        quote.buyer_user_id.to_string(),
        format!("{} {}", quote.totals, quote.totals.currency()),
        quote.expires_at.to_string(),
    ];
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part.as_bytes());
    }
    mac
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
