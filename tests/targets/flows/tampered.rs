//! A store as an auditor sees it after somebody wrote past the rules: documents are JSON there, some of them
//! changed, and what cannot be read any more says why.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sarai_domain::{
    devportal::{
        account::DeveloperAccount,
        api_key::ApiKey,
        docs_article::DocsArticle,
        policy::{SpendLedger, SpendPolicy, VerifyPolicy},
        sandbox::SandboxSession,
        sdk_release::SdkRelease,
        template::VerifyTemplate,
        verify::VerifySession,
        webhook::{WebhookDelivery, WebhookEndpoint},
    },
    kernel::{Aggregate, OrderId, OrderLineId},
    marketplace::{
        coupon::Coupon,
        earnings::{EarningsLine, ProviderEarnings},
        license::License,
        listing::Listing,
        order::Order,
        quote::Quote,
        saga::PurchaseSaga,
    },
};
use sarai_memory::MemoryStore;
use sarai_ports::{
    StoreError,
    inventory::{Content, DeadLetter, Inventory, Raw, Scan},
};
use serde_json::{Value, json};

/// Changes a document and its rows.
pub(crate) type Change = Box<dyn Fn(&mut Value, &mut Vec<Value>) + Send + Sync>;

pub(crate) struct Tampered {
    pub(crate) store: MemoryStore,
    /// By the aggregate's id.
    pub(crate) changes: BTreeMap<String, Change>,
    /// Changes a posting.
    pub(crate) posting: Option<fn(&mut EarningsLine)>,
}

impl Tampered {
    fn read<A>(
        &self,
        raw: Raw<A>,
        rows: impl Fn(&A::Row) -> Value,
        row: impl Fn(Value) -> Result<A::Row, serde_json::Error>,
    ) -> Raw<A>
    where
        A: Aggregate<Data: serde::Serialize + serde::de::DeserializeOwned>,
    {
        let (Some(change), Ok(content)) = (self.changes.get(&raw.id.to_string()), &raw.content) else {
            return raw;
        };
        let mut data = serde_json::to_value(&content.data).unwrap();
        let mut stored: Vec<Value> = content.rows.iter().map(rows).collect();
        change(&mut data, &mut stored);
        // From text, as a database hands it out.
        let data = serde_json::from_str(&data.to_string());
        let rows: Result<Vec<A::Row>, _> = stored.into_iter().map(row).collect();
        let content = match (data, rows) {
            (Ok(data), Ok(rows)) => Ok(Content { data, rows }),
            (Err(error), _) | (_, Err(error)) => Err(error.to_string()),
        };
        Raw { content, ..raw }
    }
}

macro_rules! scans {
    ($($aggregate:ty: $to:expr, $from:expr;)*) => {$(
        #[async_trait]
        impl Scan<$aggregate> for Tampered {
            async fn scan(
                &self,
                after: Option<&<$aggregate as Aggregate>::Id>,
                limit: usize,
            ) -> Result<Vec<Raw<$aggregate>>, StoreError> {
                let page = Scan::<$aggregate>::scan(&self.store, after, limit).await?;
                Ok(page.into_iter().map(|raw| self.read(raw, $to, $from)).collect())
            }

            async fn look(
                &self,
                id: &<$aggregate as Aggregate>::Id,
            ) -> Result<Option<Raw<$aggregate>>, StoreError> {
                let found = Scan::<$aggregate>::look(&self.store, id).await?;
                Ok(found.map(|raw| self.read(raw, $to, $from)))
            }
        }
    )*};
}

scans! {
    Listing: |row| match *row {}, |_| unreachable!("no rows");
    Quote: |row| match *row {}, |_| unreachable!("no rows");
    PurchaseSaga: |row| match *row {}, |_| unreachable!("no rows");
    Order: |row| json!(row), serde_json::from_value;
    License: |row| json!(row), serde_json::from_value;
    Coupon: |row| json!(row), serde_json::from_value;
    ProviderEarnings: |row| json!(row), serde_json::from_value;
    DeveloperAccount: |row| match *row {}, |_| unreachable!("no rows");
    ApiKey: |row| match *row {}, |_| unreachable!("no rows");
    VerifySession: |row| json!(row), serde_json::from_value;
    SpendLedger: |row| json!(row), serde_json::from_value;
    SpendPolicy: |row| match *row {}, |_| unreachable!("no rows");
    VerifyPolicy: |row| match *row {}, |_| unreachable!("no rows");
    SandboxSession: |row| json!(row), serde_json::from_value;
    VerifyTemplate: |row| json!(row), serde_json::from_value;
    SdkRelease: |row| match *row {}, |_| unreachable!("no rows");
    DocsArticle: |row| json!(row), serde_json::from_value;
    WebhookEndpoint: |row| match *row {}, |_| unreachable!("no rows");
    WebhookDelivery: |row| match *row {}, |_| unreachable!("no rows");
}

#[async_trait]
impl Inventory for Tampered {
    async fn postings(&self, lines: &[OrderLineId]) -> Result<Vec<EarningsLine>, StoreError> {
        let mut postings = self.store.postings(lines).await?;
        if let Some(change) = self.posting {
            postings.iter_mut().for_each(change);
        }
        Ok(postings)
    }

    async fn under_way(
        &self,
        consumer: &'static str,
        orders: &[OrderId],
    ) -> Result<BTreeSet<OrderId>, StoreError> {
        self.store.under_way(consumer, orders).await
    }

    async fn dead_letters(&self, limit: usize) -> Result<Vec<DeadLetter>, StoreError> {
        self.store.dead_letters(limit).await
    }
}
