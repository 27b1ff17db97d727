//! Long text messages, and texts in every alphabet: what arrives, octet by octet.

use std::time::Duration;

use sarai_ports::devportal::{Part, ReceiptStatus, SendOutcome, fate};

use crate::{
    smpp::{acts, against, hurried, sent},
    smsc::{Act, Conduct, receipt},
    stage::{self, CODE, Told, attempt, refused, sms},
};

const PASHTO: &str = "سرای ته د ننوتلو کوډ:\n918273\nتر ۱۰ دقیقو پورې اعتبار لري. بل چا ته یې مه ورکوئ.";
const DARI: &str = "کود ورود شما به سرای:\n918273\nآن را به کسی ندهید — ی ک ‌ گ چ پ ژ";

fn utf16(octets: &[u8]) -> String {
    let units: Vec<u16> = octets.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap()
}

#[tokio::test]
async fn persian_and_pashto_arrive_as_they_were_written() {
    let (centre, table, _) = against(Conduct::default()).await;
    for text in [DARI, "سلام 918273 😀"] {
        assert_eq!(stage::send(&table, &sms(1, text)).await.parts().len(), 1);
    }
    let submitted = centre.submitted();
    assert!(
        submitted.iter().all(|one| (one.data_coding, one.esm_class, one.registered_delivery) == (8, 0, 1))
    );
    assert_eq!(utf16(&submitted[0].octets), DARI);
    assert_eq!(utf16(&submitted[1].octets), "سلام 918273 😀");
    assert_eq!(&submitted[0].octets[..4], [0x06, 0xa9, 0x06, 0x48]);
}

#[tokio::test]
async fn the_gsm_alphabet_arrives_with_its_extension() {
    let (centre, table, _) = against(Conduct::default()).await;
    assert_eq!(stage::send(&table, &sms(1, "@Sarai: €5 [918273] {ñ}")).await.parts().len(), 1);
    let one = centre.submitted().remove(0);
    assert_eq!((one.data_coding, one.esm_class), (0, 0));
    let expected = [
        &[0x00][..],
        b"Sarai: ",
        &[0x1b, 0x65],
        b"5 ",
        &[0x1b, 0x3c],
        b"918273",
        &[0x1b, 0x3e],
        b" ",
        &[0x1b, 0x28, 0x7d, 0x1b, 0x29],
    ];
    assert_eq!(one.octets, expected.concat());
}

#[tokio::test]
async fn a_long_text_goes_in_parts_that_say_what_they_are_of() {
    let (centre, table, _) = against(acts(["A1", "A2"].map(Act::Take))).await;
    assert!(PASHTO.encode_utf16().count() > 70);
    assert_eq!(stage::send(&table, &sms(0x2a, PASHTO)).await, sent(&["a1", "a2"]));
    let parts = centre.submitted();
    let headers: Vec<_> = parts.iter().map(|part| part.octets[..6].to_vec()).collect();
    assert_eq!(headers, [[5, 0, 3, 0x2a, 2, 1], [5, 0, 3, 0x2a, 2, 2]]);
    assert!(
        parts.iter().all(|part| (part.esm_class, part.data_coding) == (0x40, 8) && part.octets.len() <= 140)
    );
    let text: String = parts.iter().map(|part| utf16(&part.octets[6..])).collect();
    assert_eq!(text, PASHTO);
    let latin = format!("{}{CODE}", "€a".repeat(120));
    assert_eq!(stage::send(&table, &sms(1, &latin)).await.parts().len(), 3);
    let octets: Vec<u8> = centre.submitted()[2..].iter().flat_map(|part| part.octets[6..].to_vec()).collect();
    assert_eq!(octets, [b"\x1bea".repeat(120), CODE.as_bytes().to_vec()].concat());
}

#[tokio::test]
async fn a_message_arrived_when_its_last_part_did_in_whatever_order() {
    let (centre, table, desk) = against(acts(["10", "11"].map(Act::Take))).await;
    let outcome = stage::send(&table, &sms(1, PASHTO)).await;
    for (sequence, id) in [(1, "11"), (2, "11"), (3, "10")] {
        centre.deliver(sequence, &receipt(id, "DELIVRD"));
    }
    let mut statuses = Vec::new();
    let mut fates = Vec::new();
    for receipt in desk.receipts(3).await {
        let of = |part: &&Part| receipt.provider_message_ids.first() == Some(&part.provider_message_id);
        statuses.push((outcome.parts().iter().find(of).unwrap().no, receipt.status));
        fates.push(fate(2, statuses.clone()));
    }
    assert_eq!(fates.iter().filter(|fate| fate.is_some()).count(), 1);
    assert_eq!(fates[2], Some(ReceiptStatus::Delivered));
    // Two parts of three, and a third that failed.
    assert_eq!(fate(3, statuses.clone()), None);
    assert_eq!(fate(3, [statuses[0], (3, ReceiptStatus::Undelivered)]), Some(ReceiptStatus::Undelivered));
}

#[tokio::test]
async fn a_part_that_is_throttled_after_another_was_taken_is_said_again_and_no_other_is() {
    let (centre, table, _) =
        against(acts([Act::Take("1"), Act::Deny(0x58), Act::Deny(0x14), Act::Take("2")])).await;
    assert_eq!(stage::send(&table, &sms(1, PASHTO)).await, sent(&["1", "2"]));
    let numbers: Vec<_> = centre.submitted().iter().map(|part| part.octets[5]).collect();
    assert_eq!(numbers, [1, 2, 2, 2]);
}

#[tokio::test]
async fn a_message_of_which_a_part_was_taken_is_never_called_not_sent() {
    let begun = |code: &str| SendOutcome::Unknown {
        error_code: code.to_owned(),
        parts: vec![Part { no: 1, of: 2, provider_message_id: "1".to_owned() }],
    };
    for (act, expected) in [(Act::Deny(0x0b), "smpp_0x0b"), (Act::Cut, "connection_lost")] {
        let (_centre, table, _) = against(acts([Act::Take("1"), act.clone()])).await;
        assert_eq!(stage::send(&table, &sms(1, PASHTO)).await, begun(expected), "{act:?}");
    }
    let (_centre, table, _) = hurried(acts([Act::Take("1"), Act::Ignore])).await;
    assert_eq!(stage::send(&table, &sms(1, PASHTO)).await, begun("no_answer"));
    let always = std::iter::once(Act::Take("1")).chain((0..20).map(|_| Act::Deny(0x58)));
    let (_centre, table, _) = hurried(acts(always)).await;
    let outcome = stage::send(&table, &sms(1, PASHTO)).await;
    // Its time ends between two tries, or within one.
    assert!([begun("smpp_0x58"), begun("no_answer")].contains(&outcome), "{outcome:?}");
    let (centre, table, _) = against(acts([Act::Deny(0x0b)])).await;
    assert_eq!(stage::send(&table, &sms(1, PASHTO)).await, refused("smpp_0x0b"));
    assert_eq!(centre.submitted().len(), 1);
}

#[tokio::test]
async fn a_part_that_is_answered_late_is_named_with_its_number() {
    let (_centre, table, desk) =
        hurried(acts([Act::Take("1"), Act::TakeLate("2", Duration::from_millis(1500))])).await;
    assert!(matches!(stage::send(&table, &sms(3, PASHTO)).await, SendOutcome::Unknown { .. }));
    let part = Part { no: 2, of: 2, provider_message_id: "2".to_owned() };
    assert_eq!(desk.wait(1).await, [Told::TakenLate("sms".to_owned(), attempt(3), part)]);
}
