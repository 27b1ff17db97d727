//! What other services tell us (ruling R44). Their order is never trusted; twice is once.

use std::sync::Arc;

use async_trait::async_trait;
use sarai_domain::{
    kernel::{
        Aggregate, EarningsLineId, Kind, LicenseId, Money, OrderId, OrderLineId, Outcome, PaymentIntentId,
        RefundId, SeatId, TenantId,
    },
    marketplace::{
        earnings::{EarningsKey, SoldLine},
        license::{Learner, License, LicenseScope, LicenseState, LicenseTerms, NewLicense, Origin},
        listing::{Listing, ListingState},
        order::{Order, OrderError, OrderStatus, RefundRequest, RefundSource},
        saga::SagaEvent,
        services::revenue_share::RevenueShareCalculator,
    },
};
use sarai_ports::{
    Cause, Consumed, Context, Scope, StoreError,
    inbound::{InboundEvent, InboundRecord, InboundSink, MessageReport},
    marketplace::{PaymentAnswer, RefundStatus},
};

use super::{cart::all, orders::record_payment};
use crate::{AppError, Ports};

/// The consumer of integration events.
#[derive(Clone)]
pub struct Inbound {
    ports: Arc<Ports>,
}

impl Inbound {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Handles a message.
    ///
    /// # Errors
    /// What asks the sender to send it again; a message about something we do not know is taken and logged.
    pub async fn receive(&self, record: InboundRecord) -> Result<(), AppError> {
        let (id, source) = (record.id.clone(), record.source.name());
        match self.handle(record).await {
            Err(error) if error.code == "not_found" => {
                tracing::warn!(event = id, source, "an event about something unknown was ignored");
                Ok(())
            }
            other => other,
        }
    }

    /// What became of a tenant's message goes to its endpoints.
    async fn message(
        &self,
        topic: &'static str,
        told: &MessageReport,
        record: &InboundRecord,
    ) -> Result<(), AppError> {
        let context = inbound_context(&self.ports, record, told.message_id.to_string());
        self.ports.message_told(topic, told, context).await
    }

    async fn handle(&self, record: InboundRecord) -> Result<(), AppError> {
        let ports = &self.ports;
        let context = |correlation: String| inbound_context(ports, &record, correlation);
        match &record.event {
            InboundEvent::PaymentSucceeded { order_id, payment_intent_id, payment_id, amount } => {
                let answer = PaymentAnswer::Succeeded { payment_id: payment_id.clone(), amount: *amount };
                self.record(*order_id, payment_intent_id, answer, context(order_id.to_string())).await
            }
            InboundEvent::PaymentDeclined { order_id, payment_intent_id, code } => {
                let answer = PaymentAnswer::Declined { code: code.clone(), is_final: false };
                self.record(*order_id, payment_intent_id, answer, context(order_id.to_string())).await
            }
            InboundEvent::PaymentFailed { order_id, payment_intent_id, code } => {
                let answer = PaymentAnswer::Declined { code: code.clone(), is_final: true };
                self.record(*order_id, payment_intent_id, answer, context(order_id.to_string())).await
            }
            InboundEvent::PaymentVoided { order_id, .. } => {
                let order = self.order(*order_id).await?;
                let (saga, scope) = (order.data().saga_id, within(&order));
                let context = context(order_id.to_string());
                ports.feed_saga(saga, None, &[SagaEvent::IntentVoided], None, &scope, context).await.map(drop)
            }
            InboundEvent::RefundSucceeded { order_id, key } => {
                self.refund(*order_id, key, RefundStatus::Succeeded, context(order_id.to_string())).await
            }
            InboundEvent::RefundFailed { order_id, key, code } => {
                let status = RefundStatus::Failed { code: code.clone() };
                self.refund(*order_id, key, status, context(order_id.to_string())).await
            }
            InboundEvent::PayoutPaid { key, payout_id } => {
                let period: EarningsKey = key.parse().map_err(|_| AppError::not_found("period"))?;
                let context = context(key.clone());
                let now = context.now;
                ports
                    .change_period(&period, context, |earnings| {
                        Ok(earnings.mark_paid(Some(payout_id.clone()), now)?)
                    })
                    .await
                    .map(drop)
            }
            InboundEvent::PayoutFailed { key, code } => {
                tracing::warn!(period = key, code, "a payout failed and is tried again");
                Ok(())
            }
            InboundEvent::DisputeOpened { order_id, dispute_id } => {
                self.order(*order_id).await?;
                Ok(ports.earnings.note_dispute(*order_id, dispute_id, true).await?)
            }
            InboundEvent::DisputeWon { order_id, dispute_id } => {
                Ok(ports.earnings.note_dispute(*order_id, dispute_id, false).await?)
            }
            InboundEvent::DisputeLost { order_id, dispute_id } => {
                self.dispute_lost(*order_id, dispute_id, context(order_id.to_string())).await?;
                Ok(ports.earnings.note_dispute(*order_id, dispute_id, false).await?)
            }
            InboundEvent::SubscriptionRenewed { order_line_id, period_index, amount, .. } => {
                let order = ports.sales.order_of(*order_line_id).await?;
                let order = self.order(order.ok_or_else(|| AppError::not_found("order line"))?).await?;
                let context = context(order.id().to_string());
                self.renewed(&order, *order_line_id, *period_index, *amount, context).await
            }
            InboundEvent::KycVerified { tenant_id, at } => {
                Ok(ports.provider_facts.note_kyc(tenant_id, true, *at).await?)
            }
            InboundEvent::KycRevoked { tenant_id, at } => {
                ports.provider_facts.note_kyc(tenant_id, false, *at).await?;
                // An older message than the fact known changes nothing.
                if ports.provider_facts.kyc(tenant_id).await?.verified {
                    return Ok(());
                }
                self.suspend_all(tenant_id, &context(tenant_id.to_string())).await
            }
            InboundEvent::AccountCreated(told)
            | InboundEvent::EmailVerified(told)
            | InboundEvent::MfaEnrolled(told)
            | InboundEvent::AccountSuspended(told)
            | InboundEvent::AccountReinstated(told)
            | InboundEvent::AccountClosed(told) => self.ports.account_told(told).await,
            InboundEvent::MessageSent(told) => self.message("messaging.message.sent.v1", told, &record).await,
            InboundEvent::MessageDelivered(told) => {
                self.message("messaging.message.delivered.v1", told, &record).await
            }
            InboundEvent::MessageFailed(told) => {
                self.message("messaging.message.failed.v1", told, &record).await
            }
            InboundEvent::CourseVersionPublished { course_id, course_version_id } => {
                Ok(ports.catalog_facts.note_published(course_id, course_version_id).await?)
            }
            InboundEvent::PlayPackageBuilt { course_version_id } => {
                Ok(ports.catalog_facts.note_built(course_version_id).await?)
            }
        }
    }

    async fn order(&self, id: OrderId) -> Result<Order, AppError> {
        let found = self.ports.orders.find(&Scope::System, &id).await?;
        found.ok_or_else(|| AppError::not_found("order"))
    }

    async fn record(
        &self,
        id: OrderId,
        intent: &PaymentIntentId,
        answer: PaymentAnswer,
        context: Context,
    ) -> Result<(), AppError> {
        record_payment(&self.ports, &Scope::System, id, None, intent, &answer, context).await.map(drop)
    }

    /// The keys are ours: `rf:` names a refund of the order, `stray:` a capture nobody asked for.
    async fn refund(
        &self,
        id: OrderId,
        key: &str,
        status: RefundStatus,
        context: Context,
    ) -> Result<(), AppError> {
        let unknown = || AppError::not_found("refund");
        let order = self.order(id).await?;
        match key.split_once(':') {
            Some(("rf", refund)) => {
                let refund: RefundId = refund.parse().map_err(|_| unknown())?;
                if order.refunds().all(|known| known.id != refund) {
                    return Err(unknown());
                }
                let scope = within(&order);
                self.ports.settle_refund(id, Some(order), refund, &status, &scope, context).await
            }
            Some(("stray", payment)) if status == RefundStatus::Succeeded => {
                let payment = payment.parse().map_err(|_| unknown())?;
                self.ports.settle_stray(id, &payment, &within(&order), context).await
            }
            Some(("stray", _)) => Ok(()),
            _ => Err(unknown()),
        }
    }

    /// The money is gone: all that is left of the order is refunded to nobody but the bank.
    async fn dispute_lost(&self, id: OrderId, dispute: &str, context: Context) -> Result<(), AppError> {
        let (refund, now) = (RefundId::new(self.ports.ulid()), context.now);
        self.ports
            .change(&*self.ports.orders, &Scope::System, &id, context, |order| {
                match order.plan_refund(None) {
                    Ok(_) => {}
                    // The sender tells it again, when the refund under way has ended.
                    Err(OrderError::RefundInProgress(_)) => return Err(not_yet("a refund is under way")),
                    Err(_) => {
                        tracing::error!(order = %id, dispute, "a dispute was lost after the refund: our loss");
                        return Ok(Outcome::AlreadyApplied);
                    }
                }
                let reason = format!("dispute {dispute} was lost");
                let source = RefundSource::Dispute;
                Ok(order.request_refund(RefundRequest { id: refund, lines: None, source, reason }, now)?)
            })
            .await
            .map(drop)
    }

    /// Extends the licence of a subscription, or grants one anew after its end (ruling R59).
    async fn renewed(
        &self,
        order: &Order,
        line: OrderLineId,
        period_index: u32,
        amount: Money,
        context: Context,
    ) -> Result<(), AppError> {
        let ports = &self.ports;
        let licenses = ports.licenses.find_by_order(&within(order), order.id()).await?;
        let latest = licenses
            .into_iter()
            .filter(|license| license.data().order_line_id == Some(line))
            .max_by_key(|license| license.data().period_index);
        let latest = match (latest, order.data().status) {
            (Some(latest), _) => latest,
            (None, OrderStatus::Paid | OrderStatus::Fulfilled) => {
                return Err(not_yet("the licence is being granted"));
            }
            (None, _) => return Err(AppError::not_found("licence")),
        };
        match latest.state_at(context.now) {
            LicenseState::Revoked => {
                tracing::error!(license = %latest.id(), "a revoked subscription was renewed: return the money");
                return Ok(());
            }
            LicenseState::Expired if latest.data().paid_through < period_index => {
                self.grant_period(order, &latest, line, period_index, context.clone()).await?;
            }
            LicenseState::Active | LicenseState::Expired => {
                let now = context.now;
                ports
                    .change(&*ports.licenses, &within(order), &latest.id(), context.clone(), |license| {
                        Ok(license.renew(period_index, now)?)
                    })
                    .await?;
            }
        }
        // However many messages tell of it, a period is earned once.
        self.accrue_renewal(order, line, amount, &format!("renewal:{line}:{period_index}"), context).await
    }

    async fn grant_period(
        &self,
        order: &Order,
        latest: &License,
        line: OrderLineId,
        period_index: u32,
        context: Context,
    ) -> Result<(), AppError> {
        let ports = &self.ports;
        let Some(sold) = order.data().lines.iter().find(|sold| sold.id == line) else { return Ok(()) };
        let individual = LicenseScope::of(sold.offer.plan_kind) == LicenseScope::Individual;
        let learner = individual.then(|| Learner {
            seat_id: SeatId::new(ports.ulid()),
            user_id: order.data().buyer_user_id.clone(),
        });
        let new = NewLicense {
            id: LicenseId::new(ports.ulid()),
            tenant_id: order.data().buyer_tenant_id.clone(),
            terms: LicenseTerms::of(&sold.offer, sold.quantity),
            origin: Origin::Purchase {
                order_id: order.id(),
                order_line_id: line,
                period_index,
                refund_deadline: None,
                learner,
            },
            anchor: latest.data().anchor,
        };
        let license = License::grant(new, context.now)?;
        match ports.save(&*ports.licenses, &within(order), license, context).await {
            Ok(_) | Err(StoreError::Taken(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn accrue_renewal(
        &self,
        order: &Order,
        line: OrderLineId,
        amount: Money,
        source: &str,
        context: Context,
    ) -> Result<(), AppError> {
        let Some(sold) = order.data().lines.iter().find(|sold| sold.id == line) else { return Ok(()) };
        let share = sold.offer.revenue_share;
        let split = RevenueShareCalculator::split(amount, share)?;
        let sale = SoldLine {
            order_id: order.id(),
            order_line_id: line,
            listing_id: sold.offer.listing_id,
            net: amount,
            fee_amount: split.fee,
            provider_amount: split.provider,
            platform_bps: share.platform_bps(),
            refund_deadline: None,
        };
        let id = EarningsLineId::new(self.ports.ulid());
        let sale = sale.sale(id, source, context.now);
        self.ports.accrue_sales(&sold.offer.provider_tenant_id, vec![sale], context).await
    }

    /// A provider that is no longer verified sells nothing (marketplace.md 1).
    async fn suspend_all(&self, provider: &TenantId, context: &Context) -> Result<(), AppError> {
        let ports = &self.ports;
        let live = Some(ListingState::Live);
        let page = ports.listings.find_by_provider(&Scope::System, provider, live, &all()).await?;
        for listing in page.items {
            let now = context.now;
            let suspend = |listing: &mut Listing| Ok(listing.suspend("kyc_lapsed", now)?);
            ports.change(&*ports.listings, &Scope::System, &listing.id(), context.clone(), suspend).await?;
        }
        Ok(())
    }
}

/// The rows of whoever bought it.
fn within(order: &Order) -> Scope {
    Scope::Within(order.data().buyer_tenant_id.clone())
}

/// Asks the sender to send it again: what it speaks of is still under way here.
fn not_yet(what: &str) -> AppError {
    AppError::new(Kind::Unavailable, "unavailable", what)
}

fn inbound_context(ports: &Ports, record: &InboundRecord, correlation_id: String) -> Context {
    Context {
        now: ports.now(),
        cause: Cause {
            actor: record.source.name().to_owned(),
            action: "inbound",
            correlation_id,
            causation_id: Some(record.id.clone()),
            request_id: None,
            reason: None,
        },
        // Two senders may use the same id.
        consumed: Some(Consumed {
            consumer: "inbound",
            event_id: format!("{}:{}", record.source.name(), record.id),
        }),
        claim: None,
    }
}

#[async_trait]
impl InboundSink for Inbound {
    async fn receive(&self, record: InboundRecord) -> Result<(), StoreError> {
        Self::receive(self, record).await.map_err(|error| StoreError::Unavailable(error.message))
    }
}
