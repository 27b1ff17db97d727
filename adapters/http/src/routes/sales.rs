//! `GET /provider/sales`: the lines a provider sold, with who gets how much.

use poem_openapi::{Object, OpenApi, param::Query, payload::Json};
use sarai_application::marketplace::orders::Orders;
use sarai_domain::kernel::id::kinds;
use sarai_ports::marketplace::ProviderSale;

use super::{Tag, line_body::SharedLineBody};
use crate::{
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::ApiId,
};

/// Routes of sales.
#[derive(Clone)]
pub struct SalesRoutes {
    orders: Orders,
    cursors: Cursors,
}

/// A sold line, without the buyer's users.
#[derive(Debug, Object)]
#[oai(rename = "Sale", rename_all = "camelCase")]
pub struct SaleBody {
    order_id: ApiId<kinds::Order>,
    #[oai(flatten)]
    line: SharedLineBody,
}

impl From<&ProviderSale> for SaleBody {
    fn from(sale: &ProviderSale) -> Self {
        Self { order_id: sale.order_id.into(), line: (&sale.line).into() }
    }
}

impl SalesRoutes {
    /// Over this use case.
    pub fn new(orders: Orders, cursors: Cursors) -> Self {
        Self { orders, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Earnings")]
impl SalesRoutes {
    /// The caller's sold lines, newest first.
    #[oai(path = "/provider/sales", method = "get", operation_id = "provider.sales.list")]
    async fn list(
        &self,
        caller: Caller,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<SaleBody>>, Problem> {
        let list = self.cursors.list("provider.sales.list", caller.tenant());
        let request = list.request(*limit, cursor.as_deref())?;
        let page = self.orders.sales(&caller.0, &request).await?;
        Ok(Json(list.answer(page, |sale| SaleBody::from(&sale))))
    }
}
