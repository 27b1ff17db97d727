//! The words of Verify on the wire.

use poem_openapi::Enum;
use sarai_domain::devportal::{
    values::{Assurance, Channel, Purpose},
    verify::{AdvanceOn, FailureReason, OnExisting, ResendPolicy, SendStatus, VerifyState},
};

/// An enumeration of the domain, word for word, with both directions.
macro_rules! words {
    ($($(#[$doc:meta])* $ours:ident $name:literal of $theirs:ident $case:literal {
        $($(#[$variant_doc:meta])* $variant:ident,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
        #[oai(rename = $name, rename_all = $case)]
        pub enum $ours {
            $($(#[$variant_doc])* $variant,)*
        }

        impl From<$theirs> for $ours {
            fn from(value: $theirs) -> Self {
                match value { $($theirs::$variant => Self::$variant,)* }
            }
        }

        impl From<$ours> for $theirs {
            fn from(value: $ours) -> Self {
                match value { $($ours::$variant => Self::$variant,)* }
            }
        }
    )*};
}

words! {
    /// A way to send a code.
    ApiChannel "Channel" of Channel "SCREAMING_SNAKE_CASE" {
        /// A text message.
        Sms,
        /// A call that speaks the digits.
        Voice,
        /// A `WhatsApp` message.
        Whatsapp,
        /// An e-mail.
        Email,
    }
    /// What a verification is for.
    ApiPurpose "Purpose" of Purpose "SCREAMING_SNAKE_CASE" {
        /// Somebody registers.
        SignUp,
        /// Somebody comes back.
        SignIn,
        /// Somebody agrees to something.
        Transaction,
        /// Somebody gives a new address.
        ContactChange,
        /// Anything else.
        Generic,
    }
    /// What a proof is worth.
    ApiAssurance "Assurance" of Assurance "snake_case" {
        /// Somebody reads that mailbox.
        ContactOwnership,
        /// Somebody holds that number.
        PossessionRestricted,
    }
    /// What moves a verification to its next channel.
    ApiAdvanceOn "AdvanceOn" of AdvanceOn "SCREAMING_SNAKE_CASE" {
        /// No receipt of delivery within the step's wait.
        NotDelivered,
        /// No right code within the step's wait.
        NotApproved,
        /// Being asked.
        Manual,
    }
    /// Which code a further send carries.
    ApiResendPolicy "ResendPolicy" of ResendPolicy "SCREAMING_SNAKE_CASE" {
        /// The same, on all channels.
        SameCode,
        /// A new one; only the newest is good.
        NewCode,
    }
    /// What a start does where a live verification has its place.
    ApiOnExisting "OnExisting" of OnExisting "SCREAMING_SNAKE_CASE" {
        /// Goes on with it.
        Reuse,
        /// Ends it.
        Supersede,
        /// Refuses.
        Reject,
    }
    /// Where a verification stands.
    ApiVerifyState "VerificationState" of VerifyState "SCREAMING_SNAKE_CASE" {
        /// No receipt yet; the code may have arrived all the same.
        Pending,
        /// At least one send was delivered.
        Delivered,
        /// The right code was given.
        Approved,
        /// Given up.
        Failed,
        /// Its time is over.
        Expired,
    }
    /// Why it failed.
    ApiFailureReason "VerificationFailure" of FailureReason "SCREAMING_SNAKE_CASE" {
        /// Too many wrong codes.
        MaxAttempts,
        /// No channel delivered.
        ChannelsExhausted,
        /// The developer ended it.
        Cancelled,
        /// A send looked like fraud.
        FraudBlocked,
        /// The spend cap was reached.
        SpendCap,
        /// A newer one took its place.
        Superseded,
        /// The key of its code is gone.
        KeyUnavailable,
    }
    /// Where a send stands.
    ApiSendStatus "SendStatus" of SendStatus "SCREAMING_SNAKE_CASE" {
        /// Waits for a sender.
        Queued,
        /// A sender has it.
        Sending,
        /// The provider took it.
        Sent,
        /// It arrived.
        Delivered,
        /// It did not arrive.
        Undelivered,
        /// It was never taken.
        Failed,
        /// Nobody knows whether it was taken.
        Lost,
        /// It was no longer wanted.
        Suppressed,
    }
}
