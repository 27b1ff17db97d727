//! Refunds: by the buyer within the refund policy, by the platform's staff whatever it says.

use poem_openapi::{Enum, Object, OpenApi, param::Path, payload::Json};
use sarai_application::marketplace::orders::Orders;
use sarai_domain::{
    kernel::{OrderLineId, id::kinds},
    marketplace::order::RefundSource,
};

use super::{Tag, order_body::OrderBody, orders::tagged, reason};
use crate::{answers::Tagged, caller::Caller, problem::Problem, scalars::ApiId};

/// Routes of refunds.
#[derive(Clone)]
pub struct RefundRoutes {
    orders: Orders,
}

/// Which lines go back, and why.
#[derive(Debug, Object)]
#[oai(rename = "RefundRequest", rename_all = "camelCase")]
pub struct RefundRequestBody {
    /// Whole lines; without it all that are left.
    lines: Option<Vec<ApiId<kinds::OrderLine>>>,
    reason: String,
}

/// What makes the platform's staff return money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "StaffRefundSource", rename_all = "snake_case")]
pub enum ApiStaffRefundSource {
    /// Their own decision.
    Admin,
    /// A dispute.
    Dispute,
}

/// Which lines go back, why, and what made it so.
#[derive(Debug, Object)]
#[oai(rename = "StaffRefundRequest", rename_all = "camelCase")]
pub struct StaffRefundRequestBody {
    /// Whole lines; without it all that are left.
    lines: Option<Vec<ApiId<kinds::OrderLine>>>,
    reason: String,
    source: ApiStaffRefundSource,
}

impl From<ApiStaffRefundSource> for RefundSource {
    fn from(source: ApiStaffRefundSource) -> Self {
        match source {
            ApiStaffRefundSource::Admin => Self::Admin,
            ApiStaffRefundSource::Dispute => Self::Dispute,
        }
    }
}

impl RefundRoutes {
    /// Over this use case.
    pub fn new(orders: Orders) -> Self {
        Self { orders }
    }
}

fn ids(lines: Option<Vec<ApiId<kinds::OrderLine>>>) -> Option<Vec<OrderLineId>> {
    lines.map(|lines| lines.into_iter().map(|line| line.0).collect())
}

#[OpenApi(prefix_path = "/v1")]
impl RefundRoutes {
    /// Returns lines, or all that are left, within the refund policy.
    #[oai(path = "/orders/:id/refunds", method = "post", operation_id = "orders.refund", tag = "Tag::Orders")]
    async fn refund(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
        body: Json<RefundRequestBody>,
    ) -> Result<Tagged<202, OrderBody>, Problem> {
        let RefundRequestBody { lines, reason } = body.0;
        let reason = reason::given(&reason)?;
        let order = self.orders.refund(&caller.0, id.0.0, ids(lines), reason).await?;
        Ok(tagged(&caller, &order))
    }

    /// Returns lines, or all that are left, whatever the refund policy says.
    #[oai(
        path = "/admin/orders/:id/refunds",
        method = "post",
        operation_id = "admin.orders.refund",
        tag = "Tag::Admin"
    )]
    async fn refund_by_staff(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
        body: Json<StaffRefundRequestBody>,
    ) -> Result<Tagged<202, OrderBody>, Problem> {
        let StaffRefundRequestBody { lines, reason, source } = body.0;
        let reason = reason::given(&reason)?;
        let call = caller.clone().because(reason);
        let order = self.orders.refund_by_staff(&call, id.0.0, ids(lines), source.into(), reason).await?;
        Ok(tagged(&caller, &order))
    }
}
