//! The named finders of each repository.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        Aggregate, CouponId, CourseId, LicenseId, OrderId, OrderLineId, PaymentId, QuoteId, RefundId, SagaId,
        TenantId, Timestamp, UserId,
    },
    marketplace::{
        coupon::{Coupon, CouponRedemption, NewRedemption, code_keys},
        license::{License, LicenseData, LicenseRow, LicenseState, SeatAllocation},
        listing::{Listing, ListingState},
        order::{Order, OrderStatus, RefundState},
        quote::Quote,
        saga::{PurchaseSaga, SagaData},
        values::CouponCode,
    },
};
use sarai_ports::{
    Context, Page, PageRequest, Saved, Scope, StoreError, Stored, UniqueKey, Unit,
    events::Routes,
    marketplace::{
        CouponRepository, LicenseRepository, LicenseRows, ListingRepository, OrderRepository,
        QuoteRepository, ReserveError, SagaFilter, SagaRepository, Waiting, saga_key,
    },
    system::IdGenerator,
};

use crate::{
    MemoryStore,
    indexes::name,
    state::State,
    table::{Rows, at, instant},
};

#[async_trait]
impl ListingRepository for MemoryStore {
    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        wanted: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let state = self.state();
        let ids = state.listings.by_index("provider", provider.as_str());
        state.listings.page(ids, page, &Rows::All, |data| {
            Listing::readable(scope, data) && wanted.is_none_or(|wanted| data.state == wanted)
        })
    }

    async fn find_by_state(
        &self,
        scope: &Scope,
        wanted: ListingState,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let state = self.state();
        let ids = state.listings.by_index("state", &name(wanted));
        state.listings.page(ids, page, &Rows::All, |data| scope.covers(&data.provider_tenant_id))
    }

    async fn find_pending_revisions(
        &self,
        scope: &Scope,
        wanted: Option<ListingState>,
        page: &PageRequest,
    ) -> Result<Page<Listing>, StoreError> {
        let state = self.state();
        let ids = state.listings.by_index("pending_revision", "");
        state.listings.page(ids, page, &Rows::All, |data| {
            scope.covers(&data.provider_tenant_id) && wanted.is_none_or(|wanted| data.state == wanted)
        })
    }
}

#[async_trait]
impl OrderRepository for MemoryStore {
    async fn find_by_buyer(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        status: Option<OrderStatus>,
        page: &PageRequest,
    ) -> Result<Page<Order>, StoreError> {
        let state = self.state();
        let ids = state.orders.by_index("buyer", tenant.as_str());
        state.orders.page(ids, page, &Rows::All, |data| {
            scope.covers(&data.buyer_tenant_id)
                && user.is_none_or(|user| data.buyer_user_id == *user)
                && status.is_none_or(|status| data.status == status)
        })
    }

    async fn find_pending_refunds(&self, limit: usize) -> Result<Vec<(OrderId, RefundId)>, StoreError> {
        let state = self.state();
        let pending = |id| {
            let rows = state.orders.rows(id).filter(|refund| refund.state == RefundState::Pending);
            rows.map(move |refund| (*id, refund.id))
        };
        Ok(state.orders.by_index("refund_pending", "").flat_map(pending).take(limit).collect())
    }

    async fn find_stray_captures(&self, limit: usize) -> Result<Vec<(OrderId, PaymentId)>, StoreError> {
        let state = self.state();
        let orders = state.orders.by_index("stray", "").filter_map(|id| state.orders.data(id));
        let strays = orders.flat_map(|data| {
            let open = data.stray_captures.iter().filter(|stray| stray.refunded_at.is_none());
            open.map(|stray| (data.id, stray.payment_id.clone()))
        });
        Ok(strays.take(limit).collect())
    }
}

/// What a provider sees of a licence it sold: nobody who sits there (ruling R65).
fn without_users(license: &License) -> Result<License, StoreError> {
    let (id, version) = (license.id(), license.version());
    let data = LicenseData { holder: None, ..license.data().clone() };
    License::rehydrate(data, Vec::new(), version).map_err(|error| StoreError::corrupt::<License>(&id, &error))
}

impl State {
    /// Whether an order exists whose saga has not ended.
    fn at_work(&self, order: OrderId) -> bool {
        let saga = self.sagas.by_unique(UniqueKey::SagaPerOrder, &saga_key(order));
        match saga.and_then(|id| self.sagas.data(id)) {
            Some(saga) => !saga.state.is_terminal(),
            None => self.orders.data(&order).is_some(),
        }
    }
}

impl MemoryStore {
    fn load_license(&self, scope: &Scope, id: LicenseId, rows: &Rows) -> Result<Option<License>, StoreError> {
        let state = self.state();
        match state.licenses.data(&id) {
            Some(data) if scope.covers(&data.tenant_id) => state.licenses.load(&id, rows),
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl LicenseRepository for MemoryStore {
    async fn find_for_user(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: &UserId,
    ) -> Result<Option<License>, StoreError> {
        self.load_license(scope, id, &Rows::of("user", user))
    }

    async fn find_rows(
        &self,
        scope: &Scope,
        id: LicenseId,
        rows: &LicenseRows,
    ) -> Result<Option<License>, StoreError> {
        let state = self.state();
        let licenses = &state.licenses;
        if !licenses.data(&id).is_some_and(|data| scope.covers(&data.tenant_id)) {
            return Ok(None);
        }
        let mut keys: Vec<String> = rows.seats.iter().map(ToString::to_string).collect();
        keys.extend(licenses.keys_under(&id, "waiting", "").take(rows.waiting).cloned());
        for entry in &rows.entries {
            for key in licenses.keys_under(&id, "entry", &entry.to_string()) {
                keys.push(key.clone());
                if let Some(LicenseRow::Waiting(entry)) = licenses.row(&id, key) {
                    keys.push(entry.seat_id.to_string());
                }
            }
        }
        let users = rows.users.iter().map(|user| ("user", user.to_string())).collect();
        licenses.load(&id, &Rows::Indexed(keys, users))
    }

    async fn find_by_tenant(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        user: Option<&UserId>,
        wanted: Option<LicenseState>,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError> {
        let state = self.state();
        let ids = state.licenses.by_index("tenant", tenant.as_str());
        state.licenses.page(ids, page, &Rows::NONE, |data| {
            scope.covers(&data.tenant_id)
                && user.is_none_or(|user| data.holder.as_ref() == Some(user))
                && wanted.is_none_or(|wanted| data.state == wanted)
        })
    }

    async fn find_by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<License>, StoreError> {
        let state = self.state();
        if !scope.covers(provider) {
            return Ok(Page { items: Vec::new(), next: None, prev: None });
        }
        let ids = state.licenses.by_index("provider", provider.as_str());
        let Page { items, next, prev } = state.licenses.page(ids, page, &Rows::NONE, |_| true)?;
        let items = items.iter().map(without_users).collect::<Result<_, _>>()?;
        Ok(Page { items, next, prev })
    }

    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Vec<License>, StoreError> {
        let state = self.state();
        let ids = state.licenses.by_index("order", &order.to_string());
        let page = state
            .licenses
            .page(ids, &PageRequest::first(usize::MAX), &Rows::NONE, |data| scope.covers(&data.tenant_id));
        page.map(|page| page.items)
    }

    async fn find_by_order_line(
        &self,
        scope: &Scope,
        line: OrderLineId,
        period_index: u32,
    ) -> Result<Option<License>, StoreError> {
        let state = self.state();
        let key = format!("{line}:{period_index}");
        match state.licenses.by_unique(UniqueKey::LicensePerOrderLine, &key) {
            Some(id) if state.licenses.data(id).is_some_and(|data| scope.covers(&data.tenant_id)) => {
                state.licenses.load(id, &Rows::All)
            }
            _ => Ok(None),
        }
    }

    async fn find_for_entitlement(
        &self,
        scope: &Scope,
        tenant: &TenantId,
        course: &CourseId,
        user: &UserId,
    ) -> Result<Vec<License>, StoreError> {
        let state = self.state();
        if !scope.covers(tenant) {
            return Ok(Vec::new());
        }
        let rows = Rows::of("user", user);
        let ids = state.licenses.by_index("course", &format!("{tenant} {course}"));
        let held = |id: &LicenseId| {
            let data = state.licenses.data(id);
            data.is_some_and(|data| data.holder.as_ref().is_none_or(|holder| holder == user))
        };
        ids.filter(|id| held(id)).filter_map(|id| state.licenses.load(id, &rows).transpose()).collect()
    }

    async fn find_by_claim(&self, code_hash: &str) -> Result<Option<License>, StoreError> {
        let state = self.state();
        match state.licenses.by_unique(UniqueKey::GiftClaim, code_hash) {
            Some(id) => state.licenses.load(id, &Rows::All),
            None => Ok(None),
        }
    }

    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<LicenseId>, StoreError> {
        Ok(self.state().licenses.up_to("expiry", &at(now)).map(|(_, id)| *id).take(limit).collect())
    }

    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().licenses.least_after("expiry", &at(after)).and_then(instant))
    }

    async fn waitlist(
        &self,
        scope: &Scope,
        id: LicenseId,
        user: Option<&UserId>,
        page: &PageRequest,
    ) -> Result<Page<Waiting>, StoreError> {
        let state = self.state();
        let visible = state.licenses.data(&id).is_some_and(|data| scope.covers(&data.tenant_id));
        let line = state.licenses.keys_under(&id, "waiting", "").filter(|_| visible);
        let line = line.zip(1_u64..).filter_map(|(key, position)| match state.licenses.row(&id, key)? {
            LicenseRow::Waiting(entry) if user.is_none_or(|user| entry.user_id == *user) => {
                Some(Waiting { entry: entry.clone(), position })
            }
            LicenseRow::Waiting(_) | LicenseRow::Seat(_) => None,
        });
        Ok(Page::cut(line.collect(), page, false, |waiting| {
            (i64::try_from(waiting.entry.number).unwrap_or(i64::MAX), waiting.entry.id.to_string())
        }))
    }

    async fn seats(
        &self,
        scope: &Scope,
        id: LicenseId,
        page: &PageRequest,
    ) -> Result<Page<SeatAllocation>, StoreError> {
        let state = self.state();
        let visible = state.licenses.data(&id).is_some_and(|data| scope.covers(&data.tenant_id));
        let seats = state.licenses.rows(&id).filter(|_| visible).filter_map(|row| match row {
            LicenseRow::Seat(seat) => Some(seat.clone()),
            LicenseRow::Waiting(_) => None,
        });
        Ok(Page::cut(seats.collect(), page, true, |seat| {
            (seat.assigned_at.unix_micros(), seat.id.to_string())
        }))
    }
}

#[async_trait]
impl CouponRepository for MemoryStore {
    async fn find_by_code(
        &self,
        code: &CouponCode,
        buyer: &TenantId,
        providers: &[TenantId],
    ) -> Result<Vec<Coupon>, StoreError> {
        let state = self.state();
        code_keys(code, buyer, providers)
            .iter()
            .filter_map(|key| state.coupons.by_unique(UniqueKey::CouponCode, &key.to_string()))
            .filter_map(|id| state.coupons.load(id, &Rows::NONE).transpose())
            .collect()
    }

    async fn find_by_owner(
        &self,
        scope: &Scope,
        owner: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Coupon>, StoreError> {
        let state = self.state();
        let ids = state.coupons.by_index("owner", owner.as_str());
        state.coupons.page(ids, page, &Rows::NONE, |data| scope.covers(&Coupon::owner(data)))
    }

    async fn find_without_uses(&self, scope: &Scope, id: CouponId) -> Result<Option<Coupon>, StoreError> {
        let found = self.state().coupons.load(&id, &Rows::NONE)?;
        Ok(found.filter(|coupon| scope.covers(&Coupon::owner(coupon.data()))))
    }

    async fn find_for_order(
        &self,
        scope: &Scope,
        id: CouponId,
        order: OrderId,
    ) -> Result<Option<Coupon>, StoreError> {
        let found = self.state().coupons.load(&id, &Rows::Keys(vec![order.to_string()]))?;
        Ok(found.filter(|coupon| scope.covers(&Coupon::owner(coupon.data()))))
    }

    async fn reserve(
        &self,
        scope: &Scope,
        id: CouponId,
        redemption: NewRedemption,
        context: Context,
        ids: &dyn IdGenerator,
        routes: Routes,
    ) -> Result<Saved, ReserveError> {
        let real = self.clock.real();
        let mut state = self.state();
        let rows = Rows::of("user", &redemption.user_id).and(redemption.order_id.to_string());
        let found = state.coupons.load(&id, &rows)?;
        let found = found.filter(|coupon| scope.covers(&Coupon::owner(coupon.data())));
        let mut coupon = found.ok_or(StoreError::NotFound)?;
        match coupon.reserve(redemption, context.now)? {
            sarai_domain::kernel::Outcome::AlreadyApplied => Ok(Saved::AlreadyConsumed),
            sarai_domain::kernel::Outcome::Applied => {
                let unit = Unit::new(coupon, context, ids, routes);
                Ok(state.commit(scope, unit, real, self.process)?)
            }
        }
    }

    async fn find_lapsed_holds(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<CouponRedemption>, StoreError> {
        let state = self.state();
        let lapsed = state.coupons.indexed_rows("hold", "", &at(now)).map(|(_, row)| row);
        Ok(lapsed.filter(|row| !state.at_work(row.order_id)).take(limit).cloned().collect())
    }

    async fn next_lapse(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state();
        let holds = state.coupons.indexed_rows("hold", &at(after), "~");
        Ok(holds.map(|(_, row)| row.expires_at).find(|at| *at > after))
    }
}

#[async_trait]
impl SagaRepository for MemoryStore {
    async fn find_by_order(&self, scope: &Scope, order: OrderId) -> Result<Option<PurchaseSaga>, StoreError> {
        let state = self.state();
        match state.sagas.by_unique(UniqueKey::SagaPerOrder, &saga_key(order)) {
            Some(id) if state.sagas.data(id).is_some_and(|data| PurchaseSaga::readable(scope, data)) => {
                state.sagas.load(id, &Rows::All)
            }
            _ => Ok(None),
        }
    }

    async fn find_timing_out(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        Ok(self.state().sagas.up_to("timeout", &at(now)).map(|(_, id)| *id).take(limit).collect())
    }

    async fn find_due(&self, now: Timestamp, limit: usize) -> Result<Vec<SagaId>, StoreError> {
        Ok(self.state().sagas.up_to("due", &at(now)).map(|(_, id)| *id).take(limit).collect())
    }

    async fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let state = self.state();
        let after = at(after);
        let times = ["due", "timeout"].map(|index| state.sagas.least_after(index, &after));
        Ok(times.into_iter().flatten().min().and_then(instant))
    }

    async fn list(
        &self,
        scope: &Scope,
        filter: SagaFilter,
        page: &PageRequest,
    ) -> Result<Page<PurchaseSaga>, StoreError> {
        let state = self.state();
        let sagas = &state.sagas;
        let readable = |data: &SagaData| PurchaseSaga::readable(scope, data);
        match filter {
            SagaFilter::All => sagas.page(sagas.ids(), page, &Rows::All, readable),
            SagaFilter::Stuck { overdue_since } => {
                let overdue = sagas.up_to("due", &at(overdue_since)).map(|(_, id)| id);
                let overdue = overdue.filter(|id| {
                    let next = sagas.data(id).and_then(|data| data.next_attempt_at);
                    next.is_some_and(|next| next < overdue_since)
                });
                let stuck: BTreeSet<_> = sagas.by_index("attention", "").chain(overdue).collect();
                sagas.page(stuck.into_iter(), page, &Rows::All, readable)
            }
        }
    }

    async fn find_orders_without(&self, before: Timestamp, limit: usize) -> Result<Vec<OrderId>, StoreError> {
        let state = self.state();
        let created = name(OrderStatus::Created);
        let orders = state.orders.by_index("status", &created).filter(|id| {
            state.orders.data(id).is_some_and(|data| data.placed_at < before)
                && state.sagas.by_unique(UniqueKey::SagaPerOrder, &saga_key(**id)).is_none()
        });
        Ok(orders.copied().take(limit).collect())
    }
}

#[async_trait]
impl QuoteRepository for MemoryStore {
    async fn find_expiring(&self, now: Timestamp, limit: usize) -> Result<Vec<QuoteId>, StoreError> {
        Ok(self.state().quotes.up_to("expiry", &at(now)).map(|(_, id)| *id).take(limit).collect())
    }

    async fn next_expiry(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.state().quotes.least_after("expiry", &at(after)).and_then(instant))
    }

    async fn find_by_order(&self, order: OrderId) -> Result<Option<Quote>, StoreError> {
        let state = self.state();
        let found = state.quotes.by_index("order", &order.to_string()).next();
        found.map_or(Ok(None), |id| state.quotes.load(id, &Rows::All))
    }
}
