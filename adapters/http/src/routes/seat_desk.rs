//! The seat desk: many seats at once, the waitlist, offline leases.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::{
    AppError,
    marketplace::{
        licenses::{Licenses, Seated},
        seat_desk::{BulkDone, InLine, LeaseRequest, Leased, SeatRow, Waiter},
    },
};
use sarai_domain::{
    kernel::{Kind, Outcome, external_id, id::kinds},
    marketplace::license::{SeatChanged, WaitlistEntry, WaitlistState},
};

use super::{Tag, seats::SeatBody};
use crate::{
    answers::{Created, CreatedOrFound, MultiStatus},
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiTimestamp},
};

/// Routes of the seat desk.
#[derive(Clone)]
pub struct SeatDeskRoutes {
    licenses: Licenses,
    cursors: Cursors,
}

/// One change: either member, not both.
#[derive(Debug, Object)]
#[oai(rename = "SeatBulkRow", rename_all = "camelCase")]
pub struct SeatBulkRowBody {
    /// The user to seat.
    assign: Option<String>,
    /// The seat (`sal_…`) or the user to release.
    release: Option<String>,
}

/// 1 to 1,000 changes.
#[derive(Debug, Object)]
#[oai(rename = "SeatBulkRequest", rename_all = "camelCase")]
pub struct SeatBulkRequestBody {
    rows: Vec<SeatBulkRowBody>,
}

/// Why a row was refused.
#[derive(Debug, Object)]
#[oai(rename = "SeatBulkError", rename_all = "camelCase")]
pub struct SeatBulkErrorBody {
    /// As a problem's code.
    code: String,
    detail: String,
    /// The invariant that refused, if one did.
    invariant: Option<String>,
}

/// What became of a row.
#[derive(Debug, Object)]
#[oai(rename = "SeatBulkResult", rename_all = "camelCase")]
pub struct SeatBulkResultBody {
    /// The row's place in the request, from 0.
    index: u32,
    /// Whose seat it is about; null when the row does not say and nothing was found.
    user_id: Option<ApiExternalId<external_id::kinds::User>>,
    /// What the row alone would have been answered with: 201, 200, 404, 409 or 422.
    status: u16,
    /// The seat, when the row was carried out.
    seat: Option<SeatBody>,
    /// Why not, when it was not.
    error: Option<SeatBulkErrorBody>,
}

/// A result a row, in the order of the rows.
#[derive(Debug, Object)]
#[oai(rename = "SeatBulkAnswer", rename_all = "camelCase")]
pub struct SeatBulkBody {
    results: Vec<SeatBulkResultBody>,
}

/// What became of a place in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "WaitlistState", rename_all = "snake_case", remote = "WaitlistState")]
pub enum ApiWaitlistState {
    /// The user waits.
    Waiting,
    /// The user got a seat.
    Filled,
    /// The user left, or the licence ended.
    Left,
}

/// Who is to wait.
#[derive(Debug, Object)]
#[oai(rename = "WaitlistRequest", rename_all = "camelCase")]
pub struct WaitlistRequestBody {
    /// The caller, when absent; only an administrator names another user.
    user_id: Option<ApiExternalId<external_id::kinds::User>>,
}

/// A place in line for a seat.
#[derive(Debug, Object)]
#[oai(rename = "WaitlistEntry", rename_all = "camelCase")]
pub struct WaitlistEntryBody {
    id: ApiId<kinds::WaitlistEntry>,
    user_id: ApiExternalId<external_id::kinds::User>,
    state: ApiWaitlistState,
    since: ApiTimestamp,
    ended_at: Option<ApiTimestamp>,
    /// 1 for whoever is next; null for who does not wait any more.
    position: Option<u64>,
    /// The seat it became, once filled.
    seat_id: Option<ApiId<kinds::Seat>>,
}

/// For whom, for how long, for which device.
#[derive(Debug, Object)]
#[oai(rename = "LeaseRequest", rename_all = "camelCase")]
pub struct LeaseRequestBody {
    /// The seat; the user's, when absent.
    seat_id: Option<ApiId<kinds::Seat>>,
    /// The user; the caller, when absent. Only an administrator names another user.
    user_id: Option<ApiExternalId<external_id::kinds::User>>,
    /// 1 to 72, and 72 when absent; never past the licence's end.
    hours: Option<u32>,
    /// Bound to this device, when given.
    device_id: Option<ApiExternalId<external_id::kinds::Device>>,
}

/// An offline lease.
#[derive(Debug, Object)]
#[oai(rename = "Lease", rename_all = "camelCase")]
pub struct LeaseBody {
    lease_id: ApiId<kinds::Lease>,
    /// A compact JWS, signed with Ed25519.
    token: String,
    expires_at: ApiTimestamp,
    /// The key in `/v1/.well-known/jwks.json` that checks it.
    key_id: String,
}

/// What a row asks for, or that it cannot be read.
fn asked(row: &SeatBulkRowBody) -> Result<SeatRow, AppError> {
    let malformed = |detail: &str| AppError::new(Kind::Invalid, "validation_failed", detail);
    let user =
        |text: &str| text.parse().map_err(|_| malformed("a user id is 1 to 128 visible ASCII characters"));
    match (&row.assign, &row.release) {
        (Some(text), None) => Ok(SeatRow::Assign(user(text)?)),
        (None, Some(text)) => match text.parse() {
            Ok(seat) => Ok(SeatRow::ReleaseSeat(seat)),
            Err(_) => Ok(SeatRow::ReleaseUser(user(text)?)),
        },
        _ => Err(malformed("a row has assign or release, and not both")),
    }
}

/// The user a row names.
fn named(row: Option<&SeatRow>) -> Option<ApiExternalId<external_id::kinds::User>> {
    match row? {
        SeatRow::Assign(user) | SeatRow::ReleaseUser(user) => Some(user.clone().into()),
        SeatRow::ReleaseSeat(_) => None,
    }
}

fn results(asked: &[Option<SeatRow>], done: BulkDone) -> SeatBulkBody {
    let remaining = done.remaining;
    let rows = (0..).zip(asked).zip(done.rows);
    let results = rows.map(|((index, row), result)| match result {
        Ok(SeatChanged { seat, outcome }) => {
            let created = outcome == Outcome::Applied && matches!(row, Some(SeatRow::Assign(_)));
            SeatBulkResultBody {
                index,
                user_id: Some(seat.user_id.clone().into()),
                status: if created { 201 } else { 200 },
                seat: Some(SeatBody::from(&Seated { seat, remaining, created })),
                error: None,
            }
        }
        Err(refusal) => SeatBulkResultBody {
            index,
            user_id: named(row.as_ref()),
            error: Some(SeatBulkErrorBody {
                code: refusal.code.to_owned(),
                detail: refusal.message.clone(),
                invariant: refusal.invariant.map(|rule| rule.id.to_owned()),
            }),
            status: Problem::from(refusal).status_code().as_u16(),
            seat: None,
        },
    });
    SeatBulkBody { results: results.collect() }
}

fn in_line(entry: &WaitlistEntry, position: Option<u64>) -> WaitlistEntryBody {
    WaitlistEntryBody {
        id: entry.id.into(),
        user_id: entry.user_id.clone().into(),
        state: entry.state.into(),
        since: entry.since.into(),
        ended_at: entry.ended_at.map(Into::into),
        position,
        seat_id: (entry.state == WaitlistState::Filled).then(|| entry.seat_id.into()),
    }
}

impl From<&InLine> for WaitlistEntryBody {
    fn from(line: &InLine) -> Self {
        in_line(&line.entry, line.position)
    }
}

impl From<Leased> for LeaseBody {
    fn from(leased: Leased) -> Self {
        Self {
            lease_id: leased.lease.id.into(),
            token: leased.token,
            expires_at: leased.lease.expires_at.into(),
            key_id: leased.key_id,
        }
    }
}

impl SeatDeskRoutes {
    /// Over this use case.
    pub fn new(licenses: Licenses, cursors: Cursors) -> Self {
        Self { licenses, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Licenses")]
impl SeatDeskRoutes {
    /// Assigns and releases many seats at once, with a result per row.
    ///
    /// Releases run before assignments, and who waits sits down before any row's user. A row that is refused
    /// does not undo the others.
    #[oai(path = "/licenses/:id/seats/bulk", method = "post", operation_id = "seats.bulk")]
    async fn bulk(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        body: Json<SeatBulkRequestBody>,
    ) -> Result<MultiStatus<SeatBulkBody>, Problem> {
        let rows: Vec<_> = body.rows.iter().map(asked).collect();
        let asked: Vec<_> = rows.iter().map(|row| row.as_ref().ok().cloned()).collect();
        let done = self.licenses.change_seats(&caller.0, id.0.0, rows).await?;
        Ok(MultiStatus(results(&asked, done)))
    }

    /// Who waits for a seat, first come first: everybody for the tenant's administrators, oneself for others.
    #[oai(path = "/licenses/:id/waitlist", method = "get", operation_id = "waitlist.list")]
    async fn waiting(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<WaitlistEntryBody>>, Problem> {
        let id = id.0.0;
        let list = self.cursors.list("waitlist.list", caller.tenant()).filter("license", Some(id));
        let request = list.request(*limit, cursor.as_deref())?;
        let page = self.licenses.waitlist(&caller.0, id, &request).await?;
        Ok(Json(list.answer(page, |waiting| in_line(&waiting.entry, Some(waiting.position)))))
    }

    /// Puts a user in line for the next free seat. 200 with the place when the user waits already.
    #[oai(path = "/licenses/:id/waitlist", method = "post", operation_id = "waitlist.join")]
    async fn join(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        body: Json<WaitlistRequestBody>,
    ) -> Result<CreatedOrFound<WaitlistEntryBody>, Problem> {
        let user = body.0.user_id.map(|user| user.0);
        let line = self.licenses.join_waitlist(&caller.0, id.0.0, user).await?;
        let body = WaitlistEntryBody::from(&line);
        Ok(if line.created { CreatedOrFound::Created(body) } else { CreatedOrFound::Found(body) })
    }

    /// Takes a user (or the entry `wle_…`) out of the line; who left already has left.
    #[oai(path = "/licenses/:id/waitlist/:waiter", method = "delete", operation_id = "waitlist.leave")]
    async fn leave(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        waiter: Path<ApiExternalId<external_id::kinds::User>>,
    ) -> Result<Json<WaitlistEntryBody>, Problem> {
        let user = waiter.0.0;
        let waiter = user.as_str().parse().map_or(Waiter::User(user), Waiter::Entry);
        Ok(Json((&self.licenses.leave_waitlist(&caller.0, id.0.0, &waiter).await?).into()))
    }

    /// Leases a seat for offline use: a signed token that is good for 72 hours at most. It is not taken back.
    #[oai(path = "/licenses/:id/leases", method = "post", operation_id = "leases.issue")]
    async fn lease(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        body: Json<LeaseRequestBody>,
    ) -> Result<Created<LeaseBody>, Problem> {
        let body = body.0;
        if body.seat_id.is_some() && body.user_id.is_some() {
            return Err(Problem::field("/userId", "a lease is for a seat or for a user: send one of them"));
        }
        let request = LeaseRequest {
            seat_id: body.seat_id.map(|seat| seat.0),
            user_id: body.user_id.map(|user| user.0),
            hours: body.hours,
            device_id: body.device_id.map(|device| device.0),
        };
        Ok(Created(self.licenses.issue_lease(&caller.0, id.0.0, request).await?.into()))
    }
}
