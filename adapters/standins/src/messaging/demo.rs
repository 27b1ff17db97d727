//! The demo's customers: what they may spend and send from, and what they have sent, the same at every start.

use sarai_domain::{
    devportal::{
        template::measure,
        values::{E164Phone, Environment},
    },
    kernel::{ApiKeyId, Hex, MessageId, PeriodMonth as Month, TenantId, Timestamp, Ulid},
};
use sarai_ports::devportal::{SenderId, Traffic};
use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{
    codes, countries,
    log::{Log, Row, invoice_id},
    operators::{self, Plan, SILENT},
};

/// How many days back the log goes.
const DAYS: u32 = 125;
/// What a tenant may owe, in millionths of a dollar.
const CREDIT: i64 = 10_000_000;

/// Who has sent how much: tenant, credit, messages a day at least, how many of the latest invoices are not paid. Of two
/// the latest can still be paid in time, and the one before is overdue.
#[rustfmt::skip]
const CUSTOMERS: &[(&str, i64, u32, u32)] = &[
    ("acc_demo_developer", 500_000_000, 7, 2),
    ("acc_demo_customer",  500_000_000, 4, 2),
    // Neither credit nor a sender id.
    ("acc_demo_other",     20_000,      0, 0),
];

const SENDERS: &[(&str, &[&str])] = &[("Sarai", &[]), ("SARAI-OTP", &["AF"])];

/// What messages say.
const TEXTS: &[&str] = &[
    "Your order has left our store in Kabul and will be with you tomorrow.",
    "Reminder: your appointment is on Saturday at 10:00.",
    "ستاسو سپارښتنه ولېږل شوه. مننه چې موږ مو وټاکلو.",
    "کورس شما فردا ساعت ۹ صبح آغاز می‌شود.",
    "Your balance is low. Top up to keep sending.",
    "ستاسو درس نن ماسپښین پیلېږي. مهرباني وکړئ پر وخت راشئ.",
];

/// Where messages go, more often to the first: numbers without their last seven digits, or four where nobody has them.
const NUMBERS: &[&str] =
    &["+9370", "+9379", "+9378", "+9377", "+9370", "+9379", "+9374", "+9372", "+1202555", "+44770090"];

/// What others send through each operator in an hour, and how much of it fails.
const OTHERS: &[(&str, u32, u32)] =
    &[("AWCC", 240, 7), ("Roshan", 180, 55), ("Etisalat", 150, 6), ("MTN", 90, 5), ("Salaam", 21, 0)];

/// Of a hundred messages so many fail like this.
const FAILURES: &[(u8, &str)] = &[
    (4, "absent_subscriber"),
    (3, "unknown_subscriber"),
    (1, "inbox_full"),
    (1, "blocked_by_operator"),
    (1, "operator_unavailable"),
];
/// So many days ago, one operator had a bad day.
const BAD_DAY: (u32, &str, &str) = (3, "Roshan", "operator_unavailable");

/// What a tenant may owe.
pub(super) fn credit_micros(tenant: &TenantId) -> i64 {
    let known = CUSTOMERS.iter().find(|(known, ..)| *known == tenant.as_str());
    known.map_or(CREDIT, |(_, credit, ..)| *credit)
}

/// What a tenant may send from.
pub(super) fn senders(tenant: &TenantId) -> Vec<SenderId> {
    let none = CUSTOMERS.iter().any(|(known, _, least, _)| *known == tenant.as_str() && *least == 0);
    let shown = SENDERS
        .iter()
        .filter(|_| !none)
        .map(|(sender, codes)| SenderId { sender: (*sender).to_owned(), countries: countries(codes) });
    shown.collect()
}

/// What others sent through an operator in the last hour, and how many of them failed.
pub(super) fn others(operator: &str) -> (u32, u32) {
    let known = OTHERS.iter().find(|(known, ..)| *known == operator);
    known.map_or((0, 0), |(_, messages, failed)| (*messages, *failed))
}

/// Chance that is the same every time.
struct Dice([u8; 32]);

impl Dice {
    fn of(what: &str) -> Self {
        Self(Sha256::digest(what).into())
    }

    /// The throw of this number, below `sides`.
    fn throw(&self, number: usize, sides: u32) -> u32 {
        let byte = |at: usize| u32::from(self.0.get(at.rem_euclid(32)).copied().unwrap_or_default());
        let at = number.saturating_mul(2);
        byte(at).saturating_mul(256).saturating_add(byte(at.saturating_add(1))).rem_euclid(sides.max(1))
    }

    fn pick<T: Copy>(&self, number: usize, of: &[T]) -> Option<T> {
        let sides = u32::try_from(of.len()).unwrap_or_default();
        of.get(usize::try_from(self.throw(number, sides)).unwrap_or_default()).copied()
    }
}

/// Writes the log of the days before `now`, and what was paid of it.
pub(super) fn fill(log: &mut Log, now: Timestamp) {
    log.demo.insert((), now);
    for (tenant, _, least, unpaid) in CUSTOMERS.iter().filter(|(_, _, least, _)| *least > 0) {
        let Ok(tenant_id) = TenantId::try_new(*tenant) else { continue };
        for day in 0..DAYS {
            let dice = Dice::of(&format!("{tenant} {day}"));
            for number in 0..least.saturating_add(dice.throw(0, 9)) {
                let dice = Dice::of(&format!("{tenant} {day} {number}"));
                let environment =
                    if dice.throw(0, 25) == 0 { Environment::Sandbox } else { Environment::Production };
                let of = Traffic { tenant_id: tenant_id.clone(), environment };
                if let Some((id, row)) = message(of, day, &dice, now) {
                    log.rows.insert(id, row);
                }
            }
        }
        let over = log.months(&tenant_id).into_iter().filter(|month| month.end() <= now);
        let over: Vec<Month> = over.collect();
        let paid = over.len().saturating_sub(usize::try_from(*unpaid).unwrap_or(usize::MAX));
        for month in over.into_iter().take(paid) {
            if let Some(id) = invoice_id(&tenant_id, month) {
                log.paid.insert(id, month.end().plus_days(5));
            }
        }
    }
}

/// Says of two in three of a tenant's messages since then that they were sent with this key.
pub(super) fn attribute(log: &mut Log, tenant: &TenantId, key: ApiKeyId, since: Timestamp) {
    let of = |row: &Row| row.of.tenant_id == *tenant && row.of.environment == Environment::Production;
    let known =
        log.rows.iter().filter(|(_, row)| of(row) && row.key_id.is_none() && row.submitted_at >= since);
    let known: Vec<MessageId> = known.map(|(id, _)| id.clone()).collect();
    for (place, id) in known.iter().enumerate() {
        if let Some(row) = log.rows.get_mut(id).filter(|_| place.rem_euclid(3) != 2) {
            row.key_id = Some(key);
        }
    }
}

/// A message of so many days ago.
fn message(of: Traffic, day: u32, dice: &Dice, now: Timestamp) -> Option<(MessageId, Row)> {
    let ago = Duration::days(i64::from(day)) + Duration::seconds(i64::from(dice.throw(1, 50_000)));
    let submitted_at = now.plus(-ago).plus(Duration::seconds(-60));
    let prefix = dice.pick(2, NUMBERS)?;
    // No ending of the table of codes: chance decides here. Of some messages nothing is ever reported.
    let ending =
        if dice.throw(9, 80) == 0 { SILENT.to_owned() } else { (1_000 + dice.throw(4, 9_000)).to_string() };
    let block = if prefix.len() > 6 { String::new() } else { format!("{:03}", dice.throw(3, 1_000)) };
    let to = E164Phone::parse(&format!("{prefix}{block}{ending}")).ok()?;
    let bad_day = day == BAD_DAY.0 && operators::operator(&to) == Some(BAD_DAY.1) && dice.throw(5, 2) == 0;
    let mut below = dice.throw(6, 100);
    let failure = FAILURES.iter().find(|(share, _)| match below.checked_sub(u32::from(*share)) {
        Some(rest) => {
            below = rest;
            false
        }
        None => true,
    });
    let failure = if bad_day { Some(BAD_DAY.2) } else { failure.map(|(_, code)| *code) };
    let body = dice.pick(7, TEXTS)?;
    let measure = measure(body);
    let millis = u128::try_from(submitted_at.unix_micros().div_euclid(1_000)).ok()?;
    let random = u128::from_be_bytes(*dice.0.first_chunk()?) >> 48;
    let id = MessageId::try_new(format!("msg_{}", Ulid::from(millis << 80 | random))).ok()?;
    let row = Row {
        of,
        key_id: None,
        from: if dice.throw(8, 5) == 0 { "SARAI-OTP" } else { "Sarai" }.to_owned(),
        body: Some(body.to_owned()),
        digest: Hex(Sha256::digest(body).into()),
        encoding: measure.encoding,
        segments: measure.segments,
        price: operators::price(&to, measure.segments).ok()?,
        submitted_at,
        plan: Plan::with(&to, failure.and_then(codes::named)),
        to,
    };
    Some((id, row))
}
