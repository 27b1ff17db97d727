//! Coupons of the platform and of providers (marketplace.md 4, ruling R55).

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, CouponId, Outcome, TenantId},
    marketplace::{
        coupon::{Coupon, CouponEdit, NewCoupon},
        values::Owner,
    },
};
use sarai_ports::{Page, PageRequest, Scope, auth::Role};

use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// The use cases of coupons.
#[derive(Clone)]
pub struct Coupons {
    ports: Arc<Ports>,
}

impl Coupons {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Creates a coupon of the caller's: the platform's for its staff, else the provider's own.
    ///
    /// # Errors
    /// What [`Coupon::create`] refuses, and `coupon.code_taken` (C-INV-1).
    pub async fn create(
        &self,
        call: &Call,
        new: impl FnOnce(CouponId, Owner) -> NewCoupon,
    ) -> Result<Loaded<Coupon>, AppError> {
        let (id, now) = (CouponId::new(self.ports.ulid()), self.ports.now());
        let coupon = Coupon::create(new(id, owner(call)), now)?;
        let context = call.context("coupon.create", &id, now);
        let saved = self.ports.save(&*self.ports.coupons, &scope(call), coupon.clone(), context).await?;
        let version = saved.unwrap_or_default();
        Ok(Loaded { aggregate: coupon, version })
    }

    /// One coupon of the caller's.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: CouponId) -> Result<Coupon, AppError> {
        let found = self.ports.coupons.find_without_uses(&scope(call), id).await?;
        found.ok_or_else(|| AppError::not_found("coupon"))
    }

    /// The caller's coupons.
    ///
    /// # Errors
    /// The store's.
    pub async fn list(&self, call: &Call, page: &PageRequest) -> Result<Page<Coupon>, AppError> {
        let tenant = owning_tenant(call);
        Ok(self.ports.coupons.find_by_owner(&scope(call), &tenant, page).await?)
    }

    /// Changes a coupon; `version` is what the editor saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`Coupon::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: CouponId,
        version: u64,
        edit: impl Fn(&Coupon) -> Result<CouponEdit, AppError> + Send + Sync,
    ) -> Result<Loaded<Coupon>, AppError> {
        self.change(call, "coupon.edit", id, |coupon| {
            at_version(coupon.version(), version)?;
            Ok(coupon.edit(edit(coupon)?)?)
        })
        .await
    }

    /// Stops a coupon; orders that hold a use keep it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn deactivate(&self, call: &Call, id: CouponId) -> Result<Loaded<Coupon>, AppError> {
        self.change(call, "coupon.deactivate", id, |coupon| Ok(coupon.deactivate()?)).await
    }

    /// Runs a command on a coupon without its uses: there may be 10^6, and no command of its owner's is about one.
    async fn change(
        &self,
        call: &Call,
        action: &'static str,
        id: CouponId,
        command: impl FnMut(&mut Coupon) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<Coupon>, AppError> {
        let (scope, context) = (scope(call), call.context(action, &id, self.ports.now()));
        let coupons = &*self.ports.coupons;
        let load = || coupons.find_without_uses(&scope, id);
        self.ports.change_loaded(coupons, &scope, &id.to_string(), load, context, command).await
    }
}

fn owner(call: &Call) -> Owner {
    if call.principal.has(Role::PlatformAdmin) {
        Owner::Platform
    } else {
        Owner::Provider(call.principal.tenant_id.clone())
    }
}

fn owning_tenant(call: &Call) -> TenantId {
    match owner(call) {
        Owner::Platform => sarai_ports::marketplace::platform(),
        Owner::Provider(provider) => provider,
    }
}

fn scope(call: &Call) -> Scope {
    call.reading_scope()
}
