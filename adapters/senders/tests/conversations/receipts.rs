//! Receipts by both ways: what an SMS centre delivers, and what providers call back with, end in the same place.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sarai_domain::{
    devportal::values::{Address, E164Phone},
    kernel::DeliveryAttemptId,
};
use sarai_ports::{
    devportal::{Callback, CallbackError, CallbackReader as _, Outgoing, ReceiptStatus},
    system::Clock as _,
};
use sarai_senders::{Secrets, sign};

use crate::{
    http,
    smpp::{acts, against, sent},
    smsc::{Act, BIND, Conduct, DELIVER, RESPONSE, deliver, receipt},
    stage::{self, CODE, Now, PHONE, SECRET, attempt, sms, until},
};

#[tokio::test]
async fn receipts_arrive_twice_out_of_order_and_before_the_answer_and_each_is_acknowledged() {
    use ReceiptStatus::{Accepted, Delivered, Undelivered};
    let early = Act::ConfirmFirst("2A", "42".to_owned());
    let (centre, table, desk) = against(acts([early, Act::Take("2B")])).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, sent(&["2a"]));
    assert_eq!(desk.receipts(1).await[0].provider_message_ids, ["42", "2a", "66"]);
    assert_eq!(stage::send(&table, &sms(2, CODE)).await, sent(&["2b"]));
    for (sequence, id, stat) in
        [(1, "43", "DELIVRD"), (2, "43", "DELIVRD"), (3, "43", "ENROUTE"), (4, "0042", "UNDELIV")]
    {
        centre.deliver(sequence, &receipt(id, stat));
    }
    let receipts = desk.receipts(5).await;
    let mut said: BTreeMap<&str, Vec<ReceiptStatus>> = BTreeMap::new();
    for receipt in &receipts {
        said.entry(&receipt.provider_message_ids[0]).or_default().push(receipt.status);
        assert_eq!(receipt.recipient.as_ref().unwrap().normalised(), PHONE);
        assert_eq!((receipt.provider.as_str(), receipt.attempt_id), ("sms", None));
    }
    for statuses in said.values_mut() {
        statuses.sort();
    }
    assert_eq!(
        said,
        BTreeMap::from([("42", vec![Delivered, Undelivered]), ("43", vec![Accepted, Delivered, Delivered])])
    );
    until("all are acknowledged", || centre.heard(DELIVER | RESPONSE) == [0; 5]).await;
}

#[tokio::test]
async fn receipts_of_one_message_are_taken_in_the_order_they_came() {
    use ReceiptStatus::{Delivered, Undelivered};
    let (centre, _table, desk) = against(Conduct::default()).await;
    until("it is bound", || centre.heard(BIND).len() == 1).await;
    for message in 0..20 {
        for (later, stat) in ["DELIVRD", "UNDELIV"].into_iter().enumerate() {
            let sequence = message * 2 + u32::try_from(later).unwrap() + 1;
            centre.deliver(sequence, &receipt(&format!("{}", message + 100), stat));
        }
    }
    let mut said: BTreeMap<String, Vec<ReceiptStatus>> = BTreeMap::new();
    for receipt in desk.receipts(40).await {
        said.entry(receipt.provider_message_ids[0].clone()).or_default().push(receipt.status);
    }
    assert_eq!(said.len(), 20);
    for (id, statuses) in said {
        assert_eq!(statuses, [Delivered, Undelivered], "{id}");
    }
}

#[tokio::test]
async fn an_id_in_hexadecimal_is_found_by_its_receipt_in_decimal_and_the_other_way_round() {
    let given = ["000000FF", "255", "7B", "0000000123"];
    let (centre, table, desk) = against(acts(given.map(Act::Take))).await;
    for (number, (given, confirmed)) in given.into_iter().zip(["255", "FF", "0000000123", "7b"]).enumerate() {
        let outcome = stage::send(&table, &sms(1, CODE)).await;
        centre.deliver(1, &receipt(confirmed, "DELIVRD"));
        let receipts = desk.receipts(number + 1).await;
        let id = &outcome.parts()[0].provider_message_id;
        assert!(receipts[number].provider_message_ids.contains(id), "{given} {confirmed}");
    }
}

/// The centre counts in hexadecimal and confirms in decimal, so that most ids are another message's in the other base.
#[tokio::test]
async fn of_three_hundred_messages_each_finds_its_own_receipts_repeated_and_out_of_order() {
    const MESSAGES: u32 = 300;
    let counting = (1..=MESSAGES).map(|number| Act::Take(format!("{number:x}").leak()));
    let (centre, table, desk) = against(acts(counting)).await;
    let table = Arc::new(table);
    let phone = |number: u32| Address::Phone(E164Phone::parse(&format!("+937012{number:05}")).unwrap());
    let sends = (0..MESSAGES).map(|number| {
        let (table, to) = (table.clone(), phone(number));
        let message = Outgoing { to, ..sms(u128::from(number), CODE) };
        tokio::spawn(async move { (message.attempt_id, stage::send(&table, &message).await, message.to) })
    });
    let mut sent = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        sent.push(send.await.unwrap());
    }
    let destinations: Vec<_> = centre.submitted().into_iter().map(|one| one.destination.2).collect();
    for step in 0..2 * MESSAGES {
        // 7 has no divisor in common with 300: every message is confirmed twice, far from its turn.
        let place = step * 7 % MESSAGES;
        let text = format!("id:{:010} stat:DELIVRD err:000", place + 1);
        let from = destinations.get(usize::try_from(place).unwrap()).unwrap();
        centre.deliver(step + 1, &deliver(4, (1, from), text.as_bytes(), &[]));
    }
    let mut found: BTreeMap<DeliveryAttemptId, u32> = BTreeMap::new();
    for receipt in desk.receipts(usize::try_from(2 * MESSAGES).unwrap()).await {
        let fits = sent.iter().filter_map(|(id, outcome, to)| {
            let part = outcome.parts().first().unwrap();
            Some((receipt.fits(*id, &part.provider_message_id, |address| address == to)?, *id, to))
        });
        let (_, id, to) = fits.min().unwrap();
        assert_eq!(receipt.recipient.as_ref(), Some(to));
        *found.entry(id).or_default() += 1;
    }
    assert_eq!(found.len(), sent.len());
    assert!(found.values().all(|count| *count == 2));
}

#[tokio::test]
async fn a_receipt_that_is_not_kept_is_asked_for_again() {
    let (centre, _table, desk) = against(Conduct::default()).await;
    until("it is bound", || centre.heard(BIND).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    desk.refuse(1);
    centre.deliver(1, &receipt("1", "DELIVRD"));
    until("it is put off", || centre.heard(DELIVER | RESPONSE) == [0x64]).await;
    centre.deliver(1, &receipt("1", "DELIVRD"));
    until("it is taken", || centre.heard(DELIVER | RESPONSE) == [0x64, 0]).await;
    assert_eq!(desk.receipts(1).await[0].status, ReceiptStatus::Delivered);
}

#[tokio::test]
async fn a_receipt_in_fields_is_understood_whatever_its_text_and_an_odd_field_is_passed_over() {
    let (centre, _table, desk) = against(Conduct::default()).await;
    until("it is bound", || centre.heard(BIND).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // The first id lacks its zero; the number is a national one, so it is not to be trusted.
    centre.deliver(1, &deliver(4, (2, "0701231234"), b"", &[(0x1e, b"9F"), (0x0427, &[2]), (0x1400, b"?")]));
    centre.deliver(
        2,
        &deliver(
            4,
            (0, "93701231234"),
            b"id:1 stat:DELIVRD",
            &[(0x1e, b"9e\0"), (0x0427, &[3]), (0x0423, &[3, 0, 27])],
        ),
    );
    let receipts = desk.receipts(2).await;
    let by = |id: &str| receipts.iter().find(|receipt| receipt.provider_message_ids[0] == id).unwrap();
    assert_eq!((by("9f").status, by("9f").recipient.clone()), (ReceiptStatus::Delivered, None));
    assert_eq!(by("9e").status, ReceiptStatus::Undelivered);
    assert_eq!(by("9e").error_code.as_deref(), Some("EXPIRED.27"));
}

#[tokio::test]
async fn a_callback_is_read_when_its_provider_signed_it_and_not_otherwise() {
    let bounces = "[senders.mail]\nkind = \"smtp\"\nurl = \"smtp://127.0.0.1:25\"\nchannels = [\"EMAIL\"]\nreceipts_file = \"$SECRET\"";
    let (table, _) = stage::started(&format!("{}\n{bounces}", http::config(9)));
    let table = Arc::new(table);
    let now = Now.real();
    let timestamp = now.to_offset_date_time().unix_timestamp().to_string();
    let body = format!(r#"[{{"id":"m-1","status":"DELIVERED","reference":"{}"}}]"#, attempt(5));
    let signature = sign(&Secrets::new([SECRET.to_owned()]), &timestamp, body.as_bytes());
    let callback =
        Callback { timestamp: Some(&timestamp), signature: Some(&signature), body: body.as_bytes() };
    let receipts = table.read("any", callback, now).unwrap();
    assert_eq!((receipts.len(), receipts[0].attempt_id), (1, Some(attempt(5))));
    assert_eq!(receipts[0].provider, "any");
    // Our reference finds the send even where its answer was lost, and no other.
    assert_eq!(receipts[0].fits(attempt(5), "lost", |_| false), Some(0));
    assert_eq!(receipts[0].fits(attempt(6), "m-1", |_| true), None);
    for (provider, callback) in [
        ("nobody", callback),
        ("any", Callback { body: b"[]", ..callback }),
        ("any", Callback { signature: None, ..callback }),
    ] {
        assert_eq!(table.read(provider, callback, now), Err(CallbackError::BadSignature), "{provider}");
    }
    let nonsense = sign(&Secrets::new([SECRET.to_owned()]), &timestamp, b"?");
    let callback = Callback { signature: Some(&nonsense), body: b"?", ..callback };
    assert!(matches!(table.read("any", callback, now), Err(CallbackError::Malformed(_))));
    // A relay that calls back about a letter names it as its header does.
    let bounce =
        format!(r#"{{"id":"<{}@example.com>","status":"UNDELIVERED","errorCode":"5.1.1"}}"#, attempt(6));
    let signature = sign(&Secrets::new([SECRET.to_owned()]), &timestamp, bounce.as_bytes());
    let callback =
        Callback { timestamp: Some(&timestamp), signature: Some(&signature), body: bounce.as_bytes() };
    let receipt = table.read("mail", callback, now).unwrap().remove(0);
    assert_eq!(receipt.provider_message_ids, [format!("{}@example.com", attempt(6))]);
    assert_eq!((receipt.status, receipt.error_code.as_deref()), (ReceiptStatus::Undelivered, Some("5.1.1")));
}
