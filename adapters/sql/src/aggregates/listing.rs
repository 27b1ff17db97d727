//! Listings, and the public catalogue.

use std::collections::{BTreeMap, BTreeSet};

use sarai_domain::{
    kernel::NoRow,
    marketplace::listing::{Listing, ListingData, ListingState, PricingPlan, Visibility},
};
use sarai_ports::StoreError;

use super::{name, stored_as_json};
use crate::{Child, Children, LISTINGS, Mapped, Table, Value};

/// The currency that stands for any.
pub(crate) const ANY: &str = "*";

impl Mapped for Listing {
    const TABLE: &'static Table = &LISTINGS;

    stored_as_json!();

    fn columns(data: &ListingData) -> Vec<Value> {
        vec![name(&data.state).into(), data.pending_revision.is_some().into()]
    }

    fn row(row: &NoRow) -> Result<(String, Vec<Value>), StoreError> {
        match *row {}
    }

    fn children(data: &ListingData, expected_version: u64) -> Result<Vec<Children>, StoreError> {
        if expected_version == 0 && !is_shown(data) {
            return Ok(Vec::new());
        }
        let prices = if is_shown(data) { prices(data) } else { BTreeMap::new() };
        let catalog = prices.iter().map(|(currency, price)| catalog_row(data, currency, *price)).collect();
        let tags: BTreeSet<&String> = data.tags.iter().collect();
        let tagged = prices.iter().flat_map(|(currency, price)| {
            tags.iter().map(move |tag| {
                vec![currency.clone().into(), tag.as_str().into(), data.created_at.into(), (*price).into()]
            })
        });
        Ok(vec![Children { of: 0, rows: catalog }, Children { of: 1, rows: tagged.collect() }])
    }
}

fn active(data: &ListingData) -> impl Iterator<Item = &PricingPlan> {
    data.pricing_plans.iter().filter(|plan| plan.active)
}

/// Whether the public catalogue has it.
fn is_shown(data: &ListingData) -> bool {
    data.state == ListingState::Live && data.visibility == Visibility::Public && active(data).next().is_some()
}

/// The cheapest active plan in each currency, and in any.
fn prices(data: &ListingData) -> BTreeMap<String, i64> {
    let mut prices = BTreeMap::new();
    for plan in active(data) {
        for currency in [plan.price.currency().code(), ANY] {
            let price = plan.price.minor_units();
            let least = prices.entry(currency.to_owned()).or_insert(price);
            *least = price.min(*least);
        }
    }
    prices
}

fn catalog_row(data: &ListingData, currency: &str, price: i64) -> Child {
    let kinds: BTreeSet<String> = active(data).map(|plan| name(&plan.kind)).collect();
    vec![
        currency.into(),
        data.created_at.into(),
        price.into(),
        barred(kinds.iter().map(String::as_str)).into(),
        data.category.as_deref().into(),
        barred(data.tags.iter().map(String::as_str)).into(),
        words(data).into(),
    ]
}

/// Texts between bars.
fn barred<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.fold("|".to_owned(), |barred, text| barred + text + "|")
}

/// What a text search looks through, a line each, in lower case: no word of a search has a line's end in it.
fn words(data: &ListingData) -> String {
    let marketing = [data.marketing.tagline(), data.marketing.description()];
    let texts = marketing.into_iter().chain(data.category.as_deref());
    let texts = texts.chain(data.tags.iter().map(String::as_str));
    texts.map(str::to_lowercase).collect::<Vec<_>>().join("\n")
}
