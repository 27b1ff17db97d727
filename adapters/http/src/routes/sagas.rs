//! The saga doctor: what is stuck, why it waits, and what an operator does about it.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::marketplace::doctor::SagaDoctor;
use sarai_domain::{
    kernel::{OrderLineId, id::kinds},
    marketplace::saga::SagaStep,
};
use sarai_ports::Page;

use super::{
    Tag, reason,
    saga_body::{DiagnosisBody, SagaBody},
};
use crate::{
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of the saga doctor.
#[derive(Clone)]
pub struct SagaRoutes {
    doctor: SagaDoctor,
    cursors: Cursors,
}

/// Why an operator acts.
#[derive(Debug, Object)]
#[oai(rename = "SagaActionRequest", rename_all = "camelCase")]
pub struct SagaActionBody {
    reason: String,
}

/// What was done by hand, why, and what proves it.
#[derive(Debug, Object)]
#[oai(rename = "SagaResolveRequest", rename_all = "camelCase")]
pub struct SagaResolveBody {
    step: ApiSagaStep,
    /// The line of a step that has one.
    line: Option<ApiId<kinds::OrderLine>>,
    reason: String,
    /// 1 to 2,000 characters.
    evidence: String,
}

/// A step of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SagaStep", rename_all = "snake_case")]
pub enum ApiSagaStep {
    /// Hold the coupons.
    ReserveCoupons,
    /// Ask billing for taxes and an intent.
    Pay,
    /// Tell the order its taxes and its intent.
    MarkPendingPayment,
    /// Record that nothing is to be paid.
    RecordFree,
    /// Wait for the payment.
    ReceivePayment,
    /// Count the coupons as used.
    ConfirmCoupons,
    /// Grant a line's licence.
    GrantLicense,
    /// Enroll a line's learner.
    Enroll,
    /// Tell the order that it is fulfilled.
    MarkFulfilled,
    /// Cancel a line's enrollment.
    CancelEnrollment,
    /// Revoke a line's licence.
    RevokeLicense,
    /// Return the payment.
    RefundPayment,
    /// Void the intent.
    VoidIntent,
    /// Give the coupons back.
    ReleaseCoupons,
    /// Close the order.
    CloseOrder,
}

impl ApiSagaStep {
    /// The step, with its line where it has one.
    fn of(self, line: Option<OrderLineId>) -> Result<SagaStep, Problem> {
        let needed = || line.ok_or_else(|| Problem::field("/line", "this step is one of a line: name it"));
        let step = match self {
            Self::ReserveCoupons => SagaStep::ReserveCoupons,
            Self::Pay => SagaStep::RequestPayment,
            Self::MarkPendingPayment => SagaStep::MarkPendingPayment,
            Self::RecordFree => SagaStep::RecordFree,
            Self::ReceivePayment => SagaStep::ReceivePayment,
            Self::ConfirmCoupons => SagaStep::ConfirmCoupons,
            Self::GrantLicense => SagaStep::GrantLicense { line: needed()? },
            Self::Enroll => SagaStep::Enroll { line: needed()? },
            Self::MarkFulfilled => SagaStep::MarkFulfilled,
            Self::CancelEnrollment => SagaStep::CancelEnrollment { line: needed()? },
            Self::RevokeLicense => SagaStep::RevokeLicense { line: needed()? },
            Self::RefundPayment => SagaStep::RefundPayment,
            Self::VoidIntent => SagaStep::VoidIntent,
            Self::ReleaseCoupons => SagaStep::ReleaseCoupons,
            Self::CloseOrder => SagaStep::CloseOrder,
        };
        if step.line().is_none() && line.is_some() {
            return Err(Problem::field("/line", "this step is not one of a line"));
        }
        Ok(step)
    }
}

impl SagaRoutes {
    /// Over this use case.
    pub fn new(doctor: SagaDoctor, cursors: Cursors) -> Self {
        Self { doctor, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl SagaRoutes {
    /// Every purchase's saga, newest first; with `stuck` those that need attention or are overdue by more
    /// than five minutes; with `orderId` that order's.
    #[oai(path = "/admin/sagas", method = "get", operation_id = "admin.sagas.list")]
    async fn list(
        &self,
        caller: Caller,
        stuck: Query<Option<bool>>,
        #[oai(name = "orderId")] order_id: Query<Option<ApiId<kinds::Order>>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<SagaBody>>, Problem> {
        let order = order_id.0.map(|order| order.0);
        let list = self
            .cursors
            .list("admin.sagas.list", caller.tenant())
            .filter("stuck", stuck.0)
            .filter("orderId", order);
        let request = list.request(*limit, cursor.as_deref())?;
        let page = match order {
            Some(order) => {
                let found = match self.doctor.of_order(&caller.0, order).await {
                    Ok(found) => vec![found],
                    Err(error) if error.code == "not_found" => Vec::new(),
                    Err(error) => return Err(error.into()),
                };
                Page { items: found, next: None, prev: None }
            }
            None => self.doctor.list(&caller.0, stuck.0.unwrap_or_default(), &request).await?,
        };
        Ok(Json(list.answer(page, |examined| SagaBody::from(&examined))))
    }

    /// One saga: its steps, what it waits for, what comes next, and everything that happened.
    #[oai(path = "/admin/sagas/:id", method = "get", operation_id = "admin.sagas.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Saga>>,
    ) -> Result<Json<DiagnosisBody>, Problem> {
        let diagnosis = self.doctor.show(&caller.0, id.0.0).await?;
        Ok(Json((&diagnosis).into()))
    }

    /// Tries what waits now, with all of its budget, and redrives dead letters in its way.
    #[oai(path = "/admin/sagas/:id/retry", method = "post", operation_id = "admin.sagas.retry")]
    async fn retry(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Saga>>,
        body: Json<SagaActionBody>,
    ) -> Result<Json<DiagnosisBody>, Problem> {
        let call = caller.because(reason::given(&body.reason)?);
        let diagnosis = self.doctor.retry(&call, id.0.0).await?;
        Ok(Json((&diagnosis).into()))
    }

    /// Ends the purchase: an open intent is voided first, what was captured goes back.
    #[oai(path = "/admin/sagas/:id/compensate", method = "post", operation_id = "admin.sagas.compensate")]
    async fn compensate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Saga>>,
        body: Json<SagaActionBody>,
    ) -> Result<Json<DiagnosisBody>, Problem> {
        let call = caller.because(reason::given(&body.reason)?);
        let diagnosis = self.doctor.compensate(&call, id.0.0).await?;
        Ok(Json((&diagnosis).into()))
    }

    /// Goes on from a step that keeps failing and that somebody has done by hand, with the proof.
    #[oai(path = "/admin/sagas/:id/resolve", method = "post", operation_id = "admin.sagas.resolve")]
    async fn resolve(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Saga>>,
        body: Json<SagaResolveBody>,
    ) -> Result<Json<DiagnosisBody>, Problem> {
        let SagaResolveBody { step, line, reason, evidence } = body.0;
        let step = step.of(line.map(|line| line.0))?;
        let call = caller.because(reason::given(&reason)?);
        let diagnosis = self.doctor.resolve(&call, id.0.0, step, &evidence).await?;
        Ok(Json((&diagnosis).into()))
    }
}
