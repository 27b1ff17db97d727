//! What is under way: a lane for each consumer and aggregate, its deliveries in order.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    time::Instant,
};

use sarai_ports::events::Delivery;

use crate::LEASE;

/// A consumer and the aggregate whose events it gets in order.
pub(crate) type Lane = (&'static str, String);

/// How many lanes are remembered before those whose claims have lapsed are forgotten.
const HANDED: usize = 4_096;

/// The lane of a delivery.
pub(crate) fn lane_of(delivery: &Delivery) -> Lane {
    (delivery.consumer, delivery.event.subject.clone())
}

/// What this process has been handed and has not handled.
#[derive(Default)]
pub(crate) struct InFlight {
    lanes: HashMap<Lane, VecDeque<Delivery>>,
    /// How many are under way in all.
    count: usize,
    /// How many of them somebody may wait for.
    by_correlation: HashMap<String, usize>,
    /// The last fence handed over of each lane, and when.
    handed: HashMap<Lane, (u64, Instant)>,
    /// How many lanes are remembered at most before the old ones are forgotten.
    remembered: usize,
}

impl InFlight {
    /// Whether nothing is under way.
    pub(crate) fn is_idle(&self) -> bool {
        self.count == 0
    }

    /// Whether something of this correlation is under way.
    pub(crate) fn is_under_way(&self, correlation_id: &str) -> bool {
        self.by_correlation.contains_key(correlation_id)
    }

    /// Takes a delivery into its lane; says whether somebody has to start running it. None: it is not to be run,
    /// because this process does not hold what comes before it. Its claim lapses, and it is taken up in order.
    pub(crate) fn enter(&mut self, lane: &Lane, delivery: Delivery, awaited: bool) -> Option<bool> {
        if !self.follows(lane, &delivery) {
            return None;
        }
        self.count += 1;
        if awaited {
            *self.by_correlation.entry(delivery.event.correlation_id.clone()).or_default() += 1;
        }
        match self.lanes.entry(lane.clone()) {
            Entry::Occupied(mut queue) => {
                queue.get_mut().push_back(delivery);
                Some(false)
            }
            Entry::Vacant(free) => {
                free.insert(VecDeque::from([delivery]));
                Some(true)
            }
        }
    }

    /// The next delivery of a lane; without one the lane is gone.
    pub(crate) fn next(&mut self, lane: &Lane) -> Option<Delivery> {
        let next = self.lanes.get_mut(lane).and_then(VecDeque::pop_front);
        if next.is_none() {
            self.lanes.remove(lane);
        }
        next
    }

    /// A delivery was handled, or is not going to be.
    pub(crate) fn leave(&mut self, delivery: &Delivery, awaited: bool) {
        self.count -= 1;
        if !awaited {
            return;
        }
        if let Entry::Occupied(mut open) = self.by_correlation.entry(delivery.event.correlation_id.clone()) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
    }

    /// Closes a lane: nothing enters it until its first delivery was claimed anew, because a claim before it lapses
    /// undone.
    pub(crate) fn close(&mut self, lane: &Lane) {
        self.handed.remove(lane);
    }

    /// Whether this process was handed what comes before a delivery: if not, the answer of the commit that
    /// left it was lost, and nothing may overtake it.
    fn follows(&mut self, lane: &Lane, delivery: &Delivery) -> bool {
        let now = Instant::now();
        if self.handed.len() > self.remembered.max(HANDED) {
            self.handed.retain(|_, (_, at)| now.duration_since(*at) < LEASE);
            self.remembered = 2 * self.handed.len();
        }
        let follows = delivery
            .after
            .is_none_or(|before| self.handed.get(lane).is_some_and(|(fence, _)| *fence >= before));
        if follows {
            self.handed.insert(lane.clone(), (delivery.fence, now));
        }
        follows
    }
}
