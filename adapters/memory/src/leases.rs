//! Leases: one row a name.

use std::time::Duration;

use async_trait::async_trait;
use sarai_domain::kernel::Timestamp;
use sarai_ports::{
    StoreError,
    leases::{Fence, HeldLease, Leases},
};

use crate::{MemoryStore, outbox::lease};

/// Who holds a lease until when.
pub(crate) struct Lease {
    process: u64,
    fence: Fence,
    until: Timestamp,
}

#[async_trait]
impl Leases for MemoryStore {
    async fn take(&self, name: &str, holding: Duration) -> Result<Option<Fence>, StoreError> {
        let real = self.clock.real();
        let until = real.plus(lease(holding));
        let mut state = self.state();
        let process = self.process;
        match state.leases.get_mut(name) {
            Some(held) if held.process == process && held.until > real => {
                held.until = until;
                Ok(Some(held.fence))
            }
            Some(held) if held.until > real => Ok(None),
            _ => {
                state.lease_fences += 1;
                let fence = Fence(state.lease_fences);
                state.leases.insert(name.to_owned(), Lease { process, fence, until });
                Ok(Some(fence))
            }
        }
    }

    async fn give_back(&self, name: &str, fence: Fence) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.leases.get(name).is_some_and(|held| held.fence == fence) {
            state.leases.remove(name);
        }
        Ok(())
    }

    async fn held(&self, prefix: &str) -> Result<Vec<HeldLease>, StoreError> {
        let real = self.clock.real();
        let state = self.state();
        let named = state.leases.range(prefix.to_owned()..).take_while(|(name, _)| name.starts_with(prefix));
        let held = named.filter(|(_, lease)| lease.until > real);
        Ok(held
            .map(|(name, lease)| HeldLease { name: name.clone(), holder: lease.process.to_string() })
            .collect())
    }
}
