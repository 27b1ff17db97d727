//! Where a name leads.

use std::{io, net::IpAddr};

use async_trait::async_trait;

/// Asks name servers.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address of a name.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver, with its hosts file and its name servers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut found: Vec<IpAddr> =
            tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect();
        found.dedup();
        Ok(found)
    }
}
