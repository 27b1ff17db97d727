//! What an adviser says about a start.

use super::AdmissionError;

/// A verdict. An adviser that cannot be asked allows, and is counted; limits and spend never do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum FraudVerdict {
    /// Nothing speaks against it.
    #[default]
    Allow,
    /// Somebody has to prove that they are no machine.
    Challenge {
        /// Why.
        reason: String,
    },
    /// It is fraud.
    Block {
        /// Why.
        reasons: Vec<String>,
    },
}

impl FraudVerdict {
    /// Whether a start is admitted; `by_token` is a risk token that was found good.
    ///
    /// # Errors
    /// [`AdmissionError::ChallengeRequired`] or [`AdmissionError::DestinationBlocked`].
    pub fn admit(&self, by_token: bool) -> Result<(), AdmissionError> {
        match self {
            Self::Allow => Ok(()),
            Self::Challenge { .. } if by_token => Ok(()),
            Self::Challenge { reason } => Err(AdmissionError::ChallengeRequired { reason: reason.clone() }),
            Self::Block { reasons } => Err(AdmissionError::DestinationBlocked { reasons: reasons.clone() }),
        }
    }
}
