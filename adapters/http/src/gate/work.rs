//! Running a handler: a place for it, a task of its own, a deadline for the answer.

use poem::{Endpoint, Request, Response, http::StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument;

use super::{Gate, replay::Held, seal::Seen};
use crate::{operations::Operation, problem::Problem};

/// What a handler holds while it runs.
pub(super) struct Place(#[expect(dead_code, reason = "held until it is dropped")] Vec<OwnedSemaphorePermit>);

impl<E: Endpoint<Output = Response> + 'static> Gate<E> {
    /// A place for a handler, when one is free in time. What waits needs none: it has its slot.
    pub(super) async fn place(&self, operation: &Operation) -> Result<Place, Problem> {
        let beginnings = operation.begins.then_some(&self.beginnings);
        let wanted = beginnings.into_iter().chain((!operation.waits).then_some(&self.places));
        let places = async {
            let mut places = Vec::new();
            for semaphore in wanted {
                places.push(semaphore.clone().acquire_owned().await.ok()?);
            }
            Some(Place(places))
        };
        let place = tokio::time::timeout(self.deadlines.queue, places).await.ok().flatten();
        place.ok_or_else(|| Problem::new("overload", ""))
    }

    /// Runs the handler of an admitted request. It runs to its end and its answer is stored, also when the
    /// client went away or the deadline passed.
    pub(super) async fn work(
        &self,
        request: Request,
        operation: &Operation,
        seen: &Seen,
        held: Option<Held>,
        place: Place,
    ) -> Result<Response, Problem> {
        if operation.waits {
            // It changes nothing, has its slot, and ends when its client goes away.
            return Ok(refused_properly(self.routes.get_response(request).await, seen).0);
        }
        let (routes, seen) = (self.routes.clone(), seen.clone());
        let handler = async move {
            let (response, code) = refused_properly(routes.get_response(request).await, &seen);
            let response = match held {
                Some(held) => {
                    held.settle(response, code).await.unwrap_or_else(|problem| seen.refuse(&problem))
                }
                None => response,
            };
            drop(place);
            response
        };
        let task = self.tasks.spawn(handler.in_current_span());
        let outcome = if operation.slow {
            task.await
        } else {
            match tokio::time::timeout(self.deadlines.answer, task).await {
                Ok(outcome) => outcome,
                Err(_) => return Err(Problem::new("timeout", "")),
            }
        };
        outcome.map_err(|error| {
            tracing::error!(%error, operation = operation.id, "a handler broke off");
            Problem::new("unavailable", "")
        })
    }
}

/// The answer with every refusal in its final form, and the refusal's code.
fn refused_properly(response: Response, seen: &Seen) -> (Response, Option<&'static str>) {
    let problem = match response.data::<Problem>() {
        Some(problem) => problem.clone(),
        None if response.status().is_server_error() => Problem::new("unavailable", ""),
        None if response.status() == StatusCode::NOT_FOUND => Problem::not_found("resource"),
        None => return (response, None),
    };
    (seen.refuse(&problem), Some(problem.code()))
}
