//! `POST /quotes`: a price that holds for 15 minutes.

use poem_openapi::{Enum, Object, OpenApi, payload::Json};
use sarai_application::marketplace::quotes::{Quoted, Quotes};
use sarai_domain::{
    kernel::{Aggregate, id::kinds},
    marketplace::quote::QuoteState,
};

use super::{
    Tag,
    cart_body::CartBody,
    line_body::{DiscountBody, LineBody},
};
use crate::{
    answers::Created,
    caller::Caller,
    problem::Problem,
    scalars::{ApiCurrency, ApiId, ApiMoney, ApiTimestamp},
};

/// Routes of quotes.
#[derive(Clone)]
pub struct QuoteRoutes {
    quotes: Quotes,
}

/// Where a quote stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "QuoteState", rename_all = "snake_case", remote = "QuoteState")]
pub enum ApiQuoteState {
    /// Its prices hold and its coupons are held.
    Open,
    /// Its order was placed.
    Used,
    /// Its time ran out.
    Expired,
}

/// A price promised to one buyer, tax included, with its coupons held.
#[derive(Debug, Object)]
#[oai(rename = "Quote", rename_all = "camelCase")]
pub struct QuoteBody {
    id: ApiId<kinds::Quote>,
    /// Places the order: send it to `POST /orders`.
    quote_token: String,
    /// The order it becomes.
    order_id: ApiId<kinds::Order>,
    currency: ApiCurrency,
    lines: Vec<LineBody>,
    discounts: Vec<DiscountBody>,
    subtotal: ApiMoney,
    discount_total: ApiMoney,
    tax_total: ApiMoney,
    /// What is to be paid: `subtotal - discountTotal + taxTotal`.
    totals: ApiMoney,
    /// From when on it no longer holds.
    expires_at: ApiTimestamp,
    state: ApiQuoteState,
}

impl From<&Quoted> for QuoteBody {
    fn from(quoted: &Quoted) -> Self {
        let data = quoted.quote.data();
        let lines = data.cart.lines.iter().zip(&data.taxes);
        Self {
            id: data.id.into(),
            quote_token: quoted.token.clone(),
            order_id: data.order_id.into(),
            currency: data.cart.currency.into(),
            lines: lines.map(|(line, tax)| LineBody::quoted(line, *tax)).collect(),
            discounts: data.cart.discounts.iter().map(DiscountBody::from).collect(),
            subtotal: data.cart.subtotal.into(),
            discount_total: data.cart.discount_total.into(),
            tax_total: data.tax_total.into(),
            totals: data.totals.into(),
            expires_at: data.expires_at.into(),
            state: data.state.into(),
        }
    }
}

impl QuoteRoutes {
    /// Over this use case.
    pub fn new(quotes: Quotes) -> Self {
        Self { quotes }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Orders")]
impl QuoteRoutes {
    /// Prices a cart with its tax and holds its coupons, for 15 minutes.
    #[oai(path = "/quotes", method = "post", operation_id = "quotes.create")]
    async fn create(&self, caller: Caller, body: Json<CartBody>) -> Result<Created<QuoteBody>, Problem> {
        let quoted = self.quotes.open(&caller.0, &body.0.try_into()?).await?;
        Ok(Created(QuoteBody::from(&quoted)))
    }
}
