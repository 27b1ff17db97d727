//! What a provider runs over a downloaded statement: is it whole, unchanged, and does it add up?

use super::{EarningsTotals, LineKind, StatementFile, StatementHead, StatementLine, StatementRow};
use crate::kernel::{Broken, ChainHead, MoneyError};

/// What is wrong with a statement: the first thing found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementFault {
    /// A line is not what was sealed, or not where.
    #[error(transparent)]
    Chain(#[from] Broken),
    /// A line was sealed with numbers that do not add up.
    #[error("line {seq} does not add up: {what}")]
    Sum {
        /// The line.
        seq: u64,
        /// What does not.
        what: &'static str,
    },
    /// The lines end before or after the head the statement names.
    #[error("the lines end at {lines}, the statement says {head}")]
    Head {
        /// How many lines there are.
        lines: u64,
        /// How many it says there are.
        head: u64,
    },
    /// The last line has another hash than the head.
    #[error("the statement's head is not the hash of line {seq}")]
    HeadHash {
        /// The last line.
        seq: u64,
    },
    /// The download has no end.
    #[error("the file has no head after line {lines}: the download broke off")]
    Unfinished {
        /// How many lines there are.
        lines: u64,
    },
    /// A total is not the sum of the lines.
    #[error("{0} is not the sum of the lines")]
    Total(&'static str),
    /// The anchor was not signed by the key for this period.
    #[error("the anchor over {count} lines was not signed by this key")]
    Signature {
        /// How many lines it is of.
        count: u64,
    },
}

/// What a statement was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How far it goes, and what it comes to.
    pub head: StatementHead,
    /// How many lines the latest anchor vouches for; none without one: then a missing end cannot be noticed.
    pub anchored: Option<u64>,
}

/// Checks a whole statement: the anchor's signature, every line's place, hash, effect and balance, the head, the
/// totals. O(lines).
///
/// # Errors
/// The first [`StatementFault`].
pub fn verify(file: &StatementFile, public_key: &[u8; 32]) -> Result<Verified, StatementFault> {
    let anchor = file.anchor.as_ref();
    if let Some(anchor) = anchor.filter(|anchor| !anchor.is_signed_by(&file.key, public_key)) {
        return Err(StatementFault::Signature { count: anchor.count });
    }
    let anchored = anchor.map(super::StatementAnchor::head);
    let mut head = StatementHead::empty(&file.key);
    fits(&head.chain, anchored.as_ref())?;
    for line in &file.lines.data {
        head = add(&head, line)?;
        fits(&head.chain, anchored.as_ref())?;
    }
    let lines = head.chain.count;
    match file.head {
        None => return Err(StatementFault::Unfinished { lines }),
        Some(named) if named.count != lines => {
            return Err(StatementFault::Head { lines, head: named.count });
        }
        Some(named) if named.hash != head.chain.hash => return Err(StatementFault::HeadHash { seq: lines }),
        Some(_) => {}
    }
    if let Some(anchored) = anchored.filter(|anchored| anchored.count > lines) {
        return Err(Broken::Truncated { count: lines, anchored: anchored.count }.into());
    }
    if let Some(wrong) = file.totals.and_then(|totals| difference(&totals, &head.totals)) {
        return Err(StatementFault::Total(wrong));
    }
    Ok(Verified { head, anchored: anchored.map(|anchored| anchored.count) })
}

fn fits(head: &ChainHead, anchor: Option<&ChainHead>) -> Result<(), Broken> {
    match anchor {
        Some(anchor) if anchor.count == head.count && anchor.hash != head.hash => {
            Err(Broken::Anchor { count: anchor.count })
        }
        _ => Ok(()),
    }
}

/// The head after a line that is the next, and adds up.
fn add(head: &StatementHead, line: &StatementLine) -> Result<StatementHead, StatementFault> {
    let seq = line.link.seq;
    let chain = head.chain.follow(&line.row, &line.link)?;
    let sum = |what| StatementFault::Sum { seq, what };
    if let Some(what) = amounts(&line.row) {
        return Err(sum(what));
    }
    let overflow = |_: MoneyError| sum("another currency, or too large");
    let again = StatementRow::new(&line.row.line(), line.row.balance);
    if again.effect != line.row.effect {
        return Err(sum("effect is not net with the sign of its kind"));
    }
    if head.balance.plus(&line.row.effect).map_err(overflow)? != line.row.balance {
        return Err(sum("balance is not the balance before and the effect"));
    }
    let totals = head.totals.with(&line.row.line()).map_err(overflow)?;
    Ok(StatementHead { chain, balance: line.row.balance, totals })
}

/// What is wrong with a row's amounts for its kind.
fn amounts(row: &StatementRow) -> Option<&'static str> {
    if row.line().is_consistent() {
        return None;
    }
    Some(match row.kind {
        LineKind::Sale => "gross is not net and fee",
        LineKind::FeeReversal => "net is not fee",
        LineKind::Refund | LineKind::Tax | LineKind::Carry => "net is not gross",
    })
}

/// The first total that differs.
fn difference(claimed: &EarningsTotals, summed: &EarningsTotals) -> Option<&'static str> {
    let pairs = [
        ("grossRevenue", claimed.gross_revenue, summed.gross_revenue),
        ("platformFee", claimed.platform_fee, summed.platform_fee),
        ("feeReversed", claimed.fee_reversed, summed.fee_reversed),
        ("refunds", claimed.refunds, summed.refunds),
        ("taxesWithheld", claimed.taxes_withheld, summed.taxes_withheld),
        ("openingDeficit", claimed.opening_deficit, summed.opening_deficit),
        ("netPayable", claimed.net_payable, summed.net_payable),
        ("closingDeficit", claimed.closing_deficit, summed.closing_deficit),
    ];
    pairs.into_iter().find(|(_, claimed, summed)| claimed != summed).map(|(name, _, _)| name)
}
