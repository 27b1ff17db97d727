//! Statements as tables: one row a line, then the totals, the head and the latest anchor.
//!
//! A text that a spreadsheet would take for a formula gets a `'` before it; reading takes it off again. Amounts
//! are ours and stay numbers. A table without a `head` row is a download that broke off.

use std::{fmt::Display, io::Read, str::FromStr};

use sarai_domain::{
    kernel::{ChainHead, ChainLink, Currency, Money},
    marketplace::earnings::{
        EarningsKey, EarningsTotals, LineKind, StatementAnchor, StatementHead, StatementLine, StatementRow,
        statement::{Balance, LinesPart, StatementFile},
    },
};

/// The columns.
pub const COLUMNS: [&str; 23] = [
    "record",
    "providerTenantId",
    "periodMonth",
    "currency",
    "seq",
    "lineId",
    "kind",
    "orderId",
    "orderLineId",
    "listingId",
    "sourceEventId",
    "occurredAt",
    "heldUntil",
    "gross",
    "bps",
    "fee",
    "net",
    "effect",
    "balance",
    "prev",
    "hash",
    "keyId",
    "signature",
];

/// The columns of amounts: ours, so a `-` before one is no formula.
const AMOUNTS: [&str; 5] = ["gross", "fee", "net", "effect", "balance"];

/// The totals by their names.
const TOTALS: [&str; 8] = [
    "grossRevenue",
    "platformFee",
    "feeReversed",
    "refunds",
    "taxesWithheld",
    "openingDeficit",
    "netPayable",
    "closingDeficit",
];

/// Why a table is no statement.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] csv::Error),
    /// A cell cannot be read.
    #[error("row {row}: `{column}` cannot be read")]
    Cell {
        /// From 1, without the header.
        row: usize,
        /// The column.
        column: &'static str,
    },
    /// There is no row.
    #[error("there is no row")]
    Empty,
    /// Rows of several periods.
    #[error("row {row} is of another period")]
    Mixed {
        /// From 1, without the header.
        row: usize,
    },
}

/// A text as no spreadsheet takes it for a formula.
fn guard(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\'']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn total<'t>(totals: &'t mut EarningsTotals, name: &str) -> Option<&'t mut Money> {
    Some(match name {
        "grossRevenue" => &mut totals.gross_revenue,
        "platformFee" => &mut totals.platform_fee,
        "feeReversed" => &mut totals.fee_reversed,
        "refunds" => &mut totals.refunds,
        "taxesWithheld" => &mut totals.taxes_withheld,
        "openingDeficit" => &mut totals.opening_deficit,
        "netPayable" => &mut totals.net_payable,
        "closingDeficit" => &mut totals.closing_deficit,
        _ => return None,
    })
}

/// The name of a kind in the table.
fn kind_name(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Sale => "sale",
        LineKind::Refund => "refund",
        LineKind::FeeReversal => "fee_reversal",
        LineKind::Tax => "tax",
        LineKind::Carry => "carry",
    }
}

const KINDS: [LineKind; 5] =
    [LineKind::Sale, LineKind::Refund, LineKind::FeeReversal, LineKind::Tax, LineKind::Carry];

/// One row on its way into the table: cells by column, the others empty.
struct RowOf<'k> {
    key: &'k EarningsKey,
    record: &'static str,
    cells: Vec<(&'static str, String)>,
}

impl<'k> RowOf<'k> {
    fn new(key: &'k EarningsKey, record: &'static str) -> Self {
        Self { key, record, cells: Vec::new() }
    }

    fn with(mut self, column: &'static str, value: impl Display) -> Self {
        self.cells.push((column, value.to_string()));
        self
    }

    fn maybe(self, column: &'static str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(column, value),
            None => self,
        }
    }

    fn write(self, table: &mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error> {
        let row = self.with_key().cells;
        let cell = |column: &&str| {
            let found = row.iter().find(|(name, _)| name == column);
            let text = found.map_or("", |(_, text)| text.as_str());
            if AMOUNTS.contains(column) { text.to_owned() } else { guard(text) }
        };
        table.write_record(COLUMNS.iter().map(cell))
    }

    fn with_key(self) -> Self {
        let (key, record) = (self.key, self.record);
        self.with("record", record)
            .with("providerTenantId", &key.provider_tenant_id)
            .with("periodMonth", key.period_month)
            .with("currency", key.currency)
    }
}

fn table(rows: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> Result<(), csv::Error>) -> std::io::Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    rows(&mut table)?;
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// The first row.
///
/// # Errors
/// None that is known: it is written to memory.
pub fn header() -> std::io::Result<Vec<u8>> {
    table(|table| table.write_record(COLUMNS))
}

/// The rows of some lines.
///
/// # Errors
/// As [`header`].
pub fn lines(key: &EarningsKey, lines: &[StatementLine]) -> std::io::Result<Vec<u8>> {
    table(|table| {
        lines.iter().try_for_each(|StatementLine { row, link }| {
            RowOf::new(key, "line")
                .with("seq", link.seq)
                .with("lineId", row.line_id)
                .with("kind", kind_name(row.kind))
                .maybe("orderId", row.order_id)
                .maybe("orderLineId", row.order_line_id)
                .maybe("listingId", row.listing_id)
                .with("sourceEventId", &row.source_event_id)
                .with("occurredAt", row.occurred_at)
                .maybe("heldUntil", row.held_until)
                .with("gross", row.gross)
                .with("bps", row.bps)
                .with("fee", row.fee)
                .with("net", row.net)
                .with("effect", row.effect)
                .with("balance", row.balance)
                .with("prev", link.prev)
                .with("hash", link.hash)
                .write(table)
        })
    })
}

/// The rows after the lines: totals, head, anchor.
///
/// # Errors
/// As [`header`].
pub fn end(
    key: &EarningsKey,
    head: &StatementHead,
    anchor: Option<&StatementAnchor>,
) -> std::io::Result<Vec<u8>> {
    let mut totals = head.totals;
    table(|table| {
        for name in TOTALS {
            let amount = total(&mut totals, name).map(|amount| *amount);
            RowOf::new(key, "total").with("kind", name).maybe("balance", amount).write(table)?;
        }
        RowOf::new(key, "head")
            .with("seq", head.chain.count)
            .with("balance", head.balance)
            .with("hash", head.chain.hash)
            .write(table)?;
        let Some(anchor) = anchor else { return Ok(()) };
        RowOf::new(key, "anchor")
            .with("seq", anchor.count)
            .with("occurredAt", anchor.at)
            .with("hash", anchor.hash)
            .with("keyId", &anchor.key_id)
            .with("signature", anchor.signature)
            .write(table)
    })
}

/// A row on its way out of the table.
struct Cells<'r> {
    row: usize,
    record: &'r csv::StringRecord,
}

impl Cells<'_> {
    fn text(&self, column: &'static str) -> &str {
        let place = COLUMNS.iter().position(|name| *name == column);
        let text = place.and_then(|place| self.record.get(place)).unwrap_or_default();
        text.strip_prefix('\'').unwrap_or(text)
    }

    fn bad(&self, column: &'static str) -> CsvError {
        CsvError::Cell { row: self.row, column }
    }

    fn get<T: FromStr>(&self, column: &'static str) -> Result<T, CsvError> {
        self.text(column).parse().map_err(|_| self.bad(column))
    }

    fn maybe<T: FromStr>(&self, column: &'static str) -> Result<Option<T>, CsvError> {
        if self.text(column).is_empty() { Ok(None) } else { self.get(column).map(Some) }
    }

    fn key(&self) -> Result<EarningsKey, CsvError> {
        Ok(EarningsKey {
            provider_tenant_id: self.get("providerTenantId")?,
            currency: Currency::parse(self.text("currency")).map_err(|_| self.bad("currency"))?,
            period_month: self.get("periodMonth")?,
        })
    }

    fn money(&self, column: &'static str, currency: Currency) -> Result<Money, CsvError> {
        Money::parse(self.text(column), currency).map_err(|_| self.bad(column))
    }

    fn balance(&self, column: &'static str, currency: Currency) -> Result<Balance, CsvError> {
        Balance::parse(self.text(column), currency).map_err(|_| self.bad(column))
    }

    fn line(&self, currency: Currency) -> Result<StatementLine, CsvError> {
        let kind = KINDS.into_iter().find(|kind| kind_name(*kind) == self.text("kind"));
        let row = StatementRow {
            line_id: self.get("lineId")?,
            kind: kind.ok_or_else(|| self.bad("kind"))?,
            order_id: self.maybe("orderId")?,
            order_line_id: self.maybe("orderLineId")?,
            listing_id: self.maybe("listingId")?,
            source_event_id: self.text("sourceEventId").to_owned(),
            occurred_at: self.get("occurredAt")?,
            gross: self.money("gross", currency)?,
            bps: self.get("bps")?,
            fee: self.money("fee", currency)?,
            net: self.money("net", currency)?,
            effect: self.balance("effect", currency)?,
            balance: self.balance("balance", currency)?,
            held_until: self.maybe("heldUntil")?,
        };
        let link = ChainLink { seq: self.get("seq")?, prev: self.get("prev")?, hash: self.get("hash")? };
        Ok(StatementLine { row, link })
    }
}

/// Takes a table as it was downloaded.
///
/// # Errors
/// [`CsvError`] with the first cell that cannot be read.
pub fn read(table: impl Read) -> Result<StatementFile, CsvError> {
    let mut table = csv::Reader::from_reader(table);
    let mut file: Option<StatementFile> = None;
    for (index, record) in table.records().enumerate() {
        let record = record?;
        let cells = Cells { row: index.saturating_add(1), record: &record };
        let key = cells.key()?;
        let empty = || StatementFile {
            key: key.clone(),
            totals: None,
            lines: LinesPart { data: Vec::new() },
            head: None,
            anchor: None,
        };
        let file = file.get_or_insert_with(empty);
        if file.key != key {
            return Err(CsvError::Mixed { row: cells.row });
        }
        match cells.text("record") {
            "line" => file.lines.data.push(cells.line(key.currency)?),
            "total" => {
                let totals = file.totals.get_or_insert_with(|| EarningsTotals::zero(key.currency));
                let sum = total(totals, cells.text("kind")).ok_or_else(|| cells.bad("kind"))?;
                *sum = cells.money("balance", key.currency)?;
            }
            "head" => file.head = Some(ChainHead { count: cells.get("seq")?, hash: cells.get("hash")? }),
            "anchor" => {
                file.anchor = Some(StatementAnchor {
                    count: cells.get("seq")?,
                    hash: cells.get("hash")?,
                    at: cells.get("occurredAt")?,
                    key_id: cells.text("keyId").to_owned(),
                    signature: cells.get("signature")?,
                });
            }
            _ => return Err(cells.bad("record")),
        }
    }
    file.ok_or(CsvError::Empty)
}

#[cfg(test)]
mod tests {
    use sarai_domain::{
        kernel::{Hex, Timestamp},
        marketplace::earnings::{SoldLine, statement::verify},
    };

    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
    }

    /// A period of two lines whose texts are formulas.
    fn statement() -> (EarningsKey, Vec<StatementLine>, StatementHead, StatementAnchor) {
        let key: EarningsKey = "=acme:USD:2026-04".parse().unwrap();
        let at: Timestamp = "2026-04-20T09:30:00.123457Z".parse().unwrap();
        let sold = SoldLine {
            order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            order_line_id: "oln_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            listing_id: "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap(),
            net: usd("6.45"),
            fee_amount: usd("1.93"),
            provider_amount: usd("4.52"),
            platform_bps: 3_000,
            refund_deadline: Some(at.plus_days(14)),
        };
        let id = |last: char| format!("ern_01ARZ3NDEKTSV4RRFFQ69G5FA{last}").parse().unwrap();
        let sale = sold.sale(id('1'), "=HYPERLINK(\"http://x\"),\r\n1", at);
        let mut head = StatementHead::empty(&key);
        let mut lines = Vec::new();
        let kept = sarai_domain::marketplace::earnings::FeeOnRefund::Kept;
        let refund = sale.reversal([id('2'), id('3')], "'@x", kept, at);
        for line in [sale].into_iter().chain(refund) {
            let sealed = head.seal(&line).unwrap();
            head = head.follow(&sealed).unwrap();
            lines.push(sealed);
        }
        let ChainHead { count, hash } = head.chain;
        let anchor = StatementAnchor { count, hash, at, key_id: "-k".to_owned(), signature: Hex([9; 64]) };
        (key, lines, head, anchor)
    }

    fn written() -> String {
        let (key, rows, head, anchor) = statement();
        let parts = [header(), lines(&key, &rows), end(&key, &head, Some(&anchor))];
        String::from_utf8(parts.into_iter().flat_map(Result::unwrap).collect()).unwrap()
    }

    #[test]
    fn a_table_reads_back_as_the_statement_it_was() {
        let (key, rows, head, anchor) = statement();
        let file = read(written().as_bytes()).unwrap();
        assert_eq!((&file.key, &file.lines.data), (&key, &rows));
        assert_eq!((file.head, file.totals), (Some(head.chain), Some(head.totals)));
        assert_eq!(file.anchor, Some(anchor));
        let unsigned = StatementFile { anchor: None, ..file };
        assert_eq!(verify(&unsigned, &[0; 32]).unwrap().head, head);
    }

    #[test]
    fn no_cell_is_a_formula_and_amounts_are_numbers() {
        let text = written();
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let mut negative = 0;
        for record in table.records() {
            for (column, cell) in COLUMNS.iter().zip(&record.unwrap()) {
                let number = AMOUNTS.contains(column) && cell.strip_prefix('-').is_some_and(is_number);
                negative += usize::from(number);
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell}");
            }
        }
        assert_eq!(negative, 3, "the refund's effect, its balance and the head's");
        assert!(
            text.contains("'=acme")
                && text.contains("\"'=HYPERLINK(\"\"http://x\"\")")
                && text.contains("''@x")
        );
    }

    fn is_number(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    }

    #[test]
    fn a_table_that_is_none_is_refused_with_its_cell() {
        let text = written();
        let refused =
            |from: &str, to: &str| read(text.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert_eq!(refused("6.45", "6.455"), "row 1: `gross` cannot be read");
        assert_eq!(refused(",sale,", ",gift,"), "row 1: `kind` cannot be read");
        assert_eq!(refused("\r\ntotal", "\r\nsum"), "row 3: `record` cannot be read");
        assert_eq!(refused("\r\ntotal,'=acme", "\r\ntotal,'=evil"), "row 3 is of another period");
        assert!(read(&b""[..]).is_err());
        assert!(read("record\r\n".as_bytes()).is_err());
    }
}
