//! An invoice as a PDF document: A4, the fonts that every reader has, as many pages as it takes.

use pdf_writer::{Content, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use sarai_domain::kernel::{TenantId, Timestamp};
use sarai_ports::devportal::Invoice;

const SANS: Name<'static> = Name(b"Sans");
const BOLD: Name<'static> = Name(b"Bold");
const MONO: Name<'static> = Name(b"Mono");
/// Fonts of every reader (ISO 32000-1, 9.6.2.2).
const FONTS: [(Name<'static>, Name<'static>); 3] =
    [(SANS, Name(b"Helvetica")), (BOLD, Name(b"Helvetica-Bold")), (MONO, Name(b"Courier"))];

const WIDTH: u16 = 595;
const HEIGHT: u16 = 842;
const LEFT: u16 = 56;
const RIGHT: u16 = 539;
const TOP: u16 = 780;
const LEADING: u16 = 18;
/// How many lines of the invoice a page has.
const ON_A_PAGE: usize = 24;

/// What is written: a font, its size, where, and the text.
struct Text {
    font: Name<'static>,
    size: u16,
    x: u16,
    y: u16,
    said: String,
}

fn left(font: Name<'static>, size: u16, y: u16, text: impl Into<String>) -> Text {
    Text { font, size, x: LEFT, y, said: text.into() }
}

/// A figure that ends at `x`: each character of the font is 600 thousandths of its size.
fn right(x: u16, y: u16, text: impl Into<String>) -> Text {
    let said = text.into();
    let count = u16::try_from(said.chars().count()).unwrap_or(u16::MAX);
    Text { font: MONO, size: 10, x: x.saturating_sub(count.saturating_mul(6)), y, said }
}

/// The document of an invoice.
pub(super) fn of(invoice: &Invoice, tenant: &TenantId) -> Vec<u8> {
    let pages: Vec<Vec<Text>> = pages(invoice, tenant);
    let mut next = 1;
    let mut fresh = || {
        let id = Ref::new(next);
        next = next.saturating_add(1);
        id
    };
    let (catalog, tree, info) = (fresh(), fresh(), fresh());
    let fonts = FONTS.map(|(name, base)| (name, base, fresh()));
    let places: Vec<(Ref, Ref)> = pages.iter().map(|_| (fresh(), fresh())).collect();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree).lang(TextStr("en"));
    let count = i32::try_from(places.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(places.iter().map(|(page, _)| *page)).count(count);
    pdf.document_info(info).title(TextStr(&format!("Invoice {}", invoice.number))).producer(TextStr("Sarai"));
    for (_, base, id) in &fonts {
        pdf.type1_font(*id).base_font(*base).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for ((page_id, content_id), texts) in places.into_iter().zip(&pages) {
        let mut page = pdf.page(page_id);
        page.parent(tree).contents(content_id);
        page.media_box(Rect::new(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT)));
        let mut resources = page.resources();
        let mut known = resources.fonts();
        for (name, _, id) in &fonts {
            known.pair(*name, *id);
        }
        known.finish();
        resources.finish();
        page.finish();
        let mut content = Content::new();
        for Text { font, size, x, y, said } in texts {
            content.begin_text().set_font(*font, f32::from(*size));
            content.next_line(f32::from(*x), f32::from(*y));
            content.show(Str(&latin(said))).end_text();
        }
        pdf.stream(content_id, &content.finish());
    }
    pdf.finish()
}

/// What stands on each page.
fn pages(invoice: &Invoice, tenant: &TenantId) -> Vec<Vec<Text>> {
    let row = |number: u16| TOP.saturating_sub(LEADING.saturating_mul(number));
    let currency = invoice.amount_due.currency();
    let mut pages = Vec::new();
    let parts: Vec<_> = invoice.lines.chunks(ON_A_PAGE).collect();
    for (number, lines) in parts.iter().enumerate() {
        let mut page = vec![
            left(BOLD, 20, row(0), "Sarai"),
            left(BOLD, 14, row(2), format!("Invoice {}", invoice.number)),
            left(SANS, 10, row(3), format!("Customer {tenant}")),
            left(
                SANS,
                10,
                row(4),
                format!("Period {} to {}, UTC", day(invoice.period_start), day(invoice.period_end)),
            ),
            left(SANS, 10, row(5), format!("Issued {}, due {}", day(invoice.issued_at), day(invoice.due_at))),
            left(SANS, 10, row(6), format!("{} messages, {}", invoice.total_messages, invoice.status.name())),
            left(BOLD, 10, row(8), "Description"),
            right(370, row(8), "Quantity"),
            right(450, row(8), "Unit price"),
            right(RIGHT, row(8), format!("Amount {currency}")),
        ];
        let mut at = 9;
        for line in *lines {
            page.push(left(SANS, 10, row(at), line.description.as_str()));
            page.push(right(370, row(at), line.quantity.to_string()));
            page.push(right(450, row(at), line.unit_price.to_string()));
            page.push(right(RIGHT, row(at), line.amount.to_string()));
            at = at.saturating_add(1);
        }
        if number.saturating_add(1) == parts.len() {
            let total = row(at.saturating_add(1));
            page.push(left(BOLD, 12, total, "Amount due"));
            page.push(right(RIGHT, total, format!("{} {currency}", invoice.amount_due)));
        }
        pages.push(page);
    }
    pages
}

/// The day of an instant, UTC.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The text in the fonts' encoding; what it does not have is a question mark.
fn latin(text: &str) -> Vec<u8> {
    let byte = |character: char| match u8::try_from(u32::from(character)) {
        Ok(byte) if (0x20..0x7f).contains(&byte) || byte >= 0xa0 => byte,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}
