//! The body of `POST /callbacks/{provider}/receipts`: a receipt, a list of them, or `{"receipts": [...]}`.

use sarai_domain::{
    devportal::values::{Address, DestinationKind},
    kernel::{DeliveryAttemptId, Price, Timestamp},
};
use sarai_ports::devportal::{Receipt, ReceiptStatus};
use serde::Deserialize;
use serde_json::Value;

use super::body::is_id;
use crate::wire::token;

/// How many receipts a callback may bring.
const MAX_RECEIPTS: usize = 1000;

#[derive(Deserialize)]
#[serde(untagged)]
enum Body {
    Many { receipts: Vec<Value> },
    List(Vec<Value>),
    One(Value),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    id: String,
    status: Status,
    reference: Option<String>,
    to: Option<String>,
    error_code: Option<String>,
    price: Option<Price>,
    at: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Accepted,
    Delivered,
    Undelivered,
}

/// The receipts in a body: those that can be read. A provider that says one odd thing in a list is told nothing but that it
/// was heard (ruling R19), so what it says beside is taken and the rest noted.
pub(crate) fn read(provider: &str, body: &[u8]) -> Result<Vec<Receipt>, String> {
    let body: Body = serde_json::from_slice(body).map_err(|_| "the body is no JSON".to_owned())?;
    let said = match body {
        Body::Many { receipts } | Body::List(receipts) => receipts,
        Body::One(receipt) => vec![receipt],
    };
    if said.len() > MAX_RECEIPTS {
        return Err(format!("more than {MAX_RECEIPTS} at once"));
    }
    let several = said.len() > 1;
    let mut read = Vec::with_capacity(said.len());
    for (place, said) in said.into_iter().enumerate() {
        match receipt(provider, said) {
            Ok(receipt) => read.push(receipt),
            Err(reason) if several => {
                tracing::warn!(provider, place, reason, "a receipt among others is not understood");
            }
            Err(reason) => return Err(reason),
        }
    }
    Ok(read)
}

fn receipt(provider: &str, said: Value) -> Result<Receipt, String> {
    let said: Said = serde_json::from_value(said)
        .map_err(|_| "a receipt has an id and a status ACCEPTED, DELIVERED or UNDELIVERED".to_owned())?;
    // A mail's id stands in brackets in its header.
    let id = said.id.trim_start_matches('<').trim_end_matches('>').to_owned();
    if !is_id(&id) {
        return Err("an id is 1 to 128 visible characters".to_owned());
    }
    let reference = said.reference.map(|text| text.parse::<DeliveryAttemptId>());
    Ok(Receipt {
        provider: provider.to_owned(),
        provider_message_ids: vec![id],
        attempt_id: reference.transpose().map_err(|_| "a reference is the id we sent".to_owned())?,
        recipient: said
            .to
            .and_then(|to| DestinationKind::ALL.iter().find_map(|kind| Address::parse(*kind, &to).ok())),
        status: match said.status {
            Status::Accepted => ReceiptStatus::Accepted,
            Status::Delivered => ReceiptStatus::Delivered,
            Status::Undelivered => ReceiptStatus::Undelivered,
        },
        error_code: said.error_code.and_then(|code| token(&code)),
        price: said.price,
        at: said.at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_receipt_a_list_and_an_object_with_a_list_are_the_same() {
        let one = r#"{"id":"m-1","status":"DELIVERED","extra":true}"#;
        let expected = read("sms", one.as_bytes()).unwrap();
        assert_eq!(expected.len(), 1);
        assert_eq!(expected[0].provider_message_ids, ["m-1"]);
        assert_eq!((expected[0].provider.as_str(), expected[0].status), ("sms", ReceiptStatus::Delivered));
        for body in [format!("[{one}]"), format!(r#"{{"receipts":[{one}]}}"#)] {
            assert_eq!(read("sms", body.as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn everything_a_receipt_may_say_is_understood() {
        let id = "dat_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        let body = format!(
            r#"{{"id":"m-2","status":"UNDELIVERED","reference":"{id}","to":"+93701231234","errorCode":"30003",
                "price":{{"amount":"0.007900","currency":"USD"}},"at":"2026-04-20T12:00:00Z"}}"#
        );
        let receipt = read("sms", body.as_bytes()).unwrap().remove(0);
        assert_eq!(receipt.attempt_id.unwrap().to_string(), id);
        assert_eq!(receipt.recipient.unwrap().normalised(), "+93701231234");
        assert_eq!(receipt.error_code.unwrap(), "30003");
        assert!(receipt.price.is_some() && receipt.at.is_some());
    }

    #[test]
    fn one_receipt_that_is_none_does_not_lose_the_others_of_its_batch() {
        let good = |id: &str| format!(r#"{{"id":"{id}","status":"DELIVERED"}}"#);
        for odd in [
            r#"{"id":"m-2","status":"READ"}"#,
            r#"{"status":"DELIVERED"}"#,
            r#"{"id":"m 2","status":"DELIVERED"}"#,
            r#"{"id":"m-2","status":"DELIVERED","reference":"ver_1"}"#,
            r#"{"id":"m-2","status":"DELIVERED","price":{"amount":7,"currency":"USD"}}"#,
            "null",
        ] {
            for body in [
                format!("[{},{odd},{}]", good("m-1"), good("m-3")),
                format!(r#"{{"receipts":[{},{odd},{}]}}"#, good("m-1"), good("m-3")),
            ] {
                let read = read("sms", body.as_bytes()).unwrap();
                let ids: Vec<_> = read.iter().flat_map(|one| &one.provider_message_ids).collect();
                assert_eq!(ids, ["m-1", "m-3"], "{body}");
            }
        }
    }

    #[test]
    fn what_is_no_receipt_is_refused_and_what_could_be_a_code_is_not_kept() {
        for body in [
            "",
            "{}",
            "7",
            r#"{"id":"","status":"DELIVERED"}"#,
            r#"{"id":"m 1","status":"DELIVERED"}"#,
            r#"{"id":"m","status":"READ"}"#,
            r#"{"id":"m","status":"DELIVERED","reference":"ver_1"}"#,
        ] {
            assert!(read("sms", body.as_bytes()).is_err(), "{body}");
        }
        let many = format!("[{}]", vec![r#"{"id":"m","status":"DELIVERED"}"#; MAX_RECEIPTS + 1].join(","));
        assert!(read("sms", many.as_bytes()).is_err());
        let code = r#"{"id":"m","status":"UNDELIVERED","errorCode":"490447"}"#;
        assert_eq!(read("sms", code.as_bytes()).unwrap()[0].error_code, None);
    }
}
