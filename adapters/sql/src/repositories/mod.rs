//! What every aggregate's repository has: find, save, and everything stored for the auditor.
//! The named finders of each are beside it.

mod accounts;
mod coupons;
mod earnings;
mod inventory;
mod keys;
mod licenses;
mod listings;
mod orders;
mod quotes;
mod read_models;
mod sagas;
mod sandboxes;
mod statements;
mod templates;
mod usage;
mod verify;
mod webhooks;

use async_trait::async_trait;
use sarai_domain::{
    devportal::webhook::WebhookEndpoint,
    marketplace::{listing::Listing, saga::PurchaseSaga},
};
use sarai_ports::{
    Saved, Scope, StoreError, Unit,
    inventory::{Raw, Scan},
    marketplace::Repository,
};

use crate::{
    Database, Mapped, Store, Write,
    load::{Rows, raw, select},
    statement::{Statement, args},
};

/// Appends that a row exists for a reader in this scope: what `Stored::readable` says.
pub(crate) trait Readable: Mapped {
    /// Whether finding one reads its rows.
    const WITH_ROWS: bool = true;

    fn visible(statement: &mut Statement, scope: &Scope) {
        statement.within(scope, "r.tenant_id");
        if Self::TABLE.has_worlds() {
            statement.in_world(scope, "r.environment");
        }
    }
}

impl Readable for Listing {
    fn visible(statement: &mut Statement, scope: &Scope) {
        match scope {
            Scope::Tenant(tenant) | Scope::World(tenant, _) | Scope::Within(tenant) => {
                let tenant = statement.arg(tenant.as_str());
                statement.push(&format!("and (r.tenant_id = {tenant} or r.state = 'live')"));
            }
            Scope::PlatformAdmin | Scope::System => {}
            Scope::Public => {
                statement.push("and r.state = 'live'");
            }
        }
    }
}

impl Readable for PurchaseSaga {
    fn visible(statement: &mut Statement, scope: &Scope) {
        match scope {
            Scope::Tenant(_) | Scope::World(..) => statement.push("and false"),
            _ => statement.within(scope, "r.tenant_id"),
        };
    }
}

impl Readable for WebhookEndpoint {
    fn visible(statement: &mut Statement, scope: &Scope) {
        statement
            .within(scope, "r.tenant_id")
            .in_world(scope, "r.environment")
            .push("and r.status <> 'DELETED'");
    }
}

impl Readable for sarai_domain::marketplace::order::Order {}
impl Readable for sarai_domain::marketplace::license::License {}
impl Readable for sarai_domain::marketplace::coupon::Coupon {}
impl Readable for sarai_domain::marketplace::quote::Quote {}
impl Readable for sarai_domain::marketplace::earnings::ProviderEarnings {}
impl Readable for sarai_domain::devportal::verify::VerifySession {}
impl Readable for sarai_domain::devportal::policy::SpendLedger {
    const WITH_ROWS: bool = false;
}
impl Readable for sarai_domain::devportal::policy::VerifyPolicy {}
impl Readable for sarai_domain::devportal::policy::SpendPolicy {}
impl Readable for sarai_domain::devportal::policy::BlockedStart {}
impl Readable for sarai_domain::devportal::sandbox::SandboxSession {
    const WITH_ROWS: bool = false;
}
impl Readable for sarai_domain::devportal::template::VerifyTemplate {}
impl Readable for sarai_domain::devportal::account::DeveloperAccount {}
impl Readable for sarai_domain::devportal::api_key::ApiKey {}
impl Readable for sarai_domain::devportal::webhook::WebhookDelivery {}

/// The statement that loads the aggregate of an id, with these rows.
pub(crate) fn by_id<A: Readable>(
    scope: &Scope,
    id: &A::Id,
    rows: &Rows<'_>,
    mut args: Vec<crate::Value>,
) -> Statement {
    args.push(id.to_string().into());
    let mut statement = Statement::new(format!("{} where r.id = ${}", select::<A>(rows), args.len()), args);
    A::visible(&mut statement, scope);
    statement
}

#[async_trait]
impl<D: Database, A: Readable> Repository<A> for Store<D> {
    async fn find(&self, scope: &Scope, id: &A::Id) -> Result<Option<A>, StoreError> {
        let rows = if A::WITH_ROWS { Rows::All } else { Rows::None };
        self.load_one(scope, by_id::<A>(scope, id, &rows, Vec::new())).await
    }

    async fn save(&self, scope: &Scope, unit: Unit<A>) -> Result<Saved, StoreError> {
        let write = Write::of(unit)?;
        if !scope.covers(&write.tenant_id) || !scope.enters(write.world) {
            return Err(StoreError::NotFound);
        }
        self.database.commit(scope, write).await
    }
}

// Reports read as staff: workers' sessions plan for looking rows up, and these read whole tables.
#[async_trait]
impl<D: Database, A: Readable> Scan<A> for Store<D> {
    async fn scan(&self, after: Option<&A::Id>, limit: usize) -> Result<Vec<Raw<A>>, StoreError> {
        let after = after.map(ToString::to_string).unwrap_or_default();
        let text = format!("{} where r.id > $1 order by r.id limit $2", select::<A>(&Rows::All));
        let found = self.ask(&Scope::PlatformAdmin, Statement::new(text, args![after, limit])).await?;
        found.iter().map(raw).collect()
    }

    async fn look(&self, id: &A::Id) -> Result<Option<Raw<A>>, StoreError> {
        let text = format!("{} where r.id = $1", select::<A>(&Rows::All));
        let statement = Statement::new(text, args![id.to_string()]);
        self.ask(&Scope::PlatformAdmin, statement).await?.first().map(raw).transpose()
    }
}
