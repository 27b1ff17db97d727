//! What a period says of its statement, held against the chain.

use sarai_domain::{
    kernel::{Digest, TenantId},
    marketplace::earnings::{EarningsKey, EarningsState, ProviderEarnings},
};
use sarai_ports::{
    Cursor, Direction, PageRequest, Scope, StoreError,
    inventory::{Content, Raw},
    marketplace::StatementStore,
};

/// What a period says.
pub(super) struct Claim {
    pub(super) key: EarningsKey,
    pub(super) tenant_id: TenantId,
    /// How many lines it closed with.
    closed_with: Option<u64>,
    /// How many lines were anchored, and the hash of the last.
    anchor: Option<(u64, Digest)>,
}

impl Claim {
    /// None of a period that says nothing yet.
    pub(super) fn of(raw: &Raw<ProviderEarnings>, content: &Content<ProviderEarnings>) -> Option<Self> {
        let data = &content.data;
        let closed_with = (data.state != EarningsState::Accruing).then_some(data.line_count);
        let anchor = data.anchor.as_ref().map(|anchor| (anchor.count, anchor.hash));
        let says = closed_with.is_some() || anchor.is_some();
        says.then(|| Self { key: raw.id.clone(), tenant_id: raw.tenant_id.clone(), closed_with, anchor })
    }

    /// What of it is not so. The period was read before: a chain only grows, so it cannot have been so since.
    pub(super) async fn fault(&self, statements: &dyn StatementStore) -> Result<Option<String>, StoreError> {
        let sealed = statements.head(&self.key).await?.chain.count;
        if let Some(lines) = self.closed_with.filter(|lines| sealed < *lines) {
            return Ok(Some(format!("it is closed, and {sealed} of its {lines} lines are sealed")));
        }
        let Some((place, hash)) = self.anchor else { return Ok(None) };
        let before = i64::try_from(place.saturating_sub(1)).unwrap_or(i64::MAX);
        let cursor = Cursor { key: before, id: String::new(), direction: Direction::Next };
        let page = PageRequest { limit: 1, cursor: Some(cursor) };
        let found = statements.sealed(&Scope::System, &self.key, &page).await?.items;
        let stands = found.first().is_some_and(|line| line.link.seq == place && line.link.hash == hash);
        Ok((!stands).then(|| format!("line {place} is not the one that was anchored")))
    }
}
