//! What a demo asks of a stand-in that has things to do later: when, and to do them now.

use std::sync::Arc;

use poem::{Body, EndpointExt as _, IntoEndpoint, Route, handler, post, web::Data};
use sarai_gateways::wire::{Due, Moved, Now};
use sarai_ports::{
    GatewayError, StoreError,
    system::{DueWork, MovableClock},
};

use super::{Answer, Fault, read, shown};

/// The routes over a stand-in's work, by its clock.
pub(super) fn routes(work: Arc<dyn DueWork>, clock: Arc<dyn MovableClock>) -> impl IntoEndpoint {
    Route::new().at("/due", post(due)).at("/clock", post(move_clock)).data(work).data(clock)
}

#[handler]
async fn due(Data(work): Data<&Arc<dyn DueWork>>, body: Body) -> Answer {
    let Now { at } = read(body).await?;
    shown(&Due { at: work.next_due(at).await.map_err(passing)? })
}

#[handler]
async fn move_clock(
    Data(work): Data<&Arc<dyn DueWork>>,
    Data(clock): Data<&Arc<dyn MovableClock>>,
    body: Body,
) -> Answer {
    let Now { at } = read(body).await?;
    clock.advance_to(at).await.map_err(passing)?;
    shown(&Moved { ran: work.run_due().await.map_err(passing)? })
}

/// What went wrong may pass.
#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn passing(error: StoreError) -> Fault {
    GatewayError::Unavailable(error.to_string()).into()
}
