//! The public catalogue: what is live and can be bought.

use std::sync::Arc;

use sarai_domain::{
    kernel::{Aggregate, ListingId},
    marketplace::listing::{Listing, ListingState},
};
use sarai_ports::{Page, PageRequest, Scope, marketplace::CatalogFilter};

use crate::{AppError, Ports};

/// The use cases of the catalogue.
#[derive(Clone)]
pub struct CatalogQueries {
    ports: Arc<Ports>,
}

impl CatalogQueries {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Live and public listings with an active plan.
    ///
    /// # Errors
    /// The store's.
    pub async fn search(
        &self,
        filter: &CatalogFilter,
        page: &PageRequest,
    ) -> Result<Page<Listing>, AppError> {
        Ok(self.ports.catalog.search(filter, page).await?)
    }

    /// A live listing, also an unlisted one.
    ///
    /// # Errors
    /// `not_found` for everything that is not live.
    pub async fn get(&self, id: ListingId) -> Result<Listing, AppError> {
        let found = self.ports.listings.find(&Scope::Public, &id).await?;
        found
            .filter(|listing| listing.data().state == ListingState::Live)
            .ok_or_else(|| AppError::not_found("listing"))
    }
}
