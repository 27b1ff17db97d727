//! The seats of a licence.

use poem_openapi::{
    Enum, Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::marketplace::licenses::{Licenses, Seated};
use sarai_domain::{
    kernel::{external_id, id::kinds},
    marketplace::license::SeatStatus,
};

use super::{Tag, located::Located};
use crate::{
    answers::CreatedOrFound,
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiTimestamp},
};

/// Routes of seats.
#[derive(Clone)]
pub struct SeatRoutes {
    licenses: Licenses,
    cursors: Cursors,
}

/// What became of a seat's assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "SeatStatus", rename_all = "snake_case", remote = "SeatStatus")]
pub enum ApiSeatStatus {
    /// The user sits.
    Active,
    /// The user gave the seat back.
    Released,
    /// The user had begun to learn when the licence was taken back; the seat stays allocated.
    ConsumedOnRefund,
}

/// Who is to sit.
#[derive(Debug, Object)]
#[oai(rename = "SeatRequest", rename_all = "camelCase")]
pub struct SeatRequestBody {
    user_id: ApiExternalId<external_id::kinds::User>,
}

/// One user's stay on one seat.
#[derive(Debug, Object)]
#[oai(rename = "Seat", rename_all = "camelCase")]
pub struct SeatBody {
    id: ApiId<kinds::Seat>,
    user_id: ApiExternalId<external_id::kinds::User>,
    status: ApiSeatStatus,
    assigned_at: ApiTimestamp,
    released_at: Option<ApiTimestamp>,
    /// The licence's seats that nobody has; null when unlimited.
    remaining_seats: Option<u32>,
}

impl From<&Seated> for SeatBody {
    fn from(seated: &Seated) -> Self {
        let seat = &seated.seat;
        Self {
            id: seat.id.into(),
            user_id: seat.user_id.clone().into(),
            status: seat.status.into(),
            assigned_at: seat.assigned_at.into(),
            released_at: seat.released_at.map(Into::into),
            remaining_seats: seated.remaining,
        }
    }
}

impl SeatRoutes {
    /// Over this use case.
    pub fn new(licenses: Licenses, cursors: Cursors) -> Self {
        Self { licenses, cursors }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Licenses")]
impl SeatRoutes {
    /// A licence's seats, newest first.
    #[oai(path = "/licenses/:id/seats", method = "get", operation_id = "seats.list")]
    async fn list(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<SeatBody>>, Problem> {
        let id = id.0.0;
        let list = self.cursors.list("seats.list", caller.tenant()).filter("license", Some(id));
        let request = list.request(*limit, cursor.as_deref())?;
        let remaining = self.licenses.get(&caller.0, id).await?.remaining();
        let page = self.licenses.seats(&caller.0, id, &request).await?;
        Ok(Json(list.answer(page, |seat| SeatBody::from(&Seated { seat, remaining, created: false }))))
    }

    /// Seats a user. 200 with the seat when the user sits already.
    #[oai(path = "/licenses/:id/seats", method = "post", operation_id = "seats.assign")]
    async fn assign(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        body: Json<SeatRequestBody>,
    ) -> Result<Located<CreatedOrFound<SeatBody>>, Problem> {
        let id = id.0.0;
        let seated = self.licenses.assign_seat(&caller.0, id, &body.user_id.0).await?;
        let seat = SeatBody::from(&seated);
        Ok(Located {
            path: format!("/v1/licenses/{id}/seats/{}", seated.seat.id),
            version: None,
            answer: if seated.created { CreatedOrFound::Created(seat) } else { CreatedOrFound::Found(seat) },
        })
    }

    /// Takes a user off a seat; a released seat stays released.
    #[oai(path = "/licenses/:id/seats/:seatId", method = "delete", operation_id = "seats.release")]
    async fn release(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::License>>,
        #[oai(name = "seatId")] seat_id: Path<ApiId<kinds::Seat>>,
    ) -> Result<Json<SeatBody>, Problem> {
        let seated = self.licenses.release_seat(&caller.0, id.0.0, seat_id.0.0).await?;
        Ok(Json(SeatBody::from(&seated)))
    }
}
