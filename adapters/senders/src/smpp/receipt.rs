//! A receipt as an SMS centre writes it: in fields of its own, or in a text (SMPP 3.4, appendix B). Of the text only
//! what is needed is read: it quotes the message.

use sarai_domain::devportal::values::{Address, E164Phone};
use sarai_ports::devportal::{Receipt, ReceiptStatus};

use super::{ids, pdu::Delivery};
use crate::wire::token;

/// The states by their names in a text, by their numbers in a field, and what they mean for us.
#[rustfmt::skip]
const STATES: &[(&str, u8, ReceiptStatus)] = &[
    ("ENROUTE", 1, ReceiptStatus::Accepted),
    ("DELIVRD", 2, ReceiptStatus::Delivered),
    ("EXPIRED", 3, ReceiptStatus::Undelivered),
    ("DELETED", 4, ReceiptStatus::Undelivered),
    ("UNDELIV", 5, ReceiptStatus::Undelivered),
    ("ACCEPTD", 6, ReceiptStatus::Accepted),
    ("UNKNOWN", 7, ReceiptStatus::Accepted),
    ("REJECTD", 8, ReceiptStatus::Undelivered),
];

/// Reads a receipt; none where it names no message or no state.
pub(super) fn read(provider: &str, delivery: &Delivery) -> Option<Receipt> {
    let text = String::from_utf8_lossy(&delivery.text);
    let id = delivery.receipted_id.clone().or_else(|| value(&text, "id:"))?;
    let by_name = || {
        let name = value(&text, "stat:")?;
        STATES.iter().find(|(known, _, _)| name.to_ascii_uppercase().starts_with(known))
    };
    let by_number = |number| STATES.iter().find(|(_, known, _)| *known == number);
    let (name, _, status) = delivery.state.and_then(by_number).or_else(by_name)?;
    let network = delivery.network_error.map(|error| error.to_string());
    let error =
        network.or_else(|| value(&text, "err:")).filter(|error| error.bytes().any(|byte| byte != b'0'));
    let error_code = match (status, error) {
        (ReceiptStatus::Undelivered, Some(error)) => {
            token(&format!("{name}.{error}")).or(Some((*name).to_owned()))
        }
        (ReceiptStatus::Undelivered, None) => Some((*name).to_owned()),
        _ => None,
    };
    Some(Receipt {
        provider: provider.to_owned(),
        provider_message_ids: ids::candidates(&id),
        attempt_id: None,
        recipient: delivery.from.as_deref().and_then(|from| E164Phone::parse(from).ok()).map(Address::Phone),
        status: *status,
        error_code,
        price: None,
        // `done date` has no time zone.
        at: None,
    })
}

/// The word behind a key, wherever it stands; keys are not case-sensitive. Nothing behind `text:` is looked at.
fn value(text: &str, key: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let end = lower.find("text:").unwrap_or(lower.len());
    let known = lower.get(..end)?;
    let starts = known.match_indices(key).map(|(at, _)| at);
    let at = starts
        .into_iter()
        .find(|at| *at == 0 || known.as_bytes().get(at.saturating_sub(1)) == Some(&b' '))?;
    let word = text.get(at.saturating_add(key.len())..end)?.split_whitespace().next()?;
    Some(word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Delivery {
        Delivery { text: text.as_bytes().to_vec(), is_receipt: true, ..Delivery::default() }
    }

    #[test]
    fn texts_of_many_centres_are_understood() {
        use ReceiptStatus::{Accepted, Delivered, Undelivered};
        for (text, id, status, error) in [
            (
                "id:0123456789 sub:001 dlvrd:001 submit date:2604201200 done date:2604201201 stat:DELIVRD err:000 text:id:9",
                "123456789",
                Delivered,
                None,
            ),
            ("id:7 stat:UNDELIV err:011", "7", Undelivered, Some("UNDELIV.011")),
            ("id:7 stat:REJECTD err:000", "7", Undelivered, Some("REJECTD")),
            ("ID:ab-1 STAT:delivrd ERR:0 Text:", "ab-1", Delivered, None),
            ("id:7 stat:EXPIRED", "7", Undelivered, Some("EXPIRED")),
            ("id:7 stat:ENROUTE err:001", "7", Accepted, None),
            ("id:7 stat:UNKNOWN", "7", Accepted, None),
        ] {
            let receipt = read("sms", &said(text)).unwrap();
            assert_eq!(receipt.provider_message_ids[0], id, "{text}");
            assert_eq!((receipt.status, receipt.error_code.as_deref()), (status, error), "{text}");
        }
    }

    #[test]
    fn fields_win_over_the_text() {
        let delivery = Delivery {
            receipted_id: Some("1F".to_owned()),
            state: Some(5),
            network_error: Some(34),
            from: Some("+93701231234".to_owned()),
            ..said("id:8 stat:DELIVRD err:000")
        };
        let receipt = read("sms", &delivery).unwrap();
        assert_eq!(receipt.provider_message_ids, ["1f", "31"]);
        assert_eq!(receipt.status, ReceiptStatus::Undelivered);
        assert_eq!(receipt.error_code.unwrap(), "UNDELIV.34");
        assert_eq!(receipt.recipient.unwrap().normalised(), "+93701231234");
    }

    #[test]
    fn what_the_message_says_is_no_receipt() {
        for text in
            ["", "stat:DELIVRD", "id:7", "id:7 stat:WHO", "text:id:7 stat:DELIVRD", "paid:7 stat:DELIVRD"]
        {
            assert_eq!(read("sms", &said(text)), None, "{text}");
        }
    }
}
