//! Enrollment's routes.

use std::sync::Arc;

use poem::{
    Body, EndpointExt as _, IntoEndpoint, Route, handler, post, put,
    web::{Data, Path},
};
use sarai_gateways::wire::{Learned, Learners, Place, Switches, Wire};
use sarai_ports::marketplace::EnrollmentGateway as _;

use super::{Answer, read, shown, told};
use crate::EnrollmentStandIn;

type Enrollment<'a> = Data<&'a Arc<EnrollmentStandIn>>;

/// The routes over a stand-in.
pub(super) fn routes(enrollment: Arc<EnrollmentStandIn>) -> impl IntoEndpoint {
    Route::new()
        .at("/enrolments/:key", put(enroll))
        .at("/cancellations/:key", put(cancel))
        .at("/consumed", post(consumed))
        .at("/activity", post(activity))
        .at("/demo", post(demo))
        .data(enrollment)
}

#[handler]
async fn enroll(Data(enrollment): Enrollment<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Wire(learner) = read(body).await?;
    told(&enrollment.enroll(&key, &learner).await?)
}

#[handler]
async fn cancel(Data(enrollment): Enrollment<'_>, Path(key): Path<String>, body: Body) -> Answer {
    let Place { tenant_id, user_id, course_id } = read(body).await?;
    told(&enrollment.cancel(&key, &tenant_id, &user_id, &course_id).await?)
}

#[handler]
async fn consumed(Data(enrollment): Enrollment<'_>, body: Body) -> Answer {
    let Learners { tenant_id, course_id, user_ids } = read(body).await?;
    let user_ids = enrollment.consumed(&tenant_id, &course_id, &user_ids).await?;
    shown(&Learners { tenant_id, course_id, user_ids })
}

#[handler]
async fn activity(Data(enrollment): Enrollment<'_>, body: Body) -> Answer {
    let Place { tenant_id, user_id, course_id } = read(body).await?;
    told(&enrollment.activity(&tenant_id, &user_id, &course_id).await?)
}

#[handler]
async fn demo(Data(enrollment): Enrollment<'_>, body: Body) -> Answer {
    let Switches { outage, learned } = read(body).await?;
    for Learned { user_id, course_id, attempts, consumed: done } in learned {
        enrollment.set_activity(user_id, course_id, attempts, done);
    }
    if let Some(outage) = outage {
        enrollment.set_outage(outage);
    }
    enrollment.kept().await?;
    told(&())
}
