//! The transitions: everything that can happen next, and what it leads to.

use std::sync::Arc;

use sarai_domain::marketplace::{
    coupon::RedemptionStatus,
    order::OrderStatus,
    saga::{SagaCommand, SagaEvent, SagaState},
};
use stateright::{Model, Property};

use crate::{
    kept::Kept,
    properties,
    step::{Fortune, Step},
    world::{Buyer, Consumer, Intent, Luck, Message, Purchase, Word, World, deadline},
};

/// What is explored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Market {
    /// How many orders were placed.
    pub(crate) purchases: usize,
    /// The coupon's cap; none where nobody has a coupon.
    pub(crate) usage_cap: Option<u32>,
    /// What may go wrong.
    pub(crate) luck: Luck,
    /// What each buyer may do beside paying.
    pub(crate) buyer: Buyer,
    /// Whether billing also calls back about voids and refunds.
    pub(crate) notices: bool,
    /// What is broken on purpose.
    pub(crate) flaw: Option<Flaw>,
}

/// A part taken out, so that a property is seen failing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Flaw {
    /// `saga-commands` takes its deliveries in any order.
    Unordered,
    /// A grant does not look for the line's licence, and no unique key refuses a second one.
    BlindGrants,
    /// A decline reaches the saga as a payment.
    DeclineCountsAsPaid,
    /// Nobody revokes the licences of returned lines.
    NoRevocations,
    /// Billing refunds twice under one key.
    RefundsTwice,
    /// Nobody returns stray captures.
    StraysKept,
    /// No timer ever fires.
    NoTimers,
    /// A timeout is taken in licensing too.
    TimeoutWhileLicensing,
    /// A coupon is saved over what another process saved meanwhile.
    LostUpdates,
    /// Nobody sweeps holds of purchases that are over.
    NoSweeper,
    /// A command repeated after a crash is refused when its order has gone on since.
    RefusesWhatIsPast,
    /// A copy of an enrolment is carried out after its licence was revoked.
    EnrolsTheRevoked,
    /// Nobody checks the inbox.
    NoInbox,
    /// Nobody tells the saga that an enrolment was cancelled.
    SilentUndo,
}

/// Something that happens. The number is the purchase's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A worker takes a delivery and does the first step of its handler.
    Start(usize, Consumer, usize, Fortune, Copy),
    /// It does the next step.
    Resume(usize, Consumer, Copy),
    /// The second copy of a delivery arrives and is handled to its end.
    Again(usize, usize),
    /// The answer to `pay` is recorded.
    Record(usize),
    /// All processes die.
    Crash,
    /// The buyer pays: captured, declined for good, or not answered yet.
    Pay(usize, Option<Word>),
    /// Billing captures what was not answered yet.
    Capture(usize),
    /// The buyer cancels.
    Cancel(usize),
    /// The buyer wants the money back.
    Refund(usize),
    /// Half an hour has passed.
    Deadline,
    /// The scheduler finds the timeout due.
    Timeout(usize),
    /// The scheduler finds the deadline of started due.
    StartDeadline(usize),
    /// The scheduler finds the next attempt due.
    Retry(usize),
    /// Nothing is under way until the next attempt is due.
    Wait(usize),
    /// The sweeper settles the hold of a purchase that is over.
    Sweep(usize),
}

impl Action {
    /// Whether it happens by itself sooner or later: people, bad luck and second copies may never come.
    pub(crate) fn goes_on(self) -> bool {
        match self {
            Self::Start(..)
            | Self::Resume(..)
            | Self::Record(_)
            | Self::Deadline
            | Self::Timeout(_)
            | Self::StartDeadline(_)
            | Self::Retry(_)
            | Self::Wait(_)
            | Self::Sweep(_) => true,
            Self::Again(..)
            | Self::Crash
            | Self::Pay(..)
            | Self::Capture(_)
            | Self::Cancel(_)
            | Self::Refund(_) => false,
        }
    }
}

/// Whether a delivery that is done with will arrive once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Copy {
    No,
    Later,
}

impl Market {
    fn push_work(&self, at: usize, purchase: &Purchase, luck: Luck, actions: &mut Vec<Action>) {
        let copies = if luck.copies > 0 { &[Copy::No, Copy::Later][..] } else { &[Copy::No] };
        for consumer in purchase.running.keys() {
            actions.extend(copies.iter().map(|copy| Action::Resume(at, *consumer, *copy)));
        }
        for (consumer, queue) in &purchase.queues {
            let unordered = *consumer == Consumer::Callbacks
                || *consumer == Consumer::Commands && self.flaw == Some(Flaw::Unordered);
            if purchase.running.contains_key(consumer) {
                continue;
            }
            let open = if unordered { queue.len() } else { 1 };
            for (index, delivery) in queue.iter().enumerate().take(open) {
                let enrols = matches!(&*delivery.message, Message::Command(SagaCommand::Enroll { .. }));
                let fortunes = [
                    (Fortune::Good, true),
                    (Fortune::Down, enrols && luck.outages > 0),
                    (Fortune::Refused, enrols && luck.refusals > 0),
                ];
                for (fortune, _) in fortunes.into_iter().filter(|(_, possible)| *possible) {
                    let start = |copy: &Copy| Action::Start(at, *consumer, index, fortune, *copy);
                    actions.extend(copies.iter().map(start));
                }
            }
        }
        actions.extend((0..purchase.late.len()).map(|index| Action::Again(at, index)));
    }

    fn push_people(at: usize, purchase: &Purchase, actions: &mut Vec<Action>) {
        let order = purchase.order.data();
        if purchase.answered.is_some() {
            actions.push(Action::Record(at));
        }
        let payable = order.status == OrderStatus::PendingPayment && order.cancel_requested_at.is_none();
        if payable && purchase.billing.intent == Intent::Open {
            actions.extend([Word::Captured, Word::Declined].map(|word| Action::Pay(at, Some(word))));
            if purchase.buyer.hesitates {
                actions.push(Action::Pay(at, None));
            }
        }
        if matches!(purchase.billing.intent, Intent::Processing | Intent::VoidProcessing) {
            actions.push(Action::Capture(at));
        }
        let open = matches!(order.status, OrderStatus::Created | OrderStatus::PendingPayment);
        if purchase.buyer.cancels && open {
            actions.push(Action::Cancel(at));
        }
        if purchase.buyer.refunds && matches!(order.status, OrderStatus::Paid | OrderStatus::Fulfilled) {
            actions.push(Action::Refund(at));
        }
    }

    fn push_timers(&self, at: usize, world: &World, actions: &mut Vec<Action>) {
        let purchase = &world.purchases[at];
        let Some(saga) = purchase.saga.as_ref().map(Kept::data) else { return };
        let due = |time: Option<sarai_domain::kernel::Timestamp>| time.is_some_and(|time| world.now >= time);
        if due(saga.awaiting_payment_timeout_at)
            || self.flaw == Some(Flaw::TimeoutWhileLicensing)
                && saga.state == SagaState::Licensing
                && world.now >= deadline()
        {
            actions.push(Action::Timeout(at));
        }
        if saga.state == SagaState::Started && due(Some(saga.start_deadline_at())) {
            actions.push(Action::StartDeadline(at));
        }
        if saga.state.is_terminal() {
            return;
        }
        if purchase.is_quiet() {
            // Before the deadline an unpaid order waits for its buyer, and the clock for the deadline.
            if saga.awaiting_payment_timeout_at.is_none() {
                actions.push(Action::Wait(at));
            }
        } else if world.luck.hasty > 0 && due(saga.next_attempt_at) {
            actions.push(Action::Retry(at));
        }
    }
}

/// Whether the sweeper finds a hold to settle.
pub(crate) fn is_swept(world: &World, purchase: &Purchase) -> bool {
    let order = purchase.order.data().id;
    purchase.is_over()
        && world
            .coupon
            .rows()
            .iter()
            .any(|row| row.order_id == order && row.status == RedemptionStatus::Reserved)
}

impl Model for Market {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.purchases, self.usage_cap, self.luck, self.buyer)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (at, purchase) in world.purchases.iter().enumerate() {
            self.push_work(at, purchase, world.luck, actions);
            Self::push_people(at, purchase, actions);
            if self.flaw != Some(Flaw::NoTimers) {
                self.push_timers(at, world, actions);
            }
            // The sweeper looks long after the purchase, when nothing of it is under way.
            if purchase.is_quiet() && is_swept(world, purchase) && self.flaw != Some(Flaw::NoSweeper) {
                actions.push(Action::Sweep(at));
            }
        }
        let open = |purchase: &Arc<Purchase>| !purchase.is_over();
        if self.flaw != Some(Flaw::NoTimers) && world.now < deadline() && world.purchases.iter().any(open) {
            actions.push(Action::Deadline);
        }
        let busy = |purchase: &Arc<Purchase>| !purchase.running.is_empty() || purchase.answered.is_some();
        if world.luck.crashes > 0 && world.purchases.iter().any(busy) {
            actions.push(Action::Crash);
        }
    }

    fn next_state(&self, before: &World, action: Action) -> Option<World> {
        let mut world = before.clone();
        let step = |world: &mut World, at: usize, run: &dyn Fn(&mut Step<'_>)| {
            let mut purchase = Arc::clone(&world.purchases[at]);
            let mut step = Step { market: self, world, purchase: Arc::make_mut(&mut purchase), at };
            run(&mut step);
            world.purchases[at] = purchase;
        };
        match action {
            Action::Start(at, consumer, index, fortune, copy) => {
                let mut done = false;
                let mut purchase = Arc::clone(&world.purchases[at]);
                let mut run =
                    Step { market: self, world: &mut world, purchase: Arc::make_mut(&mut purchase), at };
                run.begin(consumer, index, fortune, copy, &mut done);
                world.purchases[at] = purchase;
                if copy == Copy::Later && !done {
                    return None;
                }
            }
            Action::Resume(at, consumer, copy) => {
                let mut done = false;
                let mut purchase = Arc::clone(&world.purchases[at]);
                let mut run =
                    Step { market: self, world: &mut world, purchase: Arc::make_mut(&mut purchase), at };
                run.resume(consumer, copy, &mut done);
                world.purchases[at] = purchase;
                if copy == Copy::Later && !done {
                    return None;
                }
            }
            Action::Again(at, index) => step(&mut world, at, &|step| step.again(index)),
            Action::Record(at) => step(&mut world, at, &|step| step.record_answer()),
            Action::Crash => {
                world.luck.crashes -= 1;
                for purchase in &mut world.purchases {
                    let purchase = Arc::make_mut(purchase);
                    purchase.running.clear();
                    purchase.answered = None;
                }
            }
            Action::Pay(at, word) => step(&mut world, at, &|step| step.pay(word)),
            Action::Capture(at) => step(&mut world, at, &|step| step.capture()),
            Action::Cancel(at) => step(&mut world, at, &|step| step.cancel()),
            Action::Refund(at) => step(&mut world, at, &|step| step.ask_refund()),
            Action::Deadline => world.now = deadline(),
            Action::Timeout(at) => step(&mut world, at, &|step| step.time_out()),
            Action::StartDeadline(at) => step(&mut world, at, &|step| step.wake(&SagaEvent::StartDeadline)),
            Action::Retry(at) => {
                world.luck.hasty -= 1;
                step(&mut world, at, &|step| step.wake(&SagaEvent::RetryDue));
            }
            Action::Wait(at) => {
                let saga = world.purchases[at].saga.as_ref()?;
                world.now = world.now.max(saga.data().next_attempt_at?);
                step(&mut world, at, &|step| step.wake(&SagaEvent::RetryDue));
            }
            Action::Sweep(at) => step(&mut world, at, &|step| step.sweep()),
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        // Only who hesitates and wants the money back comes everywhere.
        let everywhere = self.buyer.refunds && self.buyer.hesitates && self.usage_cap.is_some();
        let sometimes = if everywhere { properties::sometimes() } else { Vec::new() };
        properties::always().into_iter().chain(sometimes).collect()
    }
}
