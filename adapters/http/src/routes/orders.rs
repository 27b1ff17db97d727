//! Orders: placing, reading, paying, cancelling.

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
    types::ToJSON,
};
use sarai_application::marketplace::{CartRequest, orders::Orders, quotes::Quotes};
use sarai_domain::{
    kernel::{Aggregate, id::kinds},
    marketplace::order::Order,
};

use super::{
    Tag,
    cart_body::{CartBody, CartLineBody},
    located::Located,
    order_body::{ApiOrderStatus, OrderBody},
};
use crate::{
    answers::{CreatedOrFound, Tagged},
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::{FieldError, Problem},
    scalars::{ApiCurrency, ApiId},
};

/// Routes of orders.
#[derive(Clone)]
pub struct OrderRoutes {
    orders: Orders,
    quotes: Quotes,
    cursors: Cursors,
}

/// What is ordered: `currency`, `lines` and `couponCodes`, or the token of a quote.
#[derive(Debug, Object)]
#[oai(rename = "OrderRequest", rename_all = "camelCase")]
pub struct OrderRequestBody {
    /// The currency of everything.
    currency: Option<ApiCurrency>,
    /// What is wanted, 1 to 50 lines.
    lines: Option<Vec<CartLineBody>>,
    /// The codes typed in, at most 5.
    coupon_codes: Option<Vec<String>>,
    /// The token of a quote, in place of everything else.
    quote_token: Option<String>,
}

/// Either way to say what is ordered.
#[derive(Debug)]
enum Wanted {
    Cart(CartRequest),
    Quote(String),
}

impl TryFrom<OrderRequestBody> for Wanted {
    type Error = Problem;

    fn try_from(body: OrderRequestBody) -> Result<Self, Problem> {
        match (body.quote_token, body.currency, body.lines, body.coupon_codes) {
            (Some(token), None, None, None) => Ok(Self::Quote(token)),
            (Some(_), ..) => {
                Err(Problem::field("/quoteToken", "a quote has its own currency, lines and coupons"))
            }
            (None, Some(currency), Some(lines), codes) => {
                let coupon_codes = codes.unwrap_or_default();
                CartBody { currency, lines, coupon_codes }.try_into().map(Self::Cart)
            }
            (None, currency, lines, _) => {
                let missing = [("/currency", currency.is_none()), ("/lines", lines.is_none())];
                let missing = missing.into_iter().filter(|(_, missing)| *missing);
                let required = |pointer| FieldError::new(pointer, "required", "is required without a quote");
                Err(Problem::invalid(missing.map(|(pointer, _)| required(pointer)).collect()))
            }
        }
    }
}

/// What pays.
#[derive(Object)]
#[oai(rename = "PaymentRequest", rename_all = "camelCase")]
pub struct PaymentRequestBody {
    /// Billing's token of a payment method. It is forwarded and kept nowhere.
    payment_token: String,
}

impl OrderRoutes {
    /// Over these use cases.
    pub fn new(orders: Orders, quotes: Quotes, cursors: Cursors) -> Self {
        Self { orders, quotes, cursors }
    }
}

/// An order with a status and its entity tag.
pub(super) fn tagged<const STATUS: u16>(caller: &Caller, order: &Order) -> Tagged<STATUS, OrderBody> {
    Tagged { version: order.version(), body: OrderBody::shown_to(caller, order) }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")]
impl OrderRoutes {
    /// Places an order. 200 with the order when its quote was placed before.
    #[oai(path = "/orders", method = "post", operation_id = "orders.place")]
    async fn place(
        &self,
        caller: Caller,
        body: Json<OrderRequestBody>,
    ) -> Result<Located<CreatedOrFound<OrderBody>>, Problem> {
        let placed = match body.0.try_into()? {
            Wanted::Cart(cart) => self.orders.place(&caller.0, &cart).await?,
            Wanted::Quote(token) => {
                let quote = self.quotes.of_token(&caller.0, &token).await?;
                self.orders.place_quoted(&caller.0, quote).await?
            }
        };
        let order = OrderBody::shown_to(&caller, &placed.order);
        Ok(Located {
            path: format!("/v1/orders/{}", placed.order.id()),
            version: Some(placed.order.version()),
            answer: if placed.created {
                CreatedOrFound::Created(order)
            } else {
                CreatedOrFound::Found(order)
            },
        })
    }

    /// The caller's orders, or the tenant's for its administrators; newest first.
    #[oai(path = "/orders", method = "get", operation_id = "orders.list")]
    async fn list(
        &self,
        caller: Caller,
        status: Query<Option<ApiOrderStatus>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<OrderBody>>, Problem> {
        let list = self.cursors.list("orders.list", caller.tenant()).filter("status", status.0.to_json());
        let request = list.request(*limit, cursor.as_deref())?;
        let page = self.orders.list(&caller.0, status.0.map(Into::into), &request).await?;
        Ok(Json(list.answer(page, |order| OrderBody::shown_to(&caller, &order))))
    }

    /// One order.
    #[oai(path = "/orders/:id", method = "get", operation_id = "orders.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
    ) -> Result<Tagged<200, OrderBody>, Problem> {
        let order = self.orders.get(&caller.0, id.0.0).await?;
        Ok(tagged(&caller, &order))
    }

    /// Pays an order that waits for its payment. A decline is in `lastPaymentError`.
    #[oai(path = "/orders/:id/pay", method = "post", operation_id = "orders.pay")]
    async fn pay(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
        body: Json<PaymentRequestBody>,
    ) -> Result<Tagged<202, OrderBody>, Problem> {
        let order = self.orders.pay(&caller.0, id.0.0, &body.payment_token).await?;
        Ok(tagged(&caller, &order))
    }

    /// Cancels an order that is not paid; one that is paid at the same time is refunded.
    #[oai(path = "/orders/:id/cancel", method = "post", operation_id = "orders.cancel")]
    async fn cancel(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Order>>,
    ) -> Result<Tagged<202, OrderBody>, Problem> {
        let order = self.orders.cancel(&caller.0, id.0.0).await?;
        Ok(tagged(&caller, &order))
    }
}

#[cfg(test)]
#[path = "orders_tests.rs"]
mod tests;
