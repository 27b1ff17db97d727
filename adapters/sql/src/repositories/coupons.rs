//! Coupons.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{CouponId, OrderId, Outcome, TenantId, Timestamp},
    marketplace::{
        coupon::{Coupon, CouponRedemption, NewRedemption, code_keys},
        values::CouponCode,
    },
};
use sarai_ports::{
    Context, Page, PageRequest, Saved, Scope, StoreError, Unit,
    events::Routes,
    marketplace::{CouponRepository, Repository as _, ReserveError},
    system::IdGenerator,
};

use super::by_id;
use crate::{
    Database, Store, Value,
    load::{Rows, corrupt, select},
    retry::Tries,
    statement::{NEWEST, Statement, args},
};

/// Holds that have ended and that no saga settles: of an order whose saga has ended, or of none at all.
const LAPSED: &str = "select x.doc from coupon_redemptions x where x.hold_until <= $1 \
     and not exists (select 1 from sagas s where s.order_id = x.order_id and s.state not in ('fulfilled', 'failed')) \
     and (exists (select 1 from sagas s where s.order_id = x.order_id) \
          or not exists (select 1 from orders o where o.id = x.order_id)) \
     order by x.hold_until, x.parent_id, x.key limit $2";

#[async_trait]
impl<D: Database> CouponRepository for Store<D> {
    async fn find_by_code(
        &self,
        code: &CouponCode,
        buyer: &TenantId,
        providers: &[TenantId],
    ) -> Result<Vec<Coupon>, StoreError> {
        let keys = code_keys(code, buyer, providers).iter().map(ToString::to_string).collect();
        let among = self.database.dialect().among("r.code_key", "$1");
        let text = format!("{} where {among}", select::<Coupon>(&Rows::None));
        self.load(&Scope::System, Statement::new(text, vec![Value::Texts(keys)])).await
    }

    async fn find_by_owner(
        &self,
        scope: &Scope,
        owner: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<Coupon>, StoreError> {
        let text = format!("{} where r.tenant_id = $1", select::<Coupon>(&Rows::None));
        let mut statement = Statement::new(text, args![owner.as_str()]);
        statement.within(scope, "r.tenant_id");
        self.load_page(scope, statement, NEWEST, page).await
    }

    async fn find_without_uses(&self, scope: &Scope, id: CouponId) -> Result<Option<Coupon>, StoreError> {
        self.load_one(scope, by_id::<Coupon>(scope, &id, &Rows::None, Vec::new())).await
    }

    async fn find_for_order(
        &self,
        scope: &Scope,
        id: CouponId,
        order: OrderId,
    ) -> Result<Option<Coupon>, StoreError> {
        let rows = Rows::Where("x.key = $1");
        self.load_one(scope, by_id::<Coupon>(scope, &id, &rows, args![order.to_string()])).await
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
        let rows = Rows::Where("x.user_id = $1 or x.key = $2");
        let _turn = self.lanes.enter(&id.to_string()).await;
        let mut tries = Tries::default();
        loop {
            let args = args![redemption.user_id.as_str(), redemption.order_id.to_string()];
            let found = self.load_one(scope, by_id::<Coupon>(scope, &id, &rows, args)).await?;
            let mut coupon: Coupon = found.ok_or(StoreError::NotFound)?;
            match coupon.reserve(redemption.clone(), context.now)? {
                Outcome::AlreadyApplied => return Ok(Saved::AlreadyConsumed),
                Outcome::Applied => {
                    let unit = Unit::new(coupon, context.clone(), ids, routes);
                    match self.save(scope, unit).await {
                        Err(StoreError::Conflict { .. }) if tries.another().await => {}
                        saved => return Ok(saved?),
                    }
                }
            }
        }
    }

    async fn find_lapsed_holds(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<CouponRedemption>, StoreError> {
        let found = self.ask(&Scope::System, Statement::new(LAPSED, args![now, limit])).await?;
        let row = |record: &crate::Record| {
            serde_json::from_str(record.text(0)?).map_err(|error| corrupt::<Coupon>("", &error))
        };
        found.iter().map(row).collect()
    }

    async fn next_lapse(&self, after: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let text = "select min(hold_until) from coupon_redemptions where hold_until > $1";
        self.instant(Statement::new(text, args![after])).await
    }
}
