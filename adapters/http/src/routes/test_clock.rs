//! The test clock: business time of demo and sandbox tenants, read and moved.

use poem_openapi::{Object, OpenApi, payload::Json};
use sarai_application::test_clock::TestClock;

use super::Tag;
use crate::{caller::Caller, problem::Problem, scalars::ApiTimestamp};

/// Routes of the test clock.
#[derive(Clone)]
pub struct TestClockRoutes {
    clock: TestClock,
}

/// Business time.
#[derive(Debug, Object)]
#[oai(rename = "TestClock", rename_all = "camelCase")]
pub struct ClockBody {
    now: ApiTimestamp,
}

/// How far to move.
#[derive(Debug, Object)]
#[oai(rename = "AdvanceRequest", rename_all = "camelCase")]
pub struct AdvanceRequestBody {
    advance_seconds: u32,
}

/// Business time after everything due has run.
#[derive(Debug, Object)]
#[oai(rename = "AdvancedClock", rename_all = "camelCase")]
pub struct AdvancedBody {
    now: ApiTimestamp,
    /// How many things that were due have run.
    ran: u64,
}

impl TestClockRoutes {
    /// Over this use case.
    pub fn new(clock: TestClock) -> Self {
        Self { clock }
    }
}

#[allow(clippy::unused_async, reason = "the library wants every handler async")]
#[OpenApi(prefix_path = "/v1", tag = "Tag::Admin")]
impl TestClockRoutes {
    /// Business time.
    #[oai(path = "/test-clock", method = "get", operation_id = "test-clock.get")]
    async fn get(&self, _caller: Caller) -> Result<Json<ClockBody>, Problem> {
        Ok(Json(ClockBody { now: self.clock.now().into() }))
    }

    /// Moves business time forward and runs everything that falls due on the way.
    #[oai(path = "/test-clock", method = "post", operation_id = "test-clock.advance")]
    async fn advance(
        &self,
        caller: Caller,
        body: Json<AdvanceRequestBody>,
    ) -> Result<Json<AdvancedBody>, Problem> {
        let (now, ran) = self.clock.advance(&caller.0, body.advance_seconds).await?;
        Ok(Json(AdvancedBody { now: now.into(), ran: u64::try_from(ran).unwrap_or(u64::MAX) }))
    }
}
