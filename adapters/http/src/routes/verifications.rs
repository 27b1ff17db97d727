//! Verifications (devportal.md 3.5 and 4): started, checked, sent again, given up; only by keys.

use poem_openapi::{
    OpenApi,
    param::{Header, Path, Query},
    payload::Json,
};
use sarai_application::{AppError, devportal::verify::Verify};
use sarai_domain::{
    devportal::{
        values::{Channel, CountryCode, Environment},
        verify::VerifyState,
    },
    kernel::{Aggregate as _, Detail, Kind, Timestamp, id::kinds},
};
use sarai_ports::devportal::verify::SessionFilter;

use super::{
    Tag,
    key_body::ApiEnvironment,
    located::Located,
    members::at,
    verify_body::{CheckedBody, PreviewBody, SummaryBody, VerificationBody},
    verify_request::{CheckBody, NewPreviewBody, NewVerificationBody},
    verify_words::{ApiChannel, ApiVerifyState},
};
use crate::{
    answers::{Accepted, CreatedOrFound},
    caller::Caller,
    page::{ApiPage, Cursors, Limit},
    problem::Problem,
    scalars::{ApiId, ApiTimestamp},
};

/// Routes of verifications.
pub struct VerificationRoutes {
    verify: Verify,
    cursors: Cursors,
}

impl VerificationRoutes {
    /// Over these use cases.
    pub fn new(verify: Verify, cursors: Cursors) -> Self {
        Self { verify, cursors }
    }

    /// A refusal, with the wait it asks for.
    fn refused(&self, caller: &Caller, error: AppError) -> Problem {
        let key = caller.0.principal.key();
        let real = key.is_some_and(|key| key.environment == Environment::Production);
        let wait = wait_of(&error, real, self.verify.now());
        let problem = Problem::from(error);
        match wait {
            Some(seconds) => problem.retry_after(seconds),
            None => problem,
        }
    }
}

/// How many seconds a refusal asks to wait, where it is one of too much in too short a time; an hour where nobody knows when
/// it ends. A sandbox's time passes by itself nowhere: a second stands for its wait.
fn wait_of(error: &AppError, real: bool, now: Timestamp) -> Option<u64> {
    let until = error.details.iter().find_map(|(name, value)| match value {
        Detail::Text(text) if WAITS.contains(name) => text.parse::<Timestamp>().ok(),
        _ => None,
    });
    match until {
        _ if error.kind != Kind::Limited => None,
        _ if !real => Some(1),
        Some(until) => Some(u64::try_from(until.since(now).whole_seconds()).unwrap_or(0).saturating_add(1)),
        None => Some(UNKNOWN_WAIT),
    }
}

/// How long who is locked out until somebody unlocks it waits before asking again, in seconds.
const UNKNOWN_WAIT: u64 = 3_600;
/// Members that say until when something is refused.
const WAITS: &[&str] = &["until", "resendAvailableAt"];

#[OpenApi(prefix_path = "/v1", tag = "Tag::Verify")]
impl VerificationRoutes {
    /// Start a verification
    ///
    /// Sends a code over the first channel, and over the next ones where that is not delivered. A live verification of the
    /// same destination and purpose goes on, with status 200, unless `onExisting` says otherwise.
    #[oai(path = "/verifications", method = "post", operation_id = "verifications.start")]
    async fn start(
        &self,
        caller: Caller,
        #[oai(name = "Sarai-Sandbox")] sandbox: Header<Option<ApiId<kinds::Sandbox>>>,
        body: Json<NewVerificationBody>,
    ) -> Result<Located<CreatedOrFound<VerificationBody>>, Problem> {
        caller.0.environment(body.0.environment.map(Environment::from))?;
        let request = body.0.parse()?;
        let asking = self.verify.caller(&caller.0, sandbox.0.map(|id| id.0)).await?;
        let shown = self.verify.start(&caller.0, &asking, &request).await;
        let shown = shown.map_err(|error| self.refused(&caller, error))?;
        let body = VerificationBody::from(&shown);
        let answer = if shown.reused { CreatedOrFound::Found(body) } else { CreatedOrFound::Created(body) };
        let path = format!("/v1/verifications/{}", shown.session.id());
        Ok(Located { path, version: None, answer })
    }

    /// The tenant's verifications of one environment, newest first
    #[oai(path = "/verifications", method = "get", operation_id = "verifications.list")]
    #[allow(clippy::too_many_arguments, reason = "a filter each")]
    async fn list(
        &self,
        caller: Caller,
        #[oai(name = "Sarai-Sandbox")] sandbox: Header<Option<ApiId<kinds::Sandbox>>>,
        environment: Query<Option<ApiEnvironment>>,
        state: Query<Option<ApiVerifyState>>,
        channel: Query<Option<ApiChannel>>,
        country: Query<Option<String>>,
        from: Query<Option<ApiTimestamp>>,
        to: Query<Option<ApiTimestamp>>,
        limit: Query<Limit>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<ApiPage<SummaryBody>>, Problem> {
        let country = country.0.as_deref().map(|text| at("country", CountryCode::parse(text))).transpose()?;
        let (environment, sandbox) = (environment.0.map(Environment::from), sandbox.0.map(|id| id.0));
        let filter = SessionFilter {
            state: state.0.map(VerifyState::from),
            channel: channel.0.map(Channel::from),
            country,
            from: from.0.map(|at| at.0),
            to: to.0.map(|at| at.0),
        };
        let list = self.cursors.list("verifications.list", caller.tenant());
        let list = list
            .filter("environment", environment.map(Environment::as_str))
            .filter("sandbox", sandbox)
            .filter("state", filter.state.map(VerifyState::as_str))
            .filter("channel", filter.channel)
            .filter("country", filter.country)
            .filter("from", filter.from)
            .filter("to", filter.to);
        let page = list.request(limit.0, cursor.0.as_deref())?;
        let page = self.verify.list(&caller.0, environment, sandbox, filter, &page).await?;
        Ok(Json(list.answer(page, |session| SummaryBody::from(&session))))
    }

    /// One verification, with its sends and everything that happened
    #[oai(path = "/verifications/:id", method = "get", operation_id = "verifications.get")]
    async fn get(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Verification>>,
        environment: Query<Option<ApiEnvironment>>,
    ) -> Result<Json<VerificationBody>, Problem> {
        let shown = self.verify.get(&caller.0, environment.0.map(Environment::from), id.0.0).await?;
        Ok(Json(VerificationBody::from(&shown)))
    }

    /// Check a code
    ///
    /// A wrong code is an answer, not an error; each well-formed one counts.
    #[oai(path = "/verifications/:id/check", method = "post", operation_id = "verifications.check")]
    async fn check(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Verification>>,
        body: Json<CheckBody>,
    ) -> Result<Json<CheckedBody>, Problem> {
        let checked = self.verify.check(&caller.0, id.0.0, &body.0.code).await;
        let checked = checked.map_err(|error| self.refused(&caller, error))?;
        Ok(Json(CheckedBody::from(&checked)))
    }

    /// Send the code again on the current channel
    #[oai(path = "/verifications/:id/resend", method = "post", operation_id = "verifications.resend")]
    async fn resend(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Verification>>,
    ) -> Result<Accepted<VerificationBody>, Problem> {
        let shown = self.verify.resend(&caller.0, id.0.0).await;
        let shown = shown.map_err(|error| self.refused(&caller, error))?;
        Ok(Accepted(VerificationBody::from(&shown)))
    }

    /// Send the code on the next channel
    #[oai(
        path = "/verifications/:id/next-channel",
        method = "post",
        operation_id = "verifications.next-channel"
    )]
    async fn next_channel(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Verification>>,
    ) -> Result<Accepted<VerificationBody>, Problem> {
        let shown = self.verify.next_channel(&caller.0, id.0.0).await;
        let shown = shown.map_err(|error| self.refused(&caller, error))?;
        Ok(Accepted(VerificationBody::from(&shown)))
    }

    /// Give a verification up
    #[oai(path = "/verifications/:id/cancel", method = "post", operation_id = "verifications.cancel")]
    async fn cancel(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::Verification>>,
    ) -> Result<Json<VerificationBody>, Problem> {
        let shown = self.verify.cancel(&caller.0, id.0.0).await?;
        Ok(Json(VerificationBody::from(&shown)))
    }

    /// See what a start would meet: route, price and refusals of every step
    ///
    /// Nothing is sent, counted or stored.
    #[oai(path = "/verification-previews", method = "post", operation_id = "verifications.preview")]
    async fn preview(
        &self,
        caller: Caller,
        body: Json<NewPreviewBody>,
    ) -> Result<Json<PreviewBody>, Problem> {
        caller.0.environment(body.0.environment.map(Environment::from))?;
        let request = body.0.parse()?;
        let asking = self.verify.caller(&caller.0, None).await?;
        Ok(Json(PreviewBody::from(&self.verify.preview(&caller.0, &asking, &request).await?)))
    }
}

#[cfg(test)]
mod tests {
    use sarai_domain::{
        devportal::policy::{AdmissionError, SpendError},
        kernel::{Currency, Price},
    };

    use super::*;

    #[test]
    fn every_refusal_of_too_much_in_too_short_a_time_says_how_long_to_wait() {
        let now: Timestamp = "2026-04-20T09:30:00Z".parse().unwrap();
        let until = now.plus(time::Duration::seconds(90));
        let locked = AppError::from(AdmissionError::DestinationHeldBack { until: None });
        assert_eq!(wait_of(&locked, true, now), Some(3_600), "nobody knows when it is unlocked");
        assert_eq!(wait_of(&locked, false, now), Some(1));
        let held = AppError::from(AdmissionError::DestinationHeldBack { until: Some(until) });
        assert_eq!((wait_of(&held, true, now), wait_of(&held, false, now)), (Some(91), Some(1)));
        let cap = Price::zero(Currency::parse("USD").unwrap());
        let capped = AppError::from(SpendError::CapReached { cap, resets_at: until });
        let capped = capped.with("until", Detail::Text(until.to_string()));
        assert_eq!(wait_of(&capped, true, now), None, "402 is not to be tried again");
    }
}
