//! A world for one saga: an order, billing, coupons, licences and enrollments that really change, so that
//! what a finished saga left behind can be compared with what it says.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;

/// How a purchase goes when nothing breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Path {
    Pays,
    Free,
    NeverPays,
    PaysAtTheTimeout,
    Cancels,
    CancelsAtOnce,
    CancelsAndPays,
    CancelsFree,
    IsDeclined,
    PaysWrong,
    IsRefused,
    CouponGone,
    RefundsWhileLicensing,
    RefundsWhileEnrolling,
    EnrollmentFails,
}

impl Path {
    pub(super) const ALL: &[Self] = &[
        Self::Pays,
        Self::Free,
        Self::NeverPays,
        Self::PaysAtTheTimeout,
        Self::Cancels,
        Self::CancelsAtOnce,
        Self::CancelsAndPays,
        Self::CancelsFree,
        Self::IsDeclined,
        Self::PaysWrong,
        Self::IsRefused,
        Self::CouponGone,
        Self::RefundsWhileLicensing,
        Self::RefundsWhileEnrolling,
        Self::EnrollmentFails,
    ];

    fn is_free(self) -> bool {
        matches!(self, Self::Free | Self::CancelsFree)
    }
}

/// What goes wrong with one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It fails finally, without effect, the first time.
    Final,
    /// It fails this often without effect, then works.
    Before(u32),
    /// It fails without effect until an operator has done it by hand.
    ByHand,
    /// It works, but its first answer is a failure.
    After,
    /// It never arrives the first time.
    Lost,
    /// It is executed twice.
    Twice,
    /// Its result is told twice.
    ToldTwice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OrderIs {
    Created,
    Pending,
    Paid,
    Fulfilled,
    Failed,
    Refunded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Intent {
    Unknown,
    Open,
    Captured,
    /// Captured with another amount; returned by the stray handler.
    Strayed,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coupons {
    Free,
    Held,
    Confirmed,
}

pub(super) struct World {
    pub(super) saga: PurchaseSaga,
    pub(super) now: Timestamp,
    /// Commands on their way, in order (R41).
    pub(super) queue: VecDeque<SagaCommand>,
    /// What the saga will be told.
    pub(super) inbox: VecDeque<SagaEvent>,
    /// Every command ever issued, and its key.
    pub(super) log: Vec<SagaCommand>,
    pub(super) keys: Vec<String>,
    pub(super) order: OrderIs,
    intent: Intent,
    coupons: Coupons,
    active: BTreeSet<OrderLineId>,
    enrolled: BTreeSet<OrderLineId>,
    refunded: bool,
    refund_requested: bool,
    seen: usize,
}

pub(super) fn name(command: &SagaCommand) -> &'static str {
    match command {
        SagaCommand::PollPayment => "poll_payment",
        SagaCommand::VoidIntent => "void_intent",
        SagaCommand::SettleRefund { .. } => "settle_refund",
        SagaCommand::MarkOrderFailed { .. } => "mark_order_failed",
        SagaCommand::MarkOrderRefunded => "mark_order_refunded",
        other => other.keyed_by().name(),
    }
}

/// The step whose failure a failing command reports.
pub(super) fn step_of(command: &SagaCommand) -> SagaStep {
    match command {
        SagaCommand::PollPayment => SagaStep::ReceivePayment,
        SagaCommand::VoidIntent => SagaStep::VoidIntent,
        other => other.keyed_by(),
    }
}

pub(super) fn failure(command: &SagaCommand, retryable: bool) -> SagaEvent {
    let step = step_of(command);
    match step.direction() {
        Direction::Forward => failed(step, retryable),
        Direction::Undo => SagaEvent::UndoFailed { step, code: "gateway.down".to_owned() },
    }
}

impl World {
    pub(super) fn new(free: bool) -> Self {
        let mut world = Self {
            saga: started(free),
            now: start_time(),
            queue: VecDeque::new(),
            inbox: VecDeque::new(),
            log: Vec::new(),
            keys: Vec::new(),
            order: OrderIs::Created,
            intent: Intent::Unknown,
            coupons: Coupons::Free,
            active: BTreeSet::new(),
            enrolled: BTreeSet::new(),
            refunded: false,
            refund_requested: false,
            seen: 0,
        };
        world.collect();
        world
    }

    /// Takes the commands that were issued since the last look.
    fn collect(&mut self) {
        let issued = commands(&self.saga);
        for (key, command) in &issued[self.seen..] {
            self.queue.push_back(command.clone());
            self.log.push(command.clone());
            self.keys.push(key.clone());
        }
        self.seen = issued.len();
    }

    pub(super) fn tell(&mut self, event: &SagaEvent) {
        let before = self.saga.data().clone();
        let outcome = self.saga.handle(event, None, self.now).unwrap();
        self.saga.check_invariants().unwrap();
        if outcome == Outcome::AlreadyApplied {
            assert_eq!(self.saga.data(), &before, "ignored means unchanged");
        }
        assert!(!before.state.is_terminal() || outcome == Outcome::AlreadyApplied, "terminal states absorb");
        self.collect();
    }

    /// A command did not get through. What a saga asked for with its end it does not ask for again: the outbox
    /// delivers it until it is done.
    pub(super) fn undelivered(&mut self, command: SagaCommand) {
        if matches!(command, SagaCommand::MarkFulfilled { .. }) {
            self.queue.push_front(command);
        }
    }

    /// Moves to the next timer and fires it.
    pub(super) fn wake(&mut self) {
        let data = self.saga.data();
        let start = (data.state == SagaState::Started).then(|| data.start_deadline_at());
        let timers = [
            (data.awaiting_payment_timeout_at, SagaEvent::TimeoutFired),
            (start, SagaEvent::StartDeadline),
            (data.next_attempt_at, SagaEvent::RetryDue),
        ];
        let next = timers.into_iter().filter_map(|(at, event)| Some((at?, event))).min_by_key(|(at, _)| *at);
        let (at, event) = next.unwrap();
        self.now = self.now.max(at);
        self.tell(&event);
    }

    /// Executes a command, idempotently; the result is what comes back.
    pub(super) fn execute(&mut self, command: &SagaCommand) -> Option<SagaEvent> {
        use {Intent as I, OrderIs as O};
        let refused = || Some(failure(command, false));
        match command {
            SagaCommand::ReserveCoupons { .. } => {
                if self.coupons == Coupons::Free {
                    self.coupons = Coupons::Held;
                }
                Some(SagaEvent::CouponsReserved)
            }
            SagaCommand::RequestPayment => match self.intent {
                I::Void => Some(SagaEvent::PaymentRejected { code: "billing.void".to_owned() }),
                I::Unknown | I::Open | I::Captured | I::Strayed => {
                    if self.intent == I::Unknown {
                        self.intent = I::Open;
                    }
                    Some(requested())
                }
            },
            SagaCommand::MarkPendingPayment { .. } => match self.order {
                O::Created | O::Pending => {
                    self.order = O::Pending;
                    Some(SagaEvent::PaymentPending)
                }
                O::Paid | O::Fulfilled => Some(SagaEvent::PaymentPending),
                O::Failed | O::Refunded => refused(),
            },
            SagaCommand::RecordFree => match self.order {
                O::Created | O::Paid | O::Fulfilled => {
                    if self.order == O::Created {
                        self.order = O::Paid;
                    }
                    Some(SagaEvent::OrderPaid)
                }
                O::Pending | O::Failed | O::Refunded => refused(),
            },
            SagaCommand::PollPayment => Some(match (self.intent, self.order) {
                (I::Captured, O::Paid) => SagaEvent::OrderPaid,
                (I::Strayed, _) => SagaEvent::AmountMismatch,
                (I::Void, _) => SagaEvent::IntentVoided,
                _ => SagaEvent::PollAnswered,
            }),
            SagaCommand::VoidIntent => Some(match self.intent {
                I::Captured | I::Strayed => SagaEvent::VoidRefused,
                I::Unknown | I::Open | I::Void => {
                    self.intent = I::Void;
                    SagaEvent::IntentVoided
                }
            }),
            SagaCommand::ConfirmCoupons { .. } => {
                self.coupons = Coupons::Confirmed;
                Some(SagaEvent::CouponsConfirmed)
            }
            SagaCommand::GrantLicense { line } => {
                self.active.insert(*line);
                let at = LINES.iter().position(|number| id(*number) == *line)?;
                Some(SagaEvent::LicenseGranted { line: *line, license_id: license(at) })
            }
            SagaCommand::Enroll { line, .. } => {
                self.enrolled.insert(*line);
                Some(SagaEvent::EnrollmentCompleted { line: *line })
            }
            SagaCommand::MarkFulfilled { licenses } => {
                assert_eq!(licenses.len(), LINES.len());
                match self.order {
                    O::Paid | O::Fulfilled => {
                        self.order = O::Fulfilled;
                        None
                    }
                    O::Created | O::Pending | O::Failed | O::Refunded => refused(),
                }
            }
            SagaCommand::CancelEnrollment { line, .. } => {
                self.enrolled.remove(line);
                Some(undone(step_of(command)))
            }
            SagaCommand::RevokeLicense { line } => {
                self.active.remove(line);
                Some(undone(step_of(command)))
            }
            SagaCommand::RefundPayment { .. } | SagaCommand::SettleRefund { .. } => {
                assert_eq!(self.intent, I::Captured, "only what came is returned");
                self.refunded = true;
                Some(undone(step_of(command)))
            }
            SagaCommand::ReleaseCoupons { .. } => {
                self.coupons = Coupons::Free;
                Some(undone(step_of(command)))
            }
            SagaCommand::MarkOrderFailed { .. } => Some(self.close(O::Failed, command)),
            SagaCommand::MarkOrderRefunded => Some(self.close(O::Refunded, command)),
        }
    }

    /// A paid order is closed only after its money is back.
    fn close(&mut self, to: OrderIs, command: &SagaCommand) -> SagaEvent {
        let owes = self.order == OrderIs::Paid && self.intent == Intent::Captured && !self.refunded;
        if owes || self.order == OrderIs::Fulfilled {
            return failure(command, true);
        }
        assert!(self.order != OrderIs::Refunded || to == OrderIs::Refunded);
        self.order = to;
        undone(step_of(command))
    }

    // What people and billing do.

    pub(super) fn pay(&mut self) {
        if self.intent == Intent::Open && self.order == OrderIs::Pending {
            self.intent = Intent::Captured;
            self.order = OrderIs::Paid;
            self.inbox.push_back(SagaEvent::OrderPaid);
        }
    }

    pub(super) fn pay_wrong(&mut self) {
        if self.intent == Intent::Open && self.order == OrderIs::Pending {
            self.intent = Intent::Strayed;
            self.inbox.push_back(SagaEvent::AmountMismatch);
        }
    }

    pub(super) fn decline(&mut self, is_final: bool) {
        if self.intent == Intent::Open && self.order == OrderIs::Pending {
            let intent = text("pi_1");
            if is_final {
                self.intent = Intent::Void;
                self.inbox.push_back(SagaEvent::PaymentFailed { intent });
            } else {
                self.inbox.push_back(SagaEvent::PaymentDeclined { intent });
            }
        }
    }

    pub(super) fn cancel(&mut self) {
        if matches!(self.order, OrderIs::Created | OrderIs::Pending) {
            self.inbox.push_back(SagaEvent::CancelRequested);
        }
    }

    pub(super) fn ask_refund(&mut self) {
        if self.order == OrderIs::Paid && !self.refund_requested {
            self.refund_requested = true;
            self.inbox.push_back(SagaEvent::RefundRequested { refund_id: id(3) });
        }
    }

    // What operators do. Refusals are theirs to read.

    pub(super) fn retry(&mut self) {
        let _ = self.saga.retry(operator(), self.now);
        self.after_operator();
    }

    pub(super) fn force(&mut self) {
        let _ = self.saga.force_compensation(operator(), self.now);
        self.after_operator();
    }

    /// Does by hand what keeps failing, as far as it can be done, and says so.
    pub(super) fn resolve(&mut self) {
        for step in self.saga.data().resolvable() {
            match step {
                SagaStep::Enroll { line } => {
                    self.enrolled.insert(line);
                }
                SagaStep::CancelEnrollment { line } => {
                    self.enrolled.remove(&line);
                }
                // A captured intent cannot be voided: who looks sees that, and retries.
                SagaStep::VoidIntent if matches!(self.intent, Intent::Captured | Intent::Strayed) => continue,
                SagaStep::VoidIntent => self.intent = Intent::Void,
                _ => {}
            }
            let evidence = "transfer 17 of 20 April".to_owned();
            assert_eq!(self.saga.resolve(step, operator(), evidence, self.now), Ok(Outcome::Applied));
        }
        self.after_operator();
    }

    fn after_operator(&mut self) {
        self.saga.check_invariants().unwrap();
        self.collect();
    }

    /// What must be true when the saga is over.
    pub(super) fn check_end(&self) {
        let data = self.saga.data();
        let lines: BTreeSet<OrderLineId> = LINES.iter().map(|number| id(*number)).collect();
        match data.state {
            SagaState::Fulfilled => {
                assert_eq!(self.order, OrderIs::Fulfilled);
                assert_eq!(self.active, lines);
                assert_eq!(self.enrolled, BTreeSet::from([line(0)]));
                assert!(!self.refunded);
                assert!(data.free || self.intent == Intent::Captured);
            }
            SagaState::Failed => {
                let refund = data.compensation_reason == Some(CompensationReason::BuyerRefund);
                assert_eq!(self.order, if refund { OrderIs::Refunded } else { OrderIs::Failed });
                assert!(self.active.is_empty(), "no licence is left");
                assert!(self.enrolled.is_empty(), "nobody stays enrolled");
                assert_eq!(self.refunded, self.intent == Intent::Captured, "all money is back, once");
                assert_ne!(self.intent, Intent::Open, "nobody can pay any more");
                // A refund keeps confirmed coupons; should the confirmation be lost, the sweeper releases (R53).
                let kept = refund && data.record(SagaStep::ConfirmCoupons).is_some();
                assert!(kept || self.coupons == Coupons::Free);
            }
            _ => panic!("not over: {data:?}"),
        }
    }
}

/// What the people of a path do now.
fn act(path: Path, world: &mut World, done: &mut bool) {
    let state = world.saga.data().state;
    let payable = world.order == OrderIs::Pending;
    let voiding = world.queue.front() == Some(&SagaCommand::VoidIntent);
    let before = (world.inbox.len(), *done);
    match path {
        Path::Pays | Path::EnrollmentFails if payable && !*done => world.pay(),
        Path::PaysAtTheTimeout | Path::CancelsAndPays if voiding && payable => world.pay(),
        Path::Cancels | Path::CancelsAndPays if payable && !*done => world.cancel(),
        Path::CancelsAtOnce | Path::CancelsFree if !*done => world.cancel(),
        Path::IsDeclined if payable && !*done => {
            world.decline(false);
            world.decline(true);
        }
        Path::PaysWrong if payable && !*done => world.pay_wrong(),
        Path::RefundsWhileLicensing | Path::RefundsWhileEnrolling if payable => world.pay(),
        Path::RefundsWhileLicensing if state == SagaState::Licensing => world.ask_refund(),
        Path::RefundsWhileEnrolling if state == SagaState::Enrolling => world.ask_refund(),
        _ => {}
    }
    *done |= world.inbox.len() > before.0;
}

/// What a path's services answer instead of working.
fn answer(path: Path, command: &SagaCommand) -> Option<SagaEvent> {
    match (path, command) {
        (Path::CouponGone, SagaCommand::ReserveCoupons { .. }) => {
            Some(SagaEvent::CouponReservationFailed { code: "coupon.exhausted".to_owned() })
        }
        (Path::IsRefused, SagaCommand::RequestPayment) => {
            Some(SagaEvent::PaymentRejected { code: "billing.refused".to_owned() })
        }
        (Path::EnrollmentFails, SagaCommand::Enroll { .. }) => Some(failure(command, false)),
        _ => None,
    }
}

/// Drives one purchase to its end, with a fault at the first command of the given name.
pub(super) fn run(path: Path, fault: Option<(&str, Fault)>) -> World {
    let mut world = World::new(path.is_free());
    let mut done = false;
    let mut hits: BTreeMap<SagaStep, u32> = BTreeMap::new();
    for _ in 0..2_000 {
        if world.saga.data().state.is_terminal() && world.queue.is_empty() && world.inbox.is_empty() {
            return world;
        }
        act(path, &mut world, &mut done);
        if matches!(fault, Some((_, Fault::ByHand))) && world.saga.data().needs_attention {
            world.resolve();
        }
        if let Some(command) = world.queue.pop_front() {
            let fault = fault.filter(|(at, _)| *at == name(&command)).map(|(_, fault)| fault);
            let hit = hits.entry(step_of(&command)).or_default();
            *hit += 1;
            let first = *hit == 1;
            match fault {
                Some(Fault::Final) if first => {
                    world.inbox.push_back(failure(&command, false));
                    world.undelivered(command);
                }
                Some(Fault::Before(times)) if *hit <= times => {
                    world.inbox.push_back(failure(&command, true));
                    world.undelivered(command);
                }
                Some(Fault::ByHand) => world.inbox.push_back(failure(&command, true)),
                Some(Fault::Lost) if first => world.undelivered(command),
                fault => {
                    if fault == Some(Fault::Twice) {
                        let again = answer(path, &command).or_else(|| world.execute(&command));
                        world.inbox.extend(again);
                    }
                    let result = answer(path, &command).or_else(|| world.execute(&command));
                    if fault == Some(Fault::ToldTwice) {
                        world.inbox.extend(result.clone());
                    }
                    let lie = fault == Some(Fault::After) && first;
                    world.inbox.extend(if lie { Some(failure(&command, true)) } else { result });
                }
            }
        } else if let Some(event) = world.inbox.pop_front() {
            world.tell(&event);
        } else {
            world.wake();
        }
    }
    panic!("{path:?} {fault:?} does not end: {:?}", world.saga.data());
}
