//! What the public sees: live listings and the plans they can be bought by.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::marketplace::catalog::CatalogQueries;
use sarai_domain::{
    kernel::{Aggregate, Currency, Money, external_id::kinds as external, id::kinds},
    marketplace::listing::Listing,
};
use sarai_ports::marketplace::{CatalogFilter, CatalogSort};

use super::{
    Tag,
    dto_listing::{MarketingBody, PlanBody, RefundPolicyBody, VisibilityBody},
    plan_kind::ApiPlanKind,
};
use crate::{
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiCurrency, ApiExternalId, ApiId, ApiTimestamp},
};

/// Routes of the public catalogue.
pub struct CatalogRoutes {
    catalog: CatalogQueries,
    cursors: Cursors,
}

/// How the catalogue is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[oai(rename = "CatalogSort", rename_all = "snake_case")]
pub enum SortBody {
    /// The latest first.
    #[default]
    Newest,
    /// The cheapest active plan in `currency` first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
}

/// A live listing, as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "CatalogItem", rename_all = "camelCase")]
pub struct CatalogItemBody {
    /// The listing.
    id: ApiId<kinds::Listing>,
    /// Who sells.
    provider_tenant_id: ApiExternalId<external::Tenant>,
    /// The course.
    course_id: ApiExternalId<external::Course>,
    /// The exact version shipped at purchase.
    course_version_id: ApiExternalId<external::CourseVersion>,
    /// Who finds it.
    visibility: VisibilityBody,
    /// The ways to buy it now, oldest first.
    pricing_plans: Vec<PlanBody>,
    /// What it is.
    marketing: MarketingBody,
    /// How a sale can be returned.
    refund_policy: RefundPolicyBody,
    /// Where it is filed.
    category: Option<String>,
    /// At most 10 words.
    tags: Vec<String>,
    /// When it last changed.
    updated_at: ApiTimestamp,
}

impl From<&Listing> for CatalogItemBody {
    fn from(listing: &Listing) -> Self {
        let data = listing.data();
        Self {
            id: data.id.into(),
            provider_tenant_id: data.provider_tenant_id.clone().into(),
            course_id: data.course_id.clone().into(),
            course_version_id: data.course_version_id.clone().into(),
            visibility: data.visibility.into(),
            pricing_plans: data.pricing_plans.iter().filter(|plan| plan.active).map(PlanBody::from).collect(),
            marketing: (&data.marketing).into(),
            refund_policy: (&data.refund_policy).into(),
            category: data.category.clone(),
            tags: data.tags.clone(),
            updated_at: data.updated_at.into(),
        }
    }
}

impl From<SortBody> for CatalogSort {
    fn from(sort: SortBody) -> Self {
        match sort {
            SortBody::Newest => Self::Newest,
            SortBody::PriceAsc => Self::PriceAscending,
            SortBody::PriceDesc => Self::PriceDescending,
        }
    }
}

/// A bound of the price, which needs a currency to mean anything.
fn bound(name: &str, amount: Option<String>, currency: Option<Currency>) -> Result<Option<Money>, Problem> {
    let Some(amount) = amount else { return Ok(None) };
    let currency = currency.ok_or_else(|| Problem::field("currency", format!("{name} needs a currency")))?;
    match Money::parse(&amount, currency) {
        Ok(money) => Ok(Some(money)),
        Err(error) => Err(Problem::field(name, error.to_string())),
    }
}

fn sorted(sort: SortBody, currency: Option<Currency>) -> Result<CatalogSort, Problem> {
    if sort != SortBody::Newest && currency.is_none() {
        return Err(Problem::field("currency", "sorting by price needs a currency"));
    }
    Ok(sort.into())
}

impl CatalogRoutes {
    /// Over these use cases.
    pub fn new(catalog: CatalogQueries, cursors: Cursors) -> Self {
        Self { catalog, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Catalog")]
impl CatalogRoutes {
    /// Search what is on sale
    ///
    /// Live and public listings with an active plan. The price of a listing is that of its cheapest active
    /// plan in `currency`, so filtering and sorting by price need one.
    #[oai(path = "/catalog", method = "get", operation_id = "catalog.list")]
    #[expect(clippy::too_many_arguments, reason = "one argument is one parameter of the query")]
    async fn list(
        &self,
        /// Words in the tagline, the description, the category or the tags.
        q: Query<Option<String>>,
        /// Has an active plan in this currency.
        currency: Query<Option<ApiCurrency>>,
        /// Has an active plan of this kind.
        kind: Query<Option<ApiPlanKind>>,
        /// This provider's.
        #[oai(name = "providerTenantId")]
        provider: Query<Option<ApiExternalId<external::Tenant>>>,
        /// This category's.
        category: Query<Option<String>>,
        /// With this tag.
        tag: Query<Option<String>>,
        /// Costs at least this.
        #[oai(name = "minPrice")]
        min_price: Query<Option<String>>,
        /// Costs at most this.
        #[oai(name = "maxPrice")]
        max_price: Query<Option<String>>,
        /// The order.
        #[oai(default)]
        sort: Query<SortBody>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<CatalogItemBody>>, Problem> {
        let currency = currency.0.map(|currency| currency.0);
        let filter = CatalogFilter {
            text: q.0,
            currency,
            kind: kind.0.map(Into::into),
            provider: provider.0.map(|provider| provider.0),
            category: category.0,
            tag: tag.0,
            min_price: bound("minPrice", min_price.0, currency)?,
            max_price: bound("maxPrice", max_price.0, currency)?,
            sort: sorted(sort.0, currency)?,
        };
        // The whole question at once: a filter that is added later cannot be forgotten here.
        let list = self.cursors.list("catalog.list", "public").filter("filter", Some(format!("{filter:?}")));
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.catalog.search(&filter, &page).await?;
        Ok(Json(list.answer(page, |listing| CatalogItemBody::from(&listing))))
    }

    /// One listing that is on sale, also an unlisted one
    #[oai(path = "/catalog/:id", method = "get", operation_id = "catalog.get")]
    async fn get(&self, id: Path<ApiId<kinds::Listing>>) -> Result<Json<CatalogItemBody>, Problem> {
        Ok(Json((&self.catalog.get(id.0.0).await?).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_without_a_currency_names_the_currency() {
        let pointer = |problem: Problem| problem.document("", "")["errors"][0]["pointer"].clone();
        let usd = Currency::parse("USD").ok();
        assert_eq!(bound("minPrice", None, None), Ok(None));
        assert!(bound("minPrice", Some("1.50".to_owned()), usd).unwrap().is_some());
        assert_eq!(pointer(bound("minPrice", Some("1".to_owned()), None).unwrap_err()), "currency");
        assert_eq!(pointer(bound("minPrice", Some("-1".to_owned()), usd).unwrap_err()), "minPrice");
        assert_eq!(pointer(sorted(SortBody::PriceAsc, None).unwrap_err()), "currency");
        assert_eq!(sorted(SortBody::PriceDesc, usd), Ok(CatalogSort::PriceDescending));
    }
}
