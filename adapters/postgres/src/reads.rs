//! The reads of the hot path that are asked on behalf of a tenant: each is a function that sets the tenant and then
//! reads, in one round trip. Their statements are those of `sarai-sql`, asked of a database that only listens.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        policy::{SpendPolicy, SpendPolicyKey, VerifyPolicy},
        sandbox::SandboxSession,
        values::Environment,
        verify::VerifySession,
    },
    kernel::{CourseId, Id, TenantId, Ulid, UserId},
    marketplace::{license::License, listing::Listing, order::Order, quote::Quote},
};
use sarai_ports::{
    Saved, Scope, StoreError,
    devportal::policies::policy_key,
    marketplace::{CouponRepository, LicenseRepository, Repository},
};
use sarai_sql::{Database, Dialect, Record, Store, Value, Work, Write};

use crate::commit::{Function, SET_WORLD};

/// A statement and the function that runs it for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HotRead {
    /// The statement.
    pub(crate) text: String,
    /// Whether it is asked within one world: then that is the second argument.
    pub(crate) worldly: bool,
    /// Its function, whose first argument is the tenant.
    pub(crate) function: Function,
}

/// A statement with sample arguments.
type Asked = (String, Vec<Value>);

/// Notes what it is asked, and has nothing.
#[derive(Default)]
pub(crate) struct Listener {
    alone: Mutex<Vec<Asked>>,
    together: Mutex<Vec<Vec<Asked>>>,
}

impl Listener {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Statements that were asked by themselves.
    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.alone.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Statements that were one transaction, each such transaction.
    pub(crate) fn batches(&self) -> Vec<Vec<Asked>> {
        std::mem::take(&mut *self.together.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Database for Listener {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn run(&self, _: &Scope, sql: &str, args: Vec<Value>) -> Result<Vec<Record>, StoreError> {
        self.alone.lock().unwrap_or_else(PoisonError::into_inner).push((sql.to_owned(), args));
        Ok(Vec::new())
    }

    async fn run_all(&self, _: &Scope, asked: Vec<Asked>) -> Result<Vec<Vec<Record>>, StoreError> {
        self.together.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        Ok(Vec::new())
    }

    fn holder(&self) -> &'static str {
        ""
    }

    async fn commit(&self, _: &Scope, _: Write) -> Result<Saved, StoreError> {
        Err(StoreError::NotFound)
    }

    async fn transact<W: Work>(&self, _: &Scope, _: W) -> Result<W::Out, StoreError> {
        Err(StoreError::NotFound)
    }
}

/// The hot reads. All answer an aggregate's id, tenant, version, document and rows.
pub(crate) fn hot() -> Vec<HotRead> {
    let listener = Listener::new();
    let store = Store::new(Arc::clone(&listener));
    let tenant = TenantId::from_static("tenant");
    let scope = Scope::Tenant(tenant.clone());
    let any = Ulid::from((0, 0));
    let asked = async {
        let _ = Repository::<Listing>::find(&store, &scope, &Id::new(any)).await;
        let _ = Repository::<Order>::find(&store, &scope, &Id::new(any)).await;
        let _ = Repository::<License>::find(&store, &scope, &Id::new(any)).await;
        let _ = store.find_without_uses(&scope, Id::new(any)).await;
        let _ = Repository::<Quote>::find(&store, &scope, &Id::new(any)).await;
        let (course, user) = (CourseId::from_static("course"), UserId::from_static("user"));
        let _ = store.find_for_entitlement(&scope, &tenant, &course, &user).await;
        let _ = store.find_for_user(&scope, Id::new(any), &user).await;
        let _ = store.find_for_seat(&scope, Id::new(any), Id::new(any)).await;
    };
    finish(asked);
    let plain = listener.asked();
    let scope = Scope::World(tenant.clone(), Environment::Production);
    let asked = async {
        let _ = Repository::<VerifySession>::find(&store, &scope, &Id::new(any)).await;
        let _ = Repository::<SandboxSession>::find(&store, &scope, &Id::new(any)).await;
        let _ = Repository::<DeveloperAccount>::find(&store, &scope, &Id::new(any)).await;
        let key = policy_key(&tenant, Environment::Production);
        let _ = Repository::<VerifyPolicy>::find(&store, &scope, &key).await;
        let _ = Repository::<SpendPolicy>::find(&store, &scope, &SpendPolicyKey(key)).await;
    };
    finish(asked);
    let worldly = listener.asked();
    let of = |asked: Vec<Asked>, worldly| {
        asked.into_iter().map(move |(text, args)| of(text, &args, worldly)).collect::<Vec<_>>()
    };
    [of(plain, false), of(worldly, true)].concat()
}

/// Runs what never waits.
pub(crate) fn finish(work: impl Future<Output = ()>) {
    let mut work = std::pin::pin!(work);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = work.as_mut().poll(&mut context);
}

fn of(text: String, args: &[Value], worldly: bool) -> HotRead {
    let mut typed = vec![("a_tenant".to_owned(), "text")];
    if worldly {
        typed.push(("a_world".to_owned(), "text"));
    }
    // In the function the scope's arguments are the first: its others follow.
    let shifted = shifted(&text, typed.len());
    typed.extend(args.iter().enumerate().map(|(place, arg)| (format!("a_{place}"), sql_type(arg))));
    let world = if worldly { SET_WORLD } else { "" };
    let body = format!(
        "declare
    v_tenant text := set_config('app.tenant_id', a_tenant, true);{world}
begin
    return query select q.id::text, q.tenant::text, q.version, q.doc, q.entries
        from ({shifted}) as q (id, tenant, version, doc, entries);
end;
"
    );
    let answer = "out id text, out tenant text, out version bigint, out doc json, out entries text";
    HotRead { function: Function::new("read", &typed, answer, "returns setof record", &body), worldly, text }
}

pub(crate) fn sql_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Int(_) => "bigint",
        Value::Time(_) | Value::Now => "timestamptz",
        Value::Json(_) => "json",
        Value::Bytes(_) => "bytea",
        Value::Texts(_) => "text[]",
        Value::Text(_) | Value::Null => "text",
    }
}

/// `$1` becomes the place that is so much further, and so on.
pub(crate) fn shifted(text: &str, by: usize) -> String {
    let mut parts = text.split('$');
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let place: usize = part[..digits].parse().unwrap_or_default();
        let _ = write!(shifted, "${}{}", place + by, &part[digits..]);
    }
    shifted
}
