//! What a buyer wants, as it is asked for.

use poem_openapi::Object;
use sarai_application::{
    AppError,
    marketplace::{CartRequest, RequestedLine},
};
use sarai_domain::{
    kernel::{Coded, id::kinds},
    marketplace::values::{CouponCode, SeatCount},
};

use crate::{
    problem::{FieldError, Problem},
    scalars::{ApiCurrency, ApiId},
};

/// A cart.
#[derive(Debug, Object)]
#[oai(rename = "Cart", rename_all = "camelCase")]
pub struct CartBody {
    /// The currency of everything.
    pub currency: ApiCurrency,
    /// What is wanted, 1 to 50 lines.
    pub lines: Vec<CartLineBody>,
    /// The codes typed in, at most 5.
    #[oai(default)]
    pub coupon_codes: Vec<String>,
}

/// One wish.
#[derive(Debug, Object)]
#[oai(rename = "CartLine", rename_all = "camelCase")]
pub struct CartLineBody {
    listing_id: ApiId<kinds::Listing>,
    pricing_plan_id: ApiId<kinds::PricingPlan>,
    /// Seats: of a seat pack a multiple of its seats, else 1.
    quantity: u32,
}

impl TryFrom<CartBody> for CartRequest {
    type Error = Problem;

    fn try_from(body: CartBody) -> Result<Self, Problem> {
        Ok(Self {
            currency: body.currency.0,
            lines: body.lines.iter().enumerate().map(line).collect::<Result<_, _>>()?,
            coupon_codes: body.coupon_codes.iter().enumerate().map(code).collect::<Result<_, _>>()?,
        })
    }
}

fn line((index, line): (usize, &CartLineBody)) -> Result<RequestedLine, Problem> {
    let quantity = SeatCount::try_new(line.quantity).map_err(|error| {
        let pointer = format!("/lines/{index}/quantity");
        Problem::invalid(vec![FieldError::new(pointer, error.code(), error.to_string())])
    })?;
    let (listing_id, pricing_plan_id) = (line.listing_id.0, line.pricing_plan_id.0);
    Ok(RequestedLine { listing_id, pricing_plan_id, quantity })
}

fn code((index, text): (usize, &String)) -> Result<CouponCode, Problem> {
    let refused = |error| Problem::from(AppError::from(error)).at(&format!("/couponCodes/{index}"));
    text.parse().map_err(refused)
}

#[cfg(test)]
mod tests {
    use poem_openapi::types::ParseFromJSON;
    use serde_json::{Value, json};

    use super::*;

    fn refusal(line: &Value, codes: &Value) -> Value {
        let body = json!({"currency": "USD", "lines": [line], "couponCodes": codes});
        let body = CartBody::parse_from_json(Some(body)).unwrap();
        CartRequest::try_from(body).unwrap_err().document("", "")
    }

    fn wish(quantity: u32) -> Value {
        json!({
            "listingId": "lst_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "pricingPlanId": "pln_01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "quantity": quantity,
        })
    }

    #[test]
    fn a_refusal_names_the_member() {
        let problem = refusal(&wish(0), &json!([]));
        assert_eq!((&problem["code"], &problem["status"]), (&json!("validation_failed"), &json!(422)));
        assert_eq!(problem["errors"][0]["pointer"], "/lines/0/quantity");
        let problem = refusal(&wish(1), &json!(["GOOD", "b d"]));
        assert_eq!((&problem["code"], &problem["status"]), (&json!("coupon.code_malformed"), &json!(422)));
        assert_eq!(problem["errors"][0]["pointer"], "/couponCodes/1");
    }

    #[test]
    fn codes_may_be_left_out_and_are_normalised() {
        let body = json!({"currency": "USD", "lines": [wish(2)]});
        let cart = CartRequest::try_from(CartBody::parse_from_json(Some(body)).unwrap()).unwrap();
        assert_eq!((cart.lines.len(), cart.coupon_codes.len()), (1, 0));
        let body = json!({"currency": "USD", "lines": [], "couponCodes": [" summer "]});
        let cart = CartRequest::try_from(CartBody::parse_from_json(Some(body)).unwrap()).unwrap();
        assert_eq!(cart.coupon_codes[0].as_str(), "SUMMER");
    }
}
