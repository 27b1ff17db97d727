//! enrollment-service over HTTP; the contract is `fixtures/contracts/enrollment.json`.

use std::{collections::BTreeSet, path::Path};

use async_trait::async_trait;
use hyper::Method;
use sarai_domain::kernel::{CourseId, TenantId, UserId};
use sarai_ports::{
    GatewayError,
    marketplace::{EnrollmentGateway, Enrolment, LearnerActivity},
};

use crate::{
    AddressError,
    client::Client,
    wire::{Learners, Place, Wire},
};

/// Enrollment behind an address.
#[derive(Debug, Clone)]
pub struct EnrollmentClient {
    client: Client,
}

impl EnrollmentClient {
    /// The service at this address, believed over TLS with a certificate of a public authority, or of this file's (PEM).
    ///
    /// # Errors
    /// [`AddressError`] for a text that is none, and for a file without certificates.
    pub fn new(address: &str, authorities: Option<&Path>) -> Result<Self, AddressError> {
        Ok(Self { client: Client::new(address, authorities)? })
    }
}

#[async_trait]
impl EnrollmentGateway for EnrollmentClient {
    async fn enroll(&self, key: &str, enrolment: &Enrolment) -> Result<(), GatewayError> {
        let Wire(()) = self.client.send(Method::PUT, &["enrolments", key], &Wire(enrolment)).await?;
        Ok(())
    }

    async fn cancel(
        &self,
        key: &str,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<(), GatewayError> {
        let place = place(tenant, user, course);
        let Wire(()) = self.client.send(Method::PUT, &["cancellations", key], &place).await?;
        Ok(())
    }

    async fn consumed(
        &self,
        tenant: &TenantId,
        course: &CourseId,
        users: &BTreeSet<UserId>,
    ) -> Result<BTreeSet<UserId>, GatewayError> {
        let (tenant_id, course_id, user_ids) = (tenant.clone(), course.clone(), users.clone());
        let asked = Learners { tenant_id, course_id, user_ids };
        let consumed: Learners = self.client.send(Method::POST, &["consumed"], &asked).await?;
        Ok(consumed.user_ids)
    }

    async fn activity(
        &self,
        tenant: &TenantId,
        user: &UserId,
        course: &CourseId,
    ) -> Result<LearnerActivity, GatewayError> {
        let asked = place(tenant, user, course);
        let Wire(activity) = self.client.send(Method::POST, &["activity"], &asked).await?;
        Ok(activity)
    }
}

fn place(tenant: &TenantId, user: &UserId, course: &CourseId) -> Place {
    Place { tenant_id: tenant.clone(), user_id: user.clone(), course_id: course.clone() }
}
