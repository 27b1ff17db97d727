//! What other services said, and what was sold.

use async_trait::async_trait;
use sarai_domain::{
    kernel::{CourseId, CourseVersionId, OrderId, OrderLineId, TenantId, Timestamp},
    marketplace::{
        listing::{KycEvidence, ShippingEvidence},
        order::Order,
    },
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    marketplace::{CatalogFacts, ProviderFacts, ProviderSale, Sales},
};

use crate::{
    Database, Store,
    load::{corrupt, parsed},
    statement::{By, NEWEST, Statement, args, page_of},
};

#[async_trait]
impl<D: Database> CatalogFacts for Store<D> {
    async fn shipping(
        &self,
        course: &CourseId,
        version: &CourseVersionId,
    ) -> Result<ShippingEvidence, StoreError> {
        let text = "select course_id, built from course_versions where course_version_id = $1";
        let found = self.ask(&Scope::System, Statement::new(text, args![version.as_str()])).await?;
        let (published, built) = match found.first() {
            Some(record) => (record.maybe_text(0)? == Some(course.as_str()), record.bool(1)?),
            None => (false, false),
        };
        Ok(ShippingEvidence { course_version_id: version.clone(), published, built })
    }

    async fn note_published(&self, course: &CourseId, version: &CourseVersionId) -> Result<(), StoreError> {
        let text = "insert into course_versions (course_version_id, course_id, built) values ($1, $2, false) \
                    on conflict (course_version_id) do update set course_id = excluded.course_id";
        let args = args![version.as_str(), course.as_str()];
        self.ask(&Scope::System, Statement::new(text, args)).await?;
        Ok(())
    }

    async fn note_built(&self, version: &CourseVersionId) -> Result<(), StoreError> {
        let text = "insert into course_versions (course_version_id, built) values ($1, true) \
                    on conflict (course_version_id) do update set built = true";
        self.ask(&Scope::System, Statement::new(text, args![version.as_str()])).await?;
        Ok(())
    }
}

#[async_trait]
impl<D: Database> ProviderFacts for Store<D> {
    async fn kyc(&self, provider: &TenantId) -> Result<KycEvidence, StoreError> {
        let text = "select verified from providers where tenant_id = $1";
        let scope = Scope::Within(provider.clone());
        let found = self.ask(&scope, Statement::new(text, args![provider.as_str()])).await?;
        let verified = found.first().map_or(Ok(false), |record| record.bool(0))?;
        Ok(KycEvidence { provider_tenant_id: provider.clone(), verified })
    }

    async fn note_kyc(&self, provider: &TenantId, verified: bool, at: Timestamp) -> Result<(), StoreError> {
        let text = "insert into providers (tenant_id, verified, at) values ($1, $2, $3) \
                    on conflict (tenant_id) do update set verified = excluded.verified, at = excluded.at \
                    where providers.at <= excluded.at";
        let scope = Scope::Within(provider.clone());
        self.ask(&scope, Statement::new(text, args![provider.as_str(), verified, at])).await?;
        Ok(())
    }
}

/// Sold lines, the latest first.
const SOLD: By = By { key: "r.placed_at", ..NEWEST };

#[async_trait]
impl<D: Database> Sales for Store<D> {
    async fn by_provider(
        &self,
        scope: &Scope,
        provider: &TenantId,
        page: &PageRequest,
    ) -> Result<Page<ProviderSale>, StoreError> {
        let text = "select r.parent_id, r.placed_at, r.doc from order_lines r \
                    where r.provider_tenant_id = $1 and r.sold";
        let mut statement = Statement::new(text, args![provider.as_str()]);
        statement.within(scope, "r.provider_tenant_id").page(SOLD, page);
        let found = self.ask(scope, statement).await?;
        let sales = found.iter().map(|record| {
            let line = serde_json::from_str(record.text(2)?)
                .map_err(|error| corrupt::<Order>(record.text(0).unwrap_or_default(), &error))?;
            Ok(ProviderSale { order_id: parsed(record.text(0)?)?, placed_at: record.time(1)?, line })
        });
        let sales: Vec<ProviderSale> = sales.collect::<Result<_, StoreError>>()?;
        Ok(page_of(sales, page, |sale| (sale.placed_at.unix_micros(), sale.line.id.to_string())))
    }

    async fn order_of(&self, line: OrderLineId) -> Result<Option<OrderId>, StoreError> {
        let text = "select parent_id from order_lines where id = $1";
        Ok(self.ids(&Scope::System, Statement::new(text, args![line.to_string()])).await?.pop())
    }
}
