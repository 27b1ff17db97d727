//! A statement as it is downloaded: the members that a verifier needs.

use serde::{Deserialize, Serialize};

use super::{EarningsKey, EarningsTotals, StatementAnchor, StatementLine};
use crate::kernel::ChainHead;

/// A downloaded statement, or a page of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatementFile {
    /// Whose, in which currency, of which month.
    #[serde(flatten)]
    pub key: EarningsKey,
    /// The sums it claims; tables have none.
    pub totals: Option<EarningsTotals>,
    /// The lines.
    pub lines: LinesPart,
    /// How far the chain went when it was downloaded; none in a download that broke off.
    pub head: Option<ChainHead>,
    /// The latest anchor, when there was one.
    pub anchor: Option<StatementAnchor>,
}

/// Some lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinesPart {
    /// In the order of the chain.
    pub data: Vec<StatementLine>,
}

impl StatementFile {
    /// One statement out of its pages, in their order; none out of no page or of pages of several periods.
    pub fn join(pages: Vec<Self>) -> Option<Self> {
        let mut pages = pages.into_iter();
        let first = pages.next()?;
        pages.try_fold(first, |mut whole, page| {
            if page.key != whole.key {
                return None;
            }
            // The chain may have grown between two pages: the last one knows how far.
            whole.lines.data.extend(page.lines.data);
            let lines = whole.lines;
            Some(Self { lines, ..page })
        })
    }
}
