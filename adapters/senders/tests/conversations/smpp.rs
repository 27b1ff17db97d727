//! Text messages against an SMS centre: binding, staying bound, and what every answer and its absence mean.

use std::{sync::Arc, time::Duration};

use sarai_ports::devportal::{Part, SendOutcome};
use sarai_senders::SenderTable;

use crate::{
    smsc::{Act, BIND, Conduct, DELIVER, ENQUIRE, RESPONSE, Smsc, Submitted, UNBIND, pdu},
    stage::{self, CODE, Desk, PASSWORD, Told, attempt, not_sent, refused, sms, unknown, until},
};

pub(crate) fn config(port: u16) -> String {
    format!(
        "[senders.sms]\nkind = \"smpp\"\nurl = \"smpp://127.0.0.1:{port}\"\nchannels = [\"SMS\"]\n\
         user = \"sarai\"\npassword_file = \"$PASSWORD\"\nfrom = \"SARAI\""
    )
}

pub(crate) async fn against(conduct: Conduct) -> (Smsc, SenderTable, Arc<Desk>) {
    let centre = Smsc::start(conduct).await;
    let (table, desk) = stage::started(&config(centre.port));
    (centre, table, desk)
}

/// The same with little time.
pub(crate) async fn hurried(conduct: Conduct) -> (Smsc, SenderTable, Arc<Desk>) {
    let centre = Smsc::start(conduct).await;
    let (table, desk) = stage::hurried(&config(centre.port));
    (centre, table, desk)
}

pub(crate) fn acts(acts: impl IntoIterator<Item = Act>) -> Conduct {
    Conduct { acts: acts.into_iter().collect(), ..Conduct::default() }
}

pub(crate) fn sent(ids: &[&str]) -> SendOutcome {
    let of = u8::try_from(ids.len()).unwrap();
    let parts = ids.iter().zip(1..).map(|(id, no)| Part { no, of, provider_message_id: (*id).to_owned() });
    SendOutcome::Sent { parts: parts.collect(), segments: Some(of) }
}

#[tokio::test]
async fn a_message_asks_for_a_receipt_and_says_who_sends_to_whom() {
    let (centre, table, _) = against(acts([Act::Take("00AF")])).await;
    assert_eq!(stage::send(&table, &sms(1, &format!("Code: {CODE}"))).await, sent(&["af"]));
    assert_eq!(centre.log.lock().unwrap().binds, [("sarai".to_owned(), PASSWORD.to_owned(), 0x34)]);
    let expected = Submitted {
        source: (5, 0, "SARAI".to_owned()),
        destination: (1, 1, "93701231234".to_owned()),
        esm_class: 0,
        registered_delivery: 1,
        data_coding: 0,
        octets: format!("Code: {CODE}").into_bytes(),
    };
    assert_eq!(centre.submitted(), [expected]);
}

#[tokio::test]
async fn every_answer_means_one_thing() {
    let cases = [
        (Act::Deny(0x58), not_sent("smpp_0x58")),
        (Act::Deny(0x14), not_sent("smpp_0x14")),
        (Act::Deny(0x08), not_sent("smpp_0x08")),
        (Act::Deny(0x0b), refused("smpp_0x0b")),
        (Act::Deny(0x45), refused("smpp_0x45")),
        (Act::Deny(0x0401), refused("smpp_0x401")),
        (Act::Nack(0x58), not_sent("smpp_0x58")),
        (Act::Nack(0x02), refused("smpp_0x02")),
        (Act::Cut, unknown("connection_lost")),
        (Act::Take("1"), sent(&["1"])),
    ];
    let (_centre, table, _) = against(acts(cases.iter().map(|(act, _)| act.clone()))).await;
    for (act, expected) in cases {
        assert_eq!(stage::send(&table, &sms(1, CODE)).await, expected, "{act:?}");
    }
}

#[tokio::test]
async fn no_answer_is_unknown_and_the_bind_stays() {
    let (centre, table, _) = hurried(acts([Act::Ignore])).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, unknown("no_answer"));
    assert_eq!(stage::send(&table, &sms(2, CODE)).await, sent(&["id-2"]));
    assert_eq!(centre.heard(BIND).len(), 1);
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_nothing_is_submitted_twice() {
    let (centre, table, _) = against(acts([Act::Cut])).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, unknown("connection_lost"));
    assert_eq!(stage::send(&table, &sms(2, CODE)).await, sent(&["id-2"]));
    assert_eq!((centre.heard(BIND).len(), centre.submitted().len()), (2, 2));
}

#[tokio::test]
async fn a_refused_bind_is_tried_again_and_until_then_nothing_is_sent() {
    let (centre, table, _) = hurried(Conduct { binds: vec![0x0e; 40], ..Conduct::default() }).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, not_sent("smpp_unbound"));
    let tries = centre.heard(BIND).len();
    // 50, 100, 200, then 400 ms apart: five in a second, and never a storm.
    assert!((3..=6).contains(&tries), "{tries}");
    let (_centre, table, _) = against(Conduct { binds: vec![0x0d, 0x0d], ..Conduct::default() }).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, sent(&["id-1"]));
}

#[tokio::test]
async fn nobody_there_is_not_sent() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let (table, _) = stage::hurried(&config(port));
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, not_sent("smpp_unbound"));
}

#[tokio::test]
async fn the_window_is_never_wider_than_ten() {
    let slow = || Act::TakeLate("7", Duration::from_millis(100));
    let (centre, table, _) = against(acts((0..40).map(|_| slow()))).await;
    let table = Arc::new(table);
    let sends = (0..40).map(|number| {
        let table = table.clone();
        tokio::spawn(async move { stage::send(&table, &sms(number, CODE)).await })
    });
    for send in sends.collect::<Vec<_>>() {
        assert_eq!(send.await.unwrap(), sent(&["7"]));
    }
    let log = centre.log.lock().unwrap();
    assert_eq!((log.most_open, log.submitted.len()), (10, 40));
}

#[tokio::test]
async fn a_full_window_is_not_sent_and_frees_itself() {
    let (centre, table, _) = hurried(acts((0..10).map(|_| Act::Ignore))).await;
    let table = Arc::new(table);
    let sends = (0..12).map(|number| {
        let table = table.clone();
        tokio::spawn(async move { stage::send(&table, &sms(number, CODE)).await })
    });
    let mut outcomes = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        outcomes.push(send.await.unwrap());
    }
    let count = |expected: &SendOutcome| outcomes.iter().filter(|outcome| *outcome == expected).count();
    assert_eq!((count(&unknown("no_answer")), count(&not_sent("smpp_window_full"))), (10, 2));
    assert_eq!(centre.submitted().len(), 10);
    // The places of answers that never come are given up after a while.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(stage::send(&table, &sms(20, CODE)).await, sent(&["id-11"]));
}

#[tokio::test]
async fn the_other_side_is_asked_whether_it_is_there_and_answered_when_it_asks() {
    let (centre, table, _) = against(Conduct::default()).await;
    until("it is asked", || centre.heard(ENQUIRE).len() >= 3).await;
    centre.say(pdu(ENQUIRE, 0, 77, &[]));
    until("it is answered", || centre.heard(ENQUIRE | RESPONSE) == [0]).await;
    // A command that nobody knows is no reason to hang up.
    centre.say(pdu(0x0123, 0, 78, &[1, 2, 3]));
    until("it is refused", || centre.heard(RESPONSE) == [3]).await;
    assert_eq!((stage::send(&table, &sms(1, CODE)).await, centre.heard(BIND).len()), (sent(&["id-1"]), 1));
}

#[tokio::test]
async fn a_centre_that_went_silent_is_left() {
    let (centre, _table, _) = hurried(Conduct { deaf: true, ..Conduct::default() }).await;
    until("it is bound again", || centre.heard(BIND).len() >= 2).await;
}

#[tokio::test]
async fn a_centre_that_unbinds_is_answered_and_bound_again() {
    let (centre, table, _) = against(Conduct::default()).await;
    until("it is bound", || centre.heard(BIND).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    centre.say(pdu(UNBIND, 0, 5, &[]));
    until("it is answered", || centre.heard(UNBIND | RESPONSE) == [0]).await;
    until("it is bound again", || centre.heard(BIND).len() == 2).await;
    assert_eq!(stage::send(&table, &sms(1, CODE)).await, sent(&["id-1"]));
}

#[tokio::test]
async fn a_late_answer_names_the_message_that_was_taken_all_the_same() {
    let (_centre, table, desk) = hurried(acts([Act::TakeLate("0A", Duration::from_millis(1500))])).await;
    assert_eq!(stage::send(&table, &sms(9, CODE)).await, unknown("no_answer"));
    let part = Part { no: 1, of: 1, provider_message_id: "a".to_owned() };
    assert_eq!(desk.wait(1).await, [Told::TakenLate("sms".to_owned(), attempt(9), part)]);
}

#[tokio::test]
async fn closing_waits_for_answers_says_good_bye_and_sends_nothing_more() {
    let (centre, table, _) = against(acts([Act::TakeLate("7", Duration::from_millis(400))])).await;
    let table = Arc::new(table);
    let sending = tokio::spawn({
        let table = table.clone();
        async move { stage::send(&table, &sms(1, CODE)).await }
    });
    until("it is submitted", || centre.submitted().len() == 1).await;
    table.close().await;
    assert_eq!(sending.await.unwrap(), sent(&["7"]));
    assert_eq!(centre.heard(UNBIND), [0]);
    assert!(matches!(stage::send(&table, &sms(2, CODE)).await, SendOutcome::NotSent { .. }));
    assert_eq!(centre.submitted().len(), 1);
}

#[tokio::test]
async fn a_delivery_that_is_no_receipt_is_taken_and_told_to_nobody() {
    let (centre, _table, desk) = against(Conduct::default()).await;
    until("it is bound", || centre.heard(BIND).len() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    centre.deliver(1, &crate::smsc::deliver(0, (1, "93701231234"), b"STOP id:1 stat:DELIVRD", &[]));
    until("it is taken", || centre.heard(DELIVER | RESPONSE) == [0]).await;
    // One that breaks off is refused for good: it would be repeated for ever otherwise.
    centre.deliver(2, &[0, 1, 1, b'9']);
    until("it is refused", || centre.heard(DELIVER | RESPONSE) == [0, 0x65]).await;
    assert_eq!((desk.told(), centre.heard(BIND).len()), (Vec::new(), 1));
}
