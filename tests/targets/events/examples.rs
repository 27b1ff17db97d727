//! One purchase and one verification told in examples: an event of every type, and the same type with its optional parts absent.
//!
//! A course for 100.00 and ten seats for 200.00, a tenth off with a coupon, 15 % to the platform, 10 % tax.

mod devportal;
mod money;
mod purchase;
mod sagas;

use sarai_domain::kernel::{
    CourseId, CourseVersionId, Currency, Id, IdKind, Money, PaymentId, PaymentIntentId, TenantId, Timestamp,
    Ulid, UserId,
};
use sarai_ports::Event;

/// An event and the name of its file: its type, then what is special about it.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) event: Event,
}

/// Every example.
pub(crate) fn all() -> Vec<Example> {
    [purchase::listings(), purchase::orders(), purchase::licenses(), purchase::quotes()]
        .into_iter()
        .chain([money::coupons(), money::earnings(), sagas::sagas(), devportal::all()])
        .flatten()
        .collect()
}

/// The one golden of its type.
fn usual(event: impl Into<Event>) -> Example {
    let event = event.into();
    Example { name: event.topic().to_owned(), event }
}

/// Another golden of a type.
fn also(what: &str, event: impl Into<Event>) -> Example {
    let event = event.into();
    Example { name: format!("{}.{what}", event.topic()), event }
}

/// The n-th id, made in the millisecond the story begins.
pub(crate) fn id<K: IdKind>(n: u128) -> Id<K> {
    Id::new(Ulid::from((0x0196_5270_4A00_u128 << 80) | n))
}

pub(crate) fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::parse("USD").unwrap()).unwrap()
}

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

fn buyer() -> TenantId {
    TenantId::from_static("org_herat")
}

fn learner() -> UserId {
    UserId::from_static("usr_zahra")
}

fn provider() -> TenantId {
    TenantId::from_static("org_welders")
}

fn course() -> CourseId {
    CourseId::from_static("crs_welding")
}

fn version() -> CourseVersionId {
    CourseVersionId::from_static("cv_welding_3")
}

fn intent() -> PaymentIntentId {
    PaymentIntentId::from_static("pi_01")
}

fn payment() -> PaymentId {
    PaymentId::from_static("pay_01")
}
