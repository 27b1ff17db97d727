//! `enrollment-service`: who is enrolled in which course, and what learners did there.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use sarai_domain::kernel::{CourseId, TenantId, UserId};
use sarai_gateways::wire::{Place, wired};
use sarai_ports::{
    GatewayError,
    marketplace::{EnrollmentGateway, Enrolment, LearnerActivity},
};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::{
    documents::{Changes, Documents, DocumentsError},
    faults::Faults,
    keyed::Keyed,
    locked,
    table::Table,
};

/// Enrollment, embedded.
pub struct EnrollmentStandIn {
    documents: Arc<Documents>,
    state: Mutex<State>,
    faults: Faults,
}

struct State {
    enrolled: Table<Place, Enrolled>,
    enrolments: Keyed<Enrolment, ()>,
    cancellations: Keyed<Place, ()>,
    progress: Table<(UserId, CourseId), Progress>,
}

#[derive(Serialize, Deserialize)]
struct Enrolled(#[serde(with = "wired")] Enrolment);

/// What a learner did in a course.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Progress {
    attempts: u32,
    consumed: bool,
}

impl State {
    fn of(documents: &Documents) -> Result<Self, DocumentsError> {
        let mut state = Self {
            enrolled: Table::new("enrollment.enrolled"),
            enrolments: Keyed::new("enrollment.enrolment"),
            cancellations: Keyed::new("enrollment.cancellation"),
            progress: Table::new("enrollment.progress"),
        };
        state.enrolled.fill(documents)?;
        state.enrolments.fill(documents)?;
        state.cancellations.fill(documents)?;
        state.progress.fill(documents)?;
        Ok(state)
    }

    /// Notes what changed since the last time.
    fn note(&mut self, changes: &mut Changes) -> Result<(), GatewayError> {
        self.enrolled.note(changes)?;
        self.enrolments.note(changes)?;
        self.cancellations.note(changes)?;
        self.progress.note(changes)
    }
}

impl EnrollmentStandIn {
    /// Who these documents say is enrolled, and what learners did.
    ///
    /// # Errors
    /// [`DocumentsError::Unreadable`].
    pub fn new(documents: Arc<Documents>) -> Result<Self, DocumentsError> {
        let state = Mutex::new(State::of(&documents)?);
        Ok(Self { documents, state, faults: Faults::default() })
    }

    /// Sets what a learner did in a course: how often it was tried, and whether it counts as consumed.
    pub fn set_activity(&self, user: UserId, course: CourseId, attempts: u32, consumed: bool) {
        let set = self.decide(|state| {
            state.progress.insert((user, course), Progress { attempts, consumed });
            Ok(())
        });
        if let Err(error) = set {
            warn!(%error, "what a learner did is not kept");
        }
    }

    /// Whether every call fails as unavailable before it does anything.
    pub fn set_outage(&self, outage: bool) {
        self.faults.set_outage(outage);
    }

    /// Makes the next calls do their work and then fail as unavailable: the caller cannot know the outcome.
    pub fn lose_answers(&self, calls: u32) {
        self.faults.lose_answers(calls);
    }

    /// Who is enrolled in a course now, of all tenants.
    pub fn enrolled(&self, course: &CourseId) -> BTreeSet<UserId> {
        let state = locked(&self.state);
        let places = state.enrolled.keys().filter(|place| place.course_id == *course);
        places.map(|place| place.user_id.clone()).collect()
    }

    /// The enrollment of a tenant's learner in a course.
    pub fn enrolment(&self, tenant: &TenantId, user: &UserId, course: &CourseId) -> Option<Enrolment> {
        let state = locked(&self.state);
        state.enrolled.get(&place(tenant, user, course)).map(|Enrolled(enrolment)| enrolment.clone())
    }

    /// Runs a call under the faults; answers when what it changed is kept.
    async fn turn<T>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, GatewayError>,
    ) -> Result<T, GatewayError> {
        let answer = self.decide(|state| Ok(self.faults.call(|| work(state))))?;
        self.documents.kept().await?;
        answer
    }

    fn decide<T>(&self, work: impl FnOnce(&mut State) -> Result<T, GatewayError>) -> Result<T, GatewayError> {
        let mut state = locked(&self.state);
        let answer = work(&mut state);
        let mut changes = self.documents.changes();
        state.note(&mut changes)?;
        self.documents.write(changes);
        answer
    }
}

fn place(tenant: &TenantId, user: &UserId, course: &CourseId) -> Place {
    Place { tenant_id: tenant.clone(), user_id: user.clone(), course_id: course.clone() }
}

#[async_trait]
impl EnrollmentGateway for EnrollmentStandIn {
    async fn enroll(&self, key: &str, enrolment: &Enrolment) -> Result<(), GatewayError> {
        self.turn(|state| {
            if state.enrolments.known(key, enrolment)?.is_none() {
                let place = place(&enrolment.tenant_id, &enrolment.user_id, &enrolment.course_id);
                state.enrolled.insert(place, Enrolled(enrolment.clone()));
                state.enrolments.keep(key, enrolment.clone(), ());
            }
            Ok(())
        })
        .await
    }

    async fn cancel(
        &self,
        key: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError> {
        let place = place(tenant, user, course);
        self.turn(|state| {
            if state.cancellations.known(key, &place)?.is_none() {
                state.enrolled.remove(&place);
                state.cancellations.keep(key, place, ());
            }
            Ok(())
        })
        .await
    }

    async fn consumed(
        &self,
        _tenant: &TenantId,
        course: &CourseId,
        users: &BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, GatewayError> {
        self.turn(|state| {
            let consumed = |user: &&UserId| {
                let progress = state.progress.get(&((*user).clone(), course.clone()));
                progress.is_some_and(|progress| progress.consumed)
            };
            Ok(users.iter().filter(consumed).cloned().collect())
        })
        .await
    }

    async fn activity(
        &self,
        _tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<LearnerActivity, GatewayError> {
        self.turn(|state| {
            let progress = state.progress.get(&(user.clone(), course.clone()));
            Ok(LearnerActivity { attempts: progress.map_or(0, |progress| progress.attempts) })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str) -> UserId {
        UserId::try_new(id).unwrap()
    }

    fn course() -> CourseId {
        CourseId::try_new("crs_1").unwrap()
    }

    fn tenant() -> TenantId {
        TenantId::try_new("acme").unwrap()
    }

    fn enrolment(who: &str) -> Enrolment {
        Enrolment {
            tenant_id: tenant(),
            user_id: user(who),
            course_id: course(),
            course_version_id: "cv_1".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn a_key_works_once_so_a_late_repetition_does_not_undo_a_cancellation() {
        let service = EnrollmentStandIn::new(Arc::default()).unwrap();
        service.enroll("k1", &enrolment("ann")).await.unwrap();
        service.enroll("k2", &enrolment("bob")).await.unwrap();
        assert_eq!(service.enrolled(&course()), BTreeSet::from([user("ann"), user("bob")]));
        service.cancel("k1", &tenant(), &user("ann"), &course()).await.unwrap();
        service.enroll("k1", &enrolment("ann")).await.unwrap();
        assert_eq!(service.enrolled(&course()), BTreeSet::from([user("bob")]));
        service.enroll("k3", &enrolment("ann")).await.unwrap();
        service.cancel("k1", &tenant(), &user("ann"), &course()).await.unwrap();
        assert_eq!(service.enrolment(&tenant(), &user("ann"), &course()), Some(enrolment("ann")));
    }

    #[tokio::test]
    async fn a_key_is_not_reused_and_ending_nothing_is_done() {
        let service = EnrollmentStandIn::new(Arc::default()).unwrap();
        service.enroll("k1", &enrolment("ann")).await.unwrap();
        assert!(matches!(service.enroll("k1", &enrolment("bob")).await, Err(GatewayError::Refused { .. })));
        assert_eq!(service.cancel("k2", &tenant(), &user("cy"), &course()).await, Ok(()));
    }

    #[tokio::test]
    async fn activity_is_what_was_set() {
        let service = EnrollmentStandIn::new(Arc::default()).unwrap();
        service.set_activity(user("ann"), course(), 3, true);
        service.set_activity(user("bob"), course(), 1, false);
        let asked = BTreeSet::from([user("ann"), user("bob"), user("cy")]);
        let consumed = service.consumed(&tenant(), &course(), &asked).await;
        assert_eq!(consumed, Ok(BTreeSet::from([user("ann")])));
        for (who, attempts) in [("ann", 3), ("bob", 1), ("cy", 0)] {
            let activity = service.activity(&tenant(), &user(who), &course()).await;
            assert_eq!(activity, Ok(LearnerActivity { attempts }), "{who}");
        }
    }

    #[tokio::test]
    async fn an_outage_does_nothing_and_a_lost_answer_did_it() {
        let service = EnrollmentStandIn::new(Arc::default()).unwrap();
        service.set_outage(true);
        assert!(matches!(service.enroll("k1", &enrolment("ann")).await, Err(GatewayError::Unavailable(_))));
        assert!(service.enrolled(&course()).is_empty());
        service.set_outage(false);
        service.lose_answers(1);
        assert!(matches!(service.enroll("k1", &enrolment("ann")).await, Err(GatewayError::Unavailable(_))));
        assert_eq!(service.enrolled(&course()), BTreeSet::from([user("ann")]));
        assert_eq!(service.enroll("k1", &enrolment("ann")).await, Ok(()));
    }
}
