//! One purchase with the domain crate alone: no database, no server, no clock.
//!
//! `cargo run -p sarai-domain --example embed`
//!
//! You bring four things: ids, the time, a store (here [`Table`]) and something that carries
//! out what the purchase saga asks for (here [`Shop::carry_out`]). Every rule comes from the crate.

#![allow(clippy::print_stdout, reason = "the story is what this example is for")]

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sarai_domain::{
    kernel::{
        Aggregate, Changes, Coded, Currency, Id, IdKind, LicenseId, Money, OrderId, Outcome, PaymentId, Row,
        SagaId, Timestamp,
    },
    marketplace::{
        coupon::{Coupon, NewCoupon, NewRedemption},
        earnings::{EarningsKey, EarningsLine, FeeOnRefund, ProviderEarnings, SoldLine},
        license::{License, LicenseTerms, NewLicense, Origin, RevokeReason},
        listing::{
            KycEvidence, Listing, ListingMarketing, NewListing, Offer, PlanTerms, ShippingEvidence,
            Visibility,
        },
        order::{NewOrder, Order, OrderLine, RefundRequest, RefundSource},
        saga::{LineTax, NewSaga, PurchaseSaga, SagaCommand, SagaEvent, SagaLine, SagaMessage},
        services::{
            entitlement::EntitlementPolicy,
            pricing::{Cart, CartLine, PricingCalculator},
            refund_eligibility::RefundEligibilityPolicy,
        },
        values::{Discount, Owner, PlanKind, RefundPolicy, SeatCount},
    },
};

type Failure = Box<dyn std::error::Error>;

/// What a store keeps of one aggregate: a document, the rows beside it, a version.
struct Kept<A: Aggregate> {
    data: A::Data,
    rows: BTreeMap<String, A::Row>,
    version: u64,
}

/// A store.
struct Table<A: Aggregate>(BTreeMap<A::Id, Kept<A>>);

impl<A: Aggregate> Table<A> {
    fn load(&self, id: &A::Id) -> Result<A, Failure> {
        let kept = self.0.get(id).ok_or("not found")?;
        Ok(A::rehydrate(kept.data.clone(), kept.rows.values().cloned().collect(), kept.version)?)
    }

    /// Takes the aggregate by value and gives its events. A real store writes all of it in one transaction.
    fn save(&mut self, aggregate: A) -> Result<Vec<A::Event>, Failure> {
        let Changes { id, expected_version, data, rows, events } = aggregate.into_changes();
        let before = self.0.get(&id);
        if before.map_or(0, |kept| kept.version) != expected_version {
            return Err("somebody saved in between: load again".into());
        }
        let mut kept = before.map_or_else(BTreeMap::new, |kept| kept.rows.clone());
        kept.extend(rows.into_iter().map(|row| (row.key(), row)));
        self.0.insert(id, Kept { data, rows: kept, version: expected_version + 1 });
        Ok(events)
    }

    /// How every command runs: load, one call of the domain, save.
    fn change<E: Into<Failure>>(
        &mut self,
        id: &A::Id,
        command: impl FnOnce(&mut A) -> Result<Outcome, E>,
    ) -> Result<Vec<A::Event>, Failure> {
        let mut aggregate = self.load(id)?;
        match command(&mut aggregate).map_err(Into::into)? {
            Outcome::Applied => self.save(aggregate),
            Outcome::AlreadyApplied => Ok(Vec::new()),
        }
    }
}

impl<A: Aggregate> Default for Table<A> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[derive(Default)]
struct Shop {
    ids: u128,
    listings: Table<Listing>,
    coupons: Table<Coupon>,
    orders: Table<Order>,
    sagas: Table<PurchaseSaga>,
    licenses: Table<License>,
    earnings: Table<ProviderEarnings>,
}

impl Shop {
    fn id<K: IdKind>(&mut self) -> Id<K> {
        self.ids += 1;
        Id::new(self.ids.into())
    }

    /// The saga's loop: tell it something, carry out what it commands, tell it the results.
    fn drive(&mut self, saga: SagaId, issued: Vec<SagaMessage>, now: Timestamp) -> Result<(), Failure> {
        let mut issued = VecDeque::from(issued);
        while let Some(message) = issued.pop_front() {
            let SagaMessage::CommandIssued { order_id, command, .. } = message else { continue };
            if let Some(result) = self.carry_out(order_id, command, now)? {
                issued.extend(self.sagas.change(&saga, |saga| saga.handle(&result, None, now))?);
            }
        }
        Ok(())
    }

    /// What the saga cannot do itself. In your system these are calls to billing and to your stores.
    fn carry_out(
        &mut self,
        id: OrderId,
        command: SagaCommand,
        now: Timestamp,
    ) -> Result<Option<SagaEvent>, Failure> {
        let order = self.orders.load(&id)?;
        Ok(match command {
            SagaCommand::ReserveCoupons { coupons } => {
                println!("  saga: hold the coupon");
                for discount in order.data().discounts.iter().filter(|used| coupons.contains(&used.coupon_id))
                {
                    let hold = NewRedemption {
                        id: self.id(),
                        order_id: id,
                        user_id: order.data().buyer_user_id.clone(),
                        amount: discount.amount,
                        expires_at: now.plus_days(1),
                    };
                    self.coupons.change(&discount.coupon_id, |coupon| coupon.reserve(hold, now))?;
                }
                Some(SagaEvent::CouponsReserved)
            }
            SagaCommand::RequestPayment => {
                println!("  saga: ask billing for the tax (19%) and a payment intent");
                let line_tax = |line: &OrderLine| {
                    Ok::<_, Failure>(LineTax { line: line.id, tax: line.net.basis_points(1_900)? })
                };
                let taxes = order.data().lines.iter().map(line_tax).collect::<Result<_, _>>()?;
                Some(SagaEvent::PaymentRequested { intent: "pi_1".parse()?, taxes })
            }
            SagaCommand::MarkPendingPayment { intent, taxes } => {
                let taxes: Vec<_> = taxes.iter().map(|tax| (tax.line, tax.tax)).collect();
                self.orders.change(&id, |order| order.request_payment(&taxes, Some(intent), now))?;
                Some(SagaEvent::PaymentPending)
            }
            SagaCommand::ConfirmCoupons { coupons } => {
                for coupon in coupons {
                    self.coupons.change(&coupon, |coupon| coupon.confirm(id, now))?;
                }
                Some(SagaEvent::CouponsConfirmed)
            }
            SagaCommand::GrantLicense { line } => {
                println!("  saga: grant the licence");
                let sold = order.data().lines.iter().find(|sold| sold.id == line).ok_or("no such line")?;
                let license = License::grant(
                    NewLicense {
                        id: self.id(),
                        tenant_id: order.data().buyer_tenant_id.clone(),
                        terms: LicenseTerms::of(&sold.offer, sold.quantity),
                        origin: Origin::Purchase {
                            order_id: id,
                            order_line_id: line,
                            period_index: 0,
                            refund_deadline: sold.refund_deadline,
                            learner: None,
                        },
                        anchor: now,
                    },
                    now,
                )?;
                let license_id = license.id();
                self.licenses.save(license)?;
                Some(SagaEvent::LicenseGranted { line, license_id })
            }
            SagaCommand::MarkFulfilled { licenses } => {
                let licenses: Vec<(_, LicenseId)> = licenses.into_iter().collect();
                self.orders.change(&id, |order| order.fulfill(&licenses, now))?;
                None
            }
            // Enrolling a personal licence's learner, free orders, polling, and the whole way back.
            other => return Err(format!("this story does not need {other:?}").into()),
        })
    }
}

fn main() -> Result<(), Failure> {
    let mut shop = Shop::default();
    let now: Timestamp = "2026-04-20T09:30:00Z".parse()?;
    let offer = shop.offer(now)?;
    let order = shop.buy(offer, now)?;
    shop.seat(order, now)?;
    let sale = shop.earn(order, now)?;
    shop.give_back(order, &sale, now.plus_days(7))
}

/// The story, a chapter each.
impl Shop {
    /// A provider writes a listing with one plan; a moderator approves the version they saw; it goes live.
    fn offer(&mut self, now: Timestamp) -> Result<Offer, Failure> {
        let new = NewListing {
            id: self.id(),
            provider_tenant_id: "studio".parse()?,
            course_id: "welding".parse()?,
            course_version_id: "welding-3".parse()?,
            visibility: Visibility::Public,
            marketing: ListingMarketing::try_new("Weld in a week", String::new(), None, vec![], None)?,
            refund_policy: RefundPolicy::try_new(14, None)?,
            revenue_share: None,
            category: None,
            tags: vec![],
        };
        let (id, plan) = (new.id, self.id());
        let price = Money::parse("49.00", Currency::parse("USD")?)?;
        let pack_of_two = PlanTerms::try_new(PlanKind::SeatPack, price, None, Some(2), None, false, true)?;
        self.listings.save(Listing::create(new, now)?)?;
        self.listings.change(&id, |listing| listing.add_plan(plan, pack_of_two, now))?;
        self.listings.change(&id, |listing| listing.submit(now))?;

        // What the catalogue and the tenant service said is an argument: nobody can forget to ask.
        let shipping =
            ShippingEvidence { course_version_id: "welding-3".parse()?, published: true, built: true };
        let kyc = KycEvidence { provider_tenant_id: "studio".parse()?, verified: true };
        let reviewed = self.listings.load(&id)?.version();
        self.listings.change(&id, |listing| listing.approve(reviewed, &shipping, &kyc, now))?;
        self.listings.change(&id, |listing| listing.go_live(&shipping, &kyc, now))?;
        let listing = self.listings.load(&id)?;
        println!("listing: {:?}, a pack of 2 seats for {price} USD", listing.data().state);
        Ok(listing.offer(plan, &kyc)?)
    }

    /// A buyer fills a cart, types a coupon's code, places the order and pays.
    fn buy(&mut self, offer: Offer, now: Timestamp) -> Result<OrderId, Failure> {
        let coupon = Coupon::create(
            NewCoupon {
                id: self.id(),
                owner: Owner::Platform,
                code: "spring-26".parse()?,
                discount: Discount::percent(10)?,
                usage_cap: Some(100),
                per_user_cap: None,
                valid_from: None,
                valid_until: None,
                tenant_scope: None,
                provider_scope: None,
            },
            now,
        )?;
        let terms = coupon.terms();
        self.coupons.save(coupon)?;
        let (currency, seats) = (offer.price.currency(), SeatCount::try_new(2)?);
        let line = CartLine { id: self.id(), offer, quantity: seats };
        let cart = PricingCalculator::price(Cart::try_new(currency, vec![line])?, &[terms])?;
        println!("cart: {} less {} with SPRING-26", cart.subtotal, cart.discount_total);

        let new = NewOrder {
            id: self.id(),
            saga_id: self.id(),
            buyer_tenant_id: "acme".parse()?,
            buyer_user_id: "ann".parse()?,
            quote_id: None,
            cart,
        };
        let (id, saga) = (new.id, new.saga_id);
        let order = Order::place(new, now)?;
        let started = PurchaseSaga::start(new_saga(&order), now)?;
        self.orders.save(order)?;
        println!("order: {id} is placed");
        let issued = self.sagas.save(started)?;
        self.drive(saga, issued, now)?;

        let order = self.orders.load(&id)?;
        let (intent, due) = (order.payable_intent()?.clone(), order.data().totals.ok_or("no totals")?);
        println!("order: {:?}, {due} due", order.data().status);
        // Billing says that money came. The order decides what that means; then the saga is told.
        let payment: PaymentId = "pay_1".parse()?;
        self.orders.change(&id, |order| order.record_payment(&intent, payment, due, now))?;
        let issued = self.sagas.change(&saga, |saga| saga.handle(&SagaEvent::OrderPaid, None, now))?;
        self.drive(saga, issued, now)?;
        println!("order: {:?}", self.orders.load(&id)?.data().status);
        println!("saga: {:?}", self.sagas.load(&saga)?.data().state);
        Ok(id)
    }

    /// Two people sit down. The third is refused by the rule that says so.
    fn seat(&mut self, order: OrderId, now: Timestamp) -> Result<(), Failure> {
        let license = self.license_of(order)?;
        for user in ["ben", "cleo", "dan"] {
            let mut license = self.licenses.load(&license)?;
            match license.assign_seat(self.id(), user.parse()?, now) {
                Ok(_) => {
                    println!("seat: {user} sits, {} left", license.remaining().unwrap_or_default());
                    self.licenses.save(license)?;
                }
                Err(refusal) => {
                    let rule = refusal.invariant().map_or("", |rule| rule.id);
                    println!("seat: {user} is refused, {} ({rule})", refusal.code());
                }
            }
        }
        self.ask_for_ben(order, now)
    }

    /// The provider's month. The shares were frozen when the order was placed.
    fn earn(&mut self, order: OrderId, now: Timestamp) -> Result<EarningsLine, Failure> {
        let order = self.orders.load(&order)?;
        let line = order.data().lines.first().ok_or("an order has lines")?;
        let sold = SoldLine {
            order_id: order.id(),
            order_line_id: line.id,
            listing_id: line.offer.listing_id,
            net: line.net,
            fee_amount: line.fee_amount,
            provider_amount: line.provider_amount,
            platform_bps: line.offer.revenue_share.platform_bps(),
            refund_deadline: line.refund_deadline,
        };
        let sale = sold.sale(self.id(), "order.fulfilled", now);
        let mut month = ProviderEarnings::open(april()?, now);
        let _ = month.accrue(sale.clone())?;
        println!("earnings: {} of {} are the provider's", month.totals().net_payable, sale.gross);
        self.earnings.save(month)?;
        Ok(sale)
    }

    /// The buyer may return it within 14 days: money, licence and earnings go back.
    fn give_back(&mut self, id: OrderId, sale: &EarningsLine, now: Timestamp) -> Result<(), Failure> {
        let order = self.orders.load(&id)?;
        RefundEligibilityPolicy::check(&order, None, &BTreeMap::new(), now)?;
        let (refund, reason) = (self.id(), "we hired a teacher".to_owned());
        let wish = RefundRequest { id: refund, lines: None, source: RefundSource::Buyer, reason };
        self.orders.change(&id, |order| order.request_refund(wish, now))?;
        // Billing says that the money went back.
        self.orders.change(&id, |order| order.settle_refund(refund, true, now))?;
        let order = self.orders.load(&id)?;
        println!("order: {:?}, {} went back", order.data().status, order.data().refunded_total);

        let consumed = BTreeSet::from(["ben".parse()?]);
        let license = self.license_of(id)?;
        self.licenses
            .change(&license, |license| license.revoke(RevokeReason::Refund, &consumed, false, now))?;
        let ids = [self.id(), self.id()];
        for debit in sale.reversal(ids, "order.refunded", FeeOnRefund::Returned, now) {
            self.earnings.change(&april()?, |month| month.accrue(debit))?;
        }
        println!("earnings: {} are the provider's", self.earnings.load(&april()?)?.totals().net_payable);
        self.ask_for_ben(id, now)
    }

    fn ask_for_ben(&self, order: OrderId, now: Timestamp) -> Result<(), Failure> {
        let license = self.licenses.load(&self.license_of(order)?)?;
        let answer = EntitlementPolicy::check([&license], &"welding".parse()?, &"ben".parse()?, now);
        println!("may ben learn? {:?}", answer.reason);
        Ok(())
    }

    fn license_of(&self, order: OrderId) -> Result<LicenseId, Failure> {
        let order = self.orders.load(&order)?;
        Ok(order.data().lines.first().and_then(|line| line.license_id).ok_or("not fulfilled")?)
    }
}

/// What a saga needs to know of its order.
fn new_saga(order: &Order) -> NewSaga {
    let data = order.data();
    let line = |id| SagaLine { order_line_id: id, learner: order.learner_of(id).cloned() };
    NewSaga {
        id: data.saga_id,
        order_id: data.id,
        buyer_tenant_id: data.buyer_tenant_id.clone(),
        buyer_user_id: data.buyer_user_id.clone(),
        lines: data.lines.iter().map(|known| line(known.id)).collect(),
        coupons: data.applied_coupons().collect(),
        free: order.is_free(),
        placed_at: data.placed_at,
    }
}

fn april() -> Result<EarningsKey, Failure> {
    Ok(EarningsKey {
        provider_tenant_id: "studio".parse()?,
        currency: Currency::parse("USD")?,
        period_month: "2026-04".parse()?,
    })
}

#[test]
fn the_story_ends_well() -> Result<(), Failure> {
    main()
}
