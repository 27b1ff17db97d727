//! What is broken, where, and which rule must notice. `MUTANT` stands for "this mutant is switched on".

/// A text of a source file and what takes its place.
pub(crate) struct Patch {
    pub(crate) file: &'static str,
    pub(crate) find: &'static str,
    pub(crate) replace: &'static str,
}

/// A defect on purpose.
pub(crate) struct Mutant {
    pub(crate) name: &'static str,
    pub(crate) patches: &'static [Patch],
    /// The rules of which one must be named.
    pub(crate) found_as: &'static [&'static str],
}

const fn patch(file: &'static str, find: &'static str, replace: &'static str) -> Patch {
    Patch { file, find, replace }
}

const COMMIT: &str = "adapters/memory/src/commit.rs";
const OUTBOX: &str = "adapters/memory/src/outbox.rs";
const COUPON: &str = "domain/src/marketplace/coupon/mod.rs";

pub(crate) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "no inbox check",
        patches: &[patch(
            COMMIT,
            "if inbox_row(unit).is_some_and(|row| self.inbox.contains(&row)) {",
            "if !MUTANT && inbox_row(unit).is_some_and(|row| self.inbox.contains(&row)) {",
        )],
        found_as: &["inbox"],
    },
    Mutant {
        name: "acknowledged before the commit",
        patches: &[patch(
            OUTBOX,
            "        queue.push_back(Entry {",
            "        if MUTANT && free {
            let until = Instant::now() + LEASE;
            return Some(Delivery { event, consumer, attempts: 0, fence, after: None, until });
        }
        queue.push_back(Entry {",
        )],
        found_as: &["liveness", "money oracle", "a licence for each paid line", "enrollment"],
    },
    Mutant {
        name: "no version predicate",
        patches: &[patch(
            "adapters/memory/src/table.rs",
            "if stored != changes.expected_version {",
            "if !MUTANT && stored != changes.expected_version {",
        )],
        found_as: &["optimistic locking"],
    },
    Mutant {
        name: "a time-out fires in licensing",
        patches: &[patch(
            "domain/src/marketplace/saga/decide.rs",
            "            // licensing\n",
            "            (Licensing | Enrolling, On::TimeoutFired | On::RetryDue) if MUTANT
                => draft().timed_out().compensate(Because::PaymentTimeout),
            // licensing\n",
        )],
        found_as: &["S-INV-3"],
    },
    Mutant {
        name: "a refund is not idempotent",
        patches: &[patch(
            "application/src/marketplace/consumers.rs",
            "    format!(\"rf:{refund}\")",
            "    static ASKED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    if MUTANT {
        return format!(\"rf:{refund}:{}\", ASKED.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    }
    format!(\"rf:{refund}\")",
        )],
        found_as: &["O-INV-8", "money oracle"],
    },
    Mutant {
        name: "the tenant is not set",
        patches: &[patch(
            "ports/src/scope.rs",
            "Self::Tenant(tenant) | Self::World(tenant, _) | Self::Within(tenant) => tenant == owner,",
            "Self::Tenant(tenant) | Self::World(tenant, _) | Self::Within(tenant) => MUTANT || tenant == owner,",
        )],
        found_as: &["tenancy"],
    },
    Mutant {
        name: "an outbox row outside the transaction",
        patches: &[patch(
            COMMIT,
            "            for consumer in new.consumers {",
            "            for consumer in new.consumers {
                if MUTANT && *sequence % 5 == 0 {
                    continue;
                }",
        )],
        found_as: &["liveness", "money oracle", "a licence for each paid line", "enrollment"],
    },
    Mutant {
        name: "the fee's rounding is lost",
        patches: &[patch(
            "domain/src/marketplace/services/revenue_share.rs",
            "Ok(Split { fee: base.checked_sub(&provider)?, provider })",
            "if MUTANT {
            let fee = base.allocate(&[u64::from(share.platform_bps()), 10_000])?.first().copied().unwrap_or(base);
            return Ok(Split { fee, provider });
        }
        Ok(Split { fee: base.checked_sub(&provider)?, provider })",
        )],
        found_as: &["money oracle", "expected answers", "O-INV-2"],
    },
    Mutant {
        name: "a coupon is released twice",
        patches: &[
            patch(
                COUPON,
                "        let Step::To(status) = row.step(RedemptionAction::Release)? else {
            return Ok(Outcome::AlreadyApplied);
        };",
                "        let status = match row.step(RedemptionAction::Release)? {
            Step::To(status) => status,
            _ if MUTANT => RedemptionStatus::Released,
            _ => return Ok(Outcome::AlreadyApplied),
        };",
            ),
            patch(
                COUPON,
                ".checked_sub(u32::from(row.counts()))",
                ".checked_sub(if MUTANT { 1 } else { u32::from(row.counts()) })",
            ),
        ],
        // A release too many below zero is refused again and again: the saga that asks for it never ends.
        found_as: &["C-INV-2", "expected answers", "liveness"],
    },
    Mutant {
        name: "an outbox read by a cursor",
        patches: &[patch(
            OUTBOX,
            "            let room = wanted.run",
            "            if MUTANT && queue.front().is_some_and(|head| head.fence + 100 < self.fences) {
                continue;
            }
            let room = wanted.run",
        )],
        found_as: &["liveness"],
    },
    Mutant {
        name: "a seat more than there are",
        patches: &[patch(
            "domain/src/marketplace/services/seat_allocator.rs",
            "Some(0) => Err(",
            "Some(0) if !MUTANT => Err(",
        )],
        found_as: &["LI-INV-1", "LI-INV-2"],
    },
    Mutant {
        name: "a coupon beyond its cap",
        patches: &[patch(
            COUPON,
            ".filter(|count| data.usage_cap.is_none_or(|cap| *count <= cap))",
            ".filter(|count| MUTANT || data.usage_cap.is_none_or(|cap| *count <= cap))",
        )],
        found_as: &["C-INV-2"],
    },
];
