//! From what a buyer asks to a priced cart: offers of live listings, and the coupons a code means.

use std::collections::{BTreeMap, BTreeSet};

use sarai_domain::{
    kernel::{Aggregate, CourseId, Currency, ListingId, OrderLineId, PricingPlanId, TenantId},
    marketplace::{
        coupon::{Coupon, CouponError, resolve_code},
        license::{LicenseScope, LicenseState},
        listing::Listing,
        order::{refuse_held, refuse_personal},
        services::{
            PricedCart,
            pricing::{Cart, CartLine, MAX_COUPONS, MAX_LINES, PricingCalculator, PricingError},
        },
        values::{CouponCode, SeatCount},
    },
};
use sarai_ports::{PageRequest, Scope};

use crate::{AppError, Call, Ports};

/// What a buyer wants: the body of a quote or an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartRequest {
    /// The currency of everything.
    pub currency: Currency,
    /// What is bought.
    pub lines: Vec<RequestedLine>,
    /// The codes typed in.
    pub coupon_codes: Vec<CouponCode>,
}

/// One wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestedLine {
    /// The listing.
    pub listing_id: ListingId,
    /// Its plan.
    pub pricing_plan_id: PricingPlanId,
    /// Seats.
    pub quantity: SeatCount,
}

impl Ports {
    /// Prices what a buyer wants.
    ///
    /// # Errors
    /// Everything that is known before anything is written (marketplace.md 12): `listing.not_live`,
    /// `order.plan_inactive`, `order.already_licensed`, `order.learner_required` for a key, the cart's and the coupons' refusals.
    pub(super) async fn price(&self, call: &Call, request: &CartRequest) -> Result<PricedCart, AppError> {
        check_size(request)?;
        let buyer = &call.principal.tenant_id;
        let mut lines = Vec::with_capacity(request.lines.len());
        for line in &request.lines {
            let listing = self.sold_listing(buyer, line.listing_id).await?;
            let kyc = self.provider_facts.kyc(&listing.data().provider_tenant_id).await?;
            let offer = listing.offer(line.pricing_plan_id, &kyc)?;
            let id = OrderLineId::new(self.ulid());
            lines.push(CartLine { id, offer, quantity: line.quantity });
        }
        let cart = Cart::try_new(request.currency, lines)?;
        let providers: BTreeSet<TenantId> =
            cart.lines().iter().map(|line| line.offer.provider_tenant_id.clone()).collect();
        let coupons = self.coupons_meant(&request.coupon_codes, buyer, providers).await?;
        let terms: Vec<_> = coupons.iter().map(Coupon::terms).collect();
        let priced = PricingCalculator::price(cart, &terms)?;
        if call.principal.key().is_some() {
            refuse_personal(&priced)?;
        }
        refuse_held(&priced, &self.courses_held(call, &priced).await?)?;
        Ok(priced)
    }

    /// A listing that is or was on sale; to everybody but its owner a draft does not exist.
    async fn sold_listing(&self, buyer: &TenantId, id: ListingId) -> Result<Listing, AppError> {
        let found = self.listings.find(&Scope::System, &id).await?;
        found
            .filter(|listing| {
                let data = listing.data();
                data.ever_live || data.provider_tenant_id == *buyer
            })
            .ok_or_else(|| AppError::not_found("listing"))
    }

    /// Whether every listing of a quoted cart is still live and its provider verified (L-INV-8, L-INV-3).
    pub(super) async fn check_still_sold(&self, cart: &PricedCart) -> Result<(), AppError> {
        for line in &cart.lines {
            let found = self.listings.find(&Scope::System, &line.offer.listing_id).await?;
            let listing = found.ok_or_else(|| AppError::not_found("listing"))?;
            let kyc = self.provider_facts.kyc(&line.offer.provider_tenant_id).await?;
            listing.require_on_sale(&kyc)?;
        }
        Ok(())
    }

    async fn coupons_meant(
        &self,
        codes: &[CouponCode],
        buyer: &TenantId,
        providers: BTreeSet<TenantId>,
    ) -> Result<Vec<Coupon>, AppError> {
        let providers: Vec<TenantId> = providers.into_iter().collect();
        let mut meant = BTreeMap::new();
        for code in codes.iter().collect::<BTreeSet<_>>() {
            let found = self.coupons.find_by_code(code, buyer, &providers).await?;
            let by_key = found.into_iter().map(|coupon| (coupon.unique_key(), coupon)).collect();
            let resolved = resolve_code(by_key);
            if resolved.is_empty() {
                return Err(CouponError::NotFound.into());
            }
            for coupon in resolved {
                coupon.check(buyer, self.now())?;
                meant.insert(coupon.id(), coupon);
            }
        }
        Ok(meant.into_values().collect())
    }

    /// The courses of the cart's personal lines that the buyer holds an individual licence of already.
    pub(super) async fn courses_held(
        &self,
        call: &Call,
        cart: &PricedCart,
    ) -> Result<BTreeSet<CourseId>, AppError> {
        let (tenant, user) = (&call.principal.tenant_id, &call.principal.user_id);
        let personal =
            cart.lines.iter().map(|line| &line.offer).filter(|offer| offer.plan_kind.is_personal());
        let wanted: BTreeSet<&CourseId> = personal.map(|offer| &offer.course_id).collect();
        let mut held = BTreeSet::new();
        for course in wanted {
            let licenses = self.licenses.find_for_entitlement(&call.scope(), tenant, course, user).await?;
            let now = self.now();
            if licenses.iter().any(|license| {
                license.data().scope == LicenseScope::Individual
                    && license.data().holder.as_ref() == Some(user)
                    && license.state_at(now) == LicenseState::Active
            }) {
                held.insert(course.clone());
            }
        }
        Ok(held)
    }
}

/// Refuses a cart that is too large before anything is looked up for it.
fn check_size(request: &CartRequest) -> Result<(), PricingError> {
    let lines = request.lines.len();
    let coupons = request.coupon_codes.iter().collect::<BTreeSet<_>>().len();
    if lines > MAX_LINES {
        Err(PricingError::TooManyLines { lines, max: MAX_LINES })
    } else if coupons > MAX_COUPONS {
        Err(PricingError::TooManyCoupons { coupons, max: MAX_COUPONS })
    } else {
        Ok(())
    }
}

/// Every row of a list that is short by rule: a page as long as the rule allows.
pub(super) fn all() -> PageRequest {
    PageRequest::first(usize::MAX)
}
