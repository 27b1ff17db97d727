//! What a demo asks of stand-ins behind a URL; in no contract.

use sarai_domain::kernel::{CourseId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// An instant of business time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// The instant.
    pub at: Timestamp,
}

/// When something is due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// None when nothing is.
    pub at: Option<Timestamp>,
}

/// What a moved clock brought about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// How many callbacks were delivered.
    pub ran: usize,
}

/// What enrollment is to do; what is left out stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switches {
    /// Whether it is out of reach.
    #[serde(default)]
    pub outage: Option<bool>,
    /// What learners did.
    #[serde(default)]
    pub learned: Vec<Learned>,
}

/// What a learner did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Learned {
    /// The learner.
    pub user_id: UserId,
    /// The course.
    pub course_id: CourseId,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether it counts as consumed.
    pub consumed: bool,
}
