//! Billing and enrollment that do what they are asked, once a key, and count it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use sarai_domain::kernel::{CourseId, Money, OrderId, PaymentId, PaymentIntentId, TenantId, UserId};
use sarai_ports::{
    GatewayError,
    marketplace::{
        BillingGateway, EnrollmentGateway, Enrolment, IntentCreated, IntentRequest, IntentStatus,
        LearnerActivity, PaymentAnswer, PayoutStatus, RefundStatus, TaxAnswer, TaxRequest, VoidAnswer,
    },
};

/// Billing without tax.
#[derive(Default)]
pub(crate) struct Billing {
    intents: Mutex<BTreeMap<String, Intent>>,
    refunds: Mutex<BTreeMap<String, Money>>,
}

struct Intent {
    amount: Money,
    voided: bool,
    captured: bool,
}

fn payment_of(key: &str) -> PaymentId {
    format!("pay_{key}").parse().unwrap()
}

impl Billing {
    /// What was returned, by key.
    pub(crate) fn refunds(&self) -> Vec<(String, Money)> {
        self.refunds.lock().unwrap().iter().map(|(key, amount)| (key.clone(), *amount)).collect()
    }

    /// How many intents were captured.
    pub(crate) fn captures(&self) -> usize {
        self.intents.lock().unwrap().values().filter(|intent| intent.captured).count()
    }
}

#[async_trait]
impl BillingGateway for Billing {
    async fn tax(&self, request: &TaxRequest) -> Result<TaxAnswer, GatewayError> {
        Ok(TaxAnswer::Total(Money::zero(request.currency)))
    }

    async fn create_intent(&self, key: &str, request: &IntentRequest) -> Result<IntentCreated, GatewayError> {
        let currency = request.tax.currency;
        let amount = Money::sum(currency, request.tax.lines.iter().map(|line| &line.net)).unwrap();
        let mut intents = self.intents.lock().unwrap();
        let fresh = Intent { amount, voided: false, captured: false };
        if intents.entry(key.to_owned()).or_insert(fresh).voided {
            return Err(GatewayError::Refused { code: "voided".to_owned() });
        }
        let tax = TaxAnswer::Total(Money::zero(currency));
        Ok(IntentCreated { payment_intent_id: key.parse().unwrap(), tax })
    }

    async fn pay(&self, _: &str, intent: &PaymentIntentId, _: &str) -> Result<PaymentAnswer, GatewayError> {
        let mut intents = self.intents.lock().unwrap();
        let known = intents.get_mut(intent.as_str()).filter(|intent| !intent.voided);
        let known = known.ok_or(GatewayError::Refused { code: "not_payable".to_owned() })?;
        known.captured = true;
        Ok(PaymentAnswer::Succeeded { payment_id: payment_of(intent.as_str()), amount: known.amount })
    }

    async fn void_intent(&self, key: &str) -> Result<VoidAnswer, GatewayError> {
        let mut intents = self.intents.lock().unwrap();
        let zero = Money::zero(sarai_domain::kernel::Currency::parse("USD").unwrap());
        let intent =
            intents.entry(key.to_owned()).or_insert(Intent { amount: zero, voided: false, captured: false });
        intent.voided = !intent.captured;
        Ok(if intent.captured { VoidAnswer::AlreadySucceeded } else { VoidAnswer::Voided })
    }

    async fn intent(&self, key: &str) -> Result<IntentStatus, GatewayError> {
        Ok(match self.intents.lock().unwrap().get(key) {
            None => IntentStatus::Unknown,
            Some(intent) if intent.captured => {
                IntentStatus::Succeeded { payment_id: payment_of(key), amount: intent.amount }
            }
            Some(intent) if intent.voided => IntentStatus::Voided,
            Some(_) => IntentStatus::Open,
        })
    }

    async fn refund(
        &self,
        key: &str,
        _: &OrderId,
        _: &PaymentId,
        amount: Money,
    ) -> Result<RefundStatus, GatewayError> {
        let known = *self.refunds.lock().unwrap().entry(key.to_owned()).or_insert(amount);
        assert_eq!(known, amount, "one key, one amount");
        Ok(RefundStatus::Succeeded)
    }

    async fn refund_status(&self, key: &str) -> Result<Option<RefundStatus>, GatewayError> {
        Ok(self.refunds.lock().unwrap().contains_key(key).then_some(RefundStatus::Succeeded))
    }

    async fn pay_out(&self, key: &str, _: &TenantId, _: Money) -> Result<PayoutStatus, GatewayError> {
        Ok(PayoutStatus::Paid(format!("po_{key}").parse().unwrap()))
    }
}

/// Enrollment that remembers who is enrolled.
#[derive(Default)]
pub(crate) struct Enrollment {
    enrolled: Mutex<BTreeSet<(TenantId, UserId, CourseId)>>,
    refuses: AtomicBool,
}

impl Enrollment {
    /// How many learners are enrolled.
    pub(crate) fn enrolled(&self) -> usize {
        self.enrolled.lock().unwrap().len()
    }

    /// Refuses everybody from now on.
    pub(crate) fn refuse(&self) {
        self.refuses.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl EnrollmentGateway for Enrollment {
    async fn enroll(&self, _: &str, enrolment: &Enrolment) -> Result<(), GatewayError> {
        if self.refuses.load(Ordering::SeqCst) {
            return Err(GatewayError::Refused { code: "full".to_owned() });
        }
        let Enrolment { tenant_id, user_id, course_id, .. } = enrolment.clone();
        self.enrolled.lock().unwrap().insert((tenant_id, user_id, course_id));
        Ok(())
    }

    async fn cancel(
        &self,
        _: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError> {
        self.enrolled.lock().unwrap().remove(&(tenant.clone(), user.clone(), course.clone()));
        Ok(())
    }

    async fn consumed(
        &self,
        _: &TenantId,
        _: &CourseId,
        _: &BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, GatewayError> {
        Ok(BTreeSet::new())
    }

    async fn activity(
        &self,
        _: &TenantId,
        _: &UserId,
        _: &CourseId,
    ) -> Result<LearnerActivity, GatewayError> {
        Ok(LearnerActivity::default())
    }
}
