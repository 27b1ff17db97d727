//! Random lists of operations over an adapter and over a small reference model: both must say the same.

use std::collections::BTreeMap;

use proptest::{prelude::*, test_runner::TestCaseError};
use sarai_domain::{
    kernel::{Aggregate, CouponId, LicenseId, OrderId, Outcome},
    marketplace::{
        coupon::{Coupon, CouponError, NewCoupon},
        license::{License, LicenseError, RevokeReason},
        order::Order,
        values::Owner,
    },
};
use sarai_ports::{PageRequest, Saved, Scope, StoreError, UniqueKey, marketplace::ReserveError};

use crate::{
    Harness, SuitePorts,
    harness::to_alpha,
    make,
    seed::{Seed, setting},
    subject::{Orders, Subject},
};

/// One thing to do. Small numbers name coupons, orders, users, seats and loaded copies.
#[derive(Debug, Clone)]
enum Op {
    /// Creates a coupon under a code.
    NewCoupon {
        code: u8,
        cap: Option<u32>,
        per_user: Option<u32>,
    },
    Reserve {
        coupon: usize,
        order: usize,
        user: u8,
    },
    Confirm {
        coupon: usize,
        order: usize,
    },
    Release {
        coupon: usize,
        order: usize,
    },
    Stop {
        coupon: usize,
    },
    /// Keeps a copy of the order in a slot.
    Load {
        slot: usize,
    },
    /// Changes and saves the copy of a slot, which may be stale.
    SaveCopy {
        slot: usize,
    },
    /// The same for a tenant whose order it is not.
    SaveAsStranger {
        slot: usize,
    },
    /// Saves the effect of a message on the order.
    Consume {
        message: u8,
    },
    Assign {
        user: u8,
    },
    Unassign {
        user: u8,
    },
    Revoke,
    Page {
        limit: usize,
    },
}

fn op() -> impl Strategy<Value = Op> {
    let (coupon, order, user, slot) = (0..4_usize, 0..6_usize, 0..3_u8, 0..3_usize);
    let cap = || proptest::option::of(1..4_u32);
    prop_oneof![
        2 => (0..4_u8, cap(), cap()).prop_map(|(code, cap, per_user)| Op::NewCoupon { code, cap, per_user }),
        6 => (coupon.clone(), order.clone(), user.clone())
            .prop_map(|(coupon, order, user)| Op::Reserve { coupon, order, user }),
        2 => (coupon.clone(), order.clone()).prop_map(|(coupon, order)| Op::Confirm { coupon, order }),
        3 => (coupon.clone(), order).prop_map(|(coupon, order)| Op::Release { coupon, order }),
        1 => coupon.prop_map(|coupon| Op::Stop { coupon }),
        3 => slot.clone().prop_map(|slot| Op::Load { slot }),
        4 => slot.clone().prop_map(|slot| Op::SaveCopy { slot }),
        1 => slot.prop_map(|slot| Op::SaveAsStranger { slot }),
        2 => (0..4_u8).prop_map(|message| Op::Consume { message }),
        5 => (0..5_u8).prop_map(|user| Op::Assign { user }),
        3 => (0..5_u8).prop_map(|user| Op::Unassign { user }),
        1 => Just(Op::Revoke),
        1 => (1..4_usize).prop_map(|limit| Op::Page { limit }),
    ]
}

/// What an operation is seen to do.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    Written,
    Already,
    Refused(&'static str),
    /// There is nothing to do it to.
    Skipped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Reserved,
    Confirmed,
    Released,
}

/// A coupon, as the model knows it.
#[derive(Debug, Default)]
struct ModelCoupon {
    cap: Option<u32>,
    per_user: Option<u32>,
    stopped: bool,
    count: u32,
    /// By order: the use, whose it is, and whether it went beyond a cap.
    uses: BTreeMap<usize, (Use, u8, bool)>,
}

impl ModelCoupon {
    fn holds(&self, user: u8) -> u32 {
        let held = self.uses.values().filter(|(status, whose, _)| *whose == user && *status != Use::Released);
        u32::try_from(held.count()).expect("few")
    }

    fn room(&self, user: u8) -> Option<&'static str> {
        if self.cap.is_some_and(|cap| self.count >= cap) {
            Some("exhausted")
        } else if self.per_user.is_some_and(|cap| self.holds(user) >= cap) {
            Some("user cap")
        } else {
            None
        }
    }

    fn reserve(&mut self, order: usize, user: u8) -> Seen {
        if self.uses.get(&order).is_some_and(|(status, ..)| *status != Use::Released) {
            return Seen::Already;
        }
        if self.stopped {
            return Seen::Refused("inactive");
        }
        if let Some(why) = self.room(user) {
            return Seen::Refused(why);
        }
        self.count += 1;
        self.uses.insert(order, (Use::Reserved, user, false));
        Seen::Written
    }

    fn confirm(&mut self, order: usize) -> Seen {
        match self.uses.get(&order).copied() {
            None => Seen::Refused("not reserved"),
            Some((Use::Confirmed, ..)) => Seen::Already,
            Some((Use::Reserved, user, over)) => {
                self.uses.insert(order, (Use::Confirmed, user, over));
                Seen::Written
            }
            Some((Use::Released, user, _)) => {
                let over = self.room(user).is_some();
                self.count += u32::from(!over);
                self.uses.insert(order, (Use::Confirmed, user, over));
                Seen::Written
            }
        }
    }

    fn release(&mut self, order: usize) -> Seen {
        match self.uses.get(&order).copied() {
            None | Some((Use::Released, ..)) => Seen::Already,
            Some((_, user, over)) => {
                self.count -= u32::from(!over);
                self.uses.insert(order, (Use::Released, user, over));
                Seen::Written
            }
        }
    }
}

const SEATS: usize = 3;

/// The whole model.
#[derive(Debug, Default)]
struct Model {
    coupons: Vec<(u8, ModelCoupon)>,
    order_version: u64,
    copies: BTreeMap<usize, u64>,
    consumed: Vec<u8>,
    seated: Vec<u8>,
    revoked: bool,
    /// Saves that wrote, and deliveries that they left.
    saves: usize,
    deliveries: usize,
}

/// The same over an adapter.
struct World<'a> {
    ports: &'a SuitePorts,
    coupons: Vec<CouponId>,
    orders: Vec<OrderId>,
    order: OrderId,
    copies: BTreeMap<usize, Order>,
    license: LicenseId,
}

fn seen(saved: Result<Saved, StoreError>) -> Seen {
    match saved {
        Ok(Saved::Committed(_)) => Seen::Written,
        Ok(Saved::AlreadyConsumed) => Seen::Already,
        Err(StoreError::Conflict { .. }) => Seen::Refused("conflict"),
        Err(StoreError::NotFound) => Seen::Refused("not found"),
        Err(StoreError::Taken(UniqueKey::CouponCode)) => Seen::Refused("taken"),
        Err(error) => panic!("{error}"),
    }
}

impl Model {
    fn run(&mut self, op: &Op) -> Seen {
        let seen = self.decide(op);
        if seen == Seen::Written {
            self.saves += 1;
            self.deliveries += 1;
        }
        seen
    }

    fn decide(&mut self, op: &Op) -> Seen {
        match *op {
            Op::NewCoupon { code, cap, per_user } => {
                if self.coupons.len() == 4 {
                    return Seen::Skipped;
                }
                if self.coupons.iter().any(|(known, _)| *known == code) {
                    return Seen::Refused("taken");
                }
                self.coupons.push((code, ModelCoupon { cap, per_user, ..ModelCoupon::default() }));
                Seen::Written
            }
            Op::Reserve { coupon, order, user } => self.on_coupon(coupon, |it| it.reserve(order, user)),
            Op::Confirm { coupon, order } => self.on_coupon(coupon, |it| it.confirm(order)),
            Op::Release { coupon, order } => self.on_coupon(coupon, |it| it.release(order)),
            Op::Stop { coupon } => self.on_coupon(coupon, |it| {
                if std::mem::replace(&mut it.stopped, true) { Seen::Already } else { Seen::Written }
            }),
            Op::Load { slot } => {
                self.copies.insert(slot, self.order_version);
                Seen::Skipped
            }
            Op::SaveCopy { slot } => match self.copies.remove(&slot) {
                None => Seen::Skipped,
                Some(version) if version != self.order_version => Seen::Refused("conflict"),
                Some(_) => {
                    self.order_version += 1;
                    Seen::Written
                }
            },
            Op::SaveAsStranger { slot } => match self.copies.remove(&slot) {
                None => Seen::Skipped,
                Some(_) => Seen::Refused("not found"),
            },
            Op::Consume { message } => {
                if self.consumed.contains(&message) {
                    return Seen::Already;
                }
                self.consumed.push(message);
                self.order_version += 1;
                Seen::Written
            }
            Op::Assign { user } => {
                if self.seated.contains(&user) {
                    Seen::Already
                } else if self.revoked {
                    Seen::Refused("not active")
                } else if self.seated.len() == SEATS {
                    Seen::Refused("no seats")
                } else {
                    self.seated.push(user);
                    Seen::Written
                }
            }
            Op::Unassign { user } => match self.seated.iter().position(|seated| *seated == user) {
                None => Seen::Skipped,
                Some(at) => {
                    self.seated.remove(at);
                    Seen::Written
                }
            },
            Op::Revoke => {
                self.seated.clear();
                if std::mem::replace(&mut self.revoked, true) { Seen::Already } else { Seen::Written }
            }
            Op::Page { .. } => Seen::Skipped,
        }
    }

    fn on_coupon(&mut self, coupon: usize, act: impl FnOnce(&mut ModelCoupon) -> Seen) -> Seen {
        self.coupons.get_mut(coupon).map_or(Seen::Skipped, |(_, coupon)| act(coupon))
    }
}

impl<'a> World<'a> {
    async fn new(ports: &'a SuitePorts) -> World<'a> {
        let order = ports.stored(&*ports.orders, make::order(ports, "acme", "ana")).await.id();
        let pack = make::pack(ports, "acme", u32::try_from(SEATS).expect("few"));
        let license = ports.stored(&*ports.licenses, pack).await.id();
        let orders = (0..6).map(|_| ports.id()).collect();
        World { ports, coupons: vec![], orders, order, copies: BTreeMap::new(), license }
    }

    async fn run(&mut self, op: &Op) -> Seen {
        let ports = self.ports;
        match *op {
            Op::NewCoupon { code, cap, per_user } => {
                if self.coupons.len() == 4 {
                    return Seen::Skipped;
                }
                let new = make::new_coupon(ports, Owner::Platform, &format!("CODE-{code}"));
                let new = NewCoupon { usage_cap: cap, per_user_cap: per_user, ..new };
                let coupon = Coupon::create(new, ports.now()).expect("a coupon");
                let id = coupon.id();
                let seen = seen(ports.save(&*ports.coupons, coupon).await);
                if seen == Seen::Written {
                    self.coupons.push(id);
                }
                seen
            }
            Op::Reserve { coupon, order, user } => self.reserve(coupon, order, user).await,
            Op::Confirm { coupon, order } => {
                let order = self.orders[order];
                self.settle(coupon, order, |it, ports| it.confirm(order, ports.now())).await
            }
            Op::Release { coupon, order } => {
                let order = self.orders[order];
                self.settle(coupon, order, |it, ports| it.release(order, ports.now())).await
            }
            Op::Stop { coupon } => self.settle(coupon, self.orders[0], |it, _| it.deactivate()).await,
            Op::Load { slot } => {
                let order = ports.load(&*ports.orders, &self.order).await;
                self.copies.insert(slot, order);
                Seen::Skipped
            }
            Op::SaveCopy { slot } => self.save_copy(slot, Scope::System).await,
            Op::SaveAsStranger { slot } => self.save_copy(slot, Scope::Tenant(make::tenant("globex"))).await,
            Op::Consume { message } => {
                let order = ports.load(&*ports.orders, &self.order).await;
                let context = ports.consuming("alpha", &format!("evt-{message}"));
                let unit = ports.unit(Orders::changed(&order, ports), context);
                seen(ports.orders.save(&Scope::System, unit).await)
            }
            Op::Assign { user } => self.assign(user).await,
            Op::Unassign { user } => self.unassign(user).await,
            Op::Revoke => {
                let mut license = ports.load(&*ports.licenses, &self.license).await;
                let none = std::collections::BTreeSet::new();
                match license.revoke(RevokeReason::Admin, &none, false, ports.now()) {
                    Ok(Outcome::AlreadyApplied) => Seen::Already,
                    Ok(Outcome::Applied) => self.save_license(license).await,
                    Err(error) => panic!("{error}"),
                }
            }
            Op::Page { limit } => {
                self.page(limit).await;
                Seen::Skipped
            }
        }
    }

    async fn reserve(&self, coupon: usize, order: usize, user: u8) -> Seen {
        let (ports, Some(coupon)) = (self.ports, self.coupons.get(coupon)) else { return Seen::Skipped };
        let hold = make::hold(ports, self.orders[order], &format!("user-{user}"));
        match ports
            .coupons
            .reserve(&Scope::System, *coupon, hold, ports.context(), &*ports.ids, to_alpha)
            .await
        {
            Ok(saved) => seen(Ok(saved)),
            Err(ReserveError::Store(error)) => seen(Err(error)),
            Err(ReserveError::Refused(CouponError::Exhausted)) => Seen::Refused("exhausted"),
            Err(ReserveError::Refused(CouponError::UserCapReached)) => Seen::Refused("user cap"),
            Err(ReserveError::Refused(CouponError::Inactive)) => Seen::Refused("inactive"),
            Err(ReserveError::Refused(error)) => panic!("{error}"),
        }
    }

    async fn settle(
        &self,
        coupon: usize,
        order: OrderId,
        command: impl FnOnce(&mut Coupon, &SuitePorts) -> Result<Outcome, CouponError>,
    ) -> Seen {
        let Some(id) = self.coupons.get(coupon) else { return Seen::Skipped };
        let ports = self.ports;
        // A confirmation that takes its use again counts the user's other uses, so all of them are loaded.
        let mut coupon = ports.load(&*ports.coupons, id).await;
        let alone =
            ports.coupons.find_for_order(&Scope::System, *id, order).await.expect("a store that answers");
        assert_eq!(coupon.redemption(order), alone.expect("the coupon").redemption(order));
        match command(&mut coupon, ports) {
            Ok(Outcome::AlreadyApplied) => Seen::Already,
            Ok(Outcome::Applied) => seen(ports.save(&*ports.coupons, coupon).await),
            Err(CouponError::NotReserved { .. }) => Seen::Refused("not reserved"),
            Err(error) => panic!("{error}"),
        }
    }

    async fn save_copy(&mut self, slot: usize, scope: Scope) -> Seen {
        let ports = self.ports;
        let Some(order) = self.copies.remove(&slot) else { return Seen::Skipped };
        let unit = ports.unit(Orders::changed(&order, ports), ports.context());
        seen(ports.orders.save(&scope, unit).await)
    }

    async fn assign(&self, user: u8) -> Seen {
        let (ports, user) = (self.ports, make::user(&format!("user-{user}")));
        let found = ports.licenses.find_for_user(&Scope::System, self.license, &user).await;
        let mut license = found.expect("a store that answers").expect("the licence");
        match license.assign_seat(ports.id(), user, ports.now()) {
            Ok(Outcome::AlreadyApplied) => Seen::Already,
            Ok(Outcome::Applied) => self.save_license(license).await,
            Err(LicenseError::NotActive { .. }) => Seen::Refused("not active"),
            Err(LicenseError::NoSeatsRemaining { .. }) => Seen::Refused("no seats"),
            Err(error) => panic!("{error}"),
        }
    }

    async fn unassign(&self, user: u8) -> Seen {
        let (ports, user) = (self.ports, make::user(&format!("user-{user}")));
        let license = ports.load(&*ports.licenses, &self.license).await;
        let Some(seat) = license.seat_of(&user).map(|seat| seat.id) else { return Seen::Skipped };
        let found = ports.licenses.find_for_seat(&Scope::System, self.license, seat).await;
        let mut license = found.expect("a store that answers").expect("the licence");
        make::applied(license.release_seat(seat, ports.now()));
        self.save_license(license).await
    }

    async fn save_license(&self, license: License) -> Seen {
        seen(self.ports.save(&*self.ports.licenses, license).await)
    }

    /// Every page of the platform's coupons, in order, is every coupon once.
    async fn page(&self, limit: usize) {
        let owner = sarai_ports::marketplace::platform();
        let mut request = PageRequest::first(limit);
        let mut found = Vec::new();
        loop {
            let page = self.ports.coupons.find_by_owner(&Scope::System, &owner, &request).await;
            let page = page.expect("a store that answers");
            found.extend(page.items.iter().map(Aggregate::id));
            match page.next {
                Some(cursor) => request = PageRequest { limit, cursor: Some(cursor) },
                None => break,
            }
        }
        found.reverse();
        assert_eq!(found, self.coupons);
    }

    /// What everybody can see afterwards is what the model says.
    async fn compare(&self, model: &Model) {
        let ports = self.ports;
        let order = ports.load(&*ports.orders, &self.order).await;
        assert_eq!(order.version(), model.order_version, "the order's version");
        let license = ports.load(&*ports.licenses, &self.license).await;
        assert_eq!(license.data().active_seats as usize, model.seated.len(), "the seats taken");
        for (id, (_, expected)) in self.coupons.iter().zip(&model.coupons) {
            let coupon = ports.load(&*ports.coupons, id).await;
            assert_eq!(coupon.data().usage_count, expected.count, "the coupon's uses");
        }
        assert_eq!(ports.traces().await, (model.deliveries, model.saves), "deliveries and audit rows");
    }
}

/// Runs a list over both, comparing after every step.
async fn agree(ports: &SuitePorts, ops: &[Op]) -> Result<(), TestCaseError> {
    let mut world = World::new(ports).await;
    let (deliveries, saves) = ports.traces().await;
    let mut model = Model { order_version: 1, deliveries, saves, ..Model::default() };
    for (step, op) in ops.iter().enumerate() {
        let (seen, expected) = (world.run(op).await, model.run(op));
        prop_assert_eq!(seen, expected, "step {} {:?}", step, op);
        world.compare(&model).await;
    }
    Ok(())
}

/// Random lists over fresh stores of an adapter: 200, or as many as `SARAI_MODEL_LISTS` says.
pub fn random_lists_agree<H: Harness>() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let lists = setting("SARAI_MODEL_LISTS", 200);
    for seed in Seed::all("model") {
        let run = seed.runner(lists).run(&proptest::collection::vec(op(), 1..60), |ops| {
            runtime.block_on(async { agree(&H::fresh().await, &ops).await })
        });
        if let Err(failure) = run {
            seed.remember();
            panic!("{failure}");
        }
    }
}
