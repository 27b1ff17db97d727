//! `enrollment-service`: who is enrolled in which course, and what learners did there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use async_trait::async_trait;
use sarai_domain::kernel::{CourseId, TenantId, UserId};
use sarai_ports::{
    GatewayError,
    marketplace::{EnrollmentGateway, Enrolment, LearnerActivity},
};

use crate::{faults::Faults, keyed::Keyed, locked};

/// Enrollment, embedded. Its state is in memory.
#[derive(Default)]
pub struct EnrollmentStandIn {
    state: Mutex<State>,
    faults: Faults,
}

type Place = (TenantId, UserId, CourseId);

#[derive(Default)]
struct State {
    enrolled: BTreeMap<Place, Enrolment>,
    enrolments: Keyed<Enrolment, ()>,
    cancellations: Keyed<Place, ()>,
    progress: BTreeMap<(UserId, CourseId), Progress>,
}

/// What a learner did in a course.
#[derive(Clone, Copy)]
struct Progress {
    attempts: u32,
    consumed: bool,
}

impl EnrollmentStandIn {
    /// Nobody is enrolled and nobody did anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what a learner did in a course: how often it was tried, and whether it counts as consumed.
    pub fn set_activity(&self, user: UserId, course: CourseId, attempts: u32, consumed: bool) {
        locked(&self.state).progress.insert((user, course), Progress { attempts, consumed });
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
        let places = state.enrolled.keys().filter(|(_, _, enrolled)| enrolled == course);
        places.map(|(_, user, _)| user.clone()).collect()
    }

    /// The enrollment of a tenant's learner in a course.
    pub fn enrolment(&self, tenant: &TenantId, user: &UserId, course: &CourseId) -> Option<Enrolment> {
        locked(&self.state).enrolled.get(&(tenant.clone(), user.clone(), course.clone())).cloned()
    }

    fn turn<T>(&self, work: impl FnOnce(&mut State) -> Result<T, GatewayError>) -> Result<T, GatewayError> {
        self.faults.call(|| work(&mut locked(&self.state)))
    }
}

#[async_trait]
impl EnrollmentGateway for EnrollmentStandIn {
    async fn enroll(&self, key: &str, enrolment: &Enrolment) -> Result<(), GatewayError> {
        self.turn(|state| {
            if state.enrolments.known(key, enrolment)?.is_none() {
                let place =
                    (enrolment.tenant_id.clone(), enrolment.user_id.clone(), enrolment.course_id.clone());
                state.enrolled.insert(place, enrolment.clone());
                state.enrolments.keep(key, enrolment.clone(), ());
            }
            Ok(())
        })
    }

    async fn cancel(
        &self,
        key: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError> {
        let place = (tenant.clone(), user.clone(), course.clone());
        self.turn(|state| {
            if state.cancellations.known(key, &place)?.is_none() {
                state.enrolled.remove(&place);
                state.cancellations.keep(key, place, ());
            }
            Ok(())
        })
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
        let service = EnrollmentStandIn::new();
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
        let service = EnrollmentStandIn::new();
        service.enroll("k1", &enrolment("ann")).await.unwrap();
        assert!(matches!(service.enroll("k1", &enrolment("bob")).await, Err(GatewayError::Refused { .. })));
        assert_eq!(service.cancel("k2", &tenant(), &user("cy"), &course()).await, Ok(()));
    }

    #[tokio::test]
    async fn activity_is_what_was_set() {
        let service = EnrollmentStandIn::new();
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
        let service = EnrollmentStandIn::new();
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
