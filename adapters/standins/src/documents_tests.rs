//! What outlives a stand-in that ends in the middle of things.

use std::{path::PathBuf, sync::Arc};

use sarai_domain::kernel::{Currency, Money, OrderId, OrderLineId, Ulid};
use sarai_ports::auth::AuthGateway as _;
use sarai_ports::marketplace::{
    BillingGateway as _, EnrollmentGateway as _, Enrolment, IntentRequest, IntentStatus, LearnerActivity,
    PaymentAnswer, PayoutStatus, RefundStatus, TaxLine, TaxRequest, VoidAnswer,
};
use sarai_ports::system::DueWork as _;
use sarai_system::{ManualClock, OsEntropy, UlidGenerator};
use time::Duration;

use crate::{
    Documents, DocumentsError, StandIns, Surroundings, TokenIssuer,
    testing::{Recorder, clock},
};

/// A file that is removed with its folder.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("sarai-standins-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    async fn open(&self, clock: &Arc<ManualClock>) -> StandIns {
        StandIns::new(around(clock), Documents::open(&self.path()).await.unwrap()).unwrap()
    }

    fn path(&self) -> PathBuf {
        self.0.join("standins.db")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn around(clock: &Arc<ManualClock>) -> Surroundings {
    Surroundings {
        clock: clock.clone(),
        ids: Arc::new(UlidGenerator::default()),
        entropy: Arc::new(OsEntropy),
        issuer: TokenIssuer { issuer: "i".to_owned(), audience: "a".to_owned() },
        signing_seed: [1; 32],
        key_pepper: [4; 32],
    }
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::parse("USD").unwrap()).unwrap()
}

fn request(order: u128) -> IntentRequest {
    let net = usd("100.00");
    let lines = vec![TaxLine { id: OrderLineId::new(Ulid::from(order)), net }];
    let tax = TaxRequest { buyer_tenant_id: "acme".parse().unwrap(), currency: net.currency(), lines };
    IntentRequest { order_id: OrderId::new(Ulid::from(order)), tax, frozen_tax: None }
}

async fn paid(standins: &StandIns, order: u128, token: &str) -> PaymentAnswer {
    let key = format!("k{order}");
    let intent = standins.billing.create_intent(&key, &request(order)).await.unwrap().payment_intent_id;
    standins.billing.pay(&format!("a{order}"), &intent, token).await.unwrap()
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let (file, clock) = (File::new("answered"), clock());
    let first = file.open(&clock).await;
    let answer = paid(&first, 1, "tok_ok").await;
    let PaymentAnswer::Succeeded { payment_id, amount } = answer.clone() else { panic!("{answer:?}") };
    let refund = first.billing.refund("rf", &request(1).order_id, &payment_id, usd("8.25")).await;
    assert_eq!(refund, Ok(RefundStatus::Succeeded));
    assert_eq!(first.billing.void_intent("gone").await, Ok(VoidAnswer::Voided));
    let paid_out = first.billing.pay_out("po", &"acme".parse().unwrap(), usd("5")).await.unwrap();
    let enrolment = Enrolment {
        tenant_id: "acme".parse().unwrap(),
        user_id: "ann".parse().unwrap(),
        course_id: "crs_1".parse().unwrap(),
        course_version_id: "cv_1".parse().unwrap(),
    };
    first.enrollment.enroll("e1", &enrolment).await.unwrap();
    first.enrollment.set_activity(enrolment.user_id.clone(), enrolment.course_id.clone(), 3, true);
    let session = first.auth.issue("buyer@demo.test").unwrap();
    first.documents.close().await;

    let second = file.open(&clock).await;
    let status = IntentStatus::Succeeded { payment_id: payment_id.clone(), amount };
    assert_eq!(second.billing.intent("k1").await, Ok(status));
    assert_eq!(paid(&second, 1, "tok_ok").await, answer);
    assert_eq!(second.billing.refund_status("rf").await, Ok(Some(RefundStatus::Succeeded)));
    let too_much = second.billing.refund("rf2", &request(1).order_id, &payment_id, usd("100.01")).await;
    assert!(too_much.is_err(), "what was returned counts");
    assert!(second.billing.create_intent("gone", &request(2)).await.is_err(), "the tombstone stands");
    assert!(matches!(&paid_out, PayoutStatus::Paid(_)));
    assert_eq!(second.billing.pay_out("po", &"acme".parse().unwrap(), usd("5")).await, Ok(paid_out));
    assert_eq!(second.billing.books(usd("0").currency()), first.billing.books(usd("0").currency()));
    let Enrolment { tenant_id, user_id, course_id, .. } = &enrolment;
    assert_eq!(second.enrollment.enrolment(tenant_id, user_id, course_id), Some(enrolment.clone()));
    let activity = second.enrollment.activity(tenant_id, user_id, course_id).await;
    assert_eq!(activity, Ok(LearnerActivity { attempts: 3 }));
    assert!(second.auth.refresh(&session.refresh_token).await.is_ok());
    assert!(second.auth.refresh(&session.refresh_token).await.is_err(), "a refresh token is good once");
}

#[tokio::test]
async fn callbacks_that_nobody_took_go_out_after_a_restart_and_those_taken_do_not() {
    let (file, clock) = (File::new("callbacks"), clock());
    let first = file.open(&clock).await;
    let sink = Arc::new(Recorder::default());
    first.connect(&(sink.clone() as _));
    paid(&first, 1, "tok_ok").await;
    first.billing.run_due().await.unwrap();
    assert_eq!(sink.take().len(), 1);
    sink.refuse(u32::MAX);
    paid(&first, 2, "tok_double").await;
    paid(&first, 3, "tok_late").await;
    first.billing.void_intent("k3").await.unwrap();
    first.documents.close().await;
    drop(first);

    let second = file.open(&clock).await;
    let heard = Arc::new(Recorder::default());
    second.connect(&(heard.clone() as _));
    second.billing.run_due().await.unwrap();
    assert_eq!(heard.take().len(), 3, "captured twice, voided once");
    clock.advance(Duration::seconds(60));
    second.billing.run_due().await.unwrap();
    assert_eq!(heard.take().len(), 1, "the capture that came late");
    second.documents.close().await;

    let third = file.open(&clock).await;
    third.connect(&(heard.clone() as _));
    third.billing.run_due().await.unwrap();
    assert_eq!(heard.take(), []);
}

#[tokio::test]
async fn nothing_is_answered_or_called_back_that_is_not_on_disk() {
    let (file, clock) = (File::new("unwritten"), clock());
    let standins = file.open(&clock).await;
    let sink = Arc::new(Recorder::default());
    standins.connect(&(sink.clone() as _));
    let intent = standins.billing.create_intent("k1", &request(1)).await.unwrap().payment_intent_id;
    standins.documents.close().await;
    tokio::time::pause();
    assert!(standins.billing.pay("a1", &intent, "tok_ok").await.is_err());
    assert!(standins.billing.intent("k1").await.is_err(), "nor is it told to anybody else");
    tokio::time::sleep(std::time::Duration::from_secs(20)).await;
    assert_eq!(sink.take(), []);
    tokio::time::resume();
    let again = file.open(&clock).await;
    assert_eq!(again.billing.intent("k1").await, Ok(IntentStatus::Open));
}

#[tokio::test]
async fn one_process_has_the_file() {
    let (file, clock) = (File::new("one"), clock());
    let standins = file.open(&clock).await;
    let second = Documents::open(&file.path()).await;
    assert!(matches!(second, Err(DocumentsError::InUse(_))));
    standins.documents.close().await;
    assert!(Documents::open(&file.path()).await.is_ok());
}
