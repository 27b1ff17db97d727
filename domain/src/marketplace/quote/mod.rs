//! Quote: a price promised to one buyer for 15 minutes, tax included, with its coupons held.
//!
//! It carries the id of the order it becomes, so placing twice is placing once. It guards no invariant of
//! the seed; its amounts obey O-INV-2. The states are in [`TRANSITIONS`]. Source: rulings R53 and R54.

mod error;
mod event;
mod status;
#[cfg(test)]
mod tests;
mod token;

use serde::{Deserialize, Serialize};
use time::Duration;

pub use error::QuoteError;
pub use event::{QuoteEvent, QuoteFacts};
pub use status::{QuoteAction, QuoteState, TRANSITIONS};
pub use token::QuoteToken;

use crate::{
    kernel::{
        Aggregate, Audited, Changes, LastTransition, Money, NoRow, OrderId, OrderLineId, Outcome, QuoteId,
        Root, Rule, Step, TenantId, Timestamp, UserId, require, step,
    },
    marketplace::services::PricedCart,
};

/// How long a quote holds.
pub const LIFETIME: Duration = Duration::minutes(15);

/// What a new quote is made of.
#[derive(Debug, Clone)]
pub struct NewQuote {
    /// Its id.
    pub id: QuoteId,
    /// The order it becomes.
    pub order_id: OrderId,
    /// The buyer's tenant.
    pub buyer_tenant_id: TenantId,
    /// The buyer.
    pub buyer_user_id: UserId,
    /// What is to be bought.
    pub cart: PricedCart,
    /// Tax per line, in the cart's order, as billing answered.
    pub taxes: Vec<Money>,
}

/// The stored document of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuoteData {
    /// The quote.
    pub id: QuoteId,
    /// The order it becomes.
    pub order_id: OrderId,
    /// The buyer's tenant.
    pub buyer_tenant_id: TenantId,
    /// The buyer.
    pub buyer_user_id: UserId,
    /// What is to be bought.
    pub cart: PricedCart,
    /// Tax per line, in the cart's order.
    pub taxes: Vec<Money>,
    /// The sum of the taxes.
    pub tax_total: Money,
    /// What is to be paid: `subtotal - discountTotal + taxTotal`.
    pub totals: Money,
    /// Where it stands.
    pub state: QuoteState,
    /// What led to the current state.
    pub last_transition: Option<LastTransition<QuoteAction>>,
    /// When it was given.
    pub created_at: Timestamp,
    /// From when on it no longer holds.
    pub expires_at: Timestamp,
}

/// A quote.
///
/// ```
/// use sarai_domain::{
///     kernel::{Aggregate, Coded, Currency, Money, Outcome, Timestamp},
///     marketplace::{
///         quote::{NewQuote, Quote},
///         services::PricedCart,
///     },
/// };
///
/// let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
/// let currency = Currency::parse("USD")?;
/// let zero = Money::zero(currency);
/// let mut quote = Quote::open(
///     NewQuote {
///         id: "quo_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         order_id: "ord_01ARZ3NDEKTSV4RRFFQ69G5FAV".parse()?,
///         buyer_tenant_id: "globex".parse()?,
///         buyer_user_id: "amina".parse()?,
///         cart: PricedCart { currency, lines: vec![], discounts: vec![], subtotal: zero, discount_total: zero },
///         taxes: vec![],
///     },
///     now,
/// )?;
/// assert_eq!(quote.data().expires_at.to_string(), "2026-04-20T09:45:00Z");
/// assert_eq!(quote.use_by(&"amina".parse()?, now)?, Outcome::Applied);
/// assert_eq!(quote.use_by(&"amina".parse()?, now)?, Outcome::AlreadyApplied);
/// assert_eq!(quote.use_by(&"omar".parse()?, now).unwrap_err().code(), "quote.used");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Quote {
    root: Root<QuoteData, QuoteEvent>,
}

impl Aggregate for Quote {
    type Id = QuoteId;
    type Data = QuoteData;
    type Row = NoRow;
    type Event = QuoteEvent;
    type Error = QuoteError;

    const NAME: &'static str = "quote";

    fn rehydrate(data: QuoteData, _rows: Vec<NoRow>, version: u64) -> Result<Self, QuoteError> {
        require::<Self>(&data, &[])?;
        Ok(Self { root: Root::stored(data, version) })
    }

    fn id(&self) -> QuoteId {
        self.root.data.id
    }

    fn data(&self) -> &QuoteData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.root.data.id;
        self.root.into_changes(id)
    }
}

impl Audited for Quote {
    const RULES: &'static [Rule<Self>] = &[Rule::<Self>::ours(adds_up), Rule::<Self>::ours(holds_as_long)];
}

fn adds_up(data: &QuoteData, _: &[NoRow]) -> Result<(), QuoteError> {
    if totals(&data.cart, &data.taxes)? == (data.tax_total, data.totals) {
        Ok(())
    } else {
        Err(QuoteError::Inconsistent("its totals are not the sum of its parts"))
    }
}

fn holds_as_long(data: &QuoteData, _: &[NoRow]) -> Result<(), QuoteError> {
    if data.expires_at == data.created_at.plus(LIFETIME) {
        Ok(())
    } else {
        Err(QuoteError::Inconsistent("it does not hold for 15 minutes"))
    }
}

impl Quote {
    /// Promises a price for [`LIFETIME`].
    ///
    /// # Errors
    /// [`QuoteError::TaxLines`] unless there is one tax per line; [`QuoteError::Money`] when a tax is in
    /// another currency than the cart, or the sum is too large.
    pub fn open(new: NewQuote, now: Timestamp) -> Result<Self, QuoteError> {
        let (tax_total, totals) = totals(&new.cart, &new.taxes)?;
        let mut quote = Self {
            root: Root::new(QuoteData {
                id: new.id,
                order_id: new.order_id,
                buyer_tenant_id: new.buyer_tenant_id,
                buyer_user_id: new.buyer_user_id,
                cart: new.cart,
                taxes: new.taxes,
                tax_total,
                totals,
                state: QuoteState::Open,
                last_transition: None,
                created_at: now,
                expires_at: now.plus(LIFETIME),
            }),
        };
        quote.root.record(QuoteEvent::Opened { quote: quote.facts(now) });
        Ok(quote)
    }

    /// Turns it into its order; again by the same buyer, at any time, it is the same order.
    ///
    /// # Errors
    /// [`QuoteError::OtherUser`] for anyone but its buyer, [`QuoteError::Expired`] from `expiresAt` on.
    pub fn use_by(&mut self, user: &UserId, now: Timestamp) -> Result<Outcome, QuoteError> {
        let step = self.step(QuoteAction::Use);
        if *user != self.root.data.buyer_user_id {
            return Err(QuoteError::OtherUser);
        }
        let Step::To(to) = step? else { return Ok(Outcome::AlreadyApplied) };
        if self.has_run_out(now) {
            return Err(QuoteError::Expired(self.root.data.expires_at));
        }
        Ok(self.enter(to, QuoteAction::Use, QuoteEvent::Used { quote: self.facts(now) }))
    }

    /// Ends it unused, from `expiresAt` on.
    ///
    /// # Errors
    /// [`QuoteError::Used`], [`QuoteError::NotDue`].
    pub fn expire(&mut self, now: Timestamp) -> Result<Outcome, QuoteError> {
        let Step::To(to) = self.step(QuoteAction::Expire)? else { return Ok(Outcome::AlreadyApplied) };
        if !self.has_run_out(now) {
            return Err(QuoteError::NotDue(self.root.data.expires_at));
        }
        Ok(self.enter(to, QuoteAction::Expire, QuoteEvent::Expired { quote: self.facts(now) }))
    }

    /// Ends it before its time because one of its coupons could not be held.
    ///
    /// # Errors
    /// [`QuoteError::Used`].
    pub fn abandon(&mut self, now: Timestamp) -> Result<Outcome, QuoteError> {
        let Step::To(to) = self.step(QuoteAction::Abandon)? else { return Ok(Outcome::AlreadyApplied) };
        Ok(self.enter(to, QuoteAction::Abandon, QuoteEvent::Expired { quote: self.facts(now) }))
    }

    /// The tax of each line, as billing answered.
    pub fn line_taxes(&self) -> impl Iterator<Item = (OrderLineId, Money)> {
        let data = &self.root.data;
        data.cart.lines.iter().map(|line| line.id).zip(data.taxes.iter().copied())
    }

    /// Whether its price no longer holds.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        now >= self.root.data.expires_at
    }

    #[cfg(test)]
    fn check_invariants(&self) -> Result<(), QuoteError> {
        require::<Self>(&self.root.data, &[])
    }

    fn step(&self, action: QuoteAction) -> Result<Step<QuoteState>, QuoteError> {
        let data = &self.root.data;
        step(TRANSITIONS, data.state, action, None, data.last_transition.as_ref()).map_err(|illegal| {
            match illegal.from {
                QuoteState::Open | QuoteState::Used => QuoteError::Used,
                QuoteState::Expired => QuoteError::Expired(data.expires_at),
            }
        })
    }

    fn enter(&mut self, to: QuoteState, action: QuoteAction, event: QuoteEvent) -> Outcome {
        self.root.data.state = to;
        self.root.data.last_transition = Some(LastTransition { action, argument: None });
        self.root.record(event);
        Outcome::Applied
    }

    fn facts(&self, at: Timestamp) -> QuoteFacts {
        let data = &self.root.data;
        QuoteFacts {
            quote_id: data.id,
            order_id: data.order_id,
            buyer_tenant_id: data.buyer_tenant_id.clone(),
            buyer_user_id: data.buyer_user_id.clone(),
            coupon_ids: data.cart.discounts.iter().map(|discount| discount.coupon_id).collect(),
            totals: data.totals,
            expires_at: data.expires_at,
            at,
        }
    }
}

/// The tax of all lines, and what is to be paid with it (O-INV-2).
fn totals(cart: &PricedCart, taxes: &[Money]) -> Result<(Money, Money), QuoteError> {
    if taxes.len() != cart.lines.len() {
        return Err(QuoteError::TaxLines { lines: cart.lines.len(), taxes: taxes.len() });
    }
    let tax_total = Money::sum(cart.currency, taxes)?;
    let totals = cart.subtotal.checked_sub(&cart.discount_total)?.checked_add(&tax_total)?;
    Ok((tax_total, totals))
}
