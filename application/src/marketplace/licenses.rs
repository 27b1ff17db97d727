//! Licences: seats, entitlement, gifts and manual grants (marketplace.md 3).

use std::sync::Arc;

use sarai_domain::{
    kernel::{
        Aggregate, CourseId, LicenseId, ListingId, Outcome, PricingPlanId, SeatId, TenantId, Timestamp,
        UserId,
    },
    marketplace::{
        license::{
            GiftClaim, Learner, License, LicenseScope, LicenseState, LicenseTerms, NewLicense, Origin,
            RevokeReason, SeatAllocation,
        },
        services::entitlement::{EntitlementAnswer, EntitlementPolicy},
        values::SeatCount,
    },
};
use sarai_ports::{Page, PageRequest, Scope, auth::Role};

use crate::{AppError, Call, Loaded, Ports, app::FOLLOW_UP_LIMIT};

/// The use cases of licences.
#[derive(Clone)]
pub struct Licenses {
    pub(super) ports: Arc<Ports>,
}

/// A seat as a command left it.
#[derive(Debug, Clone)]
pub struct Seated {
    /// The seat.
    pub seat: SeatAllocation,
    /// Seats nobody has; none when there is no limit.
    pub remaining: Option<u32>,
    /// Whether this command made it.
    pub created: bool,
}

/// What the platform's staff grant.
#[derive(Debug, Clone)]
pub struct Grant {
    /// A gift waits for its code; else it is the user's or the tenant's at once.
    pub gift: bool,
    /// Whose.
    pub tenant_id: TenantId,
    /// The learner of a manual individual licence.
    pub user_id: Option<UserId>,
    /// The listing whose course is granted.
    pub listing_id: ListingId,
    /// The plan whose terms it gets.
    pub pricing_plan_id: PricingPlanId,
    /// Why.
    pub reason: String,
}

/// A granted licence, with the code of a gift: shown once, stored as a hash.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The licence.
    pub license: License,
    /// The gift's code.
    pub claim_code: Option<String>,
}

impl Licenses {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// One licence: the caller's own, the tenant's for its administrators, any for the platform's staff.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: LicenseId) -> Result<License, AppError> {
        let user = &call.principal.user_id;
        let found = self.ports.licenses.find_for_user(&call.reading_scope(), id, user).await?;
        let license = found.ok_or_else(|| AppError::not_found("licence"))?;
        if may_see(call, &license) || self.bought(call, &license).await? {
            Ok(license)
        } else {
            Err(AppError::not_found("licence"))
        }
    }

    /// The caller's licences; the tenant's for its administrators.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(
        &self,
        call: &Call,
        state: Option<LicenseState>,
        page: &PageRequest,
    ) -> Result<Page<License>, AppError> {
        let principal = &call.principal;
        let user = (!principal.has(Role::TenantAdmin)).then_some(&principal.user_id);
        let (scope, tenant) = (call.scope(), &principal.tenant_id);
        Ok(self.ports.licenses.find_by_tenant(&scope, tenant, user, state, page).await?)
    }

    /// What the caller sold, without users.
    ///
    /// # Errors
    /// The store's.
    pub async fn sold(&self, call: &Call, page: &PageRequest) -> Result<Page<License>, AppError> {
        let tenant = &call.principal.tenant_id;
        Ok(self.ports.licenses.find_by_provider(&call.scope(), tenant, page).await?)
    }

    /// A licence's seats.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn seats(
        &self,
        call: &Call,
        id: LicenseId,
        page: &PageRequest,
    ) -> Result<Page<SeatAllocation>, AppError> {
        let license = self.get(call, id).await?;
        if license.data().scope == LicenseScope::Org && !call.principal.has(Role::PlatformAdmin) {
            self.administered(call, id).await?;
        }
        Ok(self.ports.licenses.seats(&call.reading_scope(), id, page).await?)
    }

    /// Seats a user; one who sits already keeps the seat.
    ///
    /// # Errors
    /// What [`License::assign_seat`] refuses.
    pub async fn assign_seat(&self, call: &Call, id: LicenseId, user: &UserId) -> Result<Seated, AppError> {
        self.administered(call, id).await?;
        let ports = &self.ports;
        let scope = call.scope();
        let (seat, now) = (SeatId::new(ports.ulid()), ports.now());
        let load = || ports.licenses.find_for_user(&scope, id, user);
        let context = call.context("license.assign_seat", &id, now);
        let mut created = false;
        let Loaded { aggregate, .. } = ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                let outcome = license.assign_seat(seat, user.clone(), now)?;
                created = outcome == Outcome::Applied;
                Ok(outcome)
            })
            .await?;
        self.settled(id).await;
        let seat = aggregate.seat_of(user).cloned().ok_or_else(|| AppError::not_found("seat"))?;
        Ok(Seated { seat, remaining: aggregate.remaining(), created })
    }

    /// Takes a user off a seat; a released seat stays released.
    ///
    /// # Errors
    /// What [`License::release_seat`] refuses.
    pub async fn release_seat(&self, call: &Call, id: LicenseId, seat: SeatId) -> Result<Seated, AppError> {
        self.administered(call, id).await?;
        let ports = &self.ports;
        let scope = call.scope();
        let now = ports.now();
        let load = || ports.licenses.find_for_seat(&scope, id, seat);
        let context = call.context("license.release_seat", &id, now);
        let Loaded { aggregate, .. } = ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                Ok(license.release_seat(seat, now)?)
            })
            .await?;
        self.settled(id).await;
        let row = aggregate.seat(seat).cloned().ok_or_else(|| AppError::not_found("seat"))?;
        Ok(Seated { seat: row, remaining: aggregate.remaining(), created: false })
    }

    /// Whether a user may learn a course now, by any of the tenant's licences.
    ///
    /// # Errors
    /// The store's.
    pub async fn check(
        &self,
        call: &Call,
        user: &UserId,
        course: &CourseId,
    ) -> Result<EntitlementAnswer, AppError> {
        let tenant = &call.principal.tenant_id;
        let held = self.ports.licenses.find_for_entitlement(&call.scope(), tenant, course, user).await?;
        Ok(EntitlementPolicy::check(&held, course, user, self.ports.now()))
    }

    /// Grants a licence without a sale: no order, no deadline, no earnings.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and what [`License::grant`] refuses.
    pub async fn grant(&self, call: &Call, grant: Grant) -> Result<Granted, AppError> {
        let scope = call.platform_scope()?;
        let ports = &self.ports;
        let found = ports.listings.find(&scope, &grant.listing_id).await?;
        let listing = found.ok_or_else(|| AppError::not_found("listing"))?;
        let offer = listing.terms(grant.pricing_plan_id)?;
        let quantity = offer.plan_seats.unwrap_or(SeatCount::ONE);
        let claim_code = grant.gift.then(|| self.claim_code());
        let actor = call.principal.user_id.clone();
        let origin = if let Some(code) = &claim_code {
            Origin::Gift { actor, reason: grant.reason, code_hash: GiftClaim::hash(code) }
        } else {
            let seat_id = SeatId::new(ports.ulid());
            let learner = grant.user_id.map(|user_id| Learner { seat_id, user_id });
            Origin::Manual { actor, reason: grant.reason, learner }
        };
        let (id, now) = (LicenseId::new(ports.ulid()), ports.now());
        let new = NewLicense {
            id,
            tenant_id: grant.tenant_id,
            terms: LicenseTerms::of(&offer, quantity),
            origin,
            anchor: now,
        };
        let license = License::grant(new, now)?;
        let context = call.context("license.grant", &id, now);
        ports.save(&*ports.licenses, &scope, license, context).await?;
        let license = self.settled_license(&scope, id).await?;
        Ok(Granted { license, claim_code })
    }

    /// Takes the gift of a code; once, within 90 days.
    ///
    /// # Errors
    /// `license.claim_unknown`, and what [`License::claim`] refuses.
    pub async fn claim(&self, call: &Call, code: &str) -> Result<License, AppError> {
        let ports = &self.ports;
        let unknown = || {
            let message = "no gift of this tenant has this code";
            AppError::new(sarai_domain::kernel::Kind::NotFound, "license.claim_unknown", message)
        };
        let found = ports.licenses.find_by_claim(&GiftClaim::hash(code)).await?;
        let gift =
            found.filter(|gift| gift.data().tenant_id == call.principal.tenant_id).ok_or_else(unknown)?;
        let (id, seat, now) = (gift.id(), SeatId::new(ports.ulid()), ports.now());
        let context = call.context("license.claim", &id, now);
        let user = &call.principal.user_id;
        ports
            .change(&*ports.licenses, &call.scope(), &id, context, |license| {
                Ok(license.claim(seat, user.clone(), now)?)
            })
            .await?;
        self.settled_license(&call.scope(), id).await
    }

    /// Takes a licence back.
    ///
    /// # Errors
    /// `forbidden`, `not_found`, and what [`License::revoke`] refuses.
    pub async fn revoke(&self, call: &Call, id: LicenseId) -> Result<License, AppError> {
        let scope = call.platform_scope()?;
        let context = call.context("license.revoke", &id, self.ports.now());
        self.ports.revoke_license(id, RevokeReason::Admin, &scope, context).await?;
        self.settled_license(&scope, id).await
    }

    /// The licence as it is stored once the follow-up has run: with the version it has there.
    async fn settled_license(&self, scope: &Scope, id: LicenseId) -> Result<License, AppError> {
        self.settled(id).await;
        let found = self.ports.licenses.find(scope, &id).await?;
        found.ok_or_else(|| AppError::not_found("licence"))
    }

    /// 128 random bits in upper case, in groups a person can read out.
    fn claim_code(&self) -> String {
        let bytes = self.ports.entropy.bytes();
        let groups = bytes
            .chunks(4)
            .take(4)
            .map(|chunk| chunk.iter().fold(String::new(), |text, byte| format!("{text}{byte:02X}")));
        groups.collect::<Vec<_>>().join("-")
    }

    /// Whether the caller placed the order the licence comes from.
    async fn bought(&self, call: &Call, license: &License) -> Result<bool, AppError> {
        let Some(order) = license.data().order_id else { return Ok(false) };
        let found = self.ports.orders.find(&call.scope(), &order).await?;
        Ok(found.is_some_and(|order| order.data().buyer_user_id == call.principal.user_id))
    }

    /// Org seats are the tenant's administrators' to assign (ruling R64).
    pub(super) async fn administered(&self, call: &Call, id: LicenseId) -> Result<License, AppError> {
        let license = self.get(call, id).await?;
        if call.principal.has(Role::TenantAdmin) {
            Ok(license)
        } else {
            Err(AppError::forbidden("only the tenant's administrators see and assign its seats"))
        }
    }

    pub(super) async fn settled(&self, id: LicenseId) {
        self.ports.follow_up.settled(&id.to_string(), FOLLOW_UP_LIMIT).await;
    }
}

fn may_see(call: &Call, license: &License) -> bool {
    let (principal, data) = (&call.principal, license.data());
    principal.has(Role::PlatformAdmin)
        || principal.has(Role::TenantAdmin)
        || data.holder.as_ref() == Some(&principal.user_id)
        || (data.scope == LicenseScope::Org && license.seat_of(&principal.user_id).is_some())
}

impl Ports {
    /// Ends a licence whose validity is over.
    pub(super) async fn expire_license(&self, id: LicenseId, now: Timestamp) -> Result<(), AppError> {
        let context = self.worker_context("license.expire", &id);
        self.change(&*self.licenses, &Scope::System, &id, context, |license| Ok(license.expire(now)?))
            .await
            .map(drop)
    }
}
