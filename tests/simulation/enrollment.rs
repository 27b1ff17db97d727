//! Enrollment as the simulation plays it: knows who is enrolled, and is not always there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use sarai_domain::kernel::{CourseId, TenantId, UserId};
use sarai_ports::{
    GatewayError,
    marketplace::{EnrollmentGateway, Enrolment, LearnerActivity},
};

use super::{faults::Fault, store::World};

/// Whose course.
pub(super) type Enrolled = (TenantId, UserId, CourseId);

/// The stand-in for enrollment-service.
#[derive(Debug)]
pub(super) struct Enrollment {
    world: Arc<World>,
    enrolled: Mutex<BTreeSet<Enrolled>>,
    /// Whom it refused for good.
    barred: Mutex<BTreeSet<Enrolled>>,
    keys: Mutex<BTreeMap<String, bool>>,
}

impl Enrollment {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, enrolled: Mutex::default(), barred: Mutex::default(), keys: Mutex::default() }
    }

    fn enrolled(&self) -> MutexGuard<'_, BTreeSet<Enrolled>> {
        self.enrolled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What each key did: the same key again has its effect once and the same answer.
    fn keys(&self) -> MutexGuard<'_, BTreeMap<String, bool>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everybody who is enrolled.
    pub(super) fn everybody(&self) -> BTreeSet<Enrolled> {
        self.enrolled().clone()
    }

    /// Everybody who was refused.
    pub(super) fn refused(&self) -> BTreeSet<Enrolled> {
        self.barred.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn reached(&self) -> Result<(), GatewayError> {
        self.world.pause().await;
        if self.world.weather.strikes(Fault::EnrollmentDown) {
            return Err(GatewayError::Unavailable("enrollment does not answer".to_owned()));
        }
        Ok(())
    }

    fn answered<T>(&self, answer: T) -> Result<T, GatewayError> {
        if self.world.weather.strikes(Fault::EnrollmentAnswerLost) {
            return Err(GatewayError::Unavailable("enrollment's answer was lost".to_owned()));
        }
        Ok(answer)
    }
}

/// Every fifth learner has begun.
pub(super) fn has_begun(user: &UserId) -> bool {
    user.as_str().bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 5 == 0
}

#[async_trait]
impl EnrollmentGateway for Enrollment {
    async fn enroll(&self, key: &str, enrolment: &Enrolment) -> Result<(), GatewayError> {
        self.reached().await?;
        let known = self.keys().get(key).copied();
        let refused =
            known.map_or_else(|| self.world.weather.strikes(Fault::EnrollmentRefused), |done| !done);
        self.keys().insert(key.to_owned(), !refused);
        let Enrolment { tenant_id, user_id, course_id, .. } = enrolment.clone();
        let learner = (tenant_id, user_id, course_id);
        if refused {
            self.barred.lock().unwrap_or_else(PoisonError::into_inner).insert(learner);
            return Err(GatewayError::Refused { code: "learner_barred".to_owned() });
        }
        if known.is_none() {
            self.enrolled().insert(learner);
        }
        self.answered(())
    }

    async fn cancel(
        &self,
        key: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError> {
        self.reached().await?;
        if self.keys().insert(key.to_owned(), true).is_none() {
            self.enrolled().remove(&(tenant.clone(), user.clone(), course.clone()));
        }
        self.answered(())
    }

    async fn consumed(
        &self,
        _tenant: &TenantId,
        _course: &CourseId,
        users: &BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, GatewayError> {
        self.reached().await?;
        self.answered(users.iter().filter(|user| has_begun(user)).cloned().collect())
    }

    async fn activity(
        &self,
        _tenant: &TenantId,
        user: &UserId,
        _course: &CourseId,
    ) -> Result<LearnerActivity, GatewayError> {
        self.reached().await?;
        self.answered(LearnerActivity { attempts: if has_begun(user) { 3 } else { 0 } })
    }
}
