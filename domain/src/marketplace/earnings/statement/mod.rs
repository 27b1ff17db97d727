//! A period's statement: its lines in a hash chain, with what each did to the balance (marketplace.md 10.8).
//!
//! One chain a period. A provider checks one file, and that file has to hold its whole chain: a chain across
//! months would interleave April's late refunds with May's sales, and April's file would have gaps in which a
//! line can be missing unseen. Months hang together by the carry, which is a line.
//!
//! Lines are sealed in the order in which they were committed. A row's hash covers everything the statement
//! says of the line: where it comes from, its amounts, its effect and the balance after it.

mod balance;
mod check;
mod file;
mod verify;

#[cfg(test)]
mod tests;

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};

pub use balance::Balance;
pub use check::{StatementCheck, checks};
pub use file::{LinesPart, StatementFile};
pub use verify::{StatementFault, Verified, verify};

use super::{EarningsKey, EarningsLine, EarningsTotals, LineKind};
use crate::kernel::{
    Broken, ChainHead, ChainLink, Digest, EarningsLineId, Hex, ListingId, Money, MoneyError, OrderId,
    OrderLineId, Timestamp,
};

/// What an anchor's signature is over, besides the anchor: no other text of ours begins so.
const ANCHOR: &str = "sarai.statement.anchor.v1";

/// What a statement says of a line: all of it is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementRow {
    /// The line.
    pub line_id: EarningsLineId,
    /// What it is.
    pub kind: LineKind,
    /// The order; none for a carry.
    pub order_id: Option<OrderId>,
    /// The order line; none for a carry.
    pub order_line_id: Option<OrderLineId>,
    /// What was sold; none for a carry.
    pub listing_id: Option<ListingId>,
    /// The event that caused it.
    pub source_event_id: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The base before tax.
    pub gross: Money,
    /// The platform's frozen share in basis points.
    pub bps: u32,
    /// The platform's part.
    pub fee: Money,
    /// By how much it moves what is payable, unsigned.
    pub net: Money,
    /// The same, signed.
    pub effect: Balance,
    /// The sum of the effects up to here: what is payable, or below zero the deficit.
    pub balance: Balance,
    /// A sale's refund deadline: until then it is held.
    pub held_until: Option<Timestamp>,
}

/// A sealed line: the row and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    /// What is hashed.
    #[serde(flatten)]
    pub row: StatementRow,
    /// Its place.
    #[serde(flatten)]
    pub link: ChainLink,
}

/// How far a period is sealed, and what its sealed lines come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementHead {
    /// The chain's.
    pub chain: ChainHead,
    /// After the last line.
    pub balance: Balance,
    /// The sums of the sealed lines.
    pub totals: EarningsTotals,
}

/// A head of a period's chain that was signed and published: what came before it can never be denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementAnchor {
    /// How many lines.
    pub count: u64,
    /// The hash of the last of them.
    pub hash: Digest,
    /// Real time of the signature.
    pub at: Timestamp,
    /// The key that signed it, as the key set names it.
    pub key_id: String,
    /// Ed25519 over [`StatementAnchor::signed_bytes`].
    pub signature: Hex<64>,
}

/// Why a line cannot be sealed. The aggregate that took the line would have refused it for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another currency, or an overflow.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// It cannot be hashed.
    #[error(transparent)]
    Chain(#[from] Broken),
}

impl StatementRow {
    /// What the statement says of a line after which the balance is this.
    pub fn new(line: &EarningsLine, balance: Balance) -> Self {
        Self {
            line_id: line.id,
            kind: line.kind,
            order_id: line.order_id,
            order_line_id: line.order_line_id,
            listing_id: line.listing_id,
            source_event_id: line.source_event_id.clone(),
            occurred_at: line.occurred_at,
            gross: line.gross,
            bps: line.bps,
            fee: line.fee,
            net: line.net,
            effect: Balance::of(line.kind, &line.net),
            balance,
            held_until: line.hold_until,
        }
    }

    /// The line the row is about.
    pub fn line(&self) -> EarningsLine {
        EarningsLine {
            id: self.line_id,
            kind: self.kind,
            order_id: self.order_id,
            order_line_id: self.order_line_id,
            listing_id: self.listing_id,
            source_event_id: self.source_event_id.clone(),
            gross: self.gross,
            fee: self.fee,
            net: self.net,
            bps: self.bps,
            occurred_at: self.occurred_at,
            hold_until: self.held_until,
        }
    }
}

impl StatementHead {
    /// Of a period nothing of which is sealed. The chain's name is the period's key, `acme:USD:2026-04`.
    pub fn empty(key: &EarningsKey) -> Self {
        Self {
            chain: ChainHead::genesis(&key.to_string()),
            balance: Balance::zero(key.currency),
            totals: EarningsTotals::zero(key.currency),
        }
    }

    /// The next line, sealed.
    ///
    /// # Errors
    /// [`SealError`] for a line of another currency, or one too many to count.
    pub fn seal(&self, line: &EarningsLine) -> Result<StatementLine, SealError> {
        let balance = self.balance.plus(&Balance::of(line.kind, &line.net))?;
        let row = StatementRow::new(line, balance);
        Ok(StatementLine { link: self.chain.link(&row)?, row })
    }

    /// The head after a sealed line.
    ///
    /// # Errors
    /// [`SealError`] when it is not the next line of this chain, or its amounts do not fit.
    pub fn follow(&self, line: &StatementLine) -> Result<Self, SealError> {
        Ok(Self {
            chain: self.chain.follow(&line.row, &line.link)?,
            balance: line.row.balance,
            totals: self.totals.with(&line.row.line())?,
        })
    }
}

impl StatementAnchor {
    /// What is signed: the canonical JSON of the label, the chain's name, count, hash and time.
    pub fn signed_bytes(key: &EarningsKey, head: &ChainHead, at: Timestamp) -> Vec<u8> {
        #[derive(Serialize)]
        struct Signed<'a> {
            anchor: &'a str,
            at: Timestamp,
            chain: String,
            count: u64,
            hash: Digest,
        }
        let signed =
            Signed { anchor: ANCHOR, at, chain: key.to_string(), count: head.count, hash: head.hash };
        // Texts and a whole number: there is no such value without JSON.
        serde_json_canonicalizer::to_vec(&signed).unwrap_or_default()
    }

    /// The head it is of.
    pub fn head(&self) -> ChainHead {
        ChainHead { count: self.count, hash: self.hash }
    }

    /// Whether this public key signed it for this period.
    pub fn is_signed_by(&self, period: &EarningsKey, public_key: &[u8; 32]) -> bool {
        let bytes = Self::signed_bytes(period, &self.head(), self.at);
        let signature = Signature::from_bytes(&self.signature.0);
        VerifyingKey::from_bytes(public_key).is_ok_and(|key| key.verify_strict(&bytes, &signature).is_ok())
    }
}
