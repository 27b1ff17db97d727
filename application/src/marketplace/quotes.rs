//! Quotes: a price, a tax and the coupons' holds, signed, for 15 minutes (marketplace.md 10.3, ruling R54).

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, Kind, Money, OrderId, QuoteId, RedemptionId},
    marketplace::{
        coupon::NewRedemption,
        quote::{NewQuote, Quote, QuoteToken},
        services::{AppliedDiscount, PricedCart},
    },
};
use sarai_ports::{
    GatewayError,
    marketplace::{ReserveError, TaxLine, TaxRequest},
};

use super::{
    CartRequest,
    saga::{of_owner, taxes},
};
use crate::{AppError, Call, Ports};

/// The use cases of quotes.
#[derive(Clone)]
pub struct Quotes {
    ports: Arc<Ports>,
}

/// A quote with the token that places it.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// The quote.
    pub quote: Quote,
    /// Its signed token.
    pub token: String,
}

impl Quotes {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Prices a cart, freezes its tax and holds its coupons.
    ///
    /// # Errors
    /// What pricing refuses, `coupon.exhausted`, `coupon.user_cap_reached`, and `unavailable` while billing
    /// does not answer.
    pub async fn open(&self, call: &Call, request: &CartRequest) -> Result<Quoted, AppError> {
        let ports = &self.ports;
        let cart = ports.price(call, request).await?;
        let taxes = self.taxes(call, &cart).await?;
        let (id, order_id) = (QuoteId::new(ports.ulid()), OrderId::new(ports.ulid()));
        let now = ports.now();
        let new = NewQuote {
            id,
            order_id,
            buyer_tenant_id: call.principal.tenant_id.clone(),
            buyer_user_id: call.principal.user_id.clone(),
            cart,
            taxes,
        };
        let quote = Quote::open(new, now)?;
        let context = call.context("quote.open", &order_id, now);
        ports.save(&*ports.quotes, &call.scope(), quote.clone(), context).await?;
        self.hold_coupons(call, &quote).await?;
        let token = QuoteToken::sign(&ports.quote_key, quote.data());
        Ok(Quoted { quote, token })
    }

    /// The quote of a token, when we signed it and it is the caller's tenant's.
    ///
    /// # Errors
    /// `quote.token_invalid`, `not_found`.
    pub async fn of_token(&self, call: &Call, token: &str) -> Result<Quote, AppError> {
        let invalid = || AppError::new(Kind::Invalid, "quote.token_invalid", "this is no token of a quote");
        let id = QuoteToken::quote_id(token).ok_or_else(invalid)?;
        let found = self.ports.quotes.find(&call.scope(), &id).await?;
        let quote = found.ok_or_else(|| AppError::not_found("quote"))?;
        if QuoteToken::verify(&self.ports.quote_key, quote.data(), token) {
            Ok(quote)
        } else {
            Err(invalid())
        }
    }

    async fn taxes(&self, call: &Call, cart: &PricedCart) -> Result<Vec<Money>, AppError> {
        let zero = Money::zero(cart.currency);
        let lines: Vec<_> = cart.lines.iter().map(|line| TaxLine { id: line.id, net: line.net }).collect();
        if lines.iter().all(|line| line.net.is_zero()) {
            return Ok(vec![zero; lines.len()]);
        }
        let request = TaxRequest {
            buyer_tenant_id: call.principal.tenant_id.clone(),
            currency: cart.currency,
            lines: lines.clone(),
        };
        let answer = self.ports.billing.tax(&request).await.map_err(|error| match error {
            GatewayError::Refused { code } => {
                AppError::new(Kind::Conflict, "order.billing_refused", format!("billing refused: {code}"))
            }
            unavailable @ GatewayError::Unavailable(_) => unavailable.into(),
        })?;
        let taxes = taxes(&lines, answer)?;
        let of = |line| taxes.iter().find(|tax| tax.line == line).map_or(zero, |tax| tax.tax);
        Ok(lines.iter().map(|line| of(line.id)).collect())
    }

    /// Reserves every coupon under the order's id; gives back what was taken when one refuses.
    async fn hold_coupons(&self, call: &Call, quote: &Quote) -> Result<(), AppError> {
        let data = quote.data();
        let mut held: Vec<&AppliedDiscount> = Vec::new();
        for discount in &data.cart.discounts {
            let redemption = NewRedemption {
                id: RedemptionId::new(self.ports.ulid()),
                order_id: data.order_id,
                user_id: data.buyer_user_id.clone(),
                amount: discount.amount,
                expires_at: data.expires_at,
            };
            let mut context = call.context("quote.hold_coupon", &data.order_id, self.ports.now());
            context.claim = None;
            match self
                .ports
                .reserve_coupon(&of_owner(discount), discount.coupon_id, redemption, context)
                .await
            {
                Ok(()) => held.push(discount),
                Err(error) => {
                    self.give_back(call, quote, &held).await?;
                    return Err(match error {
                        ReserveError::Refused(refusal) => refusal.into(),
                        ReserveError::Store(error) => error.into(),
                    });
                }
            }
        }
        Ok(())
    }

    async fn give_back(&self, call: &Call, quote: &Quote, held: &[&AppliedDiscount]) -> Result<(), AppError> {
        let (order, now) = (quote.data().order_id, self.ports.now());
        let mut context = call.context("quote.give_back", &order, now);
        context.claim = None;
        for discount in held {
            let (owner, coupon) = (of_owner(discount), discount.coupon_id);
            self.ports.settle_coupon(&owner, coupon, order, false, context.clone()).await?;
        }
        let abandon = |quote: &mut Quote| Ok(quote.abandon(now)?);
        self.ports.change(&*self.ports.quotes, &call.scope(), &quote.id(), context, abandon).await.map(drop)
    }
}
