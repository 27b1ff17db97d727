//! Parts that providers took, and receipts that came before them.

use std::time::Duration;

use sarai_domain::{
    devportal::values::{Address, DestinationHash, DestinationKey, E164Phone},
    kernel::DeliveryAttemptId,
};
use sarai_ports::devportal::{
    ReceiptStatus,
    receipts::{ParkedReceipt, SentPart},
};

use crate::{SuitePorts, make};

fn hash(phone: &str) -> DestinationHash {
    let phone = Address::Phone(E164Phone::parse(phone).expect("a number"));
    DestinationKey::new([3; 32]).platform_hash(&phone)
}

fn part(ports: &SuitePorts, attempt_id: DeliveryAttemptId, name: &str, no: u8, of: u8) -> SentPart {
    SentPart {
        provider: "smsc".to_owned(),
        message_id: name.to_owned(),
        attempt_id,
        tenant_id: make::tenant("acme"),
        verification_id: ports.id(),
        recipient: hash("+93701234567"),
        no,
        of,
        status: ReceiptStatus::Accepted,
        at: ports.now(),
    }
}

fn receipt(ports: &SuitePorts, names: &[&str], status: ReceiptStatus) -> ParkedReceipt {
    ParkedReceipt {
        provider: "smsc".to_owned(),
        message_ids: names.iter().map(|name| (*name).to_owned()).collect(),
        attempt_id: None,
        recipient: Some(hash("+93701234567")),
        status,
        error_code: Some("008".to_owned()),
        price: None,
        at: ports.now(),
    }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A part is found under its provider's name for it, by that provider only, and is noted once.
pub async fn a_part_is_found_by_its_provider(ports: &SuitePorts) {
    let send = ports.id();
    let taken = [part(ports, send, "a1", 1, 2), part(ports, send, "a2", 2, 2)];
    ports.devportal.note_parts(&taken).await.expect("noted");
    let again = SentPart { status: ReceiptStatus::Undelivered, ..taken[0].clone() };
    ports.devportal.note_parts(&[again]).await.expect("noted");
    let found = ports.devportal.find_parts("smsc", &names(&["a1", "other"])).await.expect("parts");
    assert_eq!(found, taken[..1]);
    assert_eq!(ports.devportal.find_parts("other", &names(&["a1"])).await.expect("parts"), []);
    assert_eq!(ports.devportal.parts_of(send).await.expect("parts"), taken);
    // Another send may have the same name, some day.
    let other = part(ports, ports.id(), "a1", 1, 1);
    ports.devportal.note_parts(std::slice::from_ref(&other)).await.expect("noted");
    assert_eq!(ports.devportal.find_parts("smsc", &names(&["a1"])).await.expect("parts").len(), 2);
}

/// The first final word on a part stays.
pub async fn a_final_word_stays(ports: &SuitePorts) {
    let send = ports.id();
    let one = part(ports, send, "b1", 1, 1);
    ports.devportal.note_parts(std::slice::from_ref(&one)).await.expect("noted");
    let mark = |status| ports.devportal.mark_part(&one, status);
    assert!(!mark(ReceiptStatus::Accepted).await.expect("marked"));
    assert!(mark(ReceiptStatus::Delivered).await.expect("marked"));
    assert!(!mark(ReceiptStatus::Undelivered).await.expect("marked"));
    assert!(!mark(ReceiptStatus::Delivered).await.expect("marked"));
    let told = ports.devportal.parts_of(send).await.expect("parts");
    assert_eq!(told[0].status, ReceiptStatus::Delivered);
}

/// A receipt waits under each of its names, once, until it is taken or too old.
pub async fn a_receipt_waits_under_each_of_its_names(ports: &SuitePorts) {
    let since = ports.now().plus(-time::Duration::minutes(10));
    let early = receipt(ports, &["10", "a", "16"], ReceiptStatus::Delivered);
    for _ in 0..2 {
        ports.devportal.park(&early).await.expect("parked");
    }
    let refused = receipt(ports, &["10"], ReceiptStatus::Undelivered);
    ports.devportal.park(&refused).await.expect("parked");
    let found =
        async |name: &str| ports.devportal.find_parked("smsc", &names(&[name]), since).await.expect("some");
    assert_eq!(found("a").await, std::slice::from_ref(&early));
    assert_eq!(found("10").await.len(), 2);
    assert_eq!(found("11").await, []);
    assert_eq!(ports.devportal.find_parked("other", &names(&["a"]), since).await.expect("none"), []);
    ports.devportal.unpark(&early).await.expect("taken");
    assert_eq!(found("a").await, []);
    assert_eq!(found("10").await, [refused]);
    ports.clock.advance(Duration::from_mins(11));
    let later = ports.now().plus(-time::Duration::minutes(10));
    assert_eq!(ports.devportal.find_parked("smsc", &names(&["10"]), later).await.expect("none"), []);
    let kept = part(ports, ports.id(), "c1", 1, 1);
    ports.devportal.note_parts(std::slice::from_ref(&kept)).await.expect("noted");
    ports.devportal.forget_receipts(later, later).await.expect("forgotten");
    assert_eq!(found("10").await, []);
    assert_eq!(ports.devportal.find_parts("smsc", &names(&["c1"])).await.expect("kept"), [kept]);
    ports.devportal.forget_receipts(ports.now(), ports.now()).await.expect("forgotten");
    assert_eq!(ports.devportal.find_parts("smsc", &names(&["c1"])).await.expect("none"), []);
}
