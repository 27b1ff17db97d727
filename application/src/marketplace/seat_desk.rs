//! The seat desk: many seats at once, the waitlist, offline leases (marketplace.md 10.10).

use sarai_domain::{
    kernel::{DeviceId, LeaseId, LicenseId, Outcome, SeatId, UserId, WaitlistEntryId},
    marketplace::license::{
        Leaseholder, License, LicenseError, SeatChange, SeatChanged, WaitlistEntry,
        lease::{Lease, MAX_HOURS, token},
    },
};
use sarai_ports::{
    Page, PageRequest,
    auth::Role,
    marketplace::{LicenseRows, Waiting},
};

use super::licenses::Licenses;
use crate::{AppError, Call, Loaded};

/// Who issues leases: the claim `iss`.
pub const LEASE_ISSUER: &str = "https://licenses.sarai.local";

/// What a row of a bulk change asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatRow {
    /// A seat for this user.
    Assign(UserId),
    /// This seat back.
    ReleaseSeat(SeatId),
    /// This user's seat back.
    ReleaseUser(UserId),
}

/// What became of the rows of a bulk change.
#[derive(Debug, Clone)]
pub struct BulkDone {
    /// A result a row, in the order of the rows.
    pub rows: Vec<Result<SeatChanged, AppError>>,
    /// Seats nobody has afterwards; none when there is no limit.
    pub remaining: Option<u32>,
}

/// A place in line as a command left it.
#[derive(Debug, Clone)]
pub struct InLine {
    /// The place.
    pub entry: WaitlistEntry,
    /// How many are served before, plus one; none for who does not wait any more.
    pub position: Option<u64>,
    /// Whether this command made it.
    pub created: bool,
}

/// Whom a DELETE of the waitlist means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiter {
    /// An entry's id.
    Entry(WaitlistEntryId),
    /// A user's.
    User(UserId),
}

/// What is asked of a lease.
#[derive(Debug, Clone, Default)]
pub struct LeaseRequest {
    /// The seat; none: the user's.
    pub seat_id: Option<SeatId>,
    /// The user; none: the caller.
    pub user_id: Option<UserId>,
    /// How long; none: as long as can be.
    pub hours: Option<u32>,
    /// For which device.
    pub device_id: Option<DeviceId>,
}

/// A lease with its token.
#[derive(Debug, Clone)]
pub struct Leased {
    /// The lease.
    pub lease: Lease,
    /// The signed text.
    pub token: String,
    /// The key that signed it.
    pub key_id: String,
}

impl Licenses {
    /// Changes many seats in one transaction. A row that was malformed brings its refusal along; the good rows
    /// are carried out whatever becomes of the others.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, and what [`License::check_bulk`] refuses: then no row was looked at.
    pub async fn change_seats(
        &self,
        call: &Call,
        id: LicenseId,
        rows: Vec<Result<SeatRow, AppError>>,
    ) -> Result<BulkDone, AppError> {
        self.administered(call, id).await?;
        License::check_bulk(rows.len())?;
        let (ports, scope, now) = (&self.ports, call.scope(), self.ports.now());
        let wanted: Vec<SeatRow> = rows.iter().filter_map(|row| row.clone().ok()).collect();
        let needed = needed(&wanted);
        let changes: Vec<SeatChange> = wanted.into_iter().map(|row| self.change_of(row)).collect();
        let load = || ports.licenses.find_rows(&scope, id, &needed);
        let context = call.context("license.change_seats", &id, now);
        let mut results = Vec::new();
        let Loaded { aggregate, .. } = ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                results = license.change_seats(&changes, now)?;
                let took = |row: &Result<SeatChanged, LicenseError>| {
                    row.as_ref().is_ok_and(|done| done.outcome == Outcome::Applied)
                };
                Ok(if results.iter().any(took) { Outcome::Applied } else { Outcome::AlreadyApplied })
            })
            .await?;
        self.settled(id).await;
        let mut results = results.into_iter();
        let done = rows.into_iter().map(|row| match row {
            Ok(_) => results.next().unwrap_or(Err(LicenseError::NoSeat)).map_err(AppError::from),
            Err(refusal) => Err(refusal),
        });
        Ok(BulkDone { rows: done.collect(), remaining: aggregate.remaining() })
    }

    fn change_of(&self, row: SeatRow) -> SeatChange {
        match row {
            SeatRow::Assign(user_id) => {
                SeatChange::Assign { user_id, seat_id: SeatId::new(self.ports.ulid()) }
            }
            SeatRow::ReleaseSeat(seat) => SeatChange::ReleaseSeat(seat),
            SeatRow::ReleaseUser(user) => SeatChange::ReleaseUser(user),
        }
    }

    /// Puts a user in line for a seat; one who waits already keeps the place.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, and what [`License::join_waitlist`] refuses.
    pub async fn join_waitlist(
        &self,
        call: &Call,
        id: LicenseId,
        user: Option<UserId>,
    ) -> Result<InLine, AppError> {
        let user = user.unwrap_or_else(|| call.principal.user_id.clone());
        may_act_for(call, &user)?;
        let (ports, scope, now) = (&self.ports, call.scope(), self.ports.now());
        let (entry, seat) = (WaitlistEntryId::new(ports.ulid()), SeatId::new(ports.ulid()));
        let load = || ports.licenses.find_for_user(&scope, id, &user);
        let context = call.context("license.join_waitlist", &id, now);
        let mut created = false;
        let Loaded { aggregate, .. } = ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                let outcome = license.join_waitlist(entry, seat, user.clone(), now)?;
                created = outcome == Outcome::Applied;
                Ok(outcome)
            })
            .await?;
        let entry = aggregate.waiting(&user).cloned().ok_or(LicenseError::NotWaiting)?;
        // Whoever is served between the two reads is not waiting any more.
        let page = ports.licenses.waitlist(&scope, id, Some(&user), &PageRequest::first(1)).await?;
        let position = page.items.first().map(|waiting| waiting.position);
        Ok(InLine { entry, position, created })
    }

    /// Takes a user out of the line; who left already has left.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, and what [`License::leave_waitlist`] refuses.
    pub async fn leave_waitlist(
        &self,
        call: &Call,
        id: LicenseId,
        waiter: &Waiter,
    ) -> Result<InLine, AppError> {
        if let Waiter::User(user) = waiter {
            may_act_for(call, user)?;
        }
        let (ports, scope, now) = (&self.ports, call.scope(), self.ports.now());
        let needed = match waiter {
            Waiter::Entry(entry) => LicenseRows { entries: vec![*entry], ..LicenseRows::default() },
            Waiter::User(user) => LicenseRows { users: vec![user.clone()], ..LicenseRows::default() },
        };
        let load = || ports.licenses.find_rows(&scope, id, &needed);
        let context = call.context("license.leave_waitlist", &id, now);
        let meant = |license: &License| {
            let entry = match waiter {
                Waiter::Entry(entry) => license.waitlist_entry(*entry),
                Waiter::User(user) => license.last_wait(user),
            };
            entry.cloned().ok_or(LicenseError::NotWaiting)
        };
        let Loaded { aggregate, .. } = ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                let entry = meant(license)?;
                may_act_for(call, &entry.user_id)?;
                Ok(license.leave_waitlist(entry.id, now)?)
            })
            .await?;
        Ok(InLine { entry: meant(&aggregate)?, position: None, created: false })
    }

    /// Who waits, first come first: everybody for the tenant's administrators, oneself for others.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn waitlist(
        &self,
        call: &Call,
        id: LicenseId,
        page: &PageRequest,
    ) -> Result<Page<Waiting>, AppError> {
        let (ports, scope, caller) = (&self.ports, call.reading_scope(), &call.principal);
        let found = ports.licenses.find_rows(&scope, id, &LicenseRows::default()).await?;
        found.ok_or_else(|| AppError::not_found("licence"))?;
        let sees_all = caller.has(Role::TenantAdmin) || caller.has(Role::PlatformAdmin);
        let user = (!sees_all).then_some(&caller.user_id);
        Ok(ports.licenses.waitlist(&scope, id, user, page).await?)
    }

    /// Leases a seat: whoever sits there may go offline for a while. Every call is a lease of its own; its event
    /// and its audit row are all that is kept.
    ///
    /// # Errors
    /// `not_found`, `forbidden`, and what [`License::issue_lease`] refuses.
    pub async fn issue_lease(
        &self,
        call: &Call,
        id: LicenseId,
        request: LeaseRequest,
    ) -> Result<Leased, AppError> {
        let LeaseRequest { seat_id, user_id, hours, device_id } = request;
        let user = user_id.unwrap_or_else(|| call.principal.user_id.clone());
        may_act_for(call, &user)?;
        let admin = call.principal.has(Role::TenantAdmin);
        let (ports, scope, now) = (&self.ports, call.scope(), self.ports.now());
        let lease_id = LeaseId::new(ports.ulid());
        let holder = seat_id.map_or(Leaseholder::User(user.clone()), Leaseholder::Seat);
        // Of others' seats only an administrator sees anything.
        let seats = if admin { seat_id.into_iter().collect() } else { Vec::new() };
        let needed = LicenseRows { seats, users: vec![user], ..LicenseRows::default() };
        let load = || ports.licenses.find_rows(&scope, id, &needed);
        let context = call.context("license.issue_lease", &id, now);
        let mut issued: Option<Lease> = None;
        ports
            .change_loaded(&*ports.licenses, &scope, &id.to_string(), load, context, |license| {
                let hours = hours.unwrap_or(MAX_HOURS);
                issued = Some(license.issue_lease(lease_id, &holder, hours, device_id.clone(), now)?);
                Ok(Outcome::Applied)
            })
            .await?;
        let lease = issued.ok_or(LicenseError::NoSeat)?;
        let (token, key_id) = self.signed(&lease)?;
        Ok(Leased { lease, token, key_id })
    }

    fn signed(&self, lease: &Lease) -> Result<(String, String), AppError> {
        let signer = &self.ports.signer;
        let key_id = signer.key_id().to_owned();
        let input = lease.signing_input(LEASE_ISSUER, &key_id).map_err(|error| {
            AppError::new(sarai_domain::kernel::Kind::Unavailable, "unavailable", error.to_string())
        })?;
        Ok((token(&input, &signer.sign(input.as_bytes())), key_id))
    }
}

/// The rows that a bulk change needs: everything of its users, its seats, and as many who wait as seats can become
/// free.
fn needed(rows: &[SeatRow]) -> LicenseRows {
    let mut needed = LicenseRows::default();
    for row in rows {
        match row {
            SeatRow::Assign(user) => needed.users.push(user.clone()),
            SeatRow::ReleaseSeat(seat) => {
                needed.seats.push(*seat);
                needed.waiting = needed.waiting.saturating_add(1);
            }
            SeatRow::ReleaseUser(user) => {
                needed.users.push(user.clone());
                needed.waiting = needed.waiting.saturating_add(1);
            }
        }
    }
    needed
}

/// Users act for themselves, the tenant's administrators for everybody (ruling R64).
fn may_act_for(call: &Call, user: &UserId) -> Result<(), AppError> {
    if call.principal.has(Role::TenantAdmin) || call.principal.user_id == *user {
        Ok(())
    } else {
        Err(AppError::forbidden("only the tenant's administrators act for other users"))
    }
}
