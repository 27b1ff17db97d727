//! Tax: one rate per currency, per line, half away from zero.

use sarai_domain::kernel::{Currency, Money, MoneyError, OrderLineId};
use sarai_ports::marketplace::TaxLine;

/// Rates in basis points: one country stands for each currency.
#[rustfmt::skip]
const RATES: &[(&str, u32)] = &[
    ("USD",   825),
    ("EUR", 2_000),
    ("GBP", 2_000),
    ("INR", 1_800),
    ("AED",   500),
    ("KES", 1_600),
    ("NGN",   750),
    ("AFN",     0),
];

/// The tax rate on sales in a currency, in basis points; zero for one without a row.
pub fn tax_rate(currency: Currency) -> u32 {
    RATES.iter().find(|(code, _)| *code == currency.code()).map_or(0, |(_, rate)| *rate)
}

/// The tax of each line.
///
/// # Errors
/// A line in another currency, or an overflow.
pub(super) fn per_line(
    currency: Currency,
    lines: &[TaxLine],
) -> Result<Vec<(OrderLineId, Money)>, MoneyError> {
    let nothing = Money::zero(currency);
    lines
        .iter()
        .map(|line| {
            line.net.same_currency(&nothing)?;
            Ok((line.id, line.net.basis_points(tax_rate(currency))?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use sarai_domain::kernel::Ulid;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn line(net: &str, code: &str) -> TaxLine {
        let net = Money::parse(net, currency(code)).unwrap();
        TaxLine { id: OrderLineId::new(Ulid::from(1_u128)), net }
    }

    fn taxes(code: &str, nets: &[&str]) -> Vec<String> {
        let lines: Vec<_> = nets.iter().map(|net| line(net, code)).collect();
        per_line(currency(code), &lines).unwrap().iter().map(|(_, tax)| tax.to_string()).collect()
    }

    #[test]
    fn every_currency_traded_has_a_row() {
        for traded in Currency::all() {
            assert!(RATES.iter().any(|(code, _)| *code == traded.code()), "{traded}");
        }
    }

    #[test]
    fn each_line_is_rounded_by_itself_and_a_half_goes_up() {
        assert_eq!(taxes("USD", &["19.99", "100.00", "0.06", "0.00"]), ["1.65", "8.25", "0.00", "0.00"]);
        assert_eq!(taxes("AED", &["0.10", "0.09"]), ["0.01", "0.00"]);
        assert_eq!(taxes("AFN", &["500"]), ["0.00"]);
    }

    #[test]
    fn a_line_in_another_currency_is_refused() {
        assert!(per_line(currency("EUR"), &[line("1", "USD")]).is_err());
    }
}
