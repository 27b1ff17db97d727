//! Copies of what this process saved a moment ago, so that what a commit sets off need not read it again.
//!
//! A copy is out of date as soon as another process saves. So it is trusted with two things only. A command that
//! changes it may be decided on it, because the save of an old copy is a conflict and is decided again on what is
//! stored; a decision to do nothing, or to refuse, is never taken on a kept copy. And what an order froze when it was
//! placed may be read from it. A request that wrote an order is answered with the copy when it is not older than what
//! it wrote.

use std::{
    any::Any,
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sarai_domain::{
    kernel::Aggregate,
    marketplace::{
        order::{Order, OrderStatus},
        saga::PurchaseSaga,
    },
};
use sarai_ports::Stored;

/// How many are kept of each kind: more than are under way at a time, a few megabytes.
const KEPT: usize = 512;

/// An aggregate that many steps of one purchase touch in a row.
pub trait Keep: Stored {
    /// As a store would hand it out at this version; none when nobody is going to need it soon.
    fn as_stored(&self, version: u64) -> Option<Self>;
}

impl Keep for Order {
    fn as_stored(&self, version: u64) -> Option<Self> {
        use OrderStatus::{Created, Fulfilled, Paid, PendingPayment};
        // One that was just fulfilled is what its payment is answered with.
        if ![Created, PendingPayment, Paid, Fulfilled].contains(&self.data().status) {
            return None;
        }
        Self::rehydrate(self.data().clone(), self.refunds().cloned().collect(), version).ok()
    }
}

impl Keep for PurchaseSaga {
    fn as_stored(&self, version: u64) -> Option<Self> {
        if self.data().state.is_terminal() {
            return None;
        }
        Self::rehydrate(self.data().clone(), Vec::new(), version).ok()
    }
}

/// The copies of one process.
#[derive(Default)]
pub struct Recent {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    copies: BTreeMap<String, (u64, Arc<dyn Any + Send + Sync>)>,
    /// Every keeping in its order; the oldest is forgotten first.
    order: VecDeque<(String, u64)>,
    keepings: u64,
}

impl Recent {
    /// Keeps what was just saved, or read because the copy was not enough.
    pub fn keep<A: Keep>(&self, saved: &A, version: u64) {
        let (key, copy) = (saved.id().to_string(), saved.as_stored(version));
        let mut kept = self.kept();
        let Some(copy) = copy else {
            kept.copies.remove(&key);
            return;
        };
        kept.keepings = kept.keepings.wrapping_add(1);
        let keeping = kept.keepings;
        kept.copies.insert(key.clone(), (keeping, Arc::new(copy)));
        kept.order.push_back((key, keeping));
        if kept.order.len() > KEPT
            && let Some((oldest, keeping)) = kept.order.pop_front()
            && kept.copies.get(&oldest).is_some_and(|(latest, _)| *latest == keeping)
        {
            kept.copies.remove(&oldest);
        }
    }

    /// A copy: it may be old.
    pub fn look<A: Keep>(&self, id: &A::Id) -> Option<A> {
        let (_, copy) = self.kept().copies.get(&id.to_string())?.clone();
        copy.downcast_ref().cloned()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
