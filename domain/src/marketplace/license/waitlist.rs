//! Who waits for a seat of a full licence: first come, first served (R60).
//!
//! The line is in the licence: the root counts it and hands out its numbers, so that the order is the order
//! of the commits whatever the clocks of the processes say. A release needs the entry at the head only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{Outcome, SeatId, Timestamp, UserId, WaitlistEntryId},
    marketplace::invariants::LI_INV_1,
};

use super::{License, LicenseError, LicenseEvent, LicenseState, SeatStatus};

/// The line, as the root knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitlistCounts {
    /// How many wait now.
    pub waiting: u32,
    /// How many ever joined: the last number given.
    pub joined: u64,
}

/// What became of a place in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitlistState {
    /// The user waits.
    Waiting,
    /// The user got a seat.
    Filled,
    /// The user left, or the licence ended.
    Left,
}

/// One user's place in line. It ends once; who waits again gets a new one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WaitlistEntry {
    /// The entry.
    pub id: WaitlistEntryId,
    /// Its number in the line of its licence: the lowest that waits is next.
    pub number: u64,
    /// Who waits.
    pub user_id: UserId,
    /// The id of the seat they will get; nobody sits there before.
    pub seat_id: SeatId,
    /// Since when.
    pub since: Timestamp,
    /// Until when, once filled or left.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub state: WaitlistState,
}

impl WaitlistEntry {
    fn ended(&self, state: WaitlistState, now: Timestamp) -> Self {
        Self { ended_at: Some(now), state, ..self.clone() }
    }
}

/// The entries at hand.
#[derive(Debug, Clone, Default)]
pub(super) struct Waitlist {
    entries: BTreeMap<u64, WaitlistEntry>,
}

impl Waitlist {
    /// Takes the rows a store holds.
    ///
    /// # Errors
    /// [`LicenseError::Corrupt`] (LI-INV-1) when a number comes twice: two users would get one seat.
    pub(super) fn load(rows: Vec<WaitlistEntry>) -> Result<Self, LicenseError> {
        let count = rows.len();
        let entries: BTreeMap<_, _> = rows.into_iter().map(|entry| (entry.number, entry)).collect();
        if entries.len() == count { Ok(Self { entries }) } else { Err(LicenseError::Corrupt(LI_INV_1)) }
    }

    /// Those at hand, first come first.
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &WaitlistEntry> {
        self.entries.values()
    }

    /// How many of them wait.
    pub(super) fn waiting(&self) -> u32 {
        let waiting = self.all().filter(|entry| entry.state == WaitlistState::Waiting);
        u32::try_from(waiting.count()).unwrap_or(u32::MAX)
    }

    fn head(&self) -> Option<&WaitlistEntry> {
        self.all().find(|entry| entry.state == WaitlistState::Waiting)
    }
}

impl License {
    /// Puts a user in line for a seat, with the id of the seat they will get. Who waits already is
    /// `AlreadyApplied`; their entry is [`License::waiting`].
    ///
    /// # Errors
    /// - [`LicenseError::NotActive`] (LI-INV-3), [`LicenseError::NotOrg`]
    /// - [`LicenseError::AlreadySeated`]
    /// - [`LicenseError::SeatsAvailable`] while a seat is left, so always without a limit
    pub fn join_waitlist(
        &mut self,
        entry_id: WaitlistEntryId,
        seat_id: SeatId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Outcome, LicenseError> {
        let state = self.state_at(now);
        if state != LicenseState::Active {
            return Err(LicenseError::NotActive { state });
        }
        self.require_org()?;
        if self.seat_of(&user_id).is_some_and(|seat| seat.status == SeatStatus::Active) {
            return Err(LicenseError::AlreadySeated);
        }
        if self.waiting(&user_id).is_some() {
            return Ok(Outcome::AlreadyApplied);
        }
        if self.remaining() != Some(0) {
            return Err(LicenseError::SeatsAvailable);
        }
        let line = &mut self.root.data.waitlist;
        line.joined = line.joined.saturating_add(1);
        line.waiting = line.waiting.saturating_add(1);
        let number = line.joined;
        self.root.data.updated_at = now;
        let state = WaitlistState::Waiting;
        self.write_entry(WaitlistEntry {
            id: entry_id,
            number,
            user_id,
            seat_id,
            since: now,
            ended_at: None,
            state,
        });
        Ok(Outcome::Applied)
    }

    /// Takes a user out of the line; who left already, or sat and gave the seat back, is `AlreadyApplied`.
    ///
    /// # Errors
    /// - [`LicenseError::NotWaiting`] for an entry the licence does not have, also when it was not loaded
    /// - [`LicenseError::AlreadySeated`] when the wait ended with a seat
    pub fn leave_waitlist(
        &mut self,
        entry_id: WaitlistEntryId,
        now: Timestamp,
    ) -> Result<Outcome, LicenseError> {
        let entry = self.waitlist_entry(entry_id).ok_or(LicenseError::NotWaiting)?;
        match entry.state {
            WaitlistState::Left => return Ok(Outcome::AlreadyApplied),
            WaitlistState::Filled => {
                let seat = self.seat(entry.seat_id).map(|seat| seat.status);
                let sits = seat.is_some_and(SeatStatus::takes_a_seat);
                return if sits { Err(LicenseError::AlreadySeated) } else { Ok(Outcome::AlreadyApplied) };
            }
            WaitlistState::Waiting => {}
        }
        let left = entry.ended(WaitlistState::Left, now);
        self.end_entry(left, now);
        Ok(Outcome::Applied)
    }

    /// The entry by which this user waits, if it is loaded.
    pub fn waiting(&self, user: &UserId) -> Option<&WaitlistEntry> {
        let theirs = |entry: &&WaitlistEntry| entry.user_id == *user;
        self.waitlist.all().find(|entry| entry.state == WaitlistState::Waiting && theirs(entry))
    }

    /// The last entry of this user, whatever became of it, if it is loaded.
    pub fn last_wait(&self, user: &UserId) -> Option<&WaitlistEntry> {
        self.waitlist.all().rev().find(|entry| entry.user_id == *user)
    }

    /// The entry of this id, if it is loaded.
    pub fn waitlist_entry(&self, id: WaitlistEntryId) -> Option<&WaitlistEntry> {
        self.waitlist.all().find(|entry| entry.id == id)
    }

    /// The entries loaded, first come first.
    pub fn waitlist(&self) -> impl Iterator<Item = &WaitlistEntry> {
        self.waitlist.all()
    }

    /// Who sits down when a seat becomes free now. Nobody on a licence that is over.
    ///
    /// # Errors
    /// [`LicenseError::WaitlistNotLoaded`], [`LicenseError::SeatIdTaken`]: before anything has changed.
    pub(super) fn next_to_sit(&self, now: Timestamp) -> Result<Option<WaitlistEntry>, LicenseError> {
        let waiting = self.root.data.waitlist.waiting;
        if waiting == 0 || self.state_at(now) != LicenseState::Active {
            return Ok(None);
        }
        let head = self.waitlist.head().ok_or(LicenseError::WaitlistNotLoaded { loaded: 0, waiting })?;
        match self.seat(head.seat_id) {
            Some(_) => Err(LicenseError::SeatIdTaken(head.seat_id)),
            None => Ok(Some(head.clone())),
        }
    }

    /// Seats whom [`License::next_to_sit`] named.
    pub(super) fn serve(&mut self, entry: &WaitlistEntry, now: Timestamp) -> Result<(), LicenseError> {
        let active_seats = self.allocator().allocate(self.state_at(now))?;
        let seat = self.occupy(entry.seat_id, entry.user_id.clone(), active_seats, now)?;
        self.announce(&seat);
        self.end_entry(entry.ended(WaitlistState::Filled, now), now);
        let event = LicenseEvent::WaitlistFilled {
            license: self.facts(),
            entry_id: entry.id,
            seat_id: seat.id,
            user_id: seat.user_id,
            waiting_since: entry.since,
            filled_at: now,
        };
        self.root.record(event);
        Ok(())
    }

    /// Sends everybody home: the licence is over.
    pub(super) fn end_waitlist(&mut self, now: Timestamp) -> Result<(), LicenseError> {
        let (loaded, waiting) = (self.waitlist.waiting(), self.root.data.waitlist.waiting);
        if loaded != waiting {
            return Err(LicenseError::WaitlistNotLoaded { loaded, waiting });
        }
        let waiting = self.waitlist.all().filter(|entry| entry.state == WaitlistState::Waiting);
        let left: Vec<_> = waiting.map(|entry| entry.ended(WaitlistState::Left, now)).collect();
        for entry in left {
            self.end_entry(entry, now);
        }
        Ok(())
    }

    fn end_entry(&mut self, ended: WaitlistEntry, now: Timestamp) {
        let line = &mut self.root.data.waitlist;
        line.waiting = line.waiting.saturating_sub(1);
        self.root.data.updated_at = now;
        self.write_entry(ended);
    }

    fn write_entry(&mut self, entry: WaitlistEntry) {
        self.root.write_row(entry.clone().into());
        self.waitlist.entries.insert(entry.number, entry);
    }
}
