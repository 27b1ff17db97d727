//! One seed from its first commit to rest.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use sarai_application::audit::Auditor;
use sarai_domain::kernel::{Money, OrderId, OrderLineId, Timestamp};
use sarai_ports::{
    StoreError,
    events::{Backlog, Delivery, Partitions, Wanted},
    inbound::{InboundEvent, InboundRecord, Source},
    system::{Clock, DueWork},
};
use time::Duration;

use super::{
    billing::Billing,
    buyers::Script,
    checks::{Breach, Checks},
    enrollment::Enrollment,
    executor::{Progress, Stop, Task, finish, turn},
    faults::{Dice, Fault, Weather},
    process::{Lane, Process, Services},
    report::{Failure, SeedReport},
    shop::Shop,
    store::{World, Written},
    trace::Trace,
};
use crate::{SuitePorts, simulate::Config};

/// Processes over one store.
const PROCESSES: usize = 2;
/// Deliveries one process handles side by side.
const SIDE_BY_SIDE: usize = 6;
/// How long the outbox leaves a delivery to who committed it.
const CLAIM: Duration = Duration::seconds(15);
/// A purchase that takes more turns than this on average makes no progress.
const TURNS_PER_PURCHASE: u64 = 3_000;
/// Every saga is over this long after the faults end: half an hour to pay, and the longest pause between two
/// tries (ruling R50).
const LIVENESS: Duration = Duration::minutes(31 + 14);

/// What scripts see of a run.
pub(super) struct Stage {
    pub(super) world: Arc<World>,
    pub(super) suite: SuitePorts,
    pub(super) shop: Shop,
    /// How many virtual seconds a buyer may wait before returning something.
    pub(super) patience: u64,
    processes: Mutex<Vec<Arc<Process>>>,
    told: Mutex<Vec<(Duration, InboundEvent)>>,
    breaches: Mutex<Vec<(String, Option<OrderId>)>>,
    renewals: Mutex<Vec<(OrderLineId, u32, Money)>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    /// A process that takes a request.
    pub(super) fn some_process(&self) -> Arc<Process> {
        let processes = locked(&self.processes);
        Arc::clone(&processes[self.world.weather.dice().index(processes.len())])
    }

    /// Another service will tell this, after a while.
    pub(super) fn tell(&self, after: Duration, event: InboundEvent) {
        locked(&self.told).push((after, event));
    }

    /// Something a client saw that cannot be.
    pub(super) fn breach(&self, detail: String, order: Option<OrderId>) {
        locked(&self.breaches).push((detail, order));
    }

    /// Billing has renewed a subscription.
    pub(super) fn renewed(&self, line: OrderLineId, period: u32, amount: Money) {
        locked(&self.renewals).push((line, period, amount));
    }
}

enum Kind {
    /// A buyer, or another person.
    Script,
    /// A delivery at the head of its lane.
    Delivery(Lane),
    /// A second copy of one.
    Copy,
    /// A callback.
    Callback(InboundRecord),
    /// The scheduler, or a look at the outbox.
    Worker,
}

enum Ended {
    Quietly,
    /// Why it failed, if it did.
    Delivered(Option<String>),
    Told(Result<(), StoreError>),
    Claimed(Vec<Delivery>),
}

struct Job {
    kind: Kind,
    /// Whose process dies with it; scripts outlive processes.
    process: Option<(usize, u64)>,
    task: Task<Ended>,
}

/// What waits for its time.
enum Item {
    Job(Job),
    Callback(InboundRecord),
}

/// One seed under way.
struct Run<'a> {
    config: &'a Config,
    stage: Arc<Stage>,
    services: Services,
    checks: Checks,
    trace: Trace,
    jobs: Vec<Job>,
    agenda: BTreeMap<(Timestamp, u64), Item>,
    numbers: u64,
    /// Lanes with work and nobody at it, in the order in which they got it.
    ready: Vec<VecDeque<Lane>>,
    busy: Vec<BTreeSet<Lane>>,
    /// Lanes a process lost something of, until its claims have lapsed.
    lost: Vec<BTreeMap<Lane, Timestamp>>,
    /// The last fence a process was handed of each lane, as the relay remembers it.
    handed: Vec<BTreeMap<Lane, u64>>,
    scripts: u64,
    turns: u64,
    /// Lanes whose last delivery failed, and why.
    failing: BTreeMap<Lane, String>,
    scheduled: Option<Timestamp>,
    /// When the scheduler has something to do next, and whether deliveries wait, at the last look.
    due: Option<Timestamp>,
    waiting: bool,
    samples: Vec<(i64, [u32; 7])>,
    began: Timestamp,
    failure: Option<Breach>,
}

/// Runs one seed over fresh ports of an adapter.
pub(super) fn run(suite: SuitePorts, seed: u64, config: &Config, logged: bool) -> SeedReport {
    let started = Instant::now();
    let world = Arc::new(World::new(Weather::new(seed, config.faults), PROCESSES));
    let services = Services {
        billing: Arc::new(Billing::new(Arc::clone(&world))),
        enrollment: Arc::new(Enrollment::new(Arc::clone(&world))),
    };
    let processes: Vec<Arc<Process>> = (0..PROCESSES)
        .map(|number| Process::start(number, suite.another_process(), &world, &services))
        .collect();
    let began = suite.clock.now();
    let opened = finish(Shop::open(&processes[0]), &world.turns);
    let shop = match opened {
        Ok(shop) => shop,
        Err(error) => {
            let detail = format!("the shop does not open: {}: {}", error.code, error.message);
            return SeedReport::stillborn(seed, config.purchases, began, unexpected(detail));
        }
    };
    let patience = world.weather.dice().pick(&[60, 3_600, 86_400, 20 * 86_400]);
    let stage = Arc::new(Stage {
        world,
        suite,
        shop,
        patience,
        processes: Mutex::new(processes),
        told: Mutex::default(),
        breaches: Mutex::default(),
        renewals: Mutex::default(),
    });
    let mut run = Run {
        config,
        stage,
        services,
        checks: Checks::default(),
        trace: Trace::new(logged),
        jobs: Vec::new(),
        agenda: BTreeMap::new(),
        numbers: 0,
        ready: vec![VecDeque::new(); PROCESSES],
        busy: vec![BTreeSet::new(); PROCESSES],
        lost: vec![BTreeMap::new(); PROCESSES],
        handed: vec![BTreeMap::new(); PROCESSES],
        scripts: 0,
        turns: 0,
        failing: BTreeMap::new(),
        scheduled: None,
        due: None,
        waiting: false,
        samples: Vec::new(),
        began,
        failure: None,
    };
    run.observe();
    if run.failure.is_none() {
        run.play(seed);
    }
    run.report(seed, started)
}

fn unexpected(detail: String) -> Breach {
    Breach { rule: "expected answers".to_owned(), subject: "client".to_owned(), detail }
}

impl Run<'_> {
    fn now(&self) -> Timestamp {
        self.stage.suite.clock.now()
    }

    fn dice(&self) -> &Dice {
        self.stage.world.weather.dice()
    }

    fn process(&self, number: usize) -> Arc<Process> {
        Arc::clone(&locked(&self.stage.processes)[number])
    }

    /// Faults until the last buyer has come, then calm weather until everything is at rest, then the months
    /// until the last provider is paid.
    fn play(&mut self, seed: u64) {
        // Dice of their own: fewer purchases are the same purchases, until they end.
        let arrivals = Dice::new(seed, 2);
        let gap = arrivals.pick(&[200_u64, 2_000, 30_000, 600_000]);
        let mut arrives = self.now();
        for number in 0..self.config.purchases {
            let wait = i64::try_from(arrivals.below(gap * 2)).unwrap_or_default();
            arrives = arrives.plus(Duration::milliseconds(wait));
            let dice = Dice::new(seed, 1_000 + number);
            let script = Script { stage: Arc::clone(&self.stage), number, dice };
            let task: Task<Ended> = Box::pin(async move {
                script.run(arrives).await;
                Ended::Quietly
            });
            self.scripts += 1;
            self.at(arrives, Item::Job(Job { kind: Kind::Script, process: None, task }));
        }
        self.stage.world.weather.set_calm(false);
        let storm_ends = arrives.plus(Duration::minutes(20));
        self.until(Some(storm_ends));
        if self.failure.is_some() {
            return;
        }
        self.stage.world.weather.set_calm(true);
        self.checks.calm_since = Some(self.now());
        self.thaw();
        self.until(Some(self.now().plus(LIVENESS)));
        if self.failure.is_some() {
            return;
        }
        if let Err(found) = self.checks.all_sagas_over() {
            self.failure = Some(found);
            return;
        }
        self.until(None);
        self.rest();
    }

    /// Whatever was frozen goes on now, and callbacks that were held up are told.
    fn thaw(&mut self) {
        let now = self.now();
        for ((at, number), item) in std::mem::take(&mut self.agenda) {
            let soon = match &item {
                Item::Job(Job { kind: Kind::Script, .. }) => at,
                Item::Job(_) => now,
                Item::Callback(_) => at.min(now.plus(Duration::minutes(1))),
            };
            self.agenda.insert((soon, number), item);
        }
    }

    fn rest(&mut self) {
        if self.failure.is_some() {
            return;
        }
        let (suite, services) = (&self.stage.suite, &self.services);
        let now = self.now();
        let at_rest = self.checks.at_rest(suite, &services.billing, &services.enrollment, now);
        if let Err(found) = finish(at_rest, &self.stage.world.turns) {
            self.failure = Some(found);
            return;
        }
        if let Some(found) = self.audited() {
            self.failure = Some(found);
            return;
        }
        // A month ends, the last refund deadline passes, providers are paid.
        let paid_by = now.plus(Duration::days(130));
        self.until_due(paid_by);
        if self.failure.is_none() {
            let paid = self.checks.paid_out(&self.stage.suite, &self.services.billing, self.now());
            self.failure = finish(paid, &self.stage.world.turns).err();
        }
    }

    /// The product's own auditor over the whole store.
    fn audited(&self) -> Option<Breach> {
        let process = self.process(0);
        let auditor = Auditor::new(Arc::clone(&process.ports), Arc::clone(&self.stage.suite.inventory));
        let report = match finish(auditor.run(&|_| {}), &self.stage.world.turns) {
            Ok(report) => report,
            Err(error) => return Some(unexpected(format!("the audit fails: {}", error.message))),
        };
        let broken = report.checks.iter().find(|checked| checked.violations > 0)?;
        let offender = broken.offenders.first();
        Some(Breach {
            rule: broken.check.id.to_owned(),
            subject: offender.map(|offender| offender.id.clone()).unwrap_or_default(),
            detail: offender.map(|offender| offender.detail.clone()).unwrap_or_default(),
        })
    }

    fn at(&mut self, time: Timestamp, item: Item) {
        self.numbers += 1;
        self.agenda.insert((time, self.numbers), item);
    }

    /// Goes on until this time, or until nothing is left to do.
    fn until(&mut self, end: Option<Timestamp>) {
        let most = TURNS_PER_PURCHASE * self.config.purchases.max(50);
        while self.failure.is_none() {
            if self.turns > most {
                let detail = format!("{most} turns and no rest");
                self.failure =
                    Some(Breach { rule: "liveness".to_owned(), subject: "run".to_owned(), detail });
                return;
            }
            self.wake();
            self.hand_out();
            if !self.jobs.is_empty() {
                self.turn();
                continue;
            }
            let Some(next) = self.next_time(end.is_none()) else { return };
            if let Some(end) = end
                && next > end
            {
                self.stage.suite.clock.stand_at(end);
                return;
            }
            self.jump(next);
        }
    }

    /// Goes on from one due instant to the next.
    fn until_due(&mut self, end: Timestamp) {
        while self.failure.is_none() {
            self.until(None);
            let Some(next) = self.due_after(self.now()).filter(|next| *next <= end) else { return };
            self.stage.suite.clock.stand_at(next);
            self.spawn_scheduler();
        }
    }

    /// Takes from the agenda what is due.
    fn wake(&mut self) {
        let now = self.now();
        while let Some(entry) = self.agenda.first_entry()
            && entry.key().0 <= now
        {
            match entry.remove() {
                Item::Job(job) => {
                    let alive = |(process, incarnation)| self.stage.world.incarnation(process) == incarnation;
                    match job {
                        job if job.process.is_none_or(alive) => self.jobs.push(job),
                        // A sender without an answer sends again.
                        Job { kind: Kind::Callback(record), .. } => self.start_callback(record),
                        _ => {}
                    }
                }
                Item::Callback(record) => self.start_callback(record),
            }
        }
    }

    /// Gives lanes that nobody works on to their processes.
    fn hand_out(&mut self) {
        for number in 0..PROCESSES {
            while self.busy[number].len() < SIDE_BY_SIDE && !self.ready[number].is_empty() {
                let last = self.ready[number].len() - 1;
                let place = if last > 0 && self.stage.world.weather.strikes(Fault::Reordered) {
                    1 + self.dice().index(last)
                } else {
                    0
                };
                let Some(lane) = self.ready[number].remove(place) else { break };
                self.start_lane(number, lane);
            }
        }
    }

    fn start_lane(&mut self, number: usize, lane: Lane) {
        let process = self.process(number);
        let head = locked(&process.lanes).get(&lane).and_then(VecDeque::front).cloned();
        let Some(delivery) = head else { return };
        self.busy[number].insert(lane.clone());
        if self.stage.world.weather.strikes(Fault::Duplicated) {
            self.start_delivery(&process, delivery.clone(), Kind::Copy);
        }
        self.start_delivery(&process, delivery, Kind::Delivery(lane));
    }

    fn start_delivery(&mut self, process: &Arc<Process>, delivery: Delivery, kind: Kind) {
        let Some(consumer) = process.consumers.get(delivery.consumer).cloned() else { return };
        let outbox = Arc::clone(&process.ports.outbox);
        let task: Task<Ended> = Box::pin(async move {
            let result = consumer.handle(&delivery.event).await;
            let why = result.as_ref().err().map(|error| error.reason.clone());
            // What is not settled lapses, and is delivered again.
            let _ = match result {
                Ok(()) => outbox.done(std::slice::from_ref(&delivery)).await,
                Err(error) => outbox.failed(&delivery, &error.reason).await.map(drop),
            };
            Ended::Delivered(why)
        });
        let process = Some((process.number, process.incarnation));
        self.jobs.push(Job { kind, process, task });
    }

    fn start_callback(&mut self, record: InboundRecord) {
        self.services.billing.telling(&record.event);
        let process = self.stage.some_process();
        let (number, incarnation) = (process.number, process.incarnation);
        let told = record.clone();
        let task: Task<Ended> = Box::pin(async move {
            let receive: &dyn sarai_ports::inbound::InboundSink = &process.inbound;
            Ended::Told(receive.receive(told).await)
        });
        self.jobs.push(Job { kind: Kind::Callback(record), process: Some((number, incarnation)), task });
    }

    fn spawn_scheduler(&mut self) {
        self.scheduled = Some(self.now());
        let process = self.stage.some_process();
        let (number, incarnation) = (process.number, process.incarnation);
        let task: Task<Ended> = Box::pin(async move {
            let _ = process.scheduler.run_due().await;
            Ended::Quietly
        });
        self.jobs.push(Job { kind: Kind::Worker, process: Some((number, incarnation)), task });
    }

    fn spawn_poll(&mut self) {
        let process = self.stage.some_process();
        let (number, incarnation) = (process.number, process.incarnation);
        let task: Task<Ended> = Box::pin(async move {
            let consumers: Vec<_> = process.consumers.keys().copied().collect();
            let wanted = Wanted {
                consumers: &consumers,
                partitions: Partitions::ALL,
                limit: 64,
                run: 1,
                lease: std::time::Duration::from_secs(15),
            };
            Ended::Claimed(process.ports.outbox.claim_due(&wanted).await.unwrap_or_default())
        });
        self.jobs.push(Job { kind: Kind::Worker, process: Some((number, incarnation)), task });
    }

    /// When something happens next; none: never.
    fn next_time(&mut self, to_rest: bool) -> Option<Timestamp> {
        let now = self.now();
        let agenda = self.agenda.keys().next().map(|(at, _)| *at);
        let Backlog { open, dead_letters } = self.backlog();
        // A dead letter waits for a person: this is as much rest as there will be.
        if to_rest && dead_letters > 0 && agenda.is_none() {
            return None;
        }
        let open = open > dead_letters;
        let sagas = self.checks.open_sagas() > 0;
        if to_rest && agenda.is_none() && !open && !sagas {
            return None;
        }
        let poll = open.then(|| now.plus(Duration::seconds(1)));
        self.due = self.due_after(now);
        self.waiting = open;
        let due = self.due.filter(|_| sagas || !to_rest);
        let overdue = (sagas && agenda.is_none() && due.is_none()).then(|| now.plus(Duration::seconds(10)));
        [agenda, poll, due, overdue].into_iter().flatten().min()
    }

    fn backlog(&self) -> Backlog {
        finish(self.stage.suite.outbox.backlog(), &self.stage.world.turns).unwrap_or_default()
    }

    fn due_after(&self, after: Timestamp) -> Option<Timestamp> {
        let suite = &self.stage.suite;
        let times = async {
            [
                suite.sagas.next_due(after).await,
                suite.licenses.next_expiry(after).await,
                suite.quotes.next_expiry(after).await,
                suite.coupons.next_lapse(after).await,
                suite.earnings.next_close(after).await,
            ]
        };
        let times = finish(times, &self.stage.world.turns);
        times.into_iter().filter_map(Result::ok).flatten().min()
    }

    fn jump(&mut self, next: Timestamp) {
        let now = self.now();
        let due = self.due;
        if next > now {
            self.stage.suite.clock.stand_at(next);
            let second = next.since(self.began).whole_seconds();
            if self.samples.last().is_none_or(|(last, _)| *last < second) {
                self.samples.push((second, self.checks.states()));
            }
        }
        let idle = self.scheduled.is_none_or(|last| next.since(last) >= Duration::seconds(10));
        if idle || due.is_some_and(|due| due <= next) {
            self.spawn_scheduler();
        }
        if self.waiting {
            self.spawn_poll();
        }
    }

    /// One task goes on, whichever the dice say.
    fn turn(&mut self) {
        self.turns += 1;
        if !self.stage.world.weather.is_calm() && self.dice().chance(200) {
            self.stage.suite.clock.advance(std::time::Duration::from_millis(self.dice().below(400)));
        }
        let place = self.dice().index(self.jobs.len());
        let progress = turn(&mut self.jobs[place].task, &self.stage.world.turns);
        match progress {
            Progress::Stopped(Stop::Paused) => {
                if !matches!(self.jobs[place].kind, Kind::Script)
                    && self.stage.world.weather.strikes(Fault::Frozen)
                {
                    let job = self.jobs.swap_remove(place);
                    let until = self.now().plus(self.frozen_for());
                    self.at(until, Item::Job(job));
                }
            }
            Progress::Stopped(Stop::Asleep(until)) => {
                let job = self.jobs.swap_remove(place);
                self.at(until, Item::Job(job));
            }
            Progress::Done(ended) => {
                let job = self.jobs.swap_remove(place);
                self.ended(job, ended);
            }
        }
        self.observe();
    }

    /// Up to 48 hours, mostly short.
    fn frozen_for(&self) -> Duration {
        let most = self.dice().pick(&[2_u64, 20, 300, 3_600, 48 * 3_600]);
        Duration::milliseconds(i64::try_from(self.dice().below(most * 1_000)).unwrap_or_default())
    }

    fn ended(&mut self, job: Job, ended: Ended) {
        match (job.kind, ended) {
            (Kind::Delivery(lane), Ended::Delivered(why)) => {
                let Some((number, _)) = job.process else { return };
                let process = self.process(number);
                self.busy[number].remove(&lane);
                let mut lanes = locked(&process.lanes);
                let Some(queue) = lanes.get_mut(&lane) else { return };
                queue.pop_front();
                // Behind a failure nothing of its lane goes on; the claims lapse.
                if why.is_some() || queue.is_empty() {
                    lanes.remove(&lane);
                } else {
                    self.ready[number].push_back(lane.clone());
                }
                match why {
                    Some(why) => {
                        let until = self.stage.suite.clock.now().plus(CLAIM);
                        self.lost[number].insert(lane.clone(), until);
                        self.failing.insert(lane, why)
                    }
                    None => self.failing.remove(&lane),
                };
            }
            (Kind::Callback(record), Ended::Told(Err(_))) => {
                let again =
                    self.now().plus(Duration::seconds(5 + i64::try_from(self.dice().below(60)).unwrap_or(0)));
                self.at(again, Item::Callback(record));
            }
            (Kind::Script, _) => self.scripts -= 1,
            (Kind::Worker, Ended::Claimed(deliveries)) => {
                if let Some((number, _)) = job.process {
                    self.enqueue(number, deliveries);
                }
            }
            _ => {}
        }
    }

    fn enqueue(&mut self, number: usize, deliveries: Vec<Delivery>) {
        let process = self.process(number);
        for delivery in deliveries {
            let lane = (delivery.consumer, delivery.event.subject.clone());
            self.handed[number].insert(lane.clone(), delivery.fence);
            let mut lanes = locked(&process.lanes);
            let queue = lanes.entry(lane.clone()).or_default();
            queue.push_back(delivery);
            if queue.len() == 1 && !self.busy[number].contains(&lane) {
                self.ready[number].push_back(lane);
            }
        }
    }

    /// Takes up what the last turn left: deaths, commits, deliveries, callbacks.
    fn observe(&mut self) {
        for number in self.stage.world.take_crashed() {
            self.bury(number);
        }
        for number in 0..PROCESSES {
            let arrived = self.process(number).take_arrived();
            self.receive(number, arrived);
        }
        let mut told = self.services.billing.take_callbacks();
        told.append(&mut locked(&self.stage.told));
        for (after, event) in told {
            self.schedule_callback(after, event);
        }
        let renewals = std::mem::take(&mut *locked(&self.stage.renewals));
        for (line, period, amount) in renewals {
            self.checks.expect_renewal(line, period, amount);
        }
        let batch = self.stage.world.take_written();
        for (place, written) in batch.iter().enumerate() {
            let last = batch[place + 1..].iter().all(|later| later.id != written.id);
            self.check(written, last);
        }
        let breaches = std::mem::take(&mut *locked(&self.stage.breaches));
        let asked = self.services.billing.take_breaches().into_iter().map(|detail| (detail, None));
        for (detail, order) in breaches.into_iter().chain(asked) {
            let subject = order.map_or_else(|| "client".to_owned(), |order| order.to_string());
            let rule = detail.split(':').next().filter(|rule| rule.contains("INV") || *rule == "tenancy");
            let rule = rule.unwrap_or("expected answers").to_owned();
            self.failure.get_or_insert(Breach { rule, subject, detail });
        }
    }

    /// A process that loses a delivery has lost its lane: nothing of it may overtake what was lost.
    fn receive(&mut self, number: usize, arrived: Vec<Delivery>) {
        let now = self.now();
        let mut kept = Vec::new();
        for delivery in arrived {
            let lane = (delivery.consumer, delivery.event.subject.clone());
            let lost = &mut self.lost[number];
            lost.retain(|_, until| *until > now);
            let handed = self.handed[number].get(&lane).copied();
            let follows = delivery.after.is_none_or(|before| handed.is_some_and(|fence| fence >= before));
            if follows && !lost.contains_key(&lane) && !self.stage.world.weather.strikes(Fault::Dropped) {
                self.handed[number].insert(lane, delivery.fence);
                kept.push(delivery);
            } else {
                lost.insert(lane, now.plus(CLAIM));
            }
        }
        self.enqueue(number, kept);
    }

    fn schedule_callback(&mut self, after: Duration, event: InboundEvent) {
        self.numbers += 1;
        let source = match &event {
            InboundEvent::KycVerified { .. } | InboundEvent::KycRevoked { .. } => Source::Tenant,
            _ => Source::Billing,
        };
        let record = InboundRecord { id: format!("msg_{}", self.numbers), source, event };
        let weather = &self.stage.world.weather;
        let delayed = weather.strikes(Fault::CallbackDelayed);
        let twice = weather.strikes(Fault::CallbackDuplicated);
        let late = if delayed { self.frozen_for() } else { Duration::ZERO };
        let at = self.now().plus(after + late);
        if twice {
            let again = at.plus(self.frozen_for());
            self.at(again, Item::Callback(record.clone()));
        }
        self.at(at, Item::Callback(record));
    }

    /// A process died: what it had in hand is gone, and another takes its place.
    fn bury(&mut self, number: usize) {
        let alive = |job: &Job| {
            job.process.is_none_or(|(process, incarnation)| {
                process != number || self.stage.world.incarnation(number) == incarnation
            })
        };
        let mut lost = Vec::new();
        let mut left = Vec::new();
        for job in std::mem::take(&mut self.jobs) {
            if alive(&job) {
                left.push(job);
            } else {
                lost.push(job);
            }
        }
        self.jobs = left;
        self.ready[number].clear();
        self.busy[number].clear();
        self.lost[number].clear();
        self.handed[number].clear();
        let process =
            Process::start(number, self.stage.suite.another_process(), &self.stage.world, &self.services);
        locked(&self.stage.processes)[number] = process;
        // A sender without an answer sends again.
        for job in lost {
            if let Kind::Callback(record) = job.kind {
                let again = self.now().plus(Duration::seconds(30));
                self.at(again, Item::Callback(record));
            }
        }
    }

    /// Checks a commit; the stored state is that of the last one of its aggregate.
    fn check(&mut self, written: &Written, last: bool) {
        self.trace.write(self.turns, self.stage.suite.clock.now(), written);
        let checked =
            finish(self.checks.commit(&self.stage.suite, written, last, self.now()), &self.stage.world.turns);
        if let Err(found) = checked {
            self.failure.get_or_insert(found);
        }
    }

    fn report(self, seed: u64, started: Instant) -> SeedReport {
        let now = self.now();
        let (hash, log) = self.trace.end();
        SeedReport {
            seed,
            purchases: self.config.purchases,
            orders: self.checks.placed() as u64,
            statuses: self.checks.statuses(),
            events: self.checks.events,
            commits: self.checks.counts.values().sum(),
            checked: self.checks.counts,
            turns: self.turns,
            virtual_seconds: now.since(self.began).whole_seconds(),
            faults: self.stage.world.weather.counts(),
            trace: hash,
            latencies_ms: self.checks.latencies,
            states: self.samples,
            wall: started.elapsed(),
            failure: self.failure.map(|mut breach| {
                if breach.rule == "liveness" && !self.failing.is_empty() {
                    breach.detail = format!("{}; failing: {:?}", breach.detail, self.failing);
                }
                Failure { breach, turn: self.turns, at: now, log, prefix: None }
            }),
        }
    }
}
